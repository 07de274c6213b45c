package mapping

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// function is one function of expressions.
type function struct {
	usage       string // as the documentation writes it
	about       string // what it gives, for docs/connectors/mapping.md
	least, most int    // arguments
	build       func(x *expression, args []typed, f function) typed
}

// many is the greatest number of arguments.
const many = 20

// functionTable lists all functions by name. Arguments that are nothing give
// nothing, unless the function is there to deal with nothing.
func functionTable() map[string]function {
	table := map[string]function{}
	for _, group := range []map[string]function{generalFunctions(), numberFunctions(), listFunctions(), textFunctions(), dateFunctions()} {
		maps.Copy(table, group)
	}
	return table
}

func generalFunctions() map[string]function {
	return map[string]function{
		"field": {"field(\"path\")", "the field at a path as the mapping writes it: `field(\"^.name\")`, `field(\"#\")`", 1, 1, func(x *expression, args []typed, f function) typed {
			if path, ok := x.word(args[0], f); ok {
				return x.field(path)
			}
			return args[0]
		}},
		"coalesce": {"coalesce(a, b, …)", "the first that is not empty; `a ?? b` is the same", 1, many, func(x *expression, args []typed, _ function) typed {
			return x.coalesce(args)
		}},
		"empty": {"empty(a)", "whether there is no value: absent, null, blank text, a list or object without elements", 1, 1, func(_ *expression, args []typed, _ function) typed {
			eval, typ := args[0].eval, args[0].typ
			return typed{typ: typeTruth, eval: func(w *worker) operand {
				o := eval(w)
				bare := typ == typeField && o.v.kind >= kindObject && len(trimBlank(o.v.b[1:len(o.v.b)-1])) == 0
				return operand{truth: o.null || bare}
			}}
		}},
		"flag": {"flag(a)", "true for true, yes, y, t, 1, 是; false for their opposites and for nothing", 1, 1, func(x *expression, args []typed, _ function) typed {
			return x.flag(args[0])
		}},
		"lookup": {"lookup(\"dictionary\", key)", "the entry of a dictionary, nothing if it has none; several names are asked one after the other", 2, many, buildLookup},
	}
}

func numberFunctions() map[string]function {
	return map[string]function{
		"dec": {"dec(a), dec(a, \",\")", "the exact number that a text or field holds, by its decimal mark", 1, 2, func(x *expression, args []typed, f function) typed {
			if len(args) == 1 {
				return x.number(args[0])
			}
			mark, ok := x.word(args[1], f)
			if ok && mark != "." && mark != "," {
				return x.fail("write "+f.usage, "the decimal mark is %q", mark)
			}
			if !ok {
				return args[0]
			}
			own := *x
			own.mark = mark[0]
			out := own.number(args[0])
			x.failed = own.failed
			return out
		}},
		"abs": {"abs(a)", "the number without its sign", 1, 1, func(x *expression, args []typed, _ function) typed {
			return x.each1(args[0], func(d decimal) decimal { d.neg = false; return d })
		}},
		"neg": {"neg(a)", "the number with the other sign; `-a` is the same", 1, 1, func(x *expression, args []typed, _ function) typed {
			return x.each1(args[0], func(d decimal) decimal { d.neg = !d.neg; return d })
		}},
		"round": {"round(a, places)", "rounded half away from zero; places are 0 to 10", 2, 2, func(x *expression, args []typed, f function) typed {
			places, ok := x.places(args[1], f)
			if !ok {
				return args[0]
			}
			return x.rounded(args[0], places)
		}},
		"div": {"div(a, b, places)", "a divided by b, rounded half away from zero; a division by zero rejects the record", 3, 3, buildDiv},
		"min": {"min(a, b, …)", "the smallest number or earliest date", 1, many, func(x *expression, args []typed, _ function) typed { return x.extreme(args, -1) }},
		"max": {"max(a, b, …)", "the greatest number or latest date", 1, many, func(x *expression, args []typed, _ function) typed { return x.extreme(args, 1) }},
	}
}

// word returns a literal text argument.
func (x *expression) word(t typed, f function) (string, bool) {
	if t.typ != typeText || !t.literal {
		x.fail("write "+f.usage, "a text in quotes is wanted where there is %s", t.typ)
		return "", false
	}
	return t.text, true
}

