package sql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"huikuan/sql"
)

// mortal is an engine of a process that is killed at its n-th statement: from
// then on nothing happens any more. Done half is tried too: the statement runs
// and its answer is lost.
type mortal struct {
	sql.Engine
	left int
	half bool
}

var errKilled = errors.New("killed")

func (m *mortal) Exec(ctx context.Context, query string) error {
	m.left--
	if m.left < 0 {
		return errKilled
	}
	if m.left == 0 && m.half {
		_ = m.Engine.Exec(ctx, query)
		return errKilled
	}
	return m.Engine.Exec(ctx, query)
}

func (m *mortal) Query(ctx context.Context, query string) ([][]any, []string, error) {
	if m.left <= 0 {
		return nil, nil, errKilled
	}
	return m.Engine.Query(ctx, query)
}

const (
	daysHeader = "columns:\n  - {name: day, description: d}\n  - {name: amount, description: d, unit: EUR}\n" +
		"materialisation: incremental\nunique_key: [day]\norder_by: [day]"
	daysBody = "SELECT day, amount FROM {{ source('huikuan', 'invoices') }}\n" +
		"{% if is_incremental() %}\nWHERE day >= (SELECT max(day) FROM {{ this }})\n{% endif %}"
	statesHeader = "columns:\n  - {name: customer, description: d}\n  - {name: grade, description: d}\n  - {name: seen, description: d}\n" +
		"materialisation: snapshot\nunique_key: customer\ncheck: [grade]"
	statesBody = "SELECT customer, grade, seen FROM {{ source('huikuan', 'customers') }}"
)

