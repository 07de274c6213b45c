package metrics

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// sums adds up amounts by key.
type sums map[string]money.Amount

func (s sums) add(key string, a string) {
	if a != "NULL" {
		s[key] += amount(a)
	}
}

func (s sums) equal(t *rapid.T, what string, want sums) {
	t.Helper()
	for key, a := range s {
		if want[key] != a {
			t.Fatalf("%s: %s = %s, want %s", what, key, a, want[key])
		}
	}
	for key, a := range want {
		if s[key] != a {
			t.Fatalf("%s: %s = %s, want %s", what, key, s[key], a)
		}
	}
}

func instalmentOf(r map[string]string) string { return r["invoice_id"] + "/" + r["instalment_seq"] }

func TestItemsAddUpToTheirSettlementsAndToWhatIsOpen(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		out, _ := buildRandom(t, randomBooks(t), genAsOf, Items, Settlements, OpenItems)
		for _, twin := range []string{"", "_rc"} {
			items, settled, openItems, open := sums{}, sums{}, sums{}, sums{}
			for _, r := range out[Items] {
				key := instalmentOf(r)
				rest := amount(r["amount"+twin]) - amount(r["open_amount"+twin])
				for _, kind := range []string{"cash", "discount", "credit", "written_off"} {
					items.add(key+" "+kind, r[kind+twin])
					rest -= amount(r[kind+twin])
				}
				if rest != 0 {
					t.Fatalf("the parts leave %s: %v", rest, r)
				}
				if (r["open_amount"] == "0") != (r["settled_on"] != "NULL") {
					t.Fatalf("settled on %s: %v", r["settled_on"], r)
				}
				if r["open_amount"] != "0" {
					items.add(key+" disputed", r["disputed_amount"+twin])
					open.add(key, r["open_amount"+twin])
				}
			}
			for _, r := range out[Settlements] {
				kind := r["kind"]
				if kind == "write_off" {
					kind = "written_off"
				}
				settled.add(instalmentOf(r)+" "+kind, r["amount"+twin])
			}
			for _, r := range out[OpenItems] {
				openItems.add(instalmentOf(r), r["open_amount"+twin])
				settled.add(instalmentOf(r)+" disputed", r["disputed_amount"+twin])
			}
			items.equal(t, "items and settlements"+twin, settled)
			openItems.equal(t, "open items"+twin, open)
		}
	})
}

// TestSettlementsAndEventsTellTheSame: what an invoice's events take off is what
// settled it, and what is beyond its amount.
func TestSettlementsAndEventsTellTheSame(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		out, _ := buildRandom(t, randomBooks(t), genAsOf, Items, Events)
		invoiced, events, settled := map[string]bool{}, sums{}, sums{}
		for _, r := range out[Items] {
			invoiced[r["invoice_id"]] = true
		}
		for _, r := range out[Events] {
			if invoiced[r["item_id"]] {
				events.add(r["item_id"], r["amount"])
			}
			if r["item_date"] == "NULL" || r["known_at"] != "NULL" {
				t.Fatalf("item date %s, known at %s", r["item_date"], r["known_at"])
			}
		}
		for _, r := range out[Items] {
			settled.add(r["invoice_id"], r["open_amount"])
		}
		for id, open := range events {
			if max(0, open) != settled[id] {
				t.Fatalf("%s: %s open by its events, %s by its instalments", id, open, settled[id])
			}
		}
	})
}

var snapshotBuckets = map[string]string{"not_due": "not_due", "d1_30": "1-30", "d31_60": "31-60", "d61_90": "61-90", "d91_120": "91-120",
	"d121_180": "121-180", "d181_365": "181-365", "d366_plus": "366+"}

