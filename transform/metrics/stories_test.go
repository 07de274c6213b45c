package metrics

import (
	"strconv"
	"testing"

	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

func reverse(a ledgertest.Allocation, date string) ledgertest.Allocation {
	a.ID, a.ReversalOf, a.Date, a.Amount, a.Discount = a.ID+"R", a.ID, day(date), -a.Amount, -a.Discount
	return a
}

func checkNamed(t *testing.T, sum Summary, name string) Check {
	t.Helper()
	for _, c := range sum.Checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check %s", name)
	return Check{}
}

func TestABouncedChequeReopensTheInvoice(t *testing.T) {
	p := payment("P", "2024-01-20", "1000")
	p.Reversed = day("2024-02-05")
	a := alloc("A", "P", "I", "2024-01-20", "1000")
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-02-01", "1000")}, Payments: []ledgertest.Payment{p},
		Allocations: []ledgertest.Allocation{a, reverse(a, "2024-02-05")}}
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, RollForward, "month", "2024-01-01"), "cash", "1000", "closing", "0")
	expect(t, out.find(t, RollForward, "month", "2024-02-01"), "cash", "-1000", "closing", "1000")
	expect(t, out.find(t, Snapshots, "as_of", "2024-02-29"), "d1_30", "1000", "unapplied", "0")
	expect(t, out.find(t, RepCollection, "month", "2024-01-01"), "collected", "1000", "collected_early", "1000", "days_to_pay", "NULL", "reason_days_to_pay", "no_receipts")
	expect(t, out.find(t, RepCollection, "month", "2024-02-01"), "collected", "-1000", "on_time_rate", "0", "days_to_pay_settled", "NULL")
	kinds := map[string]string{}
	for _, r := range out[Events] {
		kinds[r["kind"]] += r["amount"]
	}
	for kind, amount := range map[string]string{"INVOICE": "1000", "ALLOC": "-1000", "ALLOC_REV": "1000", "ON_ACCOUNT": "-1000", "APPLIED": "1000", "APPLIED_REV": "-1000", "BOUNCED": "1000"} {
		if kinds[kind] != amount {
			t.Errorf("%s %s, want %s", kind, kinds[kind], amount)
		}
	}
}

func TestABounceWithoutReversalIsReportedAsOverApplied(t *testing.T) {
	p := payment("P", "2024-01-20", "1000")
	p.Reversed = day("2024-02-05")
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-02-01", "1000")}, Payments: []ledgertest.Payment{p},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-20", "1000")}}
	out, sum := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, Snapshots, "as_of", "2024-02-29"), "unapplied", "1000", "net_ar", "1000")
	if c := checkNamed(t, sum, "over_applied"); c.Failed != 1 || c.Blocking || c.Offenders[0] != "test payment P applied 1000.00 USD beyond its amount" {
		t.Errorf("%+v", c)
	}
}

// Applied before it is there: the balance is lower from the day of the
// application on, but nothing is collected until the money comes, be it in the
// month of the as-of day or in a later one.
func TestCashIsCollectedOnlyWhenItHasCome(t *testing.T) {
	for _, comes := range []string{"2024-01-21", "2024-02-02"} {
		b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2023-12-02", "2023-12-20", "1000")},
			Payments:    []ledgertest.Payment{payment("OLD", "2024-01-05", "300"), payment("P", comes, "700"), payment("FREE", comes, "40")},
			Allocations: []ledgertest.Allocation{alloc("B", "OLD", "I", "2024-01-05", "300"), alloc("A", "P", "I", "2024-01-10", "700")}}
		out, _ := buildTables(t, b, "2024-01-20")
		expect(t, out.find(t, RepCollection, "month", "2024-01-01"), "opening_overdue", "1000", "collected", "300", "collected_due_basis", "300", "collected_unapplied", "0",
			"due_basis_denominator", "1000", "closing_open", "0", "days_to_pay_denominator", "300", "days_to_pay_settled_count", "0", "days_to_pay_settled", "NULL")
		for _, basis := range []string{"invoice_rep", "owner_at_due", "owner_at_cash", "owner_today"} {
			expect(t, out.find(t, RepAttribution, "month", "2024-01-01", "basis", basis), "collected", "300", "collected_due_basis", "300", "collected_unapplied", "0")
		}
		expect(t, out.find(t, RollForward, "month", "2024-01-01"), "cash", "300", "closing", "700")
		expect(t, out.find(t, Snapshots, "as_of", "2024-01-20"), "open_amount", "0", "unapplied", "700", "net_ar", "700")

		out, _ = buildTables(t, b, comes)
		month := day(comes).MonthStart().String()
		collected := map[string]string{"2024-01-01": "1040", "2024-02-01": "740"}[month]
		row := out.find(t, RepCollection, "month", month)
		expect(t, row, "collected", collected, "collected_unapplied", "40", "days_to_pay_settled_count", "1", "days_to_pay_settled", strconv.Itoa(int(day(comes)-day("2023-12-02"))))
	}
}

