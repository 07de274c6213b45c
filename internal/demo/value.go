package demo

import (
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// kind is the type of a field of a DocType.
type kind uint8

const (
	null kind = iota
	text
	integer
	money     // Cents
	millionth // rates and percentages
	calendar  // Date
	instant   // stamp
)

// value is one field of one document.
type value struct {
	kind kind
	n    int64
	s    string
}

func str(s string) value {
	if s == "" {
		return value{}
	}
	return value{kind: text, s: s}
}
func num(n int) value    { return value{kind: integer, n: int64(n)} }
func amt(c Cents) value  { return value{kind: money, n: int64(c)} }
func frac(n int64) value { return value{kind: millionth, n: n} }
func when(s stamp) value { return value{kind: instant, n: int64(s)} }
func onDate(d Date) value {
	if d == 0 {
		return value{}
	}
	return value{kind: calendar, n: int64(d)}
}

func yes(b bool) value {
	if b {
		return num(1)
	}
	return num(0)
}

// encode writes the value as Frappe writes it: numbers as JSON numbers, floats
// with at least one decimal, instants without a zone.
func (v value) encode(w *jx.Writer, scratch []byte) []byte {
	b := scratch[:0]
	switch v.kind {
	case null:
		w.Null()
		return b
	case text:
		w.Str(v.s)
		return b
	case integer:
		w.Int64(v.n)
		return b
	case money:
		b = appendFloat(b, v.n, 2)
	case millionth:
		b = appendFloat(b, v.n, 6)
	case calendar:
		b = append(b, '"')
		b = append(appendDate(b, Date(v.n)), '"')
	case instant:
		b = append(b, '"')
		b = append(stamp(v.n).append(b), '"')
	}
	w.Raw(b)
	return b
}

// appendFloat writes n / 10^places as Python prints a float: no trailing
// zeros but one.
func appendFloat(b []byte, n int64, places int) []byte {
	if n < 0 {
		b = append(b, '-')
		n = -n
	}
	scale := int64(1)
	for range places {
		scale *= 10
	}
	b = strconv.AppendInt(b, n/scale, 10)
	b = append(b, '.')
	n %= scale
	for first := true; first || n > 0; first = false {
		scale /= 10
		b = append(b, byte('0'+n/scale))
		n %= scale
	}
	return b
}

func (v value) float() float64 {
	switch v.kind {
	case money:
		return float64(v.n) / 100
	case millionth:
		return float64(v.n) / 1e6
	}
	return float64(v.n)
}

func (v value) text() string {
	switch v.kind {
	case text:
		return v.s
	case null:
		return ""
	case calendar:
		return Date(v.n).String()
	case instant:
		return string(stamp(v.n).append(nil))
	}
	return strconv.FormatFloat(v.float(), 'f', -1, 64)
}

// empty is what Frappe's "is not set" asks.
func (v value) empty() bool { return v.kind == null || v.kind == text && v.s == "" }

// compare orders two values of the same field; an absent one comes first.
func compare(a, b value) int {
	if a.kind == null || b.kind == null {
		return int(min(a.kind, 1)) - int(min(b.kind, 1))
	}
	if a.kind == text {
		return strings.Compare(a.s, b.s)
	}
	switch {
	case a.n < b.n:
		return -1
	case a.n > b.n:
		return 1
	}
	return 0
}
