package extract

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/bits"

	"github.com/go-faster/jx"
)

// The functions of this file read JSON by its structure: they find where values
// end and check every byte on the way, but decode nothing. They accept exactly
// what encoding/json holds for valid, at more than a gigabyte a second.
//
// Each takes a position in b and returns the end of what stands there, or, if
// that is not JSON, the complement (^) of the position where it breaks, which is
// negative. No position is before the one given.

// maxDepth is how deep values may be nested, as in encoding/json.
const maxDepth = 10_000

// brokenJSON says what is wrong at the position where a scan broke.
func brokenJSON(b []byte, at int) error {
	if at >= len(b) {
		return fmt.Errorf("the answer is not valid JSON: it breaks off after %d bytes", len(b))
	}
	return fmt.Errorf("the answer is not valid JSON: found %q at byte %d", b[at:min(at+12, len(b))], at+1)
}

// skipBlank passes over white space, if there is any.
func skipBlank(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skipValue passes over a value inside depth objects and lists.
func skipValue(b []byte, i, depth int) int {
	if i >= len(b) {
		return ^i
	}
	switch b[i] {
	case '"':
		return skipText(b, i+1)
	case '{':
		return skipObject(b, i+1, depth+1)
	case '[':
		return skipList(b, i+1, depth+1)
	case 't':
		return skipWord(b, i, "true")
	case 'f':
		return skipWord(b, i, "false")
	case 'n':
		return skipWord(b, i, "null")
	}
	return skipNumber(b, i)
}

func skipWord(b []byte, i int, word string) int {
	for n := range len(word) {
		if i+n >= len(b) || b[i+n] != word[n] {
			return ^(i + n)
		}
	}
	return i + len(word)
}

// skipObject passes over what follows the brace of an object.
func skipObject(b []byte, i, depth int) int {
	if depth > maxDepth {
		return ^i
	}
	i = skipBlank(b, i)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return ^i
		}
		if i = skipText(b, i+1); i < 0 {
			return i
		}
		if i = skipColon(b, i); i < 0 {
			return i
		}
		if i = skipValue(b, i, depth); i < 0 {
			return i
		}
		var more bool
		if i, more = skipComma(b, i, '}'); !more {
			return i
		}
	}
}

// skipColon passes over a colon with white space on both sides.
func skipColon(b []byte, i int) int {
	if i >= len(b) || b[i] != ':' {
		if i = skipBlank(b, i); i >= len(b) || b[i] != ':' {
			return ^i
		}
	}
	return skipBlank(b, i+1)
}

// skipComma passes over what follows an element: a comma with white space on
// both sides, or the bracket that closes; more says that it was a comma.
func skipComma(b []byte, i int, closing byte) (end int, more bool) {
	if i < len(b) && b[i] <= ' ' {
		i = skipBlank(b, i)
	}
	switch {
	case i >= len(b):
		return ^i, false
	case b[i] == ',':
		return skipBlank(b, i+1), true
	case b[i] == closing:
		return i + 1, false
	}
	return ^i, false
}

// skipList passes over what follows the bracket of a list.
func skipList(b []byte, i, depth int) int {
	if depth > maxDepth {
		return ^i
	}
	i = skipBlank(b, i)
	if i < len(b) && b[i] == ']' {
		return i + 1
	}
	for more := true; more; {
		if i = skipValue(b, i, depth); i < 0 {
			return i
		}
		i, more = skipComma(b, i, ']')
	}
	return i
}

// eachField calls f with each key of the object at i, decoded, and with the
// position of its value. f returns the value's end.
func eachField(b []byte, i int, f func(key []byte, at int) int) int {
	i = skipBlank(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for more := true; more; {
		if byteAt(b, i) != '"' {
			return ^i
		}
		end := skipText(b, i+1)
		if end < 0 {
			return end
		}
		at := skipColon(b, end)
		if at < 0 {
			return at
		}
		if i = f(keyText(b[i:end]), at); i < 0 {
			return i
		}
		i, more = skipComma(b, i, '}')
	}
	return i
}

// keyText decodes a key.
func keyText(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	text, _ := jx.DecodeBytes(quoted).StrBytes() // it is a valid string
	return text
}

// eachItem calls f with the number and position of each element of the list at
// i. f returns the element's end.
func eachItem(b []byte, i int, f func(n, at int) int) int {
	i = skipBlank(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1
	}
	more := true
	for n := 0; more; n++ {
		if i = f(n, i); i < 0 {
			return i
		}
		i, more = skipComma(b, i, ']')
	}
	return i
}

// byteAt is the byte at i, 0 after the end.
func byteAt(b []byte, i int) byte {
	if i < len(b) {
		return b[i]
	}
	return 0
}

// Eight bytes are looked at as one word: ones has a 1 in each byte, highs the highest bit.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// skipText passes over what follows the opening quote of a string.
func skipText(b []byte, i int) int {
	for {
		if i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i : i+8])
			quote, slash := w^ones*'"', w^ones*'\\'
			// The lowest bit set marks the first quote, backslash or control character.
			m := ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w) & highs
			if m == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(m) >> 3
		}
		switch {
		case i >= len(b) || b[i] < ' ':
			return ^i
		case b[i] == '"':
			return i + 1
		case b[i] == '\\':
			if i = skipEscape(b, i+1); i < 0 {
				return i
			}
		default:
			i++ // one of the last bytes of the answer
		}
	}
}

// skipEscape passes over what follows a backslash.
func skipEscape(b []byte, i int) int {
	if i >= len(b) {
		return ^i
	}
	switch b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1
	case 'u':
		for n := i + 1; n < i+5; n++ {
			if n >= len(b) || !isHex(b[n]) {
				return ^n
			}
		}
		return i + 5
	}
	return ^i
}

func isHex(c byte) bool { return c-'0' <= 9 || c|0x20 >= 'a' && c|0x20 <= 'f' }

func skipNumber(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if i = skipDigits(b, i); i < 0 {
		return i
	}
	if i < len(b) && b[i] == '.' {
		if i = skipDigits(b, i+1); i < 0 {
			return i
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		return skipDigits(b, i)
	}
	return i
}

// skipDigits passes over one or more digits.
func skipDigits(b []byte, i int) int {
	from := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	if i == from {
		return ^i
	}
	return i
}
