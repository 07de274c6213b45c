package mapping

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// List functions take a path with a star: sum("lines.*.amount") goes through the
// elements of lines (or the values of an object) and reads amount of each.

func listFunctions() map[string]function {
	return map[string]function{
		"sum": {"sum(\"lines.*.amount\")", "the sum of the numbers at a path; elements without one count nothing, no elements are 0, no list is nothing", 1, 1, func(x *expression, args []typed, f function) typed {
			walk, path := x.list(args[0], f)
			number := x.number
			return typed{typ: typeNumber, where: path, eval: func(w *worker) operand {
				var total operand
				var current value
				read := number(typed{typ: typeField, where: path, eval: func(w *worker) operand { return operand{v: current, null: w.blank(current)} }})
				seen := walk(w, func(v value) bool {
					current = v
					o := read.eval(w)
					if o.null {
						return w.fault == nil
					}
					sum, ok := total.num.plus(o.num)
					if !ok {
						w.stumble(path, v, "numbers whose sum has at most 38 digits", tooBig, "look for a wrong field")
					}
					total.num = sum
					return ok
				})
				if !seen {
					return nothing
				}
				return total
			}}
		}},
		"count": {"count(\"lines.*\")", "how many values there are at a path; no list is nothing", 1, 1, func(x *expression, args []typed, f function) typed {
			walk, path := x.list(args[0], f)
			return typed{typ: typeNumber, where: path, eval: func(w *worker) operand {
				n := uint64(0)
				seen := walk(w, func(v value) bool {
					if !w.blank(v) {
						n++
					}
					return true
				})
				return operand{num: decimal{lo: n}, null: !seen}
			}}
		}},
		"first": {"first(\"lines.*.id\")", "the first value at a path that is not empty", 1, 1, func(x *expression, args []typed, f function) typed {
			walk, path := x.list(args[0], f)
			return typed{typ: typeField, where: path, eval: func(w *worker) operand {
				out := nothing
				walk(w, func(v value) bool {
					if !w.blank(v) {
						out = operand{v: v}
					}
					return out.null
				})
				return out
			}}
		}},
	}
}

// list compiles a path with a star. The function calls f for every value until
// it returns false; it returns false itself where there is no list.
func (x *expression) list(t typed, fn function) (walk func(w *worker, f func(value) bool) bool, path string) {
	path, ok := x.word(t, fn)
	if !ok {
		return nil, ""
	}
	head, rest := "", []string(nil)
	ups := len(path) - len(strings.TrimLeft(path, "^"))
	keys, err := splitPath(strings.TrimPrefix(path[ups:], "."))
	star := slices.Index(keys, "*")
	if err != nil || star < 0 {
		x.fail("write "+fn.usage, "the path %q has no star for the elements of a list", path)
		return nil, path
	}
	head, rest = joinPath(keys[:star]), keys[star:]
	if head == "" {
		head = "." // the elements of the element
	}
	if ups > 0 {
		head = path[:ups] + "." + head
	}
	at := x.field(head)
	return func(w *worker, f func(value) bool) bool {
		o := at.eval(w)
		if o.null {
			return false
		}
		v := o.v
		if inner := jsonInside(v.b); v.kind == kindText && inner != nil {
			v = value{leafKind(inner), inner}
		}
		if v.kind == kindBool && string(v.b) == "false" {
			return false
		}
		if v.kind != kindArray && v.kind != kindObject {
			w.stumble(head, v, "a list, or an object of elements by key", head+" is not a list", "name the list before the star: "+fn.usage)
			return false
		}
		if _, err := w.walkList(v.b, rest, f); err != nil {
			w.stumble(head, v, "a list in JSON", head+" cannot be read", "read the page again")
			return false
		}
		return true
	}, path
}

func joinPath(keys []string) string {
	escape := strings.NewReplacer(`\`, `\\`, ".", `\.`)
	out := make([]string, len(keys))
	for i, key := range keys {
		out[i] = escape.Replace(key)
	}
	return strings.Join(out, ".")
}

// walkList calls f for each value that keys lead to; more is false once f was.
func (w *worker) walkList(raw []byte, keys []string, f func(value) bool) (more bool, err error) {
	if len(keys) == 0 {
		_, v, err := w.leafRaw(jx.DecodeBytes(raw))
		return err == nil && f(v), err
	}
	d := jx.DecodeBytes(raw)
	more = true
	step := func(key string) error {
		item, err := d.Raw()
		if err != nil || !more || keys[0] != "*" && keys[0] != key {
			return err
		}
		more, err = w.walkList(item, keys[1:], f)
		return err
	}
	switch d.Next() {
	case jx.Array:
		it, err := d.ArrIter()
		for i := 0; err == nil && it.Next(); i++ {
			err = step(strconv.Itoa(i))
		}
		return more, errors.Join(err, it.Err())
	case jx.Object:
		it, err := d.ObjIter()
		for err == nil && it.Next() {
			err = step(string(it.Key()))
		}
		return more, errors.Join(err, it.Err())
	case jx.String:
		if inner := textInside(raw); inner != nil {
			return w.walkList(inner, keys, f)
		}
	}
	return true, nil
}
