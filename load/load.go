// Package load puts Arrow batches into ClickHouse tables, exactly once, and
// reads them back as Arrow. It owns the connection, the tables, the inserts,
// the state of the streams and the atomic exchange of rebuilt tables.
//
// In: table descriptions (huikuan/transform/schema) and Arrow records. Out:
// tables, receipts, Arrow records. Never here: the format of a source, the
// formula of a metric.
//
// A warehouse is used in this order:
//
//  1. [Open] connects (embedded engine, server or cluster: one HTTP client for
//     all three) and creates the database where it is missing.
//  2. [Warehouse.Migrate] brings the tables to their description.
//  3. [Warehouse.Insert] sends batches. A retry sends the same bytes under the
//     same deduplication token, so an insert counts once however often it is
//     repeated. Only after it returned may [Warehouse.SaveState] move a cursor.
//  4. [Warehouse.Ledger] reads the ledger's inputs back ([Warehouse.Rows] one
//     by one, sorted by the engine), [Warehouse.NewStage] takes
//     the rebuilt tables and exchanges them with the serving ones.
//
// All methods may be called from several goroutines, except those of [Stage].
package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Profile says what kind of engine stands behind the URL; it decides how tables
// are rendered.
type Profile uint8

// The profiles.
const (
	Embedded Profile = iota // the engine inside this process, one folder, one writer
	Server                  // one ClickHouse server or ClickHouse Cloud
	Cluster                 // several shards, replicated, tables written ON CLUSTER
)

// String names the profile as the configuration does.
func (p Profile) String() string {
	return [...]string{"embedded", "server", "cluster"}[p]
}

// ParseProfile reads a profile's name: embedded, server or cluster.
func ParseProfile(name string) (Profile, error) {
	for _, p := range []Profile{Embedded, Server, Cluster} {
		if name == p.String() {
			return p, nil
		}
	}
	return 0, fmt.Errorf("unknown warehouse profile %q: allowed are embedded, server, cluster", name)
}

// The defaults of [Options].
const (
	DefaultDatabase       = "huikuan"
	DefaultMaxInsertRows  = 100_000
	DefaultMaxInsertBytes = 32 << 20
	DefaultRetries        = 5
	DefaultInsertTimeout  = 5 * time.Minute
	maxConnections        = 32
)

// Options say how to reach the warehouse. Only URL is required.
type Options struct {
	URL      string // http(s)://host:port/database; the path is the database unless Database is set
	User     string // empty: "default"
	Password string
	Database string // empty: the path of URL, else "huikuan"
	Cluster  string // name of the cluster, for the profile Cluster
	Profile  Profile

	// Compression of batches in both directions: "none", "lz4" or "zstd".
	// Empty: none for the embedded engine, lz4 for the others.
	Compression string
	TLS         TLS
	Dial        func(ctx context.Context, addr string) (net.Conn, error) // nil: over the network

	KeepRawDays int // age in days at which raw pages expire; 0 = RawPagesDays

	MaxMemory      int64         // bytes one query may use; 0 = the engine's own limit
	MaxInsertRows  int           // rows an insert; 0 = DefaultMaxInsertRows
	MaxInsertBytes int           // bytes of Arrow data an insert; 0 = DefaultMaxInsertBytes
	InsertTimeout  time.Duration // of one attempt; 0 = DefaultInsertTimeout
	Retries        int           // further attempts of an insert; 0 = DefaultRetries, negative = none

	Logger    *slog.Logger                               // nil: silent
	Now       func() time.Time                           // nil: time.Now
	Sleep     func(context.Context, time.Duration) error // between attempts; nil: a timer
	Allocator memory.Allocator                           // nil: the Go allocator
}

// TLS says how to trust an https URL. The zero value trusts the system's roots.
type TLS struct {
	CAFile     string // PEM file of further roots
	CertFile   string // PEM file of the client's certificate, with KeyFile
	KeyFile    string
	ServerName string // expected name, where it differs from the host
	SkipVerify bool   // trust anything: for trials only
}

