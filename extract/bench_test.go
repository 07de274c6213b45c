package extract

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkKeysetPages reads pages of 5,000 ERPNext-shaped invoices from a local server.
func BenchmarkKeysetPages(b *testing.B) {
	const perPage, pages = 5000, 20
	answers := map[string]string{}
	at := func(i int) string {
		return fmt.Sprintf("2026-01-01 %02d:%02d:%02d.%06d", i/36e8, i/6e7%60, i/1e6%60, i%1e6)
	}
	for page := range pages {
		var t strings.Builder
		for i := range perPage {
			n := page*(perPage-1) + i
			fmt.Fprintf(&t, `,{"name":"SINV-%08d","customer":"C-%05d","company":"ACME GmbH","posting_date":"2026-01-01","due_date":"2026-01-31","currency":"EUR","grand_total":%d.25,"rounded_total":0.0,"net_total":%d.0,"total_taxes_and_charges":1.25,"is_return":0,"return_against":null,"is_debit_note":0,"payment_terms_template":"Net 30","status":"Unpaid","docstatus":1,"modified":"%s"}`, n, n%999, n, n, at(n*1000))
		}
		key := at(page * (perPage - 1) * 1000)
		if page == 0 {
			key = "2000-01-01 00:00:00"
		}
		answers[key] = `{"data":[` + t.String()[1:] + `]}`
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if a, ok := answers[r.URL.Query().Get("value")]; ok && r.URL.Query().Get("op") == ">=" {
			fmt.Fprint(w, a)
			return
		}
		fmt.Fprint(w, `{"data":[]}`)
	}))
	defer srv.Close()
	text := strings.NewReplacer("size: 3, id: id", "size: 5000, id: name", "max_response: 1MiB", "max_response: 64MiB").Replace(simple)
	c, err := ParseConnector("bench", []byte(text))
	if err != nil {
		b.Fatal(err)
	}
	s, err := Open(context.Background(), "erp", c, map[string]any{"url": srv.URL}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		for p, err := range s.Pages(context.Background(), "invoices", nil) {
			if err != nil {
				b.Fatal(err)
			}
			records += p.Count
			b.SetBytes(int64(len(p.Body)) * pages)
		}
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
	if records%(pages*(perPage-1)+1) != 0 {
		b.Errorf("%d records", records)
	}
}

// BenchmarkCSV reads a ledger of 100,000 rows.
func BenchmarkCSV(b *testing.B) {
	var t strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&t, "%d,\"Customer %d\",2026-01-01,%d.25,EUR,NET30\n", i, i%999, i)
	}
	b.SetBytes(int64(t.Len()))
	b.ReportAllocs()
	for b.Loop() {
		r := newCSVReader(strings.NewReader(t.String()), ',')
		pb := pageBuilder{columns: []string{"a", "b", "c", "d", "e", "f"}}
		n := 0
		for {
			row, err := r.next()
			if err != nil {
				break
			}
			pb.add(row)
			if pb.page.Count == 5000 {
				n += pb.take().Count
			}
		}
		if n != 100_000 {
			b.Fatal(n)
		}
	}
}
