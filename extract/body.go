package extract

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// scanned is what one walk over an answer found out.
type scanned struct {
	records []jx.Raw // views into the body
	errText string   // value of the field that marks an error in a 200
}

func (s scanned) count() int { return len(s.records) }

var errNoRecords = errors.New("the answer has no list of records where the connector expects it")

// scanBody walks an answer once: is it JSON to its end, where are the records,
// how many. The records are listed in the memory of list, which is empty.
func scanBody(body []byte, path, errorPath string, list []jx.Raw) (scanned, error) {
	s := scanned{records: list}
	found := path == anyBody
	d := jx.DecodeBytes(body)
	if err := s.walk(d, splitPath(path), errorPath, &found); err != nil {
		if errors.Is(err, errNoRecords) {
			return s, err
		}
		return s, fmt.Errorf("the answer is not valid JSON: %w", err)
	}
	if d.Next() != jx.Invalid {
		return s, errors.New("the answer is not valid JSON: there is more after its end")
	}
	if s.errText == "" && !found {
		return s, fmt.Errorf("%w (%q)", errNoRecords, path)
	}
	return s, nil
}

func (s *scanned) walk(d *jx.Decoder, path []string, errorPath string, found *bool) error {
	if len(path) > 0 || errorPath != "" && d.Next() == jx.Object {
		if d.Next() != jx.Object {
			return d.Skip()
		}
		return d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			switch {
			case errorPath != "" && string(key) == errorPath && d.Next() != jx.Null:
				raw, err := d.Raw()
				s.errText = rawText(raw)
				return err
			case len(path) > 0 && string(key) == path[0]:
				return s.walk(d, path[1:], "", found)
			}
			return d.Skip()
		})
	}
	switch d.Next() {
	case jx.Null: // some systems write null for an empty list
		*found = true
		return d.Null()
	case jx.Array:
		*found = true
		return d.Arr(func(d *jx.Decoder) error {
			raw, err := d.Raw()
			if err != nil {
				return err
			}
			s.records = append(s.records, raw)
			return nil
		})
	}
	return d.Skip()
}

// without takes the first n records, fewer than all, out of a body that scanBody
// accepted, by moving what stands before them up to those that stay. The body is changed.
func (s scanned) without(body []byte, n int) []byte {
	if n == 0 {
		return body
	}
	from, to := cap(body)-cap(s.records[0]), cap(body)-cap(s.records[n])
	copy(body[to-from:to], body[:from])
	return body[to-from:]
}

// eachRecord calls f for every record of a body that scanBody accepted.
func eachRecord(body []byte, path string, f func(raw jx.Raw) error) error {
	return descend(jx.DecodeBytes(body), splitPath(path), f)
}

func descend(d *jx.Decoder, path []string, f func(raw jx.Raw) error) error {
	if len(path) > 0 {
		if d.Next() != jx.Object {
			return d.Skip()
		}
		return d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			if string(key) != path[0] {
				return d.Skip()
			}
			return descend(d, path[1:], f)
		})
	}
	if d.Next() != jx.Array {
		return d.Skip()
	}
	return d.Arr(func(d *jx.Decoder) error {
		raw, err := d.Raw()
		if err != nil {
			return err
		}
		return f(raw)
	})
}

// valuesAt lists the texts at a dotted path of a JSON value. A number in the
// path is a position in a list, * takes every element. Null and absent give none.
func valuesAt(raw []byte, path []string) []string {
	var out []string
	collect(jx.DecodeBytes(raw), path, &out) // the body was validated before
	return out
}

// valueAt is the first of valuesAt, empty if there is none.
func valueAt(raw []byte, path []string) string {
	if v := valuesAt(raw, path); len(v) > 0 {
		return v[0]
	}
	return ""
}

func collect(d *jx.Decoder, path []string, out *[]string) error {
	if len(path) == 0 {
		raw, err := d.Raw()
		if err == nil && raw.Type() != jx.Null {
			*out = append(*out, rawText(raw))
		}
		return err
	}
	switch d.Next() {
	case jx.Object:
		return d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			if string(key) != path[0] {
				return d.Skip()
			}
			return collect(d, path[1:], out)
		})
	case jx.Array:
		i := -1
		return d.Arr(func(d *jx.Decoder) error {
			i++
			if path[0] == "*" || path[0] == strconv.Itoa(i) {
				return collect(d, path[1:], out)
			}
			return d.Skip()
		})
	}
	return d.Skip()
}

// rawText is a JSON scalar as text: a string without its quotes, anything else as written.
func rawText(raw jx.Raw) string {
	switch raw.Type() {
	case jx.String:
		s, err := jx.DecodeBytes(raw).Str()
		if err == nil {
			return s
		}
	case jx.Null:
		return ""
	}
	return string(raw)
}

func splitPath(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(path, ".")
}

// textOf is a decoded JSON value as text; nil is empty.
func textOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// anyBody stands for a path where the answer is not a list of records.
const anyBody = "*"

// hasField says whether a JSON value has something, were it null, at a path.
func hasField(raw []byte, path []string) bool {
	found := false
	var look func(d *jx.Decoder, path []string) error
	look = func(d *jx.Decoder, path []string) error {
		if len(path) == 0 {
			found = true
			return d.Skip()
		}
		if d.Next() != jx.Object {
			return d.Skip()
		}
		return d.ObjBytes(func(d *jx.Decoder, key []byte) error {
			if string(key) == path[0] {
				return look(d, path[1:])
			}
			return d.Skip()
		})
	}
	return look(jx.DecodeBytes(raw), path) == nil && found
}
