package sql

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// UnitTest is a worked example of a model, in dbt's shape: rows of what it
// reads, and the rows it should return. It needs no table of the warehouse.
type UnitTest struct {
	Name        string
	Line        int            // in the file
	Vars        map[string]any // overrides of the catalogue's defaults
	Incremental bool           // is_incremental() holds, and this has rows
	Given       []Given
	Expect      []UnitRow
}

// Given is the content of one thing that the model reads. What no test gives is
// empty.
type Given struct {
	Input string // as written: source('huikuan', 'table'), ref('model') or this
	Rows  []UnitRow
	Line  int

	kind partKind
	name string
}

// UnitRow is a row by columns, in the order of the file.
type UnitRow struct {
	Columns []string
	Cells   map[string]Cell
	Line    int
}

// Cell is a value as the header writes it.
type Cell struct {
	Text string
	Null bool
}

func (r reader) unitTests(n *yaml.Node) ([]UnitTest, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, r.fail(n, "write - {name: …, given: […], expect: {rows: […]}}", "unit_tests should be a list")
	}
	var out []UnitTest
	for _, item := range n.Content {
		t, err := r.unitTest(item)
		if err != nil {
			return nil, err
		}
		for _, other := range out {
			if other.Name == t.Name {
				return nil, r.fail(item, "rename one", "two unit tests are called %s", t.Name)
			}
		}
		out = append(out, t)
	}
	return out, nil
}

func (r reader) unitTest(n *yaml.Node) (UnitTest, error) {
	t := UnitTest{Line: n.Line + r.offset}
	hasExpect, what := false, ""
	err := r.mapping(n, "a unit test", field{
		"name": r.text(&t.Name), "description": r.text(&what), "model": r.text(&what),
		"overrides": func(n *yaml.Node) error { return r.overrides(n, &t) },
		"given": func(n *yaml.Node) error {
			if n.Kind != yaml.SequenceNode {
				return r.fail(n, "write - {input: source('huikuan', 'invoices'), rows: […]}", "given should be a list")
			}
			for _, item := range n.Content {
				g, err := r.given(item)
				if err != nil {
					return err
				}
				t.Given = append(t.Given, g)
			}
			return nil
		},
		"expect": func(n *yaml.Node) error {
			return r.mapping(n, "expect", field{"rows": func(n *yaml.Node) (err error) {
				hasExpect = true
				t.Expect, err = r.unitRows(n)
				return err
			}})
		},
	})
	switch {
	case err != nil:
		return t, err
	case t.Name == "":
		return t, r.fail(n, "add name: what it shows", "a unit test has no name")
	case !hasExpect:
		return t, r.fail(n, "add expect: {rows: […]}", "the unit test %s expects nothing", t.Name)
	}
	return t, nil
}

func (r reader) overrides(n *yaml.Node, t *UnitTest) error {
	return r.mapping(n, "overrides", field{
		"vars": func(n *yaml.Node) error {
			if n.Kind != yaml.MappingNode {
				return r.fail(n, "write {name: value}", "vars should be a mapping")
			}
			t.Vars = map[string]any{}
			for i := 0; i+1 < len(n.Content); i += 2 {
				v, err := r.value(n.Content[i+1])
				if err != nil {
					return err
				}
				t.Vars[n.Content[i].Value] = v
			}
			return nil
		},
		"macros": func(n *yaml.Node) error {
			return r.mapping(n, "macros", field{"is_incremental": func(n *yaml.Node) error {
				if n.Value != "true" && n.Value != "false" {
					return r.fail(n, "write true or false", "is_incremental is %q", n.Value)
				}
				t.Incremental = n.Value == "true"
				return nil
			}})
		},
	})
}

