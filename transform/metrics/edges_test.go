package metrics

import (
	"testing"

	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// edge is a line of the table of edge behaviour that testdata/edges.txt lists: a
// change to the ledger of edgeBooks, and what a row shows at the end of February.
type edge struct {
	name   string
	change func(b *ledgertest.Books)
	table  string
	row    []string
	want   []string
}

// edgeBooks has 500 from November that are overdue since December, and 900 of
// February that are not due. Plain: DSO 1,400 / 900 x 90 = 140, of it best
// possible 90 and delinquent 50.
func edgeBooks() *ledgertest.Books {
	return &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("OLD", "2023-11-01", "2023-12-01", "500"), invoice("NEW", "2024-02-10", "2024-03-11", "900")}}
}

func receives(date, total string) func(*ledgertest.Books) {
	return func(b *ledgertest.Books) { b.Payments = append(b.Payments, payment("P", date, total)) }
}

func writesOff(total string) func(*ledgertest.Books) {
	return func(b *ledgertest.Books) {
		b.WriteOffs = append(b.WriteOffs, ledgertest.WriteOff{ID: "W", Invoice: "OLD", Date: day("2024-02-15"), Amount: amount(total)})
	}
}

func disputed(b *ledgertest.Books) {
	b.Disputes = append(b.Disputes, ledgertest.Dispute{ID: "D", Invoice: "OLD", Opened: day("2024-01-03"), Closed: none, Amount: amount("400")})
}

// aYear keeps 500 open since 2022 and sells 650 in February: 13 month-ends
// average 550, sales of the year turn them over 650 / 550 times.
func aYear(more ...func(*ledgertest.Books)) func(*ledgertest.Books) {
	return func(b *ledgertest.Books) {
		b.Invoices[0] = invoice("OLD", "2022-11-01", "2022-12-01", "500")
		b.Invoices[1].Amount = amount("650")
		for _, m := range more {
			m(b)
		}
	}
}

// noted adds a credit note and applies it to an invoice on its date.
func noted(date, total, invoice string) func(*ledgertest.Books) {
	return func(b *ledgertest.Books) {
		b.CreditNotes = append(b.CreditNotes, ledgertest.CreditNote{ID: "N", Company: "C", Customer: "K", Currency: "USD", Date: day(date), Amount: amount(total)})
		if invoice != "" {
			b.Credits = append(b.Credits, ledgertest.Credit{ID: "CA", CreditNote: "N", Invoice: invoice, Date: day(date), Amount: amount(total)})
		}
	}
}

// cashOn adds a receipt and applies all of it to an invoice on its date.
func cashOn(date, total, invoice string) func(*ledgertest.Books) {
	return func(b *ledgertest.Books) {
		receives(date, total)(b)
		b.Payments[len(b.Payments)-1].Currency = currencyOf(b, invoice)
		b.Allocations = append(b.Allocations, alloc("A", "P", invoice, date, total))
	}
}

func currencyOf(b *ledgertest.Books, invoice string) string {
	for _, v := range b.Invoices {
		if v.ID == invoice {
			return v.Currency
		}
	}
	panic(invoice)
}

func dueOn(date string) func(*ledgertest.Books) {
	return func(b *ledgertest.Books) { b.Invoices[1].Due = day(date) }
}

func all(changes ...func(*ledgertest.Books)) func(*ledgertest.Books) {
	return func(b *ledgertest.Books) {
		for _, c := range changes {
			c(b)
		}
	}
}

func onlyOld(b *ledgertest.Books) { b.Invoices = b.Invoices[:1] }

func abroad(b *ledgertest.Books) {
	b.Invoices[1].Currency = "EUR"
	for d, r := range map[string]money.Rate{"2024-02-10": 2 * money.One, "2024-02-29": 3 * money.One} {
		b.Quotes = append(b.Quotes, ledger.Quote{Day: day(d), From: "EUR", To: "USD", Rate: r})
	}
}

