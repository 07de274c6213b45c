package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"huikuan/config"
	"huikuan/extract"
	"huikuan/transform/mapping"
)

// SyncOptions choose what is read.
type SyncOptions struct {
	Sources []string // names; empty = all
	Streams []string // names; empty = all of the source
	Full    bool     // forget the cursors and read everything again
}

// StreamResult is what came of one stream.
type StreamResult struct {
	Source, Stream string
	Read           int64 // records the source sent
	Mapped         int64 // records that became rows
	Filtered       int64 // records left out by the mapping's own rule
	Rejected       int64 // records that could not be mapped, kept in rejected_rows
	Rows           int64 // rows written to core tables
	Pages, Bytes   int64
	Took           time.Duration
	FirstReject    string // the first reason, for people
	Replaced       int64  // rows of files that replaced an earlier row of the same read
	Notice         string // what a person should know about them; empty if nothing
	Err            error
}

// SyncReport is what came of a sync.
type SyncReport struct {
	RunID   string
	Streams []StreamResult
	Took    time.Duration
}

// Rejected is the number of rejected records of all streams.
func (r SyncReport) Rejected() (n int64) {
	for _, s := range r.Streams {
		n += s.Rejected
	}
	return n
}

// Rows is the number of rows written by all streams.
func (r SyncReport) Rows() (n int64) {
	for _, s := range r.Streams {
		n += s.Rows
	}
	return n
}

// Err joins the errors of the streams that failed.
func (r SyncReport) Err() error {
	var errs []error
	for _, s := range r.Streams {
		errs = append(errs, s.Err)
	}
	return errors.Join(errs...)
}

// StreamError is what stopped the extraction of a stream.
type StreamError = extract.Error

// gcPercent is how much garbage, in percent of what is in use, a sync lets pile
// up. What is in use is pages and batches, tens of megabytes without pointers:
// collecting them often costs next to nothing and saves as much memory again.
const gcPercent = 25

// Sync reads the chosen sources, each in its own goroutine, streams in the order
// of the connector. A stream that fails does not stop the others; its error
// stands in the report. The returned error is a mistake that kept the sync from
// beginning.
func (a *App) Sync(ctx context.Context, o SyncOptions) (SyncReport, error) {
	begin := a.now()
	defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	chosen, err := a.chosen(o.Sources)
	if err != nil {
		return SyncReport{}, err
	}
	opened := make([]*extract.Source, 0, len(chosen))
	defer func() {
		for _, s := range opened {
			s.Close()
		}
	}()
	work := make([][]stream, len(chosen))
	for i, s := range chosen {
		src, err := a.openSource(ctx, s)
		if err != nil {
			return SyncReport{}, err
		}
		opened = append(opened, src)
		if work[i], err = a.streams(s, src, o.Streams); err != nil {
			return SyncReport{}, err
		}
	}
	if err := checkAsked(o.Streams, opened); err != nil {
		return SyncReport{}, err
	}
	run, err := a.startRun(ctx, "sync", begin)
	if err != nil {
		return SyncReport{}, err
	}
	report := SyncReport{RunID: run.ID}
	results := make([][]StreamResult, len(chosen))
	var g errgroup.Group
	for i := range work {
		g.Go(func() error {
			for _, st := range work[i] {
				results[i] = append(results[i], a.syncStream(ctx, run.ID, st, o.Full))
				if ctx.Err() != nil {
					return nil
				}
			}
			return nil
		})
	}
	g.Wait()
	for _, r := range results {
		report.Streams = append(report.Streams, r...)
	}
	report.Took = a.now().Sub(begin)
	run.Rows, run.Rejected = report.Rows(), report.Rejected()
	return report, a.finishRun(ctx, run, report.Err(), report.Rejected() > 0)
}

// stream is one stream to read, its mapping compiled.
type stream struct {
	src    *extract.Source
	source config.Source
	name   string
	mapper *mapping.Mapper
}

// streams compiles the mappings of a source's chosen streams, so that a mistake
// in one is known before anything is read.
func (a *App) streams(s config.Source, src *extract.Source, asked []string) ([]stream, error) {
	var out []stream
	for _, st := range src.Streams() {
		if st.Dictionary || !wanted(st.Name, asked, s.Only) {
			continue
		}
		m, err := mapping.Compile(st.Name, st.Mapping, mapping.Options{
			Source: s.Name, Location: st.Location, DefaultCompany: s.Company, DateFormats: st.DateFormats, Decimal: st.Decimal,
		})
		if err != nil {
			return nil, &SourceError{Config: a.cfg.Path, Line: s.Line, Err: fmt.Errorf("source %s, stream %s: %w", s.Name, st.Name, err)}
		}
		out = append(out, stream{src: src, source: s, name: st.Name, mapper: m})
	}
	return out, nil
}

// checkAsked makes a stream name nobody has an error instead of an empty run.
func checkAsked(asked []string, sources []*extract.Source) error {
	var known []string
	for _, src := range sources {
		for _, st := range src.Streams() {
			if !st.Dictionary {
				known = append(known, st.Name)
			}
		}
	}
	for _, name := range asked {
		if !slices.Contains(known, name) {
			return &config.Error{Problems: []config.Problem{{File: "--stream", Text: fmt.Sprintf("no chosen source has a stream named %q; there are %s", name, strings.Join(known, ", "))}}}
		}
	}
	return nil
}

// saved is what ops_state keeps for a stream: the extractor's cursor, opaque
// here, and the highest version given out, so that versions grow from run to
// run even if the clock goes back.
type saved struct {
	Cursor  json.RawMessage `json:"cursor,omitempty"`
	Version uint64          `json:"version"`
}

func (a *App) syncStream(ctx context.Context, run string, st stream, full bool) (res StreamResult) {
	begin := a.now()
	res = StreamResult{Source: st.source.Name, Stream: st.name}
	task := a.bars.Task(st.source.Name+"/"+st.name, "records")
	defer func() {
		res.Took = a.now().Sub(begin)
		res.Err = errors.Join(res.Err, a.writeSlice(ctx, run, begin, res))
		if res.Err != nil {
			task.Fail(shortly(res.Err))
		} else {
			task.Done(res.note())
		}
	}()
	state, err := a.loadState(ctx, st, full)
	if err != nil {
		res.Err = err
		return res
	}
	if n, ok, err := st.src.Count(ctx, st.name, state.Cursor); err == nil && ok {
		task.Total(n)
	}
	ld := newLoader(ctx, a, run, st, state, &res)
	for page, err := range st.src.Pages(ld.ctx, st.name, state.Cursor) {
		if err == nil {
			err = ld.add(page)
		}
		if err != nil {
			ld.stop(err)
			break
		}
		task.Add(int64(page.Count))
	}
	res.Err = ld.finish()
	return res
}

func (a *App) loadState(ctx context.Context, st stream, full bool) (saved, error) {
	var s saved
	raw, err := a.wh.LoadState(ctx, st.source.Name, st.name, "")
	if err != nil {
		return s, err
	}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &s); err != nil {
			return s, fmt.Errorf("the saved cursor of %s/%s cannot be read (%w): run `huikuan sync %s --stream %s --full` to read everything again", st.source.Name, st.name, err, st.source.Name, st.name)
		}
	}
	if full {
		s.Cursor = nil
	}
	return s, nil
}
