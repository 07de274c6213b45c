package sql

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// SelectorError is a selector that names nothing.
type SelectorError struct {
	Selector string
	Problem  string
	Hint     string // the nearest name, or the names there are
}

func (e *SelectorError) Error() string { return e.Problem + "; " + e.Hint }

// Select returns the names of the models that any of the selectors chooses, in
// building order, without those that any of exclude chooses. No selector means
// all.
//
// A selector is a model's name, tag:x, or path:x (the file stands in that folder,
// or its path begins with x). With + before it, all that its models read is
// chosen too; with + after it, all that reads them. a,b chooses what both choose.
// Errors are of type [*SelectorError].
func (r *Runner) Select(selectors, exclude []string) ([]string, error) {
	chosen, err := r.graph.selected(selectors)
	if err != nil {
		return nil, err
	}
	var without []int
	if len(exclude) > 0 {
		if without, err = r.graph.selected(exclude); err != nil {
			return nil, err
		}
	}
	out := make([]string, 0, len(chosen))
	for _, i := range chosen {
		if !slices.Contains(without, i) {
			out = append(out, r.graph.models[i].Name)
		}
	}
	return out, nil
}

// selected returns the models that any selector chooses, in building order.
func (g *graph) selected(selectors []string) ([]int, error) {
	chosen := make([]bool, len(g.models))
	for _, s := range selectors {
		both := make([]int, len(g.models))
		parts := strings.Split(s, ",")
		for _, part := range parts {
			one, err := g.chosenBy(part)
			if err != nil {
				return nil, err
			}
			for i, c := range one {
				if c {
					both[i]++
				}
			}
		}
		for i, n := range both {
			chosen[i] = chosen[i] || n == len(parts)
		}
	}
	var out []int
	for i, c := range chosen {
		if c || len(selectors) == 0 {
			out = append(out, i)
		}
	}
	return out, nil
}

// chosenBy is one selector without a comma.
func (g *graph) chosenBy(s string) ([]bool, error) {
	what := strings.TrimSpace(s)
	what, up := strings.CutPrefix(what, "+")
	what, down := strings.CutSuffix(what, "+")
	chosen := make([]bool, len(g.models))
	var from []int
	switch {
	case strings.HasPrefix(what, "tag:"):
		for i, m := range g.models {
			if m.hasTag(what[len("tag:"):]) {
				from = append(from, i)
			}
		}
		if len(from) == 0 {
			return nil, &SelectorError{s, fmt.Sprintf("no model has the tag %q", what[len("tag:"):]), didYouMean(what[len("tag:"):], g.tags())}
		}
	case strings.HasPrefix(what, "path:"):
		path := filepath.ToSlash(filepath.Clean(what[len("path:"):]))
		for i, m := range g.models {
			file := filepath.ToSlash(m.File)
			if strings.HasPrefix(file, path) || strings.Contains("/"+file, "/"+path+"/") {
				from = append(from, i)
			}
		}
		if len(from) == 0 {
			return nil, &SelectorError{s, fmt.Sprintf("no model stands under %q", what[len("path:"):]), didYouMean(path, g.folders())}
		}
	default:
		i, ok := g.index[what]
		if !ok {
			return nil, &SelectorError{s, fmt.Sprintf("there is no model %q", what), nearestOf(what, g.names(), "`huikuan models` lists them")}
		}
		from = append(from, i)
	}
	for _, i := range from {
		chosen[i] = true
		if up {
			g.spread(i, g.reads, chosen)
		}
		if down {
			g.spread(i, g.readBy, chosen)
		}
	}
	return chosen, nil
}

// spread marks everything that can be reached from i.
func (g *graph) spread(i int, next [][]int, chosen []bool) {
	seen := map[int]bool{i: true}
	for todo := []int{i}; len(todo) > 0; todo = todo[1:] {
		for _, j := range next[todo[0]] {
			if !seen[j] {
				seen[j], chosen[j] = true, true
				todo = append(todo, j)
			}
		}
	}
}

func (g *graph) tags() []string {
	seen := map[string]bool{}
	for _, m := range g.models {
		for _, t := range m.Tags {
			seen[t] = true
		}
	}
	return sortedKeys(seen)
}

func (g *graph) folders() []string {
	seen := map[string]bool{}
	for _, m := range g.models {
		seen[filepath.ToSlash(filepath.Dir(m.File))] = true
	}
	return sortedKeys(seen)
}
