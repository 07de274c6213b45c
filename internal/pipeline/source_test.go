package pipeline

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huikuan/internal/faults"
)

// day0 is when the records of the test sources begin.
var day0 = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// invoiceFields are the fields of an invoice of the test sources.
func invoiceFields(customer string, cents int64) map[string]any {
	return map[string]any{"customer": customer, "date": "2026-02-01", "currency": "CNY", "amount": amountOf(cents), "status": "open"}
}

func amountOf(cents int64) json.Number {
	return json.Number(fmt.Sprintf("%d.%02d", cents/100, cents%100))
}

// fill puts n invoices, several in each second, so that pages end within one.
func fill(s *faults.Server, n int) {
	for i := range n {
		s.PutAt("invoices", fmt.Sprintf("R%04d", i), day0.Add(time.Duration(i/5)*time.Second), invoiceFields(fmt.Sprintf("C%d", i%4), int64(i*7919%100000)))
	}
}

// connectorHead is how the test source is asked.
const connectorHead = `
name: ledger
title: A test source
settings:
  url: {type: url, required: true, help: Address of the source}
http:
  base: "{{ .settings.url }}"
  timeout: 400ms
  auth:
    type: session
    steps: [{method: POST, path: /token, take: {token: access_token}}]
    apply: {headers: {Authorization: "Bearer {{ .session.token }}"}}
  retry: {attempts: 3, wait: 1ms, max_wait: 2s}
`

// invoiceStream reads the invoices by (modified, id).
const invoiceStream = `
  - name: invoices
    request:
      path: /api/invoices
      query: {op: "{{ .key.op }}", value: "{{ .key.value }}", after: "{{ if .key.tie }}{{ .key.after }}{{ end }}", size: "{{ .page.size }}"}
    records: data
    paging: {type: keyset, size: 7, id: id, max_pages: 500}
    incremental: {field: modified, format: "YYYY-MM-DD HH:mm:ss", start: "2000-01-01 00:00:00", overlap: 30m}
`

const invoiceEmit = `
    emit:
      - to: invoices
        fields: {invoice_id: id, customer_id: customer, invoice_date: date, currency: currency, gross_amount: amount}
`

// connectorFile writes a connector and returns its path.
func connectorFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.yaml")
	rewrite(t, path, text)
	return path
}

func rewrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// newSource starts a test source.
func newSource(t *testing.T) *faults.Server {
	t.Helper()
	s := faults.New(nil)
	t.Cleanup(s.Close)
	return s
}

// openOn starts an app that reads a test source by a connector file.
func openOn(t *testing.T, s *faults.Server, connector string) *App {
	t.Helper()
	return open(t, fmt.Sprintf("data: data\nsync: {batch_rows: 20}\nsources:\n  - {name: erp, connector: %q, company: main, settings: {url: %q}}\n", connector, s.URL))
}

// synced runs a sync that must succeed.
func synced(t *testing.T, a *App, o SyncOptions) SyncReport {
	t.Helper()
	r, err := a.Sync(t.Context(), o)
	if err != nil || r.Err() != nil {
		t.Fatal(err, r.Err())
	}
	return r
}

// lines asks the warehouse and returns each row as one text.
func lines(t *testing.T, a *App, sql string) []string {
	t.Helper()
	rows, err := a.All(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = strings.Trim(fmt.Sprint(row...), "[]")
		var parts []string
		for _, v := range row {
			parts = append(parts, fmt.Sprint(v))
		}
		out[i] = strings.Join(parts, " ")
	}
	return out
}

// sameInvoices holds the invoices of the warehouse against the source's own
// list, to the cent.
func sameInvoices(t *testing.T, a *App, source string, s *faults.Server) {
	t.Helper()
	var want []string
	for _, r := range s.List("invoices") {
		want = append(want, fmt.Sprintf("%s %s %s", r.ID, r.Fields["customer"], r.Fields["amount"]))
	}
	got := lines(t, a, fmt.Sprintf("SELECT invoice_id, customer_id, toDecimalString(gross_amount, 2) FROM invoices WHERE source = '%s' ORDER BY invoice_id", source))
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			t.Fatalf("%s: row %d is %s, the source has %s (%d rows, the source has %d)", source, i, g, w, len(got), len(want))
		}
	}
}
