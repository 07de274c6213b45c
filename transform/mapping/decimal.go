package mapping

import "math/bits"

// decimal is a number exactly as written: ±(hi·2⁶⁴+lo)·10^exp.
type decimal struct {
	hi, lo uint64
	exp    int
	neg    bool
}

// numberFault says why a text is not a number that can be kept.
type numberFault uint8

const (
	numberOK numberFault = iota
	notANumber
	tooManyDigits  // more than 38 significant digits
	tooLarge       // outside the range of the column
	tooManyPlaces  // decimals that the column cannot keep
	notWholeNumber // decimals where a count is wanted
)

var pow10 = [20]uint64{
	1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
	10_000_000_000, 100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000,
	1_000_000_000_000_000, 10_000_000_000_000_000, 100_000_000_000_000_000,
	1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
}

const (
	moneyLimit = 1_000_000_000_000_000_000 // Decimal(18,4) holds 18 digits
	// 10³⁸ as two words: Decimal(38,10) holds 38 digits.
	rateLimitHi = 5421010862427522170
	rateLimitLo = 687399551400673280
	// maxExponent bounds written exponents; more would be outside any column anyway.
	maxExponent = 9999
)

// parseDecimal reads an optional sign, digits with at most one decimal mark,
// and an optional exponent, with blanks around them. It never goes through a
// float: 1.5E3 is 1500 and 0.1 is a tenth.
func parseDecimal(b []byte, mark byte) (decimal, numberFault) {
	b = trimBlank(b)
	var d decimal
	i, n := 0, len(b)
	if n > 0 && (b[0] == '-' || b[0] == '+') {
		d.neg = b[0] == '-'
		i = 1
	}
	whole := i
	for ; i < n && b[i]-'0' <= 9; i++ {
		d.lo = d.lo*10 + uint64(b[i]-'0')
	}
	wholeEnd, places := i, 0
	if i < n && b[i] == mark {
		for i++; i < n && b[i]-'0' <= 9; i++ {
			d.lo = d.lo*10 + uint64(b[i]-'0')
			places++
		}
	}
	digits := wholeEnd - whole + places
	if digits == 0 {
		return d, notANumber
	}
	if digits > 18 { // lo may have overflowed: read the digits again in 128 bits
		var fault numberFault
		if d.hi, d.lo, d.exp, fault = wideMantissa(b[whole:i]); fault != numberOK {
			return d, fault
		}
	}
	d.exp -= places
	if i < n && (b[i] == 'e' || b[i] == 'E') {
		e, ok := parseExponent(b[i+1:])
		if !ok {
			return d, notANumber
		}
		d.exp += e
		i = n
	}
	if i != n {
		return d, notANumber
	}
	return d, numberOK
}

// wideMantissa reads digits around at most one other byte (the mark) into 128
// bits. Trailing zeros are not multiplied in but returned as an exponent, so
// padding never overflows.
func wideMantissa(b []byte) (hi, lo uint64, zeros int, fault numberFault) {
	significant := 0
	for _, c := range b {
		c -= '0'
		switch {
		case c > 9:
			continue
		case c == 0:
			if hi|lo != 0 {
				zeros++
			}
			continue
		}
		if hi|lo == 0 {
			zeros = 0
		}
		if significant += zeros + 1; significant > 38 {
			return 0, 0, 0, tooManyDigits
		}
		for ; zeros > 0; zeros-- {
			hi, lo = mulAdd(hi, lo, 10, 0)
		}
		hi, lo = mulAdd(hi, lo, 10, uint64(c))
	}
	return hi, lo, zeros, numberOK
}

// parseExponent reads a signed exponent, capped far outside what fits a column.
func parseExponent(b []byte) (int, bool) {
	neg := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		neg = b[0] == '-'
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	e := 0
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		if e = e*10 + int(c); e > maxExponent {
			e = maxExponent
		}
	}
	if neg {
		e = -e
	}
	return e, true
}

// mulAdd returns (hi,lo)·m + a; the caller knows that it fits.
func mulAdd(hi, lo, m, a uint64) (uint64, uint64) {
	carry, l := bits.Mul64(lo, m)
	l, c := bits.Add64(l, a, 0)
	return hi*m + carry + c, l
}

// mul returns (hi,lo)·m and whether it fits 128 bits.
func mul(hi, lo, m uint64) (uint64, uint64, bool) {
	carry, l := bits.Mul64(lo, m)
	over, h := bits.Mul64(hi, m)
	h, c := bits.Add64(h, carry, 0)
	return h, l, over == 0 && c == 0
}

// div returns (hi,lo) divided by m, and the remainder.
func div(hi, lo, m uint64) (qhi, qlo, rem uint64) {
	qhi, rem = hi/m, hi%m
	qlo, rem = bits.Div64(rem, lo, m)
	return qhi, qlo, rem
}

