package metrics

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
	"huikuan/transform/schema"
)

// rows collects the rows of one table by column and cuts batches of them.
// Values are given in the order of the columns; a row is finished by end. The
// columns are plain slices, used again for the next batch: several times as
// fast as Arrow's builders, which check capacity and validity at every value.
type rows struct {
	table   schema.Table
	schema  *arrow.Schema
	mem     memory.Allocator
	columns []column
	at      int
	count   int
	limit   int
	full    []arrow.Record
	err     error
}

// column holds the values of one column; which slices are used depends on its type.
type column struct {
	decimals []decimal128.Num
	days     []arrow.Date32
	integers []int64 // also microseconds
	flags    []bool
	offsets  []int32 // of texts: where each begins in bytes
	bytes    []byte
	nulls    []int32 // rows that are NULL, ascending
}

func newRows(t schema.Table, mem memory.Allocator, limit int) *rows {
	return &rows{table: t, schema: t.Arrow(), mem: mem, columns: make([]column, len(t.Columns)), limit: limit}
}

func (r *rows) next() *column {
	c := &r.columns[r.at]
	r.at++
	return c
}

// text appends a text as it is, empty or not.
func (r *rows) text(s string) {
	c := r.next()
	c.offsets = append(c.offsets, int32(len(c.bytes)))
	c.bytes = append(c.bytes, s...)
}

// optText appends a text; empty is NULL.
func (r *rows) optText(s string) {
	if s == "" {
		r.null()
	}
	r.text(s)
}

// bytes appends bytes.
func (r *rows) bytes(b []byte) {
	c := r.next()
	c.offsets = append(c.offsets, int32(len(c.bytes)))
	c.bytes = append(c.bytes, b...)
}

// null marks the next value as NULL.
func (r *rows) null() {
	c := &r.columns[r.at]
	c.nulls = append(c.nulls, int32(r.count))
}

func (r *rows) money(a money.Amount) {
	if a > money.MaxAmount || a < -money.MaxAmount {
		r.overflow()
	}
	c := r.next()
	c.decimals = append(c.decimals, decimal128.FromI64(int64(a)))
}

func (r *rows) optMoney(a money.Amount, known bool) {
	if !known {
		r.null()
		a = 0
	}
	r.money(a)
}

func (r *rows) overflow() {
	if r.err == nil {
		r.err = fmt.Errorf("%s: an amount does not fit Decimal(18,4); report in a currency of larger unit", r.table.Name)
	}
}

// twins appends a measure in document and reporting currency.
func (r *rows) twins(doc, rc money.Amount, known bool) {
	pair := r.columns[r.at : r.at+2]
	if max(doc, -doc, rc, -rc) > money.MaxAmount {
		r.overflow()
	}
	if !known {
		pair[1].nulls = append(pair[1].nulls, int32(r.count))
		rc = 0
	}
	pair[0].decimals = append(pair[0].decimals, decimal128.FromI64(int64(doc)))
	pair[1].decimals = append(pair[1].decimals, decimal128.FromI64(int64(rc)))
	r.at += 2
}

func (r *rows) wide(w money.Wide) {
	c := r.next()
	c.decimals = append(c.decimals, decimal128.New(w.Hi, w.Lo))
}

func (r *rows) optWide(w money.Wide, known bool) {
	if !known {
		r.null()
		w = money.Wide{}
	}
	r.wide(w)
}

func (r *rows) date(d ledger.Day) {
	c := r.next()
	c.days = append(c.days, arrow.Date32(d))
}

func (r *rows) optDate(d ledger.Day) {
	if d == ledger.NoDay {
		r.null()
		d = 0
	}
	r.date(d)
}

func (r *rows) integer(n int64) {
	c := r.next()
	c.integers = append(c.integers, n)
}

// optInteger appends a number; 0 is NULL.
func (r *rows) optInteger(n int64) {
	if n == 0 {
		r.null()
	}
	r.integer(n)
}

func (r *rows) flag(v bool) {
	c := r.next()
	c.flags = append(c.flags, v)
}

// instant appends microseconds since 1970; 0 is NULL.
func (r *rows) instant(us int64) { r.optInteger(us) }

// end finishes a row and cuts a batch when there are enough.
func (r *rows) end() {
	if r.at != len(r.columns) {
		panic(fmt.Sprintf("metrics: %s: %d of %d columns written", r.table.Name, r.at, len(r.columns)))
	}
	r.at = 0
	if r.count++; r.count >= r.limit {
		r.cut()
	}
}

// cut turns the rows so far into a batch.
func (r *rows) cut() {
	if r.count == 0 {
		return
	}
	columns := make([]arrow.Array, len(r.columns))
	for i := range r.columns {
		columns[i] = r.columns[i].array(r.schema.Field(i).Type, r.count, r.mem)
	}
	r.full = append(r.full, array.NewRecord(r.schema, columns, int64(r.count)))
	for _, c := range columns {
		c.Release()
	}
	r.count = 0
}

// array copies the column into Arrow memory and empties it.
func (c *column) array(t arrow.DataType, count int, mem memory.Allocator) arrow.Array {
	buffers := []*memory.Buffer{c.validity(count, mem)}
	switch t.ID() {
	case arrow.STRING, arrow.BINARY:
		c.offsets = append(c.offsets, int32(len(c.bytes)))
		buffers = append(buffers, copied(arrow.Int32Traits.CastToBytes(c.offsets), mem), copied(c.bytes, mem))
	case arrow.DECIMAL128:
		buffers = append(buffers, copied(arrow.Decimal128Traits.CastToBytes(c.decimals), mem))
	case arrow.DATE32:
		buffers = append(buffers, copied(arrow.Date32Traits.CastToBytes(c.days), mem))
	case arrow.INT64, arrow.TIMESTAMP:
		buffers = append(buffers, copied(arrow.Int64Traits.CastToBytes(c.integers), mem))
	case arrow.BOOL:
		bits := make([]byte, (count+7)/8)
		for i, v := range c.flags {
			if v {
				bits[i/8] |= 1 << (i % 8)
			}
		}
		buffers = append(buffers, copied(bits, mem))
	default:
		panic("metrics: no column of type " + t.String())
	}
	data := array.NewData(t, count, buffers, nil, len(c.nulls), 0)
	defer data.Release()
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	*c = column{c.decimals[:0], c.days[:0], c.integers[:0], c.flags[:0], c.offsets[:0], c.bytes[:0], c.nulls[:0]}
	return array.MakeFromData(data)
}

// validity is the bitmap of values that are not NULL; nil when all are.
func (c *column) validity(count int, mem memory.Allocator) *memory.Buffer {
	if len(c.nulls) == 0 {
		return nil
	}
	bits := make([]byte, (count+7)/8)
	for i := range count {
		bits[i/8] |= 1 << (i % 8)
	}
	for _, i := range c.nulls {
		bits[i/8] &^= 1 << (i % 8)
	}
	return copied(bits, mem)
}

func copied(data []byte, mem memory.Allocator) *memory.Buffer {
	b := memory.NewResizableBuffer(mem)
	b.Resize(len(data))
	copy(b.Bytes(), data)
	return b
}

// take returns the batches built so far; the caller releases them.
func (r *rows) take() []arrow.Record {
	r.cut()
	out := r.full
	r.full = nil
	return out
}

func (r *rows) release() {
	for _, rec := range r.full {
		rec.Release()
	}
	r.full = nil
}
