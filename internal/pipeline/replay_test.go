package pipeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"huikuan/config"
)

// customers become a dictionary that invoices ask; regions stand there alone.
const regionStreams = `
  - name: regions
    request: {path: /api/regions}
    records: data
    dictionary: {key: id, value: region}
`

func TestReplayMapsKeptPagesAgainAndNeverOverwritesWhatIsNewer(t *testing.T) {
	src := newSource(t)
	fill(src, 30)
	for i := range 4 {
		src.Put("regions", fmt.Sprintf("C%d", i), map[string]any{"region": "r" + fmt.Sprint(i)})
	}
	emit := func(key, amount, status string) string {
		return connectorHead + "streams:" + regionStreams + invoiceStream + "    lookups: [regions]\n" + fmt.Sprintf(`
    emit:
      - to: invoices
        fields: {invoice_id: %s, customer_id: customer, invoice_date: date, currency: currency, gross_amount: %s, terms_code: {path: customer, lookup: regions}, status: {%s}}
`, key, amount, status)
	}
	wrong := emit("id", "{path: amount, negate: true}", "path: status")
	right := emit("id", "amount", "path: status")
	file := connectorFile(t, wrong)
	a := openOn(t, src, file)
	synced(t, a, SyncOptions{})
	src.Put("invoices", "R0003", invoiceFields("C9", 4200)) // a later version, of a customer without region
	r := synced(t, a, SyncOptions{})
	if r.Rejected() != 1 {
		t.Fatalf("%d records rejected, want the one whose region is unknown", r.Rejected())
	}
	src.Put("invoices", "R0004", invoiceFields("C1", 5555))
	rewrite(t, file, right)
	synced(t, a, SyncOptions{})
	asked := len(src.Requests())

	mixed := lines(t, a, "SELECT countIf(gross_amount < 0), countIf(gross_amount >= 0) FROM invoices")
	if mixed[0] == "0 30" {
		t.Fatalf("the wrong mapping left nothing to mend: %v", mixed)
	}
	digest := "SELECT count(), sum(gross_amount), sum(cityHash64(toString(tuple(* EXCEPT('^_'))))) FROM invoices"
	var first string
	for i := range 3 { // as often as one likes
		report, err := a.Replay(t.Context(), ReplayOptions{Source: "erp"})
		if err != nil || report.Err() != nil {
			t.Fatal(err, report.Err())
		}
		if got := lines(t, a, digest)[0]; i == 0 {
			first = got
		} else if got != first {
			t.Errorf("replay %d leaves %s, the first left %s", i+1, got, first)
		}
	}
	if n := len(src.Requests()); n != asked {
		t.Errorf("a replay sent %d requests to the source", n-asked)
	}
	got := lines(t, a, "SELECT invoice_id, customer_id, toString(gross_amount), terms_code FROM invoices WHERE invoice_id IN ('R0002', 'R0003', 'R0004') ORDER BY invoice_id")
	want := []string{"R0002 C2 158.38 r2", "R0003 C3 237.57 r3", "R0004 C1 55.55 r1"} // R0003's later version is still rejected
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("after replays %v, want %v", got, want)
	}

	// The later version of R0003 can be mapped now: the record is loaded and resolved.
	rewrite(t, file, strings.Replace(right, "lookup: regions}", `lookup: regions, otherwise: "null"}`, 1))
	report, err := a.Replay(t.Context(), ReplayOptions{Source: "erp", Streams: []string{"invoices"}})
	if err != nil || report.Err() != nil || report.Streams[0].Resolved != 1 || report.Rejected() != 0 {
		t.Fatalf("%v %+v", err, report)
	}
	sameInvoices(t, a, "erp", src)
	if open := lines(t, a, "SELECT status, resolved_at IS NOT NULL FROM rejected_rows"); fmt.Sprint(open) != "[resolved 1]" {
		t.Errorf("rejected_rows says %v", open)
	}

	// Other keys: no row of the old ones is left.
	rewrite(t, file, strings.Replace(emit(`{template: "A-{{id}}"}`, "amount", `const: replayed`), "lookup: regions}", `lookup: regions, otherwise: "null"}`, 1))
	report, err = a.Replay(t.Context(), ReplayOptions{Source: "erp"})
	if err != nil || report.Err() != nil {
		t.Fatal(err, report.Err())
	}
	if got := lines(t, a, "SELECT count(), countIf(startsWith(invoice_id, 'A-R')), uniqExact(status) FROM invoices"); got[0] != "30 30 1" {
		t.Errorf("after a replay with other keys: rows, new keys, statuses %v; deleted %d", got, report.Streams[0].Deleted)
	}
	if runs := lines(t, a, "SELECT kind, count() FROM ops_runs GROUP BY kind ORDER BY kind"); fmt.Sprint(runs) != "[replay 5 sync 3]" {
		t.Errorf("runs: %v", runs)
	}
}

