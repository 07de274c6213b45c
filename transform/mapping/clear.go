package mapping

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/go-faster/jx"
	"go.yaml.in/yaml/v3"

	"huikuan/transform/clearing"
	"huikuan/transform/money"
)

// clearSpec makes a list that is a clearing group (see package clearing) one of
// what the group's other lines take off one of them, the document's own:
//
//	each: {path: lines, clear: {own: line_id, id: id, amount: amount, currency: currency, base: [debit, credit]}}
//
// own is a path outside of the list, the others are paths of its elements; the
// amount has a sign, base is what it is worth in the books (two paths: the first
// less the second; none: the amount). Where amounts have no sign, credit says by a
// field of the element which are credits: credit: {kind: [CreditMemo, Deposit]}. The elements are then the lines that are
// paired with the own one, each with two fields more: @amount, what the pair is in
// the currency of the own line, and @other, the same in that of the element, both
// positive. An element with @rest true and @amount alone is what the group leaves
// of the own line, if there is something.
type clearSpec struct {
	own                  ref
	id, amount, currency elementPath
	base, less           elementPath
	credit               elementPath // what tells credits where amounts have no sign
	credits              []string    // its values
}

// elementPath is a path into an element that is read before its slots are.
type elementPath struct {
	text string
	keys []string
}

var clearKeys = []string{"own", "id", "amount", "currency", "base", "credit"}

// clearing compiles `clear`; own starts where the list itself starts.
func (c *compiler) clearing(n *yaml.Node, sc scope) *clearSpec {
	s := &clearSpec{}
	byKey := map[string]*yaml.Node{}
	for _, k := range c.pairs(n, "clear") {
		switch k.key {
		case "own":
			if text, ok := c.text(k.value, "own"); ok {
				s.own, _ = c.ref(k.value, sc, text, true)
			}
		case "id":
			s.id = c.elementPath(k.value, k.key)
		case "amount":
			s.amount = c.elementPath(k.value, k.key)
		case "currency":
			s.currency = c.elementPath(k.value, k.key)
		case "base":
			c.basePaths(s, k.value)
		case "credit":
			c.creditKinds(s, deref(k.value))
		default:
			c.unknown(k, "clear", clearKeys)
		}
		byKey[k.key] = k.value
	}
	for _, key := range []string{"own", "id", "amount"} {
		if byKey[key] == nil {
			c.add(n, "write clear: {own: line_id, id: id, amount: amount, currency: currency, base: [debit, credit]}", "clear needs the key %s", key)
		}
	}
	return s
}

func (c *compiler) basePaths(s *clearSpec, n *yaml.Node) {
	n = deref(n)
	if n == nil || n.Kind != yaml.SequenceNode {
		s.base = c.elementPath(n, "base")
		return
	}
	if len(n.Content) == 0 || len(n.Content) > 2 {
		c.add(n, "write base: amount, or base: [debit, credit]", "base names %d paths", len(n.Content))
		return
	}
	s.base = c.elementPath(n.Content[0], "base")
	if len(n.Content) == 2 {
		s.less = c.elementPath(n.Content[1], "base")
	}
}

// creditKinds compiles `credit: {path: [value, …]}`.
func (c *compiler) creditKinds(s *clearSpec, n *yaml.Node) {
	for _, k := range c.pairs(n, "credit") {
		s.credit = c.elementPath(k.node, "credit")
		values := []*yaml.Node{deref(k.value)}
		if values[0] != nil && values[0].Kind == yaml.SequenceNode {
			values = values[0].Content
		}
		for _, v := range values {
			if text, ok := c.text(v, "credit"); ok {
				s.credits = append(s.credits, text)
			}
		}
	}
	if len(s.credits) == 0 {
		c.add(n, "write credit: {kind: [CreditMemo, Deposit]}", "credit names no values of a field")
	}
}

func (c *compiler) elementPath(n *yaml.Node, what string) elementPath {
	text, ok := c.text(n, what)
	if !ok {
		return elementPath{}
	}
	keys, err := splitPath(text)
	if err != nil {
		c.add(n, "", "%v", err)
	}
	return elementPath{text, keys}
}

