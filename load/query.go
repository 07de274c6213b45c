package load

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"regexp"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// Exec runs a statement that returns no rows.
func (w *Warehouse) Exec(ctx context.Context, sql string) error {
	return w.explain("run a statement", w.conn.Exec(ctx, sql))
}

// QueryArrow streams the result of a SELECT as Arrow batches of some ten
// thousand rows. args are bound as by clickhouse-go. A record is valid until
// the next one is asked for; who keeps it longer retains it. Leaving the loop
// or cancelling ctx ends the query in the engine. After an error the sequence ends.
func (w *Warehouse) QueryArrow(ctx context.Context, sql string, args ...any) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		body, err := w.conn.QueryFormat(clickhouse.Context(ctx, clickhouse.WithSettings(w.arrowSettings(sql))), "ArrowStream", sql, args...)
		if err != nil {
			yield(nil, w.explain("query the warehouse", err))
			return
		}
		in := newPatientReader(body, w.patience)
		// The query is cancelled before its stream is closed, lest the client
		// read on to the end of a result nobody wants.
		defer body.Close()
		defer in.Close()
		defer cancel()
		more := func(rec arrow.Record) bool { return yield(rec, nil) }
		if err := w.readStreams(ctx, in, more); err != nil {
			yield(nil, w.explain("read the query's result", err))
		}
	}
}

// readStreams reads Arrow IPC streams laid end to end: a server sends one, the
// embedded engine one a chunk.
func (w *Warehouse) readStreams(ctx context.Context, body io.Reader, more func(arrow.Record) bool) error {
	in := bufio.NewReaderSize(body, 1<<16)
	for {
		if _, err := in.Peek(1); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return cmp.Or(ctx.Err(), err)
		}
		again, err := w.readStream(in, more)
		if err != nil {
			return cmp.Or(ctx.Err(), err)
		}
		if !again {
			return nil
		}
	}
}

func (w *Warehouse) readStream(in io.Reader, more func(arrow.Record) bool) (again bool, err error) {
	r, err := ipc.NewReader(in, ipc.WithAllocator(w.alloc))
	if err != nil {
		return false, fmt.Errorf("read Arrow stream: %w", err)
	}
	defer r.Release()
	for r.Next() {
		if !more(r.Record()) {
			return false, nil
		}
	}
	return true, r.Err()
}

// arrowSettings make the engine write the Arrow types of huikuan/transform/schema,
// and take a statement that is long.
func (w *Warehouse) arrowSettings(sql string) clickhouse.Settings {
	s := clickhouse.Settings{
		"output_format_arrow_string_as_string": 1, "output_format_arrow_low_cardinality_as_dictionary": 0,
		"output_format_arrow_compression_method": map[string]string{"none": "none", "lz4": "lz4_frame", "zstd": "zstd"}[w.opts.Compression],
	}
	if w.opts.MaxMemory > 0 { // beyond a third of the memory sorts and groupings go to disk, joins far earlier: a query may hold several
		s["join_algorithm"], s["max_bytes_in_join"] = "grace_hash,hash", w.opts.MaxMemory/16
		s["max_bytes_before_external_sort"] = w.opts.MaxMemory / 3
		s["max_bytes_before_external_group_by"] = w.opts.MaxMemory / 3
	}
	if len(sql) >= longFrom {
		maps.Copy(s, longSettings)
	}
	if w.opts.Profile == Cluster {
		s["distributed_product_mode"] = "global"
	}
	return s
}

// ResultColumn is one column of a [Result].
type ResultColumn struct {
	Name string
	Type string // as the engine writes it: "Decimal(18, 4)"
}

// Result is the answer to a query, row by row. Close it when done.
type Result struct {
	rows    driver.Rows
	columns []ResultColumn
	dest    []any
	row     []any
	err     error
	cancel  context.CancelFunc
	explain func(error) error
}

// formatClause is a FORMAT at the end of a statement: the answer would not be
// in the client's own format.
var formatClause = regexp.MustCompile(`(?is)\sFORMAT\s+([A-Z]\w+)\s*;?\s*$`)

// Query runs any one statement and streams its rows for people to read: see
// [Result.Row] for the types. Cancelling ctx or closing the result ends the
// query in the engine.
func (w *Warehouse) Query(ctx context.Context, sql string) (*Result, error) {
	if m := formatClause.FindStringSubmatch(sql); m != nil {
		return nil, &Error{Kind: ErrQuery, Doing: "query the warehouse", Cause: "the statement ends in FORMAT " + m[1], Remedy: "leave it out; huikuan query has --format table, json or csv"}
	}
	ctx, cancel := context.WithCancel(ctx)
	explain := func(err error) error { return w.explain("query the warehouse", err) }
	rows, err := w.conn.Query(ctx, sql)
	if err != nil {
		cancel()
		return nil, explain(err)
	}
	r := &Result{rows: rows, cancel: cancel, explain: explain}
	for _, c := range rows.ColumnTypes() {
		r.columns = append(r.columns, ResultColumn{Name: c.Name(), Type: c.DatabaseTypeName()})
		r.dest = append(r.dest, newDestination(c.ScanType()))
	}
	return r, nil
}

// Columns lists the columns; none where the statement returns nothing.
func (r *Result) Columns() []ResultColumn { return r.columns }

// Next moves to the next row; false at the end or after an error.
func (r *Result) Next() bool {
	if r.err != nil || !r.rows.Next() {
		return false
	}
	if r.err = r.rows.Scan(r.dest...); r.err != nil {
		return false
	}
	r.row = make([]any, len(r.dest))
	for i, d := range r.dest {
		r.row[i] = plain(r.columns[i].Type, d)
	}
	return true
}

// Row is the current row: nil for NULL, string for texts, exact decimals,
// dates (YYYY-MM-DD) and instants (YYYY-MM-DD hh:mm:ss.ffffff, in the column's
// time zone), int64, uint64, float64, bool; []any and map[string]any of these
// for arrays, tuples and maps. The slice is the caller's.
func (r *Result) Row() []any { return r.row }

// Err is the error that ended the rows, nil at their natural end.
func (r *Result) Err() error { return r.explain(cmp.Or(r.err, r.rows.Err())) }

// Close ends the query. It may be called twice.
func (r *Result) Close() error {
	r.cancel()
	_ = r.rows.Close() // says only that the query was cancelled just now
	return nil
}
