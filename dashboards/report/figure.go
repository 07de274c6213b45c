package report

import (
	"strings"

	"github.com/shopspring/decimal"
)

// Figure is an exact number of the warehouse, or none: a ratio without a
// denominator, an amount without a rate.
type Figure struct {
	Value decimal.Decimal
	Known bool
}

// Some is a known figure.
func Some(d decimal.Decimal) Figure { return Figure{d, true} }

// figure reads a cell: a decimal as text, an integer, nil.
func figure(v any) Figure {
	switch v := v.(type) {
	case nil:
		return Figure{}
	case string:
		d, err := decimal.NewFromString(v)
		return Figure{d, err == nil}
	case int64:
		return Some(decimal.NewFromInt(v))
	case uint64:
		return Some(decimal.NewFromUint64(v))
	case int32:
		return Some(decimal.NewFromInt32(v))
	case uint8:
		return Some(decimal.NewFromInt(int64(v)))
	case decimal.Decimal:
		return Some(v)
	case interface{ String() string }:
		d, err := decimal.NewFromString(v.String())
		return Figure{d, err == nil}
	}
	return Figure{}
}

// Less is f − other, unknown where one of them is.
func (f Figure) Less(other Figure) Figure {
	return Figure{f.Value.Sub(other.Value), f.Known && other.Known}
}

// Plus is f + other, unknown where one of them is.
func (f Figure) Plus(other Figure) Figure {
	return Figure{f.Value.Add(other.Value), f.Known && other.Known}
}

// Over is f / other to ten decimals, unknown where other is zero or one of them unknown.
func (f Figure) Over(other Figure) Figure {
	if !f.Known || !other.Known || other.Value.IsZero() {
		return Figure{}
	}
	return Some(f.Value.DivRound(other.Value, 10))
}

// Neg is −f.
func (f Figure) Neg() Figure { return Figure{f.Value.Neg(), f.Known} }

// Float is for drawing only.
func (f Figure) Float() float64 { return f.Value.InexactFloat64() }

// Exact is the figure as plain text, empty where unknown.
func (f Figure) Exact() string {
	if !f.Known {
		return ""
	}
	return f.Value.String()
}

const (
	dash  = "–"
	minus = "−"
	thin  = "\u00a0"
)

// grouped writes a number with its thousands apart.
func grouped(d decimal.Decimal, places int32) string {
	text := d.Abs().StringFixed(places) // half away from zero, as accounts are rounded
	whole, part, _ := strings.Cut(text, ".")
	var b strings.Builder
	if d.Round(places).IsNegative() {
		b.WriteString(minus)
	}
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	if part != "" {
		b.WriteString("." + part)
	}
	return b.String()
}

// Unit is how a figure is written.
type Unit int

// The units of figures.
const (
	Money   Unit = iota // reporting currency; in Chinese in 万
	Percent             // a fraction, shown as a percentage
	Days
	Count
)

// places are the decimals that a figure of the unit is shown with.
func (u Unit) places() int32 { return []int32{0, 3, 1, 0}[u] }

// show writes a figure of a unit in a table.
func (w words) show(f Figure, u Unit) string {
	if !f.Known {
		return dash
	}
	switch u {
	case Money:
		if w.zh() {
			return grouped(f.Value.Shift(-4), 2)
		}
		return grouped(f.Value, 0)
	case Percent:
		return grouped(f.Value.Shift(2), 1) + w.percent()
	case Days:
		return grouped(f.Value, 1)
	}
	return grouped(f.Value, 0)
}

// change writes a difference with its sign; of a share in percentage points.
func (w words) change(f Figure, u Unit) string {
	if !f.Known {
		return dash
	}
	sign := "+"
	if f.Value.IsNegative() {
		sign = minus
	}
	abs := Some(f.Value.Abs())
	if u == Percent {
		return sign + grouped(abs.Value.Shift(2), 1) + thin + w.t("pt")
	}
	return sign + w.show(abs, u)
}

// short writes an amount with its magnitude, for axes and sentences.
func (w words) short(f Figure) string {
	if !f.Known {
		return dash
	}
	type step struct {
		shift  int32
		places int32
		name   string
	}
	steps := []step{{9, 2, thin + "B"}, {6, 1, thin + "M"}, {3, 0, thin + "K"}}
	if w.zh() {
		steps = []step{{8, 2, "亿"}, {4, 1, "万"}}
	}
	for _, s := range steps { // whole magnitudes without ".0": labels of axes
		if f.Value.Abs().Cmp(decimal.New(1, s.shift)) >= 0 {
			d := f.Value.Shift(-s.shift)
			if d.IsInteger() {
				return grouped(d, 0) + s.name
			}
			return grouped(d, s.places) + s.name
		}
	}
	return grouped(f.Value, 0)
}
