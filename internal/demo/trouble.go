package demo

// planTrouble decides what goes wrong with an invoice: returns, price and
// quality claims, and the customer's insolvency.
func (s *simulation) planTrouble(v *invoice) {
	k := v.customer
	if s.r.chance(map[string]float64{"RETAIL": 0.05, "PROJECT": 0.015}[k.segment] + 0.018) {
		s.at(s.today+s.r.days(4, 45), func() {
			s.giveCredit(v, Cents(float64(v.gross)*s.creditShare()), pick(s.r, []string{"return", "price", "rebate"}))
		})
	}
	if s.r.chance(map[string]float64{"RETAIL": 0.03, "PROJECT": 0.02, "MANUFACTURER": 0.015}[k.segment] + 0.0095 + 0.02*k.trouble(s.today)) {
		s.at(s.today+s.r.days(4, 25), func() { s.dispute(v) })
	}
	if s.r.chance(0.0016) {
		s.at(s.today+s.r.days(6, 40), func() { s.billAgain(v) })
	}
	if k.stops != 0 {
		s.at(max(v.due, k.stops)+s.r.days(185, 290), func() { s.writeOff(v, "bad_debt", 0) })
	}
}

func (s *simulation) creditShare() float64 {
	if s.r.chance(0.15) {
		return 1
	}
	return 0.03 + 0.3*s.r.unit()
}

// giveCredit writes a credit note on an invoice. What the invoice still has
// open is reduced at once; on a paid one the credit stands for itself until it
// is set against another invoice.
func (s *simulation) giveCredit(v *invoice, amount Cents, reason string) *invoice {
	if v.docstatus != submitted || amount <= 0 {
		return nil
	}
	if amount = min(amount, v.gross-v.credited); amount == 0 {
		return nil
	}
	ownCredit := v.open < amount
	if ownCredit && v.open > 0 && s.r.chance(0.5) {
		amount, ownCredit = v.open, false
	}
	v.credited += amount
	tax := v.gross - v.net
	net := amount
	if tax != 0 {
		net = Cents((int64(amount)*100 + (100+v.firm.taxPercent)/2) / (100 + v.firm.taxPercent))
	}
	n := &invoice{name: s.number("ACC-SINV-RET", s.today), firm: v.firm, customer: v.customer, posting: s.today, due: s.today, entered: s.today,
		currency: v.currency, gross: -amount, net: -net, rate: s.c.rates.on(v.currency, v.firm.base, s.today), isReturn: true, ownCredit: ownCredit,
		against: v, reason: reason, docstatus: submitted, hash: s.r.id()}
	n.splits = []split{{v.splits[0].rep, 100, s.r.id()}}
	n.parts = []*instalment{{invoice: n, seq: 1, due: s.today, amount: -amount, percent: 100, hash: s.r.id()}}
	n.touch(s.now())
	n.refresh(s.today)
	s.c.invoices = append(s.c.invoices, n)
	e := entry{posting: n.posting, due: n.due, firm: n.firm, customer: n.customer, currency: n.currency, target: n, amount: -amount, base: convert(-amount, n.rate)}
	if ownCredit {
		n.open = -amount
		s.post(n, e)
		if s.r.chance(0.75) {
			s.at(s.today+s.r.days(10, 60), func() { s.useCredit(n) })
		}
		return n
	}
	e.target, e.due = v, v.due
	s.post(n, e)
	if v.open == amount {
		v.reason = "credited"
	}
	s.reduce(v, amount)
	return n
}

// billAgain credits an invoice in full and writes another one over the same
// amount, as is done where the order number or the address was wrong, and where
// somebody wants a debt to look younger.
func (s *simulation) billAgain(v *invoice) bool {
	if v.docstatus != submitted || v.open != v.gross || v.disputed != nil || s.giveCredit(v, v.gross, "price") == nil {
		return false
	}
	s.submit(s.newInvoice(v.customer, v.firm, v.net))
	return true
}

