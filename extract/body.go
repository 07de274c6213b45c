package extract

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-faster/jx"
)

// scanned is what one walk over an answer found out.
type scanned struct {
	records  []jx.Raw // views into the body, without white space around them
	from, to int      // where the list of records stands in the body, or the null instead of it
	path     []string // to that list
}

func (s scanned) count() int { return len(s.records) }

var errNoRecords = errors.New("the answer has no list of records where the connector expects it")

// scanBody walks an answer once: is it JSON to its end, where are the records,
// how many. The records are listed in the memory of list, which is empty.
func scanBody(body []byte, path string, list []jx.Raw) (scanned, error) {
	s := scanned{records: list, path: splitPath(path)}
	begin := skipBlank(body, 0)
	end := s.walk(body, begin, s.path)
	if end >= 0 {
		if end = skipBlank(body, end); end < len(body) {
			return s, errors.New("the answer is not valid JSON: there is more after its end")
		}
	}
	switch {
	case end < 0:
		return s, brokenJSON(body, ^end)
	case s.to == 0 && path != anyBody:
		return s, fmt.Errorf("%w (%q)", errNoRecords, path)
	}
	return s, nil
}

// walk passes over the value at i and notes the records at a path below it.
func (s *scanned) walk(b []byte, i int, path []string) int {
	c, depth := byteAt(b, i), len(s.path)-len(path)
	if c == '{' && len(path) > 0 {
		return eachField(b, i, func(key []byte, at int) int {
			if string(key) == path[0] {
				return s.walk(b, at, path[1:])
			}
			return skipValue(b, at, depth+1)
		})
	}
	if c == '[' && len(path) > 0 {
		return eachItem(b, i, func(n, at int) int {
			if strconv.Itoa(n) == path[0] {
				return s.walk(b, at, path[1:])
			}
			return skipValue(b, at, depth+1)
		})
	}
	end := -1
	switch {
	case len(path) > 0:
		return skipValue(b, i, depth)
	case c == '[':
		end = eachItem(b, i, func(_, at int) int {
			end := skipValue(b, at, depth+1)
			if end >= 0 {
				s.records = append(s.records, jx.Raw(b[at:end]))
			}
			return end
		})
	default:
		end = skipValue(b, i, depth)
	}
	if end >= 0 && (c == '[' || c == 'n') { // some systems write null for an empty list
		s.from, s.to = i, end
	}
	return end
}

// values lists the texts at a dotted path of the body that was scanned, without
// reading its records again unless the path leads to them.
func (s scanned) values(body []byte, path string) []string {
	keys := splitPath(path)
	if s.to == 0 || len(keys) >= len(s.path) && slices.Equal(keys[:len(s.path)], s.path) {
		return valuesAt(body, keys)
	}
	outside := append(append(append([]byte{}, body[:s.from]...), "null"...), body[s.to:]...)
	return valuesAt(outside, keys)
}

// value is the first of values, empty if there is none.
func (s scanned) value(body []byte, path string) string { return firstOf(s.values(body, path)) }

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
	if len(body) == 0 { // a page that only carries a cursor
		return nil
	}
	s, err := scanBody(body, path, nil)
	if err != nil && !errors.Is(err, errNoRecords) {
		return err
	}
	for _, raw := range s.records {
		if err := f(raw); err != nil {
			return err
		}
	}
	return nil
}

// valuesAt lists the texts at a dotted path of a JSON value. A number in the
// path is a position in a list, * takes every element. Null and absent give none.
func valuesAt(raw []byte, path []string) []string {
	var out []string
	collect(raw, skipBlank(raw, 0), path, &out)
	return out
}

// valueAt is the first of valuesAt, empty if there is none.
func valueAt(raw []byte, path []string) string { return firstOf(valuesAt(raw, path)) }

// rawAt is the JSON text at a dotted path, nil if there is none or it is null.
func rawAt(raw []byte, path []string) jx.Raw {
	var out jx.Raw
	visit(raw, skipBlank(raw, 0), path, func(v jx.Raw) {
		if out == nil {
			out = v
		}
	})
	return out
}

func firstOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// collect passes over the value at i and adds the texts at a path below it.
func collect(b []byte, i int, path []string, out *[]string) int {
	return visit(b, i, path, func(v jx.Raw) { *out = append(*out, rawText(v)) })
}

// visit passes over the value at i and shows the values at a path below it that are not null.
func visit(b []byte, i int, path []string, f func(v jx.Raw)) int {
	c := byteAt(b, i)
	switch {
	case len(path) == 0:
		end := skipValue(b, i, 0)
		if end >= 0 && c != 'n' {
			f(b[i:end])
		}
		return end
	case c == '{':
		return eachField(b, i, func(key []byte, at int) int {
			if string(key) == path[0] {
				return visit(b, at, path[1:], f)
			}
			return skipValue(b, at, 0)
		})
	case c == '[':
		return eachItem(b, i, func(n, at int) int {
			if path[0] == "*" || path[0] == strconv.Itoa(n) {
				return visit(b, at, path[1:], f)
			}
			return skipValue(b, at, 0)
		})
	}
	return skipValue(b, i, 0)
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

// splitPath lists the keys of a dotted path; \. is a dot inside a key.
func splitPath(path string) []string {
	if path == "" {
		return nil
	}
	if !strings.Contains(path, `\.`) {
		return strings.Split(path, ".")
	}
	keys := strings.Split(strings.ReplaceAll(path, `\.`, "\x00"), ".")
	for i := range keys {
		keys[i] = strings.ReplaceAll(keys[i], "\x00", ".")
	}
	return keys
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
	var look func(i int, path []string) int
	look = func(i int, path []string) int {
		if len(path) == 0 {
			found = true
		} else if byteAt(raw, i) == '{' {
			return eachField(raw, i, func(key []byte, at int) int {
				if string(key) == path[0] {
					return look(at, path[1:])
				}
				return skipValue(raw, at, 0)
			})
		} else if byteAt(raw, i) == '[' {
			return eachItem(raw, i, func(n, at int) int {
				if strconv.Itoa(n) == path[0] {
					return look(at, path[1:])
				}
				return skipValue(raw, at, 0)
			})
		}
		return skipValue(raw, i, 0)
	}
	return look(skipBlank(raw, 0), path) >= 0 && found
}
