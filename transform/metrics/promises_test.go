package metrics

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

func promise(id, invoice, made, due, amount string) ledgertest.Promise {
	return ledgertest.Promise{ID: id, Customer: "K", Rep: "R", Invoice: invoice, Currency: "USD", Made: day(made), Due: day(due), Amount: money.MustParse(amount)}
}

// oneInvoice is a book with one invoice of 1,000 due on 2024-02-01.
func oneInvoice() *ledgertest.Books {
	return &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-02-01", "1000")}}
}

// pays adds a receipt that is applied to the invoice on its day.
func pays(b *ledgertest.Books, id, date, amount string) {
	b.Payments = append(b.Payments, payment("P"+id, date, amount))
	b.Allocations = append(b.Allocations, alloc("A"+id, "P"+id, "I", date, amount))
}

func TestCashOfOnePaymentKeepsOnePromiseAndTheRestFlowsOn(t *testing.T) {
	b := oneInvoice()
	b.Promises = []ledgertest.Promise{promise("1", "", "2024-02-02", "2024-02-10", "400"), promise("2", "", "2024-02-02", "2024-02-12", "400"), promise("3", "", "2024-02-02", "2024-02-14", "400")}
	pays(b, "a", "2024-02-09", "700")
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "1"), "status", "kept", "paid", "400", "status_on", "2024-02-09", "limit_date", "2024-02-12", "company", "NULL")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "2"), "status", "partial", "paid", "300", "status_on", "2024-02-15")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "3"), "status", "broken", "paid", "0", "status_on", "2024-02-17")
	row := out.find(t, RepCollection, "month", "2024-02-01", "rep_id", "R")
	expect(t, row, "promises_made", "3", "promises_due", "3", "promises_kept", "1", "promises_due_amount", "1200", "promises_kept_amount", "400")
}

func TestAPromiseIsJudgedWithTheConfiguredGraceAndThreshold(t *testing.T) {
	b := oneInvoice()
	b.Promises = []ledgertest.Promise{promise("1", "I", "2024-02-02", "2024-02-10", "1000")}
	pays(b, "a", "2024-02-12", "950")
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, PromiseOutcomes), "status", "kept", "reduced", "0")
	none := 0
	out, _ = buildTables(t, b, "2024-02-29", func(o *Options) { o.PromiseGraceDays = &none })
	expect(t, out.find(t, PromiseOutcomes), "status", "broken", "limit_date", "2024-02-10", "status_on", "2024-02-11")
	out, _ = buildTables(t, b, "2024-02-29", func(o *Options) { o.PromiseKeptPercent = 96 })
	expect(t, out.find(t, PromiseOutcomes), "status", "partial", "paid", "950")
	out, _ = buildTables(t, b, "2024-02-11")
	expect(t, out.find(t, PromiseOutcomes), "status", "open", "status_on", "NULL")
}

func TestABouncedPaymentReopensThePromise(t *testing.T) {
	b := oneInvoice()
	b.Promises = []ledgertest.Promise{promise("1", "I", "2024-02-02", "2024-02-10", "1000")}
	p, a := payment("P", "2024-02-09", "1000"), alloc("A", "P", "I", "2024-02-09", "1000")
	p.Reversed = day("2024-02-20")
	b.Payments, b.Allocations = append(b.Payments, p), append(b.Allocations, a, reverse(a, "2024-02-20"))
	out, _ := buildTables(t, b, "2024-02-19")
	expect(t, out.find(t, PromiseOutcomes), "status", "kept", "status_on", "2024-02-09")
	out, _ = buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, PromiseOutcomes), "status", "broken", "paid", "0")
}

