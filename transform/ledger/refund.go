package ledger

import (
	"cmp"
	"slices"

	"huikuan/transform/money"
)

// refund is the rate at which a refund in a foreign currency leaves the books.
type refund struct {
	item int32
	rate money.Rate
}

// isRefund tells whether a document is money paid back.
func (it *Item) isRefund() bool { return it.Side == PaymentSide && it.Amount < 0 }

// findRefunds finds the rates of the refunds in foreign currency. No document
// says which receipt is paid back: it is the oldest cash of the same company and
// currency that is not applied at the end of the refund's day. At the rates of
// these receipts nothing of both is left in reporting currency; the difference
// to the rate of the refund's own day is a realised one. What is paid back
// beyond them keeps the rate of the day.
func (r *Replayer) findRefunds(c *Customer) {
	r.refunds = r.refunds[:0]
	for i := range c.Items {
		if it := &c.Items[i]; it.isRefund() && it.Currency != r.conv.currency && it.Date <= r.asOf {
			r.refunds = append(r.refunds, refund{item: int32(i)})
		}
	}
	if len(r.refunds) == 0 {
		return
	}
	receipts := make([]int32, 0, len(c.Items)) // with what is left of each
	left := make([]money.Amount, len(c.Items))
	for i := range c.Items {
		if it := &c.Items[i]; it.Side == PaymentSide && it.Amount > 0 {
			receipts, left[i] = append(receipts, int32(i)), it.Amount
		}
	}
	byDate := func(a, b int32) int { return cmp.Or(cmp.Compare(c.Items[a].Date, c.Items[b].Date), cmp.Compare(a, b)) }
	slices.SortFunc(receipts, byDate)
	slices.SortFunc(r.refunds, func(a, b refund) int { return byDate(a.item, b.item) })
	for n := range r.refunds {
		r.payBack(c, &r.refunds[n], receipts, left)
	}
}

// payBack takes a refund from the receipts and finds its rate.
func (r *Replayer) payBack(c *Customer, f *refund, receipts []int32, left []money.Amount) {
	it := &c.Items[f.item]
	own, known := r.conv.At(it.Currency, it.Date)
	if !known {
		return // it has no figure in reporting currency
	}
	f.rate = own
	open := -it.Amount + r.usedBy(c, it, it.Date)
	rest, value, only := -it.Amount, money.Amount(0), true
	for _, i := range receipts {
		from := &c.Items[i]
		if from.Date > it.Date || open <= 0 {
			break
		}
		if from.Company != it.Company || from.Currency != it.Currency || from.Reversed != NoDay && from.Reversed <= it.Date {
			continue
		}
		rate, known := r.conv.At(from.Currency, from.Date)
		part := min(open, left[i]-r.usedBy(c, from, it.Date))
		if part <= 0 || !known {
			continue
		}
		only = rest == -it.Amount && part == rest
		f.rate = rate
		left[i], open, rest, value = left[i]-part, open-part, rest-part, value+part.Convert(rate)
	}
	if !only {
		f.rate, _ = money.Ratio(value+rest.Convert(own), 1, -it.Amount).Rate()
	}
}

// usedBy is what applications up to a day took of a payment, in its currency.
func (r *Replayer) usedBy(c *Customer, it *Item, day Day) (used money.Amount) {
	for i := it.Apps.From; i < it.Apps.To; i++ {
		a := &c.Applications[i]
		if a.Date > day || a.orphan {
			continue
		}
		if amount, ok := r.counterAmount(a, a.CounterCurrency, it.Currency, it.Date); ok {
			used += amount
		}
	}
	return used
}

// atOwnRate notes what a refund moved at the rate of its day.
func (r *Replayer) atOwnRate(it *Item, ev *Event) {
	if it.isRefund() && ev.Priced {
		own, _ := r.conv.At(it.Currency, it.Date)
		ev.Transfer = ev.Amount.Convert(own)
	}
}

// rateOf is the rate of a document into reporting currency.
func (r *Replayer) rateOf(i int32, it *Item) (money.Rate, bool) {
	if it.isRefund() {
		for _, f := range r.refunds {
			if f.item == i && f.rate != 0 {
				return f.rate, true
			}
		}
	}
	return r.conv.At(it.Currency, it.Date)
}
