// Package extract reads sources. A connector is one YAML file that says how to
// sign in, what to ask, how to page and where to continue; this package runs it
// and yields pages of raw records.
//
// In: a connector, the settings of one source, the cursor of the last run.
// Out: pages ([Page]) in order, each with the cursor to save once its data is
// acknowledged. A record is handed on as it was received; nothing is converted
// here, so exact decimals stay exact.
//
// Never here: what a record means (transform/mapping), Arrow, ClickHouse.
//
// The life of a source:
//
//  1. [ParseConnector] or [Shipped] reads the YAML; every mistake has a line.
//  2. [Open] checks the settings and fills in the templates. No request is sent.
//  3. [Source.Streams] lists what to read, in order.
//  4. [Source.Pages] reads a stream from a saved cursor; the next pages are
//     fetched while the caller works on this one.
//  5. The caller saves [Page].State after the page's data is safe, never before.
package extract

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"time"

	"go.yaml.in/yaml/v3"
)

// Page is a run of records of one stream, as received.
type Page struct {
	Source, Stream string
	// Slice names the part of the stream this page belongs to; empty where a stream is not sliced.
	Slice string
	// Ordinal is 1, 2, … within the slice of this run.
	Ordinal int
	// Body is JSON text as received, less records that the page before had already to the byte; for CSV and Parquet it is made from the rows.
	// It is valid until the next page is asked for: its memory is used again.
	Body []byte
	// Records is the dotted path to the array of records inside Body; empty = Body is the array.
	Records string
	// Columns is not nil where every record is an array of texts in this order.
	Columns []string
	// Lookups are the dictionaries that the mapping may ask, by name.
	Lookups map[string]map[string]string
	// Count is the number of records in Body. Records that could not be read are not in it, but in Broken.
	Count int
	// First is the ordinal of the first record: 1, 2, … over the stream's read, or its line number in a file.
	First int64
	// Lines holds the line number of each record of a text file, where they do not simply follow on First; else nil.
	Lines []int64
	// Broken are the rows that could not be read as records. Whoever counts records counts them as rejected.
	Broken []BrokenRow
	// File is the file that the page was read from; empty for APIs.
	File string
	// URL is the address asked, without secrets.
	URL       string
	FetchedAt time.Time
	// State is the cursor to save once this page's data is acknowledged, never before.
	// It is JSON and covers the whole stream, all slices. Nil: there is nothing to save.
	// A page without records may carry it too.
	State []byte
	// Pass says which read of the stream the page belongs to: "changed" is the normal one, others are as the connector names them.
	Pass string
	// Keys: the records only say which keys exist ([Stream].KeysMapping reads them); they are not loaded.
	Keys bool
	// Replace, if not nil, names the parents all of whose rows are on this page: other rows of theirs are gone.
	Replace *Replace
	// Sweep, if not nil, ends a pass that met everything there is. The page has no records.
	Sweep *Sweep

	free   func()             // gives the memory of Body back; nil if that is left to the collector
	mark   func(*cursorState) // what the state gains once the page is safe; nil if nothing
	family *family            // of children that are not made into a page yet
}

// Replace names parents, an invoice say, whose rows came whole: rows of the
// Tables with one of the Values in Column that are not on the same page are gone
// from the source.
type Replace struct {
	Tables []string
	Column string
	Values []string // each once
	Stream string   // that gave the rows; empty = the one that gives the page
}

// Sweep says that a pass met every record of its stream: what the warehouse has
// beyond them, and had before Began, is gone from the source.
type Sweep struct {
	Pass  string
	Keys  bool      // the pass gave keys only
	Began time.Time // before the first request of the pass, by our clock
}

// BrokenRow is a row of a file that is no record: wrong number of fields, a
// quote in the wrong place, text in another encoding.
type BrokenRow struct {
	Line   int64  // line number in the file, from 1
	Reason string // one sentence
	Raw    []byte // the row's text, at most 4 KiB
}

// Line returns the line number (files) or ordinal (APIs) of record i of the page, counted from 0.
func (p Page) Line(i int) int64 {
	if i >= 0 && i < len(p.Lines) {
		return p.Lines[i]
	}
	return p.First + int64(i)
}

// Stream is one thing that a source has to read.
type Stream struct {
	Name  string
	Title string
	// Mapping is the emit section with settings filled in; nil for a pure dictionary.
	Mapping *yaml.Node
	// Dictionary streams feed lookups only: Pages of other streams read them by themselves when they need them.
	Dictionary bool
	// Incremental streams continue from a saved cursor; the others are read whole each time.
	Incremental bool
	// Location is the zone of instants that carry none.
	Location *time.Location
	// Passes are the reads of the stream beside the one for what changed, by name.
	Passes []string
	// KeysMapping reads the pages of a pass for keys; nil if there is none.
	KeysMapping *yaml.Node
	// Replaces are the tables of which the stream's pages replace all rows of a parent, ReplacesBy the column that names it.
	Replaces   []string
	ReplacesBy string
	// Parent is the stream whose records the stream is asked about; empty = none.
	Parent string
	// DateFormats and Decimal are the stream's defaults for dates and amounts written as text (files).
	DateFormats []string
	Decimal     string
}

