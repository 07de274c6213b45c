package sql_test

import (
	"strings"
	"testing"

	"huikuan/sql"
)

const ownVars = "columns: [{name: n, description: d}]\nvars:\n" +
	"  limit: {default: 0.9, type: decimal, unit: fraction, description: d}\n" +
	"  label: {default: A, type: text, description: d}\n" +
	"  first: {default: 2026-01-31, type: date, description: d}\n" +
	"  edges: {default: [0, 30], type: list, description: d}\n" +
	"  words: {default: [a, '1'], type: list, description: d}"

const readsVars = "SELECT concat('{{ var('limit') }} {{ var('label') }} {{ var('first') }} ', toString({{ var('edges') }}), toString({{ var('words') }})) AS n"

func TestAVariableHasItsDefaultOrTheUsersValue(t *testing.T) {
	for _, c := range []struct {
		name string
		vars map[string]any
		want string
	}{
		{"defaults", nil, "0.9 A 2026-01-31 [0,30]['a','1']"},
		{"the user's", map[string]any{"limit": "0.855", "label": "应收", "first": "2025-12-31", "edges": []string{"7"}, "words": []string{"2", "3"}}, "0.855 应收 2025-12-31 [7]['2','3']"},
		{"Go values", map[string]any{"limit": 1.5, "edges": []int{1, 2}, "words": []any{"x"}}, "1.5 A 2026-01-31 [1,2]['x']"},
	} {
		w := newWarehouse(t)
		r := runner(t, w, sql.RunnerOptions{Vars: c.vars}, model(t, "reads", ownVars, readsVars))
		if report := build(t, r); !report.OK() {
			t.Fatal(report.Err())
		}
		publish(t, r)
		if got := w.text("SELECT n FROM reads"); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestAWrongValueOfAVariableIsAPointedError(t *testing.T) {
	for _, c := range []struct {
		name string
		x    any
		want string
	}{
		{"limit", "many", `models.vars.limit: found "many", expected a number such as 0.9`},
		{"limit", []string{"1"}, `models.vars.limit: found [1], expected a number such as 0.9`},
		{"label", "x' OR 1 = 1", "models.vars.label: found \"x' OR 1 = 1\"; quotes, backslashes, semicolons and line breaks cannot stand in a variable"},
		{"label", "x -- y", `what begins a comment in SQL cannot stand in a variable`},
		{"words", []string{`\`}, `quotes, backslashes, semicolons`},
		{"edges", []string{"1", "x"}, `models.vars.edges: found "x" in the list, expected numbers only, as in the default`},
		{"first", "31.12.2026", `models.vars.first: found "31.12.2026", expected a day such as 2026-01-31`},
		{"limi", "1", `models.vars.limi: there is no variable "limi"; did you mean "limit"?`},
		{"aging_buckets", []string{"1"}, `models.vars.aging_buckets: it is given by the setting metrics.aging_buckets; set that in its place`},
	} {
		_, err := sql.NewRunner(nil, []sql.Model{model(t, "reads", ownVars, readsVars)}, sql.RunnerOptions{Vars: map[string]any{c.name: c.x}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s = %v gave %v, want %s", c.name, c.x, err, c.want)
		}
	}
	if _, err := sql.NewRunner(nil, []sql.Model{model(t, "reads", oneColumn, "SELECT {{ var('mine', 1) }} AS n")},
		sql.RunnerOptions{Vars: map[string]any{"mine": "2"}}); err != nil {
		t.Errorf("a name that only a user's model knows: %v", err)
	}
}

func TestWrongVariablesInAHeader(t *testing.T) {
	for _, c := range []struct{ vars, want string }{
		{"x: {default: a, type: integer, description: d}", `the default of x: found "a", expected a whole number such as 30`},
		{"x: {type: integer, description: d}", "m.sql:4: the variable x has no default; add default: …"},
		{"x: {default: 1, typ: integer}", `the variable x has no key "typ"; did you mean "type"?`},
		{"x: {default: 1, type: number, description: d}", `the type "number" is not known; allowed: date, decimal, integer, list, text`},
		{"X: {default: 1, type: integer, description: d}", `"X" cannot be the name of a variable`},
	} {
		_, err := sql.Parse("m.sql", []byte("/* ---\ndescription: d\nvars:\n  "+c.vars+"\ncolumns: [{name: n, description: d}]\n--- */\nSELECT 1 AS n"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s gave %v, want %s", c.vars, err, c.want)
		}
	}
}

func TestShippedModelsTakeTheirThresholdsFromTheCatalogue(t *testing.T) {
	vars, err := sql.Catalogue()
	if err != nil || len(vars) == 0 {
		t.Fatalf("%d variables, %v", len(vars), err)
	}
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range models {
		if len(m.Vars) > 0 || m.OwnDefaults() {
			t.Errorf("%s: a shipped model has the default of a variable in its own file; it belongs into sql/vars.yaml", m.File)
		}
	}
}