func TestMoneyPaidBackKeepsNoPromise(t *testing.T) {
	refund := func(reversed ledger.Day) *ledgertest.Books {
		b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-01", "2024-01-05", "1000")}, Payments: []ledgertest.Payment{payment("R", "2024-01-15", "-100")},
			Promises: []ledgertest.Promise{{ID: "Q", Customer: "K", Currency: "USD", Made: day("2024-01-10"), Due: day("2024-01-20"), Amount: amount("100")}}}
		b.Payments[0].Reversed = reversed
		return b
	}
	applied, bounced := refund(none), refund(day("2024-01-18"))
	applied.Allocations = []ledgertest.Allocation{alloc("A", "R", "I", "2024-01-15", "-100")}
	for name, b := range map[string]*ledgertest.Books{"on account": refund(none), "applied to an invoice": applied, "bounced": bounced} {
		out, _ := buildTables(t, b, "2024-01-31")
		if row := out.find(t, PromiseOutcomes, "promise_id", "Q"); row["status"] != "broken" || row["paid"] != "0" {
			t.Errorf("%s: %s, paid %s", name, row["status"], row["paid"])
		}
	}
}

func TestCreditsWriteOffsAndUpheldDisputesTakePromisesBack(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(b *ledgertest.Books)
		want   []string
	}{
		{"a credit note shrinks it", func(b *ledgertest.Books) { credits(b, "2024-02-05", "300"); pays(b, "a", "2024-02-09", "700") },
			[]string{"status", "kept", "reduced", "300", "paid", "700", "reason", "NULL"}},
		{"a credit note of all of it cancels it", func(b *ledgertest.Books) { credits(b, "2024-02-05", "1000") },
			[]string{"status", "cancelled", "reduced", "1000", "reason", "credited", "status_on", "2024-02-05"}},
		{"a write-off of the rest cancels it", func(b *ledgertest.Books) {
			pays(b, "a", "2024-02-09", "500")
			b.WriteOffs = append(b.WriteOffs, ledgertest.WriteOff{ID: "W", Invoice: "I", Date: day("2024-02-10"), Amount: 5_000_000})
		}, []string{"status", "cancelled", "reduced", "500", "paid", "500", "reason", "written_off", "status_on", "2024-02-10"}},
		{"a write-off of little leaves it owing", func(b *ledgertest.Books) {
			b.WriteOffs = append(b.WriteOffs, ledgertest.WriteOff{ID: "W", Invoice: "I", Date: day("2024-02-10"), Amount: 100_000})
		}, []string{"status", "broken", "reduced", "10"}},
		{"an upheld dispute voids its part", func(b *ledgertest.Books) {
			disputes(b, "400", "valid")
			pays(b, "a", "2024-02-09", "600")
		}, []string{"status", "kept", "reduced", "400", "paid", "600"}},
		{"the credit note that settles a dispute is not counted beside it", func(b *ledgertest.Books) {
			disputes(b, "400", "valid")
			credits(b, "2024-02-08", "400")
		}, []string{"status", "broken", "reduced", "400"}},
		{"an upheld dispute of everything cancels it", func(b *ledgertest.Books) { disputes(b, "", "valid") },
			[]string{"status", "cancelled", "reason", "dispute_upheld", "status_on", "2024-02-20"}},
		{"a dispute that was not upheld changes nothing", func(b *ledgertest.Books) { disputes(b, "400", "invalid"); pays(b, "a", "2024-02-09", "600") },
			[]string{"status", "partial", "reduced", "0", "paid", "600"}},
		{"what was decided by the day of the promise is no part of it", func(b *ledgertest.Books) {
			disputes(b, "400", "valid")
			b.Disputes[0].Opened, b.Disputes[0].Closed = day("2024-01-20"), day("2024-02-02")
		}, []string{"status", "broken", "reduced", "0"}},
		{"a promise of the undisputed part stands", func(b *ledgertest.Books) {
			disputes(b, "400", "valid")
			b.Promises[0].Amount = 6_000_000
		}, []string{"status", "broken", "reduced", "0", "amount", "600"}},
	} {
		t.Run(x.name, func(t *testing.T) {
			b := oneInvoice()
			b.Promises = []ledgertest.Promise{promise("1", "I", "2024-02-02", "2024-02-10", "1000")}
			x.change(b)
			out, _ := buildTables(t, b, "2024-02-29")
			expect(t, out.find(t, PromiseOutcomes), x.want...)
		})
	}
}

func credits(b *ledgertest.Books, date, amount string) {
	b.CreditNotes = append(b.CreditNotes, ledgertest.CreditNote{ID: "N", Customer: "K", Currency: "USD", Date: day(date), Amount: money.MustParse(amount)})
	b.Credits = append(b.Credits, ledgertest.Credit{ID: "C", CreditNote: "N", Invoice: "I", Date: day(date), Amount: money.MustParse(amount)})
}

