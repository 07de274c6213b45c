package ledger

import (
	"slices"

	"huikuan/transform/money"
)

// paid is what has been taken off the invoice at hand.
type paid struct {
	total  money.Amount
	pool   money.Amount // named no instalment
	single bool
}

// invoice replays an invoice or debit note with its instalments.
func (r *Replayer) invoice(i int32, it *Item, f *ItemFacts) {
	r.startDues(it, f)
	r.excess, r.told = r.excess[:0], -1
	p := paid{single: it.Dues.Len() == 1}
	apps := r.out.Applications[it.Apps.From:it.Apps.To]
	posted, a := false, 0
	last := NoDay
	for {
		day, isDocument := Forever, false
		if a < len(apps) {
			day = apps[a].Date
		}
		if !posted && it.Date <= day {
			day, isDocument = it.Date, true
		}
		if day == Forever || day > r.asOf {
			break
		}
		if last != NoDay && day != last {
			r.flush(i, it, f, posted, last, day)
		}
		last = day
		if isDocument {
			posted = true
			r.post(i, -1, f, openingKind(it), day, it.Amount)
			continue
		}
		r.reduce(i, it, f, it.Apps.From+int32(a), &p)
		a++
	}
	if last != NoDay {
		r.flush(i, it, f, posted, last, r.asOf+1)
	}
	r.finishDues(it, posted)
}

// startDues sets the instalments to their whole amounts. Their amounts in
// reporting currency are rounded cumulatively, so that they add up to the
// invoice's.
func (r *Replayer) startDues(it *Item, f *ItemFacts) {
	n := it.Dues.Len()
	r.explicit = slices.Grow(r.explicit[:0], n)[:n]
	r.opens = slices.Grow(r.opens[:0], n)[:n]
	r.openRC = slices.Grow(r.openRC[:0], n)[:n]
	clear(r.explicit)
	dues := r.out.Instalments[it.Dues.From:it.Dues.To]
	var sum, sumRC money.Amount
	for j := range dues {
		d := &r.out.Dues[int(it.Dues.From)+j]
		d.Amount, d.Settled = dues[j].Amount, NoDay
		r.opens[j], r.openRC[j] = max(0, d.Amount), 0
		if f.Priced {
			sum += r.opens[j]
			rc := sum.Convert(f.Rate)
			r.openRC[j] = rc - sumRC
			sumRC = rc
		}
		d.AmountRC = r.openRC[j]
	}
}

// reduce books an application on an invoice: the amount and a cash discount.
func (r *Replayer) reduce(i int32, it *Item, f *ItemFacts, app int32, p *paid) {
	a := &r.out.Applications[app]
	if a.orphan {
		r.out.skip(app, "other side unknown")
		return
	}
	kind, external := WriteOffEvent, false
	if a.Kind != WriteOff {
		kind = Alloc
		if a.Kind == CreditAllocation {
			kind = CreditAlloc
		}
		external = r.external(a, it)
	}
	if a.Amount < 0 {
		kind++ // the reversal of each kind follows it
	}
	var transfer money.Amount
	priced := f.Priced
	if external {
		amount, ok := r.counterAmount(a, it.Currency, a.CounterCurrency, a.CounterDate)
		if !ok {
			r.out.skip(app, "no exchange rate between the two documents")
			return
		}
		rate, known := r.conv.At(a.CounterCurrency, a.CounterDate)
		transfer, priced = -amount.Convert(rate), priced && known
	}
	if a.Amount != 0 {
		ev := r.post(i, app, f, kind, a.Date, -a.Amount)
		ev.External, ev.Transfer, ev.Priced = external, transfer, priced
		r.take(it, f, app, reductions[a.Kind], a.Amount, p)
	}
	if a.Discount != 0 {
		kind := Discount
		if a.Discount < 0 {
			kind = DiscountRev
		}
		r.post(i, app, f, kind, a.Date, -a.Discount)
		r.take(it, f, app, ByDiscount, a.Discount, p)
	}
}

// reductions is the reduction that each kind of application makes.
var reductions = [...]Reduction{Allocation: ByCashReceived, CreditAllocation: ByCreditNote, WriteOff: ByWritingOff}

