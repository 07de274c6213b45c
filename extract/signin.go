package extract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// stepSigner signs in by the requests of the connector.
type stepSigner struct {
	client *client
	decl   *authDecl
	data   map[string]any
}

// signIn sends the requests one after the other; each sees what those before it gave.
func (g *stepSigner) signIn(ctx context.Context, _ *session) (grant, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return grant{}, err
	}
	out := grant{values: map[string]any{}}
	if g.decl.cookies {
		out.jar = jar
	}
	began := g.client.opts.Now()
	for i := range g.decl.steps {
		k, err := g.step(ctx, &g.decl.steps[i], out.values, jar)
		if err != nil {
			return grant{}, err
		}
		if g.decl.expires > 0 {
			out.expires = renewAt(began, g.decl.expires)
		}
		if g.decl.expiresIn != "" && i == len(g.decl.steps)-1 {
			if holds, ok := seconds(valueAt(k.body, splitPath(g.decl.expiresIn))); ok {
				out.expires = renewAt(began, holds)
			}
		}
	}
	return out, nil
}

// step sends one request and takes the values it is for.
func (g *stepSigner) step(ctx context.Context, d *stepDecl, values map[string]any, jar http.CookieJar) (*call, error) {
	c := g.client
	s := &session{values: values, jar: jar, headers: http.Header{}}
	data := c.data(g.data, s)
	t, err := g.target(d, s, data)
	if err != nil {
		return nil, err
	}
	for _, h := range d.request.headers {
		v, err := h.tmpl.render(data)
		if err != nil {
			return nil, err
		}
		s.headers.Set(h.name, v)
	}
	k, err := c.signInRequest(ctx, s, d.request.method, t, d.failWhen)
	if err != nil {
		return nil, err
	}
	for _, take := range d.take {
		v := take.value(k)
		if v == "" && !take.optional {
			return nil, &Error{Status: k.status, Field: take.name, Err: fmt.Errorf("the answer to signing in has nothing at %s", take.from),
				Hint: "Check user, password and address; the system may be another version"}
		}
		values[take.name] = v
		c.secrets.addValue(v)
	}
	for _, cookie := range k.cookies {
		c.secrets.addValue(cookie.Value)
	}
	return k, nil
}

func (g *stepSigner) target(d *stepDecl, s *session, data map[string]any) (target, error) {
	c := g.client
	if d.url == nil {
		base, err := c.decl.base.render(data)
		if err != nil {
			return target{}, err
		}
		if s.base, err = c.address("base", base); err != nil {
			return target{}, err
		}
		return c.build(s.base, &d.request, data)
	}
	text, err := d.url.render(data)
	if err != nil {
		return target{}, err
	}
	u, err := c.address("url", text)
	if err != nil {
		return target{}, err
	}
	return c.fill(u, u.RawQuery, &d.request, data)
}

// value is what an answer has where the declaration says.
func (t takeDecl) value(k *call) string {
	if name, ok := strings.CutPrefix(t.from, "header:"); ok {
		return k.header.Get(name)
	}
	if name, ok := strings.CutPrefix(t.from, "cookie:"); ok {
		for _, cookie := range k.cookies {
			if cookie.Name == name {
				return cookie.Value
			}
		}
		return ""
	}
	return valueAt(k.body, splitPath(t.from))
}

// signInRequest sends a request that signs in. Answers are judged by the rules
// given, then by those of the connector. Nothing of a good answer gets into
// errors or logs.
func (c *client) signInRequest(ctx context.Context, s *session, method string, t target, rules []errorRule) (*call, error) {
	k := &call{url: t.url, records: anyBody, rules: append(rules[:len(rules):len(rules)], c.rules...), signIn: true}
	c.usual(s.headers)
	err := c.send(ctx, s, method, t, s.headers, k)
	if err != nil {
		return nil, signInError(k, err)
	}
	return k, nil
}

// signOutWait is how long signing out may take.
const signOutWait = 10 * time.Second

// signOut ends a session. It is tried as any request; that it fails harms nobody.
func (c *client) signOut(s *session) error {
	ctx, cancel := context.WithTimeout(context.Background(), signOutWait)
	defer cancel()
	r, data := c.decl.auth.signOut, c.data(nil, s)
	t, err := c.build(s.base, r, data)
	if err != nil {
		return err
	}
	_, err = c.ask(ctx, s, r, data, t, &call{url: t.url, records: anyBody, rules: c.rules, signIn: true})
	return err
}

// signInError says that it was signing in that failed, and whether trying again may help.
func signInError(k *call, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	out := *e
	out.SignIn = true
	cause := e.Err
	if cause == nil {
		cause = errors.New("an answer that cannot be used")
	}
	out.Err = fmt.Errorf("signing in at %s failed: %w", k.url.Host, cause)
	if k.failure == nil || e.Temporary {
		return &out
	}
	out.Denied = k.failure.class != classConfig && (k.status < 300 || k.status == 400 || k.status == 401 || k.status == 403)
	if k.failure.hint == "" && out.Denied {
		out.Hint = "The source does not accept these credentials: check them; they are not tried again in this run"
	}
	return &out
}

// seconds reads a number of seconds, as sources write it.
func seconds(text string) (time.Duration, bool) {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || n <= 0 {
		return 0, false
	}
	return time.Duration(min(n, 10*366*86400) * float64(time.Second)), true
}

// tokenAddress reads the address that gives tokens. A secret is not sent there in the clear.
func (c *client) tokenAddress(text string) (*url.URL, error) {
	u, err := c.address("token_url", text)
	if err == nil && u.Scheme != "https" && !loopback(u) {
		return nil, &Error{Field: "token_url", Found: u.Scheme + "://" + u.Host, Expected: "an address that begins with https://", Err: errSetting}
	}
	return u, err
}
