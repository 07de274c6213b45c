package metrics

import (
	"cmp"
	"slices"

	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// slow answers questions about books by going through every document again for
// each answer. It shares no code with the replay beyond exact arithmetic and
// the table of rates.
type slow struct {
	*ledgertest.Books
	rates *ledger.Rates
	asOf  ledger.Day
}

const groupCurrency = "USD"

func newSlow(b *ledgertest.Books, asOf ledger.Day) *slow {
	s := &slow{b, ledger.NewRates(b.Quotes), asOf}
	applied := *b // without what no rate carries from one document to the other
	applied.Allocations = filter(b.Allocations, func(a ledgertest.Allocation) bool {
		p := s.payment(a.Payment)
		return a.InPayment != 0 || s.known(s.invoice(a.Invoice).Currency, p.Currency, p.Date)
	})
	applied.Credits = filter(b.Credits, func(a ledgertest.Credit) bool {
		c := s.note(a.CreditNote)
		return s.known(s.invoice(a.Invoice).Currency, c.Currency, c.Date)
	})
	s.Books = &applied
	return s
}

func (s *slow) known(from, to string, d ledger.Day) bool {
	_, ok := s.rates.At(from, to, d)
	return ok
}

// convert returns 0 where there is no rate.
func (s *slow) convert(a money.Amount, from, to string, d ledger.Day) money.Amount {
	rate, _ := s.rates.At(from, to, d)
	return a.Convert(rate)
}

func (s *slow) rc(a money.Amount, currency string, d ledger.Day) money.Amount {
	return s.convert(a, currency, groupCurrency, d)
}

func (s *slow) owner(customer string, d ledger.Day) string {
	best := -1
	for i, o := range s.Owners {
		if o.Customer == customer && o.From <= d && (best < 0 || o.From >= s.Owners[best].From) {
			best = i
		}
	}
	if best >= 0 && (s.Owners[best].To == none || d <= s.Owners[best].To) {
		return s.Owners[best].Rep
	}
	if v := s.version(customer, d); v.Owner != "" {
		return v.Owner
	}
	return "unassigned"
}

func (s *slow) version(customer string, d ledger.Day) ledgertest.Customer {
	var best ledgertest.Customer
	for _, c := range s.Customers {
		if c.ID == customer && (best.ID == "" || c.From <= d && c.From >= best.From) {
			best = c
		}
	}
	return best
}

// cut is one reduction of an invoice.
type cut struct {
	id, kind    string // cash, discount, credit, write_off
	reversal    string // what it takes back
	spare       money.Amount
	seq         int64
	day         ledger.Day // application date
	counted     ledger.Day // receipt date, or the day the payment bounced
	receipt     ledger.Day
	amount      money.Amount
	noncashLast int
	by          bookName // of the payment or credit note, with its day and what is used of it
	byDay       ledger.Day
	used        money.Amount
}

// cuts lists what was taken off an invoice up to a day, in order.
func (s *slow) cuts(v ledgertest.Invoice, d ledger.Day) []cut {
	var list []cut
	for _, a := range s.Allocations {
		if a.Invoice != v.ID || a.Date > d {
			continue
		}
		p := s.payment(a.Payment)
		counted := p.Date
		if a.Amount < 0 && p.Reversed != none && a.Date >= p.Reversed {
			counted = p.Reversed
		}
		list = append(list, cut{id: a.ID, reversal: a.ReversalOf, kind: "cash", seq: a.Seq, day: a.Date, counted: counted, receipt: p.Date, amount: a.Amount,
			by: bookName{p.Customer, p.Company, p.Currency}, byDay: p.Date, used: s.used(a, p)})
		if a.Discount != 0 {
			list = append(list, cut{id: a.ID, reversal: a.ReversalOf, kind: "discount", seq: a.Seq, day: a.Date, counted: a.Date, amount: a.Discount, noncashLast: 1})
		}
	}
	for _, a := range s.Credits {
		if a.Invoice == v.ID && a.Date <= d {
			c := s.note(a.CreditNote)
			list = append(list, cut{id: a.ID, reversal: a.ReversalOf, kind: "credit", seq: a.Seq, day: a.Date, counted: a.Date, amount: a.Amount,
				by: bookName{c.Customer, c.Company, c.Currency}, byDay: c.Date, used: s.convert(a.Amount, v.Currency, c.Currency, c.Date)})
		}
	}
	for _, w := range s.WriteOffs {
		if w.Invoice == v.ID && w.Date <= d {
			list = append(list, cut{id: w.ID, kind: "write_off", day: w.Date, counted: w.Date, amount: w.Amount})
		}
	}
	slices.SortStableFunc(list, func(a, b cut) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.id, b.id), cmp.Compare(a.noncashLast, b.noncashLast))
	})
	return list
}

