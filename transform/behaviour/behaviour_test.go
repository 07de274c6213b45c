package behaviour_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"huikuan/transform/behaviour"
	"huikuan/transform/derive/derivetest"
	"huikuan/transform/history"
	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

func TestMain(m *testing.M) { lawtest.Main(m, 100) }

type item struct{ id, date, due, amount string }

type paid struct{ id, kind, event, receipt, amount, payment string }

// books are one customer's instalments and what reduced them.
func books(items []item, payments []paid) derivetest.Source {
	src := derivetest.Source{Declared: history.Inputs(), Inputs: map[string][]derivetest.Row{}, BatchRows: 2}
	for _, it := range items {
		src.Inputs[history.Items] = append(src.Inputs[history.Items], derivetest.Row{"company": "main", "customer_id": "C1", "invoice_id": it.id, "instalment_seq": 1, "source": "erp",
			"invoice_date": it.date, "due_date": it.due, "currency": "USD", "amount": it.amount, "amount_rc": it.amount})
		var own []paid
		for _, p := range payments {
			if p.id == it.id {
				own = append(own, p)
			}
		}
		slices.SortStableFunc(own, func(x, y paid) int { return strings.Compare(x.event, y.event) })
		for _, p := range own {
			src.Inputs[history.Settlements] = append(src.Inputs[history.Settlements], derivetest.Row{"company": "main", "customer_id": "C1", "invoice_id": p.id, "instalment_seq": 1, "source": "erp",
				"kind": p.kind, "event_date": p.event, "receipt_date": p.receipt, "amount": p.amount, "amount_rc": p.amount, "payment_id": p.payment})
		}
	}
	return src
}

func build(t testing.TB, src derivetest.Source, asOf string) *derivetest.Sink {
	t.Helper()
	return buildWith(t, src, asOf, behaviour.Windows{})
}

