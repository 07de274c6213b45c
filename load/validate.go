package load

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// The engine fills a missing column with defaults, ignores a surplus one,
// truncates decimals and saturates dates, all without a word. So a batch is
// held against the table's real columns before a byte is sent.

// column is a column as the engine reports it.
type column struct {
	name       string
	chType     string // "LowCardinality(Nullable(String))"
	base       string // "String"
	nullable   bool
	hasDefault bool
	comment    string
}

func newColumn(name, chType, defaultKind, comment string) column {
	c := column{name: name, chType: chType, base: chType, hasDefault: defaultKind != "", comment: comment}
	c.base = unwrap(c.base, "LowCardinality")
	if inner := unwrap(c.base, "Nullable"); inner != c.base {
		c.base, c.nullable = inner, true
	}
	return c
}

func unwrap(chType, wrapper string) string {
	if strings.HasPrefix(chType, wrapper+"(") && strings.HasSuffix(chType, ")") {
		return chType[len(wrapper)+1 : len(chType)-1]
	}
	return chType
}

// validate checks names, types, precision, nullability and range of a batch
// against the table. The error is an ErrSchema with column, found and expected.
func validate(table string, columns []column, rec arrow.Record) error {
	byName := make(map[string]column, len(columns))
	for _, c := range columns {
		byName[c.name] = c
	}
	seen := make(map[string]bool, len(columns))
	for i, f := range rec.Schema().Fields() {
		c, ok := byName[f.Name]
		if !ok {
			return schemaError(table, f.Name, f.Type.String(), "no such column (the table has "+columnNames(columns)+")")
		}
		if seen[f.Name] {
			return schemaError(table, f.Name, "the column twice", "the column once")
		}
		seen[f.Name] = true
		if !fits(f.Type, c.base) {
			return schemaError(table, f.Name, f.Type.String(), c.chType)
		}
		if err := checkValues(table, c, rec.Column(i)); err != nil {
			return err
		}
	}
	for _, c := range columns {
		if !seen[c.name] && !c.hasDefault {
			return schemaError(table, c.name, "a batch without the column", c.chType)
		}
	}
	return nil
}

func schemaError(table, col, found, expected string) error {
	return &Error{
		Kind: ErrSchema, Doing: "check a batch for " + table,
		Cause:  fmt.Sprintf("column %s: found %s, expected %s", col, found, expected),
		Remedy: "nothing was sent; bring mapping and table to the same description (huikuan sync migrates tables when it starts)",
	}
}

func columnNames(columns []column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

var decimalType = regexp.MustCompile(`^Decimal\((\d+), (\d+)\)$`)

// fits says whether an Arrow type is carried without loss by a column's type.
func fits(t arrow.DataType, base string) bool {
	if m := decimalType.FindStringSubmatch(base); m != nil {
		d, ok := t.(*arrow.Decimal128Type)
		return ok && d.Precision <= atoi(m[1]) && d.Scale == atoi(m[2])
	}
	switch t := t.(type) {
	case *arrow.StringType, *arrow.LargeStringType, *arrow.BinaryType:
		return base == "String"
	case *arrow.Date32Type:
		return base == "Date32"
	case *arrow.TimestampType:
		return base == timestampType(t)
	case *arrow.BooleanType:
		return base == "Bool"
	case *arrow.MapType:
		return base == "Map(String, String)" && t.KeyType().ID() == arrow.STRING && t.ItemType().ID() == arrow.STRING
	}
	return slices.Contains(sameWidth[t.ID()], base)
}

var sameWidth = map[arrow.Type][]string{
	arrow.INT8: {"Int8"}, arrow.INT16: {"Int16"}, arrow.INT32: {"Int32"}, arrow.INT64: {"Int64"},
	arrow.UINT8: {"UInt8"}, arrow.UINT16: {"UInt16"}, arrow.UINT32: {"UInt32"}, arrow.UINT64: {"UInt64"},
	arrow.FLOAT32: {"Float32"}, arrow.FLOAT64: {"Float64"},
}

func timestampType(t *arrow.TimestampType) string {
	scale := map[arrow.TimeUnit]string{arrow.Second: "0", arrow.Millisecond: "3", arrow.Microsecond: "6", arrow.Nanosecond: "9"}[t.Unit]
	return "DateTime64(" + scale + ", '" + t.TimeZone + "')"
}

func atoi(s string) int32 {
	n, _ := strconv.ParseInt(s, 10, 32)
	return int32(n)
}

// The days and microseconds that Date32 and DateTime64 hold: 1900-01-01 to 2299-12-31.
const (
	firstDay    = -25567
	lastDay     = 120529
	microsADay  = 86_400_000_000
	firstMicros = firstDay * microsADay
	lastMicros  = (lastDay+1)*microsADay - 1
)

// checkValues finds nulls where the column has none and values that the engine
// would saturate or wrap.
func checkValues(table string, c column, arr arrow.Array) error {
	if arr.NullN() > 0 && !c.nullable && c.base != "Map(String, String)" {
		return schemaError(table, c.name, fmt.Sprintf("NULL in row %d", firstNull(arr)), c.chType)
	}
	switch arr := arr.(type) {
	case *array.Date32:
		for i, day := range arr.Date32Values() {
			if (day < firstDay || day > lastDay) && arr.IsValid(i) {
				return schemaError(table, c.name, fmt.Sprintf("%s in row %d", day.FormattedString(), i), "a date from 1900-01-01 to 2299-12-31")
			}
		}
	case *array.Timestamp:
		if arr.DataType().(*arrow.TimestampType).Unit != arrow.Microsecond {
			return nil
		}
		for i, at := range arr.TimestampValues() {
			if (at < firstMicros || at > lastMicros) && arr.IsValid(i) {
				return schemaError(table, c.name, fmt.Sprintf("%s in row %d", at.ToTime(arrow.Microsecond).Format("2006-01-02"), i), "an instant from 1900 to 2299")
			}
		}
	case *array.Decimal128:
		return checkDecimals(table, c, arr)
	}
	return nil
}

// checkDecimals finds amounts with more digits than the column has: as integers
// of its smallest unit they would wrap.
func checkDecimals(table string, c column, arr *array.Decimal128) error {
	m := decimalType.FindStringSubmatch(c.base)
	if m == nil {
		return nil
	}
	precision, scale := atoi(m[1]), atoi(m[2])
	limit := decimal128.GetMaxValue(precision)
	for i, v := range arr.Values() {
		if arr.IsValid(i) && (v.Cmp(limit) > 0 || v.Cmp(limit.Negate()) < 0) {
			return schemaError(table, c.name, fmt.Sprintf("%s in row %d", decimalText(v, scale), i), fmt.Sprintf("at most %d digits before the decimal point", precision-scale))
		}
	}
	return nil
}

// decimalText writes a decimal exactly, all its places included.
func decimalText(v decimal128.Num, scale int32) string {
	digits := v.BigInt().String()
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if pad := int(scale) + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	point := len(digits) - int(scale)
	return sign + digits[:point] + "." + digits[point:]
}

func firstNull(arr arrow.Array) int {
	for i := range arr.Len() {
		if arr.IsNull(i) {
			return i
		}
	}
	return -1
}
