package extract

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// shop has invoices, and payments that can only be asked for one invoice at a
// time, two a page, with tokens that mean something for that invoice alone.
type shop struct {
	mu       sync.Mutex
	invoices []map[string]any
	payments map[string][]string // invoice → ids
	asked    []string
	status   map[string]int // invoice → status of its payments
	empty404 bool           // the list of invoices is a 404 when it is empty
	single   chan struct{}  // closed when waits requests for children are under way
	under    int
	waits    int
}

func (s *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, r.URL.String())
	q := r.URL.Query()
	if r.URL.Path == "/invoices" {
		defer s.mu.Unlock()
		s.list(w, q.Get("since"), q.Get("after"), q.Get("open"))
		return
	}
	if s.under++; s.under == s.waits {
		close(s.single)
	}
	s.mu.Unlock()
	if s.single != nil {
		<-s.single
	}
	id := strings.Split(r.URL.Path, "/")[2]
	if status := s.status[id]; status != 0 {
		w.WriteHeader(status)
		fmt.Fprint(w, `{"error":{"message":"not found"}}`)
		return
	}
	from := 0
	if token := q.Get("cursor"); token != "" {
		owner, n, _ := strings.Cut(token, "@")
		if owner != id {
			http.Error(w, `{"message":"this token is of another invoice"}`, http.StatusBadRequest)
			return
		}
		from, _ = strconv.Atoi(n)
	}
	ids := s.payments[id]
	rows := []string{}
	for _, p := range ids[min(from, len(ids)):min(from+2, len(ids))] {
		rows = append(rows, fmt.Sprintf(`{"id":%q,"amount":%s}`, p, "12.10"))
	}
	next := "null"
	if from+2 < len(ids) {
		next = fmt.Sprintf("%q", fmt.Sprintf("%s@%d", id, from+2))
	}
	fmt.Fprintf(w, `{"data":[%s],"next":%s}`, strings.Join(rows, ","), next)
}

func (s *shop) list(w http.ResponseWriter, since, after, open string) {
	out := []map[string]any{}
	for _, i := range s.invoices {
		if i["modified"].(string) >= since && i["id"].(string) > after && (open == "" || i["open"] == true) && len(out) < 2 {
			out = append(out, i)
		}
	}
	if len(out) == 0 && s.empty404 {
		w.WriteHeader(404)
		fmt.Fprint(w, `{"error":{"message":"No invoice found"}}`)
		return
	}
	json.NewEncoder(w).Encode(out)
}

const withChildren = `
name: shop
settings:
  url: {type: url, required: true, help: address}
http:
  base: "{{ .settings.url }}"
  concurrency: 4
  retry: {attempts: 1, wait: 1s}
  empty: {status: [404]}
streams:
  - name: invoices
    request:
      path: /invoices
      query: {since: "{{ .key.value }}", after: "{{ .page.after }}", open: "{{ if eq .pass \"open\" }}yes{{ end }}"}
    paging: {type: id, id: id, numeric: false, size: 2}
    incremental: {field: modified, format: date, start: "2000-01-01"}
    passes: [{name: open}]
    emit: [{to: invoices, fields: {invoice_id: id}}]
  - name: payments
    parent: {stream: invoices, id: id, keep: [ref, total], when: {status: ["1", "2"]}}
    request: {path: "/invoices/{{ .parent.id }}/payments", query: {cursor: "{{ .page.cursor }}", ref: "{{ .parent.ref }}"}}
    records: data
    paging: {type: cursor, path: next}
    replace: {tables: [allocations], by: invoice_id}
    emit: [{to: allocations, fields: {payment_id: child.id, invoice_id: parent.id, amount: child.amount}}]
`

func newShop() *shop {
	s := &shop{payments: map[string][]string{}, status: map[string]int{}}
	for i := 1; i <= 7; i++ {
		id := fmt.Sprintf("i%d", i)
		s.invoices = append(s.invoices, map[string]any{"id": id, "ref": "R-" + id, "modified": fmt.Sprintf("2026-02-0%d", i), "status": 1 + i%3, "total": json.Number("100.10"), "open": i == 2})
		for p := range i {
			s.payments[id] = append(s.payments[id], fmt.Sprintf("%s-p%d", id, p))
		}
	}
	return s
}

// wantPayments are the payments of invoices with status 1 and 2.
func (s *shop) wantPayments() []string {
	var out []string
	for _, i := range s.invoices {
		if i["status"] != 3 && s.status[i["id"].(string)] == 0 {
			out = append(out, s.payments[i["id"].(string)]...)
		}
	}
	return out
}

