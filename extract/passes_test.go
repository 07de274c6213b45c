package extract

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// books is a system whose invoices change their balance without a sign, and vanish without a trace.
type books struct {
	mu       sync.Mutex // a request of a reader that stopped may still be answered
	invoices []invoice
	asked    []string // pass and filter of each request
	fail     string   // a pass that fails
}

type invoice struct {
	ID       string `json:"id"`
	Modified string `json:"modified"`
	Open     string `json:"open"`
}

func (b *books) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, q.Get("pass")+q.Get("fields"))
	if b.fail == q.Get("pass") {
		http.Error(w, `{"message":"out of order"}`, http.StatusBadRequest)
		return
	}
	out := []invoice{}
	for _, i := range b.invoices {
		if i.Modified >= q.Get("since") && (q.Get("open") == "" || i.Open != "0") {
			out = append(out, i)
		}
	}
	json.NewEncoder(w).Encode(out)
}

// change changes the books.
func (b *books) change(how func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	how()
}

const passing = `
name: books
settings:
  url: {type: url, required: true, help: address}
http:
  base: "{{ .settings.url }}"
  retry: {attempts: 1, wait: 1s}
defaults:
  passes:
    - {name: keys, every: 24h, vars: {fields: id}}
streams:
  - name: invoices
    request:
      path: /invoices
      query:
        pass: "{{ .pass }}"
        fields: "{{ .vars.fields }}"
        since: "{{ .key.value }}"
        open: "{{ .vars.open }}"
    paging: {type: none}
    vars: {fields: all, open: ""}
    incremental: {field: modified, format: "YYYY-MM-DD HH:mm:ss", start: "2000-01-01 00:00:00"}
    passes:
      - {name: open, vars: {open: "yes"}}
      - {name: keys, emit: [{to: invoices, fields: {invoice_id: id}}]}
      - {name: full, every: 168h}
    emit: [{to: invoices, fields: {invoice_id: id}}]
`

// aClock is a clock that a test moves.
type aClock struct{ t time.Time }

func (c *aClock) now() time.Time { return c.t }

func openClock(t *testing.T, connector, url string, clock *aClock) *Source {
	t.Helper()
	c, err := ParseConnector("test", []byte(connector))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(context.Background(), "erp", c, map[string]any{"url": url}, Options{Now: clock.now, Sleep: (&sleeper{}).sleep})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// passesOf reads a stream and lists what each pass met, in order.
func passesOf(t *testing.T, s *Source, stream string, state []byte) (got string, last []byte, err error) {
	t.Helper()
	last = state
	for p, err := range s.Pages(context.Background(), stream, state) {
		if err != nil {
			return strings.TrimSpace(got), last, err
		}
		var records []invoice
		if p.Count > 0 {
			if err := json.Unmarshal(p.Body, &records); err != nil {
				t.Fatal(err)
			}
		}
		for _, r := range records {
			got += " " + p.Pass + ":" + r.ID + ":" + r.Open
		}
		if p.Keys != (p.Pass == "keys") {
			t.Errorf("a page of pass %s says keys: %v", p.Pass, p.Keys)
		}
		if p.Sweep != nil {
			got += fmt.Sprintf(" sweep:%s:%v", p.Sweep.Pass, p.Sweep.Keys)
			if p.Count > 0 || p.Sweep.Began.IsZero() {
				t.Errorf("a sweep with %d records, begun %v", p.Count, p.Sweep.Began)
			}
		}
		if p.State != nil {
			last = p.State
		}
	}
	return strings.TrimSpace(got), last, nil
}

func TestPassesFindWhatTheCursorDoesNot(t *testing.T) {
	b := &books{invoices: []invoice{{"a", "2026-01-01 00:00:00", "0"}, {"b", "2026-01-02 00:00:00", "100"}, {"c", "2026-01-03 00:00:00", "50"}}}
	srv := httptest.NewServer(b)
	defer srv.Close()
	clock := &aClock{noon}
	s := openClock(t, passing, srv.URL, clock)
	run := func(what, want string, state []byte) []byte {
		t.Helper()
		got, last, err := passesOf(t, s, "invoices", state)
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", what, got, err, want)
		}
		return last
	}
	state := run("the first run reads everything once", "changed:a:0 changed:b:100 changed:c:50", nil)
	b.change(func() { b.invoices[1].Open = "40" }) // paid in part, and no timestamp moved
	clock.t = noon.Add(time.Hour)
	state = run("an hour later", "changed:c:50 open:b:40 open:c:50", state)
	clock.t = noon.Add(25 * time.Hour)
	b.change(func() { b.invoices = b.invoices[:2] }) // c was deleted
	state = run("a day later", "open:b:40 keys:a:0 keys:b:40 sweep:keys:true", state)
	clock.t = noon.Add(26 * time.Hour)
	state = run("an hour after that", "open:b:40", state)
	clock.t = noon.Add(169 * time.Hour)
	state = run("a week later", "open:b:40 keys:a:0 keys:b:40 sweep:keys:true full:a:0 full:b:40 sweep:full:false", state)
	if strings.Contains(string(state), "modified") || !strings.Contains(string(state), `"":"2026-01-03 00:00:00"`) {
		t.Errorf("a pass moved the cursor: %s", state)
	}
	if got := fmt.Sprint(firsts(b.asked)[:3]); got != "[changedall openall changedall]" && !slices.Contains(b.asked, "keysid") {
		t.Errorf("asked %v", b.asked)
	}
	for _, st := range s.Streams() {
		if fmt.Sprint(st.Passes) != "[open keys full]" || st.KeysMapping == nil {
			t.Errorf("stream says passes %v, keys %v", st.Passes, st.KeysMapping)
		}
	}
}

