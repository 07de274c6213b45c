package pipeline

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"huikuan/config"
	"huikuan/load"
	"huikuan/sql"
)

// StreamStatus is how a stream stands.
type StreamStatus struct {
	load.StreamStatus
	// Position is the instant up to which the source was read; zero if its cursor
	// is no instant.
	Position time.Time
	// Lag is how far Position lies back; negative if unknown.
	Lag time.Duration
	// Next is when `huikuan run` reads it next; zero: only by hand. It lies in the
	// past if it is due and nothing runs.
	Next time.Time
	// Open is the number of its rejected records that are not resolved.
	Open int64
}

// Status returns how every stream stands that was read or is configured: those
// of the warehouse first, in order of source and stream.
func (a *App) Status(ctx context.Context) ([]StreamStatus, error) {
	known, err := a.wh.Status(ctx)
	if err != nil {
		return nil, err
	}
	open, err := a.wh.OpenRejectCounts(ctx)
	if err != nil { // tables of an older version, which the next sync brings up to date
		a.log.Debug("the rejected records cannot be counted", "cause", err)
	}
	now := a.now()
	var out []StreamStatus
	seen := map[[2]string]bool{}
	for _, s := range known {
		seen[[2]string{s.Source, s.Stream}] = true
		out = append(out, StreamStatus{StreamStatus: s, Lag: -1, Open: open[[2]string{s.Source, s.Stream}]})
	}
	for _, source := range a.cfg.Sources {
		a.addSource(ctx, source, now, seen, &out)
	}
	return out, nil
}

// LastBuild returns the latest build that ended; its ID is empty where there is none.
func (a *App) LastBuild(ctx context.Context) (load.Run, error) {
	r, err := a.wh.LastRun(ctx, "build")
	if err != nil { // tables of an older version, which the next build brings up to date
		a.log.Debug("the last build cannot be read", "cause", err)
		return load.Run{}, nil
	}
	return r, nil
}

// addSource adds what the configuration tells of a source's streams. A source
// whose settings are wrong is left as it is: `huikuan check` says why.
func (a *App) addSource(ctx context.Context, source config.Source, now time.Time, seen map[[2]string]bool, out *[]StreamStatus) {
	src, err := a.openSource(ctx, source)
	if err != nil {
		a.log.Debug("a source cannot be opened", "source", source.Name, "cause", err)
		return
	}
	defer src.Close()
	for _, st := range src.Streams() {
		if !st.Dictionary && wanted(st.Name, nil, source.Only) && !seen[[2]string{source.Name, st.Name}] {
			*out = append(*out, StreamStatus{StreamStatus: load.StreamStatus{Source: source.Name, Stream: st.Name, Status: "never read"}, Lag: -1})
		}
	}
	for i := range *out {
		s := &(*out)[i]
		if s.Source != source.Name {
			continue
		}
		s.Next = nextRun(a.scheduleOf(source), s.LastRun.Add(-s.Duration), now)
		var state saved
		if json.Unmarshal([]byte(s.Cursor), &state) != nil {
			continue
		}
		if at, ok := src.Position(s.Stream, state.Cursor); ok {
			s.Position, s.Lag = at, max(0, now.Sub(at))
		}
	}
}

// nextRun is when a schedule comes next, as far as its last run tells. An
// interval counts from the last run, so it may be over already.
func nextRun(schedule string, last, now time.Time) time.Time {
	if schedule == "" {
		return time.Time{}
	}
	plan, err := cron.ParseStandard(schedule)
	if err != nil {
		return time.Time{}
	}
	if every, ok := plan.(cron.ConstantDelaySchedule); ok && !last.IsZero() {
		return last.Add(every.Delay)
	}
	return plan.Next(now.UTC())
}

// sample is the first failing row of a test, for people.
func sample(t sql.TestReport) string {
	if len(t.Sample) == 0 {
		return t.Query
	}
	var parts []string
	for i, v := range t.Sample[0] {
		name := ""
		if i < len(t.Columns) {
			name = t.Columns[i] + "="
		}
		parts = append(parts, name+fmt.Sprint(v))
	}
	return strings.Join(parts, ", ")
}

// modelFailures lists models and tests that did not pass, for people.
func modelFailures(r sql.Report) []string {
	var out []string
	for _, m := range r.Models {
		if m.Reason != "" {
			out = append(out, fmt.Sprintf("model %s: %s", m.Name, brief(m.Reason)))
			continue
		}
		for _, t := range m.Tests {
			if !t.Passed() {
				out = append(out, fmt.Sprintf("model %s, test %s (%s): %d rows, such as %s", m.Name, t.Name, t.Severity, t.Failed, sample(t)))
			}
		}
	}
	return out
}

// brief cuts the engine's copy of the whole statement out of an error.
func brief(reason string) string {
	head, rest, found := strings.Cut(reason, " in scope ")
	if !found {
		return reason
	}
	if i := strings.Index(rest, "Maybe you meant"); i >= 0 {
		head += ". " + rest[i:]
	}
	return head
}
