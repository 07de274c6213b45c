package mapping

import "bytes"

// parseAny reads what systems send without being told: ISO forms, the
// /Date(ms)/ of OData 2, and counts since 1970 in seconds (9 to 11 digits) or
// milliseconds (12 to 14 digits). Eight digits are YYYYMMDD.
func parseAny(b []byte) (stamp, bool) {
	if s, ok := parseISO(b); ok {
		return s, true
	}
	if len(b) > 8 && b[0] == '/' {
		return parseODataDate(b)
	}
	whole := bytes.IndexByte(b, '.')
	if whole < 0 {
		whole = len(b)
	}
	if whole > 0 && b[0] == '-' {
		whole--
	}
	switch {
	case whole >= 9 && whole <= 11:
		return parseEpoch(b, 6)
	case whole >= 12 && whole <= 14:
		return parseEpoch(b, 3)
	}
	return stamp{}, false
}

// parseISO reads YYYY-MM-DD or YYYYMMDD, optionally with a time: T or blanks,
// HH:MM, optional seconds with up to nine decimals (cut to microseconds), and
// an optional Z or offset (+08:00, +0800, +08), with a blank before it or not.
func parseISO(b []byte) (stamp, bool) {
	day, n, ok := isoDay(b)
	if !ok {
		return stamp{}, false
	}
	s := stamp{day: day}
	if n == len(b) {
		return s, true
	}
	b = b[n:]
	if b[0] != 'T' && b[0] != 't' && b[0] != ' ' {
		return stamp{}, false
	}
	micros, n, ok := isoTime(b[1:])
	if !ok {
		return stamp{}, false
	}
	s.micros = micros
	b = b[1+n:]
	if len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	if len(b) == 0 {
		return s, true
	}
	offset, n := zoneOffset(b)
	s.zoned, s.offset = true, offset
	return s, n == len(b) && n > 0
}

// isoDay reads the day at the front of b.
func isoDay(b []byte) (day int32, n int, ok bool) {
	if len(b) < 8 {
		return 0, 0, false
	}
	year, month, dom := 0, 0, 0
	switch {
	case len(b) >= 10 && b[4] == '-' && b[7] == '-':
		month, dom, n = twoDigits(b[5:]), twoDigits(b[8:]), 10
	case b[4]-'0' <= 9 && (len(b) == 8 || b[8] == 'T' || b[8] == 't'):
		month, dom, n = twoDigits(b[4:]), twoDigits(b[6:]), 8
	default:
		return 0, 0, false
	}
	century, rest := twoDigits(b), twoDigits(b[2:])
	if century < 0 || rest < 0 {
		return 0, 0, false
	}
	year = century*100 + rest
	day, ok = dayOf(year, month, dom)
	return day, n, ok
}

// isoTime reads HH:MM[:SS[.fraction]] at the front of b.
func isoTime(b []byte) (micros int64, n int, ok bool) {
	if len(b) < 5 || b[2] != ':' {
		return 0, 0, false
	}
	hour, minute, second := twoDigits(b), twoDigits(b[3:]), 0
	n = 5
	if len(b) >= 8 && b[5] == ':' {
		second, n = twoDigits(b[6:]), 8
		if len(b) > 9 && (b[8] == '.' || b[8] == ',') {
			fractionMicros, digits := fraction(b[9:])
			if digits == 0 {
				return 0, 0, false
			}
			micros, n = fractionMicros, 9+digits
		}
	}
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return 0, 0, false
	}
	return micros + int64(hour*3600+minute*60+second)*1_000_000, n, true
}

// twoDigits returns the number of the first two bytes, or -1.
func twoDigits(b []byte) int {
	if len(b) < 2 {
		return -1
	}
	tens, ones := b[0]-'0', b[1]-'0'
	if tens > 9 || ones > 9 {
		return -1
	}
	return int(tens)*10 + int(ones)
}

// fraction reads up to nine digits after the decimal mark of seconds, cut to
// microseconds.
func fraction(b []byte) (micros int64, n int) {
	for n < len(b) && n < 9 && b[n]-'0' <= 9 {
		if n < 6 {
			micros = micros*10 + int64(b[n]-'0')
		}
		n++
	}
	for i := n; i < 6; i++ {
		micros *= 10
	}
	return micros, n
}

// zoneOffset reads Z, +08:00, +0800 or +08 at the front of b and returns
// microseconds east of UTC and the bytes read, 0 if there is none.
func zoneOffset(b []byte) (offset int64, n int) {
	if len(b) > 0 && (b[0] == 'Z' || b[0] == 'z') {
		return 0, 1
	}
	if len(b) < 3 || b[0] != '+' && b[0] != '-' {
		return 0, 0
	}
	hours, minutes := twoDigits(b[1:]), 0
	n = 3
	switch {
	case len(b) >= 6 && b[3] == ':':
		minutes, n = twoDigits(b[4:]), 6
	case len(b) >= 5 && b[3] != ':':
		if m := twoDigits(b[3:]); m >= 0 {
			minutes, n = m, 5
		}
	}
	if hours < 0 || hours > 15 || minutes < 0 || minutes > 59 {
		return 0, 0
	}
	offset = int64(hours*60+minutes) * 60_000_000
	if b[0] == '-' {
		offset = -offset
	}
	return offset, n
}

// parseODataDate reads /Date(1789430400000)/ and /Date(1789430400000+0800)/;
// the count is UTC already, the offset only tells the writer's zone.
func parseODataDate(b []byte) (stamp, bool) {
	inner, ok := bytes.CutPrefix(b, []byte("/Date("))
	if !ok {
		return stamp{}, false
	}
	if inner, ok = bytes.CutSuffix(inner, []byte(")/")); !ok {
		return stamp{}, false
	}
	if cut := bytes.LastIndexAny(inner, "+-"); cut > 0 {
		if _, n := zoneOffset(inner[cut:]); n != len(inner)-cut {
			return stamp{}, false
		}
		inner = inner[:cut]
	}
	return parseEpoch(inner, 3)
}

// parseEpoch reads a count since 1970-01-01T00:00Z; digits are the decimal
// places from its unit to microseconds. Less than a microsecond is cut.
func parseEpoch(b []byte, digits int) (stamp, bool) {
	d, fault := parseDecimal(b, '.')
	if fault != numberOK {
		return stamp{}, false
	}
	d.exp += digits
	micros, fault := d.integer()
	if fault == notWholeNumber {
		if d, ok := d.cut(); ok {
			micros, fault = d.integer()
		}
	}
	if fault != numberOK || micros < minDay*microsPerDay || micros >= (maxDay+1)*microsPerDay {
		return stamp{}, false
	}
	return fromUTC(micros), true
}

// cut drops decimals, towards zero.
func (d decimal) cut() (decimal, bool) {
	for d.exp < 0 && d.exp >= -38 {
		d.hi, d.lo, _ = div(d.hi, d.lo, 10)
		d.exp++
	}
	return d, d.exp == 0
}
