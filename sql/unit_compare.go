package sql

import (
	"math/big"
	"strings"
	"unicode/utf8"
)

// compareRows pairs the expected rows with the found ones, whatever their order,
// and returns a small table of what is left over; empty where nothing is.
func compareRows(columns []columnType, expected []UnitRow, found [][]Cell) string {
	used := make([]bool, len(found))
	var missing []UnitRow
	for _, want := range expected {
		hit := false
		for i, have := range found {
			if !used[i] && differs(columns, want, have) == 0 {
				used[i], hit = true, true
				break
			}
		}
		if !hit {
			missing = append(missing, want)
		}
	}
	var left [][]Cell
	for i, have := range found {
		if !used[i] {
			left = append(left, have)
		}
	}
	if len(missing) == 0 && len(left) == 0 {
		return ""
	}
	return differenceTable(columns, missing, left)
}

// differs counts the cells that are not as expected.
func differs(columns []columnType, want UnitRow, have []Cell) int {
	n := 0
	for i, c := range columns {
		if cell, ok := want.Cells[c.name]; ok && !sameCell(c.typ, cell, have[i]) {
			n++
		}
	}
	return n
}

// sameCell compares by value: 1.50 is 1.5. An expected ~0.3333 stands for every
// number that rounds to it.
func sameCell(typ string, want, have Cell) bool {
	if want.Null || have.Null {
		return want.Null && have.Null
	}
	bare := bareType(typ)
	isNumber := false
	for _, p := range []string{"Int", "UInt", "Decimal", "Float"} {
		isNumber = isNumber || strings.HasPrefix(bare, p)
	}
	switch {
	case isNumber:
		return sameNumber(want.Text, have.Text)
	case strings.HasPrefix(bare, "DateTime"):
		return plainInstant(want.Text) == plainInstant(have.Text)
	case bare == "Bool":
		return plainFlag(want.Text) == plainFlag(have.Text)
	}
	return want.Text == have.Text
}

func sameNumber(want, have string) bool {
	text, about := strings.CutPrefix(want, "~")
	if text == "true" || text == "false" {
		text = plainFlag(text)
	}
	a, ok1 := new(big.Rat).SetString(text)
	b, ok2 := new(big.Rat).SetString(have)
	if !ok1 || !ok2 {
		return want == have
	}
	if !about {
		return a.Cmp(b) == 0
	}
	places := 0
	if _, after, ok := strings.Cut(text, "."); ok {
		places = len(after)
	}
	half := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Mul(big.NewInt(2), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)))
	return a.Sub(a, b).Abs(a).Cmp(half) <= 0
}

func plainInstant(s string) string {
	s = strings.TrimSuffix(strings.Replace(s, "T", " ", 1), "Z")
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if len(s) == len("2006-01-02") {
		s += " 00:00:00"
	}
	return s
}

func plainFlag(s string) string {
	switch s {
	case "true":
		return "1"
	case "false":
		return "0"
	}
	return s
}

// differenceTable shows each row that was expected and not found beside the row
// left over that is nearest to it, with the columns in which they differ.
func differenceTable(columns []columnType, missing []UnitRow, left [][]Cell) string {
	head := []string{""}
	for _, c := range columns {
		head = append(head, c.name)
	}
	lines := [][]string{append(head, "")}
	used := make([]bool, len(left))
	for _, want := range missing {
		best, fewest := -1, len(columns)
		for i, have := range left {
			if n := differs(columns, want, have); !used[i] && n < fewest {
				best, fewest = i, n
			}
		}
		line := []string{"expected"}
		for _, c := range columns {
			line = append(line, shown(want.Cells, c.name))
		}
		if best < 0 {
			lines = append(lines, append(line, "no such row"))
			continue
		}
		used[best] = true
		lines = append(lines, append(line, ""), foundLine(columns, &want, left[best]))
	}
	for i, have := range left {
		if !used[i] {
			lines = append(lines, foundLine(columns, nil, have))
		}
	}
	return aligned(lines)
}

func foundLine(columns []columnType, want *UnitRow, have []Cell) []string {
	line := []string{"found"}
	var wrong []string
	for i, c := range columns {
		text := have[i].Text
		if have[i].Null {
			text = "NULL"
		}
		line = append(line, text)
		if want == nil {
			continue
		}
		if cell, ok := want.Cells[c.name]; ok && !sameCell(c.typ, cell, have[i]) {
			wrong = append(wrong, c.name)
		}
	}
	if want == nil {
		return append(line, "not expected")
	}
	return append(line, "differs: "+strings.Join(wrong, ", "))
}

func shown(cells map[string]Cell, column string) string {
	c, ok := cells[column]
	switch {
	case !ok:
		return "·" // not compared
	case c.Null:
		return "NULL"
	}
	return c.Text
}

func aligned(lines [][]string) string {
	var widths []int
	for _, line := range lines {
		for i, s := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(s))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		text := ""
		for i, s := range line {
			text += s + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(s)+2)
		}
		b.WriteString("  " + strings.TrimRight(text, " ") + "\n")
	}
	return b.String()
}
