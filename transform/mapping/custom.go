package mapping

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/schema"
)

// mapBuffer collects the values of the map column `custom`, as a columnBuffer
// does those of the others.
type mapBuffer struct {
	dtype        *arrow.MapType
	keys, values *columnBuffer
	ends         []int32 // of each row's entries, after a zero
}

func newMapBuffer(c schema.Column) *mapBuffer {
	text := schema.Column{Kind: schema.Text}
	b := &mapBuffer{dtype: c.Kind.Arrow().(*arrow.MapType), keys: newColumnBuffer(text), values: newColumnBuffer(text)}
	b.reset()
	return b
}

func (b *mapBuffer) reset() {
	b.keys.reset()
	b.values.reset()
	b.ends = append(b.ends[:0], 0)
}

// append adds the entries of one row.
func (b *mapBuffer) append(entries []pairOf) {
	for i := range entries {
		b.keys.appendText(entries[i].key)
		b.values.append(&cell{set: true, b: validText(entries[i].v.trimmed())})
	}
	b.ends = append(b.ends, int32(b.keys.rows))
}

// finish copies the entries into an array and empties the buffer.
func (b *mapBuffer) finish(alloc memory.Allocator) arrow.Array {
	rows, entries := len(b.ends)-1, b.keys.rows
	keys, values := b.keys.finish(alloc), b.values.finish(alloc)
	defer keys.Release()
	defer values.Release()
	pairs := array.NewData(b.dtype.Elem(), entries, []*memory.Buffer{nil}, []arrow.ArrayData{keys.Data(), values.Data()}, 0, 0)
	defer pairs.Release()
	ends := copyOf(alloc, arrow.Int32Traits.CastToBytes(b.ends))
	defer ends.Release()
	data := array.NewData(b.dtype, rows, []*memory.Buffer{nil, ends}, []arrow.ArrayData{pairs}, 0, 0)
	defer data.Release()
	b.reset()
	return array.MakeFromData(data)
}