func TestEdges(t *testing.T) {
	group, end, february := []string{"as_of", "2024-02-29", "scope", "group"}, []string{"as_of", "2024-02-29"}, []string{"month", "2024-02-01"}
	for _, e := range []edge{
		{"cash on account is no bucket", receives("2024-02-20", "100"), Snapshots, end,
			[]string{"unapplied", "-100", "overdue", "500", "not_due", "900", "open_amount", "1400", "net_ar", "1300"}},
		{"a credit balance leaves buckets as they are", receives("2024-02-20", "2000"), Snapshots, end, []string{"overdue", "500", "not_due", "900", "net_ar", "-600"}},
		{"a dispute stays in aging with its twin", disputed, Snapshots, end, []string{"overdue", "500", "disputed", "400", "disputed_overdue", "400", "d61_90", "500", "d91_120", "0"}},
		{"a write-off leaves aging", writesOff("200"), Snapshots, end, []string{"overdue", "300", "open_amount", "1200"}},
		{"cash reduces the roll-forward when it is received", receives("2024-02-20", "2000"), RollForward, february, []string{"opening", "500", "cash", "2000", "closing", "-600", "check_amount", "0"}},
		{"a dispute is no line of the roll-forward", disputed, RollForward, february, []string{"opening", "500", "invoiced", "900", "closing", "1400", "check_amount", "0"}},
		{"a write-off is a line of the roll-forward", writesOff("200"), RollForward, february, []string{"written_off", "200", "closing", "1200", "check_amount", "0"}},
		{"cash on account comes off the overdue part of DSO first", receives("2024-02-20", "100"), DSO, group, []string{"ar", "1300", "dso_90", "130", "bpdso", "90", "add_days", "40", "cei", "0.2"}},
		{"a credit balance has no DSO", receives("2024-02-20", "2000"), DSO, group, []string{"ar", "-600", "dso_90", "NULL", "bpdso", "NULL", "add_days", "NULL", "reason_90", "credit_balance",
			"dso_month", "NULL", "reason_month", "credit_balance", "dso_countback", "NULL", "reason_countback", "credit_balance"}},
		{"a dispute stays in DSO", disputed, DSO, group, []string{"dso_90", "140", "bpdso", "90", "add_days", "50", "dso_sales_weighted", "59", "dso_countback_lower_bound", "29", "uncovered_ar", "500"}},
		{"a write-off lowers DSO and raises the CEI", writesOff("500"), DSO, group, []string{"ar", "900", "dso_90", "90", "add_days", "0", "cei", "1", "dso_countback", "29", "dso_sales_weighted", "29"}},
		{"a write-off does not raise the clean CEI", all(writesOff("200"), cashOn("2024-02-20", "100", "OLD")), DSO, group,
			[]string{"cei_numerator", "300", "cei_denominator", "500", "cei", "0.6", "written_off_month", "200", "cei_clean_numerator", "100", "cei_clean", "0.2"}},
		{"what is in dispute is neither delinquent nor collectable in the twins", all(disputed, cashOn("2024-02-20", "80", "OLD")), DSO, group, []string{"disputed", "400", "disputed_overdue", "400",
			"add_days", "42", "undisputed_delinquent", "20", "add_days_undisputed", "2", "cei", "0.16", "cei_undisputed_denominator", "100", "cei_undisputed", "0.8", "reason_cei_undisputed", "NULL"}},
		{"without sales there is no DSO, and a CEI", onlyOld, DSO, group, []string{"ar", "500", "sales_90", "0", "dso_90", "NULL", "reason_90", "no_sales", "bpdso", "NULL", "dso_month", "NULL",
			"reason_month", "no_sales", "cei", "0", "cei_denominator", "500", "turnover", "NULL", "reason_turnover", "insufficient_history"}},
		{"a month without sales ends the countback with its bound", func(*ledgertest.Books) {}, DSO, group,
			[]string{"dso_countback", "NULL", "dso_countback_lower_bound", "29", "uncovered_ar", "500", "reason_countback", "no_sales", "days_month", "29"}},
		{"receivables and sales are at the invoice's rate", abroad, DSO, group, []string{"ar", "2300", "sales_90", "1800", "dso_90", "115", "bpdso", "90", "add_days", "25", "dso_sales_weighted", "59", "cei", "0", "cei_denominator", "500"}},
		{"the ninetieth day back is in the window", func(b *ledgertest.Books) {
			b.Invoices = append(b.Invoices, invoice("IN", "2023-12-02", "2024-03-01", "30"), invoice("OUT", "2023-12-01", "2024-03-01", "7"))
		}, DSO, group, []string{"sales_90", "930"}},
		{"a year without sales turns nothing over", func(b *ledgertest.Books) {
			b.Invoices = []ledgertest.Invoice{invoice("OLD", "2022-11-01", "2022-12-01", "500")}
		}, DSO, group, []string{"sales_12m", "0", "average_ar", "500", "turnover", "0", "reason_turnover", "NULL"}},
		{"a year of more credits than billings has no turnover", func(b *ledgertest.Books) {
			b.Invoices = []ledgertest.Invoice{invoice("OLD", "2022-11-01", "2022-12-01", "500")}
			noted("2024-02-12", "100", "")(b)
		}, DSO, group, []string{"sales_12m", "-100", "turnover", "NULL", "reason_turnover", "sales_nonpositive"}},
		{"a year in credit turns nothing over", func(b *ledgertest.Books) {
			b.Invoices = []ledgertest.Invoice{invoice("OLD", "2022-11-01", "2022-12-01", "500")}
			b.Payments = []ledgertest.Payment{payment("P", "2022-11-02", "600")}
		}, DSO, group, []string{"average_ar", "-100", "turnover", "NULL", "reason_turnover", "credit_balance"}},
		{"turnover is of net sales over net receivables", aYear(noted("2024-02-12", "100", ""), receives("2024-02-20", "150")), DSO, group,
			[]string{"sales_12m", "550", "average_ar", "530.7692", "turnover", "1.0362318841"}},
		{"a dispute stays in turnover", aYear(disputed), DSO, group, []string{"sales_12m", "650", "average_ar", "550", "turnover", "1.1818181818"}},
		{"a write-off lowers the average of turnover", aYear(writesOff("130")), DSO, group, []string{"sales_12m", "650", "average_ar", "540", "turnover", "1.2037037037"}},
		{"turnover is at the invoice's rate", all(abroad, aYear(), func(b *ledgertest.Books) { b.Invoices[1].Amount = amount("325") }), DSO, group,
			[]string{"sales_12m", "650", "average_ar", "550", "turnover", "1.1818181818"}},
		{"the year of turnover has its leap day", aYear(func(b *ledgertest.Books) {
			b.Invoices = append(b.Invoices, invoice("IN", "2023-03-01", "2023-03-02", "30"), invoice("OUT", "2023-02-28", "2023-03-02", "7"))
		}), DSO, group, []string{"sales_12m", "680"}},
		{"an open month without sales has no weighted term", all(noted("2023-11-20", "500", ""), func(b *ledgertest.Books) {
			b.Credits = append(b.Credits, ledgertest.Credit{ID: "CA", CreditNote: "N", Invoice: "NEW", Date: day("2024-02-12"), Amount: amount("500")})
		}), DSO, group, []string{"ar", "900", "credits", "0", "dso_sales_weighted", "NULL", "reason_weighted", "no_sales"}},
		{"an overpaid invoice is not what the CEI calls current", cashOn("2024-02-20", "1000", "NEW"), DSO, group,
			[]string{"ar", "400", "not_due", "0", "credits", "-100", "cei_denominator", "1400", "cei_numerator", "1000", "cei", "0.7142857143"}},
		{"cash on account leaves open items as they are", receives("2024-02-20", "100"), OpenItems, []string{"invoice_id", "OLD"}, []string{"open_amount", "500", "days_past_due", "90"}},
		{"an overpaid invoice is not collectable", all(dueOn("2024-02-20"), cashOn("2024-01-10", "600", "OLD")), RepCollection, february,
			[]string{"opening_open", "0", "opening_overdue", "0", "due_basis_denominator", "900", "collection_rate", "0"}},
		{"cash counts at the invoice's rate", all(abroad, dueOn("2024-02-20"), cashOn("2024-02-29", "450", "NEW")), RepCollection, february,
			[]string{"due_basis_denominator", "2300", "collected_due_basis", "900", "collection_rate", "0.3913043478"}},
		{"days to pay weigh at the invoice's rate", all(abroad, cashOn("2024-02-29", "50", "NEW"), func(b *ledgertest.Books) {
			b.Payments = append(b.Payments, payment("P2", "2024-02-29", "100"))
			b.Allocations = append(b.Allocations, alloc("A2", "P2", "OLD", "2024-02-29", "100"))
		}), RepCollection, february, []string{"days_to_pay_denominator", "200", "days_to_pay", "69.5"}},
		{"on time is by amount at the invoice's rate", all(abroad, dueOn("2024-02-29"), cashOn("2024-02-29", "900", "NEW"), func(b *ledgertest.Books) {
			b.Invoices = append(b.Invoices, invoice("LATE", "2024-02-01", "2024-02-10", "200"))
		}), RepCollection, february, []string{"on_time_amount", "1800", "on_time_base", "2000", "on_time_rate", "0.9"}},
		{"a target is at the budget rate of its year", func(b *ledgertest.Books) {
			b.Owners = []ledgertest.Owner{{Customer: "K", Rep: "R", From: day("2023-01-01"), To: none}}
			b.Targets = []ledger.Target{{Rep: "R", Month: day("2024-02-01"), Amount: amount("100"), Currency: "EUR"}}
			b.Quotes = []ledger.Quote{{Day: day("2024-02-01"), From: "EUR", To: "USD", Rate: 3 * money.One}, {Day: day("2024-01-01"), From: "EUR", To: "USD", Type: "budget", Rate: 2 * money.One}}
			receives("2024-02-20", "150")(b)
		}, RepCollection, []string{"month", "2024-02-01", "rep_id", "R"}, []string{"target", "200", "attainment", "0.75"}},
		{"a month is divided between owners by the day", func(b *ledgertest.Books) {
			b.Owners = []ledgertest.Owner{{Customer: "K", Rep: "R1", From: day("2023-01-01"), To: day("2024-02-14")}, {Customer: "K", Rep: "R2", From: day("2024-02-15"), To: none}}
			b.Payments = []ledgertest.Payment{payment("P1", "2024-02-14", "10"), payment("P2", "2024-02-15", "20")}
		}, RepCollection, []string{"month", "2024-02-01", "rep_id", "R2"}, []string{"transfers_in", "1400", "collected", "20", "sales", "0", "closing_open", "1400"}},
		{"an overpaid invoice does not roll", cashOn("2024-01-10", "600", "OLD"), Rolls, []string{"month", "2023-12-01"}, []string{"from_bucket", "1-30", "to_bucket", "paid", "amount", "500"}},
		{"a disputed invoice rolls like others", disputed, Rolls, []string{"month", "2024-01-01"}, []string{"from_bucket", "61-90", "to_bucket", "61-90", "amount", "500"}},
		{"rolling is at the invoice's rate", func(b *ledgertest.Books) {
			abroad(b)
			b.Invoices[1].Date, b.Invoices[1].Due = day("2024-01-10"), day("2024-02-10")
			b.Quotes = append(b.Quotes, ledger.Quote{Day: day("2024-01-10"), From: "EUR", To: "USD", Rate: 4 * money.One})
		}, Rolls, []string{"month", "2024-01-01", "currency", "EUR"}, []string{"from_bucket", "not_due", "to_bucket", "1-30", "amount", "900", "amount_rc", "3600"}},
		{"a write-off shrinks what was collectable", func(b *ledgertest.Books) {
			writesOff("200")(b)
			receives("2024-02-20", "150")(b)
			b.Allocations = append(b.Allocations, alloc("A", "P", "OLD", "2024-02-20", "150"))
		}, RepCollection, february, []string{"opening_overdue", "500", "reduced", "200", "due_basis_denominator", "300", "collected_due_basis", "150", "collection_rate", "0.5"}},
		{"nothing collectable is no rate", func(b *ledgertest.Books) { b.Invoices = b.Invoices[1:] }, RepCollection, february,
			[]string{"due_basis_denominator", "0", "collection_rate", "NULL", "reason", "nothing_collectable"}},
		{"a rate of revenue needs revenue", onlyOld, RepCollection, february, []string{"cash_rate_revenue", "NULL", "reason_revenue", "no_sales", "cash_rate_collectable", "0"}},
		{"a target of nothing is no attainment", func(b *ledgertest.Books) {
			b.Owners = []ledgertest.Owner{{Customer: "K", Rep: "R", From: day("2023-01-01"), To: none}}
			b.Targets = []ledger.Target{{Rep: "R", Month: day("2024-02-01"), Currency: "USD"}}
		}, RepCollection, []string{"month", "2024-02-01", "rep_id", "R"}, []string{"attainment", "NULL", "reason_attainment", "no_target"}},
		{"a dispute stays in the collection rate", disputed, RepCollection, february, []string{"due_basis_denominator", "500", "collection_rate", "0"}},
		{"what is in dispute at the end of the month is not collectable in the twins", all(disputed, dueOn("2024-02-29"), cashOn("2024-02-20", "80", "OLD")), RepCollection, february,
			[]string{"due_basis_denominator", "1400", "collection_rate", "0.0571428571", "disputed_due", "400", "due_basis_undisputed_denominator", "1000", "collection_rate_undisputed", "0.08",
				"cash_rate_numerator", "80", "cash_rate_collectable_undisputed_denominator", "1000", "cash_rate_collectable_undisputed", "0.08", "cash_rate_revenue_undisputed", "0.0888888889"}},
		{"a sale in dispute is no sale in the twin", func(b *ledgertest.Books) {
			b.Disputes = []ledgertest.Dispute{{ID: "D", Invoice: "NEW", Opened: day("2024-02-20"), Closed: none, Whole: true}}
		}, RepCollection, february, []string{"sales", "900", "disputed_sales", "900", "cash_rate_revenue", "0", "cash_rate_revenue_undisputed", "NULL", "reason_revenue_undisputed", "no_sales", "disputed_due", "0"}},
		{"the leap day is a day to pay", func(b *ledgertest.Books) {
			b.Invoices[1] = invoice("NEW", "2024-01-31", "2024-02-29", "900")
			receives("2024-02-29", "900")(b)
			b.Allocations = append(b.Allocations, alloc("A", "P", "NEW", "2024-02-29", "900"))
		}, RepCollection, february, []string{"days_to_pay", "29", "on_time_rate", "1"}},
		{"a promise is judged in its own currency", func(b *ledgertest.Books) {
			abroad(b)
			receives("2024-02-10", "200")(b)
			p := promise("Q", "", "2024-02-02", "2024-02-12", "100")
			p.Currency = "EUR"
			b.Promises = append(b.Promises, p)
		}, PromiseOutcomes, []string{"promise_id", "Q"}, []string{"status", "kept", "paid", "100"}},
		{"credits and write-offs are no response to a visit", func(b *ledgertest.Books) {
			writesOff("200")(b)
			b.CreditNotes = append(b.CreditNotes, ledgertest.CreditNote{ID: "N", Company: "C", Customer: "K", Currency: "USD", Date: day("2024-02-12"), Amount: amount("100")})
			b.Credits = append(b.Credits, ledgertest.Credit{ID: "CA", CreditNote: "N", Invoice: "OLD", Date: day("2024-02-12"), Amount: amount("100")})
			b.Visits = append(b.Visits, visit("V", "R", "2024-02-11"))
		}, VisitOutcomes, []string{"visit_id", "V"}, []string{"overdue_rc", "500", "cash_14_rc", "0", "window_complete_14", "true"}},
	} {
		t.Run(e.name, func(t *testing.T) {
			b := edgeBooks()
			e.change(b)
			out, _ := buildTables(t, b, "2024-02-29", func(o *Options) { o.ReportingCurrency = "USD" })
			expect(t, out.find(t, e.table, e.row...), e.want...)
		})
	}
}