func TestARefundRaisesTheBalanceAndLowersWhatWasCollected(t *testing.T) {
	b := &ledgertest.Books{Payments: []ledgertest.Payment{payment("P", "2024-01-10", "500"), payment("R", "2024-01-20", "-200")}}
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, RollForward, "month", "2024-01-01"), "cash", "500", "refunds", "200", "closing", "-300")
	expect(t, out.find(t, RepCollection, "month", "2024-01-01"), "collected", "300", "collected_unapplied", "300", "closing_unapplied", "-300")
	expect(t, out.find(t, DSO, "as_of", "2024-01-31", "scope", "group"), "ar", "-300", "dso_month", "NULL", "reason_month", "credit_balance")
}

func TestARefundOfForeignCashLeavesNothingInReportingCurrency(t *testing.T) {
	b := &ledgertest.Books{}
	for d, rate := range map[string]money.Rate{"2024-01-05": money.One, "2024-01-10": 2 * money.One, "2024-01-20": 3 * money.One} {
		b.Quotes = append(b.Quotes, ledger.Quote{Day: day(d), From: "EUR", To: "USD", Rate: rate})
	}
	for _, p := range []ledgertest.Payment{payment("P", "2024-01-10", "500"), payment("R", "2024-01-20", "-200"), payment("S", "2024-01-20", "-300"), payment("O", "2024-01-05", "50")} {
		p.Currency = "EUR"
		b.Payments = append(b.Payments, p)
	}
	b.Invoices = []ledgertest.Invoice{invoice("I", "2024-01-06", "2024-02-06", "50")}
	b.Invoices[0].Currency = "EUR"
	b.Allocations = []ledgertest.Allocation{alloc("A", "O", "I", "2024-01-06", "50")} // applied: not what is paid back
	out, _ := buildTables(t, b, "2024-01-31", func(o *Options) { o.ReportingCurrency = "USD" })
	expect(t, out.find(t, Snapshots, "as_of", "2024-01-19"), "unapplied", "-500", "unapplied_rc", "-1000")
	if row := rowOf(out[Snapshots], "as_of", "2024-01-20"); row != nil {
		t.Errorf("nothing is left of the cash, and %s in reporting currency: %v", row["unapplied_rc"], row)
	}
	expect(t, out.find(t, RollForward, "month", "2024-01-01"), "cash_rc", "1050", "refunds_rc", "1500", "fx_rc", "-500", "closing_rc", "0", "check_amount_rc", "0")
	expect(t, out.find(t, RepCollection, "month", "2024-01-01"), "collected", "50", "collected_unapplied", "0")
}