func TestChildrenAreAskedForEachParentWithAPagerOfItsOwn(t *testing.T) {
	sh := newShop()
	srv := httptest.NewServer(sh)
	defer srv.Close()
	s, _ := openTest(t, withChildren, srv.URL, nil)
	var got, replaced []string
	for p, err := range s.Pages(context.Background(), "payments", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Replace != nil {
			replaced = append(replaced, p.Replace.Values...)
		}
		var rows []struct {
			Parent struct {
				ID, Ref string
				Total   json.Number
			}
			Child struct {
				ID     string
				Amount json.RawMessage
			}
		}
		if p.Count == 0 {
			continue
		}
		if err := json.Unmarshal(p.Body, &rows); err != nil {
			t.Fatalf("%v in %s", err, p.Body)
		}
		if len(rows) != p.Count {
			t.Errorf("page %d says %d records and has %d", p.Ordinal, p.Count, len(rows))
		}
		for _, r := range rows {
			got = append(got, r.Child.ID)
			if !strings.HasPrefix(r.Child.ID, r.Parent.ID+"-") || r.Parent.Ref != "R-"+r.Parent.ID || r.Parent.Total != "100.10" || string(r.Child.Amount) != "12.10" {
				t.Errorf("got %+v", r)
			}
		}
	}
	if !slices.Equal(got, sh.wantPayments()) {
		t.Errorf("got %v, want %v", got, sh.wantPayments())
	}
	if fmt.Sprint(replaced) != "[i1 i3 i4 i6 i7]" {
		t.Errorf("replaced %v", replaced)
	}
}

func TestChildrenFollowTheirParentsCursorAndPasses(t *testing.T) {
	sh := newShop()
	srv := httptest.NewServer(sh)
	defer srv.Close()
	s, _ := openTest(t, strings.Replace(withChildren, `, when: {status: ["1", "2"]}`, "", 1), srv.URL, nil)
	_, state, err := read(s, "payments", nil)
	if err != nil {
		t.Fatal(err)
	}
	sh.payments["i7"] = sh.payments["i7"][1:]              // a reconciliation was taken back: its row is gone
	sh.payments["i2"] = append(sh.payments["i2"], "i2-pX") // the invoice is open; its timestamp did not move
	sh.asked = nil
	ids, replaced := []string{}, map[string]bool{}
	for p, err := range s.Pages(context.Background(), "payments", state) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Replace != nil {
			for _, v := range p.Replace.Values {
				replaced[v] = true
			}
		}
		var rows []map[string]map[string]any
		if p.Count > 0 && json.Unmarshal(p.Body, &rows) == nil {
			for _, r := range rows {
				ids = append(ids, r["child"]["id"].(string))
			}
		}
	}
	if got := slices.Sorted(maps.Keys(replaced)); fmt.Sprint(got) != "[i2 i7]" {
		t.Errorf("replaced %v", got)
	}
	if want := append([]string{"i2-pX", "i2-p0", "i2-p1"}, sh.payments["i7"]...); !same(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
}

func TestAKillAmongChildrenLosesNone(t *testing.T) {
	sh := newShop()
	srv := httptest.NewServer(sh)
	defer srv.Close()
	s, _ := openTest(t, withChildren, srv.URL, nil)
	killedEverywhere(t, s, "payments", sh.wantPayments(), true)
}

func TestParentsAreAskedAboutTogether(t *testing.T) {
	sh := newShop()
	sh.single, sh.waits = make(chan struct{}), 2 // both parents of the first page
	srv := httptest.NewServer(sh)
	defer srv.Close()
	s, _ := openTest(t, strings.Replace(withChildren, `, when: {status: ["1", "2"]}`, "", 1), srv.URL, nil)
	var want []string
	for i := 1; i <= 7; i++ {
		want = append(want, sh.payments[fmt.Sprintf("i%d", i)]...)
	}
	if ids, _, err := read(s, "payments", nil); err != nil || !slices.Equal(ids, want) {
		t.Errorf("got %v, %v", ids, err)
	}
}

