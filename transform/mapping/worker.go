package mapping

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-faster/jx"
)

// worker holds the buffers that one call of Map needs; they are reused.
type worker struct {
	m       *Mapper
	tables  []*tableBuilder
	zone    zone
	escaped jx.Decoder // decodes strings with escapes
	levels  [maxLevels]elementState
	vars    []operand // of `let`
	fault   *failure  // of an expression, until failed takes it

	// of the page
	valid       bool // the whole page is valid UTF-8
	lookups     map[string]map[string]string
	columns     []string
	columnSlots [][]int
	records     string
	path        []string

	// of the record
	slots   []value
	rest    []pairOf
	restAt  map[string]int
	arena   []byte // decoded and built texts
	digits  []byte
	rows    []row
	cells   []cell
	customs []pairOf

	caches  []keyCache     // by node of the record
	byEmit  [][][]keyCache // by emit, level and node of its elements
	indexes []byte         // texts of element numbers
}

// row is a converted row that waits for its record to succeed.
type row struct {
	emit       *emit
	cells      int // first of its cells
	customFrom int
	customTo   int
	deleted    bool
}

type pairOf struct {
	key string
	v   value
}

func newWorker(m *Mapper) *worker {
	w := &worker{m: m, zone: zone{loc: m.location()}, slots: make([]value, len(m.paths.paths)),
		restAt: map[string]int{}, caches: make([]keyCache, m.paths.nodes)}
	for _, e := range m.emits {
		caches := make([][]keyCache, len(e.levels))
		for i, l := range e.levels {
			caches[i] = make([]keyCache, l.set.nodes)
			w.levels[i].slots = slices.Grow(w.levels[i].slots, len(l.set.paths))[:max(len(w.levels[i].slots), len(l.set.paths))]
		}
		w.byEmit = append(w.byEmit, caches)
	}
	for _, t := range m.tables {
		w.tables = append(w.tables, newTableBuilder(m, t))
	}
	return w
}

// mapPage maps one page.
func (w *worker) mapPage(in Input) (Output, error) {
	if err := w.prepare(in); err != nil {
		return Output{}, err
	}
	out, rejected, done := w.mapFast(in)
	var err error
	if !done {
		w.discard()
		out, rejected, err = w.mapAny(in)
	}
	w.forget()
	if err != nil {
		w.discard()
		return Output{}, err
	}
	if err := attachRaw(in.Body, w.path, rejected, out.Rejected); err != nil {
		w.discard()
		return Output{}, err
	}
	for _, t := range w.tables {
		if b, ok := t.finish(in); ok {
			out.Batches = append(out.Batches, b)
		}
	}
	return out, nil
}

// mapAny maps a page of any shape.
func (w *worker) mapAny(in Input) (out Output, rejected []int, err error) {
	err = eachRecord(in.Body, w.path, func(d *jx.Decoder) error {
		position := out.Read
		fault, err := w.readRecord(d)
		if err != nil {
			return fmt.Errorf("record %d: %w", in.First+int64(position), err)
		}
		if fault == nil {
			fault, err = w.mapRecord()
		}
		if err != nil {
			return err
		}
		if w.count(&out, fault, in.First) {
			rejected = append(rejected, position)
		}
		return nil
	})
	return out, rejected, err
}

// count counts a record that was read, commits its rows, and says whether it was
// rejected.
func (w *worker) count(out *Output, fault *failure, first int64) (rejected bool) {
	position := out.Read
	out.Read++
	switch {
	case fault != nil:
		out.Rejected = append(out.Rejected, w.reject(fault, first+int64(position)))
		return true
	case len(w.rows) == 0:
		out.Filtered++
	default:
		out.Mapped++
		w.commit()
	}
	return false
}

// forget drops what points into the page, so that an idle worker does not keep
// it alive.
func (w *worker) forget() {
	w.lookups = nil
	clear(w.slots)
	for i := range w.levels {
		clear(w.levels[i].slots)
		w.levels[i].d.ResetBytes(nil)
	}
	clear(w.cells[:cap(w.cells)])
	clear(w.vars)
	clear(w.rest[:cap(w.rest)])
	clear(w.customs[:cap(w.customs)])
	clear(w.restAt)
	w.escaped.ResetBytes(nil)
	if cap(w.arena) > 1<<20 {
		w.arena = nil
	}
}

// prepare adapts the worker to the page: its header, its path to records.
func (w *worker) prepare(in Input) error {
	w.lookups, w.valid = in.Lookups, utf8.Valid(in.Body)
	if in.Records != w.records {
		path, err := splitPath(in.Records)
		if err != nil {
			return fmt.Errorf("records of the stream: %w", err)
		}
		w.records, w.path = in.Records, path
	}
	if in.Records == "" {
		w.path = nil
	}
	if in.Columns == nil {
		w.columns = nil
		return nil
	}
	if w.columns == nil || !slices.Equal(w.columns, in.Columns) {
		slots, _, err := w.m.paths.columnSlots(in.Columns)
		if err != nil {
			w.columns = nil
			return err
		}
		w.columns, w.columnSlots = append([]string{}, in.Columns...), slots
	}
	return nil
}

