// Package ledger replays receivables documents, one customer at a time, into
// signed events, balances at given days and monthly flows.
//
// In: Arrow batches sorted by customer (see [Inputs]) from a [Source].
// Out: Go values of one customer after the other. Never here: metric formulas,
// SQL, HTTP.
package ledger

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
)

// Source gives the input tables of a replay.
type Source interface {
	// Rows streams the batches of one input table, named as in [Inputs], in its
	// order. An error ends the stream. The consumer does not release batches:
	// one is valid until the next is asked for, unless the consumer retains it.
	Rows(ctx context.Context, table string) iter.Seq2[arrow.Record, error]
}
