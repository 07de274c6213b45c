package extract

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"go.yaml.in/yaml/v3"
)

// paged is a connector whose server has as many pages as it likes.
func paged(more string) string {
	return fmt.Sprintf(`
name: paged
settings:
  url: {type: url, required: true, help: address}
  key: {type: secret, default: s3cret-key, help: key}
  daily: {type: integer, default: 0, help: requests a day}
http:
  base: "{{ .settings.url }}"
  auth: {type: query, name: apikey, value: "{{ .settings.key }}"}
  retry: {attempts: 3, wait: 1s, max_wait: 1m}
  max_response: 1MiB
%s
streams:
  - name: invoices
    request: {path: /invoices, query: {page: "{{ .page.number }}"}}
    records: data
    paging: {type: offset, size: 1}
    emit: [{to: invoices, fields: {invoice_id: id}}]
`, more)
}

// onePerPage answers with pages of one record each, n in all.
func onePerPage(n int, before func(w http.ResponseWriter, r *http.Request, page int) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		page := 0
		fmt.Sscan(r.URL.Query().Get("page"), &page)
		w.Header().Set("Content-Type", "application/json")
		if before != nil && before(w, r, page) {
			return
		}
		if page > n {
			fmt.Fprint(w, `{"data":[]}`)
			return
		}
		fmt.Fprintf(w, `{"data":[{"id":"%d"}]}`, page)
	}
}

// openAt opens a source whose clock the test sets, and which keeps its count in dir.
func openAt(t *testing.T, connector, url, dir string, clock *time.Time, more map[string]any) (*Source, *sleeper) {
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
	s, err := Open(context.Background(), "erp", c, settings, Options{Sleep: sl.sleep, Now: func() time.Time { return *clock }, TokenDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return s, sl
}

func TestADaysBudgetStopsPolitelyAndGoesOnTheNextDay(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(onePerPage(4, func(http.ResponseWriter, *http.Request, int) bool { asked++; return false }))
	defer srv.Close()
	dir, clock := t.TempDir(), noon
	connector := paged(`  budget: {per_day: "{{ .settings.daily }}"}`)
	run := func() ([]string, error) {
		s, _ := openAt(t, connector, srv.URL, dir, &clock, map[string]any{"daily": 7})
		ids, _, err := read(s, "invoices", nil)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		return ids, err
	}
	if ids, err := run(); err != nil || len(ids) != 4 || asked != 5 {
		t.Fatalf("got %v, %v after %d requests", ids, err, asked)
	}
	ids, err := run() // the count is that of the day, not of the run
	var e *Error
	if !errors.As(err, &e) || !e.Temporary || asked != 7 || len(ids) != 2 {
		t.Fatalf("got %v, %v after %d requests", ids, err, asked)
	}
	if want := "extract erp/invoices page 3: the 7 requests of this day are used up. Reading goes on from here in a run after 2026-03-02 00:00 UTC"; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("got %q", err)
	}
	clock = noon.Add(13 * time.Hour)
	if ids, err := run(); err != nil || len(ids) != 4 {
		t.Errorf("the next day: %v, %v", ids, err)
	}
}

func TestTheSourcesOwnBudgetIsLeftToOthers(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(onePerPage(9, func(w http.ResponseWriter, _ *http.Request, page int) bool {
		asked++
		w.Header().Set("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/100", 87+page))
		return false
	}))
	defer srv.Close()
	clock := noon
	s, _ := openAt(t, paged(`  budget: {limit_header: Sforce-Limit-Info, pattern: 'api-usage=(\d+)/(\d+)', stop_at: 0.9}`), srv.URL, "", &clock, nil)
	defer s.Close()
	ids, _, err := read(s, "invoices", nil)
	var e *Error
	if !errors.As(err, &e) || !e.Temporary || len(ids) != 3 || asked != 3 || !strings.Contains(err.Error(), "90 of 100 of its requests are used") {
		t.Errorf("got %v, %v after %d requests", ids, err, asked)
	}
	clock = clock.Add(time.Hour) // it is asked again, in case the count fell
	if ids, _, _ := read(s, "invoices", nil); len(ids) == 0 {
		t.Error("the source is never asked again")
	}
}

func TestFewRequestsLeftSlowReadingDown(t *testing.T) {
	for _, tc := range []struct {
		reset string
		wait  time.Duration
	}{
		{"30", 30 * time.Second},
		{fmt.Sprint(noon.Add(40 * time.Second).Unix()), 40 * time.Second},
		{fmt.Sprint(noon.Add(41 * time.Second).UnixMilli()), 41 * time.Second},
		{noon.Add(42 * time.Second).Format(time.RFC3339), 42 * time.Second},
		{"", time.Second},
		{"soon", time.Second},
		{"7200", time.Hour},
	} {
		srv := httptest.NewServer(onePerPage(3, func(w http.ResponseWriter, _ *http.Request, page int) bool {
			w.Header().Set("X-RateLimit-Remaining", fmt.Sprint(2-page))
			w.Header().Set("X-RateLimit-Reset", tc.reset)
			return false
		}))
		clock := noon
		s, sl := openAt(t, paged("  concurrency: 1\n  limits: {remaining: X-RateLimit-Remaining, reset: X-RateLimit-Reset}"), srv.URL, "", &clock, nil)
		ids, _, err := read(s, "invoices", nil)
		if err != nil || len(ids) != 3 {
			t.Errorf("got %v, %v", ids, err)
		}
		if want := fmt.Sprint([]time.Duration{tc.wait, tc.wait}); fmt.Sprint(sl.waited) != want {
			t.Errorf("reset %q: waited %v, want %v before pages 3 and 4", tc.reset, sl.waited, want)
		}
		s.Close()
		srv.Close()
	}
}

