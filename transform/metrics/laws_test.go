package metrics

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// The laws that hold for every ledger, and the tests that hold them. Where no
// package is named the test stands here; models' tests stand in their headers.
//
//	 1  buckets + unapplied + credits = net AR             TestSnapshotsEqualARecountFromScratch
//	 2  the roll-forward closes and continues              TestRollForwardEqualsTheDocumentsOfEachMonth, with and without exchange rates
//	 3  rebuilding gives the same; late documents change   TestAnUpdateEqualsAFullBuildByteForByte, TestALateDocumentChangesTodayAndNotWhatWasKnown,
//	    today and never what was known                     TestWhatWasKnownIsTheEventsKnownByThen
//	 4  0 ≤ open ≤ amount, nothing applied beyond it        TestLawsOfEveryLedger, TestAnOverpaidInvoiceIsACreditNotANegativeBucket
//	 5  best possible ≤ DSO, ADD = Σ of late buckets,       TestLawsOfEveryLedger; terms: transform/behaviour TestDaysToPayAreTermsAndDaysBeyondThem
//	    days to pay = terms + days beyond terms
//	 6  0 ≤ CEI ≤ 1 while AR ≥ not due and cash came in     TestLawsOfEveryLedger
//	 7  the rows of a roll matrix make the opening          TestRollsAddUpToTheOpeningBucketsAndFlowIntoTheClosingOnes, TestRollsEqualARecountFromScratch
//	 8  a vintage never falls and stays within 1            TestLawsOfEveryLedger, model vintage
//	 9  totals are the same whoever the cash belongs to     TestTotalsAreTheSameUnderAnyBasis, checks rep_totals_…
//	10  halves of an invoice change no amount               TestSplittingInvoicesInHalvesChangesNoAmount
//	11  amounts scale, days stay                            TestScalingAmountsScalesBalancesAndLeavesDays
//	12  dates shift, results shift                          TestShiftingAllDatesShiftsOpenItems
//	13  constant sales: countback = DSO                     TestConstantDailySalesMakeAllDaysOfSalesTheSame, …PaidAfterFortyDaysGiveFortyDaysEverywhere
//	14  the due day is on time, the next one late           TestDueDayDecides
//	15  the future changes nothing of the past              TestRemovingTheFutureChangesNoSnapshot, TestTheFutureChangesNoFact, TestPromisesStoodAsABuildOfTheDaySaid,
//	                                                        transform/behaviour TestAMonthKnowsNothingOfWhatCameLater; models, grades and forecasts:
//	                                                        internal/pipeline TestWhatIsSaidOfAPastDayKnowsNothingOfTheFuture
//	16  promises follow from the documents of the day      TestPromisesEqualARecountFromScratch
//	17  the worked examples                                 TestWorkedExamples, sql TestEveryWorkedExampleIsComputedSomewhere

// randomLedger draws every kind of document: promises, plans, visits and upheld
// disputes too.
func randomLedger(t *rapid.T) *ledgertest.Books {
	b := randomBooks(t)
	randomPromises(t, b)
	randomVisits(t, b)
	return b
}

func TestLawsOfEveryLedger(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomLedger(t)
		out, _ := buildRandom(t, b, genAsOf, Snapshots, DSO, Items, Settlements)
		late := map[string]money.Amount{}
		for _, r := range out[Snapshots] {
			for _, bucket := range []string{"d1_30", "d31_60", "d61_90", "d91_120", "d121_180", "d181_365", "d366_plus"} {
				late[r["as_of"]] += amount(r[bucket+"_rc"])
			}
		}
		for _, r := range out[DSO] {
			if r["scope"] == "group" && amount(r["overdue"]) != late[r["as_of"]] {
				t.Fatalf("%s overdue, %s in the buckets: %v", r["overdue"], late[r["as_of"]], r)
			}
			lawsOfSpeed(t, r)
		}
		refunded := refundedInvoices(b)
		for _, r := range out[Items] {
			if open := amount(r["open_amount"]); open < 0 || open > max(0, amount(r["amount"])) && !refunded[r["invoice_id"]] {
				t.Fatalf("open beyond the amount: %v", r)
			}
			for _, kind := range []string{"cash", "discount", "credit", "written_off"} {
				if amount(r[kind]) < 0 && !refunded[r["invoice_id"]] {
					t.Fatalf("less than nothing of a kind settled it: %v", r)
				}
			}
		}
		lawOfVintages(t, out, refunded)
	})
}

