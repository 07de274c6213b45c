package sql_test

import (
	"strings"
	"testing"

	"huikuan/sql"
)

// What the engine does not understand is shown in the user's file, whatever stood
// for the placeholders before it in the statement.
func TestAMistakeInTheSQLIsPointedAtInTheFile(t *testing.T) {
	w := newWarehouse(t)
	w.exec("CREATE TABLE ar_open_items (n UInt8) ENGINE = MergeTree ORDER BY n")
	const reads = "-- 回款\nSELECT n + {{ var('limit_warning', 1) }} AS n FROM {{ source('huikuan', 'ar_open_items') }}\n"
	for _, c := range []struct{ name, body, place, problem string }{ // the SELECT begins on line 7
		{"a word too many", reads + "WHERE n > 1 GROPU BY n", "m.sql:9:13", `syntax error at "GROPU BY n"`},
		{"behind a placeholder on its line", "SELECT n FROM {{ source('huikuan', 'ar_open_items') }} WHERE WHERE n > 1", "m.sql:7:68", "syntax error"},
		{"letters of several bytes before it", "SELECT '回款', 1 AS AS n", "m.sql:7:22", `syntax error at "n"`},
		{"a parenthesis that is never closed", reads + "WHERE (n > 1", "m.sql:", "a parenthesis has no partner"},
		{"a letter that is none", reads + "WHERE n > § 1", "m.sql:9:11", "syntax error"},
		{"a function that does not exist", reads + "WHERE\n  nosuch(n) > 1", "m.sql:10:3", "nosuch"},
		{"a column that does not exist", reads + "WHERE nn > 1", "m.sql:9:7", "nn"},
	} {
		for _, materialisation := range []string{"table", "view"} {
			m := model(t, "m", oneColumn+"\nmaterialisation: "+materialisation, c.body)
			report := build(t, runner(t, w, sql.RunnerOptions{Database: w.name}, m))
			got := report.Models[0].Reason
			if report.Models[0].Status != sql.Failed || !strings.HasPrefix(got, c.place) || !strings.Contains(got, c.problem) {
				t.Errorf("%s, %s: %s\nwant %s … %s", c.name, materialisation, got, c.place, c.problem)
			}
		}
	}
	m := model(t, "m", oneColumn+"\nunit_tests:\n  - name: u\n    expect: {rows: []}", "SELECT 1 AS n\nFROM numbers(1) WHERE WHERE n")
	if u := units(t, nil, m)[0]; u.Err == nil || !strings.HasPrefix(u.Err.Error(), "m.sql:10:") {
		t.Errorf("a unit test: %v", u.Err)
	}
}
