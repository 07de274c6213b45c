package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// ServeOptions say how the servers behave. The zero value serves without
// faults on ports that the system picks.
type ServeOptions struct {
	ERPAddress, CRMAddress string        // host:port; empty = a free loopback port
	Latency                time.Duration // before every answer
	Faults                 Faults
}

// Faults break every k-th request, counted over both servers; 0 = never.
// Where several fall on one request the first named wins.
type Faults struct {
	Reset       int           // the connection is reset before an answer
	Truncate    int           // the body stops half way
	TooMany     int           // 429 with Retry-After
	Unavailable int           // 503 with Retry-After
	RetryAfter  time.Duration // rounded up to whole seconds; 0 = "Retry-After: 0"
}

// Servers are the running servers and what is needed to log in to them.
type Servers struct {
	ERPURL, ERPKey, ERPSecret string
	CRMURL, CRMToken          string

	erp      *erp
	crm      *crm
	requests atomic.Int64
	faults   atomic.Int64
	options  ServeOptions
	servers  []*http.Server
	stop     func() bool
}

// Serve starts both servers on loopback. They stop when ctx ends or on Close.
func Serve(ctx context.Context, c *Company, o ServeOptions) (*Servers, error) {
	s := &Servers{ERPKey: "demo-key", ERPSecret: "demo-secret", CRMToken: "pat-demo-token", options: o}
	s.erp = &erp{key: s.ERPKey, secret: s.ERPSecret, user: "huikuan@haiyue.example"}
	s.crm = &crm{token: s.CRMToken}
	s.Show(c)
	var err error
	if s.ERPURL, err = s.listen(o.ERPAddress, s.erp, false); err != nil {
		return nil, fmt.Errorf("demo: start the ERP: %w", err)
	}
	if s.CRMURL, err = s.listen(o.CRMAddress, s.crm, true); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("demo: start the CRM: %w", err)
	}
	s.stop = context.AfterFunc(ctx, func() { _ = s.Close() })
	return s, nil
}

// Show lets the running servers serve another business, such as the same one a
// day later.
func (s *Servers) Show(c *Company) {
	s.erp.site.Store(&site{doctypes: c.doctypes()})
	s.crm.portal.Store(c.portal())
}

// Requests counts the requests answered so far, faults included.
func (s *Servers) Requests() int64 { return s.requests.Load() }

// FaultsGiven counts the requests that were broken on purpose.
func (s *Servers) FaultsGiven() int64 { return s.faults.Load() }

// ERPSettings are the settings with which the shipped ERPNext connector reads
// this ERP.
func (s *Servers) ERPSettings() map[string]any {
	accounts := []any{}
	for _, abbr := range []string{"HYS", "HYE", "HYH"} {
		accounts = append(accounts, discountAccount(&firm{abbr: abbr}))
	}
	return map[string]any{"url": s.ERPURL, "api_key": s.ERPKey, "api_secret": s.ERPSecret, "timezone": SiteTimezone, "rate": 0,
		"reporting_currency": reportingCurrency, "parent_field": "custom_parent_customer", "discount_accounts": accounts,
		"dispute_doctype": "Issue", "target_doctype": "Collection Target"}
}

// CRMSettings are the settings with which the shipped HubSpot connector reads
// this CRM.
func (s *Servers) CRMSettings() map[string]any {
	return map[string]any{"url": s.CRMURL, "token": s.CRMToken, "timezone": SiteTimezone, "rate": 0}
}

// Close stops the servers at once.
func (s *Servers) Close() error {
	if s.stop != nil {
		s.stop()
	}
	var all error
	for _, server := range s.servers {
		all = errors.Join(all, server.Close())
	}
	return all
}

func (s *Servers) listen(address string, h http.Handler, crm bool) (string, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: s.faulty(h, crm), ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	go func() { _ = server.Serve(l) }()
	return "http://" + l.Addr().String(), nil
}

// faulty puts latency and faults in front of a handler.
func (s *Servers) faulty(next http.Handler, crm bool) http.Handler {
	f := s.options.Faults
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := s.requests.Add(1)
		if s.options.Latency > 0 {
			select {
			case <-time.After(s.options.Latency):
			case <-r.Context().Done():
				return
			}
		}
		hit := func(every int) bool { return every > 0 && n%int64(every) == 0 }
		if hit(f.Reset) || hit(f.Truncate) || hit(f.TooMany) || hit(f.Unavailable) {
			s.faults.Add(1)
		}
		retryAfter := strconv.Itoa(int((f.RetryAfter + time.Second - 1) / time.Second))
		switch {
		case hit(f.Reset):
			reset(w)
		case hit(f.Truncate):
			next.ServeHTTP(&truncated{ResponseWriter: w}, r)
			panic(http.ErrAbortHandler)
		case hit(f.TooMany):
			w.Header().Set("Retry-After", retryAfter)
			if crm {
				crmError(w, http.StatusTooManyRequests, "RATE_LIMITS", "You have reached your secondly limit.", `,"errorType":"RATE_LIMIT","policyName":"SECONDLY"`)
				return
			}
			http.Error(w, "Too Many Requests", http.StatusTooManyRequests)
		case hit(f.Unavailable):
			w.Header().Set("Retry-After", retryAfter)
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte("<html><head><title>503 Service Temporarily Unavailable</title></head><body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// reset closes the connection so that the client sees it reset by the peer.
func reset(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			_ = conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}

// truncated lets half of a body through.
type truncated struct {
	http.ResponseWriter
}

func (t *truncated) Write(b []byte) (int, error) {
	if _, err := t.ResponseWriter.Write(b[:len(b)/2]); err != nil {
		return 0, err
	}
	_ = http.NewResponseController(t.ResponseWriter).Flush()
	return len(b), nil
}