// Warehouse is an open connection to the tables of one database.
type Warehouse struct {
	conn     driver.Conn
	opts     Options
	database string
	address  string // scheme://host:port, for messages; never the password
	log      *slog.Logger
	alloc    memory.Allocator

	patience time.Duration // see [patientReader]

	lastVersion atomic.Uint64
	payloads    sync.Pool // of *bytes.Buffer: encoded inserts; fresh memory for each costs more than filling it

	mu      sync.Mutex
	targets map[string]*target // tables looked up for Insert
	kept    map[string]keeping // by table and source
	states  map[stateKey]uint64
	atHand  atHand
}

// Open connects to the warehouse and creates its database where it is missing
// and the user may. The error is an [*Error]: ErrUnreachable, ErrAuth,
// ErrDatabase, ErrOldServer, ErrReadOnly or ErrOptions.
func Open(ctx context.Context, o Options) (*Warehouse, error) {
	o, copts, err := prepare(o)
	if err != nil {
		return nil, err
	}
	w := &Warehouse{
		opts: o, database: o.Database, log: o.Logger, alloc: o.Allocator, patience: readerPatience,
		address: addressOf(o.URL), targets: map[string]*target{}, kept: map[string]keeping{}, states: map[stateKey]uint64{},
	}
	w.conn, err = dial(ctx, copts)
	if codeOf(err) == codeUnknownDatabase {
		if err = w.createDatabase(ctx, *copts); err != nil {
			return nil, err
		}
		w.conn, err = dial(ctx, copts)
	}
	if err != nil {
		return nil, w.explain("open the warehouse", err)
	}
	if err := w.checkVersion(); err != nil {
		_ = w.conn.Close()
		return nil, err
	}
	return w, nil
}

// Close gives the connections back. It does not stop the engine.
func (w *Warehouse) Close() error {
	w.keepAtHand(nil)
	return w.conn.Close()
}

// Ping asks the engine whether it answers.
func (w *Warehouse) Ping(ctx context.Context) error {
	return w.explain("ping the warehouse", w.conn.Ping(ctx))
}

// Database is the name of the database that holds the tables.
func (w *Warehouse) Database() string { return w.database }

// Profile is the profile that the warehouse was opened with.
func (w *Warehouse) Profile() Profile { return w.opts.Profile }

// Cluster is the name of the cluster, empty outside the profile Cluster.
func (w *Warehouse) Cluster() string { return w.opts.Cluster }

// prepare checks the options, fills their defaults and renders them for the client.
func prepare(o Options) (Options, *clickhouse.Options, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return o, nil, optionError("the warehouse URL is not an http or https address", "write it as http://host:8123/database")
	}
	if u.User != nil && o.User == "" {
		o.User = u.User.Username()
		o.Password, _ = u.User.Password()
	}
	if path := strings.Trim(u.Path, "/"); o.Database == "" {
		o.Database = path
	}
	if o.Database == "" {
		o.Database = DefaultDatabase
	}
	if o.User == "" {
		o.User = "default"
	}
	if o.Profile == Cluster && o.Cluster == "" {
		return o, nil, optionError("the profile cluster has no cluster name", "set the name that system.clusters of the server shows")
	}
	if o.Compression == "" {
		o.Compression = "lz4"
		if o.Profile == Embedded {
			o.Compression = "none"
		}
	}
	if _, ok := arrowCompression[o.Compression]; !ok {
		return o, nil, optionError(fmt.Sprintf("unknown compression %q", o.Compression), "use none, lz4 or zstd")
	}
	fillDefaults(&o)
	copts := &clickhouse.Options{
		Protocol: clickhouse.HTTP, Addr: []string{u.Host},
		Auth:        clickhouse.Auth{Database: o.Database, Username: o.User, Password: o.Password},
		DialTimeout: 30 * time.Second, ReadTimeout: 24 * time.Hour, // statements end by their context, not by a clock of the client
		MaxOpenConns: maxConnections, MaxIdleConns: maxConnections / 2,
		DialContext: o.Dial,
		Settings:    clickhouse.Settings{},
	}
	copts.ClientInfo.Products = append(copts.ClientInfo.Products, struct{ Name, Version string }{"huikuan", "1"})
	if o.MaxMemory > 0 {
		copts.Settings["max_memory_usage"] = o.MaxMemory
	}
	if u.Scheme == "https" {
		if copts.TLS, err = o.TLS.config(); err != nil {
			return o, nil, err
		}
		if o.TLS.CertFile == "" { // without it an empty password is taken for a certificate login
			copts.HttpHeaders = map[string]string{"X-ClickHouse-SSL-Certificate-Auth": "off"}
		}
	}
	return o, copts, nil
}