func TestNoMoreRequestsAreInFlightThanAllowed(t *testing.T) {
	var mu sync.Mutex
	inFlight, most := 0, 0
	full := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		inFlight++
		if most = max(most, inFlight); most == 3 {
			select {
			case <-full:
			default:
				close(full)
			}
		}
		mu.Unlock()
		<-full // nobody is answered before three are here
		mu.Lock()
		inFlight--
		mu.Unlock()
		onePerPage(2, nil)(w, r)
	}))
	defer srv.Close()
	clock := noon
	s, _ := openAt(t, paged("  concurrency: 3"), srv.URL, "", &clock, nil)
	defer s.Close()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, _, err := read(s, "invoices", nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if most != 3 {
		t.Errorf("%d requests were in flight, want 3", most)
	}
}

func TestASourceThatWantsToBeLeftAloneIsReadOnLater(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(onePerPage(9, func(w http.ResponseWriter, _ *http.Request, page int) bool {
		if asked++; page < 2 {
			return false
		}
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(429)
		return true
	}))
	defer srv.Close()
	clock := noon
	s, sl := openAt(t, paged(""), srv.URL, "", &clock, nil)
	defer s.Close()
	ids, _, err := read(s, "invoices", nil)
	var e *Error
	if !errors.As(err, &e) || !e.Temporary || len(ids) != 1 || len(sl.waited) > 0 || asked != 2 || !strings.Contains(err.Error(), "no more requests before 2026-03-01 14:00 UTC") {
		t.Errorf("got %v, %v after waiting %v", ids, err, sl.waited)
	}
}

func pack(kind, text string) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch kind {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	case "raw deflate":
		w, _ = flate.NewWriter(&b, 5)
	default:
		return []byte(text)
	}
	io.WriteString(w, text)
	w.Close()
	return b.Bytes()
}

func TestPackedAnswersAreUnpacked(t *testing.T) {
	text := `{"data":[{"id":"a","note":"` + strings.Repeat("x", 100_000) + `"}]}`
	for _, kind := range []string{"gzip", "br", "deflate", "raw deflate", "identity", "", "zstd"} {
		var asked string
		a := &answers{queue: []func(http.ResponseWriter, *http.Request){func(w http.ResponseWriter, r *http.Request) {
			asked = r.Header.Get("Accept-Encoding")
			packed := pack(kind, text)
			w.Header().Set("Content-Encoding", strings.TrimPrefix(kind, "raw "))
			w.Header().Set("Content-Length", fmt.Sprint(len(packed)))
			w.Write(packed[:len(packed)/2]) // it breaks off at first
		}, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", strings.TrimPrefix(kind, "raw "))
			w.Write(pack(kind, text))
		}, body(200, "application/json", `{"data":[]}`)}}
		srv := httptest.NewServer(a)
		s, _ := openTest(t, paged(""), srv.URL, nil)
		ids, _, err := read(s, "invoices", nil)
		switch {
		case kind == "zstd":
			if err == nil || !strings.Contains(err.Error(), "an answer packed as zstd") {
				t.Errorf("zstd: %v, %v", ids, err)
			}
		case err != nil || strings.Join(ids, "") != "a" || asked != "gzip, deflate, br":
			t.Errorf("%s: got %v, %v; asked for %q", kind, ids, err, asked)
		}
		srv.Close()
	}
}

func TestAnAnswerThatUnpacksWithoutEndIsStopped(t *testing.T) {
	bomb := pack("gzip", `{"data":["`+strings.Repeat("0", 200<<20)+`"]}`)
	calls := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(bomb)
	}))
	defer srv.Close()
	s, _ := openTest(t, paged(""), srv.URL, nil)
	_, _, err := read(s, "invoices", nil)
	if err == nil || !strings.Contains(err.Error(), "an answer of more than 1048576 bytes") || calls != 1 {
		t.Errorf("got %v after %d requests", err, calls)
	}
}

func TestAKeyInTheAddressShowsNowhere(t *testing.T) {
	var keys []string
	srv := httptest.NewServer(onePerPage(2, func(w http.ResponseWriter, r *http.Request, page int) bool {
		keys = append(keys, r.URL.Query().Get("apikey"))
		if page == 2 {
			w.WriteHeader(401)
			fmt.Fprintf(w, `{"message":"bad key in %s"}`, r.URL)
			return true
		}
		return false
	}))
	defer srv.Close()
	s, sl := openTest(t, paged(""), srv.URL, nil)
	for p, err := range s.Pages(context.Background(), "invoices", nil) {
		if strings.Contains(fmt.Sprint(p.URL, err), "s3cret") {
			t.Errorf("%s: %v", p.URL, err)
		}
		if err != nil && !strings.Contains(err.Error(), "The key was not accepted") {
			t.Errorf("got %v", err)
		}
	}
	if fmt.Sprint(keys) != "[s3cret-key s3cret-key]" || len(sl.waited) > 0 {
		t.Errorf("sent the keys %v and waited %v: a key that is refused stays refused", keys, sl.waited)
	}
}

