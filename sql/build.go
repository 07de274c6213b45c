package sql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// build is one run through the graph.
type build struct {
	runner *Runner
	jobs   []*job         // in building order
	index  map[string]int // by model
	slots  chan struct{}
}

// job is one model of a build. Its fields may be read once done is closed.
type job struct {
	model  Model
	report ModelReport
	types  []columnType
	done   chan struct{}
}

func newBuild(r *Runner, chosen []int) *build {
	b := &build{runner: r, index: map[string]int{}, slots: make(chan struct{}, r.options.Workers)}
	for n, i := range chosen {
		m := r.graph.models[i]
		b.index[m.Name] = n
		b.jobs = append(b.jobs, &job{model: m, done: make(chan struct{}),
			report: ModelReport{Name: m.Name, File: m.File, Materialisation: m.Materialisation}})
	}
	return b
}

// run starts every model as soon as those it reads are done.
func (b *build) run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, j := range b.jobs {
		wg.Go(func() {
			defer close(j.done)
			b.runOne(ctx, j)
			b.runner.progress(j.report)
		})
	}
	wg.Wait()
}

func (b *build) runOne(ctx context.Context, j *job) {
	now := b.runner.options.Now
	j.report.Started = now() // of a skipped model too; of one that waits, begun anew below
	skip := func(reason string) { j.report.Status, j.report.Reason = Skipped, reason }
	for _, ref := range j.model.Refs() {
		n, ok := b.index[ref]
		if !ok {
			continue
		}
		<-b.jobs[n].done
		if status := b.jobs[n].report.Status; status != Staged {
			skip(fmt.Sprintf("it reads %s, which was not built (%s); %s", ref, status, b.serves(j.model)))
			return
		}
	}
	b.slots <- struct{}{}
	defer func() { <-b.slots }()
	if ctx.Err() != nil {
		skip("the build was cancelled")
		return
	}
	j.report.Started = now()
	if err := b.stage(ctx, j); err != nil {
		j.report.Status, j.report.Err, j.report.Reason = Failed, err, shortened(err.Error())
	}
	j.report.Duration = now().Sub(j.report.Started)
}

// serves says what readers have of a model that is not published.
func (b *build) serves(m Model) string {
	if b.runner.stood[m.Name] {
		return "the old table serves"
	}
	return "there is no table of it yet"
}

// stage builds the model beside the serving one and tests it.
func (b *build) stage(ctx context.Context, j *job) error {
	m, d, e := j.model, b.runner.dialect, b.runner.engine
	next := m.Name + stagedSuffix
	n := b.runner.names(next, b.isStaged, true)
	query := m.body.render(n)
	var err error
	switch m.Materialisation {
	case View:
		if err = b.matchColumns(ctx, j, "(\n"+query+"\n)"); err == nil {
			err = e.Exec(ctx, d.createView(next, m, j.types, query))
		}
	case Table: // the empty table tells the columns: the engine need not analyse the SELECT once more
		if err = m.placed(e.Exec(ctx, d.createTable(next, m.OrderBy, query)), query, n); err != nil {
			var mistake *Error
			if errors.As(err, &mistake) {
				break
			}
			if wrong := b.matchColumns(ctx, j, "(\n"+query+"\n)"); wrong != nil { // perhaps a column of order_by that is not there
				err = wrong
			}
			break
		}
		if err = b.matchColumns(ctx, j, "TABLE "+d.table(next)); err == nil {
			err = b.all(ctx, d.describe(next, m), d.fill(next, query))
		}
	default:
		if err = b.matchColumns(ctx, j, "(\n"+query+"\n)"); err == nil {
			err = b.fill(ctx, j, n)
		}
	}
	if failed := m.Name + failedSuffix; err == nil && b.runner.stood[failed] {
		err = e.Exec(ctx, d.drop(failed))
	}
	err = m.placed(err, query, n)
	var mistake *Error
	if errors.As(err, &mistake) {
		return err // it names its file itself
	}
	if err != nil {
		return fmt.Errorf("%s: %w", m.File, err)
	}
	if err := b.test(ctx, j, n); err != nil {
		return fmt.Errorf("%s: %w", m.File, err)
	}
	return nil
}

func (b *build) isStaged(model string) bool {
	_, ok := b.index[model] // its job is done and staged, or this one would be skipped
	return ok
}

// matchColumns asks the engine for the columns of the SELECT, or of the table made
// from it, and compares them with those of the header and with a history that
// would be lost.
func (b *build) matchColumns(ctx context.Context, j *job, what string) (err error) {
	if j.types, err = b.runner.describe(ctx, what); err != nil {
		return err
	}
	var have []string
	for _, t := range j.types {
		have = append(have, t.name)
		if _, ok := j.model.column(t.name); !ok {
			j.report.Notices = append(j.report.Notices, "the header does not describe the column "+t.name)
		}
	}
	for _, c := range j.model.Columns {
		if j.model.Materialisation == Snapshot && (c.Name == validFrom || c.Name == validTo) {
			continue
		}
		if !slices.Contains(have, c.Name) {
			return &Error{File: j.model.File, Line: 1, Problem: fmt.Sprintf("the header describes the column %q, which the SELECT does not return", c.Name),
				Hint: didYouMean(c.Name, have)}
		}
	}
	return b.keepsHistory(j)
}

