package mapping

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"huikuan/transform/schema"
)

// cell is one converted value: b for text, lo for the other kinds (hi with lo
// for rates); not set is NULL, or the zero of a column that knows no NULL.
type cell struct {
	set bool
	b   []byte
	lo  uint64
	hi  int64
}

// convert fills a cell for one field of the record in the slots. Of a tombstone
// only key columns can fail.
func (w *worker) convert(f *field, deleted bool, c *cell) *failure {
	if f.constant != nil {
		*c = *f.constant
		return nil
	}
	*c = cell{}
	fault := w.convertValue(f, c)
	if fault == nil && !c.set && f.required {
		fault = w.missing(f)
	}
	if fault == nil {
		return nil
	}
	if deleted && !f.key {
		*c = cell{}
		return nil
	}
	if fault.field == "" {
		fault.field = f.source()
	}
	return fault
}

// source names the path of a field for messages.
func (f *field) source() string {
	if len(f.texts) == 0 {
		return f.name
	}
	return f.texts[0]
}

func (w *worker) convertValue(f *field, c *cell) *failure {
	v := w.pick(f)
	if f.expr != nil && w.fault != nil {
		return w.failed(nil)
	}
	if v.kind >= kindObject {
		return &failure{reason: f.name + " is not a single value", found: found(v.kind, v.b), expected: expectation(f),
			hint: "name the field inside it, such as " + f.source() + ".0 or " + f.source() + ".id"}
	}
	if v.kind > kindNull {
		v.b = trimBlank(v.b)
	}
	if len(v.b) == 0 || v.kind <= kindNull || f.isEmpty(v) || v.kind == kindBool && f.kind != schema.Bool && w.blank(v) {
		if f.fallback != nil {
			*c = *f.fallback
		}
		return nil
	}
	if f.lookup != nil || f.table != nil {
		done, fault := w.replace(f, &v, c)
		if done || fault != nil {
			return fault
		}
	}
	return w.typed(f, v, c)
}

// pick returns the raw value of a field.
func (w *worker) pick(f *field) value {
	if f.template != nil {
		return w.expand(f.template)
	}
	if f.expr != nil {
		return w.calculate(f)
	}
	if len(f.paths) == 1 {
		return *w.value(f.paths[0])
	}
	for _, at := range f.paths {
		v := *w.value(at)
		if !w.blank(v) && !(f.skipZero && isZero(v, f.mark)) && !f.isEmpty(v) {
			return v
		}
	}
	return value{}
}

// expand builds the text of a template; it is absent if all its paths are.
func (w *worker) expand(parts []part) value {
	start := len(w.arena)
	any := false
	for _, p := range parts {
		if p.literal != "" {
			w.arena = append(w.arena, p.literal...)
			continue
		}
		if v := *w.value(p.at); !w.blank(v) {
			any = true
			w.arena = append(w.arena, v.trimmed()...)
		}
	}
	if !any {
		return value{}
	}
	return value{kind: kindText, b: w.arena[start:]}
}

func isZero(v value, mark byte) bool {
	if v.kind == kindNumber {
		if c := v.b[0]; c >= '1' && c <= '9' {
			return false
		}
		mark = '.'
	}
	d, fault := parseDecimal(v.b, mark)
	return fault == numberOK && d.sign() == 0
}

// blank says that there is no value: absent, null, blank text; and false, where
// the source writes it for nothing.
func (w *worker) blank(v value) bool {
	return v.empty() || v.kind == kindBool && w.m.falseIsNull && v.b[0] == 'f'
}

func (f *field) isEmpty(v value) bool {
	for i := range f.empty {
		if f.empty[i].isNothing(f.kind == schema.Date || f.kind == schema.Instant, v) {
			return true
		}
	}
	return f.zeroNull && isZero(v, f.mark)
}

// isNothing compares with a value of `empty`: true and false are the words of
// JSON only, and a day is also the instant at its beginning.
func (n *want) isNothing(dated bool, v value) bool {
	switch {
	case n.isBool:
		return v.kind == kindBool && (v.b[0] == 't') == n.truth
	case n.equals(v):
		return true
	case dated:
		clock, ok := bytes.CutPrefix(v.trimmed(), []byte(n.text))
		return ok && len(n.text) == 10 && isMidnight(clock)
	}
	return false
}

// isMidnight reads the rest of an ISO instant after its day.
func isMidnight(b []byte) bool {
	if len(b) < 6 || b[0] != 'T' && b[0] != ' ' {
		return false
	}
	micros, n, ok := isoTime(b[1:])
	return ok && micros == 0 && (n+1 == len(b) || b[n+1] == 'Z' || b[n+1] == '+' || b[n+1] == '-')
}

// replace puts a value through lookup and map. done is set if the cell is final.
func (w *worker) replace(f *field, v *value, c *cell) (done bool, fault *failure) {
	if f.lookup != nil {
		text, ok := w.chain(f.lookup, v.b)
		if !ok {
			return w.unknown(f, v, c, func() *failure {
				return &failure{reason: fmt.Sprintf("%s is not in the dictionary %s", f.name, f.lookup[len(f.lookup)-1]),
					found: found(v.kind, v.b), expected: "an entry of " + listed(f.lookup, 5),
					hint: "sync the stream that fills the dictionary first, or set otherwise: \"null\" if it may be unknown"}
			})
		}
		*v = value{kind: kindText, b: trimBlank(validText(w.keep(text)))}
	}
	if f.table == nil {
		return false, nil
	}
	m, ok := f.table[string(v.b)]
	switch {
	case !ok:
		return w.unknown(f, v, c, func() *failure {
			return &failure{reason: f.name + " has a value that the mapping does not know", found: found(v.kind, v.b),
				expected: "one of " + f.allowed, hint: "add it to `map` of " + f.name + ", or set `otherwise`"}
		})
	case m.null:
		return true, nil
	}
	*v = value{kind: kindText, b: w.keep(m.text)}
	return false, nil
}

