package forecast_test

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"

	"huikuan/transform/derive/derivetest"
	"huikuan/transform/forecast"
	"huikuan/transform/history"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// since is a day so many days after 1 January 2025.
func since(days int) string { return (ledger.DayOf(2025, 1, 1) + ledger.Day(days)).String() }

// asOf is day 500; invoices of days 135 to 410 teach its forecast.
const asOf = 500

// taught is a ledger in which invoices of the whole history were paid half
// after 20 and half after 40 days.
func taught(customers ...string) *books {
	b := newBooks()
	for _, c := range customers {
		for i := range 54 {
			date := 138 + i*5
			b.invoice(c, fmt.Sprintf("%s-%03d", c, i), since(date), since(date+30), since(date+20+20*(i%2)), "100")
		}
	}
	return b
}

// weeks are the expected amounts of a customer, week by week without those of 0.
func weeks(sink *derivetest.Sink, customer, column string) string {
	out := ""
	for _, row := range sink.Find(forecast.Forecast, "customer_id", customer) {
		if row[column] != "0.00" && row[column] != "NULL" {
			out += row["week_no"] + ":" + row[column] + " "
		}
	}
	return out
}

func TestAnItemIsExpectedByThePatternOfItsCustomerGivenItsAge(t *testing.T) {
	for name, c := range map[string]struct {
		age  int
		want string
	}{
		"young, both halves ahead":    {10, "2:400.00 5:400.00 "},
		"past the first half":         {30, "2:800.00 "},
		"on the day of the last half": {39, "1:800.00 "},
		"older than any was paid":     {45, "2:800.00 "}, // 15 days late: the late ones came 9 days after they fell due
		"later than any was":          {70, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := taught("C1")
			b.invoice("C1", "open", since(asOf-c.age), since(asOf-c.age+30), "", "800")
			sink := b.build(t, forecast.Options{AsOf: day(t, since(asOf))})
			if got := weeks(sink, "C1", "expected"); got != c.want {
				t.Errorf("expected %q, want %q", got, c.want)
			}
		})
	}
}

func TestACustomerWithoutHistoryIsExpectedLikeItsSegmentElseLikeAll(t *testing.T) {
	b := taught("C1")
	for i := range 54 { // another segment pays after 60 days
		date := 138 + i*5
		b.invoice("C2", fmt.Sprintf("C2-%03d", i), since(date), since(date+30), since(date+60), "100")
	}
	b.add("derived_segments", derivetest.Row{"customer_id": "C2", "segment": "PROJECT"})
	b.add("derived_segments", derivetest.Row{"customer_id": "C3", "segment": "PROJECT"})
	b.add("derived_segments", derivetest.Row{"customer_id": "C4", "segment": "RETAIL"})
	b.invoice("C3", "open", since(asOf-5), since(asOf+25), "", "400")
	b.invoice("C4", "open", since(asOf-5), since(asOf+25), "", "400")
	sink := b.build(t, forecast.Options{AsOf: day(t, since(asOf))})
	if got := weeks(sink, "C3", "expected"); got != "8:400.00 " {
		t.Errorf("like its segment: %q", got)
	}
	if got := weeks(sink, "C4", "expected"); got != "3:100.00 5:100.00 8:200.00 " {
		t.Errorf("like all: %q", got)
	}
	if got := weeks(sink, "C3", "naive_due_date"); got != "4:400.00 " {
		t.Errorf("by due date: %q", got)
	}
}