func TestRollsAddUpToTheOpeningBucketsAndFlowIntoTheClosingOnes(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		out, _ := buildRandom(t, b, genAsOf, Rolls, Snapshots)
		for _, twin := range []string{"", "_rc"} {
			rolled, opening, arrived, closing := sums{}, sums{}, sums{}, sums{}
			for _, r := range out[Rolls] {
				book := r["company"] + r["customer_id"] + r["currency"]
				month := day(r["month"])
				if to := day(r["to_month_end"]); to != min(month.AddMonths(1).MonthEnd(), genAsOf) {
					t.Fatalf("month %s leads to %s", month, to)
				}
				rolled.add(book+month.MonthEnd().String()+r["from_bucket"], r["amount"+twin])
				if !slices.Contains(rollNames[:], r["to_bucket"]) {
					arrived.add(book+r["to_month_end"]+r["to_bucket"], r["amount"+twin])
				}
				if amount(r["amount"]) <= 0 {
					t.Fatalf("nothing rolls: %v", r)
				}
			}
			for _, r := range out[Snapshots] {
				book := r["company"] + r["customer_id"] + r["currency"]
				for column, bucket := range snapshotBuckets {
					if a := r[column+twin]; a != "0" {
						closing.add(book+r["as_of"]+bucket, a)
						if d := day(r["as_of"]); d == d.MonthEnd() && d < genAsOf {
							opening.add(book+r["as_of"]+bucket, a)
						}
					}
				}
			}
			rolled.equal(t, "opening"+twin, opening)
			for key, a := range arrived {
				if twin == "" && a > closing[key] {
					t.Fatalf("%s: %s rolled into %s", key, a, closing[key])
				}
			}
		}
	})
}

func TestAPartialPaymentSplitsWhatRolls(t *testing.T) {
	b := &ledgertest.Books{
		Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-01-20", "1000"), invoice("J", "2024-01-02", "2024-01-25", "500"), invoice("K", "2024-02-10", "2024-03-10", "70")},
		Payments: []ledgertest.Payment{payment("P", "2024-02-10", "400")}, CreditNotes: []ledgertest.CreditNote{{ID: "C", Company: "C", Customer: "K", Currency: "USD", Date: day("2024-02-12"), Amount: amount("500")}},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-02-10", "380")}, Credits: []ledgertest.Credit{{ID: "CA", CreditNote: "C", Invoice: "J", Date: day("2024-02-12"), Amount: amount("450")}},
		WriteOffs: []ledgertest.WriteOff{{ID: "W", Invoice: "J", Date: day("2024-02-20"), Amount: amount("50")}},
	}
	b.Allocations[0].Discount = amount("20")
	out, _ := buildTables(t, b, "2024-03-15")
	row := func(month, from, to string) map[string]string {
		return out.find(t, Rolls, "month", month, "from_bucket", from, "to_bucket", to)
	}
	expect(t, row("2024-01-01", "1-30", "31-60"), "amount", "600", "to_month_end", "2024-02-29", "amount_rc", "600")
	expect(t, row("2024-01-01", "1-30", "paid"), "amount", "400")
	expect(t, row("2024-01-01", "1-30", "credited"), "amount", "450")
	expect(t, row("2024-01-01", "1-30", "written_off"), "amount", "50")
	expect(t, row("2024-02-01", "not_due", "1-30"), "amount", "70", "to_month_end", "2024-03-15") // to date
	expect(t, row("2024-02-01", "31-60", "31-60"), "amount", "600")
	if len(out[Rolls]) != 6 {
		t.Errorf("%d rows: %v", len(out[Rolls]), out[Rolls])
	}
	expect(t, out.find(t, Items, "invoice_id", "I"), "cash", "380", "discount", "20", "open_amount", "600", "cleared_by", "NULL", "last_receipt_date", "2024-02-10")
	expect(t, out.find(t, Items, "invoice_id", "J"), "credit", "450", "written_off", "50", "cleared_by", "credit", "settled_on", "2024-02-20")
	expect(t, out.find(t, Settlements, "application_id", "W"), "kind", "write_off", "write_off_type", "bad_debt", "receipt_date", "2024-02-20", "amount", "50")
}

