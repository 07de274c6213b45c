package metrics

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
	"huikuan/transform/schema"
)

// bytesSink keeps the tables as Arrow streams.
type bytesSink map[string]*bytes.Buffer

func (s bytesSink) Write(_ context.Context, table string, rec arrow.Record) error {
	if s[table] == nil {
		s[table] = &bytes.Buffer{}
	}
	w := ipc.NewWriter(s[table], ipc.WithSchema(rec.Schema()))
	defer w.Close()
	return w.Write(rec)
}

func TestWorkersAndTheOrderWithinACustomerDoNotChangeAByte(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		randomPromises(t, b)
		randomVisits(t, b)
		slices.Reverse(b.Promises)
		slices.Reverse(b.Lines)
		var first bytesSink
		for _, workers := range []int{1, 4} {
			out, src := bytesSink{}, b.Source()
			if workers > 1 {
				src = b.SourceByCustomer()
			}
			_, err := Build(context.Background(), src, out, Options{AsOf: genAsOf, ReportingCurrency: groupCurrency, Workers: workers, ChunkRows: 3, DailyDays: 5})
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = out
				continue
			}
			for table := range first {
				if !bytes.Equal(first[table].Bytes(), out[table].Bytes()) {
					t.Fatalf("%s differs between 1 and %d workers", table, workers)
				}
			}
		}
	})
}

// change rewrites every document of the books.
func change(b *ledgertest.Books, amount func(money.Amount) money.Amount, days ledger.Day, currency string) *ledgertest.Books {
	out := *b
	shift := func(d ledger.Day) ledger.Day {
		if d == none || d == 0 {
			return d
		}
		return d + days
	}
	out.Invoices, out.Instalments, out.Payments = clone(b.Invoices), clone(b.Instalments), clone(b.Payments)
	out.Allocations, out.CreditNotes, out.Credits, out.WriteOffs = clone(b.Allocations), clone(b.CreditNotes), clone(b.Credits), clone(b.WriteOffs)
	out.Disputes, out.Owners, out.Customers = clone(b.Disputes), clone(b.Owners), clone(b.Customers)
	out.Promises, out.Plans, out.Lines, out.Visits = clone(b.Promises), clone(b.Plans), clone(b.Lines), clone(b.Visits)
	for i := range out.Promises {
		x := &out.Promises[i]
		x.Amount, x.Made, x.Due = amount(x.Amount), shift(x.Made), shift(x.Due)
	}
	for i := range out.Plans {
		out.Plans[i].Made = shift(out.Plans[i].Made)
	}
	for i := range out.Lines {
		x := &out.Lines[i]
		x.Amount, x.Due = amount(x.Amount), shift(x.Due)
	}
	for i := range out.Visits {
		out.Visits[i].Day = shift(out.Visits[i].Day)
	}
	for i := range out.Invoices {
		x := &out.Invoices[i]
		x.Amount, x.Date, x.Due, x.Currency = amount(x.Amount), shift(x.Date), shift(x.Due), currency
	}
	for i := range out.Instalments {
		x := &out.Instalments[i]
		x.Amount, x.Due = amount(x.Amount), shift(x.Due)
	}
	for i := range out.Payments {
		x := &out.Payments[i]
		x.Amount, x.Date, x.Reversed, x.Currency = amount(x.Amount), shift(x.Date), shift(x.Reversed), currency
	}
	for i := range out.Allocations {
		x := &out.Allocations[i]
		x.Amount, x.Discount, x.Date = amount(x.Amount), amount(x.Discount), shift(x.Date)
	}
	for i := range out.CreditNotes {
		x := &out.CreditNotes[i]
		x.Amount, x.Date, x.Currency = amount(x.Amount), shift(x.Date), currency
	}
	for i := range out.Credits {
		x := &out.Credits[i]
		x.Amount, x.Date = amount(x.Amount), shift(x.Date)
	}
	for i := range out.WriteOffs {
		x := &out.WriteOffs[i]
		x.Amount, x.Date = amount(x.Amount), shift(x.Date)
	}
	for i := range out.Disputes {
		x := &out.Disputes[i]
		x.Amount, x.Opened, x.Closed = amount(x.Amount), shift(x.Opened), shift(x.Closed)
	}
	for i := range out.Owners {
		x := &out.Owners[i]
		x.From, x.To = shift(x.From), shift(x.To)
	}
	for i := range out.Customers {
		out.Customers[i].From = shift(out.Customers[i].From)
	}
	return &out
}