func TestACertificateOfAnOwnAuthorityIsAccepted(t *testing.T) {
	srv := httptest.NewTLSServer(onePerPage(1, nil))
	defer srv.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := ParseConnector("test", []byte(paged("")))
	if err != nil {
		t.Fatal(err)
	}
	open := func(settings map[string]any) (*Source, error) {
		settings["url"] = srv.URL
		return Open(context.Background(), "erp", c, settings, Options{BaseDir: dir})
	}
	s, err := open(map[string]any{"ca_file": "ca.pem"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if ids, _, err := read(s, "invoices", nil); err != nil || len(ids) != 1 {
		t.Errorf("got %v, %v", ids, err)
	}
	if _, err := open(map[string]any{"ca_file": "none.pem"}); err == nil || !strings.Contains(err.Error(), "ca_file") {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.WriteFile(file, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(map[string]any{"ca_file": "ca.pem"}); err == nil || !strings.Contains(err.Error(), "BEGIN CERTIFICATE") {
		t.Errorf("a file of something else: %v", err)
	}
}

func TestCheckSaysThatTheKeyTravelsInTheClear(t *testing.T) {
	srv := httptest.NewServer(onePerPage(1, nil))
	defer srv.Close()
	note := func(connector, host string) string {
		c, err := ParseConnector("test", []byte(connector))
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(context.Background(), "erp", c, map[string]any{"url": "http://" + host}, Options{HTTP: &http.Client{Transport: redirected{srv.URL}}})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		return s.Check(context.Background())[0].Note
	}
	if n := note(paged(""), "10.0.0.7"); !strings.Contains(n, "over the local network unencrypted") {
		t.Errorf("local: %q", n)
	}
	if n := note(paged(""), "erp.example.com"); !strings.Contains(n, "over the network unencrypted") {
		t.Errorf("far: %q", n)
	}
	if n := note(paged(""), "127.0.0.1:8069"); n != "" {
		t.Errorf("this machine: %q", n)
	}
}

// redirected sends every request to one server, whatever its host.
type redirected struct{ url string }

func (r redirected) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.URL.Host = strings.TrimPrefix(r.url, "http://")
	return http.DefaultTransport.RoundTrip(out)
}

func TestNamesInAPathKeepTheirSlashes(t *testing.T) {
	var asked string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.RequestURI
		body(200, "application/json", `{"data":[]}`)(w, r)
	}))
	defer srv.Close()
	for path, want := range map[string]string{
		`"/Payment Entry/{{ urlpath \"ACC/2026 1\" }}"`: "/api/Payment%20Entry/ACC%2F2026%201?page=1&apikey=s3cret-key",
		`"/销售/100%"`: "/api/%E9%94%80%E5%94%AE/100%25?page=1&apikey=s3cret-key",
		`/plain`:     "/api/plain?page=1&apikey=s3cret-key",
	} {
		text := strings.Replace(strings.Replace(paged(""), "path: /invoices", "path: "+path, 1), `{{ .settings.url }}`, `{{ .settings.url }}/api`, 1)
		s, _ := openTest(t, text, srv.URL, nil)
		if _, _, err := read(s, "invoices", nil); err != nil || asked != want {
			t.Errorf("%s asked %s, want %s (%v)", path, asked, want, err)
		}
	}
}

func TestFunctionsForSignatures(t *testing.T) {
	c := &Connector{}
	for text, want := range map[string]string{
		`{{ hmac_sha256 "key" "The quick brown fox jumps over the lazy dog" | hex }}`: "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
		`{{ sha256 "" | base64 }}`:                                          "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		`{{ md5 "abc" | hex | upper }}`:                                     "900150983CD24FB0D6963F7D28E17F72",
		`{{ add "40" 2 }}{{ int " 7 " }}`:                                   "427",
		`{{ default "x" "" }}{{ default "x" "y" }}`:                         "xy",
		`{{ replace "-" "" "a-b-c" }}{{ trim " d " }}`:                      "abcd",
		`{{ join "," (list "a" "b") }}{{ index (list "a" "b") 1 }}`:         "a,bb",
		`{{ .now.UnixMilli }} {{ .now.Format "20060102" }} {{ .now.Unix }}`: fmt.Sprint(noon.UnixMilli(), " 20260301 ", noon.Unix()),
	} {
		var tm *tmpl
		if err := c.asTemplate(&tm)(scalarNode(text)); err != nil {
			t.Fatal(err)
		}
		if got, err := tm.render(map[string]any{"now": noon}); err != nil || got != want {
			t.Errorf("%s gives %q, %v", text, got, err)
		}
	}
}

func scalarNode(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: text} }