func disputes(b *ledgertest.Books, amount, outcome string) {
	d := ledgertest.Dispute{ID: "D", Invoice: "I", Opened: day("2024-02-03"), Closed: day("2024-02-20"), Outcome: outcome}
	if d.Whole = amount == ""; !d.Whole {
		d.Amount = money.MustParse(amount)
	}
	b.Disputes = append(b.Disputes, d)
}

func TestMovedPromisesAreCountedAlongTheirChain(t *testing.T) {
	b := oneInvoice()
	first, second, third := promise("1", "I", "2024-02-02", "2024-02-10", "1000"), promise("2", "I", "2024-02-08", "2024-02-15", "1000"), promise("3", "I", "2024-02-14", "2024-02-20", "1000")
	late := promise("4", "I", "2024-02-25", "2024-02-28", "1000") // made after 3 was due: 3 is broken, not moved
	first.ReplacedBy, second.ReplacedBy, third.ReplacedBy = "2", "3", "4"
	lost := promise("5", "", "2024-02-02", "2024-02-10", "5")
	lost.ReplacedBy = "nobody"
	b.Promises = []ledgertest.Promise{late, third, second, first, lost}
	out, sum := buildTables(t, b, "2024-02-29")
	for id, want := range map[string][]string{
		"1": {"status", "moved", "status_on", "2024-02-08", "reason", "replaced", "times_moved", "0"},
		"2": {"status", "moved", "status_on", "2024-02-14", "times_moved", "1"},
		"3": {"status", "broken", "times_moved", "2"},
		"4": {"status", "open", "times_moved", "2"},
		"5": {"status", "moved", "status_on", "NULL"},
	} {
		expect(t, out.find(t, PromiseOutcomes, "promise_id", id), want...)
	}
	if c := checkNamed(t, sum, "promise_circles"); !c.OK() {
		t.Error(c)
	}
}

// What takes the place of a promise or plan tomorrow has not done so today.
func TestWhatIsReplacedLaterIsJudgedAsIfNothingHadReplacedIt(t *testing.T) {
	b := oneInvoice()
	moved, next := promise("1", "I", "2024-02-02", "2024-02-20", "1000"), promise("2", "I", "2024-02-15", "2024-02-28", "1000")
	moved.ReplacedBy, next.ReplacedBy = "2", "1" // a circle once both are made
	b.Promises = []ledgertest.Promise{moved, next}
	plan(b, "old", "2024-02-02", "new", "2024-02-10", "500", "2024-02-20", "500")
	plan(b, "new", "2024-02-15", "", "2024-02-20", "250")
	out, sum := buildTables(t, b, "2024-02-14")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "1"), "status", "open", "status_on", "NULL", "reason", "NULL")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "old/2"), "status", "open", "status_on", "NULL")
	expect(t, out.find(t, PlanOutcomes, "plan_id", "old"), "status", "live", "replaced_by", "NULL")
	if c := checkNamed(t, sum, "promise_circles"); !c.OK() {
		t.Error(c)
	}
	b.Promises[1].ReplacedBy = ""
	out, _ = buildTables(t, b, "2024-02-15")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "1"), "status", "moved", "status_on", "2024-02-15")
	expect(t, out.find(t, PlanOutcomes, "plan_id", "old"), "status", "replaced", "replaced_by", "new", "status_on", "2024-02-15")
}

func TestPromisesThatReplaceOneAnotherInACircleAreReportedAndJudged(t *testing.T) {
	b := oneInvoice()
	x, y, z := promise("x", "I", "2024-02-02", "2024-02-10", "300"), promise("y", "I", "2024-02-03", "2024-02-11", "300"), promise("z", "I", "2024-02-03", "2024-02-12", "300")
	x.ReplacedBy, y.ReplacedBy, z.ReplacedBy = "y", "x", "x"
	b.Promises = []ledgertest.Promise{x, y, z}
	out, sum := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "x"), "status", "broken", "reason", "circle")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "y"), "status", "broken", "reason", "circle")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "z"), "status", "moved", "reason", "replaced")
	if c := checkNamed(t, sum, "promise_circles"); c.Failed != 2 || c.Blocking {
		t.Error(c)
	}
}

