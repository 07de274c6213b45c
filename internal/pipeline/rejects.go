package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/load"
	"huikuan/transform/mapping"
)

// Reject is a record that could not be mapped, as it is kept.
type Reject = load.StoredReject

// RejectFilter chooses rejected records.
type RejectFilter = load.RejectFilter

// Rejects returns the rejected records that a filter chooses, the newest first,
// and how many it would choose without its limit.
func (a *App) Rejects(ctx context.Context, f RejectFilter) (out []Reject, total int64, err error) {
	if total, err = a.wh.CountRejected(ctx, f); err != nil {
		return nil, 0, err
	}
	err = a.wh.EachRejected(ctx, f, func(r Reject) error {
		out = append(out, r)
		return nil
	})
	return out, total, err
}

// RetryReport is what came of a retry.
type RetryReport struct {
	RunID         string
	Tried         int64
	Resolved      int64    // mapped and loaded, or left out by the mapping's own rule
	Rows          int64    // loaded
	Still         []Reject // rejected again, with the reason of today
	Untried       int64    // not records, such as broken lines of a file
	UntriedReason string
}

// RetryRejects maps the raw text of open rejected records again, loads those
// that can be mapped now, and marks them as resolved. A row of a retry never
// wins over a later version of its document.
func (a *App) RetryRejects(ctx context.Context, f RejectFilter) (RetryReport, error) {
	f.Resolved, f.Limit = false, 0
	rejects, _, err := a.Rejects(ctx, f)
	if err != nil {
		return RetryReport{}, err
	}
	begin := a.now()
	run, err := a.startRun(ctx, "replay", begin)
	if err != nil {
		return RetryReport{}, err
	}
	report := RetryReport{RunID: run.ID, Tried: int64(len(rejects))}
	bySource := map[string][]Reject{}
	for _, r := range rejects {
		bySource[r.Source] = append(bySource[r.Source], r)
	}
	for _, source := range slices.Sorted(maps.Keys(bySource)) {
		if err = a.retrySource(ctx, run.ID, source, bySource[source], &report); err != nil {
			break
		}
	}
	run.Rows, run.Rejected = report.Rows, int64(len(report.Still))
	return report, a.finishRun(ctx, run, err, len(report.Still) > 0)
}

func (a *App) retrySource(ctx context.Context, run, source string, rejects []Reject, report *RetryReport) error {
	chosen, err := a.chosen([]string{source})
	if err != nil {
		return err
	}
	src, err := a.openSource(ctx, chosen[0])
	if err != nil {
		return err
	}
	defer src.Close()
	streams, err := a.streams(chosen[0], src, nil)
	if err != nil {
		return err
	}
	for _, st := range streams {
		var own []Reject
		for _, r := range rejects {
			if r.Stream == st.name {
				own = append(own, r)
			}
		}
		if len(own) == 0 {
			continue
		}
		step, err := a.nextStep(ctx, st, run)
		if err != nil {
			return err
		}
		t := &retrier{app: a, run: run, st: st, step: step, report: report, lookups: a.wh.NewLookupReader(source)}
		for some := range slices.Chunk(own, replayPages) {
			if err := t.retry(ctx, some); err != nil {
				return fmt.Errorf("retry rejected records of %s/%s: %w", source, st.name, err)
			}
		}
	}
	return nil
}

// retrier maps the rejected records of one stream again.
type retrier struct {
	app     *App
	run     string
	st      stream
	step    uint64
	report  *RetryReport
	lookups *load.LookupReader
	part    int
}

