package metrics

// people works out what the customer at hand promised and what visits brought,
// once all documents are replayed.
func (w *worker) people() {
	w.collectPromises()
	states := w.tables[PromiseStates]
	if states != nil {
		w.judgePastPromises()
	}
	w.judgePromises(w.cal.asOf)
	if states != nil {
		w.noteStates()
		w.stateRows(states)
	}
	if w.wants.reps {
		w.repVisits()
		w.countPromises()
	}
	if r := w.tables[PromiseOutcomes]; r != nil {
		w.promiseRows(r)
	}
	if r := w.tables[PlanOutcomes]; r != nil {
		w.planRows(r)
	}
	if r := w.tables[VisitOutcomes]; r != nil {
		w.measureVisits()
		w.visitRows(r)
	}
}

// pledgeKey writes which promise it is, of which customer and company, for which
// invoice.
func (w *worker) pledgeKey(out *rows, p *pledge) {
	out.text(p.ID)
	out.text(p.Source)
	out.text(w.replay.ID)
	if p.item >= 0 {
		out.text(w.replay.Items[p.item].Company)
	} else {
		out.optText("")
	}
	out.optText(p.Invoice)
}

// promiseRows writes the promises and plan lines of a customer.
func (w *worker) promiseRows(out *rows) {
	for i := range w.pledges.list {
		p := &w.pledges.list[i]
		if p.Made > w.cal.asOf {
			continue
		}
		rate, priced := w.closing.At(p.Currency, p.Made)
		w.pledgeKey(out, p)
		out.optText(p.Visit)
		out.optText(p.plan)
		out.integer(p.line)
		out.text(p.rep)
		out.text(p.Currency)
		out.twins(p.Amount, p.Amount.Convert(rate), priced)
		out.twins(p.reduced, p.reduced.Convert(rate), priced)
		out.date(p.Made)
		out.date(p.Due)
		out.date(w.terms.limit(p.Due))
		out.twins(p.paid, p.paid.Convert(rate), priced)
		out.text(string(p.status))
		out.optDate(p.statusDay)
		out.integer(p.times)
		out.optText(p.reason)
		out.end()
	}
}