// keep copies a text into the arena.
func (w *worker) keep(text string) []byte {
	start := len(w.arena)
	w.arena = append(w.arena, text...)
	return w.arena[start:]
}

// unknown settles a value that lookup or map do not know.
func (w *worker) unknown(f *field, v *value, c *cell, fault func() *failure) (done bool, _ *failure) {
	switch {
	case f.otherwise == otherwiseKeep:
		return false, nil
	case f.otherwise == otherwiseNull:
		return true, nil
	case f.otherwise == otherwiseValue:
		*c = *f.other
		return true, nil
	case f.fallback != nil && !f.emptyOnly:
		*c = *f.fallback
		return true, nil
	}
	return true, fault()
}

// chain asks dictionaries one after the other.
func (w *worker) chain(names []string, key []byte) (string, bool) {
	text := ""
	for i, name := range names {
		ok := false
		if i == 0 {
			text, ok = w.lookups[name][string(key)]
		} else {
			text, ok = w.lookups[name][text]
		}
		if !ok || text == "" {
			return "", false
		}
	}
	return text, true
}

// typed reads a text as the kind of the column.
func (w *worker) typed(f *field, v value, c *cell) *failure {
	c.set = true
	ok := true
	switch f.kind {
	case schema.Text, schema.Label:
		return w.asText(f, v, c)
	case schema.Money, schema.Rate, schema.Int:
		return w.asNumber(f, v, c)
	case schema.Date, schema.Instant:
		ok = w.asDate(f, v, c)
	case schema.Bool:
		var truth bool
		if truth, ok = parseBool(v.b); truth {
			c.lo = 1
		}
	case schema.Float:
		number, err := strconv.ParseFloat(string(v.b), 64)
		c.lo, ok = math.Float64bits(number), err == nil && !math.IsNaN(number) && !math.IsInf(number, 0)
	default:
		ok = false
	}
	if ok {
		return nil
	}
	c.set = false
	return &failure{reason: fmt.Sprintf("%s is no %s", f.name, f.kind), found: found(v.kind, v.b), expected: expectation(f), hint: f.advice()}
}

func (w *worker) asText(f *field, v value, c *cell) *failure {
	c.b = v.b
	if f.currency {
		code, ok := parseCurrency(v.b, &w.arena)
		if !ok {
			c.set = false
			return &failure{reason: f.name + " is no currency code", found: found(v.kind, v.b), expected: expectation(f),
				hint: "replace it by `map`, for example map: {人民币: CNY} with otherwise: keep"}
		}
		c.b = code
		return nil
	}
	if w.valid || utf8.Valid(v.b) {
		return nil
	}
	if f.key || f.required { // two identifiers must not become one
		c.set = false
		return &failure{reason: f.name + " is not valid UTF-8", found: found(v.kind, v.b), expected: "text in UTF-8",
			hint: "set the encoding of the source (GBK, Latin-1 …)"}
	}
	c.b = validText(v.b)
	return nil
}

func (w *worker) asNumber(f *field, v value, c *cell) *failure {
	d, fault := decimal{}, notANumber
	switch {
	case v.kind == kindNumber: // JSON writes its own mark, whatever texts do
		d, fault = parseDecimal(v.b, '.')
	case v.kind == kindText && f.loose:
		w.digits = w.digits[:0]
		d, fault = parseLoose(v.b, f.mark, w.digits)
	case v.kind == kindText:
		d, fault = parseDecimal(v.b, f.mark)
	}
	if fault == numberOK {
		fault = f.finish(&d, c)
	}
	if fault == numberOK {
		return nil
	}
	c.set = false
	return numberFailure(f, v, fault)
}

// finish applies sign, scale and rounding, and stores the number.
func (f *field) finish(d *decimal, c *cell) (fault numberFault) {
	ok := true
	if f.scale != nil {
		*d, ok = d.times(*f.scale)
	}
	if ok && f.round >= 0 {
		*d, ok = d.rounded(f.round)
	}
	if !ok {
		return tooLarge
	}
	d.neg = d.neg != f.negate && !f.abs
	var n int64
	switch f.kind {
	case schema.Money:
		n, fault = d.money()
		c.lo = uint64(n)
	case schema.Rate:
		c.hi, c.lo, fault = d.rate()
	default:
		n, fault = d.integer()
		c.lo = uint64(n)
	}
	return fault
}

func (w *worker) asDate(f *field, v value, c *cell) bool {
	if v.kind == kindBool {
		return false
	}
	s, ok := readStamp(v, f.formats)
	if !ok {
		return false
	}
	var day int32
	if f.kind == schema.Date {
		day = s.date(&w.zone)
		c.lo = uint64(int64(day))
	} else {
		at := s.instant(&w.zone)
		day = int32(floorDiv(at, microsPerDay))
		c.lo = uint64(at)
	}
	return day >= minDay && day <= maxDay
}