func buildWith(t testing.TB, src derivetest.Source, asOf string, windows behaviour.Windows) *derivetest.Sink {
	t.Helper()
	day, err := ledger.ParseDay(asOf)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	sink := &derivetest.Sink{Tables: behaviour.Tables()}
	b := behaviour.NewBuilder(sink, behaviour.Options{AsOf: day, Allocator: src.Allocator, Windows: windows})
	defer b.Close()
	for c, err := range history.Read(ctx, src) {
		if err == nil {
			err = b.Add(ctx, c)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Finish(ctx); err != nil {
		t.Fatal(err)
	}
	return sink
}

func expect(t testing.TB, sink *derivetest.Sink, month string, pairs ...string) {
	t.Helper()
	rows := sink.Find(behaviour.Table, "month", month)
	if len(rows) != 1 {
		t.Fatalf("%d rows of %s", len(rows), month)
	}
	for i := 0; i < len(pairs); i += 2 {
		if rows[0][pairs[i]] != pairs[i+1] {
			t.Errorf("%s: %s = %s, want %s", month, pairs[i], rows[0][pairs[i]], pairs[i+1])
		}
	}
}

// after is a day so many days after 1 January 2026.
func after(days int) string { return (ledger.DayOf(2026, 1, 1) + ledger.Day(days)).String() }

// settled are invoices of 1 January, each paid in full after so many days.
func settled(terms int, amounts []string, days []int) derivetest.Source {
	var items []item
	var payments []paid
	for i, d := range days {
		id := fmt.Sprint("I", i)
		items = append(items, item{id, after(0), after(terms), amounts[i]})
		payments = append(payments, paid{id, "cash", after(d), after(d), amounts[i], "P" + id})
	}
	return books(items, payments)
}

func TestWorkedExamples(t *testing.T) {
	t.Run("ex:adtp_sage50", func(t *testing.T) {
		sink := build(t, settled(30, []string{"100", "70", "30", "900", "12"}, []int{28, 22, 15, 35, 20}), "2026-02-28")
		expect(t, sink, "2026-02-01", "days_to_pay_settled", "24", "settled_count", "5", "settled_late_count", "1", "days_late_when_late", "5", "days_late_settled", "1",
			"p50_days_to_pay", "22", "p25_days_to_pay", "20", "p80_days_to_pay", "28")
	})
	t.Run("ex:wadtp_d365", func(t *testing.T) {
		sink := build(t, settled(30, []string{"10", "100"}, []int{5, 10}), "2026-01-31")
		expect(t, sink, "2026-01-01", "days_to_pay_settled", "7.5", "days_to_pay_w365", "9.5454545455", "days_to_pay_w365_numerator", "1050", "days_to_pay_w365_denominator", "110.00")
	})
	t.Run("ex:wadtp_partial", func(t *testing.T) {
		src := books([]item{{"I1", after(0), after(30), "1000"}}, []paid{{"I1", "cash", after(20), after(20), "400", "P1"}, {"I1", "cash", after(50), after(50), "600", "P2"}})
		sink := build(t, src, "2026-02-28")
		expect(t, sink, "2026-02-01", "days_to_pay_w365", "38", "days_to_pay_settled", "50", "partial_payment_count_w90", "1", "n_w90", "1", "round_sum_count_w90", "0")
		expect(t, sink, "2026-01-01", "days_to_pay_w365", "20", "days_to_pay_settled", "NULL", "reason_settled", "no_receipts", "days_with_open", "26") // 400 × 20 + 600 × 30
	})
	t.Run("ex:dbt_experian_single", func(t *testing.T) { // one invoice, 12 days late
		sink := build(t, settled(30, []string{"500"}, []int{42}), "2026-02-28")
		expect(t, sink, "2026-02-01", "days_beyond_terms_floored", "12", "days_beyond_terms_signed", "12")
	})
	t.Run("ex:oracle_weighted_terms", func(t *testing.T) { // terms 25 + 5 late = 30 days paid
		sink := build(t, settled(25, []string{"100", "300"}, []int{27, 31}), "2026-02-28")
		expect(t, sink, "2026-02-01", "terms_weighted", "25", "days_beyond_terms_signed", "5", "days_to_pay_w365", "30")
	})
	t.Run("ex:ewi_payment_cycle", func(t *testing.T) { // 52 days against 40 before
		var items []item
		var payments []paid
		for i := range 12 {
			date, took := i*10, 40
			if i >= 6 {
				date, took = 300+i, 52
			}
			id := fmt.Sprintf("I%02d", i)
			items = append(items, item{id, after(date), after(date + 30), "100"})
			payments = append(payments, paid{id, "cash", after(date + took), after(date + took), "100", id})
		}
		sink := build(t, books(items, payments), after(400))
		expect(t, sink, "2027-02-01", "cycle_ratio", "1.3", "cycle_change", "12", "n_w90", "6", "cycle_prior_w365", "40")
	})
}

func TestEarlyPaymentCountsNegativeOnlyWhereSigned(t *testing.T) {
	sink := build(t, settled(30, []string{"100", "100"}, []int{20, 40}), "2026-02-28")
	expect(t, sink, "2026-02-01", "days_beyond_terms_signed", "0", "days_beyond_terms_floored", "5", "consecutive_late", "1", "settled_late_count", "1")
}

func TestWhatCreditOrWriteOffClearedIsNoPayment(t *testing.T) {
	src := books([]item{{"I1", after(0), after(30), "100"}, {"I2", after(0), after(30), "100"}}, []paid{
		{"I1", "cash", after(10), after(10), "40", "P1"}, {"I1", "credit", after(40), after(40), "60", ""},
		{"I2", "cash", after(11), after(11), "30", "P2"}, {"I2", "write_off", after(45), after(45), "70", ""},
	})
	sink := build(t, src, "2026-03-31")
	expect(t, sink, "2026-01-01", "days_to_pay_w90_denominator", "70.00")
	if rows := sink.Find(behaviour.Table, "month", "2026-02-01"); len(rows) != 0 {
		t.Errorf("a month without cash of its own has a row: %s", derivetest.Text(rows[0]))
	}
}

func TestACheckThatBouncesIsTakenBackWhenItBounces(t *testing.T) {
	src := books([]item{{"I1", after(0), after(10), "1500"}}, []paid{
		{"I1", "cash", after(5), after(5), "1500", "P1"}, {"I1", "cash", after(40), after(5), "-1500", "P1"},
		{"I1", "cash", after(60), after(60), "1000", "P2"}, {"I1", "cash", after(70), after(70), "500", "P3"},
	})
	sink := build(t, src, "2026-03-31")
	expect(t, sink, "2026-01-01", "settled_count", "1", "days_to_pay_settled", "5", "first_over_30_late_on", "NULL")
	// open again from day 40, when it is 30 days late; on day 41 it is 31 days late
	expect(t, sink, "2026-02-01", "settled_count", "0", "reason_w365", "no_receipts", "first_over_30_late_on", after(41))
	expect(t, sink, "2026-03-01", "settled_count", "1", "days_to_pay_settled", "70", "round_sum_count_w90", "1", "partial_payment_count_w90", "1", "consecutive_late", "1")
}

// What bounces on the last day of a month is open at its end.
func TestAChequeThatBouncesOnAMonthEndSettledNothing(t *testing.T) {
	src := books([]item{{"I1", after(0), after(10), "100"}}, []paid{{"I1", "cash", after(5), after(5), "100", "P1"}, {"I1", "cash", after(30), after(5), "-100", "P1"}})
	expect(t, build(t, src, after(29)), "2026-01-01", "settled_count", "1")
	expect(t, build(t, src, after(30)), "2026-01-01", "settled_count", "0")
}

// months are those that have a row, with the values of the columns.
func months(sink *derivetest.Sink, columns ...string) []string {
	var out []string
	for _, row := range sink.Rows[behaviour.Table] {
		line := row["month"]
		for _, name := range columns {
			line += " " + row[name]
		}
		out = append(out, line)
	}
	return out
}

func TestWhoPaysNothingHasMonthsOnceMoreThan30DaysLate(t *testing.T) {
	unpaid := books([]item{{"I1", after(0), after(10), "100"}, {"I2", after(59), after(200), "300"}}, nil)
	if rows := months(build(t, unpaid, after(40))); rows != nil {
		t.Errorf("30 days late: %s", rows)
	}
	if rows, want := months(build(t, unpaid, after(41)), "month_end", "first_over_30_late_on"), []string{"2026-02-01 2026-02-11 2026-02-11"}; !slices.Equal(rows, want) {
		t.Errorf("31 days late: %s, want %s", rows, want)
	}
	sink := build(t, unpaid, "2026-04-15")
	if rows, want := months(sink, "first_over_30_late_on"), []string{"2026-02-01 2026-02-11", "2026-03-01 2026-02-11", "2026-04-01 2026-02-11"}; !slices.Equal(rows, want) {
		t.Errorf("months %s, want %s", rows, want)
	}
	// 100 for 89 and 300 for 30 days
	expect(t, sink, "2026-03-01", "days_with_open_numerator", "17900", "days_with_open_denominator", "400.00", "days_with_open", "44.75", "reason_open", "NULL")
	for _, name := range []string{"n_w90", "n_w365", "settled_count", "settled_count_ever", "settled_late_count", "consecutive_late", "days_to_pay_settled_numerator", "days_late_settled_numerator",
		"partial_payment_count_w90", "partial_payment_count_w365", "round_sum_count_w90", "round_sum_count_w365", "days_to_pay_w365_numerator", "days_beyond_terms_signed_numerator"} {
		expect(t, sink, "2026-03-01", name, "0")
	}
	for _, name := range []string{"days_to_pay_w90", "days_to_pay_w365", "days_to_pay_prior_w365", "terms_weighted", "days_beyond_terms_signed", "days_beyond_terms_floored", "days_to_pay_settled", "days_late_settled",
		"days_late_when_late", "p25_days_to_pay", "p50_days_to_pay", "p80_days_to_pay", "usual_weekday", "usual_day_of_month", "cycle_ratio", "cycle_change", "cycle_prior_w365"} {
		expect(t, sink, "2026-03-01", name, "NULL")
	}
	for _, name := range []string{"reason_w90", "reason_w365", "reason_prior", "reason_settled", "reason_late", "reason_cycle"} {
		expect(t, sink, "2026-03-01", name, "no_receipts")
	}
	expect(t, sink, "2026-03-01", "reason_habit", "insufficient_history")
}

func TestHowLateIsLateIsAMatterOfConfiguration(t *testing.T) {
	unpaid := books([]item{{"I1", after(0), after(10), "100"}}, nil)
	for days, want := range map[int]string{5: "2026-01-01 2026-01-17", 30: "2026-02-01 2026-02-11", 45: "2026-02-01 2026-02-26"} {
		if rows := months(buildWith(t, unpaid, "2026-02-28", behaviour.Windows{Late: days}), "first_over_30_late_on"); len(rows) == 0 || rows[0] != want {
			t.Errorf("more than %d days late: %s, want %s first", days, rows, want)
		}
	}
}

func TestMonthsBeginWithTheFirstReceiptOrTheFirstLateDay(t *testing.T) {
	late := []item{{"I1", after(0), after(10), "100"}} // more than 30 days late on 11 February
	for name, c := range map[string]struct {
		payments []paid
		want     []string // month, reason_prior, first_over_30_late_on
	}{
		"late before the first receipt": {[]paid{{"I1", "cash", "2026-04-05", "2026-04-05", "60", "P1"}},
			[]string{"2026-02-01 no_receipts 2026-02-11", "2026-03-01 no_receipts 2026-02-11", "2026-04-01 insufficient_history 2026-02-11"}},
		"a receipt before that": {[]paid{{"I1", "cash", "2026-01-20", "2026-01-20", "60", "P1"}},
			[]string{"2026-01-01 insufficient_history NULL", "2026-02-01 insufficient_history 2026-02-11", "2026-03-01 insufficient_history 2026-02-11", "2026-04-01 NULL 2026-02-11"}},
		"received in January, applied in March": {[]paid{{"I1", "cash", "2026-03-20", "2026-01-20", "60", "P1"}},
			[]string{"2026-02-01 no_receipts 2026-02-11", "2026-03-01 insufficient_history 2026-02-11", "2026-04-01 NULL 2026-02-11"}},
		"written off before it was late": {[]paid{{"I1", "write_off", "2026-02-11", "2026-02-11", "100", ""}}, nil},
		"written off when it was":        {[]paid{{"I1", "write_off", "2026-03-20", "2026-03-20", "100", ""}}, []string{"2026-02-01 no_receipts 2026-02-11"}},
	} {
		if got := months(build(t, books(late, c.payments), "2026-04-30"), "reason_prior", "first_over_30_late_on"); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%s, want\n%s", name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func TestHabits(t *testing.T) { // 5, 12, 19 January 2026 are Mondays, the 20th a Tuesday
	sink := build(t, settled(30, []string{"1", "2", "3", "4"}, []int{4, 11, 18, 19}), "2026-01-31")
	expect(t, sink, "2026-01-01", "usual_weekday", "1", "usual_day_of_month", "5", "reason_habit", "NULL")
	sink = build(t, settled(30, []string{"1", "2"}, []int{4, 11}), "2026-01-31")
	expect(t, sink, "2026-01-01", "usual_weekday", "NULL", "reason_habit", "insufficient_history", "reason_prior", "insufficient_history", "reason_cycle", "insufficient_history")
}

// drawn is a random ledger of one customer.
func drawn(t *rapid.T) ([]item, []paid) {
	var items []item
	var payments []paid
	for i := range rapid.IntRange(1, 8).Draw(t, "invoices") {
		date := rapid.IntRange(0, 300).Draw(t, "date")
		amount := rapid.Int64Range(1, 900).Draw(t, "amount")
		id := fmt.Sprint("I", i)
		items = append(items, item{id, after(date), after(date + rapid.IntRange(-3, 60).Draw(t, "terms")), fmt.Sprint(amount)})
		for left := amount; left > 0 && rapid.IntRange(0, 3).Draw(t, "pays") > 0; {
			part := rapid.Int64Range(1, left).Draw(t, "part")
			receipt := date + rapid.IntRange(0, 150).Draw(t, "receipt")
			event := receipt + rapid.IntRange(0, 120).Draw(t, "applied later")
			kind := rapid.SampledFrom([]string{"cash", "cash", "cash", "discount", "credit", "write_off"}).Draw(t, "kind")
			p := paid{id, kind, after(event), after(receipt), fmt.Sprint(part), fmt.Sprint("P", i, receipt)}
			payments = append(payments, p)
			if left -= part; rapid.IntRange(0, 7).Draw(t, "bounces") == 0 {
				p.event, p.amount = after(event+rapid.IntRange(0, 30).Draw(t, "later")), "-"+p.amount
				payments, left = append(payments, p), left+part
			}
		}
	}
	return items, payments
}

func TestAMonthKnowsNothingOfWhatCameLater(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		items, payments := drawn(t)
		end := ledger.DayOf(2026, rapid.IntRange(1, 12).Draw(t, "month"), 1).MonthEnd()
		var before []paid
		for _, p := range payments {
			if p.event <= end.String() {
				before = append(before, p)
			}
		}
		var known []item
		for _, it := range items {
			if it.date <= end.String() {
				known = append(known, it)
			}
		}
		month := end.MonthStart().String()
		all := build(new(testing.T), books(items, payments), "2027-03-31").Find(behaviour.Table, "month", month)
		then := build(new(testing.T), books(known, before), end.String()).Find(behaviour.Table, "month", month)
		if a, b := fmt.Sprint(all), fmt.Sprint(then); a != b {
			t.Fatalf("%s: known later %s\nknown then %s", month, a, b)
		}
	})
}

func TestDaysToPayAreTermsAndDaysBeyondThem(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		items, payments := drawn(t)
		for _, row := range build(new(testing.T), books(items, payments), "2027-03-31").Rows[behaviour.Table] {
			if row["days_to_pay_w365"] == "NULL" {
				continue
			}
			rate := func(name string) money.Rate {
				r, err := money.ParseRate(row[name])
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			if rate("terms_weighted")+rate("days_beyond_terms_signed") != rate("days_to_pay_w365") || rate("terms_numerator")+rate("days_beyond_terms_signed_numerator") != rate("days_to_pay_w365_numerator") {
				t.Fatalf("%s", derivetest.Text(row))
			}
			if rate("days_beyond_terms_floored") < rate("days_beyond_terms_signed")-1 { // either is rounded once
				t.Fatalf("floored below signed: %s", derivetest.Text(row))
			}
		}
	})
}

