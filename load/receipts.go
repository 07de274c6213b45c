package load

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Run is one execution of sync, build or replay.
type Run struct {
	ID                    string
	Kind                  string // sync, build, replay
	Status                string // running, ok, partial, failed
	StartedAt, FinishedAt time.Time
	Rows, Rejected        int64
	Version, Host         string
	Error                 string
	FullBecause           string // why a build replayed all documents; empty where changed customers were enough
}

// StartRun records that a run has begun, with the status running.
func (w *Warehouse) StartRun(ctx context.Context, r Run) error {
	r.Status, r.FinishedAt = "running", time.Time{}
	return w.writeRun(ctx, r)
}

// FinishRun replaces the record of a run by how it ended.
func (w *Warehouse) FinishRun(ctx context.Context, r Run) error { return w.writeRun(ctx, r) }

func (w *Warehouse) writeRun(ctx context.Context, r Run) error {
	var finished any
	if !r.FinishedAt.IsZero() {
		finished = r.FinishedAt
	}
	return w.writeOps(ctx, runsTable, "run/"+r.ID, [][]any{{
		r.ID, r.Kind, r.Status, r.StartedAt, finished, r.Rows, r.Rejected, r.Version, r.Host, r.Error, r.FullBecause, w.version(), uint8(0),
	}})
}

// LastRun returns the latest finished run of a kind; its ID is empty where there is none.
func (w *Warehouse) LastRun(ctx context.Context, kind string) (r Run, err error) {
	sql := "SELECT run_id, kind, status, toUnixTimestamp64Micro(started_at), toUnixTimestamp64Micro(finished_at), error, full_because FROM " + w.qualified(runsTable) +
		" WHERE kind = " + literal(kind) + " AND finished_at IS NOT NULL ORDER BY run_id DESC LIMIT 1"
	err = w.each(ctx, sql, func(row []any) error {
		r = Run{ID: row[0].(string), Kind: row[1].(string), Status: row[2].(string), StartedAt: instant(row[3]), FinishedAt: instant(row[4]), Error: row[5].(string), FullBecause: row[6].(string)}
		return nil
	})
	return r, w.explain("look for the last "+kind, err)
}

// Slice is what one part of a stream brought in one run.
// Read = records mapped + Filtered + Rejected.
type Slice struct {
	RunID, Source, Stream, Slice string
	Status                       string // ok, partial (rejected records), failed
	StartedAt, FinishedAt        time.Time
	Pages, Read, Filtered        int64
	Rejected, Rows, Bytes        int64
	Error                        string
}

// WriteSlices records slices; the same slice of the same run is replaced.
func (w *Warehouse) WriteSlices(ctx context.Context, slices ...Slice) error {
	rows := make([][]any, len(slices))
	for i, s := range slices {
		rows[i] = []any{s.RunID, s.Source, s.Stream, s.Slice, s.Status, s.StartedAt, s.FinishedAt, s.Pages, s.Read, s.Filtered,
			s.Rejected, s.Rows, s.Bytes, s.Error, w.version(), uint8(0)}
	}
	return w.writeOps(ctx, slicesTable, "slices", rows)
}

// WriteReceipts records acknowledged inserts of a slice.
func (w *Warehouse) WriteReceipts(ctx context.Context, runID, source, stream, slice string, receipts ...Receipt) error {
	rows := make([][]any, len(receipts))
	for i, r := range receipts {
		rows[i] = []any{w.opts.Now(), runID, source, stream, slice, r.Table, r.Rows, r.Bytes, r.Token, r.Hash, r.Duration.Seconds()}
	}
	return w.writeOps(ctx, receiptsTable, "receipts/"+runID, rows)
}

// ModelRun is one build of a SQL model.
type ModelRun struct {
	RunID, Model, Status string // ok, failed, skipped
	StartedAt            time.Time
	Duration             time.Duration
	Rows                 int64
	Hash                 string // of the model's text
	Error                string
}

// WriteModelRuns records builds of models.
func (w *Warehouse) WriteModelRuns(ctx context.Context, runs ...ModelRun) error {
	rows := make([][]any, len(runs))
	for i, m := range runs {
		rows[i] = []any{m.RunID, m.Model, m.Status, m.StartedAt, m.Duration.Seconds(), m.Rows, m.Hash, m.Error}
	}
	return w.writeOps(ctx, modelRunsTable, "models", rows)
}

// TestResult is the outcome of one data test.
type TestResult struct {
	RunID, Test, Table string
	Status             string // passed, failed, error
	Severity           string // error blocks the publication, warn does not
	FailedRows         int64
	Detail             string
	TestedAt           time.Time
	Duration           time.Duration
}

// WriteTestResults records outcomes of data tests.
func (w *Warehouse) WriteTestResults(ctx context.Context, results ...TestResult) error {
	rows := make([][]any, len(results))
	for i, r := range results {
		rows[i] = []any{r.RunID, r.Test, r.Table, r.Status, r.Severity, r.FailedRows, r.Detail, r.TestedAt, r.Duration.Seconds()}
	}
	return w.writeOps(ctx, testResultsTable, "tests", rows)
}

// writeOps inserts rows into one of the warehouse's own tables.
func (w *Warehouse) writeOps(ctx context.Context, table, token string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	rec, err := newRecord(w.alloc, opsTable(table), rows)
	if err != nil {
		return err
	}
	defer rec.Release()
	_, err = w.Insert(ctx, table, table+"/"+token, rec)
	return err
}

// bytesOf is never nil: nil would be NULL.
func bytesOf(body []byte) []byte {
	if body == nil {
		return []byte{}
	}
	return body
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
