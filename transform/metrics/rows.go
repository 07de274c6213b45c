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

// rows builds the batches of one table. Values are given in the order of its
// columns; a row is finished by end.
type rows struct {
	table   schema.Table
	builder *array.RecordBuilder
	columns []builder
	at      int
	count   int
	limit   int
	full    []arrow.Record
	err     error
}

// builder is a column's Arrow builder by type; one is set.
type builder struct {
	text    *array.StringBuilder
	decimal *array.Decimal128Builder
	date    *array.Date32Builder
	integer *array.Int64Builder
	flag    *array.BooleanBuilder
	instant *array.TimestampBuilder
}

func newRows(t schema.Table, mem memory.Allocator, limit int) *rows {
	r := &rows{table: t, builder: array.NewRecordBuilder(mem, t.Arrow()), limit: limit}
	for _, f := range r.builder.Fields() {
		var b builder
		switch f := f.(type) {
		case *array.StringBuilder:
			b.text = f
		case *array.Decimal128Builder:
			b.decimal = f
		case *array.Date32Builder:
			b.date = f
		case *array.Int64Builder:
			b.integer = f
		case *array.BooleanBuilder:
			b.flag = f
		case *array.TimestampBuilder:
			b.instant = f
		default:
			panic(fmt.Sprintf("metrics: %s: no builder for %T", t.Name, f))
		}
		r.columns = append(r.columns, b)
	}
	return r
}

func (r *rows) next() *builder {
	c := &r.columns[r.at]
	r.at++
	return c
}

// text appends a text as it is, empty or not.
func (r *rows) text(s string) { r.next().text.Append(s) }

// optText appends a text; empty is NULL.
func (r *rows) optText(s string) {
	if c := r.next(); s == "" {
		c.text.AppendNull()
	} else {
		c.text.Append(s)
	}
}

func (r *rows) money(a money.Amount) {
	if a > money.MaxAmount || a < -money.MaxAmount {
		r.overflow()
	}
	r.next().decimal.Append(decimal128.FromI64(int64(a)))
}

func (r *rows) optMoney(a money.Amount, known bool) {
	if !known {
		r.next().decimal.AppendNull()
		return
	}
	r.money(a)
}

func (r *rows) overflow() {
	if r.err == nil {
		r.err = fmt.Errorf("%s row %d: an amount does not fit Decimal(18,4); report in a currency of larger unit", r.table.Name, r.count+1)
	}
}

// twins appends a measure in document and reporting currency.
func (r *rows) twins(doc, rc money.Amount, known bool) {
	r.money(doc)
	r.optMoney(rc, known)
}

func (r *rows) wide(w money.Wide) { r.next().decimal.Append(decimal128.New(w.Hi, w.Lo)) }

func (r *rows) optWide(w money.Wide, known bool) {
	if !known {
		r.next().decimal.AppendNull()
		return
	}
	r.wide(w)
}

func (r *rows) date(d ledger.Day) { r.next().date.Append(arrow.Date32(d)) }

func (r *rows) optDate(d ledger.Day) {
	if c := r.next(); d == ledger.NoDay {
		c.date.AppendNull()
	} else {
		c.date.Append(arrow.Date32(d))
	}
}

func (r *rows) integer(n int64) { r.next().integer.Append(n) }

// optInteger appends a number; 0 is NULL.
func (r *rows) optInteger(n int64) {
	if c := r.next(); n == 0 {
		c.integer.AppendNull()
	} else {
		c.integer.Append(n)
	}
}

func (r *rows) flag(v bool) { r.next().flag.Append(v) }

// instant appends microseconds since 1970; 0 is NULL.
func (r *rows) instant(us int64) {
	if c := r.next(); us == 0 {
		c.instant.AppendNull()
	} else {
		c.instant.Append(arrow.Timestamp(us))
	}
}

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

func (r *rows) cut() {
	if r.count > 0 {
		r.full = append(r.full, r.builder.NewRecord())
		r.count = 0
	}
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
	r.builder.Release()
}
