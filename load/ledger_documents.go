package load

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"sort"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/ledger"
)

// side is one kind of document in memory, in the order of the names.
type side uint8

const (
	creditSide side = iota
	invoiceSide
	paymentSide
	sides
)

var sideNames = [sides]string{ledger.SideCreditNote, ledger.SideInvoice, ledger.SidePayment}

// documentQueries read the documents of each side. What many documents have in
// common comes as one text, its parts behind one another with NUL between them
// and \x01 for NULL: a column of labels costs as much as the whole of it. Amounts
// come as integers, which cost a sixth of a decimal.
var documentQueries = [sides]query{
	creditSide: {"credit_notes", `
SELECT customer_id, credit_note_id AS item_id, credit_date AS doc_date, reinterpretAsInt64(amount) AS amount, ifNull(created_at, _loaded_at) AS recorded_at,
    concat(source, '\0', company, '\0', currency, '\0credit_note\0\x01\0\x01\0', ifNull(reason, '\x01')) AS label
FROM credit_notes`},
	invoiceSide: {"invoices", `
SELECT customer_id, invoice_id AS item_id, invoice_date AS doc_date, reinterpretAsInt64(gross_amount) AS amount, ifNull(created_at, _loaded_at) AS recorded_at, due_date,
    concat(source, '\0', company, '\0', currency, '\0', if(doc_type = 'debit_note', 'debit_note', 'invoice'), '\0', ifNull(rep_id, '\x01'), '\0', ifNull(terms_code, '\x01'), '\0\x01') AS label
FROM invoices`},
	paymentSide: {"payments", `
SELECT customer_id, payment_id AS item_id, receipt_date AS doc_date, reinterpretAsInt64(amount) AS amount, ifNull(created_at, _loaded_at) AS recorded_at, reversed_on,
    concat(source, '\0', company, '\0', currency, '\0payment\0\x01\0\x01\0\x01') AS label
FROM payments`},
}

// document is a row of a side. It holds no pointer, so that millions of them
// are nothing to the garbage collector.
type document struct {
	id                  text
	amount, recorded    int64
	customer, label     uint32 // in customers and labels
	date, due, reversed int32
	side                side
}

// documentRef is a document's place among the documents: as they were read at
// first, in their order after sortDocuments.
type documentRef uint32

const noDocument documentRef = 1<<32 - 1

// label is what documents have in common; texts are numbers in names.
type label struct {
	source, company, currency, kind, rep, terms, reason string
	hasRep, hasReason                                   bool
	number                                              uint32 // of the source
}

type labels struct {
	texts *names
	list  []label // parallel to texts.list
}

func newLabels() *labels { return &labels{texts: newNames()} }

func (m *memoryLedger) labelNumber(s string) (uint32, error) {
	l := m.labels
	n := l.texts.number(s)
	if int(n) < len(l.list) {
		return n, nil
	}
	p := strings.Split(l.texts.list[n], "\x00")
	if len(p) != 7 {
		return 0, fmt.Errorf("%w: a label of a document contains NUL", errNotInMemory)
	}
	null := func(s string) string { return strings.TrimPrefix(s, "\x01") }
	l.list = append(l.list, label{source: p[0], company: p[1], currency: p[2], kind: p[3], rep: null(p[4]), terms: null(p[5]), reason: null(p[6]),
		hasRep: p[4] != "\x01", hasReason: p[6] != "\x01", number: m.names.number(p[0])})
	return n, nil
}

func (m *memoryLedger) readDocuments(ctx context.Context, rows *rowCounts) error {
	var sql [sides]string
	all := 0
	for s, n := range rows.documents {
		if n > 0 {
			sql[s] = documentQueries[s].sql
		}
		all += n
		m.index[s] = newIndex(n)
	}
	m.documents = make([]document, 0, all)
	return m.w.readAll(ctx, sql[:], func(i int, rec arrow.Record) error { return m.addDocuments(side(i), &columns{rec: rec}) })
}

func (m *memoryLedger) addDocuments(s side, c *columns) error {
	customer, id, label := c.text("customer_id"), c.text("item_id"), c.text("label")
	date, due, reversed := c.day("doc_date"), c.day("due_date"), c.day("reversed_on")
	amount, recorded := c.number("amount"), c.instant("recorded_at")
	if c.err != nil {
		return c.err
	}
	first, seen := len(m.documents), m.seen[documentQueries[s].table]
	for i := range c.rows() {
		at, err := add(&m.texts, id.at(i))
		if err != nil {
			return err
		}
		n, err := m.labelNumber(label.at(i))
		if err != nil {
			return err
		}
		m.documents = append(m.documents, document{id: at, amount: amount.at(i), recorded: seen.earlier(m.labels.list[n].source, id.at(i), recorded.at(i)), side: s,
			customer: m.customers.number(customer.at(i)), label: n, date: date.at(i), due: due.at(i), reversed: reversed.at(i)})
	}
	// In a loop of its own, as short as it can be, the processor waits for the
	// memory of many slots at a time.
	for i := range c.rows() {
		d := &m.documents[first+i]
		m.index[s].add(m.labels.list[d.label].number, id.at(i), documentRef(first+i))
	}
	return nil
}

