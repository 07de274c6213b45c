package mapping

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// formatKind tells the ways to write a date or an instant.
type formatKind uint8

const (
	formatAny     formatKind = iota // ISO forms, /Date(ms)/, and epochs that their length gives away
	formatISO                       // ISO forms only
	formatEpoch                     // a count of units since 1970-01-01T00:00Z
	formatPattern                   // tokens
)

// dateFormat is one compiled format.
type dateFormat struct {
	name   string
	kind   formatKind
	digits int  // formatEpoch: decimal places from the unit to microseconds
	local  bool // formatEpoch: its day is always that of the source's zone
	tokens []token
}

// token is a part of a pattern: a literal or a number or name to read.
type token struct {
	kind    byte // 'l' literal, else one of Y y M N(ame) F(ull name) D H h m s S A Z
	literal string
	lo, hi  int // digits
}

// patternTokens are the tokens of a pattern, longest first.
var patternTokens = []struct {
	text string
	token
}{
	{"YYYY", token{kind: 'Y', lo: 4, hi: 4}}, {"YY", token{kind: 'y', lo: 2, hi: 2}},
	{"MMMM", token{kind: 'F'}}, {"MMM", token{kind: 'N'}}, {"MM", token{kind: 'M', lo: 2, hi: 2}}, {"M", token{kind: 'M', lo: 1, hi: 2}},
	{"DD", token{kind: 'D', lo: 2, hi: 2}}, {"D", token{kind: 'D', lo: 1, hi: 2}},
	{"HH", token{kind: 'H', lo: 2, hi: 2}}, {"H", token{kind: 'H', lo: 1, hi: 2}},
	{"hh", token{kind: 'h', lo: 2, hi: 2}}, {"h", token{kind: 'h', lo: 1, hi: 2}},
	{"mm", token{kind: 'm', lo: 2, hi: 2}}, {"ss", token{kind: 's', lo: 2, hi: 2}},
	{"S", token{kind: 'S'}}, {"A", token{kind: 'A'}}, {"Z", token{kind: 'Z'}},
}

const formatHelp = "use YYYY YY MMMM MMM MM M DD D HH H hh h mm ss S A Z with the separators as written (M/D/YYYY), or iso, epoch_s, epoch_ms, epoch_us, epoch_s_local, epoch_ms_local, any"

var monthNames = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}

// compileFormat reads a format: a pattern such as "M/D/YYYY HH:mm", or the name
// of a fixed form. M, D, H and h take one or two digits, their doubles exactly
// two; S is a fraction of a second; A is AM or PM; Z is Z or an offset. YY means
// 1970 to 2069.
func compileFormat(text string) (dateFormat, error) {
	f := dateFormat{name: text}
	switch text {
	case "":
		return f, fmt.Errorf("a date format is empty; %s", formatHelp)
	case "any":
		return f, nil
	case "iso":
		f.kind = formatISO
		return f, nil
	case "epoch_s", "epoch_ms", "epoch_us", "epoch_s_local", "epoch_ms_local":
		unit, local := strings.CutSuffix(text, "_local")
		f.kind, f.local = formatEpoch, local
		f.digits = map[string]int{"epoch_s": 6, "epoch_ms": 3, "epoch_us": 0}[unit]
		return f, nil
	}
	f.kind = formatPattern
	for rest := text; rest != ""; {
		t, n, ok := nextToken(rest)
		if !ok {
			return f, fmt.Errorf("date format %q has %q, which is no token; %s", text, rest[:1], formatHelp)
		}
		f.tokens = append(f.tokens, t)
		rest = rest[n:]
	}
	return f, f.complete()
}

// complete checks that a pattern names a whole day, each part once.
func (f dateFormat) complete() error {
	var seen [256]int
	for _, t := range f.tokens {
		seen[t.kind]++
	}
	switch {
	case seen['Y']+seen['y'] != 1 || seen['M']+seen['N']+seen['F'] != 1 || seen['D'] != 1:
		return fmt.Errorf("date format %q must name year, month and day once each; %s", f.name, formatHelp)
	case seen['H']+seen['h'] > 1 || seen['m'] > 1 || seen['s'] > 1 || seen['S'] > 1 || seen['Z'] > 1:
		return fmt.Errorf("date format %q names a part of the time twice (MM is the month, mm the minute)", f.name)
	case seen['h'] != seen['A']:
		return fmt.Errorf("date format %q: h and A (AM/PM) belong together; H counts to 23", f.name)
	}
	return nil
}

func nextToken(s string) (token, int, bool) {
	for _, t := range patternTokens {
		if strings.HasPrefix(s, t.text) {
			return t.token, len(t.text), true
		}
	}
	r, n := utf8.DecodeRuneInString(s)
	if r == 'T' || !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
		return token{kind: 'l', literal: s[:n]}, n, true
	}
	return token{}, 0, false
}

