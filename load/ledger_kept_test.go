package load

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"huikuan/transform/canonical"
	"huikuan/transform/ledger"
)

// A book is changed as sources change theirs: new rows, new versions of rows,
// deletions, rows that move, old pages that are read again.
type book struct {
	t       *testing.T
	w       *Warehouse
	r       *rand.Rand
	version int
}

func (b *book) exec(sql string, args ...any) {
	b.t.Helper()
	if err := b.w.Exec(b.t.Context(), fmt.Sprintf(sql, args...)); err != nil {
		b.t.Fatal(err)
	}
}

// put writes rows (values of the columns, source first) with the next version.
func (b *book) put(table, columns string, rows ...string) {
	b.t.Helper()
	b.version++
	sql := ""
	for i, row := range rows {
		if i > 0 {
			sql += ", "
		}
		sql += fmt.Sprintf("(%s, %d, 0, '2024-01-%02d 00:00:00')", row, b.version, 1+b.r.IntN(28))
	}
	b.exec("INSERT INTO %s_docs (source, %s, _version, _deleted, _loaded_at) VALUES %s", table, columns, sql)
}

// again writes rows of a table once more; older is by how much their version is
// lower than the last one, negative = a new version.
func (b *book) again(table, where, replace string, older int) {
	b.t.Helper()
	b.version++
	version := fmt.Sprintf("_version - %d", older)
	if older < 0 {
		version = fmt.Sprintf("toUInt64(%d)", b.version)
	}
	t, _ := canonical.Lookup(table)
	b.exec("INSERT INTO %[1]s_docs SELECT * REPLACE(%[2]s, %[3]s AS _version) FROM (SELECT * FROM %[1]s_docs WHERE %[4]s ORDER BY _version DESC LIMIT 1 BY %[5]s)",
		table, replace, version, where, keySQL(t, "/"))
}

func (b *book) day() string                 { return (ledger.DayOf(2023, 1, 5) + ledger.Day(b.r.IntN(300))).String() }
func (b *book) of(n int) int                { return b.r.IntN(n) }
func (b *book) customer() string            { return fmt.Sprintf("C%d", b.of(14)) }
func (b *book) source() string              { return []string{"s", "s", "s", "u"}[b.of(4)] }
func (b *book) some(k string, n int) string { return fmt.Sprintf("%s%d", k, b.of(n)) }