// shares returns the list of the lines that are paired with the own line.
func (s *clearSpec) shares(w *worker, list value) (value, *failure, error) {
	if list.kind != kindArray {
		return value{}, &failure{reason: "a clearing group is not a list", found: found(list.kind, list.b), expected: "a list"}, nil
	}
	own := string(w.value(s.own).trimmed())
	var raws []jx.Raw
	var lines []clearing.Line
	at := -1
	d := jx.DecodeBytes(list.b)
	it, err := d.ArrIter()
	for err == nil && it.Next() {
		var raw jx.Raw
		if raw, err = d.Raw(); err != nil {
			break
		}
		line, fault := s.line(w, raw)
		if fault != nil {
			fault.field = fmt.Sprintf("%d.%s", len(raws), fault.field)
			return value{}, fault, nil
		}
		if line.ID == own {
			at = len(lines)
		}
		raws, lines = append(raws, raw), append(lines, line)
	}
	if err == nil {
		err = it.Err()
	}
	if err != nil || at < 0 {
		return value{kind: kindArray, b: []byte("[]")}, nil, broken(err)
	}
	return value{kind: kindArray, b: sharesOf(at, raws, lines)}, nil, nil
}

// sharesOf writes the elements that are paired with the line at a position.
func sharesOf(own int, raws []jx.Raw, lines []clearing.Line) []byte {
	var e jx.Encoder
	e.ArrStart()
	pairs, left := clearing.Group(lines)
	for _, p := range pairs {
		switch own {
		case p.Debit:
			share(&e, p.Amount, p.Taken, raws[p.Credit])
		case p.Credit:
			share(&e, p.Taken, p.Amount, raws[p.Debit])
		}
	}
	if left[own] != 0 {
		e.ObjStart()
		e.FieldStart("@rest")
		e.Bool(true)
		e.FieldStart("@amount")
		e.Raw([]byte(left[own].String()))
		e.ObjEnd()
	}
	e.ArrEnd()
	return e.Bytes()
}

func share(e *jx.Encoder, amount, other money.Amount, raw jx.Raw) {
	e.ObjStart()
	e.FieldStart("@amount")
	e.Raw([]byte(amount.String()))
	e.FieldStart("@other")
	e.Raw([]byte(other.String()))
	d := jx.DecodeBytes(raw)
	// The group was read before: raw is an object.
	_ = d.Obj(func(d *jx.Decoder, key string) error {
		v, err := d.Raw()
		e.FieldStart(key)
		e.Raw(v)
		return err
	})
	e.ObjEnd()
}

// line reads a line of the group.
func (s *clearSpec) line(w *worker, raw jx.Raw) (out clearing.Line, fault *failure) {
	if raw.Type() != jx.Object {
		return out, &failure{field: s.id.text, reason: "a line of the clearing group is no object", found: string(raw), expected: "an object"}
	}
	out.ID = string(w.within(raw, s.id.keys).trimmed())
	if s.currency.keys != nil { // else all lines are of one
		out.Currency = string(w.within(raw, s.currency.keys).trimmed())
	}
	if out.Amount, fault = s.amountAt(w, raw, s.amount); fault != nil {
		return out, fault
	}
	if s.credit.keys != nil && slices.Contains(s.credits, string(w.within(raw, s.credit.keys).trimmed())) {
		out.Amount = -out.Amount
	}
	if out.Base = out.Amount; s.base.keys == nil {
		return out, nil
	}
	if out.Base, fault = s.amountAt(w, raw, s.base); fault != nil || s.less.keys == nil {
		return out, fault
	}
	less, fault := s.amountAt(w, raw, s.less)
	out.Base -= less
	return out, fault
}

func (s *clearSpec) amountAt(w *worker, raw jx.Raw, p elementPath) (money.Amount, *failure) {
	v := w.within(raw, p.keys)
	if v.empty() {
		return 0, nil
	}
	a, err := money.Parse(string(v.trimmed()))
	if err != nil {
		return 0, &failure{field: p.text, reason: p.text + " of a clearing group is not an amount", found: found(v.kind, v.b), expected: "an amount such as 1234.50"}
	}
	return a, nil
}

// within returns the value at a path inside a JSON value, nothing if there is none.
func (w *worker) within(raw []byte, keys []string) value {
	if len(keys) == 0 {
		v, err := w.leaf(jx.DecodeBytes(raw))
		if err != nil {
			return value{}
		}
		return v
	}
	var out value
	d := jx.DecodeBytes(raw)
	step := func(match bool) error {
		inner, err := d.Raw()
		if err == nil && match {
			out = w.within(inner, keys[1:])
		}
		return err
	}
	switch d.Next() {
	case jx.Object:
		_ = d.ObjBytes(func(_ *jx.Decoder, key []byte) error { return step(string(key) == keys[0]) })
	case jx.Array:
		i := 0
		_ = d.Arr(func(*jx.Decoder) error {
			i++
			return step(strconv.Itoa(i-1) == keys[0])
		})
	}
	return out
}
