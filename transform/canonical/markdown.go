package canonical

import (
	"fmt"
	"strings"

	"huikuan/transform/schema"
)

// Markdown writes the page docs/canonical.md from the declarations, so that the
// page and the program cannot differ.
func Markdown() string {
	var b strings.Builder
	b.WriteString(`# The canonical streams

Every source is mapped into these streams. A folder that holds one CSV a stream, named as the stream, with these columns in
any order, loads through the ` + "`files`" + ` connector with no mapping at all ([an example](examples/canonical-folder/README.md)).
Identifiers are text, dates ` + "`YYYY-MM-DD`" + `, instants ISO 8601 in UTC, amounts exact decimals in document currency (up to 4
places), an empty field is NULL: unknown, never zero. A record without a required column is rejected, with the reason.
Fields without a column of their own are kept in the map column ` + "`custom`" + `.

This page is written from the declarations in ` + "`transform/canonical`" + ` (` + "`go test ./transform/canonical -update`" + `).
`)
	columnTable := func(columns []schema.Column) {
		b.WriteString("| column | type | required | meaning |\n|---|---|---|---|\n")
		for _, c := range columns {
			required := ""
			if c.Required {
				required = "yes"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Name, c.Kind, required, c.Comment)
		}
	}
	for _, s := range streams {
		fmt.Fprintf(&b, "\n## %s\n\n%s. Key: %s.\n\n", s.Name, upperFirst(s.Comment), "`"+strings.Join(s.Key, "`, `")+"`")
		columnTable(s.Columns)
	}
	b.WriteString("\n## Columns of every stream\n\nHuikuan fills these itself; a mapping cannot name them, but for the fields it puts under `custom`.\n\n")
	columnTable(System())
	b.WriteString("\n## What documents said before\n\nHuikuan keeps this by itself; nothing maps into it.\n")
	for _, h := range Histories() {
		fmt.Fprintf(&b, "\n`%s`: %s.\n\n", h.Name, h.Comment)
		columnTable(h.Columns)
	}
	return b.String()
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
