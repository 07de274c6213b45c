package demo

import "slices"

type runKey struct {
	customer *customer
	firm     *firm
}

// payRun is what one customer pays one firm on one day.
type payRun struct {
	runKey
	parts []*instalment
}

// plan makes up the customer's mind about an instalment; an older plan for it
// lapses.
func (s *simulation) plan(p *instalment, d Date) {
	p.planned++
	plan := p.planned
	p.pays = max(d, s.today+1)
	s.at(p.pays, func() {
		k := p.invoice.customer
		if p.planned != plan || p.open <= 0 || k.stops != 0 && s.today >= k.stops {
			return
		}
		s.queue(k, p)
	})
}

func (s *simulation) queue(k *customer, p *instalment) {
	key := runKey{k, p.invoice.firm}
	if k.paidByGroup && k.parent != nil {
		key.customer = k.parent
	}
	run := s.runs[key]
	if run == nil {
		run = &payRun{runKey: key}
		s.runs[key] = run
		s.due = append(s.due, run)
	}
	run.parts = append(run.parts, p)
}

// payDay carries out the payment runs of the day.
func (s *simulation) payDay() {
	for _, run := range s.due {
		s.pay(run)
	}
	s.due = s.due[:0]
	clear(s.runs)
}

func (s *simulation) pay(run *payRun) {
	// A credit or cash on account may have settled some of it since the morning.
	run.parts = slices.DeleteFunc(run.parts, func(p *instalment) bool { return p.open <= 0 })
	if len(run.parts) == 0 {
		return
	}
	for _, p := range run.parts {
		if p.invoice.customer != run.customer {
			s.payForGroup(run)
			return
		}
	}
	var total Cents
	for _, p := range run.parts {
		total += p.open
	}
	switch x := s.r.unit(); {
	case run.customer.early && s.payEarly(run):
	case x < 0.03:
		s.payOnAccount(run, total)
	case x < 0.038:
		s.payPartly(run, total)
	case x < 0.073:
		s.payTooMuch(run, total)
	case x < 0.1 && total > 100_00:
		s.payShort(run, total)
	case x < 0.105:
		p := s.receive(run, total)
		s.applyAll(p, run.parts)
		s.finish(p)
		s.at(s.today+s.r.days(3, 9), func() { s.bounce(p) })
	default:
		p := s.receive(run, total)
		s.applyAll(p, run.parts)
		s.finish(p)
	}
}

// receive books cash, not yet applied. The bank's value date may lie a day or
// two before the day of entry, but not before any of the invoices paid.
func (s *simulation) receive(run *payRun, amount Cents) *payment {
	posting := s.today
	if s.r.chance(0.25) {
		posting -= s.r.days(1, 2)
	}
	for _, p := range run.parts {
		posting = max(posting, min(p.invoice.posting, s.today))
	}
	currency := run.parts[0].invoice.currency
	p := &payment{name: s.number("ACC-PAY", posting), firm: run.firm, customer: run.customer, posting: posting, currency: currency, amount: amount,
		unapplied: amount, rate: s.c.rates.on(currency, run.firm.base, posting), method: "Wire Transfer", docstatus: submitted}
	switch {
	case currency == "CNY" && s.r.chance(0.2):
		p.method = "Bank Draft"
	case currency == "HKD" && s.r.chance(0.25):
		p.method = "Cheque"
	}
	p.bank = "TRX" + s.r.id()
	p.touch(s.now())
	s.c.payments = append(s.c.payments, p)
	return p
}

// apply settles part of an invoice with cash and a discount on top.
func (s *simulation) apply(p *payment, part *instalment, cash, discount Cents) {
	v := part.invoice
	off := cash + discount
	p.unapplied -= cash
	p.discount += discount
	for _, line := range p.lines {
		if line.invoice == v && line.day == s.today {
			line.amount += off
			line.discount += discount
			line.left -= off
			s.settle(part, off)
			return
		}
	}
	p.lines = append(p.lines, &application{invoice: v, day: s.today, amount: off, discount: discount, total: v.gross, left: v.open - off, hash: s.r.id(), created: s.now()})
	s.settle(part, off)
}

// settle takes an amount off one instalment of an invoice.
func (s *simulation) settle(part *instalment, off Cents) {
	v := part.invoice
	part.open -= off
	v.open -= off
	v.touch(s.now())
	v.refresh(s.today)
}

func (s *simulation) applyAll(p *payment, parts []*instalment) {
	for _, part := range parts {
		if amount := min(part.open, p.unapplied); amount > 0 {
			s.apply(p, part, amount, 0)
		}
	}
}

// finish posts a payment to the ledger.
func (s *simulation) finish(p *payment) {
	p.touch(s.now())
	s.postPayment(p)
}

// payEarly takes two percent off invoices paid within ten days. It reports
// whether there were any; the rest is paid with them in full.
func (s *simulation) payEarly(run *payRun) bool {
	if run.parts[0].invoice.currency != run.firm.base {
		return false
	}
	var total Cents
	early := 0
	cash := make([]Cents, len(run.parts))
	for i, part := range run.parts {
		cash[i] = part.open
		if s.today <= part.invoice.posting+10 && part.open == part.amount {
			cash[i] -= percentOf(part.open, 2)
			early++
		}
		total += cash[i]
	}
	if early == 0 {
		return false
	}
	p := s.receive(run, total)
	for i, part := range run.parts {
		s.apply(p, part, cash[i], part.open-cash[i])
	}
	s.finish(p)
	return true
}

