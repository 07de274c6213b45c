package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/go-faster/jx"
)

// This file reads the children of records: for each parent, or batch of
// parents, a request of its own with a pager of its own, several in flight.
// Their records are put together into pages, a parent's always on one, and the
// state moves past a page of parents when all their children are handed on.

// parent is a record of the parent stream, as its children's requests and records carry it.
type parent struct {
	id     string
	values []string       // in the column by which its rows are replaced: its own, and those of parents of the same id
	fields map[string]any // .parent in placeholders
	kept   []byte         // JSON object, for the records of its children
}

// family is what a unit of children hands to the assembler in the place of a page.
type family struct {
	parents []parent
	unknown bool // nothing is known of their children
	ends    bool // a page of parents ends here: no page, but its mark
}

// fullPage is how many bytes of wrapped children make a page.
const fullPage = 1 << 20

// children reads the records of the parents that a pass meets.
func (rd *reading) children(ctx context.Context, l *lane, ps pass) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		as := &assembler{rd: rd, w: walker{r: rd.r, st: ps.child, pass: ps.name, slice: map[string]string{}, start: &rd.start, m: rd.m, lane: l}}
		if err := as.w.begin(ctx); err != nil {
			yield(Page{}, err)
			return
		}
		units := func(ctx context.Context, own *lane) iter.Seq2[unit, error] { return rd.families(ctx, own, ps) }
		for p, err := range rd.m.inOrder(ctx, l, ps.child.parent.atOnce, units) {
			if err != nil {
				yield(Page{}, err)
				return
			}
			out, err := as.add(ctx, p)
			if err != nil {
				yield(Page{}, err)
				return
			}
			for _, page := range out {
				if !yield(page, nil) {
					return
				}
			}
		}
	}
}

// families lists the units: the batches of each page of parents, and its end.
func (rd *reading) families(ctx context.Context, l *lane, ps pass) iter.Seq2[unit, error] {
	return func(yield func(unit, error) bool) {
		spec := ps.child.parent
		parents := *ps.spec
		parents.pageLookups, parents.replace = nil, nil
		for p, err := range rd.flat(ctx, l, &parents, ps.name) {
			if err != nil {
				yield(nil, while("reading the parents of "+ps.spec.name, err))
				return
			}
			list, err := rd.parentsOf(p, ps)
			end := Page{Slice: p.Slice, mark: p.mark, family: &family{ends: true}}
			p.release()
			if err != nil {
				yield(nil, err)
				return
			}
			for _, batch := range batches(list, spec.batch) {
				if !yield(rd.family(ps, batch), nil) {
					return
				}
			}
			if !yield(onePage(end), nil) {
				return
			}
		}
	}
}

func onePage(p Page) unit {
	return func(context.Context, *lane) iter.Seq2[Page, error] {
		return func(yield func(Page, error) bool) { yield(p, nil) }
	}
}

// batches parts a list so that no part asks about more than n parents.
func batches(list []parent, n int) [][]parent {
	var out [][]parent
	from, asked := 0, 0
	for i, p := range list {
		if p.id != "" {
			asked++
		}
		if asked > n {
			out = append(out, list[from:i])
			from, asked = i, 1
		}
	}
	if from < len(list) {
		out = append(out, list[from:])
	}
	return out
}

// parentsOf lists the parents on a page that are asked about, each once. Those
// known to have no children, by an id with placeholders that is empty, stand
// among them: what was theirs is replaced by nothing.
func (rd *reading) parentsOf(p Page, ps pass) ([]parent, error) {
	spec := ps.child.parent
	w := walker{st: ps.spec, columns: p.Columns}
	var list []parent
	if p.Count == 0 {
		return nil, nil
	}
	seen := map[string]int{}
	err := eachRecord(p.Body, p.Records, func(raw jx.Raw) error {
		for field, allowed := range spec.when {
			if !slices.Contains(allowed, valueAt(raw, w.path(field))) {
				return nil
			}
		}
		id, err := rd.parentID(&w, raw, spec)
		if err != nil || id == "" && (spec.idText == nil || ps.child.replace == nil) {
			return err
		}
		one, err := rd.parentOf(&w, raw, id, ps.child)
		if at, ok := seen[id]; ok && id != "" && err == nil {
			list[at].values = append(list[at].values, one.values...)
			return nil
		}
		seen[id] = len(list)
		list = append(list, one)
		return err
	})
	return list, err
}