func TestNoMemoryIsLeftBehind(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	src := settled(30, []string{"1", "2", "3"}, []int{4, 11, 18})
	src.Allocator = mem
	build(t, src, "2026-03-31")
}

// Windows of 10 and 20 days, counted back from 31 March: the first day of each
// window and the day before it. A payment of a window of the defaults is in none.
func TestTheWindowsAreAMatterOfConfiguration(t *testing.T) {
	var items []item
	var payments []paid
	for i, day := range []string{"2026-03-31", "2026-03-22", "2026-03-21", "2026-03-12", "2026-03-11", "2026-03-02", "2026-03-01"} {
		id := fmt.Sprint("I", i)
		amount := fmt.Sprint(1000 << i)
		items = append(items, item{id, "2026-02-01", "2026-02-15", amount + "0"})
		payments = append(payments, paid{id, "cash", day, day, amount, "P" + id})
	}
	expect(t, buildWith(t, books(items, payments), "2026-03-31", behaviour.Windows{Recent: 10, Year: 20}), "2026-03-01",
		"days_to_pay_w90_denominator", "3000.00", "days_to_pay_w365_denominator", "15000.00", "days_to_pay_prior_w365_denominator", "60000.00",
		"n_w90", "2", "n_w365", "4", "partial_payment_count_w90", "2", "partial_payment_count_w365", "4", "round_sum_count_w90", "2", "round_sum_count_w365", "4")
	expect(t, build(t, books(items, payments), "2026-03-31"), "2026-03-01",
		"days_to_pay_w90_denominator", "127000.00", "days_to_pay_w365_denominator", "127000.00", "days_to_pay_prior_w365_denominator", "0.00", "n_w90", "7", "partial_payment_count_w90", "7", "round_sum_count_w365", "7")

	paidInFull := settled(30, []string{"100", "100"}, []int{40, 59})
	expect(t, buildWith(t, paidInFull, after(60), behaviour.Windows{Recent: 5, Year: 20}), "2026-03-01", "settled_count", "1", "settled_count_ever", "2", "reason_prior", "NULL", "days_to_pay_prior_w365", "40")
	expect(t, buildWith(t, paidInFull, after(60), behaviour.Windows{Recent: 21, Year: 30}), "2026-03-01", "settled_count", "2", "reason_prior", "insufficient_history")
}
