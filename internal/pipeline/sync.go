package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"huikuan/config"
	"huikuan/extract"
)

// SyncOptions choose what is read.
type SyncOptions struct {
	Sources []string // names; empty = all
	Streams []string // names; empty = all of the source
	Full    bool     // forget the cursors and read everything again
	// AcceptDeletions lets comparisons with the source delete however many rows.
	AcceptDeletions bool
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
	Deleted        int64  // rows that the source no longer has
	FoundAgain     int64  // rows that the warehouse had missed and a second read brought
	Notice         string // what a person should know; empty if nothing
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

// Deleted is the number of rows that all streams found gone from their sources.
func (r SyncReport) Deleted() (n int64) {
	for _, s := range r.Streams {
		n += s.Deleted
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
			results[i] = a.syncSource(ctx, run.ID, work[i], o)
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