// Options are what a source needs beside its settings. The zero value is ready for use.
type Options struct {
	Logger    *slog.Logger
	Now       func() time.Time                                 // nil = time.Now
	Sleep     func(ctx context.Context, d time.Duration) error // nil = a timer; waits between retries go through it
	HTTP      *http.Client                                     // nil = a client with sane pools; only its Transport is used
	BaseDir   string                                           // relative paths of files start here
	TokenDir  string                                           // refresh tokens and counts of requests are kept here, one file a source; empty = nowhere
	UserAgent string                                           // empty = huikuan
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.UserAgent == "" {
		o.UserAgent = "huikuan"
	}
	return o
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// reader is what a kind of connector can do; rest, files and sql are the kinds.
type reader interface {
	// pages yields the pages of a stream after the cursor; it stops at the first error, which it yields.
	pages(ctx context.Context, st *streamSpec, state cursorState) iter.Seq2[Page, error]
	// count says how many records pages would yield, ok = false where that is not known cheaply.
	count(ctx context.Context, st *streamSpec, state cursorState) (n int64, ok bool, err error)
	// check asks for as little as shows that the stream can be read.
	check(ctx context.Context, st *streamSpec) StreamCheck
	// probe says what holds for every stream if the source cannot be reached or does not accept the key; else nil.
	probe(ctx context.Context) *StreamCheck
	close() error
}

// Source is an opened connector: settings checked, templates filled in.
// Its methods may be called from several goroutines.
type Source struct {
	name      string
	connector *Connector
	settings  settingValues
	location  *time.Location
	streams   []*streamSpec
	reader    reader
	dicts     *dictionaries
	opts      Options
}

// Open checks the settings of a source and prepares its streams. No request is sent.
func Open(_ context.Context, source string, c *Connector, settings map[string]any, o Options) (*Source, error) {
	o = o.withDefaults()
	values, err := c.resolve(settings)
	if err != nil {
		return nil, &Error{Source: source, Err: err}
	}
	s := &Source{name: source, connector: c, settings: values, opts: o, location: time.UTC}
	if c.timezone != nil {
		zone, err := c.timezone.render(values.data())
		if err != nil {
			return nil, &Error{Source: source, Err: err}
		}
		if s.location, err = time.LoadLocation(zone); err != nil {
			return nil, &Error{Source: source, Field: "timezone", Found: zone, Expected: "a zone such as Europe/Berlin", Err: errSetting}
		}
	}
	if c.kind == kindFiles {
		if s.streams, err = openFileStreams(s); err != nil {
			return nil, err
		}
		s.reader = newFileReader(s)
		return s, nil
	}
	if c.kind == kindSQL {
		r, err := newSQLReader(s)
		if err != nil {
			return nil, err
		}
		s.reader = r
		return s, nil
	}
	if err := s.openStreams(); err != nil {
		return nil, err
	}
	rest, err := newRestReader(s)
	if err != nil {
		return nil, err
	}
	s.reader = rest
	s.dicts = newDictionaries(s)
	return s, nil
}

// openStreams fills in the streams that this source has.
func (s *Source) openStreams() error {
	var kept []streamDecl
	for _, decl := range s.connector.streams {
		st, keep, err := decl.open(s)
		if err != nil {
			return &Error{Source: s.name, Stream: decl.name, Err: err}
		}
		if keep {
			s.streams, kept = append(s.streams, st), append(kept, decl)
		}
	}
	for i := range kept {
		if err := s.streams[i].openParent(&kept[i], s); err != nil {
			return &Error{Source: s.name, Stream: kept[i].name, Err: err}
		}
	}
	return nil
}

// Name is the name of the source in the configuration.
func (s *Source) Name() string { return s.name }

// Streams lists what to read, in order of reading.
func (s *Source) Streams() []Stream {
	out := make([]Stream, len(s.streams))
	for i, st := range s.streams {
		out[i] = Stream{
			Name: st.name, Title: st.title, Mapping: st.mapping, Dictionary: st.mapping == nil && st.dict != nil,
			Incremental: st.continues() || s.connector.kind == kindFiles, Location: s.location,
			DateFormats: st.file.dateFormats, Decimal: st.file.decimal,
		}
		if st.dict != nil && st.inc != nil {
			out[i].Incremental = false
		}
		out[i].KeysMapping = st.keysMapping
		for _, p := range st.passes {
			out[i].Passes = append(out[i].Passes, p.name)
		}
		if st.replace != nil {
			out[i].Replaces, out[i].ReplacesBy = st.replace.tables, st.replace.by
		}
		if st.parent != nil {
			out[i].Parent = st.parent.stream
		}
	}
	return out
}

// Pages reads a stream from the cursor of an earlier run (nil = from the
// beginning). It stops at the first error, which is an [*Error] or the
// context's. Pages come in order; breaking off the loop stops all fetching.
func (s *Source) Pages(ctx context.Context, stream string, state []byte) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		st, cur, err := s.begin(stream, state)
		if err != nil {
			yield(Page{}, err)
			return
		}
		lookups, err := s.lookups(ctx, st)
		if err != nil {
			yield(Page{}, err)
			return
		}
		var collect *collector
		if st.dict != nil {
			cur = cursorState{} // a dictionary is only right when it is read whole
			collect = newCollector(st.dict)
		}
		for p, err := range s.reader.pages(ctx, st, cur) {
			if err != nil {
				yield(Page{}, s.wrap(stream, err))
				return
			}
			if collect != nil {
				p.State = nil
				if err := collect.add(p, s.settings); err != nil {
					yield(Page{}, s.wrap(stream, err))
					return
				}
			}
			for name, d := range lookups {
				if p.Lookups == nil {
					p.Lookups = map[string]map[string]string{}
				}
				p.Lookups[name] = d
			}
			if !yield(p, nil) {
				return
			}
		}
		if collect != nil {
			s.dicts.store(st.dict.name, collect.entries)
		}
	}
}

