package load

import "huikuan/transform/ledger"

// The rows of the state of the last build, as a replay has read them, become rows
// in memory again. Rows that a changed one replaces are left out.

// find1 looks up one document: noDocument where there is none.
func (m *memoryLedger) find1(s side, source uint32, id string) documentRef {
	x := &m.index[s]
	at, tag := x.hash(source, id)
	for ; x.slots[at].tag != 0; at = (at + 1) & (len(x.slots) - 1) {
		if found := x.slots[at]; found.tag == tag && m.is(found.ref, source, id) {
			return found.ref
		}
	}
	return noDocument
}

func sideNamed(name string) side {
	for s := range sides {
		if sideNames[s] == name {
			return s
		}
	}
	return sides
}

// keptLabel is the label of a document of the state, as documentQueries write it.
func (m *memoryLedger) keptLabel(parts ...string) (uint32, error) {
	m.buf = m.buf[:0]
	for i, p := range parts {
		if i > 0 {
			m.buf = append(m.buf, 0)
		}
		m.buf = append(m.buf, p...)
	}
	return m.labelNumber(string(m.buf))
}

// or is a text, and \x01 for NULL.
func or(c textColumn, i int) string {
	if c.null(i) {
		return "\x01"
	}
	return c.at(i)
}

func (m *memoryLedger) addKeptDocuments(o *overlay, c *columns) error {
	customer, company, source, sides, id, kind := c.text("customer_id"), c.text("company"), c.text("source"), c.text("side"), c.text("item_id"), c.text("item_type")
	currency, rep, terms := c.text("currency"), c.text("rep_id"), c.text("terms_code")
	date, due, reversed := c.day("doc_date"), c.day("due_date"), c.day("reversed_on")
	amount, recorded := c.rate("amount"), c.instant("recorded_at")
	for i := 0; c.err == nil && i < c.rows(); i++ {
		s := sideNamed(sides.at(i))
		if o.stale(int(s), source.at(i), id.at(i)) {
			continue
		}
		label, err := m.keptLabel(source.at(i), company.at(i), currency.at(i), kind.at(i), or(rep, i), or(terms, i), "\x01")
		if err != nil {
			return err
		}
		_, err = m.addKept(s, id.at(i), document{amount: amount.number(i), recorded: recorded.at(i), side: s, customer: m.customers.number(customer.at(i)),
			label: label, date: date.at(i), due: due.at(i), reversed: reversed.at(i)})
		if err != nil {
			return err
		}
	}
	return c.err
}

// addKept adds one document.
func (m *memoryLedger) addKept(s side, id string, d document) (ref documentRef, err error) {
	if d.id, err = add(&m.texts, id); err != nil {
		return noDocument, err
	}
	l := &m.labels.list[d.label]
	d.recorded = m.seen[documentQueries[s].table].earlier(l.source, id, d.recorded)
	ref = documentRef(len(m.documents))
	m.documents = append(m.documents, d)
	m.index[s].add(l.number, id, ref)
	return ref, nil
}

