package mapping

import "strconv"

// Operands are turned into the type that an operator or function wants when the
// expression is compiled; what a field holds is read when there is a record.

const numberHint = `if it has another decimal mark or thousands marks, clean it with replace(), or give the field decimal: ","`

// number makes an operand a number.
func (x *expression) number(t typed) typed {
	switch t.typ {
	case typeNumber, typeNull:
		return typed{typ: typeNumber, where: t.where, literal: t.literal, eval: t.eval}
	case typeField, typeText:
	default:
		return x.fail("", "%s is wanted where there is %s", typeNumber, t.typ)
	}
	mark, eval, where := x.mark, t.eval, t.where
	return typed{typ: typeNumber, where: where, eval: func(w *worker) operand {
		o := eval(w)
		if o.null {
			return nothing
		}
		m := mark
		if o.v.kind == kindNumber {
			m = '.'
		}
		d, fault := parseDecimal(o.v.b, m)
		if fault != numberOK || o.v.kind != kindNumber && o.v.kind != kindText {
			return w.stumble(where, o.v, "a number, decimal mark "+strconv.Quote(string(m)), where+" is not a number", numberHint)
		}
		return operand{num: d}
	}}
}

// text makes an operand a text: numbers as they are written, days as YYYY-MM-DD.
func (x *expression) text(t typed) typed {
	eval, typ, where := t.eval, t.typ, t.where
	out := typed{typ: typeText, where: where, literal: t.literal, text: t.text, eval: eval}
	switch typ {
	case typeText, typeNull:
		return out
	}
	out.eval = func(w *worker) operand {
		o := eval(w)
		if o.null {
			return nothing
		}
		start := len(w.arena)
		switch typ {
		case typeNumber:
			w.arena = o.num.append(w.arena)
		case typeDay, typeMoment:
			w.arena = o.at.append(w.arena)
		case typeTruth:
			if w.arena = append(w.arena, "false"...); o.truth {
				w.arena = append(w.arena[:start], "true"...)
			}
		default:
			if o.v.kind >= kindObject {
				return w.stumble(where, o.v, "a single value", where+" is not a single value", "name the field inside it, such as "+where+"[0] or "+where+".id")
			}
			return operand{v: value{kindText, o.v.trimmed()}}
		}
		return operand{v: value{kindText, w.arena[start:]}}
	}
	return out
}

// moment makes an operand a date or an instant.
func (x *expression) moment(t typed) typed {
	switch t.typ {
	case typeDay, typeMoment:
		return t
	case typeNull:
		return typed{typ: typeMoment, eval: t.eval}
	case typeField, typeText:
	default:
		return x.fail("", "a date is wanted where there is %s", t.typ)
	}
	formats, eval, where := x.dates, t.eval, t.where
	names := formatNames(formats)
	return typed{typ: typeMoment, where: where, eval: func(w *worker) operand {
		o := eval(w)
		if o.null {
			return nothing
		}
		s, ok := stamp{}, false
		if o.v.kind != kindBool {
			s, ok = readStamp(o.v, formats)
		}
		if !ok {
			return w.stumble(where, o.v, "a date as "+names, where+" is not a date", "name its format: date(field, \"D.M.YYYY\")")
		}
		return operand{at: s}
	}}
}

// day makes an operand a calendar day.
func (x *expression) day(t typed) typed {
	if t.typ == typeDay {
		return t
	}
	m := x.moment(t)
	return typed{typ: typeDay, where: t.where, eval: func(w *worker) operand {
		o := m.eval(w)
		if o.null {
			return nothing
		}
		return operand{at: stamp{day: o.at.date(&w.zone)}}
	}}
}

// truth takes what is true or false; a field has to say how it means that.
func (x *expression) truth(t typed) typed {
	if t.typ != typeTruth && !x.failed {
		return x.fail("compare it with something, or write flag(field)", "true or false is wanted where there is %s", t.typ)
	}
	return t
}

// flag reads a field as true or false; nothing is false.
func (x *expression) flag(t typed) typed {
	if t.typ == typeTruth {
		return t
	}
	text, where := x.text(t), t.where
	return typed{typ: typeTruth, where: where, eval: func(w *worker) operand {
		o := text.eval(w)
		if o.null {
			return operand{}
		}
		truth, ok := parseBool(o.v.b)
		if !ok {
			return w.stumble(where, o.v, "true or false, yes or no, T or F, 1 or 0", where+" is not a flag", "compare it with the texts that mean true")
		}
		return operand{truth: truth}
	}}
}

// unify finds the type that all operands can have, and gives it to them.
func (x *expression) unify(all []typed) ([]typed, exprType) {
	typ := typeNull
	for _, t := range all {
		switch {
		case t.typ == typ || t.typ == typeNull:
		case typ <= typeField:
			typ = max(typ, t.typ)
		case t.typ == typeField:
		case typ == typeDay && t.typ == typeMoment || typ == typeMoment && t.typ == typeDay:
			typ = typeMoment
		default:
			x.fail("make them the same with dec(), text(), date() or flag()", "it gives %s in one case and %s in another", typ, t.typ)
			return all, typ
		}
	}
	out := make([]typed, len(all))
	for i, t := range all {
		switch typ {
		case typeNumber:
			t = x.number(t)
		case typeText:
			t = x.text(t)
		case typeDay:
			t = x.day(t)
		case typeMoment:
			t = x.moment(t)
		case typeTruth:
			if t.typ != typeNull {
				t = x.flag(t)
			}
		}
		out[i] = t
	}
	return out, typ
}

// append writes YYYY-MM-DD, with the time if there is one, and its zone.
func (s stamp) append(dst []byte) []byte {
	year, month, day := civil(s.day)
	dst = appendDay(dst, year, month, day)
	if s.micros == 0 && !s.zoned {
		return dst
	}
	seconds := int(s.micros / 1_000_000)
	dst = appendClock(append(dst, 'T'), seconds/3600, seconds/60%60, seconds%60, int(s.micros%1_000_000))
	if !s.zoned {
		return dst
	}
	minutes := int(s.offset / 60_000_000)
	if minutes == 0 {
		return append(dst, 'Z')
	}
	sign := byte('+')
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	dst = appendPadded(append(dst, sign), minutes/60, 2)
	return appendPadded(append(dst, ':'), minutes%60, 2)
}
