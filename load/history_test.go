package load

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"huikuan/transform/canonical"
	"huikuan/transform/ledger"
)

// page is when a page was received, and the version of its rows.
func page(day int) (received time.Time, version uint64) {
	received = noon.AddDate(0, 0, day)
	return received, uint64(received.UnixMicro()) * VersionLadder
}

// read loads an invoice of 100.00 as a page of that day gives it.
func read(t *testing.T, w *Warehouse, day int, change doc) {
	t.Helper()
	received, version := page(day)
	d := doc{"invoice_id": "i1", "customer_id": "c1", "invoice_date": "2024-01-05", "due_date": "2024-02-05", "currency": "EUR", "gross_amount": "100",
		"_version": version, "_loaded_at": received, "_run_id": fmt.Sprint("run", day)}
	for k, v := range change {
		d[k] = v
	}
	loadPart(t, w, "invoices", day, []doc{d})
}

func versionsOf(t *testing.T, w *Warehouse) string {
	t.Helper()
	var out []string
	for _, row := range ask(t, w, "SELECT stream, instalment_seq, due_date, amount, edited_by, toDate(seen_at), toDate(last_seen_at), run_id FROM document_versions ORDER BY stream, instalment_seq, seen_at") {
		out = append(out, fmt.Sprint(row))
	}
	return strings.Join(out, "\n")
}

