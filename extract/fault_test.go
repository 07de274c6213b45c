package extract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-faster/jx"
)

// simple is a connector for the fault server: records under "data", paged by keyset.
const simple = `
name: simple
settings:
  url: {type: url, required: true, help: address}
  key: {type: secret, default: s3cret-key, help: key}
http:
  base: "{{ .settings.url }}"
  auth: {type: header, name: X-Key, value: "{{ .settings.key }}"}
  timeout: 10s
  max_response: 1MiB
  retry: {attempts: 4, wait: 1s, max_wait: 30s, never: [503]}
  error_path: exc
streams:
  - name: invoices
    request:
      path: /invoices
      query: {op: "{{ .key.op }}", value: "{{ .key.value }}", after: "{{ .key.after }}", size: "{{ .page.size }}"}
    records: data
    paging: {type: keyset, size: 3, id: id}
    incremental: {field: modified, format: "YYYY-MM-DD HH:mm:ss.SSSSSS", start: "2000-01-01 00:00:00", overlap: 10m}
    emit: [{to: invoices, fields: {invoice_id: id}}]
`

// sleeper stands in for the clock of retries and notes what it was asked to wait.
type sleeper struct {
	mu     sync.Mutex
	waited []time.Duration
}

func (s *sleeper) sleep(ctx context.Context, d time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waited = append(s.waited, d)
	return ctx.Err()
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func openTest(t *testing.T, connector, url string, more map[string]any) (*Source, *sleeper) {
	t.Helper()
	c, err := ParseConnector("test", []byte(connector))
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{"url": url}
	for k, v := range more {
		settings[k] = v
	}
	sl := &sleeper{}
	s, err := Open(context.Background(), "erp", c, settings, Options{Sleep: sl.sleep, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, sl
}

// read collects the ids of a stream in order, the last cursor, and the error.
func read(s *Source, stream string, state []byte) (ids []string, last []byte, err error) {
	last = state
	for p, err := range s.Pages(context.Background(), stream, state) {
		if err != nil {
			return ids, last, err
		}
		n := 0
		if err := eachRecord(p.Body, p.Records, func(raw jx.Raw) error {
			n++
			ids = append(ids, idOf(raw))
			return nil
		}); err != nil && (p.Count > 0 || p.Body != nil) {
			return ids, last, err
		}
		if n != p.Count {
			return ids, last, fmt.Errorf("page %d says %d records and has %d", p.Ordinal, p.Count, n)
		}
		if p.State != nil {
			last = p.State
		}
	}
	return ids, last, nil
}

// answers serves prepared answers one after the other, the last one for ever.
type answers struct {
	mu    sync.Mutex
	queue []func(w http.ResponseWriter, r *http.Request)
	calls int
}

func (a *answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	f := a.queue[min(a.calls, len(a.queue)-1)]
	a.calls++
	a.mu.Unlock()
	f(w, r)
}

func body(status int, kind, text string, header ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, text)
	}
}

const two = `{"data":[{"id":"a","modified":"2026-01-01 10:00:00"},{"id":"b","modified":"2026-01-01 11:00:00.5"}]}`

var (
	good  = body(200, "application/json", two)
	empty = body(200, "application/json", `{"data":[]}`)
)

func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
}

func truncated(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(len(two)))
	io.WriteString(w, two[:40])
}