func TestRollsFollowTheConfiguredBuckets(t *testing.T) {
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-01-20", "1000")}}
	out, _ := buildTables(t, b, "2024-02-29", func(o *Options) { o.Edges = []int{7, 30} })
	expect(t, out.find(t, Rolls, "month", "2024-01-01"), "from_bucket", "8-30", "to_bucket", "31+", "amount", "1000")
	expect(t, out.find(t, OpenItems, "invoice_id", "I"), "bucket", "31+")
	expect(t, out.find(t, Snapshots, "as_of", "2024-02-29"), "d31_60", "1000") // the columns of snapshots are fixed
}

func TestAReopenedItemRollsWithItsOpeningAmountOnly(t *testing.T) {
	a := alloc("A", "P", "I", "2024-01-20", "400")
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-01-10", "1000")}, Payments: []ledgertest.Payment{payment("P", "2024-01-20", "400")},
		Allocations: []ledgertest.Allocation{a, reverse(a, "2024-02-05")}}
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, Rolls, "month", "2024-01-01"), "from_bucket", "1-30", "to_bucket", "31-60", "amount", "600")
	expect(t, out.find(t, Items, "invoice_id", "I"), "cash", "0", "open_amount", "1000", "last_receipt_date", "NULL", "settled_on", "NULL")
	expect(t, out.find(t, Settlements, "application_id", "AR"), "amount", "-400", "kind", "cash", "event_date", "2024-02-05", "receipt_date", "2024-01-20")
}

// Of 800 million open, 600 are gone: 700 credited and written off less a cheque
// of 100 that bounced. To the last place the parts are as 300 to 400.
func TestWhatIsTakenBackScalesTheOtherReductionsExactly(t *testing.T) {
	a := alloc("A", "P", "I", "2024-01-20", "100000000")
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-01-10", "900000000")}, Payments: []ledgertest.Payment{payment("P", "2024-01-20", "100000000")},
		Allocations: []ledgertest.Allocation{a, reverse(a, "2024-02-05")}, WriteOffs: []ledgertest.WriteOff{{ID: "W", Invoice: "I", Date: day("2024-02-20"), Amount: amount("400000000")}}}
	credits(b, "2024-02-12", "300000000")
	out, _ := buildTables(t, b, "2024-02-29")
	for to, want := range map[string]string{"31-60": "200000000", "credited": "257142857.1429", "written_off": "342857142.8571"} {
		expect(t, out.find(t, Rolls, "month", "2024-01-01", "to_bucket", to), "amount", want, "amount_rc", want)
	}
	if len(out[Rolls]) != 3 {
		t.Errorf("%v", out[Rolls])
	}
}

func TestCashAbroadShowsItsExchangeDifference(t *testing.T) {
	v, p := invoice("I", "2024-01-10", "2024-02-10", "1000"), payment("P", "2024-02-20", "400")
	v.Currency, p.Currency = "EUR", "EUR"
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{v}, Payments: []ledgertest.Payment{p}, Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-02-22", "400")}}
	b.Quotes = []ledger.Quote{{Day: day("2024-01-10"), From: "EUR", To: "USD", Rate: 11_000_000_000}, {Day: day("2024-02-20"), From: "EUR", To: "USD", Rate: 10_800_000_000},
		{Day: day("2023-12-29"), From: "EUR", To: "USD", Rate: 11_050_000_000}}
	out, _ := buildTables(t, b, "2024-02-29", func(o *Options) { o.ReportingCurrency = "USD" })
	// realised: 432 - 440 = -8, as in the roll-forward
	expect(t, out.find(t, Settlements, "application_id", "A"), "amount", "400", "amount_rc", "440", "amount_rc_receipt", "432", "payment_id", "P", "receipt_date", "2024-02-20", "event_date", "2024-02-22")
	expect(t, out.find(t, RollForward, "month", "2024-02-01"), "fx_rc", "-8")
	expect(t, out.find(t, FXAsOf, "as_of", "2024-02-20", "currency", "EUR"), "rate_closing", "1.08", "rate_constant", "1.105", "constant_day", "2023-12-31", "reason", "NULL")
	expect(t, out.find(t, FXAsOf, "as_of", "2024-02-29", "currency", "EUR"), "rate_closing", "NULL", "reason", "missing_rate") // 9 days old
	expect(t, out.find(t, FXAsOf, "as_of", "2024-02-29", "currency", "USD"), "rate_closing", "1", "rate_constant", "1")
	expect(t, out.find(t, AsOf, "as_of", "2024-02-29"), "first_day", "2024-01-01", "reporting_currency", "USD", "daily_days", "92")
}

