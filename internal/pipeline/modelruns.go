package pipeline

import (
	"context"
	"fmt"
	"time"

	"huikuan/config"
	"huikuan/load"
	"huikuan/sql"
)

// ModelSelection chooses models.
type ModelSelection struct {
	// Models are selectors as in [sql.Runner.Select]; empty = all.
	Models, Exclude []string
	// Changed leaves out what is as it was built; newer data alone is no change.
	Changed bool
	// Since and Until are the first and the last day, YYYY-MM-DD, that incremental
	// models compute; empty = no bound.
	Since, Until string
	// FullRefresh builds incremental models anew.
	FullRefresh bool
}

// ModelGraph checks the models of the configuration against one another, without
// a warehouse; what is wrong is a [*ModelsError].
func ModelGraph(cfg *config.Config) (*Graph, error) {
	models, err := sql.Models(cfg.Models.Paths...)
	if err != nil {
		return nil, &ModelsError{err}
	}
	graph, err := sql.NewRunner(nil, models, sql.RunnerOptions{Vars: cfg.Models.Vars, Settings: cfg.Metrics.Vars()})
	if err != nil {
		return nil, &ModelsError{err}
	}
	return graph, nil
}

// ModelsError says that models, or the values of their variables, are wrong as
// they are written: nothing can be built until that is mended.
type ModelsError struct{ Err error }

func (e *ModelsError) Error() string { return e.Err.Error() }

func (e *ModelsError) Unwrap() error { return e.Err }

// checkModels refuses models, values of variables and selectors that cannot be
// built.
func checkModels(cfg *config.Config, o ModelSelection) error {
	graph, err := ModelGraph(cfg)
	if err != nil {
		return err
	}
	_, err = o.Select(graph)
	return err
}

// Select returns the chosen models' names in building order, and refuses days
// that one of them would not heed.
func (o ModelSelection) Select(r *sql.Runner) ([]string, error) {
	names, err := r.Select(o.Models, o.Exclude)
	if err != nil {
		return nil, err
	}
	return names, r.UsesPeriod(names, o.Since != "", o.Until != "")
}

// modelRunner stands on the warehouse; staged names the tables of a build that
// is under way.
func (a *App) modelRunner(o ModelSelection, staged func(string) string, progress func(sql.ModelReport)) (*sql.Runner, error) {
	models, err := sql.Models(a.cfg.Models.Paths...)
	if err != nil {
		return nil, err
	}
	return sql.NewRunner(a.models(), models, sql.RunnerOptions{
		Database: a.wh.Database(), Cluster: a.cfg.Warehouse.Cluster, Vars: a.cfg.Models.Vars, Settings: a.cfg.Metrics.Vars(),
		Since: o.Since, Until: o.Until, FullRefresh: o.FullRefresh, Resolve: staged, Now: a.now, Logger: a.log, Progress: progress,
	})
}

// PlanModels tells what a run of the selected models would do and why.
func (a *App) PlanModels(ctx context.Context, o ModelSelection) ([]sql.Planned, error) {
	r, err := a.modelRunner(o, nil, nil)
	if err != nil {
		return nil, err
	}
	names, err := o.Select(r)
	if err != nil {
		return nil, err
	}
	return a.plan(ctx, r, names)
}

func (a *App) plan(ctx context.Context, r *sql.Runner, names []string) ([]sql.Planned, error) {
	built, err := a.BuiltModels(ctx)
	if err != nil {
		return nil, err
	}
	return r.Plan(names, built), nil
}

// BuiltModels is what the warehouse remembers of each model.
func (a *App) BuiltModels(ctx context.Context) (map[string]sql.Built, error) {
	states, err := a.wh.ModelStates(ctx)
	if err != nil {
		return nil, err
	}
	changes, err := a.wh.LastChanges(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]sql.Built{}
	for name, s := range states {
		b := sql.Built{Fingerprint: s.Hash, At: s.BuiltAt, Status: s.Status}
		for _, c := range changes {
			if c.RunID != s.RunID && c.At.After(s.BuiltAt) {
				b.NewData = fmt.Sprintf("the data is newer (%s of %s)", c.Kind, c.At.Format("2006-01-02 15:04"))
			}
		}
		out[name] = b
	}
	return out, nil
}

// ModelTests is how the tests of models went.
type ModelTests struct {
	Units []sql.UnitReport
	Data  sql.Report
	Took  time.Duration
}

// Passed says whether no unit test and no blocking data test failed.
func (t ModelTests) Passed() bool {
	for _, u := range t.Units {
		if !u.Passed() {
			return false
		}
	}
	for _, m := range t.Data.Models {
		if m.Status == sql.TestFailed {
			return false
		}
	}
	return true
}

// TestModels runs the unit tests of the selected models, their data tests on the
// tables that serve, or both.
func (a *App) TestModels(ctx context.Context, o ModelSelection, unit, data bool) (ModelTests, error) {
	began := time.Now()
	ctx = load.WithSetting(ctx, sql.AnyMonth, 1) // a reader asks, and the tests' statements say it
	var out ModelTests
	task := a.bars.Task("test the models", "models")
	r, err := a.modelRunner(o, nil, func(sql.ModelReport) { task.Add(1) })
	if err != nil {
		task.Fail(shortly(err))
		return out, err
	}
	names, err := o.Select(r)
	if err != nil {
		task.Fail(shortly(err))
		return out, err
	}
	task.Total(int64(len(names)))
	if unit && len(names) > 0 {
		if out.Units, err = r.UnitTests(ctx, names...); err != nil {
			task.Fail(shortly(err))
			return out, fmt.Errorf("run the unit tests: %w", err)
		}
	}
	if data {
		if out.Data, err = r.TestServing(ctx, names); err != nil {
			task.Fail(shortly(err))
			return out, err
		}
	} else {
		task.Add(int64(len(names)))
	}
	task.Done("")
	out.Took = time.Since(began)
	return out, nil
}

// What commands show of the models.
type (
	// SelectorError is a selector that names nothing, or days that a selected model
	// does not heed: wrong usage.
	SelectorError = sql.SelectorError
	// Graph is the models, checked against one another.
	Graph = sql.Runner
	// Model is one model.
	Model = sql.Model
	// BuiltModel is what the warehouse remembers of a model.
	BuiltModel = sql.Built
)

// NeverBuilt is the number of models that had no table to test.
func (t ModelTests) NeverBuilt() int {
	n := 0
	for _, m := range t.Data.Models {
		if m.Status == sql.Skipped {
			n++
		}
	}
	return n
}
