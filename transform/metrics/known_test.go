package metrics

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
)

const microsADay = 86_400_000_000

// recorded draws when each document and application became known.
func recorded(t *rapid.T, b *ledgertest.Books) *ledgertest.Books {
	b.Recorded = map[string]int64{}
	at := func(id string, d ledger.Day) {
		if rapid.IntRange(0, 5).Draw(t, "always known") > 0 {
			b.Recorded[id] = int64(d+ledger.Day(rapid.IntRange(0, 60).Draw(t, "recorded after days")))*microsADay + 1
		}
	}
	for _, x := range b.Invoices {
		at(x.ID, x.Date)
	}
	for _, x := range b.Payments {
		at(x.ID, x.Date)
	}
	for _, x := range b.CreditNotes {
		at(x.ID, x.Date)
	}
	for _, x := range b.Allocations {
		at(x.ID, x.Date)
	}
	for _, x := range b.Credits {
		at(x.ID, x.Date)
	}
	for _, x := range b.WriteOffs {
		at(x.ID, x.Date)
	}
	return b
}

func knownAt(t *rapid.T, b *ledgertest.Books, asOf ledger.Day, micros int64, only ...string) tables {
	out := tables{}
	sum, err := Build(t.Context(), b.Source(), out, Options{AsOf: asOf, KnownAt: micros, ReportingCurrency: groupCurrency, Workers: 1, DailyDays: dailyDays, Only: only})
	if err != nil || len(sum.Failed()) > 0 {
		t.Fatal(err, sum.Failed())
	}
	return out
}

// TestWhatWasKnownIsTheEventsKnownByThen: both clocks can be read off one table.
func TestWhatWasKnownIsTheEventsKnownByThen(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := recorded(t, randomBooks(t))
		until := drawDay(t, "known until") // its first instant
		at := int64(until) * microsADay
		all, then := knownAt(t, b, genAsOf, 0, Events), knownAt(t, b, genAsOf, at, Snapshots)
		events, balances := sums{}, sums{}
		for _, r := range all[Events] {
			if r["known_at"] == "NULL" || r["known_at"][:10] < until.String() {
				events.add(r["company"]+r["customer_id"]+r["currency"], r["amount"])
			}
		}
		for _, r := range then[Snapshots] {
			if r["as_of"] == genAsOf.String() {
				balances.add(r["company"]+r["customer_id"]+r["currency"], r["net_ar"])
			}
		}
		for key, a := range events {
			if a == 0 {
				delete(events, key)
			}
		}
		for key, a := range balances {
			if a == 0 {
				delete(balances, key)
			}
		}
		balances.equal(t, "known until "+until.String(), events)
	})
}

// TestLateDocumentsAreTheDifferenceBetweenTheClocks, customer by customer.
func TestLateDocumentsAreTheDifferenceBetweenTheClocks(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := recorded(t, randomBooks(t))
		o := Options{AsOf: genAsOf, ReportingCurrency: groupCurrency, Workers: 1}
		known := int64(drawDay(t, "known until")) * microsADay
		late, err := LateDocuments(t.Context(), b.Source(), o, known)
		if err != nil {
			t.Fatal(err)
		}
		difference, documents := sums{}, sums{}
		for _, d := range late {
			if documents[d.Customer+d.Currency] += d.Amount; d.KnownAt <= known {
				t.Fatalf("was known: %+v", d)
			}
		}
		for _, at := range []int64{0, known} {
			o.KnownAt = at
			a, err := ReadAging(t.Context(), b.Source(), o)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range a.Lines {
				if at == 0 {
					difference[l.Customer+l.Currency] += l.Net
				} else {
					difference[l.Customer+l.Currency] -= l.Net
				}
			}
		}
		for _, s := range []sums{difference, documents} {
			for key, a := range s {
				if a == 0 {
					delete(s, key)
				}
			}
		}
		documents.equal(t, "late documents", difference)
	})
}

// TestALateDocumentChangesTodayAndNotWhatWasKnown is invariant 3: whatever is
// recorded after the print, backdated or not, the print comes out the same.
func TestALateDocumentChangesTodayAndNotWhatWasKnown(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		first := firstDay(b)
		if first > genAsOf {
			t.Skip("nothing has happened yet")
		}
		print := int64(genAsOf)*microsADay + microsADay
		compared := []string{Events, OpenItems, Snapshots, RollForward, RepCollection, Settlements, Rolls}
		before := knownAt(t, b, genAsOf, print, compared...)
		b.Recorded = map[string]int64{"LATE": print + 1, "LATEPAY": print + 1, "LATEALLOC": print + 1}
		v, p := invoice("LATE", "2024-01-02", "2024-02-01", "777"), payment("LATEPAY", "2024-01-20", "55")
		v.Date, p.Date = max(v.Date, first), max(p.Date, first) // the history begins when it did
		v.Customer, v.Company, p.Customer, p.Company = "K0", "A", "K0", "A"
		old := b.Invoices[0]
		b.Invoices, b.Payments = append(b.Invoices, v), append(b.Payments, p)
		b.Allocations = append(b.Allocations, alloc("LATEALLOC", "LATEPAY", old.ID, "2024-01-25", "5"))
		after := knownAt(t, b, genAsOf, print, compared...)
		for _, table := range compared {
			if x, y := fmt.Sprint(before[table]), fmt.Sprint(after[table]); x != y {
				t.Fatalf("%s:\n%s\n%s", table, x, y)
			}
		}
		if fmt.Sprint(knownAt(t, b, genAsOf, 0, Snapshots)[Snapshots]) == fmt.Sprint(before[Snapshots]) {
			t.Fatalf("the late documents change nothing today either")
		}
	})
}

func TestDueDatesOnDaysOffMoveToTheNextWorkday(t *testing.T) {
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("SAT", "2024-01-02", "2024-02-24", "100"), invoice("FRI", "2024-01-02", "2024-02-23", "10")}}
	out, _ := buildTables(t, b, "2024-02-25", func(o *Options) { o.ShiftDueDates = true })
	expect(t, out.find(t, Items, "invoice_id", "SAT"), "due_date", "2024-02-26")
	expect(t, out.find(t, Snapshots, "as_of", "2024-02-25"), "not_due", "100", "d1_30", "10")
	out, _ = buildTables(t, b, "2024-02-25")
	expect(t, out.find(t, Snapshots, "as_of", "2024-02-25"), "not_due", "0", "d1_30", "110")
}
