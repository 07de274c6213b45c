package metrics

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// dailyDays keeps the recount short.
const dailyDays = 6

// buildRandom builds books up to a day and fails on any check that contradicts
// the figures. It keeps the tables that a law reads, all where none is named.
func buildRandom(t *rapid.T, b *ledgertest.Books, asOf ledger.Day, read ...string) (tables, Summary) {
	return buildWith(t, b, randomOptions(asOf), read...)
}

func randomOptions(asOf ledger.Day) Options {
	return Options{AsOf: asOf, ReportingCurrency: groupCurrency, Workers: 2, ChunkRows: 5, BatchRows: 50, DailyDays: dailyDays}
}

// buildWith is buildRandom with other options.
func buildWith(t *rapid.T, b *ledgertest.Books, o Options, read ...string) (tables, Summary) {
	out := tables{}
	sum, err := Build(context.Background(), b.Source(), some{out, read}, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range sum.Failed() {
		t.Fatalf("%s", c)
	}
	return out, sum
}

// some keeps the tables that are read, all where none is named.
type some struct {
	tables
	read []string
}

func (s some) Write(ctx context.Context, table string, rec arrow.Record) error {
	if len(s.read) > 0 && !slices.Contains(s.read, table) {
		return nil
	}
	return s.tables.Write(ctx, table, rec)
}

// firstDay is the day of the first document, with which the history begins.
func firstDay(b *ledgertest.Books) ledger.Day {
	first := ledger.Forever
	for _, v := range b.Invoices {
		first = min(first, v.Date)
	}
	for _, p := range b.Payments {
		first = min(first, p.Date)
	}
	for _, c := range b.CreditNotes {
		first = min(first, c.Date)
	}
	return first
}

// asOfDays lists the days that snapshots must exist for.
func asOfDays(b *ledgertest.Books, asOf ledger.Day) []ledger.Day {
	first := firstDay(b)
	var days []ledger.Day
	for d := first.MonthStart(); d <= asOf; d++ {
		if d == d.MonthEnd() || d > asOf-dailyDays && d >= first {
			days = append(days, d)
		}
	}
	return days
}

type bookName struct{ customer, company, currency string }

func bookNames() []bookName {
	var out []bookName
	for _, k := range []string{"K0", "K1", "K2"} {
		for _, c := range []string{"A", "B"} {
			for _, x := range []string{"CHF", "CNY", "EUR", "USD"} {
				out = append(out, bookName{k, c, x})
			}
		}
	}
	return out
}

func TestSnapshotsEqualARecountFromScratch(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		out, _ := buildRandom(t, b, genAsOf, Snapshots)
		s := newSlow(b, genAsOf)
		rows := map[string]map[string]string{}
		for _, r := range out[Snapshots] {
			rows[r["as_of"]+r["customer_id"]+r["company"]+r["currency"]] = r
		}
		seen := 0
		for _, d := range asOfDays(b, genAsOf) {
			for _, n := range bookNames() {
				doc, rc := s.at(n.customer, n.company, n.currency, d)
				row := rows[d.String()+n.customer+n.company+n.currency]
				if doc == (position{}) && row == nil {
					continue
				}
				if row == nil {
					t.Fatalf("%s %v: no row, want %+v", d, n, doc)
				}
				seen++
				same(t, row, "", doc, d, n)
				same(t, row, "_rc", rc, d, n)
				v := s.version(n.customer, d)
				if row["owner_id"] != s.owner(n.customer, d) || row["segment"] != orNull(v.Segment) {
					t.Fatalf("%s %v: owner %s segment %s, want %s %s", d, n, row["owner_id"], row["segment"], s.owner(n.customer, d), v.Segment)
				}
			}
		}
		if seen != len(out[Snapshots]) {
			t.Fatalf("%d rows, %d expected", len(out[Snapshots]), seen)
		}
	})
}

func orNull(s string) string {
	if s == "" {
		return "NULL"
	}
	return s
}

