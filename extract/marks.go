package extract

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/go-faster/jx"
)

// edges gives the lowest and highest cursor value of a page, empty if it has
// none, and notices a source that does not sort its records.
func (w *walker) edges(a answer) (first, last string, err error) {
	inc := w.st.inc
	path := w.cursor[0]
	if a.scan.count() == 0 {
		return "", "", nil
	}
	first, last = valueAt(a.scan.records[0], path), valueAt(a.scan.records[a.scan.count()-1], path)
	if first == "" || last == "" { // null where the record was never changed: look for the others
		first, last = "", ""
		for _, raw := range a.scan.records {
			if v := valueAt(raw, path); v != "" {
				if last = v; first == "" {
					first = v
				}
			}
		}
	}
	if last == "" || inc.format.opaque() {
		return first, last, nil
	}
	from, err := inc.format.parse(first)
	if err == nil {
		var to time.Time
		if to, err = inc.format.parse(last); err == nil && w.pager.key.mode != keyTie {
			if to.Before(from) || from.Before(w.last) && w.st.paging.kind != "keyset" {
				return "", "", &Error{Field: inc.name(), Err: errNotSorted, Found: fmt.Sprintf("%q before %q", first, last),
					Hint: "Check the order in the connector's request, or say incremental.unordered: a cursor cannot be kept page by page otherwise"}
			}
			w.last = to
		}
	}
	if err != nil {
		return "", "", &Error{Field: inc.name(), Err: err, Hint: "Check the format of incremental in the connector"}
	}
	return first, last, nil
}

// highest notes the highest cursor value of records that come in any order, or
// the value that the answer itself gives.
func (w *walker) highest(a answer) error {
	inc := w.st.inc
	if inc.from != "" {
		if v := a.scan.value(a.body, inc.from); w.max == "" && v != "" {
			if _, err := inc.format.parse(v); err != nil {
				return &Error{Field: inc.from, Err: err, Hint: "Check the format of incremental in the connector"}
			}
			w.max = v // of the first answer: what happens while pages are read comes again
		}
		return nil
	}
	for _, raw := range a.scan.records {
		for _, path := range w.cursor {
			v := valueAt(raw, path)
			if v == "" || v == w.max {
				continue
			}
			if inc.format.opaque() {
				w.max = max(w.max, v)
				continue
			}
			t, err := inc.format.parse(v)
			if err != nil {
				return &Error{Field: inc.name(), Err: err, Hint: "Check the format of incremental in the connector"}
			}
			if w.max == "" || t.After(w.last) {
				w.max, w.last = v, t
			}
		}
	}
	return nil
}

// ordered checks that ids grow from record to record and from page to page.
func (w *walker) ordered(records []jx.Raw) error {
	before := w.pager.after
	for _, raw := range records {
		id := valueAt(raw, w.id)
		if id == "" {
			return &Error{Field: w.st.paging.id, Found: "a record without it", Hint: "Check the id of paging in the connector, and that the request asks for it"}
		}
		less := before == ""
		if !less {
			var err error
			if less, err = idLess(before, id, w.st.paging.numeric); err != nil {
				return &Error{Field: w.st.paging.id, Err: err, Hint: "Say numeric: false in paging if the ids are texts"}
			}
		}
		if !less {
			e := &Error{Field: w.st.paging.id, Err: errNotSorted, Found: fmt.Sprintf("%q after %q", id, before),
				Hint: "Check the order by id and the condition on .page.after in the connector's request"}
			if id == before {
				e.Err = errRepeats
			}
			return e
		}
		before = id
	}
	return nil
}

// idLess says whether one id comes before another.
func idLess(a, b string, numeric bool) (bool, error) {
	if !numeric {
		return a < b, nil
	}
	x, err := digits(a)
	if err != nil {
		return false, err
	}
	y, err := digits(b)
	if err != nil {
		return false, err
	}
	if len(x) != len(y) {
		return len(x) < len(y), nil
	}
	return x < y, nil
}

// digits is a whole number without leading zeros.
func digits(s string) (string, error) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return "", fmt.Errorf("%q is no whole number", s)
	}
	return strings.TrimLeft(s, "0"), nil
}

// known counts the records at the beginning of a keyset page that the page
// before ended with, to the byte, and notes with which this one ends.
func (w *walker) known(a answer, i pageInfo) int {
	if w.st.paging.kind != "keyset" {
		return 0
	}
	n := 0
	for _, raw := range a.scan.records {
		if _, ok := w.tail[xxhash.Sum64(raw)]; !ok {
			break
		}
		n++
	}
	if i.first != i.last || len(w.tail) == 0 || n == 0 {
		w.tail = map[uint64]struct{}{}
	}
	for j := i.count - 1; j >= 0 && valueAt(a.scan.records[j], w.cursor[0]) == i.last; j-- {
		w.tail[xxhash.Sum64(a.scan.records[j])] = struct{}{}
	}
	return n
}

// tokenOf is the cursor or next address that an answer gives, empty at the end.
func tokenOf(a answer, p *pagingDecl) string {
	if p.link {
		return linkNext(a.header)
	}
	if name, ok := strings.CutPrefix(p.path, "header:"); ok {
		return a.header.Get(name)
	}
	v := a.scan.value(a.body, p.path)
	if v == "false" { // some systems write false for nothing
		return ""
	}
	return v
}

// linkNext is the address with the relation next in Link headers (RFC 8288).
func linkNext(h http.Header) string {
	for _, line := range h.Values("Link") {
		for rest := line; ; {
			_, after, ok := strings.Cut(rest, "<")
			if !ok {
				break
			}
			address, params, ok := strings.Cut(after, ">")
			if !ok {
				break
			}
			own := params
			if i := strings.Index(params, "<"); i >= 0 {
				own = params[:i]
			}
			for _, param := range strings.FieldsFunc(own, func(r rune) bool { return r == ';' || r == ',' }) {
				name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
				rels := strings.Fields(strings.Trim(strings.TrimSpace(value), `"`))
				if strings.EqualFold(strings.TrimSpace(name), "rel") && slices.Contains(rels, "next") {
					return address
				}
			}
			rest = params
		}
	}
	return ""
}

// skew is the source's clock less ours, from the header Date; ok is false where
// it gives none. Less than two seconds are none: the header has whole ones.
func skew(a answer) (time.Duration, bool) {
	t, err := http.ParseTime(a.header.Get("Date"))
	if err != nil {
		return 0, false
	}
	d := t.Sub(a.at).Round(time.Second)
	if d.Abs() < 2*time.Second {
		d = 0
	}
	return d, true
}
