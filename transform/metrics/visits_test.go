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

// visitExample turns each visit of the example into a customer with an overdue
// invoice, cash on it after the visit, and cash on another one before.
func visitExample(t *testing.T, e *example) {
	b := &ledgertest.Books{}
	visits := e.Inputs["visits"].([]any)
	for _, x := range visits {
		x := x.(map[string]any)
		id := x["id"].(string)
		in := func(name string) string { return jsonAmount(x[name]).String() }
		open, paid := invoice(id+"-open", "2024-01-02", "2024-02-01", in("overdue_at_visit")), invoice(id+"-paid", "2024-01-02", "2024-02-01", in("cash_before"))
		open.Customer, paid.Customer = id, id
		b.Invoices = append(b.Invoices, open, paid)
		for _, c := range [][3]string{{"after", "2024-03-24", in("cash_after")}, {"before", "2024-03-05", in("cash_before")}, {"late", "2024-03-25", "1"}} {
			p := payment(id+c[0], c[1], c[2])
			p.Customer = id
			b.Payments = append(b.Payments, p)
			b.Allocations = append(b.Allocations, alloc(id+c[0], id+c[0], id+map[bool]string{true: "-paid", false: "-open"}[c[0] == "before"], c[1], c[2]))
		}
		b.Visits = append(b.Visits, ledgertest.Visit{ID: id, Customer: id, Rep: "R", Channel: "visit", Day: day("2024-03-10")})
	}
	out, _ := buildTables(t, b, "2024-03-31")
	sum, answered := map[string]money.Amount{}, 0
	for _, r := range out[VisitOutcomes] {
		expect(t, r, "window_days", "14", "window_complete", "true", "window_complete_7", "true", "window_complete_30", "false", "channel", "visit", "rep_id", "R", "share", "1", "cash_7_rc", "0")
		for _, c := range []string{"overdue_rc", "cash_rc", "cash_14_rc", "cash_before_rc"} {
			sum[c] += amount(r[c])
		}
		if r["cash_rc"] != "0" {
			answered++
		}
	}
	of := func(n, d money.Amount) float64 { return float64(n) / float64(d) }
	e.want(t, "response_rate", fmt.Sprint(float64(answered)/float64(len(visits))))
	e.want(t, "recovery_rate", fmt.Sprint(of(sum["cash_rc"], sum["overdue_rc"])))
	e.want(t, "baseline_rate", fmt.Sprint(of(sum["cash_before_rc"], sum["overdue_rc"])))
	e.want(t, "uplift_amount", (sum["cash_rc"] - sum["cash_before_rc"]).String())
	e.want(t, "uplift_points", fmt.Sprint(of(sum["cash_14_rc"]-sum["cash_before_rc"], sum["overdue_rc"])))
	e.want(t, "collected_per_visit", fmt.Sprint(of(sum["cash_rc"], money.FromInt(int64(len(visits))))))
	e.want(t, "visits_per_100k", fmt.Sprint(of(money.FromInt(int64(len(visits))*100_000), sum["cash_rc"])))
}

func visit(id, rep, date string) ledgertest.Visit {
	return ledgertest.Visit{ID: id, Customer: "K", Rep: rep, Day: day(date)}
}

func TestTheWindowsAfterAVisitAreAMatterOfConfiguration(t *testing.T) {
	b := oneInvoice()
	b.Visits = []ledgertest.Visit{visit("1", "R", "2024-02-05")}
	pays(b, "a", "2024-02-09", "100") // four days after
	pays(b, "b", "2024-02-14", "200") // nine
	pays(b, "c", "2024-02-25", "300") // twenty
	out, _ := buildTables(t, b, "2024-02-29", func(o *Options) { o.VisitWindowDays, o.VisitWindows = 9, []int{3, 4, 19} })
	expect(t, out.find(t, VisitOutcomes), "window_days", "9", "cash_rc", "300", "cash_7_rc", "0", "cash_14_rc", "100", "cash_30_rc", "300", "window_complete_30", "true")
	out, _ = buildTables(t, b, "2024-02-29", func(o *Options) { o.VisitWindows = []int{3, 20, 40} }) // as far as the longest goes
	expect(t, out.find(t, VisitOutcomes), "window_days", "14", "cash_rc", "300", "cash_7_rc", "0", "cash_14_rc", "600", "cash_30_rc", "600", "window_complete_14", "true", "window_complete_30", "false")
}

