package extract

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// vouchers serves documents by their date, from and to inclusive, as systems do that know no time of change.
type vouchers struct {
	mu    sync.Mutex
	dates map[int]string // id → day
	asked []string
}

func (v *vouchers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	defer v.mu.Unlock()
	q := r.URL.Query()
	v.asked = append(v.asked, q.Get("from")+".."+q.Get("to"))
	page := 0
	fmt.Sscan(q.Get("page"), &page)
	var ids []int
	for id, day := range v.dates {
		if day >= q.Get("from") && day <= q.Get("to") {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	ids = ids[min(len(ids), (page-1)*2):min(len(ids), page*2)]
	rows := []string{}
	for _, id := range ids {
		rows = append(rows, fmt.Sprintf(`{"id":%d,"date":%q}`, id, v.dates[id]))
	}
	fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(rows, ","))
}

const byWindow = `
name: u8
settings:
  url: {type: url, required: true, help: address}
timezone: Asia/Shanghai
http:
  base: "{{ .settings.url }}"
streams:
  - name: vouchers
    request:
      path: /vouchers
      query: {from: "{{ .window.from }}", to: "{{ .window.to }}", page: "{{ .page.number }}"}
    records: data
    paging: {type: offset, size: 2, short_page_ends: true}
    window: {from: "2025-12-15", step: 30d, format: date, inclusive: true, lookback: 20d}
    emit: [{to: payments, fields: {payment_id: id}}]
`

func firsts(asked []string) []string { return slices.Compact(slices.Clone(asked)) }

func TestTimeIsReadInWindowsAndLookedBackOn(t *testing.T) {
	v := &vouchers{dates: map[int]string{1: "2025-12-15", 2: "2026-01-13", 3: "2026-01-14", 4: "2026-02-27", 5: "2026-03-01", 6: "2026-03-01", 7: "2026-03-01"}}
	srv := httptest.NewServer(v)
	defer srv.Close()
	s, _ := openTest(t, byWindow, srv.URL, nil)
	ids, state, err := read(s, "vouchers", nil)
	if err != nil || !slices.Equal(ids, numbers(1, 7)) {
		t.Fatalf("got %v, %v", ids, err)
	}
	// noon in UTC is the evening of the first of March in Shanghai: today is in the last window
	want := "2025-12-15..2026-01-13 2026-01-14..2026-02-12 2026-02-13..2026-03-01"
	if got := strings.Join(firsts(v.asked), " "); got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	if want := `{"windows":{"":{"until":"2026-02-28T16:00:00Z"}}}`; string(state) != want { // today is not over
		t.Errorf("state %s, want %s", state, want)
	}
	v.asked = nil
	v.dates[8] = "2026-02-10" // entered late, with an older date, inside the lookback
	ids, again, err := read(s, "vouchers", state)
	if err != nil || !same(ids, numbers(4, 8)) {
		t.Errorf("second run %v, %v", ids, err)
	}
	if got := strings.Join(firsts(v.asked), " "); got != "2026-02-09..2026-03-01" || string(again) != string(state) {
		t.Errorf("asked %s, state %s", got, again)
	}
	for _, st := range s.Streams() {
		if !st.Incremental {
			t.Errorf("%s is said to be read whole each time", st.Name)
		}
	}
}

func TestWindowsThatWereReadAreNotReadAgainAfterAKill(t *testing.T) {
	v := &vouchers{dates: map[int]string{}}
	for i := 1; i <= 30; i++ {
		v.dates[i] = time.Date(2025, 12, 15+i*2, 0, 0, 0, 0, time.UTC).Format("2006-01-02")
	}
	srv := httptest.NewServer(v)
	defer srv.Close()
	for _, lookback := range []string{", lookback: 20d", "", ", concurrency: 3"} {
		s, _ := openTest(t, strings.NewReplacer(", lookback: 20d", lookback, "30d", "7d").Replace(byWindow), srv.URL, nil)
		killedEverywhere(t, s, "vouchers", numbers(1, 30), false)
	}
	s, _ := openTest(t, byWindow, srv.URL, nil)
	var state []byte
	for p, err := range s.Pages(context.Background(), "vouchers", nil) {
		if err != nil {
			t.Fatal(err)
		}
		if p.State != nil {
			state = p.State
			break // the first window is finished
		}
	}
	// Of a server of its own: the one before may still be answering a page that nobody waits for.
	again := &vouchers{dates: v.dates}
	fresh := httptest.NewServer(again)
	defer fresh.Close()
	s, _ = openTest(t, byWindow, fresh.URL, nil)
	if _, _, err := read(s, "vouchers", state); err != nil || !strings.HasPrefix(again.asked[0], "2026-01-14") {
		t.Errorf("resumed at %v, %v", again.asked, err)
	}
}

func TestAWindowReadByIDIsResumedInside(t *testing.T) {
	e := &erp{entries: entries(30, func(i int) time.Time {
		return instant("2026-02-01 00:00:00").Add(time.Duration(i*7%30) * 24 * time.Hour)
	})}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		to, err := time.Parse(second, q.Get("to"))
		if err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		part := &erp{}
		for _, x := range e.entries {
			if x.changed.Before(to) {
				part.entries = append(part.entries, x)
			}
		}
		part.ServeHTTP(w, r)
	}))
	defer srv.Close()
	text := strings.Replace(byID, `since: "{{ .key.value }}"`, `since: "{{ .window.from }}", to: "{{ .window.to }}"`, 1)
	i := strings.Index(text, "    incremental:")
	text = text[:i] + `    window: {from: "2026-02-01", step: 10d, format: "YYYY-MM-DD HH:mm:ss"}` + "\n" + text[strings.Index(text, "    emit:"):]
	s, _ := openTest(t, text, srv.URL, nil)
	killedEverywhere(t, s, "invoices", readAll(t, s, "invoices"), true)
}

