package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/ledger"
)

// How the documents of changed customers are read without searching their tables
//
// The tables are in the order of the documents' identifiers, so that a few
// customers' rows lie in nearly every block of them. But the state of the last
// build holds the rows that the replay of each customer has read. All customers
// that a change concerns are replayed (see KeyOf), so what is at hand is
//
//  1. the rows of the state, but for those whose key is among the changed rows,
//  2. the changed rows, of each key the last version, if it is not deleted.
//
// A changed row wins over what the state has if its version is higher than all
// that stood in the table before. What this does not answer is looked up by
// identifier, in the tables' own order:
//
//   - rows written later under a version that is not higher (an old page read
//     again): the last version may be an earlier row,
//   - rows without their document, which are in nobody's state: those that the
//     last build remembers and that a changed row has to do with,
//   - invoices of customers whose terms may have changed: the state has the terms
//     after they were filled in from the customer's.
//
// Where documents name no company, or a split has lost its invoice, the tables are
// searched as before.

// errFromTables says why the state does not do.
type errFromTables struct{ why string }

func (e errFromTables) Error() string { return e.why }

// rowKey identifies a row within a table.
type rowKey struct{ source, id string }

// overlaid are the tables that are read through the state, documents by side
// first: the column of the query and of the table that tells rows apart. Rows that
// hang on an invoice are told apart by that and another column.
var overlaid = [...]struct{ column, id, part string }{
	creditSide: {"item_id", "credit_note_id", ""}, invoiceSide: {"item_id", "invoice_id", ""}, paymentSide: {"item_id", "payment_id", ""},
	sides + 0: {"application_id", "allocation_id", ""}, sides + 1: {"application_id", "credit_allocation_id", ""}, sides + 2: {"application_id", "write_off_id", ""},
	sides + 3: {"invoice_id", "invoice_id", "seq"}, sides + 4: {"invoice_id", "invoice_id", "rep_id"}, sides + 5: {"dispute_id", "dispute_id", ""},
}

func overlaidQuery(t int) query {
	if t < int(sides) {
		return documentQueries[t]
	}
	return referringQueries[t-int(sides)]
}

// Places of tables in overlaid.
const (
	atInstalments = int(sides) + 3
	atSplits      = int(sides) + 4
	atDisputes    = int(sides) + 5
)

// overlay lays changed rows over those of the state.
type overlay struct {
	m       *memoryLedger
	changed [len(overlaid)][]arrow.Record
	found   [len(overlaid)][]arrow.Record  // what was looked up
	touched [len(overlaid)]map[rowKey]bool // keys of changed rows; of rows that hang on invoices also these
	lookup  [len(overlaid)]map[rowKey]bool // what is looked up: rows, or all rows that hang on an invoice
	state   map[string]arrow.Record        // by input
}

func (o *overlay) release() {
	for t := range overlaid {
		for _, rec := range append(o.changed[t], o.found[t]...) {
			rec.Release()
		}
	}
}

// loadKept reads the documents of some customers from the state of the last
// build, as far as they have not changed.
func (m *memoryLedger) loadKept(ctx context.Context, kept []ledger.KeptCustomer) error {
	if slices.Contains(m.some.before.Companies, "") || m.some.changes.Companies[""] {
		return errFromTables{"documents name no company"}
	}
	restored, err := ledger.Restore(kept, m.w, memory.NewGoAllocator())
	if err != nil {
		return errFromTables{err.Error()}
	}
	o := &overlay{m: m, state: map[string]arrow.Record{}}
	defer o.release()
	for _, input := range []string{ledger.InDocuments, ledger.InApplications, ledger.InInstalments, ledger.InSplits, ledger.InDisputes} {
		for rec := range restored.Rows(ctx, input) {
			o.state[input] = rec
		}
	}
	for t := range overlaid {
		o.touched[t], o.lookup[t] = map[rowKey]bool{}, map[rowKey]bool{}
	}
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return m.readFirstSeen(ctx, nil) }, o.readChanged, o.lookUp, o.addDocuments,
		func(ctx context.Context) error { return m.readTerms(ctx, nil) }, func(ctx context.Context) error { return m.readCompanies(ctx, nil) }, o.addReferring,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	m.kept = restored
	return m.sort()
}

// overlaySQL lets a query read rows with what tells them apart.
func overlaySQL(q query, more, from string) string {
	at := strings.LastIndex(q.sql, "FROM "+q.table)
	return q.sql[:at] + ", source AS row_source" + more + "\nFROM " + from
}

