package extract

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenServer gives tokens by the rules of RFC 6749 and data to whoever shows the newest one.
type tokenServer struct {
	*httptest.Server
	mu      sync.Mutex
	refresh string // the one that counts; each is taken once
	n       int    // tokens given
	forms   []url.Values
	headers []http.Header
	answer  func(w http.ResponseWriter, form url.Values) bool // answers in place of a token
	stored  func()                                            // called with each request for data
	seen    []*http.Request
}

func newTokenServer(t *testing.T) *tokenServer {
	s := &tokenServer{refresh: "refresh-0-secret"}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *tokenServer) access() string { return fmt.Sprintf("access-%d-secret", s.n) }

func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path == "/token" {
		if err := r.ParseForm(); err != nil {
			w.WriteHeader(400)
			return
		}
		s.forms, s.headers = append(s.forms, r.PostForm), append(s.headers, r.Header)
		if s.answer != nil && s.answer(w, r.PostForm) {
			return
		}
		more := ""
		if r.PostForm.Get("grant_type") == "refresh_token" {
			if r.PostForm.Get("refresh_token") != s.refresh {
				w.WriteHeader(400)
				fmt.Fprint(w, `{"error":"invalid_grant","error_description":"Token was used already"}`)
				return
			}
			s.refresh = fmt.Sprintf("refresh-%d-secret", s.n+1)
			more = fmt.Sprintf(`,"refresh_token":%q`, s.refresh)
		}
		s.n++
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":3600,"instance_url":%q%s}`, s.access(), "http://"+r.Host+"/instance", more)
		return
	}
	if s.stored != nil {
		s.stored()
	}
	s.seen = append(s.seen, r)
	auth := r.Header.Get("Authorization")
	if auth != "Bearer "+s.access() && auth != "Zoho-oauthtoken "+s.access() && r.URL.Query().Get("access_token") != s.access() {
		w.WriteHeader(401)
		fmt.Fprint(w, `{"message":"token expired"}`)
		return
	}
	fmt.Fprint(w, `{"data":[{"id":"a"}]}`)
}

// withTokens is a connector that asks for tokens.
func withTokens(auth string) string {
	return fmt.Sprintf(`
name: tokens
settings:
  url: {type: url, required: true, help: address}
  secret: {type: secret, default: app-secret, help: secret}
  refresh: {type: secret, default: refresh-0-secret, help: refresh token}
  key: {type: secret, default: none, help: key}
http:
  base: "{{ .settings.url }}"
  auth:
    token_url: "{{ .settings.url }}/token"
    client_id: app
%s
  retry: {attempts: 3, wait: 1s}
streams:
  - name: invoices
    request: {path: /invoices}
    records: data
    emit: [{to: invoices, fields: {invoice_id: id}}]
`, auth)
}

