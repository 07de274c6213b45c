package extract

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-faster/jx"
	"go.yaml.in/yaml/v3"
)

// groupDecl makes one record of all that agree in some fields, such as the lines
// that a ledger cleared with one another: the fields, and the records as a list.
type groupDecl struct {
	by   []string
	as   string
	id   []string // of each record; joined by "-" as its field @id
	when *yaml.Node
}

// groupSpec is a groupDecl with its condition filled in.
type groupSpec struct {
	groupDecl
	when map[string][]string
}

func (c *Connector) groupFields(g *groupDecl) []field {
	return []field{
		{name: "by", help: "paths of the fields in which the records of a group agree; records in which one is empty belong to none, and are left out", required: true, to: &g.by, example: "[company, clearing]"},
		{name: "as", help: "name of the list that holds them, beside the fields", required: true, to: &g.as, example: "lines"},
		{name: "id", help: "paths of the fields that together tell a record apart: joined by - they are its field @id", to: &g.id, example: "[company, number, line]"},
		{name: "when", help: "only records with these values", typ: typeCondition, to: &g.when, example: `{reversed: ["", "false"]}`},
	}
}

func (g *groupDecl) open(s *Source, data map[string]any) (*groupSpec, error) {
	if g == nil {
		return nil, nil
	}
	out := &groupSpec{groupDecl: *g}
	if g.when == nil {
		return out, nil
	}
	n, err := s.connector.expand(g.when, data)
	if n == nil || err != nil {
		return out, err
	}
	out.when, err = condition(n)
	return out, err
}

// group is a record in the making.
type group struct {
	values []string
	lines  bytes.Buffer
}

// apply returns the groups of the records of a body, in the order in which they
// were met, as a JSON array.
func (g *groupSpec) apply(body []byte, path string) (out []byte, count int, err error) {
	var order []*group
	known := map[string]*group{}
	err = eachRecord(body, path, func(raw jx.Raw) error {
		for field, allowed := range g.when {
			if !slices.Contains(allowed, valueAt(raw, splitPath(field))) {
				return nil
			}
		}
		values := textsAt(raw, g.by)
		if slices.Contains(values, "") {
			return nil
		}
		key := strings.Join(values, "\x00")
		one := known[key]
		if one == nil {
			one = &group{values: values}
			known[key], order = one, append(order, one)
		}
		return g.add(one, raw)
	})
	if err != nil {
		return nil, 0, err
	}
	var b bytes.Buffer
	b.WriteByte('[')
	for i, one := range order {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := g.write(&b, one); err != nil {
			return nil, 0, err
		}
	}
	b.WriteByte(']')
	return b.Bytes(), len(order), nil
}

// add puts a record into its group, with its identifier.
func (g *groupSpec) add(one *group, raw jx.Raw) error {
	if one.lines.Len() > 0 {
		one.lines.WriteByte(',')
	}
	inner := bytes.TrimLeft(bytes.TrimPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")), " \t\r\n")
	if g.id == nil || len(inner) == len(raw) {
		one.lines.Write(raw)
		return nil
	}
	id, err := json.Marshal(strings.Join(textsAt(raw, g.id), "-"))
	if err != nil {
		return err
	}
	one.lines.WriteString(`{"@id":`)
	one.lines.Write(id)
	if inner[0] != '}' {
		one.lines.WriteByte(',')
	}
	one.lines.Write(inner)
	return nil
}

func (g *groupSpec) write(b *bytes.Buffer, one *group) error {
	b.WriteByte('{')
	for i, name := range append(slices.Clone(g.by), g.as) {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		b.Write(key)
		b.WriteByte(':')
		if i == len(g.by) {
			break
		}
		value, err := json.Marshal(one.values[i])
		if err != nil {
			return err
		}
		b.Write(value)
		b.WriteByte(',')
	}
	b.WriteByte('[')
	b.Write(one.lines.Bytes())
	b.WriteString("]}")
	return nil
}

func textsAt(raw jx.Raw, paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = valueAt(raw, splitPath(p))
	}
	return out
}
