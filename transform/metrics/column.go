package metrics

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// column holds the values of one column; which vectors are used depends on its type.
type column struct {
	decimals vector[decimal128.Num]
	days     vector[arrow.Date32]
	integers vector[int64] // also microseconds
	flags    []bool
	offsets  vector[int32] // of texts: where each begins in bytes
	bytes    vector[byte]
	nulls    []int32 // rows that are NULL, ascending
	same     int     // so many first values are those of the column before, and stand there only
}

// null marks n rows as NULL.
func (c *column) null(from, n int) {
	for i := range n {
		c.nulls = append(c.nulls, int32(from+i))
	}
}

// part writes the values that stand in the column before only.
func (c *column) part(before *column, count int, mem memory.Allocator) {
	if c.same == count && count > 0 {
		copy(c.decimals.extend(count, mem), before.decimals.list[:count])
		c.same = 0
	}
}

// array hands the column over as an array and empties it. before is the column
// to its left, whose buffer serves both when they are the same.
func (c *column) array(t arrow.DataType, count int, before arrow.Array, mem memory.Allocator) arrow.Array {
	buffers := []*memory.Buffer{c.validity(count, mem)}
	switch t.ID() {
	case arrow.STRING, arrow.BINARY:
		c.offsets.add(int32(len(c.bytes.list)), mem)
		buffers = append(buffers, c.offsets.buffer(mem), c.bytes.buffer(mem))
	case arrow.DECIMAL128:
		if c.same == count {
			shared := before.Data().Buffers()[1]
			shared.Retain()
			buffers = append(buffers, shared)
		} else {
			buffers = append(buffers, c.decimals.buffer(mem))
		}
	case arrow.DATE32:
		buffers = append(buffers, c.days.buffer(mem))
	case arrow.INT64, arrow.TIMESTAMP:
		buffers = append(buffers, c.integers.buffer(mem))
	case arrow.BOOL:
		bits := zeroed((count+7)/8, mem)
		for i, v := range c.flags {
			if v {
				bits.Bytes()[i/8] |= 1 << (i % 8)
			}
		}
		c.flags = c.flags[:0]
		buffers = append(buffers, bits)
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
	c.nulls, c.same = c.nulls[:0], 0
	return array.MakeFromData(data)
}

// validity is the bitmap of values that are not NULL; nil when all are.
func (c *column) validity(count int, mem memory.Allocator) *memory.Buffer {
	if len(c.nulls) == 0 {
		return nil
	}
	out := zeroed((count+7)/8, mem)
	bits := out.Bytes()
	for i := range bits {
		bits[i] = 0xff
	}
	if rest := count % 8; rest > 0 {
		bits[len(bits)-1] = 1<<rest - 1
	}
	for _, i := range c.nulls {
		bits[i/8] &^= 1 << (i % 8)
	}
	return out
}

func zeroed(size int, mem memory.Allocator) *memory.Buffer {
	b := memory.NewBufferWithAllocator(mem.Allocate(roomy(size)), mem)
	b.ResizeNoShrink(size)
	clear(b.Bytes())
	return b
}

func (c *column) release(mem memory.Allocator) {
	c.decimals.free(mem)
	c.days.free(mem)
	c.integers.free(mem)
	c.offsets.free(mem)
	c.bytes.free(mem)
}