// edit makes one change to rows of some forty documents a side.
func (b *book) edit() {
	older := []int{-1, -1, -1, 0, 1, 3}[b.of(6)]
	deleted := fmt.Sprintf("toUInt8(%d) AS _deleted", b.of(2))
	invoice, payment, note, src := b.some("I", 40), b.some("P", 40), b.some("N", 10), b.source()
	if b.of(9) == 0 {
		note = b.some("I", 40) // a credit note may have the identifier of an invoice
	}
	switch b.of(21) {
	case 0, 1:
		b.put("invoices", "invoice_id, company, customer_id, invoice_date, currency, gross_amount, terms_code, rep_id", fmt.Sprintf("'%s', '%s', 'A', '%s', '%s', 'CNY', %d, %s, 'R1'", src, invoice, b.customer(), b.day(), 1+b.of(900), []string{"NULL", "'NET10'", "''"}[b.of(3)]))
	case 2, 3:
		b.put("payments", "payment_id, company, customer_id, receipt_date, currency, amount", fmt.Sprintf("'%s', '%s', 'A', '%s', '%s', 'CNY', %d", src, payment, b.customer(), b.day(), 1+b.of(900)))
	case 4:
		b.put("credit_notes", "credit_note_id, company, customer_id, credit_date, currency, amount, reason", fmt.Sprintf("'%s', '%s', 'B', '%s', '%s', 'USD', %d, 'returned'", src, note, b.customer(), b.day(), 1+b.of(900)))
	case 5, 6, 7:
		b.put("allocations", "allocation_id, invoice_id, payment_id, application_date, amount, discount_amount, reversal_of", fmt.Sprintf("'%s', '%s', '%s', '%s', '%s', %d, %s, %s", src, b.some("A", 60), invoice, payment, b.day(), 1+b.of(90), []string{"NULL", "0.5"}[b.of(2)], []string{"NULL", "'A1'"}[b.of(2)]))
	case 8:
		b.put("credit_allocations", "credit_allocation_id, invoice_id, credit_note_id, application_date, amount", fmt.Sprintf("'%s', '%s', '%s', '%s', '%s', %d", src, b.some("K", 12), invoice, note, b.day(), 1+b.of(90)))
	case 9:
		b.put("write_offs", "write_off_id, invoice_id, write_off_date, amount, write_off_type", fmt.Sprintf("'%s', '%s', '%s', '%s', %d, ''", src, b.some("W", 8), invoice, b.day(), 1+b.of(9)))
	case 10:
		b.put("disputes", "dispute_id, invoice_id, opened_on, disputed_amount, outcome", fmt.Sprintf("'%s', '%s', '%s', '%s', %s, 'valid'", src, b.some("D", 10), invoice, b.day(), []string{"NULL", "7"}[b.of(2)]))
	case 11:
		b.put("instalments", "invoice_id, seq, due_date, amount", fmt.Sprintf("'%s', '%s', %d, '%s', 20", src, invoice, 1+b.of(3), b.day()), fmt.Sprintf("'%s', '%s', 9, '%s', 30", src, b.some("I", 40), b.day()))
	case 12:
		b.put("invoice_rep_splits", "invoice_id, rep_id, share", fmt.Sprintf("'%s', '%s', '%s', 0.25", src, invoice, b.some("R", 3)))
	case 13:
		b.put("customers", "customer_id, valid_from, terms_code, segment", fmt.Sprintf("'%s', '%s', '%s', '%s', 'S'", src, b.customer(), []string{"1970-01-01", "2023-05-01"}[b.of(2)], []string{"NET30", "NET60", ""}[b.of(3)]))
	case 14:
		b.put("visits", "visit_id, customer_id, rep_id, happened_at", fmt.Sprintf("'%s', '%s', '%s', 'R%d', '%s 10:00:00'", src, b.some("V", 6), b.customer(), b.of(3), b.day()))
	case 15:
		b.put("promises", "promise_id, visit_id, customer_id, amount, currency, made_on, due_date", fmt.Sprintf("'%s', '%s', '%s', '%s', 5, 'CNY', '%s', '%s'", src, b.some("M", 6), b.some("V", 6), b.customer(), b.day(), b.day()))
	case 16: // moves, goes, comes back, or an old version of it is read again
		b.again("invoices", "invoice_id = '"+invoice+"'", fmt.Sprintf("'%s' AS customer_id, %s", b.customer(), deleted), older)
	case 17:
		b.again("payments", "payment_id = '"+payment+"'", fmt.Sprintf("'%s' AS customer_id, %s", b.customer(), deleted), older)
	case 18:
		b.again("allocations", "allocation_id = '"+b.some("A", 60)+"'", fmt.Sprintf("'%s' AS invoice_id, '%s' AS payment_id, %s", invoice, payment, deleted), older)
	case 19:
		table := []string{"instalments", "invoice_rep_splits", "disputes", "write_offs", "credit_notes"}[b.of(5)]
		id := map[string]string{"credit_notes": "credit_note_id"}[table]
		if id == "" {
			id = "invoice_id"
		}
		b.again(table, fmt.Sprintf("%s IN ('%s', '%s')", id, invoice, note), deleted, older)
	case 20: // the first time that a document was seen is kept when it is loaded again
		b.exec("INSERT INTO document_first_seen SELECT 'invoices' AS stream, source, invoice_id, toDateTime64('2023-12-%02d 00:00:00', 6, 'UTC') FROM invoices_docs WHERE invoice_id = '%s'", 1+b.of(28), invoice)
		b.again("invoices", "invoice_id = '"+invoice+"'", "gross_amount + 1 AS gross_amount", -1)
	}
	if b.of(25) == 0 {
		for _, table := range []string{"invoices", "payments", "allocations", "instalments"} {
			b.exec("OPTIMIZE TABLE %s_docs FINAL", table)
		}
	}
}