func fillDefaults(o *Options) {
	if o.MaxInsertRows <= 0 {
		o.MaxInsertRows = DefaultMaxInsertRows
	}
	if o.MaxInsertBytes <= 0 {
		o.MaxInsertBytes = DefaultMaxInsertBytes
	}
	if o.InsertTimeout <= 0 {
		o.InsertTimeout = DefaultInsertTimeout
	}
	if o.Retries == 0 {
		o.Retries = DefaultRetries
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Allocator == nil {
		o.Allocator = memory.DefaultAllocator
	}
}

func (t TLS) config() (*tls.Config, error) {
	c := &tls.Config{ServerName: t.ServerName, InsecureSkipVerify: t.SkipVerify, MinVersion: tls.VersionTLS12}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, optionError(fmt.Sprintf("the file of root certificates cannot be read: %v", err), "set its path to a PEM file that this user may read")
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, optionError(fmt.Sprintf("%s holds no certificate", t.CAFile), "give a PEM file with BEGIN CERTIFICATE blocks")
		}
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, optionError(fmt.Sprintf("the client certificate cannot be used: %v", err), "give a certificate file and the key file that belongs to it")
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// dial opens the pool and makes the first connection, so that mistakes show here.
func dial(ctx context.Context, o *clickhouse.Options) (driver.Conn, error) {
	conn, err := clickhouse.Open(o)
	if err != nil {
		return nil, err
	}
	if err := conn.Ping(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return longConn{conn}, nil
}

// createDatabase makes the missing database through the default one. The
// embedded engine's own default engine cannot exchange tables, so it is told.
func (w *Warehouse) createDatabase(ctx context.Context, o clickhouse.Options) error {
	doing := "create the database " + w.database
	o.Auth.Database = "default"
	conn, err := dial(ctx, &o)
	if err != nil {
		return w.explain(doing, err)
	}
	defer conn.Close()
	w.log.Info("creating the warehouse database", "database", w.database)
	sql := createDatabaseSQL(w.opts.Profile, w.database, w.opts.Cluster)
	err = conn.Exec(ctx, sql)
	if code := codeOf(err); code == codeReadOnly || code == codeAccessDenied {
		return &Error{
			Kind: ErrDatabase, Doing: "open the warehouse", Code: code, Err: err,
			Cause:  fmt.Sprintf("there is no database %q at %s, and user %q may not create it", w.database, w.address, w.opts.User),
			Remedy: "have somebody run " + sql + ", or name the right database in the warehouse settings",
		}
	}
	return w.explain(doing, err)
}

func createDatabaseSQL(p Profile, database, cluster string) string {
	sql := "CREATE DATABASE IF NOT EXISTS " + ident(database)
	switch p {
	case Embedded:
		return sql + " ENGINE = Atomic"
	case Cluster:
		return sql + " ON CLUSTER " + ident(cluster)
	}
	return sql
}

// The oldest server that knows everything the tables need (a LTS release).
const minMajor, minMinor = 24, 8

func (w *Warehouse) checkVersion() error {
	v, err := w.conn.ServerVersion()
	if err != nil {
		return w.explain("ask the server's version", err)
	}
	if v.Version.Major > minMajor || (v.Version.Major == minMajor && v.Version.Minor >= minMinor) {
		return nil
	}
	return &Error{
		Kind: ErrOldServer, Doing: "open the warehouse",
		Cause:  fmt.Sprintf("the server at %s is ClickHouse %d.%d", w.address, v.Version.Major, v.Version.Minor),
		Remedy: fmt.Sprintf("update it to %d.%d or newer", minMajor, minMinor),
	}
}

func addressOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "the warehouse"
	}
	return u.Scheme + "://" + u.Host
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// version returns a number that grows with every call and, as long as the clock
// does not step back by more than the time between runs, across processes.
func (w *Warehouse) version() uint64 {
	for {
		last := w.lastVersion.Load()
		next := max(uint64(w.opts.Now().UnixMicro()), last+1)
		if w.lastVersion.CompareAndSwap(last, next) {
			return next
		}
	}
}
