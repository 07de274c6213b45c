package extract

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-faster/jx"
	"github.com/hashicorp/go-retryablehttp"
)

// client sends the requests of one source: it signs in, keeps to the source's
// limits, tries again what may pass, and takes an answer only when it is whole.
// Its methods may be called from several goroutines.
type client struct {
	decl     *httpDecl
	settings settingValues
	source   string
	rules    []errorRule
	keeper   keeper
	secrets  secrets // texts that must not show up anywhere
	pace     *pace
	retry    *retryablehttp.Client
	opts     Options
	reached  atomic.Bool  // the source answered at least once
	size     atomic.Int64 // bytes of the last answer
	buffers  sync.Pool    // of *answerBuffer
}

// answer is a whole, accepted answer.
type answer struct {
	body   []byte
	url    string   // without secrets
	from   *url.URL // the same, as it was asked, for follow; it is not to be shown
	status int
	header http.Header
	at     time.Time
	scan   scanned
	free   func() // to be called once nobody needs body and scan any more
}

// answerBuffer is the memory of an answer, used again for later ones: fresh
// memory for every answer costs more than reading it.
type answerBuffer struct {
	body    []byte
	records []jx.Raw
}

// buffer returns an empty buffer.
func (c *client) buffer() *answerBuffer {
	if b, ok := c.buffers.Get().(*answerBuffer); ok {
		return b
	}
	return &answerBuffer{}
}

// call is what one request carries through its attempts.
type call struct {
	url     *url.URL // without credentials
	records string   // path of the records; anyBody = any answer will do
	rules   []errorRule
	empty   *emptyDecl // not nil: a list is asked for
	// what the last attempt found
	status  int
	header  http.Header
	cookies []*http.Cookie
	body    []byte
	buffer  *answerBuffer // of body, if it was accepted
	scan    scanned
	none    bool          // an empty list
	failure *failure      // the answer is an error
	page    bool          // the answer is a web page, though its status is good
	signIn  bool          // the request signs in
	wait    time.Duration // before the next attempt
	paused  bool          // the source said how long; all requests wait
	later   time.Duration // the source wants to be left alone for that long
	tries   int           // retries so far
	cause   error         // why the last attempt failed
}

// reset forgets what an attempt found.
func (k *call) reset() {
	k.status, k.header, k.cookies, k.body, k.scan = 0, nil, nil, nil, scanned{}
	k.none, k.failure, k.page, k.paused, k.later = false, nil, false, false, 0
}

type callKey struct{}

func newClient(s *Source) (*client, error) {
	c := &client{decl: &s.connector.http, settings: s.settings, source: s.name, opts: s.opts}
	c.rules = c.decl.errors
	if c.decl.errorPath != nil {
		c.rules = append(c.rules[:len(c.rules):len(c.rules)], *c.decl.errorPath)
	}
	data := s.settings.data()
	for _, set := range s.connector.settings {
		if set.Type == "secret" {
			c.secrets.add(s.settings.text(set.Name))
		}
	}
	var err error
	if c.pace, err = newPace(c, data); err != nil {
		return nil, err
	}
	c.keeper = keeper{open: c.open, now: c.opts.Now, turn: make(chan struct{}, 1)}
	if c.keeper.signer, err = c.signer(data); err != nil {
		return nil, err
	}
	if c.keeper.signer == nil {
		if c.keeper.current, err = c.open(grant{}); err != nil {
			return nil, err
		}
	}
	c.retry = retryablehttp.NewClient()
	c.retry.Logger = nil
	c.retry.RetryMax = c.decl.attempts - 1
	c.retry.CheckRetry = c.checkRetry
	c.retry.Backoff = func(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return 0 }
	c.retry.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.retry.PrepareRetry = func(r *http.Request) error {
		k := r.Context().Value(callKey{}).(*call)
		c.opts.Logger.Debug("asking again", "url", c.scrub(k.url.String()), "wait", k.wait, "cause", c.scrub(fmt.Sprint(k.cause)))
		paused := k.paused
		k.reset()
		if !paused {
			if err := c.opts.Sleep(r.Context(), k.wait); err != nil {
				return err
			}
		}
		return c.pace.wait(r.Context())
	}
	hc := c.retry.HTTPClient
	if hc.Transport, err = c.transport(hc.Transport); err != nil {
		return nil, err
	}
	if c.decl.auth.kind == authOAuth1 {
		if hc.Transport, err = newOAuth1(c, data, hc.Transport); err != nil {
			return nil, err
		}
	}
	hc.Timeout = c.decl.timeout
	hc.CheckRedirect = c.checkRedirect
	return c, nil
}

