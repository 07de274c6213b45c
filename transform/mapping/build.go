package mapping

import (
	"bytes"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/schema"
)

// tableBuilder collects the rows of one table. Columns that emits fill, and what
// differs from row to row of the system columns, go through buffers; columns that
// are the same in all rows are made once and shared by the batches of many pages.
type tableBuilder struct {
	plan    *tablePlan
	alloc   memory.Allocator
	columns []*columnBuffer // nil where no emit fills the column
	shared  []sharedColumn  // where none does
	custom  *mapBuffer      // nil if no emit keeps custom fields
	marks   []byte          // _deleted of each row
	deleted int             // rows marked so
	rows    int
}

// sharedColumn is a column of equal values.
type sharedColumn struct {
	array arrow.Array // nil: not made yet
	text  string      // the value, of texts
}

func newTableBuilder(m *Mapper, p *tablePlan) *tableBuilder {
	t := &tableBuilder{plan: p, alloc: m.alloc, columns: make([]*columnBuffer, len(p.mapped)), shared: make([]sharedColumn, len(p.mapped))}
	for i, column := range p.table.Columns {
		if p.mapped[i] {
			t.columns[i] = newColumnBuffer(column)
		}
	}
	if p.customs {
		t.custom = newMapBuffer(p.table.Columns[p.custom])
	}
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
	if t.custom != nil {
		t.custom.append(customs)
	}
	if t.plan.deletes {
		var mark byte
		if r.deleted {
			mark = 1
			t.deleted++
		}
		t.marks = append(t.marks, mark)
	}
}

// finish fills the columns that are the same in all rows and hands over the batch.
func (t *tableBuilder) finish(in Input) (Batch, bool) {
	if t.rows == 0 {
		return Batch{}, false
	}
	arrays := make([]arrow.Array, len(t.columns))
	for i, column := range t.plan.table.Columns {
		switch {
		case t.columns[i] != nil:
			arrays[i] = t.columns[i].finish(t.alloc)
		case i == t.plan.custom && t.custom != nil:
			arrays[i] = t.custom.finish(t.alloc)
		case i == t.plan.marker && t.deleted > 0:
			arrays[i] = arrayOf(arrow.PrimitiveTypes.Uint8, t.rows, 0, nil, copyOf(t.alloc, t.marks))
		case column.Name == "_version":
			arrays[i] = t.words(in.Version, arrow.PrimitiveTypes.Uint64)
		case column.Name == "_loaded_at":
			arrays[i] = t.words(uint64(in.LoadedAt.UnixMicro()), column.Kind.Arrow())
		default:
			arrays[i] = t.same(i, column, in)
		}
	}
	rec := array.NewRecord(t.plan.arrow, arrays, int64(t.rows))
	for _, a := range arrays {
		a.Release()
	}
	t.clear()
	return Batch{Table: t.plan.table.Name, Record: rec}, true
}

func (t *tableBuilder) clear() {
	t.rows, t.deleted, t.marks = 0, 0, t.marks[:0]
}

// words is a column with the same word in all rows of a page, another in the next.
func (t *tableBuilder) words(word uint64, kind arrow.DataType) arrow.Array {
	buffer := memory.NewResizableBuffer(t.alloc)
	buffer.Resize(8 * t.rows)
	words := arrow.Uint64Traits.CastFromBytes(buffer.Bytes())
	for i := range words {
		words[i] = word
	}
	return arrayOf(kind, t.rows, 0, nil, buffer)
}

// same gives all rows the value of a system column, or NULL or zero. Its memory
// is Go's, since it outlives the batch.
func (t *tableBuilder) same(i int, column schema.Column, in Input) arrow.Array {
	s := &t.shared[i]
	text := ""
	switch column.Name {
	case "source":
		text = t.plan.source
	case "_stream":
		text = t.plan.stream
	case "_run_id":
		text = in.RunID
	}
	if s.array == nil || s.array.Len() != t.rows || s.text != text {
		b := array.NewBuilder(memory.DefaultAllocator, t.plan.arrow.Field(i).Type)
		defer b.Release()
		switch {
		case text != "":
			repeat(b.(*array.StringBuilder), text, t.rows)
		case column.Nullable:
			b.AppendNulls(t.rows)
		default:
			b.AppendEmptyValues(t.rows)
		}
		*s = sharedColumn{array: b.NewArray(), text: text}
	}
	s.array.Retain()
	return s.array
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
	for _, column := range t.columns {
		if column != nil {
			column.reset()
		}
	}
	if t.custom != nil {
		t.custom.reset()
	}
	t.clear()
}
