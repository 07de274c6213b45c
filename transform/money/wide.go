package money

import (
	"math"
	"math/bits"
)

// Wide is a signed 128-bit integer (two's complement), the carrier of ratios
// and sums of products. As a ratio its unit is 1e-10, as Decimal(38,10).
type Wide struct {
	Hi int64
	Lo uint64
}

// WideOf widens an integer.
func WideOf(n int64) Wide { return Wide{Hi: n >> 63, Lo: uint64(n)} }

// Product returns a × b exactly.
func Product(a, b int64) Wide {
	neg := (a < 0) != (b < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	return signed(hi, lo, neg)
}

// Add returns w + v.
func (w Wide) Add(v Wide) Wide {
	lo, carry := bits.Add64(w.Lo, v.Lo, 0)
	hi, _ := bits.Add64(uint64(w.Hi), uint64(v.Hi), carry)
	return Wide{int64(hi), lo}
}

// Sub returns w − v.
func (w Wide) Sub(v Wide) Wide { return w.Add(v.Neg()) }

// Neg returns −w.
func (w Wide) Neg() Wide {
	lo, borrow := bits.Sub64(0, w.Lo, 0)
	hi, _ := bits.Sub64(0, uint64(w.Hi), borrow)
	return Wide{int64(hi), lo}
}

// Sign returns −1, 0 or 1.
func (w Wide) Sign() int {
	switch {
	case w.Hi < 0:
		return -1
	case w.Hi == 0 && w.Lo == 0:
		return 0
	}
	return 1
}

// Cmp compares: −1 when w < v, 0 when equal, 1 when w > v.
func (w Wide) Cmp(v Wide) int {
	switch {
	case w.Hi != v.Hi:
		if w.Hi < v.Hi {
			return -1
		}
		return 1
	case w.Lo < v.Lo:
		return -1
	case w.Lo > v.Lo:
		return 1
	}
	return 0
}

// Times returns w × n; the product must fit 128 bits.
func (w Wide) Times(n int64) Wide {
	neg := (w.Hi < 0) != (n < 0)
	hi, lo := w.abs()
	m := magnitude(n)
	h, l := bits.Mul64(lo, m)
	return signed(h+hi*m, l, neg)
}

// Over returns w ÷ d, rounded half away from zero; d must not be 0.
func (w Wide) Over(d int64) Wide {
	neg := (w.Hi < 0) != (d < 0)
	hi, lo := w.abs()
	m := magnitude(d)
	qHi, rest := hi/m, hi%m
	qLo, rest := bits.Div64(rest, lo, m)
	if rest >= m-rest { // 2·rest ≥ m without overflow
		var carry uint64
		qLo, carry = bits.Add64(qLo, 1, 0)
		qHi += carry
	}
	return signed(qHi, qLo, neg)
}

// OverWide returns w ÷ d × 1e10, the ratio of two wide sums; d must not be 0.
// Both are halved until the divisor fits 64 bits.
func (w Wide) OverWide(d Wide) Wide {
	neg := (w.Hi < 0) != (d.Hi < 0)
	nh, nl := w.abs()
	dh, dl := d.abs()
	for dh != 0 {
		nl, nh = nl>>1|nh<<63, nh>>1
		dl, dh = dl>>1|dh<<63, dh>>1
	}
	n := signed(nh, nl, false)
	if dl > 1<<62 {
		n, dl = signed(nh>>1, nl>>1|nh<<63, false), dl>>1
	}
	q := n.Times(RateUnits).Over(int64(dl))
	if neg {
		return q.Neg()
	}
	return q
}

// Ratio returns numerator × times ÷ denominator in units of 1e-10, rounded half
// away from zero once. The denominator must not be 0.
func Ratio(numerator Amount, times int64, denominator Amount) Wide {
	return Product(int64(numerator), times).Times(RateUnits).Over(int64(denominator))
}

// Whole returns n as a ratio.
func Whole(n int64) Wide { return Product(n, RateUnits) }

// Rate narrows a ratio; ok is false when it does not fit.
func (w Wide) Rate() (r Rate, ok bool) {
	r = Rate(w.Lo)
	return r, int64(r)>>63 == w.Hi
}

// String writes the ratio with ten decimals.
func (w Wide) String() string {
	hi, lo := w.abs()
	digits := make([]byte, 0, 48)
	for hi != 0 || lo != 0 || len(digits) < 12 {
		var rest uint64
		hi, rest = hi/10, hi%10
		lo, rest = bits.Div64(rest, lo, 10)
		digits = append(digits, byte('0'+rest))
		if len(digits) == 10 {
			digits = append(digits, '.')
		}
	}
	if w.Hi < 0 {
		digits = append(digits, '-')
	}
	for i, j := 0, len(digits)-1; i < j; i, j = i+1, j-1 {
		digits[i], digits[j] = digits[j], digits[i]
	}
	return string(digits)
}

func (w Wide) abs() (hi, lo uint64) {
	if w.Hi < 0 {
		w = w.Neg()
	}
	return uint64(w.Hi), w.Lo
}

func signed(hi, lo uint64, neg bool) Wide {
	w := Wide{int64(hi), lo}
	if neg {
		return w.Neg()
	}
	return w
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// beyond is what a result that does not fit is: more than any column holds, so
// that writing it fails.
const beyond = math.MaxInt64 / 2

// mulDivRound returns a × b ÷ d, rounded half away from zero; what is above
// [beyond] is that.
func mulDivRound(a, b, d int64) int64 {
	neg := ((a < 0) != (b < 0)) != (d < 0)
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	m, q := magnitude(d), uint64(beyond)
	if hi < m {
		var rest uint64
		if q, rest = bits.Div64(hi, lo, m); rest >= m-rest {
			q++
		}
		q = min(q, beyond)
	}
	if neg {
		return -int64(q)
	}
	return int64(q)
}
