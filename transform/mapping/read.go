package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/go-faster/jx"
)

// valueKind is what stood in the JSON.
type valueKind uint8

const (
	kindAbsent valueKind = iota
	kindNull
	kindText
	kindNumber
	kindBool
	kindStamp // a date or instant that is no text in the source, as ISO text
	kindObject
	kindArray
)

// value is what a path led to: the decoded text of a string, the JSON text of
// anything else. It points into the page or the worker's arena and is valid
// until the next record.
type value struct {
	kind valueKind
	b    []byte
}

// empty says that there is no value: absent, null or blank text.
func (v value) empty() bool {
	return v.kind <= kindNull || v.kind == kindText && len(trimBlank(v.b)) == 0
}

// trimmed is the text without blanks at its ends; nothing is the empty text.
func (v value) trimmed() []byte {
	if v.kind <= kindNull {
		return nil
	}
	return trimBlank(v.b)
}

// ref is a slot of the record or of an element: the level (0 is the record)
// above the 16 bits of the slot.
type ref int32

const (
	levelShift = 16
	maxSlots   = 1 << levelShift // of a level
)

const (
	slotIndex = 0 // of an element: its number, `#`
	slotSelf  = 1 // of an element: itself, `.`
	slotKey   = 2 // of an element: its key in an object, `@key`
)

func (w *worker) value(r ref) *value {
	if r < maxSlots {
		return &w.slots[r]
	}
	return &w.levels[r>>levelShift-1].slots[r&(maxSlots-1)]
}

// eachRecord walks to the records of a page and calls f with the decoder at
// each of them. It reads on to the end, so that a page that was cut off is
// noticed.
func eachRecord(body []byte, path []string, f func(d *jx.Decoder) error) error {
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))
	d := jx.DecodeBytes(body)
	if d.Next() == jx.Invalid {
		return fmt.Errorf("the page is not JSON, it begins with %s; check the URL and what the server answers there", found(kindText, firstBytes(body)))
	}
	if err := descend(d, path, nil, f); err != nil {
		return err
	}
	if err := d.Skip(); err == nil || !errors.Is(err, io.EOF) {
		return fmt.Errorf("the page goes on after its JSON ends; it must hold one JSON value")
	}
	return nil
}

func firstBytes(b []byte) []byte { return b[:min(len(b), 60)] }

// descend follows the path and reports what keys there were if it ends early.
func descend(d *jx.Decoder, path, walked []string, f func(d *jx.Decoder) error) error {
	if len(path) == 0 {
		return records(d, walked, f)
	}
	var keys []string
	hits := 0
	step := func(key string) error {
		if key != path[0] {
			if len(keys) < 12 {
				keys = append(keys, key)
			}
			return broken(d.Skip())
		}
		if hits++; hits > 1 {
			return fmt.Errorf("the page has %q twice", key)
		}
		return descend(d, path[1:], append(walked, key), f)
	}
	switch d.Next() {
	case jx.Object:
		it, err := d.ObjIter()
		for err == nil && it.Next() {
			err = step(string(it.Key()))
		}
		if err = errors.Join(err, broken(it.Err())); err != nil {
			return err
		}
	case jx.Array:
		it, err := d.ArrIter()
		for i := 0; err == nil && it.Next(); i++ {
			err = step(strconv.Itoa(i))
		}
		if err = errors.Join(err, broken(it.Err())); err != nil {
			return err
		}
	default:
		raw, err := d.Raw()
		if err != nil {
			return broken(err)
		}
		if inner := textInside(raw); inner != nil {
			return descend(jx.DecodeBytes(inner), path, walked, f)
		}
	}
	if hits == 0 {
		return fmt.Errorf("the page has no %q where its records should be (found %s); check `records` of the stream, or what the server answered",
			path[0], foundKeys(keys))
	}
	return nil
}

// textInside returns the JSON object or list in a JSON string, nil if there is none.
func textInside(raw []byte) []byte {
	if leafKind(bytes.TrimLeft(raw, blanks)) != kindText {
		return nil
	}
	text, err := jx.DecodeBytes(raw).StrBytes()
	if err != nil {
		return nil
	}
	return jsonInside(text)
}

func foundKeys(keys []string) string {
	if len(keys) == 0 {
		return "nothing"
	}
	return listed(keys, 11)
}

// records calls f for each element of the array at the decoder; one object is
// one record, null is none.
func records(d *jx.Decoder, walked []string, f func(d *jx.Decoder) error) error {
	switch d.Next() {
	case jx.Array:
		it, err := d.ArrIter()
		for err == nil && it.Next() {
			err = f(d)
		}
		if err != nil {
			return err
		}
		return broken(it.Err())
	case jx.Object:
		return f(d)
	case jx.Null:
		return broken(d.Null())
	}
	raw, err := d.Raw()
	if err != nil {
		return broken(err)
	}
	if inner := textInside(raw); inner != nil {
		return records(jx.DecodeBytes(inner), walked, f)
	}
	return fmt.Errorf("the page has %s where its records should be (at %q); a list is expected", found(leafKind(raw), raw), walked)
}

// broken explains invalid JSON.
func broken(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the page ends in the middle of its JSON; it was cut off, so read it again")
	}
	return fmt.Errorf("the page is not valid JSON (%w)", err)
}

