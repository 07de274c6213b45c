package mapping

import "bytes"

func dateFunctions() map[string]function {
	return map[string]function{
		"date": {"date(a), date(a, \"D.M.YYYY\")", "the day of a text, number or instant, in the zone of the source; formats are tried in turn", 1, many, func(x *expression, args []typed, f function) typed {
			return x.day(x.formatted(args, f))
		}},
		"datetime": {"datetime(a), datetime(a, \"epoch_ms\")", "the instant of a text or number", 1, many, func(x *expression, args []typed, f function) typed {
			return x.formatted(args, f)
		}},
		"at":             {"at(date, time)", "a day with a time as `10:30`, `10:30:00` or `PT10H30M00S`, in the zone of the source", 2, 2, buildAt},
		"add_days":       {"add_days(date, n)", "n days later, earlier if n is negative", 2, 2, func(x *expression, args []typed, f function) typed { return x.moved(args, f, addDays) }},
		"add_months":     {"add_months(date, n)", "n months later, at most the last day of that month", 2, 2, func(x *expression, args []typed, f function) typed { return x.moved(args, f, addMonths) }},
		"start_of_month": {"start_of_month(date)", "the first day of its month", 1, 1, func(x *expression, args []typed, f function) typed { return x.moved(args, f, monthStart) }},
		"end_of_month":   {"end_of_month(date)", "the last day of its month", 1, 1, func(x *expression, args []typed, f function) typed { return x.moved(args, f, monthEnd) }},
		"days_between":   {"days_between(from, to)", "how many days later the second is", 2, 2, buildDaysBetween},
		"seconds":        {"seconds(a)", "how long a time of day or a duration is: `PT1H30M` is 5400", 1, 1, buildSeconds},
		"year":           {"year(date)", "the year", 1, 1, func(x *expression, args []typed, _ function) typed { return x.part(args[0], 0) }},
		"month":          {"month(date)", "the month, 1 to 12", 1, 1, func(x *expression, args []typed, _ function) typed { return x.part(args[0], 1) }},
		"day":            {"day(date)", "the day of the month", 1, 1, func(x *expression, args []typed, _ function) typed { return x.part(args[0], 2) }},
	}
}

// formatted is a moment read by the formats that follow it.
func (x *expression) formatted(args []typed, f function) typed {
	own := *x
	if len(args) > 1 {
		own.dates = nil
	}
	for _, a := range args[1:] {
		text, ok := x.word(a, f)
		if !ok {
			return a
		}
		format, err := compileFormat(text)
		if err != nil {
			return x.fail("", "%v", err)
		}
		own.dates = append(own.dates, format)
	}
	out := own.moment(args[0])
	x.failed = own.failed
	return out
}

// moved compiles a function of a day and, if there are two arguments, a number.
func (x *expression) moved(args []typed, _ function, move func(day int32, n int) (int32, bool)) typed {
	day, number := x.day(args[0]), func(*worker) (int, bool) { return 0, true }
	if len(args) == 2 {
		number = x.integer(args[1])
	}
	where := args[0].where
	return typed{typ: typeDay, where: where, eval: func(w *worker) operand {
		o := day.eval(w)
		n, ok := number(w)
		if o.null || !ok {
			return nothing
		}
		out, ok := move(o.at.day, n)
		if !ok {
			return w.stumble(where, value{kindStamp, o.at.append(nil)}, "a day from 1900 to 2299", "the day leaves the calendar", "check the number of days or months")
		}
		return operand{at: stamp{day: out}}
	}}
}

func addDays(day int32, n int) (int32, bool) {
	out := day + int32(n)
	return out, out >= minDay && out <= maxDay
}

func addMonths(day int32, n int) (int32, bool) {
	year, month, dom := civil(day)
	months := int64(year)*12 + int64(month) - 1 + int64(n)
	year, month = int(floorDiv(months, 12)), int(months-floorDiv(months, 12)*12)+1
	return dayOf(year, month, min(dom, daysIn(year, month)))
}

func monthStart(day int32, _ int) (int32, bool) {
	year, month, _ := civil(day)
	return dayOf(year, month, 1)
}

func monthEnd(day int32, _ int) (int32, bool) {
	year, month, _ := civil(day)
	return dayOf(year, month, daysIn(year, month))
}