// readChanged reads the last version of each changed row among the changed ones.
func (o *overlay) readChanged(ctx context.Context) error {
	changes := o.m.some.changes
	var sql [len(overlaid)]string
	for t := range overlaid {
		q := overlaidQuery(t)
		if where := changes.rows[q.table]; where != "" {
			more := fmt.Sprintf(", toInt64(_deleted) AS row_deleted, toInt64(_version <= %d) AS row_unsure", changes.version[q.table])
			sql[t] = overlaySQL(q, more, "("+o.m.lastSQL(q.table, where)+")")
		}
	}
	return o.m.w.readAll(ctx, sql[:], func(t int, rec arrow.Record) error {
		rec.Retain()
		o.changed[t] = append(o.changed[t], rec)
		c := &columns{rec: rec}
		unsure, key := c.number("row_unsure"), keysOf(t, c)
		for i := 0; c.err == nil && i < c.rows(); i++ {
			of, part := key(i)
			of.id = strings.Clone(of.id)
			of.source = strings.Clone(of.source)
			o.touched[t][of] = true
			if part != "" {
				o.touched[t][rowKey{of.source, of.id + part}] = true
			}
			if unsure.at(i) == 1 {
				o.lookup[t][of] = true
			}
		}
		return c.err
	})
}

// keysOf reads what tells the rows of a batch apart; part is what follows the
// identifier of an invoice.
func keysOf(t int, c *columns) func(i int) (of rowKey, part string) {
	source, id := c.text("row_source"), c.text(overlaid[t].column)
	switch t {
	case atInstalments:
		seq := c.number(overlaid[t].part)
		return func(i int) (rowKey, string) { return rowKey{source.at(i), id.at(i)}, seqPart(seq.at(i)) }
	case atSplits:
		rep := c.text(overlaid[t].part)
		return func(i int) (rowKey, string) { return rowKey{source.at(i), id.at(i)}, "\x00" + rep.at(i) }
	}
	return func(i int) (rowKey, string) { return rowKey{source.at(i), id.at(i)}, "" }
}

func seqPart(seq int64) string { return "\x00" + strconv.FormatInt(seq, 10) }

// stale tells whether what the state has of a row does not count.
func (o *overlay) stale(t int, source, id string) bool {
	k := rowKey{source, id}
	return o.touched[t][k] || o.lookup[t][k]
}

// staleRow is the same for rows that hang on an invoice.
func (o *overlay) staleRow(t int, source, invoice string, part func() string) bool {
	k := rowKey{source, invoice}
	return o.lookup[t][k] || o.touched[t][k] && o.touched[t][rowKey{source, invoice + part()}]
}

// lookUp reads from the tables what neither the state nor the changed rows say.
func (o *overlay) lookUp(ctx context.Context) error {
	o.lookUpOrphans()
	o.lookUpTerms()
	if o.m.some.before.CreditSplits { // splits of credit notes are in nobody's state, and an invoice may have come under their identifier
		maps.Copy(o.lookup[atSplits], o.touched[invoiceSide])
	}
	var sql [len(overlaid)]string
	for t, keys := range o.lookup {
		ids := map[string]bool{}
		for k := range keys {
			ids[k.id] = true
		}
		if len(ids) > 0 {
			q := overlaidQuery(t)
			sql[t] = overlaySQL(q, "", o.m.latestSQL(q.table, amongSQL(overlaid[t].id, ids)))
		}
	}
	return o.m.w.readAll(ctx, sql[:], func(t int, rec arrow.Record) error {
		rec.Retain()
		o.found[t] = append(o.found[t], rec)
		return nil
	})
}

// lookUpOrphans asks for the rows without a document that the last build knew and
// that changed rows name, or whose documents they are.
func (o *overlay) lookUpOrphans() {
	for _, x := range o.m.some.before.Orphans {
		if !o.m.some.concerns(x) {
			continue
		}
		id := x.ID
		t := map[string]int{ledger.KindAlloc: int(sides), ledger.KindCreditAlloc: int(sides) + 1, ledger.KindWriteOff: int(sides) + 2,
			"instalment": atInstalments, "split": atSplits, "dispute": atDisputes}[x.Kind]
		if overlaid[t].part != "" {
			id = x.MissingID
		}
		o.lookup[t][rowKey{x.Source, id}] = true
	}
}

