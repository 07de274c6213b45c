package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"huikuan/sql"
	"huikuan/transform/metrics"
)

// BuildOptions choose what is built.
type BuildOptions struct {
	// AsOf is the last day of the figures; zero = today in UTC.
	AsOf time.Time
	// ModelsOnly leaves the metric tables as they are and builds the models on them.
	ModelsOnly bool
	// Select chooses the models to build; its zero value chooses all.
	Select ModelSelection
	// Full replays all documents, even where changed customers would do.
	Full bool
	// MetricsOnly builds no models.
	MetricsOnly bool
}

// BuildReport is what came of a build.
type BuildReport struct {
	RunID   string
	AsOf    time.Time
	Metrics metrics.Summary
	// FullBecause says why all documents were replayed; empty where only those of
	// changed customers were. Anew says then which tables were computed from all
	// customers nevertheless, and why.
	FullBecause, Anew string
	Models            sql.Report
	Took              time.Duration
	// Replay and ModelTime are the parts of Took.
	Replay, ModelTime time.Duration
}

// FailedChecks lists the checks and tests that failed, blocking or not.
func (r BuildReport) FailedChecks() []string {
	var out []string
	for _, c := range r.Metrics.Checks {
		if c.Failed > 0 {
			out = append(out, c.String())
		}
	}
	return append(out, modelFailures(r.Models)...)
}

// ErrChecks is wrapped by the error of a build whose blocking checks failed:
// the tables that served go on serving.
var ErrChecks = errors.New("blocking checks failed")

// unused is memory that nothing is written to, so it takes none. The collector
// counts it, and so begins at twice its size rather than at some megabytes: a build
// of few customers would be collected more than ten times.
var unused = sync.OnceValue(func() []byte { return make([]byte, 128<<20) })

// Build replays the ledger and builds the models, all beside what serves, and
// exchanges what passed its checks.
func (a *App) Build(ctx context.Context, o BuildOptions) (BuildReport, error) {
	defer runtime.KeepAlive(unused())
	begin := a.now()
	asOf := o.AsOf
	if asOf.IsZero() {
		asOf = begin.UTC()
	}
	asOf = time.Date(asOf.Year(), asOf.Month(), asOf.Day(), 0, 0, 0, 0, time.UTC)
	report := BuildReport{AsOf: asOf}
	if !o.MetricsOnly {
		if err := checkModels(a.cfg, o.Select); err != nil { // before the ledger is replayed, not after
			return report, err
		}
	}
	kind := "build"
	if o.ModelsOnly {
		kind = "models"
	}
	run, err := a.startRun(ctx, kind, begin)
	if err != nil {
		return report, err
	}
	report.RunID = run.ID
	err = a.build(ctx, run.ID, asOf, o, &report)
	report.Took = a.now().Sub(begin)
	run.Rows, run.FullBecause = report.Metrics.Events, cmp.Or(report.FullBecause, report.Anew)
	return report, a.finishRun(ctx, run, err, len(report.FailedChecks()) > 0)
}

func (a *App) build(ctx context.Context, run string, asOf time.Time, o BuildOptions, report *BuildReport) error {
	staged := func(table string) string { return table }
	publish := func(context.Context) error { return nil }
	if !o.ModelsOnly {
		began := time.Now()
		task := a.bars.Task("replay the ledger", "customers")
		shown := int64(0)
		options := a.metricOptions(asOf)
		options.Progress = func(customers, _ int64) { task.Add(customers - shown); shown = customers }
		stage, result, err := a.replay(ctx, run, o.Full, options)
		report.Metrics, report.FullBecause, report.Replay = result.summary, result.why, time.Since(began)
		if err != nil {
			task.Fail(shortly(err))
			return fmt.Errorf("replay the ledger: %w", err)
		}
		defer func() { _ = stage.Abort(context.WithoutCancel(ctx)) }() // does nothing after Publish
		task.Done(replayed(result))
		if err := blocking(report.Metrics.Checks); err != nil {
			return err
		}
		if report.Anew, err = a.deriveMetrics(ctx, stage, result); err != nil {
			return err
		}
		staged, publish = stagedName(stage.Name), stage.Publish
	}
	if o.MetricsOnly {
		return publish(ctx)
	}
	return a.buildModels(ctx, run, o, report, staged, publish)
}

func (a *App) buildModels(ctx context.Context, run string, o BuildOptions, report *BuildReport, staged func(string) string, publish func(context.Context) error) error {
	began := time.Now()
	task := a.bars.Task("build the models", "models")
	runner, err := a.modelRunner(o.Select, staged, func(sql.ModelReport) { task.Add(1) })
	if err != nil {
		task.Fail(shortly(err))
		return err
	}
	names, err := a.chooseModels(ctx, runner, o.Select)
	if err != nil {
		task.Fail(shortly(err))
		return err
	}
	task.Total(int64(len(names)))
	report.Models, err = runner.BuildModels(ctx, names)
	report.ModelTime = time.Since(began)
	if err != nil {
		task.Fail(shortly(err))
		return fmt.Errorf("build the models: %w", err)
	}
	if err := publish(ctx); err != nil {
		task.Fail(shortly(err))
		return err
	}
	if err := runner.Publish(ctx); err != nil {
		task.Fail(shortly(err))
		return err
	}
	task.Done("")
	return a.keepModelResults(ctx, run, report, runner.Fingerprints)
}

// chooseModels are the names of the models to build, in building order.
func (a *App) chooseModels(ctx context.Context, r *sql.Runner, o ModelSelection) ([]string, error) {
	names, err := o.Select(r)
	if err != nil || !o.Changed {
		return names, err
	}
	plan, err := a.plan(ctx, r, names)
	if err != nil {
		return nil, err
	}
	names = nil
	for _, p := range plan {
		if p.Changed {
			names = append(names, p.Model)
		}
	}
	return names, nil
}

// stagedName resolves the metric tables to their staged names; every other
// table is read under its own.
func stagedName(name func(string) string) func(string) string {
	metric := map[string]bool{}
	for _, t := range stagedTables() {
		metric[t.Name] = true
	}
	return func(table string) string {
		if metric[table] {
			return name(table)
		}
		return table
	}
}

// replayed is what a replay did, beside its bar.
func replayed(r replayResult) string {
	if r.why != "" {
		return fmt.Sprintf("%d events of %d customers; in full: %s", r.summary.Events, r.summary.Customers, r.why)
	}
	return fmt.Sprintf("%d events of %d customers, of which %d had changed", r.summary.Events, r.summary.Customers, r.summary.Changed)
}

// blocking returns an error naming the blocking checks that failed.
func blocking(checks []metrics.Check) error {
	var failed []string
	for _, c := range checks {
		if c.Blocking && c.Failed > 0 {
			failed = append(failed, c.String())
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%w; the tables of the last good build go on serving: %s", ErrChecks, strings.Join(failed, "; "))
}

// shortly is an error beside a bar: one line, and no cause where a person
// stopped the work.
func shortly(err error) string {
	if errors.Is(err, context.Canceled) {
		return "stopped before its end"
	}
	return firstLine(err)
}
