package mapping

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// parseLoose reads numbers as people write them in exports: with thousands
// marks (1,234,567.00 · 1.234.567,00 · 12,34,567.00 · 1 234 567), currency
// signs and codes (¥, €, CNY, 元, Rs.), a trailing minus, and accounting
// brackets for negatives. Marks must group the digits: "1,5" is refused where
// the comma groups, rather than read as 15. scratch is reused.
func parseLoose(b []byte, mark byte, scratch []byte) (decimal, numberFault) {
	if d, fault := parseDecimal(b, mark); fault != notANumber {
		return d, fault
	}
	first, last := digitSpan(b, mark)
	if first < 0 {
		return decimal{}, notANumber
	}
	before, ok1 := parseAround(b[:first], true)
	after, ok2 := parseAround(b[last:], false)
	if !ok1 || !ok2 || before.sign && after.sign || before.bracket != after.bracket || before.bracket && (before.sign || after.sign) {
		return decimal{}, notANumber
	}
	digits, ok := ungroup(b[first:last], mark, scratch[:0])
	if !ok {
		return decimal{}, notANumber
	}
	d, fault := parseDecimal(digits, mark)
	d.neg = before.minus || after.minus || before.bracket
	return d, fault
}

// digitSpan finds the text from the first digit (or a mark right before it) to
// after the last digit.
func digitSpan(b []byte, mark byte) (first, last int) {
	first = bytes.IndexAny(b, "0123456789")
	if first < 0 {
		return -1, -1
	}
	last = bytes.LastIndexAny(b, "0123456789") + 1
	if first > 0 && b[first-1] == mark && (first == 1 || !isLetter(b[first-2])) {
		first--
	}
	return first, last
}

// around is what stands before or after the digits.
type around struct{ sign, minus, bracket bool }

// parseAround accepts blanks, one sign, one bracket and one currency sign or
// code. Other words are refused: "12.00 CR" is not 12.00.
func parseAround(b []byte, before bool) (around, bool) {
	var a around
	currency := false
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case unicode.IsSpace(r) || r == '\u200b':
		case r == '-' || r == '+' || r == '−':
			if a.sign || r == '+' && !before {
				return a, false
			}
			a.sign, a.minus = true, r != '+'
		case r == '(' && before || r == ')' && !before:
			if a.bracket {
				return a, false
			}
			a.bracket = true
		default:
			if n = currencyLength(b); n == 0 || currency {
				return a, false
			}
			currency = true
		}
		b = b[n:]
	}
	return a, true
}

var currencyWords = []string{"Rs.", "Rs", "kr.", "kr", "zł", "Kč", "元", "圆", "圓", "円", "원"}

// currencyLength returns the bytes of a currency sign, word, or three-letter code at the start of b.
func currencyLength(b []byte) int {
	if r, n := utf8.DecodeRune(b); unicode.Is(unicode.Sc, r) {
		return n
	}
	for _, word := range currencyWords {
		if bytes.HasPrefix(b, []byte(word)) && (len(b) == len(word) || !isLetter(b[len(word)])) {
			return len(word)
		}
	}
	if len(b) >= 3 && isLetter(b[0]) && isLetter(b[1]) && isLetter(b[2]) && (len(b) == 3 || !isLetter(b[3])) {
		return 3
	}
	return 0
}

// ungroup appends the digits and the decimal mark of b to dst, leaving out
// thousands marks. The marks must all be the same and stand at groups: the last
// group has three digits, the others two (India) or three.
func ungroup(b []byte, mark byte, dst []byte) ([]byte, bool) {
	var separator rune
	group, groups := 0, 0
	inFraction := false
	endGroup := func(final bool) bool {
		switch {
		case groups == 0:
			return separator == 0 || group >= 1 && group <= 3
		case final:
			return group == 3
		}
		return group == 2 || group == 3
	}
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r >= '0' && r <= '9':
			dst = append(dst, byte(r))
			group++
		case n == 1 && b[0] == mark:
			if inFraction || !endGroup(true) {
				return dst, false
			}
			inFraction = true
			dst = append(dst, mark)
		case inFraction || !isThousandsMark(r, mark) || separator != 0 && r != separator:
			return dst, false
		default:
			separator = r
			if !endGroup(false) {
				return dst, false
			}
			groups++
			group = 0
		}
		b = b[n:]
	}
	return dst, inFraction || endGroup(true)
}

func isThousandsMark(r rune, mark byte) bool {
	switch r {
	case ',', '.':
		return rune(mark) != r
	case ' ', '\u00a0', '\u202f', '\u2009', '\'', '’', '，':
		return true
	}
	return false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
