package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/config"
	"huikuan/internal/progress"
	"huikuan/load"
	"huikuan/transform/canonical"
	"huikuan/transform/mapping"
)

// How a replay works
//
// The pages of a stream that are kept as received are mapped again with the
// mapping of today, in the order of their versions, without a word to the
// source. The rows of a page of version v are written under v + n, n being the
// number of replays of the stream so far (see version.go): they win over what
// the page gave before, and lose to every later page, however often and in
// whatever order replays are repeated. Parents that a page replaces are
// replaced again. At the end, rows that a page gave before and no longer gives
// are deleted: a mapping whose keys changed leaves no doubles behind.

// ReplayOptions choose which pages are mapped again.
type ReplayOptions struct {
	Source       string
	Streams      []string // empty = all of which pages are kept
	Since, Until time.Time
}

// ReplayResult is what came of one stream.
type ReplayResult struct {
	Source, Stream                string
	Pages, Read, Mapped, Filtered int64
	Rejected                      int64 // records that cannot be mapped even now
	Resolved                      int64 // records rejected before that were loaded now
	Rows                          int64
	Deleted                       int64 // rows that a page gave before and no longer gives, or that were replaced
	From, To                      time.Time
	Took                          time.Duration
	FirstReject, Notice           string
	Err                           error
}

// ReplayReport is what came of a replay.
type ReplayReport struct {
	RunID   string
	Streams []ReplayResult
}

// Err joins the errors of the streams that failed.
func (r ReplayReport) Err() error {
	var errs []error
	for _, s := range r.Streams {
		errs = append(errs, s.Err)
	}
	return errors.Join(errs...)
}

// Rejected is the number of records of all streams that could not be mapped.
func (r ReplayReport) Rejected() (n int64) {
	for _, s := range r.Streams {
		n += s.Rejected
	}
	return n
}

// Replay maps the kept pages of a source again. A stream that fails does not
// stop the others; its error stands in the report.
func (a *App) Replay(ctx context.Context, o ReplayOptions) (ReplayReport, error) {
	begin := a.now()
	streams, err := a.replayed(ctx, o)
	if err != nil {
		return ReplayReport{}, err
	}
	run, err := a.startRun(ctx, "replay", begin)
	if err != nil {
		return ReplayReport{}, err
	}
	report := ReplayReport{RunID: run.ID}
	for _, st := range streams {
		r := a.replayStream(ctx, run.ID, st, o)
		report.Streams = append(report.Streams, r)
		run.Rows, run.Rejected = run.Rows+r.Rows, run.Rejected+r.Rejected
		if ctx.Err() != nil {
			break
		}
	}
	err = a.finishRun(ctx, run, report.Err(), report.Rejected() > 0)
	if report.Err() != nil {
		err = nil // it stands in the report
	}
	return report, err
}

// replayed lists the streams to replay, their mappings compiled.
func (a *App) replayed(ctx context.Context, o ReplayOptions) ([]stream, error) {
	chosen, err := a.chosen([]string{o.Source})
	if err != nil {
		return nil, err
	}
	src, err := a.openSource(ctx, chosen[0])
	if err != nil {
		return nil, err
	}
	defer src.Close()
	all, err := a.streams(chosen[0], src, nil)
	if err != nil {
		return nil, err
	}
	kept, err := a.wh.RawStreams(ctx, o.Source)
	if err != nil {
		return nil, err
	}
	for _, name := range o.Streams {
		if !slices.ContainsFunc(all, func(st stream) bool { return st.name == name }) {
			return nil, &config.Error{Problems: []config.Problem{{File: o.Source, Text: fmt.Sprintf("has no stream named %q; there are %s", name, strings.Join(names(all), ", "))}}}
		}
		if !slices.Contains(kept, name) {
			return nil, fmt.Errorf("replay %s/%s: no page of it is kept; pages are kept for sync.keep_raw_days (%d) days", o.Source, name, a.cfg.Sync.KeepRawDays)
		}
	}
	if len(kept) == 0 {
		return nil, fmt.Errorf("replay %s: no page of it is kept; pages are kept for sync.keep_raw_days (%d) days", o.Source, a.cfg.Sync.KeepRawDays)
	}
	return slices.DeleteFunc(all, func(st stream) bool {
		return !slices.Contains(kept, st.name) || len(o.Streams) > 0 && !slices.Contains(o.Streams, st.name)
	}), nil
}

func names(streams []stream) (out []string) {
	for _, st := range streams {
		out = append(out, st.name)
	}
	return out
}

// replayState is what ops_state keeps of a stream's replays, under the slice
// [replaySlice].
type replayState struct {
	Replays uint64 `json:"replays"`
}

const replaySlice = "replay"

