package metrics

import (
	"slices"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// The ways to say whose an invoice is (C9).
const (
	ByInvoiceRep  = "invoice_rep"
	ByOwnerAtDue  = "owner_at_due"
	ByOwnerAtCash = "owner_at_cash"
	ByOwnerToday  = "owner_today"
)

// The columns that are attributed, and how many documents lack a rate.
const (
	attCollected = iota
	attUnapplied
	attCollectedDue
	attDenominator
	attOpeningOverdue
	attFellDue
	attBilled
	attClosingOpen
	attClosingOverdue
	attUnknown
	attColumns
)

// attributed is one row of rep_attribution in the making.
type attributed [attColumns]money.Amount

func (a *attributed) add(o *attributed) {
	for i := range a {
		a[i] += o[i]
	}
}

// attributions are a rep's month under three of the bases. Under the fourth, the
// owner of the day, it is what rep_collection shows, but for the billings.
type attributions struct {
	rep, due, today attributed
	billedByOwner   money.Amount
}

func (a *attributions) add(o *attributions) {
	a.rep.add(&o.rep)
	a.due.add(&o.due)
	a.today.add(&o.today)
	a.billedByOwner += o.billedByOwner
}

// empty tells whether rep_collection has nothing to say about the month.
func (m *repMonth) empty() bool {
	x := *m
	x.att = attributions{}
	return x == (repMonth{})
}

// under returns the month under a basis.
func (m *repMonth) under(basis string) attributed {
	switch basis {
	case ByInvoiceRep:
		return m.att.rep
	case ByOwnerAtDue:
		return m.att.due
	case ByOwnerToday:
		return m.att.today
	}
	return attributed{m.collected, m.collectedUnapplied, m.collectedDue, m.denominator, m.openingOverdue, m.fellDue, m.att.billedByOwner,
		m.closingOpen, m.closingOverdue, money.Amount(m.unknown)}
}

// bases lists them in the order of the table.
func bases() []string { return []string{ByInvoiceRep, ByOwnerAtCash, ByOwnerAtDue, ByOwnerToday} }

// attribute adds an amount of the invoice at hand to columns of its reps, of the
// account owner of a due date, and of the owner of today.
func (w *worker) attribute(it *ledger.Item, month int, due ledger.Day, amount money.Amount, columns ...int) {
	if amount == 0 || month >= len(w.cal.months) {
		return
	}
	w.ownerIn(it.Company, min(due, w.cal.asOf), month).att.due.put(amount, columns)
	w.ownerIn(it.Company, w.cal.asOf, month).att.today.put(amount, columns)
	r := &w.reps
	if len(r.of) == 1 {
		r.of[0][month].att.rep.put(amount, columns)
		return
	}
	r.parts = slices.Grow(r.parts[:0], len(r.of))[:len(r.of)]
	money.Split(amount, r.shares, r.parts)
	for i, months := range r.of {
		months[month].att.rep.put(r.parts[i], columns)
	}
}

// attributeUnknown marks a month of all who may lack the document at hand for
// want of a rate.
func (w *worker) attributeUnknown(it *ledger.Item, month int) {
	if month >= len(w.cal.months) {
		return
	}
	w.ownerIn(it.Company, w.cal.asOf, month).att.today[attUnknown]++
	if it.Side != ledger.InvoiceSide {
		row := w.ownerIn(it.Company, it.Date, month)
		row.att.rep[attUnknown]++
		row.att.due[attUnknown]++
		return
	}
	for n := it.Dues.From; n < it.Dues.To; n++ {
		w.ownerIn(it.Company, min(w.dueDay(it, n), w.cal.asOf), month).att.due[attUnknown]++
	}
	for _, months := range w.reps.of {
		months[month].att.rep[attUnknown]++
	}
}

func (a *attributed) put(amount money.Amount, columns []int) {
	for _, c := range columns {
		a[c] += amount
	}
}

// attributeUnapplied adds cash that no invoice used: to the owner of its date,
// and to the owner of today.
func (w *worker) attributeUnapplied(it *ledger.Item, day ledger.Day, amount money.Amount) {
	row := w.owner(it.Company, day)
	today := w.ownerIn(it.Company, w.cal.asOf, w.cal.month(day))
	for _, a := range []*attributed{&row.att.rep, &row.att.due, &today.att.today} {
		a[attCollected] += amount
		a[attUnapplied] += amount
	}
}

// attributeInvoice adds billings and balances of the invoice at hand.
func (w *worker) attributeInvoice(it *ledger.Item, f *ledger.ItemFacts) {
	for v := f.Intervals.From; v < f.Intervals.To; v++ {
		if iv := &w.replay.Intervals[v]; iv.Due >= 0 {
			w.attributeBalance(it, f, iv)
		}
	}
	for e := f.Events.From; e < f.Events.To; e++ {
		ev := &w.replay.Events[e]
		if ev.Kind != ledger.Invoice && ev.Kind != ledger.Debit {
			continue
		}
		month, left := w.cal.month(it.Date), ev.RC
		w.owner(it.Company, it.Date).att.billedByOwner += ev.RC
		for n := it.Dues.From; n < it.Dues.To; n++ {
			part := w.replay.Dues[n].AmountRC
			if n == it.Dues.To-1 {
				part = left
			}
			left -= part
			w.attribute(it, month, w.dueDay(it, n), part, attBilled)
		}
	}
}

// dueDay is the day on which an instalment falls due, not before its invoice.
func (w *worker) dueDay(it *ledger.Item, n int32) ledger.Day {
	return max(w.replay.Instalments[n].Due, it.Date)
}

// attributeBalance adds a stretch of days to the months in which it stands at
// the end, and to those after them.
func (w *worker) attributeBalance(it *ledger.Item, f *ledger.ItemFacts, iv *ledger.Interval) {
	raw, due := w.replay.Instalments[iv.Due].Due, w.dueDay(it, iv.Due)
	for m := w.cal.month(iv.From); m < len(w.cal.months); m++ {
		last := w.cal.monthLast(m)
		if last < iv.From {
			continue
		}
		if last >= iv.To {
			return
		}
		if !f.Priced {
			w.attributeUnknown(it, m)
			w.attributeUnknown(it, m+1)
			continue
		}
		if raw < last {
			w.attribute(it, m, due, iv.RC, attClosingOpen, attClosingOverdue)
		} else {
			w.attribute(it, m, due, iv.RC, attClosingOpen)
		}
		if raw <= last {
			w.attribute(it, m+1, due, iv.RC, attOpeningOverdue)
		}
	}
}
