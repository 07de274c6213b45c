package schema

import (
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Text is a value of a column of that kind as a CSV file holds it: ISO dates
// and instants, exact decimals (amounts with at least two places), maps as
// sorted "key: value" pairs. NULL is the empty text.
func (k Kind) Text(column arrow.Array, row int) string {
	if column.IsNull(row) {
		return ""
	}
	switch c := column.(type) {
	case *array.Map:
		from, to := c.ValueOffsets(row)
		pairs := make([]string, 0, to-from)
		for i := int(from); i < int(to); i++ {
			pairs = append(pairs, c.Keys().ValueStr(i)+": "+c.Items().ValueStr(i))
		}
		slices.Sort(pairs)
		return strings.Join(pairs, "; ")
	case *array.Timestamp:
		return c.Value(row).ToTime(arrow.Microsecond).UTC().Format(time.RFC3339Nano)
	case *array.Decimal128:
		return decimalText(c.ValueStr(row), k)
	}
	return column.ValueStr(row)
}

// decimalText drops zeros at the end; an amount keeps two places.
func decimalText(s string, k Kind) string {
	whole, places, _ := strings.Cut(s, ".")
	places = strings.TrimRight(places, "0")
	if k == Money {
		for len(places) < 2 {
			places += "0"
		}
	}
	if places == "" {
		return whole
	}
	return whole + "." + places
}
