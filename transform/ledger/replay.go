package ledger

import (
	"slices"

	"huikuan/transform/money"
)

// Replay holds what became of a customer's documents. It is reused: slices are
// valid until the next call of [Replayer.Replay].
type Replay struct {
	*Customer
	Events    []Event    // by item, then day
	Intervals []Interval // by item, then day
	Deltas    []Delta    // by event
	Facts     []ItemFacts
	Dues      []DueFacts // parallel to Instalments
	Missing   []MissingRate
}

// Replayer replays customers up to a day. Each worker has its own.
type Replayer struct {
	asOf  Day
	conv  *Converter
	rates *Rates
	out   Replay

	explicit []money.Amount // per instalment of the item at hand
	opens    []money.Amount
	openRC   []money.Amount
	excess   []excess
	shares   [][]share // per instalment of the item at hand, in order of their parts
	told     int       // deltas that the shares know; −1 = those of another item
	refunds  []refund  // of the customer at hand
}

// NewReplayer returns a replayer up to the end of asOf, which converts into the
// currency of conv.
func NewReplayer(asOf Day, rates *Rates, conv *Converter) *Replayer {
	return &Replayer{asOf: asOf, conv: conv, rates: rates}
}

// Replay works through all documents of a customer. Documents and applications
// dated after the as-of day do not count.
func (r *Replayer) Replay(c *Customer) *Replay {
	o := &r.out
	*o = Replay{Customer: c, Events: o.Events[:0], Intervals: o.Intervals[:0], Deltas: o.Deltas[:0], Missing: o.Missing[:0],
		Facts: slices.Grow(o.Facts[:0], len(c.Items))[:len(c.Items)],
		Dues:  slices.Grow(o.Dues[:0], len(c.Instalments))[:len(c.Instalments)]}
	clear(o.Facts)
	clear(o.Dues)
	r.findRefunds(c)
	for i := range c.Items {
		it, f := &c.Items[i], &o.Facts[i]
		f.Events.From, f.Intervals.From, f.Deltas.From = int32(len(o.Events)), int32(len(o.Intervals)), int32(len(o.Deltas))
		f.Rate, f.Priced = r.rateOf(int32(i), it)
		if !f.Priced {
			r.missing(it.Currency, it.Date)
		}
		if it.Side == InvoiceSide {
			r.invoice(int32(i), it, f)
		} else {
			r.credit(int32(i), it, f)
		}
		f.Events.To, f.Intervals.To, f.Deltas.To = int32(len(o.Events)), int32(len(o.Intervals)), int32(len(o.Deltas))
	}
	return o
}

func (r *Replayer) missing(currency string, day Day) {
	if day > r.asOf {
		return
	}
	for i := range r.out.Missing {
		if m := &r.out.Missing[i]; m.Currency == currency {
			m.Documents++
			m.First, m.Last = min(m.First, day), max(m.Last, day)
			return
		}
	}
	r.out.Missing = append(r.out.Missing, MissingRate{currency, 1, day, day})
}

// post records an event and moves the item's balance.
func (r *Replayer) post(item, app int32, f *ItemFacts, kind EventKind, day Day, amount money.Amount) *Event {
	f.Open += amount
	ev := Event{Item: item, App: app, Kind: kind, Day: day, Amount: amount, Priced: f.Priced}
	if f.Priced {
		rc := f.Open.Convert(f.Rate)
		ev.RC, f.RC = rc-f.RC, rc
	}
	r.out.Events = append(r.out.Events, ev)
	return &r.out.Events[len(r.out.Events)-1]
}

// balance records a stretch on which the whole document has one balance.
func (r *Replayer) balance(item int32, f *ItemFacts, from, to Day) {
	if f.Open != 0 && from < to {
		r.out.Intervals = append(r.out.Intervals, Interval{Item: item, Due: -1, From: from, To: to, Open: f.Open, RC: f.RC})
	}
}

// credit replays a payment or a credit note: what it brings is negative, what
// is applied or bounces is positive.
func (r *Replayer) credit(i int32, it *Item, f *ItemFacts) {
	apps := r.out.Applications[it.Apps.From:it.Apps.To]
	posted, bounced, a := false, it.Reversed == NoDay || it.Side != PaymentSide, 0
	last := NoDay
	for {
		day, what := Forever, 0
		if !posted {
			day, what = it.Date, 1
		}
		if !bounced && it.Reversed < day {
			day, what = it.Reversed, 2
		}
		if a < len(apps) && apps[a].Date < day {
			day, what = apps[a].Date, 3
		}
		if what == 0 || day > r.asOf {
			break
		}
		if last != NoDay && day != last {
			r.balance(i, f, last, day)
		}
		last = day
		switch what {
		case 1:
			posted = true
			r.atOwnRate(it, r.post(i, -1, f, openingKind(it), day, -it.Amount))
		case 2:
			bounced = true
			r.atOwnRate(it, r.post(i, -1, f, Bounced, day, it.Amount))
		case 3:
			r.applied(i, it, f, it.Apps.From+int32(a))
			a++
		}
	}
	if last != NoDay {
		r.balance(i, f, last, r.asOf+1)
	}
}

func openingKind(it *Item) EventKind {
	switch {
	case it.Side == CreditNoteSide:
		return Credit
	case it.Side == PaymentSide && it.Amount < 0:
		return Refund
	case it.Side == PaymentSide:
		return OnAccount
	case it.DebitNote:
		return Debit
	}
	return Invoice
}

// applied books the use of a payment or credit note.
func (r *Replayer) applied(i int32, it *Item, f *ItemFacts, app int32) {
	a := &r.out.Applications[app]
	if a.orphan {
		r.out.skip(app, "other side unknown")
		return
	}
	amount, ok := r.counterAmount(a, a.CounterCurrency, it.Currency, it.Date)
	if !ok {
		r.out.skip(app, "no exchange rate between the two documents")
		return
	}
	kind := Applied
	switch {
	case it.Side == CreditNoteSide && amount < 0:
		kind = CreditAppliedRev
	case it.Side == CreditNoteSide:
		kind = CreditApplied
	case amount < 0:
		kind = AppliedRev
	}
	ev := r.post(i, app, f, kind, a.Date, amount)
	if ev.External = r.external(a, it); ev.External && f.Priced {
		own, _ := r.conv.At(it.Currency, it.Date)
		ev.Transfer = amount.Convert(own)
	}
}

// external tells whether the two sides of an application stand in different
// books: another customer, company or currency.
func (r *Replayer) external(a *Application, it *Item) bool {
	return a.CounterCustomer != r.out.ID || a.CounterCurrency != it.Currency || a.CounterCompany != it.Company
}

// counterAmount is what an application takes of the payment or credit note, in
// that document's currency: as the source has it, or else converted at the rate
// of that document's date.
func (r *Replayer) counterAmount(a *Application, invoice, counter string, day Day) (money.Amount, bool) {
	if invoice == counter {
		return a.Amount, true
	}
	if a.HasCounterAmount {
		return a.CounterAmount, true
	}
	rate, ok := r.rates.At(invoice, counter, day)
	return a.Amount.Convert(rate), ok
}
