package load

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/ledger"
)

// referringQueries read what names documents, in the order of the readers in
// readReferring.
var referringQueries = []query{
	{"allocations", `
SELECT source, allocation_id AS application_id, invoice_id, payment_id AS other_id, application_date, reinterpretAsInt64(amount) AS amount,
    reinterpretAsInt64(discount_amount) AS discount_amount, reinterpretAsInt64(payment_amount) AS counter_amount, instalment_seq, reversal_of, ifNull(created_at, _loaded_at) AS recorded_at
FROM allocations`},
	{"credit_allocations", `
SELECT source, credit_allocation_id AS application_id, invoice_id, credit_note_id AS other_id, application_date, reinterpretAsInt64(amount) AS amount,
    reinterpretAsInt64(credit_amount) AS counter_amount, instalment_seq, reversal_of, ifNull(created_at, _loaded_at) AS recorded_at
FROM credit_allocations`},
	{"write_offs", `
SELECT source, write_off_id AS application_id, invoice_id, write_off_date AS application_date, reinterpretAsInt64(amount) AS amount,
    if(write_off_type = '', 'bad_debt', write_off_type) AS write_off_type, ifNull(created_at, _loaded_at) AS recorded_at
FROM write_offs`},
	{"instalments", "SELECT source, invoice_id, seq, due_date, reinterpretAsInt64(amount) AS amount FROM instalments"},
	{"invoice_rep_splits", "SELECT source, invoice_id, rep_id, share FROM invoice_rep_splits"},
	{"disputes", "SELECT source, invoice_id, dispute_id, opened_on, closed_on, reinterpretAsInt64(disputed_amount) AS disputed_amount, reason, outcome FROM disputes"},
}

// application is an allocation, a credit allocation or a write-off.
type application struct {
	id, reversal, missing text // missing: identifier of the side that is unknown
	amount, discount      int64
	counter               int64 // amount in the currency of the other side
	seq, recorded         int64
	invoice, other        documentRef
	source, writeOff      uint32 // in names
	date                  int32
	kind                  kind
}

// kind is one of the three applications, in the order of their names.
type kind uint8

const (
	alloc kind = iota
	creditAlloc
	writeOff
)

var kindNames = []string{ledger.KindAlloc, ledger.KindCreditAlloc, ledger.KindWriteOff}

// counterSide is where the other document of an application stands.
var counterSide = []side{alloc: paymentSide, creditAlloc: creditSide, writeOff: sides}

// referringReaders take the batches of referringQueries.
func (m *memoryLedger) referringReaders() []func(c *columns) error {
	return []func(c *columns) error{
		func(c *columns) error { return m.addApplications(alloc, c) },
		func(c *columns) error { return m.addApplications(creditAlloc, c) },
		func(c *columns) error { return m.addApplications(writeOff, c) },
		m.addInstalments, m.addSplits, m.addDisputes,
	}
}

func (m *memoryLedger) readReferring(ctx context.Context, rows *rowCounts) error {
	readers := m.referringReaders()
	sql := make([]string, len(readers))
	for i, n := range rows.referring {
		if n > 0 {
			sql[i] = referringQueries[i].sql
		}
	}
	m.applications = make([]application, 0, rows.referring[0]+rows.referring[1]+rows.referring[2])
	return m.w.readAll(ctx, sql, func(i int, rec arrow.Record) error { return readers[i](&columns{rec: rec}) })
}

func (m *memoryLedger) addApplications(k kind, c *columns) error {
	source, id, invoice, other := c.text("source"), c.text("application_id"), c.text("invoice_id"), c.text("other_id")
	date, amount, discount, seq := c.day("application_date"), c.number("amount"), c.number("discount_amount"), c.number("instalment_seq")
	counter := c.number("counter_amount")
	reversal, writeOffType, recorded := c.text("reversal_of"), c.text("write_off_type"), c.instant("recorded_at")
	if c.err != nil {
		return c.err
	}
	sources := m.sources(source)
	ofInvoice, ofOther := m.find(invoiceSide, sources, invoice), []documentRef(nil)
	if k != writeOff {
		ofOther = m.find(counterSide[k], sources, other)
	}
	seen := m.seen[referringQueries[k].table]
	for i := range c.rows() {
		a := application{amount: amount.at(i), discount: discount.at(i), counter: counter.at(i), seq: seq.at(i), recorded: seen.earlier(source.at(i), id.at(i), recorded.at(i)), date: date.at(i), kind: k,
			source: sources[i], writeOff: noName, reversal: noText, missing: noText, invoice: ofInvoice[i], other: noDocument}
		named := ""
		if k != writeOff {
			a.other, named = ofOther[i], other.at(i)
		}
		if err := m.addApplication(a, id.at(i), invoice.at(i), named, reversal, writeOffType, i); err != nil {
			return err
		}
	}
	return nil
}