func (rd *reading) parentID(w *walker, raw jx.Raw, spec *parentSpec) (string, error) {
	if spec.idText == nil {
		return valueAt(raw, w.path(spec.id)), nil
	}
	record, err := decoded(raw)
	if err != nil {
		return "", err
	}
	data := rd.r.src.settings.data()
	data["record"] = record
	id, err := spec.idText.render(data)
	return strings.TrimSpace(id), err
}

func (rd *reading) parentOf(w *walker, raw jx.Raw, id string, child *streamSpec) (parent, error) {
	text, err := json.Marshal(id)
	if err != nil {
		return parent{}, err
	}
	one := parent{id: id, values: []string{id}, fields: map[string]any{"id": id, "ids": []any{id}}}
	var kept bytes.Buffer
	kept.WriteString(`{"id":` + string(text))
	for _, k := range child.parent.keep {
		value := rawAt(raw, w.path(k.path))
		one.fields[k.name] = ""
		if value == nil {
			value = jx.Raw("null")
		} else {
			one.fields[k.name] = rawText(value)
		}
		if k.name == "id" {
			continue
		}
		name, err := json.Marshal(k.name)
		if err != nil {
			return one, err
		}
		kept.WriteString("," + string(name) + ":")
		kept.Write(value)
	}
	one.kept = append(kept.Bytes(), '}')
	if r := child.replace; r != nil && r.path != "" {
		one.values[0] = valueAt(raw, w.path(r.path))
	} else if r != nil && r.value != nil {
		data := rd.r.src.settings.data()
		data["parent"] = one.fields
		if one.values[0], err = r.value.render(data); err != nil {
			return one, err
		}
	}
	return one, nil
}

// family reads the children of one batch of parents whole.
func (rd *reading) family(ps pass, batch []parent) unit {
	return func(ctx context.Context, l *lane) iter.Seq2[Page, error] {
		return func(yield func(Page, error) bool) {
			out, err := rd.readFamily(ctx, l, ps, batch)
			yield(out, err)
		}
	}
}

func (rd *reading) readFamily(ctx context.Context, l *lane, ps pass, batch []parent) (Page, error) {
	spec := ps.child.parent
	first := slices.IndexFunc(batch, func(p parent) bool { return p.id != "" })
	if first < 0 {
		return Page{FetchedAt: rd.r.src.opts.Now().UTC(), family: &family{parents: batch}}, nil
	}
	fields := batch[first].fields
	if spec.batch > 1 {
		ids := make([]any, 0, len(batch))
		for _, b := range batch {
			if b.id != "" {
				ids = append(ids, b.id)
			}
		}
		fields = map[string]any{"id": batch[first].id, "ids": ids}
	}
	w := walker{r: rd.r, st: ps.child, pass: ps.name, slice: map[string]string{}, parent: fields, start: &rd.start, m: rd.m, lane: l}
	out := Page{family: &family{parents: batch}}
	var joined bytes.Buffer
	for p, err := range w.walk(ctx) {
		var e *Error
		if errors.As(err, &e) && e.Status == http.StatusNotFound && out.Count == 0 && spec.missing != "error" {
			out.family.unknown = spec.missing == "unknown"
			return out, nil
		}
		if err != nil {
			return out, while(fmt.Sprintf("asking about %s of %s", batch[first].id, ps.spec.name), err)
		}
		if p.Count == 0 {
			continue
		}
		if spec.batch > 1 && out.Count == 0 {
			out.Body, out.Records, out.Count, out.URL, out.FetchedAt, out.Columns, out.free = p.Body, p.Records, p.Count, p.URL, p.FetchedAt, p.Columns, p.free
			continue
		}
		if joined.Len() == 0 && out.Count > 0 { // the batch has more than one page: they become one
			if err := join(&joined, out.Body, out.Records, nil); err != nil {
				return out, err
			}
			out.release()
		}
		var kept []byte
		if spec.batch == 1 {
			kept = batch[first].kept
		}
		err = join(&joined, p.Body, p.Records, kept)
		if out.Count == 0 {
			out.URL, out.Columns = p.URL, p.Columns
		}
		out.Count += p.Count
		out.FetchedAt = p.FetchedAt
		if p.release(); err != nil {
			return out, err
		}
	}
	if joined.Len() > 0 {
		held := rd.m.hold(int64(joined.Cap()) + pageOverhead)
		out.Body, out.Records, out.free = joined.Bytes(), "", held.end
		if spec.batch > 1 {
			out.Body = append(append([]byte{'['}, out.Body...), ']')
		}
	}
	if g := ps.child.group; g != nil && out.Count > 0 {
		body, count, err := g.apply(out.Body, out.Records)
		if err != nil {
			return out, err
		}
		out.release()
		held := rd.m.hold(int64(cap(body)) + pageOverhead)
		out.Body, out.Records, out.Count, out.free = body, "", count, held.end
	}
	return out, nil
}

