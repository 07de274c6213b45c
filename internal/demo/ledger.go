package demo

// post writes a row of the payment ledger for a voucher and remembers it as
// one of the voucher's.
func (s *simulation) post(voucher document, e entry) {
	e.voucher = voucher
	e.hash = s.r.id()
	e.touch(s.now())
	s.posted[voucher] = append(s.posted[voucher], len(s.c.entries))
	s.c.entries = append(s.c.entries, &e)
}

// delink does to a voucher's rows what ERPNext does on cancelling: the rows
// are marked, and marked twins with the opposite amount are written beside them.
func (s *simulation) delink(voucher document) {
	for _, i := range s.posted[voucher] {
		e := s.c.entries[i]
		if e == nil || e.delinked {
			continue
		}
		e.delinked = true
		e.touch(s.now())
		twin := *e
		twin.touched = touched{}
		twin.amount, twin.base = -e.amount, -e.base
		s.post(voucher, twin)
	}
}

// repost does what ERPNext does when a payment is reconciled with further
// invoices: its rows disappear without a trace, and new ones are written.
func (s *simulation) repost(p *payment) {
	for _, i := range s.posted[p] {
		s.c.entries[i] = nil
	}
	s.posted[p] = nil
	s.postPayment(p)
}

func (s *simulation) postPayment(p *payment) {
	base := entry{posting: p.posting, due: p.posting, firm: p.firm, customer: p.customer, currency: p.currency}
	for _, line := range p.lines {
		e := base
		e.target, e.due, e.detail = line.invoice, line.invoice.due, line.hash
		e.amount, e.base = -line.amount, -convert(line.amount, p.rate)
		s.post(p, e)
	}
	if p.unapplied != 0 {
		e := base
		e.target, e.amount = p, -p.unapplied
		if p.refund {
			e.amount = p.unapplied
		}
		e.base = convert(e.amount, p.rate)
		s.post(p, e)
	}
}

func (s *simulation) postJournal(j *journal) {
	for _, line := range j.lines {
		if line.customer == nil {
			continue
		}
		e := entry{posting: j.posting, due: j.posting, firm: j.firm, customer: line.customer, currency: j.currency, target: line.against,
			detail: line.hash, amount: line.amount, base: convert(line.amount, j.rate)}
		if v, ok := line.against.(*invoice); ok {
			e.due = v.due
		}
		if line.against == nil {
			e.target = j
		}
		s.post(j, e)
	}
}

// newJournal writes a journal entry of today; its lines must add up to zero.
func (s *simulation) newJournal(kind, purpose string, f *firm, currency, remark string, lines []journalLine) *journal {
	for i := range lines {
		lines[i].hash = s.r.id()
	}
	j := &journal{name: s.number("ACC-JV", s.today), kind: kind, purpose: purpose, firm: f, posting: s.today, currency: currency,
		rate: s.c.rates.on(currency, f.base, s.today), remark: remark, lines: lines, docstatus: submitted}
	j.touch(s.now())
	s.c.journals = append(s.c.journals, j)
	s.postJournal(j)
	return j
}

// reduce takes an amount off what an invoice has open, oldest instalment
// first, and touches the invoice as ERPNext does when it sets the outstanding
// amount.
func (s *simulation) reduce(v *invoice, amount Cents) {
	v.open -= amount
	for _, p := range v.parts {
		take := min(amount, p.open)
		p.open -= take
		amount -= take
	}
	v.touch(s.now())
	v.refresh(s.today)
}

// reopen puts an amount back, latest instalment first.
func (s *simulation) reopen(v *invoice, amount Cents) {
	v.open += amount
	for i := len(v.parts) - 1; i >= 0; i-- {
		p := v.parts[i]
		put := min(amount, p.amount-p.open)
		p.open += put
		amount -= put
	}
	v.touch(s.now())
	v.refresh(s.today)
}

// owes puts an invoice among the open ones of its customer.
func (k *customer) owes(v *invoice) {
	if !v.listed {
		v.listed = true
		k.open = append(k.open, v)
	}
}

// openInvoices lists a customer's open invoices, oldest first.
func (k *customer) openInvoices() []*invoice {
	kept := k.open[:0]
	for _, v := range k.open {
		if v.open > 0 {
			kept = append(kept, v)
		} else {
			v.listed = false
		}
	}
	clear(k.open[len(kept):])
	k.open = kept
	return kept
}

// Position is what one customer owes in one currency, at the end of a day.
type Position struct {
	Open      Cents // invoices and debit notes
	Unapplied Cents // cash received and not applied, negative
	Credits   Cents // credit notes not applied, negative
}

// Net is what the customer owes after all.
func (p Position) Net() Cents { return p.Open + p.Unapplied + p.Credits }

// Account names a customer and a currency.
type Account struct{ Customer, Currency string }

// Balances are the positions of all accounts that ever had a document.
type Balances map[Account]Position

// Truth adds up the documents as they stand at the end of the last simulated
// day: what every account owed at the end of asOf. Cancelled documents and
// drafts count nowhere. A document counts from its posting date, a payment
// applied later than received is applied on its posting date, as ERPNext's
// payment ledger has it; Net does not depend on that.
func (c *Company) Truth(asOf Date) Balances {
	all := Balances{}
	add := func(k *customer, currency string, open, unapplied, credits Cents) {
		key := Account{k.name, currency}
		p := all[key]
		p.Open += open
		p.Unapplied += unapplied
		p.Credits += credits
		all[key] = p
	}
	for _, v := range c.invoices {
		switch {
		case v.docstatus != submitted || v.posting > asOf:
		case !v.isReturn:
			add(v.customer, v.currency, v.gross, 0, 0)
		case v.ownCredit:
			add(v.customer, v.currency, 0, 0, v.gross)
		default:
			add(v.customer, v.currency, v.gross, 0, 0)
		}
	}
	for _, p := range c.payments {
		if p.docstatus != submitted || p.posting > asOf {
			continue
		}
		if p.refund {
			add(p.customer, p.currency, 0, p.amount, 0)
			continue
		}
		var applied Cents
		for _, line := range p.lines {
			applied += line.amount
		}
		add(p.customer, p.currency, -applied, applied-p.amount-p.discount, 0)
	}
	for _, j := range c.journals {
		if j.docstatus != submitted || j.posting > asOf {
			continue
		}
		for _, line := range j.lines {
			if line.customer == nil {
				continue
			}
			if v, ok := line.against.(*invoice); ok && v.isReturn {
				add(line.customer, j.currency, 0, 0, line.amount)
			} else {
				add(line.customer, j.currency, line.amount, 0, 0)
			}
		}
	}
	return all
}
