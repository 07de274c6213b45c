package load

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"huikuan/transform/canonical"
	"huikuan/transform/ledger"
	units "huikuan/transform/money"
	"huikuan/transform/schema"
)

// Remnants is what a ledger knows beyond its customers: the next build of some
// customers has to know it too.
type Remnants struct {
	Companies []string        `json:"companies"` // that documents or the table of companies name; "" = some name none
	Orphans   []ledger.Orphan `json:"orphans,omitempty"`
	// CreditSplits: reps have shares in credit notes.
	CreditSplits bool `json:"credit_splits,omitempty"`
}

// MaxOrphans is how many orphans are remembered; with more, every build is full.
const MaxOrphans = 10_000

// NeedsFullError says why a build of some customers is not possible.
type NeedsFullError struct{ Why string }

func (e *NeedsFullError) Error() string { return "a full build is needed: " + e.Why }

// RemnantsOf returns the remnants of a ledger whose inputs have all been read;
// known is false where it is not kept in memory, or there are too many.
func RemnantsOf(src ledger.Source) (r Remnants, known bool) {
	m, ok := src.(*memoryLedger)
	if !ok {
		return r, false
	}
	companies := m.found
	r.CreditSplits = m.creditSplits || m.some != nil && m.some.before.CreditSplits
	if m.some != nil {
		companies = maps.Clone(companies)
		for c := range m.some.changes.Companies {
			companies[c] = true
		}
		for _, c := range m.some.before.Companies {
			companies[c] = true
		}
	}
	r.Companies = slices.Sorted(maps.Keys(companies))
	r.Orphans = m.allOrphans()
	return r, len(r.Orphans) <= MaxOrphans
}

// some says which customers a ledger is about.
type some struct {
	customers map[string]bool
	changes   *Changes
	before    Remnants
}

// concerns tells whether changed rows have to do with a row without a document.
func (s *some) concerns(o ledger.Orphan) bool {
	return s.changes.Keys[ledger.KeyOf(o.Kind, o.Source, o.ID)] || s.changes.Keys[ledger.KeyOf(o.Missing, o.Source, o.MissingID)]
}

// where is the condition on a table by customer; empty for all others.
func (s *some) where(inputTable string) string {
	t, ok := ledger.Input(inputTable)
	if s == nil || !ok || t.Columns[0].Name != shardColumn {
		return ""
	}
	return amongSQL(shardColumn, s.customers)
}

// orderSQL renders the order of an input table, complete: two sources may use
// one identifier.
func orderSQL(t schema.Table) string {
	order := slices.Clone(t.OrderBy)
	if _, has := t.Column("source"); has {
		order = append(order, "source")
	}
	quoted := make([]string, len(order))
	for i, c := range order {
		quoted[i] = ident(c)
	}
	return " ORDER BY " + strings.Join(quoted, ", ")
}

// LedgerOf reads the documents of some customers, those on the other side of
// their applications, and what has changed, as [Warehouse.Ledger] reads all. kept
// is what the last build has read of them. The error is a [*NeedsFullError] where
// that does not do.
func (w *Warehouse) LedgerOf(ctx context.Context, customers map[string]bool, changes *Changes, before Remnants, kept []ledger.KeptCustomer) (ledger.Source, error) {
	m := newMemoryLedger(w)
	m.some = &some{customers, changes, before}
	err := m.loadKept(ctx, kept)
	var tables errFromTables
	if errors.As(err, &tables) {
		w.log.Info("documents of changed customers are searched in their tables", "reason", tables.why)
		m = newMemoryLedger(w)
		m.some = &some{customers, changes, before}
		err = m.loadSome(ctx)
	}
	if errors.Is(err, errNotInMemory) {
		return nil, &NeedsFullError{err.Error()}
	}
	return m, err
}

// wanted tells whether a document's customer is one of those asked for.
func (m *memoryLedger) wanted(ref documentRef) bool {
	return m.some == nil || m.some.customers[m.customers.list[m.documents[ref].customer]]
}

