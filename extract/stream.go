package extract

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// streamSpec is a stream ready to be read: defaults merged, settings filled in.
type streamSpec struct {
	name, title string
	request     requestDecl
	records     string
	paging      pagingDecl
	inc         *incremental
	dict        *dictDecl
	lookups     []string
	pageLookups []pageLookup
	slices      []map[string]string
	vars        map[string]any
	count       *countDecl
	mapping     *yaml.Node
	file        fileDecl
}

// pageLookup is a page dictionary with its condition filled in.
type pageLookup struct {
	pageLookupDecl
	when map[string][]string // field → texts of which it must be one
}

// incremental is how a stream continues: where its cursor stands in a record,
// how it is written, and how far back a new run goes.
type incremental struct {
	field   string
	format  cursorFormat
	request cursorFormat
	start   string
	overlap time.Duration
}

// cursorState is the saved cursor of a stream.
type cursorState struct {
	// Cursors holds the highest cursor value whose data is safe, by slice, as the source writes it.
	Cursors map[string]string `json:"cursors,omitempty"`
	// Files holds the files that were read whole, by path.
	Files map[string]fileState `json:"files,omitempty"`
}

// checkStream reports what a stream lacks once the defaults are merged in.
func (c *Connector) checkStream(st *streamDecl, all []streamDecl) error {
	if c.kind == kindFiles {
		return nil
	}
	var errs []error
	fail := func(format string, args ...any) {
		errs = append(errs, &lineError{st.line, fmt.Sprintf("stream "+st.name+": "+format, args...)})
	}
	if st.request == nil && c.defaults.request == nil {
		fail(`needs the key "request"`)
	}
	if st.emit == nil && st.dict == nil {
		fail(`needs the key "emit", or "dictionary" if it only feeds lookups`)
	}
	inc, err := c.mergeIncremental(st)
	if err != nil {
		errs = append(errs, err)
	}
	if p := st.paging; p == nil {
		st.paging = c.defaults.paging
	}
	if p := st.paging; p != nil {
		switch {
		case p.kind == "keyset" && inc == nil:
			fail(`paging of type keyset needs "incremental" with the field it is ordered by`)
		case (p.kind == "cursor" || p.kind == "next") && p.path == "":
			fail(`paging of type %s needs the key "path"`, p.kind)
		case p.cap > 0 && inc == nil:
			fail(`paging with a cap needs "incremental" with the field by which it slides on`)
		}
	}
	var dicts []string
	for _, s := range append(append([]streamDecl(nil), all...), c.streams...) {
		if s.dict != nil {
			dicts = append(dicts, s.dictName())
		}
	}
	for _, name := range st.lookups {
		if !contains(dicts, name) {
			fail("lookups names %q, but no stream has that dictionary%s", name, oneOf(name, dicts))
		}
	}
	for _, p := range st.pageLookups {
		if p.prefer != "" && !contains(st.lookups, p.prefer) {
			fail("page lookup %s prefers %q, which is not among the lookups of the stream", p.name, p.prefer)
		}
	}
	return errors.Join(errs...)
}

func (st *streamDecl) dictName() string {
	if st.dict.name != "" {
		return st.dict.name
	}
	return st.name
}

// mergeIncremental reads the incremental section of the defaults and the stream's own over it.
func (c *Connector) mergeIncremental(st *streamDecl) (*incrementalDecl, error) {
	if st.incNode == nil && c.defaults.incNode == nil {
		return nil, nil
	}
	inc := &incrementalDecl{format: "iso"}
	for _, n := range []*yaml.Node{c.defaults.incNode, st.incNode} {
		if n == nil {
			continue
		}
		if err := c.parseIncremental(n, "stream "+st.name+".incremental", inc); err != nil {
			return nil, err
		}
	}
	if inc.field == "" {
		return nil, &lineError{st.line, "stream " + st.name + `: incremental needs the key "field"`}
	}
	for _, f := range []string{inc.format, inc.requestFormat} {
		if _, err := newCursorFormat(f, time.UTC); err != nil {
			return nil, &lineError{st.line, fmt.Sprintf("stream %s: incremental: %v", st.name, err)}
		}
	}
	return inc, nil
}