func readAll(t *testing.T, s *Source, stream string) []string {
	t.Helper()
	ids, _, err := read(s, stream, nil)
	if err != nil || len(ids) < 20 {
		t.Fatalf("got %v, %v", ids, err)
	}
	return ids
}

func TestWindowsFollowTheCalendarAcrossAChangeOfClocks(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	f, err := newCursorFormat("YYYY-MM-DD HH:mm:ss", berlin)
	if err != nil {
		t.Fatal(err)
	}
	w := &windowSpec{from: time.Date(2026, 3, 28, 0, 0, 0, 0, berlin), step: 24 * time.Hour, format: f, inclusive: true}
	var got []string
	for _, s := range w.spans(cursorState{}, "", true, time.Date(2026, 3, 30, 1, 30, 0, 0, berlin)) {
		from, to := w.asked(s)
		got = append(got, from+" to "+to)
	}
	want := "[2026-03-28 00:00:00 to 2026-03-28 23:59:59 2026-03-29 00:00:00 to 2026-03-29 23:59:59 2026-03-30 00:00:00 to 2026-03-30 01:29:59]"
	if fmt.Sprint(got) != want {
		t.Errorf("got %v", got)
	}
}

func TestSlicesAndWindowsInFlightKeepTheirOrder(t *testing.T) {
	var mu sync.Mutex
	under, most := 0, 0
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if under++; under > most {
			most = under
		}
		if under == 3 {
			close(release)
		}
		mu.Unlock()
		<-release // the first three are answered together
		fmt.Fprintf(w, `{"data":[{"id":%s}]}`, r.URL.Query().Get("n"))
	}))
	defer srv.Close()
	text := strings.Replace(byOffset(`{type: none}`, `n: "{{ .slice.n }}"`), "    emit:", `    concurrency: 3
    slices: [{name: a, n: "1"}, {name: b, n: "2"}, {name: c, n: "3"}]
    emit:`, 1)
	s, _ := openTest(t, text, srv.URL, nil)
	ids, _, err := read(s, "rows", nil)
	if err != nil || !slices.Equal(ids, numbers(1, 3)) || most != 3 {
		t.Errorf("got %v with %d together, %v", ids, most, err)
	}
}
