package load

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"huikuan/transform/schema"
)

// A build begins from the tables of the build before the last one, and takes what
// the last one has changed from those that serve: through memory where that is
// little, within the engine where it is much.
func TestATableIsCarriedOverWithWhatEarlierBuildsHaveChanged(t *testing.T) {
	const customers = 2 * fetchedInMemory
	for _, as := range []struct {
		earlier int
		process string
		atHand  bool
	}{{20, "the same", true}, {20, "another", false}, {fetchedInMemory + 50, "the same", false}} {
		earlier := as.earlier
		t.Run(fmt.Sprint(earlier, " customers, ", as.process, " process"), func(t *testing.T) {
			ctx := context.Background()
			table := metricTable("aging")
			table.Columns = append(table.Columns, schema.Column{Name: "state", Kind: schema.Bytes, Comment: "bytes"})
			carried := []CarriedTable{{Name: "aging", Column: "customer_id"}}
			w := migrated(t, optionsFor(t), table)
			rows := func(build, from, to int) (out [][]any) {
				for i := from; i < to; i++ {
					out = append(out, []any{fmt.Sprintf("c%05d", i), int64(build), money(int64(i)), []byte{0xff, 0, byte(i)}})
				}
				return out
			}
			names := func(from, to int) map[string]bool {
				m := map[string]bool{}
				for i := from; i < to; i++ {
					m[fmt.Sprintf("c%05d", i)] = true
				}
				return m
			}
			publish := func(s *Stage, rows [][]any) {
				t.Helper()
				if err := s.Write(ctx, "aging", record(t, w, table, rows)); err != nil {
					t.Fatal(err)
				}
				if err := s.Publish(ctx); err != nil {
					t.Fatal(err)
				}
			}
			full, err := w.NewStage(ctx, "b1", []schema.Table{table})
			if err != nil {
				t.Fatal(err)
			}
			publish(full, rows(1, 0, customers))
			var behind *Behind
			for build, changed := range []map[string]bool{names(0, earlier), names(earlier-1, earlier+1), names(0, 1)} {
				s, err := w.NewStageFor(ctx, fmt.Sprintf("b%d", build+2), []schema.Table{table}, carried, nil)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Carry(ctx, carried, changed, behind); err != nil {
					t.Fatal(err)
				}
				var fresh [][]any
				for _, row := range rows(build+2, 0, customers) {
					if changed[row[0].(string)] {
						fresh = append(fresh, row)
					}
				}
				publish(s, fresh)
				if as.process == "another" {
					w.keepAtHand(nil)
				}
				if got := len(w.atHand) == 1; got != as.atHand {
					t.Errorf("rows are at hand: %t, want %t", got, as.atHand)
				}
				if behind == nil {
					behind = &Behind{Customers: map[string]bool{}}
				}
				for id := range changed {
					behind.Customers[id] = true
				}
				if behind.Parts, err = s.Began(); err != nil {
					t.Fatal(err)
				}
			}
			got := fmt.Sprint(ask(t, w, "SELECT build, count(), min(customer_id), max(customer_id), toInt64(sum(amount) * 100), countIf(hex(state) != concat('FF00', hex(toUInt8(toUInt32(substring(customer_id, 2)) % 256)))) FROM aging GROUP BY build ORDER BY build"))
			var want []any
			for _, of := range [][3]int{{1, earlier + 1, customers}, {2, 1, earlier - 1}, {3, earlier - 1, earlier + 1}, {4, 0, 1}} {
				sum := 0
				for i := of[1]; i < of[2]; i++ {
					sum += i
				}
				want = append(want, []any{of[0], of[2] - of[1], fmt.Sprintf("c%05d", of[1]), fmt.Sprintf("c%05d", of[2]-1), sum, 0})
			}
			if got != fmt.Sprint(want) {
				t.Errorf("the table holds, by build,\n%v, want\n%v", got, fmt.Sprint(want))
			}
		})
	}
}

