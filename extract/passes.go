package extract

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"
)

// reading is one read of a stream: what changed, then the passes that are due.
// Units read ahead from start, the state as it was; saved grows as pages are
// handed on, and is what their State says.
type reading struct {
	r     *restReader
	st    *streamSpec
	m     *memory
	start cursorState
	saved cursorState
	last  string // saved as it was written last
	// numbers of the pages handed on
	first    int64
	ordinals map[string]int // by slice
	slice    string         // of the last page
}

func newReading(r *restReader, st *streamSpec, state cursorState) *reading {
	rd := &reading{r: r, st: st, m: newMemory(r.client.decl.prefetch), start: state.clone(), saved: state.clone(), first: 1, ordinals: map[string]int{}}
	if text, err := rd.saved.marshal(); err == nil {
		rd.last = string(text)
	}
	return rd
}

// pages yields the pages of all passes, numbered, each with the state to save.
func (rd *reading) pages(ctx context.Context) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for p, err := range rd.m.inOrder(ctx, nil, 1, rd.passes) {
			if err == nil {
				err = rd.number(&p)
			}
			if err != nil {
				yield(Page{}, onPage(err, rd.ordinals[rd.slice]+1))
				return
			}
			if p.Count == 0 && p.State == nil && p.Replace == nil && p.Sweep == nil {
				p.release()
				continue
			}
			ok := yield(p, nil)
			if p.release(); !ok {
				return
			}
		}
	}
}

// number gives a page its ordinal, its first record and its state.
func (rd *reading) number(p *Page) error {
	p.Source, p.Stream, p.First = rd.r.src.name, rd.st.name, rd.first
	if p.FetchedAt.IsZero() {
		p.FetchedAt = rd.r.src.opts.Now().UTC()
	}
	if p.mark != nil {
		p.mark(&rd.saved)
		text, err := rd.saved.marshal()
		if err != nil {
			return err
		}
		if p.Count > 0 || string(text) != rd.last {
			p.State, rd.last = text, string(text)
		}
	}
	if p.Count > 0 || p.State != nil || p.Replace != nil || p.Sweep != nil {
		rd.slice = p.Slice
		rd.ordinals[p.Slice]++
		p.Ordinal = rd.ordinals[p.Slice]
	}
	rd.first += int64(p.Count)
	return nil
}

// pass is one way through the stream in this read.
type pass struct {
	name  string
	kind  string
	spec  *streamSpec // what is asked
	child *streamSpec // not nil: what is asked for each record of spec
	sweep bool
}

// passes are the reads to be done: what changed, then what is due.
func (rd *reading) passes(context.Context, *lane) iter.Seq2[unit, error] {
	return func(yield func(unit, error) bool) {
		for _, p := range rd.due() {
			if !yield(rd.run(p), nil) {
				return
			}
		}
	}
}

// due lists the passes of this read. A pass that the state does not know yet is
// due its time after the next read of what changed: that one reads more than it.
func (rd *reading) due() []pass {
	out := []pass{rd.normal()}
	now := rd.r.src.opts.Now()
	add := func(p passSpec, made pass) {
		if last, ok := rd.start.Passes[p.name]; ok && now.Sub(last) >= p.every {
			out = append(out, made)
		}
	}
	for _, p := range rd.st.passes {
		add(p, pass{name: p.name, kind: p.kind, spec: p.spec, sweep: p.sweep})
	}
	for _, p := range rd.followed() {
		// Children of parents that were left out were not met, and are no deletions.
		all := rd.st.parent.when == nil && rd.st.parent.missing != "unknown"
		add(p, pass{name: p.name, kind: p.kind, spec: p.spec, child: rd.st, sweep: p.sweep && all})
	}
	return out
}

// followed lists the passes of the parent stream that its children go along with.
func (rd *reading) followed() []passSpec {
	if rd.st.parent == nil {
		return nil
	}
	var out []passSpec
	for _, p := range rd.st.parent.spec.passes {
		own := slices.ContainsFunc(rd.st.passes, func(o passSpec) bool { return o.name == p.name })
		if !own && slices.Contains(rd.st.parent.passes, p.name) && p.kind != "keys" {
			out = append(out, p)
		}
	}
	return out
}

func (rd *reading) normal() pass {
	p := pass{name: passChanged, kind: passChanged, spec: rd.st, sweep: rd.st.sweep}
	if rd.st.parent != nil {
		p.spec, p.child = rd.st.parent.spec, rd.st
	}
	return p
}

// run reads one pass to its end, and says so on a last page without records.
func (rd *reading) run(ps pass) unit {
	return func(ctx context.Context, l *lane) iter.Seq2[Page, error] {
		return func(yield func(Page, error) bool) {
			began := rd.r.src.opts.Now().UTC()
			pages := rd.flat(ctx, l, ps.spec, ps.name)
			if ps.child != nil {
				pages = rd.children(ctx, l, ps)
			}
			var last *Page // without records: what it marks may go along with the end
			for p, err := range pages {
				if last != nil && !yield(*last, nil) {
					return
				}
				last = nil
				if p.Pass, p.Keys = ps.name, ps.spec.keys; err == nil && p.Count == 0 && p.Replace == nil {
					last = &p
					continue
				}
				if !yield(p, err) || err != nil {
					return
				}
			}
			end := Page{Pass: ps.name, Keys: ps.spec.keys, mark: rd.completed(ps, began)}
			if last != nil {
				end.Slice, end.mark = last.Slice, both(last.mark, end.mark)
			}
			if ps.sweep {
				end.Sweep = &Sweep{Pass: ps.name, Keys: ps.spec.keys, Began: began}
			}
			yield(end, nil)
		}
	}
}

// both is what two marks say, in order; nil where neither says anything.
func both(a, b func(*cursorState)) func(*cursorState) {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	return func(s *cursorState) { a(s); b(s) }
}

// completed notes that a pass was read to its end; nil where nothing depends on it.
func (rd *reading) completed(ps pass, began time.Time) func(*cursorState) {
	if ps.name != passChanged {
		return func(s *cursorState) { s.Passes[ps.name] = began }
	}
	known := append(slices.Clone(rd.st.passes), rd.followed()...)
	if len(known) == 0 {
		return nil
	}
	return func(s *cursorState) {
		for _, p := range known {
			if _, ok := s.Passes[p.name]; !ok {
				s.Passes[p.name] = began
			}
		}
		maps.DeleteFunc(s.Passes, func(name string, _ time.Time) bool { // passes that the connector no longer has
			return !slices.ContainsFunc(known, func(p passSpec) bool { return p.name == name })
		})
	}
}

// flat reads the slices and windows of a spec, each with a pager of its own.
func (rd *reading) flat(ctx context.Context, l *lane, spec *streamSpec, name string) iter.Seq2[Page, error] {
	n := spec.slicesOnce
	if spec.window != nil {
		n = spec.window.atOnce
	}
	return rd.m.inOrder(ctx, l, n, func(ctx context.Context, _ *lane) iter.Seq2[unit, error] {
		return func(yield func(unit, error) bool) {
			slices := spec.slices
			if len(slices) == 0 {
				slices = []map[string]string{{}}
			}
			for _, slice := range slices {
				w := walker{r: rd.r, st: spec, slice: slice, pass: name, start: &rd.start, m: rd.m}
				if spec.window == nil {
					if !yield(w.unit(), nil) {
						return
					}
					continue
				}
				for _, span := range spec.window.spans(rd.start, slice["name"], name == passChanged, rd.r.src.opts.Now()) {
					windowed := w
					windowed.span = &span
					if !yield(windowed.unit(), nil) {
						return
					}
				}
			}
		}
	})
}
