package demo

import "fmt"

// groupNames are ERPNext's customer groups for the segments.
var groupNames = map[string]string{"PROJECT": "Project", "DISTRIBUTOR": "Distributor", "MANUFACTURER": "Commercial", "RETAIL": "Retail", "GOVERNMENT": "Government"}

// doctypes lays the business out as ERPNext keeps it.
func (c *Company) doctypes() map[string]*doctype {
	all := map[string]*doctype{}
	add := func(d *doctype) { all[d.name] = d }
	c.addMasters(add)
	c.addSales(add)
	c.addCash(add)
	c.addLedger(add)
	c.addCustom(add)
	c.addOffice(add)
	all["Sales Invoice"].children = map[string]string{"payment_schedule": "Payment Schedule", "sales_team": "Sales Team"}
	all["Customer"].children = map[string]string{"sales_team": "Sales Team", "credit_limits": "Customer Credit Limit"}
	all["Payment Entry"].children = map[string]string{"references": "Payment Entry Reference", "deductions": "Payment Entry Deduction"}
	all["Journal Entry"].children = map[string]string{"accounts": "Journal Entry Account"}
	for _, d := range all {
		for _, child := range d.children {
			if rows := all[child]; !rows.child { // no rows yet: it is a table of rows all the same
				rows.child = true
				rows.blank("parent", "parenttype", "parentfield")
			}
		}
	}
	return all
}

func (c *Company) addMasters(add func(*doctype)) {
	add(declare("Company", c.firms, func(f *firm) standard { return standard{name: f.name, touched: f.touched} },
		field[*firm]{"company_name", func(f *firm) value { return str(f.name) }},
		field[*firm]{"abbr", func(f *firm) value { return str(f.abbr) }},
		field[*firm]{"default_currency", func(f *firm) value { return str(f.base) }},
		field[*firm]{"country", func(f *firm) value { return str(f.country) }},
		field[*firm]{"is_group", func(*firm) value { return num(0) }},
	).blank("parent_company", "tax_id"))

	add(declare("Customer", c.customers, func(k *customer) standard { return standard{name: k.name, touched: k.touched} },
		field[*customer]{"customer_name", func(k *customer) value { return str(k.title) }},
		field[*customer]{"customer_type", func(k *customer) value { return str("Company") }},
		field[*customer]{"customer_group", func(k *customer) value { return str(groupNames[k.segment]) }},
		field[*customer]{"territory", func(k *customer) value { return str(k.region) }},
		field[*customer]{"industry", func(k *customer) value { return str(k.industry) }},
		field[*customer]{"default_currency", func(k *customer) value { return str(k.currency) }},
		field[*customer]{"payment_terms", func(k *customer) value { return str(k.terms.name) }},
		field[*customer]{"account_manager", func(k *customer) value { return str(k.ownerOn(c.end).email) }},
		field[*customer]{"tax_id", func(k *customer) value { return str(fmt.Sprintf("91%08d%05dX", k.id*7919%100_000_000, k.id)) }},
		field[*customer]{"website", func(k *customer) value { return str(k.domain) }},
		field[*customer]{"disabled", func(*customer) value { return num(0) }},
		field[*customer]{"is_frozen", func(*customer) value { return num(0) }},
		field[*customer]{"custom_ownership_type", func(k *customer) value { return str(k.ownership) }},
		field[*customer]{"custom_parent_customer", func(k *customer) value {
			if k.parent == nil {
				return value{}
			}
			return str(k.parent.name)
		}},
	).blank("market_segment", "represents_company", "lead_name", "language", "customer_details"))

	type limit struct {
		k   *customer
		f   *firm
		idx int
	}
	var limits []limit
	for _, k := range c.customers {
		limits = append(limits, limit{k, k.firm, 1})
		if k.second != nil {
			limits = append(limits, limit{k, k.second, 2})
		}
	}
	add(declare("Customer Credit Limit", limits, func(l limit) standard {
		return standard{name: fmt.Sprintf("cl%07d%d", l.k.id, l.idx), touched: l.k.touched, idx: l.idx, parent: l.k.name, parentType: "Customer", parentField: "credit_limits"}
	},
		field[limit]{"company", func(l limit) value { return str(l.f.name) }},
		field[limit]{"credit_limit", func(l limit) value { return amt(l.k.limitAt(l.f, c.rates)) }},
		field[limit]{"bypass_credit_limit_check", func(limit) value { return num(0) }}))

	add(declare("Sales Person", c.salesPeople(), func(p *rep) standard { return standard{name: p.code(), touched: p.touched} },
		field[*rep]{"sales_person_name", func(p *rep) value { return str(p.name) }},
		field[*rep]{"parent_sales_person", func(p *rep) value { return str(p.team) }},
		field[*rep]{"is_group", func(p *rep) value { return yes(p.id == 0) }},
		field[*rep]{"enabled", func(p *rep) value { return yes(p.left == 0) }},
		field[*rep]{"department", func(p *rep) value { return str("Sales") }},
	).blank("employee", "commission_rate"))

	type quote struct {
		p *pair
		d Date
	}
	var quotes []quote
	for i := range c.rates.pairs {
		p := &c.rates.pairs[i]
		for k := range p.daily {
			if d := c.rates.first + Date(k); d.weekday() != 0 && d.weekday() != 6 {
				quotes = append(quotes, quote{p, d})
			}
		}
	}
	add(declare("Currency Exchange", quotes, func(q quote) standard {
		at := at(q.d, 18*hour) + 120*second
		return standard{name: q.d.String() + "-" + q.p.from + "-" + q.p.to + "-Selling-Buying", touched: touched{at, at}}
	},
		field[quote]{"date", func(q quote) value { return onDate(q.d) }},
		field[quote]{"from_currency", func(q quote) value { return str(q.p.from) }},
		field[quote]{"to_currency", func(q quote) value { return str(q.p.to) }},
		field[quote]{"exchange_rate", func(q quote) value { return frac(q.p.daily[q.d-c.rates.first]) }},
		field[quote]{"for_buying", func(quote) value { return num(1) }},
		field[quote]{"for_selling", func(quote) value { return num(1) }}))
}

