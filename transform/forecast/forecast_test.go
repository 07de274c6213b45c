package forecast_test

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"huikuan/transform/derive"
	"huikuan/transform/derive/derivetest"
	"huikuan/transform/forecast"
	"huikuan/transform/history"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

func day(t testing.TB, s string) ledger.Day {
	d, err := ledger.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// books are invoices with their receipts, as the inputs of a forecast.
type books struct{ derivetest.Source }

func newBooks() *books {
	return &books{derivetest.Source{Declared: append(slices.Concat(history.Inputs(), forecast.Inputs()), derive.SegmentsInput()), Inputs: map[string][]derivetest.Row{}, BatchRows: 700}}
}

func (b *books) add(input string, row derivetest.Row) {
	b.Inputs[input] = append(b.Inputs[input], row)
}

// invoice adds an invoice; paid is the day of its receipt, empty = open.
func (b *books) invoice(customer, id, date, due, paid, amount string) {
	key := derivetest.Row{"company": "main", "customer_id": customer, "invoice_id": id, "instalment_seq": 1, "source": "erp"}
	item := derivetest.Row{"invoice_date": date, "due_date": due, "currency": "USD", "amount": amount, "amount_rc": amount}
	settled := derivetest.Row{"kind": "cash", "event_date": paid, "receipt_date": paid, "amount": amount, "amount_rc": amount, "payment_id": "P" + id}
	for name, v := range key {
		item[name], settled[name] = v, v
	}
	b.add(history.Items, item)
	if paid != "" {
		b.add(history.Settlements, settled)
	}
}

// until forgets everything after a day, as a warehouse of that day would.
func (b *books) until(last string) *books {
	out := newBooks()
	out.Inputs = map[string][]derivetest.Row{}
	for input, rows := range b.Inputs {
		for _, row := range rows {
			if d, ok := row["event_date"].(string); ok && d > last {
				continue
			}
			if d, ok := row["invoice_date"].(string); ok && d > last {
				continue
			}
			out.add(input, row)
		}
	}
	return out
}

func (b *books) build(t testing.TB, o forecast.Options) *derivetest.Sink {
	t.Helper()
	for _, input := range []string{history.Items, history.Settlements} {
		slices.SortStableFunc(b.Inputs[input], func(x, y derivetest.Row) int {
			return cmp.Or(cmp.Compare(x["customer_id"].(string), y["customer_id"].(string)), cmp.Compare(x["invoice_id"].(string), y["invoice_id"].(string)))
		})
	}
	ctx := context.Background()
	sink := &derivetest.Sink{Tables: forecast.Tables()}
	o.Currency = "USD"
	f, err := forecast.NewBuilder(ctx, b, sink, o)
	if err != nil {
		t.Fatal(err)
	}
	for c, err := range history.Read(ctx, b) {
		if err == nil {
			err = f.Add(ctx, c)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Finish(ctx); err != nil {
		t.Fatal(err)
	}
	return sink
}

func number(t testing.TB, s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestForecastOfAPublishedLedger compares with errors computed independently
// (metrics F2): four weeks of the group from three month-ends.
func TestForecastOfAPublishedLedger(t *testing.T) {
	b := latePayments(t)
	sink := b.until("2013-09-30").build(t, forecast.Options{AsOf: day(t, "2013-09-30")})
	for origin, want := range map[string]string{"2013-01-31": "0.121 0.241", "2013-04-30": "0.130 0.176", "2013-06-30": "0.148 0.263"} {
		var wrong, naive, actual float64
		for _, row := range sink.Find(forecast.Backtest, "scope", "group", "origin", origin) {
			if number(t, row["week_no"]) <= 4 {
				a := number(t, row["actual"])
				actual += a
				wrong += math.Abs(number(t, row["forecast"]) - a)
				naive += math.Abs(number(t, row["naive"]) - a)
			}
		}
		if got := fmt.Sprintf("%.3f %.3f", wrong/actual, naive/actual); got != want {
			t.Errorf("%s: WAPE of forecast and due dates %s, want %s", origin, got, want)
		}
	}
}

func latePayments(t *testing.T) *books {
	folder := os.Getenv("HUIKUAN_TEST_LEDGERS")
	if folder == "" {
		t.Skip("HUIKUAN_TEST_LEDGERS does not name the folder with ibm_late_payments.csv")
	}
	path := filepath.Join(folder, "ibm_late_payments.csv")
	if _, err := os.Stat(path); err != nil {
		path = filepath.Join(folder, "data", "ibm_late_payments.csv")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("no ledger: %v", err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	date := func(s string) string {
		d, err := time.Parse("1/2/2006", s)
		if err != nil {
			t.Fatal(err)
		}
		return d.Format(time.DateOnly)
	}
	b := newBooks()
	for _, r := range rows[1:] {
		b.invoice(r[at["customerID"]], r[at["invoiceNumber"]], date(r[at["InvoiceDate"]]), date(r[at["DueDate"]]), date(r[at["SettledDate"]]), r[at["InvoiceAmount"]])
	}
	return b
}

// ex:cash_forecast_garrison
func TestPlannedSalesComeInByThePattern(t *testing.T) {
	var plan []forecast.Billing
	for n, amount := range []int64{430_000, 540_000, 600_000, 900_000, 500_000} {
		plan = append(plan, forecast.Billing{Month: ledger.DayOf(2026, 5+n, 1), Amount: money.FromInt(amount)})
	}
	pattern := []money.Rate{money.One / 5, money.One / 10 * 7, money.One / 10}
	got := forecast.Collect(plan, pattern)
	left := money.Amount(0)
	for month, want := range map[int]int64{7: 541_000, 8: 654_000, 9: 790_000} {
		if got[ledger.DayOf(2026, month, 1)] != money.FromInt(want) {
			t.Errorf("month %d: %s, want %d", month, got[ledger.DayOf(2026, month, 1)], want)
		}
	}
	for month, amount := range got {
		if month > ledger.DayOf(2026, 9, 30) {
			left += amount
		}
	}
	if left != money.FromInt(490_000) {
		t.Errorf("still to come after September %s, want 490,000", left)
	}
	sink := newBooks().build(t, forecast.Options{AsOf: day(t, "2026-06-30"), Plan: plan, PlanPattern: pattern})
	var weeks money.Amount
	for _, row := range sink.Find(forecast.Forecast, "basis", "sales_plan") {
		weeks += money.MustParse(row["expected"])
	}
	// 13 weeks end on 29 September: all but the last day of September's cash.
	if want := money.FromInt(541_000+654_000+790_000) - (money.FromInt(790_000) - money.FromInt(790_000).Share(money.One/30*29)); (weeks - want).Abs() > 100 {
		t.Errorf("13 weeks of the plan %s, want %s", weeks, want)
	}
}
