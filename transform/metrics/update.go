package metrics

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/ledger"
	"huikuan/transform/packed"
)

// Prior is what the last build kept, see [State].
type Prior struct {
	Totals  []byte                // data of the part totals
	Changed []ledger.KeptCustomer // customers that are replayed anew, as far as the last build knew them
	Before  *ledger.Restored      // the rows of Changed, where they have been restored already; not released here
	Faults  []CustomerFaults      // of all other customers that have any, by customer
	First   ledger.Day            // earliest first_day of all other customers, or ledger.NoDay
	// Was takes the rows of the tables WasTables that the last build wrote of
	// Changed; nil where nobody asks.
	Was       Sink
	WasTables []string
}

// Standing are the tables that an Update leaves as the last build wrote them: they
// hang on the as-of day, the settings and the reference data alone, and where any
// of these has changed the build is full.
func Standing() []string { return []string{FXAsOf, AsOf} }

// Update replays changed customers only. src gives the rows of these customers,
// whole tables of what does not hang on customers, and in in_history the span
// of their documents. To the sink go all rows of the changed customers, all rows
// of tables and scopes that do not hang on one customer, and the state: they
// replace what the last build wrote of these (see [GrainOf]). The tables [Standing]
// are not written. The result equals a
// full build, byte for byte: what the customers gave to sums before is taken
// out by replaying what the last build had read of them, and what they give now
// is added; all of it is integers.
//
// An error that wraps [ErrRebuild] says why only a full build will do; nothing
// was written then.
func Update(ctx context.Context, src ledger.Source, prior Prior, sink Sink, o Options) (Summary, error) {
	o.Keep = true
	o, err := o.withDefaults()
	if err != nil {
		return Summary{}, fmt.Errorf("update metrics: %w", err)
	}
	ref, err := ledger.ReadReference(ctx, src)
	if err != nil {
		return Summary{}, fmt.Errorf("update metrics: %w", err)
	}
	if ref.First == ledger.NoDay || prior.First != ledger.NoDay && prior.First < ref.First {
		ref.First = prior.First
	}
	b := &build{o: &o, ref: ref, sink: sink, continues: true, sum: Summary{To: o.AsOf, From: ledger.NoDay, Rows: map[string]int64{}}}
	if ref.First == ledger.NoDay || ref.First > o.AsOf {
		return b.sum, fmt.Errorf("update metrics: %w: no documents are left", ErrRebuild)
	}
	if err := b.update(ctx, src, prior); err != nil {
		return b.sum, fmt.Errorf("update metrics: %w", err)
	}
	return b.sum, nil
}

func (b *build) update(ctx context.Context, src ledger.Source, prior Prior) error {
	b.prepare()
	if known := b.knownCurrency(); !known {
		return fmt.Errorf("%w: no reporting currency is configured", ErrRebuild)
	}
	u := &packed.Reader{Bytes: prior.Totals}
	if err := b.sameHeader(u.Text()); err != nil {
		return err
	}
	total := b.worker()
	customers, items, events := u.Number(), u.Number(), u.Number()
	total.scopes.unpack(u)
	total.reps.unpack(u)
	if u.Failed || len(u.Bytes) != 0 {
		return fmt.Errorf("%w: %w", ErrRebuild, errTotals)
	}
	before, err := b.before(ctx, src, prior)
	if err != nil {
		return err
	}
	workers := b.workers()
	defer b.release(append(workers, total))
	if err := b.parallel(ctx, src, workers); err != nil {
		return err
	}
	for _, w := range workers {
		total.scopes.merge(&w.scopes, 1)
		total.reps.merge(&w.reps, 1)
	}
	for _, w := range before.workers {
		total.scopes.merge(&w.scopes, -1)
		total.reps.merge(&w.reps, -1)
	}
	b.sum.Changed = b.sum.Customers
	b.sum.Customers += customers - before.sum.Customers
	b.sum.Items += items - before.sum.Items
	b.sum.Events += events - before.sum.Events
	if err := b.mergeFaults(prior.Faults); err != nil {
		return err
	}
	return b.finish(ctx, []*worker{total})
}

// replayed is what came of replaying the changed customers as they were.
type replayed struct {
	workers []*worker
	sum     Summary
}

// before replays the changed customers as the last build knew them, for what
// they gave to the sums.
func (b *build) before(ctx context.Context, src ledger.Source, prior Prior) (replayed, error) {
	restored := prior.Before
	if restored == nil {
		var err error
		if restored, err = ledger.Restore(prior.Changed, src, b.o.Allocator); err != nil {
			return replayed{}, fmt.Errorf("%w: %w", ErrRebuild, err)
		}
		defer restored.Release()
	}
	quiet := *b.o
	quiet.Keep, quiet.Progress, quiet.sums = false, nil, &prior.WasTables
	old := &build{o: &quiet, ref: b.ref, sink: prior.Was, cal: b.cal, rates: b.rates,
		sum: Summary{Currency: b.sum.Currency, Rows: map[string]int64{}}}
	if old.sink == nil {
		old.sink = nowhere{}
	}
	workers := old.workers()
	defer old.release(workers)
	err := old.parallel(ctx, restored, workers)
	return replayed{workers, old.sum}, err
}

// nowhere is a sink that nothing is written to.
type nowhere struct{}

func (nowhere) Write(context.Context, string, arrow.Record) error { return nil }

// mergeFaults adds up the faults of all customers in their order.
func (b *build) mergeFaults(others []CustomerFaults) error {
	all := append(b.faults, others...)
	slices.SortFunc(all, func(x, y CustomerFaults) int {
		if x.Customer < y.Customer {
			return -1
		}
		return 1
	})
	var missing []ledger.MissingRate
	var checks checkList
	checks[checkOrphans] = b.orphans
	for _, f := range all {
		c, m, err := readFaults(f.Text)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRebuild, err)
		}
		checks.merge(&c)
		missing = mergeMissing(missing, m)
	}
	b.checks, b.missing = checks, missing
	return nil
}