// readStamp reads a value; what the source did not write as text is ISO.
func readStamp(v value, formats []dateFormat) (stamp, bool) {
	if v.kind == kindStamp {
		return parseISO(v.b)
	}
	return parseStamp(v.b, formats)
}

// parseStamp tries the formats in turn.
func parseStamp(b []byte, formats []dateFormat) (stamp, bool) {
	b = trimBlank(b)
	for i := range formats {
		if s, ok := formats[i].parse(b); ok {
			return s, true
		}
	}
	return stamp{}, false
}

func (f *dateFormat) parse(b []byte) (stamp, bool) {
	switch f.kind {
	case formatISO:
		return parseISO(b)
	case formatEpoch:
		s, ok := parseEpoch(b, f.digits)
		s.local = f.local
		return s, ok
	case formatPattern:
		return f.parsePattern(b)
	}
	return parseAny(b)
}

// parts is what a pattern read.
type parts struct {
	year, month, day, hour, minute, second int
	micros, offset                         int64
	zoned, half, afternoon                 bool
}

func (f *dateFormat) parsePattern(b []byte) (stamp, bool) {
	var p parts
	for i := range f.tokens {
		var ok bool
		if b, ok = p.read(&f.tokens[i], b); !ok {
			return stamp{}, false
		}
	}
	if len(b) != 0 {
		return stamp{}, false
	}
	return p.stamp()
}

// read takes one token from the front of b.
func (p *parts) read(t *token, b []byte) ([]byte, bool) {
	switch t.kind {
	case 'l':
		if len(b) < len(t.literal) || string(b[:len(t.literal)]) != t.literal {
			return b, false
		}
		return b[len(t.literal):], true
	case 'N', 'F':
		m, n := monthName(b, t.kind == 'F')
		p.month = m
		return b[n:], m != 0
	case 'A':
		if len(b) < 2 || b[1]|0x20 != 'm' || b[0]|0x20 != 'a' && b[0]|0x20 != 'p' {
			return b, false
		}
		p.half, p.afternoon = true, b[0]|0x20 == 'p'
		return b[2:], true
	case 'S':
		micros, n := fraction(b)
		p.micros = micros
		return b[n:], n > 0
	case 'Z':
		offset, n := zoneOffset(b)
		p.offset, p.zoned = offset, true
		return b[n:], n > 0
	}
	v, n := number(b, t.hi)
	if n < t.lo {
		return b, false
	}
	switch t.kind {
	case 'Y':
		p.year = v
	case 'y':
		p.year = fullYear(v)
	case 'M':
		p.month = v
	case 'D':
		p.day = v
	case 'H', 'h':
		p.hour = v
	case 'm':
		p.minute = v
	case 's':
		p.second = v
	}
	return b[n:], true
}

// stamp validates the parts.
func (p *parts) stamp() (stamp, bool) {
	if p.half {
		if p.hour < 1 || p.hour > 12 {
			return stamp{}, false
		}
		p.hour %= 12
		if p.afternoon {
			p.hour += 12
		}
	}
	day, ok := dayOf(p.year, p.month, p.day)
	if !ok || p.hour > 23 || p.minute > 59 || p.second > 59 {
		return stamp{}, false
	}
	micros := int64(p.hour*3600+p.minute*60+p.second)*1_000_000 + p.micros
	return stamp{day: day, micros: micros, zoned: p.zoned, offset: p.offset}, true
}

// fullYear reads two-digit years as 1970 to 2069.
func fullYear(yy int) int {
	if yy >= 70 {
		return 1900 + yy
	}
	return 2000 + yy
}

// monthName reads an English month, in any case: three letters (Sept too), or
// the full name where full is set.
func monthName(b []byte, full bool) (month, n int) {
	for i, name := range monthNames {
		want := name[:3]
		if full {
			want = name
		}
		if len(b) < len(want) || !strings.EqualFold(string(b[:len(want)]), want) {
			continue
		}
		n = len(want)
		if !full && i == 8 && n < len(b) && b[n]|0x20 == 't' {
			n++
		}
		return i + 1, n
	}
	return 0, 0
}

// number reads up to limit digits.
func number(b []byte, limit int) (v, n int) {
	for n < limit && n < len(b) && b[n]-'0' <= 9 {
		v = v*10 + int(b[n]-'0')
		n++
	}
	return v, n
}

// compileFormats compiles a list.
func compileFormats(texts []string) ([]dateFormat, error) {
	var out []dateFormat
	for _, text := range texts {
		f, err := compileFormat(text)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return slices.Clip(out), nil
}
