package load

import (
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/schema"
)

// newRecord builds a batch of t from rows of Go values, columns in order: nil,
// string or []byte, int64, uint64, uint8, float64, bool, time.Time, arrow.Date32,
// decimal128.Num, map[string]string. It is meant for the warehouse's own small
// tables; the caller releases the record.
func newRecord(alloc memory.Allocator, t schema.Table, rows [][]any) (arrow.Record, error) {
	b := array.NewRecordBuilder(alloc, t.Arrow())
	defer b.Release()
	b.Reserve(len(rows))
	for i := range t.Columns {
		reserveBytes(b.Field(i), rows, i)
	}
	for n, row := range rows {
		if len(row) != len(t.Columns) {
			return nil, fmt.Errorf("row %d of %s has %d values for %d columns", n, t.Name, len(row), len(t.Columns))
		}
		for i, v := range row {
			if err := appendValue(b.Field(i), v); err != nil {
				return nil, fmt.Errorf("row %d of %s, column %s: %w", n, t.Name, t.Columns[i].Name, err)
			}
		}
	}
	return b.NewRecord(), nil
}

// reserveBytes makes room for what is large: growing by doubling would hold it thrice.
func reserveBytes(b array.Builder, rows [][]any, column int) {
	total := 0
	for _, row := range rows {
		if column < len(row) {
			body, _ := row[column].([]byte)
			total += len(body)
		}
	}
	if room, ok := b.(interface{ ReserveData(int) }); ok && total > 0 {
		room.ReserveData(total)
	}
}

func appendValue(b array.Builder, v any) error {
	if v == nil {
		b.AppendNull()
		return nil
	}
	ok := false
	switch b := b.(type) {
	case *array.BinaryBuilder:
		ok = appendAs[[]byte](b, v)
	case *array.StringBuilder:
		if body, isBytes := v.([]byte); isBytes { // spares a copy of what may be large
			b.BinaryBuilder.Append(body)
			return nil
		}
		ok = appendAs(b, v)
	case *array.Int64Builder:
		ok = appendAs(b, v)
	case *array.Uint64Builder:
		ok = appendAs(b, v)
	case *array.Uint8Builder:
		ok = appendAs(b, v)
	case *array.Float64Builder:
		ok = appendAs(b, v)
	case *array.BooleanBuilder:
		ok = appendAs(b, v)
	case *array.Date32Builder:
		ok = appendAs(b, v)
	case *array.Decimal128Builder:
		ok = appendAs[decimal128.Num](b, v)
	case *array.TimestampBuilder:
		var at time.Time
		if at, ok = v.(time.Time); ok {
			b.Append(arrow.Timestamp(at.UnixMicro()))
		}
	case *array.MapBuilder:
		var m map[string]string
		if m, ok = v.(map[string]string); ok {
			appendMap(b, m)
		}
	}
	if !ok {
		return fmt.Errorf("a %T does not fit a %s", v, b.Type())
	}
	return nil
}

func appendAs[T any](b interface{ Append(T) }, v any) bool {
	typed, ok := v.(T)
	if ok {
		b.Append(typed)
	}
	return ok
}

func appendMap(b *array.MapBuilder, m map[string]string) {
	b.Append(true)
	for _, key := range sortedKeys(m) {
		b.KeyBuilder().(*array.StringBuilder).Append(key)
		b.ItemBuilder().(*array.StringBuilder).Append(m[key])
	}
}
