package extract

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// finalError is one that trying again does not mend.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

func final(err error) error { return finalError{err} }

// errAgain stands for an answer that may be another next time.
var errAgain = errors.New("the source asks to be asked again")

// checkRetry says whether an attempt is worth another. It is called with an
// answer before that was read, which settles nothing, and then with what
// reading it found.
func (c *client) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err == nil {
		c.reached.Store(true)
		return false, nil
	}
	k := ctx.Value(callKey{}).(*call)
	k.cause = err
	var f finalError
	switch {
	case errors.As(err, &f) || !retryable(err):
		return false, nil
	case errors.Is(err, syscall.ECONNREFUSED) && !c.reached.Load():
		return false, nil // a wrong address shows at once; a restart in mid-run is waited for
	}
	return c.again(k, resp), nil
}

// longestWait is how long a source is waited for. One that asks for more is read on in a later run.
const longestWait = time.Hour

// again notes how long to wait before the next attempt. The waiting itself is
// done in PrepareRetry, where it can be cancelled and a test can stand in for the clock.
func (c *client) again(k *call, resp *http.Response) bool {
	k.wait = min(c.decl.wait<<min(k.tries, 20), c.decl.maxWait)
	k.tries++
	if resp == nil {
		return true
	}
	after, ok := retryAfter(resp.Header.Get("Retry-After"), c.opts.Now())
	if !ok {
		return true
	}
	if after > longestWait {
		k.later = after
		return false
	}
	k.wait, k.paused = max(0, after), true
	c.pace.pause(k.wait) // the other requests wait too
	return true
}

// retryAfter reads seconds or a date.
func retryAfter(h string, now time.Time) (time.Duration, bool) {
	if h == "" {
		return 0, false
	}
	if s, err := strconv.ParseFloat(strings.TrimSpace(h), 64); err == nil && s >= 0 {
		return time.Duration(min(s, 31*86400) * float64(time.Second)), true
	}
	if t, err := http.ParseTime(h); err == nil {
		return t.Sub(now), true
	}
	return 0, false
}

// checkRedirect follows a redirect on the same host only: a key must not travel to another.
func (c *client) checkRedirect(req *http.Request, via []*http.Request) error {
	from := via[0].URL
	secure := from.Scheme == req.URL.Scheme || (from.Scheme == "http" && req.URL.Scheme == "https")
	if from.Hostname() != req.URL.Hostname() || !secure || (from.Scheme == req.URL.Scheme && from.Port() != req.URL.Port()) {
		return final(&Error{Found: "a redirect to " + req.URL.Scheme + "://" + req.URL.Host,
			Hint: "If that is where the system lives now, set this address as url; the key was not sent there"})
	}
	if len(via) > 5 {
		return final(&Error{Found: "more than five redirects in a row", Hint: "Check the address"})
	}
	if via[0].Method != req.Method {
		return final(&Error{Found: "a redirect of a " + via[0].Method + " request to " + req.URL.Path, Hint: "Set url to the address that the system redirects to"})
	}
	return nil
}
