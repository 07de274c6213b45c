package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"huikuan/internal/faults"
)

// keysOf is a pass that meets every identifier, in every run but the first.
const keysOf = `
    passes:
      - name: keys
        every: 0s
        request: {path: /api/invoices, query: {ids: "1", after: "{{ .page.after }}", size: "{{ .page.size }}"}}
        paging: {type: id, id: id, first: "0", numeric: false, size: 9}
        emit: [{to: invoices, fields: {invoice_id: id}}]
`

// fullOf is a pass that reads everything again.
const fullOf = `
    passes:
      - name: full
        every: 0s
        request: {path: /api/invoices, query: {offset: "{{ .page.offset }}", size: "{{ .page.size }}"}}
        paging: {type: offset, size: 8}
`

// lineStream reads the lines of every invoice that changed, and replaces them.
const lineStream = `
  - name: lines
    parent: {stream: invoices, id: id, concurrency: 3}
    request: {path: "/api/invoices/{{ .parent.id }}/lines"}
    records: data
    paging: {type: none}
    replace: {tables: [allocations], by: invoice_id}
    emit:
      - to: allocations
        fields: {allocation_id: child.id, payment_id: child.payment, invoice_id: parent.id, application_date: child.date, amount: child.amount}
`

func putLine(s *faults.Server, id, invoice string, cents int64) {
	s.Put("lines", id, map[string]any{"parent": invoice, "payment": "P" + id, "date": "2026-02-03", "amount": amountOf(cents)})
}