func TestAnIncrementalModelReplacesOnlyTheKeysItMeetsAgain(t *testing.T) {
	w := newWarehouse(t)
	w.exec("CREATE TABLE invoices (day Date32, amount Decimal(18, 4)) ENGINE = MergeTree ORDER BY day",
		"INSERT INTO invoices VALUES ('2026-01-01', 1), ('2026-01-02', 2), ('2026-01-02', 3)")
	m := model(t, "days", daysHeader, daysBody)
	step := func(want string, o sql.RunnerOptions, m sql.Model, notice string) {
		t.Helper()
		r := runner(t, w, o, m)
		report := build(t, r)
		if !report.OK() {
			t.Fatal(report.Err())
		}
		publish(t, r)
		if got := strings.Join(report.Models[0].Notices, "; "); got != notice {
			t.Errorf("notices %q, want %q", got, notice)
		}
		if got := w.text("SELECT toString(groupArray((toDayOfMonth(day), amount))) FROM (SELECT day, amount FROM days ORDER BY ALL)"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := w.text("SELECT toString(groupArray(name)) FROM system.tables WHERE database = currentDatabase() AND name LIKE '%\\_\\_%'"); got != "[]" {
			t.Errorf("left behind: %s", got)
		}
	}
	step("[(1,1),(2,2),(2,3)]", sql.RunnerOptions{}, m, "")
	// a day that is over changes unseen, the last day changes and is replaced, one is new
	w.exec("TRUNCATE TABLE invoices", "INSERT INTO invoices VALUES ('2026-01-01', 100), ('2026-01-02', 7), ('2026-01-03', 4)")
	step("[(1,1),(2,7),(3,4)]", sql.RunnerOptions{}, m, "")
	step("[(1,1),(2,7),(3,4)]", sql.RunnerOptions{}, m, "")
	w.exec("TRUNCATE TABLE invoices", "INSERT INTO invoices VALUES ('2026-01-05', 5)") // no key is met again
	step("[(1,1),(2,7),(3,4),(5,5)]", sql.RunnerOptions{}, m, "")
	step("[(5,5)]", sql.RunnerOptions{FullRefresh: true}, m, "")
	wider := model(t, "days", strings.Replace(daysHeader, "materialisation", "  - {name: n, description: d}\nmaterialisation", 1), strings.Replace(daysBody, "amount FROM", "amount, 1 AS n FROM", 1))
	w.exec("INSERT INTO invoices VALUES ('2026-01-04', 4)")
	step("[(4,4),(5,5)]", sql.RunnerOptions{}, wider, "its columns or its order changed, so it was built anew")
}

func TestASnapshotKeepsEveryStateOfARow(t *testing.T) {
	w := newWarehouse(t)
	w.exec("CREATE TABLE customers (customer String, grade Nullable(String), seen UInt8) ENGINE = MergeTree ORDER BY customer")
	day := 0
	step := func(header, body, want string) {
		t.Helper()
		day++
		now := time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC)
		r := runner(t, w, sql.RunnerOptions{Now: func() time.Time { return now }}, model(t, "states", header, body))
		if report := build(t, r); !report.OK() {
			t.Fatal(report.Err())
		}
		publish(t, r)
		if got := w.text("SELECT arrayStringConcat(groupArray(x), ' ') FROM (SELECT concat(customer, ifNull(grade, '?'), toString(toDayOfMonth(valid_from)), '-', ifNull(toString(toDayOfMonth(valid_to)), '')) AS x FROM states ORDER BY customer, valid_from)"); got != want {
			t.Errorf("day %d: got %s, want %s", day, got, want)
		}
	}
	w.exec("INSERT INTO customers VALUES ('a', 'A', 1), ('b', NULL, 1)")
	step(statesHeader, statesBody, "aA1- b?1-")
	step(statesHeader, statesBody, "aA1- b?1-") // nothing changed
	w.exec("TRUNCATE TABLE customers", "INSERT INTO customers VALUES ('a', 'B', 1), ('b', NULL, 2), ('c', 'C', 1)")
	step(statesHeader, statesBody, "aA1-3 aB3- b?1- c"+"C3-") // b's `seen` is not checked
	w.exec("TRUNCATE TABLE customers", "INSERT INTO customers VALUES ('a', 'A', 1), ('c', 'C', 1)")
	step(statesHeader, statesBody, "aA1-3 aB3-4 aA4- b?1-4 cC3-") // back to an earlier state, and gone
	w.exec("INSERT INTO customers VALUES ('b', NULL, 1)")
	step(statesHeader, statesBody, "aA1-3 aB3-4 aA4- b?1-4 b?5- cC3-") // back again
	step(strings.Replace(statesHeader, "materialisation", "  - {name: more, description: d}\nmaterialisation", 1), strings.Replace(statesBody, "seen FROM", "seen, 7 AS more FROM", 1),
		"aA1-3 aB3-4 aA4- b?1-4 b?5- cC3-")

	r := runner(t, w, sql.RunnerOptions{}, model(t, "states", strings.Replace(statesHeader, "  - {name: seen, description: d}\n", "", 1), strings.Replace(statesBody, ", seen", "", 1)))
	if err := build(t, r).Err(); err == nil || !strings.Contains(err.Error(), "which the SELECT does not return any more") {
		t.Errorf("a column taken out of a snapshot gave %v", err)
	}
	w.exec("INSERT INTO customers VALUES ('c', 'X', 1)")
	r = runner(t, w, sql.RunnerOptions{}, model(t, "states", statesHeader+"\norder_by: [grade]", strings.Replace(statesBody, "seen FROM", "seen, 7 AS more FROM", 1)))
	if err := build(t, r).Err(); err == nil || !strings.Contains(err.Error(), "one present state a key found 1 failing rows") {
		t.Errorf("a key twice gave %v", err)
	}
}

