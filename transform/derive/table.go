// Package derive holds what the metrics derived from replayed tables share:
// payment behaviour, the cash forecast and the DSO bridge read tables that a
// replay has written, in the order they ask for, and write tables of their own
// into the same build.
//
// In: Arrow batches of declared inputs. Out: Arrow batches of declared tables.
// Never here: SQL, HTTP, a metric's formula.
package derive

import "huikuan/transform/schema"

// Table describes a metric table; columns are added to it one after another.
type Table struct{ schema.Table }

// NewTable begins the description of a metric table with its sorting key.
func NewTable(name, comment string, order ...string) *Table {
	return &Table{schema.Table{Name: name, Comment: comment, Class: schema.Metric, OrderBy: order}}
}

func (t *Table) add(name string, k schema.Kind, null bool, comment string) *Table {
	t.Columns = append(t.Columns, schema.Column{Name: name, Kind: k, Nullable: null, Comment: comment})
	return t
}

// Text adds an identifier.
func (t *Table) Text(name, comment string) *Table { return t.add(name, schema.Text, false, comment) }

// OptText adds an identifier that may be unknown.
func (t *Table) OptText(name, comment string) *Table { return t.add(name, schema.Text, true, comment) }

// Label adds a text of few values.
func (t *Table) Label(name, comment string) *Table { return t.add(name, schema.Label, false, comment) }

// OptLabel adds a text of few values that may be absent.
func (t *Table) OptLabel(name, comment string) *Table {
	return t.add(name, schema.Label, true, comment)
}

// Date adds a day.
func (t *Table) Date(name, comment string) *Table { return t.add(name, schema.Date, false, comment) }

// OptDate adds a day that may be unknown.
func (t *Table) OptDate(name, comment string) *Table { return t.add(name, schema.Date, true, comment) }

// Instant adds a point in time.
func (t *Table) Instant(name, comment string) *Table {
	return t.add(name, schema.Instant, false, comment)
}

// Int adds a count.
func (t *Table) Int(name, comment string) *Table { return t.add(name, schema.Int, false, comment) }

// OptInt adds a whole number that may be undefined.
func (t *Table) OptInt(name, comment string) *Table { return t.add(name, schema.Int, true, comment) }

// Flag adds a yes or no.
func (t *Table) Flag(name, comment string) *Table { return t.add(name, schema.Bool, false, comment) }

// Money adds an amount without a twin.
func (t *Table) Money(name, comment string) *Table { return t.add(name, schema.Money, false, comment) }

// OptMoney adds an amount that may be undefined.
func (t *Table) OptMoney(name, comment string) *Table {
	return t.add(name, schema.Money, true, comment)
}

// Twins adds an amount in document currency and the same in reporting
// currency, which is NULL where no exchange rate is known.
func (t *Table) Twins(name, comment string) *Table {
	return t.Money(name, comment).OptMoney(name+"_rc", "the same in reporting currency; NULL = no exchange rate")
}

// Exact adds a number of ten decimals that is always known.
func (t *Table) Exact(name, comment string) *Table { return t.add(name, schema.Rate, false, comment) }

// OptExact adds a number of ten decimals that may be unknown.
func (t *Table) OptExact(name, comment string) *Table { return t.add(name, schema.Rate, true, comment) }

// Ratio adds a ratio, NULL where it is undefined.
func (t *Table) Ratio(name, comment string) *Table {
	return t.add(name, schema.Rate, true, comment+"; NULL = undefined, see the reason")
}