// index finds documents of one side by source and identifier: an open hash
// table, at most two thirds full.
type index struct {
	seed  maphash.Seed
	slots []slot
}

type slot struct {
	tag uint32 // of the hash; 0 = empty
	ref documentRef
}

func newIndex(n int) index {
	size := 16
	for size*2 < n*3 {
		size *= 2
	}
	return index{maphash.MakeSeed(), make([]slot, size)}
}

func (x *index) hash(source uint32, id string) (at int, tag uint32) {
	h := maphash.String(x.seed, id) + uint64(source)*0x9e3779b97f4a7c15
	return int(h & uint64(len(x.slots)-1)), uint32(h>>32) | 1
}

func (x *index) add(source uint32, id string, ref documentRef) {
	at, tag := x.hash(source, id)
	for x.slots[at].tag != 0 {
		at = (at + 1) & (len(x.slots) - 1)
	}
	x.slots[at] = slot{tag, ref}
}

// find looks up documents of one side by source and identifier, row by row of
// a batch: noDocument where there is none. All slots are read before the first
// document is looked at, again so that many are waited for at a time.
func (m *memoryLedger) find(s side, sources []uint32, ids textColumn) []documentRef {
	x := &m.index[s]
	type probe struct {
		at    int
		tag   uint32
		found slot
	}
	probes := make([]probe, len(sources))
	for i, source := range sources {
		at, tag := x.hash(source, ids.at(i))
		probes[i] = probe{at, tag, x.slots[at]}
	}
	refs := make([]documentRef, len(sources))
	for i, p := range probes {
		refs[i] = noDocument
		for at, found := p.at, p.found; found.tag != 0; found = x.slots[at] {
			if found.tag == p.tag && m.is(found.ref, sources[i], ids.at(i)) {
				refs[i] = found.ref
				break
			}
			at = (at + 1) & (len(x.slots) - 1)
		}
	}
	return refs
}

func (m *memoryLedger) is(ref documentRef, source uint32, id string) bool {
	d := &m.documents[ref]
	return string(m.texts.at(d.id)) == id && m.labels.list[d.label].number == source
}

// termsVersion is the payment terms of a version of a customer; a version
// without terms has the empty code, and does not fall back to an older one.
type termsVersion struct {
	from, until int32 // first and last day
	code        string
}

// customerTerms are the terms of a customer's version and its last day; of
// several sources the first that knows terms speaks.
const customerTerms = `argMin(ifNull(toString(terms_code), ''), (terms_code IS NULL, source)) AS customer_terms,
        argMin(ifNull(valid_to, toDate32('2299-12-31')), (terms_code IS NULL, source)) AS terms_until`

// readTerms reads the customers' terms for invoices that name none.
func (m *memoryLedger) readTerms(ctx context.Context, _ *rowCounts) error {
	m.terms = map[uint32][]termsVersion{}
	where := "(1 = 1)"
	if m.some != nil {
		where = amongSQL(shardColumn, m.some.customers)
	}
	sql := `SELECT customer_id, valid_from, ` + customerTerms + `
FROM customers
WHERE ` + where + `
GROUP BY customer_id, valid_from
ORDER BY customer_id, valid_from`
	return m.w.readAll(ctx, []string{sql}, func(_ int, rec arrow.Record) error {
		c := &columns{rec: rec}
		customer, code := c.text("customer_id"), c.text("customer_terms")
		from, until := c.day("valid_from"), c.day("terms_until")
		for i := 0; c.err == nil && i < c.rows(); i++ {
			if n, known := m.customers.numbers[customer.at(i)]; known {
				m.terms[n] = append(m.terms[n], termsVersion{from.at(i), until.at(i), strings.Clone(code.at(i))})
			}
		}
		return c.err
	})
}

// termsOf returns the terms of an invoice, else of its customer on its date.
func (m *memoryLedger) termsOf(d *document, l *label) string {
	if l.terms != "" || l.kind == ledger.SidePayment || l.kind == ledger.SideCreditNote {
		return l.terms
	}
	versions := m.terms[d.customer]
	for i := len(versions) - 1; i >= 0; i-- {
		if v := versions[i]; v.from <= d.date {
			if d.date > v.until {
				return ""
			}
			return v.code
		}
	}
	return ""
}

// readCompanies finds the company of documents that name none, where there is
// exactly one, and gives it to them.
func (m *memoryLedger) readCompanies(ctx context.Context, _ *rowCounts) error {
	found := map[string]bool{}
	m.found = found
	err := m.w.readAll(ctx, []string{"SELECT DISTINCT company FROM companies"}, func(_ int, rec arrow.Record) error {
		c := &columns{rec: rec}
		company := c.text("company")
		for i := 0; c.err == nil && i < c.rows(); i++ {
			found[strings.Clone(company.at(i))] = true
		}
		return c.err
	})
	if err != nil {
		return err
	}
	for _, l := range m.labels.list {
		found[l.company] = true
	}
	if m.some != nil {
		return m.onlyCompany(ctx)
	}
	only, known := onlyOf(found)
	if !known {
		return nil
	}
	m.setCompany(only)
	return nil
}