// Whatever statement a process is killed at, the next build gives the tables of
// an undisturbed one.
func TestKilledAtAnyStatementABuildIsRepeatedWithTheSameResult(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 9, 0, 0, 0, 0, time.UTC) }
	setUp := func() (*warehouse, []sql.Model) {
		w := newWarehouse(t)
		w.exec("CREATE TABLE invoices (day Date32, amount Decimal(18, 4)) ENGINE = MergeTree ORDER BY day", "INSERT INTO invoices VALUES ('2026-01-01', 1), ('2026-01-02', 2)",
			"CREATE TABLE customers (customer String, grade Nullable(String), seen UInt8) ENGINE = MergeTree ORDER BY customer", "INSERT INTO customers VALUES ('a', 'A', 1), ('b', 'B', 1)")
		models := []sql.Model{model(t, "days", daysHeader, daysBody), model(t, "states", statesHeader, statesBody)}
		r := runner(t, w, sql.RunnerOptions{Workers: 1, Now: func() time.Time { return now().AddDate(0, 0, -1) }}, models...)
		build(t, r)
		publish(t, r)
		w.exec("INSERT INTO invoices VALUES ('2026-01-02', 3), ('2026-01-04', 5)", "TRUNCATE TABLE customers", "INSERT INTO customers VALUES ('a', 'X', 1), ('c', 'C', 1)")
		return w, models
	}
	run := func(e sql.Engine, models []sql.Model) error {
		r := runner(t, e, sql.RunnerOptions{Workers: 1, Now: now}, models...)
		report, err := r.Build(context.Background())
		if err != nil {
			return err
		}
		return errors.Join(report.Err(), r.Publish(context.Background()))
	}
	content := func(w *warehouse) string {
		return w.table("SELECT * FROM days ORDER BY ALL") + "\n" + w.table("SELECT * FROM states ORDER BY ALL")
	}
	w, models := setUp()
	whole := &mortal{Engine: w, left: 1000}
	if err := run(whole, models); err != nil {
		t.Fatal(err)
	}
	want := content(w)
	statements := 1000 - whole.left
	for at := 1; at <= statements; at += 3 { // every third one, half done and not at all in turn: as telling, in a third of the time
		w, models := setUp()
		if err := run(&mortal{Engine: w, left: at, half: at%2 == 1}, models); err == nil && at < statements {
			t.Fatalf("killed at statement %d of %d, the build did not notice", at, statements)
		}
		if err := run(w, models); err != nil {
			t.Fatalf("after a kill at statement %d: %v", at, err)
		}
		if got := content(w); got != want {
			t.Errorf("killed at statement %d of %d:\n%s\nwant\n%s", at, statements, got, want)
		}
	}
}

func TestWrongIncrementalModels(t *testing.T) {
	for _, c := range []struct{ header, body, want string }{
		{oneColumn + "\nmaterialisation: incremental", "SELECT 1 AS n", "the model is incremental and has no unique_key"},
		{oneColumn + "\nunique_key: n", "SELECT 1 AS n", "the model is a table and has a unique_key"},
		{oneColumn + "\ncheck: n", "SELECT 1 AS n", "the model is no snapshot and has check"},
		{oneColumn + "\nmaterialisation: snapshot\nunique_key: m", "SELECT 1 AS n", `unique_key names the column "m", which columns does not describe; allowed: n`},
		{oneColumn, "SELECT 1 AS n {% if is_incremental() %} WHERE 1 {% endif %}", "is_incremental() belongs to incremental models, and this one is a table"},
		{oneColumn, "SELECT 1 AS n {% if is_incremental() %} WHERE 1", "{% if is_incremental() %} is never closed"},
		{oneColumn, "SELECT 1 AS n {% if x %} WHERE 1 {% endif %}", "control blocks {% … %} but that of is_incremental() are not run here"},
		{oneColumn, "SELECT 1 AS n {% if is_incremental() %} {% if is_incremental() %} {% endif %} {% endif %}", "is never closed"},
		{oneColumn + "\nmaterialisation: incremental\nunique_key: n", "SELECT n FROM {{ this }}", "use {{ this }} in tests, or inside {% if is_incremental() %}"},
	} {
		m, err := sql.Parse("m.sql", []byte(fmt.Sprintf("/* ---\ndescription: d\n%s\n--- */\n%s", c.header, c.body)))
		if err == nil {
			_, err = sql.NewRunner(nil, []sql.Model{m}, sql.RunnerOptions{})
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s / %s\ngave %v\nwant %s", c.header, c.body, err, c.want)
		}
	}
}