// due is one instalment of an invoice.
type due struct {
	seq    int64
	day    ledger.Day
	amount money.Amount
}

func (s *slow) dues(v ledgertest.Invoice) []due {
	var list []due
	for _, i := range s.Instalments {
		if i.Invoice == v.ID {
			list = append(list, due{i.Seq, i.Due, i.Amount})
		}
	}
	slices.SortStableFunc(list, func(a, b due) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.seq, b.seq)) })
	if len(list) > 0 {
		return list
	}
	day := v.Due
	if day == none {
		terms := v.Terms
		if terms == "" {
			terms = s.version(v.Customer, v.Date).Terms
		}
		day = v.Date
		switch terms {
		case "NET14":
			day += 14
		case "NET30":
			day += 30
		}
	}
	return []due{{1, day, v.Amount}}
}

// opens spreads reductions over instalments: those that name one, then the rest
// and the excess in order of due date.
func (s *slow) opens(v ledgertest.Invoice, cuts []cut) []money.Amount {
	dues := s.dues(v)
	open := make([]money.Amount, len(dues))
	var pool money.Amount
	for i, d := range dues {
		open[i] = d.amount
	}
	for _, c := range cuts {
		named := -1
		for i, d := range dues {
			if c.seq != 0 && d.seq == c.seq && named < 0 {
				named = i
			}
		}
		if named >= 0 && len(dues) > 1 {
			open[named] -= c.amount
		} else {
			pool += c.amount
		}
	}
	for i := range open {
		if open[i] < 0 {
			pool, open[i] = pool-open[i], 0
		}
	}
	for i := range open {
		take := min(open[i], pool)
		if pool < 0 && i > 0 {
			take = 0
		}
		open[i], pool = open[i]-take, pool-take
	}
	return open
}

// openOf returns the whole open amount of an invoice on a day; 0 before its date
// but for what was applied too early.
func (s *slow) openOf(v ledgertest.Invoice, d ledger.Day) money.Amount {
	var open money.Amount
	if v.Date <= d {
		open = v.Amount
	}
	for _, c := range s.cuts(v, d) {
		open -= c.amount
	}
	return open
}

// partsRC shares the invoice's amount in reporting currency among instalments,
// rounding the running sum.
func (s *slow) partsRC(v ledgertest.Invoice, open []money.Amount) []money.Amount {
	out := make([]money.Amount, len(open))
	var sum money.Amount
	for i, a := range open {
		out[i] = s.rc(sum+a, v.Currency, v.Date) - s.rc(sum, v.Currency, v.Date)
		sum += a
	}
	return out
}

// position is what a snapshot row shows.
type position struct {
	buckets                                  [9]money.Amount // due later, due today, 1-30 … 366+
	unapplied, credits, disputed, disputedOD money.Amount
}

func (p position) net() money.Amount {
	sum := p.unapplied + p.credits
	for _, b := range p.buckets {
		sum += b
	}
	return sum
}

func (p position) open() money.Amount { return p.net() - p.unapplied - p.credits }

func (p position) overdue() money.Amount { return p.open() - p.buckets[0] - p.buckets[1] }

// at returns a customer's position in a company and currency on a day, in
// document and reporting currency.
func (s *slow) at(customer, company, currency string, d ledger.Day) (doc, rc position) {
	for _, v := range s.Invoices {
		if v.Customer != customer || v.Company != company || v.Currency != currency {
			continue
		}
		open := s.openOf(v, d)
		if open <= 0 || v.Date > d {
			doc.credits += open
			rc.credits += s.rc(open, currency, v.Date)
			continue
		}
		parts := s.opens(v, s.cuts(v, d))
		partsRC := s.partsRC(v, parts)
		var overdue money.Amount
		for i, u := range s.dues(v) {
			n := bucketNumber(int(d - u.day))
			doc.buckets[n] += parts[i]
			rc.buckets[n] += partsRC[i]
			if n > 1 {
				overdue += parts[i]
			}
		}
		claimed := s.claimed(v, open, d)
		doc.disputed += claimed
		doc.disputedOD += min(claimed, overdue)
		rc.disputed += s.rc(claimed, currency, v.Date)
		rc.disputedOD += s.rc(min(claimed, overdue), currency, v.Date)
	}
	for _, p := range s.Payments {
		if p.Customer == customer && p.Company == company && p.Currency == currency {
			left := s.unapplied(p, d)
			doc.unapplied -= left
			rc.unapplied -= s.paymentRC(p, left)
		}
	}
	for _, c := range s.CreditNotes {
		if c.Customer == customer && c.Company == company && c.Currency == currency {
			left := s.uncredited(c, d)
			doc.credits -= left
			rc.credits -= s.rc(left, currency, c.Date)
		}
	}
	return doc, rc
}

