package load

import (
	"context"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// Marks of NULL where a number stands in memory.
const (
	noDay    = math.MinInt32
	noNumber = math.MinInt64
)

// columns finds the columns of a batch by name. A column that the query does
// not give reads as NULL. The first fault sticks.
type columns struct {
	rec arrow.Record
	err error
}

func columnOf[A arrow.Array](c *columns, name string) (a A) {
	at := c.rec.Schema().FieldIndices(name)
	if len(at) == 0 {
		return a
	}
	a, ok := c.rec.Column(at[0]).(A)
	if !ok && c.err == nil {
		c.err = fmt.Errorf("read ledger: column %s is %s", name, c.rec.Column(at[0]).DataType())
	}
	return a
}

func (c *columns) text(name string) textColumn  { return textColumn{columnOf[*array.String](c, name)} }
func (c *columns) day(name string) dayColumn    { return dayColumn{columnOf[*array.Date32](c, name)} }
func (c *columns) number(name string) numColumn { return numColumn{columnOf[*array.Int64](c, name)} }
func (c *columns) instant(name string) atColumn { return atColumn{columnOf[*array.Timestamp](c, name)} }
func (c *columns) rate(name string) rateColumn {
	return rateColumn{columnOf[*array.Decimal128](c, name)}
}
func (c *columns) rows() (n int)                  { return int(c.rec.NumRows()) }
func null(a arrow.Array, absent bool, i int) bool { return absent || a.IsNull(i) }

type textColumn struct{ a *array.String }

func (c textColumn) null(i int) bool { return null(c.a, c.a == nil, i) }

// at is valid as long as the batch.
func (c textColumn) at(i int) string { return c.a.Value(i) }

type dayColumn struct{ a *array.Date32 }

func (c dayColumn) at(i int) int32 {
	if null(c.a, c.a == nil, i) {
		return noDay
	}
	return int32(c.a.Value(i))
}

type numColumn struct{ a *array.Int64 }

func (c numColumn) at(i int) int64 {
	if null(c.a, c.a == nil, i) {
		return noNumber
	}
	return c.a.Value(i)
}

type atColumn struct{ a *array.Timestamp }

func (c atColumn) at(i int) int64 {
	if null(c.a, c.a == nil, i) {
		return noNumber
	}
	return int64(c.a.Value(i))
}

type rateColumn struct{ a *array.Decimal128 }

func (c rateColumn) at(i int) decimal128.Num { return c.a.Value(i) }

func (c rateColumn) number(i int) int64 {
	if null(c.a, c.a == nil, i) {
		return noNumber
	}
	return int64(c.a.Value(i).LowBits())
}

// writtenRows is how many rows a batch of an input has.
const writtenRows = 16 << 10

// rowWriter builds the rows of an input column by column of each row, in the
// order of its description, and yields a batch when one is full.
type rowWriter struct {
	ctx   context.Context
	b     *array.RecordBuilder
	yield func(arrow.Record, error) bool
	col   int
	rows  int
	ended bool // nobody wants more
}

// newRowWriter has room for a whole batch, with short identifiers.
func newRowWriter(ctx context.Context, b *array.RecordBuilder, yield func(arrow.Record, error) bool) *rowWriter {
	w := &rowWriter{ctx: ctx, b: b, yield: yield}
	w.reserve()
	return w
}

func (w *rowWriter) reserve() {
	for _, f := range w.b.Fields() {
		if f.Reserve(writtenRows); f.Type().ID() == arrow.STRING {
			f.(*array.StringBuilder).ReserveData(8 * writtenRows)
		}
	}
}

// next ends a row; false tells to stop.
func (w *rowWriter) next() bool {
	w.col = 0
	if w.rows++; w.rows == writtenRows {
		w.flush()
	}
	return !w.ended
}

func (w *rowWriter) flush() {
	if w.ended || w.rows == 0 {
		return
	}
	rec := w.b.NewRecord()
	defer rec.Release()
	w.rows = 0
	if err := w.ctx.Err(); err != nil {
		w.yield(nil, err)
		w.ended = true
		return
	}
	if w.ended = !w.yield(rec, nil); !w.ended {
		w.reserve()
	}
}

func field[B array.Builder](w *rowWriter) B {
	w.col++
	return w.b.Field(w.col - 1).(B)
}

func (w *rowWriter) text(s string) { field[*array.StringBuilder](w).Append(s) }

func (w *rowWriter) textIf(known bool, s string) {
	if !known {
		w.null(1)
		return
	}
	w.text(s)
}

func (w *rowWriter) bytes(s []byte) { field[*array.StringBuilder](w).BinaryBuilder.Append(s) }

func (w *rowWriter) exact(n decimal128.Num) { field[*array.Decimal128Builder](w).Append(n) }

func (w *rowWriter) null(columns int) {
	for range columns {
		w.b.Field(w.col).AppendNull()
		w.col++
	}
}

func (w *rowWriter) label(of *names, number uint32) {
	if number == noName {
		w.null(1)
		return
	}
	w.text(of.list[number])
}

func (w *rowWriter) optText(of *textStore, at text) {
	if at == noText {
		w.null(1)
		return
	}
	w.bytes(of.at(at))
}

func (w *rowWriter) day(d int32) {
	if d == noDay {
		w.null(1)
		return
	}
	field[*array.Date32Builder](w).Append(arrow.Date32(d))
}

func (w *rowWriter) number(n int64) {
	if n == noNumber {
		w.null(1)
		return
	}
	field[*array.Int64Builder](w).Append(n)
}

func (w *rowWriter) instant(n int64) {
	if n == noNumber {
		w.null(1)
		return
	}
	field[*array.TimestampBuilder](w).Append(arrow.Timestamp(n))
}

func (w *rowWriter) decimal(n int64) {
	if n == noNumber {
		w.null(1)
		return
	}
	field[*array.Decimal128Builder](w).Append(decimal128.FromI64(n))
}
