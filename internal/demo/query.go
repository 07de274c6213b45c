package demo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// badQuery is an answer of Frappe to a query that it will not run.
type badQuery struct {
	status  int
	kind    string // exc_type
	message string
}

func (e *badQuery) Error() string { return e.message }

func dataError(format string, args ...any) error {
	return &badQuery{417, "DataError", fmt.Sprintf(format, args...)}
}

// condition is one filter, compiled.
type condition struct {
	field, op string
	want      []any
	holds     func(i int) bool
}

// query asks for documents of one DocType.
type query struct {
	doctype      *doctype
	fields       []string
	all, any     []condition // every one of all; if there are any, one of any
	order        []ordering
	start, limit int // limit 0 = no limit
}

type ordering struct {
	field string
	down  bool
}

// rows returns the numbers of the matching documents, in order.
func (q *query) rows() []int {
	d := q.doctype
	d.index()
	from, to := q.window()
	byModified := len(q.order) == 0 || q.order[0] == ordering{field: "modified"} && (len(q.order) == 1 || q.order[1] == ordering{field: "name"})
	var found []int
	if candidates, ok := q.candidates(); ok {
		for _, i := range candidates {
			if q.matches(i) {
				found = append(found, i)
			}
		}
		byModified = false
	} else {
		for k := from; k < to; k++ {
			if i := int(d.byModified[k]); q.matches(i) {
				found = append(found, i)
				if byModified && q.limit > 0 && len(found) == q.start+q.limit {
					break
				}
			}
		}
	}
	if !byModified {
		slices.SortStableFunc(found, q.compare)
	}
	found = found[min(q.start, len(found)):]
	if q.limit > 0 && len(found) > q.limit {
		found = found[:q.limit]
	}
	return found
}

// candidates uses the indexes by name and by parent where a filter asks for a
// list of them.
func (q *query) candidates() ([]int, bool) {
	for _, c := range q.all {
		if c.op != "in" && c.op != "=" || c.field != "name" && (c.field != "parent" || !q.doctype.child) {
			continue
		}
		var found []int
		for _, w := range c.want {
			key := fmt.Sprint(w)
			if c.field == "parent" {
				found = append(found, q.doctype.byParent[key]...)
			} else if i, ok := q.doctype.byName[key]; ok {
				found = append(found, i)
			}
		}
		return found, true
	}
	return nil, false
}

// window narrows the search by filters on modified.
func (q *query) window() (from, to int) {
	d := q.doctype
	to = d.n
	for _, c := range q.all {
		if c.field != "modified" || len(c.want) != 1 {
			continue
		}
		at, ok := parseStamp(fmt.Sprint(c.want[0]))
		if !ok {
			continue
		}
		first, _ := slices.BinarySearch(d.modified, at)
		after, _ := slices.BinarySearch(d.modified, at+1)
		switch c.op {
		case ">=":
			from = max(from, first)
		case ">":
			from = max(from, after)
		case "=":
			from, to = max(from, first), min(to, after)
		case "<":
			to = min(to, first)
		case "<=":
			to = min(to, after)
		}
	}
	return from, max(from, to)
}

func (q *query) matches(i int) bool {
	for _, c := range q.all {
		if !c.holds(i) {
			return false
		}
	}
	if len(q.any) == 0 {
		return true
	}
	for _, c := range q.any {
		if c.holds(i) {
			return true
		}
	}
	return false
}

