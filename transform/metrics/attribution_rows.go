package metrics

import (
	"slices"
	"strings"

	"huikuan/transform/ledger"
)

// checkBases compares the totals of a company's months under all bases.
func (r *reps) checkBases(company string, months []repMonth, checks *checkList) {
	for m := range months {
		want := months[m].under(ByOwnerAtCash)
		for _, basis := range bases() {
			got := months[m].under(basis)
			got[attUnknown] = want[attUnknown]
			if got != want {
				checks.fail(checkAnyBasis, "company %s %s: %v by %s, %v by %s", company, r.cal.months[m], got[:attUnknown], basis, want[:attUnknown], ByOwnerAtCash)
			}
		}
	}
}

// keys lists the reps by company and name.
func (r *reps) keys() []repKey {
	keys := make([]repKey, 0, len(r.list))
	for key := range r.list {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b repKey) int {
		if n := strings.Compare(a.company, b.company); n != 0 {
			return n
		}
		return strings.Compare(a.rep, b.rep)
	})
	return keys
}

// attributionRows writes rep_attribution by month, company, basis and rep; rows
// without anything to say are left out.
func (r *reps) attributionRows(out *rows, ref *ledger.Reference, currency string) {
	keys := r.keys()
	for m, month := range r.cal.months {
		for from := 0; from < len(keys); {
			to := from
			for to < len(keys) && keys[to].company == keys[from].company {
				to++
			}
			for _, basis := range bases() {
				for _, key := range keys[from:to] {
					if a := r.list[key][m].under(basis); a != (attributed{}) {
						attributionRow(out, ref, currency, key, basis, month, &a)
					}
				}
			}
			from = to
		}
	}
}

func attributionRow(out *rows, ref *ledger.Reference, currency string, key repKey, basis string, month ledger.Day, a *attributed) {
	rate := CollectionRate(a[attCollectedDue], a[attDenominator])
	if a[attUnknown] != 0 {
		rate = undefined(MissingRate)
	}
	out.date(month)
	out.text(key.company)
	out.text(basis)
	out.text(key.rep)
	out.optText(ref.Reps[key.rep].Name)
	out.optText(ref.Reps[key.rep].Team)
	out.text(currency)
	for _, c := range []int{attCollected, attUnapplied, attCollectedDue, attDenominator} {
		out.money(a[c])
	}
	out.measure(rate)
	for _, c := range []int{attOpeningOverdue, attFellDue, attBilled, attClosingOpen, attClosingOverdue} {
		out.money(a[c])
	}
	out.optText(string(rate.Reason))
	out.end()
}
