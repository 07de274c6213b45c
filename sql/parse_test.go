package sql_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"huikuan/sql"
)

const goodModel = `/* ---
description: Open receivables of a customer.
grain: one customer
materialisation: table
order_by: [customer_id]
owner: finance
tags: [cfo, daily]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: state, description: how it stands, tests: [{accepted_values: [open, paid], severity: warn}]}
tests:
  - unique: [customer_id, state]
  - name: nobody owes less than nothing
    sql: |
      SELECT customer_id FROM {{ this }}
      WHERE open_amount < {{ var('floor', 0) }}
  - {sum_equals: {this: sum(open_amount), of: "SELECT sum(open_amount) FROM {{ source('huikuan', 'ar_snapshots') }}", tolerance: 0.01}}
--- */
SELECT customer_id, state FROM {{ ref("other") }};
`

func TestAModelFileIsReadWithItsHeader(t *testing.T) {
	m, err := sql.Parse("models/balance.sql", []byte(goodModel))
	if err != nil {
		t.Fatal(err)
	}
	if m.Name != "balance" || m.Grain != "one customer" || m.Materialisation != sql.Table || m.Owner != "finance" || strings.Join(m.Tags, " ") != "cfo daily" {
		t.Errorf("header read as %+v", m)
	}
	if strings.Join(m.Refs(), " ") != "other" || strings.Join(m.Sources(), " ") != "ar_snapshots" {
		t.Errorf("it reads %v and %v", m.Refs(), m.Sources())
	}
	var tests []string
	for _, x := range m.Tests {
		tests = append(tests, string(x.Kind)+"/"+string(x.Severity)+"/"+x.Name)
	}
	want := "not_null/error/not_null_customer_id unique/error/unique_customer_id accepted_values/warn/accepted_values_state " +
		"unique/error/unique_customer_id_state sql/error/nobody owes less than nothing sum_equals/error/sum_equals"
	if got := strings.Join(tests, " "); got != want {
		t.Errorf("tests\n%s, want\n%s", got, want)
	}
}

func TestAMistakeInAModelIsNamedWithItsLineAndARemedy(t *testing.T) {
	const head = "/* ---\ndescription: d\ncolumns: [{name: a, description: b}]\n"
	for _, c := range []struct{ name, file, text, want string }{
		{"no header", "m.sql", "SELECT 1", "m.sql:1: the model has no header; begin the file with a comment: /* --- on its own line, YAML, then --- */"},
		{"open header", "m.sql", "/* ---\na: b\n", "m.sql:1: the header is never closed"},
		{"unknown key", "m.sql", "/* ---\ndescription: d\nmaterialization: view\n--- */\nSELECT 1", `m.sql:3: the header has no key "materialization"; did you mean "materialisation"?`},
		{"unknown value", "m.sql", "/* ---\nmaterialisation: ephemeral\n--- */\nSELECT 1", `m.sql:2: materialisation "ephemeral" is not known; allowed: view, table, incremental, snapshot`},
		{"not YAML", "m.sql", "/* ---\ndescription: d\ngrain: a: b\n--- */\nSELECT 1", "m.sql:3: the header is not YAML: mapping values are not allowed in this context"},
		{"no description", "m.sql", "/* ---\ncolumns: [{name: a}]\n--- */\nSELECT 1", "m.sql:2: the model has no description"},
		{"order by stranger", "m.sql", "/* ---\ndescription: d\ncolumns: [{name: customer_id}]\norder_by: custmer_id\n--- */\nSELECT 1", `order_by names the column "custmer_id", which columns does not describe; did you mean "customer_id"?`},
		{"unknown test", "m.sql", "/* ---\ndescription: d\ncolumns:\n  - name: a\n    tests: [notnull]\n--- */\nSELECT 1", `m.sql:5: a column has no test "notnull"; did you mean "not_null"?`},
		{"values missing", "m.sql", "/* ---\ndescription: d\ncolumns:\n  - name: a\n    tests: [accepted_values]\n--- */\nSELECT 1", "m.sql:5: accepted_values needs its values"},
		{"half a sum", "m.sql", head + "tests:\n  - sum_equals: {this: sum(a)}\n--- */\nSELECT 1", "m.sql:5: sum_equals needs this and of"},
		{"nameless SQL test", "m.sql", head + "tests:\n  - sql: SELECT 1\n--- */\nSELECT 1", "m.sql:5: a test in SQL needs a name"},
		{"bad placeholder in a test", "m.sql", head + "tests:\n  - name: x\n    sql: |\n      SELECT 1\n      FROM {{ table('x') }}\n--- */\nSELECT 1", "m.sql:8: {{ table('x') }} is not understood; allowed are {{ ref('model') }}"},
		{"no SELECT", "m.sql", head + "--- */\n\n", "m.sql:5: the model has no SELECT"},
		{"macro", "m.sql", head + "--- */\nSELECT 1\nFROM {{ dbt_utils.star('x') }}", "m.sql:6: {{ dbt_utils.star('x') }} is not understood; allowed are"},
		{"block", "m.sql", head + "--- */\n\nSELECT 1\n{% if true %}", "m.sql:7: control blocks {% … %} but that of is_incremental() are not run here"},
		{"incremental", "m.sql", head + "--- */\nSELECT {{ is_incremental() }}", "m.sql:5: {{ is_incremental() }} stands in a block: {% if is_incremental() %} … {% endif %}"},
		{"open placeholder", "m.sql", head + "--- */\nSELECT {{ ref('x') ", "m.sql:5: {{ is never closed"},
		{"two arguments", "m.sql", head + "--- */\nSELECT {{ ref('p', 'x') }}", "m.sql:5: {{ ref('p', 'x') }} takes one model name"},
		{"foreign source", "m.sql", head + "--- */\nSELECT {{ source('erp', 'x') }}", "takes 'huikuan' and a table name"},
		{"unquoted", "m.sql", head + "--- */\nSELECT {{ ref(x) }}", `has an argument "x" that is neither a quoted text nor a number`},
		{"file name", "My-Model.sql", head + "--- */\nSELECT 1", "My-Model.sql:1: the file name My-Model cannot be a table's name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sql.Parse(c.file, []byte(c.text))
			var e *sql.Error
			if !errors.As(err, &e) {
				t.Fatalf("error %v, want an *Error", err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error\n%v, want\n%s", err, c.want)
			}
		})
	}
}

