package sql

import (
	"fmt"
	"strings"
)

// failingRows writes the SELECT that returns the rows that break the test; no
// rows means that it passed. this is the table under test.
func (t Test) failingRows(this string, n names) string {
	switch t.Kind {
	case NotNull:
		return fmt.Sprintf("SELECT * FROM %s WHERE %s IS NULL", this, quoteName(t.Columns[0]))
	case Unique:
		columns := quoteNames(t.Columns)
		return fmt.Sprintf("SELECT %s, count() AS _rows FROM %s GROUP BY %s HAVING _rows > 1", columns, this, columns)
	case AcceptedValues:
		return fmt.Sprintf("SELECT %[1]s, count() AS _rows FROM %[2]s WHERE %[3]s GROUP BY %[1]s", quoteName(t.Columns[0]), this, t.notAccepted())
	case SumEquals:
		return t.sumEquals(this, t.query.render(n))
	case Custom:
		return t.query.render(n)
	}
	panic("sql: unknown test kind " + string(t.Kind))
}

// notAccepted is the condition of a row that breaks the test of accepted_values.
func (t Test) notAccepted() string {
	values := make([]string, len(t.Values))
	for i, v := range t.Values {
		values[i] = quoteText(v)
	}
	return fmt.Sprintf("toString(%s) NOT IN (%s)", quoteName(t.Columns[0]), strings.Join(values, ", "))
}

// sumEquals compares an aggregate of the model with the other side, as a whole
// or for each combination of the `by` columns; a side that is missing counts 0.
func (t Test) sumEquals(this, other string) string {
	tolerance := t.Tolerance
	if tolerance == "" {
		tolerance = "0"
	}
	if t.TolerancePerRow != "" {
		return t.sumNearly(this, other, tolerance)
	}
	if len(t.By) == 0 {
		return fmt.Sprintf(`SELECT _this AS this_side, _other AS other_side, _this - _other AS difference
FROM (SELECT ifNull((SELECT %s FROM %s), 0) AS _this, ifNull((%s), 0) AS _other)
WHERE abs(_this - _other) > %s`, t.This, this, other, tolerance)
	}
	by := quoteNames(t.By)
	return fmt.Sprintf(`SELECT %[1]s, sumIf(_amount, _side = 1) AS this_side, sumIf(_amount, _side = 2) AS other_side, this_side - other_side AS difference
FROM (
SELECT %[1]s, ifNull(%[2]s, 0) AS _amount, 1 AS _side FROM %[3]s GROUP BY %[1]s
UNION ALL
SELECT *, 2 FROM (%[4]s)
)
GROUP BY %[1]s
HAVING abs(ifNull(this_side, 0) - ifNull(other_side, 0)) > %[5]s`, by, t.This, this, other, tolerance)
}

// sumNearly is sumEquals where rows were rounded on their way to one of the
// sides: the difference may grow with their number, the last column of the other side.
func (t Test) sumNearly(this, other, tolerance string) string {
	by, grouped := "", ""
	if len(t.By) > 0 {
		by = quoteNames(t.By) + ", "
		grouped = "GROUP BY " + quoteNames(t.By)
	}
	return fmt.Sprintf(`SELECT %[1]ssumIf(_amount, _side = 1) AS this_side, sumIf(_amount, _side = 2) AS other_side, this_side - other_side AS difference, sum(_rounded) AS rows_rounded
FROM (
SELECT %[1]sifNull(%[2]s, 0) AS _amount, toUInt64(0) AS _rounded, 1 AS _side FROM %[3]s %[4]s
UNION ALL
SELECT *, 2 FROM (%[5]s)
)
%[4]s
HAVING abs(ifNull(this_side, 0) - ifNull(other_side, 0)) > %[6]s + %[7]s * rows_rounded`, by, t.This, this, grouped, other, tolerance, t.TolerancePerRow)
}

func quoteName(s string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(s) + "`"
}

func quoteNames(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = quoteName(s)
	}
	return strings.Join(out, ", ")
}

func quoteText(s string) string {
	return "'" + strings.NewReplacer("\\", "\\\\", "'", "\\'").Replace(s) + "'"
}