func clone[T any](list []T) []T { return append([]T(nil), list...) }

func same1(a money.Amount) money.Amount   { return a }
func double(a money.Amount) money.Amount  { return 2 * a }
func sixfold(a money.Amount) money.Amount { return 6 * a }

func TestSplittingInvoicesInHalvesChangesNoAmount(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		whole := change(randomBooks(t), double, 0, groupCurrency)
		whole.Splits = nil // shares are rounded to the cent, invoice by invoice
		halves := *whole
		halves.Invoices, halves.Instalments, halves.Allocations, halves.Credits, halves.WriteOffs, halves.Disputes = nil, nil, nil, nil, nil, nil
		for _, h := range []string{".a", ".b"} { // a dot keeps the order of identifiers: what is taken back comes after it
			taken := func(back string) string {
				if back != "" {
					back += h
				}
				return back
			}
			for _, x := range whole.Invoices {
				x.ID, x.Amount = x.ID+h, x.Amount/2
				halves.Invoices = append(halves.Invoices, x)
			}
			for _, x := range whole.Instalments {
				x.Invoice, x.Amount = x.Invoice+h, x.Amount/2
				halves.Instalments = append(halves.Instalments, x)
			}
			for _, x := range whole.Allocations {
				x.ID, x.Invoice, x.Amount, x.Discount, x.ReversalOf = x.ID+h, x.Invoice+h, x.Amount/2, x.Discount/2, taken(x.ReversalOf)
				halves.Allocations = append(halves.Allocations, x)
			}
			for _, x := range whole.Credits {
				x.ID, x.Invoice, x.Amount, x.ReversalOf = x.ID+h, x.Invoice+h, x.Amount/2, taken(x.ReversalOf)
				halves.Credits = append(halves.Credits, x)
			}
			for _, x := range whole.WriteOffs {
				x.ID, x.Invoice, x.Amount = x.ID+h, x.Invoice+h, x.Amount/2
				halves.WriteOffs = append(halves.WriteOffs, x)
			}
			for _, x := range whole.Disputes {
				x.ID, x.Invoice, x.Amount = x.ID+h, x.Invoice+h, x.Amount/2
				halves.Disputes = append(halves.Disputes, x)
			}
		}
		read := []string{Snapshots, RollForward, DSO, Rolls, RepAttribution, RepCollection}
		one, _ := buildRandom(t, whole, genAsOf, read...)
		two, _ := buildRandom(t, &halves, genAsOf, read...)
		for _, table := range []string{Snapshots, RollForward, DSO} {
			if a, b := fmt.Sprint(one[table]), fmt.Sprint(two[table]); a != b {
				t.Fatalf("%s differs:\n%s\n%s", table, a, b)
			}
		}
		for table, keys := range map[string][]string{Rolls: {"month", "company", "customer_id", "currency", "from_bucket", "to_bucket"}, RepAttribution: {"month", "company", "basis", "rep_id"},
			RepCollection: {"month", "company", "rep_id"}} {
			rounded := money.Amount(0)
			if table == Rolls { // where something was taken back, the other reductions share it out
				rounded = 100
			}
			nearly(t, table, amountsOf(one[table], keys), amountsOf(two[table], keys), rounded)
		}
	})
}

// amountsOf lists the amounts of rows by key and column: what is in the columns
// of ratios, counts and ranks is left out.
func amountsOf(rows []map[string]string, keys []string) map[string]money.Amount {
	out := map[string]money.Amount{}
	for _, r := range rows {
		key := ""
		for _, k := range keys {
			key += r[k] + " "
		}
		for c, text := range r {
			if strings.Contains(c, "rate") && !strings.HasSuffix(c, "denominator") && !strings.HasSuffix(c, "numerator") || strings.Contains(c, "count") || strings.Contains(c, "days") || strings.Contains(c, "promises") || c == "rank" {
				continue
			}
			if a, err := money.Parse(text); err == nil {
				out[key+c] += a
			}
		}
	}
	return out
}

