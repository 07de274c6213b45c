package mapping

import (
	"bytes"
	"regexp"

	"github.com/expr-lang/expr/ast"
)

// Nothing calculates to nothing: a sum with an empty field is empty, not the
// rest. Comparisons with nothing do not hold, but == nil and != nil, and !=.

const tooBig = "the result needs more than 38 digits"

func (x *expression) unary(n *ast.UnaryNode) typed {
	t := x.compile(n.Node)
	switch n.Operator {
	case "not", "!":
		t = x.truth(t)
		return typed{typ: typeTruth, eval: func(w *worker) operand {
			o := t.eval(w)
			return operand{truth: o.null || !o.truth}
		}}
	case "-":
		t = x.number(t)
		return typed{typ: typeNumber, where: t.where, literal: t.literal, eval: func(w *worker) operand {
			o := t.eval(w)
			o.num.neg = !o.num.neg
			return o
		}}
	case "+":
		return x.number(t)
	}
	return x.fail("", "the operator %s is not part of the language", n.Operator)
}

func (x *expression) binary(n *ast.BinaryNode) typed {
	if n.Operator == "in" {
		return x.in(n)
	}
	l, r := x.compile(n.Left), x.compile(n.Right)
	if x.failed {
		return l
	}
	switch n.Operator {
	case "+":
		return x.plus(l, r)
	case "-":
		if isMoment(l) || isMoment(r) {
			return x.fail("write days_between(a, b), or add_days(a, -7)", "dates are not subtracted by -")
		}
		return x.arithmetic(l, r, decimal.minus)
	case "*":
		return x.arithmetic(l, r, decimal.product)
	case "==", "!=":
		equal := x.equal(l, r)
		wanted := n.Operator == "=="
		return typed{typ: typeTruth, eval: func(w *worker) operand { return operand{truth: equal(w) == wanted} }}
	case "<", "<=", ">", ">=":
		return x.ordered(l, r, n.Operator)
	case "and", "&&":
		return x.logic(l, r, false)
	case "or", "||":
		return x.logic(l, r, true)
	case "??":
		return x.coalesce([]typed{l, r})
	case "contains", "startsWith", "endsWith":
		return x.search(l, r, map[string]func(a, b []byte) bool{"contains": bytes.Contains, "startsWith": bytes.HasPrefix, "endsWith": bytes.HasSuffix}[n.Operator])
	case "matches":
		return x.matches(l, r)
	case "/":
		return x.fail("a quotient may have no end: write div(a, b, 4), which rounds to 4 decimals", "the operator / is not part of the language")
	}
	return x.fail("", "the operator %s is not part of the language", n.Operator)
}

func isMoment(t typed) bool { return t.typ == typeDay || t.typ == typeMoment }

// plus adds numbers and joins texts; two fields do not say which.
func (x *expression) plus(l, r typed) typed {
	switch {
	case isMoment(l) || isMoment(r):
		return x.fail("write add_days(date, 7)", "dates are not added by +")
	case l.typ == typeText || r.typ == typeText:
		return x.join([]typed{l, r}, true)
	case l.typ == typeField && r.typ == typeField:
		return x.fail("write dec(a) + dec(b) to add them, concat(a, b) to join them", "%s + %s may mean a sum or a text", l.where, r.where)
	}
	return x.arithmetic(l, r, decimal.plus)
}

func (x *expression) arithmetic(l, r typed, f func(a, b decimal) (decimal, bool)) typed {
	l, r = x.number(l), x.number(r)
	where := string(x.source)
	return typed{typ: typeNumber, eval: func(w *worker) operand {
		a, b := l.eval(w), r.eval(w)
		if a.null || b.null {
			return nothing
		}
		d, ok := f(a.num, b.num)
		if !ok {
			return w.stumble(where, value{}, "a number of at most 38 digits", tooBig, "round its parts: round(a, 4)")
		}
		return operand{num: d}
	}}
}

// logic is and, or: the right side is only asked if the left does not settle it.
func (x *expression) logic(l, r typed, settles bool) typed {
	l, r = x.truth(l), x.truth(r)
	return typed{typ: typeTruth, eval: func(w *worker) operand {
		if o := l.eval(w); (!o.null && o.truth) == settles || w.fault != nil {
			return operand{truth: settles}
		}
		o := r.eval(w)
		return operand{truth: !o.null && o.truth}
	}}
}

func (x *expression) coalesce(all []typed) typed {
	all, typ := x.unify(all)
	return typed{typ: typ, eval: func(w *worker) operand {
		for i := range all {
			if o := all[i].eval(w); !o.null || w.fault != nil {
				return o
			}
		}
		return nothing
	}}
}

// in compiles `a in [x, y]`.
func (x *expression) in(n *ast.BinaryNode) typed {
	list, ok := n.Right.(*ast.ArrayNode)
	if !ok {
		return x.fail(`write status in ["open", "paid"]`, "in needs a list of values")
	}
	l := x.compile(n.Left)
	var tests []func(w *worker) bool
	for _, item := range list.Nodes {
		if r := x.compile(item); !x.failed {
			tests = append(tests, x.equal(l, r))
		}
	}
	return typed{typ: typeTruth, eval: func(w *worker) operand {
		for _, holds := range tests {
			if holds(w) {
				return operand{truth: true}
			}
		}
		return operand{}
	}}
}

