package pipeline

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"time"

	"huikuan/load"
	"huikuan/sql"
)

// startRun writes down that a run has begun. Its identifier sorts by time.
func (a *App) startRun(ctx context.Context, kind string, begin time.Time) (load.Run, error) {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, by its contract
	host, _ := os.Hostname()
	run := load.Run{ID: begin.UTC().Format("20060102T150405.000Z") + "-" + hex.EncodeToString(b[:]), Kind: kind, StartedAt: begin.UTC(), Host: host}
	return run, a.wh.StartRun(ctx, run)
}

// finishRun writes down how a run ended, even if it was stopped, and returns
// the error it ended with. Errors of single streams stand in the report of a
// sync, so a sync returns none of its own.
func (a *App) finishRun(ctx context.Context, run load.Run, failed error, partial bool) error {
	run.FinishedAt, run.Status = a.now().UTC(), "ok"
	if partial {
		run.Status = "partial"
	}
	if failed != nil {
		run.Status, run.Error = "failed", shortly(failed)
	}
	err := a.wh.FinishRun(context.WithoutCancel(ctx), run)
	if run.Kind == "sync" {
		return err
	}
	return errors.Join(failed, err)
}

// writeSlice writes down what a stream brought.
func (a *App) writeSlice(ctx context.Context, run string, begin time.Time, r StreamResult) error {
	s := load.Slice{RunID: run, Source: r.Source, Stream: r.Stream, Status: "ok", StartedAt: begin.UTC(), FinishedAt: a.now().UTC(),
		Pages: r.Pages, Read: r.Read, Filtered: r.Filtered, Rejected: r.Rejected, Rows: r.Rows, Bytes: r.Bytes}
	if r.Rejected > 0 {
		s.Status = "partial"
	}
	if r.Err != nil {
		s.Status, s.Error = "failed", firstLine(r.Err)
	}
	return a.wh.WriteSlices(context.WithoutCancel(ctx), s)
}

// keepModelResults writes down how the models and their tests ended.
func (a *App) keepModelResults(ctx context.Context, run string, report *BuildReport, fingerprints func(sql.Report, map[string]sql.Built) map[string]string) error {
	built, err := a.BuiltModels(ctx)
	if err != nil {
		return err
	}
	remember := fingerprints(report.Models, built)
	var runs []load.ModelRun
	var tests []load.TestResult
	at := a.now().UTC()
	for _, c := range report.Metrics.Checks {
		t := load.TestResult{RunID: run, Test: c.Name, Table: "ledger", Status: "passed", Severity: "warn", FailedRows: c.Failed, Detail: c.Detail, TestedAt: at}
		if c.Blocking {
			t.Severity = "error"
		}
		if c.Failed > 0 {
			t.Status, t.Detail = "failed", c.String()
		}
		tests = append(tests, t)
	}
	for _, m := range report.Models.Models {
		runs = append(runs, load.ModelRun{RunID: run, Model: m.Name, Status: modelStatus(m.Status), StartedAt: m.Started.UTC(), Duration: m.Duration, Rows: m.Rows, Hash: remember[m.Name], Error: m.Reason})
		for _, t := range m.Tests {
			tests = append(tests, testResult(run, m.Name, at, t))
		}
	}
	return errors.Join(a.wh.WriteModelRuns(ctx, runs...), a.wh.WriteTestResults(ctx, tests...))
}

func modelStatus(s sql.Status) string {
	switch s {
	case sql.Staged, sql.Published:
		return "ok"
	case sql.Skipped:
		return "skipped"
	}
	return "failed"
}

func testResult(run, model string, at time.Time, t sql.TestReport) load.TestResult {
	r := load.TestResult{RunID: run, Test: t.Name, Table: model, Status: "passed", Severity: "warn", FailedRows: t.Failed, TestedAt: at, Duration: t.Duration}
	if t.Severity == sql.Blocking {
		r.Severity = "error"
	}
	switch {
	case t.Err != nil:
		r.Status, r.Detail = "error", firstLine(t.Err)
	case t.Failed > 0:
		r.Status = "failed"
		r.Detail = sample(t)
	}
	return r
}