func TestCashCountsForTheLatestVisitBeforeIt(t *testing.T) {
	b := oneInvoice()
	b.Visits = []ledgertest.Visit{visit("early", "R", "2024-01-20"), visit("1", "R", "2024-02-05"), visit("2", "R", "2024-02-10")}
	pays(b, "a", "2024-02-05", "100") // on the day of the visit
	pays(b, "b", "2024-02-10", "200")
	pays(b, "c", "2024-02-20", "300")
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, VisitOutcomes, "visit_id", "early"), "overdue_rc", "0", "cash_30_rc", "0", "overdue_items", "0") // nothing was overdue yet
	expect(t, out.find(t, VisitOutcomes, "visit_id", "1"), "overdue_rc", "1000", "cash_7_rc", "100", "cash_30_rc", "100", "cash_before_rc", "0", "overdue_items", "1")
	expect(t, out.find(t, VisitOutcomes, "visit_id", "2"), "overdue_rc", "900", "cash_7_rc", "200", "cash_14_rc", "500", "cash_before_7_rc", "100", "cash_before_14_rc", "0",
		"window_complete_7", "true", "window_complete_30", "false")
}

func TestVisitsOnOneDayShareItsCashToTheLastUnit(t *testing.T) {
	b := oneInvoice()
	b.Visits = []ledgertest.Visit{visit("1", "R", "2024-02-05"), visit("2", "S", "2024-02-05"), visit("3", "", "2024-02-05")}
	pays(b, "a", "2024-02-06", "100")
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, VisitOutcomes, "visit_id", "1"), "share", "0.3333333334", "overdue_rc", "333.3334", "cash_rc", "33.3334")
	expect(t, out.find(t, VisitOutcomes, "visit_id", "2"), "share", "0.3333333333", "overdue_rc", "333.3333", "cash_rc", "33.3333")
	expect(t, out.find(t, VisitOutcomes, "visit_id", "3"), "rep_id", "unassigned", "cash_rc", "33.3333")
}

func TestCashThatWasPromisedBeforeTheVisitIsNotItsDoing(t *testing.T) {
	b := oneInvoice()
	b.Visits = []ledgertest.Visit{visit("1", "R", "2024-02-05")}
	b.Promises = []ledgertest.Promise{promise("old", "I", "2024-02-03", "2024-02-08", "300"), promise("new", "I", "2024-02-05", "2024-02-20", "400")}
	pays(b, "a", "2024-02-07", "500")
	pays(b, "b", "2024-02-18", "200")
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, VisitOutcomes), "cash_7_rc", "500", "promised_before_7_rc", "300", "cash_14_rc", "700", "promised_before_14_rc", "300")
}

func TestDisputedAndBouncedAmountsAreNoResponse(t *testing.T) {
	b := oneInvoice()
	b.Visits = []ledgertest.Visit{visit("1", "R", "2024-02-05")}
	disputes(b, "400", "")
	p, a := payment("P", "2024-02-06", "500"), alloc("A", "P", "I", "2024-02-06", "500")
	p.Reversed = day("2024-02-25")
	b.Payments, b.Allocations = append(b.Payments, p), append(b.Allocations, a, reverse(a, "2024-02-25"))
	pays(b, "b", "2024-02-08", "450")
	out, _ := buildTables(t, b, "2024-02-24")
	expect(t, out.find(t, VisitOutcomes), "overdue_rc", "600", "cash_7_rc", "600") // never more than the undisputed part
	out, _ = buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, VisitOutcomes), "overdue_rc", "600", "cash_7_rc", "450")
}

func TestAVisitWithoutAnExchangeRateSaysSo(t *testing.T) {
	b := oneInvoice()
	b.Invoices[0].Currency = "XXX"
	b.Visits = []ledgertest.Visit{visit("1", "R", "2024-02-05")}
	out, _ := buildTables(t, b, "2024-02-29", func(o *Options) { o.ReportingCurrency = "USD" })
	expect(t, out.find(t, VisitOutcomes), "overdue_rc", "NULL", "cash_rc", "NULL", "reason", "missing_rate", "overdue_items", "1")
}

func TestWhatFallsDueOnTheDayOfTheVisitIsNotOverdue(t *testing.T) {
	b := oneInvoice()
	b.Instalments = []ledgertest.Instalment{{Invoice: "I", Seq: 1, Due: day("2024-02-01"), Amount: amount("400")}, {Invoice: "I", Seq: 2, Due: day("2024-02-05"), Amount: amount("600")}}
	b.Visits = []ledgertest.Visit{visit("1", "R", "2024-02-05"), visit("2", "R", "2024-02-12")}
	pays(b, "a", "2024-02-08", "100")
	pays(b, "b", "2024-02-08", "600")
	b.Allocations[0].Seq, b.Allocations[1].Seq = 1, 2
	out, _ := buildTables(t, b, "2024-02-29")
	expect(t, out.find(t, VisitOutcomes, "visit_id", "1"), "overdue_rc", "400", "cash_rc", "100")
	expect(t, out.find(t, VisitOutcomes, "visit_id", "2"), "overdue_rc", "300", "cash_before_7_rc", "100", "cash_before_14_rc", "0")
}

