package mapping

import (
	"bytes"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/schema"
)

// tableBuilder collects the rows of one table. Columns that emits fill go
// through buffers of our own, the others through Arrow's builders: those are
// filled at the end of the page, all rows at once.
type tableBuilder struct {
	plan    *tablePlan
	alloc   memory.Allocator
	columns []*columnBuffer // nil where no emit fills the column
	bulk    []array.Builder // nil where one does
	custom  *array.MapBuilder
	keys    *array.StringBuilder
	values  *array.StringBuilder
	marker  *array.Uint8Builder
	rows    int
}

func newTableBuilder(m *Mapper, p *tablePlan) *tableBuilder {
	t := &tableBuilder{plan: p, alloc: m.alloc, columns: make([]*columnBuffer, len(p.mapped)), bulk: make([]array.Builder, len(p.mapped))}
	for i, column := range p.table.Columns {
		if p.mapped[i] {
			t.columns[i] = newColumnBuffer(column)
		} else {
			t.bulk[i] = array.NewBuilder(m.alloc, p.arrow.Field(i).Type)
		}
	}
	t.custom = t.bulk[p.custom].(*array.MapBuilder)
	t.keys = t.custom.KeyBuilder().(*array.StringBuilder)
	t.values = t.custom.ItemBuilder().(*array.StringBuilder)
	t.marker = t.bulk[p.marker].(*array.Uint8Builder)
	return t
}

// append adds one row.
func (t *tableBuilder) append(r *row, cells []cell, customs []pairOf) {
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

// finish fills the columns that are the same in all rows and hands over the batch.
func (t *tableBuilder) finish(in Input) (Batch, bool) {
	if t.rows == 0 {
		return Batch{}, false
	}
	arrays := make([]arrow.Array, len(t.columns))
	for i, column := range t.plan.table.Columns {
		if t.columns[i] != nil {
			arrays[i] = t.columns[i].finish(t.alloc)
		} else {
			t.fill(t.bulk[i], column, in)
			arrays[i] = t.bulk[i].NewArray()
		}
	}
	rec := array.NewRecord(t.plan.arrow, arrays, int64(t.rows))
	for _, a := range arrays {
		a.Release()
	}
	t.rows = 0
	return Batch{Table: t.plan.table.Name, Record: rec}, true
}

// fill gives all rows the value of a system column, or NULL or zero.
func (t *tableBuilder) fill(b array.Builder, column schema.Column, in Input) {
	switch column.Name {
	case "custom":
		return // filled row by row
	case "_deleted":
		if !t.plan.deletes {
			b.AppendEmptyValues(t.rows)
		}
	case "source":
		repeat(b.(*array.StringBuilder), t.plan.source, t.rows)
	case "_stream":
		repeat(b.(*array.StringBuilder), t.plan.stream, t.rows)
	case "_run_id":
		repeat(b.(*array.StringBuilder), in.RunID, t.rows)
	case "_version":
		b.Reserve(t.rows)
		for range t.rows {
			b.(*array.Uint64Builder).UnsafeAppend(in.Version)
		}
	case "_loaded_at":
		b.Reserve(t.rows)
		for range t.rows {
			b.(*array.TimestampBuilder).UnsafeAppend(arrow.Timestamp(in.LoadedAt.UnixMicro()))
		}
	default:
		if column.Nullable {
			b.AppendNulls(t.rows)
		} else {
			b.AppendEmptyValues(t.rows)
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
		if t.columns[i] != nil {
			t.columns[i].reset()
		} else {
			t.bulk[i].NewArray().Release()
		}
	}
}
