package extract

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-faster/jx"
	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"
)

// client sends the requests of one source: it signs them, keeps to the rate,
// tries again what may pass, and takes an answer only when it is whole.
type client struct {
	decl    *httpDecl
	base    *url.URL
	headers http.Header // of every request, with the key
	secrets []string    // texts that must not show up anywhere
	limit   *rate.Limiter
	retry   *retryablehttp.Client
	opts    Options
	reached atomic.Bool  // the source answered at least once
	size    atomic.Int64 // bytes of the last answer
	buffers sync.Pool    // of *answerBuffer
}

// answer is a whole, accepted answer.
type answer struct {
	body []byte
	url  string // without secrets
	at   time.Time
	scan scanned
	free func() // to be called once nobody needs body and scan any more
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
	accept func(body []byte) error // says whether a body is what was asked for
	body   []byte
	buffer *answerBuffer // of body, if it was accepted
	status int
	wait   time.Duration // before the next attempt
	tries  int           // retries so far
	cause  error         // why the last attempt failed
}

type callKey struct{}

func newClient(s *Source) (*client, error) {
	c := &client{decl: &s.connector.http, opts: s.opts, headers: http.Header{}}
	data := s.settings.data()
	base, err := c.decl.base.render(data)
	if err != nil {
		return nil, err
	}
	if c.base, err = url.Parse(strings.TrimRight(base, "/")); err != nil {
		return nil, fmt.Errorf("the address %q cannot be read", base)
	}
	for _, set := range s.connector.settings {
		if v := s.settings.text(set.Name); set.Type == "secret" && len(v) > 3 {
			c.secrets = append(c.secrets, v, url.QueryEscape(v))
		}
	}
	if err := c.sign(data); err != nil {
		return nil, err
	}
	if !c.decl.rate.empty() {
		text, err := c.decl.rate.render(data)
		if err != nil {
			return nil, err
		}
		perSecond, err := strconv.ParseFloat(text, 64)
		if err != nil || perSecond < 0 {
			return nil, &Error{Field: "rate", Found: text, Expected: "a number of requests a second", Err: errSetting}
		}
		if perSecond > 0 {
			c.limit = rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))
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
		c.opts.Logger.Debug("asking again", "url", c.scrub(r.URL.String()), "wait", k.wait, "cause", c.scrub(fmt.Sprint(k.cause)))
		if err := c.opts.Sleep(r.Context(), k.wait); err != nil {
			return err
		}
		return c.throttle(r.Context())
	}
	hc := c.retry.HTTPClient
	if c.opts.HTTP != nil && c.opts.HTTP.Transport != nil {
		hc.Transport = c.opts.HTTP.Transport
	}
	hc.Timeout = c.decl.timeout
	hc.CheckRedirect = c.checkRedirect
	return c, nil
}

// sign fills in the headers of every request.
func (c *client) sign(data map[string]any) error {
	for _, h := range c.decl.headers {
		v, err := h.tmpl.render(data)
		if err != nil {
			return err
		}
		c.headers.Set(h.name, v)
	}
	a := c.decl.auth
	var parts []string
	for _, t := range []*tmpl{a.name, a.value, a.tok, a.user, a.password} {
		v, err := t.render(data)
		if err != nil {
			return err
		}
		parts = append(parts, v)
	}
	switch a.kind {
	case "header":
		c.headers.Set(parts[0], parts[1])
	case "bearer":
		c.headers.Set("Authorization", "Bearer "+parts[2])
	case "basic":
		c.headers.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(parts[3]+":"+parts[4])))
	}
	if c.headers.Get("User-Agent") == "" {
		c.headers.Set("User-Agent", c.opts.UserAgent)
	}
	return nil
}

// do sends a request and returns its answer once it is whole and holds records at path.
func (c *client) do(ctx context.Context, r *requestDecl, data map[string]any, path string) (answer, error) {
	u, body, kind, err := c.build(r, data)
	if err != nil {
		return answer{}, err
	}
	return c.fetch(ctx, r, data, u, body, kind, path)
}

