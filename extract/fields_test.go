package extract

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const probing = `
name: odoo
settings:
  url: {type: url, required: true, help: address}
  more: {type: list, default: ["x_segment?"], help: further fields}
http:
  base: "{{ .settings.url }}"
streams:
  - name: invoices
    fields:
      ask: [id, name, "memo?", "ref?", "partner.name?", "{{ .settings.more }}"]
      probe: {path: /fields, names: result.~key}
    request: {path: /read, query: {fields: '{{ json .fields }}'}}
    records: result
    paging: {type: none}
    emit: [{to: invoices, fields: {invoice_id: id}}]
`

func TestFieldsThatDoNotExistAreNotAskedFor(t *testing.T) {
	probes, asked := 0, ""
	names := `{"id":{},"name":{},"ref":{},"partner":{"relation":"res.partner"}}`
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fields" {
			probes++
			fmt.Fprintf(w, `{"result":%s}`, names)
			return
		}
		asked = r.URL.Query().Get("fields")
		fmt.Fprint(w, `{"result":[{"id":"1"}]}`)
	}))
	defer srv.Close()
	s, _ := openTest(t, probing, srv.URL, nil)
	for range 2 {
		if ids, _, err := read(s, "invoices", nil); err != nil || len(ids) != 1 {
			t.Fatal(ids, err)
		}
	}
	if asked != `["id","name","ref","partner.name"]` || probes != 1 {
		t.Errorf("asked for %s after %d probes", asked, probes)
	}
	if c := s.Check(context.Background())[0]; fmt.Sprint(c.Missing) != "[memo x_segment]" || c.Err != nil {
		t.Errorf("check says %+v", c)
	}
	// What is required and not there is one error that names it all.
	names = `{"ref":{}}`
	s, _ = openTest(t, probing, srv.URL, nil)
	_, _, err := read(s, "invoices", nil)
	if err == nil || !strings.Contains(err.Error(), "id, name: the source does not have these fields") {
		t.Errorf("got %v", err)
	}
	if c := s.Check(context.Background())[0]; c.Err == nil {
		t.Errorf("check says %+v", c)
	}
}

func TestColumnsMayBeTheFieldsThatWereFound(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fields" {
			fmt.Fprint(w, `{"Result":{"Fields":[{"Key":"FID"},{"Key":"FDate"},{"Key":"FCust"}]}}`)
			return
		}
		fmt.Fprint(w, `[[1,"C-1","2026-02-01"]]`)
	}))
	defer srv.Close()
	text := strings.NewReplacer("    records: result\n", "    columns: fields\n    incremental: {field: FDate, format: date}\n",
		`[id, name, "memo?", "ref?", "partner.name?", "{{ .settings.more }}"]`, `[FID, FCust.FNumber, "FMemo?", FDate]`, "result.~key", "Result.Fields.*.Key").Replace(probing)
	s, _ := openTest(t, text, srv.URL, nil)
	for p, err := range s.Pages(context.Background(), "invoices", nil) {
		if err != nil || fmt.Sprint(p.Columns) != "[FID FCust.FNumber FDate]" || !strings.Contains(string(p.State), "2026-02-01") {
			t.Errorf("columns %v, state %s, %v", p.Columns, p.State, err)
		}
	}
}

func TestCursorFormatsReadAndWriteEveryShape(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ format, text, instant, back string }{
		{"iso", "2026-02-01T10:00:00.000+0000", "2026-02-01T10:00:00Z", "2026-02-01T10:00:00.000000Z"},
		{"iso", "2026-02-01T10:00:00.123456+0530", "2026-02-01T04:30:00.123456Z", "2026-02-01T04:30:00.123456Z"},
		{"iso", "2026-02-01T10:00:00", "2026-02-01T02:00:00Z", "2026-02-01T02:00:00.000000Z"},
		{"ms_date", "/Date(1552521600000+0000)/", "2019-03-14T00:00:00Z", "/Date(1552521600000)/"},
		{"ms_date", "/Date(1552521600123)/", "2019-03-14T00:00:00.123Z", "/Date(1552521600123)/"},
		{"ms_date", "/Date(-1000)/", "1969-12-31T23:59:59Z", "/Date(-1000)/"},
		{"date", "2026-02-01", "2026-01-31T16:00:00Z", "2026-02-01"},
		{"date", "2026-02-01T23:59:59", "2026-01-31T16:00:00Z", "2026-02-01"},
		{"epoch_ms", "1552521600123", "2019-03-14T00:00:00.123Z", "1552521600123"},
		{"YYYY-MM-DD HH:mm", "2026-02-01 08:30", "2026-02-01T00:30:00Z", "2026-02-01 08:30"},
		{"http", "Sun, 01 Feb 2026 10:00:00 GMT", "2026-02-01T10:00:00Z", "Sun, 01 Feb 2026 10:00:00 GMT"},
		{"class", `{"__class__":"datetime","year":2026,"month":2,"day":1,"hour":10,"microsecond":7}`, "2026-02-01T10:00:00.000007Z",
			`{"__class__": "datetime", "year": 2026, "month": 2, "day": 1, "hour": 10, "minute": 0, "second": 0, "microsecond": 7}`},
	} {
		f, err := newCursorFormat(tc.format, shanghai)
		if err != nil {
			t.Fatal(err)
		}
		at, err := f.parse(tc.text)
		if err != nil || at.UTC().Format(time.RFC3339Nano) != tc.instant {
			t.Errorf("%s %s: read %v, %v", tc.format, tc.text, at.UTC().Format(time.RFC3339Nano), err)
		}
		if got := f.format(at); got != tc.back {
			t.Errorf("%s: wrote %s, want %s", tc.format, got, tc.back)
		}
	}
	for _, tc := range []struct{ format, text string }{{"date", "2026"}, {"ms_date", "Date(1)"}, {"class", "{}"}, {"http", "now"}} {
		f, err := newCursorFormat(tc.format, shanghai)
		if err != nil {
			t.Fatal(err)
		}
		if at, err := f.parse(tc.text); err == nil {
			t.Errorf("%s read %q as %v", tc.format, tc.text, at)
		}
	}
}

