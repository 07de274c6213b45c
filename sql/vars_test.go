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

func TestAValueThatMakesNonsenseOfAModelIsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		x    any
		want string
	}{
		{"cure_days", "0", "models.vars.cure_days: found 0, expected a whole number, from 1 to 36500, such as 30; it is: days after a month-end within which an overdue amount is cured"},
		{"rolling_months", "-12", "models.vars.rolling_months: found -12, expected a whole number, from 1 to 1200"},
		{"terms_class_days", "0", "found 0, expected a whole number, from 1 to 36500, such as 30; it is: width of the classes"},
		{"ecl_lgd", "1.5", "models.vars.ecl_lgd: found 1.5, expected a number, above 0 and at most 1, such as 1"},
		{"ecl_floor_rates", []string{"0.1", "0.2"}, "models.vars.ecl_floor_rates: found [0.1, 0.2], expected a list of 8, each above 0 and at most 1"},
		{"ecl_year_band_rates", []string{"5", "10", "30", "50", "80", "100"}, "expected a list of 6, each from 0 to 1"},
		{"grade_bounds", []string{"15", "50", "30", "70"}, "models.vars.grade_bounds: found [15, 50, 30, 70], expected a list of 4, ascending, each from 0 to 100"},
		{"amount_bands", []string{"1000", "1000.0"}, "found [1000, 1000.0], expected a list of one or more, ascending, each above 0"},
		{"vintage_days", []string{"30", "30"}, "found [30, 30], expected a list of one or more, none twice, each from 0 to 36500"},
		{"evidence_required", []string{}, "models.vars.evidence_required: found [], expected a list of one or more, none twice"},
		{"concentration_top", []string{}, "models.vars.concentration_top: found [], expected a list of one or more, ascending, each from 1 to"},
		{"group_limit_basis", "average", `models.vars.group_limit_basis: found "average", expected a text, one of sum, parent`},
		{"warning_severities", []string{"low"}, "found [low], expected a list of 12, each one of low, medium, high"},
		{"funding_rate_changes", []string{"2024-02-16 0.073"}, "models.vars.funding_rate_changes: found [2024-02-16 0.073], expected a list"},
		{"worklist_age_days", "0", "models.vars.worklist_age_days: found 0"},
		{"ecl_history_months", "6", "models.vars: found ecl_history_months_min 12, expected at most ecl_history_months (6); with fewer months"},
		{"grade_late_cap", "40", "models.vars: found grade_overdue_cap 30, grade_late_cap 40, grade_broken_cap 15, grade_over_limit_points 15, grade_dispute_cap 5, grade_cycle_points 10, expected a sum of at most 100"},
		{"exposure_includes_orders", "1", ""},
		{"order_closed_statuses", []string{}, ""},
		{"ecl_specific_customers", []string{"A", "B"}, ""},
		{"funding_rate_changes", []string{"2024-02-16=0.073", "2025-01-01=0.06"}, ""},
		{"days_late_bins", []string{"-60.5", "0"}, ""},
	} {
		_, err := sql.NewRunner(nil, nil, sql.RunnerOptions{Vars: map[string]any{c.name: c.x}})
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s = %v gave\n%v, want\n%s", c.name, c.x, err, c.want)
		}
	}
}

func TestEveryNumberOfTheCatalogueIsBounded(t *testing.T) {
	vars, err := sql.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range vars {
		b := d.Bounds
		if (d.Type == sql.IntegerVar || d.Type == sql.DecimalVar) && b.Least == "" && b.Above == "" {
			t.Errorf("%s:%d: %s may be negative; give it least or above", d.File, d.Line, d.Name)
		}
	}
}

func TestWrongVariablesInAHeader(t *testing.T) {
	for _, c := range []struct{ vars, want string }{
		{"x: {default: a, type: integer, description: d}", `the default of x: found "a", expected a whole number such as 30`},
		{"x: {type: integer, description: d}", "m.sql:4: the variable x has no default; add default: …"},
		{"x: {default: 1, typ: integer}", `the variable x has no key "typ"; did you mean "type"?`},
		{"x: {default: 1, type: number, description: d}", `the type "number" is not known; allowed: date, decimal, integer, list, text`},
		{"x: {default: 0, type: integer, least: 1, description: d}", `the default of x: found 0, expected a whole number, 1 or more`},
		{"x: {default: 0, type: integer, least: one, description: d}", `found "one", expected a number`},
		{"x: {default: a, type: text, form: '(', description: d}", `the form cannot be read`},
		{"x: {default: [a], type: list, length: none, description: d}", `found "none", expected a number of items`},
		{"x: {default: [a], type: list, distinct: no, description: d}", `found "no", expected true`},
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