// sameLines holds the allocations against the source's lines of invoices it has.
func sameLines(t *testing.T, a *App, s *faults.Server) {
	t.Helper()
	var want []string
	for _, r := range s.List("lines") {
		want = append(want, fmt.Sprintf("%s %s %s", r.ID, r.Fields["parent"], r.Fields["amount"]))
	}
	got := lines(t, a, "SELECT allocation_id, invoice_id, toDecimalString(amount, 2) FROM allocations ORDER BY allocation_id")
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Fatalf("allocations\n%s\nthe source has\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAKeysPassDeletesWhatIsGoneFromTheSource(t *testing.T) {
	src := newSource(t)
	fill(src, 40)
	a := openOn(t, src, connectorFile(t, connectorHead+"streams:"+invoiceStream+keysOf+invoiceEmit))
	synced(t, a, SyncOptions{})
	sameInvoices(t, a, "erp", src)
	src.Delete("invoices", "R0007")
	src.Delete("invoices", "R0039")
	r := synced(t, a, SyncOptions{})
	sameInvoices(t, a, "erp", src)
	if r.Deleted() != 2 {
		t.Errorf("%d deletions reported, want 2", r.Deleted())
	}
	if r = synced(t, a, SyncOptions{}); r.Deleted() != 0 {
		t.Errorf("%d deletions reported again", r.Deleted())
	}
	src.Put("invoices", "R0007", invoiceFields("C1", 777)) // it comes back
	synced(t, a, SyncOptions{})
	sameInvoices(t, a, "erp", src)
	if got := lines(t, a, "SELECT count() FROM ops_seen_keys"); got[0] != "0" {
		t.Errorf("%s keys are still kept after the pass", got[0])
	}
	if got := lines(t, a, "SELECT argMax(custom['deleted_by'], _version), argMax(gross_amount > 0, _version) FROM invoices_docs WHERE invoice_id = 'R0039'"); fmt.Sprint(got) != "[keys 1]" {
		t.Errorf("the deletion says %v, want who deleted what", got)
	}
}

func TestAKeysPassFindsRowsThatTheCursorMissedAndReadsThemAgain(t *testing.T) {
	src := newSource(t)
	fill(src, 40)
	src.PutAt("invoices", "D0001", day0, map[string]any{"customer": "C1", "status": "draft"})
	a := openOn(t, src, connectorFile(t, connectorHead+"streams:"+invoiceStream+keysOf+strings.Replace(invoiceEmit, "emit:", "emit:\n      - skip_when: {status: draft}", 1)))
	synced(t, a, SyncOptions{})
	r := synced(t, a, SyncOptions{})
	if !strings.Contains(r.Streams[0].Notice, "the mapping leaves them out") {
		t.Errorf("the draft is no lost row: %q", r.Streams[0].Notice)
	}
	asked := len(src.Requests())
	if r = synced(t, a, SyncOptions{}); r.Streams[0].Notice != "" {
		t.Errorf("the draft was suspected again: %q", r.Streams[0].Notice)
	}
	quiet := len(src.Requests()) - asked

	// Two records committed late, dated long before the cursor.
	src.PutAt("invoices", "L0001", day0.Add(-48*time.Hour), invoiceFields("C1", 4711))
	src.PutAt("invoices", "R0001", day0.Add(-48*time.Hour), invoiceFields("C1", 5)) // changed without a sign: a keys pass cannot see it
	asked = len(src.Requests())
	r = synced(t, a, SyncOptions{})
	if r.Streams[0].FoundAgain != 1 {
		t.Errorf("%d found again, want 1: %q", r.Streams[0].FoundAgain, r.Streams[0].Notice)
	}
	if n := len(src.Requests()) - asked; n <= quiet {
		t.Errorf("%d requests after %d in a quiet run: nothing was read again", n, quiet)
	}
	src.Delete("invoices", "D0001")
	sameInvoices(t, a, "erp", src)
}

func TestASweepThatWouldDeleteTooMuchStopsAndIsDoneOnceItIsAccepted(t *testing.T) {
	for name, pass := range map[string]string{"keys": keysOf, "full": fullOf} {
		t.Run(name, func(t *testing.T) { stopsAtTooMuch(t, pass) })
	}
}

func stopsAtTooMuch(t *testing.T, pass string) {
	src := newSource(t)
	fill(src, 300)
	a := openOn(t, src, connectorFile(t, connectorHead+"streams:"+strings.Replace(invoiceStream, "size: 7", "size: 70", 1)+strings.Replace(strings.Replace(pass, "size: 9", "size: 90", 1), "size: 8", "size: 80", 1)+invoiceEmit))
	synced(t, a, SyncOptions{})
	for i := range 150 {
		src.Delete("invoices", fmt.Sprintf("R%04d", i))
	}
	for range 2 { // it stays stopped, and every run looks anew
		r, err := a.Sync(t.Context(), SyncOptions{})
		var guard *GuardError
		if err != nil || !errors.As(r.Err(), &guard) || guard.Rows != 300 || guard.Gone != 150 || !strings.Contains(guard.Error(), "--accept-deletions") {
			t.Fatalf("%v %v", err, r.Err())
		}
		if got := lines(t, a, "SELECT count() FROM invoices"); got[0] != "300" {
			t.Fatalf("%s rows are left", got[0])
		}
	}
	fill(src, 150) // half of what was gone was a matter of rights
	for i := range 75 {
		src.Delete("invoices", fmt.Sprintf("R%04d", i))
	}
	if r, err := a.Sync(t.Context(), SyncOptions{}); err != nil || r.Err() != nil {
		t.Fatalf("75 of 300 rows are fewer than a hundred: %v %v", err, r.Err())
	}
	sameInvoices(t, a, "erp", src)
	for i := range 200 {
		src.Delete("invoices", fmt.Sprintf("R%04d", i))
	}
	if r, _ := a.Sync(t.Context(), SyncOptions{}); r.Err() == nil {
		t.Error("125 of 225 rows were deleted unasked")
	}
	synced(t, a, SyncOptions{AcceptDeletions: true})
	sameInvoices(t, a, "erp", src)
	for i := range 300 {
		src.Delete("invoices", fmt.Sprintf("R%04d", i))
	}
	if r, _ := a.Sync(t.Context(), SyncOptions{}); r.Err() == nil {
		t.Error("a pass that met nothing at all emptied the table")
	}
}

func TestAFullPassFindsChangesAndDeletionsThatLeaveNoSign(t *testing.T) {
	src := newSource(t)
	fill(src, 40)
	a := openOn(t, src, connectorFile(t, connectorHead+"streams:"+invoiceStream+fullOf+invoiceEmit))
	synced(t, a, SyncOptions{})
	src.Delete("invoices", "R0012")
	src.PutAt("invoices", "R0001", day0.Add(-48*time.Hour), invoiceFields("C1", 5))
	r := synced(t, a, SyncOptions{})
	sameInvoices(t, a, "erp", src)
	if r.Deleted() != 1 {
		t.Errorf("%d deleted, want 1", r.Deleted())
	}
	src.Delete("invoices", "R0013")
	src.PutAt("invoices", "R0014", day0, map[string]any{"customer": "C1", "date": "?", "currency": "CNY", "amount": "1"})
	r = synced(t, a, SyncOptions{})
	if r.Deleted() != 0 || !strings.Contains(r.Streams[0].Notice, "rejected") {
		t.Errorf("a pass with rejected records deleted %d: %q", r.Deleted(), r.Streams[0].Notice)
	}
	src.PutAt("invoices", "R0014", day0, invoiceFields("C1", 14))
	synced(t, a, SyncOptions{})
	sameInvoices(t, a, "erp", src)
}

func TestAParentsRowsThatDidNotComeAgainAreDeleted(t *testing.T) {
	src := newSource(t)
	fill(src, 30)
	for i := range 30 {
		for j := range i % 4 {
			putLine(src, fmt.Sprintf("%04d-%d", i, j), fmt.Sprintf("R%04d", i), int64(100*i+j))
		}
	}
	file := connectorFile(t, connectorHead+"streams:"+invoiceStream+invoiceEmit+lineStream)
	a := openOn(t, src, file)
	synced(t, a, SyncOptions{})
	sameLines(t, a, src)
	if got := lines(t, a, "SELECT count() FROM allocations"); got[0] != "43" {
		t.Fatalf("%s allocations", got[0])
	}

	// A line goes, one moves to another invoice, one invoice loses all of its lines.
	touch := func(id string, cents int64) { src.Put("invoices", id, invoiceFields("C1", cents)) }
	src.Delete("lines", "0003-1")
	putLine(src, "0007-2", "R0011", 99)
	src.Delete("lines", "0002-0")
	src.Delete("lines", "0002-1")
	for i, id := range []string{"R0003", "R0007", "R0011", "R0002"} {
		touch(id, int64(i))
	}
	r := synced(t, a, SyncOptions{})
	sameLines(t, a, src)
	sameInvoices(t, a, "erp", src)
	if r.Deleted() != 3 {
		t.Errorf("%d deletions, want 3", r.Deleted())
	}

	// A replay of all pages, old ones with the lines that are gone among them, changes nothing.
	for range 2 {
		report, err := a.Replay(t.Context(), ReplayOptions{Source: "erp"})
		if err != nil || report.Err() != nil {
			t.Fatal(err, report.Err())
		}
		sameLines(t, a, src)
	}

	// A line that cannot be mapped keeps its row: nobody says that it is gone.
	src.Put("lines", "0003-0", map[string]any{"parent": "R0003", "payment": "P", "date": "?", "amount": "1"})
	src.Delete("lines", "0003-2")
	touch("R0003", 1)
	if r = synced(t, a, SyncOptions{}); r.Rejected() != 1 || r.Deleted() != 1 {
		t.Errorf("%d rejected, %d deleted, want 1 and 1", r.Rejected(), r.Deleted())
	}
	if got := lines(t, a, "SELECT allocation_id FROM allocations WHERE invoice_id = 'R0003'"); fmt.Sprint(got) != "[0003-0]" {
		t.Errorf("rows of the invoice with a rejected line: %v", got)
	}
}

func TestStreamsOfASourceDoNotDeleteEachOthersRows(t *testing.T) {
	src := newSource(t)
	fill(src, 20)
	for i := range 10 {
		src.PutAt("memos", fmt.Sprintf("M%04d", i), day0, invoiceFields("C1", int64(i)))
	}
	memos := strings.ReplaceAll(invoiceStream, "invoices", "memos")
	a := openOn(t, src, connectorFile(t, connectorHead+"streams:"+invoiceStream+keysOf+invoiceEmit+memos+invoiceEmit))
	synced(t, a, SyncOptions{})
	src.Delete("invoices", "R0001")
	if r := synced(t, a, SyncOptions{}); r.Deleted() != 1 {
		t.Errorf("%d deleted, want 1", r.Deleted())
	}
	if got := lines(t, a, "SELECT _stream, count() FROM invoices GROUP BY _stream ORDER BY _stream"); fmt.Sprint(got) != "[invoices 19 memos 10]" {
		t.Errorf("rows by stream: %v", got)
	}
}

func TestWhatBelongsToADeletedDocumentGoesWithIt(t *testing.T) {
	src := newSource(t)
	fill(src, 12)
	for i := range 12 {
		putLine(src, fmt.Sprintf("%04d-0", i), fmt.Sprintf("R%04d", i), int64(100*i))
	}
	instalments := `
      - to: instalments
        fields: {invoice_id: id, seq: {const: 1}, due_date: date, amount: amount}
`
	a := openOn(t, src, connectorFile(t, connectorHead+"streams:"+invoiceStream+keysOf+invoiceEmit+instalments+lineStream))
	synced(t, a, SyncOptions{})
	if got := lines(t, a, "SELECT count() FROM instalments"); got[0] != "12" {
		t.Fatalf("%s instalments", got[0])
	}
	src.Delete("invoices", "R0004")
	src.Delete("lines", "0004-0")
	if r := synced(t, a, SyncOptions{}); r.Deleted() != 3 {
		t.Errorf("%d rows deleted, want the invoice, its instalment and its line", r.Deleted())
	}
	sameInvoices(t, a, "erp", src)
	sameLines(t, a, src)
	if got := lines(t, a, "SELECT count(), countIf(invoice_id = 'R0004') FROM instalments"); got[0] != "11 0" {
		t.Errorf("instalments, of them the deleted invoice's: %s", got[0])
	}
	src.Put("invoices", "R0004", invoiceFields("C1", 4)) // undone
	putLine(src, "0004-0", "R0004", 44)
	synced(t, a, SyncOptions{})
	sameInvoices(t, a, "erp", src)
	sameLines(t, a, src)
	if got := lines(t, a, "SELECT count() FROM instalments"); got[0] != "12" {
		t.Errorf("%s instalments after the invoice came back", got[0])
	}
}

// settledBy are rows that know their document by an entry of the map column only.
const settledBy = `
      - to: credit_allocations
        fields: {credit_allocation_id: {template: "{{id}}|1"}, credit_note_id: {const: N1}, invoice_id: {const: R0000}, application_date: date, amount: {const: 1}}
        custom: {invoice_id: id}
    replace: {tables: [credit_allocations], by: custom.invoice_id, value: id}
`

func TestAListOfDeletionsTakesWhatADocumentHadInAnotherStream(t *testing.T) {
	gone := strings.ReplaceAll(invoiceStream, "invoices", "gone") + `
    replace: {tables: [credit_allocations], by: custom.invoice_id, value: id, stream: invoices}
    emit: [{to: invoices, delete: true, fields: {invoice_id: id}}]
`
	settlementsGoWith(t, invoiceStream+invoiceEmit+settledBy+gone)
}

func TestWhatADocumentSettledGoesWhenItsKeyIsMissing(t *testing.T) {
	settlementsGoWith(t, invoiceStream+keysOf+invoiceEmit+settledBy)
}

func settlementsGoWith(t *testing.T, streams string) {
	t.Helper()
	src := newSource(t)
	fill(src, 12)
	a := openOn(t, src, connectorFile(t, connectorHead+"streams:"+streams))
	synced(t, a, SyncOptions{})
	left := func() string {
		return fmt.Sprint(lines(t, a, "SELECT count(), countIf(custom['invoice_id'] = 'R0004') FROM credit_allocations"))
	}
	if got := left(); got != "[12 1]" {
		t.Fatalf("credit allocations before: %s", got)
	}
	src.Delete("invoices", "R0004")
	src.Put("gone", "R0004", invoiceFields("C1", 0))
	synced(t, a, SyncOptions{})
	if got := left(); got != "[11 0]" {
		t.Errorf("credit allocations, of them those of the deleted document: %s", got)
	}
	sameInvoices(t, a, "erp", src)
	if report, err := a.Replay(t.Context(), ReplayOptions{Source: "erp"}); err != nil || report.Err() != nil {
		t.Fatal(err, report.Err())
	}
	if got := left(); got != "[11 0]" {
		t.Errorf("credit allocations after a replay: %s", got)
	}
}

func TestKeysThatTheWarehouseForgotDeleteNothing(t *testing.T) {
	src := newSource(t)
	fill(src, 8) // fewer than the guard looks at
	past := time.Now().Add(-60 * 24 * time.Hour)
	path := connectorFile(t, connectorHead+"streams:"+invoiceStream+keysOf+invoiceEmit)
	a := openAt(t, &past, fmt.Sprintf("data: data\nsources:\n  - {name: erp, connector: %q, company: main, settings: {url: %q}}\n", path, src.URL))
	synced(t, a, SyncOptions{})
	for range 20 { // what has expired the engine forgets when it has time to
		past = past.Add(time.Hour)
		r, err := a.Sync(t.Context(), SyncOptions{})
		if err != nil {
			t.Fatal(err)
		}
		sameInvoices(t, a, "erp", src)
		if r.Err() != nil {
			if !strings.Contains(r.Err().Error(), "is the clock") {
				t.Error(r.Err())
			}
			return
		}
	}
	t.Error("keys that expired were never missed")
}