func (q *query) compare(a, b int) int {
	order := q.order
	if len(order) == 0 {
		order = []ordering{{field: "modified"}}
	}
	for _, o := range order {
		read := q.doctype.fields[o.field]
		c := compare(read(a), read(b))
		if o.down {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return a - b
}

// parseFilters reads Frappe's filters: a list of [field, op, value] or
// [doctype, field, op, value], or an object of field: value or [op, value].
func (d *doctype) parseFilters(text string) ([]condition, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var raw any
	if err := decoder.Decode(&raw); err != nil {
		return nil, &badQuery{417, "ValidationError", "Filters must be JSON: " + err.Error()}
	}
	var list []condition
	add := func(field, op, want any) error {
		name, ok := field.(string)
		operator, isText := op.(string)
		if !ok || !isText {
			return dataError("Invalid filter: %v", field)
		}
		c, err := d.compile(name, strings.ToLower(strings.TrimSpace(operator)), want)
		list = append(list, c)
		return err
	}
	switch raw := raw.(type) {
	case map[string]any:
		for name, want := range raw {
			var op any = "="
			if pair, ok := want.([]any); ok && len(pair) == 2 {
				op, want = pair[0], pair[1]
			}
			if err := add(name, op, want); err != nil {
				return nil, err
			}
		}
	case []any:
		for _, f := range raw {
			f, ok := f.([]any)
			switch {
			case ok && len(f) == 3:
				if err := add(f[0], f[1], f[2]); err != nil {
					return nil, err
				}
			case ok && len(f) == 4:
				if err := add(f[1], f[2], f[3]); err != nil {
					return nil, err
				}
			default:
				return nil, dataError("Filter must have 3 or 4 values (doctype, fieldname, operator, value): %v", f)
			}
		}
	}
	return list, nil
}

// compile makes a filter ready to ask.
func (d *doctype) compile(name, op string, want any) (condition, error) {
	read, ok := d.fields[name]
	if !ok {
		return condition{}, &badQuery{500, "OperationalError", fmt.Sprintf("(1054, \"Unknown column 'tab%s.%s' in 'where clause'\")", d.name, name)}
	}
	c := condition{field: name, op: op}
	if list, ok := want.([]any); ok {
		c.want = list
	} else if s, ok := want.(string); ok && (op == "in" || op == "not in") {
		for _, part := range strings.Split(s, ",") {
			c.want = append(c.want, strings.TrimSpace(part))
		}
	} else {
		c.want = []any{want}
	}
	one := func(test func(int) bool) func(int) bool {
		return func(i int) bool { v := read(i); return v.kind != null && test(against(v, c.want[0])) }
	}
	switch op {
	case "=":
		c.holds = func(i int) bool { return against(read(i), c.want[0]) == 0 }
	case "!=":
		c.holds = func(i int) bool { return against(read(i), c.want[0]) != 0 }
	case ">":
		c.holds = one(func(x int) bool { return x > 0 })
	case ">=":
		c.holds = one(func(x int) bool { return x >= 0 })
	case "<":
		c.holds = one(func(x int) bool { return x < 0 })
	case "<=":
		c.holds = one(func(x int) bool { return x <= 0 })
	case "in", "not in":
		set := map[string]bool{}
		for _, w := range c.want {
			set[fmt.Sprint(w)] = true
		}
		c.holds = func(i int) bool { return set[read(i).text()] == (op == "in") }
	case "between":
		c.holds = func(i int) bool {
			v := read(i)
			return len(c.want) == 2 && v.kind != null && against(v, c.want[0]) >= 0 && against(v, c.want[1]) <= 0
		}
	case "like", "not like":
		pattern := strings.ToLower(fmt.Sprint(want))
		c.holds = func(i int) bool { return like(strings.ToLower(read(i).text()), pattern) == (op == "like") }
	case "is":
		set := strings.EqualFold(fmt.Sprint(want), "set")
		c.holds = func(i int) bool { return read(i).empty() != set }
	default:
		return c, dataError("Operator must be one of =, !=, >, <, >=, <=, like, not like, in, not in, is, between: %s", op)
	}
	return c, nil
}

// against compares a field with a value of a filter.
func against(v value, want any) int {
	if want == nil {
		want = ""
	}
	if b, ok := want.(bool); ok {
		want = map[bool]string{true: "1", false: "0"}[b]
	}
	w := fmt.Sprint(want)
	switch v.kind {
	case null:
		return -min(len(w), 1)
	case text:
		return strings.Compare(v.s, w)
	case instant, calendar:
		at, ok := parseStamp(w)
		if !ok {
			return 1
		}
		mine := stamp(v.n)
		if v.kind == calendar {
			mine *= day
		}
		return compare(value{kind: instant, n: int64(mine)}, value{kind: instant, n: int64(at)})
	}
	f, err := strconv.ParseFloat(w, 64)
	switch mine := v.float(); {
	case err != nil || mine > f:
		return 1
	case mine < f:
		return -1
	}
	return 0
}

func parseStamp(s string) (stamp, bool) {
	for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02", "2006-01-02T15:04:05.999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return stamp(t.UnixMicro()), true
		}
	}
	return 0, false
}

// like matches SQL's % and _.
func like(s, pattern string) bool {
	for i, r := range pattern {
		switch r {
		case '%':
			rest := pattern[i+1:]
			for k := range s + " " {
				if like(s[min(k, len(s)):], rest) {
					return true
				}
			}
			return false
		case '_':
			if s == "" {
				return false
			}
			_, s = cutRune(s)
		default:
			first, rest := cutRune(s)
			if first != r {
				return false
			}
			s = rest
		}
	}
	return s == ""
}

func cutRune(s string) (rune, string) {
	for i, r := range s {
		return r, s[i+len(string(r)):]
	}
	return -1, ""
}

// parseOrder reads "modified asc, name asc"; a table prefix and backticks are allowed.
func (d *doctype) parseOrder(text string) ([]ordering, error) {
	var list []ordering
	for _, part := range strings.Split(text, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		name := strings.Trim(words[0][strings.LastIndex(words[0], ".")+1:], "`")
		if d.fields[name] == nil {
			return nil, &badQuery{500, "OperationalError", fmt.Sprintf("(1054, \"Unknown column '%s' in 'order clause'\")", name)}
		}
		list = append(list, ordering{field: name, down: len(words) > 1 && strings.EqualFold(words[1], "desc")})
	}
	return list, nil
}