func (m *memoryLedger) loadSome(ctx context.Context) error {
	counts, err := m.count(ctx)
	if err != nil {
		return err
	}
	if err := m.readFirstSeen(ctx, nil); err != nil {
		return err
	}
	held := &heldRecords{}
	defer held.release()
	if err := m.holdDocuments(ctx, held, counts); err != nil {
		return err
	}
	if err := m.holdReferring(ctx, held, counts); err != nil {
		return err
	}
	if err := m.holdOthers(ctx, held); err != nil {
		return err
	}
	for s, recs := range held.documents {
		n := 0
		for _, rec := range recs {
			n += int(rec.NumRows())
		}
		m.index[s] = newIndex(n)
		for _, rec := range recs {
			if err := m.addDocuments(side(s), &columns{rec: rec}); err != nil {
				return err
			}
		}
	}
	if err := m.readTerms(ctx, nil); err != nil {
		return err
	}
	if err := m.readCompanies(ctx, nil); err != nil {
		return err
	}
	readers := m.referringReaders()
	for i, recs := range held.referring {
		for _, rec := range recs {
			if err := readers[i](&columns{rec: rec}); err != nil {
				return err
			}
		}
	}
	return m.sort()
}

// heldRecords are batches that wait until all documents are known.
type heldRecords struct {
	documents [sides][]arrow.Record
	referring [6][]arrow.Record
}

func (h *heldRecords) release() {
	for _, recs := range append(h.documents[:], h.referring[:]...) {
		for _, rec := range recs {
			rec.Release()
		}
	}
}

var sideTables = [sides]struct{ table, id string }{
	creditSide: {"credit_notes", "credit_note_id"}, invoiceSide: {"invoices", "invoice_id"}, paymentSide: {"payments", "payment_id"},
}

// latestSQL is a table's last version of the rows whose identifier a condition
// selects, without FINAL: that would go through all of the table.
func (m *memoryLedger) latestSQL(table, where string) string {
	return "(SELECT * FROM (" + m.lastSQL(table, where) + ") WHERE _deleted = 0)"
}

// lastSQL is the last version of the rows that a condition selects, deleted or not.
func (m *memoryLedger) lastSQL(table, where string) string {
	t, _ := canonical.Lookup(table)
	keys := strings.Join(idents(sortingKey(t)), ", ")
	return fmt.Sprintf("SELECT *, _block_number AS at_block, _part_offset AS at_row FROM %s WHERE %s ORDER BY %s, _version DESC, at_block DESC, at_row DESC LIMIT 1 BY %s",
		m.w.qualified(table+docsSuffix), where, keys, keys)
}

// withLatest lets a query read the last versions instead of the view.
func (m *memoryLedger) withLatest(q query, where string) string {
	at := strings.LastIndex(q.sql, "FROM "+q.table)
	return q.sql[:at] + "FROM " + m.latestSQL(q.table, where)
}

// idsSQL selects the identifiers of documents that ever were a customer's, and
// of those that changed rows name.
func (m *memoryLedger) idsSQL(s side) string {
	t := sideTables[s]
	sql := fmt.Sprintf("SELECT %s FROM %s WHERE %s", t.id, m.w.qualified(t.table+docsSuffix), amongSQL(shardColumn, m.some.customers))
	if named := m.some.changes.Named[sideNames[s]]; len(named) > 0 {
		sql += " UNION ALL SELECT arrayJoin([" + literals(named) + "])"
	}
	return sql
}

func (m *memoryLedger) holdDocuments(ctx context.Context, held *heldRecords, counts *rowCounts) error {
	var sql [sides]string
	for s, t := range sideTables {
		if counts.documents[s] > 0 {
			sql[s] = m.withLatest(documentQueries[s], t.id+" IN ("+m.idsSQL(side(s))+")")
		}
	}
	return m.w.readAll(ctx, sql[:], func(i int, rec arrow.Record) error {
		rec.Retain()
		held.documents[i] = append(held.documents[i], rec)
		return nil
	})
}

func (m *memoryLedger) holdReferring(ctx context.Context, held *heldRecords, counts *rowCounts) error {
	invoices := "invoice_id IN (" + m.idsSQL(invoiceSide) + ")"
	where := []string{
		invoices + " OR payment_id IN (" + m.idsSQL(paymentSide) + ")",
		invoices + " OR credit_note_id IN (" + m.idsSQL(creditSide) + ")",
		invoices, invoices, invoices, invoices,
	}
	sql := make([]string, len(referringQueries))
	for i, q := range referringQueries {
		if counts.referring[i] == 0 {
			continue
		}
		if id := changedColumns[q.table].id; id != "" { // an application or dispute may have moved from one document to another
			where[i] = fmt.Sprintf("%s IN (SELECT %s FROM %s WHERE %s", id, id, m.w.qualified(q.table+docsSuffix), where[i])
			if ids := m.some.changes.IDs[q.table]; len(ids) > 0 {
				where[i] += " UNION ALL SELECT arrayJoin([" + literals(ids) + "])"
			}
			where[i] += ")"
		}
		sql[i] = m.withLatest(q, where[i])
	}
	return m.w.readAll(ctx, sql, func(i int, rec arrow.Record) error {
		rec.Retain()
		held.referring[i] = append(held.referring[i], rec)
		return nil
	})
}

