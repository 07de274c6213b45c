package metrics

import (
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// reduction is what was taken off a promise, in its currency.
type reduction struct {
	credited    money.Amount // credit notes, or the part in a dispute that was upheld
	creditDay   ledger.Day
	reason      string
	writtenOff  money.Amount
	writeOffDay ledger.Day
}

// reductions adds up what credit notes, write-offs and upheld disputes took off
// the promised invoice while the promise ran. A credit note that settles a
// dispute is not counted beside it.
func (w *worker) reductions(p *pledge, end ledger.Day) reduction {
	r := reduction{creditDay: p.Made, writeOffDay: p.Made, reason: "credited"}
	if p.item < 0 {
		return r
	}
	it, f := &w.replay.Items[p.item], &w.replay.Facts[p.item]
	for e := f.Events.From; e < f.Events.To; e++ {
		ev := &w.replay.Events[e]
		if ev.Day < p.Made || ev.Day > end {
			continue
		}
		a, known := w.convert(-ev.Amount, it.Currency, p.Currency, ev.Day)
		switch ev.Kind {
		case ledger.CreditAlloc, ledger.CreditAllocRev:
			if known {
				r.credited, r.creditDay = r.credited+a, ev.Day
			}
		case ledger.WriteOffEvent, ledger.WriteOffRev:
			if known {
				r.writtenOff, r.writeOffDay = r.writtenOff+a, ev.Day
			}
		}
	}
	r.credited = max(0, r.credited)
	if void, day := w.upheld(p, end); void > r.credited {
		r.credited, r.creditDay, r.reason = void, day, "dispute_upheld"
	}
	return r
}

// upheld returns the part of a promise that disputes void: what it promised
// beyond the undisputed part of the invoice, where the customer was right.
func (w *worker) upheld(p *pledge, end ledger.Day) (money.Amount, ledger.Day) {
	it, f := &w.replay.Items[p.item], &w.replay.Facts[p.item]
	var disputed money.Amount
	whole, any, day := false, false, p.Made
	for _, c := range w.replay.Disputes[it.Claims.From:it.Claims.To] {
		if !c.Upheld || c.Opened > end || c.Closed <= p.Made || c.Closed != ledger.Forever && c.Closed > w.pledges.asOf {
			continue
		}
		closed := c.Closed
		if closed == ledger.Forever {
			closed = c.Opened
		}
		day = max(day, closed, p.Made)
		any, whole = true, whole || c.Whole
		disputed += max(0, c.Amount)
	}
	if !any {
		return 0, p.Made
	}
	if whole {
		return max(0, p.Amount), day
	}
	var open money.Amount
	for e := f.Events.From; e < f.Events.To; e++ {
		if ev := &w.replay.Events[e]; ev.Day <= max(p.Made, it.Date) {
			open += ev.Amount
		}
	}
	disputed, known := w.convert(disputed, it.Currency, p.Currency, p.Made)
	there, known2 := w.convert(open, it.Currency, p.Currency, p.Made)
	if !known || !known2 {
		return 0, p.Made
	}
	return min(disputed, max(0, p.Amount-max(0, there-disputed))), day
}

// invoiceOf finds the promised invoice, in the promise's source first (promises
// often come from another system than invoices); −1 when unknown.
func (w *worker) invoiceOf(p *ledger.Promise) int32 {
	found := int32(-1)
	for i := range w.replay.Items {
		if it := &w.replay.Items[i]; it.ID == p.Invoice && it.Side == ledger.InvoiceSide {
			if it.Source == p.Source {
				return int32(i)
			}
			if found < 0 {
				found = int32(i)
			}
		}
	}
	return found
}