func buildDaysBetween(x *expression, args []typed, _ function) typed {
	from, to := x.day(args[0]), x.day(args[1])
	return typed{typ: typeNumber, eval: func(w *worker) operand {
		a, b := from.eval(w), to.eval(w)
		if a.null || b.null {
			return nothing
		}
		return operand{num: wholeNumber(int64(b.at.day) - int64(a.at.day))}
	}}
}

func wholeNumber(n int64) decimal {
	if n < 0 {
		return decimal{lo: uint64(-n), neg: true}
	}
	return decimal{lo: uint64(n)}
}

func (x *expression) part(t typed, which int) typed {
	t = x.day(t)
	return typed{typ: typeNumber, where: t.where, eval: func(w *worker) operand {
		o := t.eval(w)
		if o.null {
			return nothing
		}
		year, month, day := civil(o.at.day)
		return operand{num: wholeNumber(int64([3]int{year, month, day}[which]))}
	}}
}

const clockForms = "hh:mm, hh:mm:ss or PT10H30M00S"

// clock makes an operand a time of day or duration, in microseconds.
func (x *expression) clock(t typed) func(w *worker) (int64, bool) {
	text, where := x.text(t), t.where
	return func(w *worker) (int64, bool) {
		o := text.eval(w)
		if o.null {
			return 0, false
		}
		b := o.v.trimmed()
		micros, n, ok := isoTime(b)
		if !ok || n != len(b) {
			micros, ok = parseDuration(b)
		}
		if !ok {
			w.stumble(where, o.v, clockForms, where+" is no time", "check the field")
		}
		return micros, ok
	}
}

func buildAt(x *expression, args []typed, _ function) typed {
	day, clock := x.day(args[0]), x.clock(args[1])
	where := args[1].where
	return typed{typ: typeMoment, where: args[0].where, eval: func(w *worker) operand {
		o := day.eval(w)
		micros, ok := clock(w)
		if o.null || !ok {
			return nothing
		}
		if micros < 0 || micros >= microsPerDay {
			return w.stumble(where, value{}, "a time within a day", where+" is longer than a day", "check the field")
		}
		return operand{at: stamp{day: o.at.day, micros: micros}}
	}}
}

func buildSeconds(x *expression, args []typed, _ function) typed {
	clock := x.clock(args[0])
	return typed{typ: typeNumber, where: args[0].where, eval: func(w *worker) operand {
		micros, ok := clock(w)
		if !ok {
			return nothing
		}
		d := wholeNumber(micros)
		d.exp = -6
		return operand{num: d.shortest()}
	}}
}

// parseDuration reads the durations of ISO 8601 in days, hours, minutes and
// seconds (PT10H00M00S, P1DT2H, -PT30M), in microseconds.
func parseDuration(b []byte) (micros int64, ok bool) {
	b, neg := bytes.CutPrefix(b, []byte("-"))
	b, ok = bytes.CutPrefix(b, []byte("P"))
	if !ok || len(b) == 0 {
		return 0, false
	}
	days, clock, timed := bytes.Cut(b, []byte("T"))
	if len(days) > 0 {
		if micros, days, ok = durationPart(days, 'D', microsPerDay); !ok || len(days) > 0 {
			return 0, false
		}
	}
	if timed && len(clock) == 0 {
		return 0, false
	}
	for _, unit := range []struct {
		mark   byte
		micros int64
	}{{'H', 3_600_000_000}, {'M', 60_000_000}, {'S', 1_000_000}} {
		if bytes.IndexByte(clock, unit.mark) < 0 {
			continue
		}
		var part int64
		if part, clock, ok = durationPart(clock, unit.mark, unit.micros); !ok {
			return 0, false
		}
		micros += part
	}
	if len(clock) > 0 {
		return 0, false
	}
	if neg {
		micros = -micros
	}
	return micros, true
}

// durationPart reads a number up to its unit; seconds may have decimals.
func durationPart(b []byte, mark byte, unit int64) (micros int64, rest []byte, ok bool) {
	digits, rest, found := bytes.Cut(b, []byte{mark})
	if !found || len(digits) == 0 || len(digits) > 16 {
		return 0, b, false
	}
	v, n := number(digits, 6)
	if n == 0 {
		return 0, b, false
	}
	micros = int64(v) * unit
	if n < len(digits) {
		f, m := int64(0), 0
		if digits[n] == '.' && mark == 'S' {
			f, m = fraction(digits[n+1:])
		}
		if m == 0 || n+1+m != len(digits) {
			return 0, b, false
		}
		micros += f
	}
	return micros, rest, true
}