// useCredit sets an open credit note against the customer's oldest open
// invoices, by a journal entry.
func (s *simulation) useCredit(n *invoice) {
	for _, v := range n.customer.openInvoices() {
		if n.open == 0 {
			return
		}
		if v.firm != n.firm || v.currency != n.currency || v.disputed != nil {
			continue
		}
		amount := min(v.open, -n.open)
		s.newJournal("Credit Note", "credit", n.firm, n.currency, "Credit note "+n.name+" against "+v.name, []journalLine{
			{account: "Debtors", customer: n.customer, against: n, amount: amount}, {account: "Debtors", customer: n.customer, against: v, amount: -amount}})
		n.open += amount
		n.touch(s.now())
		s.reduce(v, amount)
	}
}

// writeOff gives up what an invoice has open, where it is not more than limit
// (0 = any amount).
func (s *simulation) writeOff(v *invoice, purpose string, limit Cents) {
	if v.docstatus != submitted || v.open <= 0 || limit > 0 && v.open > limit {
		return
	}
	amount, account, kind := v.open, "Bad Debts", "Write Off Entry"
	if purpose == "small_balance" {
		account, kind = "Write Off", "Journal Entry"
	}
	s.newJournal(kind, purpose, v.firm, v.currency, "Written off: "+v.name, []journalLine{
		{account: account, amount: amount}, {account: "Debtors", customer: v.customer, against: v, amount: -amount}})
	s.reduce(v, amount)
	if d := v.disputed; d != nil {
		s.closeDispute(d, "invalid")
	}
}

var disputeReasons = []struct {
	reason, department string
	weight             float64
}{{"QUALITY", "Quality", 3}, {"PRICE", "Sales", 2.5}, {"SHORT_DELIVERY", "Logistics", 2}, {"STATEMENT_MISMATCH", "Finance", 1.5}, {"CONTRACT_TERMS", "Sales", 1}, {"SERVICE", "Service", 1}}

// dispute opens a dispute; until it is closed nothing more is paid on the invoice.
func (s *simulation) dispute(v *invoice) {
	if v.docstatus != submitted || v.open <= 0 || v.disputed != nil {
		return
	}
	weights := make([]float64, len(disputeReasons))
	for i, x := range disputeReasons {
		weights[i] = x.weight
	}
	why := disputeReasons[s.r.weighted(weights)]
	d := &dispute{number: len(s.c.disputes) + 1, invoice: v, opened: s.today, reason: why.reason, department: why.department, amount: v.open}
	if s.r.chance(0.7) {
		d.amount = max(Cents(float64(v.open)*(0.05+0.4*s.r.unit())), 1)
	}
	d.touch(s.now())
	v.disputed = d
	s.c.disputes = append(s.c.disputes, d)
	closing := s.today + Date(11*s.r.spread(0.6)) + 5
	if s.r.chance(0.04) { // neither side gives in
		closing += s.r.days(30, 90)
	}
	for _, p := range v.parts {
		if p.open > 0 && p.pays <= closing {
			s.plan(p, max(closing+s.r.days(2, 10), p.due-3))
		}
	}
	s.at(closing, func() {
		if d.closed == 0 {
			s.closeDispute(d, pick(s.r, []string{"valid", "valid", "partial", "invalid"}))
		}
	})
}

// closeDispute ends a dispute; a valid claim, or half of it, is credited.
func (s *simulation) closeDispute(d *dispute, outcome string) {
	d.closed, d.outcome = s.today, outcome
	d.invoice.disputed = nil
	amount := min(d.amount, d.invoice.open)
	if outcome == "partial" {
		amount /= 2
	}
	if outcome != "invalid" && amount > 0 {
		d.credit = s.giveCredit(d.invoice, amount, map[string]string{"QUALITY": "quality", "PRICE": "price"}[d.reason])
		if d.credit != nil && d.credit.reason == "" {
			d.credit.reason = "goodwill"
		}
	}
	d.touch(s.now())
}
