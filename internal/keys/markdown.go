package keys

import (
	"fmt"
	"io"
	"strings"
)

// WriteTypes writes the table that explains the types.
func WriteTypes(w io.Writer) {
	fmt.Fprint(w, "| type | holds |\n|---|---|\n")
	for _, t := range types {
		fmt.Fprintf(w, "| %s | %s |\n", t.Type, t.Help)
	}
}

// WriteMarkdown writes a section's keys as a table under a heading, then the
// sections inside it, each under a heading of its path. Sections that have
// been written already under another path are referred to.
func WriteMarkdown(w io.Writer, path, help string, list []Key) {
	p := printer{w: w, written: map[string]string{}}
	p.section(path, help, list)
}

type printer struct {
	w       io.Writer
	written map[string]string // the text of a table → the path it stands under
}

func (p *printer) section(path, help string, list []Key) {
	fmt.Fprintf(p.w, "\n### %s\n\n", path)
	if help != "" {
		fmt.Fprintf(p.w, "%s.\n\n", upperFirst(help))
	}
	table := p.table(list)
	if before, ok := p.written[table]; ok {
		fmt.Fprintf(p.w, "The keys of [%s](#%s).\n", before, anchor(before))
		return
	}
	p.written[table] = path
	fmt.Fprint(p.w, table)
	for _, k := range list {
		if len(k.Keys) > 0 {
			p.section(path+"."+k.Name, k.Help, k.Keys)
		}
	}
}

func (p *printer) table(list []Key) string {
	var b strings.Builder
	b.WriteString("| key | type | default | what it is |\n|---|---|---|---|\n")
	for _, k := range list {
		fallback := code(k.Default)
		switch {
		case k.Required && k.For != "":
			fallback = "**required** for these"
		case k.Required:
			fallback = "**required**"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Name, k.Type, fallback, cell(k.Explain()))
	}
	return b.String()
}

// Explain is the help of a key with all that belongs to it, as one paragraph.
func (k Key) Explain() string {
	text := k.Help
	if k.For != "" {
		text = strings.Join(k.Types(), ", ") + ": " + text
	}
	if len(k.Allowed) > 0 {
		text += "; one of `" + strings.Join(k.Allowed, "`, `") + "`"
	}
	if k.Example != "" {
		text += ". Example: " + code(k.Example)
	}
	return text
}

func code(s string) string {
	if s == "" {
		return ""
	}
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

// cell writes a text so that it stays in its column.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s)
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// anchor is the address of a heading inside its page.
func anchor(heading string) string {
	return strings.NewReplacer(".", "", " ", "-").Replace(strings.ToLower(heading))
}
