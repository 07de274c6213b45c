package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"huikuan/config"
	"huikuan/extract"
	"huikuan/internal/progress"
	"huikuan/load"
	"huikuan/transform/mapping"
)

// stream is one stream to read, its mapping compiled.
type stream struct {
	src    *extract.Source
	source config.Source
	name   string
	mapper *mapping.Mapper
	keys   *mapping.Mapper // of a pass for keys; nil if there is none
	tables []string        // that its rows go to
	sole   map[string]bool // those of them that no other stream of the source writes to
	parts  []part          // rows that go with a document of the stream that is deleted
	spec   extract.Stream
}

// owner says whose rows of a table the stream answers for.
func (st stream) owner(table string) load.Owner {
	return load.Owner{Source: st.source.Name, Stream: st.name, Sole: st.sole[table]}
}

// streams compiles the mappings of a source's chosen streams, so that a mistake
// in one is known before anything is read.
func (a *App) streams(s config.Source, src *extract.Source, asked []string) ([]stream, error) {
	var out []stream
	var all []stream
	writers := map[string]int{} // streams by table
	for _, st := range src.Streams() {
		if st.Dictionary {
			continue
		}
		compiled, err := compile(s, st)
		if err != nil {
			return nil, &SourceError{Config: a.cfg.Path, Line: s.Line, Err: fmt.Errorf("source %s, stream %s: %w", s.Name, st.Name, err)}
		}
		for _, t := range compiled.tables {
			writers[t]++
		}
		compiled.src = src
		all = append(all, compiled)
	}
	for i := range all {
		all[i].sole = map[string]bool{}
		for _, t := range all[i].tables {
			all[i].sole[t] = writers[t] == 1
		}
	}
	for _, st := range all {
		if wanted(st.name, asked, s.Only) {
			st.parts = partsOf(st, all)
			out = append(out, st)
		}
	}
	return out, nil
}

func compile(s config.Source, st extract.Stream) (stream, error) {
	o := mapping.Options{Source: s.Name, Location: st.Location, DefaultCompany: s.Company, DateFormats: st.DateFormats, Decimal: st.Decimal}
	out := stream{source: s, name: st.Name, spec: st}
	var err error
	if out.mapper, err = mapping.Compile(st.Name, st.Mapping, o); err != nil {
		return out, err
	}
	if st.KeysMapping != nil {
		o.KeysOnly = true
		if out.keys, err = mapping.Compile(st.Name, st.KeysMapping, o); err != nil {
			return out, fmt.Errorf("the pass for keys: %w", err)
		}
	}
	out.tables = out.mapper.Tables()
	for _, t := range st.Replaces {
		if !slices.Contains(out.tables, t) {
			out.tables = append(out.tables, t)
		}
	}
	return out, nil
}

// syncSource reads the streams of one source, some at the same time, and
// returns their results in their order.
func (a *App) syncSource(ctx context.Context, run string, streams []stream, o SyncOptions) []StreamResult {
	results := make([]*StreamResult, len(streams))
	var g errgroup.Group
	g.SetLimit(max(1, a.cfg.Sync.ParallelStreams))
	for i, st := range streams {
		g.Go(func() error {
			if ctx.Err() == nil {
				r := a.syncStream(ctx, run, st, o)
				results[i] = &r
			}
			return nil
		})
	}
	g.Wait()
	var out []StreamResult
	for _, r := range results {
		if r != nil {
			out = append(out, *r)
		}
	}
	return out
}

// syncStream reads a stream: what changed, the passes that are due, and again
// what a pass for keys found missing.
func (a *App) syncStream(ctx context.Context, run string, st stream, o SyncOptions) (res StreamResult) {
	begin := a.now()
	res = StreamResult{Source: st.source.Name, Stream: st.name}
	task := a.bars.Task(st.source.Name+"/"+st.name, "records")
	defer func() {
		res.Took = a.now().Sub(begin)
		res.Err = errors.Join(res.Err, a.writeSlice(ctx, run, begin, res))
		if res.Err != nil {
			task.Fail(shortly(res.Err))
		} else {
			task.Done(res.words())
		}
	}()
	state, err := a.loadState(ctx, st, o.Full)
	if err == nil && o.Full {
		err = a.wh.ForgetKeys(ctx, st.source.Name, st.name, true)
	}
	if err != nil {
		res.Err = err
		return res
	}
	for {
		before := state.Lost
		if state, err = a.read(ctx, run, st, state, o, &res, task); err != nil {
			res.Err = err
			return res
		}
		if state.Lost == lostNone || st.keys == nil {
			break
		}
		if before == lostNone { // suspected just now: what changed since is read once more
			continue
		}
		if state, err = a.searchLost(ctx, run, st, state, &res); err != nil || state.Lost == lostNone {
			res.Err = err
			break
		}
	}
	if res.Err == nil {
		_, res.Err = a.wh.SettleRejected(ctx, st.source.Name, st.name, run)
	}
	return res
}

// read reads a stream from a cursor to its end and returns the state after it.
func (a *App) read(ctx context.Context, run string, st stream, state saved, o SyncOptions, res *StreamResult, task progress.Task) (saved, error) {
	if n, ok, err := st.src.Count(ctx, st.name, state.Cursor); err == nil && ok {
		task.Total(n)
	}
	ld := newLoader(ctx, a, run, st, state, res)
	ld.accept = o.AcceptDeletions
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
	err := ld.finish()
	return ld.written, err
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
		s = saved{Version: s.Version}
	}
	return s, nil
}

func (a *App) saveState(ctx context.Context, st stream, s saved, run string) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write down the cursor of %s/%s: %w", st.source.Name, st.name, err)
	}
	return a.wh.SaveState(ctx, st.source.Name, st.name, "", raw, run)
}

// note adds a sentence to what a person should know.
func (r *StreamResult) note(sentence string) {
	switch {
	case sentence == "" || strings.Contains(r.Notice, sentence):
	case r.Notice == "":
		r.Notice = sentence
	default:
		r.Notice += "; " + sentence
	}
}

// words is the result in a few words, for the end of a progress bar.
func (r StreamResult) words() string {
	parts := []string{progress.Count(r.Read) + " records"}
	switch r.Read {
	case 0:
		parts[0] = "nothing new"
	case 1:
		parts[0] = "1 record"
	}
	more := map[string]int64{"left out": r.Filtered, "rejected": r.Rejected, "replaced in the same read": r.Replaced, "deleted": r.Deleted, "found again": r.FoundAgain}
	for _, what := range slices.Sorted(maps.Keys(more)) {
		if more[what] > 0 {
			parts = append(parts, progress.Count(more[what])+" "+what)
		}
	}
	return strings.Join(parts, " · ")
}
