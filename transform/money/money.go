// Package money holds exact amounts and rates: integers of fixed scale, with
// 128-bit intermediates and one rounding rule, half away from zero.
//
// In: decimal text or integers. Out: the same. Never here: floats, currencies,
// exchange rates of a day.
package money

import (
	"fmt"
	"strconv"
	"strings"
)

// Amount is a money amount in units of 0.0001 of its currency.
type Amount int64

// Rate is a factor (exchange rate, share) in units of 1e-10.
type Rate int64

// Units of the scales.
const (
	AmountUnits = 10_000         // 1.0000
	RateUnits   = 10_000_000_000 // 1.0000000000
	CentUnits   = 100            // 0.01
	// MaxAmount is the greatest amount that Decimal(18,4) holds.
	MaxAmount Amount = 999_999_999_999_999_999
)

// One is the rate 1.
const One Rate = RateUnits

// FromInt returns the amount of n whole units of currency.
func FromInt(n int64) Amount { return Amount(n * AmountUnits) }

// FromCents returns the amount of n hundredths.
func FromCents(n int64) Amount { return Amount(n * CentUnits) }

// Parse reads a plain decimal ("-1234.50") exactly. It is an error when the
// text is no number, has more than four decimals that are not zero, or is out
// of the range of Decimal(18,4).
func Parse(text string) (Amount, error) {
	n, err := parseScaled(text, 4)
	if err != nil {
		return 0, fmt.Errorf("amount %q: %w", text, err)
	}
	if a := Amount(n); a <= MaxAmount && a >= -MaxAmount {
		return a, nil
	}
	return 0, fmt.Errorf("amount %q: out of range", text)
}

// MustParse is Parse for constants; it panics on an error.
func MustParse(text string) Amount {
	a, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return a
}

// ParseRate reads a plain decimal with at most ten decimals that are not zero.
func ParseRate(text string) (Rate, error) {
	n, err := parseScaled(text, 10)
	if err != nil {
		return 0, fmt.Errorf("rate %q: %w", text, err)
	}
	return Rate(n), nil
}

func parseScaled(text string, scale int) (int64, error) {
	s := text
	neg := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		neg = s[0] == '-'
		s = s[1:]
	}
	whole, frac, _ := strings.Cut(s, ".")
	if whole == "" && frac == "" {
		return 0, fmt.Errorf("not a decimal number")
	}
	if len(frac) > scale {
		if strings.Trim(frac[scale:], "0") != "" {
			return 0, fmt.Errorf("more than %d decimals", scale)
		}
		frac = frac[:scale]
	}
	digits := whole + frac + strings.Repeat("0", scale-len(frac))
	for i := 0; i < len(digits); i++ {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, fmt.Errorf("not a decimal number")
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("out of range")
	}
	if neg {
		n = -n
	}
	return n, nil
}

// String writes the amount with at least two decimals, exactly.
func (a Amount) String() string {
	s := formatScaled(int64(a), 4)
	return strings.TrimSuffix(s, "00")
}

// String writes the rate with ten decimals.
func (r Rate) String() string { return formatScaled(int64(r), 10) }

func formatScaled(n int64, scale int) string {
	u, sign := uint64(n), ""
	if n < 0 {
		u, sign = -u, "-"
	}
	s := strconv.FormatUint(u, 10)
	if len(s) <= scale {
		s = strings.Repeat("0", scale+1-len(s)) + s
	}
	return sign + s[:len(s)-scale] + "." + s[len(s)-scale:]
}

// Abs returns the amount without its sign.
func (a Amount) Abs() Amount {
	if a < 0 {
		return -a
	}
	return a
}

// Convert multiplies by an exchange rate and rounds to 0.0001, the places that
// the warehouse keeps; figures are rounded to cents where they are shown, once.
// What exceeds [MaxAmount] by far stays far above it.
func (a Amount) Convert(r Rate) Amount { return a.Share(r) }

// Share multiplies by a fraction and rounds to 0.0001.
func (a Amount) Share(r Rate) Amount {
	if r == One {
		return a
	}
	return Amount(mulDivRound(int64(a), int64(r), RateUnits))
}

// Part is the share of an amount that part has in whole, rounded to 0.0001 once;
// whole must not be 0.
func (a Amount) Part(part, whole Amount) Amount {
	return Amount(mulDivRound(int64(a), int64(part), int64(whole)))
}

// Div divides by a whole number and rounds to 0.0001.
func (a Amount) Div(n int64) Amount { return Amount(mulDivRound(int64(a), 1, n)) }

// Invert returns 1/r, rounded; 0 for a rate of 0, and where no rate can be as
// great as that.
func (r Rate) Invert() Rate {
	if r == 0 {
		return 0
	}
	return rateOf(mulDivRound(RateUnits, RateUnits, int64(r)))
}

// Mul returns the product of two rates, rounded; 0 where no rate can be as great
// as that.
func (r Rate) Mul(s Rate) Rate { return rateOf(mulDivRound(int64(r), int64(s), RateUnits)) }

func rateOf(n int64) Rate {
	if n >= beyond || n <= -beyond {
		return 0
	}
	return Rate(n)
}