// mapRecord converts the record in the slots into rows. No row of it is
// appended to a batch before all have succeeded.
func (w *worker) mapRecord() (*failure, error) {
	w.rows, w.cells, w.customs, w.indexes = w.rows[:0], w.cells[:0], w.customs[:0], w.indexes[:0]
	for _, skip := range w.m.skip {
		holds := skip.holds(w)
		if fault := w.failed(nil); fault != nil || holds {
			return fault, nil
		}
	}
	for _, e := range w.m.emits {
		var fault *failure
		var err error
		if len(e.levels) > 0 {
			fault, err = w.explode(e, 0)
		} else {
			fault = w.row(e)
		}
		if fault != nil || err != nil {
			return fault, err
		}
	}
	return nil, nil
}

// row converts one row of an emit if its condition holds.
func (w *worker) row(e *emit) *failure {
	if e.when != nil && !e.when.holds(w) {
		return w.failed(e)
	}
	r := row{emit: e, cells: len(w.cells), customFrom: len(w.customs)}
	r.deleted = e.deleted || e.deleteWhen != nil && e.deleteWhen.holds(w)
	if fault := w.failed(e); fault != nil {
		return fault
	}
	w.cells = slices.Grow(w.cells, len(e.fields))[:r.cells+len(e.fields)]
	for i := range e.fields {
		if e.fields[i].direct && w.direct(&e.fields[i], &w.cells[r.cells+i]) {
			continue
		}
		if fault := w.convert(&e.fields[i], r.deleted, &w.cells[r.cells+i]); fault != nil {
			fault.emit = e
			return fault
		}
	}
	for _, c := range e.custom {
		if c.field != nil {
			var made cell
			if fault := w.convert(c.field, r.deleted, &made); fault != nil {
				fault.emit = e
				return fault
			}
			if made.set {
				w.customs = append(w.customs, pairOf{c.key, value{kindText, made.b}})
			}
			continue
		}
		if v := *w.value(c.at); !w.blank(v) {
			w.customs = append(w.customs, pairOf{c.key, v})
		}
	}
	if e.customRest {
		for _, p := range w.rest {
			if !w.blank(p.v) {
				w.customs = append(w.customs, p)
			}
		}
	}
	r.customTo = len(w.customs)
	w.rows = append(w.rows, r)
	return nil
}

// failed takes the failure of an expression in a condition, if there was one.
func (w *worker) failed(e *emit) *failure {
	fault := w.fault
	if fault != nil {
		w.fault, fault.emit = nil, e
	}
	return fault
}

// keepRest keeps an unmapped field; of a key that comes twice the last wins.
func (w *worker) keepRest(key string, v value) {
	if len(w.rest) == 0 {
		clear(w.restAt)
	}
	if at, ok := w.restAt[key]; ok {
		w.rest[at].v = v
		return
	}
	w.restAt[key] = len(w.rest)
	w.rest = append(w.rest, pairOf{key, v})
}

// commit appends the rows of the record.
func (w *worker) commit() {
	for i := range w.rows {
		r := &w.rows[i]
		w.tables[r.emit.table.index].append(r, w.cells[r.cells:], w.customs[r.customFrom:r.customTo])
	}
}

// discard drops the rows of a page that failed.
func (w *worker) discard() {
	for _, t := range w.tables {
		t.discard()
	}
}

// reject describes a failed record.
func (w *worker) reject(f *failure, record int64) Reject {
	r := Reject{Source: w.m.options.Source, Stream: w.m.stream, Record: record, Field: f.field, Found: f.found,
		Expected: f.expected, Reason: f.reason, Hint: f.hint}
	if f.emit != nil {
		r.Table = f.emit.table.table.Name
		r.Key = w.key(f.emit)
	}
	return r
}

// key shows the key of the row that failed, as far as it can be read.
func (w *worker) key(e *emit) string {
	var parts []string
	for _, name := range e.table.table.Key {
		for i := range e.fields {
			f := &e.fields[i]
			if f.name != name {
				continue
			}
			if f.constant != nil {
				parts = append(parts, string(f.constant.b))
				continue
			}
			if v := w.pick(f); w.failed(e) == nil && v.kind < kindObject && !w.blank(v) {
				parts = append(parts, string(v.trimmed()))
			}
		}
	}
	return strings.Join(parts, "/")
}

// attachRaw reads the page again for the text of the rejected records, so that
// pages without rejects do not pay for it.
func attachRaw(body []byte, path []string, positions []int, rejects []Reject) error {
	if len(positions) == 0 {
		return nil
	}
	position, next := 0, 0
	return eachRecord(body, path, func(d *jx.Decoder) error {
		d.Next()
		raw, err := d.Raw()
		if err == nil && next < len(positions) && positions[next] == position {
			rejects[next].Raw = append([]byte{}, raw...)
			next++
		}
		position++
		return broken(err)
	})
}
