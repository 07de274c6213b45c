package mapping

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/schema"
)

// columnBuffer collects the values of one column in memory that is used again
// for every page, and copies them once into Arrow buffers of the exact size. It
// does the work of an Arrow builder at a fraction of its cost a value.
type columnBuffer struct {
	kind     schema.Kind
	dtype    arrow.DataType
	nullable bool
	rows     int
	nulls    []int    // rows that are NULL
	text     []byte   // Text, Label: all values in a row
	ints     []int32  // Text, Label: ends in text, after a zero; Date: days
	words    []uint64 // other kinds: one word a value, low and high for decimals
}

func newColumnBuffer(c schema.Column) *columnBuffer {
	b := &columnBuffer{kind: c.Kind, dtype: c.Kind.Arrow(), nullable: c.Nullable}
	b.reset()
	return b
}

func (b *columnBuffer) reset() {
	b.rows, b.nulls, b.text, b.ints, b.words = 0, b.nulls[:0], b.text[:0], b.ints[:0], b.words[:0]
	if b.isText() {
		b.ints = append(b.ints, 0)
	}
}

func (b *columnBuffer) isText() bool { return b.kind == schema.Text || b.kind == schema.Label }

// append adds a cell: NULL, or the zero of a column that knows no NULL, if it is
// not set; then its value is zero too.
func (b *columnBuffer) append(c *cell) {
	if !c.set && b.nullable {
		b.nulls = append(b.nulls, b.rows)
	}
	b.rows++
	switch b.kind {
	case schema.Text, schema.Label:
		b.text = append(b.text, c.b...)
		b.ints = append(b.ints, int32(len(b.text)))
	case schema.Date:
		b.ints = append(b.ints, int32(c.lo))
	case schema.Money: // its cells hold 64 bits, extended here by their sign
		b.words = append(b.words, c.lo, uint64(int64(c.lo)>>63))
	case schema.Rate:
		b.words = append(b.words, c.lo, uint64(c.hi))
	default:
		b.words = append(b.words, c.lo)
	}
}

// appendText adds a text.
func (b *columnBuffer) appendText(text string) {
	b.rows++
	b.text = append(b.text, text...)
	b.ints = append(b.ints, int32(len(b.text)))
}

// finish copies the values into an array and empties the buffer.
func (b *columnBuffer) finish(alloc memory.Allocator) (out arrow.Array) {
	nulls := b.validity(alloc)
	switch {
	case b.isText():
		out = arrayOf(b.dtype, b.rows, len(b.nulls), nulls, copyOf(alloc, arrow.Int32Traits.CastToBytes(b.ints)), copyOf(alloc, b.text))
	case b.kind == schema.Date:
		out = arrayOf(b.dtype, b.rows, len(b.nulls), nulls, copyOf(alloc, arrow.Int32Traits.CastToBytes(b.ints)))
	case b.kind == schema.Bool:
		out = arrayOf(b.dtype, b.rows, len(b.nulls), nulls, copyOf(alloc, b.bits()))
	default:
		out = arrayOf(b.dtype, b.rows, len(b.nulls), nulls, copyOf(alloc, arrow.Uint64Traits.CastToBytes(b.words)))
	}
	b.reset()
	return out
}

// arrayOf makes an array of buffers, which it takes over.
func arrayOf(kind arrow.DataType, rows, nulls int, buffers ...*memory.Buffer) arrow.Array {
	data := array.NewData(kind, rows, buffers, nil, nulls, 0)
	defer data.Release()
	for _, buffer := range buffers {
		if buffer != nil {
			buffer.Release()
		}
	}
	return array.MakeFromData(data)
}

// validity is the bitmap of rows that are not NULL, nil if all are not.
func (b *columnBuffer) validity(alloc memory.Allocator) *memory.Buffer {
	if len(b.nulls) == 0 {
		return nil
	}
	bitmap := slices.Repeat([]byte{0xff}, (b.rows+7)/8)
	for _, row := range b.nulls {
		bitmap[row/8] &^= 1 << (row % 8)
	}
	return copyOf(alloc, bitmap)
}

// bits packs flags.
func (b *columnBuffer) bits() []byte {
	out := make([]byte, (b.rows+7)/8)
	for row, word := range b.words {
		out[row/8] |= byte(word) << (row % 8)
	}
	return out
}

func copyOf(alloc memory.Allocator, bytes []byte) *memory.Buffer {
	buffer := memory.NewResizableBuffer(alloc)
	buffer.Resize(len(bytes))
	copy(buffer.Bytes(), bytes)
	return buffer
}