func TestWhatMayPassIsTriedAgain(t *testing.T) {
	for _, tc := range []struct {
		name   string
		faults []func(http.ResponseWriter, *http.Request)
		waited []time.Duration
	}{
		{"connection reset", []func(http.ResponseWriter, *http.Request){reset, reset}, []time.Duration{time.Second, 2 * time.Second}},
		{"body breaks off", []func(http.ResponseWriter, *http.Request){truncated}, []time.Duration{time.Second}},
		{"half a body, well framed", []func(http.ResponseWriter, *http.Request){body(200, "application/json", two[:40])}, []time.Duration{time.Second}},
		{"a burst of 500", []func(http.ResponseWriter, *http.Request){body(500, "text/html", "<h1>oops</h1>"), body(502, "text/html", "<h1>bad gateway</h1>"), body(504, "", "")},
			[]time.Duration{time.Second, 2 * time.Second, 4 * time.Second}},
		{"429 without Retry-After", []func(http.ResponseWriter, *http.Request){body(429, "application/json", `{}`)}, []time.Duration{time.Second}},
		{"429 with seconds", []func(http.ResponseWriter, *http.Request){body(429, "application/json", `{}`, "Retry-After", "17")}, []time.Duration{17 * time.Second}},
		{"429 with a date", []func(http.ResponseWriter, *http.Request){body(429, "", "", "Retry-After", noon.Add(25*time.Second).Format(http.TimeFormat))}, []time.Duration{25 * time.Second}},
		{"a page that changes between tries", []func(http.ResponseWriter, *http.Request){body(200, "application/json", `{"data":[{"id":"x","modified":"2026-01-01 09:0`)}, []time.Duration{time.Second}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := &answers{queue: append(tc.faults, good, empty)}
			srv := httptest.NewServer(a)
			defer srv.Close()
			s, sl := openTest(t, simple, srv.URL, nil)
			ids, state, err := read(s, "invoices", nil)
			if err != nil || strings.Join(ids, "") != "ab" {
				t.Fatalf("got %v, %v", ids, err)
			}
			if fmt.Sprint(sl.waited) != fmt.Sprint(tc.waited) {
				t.Errorf("waited %v, want %v", sl.waited, tc.waited)
			}
			if want := `{"cursors":{"":"2026-01-01 11:00:00.5"}}`; string(state) != want {
				t.Errorf("cursor %s, want %s", state, want)
			}
		})
	}
}

func TestEachFailureIsOneClearSentence(t *testing.T) {
	login := "<!doctype html><html><head><title>Login</title></head></html>"
	for _, tc := range []struct {
		name  string
		serve func(http.ResponseWriter, *http.Request)
		want  []string
		calls int
	}{
		{"wrong key", body(401, "application/json", `{"exc_type":"AuthenticationError"}`), []string{"401", "AuthenticationError", "key was not accepted"}, 1},
		{"no rights", body(403, "application/json", `{"exc_type":"PermissionError"}`), []string{"403", "PermissionError", "may not read"}, 1},
		{"wrong path", body(404, "text/html", login), []string{"404", "Check the address"}, 1},
		{"sign-in page", body(200, "text/html; charset=utf-8", login), []string{`a web page titled "Login"`, "sign-in page"}, 1},
		{"sign-in page that calls itself JSON", body(200, "application/json", login), []string{`a web page titled "Login"`}, 1},
		{"plain text", body(200, "text/plain", "it works"), []string{"text/plain", "expected JSON"}, 1},
		{"nothing", body(200, "application/json", ""), []string{"an empty answer"}, 1},
		{"error with status 200", body(200, "application/json", `{"exc":"ValidationError","message":"field not permitted"}`), []string{"though the status is 200", "ValidationError", "field not permitted"}, 1},
		{"no records", body(200, "application/json", `{"result":[]}`), []string{"no list of records", `"data"`, `{"result":[]}`}, 1},
		{"too large", body(200, "application/json", `{"data":["`+strings.Repeat("x", 1<<20)+`"]}`), []string{"more than 1048576 bytes", "max_response"}, 1},
		{"a status the connector does not retry", body(503, "application/json", `{"error":{"message":"bad sort field"}}`), []string{"503", "bad sort field"}, 1},
		{"trouble that stays", body(500, "application/json", `{}`), []string{"500", "try again later"}, 4},
		{"too many requests that stay", body(429, "application/json", `{}`), []string{"429", "fewer requests"}, 4},
		{"JSON that stays broken", body(200, "application/json", `{"data":[{]}`), []string{"not valid JSON"}, 4},
		{"more after the end", body(200, "application/json", two+two), []string{"not valid JSON"}, 4},
		{"wrong cursor format", body(200, "application/json", `{"data":[{"id":"a","modified":"last week"}]}`), []string{"modified", "last week", "format of incremental"}, 1},
		{"not sorted", body(200, "application/json", `{"data":[{"id":"a","modified":"2026-01-02 00:00:00"},{"id":"b","modified":"2026-01-01 00:00:00"}]}`), []string{"do not come in order"}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := &answers{queue: []func(http.ResponseWriter, *http.Request){tc.serve}}
			srv := httptest.NewServer(a)
			defer srv.Close()
			s, _ := openTest(t, simple, srv.URL, nil)
			_, _, err := read(s, "invoices", nil)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			for _, want := range append(tc.want, "extract erp/invoices page 1: ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "\n") {
				t.Errorf("not one sentence without secrets: %q", err)
			}
			if a.calls != tc.calls {
				t.Errorf("asked %d times, want %d", a.calls, tc.calls)
			}
		})
	}
}