// equal compares numbers by value, days by day, all else as text.
func (x *expression) equal(l, r typed) func(w *worker) bool {
	if l.typ == typeNull || r.typ > l.typ && r.typ != typeNull { // the more definite type first
		l, r = r, l
	}
	switch {
	case r.typ == typeNull:
		return func(w *worker) bool { return l.eval(w).null }
	case l.typ == typeTruth && (r.typ == typeTruth || r.typ == typeField):
		return func(w *worker) bool { return sameTruth(l.eval(w), r.eval(w), r.typ) }
	case isMoment(l):
		r = x.moment(r)
		return func(w *worker) bool {
			order, ok := compareMoments(w, l, r)
			return ok && order == 0
		}
	case l.typ == typeNumber && r.typ <= typeNumber && r.typ != typeText:
		mark := x.mark
		return func(w *worker) bool { return sameNumber(l.eval(w), r.eval(w), r.typ, mark) }
	case l.typ > typeText:
		x.fail("make them the same with dec(), text() or date()", "%s and %s are compared", l.typ, r.typ)
	}
	lt, rt := x.text(l), x.text(r)
	return func(w *worker) bool {
		a, b := lt.eval(w), rt.eval(w)
		if a.null || b.null {
			return a.null && b.null
		}
		return bytes.Equal(a.v.trimmed(), b.v.trimmed())
	}
}

// sameTruth compares a flag with a flag or a field; a field that is no flag is neither.
func sameTruth(a, b operand, typ exprType) bool {
	if a.null {
		return b.null
	}
	if typ == typeTruth {
		return !b.null && a.truth == b.truth
	}
	truth, ok := parseBool(b.v.b)
	return ok && b.v.kind < kindObject && truth == a.truth
}

// sameNumber compares a number with a number or a field; a field that is no number differs.
func sameNumber(a, b operand, typ exprType, mark byte) bool {
	if a.null || b.null {
		return a.null && b.null
	}
	if typ != typeNumber {
		if b.v.kind == kindNumber {
			mark = '.'
		}
		d, fault := parseDecimal(b.v.b, mark)
		if fault != numberOK {
			return false
		}
		b.num = d
	}
	order, ok := a.num.compare(b.num)
	return ok && order == 0
}

// ordered compiles <, <=, >, >= of numbers or dates.
func (x *expression) ordered(l, r typed, operator string) typed {
	var compare func(w *worker) (int, bool)
	switch {
	case isMoment(l) || isMoment(r):
		l, r = x.moment(l), x.moment(r)
		compare = func(w *worker) (int, bool) { return compareMoments(w, l, r) }
	case l.typ == typeNumber || r.typ == typeNumber:
		l, r = x.number(l), x.number(r)
		compare = func(w *worker) (int, bool) {
			a, b := l.eval(w), r.eval(w)
			if a.null || b.null {
				return 0, false
			}
			return a.num.compare(b.num)
		}
	default:
		return x.fail("write dec(a) < dec(b) or date(a) < date(b)", "%s is neither for numbers nor for dates here", operator)
	}
	return typed{typ: typeTruth, eval: func(w *worker) operand {
		order, ok := compare(w)
		switch operator {
		case "<":
			ok = ok && order < 0
		case "<=":
			ok = ok && order <= 0
		case ">":
			ok = ok && order > 0
		default:
			ok = ok && order >= 0
		}
		return operand{truth: ok}
	}}
}

// compareMoments orders instants, or days if one of them is a day.
func compareMoments(w *worker, l, r typed) (int, bool) {
	a, b := l.eval(w), r.eval(w)
	if a.null || b.null {
		return 0, false
	}
	x, y := int64(0), int64(0)
	if l.typ == typeDay || r.typ == typeDay {
		x, y = int64(a.at.date(&w.zone)), int64(b.at.date(&w.zone))
	} else {
		x, y = a.at.instant(&w.zone), b.at.instant(&w.zone)
	}
	switch {
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

func (x *expression) search(l, r typed, holds func(a, b []byte) bool) typed {
	l, r = x.text(l), x.text(r)
	return typed{typ: typeTruth, eval: func(w *worker) operand {
		a, b := l.eval(w), r.eval(w)
		return operand{truth: !a.null && !b.null && holds(a.v.b, b.v.b)}
	}}
}

// matches compiles `a matches "^INV-"`.
func (x *expression) matches(l, r typed) typed {
	re := x.pattern(r)
	l = x.text(l)
	return typed{typ: typeTruth, eval: func(w *worker) operand {
		a := l.eval(w)
		return operand{truth: !a.null && re.Match(a.v.b)}
	}}
}

// pattern compiles a literal regular expression.
func (x *expression) pattern(t typed) *regexp.Regexp {
	re, err := regexp.Compile(t.text)
	if err == nil && t.literal && t.typ == typeText {
		return re
	}
	if err != nil {
		x.fail("see the syntax of Go's regular expressions (RE2)", "%q is no regular expression: %v", t.text, err)
	} else {
		x.fail(`write it as a text: number matches "^INV-"`, "a regular expression cannot be calculated")
	}
	return regexp.MustCompile("")
}
