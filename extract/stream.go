package extract

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

// passChanged is the normal read of a stream: what changed since the last one.
const passChanged = "changed"

// streamSpec is one way to read a stream, ready to be used: defaults merged,
// settings filled in. The passes of a stream have a spec each.
type streamSpec struct {
	name, title string
	pass        string // passChanged, or the name of another pass
	keys        bool   // the records only say which keys exist
	request     requestDecl
	records     string
	columns     []string // every record is an array in this order
	asColumns   bool     // the columns are the fields that were found
	fields      *fieldSpec
	paging      pagingDecl
	pagesAtOnce int
	inc         *incremental
	window      *windowSpec
	parent      *parentSpec
	group       *groupSpec
	replace     *replaceDecl
	dict        *dictDecl
	lookups     []string
	pageLookups []pageLookup
	slices      []map[string]string
	slicesOnce  int // slices and windows in flight
	vars        map[string]any
	count       *countDecl
	check       *checkDecl
	mapping     *yaml.Node
	keysMapping *yaml.Node
	sweep       bool // the normal read meets everything
	passes      []passSpec
	file        fileDecl
	sql         sqlStream
}

// passSpec is a further read of a stream.
type passSpec struct {
	name, kind string
	every      time.Duration
	sweep      bool
	spec       *streamSpec
}

// parentSpec is the stream whose records this stream is asked for.
type parentSpec struct {
	parentDecl
	spec   *streamSpec
	when   map[string][]string
	atOnce int // parents, or batches of them, in flight
}

// pageLookup is a page dictionary with its condition filled in.
type pageLookup struct {
	pageLookupDecl
	when map[string][]string // field → texts of which it must be one
}