// target is where a request goes and what it carries, its templates filled in.
type target struct {
	url  *url.URL
	body []byte
	kind string // content type of body
}

// do sends a request and returns its answer once it is whole and holds records at path.
func (c *client) do(ctx context.Context, r *requestDecl, data map[string]any, path string) (answer, error) {
	return c.signedIn(ctx, r, data, path, func(s *session, data map[string]any) (target, error) {
		return c.build(s.base, r, data)
	})
}

// follow is do for an address that the source gave, such as that of the next
// page. It may be relative to the one it came from (nil = the base); only its
// path and its parameters count, so that credentials go to the configured host alone.
func (c *client) follow(ctx context.Context, r *requestDecl, data map[string]any, from *url.URL, next, path string) (answer, error) {
	return c.signedIn(ctx, r, data, path, func(s *session, _ map[string]any) (target, error) {
		u, err := rebase(s.base, from, next)
		return target{url: u}, err
	})
}

// signedIn sends a request in the session that holds. If the source says that
// it does not hold any more, the request is repeated, once, in a new one.
func (c *client) signedIn(ctx context.Context, r *requestDecl, data map[string]any, path string,
	build func(*session, map[string]any) (target, error)) (answer, error) {
	var stale *session
	for {
		s, err := c.keeper.get(ctx, stale)
		if err != nil {
			return answer{}, err
		}
		seen := c.data(data, s)
		t, err := build(s, seen)
		if err != nil {
			return answer{}, err
		}
		k := &call{url: t.url, records: path, rules: c.rules}
		if path != anyBody {
			if k.empty = r.empty; k.empty == nil {
				k.empty = &c.decl.empty
			}
		}
		a, err := c.ask(ctx, s, r, seen, t, k)
		if err == nil || stale != nil || !c.keeper.renewable() || !k.expired() {
			return a, err
		}
		c.opts.Logger.Debug("signing in again", "source", c.source, "cause", err)
		stale = s
	}
}

// expired says whether signing in again may help: the source says so, or shows
// its sign-in page where data was expected.
func (k *call) expired() bool {
	return k.page || k.failure != nil && k.failure.class == classExpired
}

// ask sends one request in a session.
func (c *client) ask(ctx context.Context, s *session, r *requestDecl, data map[string]any, t target, k *call) (answer, error) {
	out := answer{url: c.scrub(t.url.String()), from: t.url}
	header := s.headers.Clone()
	for _, h := range r.headers {
		v, err := h.tmpl.render(data)
		if err != nil {
			return out, err
		}
		header.Set(h.name, v)
	}
	if err := c.send(ctx, s, r.method, t, header, k); err != nil {
		return out, err
	}
	out.status, out.header, out.at = k.status, k.header, c.opts.Now().UTC()
	if k.none {
		out.body, out.free = []byte("[]"), func() {}
		return out, nil
	}
	out.body, out.scan = k.body, k.scan
	b := k.buffer
	b.records = out.scan.records
	out.free = func() { c.buffers.Put(b) }
	return out, nil
}

