package ledger

import (
	"cmp"
	"slices"

	"huikuan/transform/money"
)

// part is what one application brought, of one kind of reduction; app is −1 for
// all applications of the kind.
type part struct {
	app  int32
	kind Reduction
}

// rehome mends what an event that takes something back did to several
// instalments: it reopens the last of them, whatever had settled these, and so
// may take more off one than what it takes back had brought there. What else had
// settled that one changes places with it on another, from that day on. first is
// the event's first delta.
func (r *Replayer) rehome(it *Item, f *ItemFacts, d Delta, first int) {
	own := part{r.origin(it, d.App), d.Kind}
	if own.app == d.App { // it does not say what it takes back
		own.app = -1
	}
	moved := false
	for n := it.Dues.To - 1; n >= it.Dues.From; n-- {
		for lack := -r.brought(it, f, n, own); lack > 0; {
			to := it.Dues.To - 1
			for to >= it.Dues.From && r.brought(it, f, to, own) <= 0 {
				to--
			}
			other, there := r.lastOther(it, f, n, own)
			if to < it.Dues.From || there <= 0 {
				break // more is taken back than there was
			}
			amount := min(lack, r.brought(it, f, to, own), there)
			lack -= amount
			moved = true
			rc := f.inReporting(amount)
			r.record(Delta{d.Event, n, d.App, d.Kind, amount, rc})
			r.record(Delta{d.Event, n, other.app, other.kind, -amount, -rc})
			r.record(Delta{d.Event, to, d.App, d.Kind, -amount, -rc})
			r.record(Delta{d.Event, to, other.app, other.kind, amount, rc})
		}
	}
	if moved {
		r.tell(it, f)
		r.out.Deltas = joined(r.out.Deltas, first)
		r.told = len(r.out.Deltas)
	}
}

// origin is the application that one takes back, or else itself.
func (r *Replayer) origin(it *Item, app int32) int32 {
	if reversed := r.out.Applications[app].ReversalOf; reversed != "" {
		for i := it.Apps.From; i < it.Apps.To; i++ {
			if r.out.Applications[i].ID == reversed {
				return i
			}
		}
	}
	return app
}

// share is what a part has on an instalment, less what was taken back.
type share struct {
	part
	amount money.Amount
}

func (p part) compare(q part) int {
	return cmp.Or(cmp.Compare(p.app, q.app), cmp.Compare(p.kind, q.kind))
}

// tell brings the shares of the item's instalments up to date.
func (r *Replayer) tell(it *Item, f *ItemFacts) {
	if r.told < 0 {
		n := it.Dues.Len()
		r.shares = slices.Grow(r.shares[:0], n)[:n]
		for j := range r.shares {
			r.shares[j] = r.shares[j][:0]
		}
		r.told = int(f.Deltas.From)
	}
	for _, x := range r.out.Deltas[r.told:] {
		list := &r.shares[x.Due-it.Dues.From]
		p := part{r.origin(it, x.App), x.Kind}
		at, known := slices.BinarySearchFunc(*list, p, func(s share, p part) int { return s.compare(p) })
		if !known {
			*list = slices.Insert(*list, at, share{part: p})
		}
		(*list)[at].amount += x.Amount
	}
	r.told = len(r.out.Deltas)
}

// brought is what a part has on an instalment.
func (r *Replayer) brought(it *Item, f *ItemFacts, due int32, p part) (sum money.Amount) {
	r.tell(it, f)
	list := r.shares[due-it.Dues.From]
	if p.app >= 0 {
		if at, known := slices.BinarySearchFunc(list, p, func(s share, p part) int { return s.compare(p) }); known {
			sum = list[at].amount
		}
		return sum
	}
	for _, s := range list {
		if s.kind == p.kind {
			sum += s.amount
		}
	}
	return sum
}

// lastOther is the last application, but for a part, that still has something on
// an instalment, and how much.
func (r *Replayer) lastOther(it *Item, f *ItemFacts, due int32, but part) (part, money.Amount) {
	r.tell(it, f)
	for _, s := range slices.Backward(r.shares[due-it.Dues.From]) {
		if s.amount > 0 && !(s.kind == but.kind && (but.app < 0 || s.app == but.app)) {
			return s.part, s.amount
		}
	}
	return part{}, 0
}

// joined adds up the deltas of one event that are of one instalment, application
// and kind.
func joined(deltas []Delta, first int) []Delta {
	kept := deltas[:first]
	for _, x := range deltas[first:] {
		at := first
		for at < len(kept) && (kept[at].Due != x.Due || kept[at].App != x.App || kept[at].Kind != x.Kind) {
			at++
		}
		if at < len(kept) {
			kept[at].Amount, kept[at].RC = kept[at].Amount+x.Amount, kept[at].RC+x.RC
		} else {
			kept = append(kept, x)
		}
	}
	n := first
	for _, x := range kept[first:] {
		if x.Amount != 0 || x.RC != 0 {
			kept[n] = x
			n++
		}
	}
	return kept[:n]
}
