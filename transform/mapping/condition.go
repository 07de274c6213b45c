package mapping

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// condition holds if all its tests hold, none of not holds, and of each any at
// least one holds.
type condition struct {
	tests []test
	exprs []typed // of type truth
	not   []*condition
	any   [][]*condition
}

// test asks one field.
type test struct {
	at     ref
	op     testOp
	wants  []want  // opOneOf
	number decimal // comparisons
	other  ref     // opSame, opDiffers
	lookup []string
}

type testOp uint8

const (
	opOneOf testOp = iota
	opNotEmpty
	opGreater
	opGreaterEqual
	opLess
	opLessEqual
	opSame
	opDiffers
	opInEachDictionary
)

// want is a value to compare with.
type want struct {
	null   bool
	text   string
	number decimal
	isNum  bool
	isBool bool
	truth  bool
}

// condition compiles a mapping of field paths to what they must be; `expr` is an
// expression that must be true.
func (c *compiler) condition(n *yaml.Node, sc scope, what string) *condition {
	out := &condition{}
	for _, k := range c.pairs(n, what) {
		switch k.key {
		case "not":
			out.not = append(out.not, c.condition(k.value, sc, "not"))
			continue
		case "any":
			out.any = append(out.any, c.alternatives(k.value, sc))
			continue
		case "expr":
			if e, ok := c.truth(k.value, sc); ok {
				out.exprs = append(out.exprs, e)
			}
			continue
		}
		at, ok := c.ref(k.node, sc, k.key, true)
		if !ok {
			continue
		}
		if v := deref(k.value); v != nil && v.Kind == yaml.MappingNode {
			c.operators(out, at, v, sc, k.key)
			continue
		}
		out.tests = append(out.tests, test{at: at, wants: c.wants(k.value, k.key)})
	}
	return out
}

func (c *compiler) alternatives(n *yaml.Node, sc scope) []*condition {
	n = deref(n)
	if n == nil || n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		c.add(n, "write any: [{field: value}, {other: value}]", "any must be a list of conditions, not %s", kindName(n))
		return nil
	}
	var out []*condition
	for _, alternative := range n.Content {
		out = append(out, c.condition(alternative, sc, "each of any"))
	}
	return out
}

// operators compiles {gt: 0, not: [a, b]} for one field.
func (c *compiler) operators(out *condition, at ref, n *yaml.Node, sc scope, path string) {
	t := test{at: at}
	lookup := false
	for _, k := range c.pairs(n, "the condition on "+path) {
		switch k.key {
		case "not_empty", "empty":
			if c.flag(k.value, k.key) == (k.key == "not_empty") {
				out.tests = append(out.tests, test{at: at, op: opNotEmpty})
			} else {
				out.tests = append(out.tests, test{at: at, wants: []want{{null: true}}})
			}
		case "gt", "gte", "lt", "lte":
			op := map[string]testOp{"gt": opGreater, "gte": opGreaterEqual, "lt": opLess, "lte": opLessEqual}[k.key]
			out.tests = append(out.tests, test{at: at, op: op, number: c.number(k.value, k.key)})
		case "not":
			out.not = append(out.not, &condition{tests: []test{{at: at, wants: c.wants(k.value, path)}}})
		case "in":
			t.wants = append(t.wants, c.wants(k.value, path)...)
			t.op = opOneOf
			lookup = true
		case "same_as", "differs_from":
			op := map[string]testOp{"same_as": opSame, "differs_from": opDiffers}[k.key]
			if text, ok := c.text(k.value, k.key); ok {
				if other, ok := c.ref(k.value, sc, text, true); ok {
					out.tests = append(out.tests, test{at: at, op: op, other: other})
				}
			}
		case "lookup", "in_dictionary":
			t.lookup = c.texts(k.value, k.key)
			if !lookup && k.key == "lookup" {
				t.op = opNotEmpty
			}
			if k.key == "in_dictionary" {
				t.op = opInEachDictionary
			}
			lookup = true
		case "all":
			if c.flag(k.value, k.key) {
				t.op = opInEachDictionary
			}
		default:
			c.unknown(k, "the condition on "+path, testKeys)
		}
	}
	if t.op == opInEachDictionary && t.lookup == nil {
		c.add(n, "write {lookup: [name, …], all: true}", "the condition on %s has all but no lookup", path)
	}
	if lookup {
		out.tests = append(out.tests, t)
	}
}

