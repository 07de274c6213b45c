package demo

// Every system of record has some records that nobody can use: imported by hand,
// or typed into fields that take any text. They are in no books, neither in the
// payment ledger nor in the control accounts.

// misentered are invoices that came by a spreadsheet import some weeks before
// Today: one in a currency that is none, one of a day that never was.
func (c *Company) misentered() []*invoice {
	if !c.options.Mistakes {
		return nil
	}
	var list []*invoice
	for n, x := range []struct{ name, currency, day string }{
		{"ACC-SINV-IMP-00017", "人民币", ""},
		{"ACC-SINV-IMP-00018", "CNY", "2026-02-30"},
	} {
		k, day := c.customers[n], c.options.Today-24
		v := &invoice{name: x.name, firm: k.firm, customer: k, posting: day, due: day + 30, entered: day, currency: x.currency, net: 48_000_00, gross: 48_000_00,
			rate: 1_000_000, terms: k.terms, docstatus: submitted, status: "Unpaid", open: 48_000_00, misdated: x.day, editor: "import@haiyue.example"}
		v.touch(at(day, 16*hour) + stamp(n)*second)
		list = append(list, v)
	}
	return list
}

// misfiled is a dispute whose amount is told in words.
func (c *Company) misfiled() []*dispute {
	if !c.options.Mistakes || len(c.disputes) == 0 {
		return nil
	}
	first := c.disputes[0]
	d := &dispute{number: 90_001, invoice: first.invoice, opened: c.options.Today - 17, reason: "PRICE", department: "Sales", inWords: "about 30k, see e-mail"}
	d.touch(at(d.opened, 11*hour))
	return []*dispute{d}
}
