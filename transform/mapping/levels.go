package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-faster/jx"
	"go.yaml.in/yaml/v3"
)

// maxLevels is how deep `each` may go: lists in lists in lists.
const maxLevels = 3

// level is one list that `each` goes through: of the record, or of the element
// of the level before.
type level struct {
	at    ref    // slot of the list
	path  string // as written
	where *condition
	clear *clearSpec // the list is a clearing group
	set   *pathSet   // of its elements
}

// reservedPaths are the slots that every element has: slotIndex, slotSelf, slotKey.
var reservedPaths = []string{"#", ".", "@key"}

// elementState is what a worker keeps for a level.
type elementState struct {
	slots []value
	d     jx.Decoder
}

// each compiles `each`: a path, {path, where, clear}, or a list of them from the outside in.
func (c *compiler) each(e *emit, k pair, record *pathSet) scope {
	n := deref(k.value)
	nodes := []*yaml.Node{n}
	if n != nil && n.Kind == yaml.SequenceNode {
		nodes = n.Content
	}
	sc := scope{record: record}
	if len(nodes) == 0 || len(nodes) > maxLevels {
		c.add(k.node, "write each: lines, or each: [lines, links]", "each names %d lists, it may name 1 to %d", len(nodes), maxLevels)
		return sc
	}
	for _, n := range nodes {
		e.levels = append(e.levels, c.level(&sc, deref(n)))
	}
	return sc
}

// level compiles one list and adds its elements to the scope.
func (c *compiler) level(sc *scope, n *yaml.Node) *level {
	l := &level{set: newPathSet()}
	for slot, reserved := range reservedPaths {
		l.set.paths = append(l.set.paths, &pathUse{text: reserved})
		l.set.slots[reserved] = slot
	}
	var where *yaml.Node
	path := n
	if n != nil && n.Kind == yaml.MappingNode {
		path = nil
		for _, k := range c.pairs(n, "each") {
			switch k.key {
			case "path":
				path = k.value
			case "where":
				where = k.value
			case "clear":
				l.clear = c.clearing(deref(k.value), *sc)
			default:
				c.unknown(k, "each", []string{"path", "where", "clear"})
			}
		}
	}
	if text, ok := c.text(path, "each"); ok {
		l.at, _ = c.ref(path, *sc, text, true)
		l.path = text
	}
	sc.levels = append(slices.Clip(sc.levels), l.set)
	if where != nil {
		l.where = c.condition(where, *sc, "where")
	}
	return l
}

// ref returns the slot of a path in its scope. Paths start at the innermost
// element; each ^ in front goes one level up, the last one to the record.
func (c *compiler) ref(n *yaml.Node, sc scope, path string, must bool) (ref, bool) {
	depth, text := len(sc.levels), path
	if ups := len(path) - len(strings.TrimLeft(path, "^")); ups > 0 && strings.HasPrefix(path[ups:], ".") && len(path) > ups+1 {
		if ups > depth {
			c.add(n, fmt.Sprintf("there are %d levels of each here", depth), "path %q goes to the parent, but there is no each to leave by it", path)
			return 0, false
		}
		depth, text = depth-ups, path[ups+1:]
	}
	set := sc.record
	if depth > 0 {
		set = sc.levels[depth-1]
	}
	slot, err := set.slot(text, must)
	if err == nil && slot >= maxSlots {
		err = fmt.Errorf("the mapping reads more than %d fields of one object", maxSlots)
	}
	if err != nil {
		c.add(n, "", "%v", err)
		return 0, false
	}
	if depth > 0 && slot == slotSelf {
		set.paths[slot].must = true // tells readElement to keep it
	}
	return ref(depth<<levelShift | slot), true
}

