package extract

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// defaultConcurrency is how many requests of one source are in flight at most, unless the connector says otherwise.
const defaultConcurrency = 4

// limitsDecl names the headers in which a source says how many requests are left.
type limitsDecl struct {
	remaining, reset string
}

// pace keeps to the limits of a source, over all its streams: requests in
// flight, requests a second, pauses that the source asks for, and the budget of a day.
type pace struct {
	slots  chan struct{} // one for each request in flight
	limit  *rate.Limiter // nil = none
	limits limitsDecl
	budget *budget
	opts   Options

	mu    sync.Mutex
	until time.Time // no request before
}

func newPace(c *client, data map[string]any) (*pace, error) {
	p := &pace{limits: c.decl.limits, opts: c.opts}
	inFlight, err := wholeNumber("concurrency", c.decl.concurrency, data, defaultConcurrency)
	if err != nil {
		return nil, err
	}
	if p.budget, err = newBudget(c, data); err != nil {
		return nil, err
	}
	p.slots = make(chan struct{}, max(1, inFlight))
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
			p.limit = rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond)))
		}
	}
	return p, nil
}

// wholeNumber is a number that a template gives; an empty text is the default.
func wholeNumber(field string, t *tmpl, data map[string]any, fallback int) (int, error) {
	if t.empty() {
		return fallback, nil
	}
	text, err := t.render(data)
	if err != nil || text == "" {
		return fallback, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, &Error{Field: field, Found: text, Expected: "a whole number", Err: errSetting}
	}
	return n, nil
}

// enter waits for a place among the requests in flight; release gives it back.
func (p *pace) enter(ctx context.Context) (release func(), err error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	release = func() { <-p.slots }
	if err := p.wait(ctx); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// wait holds every attempt back until the source may be asked.
func (p *pace) wait(ctx context.Context) error {
	if p.limit != nil { // through opts.Sleep, so that recorded exchanges are replayed without waiting
		turn := p.limit.Reserve()
		if d := turn.Delay(); d > 0 {
			if err := p.opts.Sleep(ctx, d); err != nil {
				turn.Cancel()
				return err
			}
		}
	}
	for {
		p.mu.Lock()
		until := p.until
		p.mu.Unlock()
		d := until.Sub(p.opts.Now())
		if until.IsZero() || d <= 0 {
			return p.budget.take()
		}
		if err := p.opts.Sleep(ctx, d); err != nil {
			return err
		}
		p.mu.Lock()
		if p.until.Equal(until) { // it is reached, whatever the clock says
			p.until = time.Time{}
		}
		p.mu.Unlock()
	}
}

// pause keeps every request back for a while.
func (p *pace) pause(d time.Duration) {
	until := p.opts.Now().Add(min(d, longestWait))
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.until) {
		p.until = until
	}
}

// observe reads what an answer says about limits.
func (p *pace) observe(resp *http.Response) {
	now := p.opts.Now()
	p.budget.observe(resp.Header)
	if p.limits.remaining == "" {
		return
	}
	left, err := strconv.ParseFloat(strings.TrimSpace(resp.Header.Get(p.limits.remaining)), 64)
	if err != nil || int(left) >= len(p.slots) {
		return // the others in flight may use what is left
	}
	wait := time.Second
	if d, ok := resetIn(resp.Header.Get(p.limits.reset), now); ok {
		wait = d
	}
	if wait > 0 {
		p.pause(wait)
	}
}

// resetIn reads when there are more requests: seconds from now, seconds or
// milliseconds since 1970, or a date.
func resetIn(h string, now time.Time) (time.Duration, bool) {
	h = strings.TrimSpace(h)
	if n, err := strconv.ParseFloat(h, 64); err == nil {
		switch {
		case n > 1e11:
			return time.UnixMilli(int64(n)).Sub(now), true
		case n > 1e8:
			return time.Unix(int64(n), 0).Sub(now), true
		}
		return time.Duration(n * float64(time.Second)), n >= 0
	}
	for _, layout := range []string{time.RFC1123, time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, h); err == nil {
			return t.Sub(now), true
		}
	}
	return 0, false
}
