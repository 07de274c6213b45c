package demo

import "fmt"

func (c *Company) addCash(add func(*doctype)) {
	add(declare("Payment Entry", c.payments, func(p *payment) standard {
		return standard{name: p.name, touched: p.touched, docstatus: p.docstatus}
	},
		field[*payment]{"payment_type", func(p *payment) value {
			if p.refund {
				return str("Pay")
			}
			return str("Receive")
		}},
		field[*payment]{"party_type", func(*payment) value { return str("Customer") }},
		field[*payment]{"party", func(p *payment) value { return str(p.customer.name) }},
		field[*payment]{"party_name", func(p *payment) value { return str(p.customer.title) }},
		field[*payment]{"company", func(p *payment) value { return str(p.firm.name) }},
		field[*payment]{"posting_date", func(p *payment) value { return onDate(p.posting) }},
		field[*payment]{"reference_date", func(p *payment) value { return onDate(p.posting) }},
		field[*payment]{"reference_no", func(p *payment) value { return str(p.bank) }},
		field[*payment]{"mode_of_payment", func(p *payment) value { return str(p.method) }},
		field[*payment]{"paid_from", func(p *payment) value { return p.accounts(true) }},
		field[*payment]{"paid_to", func(p *payment) value { return p.accounts(false) }},
		field[*payment]{"paid_from_account_currency", func(p *payment) value { return str(p.currency) }},
		field[*payment]{"paid_to_account_currency", func(p *payment) value { return str(p.currency) }},
		field[*payment]{"paid_amount", func(p *payment) value { return amt(p.amount) }},
		field[*payment]{"received_amount", func(p *payment) value { return amt(p.amount) }},
		field[*payment]{"base_paid_amount", func(p *payment) value { return amt(convert(p.amount, p.rate)) }},
		field[*payment]{"base_received_amount", func(p *payment) value { return amt(convert(p.amount, p.rate)) }},
		field[*payment]{"source_exchange_rate", func(p *payment) value { return frac(p.rate) }},
		field[*payment]{"target_exchange_rate", func(p *payment) value { return frac(p.rate) }},
		field[*payment]{"total_allocated_amount", func(p *payment) value {
			if p.refund {
				return amt(0)
			}
			return amt(p.amount + p.discount - p.unapplied)
		}},
		field[*payment]{"unallocated_amount", func(p *payment) value { return amt(p.unapplied) }},
		field[*payment]{"difference_amount", func(*payment) value { return amt(0) }},
		field[*payment]{"status", func(p *payment) value {
			return str(map[int]string{submitted: "Submitted", cancelled: "Cancelled"}[p.docstatus])
		}},
	).blank("remarks", "cost_center", "bank_account", "clearance_date", "project", "amended_from", "title"))

	type reference struct {
		p    *payment
		line *application
		idx  int
	}
	var references []reference
	var deductions []*payment
	for _, p := range c.payments {
		for i, line := range p.lines {
			references = append(references, reference{p, line, i + 1})
		}
		if p.discount != 0 {
			deductions = append(deductions, p)
		}
	}
	add(declare("Payment Entry Reference", references, func(r reference) standard {
		return standard{r.line.hash, touched{r.line.created, r.p.modified}, r.p.docstatus, r.idx, r.p.name, "Payment Entry", "references"}
	},
		field[reference]{"reference_doctype", func(reference) value { return str("Sales Invoice") }},
		field[reference]{"reference_name", func(r reference) value { return str(r.line.invoice.name) }},
		field[reference]{"due_date", func(r reference) value { return onDate(r.line.invoice.dueAtFirst()) }},
		field[reference]{"total_amount", func(r reference) value { return amt(r.line.total) }},
		field[reference]{"outstanding_amount", func(r reference) value { return amt(r.line.left + r.line.amount) }},
		field[reference]{"allocated_amount", func(r reference) value { return amt(r.line.amount) }},
		field[reference]{"exchange_rate", func(r reference) value { return frac(r.line.invoice.rate) }},
		field[reference]{"exchange_gain_loss", func(r reference) value {
			return amt(convert(r.line.amount, r.p.rate) - convert(r.line.amount, r.line.invoice.rate))
		}},
		field[reference]{"account", func(r reference) value { return debtors(r.p.currency, r.p.firm) }},
	).blank("payment_term", "bill_no", "payment_request"))
	add(declare("Payment Entry Deduction", deductions, func(p *payment) standard {
		return standard{"pd" + p.name, p.touched, p.docstatus, 1, p.name, "Payment Entry", "deductions"}
	},
		field[*payment]{"account", func(p *payment) value {
			if p.small {
				return str("Write Off - " + p.firm.abbr)
			}
			return str(discountAccount(p.firm))
		}},
		field[*payment]{"amount", func(p *payment) value { return amt(p.discount) }},
		field[*payment]{"cost_center", func(p *payment) value { return str("Main - " + p.firm.abbr) }},
	).blank("description", "is_exchange_gain_loss"))
}

