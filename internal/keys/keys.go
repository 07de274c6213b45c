// Package keys describes the keys of YAML sections as data, and writes them as
// Markdown and as a JSON Schema. The readers of those sections (extract,
// transform/mapping) make the descriptions from the very declarations they
// read by, so that what is checked, documented and offered by an editor is one.
//
// In: keys. Out: text. Never here: a section's meaning.
package keys

import "strings"

// Type is what a key may hold.
type Type string

// The types.
const (
	Text      Type = "text"
	Integer   Type = "integer"
	Number    Type = "number"
	Duration  Type = "duration"
	Size      Type = "size"
	Boolean   Type = "boolean"
	List      Type = "list"
	Statuses  Type = "statuses"
	Path      Type = "path"
	Paths     Type = "paths"
	Template  Type = "template"
	Templates Type = "templates"
	Mapping   Type = "mapping"
	Mappings  Type = "mappings"
	Condition Type = "condition"
	Section   Type = "section"
	Sections  Type = "sections"
	Named     Type = "named"
	Emit      Type = "emit"
	Any       Type = "any"
)

// types explains each type, in the order of the documentation.
var types = []struct {
	Type Type
	Help string
}{
	{Text, "a text"},
	{Integer, "a whole number"},
	{Number, "a number"},
	{Duration, "a length of time such as `30s`, `10m` or `24h`"},
	{Size, "a number of bytes such as `64MiB`"},
	{Boolean, "`true` or `false`"},
	{List, "a list of texts; a single text stands for a list of one"},
	{Statuses, "a list of HTTP statuses"},
	{Path, "a dotted path into an answer or a record, such as `data.items`; `\\.` is a dot inside a key"},
	{Paths, "a path, or a list of paths"},
	{Template, "a text with [placeholders](#placeholders)"},
	{Templates, "a mapping of names to texts with [placeholders](#placeholders)"},
	{Mapping, "a mapping of names to values"},
	{Mappings, "a list of mappings of names to values"},
	{Condition, "a mapping of paths to what each must be: a value or a list of values; the [emit language](mapping.md) knows more"},
	{Section, "keys of its own, listed below it"},
	{Sections, "a list of entries, each with the keys listed below"},
	{Named, "a mapping of names to entries, each with the keys listed below"},
	{Emit, "what becomes of a record, see [mapping](mapping.md)"},
	{Any, "anything"},
}

// Key is one key of a section.
type Key struct {
	Name     string   `json:"name"`
	Type     Type     `json:"type"`
	Help     string   `json:"help"`
	Required bool     `json:"required,omitempty"`
	Default  string   `json:"default,omitempty"` // as a file would write it
	Allowed  []string `json:"allowed,omitempty"` // texts allowed; empty = any
	Example  string   `json:"example,omitempty"` // as a file would write it
	For      string   `json:"for,omitempty"`     // the types of its section for which it counts
	Keys     []Key    `json:"keys,omitempty"`    // of a section
}

// Types lists the types of its section for which the key counts; none = all.
func (k Key) Types() []string {
	if k.For == "" {
		return nil
	}
	list := strings.Split(k.For, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// Names lists the names of keys, in order.
func Names(list []Key) []string {
	out := make([]string, len(list))
	for i, k := range list {
		out[i] = k.Name
	}
	return out
}

// Walk calls visit for each key below a path such as "http.auth", parents first.
func Walk(path string, list []Key, visit func(path string, k Key)) {
	for _, k := range list {
		at := k.Name
		if path != "" {
			at = path + "." + k.Name
		}
		visit(at, k)
		Walk(at, k.Keys, visit)
	}
}
