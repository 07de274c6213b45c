package derive

import (
	"context"
	"fmt"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
	"huikuan/transform/schema"
)

// Source gives the inputs that a derived metric declares. A record is valid
// until the next is asked for; its columns are those of the declaration.
type Source interface {
	Rows(ctx context.Context, input string) iter.Seq2[arrow.Record, error]
}

// Sink takes the batches of derived tables. It does not keep rec unless it
// retains it. An error ends the build.
type Sink interface {
	Write(ctx context.Context, table string, rec arrow.Record) error
}

// Input describes an input of a derived metric: a declaration without order
// and class, since nothing is stored under its name.
func Input(name string) *Table { return &Table{schema.Table{Name: name, Class: schema.Metric}} }

// Binder finds the columns of a batch. The first fault sticks.
type Binder struct {
	rec arrow.Record
	err error
}

// Bind begins the reading of a batch.
func Bind(rec arrow.Record) *Binder { return &Binder{rec: rec} }

// Err is the first fault: a column that is missing or of another type.
func (b *Binder) Err() error { return b.err }

func column[T arrow.Array](b *Binder, name string) T {
	var none T
	at := b.rec.Schema().FieldIndices(name)
	if len(at) == 1 {
		if c, ok := b.rec.Column(at[0]).(T); ok {
			return c
		}
	}
	if b.err == nil {
		b.err = fmt.Errorf("there is no column %s of the declared type", name)
	}
	return none
}

// Text is a column of texts.
type Text struct{ *array.String }

// At returns a text, empty where it is NULL, valid as long as the batch.
func (c Text) At(i int) string {
	if c.IsNull(i) {
		return ""
	}
	return c.Value(i)
}

// Text returns a column of texts.
func (b *Binder) Text(name string) Text { return Text{column[*array.String](b, name)} }

// Day is a column of days.
type Day struct{ *array.Date32 }

// At returns a day, [ledger.NoDay] where it is NULL.
func (c Day) At(i int) ledger.Day {
	if c.IsNull(i) {
		return ledger.NoDay
	}
	return ledger.Day(c.Value(i))
}

// Day returns a column of days.
func (b *Binder) Day(name string) Day { return Day{column[*array.Date32](b, name)} }

// Decimal is a column of decimals.
type Decimal struct{ *array.Decimal128 }

// Amount returns an amount, 0 where it is NULL.
func (c Decimal) Amount(i int) money.Amount {
	if c.IsNull(i) {
		return 0
	}
	return money.Amount(c.Value(i).LowBits())
}

// Wide returns the number in units of its last place, 0 where it is NULL.
func (c Decimal) Wide(i int) money.Wide {
	if c.IsNull(i) {
		return money.Wide{}
	}
	n := c.Value(i)
	return money.Wide{Hi: n.HighBits(), Lo: n.LowBits()}
}

// Known tells whether there is a value.
func (c Decimal) Known(i int) bool { return c.IsValid(i) }

// Decimal returns a column of decimals.
func (b *Binder) Decimal(name string) Decimal { return Decimal{column[*array.Decimal128](b, name)} }

// Int is a column of whole numbers.
type Int struct{ *array.Int64 }

// Int returns a column of whole numbers.
func (b *Binder) Int(name string) Int { return Int{column[*array.Int64](b, name)} }