func TestReplayTakesPagesOfATimeOnly(t *testing.T) {
	src := newSource(t)
	for i := range 10 { // further apart than what is read again
		src.PutAt("invoices", fmt.Sprintf("R%04d", i), day0.Add(time.Duration(i)*time.Hour), invoiceFields("C1", int64(i)))
	}
	file := connectorFile(t, connectorHead+"streams:"+invoiceStream+invoiceEmit)
	first := time.Now().AddDate(0, 0, -3) // pages expire by the engine's clock
	now := first
	a := openAt(t, &now, fmt.Sprintf("data: data\nsources:\n  - {name: erp, connector: %q, settings: {url: %q}}\n", file, src.URL))
	synced(t, a, SyncOptions{})
	now = now.AddDate(0, 0, 1)
	src.PutAt("invoices", "R0001", now, invoiceFields("C1", 100))
	synced(t, a, SyncOptions{})
	rewrite(t, file, strings.Replace(connectorHead+"streams:"+invoiceStream+invoiceEmit, "currency: currency", `currency: {const: EUR}`, 1))
	report, err := a.Replay(t.Context(), ReplayOptions{Source: "erp", Since: first.AddDate(0, 0, 1)})
	if err != nil || report.Err() != nil {
		t.Fatal(err, report.Err())
	}
	if got := lines(t, a, "SELECT invoice_id FROM invoices WHERE currency = 'EUR' AND invoice_id = 'R0001'"); len(got) != 1 {
		t.Errorf("the page of the second day was not mapped again: %+v", report)
	}
	if got := lines(t, a, "SELECT count() FROM invoices WHERE currency = 'CNY'"); got[0] == "0" {
		t.Error("pages before --since were mapped again")
	}
	if _, err := a.Replay(t.Context(), ReplayOptions{Source: "erp", Streams: []string{"invoces"}}); err == nil || !strings.Contains(err.Error(), "invoices") {
		t.Errorf("a stream that nobody has: %v", err)
	}
}

func TestRejectedRecordsAreRetriedWithTheDictionariesOfTheirPage(t *testing.T) {
	src := newSource(t)
	fill(src, 12)
	for i := range 4 {
		src.Put("regions", fmt.Sprintf("C%d", i), map[string]any{"region": []string{"east", "west"}[i%2]})
	}
	src.Put("invoices", "R0005", map[string]any{"customer": "C1", "date": "soon", "currency": "CNY", "amount": "12.34", "status": "open"})
	src.Put("invoices", "R0006", map[string]any{"customer": "C2", "date": "never", "currency": "CNY", "amount": "1", "status": "open"})
	text := connectorHead + "streams:" + regionStreams + invoiceStream + `
    lookups: [regions]
    emit:
      - to: invoices
        fields: {invoice_id: id, customer_id: customer, invoice_date: {path: date, empty: [none]}, currency: currency, gross_amount: amount, terms_code: {path: customer, lookup: regions}}
`
	file := connectorFile(t, text)
	a := openOn(t, src, file)
	if r := synced(t, a, SyncOptions{}); r.Rejected() != 2 {
		t.Fatalf("%d rejected, want 2", r.Rejected())
	}
	list, total, err := a.Rejects(t.Context(), RejectFilter{Source: "erp", Limit: 1})
	if err != nil || total != 2 || len(list) != 1 || list[0].Field != "date" || len(list[0].ID) != 12 {
		t.Fatalf("%v %d %+v", err, total, list)
	}
	if r, err := a.RetryRejects(t.Context(), RejectFilter{}); err != nil || r.Resolved != 0 || len(r.Still) != 2 {
		t.Fatalf("a retry with the same mapping: %v %+v", err, r)
	}
	rewrite(t, file, strings.Replace(text, "empty: [none]", `map: {soon: "2026-04-01"}, otherwise: keep`, 1))
	report, err := a.RetryRejects(t.Context(), RejectFilter{})
	if err != nil || report.Resolved != 1 || report.Rows != 1 || len(report.Still) != 1 {
		t.Fatalf("%v %+v", err, report)
	}
	if got := lines(t, a, "SELECT invoice_id, toString(gross_amount), toString(invoice_date), terms_code FROM invoices WHERE invoice_id = 'R0005'"); fmt.Sprint(got) != "[R0005 12.34 2026-04-01 west]" {
		t.Errorf("retried: %v", got)
	}
	if _, total, _ := a.Rejects(t.Context(), RejectFilter{}); total != 1 {
		t.Errorf("%d open, want 1", total)
	}
	// The source mends the other one: it is settled by its own new version.
	src.Put("invoices", "R0006", invoiceFields("C2", 100))
	synced(t, a, SyncOptions{})
	if _, total, _ := a.Rejects(t.Context(), RejectFilter{}); total != 0 {
		t.Errorf("%d open after the source was mended, want 0", total)
	}
}

