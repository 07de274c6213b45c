// Package derivetest gives tests of derived metrics their inputs and takes
// their tables.
package derivetest

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/ledger"
	"huikuan/transform/schema"
)

// Row is a row by column: texts (also of dates and decimals), whole numbers;
// nil or absent is NULL, or the type's zero where a column has no NULL.
type Row map[string]any

// Source holds the rows of inputs. BatchRows is the size of a batch; 0 = all.
type Source struct {
	Declared  []schema.Table
	Inputs    map[string][]Row
	BatchRows int
	Allocator memory.Allocator
}

// Rows gives the batches of one input.
func (s Source) Rows(_ context.Context, input string) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		at := slices.IndexFunc(s.Declared, func(t schema.Table) bool { return t.Name == input })
		if at < 0 {
			yield(nil, fmt.Errorf("no input %s", input))
			return
		}
		rows, size := s.Inputs[input], s.BatchRows
		if size == 0 {
			size = max(1, len(rows))
		}
		for part := range slices.Chunk(rows, size) {
			rec, err := s.record(s.Declared[at], part)
			if err != nil {
				yield(nil, err)
				return
			}
			more := yield(rec, nil)
			rec.Release()
			if !more {
				return
			}
		}
	}
}

func (s Source) record(t schema.Table, rows []Row) (arrow.Record, error) {
	mem := s.Allocator
	if mem == nil {
		mem = memory.DefaultAllocator
	}
	b := array.NewRecordBuilder(mem, t.Arrow())
	defer b.Release()
	for _, row := range rows {
		for name := range row {
			if _, ok := t.Column(name); !ok {
				return nil, fmt.Errorf("%s has no column %s", t.Name, name)
			}
		}
		for i, c := range t.Columns {
			if err := appendValue(b.Field(i), c, row[c.Name]); err != nil {
				return nil, fmt.Errorf("%s.%s: %w", t.Name, c.Name, err)
			}
		}
	}
	return b.NewRecord(), nil
}

func appendValue(b array.Builder, c schema.Column, v any) error {
	if v == nil && c.Nullable {
		b.AppendNull()
		return nil
	}
	text := ""
	if v != nil {
		text = fmt.Sprint(v)
	}
	switch b := b.(type) {
	case *array.StringBuilder:
		b.Append(text)
	case *array.Int64Builder:
		var n int64
		if text != "" {
			if _, err := fmt.Sscan(text, &n); err != nil {
				return err
			}
		}
		b.Append(n)
	case *array.Date32Builder:
		d, err := ledger.ParseDay(text)
		if err != nil {
			return err
		}
		b.Append(arrow.Date32(d))
	case *array.Decimal128Builder:
		t := c.Kind.Arrow().(*arrow.Decimal128Type)
		if text == "" {
			text = "0"
		}
		n, err := decimal128.FromString(text, t.Precision, t.Scale)
		if err != nil {
			return err
		}
		b.Append(n)
	default:
		return fmt.Errorf("no values of type %s", b.Type())
	}
	return nil
}

// Sink keeps what is written, by table, as texts: NULL is "NULL".
type Sink struct {
	Tables []schema.Table
	Rows   map[string][]map[string]string
}

// Write keeps a batch.
func (s *Sink) Write(_ context.Context, table string, rec arrow.Record) error {
	at := slices.IndexFunc(s.Tables, func(t schema.Table) bool { return t.Name == table })
	if at < 0 || !rec.Schema().Equal(s.Tables[at].Arrow()) {
		return fmt.Errorf("%s: not the declared columns", table)
	}
	if s.Rows == nil {
		s.Rows = map[string][]map[string]string{}
	}
	for i := range int(rec.NumRows()) {
		row := map[string]string{}
		for n, c := range s.Tables[at].Columns {
			if row[c.Name] = c.Kind.Text(rec.Column(n), i); rec.Column(n).IsNull(i) {
				row[c.Name] = "NULL"
			}
		}
		s.Rows[table] = append(s.Rows[table], row)
	}
	return nil
}

// Find returns the rows of a table with the given values, as column, value pairs.
func (s *Sink) Find(table string, pairs ...string) []map[string]string {
	var out []map[string]string
	for _, row := range s.Rows[table] {
		same := true
		for i := 0; i < len(pairs); i += 2 {
			same = same && row[pairs[i]] == pairs[i+1]
		}
		if same {
			out = append(out, row)
		}
	}
	return out
}

// Text prints a row by column, for messages and comparisons.
func Text(row map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(row)) {
		fmt.Fprintf(&b, "%s=%s ", name, row[name])
	}
	return b.String()
}
