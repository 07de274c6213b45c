package metrics

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v17/arrow"
	"golang.org/x/sync/errgroup"

	"huikuan/transform/ledger"
)

// build is one run of [Build].
type build struct {
	o      *Options
	ref    *ledger.Reference
	sink   Sink
	sum    Summary
	checks checkList
	cal    *calendar
	rates  *ledger.Rates

	continues bool // the last build: its calendar tables stand

	missing []ledger.MissingRate
	faults  []CustomerFaults // of the customers replayed, if they are kept
	orphans checkCounts      // of in_orphans
	mem     *recycler        // of all batches
}

// job is a chunk on its way to a worker, and the way back of its result.
type job struct {
	chunk *ledger.Chunk
	done  chan *chunkResult
}

func (b *build) run(ctx context.Context, src ledger.Source) error {
	b.prepare()
	if err := b.reportingCurrency(ctx, src); err != nil {
		return err
	}
	workers := b.workers()
	defer b.release(workers)
	if err := b.parallel(ctx, src, workers); err != nil {
		return err
	}
	return b.finish(ctx, workers)
}

func (b *build) workers() []*worker {
	workers := make([]*worker, b.o.Workers)
	for i := range workers {
		workers[i] = b.worker()
	}
	return workers
}

// release gives the memory back that workers hold.
func (b *build) release(workers []*worker) {
	for _, w := range workers {
		for _, r := range w.tables {
			r.release()
		}
	}
	b.mem.close()
}

// prepare fixes the as-of days and the rates.
func (b *build) prepare() {
	first := b.ref.First
	if oldest := b.o.AsOf.AddMonths(-12 * maxYears); first < oldest {
		b.sum.Notices = append(b.sum.Notices, fmt.Sprintf("The earliest document is dated %s; months before %s are added to the first one: check the dates.", first, oldest.MonthStart()))
		first = oldest
	}
	b.cal = newCalendar(first, b.o.AsOf, b.o.DailyDays)
	b.sum.From = b.cal.first
	var bridges []string
	for _, c := range b.ref.Companies {
		bridges = append(bridges, c.Base, c.Reporting)
	}
	sort.Strings(bridges)
	b.rates = ledger.NewRates(b.ref.Quotes, bridges...)
	for _, o := range b.ref.Orphans {
		b.checks.fail(checkOrphans, "%s %s %s: %s %q unknown", o.Source, o.Kind, o.ID, o.Missing, o.MissingID)
	}
	b.checks[checkOrphans].failed = b.ref.OrphanCount
	b.orphans = b.checks[checkOrphans]
}

// maxYears bounds the history, so that one mistyped date does not make a
// thousand years of empty months.
const maxYears = 40

// reportingCurrency chooses the currency of group figures: as configured, else
// the companies' common one, else that of the first document.
func (b *build) reportingCurrency(ctx context.Context, src ledger.Source) error {
	if b.knownCurrency() {
		return nil
	}
	currency, err := ledger.FirstCurrency(ctx, src)
	if err != nil {
		return err
	}
	b.sum.Currency = currency
	b.sum.Notices = append(b.sum.Notices, "No reporting currency is configured; that of the first document is taken: "+currency+".")
	return nil
}

// knownCurrency takes the reporting currency as configured, else the companies'
// common one; false where there is neither.
func (b *build) knownCurrency() bool {
	if b.sum.Currency = b.o.ReportingCurrency; b.sum.Currency != "" {
		return true
	}
	for _, of := range []func(ledger.Company) string{func(c ledger.Company) string { return c.Reporting }, func(c ledger.Company) string { return c.Base }} {
		common, same := "", true
		for _, c := range b.ref.Companies {
			if x := of(c); x != "" {
				same = same && (common == "" || common == x)
				common = x
			}
		}
		if common != "" && same {
			b.sum.Currency = common
			return true
		}
	}
	return false
}

func (b *build) worker() *worker {
	conv := func() *ledger.Converter { return ledger.NewConverter(b.rates, b.sum.Currency, b.cal.first, b.cal.asOf) }
	w := &worker{o: b.o, terms: PromiseTerms{ledger.Day(*b.o.PromiseGraceDays), int64(b.o.PromiseKeptPercent)}, cal: b.cal, ref: b.ref, currency: b.sum.Currency, rates: b.rates, closing: conv(), tables: map[string]*rows{},
		replayer: ledger.NewReplayer(b.cal.asOf, b.rates, conv()), scopes: newScopes(b.cal), reps: newReps(b.cal)}
	if b.mem == nil {
		b.mem = newRecycler(b.o.Allocator)
	}
	for _, t := range append(Replayed(), StateTable()) {
		if b.o.wants(t.Name) && (b.o.sums == nil || slices.Contains(*b.o.sums, t.Name)) {
			w.tables[t.Name] = newRows(t, b.mem, b.o.BatchRows)
		}
	}
	w.events, w.openItems = w.tables[Events], w.tables[OpenItems]
	w.wants.dso, w.wants.reps = b.o.wants(DSO), b.o.wants(RepCollection) || b.o.wants(RepAttribution)
	w.wants.promises = w.wants.reps || b.o.wants(PromiseOutcomes) || b.o.wants(PromiseStates) || b.o.wants(PlanOutcomes) || b.o.wants(VisitOutcomes)
	w.bucketNames = []string{Bucket(0, b.o.Edges)}
	for _, e := range b.o.Edges {
		w.bucketNames = append(w.bucketNames, Bucket(e, b.o.Edges))
	}
	w.bucketNames = append(w.bucketNames, Bucket(b.o.Edges[len(b.o.Edges)-1]+1, b.o.Edges))
	w.facts = newFacts(w)
	w.parser.KnownAt = b.o.KnownAt
	if b.o.ShiftDueDates {
		w.parser.Workday = b.ref.IsWorkday
	}
	return w
}