func TestModelsAreCheckedAgainstOneAnother(t *testing.T) {
	model := func(name, body string) sql.Model {
		t.Helper()
		m, err := sql.Parse(name+".sql", []byte("/* ---\ndescription: d\ncolumns: [{name: a, description: b}]\n--- */\n"+body))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		name   string
		models []sql.Model
		want   string
	}{
		{"unknown model", []sql.Model{model("customers_due", "SELECT 1 AS a"), model("b", "SELECT a FROM {{ ref('customer_due') }}")}, `b.sql:5: there is no model "customer_due"; did you mean "customers_due"?`},
		{"table taken for a model", []sql.Model{model("b", "SELECT a\nFROM {{ ref('ar_snapshots') }}")}, "b.sql:6: ar_snapshots is a table of the warehouse, not a model; write {{ source('huikuan', 'ar_snapshots') }}"},
		{"unknown table", []sql.Model{model("b", "SELECT a FROM {{ source('huikuan', 'ar_snapshot') }}")}, `b.sql:5: the warehouse has no table "ar_snapshot"; did you mean "ar_snapshots"?`},
		{"circle", []sql.Model{model("a", "SELECT a FROM {{ ref('b') }}"), model("b", "SELECT a FROM {{ ref('c') }}"), model("c", "SELECT a FROM {{ ref('a') }}")}, "a.sql:1: the models go round in a circle: a → b → c → a"},
		{"itself", []sql.Model{model("a", "SELECT a FROM {{ ref('a') }}")}, "a.sql:5: the model refers to itself"},
		{"variable without value", []sql.Model{model("a", "SELECT {{ var('edge') }} AS a")}, "a.sql:5: there is no variable \"edge\"; `huikuan models docs` lists the variables; a variable of your own is described in the header: vars: {edge: {default: …, type: …, description: …}}"},
		{"a table's name", []sql.Model{model("invoices", "SELECT 1 AS a")}, "invoices is a table of the warehouse already"},
		{"the name of an internal table", []sql.Model{model("payments_docs", "SELECT 1 AS a")}, "payments_docs is a name that the warehouse keeps for its own tables"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sql.NewRunner(nil, c.models, sql.RunnerOptions{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error\n%v, want\n%s", err, c.want)
			}
		})
	}
}

