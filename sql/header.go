package sql

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reader decodes the YAML of a header strictly: an unknown key, a wrong type or
// an unknown value is an error with its line and what is allowed.
type reader struct {
	file   string
	offset int // added to the lines of the YAML text
}

func (r reader) fail(n *yaml.Node, hint, format string, args ...any) error {
	return &Error{File: r.file, Line: n.Line + r.offset, Problem: fmt.Sprintf(format, args...), Hint: hint}
}

// field is a key of a mapping and what to do with its value.
type field map[string]func(*yaml.Node) error

// mapping walks a mapping, each key at most once and only those in fields.
func (r reader) mapping(n *yaml.Node, what string, fields field) error {
	if n.Kind != yaml.MappingNode {
		return r.fail(n, "allowed keys: "+strings.Join(fields.keys(), ", "), "%s should be a mapping (key: value)", what)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		set, ok := fields[key.Value]
		if !ok {
			return r.fail(key, didYouMean(key.Value, fields.keys()), "%s has no key %q", what, key.Value)
		}
		if seen[key.Value] {
			return r.fail(key, "keep one", "%s has the key %q twice", what, key.Value)
		}
		seen[key.Value] = true
		if err := set(n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (f field) keys() []string {
	out := make([]string, 0, len(f))
	for k := range f {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func (r reader) text(into *string) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind != yaml.ScalarNode {
			return r.fail(n, "put it in quotes if it holds braces or brackets", "expected a text")
		}
		*into = strings.TrimSpace(n.Value)
		return nil
	}
}

func (r reader) list(into *[]string) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		if n.Kind == yaml.ScalarNode {
			*into = []string{n.Value}
			return nil
		}
		if n.Kind != yaml.SequenceNode {
			return r.fail(n, "write [a, b]", "expected a list")
		}
		*into = nil
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return r.fail(item, "write [a, b]", "expected a list of texts")
			}
			*into = append(*into, item.Value)
		}
		return nil
	}
}

func (r reader) oneOf(what string, allowed []string, set func(string)) func(*yaml.Node) error {
	return func(n *yaml.Node) error {
		for _, a := range allowed {
			if n.Kind == yaml.ScalarNode && n.Value == a {
				set(a)
				return nil
			}
		}
		return r.fail(n, "allowed: "+strings.Join(allowed, ", "), "%s %q is not known", what, n.Value)
	}
}

// readHeader fills the model from the YAML of its header.
func (m *Model) readHeader(text string, line int) error {
	r := reader{file: m.File, offset: line - 1}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return r.yamlError(err)
	}
	if len(doc.Content) == 0 {
		return &Error{File: m.File, Line: line, Problem: "the header is empty", Hint: "write at least description and columns"}
	}
	var tests []Test
	err := r.mapping(doc.Content[0], "the header", field{
		"description": r.text(&m.Description),
		"grain":       r.text(&m.Grain),
		"materialisation": r.oneOf("materialisation", []string{string(View), string(Table), string(Incremental), string(Snapshot)},
			func(s string) { m.Materialisation = Materialisation(s) }),
		"order_by":   r.list(&m.OrderBy),
		"unique_key": r.list(&m.UniqueKey),
		"check":      r.list(&m.Check),
		"owner":      r.text(&m.Owner),
		"tags":       r.list(&m.Tags),
		"columns":    func(n *yaml.Node) error { return r.columns(n, m) },
		"chart": func(n *yaml.Node) (err error) {
			m.Chart, err = r.chart(n)
			return err
		},
		"unit_tests": func(n *yaml.Node) (err error) {
			m.UnitTests, err = r.unitTests(n)
			return err
		},
		"vars": func(n *yaml.Node) (err error) {
			m.Vars, err = r.vars(n)
			return err
		},
		"tests": func(n *yaml.Node) (err error) {
			tests, err = r.tests(n, "")
			return err
		},
	})
	if err != nil {
		return err
	}
	m.Tests = append(m.Tests, tests...)
	return m.checkHeader(r, doc.Content[0])
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

func (r reader) yamlError(err error) error {
	line, problem := 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if at := yamlLine.FindStringSubmatchIndex(problem); at != nil {
		line, _ = strconv.Atoi(problem[at[2]:at[3]])
		problem = problem[:at[0]] + problem[at[1]:]
	}
	return &Error{File: r.file, Line: line + r.offset, Problem: "the header is not YAML: " + problem,
		Hint: "texts with braces or a colon and a space need quotes"}
}

