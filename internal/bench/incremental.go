package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"huikuan/config"
	"huikuan/internal/pipeline"
	"huikuan/load"
)

// changeShapes are ways in which one document in a thousand may have changed
// since the last build, each time of other customers. {last} is the version that
// they are written with.
var changeShapes = []struct{ name, sql string }{
	{"all documents of one customer in a thousand", `
INSERT INTO invoices_docs SELECT * REPLACE(gross_amount + 1 AS gross_amount, toUInt64({last}) AS _version) FROM invoices_docs FINAL WHERE cityHash64(customer_id, {last}) % 1000 = 1;
INSERT INTO payments_docs SELECT * REPLACE(receipt_date + 1 AS receipt_date, toUInt64({last}) AS _version) FROM payments_docs FINAL WHERE cityHash64(customer_id, {last}) % 1000 = 1;
INSERT INTO allocations_docs SELECT * REPLACE(application_date + 2 AS application_date, toUInt64({last}) AS _version) FROM allocations_docs FINAL WHERE payment_id IN (SELECT payment_id FROM payments WHERE cityHash64(customer_id, {last}) % 1000 = 1)`},
	{"new business of a day: invoices, and receipts of one customer in a hundred", `
INSERT INTO invoices_docs SELECT * REPLACE(concat(invoice_id, '/{last}') AS invoice_id, toDate32('2025-12-31') AS invoice_date, toDate32('2026-01-30') AS due_date, toUInt64({last}) AS _version) FROM invoices_docs FINAL WHERE cityHash64(customer_id, {last}) % 100 = 2 AND cityHash64(invoice_id) % 10 = 1;
INSERT INTO payments_docs SELECT * REPLACE(concat(payment_id, '/{last}') AS payment_id, toDate32('2025-12-31') AS receipt_date, toUInt64({last}) AS _version) FROM payments_docs FINAL WHERE cityHash64(customer_id, {last}) % 100 = 2 AND cityHash64(payment_id) % 5 = 1;
INSERT INTO allocations_docs SELECT * REPLACE(concat(allocation_id, '/{last}') AS allocation_id, toDate32('2025-12-31') AS application_date, toDecimal64(1, 4) AS amount, toUInt64({last}) AS _version) FROM allocations_docs FINAL WHERE payment_id IN (SELECT payment_id FROM payments WHERE cityHash64(customer_id, {last}) % 100 = 2) AND cityHash64(payment_id) % 10 = 1`},
	{"single documents of any date, each of another customer", `
INSERT INTO invoices_docs SELECT * REPLACE(gross_amount + 1 AS gross_amount, toUInt64({last}) AS _version) FROM invoices_docs FINAL WHERE cityHash64(invoice_id, {last}) % 1000 = 3;
INSERT INTO payments_docs SELECT * REPLACE(receipt_date + 1 AS receipt_date, toUInt64({last}) AS _version) FROM payments_docs FINAL WHERE cityHash64(payment_id, {last}) % 1000 = 3;
INSERT INTO allocations_docs SELECT * REPLACE(application_date + 1 AS application_date, toUInt64({last}) AS _version) FROM allocations_docs FINAL WHERE cityHash64(allocation_id, {last}) % 1000 = 3`},
}

// incremental measures builds after changes against the full build, in
// processor time of the whole process, the engine in it.
func (b *bench) incremental(ctx context.Context) error {
	dir := b.data
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "huikuan-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	a, err := b.openBuilt(ctx, dir)
	if err != nil {
		return err
	}
	defer a.Close()
	full, err := b.builds(ctx, a, true, nil)
	if err != nil {
		return err
	}
	stop, err := b.profiled()
	if err != nil {
		return err
	}
	defer stop()
	b.figure("full", "%d invoices: the metric tables in %.1f s of processor time, %.1f s of time", b.invoices, full.cpu.Seconds(), full.wall.Seconds())
	version := int(time.Now().Unix()) // above those that an earlier run has left
	for _, shape := range changeShapes {
		u, err := b.builds(ctx, a, false, func() error {
			version++
			return script(ctx, a.Warehouse(), strings.ReplaceAll(shape.sql, "{last}", fmt.Sprint(version)))
		})
		if err != nil {
			return err
		}
		b.figure("changed", "%s (%s documents of %s customers): %.2f s of processor time (%.2f to %.2f), %.1f%% of the full build; %.2f s of time", shape.name,
			thousands(int(u.documents)), thousands(int(u.customers)), u.cpu.Seconds(), u.least.Seconds(), u.most.Seconds(), 100*u.cpu.Seconds()/full.cpu.Seconds(), u.wall.Seconds())
	}
	return nil
}

