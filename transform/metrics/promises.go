package metrics

import (
	"cmp"
	"slices"
	"strings"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// PromiseStatus is the state of a promise or of a line of a plan on a day (D1).
type PromiseStatus string

// The states. Kept, partial and broken are resolved.
const (
	PromiseOpen      PromiseStatus = "open"
	PromiseKept      PromiseStatus = "kept"
	PromisePartial   PromiseStatus = "partial"
	PromiseBroken    PromiseStatus = "broken"
	PromiseMoved     PromiseStatus = "moved"     // another promise took its place before it was due
	PromiseCancelled PromiseStatus = "cancelled" // nothing is left to pay
)

// PromiseTerms decide when a promise is kept: this much of it, in per cent, by
// the promised day plus the grace.
type PromiseTerms struct {
	GraceDays   ledger.Day
	KeptPercent int64
}

// Judge returns the status of a promise of an amount due on a day, of which paid
// came in from the day it was made through due + grace.
func (t PromiseTerms) Judge(amount, paid money.Amount, due, asOf ledger.Day) PromiseStatus {
	switch {
	case amount <= 0:
		return PromiseCancelled
	case t.enough(paid, amount):
		return PromiseKept
	case asOf <= t.limit(due):
		return PromiseOpen
	case paid > 0:
		return PromisePartial
	}
	return PromiseBroken
}

// limit is the last day on which cash counts for a promise.
func (t PromiseTerms) limit(due ledger.Day) ledger.Day { return min(due+t.GraceDays, ledger.Last) }

func (t PromiseTerms) enough(paid, amount money.Amount) bool {
	return money.Product(int64(paid), 100).Cmp(money.Product(int64(amount), t.KeptPercent)) >= 0
}

// pledge is a promise or a line of a plan with what became of it.
type pledge struct {
	ledger.Promise
	isLine bool   // of a plan, else a promise
	plan   string // empty for a promise, and for a line whose plan has no name
	planAt int32  // place of the plan
	line   int64
	item   int32 // the promised invoice, −1 = any
	rep    string
	state  int32 // the latest of its states, −1 = none yet
	outcome
}

// outcome is what became of a pledge up to the day on which it is judged.
type outcome struct {
	replaced  ledger.Day // day on which another took its place, Forever = none did, NoDay = unknown
	times     int64      // how often it was moved before
	inCircle  bool
	reduced   money.Amount // by credit notes, upheld disputes and write-offs
	paid      money.Amount
	status    PromiseStatus
	statusDay ledger.Day // NoDay while open
	reason    string
}

// pledges are those of the customer at hand, and the cash that they claim.
type pledges struct {
	asOf   ledger.Day // the day on which they are judged, from what is dated up to it
	list   []pledge   // promises, then lines of plans
	order  []*pledge  // as they claim cash
	cash   []receipt
	claims []claim
	chain  []succession // of the promises
	plans  []succession
	states []promiseState
}

// receipt is cash that promises may claim, used up as they do.
type receipt struct {
	day      ledger.Day
	item     int32 // invoice it was applied to, −1 = not applied
	left     money.Amount
	currency string
}

// claim is cash of an invoice that a promise made on a day used, in the
// invoice's currency.
type claim struct {
	item      int32
	day, made ledger.Day
	amount    money.Amount
}

// collectPromises lists the customer's promises and plan lines.
func (w *worker) collectPromises() {
	s := &w.pledges
	s.list, s.order, s.states = s.list[:0], s.order[:0], s.states[:0]
	slices.SortStableFunc(w.replay.Promises, func(a, b ledger.Promise) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), strings.Compare(a.ID, b.ID), strings.Compare(a.Source, b.Source))
	})
	for i := range w.replay.Promises {
		s.list = append(s.list, pledge{Promise: w.replay.Promises[i]})
	}
	w.planLines()
	for i := range s.list {
		p := &s.list[i]
		p.item, p.rep, p.state = -1, p.VisitRep, -1
		if p.Invoice != "" {
			p.item = w.invoiceOf(&p.Promise)
		}
		if p.rep == "" {
			p.rep = w.runAt(p.Made).Owner
		}
		s.order = append(s.order, p)
	}
	slices.SortStableFunc(s.order, comparePledges)
}

// judgePromises judges the customer's promises and plan lines by what is dated up
// to a day: those for a known invoice by the cash on it, then the others by all
// that is left, each in order of due date. Cash satisfies one promise only; what
// one does not need flows on to the next.
func (w *worker) judgePromises(asOf ledger.Day) {
	s := &w.pledges
	s.asOf, s.cash, s.claims = asOf, s.cash[:0], s.claims[:0]
	w.supersede()
	if len(s.list) == 0 || !w.wants.promises {
		return
	}
	w.receipts()
	for _, p := range s.order {
		if p.Made <= asOf {
			w.judge(p)
		}
	}
	w.countMoves()
}

// comparePledges orders promises as they claim cash.
func comparePledges(a, b *pledge) int {
	switch {
	case (a.item < 0) != (b.item < 0):
		if a.item < 0 {
			return 1
		}
		return -1
	case a.Due != b.Due:
		return int(a.Due) - int(b.Due)
	case a.ID != b.ID:
		return strings.Compare(a.ID, b.ID)
	case a.Source != b.Source:
		return strings.Compare(a.Source, b.Source)
	}
	return int(a.line - b.line)
}