func TestTheCursorMayComeFromTheAnswerItself(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Query().Get("changedSince"))
		fmt.Fprintf(w, `{"data":[{"id":"%d","status":"Deleted"}],"time":"2026-02-0%dT00:00:00-08:00"}`, len(asked), len(asked))
	}))
	defer srv.Close()
	text := strings.Replace(byOffset(`{type: none}`, `changedSince: "{{ .key.value }}"`), "    emit:", "    incremental: {from: time, start: \"2026-01-01\", overlap: 1h}\n    emit:", 1)
	s, _ := openTest(t, text, srv.URL, nil)
	_, state, err := read(s, "rows", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, state, err = read(s, "rows", state); err != nil || !strings.Contains(string(state), "2026-02-02T00:00:00-08:00") {
		t.Errorf("state %s, %v", state, err)
	}
	if got := strings.Join(asked, " "); got != "2026-01-01T00:00:00.000000Z 2026-02-01T07:00:00.000000Z" {
		t.Errorf("asked %s", got)
	}
}

func TestAStreamInAnyOrderMovesItsCursorAtItsEnd(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, map[string]string{
			"0": `{"data":[{"id":"1","m":"2026-02-05"},{"id":"2","m":"2026-02-01"}]}`,
			"2": `{"data":[{"id":"3","m":null},{"id":"4","m":"2026-02-03"}]}`,
			"4": `{"data":[]}`,
		}[r.URL.Query().Get("offset")])
	}))
	defer srv.Close()
	text := strings.Replace(byOffset(`{type: offset, size: 2}`, offsets), "    emit:", "    incremental: {field: m, format: date, unordered: true}\n    emit:", 1)
	s, _ := openTest(t, text, srv.URL, nil)
	var states []string
	for p, err := range s.Pages(context.Background(), "rows", nil) {
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, fmt.Sprintf("%d%s", p.Count, p.State))
	}
	if got := strings.Join(states, " "); got != `2 2 0{"cursors":{"":"2026-02-05"}}` {
		t.Errorf("got %s", got)
	}
}

func TestRequestsMayWantTheCursorInAnotherZoneAndShape(t *testing.T) {
	var asked string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Query().Get("since")
		fmt.Fprint(w, `{"data":[]}`)
	}))
	defer srv.Close()
	text := strings.Replace(byOffset(`{type: none}`, `since: "{{ .key.value }}"`), "    emit:",
		"    incremental: {field: m, format: epoch_s, request_format: \"YYYYMMDDHHmmss\", request_timezone: Asia/Shanghai, overlap: \"{{ .settings.back }}\"}\n    emit:", 1)
	text = strings.Replace(text, "help: address}", "help: address}\n  back: {type: text, default: 1d, help: overlap}", 1)
	s, _ := openTest(t, text, srv.URL, nil)
	if _, _, err := read(s, "rows", []byte(`{"cursors":{"":"1769940000"}}`)); err != nil || asked != "20260131180000" {
		t.Errorf("asked %s, %v", asked, err)
	}
}

func TestCheckTellsTheFirstAndTheLastRecord(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		day := "2019-01-01"
		if r.URL.Query().Get("order") == "m desc" {
			day = "2026-02-28"
		}
		fmt.Fprintf(w, `{"data":[{"id":"1","m":%q}]}`, day)
	}))
	defer srv.Close()
	text := strings.Replace(byOffset(`{type: offset}`, `order: m`), "    emit:", "    incremental: {field: m, format: date}\n    check: {latest: {query: {order: m desc}}}\n    emit:", 1)
	s, _ := openTest(t, text, srv.URL, nil)
	c := s.Check(context.Background())[0]
	if c.Earliest != "2019-01-01" || c.Latest != "2026-02-28" || !c.Reachable || !c.Authorised || c.Err != nil {
		t.Errorf("check says %+v", c)
	}
}

func TestCheckAsksAboutTheChildrenOfTheFirstParent(t *testing.T) {
	sh := newShop()
	sh.status["i3"] = 404
	srv := httptest.NewServer(sh)
	defer srv.Close()
	for text, want := range map[string]string{
		withChildren: "The first record of invoices has 1",
		strings.Replace(withChildren, "{status: [\"1\", \"2\"]}", "{status: \"7\"}", 1):                             "There is no record of invoices to ask about",
		strings.Replace(withChildren, "when: {status: [\"1\", \"2\"]}", "missing_parent: empty, when: {id: i3}", 1): "The first record of invoices has none",
	} {
		if strings.Contains(want, "none") {
			sh.invoices = sh.invoices[2:]
		}
		s, _ := openTest(t, text, srv.URL, nil)
		if c := s.Check(context.Background())[1]; c.Detail != want || c.Err != nil || !c.Authorised {
			t.Errorf("check says %+v, want %s", c, want)
		}
		sh.invoices = newShop().invoices
	}
}