// keptBook is what a build keeps of every customer.
func keptBook(t *testing.T, src ledger.Source) (data, keys map[string][]byte) {
	t.Helper()
	data, keys = map[string][]byte{}, map[string][]byte{}
	for chunk, err := range ledger.Chunks(t.Context(), src, 100) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range chunk.Len() {
			data[chunk.Customer(i)], keys[chunk.Customer(i)] = chunk.Encode(nil, i), chunk.Keys(nil, i)
		}
		chunk.Release()
	}
	return data, keys
}

// changesSince gives what came after a mark, and holds the mark that it completes
// against one that reads everything.
func changesSince(t *testing.T, w *Warehouse, earlier Mark) Changes {
	t.Helper()
	on, _, err := w.Mark(t.Context(), earlier)
	if err != nil {
		t.Fatal(err)
	}
	changes, why, err := w.Changes(t.Context(), earlier, on)
	if err != nil || why != "" {
		t.Fatal(why, err)
	}
	all, _, err := w.Mark(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range readTables {
		if on[table].Version != all[table].Version {
			t.Errorf("%s: the highest version is %d, want %d", table, on[table].Version, all[table].Version)
		}
	}
	return changes
}

func TestChangedCustomersReadFromTheStateEqualThoseReadFromTheTables(t *testing.T) {
	w := migrated(t, optionsFor(t), canonical.Streams()...)
	b := &book{t: t, w: w, r: rand.New(rand.NewPCG(7, 11)), version: 100}
	for range 60 {
		b.edit()
	}
	fromState, looked := 0, 0
	var check func(data map[string][]byte, orphans []ledger.Orphan)
	for range 20 {
		mark, why, err := w.Mark(t.Context(), nil)
		if err != nil || why != "" {
			t.Fatal(why, err)
		}
		src, err := w.Ledger(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		data, keys := keptBook(t, src)
		remnants, _ := RemnantsOf(src)
		if check != nil {
			if check(data, remnants.Orphans); t.Failed() {
				return
			}
		}
		for range 1 + b.of(6) {
			b.edit()
		}
		changes := changesSince(t, w, mark)
		customers, kept := changes.Customers, []ledger.KeptCustomer(nil)
		for id, list := range keys {
			for k := range slices.Chunk(list, 4) {
				if changes.Keys[binary.LittleEndian.Uint32(k)] {
					customers[id] = true
				}
			}
		}
		for id := range customers {
			if data[id] != nil {
				kept = append(kept, ledger.KeptCustomer{ID: id, Data: data[id]})
			}
		}
		some, err := w.LedgerOf(t.Context(), customers, &changes, remnants, kept)
		if err != nil {
			t.Fatal(err)
		}
		if m := some.(*memoryLedger); m.kept != nil {
			fromState++
		}
		looked++
		got, _ := keptBook(t, some)
		after, _ := RemnantsOf(some)
		check = func(want map[string][]byte, orphans []ledger.Orphan) {
			for _, id := range slices.Sorted(maps.Keys(want)) {
				now, ok := got[id]
				if !ok {
					now = data[id]
				}
				if !bytes.Equal(now, want[id]) {
					t.Errorf("customer %s (replayed: %v): %d bytes, want %d: %q\n%q", id, ok, len(now), len(want[id]), now, want[id])
				}
			}
			for id := range got {
				if want[id] == nil {
					t.Errorf("customer %s has no rows any more", id)
				}
			}
			if !reflect.DeepEqual(after.Orphans, orphans) {
				t.Errorf("orphans %v\nwant %v", after.Orphans, orphans)
			}
		}
	}
	if fromState*2 < looked {
		t.Errorf("only %d of %d times the state sufficed", fromState, looked)
	}
}