// join adds the records of a body to a list, each wrapped with its parent if there is one.
func join(out *bytes.Buffer, body []byte, path string, kept []byte) error {
	return eachRecord(body, path, func(raw jx.Raw) error {
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		if kept == nil {
			out.Write(raw)
			return nil
		}
		out.WriteString(`{"parent":`)
		out.Write(kept)
		out.WriteString(`,"child":`)
		out.Write(raw)
		out.WriteByte('}')
		return nil
	})
}

// assembler makes pages of families.
type assembler struct {
	rd   *reading
	w    walker // for the lookups of a page
	page *Page  // not handed on yet; nil = none
}

// add takes the page of a family, or the end of a page of parents. It returns
// the pages that are complete.
func (as *assembler) add(ctx context.Context, p Page) (out []Page, err error) {
	flush := func(mark func(*cursorState)) error {
		if as.page == nil && mark == nil {
			return nil
		}
		done := Page{Slice: p.Slice}
		if as.page != nil {
			done = *as.page
		}
		as.page = nil
		done.mark = mark
		if len(as.w.st.pageLookups) > 0 && done.Count > 0 {
			if done.Lookups, err = as.w.pageLookups(ctx, as.closed(done)); err != nil {
				return err
			}
		}
		out = append(out, as.closed(done))
		return nil
	}
	if p.family.ends {
		return out, flush(p.mark)
	}
	wrapped := as.w.st.parent.batch == 1
	if as.page != nil && (!wrapped || len(as.page.Body)+len(p.Body) > fullPage) {
		if err := flush(nil); err != nil {
			return out, err
		}
	}
	as.merge(p)
	return out, nil
}

// merge adds a family to the page that is being made.
func (as *assembler) merge(p Page) {
	if as.page == nil {
		first := p
		first.family = nil
		as.page = &first
		if len(p.Body) > 0 && as.w.st.parent.batch == 1 {
			as.page.Body = append(append(make([]byte, 0, len(p.Body)+2), '['), p.Body...)
		}
	} else if len(p.Body) > 0 {
		to := as.page
		if len(to.Body) == 0 {
			to.Body, to.URL, to.Columns = append(to.Body, '['), p.URL, p.Columns
		} else {
			to.Body = append(to.Body, ',')
		}
		to.Body = append(to.Body, p.Body...)
		to.Count += p.Count
		to.FetchedAt = p.FetchedAt
		held := as.rd.m.hold(int64(len(p.Body)))
		before := to.free
		to.free = func() {
			if held.end(); before != nil {
				before()
			}
		}
		p.release()
	}
	if r := as.w.st.replace; r != nil && !p.family.unknown {
		if as.page.Replace == nil {
			as.page.Replace = &Replace{Tables: r.tables, Column: r.by, Stream: r.stream}
		}
		for _, one := range p.family.parents {
			for _, value := range one.values {
				if value != "" && !slices.Contains(as.page.Replace.Values, value) {
					as.page.Replace.Values = append(as.page.Replace.Values, value)
				}
			}
		}
	}
}

// closed ends the list of wrapped records.
func (as *assembler) closed(p Page) Page {
	if len(p.Body) > 0 && as.w.st.parent.batch == 1 && p.Body[len(p.Body)-1] != ']' {
		p.Body = append(p.Body, ']')
	}
	return p
}