func TestAPassThatFailedIsTriedAgainInTheNextRun(t *testing.T) {
	b := &books{invoices: []invoice{{"a", "2026-01-01 00:00:00", "1"}}}
	srv := httptest.NewServer(b)
	defer srv.Close()
	clock := &aClock{noon}
	s := openClock(t, passing, srv.URL, clock)
	_, state, err := passesOf(t, s, "invoices", nil)
	if err != nil {
		t.Fatal(err)
	}
	clock.t = noon.Add(30 * time.Hour)
	b.change(func() { b.fail = "keys" })
	got, state, err := passesOf(t, s, "invoices", state)
	if err == nil || got != "changed:a:1 open:a:1" {
		t.Errorf("got %s, %v", got, err)
	}
	b.change(func() { b.fail = "" })
	clock.t = noon.Add(31 * time.Hour)
	if got, _, err := passesOf(t, s, "invoices", state); err != nil || !strings.HasSuffix(got, "keys:a:1 sweep:keys:true") {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestPassesAreDueAlsoForAStreamThatHadNone(t *testing.T) {
	b := &books{invoices: []invoice{{"a", "2026-01-01 00:00:00", "1"}}}
	srv := httptest.NewServer(b)
	defer srv.Close()
	clock := &aClock{noon}
	s := openClock(t, passing, srv.URL, clock)
	old := []byte(`{"cursors":{"":"2026-01-01 00:00:00"}}`) // saved before the connector had passes
	_, state, err := passesOf(t, s, "invoices", old)
	if err != nil {
		t.Fatal(err)
	}
	clock.t = noon.Add(24 * time.Hour)
	if got, _, err := passesOf(t, s, "invoices", state); err != nil || got != "changed:a:1 open:a:1 keys:a:1 sweep:keys:true" {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestAKillBetweenPassesLosesNoneOfThem(t *testing.T) {
	b := &books{invoices: []invoice{{"a", "2026-01-01 00:00:00", "1"}, {"b", "2026-01-02 00:00:00", "2"}}}
	srv := httptest.NewServer(b)
	defer srv.Close()
	clock := &aClock{noon}
	s := openClock(t, passing, srv.URL, clock)
	_, first, err := passesOf(t, s, "invoices", nil)
	if err != nil {
		t.Fatal(err)
	}
	clock.t = noon.Add(200 * time.Hour)
	whole, end, err := passesOf(t, s, "invoices", first)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 8 {
		state, taken, sweeps := first, 0, map[string]bool{}
		note := func(p Page) {
			if p.Sweep != nil {
				sweeps[p.Sweep.Pass] = true
			}
			if p.State != nil {
				state = p.State
			}
		}
		for p, err := range s.Pages(context.Background(), "invoices", first) {
			if err != nil {
				t.Fatal(err)
			}
			if taken++; taken > n {
				break
			}
			note(p)
		}
		for p, err := range s.Pages(context.Background(), "invoices", state) {
			if err != nil {
				t.Fatal(err)
			}
			note(p)
		}
		if !sweeps["keys"] || !sweeps["full"] || string(state) != string(end) {
			t.Errorf("killed after page %d: sweeps %v, state %s, want %s (%s)", n, sweeps, state, end, whole)
		}
	}
}

func TestAListThatIsReadWholeEachTimeMayBeSwept(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(body(200, "application/json", `{"data":[{"id":"a"}]}`)))
	defer srv.Close()
	s, _ := openTest(t, strings.Replace(byOffset(`{type: none}`, `x: y`), "    emit:", "    sweep: true\n    emit:", 1), srv.URL, nil)
	var got []string
	for p, err := range s.Pages(context.Background(), "rows", nil) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(p.Count, p.Pass, p.Sweep != nil))
	}
	if fmt.Sprint(got) != "[1changedfalse 0changedtrue]" {
		t.Errorf("got %q", got)
	}
}

func TestRecordsMayReplaceTheRowsOfTheirParentByThemselves(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(body(200, "application/json", `{"data":[{"Id":"7","Line":[]},{"Id":"8","Line":[{}]},{"Id":"7"}]}`)))
	defer srv.Close()
	s, _ := openTest(t, strings.Replace(byOffset(`{type: none}`, `x: y`), "    emit:", "    replace: {tables: [allocations], by: payment_id, value: Id}\n    emit:", 1), srv.URL, nil)
	for p, err := range s.Pages(context.Background(), "rows", nil) {
		if err != nil || p.Replace == nil || fmt.Sprint(*p.Replace) != "{[allocations] payment_id [7 8] }" {
			t.Errorf("got %+v, %v", p.Replace, err)
		}
	}
	if st := s.Streams()[0]; fmt.Sprint(st.Replaces) != "[allocations]" {
		t.Errorf("stream says %v", st.Replaces)
	}
}