func (r reader) given(n *yaml.Node) (Given, error) {
	g := Given{Line: n.Line + r.offset}
	err := r.mapping(n, "given", field{
		"input": func(n *yaml.Node) error {
			text := strings.TrimSpace(n.Value)
			p, err := parsePlaceholder(r.file, n.Line+r.offset, text)
			if err != nil || p.kind != partRef && p.kind != partSource && p.kind != partThis {
				return r.fail(n, "write source('huikuan', 'table'), ref('model') or this", "the input %q is not understood", text)
			}
			g.Input, g.kind, g.name = text, p.kind, p.text
			return nil
		},
		"rows": func(n *yaml.Node) (err error) {
			g.Rows, err = r.unitRows(n)
			return err
		},
	})
	if err == nil && g.Input == "" {
		err = r.fail(n, "add input: source('huikuan', 'table')", "what is given has no input")
	}
	return g, err
}

func (r reader) unitRows(n *yaml.Node) ([]UnitRow, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, r.fail(n, "write [{column: value}]", "rows should be a list")
	}
	var out []UnitRow
	for _, item := range n.Content {
		if item.Kind == yaml.AliasNode {
			item = item.Alias
		}
		row := UnitRow{Line: item.Line + r.offset, Cells: map[string]Cell{}}
		if item.Kind != yaml.MappingNode {
			return nil, r.fail(item, "write {column: value}", "a row should be a mapping")
		}
		for i := 0; i+1 < len(item.Content); i += 2 {
			name := item.Content[i].Value
			if _, ok := row.Cells[name]; ok {
				return nil, r.fail(item.Content[i], "keep one", "the row has the column %s twice", name)
			}
			row.Columns = append(row.Columns, name)
			row.Cells[name] = cell(item.Content[i+1])
		}
		out = append(out, row)
	}
	return out, nil
}

// cell is a value exactly as written; lists and mappings become the engine's
// literals of arrays and maps.
func cell(n *yaml.Node) Cell {
	if n.Kind == yaml.ScalarNode {
		return Cell{Text: n.Value, Null: n.Tag == "!!null"}
	}
	inner := func(n *yaml.Node) string {
		c := cell(n)
		switch {
		case c.Null:
			return "NULL"
		case n.Kind == yaml.ScalarNode && n.Tag != "!!int" && n.Tag != "!!float" && n.Tag != "!!bool":
			return quoteText(c.Text)
		}
		return c.Text
	}
	var parts []string
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			parts = append(parts, quoteText(n.Content[i].Value)+":"+inner(n.Content[i+1]))
		}
		return Cell{Text: "{" + strings.Join(parts, ",") + "}"}
	}
	for _, item := range n.Content {
		parts = append(parts, inner(item))
	}
	return Cell{Text: "[" + strings.Join(parts, ",") + "]"}
}

// checkUnitTests looks at what a unit test names: inputs that the model reads,
// columns that it describes.
func (m *Model) checkUnitTests() error {
	known := make([]string, len(m.Columns))
	for i, c := range m.Columns {
		known[i] = c.Name
	}
	for _, t := range m.UnitTests {
		seen := map[string]bool{}
		for _, g := range t.Given {
			read := g.kind == partThis
			m.body.each(g.kind, func(p part) { read = read || p.text == g.name })
			if !read {
				return &Error{File: m.File, Line: g.Line, Problem: fmt.Sprintf("the unit test %s gives %s, which the SELECT does not read", t.Name, g.Input), Hint: "take it out, or mend the name"}
			}
			if key := fmt.Sprint(g.kind, g.name); seen[key] {
				return &Error{File: m.File, Line: g.Line, Problem: fmt.Sprintf("the unit test %s gives %s twice", t.Name, g.Input), Hint: "put the rows together"}
			} else {
				seen[key] = true
			}
		}
		for _, row := range t.Expect {
			for _, c := range row.Columns {
				if !slices.Contains(known, c) {
					return &Error{File: m.File, Line: row.Line, Problem: fmt.Sprintf("the unit test %s expects the column %q, which columns does not describe", t.Name, c), Hint: didYouMean(c, known)}
				}
			}
		}
	}
	return nil
}