// nextStep is by how much the rows of the next replay of a stream stand above
// those of their pages. It is written down first, so that none is used twice;
// after the last step of the ladder, of two equal versions the later insert wins.
func (a *App) nextStep(ctx context.Context, st stream, run string) (uint64, error) {
	var s replayState
	raw, err := a.wh.LoadState(ctx, st.source.Name, st.name, replaySlice)
	if err != nil {
		return 0, err
	}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &s); err != nil {
			return 0, fmt.Errorf("read the number of replays of %s/%s: %w", st.source.Name, st.name, err)
		}
	}
	s.Replays = min(s.Replays+1, versionLadder-1)
	if raw, err = json.Marshal(s); err != nil {
		return 0, err
	}
	return s.Replays, a.wh.SaveState(ctx, st.source.Name, st.name, replaySlice, raw, run)
}

// How much is replayed at a time.
const (
	replayPages = 64
	replayBytes = 8 << 20 // of bodies
)

func (a *App) replayStream(ctx context.Context, run string, st stream, o ReplayOptions) (res ReplayResult) {
	begin := a.now()
	res = ReplayResult{Source: st.source.Name, Stream: st.name}
	task := a.bars.Task("replay "+st.source.Name+"/"+st.name, "records")
	defer func() {
		res.Took = a.now().Sub(begin)
		if res.Err != nil {
			task.Fail(shortly(res.Err))
		} else {
			task.Done(fmt.Sprintf("%s records of %s pages", progress.Count(res.Read), progress.Count(res.Pages)))
		}
	}()
	refs, err := a.wh.RawPageRefs(ctx, st.source.Name, st.name, o.Since, o.Until)
	if err != nil || len(refs) == 0 {
		res.Err = err
		return res
	}
	total := int64(0)
	for _, ref := range refs {
		total += ref.Count
	}
	task.Total(total)
	step, err := a.nextStep(ctx, st, run)
	if err != nil {
		res.Err = err
		return res
	}
	r := &replayer{app: a, run: run, st: st, step: step, res: &res, task: task, lookups: a.wh.NewLookupReader(st.source.Name), batches: map[string][]arrow.Record{}}
	defer r.release()
	for chunk := range chunks(refs) {
		if res.Err = r.chunk(ctx, chunk); res.Err != nil {
			return res
		}
	}
	res.Err = r.finish(ctx, o)
	return res
}

// chunks cuts the list of pages into parts that fit into memory.
func chunks(refs []load.PageRef) func(func([]load.PageRef) bool) {
	return func(yield func([]load.PageRef) bool) {
		from, bytes := 0, int64(0)
		for i, ref := range refs {
			if i > from && (i-from == replayPages || bytes+ref.Bytes > replayBytes) {
				if !yield(refs[from:i]) {
					return
				}
				from, bytes = i, 0
			}
			bytes += ref.Bytes
		}
		if from < len(refs) {
			yield(refs[from:])
		}
	}
}

// replayer writes the pages of one stream again.
type replayer struct {
	app     *App
	run     string
	st      stream
	step    uint64
	res     *ReplayResult
	task    progress.Task
	lookups *load.LookupReader
	part    int

	// gathered, not yet written
	batches  map[string][]arrow.Record
	rows     int
	bytes    int64
	rejects  []load.Rejected
	resolved []string
	replaced []replacement
}

// chunk maps some pages, and writes what is gathered once it is enough.
func (r *replayer) chunk(ctx context.Context, refs []load.PageRef) error {
	hashes := make([]string, len(refs))
	for i, ref := range refs {
		hashes[i] = ref.Hash
	}
	pages, err := r.app.wh.RawPages(ctx, r.st.source.Name, r.st.name, hashes...)
	if err != nil {
		return err
	}
	open, err := r.app.wh.OpenRejects(ctx, r.st.source.Name, r.st.name, hashes...)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		page, ok := pages[ref.Hash]
		if !ok {
			continue // expired a moment ago
		}
		if err := r.page(ctx, page, open[ref.Hash]); err != nil {
			return fmt.Errorf("replay %s/%s, page %d received %s: %w", r.st.source.Name, r.st.name, page.Ordinal, page.FetchedAt.Format(time.DateTime), err)
		}
		r.task.Add(int64(page.Count))
	}
	if cfg := r.app.cfg.Sync; r.rows >= cfg.BatchRows || r.bytes >= int64(cfg.BatchBytes) {
		return r.flush(ctx)
	}
	return nil
}