// open merges the defaults into a stream and fills in the settings. keep is
// false where only_if says that this source does not have the stream.
func (st *streamDecl) open(s *Source) (spec *streamSpec, keep bool, err error) {
	c, data := s.connector, s.settings.data()
	if st.onlyIf != nil {
		on, err := st.onlyIf.render(data)
		if err != nil {
			return nil, false, err
		}
		if on = strings.TrimSpace(on); on == "" || on == "false" {
			return nil, false, nil
		}
	}
	spec = &streamSpec{name: st.name, title: st.title, lookups: st.lookups, slices: st.slices, count: st.count}
	spec.request = requestDecl{method: "GET"}
	if d := c.defaults.request; d != nil {
		spec.request = *d
	}
	if st.request != nil {
		spec.request = *st.request
	}
	for _, r := range []*string{c.defaults.records, st.records} {
		if r != nil {
			spec.records = *r
		}
	}
	spec.paging = pagingDecl{kind: "none", maxPages: 1}
	for _, p := range []*pagingDecl{c.defaults.paging, st.paging} {
		if p != nil {
			spec.paging = *p
		}
	}
	if !spec.paging.sizeText.empty() {
		text, err := spec.paging.sizeText.render(data)
		if err != nil {
			return nil, false, err
		}
		if spec.paging.size, err = strconv.Atoi(text); err != nil || spec.paging.size < 1 {
			return nil, false, &Error{Field: "paging.size", Found: text, Expected: "a number of records of at least 1", Err: errSetting}
		}
	}
	if spec.count == nil {
		spec.count = c.defaults.count
	}
	if st.dict != nil {
		d := *st.dict
		d.name = st.dictName()
		spec.dict = &d
	}
	if spec.vars, err = st.openVars(c, data); err != nil {
		return nil, false, err
	}
	if spec.inc, err = st.openIncremental(s, data); err != nil {
		return nil, false, err
	}
	if spec.inc != nil && st.paging != nil && st.paging.kind != "keyset" && st.incNode == nil {
		spec.inc = nil // the default cursor belongs to the default way of paging
	}
	for _, p := range st.pageLookups {
		pl := pageLookup{pageLookupDecl: p}
		if p.when != nil {
			if pl.when, err = condition(p.when); err != nil {
				return nil, false, err
			}
		}
		spec.pageLookups = append(spec.pageLookups, pl)
	}
	if st.emit != nil {
		if spec.mapping, err = c.expand(st.emit, data); err != nil {
			return nil, false, err
		}
	}
	return spec, true, nil
}

func (st *streamDecl) openVars(c *Connector, data map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for _, n := range []*yaml.Node{c.defaults.vars, st.vars} {
		if n == nil {
			continue
		}
		expanded, err := c.expand(n, data)
		if err != nil {
			return nil, err
		}
		if expanded == nil {
			continue
		}
		var vars map[string]any
		if err := expanded.Decode(&vars); err != nil {
			return nil, locate(n, "vars", err)
		}
		for k, v := range vars {
			out[k] = v
		}
	}
	return out, nil
}

func (st *streamDecl) openIncremental(s *Source, data map[string]any) (*incremental, error) {
	d, err := s.connector.mergeIncremental(st)
	if d == nil || err != nil {
		return nil, err
	}
	inc := &incremental{field: d.field, overlap: d.overlap}
	if inc.format, err = newCursorFormat(d.format, s.location); err != nil {
		return nil, err
	}
	if inc.request = inc.format; d.requestFormat != "" {
		if inc.request, err = newCursorFormat(d.requestFormat, s.location); err != nil {
			return nil, err
		}
	}
	if inc.start, err = d.start.render(data); err != nil {
		return nil, err
	}
	if inc.start != "" && !inc.format.opaque() {
		if _, err := inc.format.parse(inc.start); err != nil {
			return nil, &Error{Field: "start", Found: inc.start, Expected: inc.format.String(), Err: errSetting}
		}
	}
	return inc, nil
}

// condition reads {field: value} or {field: [values]}.
func condition(n *yaml.Node) (map[string][]string, error) {
	if n.Kind != yaml.MappingNode {
		return nil, at(n, "when must be a mapping of fields to values")
	}
	out := map[string][]string{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		var values []string
		if err := asList(&values)(deref(n.Content[i+1])); err != nil {
			return nil, locate(n.Content[i], "when", err)
		}
		out[n.Content[i].Value] = values
	}
	return out, nil
}

// since is the cursor value from which a run reads, as the source writes it:
// the saved one less the overlap, or the start of the first read.
func (inc *incremental) since(saved string) (string, error) {
	if saved == "" {
		return inc.start, nil
	}
	if inc.format.opaque() || inc.overlap == 0 {
		return saved, nil
	}
	t, err := inc.format.parse(saved)
	if err != nil {
		return "", &Error{Field: inc.field, Found: fmt.Sprintf("the saved cursor %q", saved), Expected: inc.format.String(),
			Hint: "Read the stream anew from the beginning"}
	}
	return inc.format.format(t.Add(-inc.overlap)), nil
}

// asked writes a cursor value as requests want it.
func (inc *incremental) asked(value string) (string, error) {
	if inc.format == inc.request || value == "" {
		return value, nil
	}
	t, err := inc.format.parse(value)
	if err != nil {
		return "", &Error{Field: inc.field, Found: fmt.Sprintf("%q", value), Expected: inc.format.String()}
	}
	return inc.request.format(t), nil
}

// watermark is the higher of two cursor values, but never later than now: one
// record dated in the future must not hide those that follow.
func (inc *incremental) watermark(saved, last string, now time.Time) string {
	if last == "" {
		return saved
	}
	if inc.format.opaque() {
		return max(saved, last)
	}
	t, err := inc.format.parse(last)
	if err != nil {
		return saved
	}
	if t.After(now) {
		t, last = now, inc.format.format(now)
	}
	if saved != "" {
		if s, err := inc.format.parse(saved); err == nil && !t.After(s) {
			return saved
		}
	}
	return last
}