// slowVisit is what a recount finds about a day of visits.
type slowVisit struct{ overdue, cash, before money.Amount }

// overdue recounts what of an invoice is overdue and undisputed at the beginning
// of a day; the instalments that are overdue are listed.
func (s *slow) overdueOf(v ledgertest.Invoice, d ledger.Day) (rc money.Amount, late map[int]bool) {
	open := s.openOf(v, d-1)
	if open <= 0 || v.Date > d-1 {
		return 0, nil
	}
	parts := s.opens(v, s.cuts(v, d-1))
	partsRC := s.partsRC(v, parts)
	late = map[int]bool{}
	var doc money.Amount
	for i, u := range s.dues(v) {
		if u.day < d {
			late[i], doc, rc = true, doc+parts[i], rc+partsRC[i]
		}
	}
	claimed := s.claimed(v, open, d-1)
	if claimed >= doc {
		return 0, nil
	}
	return max(0, rc-s.rc(claimed, v.Currency, v.Date)), late
}

// visit recounts one day with a window.
func (s *slow) visit(customer string, d, window ledger.Day, days map[ledger.Day]bool) (out slowVisit) {
	for _, v := range s.Invoices {
		if v.Customer != customer || v.Date > s.asOf {
			continue
		}
		overdue, late := s.overdueOf(v, d)
		was, wasLate := s.overdueOf(v, d-window)
		var cash, before money.Amount
		for _, st := range s.steps(v) {
			for n := range st.parts {
				if st.kind != "cash" || st.receipt > s.asOf {
					continue
				}
				if late[n] && st.receipt >= d && st.receipt <= d+window && !s.laterVisit(v, n, d, st.receipt, days) {
					cash += st.parts[n]
				}
				if wasLate[n] && st.receipt >= d-window && st.receipt < d {
					before += st.parts[n]
				}
			}
		}
		out.overdue += overdue
		out.cash += min(max(0, cash), overdue)
		out.before += min(max(0, before), was)
	}
	return out
}

// laterVisit tells whether another visit stands between one and a receipt.
func (s *slow) laterVisit(v ledgertest.Invoice, n int, d, receipt ledger.Day, days map[ledger.Day]bool) bool {
	for x := d + 1; x <= receipt; x++ {
		if days[x] {
			if _, late := s.overdueOf(v, x); late[n] {
				return true
			}
		}
	}
	return false
}

// randomVisits draws visits, half of them near payments.
func randomVisits(t *rapid.T, b *ledgertest.Books) {
	for i := range rapid.IntRange(0, 8).Draw(t, "visits") {
		v := ledgertest.Visit{ID: fmt.Sprintf("V%d", i), Customer: pick(t, "visited", "K0", "K1"), Rep: pick(t, "visitor", "R1", "R2", ""), Day: drawDay(t, "visit")}
		if len(b.Payments) > 0 && rapid.Bool().Draw(t, "near a payment") {
			v.Day = b.Payments[i%len(b.Payments)].Date + ledger.Day(rapid.SampledFrom([]int{-30, -14, -7, -3, 0, 1, 7, 14}).Draw(t, "days from it"))
		}
		b.Visits = append(b.Visits, v)
	}
}

func TestVisitOutcomesEqualARecountFromScratch(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		days := map[string]map[ledger.Day]bool{"K0": {}, "K1": {}}
		randomVisits(t, b)
		for _, v := range b.Visits {
			if v.Day <= genAsOf {
				days[v.Customer][v.Day] = true
			}
		}
		out, _ := buildRandom(t, b, genAsOf, VisitOutcomes)
		s := newSlow(b, genAsOf)
		got := map[string]slowVisit{}
		for _, r := range out[VisitOutcomes] {
			for w, n := range map[string]string{"": "14", "_7": "7", "_30": "30"} {
				key := r["customer_id"] + " " + r["day"] + " " + w
				x := got[key]
				x.overdue, x.cash, x.before = x.overdue+amount(r["overdue_rc"]), x.cash+amount(r["cash"+w+"_rc"]), x.before+amount(r["cash_before"+w+"_rc"])
				got[key] = x
				if amount(r["promised_before"+w+"_rc"]) > amount(r["cash"+w+"_rc"]) {
					t.Fatalf("%s days: more promised than came in: %v", n, r)
				}
			}
		}
		for customer, on := range days {
			for d := range on {
				for w, n := range map[string]ledger.Day{"": 14, "_7": 7, "_30": 30} {
					key := customer + " " + d.String() + " " + w
					if want := s.visit(customer, d, n, on); got[key] != want {
						t.Fatalf("%s: %v, want %v", key, got[key], want)
					}
				}
			}
		}
	})
}
