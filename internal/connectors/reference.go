package connectors

import (
	"fmt"
	"strings"

	"huikuan/extract"
	"huikuan/internal/keys"
	"huikuan/transform/mapping"
)

// Reference is the page docs/connectors/reference.md: every key of a connector
// file, from the declarations that files are read by.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# Reference: every key of a connector file

This page is written from the declarations in ` + "`extract`" + ` and ` + "`transform/mapping`" + ` that files are read by (` + "`go test ./internal/connectors -update`" + `).
How the keys work together is told in [writing a connector](writing.md). An editor knows them too, from the file that
` + "`huikuan connectors schema > connector.schema.json`" + ` writes ([here](connector.schema.json)), if the connector begins with

` + "```yaml\n# yaml-language-server: $schema=connector.schema.json\n```" + `

A mistake in a file is reported with its line, and with the name that was probably meant: ` + "`huikuan connectors lint FILE`" + `.

## Types

`)
	keys.WriteTypes(&b)
	b.WriteString(placeholders())
	l := extract.NewLanguage()
	b.WriteString("\n## The file\n")
	keys.WriteMarkdown(&b, "connector", "the keys at the top of the file", l.Keys)
	for _, s := range l.Streams {
		if s.Kind == l.DefaultKind {
			continue
		}
		fmt.Fprintf(&b, "\n## Streams of kind %s\n", s.Kind)
		keys.WriteMarkdown(&b, "stream of kind "+s.Kind, "in place of the keys above", s.Keys)
	}
	b.WriteString("\n## The emit language, in short\n\nIn full, with examples: [mapping](mapping.md).\n")
	for _, s := range mapping.Language() {
		keys.WriteMarkdown(&b, s.Name, s.Help, s.Keys)
	}
	return b.String()
}

// placeholders writes what templates can name and call.
func placeholders() string {
	var b strings.Builder
	b.WriteString(`
### Placeholders

Placeholders are Go's text templates, ` + "`{{ .settings.url }}`" + `, with its comparisons (` + "`if eq`, `ne`, `and`, `or`, `not`, `range`, `index`" + `). They can name:

| name | is |
|---|---|
`)
	for _, p := range extract.Placeholders() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", p.Name, p.Help)
	}
	b.WriteString("\nand call:\n\n| function | gives |\n|---|---|\n")
	for _, f := range extract.Functions() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", f.Name, f.Help)
	}
	return b.String()
}
