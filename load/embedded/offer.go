package embedded

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Offer is a second address of a running warehouse, for programs outside this
// process, such as Grafana. It knows readers only: the read-write credentials
// of the process are not accepted there.
type Offer struct {
	// Addr is host:port. Whether the world may reach it is for the caller to
	// decide.
	Addr string
	// TLSCert and TLSKey are PEM files; with both set the address speaks HTTPS.
	TLSCert, TLSKey string
	// Readers are the users of this address; names differ.
	Readers []Reader
	// MaxQueries is how many statements of all readers run at once, the others
	// wait; 0 means 8.
	MaxQueries int
}

// Reader is a user that may only read.
type Reader struct {
	Name, Password string
	Limits         Limits
	// Rows says which rows the reader sees; nil means all. See [RowFilters].
	Rows *RowFilters
}

// Limits bound what one statement of a reader may use. A zero is no limit. A
// client may ask for less, never for more.
type Limits struct {
	Memory     int64 // bytes
	Time       time.Duration
	ResultRows int64
}

// Offering is an open [Offer].
type Offering struct {
	server *Server
	http   *http.Server
	addr   string
	secure bool
	gate   *gate
	once   sync.Once
	err    error
}

// Offer opens a second address. Close the offering, or the server.
func (s *Server) Offer(o Offer) (*Offering, error) {
	if len(o.Readers) == 0 {
		return nil, errors.New("nobody could read at " + o.Addr + "; give it a reader")
	}
	for i, r := range o.Readers {
		if r.Name == "" || r.Password == "" {
			return nil, fmt.Errorf("reader %s: a name and a password are needed", strconv.Quote(r.Name))
		}
		if slices.ContainsFunc(o.Readers[:i], func(p Reader) bool { return p.Name == r.Name }) {
			return nil, fmt.Errorf("two readers are named %s; give them different names", strconv.Quote(r.Name))
		}
	}
	certificate, err := loadCertificate(o.TLSCert, o.TLSKey)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address or stop the program that uses it", o.Addr, err)
	}
	if o.MaxQueries <= 0 {
		o.MaxQueries = 8
	}
	f := &Offering{server: s, addr: listener.Addr().String(), gate: newGate(o.MaxQueries, 64*o.MaxQueries)}
	d := &door{server: s, gate: f.gate}
	for _, r := range o.Readers {
		d.users = append(d.users, user{credentials: newCredentials(r.Name, r.Password), readOnly: true, limits: r.Limits, rows: r.Rows})
	}
	f.http = newHTTPServer(d, s.log)
	if certificate != nil {
		f.secure = true
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12})
	}
	s.mu.Lock()
	s.offerings = append(s.offerings, f)
	s.mu.Unlock()
	go s.serve(f.http, listener)
	return f, nil
}

// Addr is the host:port that the offering really listens on.
func (f *Offering) Addr() string { return f.addr }

// Secure reports whether clients must speak HTTPS.
func (f *Offering) Secure() bool { return f.secure }

// Close stops taking requests, lets running ones finish for the server's
// DrainTime, and cuts off the rest. It is safe to call twice.
func (f *Offering) Close() error {
	f.once.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), f.server.opts.DrainTime)
		defer cancel()
		if err := f.http.Shutdown(ctx); err != nil {
			f.err = f.http.Close() // ends the contexts of the requests, which kill their statements
		}
		f.gate.close()
	})
	return f.err
}

func newHTTPServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 30 * time.Second,
		IdleTimeout:       5 * time.Minute,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// loadCertificate returns nil where neither file is named.
func loadCertificate(cert, key string) (*tls.Certificate, error) {
	if cert == "" && key == "" {
		return nil, nil
	}
	if cert == "" || key == "" {
		return nil, errors.New("TLS needs both a certificate and a key; set both files or neither")
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate %s with key %s: %w; check that both are PEM files, readable, and belong together", cert, key, err)
	}
	return &pair, nil
}

// settings are the limits as the engine takes them: the smaller of the limit
// and what the client asked for. The asked settings they replace are dropped.
func (l Limits) settings(asked []setting) []setting {
	bound := func(name string, limit int64) {
		if limit <= 0 {
			return
		}
		least := strconv.FormatInt(limit, 10)
		asked = slices.DeleteFunc(asked, func(v setting) bool {
			if v.name != name {
				return false
			}
			if n, err := strconv.ParseFloat(strings.TrimSpace(v.value), 64); err == nil && n > 0 && n < float64(limit) {
				least = v.value
			}
			return true
		})
		asked = append(asked, setting{name, least})
	}
	bound("max_memory_usage", l.Memory)
	bound("max_execution_time", int64(l.Time.Seconds()))
	bound("max_result_rows", l.ResultRows)
	if l.Time > 0 { // an answer that was cut short must not look like a whole one
		asked = replaceSetting(asked, "timeout_overflow_mode", "throw")
	}
	if l.ResultRows > 0 {
		asked = replaceSetting(asked, "result_overflow_mode", "throw")
	}
	return asked
}

func replaceSetting(settings []setting, name, value string) []setting {
	settings = slices.DeleteFunc(settings, func(v setting) bool { return v.name == name })
	return append(settings, setting{name, value})
}

// slowClient is how long a client may take to send a statement, and how much
// longer than the statement may run it may take to read the result: a client
// that has stopped reading must not hold a place at the gate.
const slowClient = time.Minute

// sending bounds the time until the request has been read.
func (l Limits) sending(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	_ = c.SetWriteDeadline(time.Time{}) // of the request before on this connection
	if l.Time > 0 {
		_ = c.SetReadDeadline(time.Now().Add(slowClient))
	}
}

// answering bounds the time until the answer has been taken.
func (l Limits) answering(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Time{}) // an expired one would look like a client that went away
	if l.Time > 0 {
		_ = c.SetWriteDeadline(time.Now().Add(l.Time + slowClient))
	}
}
