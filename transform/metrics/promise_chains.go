package metrics

import "huikuan/transform/ledger"

// succession is a promise or plan in the chain of those that replaced one
// another.
type succession struct {
	source, id, replacedBy string
	made                   ledger.Day
	next                   int32 // what replaced it, −1 = nothing or unknown
	circle                 bool  // replaced_by leads back to it
	moved                  bool  // counts as a move
	times                  int64 // moves before it
}

// link finds the successors and marks those that lead back to themselves; they
// count as replaced by nothing. So does what is replaced after asOf only: nobody
// knew of that then.
func link(list []succession, asOf ledger.Day) {
	type key struct{ source, id string }
	at := map[key]int32{}
	for i := range list {
		at[key{list[i].source, list[i].id}] = int32(i)
	}
	for i := range list {
		list[i].next = -1
		next, known := at[key{list[i].source, list[i].replacedBy}]
		switch {
		case !known || list[i].replacedBy == "":
		case list[next].made > asOf:
			list[i].replacedBy = ""
		default:
			list[i].next = next
		}
	}
	for i := range list {
		next := list[i].next
		for range list {
			if next < 0 || next == int32(i) {
				break
			}
			next = list[next].next
		}
		list[i].circle = next == int32(i)
	}
	for i := range list {
		if list[i].circle {
			list[i].next = -1
		}
	}
}

// replacedOn is the day on which another took the place of s: Forever when none
// did, NoDay when it is not known which.
func replacedOn(list []succession, s *succession) ledger.Day {
	switch {
	case s.replacedBy == "" || s.circle:
		return ledger.Forever
	case s.next < 0:
		return ledger.NoDay
	}
	return max(s.made, list[s.next].made)
}

// countTimes counts how many moves lie before each.
func countTimes(list []succession) {
	for i := range list {
		times := int64(0)
		for at := int32(i); list[at].next >= 0; {
			if list[at].moved {
				times++
			}
			at = list[at].next
			list[at].times = max(list[at].times, times)
		}
	}
}

// supersede finds out which promises and plans were replaced up to the day, and
// begins the outcomes of all pledges.
func (w *worker) supersede() {
	s := &w.pledges
	s.chain, s.plans = s.chain[:0], s.plans[:0]
	for i := range w.replay.Promises {
		p := &w.replay.Promises[i]
		s.chain = append(s.chain, succession{source: p.Source, id: p.ID, replacedBy: p.ReplacedBy, made: p.Made, next: -1})
	}
	for i := range w.replay.Plans {
		p := &w.replay.Plans[i]
		s.plans = append(s.plans, succession{source: p.Source, id: p.ID, replacedBy: p.ReplacedBy, made: p.Made, next: -1})
	}
	w.link(s.chain, "promise")
	w.link(s.plans, "plan")
	for i := range s.plans {
		on := replacedOn(s.plans, &s.plans[i])
		s.plans[i].moved = on != ledger.Forever && on <= s.asOf
	}
	countTimes(s.plans)
	for i := range s.list {
		p := &s.list[i]
		if p.isLine {
			plan := &s.plans[p.planAt]
			p.outcome = outcome{replaced: replacedOn(s.plans, plan), times: plan.times, inCircle: plan.circle}
		} else {
			p.outcome = outcome{replaced: replacedOn(s.chain, &s.chain[i]), inCircle: s.chain[i].circle}
		}
	}
}

// link finds the successors in a list of promises or plans, and reports once
// which of them replace themselves.
func (w *worker) link(list []succession, what string) {
	if !anyReplaced(list) {
		return
	}
	link(list, w.pledges.asOf)
	for i := range list {
		if c := &list[i]; c.circle && w.pledges.asOf == w.cal.asOf {
			w.out.checks.fail(checkCircles, "%s %s %s of customer %s", c.source, what, c.id, w.replay.ID)
		}
	}
}

func anyReplaced(list []succession) bool {
	for i := range list {
		if list[i].replacedBy != "" {
			return true
		}
	}
	return false
}

// countMoves counts how often each promise was moved before, after all are judged.
func (w *worker) countMoves() {
	chain := w.pledges.chain
	if !anyReplaced(chain) {
		return
	}
	for i := range w.pledges.list {
		if p := &w.pledges.list[i]; !p.isLine {
			chain[i].moved = p.status == PromiseMoved
		}
	}
	countTimes(chain)
	for i := range w.pledges.list {
		if p := &w.pledges.list[i]; !p.isLine {
			p.times = chain[i].times
		}
	}
}