// payOnAccount is cash without a word of what it is for; it is matched later.
func (s *simulation) payOnAccount(run *payRun, total Cents) {
	p := s.receive(run, total)
	s.finish(p)
	parts := run.parts
	s.at(s.today+s.r.days(3, 25), func() {
		s.reconcile(p)
		for _, part := range parts {
			if part.open > 0 {
				s.plan(part, s.today+s.r.days(5, 20))
			}
		}
	})
}

// reconcile applies what is left of a payment to the payer's oldest open items.
func (s *simulation) reconcile(p *payment) {
	if p.docstatus != submitted || p.unapplied <= 0 {
		return
	}
	applied := false
	for _, v := range p.customer.openInvoices() {
		if v.firm != p.firm || v.currency != p.currency || v.disputed != nil {
			continue
		}
		for _, part := range v.parts {
			if amount := min(part.open, p.unapplied); amount > 0 {
				s.apply(p, part, amount, 0)
				applied = true
			}
		}
	}
	if applied {
		p.touch(s.now())
		s.repost(p)
	}
}

// payPartly pays a round sum and leaves the rest for later.
func (s *simulation) payPartly(run *payRun, total Cents) {
	amount := Cents(float64(total) * (0.35 + 0.5*s.r.unit()))
	if amount > 1_000_00 {
		amount -= amount % 100_00
	}
	p := s.receive(run, max(amount, 1))
	s.applyAll(p, run.parts)
	s.finish(p)
	for _, part := range run.parts {
		if part.open > 0 {
			s.plan(part, s.today+s.r.days(3, 8))
		}
	}
}

// payTooMuch rounds up or pays twice; the surplus waits on account and is
// used up later, or paid back.
func (s *simulation) payTooMuch(run *payRun, total Cents) {
	surplus := 1_000_00 - total%1_000_00
	if s.r.chance(0.3) {
		surplus = run.parts[0].open
	}
	p := s.receive(run, total+surplus)
	s.applyAll(p, run.parts)
	s.finish(p)
	if s.r.chance(0.2) {
		s.at(s.today+s.r.days(10, 40), func() { s.payBack(p) })
		return
	}
	s.at(s.today+s.r.days(15, 60), func() { s.reconcile(p) })
}

func (s *simulation) payBack(p *payment) {
	if p.docstatus != submitted || p.unapplied <= 0 {
		return
	}
	back := &payment{name: s.number("ACC-PAY", s.today), firm: p.firm, customer: p.customer, refund: true, posting: s.today, currency: p.currency,
		amount: p.unapplied, unapplied: p.unapplied, rate: s.c.rates.on(p.currency, p.firm.base, s.today), method: "Wire Transfer", bank: "REF" + s.r.id(), docstatus: submitted}
	back.touch(s.now())
	s.c.payments = append(s.c.payments, back)
	s.postPayment(back)
}

// payShort leaves a few cents or a bank charge out. In the currency of the
// books the difference is deducted at once, otherwise written off later.
func (s *simulation) payShort(run *payRun, total Cents) {
	short := Cents(s.r.between(1, 19_99))
	first := run.parts[0]
	if first.open <= short {
		short = 1
	}
	p := s.receive(run, total-short)
	if first.invoice.currency == run.firm.base {
		s.apply(p, first, first.open-short, short)
		p.small = true
		s.applyAll(p, run.parts)
		s.finish(p)
		return
	}
	s.applyAll(p, run.parts)
	s.finish(p)
	last := run.parts[len(run.parts)-1]
	s.at(s.today+s.r.days(20, 40), func() { s.writeOff(last.invoice, "small_balance", 50_00) })
}

// bounce cancels a payment: the bank took the money back.
func (s *simulation) bounce(p *payment) {
	for _, line := range p.lines {
		if line.invoice.disputed != nil {
			return // the case is in other hands
		}
	}
	p.docstatus = cancelled
	p.touch(s.now())
	s.delink(p)
	for _, line := range p.lines {
		v := line.invoice
		s.reopen(v, line.amount)
		v.customer.owes(v)
		for _, part := range v.parts {
			if part.open > 0 {
				s.plan(part, max(part.due-2, s.today+s.r.days(3, 8)))
			}
		}
	}
}

// payForGroup pays the invoices of several members of a group by one journal
// entry of the bank, as the group's treasury does.
func (s *simulation) payForGroup(run *payRun) {
	var lines []journalLine
	var total Cents
	currency := run.parts[0].invoice.currency
	for _, part := range run.parts {
		total += part.open
		n := len(lines)
		if n > 0 && lines[n-1].against == part.invoice {
			lines[n-1].amount -= part.open
		} else {
			lines = append(lines, journalLine{account: "Debtors", customer: part.invoice.customer, against: part.invoice, amount: -part.open})
		}
		s.settle(part, part.open)
	}
	lines = append(lines, journalLine{account: "Bank", amount: total})
	s.newJournal("Bank Entry", "group payment", run.firm, currency, "Paid by "+run.customer.name+" "+run.customer.title, lines)
}
