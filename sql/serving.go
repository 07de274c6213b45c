package sql

import (
	"context"
	"fmt"
	"slices"
)

// TestServing runs the tests of the named models on the tables that serve,
// without a build. A model that has no table yet is Skipped. Failing rows are
// shown in the report and stored nowhere.
func (r *Runner) TestServing(ctx context.Context, names []string) (Report, error) {
	report := Report{Started: r.options.Now()}
	tables, err := r.existing(ctx)
	if err != nil {
		return report, err
	}
	b := newBuild(r, nil)
	for _, m := range r.graph.models {
		if !slices.Contains(names, m.Name) {
			continue
		}
		j := &job{model: m, report: ModelReport{Name: m.Name, File: m.File, Materialisation: m.Materialisation, Status: Published, Started: r.options.Now()}}
		if !tables[m.Name] {
			j.report.Status, j.report.Reason = Skipped, "it was never built"
			report.Models = append(report.Models, j.report)
			continue
		}
		n := r.names(m.Name, nil, false)
		if j.report.Tests, _, err = b.testAll(ctx, m, n, func(t Test) TestReport { return b.testRows(ctx, t, n) }); err != nil {
			return report, fmt.Errorf("test the model %s: %w", m.Name, err)
		}
		for _, result := range j.report.Tests {
			if result.Blocks() {
				j.report.Status, j.report.Reason = TestFailed, result.describe()
			}
		}
		j.report.Duration = r.options.Now().Sub(j.report.Started)
		report.Models = append(report.Models, j.report)
		r.progress(j.report)
		if ctx.Err() != nil {
			return report, fmt.Errorf("test the models: %w", ctx.Err())
		}
	}
	report.Finished = r.options.Now()
	return report, nil
}