// onlyOf returns the company, where there is exactly one.
func onlyOf(found map[string]bool) (only string, known bool) {
	n := 0
	for c := range found {
		if c != "" {
			only = c
			n++
		}
	}
	return only, n == 1
}

// setCompany gives a company to documents that name none.
func (m *memoryLedger) setCompany(only string) {
	for i := range m.labels.list {
		m.labels.list[i].company = cmp.Or(m.labels.list[i].company, only)
	}
}

// sortDocuments puts the documents into order: dealt out to their customers and
// sides first, then sorted within each customer where that is still needed.
// They and their identifiers are moved there, so that whoever works through a
// customer finds all of it together: one miss of the processor's cache costs as
// much as writing ten values. It returns the new place of each document.
func (m *memoryLedger) sortDocuments() ([]documentRef, error) {
	byName := make([]uint32, len(m.customers.list))
	for i := range byName {
		byName[i] = uint32(i)
	}
	slices.SortFunc(byName, func(a, b uint32) int { return strings.Compare(m.customers.list[a], m.customers.list[b]) })
	ends := make([][sides]uint32, len(byName)) // of each customer and side: behind its last document
	for i := range m.documents {
		ends[m.documents[i].customer][m.documents[i].side]++
	}
	all := uint32(0)
	for _, c := range byName {
		for s, n := range ends[c] {
			ends[c][s], all = all, all+n
		}
	}
	order := make([]documentRef, len(m.documents))
	for i := range m.documents {
		end := &ends[m.documents[i].customer][m.documents[i].side]
		order[*end] = documentRef(i)
		*end++
	}
	if err := m.move(order); err != nil {
		return nil, err
	}
	from := uint32(0)
	for _, c := range byName {
		to := ends[c][sides-1]
		m.sortCustomer(m.documents[from:to], order[from:to])
		from = to
	}
	place := make([]documentRef, len(order))
	for i, ref := range order {
		place[ref] = documentRef(i)
	}
	return place, nil
}

// move puts the documents and their identifiers into an order.
func (m *memoryLedger) move(order []documentRef) error {
	docs, moved, ids := m.documents, make([]document, len(order)), textStore{}
	for i, ref := range order {
		moved[i] = docs[ref]
	}
	for i := range moved {
		var err error
		if moved[i].id, err = add(&ids, m.texts.at(moved[i].id)); err != nil {
			return err
		}
	}
	m.documents, m.texts = moved, ids
	return nil
}

// sortCustomer sorts the documents of a customer, and their former places along.
// It only looks where the tables gave their rows in order.
func (m *memoryLedger) sortCustomer(docs []document, order []documentRef) {
	t := &together{docs, order, func(a, b *document) int {
		if a.label != b.label {
			if n := strings.Compare(m.labels.list[a.label].source, m.labels.list[b.label].source); n != 0 {
				return n
			}
		}
		return cmp.Or(int(a.side)-int(b.side), bytes.Compare(m.texts.at(a.id), m.texts.at(b.id)))
	}}
	if !sort.IsSorted(t) {
		sort.Sort(t)
	}
}

// together sorts documents and their places at once.
type together struct {
	docs    []document
	order   []documentRef
	compare func(a, b *document) int
}

func (t *together) Len() int           { return len(t.docs) }
func (t *together) Less(i, j int) bool { return t.compare(&t.docs[i], &t.docs[j]) < 0 }
func (t *together) Swap(i, j int) {
	t.docs[i], t.docs[j] = t.docs[j], t.docs[i]
	t.order[i], t.order[j] = t.order[j], t.order[i]
}

func (m *memoryLedger) writeDocuments(w *rowWriter) {
	for i := range m.documents {
		d := &m.documents[i]
		if !m.wanted(documentRef(i)) {
			continue
		}
		l := &m.labels.list[d.label]
		w.text(m.customers.list[d.customer])
		w.text(l.company)
		w.text(l.source)
		w.text(sideNames[d.side])
		w.bytes(m.texts.at(d.id))
		w.text(l.kind)
		w.day(d.date)
		w.text(l.currency)
		w.decimal(d.amount)
		w.textIf(l.hasRep, l.rep)
		terms := m.termsOf(d, l)
		w.textIf(terms != "", terms)
		w.day(d.due)
		w.day(d.reversed)
		w.textIf(l.hasReason, l.reason)
		w.instant(d.recorded)
		if !w.next() {
			return
		}
	}
}

func (m *memoryLedger) writeHistory(w *rowWriter) {
	first, last := int32(noDay), int32(noDay)
	for i := range m.documents {
		if !m.wanted(documentRef(i)) {
			continue
		}
		if d := m.documents[i].date; first == noDay {
			first, last = d, d
		} else {
			first, last = min(first, d), max(last, d)
		}
	}
	w.day(first)
	w.day(last)
	w.next()
}
