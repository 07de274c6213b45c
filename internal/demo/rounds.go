package demo

import "math"

// makeRounds arranges the day's routine calls and meetings, overdue or not.
func (s *simulation) makeRounds() {
	if !isWorkday(s.today) {
		return
	}
	s.routine += float64(s.c.options.Invoices) / historyDays * 0.42
	for ; s.routine >= 1; s.routine-- {
		k := s.buyer()
		s.arrange(k, s.r.chance(0.45))
	}
}

// chase sees to an instalment that should have been paid: the owner of that
// day calls or visits, and comes again until it is settled.
func (s *simulation) chase(p *instalment) {
	v, k := p.invoice, p.invoice.customer
	if p.open <= 0 || v.docstatus != submitted || p.due >= s.today {
		return
	}
	zeal := 0.85
	switch k.ownerOn(s.today).id {
	case excellentRep:
		zeal = 1
	case poorRep:
		zeal = 0.3
	}
	if s.today >= s.rounds[k] && s.r.chance(zeal) {
		s.rounds[k] = s.today + s.r.days(8, 16)
		s.arrange(k, s.r.chance(0.35))
	}
	s.at(s.today+s.r.days(18, 40), func() { s.chase(p) })
}

// arrange makes a call, or puts a meeting into the calendar.
func (s *simulation) arrange(k *customer, call bool) {
	x := &visit{call: call, customer: k, contact: k.contact, script: pick(s.r, []string{"REMIND", "RECONCILE", "FIRM", "ESCALATE", "INSTALMENTS"})}
	lead := s.r.days(1, 6)
	if call && s.r.chance(0.9) { // most calls are noted at once, some the day after
		lead = 0
	}
	day := nextWorkday(s.today + lead)
	x.begins = at(day, 9*hour+stamp(s.r.below(32))*15*60*second)
	x.minutes = s.r.between(2, 6) * 15
	if call {
		x.begins = at(s.today, 9*hour+stamp(s.r.below(8*3600))*second)
		x.minutes = s.r.between(2, 25)
	}
	x.ends = x.begins + stamp(x.minutes)*60*second
	x.rep = k.ownerOn(x.begins.date())
	if !call {
		x.outcome = "SCHEDULED"
		s.log(x, s.now())
		s.at(day, func() { s.meet(x) })
		return
	}
	x.outcome = "COMPLETED"
	if s.r.chance(0.12) {
		x.outcome = pick(s.r, []string{"NO_ANSWER", "BUSY"})
	}
	if lead == 0 {
		s.talk(x)
		s.log(x, x.ends+stamp(s.r.between(1, 150))*60*second)
		return
	}
	s.at(day, func() { s.talk(x); s.log(x, s.now()) })
}

// log writes a visit into the CRM. Identifiers go by order of writing.
func (s *simulation) log(x *visit, when stamp) {
	x.id = len(s.c.visits) + 1
	x.touch(when)
	x.customer.crm.touch(when)
	s.c.visits = append(s.c.visits, x)
}

// meet is the day of a meeting: held, or not.
func (s *simulation) meet(x *visit) {
	when := min(x.ends+stamp(s.r.between(10, 180))*60*second, at(s.today, 23*hour))
	x.rep = x.customer.ownerOn(s.today)
	switch y := s.r.unit(); {
	case y < 0.05:
		x.outcome = "NO_SHOW"
	case y < 0.09:
		x.outcome = "CANCELED"
	case y < 0.13:
		x.outcome = "RESCHEDULED"
		s.at(s.today+s.r.days(1, 5), func() { s.arrange(x.customer, false) })
	default:
		x.outcome = "COMPLETED"
		s.talk(x)
	}
	x.touch(when)
	x.customer.crm.touch(when)
	if s.r.chance(0.003) {
		s.at(s.today+s.r.days(4, 30), func() { x.archived = s.now(); x.touch(x.archived) })
	}
}

var refusals = map[string][]string{
	"PROJECT":      {"AWAITING_OWNER_PAYMENT", "AWAITING_OWNER_PAYMENT", "CASH_SHORT", "ACCEPTANCE_PENDING", "CONTRACT_TERMS"},
	"DISTRIBUTOR":  {"CASH_SHORT", "STATEMENT_MISMATCH", "TRIANGULAR_DEBT", "SLOW_SALES"},
	"MANUFACTURER": {"CASH_SHORT", "QUALITY_CLAIM", "STATEMENT_MISMATCH", "APPROVAL_PENDING"},
	"RETAIL":       {"STATEMENT_MISMATCH", "DEDUCTION_CLAIM", "APPROVAL_PENDING"},
	"GOVERNMENT":   {"BUDGET_YEAR_END", "APPROVAL_PENDING", "APPROVAL_PENDING"},
}

// talk is what comes of a call or meeting that took place: where something is
// overdue, a promise or a reason for not paying.
func (s *simulation) talk(x *visit) {
	if x.outcome != "COMPLETED" {
		return
	}
	x.agreed = s.r.chance(0.3)
	if s.today <= x.customer.promised {
		return // its word is awaited
	}
	parts := s.overdueParts(x.customer)
	if len(parts) == 0 {
		return
	}
	x.agreed = s.r.chance(0.58)
	if !x.agreed {
		x.refusal = pick(s.r, refusals[x.customer.segment])
		return
	}
	if s.r.chance(0.88) {
		s.promise(x, parts)
	}
}

// overdueParts lists a customer's undisputed instalments that are overdue by more
// than the days that nobody mentions.
func (s *simulation) overdueParts(k *customer) []*instalment {
	var parts []*instalment
	for _, v := range k.openInvoices() {
		for _, p := range v.parts {
			if v.disputed == nil && p.open > 0 && p.due < s.today-5 {
				parts = append(parts, p)
			}
		}
	}
	return parts
}

// promise takes down a promise to pay, and makes up the customer's mind about
// keeping it: in full, in part or not at all.
func (s *simulation) promise(x *visit, parts []*instalment) {
	k := x.customer
	m := &promise{id: len(s.c.promises) + 1, visit: x, customer: k, currency: k.currency, made: x.begins.date(), due: nextWorkday(s.today + s.r.days(4, 12))}
	if s.r.chance(0.4) {
		first := parts[0].invoice
		m.invoice = first
		n := 0
		for n < len(parts) && parts[n].invoice == first {
			n++
		}
		parts = parts[:n]
	}
	for _, p := range parts {
		m.amount += p.open
	}
	x.promise = m
	k.promised = m.due
	s.c.promises = append(s.c.promises, m)
	reliable := manners[k.manner].keeps*math.Pow(k.ownerOn(s.today).effect, -0.25) - 0.4*k.trouble(s.today)
	switch y := s.r.unit(); {
	case k.stops != 0 && m.due >= k.stops:
		m.fate = "broken"
	case y < min(max(reliable, 0.2), 0.92):
		m.fate = "kept"
		for _, p := range parts {
			s.plan(p, max(m.due-s.r.days(0, 2), s.today+1))
		}
	case y < 0.95 && len(parts) > 1:
		m.fate = "partly"
		for i, p := range parts {
			if i%2 == 0 {
				s.plan(p, max(m.due-1, s.today+1))
			} else {
				s.plan(p, m.due+s.r.days(4, 7+6*int(k.manner)))
			}
		}
	default:
		m.fate = "broken"
		for _, p := range parts {
			s.plan(p, max(p.pays, m.due+s.r.days(3, 7+8*int(k.manner))))
		}
	}
}
