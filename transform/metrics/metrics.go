// Package metrics turns replayed customers into the metric tables: events, open
// items, snapshots, roll-forward, DSO and collection by rep.
//
// In: a [ledger.Source]. Out: Arrow batches of [Replayed] to a [Sink], and the
// checks of the figures against themselves. Never here: SQL, HTTP, floats for
// money.
//
// A build runs in these steps: read the small tables; fix the as-of days and
// the reporting currency; merge the documents into chunks of whole customers;
// replay chunks in parallel; write their rows in the order of the chunks; add
// up the scopes and reps of all workers and write those.
package metrics

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/ledger"
)

// Sink takes the batches of a build.
type Sink interface {
	// Write takes one batch of a table of [Replayed]. It is called from one
	// goroutine at a time and does not keep rec unless it retains it: the memory
	// of a batch, with all texts in it, is that of another one later. An error
	// ends the build.
	Write(ctx context.Context, table string, rec arrow.Record) error
}

// Options of a build. The zero value of all but AsOf is usable.
type Options struct {
	AsOf               ledger.Day                    // end of this day, inclusive
	ReportingCurrency  string                        // empty: that of the companies; else the first document's currency
	Workers            int                           // 0 = one a processor
	Edges              []int                         // last days of the buckets of ar_open_items and ar_rolls, not of the columns of ar_snapshots; empty = 30, 60, 90, 120, 180, 365
	DailyDays          int                           // days before AsOf with a snapshot each; 0 = 92
	BatchRows          int                           // most rows of a batch; 0 = 65,536
	ChunkRows          int                           // input rows of a unit of work; 0 = 32,768
	SkipZeroMonths     bool                          // countback passes over months without sales
	PromiseGraceDays   *int                          // days after the promised one in which cash still counts; nil = 2
	PromiseKeptPercent int                           // part of a promise that makes it kept; 0 = 95
	PlanMisses         int                           // lines missed in a row that break a plan; 0 = 2
	VisitWindowDays    int                           // days after a visit in which cash counts as its response; 0 = 14
	VisitWindows       []int                         // the three windows beside it, ascending; empty = 7, 14, 30
	ConstantRateDay    ledger.Day                    // day of the rates of the constant valuation; 0 = see the function of that name
	FiscalYearStart    int                           // first month of the fiscal year, 1-12; 0 = January
	KnownAt            int64                         // documents and applications recorded later do not count, µs since 1970-01-01 UTC; 0 = all count
	ShiftDueDates      bool                          // due dates on days off move to the next workday
	Only               []string                      // tables to write; empty = all
	Keep               bool                          // write the table State too, for Update
	Allocator          memory.Allocator              `json:"-"`
	Progress           func(customers, events int64) `json:"-"` // called now and then, from one goroutine

	sums *[]string // not nil: add up all sums, but write these tables alone
}

func (o *Options) wants(table string) bool {
	if table == State {
		return o.Keep
	}
	return len(o.Only) == 0 || slices.Contains(o.Only, table)
}

// Summary tells what a build did.
type Summary struct {
	Customers, Items, Events int64
	Changed                  int64            // customers that Update replayed; Build leaves it 0
	Rows                     map[string]int64 // by table
	Currency                 string           // reporting currency
	From, To                 ledger.Day       // first day of the first month, as-of day; From is NoDay without documents
	Checks                   []Check
	Notices                  []string // what a reader should know, one sentence each
}

// Failed returns the checks that failed and block publication.
func (s *Summary) Failed() []Check {
	var out []Check
	for _, c := range s.Checks {
		if c.Blocking && !c.OK() {
			out = append(out, c)
		}
	}
	return out
}

// tableOrder is the order in which tables are written within a chunk.
var tableOrder = func() (names []string) {
	for _, t := range Tables() {
		names = append(names, t.Name)
	}
	return append(names, State)
}()

// Build replays the whole ledger and writes every table. The result does not
// depend on the number of workers, byte for byte. Failed checks are not errors:
// see [Summary.Failed]. Without documents the tables stay empty, but for ar_as_of.
func Build(ctx context.Context, src ledger.Source, sink Sink, o Options) (Summary, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Summary{}, fmt.Errorf("build metrics: %w", err)
	}
	ref, err := ledger.ReadReference(ctx, src)
	if err != nil {
		return Summary{}, fmt.Errorf("build metrics: %w", err)
	}
	b := &build{o: &o, ref: ref, sink: sink, sum: Summary{To: o.AsOf, From: ledger.NoDay, Rows: map[string]int64{}}}
	if ref.First == ledger.NoDay || ref.First > o.AsOf {
		b.sum.Checks = b.checks.checks()
		b.sum.Notices = append(b.sum.Notices, "There are no documents dated on or before "+o.AsOf.String()+".")
		return b.sum, b.withoutDocuments(ctx, src)
	}
	if err := b.run(ctx, src); err != nil {
		return b.sum, fmt.Errorf("build metrics: %w", err)
	}
	return b.sum, nil
}

func (o Options) withDefaults() (Options, error) {
	if o.AsOf == 0 {
		return o, fmt.Errorf("no as-of day given")
	}
	for i, e := range o.Edges {
		if e < 1 || i > 0 && e <= o.Edges[i-1] {
			return o, fmt.Errorf("aging edges %v: expected ascending numbers of days from 1 on", o.Edges)
		}
	}
	for _, t := range o.Only {
		if !slices.Contains(tableOrder, t) {
			return o, fmt.Errorf("unknown table %q, expected one of %s", t, strings.Join(tableOrder, ", "))
		}
	}
	if len(o.Edges) == 0 {
		o.Edges = DefaultEdges()
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.DailyDays <= 0 {
		o.DailyDays = 92
	}
	if o.PromiseGraceDays == nil {
		days := 2
		o.PromiseGraceDays = &days
	}
	if o.PromiseKeptPercent <= 0 {
		o.PromiseKeptPercent = 95
	}
	if o.PlanMisses <= 0 {
		o.PlanMisses = 2
	}
	if o.VisitWindowDays <= 0 {
		o.VisitWindowDays = 14
	}
	if len(o.VisitWindows) == 0 {
		o.VisitWindows = []int{7, 14, 30}
	}
	if len(o.VisitWindows) != windowCount-1 {
		return o, fmt.Errorf("VisitWindows: found %v, expected three numbers of days", o.VisitWindows)
	}
	if o.BatchRows <= 0 {
		o.BatchRows = 65_536
	}
	if o.ChunkRows <= 0 {
		o.ChunkRows = 32_768
	}
	if o.Allocator == nil {
		o.Allocator = memory.DefaultAllocator
	}
	return o, nil
}
