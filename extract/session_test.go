package extract

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// signingIn is a connector in the manner of Odoo: the answer to signing in is
// false where the password is wrong, and errors come with status 200.
const signingIn = `
name: odd
settings:
  url: {type: url, required: true, help: address}
  user: {type: text, default: reader, help: user}
  password: {type: secret, default: "p4ss\"w/rd", help: password}
http:
  base: "{{ .settings.url }}"
  auth:
    type: session
    expires: 10m
    steps:
      - method: POST
        path: /login
        json: '{"login": {{ json .settings.user }}, "password": {{ json .settings.password }}}'
        take: {uid: result.uid, ticket: result.ticket, proof: "header:X-Proof", sid: "cookie:sid"}
        fail_when:
          - {when: result, equals: "false", say: the user name or the password is wrong, hint: Check user and password of this source}
    apply:
      headers: {Authorization: 'Session {{ base64 (printf "%s:%s" .session.uid .session.ticket) }}', X-Proof: "{{ .session.proof }}"}
      cookies: true
  retry: {attempts: 3, wait: 1s, never: [503]}
  errors:
    - {when: error, code: error.data.name, message: error.data.message, in: [SessionExpired], class: expired}
    - {when: error, code: error.data.name, message: error.data.message, in: [AccessError], class: denied}
    - {when: error, code: error.data.name, message: error.data.message, matches: "(?i)could not serialize", class: retry}
    - {when: error, code: error.data.name, message: error.data.message}
streams:
  - name: invoices
    request: {method: POST, path: /call, json: '{"uid": {{ .session.uid }}, "page": {{ .page.number }}}'}
    records: result
    paging: {type: offset, size: 2}
    emit: [{to: invoices, fields: {invoice_id: id}}]
`

// odd answers as signingIn expects it: pages of two records, n in all.
type odd struct {
	mu      sync.Mutex
	pages   []string                                      // JSON lists of records
	before  func(w http.ResponseWriter, page string) bool // answers in place of the page
	logins  int
	refused int
	asked   []string // pages answered
}

func (o *odd) ticket() string { return fmt.Sprintf("ticket-%d-secret", o.logins) }

func (o *odd) expire() { o.mu.Lock(); o.logins += 100; o.mu.Unlock() }

func (o *odd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	text, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.URL.Path == "/login" {
		o.logins++
		if !strings.Contains(string(text), `p4ss\"w/rd`) {
			fmt.Fprint(w, `{"result": false}`)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "cookie-" + o.ticket(), Path: "/"})
		w.Header().Set("X-Proof", "proof-"+o.ticket())
		fmt.Fprintf(w, `{"result": {"uid": 7, "ticket": %q}}`, o.ticket())
		return
	}
	want := "Session " + base64.StdEncoding.EncodeToString([]byte("7:"+o.ticket()))
	cookie, _ := r.Cookie("sid")
	if r.Header.Get("Authorization") != want || r.Header.Get("X-Proof") != "proof-"+o.ticket() || cookie == nil || cookie.Value != "cookie-"+o.ticket() {
		o.refused++
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, "<html>no session %s</html>", r.Header.Get("Authorization"))
		return
	}
	_, page, _ := strings.Cut(string(text), `"page": `)
	page = strings.TrimSuffix(page, "}")
	if !strings.HasPrefix(string(text), `{"uid": 7,`) {
		fmt.Fprint(w, `{"error": {"data": {"name": "ValueError", "message": "no uid"}}}`)
		return
	}
	if o.before != nil && o.before(w, page) {
		return
	}
	o.asked = append(o.asked, page)
	n := 0
	fmt.Sscan(page, &n)
	if n > len(o.pages) {
		fmt.Fprint(w, `{"result": []}`)
		return
	}
	fmt.Fprintf(w, `{"jsonrpc": "2.0", "result": %s}`, o.pages[n-1])
}

func threePages() []string {
	return []string{`[{"id":"a"},{"id":"b"}]`, `[{"id":"c"},{"id":"d"}]`, `[{"id":"e"}]`}
}