func recorded(t *testing.T, w *Warehouse) string {
	t.Helper()
	rows := input(t, w, ledger.InDocuments, "item_id", "recorded_at")
	m, err := w.Ledger(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if inMemory := input(t, m, ledger.InDocuments, "item_id", "recorded_at"); inMemory != rows {
		t.Errorf("in memory the documents are\n%s\nthe engine says\n%s", inMemory, rows)
	}
	return rows
}

func day(n int) string { return noon.AddDate(0, 0, n).Format(time.DateOnly) }

func at(n int) string { return noon.AddDate(0, 0, n).Format("2006-01-02 15:04:05Z") }

func TestWhatAnInvoiceSaidBeforeIsKept(t *testing.T) {
	w := ledgerWarehouse(t)
	read(t, w, 0, nil)
	if got := versionsOf(t, w); got != "" {
		t.Errorf("loaded once, it has versions: %s", got)
	}
	read(t, w, 1, nil)
	want := []string{fmt.Sprintf("[invoices 0 2024-02-05 100 <nil> %s %s run0]", day(0), day(1))}
	wantLines(t, "read again, the same", versionsOf(t, w), want...)

	read(t, w, 2, doc{"due_date": "2024-03-05", "edited_by": "ann"})
	want = append(want, fmt.Sprintf("[invoices 0 2024-03-05 100 ann %s %s run2]", day(2), day(2)))
	wantLines(t, "the due date moved", versionsOf(t, w), want...)
	wantLines(t, "it is known since it was first seen", recorded(t, w), "i1 "+at(0))

	received, version := page(3)
	loadDocs(t, w, "invoices", doc{"invoice_id": "i1", "customer_id": "c1", "invoice_date": "2024-01-05", "currency": "EUR", "gross_amount": "100", "_version": version, "_loaded_at": received, "_deleted": uint8(1)})
	wantLines(t, "deleted", versionsOf(t, w), want...)

	read(t, w, 4, doc{"due_date": "2024-03-05", "created_at": noon.AddDate(0, 0, -9)})
	wantLines(t, "the source says when it was recorded", recorded(t, w), "i1 "+at(-9))
}

func TestInstalmentsHaveVersionsOfTheirOwn(t *testing.T) {
	w := ledgerWarehouse(t)
	for n, due := range []string{"2024-02-05", "2024-02-05", "2024-02-20"} {
		received, version := page(n)
		loadPart(t, w, "instalments", n, []doc{{"invoice_id": "i1", "seq": int64(2), "due_date": due, "amount": "50", "_version": version, "_loaded_at": received, "_run_id": fmt.Sprint("run", n)}})
	}
	wantLines(t, "versions", versionsOf(t, w),
		fmt.Sprintf("[instalments 2 2024-02-05 50 <nil> %s %s run0]", day(0), day(1)),
		fmt.Sprintf("[instalments 2 2024-02-20 50 <nil> %s %s run2]", day(2), day(2)))
}

// redated_documents tells by it whether an invoice was known before its
// instalments were: each stands there with the instant it came, as soon as one
// of them is read again.
func TestInstalmentsThatComeLaterStandBesideTheirInvoice(t *testing.T) {
	w := ledgerWarehouse(t)
	read(t, w, 0, nil)
	instalment := func(n int) {
		received, version := page(n)
		loadPart(t, w, "instalments", n, []doc{{"invoice_id": "i1", "seq": int64(1), "due_date": "2024-03-05", "amount": "100", "_version": version, "_loaded_at": received, "_run_id": fmt.Sprint("run", n)}})
	}
	instalment(3)
	if got := versionsOf(t, w); got != "" {
		t.Errorf("both were read once, and there are versions: %s", got)
	}
	instalment(4)
	wantLines(t, "the instalment was read again", versionsOf(t, w),
		fmt.Sprintf("[instalments 1 2024-03-05 100 <nil> %s %s run3]", day(3), day(4)),
		fmt.Sprintf("[invoices 0 2024-02-05 100 <nil> %s %s run0]", day(0), day(0)))
	read(t, w, 5, nil)
	wantLines(t, "and the invoice", versionsOf(t, w),
		fmt.Sprintf("[instalments 1 2024-03-05 100 <nil> %s %s run3]", day(3), day(4)),
		fmt.Sprintf("[invoices 0 2024-02-05 100 <nil> %s %s run0]", day(0), day(5)))
}

// A replay maps old pages anew. What it makes of a page takes the place of what
// the page gave before, at the time of the page.
func TestAReplayChangesWhatAPageSaidAndAddsNoVersionOfToday(t *testing.T) {
	w := ledgerWarehouse(t)
	read(t, w, 0, doc{"gross_amount": "1"}) // a mapping that took the wrong field
	read(t, w, 1, doc{"gross_amount": "1"})
	read(t, w, 2, doc{"gross_amount": "1", "due_date": "2024-03-05"})
	for _, again := range []string{"first", "second"} {
		for n, change := range []doc{{}, {}, {"due_date": "2024-03-05"}} {
			_, version := page(n)
			change["_version"], change["_loaded_at"], change["_run_id"] = version+1, noon.AddDate(0, 0, 30), "replay"
			loadPart(t, w, "invoices", 10+n, []doc{withDefaults(change)})
		}
		wantLines(t, again+" replay", versionsOf(t, w),
			fmt.Sprintf("[invoices 0 2024-02-05 100 <nil> %s %s replay]", day(0), day(1)),
			fmt.Sprintf("[invoices 0 2024-03-05 100 <nil> %s %s replay]", day(2), day(2)))
	}
	wantLines(t, "it is still known since the first page", recorded(t, w), "i1 "+at(0))
}

func withDefaults(d doc) doc {
	out := doc{"invoice_id": "i1", "customer_id": "c1", "invoice_date": "2024-01-05", "due_date": "2024-02-05", "currency": "EUR", "gross_amount": "100"}
	for k, v := range d {
		out[k] = v
	}
	return out
}

// A document that goes back to what it said before has three versions, however
// often each content is read, kept or loaded again.
func TestAContentThatComesBackIsAVersionOfItsOwn(t *testing.T) {
	w := ledgerWarehouse(t)
	moved := doc{"due_date": "2024-03-05"}
	pages := []doc{nil, nil, moved, moved, nil, nil, moved, nil, nil}
	load := func(from int) {
		for n := from; n < len(pages); n++ {
			read(t, w, n, pages[n])
		}
	}
	version := func(due string, first, last int) string {
		return fmt.Sprintf("[invoices 0 %s 100 <nil> %s %s run%d]", due, day(first), day(last), first)
	}
	want := []string{version("2024-02-05", 0, 1), version("2024-03-05", 2, 3), version("2024-02-05", 4, 5), version("2024-03-05", 6, 6), version("2024-02-05", 7, 8)}
	load(0)
	wantLines(t, "loaded", versionsOf(t, w), want...)
	load(0)
	wantLines(t, "the same pages loaded once more", versionsOf(t, w), want...)
	load(3)
	if err := w.keepRows(context.Background(), "invoices", "source = 'erp'", "source = 'erp'"); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"invoices_docs", versionsLog} {
		if err := w.Exec(context.Background(), "OPTIMIZE TABLE "+table+" FINAL"); err != nil {
			t.Fatal(err)
		}
	}
	wantLines(t, "kept again, all merged", versionsOf(t, w), want...)

	received, at := page(9)
	loadDocs(t, w, "invoices", doc{"invoice_id": "i1", "customer_id": "c1", "invoice_date": "2024-01-05", "currency": "EUR", "gross_amount": "100", "_version": at, "_loaded_at": received, "_deleted": uint8(1)})
	wantLines(t, "deleted", versionsOf(t, w), want...)
	read(t, w, 10, nil)
	want[4] = version("2024-02-05", 7, 10)
	wantLines(t, "there again, as it was", versionsOf(t, w), want...)
}