func (t *retrier) retry(ctx context.Context, rejects []Reject) error {
	var hashes []string
	for _, r := range rejects {
		if r.Page != "" && !slices.Contains(hashes, r.Page) {
			hashes = append(hashes, r.Page)
		}
	}
	pages, err := t.app.wh.RawPages(ctx, t.st.source.Name, t.st.name, hashes...)
	if err != nil {
		return err
	}
	batches := map[string][]arrow.Record{}
	defer func() {
		for _, recs := range batches {
			for _, rec := range recs {
				rec.Release()
			}
		}
	}()
	var resolved []string
	var again []load.Rejected
	for _, r := range rejects {
		if !json.Valid(r.Raw) || len(r.Raw) == 0 {
			t.report.Untried++
			t.report.UntriedReason = "lines of files that are no records: mend the file and sync again"
			continue
		}
		out, err := t.mapRecord(ctx, r, pages[r.Page])
		if err != nil {
			return err
		}
		for _, b := range out.Batches {
			batches[b.Table] = append(batches[b.Table], b.Record)
		}
		if len(out.Rejected) == 0 {
			resolved = append(resolved, r.Hash)
			continue
		}
		now := rejected(out.Rejected[0], r.Record)
		now.RunID, now.Source, now.Stream, now.Page, now.PageVersion, now.Pass = t.run, r.Source, r.Stream, r.Page, r.PageVersion, r.Pass
		again = append(again, now)
		still := r
		still.Rejected = now
		t.report.Still = append(t.report.Still, still)
	}
	return t.write(ctx, batches, resolved, again)
}

// mapRecord maps one record as its page was mapped. Without its page, which may
// have expired, it has neither dictionaries nor the names of its columns.
func (t *retrier) mapRecord(ctx context.Context, r Reject, page load.StoredPage) (mapping.Output, error) {
	lookups, err := t.lookups.Read(ctx, page.Lookups)
	if err != nil {
		return mapping.Output{}, err
	}
	mapper := t.st.mapper
	if r.Pass == keysPass && t.st.keys != nil {
		mapper = t.st.keys
	}
	version := r.PageVersion + t.step
	if r.PageVersion == 0 { // rejected before pages had versions of their own
		version = uint64(r.RejectedAt.UnixMicro())
	}
	body := append(append([]byte{'['}, r.Raw...), ']')
	out, err := mapper.Map(mapping.Input{Body: body, Columns: page.Columns, Lookups: lookups, First: r.Record,
		Version: version, RunID: t.run, LoadedAt: t.app.now().UTC()})
	if err == nil && mapper == t.st.keys { // a key says only that a row exists
		out.Release()
		out.Batches = nil
	}
	return out, err
}

func (t *retrier) write(ctx context.Context, batches map[string][]arrow.Record, resolved []string, again []load.Rejected) error {
	t.part++
	wh, source, name := t.app.wh, t.st.source.Name, t.st.name
	var receipts []load.Receipt
	for _, table := range slices.Sorted(maps.Keys(batches)) {
		r, err := wh.Insert(ctx, table, fmt.Sprintf("%s/%s/%s/retry/%d/%s", t.run, source, name, t.part, table), batches[table]...)
		if err != nil {
			return err
		}
		t.report.Rows += r.Rows
		receipts = append(receipts, r)
	}
	if err := wh.WriteRejected(ctx, again...); err != nil {
		return err
	}
	n, err := wh.ResolveRejected(ctx, source, name, t.run, resolved)
	if t.report.Resolved += n; err != nil {
		return err
	}
	return wh.WriteReceipts(ctx, t.run, source, name, "", receipts...)
}

// keysPass is what rejected_rows calls a pass for keys.
const keysPass = "keys"

// ParseDay reads a day (YYYY-MM-DD, its begin in UTC), an instant (RFC 3339), or
// how long ago (36h, 7d).
func ParseDay(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339, time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	if days, ok := cutDays(text); ok {
		return now.AddDate(0, 0, -days), nil
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("found %q, expected a day such as 2026-01-31, an instant such as 2026-01-31T08:00:00Z, or how long ago, such as 7d or 36h", text)
}

func cutDays(text string) (int, bool) {
	var days int
	var unit string
	n, _ := fmt.Sscanf(text, "%d%s", &days, &unit)
	return days, n == 2 && unit == "d" && days >= 0
}