// wants compiles a value or list of values; null stands for absent and empty.
func (c *compiler) wants(n *yaml.Node, path string) []want {
	n = deref(n)
	nodes := []*yaml.Node{n}
	if n != nil && n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	out := make([]want, 0, len(nodes))
	for _, v := range nodes {
		v = deref(v)
		if isNull(v) {
			out = append(out, want{null: true})
			continue
		}
		if s, ok := c.text(v, "a value to compare "+path+" with"); ok {
			out = append(out, newWant(s, v.Tag))
		}
	}
	return out
}

func newWant(s, tag string) want {
	w := want{text: strings.TrimSpace(s), null: strings.TrimSpace(s) == ""}
	var fault numberFault
	w.number, fault = parseDecimal([]byte(s), '.')
	w.isNum = fault == numberOK
	if tag == "!!bool" {
		w.truth, w.isBool = parseBool([]byte(s))
	}
	return w
}

func (c *compiler) number(n *yaml.Node, what string) decimal {
	s, ok := c.text(n, what)
	if !ok {
		return decimal{}
	}
	d, fault := parseDecimal([]byte(s), '.')
	if fault != numberOK {
		c.add(n, "", "%s must be a number, not %q", what, s)
	}
	return d
}

// holds evaluates the condition on the record (and element) in the worker's slots.
func (c *condition) holds(w *worker) bool {
	for i := range c.tests {
		if !c.tests[i].holds(w) {
			return false
		}
	}
	for i := range c.exprs {
		if e := c.exprs[i].eval(w); e.null || !e.truth {
			return false
		}
	}
	for _, n := range c.not {
		if n.holds(w) {
			return false
		}
	}
	for _, alternatives := range c.any {
		if !slices.ContainsFunc(alternatives, func(a *condition) bool { return a.holds(w) }) {
			return false
		}
	}
	return true
}

func (t *test) holds(w *worker) bool {
	v := *w.value(t.at)
	switch t.op {
	case opOneOf, opNotEmpty: // below
	case opInEachDictionary:
		return t.inEach(w, v)
	case opSame, opDiffers:
		return (string(v.trimmed()) == string(w.value(t.other).trimmed())) == (t.op == opSame)
	case opGreater, opGreaterEqual, opLess, opLessEqual:
		return t.ordered(v)
	}
	if t.lookup != nil {
		result, ok := w.chain(t.lookup, v.trimmed())
		if !ok || w.blank(v) {
			return false
		}
		v = value{kind: kindText, b: []byte(result)}
	}
	if t.op == opNotEmpty {
		return !w.blank(v)
	}
	nothing := v.kind == kindBool && w.blank(v)
	for i := range t.wants {
		if t.wants[i].equals(v) || nothing && t.wants[i].null {
			return true
		}
	}
	return false
}

func (t *test) inEach(w *worker, v value) bool {
	if w.blank(v) {
		return false
	}
	for _, name := range t.lookup {
		if w.lookups[name][string(v.trimmed())] == "" {
			return false
		}
	}
	return true
}

// ordered compares numbers; what is no number is neither greater nor less.
func (t *test) ordered(v value) bool {
	d, fault := parseDecimal(v.b, '.')
	if fault != numberOK || v.kind != kindNumber && v.kind != kindText {
		return false
	}
	order, ok := d.compare(t.number)
	switch t.op {
	case opGreater:
		return ok && order > 0
	case opGreaterEqual:
		return ok && order >= 0
	case opLess:
		return ok && order < 0
	}
	return ok && order <= 0
}

// equals compares by text, numbers by value (0, 0.0 and "0.00" are one), true
// and false by meaning.
func (w *want) equals(v value) bool {
	if v.empty() {
		return w.null
	}
	if v.kind == kindObject || v.kind == kindArray || w.null {
		return false
	}
	b := v.trimmed()
	if string(b) == w.text {
		return true
	}
	if w.isBool {
		truth, ok := parseBool(b)
		return ok && truth == w.truth
	}
	if w.isNum {
		if len(b) == 1 && len(w.text) == 1 {
			return false // two digits, or no number
		}
		d, fault := parseDecimal(b, '.')
		order, ok := d.compare(w.number)
		return fault == numberOK && ok && order == 0
	}
	return false
}
