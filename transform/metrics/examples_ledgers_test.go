package metrics

import (
	"fmt"
	"testing"

	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// agingBuild builds one invoice per open item of an example.
func agingBuild(t *testing.T, e *example) tables {
	b := &ledgertest.Books{}
	for _, x := range e.Inputs["open_items"].([]any) {
		x := x.(map[string]any)
		b.Invoices = append(b.Invoices, invoice(x["id"].(string), "2023-11-01", x["due"].(string), fmt.Sprint(x["open"])))
	}
	out, _ := buildTables(t, b, e.Inputs["as_of"].(string), func(o *Options) { o.Edges = []int{30, 60, 90} })
	return out
}

// fxBooks is an invoice in dollars on 5 January, perhaps a receipt on the 15th,
// and the rates of these days and of the month's end.
func fxBooks(total, received string, atInvoice, atReceipt, atEnd money.Rate) *ledgertest.Books {
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-05", "2024-03-05", total)}}
	for d, r := range map[string]money.Rate{"2024-01-05": atInvoice, "2024-01-15": atReceipt, "2024-01-31": atEnd} {
		b.Quotes = append(b.Quotes, ledger.Quote{Day: day(d), From: "USD", To: "INR", Rate: r})
	}
	if received != "0" {
		b.Payments = []ledgertest.Payment{payment("P", "2024-01-15", received)}
		b.Allocations = []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-15", received)}
	}
	return b
}

func periodDSO(t *testing.T, e *example) {
	e.want(t, "dso", text1(DaysSalesOutstanding(e.in("ar"), e.in("sales"), int64(e.in("days")/money.AmountUnits))))
}

func undefinedDSO(t *testing.T, e *example) {
	m := DaysSalesOutstanding(e.in("ar"), e.in("sales"), int64(e.in("days")/money.AmountUnits))
	e.want(t, "dso", text1(m))
	if string(m.Reason) != e.expected("flag") {
		t.Errorf("reason %s, want %v", m.Reason, e.expected("flag"))
	}
}

func countback(t *testing.T, e *example) {
	sales, days := jsonAmounts(e.Inputs["sales_latest_first"]), jsonAmounts(e.Inputs["days_latest_first"])
	r := Countback(e.in("ar"), func(n int) (Period, bool) {
		if n == len(sales) {
			return Period{}, false
		}
		return Period{sales[n], int64(days[n] / money.AmountUnits)}, true
	}, false)
	e.want(t, "dso", text1(r.Measure))
	if e.expected("dso_lower_bound") != nil {
		e.want(t, "dso_lower_bound", r.LowerBound.String())
		e.want(t, "uncovered_ar", r.Uncovered.String())
	}
}

func percent(m Measure) string {
	if !m.known() {
		return "NULL"
	}
	return m.Value.Times(100).String()
}

func cei(t *testing.T, e *example) {
	m := Effectiveness(e.in("begin_ar"), e.in("credit_sales"), e.in("end_ar"), e.in("end_current"))
	e.want(t, "cei", percent(m))
	if flag := e.expected("flag"); flag != nil && string(m.Reason) != flag {
		t.Errorf("reason %s, want %v", m.Reason, flag)
	}
}

// dueBasis puts the example's month into documents: 200 overdue at opening, 800
// falling due of which 50 were prepaid and 20 credited, 90 paid early.
func dueBasis(t *testing.T, e *example) {
	b := &ledgertest.Books{
		Invoices: []ledgertest.Invoice{invoice("OLD", "2024-01-01", "2024-01-20", "200"), invoice("DUE", "2024-01-05", "2024-02-10", "800"), invoice("LATER", "2024-02-01", "2024-03-10", "500")},
		Payments: []ledgertest.Payment{payment("PRE", "2024-01-25", "50"), payment("P1", "2024-02-05", "150"), payment("P2", "2024-02-20", "600"), payment("P3", "2024-02-21", "90")},
		Allocations: []ledgertest.Allocation{alloc("A0", "PRE", "DUE", "2024-01-25", "50"), alloc("A1", "P1", "OLD", "2024-02-05", "150"),
			alloc("A2", "P2", "DUE", "2024-02-20", "600"), alloc("A3", "P3", "LATER", "2024-02-21", "90")},
		CreditNotes: []ledgertest.CreditNote{{ID: "C", Company: "C", Customer: "K", Currency: "USD", Date: day("2024-02-12"), Amount: amount("20")}},
		Credits:     []ledgertest.Credit{{ID: "CA", CreditNote: "C", Invoice: "DUE", Date: day("2024-02-12"), Amount: amount("20")}},
	}
	out, _ := buildTables(t, b, "2024-02-29")
	row := out.find(t, RepCollection, "month", "2024-02-01")
	expect(t, row, "opening_overdue", "200", "fell_due", "800", "prepaid", "50", "reduced", "20", "collected_early", "90")
	e.want(t, "denominator", row["due_basis_denominator"])
	e.want(t, "numerator", row["collected_due_basis"])
	e.want(t, "rate", row["collection_rate"])
	e.want(t, "cash_total", row["collected"])
}

// attribution checks both keys: reps of the invoice and owners at the cash date.
func attribution(t *testing.T, e *example) {
	b := &ledgertest.Books{
		Invoices: []ledgertest.Invoice{invoice("I", "2024-03-01", "2024-03-31", fmt.Sprint(e.Inputs["invoice"]))},
		Splits:   []ledgertest.Split{{Invoice: "I", Rep: "R1", Share: 6_000_000_000}, {Invoice: "I", Rep: "R2", Share: 4_000_000_000}},
		Owners:   []ledgertest.Owner{{Customer: "K", Rep: "R1", From: day("2024-01-01"), To: day("2024-03-14")}, {Customer: "K", Rep: "R3", From: day("2024-03-15"), To: none}},
	}
	for i, c := range e.Inputs["cash"].([]any) {
		c := c.(map[string]any)
		id := fmt.Sprint(i)
		b.Payments = append(b.Payments, payment(id, c["date"].(string), fmt.Sprint(c["amount"])))
		b.Allocations = append(b.Allocations, alloc(id, id, "I", c["date"].(string), fmt.Sprint(c["amount"])))
	}
	out, _ := buildTables(t, b, "2024-03-31")
	for key, column := range map[string]string{"by_invoice_rep": "billed", "by_owner_at_cash_date": "collected"} {
		for rep, want := range e.expected(key).(map[string]any) {
			row := out.find(t, RepCollection, "rep_id", rep)
			if amount(row[column]) != jsonAmount(want) {
				t.Errorf("%s %s = %s, want %v", rep, column, row[column], want)
			}
			basis := map[string]string{"billed": ByInvoiceRep, "collected": ByOwnerAtCash}[column]
			if row := out.find(t, RepAttribution, "rep_id", rep, "basis", basis); amount(row[column]) != jsonAmount(want) {
				t.Errorf("%s by %s: %s = %s, want %v", rep, basis, column, row[column], want)
			}
		}
	}
	expect(t, out.find(t, RepCollection, "rep_id", "R1"), "transfers_out", "500", "transfers_in", "0", "closing_open", "0")
	expect(t, out.find(t, RepCollection, "rep_id", "R3"), "transfers_in", "500", "rank", "1")
	// the roll-forward hands the balance over in a line that adds up to 0
	expect(t, out.find(t, RollForward, "owner_id", "R1"), "transfers", "-500", "closing", "0")
	expect(t, out.find(t, RollForward, "owner_id", "R3"), "transfers", "500", "closing", "0")
}

// promises gives every promise its own invoice and customer's payments.
func promises(t *testing.T, e *example) {
	b := &ledgertest.Books{}
	for _, x := range e.Inputs["promises"].([]any) {
		x := x.(map[string]any)
		id := x["id"].(string)
		b.Invoices = append(b.Invoices, invoice(id, "2024-04-01", "2024-04-20", "5000"))
		b.Promises = append(b.Promises, ledgertest.Promise{ID: id, Customer: "K", Rep: id, Invoice: id, Currency: "USD", Made: day("2024-05-01"), Due: day(x["due"].(string)), Amount: jsonAmount(x["amount"])})
		for i, p := range x["payments"].([]any) {
			p := p.([]any)
			pay := fmt.Sprint(id, "-", i)
			b.Payments = append(b.Payments, payment(pay, p[0].(string), fmt.Sprint(p[1])))
			b.Allocations = append(b.Allocations, alloc(pay, pay, id, p[0].(string), fmt.Sprint(p[1])))
		}
	}
	out, _ := buildTables(t, b, e.Inputs["as_of"].(string))
	var due, kept, dueAmount, keptAmount, paid float64
	for id, status := range e.expected("status").(map[string]any) {
		row := out.find(t, RepCollection, "month", "2024-05-01", "rep_id", id)
		expect(t, row, "promises_made", "1", "promises_kept", map[bool]string{true: "1", false: "0"}[status == "kept"],
			"promises_due", map[bool]string{true: "0", false: "1"}[status == "open"])
		due, kept = due+number(row["promises_due"]), kept+number(row["promises_kept"])
		dueAmount, keptAmount = dueAmount+number(row["promises_due_amount"]), keptAmount+number(row["promises_kept_amount"])
		outcome := out.find(t, PromiseOutcomes, "promise_id", id)
		expect(t, outcome, "status", status.(string))
		paid += number(outcome["paid"])
	}
	e.want(t, "kept_rate_count", fmt.Sprint(kept/due))
	e.want(t, "kept_rate_amount", fmt.Sprint(keptAmount/dueAmount))
	e.want(t, "cash_on_promises_rate", fmt.Sprint(paid/dueAmount))
}
