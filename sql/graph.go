package sql

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// graph is the models in an order in which each comes after those it reads.
type graph struct {
	models []Model
	index  map[string]int
	reads  [][]int // of a model, the models it reads
	readBy [][]int
}

// newGraph checks the models against one another. All mistakes are returned
// together, each an [*Error].
func newGraph(models []Model, tables []string, vars variables, database string) (*graph, error) {
	byName := map[string]Model{}
	modelNames := make([]string, 0, len(models))
	var problems []error
	isTable := map[string]bool{}
	for _, t := range tables {
		isTable[t] = true
	}
	for _, m := range models {
		if _, ok := byName[m.Name]; ok {
			problems = append(problems, &Error{File: m.File, Line: 1, Problem: "two models are called " + m.Name, Hint: "rename one of the files"})
		}
		switch {
		case isTable[m.Name]:
			problems = append(problems, &Error{File: m.File, Line: 1, Problem: m.Name + " is a table of the warehouse already", Hint: "rename the file"})
		case internal(m.Name):
			problems = append(problems, &Error{File: m.File, Line: 1, Problem: m.Name + " is a name that the warehouse keeps for its own tables",
				Hint: "rename the file; names that begin with ops_, raw_ or build_, or end in _docs, are taken"})
		}
		byName[m.Name] = m
		modelNames = append(modelNames, m.Name)
	}
	sort.Strings(modelNames)
	for _, m := range models {
		problems = append(problems, checkReferences(m, byName, modelNames, isTable, tables, vars)...)
		problems = append(problems, checkPlainReads(m, byName, isTable, database)...)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return sortModels(byName, modelNames)
}

func checkReferences(m Model, byName map[string]Model, modelNames []string, isTable map[string]bool, tables []string, vars variables) []error {
	var problems []error
	add := func(p part, hint, format string, args ...any) {
		problems = append(problems, &Error{File: m.File, Line: p.line, Problem: fmt.Sprintf(format, args...), Hint: hint})
	}
	m.each(partRef, func(p part) {
		switch _, ok := byName[p.text]; {
		case p.text == m.Name:
			add(p, "write {{ this }} in a test; a SELECT cannot read its own model", "the model refers to itself")
		case ok:
		case isTable[p.text]:
			add(p, "write {{ source('huikuan', '"+p.text+"') }}", "%s is a table of the warehouse, not a model", p.text)
		default:
			add(p, didYouMean(p.text, modelNames), "there is no model %q", p.text)
		}
	})
	m.each(partSource, func(p part) {
		switch _, ok := byName[p.text]; {
		case isTable[p.text]:
		case ok:
			add(p, "write {{ ref('"+p.text+"') }}", "%s is a model, not a table of the warehouse", p.text)
		default:
			add(p, didYouMean(p.text, tables), "the warehouse has no table %q", p.text)
		}
	})
	m.each(partVar, func(p part) {
		if _, ok := vars.value[p.text]; !ok && !p.hasDefault {
			add(p, vars.nearest(p.text)+"; a variable of your own is described in the header: vars: {"+p.text+": {default: …, type: …, description: …}}",
				"there is no variable %q", p.text)
		}
	})
	for _, p := range m.body.parts { // those inside a block are not among these
		if p.kind == partThis {
			add(p, "use {{ this }} in tests, or inside {% if is_incremental() %}", "a SELECT cannot read its own model")
		}
	}
	m.body.each(partBlock, func(p part) {
		if m.Materialisation != Incremental {
			add(p, "write materialisation: incremental", "is_incremental() belongs to incremental models, and this one is a %s", m.Materialisation)
		}
	})
	return problems
}

// checkPlainReads finds tables and models that are named without source() and
// ref(), alone or with the database: nothing would know that the model reads them.
func checkPlainReads(m Model, byName map[string]Model, isTable map[string]bool, database string) []error {
	var problems []error
	check := func(t template, own string) {
		for _, p := range t.plainReads() {
			if p.database != "" && p.database != database {
				continue
			}
			_, isModel := byName[p.table]
			e := &Error{File: m.File, Line: p.line, Column: p.column}
			switch {
			case p.table == m.Name:
				e.Problem, e.Hint = "the model is named without this: a build would read the table that serves", own
			case isModel:
				e.Problem, e.Hint = "the model "+p.table+" is named without ref(): a build would read its old table, and no lineage shows it", "write {{ ref('"+p.table+"') }}"
			case isTable[p.table]:
				e.Problem, e.Hint = "the table "+p.table+" is named without source(): a build would read its old rows, and no lineage shows it", "write {{ source('huikuan', '"+p.table+"') }}"
			default:
				continue
			}
			problems = append(problems, e)
		}
	}
	check(m.body, "a SELECT cannot read its own model, but for {{ this }} inside {% if is_incremental() %}")
	for _, t := range m.Tests {
		check(t.query, "write {{ this }}")
	}
	return problems
}

// sortModels orders the models, by name where the references leave a choice.
func sortModels(byName map[string]Model, names []string) (*graph, error) {
	g := &graph{index: map[string]int{}}
	const visiting, done = 1, 2
	state := map[string]int{}
	var path []string
	var visit func(name string) error
	visit = func(name string) error {
		switch state[name] {
		case done:
			return nil
		case visiting:
			start := 0
			for path[start] != name {
				start++
			}
			m := byName[name]
			return &Error{File: m.File, Line: 1, Problem: "the models go round in a circle: " + strings.Join(append(path[start:], name), " → "),
				Hint: "take one of these references out"}
		}
		state[name] = visiting
		path = append(path, name)
		refs := byName[name].Refs()
		sort.Strings(refs)
		for _, ref := range refs {
			if err := visit(ref); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		state[name] = done
		g.index[name] = len(g.models)
		g.models = append(g.models, byName[name])
		return nil
	}
	for _, name := range names {
		if err := visit(name); err != nil {
			return nil, err
		}
	}
	g.link()
	return g, nil
}

func (g *graph) link() {
	g.reads, g.readBy = make([][]int, len(g.models)), make([][]int, len(g.models))
	for i, m := range g.models {
		for _, ref := range m.Refs() {
			j := g.index[ref]
			g.reads[i] = append(g.reads[i], j)
			g.readBy[j] = append(g.readBy[j], i)
		}
	}
}

func (g *graph) names() []string {
	out := make([]string, len(g.models))
	for i, m := range g.models {
		out[i] = m.Name
	}
	sort.Strings(out)
	return out
}
