package sql

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// columnTests are the tests that may stand under a column, modelTests those
// under the model.
var (
	columnTests = []string{string(AcceptedValues), string(NotNull), string(Unique)}
	modelTests  = []string{string(Custom), string(SumEquals), string(Unique)}
)

var decimalForm = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// tests reads the list under `tests:`, of a column or (column = "") of the model.
func (r reader) tests(n *yaml.Node, column string) ([]Test, error) {
	if n.Kind != yaml.SequenceNode {
		return nil, r.fail(n, "write tests: [not_null, unique]", "tests should be a list")
	}
	var out []Test
	for _, item := range n.Content {
		t := Test{Severity: Blocking, Line: item.Line + r.offset}
		var err error
		if column != "" {
			t.Columns = []string{column}
			err = r.columnTest(item, &t)
		} else {
			err = r.modelTest(item, &t)
		}
		if err != nil {
			return nil, err
		}
		if t.Name == "" {
			t.Name = strings.Join(append([]string{string(t.Kind)}, append(t.Columns, t.By...)...), "_")
		}
		out = append(out, t)
	}
	for i, t := range out {
		for _, earlier := range out[:i] {
			if earlier.Name == t.Name {
				return nil, &Error{File: r.file, Line: t.Line, Problem: "two tests are called " + t.Name, Hint: "give one a name: of its own"}
			}
		}
	}
	return out, nil
}

// columnTest reads not_null, unique or {accepted_values: […], severity: warn}.
func (r reader) columnTest(n *yaml.Node, t *Test) error {
	if n.Kind == yaml.ScalarNode {
		switch TestKind(n.Value) {
		case NotNull, Unique:
			t.Kind = TestKind(n.Value)
			return nil
		case AcceptedValues:
			return r.fail(n, "write {accepted_values: [A, B]}", "accepted_values needs its values")
		}
		return r.fail(n, didYouMean(n.Value, columnTests), "a column has no test %q", n.Value)
	}
	flag := func(k TestKind) func(*yaml.Node) error {
		return func(v *yaml.Node) error {
			t.Kind = k
			if v.Kind == yaml.ScalarNode && (v.Tag == "!!null" || v.Value == "true") {
				return nil
			}
			return r.fail(v, "write "+string(k)+": true", "%s takes no value here", k)
		}
	}
	err := r.mapping(n, "a column's test", field{
		string(NotNull): flag(NotNull),
		string(Unique):  flag(Unique),
		string(AcceptedValues): func(v *yaml.Node) error {
			t.Kind = AcceptedValues
			return r.list(&t.Values)(v)
		},
		"severity": r.severity(t),
		"name":     r.text(&t.Name),
	})
	if err == nil && t.Kind == "" {
		err = r.fail(n, "add one of "+strings.Join(columnTests, ", "), "the test names no rule")
	}
	return err
}

// modelTest reads {unique: [a, b]}, {sum_equals: {this, of, by, tolerance, tolerance_per_row}} or {sql: …}.
func (r reader) modelTest(n *yaml.Node, t *Test) error {
	err := r.mapping(n, "a model's test", field{
		string(Unique): func(v *yaml.Node) error {
			t.Kind = Unique
			return r.list(&t.Columns)(v)
		},
		string(SumEquals): func(v *yaml.Node) error {
			t.Kind = SumEquals
			return r.sumEquals(v, t)
		},
		string(Custom): func(v *yaml.Node) error {
			t.Kind = Custom
			return r.query(t)(v)
		},
		"severity": r.severity(t),
		"name":     r.text(&t.Name),
	})
	if err == nil && t.Kind == "" {
		err = r.fail(n, "add one of "+strings.Join(modelTests, ", "), "the test names no rule")
	}
	if err == nil && t.Kind == Custom && t.Name == "" {
		err = r.fail(n, "add name: what must hold", "a test in SQL needs a name")
	}
	return err
}

func (r reader) sumEquals(n *yaml.Node, t *Test) error {
	err := r.mapping(n, "sum_equals", field{
		"this": r.text(&t.This), "of": r.query(t), "by": r.list(&t.By),
		"tolerance": r.tolerance(&t.Tolerance), "tolerance_per_row": r.tolerance(&t.TolerancePerRow),
	})
	if err == nil && (t.This == "" || t.query.empty()) {
		err = r.fail(n, "write {this: sum(amount), of: SELECT sum(amount) FROM …}", "sum_equals needs this and of")
	}
	return err
}

func (r reader) tolerance(to *string) func(*yaml.Node) error {
	return func(v *yaml.Node) error {
		if !decimalForm.MatchString(v.Value) {
			return r.fail(v, "write a plain number such as 0.01", "the tolerance %q is not a decimal", v.Value)
		}
		*to = v.Value
		return nil
	}
}

func (r reader) severity(t *Test) func(*yaml.Node) error {
	return r.oneOf("severity", []string{string(Blocking), string(Warn)}, func(s string) { t.Severity = Severity(s) })
}

// query reads SQL with placeholders. In a block text the SQL begins on the next line.
func (r reader) query(t *Test) func(*yaml.Node) error {
	return func(n *yaml.Node) (err error) {
		var text string
		if err = r.text(&text)(n); err != nil {
			return err
		}
		line := n.Line + r.offset
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			line++
		}
		t.query, err = parseTemplate(r.file, line, 0, strings.TrimRight(text, ";"))
		return err
	}
}
