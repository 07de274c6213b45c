package load

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/canonical"
	"huikuan/transform/ledger"
)

// rowsOf reads a whole input table, every column of a row as one line.
func rowsOf(t *testing.T, src ledger.Source, table string) []string {
	t.Helper()
	var out []string
	for rec, err := range src.Rows(context.Background(), table) {
		if err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		if want, _ := ledger.Input(table); !rec.Schema().Equal(want.Arrow()) {
			t.Fatalf("%s: schema %v", table, rec.Schema())
		}
		out = append(out, lines(rec)...)
	}
	return out
}

func lines(rec arrow.Record) []string {
	out := make([]string, rec.NumRows())
	for i := range out {
		for c := range int(rec.NumCols()) {
			out[i] += fmt.Sprintf("%s=%q ", rec.ColumnName(c), rec.Column(c).ValueStr(i))
		}
	}
	return out
}

func inMemory(t *testing.T, w *Warehouse) ledger.Source {
	t.Helper()
	src, err := w.Ledger(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := src.(*memoryLedger); !ok {
		t.Fatalf("the ledger is %T, want one in memory", src)
	}
	return src
}

// sameInputs compares the ledger in memory with the engine's, row for row, and
// tells how many rows each input has.
func sameInputs(t *testing.T, w *Warehouse) map[string]int {
	t.Helper()
	src, rows := inMemory(t, w), map[string]int{}
	for _, table := range ledger.Inputs() {
		got, want := rowsOf(t, src, table.Name), rowsOf(t, w, table.Name)
		if len(got) != len(want) {
			t.Errorf("%s: %d rows, want %d", table.Name, len(got), len(want))
		}
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Errorf("%s row %d:\n%s\nwant\n%s", table.Name, i, got[i], want[i])
				break
			}
		}
		rows[table.Name] = len(got)
	}
	return rows
}

func TestTheLedgerInMemoryEqualsTheEngines(t *testing.T) {
	t.Run("empty", func(t *testing.T) { sameInputs(t, ledgerWarehouse(t)) })
	t.Run("one of each", func(t *testing.T) {
		w := ledgerWarehouse(t)
		oneOfEach(t, w)
		sameInputs(t, w)
	})
	t.Run("many of each", func(t *testing.T) {
		w := ledgerWarehouse(t)
		manyOfEach(t, w, 2400)
		rows := sameInputs(t, w)
		if n := askOne(t, w, "SELECT count() FROM "+firstSeenTable); n == int64(0) || n == uint64(0) {
			t.Error("no document was loaded twice")
		}
		for _, table := range []string{ledger.InDocuments, ledger.InApplications, ledger.InInstalments, ledger.InSplits, ledger.InDisputes, ledger.InOrphans} {
			if rows[table] < 50 {
				t.Errorf("%s has %d rows, too few to compare", table, rows[table])
			}
		}
	})
}