func TestAWrongAddressShowsAtOnce(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	address := closed.URL
	closed.Close()
	tlsServer := httptest.NewUnstartedServer(always())
	tlsServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	tlsServer.StartTLS()
	defer tlsServer.Close()
	plain := httptest.NewServer(always())
	defer plain.Close()
	for _, tc := range []struct{ name, url, want string }{
		{"nothing listens", address, "nothing answers at " + address},
		{"no such host", "http://erp.invalid", "no host named erp.invalid"},
		{"unknown certificate", tlsServer.URL, "no secure connection"},
		{"https to http", strings.Replace(plain.URL, "http:", "https:", 1), "no secure connection"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, sl := openTest(t, simple, tc.url, nil)
			_, _, err := read(s, "invoices", nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) || !strings.Contains(err.Error(), "Check") {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if len(sl.waited) > 0 {
				t.Errorf("waited %v for an address that cannot be right", sl.waited)
			}
		})
	}
}

// always answers well.
func always() http.Handler { return http.HandlerFunc(good) }

func TestATimeoutIsTriedAgainAndNamed(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer srv.Close()
	defer close(release)
	s, sl := openTest(t, strings.Replace(simple, "timeout: 10s", "timeout: 20ms", 1), srv.URL, nil)
	_, _, err := read(s, "invoices", nil)
	if err == nil || !strings.Contains(err.Error(), "did not answer within 20ms") || len(sl.waited) != 3 {
		t.Errorf("got %v after waiting %v", err, sl.waited)
	}
}

func TestCredentialsStayOnTheirHost(t *testing.T) {
	leaked := false
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leaked = leaked || r.Header.Get("X-Key") != ""
		good(w, r)
	}))
	defer other.Close()
	srv := httptest.NewServer(http.RedirectHandler(other.URL+"/invoices", http.StatusFound))
	defer srv.Close()
	s, _ := openTest(t, simple, srv.URL, nil)
	_, _, err := read(s, "invoices", nil)
	if err == nil || !strings.Contains(err.Error(), "a redirect to "+other.URL) {
		t.Errorf("got %v", err)
	}

	// A next address that names another host is asked for on the configured one.
	var asked []string
	paged := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RequestURI())
		if r.Header.Get("X-Key") == "" {
			t.Error("the key is missing on the own host")
		}
		next := `,"next":"` + other.URL + `/invoices?page=2"`
		if r.URL.Query().Get("page") == "2" {
			next = ""
		}
		fmt.Fprintf(w, `{"data":[{"id":"%d"}]%s}`, len(asked), next)
	}))
	defer paged.Close()
	byNext := strings.Split(simple, "    paging:")[0] + "    paging: {type: next, path: next}\n    emit: []\n"
	byNext = strings.Replace(byNext, `query: {op: "{{ .key.op }}", value: "{{ .key.value }}", after: "{{ .key.after }}", size: "{{ .page.size }}"}`, "query: {a: b}", 1)
	s, _ = openTest(t, byNext, paged.URL, nil)
	ids, _, err := read(s, "invoices", nil)
	if err != nil || strings.Join(ids, "") != "12" || leaked {
		t.Errorf("got %v, %v, leaked %v", ids, err, leaked)
	}
	if fmt.Sprint(asked) != "[/invoices?a=b /invoices?page=2]" {
		t.Errorf("asked %v", asked)
	}
}

func TestCancellingEndsAtOnce(t *testing.T) {
	inFlight := make(chan struct{}, 10)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inFlight <- struct{}{}
		<-r.Context().Done()
	}))
	defer srv.Close()
	s, _ := openTest(t, simple, srv.URL, nil)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-inFlight; cancel() }()
	for _, err := range s.Pages(ctx, "invoices", nil) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

func TestStateIsReadable(t *testing.T) {
	srv := httptest.NewServer(always())
	defer srv.Close()
	s, _ := openTest(t, simple, srv.URL, nil)
	if _, _, err := read(s, "invoices", []byte("{broken")); err == nil || !strings.Contains(err.Error(), "saved cursor") {
		t.Errorf("got %v", err)
	}
	if _, _, err := read(s, "invoice", nil); err == nil || !strings.Contains(err.Error(), "did you mean invoices?") {
		t.Errorf("got %v", err)
	}
	state, _ := json.Marshal(cursorState{Cursors: map[string]string{"": "soon"}})
	if _, _, err := read(s, "invoices", state); err == nil || !strings.Contains(err.Error(), "soon") {
		t.Errorf("got %v", err)
	}
}