// take lowers the open amounts of the instalments and records the parts of the
// last event that fell on each.
func (r *Replayer) take(it *Item, f *ItemFacts, app int32, kind Reduction, amount money.Amount, p *paid) {
	a, first, back := &r.out.Applications[app], len(r.out.Deltas), amount < 0
	d := Delta{Event: int32(len(r.out.Events) - 1), App: app, Kind: kind}
	p.total += amount
	if p.single {
		open := max(0, it.Amount-p.total)
		d.Due = it.Dues.From
		r.settle(d, 0, open, f.inReporting(open))
	} else {
		named := false
		if a.Seq != 0 {
			for j := range r.explicit {
				if r.out.Instalments[int(it.Dues.From)+j].Seq == a.Seq {
					r.explicit[j] += amount
					named = true
					break
				}
			}
		}
		if !named {
			p.pool += amount
		}
		r.spread(d, it, f, p.pool)
	}
	for _, x := range r.out.Deltas[first:] {
		amount -= x.Amount
	}
	if amount != 0 {
		r.exceed(it, f, d, amount)
	}
	if back && !p.single {
		r.rehome(it, f, d, first)
	}
}

// spread finds the open amounts of several instalments: each less what names
// it; what exceeds an instalment, and what names none, is used up in order of
// due date.
func (r *Replayer) spread(d Delta, it *Item, f *ItemFacts, pool money.Amount) {
	dues := r.out.Dues[it.Dues.From:it.Dues.To]
	for j := range dues {
		if over := r.explicit[j] - max(0, dues[j].Amount); over > 0 {
			pool += over
		}
	}
	var sum, sumRC money.Amount
	for j := range dues {
		open := max(0, max(0, dues[j].Amount)-r.explicit[j])
		used := min(open, pool)
		if used < 0 && j > 0 { // more taken back than given without a name: reopens the first instalment
			used = 0
		}
		open -= used
		pool -= used
		before := sumRC
		sum += open
		if f.Priced {
			sumRC = sum.Convert(f.Rate)
		}
		d.Due = it.Dues.From + int32(j)
		r.settle(d, j, open, sumRC-before)
	}
}

// settle sets the open amount of the j-th instalment and records the change.
func (r *Replayer) settle(d Delta, j int, open, rc money.Amount) {
	d.Amount, d.RC = r.opens[j]-open, r.openRC[j]-rc
	if d.Amount == 0 && d.RC == 0 {
		return
	}
	r.opens[j], r.openRC[j] = open, rc
	r.record(d)
}

// record keeps a delta and adds it to what settled its instalment.
func (r *Replayer) record(d Delta) {
	switch due := &r.out.Dues[d.Due]; d.Kind {
	case ByDiscount:
		due.Discount, due.DiscountDoc = due.Discount+d.RC, due.DiscountDoc+d.Amount
		fallthrough
	case ByCashReceived:
		due.Cash, due.CashDoc = due.Cash+d.RC, due.CashDoc+d.Amount
	case ByCreditNote:
		due.Credit, due.CreditDoc = due.Credit+d.RC, due.CreditDoc+d.Amount
	case ByWritingOff:
		due.WrittenOff, due.WODoc = due.WrittenOff+d.RC, due.WODoc+d.Amount
	}
	r.out.Deltas = append(r.out.Deltas, d)
}

// flush closes a stretch of days: one interval an open instalment, or one for
// the whole document when it is overpaid or not yet posted.
func (r *Replayer) flush(i int32, it *Item, f *ItemFacts, posted bool, from, to Day) {
	if !posted || f.Open <= 0 {
		r.balance(i, f, from, to)
	} else {
		for j, open := range r.opens {
			if open != 0 {
				r.out.Intervals = append(r.out.Intervals, Interval{Item: i, Due: it.Dues.From + int32(j), From: from, To: to, Open: open, RC: r.openRC[j]})
			}
		}
	}
	if !posted {
		return
	}
	for j, open := range r.opens {
		d := &r.out.Dues[int(it.Dues.From)+j]
		switch {
		case open != 0:
			d.Settled = NoDay
		case d.Settled == NoDay:
			d.Settled = from
		}
	}
}

func (r *Replayer) finishDues(it *Item, posted bool) {
	for j := range r.opens {
		d := &r.out.Dues[int(it.Dues.From)+j]
		if d.Open, d.OpenRC = r.opens[j], r.openRC[j]; !posted {
			d.Open, d.OpenRC, d.Settled = 0, 0, NoDay
		}
	}
}
