package sql

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"huikuan/transform/schema"
)

// shapes knows the columns of everything that a model may read, without a table
// of any of it: declared ones from their declarations, those of views and models
// from the engine, which types their SELECTs over empty inputs.
type shapes struct {
	runner *Runner
	vars   map[string]string
	tables map[string]schema.Table
	views  map[string]string // the SELECT of each view of the migrations

	mu    sync.Mutex
	known map[string]*shape // by kind and name
}

type shape struct {
	once  sync.Once
	types []columnType
	err   error
}

func newShapes(r *Runner, vars map[string]string) *shapes {
	s := &shapes{runner: r, vars: vars, tables: map[string]schema.Table{}, views: map[string]string{}, known: map[string]*shape{}}
	for _, t := range declaredTables() {
		s.tables[t.Name] = t
	}
	for name, body := range migratedViews() {
		s.views[name] = body
	}
	return s
}

// shapes are those of this runner, with all variables at their defaults.
func (r *Runner) shapes() (*shapes, variables, error) {
	catalogue, err := Catalogue()
	if err != nil {
		return nil, variables{}, err
	}
	defaults, problems := newVariables(catalogue, r.graph.models, nil, nil)
	if len(problems) > 0 {
		return nil, variables{}, problems[0]
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = newShapes(r, defaults.value)
	}
	return r.known, defaults, nil
}

// of returns the columns of a source or a model.
func (s *shapes) of(ctx context.Context, kind partKind, name string) ([]columnType, error) {
	key := fmt.Sprint(kind, name)
	s.mu.Lock()
	x, ok := s.known[key]
	if !ok {
		x = &shape{}
		s.known[key] = x
	}
	s.mu.Unlock()
	x.once.Do(func() {
		if kind == partRef {
			x.types, x.err = s.model(ctx, name)
		} else {
			x.types, x.err = s.source(ctx, name)
		}
	})
	return x.types, x.err
}

func (s *shapes) source(ctx context.Context, name string) ([]columnType, error) {
	if t, ok := s.tables[name]; ok {
		out := make([]columnType, len(t.Columns))
		for i, c := range t.Columns {
			out[i] = columnType{name: c.Name, typ: c.Kind.ClickHouse(c.Nullable)}
		}
		return out, nil
	}
	if body, ok := s.views[name]; ok {
		query, err := s.overEmpty(ctx, body)
		if err != nil {
			return nil, err
		}
		return s.runner.describe(ctx, "("+query+")")
	}
	return s.runner.describe(ctx, "TABLE "+s.runner.dialect.table(name))
}

func (s *shapes) model(ctx context.Context, name string) ([]columnType, error) {
	m := s.runner.graph.models[s.runner.graph.index[name]]
	query, n, err := s.render(ctx, m, s.vars, nil, false)
	if err != nil {
		return nil, err
	}
	types, err := s.runner.describe(ctx, "(\n"+query+"\n)")
	var mistake *Error
	if err = m.placed(err, query, n); err != nil && !errors.As(err, &mistake) {
		err = fmt.Errorf("%s: %w", m.File, err)
	}
	return types, err
}

// render writes a model's SELECT over inputs that stand in the query itself:
// the given rows, and nothing for what is not given. It returns with it what the
// placeholders stand for.
func (s *shapes) render(ctx context.Context, m Model, vars map[string]string, given []Given, incremental bool) (string, names, error) {
	var problem error
	inline := func(kind partKind, name string) string {
		var rows *Given
		for i, g := range given {
			if g.kind == kind && (g.name == name || kind == partThis) {
				rows = &given[i]
			}
		}
		shapeKind, shapeName := kind, name
		if kind == partThis {
			shapeKind, shapeName = partRef, m.Name
		}
		types, err := s.of(ctx, shapeKind, shapeName)
		if err == nil {
			var text string
			if text, err = inlineRows(m.File, types, rows); err == nil {
				return text
			}
		}
		if problem == nil {
			problem = err
		}
		return "(SELECT 1)"
	}
	n := names{vars: vars, incremental: incremental,
		ref:    func(model string) string { return inline(partRef, model) },
		source: func(table string) string { return inline(partSource, table) }}
	if m.body.has(partThis) && incremental { // asked for only then: its shape is that of this very SELECT
		n.this = inline(partThis, "")
	}
	return m.body.render(n), n, problem
}

// inlineRows writes rows as a table of its own, of the given types.
func inlineRows(file string, types []columnType, given *Given) (string, error) {
	columns := make([]string, len(types))
	index := map[string]int{}
	for i, t := range types {
		columns[i] = quoteName(t.name) + " " + t.typ
		index[t.name] = i
	}
	structure := quoteText(strings.Join(columns, ", "))
	if given == nil || len(given.Rows) == 0 {
		return "(SELECT * FROM null(" + structure + "))", nil
	}
	rows := make([]string, len(given.Rows))
	for i, row := range given.Rows {
		values := make([]string, len(types))
		for j, t := range types {
			c, ok := row.Cells[t.name]
			if !ok {
				c = emptyCell(t.typ)
			}
			values[j] = c.literal(t.typ)
		}
		for _, c := range row.Columns {
			if _, ok := index[c]; !ok {
				names := make([]string, len(types))
				for k, t := range types {
					names[k] = t.name
				}
				return "", &Error{File: file, Line: row.Line, Problem: fmt.Sprintf("%s has no column %q", given.Input, c), Hint: didYouMean(c, names)}
			}
		}
		rows[i] = "(" + strings.Join(values, ", ") + ")"
	}
	return "(SELECT * FROM values(" + structure + ", " + strings.Join(rows, ", ") + "))", nil
}