func TestTheConstantRateIsThatOfTheFiscalYear(t *testing.T) {
	for _, x := range []struct {
		configured ledger.Day
		start      int
		asOf, want string
	}{
		{0, 0, "2024-05-20", "2023-12-31"}, {0, 4, "2024-05-20", "2024-03-31"}, {0, 4, "2024-03-31", "2023-03-31"}, {0, 13, "2024-01-01", "2023-12-31"}, {day("2024-02-02"), 4, "2024-05-20", "2024-02-02"},
	} {
		if got := ConstantRateDay(x.configured, x.start, day(x.asOf)); got != day(x.want) {
			t.Errorf("fiscal year from month %d, as of %s: %s, want %s", x.start, x.asOf, got, x.want)
		}
	}
}

func TestInstalmentsSettleByDueDateUnlessTheyAreNamed(t *testing.T) {
	named := alloc("B", "P", "I", "2024-01-25", "200")
	named.Seq = 3
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-02-01", "900")}, Payments: []ledgertest.Payment{payment("P", "2024-01-20", "700")},
		Instalments: []ledgertest.Instalment{{Invoice: "I", Seq: 1, Due: day("2024-02-01"), Amount: amount("300")}, {Invoice: "I", Seq: 2, Due: day("2024-03-01"), Amount: amount("300")}, {Invoice: "I", Seq: 3, Due: day("2024-04-01"), Amount: amount("300")}},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-20", "400"), named}}
	out, _ := buildTables(t, b, "2024-02-29")
	for _, x := range [][]string{{"1", "300", "0", "2024-01-20"}, {"2", "100", "200", "NULL"}, {"3", "200", "100", "NULL"}} {
		expect(t, out.find(t, Items, "instalment_seq", x[0]), "cash", x[1], "open_amount", x[2], "settled_on", x[3])
	}
	expect(t, out.find(t, Settlements, "application_id", "A", "instalment_seq", "2"), "amount", "100", "due_date", "2024-03-01")
}

// A bounced cheque reopens the last instalment, which a credit note had settled
// in part: the credit now stands on the first, and no cash is left on either.
func TestWhatElseSettledAnInstalmentTakesThePlaceOfABouncedCheque(t *testing.T) {
	cheque, back := payment("P", "2024-01-05", "100"), alloc("AR", "P", "I", "2024-01-20", "-100")
	cheque.Reversed, back.ReversalOf = day("2024-01-20"), "A"
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-01", "2024-01-01", "200")}, Payments: []ledgertest.Payment{cheque},
		Instalments: []ledgertest.Instalment{{Invoice: "I", Seq: 1, Due: day("2024-01-10"), Amount: amount("100")}, {Invoice: "I", Seq: 2, Due: day("2024-02-10"), Amount: amount("100")}},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-05", "100"), back},
		CreditNotes: []ledgertest.CreditNote{{ID: "C", Company: "C", Customer: "K", Currency: "USD", Date: day("2024-01-06"), Amount: amount("60")}},
		Credits:     []ledgertest.Credit{{ID: "CA", CreditNote: "C", Invoice: "I", Date: day("2024-01-06"), Amount: amount("60")}}}
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, Items, "instalment_seq", "1"), "open_amount", "40", "cash", "0", "credit", "60")
	expect(t, out.find(t, Items, "instalment_seq", "2"), "open_amount", "100", "cash", "0", "credit", "0")
	expect(t, out.find(t, Settlements, "application_id", "AR"), "instalment_seq", "1", "kind", "cash", "amount", "-100")
	expect(t, out.find(t, Settlements, "application_id", "CA", "instalment_seq", "2", "event_date", "2024-01-20"), "kind", "credit", "amount", "-60")
	expect(t, out.find(t, RepCollection, "month", "2024-01-01"), "fell_due", "100", "reduced", "60", "due_basis_denominator", "40", "collected", "0", "collected_due_basis", "0", "collection_rate", "0")
}