func TestARefundOfACompanyIsNotPaidFromAnothersCash(t *testing.T) {
	b := &ledgertest.Books{}
	for d, rate := range map[string]money.Rate{"2024-01-05": money.One, "2024-01-10": 2 * money.One, "2024-01-20": 3 * money.One} {
		b.Quotes = append(b.Quotes, ledger.Quote{Day: day(d), From: "EUR", To: "USD", Rate: rate})
	}
	for _, p := range []ledgertest.Payment{payment("OLDER", "2024-01-05", "500"), payment("P", "2024-01-10", "500"), payment("R", "2024-01-20", "-500")} {
		p.Currency, p.Company = "EUR", "A"
		if p.ID == "OLDER" {
			p.Company = "B"
		}
		b.Payments = append(b.Payments, p)
	}
	out, _ := buildTables(t, b, "2024-01-31", func(o *Options) { o.ReportingCurrency = "USD" })
	if row := rowOf(out[Snapshots], "as_of", "2024-01-20", "company", "A"); row != nil {
		t.Errorf("nothing is left of A's cash, and %s in reporting currency: %v", row["unapplied_rc"], row)
	}
	expect(t, out.find(t, Snapshots, "as_of", "2024-01-20", "company", "B"), "unapplied", "-500", "unapplied_rc", "-500")
	expect(t, out.find(t, RollForward, "month", "2024-01-01", "company", "A"), "cash_rc", "1000", "refunds_rc", "1500", "fx_rc", "-500", "closing_rc", "0")
}

func TestAParentPaysItsChildsInvoice(t *testing.T) {
	v, p := invoice("I", "2024-01-02", "2024-02-01", "1000"), payment("P", "2024-01-15", "1000")
	v.Customer, p.Customer = "CHILD", "PARENT"
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{v}, Payments: []ledgertest.Payment{p}, Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-20", "1000")}}
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, RollForward, "customer_id", "CHILD"), "invoiced", "1000", "transfers", "-1000", "closing", "0")
	expect(t, out.find(t, RollForward, "customer_id", "PARENT"), "cash", "1000", "transfers", "1000", "closing", "0")
}

func TestAnOverpaidInvoiceIsACreditNotANegativeBucket(t *testing.T) {
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-01-10", "100")}, Payments: []ledgertest.Payment{payment("P", "2024-01-15", "150")},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-15", "150")}}
	out, sum := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, Snapshots, "as_of", "2024-01-31"), "open_amount", "0", "open_credits", "-50", "unapplied", "0", "net_ar", "-50")
	if len(out[OpenItems]) != 0 || checkNamed(t, sum, "overpaid_invoices").Failed != 1 {
		t.Errorf("open items %v", out[OpenItems])
	}
}

func TestAnApplicationOfAnUnknownPaymentIsReportedAndNotApplied(t *testing.T) {
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-01-10", "100")},
		Allocations: []ledgertest.Allocation{alloc("A", "LOST", "I", "2024-01-15", "100")}}
	out, sum := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, Snapshots, "as_of", "2024-01-31"), "open_amount", "100")
	if c := checkNamed(t, sum, "orphan_applications"); c.Failed != 1 {
		t.Errorf("%+v", c)
	}
}

func TestWithoutARateReportingCurrencyIsNullNeverOne(t *testing.T) {
	v := invoice("I", "2024-01-02", "2024-03-10", "100")
	v.Currency = "CHF"
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{v, invoice("J", "2024-01-03", "2024-03-10", "70")}}
	b.Quotes = []ledger.Quote{{Day: day("2023-12-20"), From: "CHF", To: "USD", Rate: money.One}} // 13 days old
	out, sum := buildTables(t, b, "2024-01-31", func(o *Options) { o.ReportingCurrency = "USD" })
	expect(t, out.find(t, Snapshots, "as_of", "2024-01-31", "currency", "CHF"), "open_amount", "100", "open_amount_rc", "NULL", "net_ar_rc", "NULL")
	expect(t, out.find(t, Snapshots, "as_of", "2024-01-31", "currency", "USD"), "open_amount_rc", "70")
	expect(t, out.find(t, RollForward, "currency", "CHF"), "closing", "100", "closing_rc", "NULL", "invoiced_rc", "NULL")
	expect(t, out.find(t, DSO, "as_of", "2024-01-31", "scope", "group"), "ar", "NULL", "dso_month", "NULL", "reason", "missing_rate")
	expect(t, out.find(t, RepCollection, "month", "2024-01-01"), "cash_rate_collectable", "NULL", "reason_collectable", "missing_rate")
	if c := checkNamed(t, sum, "missing_rates"); c.Failed != 1 || len(sum.Notices) != 1 {
		t.Errorf("%+v %v", c, sum.Notices)
	}
}

