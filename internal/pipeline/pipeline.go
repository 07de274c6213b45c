// Package pipeline joins the rooms of the house: it opens the warehouse, pulls
// pages from the sources, maps them to Arrow batches, loads them, replays the
// ledger into metrics and builds the models, on command or on schedule.
//
// In: a configuration. Out: tables in the warehouse and a report of the run.
// Never here: a source's protocol (extract), a metric's formula (transform,
// sql) or the text of a query on the warehouse (load, sql).
//
// A sync, per source and stream:
//
//  1. the saved cursor is read from the warehouse;
//  2. pages come from the source, the next one being fetched meanwhile;
//  3. each page is mapped to batches; what cannot be mapped is rejected;
//  4. batches are gathered up to a number of rows or bytes;
//  5. they are inserted, then raw pages and rejected rows; rows that parents on
//     the pages lost are deleted;
//  6. at the end of a pass that met everything, what it did not meet is deleted;
//  7. only then the cursor moves;
//  8. what a pass for keys found missing is read again (lost.go).
//
// Kept pages can be mapped again without the source (replay.go), rejected records
// one by one (rejects.go).
//
// A build:
//
//  1. the core tables are read back, customer by customer;
//  2. the ledger is replayed into metric tables beside those that serve;
//  3. checks run, models are built beside and tested;
//  4. what passed is exchanged with what served.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"huikuan/config"
	"huikuan/extract"
	"huikuan/internal/progress"
	"huikuan/load"
	"huikuan/load/embedded"
	"huikuan/sql"
	"huikuan/transform/canonical"
	"huikuan/transform/metrics"
	"huikuan/transform/schema"
)

// Options of [Open].
type Options struct {
	Logger   *slog.Logger
	Progress *progress.Reporter
	Now      func() time.Time // nil = time.Now
	// ReadOnly skips migrations, and the embedded engine refuses to write: for
	// commands that only look.
	ReadOnly bool
}

// App is an open warehouse with everything that works on it.
type App struct {
	cfg    *config.Config
	log    *slog.Logger
	bars   *progress.Reporter
	now    func() time.Time
	engine *embedded.Server
	wh     *load.Warehouse

	readOnly bool                   // the engine lets this app only read
	adjust   func(*extract.Options) // changes what sources are opened with; may be nil
}

// Open starts the embedded engine or connects to the server, and brings the
// tables up to date. Close must be called.
func Open(ctx context.Context, cfg *config.Config, o Options) (*App, error) {
	a := &App{cfg: cfg, log: o.Logger, bars: o.Progress, now: o.Now}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.now == nil {
		a.now = time.Now
	}
	lo, err := a.connect(ctx, o)
	if err != nil {
		return nil, err
	}
	if a.wh, err = load.Open(ctx, lo); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if o.ReadOnly {
		return a, nil
	}
	report, err := a.wh.Migrate(ctx, Tables(), sql.Migrations())
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if err := a.wh.FinishPublish(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	a.log.Debug("tables are up to date", "report", fmt.Sprintf("%+v", report))
	return a, nil
}

// connect starts the embedded engine where no server is configured.
func (a *App) connect(ctx context.Context, o Options) (load.Options, error) {
	w := a.cfg.Warehouse
	lo := load.Options{URL: w.URL, User: w.User, Password: w.Password, Database: w.Database, Cluster: w.Cluster,
		MaxMemory: int64(w.MaxMemory), KeepRawDays: a.cfg.Sync.KeepRawDays, Logger: a.log, Now: a.now}
	if u, err := url.Parse(w.URL); err == nil && strings.Trim(u.Path, "/") != "" {
		lo.Database = "" // the one in the URL wins
	}
	switch {
	case w.Cluster != "":
		lo.Profile = load.Cluster
	case !w.Embedded():
		lo.Profile = load.Server
	default:
		lo.Profile = load.Embedded
		srv, err := embedded.Start(ctx, a.engineOptions())
		if err != nil {
			return lo, err
		}
		a.engine = srv
		lo.URL, lo.Dial = fmt.Sprintf("http://%s/%s", srv.Addr(), w.Database), srv.Dial
		lo.User, lo.Password = srv.Credentials()
		if o.ReadOnly {
			lo.User, lo.Password = srv.ReadOnlyCredentials()
			a.readOnly = true
		}
	}
	return lo, nil
}

func (a *App) engineOptions() embedded.Options {
	w := a.cfg.Warehouse
	return embedded.Options{
		Path: filepath.Join(a.cfg.Data, "warehouse"), Library: w.Library, Database: w.Database,
		MaxMemory: int64(w.MaxMemory), Threads: w.Threads, Logger: a.log,
	}
}

// Close lets go of the warehouse.
func (a *App) Close() error {
	var errs []error
	if a.wh != nil {
		errs = append(errs, a.wh.Close())
	}
	if a.engine != nil {
		errs = append(errs, a.engine.Close())
	}
	return errors.Join(errs...)
}

// Warehouse is the open warehouse.
func (a *App) Warehouse() *load.Warehouse { return a.wh }

// Engine is the embedded engine, nil on a server.
func (a *App) Engine() *embedded.Server { return a.engine }

// Tables lists every table of the warehouse that is declared in Go.
func Tables() []schema.Table {
	return slices.Concat(canonical.Streams(), metrics.Tables(), metrics.Kept())
}
