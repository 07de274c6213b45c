package extract

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/go-faster/jx"
)

// dictionaries holds the shared dictionaries of a source: read whole, once for
// each opened source, when a stream that needs one is read.
type dictionaries struct {
	src     *Source
	mu      sync.Mutex
	entries map[string]map[string]string
	reading map[string]*sync.Mutex
}

func newDictionaries(s *Source) *dictionaries {
	return &dictionaries{src: s, entries: map[string]map[string]string{}, reading: map[string]*sync.Mutex{}}
}

func (d *dictionaries) store(name string, entries map[string]string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.entries[name] = entries
}

func (d *dictionaries) have(name string) (map[string]string, bool, *sync.Mutex) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reading[name] == nil {
		d.reading[name] = &sync.Mutex{}
	}
	e, ok := d.entries[name]
	return e, ok, d.reading[name]
}

// get returns a dictionary, reading its stream if that was not done yet. Two
// callers do not read it twice.
func (d *dictionaries) get(ctx context.Context, name string) (map[string]string, error) {
	e, ok, reading := d.have(name)
	if ok {
		return e, nil
	}
	reading.Lock()
	defer reading.Unlock()
	if e, ok, _ = d.have(name); ok {
		return e, nil
	}
	for _, st := range d.src.streams {
		if st.dict == nil || st.dict.name != name {
			continue
		}
		c := newCollector(st.dict)
		for p, err := range d.src.reader.pages(ctx, st, cursorState{}) {
			if err == nil {
				err = c.add(p, d.src.settings)
			}
			if err != nil {
				return nil, d.src.wrap(st.name, err)
			}
		}
		d.store(name, c.entries)
		return c.entries, nil
	}
	return nil, &Error{Err: fmt.Errorf("no stream of this source has the dictionary %q", name)}
}

// collector makes a dictionary of the records of a stream.
type collector struct {
	dict    *dictDecl
	entries map[string]string
}

func newCollector(d *dictDecl) *collector {
	return &collector{dict: d, entries: map[string]string{}}
}

// add takes the records of a page. Records without key or value have no entry.
func (c *collector) add(p Page, settings settingValues) error {
	if p.Count == 0 {
		return nil
	}
	key, path := splitPath(c.dict.key), splitPath(c.dict.path)
	return eachRecord(p.Body, p.Records, func(raw jx.Raw) error {
		k := valueAt(raw, key)
		if k == "" {
			return nil
		}
		v := ""
		if c.dict.value == nil {
			v = valueAt(raw, path)
		} else {
			record, err := decoded(raw)
			if err != nil {
				return err
			}
			data := settings.data()
			data["record"] = record
			if v, err = c.dict.value.render(data); err != nil {
				return err
			}
		}
		if v != "" {
			c.entries[k] = v
		}
		return nil
	})
}

// pageLookups asks the dictionaries that belong to one page.
func (w *walker) pageLookups(ctx context.Context, p Page) (map[string]map[string]string, error) {
	if len(w.st.pageLookups) == 0 || p.Count == 0 {
		return nil, nil
	}
	out := map[string]map[string]string{}
	for i := range w.st.pageLookups {
		l := &w.st.pageLookups[i]
		if err := w.pageLookup(ctx, p, l, out); err != nil {
			return nil, while("asking the page lookup "+l.name, err)
		}
	}
	return out, nil
}

// pageLookup asks for the entries of one dictionary, or of several that one
// request gives.
func (w *walker) pageLookup(ctx context.Context, p Page, l *pageLookup, out map[string]map[string]string) error {
	ids, err := w.idsOf(p, l)
	if err != nil {
		return err
	}
	var prefer map[string]string
	if l.prefer != "" {
		if prefer, err = w.r.src.dicts.get(ctx, l.prefer); err != nil {
			return err
		}
	}
	paths := map[string][]string{l.name: splitPath(l.value)}
	if l.values != nil {
		paths = map[string][]string{}
		for name, path := range l.values {
			paths[l.name+"."+name] = splitPath(path)
		}
	}
	for name := range paths {
		out[name] = make(map[string]string, len(ids))
	}
	data, err := w.data(&w.pager)
	if err != nil {
		return err
	}
	key := splitPath(l.key)
	for batch := range slices.Chunk(ids, l.batch) {
		data["ids"] = batch
		err := w.lookUp(ctx, data, l, func(raw jx.Raw) {
			k := valueAt(raw, key)
			for name, path := range paths {
				if found := valuesAt(raw, path); k != "" && len(found) > 0 && out[name][k] == "" {
					out[name][k] = preferred(found, prefer)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// lookUp asks for one batch. Its answer counts as memory of the read like those of pages.
func (w *walker) lookUp(ctx context.Context, data map[string]any, l *pageLookup, f func(raw jx.Raw)) error {
	held, err := w.m.take(ctx, w.lane)
	if err != nil {
		return err
	}
	defer held.end()
	a, err := w.r.client.do(ctx, l.request, data, l.records)
	if err != nil {
		return err
	}
	defer a.free()
	for _, raw := range a.scan.records {
		f(raw)
	}
	return nil
}

// preferred is the first of the values that has an entry in the dictionary, or else the first.
func preferred(values []string, dict map[string]string) string {
	for _, v := range values {
		if _, ok := dict[v]; ok {
			return v
		}
	}
	return values[0]
}

// idsOf lists the values that a page lookup asks for, each once, in their order.
func (w *walker) idsOf(p Page, l *pageLookup) ([]string, error) {
	path := w.path(l.ids)
	var ids []string
	seen := map[string]bool{}
	err := eachRecord(p.Body, p.Records, func(raw jx.Raw) error {
		for field, allowed := range l.when {
			if !slices.Contains(allowed, valueAt(raw, w.path(field))) {
				return nil
			}
		}
		for _, id := range valuesAt(raw, path) {
			if id != "" && !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
		return nil
	})
	return ids, err
}
