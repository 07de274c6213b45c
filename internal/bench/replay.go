package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/load"
	"huikuan/transform/canonical"
	"huikuan/transform/ledger"
	"huikuan/transform/metrics"
	"huikuan/transform/schema"
)

//go:embed fill.sql
var fillSQL string

//go:embed group.sql
var groupSQL string

//go:embed snapshots.sql
var snapshotsSQL string

//go:embed compare.sql
var compareSQL string

// asOf is the last day of the made-up ledger.
var asOf = ledger.DayOf(2025, 12, 31)

// benchReplay compares the replay with the best SQL known to us for the same
// table, on the same engine, cores and data, and proves both results equal.
func benchReplay(ctx context.Context, invoices, runs int) error {
	_, wh, end, err := freshWarehouse(ctx)
	if err != nil {
		return err
	}
	defer end()
	if _, err := wh.Migrate(ctx, append(canonical.Streams(), metrics.Tables()...), nil); err != nil {
		return err
	}
	if err := script(ctx, wh, strings.ReplaceAll(fillSQL, "{invoices}", fmt.Sprint(invoices))); err != nil {
		return err
	}
	var inSQL, whole []spent
	for range runs { // in turn: what else the machine does weighs on both
		u, err := measured(func() error { return script(ctx, wh, snapshotsSQL) })
		if err != nil {
			return err
		}
		inSQL = append(inSQL, u)
		if u, err = measured(func() error { return stage(ctx, wh) }); err != nil {
			return err
		}
		whole = append(whole, u)
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
	src = nil // the documents, from which the batches were made, are no part of the replay
	var one, all []spent
	for range runs {
		u, err := measured(func() error { return build(ctx, kept, discard{}, 1) })
		if err != nil {
			return err
		}
		one = append(one, u)
		if u, err = measured(func() error { return build(ctx, kept, discard{}, 0) }); err != nil {
			return err
		}
		all = append(all, u)
	}
	peak, err := peakMemory(func() error { return build(ctx, kept, discard{}, 0) })
	if err != nil {
		return err
	}
	s, w, r1, r := medianSpent(inSQL), medianSpent(whole), medianSpent(one), medianSpent(all)
	fmt.Printf("replay  %d invoices, %d allocations, 36 month-ends and 92 days, results equal; time, and processor time of the process with the engine in it\n", invoices, invoices*12/10)
	fmt.Printf("        best SQL, tables → table        %s\n", s)
	fmt.Printf("        replay, tables → table          %s, %s as fast\n", w, w.against(s))
	fmt.Printf("        replay alone, Arrow → Arrow     %s, %s as fast\n", r, r.against(s))
	fmt.Printf("        the same with one worker        %s; %d workers are %.2f times as fast\n", r1, runtime.GOMAXPROCS(0), r1.wall.Seconds()/r.wall.Seconds())
	fmt.Printf("        memory of the replay            %s at most beside its input\n", megabytes(peak))
	return nil
}

// spent is what something took.
type spent struct{ wall, cpu time.Duration }

func (u spent) String() string {
	return fmt.Sprintf("%.2f s (processor %.2f s)", u.wall.Seconds(), u.cpu.Seconds())
}

// against compares with something else.
func (u spent) against(other spent) string {
	return fmt.Sprintf("%.1f times (processor %.1f times)", other.wall.Seconds()/u.wall.Seconds(), other.cpu.Seconds()/u.cpu.Seconds())
}

func measured(f func() error) (spent, error) {
	runtime.GC() // each measurement pays for its own garbage
	begin, used := time.Now(), processorTime()
	err := f()
	return spent{time.Since(begin), processorTime() - used}, err
}

func medianSpent(list []spent) spent {
	var wall, cpu []time.Duration
	for _, u := range list {
		wall, cpu = append(wall, u.wall), append(cpu, u.cpu)
	}
	return spent{median(wall), median(cpu)}
}

// memoryGoal is what a replay may take beside its input, in bytes.
const memoryGoal = 500_000_000

// peakMemory is how much memory grows at most, while the collector is asked to
// keep it below the goal: what is needed, not what garbage may take where there
// is room.
func peakMemory(f func() error) (int64, error) {
	debug.FreeOSMemory()
	held := func() int64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapInuse + m.StackInuse)
	}
	before, peak := held(), int64(0)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(before + memoryGoal))
	done := make(chan error, 1)
	go func() { done <- f() }()
	for {
		select {
		case err := <-done:
			return peak - before, err
		case <-time.After(10 * time.Millisecond):
			peak = max(peak, held())
		}
	}
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

func build(ctx context.Context, src ledger.Source, sink metrics.Sink, workers int) error {
	_, err := metrics.Build(ctx, src, sink, metrics.Options{AsOf: asOf, ReportingCurrency: "CNY", DailyDays: 92, Workers: workers, Only: []string{metrics.Snapshots}})
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
	if err := build(ctx, src, st, 0); err != nil {
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