// manyOfEach loads documents of three sources whose identifiers overlap, in
// several parts, some of them replaced, deleted or without their counterpart.
func manyOfEach(t *testing.T, w *Warehouse, n int) {
	t.Helper()
	pick := func(i int, from ...any) any { return from[i%len(from)] }
	for part := range 3 {
		docs := map[string][]doc{}
		add := func(stream string, i int, d doc) {
			d["source"], d["_version"], d["_run_id"] = pick(i/1000, "erp", "crm", "Ärp"), uint64(part+1), fmt.Sprint("r", part)
			d["_loaded_at"] = noon.Add(time.Duration(part) * time.Hour)
			if table, _ := canonical.Lookup(stream); slices.Contains(table.Names(), "created_at") {
				d["created_at"] = pick(i, nil, nil, noon.AddDate(0, -1, 0))
			}
			if i%41 == 0 {
				d["_deleted"] = uint8(1)
			}
			docs[stream] = append(docs[stream], d)
		}
		for i := part; i < n; i += 1 + part*7 { // later parts replace some of the first
			day := fmt.Sprintf("2024-%02d-%02d", 1+i%12, 1+i%28)
			id, customer := i%1000, fmt.Sprintf("c%d", i%97)
			invoice := fmt.Sprintf("I%04d", id)
			add("invoices", i, doc{"invoice_id": invoice, "customer_id": customer, "company": pick(i, "", "ACME", "BETA"), "doc_type": pick(i, "", "invoice", "debit_note"), "invoice_date": day,
				"currency": pick(i, "EUR", "USD"), "gross_amount": fmt.Sprint(i - 9), "rep_id": pick(i, nil, "", "ann"), "terms_code": pick(i, nil, "", "NET10"), "due_date": pick(i, nil, day)})
			add("payments", i, doc{"payment_id": fmt.Sprintf("P%04d", id), "customer_id": fmt.Sprintf("c%d", i%89), "receipt_date": day, "currency": "EUR", "amount": fmt.Sprint(i), "reversed_on": pick(i, nil, day, nil)})
			add("allocations", i, doc{"allocation_id": fmt.Sprintf("A%04d", id), "payment_id": fmt.Sprintf("P%04d", id*31%1050), "invoice_id": fmt.Sprintf("I%04d", id*7%1060), "application_date": day,
				"amount": fmt.Sprint(i), "discount_amount": pick(i, nil, "1"), "payment_amount": pick(i, nil, nil, "7.5"), "instalment_seq": pick(i, nil, int64(1)), "reversal_of": pick(i, nil, "A1")})
			switch i % 5 {
			case 0:
				add("credit_notes", i, doc{"credit_note_id": pick(i/5, "N", "I").(string) + fmt.Sprint(id), "customer_id": customer, "credit_date": day, "currency": "EUR", "amount": "9", "reason": pick(i, nil, "price", "")})
				add("credit_allocations", i, doc{"credit_allocation_id": fmt.Sprintf("A%04d", id), "credit_note_id": fmt.Sprintf("N%d", id+i%3), "invoice_id": invoice, "application_date": day, "amount": "4", "credit_amount": pick(i, nil, "3.25")})
			case 1:
				add("write_offs", i, doc{"write_off_id": fmt.Sprintf("W%d", id), "invoice_id": fmt.Sprintf("I%04d", id+i%2*5000), "write_off_date": day, "amount": "2", "write_off_type": pick(i, "", "settlement")})
			case 2:
				for seq := range 3 {
					add("instalments", i, doc{"invoice_id": fmt.Sprintf("I%04d", id+i%2*4000), "seq": int64(seq), "due_date": day, "amount": "1"})
				}
			case 3:
				add("invoice_rep_splits", i, doc{"invoice_id": pick(i, invoice, "I5", "N0"), "rep_id": fmt.Sprintf("r%d", id), "share": "0.25"})
			case 4:
				add("disputes", i, doc{"dispute_id": fmt.Sprintf("D%d", id), "invoice_id": fmt.Sprintf("I%04d", id+i%2*4000), "opened_on": day, "closed_on": pick(i, nil, day), "disputed_amount": pick(i, nil, "3"), "reason": pick(i, nil, "price"), "outcome": pick(i/2, nil, "valid")})
			}
			if i%3 == 0 {
				add("customers", i, doc{"customer_id": customer, "terms_code": pick(i, nil, "NET30", ""), "valid_from": pick(i, "1970-01-01", day)})
			}
		}
		for stream, rows := range docs {
			loadPart(t, w, stream, part, unique(t, stream, rows))
		}
	}
}

// unique keeps the last document of an identity.
func unique(t *testing.T, name string, rows []doc) []doc {
	t.Helper()
	table, ok := canonical.Lookup(name)
	if !ok {
		t.Fatal(name)
	}
	at, out := map[string]int{}, []doc(nil)
	for _, d := range rows {
		key := fmt.Sprint(d["source"])
		for _, k := range table.Key {
			key += "|" + fmt.Sprint(d[k])
		}
		if i, again := at[key]; again {
			out[i] = d
			continue
		}
		at[key] = len(out)
		out = append(out, d)
	}
	return out
}

func TestALedgerThatDoesNotFitIsLeftToTheEngine(t *testing.T) {
	o := optionsFor(t)
	w := migrated(t, o, canonical.Streams()...)
	oneOfEach(t, w)
	small := &Warehouse{conn: w.conn, opts: w.opts, log: w.log, alloc: w.alloc}
	small.opts.MaxMemory = 1000
	src, err := small.Ledger(context.Background())
	if err != nil || src != ledger.Source(small) {
		t.Errorf("the ledger is %T, %v; want the warehouse itself", src, err)
	}
	loadPart(t, w, "invoices", 1, []doc{{"invoice_id": "nul", "company": "A\x00B", "customer_id": "c", "invoice_date": "2024-01-01", "currency": "EUR", "gross_amount": "1"}})
	if src, err = w.Ledger(context.Background()); err != nil || src != ledger.Source(w) {
		t.Errorf("a company with NUL: the ledger is %T, %v; want the warehouse itself", src, err)
	}
}

func TestTheLedgerInMemoryGivesItsBatchesBack(t *testing.T) {
	o := optionsFor(t)
	manyOfEach(t, migrated(t, o, canonical.Streams()...), 200)
	checked := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer checked.AssertSize(t, 0)
	o.Allocator = checked
	w := open(t, o)
	src := inMemory(t, w)
	for _, table := range ledger.Inputs() {
		for _, err := range src.Rows(context.Background(), table.Name) {
			if err != nil {
				t.Error(err)
			}
			break
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.Ledger(ctx); err == nil {
		t.Error("a cancelled context gives a ledger")
	}
	for _, err := range src.Rows(ctx, ledger.InDocuments) {
		if err == nil {
			t.Error("a cancelled context gives rows")
		}
	}
}