// Two cheques pay an instalment each, and the first one bounces: the last
// instalment is open again, and the first is paid by the second cheque.
func TestABouncedChequeLeavesItsInstalmentToTheChequeThatWasHonoured(t *testing.T) {
	bounced, back := payment("P", "2024-01-05", "100"), alloc("AR", "P", "I", "2024-03-20", "-100")
	bounced.Reversed, back.ReversalOf = day("2024-03-20"), "A"
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-01", "2024-01-01", "200")}, Payments: []ledgertest.Payment{bounced, payment("Q", "2024-02-08", "100")},
		Instalments: []ledgertest.Instalment{{Invoice: "I", Seq: 1, Due: day("2024-01-10"), Amount: amount("100")}, {Invoice: "I", Seq: 2, Due: day("2024-03-10"), Amount: amount("100")}},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-05", "100"), back, alloc("B", "Q", "I", "2024-02-08", "100")}}
	out, _ := buildTables(t, b, "2024-03-31")
	expect(t, out.find(t, Items, "instalment_seq", "1"), "open_amount", "0", "cash", "100", "last_receipt_date", "2024-02-08")
	expect(t, out.find(t, Items, "instalment_seq", "2"), "open_amount", "100", "cash", "0", "last_receipt_date", "NULL")
	expect(t, out.find(t, Settlements, "application_id", "AR"), "instalment_seq", "1", "amount", "-100", "receipt_date", "2024-01-05")
	expect(t, out.find(t, Settlements, "application_id", "B", "event_date", "2024-02-08"), "instalment_seq", "2", "amount", "100")
	for seq, amount := range map[string]string{"1": "100", "2": "-100"} {
		expect(t, out.find(t, Settlements, "application_id", "B", "event_date", "2024-03-20", "instalment_seq", seq), "amount", amount, "receipt_date", "2024-02-08")
	}
	expect(t, out.find(t, RepCollection, "month", "2024-02-01"), "collected", "100", "collected_due_basis", "100", "collected_early", "0")
	expect(t, out.find(t, RepCollection, "month", "2024-03-01"), "collected", "-100", "collected_due_basis", "-100")
}

// Cash on the first instalment rounds the second anew in reporting currency, and
// is no receipt of it.
func TestCashOnOneInstalmentAbroadIsNoReceiptOfTheNext(t *testing.T) {
	v, p := invoice("I", "2024-01-02", "2024-02-01", "66.66"), payment("P", "2024-01-20", "33.33")
	v.Currency, p.Currency = "EUR", "EUR"
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{v}, Payments: []ledgertest.Payment{p}, Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-20", "33.33")},
		Instalments: []ledgertest.Instalment{{Invoice: "I", Seq: 1, Due: day("2024-02-01"), Amount: amount("33.33")}, {Invoice: "I", Seq: 2, Due: day("2024-03-01"), Amount: amount("33.33")}},
		Quotes:      []ledger.Quote{{Day: day("2024-01-02"), From: "EUR", To: "USD", Rate: 10_812_280_000}, {Day: day("2024-01-20"), From: "EUR", To: "USD", Rate: 10_900_000_000}}}
	out, _ := buildTables(t, b, "2024-02-29", func(o *Options) { o.ReportingCurrency = "USD" })
	expect(t, out.find(t, Items, "instalment_seq", "1"), "cash", "33.33", "last_receipt_date", "2024-01-20")
	expect(t, out.find(t, Items, "instalment_seq", "2"), "amount_rc", "36.0374", "open_amount_rc", "36.0373", "cash", "0", "last_receipt_date", "NULL")
}

