package metrics

import (
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// repDisputed finds what is in dispute at the end of each month of an invoice
// that was collectable in it, for the rates that leave it out. A dispute takes
// the instalments in the order of their due dates.
func (w *worker) repDisputed(it *ledger.Item, f *ledger.ItemFacts) {
	claims := w.replay.Disputes[it.Claims.From:it.Claims.To]
	ivs := w.replay.Intervals[f.Intervals.From:f.Intervals.To]
	for m := w.cal.month(it.Date); m < len(w.cal.months); m++ {
		end := w.cal.monthLast(m)
		claimed, _ := w.claimed(claims, ivs, end)
		if claimed <= 0 {
			continue
		}
		if m == w.cal.month(it.Date) {
			w.ownerIn(it.Company, it.Date, m).disputedSales += claimed.Convert(f.Rate)
		}
		var before money.Amount
		for n := it.Dues.From; n < it.Dues.To && before < claimed; n++ {
			upTo := min(claimed, before+openOn(ivs, n, end))
			if due := w.dueDay(it, n); due <= end {
				w.dueOwner(it, due, m).disputedDue += upTo.Convert(f.Rate) - before.Convert(f.Rate)
			}
			before = upTo
		}
	}
}

// dueOwner is the row in which an instalment is collectable in a month: that of
// the owner of its due date, in later months of the owner when the month began.
func (w *worker) dueOwner(it *ledger.Item, due ledger.Day, month int) *repMonth {
	return w.ownerIn(it.Company, max(due, w.cal.months[month]-1), month)
}

// openOn is what is open of an instalment at the end of a day.
func openOn(ivs []ledger.Interval, n int32, day ledger.Day) money.Amount {
	for i := range ivs {
		if iv := &ivs[i]; iv.Due == n && iv.From <= day && day < iv.To {
			return iv.Open
		}
	}
	return 0
}
