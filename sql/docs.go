package sql

import (
	"fmt"
	"strings"
)

// Docs writes the documentation of the named models, nil = all: README.md with the
// list, the lineage and the variables, and one page a model; and manifest.json in
// the shape of dbt's, which like dbt's holds all models. Keys are file names.
func (r *Runner) Docs(names []string) (map[string][]byte, error) {
	all := names == nil
	if all {
		names = r.graph.names()
	}
	d := docs{Runner: r, all: all, chosen: map[string]bool{}}
	for _, name := range names {
		d.chosen[name] = true
	}
	manifest, err := r.Manifest()
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{"manifest.json": manifest, "README.md": []byte(d.indexPage())}
	for i, m := range r.graph.models {
		if d.chosen[m.Name] {
			out[m.Name+".md"] = []byte(d.modelPage(i))
		}
	}
	return out, nil
}

// docs are pages of the chosen models.
type docs struct {
	*Runner
	all    bool
	chosen map[string]bool
}

// Compiled is the model's SELECT as the engine gets it; that of an incremental
// model as for its first build.
func (r *Runner) Compiled(model string) string {
	m := r.graph.models[r.graph.index[model]]
	return strings.TrimSpace(m.body.render(r.names(m.Name, nil, false)))
}

func (r docs) indexPage() string {
	var b strings.Builder
	b.WriteString("# Models\n\n| model | is | one row | owner | tags | answers |\n|---|---|---|---|---|---|\n")
	for _, name := range sortedKeys(r.chosen) {
		m := r.graph.models[r.graph.index[name]]
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s | %s | %s |\n", name, name, m.Materialisation, inCell(m.Grain), inCell(m.Owner), inCell(strings.Join(m.Tags, ", ")), inCell(m.Description))
	}
	b.WriteString("\n## Lineage of the models\n\nWhat each model reads from the warehouse's own tables stands on its page.\n\n```mermaid\ngraph LR\n")
	variables := map[string]bool{}
	for i, m := range r.graph.models {
		if !r.chosen[m.Name] {
			continue
		}
		for _, name := range m.Variables() {
			variables[name] = true
		}
		fmt.Fprintf(&b, "    %s\n", m.Name)
		for _, j := range r.graph.reads[i] {
			fmt.Fprintf(&b, "    %s --> %s\n", r.graph.models[j].Name, m.Name)
		}
	}
	b.WriteString("```\n\n## Variables\n\nSet them under `models.vars` in huikuan.yaml, or where the last column says.\n\n" + varsHead)
	for _, name := range sortedKeys(r.vars.known) {
		if r.all || variables[name] {
			b.WriteString(r.varLine(name))
		}
	}
	return b.String()
}

const varsHead = "| variable | default | now | may be | unit | decides | set by |\n|---|---|---|---|---|---|---|\n"

func (r *Runner) varLine(name string) string {
	d, ok := r.vars.known[name]
	if !ok {
		return fmt.Sprintf("| `%s` | in the SQL | `%s` | | | | `models.vars.%s` |\n", name, inCell(r.vars.value[name]), name)
	}
	setting := d.Setting
	if setting == "" {
		setting = "models.vars." + name
	}
	about := d.Description
	if d.Spec != "" {
		about += " (" + d.Spec + ")"
	}
	return fmt.Sprintf("| `%s` | `%s` | `%s` | %s | %s | %s | `%s` |\n", name, inCell(d.Default.String()), inCell(r.vars.value[name]), inCell(d.expected()), inCell(d.Unit), inCell(about), setting)
}

func (r docs) modelPage(i int) string {
	m := r.graph.models[i]
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", m.Name, m.Description)
	facts := [][2]string{{"one row", m.Grain}, {"is", string(m.Materialisation)}, {"unique key", strings.Join(m.UniqueKey, ", ")}, {"order", strings.Join(m.OrderBy, ", ")},
		{"owner", m.Owner}, {"tags", strings.Join(m.Tags, ", ")}, {"file", m.File}}
	if m.Replaces {
		facts = append(facts, [2]string{"replaces", "the shipped model of this name"})
	}
	b.WriteString("| | |\n|---|---|\n")
	for _, f := range facts {
		if f[1] != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", f[0], inCell(f[1]))
		}
	}
	b.WriteString("\n## Columns\n\n| column | meaning | unit | tests |\n|---|---|---|---|\n")
	for _, c := range m.Columns {
		var tests []string
		for _, t := range m.Tests {
			if len(t.Columns) == 1 && t.Columns[0] == c.Name {
				tests = append(tests, string(t.Kind))
			}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Name, inCell(c.Description), inCell(c.Unit), strings.Join(tests, ", "))
	}
	b.WriteString("\n## Tests\n\n")
	for _, t := range m.Tests {
		if t.Kind == Custom || t.Kind == SumEquals || len(t.Columns) > 1 {
			fmt.Fprintf(&b, "- %s: %s (%s)\n", t.Kind, t.Name, t.Severity)
		}
	}
	for _, t := range m.UnitTests {
		fmt.Fprintf(&b, "- unit test: %s\n", t.Name)
	}
	if names := m.Variables(); len(names) > 0 {
		b.WriteString("\n## Variables\n\n" + varsHead)
		for _, name := range names {
			b.WriteString(r.varLine(name))
		}
	}
	r.lineage(&b, i)
	fmt.Fprintf(&b, "\n## Compiled SQL\n\n```sql\n%s\n```\n", r.Compiled(m.Name))
	return b.String()
}

// lineage draws what the model reads and what reads it, and lists the same.
func (r docs) lineage(b *strings.Builder, i int) {
	m := r.graph.models[i]
	b.WriteString("\n## Lineage\n\n```mermaid\ngraph LR\n")
	for _, s := range m.Sources() {
		fmt.Fprintf(b, "    %s[(%s)] --> %s\n", s, s, m.Name)
	}
	for _, j := range r.graph.reads[i] {
		fmt.Fprintf(b, "    %s --> %s\n", r.graph.models[j].Name, m.Name)
	}
	for _, j := range r.graph.readBy[i] {
		fmt.Fprintf(b, "    %s --> %s\n", m.Name, r.graph.models[j].Name)
	}
	b.WriteString("```\n\n")
	links := func(list []int) string {
		var out []string
		for _, j := range list {
			name := r.graph.models[j].Name
			if r.chosen[name] {
				name = "[" + name + "](" + name + ".md)"
			}
			out = append(out, name)
		}
		return strings.Join(out, ", ")
	}
	for _, line := range [][2]string{{"tables read", strings.Join(m.Sources(), ", ")}, {"models read", links(r.graph.reads[i])}, {"read by", links(r.graph.readBy[i])}} {
		if line[1] != "" {
			fmt.Fprintf(b, "- %s: %s\n", line[0], line[1])
		}
	}
}

// inCell keeps a text within its cell of a Markdown table.
func inCell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ").Replace(s)
}
