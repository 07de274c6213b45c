package mapping

import (
	"bytes"
	"math"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"huikuan/transform/schema"
)

// tableBuilder collects the rows of one table.
type tableBuilder struct {
	plan    *tablePlan
	builder *array.RecordBuilder
	columns []columnBuilder
	custom  *array.MapBuilder
	keys    *array.StringBuilder
	values  *array.StringBuilder
	marker  *array.Uint8Builder
	rows    int
	reserve int // rows of the last page: the next will have about as many
}

// columnBuilder is the builder of a column under its own type.
type columnBuilder struct {
	kind     schema.Kind
	nullable bool
	any      array.Builder
	text     *array.StringBuilder
	decimal  *array.Decimal128Builder
	date     *array.Date32Builder
	instant  *array.TimestampBuilder
	integer  *array.Int64Builder
	flag     *array.BooleanBuilder
	float    *array.Float64Builder
	bytes    int // of text in the last page
}

func newTableBuilder(m *Mapper, p *tablePlan) *tableBuilder {
	t := &tableBuilder{plan: p, builder: array.NewRecordBuilder(m.alloc, p.arrow)}
	for i, column := range p.table.Columns {
		b := t.builder.Field(i)
		c := columnBuilder{kind: column.Kind, nullable: column.Nullable, any: b}
		c.text, _ = b.(*array.StringBuilder)
		c.decimal, _ = b.(*array.Decimal128Builder)
		c.date, _ = b.(*array.Date32Builder)
		c.instant, _ = b.(*array.TimestampBuilder)
		c.integer, _ = b.(*array.Int64Builder)
		c.flag, _ = b.(*array.BooleanBuilder)
		c.float, _ = b.(*array.Float64Builder)
		t.columns = append(t.columns, c)
	}
	t.custom = t.builder.Field(p.custom).(*array.MapBuilder)
	t.keys = t.custom.KeyBuilder().(*array.StringBuilder)
	t.values = t.custom.ItemBuilder().(*array.StringBuilder)
	t.marker = t.builder.Field(p.marker).(*array.Uint8Builder)
	return t
}

// append adds one row. Columns that no emit fills are left to finish.
func (t *tableBuilder) append(r *row, cells []cell, customs []pairOf) {
	if t.rows == 0 && t.reserve > 0 {
		t.makeRoom()
	}
	t.rows++
	for i := range r.emit.fields {
		t.columns[r.emit.fields[i].column].append(&cells[i])
	}
	for _, i := range r.emit.filler {
		t.columns[i].append(&cell{})
	}
	t.custom.Append(true)
	for i := range customs {
		t.keys.Append(customs[i].key)
		t.values.BinaryBuilder.Append(validText(customs[i].v.trimmed()))
	}
	if t.plan.deletes {
		var deleted uint8
		if r.deleted {
			deleted = 1
		}
		t.marker.Append(deleted)
	}
}

// makeRoom reserves what the last page needed, so that builders do not grow
// step by step.
func (t *tableBuilder) makeRoom() {
	for i, mapped := range t.plan.mapped {
		if !mapped {
			continue
		}
		c := &t.columns[i]
		c.any.Reserve(t.reserve)
		if c.text != nil {
			c.text.ReserveData(c.bytes)
		}
	}
}

// append adds a cell: NULL, or the zero of a column that knows no NULL, if it is not set.
func (b *columnBuilder) append(c *cell) {
	if !c.set {
		if b.nullable {
			b.any.AppendNull()
		} else {
			b.any.AppendEmptyValue()
		}
		return
	}
	switch b.kind {
	case schema.Text, schema.Label:
		b.text.BinaryBuilder.Append(c.b)
	case schema.Money:
		b.decimal.Append(decimal128.FromI64(int64(c.lo)))
	case schema.Rate:
		b.decimal.Append(decimal128.New(c.hi, c.lo))
	case schema.Date:
		b.date.Append(arrow.Date32(int32(c.lo)))
	case schema.Instant:
		b.instant.Append(arrow.Timestamp(c.lo))
	case schema.Int:
		b.integer.Append(int64(c.lo))
	case schema.Bool:
		b.flag.Append(c.lo == 1)
	case schema.Float:
		b.float.Append(math.Float64frombits(c.lo))
	}
}

// finish fills the columns that are the same in all rows and hands over the batch.
func (t *tableBuilder) finish(in Input) (Batch, bool) {
	if t.rows == 0 {
		return Batch{}, false
	}
	for i, column := range t.plan.table.Columns {
		switch c := &t.columns[i]; {
		case !t.plan.mapped[i]:
			t.fill(i, column, in)
		case c.text != nil:
			c.bytes = c.text.DataLen()
		}
	}
	t.reserve, t.rows = t.rows, 0
	return Batch{Table: t.plan.table.Name, Record: t.builder.NewRecord()}, true
}

func (t *tableBuilder) fill(i int, column schema.Column, in Input) {
	c := &t.columns[i]
	switch column.Name {
	case "custom":
		return // filled row by row
	case "_deleted":
		if !t.plan.deletes {
			t.marker.AppendEmptyValues(t.rows)
		}
	case "source":
		repeat(c.text, t.plan.source, t.rows)
	case "_run_id":
		repeat(c.text, in.RunID, t.rows)
	case "_version":
		b := c.any.(*array.Uint64Builder)
		b.Reserve(t.rows)
		for range t.rows {
			b.UnsafeAppend(in.Version)
		}
	case "_loaded_at":
		at := arrow.Timestamp(in.LoadedAt.UnixMicro())
		c.instant.Reserve(t.rows)
		for range t.rows {
			c.instant.UnsafeAppend(at)
		}
	default:
		if c.nullable {
			c.any.AppendNulls(t.rows)
		} else {
			c.any.AppendEmptyValues(t.rows)
		}
	}
}

func repeat(b *array.StringBuilder, text string, n int) {
	b.Reserve(n)
	b.ReserveData(n * len(text))
	for range n {
		b.Append(text)
	}
}

// validText replaces what is not UTF-8.
func validText(b []byte) []byte {
	if utf8.Valid(b) {
		return b
	}
	return bytes.ToValidUTF8(b, []byte("\ufffd"))
}

// discard drops the rows of a page that failed.
func (t *tableBuilder) discard() {
	if t.rows == 0 {
		return
	}
	t.rows = 0
	for i := range t.columns {
		t.columns[i].any.NewArray().Release()
	}
}