func plan(b *ledgertest.Books, id, made, replacedBy string, lines ...string) {
	b.Plans = append(b.Plans, ledgertest.Plan{ID: id, Customer: "K", Rep: "R", Made: day(made), ReplacedBy: replacedBy})
	for i := 0; i < len(lines); i += 2 {
		b.Lines = append(b.Lines, ledgertest.Line{Plan: id, Currency: "USD", No: int64(i/2 + 1), Due: day(lines[i]), Amount: money.MustParse(lines[i+1])})
	}
}

func TestAPlanBreaksAfterTwoMissesInARow(t *testing.T) {
	b := oneInvoice()
	plan(b, "L", "2024-02-02", "", "2024-02-10", "250", "2024-02-20", "250", "2024-03-01", "250", "2024-03-10", "250")
	pays(b, "a", "2024-02-10", "250")
	out, _ := buildTables(t, b, "2024-02-25")
	expect(t, out.find(t, PlanOutcomes), "status", "live", "lines", "4", "lines_due", "2", "kept", "1", "broken", "1", "consecutive_misses", "1", "amount", "1000",
		"paid", "250", "remaining", "750", "next_due", "2024-03-01", "status_on", "NULL")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "L/2"), "status", "broken", "plan_id", "L", "line_no", "2", "made_on", "2024-02-02")
	expect(t, out.find(t, Snapshots, "as_of", "2024-02-25"), "d1_30", "750", "not_due", "0") // aging goes by the invoice's own due date
	out, _ = buildTables(t, b, "2024-03-05")
	expect(t, out.find(t, PlanOutcomes), "status", "broken", "status_on", "2024-03-04", "consecutive_misses", "2", "next_due", "2024-03-10")
	out, _ = buildTables(t, b, "2024-03-05", func(o *Options) { o.PlanMisses = 3 })
	expect(t, out.find(t, PlanOutcomes), "status", "live")
	if n := len(out[RepCollection]); n == 0 || out.find(t, RepCollection, "month", "2024-02-01")["promises_made"] != "0" {
		t.Error("lines of plans are counted as promises of a rep")
	}
}

func TestTheLongestRunOfMissesCountsNotTheLast(t *testing.T) {
	b := oneInvoice()
	plan(b, "L", "2024-02-02", "", "2024-02-10", "250", "2024-02-20", "250", "2024-03-01", "250", "2024-03-10", "250")
	pays(b, "a", "2024-02-28", "250")
	out, _ := buildTables(t, b, "2024-03-31")
	expect(t, out.find(t, PlanOutcomes), "status", "broken", "status_on", "2024-02-23", "kept", "1", "broken", "3", "consecutive_misses", "2")
}

func TestAPlanPaidToTheLastLineIsKeptAndAnotherTakesItsPlace(t *testing.T) {
	b := oneInvoice()
	plan(b, "old", "2024-02-02", "new", "2024-02-10", "500", "2024-02-20", "500")
	plan(b, "new", "2024-02-15", "", "2024-02-20", "250", "2024-02-25", "250")
	pays(b, "a", "2024-02-10", "500")
	pays(b, "b", "2024-02-20", "250")
	pays(b, "c", "2024-02-27", "250")
	out, _ := buildTables(t, b, "2024-03-31")
	expect(t, out.find(t, PlanOutcomes, "plan_id", "old"), "status", "replaced", "status_on", "2024-02-15", "kept", "1", "lines_due", "1", "re_plans", "0")
	expect(t, out.find(t, PlanOutcomes, "plan_id", "new"), "status", "kept", "remaining", "0", "re_plans", "1", "status_on", "2024-02-27", "next_due", "NULL")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "old/2"), "status", "moved", "reason", "plan_replaced")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "new/1"), "times_moved", "1")
}

// What credit notes took off the lines of a plan need not be paid to keep it.
func TestAPlanIsKeptWhenWhatIsLeftOfItIsPaid(t *testing.T) {
	b := oneInvoice()
	plan(b, "L", "2024-02-02", "", "2024-02-10", "500", "2024-02-20", "500")
	b.Lines[0].Invoice = "I"
	credits(b, "2024-02-05", "500")
	pays(b, "a", "2024-02-19", "500")
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "L/1"), "status", "cancelled", "reduced", "500")
	expect(t, out.find(t, PlanOutcomes), "status", "kept", "kept", "1", "paid", "500", "remaining", "0")
}

