package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/load"
	"huikuan/load/embedded"
	"huikuan/transform/canonical"
	"huikuan/transform/ledger"
	"huikuan/transform/metrics"
	"huikuan/transform/schema"
)

//go:embed fill.sql
var fillSQL string

//go:embed snapshots.sql
var snapshotsSQL string

//go:embed compare.sql
var compareSQL string

// asOf is the last of the 36 month-ends of the made-up ledger.
var asOf = ledger.DayOf(2025, 12, 31)

// benchReplay compares the replay with the best SQL known to us for the same
// table, on the same engine, cores and data, and proves both results equal.
func benchReplay(ctx context.Context, invoices, runs int) error {
	dir, err := os.MkdirTemp("", "huikuan-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	srv, err := embedded.Start(ctx, embedded.Options{Path: dir})
	if err != nil {
		return err
	}
	defer srv.Close()
	user, password := srv.Credentials()
	wh, err := load.Open(ctx, load.Options{URL: "http://" + srv.Addr() + "/huikuan", User: user, Password: password})
	if err != nil {
		return err
	}
	defer wh.Close()
	if _, err := wh.Migrate(ctx, append(canonical.Streams(), metrics.Tables()...), nil); err != nil {
		return err
	}
	if err := script(ctx, wh, strings.ReplaceAll(fillSQL, "{invoices}", fmt.Sprint(invoices))); err != nil {
		return err
	}
	var inSQL, whole, replay []time.Duration
	for range runs {
		d, err := timed(func() error { return script(ctx, wh, snapshotsSQL) })
		if err != nil {
			return err
		}
		inSQL = append(inSQL, d)
		if d, err = timed(func() error { return stage(ctx, wh) }); err != nil {
			return err
		}
		whole = append(whole, d)
	}
	if err := equal(ctx, wh); err != nil {
		return err
	}
	src, err := wh.Ledger(ctx)
	if err != nil {
		return err
	}
	kept, err := keep(ctx, src)
	if err != nil {
		return err
	}
	defer kept.release()
	for range runs {
		d, err := timed(func() error { return build(ctx, kept, discard{}) })
		if err != nil {
			return err
		}
		replay = append(replay, d)
	}
	s, w, r := median(inSQL), median(whole), median(replay)
	fmt.Printf("replay  %d invoices, %d allocations, 36 month-end snapshots, results equal\n", invoices, invoices*12/10)
	fmt.Printf("        best SQL, tables → table        %s\n", s.Round(10*time.Millisecond))
	fmt.Printf("        replay, tables → table          %s, %.1f times as fast\n", w.Round(10*time.Millisecond), s.Seconds()/w.Seconds())
	fmt.Printf("        replay alone, Arrow → Arrow     %s, %.1f times as fast\n", r.Round(10*time.Millisecond), s.Seconds()/r.Seconds())
	return nil
}

func timed(f func() error) (time.Duration, error) {
	begin := time.Now()
	err := f()
	return time.Since(begin), err
}

func script(ctx context.Context, wh *load.Warehouse, text string) error {
	for _, stmt := range strings.Split(text, ";\n") {
		if stmt = strings.TrimSpace(stmt); stmt == "" {
			continue
		}
		if err := wh.Exec(ctx, stmt); err != nil {
			return err
		}
	}
	return nil
}

func build(ctx context.Context, src ledger.Source, sink metrics.Sink) error {
	_, err := metrics.Build(ctx, src, sink, metrics.Options{AsOf: asOf, ReportingCurrency: "CNY", DailyDays: 1, Only: []string{metrics.Snapshots}})
	return err
}

// stage replays into the table ar_snapshots, published as a build would.
func stage(ctx context.Context, wh *load.Warehouse) error {
	src, err := wh.Ledger(ctx)
	if err != nil {
		return err
	}
	var tables []schema.Table
	for _, t := range metrics.Tables() {
		if t.Name == metrics.Snapshots {
			tables = append(tables, t)
		}
	}
	st, err := wh.NewStage(ctx, fmt.Sprint(time.Now().UnixNano()), tables)
	if err != nil {
		return err
	}
	if err := build(ctx, src, st); err != nil {
		return errors.Join(err, st.Abort(ctx))
	}
	return st.Publish(ctx)
}

// equal checks the published table against the one made in SQL.
func equal(ctx context.Context, wh *load.Warehouse) error {
	r, err := wh.Query(ctx, compareSQL)
	if err != nil {
		return err
	}
	defer r.Close()
	if !r.Next() {
		return errors.Join(errors.New("the comparison gave no row"), r.Err())
	}
	row := r.Row()
	if fmt.Sprint(row[0]) == "0" || fmt.Sprint(row[1]) != "0" {
		return fmt.Errorf("replay and SQL differ: %v rows compared, %v differ", row[0], row[1])
	}
	fmt.Printf("        %v rows compared, none differs\n", row[0])
	return nil
}

// kept is the ledger's inputs in memory.
type kept map[string][]arrow.Record

func keep(ctx context.Context, src ledger.Source) (kept, error) {
	k := kept{}
	for _, t := range ledger.Inputs() {
		for rec, err := range src.Rows(ctx, t.Name) {
			if err != nil {
				return k, err
			}
			rec.Retain()
			k[t.Name] = append(k[t.Name], rec)
		}
	}
	return k, nil
}

func (k kept) release() {
	for _, recs := range k {
		for _, r := range recs {
			r.Release()
		}
	}
}

// Rows implements [ledger.Source].
func (k kept) Rows(_ context.Context, table string) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		for _, r := range k[table] {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// discard is a sink that keeps nothing.
type discard struct{}

func (discard) Write(context.Context, string, arrow.Record) error { return nil }
