package metrics

import (
	"slices"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// Balances of a book at a point. Those in reporting currency follow at offset
// balanceCount; a book kept in reporting currency has only one set.
const (
	balFuture  = iota // open, due after the point
	balDueNow         // open, due on the point's day
	balOverdue        // the first of seven overdue buckets
	_
	_
	_
	_
	_
	balOldest
	balUnapplied
	balCredits
	balDisputed
	balDisputedOverdue
	balEvents // sum of the events, a check on the others
	balanceCount
)

// bucketStart is the days past due at which a balance column begins.
var bucketStart = [...]ledger.Day{balDueNow: 0, balOverdue: 1, 3: 31, 4: 61, 5: 91, 6: 121, 7: 181, balOldest: 366}

// Flows of a book in a period, in the signs of the roll-forward's columns.
const (
	flowInvoiced = iota
	flowDebit
	flowCredited
	flowCash
	flowDiscounts
	flowWrittenOff
	flowRefunds
	flowFX
	flowTransfers
	flowCount
)

// book is one customer's ledger in one company and currency. Balances are kept
// as differences between points until [book.settle] adds them up.
type book struct {
	company, currency string
	home              bool // kept in reporting currency: no second set of figures
	points            int
	width, flowWidth  int
	rc, flowRC        int // offset of the figures in reporting currency
	balances          []money.Amount
	flows             []money.Amount
	firstDay          ledger.Day // of the first document
	firstUse          ledger.Day // of the first event, which may precede its document
	used              bool
}

// open prepares the book for a customer.
func (b *book) open(company, currency, reporting string, points, periods int) {
	b.company, b.currency, b.home, b.points = company, currency, currency == reporting, points
	b.firstDay, b.firstUse, b.used = ledger.Forever, ledger.Forever, false
	if b.width, b.flowWidth, b.rc, b.flowRC = balanceCount, flowCount, 0, 0; !b.home {
		// one more column counts what has no rate
		b.width, b.flowWidth, b.rc, b.flowRC = 2*balanceCount+1, 2*flowCount+1, balanceCount, flowCount
	}
	n := (points + 1) * b.width
	b.balances = slices.Grow(b.balances[:0], n)[:n]
	clear(b.balances)
	n = periods * b.flowWidth
	b.flows = slices.Grow(b.flows[:0], n)[:n]
	clear(b.flows)
}

// add books an amount from point lo up to, not including, point hi.
func (b *book) add(column int, lo, hi int32, doc, rc money.Amount) {
	i, j := int(lo)*b.width+column, int(hi)*b.width+column
	b.balances[i] += doc
	b.balances[j] -= doc
	if !b.home {
		b.balances[i+b.rc] += rc
		b.balances[j+b.rc] -= rc
	}
}

// unpriced marks points from lo up to hi as having no reporting currency figure.
func (b *book) unpriced(lo, hi int32) {
	if !b.home && lo < hi {
		b.balances[int(lo)*b.width+2*balanceCount]++
		b.balances[int(hi)*b.width+2*balanceCount]--
	}
}

// age books an open instalment through the buckets it passes from day from up
// to, not including, day to.
func (b *book) age(cal *calendar, due, from, to ledger.Day, doc, rc money.Amount) {
	lo, hi := cal.point(from), cal.point(to)
	if lo >= hi {
		return
	}
	past := cal.points[lo] - due
	column := balFuture
	for column < balOldest && past >= bucketStart[column+1] {
		column++
	}
	for {
		end := hi
		if column < balOldest {
			end = min(hi, cal.point(due+bucketStart[column+1]))
		}
		if lo < end {
			b.add(column, lo, end, doc, rc)
		}
		if end >= hi {
			return
		}
		lo = end
		column++
	}
}

// flow books an amount in a period.
func (b *book) flow(period int32, column int, doc, rc money.Amount) {
	i := int(period)*b.flowWidth + column
	b.flows[i] += doc
	if !b.home {
		b.flows[i+b.flowRC] += rc
	}
}

// event adds an event to the check sum and to its line of the roll-forward.
func (b *book) event(cal *calendar, ev *ledger.Event, it *ledger.Item) {
	b.used = true
	i := int(cal.point(ev.Day))*b.width + balEvents
	b.balances[i] += ev.Amount
	p := cal.period(ev.Day)
	if !b.home {
		b.balances[i+b.rc] += ev.RC
		if !ev.Priced {
			b.flows[int(p)*b.flowWidth+2*flowCount]++
		}
	}
	switch ev.Kind {
	case ledger.Invoice:
		b.flow(p, flowInvoiced, ev.Amount, ev.RC)
	case ledger.Debit:
		b.flow(p, flowDebit, ev.Amount, ev.RC)
	case ledger.Credit:
		b.flow(p, flowCredited, -ev.Amount, -ev.RC)
	case ledger.OnAccount:
		b.flow(p, flowCash, -ev.Amount, -ev.RC)
	case ledger.Refund:
		b.refund(p, ev)
	case ledger.Bounced:
		if it.Amount < 0 {
			b.refund(p, ev)
		} else {
			b.flow(p, flowCash, -ev.Amount, -ev.RC)
		}
	case ledger.Discount, ledger.DiscountRev:
		b.flow(p, flowDiscounts, -ev.Amount, -ev.RC)
	case ledger.WriteOffEvent, ledger.WriteOffRev:
		b.flow(p, flowWrittenOff, -ev.Amount, -ev.RC)
	default:
		b.application(p, ev)
	}
}

// refund books money paid back at the rate of its day. The balance loses it at
// the rate of the receipts; what these differ is realised.
func (b *book) refund(p int32, ev *ledger.Event) {
	b.flow(p, flowRefunds, ev.Amount, ev.Transfer)
	if !b.home {
		b.flows[int(p)*b.flowWidth+b.flowRC+flowFX] += ev.RC - ev.Transfer
	}
}

// application books the use of cash or a credit note: nothing within a book,
// but for the exchange difference; a transfer between books.
func (b *book) application(p int32, ev *ledger.Event) {
	switch {
	case !b.home:
		if ev.External {
			b.flow(p, flowTransfers, ev.Amount, ev.Transfer)
		}
		b.flows[int(p)*b.flowWidth+b.flowRC+flowFX] += ev.RC - ev.Transfer
	case ev.External && ev.Priced: // the other side may stand in another currency
		b.flow(p, flowTransfers, ev.Transfer, 0)
		b.flow(p, flowFX, ev.Amount-ev.Transfer, 0)
	case ev.External:
		b.flow(p, flowTransfers, ev.Amount, 0)
	}
}

// settle adds the differences up: afterwards balances hold balances.
func (b *book) settle() {
	w := b.width
	for i := w; i < b.points*w; i += w {
		before, at := b.balances[i-w:i], b.balances[i:i+w]
		for j := range at {
			at[j] += before[j]
		}
	}
}

// at returns the balances of a point; those in reporting currency begin at b.rc.
func (b *book) at(point int32) []money.Amount {
	return b.balances[int(point)*b.width : (int(point)+1)*b.width]
}

// priced tells whether all figures of the point are known in reporting currency.
func (b *book) priced(at []money.Amount) bool { return b.home || at[2*balanceCount] == 0 }

// net returns the net balance of a set of balances: buckets, unapplied, credits.
func net(at []money.Amount) money.Amount {
	sum := at[balUnapplied] + at[balCredits]
	for _, a := range at[balFuture : balOldest+1] {
		sum += a
	}
	return sum
}

// gross returns the open invoices, and of these the part due by the day itself
// and the part overdue.
func gross(at []money.Amount) (open, dueByNow, overdue money.Amount) {
	for _, a := range at[balOverdue : balOldest+1] {
		overdue += a
	}
	dueByNow = overdue + at[balDueNow]
	return dueByNow + at[balFuture], dueByNow, overdue
}
