package load

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"huikuan/transform/ledger"
)

// referringQueries read what names documents, in the order of the readers in
// readReferring.
var referringQueries = []query{
	{"allocations", `
SELECT source, allocation_id AS application_id, invoice_id, payment_id AS other_id, application_date, reinterpretAsInt64(amount) AS amount,
    reinterpretAsInt64(discount_amount) AS discount_amount, instalment_seq, reversal_of, _loaded_at AS recorded_at
FROM allocations`},
	{"credit_allocations", `
SELECT source, credit_allocation_id AS application_id, invoice_id, credit_note_id AS other_id, application_date, reinterpretAsInt64(amount) AS amount,
    instalment_seq, reversal_of, _loaded_at AS recorded_at
FROM credit_allocations`},
	{"write_offs", `
SELECT source, write_off_id AS application_id, invoice_id, write_off_date AS application_date, reinterpretAsInt64(amount) AS amount,
    if(write_off_type = '', 'bad_debt', write_off_type) AS write_off_type, _loaded_at AS recorded_at
FROM write_offs`},
	{"instalments", "SELECT source, invoice_id, seq, due_date, reinterpretAsInt64(amount) AS amount FROM instalments"},
	{"invoice_rep_splits", "SELECT source, invoice_id, rep_id, share FROM invoice_rep_splits"},
	{"disputes", "SELECT source, invoice_id, dispute_id, opened_on, closed_on, reinterpretAsInt64(disputed_amount) AS disputed_amount, reason FROM disputes"},
}

// application is an allocation, a credit allocation or a write-off.
type application struct {
	id, reversal, missing text // missing: identifier of the side that is unknown
	amount, discount      int64
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

func (m *memoryLedger) readReferring(ctx context.Context, rows *rowCounts) error {
	readers := []func(c *columns) error{
		func(c *columns) error { return m.addApplications(alloc, c) },
		func(c *columns) error { return m.addApplications(creditAlloc, c) },
		func(c *columns) error { return m.addApplications(writeOff, c) },
		m.addInstalments, m.addSplits, m.addDisputes,
	}
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
	reversal, writeOffType, recorded := c.text("reversal_of"), c.text("write_off_type"), c.instant("recorded_at")
	if c.err != nil {
		return c.err
	}
	sources := m.sources(source)
	ofInvoice, ofOther := m.find(invoiceSide, sources, invoice), []documentRef(nil)
	if k != writeOff {
		ofOther = m.find(counterSide[k], sources, other)
	}
	for i := range c.rows() {
		a := application{amount: amount.at(i), discount: discount.at(i), seq: seq.at(i), recorded: recorded.at(i), date: date.at(i), kind: k,
			source: sources[i], writeOff: noName, reversal: noText, missing: noText, invoice: ofInvoice[i], other: noDocument}
		var err error
		if a.id, err = add(&m.refTexts, id.at(i)); err != nil {
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
			if a.missing, err = m.orphan(a.source, kindNames[k], id.at(i), invoiceSide, invoice.at(i), a.amount); err != nil {
				return err
			}
		}
		if k != writeOff {
			if a.other = ofOther[i]; a.other == noDocument {
				if a.missing, err = m.orphan(a.source, kindNames[k], id.at(i), counterSide[k], other.at(i), a.amount); err != nil {
					return err
				}
			}
		}
		if a.invoice != noDocument || a.other != noDocument {
			m.applications = append(m.applications, a)
		}
	}
	return nil
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
	w.number(a.seq)
	if counter != noDocument {
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
}

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
}

func (m *memoryLedger) addInstalments(c *columns) error {
	source, invoice, seq, due, amount := c.text("source"), c.text("invoice_id"), c.number("seq"), c.day("due_date"), c.number("amount")
	if c.err != nil {
		return c.err
	}
	sources := m.sources(source)
	for i, of := range m.find(invoiceSide, sources, invoice) {
		if of != noDocument {
			m.instalments = append(m.instalments, instalment{seq.at(i), amount.at(i), of, due.at(i)})
			continue
		}
		id := invoice.at(i)
		if _, err := m.orphan(sources[i], "instalment", id+"/"+strconv.FormatInt(seq.at(i), 10), invoiceSide, id, amount.at(i)); err != nil {
			return err
		}
	}
	return nil
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
	opened, closed, amount := c.day("opened_on"), c.day("closed_on"), c.number("disputed_amount")
	if c.err != nil {
		return c.err
	}
	sources := m.sources(source)
	for i, of := range m.find(invoiceSide, sources, invoice) {
		if of == noDocument {
			if _, err := m.orphan(sources[i], "dispute", id.at(i), invoiceSide, invoice.at(i), amount.at(i)); err != nil {
				return err
			}
			continue
		}
		at, err := add(&m.refTexts, id.at(i))
		if err != nil {
			return err
		}
		d := dispute{at, amount.at(i), of, opened.at(i), closed.at(i), noName}
		if !reason.null(i) {
			d.reason = m.names.number(reason.at(i))
		}
		m.disputes = append(m.disputes, d)
	}
	return nil
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
		m.writeInvoice(w, d.of)
		w.bytes(m.refTexts.at(d.id))
		w.day(d.opened)
		w.day(d.closed)
		w.decimal(d.amount)
		w.label(m.names, d.reason)
		if !w.next() {
			return
		}
	}
}
