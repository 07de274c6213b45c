package sql_test

import (
	"context"
	"strings"
	"testing"

	"huikuan/sql"
)

// units runs the unit tests of models on the real engine, in a database
// without a single table.
func units(t *testing.T, selectors []string, models ...sql.Model) []sql.UnitReport {
	t.Helper()
	out, err := runner(t, newWarehouse(t), sql.RunnerOptions{}, models...).UnitTests(context.Background(), selectors...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const sharesHeader = `columns:
  - {name: customer_id, description: d}
  - {name: open, description: d, unit: EUR}
  - {name: share, description: d, unit: fraction}
  - {name: last, description: d}
  - {name: late, description: d}
vars:
  grace: {default: 0, type: integer, description: d}
unit_tests:
  - name: example
`

const sharesBody = `WITH x AS (
    SELECT i.customer_id AS customer_id, sum(i.open_amount) AS open, max(i.due_date) AS last, max(i.days_past_due) > {{ var('grace') }} AS late
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    GROUP BY customer_id
)
SELECT x.customer_id AS customer_id, x.open AS open, CAST(x.open AS Decimal(38, 10)) / nullIf((SELECT sum(open) FROM x), 0) AS share, x.last AS last, x.late AS late
FROM x`

func TestAUnitTestComparesRowsByValue(t *testing.T) {
	const given = `    given:
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: "007", open_amount: 10.5, due_date: 2026-02-28, days_past_due: 3}
          - {customer_id: O'Neill\, open_amount: 21, due_date: 2024-02-29, days_past_due: 0}
`
	for _, c := range []struct{ name, more, diff string }{
		{"other order, other scale, about", "    expect: {rows: [{customer_id: O'Neill\\, open: 21.00, share: ~0.6667, late: false}, {customer_id: \"007\", open: 10.5, last: 2026-02-28, late: true}]}", ""},
		{"a variable of its own", "    overrides: {vars: {grace: 3}}\n    expect: {rows: [{customer_id: \"007\", late: false}, {customer_id: O'Neill\\, late: false}]}", ""},
		{"a wrong cell", "    expect: {rows: [{customer_id: \"007\", open: 10.5}, {customer_id: O'Neill\\, open: 22}]}",
			"            customer_id  open\n  expected  O'Neill\\     22\n  found     O'Neill\\     21    differs: open\n"},
		{"a row too few, a row too many", "    expect: {rows: [{customer_id: \"007\", open: 10.5}, {customer_id: O'Neill\\, open: 21}, {customer_id: X, open: null}]}",
			"            customer_id  open\n  expected  X            NULL  no such row\n"},
		{"a row that is not expected", "    expect: {rows: [{customer_id: \"007\", open: 10.5}]}",
			"         customer_id  open\n  found  O'Neill\\     21    not expected\n"},
		{"not about enough", "    expect: {rows: [{customer_id: \"007\", share: ~0.3334}, {customer_id: O'Neill\\}]}",
			"            customer_id  share\n  expected  007          ~0.3334\n  found     007          0.3333333333  differs: share\n"},
	} {
		u := units(t, nil, model(t, "shares", sharesHeader+given+c.more, sharesBody))[0]
		if u.Err != nil || u.Diff != c.diff {
			t.Errorf("%s: %v\n%s\nwant\n%s", c.name, u.Err, u.Diff, c.diff)
		}
	}
	if u := units(t, nil, model(t, "shares", sharesHeader+"    expect: {rows: []}", sharesBody))[0]; !u.Passed() {
		t.Errorf("nothing given: %s", u)
	}
}

func TestAUnitTestGivesRowsToModelsAndViews(t *testing.T) {
	below := model(t, "below", "columns: [{name: customer_id, description: d}, {name: open, description: d}, {name: tags, description: d}]",
		"SELECT customer_id, open_amount AS open, map('a', 'b') AS tags FROM {{ source('huikuan', 'ar_open_items') }}")
	above := model(t, "above", `columns: [{name: customer_name, description: d}, {name: open, description: d}, {name: tag, description: d}]
unit_tests:
  - name: joined
    given:
      - input: ref('below')
        rows: [{customer_id: C1, open: 7, tags: {a: "it's"}}, {customer_id: C2, open: 1}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, name: 百川}]
    expect: {rows: [{customer_name: 百川, open: 7, tag: it's}, {customer_name: null, open: 1, tag: ""}]}`,
		"SELECT c.name AS customer_name, b.open AS open, b.tags['a'] AS tag FROM {{ ref('below') }} AS b LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = b.customer_id")
	if u := units(t, nil, below, above)[0]; !u.Passed() {
		t.Error(u)
	}
	if u := units(t, []string{"below"}, below, above); len(u) != 0 {
		t.Errorf("tests of what was not selected: %v", u)
	}
}

func TestAMistakeInAUnitTestIsPointedAt(t *testing.T) {
	for _, c := range []struct{ test, want string }{
		{"    given: [{input: \"source('huikuan', 'ar_items')\"}]\n    expect: {rows: []}", "shares.sql:13: the unit test example gives source('huikuan', 'ar_items'), which the SELECT does not read"},
		{"    given: [{input: ar_items}]\n    expect: {rows: []}", `the input "ar_items" is not understood; write source('huikuan', 'table'), ref('model') or this`},
		{"    expect: {rows: [{opn: 1}]}", `shares.sql:13: the unit test example expects the column "opn", which columns does not describe; did you mean "open"?`},
		{"    given: []", "the unit test example expects nothing"},
		{"    expected: []", `a unit test has no key "expected"; did you mean "expect"?`},
		{"    given: [{input: \"source('huikuan', 'ar_open_items')\", rows: [{open_amonut: 1}]}]\n    expect: {rows: []}", `source('huikuan', 'ar_open_items') has no column "open_amonut"; did you mean "open_amount"?`},
		{"    overrides: {vars: {grice: 1}}\n    expect: {rows: []}", `overrides: there is no variable "grice"; did you mean "grace"?`},
		{"    overrides: {vars: {grace: much}}\n    expect: {rows: []}", `overrides: grace: found "much", expected a whole number such as 30`},
	} {
		m, err := sql.Parse("shares.sql", []byte("/* ---\ndescription: d\n"+sharesHeader+c.test+"\n--- */\n"+sharesBody))
		message := ""
		if err != nil {
			message = err.Error()
		} else {
			message = units(t, nil, m)[0].String()
		}
		if !strings.Contains(message, c.want) {
			t.Errorf("%s\ngave %s\nwant %s", c.test, message, c.want)
		}
	}
}