// times multiplies exactly; false if the product needs more than 128 bits.
func (d decimal) times(by decimal) (decimal, bool) {
	if by.hi != 0 {
		return d, false
	}
	hi, lo, ok := mul(d.hi, d.lo, by.lo)
	return decimal{hi: hi, lo: lo, exp: d.exp + by.exp, neg: d.neg != by.neg}, ok
}

// atScale returns the magnitude in units of 10^-places, rounded half away from
// zero; exact is false if rounding changed it, fits is false beyond 128 bits.
func (d decimal) atScale(places int) (hi, lo uint64, exact, fits bool) {
	hi, lo = d.hi, d.lo
	shift := d.exp + places
	switch {
	case hi|lo == 0:
		return 0, 0, true, true
	case shift > 38:
		return 0, 0, false, false
	case shift >= 0:
		fits = true
		for ; shift > 0 && fits; shift -= min(shift, 19) {
			hi, lo, fits = mul(hi, lo, pow10[min(shift, 19)])
		}
		return hi, lo, true, fits
	case shift < -39:
		return 0, 0, false, true
	}
	exact = true
	var rem uint64
	for k := -shift - 1; k > 0; k -= min(k, 19) { // all places but one: only whether anything was there
		hi, lo, rem = div(hi, lo, pow10[min(k, 19)])
		exact = exact && rem == 0
	}
	hi, lo, rem = div(hi, lo, 10)
	if rem >= 5 {
		var carry uint64
		lo, carry = bits.Add64(lo, 1, 0)
		hi += carry
	}
	return hi, lo, exact && rem == 0, true
}

// money returns the number in units of 1e-4. Numbers with more than four
// decimals (zeros aside) are refused, never rounded.
func (d decimal) money() (int64, numberFault) {
	if d.hi == 0 && d.exp <= 0 && d.exp >= -4 && d.lo < moneyLimit/10_000 {
		return signed(d.lo*pow10[d.exp+4], d.neg), numberOK
	}
	hi, lo, exact, fits := d.atScale(4)
	switch {
	case !fits || hi != 0 || lo >= moneyLimit:
		return 0, tooLarge
	case !exact:
		return 0, tooManyPlaces
	}
	return signed(lo, d.neg), numberOK
}

// rounded returns the number rounded half away from zero to the given places.
func (d decimal) rounded(places int) (decimal, bool) {
	hi, lo, _, fits := d.atScale(places)
	return decimal{hi: hi, lo: lo, exp: -places, neg: d.neg}, fits
}

// rate returns the number in units of 1e-10 as a signed 128-bit integer,
// rounded half away from zero beyond ten decimals.
func (d decimal) rate() (hi int64, lo uint64, fault numberFault) {
	h, l, _, fits := d.atScale(10)
	if !fits || h > rateLimitHi || h == rateLimitHi && l >= rateLimitLo {
		return 0, 0, tooLarge
	}
	if d.neg {
		var borrow uint64
		l, borrow = bits.Sub64(0, l, 0)
		h, _ = bits.Sub64(0, h, borrow)
	}
	return int64(h), l, numberOK
}

// integer returns the number as int64; 1.0 and 1E2 are whole numbers, 1.5 is not.
func (d decimal) integer() (int64, numberFault) {
	hi, lo, exact, fits := d.atScale(0)
	switch {
	case !fits || hi != 0 || lo > 1<<63-1:
		return 0, tooLarge
	case !exact:
		return 0, notWholeNumber
	}
	return signed(lo, d.neg), numberOK
}

// sign is -1, 0 or 1.
func (d decimal) sign() int {
	switch {
	case d.hi|d.lo == 0:
		return 0
	case d.neg:
		return -1
	}
	return 1
}

// compare orders two numbers by value; ok is false if they are too far apart
// in scale to be compared in 128 bits.
func (d decimal) compare(o decimal) (order int, ok bool) {
	if s, t := d.sign(), o.sign(); s != t || s == 0 {
		return min(max(s-t, -1), 1), true
	}
	places := max(-min(d.exp, o.exp), 0)
	dh, dl, de, df := d.atScale(places)
	oh, ol, oe, of := o.atScale(places)
	if !df || !of || !de || !oe {
		return 0, false
	}
	switch {
	case dh == oh && dl == ol:
		return 0, true
	case dh < oh || dh == oh && dl < ol:
		order = -1
	default:
		order = 1
	}
	return order * d.sign(), true
}

func signed(magnitude uint64, neg bool) int64 {
	if neg {
		return -int64(magnitude)
	}
	return int64(magnitude)
}
