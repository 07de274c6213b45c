package metrics

import (
	"testing"

	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

func day(s string) ledger.Day      { return ledgertest.Day(s) }
func amount(s string) money.Amount { return ledgertest.Amount(s) }

const none = ledgertest.None

// one invoice in dollars
func invoice(id, date, due, total string) ledgertest.Invoice {
	return ledgertest.Invoice{ID: id, Company: "C", Customer: "K", Currency: "USD", Date: day(date), Due: day(due), Amount: amount(total)}
}

func payment(id, date, total string) ledgertest.Payment {
	return ledgertest.Payment{ID: id, Company: "C", Customer: "K", Currency: "USD", Date: day(date), Reversed: none, Amount: amount(total)}
}

func alloc(id, pay, inv, date, total string) ledgertest.Allocation {
	return ledgertest.Allocation{ID: id, Payment: pay, Invoice: inv, Date: day(date), Amount: amount(total)}
}

func TestAnInvoicePaidInTwoPartsAgesAndSettles(t *testing.T) {
	b := &ledgertest.Books{
		Invoices:    []ledgertest.Invoice{invoice("I1", "2024-01-10", "2024-02-09", "1000")},
		Payments:    []ledgertest.Payment{payment("P1", "2024-02-20", "400"), payment("P2", "2024-04-05", "600")},
		Allocations: []ledgertest.Allocation{alloc("A1", "P1", "I1", "2024-02-20", "400"), alloc("A2", "P2", "I1", "2024-04-05", "600")},
	}
	out, _ := buildTables(t, b, "2024-04-30")
	expect(t, out.find(t, Snapshots, "as_of", "2024-01-31"), "open_amount", "1000", "not_due", "1000", "overdue", "0", "open_amount_rc", "1000", "owner_id", "unassigned")
	expect(t, out.find(t, Snapshots, "as_of", "2024-02-09"), "not_due", "1000", "d1_30", "0")
	expect(t, out.find(t, Snapshots, "as_of", "2024-02-29"), "open_amount", "600", "d1_30", "600", "net_ar", "600")
	expect(t, out.find(t, Snapshots, "as_of", "2024-03-31"), "d31_60", "600", "overdue", "600")
	expect(t, out.find(t, RollForward, "month", "2024-01-01"), "opening", "0", "invoiced", "1000", "closing", "1000", "check_amount", "0")
	expect(t, out.find(t, RollForward, "month", "2024-04-01"), "opening", "600", "cash", "600", "closing", "0")
	expect(t, out.find(t, RepCollection, "month", "2024-02-01"), "fell_due", "1000", "collected", "400", "due_basis_denominator", "1000", "collection_rate", "0.4")
	expect(t, out.find(t, RepCollection, "month", "2024-03-01"), "opening_overdue", "600", "due_basis_denominator", "600", "collection_rate", "0", "closing_overdue", "600")
	expect(t, out.find(t, RepCollection, "month", "2024-04-01"), "collection_rate", "1", "days_to_pay", "86", "days_to_pay_settled", "86", "rank", "NULL")
	expect(t, out.find(t, DSO, "as_of", "2024-04-30", "scope", "group"), "ar", "0", "dso_90", "NULL", "reason_90", "no_sales")
	expect(t, out.find(t, DSO, "as_of", "2024-03-31", "scope", "group"), "dso_90", "NULL", "reason_90", "insufficient_history", "cei_denominator", "600", "cei", "0")
}
