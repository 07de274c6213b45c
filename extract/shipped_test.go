package extract

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// frappe answers list requests as Frappe does: filters, order, limit, only the fields asked for.
type frappe struct {
	docs    map[string][]map[string]any
	t       *testing.T
	refused int // requests with a wrong key
}

func (f *frappe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "token key:secret" {
		f.refused++
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprint(w, `{"exc_type":"AuthenticationError"}`)
		return
	}
	q := r.URL.Query()
	doctype := strings.TrimPrefix(r.URL.Path, "/api/resource/")
	if count, ok := strings.CutPrefix(r.URL.Path, "/api/method/"); ok && count == "frappe.client.get_count" {
		fmt.Fprintf(w, `{"message":%d}`, len(f.hits(q.Get("doctype"), q.Get("filters"))))
		return
	}
	if _, ok := f.docs[doctype]; !ok {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"exc_type":"DoesNotExistError"}`)
		return
	}
	hits := f.hits(doctype, q.Get("filters"))
	by, _, _ := strings.Cut(q.Get("order_by"), " ")
	slices.SortStableFunc(hits, func(a, b map[string]any) int {
		return strings.Compare(fmt.Sprint(a[by], "\x00", a["name"]), fmt.Sprint(b[by], "\x00", b["name"]))
	})
	if n, _ := strconv.Atoi(q.Get("limit_page_length")); n > 0 {
		hits = hits[:min(n, len(hits))]
	}
	var fields []string
	if err := json.Unmarshal([]byte(q.Get("fields")), &fields); err != nil || len(fields) == 0 {
		f.t.Errorf("fields %q", q.Get("fields"))
	}
	out := []map[string]any{}
	for _, h := range hits {
		doc := map[string]any{}
		for _, name := range fields {
			if name == "" {
				f.t.Errorf("%s: an empty field is asked for", doctype)
			}
			doc[name] = h[name]
		}
		out = append(out, doc)
	}
	json.NewEncoder(w).Encode(map[string]any{"data": out})
}

func (f *frappe) hits(doctype, filters string) []map[string]any {
	var conditions [][]any
	if err := json.Unmarshal([]byte(filters), &conditions); err != nil {
		f.t.Errorf("%s: filters %q: %v", doctype, filters, err)
	}
	var out []map[string]any
next:
	for _, d := range f.docs[doctype] {
		for _, c := range conditions {
			have, want := fmt.Sprint(d[c[0].(string)]), fmt.Sprint(c[2])
			ok := false
			switch c[1] {
			case "=":
				ok = have == want
			case "!=":
				ok = have != want
			case ">=":
				ok = have >= want
			case ">":
				ok = have > want
			case "<":
				a, _ := strconv.ParseFloat(have, 64)
				b, _ := strconv.ParseFloat(want, 64)
				ok = a < b
			case "in":
				for _, x := range c[2].([]any) {
					ok = ok || have == fmt.Sprint(x)
				}
			case "is":
				ok = have != "" && have != "<nil>"
			default:
				f.t.Errorf("operator %v", c[1])
			}
			if !ok {
				continue next
			}
		}
		out = append(out, d)
	}
	return out
}

type doc = map[string]any

func TestERPNextIsReadAsItsAPIAnswers(t *testing.T) {
	const m = "2026-01-02 10:00:00.123456"
	f := &frappe{t: t, docs: map[string][]map[string]any{
		"Company":               {{"name": "ACME", "default_currency": "EUR", "modified": m}},
		"Sales Person":          {{"name": "Li", "is_group": 0, "modified": m}, {"name": "All", "is_group": 1, "modified": m}},
		"Customer":              {{"name": "C1", "customer_group": "Retail", "modified": m}},
		"Customer Credit Limit": {},
		"Currency Exchange":     {},
		"Sales Team":            {{"name": "t1", "parenttype": "Customer", "parent": "C1", "idx": 1, "sales_person": "Li", "modified": m}, {"name": "t2", "parenttype": "Sales Invoice", "parent": "I1", "idx": 1, "sales_person": "Li", "docstatus": 1, "modified": m}},
		"Sales Invoice":         {{"name": "I1", "docstatus": 1, "is_pos": 0, "modified": m}, {"name": "I2", "docstatus": 0, "is_pos": 0, "modified": m}, {"name": "I3", "docstatus": 2, "is_pos": 0, "modified": m}},
		"Payment Schedule":      {},
		"Payment Entry":         {{"name": "P1", "docstatus": 1, "party_type": "Customer", "payment_type": "Receive", "source_exchange_rate": 1, "posting_date": "2026-01-02", "modified": m}},
		"Payment Ledger Entry": {
			{"name": "l1", "party_type": "Customer", "against_voucher_type": "Sales Invoice", "amount_in_account_currency": -10, "voucher_type": "Journal Entry", "voucher_no": "J1", "against_voucher_no": "I1", "modified": m},
			{"name": "l2", "party_type": "Customer", "against_voucher_type": "Sales Invoice", "amount_in_account_currency": -20, "voucher_type": "Payment Entry", "voucher_no": "P1", "against_voucher_no": "I1", "modified": m},
			{"name": "l3", "party_type": "Customer", "against_voucher_type": "Sales Invoice", "amount_in_account_currency": 30, "voucher_type": "Sales Invoice", "voucher_no": "I1", "against_voucher_no": "I1", "modified": m},
		},
		"Journal Entry":           {{"name": "J1", "voucher_type": "Credit Note"}},
		"Journal Entry Account":   {{"parent": "J1", "reference_type": "Sales Invoice", "reference_name": "R1", "debit_in_account_currency": 10}},
		"Payment Entry Deduction": {{"name": "d1", "parent": "P1", "parenttype": "Payment Entry", "docstatus": 1, "modified": m}},
		"Payment Entry Reference": {{"parent": "P1", "reference_doctype": "Sales Invoice", "reference_name": "I1"}},
		"Deleted Document":        {},
	}}
	srv := httptest.NewServer(f)
	defer srv.Close()
	c, err := Shipped("erpnext")
	if err != nil {
		t.Fatal(err)
	}
	open := func(secret string) *Source {
		s, err := Open(context.Background(), "erp", c, map[string]any{"url": srv.URL, "api_key": "key", "api_secret": secret, "rate": 0}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	s := open("secret")
	counts := map[string]int{}
	pages := map[string]Page{}
	for _, st := range s.Streams() {
		for p, err := range s.Pages(context.Background(), st.Name, nil) {
			if err != nil {
				t.Fatalf("%s: %v", st.Name, err)
			}
			if p.Count > 0 { // the last page of a stream with passes only says that all was read
				counts[st.Name] += p.Count
				pages[st.Name] = p
			}
		}
	}
	want := map[string]int{"companies": 1, "reps": 1, "customers": 1, "invoices": 2, "allocations": 2, "deductions": 1, "payments": 1,
		"invoice_rep_splits": 1, "customer_owner": 1, "company_currency": 1}
	if fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("records read %v, want %v", counts, want)
	}
	if got := pages["customers"].Lookups["customer_owner"]["C1"]; got != "Li" {
		t.Errorf("owner of the customer: %q", got)
	}
	if got := pages["allocations"].Lookups; got["journal_type"]["J1"] != "Credit Note" || got["journal_credit_note"]["J1"] != "R1" || len(got["journal_type"]) != 1 {
		t.Errorf("lookups of the ledger page: %v", got)
	}
	if got := pages["deductions"].Lookups; got["payment_date"]["P1"] != "2026-01-02" || got["payment_invoice"]["P1"] != "I1" {
		t.Errorf("lookups of the deductions: %v", got)
	}
	if n, ok, err := s.Count(context.Background(), "invoices", nil); n != 2 || !ok || err != nil {
		t.Errorf("count %d, %v, %v", n, ok, err)
	}
	for _, check := range s.Check(context.Background()) {
		if !check.Reachable || !check.Authorised || check.Err != nil || (check.Stream == "invoices" && (check.Rows != 2 || check.Earliest != m)) {
			t.Errorf("check %+v", check)
		}
	}
	f.refused = 0
	for _, check := range open("wrong").Check(context.Background()) {
		if !check.Reachable || check.Authorised || check.Err == nil {
			t.Errorf("check with a wrong key %+v", check)
		}
	}
	if f.refused != 1 {
		t.Errorf("a wrong key was tried %d times", f.refused)
	}
}

// hubspot serves what the connector asks, with lists of two a page.
func hubspot(t *testing.T, meetings []doc, calls *[]string) http.Handler {
	mux := http.NewServeMux()
	reply := func(w http.ResponseWriter, v any) { json.NewEncoder(w).Encode(v) }
	mux.HandleFunc("GET /crm/v3/owners", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("archived") == "true" {
			reply(w, doc{"results": []doc{{"id": "3", "email": "gone@x.com"}}})
		} else if r.URL.Query().Get("after") == "" {
			reply(w, doc{"results": []doc{{"id": "1", "email": "li@x.com"}}, "paging": doc{"next": doc{"after": "p2"}}})
		} else {
			reply(w, doc{"results": []doc{{"id": "2", "email": "Anna.B@x.com"}}})
		}
	})
	mux.HandleFunc("GET /crm/v3/objects/companies", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("propertiesWithHistory") != "hubspot_owner_id" || r.URL.Query().Get("properties") != "name,erp_customer_id" {
			t.Errorf("companies asked with %v", r.URL.Query())
		}
		reply(w, doc{"results": []doc{
			{"id": "71", "properties": doc{"erp_customer_id": "C1"}}, {"id": "72", "properties": doc{"erp_customer_id": nil}}, {"id": "73", "properties": doc{}},
		}})
	})
	mux.HandleFunc("POST /crm/v3/objects/{object}/search", func(w http.ResponseWriter, r *http.Request) {
		var q struct {
			FilterGroups []struct {
				Filters []struct{ PropertyName, Operator, Value string }
			}
			Sorts []struct{ PropertyName, Direction string }
			Limit int
		}
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
			t.Errorf("search body: %v", err)
		}
		filters := q.FilterGroups[0].Filters
		*calls = append(*calls, r.PathValue("object")+" "+filters[0].Operator+" "+filters[0].Value)
		hits := []doc{}
		for _, m := range meetings {
			at := m["ms"].(string)
			if r.PathValue("object") == "meetings" && (filters[0].Operator == "GTE" && at >= filters[0].Value || filters[0].Operator == "GT" && at > filters[0].Value) {
				hits = append(hits, m)
			}
		}
		reply(w, doc{"total": len(hits), "results": hits[:min(len(hits), q.Limit)]})
	})
	mux.HandleFunc("POST /crm/v4/associations/meetings/companies/batch/read", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusMultiStatus)
		reply(w, doc{"results": []doc{{"from": doc{"id": "501"}, "to": []doc{{"toObjectId": 72}, {"toObjectId": 71}}}}, "errors": []doc{{"category": "OBJECT_NOT_FOUND"}}})
	})
	mux.HandleFunc("GET /crm/v3/objects/{object}", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("archived") != "true" {
			t.Errorf("%s asked with %v", r.URL.Path, r.URL.Query())
		}
		reply(w, doc{"results": []doc{{"id": "9", "archived": true}}})
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer pat-token" {
			w.WriteHeader(401)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func TestHubSpotMeetingsComeWithTheirCompaniesAndReps(t *testing.T) {
	var calls []string
	meetings := []doc{
		{"id": "501", "ms": "1767225600123", "properties": doc{"hs_lastmodifieddate": "2026-01-01T00:00:00.123Z"}},
		{"id": "502", "ms": "1767225601000", "properties": doc{"hs_lastmodifieddate": "2026-01-01T00:00:01Z"}},
	}
	srv := httptest.NewServer(hubspot(t, meetings, &calls))
	defer srv.Close()
	c, err := Shipped("hubspot")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), "crm", c, map[string]any{"url": srv.URL, "token": "pat-token", "rate": 0, "owner_map": map[string]any{"li@x.com": "Li Wei"}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var page Page
	var state []byte
	for p, err := range s.Pages(context.Background(), "meetings", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if state = p.State; p.Count > 0 {
			page = p
		}
	}
	if got := fmt.Sprint(page.Lookups["owner_rep"]); got != "map[1:Li Wei 2:Anna.B 3:gone]" {
		t.Errorf("owners %s", got)
	}
	if got := fmt.Sprint(page.Lookups["company_customer"]); got != "map[71:C1]" {
		t.Errorf("companies %s", got)
	}
	if got := fmt.Sprint(page.Lookups["visit_company"]); got != "map[501:71]" {
		t.Errorf("of several companies the one that is a customer counts, of none there is no entry: %s", got)
	}
	if !strings.HasPrefix(string(state), `{"cursors":{"":"2026-01-01T00:00:01Z"},"passes":{"keys":`) {
		t.Errorf("cursor %s", state)
	}
	calls = nil
	if _, _, err := read(s, "meetings", state); err != nil || len(calls) == 0 || calls[0] != "meetings GTE 1767225001000" {
		t.Errorf("the next run asks %v (%v), want ten minutes before the cursor", calls, err)
	}
	for _, st := range s.Streams() {
		if _, _, err := read(s, st.Name, nil); err != nil {
			t.Errorf("%s: %v", st.Name, err)
		}
	}
}
