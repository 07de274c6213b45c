package ledger

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"huikuan/transform/money"
	"huikuan/transform/schema"
)

// binder finds the columns of one batch by name and checks their types and
// required values against the table's description. The first fault sticks.
type binder struct {
	table schema.Table
	rec   arrow.Record
	first int64 // ordinal of the batch's first row in its stream, from 1
	used  []usedColumn
	err   error
}

func (b *binder) column(name string) arrow.Array {
	if b.err != nil {
		return nil
	}
	want, ok := b.table.Column(name)
	if !ok {
		b.err = fmt.Errorf("%s: column %s is not described", b.table.Name, name)
		return nil
	}
	at := b.rec.Schema().FieldIndices(name)
	if len(at) != 1 {
		b.err = fmt.Errorf("%s: column %s is missing, or there is more than one", b.table.Name, name)
		return nil
	}
	col := b.rec.Column(at[0])
	if !sameType(col.DataType(), want.Kind.Arrow()) {
		b.err = fmt.Errorf("%s: column %s is %s, expected %s", b.table.Name, name, col.DataType(), want.Kind.Arrow())
		return nil
	}
	if !want.Nullable && col.NullN() > 0 {
		for i := range col.Len() {
			if col.IsNull(i) {
				b.err = fmt.Errorf("%s row %d: column %s is NULL, expected a value", b.table.Name, b.first+int64(i), name)
				return nil
			}
		}
	}
	b.used = append(b.used, usedColumn{name, col.DataType(), col})
	return col
}

// sameType compares types; of decimals only the scale counts.
func sameType(got, want arrow.DataType) bool {
	if w, ok := want.(*arrow.Decimal128Type); ok {
		g, ok := got.(*arrow.Decimal128Type)
		return ok && g.Scale == w.Scale
	}
	return arrow.TypeEqual(got, want)
}

func (b *binder) text(name string) textColumn {
	a, _ := b.column(name).(*array.String)
	return textColumn{a, a != nil && a.NullN() > 0}
}

func (b *binder) day(name string) dayColumn {
	a, _ := b.column(name).(*array.Date32)
	return dayColumn{a, a != nil && a.NullN() > 0}
}

func (b *binder) integer(name string) intColumn {
	a, _ := b.column(name).(*array.Int64)
	return intColumn{a, a != nil && a.NullN() > 0}
}

func (b *binder) instant(name string) instantColumn {
	a, _ := b.column(name).(*array.Timestamp)
	return instantColumn{a, a != nil && a.NullN() > 0}
}

func (b *binder) flag(name string) *array.Boolean {
	a, _ := b.column(name).(*array.Boolean)
	return a
}

// money binds a column of amounts and checks that its values fit.
func (b *binder) money(name string) decimalColumn {
	a, _ := b.column(name).(*array.Decimal128)
	if a == nil {
		return decimalColumn{}
	}
	for i := range a.Len() {
		if a.IsNull(i) {
			continue
		}
		if !fitsWord(a.Value(i)) {
			b.err = fmt.Errorf("%s row %d: column %s is out of range", b.table.Name, b.first+int64(i), name)
			return decimalColumn{}
		}
	}
	return decimalColumn{a, a.NullN() > 0}
}

// A column knows whether it has NULLs at all, which spares most of the looks at
// the validity bitmap.
type textColumn struct {
	a     *array.String
	nulls bool
}

// at returns the text without copying it; NULL is the empty text.
func (c textColumn) at(i int) string {
	if c.nulls && c.a.IsNull(i) {
		return ""
	}
	return c.a.Value(i)
}

func (c textColumn) isNull(i int) bool { return c.nulls && c.a.IsNull(i) }

type dayColumn struct {
	a     *array.Date32
	nulls bool
}

func (c dayColumn) at(i int) Day {
	if c.nulls && c.a.IsNull(i) {
		return NoDay
	}
	return Day(c.a.Value(i))
}

type intColumn struct {
	a     *array.Int64
	nulls bool
}

func (c intColumn) at(i int) int64 {
	if c.nulls && c.a.IsNull(i) {
		return 0
	}
	return c.a.Value(i)
}

type instantColumn struct {
	a     *array.Timestamp
	nulls bool
}

// at returns microseconds since 1970-01-01 UTC; 0 for NULL.
func (c instantColumn) at(i int) int64 {
	if c.nulls && c.a.IsNull(i) {
		return 0
	}
	return int64(c.a.Value(i))
}

type decimalColumn struct {
	a     *array.Decimal128
	nulls bool
}

func (c decimalColumn) isNull(i int) bool { return c.nulls && c.a.IsNull(i) }

func (c decimalColumn) at(i int) money.Amount {
	if c.nulls && c.a.IsNull(i) {
		return 0
	}
	return money.Amount(c.a.Value(i).LowBits())
}

// rate binds a column of factors.
func (b *binder) rate(name string) rateColumn {
	a, _ := b.column(name).(*array.Decimal128)
	return rateColumn{a}
}

type rateColumn struct{ a *array.Decimal128 }

// at returns the factor; what none can be, above 900 million, is 0: a rate or a
// share that is not known, which the checks report.
func (c rateColumn) at(i int) money.Rate {
	n := c.a.Value(i)
	if c.a.IsNull(i) || !fitsWord(n) {
		return 0
	}
	return money.Rate(n.LowBits())
}

func fitsWord(n decimal128.Num) bool { return n.HighBits() == int64(n.LowBits())>>63 }
