package mapping

import (
	"bytes"
	"unicode/utf8"
)

func textFunctions() map[string]function {
	return map[string]function{
		"text":  {"text(a)", "the text of a field, number (as written) or date (YYYY-MM-DD)", 1, 1, func(x *expression, args []typed, _ function) typed { return x.text(args[0]) }},
		"lower": {"lower(a)", "in small letters", 1, 1, func(x *expression, args []typed, _ function) typed { return x.change(args[0], bytes.ToLower) }},
		"upper": {"upper(a)", "in capital letters", 1, 1, func(x *expression, args []typed, _ function) typed { return x.change(args[0], bytes.ToUpper) }},
		"trim":  {"trim(a), trim(a, \"0\")", "without blanks, or without these characters, at both ends", 1, 2, buildTrim},
		"len": {"len(a)", "how many characters", 1, 1, func(x *expression, args []typed, _ function) typed {
			t := x.text(args[0])
			return typed{typ: typeNumber, where: t.where, eval: func(w *worker) operand {
				o := t.eval(w)
				return operand{num: decimal{lo: uint64(utf8.RuneCount(o.v.b))}, null: o.null}
			}}
		}},
		"concat": {"concat(a, b, …)", "joined; what is empty is left out, nothing if all are", 1, many, func(x *expression, args []typed, _ function) typed { return x.join(args, false) }},
		"replace": {"replace(a, \"old\", \"new\")", "with each old put as new", 3, 3, func(x *expression, args []typed, f function) typed {
			return x.cut(args, 2, f, func(b []byte, words []string) ([]byte, bool) {
				return bytes.ReplaceAll(b, []byte(words[0]), []byte(words[1])), true
			})
		}},
		"before": {"before(a, \"-\")", "the text before the first mark; all of it if there is none", 2, 2, func(x *expression, args []typed, f function) typed {
			return x.cut(args, 1, f, func(b []byte, words []string) ([]byte, bool) {
				b, _, _ = bytes.Cut(b, []byte(words[0]))
				return b, true
			})
		}},
		"after": {"after(a, \"-\")", "the text after the first mark; nothing if there is none", 2, 2, func(x *expression, args []typed, f function) typed {
			return x.cut(args, 1, f, func(b []byte, words []string) ([]byte, bool) {
				_, b, found := bytes.Cut(b, []byte(words[0]))
				return b, found
			})
		}},
		"split":     {"split(a, \",\", n)", "the nth part, counted from 1, from the end if n is negative; nothing if there are fewer", 3, 3, buildSplit},
		"substring": {"substring(a, from), substring(a, from, length)", "characters from a position, counted from 1", 2, 3, buildSubstring},
		"extract":   {"extract(a, \"INV-(\\\\d+)\")", "what the first group of a regular expression matched, or the whole match; nothing if it does not match", 2, 2, buildExtract},
	}
}

// change applies a function to a text.
func (x *expression) change(t typed, f func([]byte) []byte) typed {
	t = x.text(t)
	return typed{typ: typeText, where: t.where, eval: func(w *worker) operand {
		o := t.eval(w)
		if o.null {
			return nothing
		}
		return textOperand(f(o.v.b))
	}}
}

// textOperand is a text; blanks only are nothing.
func textOperand(b []byte) operand {
	return operand{v: value{kindText, b}, null: len(trimBlank(b)) == 0}
}

// cut applies a function to a text and literal texts.
func (x *expression) cut(args []typed, words int, f function, apply func(b []byte, words []string) ([]byte, bool)) typed {
	var literals []string
	for _, a := range args[1 : 1+words] {
		word, ok := x.word(a, f)
		if !ok {
			return a
		}
		literals = append(literals, word)
	}
	if literals[0] == "" {
		return x.fail("write "+f.usage, "the text to look for is empty")
	}
	t := x.text(args[0])
	return typed{typ: typeText, where: t.where, eval: func(w *worker) operand {
		o := t.eval(w)
		if o.null {
			return nothing
		}
		b, ok := apply(o.v.b, literals)
		if !ok {
			return nothing
		}
		return textOperand(b)
	}}
}

// join puts texts together: strictly, nothing if one is nothing; else without those.
func (x *expression) join(args []typed, strict bool) typed {
	texts := make([]typed, len(args))
	for i, a := range args {
		texts[i] = x.text(a)
		if a.literal && a.typ == typeText { // blanks between words are meant
			word := operand{v: value{kindText, []byte(a.text)}, null: a.text == ""}
			texts[i].eval = func(*worker) operand { return word }
		}
	}
	return typed{typ: typeText, eval: func(w *worker) operand {
		var parts []byte
		any := false
		for i, t := range texts {
			o := t.eval(w)
			if o.null && strict && args[i].text == "" && !args[i].literal {
				return nothing
			}
			if !o.null {
				any = any || !args[i].literal
				parts = append(parts, o.v.b...)
			}
		}
		if !any {
			return nothing
		}
		return textOperand(parts)
	}}
}

func buildTrim(x *expression, args []typed, f function) typed {
	if len(args) == 1 {
		return x.change(args[0], trimBlank)
	}
	set, ok := x.word(args[1], f)
	if !ok {
		return args[0]
	}
	return x.change(args[0], func(b []byte) []byte { return bytes.Trim(b, set) })
}

func buildSplit(x *expression, args []typed, f function) typed {
	mark, ok := x.word(args[1], f)
	if !ok || mark == "" {
		return x.fail("write "+f.usage, "the mark to split at must be a text in quotes")
	}
	t, number := x.text(args[0]), x.integer(args[2])
	return typed{typ: typeText, where: t.where, eval: func(w *worker) operand {
		o := t.eval(w)
		n, ok := number(w)
		if o.null || !ok {
			return nothing
		}
		parts := bytes.Split(o.v.b, []byte(mark))
		if n < 0 {
			n += len(parts) + 1
		}
		if n < 1 || n > len(parts) {
			return nothing
		}
		return textOperand(trimBlank(parts[n-1]))
	}}
}

func buildSubstring(x *expression, args []typed, _ function) typed {
	t, from := x.text(args[0]), x.integer(args[1])
	length := func(*worker) (int, bool) { return 1 << 30, true }
	if len(args) == 3 {
		length = x.integer(args[2])
	}
	return typed{typ: typeText, where: t.where, eval: func(w *worker) operand {
		o := t.eval(w)
		first, ok1 := from(w)
		n, ok2 := length(w)
		if o.null || !ok1 || !ok2 {
			return nothing
		}
		runes := []rune(string(o.v.b))
		first = min(max(first, 1), len(runes)+1)
		last := min(first-1+max(n, 0), len(runes))
		return textOperand([]byte(string(runes[first-1 : last])))
	}}
}

func buildExtract(x *expression, args []typed, _ function) typed {
	re, t := x.pattern(args[1]), x.text(args[0])
	group := min(re.NumSubexp(), 1)
	return typed{typ: typeText, where: t.where, eval: func(w *worker) operand {
		o := t.eval(w)
		if o.null {
			return nothing
		}
		at := re.FindSubmatchIndex(o.v.b)
		if at == nil || at[2*group] < 0 {
			return nothing
		}
		return textOperand(o.v.b[at[2*group]:at[2*group+1]])
	}}
}