// fetch is do for an address that is known already.
func (c *client) fetch(ctx context.Context, r *requestDecl, data map[string]any, u *url.URL, body []byte, kind, path string) (answer, error) {
	out := answer{url: c.scrub(u.String())}
	k := &call{}
	k.accept = func(b []byte) (err error) {
		out.scan, err = scanBody(b, path, c.decl.errorPath, k.buffer.records[:0])
		return err
	}
	req, err := retryablehttp.NewRequestWithContext(context.WithValue(ctx, callKey{}, k), r.method, u.String(), nil)
	if err != nil {
		return out, err
	}
	if body != nil {
		if err := req.SetBody(body); err != nil {
			return out, err
		}
	}
	req.Header = c.headers.Clone()
	for _, h := range r.headers {
		v, err := h.tmpl.render(data)
		if err != nil {
			return out, err
		}
		req.Header.Set(h.name, v)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.SetResponseHandler(func(resp *http.Response) error { return c.receive(k, resp) })
	if err := c.throttle(ctx); err != nil {
		return out, err
	}
	resp, err := c.retry.Do(req)
	if resp != nil && resp.Body != nil {
		if k.body == nil { // the last attempt ended with a status to be retried: its text says why
			k.status = resp.StatusCode
			k.body, _ = io.ReadAll(io.LimitReader(resp.Body, 64<<10))
		}
		resp.Body.Close()
	}
	if err := ctx.Err(); err != nil {
		return out, err
	}
	if err != nil || k.status < 200 || k.status > 299 {
		return out, c.explain(k, err)
	}
	if out.scan.errText != "" {
		return out, c.explainText(k, out.scan.errText)
	}
	out.body, out.at = k.body, c.opts.Now().UTC()
	b := k.buffer
	b.records = out.scan.records
	out.free = func() { c.buffers.Put(b) }
	return out, nil
}

// build fills in a request's templates. Parameters that come out empty are left out.
func (c *client) build(r *requestDecl, data map[string]any) (u *url.URL, body []byte, contentType string, err error) {
	path, err := r.path.render(data)
	if err != nil {
		return nil, nil, "", err
	}
	path, rawQuery, _ := strings.Cut(path, "?")
	addr := *c.base
	addr.Path = strings.TrimRight(addr.Path, "/") + path
	query, err := encode(r.query, data)
	if err != nil {
		return nil, nil, "", err
	}
	addr.RawQuery = strings.Trim(rawQuery+"&"+query, "&")
	switch {
	case r.json != nil:
		text, err := r.json.render(data)
		return &addr, []byte(text), "application/json", err
	case r.form != nil:
		text, err := encode(r.form, data)
		return &addr, []byte(text), "application/x-www-form-urlencoded", err
	}
	return &addr, nil, "", nil
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

// rebase keeps path and parameters of a next-page address but sends it to the
// configured host, so that credentials go nowhere else.
func (c *client) rebase(next string) (*url.URL, error) {
	u, err := url.Parse(next)
	if err != nil {
		return nil, fmt.Errorf("the address of the next page, %q, cannot be read", next)
	}
	u.Scheme, u.Host, u.User, u.Fragment = c.base.Scheme, c.base.Host, nil, ""
	return u, nil
}

func (c *client) throttle(ctx context.Context) error {
	if c.limit == nil {
		return nil
	}
	return c.limit.Wait(ctx)
}

// scrub takes secrets out of a text.
func (c *client) scrub(s string) string {
	for _, secret := range c.secrets {
		s = strings.ReplaceAll(s, secret, "***")
	}
	return s
}

func excerpt(b []byte) string {
	s := strings.Join(strings.Fields(string(b[:min(len(b), 200)])), " ")
	if len(b) > 200 {
		s += " …"
	}
	return s
}