func discountAccount(f *firm) string { return "Cash Discount - " + f.abbr }

func (p *payment) accounts(from bool) value {
	if from != p.refund {
		return debtors(p.currency, p.firm)
	}
	return str("Bank " + p.currency + " - " + p.firm.abbr)
}

func (c *Company) addLedger(add func(*doctype)) {
	add(declare("Journal Entry", c.journals, func(j *journal) standard {
		return standard{name: j.name, touched: j.touched, docstatus: j.docstatus}
	},
		field[*journal]{"voucher_type", func(j *journal) value { return str(j.kind) }},
		field[*journal]{"company", func(j *journal) value { return str(j.firm.name) }},
		field[*journal]{"posting_date", func(j *journal) value { return onDate(j.posting) }},
		field[*journal]{"user_remark", func(j *journal) value { return str(j.remark) }},
		field[*journal]{"title", func(j *journal) value { return str(j.remark) }},
		field[*journal]{"total_debit", func(j *journal) value { return amt(j.total()) }},
		field[*journal]{"total_credit", func(j *journal) value { return amt(j.total()) }},
		field[*journal]{"multi_currency", func(j *journal) value { return yes(j.currency != j.firm.base) }},
		field[*journal]{"is_opening", func(*journal) value { return str("No") }},
	).blank("cheque_no", "cheque_date", "remark", "bill_no", "amended_from", "finance_book"))

	type line struct {
		j   *journal
		l   *journalLine
		idx int
	}
	var lines []line
	for _, j := range c.journals {
		for i := range j.lines {
			lines = append(lines, line{j, &j.lines[i], i + 1})
		}
	}
	side := func(sign Cents, base bool) func(line) value {
		return func(l line) value {
			x := max(l.l.amount*sign, 0)
			if base {
				x = convert(x, l.j.rate)
			}
			return amt(x)
		}
	}
	add(declare("Journal Entry Account", lines, func(l line) standard {
		return standard{l.l.hash, l.j.touched, l.j.docstatus, l.idx, l.j.name, "Journal Entry", "accounts"}
	},
		field[line]{"account", func(l line) value {
			if l.l.customer != nil {
				return debtors(l.j.currency, l.j.firm)
			}
			return str(l.l.account + " - " + l.j.firm.abbr)
		}},
		field[line]{"account_type", func(l line) value {
			if l.l.customer != nil {
				return str("Receivable")
			}
			return value{}
		}},
		field[line]{"party_type", func(l line) value {
			if l.l.customer != nil {
				return str("Customer")
			}
			return value{}
		}},
		field[line]{"party", func(l line) value {
			if l.l.customer != nil {
				return str(l.l.customer.name)
			}
			return value{}
		}},
		field[line]{"reference_type", func(l line) value {
			if l.l.against == nil {
				return value{}
			}
			return str(l.l.against.doctype())
		}},
		field[line]{"reference_name", func(l line) value {
			if l.l.against == nil {
				return value{}
			}
			return str(l.l.against.number())
		}},
		field[line]{"account_currency", func(l line) value { return str(l.j.currency) }},
		field[line]{"exchange_rate", func(l line) value { return frac(l.j.rate) }},
		field[line]{"debit_in_account_currency", side(1, false)},
		field[line]{"credit_in_account_currency", side(-1, false)},
		field[line]{"debit", side(1, true)},
		field[line]{"credit", side(-1, true)},
	).blank("cost_center", "project", "user_remark", "against_account", "is_advance"))

	entries := make([]*entry, 0, len(c.entries))
	for _, e := range c.entries {
		if e != nil {
			entries = append(entries, e)
		}
	}
	add(declare("Payment Ledger Entry", entries, func(e *entry) standard {
		return standard{name: e.hash, touched: e.touched, docstatus: submitted}
	},
		field[*entry]{"posting_date", func(e *entry) value { return onDate(e.posting) }},
		field[*entry]{"due_date", func(e *entry) value { return onDate(e.due) }},
		field[*entry]{"company", func(e *entry) value { return str(e.firm.name) }},
		field[*entry]{"account_type", func(*entry) value { return str("Receivable") }},
		field[*entry]{"account", func(e *entry) value { return debtors(e.currency, e.firm) }},
		field[*entry]{"account_currency", func(e *entry) value { return str(e.currency) }},
		field[*entry]{"party_type", func(*entry) value { return str("Customer") }},
		field[*entry]{"party", func(e *entry) value { return str(e.customer.name) }},
		field[*entry]{"voucher_type", func(e *entry) value { return str(e.voucher.doctype()) }},
		field[*entry]{"voucher_no", func(e *entry) value { return str(e.voucher.number()) }},
		field[*entry]{"voucher_detail_no", func(e *entry) value { return str(e.detail) }},
		field[*entry]{"against_voucher_type", func(e *entry) value { return str(e.target.doctype()) }},
		field[*entry]{"against_voucher_no", func(e *entry) value { return str(e.target.number()) }},
		field[*entry]{"amount", func(e *entry) value { return amt(e.base) }},
		field[*entry]{"amount_in_account_currency", func(e *entry) value { return amt(e.amount) }},
		field[*entry]{"delinked", func(e *entry) value { return yes(e.delinked) }},
	).blank("cost_center", "finance_book", "remarks"))
}

