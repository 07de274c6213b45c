package load

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"huikuan/transform/canonical"
	"huikuan/transform/schema"
)

func stream(t *testing.T, name string) schema.Table {
	t.Helper()
	s, ok := canonical.Lookup(name)
	if !ok {
		t.Fatalf("no stream %s", name)
	}
	return s
}

func TestMigratingTwiceChangesNothingTheSecondTime(t *testing.T) {
	w := open(t, optionsFor(t))
	first, err := w.Migrate(context.Background(), allTables(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(first.Created, "invoices") || !slices.Contains(first.Created, "dso") || !slices.Contains(first.Created, "ops_state") {
		t.Errorf("created %v", first.Created)
	}
	again, err := w.Migrate(context.Background(), allTables(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(again.Created) + len(again.Added) + len(again.Applied) + len(again.Rebuild); n != 0 {
		t.Errorf("the second migration changed %+v", again)
	}
}

func TestANewColumnIsAddedToTableAndViewWithItsComment(t *testing.T) {
	reps := stream(t, "reps")
	older := reps
	older.Columns = slices.DeleteFunc(slices.Clone(reps.Columns), func(c schema.Column) bool { return c.Name == "team" })
	w := migrated(t, optionsFor(t), older)
	report, err := w.Migrate(context.Background(), []schema.Table{reps}, nil)
	if err != nil || fmt.Sprint(report.Added) != "[reps.team]" {
		t.Fatalf("report %+v, error %v", report, err)
	}
	for _, table := range []string{"reps", "reps_docs"} {
		got := ask(t, w, "SELECT name, type, comment FROM system.columns WHERE database = currentDatabase() AND table = "+literal(table)+" AND position = 3")
		if fmt.Sprint(got) != "[[team LowCardinality(Nullable(String)) team]]" {
			t.Errorf("%s: third column is %v", table, got)
		}
	}
}

func TestRowsOfAnOlderWarehouseHaveNoStreamUntilTheyAreReadAgain(t *testing.T) {
	recoveries := stream(t, "recoveries")
	older := recoveries
	older.Columns = slices.DeleteFunc(slices.Clone(recoveries.Columns), func(c schema.Column) bool { return c.Name == "_stream" })
	w := migrated(t, optionsFor(t), older)
	if err := w.conn.Exec(context.Background(), "INSERT INTO recoveries_docs (recovery_id, source) VALUES ('R1', 'erp')"); err != nil {
		t.Fatal(err)
	}
	report, err := w.Migrate(context.Background(), []schema.Table{recoveries}, nil)
	if err != nil || fmt.Sprint(report.Added) != "[recoveries._stream]" {
		t.Fatalf("report %+v, error %v", report, err)
	}
	if got := ask(t, w, "SELECT recovery_id, source, _stream, toTypeName(_stream) FROM recoveries"); fmt.Sprint(got) != "[[R1 erp  LowCardinality(String)]]" {
		t.Errorf("the view shows %v", got)
	}
}

func TestAChangedCommentIsCorrected(t *testing.T) {
	reps := stream(t, "reps")
	older := reps
	older.Columns = slices.Clone(reps.Columns)
	older.Columns[1].Comment = "a name"
	w := migrated(t, optionsFor(t), older)
	if _, err := w.Migrate(context.Background(), []schema.Table{reps}, nil); err != nil {
		t.Fatal(err)
	}
	got := ask(t, w, "SELECT DISTINCT comment FROM system.columns WHERE database = currentDatabase() AND table IN ('reps', 'reps_docs') AND name = 'name'")
	if fmt.Sprint(got) != "[[display name]]" {
		t.Errorf("comments are %v", got)
	}
}

func TestTheAgeOfRawPagesFollowsTheSettings(t *testing.T) {
	o := optionsFor(t)
	days := func() any {
		return askOne(t, open(t, o), "SELECT extract(engine_full, 'toIntervalDay\\\\((\\\\d+)\\\\)') FROM system.tables WHERE name = 'raw_pages_docs' AND database = currentDatabase()")
	}
	migrated(t, o)
	if got := days(); got != "90" {
		t.Errorf("pages expire after %v days, want 90", got)
	}
	o.KeepRawDays = 7
	migrated(t, o)
	if got := days(); got != "7" {
		t.Errorf("pages expire after %v days, want 7", got)
	}
}

func TestAConflictingTableIsLeftAloneAndExplained(t *testing.T) {
	invoices := stream(t, "invoices")
	types := invoices
	types.Columns = slices.Clone(invoices.Columns)
	for i, c := range types.Columns {
		if c.Name == "gross_amount" {
			types.Columns[i].Kind = schema.Float
		}
	}
	key := invoices
	key.Key = []string{"customer_id", "invoice_id"}
	for name, tt := range map[string]struct {
		before schema.Table
		words  []string
	}{
		"another type":        {types, []string{"column gross_amount of invoices_docs is Float64", "needs Decimal(18, 4)", "nothing was changed"}},
		"another sorting key": {key, []string{"sorted by (customer_id, invoice_id, source)", "needs (invoice_id, source)"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := migrated(t, optionsFor(t), tt.before)
			_, err := w.Migrate(context.Background(), []schema.Table{invoices, stream(t, "payments")}, nil)
			wantError(t, err, ErrSchema, tt.words...)
			if made := ask(t, w, "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'payments%'"); len(made) != 0 {
				t.Errorf("the refused migration created %v", made)
			}
		})
	}
}

func TestMigrationFilesRunOnceInTheirOrder(t *testing.T) {
	w := open(t, optionsFor(t))
	files := fstest.MapFS{
		"0001_notes.sql": {Data: []byte("-- notes; of people\nCREATE TABLE IF NOT EXISTS notes (id Int64, text String DEFAULT 'a;b') ENGINE = MergeTree ORDER BY id;\nINSERT INTO notes (id) VALUES (1);\n")},
		"0002_more.sql":  {Data: []byte("/* one; more */ INSERT INTO notes VALUES (2, 'it''s; fine');")},
	}
	report, err := w.Migrate(context.Background(), nil, files)
	if err != nil || fmt.Sprint(report.Applied) != "[0001_notes.sql 0002_more.sql]" {
		t.Fatalf("report %+v, error %v", report, err)
	}
	files["0003_last.sql"] = &fstest.MapFile{Data: []byte("INSERT INTO notes VALUES (3, '')")}
	if report, err = w.Migrate(context.Background(), nil, files); err != nil || fmt.Sprint(report.Applied) != "[0003_last.sql]" {
		t.Fatalf("report %+v, error %v", report, err)
	}
	if got := fmt.Sprint(ask(t, w, "SELECT id, text FROM notes ORDER BY id")); got != "[[1 a;b] [2 it's; fine] [3 ]]" {
		t.Errorf("notes are %s", got)
	}
}

func TestAChangedOrMisnamedMigrationIsRefused(t *testing.T) {
	w := open(t, optionsFor(t))
	migrate := func(name, text string) error {
		_, err := w.Migrate(context.Background(), nil, fstest.MapFS{name: {Data: []byte(text)}})
		return err
	}
	if err := migrate("0001_a.sql", "SELECT 1"); err != nil {
		t.Fatal(err)
	}
	if err := migrate("0001_a.sql", "SELECT 1\r\n"); err == nil {
		t.Error("a line more passes for the same file")
	}
	wantError(t, migrate("0001_a.sql", "SELECT 2"), ErrMigration, "0001_a.sql", "changed after", "next number")
	wantError(t, migrate("2_b.sql", "SELECT 2"), ErrMigration, "2_b.sql", "NNNN_name.sql")
	_, err := w.Migrate(context.Background(), nil, fstest.MapFS{"0002_a.sql": {}, "0002_b.sql": {}})
	wantError(t, err, ErrMigration, "0002_b.sql", "0002_a.sql")
}

func TestAFailedMigrationIsNamedAndRunAgain(t *testing.T) {
	w := open(t, optionsFor(t))
	bad := fstest.MapFS{"0001_a.sql": {Data: []byte("CREATE TABLE IF NOT EXISTS a (x Int64) ENGINE = MergeTree ORDER BY x; SELEC 1;")}}
	_, err := w.Migrate(context.Background(), nil, bad)
	wantError(t, err, ErrQuery, "migration 0001_a.sql, statement 2", "Syntax error")
	report, err := w.Migrate(context.Background(), nil, fstest.MapFS{"0001_a.sql": {Data: []byte("CREATE TABLE IF NOT EXISTS a (x Int64) ENGINE = MergeTree ORDER BY x; SELECT 1;")}})
	if err != nil || len(report.Applied) != 1 {
		t.Errorf("report %+v, error %v", report, err)
	}
}

func TestTwoProcessesMayMigrateAtOnce(t *testing.T) {
	o := optionsFor(t)
	files := fstest.MapFS{"0001_a.sql": {Data: []byte("CREATE TABLE IF NOT EXISTS a (x Int64) ENGINE = MergeTree ORDER BY x")}}
	older := stream(t, "reps")
	older.Columns = slices.DeleteFunc(slices.Clone(older.Columns), func(c schema.Column) bool { return c.Name == "team" })
	migrated(t, o, older)
	var both sync.WaitGroup
	for range 2 {
		w := open(t, o)
		both.Add(1)
		go func() {
			defer both.Done()
			if _, err := w.Migrate(context.Background(), allTables(), files); err != nil {
				t.Error(err)
			}
		}()
	}
	both.Wait()
	report, err := open(t, o).Migrate(context.Background(), allTables(), files)
	if n := len(report.Created) + len(report.Added) + len(report.Applied) + len(report.Rebuild); n != 0 || err != nil {
		t.Errorf("they left work to do: %+v %v", report, err)
	}
}

func TestStatementsAreCutAtTheirSemicolons(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                   nil,
		" ;; -- nothing\n;":                  nil,
		"SELECT 1":                           {"SELECT 1"},
		"SELECT ';'; SELECT `a;b`":           {"SELECT ';'", "SELECT `a;b`"},
		`SELECT 'it\'s;'; SELECT "x;"`:       {`SELECT 'it\'s;'`, `SELECT "x;"`},
		"SELECT 1 -- a; b\n; SELECT /*;*/ 2": {"SELECT 1 -- a; b", "SELECT /*;*/ 2"},
	} {
		if got := splitStatements(text); !slices.Equal(got, want) {
			t.Errorf("%q is cut into %q, want %q", text, got, want)
		}
	}
}

func TestWhatAKilledReplacementLeftIsRemovedOnceItIsOld(t *testing.T) {
	options := optionsFor(t)
	w := migrated(t, options, stream(t, "reps"))
	for _, sql := range []string{
		"CREATE VIEW _tmp_replace_00ff5d93d0bd5b13_qwertyuiopasdfgh AS SELECT 1 AS one",
		"CREATE TABLE _tmp_replace_00ff5d93d0bd5b13_Zwertyuiopasdfgh (one UInt8) ENGINE = MergeTree ORDER BY one",
		"CREATE VIEW _tmp_replace_of_mine AS SELECT 1 AS one", // not of the engine's making
	} {
		if err := w.Exec(context.Background(), sql); err != nil {
			t.Fatal(err)
		}
	}
	left := func() string {
		return fmt.Sprint(ask(t, w, "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name LIKE '\\\\_tmp\\\\_replace%'"))
	}
	if _, err := w.Migrate(context.Background(), nil, nil); err != nil || left() != "[[3]]" {
		t.Errorf("what another process may be making was removed: %s left, error %v", left(), err)
	}
	options.Now = func() time.Time { return time.Now().Add(2 * replacementAge) }
	if _, err := open(t, options).Migrate(context.Background(), nil, nil); err != nil || left() != "[[1]]" {
		t.Errorf("%s left, want one; error %v", left(), err)
	}
}
