package connectors

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"huikuan/extract"
)

// Description is what `huikuan connectors show` tells of a connector.
type Description struct {
	Title  string
	Facts  [][2]string // what, and how it is
	Tables []Table
}

// Table is a part of a description.
type Table struct {
	Title  string
	Header []string
	Rows   [][]string
}

// Describe writes down for people what a connector does.
func Describe(d extract.ConnectorDoc) Description {
	out := Description{Title: fmt.Sprintf("%s (connector: %s)", or(d.Title, d.Name), d.Name)}
	fact := func(what, how string) {
		if how != "" {
			out.Facts = append(out.Facts, [2]string{what, how})
		}
	}
	fact("delivers", d.About)
	fact("tested", d.Tested)
	fact("signs in", signIn(d.SignIn))
	out.Tables = []Table{settingsTable(d.Settings), streamsTable(d), dictionariesTable(d), rightsTable(d)}
	return out
}

func signIn(s extract.SignInDoc) string {
	if s.Type == "" {
		return ""
	}
	if len(s.Settings) == 0 {
		return s.Type
	}
	return s.Type + ", with the settings " + strings.Join(s.Settings, ", ")
}

func settingsTable(settings []extract.Setting) Table {
	t := Table{Title: "Settings", Header: []string{"setting", "type", "default", "what it is"}}
	for _, s := range settings {
		fallback := defaultText(s)
		if s.Required {
			fallback = "required"
		}
		help := s.Help
		if len(s.Allowed) > 0 {
			help += "; one of " + strings.Join(s.Allowed, ", ")
		}
		t.Rows = append(t.Rows, []string{s.Name, s.Type, fallback, help})
	}
	return t
}

func defaultText(s extract.Setting) string {
	switch v := s.Default.(type) {
	case nil:
		return ""
	case []any:
		texts := make([]string, len(v))
		for i, e := range v {
			texts[i] = fmt.Sprint(e)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case map[string]string:
		if len(v) == 0 {
			return "{}"
		}
		var pairs []string
		for k, e := range v {
			pairs = append(pairs, k+": "+e)
		}
		slices.Sort(pairs)
		return "{" + strings.Join(pairs, ", ") + "}"
	case time.Duration:
		return strings.TrimSuffix(strings.TrimSuffix(v.String(), "0s"), "0m")
	}
	return fmt.Sprint(s.Default)
}

func streamsTable(d extract.ConnectorDoc) Table {
	t := Table{Title: "Streams", Header: []string{"stream", "reads", "pages", "continues by", "fills", "also read"}}
	for _, s := range d.Streams {
		if s.Dictionary {
			continue
		}
		t.Rows = append(t.Rows, []string{streamName(s), s.Reads, s.Pages, continues(s), strings.Join(s.Fills, ", "), strings.Join(s.Passes, ", ")})
	}
	if d.Kind == "files" {
		t.Header = []string{"stream", "reads", "fills"}
		for i, r := range t.Rows {
			t.Rows[i] = []string{r[0], r[1], r[4]}
		}
	}
	return t
}

func continues(s extract.StreamDoc) string {
	switch {
	case s.Parent != "":
		return "that of " + s.Parent + ", for each of its records"
	case s.Continues != "":
		return s.Continues
	case s.Window:
		return "windows of time"
	}
	return "read whole each time"
}

func rightsTable(d extract.ConnectorDoc) Table {
	t := Table{Title: "Rights needed", Header: []string{"stream", "right"}}
	for _, s := range d.Streams {
		if len(s.Needs) > 0 {
			t.Rows = append(t.Rows, []string{s.Name, strings.Join(s.Needs, ", ")})
		}
	}
	return t
}

func streamName(s extract.StreamDoc) string {
	name := s.Name
	if s.Title != "" {
		name += ": " + s.Title
	}
	if len(s.OnlyIf) > 0 {
		name += " (if " + strings.Join(s.OnlyIf, " and ") + " is set)"
	}
	return name
}

func dictionariesTable(d extract.ConnectorDoc) Table {
	t := Table{Title: "Dictionaries, read for the lookups of the streams", Header: []string{"dictionary", "reads", "pages"}}
	for _, s := range d.Streams {
		if s.Dictionary {
			t.Rows = append(t.Rows, []string{streamName(s), s.Reads, s.Pages})
		}
	}
	return t
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Markdown writes the description as a part of a page.
func (d Description) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", d.Title)
	for _, f := range d.Facts {
		fmt.Fprintf(&b, "* **%s**: %s\n", f[0], f[1])
	}
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, t := range d.Tables {
		if len(t.Rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n| %s |\n|%s\n", t.Title, strings.Join(t.Header, " | "), strings.Repeat("---|", len(t.Header)))
		for _, r := range t.Rows {
			for i, v := range r {
				if r[i] = cell.Replace(v); i < 2 && v != "" {
					r[i] = "`" + r[i] + "`"
				}
			}
			fmt.Fprintf(&b, "| %s |\n", strings.Join(r, " | "))
		}
	}
	return b.String()
}