// send carries a request through its attempts. Without an error, k holds an accepted answer.
func (c *client) send(ctx context.Context, s *session, method string, t target, header http.Header, k *call) error {
	ctx = context.WithValue(ctx, callKey{}, k)
	req, err := retryablehttp.NewRequestWithContext(ctx, method, s.carried(t.url).String(), nil)
	if err != nil {
		return err
	}
	if t.body != nil {
		if err := req.SetBody(t.body); err != nil {
			return err
		}
	}
	if req.Header = header; t.kind != "" {
		req.Header.Set("Content-Type", t.kind)
	}
	if s.jar != nil {
		for _, cookie := range s.jar.Cookies(t.url) {
			req.AddCookie(cookie)
		}
	}
	req.SetResponseHandler(func(resp *http.Response) error { return c.receive(k, resp) })
	release, err := c.pace.enter(ctx)
	if err != nil {
		return err
	}
	defer release()
	resp, err := c.retry.Do(req)
	if resp != nil && resp.Body != nil {
		resp.Body.Close()
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if s.jar != nil && len(k.cookies) > 0 {
		s.jar.SetCookies(t.url, k.cookies)
	}
	if err != nil || k.failure != nil || k.later > 0 {
		return c.explain(k, err)
	}
	return nil
}

// build fills in a request's templates. Parameters that come out empty are left out.
func (c *client) build(base *url.URL, r *requestDecl, data map[string]any) (target, error) {
	path, err := r.path.render(data)
	if err != nil {
		return target{}, err
	}
	path, rawQuery, _ := strings.Cut(path, "?")
	addr := *base
	addr.Path, addr.RawPath = joinPath(base, path)
	if addr.RawQuery != "" {
		rawQuery = addr.RawQuery + "&" + rawQuery
	}
	return c.fill(&addr, rawQuery, r, data)
}

// joinPath adds a path to that of an address. Parts of it that are escaped
// already, such as a name with %2F in it, stay as they are.
func joinPath(base *url.URL, path string) (plain, escaped string) {
	front := strings.TrimRight(base.Path, "/")
	plain, err := url.PathUnescape(path)
	if err != nil || plain == path {
		return front + path, ""
	}
	var b strings.Builder
	for i := range len(path) {
		if ch := path[i]; ch <= ' ' || ch >= 0x7f || ch == '"' {
			fmt.Fprintf(&b, "%%%02X", ch)
		} else {
			b.WriteByte(ch)
		}
	}
	return front + plain, strings.TrimRight(base.EscapedPath(), "/") + b.String()
}

// fill adds the parameters and the body of a request to its address.
func (c *client) fill(addr *url.URL, rawQuery string, r *requestDecl, data map[string]any) (target, error) {
	query, err := encode(r.query, data)
	if err != nil {
		return target{}, err
	}
	addr.RawQuery = strings.Trim(strings.TrimRight(rawQuery, "&")+"&"+query, "&")
	t := target{url: addr}
	switch {
	case r.json != nil:
		text, err := r.json.render(data)
		t.body, t.kind = []byte(text), "application/json"
		return t, err
	case r.form != nil:
		text, err := encode(r.form, data)
		t.body, t.kind = []byte(text), "application/x-www-form-urlencoded"
		return t, err
	}
	return t, nil
}

func encode(fields []namedTemplate, data map[string]any) (string, error) {
	var b strings.Builder
	for _, f := range fields {
		v, err := f.tmpl.render(data)
		if err != nil {
			return "", fmt.Errorf("%s: %w", f.name, err)
		}
		if v == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(f.name) + "=" + url.QueryEscape(v))
	}
	return b.String(), nil
}

// rebase keeps path and parameters of an address that the source gave, but
// sends it to the configured host, so that credentials go nowhere else. from is
// where the address stood; a relative one counts from there.
func rebase(base, from *url.URL, next string) (*url.URL, error) {
	if from == nil {
		from = base
	}
	u, err := from.Parse(strings.TrimSpace(next))
	if err != nil {
		return nil, fmt.Errorf("the address of the next page, %q, cannot be read", next)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("the address of the next page begins with %s, expected https", u.Scheme)
	}
	u.Scheme, u.Host, u.User, u.Fragment = base.Scheme, base.Host, nil, ""
	return u, nil
}

// scrub takes secrets out of a text.
func (c *client) scrub(s string) string { return c.secrets.scrub(s) }

// close signs out, where the source wants that, and lets go of connections.
func (c *client) close() error {
	if s := c.keeper.last(); s != nil && c.decl.auth.signOut != nil {
		if err := c.signOut(s); err != nil {
			c.opts.Logger.Debug("signing out failed", "source", c.source, "cause", err)
		}
	}
	c.retry.HTTPClient.CloseIdleConnections()
	return c.pace.budget.close()
}

func excerpt(b []byte) string {
	s := strings.Join(strings.Fields(string(b[:min(len(b), 200)])), " ")
	if len(b) > 200 {
		s += " …"
	}
	return s
}