// lookups reads the shared dictionaries that a stream's mapping asks.
func (s *Source) lookups(ctx context.Context, st *streamSpec) (map[string]map[string]string, error) {
	if len(st.lookups) == 0 {
		return nil, nil
	}
	out := map[string]map[string]string{}
	for _, name := range st.lookups {
		d, err := s.dicts.get(ctx, name)
		if err != nil {
			return nil, s.wrap(st.name, err)
		}
		out[name] = d
	}
	return out, nil
}

// Count says how many records Pages would yield, for progress bars. ok is
// false where the source does not tell cheaply; that is no error.
func (s *Source) Count(ctx context.Context, stream string, state []byte) (n int64, ok bool, err error) {
	st, cur, err := s.begin(stream, state)
	if err != nil {
		return 0, false, err
	}
	if st.dict != nil {
		cur = cursorState{}
	}
	n, ok, err = s.reader.count(ctx, st, cur)
	if err != nil {
		return 0, false, s.wrap(stream, err)
	}
	return n, ok, nil
}

// StreamCheck is what [Source.Check] found out about one stream.
type StreamCheck struct {
	Stream     string
	Reachable  bool   // the source answered
	Authorised bool   // and it let us read
	Rows       int64  // records visible to this user; -1 = unknown
	Earliest   string // smallest cursor value seen, as the source writes it; empty = unknown
	Latest     string
	Missing    []string      // fields that the connector would read and the source does not show
	Skew       time.Duration // the source's clock less ours, from its header Date; 0 = unknown or none
	Timezone   string        // zone in which instants without one are read
	Note       string        // what else a person should know; empty = nothing
	Detail     string        // one sentence for a reader
	Err        error
}

// Check tries each stream with as small a request as there is. A source that
// does not answer, or does not accept the key, is asked once, not for each stream.
func (s *Source) Check(ctx context.Context) []StreamCheck {
	out := make([]StreamCheck, 0, len(s.streams))
	failed := s.reader.probe(ctx)
	for _, st := range s.streams {
		var c StreamCheck
		if failed != nil {
			c = *failed
		} else {
			c = s.reader.check(ctx, st)
		}
		c.Stream = st.name
		if c.Err != nil {
			c.Err = s.wrap(st.name, c.Err)
		}
		out = append(out, c)
		if ctx.Err() != nil {
			break
		}
	}
	return out
}

// Close lets go of connections. A closed source must not be used again.
func (s *Source) Close() error { return s.reader.close() }

func (s *Source) begin(stream string, state []byte) (*streamSpec, cursorState, error) {
	st, err := s.stream(stream)
	if err != nil {
		return nil, cursorState{}, err
	}
	var cur cursorState
	if len(state) > 0 {
		if err := json.Unmarshal(state, &cur); err != nil {
			return nil, cur, &Error{Source: s.name, Stream: stream, Err: fmt.Errorf("the saved cursor is not readable: %w", err),
				Hint: "Read the stream anew from the beginning"}
		}
	}
	return st, cur, nil
}

func (s *Source) stream(name string) (*streamSpec, error) {
	known := make([]string, len(s.streams))
	for i, st := range s.streams {
		if st.name == name {
			return st, nil
		}
		known[i] = st.name
	}
	return nil, &Error{Source: s.name, Stream: name, Err: fmt.Errorf("there is no such stream%s", oneOf(name, known))}
}
