package extract

import "strings"

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
