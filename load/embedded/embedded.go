// Package embedded runs the ClickHouse engine inside this process and serves
// the ClickHouse HTTP interface for it on a loopback port, and read-only on a
// second address for other programs where that is asked for ([Server.Offer]).
//
// What comes in: HTTP requests of any ClickHouse client (clickhouse-go over
// clickhouse.HTTP, Grafana's ClickHouse data source, curl), with the read-write
// or the read-only credentials of this run. What goes out: results in the
// formats of the engine, streamed, and errors in ClickHouse's own shape, so
// that a client cannot tell the embedded warehouse from a small server.
//
// What never happens here: knowledge of tables, schemas or metrics. The rest of
// the program speaks SQL to this package as it would to a server.
//
// The life of a request:
//
//  1. credentials are compared with those of the address it came to: the
//     process's own (embedded.go), or the one for other programs (offer.go);
//  2. the statement, its data, its parameters and settings are taken from the
//     URL and the body (request.go, statement.go);
//  3. a slot of the gate is taken, so that only so many run at once (gate.go);
//  4. a session of the engine is opened for this request alone, its database
//     and settings are set, and for readers the statement is examined
//     (session.go, readonly.go);
//  5. the statement runs: streamed (query.go), whole (query.go) or as an insert
//     of the request's body (insert.go);
//  6. when the client goes away the statement is killed in the engine
//     (session.go);
//  7. the session is closed, and with it the request's settings and temporary
//     tables.
package embedded

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// Options say where the warehouse lies and who may use it.
type Options struct {
	// Path is the data folder. It is created with mode 0700; one process at a
	// time can use it.
	Path string
	// Library is the path of libchdb.so. Empty: $HUIKUAN_LIBCHDB, then beside
	// the executable, in node_modules of the working directory and the folders
	// above it, in /usr/local/lib and /usr/lib.
	Library string
	// Addr is the listen address; empty means "127.0.0.1:0", a free loopback port.
	Addr string
	// Database is the database of requests that name none, created at start;
	// empty means "huikuan".
	Database string
	// User and Password are the read-write credentials; empty means user
	// "huikuan" and a random password.
	User, Password string
	// ReadOnlyUser and ReadOnlyPassword are the credentials of readers; empty
	// means user "reader" and a random password.
	ReadOnlyUser, ReadOnlyPassword string
	// MaxMemory caps the memory, in bytes, of one query and of the engine;
	// 0 leaves a query uncapped and the engine at its own default, 90% of the
	// machine.
	MaxMemory int64
	// Threads is the number of threads of one query; 0 means the engine's
	// choice, one a core.
	Threads int
	// MaxQueries is how many statements run at once; the others wait. 0 means 64.
	MaxQueries int
	// DrainTime is how long Close lets running statements finish before it
	// kills them; 0 means ten seconds.
	DrainTime time.Duration
	// Logger takes warnings of this package; nil drops them.
	Logger *slog.Logger
}

// Server is a running engine with its HTTP interface.
type Server struct {
	opts   Options
	log    *slog.Logger
	engine *engine
	gate   *gate
	http   *http.Server
	addr   string
	within *within

	mu        sync.Mutex
	offerings []*Offering

	closing   context.Context // done when Close begins to kill what still runs
	kill      context.CancelFunc
	closeOnce sync.Once
	closeErr  error
}

// Start opens the warehouse in o.Path and serves it. It returns ErrLibraryMissing
// where libchdb is not installed, ErrLocked where another process has the
// folder, and ErrOtherFolder where this process runs an engine on another one.
// After Close, Start may be called again with the same or another folder. ctx
// bounds the start only; Close ends the server.
func Start(ctx context.Context, o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	eng, err := openEngine(o)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", o.Addr)
	if err != nil {
		eng.close()
		return nil, fmt.Errorf("the embedded warehouse cannot listen on %s: %w; choose another address or stop the program that uses it", o.Addr, err)
	}
	s := &Server{
		opts:   o,
		log:    o.Logger,
		engine: eng,
		gate:   newGate(o.MaxQueries, 64*o.MaxQueries),
		addr:   listener.Addr().String(),
		within: newWithin(),
	}
	s.closing, s.kill = context.WithCancel(context.Background())
	s.http = newHTTPServer(&door{server: s, gate: s.gate, users: []user{
		{credentials: newCredentials(o.User, o.Password)},
		{credentials: newCredentials(o.ReadOnlyUser, o.ReadOnlyPassword), readOnly: true},
	}}, s.log)
	go s.serve(s.http, listener)
	go s.serve(s.http, s.within)
	return s, nil
}

func (s *Server) serve(h *http.Server, l net.Listener) {
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		s.log.Error("the embedded warehouse stopped serving", "error", err)
	}
}

// complete fills the defaults and checks what can be checked without touching
// the engine.
func (o *Options) complete() error {
	if o.Path == "" {
		return errors.New("the embedded warehouse needs a data folder; set its path")
	}
	abs, err := filepath.Abs(o.Path)
	if err != nil {
		return fmt.Errorf("data folder %s: %w", o.Path, err)
	}
	o.Path = abs
	fill := func(p *string, def string) {
		if *p == "" {
			*p = def
		}
	}
	fill(&o.Addr, "127.0.0.1:0")
	fill(&o.Database, "huikuan")
	fill(&o.User, "huikuan")
	fill(&o.Password, randomPassword())
	fill(&o.ReadOnlyUser, "reader")
	fill(&o.ReadOnlyPassword, randomPassword())
	if o.User == o.ReadOnlyUser {
		return fmt.Errorf("the read-write and the read-only user are both %s; give them different names", strconv.Quote(o.User))
	}
	if o.MaxQueries <= 0 {
		o.MaxQueries = 64
	}
	if o.DrainTime <= 0 {
		o.DrainTime = 10 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

func randomPassword() string { return randomHex(18) }

// randomID is an identifier in the form of a UUID.
func randomID() string {
	h := randomHex(16)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// Addr is the host:port that the server really listens on.
func (s *Server) Addr() string { return s.addr }

// Dial connects to the server without leaving the process, for clients that
// would dial Addr.
func (s *Server) Dial(ctx context.Context, _ string) (net.Conn, error) { return s.within.dial(ctx) }

// Credentials are the read-write user and password.
func (s *Server) Credentials() (user, password string) { return s.opts.User, s.opts.Password }

// ReadOnlyCredentials are the user and password of readers.
func (s *Server) ReadOnlyCredentials() (user, password string) {
	return s.opts.ReadOnlyUser, s.opts.ReadOnlyPassword
}

// Close stops taking requests, lets running ones finish for DrainTime, kills
// the rest, and stops the engine. It is safe to call twice.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		s.mu.Lock()
		offerings := s.offerings
		s.mu.Unlock()
		for _, f := range offerings {
			_ = f.Close()
		}
		ctx, cancel := context.WithTimeout(context.Background(), s.opts.DrainTime)
		defer cancel()
		if err := s.http.Shutdown(ctx); err != nil {
			s.kill()
			_ = s.http.Close()
		}
		s.gate.close()
		s.kill()
		s.closeErr = s.engine.close()
	})
	return s.closeErr
}
