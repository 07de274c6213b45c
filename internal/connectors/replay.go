package connectors

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// replayer answers requests as they were recorded. Of several exchanges with
// the same request the first is used first; the last is used again and again.
type replayer struct {
	mu        sync.Mutex
	exchanges []*Exchange
	now       time.Time
	unmatched []Unmatched
}

// Unmatched is a request that no exchange was recorded for.
type Unmatched struct {
	Request     string   // method and address
	Nearest     string   // the file with the most similar exchange; empty = there is none
	Differences []string // in what that differs
}

// String tells it in a few lines.
func (u Unmatched) String() string {
	if u.Nearest == "" {
		return u.Request + ": nothing like it was recorded"
	}
	return fmt.Sprintf("%s: not recorded; the nearest, in %s, differs in\n    %s", u.Request, u.Nearest, strings.Join(u.Differences, "\n    "))
}

// RoundTrip answers one request.
func (p *replayer) RoundTrip(r *http.Request) (*http.Response, error) {
	a, err := takeApart(r)
	if err != nil {
		return nil, err
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if x := p.find(a); x != nil {
		x.used++
		return x.answer(r, p.now), nil
	}
	p.miss(r.URL, a)
	refusal := Exchange{Response: ExchangeResponse{Status: http.StatusTeapot, Body: `{"error":"no exchange was recorded for this request"}`,
		Headers: map[string]string{"Content-Type": "application/json"}}}
	return refusal.answer(r, p.now), nil
}

func (p *replayer) find(a asked) *Exchange {
	var last *Exchange
	for _, x := range p.exchanges {
		if len(x.differences(a)) > 0 {
			continue
		}
		if last = x; x.used == 0 {
			break
		}
	}
	return last
}

// miss notes a request once, with what is most like it.
func (p *replayer) miss(u *url.URL, a asked) {
	miss := Unmatched{Request: a.method + " " + u.RequestURI()}
	if len(a.form) > 0 || a.json != nil {
		miss.Request += " with a body"
	}
	best := -1
	for _, x := range p.exchanges {
		d := x.differences(a)
		far := 2 * len(d)
		if x.Request.Path != a.path {
			far += 1000
		}
		if x.used > 0 {
			far++
		}
		if best < 0 || far < best {
			best, miss.Nearest, miss.Differences = far, x.file, d
		}
	}
	if !slices.ContainsFunc(p.unmatched, func(o Unmatched) bool { return o.String() == miss.String() }) {
		p.unmatched = append(p.unmatched, miss)
	}
}

// unused lists the files with exchanges that nobody asked for.
func (p *replayer) unused() []string {
	var out []string
	for _, x := range p.exchanges {
		if x.used == 0 {
			out = append(out, fmt.Sprintf("%s: %s %s", x.file, x.Request.Method, x.Request.Path))
		}
	}
	return slices.Compact(out)
}

func (x *Exchange) answer(r *http.Request, now time.Time) *http.Response {
	status, body := x.Response.Status, x.Response.Body
	if status == 0 {
		status = http.StatusOK
	}
	header := http.Header{"Date": {now.UTC().Format(http.TimeFormat)}}
	if !x.Response.JSON.IsZero() {
		body = string(jsonOf(&x.Response.JSON))
	}
	if strings.HasPrefix(strings.TrimSpace(body), "{") || strings.HasPrefix(strings.TrimSpace(body), "[") {
		header.Set("Content-Type", "application/json")
	}
	for name, value := range x.Response.Headers {
		header[http.CanonicalHeaderKey(name)] = strings.Split(value, "\n")
	}
	return &http.Response{Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r}
}
