// Package gather takes the rows that a replay writes of some customers, as they
// pass, and gives them to the derived metrics as their inputs: what was written
// a moment ago need not be searched for in the tables.
//
// In: batches of ar_items, ar_settlements, ar_snapshots, ar_events,
// promise_states and dso. Out: the inputs of payment behaviour, cash forecast
// and DSO bridge that hang on customers, and the DSO of the scopes that the bridge
// explains, row by row what the warehouse would answer.
// Never here: SQL, a metric's formula.
package gather

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"huikuan/transform/bridge"
	"huikuan/transform/derive"
	"huikuan/transform/forecast"
	"huikuan/transform/history"
	"huikuan/transform/ledger"
	"huikuan/transform/metrics"
)

// Tables are those whose rows of customers are gathered; others pass, but for
// [metrics.DSO], of which other scopes' rows are gathered.
func Tables() []string {
	return []string{metrics.Items, metrics.Settlements, metrics.Snapshots, metrics.Events, metrics.PromiseStates}
}

// maxRows is how many rows are held at most, some 60 megabytes; of more, the
// tables are asked.
const maxRows = 400_000

// Rows are the rows of some customers. It is a [derive.Sink]; [Rows.Over] makes a
// [derive.Source] of it.
type Rows struct {
	asOf ledger.Day

	mu                           sync.Mutex
	limit                        int64
	held                         int64
	spilled                      bool // there were too many: nothing is held any more
	items, settlements, promises table
	dso                          table
	accounts                     accounts
}

// New begins to gather for a build as of a day.
func New(asOf ledger.Day) *Rows {
	return &Rows{asOf: asOf, limit: maxRows, accounts: accounts{}, items: newTable(history.Items, "company", "customer_id", "invoice_id", "instalment_seq", "source"),
		settlements: newTable(history.Settlements, "company", "customer_id", "invoice_id", "instalment_seq", "source", "event_date", "application_id", "kind"),
		promises:    newTable(forecast.InPromises, "customer_id", "due_date", "promise_id", "line_no", "first_day", "source"),
		dso:         explained(asOf)}
}

// explained is the table of the DSO that the bridge explains: on month-ends and
// the as-of day.
func explained(asOf ledger.Day) table {
	t, scopes := newTable(bridge.InDSO, "scope", "scope_id", "as_of"), bridge.Scopes()
	t.only = func(rec arrow.Record) func(int) bool {
		scope, day := column(rec, "scope").(*array.String), column(rec, "as_of").(*array.Date32)
		return func(i int) bool {
			d := ledger.Day(day.Value(i))
			return slices.Contains(scopes, scope.Value(i)) && (d == asOf || d == d.MonthEnd())
		}
	}
	return t
}

// Write takes a batch of one table.
func (r *Rows) Write(_ context.Context, name string, rec arrow.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spilled {
		return nil
	}
	var err error
	switch name {
	case metrics.Items:
		err = r.hold(&r.items, rec)
		if err == nil {
			err = r.accounts.addItems(rec, r.asOf)
		}
	case metrics.Settlements:
		err = r.hold(&r.settlements, rec)
		if err == nil {
			err = r.accounts.addWriteOffs(rec, r.asOf)
		}
	case metrics.PromiseStates:
		err = r.hold(&r.promises, rec)
	case metrics.DSO:
		err = r.hold(&r.dso, rec)
	case metrics.Snapshots:
		err = r.accounts.addBalances(rec, r.asOf)
	case metrics.Events:
		err = r.accounts.addCredits(rec, r.asOf)
	}
	if err != nil {
		return fmt.Errorf("gather %s: %w", name, err)
	}
	if r.held > r.limit {
		r.spilled = true
		r.drop()
	}
	return nil
}

func (r *Rows) hold(t *table, rec arrow.Record) error {
	r.held += rec.NumRows()
	return t.add(rec)
}

func (r *Rows) drop() {
	for _, t := range []*table{&r.items, &r.settlements, &r.promises, &r.dso} {
		t.release()
	}
	r.accounts = nil
}

// Release lets go of the rows.
func (r *Rows) Release() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spilled = true
	r.drop()
}

// Complete tells whether all rows are held: the tables need not have them yet.
func (r *Rows) Complete() bool { return r != nil && !r.spilled && len(r.dso.recs) > 0 }

// Over gives what was gathered, and from the tables what was not: inputs that
// hang on no customer, and all once there were too many rows. Nothing is written
// any more.
func (r *Rows) Over(tables derive.Source) derive.Source {
	if r == nil || r.spilled {
		return tables
	}
	return source{r, tables}
}

type source struct {
	rows   *Rows
	tables derive.Source
}

// Rows implements [derive.Source].
func (s source) Rows(ctx context.Context, input string) iter.Seq2[arrow.Record, error] {
	switch r := s.rows; input {
	case history.Items:
		return r.items.sorted
	case history.Settlements:
		return r.settlements.sorted
	case forecast.InPromises:
		return r.promises.sorted
	case forecast.InUnapplied:
		return r.accounts.unapplied
	case bridge.InCustomers:
		return r.accounts.balances
	case bridge.InDSO:
		if len(r.dso.recs) > 0 {
			return r.dso.sorted
		}
	}
	return s.tables.Rows(ctx, input)
}

// Passing returns a sink that gathers and hands on to the next.
func (r *Rows) Passing(next derive.Sink) derive.Sink { return passing{r, next} }

type passing struct {
	rows *Rows
	next derive.Sink
}

func (p passing) Write(ctx context.Context, table string, rec arrow.Record) error {
	if err := p.rows.Write(ctx, table, rec); err != nil {
		return err
	}
	return p.next.Write(ctx, table, rec)
}
