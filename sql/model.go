package sql

import (
	"path/filepath"
	"regexp"
	"strings"
)

// Materialisation says what a model becomes in the warehouse.
type Materialisation string

// The materialisations of this version.
const (
	// View is computed when it is read.
	View Materialisation = "view"
	// Table is computed at build, tested beside the serving table and exchanged.
	Table Materialisation = "table"
	// Incremental keeps the rows that serve and replaces those whose unique_key the
	// SELECT returns again; publication is as of a table.
	Incremental Materialisation = "incremental"
	// Snapshot keeps every state of a row that a build met, with valid_from and valid_to.
	Snapshot Materialisation = "snapshot"
)

// Severity says what a failed test does.
type Severity string

// The severities.
const (
	// Blocking keeps the old table serving and skips the models that stand on it.
	Blocking Severity = "error"
	// Warn is reported and blocks nothing.
	Warn Severity = "warn"
)

// TestKind is the rule of a test.
type TestKind string

// The kinds of tests.
const (
	NotNull        TestKind = "not_null"
	Unique         TestKind = "unique"
	AcceptedValues TestKind = "accepted_values"
	SumEquals      TestKind = "sum_equals"
	Custom         TestKind = "sql"
)

// Model is one .sql file: what it is called, what its header says, its SELECT.
type Model struct {
	Name            string // the file's name without .sql
	File            string
	Shipped         bool // part of the program, not of a user's folder
	Replaces        bool // a user's model in the place of a shipped one
	Description     string
	Grain           string // what one row is
	Materialisation Materialisation
	OrderBy         []string // sorting key of a table
	UniqueKey       []string // incremental, snapshot: what identifies the rows that are replaced or followed
	Check           []string // snapshot: columns whose change makes a new state; empty = all
	Owner           string
	Tags            []string
	Columns         []Column
	Vars            []Var  // variables of the model's own
	Tests           []Test // the columns' tests first, in the order of the header
	UnitTests       []UnitTest
	Chart           *Chart // nil: not drawn

	body template
	text string // the whole file
}

// Column is a column of the final SELECT as the header describes it.
type Column struct {
	Name        string
	Description string
	Unit        string // EUR, days, fraction, id …; empty where there is none
}

// Test is one rule about the built model. Which fields are set depends on Kind.
type Test struct {
	Name      string
	Kind      TestKind
	Severity  Severity
	Columns   []string // not_null, unique, accepted_values
	Values    []string // accepted_values
	This      string   // sum_equals: an aggregate over this model, e.g. sum(open_amount)
	By        []string // sum_equals: compared for each of these columns
	Tolerance string   // sum_equals: largest difference allowed, a decimal; 0 by default
	// TolerancePerRow is what is allowed beside Tolerance for each row that was
	// rounded, a decimal; empty = none. The other side then ends with their number.
	TolerancePerRow string
	Line            int // in the file

	query template // sum_equals: the other side; sql: the rows that must not be
}

// Refs lists the models that this one reads, in its SELECT and in its tests.
func (m Model) Refs() []string { return m.named(partRef) }

// Sources lists the warehouse tables that this model reads.
func (m Model) Sources() []string { return m.named(partSource) }

func (m Model) named(k partKind) []string {
	var out []string
	seen := map[string]bool{}
	m.each(k, func(p part) {
		if !seen[p.text] {
			seen[p.text] = true
			out = append(out, p.text)
		}
	})
	return out
}

// each visits the placeholders of that kind in the body and the tests.
func (m Model) each(k partKind, f func(part)) {
	m.body.each(k, f)
	for _, t := range m.Tests {
		t.query.each(k, f)
	}
}

func (m Model) hasTag(tag string) bool {
	for _, t := range m.Tags {
		if t == tag {
			return true
		}
	}
	return false
}

const (
	stagedSuffix = "__next"
	failedSuffix = "__failed"
)

var modelName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Parse reads one model file. Errors are of type [*Error].
func Parse(file string, text []byte) (Model, error) {
	m := Model{File: file, Name: strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), Materialisation: Table, text: string(text)}
	fail := func(line int, problem, hint string) (Model, error) {
		return m, &Error{File: file, Line: line, Problem: problem, Hint: hint}
	}
	if !modelName.MatchString(m.Name) || strings.Contains(m.Name, "__") {
		return fail(1, "the file name "+m.Name+" cannot be a table's name", "use small letters, digits and single underscores")
	}
	header, headerLine, body, bodyLine, problem := splitFile(string(text))
	if problem != "" {
		return fail(1, problem, "begin the file with a comment: /* --- on its own line, YAML, then --- */")
	}
	if err := m.readHeader(header, headerLine); err != nil {
		return m, err
	}
	trimmed := strings.TrimRight(strings.TrimSpace(body), ";")
	if trimmed == "" {
		return fail(bodyLine, "the model has no SELECT", "write one SELECT after the header")
	}
	line, column := passed(bodyLine, 1, body[:strings.Index(body, trimmed)])
	var err error
	if m.body, err = parseTemplate(file, line, column, trimmed); err != nil {
		return m, err
	}
	return m, m.checkUnitTests()
}

// splitFile cuts a file into the YAML of its header and the SQL after it, with
// the line at which each begins.
func splitFile(text string) (header string, headerLine int, body string, bodyLine int, problem string) {
	lines := strings.SplitAfter(strings.TrimPrefix(text, "\uFEFF"), "\n")
	squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
	first := 0
	for first < len(lines) && squeeze(lines[first]) == "" {
		first++
	}
	if first == len(lines) || squeeze(lines[first]) != "/*---" {
		return "", 0, "", 0, "the model has no header"
	}
	for i := first + 1; i < len(lines); i++ {
		if squeeze(lines[i]) == "---*/" {
			return strings.Join(lines[first+1:i], ""), first + 2, strings.Join(lines[i+1:], ""), i + 2, ""
		}
	}
	return "", 0, "", 0, "the header is never closed"
}

// OwnDefaults says whether a placeholder of the model has a default beside it:
// {{ var('name', 30) }}.
func (m Model) OwnDefaults() bool {
	found := false
	m.each(partVar, func(p part) { found = found || p.hasDefault })
	return found
}

// Describes says whether the header describes the column.
func (m Model) Describes(column string) bool {
	_, ok := m.column(column)
	return ok
}