// parallel hands chunks to the workers and writes their results in order. At
// most three chunks a worker are in memory.
func (b *build) parallel(ctx context.Context, src ledger.Source, workers []*worker) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var group errgroup.Group
	jobs := make(chan job, len(workers))
	order := make(chan job, 2*len(workers))
	group.Go(func() error {
		defer close(jobs)
		defer close(order)
		return produce(ctx, src, b.o.ChunkRows, jobs, order)
	})
	for _, w := range workers {
		group.Go(func() error {
			for j := range jobs {
				result := w.chunk(j.chunk)
				j.chunk.Release()
				j.done <- result
			}
			return nil
		})
	}
	var failed error // the first fault of a chunk or the sink; the rest is only released
	for j := range order {
		result := <-j.done
		if failed == nil {
			if failed = b.write(ctx, result); failed != nil {
				stop()
			}
		}
		result.release()
	}
	if err := group.Wait(); failed == nil {
		failed = err
	}
	return failed
}

// produce reads chunks until the end, an error, or the end of ctx.
func produce(ctx context.Context, src ledger.Source, rows int, jobs, order chan<- job) error {
	for chunk, err := range ledger.Chunks(ctx, src, rows) {
		if err != nil {
			return err
		}
		j := job{chunk, make(chan *chunkResult, 1)}
		select {
		case <-ctx.Done():
			chunk.Release()
			return ctx.Err()
		case order <- j:
			jobs <- j
		}
	}
	return ctx.Err()
}

// write sends the batches of one chunk to the sink.
func (b *build) write(ctx context.Context, r *chunkResult) error {
	if r.err != nil {
		return r.err
	}
	for _, batch := range r.batches {
		if err := b.send(ctx, batch.table, batch.rec); err != nil {
			return err
		}
	}
	b.checks.merge(&r.checks)
	b.missing = mergeMissing(b.missing, r.missing)
	b.faults = append(b.faults, r.faults...)
	b.sum.Customers += r.customers
	b.sum.Items += r.items
	b.sum.Events += r.events
	if b.o.Progress != nil {
		b.o.Progress(b.sum.Customers, b.sum.Events)
	}
	return nil
}

func (b *build) send(ctx context.Context, table string, rec arrow.Record) error {
	if err := b.sink.Write(ctx, table, rec); err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	b.sum.Rows[table] += rec.NumRows()
	return nil
}

// finish adds up the workers' sums, writes scopes and reps, and closes the checks.
func (b *build) finish(ctx context.Context, workers []*worker) error {
	w := workers[0]
	for _, other := range workers[1:] {
		w.scopes.merge(&other.scopes, 1)
		w.reps.merge(&other.reps, 1)
	}
	if r := w.tables[State]; r != nil { // before the rows: they add differences up in place
		if err := b.keepTotals(r, w); err != nil {
			return err
		}
		if err := b.flush(ctx, r); err != nil {
			return err
		}
	}
	if r := w.tables[DSO]; r != nil {
		w.scopes.rows(r, b.sum.Currency, b.o.SkipZeroMonths)
		if err := b.flush(ctx, r); err != nil {
			return err
		}
	}
	if w.wants.reps {
		w.reps.check(&b.checks)
	}
	if r := w.tables[RepCollection]; r != nil {
		w.reps.setTargets(b.ref, b.rates, b.sum.Currency, &b.checks)
		w.reps.rows(r, b.ref, b.sum.Currency)
		if err := b.flush(ctx, r); err != nil {
			return err
		}
	}
	if !b.continues {
		if err := b.calendarRows(ctx, w); err != nil {
			return err
		}
	}
	if r := w.tables[RepAttribution]; r != nil {
		w.reps.attributionRows(r, b.ref, b.sum.Currency)
		if err := b.flush(ctx, r); err != nil {
			return err
		}
	}
	for _, m := range b.missing {
		b.checks.fail(checkMissingFX, "%d documents in %s, %s to %s: no rate to %s", m.Documents, m.Currency, m.First, m.Last, b.sum.Currency)
		b.checks[checkMissingFX].failed += m.Documents - 1
		b.sum.Notices = append(b.sum.Notices, fmt.Sprintf("No exchange rate from %s to %s for %d documents between %s and %s; their figures in reporting currency are NULL.",
			m.Currency, b.sum.Currency, m.Documents, m.First, m.Last))
	}
	b.sum.Checks = b.checks.checks()
	return nil
}

func (b *build) flush(ctx context.Context, r *rows) error {
	if r.err != nil {
		return r.err
	}
	var failed error
	for _, rec := range r.take() {
		if failed == nil {
			failed = b.send(ctx, r.table.Name, rec)
		}
		rec.Release()
	}
	return failed
}

// mergeMissing adds up missing rates by currency, in order of currency.
func mergeMissing(sum, more []ledger.MissingRate) []ledger.MissingRate {
	for _, m := range more {
		at := -1
		for i := range sum {
			if sum[i].Currency == m.Currency {
				at = i
			}
		}
		if at < 0 {
			sum = append(sum, m)
			sum[len(sum)-1].Currency = string(append([]byte(nil), m.Currency...))
			continue
		}
		s := &sum[at]
		s.Documents += m.Documents
		s.First, s.Last = min(s.First, m.First), max(s.Last, m.Last)
	}
	return sum
}
