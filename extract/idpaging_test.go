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
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-faster/jx"
)

// second is how the ERP of these tests writes instants: cut to the second, in UTC.
const second = "2006-01-02 15:04:05"

// entry is a record of the ERP: it keeps microseconds and shows seconds.
type entry struct {
	id      int
	changed time.Time
}

// erp answers as Odoo does: changed >= since and id > after, in order of id.
// A record that is changed keeps its id and so its place.
type erp struct {
	mu      sync.Mutex
	entries []entry
	limit   int             // most records an answer holds; 0 = what is asked
	between func(calls int) // runs before each answer
	calls   int
	asked   []string // since/after of each request
	date    string   // header Date; empty = the real one
	fail    func(w http.ResponseWriter, calls int) bool
}

func (e *erp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls++
	if e.between != nil {
		e.between(e.calls)
	}
	if e.date != "" {
		w.Header().Set("Date", e.date)
	}
	if e.fail != nil && e.fail(w, e.calls) {
		return
	}
	q := r.URL.Query()
	e.asked = append(e.asked, q.Get("since")+"/"+q.Get("after"))
	since, err := time.Parse(second, q.Get("since"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	after, _ := strconv.Atoi(q.Get("after"))
	size, _ := strconv.Atoi(q.Get("size"))
	if e.limit > 0 {
		size = min(size, e.limit)
	}
	hits := []map[string]any{}
	slices.SortFunc(e.entries, func(a, b entry) int { return a.id - b.id })
	for _, x := range e.entries {
		if !x.changed.Before(since) && x.id > after && len(hits) < size {
			hits = append(hits, map[string]any{"id": x.id, "write_date": x.changed.Format(second)})
		}
	}
	json.NewEncoder(w).Encode(map[string]any{"result": hits})
}

const byID = `
name: erp
settings:
  url: {type: url, required: true, help: address}
http:
  base: "{{ .settings.url }}"
  retry: {attempts: 3, wait: 1s}
streams:
  - name: invoices
    request:
      path: /read
      query: {since: "{{ .key.value }}", after: "{{ .page.after }}", size: "{{ .page.size }}"}
    records: result
    paging: {type: id, id: id, first: "0", size: 3}
    incremental: {field: write_date, format: "YYYY-MM-DD HH:mm:ss", start: "2000-01-01 00:00:00", overlap: 15m}
    emit: [{to: invoices, fields: {invoice_id: id}}]
`

func instant(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.999999", text)
	if err != nil {
		panic(err)
	}
	return t
}

func entries(n int, at func(i int) time.Time) []entry {
	var out []entry
	for i := 1; i <= n; i++ {
		out = append(out, entry{i, at(i)})
	}
	return out
}

func numbers(from, to int) []string {
	var out []string
	for i := from; i <= to; i++ {
		out = append(out, strconv.Itoa(i))
	}
	return out
}

// same compares ids as sets.
func same(got, want []string) bool {
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	return slices.Equal(slices.Compact(got), slices.Compact(want))
}

func cursorIn(t *testing.T, state []byte) string {
	t.Helper()
	var s cursorState
	if err := json.Unmarshal(state, &s); err != nil {
		t.Fatal(err)
	}
	return s.Cursors[""]
}

func TestAHundredRecordsOfOneSecondAreReadByIDWhereAWatermarkFindsNone(t *testing.T) {
	e := &erp{entries: entries(100, func(i int) time.Time {
		return instant("2026-02-01 10:00:00").Add(time.Duration(i) * time.Microsecond)
	})}
	srv := httptest.NewServer(e)
	defer srv.Close()
	s, _ := openTest(t, byID, srv.URL, nil)
	ids, state, err := read(s, "invoices", nil)
	if err != nil || !slices.Equal(ids, numbers(1, 100)) {
		t.Fatalf("got %d records, %v", len(ids), err)
	}
	if got := cursorIn(t, state); got != "2026-02-01 10:00:00" {
		t.Errorf("cursor %q", got)
	}
	if strings.Contains(string(state), "inside") {
		t.Errorf("a finished reading left %s", state)
	}
	// The record of that very second is found again, not skipped by "later than the last".
	e.entries, e.asked = append(e.entries, entry{101, instant("2026-02-01 10:00:00.9")}), nil
	ids, _, err = read(s, "invoices", state)
	if err != nil || !slices.Contains(ids, "101") {
		t.Errorf("second run: %v, %v", ids, err)
	}
	if e.asked[0] != "2026-02-01 09:45:00/0" {
		t.Errorf("asked %s", e.asked[0])
	}
}

func TestARecordThatCommitsLateIsFoundByTheOverlap(t *testing.T) {
	e := &erp{entries: []entry{{1, instant("2026-02-01 10:00:00")}, {2, instant("2026-02-01 10:05:00")}}}
	srv := httptest.NewServer(e)
	defer srv.Close()
	s, _ := openTest(t, byID, srv.URL, nil)
	_, state, err := read(s, "invoices", nil)
	if err != nil {
		t.Fatal(err)
	}
	// A transaction that began before the last record was written commits now.
	e.entries = append(e.entries, entry{3, instant("2026-02-01 09:58:00")})
	ids, _, err := read(s, "invoices", state)
	if err != nil || !slices.Contains(ids, "3") {
		t.Errorf("got %v, %v", ids, err)
	}
	// The test can fail: without an overlap the record is lost for ever.
	s, _ = openTest(t, strings.Replace(byID, ", overlap: 15m", "", 1), srv.URL, nil)
	if ids, _, err := read(s, "invoices", state); err != nil || slices.Contains(ids, "3") {
		t.Errorf("without an overlap: %v, %v", ids, err)
	}
}

func TestTheCursorOfAReadingByIDNeverPassesItsBeginning(t *testing.T) {
	e := &erp{entries: entries(6, func(i int) time.Time { return instant("2026-02-01 10:00:00") })}
	now := instant("2026-02-01 12:00:00")
	var minutes atomic.Int64
	// While the second page is read, a record of the first is changed, and later one of the second.
	e.between = func(call int) {
		minutes.Add(20)
		if call == 2 {
			e.entries[0].changed = now.Add(10 * time.Minute)
			e.entries[5].changed = now.Add(30 * time.Minute)
		}
	}
	srv := httptest.NewServer(e)
	defer srv.Close()
	c, err := ParseConnector("test", []byte(strings.Replace(byID, ", overlap: 15m", "", 1)))
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return now.Add(time.Duration(minutes.Load()) * time.Minute) }
	s, err := Open(context.Background(), "erp", c, map[string]any{"url": srv.URL}, Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, state, err := read(s, "invoices", nil)
	if err != nil {
		t.Fatal(err)
	}
	ids, _, err := read(s, "invoices", state)
	if err != nil || !slices.Contains(ids, "1") {
		t.Errorf("the record changed behind the reader is lost: cursor %s, read %v, %v", state, ids, err)
	}
}

func TestAKilledReadingByIDGoesOnWhereItStoodAtEveryPage(t *testing.T) {
	e := &erp{entries: entries(20, func(i int) time.Time { return instant("2026-02-01 10:00:00").Add(time.Duration(97*i%20) * time.Minute) })}
	srv := httptest.NewServer(e)
	defer srv.Close()
	s, _ := openTest(t, byID, srv.URL, nil)
	killedEverywhere(t, s, "invoices", numbers(1, 20), true)
	// It does not begin anew: a run that dies at page 4 leaves only the rest.
	var state []byte
	taken := 0
	for p, err := range s.Pages(context.Background(), "invoices", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if state = p.State; taken == 3 {
			break
		}
		taken++
	}
	ids, _, err := read(s, "invoices", state)
	if err != nil || !slices.Equal(ids, numbers(13, 20)) {
		t.Errorf("resumed with %v, %v", ids, err)
	}
}

// killedEverywhere breaks a read off after each of its pages, and goes on from
// the last state that was saved: nothing is lost, and the cursor is the same in the end.
// steady: a run that dies after every single page gets through all the same.
func killedEverywhere(t *testing.T, s *Source, stream string, want []string, steady bool) {
	t.Helper()
	whole, end, err := read(s, stream, nil)
	if err != nil || !same(whole, want) {
		t.Fatalf("uninterrupted: %v, %v", whole, err)
	}
	pages := 0
	for _, err := range s.Pages(context.Background(), stream, nil) {
		if err != nil {
			t.Fatal(err)
		}
		pages++
	}
	take := func(state []byte, n int) (ids []string, last []byte, done bool) {
		last, done = state, true
		for p, err := range s.Pages(context.Background(), stream, state) {
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				return ids, last, false // this page was received and never saved
			}
			n--
			if err := eachRecord(p.Body, p.Records, func(raw jx.Raw) error { ids = append(ids, idOf(raw)); return nil }); err != nil && p.Count > 0 {
				t.Fatal(err)
			}
			if p.State != nil {
				last = p.State
			}
		}
		return ids, last, done
	}
	for n := range pages {
		first, state, _ := take(nil, n)
		rest, last, err := read(s, stream, state)
		if err != nil || !same(append(first, rest...), want) {
			t.Errorf("killed after page %d: %v then %v, %v", n, first, rest, err)
		}
		if string(last) != string(end) {
			t.Errorf("killed after page %d: the state is %s in the end, want %s", n, last, end)
		}
	}
	if !steady {
		return
	}
	var ids []string
	var state []byte
	for run := 0; ; run++ {
		got, last, done := take(state, 1)
		ids, state = append(ids, got...), last
		if done {
			break
		}
		if run > 3*pages {
			t.Fatalf("killed after every page, it never ends: %s", state)
		}
	}
	if !same(ids, want) || string(state) != string(end) {
		t.Errorf("killed after every page: %v, %s", ids, state)
	}
}

// idOf is the id of a record, or of the child that it wraps.
func idOf(raw jx.Raw) string {
	if v := valueAt(raw, []string{"child", "id"}); v != "" {
		return v
	}
	return valueAt(raw, []string{"id"})
}

func TestASourceThatGivesFewerThanAskedIsReadToItsEndByID(t *testing.T) {
	e := &erp{limit: 2, entries: entries(7, func(i int) time.Time { return instant("2026-02-01 10:00:00") })}
	srv := httptest.NewServer(e)
	defer srv.Close()
	s, _ := openTest(t, byID, srv.URL, nil)
	if ids, _, err := read(s, "invoices", nil); err != nil || !slices.Equal(ids, numbers(1, 7)) {
		t.Errorf("got %v, %v", ids, err)
	}
}

func TestIDsThatDoNotGrowAreAnError(t *testing.T) {
	for _, tc := range []struct{ name, first, second, paging, want string }{
		{"the filter is ignored", `{"id":1,"write_date":"2026-01-01 00:00:00"}`, `{"id":1,"write_date":"2026-01-01 00:00:00"}`, "", "the same page again and again"},
		{"not sorted", `{"id":9,"write_date":"2026-01-01 00:00:00"}`, `{"id":10,"write_date":"2026-01-01 00:00:00"},{"id":2,"write_date":"2026-01-01 00:00:00"}`, "", `found "2" after "10"`},
		{"texts", `{"id":"A-9"}`, `{"id":"A-10"}`, "", "numeric: false"},
		{"texts in disorder", `{"id":"A-9"}`, `{"id":"A-10"}`, ", numeric: false", `found "A-10" after "A-9"`},
		{"none", `{"write_date":"2026-01-01 00:00:00"}`, ``, "", "a record without it"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				n++
				fmt.Fprintf(w, `{"result":[%s]}`, []string{tc.first, tc.second, ""}[min(n-1, 2)])
			}))
			defer srv.Close()
			s, _ := openTest(t, strings.Replace(byID, "size: 3", "size: 1"+tc.paging, 1), srv.URL, nil)
			_, _, err := read(s, "invoices", nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestIDsAreComparedAsNumbersWithoutAFloat(t *testing.T) {
	for _, tc := range []struct {
		a, b    string
		numeric bool
		want    bool
	}{{"9", "10", true, true}, {"10", "9", true, false}, {"9007199254740993", "9007199254740992", true, false}, {"007", "8", true, true},
		{"10", "9", false, true}, {"A", "B", false, true}} {
		if got, err := idLess(tc.a, tc.b, tc.numeric); err != nil || got != tc.want {
			t.Errorf("%s < %s: %v, %v", tc.a, tc.b, got, err)
		}
	}
}

func TestNullTimestampsUntilTheFirstUpdateAreTakenFromTheOtherField(t *testing.T) {
	answer := `{"result":[{"id":1,"write_date":null,"create_date":{"__class__":"datetime","year":2026,"month":2,"day":3,"hour":4,"minute":5,"second":6,"microsecond":7}},
		{"id":2,"write_date":{"__class__":"datetime","year":2026,"month":2,"day":1},"create_date":{"__class__":"datetime","year":2026,"month":1,"day":1}}]}`
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Query().Get("since"))
		if r.URL.Query().Get("after") == "2" {
			answer = `{"result":[]}`
		}
		fmt.Fprint(w, answer)
	}))
	defer srv.Close()
	tryton := strings.Replace(byID, `field: write_date, format: "YYYY-MM-DD HH:mm:ss", start: "2000-01-01 00:00:00"`, `field: [write_date, create_date], format: class, start: "2000-01-01"`, 1)
	s, _ := openTest(t, tryton, srv.URL, nil)
	_, state, err := read(s, "invoices", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := read(s, "invoices", state); err != nil {
		t.Fatal(err)
	}
	want := `{"__class__": "datetime", "year": 2026, "month": 2, "day": 3, "hour": 3, "minute": 50, "second": 6, "microsecond": 7}`
	if last := asked[len(asked)-1]; last != want || !strings.Contains(asked[0], `"year": 2000`) {
		t.Errorf("asked first %s, then %s", asked[0], last)
	}
}