// places returns a literal count of decimals.
func (x *expression) places(t typed, f function) (int, bool) {
	n, err := strconv.Atoi(t.where)
	if err != nil || !t.literal || n < 0 || n > 10 {
		x.fail("write "+f.usage, "the number of decimals must be written as a number from 0 to 10")
		return 0, false
	}
	return n, true
}

// integer makes an operand a whole number.
func (x *expression) integer(t typed) func(w *worker) (int, bool) {
	number, where := x.number(t), t.where
	return func(w *worker) (int, bool) {
		o := number.eval(w)
		if o.null {
			return 0, false
		}
		n, fault := o.num.integer()
		if fault != numberOK || n > 1_000_000 || n < -1_000_000 {
			w.stumble(where, value{kindNumber, o.num.append(nil)}, "a whole number up to a million", where+" is not a whole number", "round it: round(a, 0)")
			return 0, false
		}
		return int(n), true
	}
}

// each1 applies a function that cannot fail to a number.
func (x *expression) each1(t typed, f func(decimal) decimal) typed {
	t = x.number(t)
	return typed{typ: typeNumber, where: t.where, eval: func(w *worker) operand {
		o := t.eval(w)
		o.num = f(o.num)
		return o
	}}
}

func (x *expression) rounded(t typed, places int) typed {
	t = x.number(t)
	return typed{typ: typeNumber, where: t.where, eval: func(w *worker) operand {
		o := t.eval(w)
		if o.null {
			return nothing
		}
		d, ok := o.num.rounded(places)
		if !ok {
			return w.stumble(t.where, value{kindNumber, o.num.append(nil)}, "a number of at most 38 digits", tooBig, "look for a wrong field")
		}
		return operand{num: d}
	}}
}

func buildDiv(x *expression, args []typed, f function) typed {
	places, ok := x.places(args[2], f)
	if !ok {
		return args[0]
	}
	a, b, where := x.number(args[0]), x.number(args[1]), args[1].where
	return typed{typ: typeNumber, eval: func(w *worker) operand {
		l, r := a.eval(w), b.eval(w)
		if l.null || r.null {
			return nothing
		}
		d, ok := l.num.dividedBy(r.num, places)
		if !ok {
			return w.stumble(where, value{kindNumber, r.num.append(nil)}, "a number other than 0, of at most 19 digits", "the division has no result", "test it before: b == 0 ? nil : "+f.usage)
		}
		return operand{num: d}
	}}
}

// extreme compiles min and max: sign is -1 or 1.
func (x *expression) extreme(args []typed, sign int) typed {
	moments := false
	for _, a := range args {
		moments = moments || isMoment(a)
	}
	for i := range args {
		if !moments {
			args[i] = x.number(args[i])
		}
	}
	args, typ := x.unify(args)
	return typed{typ: typ, eval: func(w *worker) operand {
		best := args[0].eval(w)
		for _, a := range args[1:] {
			o := a.eval(w)
			if best.null || o.null {
				return nothing
			}
			order, ok := o.num.compare(best.num)
			if moments {
				order, ok = int(max(-1, min(1, o.at.instant(&w.zone)-best.at.instant(&w.zone)))), true
			}
			if ok && order == sign {
				best = o
			}
		}
		return best
	}}
}

func buildLookup(x *expression, args []typed, f function) typed {
	var names []string
	for _, a := range args[:len(args)-1] {
		name, ok := x.word(a, f)
		if !ok {
			return a
		}
		names = append(names, name)
	}
	key := x.text(args[len(args)-1])
	return typed{typ: typeText, where: key.where, eval: func(w *worker) operand {
		o := key.eval(w)
		if o.null {
			return nothing
		}
		text, ok := w.chain(names, o.v.trimmed())
		if !ok {
			return nothing
		}
		return operand{v: value{kindText, trimBlank(validText(w.keep(text)))}}
	}}
}

// FunctionsMarkdown lists the functions of expressions, for the documentation.
func FunctionsMarkdown() string {
	var b strings.Builder
	for _, group := range []struct {
		about string
		table map[string]function
	}{{"general", generalFunctions()}, {"numbers", numberFunctions()}, {"lists", listFunctions()}, {"texts", textFunctions()}, {"dates", dateFunctions()}} {
		b.WriteString("\n| " + group.about + " | |\n|---|---|\n")
		for _, name := range slices.Sorted(maps.Keys(group.table)) {
			f := group.table[name]
			b.WriteString("| `" + f.usage + "` | " + f.about + " |\n")
		}
	}
	return b.String() + "\n"
}
