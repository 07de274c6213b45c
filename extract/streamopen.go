package extract

import (
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// open merges the defaults into a stream and fills in the settings. keep is
// false where only_if says that this source does not have the stream.
func (st *streamDecl) open(s *Source) (spec *streamSpec, keep bool, err error) {
	c, data := s.connector, s.settings.data()
	if keep, err := on(st.onlyIf, data); err != nil || !keep {
		return nil, false, err
	}
	spec = &streamSpec{name: st.name, title: st.title, pass: passChanged, lookups: st.lookups, slices: st.slices,
		count: st.count, check: st.check, replace: st.replace, sweep: st.sweep}
	if spec.count == nil {
		spec.count = c.defaults.count
	}
	if spec.check == nil {
		spec.check = c.defaults.check
	}
	if st.dict != nil {
		d := *st.dict
		d.name = st.dictName()
		spec.dict = &d
	}
	atOnce := st.atOnce
	if atOnce == nil {
		atOnce = c.defaults.atOnce
	}
	if spec.slicesOnce, err = atOnce.number(data, "concurrency", 1); err != nil {
		return nil, false, err
	}
	if spec.group, err = st.group.open(s, data); err != nil {
		return nil, false, err
	}
	if spec.inc, err = st.openIncremental(s, data); err != nil {
		return nil, false, err
	}
	if c.ownPaging(st) {
		spec.inc = nil // the default cursor belongs to the default way of paging
	}
	if err := spec.openReading(s, data, &c.defaults, st); err != nil {
		return nil, false, err
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
	return spec, true, spec.openPasses(st, s, data)
}

// on says whether a condition over the settings holds; none always does.
func on(onlyIf *tmpl, data map[string]any) (bool, error) {
	if onlyIf == nil {
		return true, nil
	}
	text, err := onlyIf.render(data)
	text = strings.TrimSpace(text)
	return text != "" && text != "false", err
}

// openReading takes over what to ask, the later declaration before the earlier.
func (spec *streamSpec) openReading(s *Source, data map[string]any, chain ...*streamDecl) error {
	spec.request = requestDecl{method: "GET"}
	paging := pagingDecl{kind: "none", maxPages: 1}
	var vars []*yaml.Node
	var fields fieldsDecl
	var window *windowDecl
	for _, d := range chain {
		if d.request != nil {
			spec.request = *d.request
		}
		if d.records != nil {
			spec.records = *d.records
		}
		if d.columns != nil {
			spec.columns = d.columns
		}
		if d.paging != nil {
			paging = *d.paging
		}
		if d.window != nil {
			window = d.window
		}
		if d.fields != nil && d.fields.ask != nil {
			fields.ask = d.fields.ask
		}
		if d.fields != nil && d.fields.probe != nil {
			fields.probe = d.fields.probe
		}
		vars = append(vars, d.vars)
	}
	var err error
	if spec.vars, err = s.connector.openVars(vars, data); err != nil {
		return err
	}
	if spec.paging = paging; paging.sizeText != nil || paging.kind != "none" {
		if spec.paging.size, err = paging.sizeText.number(data, "paging.size", 100); err != nil {
			return err
		}
	}
	if spec.pagesAtOnce, err = paging.atOnce.number(data, "paging.concurrency", spec.slicesOnce); err != nil {
		return err
	}
	spec.asColumns = len(spec.columns) == 1 && spec.columns[0] == "fields"
	if spec.fields, err = s.connector.openFields(fields, data); err != nil {
		return err
	}
	if spec.window = nil; window != nil && spec.request.names("window") {
		spec.window, err = window.open(s, data, spec.slicesOnce)
	}
	return err
}

// openPasses makes the specs of the further reads of a stream.
func (spec *streamSpec) openPasses(st *streamDecl, s *Source, data map[string]any) error {
	c := s.connector
	for _, p := range st.passes {
		chain := c.passChain(p)
		keep := true
		pass := passSpec{name: p.name, kind: passKind(chain), sweep: true}
		decls := []*streamDecl{&c.defaults, st}
		for _, d := range chain {
			ok, err := on(d.onlyIf, data)
			if err != nil {
				return err
			}
			if keep = keep && ok; d.every != nil {
				if pass.every, err = d.every.span(data, "every"); err != nil {
					return err
				}
			}
			pass.sweep = pass.sweep && d.sweep
			decls = append(decls, &d.streamDecl)
		}
		if !keep {
			continue
		}
		own := *spec
		own.passes, own.pass, own.keys, own.parent = nil, p.name, pass.kind == "keys", nil
		if own.keys {
			own.replace, own.pageLookups, pass.sweep = nil, nil, true
			mapping, err := c.expand(chainEmit(chain), data)
			if err != nil {
				return err
			}
			own.keysMapping, spec.keysMapping = mapping, mapping
		}
		if pass.kind == "open" {
			pass.sweep = false
		}
		if err := own.openReading(s, data, decls...); err != nil {
			return err
		}
		pass.spec = &own
		spec.passes = append(spec.passes, pass)
	}
	return nil
}

func (c *Connector) openVars(nodes []*yaml.Node, data map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for _, n := range nodes {
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

// openParent finds the stream whose records a stream is asked for, once all are open.
func (spec *streamSpec) openParent(st *streamDecl, s *Source) error {
	if st.parent == nil {
		return nil
	}
	p := &parentSpec{parentDecl: *st.parent}
	for _, other := range s.streams {
		if other.name == p.stream {
			p.spec = other
		}
	}
	if p.spec == nil {
		return &Error{Stream: st.name, Field: "parent", Found: p.stream, Expected: "a stream that this source has",
			Hint: "The settings switch the parent off: switch this stream off by the same only_if"}
	}
	if p.passes == nil {
		p.passes = []string{passChanged, "open"}
	}
	var err error
	if p.parentDecl.when != nil {
		if p.when, err = condition(p.parentDecl.when); err != nil {
			return err
		}
	}
	data := s.settings.data()
	inFlight, err := wholeNumber("concurrency", s.connector.http.concurrency, data, defaultConcurrency)
	if err != nil {
		return err
	}
	if spec.request.empty == nil { // that a list is empty may be a 404, that a parent is gone too: they are kept apart
		empty := s.connector.http.empty
		empty.status = slices.DeleteFunc(slices.Clone(empty.status), func(status int) bool { return status == http.StatusNotFound })
		spec.request.empty = &empty
	}
	p.atOnce, err = p.parentDecl.atOnce.number(data, "parent.concurrency", inFlight)
	spec.parent = p
	return err
}

// continues says whether the stream has a place from which the next run goes on.
func (spec *streamSpec) continues() bool {
	if spec.parent != nil {
		return spec.parent.spec.continues()
	}
	return spec.inc != nil || spec.window != nil || spec.sql.inc != nil
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