// nearly compares amounts but for what is rounded.
func nearly(t *rapid.T, table string, a, b map[string]money.Amount, rounded money.Amount) {
	for _, pair := range [][2]map[string]money.Amount{{a, b}, {b, a}} {
		for key, x := range pair[0] {
			if y := pair[1][key]; x-y > rounded || y-x > rounded {
				t.Fatalf("%s: %s is %s, in halves %s", table, key, a[key], b[key])
			}
		}
	}
}

// Every amount of every table scales; days, counts, ratios and all else stay.
// Only what is shared out by shares is rounded once more.
func TestScalingAmountsScalesBalancesAndLeavesDays(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		small := change(randomLedger(t), same1, 0, groupCurrency)
		small.Splits = nil
		one, _ := buildRandom(t, small, genAsOf)
		six, _ := buildRandom(t, change(small, sixfold, 0, groupCurrency), genAsOf)
		for _, table := range Replayed() {
			if len(one[table.Name]) != len(six[table.Name]) {
				t.Fatalf("%s: %d rows become %d", table.Name, len(one[table.Name]), len(six[table.Name]))
			}
			for i, row := range one[table.Name] {
				for _, c := range table.Columns {
					before, after := row[c.Name], six[table.Name][i][c.Name]
					if c.Kind != schema.Money && !slices.Contains(amountDays, c.Name) || before == "NULL" {
						if before != after {
							t.Fatalf("%s: %s %s becomes %s: %v", table.Name, c.Name, before, after, row)
						}
					} else if off := 6*amount(before) - amount(after); max(off, -off) > roundedIn[table.Name] {
						t.Fatalf("%s: %s %s becomes %s: %v", table.Name, c.Name, before, after, row)
					}
				}
			}
		}
	})
}

// amountDays are sums of amounts times days.
var amountDays = []string{"days_to_pay_numerator"}

// roundedIn are tables that share amounts out, with what six times that may be off.
var roundedIn = map[string]money.Amount{
	Rolls:         10, // where something was taken back, among the other reductions
	VisitOutcomes: 10, // among the visits of a day
}

// Seven days later all is seven days later, but for what goes by calendar months.
func TestShiftingAllDatesShiftsOpenItems(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		books := change(randomLedger(t), same1, 0, groupCurrency)
		now, _ := buildRandom(t, books, genAsOf)
		later, _ := buildRandom(t, change(books, same1, 7, groupCurrency), genAsOf+7)
		for _, table := range Replayed() {
			if !slices.Contains([]string{Events, OpenItems, Items, Settlements, PromiseOutcomes, PlanOutcomes, VisitOutcomes}, table.Name) {
				continue
			}
			if len(now[table.Name]) != len(later[table.Name]) {
				t.Fatalf("%s: %d rows become %d", table.Name, len(now[table.Name]), len(later[table.Name]))
			}
			for i, row := range now[table.Name] {
				for _, c := range table.Columns {
					before, after := row[c.Name], later[table.Name][i][c.Name]
					if c.Kind == schema.Date && before != "NULL" {
						before = (day(before) + 7).String()
					}
					if before != after {
						t.Fatalf("%s: %s %s becomes %s: %v", table.Name, c.Name, row[c.Name], after, row)
					}
				}
			}
		}
		for _, row := range now[DSO] {
			if row["as_of"] == genAsOf.String() {
				moved := rowOf(later[DSO], "as_of", (genAsOf + 7).String(), "scope", row["scope"], "scope_id", row["scope_id"])
				if moved == nil && row["ar"] == "0" && row["sales_90"] == "0" {
					continue // it is there for its calendar month alone
				}
				for _, c := range []string{"dso_90", "bpdso", "add_days", "ar", "not_due", "overdue", "credits", "disputed", "sales_90"} {
					if moved == nil || moved[c] != row[c] {
						t.Fatalf("%s: %v becomes %v", c, row, moved)
					}
				}
			}
		}
	})
}

func rowOf(rows []map[string]string, pairs ...string) map[string]string {
	for _, row := range rows {
		match := true
		for i := 0; i < len(pairs); i += 2 {
			match = match && row[pairs[i]] == pairs[i+1]
		}
		if match {
			return row
		}
	}
	return nil
}

