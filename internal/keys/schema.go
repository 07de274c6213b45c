package keys

import (
	"maps"
	"slices"
	"strings"
)

// Schema is a JSON Schema (2020-12) or a part of one.
type Schema = map[string]any

// Object is the schema of a section: its keys, no others, the required ones present.
func Object(list []Key) Schema {
	properties := Schema{}
	var required []string
	ofType := map[string][]string{} // keys that a section of a type needs
	for _, k := range list {
		properties[k.Name] = k.Schema()
		switch {
		case k.Required && k.For == "":
			required = append(required, k.Name)
		case k.Required:
			for _, kind := range k.Types() {
				ofType[kind] = append(ofType[kind], k.Name)
			}
		}
	}
	out := Schema{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		slices.Sort(required)
		out["required"] = required
	}
	var all []Schema
	for _, kind := range slices.Sorted(maps.Keys(ofType)) {
		slices.Sort(ofType[kind])
		all = append(all, Schema{"if": Schema{"properties": Schema{"type": Schema{"const": kind}}, "required": []string{"type"}},
			"then": Schema{"required": ofType[kind]}})
	}
	if len(all) > 0 {
		out["allOf"] = all
	}
	return out
}

// scalar is a text as YAML lets people write it: 3 and true are texts too.
var scalar = []string{"string", "number", "boolean"}

const placeholder = `\{\{`

// Schema is the schema of the value of a key.
func (k Key) Schema() Schema {
	s := k.shape()
	s["description"] = upperFirst(strings.ReplaceAll(k.Explain(), "`", ""))
	if k.Default != "" && k.Type != Any {
		s["default"] = k.Default
	}
	return s
}

func (k Key) shape() Schema {
	switch k.Type {
	case Integer:
		return Schema{"anyOf": []Schema{{"type": "integer"}, {"type": "string", "pattern": `^-?\d+$|` + placeholder}}}
	case Number:
		return Schema{"anyOf": []Schema{{"type": "number"}, {"type": "string", "pattern": `^-?[0-9.]+$|` + placeholder}}}
	case Duration:
		return Schema{"anyOf": []Schema{{"type": "string", "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h|d|w))+$|^0$|` + placeholder}, {"const": 0}}}
	case Size:
		return Schema{"anyOf": []Schema{{"type": "string", "pattern": `^\d+ ?([KMG]i)?B?$`}, {"type": "integer", "minimum": 1}}}
	case Boolean:
		return Schema{"anyOf": []Schema{{"type": "boolean"}, {"type": "string", "pattern": "^(true|false|yes|no)$|" + placeholder}}}
	case Statuses:
		status := Schema{"type": "integer", "minimum": 100, "maximum": 599}
		return Schema{"anyOf": []Schema{status, {"type": "array", "items": status}}}
	case List, Paths:
		return Schema{"anyOf": []Schema{{"type": scalar}, {"type": "array", "items": k.text()}}}
	case Templates:
		return Schema{"type": "object", "additionalProperties": Schema{"type": scalar}}
	case Mapping:
		return Schema{"anyOf": []Schema{{"type": "object"}, {"type": "string", "pattern": placeholder}}}
	case Mappings:
		return Schema{"type": "array", "items": Schema{"type": "object"}}
	case Condition:
		return Schema{"type": "object", "minProperties": 1}
	case Section:
		return Object(k.Keys)
	case Sections:
		return Schema{"type": "array", "items": Object(k.Keys)}
	case Named:
		return Schema{"type": "object", "additionalProperties": Object(k.Keys)}
	case Emit:
		return Schema{"$ref": "#/$defs/emit"}
	case Any:
		return Schema{}
	}
	return k.text()
}

// text is the schema of a text: one of those allowed, if that is limited.
func (k Key) text() Schema {
	if len(k.Allowed) == 0 {
		return Schema{"type": scalar}
	}
	return Schema{"enum": k.Allowed}
}
