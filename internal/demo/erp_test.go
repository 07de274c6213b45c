package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// serve starts the servers for a test.
func serve(t *testing.T, c *Company, o ServeOptions) *Servers {
	t.Helper()
	s, err := Serve(context.Background(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// call sends a request and gives the status and the body.
func call(t *testing.T, method, address, authorization, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func (s *Servers) erpAuth() string { return "token " + s.ERPKey + ":" + s.ERPSecret }

// rows asks the ERP for a list.
func (s *Servers) rows(t *testing.T, doctype string, q url.Values) []map[string]any {
	t.Helper()
	status, body := call(t, "GET", s.ERPURL+"/api/resource/"+url.PathEscape(doctype)+"?"+q.Encode(), s.erpAuth(), "")
	var answer struct{ Data []map[string]any }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != 200 {
		t.Fatalf("%s: %d %s", doctype, status, body)
	}
	return answer.Data
}

func TestPagesByKeysetGiveEveryDocumentOnce(t *testing.T) {
	c := NewCompany(Options{Seed: 9, Invoices: 900})
	s := serve(t, c, ServeOptions{})
	for name, d := range s.erp.site.Load().doctypes {
		seen := map[string]bool{}
		at, tie, last := "1970-01-01 00:00:00", false, ""
		for page := 0; page < 2000; page++ {
			filters := [][]any{{"modified", ">=", at}}
			if tie {
				filters = [][]any{{"modified", "=", at}, {"name", ">", last}}
			} else if last != "" {
				filters = [][]any{{"modified", ">", at}}
			}
			text, _ := json.Marshal(filters)
			rows := s.rows(t, name, url.Values{"fields": {`["name","modified"]`}, "filters": {string(text)}, "order_by": {"modified asc, name asc"}, "limit_page_length": {"97"}, "parent": {"any"}})
			for _, row := range rows {
				key := row["name"].(string)
				if seen[key] {
					t.Fatalf("%s %s came twice", name, key)
				}
				seen[key] = true
				if row["modified"].(string) < at {
					t.Fatalf("%s is not in order of modified", name)
				}
				at, last = row["modified"].(string), key
			}
			if len(rows) < 97 && !tie {
				break
			}
			tie = !tie // after a full page first the rest of its last instant
		}
		if len(seen) != d.n {
			t.Errorf("%s: %d of %d came", name, len(seen), d.n)
		}
	}
}

func TestFiltersNarrowLists(t *testing.T) {
	c := NewCompany(Options{Seed: 9, Invoices: 900})
	s := serve(t, c, ServeOptions{})
	count := func(keep func(*invoice) bool) int {
		n := 0
		for _, v := range c.invoices {
			if !v.deleted && keep(v) {
				n++
			}
		}
		return n
	}
	a, b := c.invoices[3].name, c.invoices[5].name
	for _, x := range []struct {
		filters string
		want    int
	}{
		{`[]`, count(func(*invoice) bool { return true })},
		{`[["docstatus","!=",0],["is_pos","=",0]]`, count(func(v *invoice) bool { return v.docstatus != draft })},
		{`{"docstatus":2}`, count(func(v *invoice) bool { return v.docstatus == cancelled })},
		{`{"grand_total":["<",0]}`, count(func(v *invoice) bool { return v.isReturn })},
		{`[["Sales Invoice","grand_total",">=",100000.5]]`, count(func(v *invoice) bool { return v.gross >= 100_000_50 })},
		{fmt.Sprintf(`[["name","in",[%q,%q,"nobody"]]]`, a, b), 2},
		{`[["return_against","is","set"]]`, count(func(v *invoice) bool { return v.against != nil })},
		{`[["return_against","is","not set"]]`, count(func(v *invoice) bool { return v.against == nil })},
		{`[["name","like","%RET%"]]`, count(func(v *invoice) bool { return v.isReturn })},
		{`[["status","not in",["Paid","Return"]]]`, count(func(v *invoice) bool { return v.status != "Paid" && v.status != "Return" })},
		{`[["posting_date",">","2025-06-30"],["posting_date","<=","2025-07-31"]]`, count(func(v *invoice) bool { return v.posting > ymd(2025, 6, 30) && v.posting <= ymd(2025, 7, 31) })},
		{`[["posting_date","between",["2025-07-01","2025-07-31"]]]`, count(func(v *invoice) bool { return v.posting > ymd(2025, 6, 30) && v.posting <= ymd(2025, 7, 31) })},
		{`[["modified","<","2024-12-01 00:00:00.000000"]]`, count(func(v *invoice) bool { return v.modified < at(ymd(2024, 12, 1), 0) })},
	} {
		if x.want == 0 {
			t.Errorf("%s asks for nothing", x.filters)
		}
		if rows := s.rows(t, "Sales Invoice", url.Values{"filters": {x.filters}, "limit_page_length": {"0"}}); len(rows) != x.want {
			t.Errorf("%s: %d rows, want %d", x.filters, len(rows), x.want)
		}
		_, body := call(t, "GET", s.ERPURL+"/api/method/frappe.client.get_count?"+url.Values{"doctype": {"Sales Invoice"}, "filters": {x.filters}}.Encode(), s.erpAuth(), "")
		if body != fmt.Sprintf(`{"message":%d}`, x.want) {
			t.Errorf("%s: count %s, want %d", x.filters, body, x.want)
		}
	}
	either := s.rows(t, "Sales Invoice", url.Values{"or_filters": {fmt.Sprintf(`[["name","=",%q],["name","=",%q]]`, a, b)}, "order_by": {"name desc"}})
	if len(either) != 2 || either[0]["name"].(string) < either[1]["name"].(string) {
		t.Errorf("or_filters, falling: %v", either)
	}
	if rows := s.rows(t, "Sales Invoice", nil); len(rows) != 20 || len(rows[0]) != 1 {
		t.Errorf("without parameters: %d rows of %d fields, want 20 names", len(rows), len(rows[0]))
	}
	first := s.rows(t, "Customer", url.Values{"limit_start": {"0"}, "limit": {"6"}, "order_by": {"customer_name asc"}})
	if next := s.rows(t, "Customer", url.Values{"limit_start": {"2"}, "limit_page_length": {"4"}, "order_by": {"customer_name asc"}}); fmt.Sprint(next) != fmt.Sprint(first[2:]) {
		t.Errorf("limit_start 2: %v, want %v", next, first[2:])
	}
}

func TestTheERPRefusesAsFrappeDoes(t *testing.T) {
	s := serve(t, NewCompany(Options{Invoices: 100}), ServeOptions{})
	for _, x := range []struct {
		name, method, path, auth string
		status                   int
		says                     string
	}{
		{"no credentials", "GET", "/api/resource/Customer", "", 403, `"exc_type":"PermissionError"`},
		{"wrong secret", "GET", "/api/resource/Customer", "token demo-key:wrong", 401, `"exc_type":"AuthenticationError"`},
		{"Basic", "GET", "/api/method/frappe.auth.get_logged_user", "Basic ZGVtby1rZXk6ZGVtby1zZWNyZXQ=", 200, `{"message":"huikuan@haiyue.example"}`},
		{"time zone", "GET", "/api/method/frappe.client.get_time_zone", s.erpAuth(), 200, `Asia/Shanghai`},
		{"unknown DocType", "GET", "/api/resource/Sales%20Invoise", s.erpAuth(), 404, `"exc_type":"DoesNotExistError"`},
		{"unknown document", "GET", "/api/resource/Customer/Nobody", s.erpAuth(), 404, `Customer Nobody not found`},
		{"unknown field", "GET", "/api/resource/Customer?fields=[%22nam%22]", s.erpAuth(), 417, `Field not permitted in query: nam`},
		{"unknown field in a filter", "GET", "/api/resource/Customer?filters=[[%22nam%22,%22=%22,1]]", s.erpAuth(), 500, `Unknown column 'tabCustomer.nam'`},
		{"unknown operator", "GET", "/api/resource/Customer?filters=[[%22name%22,%22is%20like%22,1]]", s.erpAuth(), 417, `Operator must be one of`},
		{"child rows without a parent", "GET", "/api/resource/Payment%20Schedule", s.erpAuth(), 403, `"exc_type":"PermissionError"`},
		{"unknown method", "GET", "/api/method/frappe.nothing", s.erpAuth(), 417, `Failed to get method`},
		{"unknown page", "GET", "/api/v9/thing", s.erpAuth(), 404, `<!DOCTYPE html>`},
		{"writing", "POST", "/api/resource/Customer", s.erpAuth(), 403, `may only read`},
	} {
		if status, body := call(t, x.method, s.ERPURL+x.path, x.auth, ""); status != x.status || !strings.Contains(body, x.says) {
			t.Errorf("%s: %d %s", x.name, status, body)
		}
	}
}

func TestADocumentComesWithItsTables(t *testing.T) {
	c := NewCompany(Options{Seed: 9, Invoices: 900})
	s := serve(t, c, ServeOptions{})
	for _, v := range c.invoices {
		if len(v.parts) != 3 || v.docstatus != submitted {
			continue
		}
		_, body := call(t, "GET", s.ERPURL+"/api/resource/Sales%20Invoice/"+v.name, s.erpAuth(), "")
		var answer struct {
			Data struct {
				Schedule []struct {
					DueDate string      `json:"due_date"`
					Amount  json.Number `json:"payment_amount"`
				} `json:"payment_schedule"`
				Team []struct {
					Person string `json:"sales_person"`
				} `json:"sales_team"`
			}
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatal(err)
		}
		if d := answer.Data; len(d.Schedule) != 3 || d.Schedule[2].DueDate != v.parts[2].due.String() || len(d.Team) != len(v.splits) || d.Team[0].Person != v.splits[0].rep.code() {
			t.Errorf("%s: %s", v.name, body)
		}
		return
	}
	t.Fatal("no invoice in three instalments")
}

func TestNumbersAreWrittenAsPythonFloats(t *testing.T) {
	for n, want := range map[int64]string{0: "0.0", 5: "0.05", 10: "0.1", 100: "1.0", -123450: "-1234.5", 99: "0.99"} {
		if got := string(appendFloat(nil, n, 2)); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
