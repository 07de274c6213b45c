package metrics

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// PlanStatus is the state of an instalment plan on a day (D2).
type PlanStatus string

// The states.
const (
	PlanLive     PlanStatus = "live"
	PlanKept     PlanStatus = "kept"
	PlanBroken   PlanStatus = "broken"
	PlanReplaced PlanStatus = "replaced"
)

// planLines adds the lines of plans to the promises: a line is a promise made on
// the day of the plan, moved when another plan took its place before it was due.
func (w *worker) planLines() {
	s := &w.pledges
	if len(w.replay.Plans) == 0 {
		return
	}
	slices.SortStableFunc(w.replay.Plans, func(a, b ledger.Plan) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.ID, b.ID))
	})
	slices.SortStableFunc(w.replay.PlanLines, func(a, b ledger.PlanLine) int {
		return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.Plan, b.Plan), cmp.Compare(a.No, b.No))
	})
	for i := range w.replay.PlanLines {
		l := &w.replay.PlanLines[i]
		at := slices.IndexFunc(w.replay.Plans, func(p ledger.Plan) bool { return p.Source == l.Source && p.ID == l.Plan })
		if at < 0 {
			continue
		}
		p := &w.replay.Plans[at]
		s.list = append(s.list, pledge{Promise: ledger.Promise{ID: l.Plan + "/" + strconv.FormatInt(l.No, 10), Source: l.Source, Visit: p.Visit, VisitRep: p.VisitRep,
			Invoice: l.Invoice, Currency: l.Currency, Made: p.Made, Due: l.Due, Amount: l.Amount},
			isLine: true, plan: l.Plan, planAt: int32(at), line: l.No})
	}
}

// planOutcome is what became of one plan.
type planOutcome struct {
	lines, due, kept, partial, broken int64
	misses, run                       int64 // longest run of missed lines, the one at hand
	amount, paid, reduced             money.Amount
	status                            PlanStatus
	since, nextDue                    ledger.Day
}

// judgePlan looks at the lines of a plan in order of due date. Cancelled and
// moved lines neither miss nor keep anything.
func (w *worker) judgePlan(lines []*pledge, currency string, replaced ledger.Day) planOutcome {
	o := planOutcome{status: PlanLive, since: ledger.NoDay, nextDue: ledger.NoDay}
	last := ledger.NoDay
	for _, l := range lines {
		o.lines++
		rate := w.rateOfLine(l, currency)
		o.amount += l.Amount.Convert(rate)
		o.paid += l.paid.Convert(rate)
		o.reduced += l.reduced.Convert(rate)
		last = max(last, l.statusDay)
		switch l.status {
		case PromiseKept:
			o.kept, o.run = o.kept+1, 0
		case PromisePartial, PromiseBroken:
			if l.status == PromisePartial {
				o.partial++
			} else {
				o.broken++
			}
			if o.run++; o.run == int64(w.o.PlanMisses) && o.status == PlanLive {
				o.status, o.since = PlanBroken, l.statusDay
			}
			o.misses = max(o.misses, o.run)
		case PromiseOpen:
			if o.nextDue == ledger.NoDay {
				o.nextDue = l.Due
			}
		}
	}
	o.due = o.kept + o.partial + o.broken
	switch {
	case replaced <= w.cal.asOf && replaced != ledger.Forever:
		o.status, o.since = PlanReplaced, replaced
	case o.status == PlanLive && o.lines > 0 && o.nextDue == ledger.NoDay:
		o.since, o.status = last, PlanBroken
		if owed := o.amount - o.reduced; owed <= 0 || w.terms.enough(o.paid, owed) {
			o.status = PlanKept
		}
	}
	return o
}

// rateOfLine is the rate from the currency of a line into that of the plan; 0 where none is known.
func (w *worker) rateOfLine(l *pledge, currency string) money.Rate {
	rate, known := w.rates.At(l.Currency, currency, l.Made)
	if !known {
		w.out.checks.fail(checkMissingFX, "line %s: no rate from %s to %s on %s", l.ID, l.Currency, currency, l.Made)
	}
	return rate
}

// planRows writes the plans of a customer.
func (w *worker) planRows(out *rows) {
	for i := range w.replay.Plans {
		p, c := &w.replay.Plans[i], &w.pledges.plans[i]
		if p.Made > w.cal.asOf {
			continue
		}
		lines, currency := w.linesOf(p), ""
		if len(lines) > 0 {
			currency = lines[0].Currency
		}
		o := w.judgePlan(lines, currency, replacedOn(w.pledges.plans, c))
		rep := p.VisitRep
		if rep == "" {
			rep = w.runAt(p.Made).Owner
		}
		rate, priced := w.closing.At(currency, p.Made)
		out.text(p.ID)
		out.text(p.Source)
		out.text(w.replay.ID)
		out.optText(p.Visit)
		out.text(rep)
		out.date(p.Made)
		out.optText(c.replacedBy)
		for _, n := range []int64{c.times, o.lines, o.due, o.kept, o.partial, o.broken, o.misses} {
			out.integer(n)
		}
		out.text(currency)
		for _, a := range []money.Amount{o.amount, o.paid, o.amount - o.paid - o.reduced} {
			out.twins(a, a.Convert(rate), priced)
		}
		out.text(string(o.status))
		out.optDate(o.since)
		out.optDate(o.nextDue)
		out.end()
	}
}

// linesOf returns the lines of a plan by due date.
func (w *worker) linesOf(p *ledger.Plan) []*pledge {
	var lines []*pledge
	for i := range w.pledges.list {
		if l := &w.pledges.list[i]; l.isLine && l.plan == p.ID && l.Source == p.Source {
			lines = append(lines, l)
		}
	}
	slices.SortFunc(lines, func(a, b *pledge) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.line, b.line), strings.Compare(a.ID, b.ID))
	})
	return lines
}