func openTokens(t *testing.T, connector string, srv *tokenServer, dir string, more map[string]any) *Source {
	t.Helper()
	c, err := ParseConnector("test", []byte(connector))
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]any{"url": srv.URL}
	for k, v := range more {
		settings[k] = v
	}
	sl := &sleeper{}
	s, err := Open(context.Background(), "erp", c, settings, Options{Sleep: sl.sleep, Now: func() time.Time { return noon }, TokenDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func mustRead(t *testing.T, s *Source) {
	t.Helper()
	if ids, _, err := read(s, "invoices", nil); err != nil || len(ids) != 1 {
		t.Fatalf("got %v, %v", ids, err)
	}
}

const clientAuth = `    type: oauth2_client
    client_secret: "{{ .settings.secret }}"
    scope: read all`

func TestATokenIsAskedForOnceAndAgainWhenItIsRefused(t *testing.T) {
	srv := newTokenServer(t)
	s := openTokens(t, withTokens(clientAuth), srv, "", nil)
	mustRead(t, s)
	mustRead(t, s)
	f := srv.forms[0]
	if srv.n != 1 || f.Get("grant_type") != "client_credentials" || f.Get("client_secret") != "app-secret" || f.Get("scope") != "read all" || f.Get("client_id") != "app" {
		t.Fatalf("asked %d times with %v", srv.n, f)
	}
	srv.mu.Lock()
	srv.n += 10 // the source forgets the token
	srv.mu.Unlock()
	mustRead(t, s)
	if srv.n != 12 {
		t.Errorf("a token that was refused was not renewed once: %d", srv.n)
	}
	for _, header := range []string{"basic", "body"} {
		srv.forms, srv.headers = nil, nil
		mustRead(t, openTokens(t, withTokens(clientAuth+"\n    in: "+header), srv, "", nil))
		user, secret, ok := (&http.Request{Header: srv.headers[0]}).BasicAuth()
		if (header == "basic") != (ok && user == "app" && secret == "app-secret" && !srv.forms[0].Has("client_secret")) {
			t.Errorf("in %s: %v with %v", header, srv.forms[0], srv.headers[0])
		}
	}
}

func TestTheAnswerWithATokenSaysWhereAndHow(t *testing.T) {
	srv := newTokenServer(t)
	text := strings.Replace(withTokens(clientAuth+"\n    as: {header: Authorization, value: \"Zoho-oauthtoken {{ .session.access_token }}\"}"),
		`base: "{{ .settings.url }}"`, `base: "{{ .session.instance_url }}"`, 1)
	mustRead(t, openTokens(t, text, srv, "", nil))
	r := srv.seen[0]
	if r.URL.Path != "/instance/invoices" || r.Header.Get("Authorization") != "Zoho-oauthtoken access-1-secret" {
		t.Errorf("asked %s with %q", r.URL, r.Header.Get("Authorization"))
	}
	s := openTokens(t, withTokens(clientAuth+"\n    as: {query: access_token, value: \"{{ .session.access_token }}\"}"), srv, "", nil)
	for p, err := range s.Pages(context.Background(), "invoices", nil) {
		if err != nil || strings.Contains(p.URL, "secret") {
			t.Errorf("%s, %v", p.URL, err)
		}
	}
}

const refreshAuth = `    type: oauth2_refresh
    client_secret: "{{ .settings.secret }}"
    refresh_token: "{{ .settings.refresh }}"`

func TestARotatedRefreshTokenIsOnTheDiskBeforeItsTokenIsUsed(t *testing.T) {
	srv, dir := newTokenServer(t), t.TempDir()
	file := filepath.Join(dir, "tokens", "erp.json")
	srv.stored = func() { // the process might be killed here
		text, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(text, []byte("refresh-1-secret")) || bytes.Contains(text, []byte("refresh-0-secret")) {
			t.Errorf("the token is used, but the file holds %s (%v)", text, err)
		}
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file may be read by others: %v, %v", info.Mode(), err)
		}
	}
	mustRead(t, openTokens(t, withTokens(refreshAuth), srv, filepath.Join(dir, "tokens"), nil))
	srv.stored = nil

	// A later run takes the stored access token while it holds.
	mustRead(t, openTokens(t, withTokens(refreshAuth), srv, filepath.Join(dir, "tokens"), nil))
	if srv.n != 1 {
		t.Errorf("asked %d times for a token that holds", srv.n)
	}
	// And the stored refresh token, not that of the settings, when it does not.
	srv.n += 10
	mustRead(t, openTokens(t, withTokens(refreshAuth), srv, filepath.Join(dir, "tokens"), nil))
	if got := srv.forms[len(srv.forms)-1].Get("refresh_token"); got != "refresh-1-secret" {
		t.Errorf("asked with %q", got)
	}
	// Until the setting changes: the app was authorised again.
	srv.refresh = "refresh-new-secret"
	mustRead(t, openTokens(t, withTokens(refreshAuth), srv, filepath.Join(dir, "tokens"), map[string]any{"refresh": "refresh-new-secret"}))
	if got := srv.forms[len(srv.forms)-1].Get("refresh_token"); got != "refresh-new-secret" {
		t.Errorf("asked with %q after the setting changed", got)
	}
}

func TestProcessesThatShareARefreshTokenDoNotUseItTwice(t *testing.T) {
	srv, dir := newTokenServer(t), t.TempDir()
	sources := make([]*Source, 6)
	for i := range sources {
		sources[i] = openTokens(t, withTokens(refreshAuth), srv, dir, nil)
	}
	var wg sync.WaitGroup
	for _, s := range sources {
		wg.Go(func() {
			if _, _, err := read(s, "invoices", nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if srv.n != 1 {
		t.Errorf("%d tokens were asked for; the source takes a refresh token once", srv.n)
	}
}

func TestARefreshTokenIsNotUsedUpWhereTheNextCannotBeKept(t *testing.T) {
	srv, dir := newTokenServer(t), t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "erp.json.new"), 0o700); err != nil { // a file cannot be made there
		t.Fatal(err)
	}
	for _, place := range []string{dir, ""} {
		_, _, err := read(openTokens(t, withTokens(refreshAuth), srv, place, nil), "invoices", nil)
		if err == nil || !strings.Contains(err.Error(), "refresh token cannot be kept") || srv.n != 0 {
			t.Errorf("got %v after %d tokens", err, srv.n)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "erp.json"), []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := read(openTokens(t, withTokens(refreshAuth), srv, dir, nil), "invoices", nil); err == nil || !strings.Contains(err.Error(), "authorise the app again") {
		t.Errorf("got %v", err)
	}
}

func TestWhatSigningInByTokenSaysIsClear(t *testing.T) {
	for _, tc := range []struct {
		name, answer    string
		status          int
		want            string
		temporary       bool
		tokens, refused int
	}{
		{"wrong secret", `{"error":"invalid_client","error_description":"Client authentication failed for app-secret"}`, 401,
			"signing in at HOST failed: the source answered 401 Unauthorized (invalid_client: Client authentication failed for ***). Check client_id and client_secret, and what the app may do", false, 1, 0},
		{"revoked", `{"error":"invalid_grant","error_description":"expired access/refresh token"}`, 400, "authorise the app again", false, 1, 0},
		{"trouble", `{"error":"temporarily_unavailable"}`, 400, "try again later", true, 3, 0},
		{"more trouble", `<h1>Bad gateway</h1>`, 502, "502 Bad Gateway", true, 3, 0},
		{"no token", `{"token":"x"}`, 200, "the answer has no access_token. Check token_url", false, 1, 0},
		{"a page", `<html><title>Sign in</title></html>`, 200, `a web page titled "Sign in"`, false, 1, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := newTokenServer(t)
			srv.answer = func(w http.ResponseWriter, _ url.Values) bool {
				w.WriteHeader(tc.status)
				fmt.Fprint(w, tc.answer)
				return true
			}
			s := openTokens(t, withTokens(clientAuth), srv, "", nil)
			_, _, err := read(s, "invoices", nil)
			want := strings.Replace(tc.want, "HOST", strings.TrimPrefix(srv.URL, "http://"), 1)
			e, ok := err.(*Error)
			if !ok || !strings.Contains(err.Error(), want) || e.Temporary != tc.temporary || len(srv.forms) != tc.tokens || strings.Contains(err.Error(), "app-secret") {
				t.Errorf("got  %v\nwant %q, asked %d times", err, want, len(srv.forms))
			}
		})
	}
}

func TestASecretIsNotSentInTheClear(t *testing.T) {
	c, err := ParseConnector("test", []byte(withTokens(clientAuth)))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(context.Background(), "erp", c, map[string]any{"url": "http://login.example.com"}, Options{})
	if err == nil || !strings.Contains(err.Error(), "token_url") || !strings.Contains(err.Error(), "https://") {
		t.Errorf("got %v", err)
	}
}

func pemOf(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestASignedRequestForATokenIsVerifiable(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		algorithm, grant, field string
		private, public         any
	}{
		{"RS256", "assertion", "assertion", rsaKey, rsaKey.Public()},
		{"PS256", "client_assertion", "client_assertion", rsaKey, rsaKey.Public()},
		{"ES256", "client_assertion", "client_assertion", ecKey, ecKey.Public()},
	} {
		t.Run(tc.algorithm, func(t *testing.T) {
			srv := newTokenServer(t)
			auth := fmt.Sprintf(`    type: jwt_bearer
    key: "{{ .settings.key }}"
    key_id: key-1
    algorithm: %s
    grant: %s
    jwt_headers: {x5t: thumb}
    claims: {iss: app, sub: reader@example.com, scope: [restlets, rest_webservices]}`, tc.algorithm, tc.grant)
			key := strings.ReplaceAll(pemOf(t, tc.private), "\n", `\n`) // as an environment variable
			mustRead(t, openTokens(t, withTokens(auth), srv, "", map[string]any{"key": key}))
			token, err := jwt.Parse(srv.forms[0].Get(tc.field), func(*jwt.Token) (any, error) { return tc.public, nil },
				jwt.WithValidMethods([]string{tc.algorithm}), jwt.WithAudience(srv.URL+"/token"), jwt.WithIssuer("app"), jwt.WithExpirationRequired(),
				jwt.WithTimeFunc(func() time.Time { return noon.Add(time.Minute) }))
			if err != nil {
				t.Fatal(err)
			}
			if token.Header["kid"] != "key-1" || token.Header["x5t"] != "thumb" || fmt.Sprint(token.Claims.(jwt.MapClaims)["scope"]) != "[restlets rest_webservices]" {
				t.Errorf("%v %v", token.Header, token.Claims)
			}
		})
	}
	c, err := ParseConnector("test", []byte(withTokens("    type: jwt_bearer\n    key: \"{{ .settings.key }}\"")))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(context.Background(), "erp", c, map[string]any{"url": "https://x.example.com", "key": "not-a-key"}, Options{})
	if err == nil || !strings.Contains(err.Error(), "BEGIN PRIVATE KEY") || strings.Contains(err.Error(), "not-a-key") {
		t.Errorf("got %v", err)
	}
}

func TestTokensDoNotShowInLogs(t *testing.T) {
	srv, dir := newTokenServer(t), t.TempDir()
	var log bytes.Buffer
	n := 0
	srv.answer = func(w http.ResponseWriter, form url.Values) bool {
		if n++; n == 1 {
			w.WriteHeader(500)
			fmt.Fprintf(w, `{"error":"oops","error_description":%q}`, form.Encode())
			return true
		}
		return false
	}
	c, err := ParseConnector("test", []byte(withTokens(refreshAuth)))
	if err != nil {
		t.Fatal(err)
	}
	sl := &sleeper{}
	s, err := Open(context.Background(), "erp", c, map[string]any{"url": srv.URL}, Options{Sleep: sl.sleep, TokenDir: dir,
		Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	if err != nil {
		t.Fatal(err)
	}
	mustRead(t, s)
	srv.n += 10
	mustRead(t, s)
	if !strings.Contains(log.String(), "signing in again") || !strings.Contains(log.String(), "asking again") || strings.Contains(log.String(), "-secret") {
		t.Errorf("the log:\n%s", log.String())
	}
}
