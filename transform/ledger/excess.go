package ledger

import "huikuan/transform/money"

// excess is the part of an application that found nothing left of the invoice
// at hand. When something that did reduce the invoice is taken back, the excess
// takes its place: it reduces the invoice from that day on.
type excess struct {
	app    int32
	kind   Reduction
	amount money.Amount
}

// exceed notes what an event has beyond its deltas: what came in is kept as
// excess; what was taken back comes out of the excess, its own part first (that
// of the application it reverses, or else the latest of its kind), and is then
// replaced by the excess of others, the oldest first.
func (r *Replayer) exceed(it *Item, f *ItemFacts, d Delta, rest money.Amount) {
	if rest > 0 {
		r.excess = append(r.excess, excess{d.App, d.Kind, rest})
		return
	}
	back := -rest
	reversed := r.out.Applications[d.App].ReversalOf
	for i := len(r.excess) - 1; i >= 0 && back > 0; i-- {
		x := &r.excess[i]
		if x.kind == d.Kind && (reversed == "" || r.out.Applications[x.app].ID == reversed) {
			used := min(back, x.amount)
			x.amount -= used
			back -= used
		}
	}
	for i := range r.excess {
		x := &r.excess[i]
		if used := min(back, x.amount); used > 0 {
			used = r.replace(it, f, d, x, used)
			x.amount -= used
			back -= used
		}
	}
	kept := r.excess[:0]
	for _, x := range r.excess {
		if x.amount > 0 {
			kept = append(kept, x)
		}
	}
	r.excess = kept
}

// replace takes an amount of the event's kind off the instalments that it
// reduced, the last one first, and puts excess in its place. It returns how much
// it could replace.
func (r *Replayer) replace(it *Item, f *ItemFacts, d Delta, x *excess, amount money.Amount) (replaced money.Amount) {
	for n := it.Dues.To - 1; n >= it.Dues.From && replaced < amount; n-- {
		part := min(amount-replaced, r.out.Dues[n].reducedBy(d.Kind))
		if part <= 0 {
			continue
		}
		replaced += part
		rc := f.inReporting(part)
		r.record(Delta{Event: d.Event, Due: n, App: d.App, Kind: d.Kind, Amount: -part, RC: -rc})
		r.record(Delta{Event: d.Event, Due: n, App: x.app, Kind: x.kind, Amount: part, RC: rc})
	}
	return replaced
}

// reducedBy is what one kind of reduction took off, document currency.
func (d *DueFacts) reducedBy(kind Reduction) money.Amount {
	switch kind {
	case ByDiscount:
		return d.DiscountDoc
	case ByCashReceived:
		return d.CashDoc - d.DiscountDoc
	case ByCreditNote:
		return d.CreditDoc
	}
	return d.WODoc
}
