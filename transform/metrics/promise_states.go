package metrics

import (
	"cmp"
	"slices"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// promiseState is how a pledge stood on one or more of the days that are judged,
// one after the other.
type promiseState struct {
	of          int32 // place of the pledge
	first, last ledger.Day
	standing
}

// standing is what a state says of a pledge.
type standing struct {
	status        PromiseStatus
	since         ledger.Day // NoDay while open
	times         int64
	paid, reduced money.Amount
}

// judgePastPromises judges the customer's promises on every month-end before the
// as-of day, each time from what is dated up to it. Today's outcome does not tell
// what was known: cash that kept a promise bounces later, or is applied later to
// the invoice that was promised.
func (w *worker) judgePastPromises() {
	first := ledger.Forever
	for i := range w.pledges.list {
		first = min(first, w.pledges.list[i].Made)
	}
	for _, month := range w.cal.months {
		if day := month.MonthEnd(); day >= first && day < w.cal.asOf {
			w.judgePromises(day)
			w.noteStates()
		}
	}
}

// noteStates continues the states of the pledges that stand as on the day before,
// and begins those of the others.
func (w *worker) noteStates() {
	s := &w.pledges
	for i := range s.list {
		p := &s.list[i]
		if p.Made > s.asOf {
			continue
		}
		is := standing{p.status, p.statusDay, p.times, p.paid, p.reduced}
		if p.state >= 0 && s.states[p.state].standing == is {
			s.states[p.state].last = s.asOf
			continue
		}
		p.state = int32(len(s.states))
		s.states = append(s.states, promiseState{int32(i), s.asOf, s.asOf, is})
	}
}

// stateRows writes the states of the customer's pledges.
func (w *worker) stateRows(out *rows) {
	s := &w.pledges
	slices.SortStableFunc(s.states, func(a, b promiseState) int { return cmp.Compare(a.of, b.of) })
	for i := range s.states {
		state := &s.states[i]
		p := &s.list[state.of]
		w.pledgeKey(out, p)
		out.optText(p.plan)
		out.integer(p.line)
		out.text(p.Currency)
		out.money(p.Amount)
		out.money(state.paid)
		out.money(state.reduced)
		out.date(p.Made)
		out.date(p.Due)
		out.date(w.terms.limit(p.Due))
		out.date(state.first)
		out.date(state.last)
		out.text(string(state.status))
		out.optDate(state.since)
		out.integer(state.times)
		out.end()
	}
}
