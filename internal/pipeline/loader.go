package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/extract"
	"huikuan/load"
	"huikuan/transform/mapping"
)

// loader gathers the batches of a stream and writes them, one gathering being
// written while the next is mapped. The cursor of a gathering is saved after
// all of its rows are acknowledged, never before.
type loader struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	app    *App
	run    string
	st     stream
	state  saved
	res    *StreamResult

	packer   *load.Packer       // of raw pages; nil if none are kept
	lookups  *load.LookupKeeper // of raw pages
	twice    *duplicates
	now      *gathering
	jobs     chan *gathering
	done     chan error
	gathered int  // gatherings so far
	accept   bool // deletions, however many

	// of the writer, until finish returns
	written saved // the state saved last
	deleted int64
	seen    map[string]bool // tables of which keys were kept
	notices []string
}

// gathering is what is written together.
type gathering struct {
	batches  map[string][]arrow.Record
	lookups  []load.RawLookup
	pages    []load.RawPage
	rejects  []load.Rejected
	replaced []replacement
	seen     []seenKeys
	sweep    *sweep // always the last of its gathering
	rows     int
	bytes    int64 // held in memory: batches and packed pages
	state    saved
	first    int // ordinal of the first page
	last     int
	number   int // of the gathering in its read
}

func newLoader(ctx context.Context, a *App, run string, st stream, state saved, res *StreamResult) *loader {
	ctx, cancel := context.WithCancelCause(ctx)
	l := &loader{ctx: ctx, cancel: cancel, app: a, run: run, st: st, state: state, written: state, res: res, twice: newDuplicates(),
		jobs: make(chan *gathering, 1), done: make(chan error, 1), seen: map[string]bool{}}
	if a.cfg.Sync.KeepRawDays > 0 {
		l.packer, l.lookups = load.NewPacker(), load.NewLookupKeeper(st.source.Name)
	}
	if st.mapper != nil {
		st.mapper.Recycle() // a gathering is released once it is written; keys are kept longer
	}
	go func() {
		var failed error
		for g := range l.jobs {
			if failed == nil {
				if failed = l.write(g); failed != nil {
					cancel(failed)
				}
			}
			g.release()
		}
		l.done <- failed
	}()
	return l
}

// add maps a page and hands a full gathering to the writer.
func (l *loader) add(p extract.Page) error {
	if err := context.Cause(l.ctx); err != nil {
		return err
	}
	if p.Sweep != nil {
		return l.sweep(p)
	}
	packed := l.pack(p.Body)
	l.state.Version = nextVersion(l.state.Version, p.FetchedAt)
	out, err := l.mapPage(p)
	body := <-packed
	if err != nil {
		return fmt.Errorf("map %s/%s page %d: %w", p.Source, p.Stream, p.Ordinal, err)
	}
	g := l.gather(p)
	page := l.keep(g, p, body)
	if p.Keys {
		g.keys(p, out)
	} else {
		l.take(g, p, out)
	}
	l.count(g, p, page, out)
	l.state.advance(p)
	g.state = l.state
	cfg := l.app.cfg.Sync
	if g.rows >= cfg.BatchRows || g.bytes >= int64(cfg.BatchBytes) {
		return l.flush()
	}
	return nil
}

// mapPage maps the records of a page, if there are any.
func (l *loader) mapPage(p extract.Page) (mapping.Output, error) {
	mapper := l.st.mapper
	if p.Keys {
		mapper = l.st.keys
	}
	if p.Count == 0 {
		return mapping.Output{}, nil
	}
	if mapper == nil {
		return mapping.Output{}, errors.New("the pass for keys has no mapping: give it `emit` in the connector")
	}
	return mapper.Map(mapping.Input{
		Body: p.Body, Records: p.Records, Columns: p.Columns, Lookups: p.Lookups, First: p.First,
		Version: l.state.Version, RunID: l.run, LoadedAt: p.FetchedAt.UTC(),
	})
}

