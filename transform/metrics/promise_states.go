package metrics

import (
	"cmp"
	"slices"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// promiseState is how a promise or a line of a plan stood on one or more of the
// days that are judged, one after the other.
type promiseState struct {
	at          int32 // place of the promise
	first, last ledger.Day
	status      PromiseStatus
	since       ledger.Day // NoDay while open
	times       int64
	paid, cut   money.Amount
}

// judgePastPromises judges the customer's promises on every month-end before the
// as-of day, each time from what is dated up to it. Today's outcome does not tell
// what was known: cash that kept a promise bounces later, or is applied later to
// the invoice that was promised.
func (w *worker) judgePastPromises() {
	s := &w.pledges
	s.states, s.last = s.states[:0], s.last[:0]
	first := ledger.Forever
	for i := range w.replay.Promises {
		first = min(first, w.replay.Promises[i].Made)
	}
	for i := range w.replay.Plans {
		first = min(first, w.replay.Plans[i].Made)
	}
	for _, month := range w.cal.months {
		if day := month.MonthEnd(); day >= first && day < w.cal.asOf {
			w.collectPromises(day)
			w.judgePromises()
			w.noteStates()
		}
	}
}

// noteStates continues the states of the promises that stand as on the day before,
// and begins those of the others.
func (w *worker) noteStates() {
	s := &w.pledges
	for i := range s.list {
		p := &s.list[i]
		if p.Made > s.asOf {
			continue
		}
		for int(p.at) >= len(s.last) {
			s.last = append(s.last, -1)
		}
		if n := s.last[p.at]; n >= 0 {
			if was := &s.states[n]; was.status == p.status && was.since == p.statusDay && was.times == p.times && was.paid == p.paid && was.cut == p.reduced {
				was.last = s.asOf
				continue
			}
		}
		s.last[p.at] = int32(len(s.states))
		s.states = append(s.states, promiseState{at: p.at, first: s.asOf, last: s.asOf, status: p.status, since: p.statusDay, times: p.times, paid: p.paid, cut: p.reduced})
	}
}

// stateRows writes the states of the customer's promises.
func (w *worker) stateRows(out *rows) {
	s := &w.pledges
	slices.SortStableFunc(s.states, func(a, b promiseState) int { return cmp.Compare(a.at, b.at) })
	n := 0
	for i := range s.list {
		p := &s.list[i]
		for n < len(s.states) && s.states[n].at < p.at {
			n++
		}
		for ; n < len(s.states) && s.states[n].at == p.at; n++ {
			state := &s.states[n]
			out.text(p.ID)
			out.text(p.Source)
			out.text(w.replay.ID)
			out.optText(w.companyOf(p))
			out.optText(p.Invoice)
			out.optText(p.plan)
			out.integer(p.line)
			out.text(p.Currency)
			out.money(p.Amount)
			out.money(state.paid)
			out.money(state.cut)
			out.date(p.Made)
			out.date(p.Due)
			out.date(p.Due + w.terms.GraceDays)
			out.date(state.first)
			out.date(state.last)
			out.text(string(state.status))
			out.optDate(state.since)
			out.integer(state.times)
			out.end()
		}
	}
}
