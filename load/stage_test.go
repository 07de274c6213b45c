package load

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/schema"
)

func metricTable(name string) schema.Table {
	return schema.Table{Name: name, Class: schema.Metric, Comment: "balances of " + name, OrderBy: []string{"customer_id"}, Columns: []schema.Column{
		must("customer_id", schema.Text, "customer"), must("build", schema.Int, "number of the build"), must("amount", schema.Money, "amount"),
	}}
}

// balances are n rows that all carry the number of their build.
func balances(build, n int) [][]any {
	rows := make([][]any, n)
	for i := range rows {
		rows[i] = []any{fmt.Sprintf("c%05d", i), int64(build), money(int64(i))}
	}
	return rows
}

func buildOf(t *testing.T, w *Warehouse, table schema.Table, build, n int) *Stage {
	t.Helper()
	s, err := w.NewStage(context.Background(), fmt.Sprintf("b%d", build), []schema.Table{table})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(context.Background(), table.Name, record(t, w, table, balances(build, n))); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReadersNeverSeeAnEmptyOrMixedTable(t *testing.T) {
	const builds, rows = 20, 2000
	w := migrated(t, optionsFor(t), metricTable("aging"))
	table := metricTable("aging")
	if err := buildOf(t, w, table, 0, rows).Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	reads := make([]int, 2)
	for r := range reads {
		readers.Add(1)
		go func() {
			defer readers.Done()
			last := int64(0)
			for {
				var got []any
				err := w.each(context.Background(), "SELECT count(), min(build), max(build), uniqExact(customer_id) FROM aging", func(row []any) error { got = row; return nil })
				switch {
				case err != nil:
					t.Errorf("a reader got %v", err)
					return
				case got[0] != uint64(rows) || got[3] != uint64(rows) || got[1] != got[2] || got[1].(int64) < last:
					t.Errorf("a reader saw %v after build %d, want %d rows of one build", got, last, rows)
					return
				}
				last = got[1].(int64)
				reads[r]++
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
	}
	for b := 1; b <= builds; b++ {
		if err := buildOf(t, w, table, b, rows).Publish(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	readers.Wait()
	t.Logf("%v reads during %d publications", reads, builds)
	if got := askOne(t, w, "SELECT any(build) FROM aging"); got != int64(builds) {
		t.Errorf("build %v serves, want %d", got, builds)
	}
	if left := ask(t, w, "SELECT name FROM system.tables WHERE name LIKE '%\\_\\_next' AND database = currentDatabase()"); len(left) != 0 {
		t.Errorf("staged tables are left: %v", left)
	}
	if got := askOne(t, w, "SELECT comment FROM system.tables WHERE name = 'aging' AND database = currentDatabase()"); got != table.Comment {
		t.Errorf("the table's comment is now %q", got)
	}
	if got := askOne(t, w, "SELECT comment FROM system.columns WHERE table = 'aging' AND name = 'build' AND database = currentDatabase()"); got != "number of the build" {
		t.Errorf("the column's comment is now %q", got)
	}
}

func TestAStageGathersSmallRecordsAndSplitsLargeOnes(t *testing.T) {
	o := optionsFor(t)
	o.MaxInsertRows = 1000
	w := migrated(t, o, metricTable("aging"))
	s := buildOf(t, w, metricTable("aging"), 1, 10)
	for i := range 250 {
		rec, err := newRecord(w.alloc, metricTable("aging"), [][]any{{fmt.Sprintf("x%d", i), int64(1), money(1)}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Write(context.Background(), "aging", rec); err != nil {
			t.Fatal(err)
		}
		rec.Release() // the stage keeps what it needs
	}
	if got := askOne(t, w, "SELECT count() FROM "+s.Name("aging")); got != uint64(0) {
		t.Errorf("%v rows were sent one by one", got)
	}
	if err := s.Write(context.Background(), "aging", record(t, w, metricTable("aging"), balances(1, 5000))); err != nil {
		t.Fatal(err)
	}
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := askOne(t, w, "SELECT count() FROM "+s.Name("aging")); got != uint64(5260) || s.Rows("aging") != 5260 {
		t.Errorf("%v staged rows, %d counted, want 5260", got, s.Rows("aging"))
	}
	if got := askOne(t, w, "SELECT count() FROM aging"); got != uint64(0) {
		t.Errorf("readers see %v rows before the publication", got)
	}
	if err := s.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := askOne(t, w, "SELECT count() FROM aging"); got != uint64(5260) {
		t.Errorf("%v rows serve, want 5260", got)
	}
}

func TestAStageOfManyTablesHoldsNoMoreThanAFewInserts(t *testing.T) {
	o := optionsFor(t)
	var tables []schema.Table
	for i := range 6 {
		tables = append(tables, metricTable(fmt.Sprintf("aging_%d", i)))
	}
	w := migrated(t, o, tables...)
	w.opts.MaxInsertBytes = sizeOf(record(t, w, tables[0], balances(1, 100))) // no table alone has more
	s, err := w.NewStage(context.Background(), "b1", tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if err := s.Write(context.Background(), table.Name, record(t, w, table, balances(1, 90))); err != nil {
			t.Fatal(err)
		}
	}
	if bytes, _ := s.gathered(); bytes > stagedInserts*w.opts.MaxInsertBytes {
		t.Errorf("%d bytes wait to be sent, at most %d may", bytes, stagedInserts*w.opts.MaxInsertBytes)
	}
	if err := s.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if got := askOne(t, w, "SELECT count() FROM "+s.Name(table.Name)); got != uint64(s.Rows(table.Name)) {
			t.Errorf("%s has %v rows, %d were written", table.Name, got, s.Rows(table.Name))
		}
	}
}

func TestAnAbortedOrCrashedBuildLeavesNothingBehind(t *testing.T) {
	w := migrated(t, optionsFor(t), metricTable("aging"))
	table := metricTable("aging")
	if err := buildOf(t, w, table, 1, 100).Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	aborted := buildOf(t, w, table, 2, 7)
	if err := aborted.Abort(context.Background()); err != nil {
		t.Fatal(err)
	}
	wantError(t, aborted.Write(context.Background(), "aging", record(t, w, table, balances(2, 1))), ErrStage, "published or aborted", "new stage")

	crashed := buildOf(t, w, table, 3, 7)
	if err := crashed.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	crashed.tables["aging"].drop() // a killed process takes its memory with it
	s := buildOf(t, w, table, 4, 50)
	if err := s.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Abort(context.Background()); err != nil {
		t.Errorf("abort after publish: %v", err)
	}
	if got := fmt.Sprint(ask(t, w, "SELECT count(), min(build), max(build) FROM aging")); got != "[[50 4 4]]" {
		t.Errorf("serving table holds %s, want 50 rows of build 4", got)
	}
}

// broken lets EXCHANGE statements fail from the given one on.
func failExchange(w *Warehouse, from int) func() {
	real := w.conn
	w.conn = &exchangeBreaker{Conn: real, left: from}
	return func() { w.conn = real }
}

func TestAPublicationCutBetweenTwoTablesIsFinishedLater(t *testing.T) {
	tables := []schema.Table{metricTable("one"), metricTable("two"), metricTable("three")}
	for exchanged := range len(tables) {
		for _, finish := range []string{"publish again", "finish", "next build"} {
			t.Run(fmt.Sprintf("%d exchanged, %s", exchanged, finish), func(t *testing.T) {
				w := migrated(t, optionsFor(t), tables...)
				publishAll(t, w, tables, 1)
				s := stageAll(t, w, tables, 2)
				heal := failExchange(w, exchanged)
				if err := s.Publish(context.Background()); err == nil {
					t.Fatal("the cut publication reports success")
				}
				heal()
				if got, want := builds(t, w, tables), cutBuilds(exchanged); got != want {
					t.Fatalf("after the cut builds %s serve, want %s", got, want)
				}
				switch finish {
				case "publish again":
					if err := s.Publish(context.Background()); err != nil {
						t.Fatal(err)
					}
				case "finish":
					if err := w.FinishPublish(context.Background()); err != nil {
						t.Fatal(err)
					}
				case "next build":
					if err := stageAll(t, w, tables, 3).Abort(context.Background()); err != nil {
						t.Fatal(err)
					}
				}
				if got := builds(t, w, tables); got != "2 2 2" {
					t.Errorf("builds %s serve, want 2 2 2", got)
				}
				publishAll(t, w, tables, 4)
				if got := builds(t, w, tables); got != "4 4 4" {
					t.Errorf("builds %s serve after the next build, want 4 4 4", got)
				}
			})
		}
	}
}

func cutBuilds(exchanged int) string {
	all := []string{"1", "1", "1"}
	for i := range exchanged {
		all[i] = "2"
	}
	return strings.Join(all, " ")
}

func stageAll(t *testing.T, w *Warehouse, tables []schema.Table, build int, kept ...KeptTable) *Stage {
	t.Helper()
	s, err := w.NewStage(context.Background(), fmt.Sprintf("b%d", build), tables, kept...)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if err := s.Write(context.Background(), table.Name, record(t, w, table, balances(build, 20))); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func publishAll(t *testing.T, w *Warehouse, tables []schema.Table, build int) {
	t.Helper()
	if err := stageAll(t, w, tables, build).Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func builds(t *testing.T, w *Warehouse, tables []schema.Table) string {
	t.Helper()
	var out []string
	for _, table := range tables {
		out = append(out, fmt.Sprint(askOne(t, w, "SELECT if(count() = 20 AND min(build) = max(build), toString(any(build)), 'mixed') FROM "+table.Name)))
	}
	return strings.Join(out, " ")
}

func TestANewLayoutComesInWithItsBuild(t *testing.T) {
	old := metricTable("aging")
	w := migrated(t, optionsFor(t), old)
	if err := buildOf(t, w, old, 1, 5).Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	wider := old
	wider.Columns = append([]schema.Column{must("region", schema.Label, "sales region")}, old.Columns...)
	report, err := w.Migrate(context.Background(), []schema.Table{wider}, nil)
	if err != nil || fmt.Sprint(report.Rebuild) != "[aging]" {
		t.Fatalf("report %+v, error %v", report, err)
	}
	s, err := w.NewStage(context.Background(), "b2", []schema.Table{wider})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(context.Background(), "aging", record(t, w, wider, [][]any{{"north", "c1", int64(2), money(1)}})); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(ask(t, w, "SELECT region, build FROM aging")); got != "[[north 2]]" {
		t.Errorf("got %s", got)
	}
}

func TestAStageRefusesWhatItDoesNotKnow(t *testing.T) {
	w := migrated(t, optionsFor(t), metricTable("aging"))
	s := buildOf(t, w, metricTable("aging"), 1, 1)
	defer s.Abort(context.Background())
	var rec arrow.Record = record(t, w, metricTable("aging"), balances(1, 1))
	wantError(t, s.Write(context.Background(), "agging", rec), ErrStage, "agging", "no such table")
	_, err := w.NewStage(context.Background(), "b", []schema.Table{opsTable(stateTable)})
	wantError(t, err, ErrStage, "ops_state", "Insert")
}