func TestExcessCashTakesThePlaceOfACreditThatIsTakenBack(t *testing.T) {
	credit := ledgertest.Credit{ID: "CA", CreditNote: "N", Invoice: "I", Date: day("2024-01-10"), Amount: amount("30")}
	back := credit
	back.ID, back.ReversalOf, back.Date, back.Amount = "CAR", "CA", day("2024-02-10"), -credit.Amount
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-02", "2024-02-01", "100")}, Payments: []ledgertest.Payment{payment("P", "2024-01-20", "100")},
		CreditNotes: []ledgertest.CreditNote{{ID: "N", Company: "C", Customer: "K", Currency: "USD", Date: day("2024-01-10"), Amount: amount("30")}},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-20", "100")}, Credits: []ledgertest.Credit{credit, back}}
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, Items, "invoice_id", "I"), "cash", "70", "credit", "30", "open_amount", "0")
	expect(t, out.find(t, Snapshots, "as_of", "2024-01-31"), "open_credits", "-30")
	out, _ = buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, Items, "invoice_id", "I"), "cash", "100", "credit", "0", "open_amount", "0", "cleared_by", "cash", "settled_on", "2024-01-20")
	expect(t, out.find(t, Settlements, "application_id", "A", "event_date", "2024-02-10"), "amount", "30", "kind", "cash", "receipt_date", "2024-01-20")
	expect(t, out.find(t, Settlements, "application_id", "CAR"), "amount", "-30", "kind", "credit")
	expect(t, out.find(t, RepCollection, "month", "2024-01-01"), "collected", "100", "collected_unapplied", "0", "collected_early", "100")
}

func TestADocumentWithoutARateIsCountedByACheckAndNullsTheRatiosItTouches(t *testing.T) {
	v, p := invoice("I", "2024-01-02", "2024-02-10", "100"), payment("P", "2024-03-10", "60")
	v.Currency, p.Currency, v.Rep = "CHF", "CHF", "R9"
	home := invoice("J", "2024-01-03", "2024-02-01", "70")
	b := &ledgertest.Books{Customers: []ledgertest.Customer{{ID: "K", Owner: "R1"}}, Invoices: []ledgertest.Invoice{v, home}, Payments: []ledgertest.Payment{p, payment("Q", "2024-02-20", "70")},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-03-10", "60"), alloc("B", "Q", "J", "2024-02-20", "70")}}
	out, sum := buildTables(t, b, "2024-03-31", func(o *Options) { o.ReportingCurrency = "USD" })
	if c := checkNamed(t, sum, "rep_rates_known"); c.Failed != 2 || c.Blocking {
		t.Errorf("%+v", c)
	}
	// R1 owns what fell due in February: 70 of it is known, 100 francs are not
	expect(t, out.find(t, RepCollection, "rep_id", "R1", "month", "2024-02-01"), "fell_due", "70", "collected", "70", "collection_rate", "NULL", "reason", "missing_rate")
	expect(t, out.find(t, RepCollection, "rep_id", "R9", "month", "2024-02-01"), "on_time_rate", "NULL", "reason_on_time", "missing_rate")
	expect(t, out.find(t, RepCollection, "rep_id", "R9", "month", "2024-03-01"), "days_to_pay", "NULL", "reason_days_to_pay", "missing_rate")
}

func TestAnInvoiceOfTomorrowHasNoDaysToPayYet(t *testing.T) {
	b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-02-02", "2024-03-01", "100")}, Payments: []ledgertest.Payment{payment("P", "2024-01-20", "100")},
		Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-20", "100")}}
	out, _ := buildTables(t, b, "2024-01-31")
	expect(t, out.find(t, RepCollection, "month", "2024-01-01"), "collected", "100", "days_to_pay", "NULL", "reason_days_to_pay", "no_receipts")
	if len(out[Items]) != 0 || len(out[Settlements]) != 0 {
		t.Errorf("items %v, settlements %v", out[Items], out[Settlements])
	}
}
