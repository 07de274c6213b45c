package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// KeptCustomer is a customer as [Chunk.Encode] has written it down.
type KeptCustomer struct {
	ID   string
	Data []byte
}

// Restored serves kept customers as a [Source]. Tables that do not hang on a
// customer come from another source.
type Restored struct {
	rest   Source
	tables map[string]arrow.Record
}

var _ Source = (*Restored)(nil)

// errKept: the bytes are not those of a customer under this layout.
var errKept = errors.New("a kept customer cannot be read")

// Restore reads kept customers. They are sorted by identifier here. Release
// gives the memory back.
func Restore(customers []KeptCustomer, rest Source, alloc memory.Allocator) (*Restored, error) {
	customers = slices.Clone(customers)
	slices.SortFunc(customers, func(a, b KeptCustomer) int {
		if a.ID < b.ID {
			return -1
		}
		return 1
	})
	builders := make([]*array.RecordBuilder, slots)
	for slot := range slots {
		used, err := usedColumns(slot)
		if err != nil {
			return nil, err
		}
		fields := []arrow.Field{{Name: "customer_id", Type: arrow.BinaryTypes.String}}
		for _, u := range used {
			fields = append(fields, arrow.Field{Name: u.name, Type: u.kind, Nullable: true})
		}
		builders[slot] = array.NewRecordBuilder(alloc, arrow.NewSchema(fields, nil))
	}
	defer func() {
		for _, b := range builders {
			b.Release()
		}
	}()
	for _, c := range customers {
		d := decoder{data: c.Data}
		for slot := range slots {
			d.table(builders[slot], c.ID)
		}
		if d.failed || len(d.data) != 0 {
			return nil, fmt.Errorf("customer %q: %w", c.ID, errKept)
		}
	}
	r := &Restored{rest: rest, tables: map[string]arrow.Record{}}
	for slot, b := range builders {
		r.tables[slotNames[slot]] = b.NewRecord()
	}
	return r, nil
}

// Rows implements [Source].
func (r *Restored) Rows(ctx context.Context, table string) iter.Seq2[arrow.Record, error] {
	rec, ok := r.tables[table]
	if !ok {
		return r.rest.Rows(ctx, table)
	}
	return func(yield func(arrow.Record, error) bool) {
		if rec.NumRows() > 0 {
			yield(rec, nil)
		}
	}
}

// Release gives the memory back.
func (r *Restored) Release() {
	for _, rec := range r.tables {
		rec.Release()
	}
	r.tables = nil
}

// decoder reads a kept customer; after a fault everything reads as nothing.
type decoder struct {
	data   []byte
	failed bool
}

func (d *decoder) table(b *array.RecordBuilder, customer string) {
	rows := int(d.uvarint())
	if d.failed || rows == 0 {
		return
	}
	for range rows {
		b.Field(0).(*array.StringBuilder).Append(customer)
	}
	for _, f := range b.Fields()[1:] {
		d.column(f, rows)
	}
}

func (d *decoder) column(b array.Builder, rows int) {
	constant := d.byte() == 1
	read := d.numbers(b)
	if text, ok := b.(*array.StringBuilder); ok {
		read = d.texts(text)
	}
	var again func()
	for range rows {
		if d.failed {
			return
		}
		if again != nil && constant {
			again()
			continue
		}
		again = read()
	}
}

// texts reads one text after another; each call returns how to append it again.
func (d *decoder) texts(b *array.StringBuilder) func() func() {
	var before []byte
	put := func() { b.BinaryBuilder.Append(before) }
	return func() func() {
		switch d.byte() {
		case markNull:
			b.AppendNull()
			return b.AppendNull
		case markSame:
		case markValue:
			shared, rest := int(d.uvarint()), int(d.uvarint())
			if d.failed || shared > len(before) || rest > len(d.data) {
				d.failed = true
				return put
			}
			before = append(before[:shared], d.data[:rest]...)
			d.data = d.data[rest:]
		default:
			d.failed = true
		}
		put()
		return put
	}
}

func (d *decoder) numbers(b array.Builder) func() func() {
	before := int64(0)
	put := func() { appendNumber(b, before) }
	return func() func() {
		switch d.byte() {
		case markNull:
			b.AppendNull()
			return b.AppendNull
		case markSame:
		case markValue:
			before += d.varint()
		default:
			d.failed = true
		}
		put()
		return put
	}
}

func appendNumber(b array.Builder, n int64) {
	switch b := b.(type) {
	case *array.Date32Builder:
		b.Append(arrow.Date32(n))
	case *array.Int64Builder:
		b.Append(n)
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(n))
	case *array.Decimal128Builder:
		b.Append(decimal128.FromI64(n))
	case *array.BooleanBuilder:
		b.Append(n == 1)
	}
}

func (d *decoder) byte() byte {
	if d.failed || len(d.data) == 0 {
		d.failed = true
		return 0
	}
	v := d.data[0]
	d.data = d.data[1:]
	return v
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.data)
	if n <= 0 || d.failed {
		d.failed = true
		return 0
	}
	d.data = d.data[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.data)
	if n <= 0 || d.failed {
		d.failed = true
		return 0
	}
	d.data = d.data[n:]
	return v
}