func TestNoModelTakesTheNameOfATableOfTheWarehouse(t *testing.T) {
	ddl, err := os.ReadFile("../load/testdata/ddl/embedded.sql")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`(?m)^CREATE (?:OR REPLACE )?(?:TABLE|VIEW|MATERIALIZED VIEW)(?: IF NOT EXISTS)? huikuan\.(\w+)`).FindAllStringSubmatch(string(ddl), -1)
	if len(names) < 100 {
		t.Fatalf("%d tables found", len(names))
	}
	for _, name := range names {
		m, err := sql.Parse(name[1]+".sql", []byte("/* ---\ndescription: d\ncolumns: [{name: a, description: b}]\n--- */\nSELECT 1 AS a"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sql.NewRunner(nil, []sql.Model{m}, sql.RunnerOptions{}); err == nil || !strings.Contains(err.Error(), "rename the file") {
			t.Errorf("%s: %v", name[1], err)
		}
	}
}

func TestATableNamedWithoutSourceIsFound(t *testing.T) {
	const head = "/* ---\ndescription: d\ncolumns: [{name: a, description: b}]\n--- */\n"
	for _, c := range []struct{ body, want string }{ // want: lines and columns of the mistakes
		{"SELECT a FROM ar_snapshots", "5:15"},
		{"SELECT a FROM {{ source('huikuan', 'dso') }} AS d, invoices i", "5:52"},
		{"SELECT a\nFROM\n  visits FINAL\nLEFT ANY JOIN \"promises\" AS p USING (a)", "7:3 8:15"},
		{"SELECT a FROM (SELECT a FROM huikuan.`invoices`)", "5:30"},
		{"WITH invoices AS (SELECT a FROM invoices) SELECT a FROM invoices", "5:33"},
		{"SELECT a FROM {{ ref('other') }} WHERE a IN (SELECT a FROM other)", "5:60"},
		{"SELECT '{{ var('since') }}' AS a FROM dso", "5:39"},
		{"SELECT a FROM ((dso AS d))", "5:17"},
		{"SELECT a FROM {{ ref('other') }} JOIN dso ON a = b, visits", "5:39 5:53"},

		{"SELECT 1 AS a -- FROM dso\n/* FROM dso */ # FROM dso", ""},
		{"SELECT 'it''s FROM dso, \\' FROM dso' AS a", ""},
		{"WITH dso AS (SELECT 1 AS a), visits AS (SELECT a FROM dso) SELECT a, visits.a, invoices FROM visits, dso", ""},
		{"WITH RECURSIVE dso AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM dso WHERE a < 9) SELECT a FROM dso", ""},
		{"SELECT dso.a FROM {{ ref('other') }} AS dso WHERE dso.a IN (invoices, visits)", ""},
		{"SELECT a, EXTRACT(YEAR FROM visits) FROM {{ ref('other') }} LEFT ARRAY JOIN promises AS p, visits AS v", ""},
		{"SELECT a IS NOT DISTINCT FROM visits FROM numbers(3) GROUP BY a, invoices ORDER BY a WITH FILL FROM visits", ""},
		{"SELECT a FROM dso(1) JOIN system.dso ON true JOIN erp.invoices USING a, visits", ""},
	} {
		var models []sql.Model
		for name, text := range map[string]string{"m": head + c.body, "other": head + "SELECT 1 AS a"} {
			m, err := sql.Parse(name+".sql", []byte(text))
			if err != nil {
				t.Fatalf("%s: %v", c.body, err)
			}
			models = append(models, m)
		}
		_, err := sql.NewRunner(nil, models, sql.RunnerOptions{})
		var got []string
		for _, line := range strings.Split(fmt.Sprint(err), "\n") {
			if at, rest, found := strings.Cut(strings.TrimPrefix(line, "m.sql:"), ": "); found && strings.Contains(rest, " is named without ") {
				got = append(got, at)
			} else if err != nil {
				t.Errorf("%s: %s", c.body, line)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s\nfound %v, want %s", c.body, got, c.want)
		}
	}
}

func TestAUsersModelReplacesTheShippedOne(t *testing.T) {
	shipped, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	own := filepath.Join(dir, "finance", shipped[0].Name+".sql")
	if err := os.MkdirAll(filepath.Dir(own), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(own, []byte("/* ---\ndescription: mine\ncolumns: [{name: a, description: b}]\n--- */\nSELECT 1 AS a"), 0o644); err != nil {
		t.Fatal(err)
	}
	models, err := sql.Models(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(models) != len(shipped) || models[0].Description != "mine" || models[0].Shipped {
		t.Errorf("got %d models, the first %q from %s", len(models), models[0].Description, models[0].File)
	}
	if err := os.WriteFile(filepath.Join(dir, shipped[0].Name+".sql"), []byte(goodModel), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := sql.Models(dir); err == nil || !strings.Contains(err.Error(), "stands in") {
		t.Errorf("two of the same name in one folder gave %v", err)
	}
}