func TestCashWithoutARateIsForgottenOnceItIsApplied(t *testing.T) {
	// received in January without a rate, applied in February to an invoice that has one
	v, p := invoice("I", "2024-02-02", "2024-03-10", "100"), payment("P", "2024-01-10", "60")
	v.Currency, p.Currency = "CHF", "CHF"
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{v}, Payments: []ledgertest.Payment{p}, Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-02-10", "60")}}
	b.Quotes = []ledger.Quote{{Day: day("2024-02-01"), From: "CHF", To: "USD", Rate: 2 * money.One}}
	out, _ := buildTables(t, b, "2024-02-29", func(o *Options) { o.ReportingCurrency = "USD" })
	expect(t, out.find(t, DSO, "as_of", "2024-01-31", "scope", "group"), "ar", "NULL", "reason", "missing_rate")
	expect(t, out.find(t, DSO, "as_of", "2024-02-29", "scope", "group"), "ar", "80", "sales_month", "200", "dso_month", "11.6")
}

func TestAPartlyCreditedInstalmentPaidByItsDueDateIsOnTime(t *testing.T) {
	// credited 60, paid 40: the 40 count; what credits leave to a write-off is late
	credit := func(id, invoice, a string) ledgertest.Credit {
		return ledgertest.Credit{ID: id, CreditNote: "C", Invoice: invoice, Date: day("2024-01-06"), Amount: amount(a)}
	}
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-01", "2024-01-20", "100"), invoice("J", "2024-01-01", "2024-01-20", "30")},
		CreditNotes: []ledgertest.CreditNote{{ID: "C", Company: "C", Customer: "K", Currency: "USD", Date: day("2024-01-05"), Amount: amount("80")}},
		Credits:     []ledgertest.Credit{credit("CA", "I", "60"), credit("CB", "J", "20")}, Payments: []ledgertest.Payment{payment("P", "2024-01-15", "40")},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-15", "40")}, WriteOffs: []ledgertest.WriteOff{{ID: "W", Invoice: "J", Date: day("2024-01-18"), Amount: amount("10")}}}
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, RepCollection, "month", "2024-01-01"), "on_time_amount", "40", "on_time_base", "50", "on_time_rate", "0.8", "on_time_count_base", "2", "on_time_count", "1")
}

func TestARefundBeyondReceiptsDoesNotAgeInTheSalesWeightedDSO(t *testing.T) {
	// January's credit note leaves no sales there; the 30 refunded too much are nobody's open invoice
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-02-01", "50"), invoice("J", "2024-02-02", "2024-03-01", "100")},
		CreditNotes: []ledgertest.CreditNote{{ID: "C", Company: "C", Customer: "K", Currency: "USD", Date: day("2024-01-05"), Amount: amount("50")}},
		Credits:     []ledgertest.Credit{{ID: "CA", CreditNote: "C", Invoice: "I", Date: day("2024-01-06"), Amount: amount("50")}}, Payments: []ledgertest.Payment{payment("R", "2024-02-10", "-30")}}
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, DSO, "as_of", "2024-02-29", "scope", "group"), "ar", "130", "credits", "30", "dso_sales_weighted", "29")
}

func TestANegativeInvoiceIsNeverOnTime(t *testing.T) {
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-01", "2024-01-20", "-100"), invoice("J", "2024-01-01", "2024-01-21", "100")}}
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, RepCollection, "month", "2024-01-01"), "on_time_count", "0", "on_time_count_base", "1", "on_time_base", "100", "fell_due", "100")
}