func (s *slow) claimed(v ledgertest.Invoice, open money.Amount, d ledger.Day) money.Amount {
	var sum money.Amount
	for _, x := range s.Disputes {
		if x.Invoice == v.ID && x.Opened <= d && (x.Closed == none || d < x.Closed) {
			if sum += x.Amount; x.Whole {
				sum = open
			}
		}
	}
	return min(sum, open)
}

// unapplied is what a payment has left on a day.
func (s *slow) unapplied(p ledgertest.Payment, d ledger.Day) money.Amount {
	var left money.Amount
	if p.Date <= d {
		left += p.Amount
	}
	if p.Reversed != none && p.Reversed <= d {
		left -= p.Amount
	}
	for _, a := range s.Allocations {
		if a.Payment == p.ID && a.Date <= d {
			left -= s.used(a, p)
		}
	}
	return left
}

// paymentRC is an amount of a payment in reporting currency: at the rate of its
// day, of a refund at those of the receipts that it pays back.
func (s *slow) paymentRC(p ledgertest.Payment, a money.Amount) money.Amount {
	if p.Amount > 0 || p.Currency == groupCurrency {
		return s.rc(a, p.Currency, p.Date)
	}
	if rate, ok := s.refundRates(p.Customer, p.Company, p.Currency)[p.ID]; ok {
		return a.Convert(rate)
	}
	return s.rc(a, p.Currency, p.Date)
}

// refundRates pays refunds back from the oldest cash on account.
func (s *slow) refundRates(customer, company, currency string) map[string]money.Rate {
	rates, taken := map[string]money.Rate{}, map[string]money.Amount{}
	list := filter(s.Payments, func(p ledgertest.Payment) bool {
		return p.Customer == customer && p.Company == company && p.Currency == currency && p.Date <= s.asOf
	})
	slices.SortFunc(list, func(a, b ledgertest.Payment) int { return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.ID, b.ID)) })
	for _, back := range list {
		if back.Amount >= 0 {
			continue
		}
		alive := back
		alive.Reversed = none
		open, total := -s.unapplied(alive, back.Date), -back.Amount
		rest, value := total, money.Amount(0)
		for _, p := range list {
			if p.Amount <= 0 || p.Date > back.Date || p.Reversed != none && p.Reversed <= back.Date {
				continue
			}
			if part := min(open, s.unapplied(p, back.Date)-taken[p.ID]); part > 0 {
				taken[p.ID] += part
				open, rest, value = open-part, rest-part, value+s.rc(part, currency, p.Date)
				if rate, _ := s.rates.At(currency, groupCurrency, p.Date); part == total {
					rates[back.ID] = rate
				}
			}
		}
		if _, whole := rates[back.ID]; !whole && rest != total {
			rates[back.ID], _ = money.Ratio(value+s.rc(rest, currency, back.Date), 1, total).Rate()
		}
	}
	return rates
}

func (s *slow) uncredited(c ledgertest.CreditNote, d ledger.Day) money.Amount {
	var left money.Amount
	if c.Date <= d {
		left += c.Amount
	}
	for _, a := range s.Credits {
		if a.CreditNote == c.ID && a.Date <= d {
			left -= s.convert(a.Amount, s.invoice(a.Invoice).Currency, c.Currency, c.Date)
		}
	}
	return left
}

// used is what an allocation takes of a payment, in its currency.
func (s *slow) used(a ledgertest.Allocation, p ledgertest.Payment) money.Amount {
	from := s.invoice(a.Invoice).Currency
	if a.InPayment != 0 && from != p.Currency {
		return a.InPayment
	}
	return s.convert(a.Amount, from, p.Currency, p.Date)
}

func (s *slow) invoice(id string) ledgertest.Invoice {
	for _, v := range s.Invoices {
		if v.ID == id {
			return v
		}
	}
	panic(id)
}

func (s *slow) payment(id string) ledgertest.Payment {
	for _, p := range s.Payments {
		if p.ID == id {
			return p
		}
	}
	panic(id)
}

func (s *slow) note(id string) ledgertest.CreditNote {
	for _, c := range s.CreditNotes {
		if c.ID == id {
			return c
		}
	}
	panic(id)
}

func bucketNumber(past int) int {
	switch {
	case past < 0:
		return 0
	case past == 0:
		return 1
	case past <= 30:
		return 2
	case past <= 60:
		return 3
	case past <= 90:
		return 4
	case past <= 120:
		return 5
	case past <= 180:
		return 6
	case past <= 365:
		return 7
	}
	return 8
}
