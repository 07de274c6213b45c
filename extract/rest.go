package extract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"strconv"
	"time"

	"github.com/cespare/xxhash/v2"
)

// restReader reads streams over HTTP.
type restReader struct {
	src    *Source
	client *client
}

func newRestReader(s *Source) (*restReader, error) {
	c, err := newClient(s)
	if err != nil {
		return nil, &Error{Source: s.name, Err: err}
	}
	return &restReader{src: s, client: c}, nil
}

func (r *restReader) close() error {
	return r.client.close()
}

// pages reads slice after slice; the pages that follow are fetched ahead, as
// many as fit into the connector's prefetch bytes.
func (r *restReader) pages(ctx context.Context, st *streamSpec, state cursorState) iter.Seq2[Page, error] {
	return ahead(ctx, r.client.decl.prefetch, func(ctx context.Context) iter.Seq2[Page, error] {
		return func(yield func(Page, error) bool) {
			slices := st.slices
			if len(slices) == 0 {
				slices = []map[string]string{{}}
			}
			saved := cursorState{Cursors: map[string]string{}}
			maps.Copy(saved.Cursors, state.Cursors)
			first := int64(1)
			for _, slice := range slices {
				w := &walker{r: r, st: st, slice: slice, saved: saved}
				for p, err := range w.walk(ctx) {
					p.First = first
					first += int64(p.Count)
					if !yield(p, err) || err != nil {
						return
					}
				}
			}
		}
	})
}

// walker reads one slice of a stream, page after page.
type walker struct {
	r     *restReader
	st    *streamSpec
	slice map[string]string
	saved cursorState // shared by the slices of a stream; grows as pages come
	// where in the stream the next request stands
	pager pager
	// highest cursor value of the pages before, to notice a source that does not sort
	last time.Time
	// hashes of the records that share the last cursor value of the page before: a keyset page begins with them again
	tail map[uint64]struct{}
}

func (w *walker) walk(ctx context.Context) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		name := w.slice["name"]
		since := ""
		if w.st.inc != nil {
			var err error
			if since, err = w.st.inc.since(w.saved.Cursors[name]); err != nil {
				yield(Page{}, err)
				return
			}
		}
		w.pager = newPager(w.st.paging, w.st.inc, since)
		ordinal := 0
		for !w.pager.done {
			if w.pager.requests++; w.pager.requests > w.st.paging.maxPages {
				yield(Page{}, &Error{Page: ordinal, Found: fmt.Sprintf("more than %d pages", w.st.paging.maxPages),
					Hint: "Paging seems to go on without end; if the source is that large, raise max_pages"})
				return
			}
			p, err := w.page(ctx)
			if err != nil {
				yield(Page{}, onPage(err, ordinal+1))
				return
			}
			if p.Count == 0 {
				continue
			}
			ordinal++
			p.Ordinal, p.Slice = ordinal, name
			if !yield(p, nil) {
				return
			}
		}
	}
}

// onPage says on which page an error came up.
func onPage(err error, page int) error {
	var e *Error
	if errors.As(err, &e) {
		c := *e
		c.Page = page
		return &c
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &Error{Page: page, Err: err}
}

// page asks for one page, moves the pager on, and works out the cursor to save.
// A page that only repeats what was read comes back empty.
func (w *walker) page(ctx context.Context) (Page, error) {
	data, err := w.data()
	if err != nil {
		return Page{}, err
	}
	a, err := w.ask(ctx, data)
	if err != nil {
		return Page{}, err
	}
	if err := w.pager.repeats(a.body, a.scan.count()); err != nil {
		return Page{}, err
	}
	info := pageInfo{count: a.scan.count()}
	if inc := w.st.inc; inc != nil {
		if info.first, info.last, err = w.edges(a); err != nil {
			return Page{}, err
		}
	}
	if w.st.paging.id != "" && info.count > 0 {
		info.lastID = valueAt(a.scan.records[info.count-1], splitPath(w.st.paging.id))
	}
	if p := w.st.paging; p.kind == "cursor" || p.kind == "next" {
		info.token = a.scan.value(a.body, p.path)
	}
	keep, err := w.pager.advance(info)
	if err != nil || !keep {
		a.free()
		return Page{}, err
	}
	known := w.known(a, info)
	if known == info.count {
		a.free()
		return Page{}, nil
	}
	p := Page{Source: w.r.src.name, Stream: w.st.name, Body: a.scan.without(a.body, known), Records: w.st.records,
		Count: info.count - known, URL: a.url, FetchedAt: a.at, free: a.free}
	if inc := w.st.inc; inc != nil {
		name := w.slice["name"]
		if mark := inc.watermark(w.saved.Cursors[name], info.last, a.at); mark != "" {
			w.saved.Cursors[name] = mark
		}
		if p.State, err = json.Marshal(w.saved); err != nil {
			return Page{}, err
		}
	}
	p.Lookups, err = w.pageLookups(ctx, p)
	return p, err
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
	path := splitPath(w.st.inc.name())
	if i.first != i.last || len(w.tail) == 0 || n == 0 {
		w.tail = map[uint64]struct{}{}
	}
	for j := i.count - 1; j >= 0 && valueAt(a.scan.records[j], path) == i.last; j-- {
		w.tail[xxhash.Sum64(a.scan.records[j])] = struct{}{}
	}
	return n
}

// ask sends the request of the page at which the pager stands.
func (w *walker) ask(ctx context.Context, data map[string]any) (answer, error) {
	c := w.r.client
	if w.pager.next == "" {
		return c.do(ctx, &w.st.request, data, w.st.records)
	}
	return c.follow(ctx, &requestDecl{method: "GET", headers: w.st.request.headers, empty: w.st.request.empty}, data, nil, w.pager.next, w.st.records)
}

// data is what the placeholders of a request see.
func (w *walker) data() (map[string]any, error) {
	d := w.r.src.settings.data()
	d["vars"] = w.st.vars
	d["slice"] = w.slice
	d["page"] = map[string]any{
		"size": strconv.Itoa(w.pager.size), "number": strconv.Itoa(w.pager.number), "offset": strconv.Itoa(w.pager.offset), "cursor": w.pager.cursor,
	}
	if w.st.inc != nil {
		value, err := w.st.inc.asked(w.pager.key.value)
		if err != nil {
			return nil, err
		}
		d["incremental"] = map[string]any{"field": w.st.inc.name()}
		d["key"] = map[string]any{
			"value": value, "op": w.pager.key.op(w.st.paging), "tie": w.pager.key.mode == keyTie, "after": w.pager.key.after,
		}
	}
	return d, nil
}

// edges gives the lowest and highest cursor value of a page, empty if it has
// none, and notices a source that does not sort its records.
func (w *walker) edges(a answer) (first, last string, err error) {
	inc := w.st.inc
	path := splitPath(inc.name())
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
					Hint: "Check the order in the connector's request: a cursor cannot be kept otherwise"}
			}
			w.last = to
		}
	}
	if err != nil {
		return "", "", &Error{Field: inc.name(), Err: err, Hint: "Check the format of incremental in the connector"}
	}
	return first, last, nil
}
