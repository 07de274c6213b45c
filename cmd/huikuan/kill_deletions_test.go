package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"huikuan/internal/faults"
)

// ledgerConnector reads invoices with a pass for keys in every run, and their
// lines, which replace those of the run before.
const ledgerConnector = `
name: ledger
title: A ledger in memory
settings:
  url: {type: url, required: true, help: Address of the source}
http: {base: "{{ .settings.url }}", retry: {attempts: 3, wait: 1ms, max_wait: 1s}}
streams:
  - name: invoices
    request:
      path: /api/invoices
      query: {op: "{{ .key.op }}", value: "{{ .key.value }}", after: "{{ if .key.tie }}{{ .key.after }}{{ end }}", size: "{{ .page.size }}"}
    records: data
    paging: {type: keyset, size: 20, id: id, max_pages: 500}
    incremental: {field: modified, format: "YYYY-MM-DD HH:mm:ss", start: "2000-01-01 00:00:00"}
    passes:
      - name: keys
        every: 0s
        request: {path: /api/invoices, query: {ids: "1", after: "{{ .page.after }}", size: "{{ .page.size }}"}}
        paging: {type: id, id: id, first: "0", numeric: false, size: 50}
        emit: [{to: invoices, fields: {invoice_id: id}}]
    emit:
      - to: invoices
        fields: {invoice_id: id, customer_id: customer, invoice_date: date, currency: currency, gross_amount: amount}
  - name: lines
    parent: {stream: invoices, id: id, concurrency: 4}
    request: {path: "/api/invoices/{{ .parent.id }}/lines"}
    records: data
    paging: {type: none}
    replace: {tables: [allocations], by: invoice_id}
    emit:
      - to: allocations
        fields: {allocation_id: child.id, payment_id: child.payment, invoice_id: parent.id, application_date: child.date, amount: child.amount}
`

var marchFirst = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

func ledgerInvoice(s *faults.Server, n int, at time.Time, cents int) {
	s.PutAt("invoices", fmt.Sprintf("R%04d", n), at, map[string]any{"customer": fmt.Sprintf("C%d", n%7), "date": "2026-02-01", "currency": "CNY", "amount": fmt.Sprintf("%d.%02d", cents/100, cents%100)})
}

func ledgerLine(s *faults.Server, id string, invoice, cents int) {
	s.PutAt("lines", id, marchFirst, map[string]any{"parent": fmt.Sprintf("R%04d", invoice), "payment": "P" + id, "date": "2026-02-03", "amount": fmt.Sprintf("%d.%02d", cents/100, cents%100)})
}

// newLedger is a source of 300 invoices with up to three lines each.
func newLedger(t *testing.T) *faults.Server {
	t.Helper()
	s := faults.New(nil)
	t.Cleanup(s.Close)
	for n := range 300 {
		ledgerInvoice(s, n, marchFirst.Add(time.Duration(n/9)*time.Second), n*7919%100000)
		for j := range n % 4 {
			ledgerLine(s, fmt.Sprintf("%04d-%d", n, j), n, n*100+j)
		}
	}
	return s
}

// changeLedger deletes and changes documents, replaces lines, and commits some
// documents late, dated before every cursor.
func changeLedger(s *faults.Server) {
	for n := range 300 {
		switch {
		case n%11 == 3:
			s.Delete("invoices", fmt.Sprintf("R%04d", n))
			for j := range 3 {
				s.Delete("lines", fmt.Sprintf("%04d-%d", n, j))
			}
		case n%13 == 4:
			ledgerInvoice(s, n, marchFirst.AddDate(0, 0, 1).Add(time.Duration(n)*time.Second), n)
			s.Delete("lines", fmt.Sprintf("%04d-0", n))
			ledgerLine(s, fmt.Sprintf("%04d-9", n), n, n+7)
		}
	}
	for n := range 5 {
		ledgerInvoice(s, 900+n, marchFirst.AddDate(0, 0, -9), 500+n)
	}
}

func ledgerInstance(t *testing.T, s *faults.Server) *instance {
	t.Helper()
	i := newInstance(t, fmt.Sprintf("data: data\nsync: {batch_rows: 50}\nsources:\n  - {name: erp, connector: ./ledger.yaml, company: main, settings: {url: %q}}\n", s.URL))
	if err := os.WriteFile(filepath.Join(i.dir, "ledger.yaml"), []byte(ledgerConnector), 0o600); err != nil {
		t.Fatal(err)
	}
	return i
}

// Deletions, replaced lines and the search for lost rows are as safe from a kill
// as everything else; so is a replay.
func TestKilledWhileItDeletesAndReplacesTheTablesAreThoseOfAnUndisturbedRun(t *testing.T) {
	if testing.Short() {
		t.Skip("kills real processes for about a minute; not in short mode")
	}
	source := newLedger(t)
	calm, hurt := ledgerInstance(t, source), ledgerInstance(t, source)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 2))
	kills := 0
	for step, command := range []string{"sync", "sync", "replay"} {
		args := []string{command}
		if command == "replay" {
			args = append(args, "erp")
		}
		if step == 1 {
			changeLedger(source)
		}
		begin := time.Now()
		calm.run(args...)
		kills += hurt.killUntilDone(rnd, time.Since(begin), 2, args...)
		want, got := calm.content(), hurt.content()
		for table, w := range want {
			if got[table] != w {
				t.Errorf("step %d: %s differs after the kills:\n got %s\nwant %s", step, table, got[table], w)
			}
		}
		if len(got) != len(want) {
			t.Errorf("step %d: %d tables after the kills, want %d", step, len(got), len(want))
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("killed %d times", kills)
	if kills < 5 {
		t.Errorf("only %d processes were killed before their end", kills)
	}
	if got, want := hurt.run("query", "--format", "csv", "SELECT count() AS n, sum(gross_amount) AS s FROM invoices"), "n,s\n"+totalOf(source, "invoices"); got != want {
		t.Errorf("invoices: %s, the source has %s", got, want)
	}
	if got, want := hurt.run("query", "--format", "csv", "SELECT count() AS n, sum(amount) AS s FROM allocations"), "n,s\n"+totalOf(source, "lines"); got != want {
		t.Errorf("allocations: %s, the source has %s", got, want)
	}
}

// totalOf counts a list of the source and adds its amounts up, as a line of CSV.
func totalOf(s *faults.Server, list string) string {
	cents, n := 0, 0
	for _, r := range s.List(list) {
		var units, frac int
		fmt.Sscanf(fmt.Sprint(r.Fields["amount"]), "%d.%d", &units, &frac)
		cents, n = cents+100*units+frac, n+1
	}
	text := fmt.Sprintf("%d.%02d", cents/100, cents%100)
	for len(text) > 0 && text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	if text[len(text)-1] == '.' {
		text = text[:len(text)-1]
	}
	return fmt.Sprintf("%d,%s\n", n, text)
}
