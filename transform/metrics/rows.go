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
// Values are given in the order of the columns; a row is finished by end, or
// many at once column by column by ends. The columns are slices of Arrow memory,
// handed over as they are: several times as fast as Arrow's builders, which check
// capacity and validity at every value.
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
	c.offsets.add(int32(len(c.bytes.list)), r.mem)
	copy(c.bytes.extend(len(s), r.mem), s)
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
	c.offsets.add(int32(len(c.bytes.list)), r.mem)
	copy(c.bytes.extend(len(b), r.mem), b)
}

// null marks the next value as NULL.
func (r *rows) null() {
	r.columns[r.at].null(r.count, 1)
}

func (r *rows) money(a money.Amount) {
	if a > money.MaxAmount || a < -money.MaxAmount {
		r.overflow(r.at)
	}
	r.next().decimals.add(decimalOf(a), r.mem)
}

func (r *rows) optMoney(a money.Amount, known bool) {
	if !known {
		r.null()
		a = 0
	}
	r.money(a)
}

// overflow ends the build: a column, by its place, does not hold what belongs there.
func (r *rows) overflow(column int) {
	if r.err == nil {
		r.err = &OverflowError{Table: r.table.Name, Column: r.table.Columns[column].Name}
	}
}

// OverflowError says which amount, of one customer or of many together, is
// greater than a column of money holds.
type OverflowError struct {
	Table, Column string
	Customer      string // empty = a sum over customers
	Largest       string // the customer's document of the greatest amount, with its source and amount
}

func (e *OverflowError) Error() string {
	text := fmt.Sprintf("%s.%s: an amount beyond %s, the greatest that Decimal(18,4) holds", e.Table, e.Column, money.MaxAmount)
	if e.Customer == "" {
		return text + ", summed over customers; report in a currency of larger unit (reporting_currency)"
	}
	return fmt.Sprintf("%s, for customer %s, whose largest document is %s; correct it where it comes from, or report in a currency of larger unit (reporting_currency)", text, e.Customer, e.Largest)
}

// decimalOf is what decimal128.FromI64 gives, without asking for the sign.
func decimalOf(a money.Amount) decimal128.Num { return decimal128.New(int64(a)>>63, uint64(a)) }

// twins appends a measure in document and reporting currency. As long as both
// are the same the second is not written: in a ledger of one currency the two
// columns of a batch have one buffer.
func (r *rows) twins(doc, rc money.Amount, known bool) {
	pair := r.columns[r.at : r.at+2]
	if max(doc, -doc) > money.MaxAmount {
		r.overflow(r.at)
	} else if max(rc, -rc) > money.MaxAmount {
		r.overflow(r.at + 1)
	}
	pair[0].decimals.add(decimalOf(doc), r.mem)
	r.at += 2
	if known && doc == rc && pair[1].same == r.count {
		pair[1].same++
		return
	}
	pair[1].part(&pair[0], r.count, r.mem)
	if !known {
		pair[1].null(r.count, 1)
		rc = 0
	}
	pair[1].decimals.add(decimalOf(rc), r.mem)
}

func (r *rows) wide(w money.Wide) {
	r.next().decimals.add(decimal128.New(w.Hi, w.Lo), r.mem)
}

func (r *rows) optWide(w money.Wide, known bool) {
	if !known {
		r.null()
		w = money.Wide{}
	}
	r.wide(w)
}

func (r *rows) date(d ledger.Day) {
	r.next().days.add(arrow.Date32(d), r.mem)
}

func (r *rows) optDate(d ledger.Day) {
	if d == ledger.NoDay {
		r.null()
		d = 0
	}
	r.date(d)
}

func (r *rows) integer(n int64) {
	r.next().integers.add(n, r.mem)
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
		var before arrow.Array
		if i > 0 {
			before = columns[i-1]
		}
		columns[i] = r.columns[i].array(r.schema.Field(i).Type, r.count, before, r.mem)
	}
	r.full = append(r.full, array.NewRecord(r.schema, columns, int64(r.count)))
	for _, c := range columns {
		c.Release()
	}
	r.count = 0
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
	for i := range r.columns {
		r.columns[i].release(r.mem)
	}
}