// addApplication adds an application whose documents have been looked for:
// invoice and other are their identifiers. Two more texts are in row i of a batch.
func (m *memoryLedger) addApplication(a application, id, invoice, other string, reversal, writeOffType textColumn, i int) (err error) {
	if a.id, err = add(&m.refTexts, id); err != nil {
		return err
	}
	if !reversal.null(i) {
		if a.reversal, err = add(&m.refTexts, reversal.at(i)); err != nil {
			return err
		}
	}
	if !writeOffType.null(i) {
		a.writeOff = m.names.number(writeOffType.at(i))
	}
	if a.invoice == noDocument {
		if a.missing, err = m.orphan(a.source, kindNames[a.kind], id, invoiceSide, invoice, a.amount); err != nil {
			return err
		}
	}
	if a.kind != writeOff && a.other == noDocument {
		if a.missing, err = m.orphan(a.source, kindNames[a.kind], id, counterSide[a.kind], other, a.amount); err != nil {
			return err
		}
	}
	if a.invoice != noDocument || a.other != noDocument {
		m.applications = append(m.applications, a)
	}
	return nil
}

// entry is an application under one of its documents: its number, and in the
// lowest bit whether that is the invoice.
type entry uint32

// sortApplications puts the applications into the order of their invoices (of
// their other documents where the invoice is unknown), so that those of a
// customer stand together.
func (m *memoryLedger) sortApplications() {
	first := func(a *application) documentRef {
		if a.invoice != noDocument {
			return a.invoice
		}
		return a.other
	}
	ends := make([]uint32, len(m.documents))
	for i := range m.applications {
		ends[first(&m.applications[i])]++
	}
	all := uint32(0)
	for i, n := range ends {
		ends[i], all = all, all+n
	}
	order := make([]uint32, all)
	for i := range m.applications {
		end := &ends[first(&m.applications[i])]
		order[*end] = uint32(i)
		*end++
	}
	sorted := make([]application, all)
	for i, from := range order {
		sorted[i] = m.applications[from]
	}
	m.applications = sorted
}

// writeApplications deals the applications out to their documents and writes
// them in the order of these.
func (m *memoryLedger) writeApplications(w *rowWriter) {
	ends := make([]uint32, len(m.documents)) // of each document: behind its last entry
	each := func(do func(end *uint32, e entry)) {
		for i := range m.applications {
			if ref := m.applications[i].invoice; ref != noDocument {
				do(&ends[ref], entry(i)<<1|1)
			}
			if ref := m.applications[i].other; ref != noDocument {
				do(&ends[ref], entry(i)<<1)
			}
		}
	}
	each(func(end *uint32, _ entry) { *end++ })
	all := uint32(0)
	for i, n := range ends {
		ends[i], all = all, all+n
	}
	entries := make([]entry, all)
	each(func(end *uint32, e entry) { entries[*end] = e; *end++ })
	from := uint32(0)
	for i, to := range ends {
		of := entries[from:to]
		from = to
		if !m.wanted(documentRef(i)) {
			continue
		}
		if len(of) > 1 {
			slices.SortFunc(of, m.compareEntries)
		}
		for _, e := range of {
			if m.writeApplication(w, &m.documents[i], e); !w.next() {
				return
			}
		}
	}
}

func (m *memoryLedger) compareEntries(a, b entry) int {
	x, y := &m.applications[a>>1], &m.applications[b>>1]
	if x.date != y.date {
		return cmp.Compare(x.date, y.date)
	}
	return cmp.Or(bytes.Compare(m.refTexts.at(x.id), m.refTexts.at(y.id)), int(x.kind)-int(y.kind))
}

func (m *memoryLedger) writeApplication(w *rowWriter, d *document, e entry) {
	a := &m.applications[e>>1]
	counter := a.other
	if e&1 == 0 {
		counter = a.invoice
	}
	w.text(m.customers.list[d.customer])
	w.text(m.labels.list[d.label].source)
	w.text(sideNames[d.side])
	w.bytes(m.texts.at(d.id))
	w.text(kindNames[a.kind])
	w.bytes(m.refTexts.at(a.id))
	w.day(a.date)
	w.decimal(a.amount)
	w.decimal(a.discount)
	w.decimal(a.counter)
	w.number(a.seq)
	known := int64(noNumber)
	if counter != noDocument {
		known = m.documents[counter].recorded
		c := &m.documents[counter]
		l := &m.labels.list[c.label]
		w.bytes(m.texts.at(c.id))
		w.text(m.customers.list[c.customer])
		w.text(l.company)
		w.day(c.date)
		w.text(l.currency)
		w.day(c.reversed)
	} else {
		w.optText(&m.refTexts, a.missing)
		w.null(5)
	}
	w.optText(&m.refTexts, a.reversal)
	w.label(m.names, a.writeOff)
	w.instant(a.recorded)
	w.instant(known)
}
