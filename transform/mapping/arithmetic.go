package mapping

import (
	"math/bits"
	"strconv"
)

// Arithmetic of expressions: exact, or refused. Every operation says whether its
// result fits 128 bits; nothing is rounded but by rounded and dividedBy.

// plus adds exactly.
func (d decimal) plus(o decimal) (decimal, bool) {
	if d.sign() == 0 {
		return o, true
	}
	if o.sign() == 0 {
		return d, true
	}
	exp := min(d.exp, o.exp)
	dh, dl, _, ok1 := d.atScale(-exp)
	oh, ol, _, ok2 := o.atScale(-exp)
	if !ok1 || !ok2 {
		return d, false
	}
	out := decimal{exp: exp, neg: d.neg}
	if d.neg == o.neg {
		var carry uint64
		out.lo, carry = bits.Add64(dl, ol, 0)
		out.hi, carry = bits.Add64(dh, oh, carry)
		return out, carry == 0
	}
	if dh < oh || dh == oh && dl < ol { // the smaller from the larger, with its sign
		dh, dl, oh, ol, out.neg = oh, ol, dh, dl, o.neg
	}
	var borrow uint64
	out.lo, borrow = bits.Sub64(dl, ol, 0)
	out.hi, _ = bits.Sub64(dh, oh, borrow)
	return out, true
}

// minus subtracts exactly.
func (d decimal) minus(o decimal) (decimal, bool) {
	o.neg = !o.neg
	return d.plus(o)
}

// product multiplies exactly, whichever factor is the longer.
func (d decimal) product(o decimal) (decimal, bool) {
	if d.hi == 0 {
		d, o = o, d
	}
	if o.hi == 0 {
		return d.times(o)
	}
	return d.shortest().times(o.shortest())
}

// shortest drops zeros at the end of the digits.
func (d decimal) shortest() decimal {
	for d.hi|d.lo != 0 {
		hi, lo, rem := div(d.hi, d.lo, 10)
		if rem != 0 {
			break
		}
		d.hi, d.lo = hi, lo
		d.exp++
	}
	return d
}

// dividedBy returns the quotient rounded half away from zero to the given
// places; false for a division by zero or a quotient that needs more than 128 bits.
func (d decimal) dividedBy(o decimal, places int) (decimal, bool) {
	o = o.shortest()
	if o.sign() == 0 || o.hi != 0 {
		return d, false
	}
	// d·10^dexp / (o·10^oexp) in units of 10^-places, with a digit more to round by.
	d.exp -= o.exp
	hi, lo, exact, ok := d.atScale(places + 1)
	if !ok {
		return d, false
	}
	if !exact { // round towards zero: what is cut must not lift the digit that decides
		hi, lo = d.cutAt(places + 1)
	}
	qhi, qlo, _ := div(hi, lo, o.lo)
	q := decimal{hi: qhi, lo: qlo, exp: -places - 1, neg: d.neg != o.neg}
	return q.rounded(places)
}

// cutAt returns the magnitude in units of 10^-places, cut towards zero.
func (d decimal) cutAt(places int) (hi, lo uint64) {
	hi, lo = d.hi, d.lo
	for k := -(d.exp + places); k > 0; k -= min(k, 19) {
		hi, lo, _ = div(hi, lo, pow10[min(k, 19)])
	}
	return hi, lo
}

// append writes the number as text that parseDecimal reads back to the same value.
func (d decimal) append(dst []byte) []byte {
	if d.sign() < 0 {
		dst = append(dst, '-')
	}
	var buffer [40]byte
	at := len(buffer)
	for hi, lo := d.hi, d.lo; hi|lo != 0 || at == len(buffer); {
		var digit uint64
		hi, lo, digit = div(hi, lo, 10)
		at--
		buffer[at] = byte('0' + digit)
	}
	digits := buffer[at:]
	switch {
	case d.sign() == 0:
		return append(dst, '0')
	case d.exp > 40 || d.exp < -60:
		return strconv.AppendInt(append(append(dst, digits...), 'e'), int64(d.exp), 10)
	case d.exp >= 0:
		dst = append(dst, digits...)
		return appendZeros(dst, d.exp)
	case len(digits) > -d.exp:
		whole := len(digits) + d.exp
		dst = append(append(dst, digits[:whole]...), '.')
		return append(dst, digits[whole:]...)
	}
	dst = appendZeros(append(dst, '0', '.'), -d.exp-len(digits))
	return append(dst, digits...)
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}