func TestPromisesAreWorthWhatTheyWereOnTheDayTheyWereMade(t *testing.T) {
	b := oneInvoice()
	p := promise("1", "", "2024-02-02", "2024-02-10", "100")
	p.Currency = "EUR"
	b.Promises = []ledgertest.Promise{p}
	b.Quotes = []ledger.Quote{{Day: day("2024-02-02"), From: "EUR", To: "USD", Rate: 11_000_000_000}, {Day: day("2024-02-05"), From: "EUR", To: "USD", Rate: 12_000_000_000},
		{Day: day("2024-02-10"), From: "EUR", To: "USD", Rate: 13_000_000_000}}
	pays(b, "a", "2024-02-05", "120")
	out, _ := buildTables(t, b, "2024-02-29", func(o *Options) { o.ReportingCurrency = "USD" })
	expect(t, out.find(t, PromiseOutcomes), "status", "kept", "paid", "100", "amount_rc", "110", "paid_rc", "110")
	expect(t, out.find(t, RepCollection, "month", "2024-02-01", "rep_id", "R"), "promises_due_amount", "110", "promises_kept_amount", "110")
}

// dollars makes dollars of all documents.
func dollars(b *ledgertest.Books) {
	for i := range b.Invoices {
		b.Invoices[i].Currency = "USD"
	}
	for i := range b.Payments {
		b.Payments[i].Currency = "USD"
	}
	for i := range b.CreditNotes {
		b.CreditNotes[i].Currency = "USD"
	}
}

// randomPromises draws promises and plans in dollars that may replace one another,
// in circles too; half of them are made shortly before money comes or goes.
func randomPromises(t *rapid.T, b *ledgertest.Books) {
	for i := range b.Disputes {
		b.Disputes[i].Outcome = pick(t, "outcome", "", "valid", "invalid")
	}
	invoice := func() string { return pick(t, "promised", "", "", "I0", "I1", "I9") }
	n := rapid.IntRange(0, 6).Draw(t, "promises")
	for i := range n {
		made, who, promised := drawDay(t, "made"), pick(t, "promiser", "K0", "K1"), drawAmount(t, "promise")-100
		if len(b.Payments) > 0 && rapid.Bool().Draw(t, "before a payment") {
			paid := b.Payments[i%len(b.Payments)]
			made, who = paid.Date-ledger.Day(rapid.IntRange(0, 10).Draw(t, "days before it")), paid.Customer
			promised = drawPart(t, max(paid.Amount, -paid.Amount))
		}
		p := ledgertest.Promise{ID: fmt.Sprintf("Q%d", i), Customer: who, Invoice: invoice(), Currency: "USD", Made: made,
			Due: made + ledger.Day(rapid.IntRange(-1, 40).Draw(t, "promise days")), Amount: promised, Rep: pick(t, "visitor", "", "R1")}
		if rapid.IntRange(0, 2).Draw(t, "replaced") == 0 {
			p.ReplacedBy = fmt.Sprintf("Q%d", rapid.IntRange(0, n).Draw(t, "by"))
		}
		b.Promises = append(b.Promises, p)
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "plans") {
		p := ledgertest.Plan{ID: fmt.Sprintf("L%d", i), Customer: pick(t, "planner", "K0", "K1"), Made: drawDay(t, "plan made"), ReplacedBy: pick(t, "plan by", "", "L0", "L1")}
		b.Plans = append(b.Plans, p)
		for no := range rapid.IntRange(0, 4).Draw(t, "lines") {
			b.Lines = append(b.Lines, ledgertest.Line{Plan: p.ID, No: int64(no), Invoice: invoice(), Currency: "USD", Due: p.Made + ledger.Day(10*no), Amount: drawAmount(t, "line")})
		}
	}
}

