package metrics

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// TestLatePaymentHistories replays a published ledger (IBM sample data, 2,466
// invoices, each settled once) and compares with numbers computed by others.
func TestLatePaymentHistories(t *testing.T) {
	folder := os.Getenv("HUIKUAN_TEST_LEDGERS")
	if folder == "" {
		t.Skip("HUIKUAN_TEST_LEDGERS does not name the folder with ibm_late_payments.csv")
	}
	b := readLatePayments(t, folder)
	var total = amount("0")
	for _, v := range b.Invoices {
		total += v.Amount
	}
	if len(b.Invoices) != 2466 || total != amount("147703.18") {
		t.Fatalf("%d invoices of %s", len(b.Invoices), total)
	}
	out, sum := buildTables(t, b, "2014-01-31", func(o *Options) { o.ChunkRows, o.BatchRows = 1000, 1000 })
	for _, c := range sum.Checks {
		if !c.OK() && c.Name != "due_date_known" {
			t.Errorf("%s", c)
		}
	}
	var open, notDue, d30 = amount("0"), amount("0"), amount("0")
	for _, row := range out[Snapshots] {
		if row["as_of"] == "2012-12-31" {
			open, notDue, d30 = open+amount(row["open_amount"]), notDue+amount(row["not_due"]), d30+amount(row["d1_30"])
		}
	}
	if open != amount("5725.06") || notDue != amount("4936.32") || d30 != amount("788.74") {
		t.Errorf("2012-12-31: open %s, not due %s, 1-30 %s", open, notDue, d30)
	}
	for _, row := range out[RollForward] {
		if row["check_amount"] != "0" || row["check_amount_rc"] != "0" {
			t.Fatalf("a month does not close: %v", row)
		}
	}
	got := map[string]money.Amount{}
	for _, row := range out[RollForward] {
		if row["month"] == "2012-02-01" {
			for _, line := range []string{"opening", "invoiced", "cash", "closing"} {
				got[line] += amount(row[line])
			}
		}
	}
	for line, want := range map[string]string{"opening": "4893.59", "invoiced": "5929.06", "cash": "4807.34", "closing": "6015.31"} {
		if got[line] != amount(want) {
			t.Errorf("February 2012: %s %s, want %s", line, got[line], want)
		}
	}
	june := out.find(t, RepCollection, "month", "2012-06-01")
	expect(t, june, "opening_overdue", "858.15", "due_basis_denominator", "6042.61")
	// month and sales-weighted DSO as computed independently
	row := out.find(t, DSO, "as_of", "2012-06-30", "scope", "group")
	for column, want := range map[string]string{"dso_month": "29.62", "dso_sales_weighted": "28.81"} {
		if got := rounded(row[column], 2); got != want {
			t.Errorf("%s on 2012-06-30 = %s, want %s", column, got, want)
		}
	}
	var onTime, due, onTimeAmount, dueAmount, days, cash, settledDays, settled float64
	for _, row := range out[RepCollection] {
		for column, sum := range map[string]*float64{"on_time_count": &onTime, "on_time_count_base": &due, "on_time_amount": &onTimeAmount, "on_time_base": &dueAmount,
			"days_to_pay_numerator": &days, "days_to_pay_denominator": &cash, "days_to_pay_settled_numerator": &settledDays, "days_to_pay_settled_count": &settled} {
			*sum += number(row[column])
		}
	}
	if onTime != 1589 || due != 2466 {
		t.Errorf("%v of %v invoices on time, want 1589 of 2466", onTime, due)
	}
	for what, pair := range map[string][2]string{
		"share of amount on time":        {fmt.Sprintf("%.4f", onTimeAmount/dueAmount), "0.6347"},
		"mean days to settle":            {fmt.Sprintf("%.4f", settledDays/settled), "26.4448"},
		"amount-weighted days to settle": {fmt.Sprintf("%.4f", days/cash), "26.7006"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s = %s, want %s", what, pair[0], pair[1])
		}
	}
}

// number reads a printed decimal for comparisons within a tolerance.
func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(err)
	}
	return f
}

func rounded(s string, decimals int) string { return strconv.FormatFloat(number(s), 'f', decimals, 64) }

func readLatePayments(t *testing.T, folder string) *ledgertest.Books {
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
	date := func(s string) ledger.Day {
		d, err := time.Parse("1/2/2006", s)
		if err != nil {
			t.Fatal(err)
		}
		return ledger.DayOf(d.Year(), int(d.Month()), d.Day())
	}
	b := &ledgertest.Books{}
	for _, r := range rows[1:] {
		id, customer, paid, total := r[at["invoiceNumber"]], r[at["customerID"]], date(r[at["SettledDate"]]), amount(r[at["InvoiceAmount"]])
		b.Invoices = append(b.Invoices, ledgertest.Invoice{ID: id, Customer: customer, Currency: "USD", Date: date(r[at["InvoiceDate"]]), Due: date(r[at["DueDate"]]), Amount: total})
		b.Payments = append(b.Payments, ledgertest.Payment{ID: "P" + id, Customer: customer, Currency: "USD", Date: paid, Reversed: none, Amount: total})
		b.Allocations = append(b.Allocations, ledgertest.Allocation{ID: "A" + id, Payment: "P" + id, Invoice: id, Date: paid, Amount: total})
	}
	return b
}