func same(t *rapid.T, row map[string]string, twin string, p position, d ledger.Day, n bookName) {
	for column, want := range map[string]money.Amount{
		"open_amount": p.open(), "not_due": p.buckets[0] + p.buckets[1], "d1_30": p.buckets[2], "d31_60": p.buckets[3], "d61_90": p.buckets[4],
		"d91_120": p.buckets[5], "d121_180": p.buckets[6], "d181_365": p.buckets[7], "d366_plus": p.buckets[8], "overdue": p.overdue(),
		"unapplied": p.unapplied, "open_credits": p.credits, "net_ar": p.net(), "disputed": p.disputed, "disputed_overdue": p.disputedOD,
	} {
		if amount(row[column+twin]) != want {
			t.Fatalf("%s %v: %s = %s, want %s", d, n, column+twin, row[column+twin], want)
		}
	}
}

func TestRemovingTheFutureChangesNoSnapshot(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		d := drawDay(t, "known until")
		full, _ := buildRandom(t, b, genLast, Snapshots, DSO)
		cut, _ := buildRandom(t, withoutFuture(b, d), d, Snapshots, DSO)
		rows := map[string]string{}
		for _, table := range []string{Snapshots, DSO} {
			for _, r := range full[table] {
				rows[table+r["as_of"]+r["customer_id"]+r["company"]+r["scope"]+r["scope_id"]+r["currency"]] = fmt.Sprint(r)
			}
			for _, r := range cut[table] {
				if r["as_of"] == d.String() && r["as_of"] != day(r["as_of"]).MonthEnd().String() {
					continue // the full build keeps only month-ends of that time
				}
				key := table + r["as_of"] + r["customer_id"] + r["company"] + r["scope"] + r["scope_id"] + r["currency"]
				if day(r["as_of"]) == day(r["as_of"]).MonthEnd() && rows[key] != fmt.Sprint(r) {
					t.Fatalf("known until %s:\n%v\nknown until %s:\n%s", d, r, genLast, rows[key])
				}
			}
		}
	})
}

// withoutFuture drops everything dated after a day.
func withoutFuture(b *ledgertest.Books, d ledger.Day) *ledgertest.Books {
	out := *b
	out.Invoices = filter(b.Invoices, func(x ledgertest.Invoice) bool { return x.Date <= d || hasEarlyCut(b, x.ID, d) })
	out.Payments = filter(b.Payments, func(x ledgertest.Payment) bool { return x.Date <= d || hasEarlyUse(b, x.ID, d) })
	out.CreditNotes = filter(b.CreditNotes, func(x ledgertest.CreditNote) bool { return x.Date <= d || hasEarlyCredit(b, x.ID, d) })
	out.Allocations = filter(b.Allocations, func(x ledgertest.Allocation) bool { return x.Date <= d })
	out.Credits = filter(b.Credits, func(x ledgertest.Credit) bool { return x.Date <= d })
	out.WriteOffs = filter(b.WriteOffs, func(x ledgertest.WriteOff) bool { return x.Date <= d })
	out.Disputes = filter(b.Disputes, func(x ledgertest.Dispute) bool { return x.Opened <= d })
	out.Owners = filter(b.Owners, func(x ledgertest.Owner) bool { return x.From <= d })
	out.Customers = filter(b.Customers, func(x ledgertest.Customer) bool { return x.From <= d })
	for i := range out.Payments {
		if p := &out.Payments[i]; p.Reversed > d {
			p.Reversed = none
		}
	}
	for i := range out.Disputes {
		if p := &out.Disputes[i]; p.Closed > d {
			p.Closed = none
		}
	}
	return &out
}

// hasEarlyCut tells whether an application dated up to d names a later invoice.
func hasEarlyCut(b *ledgertest.Books, id string, d ledger.Day) bool {
	for _, a := range b.Allocations {
		if a.Invoice == id && a.Date <= d {
			return true
		}
	}
	for _, a := range b.Credits {
		if a.Invoice == id && a.Date <= d {
			return true
		}
	}
	return false
}

// hasEarlyCredit tells whether a credit note is used up to d, before its own date.
func hasEarlyCredit(b *ledgertest.Books, id string, d ledger.Day) bool {
	return slices.ContainsFunc(b.Credits, func(c ledgertest.Credit) bool { return c.CreditNote == id && c.Date <= d })
}

func hasEarlyUse(b *ledgertest.Books, id string, d ledger.Day) bool {
	for _, a := range b.Allocations {
		if a.Payment == id && a.Date <= d {
			return true
		}
	}
	return false
}

func filter[T any](list []T, keep func(T) bool) []T {
	var out []T
	for _, x := range list {
		if keep(x) {
			out = append(out, x)
		}
	}
	return out
}
