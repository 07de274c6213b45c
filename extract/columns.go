package extract

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// missingColumns reports the columns that the mapping asks for and a file does
// not have: better one error for the file than one reject for each row. Given
// are columns that the reader adds.
func missingColumns(columns []string, st *streamSpec, given ...string) error {
	var missing []string
	for _, alternatives := range wantedColumns(st.mapping) {
		found := false
		for _, a := range alternatives {
			head, _, _ := strings.Cut(a, ".")
			found = found || slices.Contains(columns, a) || slices.Contains(columns, head) || slices.Contains(given, a)
		}
		if !found && !slices.Contains(missing, alternatives[0]) {
			missing = append(missing, alternatives[0])
		}
	}
	if len(missing) == 0 {
		return nil
	}
	hint := "Name a column that is there in the emit section, or mend the file's header"
	if near := nearest(missing[0], columns); near != "" {
		hint = fmt.Sprintf("Did you mean %s? %s", near, hint)
	}
	if len(columns) == 1 {
		hint = "The file seems to have another delimiter: set delimiter"
	}
	noun := "column"
	if len(missing) > 1 {
		noun = "columns"
	}
	return &Error{Field: "header", Err: fmt.Errorf("the mapping needs the %s %s, which the file does not have", noun, strings.Join(missing, ", ")),
		Found: "the columns " + strings.Join(columns, ", "), Hint: hint}
}

// wantedColumns lists the columns that an emit section reads, each with its alternatives.
func wantedColumns(emit *yaml.Node) [][]string {
	if emit == nil || emit.Kind != yaml.SequenceNode {
		return nil
	}
	var out [][]string
	for _, entry := range emit.Content {
		if child(entry, "each") != nil {
			continue // its paths are relative to an element
		}
		fields := child(entry, "fields")
		if fields == nil {
			continue
		}
		for i := 1; i < len(fields.Content); i += 2 {
			out = append(out, wantedOf(deref(fields.Content[i]))...)
		}
	}
	return out
}

func wantedOf(value *yaml.Node) [][]string {
	if value.Kind == yaml.ScalarNode && value.Value != "" {
		return [][]string{{value.Value}}
	}
	var out [][]string
	if path := child(value, "path"); path != nil {
		var names []string
		if asList(&names)(path) == nil && len(names) > 0 {
			out = append(out, names)
		}
	}
	if t := child(value, "template"); t != nil {
		rest := t.Value
		for {
			_, after, ok := strings.Cut(rest, "{{")
			name, tail, closed := strings.Cut(after, "}}")
			if !ok || !closed {
				break
			}
			out = append(out, []string{strings.TrimSpace(name)})
			rest = tail
		}
	}
	return out
}