func (c Cell) literal(typ string) string {
	if c.Null {
		return "NULL"
	}
	if bare := bareType(typ); strings.HasPrefix(bare, "DateTime") {
		return quoteText(strings.TrimSuffix(strings.Replace(c.Text, "T", " ", 1), "Z"))
	}
	return quoteText(c.Text)
}

// bareType is a type without what only says that it may be NULL or is packed.
func bareType(typ string) string {
	for {
		inner := typ
		for _, wrap := range []string{"Nullable(", "LowCardinality("} {
			if s, ok := strings.CutPrefix(inner, wrap); ok {
				inner = strings.TrimSuffix(s, ")")
			}
		}
		if inner == typ {
			return typ
		}
		typ = inner
	}
}

// emptyCell is what a column holds that a row leaves out: NULL where that is
// possible, else the type's empty value.
func emptyCell(typ string) Cell {
	bare := bareType(typ)
	starts := func(prefixes ...string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(bare, p) {
				return true
			}
		}
		return false
	}
	switch {
	case strings.Contains(typ, "Nullable(") && !strings.HasPrefix(typ, "Map(") && !strings.HasPrefix(typ, "Array(") && !strings.HasPrefix(typ, "Tuple("):
		return Cell{Null: true}
	case starts("DateTime"):
		return Cell{Text: "1970-01-01 00:00:00"}
	case starts("Date"):
		return Cell{Text: "1970-01-01"}
	case starts("Int", "UInt", "Decimal", "Float"):
		return Cell{Text: "0"}
	case starts("Bool"):
		return Cell{Text: "false"}
	case starts("Map"):
		return Cell{Text: "{}"}
	case starts("Array"):
		return Cell{Text: "[]"}
	}
	return Cell{}
}

// describe asks the engine for the columns of a query or a table.
func (r *Runner) describe(ctx context.Context, what string) ([]columnType, error) {
	rows, _, err := r.engine.Query(ctx, "DESCRIBE "+what)
	if err != nil {
		return nil, err
	}
	out := make([]columnType, len(rows))
	for i, row := range rows {
		out[i] = columnType{name: asText(row[0]), typ: asText(row[1])}
	}
	return out, nil
}

var (
	viewBody   = regexp.MustCompile(`(?is)CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)\s+AS\s+(.*)$`)
	lineNote   = regexp.MustCompile(`--[^\n]*`)
	readsTable = regexp.MustCompile(`(?i)\b(?:FROM|JOIN)\s+(\w+)`)
	leadWith   = regexp.MustCompile(`(?i)^\s*WITH\s`)
)

// migratedViews returns the SELECT of every view that the migrations make.
func migratedViews() map[string]string {
	out := map[string]string{}
	files, err := fs.Glob(shippedMigrations, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, file := range files {
		text, err := shippedMigrations.ReadFile(file)
		if err != nil {
			panic(err) // embedded at compile time
		}
		for _, statement := range strings.Split(lineNote.ReplaceAllString(string(text), ""), ";") {
			if m := viewBody.FindStringSubmatch(statement); m != nil {
				out[strings.ToLower(m[1])] = strings.TrimSpace(m[2])
			}
		}
	}
	return out
}

// overEmpty puts an empty table before every table that a view's SELECT names.
func (s *shapes) overEmpty(ctx context.Context, body string) (string, error) {
	var before []string
	seen := map[string]bool{}
	for _, m := range readsTable.FindAllStringSubmatch(body, -1) {
		name := m[1]
		_, isTable := s.tables[name]
		_, isView := s.views[name]
		if seen[name] || !isTable && !isView {
			continue
		}
		seen[name] = true
		types, err := s.of(ctx, partSource, name)
		if err != nil {
			return "", err
		}
		empty, err := inlineRows("", types, nil)
		if err != nil {
			return "", err
		}
		before = append(before, quoteName(name)+" AS "+empty)
	}
	if len(before) == 0 {
		return body, nil
	}
	with := "WITH " + strings.Join(before, ", ")
	if at := leadWith.FindStringIndex(body); at != nil {
		return with + ", " + body[at[1]:], nil
	}
	return with + " " + body, nil
}

// ColumnTypes returns the engine's types of a model's columns, by name, without
// building it; variables have their defaults.
func (r *Runner) ColumnTypes(ctx context.Context, model string) (map[string]string, error) {
	if _, ok := r.graph.index[model]; !ok {
		return nil, fmt.Errorf("there is no model %q; %s", model, didYouMean(model, r.graph.names()))
	}
	s, _, err := r.shapes()
	if err != nil {
		return nil, err
	}
	types, err := s.of(ctx, partRef, model)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, c := range types {
		out[c.name] = c.typ
	}
	return out, nil
}