func TestRatesComeFromTheInverseOrACrossWithinAWeek(t *testing.T) {
	at := day("2024-01-10")
	r := ledger.NewRates([]ledger.Quote{{Day: at - 7, From: "USD", To: "CHF", Rate: 8_000_000_000}, {Day: at, From: "EUR", To: "USD", Rate: 11_000_000_000}, {Day: at, From: "EUR", To: "SEK", Rate: 110_000_000_000}})
	for _, c := range []struct {
		from, to string
		day      ledger.Day
		want     money.Rate
	}{{"CHF", "USD", at, 12_500_000_000}, {"CHF", "USD", at + 1, 0}, {"SEK", "USD", at, 1_000_000_001}, {"USD", "USD", at + 900, money.One}, {"CHF", "SEK", at - 7, 0}} {
		got, ok := r.At(c.from, c.to, c.day)
		if ok != (c.want != 0) || ok && (got-c.want > 1 || c.want-got > 1) {
			t.Errorf("%s to %s on %s = %s %v, want %s", c.from, c.to, c.day, got, ok, c.want)
		}
	}
}

func TestPartialPaymentsWeighInDaysToPay(t *testing.T) {
	// 400 after 20 days and 600 after 50: 38 by amount, 50 until settled
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-01", "2024-01-31", "1000")},
		Payments:    []ledgertest.Payment{payment("P", "2024-01-21", "400"), payment("Q", "2024-02-20", "600")},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-21", "400"), alloc("B", "Q", "I", "2024-02-25", "600")}}
	out, _ := buildTables(t, b, "2024-02-29")
	one, two := out.find(t, RepCollection, "month", "2024-01-01"), out.find(t, RepCollection, "month", "2024-02-01")
	expect(t, one, "days_to_pay_numerator", "8000", "days_to_pay_denominator", "400")
	expect(t, two, "days_to_pay_numerator", "30000", "days_to_pay_denominator", "600", "days_to_pay", "50", "days_to_pay_settled", "50")
}

func TestACreditNoteIsConsumedByTheEarliestInstalment(t *testing.T) {
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-01", "2024-01-01", "100")},
		CreditNotes: []ledgertest.CreditNote{{ID: "C", Company: "C", Customer: "K", Currency: "USD", Date: day("2024-01-05"), Amount: amount("40")}},
		Credits:     []ledgertest.Credit{{ID: "CA", CreditNote: "C", Invoice: "I", Date: day("2024-01-06"), Amount: amount("35")}},
		Instalments: []ledgertest.Instalment{{Invoice: "I", Seq: 1, Due: day("2024-01-10"), Amount: amount("30")}, {Invoice: "I", Seq: 2, Due: day("2024-02-10"), Amount: amount("70")}}}
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, OpenItems, "instalment_seq", "2"), "open_amount", "65", "amount", "70", "bucket", "not_due")
	expect(t, out.find(t, Snapshots, "as_of", "2024-01-31"), "open_credits", "-5", "net_ar", "60")
	row := out.find(t, RepCollection, "month", "2024-01-01") // the instalment due was credited in full before it fell due
	expect(t, row, "fell_due", "30", "reduced", "30", "collection_rate", "NULL", "reason", "nothing_collectable", "on_time_rate", "NULL", "on_time_count_base", "0", "sales", "60")
}

func TestCreditsBeyondWhatIsOverdueReduceBestPossibleDSO(t *testing.T) {
	if got := CurrentAR(amount("100"), amount("20"), amount("-50")); got != amount("70") {
		t.Errorf("current AR %s", got)
	}
	if got := CurrentAR(amount("100"), amount("60"), amount("-50")); got != amount("100") {
		t.Errorf("current AR %s", got)
	}
}

func TestTargetsAndVisitsStandInTheRepsOwnCompany(t *testing.T) {
	b := &ledgertest.Books{Reps: []ledger.Rep{{ID: "R1", Name: "Li Wei", Team: "East", Company: "C"}}, Customers: []ledgertest.Customer{{ID: "K", Owner: "R1"}},
		Invoices: []ledgertest.Invoice{invoice("I", "2024-01-01", "2024-01-31", "1000")}, Payments: []ledgertest.Payment{payment("P", "2024-01-20", "250")},
		Visits:  []ledgertest.Visit{{ID: "V1", Customer: "K", Day: day("2024-01-03")}, {ID: "V2", Customer: "K", Rep: "R1", Day: day("2024-01-09")}},
		Targets: []ledger.Target{{Rep: "R1", Month: day("2024-01-01"), Amount: amount("500"), Currency: "USD"}}}
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, RepCollection, "rep_id", "R1"), "company", "C", "rep_name", "Li Wei", "team", "East", "visits", "2", "target", "500", "attainment", "0.5", "rank", "1", "billed", "1000")
}

