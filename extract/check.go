package extract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// count asks the source for the number of records behind the cursor. A source
// that does not say is no error: counts are for progress bars only.
func (r *restReader) count(ctx context.Context, st *streamSpec, state cursorState) (int64, bool, error) {
	if st.count == nil || st.parent != nil {
		return 0, false, nil
	}
	slices := st.slices
	if len(slices) == 0 {
		slices = []map[string]string{{}}
	}
	var total int64
	for _, slice := range slices {
		w := &walker{r: r, st: st, slice: slice, pass: passChanged, start: &state}
		n, err := r.countOf(ctx, w)
		if err != nil {
			if ctx.Err() != nil {
				return 0, false, ctx.Err()
			}
			r.src.opts.Logger.Debug("no count", "stream", st.name, "cause", err)
			return 0, false, nil
		}
		total += n
	}
	return total, true, nil
}

// countOf asks for the number of records of one walker, which has not begun.
func (r *restReader) countOf(ctx context.Context, w *walker) (int64, error) {
	if err := w.begin(ctx); err != nil {
		return 0, err
	}
	data, err := w.data(&w.pager)
	if err != nil {
		return 0, err
	}
	return r.number(ctx, w.st.count, data)
}

func (r *restReader) number(ctx context.Context, c *countDecl, data map[string]any) (int64, error) {
	a, err := r.client.do(ctx, &c.request, data, anyBody)
	if err != nil {
		return 0, err
	}
	text := valueAt(a.body, splitPath(c.value))
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, &Error{Field: c.value, Found: fmt.Sprintf("%q", text), Expected: "a number of records"}
	}
	return n, nil
}

// probe asks for the connector's check path. Only an answer that no stream could
// do better than counts: whether a stream may be read is for check to find out.
func (r *restReader) probe(ctx context.Context) *StreamCheck {
	if r.client.decl.checkPath == nil {
		return nil
	}
	_, err := r.client.do(ctx, &requestDecl{method: "GET", path: r.client.decl.checkPath}, r.src.settings.data(), anyBody)
	var e *Error
	if !errors.As(err, &e) || e.Status != 0 && e.Status != http.StatusUnauthorized && !e.SignIn {
		return nil
	}
	return &StreamCheck{Rows: -1, Reachable: e.Status != 0, Err: e}
}

// check reads the first page of a stream, and what else the source tells cheaply:
// the number of records, the first and the last, which fields are missing.
func (r *restReader) check(ctx context.Context, st *streamSpec) StreamCheck {
	c := StreamCheck{Rows: -1, Timezone: r.src.location.String()}
	if st.parent != nil {
		r.checkChildren(ctx, st, &c)
		return c
	}
	w := r.first(st)
	a := r.firstPage(ctx, w, &c)
	if c.Err != nil {
		return c
	}
	defer a.free()
	c.Missing = r.missing(st)
	if c.Err = r.checkEnds(ctx, w, a, &c); c.Err != nil {
		return c
	}
	if n, ok, err := r.count(ctx, st, cursorState{}); err == nil && ok {
		c.Rows = n
	}
	switch {
	case a.scan.count() == 0:
		c.Rows, c.Detail = 0, "Nothing is visible to this user: empty, or hidden by the user's permissions"
	case c.Rows >= 0:
		if c.Detail = fmt.Sprintf("%d records are visible", c.Rows); c.Rows == 1 {
			c.Detail = "1 record is visible"
		}
	default:
		c.Detail = "Records are visible"
	}
	if note := r.client.inTheClear(); note != "" {
		c.Note = strings.TrimPrefix(c.Note+". "+note, ". ")
	}
	return c
}

// first is a walker on the first page of a stream, or on the last of its windows.
func (r *restReader) first(st *streamSpec) *walker {
	w := &walker{r: r, st: st, pass: passChanged, slice: map[string]string{}, start: &cursorState{}}
	if len(st.slices) > 0 {
		w.slice = st.slices[0]
	}
	if st.window != nil {
		if spans := st.window.spans(cursorState{}, "", true, r.src.opts.Now()); len(spans) > 0 {
			w.span = &spans[len(spans)-1]
		}
	}
	return w
}

// firstPage asks for a page of few records and notes what its answer says of the source.
func (r *restReader) firstPage(ctx context.Context, w *walker, c *StreamCheck) answer {
	fail := func(err error) answer {
		c.Err = err
		var e *Error
		if errors.As(err, &e) && e.Status > 0 {
			c.Reachable = true
			c.Authorised = !e.Denied
		}
		return answer{}
	}
	if err := w.begin(ctx); err != nil {
		return fail(err)
	}
	w.pager.size = 1
	if w.st.request.json != nil {
		w.pager.size = min(10, w.st.paging.size)
	}
	a, err := w.ask(ctx, &w.pager)
	if err != nil {
		return fail(err)
	}
	c.Reachable, c.Authorised = true, true
	if d, ok := skew(a); ok {
		c.Skew = d
	}
	return a
}