// Where every day sells the same, one day's sales are the measure of what is
// open: all ways to count days of sales agree, whatever was paid and when.
func TestConstantDailySalesMakeAllDaysOfSalesTheSame(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := &ledgertest.Books{}
		daily, first := drawAmount(t, "sales a day"), day("2023-09-01").AddMonths(rapid.IntRange(0, 3).Draw(t, "first month"))
		asOf := first + 120 + drawDays(t, "days", 80)
		days := rapid.IntRange(0, 90).Draw(t, "terms")
		for d := first; d <= asOf; d++ {
			b.Invoices = append(b.Invoices, ledgertest.Invoice{ID: d.String(), Company: "A", Customer: pick(t, "customer", "K0", "K1"), Currency: groupCurrency,
				Date: d, Due: d + ledger.Day(days), Amount: daily})
		}
		open := daily * money.Amount(len(b.Invoices))
		for i := range rapid.IntRange(1, 5).Draw(t, "payments") {
			v := b.Invoices[int(drawDays(t, "paid", asOf-first))]
			p := ledgertest.Payment{ID: fmt.Sprint("P", i), Company: "A", Customer: v.Customer, Currency: groupCurrency, Date: min(asOf, v.Date+drawDays(t, "paid after", 60)),
				Reversed: none, Amount: open * money.Amount(rapid.IntRange(0, 30).Draw(t, "percent")) / 100}
			open -= p.Amount
			b.Payments = append(b.Payments, p)
			if used := min(p.Amount, daily); rapid.Bool().Draw(t, "applied") && !slices.ContainsFunc(b.Allocations, func(a ledgertest.Allocation) bool { return a.Invoice == v.ID }) {
				b.Allocations = append(b.Allocations, ledgertest.Allocation{ID: p.ID, Payment: p.ID, Invoice: v.ID, Date: p.Date, Amount: used})
			}
		}
		out, _ := buildRandom(t, b, asOf, DSO)
		row := out.find(t, DSO, "as_of", asOf.String(), "scope", "group")
		want := number(open.String()) / number(daily.String())
		for _, c := range []string{"dso_90", "dso_month", "dso_countback", "dso_countback_daily", "dso_sales_weighted"} {
			if got := row[c]; got == "NULL" || math.Abs(number(got)-want) > 1e-7 {
				t.Fatalf("%s %s, want %v: %v", c, got, want, row)
			}
		}
	})
}

func TestConstantDailySalesPaidAfterFortyDaysGiveFortyDaysEverywhere(t *testing.T) {
	b := &ledgertest.Books{}
	for i := range 400 {
		d := day("2023-01-01") + ledger.Day(i)
		id := fmt.Sprintf("%03d", i)
		b.Invoices = append(b.Invoices, ledgertest.Invoice{ID: id, Customer: "K", Currency: "USD", Date: d, Due: d + 30, Amount: amount("100")})
		b.Payments = append(b.Payments, ledgertest.Payment{ID: id, Customer: "K", Currency: "USD", Date: d + 40, Reversed: none, Amount: amount("100")})
		b.Allocations = append(b.Allocations, ledgertest.Allocation{ID: id, Payment: id, Invoice: id, Date: d + 40, Amount: amount("100")})
	}
	out, _ := buildTables(t, b, "2024-01-31")
	for _, scope := range []string{"group", "company", "customer", "owner"} {
		expect(t, out.find(t, DSO, "as_of", "2023-12-31", "scope", scope), "dso_90", "40", "dso_countback", "40", "dso_countback_daily", "40",
			"dso_sales_weighted", "40", "bpdso", "31", "add_days", "9", "reason_turnover", "insufficient_history")
	}
	// at 2024-01-31 thirteen month-ends: 31 Jan 2023 (3,100 open) and twelve times 4,000
	expect(t, out.find(t, DSO, "as_of", "2024-01-31", "scope", "group"), "average_ar", "3930.7692", "sales_12m", "36500", "turnover", "9.2857142857", "reason", "NULL")
}

func TestDueDayDecides(t *testing.T) {
	for _, c := range []struct{ paid, rate string }{{"2024-02-29", "1"}, {"2024-03-01", "0"}, {"2024-02-28", "1"}} {
		b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-30", "2024-02-29", "100")},
			Payments: []ledgertest.Payment{payment("P", c.paid, "100")}, Allocations: []ledgertest.Allocation{alloc("A", "P", "I", c.paid, "100")}}
		out, _ := buildTables(t, b, "2024-03-31")
		expect(t, out.find(t, RepCollection, "month", "2024-02-01"), "on_time_rate", c.rate, "on_time_count_rate", c.rate, "fell_due", "100")
	}
}
