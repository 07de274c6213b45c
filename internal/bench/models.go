package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"huikuan/load"
	"huikuan/sql"
)

// folder is where the warehouse is: the one that was named, or one that clean removes.
func (b *bench) folder() (dir string, clean func(), err error) {
	if b.data != "" {
		return b.data, func() {}, nil
	}
	dir, err = os.MkdirTemp("", "huikuan-bench-")
	return dir, func() { _ = os.RemoveAll(dir) }, err
}

// modelGoal is the goal of each shipped model on a warehouse of a million invoices:
// rows and tests, on the clock, with a query's threads on the two cores.
const modelGoal = 2 * time.Second

// models builds the shipped models one at a time on a large warehouse and prints
// what each took on the clock and of the processor, the dearest first: rows, and
// tests beside them.
func (b *bench) models(ctx context.Context) error {
	dir, clean, err := b.folder()
	if err != nil {
		return err
	}
	defer clean()
	a, err := b.openBuilt(ctx, dir)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := settled(ctx, a.Warehouse()); err != nil {
		return err
	}
	models, err := sql.Models()
	if err != nil {
		return err
	}
	took := map[string]modelTime{}
	engine := &timedEngine{wh: a.Warehouse()}
	runner, err := sql.NewRunner(engine, models, sql.RunnerOptions{
		Database: a.Warehouse().Database(), Workers: 1,
		Progress: func(m sql.ModelReport) { took[m.Name] = engine.next() },
	})
	if err != nil {
		return err
	}
	var selectors []string
	if b.only != "" {
		selectors = strings.Split(b.only, ",")
	}
	report, err := runner.Build(ctx, selectors...)
	if err != nil {
		return err
	}
	if err := runner.Publish(ctx); err != nil {
		return err
	}
	slices.SortFunc(report.Models, func(x, y sql.ModelReport) int { return int(took[y.Name].all() - took[x.Name].all()) })
	var total modelTime
	var slowest string
	for _, m := range report.Models {
		t := took[m.Name]
		total.rows, total.checks, total.wall = total.rows+t.rows, total.checks+t.checks, total.wall+t.wall
		if slowest == "" || t.wall > took[slowest].wall {
			slowest = m.Name
		}
		b.figure("model", "%s: %.2f s on the clock, %.2f s of the processor, %.2f s of them the tests, %d rows, %v%s", m.Name, t.wall.Seconds(), t.all().Seconds(), t.checks.Seconds(), m.Rows, m.Status, because(m))
	}
	b.figure("models", "all: %.1f s on the clock one after the other, %.1f s of the processor, %.1f s of them the tests", total.wall.Seconds(), total.all().Seconds(), total.checks.Seconds())
	b.figure("models", "slowest %.2f s on the clock (%s), goal %.0f s: %s", took[slowest].wall.Seconds(), slowest, modelGoal.Seconds(), verdict(took[slowest].wall <= modelGoal))
	return nil
}

func because(m sql.ModelReport) string {
	if m.Reason == "" {
		return ""
	}
	return " (" + m.Reason + ")"
}

// modelTime is processor time of this process, which the engine is part of, and
// the time on the clock of all statements.
type modelTime struct{ rows, checks, wall time.Duration }

func (t modelTime) all() time.Duration { return t.rows + t.checks }

// timedEngine counts the processor time of statements. Only one runs at a time.
type timedEngine struct {
	wh  *load.Warehouse
	now modelTime
}

// next returns what was counted since it was last called.
func (e *timedEngine) next() modelTime {
	t := e.now
	e.now = modelTime{}
	return t
}

func (e *timedEngine) Exec(ctx context.Context, statement string) error {
	begin, used := time.Now(), processorTime()
	defer func() { e.now.rows, e.now.wall = e.now.rows+processorTime()-used, e.now.wall+time.Since(begin) }()
	return e.wh.Exec(ctx, statement)
}

func (e *timedEngine) Query(ctx context.Context, statement string) (rows [][]any, names []string, err error) {
	begin, used := time.Now(), processorTime()
	defer func() { e.now.checks, e.now.wall = e.now.checks+processorTime()-used, e.now.wall+time.Since(begin) }()
	r, err := e.wh.Query(ctx, statement)
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	for _, c := range r.Columns() {
		names = append(names, c.Name)
	}
	for r.Next() {
		rows = append(rows, r.Row())
	}
	return rows, names, r.Err()
}