// lawsOfSpeed: best possible DSO lies within DSO, what is between them is that
// of the late buckets, credits taken off these first; the CEI lies between 0 and 1
// where more came in than went out and credits do not exceed what is late.
func lawsOfSpeed(t *rapid.T, r map[string]string) {
	if r["dso_90"] != "NULL" {
		dso, best, add, sales := number(r["dso_90"]), number(r["bpdso"]), number(r["add_days"]), number(r["sales_90"])
		delinquent := max(0, number(r["overdue"])+number(r["credits"]))
		if best < 0 || best > dso || add < 0 || math.Abs(dso-best-add) > 1e-9*max(1, dso) || math.Abs(add*sales/90-delinquent) > 1e-3 {
			t.Fatalf("dso %v, best possible %v, delinquent %v of %v: %v", dso, best, add, delinquent, r)
		}
		undisputed, left := number(r["add_days_undisputed"]), max(0, delinquent-number(r["disputed_overdue"]))
		if undisputed < 0 || undisputed > add+1e-9*max(1, dso) || math.Abs(number(r["undisputed_delinquent"])-left) > 1e-3 || math.Abs(undisputed*sales/90-left) > 1e-3 {
			t.Fatalf("delinquent %v, of it undisputed %v: %v", add, undisputed, r)
		}
	}
	if amount(r["disputed"]) > amount(r["not_due"])+amount(r["overdue"]) || amount(r["disputed_overdue"]) > min(amount(r["disputed"]), amount(r["overdue"])) {
		t.Fatalf("disputed beyond what is open: %v", r)
	}
	if r["cei"] != "NULL" && number(r["cei_numerator"]) >= 0 && number(r["ar"]) >= number(r["not_due"]) {
		if cei := number(r["cei"]); cei < 0 || cei > 1 {
			t.Fatalf("cei %v: %v", cei, r)
		}
		if r["cei_undisputed"] != "NULL" && number(r["cei_undisputed"]) < number(r["cei"]) || number(r["written_off_month"]) >= 0 && number(r["cei_clean"]) > number(r["cei"]) {
			t.Fatalf("cei %s, undisputed %s, clean %s: %v", r["cei"], r["cei_undisputed"], r["cei_clean"], r)
		}
	}
}

// refundedInvoices lists the invoices that a refund names: it raises what is
// open, beyond the amount where nothing had been paid.
func refundedInvoices(b *ledgertest.Books) map[string]bool {
	out := map[string]bool{}
	for _, a := range b.Allocations {
		out[a.Invoice] = out[a.Invoice] || a.Amount < 0 && a.ReversalOf == "" || a.Amount > 0 && a.ReversalOf != ""
	}
	return out
}

// lawOfVintages: by days since the invoice, the cash on an instalment never
// falls and never exceeds what was billed less credits; a refund gives cash back.
func lawOfVintages(t *rapid.T, out tables, refunded map[string]bool) {
	byDay, net := map[string]map[string]money.Amount{}, map[string]money.Amount{}
	for _, r := range out[Items] {
		net[instalmentOf(r)] = amount(r["amount"]) - amount(r["credit"])
	}
	for _, r := range out[Settlements] {
		if key := instalmentOf(r); r["kind"] == "cash" && !refunded[r["invoice_id"]] {
			if byDay[key] == nil {
				byDay[key] = map[string]money.Amount{}
			}
			byDay[key][r["receipt_date"]] += amount(r["amount"])
		}
	}
	for key, days := range byDay {
		var cum money.Amount
		for _, d := range slices.Sorted(maps.Keys(days)) {
			if days[d] < 0 {
				t.Fatalf("the curve of %s falls on %s: %v", key, d, days)
			}
			cum += days[d]
		}
		if cum > net[key] {
			t.Fatalf("%s: %s received of %s", key, cum, net[key])
		}
	}
}

