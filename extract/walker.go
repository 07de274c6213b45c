package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/go-faster/jx"
)

// walker reads one unit of a stream, page after page: a slice, a window of it,
// or the children of a parent. Nothing of it leaks into the next unit.
type walker struct {
	r      *restReader
	st     *streamSpec
	pass   string
	slice  map[string]string
	span   *span          // the window, if there are windows
	parent map[string]any // .parent, if these are children
	start  *cursorState   // the state as the read began; it is not written to
	m      *memory
	lane   *lane

	fields  []string    // .fields: those that were found
	columns []string    // every record is an array in this order
	cursor  [][]string  // paths of the cursor fields
	id      []string    // path of the id
	asked   time.Time   // before the last request, by our clock
	began   time.Time   // of the unit's first request, by the source's clock or ours, whichever is behind
	pager   pager       // where the next request stands
	flights flights     // pages asked for ahead
	inside  insideState // by id: where the reading stands
	max     string      // highest cursor value of all pages, where they come in another order
	last    time.Time   // highest cursor value of the pages before, to notice a source that does not sort
	tail    map[uint64]struct{}
}

// unit is the walker as a part of a read.
func (w walker) unit() unit {
	return func(ctx context.Context, l *lane) iter.Seq2[Page, error] {
		w.lane = l
		return w.walk(ctx)
	}
}

// changes says whether the unit moves the stream's cursor.
func (w *walker) changes() bool { return w.pass == passChanged && w.parent == nil }

// byCursor says whether the cursor is one of values that records or answers carry.
func (w *walker) byCursor() bool { return w.st.inc != nil && w.span == nil && w.changes() }

// late says whether the cursor is only known when the whole unit was read.
func (w *walker) late() bool {
	return w.st.paging.kind == "id" || w.st.inc.unordered || w.st.inc.from != ""
}

func (w *walker) walk(ctx context.Context) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		defer w.flights.end()
		if err := w.begin(ctx); err != nil {
			yield(Page{}, err)
			return
		}
		w.estimate(ctx)
		for !w.pager.done {
			if w.pager.requests++; w.pager.requests > w.st.paging.maxPages {
				yield(Page{}, &Error{Found: fmt.Sprintf("more than %d pages", w.st.paging.maxPages),
					Hint: "Paging seems to go on without end; if the source is that large, raise max_pages"})
				return
			}
			p, err := w.page(ctx)
			if err != nil {
				yield(Page{}, err)
				return
			}
			if p.Count > 0 && !yield(p, nil) {
				return
			}
		}
		if mark := w.finished(); mark != nil {
			yield(Page{Slice: w.slice["name"], mark: mark}, nil)
		}
	}
}

// begin finds out which fields there are and where to continue.
func (w *walker) begin(ctx context.Context) error {
	if err := w.findFields(ctx); err != nil {
		return err
	}
	if w.st.paging.id != "" {
		w.id = w.path(w.st.paging.id)
	}
	since := ""
	name := w.slice["name"]
	if inc := w.st.inc; inc != nil {
		for _, f := range inc.fields {
			w.cursor = append(w.cursor, w.path(f))
		}
		since = inc.start
		if w.byCursor() {
			var err error
			if since, err = inc.since(w.start.Cursors[name]); err != nil {
				return err
			}
		}
		if w.span != nil {
			since = inc.format.format(w.span.from)
		}
	}
	w.pager = newPager(w.st.paging, w.st.inc, since)
	if w.st.paging.kind != "id" {
		return nil
	}
	w.inside = insideState{From: since, After: w.st.paging.firstID}
	if w.span != nil {
		w.inside.From, w.inside.To = w.span.text()
	}
	if at, ok := w.start.Inside[name]; ok && w.changes() && (w.span == nil || at.From == w.inside.From && at.To == w.inside.To) {
		w.inside, w.began, w.max = at, at.Began, at.Max
		if w.pager.after = at.After; w.span == nil {
			w.pager.key.value = at.From
		}
		if w.st.inc != nil && w.max != "" {
			w.last, _ = w.st.inc.format.parse(w.max) // it was read before
		}
	}
	return nil
}

// path is where a field stands in a record.
func (w *walker) path(field string) []string {
	for i, c := range w.columns {
		if c == field {
			return []string{strconv.Itoa(i)}
		}
	}
	return splitPath(field)
}

// page asks for one page, moves the pager on, and works out the cursor to save.
// A page that only repeats what was read comes back empty.
func (w *walker) page(ctx context.Context) (Page, error) {
	w.asked = w.r.src.opts.Now().UTC()
	a, held, err := w.fetch(ctx)
	if err != nil {
		return Page{}, err
	}
	free := func() { a.free(); held.end() }
	held.set(int64(cap(a.body)+cap(a.scan.records)*24) + pageOverhead)
	p, err := w.take(a)
	if err != nil || p.Count == 0 {
		free()
		return Page{}, err
	}
	p.free = free
	if w.parent == nil {
		p.Lookups, err = w.pageLookups(ctx, p)
	}
	return p, err
}

// take makes a page of an answer.
func (w *walker) take(a answer) (Page, error) {
	if w.began.IsZero() {
		w.began = w.sourceTime(a)
	}
	if err := w.pager.repeats(a.body, a.scan.count()); err != nil {
		return Page{}, err
	}
	info, err := w.info(a)
	if err != nil {
		return Page{}, err
	}
	keep, err := w.pager.advance(info)
	if err != nil || !keep {
		return Page{}, err
	}
	known := w.known(a, info)
	if known == info.count {
		return Page{}, nil
	}
	p := Page{Slice: w.slice["name"], Body: a.scan.without(a.body, known), Records: w.st.records, Columns: w.columns,
		Count: info.count - known, URL: a.url, FetchedAt: a.at, mark: w.mark(a, info)}
	if w.st.replace != nil && w.st.parent == nil && w.parent == nil {
		p.Replace, err = w.replaced(a.scan.records[known:])
	}
	return p, err
}