// What several loads left is kept by one statement where a run brings very many rows.
func TestContentsKeptTogetherAreToldApart(t *testing.T) {
	w := ledgerWarehouse(t)
	w.kept["invoices\x00erp"] = keeping{run: "many", done: true}
	for n, due := range []string{"2024-02-05", "2024-03-05", "2024-02-05", "2024-03-05"} {
		read(t, w, n, doc{"due_date": due, "_run_id": "many"})
	}
	read(t, w, 4, doc{"due_date": "2024-04-05"})
	rows := ask(t, w, "SELECT toString(due_date), toString(toDate(seen_at)), toString(toDate(last_seen_at)) FROM document_versions ORDER BY seen_at")
	if len(rows) < 2 || fmt.Sprint(rows[len(rows)-2:]) != fmt.Sprintf("[[2024-03-05 %s %s] [2024-04-05 %s %s]]", day(3), day(3), day(4), day(4)) {
		t.Errorf("versions: %v", rows)
	}
	for i := 1; i < len(rows); i++ { // the engine may have merged some before they were kept
		if rows[i][0] == rows[i-1][0] || fmt.Sprint(rows[i][1]) <= fmt.Sprint(rows[i-1][2]) {
			t.Errorf("versions overlap or repeat one another: %v", rows)
		}
	}
}

// A warehouse whose log did not tell returns apart goes on with all it knew.
func TestALogOfAnOlderWarehouseIsBroughtUpToDate(t *testing.T) {
	ctx := context.Background()
	w := ledgerWarehouse(t)
	read(t, w, 0, nil)
	older := strings.NewReplacer(",\n    follows "+followsColumn, "", ", follows)", ")").Replace(w.render().versionsLog()[0])
	for _, sql := range []string{"DROP TABLE " + versionsLog, older, "INSERT INTO " + versionsLog + " " + versionsSelect("invoices") + " FROM invoices_docs"} {
		if err := w.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for range 2 {
		if _, err := w.Migrate(ctx, canonical.Streams(), nil); err != nil {
			t.Fatal(err)
		}
	}
	read(t, w, 1, doc{"due_date": "2024-03-05"})
	read(t, w, 2, nil)
	wantLines(t, "versions", versionsOf(t, w),
		fmt.Sprintf("[invoices 0 2024-02-05 100 <nil> %s %s run0]", day(0), day(0)),
		fmt.Sprintf("[invoices 0 2024-03-05 100 <nil> %s %s run1]", day(1), day(1)),
		fmt.Sprintf("[invoices 0 2024-02-05 100 <nil> %s %s run2]", day(2), day(2)))
}
