package load

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

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