// The engine makes the tables of a build while others go on. Who gives a build up
// waits for it: nothing comes into being later. Where it fails, nothing is published.
func TestABuildThatIsGivenUpWhileTablesAreCarriedOverLeavesNothing(t *testing.T) {
	ctx := context.Background()
	var tables []schema.Table
	var carried []CarriedTable
	for n := range 6 {
		name := fmt.Sprintf("aging_%d", n)
		tables, carried = append(tables, metricTable(name)), append(carried, CarriedTable{Name: name, Column: "customer_id", Last: true})
	}
	w := migrated(t, optionsFor(t), tables...)
	begun := func(behind *Behind) *Stage {
		t.Helper()
		s, err := w.NewStageFor(ctx, "b", tables, carried, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Carry(ctx, carried, map[string]bool{"c1": true}, behind); err != nil {
			t.Fatal(err)
		}
		return s
	}
	full, err := w.NewStage(ctx, "a", tables)
	if err != nil {
		t.Fatal(err)
	}
	if err := full.Publish(ctx); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := begun(nil).Abort(ctx); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
		if got := fmt.Sprint(ask(t, w, "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE '%next'")); got != "[]" {
			t.Errorf("left behind: %s", got)
		}
	}
	s := begun(&Behind{Bases: map[string]string{}}) // tables that are not there are said to be the bases
	if err := s.Publish(ctx); err == nil || !strings.Contains(err.Error(), "aging_0__base") && !strings.Contains(err.Error(), "aging_1__base") {
		t.Errorf("published without bases: %v", err)
	}
	if err := s.Abort(ctx); err != nil {
		t.Error(err)
	}
}

// A table without rows goes on serving, as its own base, until rows come; from
// then on it is carried over as the others are.
func TestATableWithoutRowsGoesOnServingUntilRowsCome(t *testing.T) {
	ctx := context.Background()
	table := metricTable("aging")
	carried := []CarriedTable{{Name: "aging", Column: "customer_id"}}
	w := migrated(t, optionsFor(t), table)
	serving := func() string {
		ids, err := w.TableIDs(ctx, "aging")
		if err != nil {
			t.Fatal(err)
		}
		return ids["aging"]
	}
	full, err := w.NewStage(ctx, "b1", []schema.Table{table})
	if err != nil {
		t.Fatal(err)
	}
	if err := full.Publish(ctx); err != nil {
		t.Fatal(err)
	}
	first, since := serving(), (*Behind)(nil)
	for _, b := range []struct {
		build    string
		customer string // whose row comes; empty = none
		same     bool
		want     string
	}{
		{"b2", "", true, "[]"},
		{"b3", "c1", false, "[[[c1:3]]]"},
		{"b4", "c2", false, "[[[c1:3 c2:4]]]"},
		{"b5", "c1", false, "[[[c1:5 c2:4]]]"},
	} {
		s, err := w.NewStageFor(ctx, b.build, []schema.Table{table}, carried, nil)
		if err != nil {
			t.Fatal(err)
		}
		if since != nil && !s.HasBases(since.Bases, carried) {
			t.Fatalf("%s: the base is gone", b.build)
		}
		changed := map[string]bool{b.customer: true}
		if err := s.Carry(ctx, carried, changed, since); err != nil {
			t.Fatal(err)
		}
		if b.customer != "" {
			rows := [][]any{{b.customer, int64(b.build[1] - '0'), money(1)}}
			if err := s.Write(ctx, "aging", record(t, w, table, rows)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Publish(ctx); err != nil {
			t.Fatal(err)
		}
		began, err := s.Began()
		if err != nil {
			t.Fatal(err)
		}
		next := &Behind{Bases: s.Bases(), Parts: began, Customers: changed}
		if since != nil {
			maps.Copy(next.Customers, since.Customers)
		}
		since = next
		if same := serving() == first; same != b.same {
			t.Errorf("%s: the first table serves: %t, want %t", b.build, same, b.same)
		}
		got := "[]"
		if rows := ask(t, w, "SELECT groupArray(concat(customer_id, ':', toString(build))) FROM (SELECT * FROM aging ORDER BY customer_id) HAVING count() > 0"); len(rows) > 0 {
			got = fmt.Sprint(rows)
		}
		if got != b.want {
			t.Errorf("%s: the table holds %s, want %s", b.build, got, b.want)
		}
	}
}