// test runs the model's tests on the staged table and decides its status.
func (b *build) test(ctx context.Context, j *job, n names) error {
	var blocking []string
	results, rows, err := b.testAll(ctx, j.model, n, func(t Test) TestReport { return b.testOne(ctx, j, t, n) })
	if err != nil {
		return err
	}
	if rows == unknownRows {
		if rows, err = b.count(ctx, "SELECT toString(count()) FROM "+n.this); err != nil {
			return fmt.Errorf("count the rows: %w", err)
		}
	}
	j.report.Status, j.report.Rows, j.report.Tests = Staged, rows, results
	for _, result := range results {
		switch {
		case result.Blocks():
			blocking = append(blocking, result.describe())
		case !result.Passed():
			j.report.Notices = append(j.report.Notices, result.describe())
		}
	}
	if len(blocking) > 0 {
		j.report.Status = TestFailed
		j.report.Reason = strings.Join(blocking, "; ") + "; " + b.serves(j.model)
		if j.report.FailedTable != "" {
			j.report.Reason += fmt.Sprintf("; `huikuan query \"SELECT test, row FROM %s LIMIT 20\"` shows the rows", j.report.FailedTable)
		}
	}
	return nil
}

// shortened cuts the middle out of a long message: engines repeat the query.
func shortened(s string) string {
	const head, tail = 240, 160
	r := []rune(s)
	if len(r) <= head+tail {
		return s
	}
	return string(r[:head]) + " … " + string(r[len(r)-tail:])
}

func (t TestReport) describe() string {
	if t.Err != nil {
		return fmt.Sprintf("the test %s could not run: %s", t.Name, shortened(t.Err.Error()))
	}
	return fmt.Sprintf("the test %s found %d failing rows", t.Name, t.Failed)
}

// testAll runs the tests of a model and counts its rows, in one statement; single
// runs by itself a test that finds something, and all where that statement fails;
// then the rows are unknownRows.
func (b *build) testAll(ctx context.Context, m Model, n names, single func(Test) TestReport) (out []TestReport, rows int64, err error) {
	all, err := b.sweep(ctx, m, n)
	swept := err == nil
	if !swept {
		all.rows = unknownRows
	}
	for i, t := range m.Tests {
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		if swept && all.found[i] == 0 {
			out = append(out, TestReport{Name: t.Name, Kind: t.Kind, Severity: t.Severity, Query: t.failingRows(n.this, n), Duration: all.duration / time.Duration(len(m.Tests))})
			continue
		}
		out = append(out, single(t))
	}
	return out, all.rows, ctx.Err()
}

const unknownRows = -1

// sampledRows is how many failing rows of a test the report shows.
const sampledRows = 10

// testOne runs a test of a model and keeps the rows that break it.
func (b *build) testOne(ctx context.Context, j *job, t Test, n names) TestReport {
	e, d := b.runner.engine, b.runner.dialect
	out := b.testRows(ctx, t, n)
	if out.Err != nil || out.Failed == 0 {
		return out
	}
	failed := j.model.Name + failedSuffix
	for _, statement := range []string{d.createFailed(failed), d.storeFailed(failed, t, out.Query)} {
		if out.Err = e.Exec(ctx, statement); out.Err != nil {
			return out
		}
	}
	j.report.FailedTable = failed
	return out
}

// testRows runs a test and shows the first rows that break it.
func (b *build) testRows(ctx context.Context, t Test, n names) (out TestReport) {
	e := b.runner.engine
	out = TestReport{Name: t.Name, Kind: t.Kind, Severity: t.Severity, Query: t.failingRows(n.this, n)}
	started := b.runner.options.Now()
	defer func() { out.Duration = b.runner.options.Now().Sub(started) }()
	if out.Failed, out.Err = b.count(ctx, "SELECT toString(count()) FROM ("+out.Query+") SETTINGS "+anyMonth); out.Err != nil || out.Failed == 0 {
		return out
	}
	out.Sample, out.Columns, out.Err = e.Query(ctx, fmt.Sprintf("SELECT * FROM (%s) LIMIT %d SETTINGS %s", out.Query, sampledRows, anyMonth))
	return out
}

// count runs a SELECT of one number as text.
func (b *build) count(ctx context.Context, query string) (int64, error) {
	rows, _, err := b.runner.engine.Query(ctx, query)
	if err != nil {
		return 0, err
	}
	if len(rows) != 1 || len(rows[0]) != 1 {
		return 0, errNoAnswer
	}
	return strconv.ParseInt(asText(rows[0][0]), 10, 64)
}
