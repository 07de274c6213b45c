package sql_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"huikuan/sql"
)

// model parses a model from the lines of its header and its SELECT.
func model(t *testing.T, name, header, body string) sql.Model {
	t.Helper()
	m, err := sql.Parse(name+".sql", []byte("/* ---\ndescription: d\n"+header+"\n--- */\n"+body))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func runner(t *testing.T, e sql.Engine, o sql.RunnerOptions, models ...sql.Model) *sql.Runner {
	t.Helper()
	r, err := sql.NewRunner(e, models, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func build(t *testing.T, r *sql.Runner, selectors ...string) sql.Report {
	t.Helper()
	report, err := r.Build(context.Background(), selectors...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func publish(t *testing.T, r *sql.Runner) {
	t.Helper()
	if err := r.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
}

const oneColumn = "columns: [{name: n, description: a number, unit: count}]\norder_by: n"

func TestReadersSeeTheOldTableUntilPublish(t *testing.T) {
	w := newWarehouse(t)
	w.exec("CREATE TABLE invoices (n UInt8) ENGINE = MergeTree ORDER BY n", "INSERT INTO invoices VALUES (1)")
	r := runner(t, w, sql.RunnerOptions{Database: w.name},
		model(t, "numbers_table", oneColumn, "SELECT n FROM {{ source('huikuan', 'invoices') }}"),
		model(t, "numbers_view", oneColumn+"\nmaterialisation: view", "SELECT n + 10 AS n FROM {{ ref('numbers_table') }}"))
	if report := build(t, r); !report.OK() {
		t.Fatal(report.Err())
	}
	if got := w.text("SELECT toString(count()) FROM system.tables WHERE database = currentDatabase() AND name IN ('numbers_table', 'numbers_view')"); got != "0" {
		t.Error("a first build was visible before Publish")
	}
	publish(t, r)

	w.exec("INSERT INTO invoices VALUES (2)")
	report := build(t, r)
	if m, _ := report.Model("numbers_table"); m.Rows != 2 || m.Status != sql.Staged {
		t.Errorf("staged %d rows, %s", m.Rows, m.Status)
	}
	if got := w.text("SELECT concat(toString((SELECT sum(n) FROM numbers_table)), ' ', toString((SELECT sum(n) FROM numbers_view)))"); got != "1 11" {
		t.Errorf("before Publish readers see %s, want 1 11", got)
	}
	publish(t, r)
	if got := w.text("SELECT concat(toString((SELECT sum(n) FROM numbers_table)), ' ', toString((SELECT sum(n) FROM numbers_view)))"); got != "3 23" {
		t.Errorf("after Publish readers see %s, want 3 23", got)
	}
	if got := w.text("SELECT toString(groupArray(name)) FROM system.tables WHERE database = currentDatabase() AND name LIKE '%\\_\\_%'"); got != "[]" {
		t.Errorf("left behind: %s", got)
	}
	if got := w.text("SELECT toString(groupArray((table, comment))) FROM (SELECT table, comment FROM system.columns WHERE database = currentDatabase() AND table LIKE 'numbers%' ORDER BY table)"); got != "[('numbers_table','a number (count)'),('numbers_view','a number (count)')]" {
		t.Errorf("comments of the columns: %s", got)
	}
	publish(t, r) // nothing is staged any more
}

func TestAFailedBlockingTestKeepsTheOldTableAndSkipsWhatStandsOnIt(t *testing.T) {
	w := newWarehouse(t)
	w.exec("CREATE TABLE invoices (n Nullable(UInt8), amount Decimal(18, 4)) ENGINE = MergeTree ORDER BY tuple()", "INSERT INTO invoices VALUES (1, 10)")
	r := runner(t, w, sql.RunnerOptions{},
		model(t, "checked", "columns:\n  - {name: n, description: d, tests: [not_null, unique]}\n  - {name: amount, description: d}\norder_by: n", "SELECT n, amount FROM {{ source('huikuan', 'invoices') }}"),
		model(t, "above", oneColumn, "SELECT n FROM {{ ref('checked') }}"),
		model(t, "roof", oneColumn, "SELECT n FROM {{ ref('above') }}"),
		model(t, "beside", oneColumn, "SELECT 7 AS n"))
	build(t, r)
	publish(t, r)

	w.exec("INSERT INTO invoices VALUES (NULL, 0.1), (2, 20), (2, 30)")
	report := build(t, r)
	publish(t, r)
	var got []string
	for _, m := range r.Report().Models {
		got = append(got, m.Name+" "+string(m.Status))
	}
	if want := "checked test_failed, above skipped, beside published, roof skipped"; !sameSet(strings.Join(got, ", "), want) {
		t.Errorf("got %v, want %s", got, want)
	}
	m, _ := report.Model("checked")
	if want := "the test not_null_n found 1 failing rows; the test unique_n found 1 failing rows; the old table serves; `huikuan query \"SELECT test, row FROM checked__failed LIMIT 20\"` shows the rows"; m.Reason != want {
		t.Errorf("reason %q, want %q", m.Reason, want)
	}
	if above, _ := report.Model("above"); above.Reason != "it reads checked, which was not built (test_failed); the old table serves" {
		t.Errorf("reason of the skipped model: %q", above.Reason)
	}
	if n := len(m.Tests[0].Sample); n != 1 || strings.Join(m.Tests[0].Columns, " ") != "n amount" {
		t.Errorf("sample of %d rows, columns %v", n, m.Tests[0].Columns)
	}
	if got := w.text("SELECT toString(count()) FROM checked"); got != "1" {
		t.Errorf("the old table was replaced: %s rows", got)
	}
	if got := w.text("SELECT toString(groupArray((test, severity, row))) FROM (SELECT * FROM checked__failed ORDER BY test)"); got != `[('not_null_n','error','{"n":null,"amount":"0.1"}'),('unique_n','error','{"n":2,"_rows":2}')]` {
		t.Errorf("failing rows kept: %s", got)
	}

	w.exec("TRUNCATE TABLE invoices", "INSERT INTO invoices VALUES (5, 1)")
	if report := build(t, r); !report.OK() {
		t.Fatal(report.Err())
	}
	publish(t, r)
	if got := w.text("SELECT toString(groupArray(name)) FROM system.tables WHERE database = currentDatabase() AND name LIKE '%\\_\\_%'"); got != "[]" {
		t.Errorf("a mended model leaves behind %s", got)
	}
}

func sameSet(a, b string) bool {
	count := map[string]int{}
	for _, x := range strings.Split(a, ", ") {
		count[x]++
	}
	for _, x := range strings.Split(b, ", ") {
		count[x]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func TestAWarningIsReportedAndBlocksNothing(t *testing.T) {
	w := newWarehouse(t)
	r := runner(t, w, sql.RunnerOptions{}, model(t, "states",
		"columns: [{name: s, description: d, tests: [{accepted_values: [open, paid], severity: warn}]}]", "SELECT arrayJoin(['open', 'lost', 'lost']) AS s"))
	m := build(t, r).Models[0]
	if m.Status != sql.Staged || len(m.Notices) != 1 || m.Notices[0] != "the test accepted_values_s found 1 failing rows" {
		t.Errorf("%s with notices %v", m.Status, m.Notices)
	}
	publish(t, r)
	if got := w.text("SELECT toString(count()) FROM states"); got != "3" {
		t.Errorf("%s rows served", got)
	}
}

func TestSumsAreComparedToTheCentAndForEachSlice(t *testing.T) {
	w := newWarehouse(t)
	w.exec("CREATE TABLE payments (company String, amount Decimal(18, 4)) ENGINE = MergeTree ORDER BY company",
		"INSERT INTO payments VALUES ('a', 1.01), ('a', 2), ('b', 5), ('c', 0)")
	body := "SELECT 'a' AS company, toDecimal64('3.01', 4) AS amount UNION ALL SELECT 'b', toDecimal64('4.9999', 4) UNION ALL SELECT 'd', toDecimal64('1', 4)"
	header := func(rest string) string {
		return "columns: [{name: company, description: d}, {name: amount, description: d}]\ntests:\n  - name: same cash\n    sum_equals: {this: sum(amount), " + rest + "}"
	}
	for _, c := range []struct{ name, header, want string }{
		{"whole, equal", header(`of: "SELECT toDecimal64('9.0099', 4)"`), ""},
		{"whole, a cent off", header(`of: "SELECT sum(amount) FROM {{ source('huikuan', 'payments') }}"`), "(9.0099,8.01,0.9999)"},
		{"within tolerance", header(`of: "SELECT sum(amount) FROM {{ source('huikuan', 'payments') }}", tolerance: 1`), ""},
		{"within a tolerance for each row", header(`of: "SELECT sum(amount), count() FROM {{ source('huikuan', 'payments') }}", tolerance_per_row: 0.25`), ""},
		{"beyond a tolerance for each row", header(`of: "SELECT sum(amount), count() FROM {{ source('huikuan', 'payments') }}", tolerance_per_row: 0.2`), "(9.0099,8.01,0.9999,4)"},
		{"by slice, within a tolerance for each row but where there is none", header(`by: company, of: "SELECT company, sum(amount), count() FROM {{ source('huikuan', 'payments') }} GROUP BY company", tolerance_per_row: 0.0001`), "('d',1,0,1,0)"},
		{"nothing on the other side", header(`of: "SELECT sum(amount) FROM {{ source('huikuan', 'payments') }} WHERE company = 'z'"`), "(9.0099,0,9.0099)"},
		{"by slice", header(`by: company, of: "SELECT company, sum(amount) FROM {{ source('huikuan', 'payments') }} GROUP BY company"`), "('b',4.9999,5,-0.0001)\n('d',1,0,1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := build(t, runner(t, w, sql.RunnerOptions{}, model(t, "cash", c.header, body))).Models[0]
			if len(m.Tests) != 1 || m.Tests[0].Err != nil {
				t.Fatal(m.Reason)
			}
			test := m.Tests[0]
			got := ""
			if test.Failed > 0 {
				got = w.table("SELECT * FROM (" + test.Query + ") ORDER BY 1")
			}
			if got != c.want {
				t.Errorf("differences\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestModelsStandOnStagedMetricTablesUntilTheyServe(t *testing.T) {
	w := newWarehouse(t)
	w.exec("CREATE TABLE dso (n UInt8) ENGINE = MergeTree ORDER BY n", "INSERT INTO dso VALUES (1)",
		"CREATE TABLE dso__next (n UInt8) ENGINE = MergeTree ORDER BY n", "INSERT INTO dso__next VALUES (2)",
		"CREATE TABLE invoices (n UInt8) ENGINE = MergeTree ORDER BY n", "INSERT INTO invoices VALUES (2)")
	resolve := func(table string) string { return table + "__next" } // also of what is never staged
	r := runner(t, w, sql.RunnerOptions{Resolve: resolve},
		model(t, "speed", oneColumn+"\nmaterialisation: view\ntests: [{name: beside, sql: \"SELECT n FROM {{ this }} WHERE n != 2\"}]", "SELECT d.n AS n FROM {{ source('huikuan', 'dso') }} AS d INNER JOIN {{ source('huikuan', 'invoices') }} AS i ON i.n = d.n"))
	if report := build(t, r); !report.OK() {
		t.Fatal(report.Err())
	}
	w.exec("EXCHANGE TABLES dso AND dso__next", "DROP TABLE dso__next")
	publish(t, r)
	if got := w.text("SELECT toString(n) FROM speed"); got != "2" {
		t.Errorf("the published view reads %s", got)
	}
}

func TestAKilledBuildLeavesNothingThatTheNextOneDoesNotRemove(t *testing.T) {
	w := newWarehouse(t)
	m := model(t, "numbers_table", oneColumn, "SELECT 1 AS n")
	build(t, runner(t, w, sql.RunnerOptions{}, m)) // staged, then killed
	w.exec("CREATE TABLE ar_snapshots__next (n UInt8) ENGINE = MergeTree ORDER BY n")
	r := runner(t, w, sql.RunnerOptions{}, m)
	build(t, r)
	publish(t, r)
	if got := w.text("SELECT toString(groupArray(name)) FROM (SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name)"); got != "['ar_snapshots__next','numbers_table']" {
		t.Errorf("tables now: %s (what is not a model's is not the runner's)", got)
	}
}

func TestAModelMayChangeFromTableToView(t *testing.T) {
	w := newWarehouse(t)
	for _, m := range []string{"table", "view", "table"} {
		r := runner(t, w, sql.RunnerOptions{}, model(t, "shape", oneColumn+"\nmaterialisation: "+m, "SELECT 1 AS n"))
		build(t, r)
		publish(t, r)
		engine := map[string]string{"table": "MergeTree", "view": "View"}[m]
		if got := w.text("SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = 'shape'"); got != engine {
			t.Errorf("as %s it became %s", m, got)
		}
	}
}

func TestWrongSQLIsReportedWithItsFileAndOthersAreBuilt(t *testing.T) {
	w := newWarehouse(t)
	r := runner(t, w, sql.RunnerOptions{},
		model(t, "broken", oneColumn, "SELECT m AS n"),
		model(t, "renamed", oneColumn, "SELECT 1 AS nn"),
		model(t, "sound", oneColumn, "SELECT 1 AS n, 2 AS more"),
		model(t, "test_broken", oneColumn+"\ntests: [{name: odd, sql: SELECT nothing}]", "SELECT 1 AS n"))
	report := build(t, r)
	for name, want := range map[string]string{
		"broken":      "broken.sql:6:8: ",
		"renamed":     `renamed.sql:1: the header describes the column "n", which the SELECT does not return; allowed: nn`,
		"test_broken": "the test odd could not run: ",
	} {
		if m, _ := report.Model(name); !strings.HasPrefix(m.Reason, want) && !strings.Contains(m.Reason, want) || m.Status == sql.Staged {
			t.Errorf("%s is %s: %q, want %q", name, m.Status, m.Reason, want)
		}
	}
	if m, _ := report.Model("sound"); m.Status != sql.Staged || strings.Join(m.Notices, "") != "the header does not describe the column more" {
		t.Errorf("sound is %s with notices %v", m.Status, m.Notices)
	}
	if err := report.Err(); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("the report's error should have three lines: %v", err)
	}
}

func TestSelectorsChooseModels(t *testing.T) {
	e := &recorder{}
	r := runner(t, e, sql.RunnerOptions{},
		model(t, "a", oneColumn+"\ntags: [daily]", "SELECT 1 AS n"), model(t, "b", oneColumn, "SELECT n FROM {{ ref('a') }}"),
		model(t, "c", oneColumn, "SELECT n FROM {{ ref('b') }}"), model(t, "d", oneColumn+"\ntags: [daily]", "SELECT 1 AS n"))
	for selectors, want := range map[string]string{"": "a b c d", "b": "b", "+b": "a b", "b+": "b c", "+b+": "a b c", "tag:daily": "a d", "c d": "c d"} {
		var names []string
		for _, m := range build(t, r, strings.Fields(selectors)...).Models {
			names = append(names, m.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q chose %s, want %s", selectors, got, want)
		}
	}
	for selector, want := range map[string]string{"e": `there is no model "e"`, "tag:dayly": `no model has the tag "dayly"; did you mean "daily"?`} {
		if _, err := r.Build(context.Background(), selector); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gave %v, want %s", selector, err, want)
		}
	}
}

// recorder is an Engine that notes statements and knows one column, n.
type recorder struct {
	mu         sync.Mutex
	statements []string
	on         func(sql string) error
}

func (r *recorder) Exec(_ context.Context, sql string) error {
	r.mu.Lock()
	r.statements = append(r.statements, sql)
	r.mu.Unlock()
	if r.on != nil {
		return r.on(sql)
	}
	return nil
}

func (r *recorder) Query(_ context.Context, sql string) ([][]any, []string, error) {
	switch {
	case strings.Contains(sql, "system.tables"):
		return [][]any{{"numbers_table"}}, []string{"name"}, nil
	case strings.Contains(sql, "system.columns"): // no snapshots
		return nil, []string{"table", "comment"}, nil
	case strings.HasPrefix(sql, "DESCRIBE"):
		return [][]any{{"n", "UInt8"}}, []string{"name", "type"}, nil
	}
	return [][]any{{"0"}}, []string{"count"}, nil
}

func TestOnAClusterEveryStatementRunsOnAllNodesAndTablesAreWholeOnEach(t *testing.T) {
	e := &recorder{}
	r := runner(t, e, sql.RunnerOptions{Database: "hk", Cluster: "main"}, model(t, "numbers_table", oneColumn, "SELECT 1 AS n"))
	build(t, r)
	publish(t, r)
	want := []string{
		"CREATE TABLE `hk`.`numbers_table__next` ON CLUSTER 'main' ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/all', '{shard}-{replica}') ORDER BY (`n`) SETTINGS allow_nullable_key = 1 EMPTY AS\nSELECT 1 AS n",
		"ALTER TABLE `hk`.`numbers_table__next` ON CLUSTER 'main' COMMENT COLUMN `n` 'a number (count)', MODIFY COMMENT 'd'",
		"INSERT INTO `hk`.`numbers_table__next` SETTINGS enable_extended_results_for_datetime_functions = 1, max_insert_threads = 2, min_insert_block_size_rows = 400000, max_bytes_before_external_group_by = 1500000000, max_bytes_before_external_sort = 1500000000\nSELECT 1 AS n",
		"EXCHANGE TABLES `hk`.`numbers_table` AND `hk`.`numbers_table__next` ON CLUSTER 'main'",
		"DROP TABLE IF EXISTS `hk`.`numbers_table__next` ON CLUSTER 'main'",
	}
	if got := strings.Join(e.statements, "\n;\n"); got != strings.Join(want, "\n;\n") {
		t.Errorf("statements\n%s\nwant\n%s", got, strings.Join(want, "\n;\n"))
	}
}

func TestModelsThatDoNotReadOneAnotherAreBuiltAtTheSameTime(t *testing.T) {
	together := make(chan string, 2)
	var once sync.WaitGroup
	once.Add(2)
	e := &recorder{on: func(s string) error {
		if strings.HasPrefix(s, "INSERT") {
			together <- s
			once.Done()
			met := make(chan struct{})
			go func() { once.Wait(); close(met) }()
			select {
			case <-met:
			case <-time.After(10 * time.Second):
				return errors.New("the other model never started")
			}
		}
		return nil
	}}
	r := runner(t, e, sql.RunnerOptions{Workers: 2}, model(t, "a", oneColumn, "SELECT 1 AS n"), model(t, "b", oneColumn, "SELECT 2 AS n"))
	if report := build(t, r); !report.OK() {
		t.Error(report.Err())
	}
}

func TestACancelledBuildStopsAndSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	e := &recorder{on: func(s string) error {
		if strings.HasPrefix(s, "INSERT") {
			cancel()
			return ctx.Err()
		}
		return nil
	}}
	r := runner(t, e, sql.RunnerOptions{Workers: 1}, model(t, "a", oneColumn, "SELECT 1 AS n"), model(t, "b", oneColumn, "SELECT n FROM {{ ref('a') }}"))
	report, err := r.Build(ctx)
	if !errors.Is(err, context.Canceled) || report.OK() {
		t.Errorf("error %v, report %v", err, report.Err())
	}
}