func TestAPreviewShowsMappedRowsAndRejectsAndNeedsNoWarehouse(t *testing.T) {
	src := newSource(t)
	fill(src, 30)
	src.PutAt("invoices", "R0001", day0, map[string]any{"customer": "C1", "date": "2026-13-45", "currency": "CNY", "amount": "1"})
	file := connectorFile(t, connectorHead+"streams:"+invoiceStream+invoiceEmit)
	a := &App{cfg: &config.Config{Path: "huikuan.yaml", Sources: []config.Source{{Name: "erp", Connector: file, Settings: map[string]any{"url": src.URL}}}}}
	p, err := PreviewStream(t.Context(), a.cfg, nil, "erp", "invoices", 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Tables) != 1 || len(p.Tables[0].Cells) != 10 || p.Rejected != 1 || len(p.Rejects) != 1 || p.Rejects[0].Key != "R0001" {
		t.Fatalf("%+v", p)
	}
	table := p.Tables[0]
	if got, want := strings.Join(table.Columns, " "), "invoice_id customer_id invoice_date currency gross_amount"; got != want {
		t.Errorf("columns %q, want %q", got, want)
	}
	if got := fmt.Sprint(table.Cells[1]); got != "[R0002 C2 2026-02-01 CNY 158.38]" {
		t.Errorf("second row %s", got)
	}
	if _, err := PreviewStream(t.Context(), a.cfg, nil, "erp", "invoces", 10); err == nil || !strings.Contains(err.Error(), "invoices") {
		t.Errorf("a stream that nobody has: %v", err)
	}
}

func TestStatusTellsPositionLagAndNextRun(t *testing.T) {
	src := newSource(t)
	fill(src, 10)
	file := connectorFile(t, connectorHead+"streams:"+invoiceStream+invoiceEmit+strings.Replace(strings.ReplaceAll(invoiceStream, "invoices", "drafts"), "size: 7", "size: 9", 1)+invoiceEmit)
	now := day0.AddDate(0, 0, 1)
	a := openAt(t, &now, fmt.Sprintf(`
data: data
sync: {schedule: "@every 20m"}
sources:
  - {name: erp, connector: %[1]q, settings: {url: %[2]q}}
  - {name: second, connector: %[1]q, schedule: "30 6 * * *", settings: {url: %[2]q}}
`, file, src.URL))
	synced(t, a, SyncOptions{Sources: []string{"erp"}, Streams: []string{"invoices"}})
	now = now.Add(5 * time.Minute)
	got, err := a.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 4 {
		t.Fatalf("%d streams, want the two of both sources: %+v", len(got), got)
	}
	read := got[0]
	if read.Stream != "invoices" || read.Rows != 10 || read.Bytes == 0 || !read.Position.Equal(day0.Add(time.Second)) || read.Lag != 24*time.Hour+5*time.Minute-time.Second {
		t.Errorf("the stream that was read: %+v", read)
	}
	if want := day0.AddDate(0, 0, 1).Add(20 * time.Minute); !read.Next.Equal(want) {
		t.Errorf("next run %s, want %s", read.Next, want)
	}
	if s := got[2]; s.Source != "second" || s.Status != "never read" || s.Next.Format("15:04") != "06:30" {
		t.Errorf("a stream that was never read: %+v", s)
	}
}