// openFilled opens an app on an empty folder and fills its warehouse.
func (b *bench) openFilled(ctx context.Context, dir string) (*pipeline.App, error) {
	a, err := openApp(ctx, dir)
	if err != nil {
		return nil, err
	}
	text := fillSQL
	if b.book == bookGroup {
		text = groupSQL
	}
	fill := strings.NewReplacer("{invoices}", fmt.Sprint(b.invoices), "{customers}", fmt.Sprint(b.invoices*3/20))
	return a, script(ctx, a.Warehouse(), fill.Replace(text))
}

func openApp(ctx context.Context, dir string) (*pipeline.App, error) {
	path := filepath.Join(dir, "huikuan.yaml")
	if err := os.WriteFile(path, []byte("data: data\nreporting_currency: CNY\n"), 0o600); err != nil {
		return nil, err
	}
	cfg, err := config.Load(config.Options{Path: path, Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		return nil, err
	}
	return pipeline.Open(ctx, cfg, pipeline.Options{})
}

// buildUsage is what a build took.
type buildUsage struct {
	wall, cpu            time.Duration // medians
	least, most          time.Duration // of processor time
	documents, customers int64
}

// builds changes documents and builds, several times, and takes the medians.
func (b *bench) builds(ctx context.Context, a *pipeline.App, full bool, change func() error) (buildUsage, error) {
	var wall, cpu []time.Duration
	var out buildUsage
	for range b.runs {
		if change != nil {
			before, err := documents(ctx, a.Warehouse())
			if err != nil {
				return out, err
			}
			if err := change(); err != nil {
				return out, err
			}
			after, err := documents(ctx, a.Warehouse())
			if err != nil {
				return out, err
			}
			out.documents = after - before
		}
		if err := settled(ctx, a.Warehouse()); err != nil {
			return out, err
		}
		begin, used := time.Now(), processorTime()
		r, err := a.Build(ctx, pipeline.BuildOptions{AsOf: time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC), Full: full, MetricsOnly: true})
		if err != nil {
			return out, err
		}
		wall, cpu = append(wall, time.Since(begin)), append(cpu, processorTime()-used)
		if why := cmp.Or(r.FullBecause, r.Anew); !full && why != "" {
			return out, fmt.Errorf("not of the changed customers alone: %s", why)
		}
		out.customers = r.Metrics.Changed
	}
	out.wall, out.cpu, out.least, out.most = median(wall), median(cpu), slices.Min(cpu), slices.Max(cpu)
	return out, nil
}

// documents counts rows, all versions.
func documents(ctx context.Context, wh *load.Warehouse) (int64, error) {
	return oneNumber(ctx, wh, "SELECT toInt64((SELECT count() FROM invoices_docs) + (SELECT count() FROM payments_docs) + (SELECT count() FROM allocations_docs))")
}

// settled waits until the engine merges nothing more.
func settled(ctx context.Context, wh *load.Warehouse) error {
	for {
		n, err := oneNumber(ctx, wh, "SELECT toInt64(count()) FROM system.merges")
		if err != nil || n == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func oneNumber(ctx context.Context, wh *load.Warehouse, sql string) (int64, error) {
	r, err := wh.Query(ctx, sql)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if !r.Next() {
		return 0, fmt.Errorf("%s: no row: %w", sql, r.Err())
	}
	n, _ := r.Row()[0].(int64)
	return n, nil
}

// processorTime is what this process has used so far, user and system.
func processorTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