func (j *journal) total() Cents {
	var sum Cents
	for _, l := range j.lines {
		sum += max(l.amount, 0)
	}
	return sum
}

// addCustom adds what this site has beyond ERPNext: targets in a DocType of
// its own, disputes as Issues with custom fields, and what was deleted.
func (c *Company) addCustom(add func(*doctype)) {
	add(declare("Collection Target", c.targets, func(t target) standard {
		at := at(max(t.month, c.start), 8*hour) + stamp(t.rep.id)*second
		return standard{name: fmt.Sprintf("CT-%s-%s", t.month.String()[:7], t.rep.code()), touched: touched{at, at}}
	},
		field[target]{"sales_person", func(t target) value { return str(t.rep.code()) }},
		field[target]{"month", func(t target) value { return onDate(t.month) }},
		field[target]{"basis", func(target) value { return str("collected") }},
		field[target]{"amount", func(t target) value { return amt(t.amount) }},
		field[target]{"currency", func(t target) value { return str(t.rep.firm.base) }}))

	add(declare("Issue", append(c.disputes[:len(c.disputes):len(c.disputes)], c.misfiled()...), func(d *dispute) standard {
		return standard{name: fmt.Sprintf("ISS-%d-%05d", d.opened.Time().Year(), d.number), touched: d.touched}
	},
		field[*dispute]{"subject", func(d *dispute) value { return str(d.reason + " " + d.invoice.name) }},
		field[*dispute]{"customer", func(d *dispute) value { return str(d.invoice.customer.name) }},
		field[*dispute]{"company", func(d *dispute) value { return str(d.invoice.firm.name) }},
		field[*dispute]{"status", func(d *dispute) value {
			if d.closed != 0 {
				return str("Closed")
			}
			return str("Open")
		}},
		field[*dispute]{"opening_date", func(d *dispute) value { return onDate(d.opened) }},
		field[*dispute]{"custom_sales_invoice", func(d *dispute) value { return str(d.invoice.name) }},
		field[*dispute]{"custom_closed_on", func(d *dispute) value { return onDate(d.closed) }},
		field[*dispute]{"custom_disputed_amount", func(d *dispute) value {
			if d.inWords != "" {
				return str(d.inWords)
			}
			return amt(d.amount)
		}},
		field[*dispute]{"custom_dispute_reason", func(d *dispute) value { return str(d.reason) }},
		field[*dispute]{"custom_department", func(d *dispute) value { return str(d.department) }},
		field[*dispute]{"custom_outcome", func(d *dispute) value { return str(d.outcome) }},
		field[*dispute]{"custom_credit_note", func(d *dispute) value { return linkTo(d.credit) }},
	).blank("resolution_details", "issue_type", "priority", "description"))

	var deleted []*invoice
	for _, v := range c.invoices {
		if v.deleted {
			deleted = append(deleted, v)
		}
	}
	add(declare("Deleted Document", deleted, func(v *invoice) standard {
		return standard{name: "dd" + v.hash, touched: touched{v.modified, v.modified}}
	},
		field[*invoice]{"deleted_doctype", func(*invoice) value { return str("Sales Invoice") }},
		field[*invoice]{"deleted_name", func(v *invoice) value { return str(v.name) }},
		field[*invoice]{"restored", func(*invoice) value { return num(0) }},
	).blank("new_name", "gcalendar_sync"))
}