// receivedBy adds up what came in by customer: on each invoice by day of
// receipt, and what payments have left; what was taken back is not in it.
func receivedBy(b *ledgertest.Books, asOf ledger.Day) map[string]money.Amount {
	payments, left := map[string]ledgertest.Payment{}, map[string]money.Amount{}
	for _, p := range b.Payments {
		if payments[p.ID] = p; p.Amount > 0 && p.Date <= asOf && (p.Reversed == none || p.Reversed > asOf) {
			left[p.ID] = p.Amount
		}
	}
	type key struct {
		invoice string
		day     ledger.Day
	}
	on := map[key]money.Amount{}
	for _, a := range b.Allocations {
		if a.Date <= asOf {
			on[key{a.Invoice, payments[a.Payment].Date}] += a.Amount
			left[a.Payment] -= a.Amount
		}
	}
	sum := map[string]money.Amount{}
	for _, v := range b.Invoices {
		for k, a := range on {
			if k.invoice == v.ID {
				sum[v.Customer] += max(0, a)
			}
		}
	}
	for id, a := range left {
		sum[payments[id].Customer] += max(0, a)
	}
	return sum
}

// Promises share the cash that came in: what they claim is never more than it.
func TestPromisesNeverClaimMoreThanWasReceived(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		randomPromises(t, b)
		dollars(b)
		out, _ := buildRandom(t, b, genAsOf, PromiseOutcomes, PlanOutcomes)
		paid, lines := map[string]money.Amount{}, map[string]int64{}
		for _, r := range out[PromiseOutcomes] {
			p := amount(r["paid"])
			paid[r["customer_id"]] += p
			if p < 0 || p+amount(r["reduced"]) > max(0, amount(r["amount"])) {
				t.Fatalf("promise %v: paid %s and reduced %s of %s", r["promise_id"], r["paid"], r["reduced"], r["amount"])
			}
			if (r["status"] == "open") != (r["status_on"] == "NULL") && r["status"] != "moved" {
				t.Fatalf("promise %v: %s on %s", r["promise_id"], r["status"], r["status_on"])
			}
			if r["plan_id"] != "NULL" {
				lines[r["plan_id"]]++
			}
		}
		received := receivedBy(b, genAsOf)
		for customer, p := range paid {
			if p > received[customer] {
				t.Fatalf("customer %s: promises claim %s of %s received", customer, p, received[customer])
			}
		}
		for _, r := range out[PlanOutcomes] {
			if number(r["lines"]) != float64(lines[r["plan_id"]]) {
				t.Fatalf("plan %s: %s lines, %d are judged", r["plan_id"], r["lines"], lines[r["plan_id"]])
			}
		}
	})
}

func TestALineWithoutARateIsReportedOnce(t *testing.T) {
	b := oneInvoice()
	plan(b, "L", "2024-02-02", "", "2024-02-10", "250", "2024-02-20", "250")
	b.Lines[1].Currency = "CHF"
	_, sum := buildTables(t, b, "2024-02-25")
	if c := checkNamed(t, sum, "missing_rates"); c.Failed != 1 {
		t.Error(c)
	}
}

func TestTheLinesOfAPlanWithoutANameAreNoPromises(t *testing.T) {
	b := oneInvoice()
	b.Promises = []ledgertest.Promise{promise("x", "", "2024-02-02", "2024-02-10", "100"), promise("y", "", "2024-02-05", "2024-02-12", "100")}
	b.Promises[0].ReplacedBy = "y"
	plan(b, "", "2024-02-02", "", "2024-02-10", "250")
	out, _ := buildTables(t, b, "2024-03-25")
	expect(t, out.find(t, PlanOutcomes), "lines", "1", "amount", "250")
	expect(t, out.find(t, RepCollection, "month", "2024-02-01", "rep_id", "R"), "promises_made", "2")
}

func TestAPromiseForTheLastDayThereIsHasNoGraceBeyondIt(t *testing.T) {
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-10", "2024-02-09", "1000")}}
	b.Promises = []ledgertest.Promise{promise("1", "I", "2024-02-02", "2299-12-31", "1000")}
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, PromiseOutcomes, "promise_id", "1"), "status", "open", "limit_date", "2299-12-31")
	expect(t, out.find(t, PromiseStates, "promise_id", "1"), "status", "open", "limit_date", "2299-12-31")
}
