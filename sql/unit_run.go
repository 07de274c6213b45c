package sql

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"
)

// UnitReport is how one unit test ended.
type UnitReport struct {
	Model, File, Test string
	Line              int
	Duration          time.Duration
	Err               error  // it could not run
	Diff              string // a small table of what was expected and what was found; empty = passed
}

// Passed says whether the test ran and found what it expects.
func (u UnitReport) Passed() bool { return u.Err == nil && u.Diff == "" }

// String is the whole message of a failed test.
func (u UnitReport) String() string {
	head := fmt.Sprintf("%s:%d: the unit test %q of %s ", u.File, u.Line, u.Test, u.Model)
	switch {
	case u.Err != nil:
		return head + "could not run: " + u.Err.Error()
	case u.Diff != "":
		return head + "found other rows than it expects:\n" + u.Diff
	}
	return head + "passed"
}

// UnitTests runs the unit tests of the selected models (all, if there is no
// selector), in the order of the models. It makes no table: what a test gives
// stands in the query itself. Variables have their defaults, whatever the
// configuration says, and what the test overrides.
func (r *Runner) UnitTests(ctx context.Context, selectors ...string) ([]UnitReport, error) {
	chosen, err := r.graph.selected(selectors)
	if err != nil {
		return nil, err
	}
	s, defaults, err := r.shapes()
	if err != nil {
		return nil, err
	}
	var out []UnitReport
	var work []func()
	for _, i := range chosen {
		m := r.graph.models[i]
		for _, t := range m.UnitTests {
			n := len(out)
			out = append(out, UnitReport{Model: m.Name, File: m.File, Test: t.Name, Line: t.Line})
			work = append(work, func() {
				started := r.options.Now()
				out[n].Diff, out[n].Err = s.runUnit(ctx, m, t, defaults)
				out[n].Duration = r.options.Now().Sub(started)
			})
		}
	}
	slots := make(chan struct{}, r.options.Workers)
	var wg sync.WaitGroup
	for _, f := range work {
		slots <- struct{}{}
		wg.Go(func() { defer func() { <-slots }(); f() })
	}
	wg.Wait()
	return out, ctx.Err()
}

// runUnit runs one test and returns what differs.
func (s *shapes) runUnit(ctx context.Context, m Model, t UnitTest, defaults variables) (string, error) {
	vars := variables{known: defaults.known, value: maps.Clone(defaults.value)}
	inline := vars.inline([]Model{m})
	for _, name := range sortedKeys(t.Vars) {
		if _, ok := vars.known[name]; !ok && !inline[name] {
			return "", fmt.Errorf("overrides: there is no variable %q; %s", name, vars.nearest(name))
		}
		if err := vars.set(name, t.Vars[name]); err != nil {
			return "", fmt.Errorf("overrides: %s: %w", name, err)
		}
	}
	types, err := s.of(ctx, partRef, m.Name)
	if err != nil {
		return "", err
	}
	query, n, err := s.render(ctx, m, vars.value, t.Given, t.Incremental)
	if err != nil {
		return "", err
	}
	columns, err := t.compared(m, types)
	if err != nil {
		return "", err
	}
	selected := make([]string, len(columns))
	for i, c := range columns {
		selected[i] = fmt.Sprintf("ifNull(concat('=', toString(%s)), '-') AS _%d", quoteName(c.name), i)
	}
	rows, _, err := s.runner.engine.Query(ctx, "SELECT "+strings.Join(selected, ", ")+" FROM (\n"+query+"\n) SETTINGS "+anyMonth)
	if err != nil {
		return "", m.placed(err, query, n)
	}
	found := make([][]Cell, len(rows))
	for i, row := range rows {
		for _, v := range row {
			text := asText(v)
			found[i] = append(found[i], Cell{Text: strings.TrimPrefix(text, "="), Null: text == "-"})
		}
	}
	return compareRows(columns, t.Expect, found), nil
}

// compared are the columns that the test names, in the order of the SELECT; all
// of them where it expects no row.
func (t UnitTest) compared(m Model, types []columnType) ([]columnType, error) {
	named := map[string]int{}
	for _, row := range t.Expect {
		for _, c := range row.Columns {
			named[c] = row.Line
		}
	}
	var out []columnType
	for _, c := range types {
		if _, ok := named[c.name]; ok || len(t.Expect) == 0 {
			out = append(out, c)
		}
		delete(named, c.name)
	}
	if unknown := sortedKeys(named); len(unknown) > 0 {
		c := unknown[0]
		names := make([]string, len(types))
		for i, x := range types {
			names[i] = x.name
		}
		return nil, &Error{File: m.File, Line: named[c], Problem: fmt.Sprintf("the unit test %s expects the column %q, which the SELECT does not return", t.Name, c), Hint: didYouMean(c, names)}
	}
	return out, nil
}
