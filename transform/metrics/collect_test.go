package metrics

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/ledger/ledgertest"
)

// tables is a sink that keeps everything as text, as a reader would see it:
// amounts and ratios without trailing zeros, NULL as NULL.
type tables map[string][]map[string]string

func (t tables) Write(_ context.Context, table string, rec arrow.Record) error {
	for i := range int(rec.NumRows()) {
		row := map[string]string{}
		for c, f := range rec.Schema().Fields() {
			row[f.Name] = cell(rec.Column(c), i)
		}
		t[table] = append(t[table], row)
	}
	return nil
}

func cell(a arrow.Array, i int) string {
	if a.IsNull(i) {
		return "NULL"
	}
	switch a := a.(type) {
	case *array.Decimal128:
		return decimalText(a.Value(i), int(a.DataType().(*arrow.Decimal128Type).Scale))
	case *array.Date32:
		return a.Value(i).FormattedString()
	}
	return strings.Clone(a.ValueStr(i)) // the batch's memory is used again
}

// decimalText writes a decimal without trailing zeros.
func decimalText(v decimal128.Num, scale int) string {
	if v == (decimal128.Num{}) {
		return "0"
	}
	digits, sign := v.BigInt().String(), ""
	if rest, negative := strings.CutPrefix(digits, "-"); negative {
		digits, sign = rest, "-"
	}
	if short := scale + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	point := len(digits) - scale
	return sign + strings.TrimRight(digits[:point]+"."+strings.TrimRight(digits[point:], "0"), ".")
}

// fataler is a test, or a check of a law.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// find returns the only row with these values ("column", "value", …).
func (t tables) find(tb fataler, table string, pairs ...string) map[string]string {
	tb.Helper()
	var found []map[string]string
	for _, row := range t[table] {
		match := true
		for i := 0; i < len(pairs); i += 2 {
			match = match && row[pairs[i]] == pairs[i+1]
		}
		if match {
			found = append(found, row)
		}
	}
	if len(found) != 1 {
		tb.Fatalf("%s has %d rows with %v, want 1", table, len(found), pairs)
	}
	return found[0]
}

// expect compares columns of a row ("column", "value", …).
func expect(tb testing.TB, row map[string]string, pairs ...string) {
	tb.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got, ok := row[pairs[i]]; got != pairs[i+1] || !ok {
			tb.Errorf("%s = %s, want %s", pairs[i], got, pairs[i+1])
		}
	}
}

// buildTables builds books up to a day with a checked allocator and fails on any
// check that contradicts the figures.
func buildTables(tb testing.TB, b *ledgertest.Books, asOf string, change ...func(*Options)) (tables, Summary) {
	tb.Helper()
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	o := Options{AsOf: ledgertest.Day(asOf), Workers: 2, ChunkRows: 5, BatchRows: 11, Allocator: mem}
	for _, c := range change {
		c(&o)
	}
	src := b.Source()
	src.Allocator = mem
	out := tables{}
	sum, err := Build(context.Background(), src, out, o)
	if err != nil {
		tb.Fatal(err)
	}
	if used := mem.CurrentAlloc(); used != 0 {
		tb.Errorf("%d bytes of Arrow memory were not released", used)
	}
	for _, c := range sum.Failed() {
		tb.Errorf("%s", c)
	}
	return out, sum
}