// page maps a page again; open are the hashes of its records that were rejected.
func (r *replayer) page(ctx context.Context, p load.StoredPage, open []string) error {
	lookups, err := r.lookups.Read(ctx, p.Lookups)
	if err != nil {
		return err
	}
	out, version := mapping.Output{}, p.Version+r.step
	if p.Count > 0 {
		out, err = r.st.mapper.Map(mapping.Input{Body: p.Text, Records: p.Records, Columns: p.Columns, Lookups: lookups, First: p.First,
			Version: version, RunID: r.run, LoadedAt: r.app.now().UTC()})
		if err != nil {
			return err
		}
	}
	for _, b := range out.Batches {
		r.batches[b.Table] = append(r.batches[b.Table], b.Record)
		r.rows += int(b.Record.NumRows())
		r.bytes += arrowBytes(b.Record)
	}
	if p.Replaces != nil {
		r.replaced = append(r.replaced, newReplacement(p.Replaces, version, out.Rejected))
	}
	failed := map[string]bool{}
	for _, reject := range out.Rejected {
		failed[load.RecordHash(reject.Raw)] = true
		line := reject.Record
		if at := int(reject.Record - p.First); at >= 0 && at < len(p.Lines) {
			line = p.Lines[at]
		}
		stored := rejected(reject, line)
		stored.RunID, stored.Source, stored.Stream, stored.Page, stored.PageVersion, stored.Pass = r.run, p.Source, p.Stream, p.Hash, p.Version, p.Pass
		r.rejects = append(r.rejects, stored)
		if r.res.FirstReject == "" {
			r.res.FirstReject = rejectSentence(p.File, stored)
		}
	}
	for _, hash := range open {
		if !failed[hash] {
			r.resolved = append(r.resolved, hash)
		}
	}
	r.count(p, out)
	return nil
}

func (r *replayer) count(p load.StoredPage, out mapping.Output) {
	r.res.Pages++
	r.res.Read += int64(out.Read)
	r.res.Mapped += int64(out.Mapped)
	r.res.Filtered += int64(out.Filtered)
	r.res.Rejected += int64(len(out.Rejected))
	if r.res.From.IsZero() || p.FetchedAt.Before(r.res.From) {
		r.res.From = p.FetchedAt
	}
	if p.FetchedAt.After(r.res.To) {
		r.res.To = p.FetchedAt
	}
}

// flush writes what is gathered.
func (r *replayer) flush(ctx context.Context) error {
	r.part++
	wh, source, name := r.app.wh, r.st.source.Name, r.st.name
	var receipts []load.Receipt
	for _, t := range slices.Sorted(maps.Keys(r.batches)) {
		receipt, err := wh.Insert(ctx, t, fmt.Sprintf("%s/%s/%s/replay/%d/%s", r.run, source, name, r.part, t), r.batches[t]...)
		if err != nil {
			return fmt.Errorf("replay %s/%s: %w", source, name, err)
		}
		r.res.Rows += receipt.Rows
		receipts = append(receipts, receipt)
	}
	tables, blind := byTable(r.replaced)
	if blind > 0 {
		r.res.Notice = "rows that are gone with a page were kept, since a record on it was rejected without a key"
	}
	for _, key := range slices.Sorted(maps.Keys(tables)) {
		t := tables[key]
		d := load.Deletion{Owner: t.owner(r.st), Table: t.table, RunID: r.run, By: "replaced"}
		n, err := wh.DeleteReplaced(ctx, d, t.column, t.versions, t.spared)
		if r.res.Deleted += n; err != nil {
			return err
		}
	}
	if err := wh.WriteRejected(ctx, r.rejects...); err != nil {
		return err
	}
	n, err := wh.ResolveRejected(ctx, source, name, r.run, r.resolved)
	if r.res.Resolved += n; err != nil {
		return err
	}
	r.release()
	return wh.WriteReceipts(ctx, r.run, source, name, "", receipts...)
}

// finish writes the rest and deletes what the pages no longer give.
func (r *replayer) finish(ctx context.Context, o ReplayOptions) error {
	if err := r.flush(ctx); err != nil {
		return err
	}
	settled, err := r.app.wh.SettleRejected(ctx, r.st.source.Name, r.st.name, r.run)
	if r.res.Resolved += settled; err != nil {
		return err
	}
	if r.res.Rejected > 0 { // a row of a record that fails only now would seem to be gone
		return nil
	}
	for _, table := range canonical.Names() {
		d := load.Deletion{Owner: load.Owner{Source: r.st.source.Name, Stream: r.st.name}, Table: table, RunID: r.run, By: "replay"}
		n, err := r.app.wh.DeleteOrphans(ctx, d, versionLadder, r.step, o.Since, o.Until)
		if r.res.Deleted += n; err != nil {
			return err
		}
	}
	return nil
}

// release lets go of what is gathered.
func (r *replayer) release() {
	for _, recs := range r.batches {
		for _, rec := range recs {
			rec.Release()
		}
	}
	r.batches = map[string][]arrow.Record{}
	r.rows, r.bytes, r.rejects, r.resolved, r.replaced = 0, 0, nil, nil, nil
}