func TestNotFoundIsEmptyForAListAndSomethingElseForAParent(t *testing.T) {
	for _, tc := range []struct{ missing, err, replaced string }{
		{"", "status", ""},
		{"deleted", "", "[i1 i3 i4 i6 i7]"},
		{"empty", "", "[i1 i3 i4 i6 i7]"},
		{"unknown", "", "[i1 i3 i6 i7]"},
	} {
		t.Run(tc.missing, func(t *testing.T) {
			sh := newShop()
			sh.status["i4"], sh.empty404 = 404, true
			srv := httptest.NewServer(sh)
			defer srv.Close()
			text := withChildren
			if tc.missing != "" {
				text = strings.Replace(text, `keep: [ref, total]`, `keep: [ref, total], missing_parent: `+tc.missing, 1)
			}
			s, _ := openTest(t, text, srv.URL, nil)
			if ids, _, err := read(s, "invoices", nil); err != nil || len(ids) != 7 {
				t.Fatalf("a 404 on the list is not its end: %v, %v", ids, err)
			}
			var replaced []string
			var ids []string
			for p, err := range s.Pages(context.Background(), "payments", nil) {
				if err != nil {
					if tc.err == "" || !strings.Contains(err.Error(), "i4") || !strings.Contains(err.Error(), "404") {
						t.Fatal(err)
					}
					return
				}
				if p.Replace != nil {
					replaced = append(replaced, p.Replace.Values...)
				}
				ids = append(ids, strconv.Itoa(p.Count))
			}
			if tc.err != "" || fmt.Sprint(replaced) != tc.replaced {
				t.Errorf("replaced %v, pages of %v", replaced, ids)
			}
		})
	}
}

func TestParentsAreAskedAboutInBatches(t *testing.T) {
	sh := newShop()
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/invoices" {
			sh.ServeHTTP(w, r)
			return
		}
		q := r.URL.Query()
		asked = append(asked, q.Get("ids")+"+"+q.Get("offset"))
		var rows []string
		for _, id := range strings.Split(q.Get("ids"), ",") {
			for _, p := range sh.payments[id] {
				rows = append(rows, fmt.Sprintf(`{"id":%q,"invoice":%q}`, p, id))
			}
		}
		from, _ := strconv.Atoi(q.Get("offset"))
		rows = rows[min(from, len(rows)):min(from+5, len(rows))]
		fmt.Fprintf(w, `{"result":[%s]}`, strings.Join(rows, ","))
	}))
	defer srv.Close()
	i := strings.Index(withChildren, "  - name: payments")
	text := withChildren[:i] + `  - name: payments
    parent: {stream: invoices, id: id, batch: 2, concurrency: 1}
    request: {path: /reconciled, query: {ids: '{{ join "," .parent.ids }}', offset: "{{ .page.offset }}"}}
    records: result
    paging: {type: offset, size: 5, short_page_ends: true}
    replace: {tables: [allocations], by: invoice_id, value: ref}
    emit: [{to: allocations, fields: {payment_id: id, invoice_id: invoice}}]
`
	s, _ := openTest(t, text, srv.URL, nil)
	var ids, pages []string
	for p, err := range s.Pages(context.Background(), "payments", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Count == 0 && p.Replace == nil {
			continue
		}
		pages = append(pages, fmt.Sprint(p.Count, p.Replace.Values))
		var rows []map[string]string
		body := p.Body
		if p.Records != "" {
			var w map[string]json.RawMessage
			if err := json.Unmarshal(body, &w); err != nil {
				t.Fatal(err)
			}
			body = w[p.Records]
		}
		if err := json.Unmarshal(body, &rows); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			ids = append(ids, r["id"])
		}
	}
	if len(ids) != 28 || fmt.Sprint(pages) != "[3 [R-i1 R-i2] 7 [R-i3 R-i4] 11 [R-i5 R-i6] 7 [R-i7]]" {
		t.Errorf("%d records on pages %v, asked %v", len(ids), pages, asked)
	}
}

func TestAChildrensPassForKeysAsksByItself(t *testing.T) {
	sh := newShop()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/all" {
			fmt.Fprint(w, `{"data":[{"id":"x"}]}`)
			return
		}
		sh.ServeHTTP(w, r)
	}))
	defer srv.Close()
	text := strings.Replace(withChildren, "    replace: {tables", `    passes: [{name: keys, request: {path: /all}, paging: {type: none}, emit: [{to: allocations, fields: {payment_id: id}}]}]
    replace: {tables`, 1)
	s, _ := openTest(t, text, srv.URL, nil)
	_, state, err := read(s, "payments", nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for p, err := range s.Pages(context.Background(), "payments", state) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Pass == "keys" {
			got = append(got, fmt.Sprint(p.Count, p.Keys, p.Sweep != nil, p.Replace != nil))
		}
	}
	if fmt.Sprint(got) != "[1 true false false 0 true true false]" {
		t.Errorf("got %v", got)
	}
}
