package gather

import (
	"context"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/bridge"
	"huikuan/transform/derive"
	"huikuan/transform/derive/derivetest"
	"huikuan/transform/history"
	"huikuan/transform/ledger"
	"huikuan/transform/metrics"
	"huikuan/transform/schema"
)

// settled is a batch of ar_settlements: write-offs of so many invoices.
func settled(t *testing.T, rows int) arrow.Record {
	t.Helper()
	at := slices.IndexFunc(metrics.Tables(), func(t schema.Table) bool { return t.Name == metrics.Settlements })
	src := derivetest.Source{Declared: metrics.Tables()[at : at+1], Inputs: map[string][]derivetest.Row{}}
	for i := range rows {
		src.Inputs[metrics.Settlements] = append(src.Inputs[metrics.Settlements], derivetest.Row{"company": "A", "customer_id": "C", "currency": "CNY", "kind": "write_off",
			"invoice_id": string(rune('z' - i)), "instalment_seq": 1, "event_date": "2026-01-10", "receipt_date": "2026-01-10", "invoice_date": "2025-12-01", "due_date": "2025-12-31", "amount": "5"})
	}
	for rec, err := range src.Rows(t.Context(), metrics.Settlements) {
		if err != nil {
			t.Fatal(err)
		}
		rec.Retain()
		return rec
	}
	return nil
}

func TestRowsComeInTheOrderOfTheInputOrFromTheTables(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	tables := derivetest.Source{Declared: slices.Concat(history.Inputs(), bridge.Inputs()), Allocator: mem}
	for _, c := range []struct {
		limit int64
		want  []string
		lost  string
	}{
		{3, []string{"x", "y", "z"}, "15.00"},
		{2, nil, ""}, // too many to hold: the tables are asked, which have none
	} {
		r := New(ledger.DayOf(2026, 3, 3))
		r.limit = c.limit
		rec := settled(t, 3)
		if err := r.Passing(nowhere{}).Write(t.Context(), metrics.Settlements, rec); err != nil {
			t.Fatal(err)
		}
		rec.Release()
		src, lost := r.Over(tables), ""
		var got []string
		read := func(input string, bind func(*derive.Binder) func(int)) {
			if err := derive.Each(t.Context(), src, input, bind); err != nil {
				t.Fatal(err)
			}
		}
		read(history.Settlements, func(b *derive.Binder) func(int) {
			id := b.Text("invoice_id")
			return func(i int) { got = append(got, id.At(i)) }
		})
		read(bridge.InCustomers, func(b *derive.Binder) func(int) {
			day, amount := b.Day("as_of"), b.Decimal("written_off")
			return func(i int) {
				if lost = amount.Amount(i).String(); day.At(i) != ledger.DayOf(2026, 1, 31) {
					t.Errorf("written off by %s", day.At(i))
				}
			}
		})
		if !slices.Equal(got, c.want) || lost != c.lost {
			t.Errorf("with room for %d: %v, written off %s", c.limit, got, lost)
		}
		r.Release()
	}
}

type nowhere struct{}

func (nowhere) Write(context.Context, string, arrow.Record) error { return nil }
