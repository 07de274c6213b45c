package sql

import (
	_ "embed"
	"regexp"
	"sort"

	"go.yaml.in/yaml/v3"
)

//go:embed vars.yaml
var catalogueText []byte

const catalogueFile = "sql/vars.yaml"

// Catalogue returns the variables of the shipped models with their defaults,
// sorted by name. Errors are of type [*Error].
func Catalogue() ([]Var, error) { return parseCatalogue(catalogueFile, catalogueText) }

func parseCatalogue(file string, text []byte) ([]Var, error) {
	r := reader{file: file}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, r.yamlError(err)
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	return r.vars(doc.Content[0])
}

var varName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// vars reads `name: {default, type, unit, description, spec}` …
func (r reader) vars(n *yaml.Node) ([]Var, error) {
	if n.Kind != yaml.MappingNode {
		return nil, r.fail(n, "write name: {default: 30, type: integer, unit: days, description: …}", "vars should be a mapping")
	}
	var out []Var
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if !varName.MatchString(key.Value) {
			return nil, r.fail(key, "use small letters, digits and underscores", "%q cannot be the name of a variable", key.Value)
		}
		d := Var{Name: key.Value, File: r.file, Line: key.Line + r.offset}
		for _, other := range out {
			if other.Name == d.Name {
				return nil, r.fail(key, "keep one", "the variable %s stands in line %d already", d.Name, other.Line)
			}
		}
		if err := r.variable(n.Content[i+1], &d); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

func (r reader) variable(n *yaml.Node, d *Var) error {
	hasDefault := false
	keys := field{
		"default": func(v *yaml.Node) (err error) {
			hasDefault = true
			d.Default, err = r.value(v)
			return err
		},
		"type":        r.oneOf("the type", varTypes, func(s string) { d.Type = VarType(s) }),
		"unit":        r.text(&d.Unit),
		"description": r.text(&d.Description),
		"spec":        r.text(&d.Spec),
		"setting":     r.text(&d.Setting),
	}
	for key, read := range r.bounds(&d.Bounds) {
		keys[key] = read
	}
	err := r.mapping(n, "the variable "+d.Name, keys)
	switch {
	case err != nil:
		return err
	case !hasDefault:
		return r.fail(n, "add default: …", "the variable %s has no default", d.Name)
	case d.Type == "":
		return r.fail(n, "add type: one of integer, decimal, text, date, list", "the variable %s has no type", d.Name)
	case d.Description == "":
		return r.fail(n, "add description: what it decides", "the variable %s has no description", d.Name)
	}
	if _, err := d.sql(d.Default); err != nil {
		return r.fail(n, "mend the default or the type", "the default of %s: %v", d.Name, err)
	}
	return nil
}

// value reads one text or number, or a list of them, exactly as written.
func (r reader) value(n *yaml.Node) (Value, error) {
	if n.Kind == yaml.ScalarNode {
		return Value{Text: n.Value}, nil
	}
	out := Value{IsList: true}
	if n.Kind != yaml.SequenceNode {
		return out, r.fail(n, "write 30, text or [a, b]", "expected a value or a list of values")
	}
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode {
			return out, r.fail(item, "write [a, b]", "expected a list of texts or numbers")
		}
		out.List = append(out.List, item.Value)
	}
	return out, nil
}
