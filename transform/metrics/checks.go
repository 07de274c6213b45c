package metrics

import (
	"fmt"
	"strings"
)

// Check is one test of a build against itself or its input.
type Check struct {
	Name      string
	Failed    int64    // rows, documents or applications at fault
	Blocking  bool     // a failure says that the figures contradict themselves: do not publish
	Detail    string   // what is tested and, on a failure, what to do
	Offenders []string // the first few
}

// OK tells whether nothing failed.
func (c Check) OK() bool { return c.Failed == 0 }

// String is one line for a person.
func (c Check) String() string {
	if c.OK() {
		return c.Name + ": ok"
	}
	return fmt.Sprintf("%s: %d failed (%s); first: %s", c.Name, c.Failed, c.Detail, strings.Join(c.Offenders, "; "))
}

// The checks of a build, in order.
const (
	checkRollForward = iota
	checkContinuity
	checkBalance
	checkRepTotals
	checkRepSplits
	checkOrphans
	checkOverApplied
	checkOverpaid
	checkMissingFX
	checkRepRates
	checkDueDate
	checkInstalments
	checkShares
	checkCircles
	checkAnyBasis
	checkCount
)

const maxOffenders = 5

var checkTexts = [checkCount]struct {
	name, detail string
	blocking     bool
}{
	checkRollForward: {"rollforward_closes", "opening plus movements equals closing in every roll-forward row", true},
	checkContinuity:  {"rollforward_continues", "the closing balance of a month is the opening balance of the next, by book", true},
	checkBalance:     {"aging_equals_events", "aging, unapplied cash and open credits add up to the events of every as-of day, customer and currency", true},
	checkRepTotals:   {"rep_totals_by_owner", "cash, sales and open amounts of all owners add up to the company's, by month", true},
	checkRepSplits:   {"rep_totals_by_invoice_rep", "billings of all reps of invoices add up to the company's, by month", true},
	checkOrphans:     {"orphan_applications", "every application names a known invoice and a known payment or credit note; those that do not are not applied: load the missing documents", false},
	checkOverApplied: {"over_applied", "no payment or credit note is applied beyond its amount: look for a missing reversal", false},
	checkOverpaid:    {"overpaid_invoices", "no invoice is paid beyond its amount; the excess stands in open_credits", false},
	checkMissingFX:   {"missing_rates", "every document has an exchange rate of its date or the 7 days before; figures in reporting currency are NULL without: load fx_rates", false},
	checkRepRates:    {"rep_rates_known", "every document counts in rep_collection; those without an exchange rate are left out, and the ratios of the months they touch are NULL (missing_rate): load fx_rates", false},
	checkDueDate:     {"due_date_known", "every invoice has instalments, a due date or terms; invoice_date is taken instead", false},
	checkInstalments: {"instalments_add_up", "the instalments of an invoice add up to it; the last one takes the difference", false},
	checkShares:      {"split_shares_add_up", "the rep shares of an invoice add up to 1; they are taken relative to their sum", false},
	checkCircles:     {"promise_circles", "no promise or plan is replaced by one that it replaced itself; those count as not replaced: mend replaced_by", false},
	checkAnyBasis:    {"rep_totals_any_basis", "what is collected, due, billed and open by month and company is the same under every basis of rep_attribution", true},
}

// checkList counts faults.
type checkList [checkCount]checkCounts

type checkCounts struct {
	failed    int64
	offenders []string
}

// fail counts a fault; the offender is formatted only for the first few.
func (l *checkList) fail(check int, format string, args ...any) {
	c := &l[check]
	if c.failed++; len(c.offenders) < maxOffenders {
		c.offenders = append(c.offenders, fmt.Sprintf(format, args...))
	}
}

// merge adds the faults of a later chunk.
func (l *checkList) merge(later *checkList) {
	for i := range l {
		l[i].failed += later[i].failed
		for _, o := range later[i].offenders {
			if len(l[i].offenders) < maxOffenders {
				l[i].offenders = append(l[i].offenders, o)
			}
		}
	}
}

// checks turns the counts into their published form.
func (l *checkList) checks() []Check {
	out := make([]Check, checkCount)
	for i := range out {
		t := checkTexts[i]
		out[i] = Check{Name: t.name, Failed: l[i].failed, Blocking: t.blocking, Detail: t.detail, Offenders: l[i].offenders}
	}
	return out
}