// lookUpTerms asks for the invoices of customers whose own rows have changed.
func (o *overlay) lookUpTerms() {
	rec := o.state[ledger.InDocuments]
	if rec == nil || len(o.m.some.changes.Masters) == 0 {
		return
	}
	c := &columns{rec: rec}
	customer, source, side, id, terms := c.text("customer_id"), c.text("source"), c.text("side"), c.text("item_id"), c.text("terms_code")
	for i := range c.rows() {
		if side.at(i) == ledger.SideInvoice && !terms.null(i) && terms.at(i) != "" && o.m.some.changes.Masters[customer.at(i)] {
			o.lookup[invoiceSide][rowKey{source.at(i), id.at(i)}] = true
		}
	}
}

// eachRun hands over the rows of a table that were looked up, and the changed
// ones that count, as batches that readers take whole.
func (o *overlay) eachRun(t int, read func(c *columns) error) error {
	for n, recs := range [][]arrow.Record{o.found[t], o.changed[t]} {
		for _, rec := range recs {
			c := &columns{rec: rec}
			key, deleted := keysOf(t, c), c.number("row_deleted")
			keep := func(i int) bool {
				of, _ := key(i)
				if n == 0 {
					return o.lookup[t][of]
				}
				return deleted.at(i) == 0 && !o.lookup[t][of]
			}
			for from := 0; c.err == nil && from < c.rows(); from++ {
				to := from
				for to < c.rows() && keep(to) {
					to++
				}
				if to > from {
					run := rec.NewSlice(int64(from), int64(to))
					err := read(&columns{rec: run})
					run.Release()
					if err != nil {
						return err
					}
				}
				from = to
			}
			if c.err != nil {
				return c.err
			}
		}
	}
	return nil
}

// addDocuments puts the documents at hand into memory.
func (o *overlay) addDocuments(context.Context) error {
	var rows [sides]int64
	for t := range overlaid {
		for _, rec := range append(o.changed[t], o.found[t]...) {
			if t < int(sides) {
				rows[t] += rec.NumRows()
			}
		}
	}
	state, applications := o.state[ledger.InDocuments], o.state[ledger.InApplications]
	for s := range o.m.index {
		n := rows[s]
		if state != nil {
			n += state.NumRows()
		}
		if applications != nil { // those on the other side, of other customers
			n += applications.NumRows()
		}
		o.m.index[s] = newIndex(int(n))
		if err := o.eachRun(s, func(c *columns) error { return o.m.addDocuments(side(s), c) }); err != nil {
			return err
		}
	}
	if state == nil {
		return nil
	}
	return o.m.addKeptDocuments(o, &columns{rec: state})
}

// addReferring puts into memory what refers to documents, with the documents of
// other customers on the other side.
func (o *overlay) addReferring(context.Context) error {
	readers := o.m.referringReaders()
	for t := int(sides); t < len(overlaid); t++ {
		if err := o.eachRun(t, readers[t-int(sides)]); err != nil {
			return err
		}
	}
	for _, x := range []struct {
		input string
		read  func(*overlay, *columns) error
	}{{ledger.InApplications, o.m.addKeptApplications}, {ledger.InInstalments, o.m.addKeptInstalments}, {ledger.InSplits, o.m.addKeptSplits}, {ledger.InDisputes, o.m.addKeptDisputes}} {
		if rec := o.state[x.input]; rec != nil {
			if err := x.read(o, &columns{rec: rec}); err != nil {
				return err
			}
		}
	}
	if slices.ContainsFunc(o.m.orphans, func(x orphan) bool { return x.kind == "split" }) {
		return errFromTables{"a split has lost its invoice"} // it may be of a credit note, whoever's that is
	}
	return nil
}

// RestoredOf returns the rows of the state that a source of some customers has been
// read from; nil where it was not.
func RestoredOf(src ledger.Source) *ledger.Restored {
	if m, ok := src.(*memoryLedger); ok {
		return m.kept
	}
	return nil
}

// fromState tells whether an input that needs no documents can be served from the
// state: the tables it is made from have not changed.
func (m *memoryLedger) fromState(input string) bool {
	tables := map[string][]string{ledger.InCustomers: {"customers"}, ledger.InOwners: {"account_owners"}, ledger.InVisits: {"visits"},
		ledger.InPromises: {"promises", "visits"}, ledger.InPlans: {"instalment_plans", "visits"}, ledger.InPlanLines: {"instalment_plan_lines", "instalment_plans"}}[input]
	return m.kept != nil && len(tables) > 0 && !slices.ContainsFunc(tables, func(t string) bool { return m.some.changes.rows[t] != "" })
}