// checkStream reports what a stream lacks once the defaults are merged in.
func (c *Connector) checkStream(st *streamDecl, all []streamDecl) error {
	if c.kind == kindFiles || c.kind == kindSQL {
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
	if st.sweep && (inc != nil && st.dict == nil && !c.ownPaging(st) || st.window != nil || st.parent != nil) {
		fail(`has "sweep", which is for streams that are read whole each time: give it a pass named full or keys`)
	}
	errs = append(errs, c.checkPaging(st, inc), c.checkPasses(st), c.checkWindow(st))
	streams := append(append([]streamDecl(nil), all...), c.streams...)
	errs = append(errs, st.checkParent(streams))
	var dicts []string
	for _, s := range streams {
		if s.dict != nil {
			dicts = append(dicts, s.dictName())
		}
	}
	for _, name := range st.lookups {
		if !slices.Contains(dicts, name) {
			fail("lookups names %q, but no stream has that dictionary%s", name, oneOf(name, dicts))
		}
	}
	for _, p := range st.pageLookups {
		if p.prefer != "" && !slices.Contains(st.lookups, p.prefer) {
			fail("page lookup %s prefers %q, which is not among the lookups of the stream", p.name, p.prefer)
		}
	}
	return errors.Join(errs...)
}

// checkPaging reports what the way of paging of a stream, or of one of its passes, lacks.
func (c *Connector) checkPaging(st *streamDecl, inc *incrementalDecl) error {
	var errs []error
	check := func(p *pagingDecl, line int, what string) {
		fail := func(format string, args ...any) {
			errs = append(errs, &lineError{line, fmt.Sprintf(what+": "+format, args...)})
		}
		switch {
		case p == nil:
		case p.kind == "keyset" && (inc == nil || len(inc.fields) != 1):
			fail(`paging of type keyset needs "incremental" with the field it is ordered by`)
		case p.kind == "id" && p.id == "":
			fail(`paging of type id needs the key "id"`)
		case (p.kind == "cursor" || p.kind == "next" && !p.link) && p.path == "":
			fail(`paging of type %s needs the key "path"`, p.kind)
		case p.cap > 0 && inc == nil:
			fail(`paging with a cap needs "incremental" with the field by which it slides on`)
		}
	}
	p := st.paging
	if p == nil {
		p = c.defaults.paging
	}
	check(p, st.line, "stream "+st.name)
	for _, pass := range st.passes {
		check(pass.paging, pass.line, "stream "+st.name+": pass "+pass.name)
	}
	return errors.Join(errs...)
}

// checkPasses reports what the passes of a stream lack.
func (c *Connector) checkPasses(st *streamDecl) error {
	var errs []error
	seen := map[string]bool{}
	for _, p := range st.passes {
		fail := func(format string, args ...any) {
			errs = append(errs, &lineError{p.line, fmt.Sprintf("stream "+st.name+": pass "+p.name+": "+format, args...)})
		}
		chain := c.passChain(p)
		kind := passKind(chain)
		switch {
		case seen[p.name]:
			fail("stands twice")
		case !slices.Contains(passKinds, kind):
			fail(`needs the key "kind", since its name is none of %v`, passKinds)
		case kind == "keys" && chainEmit(chain) == nil:
			fail(`needs the key "emit" with the identifiers of its records`)
		case kind != "keys" && chainEmit(chain) != nil:
			fail(`has the key "emit", which only passes for keys have: the rows of others are those of the stream`)
		case st.parent != nil && p.request == nil:
			fail(`needs its own "request": the stream's is asked for each parent`)
		}
		seen[p.name] = true
	}
	return errors.Join(errs...)
}

func (c *Connector) checkWindow(st *streamDecl) error {
	if st.window == nil {
		return nil
	}
	r := st.request
	if r == nil {
		r = c.defaults.request
	}
	if r != nil && !r.names("window") {
		return &lineError{st.line, "stream " + st.name + `: has a "window", but its request does not say .window.from or .window.to`}
	}
	if _, err := newCursorFormat(st.window.format, time.UTC); err != nil || st.window.format == "text" {
		return &lineError{st.line, fmt.Sprintf("stream %s: window: format %q is not known", st.name, st.window.format)}
	}
	return nil
}

// checkParent reports what a stream of children lacks.
func (st *streamDecl) checkParent(all []streamDecl) error {
	fail := func(format string, args ...any) error {
		return &lineError{st.line, fmt.Sprintf("stream "+st.name+": "+format, args...)}
	}
	if r := st.replace; r != nil && st.parent == nil && r.path == "" && r.value == nil {
		return fail(`replace without a parent needs the key "value": a path into the records, or a text with placeholders over .record`)
	}
	if st.group != nil && (st.parent == nil || st.parent.batch < 2) {
		return fail(`group needs a "parent" with a batch: else a group's records do not come together`)
	}
	if r := st.replace; r != nil && r.stream != "" && !slices.ContainsFunc(all, func(s streamDecl) bool { return s.name == r.stream }) {
		return fail("replace names the stream %q, which there is not", r.stream)
	}
	if st.parent == nil {
		return nil
	}
	var names []string
	for _, s := range all {
		if s.name != st.parent.stream {
			names = append(names, s.name)
			continue
		}
		if s.parent != nil {
			return fail("its parent %s has a parent itself", s.name)
		}
		for _, pass := range st.parent.passes {
			if pass != passChanged && !slices.ContainsFunc(s.passes, func(p passDecl) bool { return p.name == pass && p.kind != "keys" && p.name != "keys" }) {
				return fail("parent.passes names %q, which is no pass of %s that reads records", pass, s.name)
			}
		}
		return nil
	}
	return fail("parent names the stream %q, which does not exist%s", st.parent.stream, oneOf(st.parent.stream, names))
}

func (st *streamDecl) dictName() string {
	if st.dict.name != "" {
		return st.dict.name
	}
	return st.name
}

// passChain is a pass and, before it, the one of that name in the defaults.
func (c *Connector) passChain(p passDecl) []*passDecl {
	for i := range c.defaults.passes {
		if c.defaults.passes[i].name == p.name {
			return []*passDecl{&c.defaults.passes[i], &p}
		}
	}
	return []*passDecl{&p}
}

func passKind(chain []*passDecl) string {
	kind := chain[0].name
	for _, p := range chain {
		if p.kind != "" {
			kind = p.kind
		}
	}
	return kind
}

func chainEmit(chain []*passDecl) (emit *yaml.Node) {
	for _, p := range chain {
		if p.emit != nil {
			emit = p.emit
		}
	}
	return emit
}
