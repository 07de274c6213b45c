package extract

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// session is how the requests of a source are sent while a signing in holds.
type session struct {
	values  map[string]any // .session of templates
	base    *url.URL
	headers http.Header    // of every request, with the key
	query   []param        // of every request, with the key
	jar     http.CookieJar // nil = no cookies
	expires time.Time      // zero = it is not known
}

type param struct{ name, value string }

// carried returns an address with the credentials that go into it; what it has under their names is replaced.
func (s *session) carried(u *url.URL) *url.URL {
	if len(s.query) == 0 {
		return u
	}
	var parts []string
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		name, _, _ := strings.Cut(part, "=")
		own := slices.ContainsFunc(s.query, func(p param) bool { return url.QueryEscape(p.name) == name })
		if part != "" && !own {
			parts = append(parts, part)
		}
	}
	for _, p := range s.query {
		parts = append(parts, url.QueryEscape(p.name)+"="+url.QueryEscape(p.value))
	}
	out := *u
	out.RawQuery = strings.Join(parts, "&")
	return &out
}

// keeper holds the session that all requests of a source share. Whoever comes
// first signs in, the others wait for it and take what it got.
type keeper struct {
	signer signer // nil: the session is static
	open   func(grant) (*session, error)
	now    func() time.Time
	turn   chan struct{} // held by the one who signs in

	mu      sync.Mutex
	current *session
	rounds  int   // attempts to sign in that have ended
	err     error // of the last one
	refused error // the source does not accept the credentials: it is not asked again
}

// renewable says whether signing in again may help.
func (k *keeper) renewable() bool { return k.signer != nil }

// get returns a session that holds, signing in if there is none but stale, the
// one that the source no longer accepts. A wrong password is tried once.
func (k *keeper) get(ctx context.Context, stale *session) (*session, error) {
	s, round, err := k.have(stale, -1)
	if s != nil || err != nil {
		return s, err
	}
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s, _, err = k.have(stale, round); s != nil || err != nil {
		return s, err
	}
	g, err := k.signer.signIn(ctx, stale)
	if err == nil {
		s, err = k.open(g)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	k.rounds++
	k.current, k.err = s, err
	if e := (*Error)(nil); errors.As(err, &e) && !e.Temporary {
		k.refused = err
	}
	return s, err
}

// last is the newest session, nil before the first.
func (k *keeper) last() *session {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.current
}

// have returns the session that holds, if there is one, or the error of a
// signing in that ended after the round given: waiting for it was trying it.
func (k *keeper) have(stale *session, round int) (*session, int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if s := k.current; s != nil && s != stale && !k.ends(s) {
		return s, k.rounds, nil
	}
	if k.refused != nil {
		return nil, k.rounds, k.refused
	}
	if round >= 0 && k.rounds > round && k.err != nil {
		return nil, k.rounds, k.err
	}
	return nil, k.rounds, nil
}

// ends says whether it is time to renew a session, before the source asks for it.
func (k *keeper) ends(s *session) bool {
	return k.signer != nil && !s.expires.IsZero() && !k.now().Before(s.expires)
}

// renewAt is the instant at which a grant that holds this long is renewed.
func renewAt(now time.Time, holds time.Duration) time.Time {
	return now.Add(holds - min(time.Minute, holds/4))
}

// secrets are texts that must not show up anywhere, in all the forms in which
// a source or an error may repeat them.
type secrets struct {
	mu    sync.RWMutex
	texts []string // longest first
}

// add takes in a secret. Texts of up to three characters are not hidden: they would hide half of every message.
func (s *secrets) add(text string) {
	if len(text) <= 3 {
		return
	}
	quoted, _ := json.Marshal(text) // a text can always be marshalled
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, form := range []string{text, url.QueryEscape(text), url.PathEscape(text), strings.Trim(string(quoted), `"`)} {
		if !slices.Contains(s.texts, form) {
			s.texts = append(s.texts, form)
		}
	}
	slices.SortStableFunc(s.texts, func(a, b string) int { return len(b) - len(a) })
}

// scrub takes secrets out of a text.
func (s *secrets) scrub(text string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, secret := range s.texts {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}

// addValue takes in a value that signing in gave, unless it is plainly none: an address, words, a number or a short name.
func (s *secrets) addValue(text string) {
	if len(text) >= 8 && !strings.ContainsAny(text, " \t") && !strings.HasPrefix(text, "http") {
		s.add(text)
	}
}