// A build of a day is the same whether or not later documents are there.
func TestTheFutureChangesNoFact(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomLedger(t)
		d := drawDay(t, "day of the build")
		nameNoInvoiceAfter(b, d)
		past := allKnownBy(b, d)
		facts := []string{Snapshots, DSO, RollForward, OpenItems, Items, Settlements, Rolls, PromiseOutcomes, PlanOutcomes, VisitOutcomes}
		with, _ := buildRandom(t, b, d, facts...)
		without, _ := buildRandom(t, past, d, facts...)
		for _, table := range facts {
			if got, want := factsOf(with[table]), factsOf(without[table]); got != want {
				t.Fatalf("%s of %s with the future:\n%s\nwithout:\n%s", table, d, got, want)
			}
		}
	})
}

// allKnownBy returns the ledger as it was known on a day.
func allKnownBy(b *ledgertest.Books, d ledger.Day) *ledgertest.Books {
	past := withoutFuture(b, d)
	past.Promises, past.Plans = knownBy(b, d)
	past.Visits = filter(b.Visits, func(v ledgertest.Visit) bool { return v.Day <= d })
	for i, dispute := range past.Disputes {
		if dispute.Closed == none && !slices.Contains(b.Disputes, dispute) {
			past.Disputes[i].Outcome = "" // closed later: nobody knew it yet
		}
	}
	return past
}

// Looking back, promises stood on a month-end as a build of that day said.
func TestPromisesStoodAsABuildOfTheDaySaid(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomLedger(t)
		d := drawDay(t, "day of the build").MonthStart() - 1
		nameNoInvoiceAfter(b, d)
		line := func(r map[string]string) string {
			return fmt.Sprint(r["source"], r["promise_id"], r["line_no"], r["company"], r["paid"], r["reduced"], r["status"], r["status_on"], r["times_moved"])
		}
		said, stood := []string{}, []string{}
		then, _ := buildRandom(t, allKnownBy(b, d), d, PromiseOutcomes)
		for _, r := range then[PromiseOutcomes] {
			said = append(said, line(r))
		}
		now, _ := buildRandom(t, b, genLast, PromiseStates)
		for _, r := range now[PromiseStates] {
			if r["first_day"] <= d.String() && d.String() <= r["last_day"] {
				stood = append(stood, line(r))
			}
		}
		if slices.Sort(said); !slices.Equal(said, slices.Sorted(slices.Values(stood))) {
			t.Fatalf("on %s:\n%s\nlooking back:\n%s", d, strings.Join(said, "\n"), strings.Join(stood, "\n"))
		}
	})
}

// nameNoInvoiceAfter lets promises name no invoice that is dated after a day:
// nobody promises to pay what does not exist.
func nameNoInvoiceAfter(b *ledgertest.Books, d ledger.Day) {
	later := map[string]bool{}
	for _, v := range b.Invoices {
		later[v.ID] = v.Date > d
	}
	for i := range b.Promises {
		if later[b.Promises[i].Invoice] {
			b.Promises[i].Invoice = ""
		}
	}
	for i := range b.Lines {
		if later[b.Lines[i].Invoice] {
			b.Lines[i].Invoice = ""
		}
	}
}

// knownBy returns the promises and plans made up to a day, without the names of
// successors that the customer made later: nobody could name them then.
func knownBy(b *ledgertest.Books, d ledger.Day) ([]ledgertest.Promise, []ledgertest.Plan) {
	later := map[string]bool{} // by customer and identifier
	for _, p := range b.Promises {
		later[p.Customer+" "+p.ID] = p.Made > d
	}
	for _, p := range b.Plans {
		later[p.Customer+" "+p.ID] = p.Made > d
	}
	promises := filter(b.Promises, func(p ledgertest.Promise) bool { return p.Made <= d })
	for i := range promises {
		if p := &promises[i]; later[p.Customer+" "+p.ReplacedBy] {
			p.ReplacedBy = ""
		}
	}
	plans := filter(b.Plans, func(p ledgertest.Plan) bool { return p.Made <= d })
	for i := range plans {
		if p := &plans[i]; later[p.Customer+" "+p.ReplacedBy] {
			p.ReplacedBy = ""
		}
	}
	return promises, plans
}

// factsOf writes rows down but for the owners: who will own an account is known
// before the day.
func factsOf(rows []map[string]string) string {
	var b strings.Builder
	for _, r := range rows {
		for _, k := range slices.Sorted(maps.Keys(r)) {
			if k != "owner_at_due" {
				fmt.Fprint(&b, k, "=", r[k], " ")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
