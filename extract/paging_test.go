package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// row is a record of the table behind the test server.
type row struct {
	ID       string  `json:"id"`
	Modified *string `json:"modified"`
}

// table serves rows as a system does that compares, sorts and cuts: by
// (modified, id) with an operator on modified, and by offset.
type table struct {
	rows    []row
	limit   int             // most records an answer holds, whatever is asked; 0 = what is asked
	between func(calls int) // runs before each answer
	calls   int
	values  []string // cursor values asked for
}

func (tb *table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	tb.calls++
	if tb.between != nil {
		tb.between(tb.calls)
	}
	q := r.URL.Query()
	tb.values = append(tb.values, q.Get("op")+q.Get("value"))
	size, _ := strconv.Atoi(q.Get("size"))
	if tb.limit > 0 {
		size = min(size, tb.limit)
	}
	var hits []row
	for _, x := range tb.rows {
		if x.Modified == nil {
			if q.Get("nulls") != "" && strings.HasPrefix(q.Get("value"), "2000") {
				hits = append(hits, x)
			}
			continue
		}
		switch v := q.Get("value"); {
		case q.Get("op") == "=" && *x.Modified == v && x.ID > q.Get("after"),
			q.Get("op") == ">=" && *x.Modified >= v, q.Get("op") == ">" && *x.Modified > v:
			hits = append(hits, x)
		}
	}
	slices.SortFunc(hits, func(a, b row) int {
		return strings.Compare(text(a.Modified)+"\x00"+a.ID, text(b.Modified)+"\x00"+b.ID)
	})
	offset, _ := strconv.Atoi(q.Get("offset"))
	hits = hits[min(offset, len(hits)):]
	json.NewEncoder(w).Encode(map[string]any{"data": hits[:min(size, len(hits))]})
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func day(n int) *string {
	s := time.Date(2026, 1, 1, 0, 0, n, 0, time.UTC).Format("2006-01-02 15:04:05")
	return &s
}

func distinct(ids []string) string {
	seen := map[string]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	out := []string{}
	for id := range seen {
		out = append(out, id)
	}
	slices.Sort(out)
	return strings.Join(out, "")
}

func TestNothingIsLostWhileRecordsChangeBetweenPages(t *testing.T) {
	tb := &table{}
	for i, id := range strings.Split("abcdefghij", "") {
		tb.rows = append(tb.rows, row{id, day(i)})
	}
	// Before each page, a record that was already read is changed: it moves to
	// the end, and whoever counts offsets skips the record that took its place.
	tb.between = func(call int) {
		if call > 1 && call < 5 {
			tb.rows[call-2].Modified = day(100 + call)
		}
	}
	srv := httptest.NewServer(tb)
	defer srv.Close()
	s, _ := openTest(t, simple, srv.URL, nil)
	ids, state, err := read(s, "invoices", nil)
	if err != nil || distinct(ids) != "abcdefghij" {
		t.Errorf("got %v, %v", ids, err)
	}
	if want := `{"cursors":{"":"` + *day(104) + `"}}`; string(state) != want {
		t.Errorf("cursor %s, want %s", state, want)
	}
	// The same by offset loses records: this shows that the test can fail.
	tb.calls = 0
	for i := range tb.rows {
		tb.rows[i].Modified = day(i)
	}
	byOffset := strings.NewReplacer(`op: "{{ .key.op }}"`, `op: ">=", offset: "{{ .page.offset }}"`, "type: keyset, size: 3, id: id", "type: offset, size: 3").Replace(simple)
	s, _ = openTest(t, byOffset, srv.URL, nil)
	if ids, _, err := read(s, "invoices", nil); err != nil || distinct(ids) == "abcdefghij" {
		t.Errorf("offsets should lose a record here: %v, %v", ids, err)
	}
}

func TestManyRecordsOfOneInstantAreAllRead(t *testing.T) {
	for _, same := range []int{2, 3, 4, 6, 7, 11} {
		tb := &table{rows: []row{{"0", day(0)}, {"1", day(1)}}}
		want := "01"
		for i := range same {
			id := string(rune('a' + i))
			tb.rows, want = append(tb.rows, row{id, day(5)}), want+id
		}
		tb.rows, want = append(tb.rows, row{"y", day(7)}, row{"z", day(8)}), want+"yz"
		srv := httptest.NewServer(tb)
		s, _ := openTest(t, simple, srv.URL, nil)
		ids, _, err := read(s, "invoices", nil)
		if err != nil || distinct(ids) != want {
			t.Errorf("%d of one instant: got %v, %v, want %s", same, ids, err, want)
		}
		if len(ids) != len(want) {
			t.Errorf("%d of one instant: records are handed on twice: %v", same, ids)
		}
		srv.Close()
	}
}

func TestTooManyRecordsOfOneInstantAreAnErrorWhereTheyCannotBeToldApart(t *testing.T) {
	tb := &table{rows: []row{{"a", day(1)}, {"b", day(1)}, {"c", day(1)}, {"d", day(1)}}}
	srv := httptest.NewServer(tb)
	defer srv.Close()
	s, _ := openTest(t, strings.Replace(simple, ", id: id", "", 1), srv.URL, nil)
	_, _, err := read(s, "invoices", nil)
	if err == nil || !strings.Contains(err.Error(), "records with the same cursor value") {
		t.Errorf("got %v", err)
	}
}

func TestASourceThatGivesFewerThanAskedIsReadToItsEnd(t *testing.T) {
	tb := &table{limit: 2}
	for i, id := range strings.Split("abcdefg", "") {
		tb.rows = append(tb.rows, row{id, day(i)})
	}
	srv := httptest.NewServer(tb)
	defer srv.Close()
	s, _ := openTest(t, simple, srv.URL, nil)
	if ids, _, err := read(s, "invoices", nil); err != nil || strings.Join(ids, "") != "abcdefg" {
		t.Errorf("got %v, %v", ids, err)
	}
}

func TestTheNextRunContinuesWithAnOverlap(t *testing.T) {
	tb := &table{}
	for i, id := range strings.Split("abcdef", "") {
		m := day(i * 300) // five minutes apart
		tb.rows = append(tb.rows, row{id, m})
	}
	srv := httptest.NewServer(tb)
	defer srv.Close()
	s, _ := openTest(t, simple, srv.URL, nil)
	_, state, err := read(s, "invoices", nil)
	if err != nil {
		t.Fatal(err)
	}
	tb.values = nil
	tb.rows = append(tb.rows, row{"late", day(4 * 300)}) // committed late, with an older instant
	ids, again, err := read(s, "invoices", state)
	if err != nil || distinct(ids) != "deflate" {
		t.Errorf("second run read %v, %v", ids, err)
	}
	if want := ">=2026-01-01 00:15:00"; tb.values[0] != want {
		t.Errorf("asked %s, want %s", tb.values[0], want)
	}
	if string(again) != string(state) {
		t.Errorf("the cursor moved from %s to %s", state, again)
	}
	// After each page the cursor stands at that page, and never goes back.
	for p, err := range s.Pages(context.Background(), "invoices", state) {
		if err != nil || string(p.State) != string(state) {
			t.Errorf("a page of the overlap took the cursor back to %s (%v)", p.State, err)
		}
	}
}

func TestARecordDatedInTheFutureDoesNotHideThoseThatFollow(t *testing.T) {
	future := "2031-01-01 00:00:00"
	tb := &table{rows: []row{{"a", day(1)}, {"b", &future}}}
	srv := httptest.NewServer(tb)
	defer srv.Close()
	s, _ := openTest(t, simple, srv.URL, nil)
	_, state, err := read(s, "invoices", nil)
	if err != nil || !strings.Contains(string(state), "2026-03-01 12:00:00") {
		t.Errorf("cursor %s, %v: want the time of reading", state, err)
	}
}

func TestRecordsWithoutCursorValueDoNotStopTheReading(t *testing.T) {
	tb := &table{rows: []row{{"n", nil}, {"o", nil}, {"a", day(1)}, {"b", day(2)}, {"c", day(3)}}}
	srv := httptest.NewServer(tb)
	defer srv.Close()
	withNulls := strings.Replace(simple, `query: {`, `query: {nulls: "yes", `, 1)
	s, _ := openTest(t, withNulls, srv.URL, nil)
	ids, state, err := read(s, "invoices", nil)
	if err != nil || distinct(ids) != "abcno" || !strings.Contains(string(state), *day(3)) {
		t.Errorf("got %v, %s, %v", ids, state, err)
	}
	tb.rows = []row{{"n", nil}, {"o", nil}, {"p", nil}, {"q", nil}}
	if _, _, err = read(s, "invoices", nil); err == nil || !strings.Contains(err.Error(), "without a value in the field it is ordered by") {
		t.Errorf("got %v", err)
	}
}

func TestPagingThatGoesRoundInCirclesIsNoticed(t *testing.T) {
	full := `{"data":[{"id":"a","modified":"2026-01-01 10:00:00"},{"id":"b","modified":"2026-01-01 11:00:00"},{"id":"c","modified":"2026-01-01 12:00:00"}],"after":"x"}`
	for _, paging := range []string{"{type: keyset, size: 3, id: id}", "{type: offset, size: 3}", "{type: cursor, path: after}"} {
		t.Run(paging, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(body(200, "application/json", full)))
			defer srv.Close()
			s, _ := openTest(t, strings.Replace(simple, "{type: keyset, size: 3, id: id}", paging, 1), srv.URL, nil)
			_, _, err := read(s, "invoices", nil)
			if err == nil || !strings.Contains(err.Error(), "the same page again and again") {
				t.Errorf("got %v", err)
			}
		})
	}
	var n atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"data":[{"id":"%d"}],"after":"%d"}`, n.Add(1), n.Load())
	}))
	defer srv.Close()
	endless := strings.Split(simple, "    paging:")[0] + "    paging: {type: cursor, path: after, max_pages: 5}\n    emit: []\n"
	endless = strings.Replace(endless, `{op: "{{ .key.op }}", value: "{{ .key.value }}", after: "{{ .key.after }}", size: "{{ .page.size }}"}`, "{}", 1)
	s, _ := openTest(t, endless, srv.URL, nil)
	ids, _, err := read(s, "invoices", nil)
	if err == nil || !strings.Contains(err.Error(), "more than 5 pages") || len(ids) != 5 {
		t.Errorf("got %v, %v", ids, err)
	}
}

// search serves a search that gives at most ten results, five a page.
func search(rows []row) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var hits []row
		for _, x := range rows {
			if *x.Modified >= r.URL.Query().Get("value") {
				hits = append(hits, x)
			}
		}
		from, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
		if from >= 10 {
			http.Error(w, `{"message":"only the first 10 results"}`, http.StatusBadRequest)
			return
		}
		out := map[string]any{"data": hits[min(from, len(hits)):min(from+5, len(hits))]}
		if from+5 < len(hits) {
			out["after"] = strconv.Itoa(from + 5)
		}
		json.NewEncoder(w).Encode(out)
	})
}

func TestASearchWindowSlidesPastTheCap(t *testing.T) {
	capped := strings.NewReplacer("{type: keyset, size: 3, id: id}", "{type: cursor, path: after, size: 5, cap: 10}",
		`after: "{{ .key.after }}"`, `cursor: "{{ .page.cursor }}"`).Replace(simple)
	var rows []row
	want := ""
	for i := range 26 {
		id := string(rune('a' + i))
		rows, want = append(rows, row{id, day(i / 3)}), want+id
	}
	srv := httptest.NewServer(search(rows))
	defer srv.Close()
	s, _ := openTest(t, capped, srv.URL, nil)
	if ids, _, err := read(s, "invoices", nil); err != nil || distinct(ids) != want {
		t.Errorf("got %v, %v", ids, err)
	}
	for i := range rows {
		rows[i].Modified = day(1)
	}
	if _, _, err := read(s, "invoices", nil); err == nil || !strings.Contains(err.Error(), "records with the same cursor value") {
		t.Errorf("got %v", err)
	}
}

func TestPagesAreFetchedAheadAndInOrder(t *testing.T) {
	tb := &table{}
	for i := range 30 {
		tb.rows = append(tb.rows, row{fmt.Sprintf("%02d", i), day(i)})
	}
	var asked atomic.Int64
	third := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 3 {
			close(third)
		}
		tb.ServeHTTP(w, r)
	}))
	defer srv.Close()
	s, _ := openTest(t, simple, srv.URL, nil)
	ordinal, first := 0, int64(1)
	for p, err := range s.Pages(context.Background(), "invoices", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if ordinal == 0 {
			<-third // comes while the first page is still being worked on
		}
		ordinal++
		if p.Ordinal != ordinal || p.First != first || p.Source != "erp" || p.Stream != "invoices" {
			t.Errorf("page %d says %d from record %d, want %d", ordinal, p.Ordinal, p.First, first)
		}
		first += int64(p.Count)
	}
	if ordinal < 10 {
		t.Errorf("%d pages", ordinal)
	}
}

func TestPrefetchIsBoundedByBytes(t *testing.T) {
	tb := &table{}
	for i := range 30 {
		tb.rows = append(tb.rows, row{fmt.Sprintf("%02d", i), day(i)})
	}
	var asked atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		tb.ServeHTTP(w, r)
	}))
	defer srv.Close()
	s, _ := openTest(t, strings.Replace(simple, "max_response: 1MiB", "max_response: 1MiB\n  prefetch: 1B", 1), srv.URL, nil)
	var taken int64
	for _, err := range s.Pages(context.Background(), "invoices", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if taken++; asked.Load() > taken+1 { // one request is always under way
			t.Fatalf("%d requests for %d pages taken", asked.Load(), taken)
		}
	}
}

// QuickBooks lists changes inside lists, leaves out the key of an empty one, and
// tells beside it from when to ask the next time.
func TestRecordsStandInsideListsAndAnEmptyAnswerTellsTheCursor(t *testing.T) {
	answers := []string{
		`{"time": "2026-01-02T00:00:00Z", "CDC": [{"Changes": [{}]}]}`,
		`{"CDC": [{"Other": 1, "Changes": [{"Invoice": [{"Id": "7"}]}]}, {"Changes": [{"Invoice": [{"Id": "8"}]}]}], "time": "2026-01-03T00:00:00Z"}`,
	}
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Query().Get("since"))
		fmt.Fprint(w, answers[len(asked)-1])
	}))
	defer srv.Close()
	s, _ := openTest(t, `
name: t
settings: {url: {type: url, required: true, help: address}}
http: {base: "{{ .settings.url }}", empty: {missing: true}}
streams:
  - name: rows
    request: {path: /cdc, query: {since: "{{ .key.value }}"}}
    records: CDC.0.Changes.0.Invoice
    paging: {type: none}
    incremental: {from: time, start: "2026-01-01T00:00:00Z"}
    emit: [{to: invoices, fields: {invoice_id: Id}}]
`, srv.URL, nil)
	var state []byte
	records := 0
	for range answers {
		for p, err := range s.Pages(context.Background(), "rows", state) {
			if err != nil {
				t.Fatal(err)
			}
			if records += p.Count; p.State != nil {
				state = bytes.Clone(p.State)
			}
		}
	}
	if records != 1 || fmt.Sprint(asked) != "[2026-01-01T00:00:00Z 2026-01-02T00:00:00Z]" || !bytes.Contains(state, []byte("2026-01-03")) {
		t.Errorf("%d records, asked since %v, state %s", records, asked, state)
	}
}
