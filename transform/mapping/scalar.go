package mapping

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// trimBlank cuts blanks from both ends: ASCII ones, no-break and ideographic
// spaces, and byte order marks.
func trimBlank(b []byte) []byte {
	for len(b) > 0 && isASCIIBlank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isASCIIBlank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	if len(b) > 0 && (b[0] >= utf8.RuneSelf || b[len(b)-1] >= utf8.RuneSelf) {
		return bytes.TrimFunc(b, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' })
	}
	return b
}

func isASCIIBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// parseBool reads true/false, t/f, yes/no, y/n, 1/0 and 是/否, in any case.
func parseBool(b []byte) (v, ok bool) {
	b = trimBlank(b)
	switch len(b) {
	case 1:
		switch b[0] {
		case '1', 'y', 'Y', 't', 'T':
			return true, true
		case '0', 'n', 'N', 'f', 'F':
			return false, true
		}
	case 2:
		return false, bytes.EqualFold(b, []byte("no"))
	case 3:
		switch {
		case bytes.EqualFold(b, []byte("yes")), string(b) == "是":
			return true, true
		case string(b) == "否":
			return false, true
		}
	case 4:
		return true, bytes.EqualFold(b, []byte("true"))
	case 5:
		return false, bytes.EqualFold(b, []byte("false"))
	}
	// 1.0 and 0.00 come from spreadsheets and Parquet.
	if d, fault := parseDecimal(b, '.'); fault == numberOK {
		if n, fault := d.integer(); fault == numberOK && (n == 0 || n == 1) {
			return n == 1, true
		}
	}
	return false, false
}

// parseCurrency reads a three-letter code in any case and appends it in upper
// case to dst if it is not already.
func parseCurrency(b []byte, arena *[]byte) ([]byte, bool) {
	if len(b) != 3 {
		return nil, false
	}
	upper := true
	for _, c := range b {
		if !isLetter(c) {
			return nil, false
		}
		upper = upper && c <= 'Z'
	}
	if upper {
		return b, true
	}
	start := len(*arena)
	*arena = append(*arena, b[0]&^0x20, b[1]&^0x20, b[2]&^0x20)
	return (*arena)[start:], true
}
