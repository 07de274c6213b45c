package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const syncConfig = `
data: data
sources:
  - name: erp
    connector: %s
    only: [invoices]
    settings: {%s}
`

// sync measures a whole sync, engine included, in a process of its own, with a
// connector of 287 bytes a record and with ERPNext's; beside it the memory that
// the engine alone needs for the same rows.
func (b *bench) sync(ctx context.Context) error {
	server, err := b.serve(ctx, b.invoices, 0)
	if err != nil {
		return err
	}
	defer server.stop()
	own, err := medianOf(b.runs, func() (usage, error) { return b.syncOnce(ctx, server.plain(), b.invoices) })
	if err != nil {
		return err
	}
	engine, err := b.engineAlone(ctx, server)
	if err != nil {
		return err
	}
	b.figure("sync", "%s invoices, 5,000 a page, local API → embedded warehouse: %s, %s, peak memory %s; the engine alone, given the same rows as Arrow: %s",
		thousands(b.invoices), own.wall.Round(10*time.Millisecond), perSecond(b.invoices, own.wall), megabytes(own.peak), megabytes(engine.peak))
	erpnext, err := medianOf(b.runs, func() (usage, error) { return b.syncOnce(ctx, server.erpnext(), b.invoices) })
	if err != nil {
		return err
	}
	b.figure("sync", "%s invoices through the shipped erpnext connector: %s, %s, peak memory %s",
		thousands(b.invoices), erpnext.wall.Round(10*time.Millisecond), perSecond(b.invoices, erpnext.wall), megabytes(erpnext.peak))
	return nil
}

// plain is the configuration of a source read with the connector of the benchmarks.
func (a api) plain() string {
	return fmt.Sprintf(syncConfig, "invoices.yaml", fmt.Sprintf("url: %q, token: %q", a.url, a.key+":"+a.secret))
}

// erpnext is the configuration of the same source as an ERPNext.
func (a api) erpnext() string {
	return fmt.Sprintf(syncConfig, "erpnext", fmt.Sprintf("url: %q, api_key: %q, api_secret: %q, timezone: UTC, rate: 0, page_size: 5000, invoice_fields: []", a.url, a.key, a.secret))
}

// syncOnce syncs into a new warehouse and checks how many invoices are there.
func (b *bench) syncOnce(ctx context.Context, config string, want int) (usage, error) {
	dir, err := os.MkdirTemp("", "huikuan-bench-")
	if err != nil {
		return usage{}, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "huikuan.yaml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return usage{}, err
	}
	if err := os.WriteFile(filepath.Join(dir, "invoices.yaml"), invoicesConnector, 0o600); err != nil {
		return usage{}, err
	}
	u, _, err := run(ctx, b.binary, "-q", "-c", path, "sync")
	if err != nil {
		return u, err
	}
	_, out, err := run(ctx, b.binary, "-c", path, "query", "-f", "csv", "SELECT count() FROM invoices")
	if err != nil {
		return u, fmt.Errorf("count what was loaded: %w", err)
	}
	if got := strings.Fields(out); len(got) != 2 || got[1] != fmt.Sprint(want) {
		return u, fmt.Errorf("%v invoices were loaded, want %d", got, want)
	}
	return u, nil
}