func TestAClockThatIsAheadOrBehindLosesNothing(t *testing.T) {
	for _, off := range []time.Duration{-time.Hour, time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			source := noon.Add(off) // what the source's clock says when ours says noon
			e := &erp{date: source.Format(http.TimeFormat), entries: entries(3, func(i int) time.Time { return source.Add(-time.Duration(i) * time.Minute) })}
			srv := httptest.NewServer(e)
			defer srv.Close()
			s, _ := openTest(t, byID, srv.URL, nil)
			_, state, err := read(s, "invoices", nil)
			if err != nil {
				t.Fatal(err)
			}
			if cursor := instant(cursorIn(t, state)); cursor.After(source) || cursor.After(noon) {
				t.Errorf("the cursor %s is in the future of a clock", cursor)
			}
			e.entries = append(e.entries, entry{4, source.Add(time.Second)})
			if ids, _, err := read(s, "invoices", state); err != nil || !slices.Contains(ids, "4") {
				t.Errorf("the next record is lost: %v, %v", ids, err)
			}
			checks := s.Check(context.Background())
			if checks[0].Skew != off || checks[0].Timezone != "UTC" || checks[0].Err != nil {
				t.Errorf("check says %+v", checks[0])
			}
		})
	}
}

func TestSafeLagHoldsTheCursorBack(t *testing.T) {
	e := &erp{entries: []entry{{1, noon.Add(-time.Minute)}}}
	srv := httptest.NewServer(e)
	defer srv.Close()
	s, _ := openTest(t, strings.Replace(byID, "overlap: 15m", "safe_lag: 1h", 1), srv.URL, nil)
	_, state, err := read(s, "invoices", nil)
	if got := cursorIn(t, state); err != nil || got != "2026-03-01 11:00:00" {
		t.Errorf("cursor %s, %v", got, err)
	}
}
