package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Items of a ledger: open ones, and ones that were cleared together. Groups are
// asked for by their clearing, several at once, two lines a page.
const withGroups = `
name: ledger
settings:
  url: {type: url, required: true, help: address}
http: {base: "{{ .settings.url }}", retry: {attempts: 1, wait: 1s}}
streams:
  - name: items
    request: {path: /items}
    emit: [{to: payments, fields: {payment_id: id}}]
  - name: clearings
    parent: {stream: items, batch: 2, id: "{{ with .record.clearing }}{{ $.record.company }}/{{ . }}{{ end }}", keep: [item]}
    request: {path: /groups, query: {of: '{{ join "," .parent.ids }}', offset: "{{ .page.offset }}"}}
    records: lines
    paging: {type: offset, size: 2}
    group: {by: [company, clearing], as: lines, id: [company, item], when: {special: [""]}}
    replace: {tables: [allocations], by: invoice_id, value: "INV-{{ .parent.item }}"}
    emit: [{to: allocations, each: lines, fields: {allocation_id: "@id", payment_id: item, invoice_id: item, application_date: date, amount: amount}}]
`

const ledgerItems = `[{"company":"A","item":1,"clearing":"c1"},{"company":"A","item":2,"clearing":""},{"company":"A","item":3,"clearing":"c1"},
	{"company":"B","item":4,"clearing":"c1"},{"company":"B","item":5,"clearing":"c2"},{"company":"B","item":6,"clearing":null},{"company":"B","item":7,"clearing":null}]`

var ledgerGroups = map[string][]string{
	"A/c1": {`{"company":"A","item":1,"clearing":"c1","amount":10.10}`, `{"company":"A","item":3,"clearing":"c1","amount":-10.10}`, `{"company":"A","item":9,"clearing":"c1","special":"W"}`},
	"B/c1": {`{"company":"B","item":4,"clearing":"c1"}`},
	"B/c2": {`{"company":"B","item":5,"clearing":"c2"}`},
}

func TestWhatWasClearedTogetherComesAsOneRecordThoughItSpansPages(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if r.URL.Path == "/items" {
			fmt.Fprint(w, ledgerItems)
			return
		}
		var lines []string
		for id := range strings.SplitSeq(q.Get("of"), ",") {
			lines = append(lines, ledgerGroups[id]...)
		}
		from := 0
		fmt.Sscan(q.Get("offset"), &from)
		if from == 0 {
			mu.Lock()
			asked = append(asked, q.Get("of"))
			mu.Unlock()
		}
		fmt.Fprintf(w, `{"lines":[%s]}`, strings.Join(lines[min(from, len(lines)):min(from+2, len(lines))], ","))
	}))
	defer srv.Close()
	s, _ := openTest(t, withGroups, srv.URL, nil)
	var groups []string
	replaced := map[string]int{} // value → page
	for p, err := range s.Pages(context.Background(), "clearings", nil) {
		if err != nil {
			t.Fatal(err)
		}
		var records []json.RawMessage
		if p.Count > 0 {
			if err := json.Unmarshal(p.Body, &records); err != nil || len(records) != p.Count {
				t.Fatalf("%d records, %v in %s", p.Count, err, p.Body)
			}
		}
		for _, r := range records {
			var b bytes.Buffer
			_ = json.Compact(&b, r)
			groups = append(groups, b.String())
		}
		if p.Replace != nil {
			for _, v := range p.Replace.Values {
				replaced[v] = p.Ordinal
			}
		}
	}
	want := []string{
		`{"company":"A","clearing":"c1","lines":[{"@id":"A-1","company":"A","item":1,"clearing":"c1","amount":10.10},{"@id":"A-3","company":"A","item":3,"clearing":"c1","amount":-10.10}]}`,
		`{"company":"B","clearing":"c1","lines":[{"@id":"B-4","company":"B","item":4,"clearing":"c1"}]}`,
		`{"company":"B","clearing":"c2","lines":[{"@id":"B-5","company":"B","item":5,"clearing":"c2"}]}`,
	}
	if !reflect.DeepEqual(groups, want) {
		t.Errorf("got  %q\nwant %q", groups, want)
	}
	if slices.Sort(asked); !reflect.DeepEqual(asked, []string{"A/c1,B/c1", "B/c2"}) {
		t.Errorf("asked for %q: two groups at once, none twice, and nothing for items that are open", asked)
	}
	for i := 1; i <= 7; i++ {
		if replaced[fmt.Sprintf("INV-%d", i)] == 0 {
			t.Errorf("the rows of item %d are not replaced; replaced are %v", i, replaced)
		}
	}
	if replaced["INV-1"] != replaced["INV-3"] {
		t.Errorf("the rows of items 1 and 3, which one group brings, are replaced on pages %d and %d: the later one would delete them", replaced["INV-1"], replaced["INV-3"])
	}
}

func TestAGroupNeedsABatchOfParents(t *testing.T) {
	for _, spoiled := range []string{strings.Replace(withGroups, "batch: 2, ", "", 1), strings.Replace(withGroups, "as: lines, ", "", 1)} {
		if _, err := ParseConnector("own", []byte(spoiled)); err == nil {
			t.Error("a group that cannot be made is accepted")
		}
	}
}
