package ledger

import (
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"huikuan/transform/money"
)

func TestDaysAgreeWithTheCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Day(rapid.IntRange(-200_000, 200_000).Draw(t, "day"))
		want := time.Unix(int64(d)*86400, 0).UTC()
		y, m, dom := d.Civil()
		if y != want.Year() || m != int(want.Month()) || dom != want.Day() || DayOf(y, m, dom) != d {
			t.Fatalf("day %d is %d-%d-%d, want %s", d, y, m, dom, want)
		}
		if end := d.MonthEnd(); end.MonthStart() != d.MonthStart() || (end+1).MonthStart() != end+1 {
			t.Fatalf("%s: month ends on %s", d, end)
		}
	})
}

func TestTheLastDayIsThatOfTheWarehouse(t *testing.T) {
	if Last.String() != "2299-12-31" {
		t.Errorf("the last day is %s", Last)
	}
}

func TestMonthsAreAddedWithoutSpillingOver(t *testing.T) {
	for from, want := range map[string]string{"2024-01-31": "2024-02-29", "2023-01-31": "2023-02-28", "2024-12-15": "2025-01-15"} {
		d, _ := ParseDay(from)
		if got := d.AddMonths(1).String(); got != want {
			t.Errorf("%s + 1 month = %s, want %s", from, got, want)
		}
	}
	d, _ := ParseDay("2024-03-31")
	if got := d.AddMonths(-13).String(); got != "2023-02-28" {
		t.Errorf("13 months before: %s", got)
	}
}

func TestTermsAreReadOrNot(t *testing.T) {
	for code, want := range map[string]int{"NET30": 30, "net 14": 14, "Net-0": 0, " NET_60 ": 60, "2/10 NET30": -1, "": -1, "NETX": -1, "EOM": -1, "NET99999": -1, "NET99999999999": -1} {
		days, ok := TermsDays(code)
		if ok != (want >= 0) || days != max(0, want) { // 0 where there is none: it is added to the invoice date
			t.Errorf("%q = %d %v, want %d", code, days, ok, want)
		}
	}
}

func TestAnOwnerReachesToTheNextOneAndMasterDataFillsGaps(t *testing.T) {
	c := &Customer{Versions: []Version{{From: 0, Owner: "M"}}, Owners: []Owner{{From: 100, To: NoDay, Rep: "A"}, {From: 200, To: 249, Rep: "B"}}}
	for d, want := range map[Day]string{99: "M", 100: "A", 199: "A", 200: "B", 249: "B", 250: "M"} {
		if got := c.OwnerAt(d); got != want {
			t.Errorf("day %d: %s, want %s", d, got, want)
		}
	}
	runs := c.Runs(nil, 300)
	var from []Day
	for _, r := range runs[1:] {
		from = append(from, r.From)
	}
	if len(runs) != 4 || from[0] != 100 || from[1] != 200 || from[2] != 250 {
		t.Errorf("runs %+v", runs)
	}
	if got := (&Customer{}).OwnerAt(5); got != Unassigned {
		t.Errorf("nobody owns it: %s", got)
	}
}

// A year is over on the day after the anniversary; that of 29 February is the
// 28th in common years.
func TestYearBandsCountFullAnniversaries(t *testing.T) {
	for _, c := range []struct {
		invoice, asOf string
		years         int
	}{
		{"2023-12-31", "2024-12-31", 0}, {"2023-12-30", "2024-12-31", 1}, {"2024-12-31", "2024-12-31", 0}, {"2025-01-02", "2024-12-31", 0},
		{"2020-02-29", "2021-02-28", 0}, {"2020-02-29", "2021-03-01", 1}, {"2020-02-29", "2024-02-29", 3}, {"2020-02-29", "2024-03-01", 4},
		{"2020-02-28", "2021-03-01", 1}, {"2020-03-01", "2021-03-01", 0}, {"2015-01-01", "2024-01-01", 8}, {"2015-01-01", "2024-01-02", 9},
	} {
		from, err := ParseDay(c.invoice)
		if err != nil {
			t.Fatal(err)
		}
		to, err := ParseDay(c.asOf)
		if err != nil {
			t.Fatal(err)
		}
		if got := YearBand(from, to); got != c.years {
			t.Errorf("an invoice of %s is %d full years old on %s, want %d", c.invoice, got, c.asOf, c.years)
		}
	}
}

func TestARateThatNoneCanBeIsNotKnown(t *testing.T) {
	table, _ := Input(InFXRates)
	b := array.NewRecordBuilder(memory.DefaultAllocator, table.Arrow())
	defer b.Release()
	for i, rate := range []string{"7.1", "1000000000000", "-1000000000000"} {
		n, err := decimal128.FromString(rate, 38, 10)
		if err != nil {
			t.Fatal(err)
		}
		b.Field(0).(*array.Date32Builder).Append(arrow.Date32(i))
		for c, text := range []string{"USD", "CNY", "spot"} {
			b.Field(c + 1).(*array.StringBuilder).Append(text)
		}
		b.Field(4).(*array.Decimal128Builder).Append(n)
	}
	rec := b.NewRecord()
	defer rec.Release()
	bound := &binder{table: table, rec: rec}
	rates := bound.rate("rate")
	for i, want := range []money.Rate{71_000_000_000, 0, 0} {
		if got := rates.at(i); got != want || bound.err != nil {
			t.Errorf("rate %d = %s, %v; want %s", i, got, bound.err, want)
		}
		if n, null := numberAt(rec.Column(4), i); n != int64(want) || null {
			t.Errorf("rate %d is kept as %d, want %d", i, n, want)
		}
	}
}