func TestPromisesDisputesAndCashOnAccountComeFirst(t *testing.T) {
	b := taught("C1")
	b.invoice("C1", "a", since(asOf-30), since(asOf), "", "100")
	b.invoice("C1", "b", since(asOf-30), since(asOf+1), "", "300")
	plain := b.build(t, forecast.Options{AsOf: day(t, since(asOf))})
	if got := weeks(plain, "C1", "expected"); got != "2:400.00 " {
		t.Fatalf("without: %q", got)
	}
	b.add(forecast.InUnapplied, derivetest.Row{"company": "main", "customer_id": "C1", "currency": "USD", "as_of": since(asOf), "unapplied": "150"})
	if got := weeks(b.build(t, forecast.Options{AsOf: day(t, since(asOf))}), "C1", "expected"); got != "2:250.00 " {
		t.Errorf("cash on account pays the oldest: %q", got)
	}
	b.add(forecast.InPromises, derivetest.Row{"customer_id": "C1", "source": "erp", "currency": "USD", "amount": "90", "settled": "40", "due_date": since(asOf + 24), "first_day": since(asOf), "last_day": since(asOf), "status": "open"})
	b.add(forecast.InPromises, derivetest.Row{"customer_id": "C1", "source": "erp", "currency": "USD", "amount": "900", "due_date": since(asOf - 5), "first_day": since(asOf), "last_day": since(asOf), "status": "broken"})
	b.add(forecast.InPromises, derivetest.Row{"customer_id": "C1", "source": "erp", "currency": "USD", "amount": "7", "due_date": since(asOf + 3), "first_day": since(asOf - 62), "last_day": since(asOf - 31), "status": "open"})
	promised := b.build(t, forecast.Options{AsOf: day(t, since(asOf))})
	if got := weeks(promised, "C1", "expected"); got != "2:200.00 4:50.00 " {
		t.Errorf("a promise to come overrides the pattern, a broken one does not: %q", got)
	}
	if got := weeks(promised, "C1", "from_promises"); got != "4:50.00 " {
		t.Errorf("from promises: %q", got)
	}
	b.add(forecast.InDisputes, derivetest.Row{"source": "erp", "invoice_id": "b", "opened_on": since(asOf - 2), "disputed_amount": "80"})
	b.add(forecast.InDisputes, derivetest.Row{"source": "erp", "invoice_id": "x", "opened_on": since(300), "closed_on": since(321)})
	if got := weeks(b.build(t, forecast.Options{AsOf: day(t, since(asOf))}), "C1", "expected"); got != "2:120.00 4:50.00 5:80.00 " {
		t.Errorf("what is disputed waits as long as a dispute takes: %q", got)
	}
}

func TestOverpaidInvoicesAreIgnoredAndWriteOffsAreNoCash(t *testing.T) {
	b := taught("C1")
	b.invoice("C1", "a", since(asOf-30), since(asOf), "", "300")
	b.invoice("C1", "over", since(asOf-30), since(asOf), since(asOf-1), "100")
	paid := b.Inputs[history.Settlements]
	paid[len(paid)-1]["amount"], paid[len(paid)-1]["amount_rc"] = "250", "250"
	b.invoice("C1", "lost", since(asOf-30), since(asOf), since(asOf-1), "100")
	b.Inputs[history.Settlements][len(paid)]["kind"] = "write_off"
	if got := weeks(b.build(t, forecast.Options{AsOf: day(t, since(asOf))}), "C1", "expected"); got != "2:300.00 " {
		t.Errorf("expected %q", got)
	}
	for i := range 54 { // a customer whose invoices were written off for half, and paid after 20 days for half
		b.invoice("C2", fmt.Sprintf("C2-%03d", i), since(138+i*5), since(168+i*5), since(158+i*5), "100")
		if i%2 == 0 {
			list := b.Inputs[history.Settlements]
			list[len(list)-1]["kind"] = "write_off"
		}
	}
	b.invoice("C2", "open", since(asOf-10), since(asOf+20), "", "800")
	if got := weeks(b.build(t, forecast.Options{AsOf: day(t, since(asOf))}), "C2", "expected"); got != "2:400.00 " {
		t.Errorf("half is lost: expected %q", got)
	}
}

func TestWhatIsOverdueBeyondAnyPatternFollowsTheRecoveryOfTheOverdue(t *testing.T) {
	for precedents, want := range map[int]string{20: "3:500.00 ", 19: ""} {
		b := taught("C1")
		for i := range precedents { // old enough to teach recovery alone: paid 80 days after the invoice, 50 days late
			b.invoice("C2", fmt.Sprintf("C2-%03d", i), since(i), since(i+30), since(i+80), "100")
		}
		b.invoice("C1", "old", since(asOf-65), since(asOf-35), "", "500")
		// 31 days late they had 19 more to go
		if got := weeks(b.build(t, forecast.Options{AsOf: day(t, since(asOf))}), "C1", "expected"); got != want {
			t.Errorf("%d precedents: expected %q, want %q", precedents, got, want)
		}
	}
}