// holdOthers reads the documents that applications name and that belong to
// other customers.
func (m *memoryLedger) holdOthers(ctx context.Context, held *heldRecords) error {
	var have, missing [sides]map[string]bool
	for s, recs := range held.documents {
		have[s], missing[s] = map[string]bool{}, map[string]bool{}
		for _, rec := range recs {
			eachText(rec, "item_id", func(id string) { have[s][id] = true })
		}
	}
	for i, recs := range held.referring {
		for _, rec := range recs {
			look := func(s side, column string) {
				eachText(rec, column, func(id string) {
					if !have[s][id] {
						missing[s][strings.Clone(id)] = true
					}
				})
			}
			look(invoiceSide, "invoice_id")
			if i < int(writeOff) {
				look(counterSide[i], "other_id")
			}
		}
	}
	var sql [sides]string
	for s, ids := range missing {
		if len(ids) > 0 {
			sql[s] = m.withLatest(documentQueries[s], amongSQL(sideTables[s].id, ids))
		}
	}
	return m.w.readAll(ctx, sql[:], func(i int, rec arrow.Record) error {
		rec.Retain()
		held.documents[i] = append(held.documents[i], rec)
		return nil
	})
}

// eachText hands over the texts of a column; they are valid as long as rec.
func eachText(rec arrow.Record, column string, do func(string)) {
	at := rec.Schema().FieldIndices(column)
	if len(at) != 1 {
		return
	}
	texts, _ := rec.Column(at[0]).(*array.String)
	for i := range texts.Len() {
		do(texts.Value(i))
	}
}

// onlyCompany finds the company of documents that name none. Where such
// documents exist, it has to be the one of the last build: others than those at
// hand may hang on it.
func (m *memoryLedger) onlyCompany(ctx context.Context) error {
	before := map[string]bool{}
	for _, c := range m.some.before.Companies {
		before[c] = true
	}
	if !before[""] && !m.found[""] && !m.some.changes.Companies[""] {
		return nil
	}
	exact := map[string]bool{}
	const sql = "SELECT company FROM companies UNION DISTINCT SELECT company FROM invoices UNION DISTINCT SELECT company FROM payments UNION DISTINCT SELECT company FROM credit_notes"
	err := m.w.readAll(ctx, []string{sql}, func(_ int, rec arrow.Record) error {
		eachText(rec, "company", func(c string) { exact[strings.Clone(c)] = true })
		return nil
	})
	if err != nil {
		return err
	}
	only, known := onlyOf(exact)
	was, wasKnown := onlyOf(before)
	if before[""] && (only != was && known || known != wasKnown) {
		return &NeedsFullError{"documents without a company would belong to another one"}
	}
	m.some.before.Companies = slices.Sorted(maps.Keys(exact))
	if known {
		m.setCompany(only)
	}
	return nil
}

// allOrphans are those of the rows at hand, and the earlier ones that nothing
// at hand speaks of.
func (m *memoryLedger) allOrphans() []ledger.Orphan {
	var all []ledger.Orphan
	for _, o := range m.orphans {
		amount := units.Amount(0)
		if o.amount != noNumber {
			amount = units.Amount(o.amount)
		}
		all = append(all, ledger.Orphan{Source: m.names.list[o.source], Kind: o.kind, ID: string(m.refTexts.at(o.id)), Missing: sideNames[o.side],
			MissingID: string(m.refTexts.at(o.missing)), Amount: amount})
	}
	if m.some != nil {
		seen := map[ledger.Orphan]bool{}
		for _, o := range all {
			seen[o] = true
		}
		for _, o := range m.some.before.Orphans {
			if !seen[o] && !m.some.concerns(o) {
				all = append(all, o)
			}
		}
	}
	slices.SortFunc(all, func(a, b ledger.Orphan) int {
		return slices.Compare([]string{a.Source, a.Kind, a.ID, a.Missing}, []string{b.Source, b.Kind, b.ID, b.Missing})
	})
	return all
}

func (m *memoryLedger) writeAllOrphans(w *rowWriter) {
	for _, o := range m.allOrphans() {
		w.text(o.Source)
		w.text(o.Kind)
		w.text(o.ID)
		w.text(o.Missing)
		w.text(o.MissingID)
		w.decimal(int64(o.Amount))
		if !w.next() {
			return
		}
	}
}