// judge decides on one promise, after those that go before it.
func (w *worker) judge(p *pledge) {
	asOf, limit := w.pledges.asOf, w.terms.limit(p.Due)
	end := min(limit, asOf)
	moved := p.replaced <= p.Due && p.replaced <= asOf
	if moved {
		end = min(end, max(p.replaced, p.Made)-1)
	}
	cut := w.reductions(p, end)
	owed := p.Amount - cut.credited
	keptOn := w.claim(p, owed, end)
	p.reduced = min(max(0, p.Amount), cut.credited)
	switch status := w.terms.Judge(owed, p.paid, p.Due, asOf); {
	case p.Amount <= 0:
		p.status, p.statusDay, p.reason = PromiseCancelled, p.Made, "no_amount"
	case status == PromiseCancelled:
		p.status, p.statusDay, p.reason = status, cut.creditDay, cut.reason
	case status == PromiseKept:
		p.status, p.statusDay = status, keptOn
	case moved:
		p.status, p.statusDay, p.reason = PromiseMoved, p.replaced, "replaced"
		if p.isLine {
			p.reason = "plan_replaced"
		}
	case cut.writtenOff > 0 && w.terms.enough(p.paid+cut.writtenOff, owed):
		p.status, p.statusDay, p.reason = PromiseCancelled, cut.writeOffDay, "written_off"
	case status == PromiseOpen:
		p.status, p.statusDay = status, ledger.NoDay
	default:
		p.status, p.statusDay = status, limit+1
	}
	p.reduced += min(max(0, owed-p.paid), max(0, cut.writtenOff))
	if p.inCircle {
		p.reason = "circle"
	}
}

// claim takes cash for a promise and returns the day on which it was enough.
func (w *worker) claim(p *pledge, owed money.Amount, end ledger.Day) (keptOn ledger.Day) {
	s := &w.pledges
	keptOn = ledger.NoDay
	from, _ := slices.BinarySearchFunc(s.cash, p.Made, func(c receipt, d ledger.Day) int { return int(c.day) - int(d) })
	for i := from; i < len(s.cash) && s.cash[i].day <= end && p.paid < owed; i++ {
		c := &s.cash[i]
		if c.left <= 0 || p.item >= 0 && c.item != p.item {
			continue
		}
		there, known := w.convert(c.left, c.currency, p.Currency, c.day)
		take := min(there, owed-p.paid)
		if !known || take <= 0 {
			continue
		}
		used := c.left
		if back, ok := w.convert(take, p.Currency, c.currency, c.day); ok && take < there {
			used = min(used, back)
		}
		c.left -= used
		p.paid += take
		s.claims = append(s.claims, claim{c.item, c.day, p.Made, used})
		if keptOn == ledger.NoDay && w.terms.enough(p.paid, owed) {
			keptOn = c.day
		}
	}
	return keptOn
}

func (w *worker) convert(a money.Amount, from, to string, day ledger.Day) (money.Amount, bool) {
	rate, ok := w.rates.At(from, to, day)
	return a.Convert(rate), ok
}

// receipts lists the customer's cash up to the day by its own day: what is applied to invoices, net of
// what was taken back, and what is not applied. What is paid back to the customer
// is none, nor is it once it bounces or is applied.
func (w *worker) receipts() {
	list := w.pledges.cash
	for i := range w.replay.Items {
		it, f := &w.replay.Items[i], &w.replay.Facts[i]
		from := len(list)
		for e := f.Events.From; e < f.Events.To; e++ {
			ev := &w.replay.Events[e]
			if ev.Day > w.pledges.asOf {
				continue
			}
			switch ev.Kind {
			case ledger.Alloc, ledger.AllocRev:
				_, day := cashDays(ev, &w.replay.Applications[ev.App])
				list = addReceipt(list, from, receipt{day, int32(i), -ev.Amount, it.Currency})
			case ledger.OnAccount, ledger.Applied, ledger.AppliedRev, ledger.Bounced:
				if it.Side == ledger.PaymentSide && it.Amount > 0 {
					list = addReceipt(list, from, receipt{it.Date, -1, -ev.Amount, it.Currency})
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b receipt) int { return int(a.day) - int(b.day) })
	w.pledges.cash = list
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

// countPromises adds the promises to the rows of their reps; lines of plans are
// not counted there.
func (w *worker) countPromises() {
	for i := range w.pledges.list {
		if p := &w.pledges.list[i]; !p.isLine && p.Made >= w.cal.first && p.Made <= w.cal.asOf {
			w.countPromise(p)
		}
	}
}

// countPromise adds a promise to the visitor's rows, else to those of the
// account owner of the day on which it was made.
func (w *worker) countPromise(p *pledge) {
	months := w.reps.rep(w.homeCompany(p.rep), p.rep)
	months[w.cal.month(p.Made)].promisesMade++
	if p.Due < w.cal.first || p.Due > w.cal.asOf {
		return
	}
	rate, ok := w.closing.At(p.Currency, p.Made)
	row, amount := &months[w.cal.month(p.Due)], p.Amount.Convert(rate)
	switch p.status {
	case PromiseKept:
		row.promisesKept++
		row.promisesKeptAmount += amount
	case PromisePartial, PromiseBroken:
	default:
		return
	}
	row.promisesDue++
	row.promisesDueAmount += amount
	row.unknown += count(!ok)
}
