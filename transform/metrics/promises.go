package metrics

import (
	"slices"
	"strings"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// PromiseGraceDays and PromiseThresholdPercent decide when a promise is kept:
// this much of it by the promised day plus the grace (D1).
const (
	PromiseGraceDays        = 2
	PromiseThresholdPercent = 95
)

// PromiseStatus is the state of a promise on a day (D1).
type PromiseStatus string

// The states. Kept, partial and broken are resolved.
const (
	PromiseOpen      PromiseStatus = "open"
	PromiseKept      PromiseStatus = "kept"
	PromisePartial   PromiseStatus = "partial"
	PromiseBroken    PromiseStatus = "broken"
	PromiseReplaced  PromiseStatus = "replaced"
	PromiseCancelled PromiseStatus = "cancelled"
)

// JudgePromise returns the status of a promise of an amount due on a day, of
// which paid came in from the day it was made through due + grace.
func JudgePromise(amount, paid money.Amount, due, asOf ledger.Day) PromiseStatus {
	switch {
	case amount <= 0:
		return PromiseCancelled
	case int64(paid)*100 >= int64(amount)*PromiseThresholdPercent:
		return PromiseKept
	case asOf <= due+PromiseGraceDays:
		return PromiseOpen
	case paid > 0:
		return PromisePartial
	}
	return PromiseBroken
}

// receipt is cash that promises may claim, used up as they do.
type receipt struct {
	day      ledger.Day
	item     int32 // invoice it was applied to, −1 = not applied
	left     money.Amount
	currency string
}

// repPromises judges the customer's promises: those for an invoice by the cash
// on it, then the others by all that is left, each in order of due date. Cash
// satisfies one promise only; what one does not need flows on to the next.
func (w *worker) repPromises() {
	if len(w.replay.Promises) == 0 {
		return
	}
	cash := w.receipts()
	list := w.replay.Promises
	slices.SortStableFunc(list, func(a, b ledger.Promise) int {
		switch {
		case (a.Invoice == "") != (b.Invoice == ""):
			if a.Invoice == "" {
				return 1
			}
			return -1
		case a.Due != b.Due:
			return int(a.Due) - int(b.Due)
		}
		return strings.Compare(a.ID, b.ID)
	})
	for i := range list {
		if p := &list[i]; p.Made >= w.cal.first && p.Made <= w.cal.asOf {
			w.countPromise(p, w.promiseStatus(p, cash))
		}
	}
}

func (w *worker) promiseStatus(p *ledger.Promise, cash []receipt) PromiseStatus {
	if w.superseded(p) {
		return PromiseReplaced
	}
	amount, item := p.Amount, int32(-1)
	if p.Invoice != "" {
		item = w.invoiceOf(p)
		amount -= w.reduced(item, p)
	}
	var paid money.Amount
	for i := range cash {
		c := &cash[i]
		if c.left <= 0 || c.day < p.Made || c.day > min(p.Due+PromiseGraceDays, w.cal.asOf) || p.Invoice != "" && c.item != item {
			continue
		}
		there, ok1 := w.convert(c.left, c.currency, p.Currency, c.day)
		if !ok1 {
			continue
		}
		take := min(there, amount-paid)
		if take <= 0 {
			break
		}
		paid += take
		if used, ok := w.convert(take, p.Currency, c.currency, c.day); ok && take < there {
			c.left -= used
		} else {
			c.left = 0
		}
	}
	return JudgePromise(amount, paid, p.Due, w.cal.asOf)
}

// superseded tells whether another promise took this one's place before it was due.
func (w *worker) superseded(p *ledger.Promise) bool {
	if p.ReplacedBy == "" {
		return false
	}
	for i := range w.replay.Promises {
		if q := &w.replay.Promises[i]; q.ID == p.ReplacedBy && q.Source == p.Source {
			return q.Made <= p.Due && q.Made <= w.cal.asOf
		}
	}
	return true
}

// invoiceOf finds the promised invoice, in the promise's source first (promises
// often come from another system than invoices); −1 when unknown.
func (w *worker) invoiceOf(p *ledger.Promise) int32 {
	found := int32(-1)
	for i := range w.replay.Items {
		if it := &w.replay.Items[i]; it.ID == p.Invoice && it.Side == ledger.InvoiceSide {
			if it.Source == p.Source {
				return int32(i)
			}
			if found < 0 {
				found = int32(i)
			}
		}
	}
	return found
}

// reduced is what credit notes and write-offs took off the promised invoice
// while the promise ran.
func (w *worker) reduced(item int32, p *ledger.Promise) money.Amount {
	var sum money.Amount
	if item < 0 {
		return 0
	}
	f := &w.replay.Facts[item]
	for e := f.Events.From; e < f.Events.To; e++ {
		ev := &w.replay.Events[e]
		if ev.Day < p.Made || ev.Day > p.Due+PromiseGraceDays {
			continue
		}
		switch ev.Kind {
		case ledger.CreditAlloc, ledger.CreditAllocRev, ledger.WriteOffEvent, ledger.WriteOffRev:
			if a, ok := w.convert(-ev.Amount, w.replay.Items[item].Currency, p.Currency, ev.Day); ok {
				sum += a
			}
		}
	}
	return sum
}

func (w *worker) convert(a money.Amount, from, to string, day ledger.Day) (money.Amount, bool) {
	rate, ok := w.rates.At(from, to, day)
	return a.Convert(rate), ok
}

// receipts lists the customer's cash by day: what is applied to invoices, net of
// what was taken back, and what is not applied.
func (w *worker) receipts() []receipt {
	var list []receipt
	for i := range w.replay.Items {
		it, f := &w.replay.Items[i], &w.replay.Facts[i]
		from := len(list)
		for e := f.Events.From; e < f.Events.To; e++ {
			ev := &w.replay.Events[e]
			switch ev.Kind {
			case ledger.Alloc, ledger.AllocRev:
				_, day := cashDays(ev, &w.replay.Applications[ev.App])
				list = addReceipt(list, from, receipt{day, int32(i), -ev.Amount, it.Currency})
			case ledger.OnAccount, ledger.Applied, ledger.AppliedRev, ledger.Bounced:
				if it.Side == ledger.PaymentSide {
					list = addReceipt(list, from, receipt{it.Date, -1, -ev.Amount, it.Currency})
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b receipt) int { return int(a.day) - int(b.day) })
	return list
}

// addReceipt adds to the receipt of the same day among those from an index on.
func addReceipt(list []receipt, from int, r receipt) []receipt {
	for i := from; i < len(list); i++ {
		if list[i].day == r.day {
			list[i].left += r.left
			return list
		}
	}
	return append(list, r)
}

// countPromise adds a promise to the visitor's rows, else to those of the
// account owner of the day on which it was made.
func (w *worker) countPromise(p *ledger.Promise, status PromiseStatus) {
	rep := p.VisitRep
	if rep == "" {
		rep = w.runAt(p.Made).Owner
	}
	months := w.reps.rep(w.homeCompany(rep), rep)
	months[w.cal.month(p.Made)].promisesMade++
	if p.Due < w.cal.first || p.Due > w.cal.asOf {
		return
	}
	rate, ok := w.closing.At(p.Currency, p.Made)
	row, amount := &months[w.cal.month(p.Due)], p.Amount.Convert(rate)
	switch status {
	case PromiseKept:
		row.promisesKept++
		row.promisesKeptAmount += amount
	case PromisePartial, PromiseBroken:
	default:
		return
	}
	row.promisesDue++
	row.promisesDueAmount += amount
	row.unknown = row.unknown || !ok
}
