package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"testing"
)

func TestTheLoadGeneratorGivesEachInvoiceOnceWhateverThePaging(t *testing.T) {
	s, err := ServeInvoices(context.Background(), LoadOptions{Invoices: 2500, Entries: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	list := func(doctype string, q url.Values) []map[string]any {
		status, body := call(t, "GET", s.URL+"/api/resource/"+url.PathEscape(doctype)+"?"+q.Encode(), "token "+s.Key+":"+s.Secret, "")
		var answer struct{ Data []map[string]any }
		if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 {
			t.Fatalf("%d %s", status, body)
		}
		return answer.Data
	}
	fields := `["name","customer","posting_date","grand_total","modified"]`
	var whole []string
	at, op := "1970-01-01 00:00:00", ">="
	for {
		rows := list("Sales Invoice", url.Values{"fields": {fields}, "limit_page_length": {"300"}, "filters": {fmt.Sprintf(`[["docstatus","!=",0],["modified",%q,%q]]`, op, at)}})
		for _, row := range rows {
			whole = append(whole, fmt.Sprint(row))
			at, op = row["modified"].(string), ">"
		}
		if len(rows) < 300 {
			break
		}
		if tie := list("Sales Invoice", url.Values{"fields": {fields}, "filters": {fmt.Sprintf(`[["modified","=",%q],["name",">",%q]]`, at, rows[299]["name"])}}); len(tie) != 0 {
			t.Fatalf("%v comes after the last of its instant", tie)
		}
	}
	unique := map[string]bool{}
	for i, row := range whole {
		if unique[row] = true; i%700 == 0 {
			if page := list("Sales Invoice", url.Values{"fields": {fields}, "limit_start": {fmt.Sprint(i)}}); len(page) != min(20, 2500-i) || fmt.Sprint(page[0]) != row {
				t.Errorf("limit_start %d: %v, want %s first", i, page, row)
			}
		}
	}
	if len(whole) != 2500 || len(unique) != 2500 {
		t.Errorf("%d rows, %d of them different", len(whole), len(unique))
	}

	paid := map[string]int{}
	for _, row := range list("Payment Ledger Entry", url.Values{"fields": {`["against_voucher_no","amount_in_account_currency","name"]`}, "limit_page_length": {"0"}}) {
		paid[row["against_voucher_no"].(string)] += int(math.Round(row["amount_in_account_currency"].(float64) * 100))
	}
	for _, row := range list("Sales Invoice", url.Values{"fields": {fields}, "limit_page_length": {"0"}}) {
		if name := row["name"].(string); paid[name] != -int(math.Round(row["grand_total"].(float64)*100)) {
			t.Errorf("%s over %v is paid with %d cents", name, row["grand_total"], paid[name])
		}
	}
	if len(paid) != 2500 {
		t.Errorf("entries for %d invoices", len(paid))
	}
	if rows := list("Customer", nil); len(rows) != 0 {
		t.Errorf("%d customers, want none", len(rows))
	}
	if status, _ := call(t, "GET", s.URL+"/api/resource/Sales%20Invoice", "token a:b", ""); status != 401 {
		t.Errorf("wrong key: %d", status)
	}
}

func TestDaysAreWrittenRight(t *testing.T) {
	b := []byte("2023-01-01")
	for d := ymd(1999, 12, 1); d < ymd(2101, 1, 1); d++ {
		if writeDay(b, d); string(b) != d.String() {
			t.Fatalf("%s, want %s", b, d)
		}
	}
}

func BenchmarkLoadPage(b *testing.B) {
	fields := []string{"name", "customer", "company", "posting_date", "due_date", "currency", "grand_total", "is_return", "docstatus", "status", "modified"}
	table := loadTable{1_000_000, invoiceFields}
	for b.Loop() {
		body, err := table.page(fields, 0, 5000)
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(body)))
	}
}

func BenchmarkNewCompany(b *testing.B) {
	for b.Loop() {
		NewCompany(Options{})
	}
}