// info is what the pager and the cursor need to know of an answer.
func (w *walker) info(a answer) (pageInfo, error) {
	i := pageInfo{count: a.scan.count()}
	decl := &w.st.paging
	switch decl.kind {
	case "cursor", "next":
		i.token = tokenOf(a, decl)
	case "offset":
		if decl.total != "" {
			i.total, _ = strconv.Atoi(a.scan.value(a.body, decl.total))
			w.flights.total = i.total
		}
	}
	if decl.more != "" {
		i.more = a.scan.value(a.body, decl.more)
	}
	i.from = a.from
	if w.id != nil && i.count > 0 {
		i.lastID = valueAt(a.scan.records[i.count-1], w.id)
	}
	if decl.kind == "id" {
		if err := w.ordered(a.scan.records); err != nil {
			return i, err
		}
	}
	if w.st.inc == nil || !w.changes() && decl.kind != "keyset" && decl.cap == 0 {
		return i, nil // neither cursor nor paging depends on the values: a list of all may come in any order
	}
	if w.late() || len(w.cursor) > 1 {
		return i, w.highest(a)
	}
	var err error
	i.first, i.last, err = w.edges(a)
	return i, err
}

// mark is what the state gains once a page is safe; nil if nothing.
func (w *walker) mark(a answer, i pageInfo) func(*cursorState) {
	name, inc := w.slice["name"], w.st.inc
	if w.st.paging.kind == "id" && w.changes() && (w.span != nil || inc != nil) {
		w.inside.After, w.inside.Max, w.inside.Began = i.lastID, w.max, w.began
		at := w.inside
		return func(s *cursorState) { s.Inside[name] = at }
	}
	if !w.byCursor() || w.late() || len(w.cursor) > 1 {
		return nil
	}
	limit := w.sourceTime(a)
	return func(s *cursorState) {
		if mark := inc.watermark(s.Cursors[name], i.last, limit); mark != "" {
			s.Cursors[name] = mark
		}
	}
}

// finished is what the state gains once the whole unit is safe; nil if nothing.
func (w *walker) finished() func(*cursorState) {
	name, inc := w.slice["name"], w.st.inc
	switch {
	case !w.changes():
		return nil
	case w.span != nil:
		return w.st.window.finished(name, *w.span, w.began)
	case inc == nil || !w.late() && len(w.cursor) == 1:
		return nil
	}
	high, began := w.max, w.began
	return func(s *cursorState) {
		delete(s.Inside, name)
		if mark := inc.watermark(s.Cursors[name], high, began); mark != "" {
			s.Cursors[name] = mark
		}
	}
}

// sourceTime is when an answer was asked for, by the source's clock if that is
// behind ours: what is younger cannot have been in it for certain.
func (w *walker) sourceTime(a answer) time.Time {
	if d, ok := skew(a); ok && d < 0 {
		return w.asked.Add(d)
	}
	return w.asked
}

// data is what the placeholders of a request see.
func (w *walker) data(p *pager) (map[string]any, error) {
	d := w.r.src.settings.data()
	d["vars"], d["slice"], d["pass"] = w.st.vars, w.slice, w.pass
	d["fields"], d["columns"] = anys(w.fields), anys(w.columns)
	d["now"] = w.r.src.opts.Now().UTC()
	d["page"] = map[string]any{
		"size": strconv.Itoa(p.size), "number": strconv.Itoa(p.number), "offset": strconv.Itoa(p.offset), "cursor": p.cursor, "after": p.after,
	}
	if w.parent != nil {
		d["parent"] = w.parent
	}
	if w.span != nil {
		from, to := w.st.window.asked(*w.span)
		d["window"] = map[string]any{"from": from, "to": to}
	}
	if w.st.inc != nil {
		value, err := w.st.inc.asked(p.key.value)
		if err != nil {
			return nil, err
		}
		d["incremental"] = map[string]any{"field": w.st.inc.name()}
		d["key"] = map[string]any{
			"value": value, "op": p.key.op(w.st.paging), "tie": p.key.mode == keyTie, "after": p.key.after,
		}
	}
	return d, nil
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// ask sends the request of the page at which a pager stands.
func (w *walker) ask(ctx context.Context, p *pager) (answer, error) {
	data, err := w.data(p)
	if err != nil {
		return answer{}, err
	}
	if p.next != "" {
		r := requestDecl{method: "GET", headers: w.st.request.headers, empty: w.st.request.empty}
		return w.r.client.follow(ctx, &r, data, p.from, p.next, w.st.records)
	}
	return w.r.client.do(ctx, &w.st.request, data, w.st.records)
}

// replaced names the values whose rows came whole with these records.
func (w *walker) replaced(records []jx.Raw) (*Replace, error) {
	path := w.path(w.st.replace.path)
	r := &Replace{Tables: w.st.replace.tables, Column: w.st.replace.by, Stream: w.st.replace.stream}
	seen := map[string]bool{}
	for _, raw := range records {
		v := ""
		if w.st.replace.value == nil {
			v = valueAt(raw, path)
		} else {
			record, err := decoded(raw)
			if err != nil {
				return nil, err
			}
			data := w.r.src.settings.data()
			data["record"] = record
			if v, err = w.st.replace.value.render(data); err != nil {
				return nil, err
			}
		}
		if v != "" && !seen[v] {
			seen[v] = true
			r.Values = append(r.Values, v)
		}
	}
	return r, nil
}

// decoded is a record as placeholders see it: numbers keep their text.
func decoded(raw jx.Raw) (record map[string]any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&record)
	return record, err
}
