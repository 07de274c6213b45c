package sql_test

import (
	"fmt"
	"testing"

	"huikuan/sql"
)

func TestTestsRunTogetherFindWhatEachOfThemFinds(t *testing.T) {
	const header = `columns:
  - {name: a, description: d, unit: count, tests: [not_null, {accepted_values: ["1", "2"]}]}
  - {name: b, description: d, tests: [{unique: true, severity: warn}]}
order_by: b
tests:
  - unique: [a, b]
    name: rows
    severity: warn
  - sum_equals: {this: sum(a), of: "SELECT 3"}
  - {sql: "SELECT * FROM {{ this }} WHERE a > 2", name: small}`
	w := newWarehouse(t)
	for _, c := range []struct{ rows, want string }{
		{"(1, 'x'), (2, 'y')", "not_null_a 0 accepted_values_a 0 unique_b 0 rows 0 sum_equals 0 small 0 "},
		{"(1, 'x'), (2, NULL), (2, NULL)", "not_null_a 0 accepted_values_a 0 unique_b 1 rows 1 sum_equals 1 small 0 "},
		{"(NULL, 'x'), (NULL, 'x'), (3, 'y'), (3, 'z')", "not_null_a 2 accepted_values_a 1 unique_b 1 rows 1 sum_equals 1 small 2 "},
	} {
		m := model(t, "swept", header, "SELECT * FROM values('a Nullable(UInt8), b Nullable(String)', "+c.rows+")")
		report := build(t, runner(t, w, sql.RunnerOptions{Database: w.name}, m)).Models[0]
		got := ""
		for _, r := range report.Tests {
			if r.Err != nil {
				t.Errorf("%s: %v", r.Name, r.Err)
			}
			got += fmt.Sprintf("%s %d ", r.Name, r.Failed)
		}
		if got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.rows, got, c.want)
		}
	}
}

func TestATestThatCannotRunHindersNoOther(t *testing.T) {
	m := model(t, "swept", oneColumn+"\ntests: [{sql: \"SELECT nothing FROM {{ this }}\", name: wrong}, {sql: \"SELECT * FROM {{ this }} WHERE n > 1\", name: right}]", "SELECT * FROM values('n UInt8', 1, 2)")
	report := build(t, runner(t, newWarehouse(t), sql.RunnerOptions{}, m)).Models[0]
	if report.Rows != 2 || report.Status != sql.TestFailed || report.Tests[0].Err == nil || report.Tests[1].Failed != 1 {
		t.Errorf("%s of %d rows: %+v", report.Status, report.Rows, report.Tests)
	}
}