func (m *memoryLedger) addKeptApplications(o *overlay, c *columns) error {
	source, sideName, item, kindName, id := c.text("source"), c.text("side"), c.text("item_id"), c.text("kind"), c.text("application_id")
	counter, customer, company, currency := c.text("counter_item_id"), c.text("counter_customer_id"), c.text("counter_company"), c.text("counter_currency")
	reversal, writeOffType := c.text("reversal_of"), c.text("write_off_type")
	date, counterDate, reversed := c.day("application_date"), c.day("counter_date"), c.day("counter_reversed_on")
	amount, discount, counterAmount := c.rate("amount"), c.rate("discount_amount"), c.rate("counter_amount")
	seq, recorded, known := c.number("instalment_seq"), c.instant("recorded_at"), c.instant("counter_recorded_at")
	for i := 0; c.err == nil && i < c.rows(); i++ {
		k := kindNamed(kindName.at(i))
		if o.stale(int(sides)+int(k), source.at(i), id.at(i)) {
			continue
		}
		ofInvoice := sideName.at(i) == ledger.SideInvoice
		if !ofInvoice && !customer.null(i) && m.some.customers[customer.at(i)] {
			continue // it comes with its invoice
		}
		a := application{amount: amount.number(i), discount: discount.number(i), counter: counterAmount.number(i), seq: seq.at(i), date: date.at(i), kind: k,
			recorded: m.seen[referringQueries[k].table].earlier(source.at(i), id.at(i), recorded.at(i)),
			source:   m.names.number(source.at(i)), writeOff: noName, reversal: noText, missing: noText, other: noDocument}
		own, invoice, other := m.find1(sideNamed(sideName.at(i)), a.source, item.at(i)), item.at(i), ""
		if k != writeOff {
			s := counterSide[k]
			if other = counter.at(i); !ofInvoice {
				s, invoice, other = invoiceSide, other, invoice
			}
			a.other = m.find1(s, a.source, counter.at(i))
			if a.other == noDocument && !customer.null(i) && !o.stale(int(s), source.at(i), counter.at(i)) { // another customer's, who is not replayed
				label, err := m.keptLabel(source.at(i), company.at(i), currency.at(i), "", "\x01", "\x01", "\x01")
				if err != nil {
					return err
				}
				a.other, err = m.addKept(s, counter.at(i), document{recorded: known.at(i), side: s, customer: m.customers.number(customer.at(i)), label: label,
					date: counterDate.at(i), due: noDay, reversed: reversed.at(i)})
				if err != nil {
					return err
				}
			}
		}
		if a.invoice = own; !ofInvoice {
			a.invoice, a.other = a.other, own
		}
		if err := m.addApplication(a, id.at(i), invoice, other, reversal, writeOffType, i); err != nil {
			return err
		}
	}
	return c.err
}

func kindNamed(name string) kind {
	for k := range kindNames {
		if kindNames[k] == name {
			return kind(k)
		}
	}
	return writeOff
}

func (m *memoryLedger) addKeptInstalments(o *overlay, c *columns) error {
	source, invoice, seq, due, amount := c.text("source"), c.text("item_id"), c.number("seq"), c.day("due_date"), c.rate("amount")
	for i := 0; c.err == nil && i < c.rows(); i++ {
		if !o.staleRow(atInstalments, source.at(i), invoice.at(i), func() string { return seqPart(seq.at(i)) }) {
			number := m.names.number(source.at(i))
			if err := m.addInstalment(instalment{seq.at(i), amount.number(i), m.find1(invoiceSide, number, invoice.at(i)), due.at(i)}, number, invoice.at(i)); err != nil {
				return err
			}
		}
	}
	return c.err
}

func (m *memoryLedger) addKeptSplits(o *overlay, c *columns) error {
	source, invoice, rep, share := c.text("source"), c.text("item_id"), c.text("rep_id"), c.rate("share")
	for i := 0; c.err == nil && i < c.rows(); i++ {
		if o.staleRow(atSplits, source.at(i), invoice.at(i), func() string { return "\x00" + rep.at(i) }) {
			continue
		}
		of := m.find1(invoiceSide, m.names.number(source.at(i)), invoice.at(i))
		if of == noDocument {
			return errFromTables{"a split has lost its invoice"}
		}
		m.splits = append(m.splits, split{share.at(i), of, m.names.number(rep.at(i))})
	}
	return c.err
}

func (m *memoryLedger) addKeptDisputes(o *overlay, c *columns) error {
	source, invoice, id, outcome := c.text("source"), c.text("item_id"), c.text("dispute_id"), c.text("outcome")
	opened, closed, amount := c.day("opened_on"), c.day("closed_on"), c.rate("disputed_amount")
	for i := 0; c.err == nil && i < c.rows(); i++ {
		if o.stale(atDisputes, source.at(i), id.at(i)) {
			continue
		}
		number := m.names.number(source.at(i))
		d := dispute{noText, amount.number(i), m.find1(invoiceSide, number, invoice.at(i)), opened.at(i), closed.at(i), noName, noName}
		if !outcome.null(i) {
			d.outcome = m.names.number(outcome.at(i))
		}
		if err := m.addDispute(d, number, id.at(i), invoice.at(i)); err != nil {
			return err
		}
	}
	return c.err
}
