package derive

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
	"huikuan/transform/schema"
)

// batchRows is the most rows of a batch: the widest table then stays below what
// one insert takes.
const batchRows = 40_000

// Writer collects the rows of one table and sends them in batches. Values are
// given in the order of the columns; a row is finished by End.
type Writer struct {
	table   schema.Table
	sink    Sink
	builder *array.RecordBuilder
	columns []array.Builder
	at      int
	rows    int
	total   int64
	left    int // rows that are expected still, see Expect
	err     error
}

// NewWriter begins a table; mem may be nil. The caller closes the writer.
func NewWriter(t schema.Table, sink Sink, mem memory.Allocator) *Writer {
	if mem == nil {
		mem = memory.DefaultAllocator
	}
	b := array.NewRecordBuilder(mem, t.Arrow())
	return &Writer{table: t, sink: sink, builder: b, columns: b.Fields()}
}

// Expect makes room for so many rows; fewer or more may come.
func (w *Writer) Expect(rows int) {
	w.left = rows
	w.room(min(rows, batchRows))
}

// textBytes is how long a text is expected to be.
const textBytes = 10

// room reserves memory for so many rows.
func (w *Writer) room(rows int) {
	w.builder.Reserve(rows)
	for _, c := range w.columns {
		if c, is := c.(*array.StringBuilder); is {
			c.ReserveData(rows * textBytes)
		}
	}
}

func (w *Writer) next() array.Builder {
	c := w.columns[w.at]
	w.at++
	return c
}

// Null writes that the next value is unknown.
func (w *Writer) Null() { w.next().AppendNull() }

// Text writes a text as it is.
func (w *Writer) Text(s string) { w.next().(*array.StringBuilder).Append(s) }

// OptText writes a text; empty is NULL.
func (w *Writer) OptText(s string) {
	if s == "" {
		w.Null()
		return
	}
	w.Text(s)
}

// Date writes a day; [ledger.NoDay] is NULL.
func (w *Writer) Date(d ledger.Day) {
	if d == ledger.NoDay {
		w.Null()
		return
	}
	w.next().(*array.Date32Builder).Append(arrow.Date32(d))
}

// Int writes a whole number.
func (w *Writer) Int(n int64) { w.next().(*array.Int64Builder).Append(n) }

// OptInt writes a whole number where it is defined.
func (w *Writer) OptInt(n int64, known bool) {
	if !known {
		w.Null()
		return
	}
	w.Int(n)
}

// Flag writes a yes or no.
func (w *Writer) Flag(v bool) { w.next().(*array.BooleanBuilder).Append(v) }

// Instant writes microseconds since 1970.
func (w *Writer) Instant(us int64) {
	w.next().(*array.TimestampBuilder).Append(arrow.Timestamp(us))
}

// Money writes an amount.
func (w *Writer) Money(a money.Amount) {
	if a > money.MaxAmount || a < -money.MaxAmount {
		w.fail(fmt.Errorf("%s: an amount does not fit Decimal(18,4); report in a currency of larger unit", w.table.Name))
	}
	w.next().(*array.Decimal128Builder).Append(decimal128.FromI64(int64(a)))
}

// OptMoney writes an amount where it is known.
func (w *Writer) OptMoney(a money.Amount, known bool) {
	if !known {
		w.Null()
		return
	}
	w.Money(a)
}

// Exact writes a number in units of 1e-10 where it is known.
func (w *Writer) Exact(n money.Wide, known bool) {
	if !known {
		w.Null()
		return
	}
	w.next().(*array.Decimal128Builder).Append(decimal128.New(n.Hi, n.Lo))
}

func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// End finishes a row and sends a batch when there are enough.
func (w *Writer) End(ctx context.Context) error {
	if w.at != len(w.columns) {
		panic(fmt.Sprintf("derive: %s: %d of %d columns written", w.table.Name, w.at, len(w.columns)))
	}
	w.at = 0
	if w.rows++; w.rows >= batchRows {
		return w.Flush(ctx)
	}
	return w.err
}

// Flush sends the rows so far.
func (w *Writer) Flush(ctx context.Context) error {
	if w.err != nil || w.rows == 0 {
		return w.err
	}
	rec := w.builder.NewRecord()
	defer rec.Release()
	w.total += rec.NumRows()
	if w.left -= w.rows; w.left > 0 {
		w.room(min(w.left, batchRows))
	}
	w.rows = 0
	if err := w.sink.Write(ctx, w.table.Name, rec); err != nil {
		w.fail(fmt.Errorf("write %s: %w", w.table.Name, err))
	}
	return w.err
}

// Rows is the number of rows sent.
func (w *Writer) Rows() int64 { return w.total }

// Close lets go of what was not sent.
func (w *Writer) Close() { w.builder.Release() }