func TestASessionThatEndsInMidRunIsRenewedOnceAndNothingIsLost(t *testing.T) {
	for _, tc := range []struct {
		name string
		end  func(o *odd, w http.ResponseWriter) bool
	}{
		{"401", func(o *odd, w http.ResponseWriter) bool { o.logins += 100; w.WriteHeader(401); return true }},
		{"an error with status 200", func(o *odd, w http.ResponseWriter) bool {
			o.logins += 100
			fmt.Fprint(w, `{"error": {"code": 200, "data": {"name": "SessionExpired", "message": "Session expired"}}}`)
			return true
		}},
		{"a sign-in page with status 200", func(o *odd, w http.ResponseWriter) bool {
			o.logins += 100
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<html><title>Login</title></html>`)
			return true
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := &odd{pages: threePages()}
			ended := false
			o.before = func(w http.ResponseWriter, page string) bool {
				if page == "2" && !ended {
					ended = true
					return tc.end(o, w)
				}
				return false
			}
			srv := httptest.NewServer(o)
			defer srv.Close()
			s, sl := openTest(t, signingIn, srv.URL, nil)
			ids, _, err := read(s, "invoices", nil)
			if err != nil || strings.Join(ids, "") != "abcde" {
				t.Fatalf("got %v, %v", ids, err)
			}
			if o.logins != 102 || strings.Join(o.asked, "") != "1234" || len(sl.waited) > 0 {
				t.Errorf("signed in %d times, answered pages %v, waited %v", o.logins-100, o.asked, sl.waited)
			}
		})
	}
}

func TestASessionIsRenewedBeforeItEnds(t *testing.T) {
	o := &odd{pages: threePages()}
	srv := httptest.NewServer(o)
	defer srv.Close()
	c, err := ParseConnector("test", []byte(signingIn))
	if err != nil {
		t.Fatal(err)
	}
	now := noon
	s, err := Open(context.Background(), "erp", c, map[string]any{"url": srv.URL}, Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, minutes := range []int{0, 8, 10} {
		now = noon.Add(time.Duration(minutes) * time.Minute)
		if _, _, err := read(s, "invoices", nil); err != nil {
			t.Fatal(err)
		}
	}
	if o.logins != 2 || o.refused != 0 {
		t.Errorf("signed in %d times, want 2 (at first, and less than a minute before ten); refused %d times", o.logins, o.refused)
	}
}

func TestASessionThatIsRefusedAgainIsAnError(t *testing.T) {
	o := &odd{pages: threePages()}
	o.before = func(w http.ResponseWriter, _ string) bool { w.WriteHeader(401); return true }
	srv := httptest.NewServer(o)
	defer srv.Close()
	s, _ := openTest(t, signingIn, srv.URL, nil)
	_, _, err := read(s, "invoices", nil)
	if err == nil || !strings.Contains(err.Error(), "Signing in anew did not help") || o.logins != 2 {
		t.Errorf("got %v after signing in %d times", err, o.logins)
	}
}

func TestAWrongPasswordIsOneSentenceAndIsTriedOnce(t *testing.T) {
	o := &odd{pages: threePages()}
	srv := httptest.NewServer(o)
	defer srv.Close()
	s, sl := openTest(t, signingIn, srv.URL, map[string]any{"password": "wrong-one"})
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, _, errs[i] = read(s, "invoices", nil) })
	}
	wg.Wait()
	for _, err := range errs {
		var e *Error
		if !errors.As(err, &e) || e.Temporary || !e.Denied || !e.SignIn {
			t.Fatalf("got %#v", err)
		}
		want := "extract erp/invoices page 1: signing in at " + strings.TrimPrefix(srv.URL, "http://") + " failed: the source reports an error though the status is 200: " +
			"the user name or the password is wrong. Check user and password of this source"
		if err.Error() != want {
			t.Errorf("got  %q\nwant %q", err, want)
		}
	}
	if o.logins != 1 || len(sl.waited) > 0 {
		t.Errorf("signed in %d times and waited %v: an account may be locked by that", o.logins, sl.waited)
	}
	checks := s.Check(context.Background())
	if len(checks) != 1 || checks[0].Authorised || o.logins != 1 {
		t.Errorf("check: %+v after signing in %d times", checks, o.logins)
	}
}

func TestManyRequestsSignInOnce(t *testing.T) {
	o := &odd{pages: threePages()}
	srv := httptest.NewServer(o)
	defer srv.Close()
	s, _ := openTest(t, strings.Replace(signingIn, "  retry:", "  concurrency: 8\n  retry:", 1), srv.URL, nil)
	all := func() {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if ids, _, err := read(s, "invoices", nil); err != nil || len(ids) != 5 {
					t.Errorf("got %v, %v", ids, err)
				}
			})
		}
		wg.Wait()
	}
	all()
	if o.logins != 1 {
		t.Errorf("signed in %d times, want once for all", o.logins)
	}
	o.expire()
	all()
	if o.logins != 102 {
		t.Errorf("signed in %d times after the session ended, want once for all", o.logins-101)
	}
}

func TestNothingOfSigningInGetsOut(t *testing.T) {
	var log bytes.Buffer
	o := &odd{pages: threePages()}
	n := 0
	o.before = func(w http.ResponseWriter, page string) bool {
		if n++; n == 2 {
			w.WriteHeader(500)
			fmt.Fprintf(w, `{"message": "internal: %s cookie-%s"}`, o.ticket(), o.ticket())
			return true
		}
		if n == 4 {
			fmt.Fprintf(w, `{"error": {"data": {"name": "Strange", "message": "ticket %s, password p4ss\"w/rd p4ss%%22w%%2Frd"}}}`, o.ticket())
			return true
		}
		return false
	}
	srv := httptest.NewServer(o)
	defer srv.Close()
	c, err := ParseConnector("test", []byte(signingIn))
	if err != nil {
		t.Fatal(err)
	}
	sl := &sleeper{}
	s, err := Open(context.Background(), "erp", c, map[string]any{"url": srv.URL}, Options{Sleep: sl.sleep,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var pages strings.Builder
	for p, err := range s.Pages(context.Background(), "invoices", nil) {
		fmt.Fprintln(&pages, p.URL, string(p.Body), err)
	}
	all := log.String() + pages.String()
	if !strings.Contains(all, "asking again") || !strings.Contains(all, "Strange") || !strings.Contains(all, "ticket ***") {
		t.Fatalf("the faults did not come up:\n%s", all)
	}
	for _, secret := range []string{"p4ss", "ticket-1", "Nzp0aWNr", "proof-"} {
		if strings.Contains(all, secret) {
			t.Errorf("%q shows in\n%s", secret, all)
		}
	}
}

func TestASessionThatCountsIsEndedWithTheRun(t *testing.T) {
	var ended []string
	o := &odd{pages: threePages()}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/logout" {
			text, _ := io.ReadAll(r.Body)
			ended = append(ended, r.Header.Get("X-Proof")+" "+string(text))
			return
		}
		o.ServeHTTP(w, r)
	}))
	defer srv.Close()
	text := strings.Replace(signingIn, "    expires: 10m", "    expires: 10m\n    sign_out: {method: POST, path: /logout, json: '{\"uid\": {{ .session.uid }}}'}", 1)
	s, _ := openTest(t, text, srv.URL, nil)
	if _, _, err := read(s, "invoices", nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil || fmt.Sprint(ended) != `[proof-ticket-1-secret {"uid": 7}]` {
		t.Errorf("signed out with %q, %v", ended, err)
	}
	never, _ := openTest(t, text, srv.URL, nil)
	if err := never.Close(); err != nil || len(ended) != 1 {
		t.Errorf("signed out %d times without a session", len(ended)-1)
	}
}

func TestASignInThatIsSentElsewhereIsNotFollowed(t *testing.T) {
	leaked := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked = true }))
	defer other.Close()
	srv := httptest.NewServer(http.RedirectHandler(other.URL+"/login", http.StatusTemporaryRedirect))
	defer srv.Close()
	s, _ := openTest(t, signingIn, srv.URL, nil)
	_, _, err := read(s, "invoices", nil)
	if leaked || err == nil || !strings.Contains(err.Error(), "signing in at") || !strings.Contains(err.Error(), "a redirect to "+other.URL) {
		t.Errorf("got %v, leaked %v", err, leaked)
	}
}

func TestPlaceholdersOverASessionAreChecked(t *testing.T) {
	for _, tc := range []struct{ from, to, want string }{
		{".session.proof", ".session.prof", "line 20: signing in gives no .session.prof; did you mean proof?"},
		{"path: /login", "path: /login\n        url: http://x", `a step needs either the key "path" or the key "url"`},
		{"class: denied", "class: forbidden", "allowed are fatal, retry, expired, denied, config, empty"},
		{"(?i)could", "(could", "missing closing )"},
	} {
		_, err := ParseConnector("test", []byte(strings.Replace(signingIn, tc.from, tc.to, 1)))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %q", tc.to, err, tc.want)
		}
	}
	_, err := ParseConnector("test", []byte(strings.Replace(simple, "path: /invoices", `path: "/{{ .session.company }}/invoices"`, 1)))
	if err == nil || !strings.Contains(err.Error(), "signing in by header gives no values") {
		t.Errorf("got %v", err)
	}
}