// take gathers the rows of a page, and the parents that it replaces.
func (l *loader) take(g *gathering, p extract.Page, out mapping.Output) {
	for _, b := range out.Batches {
		if p.File != "" {
			l.twice.note(b.Table, b.Record)
		}
		g.batches[b.Table] = append(g.batches[b.Table], b.Record)
		g.rows += int(b.Record.NumRows())
		g.bytes += arrowBytes(b.Record)
	}
	if p.Replace != nil {
		g.replaced = append(g.replaced, newReplacement(parentsOf(p.Replace), l.state.Version, out.Rejected))
	}
}

// pack packs a page's body while the page is mapped. The caller receives the
// result in any case, since the body is its sender's again afterwards.
func (l *loader) pack(body []byte) <-chan load.PackedBody {
	packed := make(chan load.PackedBody, 1)
	if l.packer == nil || len(body) == 0 {
		packed <- load.PackedBody{}
		return packed
	}
	go func() { packed <- l.packer.Pack(body) }()
	return packed
}

// arrowBytes is the memory that a batch holds.
func arrowBytes(rec arrow.Record) (n int64) {
	for _, column := range rec.Columns() {
		n += int64(column.Data().SizeInBytes())
	}
	return n
}

// gather returns the gathering that page p belongs to.
func (l *loader) gather(p extract.Page) *gathering {
	if l.now == nil {
		l.gathered++
		l.now = &gathering{batches: map[string][]arrow.Record{}, first: p.Ordinal, number: l.gathered}
	}
	l.now.last = p.Ordinal
	return l.now
}

// keep adds a page to those that are kept as received, and returns its name
// among them. Keys alone are not kept: there is nothing in them to replay.
func (l *loader) keep(g *gathering, p extract.Page, body load.PackedBody) (hash string) {
	if l.packer == nil || p.Keys || len(p.Body) == 0 && p.Replace == nil {
		return ""
	}
	refs, fresh := l.lookups.Pack(p.Lookups)
	page := load.RawPage{
		RunID: l.run, Source: p.Source, Stream: p.Stream, Slice: p.Slice, Ordinal: p.Ordinal, URL: p.URL, Records: p.Records, Columns: p.Columns,
		Count: p.Count, First: p.First, Lines: p.Lines, Body: body, FetchedAt: p.FetchedAt, Version: l.state.Version, Pass: p.Pass, File: p.File,
		Lookups: refs, Replaces: parentsOf(p.Replace),
	}
	g.pages = append(g.pages, page)
	g.lookups = append(g.lookups, fresh...)
	g.bytes += int64(body.Len() + len(refs))
	return page.Hash()
}

func parentsOf(r *extract.Replace) *load.Parents {
	if r == nil {
		return nil
	}
	return &load.Parents{Tables: r.Tables, Column: r.Column, Values: r.Values, Stream: r.Stream}
}

// count adds a page's numbers to the result and keeps what was rejected; page
// names it among those kept.
func (l *loader) count(g *gathering, p extract.Page, page string, out mapping.Output) {
	reject := func(r load.Rejected) {
		r.RunID, r.Source, r.Stream, r.PageVersion, r.Pass = l.run, p.Source, p.Stream, l.state.Version, p.Pass
		if p.Keys {
			r.Pass = keysPass // whatever it is called: a retry has to know
		}
		g.rejects = append(g.rejects, r)
		if l.res.FirstReject == "" {
			l.res.FirstReject = rejectSentence(p.File, r)
		}
	}
	for _, b := range p.Broken {
		reject(load.Rejected{Record: b.Line, Reason: b.Reason, Raw: b.Raw})
	}
	for _, r := range out.Rejected {
		stored := rejected(r, p.Line(int(r.Record-p.First)))
		stored.Page = page // a broken row is on no page: it is no record
		reject(stored)
	}
	l.res.Read += int64(out.Read + len(p.Broken))
	l.res.Mapped += int64(out.Mapped)
	l.res.Filtered += int64(out.Filtered)
	l.res.Rejected += int64(len(out.Rejected) + len(p.Broken))
	l.res.Pages++
	l.res.Bytes += int64(len(p.Body))
}

