package extract

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// count asks the source for the number of records behind the cursor. A source
// that does not say is no error: counts are for progress bars only.
func (r *restReader) count(ctx context.Context, st *streamSpec, state cursorState) (int64, bool, error) {
	if st.count == nil {
		return 0, false, nil
	}
	slices := st.slices
	if len(slices) == 0 {
		slices = []map[string]string{{}}
	}
	var total int64
	for _, slice := range slices {
		w := &walker{r: r, st: st, slice: slice}
		since := ""
		if st.inc != nil {
			var err error
			if since, err = st.inc.since(state.Cursors[slice["name"]]); err != nil {
				return 0, false, err
			}
		}
		w.pager = newPager(st.paging, st.inc, since)
		data, err := w.data()
		if err != nil {
			return 0, false, err
		}
		n, err := r.number(ctx, st.count, data)
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

// check reads the first page of a stream, and the number of its records if the source tells it.
func (r *restReader) check(ctx context.Context, st *streamSpec) StreamCheck {
	c := StreamCheck{Rows: -1}
	slice := map[string]string{}
	if len(st.slices) > 0 {
		slice = st.slices[0]
	}
	w := &walker{r: r, st: st, slice: slice}
	since := ""
	if st.inc != nil {
		since = st.inc.start
	}
	w.pager = newPager(st.paging, st.inc, since)
	w.pager.size = 1
	if st.request.json != nil {
		w.pager.size = min(10, st.paging.size)
	}
	data, err := w.data()
	if err != nil {
		c.Err = err
		return c
	}
	a, err := w.ask(ctx, data)
	if err != nil {
		c.Err = err
		var e *Error
		if errors.As(err, &e) && e.Status > 0 {
			c.Reachable = true
			c.Authorised = !e.Denied
		}
		return c
	}
	c.Reachable, c.Authorised = true, true
	if st.inc != nil && a.scan.count() > 0 {
		c.Earliest = valueAt(a.scan.records[0], splitPath(st.inc.name()))
		if c.Earliest == "" && !hasField(a.scan.records[0], splitPath(st.inc.name())) {
			c.Err = &Error{Field: st.inc.name(), Err: errors.New("the records do not have this field"),
				Hint: "The stream cannot continue where it ended; give the user the right to read the field"}
			return c
		}
	}
	if n, ok, err := r.count(ctx, st, cursorState{}); err == nil && ok {
		c.Rows = n
	}
	switch {
	case a.scan.count() == 0:
		c.Rows, c.Detail = 0, "Nothing is visible to this user: empty, or hidden by the user's permissions"
	case c.Rows >= 0:
		c.Detail = fmt.Sprintf("%d records are visible", c.Rows)
	default:
		c.Detail = "Records are visible"
	}
	return c
}
