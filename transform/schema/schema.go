// Package schema describes tables once, as data: name, columns with kind, unit
// and nullability, key and order. The Arrow schema of a batch and the
// ClickHouse DDL of a table are both rendered from it, so they cannot drift.
//
// In: nothing. Out: descriptions. Never here: rows, SQL, I/O.
package schema

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// Kind is the type of a column in the language of the domain.
type Kind uint8

// The kinds, with their Arrow and ClickHouse types.
const (
	// Text is an identifier or free text: utf8, String. Leading zeros matter.
	Text Kind = iota
	// Label is a low-cardinality text (currency, status, reason): utf8, LowCardinality(String).
	Label
	// Money is an exact amount: decimal128(18,4), Decimal(18,4).
	Money
	// Rate is an exact factor (FX rate, share, ratio): decimal128(38,10), Decimal(38,10).
	Rate
	// Date is a calendar day: date32, Date32.
	Date
	// Instant is a point in time: timestamp[us, UTC], DateTime64(6,'UTC').
	Instant
	// Int is a signed count: int64, Int64.
	Int
	// Uint is an unsigned counter or version: uint64, UInt64.
	Uint
	// Bool is a flag: bool, Bool.
	Bool
	// Float is a measured quantity that is not money (days, seconds): float64, Float64.
	Float
	// Flag8 is the deletion marker that ReplacingMergeTree wants: uint8, UInt8.
	Flag8
	// TextMap holds fields without a column of their own: map<utf8,utf8>, Map(String,String).
	TextMap
	// Bytes is content that is compressed already: binary, String without a codec.
	Bytes
)

// MoneyScale and RateScale are the decimal places of Money and Rate.
const (
	MoneyScale = 4
	RateScale  = 10
)

// Column is one column of a table.
type Column struct {
	Name     string
	Kind     Kind
	Nullable bool   // NULL means unknown, never zero
	Required bool   // a record without it is rejected
	Comment  string // meaning and unit; lands as the column's comment in ClickHouse
}

// Class says how a table is written and read.
type Class uint8

// The classes of tables.
const (
	// Document tables are replaced row by row: the row with the highest _version of a
	// key wins, rows with _deleted = 1 are hidden by a view of the plain name.
	Document Class = iota
	// Metric tables are rebuilt beside the serving table and exchanged atomically.
	Metric
	// Log tables are appended to and expire by TTL.
	Log
)

// Table is one table of the warehouse.
type Table struct {
	Name    string
	Comment string
	Class   Class
	Columns []Column
	// Key identifies a row of a Document table (source is always added to it).
	Key []string
	// OrderBy is the sorting key; empty means Key.
	OrderBy []string
	// TTLDays is the age in days at which rows of a Log table expire; 0 keeps them.
	TTLDays int
	// TTLColumn is the Instant column that TTLDays counts from.
	TTLColumn string
	// Granule is how many rows are read together at least, for tables of large rows
	// of which a few are read by key; 0 leaves it to the engine.
	Granule int
}

// Column returns the column of that name.
func (t Table) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Names lists the column names in order.
func (t Table) Names() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// Arrow returns the schema of a batch of this table, columns in order.
func (t Table) Arrow() *arrow.Schema {
	fields := make([]arrow.Field, len(t.Columns))
	for i, c := range t.Columns {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Kind.Arrow(), Nullable: c.Nullable}
	}
	return arrow.NewSchema(fields, nil)
}

// Arrow returns the Arrow type of the kind. Text is plain utf8, never a
// dictionary: ClickHouse misreads dictionaries that change between batches.
func (k Kind) Arrow() arrow.DataType {
	switch k {
	case Text, Label:
		return arrow.BinaryTypes.String
	case Money:
		return &arrow.Decimal128Type{Precision: 18, Scale: MoneyScale}
	case Rate:
		return &arrow.Decimal128Type{Precision: 38, Scale: RateScale}
	case Date:
		return arrow.FixedWidthTypes.Date32
	case Instant:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case Int:
		return arrow.PrimitiveTypes.Int64
	case Uint:
		return arrow.PrimitiveTypes.Uint64
	case Bool:
		return arrow.FixedWidthTypes.Boolean
	case Float:
		return arrow.PrimitiveTypes.Float64
	case Flag8:
		return arrow.PrimitiveTypes.Uint8
	case Bytes:
		return arrow.BinaryTypes.Binary
	case TextMap:
		return arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String)
	}
	panic(fmt.Sprintf("schema: unknown kind %d", k))
}

// ClickHouse returns the column type of the kind. A nullable map does not exist
// in ClickHouse; an empty map stands for no fields.
func (k Kind) ClickHouse(nullable bool) string {
	base := map[Kind]string{
		Text: "String", Label: "String", Money: "Decimal(18, 4)", Rate: "Decimal(38, 10)",
		Date: "Date32", Instant: "DateTime64(6, 'UTC')", Int: "Int64", Uint: "UInt64",
		Bool: "Bool", Float: "Float64", Flag8: "UInt8", TextMap: "Map(String, String)", Bytes: "String",
	}[k]
	if nullable && k != TextMap {
		base = "Nullable(" + base + ")"
	}
	if k == Label {
		base = "LowCardinality(" + base + ")"
	}
	return base
}

// String names the kind as error messages and docs do.
func (k Kind) String() string {
	return map[Kind]string{
		Text: "text", Label: "label", Money: "money", Rate: "rate", Date: "date", Instant: "instant", Int: "integer",
		Uint: "counter", Bool: "true/false", Float: "number", Flag8: "flag", TextMap: "map", Bytes: "bytes",
	}[k]
}