func TestAUnitTestOfAnIncrementalModelHasThis(t *testing.T) {
	m := model(t, "days", daysHeader+`
unit_tests:
  - name: first build
    given: [{input: "source('huikuan', 'ar_settlements')", rows: [{event_date: 2026-01-01, amount: 1}, {event_date: 2026-01-03, amount: 3}]}]
    expect: {rows: [{day: 2026-01-01, amount: 1}, {day: 2026-01-03, amount: 3}]}
  - name: next build
    overrides: {macros: {is_incremental: true}}
    given:
      - {input: this, rows: [{day: 2026-01-02, amount: 9}]}
      - {input: "source('huikuan', 'ar_settlements')", rows: [{event_date: 2026-01-01, amount: 1}, {event_date: 2026-01-03, amount: 3}]}
    expect: {rows: [{day: 2026-01-03, amount: 3}]}`,
		"SELECT event_date AS day, amount FROM {{ source('huikuan', 'ar_settlements') }} {% if is_incremental() %}WHERE day > (SELECT max(day) FROM {{ this }}){% endif %}")
	for _, u := range units(t, nil, m) {
		if !u.Passed() {
			t.Error(u)
		}
	}
}

// No other materialisation takes the place of a snapshot, with --full-refresh
// neither; a table with such columns of its own is built again.
func TestTheHistoryOfASnapshotIsNotDropped(t *testing.T) {
	w := newWarehouse(t)
	w.exec("CREATE TABLE customers (customer String, grade Nullable(String), seen UInt8) ENGINE = MergeTree ORDER BY customer", "INSERT INTO customers VALUES ('a', 'A', 1)")
	const (
		columns = "columns:\n  - {name: customer, description: d}\n  - {name: grade, description: d}\n  - {name: seen, description: d}\n"
		both    = "  - {name: valid_from, description: d}\n  - {name: valid_to, description: d}\n"
	)
	states := model(t, "states", statesHeader, statesBody)
	copied := model(t, "copied", columns+both+"order_by: [customer, valid_from]", "SELECT * FROM {{ ref('states') }}")
	for range 2 {
		r := runner(t, w, sql.RunnerOptions{}, states, copied)
		if report := build(t, r); !report.OK() {
			t.Fatal(report.Err())
		}
		publish(t, r)
	}
	stamped := strings.Replace(statesBody, "seen FROM", "seen, now64(3, 'UTC') AS valid_from, CAST(NULL AS Nullable(DateTime64(3, 'UTC'))) AS valid_to FROM", 1)
	for _, c := range []struct{ kind, header, body string }{
		{"table", columns, statesBody},
		{"view", columns + "materialisation: view\n", statesBody},
		{"incremental", columns + "materialisation: incremental\nunique_key: customer\n", statesBody},
		{"table", columns + both, stamped},
	} {
		r := runner(t, w, sql.RunnerOptions{FullRefresh: true}, model(t, "states", strings.TrimSpace(c.header), c.body))
		err := build(t, r).Err()
		publish(t, r)
		want := "states.sql:1: the table states holds the history of a snapshot (valid_from, valid_to), and the model is materialisation: " + c.kind +
			": building it would drop that history; write materialisation: snapshot again, or give the file another name; to let the history go, drop or rename the table states first"
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a snapshot turned into a %s gave %v", c.kind, err)
		}
		if got := w.text("SELECT toString(count(valid_from)) FROM states"); got != "1" {
			t.Errorf("a snapshot turned into a %s has %s rows", c.kind, got)
		}
	}
	w.exec("RENAME TABLE states TO states_of_old")
	r := runner(t, w, sql.RunnerOptions{}, model(t, "states", strings.TrimSpace(columns), statesBody))
	if report := build(t, r); !report.OK() {
		t.Error(report.Err())
	}
}