func TestATargetWithoutCompanyStandsWhereTheRepCollectsMost(t *testing.T) {
	small, big := invoice("S", "2024-01-01", "2024-01-31", "100"), invoice("B", "2024-01-01", "2024-01-31", "900")
	small.Company, big.Company = "Alpha", "Beta"
	cash, more := payment("PS", "2024-01-10", "100"), payment("PB", "2024-01-10", "900")
	cash.Company, more.Company = "Alpha", "Beta"
	b := &ledgertest.Books{Reps: []ledger.Rep{{ID: "R1"}}, Customers: []ledgertest.Customer{{ID: "K", Owner: "R1"}},
		Invoices: []ledgertest.Invoice{small, big}, Payments: []ledgertest.Payment{cash, more},
		Targets: []ledger.Target{{Rep: "R1", Month: day("2024-01-01"), Amount: amount("2000"), Currency: "USD"}}}
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, RepCollection, "rep_id", "R1", "company", "Beta"), "collected", "900", "target", "2000", "attainment", "0.5")
	expect(t, out.find(t, RepCollection, "rep_id", "R1", "company", "Alpha"), "collected", "100", "target", "NULL", "attainment", "NULL", "reason_attainment", "no_target")
}

func TestATargetIsReachedWithTheCashOfAllCompanies(t *testing.T) {
	i, p := invoice("I", "2024-01-01", "2024-01-31", "900"), payment("P", "2024-01-10", "900")
	i.Company, p.Company = "Beta", "Beta"
	b := &ledgertest.Books{Reps: []ledger.Rep{{ID: "R1", Company: "Alpha"}}, Customers: []ledgertest.Customer{{ID: "K", Owner: "R1"}},
		Invoices: []ledgertest.Invoice{i}, Payments: []ledgertest.Payment{p},
		Targets: []ledger.Target{{Rep: "R1", Month: day("2024-01-01"), Amount: amount("1000"), Currency: "USD"}}}
	out, _ := buildTables(t, b, "2024-01-12") // 10 of 23 workdays
	expect(t, out.find(t, RepCollection, "rep_id", "R1", "company", "Alpha"), "collected", "0", "target", "1000", "attainment", "0.9", "run_rate", "2.07", "needed_per_workday", "7.6923")
	expect(t, out.find(t, RepCollection, "rep_id", "R1", "company", "Beta"), "collected", "900", "target", "NULL", "attainment", "NULL")
}

func TestNoDocumentsMakeEmptyTablesAndANotice(t *testing.T) {
	out, sum := buildTables(t, &ledgertest.Books{}, "2024-01-31")
	expect(t, out.find(t, AsOf, "as_of", "2024-01-31"), "first_day", "2024-01-31")
	if len(out) != 1 || len(sum.Notices) != 1 || len(sum.Checks) == 0 {
		t.Errorf("%v %+v", out, sum)
	}
}

func TestAPaymentInAnotherCurrencyIsUsedUpByWhatTheSourceSaysItCost(t *testing.T) {
	p := payment("P", "2024-01-20", "1000")
	a := alloc("A", "P", "I", "2024-01-20", "920")
	a.InPayment = amount("999.87")
	v := invoice("I", "2024-01-02", "2024-02-01", "920")
	v.Currency = "EUR"
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{v}, Payments: []ledgertest.Payment{p}, Allocations: []ledgertest.Allocation{a}}
	out, _ := buildTables(t, b, "2024-02-29") // there is no rate at all
	expect(t, out.find(t, Snapshots, "as_of", "2024-02-29", "currency", "USD"), "unapplied", "-0.13", "open_amount", "0")
	for _, r := range out[OpenItems] {
		if r["invoice_id"] == "I" {
			t.Errorf("the invoice is still open: %v", r)
		}
	}
}
