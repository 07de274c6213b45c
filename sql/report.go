package sql

import (
	"errors"
	"fmt"
	"time"
)

// Status is how far a model came.
type Status string

// The statuses.
const (
	// Staged: built beside the serving table, blocking tests passed.
	Staged Status = "staged"
	// Published: serving.
	Published Status = "published"
	// Failed: the SQL or the header is wrong; the old table serves, if there is one.
	Failed Status = "failed"
	// TestFailed: built, but a blocking test found rows; the old table serves, if there is one.
	TestFailed Status = "test_failed"
	// Skipped: a model that it reads did not pass; the old table serves, if there is one.
	Skipped Status = "skipped"
)

// Report is what a build did, models in building order.
type Report struct {
	Models   []ModelReport
	Started  time.Time
	Finished time.Time
}

// ModelReport is one model's part of a build.
type ModelReport struct {
	Name            string
	File            string
	Materialisation Materialisation
	Status          Status
	Reason          string   // one sentence for Failed, TestFailed and Skipped
	Notices         []string // what does not block: columns that the header does not describe, warnings
	Rows            int64
	Started         time.Time
	Duration        time.Duration
	Tests           []TestReport
	FailedTable     string // keeps the failing rows; empty if there are none
	Err             error  // for Failed
}

// TestReport is one test's result.
type TestReport struct {
	Name     string
	Kind     TestKind
	Severity Severity
	Failed   int64    // rows that break the rule; 0 = passed
	Columns  []string // of Sample
	Sample   [][]any  // the first failing rows, at most 10
	Query    string   // returns the failing rows
	Duration time.Duration
	Err      error // the test itself could not run; counts as failed
}

// Passed says whether the test ran and found nothing.
func (t TestReport) Passed() bool { return t.Err == nil && t.Failed == 0 }

// Blocks says whether the test keeps the model from being published.
func (t TestReport) Blocks() bool { return !t.Passed() && (t.Severity == Blocking || t.Err != nil) }

// OK says whether every model was staged or published.
func (r Report) OK() bool {
	for _, m := range r.Models {
		if m.Status != Staged && m.Status != Published {
			return false
		}
	}
	return true
}

// Err is nil if all is well, else one line for every model that is not.
func (r Report) Err() error {
	var all []error
	for _, m := range r.Models {
		if m.Status == Failed || m.Status == TestFailed || m.Status == Skipped {
			all = append(all, fmt.Errorf("model %s %s: %s", m.Name, m.Status, m.Reason))
		}
	}
	return errors.Join(all...)
}

// Model returns the report of that model.
func (r Report) Model(name string) (ModelReport, bool) {
	for _, m := range r.Models {
		if m.Name == name {
			return m, true
		}
	}
	return ModelReport{}, false
}