// rejected writes a reject of the mapping down as it is kept; line is the number
// of its record for people.
func rejected(r mapping.Reject, line int64) load.Rejected {
	return load.Rejected{Table: r.Table, Record: line, Key: r.Key, Field: r.Field,
		Found: r.Found, Expected: r.Expected, Reason: r.Reason, Hint: r.Hint, Raw: r.Raw}
}

// rejectSentence tells a person why a record was rejected.
func rejectSentence(file string, r load.Rejected) string {
	where := fmt.Sprintf("record %d", r.Record)
	if file != "" {
		where = fmt.Sprintf("%s line %d", filepath.Base(file), r.Record)
	}
	if r.Key != "" {
		where += " (" + r.Key + ")"
	}
	text := where + ": " + r.Reason
	if r.Field != "" {
		text = fmt.Sprintf("%s, field %s: %s", where, r.Field, r.Reason)
	}
	if r.Found != "" && !strings.Contains(r.Reason, r.Found) {
		text += ", found " + r.Found
	}
	if r.Expected != "" && !strings.Contains(r.Reason, r.Expected) {
		text += ", expected " + r.Expected
	}
	if r.Hint != "" {
		text += "; " + r.Hint
	}
	return text
}

// flush hands the gathering to the writer; it waits while one is being written.
func (l *loader) flush() error {
	g := l.now
	if g == nil {
		return nil
	}
	l.now = nil
	select {
	case l.jobs <- g:
		return nil
	case <-l.ctx.Done():
		g.release()
		return context.Cause(l.ctx)
	}
}

// stop drops what is not yet handed over: its cursor never moves.
func (l *loader) stop(err error) {
	if l.now != nil {
		l.now.release()
		l.now = nil
	}
	l.cancel(err)
}

// finish writes the rest and waits for the writer.
func (l *loader) finish() error {
	flushErr := l.flush()
	close(l.jobs)
	writeErr := <-l.done
	l.res.Replaced += l.twice.count
	l.res.Deleted += l.deleted
	l.res.note(l.twice.sentence())
	for _, n := range l.notices {
		l.res.note(n)
	}
	cause := context.Cause(l.ctx)
	l.cancel(nil)
	switch {
	case writeErr != nil && !errors.Is(writeErr, context.Canceled):
		return writeErr
	case cause != nil:
		return cause
	}
	return errors.Join(writeErr, flushErr)
}

// write inserts a gathering and moves the cursor.
func (l *loader) write(g *gathering) error {
	wh, source, name := l.app.wh, l.st.source.Name, l.st.name
	where := fmt.Sprintf("%s/%s/%s/%d/%d-%d", l.run, source, name, g.number, g.first, g.last)
	var receipts []load.Receipt
	for _, t := range slices.Sorted(maps.Keys(g.batches)) {
		r, err := wh.Insert(l.ctx, t, where+"/"+t, g.batches[t]...)
		if err != nil {
			return fmt.Errorf("load %s/%s: %w", source, name, err)
		}
		l.res.Rows += r.Rows
		receipts = append(receipts, r)
	}
	if err := l.writeSeen(g, where); err != nil {
		return err
	}
	if err := wh.WriteRawLookups(l.ctx, g.lookups...); err != nil {
		return err
	}
	if err := wh.WriteRawPages(l.ctx, g.pages...); err != nil {
		return err
	}
	if err := wh.WriteRejected(l.ctx, g.rejects...); err != nil {
		return err
	}
	if err := l.replace(g.replaced); err != nil {
		return err
	}
	if err := wh.WriteReceipts(l.ctx, l.run, source, name, "", receipts...); err != nil {
		return err
	}
	if g.sweep != nil {
		return l.writeSweep(g)
	}
	if err := l.app.saveState(l.ctx, l.st, g.state, l.run); err != nil {
		return err
	}
	l.written = g.state
	return nil
}

func (g *gathering) release() {
	for _, recs := range g.batches {
		for _, r := range recs {
			r.Release()
		}
	}
	g.batches = nil
}

func firstLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	return s
}