func (r reader) columns(n *yaml.Node, m *Model) error {
	if n.Kind != yaml.SequenceNode {
		return r.fail(n, "write - {name: …, description: …, unit: …}", "columns should be a list")
	}
	for _, item := range n.Content {
		var c Column
		var tests *yaml.Node
		err := r.mapping(item, "a column", field{
			"name": r.text(&c.Name), "description": r.text(&c.Description), "unit": r.text(&c.Unit),
			"tests": func(n *yaml.Node) error { tests = n; return nil },
		})
		if err != nil {
			return err
		}
		if c.Name == "" {
			return r.fail(item, "add name: …", "a column has no name")
		}
		for _, other := range m.Columns {
			if other.Name == c.Name {
				return r.fail(item, "keep one", "the column %s is described twice", c.Name)
			}
		}
		m.Columns = append(m.Columns, c)
		if tests == nil {
			continue
		}
		list, err := r.tests(tests, c.Name)
		if err != nil {
			return err
		}
		m.Tests = append(m.Tests, list...)
	}
	return nil
}

// checkHeader looks at what needs the whole header.
func (m *Model) checkHeader(r reader, n *yaml.Node) error {
	if m.Description == "" {
		return r.fail(n, "add description: one sentence on what the model answers", "the model has no description")
	}
	if len(m.Columns) == 0 {
		return r.fail(n, "add columns: with name, description and unit", "the model describes no columns")
	}
	known := make([]string, len(m.Columns))
	for i, c := range m.Columns {
		known[i] = c.Name
	}
	check := func(line int, what string, columns []string) error {
		for _, c := range columns {
			if !slices.Contains(known, c) {
				return &Error{File: m.File, Line: line, Problem: fmt.Sprintf("%s names the column %q, which columns does not describe", what, c),
					Hint: didYouMean(c, known)}
			}
		}
		return nil
	}
	for what, columns := range map[string][]string{"order_by": m.OrderBy, "unique_key": m.UniqueKey, "check": m.Check} {
		if err := check(n.Line+r.offset, what, columns); err != nil {
			return err
		}
	}
	if err := m.checkKeys(r, n); err != nil {
		return err
	}
	if c := m.Chart; c != nil {
		if err := check(c.Line, "chart", c.columns()); err != nil {
			return err
		}
	}
	for _, t := range m.Tests {
		if err := check(t.Line, "the test "+t.Name, append(append([]string{}, t.Columns...), t.By...)); err != nil {
			return err
		}
	}
	return nil
}

// checkKeys looks at what only some materialisations have, and adds the tests
// that their keys need: no NULL, and no present state twice.
func (m *Model) checkKeys(r reader, n *yaml.Node) error {
	follows := m.Materialisation == Incremental || m.Materialisation == Snapshot
	switch {
	case follows && len(m.UniqueKey) == 0:
		return r.fail(n, "add unique_key: [columns], so that a build that runs twice gives the same", "the model is %s and has no unique_key", m.Materialisation)
	case !follows && len(m.UniqueKey) > 0:
		return r.fail(n, "take it out, or write materialisation: incremental or snapshot", "the model is a %s and has a unique_key", m.Materialisation)
	case m.Materialisation != Snapshot && len(m.Check) > 0:
		return r.fail(n, "take it out, or write materialisation: snapshot", "the model is no snapshot and has check")
	}
	if m.Materialisation == Snapshot {
		for i, c := range snapshotColumns {
			if _, ok := m.column(c.name); !ok {
				m.Columns = append(m.Columns, snapshotComments[i])
			}
		}
		by := quoteNames(m.UniqueKey)
		m.Tests = append(m.Tests, Test{Name: "one present state a key", Kind: Custom, Severity: Blocking, Line: n.Line + r.offset, query: template{parts: []part{
			{kind: partText, text: "SELECT " + by + ", count() AS _rows FROM "}, {kind: partThis},
			{kind: partText, text: " WHERE isNull(" + validTo + ") GROUP BY " + by + " HAVING _rows > 1"}}}})
	}
	for _, c := range m.UniqueKey {
		name := string(NotNull) + "_" + c
		if !slices.ContainsFunc(m.Tests, func(t Test) bool { return t.Name == name }) {
			m.Tests = append(m.Tests, Test{Name: name, Kind: NotNull, Severity: Blocking, Columns: []string{c}, Line: n.Line + r.offset})
		}
	}
	if follows && len(m.OrderBy) == 0 {
		m.OrderBy = m.UniqueKey
	}
	return nil
}