func TestADisputeThatIsClosedTodayDelaysNothing(t *testing.T) {
	for closed, want := range map[int]string{asOf: "2:400.00 ", asOf + 1: "5:400.00 "} {
		b := taught("C1")
		b.invoice("C1", "a", since(asOf-30), since(asOf), "", "400")
		b.add(forecast.InDisputes, derivetest.Row{"source": "erp", "invoice_id": "a", "opened_on": since(asOf - 2), "closed_on": since(closed)})
		for _, id := range []string{"x", "y"} { // most disputes take 21 days
			b.add(forecast.InDisputes, derivetest.Row{"source": "erp", "invoice_id": id, "opened_on": since(300), "closed_on": since(321)})
		}
		if got := weeks(b.build(t, forecast.Options{AsOf: day(t, since(asOf))}), "C1", "expected"); got != want {
			t.Errorf("closed %d days later: %q, want %q", closed-asOf, got, want)
		}
	}
}

// What is disputed and promised all the same is expected once.
func TestAPromiseToPayWhatIsDisputedLeavesTheRestOfIt(t *testing.T) {
	b := taught("C1")
	b.invoice("C1", "a", since(asOf-30), since(asOf), "", "100")
	b.add(forecast.InDisputes, derivetest.Row{"source": "erp", "invoice_id": "a", "opened_on": since(asOf - 2)})
	b.add(forecast.InDisputes, derivetest.Row{"source": "erp", "invoice_id": "x", "opened_on": since(300), "closed_on": since(321)})
	b.add(forecast.InPromises, derivetest.Row{"customer_id": "C1", "source": "erp", "currency": "USD", "amount": "60", "due_date": since(asOf + 24), "first_day": since(asOf), "last_day": since(asOf), "status": "open"})
	if got := weeks(b.build(t, forecast.Options{AsOf: day(t, since(asOf))}), "C1", "expected"); got != "4:60.00 5:40.00 " {
		t.Errorf("expected %q", got)
	}
}

func TestAForecastAddsUpToNoMoreThanIsOpenAndIsTheSameTwice(t *testing.T) {
	b := taught("C1", "C2", "C3")
	for i := range 40 {
		b.invoice([]string{"C1", "C2", "C9"}[i%3], fmt.Sprintf("open-%02d", i), since(asOf-i), since(asOf-i+30), "", fmt.Sprintf("%d.%02d", 10+i, i))
	}
	o := forecast.Options{AsOf: day(t, since(asOf))}
	once, twice := b.build(t, o), b.build(t, o)
	if !reflect.DeepEqual(once.Rows, twice.Rows) {
		t.Error("two builds differ")
	}
	var expected, open money.Amount
	for _, row := range once.Rows[forecast.Forecast] {
		expected += money.MustParse(row["expected"])
	}
	for i := range 40 {
		open += money.MustParse(fmt.Sprintf("%d.%02d", 10+i, i))
	}
	if expected <= 0 || expected > open {
		t.Errorf("%s expected of %s open", expected, open)
	}
}

// A past origin forecasts the same whatever came after it.
func TestTheBacktestDoesNotLookAhead(t *testing.T) {
	b := taught("C1", "C2")
	for i := range 200 {
		b.invoice("C3", fmt.Sprintf("C3-%03d", i), since(150+i*2), since(180+i*2), since(150+i*2+i%70), "37.13")
	}
	later := b.until(since(asOf)).build(t, forecast.Options{AsOf: day(t, since(asOf))})
	for _, origin := range []string{"2025-12-31", "2026-01-31"} {
		then := b.until(origin).build(t, forecast.Options{AsOf: day(t, origin)})
		var now money.Amount
		want := map[string]money.Amount{}
		for _, row := range then.Rows[forecast.Forecast] {
			want[row["week_no"]] += money.MustParse(row["expected"])
			now += money.MustParse(row["expected"])
		}
		if now == 0 {
			t.Fatalf("nothing is expected on %s", origin)
		}
		for _, row := range later.Find(forecast.Backtest, "origin", origin, "scope", "group") {
			// items of one age are pooled in the backtest: rounding differs by less than a cent
			if got := money.MustParse(row["forecast"]); (got - want[row["week_no"]]).Abs() > money.CentUnits {
				t.Errorf("%s week %s: %s looking back, %s then", origin, row["week_no"], got, want[row["week_no"]])
			}
		}
	}
}