// readRecord fills the slots from the record at the decoder. It returns a
// failure if the record is not of the promised shape, and an error if the JSON
// is broken.
func (w *worker) readRecord(d *jx.Decoder) (*failure, error) {
	clear(w.slots)
	w.rest = w.rest[:0]
	w.arena = w.arena[:0]
	kind := d.Next()
	switch {
	case w.columns != nil && kind == jx.Array:
		return w.readRow(d)
	case w.columns == nil && kind == jx.Object:
		return nil, broken(w.readObject(d, w.m.paths.root, w.slots, w.caches, w.m.rest))
	}
	raw, err := d.Raw()
	if err != nil {
		return nil, broken(err)
	}
	expected := "an object"
	if w.columns != nil {
		expected = "a list of values, one a column"
	}
	return &failure{reason: "the record is not " + expected, found: found(max(leafKind(raw), kindNumber), raw), expected: expected,
		hint: "check `records` of the stream"}, nil
}

// readRow fills the slots from a record that is an array of columns.
func (w *worker) readRow(d *jx.Decoder) (*failure, error) {
	it, err := d.ArrIter()
	n := 0
	for ; err == nil && it.Next(); n++ {
		if n >= len(w.columns) || len(w.columnSlots[n]) == 0 && !w.m.rest {
			err = d.Skip()
			continue
		}
		var v value
		if v, err = w.leaf(d); err != nil {
			break
		}
		for _, slot := range w.columnSlots[n] {
			w.slots[slot] = v
		}
		if len(w.columnSlots[n]) == 0 {
			w.rest = append(w.rest, pairOf{w.columns[n], v})
		}
	}
	if err = errors.Join(err, it.Err()); err != nil {
		return nil, broken(err)
	}
	if n != len(w.columns) {
		return &failure{reason: fmt.Sprintf("the row has %d values, the header has %d columns", n, len(w.columns)),
			found: fmt.Sprintf("%d values", n), expected: fmt.Sprintf("%d values", len(w.columns)),
			hint: "look for an unquoted separator or a broken line near it"}, nil
	}
	return nil, nil
}

// readObject fills slots from an object; unmapped fields go to rest if wanted.
func (w *worker) readObject(d *jx.Decoder, n *node, slots []value, caches []keyCache, rest bool) error {
	it, err := d.ObjIter()
	cache := &caches[n.id]
	for position := 0; err == nil && it.Next(); position++ {
		kid := cache.find(n, it.Key(), position)
		switch {
		case kid != nil:
			err = w.readValue(d, kid, slots, caches)
		case rest:
			key := string(it.Key())
			var v value
			if v, err = w.leaf(d); err == nil {
				w.keepRest(key, v)
			}
		default:
			err = d.Skip()
		}
	}
	if err != nil {
		return err
	}
	return it.Err()
}

// readValue fills the slots of a node and of its children. Of a key that comes
// twice in an object the last wins, with all that is below it.
func (w *worker) readValue(d *jx.Decoder, n *node, slots []value, caches []keyCache) error {
	if n.kids == nil {
		v, err := w.leaf(d)
		slots[n.slot] = v
		return err
	}
	for _, slot := range n.under {
		slots[slot] = value{}
	}
	kind := d.Next()
	if n.slot >= 0 || kind == jx.String { // the value itself is wanted too, or is JSON in a text: read it twice
		raw, v, err := w.leafRaw(d)
		if n.slot >= 0 {
			slots[n.slot] = v
		}
		if err != nil {
			return err
		}
		if kind == jx.String {
			raw = jsonInside(v.b)
		}
		if raw == nil || raw[0] != '{' && raw[0] != '[' {
			return nil
		}
		d = jx.DecodeBytes(raw)
		kind = d.Next()
	}
	switch kind {
	case jx.Object:
		return w.readObject(d, n, slots, caches, false)
	case jx.Array:
		return w.readItems(d, n, slots, caches)
	}
	return d.Skip()
}

// readItems fills the slots of paths that go through an array by index.
func (w *worker) readItems(d *jx.Decoder, n *node, slots []value, caches []keyCache) error {
	it, err := d.ArrIter()
	for i := 0; err == nil && it.Next(); i++ {
		var kid *node
		for _, item := range n.items {
			if item.index == i {
				kid = item.node
			}
		}
		if kid == nil {
			err = d.Skip()
		} else {
			err = w.readValue(d, kid, slots, caches)
		}
	}
	if err != nil {
		return err
	}
	return it.Err()
}

// leaf reads one value without interpreting it, but for objects that name their
// class.
func (w *worker) leaf(d *jx.Decoder) (value, error) {
	_, v, err := w.leafRaw(d)
	return v, err
}

// leafRaw is leaf with the JSON text of the value.
func (w *worker) leafRaw(d *jx.Decoder) (raw []byte, v value, err error) {
	if raw, err = d.Raw(); err != nil {
		return nil, value{}, err
	}
	for isASCIIBlank(raw[0]) { // before elements of a list
		raw = raw[1:]
	}
	v = value{kind: leafKind(raw), b: raw}
	if v.kind == kindObject {
		if single, ok := w.classValue(raw); ok {
			v = single
		}
		return raw, v, nil
	}
	if v.kind != kindText {
		return raw, v, nil
	}
	v.b = raw[1 : len(raw)-1]
	if bytes.IndexByte(v.b, '\\') < 0 {
		return raw, v, nil
	}
	start := len(w.arena)
	w.escaped.ResetBytes(raw)
	if w.arena, err = w.escaped.StrAppend(w.arena); err != nil {
		return raw, value{}, err
	}
	v.b = w.arena[start:]
	return raw, v, nil
}

func leafKind(raw []byte) valueKind {
	if len(raw) == 0 {
		return kindAbsent
	}
	switch raw[0] {
	case '"':
		return kindText
	case '{':
		return kindObject
	case '[':
		return kindArray
	case 't', 'f':
		return kindBool
	case 'n':
		return kindNull
	}
	return kindNumber
}