// explode makes the rows of the elements of a list, from this level on inwards.
func (w *worker) explode(e *emit, depth int) (*failure, error) {
	l := e.levels[depth]
	list := *w.value(l.at)
	if list.kind == kindText {
		if inner := jsonInside(list.b); inner != nil {
			list = value{kind: leafKind(inner), b: inner}
		}
	}
	if list.empty() || list.kind == kindBool && string(list.b) == "false" {
		return nil, nil
	}
	if list.kind != kindArray && list.kind != kindObject {
		w.clearLevels(e, depth)
		return &failure{emit: e, field: l.path, reason: l.path + " is not a list", found: found(list.kind, list.b),
			expected: "a list, or an object of elements by key", hint: "name the list of elements by `each`"}, nil
	}
	if l.clear != nil {
		shares, fault, err := l.clear.shares(w, list)
		if fault != nil {
			w.clearLevels(e, depth)
			fault.emit, fault.field = e, l.path+"."+fault.field
		}
		if fault != nil || err != nil {
			return fault, err
		}
		list = shares
	}
	first := len(w.rows)
	fault, err := w.elements(e, depth, list)
	if e.reverse && depth == 0 {
		slices.Reverse(w.rows[first:])
	}
	return fault, err
}

// elements walks through a list, or through the values of an object.
func (w *worker) elements(e *emit, depth int, list value) (*failure, error) {
	d := &w.levels[depth].d
	d.ResetBytes(list.b)
	number := 0
	if list.kind == kindArray {
		it, err := d.ArrIter()
		for err == nil && it.Next() {
			number++
			fault, err := w.element(e, depth, number, nil)
			if fault != nil || err != nil {
				return fault, err
			}
		}
		return nil, broken(errors.Join(err, it.Err()))
	}
	it, err := d.ObjIter()
	for err == nil && it.Next() {
		number++
		fault, err := w.element(e, depth, number, w.keep(string(it.Key())))
		if fault != nil || err != nil {
			return fault, err
		}
	}
	return nil, broken(errors.Join(err, it.Err()))
}

// element makes the rows of the element at the decoder of its level.
func (w *worker) element(e *emit, depth, number int, key []byte) (*failure, error) {
	l := e.levels[depth]
	if err := w.readElement(e, depth, number, key); err != nil {
		return nil, broken(err)
	}
	holds := l.where == nil || l.where.holds(w)
	fault := w.failed(e)
	var err error
	if fault == nil && holds {
		if depth+1 < len(e.levels) {
			fault, err = w.explode(e, depth+1)
		} else {
			fault = w.row(e)
		}
	}
	if fault != nil && !strings.HasPrefix(fault.field, "^") {
		at := string(key)
		if key == nil {
			at = fmt.Sprint(number - 1)
		}
		fault.field = l.path + "." + at + "." + fault.field
	}
	return fault, err
}

// readElement fills the slots of the element at the decoder of its level.
func (w *worker) readElement(e *emit, depth, number int, key []byte) error {
	set := e.levels[depth].set
	d := &w.levels[depth].d
	slots := w.levels[depth].slots[:len(set.paths)]
	clear(slots)
	start := len(w.indexes)
	w.indexes = fmt.Append(w.indexes, number)
	kind := d.Next()
	var self value
	// The element is needed whole only if it is no object or a path names it.
	if kind != jx.Object || set.paths[slotSelf].must {
		raw, v, err := w.leafRaw(d)
		if err != nil {
			return err
		}
		self = v
		d = jx.DecodeBytes(raw)
		if inner := jsonInside(v.b); kind == jx.String && inner != nil {
			d = jx.DecodeBytes(inner)
			kind = d.Next()
		}
	}
	var err error
	switch kind {
	case jx.Object:
		err = w.readObject(d, set.root, slots, w.byEmit[e.index][depth], false)
	case jx.Array:
		err = w.readItems(d, set.root, slots, w.byEmit[e.index][depth])
	}
	slots[slotSelf] = self
	slots[slotIndex] = value{kind: kindNumber, b: w.indexes[start:]}
	slots[slotKey] = value{kind: kindText, b: key}
	if key == nil {
		slots[slotKey] = value{}
	}
	return err
}

// clearLevels forgets the elements of a level and those inside it, so that the
// key of a failed row does not show values of another element.
func (w *worker) clearLevels(e *emit, from int) {
	for i := from; i < len(e.levels); i++ {
		clear(w.levels[i].slots)
	}
}
