package extract

import (
	"context"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// authDecl is how to sign in.
type authDecl struct {
	kind  string
	texts map[string]*tmpl // the keys that are plain texts with placeholders, by name
	// tokens
	in                string // body or basic: where the secret of the app goes
	extra             []namedTemplate
	algorithm         string
	claims            []claimDecl
	jwtHeaders        []namedTemplate
	lifetime          time.Duration // of a signed request for a token
	grant             string
	signature         string // of OAuth 1
	asHeader, asQuery string
	asValue           *tmpl
	steps             []stepDecl
	headers           []namedTemplate
	query             []namedTemplate
	cookies           bool
	expires           time.Duration
	expiresIn         string
	signOut           *requestDecl
}

// stepDecl is one request that signs in.
type stepDecl struct {
	line     int
	request  requestDecl
	url      *tmpl // instead of the path of request
	take     []takeDecl
	failWhen []errorRule
}

// takeDecl names a value of the answer to signing in.
type takeDecl struct {
	name, from string
	optional   bool
}

// claimDecl is one claim of a signed request: a text, or a list of texts.
type claimDecl struct {
	name   string
	list   bool
	values []*tmpl
}

// doc says how a connector signs in, and with which settings.
func (a *authDecl) doc() SignInDoc {
	d := SignInDoc{Type: a.kind}
	for _, t := range a.templates() {
		for _, name := range t.settings() {
			if !slices.Contains(d.Settings, name) {
				d.Settings = append(d.Settings, name)
			}
		}
	}
	return d
}

// templates lists all that signing in fills in.
func (a *authDecl) templates() []*tmpl {
	var out []*tmpl
	for _, name := range slices.Sorted(maps.Keys(a.texts)) {
		out = append(out, a.texts[name])
	}
	for _, claim := range a.claims {
		out = append(out, claim.values...)
	}
	named := [][]namedTemplate{a.extra, a.jwtHeaders}
	requests := []*requestDecl{}
	for i := range a.steps {
		out = append(out, a.steps[i].url)
		requests = append(requests, &a.steps[i].request)
	}
	if a.signOut != nil {
		requests = append(requests, a.signOut)
	}
	for _, r := range requests {
		out = append(out, r.path, r.json)
		named = append(named, r.query, r.headers, r.form)
	}
	for _, list := range append(named, a.headers, a.query) {
		for _, n := range list {
			out = append(out, n.tmpl)
		}
	}
	return append(out, a.asValue)
}

// signer is one way to sign in that may have to be done again.
type signer interface {
	// signIn returns what the source gave. stale is what it no longer accepts, nil
	// at first. An *Error that is not Temporary is final: credentials are wrong.
	signIn(ctx context.Context, stale *session) (grant, error)
}

// grant is what signing in gave.
type grant struct {
	values  map[string]any // texts, by name
	expires time.Time      // zero = it is not known
	jar     http.CookieJar // nil = cookies are not kept
}

// signer returns the way to sign in, nil where credentials are static.
func (c *client) signer(data map[string]any) (signer, error) {
	switch c.decl.auth.kind {
	case authSession:
		return &stepSigner{client: c, decl: &c.decl.auth, data: data}, nil
	case authClient, authRefresh, authJWT:
		return newTokenSigner(c, data)
	}
	return nil, nil
}

// open makes a session of what signing in gave: the address and the headers of every request.
func (c *client) open(g grant) (*session, error) {
	s := &session{values: g.values, expires: g.expires, jar: g.jar, headers: http.Header{}}
	data := c.data(nil, s)
	base, err := c.decl.base.render(data)
	if err != nil {
		return nil, err
	}
	if s.base, err = c.address("base", base); err != nil {
		return nil, err
	}
	for _, h := range c.decl.headers {
		v, err := h.tmpl.render(data)
		if err != nil {
			return nil, err
		}
		s.headers.Set(h.name, v)
	}
	if err := c.credentials(s, data); err != nil {
		return nil, err
	}
	c.usual(s.headers)
	return s, nil
}

// usual fills in the headers that the connector leaves open.
func (c *client) usual(h http.Header) {
	for name, value := range map[string]string{"User-Agent": c.opts.UserAgent, "Accept": "application/json", "Accept-Encoding": "gzip, deflate, br"} {
		if h.Get(name) == "" {
			h.Set(name, value)
		}
	}
}

// credentials fills in what shows that a request is signed in.
func (c *client) credentials(s *session, data map[string]any) error {
	a := &c.decl.auth
	text := map[string]string{}
	for _, name := range []string{"name", "value", "token", "user", "password"} {
		v, err := a.texts[name].render(data)
		if err != nil {
			return err
		}
		text[name] = v
	}
	bearer := func(token string) { c.carry(s, "Authorization", "Bearer "+token) }
	switch a.kind {
	case "header":
		c.carry(s, text["name"], text["value"])
	case "query":
		c.secrets.add(text["value"])
		s.query = append(s.query, param{text["name"], text["value"]})
	case "bearer":
		bearer(text["token"])
	case "basic":
		c.secrets.add(text["password"])
		c.carry(s, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(text["user"]+":"+text["password"])))
	case authClient, authRefresh, authJWT:
		if a.asValue == nil {
			bearer(textOf(s.values["access_token"]))
			return nil
		}
		v, err := a.asValue.render(data)
		switch {
		case err != nil:
			return err
		case a.asHeader != "":
			c.carry(s, a.asHeader, v)
		default:
			c.secrets.add(v)
			s.query = append(s.query, param{a.asQuery, v})
		}
	case authSession:
		for _, h := range a.headers {
			v, err := h.tmpl.render(data)
			if err != nil {
				return err
			}
			c.carry(s, h.name, v)
		}
		for _, q := range a.query {
			v, err := q.tmpl.render(data)
			if err != nil {
				return err
			}
			s.query = append(s.query, param{q.name, v})
		}
	}
	return nil
}

// carry sets a header with a credential, which must not show up anywhere.
func (c *client) carry(s *session, name, value string) {
	s.headers.Set(name, value)
	if parts := strings.Fields(value); len(parts) > 0 {
		c.secrets.add(parts[len(parts)-1]) // what stands before is the name of the scheme
	}
}

// data adds what signing in gave to what templates see.
func (c *client) data(data map[string]any, s *session) map[string]any {
	out := map[string]any{"settings": map[string]any(c.settings), "now": c.opts.Now().UTC()}
	for k, v := range data {
		out[k] = v
	}
	out["session"] = map[string]any{}
	if s != nil && s.values != nil {
		out["session"] = s.values
	}
	return out
}

// address reads an address that came out of a template.
func (c *client) address(field, text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(text), "/"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, &Error{Field: field, Found: c.scrub(text), Expected: "an address such as https://erp.example.com", Err: errSetting}
	}
	return u, nil
}

// loopback says whether an address is on this machine.
func loopback(u *url.URL) bool {
	return u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127.") || u.Hostname() == "::1"
}
