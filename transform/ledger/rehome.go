package ledger

// rehome mends what an event that takes something back did to several
// instalments: it reopens the last of them, whatever had settled these, and so
// may take more of its kind off one than its kind had brought there. What had
// settled that one takes the place of the event's kind on another, from that
// day on. first is the event's first delta.
func (r *Replayer) rehome(it *Item, f *ItemFacts, d Delta, first int) {
	moved := false
	for n := it.Dues.To - 1; n >= it.Dues.From; n-- {
		for lack := -r.out.Dues[n].reducedBy(d.Kind); lack > 0; {
			to := r.lastReduced(it, d.Kind)
			x := r.lastOther(f, n, d.Kind)
			if to < 0 || x.Amount <= 0 {
				break // more is taken back than there was
			}
			part := min(lack, r.out.Dues[to].reducedBy(d.Kind), x.Amount)
			lack -= part
			moved = true
			x.Event, x.Amount, x.RC = d.Event, part, 0
			if f.Priced {
				x.RC = part.Convert(f.Rate)
			}
			own, back := x, x
			own.App, own.Kind = d.App, d.Kind
			back.Amount, back.RC = -x.Amount, -x.RC
			r.record(own)
			r.record(back)
			x.Due, own.Due, own.Amount, own.RC = to, to, back.Amount, back.RC
			r.record(own)
			r.record(x)
		}
	}
	if moved {
		r.out.Deltas = joined(r.out.Deltas, first)
	}
}

// lastReduced is the last instalment that a kind of reduction settled in part;
// −1 = none.
func (r *Replayer) lastReduced(it *Item, kind Reduction) int32 {
	for n := it.Dues.To - 1; n >= it.Dues.From; n-- {
		if r.out.Dues[n].reducedBy(kind) > 0 {
			return n
		}
	}
	return -1
}

// lastOther is the last application of another kind that an instalment still
// has something of, and how much.
func (r *Replayer) lastOther(f *ItemFacts, due int32, kind Reduction) (last Delta) {
	deltas := r.out.Deltas[f.Deltas.From:]
	for i := len(deltas) - 1; i >= 0; i-- {
		x := deltas[i]
		if x.Due != due || x.Kind == kind || x.Amount <= 0 {
			continue
		}
		x.Amount = 0
		for _, y := range deltas {
			if y.Due == due && y.Kind == x.Kind && y.App == x.App {
				x.Amount += y.Amount
			}
		}
		if x.Amount > 0 {
			return x
		}
	}
	return Delta{}
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
