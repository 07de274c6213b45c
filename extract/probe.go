package extract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/go-faster/jx"
)

// fieldSpec is what to ask for and how to learn what there is.
type fieldSpec struct {
	ask      []string        // names, in order
	optional map[string]bool // those that may be missing
	probe    *probeDecl      // nil: all are asked
}

// openFields fills in the fields to ask for. A setting that is a list is spliced in.
func (c *Connector) openFields(d fieldsDecl, data map[string]any) (*fieldSpec, error) {
	if d.ask == nil {
		return nil, nil
	}
	n, err := c.expand(d.ask, data)
	if err != nil || n == nil {
		return nil, err
	}
	var names []string
	if err := asList(&names)(n); err != nil {
		return nil, locate(d.ask, "fields.ask", err)
	}
	f := &fieldSpec{optional: map[string]bool{}, probe: d.probe}
	seen := map[string]bool{}
	for _, name := range names {
		name, optional := strings.CutSuffix(name, "?")
		if name == "" || seen[name] {
			continue
		}
		seen[name], f.optional[name] = true, optional
		f.ask = append(f.ask, name)
	}
	return f, nil
}

// foundFields is what a probe found out, once for each opened source.
type foundFields struct {
	mu      sync.Mutex
	done    bool
	there   []string // fields to ask for
	missing []string // optional fields that are not there
}

// findFields fills in which fields and columns the requests of a walker ask for.
func (w *walker) findFields(ctx context.Context) error {
	w.columns = w.st.columns
	if w.st.fields == nil {
		return nil
	}
	found, err := w.r.found(ctx, w)
	if err != nil {
		return err
	}
	if w.fields = found.there; w.st.asColumns {
		w.columns = found.there
	}
	return nil
}

// found asks which fields there are, unless that is known already. Two walkers do not ask twice.
func (r *restReader) found(ctx context.Context, w *walker) (*foundFields, error) {
	spec := w.st.fields
	r.mu.Lock()
	f := r.fields[spec]
	if f == nil {
		f = &foundFields{}
		r.fields[spec] = f
	}
	r.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done {
		return f, nil
	}
	if spec.probe == nil {
		f.there, f.done = spec.ask, true
		return f, nil
	}
	names, err := r.probeFields(ctx, w)
	if err != nil {
		return nil, err
	}
	var required []string
	f.there, f.missing = nil, nil
	for _, name := range spec.ask {
		first, _, _ := strings.Cut(name, ".")
		switch {
		case slices.Contains(names, name), slices.Contains(names, first):
			f.there = append(f.there, name)
		case spec.optional[name]:
			f.missing = append(f.missing, name)
		default:
			required = append(required, name)
		}
	}
	if len(required) > 0 {
		return nil, &Error{Field: strings.Join(required, ", "), Err: errNoField,
			Hint: "Another version of the system, or the user may not read them: check the user's rights, or take the fields out of the connector"}
	}
	f.done = true
	return f, nil
}

var errNoField = errors.New("the source does not have these fields, or does not show them to this user")

func (r *restReader) probeFields(ctx context.Context, w *walker) ([]string, error) {
	probe := w.st.fields.probe
	p := newPager(w.st.paging, nil, "")
	data, err := w.data(&p)
	if err != nil {
		return nil, err
	}
	a, err := r.client.do(ctx, &probe.request, data, anyBody)
	if err != nil {
		return nil, while("asking which fields there are", err)
	}
	defer a.free()
	names, err := namesAt(a.body, probe.names)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, &Error{Field: probe.names, Found: excerpt(a.body), Expected: "the names of fields", Hint: "Check fields.probe in the connector"}
	}
	return names, nil
}

// keysOf ends a path that leads to the keys of an object.
const keysOf = "~key"

// namesAt lists the texts at a path, or the keys of the objects there.
func namesAt(body []byte, path string) ([]string, error) {
	rest, keys := strings.CutSuffix(path, keysOf)
	if !keys {
		return valuesAt(body, splitPath(path)), nil
	}
	var names []string
	for _, object := range valuesAt(body, splitPath(strings.TrimSuffix(rest, "."))) {
		d := jx.DecodeStr(object)
		if d.Next() != jx.Object {
			continue
		}
		err := d.Obj(func(d *jx.Decoder, key string) error {
			names = append(names, key)
			return d.Skip()
		})
		if err != nil {
			return nil, fmt.Errorf("read the names of fields: %w", err)
		}
	}
	return names, nil
}
