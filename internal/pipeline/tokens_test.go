package pipeline

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// A source that gives a new refresh token at each sign-in, and accepts each once:
// the next process signs in with what the last one was given.
func TestTheNextRunSignsInWithTheTokenThatTheLastOneWasGiven(t *testing.T) {
	var mu sync.Mutex
	given := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		switch want := fmt.Sprintf("refresh-%d", given); {
		case r.URL.Path == "/token" && r.FormValue("refresh_token") != want:
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error": "invalid_grant"}`)
		case r.URL.Path == "/token":
			given++
			fmt.Fprintf(w, `{"access_token": "access-%d", "refresh_token": "refresh-%d", "expires_in": 3600}`, given, given)
		case r.Header.Get("Authorization") != fmt.Sprintf("Bearer access-%d", given):
			w.WriteHeader(401)
		default:
			fmt.Fprint(w, `{"data": [{"id": "1", "customer": "C1", "date": "2026-02-01", "currency": "CNY", "amount": 7}]}`)
		}
	}))
	defer srv.Close()
	file := connectorFile(t, `
name: ledger
title: A test source
settings:
  url: {type: url, required: true, help: Address of the source}
http:
  base: "{{ .settings.url }}"
  auth: {type: oauth2_refresh, token_url: "{{ .settings.url }}/token", client_id: app, client_secret: s3cret, refresh_token: refresh-0}
streams:
  - name: invoices
    request: {path: /api/invoices}
    records: data
    paging: {type: none}
`+invoiceEmit)
	a := open(t, fmt.Sprintf("data: data\nsources: [{name: erp, connector: %q, settings: {url: %q}}]\n", file, srv.URL))
	for range 3 { // each opens the source anew, as a process does
		synced(t, a, SyncOptions{})
	}
	dir := filepath.Join(a.cfg.Data, "tokens")
	if a.cfg.Sync.TokenDir != dir {
		t.Errorf("tokens are in %s, want %s", a.cfg.Sync.TokenDir, dir)
	}
	info, err := os.Stat(filepath.Join(dir, "erp.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token's file: %v %v", info, err)
	}
}
