package load

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// instalment, split and dispute hang on one invoice.
type instalment struct {
	seq, amount int64
	of          documentRef
	due         int32
}

type split struct {
	share decimal128.Num
	of    documentRef
	rep   uint32 // in names
}

type dispute struct {
	id             text
	amount         int64
	of             documentRef
	opened, closed int32
	reason         uint32 // in names
	outcome        uint32
}

func (m *memoryLedger) addInstalments(c *columns) error {
	source, invoice, seq, due, amount := c.text("source"), c.text("invoice_id"), c.number("seq"), c.day("due_date"), c.number("amount")
	if c.err != nil {
		return c.err
	}
	sources := m.sources(source)
	for i, of := range m.find(invoiceSide, sources, invoice) {
		if err := m.addInstalment(instalment{seq.at(i), amount.at(i), of, due.at(i)}, sources[i], invoice.at(i)); err != nil {
			return err
		}
	}
	return nil
}

// addInstalment adds one whose invoice has been looked for.
func (m *memoryLedger) addInstalment(n instalment, source uint32, invoice string) (err error) {
	if n.of != noDocument {
		m.instalments = append(m.instalments, n)
		return nil
	}
	_, err = m.orphan(source, "instalment", invoice+"/"+strconv.FormatInt(n.seq, 10), invoiceSide, invoice, n.amount)
	return err
}

func (m *memoryLedger) addSplits(c *columns) error {
	source, invoice, rep, share := c.text("source"), c.text("invoice_id"), c.text("rep_id"), c.rate("share")
	if c.err != nil {
		return c.err
	}
	sources := m.sources(source)
	ofCredit := m.find(creditSide, sources, invoice) // a credit note may name its reps too
	for i, of := range m.find(invoiceSide, sources, invoice) {
		if of != noDocument {
			m.splits = append(m.splits, split{share.at(i), of, m.names.number(rep.at(i))})
			continue
		}
		if ofCredit[i] != noDocument {
			m.creditSplits = true
			continue
		}
		id := invoice.at(i)
		if _, err := m.orphan(sources[i], "split", id+"/"+rep.at(i), invoiceSide, id, noNumber); err != nil {
			return err
		}
	}
	return nil
}

func (m *memoryLedger) addDisputes(c *columns) error {
	source, invoice, id, reason := c.text("source"), c.text("invoice_id"), c.text("dispute_id"), c.text("reason")
	outcome := c.text("outcome")
	opened, closed, amount := c.day("opened_on"), c.day("closed_on"), c.number("disputed_amount")
	if c.err != nil {
		return c.err
	}
	sources := m.sources(source)
	for i, of := range m.find(invoiceSide, sources, invoice) {
		d := dispute{noText, amount.at(i), of, opened.at(i), closed.at(i), noName, noName}
		if !reason.null(i) {
			d.reason = m.names.number(reason.at(i))
		}
		if !outcome.null(i) {
			d.outcome = m.names.number(outcome.at(i))
		}
		if err := m.addDispute(d, sources[i], id.at(i), invoice.at(i)); err != nil {
			return err
		}
	}
	return nil
}

// addDispute adds one whose invoice has been looked for.
func (m *memoryLedger) addDispute(d dispute, source uint32, id, invoice string) (err error) {
	if d.of == noDocument {
		_, err = m.orphan(source, "dispute", id, invoiceSide, invoice, d.amount)
		return err
	}
	if d.id, err = add(&m.refTexts, id); err == nil {
		m.disputes = append(m.disputes, d)
	}
	return err
}

// sources numbers the sources of a batch.
func (m *memoryLedger) sources(of textColumn) []uint32 {
	out := make([]uint32, of.a.Len())
	for i := range out {
		out[i] = m.names.number(of.at(i))
	}
	return out
}

// byDocument sorts rows in the order of their invoices.
func byDocument[T any](rows []T, of func(*T) documentRef, then func(a, b *T) int) {
	slices.SortFunc(rows, func(a, b T) int {
		if x, y := of(&a), of(&b); x != y {
			return cmp.Compare(x, y)
		}
		return then(&a, &b)
	})
}

// writeInvoice writes customer_id, source and item_id.
func (m *memoryLedger) writeInvoice(w *rowWriter, ref documentRef) {
	d := &m.documents[ref]
	w.text(m.customers.list[d.customer])
	w.text(m.labels.list[d.label].source)
	w.bytes(m.texts.at(d.id))
}

func (m *memoryLedger) writeInstalments(w *rowWriter) {
	byDocument(m.instalments, func(n *instalment) documentRef { return n.of }, func(a, b *instalment) int { return cmp.Compare(a.seq, b.seq) })
	for i := range m.instalments {
		n := &m.instalments[i]
		if !m.wanted(n.of) {
			continue
		}
		m.writeInvoice(w, n.of)
		w.number(n.seq)
		w.day(n.due)
		w.decimal(n.amount)
		if !w.next() {
			return
		}
	}
}

func (m *memoryLedger) writeSplits(w *rowWriter) {
	byDocument(m.splits, func(s *split) documentRef { return s.of },
		func(a, b *split) int { return strings.Compare(m.names.list[a.rep], m.names.list[b.rep]) })
	for i := range m.splits {
		s := &m.splits[i]
		if !m.wanted(s.of) {
			continue
		}
		m.writeInvoice(w, s.of)
		w.text(m.names.list[s.rep])
		w.exact(s.share)
		if !w.next() {
			return
		}
	}
}

func (m *memoryLedger) writeDisputes(w *rowWriter) {
	byDocument(m.disputes, func(d *dispute) documentRef { return d.of },
		func(a, b *dispute) int { return bytes.Compare(m.refTexts.at(a.id), m.refTexts.at(b.id)) })
	for i := range m.disputes {
		d := &m.disputes[i]
		if !m.wanted(d.of) {
			continue
		}
		m.writeInvoice(w, d.of)
		w.bytes(m.refTexts.at(d.id))
		w.day(d.opened)
		w.day(d.closed)
		w.decimal(d.amount)
		w.label(m.names, d.reason)
		w.label(m.names, d.outcome)
		if !w.next() {
			return
		}
	}
}

// orphan is a row whose document is unknown.
type orphan struct {
	id, missing text
	amount      int64
	source      uint32
	side        side
	kind        string
}

// orphan notes one and returns where the identifier of the missing document is kept.
func (m *memoryLedger) orphan(source uint32, kind, id string, s side, missing string, amount int64) (text, error) {
	at, err := add(&m.refTexts, id)
	if err != nil {
		return noText, err
	}
	missingAt, err := add(&m.refTexts, missing)
	if err != nil {
		return noText, err
	}
	m.orphans = append(m.orphans, orphan{at, missingAt, amount, source, s, kind})
	return missingAt, nil
}

func (m *memoryLedger) writeOrphans(w *rowWriter) {
	slices.SortFunc(m.orphans, func(a, b orphan) int {
		return cmp.Or(strings.Compare(m.names.list[a.source], m.names.list[b.source]), strings.Compare(a.kind, b.kind),
			bytes.Compare(m.refTexts.at(a.id), m.refTexts.at(b.id)), int(a.side)-int(b.side))
	})
	for i := range m.orphans {
		o := &m.orphans[i]
		w.text(m.names.list[o.source])
		w.text(o.kind)
		w.bytes(m.refTexts.at(o.id))
		w.text(sideNames[o.side])
		w.bytes(m.refTexts.at(o.missing))
		w.decimal(o.amount)
		if !w.next() {
			return
		}
	}
}