func TestTheMonthsOfTheBacktestAreAMatterOfConfiguration(t *testing.T) {
	b := taught("C1")
	for i := range 345 {
		b.invoice("C2", fmt.Sprintf("C2-%03d", i), since(i+150), since(i+180), since(i+150+(i*37)%50), "50")
	}
	b = b.until(since(asOf))
	of := func(months, bands int) (origins int, banded bool) {
		sink := b.build(t, forecast.Options{AsOf: day(t, since(asOf)), BacktestMonths: months, BandMonths: &bands})
		seen := map[string]bool{}
		for _, row := range sink.Rows[forecast.Backtest] {
			seen[row["origin"]] = true
		}
		return len(seen), sink.Find(forecast.Forecast, "week_no", "1")[0]["low"] != "NULL"
	}
	for _, c := range []struct {
		months, bands, origins int
		banded                 bool
	}{{3, 0, 3, false}, {3, 6, 3, true}, {6, 0, 6, true}} { // bands need four origins whose week is over
		if origins, banded := of(c.months, c.bands); origins != c.origins || banded != c.banded {
			t.Errorf("%d months and %d for bands: %d origins, bands %t", c.months, c.bands, origins, banded)
		}
	}
}

func TestBandsComeFromWhatPastForecastsBrought(t *testing.T) {
	b := taught("C1")
	for i := range 345 {
		b.invoice("C2", fmt.Sprintf("C2-%03d", i), since(i+150), since(i+180), since(i+150+(i*37)%50), "50")
	}
	sink := b.until(since(asOf)).build(t, forecast.Options{AsOf: day(t, since(asOf))})
	rows := sink.Find(forecast.Forecast, "week_no", "1")
	if len(rows) == 0 || rows[0]["low"] == "NULL" {
		t.Fatalf("no bands: %v", rows)
	}
	for _, row := range rows {
		if low, mid, high := money.MustParse(row["low"]), money.MustParse(row["expected"]), money.MustParse(row["high"]); low > mid || mid > high {
			t.Errorf("%s ≤ %s ≤ %s", low, mid, high)
		}
	}
	columns := slices.Sorted(maps.Keys(rows[0]))
	if len(columns) != len(forecast.Tables()[0].Columns) {
		t.Errorf("columns %v", columns)
	}
}

// Four past forecasts make a band, the fourth from the day on which its week ends.
func TestAWeekIsOverAtTheEndOfItsLastDay(t *testing.T) {
	b := taught("C1")
	for i := range 345 {
		b.invoice("C2", fmt.Sprintf("C2-%03d", i), since(i+150), since(i+180), since(i+150+(i*37)%50), "50")
	}
	none := 0
	for asOf, over := range map[string]bool{"2026-05-06": false, "2026-05-07": true} {
		sink := b.until(asOf).build(t, forecast.Options{AsOf: day(t, asOf), BacktestMonths: 4, BandMonths: &none})
		row := sink.Find(forecast.Backtest, "origin", "2026-04-30", "scope", "group", "week_no", "1")[0]
		if band := sink.Find(forecast.Forecast, "week_no", "1")[0]["low"] != "NULL"; (row["actual"] != "NULL") != over || band != over {
			t.Errorf("%s: came %s, band %t, want %t", asOf, row["actual"], band, over)
		}
	}
}

// The band of a week reaches from the first to the third quartile of what came of
// past forecasts of that week: of six, from the second to the fifth.
func TestABandReachesFromTheFirstToTheThirdQuartile(t *testing.T) {
	b := taught("C1")
	for i := range 345 { // by turns it pays twelve days later
		b.invoice("C2", fmt.Sprintf("C2-%03d", i), since(i+150), since(i+180), since(i+154+(i*37)%50+i/30%2*12), "50")
	}
	none := 0
	sink := b.until(since(asOf)).build(t, forecast.Options{AsOf: day(t, since(asOf)), BacktestMonths: 6, BandMonths: &none})
	var came []float64
	for _, row := range sink.Find(forecast.Backtest, "scope", "group", "week_no", "1") {
		came = append(came, number(t, row["actual"])/number(t, row["forecast"]))
	}
	if slices.Sort(came); len(came) != 6 || came[1] >= 1 || came[4] <= 1 || came[2] == came[1] || came[3] == came[4] {
		t.Fatalf("%v does not tell quartiles", came)
	}
	for _, row := range sink.Find(forecast.Forecast, "week_no", "1") {
		expected := number(t, row["expected"])
		if low, high := number(t, row["low"]), number(t, row["high"]); math.Abs(low-expected*came[1]) > 0.01 || math.Abs(high-expected*came[4]) > 0.01 {
			t.Errorf("%v expected, from %v to %v, want %v to %v", expected, low, high, expected*came[1], expected*came[4])
		}
	}
}