// missing are the optional fields that a stream would read and the source does not have.
func (r *restReader) missing(st *streamSpec) []string {
	r.mu.Lock()
	f := r.fields[st.fields]
	r.mu.Unlock()
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.missing
}

// checkEnds finds the first and the last cursor value, as far as the connector says how.
func (r *restReader) checkEnds(ctx context.Context, w *walker, a answer, c *StreamCheck) error {
	inc := w.st.inc
	if inc == nil || len(inc.fields) == 0 || a.scan.count() == 0 {
		return nil
	}
	record := a.scan.records[0]
	if !slices.ContainsFunc(w.cursor, func(path []string) bool { return hasField(record, path) }) && w.columns == nil {
		return &Error{Field: inc.name(), Err: errors.New("the records do not have this field"),
			Hint: "The stream cannot continue where it ended; give the user the right to read the field"}
	}
	if !w.late() {
		c.Earliest = w.cursorOf(a)
	}
	check := w.st.check
	if check == nil {
		return nil
	}
	for _, end := range []struct {
		request *requestDecl
		to      *string
	}{{check.earliest, &c.Earliest}, {check.latest, &c.Latest}} {
		if end.request == nil {
			continue
		}
		at, err := w.asks(ctx, end.request)
		if err != nil {
			c.Note = "The first or last record could not be found: " + err.Error()
			continue
		}
		*end.to = at
	}
	return nil
}

// asks sends the walker's request with parts of it changed, and returns the cursor value of the first record.
func (w *walker) asks(ctx context.Context, change *requestDecl) (string, error) {
	request := w.st.request.with(change)
	data, err := w.data(&w.pager)
	if err != nil {
		return "", err
	}
	a, err := w.r.client.do(ctx, &request, data, w.st.records)
	if err != nil {
		return "", err
	}
	defer a.free()
	return w.cursorOf(a), nil
}

// with is a request in which what change says counts; parameters are replaced by name.
func (r requestDecl) with(change *requestDecl) requestDecl {
	if change.method != "" {
		r.method = change.method
	}
	if change.path != nil {
		r.path = change.path
	}
	if change.json != nil {
		r.json = change.json
	}
	r.query, r.headers, r.form = replacedBy(r.query, change.query), replacedBy(r.headers, change.headers), replacedBy(r.form, change.form)
	return r
}

func replacedBy(list, by []namedTemplate) []namedTemplate {
	out := slices.Clone(by)
	for _, t := range list {
		if !slices.ContainsFunc(by, func(b namedTemplate) bool { return b.name == t.name }) {
			out = append(out, t)
		}
	}
	return out
}

// cursorOf is the cursor value of an answer's first record.
func (w *walker) cursorOf(a answer) string {
	if a.scan.count() == 0 {
		return ""
	}
	for _, path := range w.cursor {
		if v := valueAt(a.scan.records[0], path); v != "" {
			return v
		}
	}
	return ""
}

// checkChildren asks about the first parent that there is.
func (r *restReader) checkChildren(ctx context.Context, st *streamSpec, c *StreamCheck) {
	parents := r.first(st.parent.spec)
	a := r.firstPage(ctx, parents, c)
	if c.Err != nil {
		return
	}
	rd := newReading(r, st, cursorState{})
	ps := rd.normal()
	list, err := rd.parentsOf(Page{Body: a.body, Count: a.scan.count(), Records: parents.st.records, Columns: parents.columns}, ps)
	if err != nil {
		c.Err = err
		return
	}
	if len(list) == 0 {
		c.Detail = "There is no record of " + st.parent.stream + " to ask about"
		return
	}
	w := &walker{r: r, st: st, pass: passChanged, slice: map[string]string{}, start: &cursorState{}, parent: list[0].fields}
	children := r.firstPage(ctx, w, c)
	var e *Error
	switch {
	case errors.As(c.Err, &e) && e.Status == http.StatusNotFound && st.parent.missing != "error":
		c.Err, c.Authorised, c.Detail = nil, true, fmt.Sprintf("The first record of %s has none", st.parent.stream)
	case c.Err == nil:
		c.Missing = r.missing(st)
		c.Detail = fmt.Sprintf("The first record of %s has %d", st.parent.stream, children.scan.count())
	}
}