// salesPeople are the teams, which are groups in ERPNext's tree, and the reps.
func (c *Company) salesPeople() []*rep {
	var all []*rep
	for i, t := range teams {
		all = append(all, &rep{name: t.name, team: "Sales Team", touched: touched{c.reps[0].created - stamp(i+1)*second, c.reps[0].created - stamp(i+1)*second}})
	}
	return append(all, c.reps...)
}

// code is the rep's identifier in the ERP, and the local part of its e-mail
// address in the CRM.
func (p *rep) code() string {
	if p.id == 0 {
		return p.name
	}
	return fmt.Sprintf("e%d", 1000+p.id)
}

func debtors(currency string, f *firm) value {
	if currency == f.base {
		return str("Debtors - " + f.abbr)
	}
	return str("Debtors " + currency + " - " + f.abbr)
}

func (c *Company) addSales(add func(*doctype)) {
	var invoices []*invoice
	for _, v := range c.invoices {
		if !v.deleted {
			invoices = append(invoices, v)
		}
	}
	listed := append(invoices[:len(invoices):len(invoices)], c.misentered()...)
	sales := declare("Sales Invoice", listed, func(v *invoice) standard {
		return standard{name: v.name, touched: v.touched, docstatus: v.docstatus}
	},
		field[*invoice]{"customer", func(v *invoice) value { return str(v.customer.name) }},
		field[*invoice]{"customer_name", func(v *invoice) value { return str(v.customer.title) }},
		field[*invoice]{"customer_group", func(v *invoice) value { return str(groupNames[v.customer.segment]) }},
		field[*invoice]{"territory", func(v *invoice) value { return str(v.customer.region) }},
		field[*invoice]{"company", func(v *invoice) value { return str(v.firm.name) }},
		field[*invoice]{"posting_date", func(v *invoice) value {
			if v.misdated != "" {
				return str(v.misdated)
			}
			return onDate(v.posting)
		}},
		field[*invoice]{"due_date", func(v *invoice) value { return onDate(v.due) }},
		field[*invoice]{"currency", func(v *invoice) value { return str(v.currency) }},
		field[*invoice]{"party_account_currency", func(v *invoice) value { return str(v.currency) }},
		field[*invoice]{"debit_to", func(v *invoice) value { return debtors(v.currency, v.firm) }},
		field[*invoice]{"conversion_rate", func(v *invoice) value { return frac(v.rate) }},
		field[*invoice]{"total", func(v *invoice) value { return amt(v.net) }},
		field[*invoice]{"net_total", func(v *invoice) value { return amt(v.net) }},
		field[*invoice]{"total_taxes_and_charges", func(v *invoice) value { return amt(v.gross - v.net) }},
		field[*invoice]{"grand_total", func(v *invoice) value { return amt(v.gross) }},
		field[*invoice]{"base_grand_total", func(v *invoice) value { return amt(convert(v.gross, v.rate)) }},
		field[*invoice]{"base_net_total", func(v *invoice) value { return amt(convert(v.net, v.rate)) }},
		field[*invoice]{"rounded_total", func(*invoice) value { return amt(0) }},
		field[*invoice]{"base_rounded_total", func(*invoice) value { return amt(0) }},
		field[*invoice]{"disable_rounded_total", func(*invoice) value { return num(1) }},
		field[*invoice]{"outstanding_amount", func(v *invoice) value { return amt(v.open) }},
		field[*invoice]{"write_off_amount", func(*invoice) value { return amt(0) }},
		field[*invoice]{"status", func(v *invoice) value { return str(v.status) }},
		field[*invoice]{"is_return", func(v *invoice) value { return yes(v.isReturn) }},
		field[*invoice]{"is_debit_note", func(v *invoice) value { return yes(v.isDebitNote) }},
		field[*invoice]{"is_pos", func(*invoice) value { return num(0) }},
		field[*invoice]{"is_opening", func(*invoice) value { return str("No") }},
		field[*invoice]{"update_outstanding_for_self", func(v *invoice) value { return yes(v.ownCredit) }},
		field[*invoice]{"return_against", func(v *invoice) value { return linkTo(v.against) }},
		field[*invoice]{"amended_from", func(v *invoice) value { return linkTo(v.amendedFrom) }},
		field[*invoice]{"payment_terms_template", func(v *invoice) value {
			if v.terms == nil {
				return value{}
			}
			return str(v.terms.name)
		}},
		field[*invoice]{"po_no", func(v *invoice) value { return str(v.order) }},
		field[*invoice]{"remarks", func(v *invoice) value { return str(v.reason) }},
	).blank("project", "sales_partner", "tax_id", "po_date", "cost_center", "campaign", "loyalty_program")
	sales.fields["modified_by"] = func(i int) value {
		if listed[i].editor != "" {
			return str(listed[i].editor)
		}
		return str("Administrator")
	}
	add(sales)

	var parts []*instalment
	type share struct {
		parent                string
		kind                  string
		touched               touched
		docstatus, idx, share int
		rep                   *rep
		hash                  string
	}
	var shares []share
	for _, k := range c.customers {
		shares = append(shares, share{parent: k.name, kind: "Customer", touched: k.touched, idx: 1, share: 100, rep: k.ownerOn(c.end), hash: fmt.Sprintf("st%08d", k.id)})
	}
	for _, v := range invoices {
		parts = append(parts, v.parts...)
		for i, x := range v.splits {
			shares = append(shares, share{v.name, "Sales Invoice", v.touched, v.docstatus, i + 1, int(x.percent), x.rep, x.hash})
		}
	}
	add(declare("Payment Schedule", parts, func(p *instalment) standard {
		return standard{p.hash, p.invoice.touched, p.invoice.docstatus, p.seq, p.invoice.name, "Sales Invoice", "payment_schedule"}
	},
		field[*instalment]{"due_date", func(p *instalment) value { return onDate(p.due) }},
		field[*instalment]{"payment_term", func(p *instalment) value { return str(p.label) }},
		field[*instalment]{"description", func(p *instalment) value { return str(p.label) }},
		field[*instalment]{"invoice_portion", func(p *instalment) value { return frac(p.percent * 1_000_000) }},
		field[*instalment]{"payment_amount", func(p *instalment) value { return amt(p.amount) }},
		field[*instalment]{"base_payment_amount", func(p *instalment) value { return amt(convert(p.amount, p.invoice.rate)) }},
		field[*instalment]{"outstanding", func(p *instalment) value { return amt(p.open) }},
		field[*instalment]{"paid_amount", func(p *instalment) value { return amt(p.amount - p.open) }},
	).blank("discount_date", "discount_type", "discount", "discounted_amount", "mode_of_payment"))
	add(declare("Sales Team", shares, func(s share) standard {
		return standard{s.hash, s.touched, s.docstatus, s.idx, s.parent, s.kind, "sales_team"}
	},
		field[share]{"sales_person", func(s share) value { return str(s.rep.code()) }},
		field[share]{"allocated_percentage", func(s share) value { return frac(int64(s.share) * 1_000_000) }},
	).blank("contact_no", "allocated_amount", "commission_rate", "incentives"))
}

func linkTo(v *invoice) value {
	if v == nil {
		return value{}
	}
	return str(v.name)
}
