package connectors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"huikuan/config"
	"huikuan/extract"
	"huikuan/transform/mapping"
)

// Test is a folder that holds a test of a connector:
//
//	test.yaml              the source, as in huikuan.yaml
//	connector.yaml         an own connector, if test.yaml does not name one
//	exchanges/*.http.yaml  requests with their answers
//	expected/<table>.csv   what the tables hold after the run
//	expected/rejects.csv   records that could not be mapped
//	run2/, run3/, …        exchanges and expected of the runs that follow, each
//	                       continuing from the cursors of the one before
type Test struct {
	dir       string
	file      testFile
	connector *extract.Connector
}

// testFile is test.yaml.
type testFile struct {
	Connector string         `yaml:"connector"` // a name, or a path from the folder; empty = connector.yaml
	Source    string         `yaml:"source"`    // name of the source; empty = the connector's
	Company   string         `yaml:"company"`
	Settings  map[string]any `yaml:"settings"`
	Only      []string       `yaml:"only"`    // streams to read; empty = all
	Streams   yaml.Node      `yaml:"streams"` // own streams of the source
	Pages     int            `yaml:"pages"`   // pages a stream at most; 0 = all
	Now       time.Time      `yaml:"now"`     // the clock of the first run, which stands still
	Between   string         `yaml:"between"` // time from run to run
}

const (
	testName     = "test.yaml"
	ownConnector = "connector.yaml"
	exchangesDir = "exchanges"
	expectedDir  = "expected"
)

// runStream is a stream that the test reads, its mappings compiled.
type runStream struct {
	extract.Stream
	rows, keys *mapping.Mapper
}

// OpenTest reads a folder. Its errors are mistakes in the folder.
func OpenTest(dir string) (*Test, error) {
	t := &Test{dir: dir}
	text, err := os.ReadFile(filepath.Join(dir, testName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &UsageError{fmt.Errorf("%s holds no %s, which names the connector and its settings; `huikuan connectors record` makes such a folder", dir, testName)}
	}
	if err != nil {
		return nil, &UsageError{fmt.Errorf("read the test: %w", err)}
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&t.file); err != nil {
		return nil, &UsageError{fmt.Errorf("%s: %w", filepath.Join(dir, testName), err)}
	}
	if t.connector, err = t.findConnector(); err != nil {
		return nil, err
	}
	if !t.file.Streams.IsZero() {
		if t.connector, err = t.connector.WithStreams(&t.file.Streams); err != nil {
			return nil, &UsageError{err}
		}
	}
	if t.file.Source == "" {
		t.file.Source = t.connector.Name()
	}
	if t.file.Now.IsZero() {
		t.file.Now = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	}
	if t.file.Between == "" {
		t.file.Between = "25h"
	}
	if _, err := time.ParseDuration(t.file.Between); err != nil {
		return nil, &UsageError{fmt.Errorf("%s: between is %q, expected a duration such as 25h", filepath.Join(dir, testName), t.file.Between)}
	}
	return t, nil
}

func (t *Test) findConnector() (*extract.Connector, error) {
	name := t.file.Connector
	switch {
	case name == "":
		return fromFile(filepath.Join(t.dir, ownConnector))
	case strings.HasSuffix(name, ".yaml"):
		return fromFile(filepath.Join(t.dir, name))
	}
	return Find(&config.Config{}, name)
}

// RunReport is what came of one run of a test.
type RunReport struct {
	Name        string         // folder of the run, "." for the first
	Rows        map[string]int // rows of the tables after the run
	Rejected    int
	Differences []Difference
	Unmatched   []Unmatched
	Unused      []string // exchanges that nobody asked for
	Failed      []error  // of streams
}

// OK says that all was as expected.
func (r RunReport) OK() bool {
	return len(r.Differences) == 0 && len(r.Unmatched) == 0 && len(r.Unused) == 0 && len(r.Failed) == 0
}

// Run replays the exchanges run by run. With update what comes is written as
// what is expected, unless requests are not matched or streams fail.
func (t *Test) Run(ctx context.Context, log *slog.Logger, update bool) ([]RunReport, error) {
	between, err := time.ParseDuration(t.file.Between)
	if err != nil {
		return nil, &UsageError{err}
	}
	tokens, err := os.MkdirTemp("", "huikuan-test-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for tokens: %w", err)
	}
	defer os.RemoveAll(tokens)
	state, kept := map[string][]byte{}, newTables()
	var out []RunReport
	for i, dir := range t.runs() {
		report, rejects, err := t.run(ctx, log, dir, tokens, t.file.Now.Add(time.Duration(i)*between), state, kept)
		if err != nil {
			return out, err
		}
		expected := filepath.Join(t.dir, dir, expectedDir)
		if update && len(report.Unmatched) == 0 && len(report.Failed) == 0 {
			err = writeExpected(expected, kept, rejects)
		} else if len(report.Failed) == 0 { // else rows that did not come are no news
			report.Differences, err = compare(expected, kept, rejects)
		}
		if out = append(out, report); err != nil {
			return out, err
		}
	}
	return out, nil
}

// runs lists the folders of the runs, in order.
func (t *Test) runs() []string {
	out := []string{"."}
	for n := 2; ; n++ {
		name := fmt.Sprintf("run%d", n)
		if st, err := os.Stat(filepath.Join(t.dir, name)); err != nil || !st.IsDir() {
			return out
		}
		out = append(out, name)
	}
}

func (t *Test) run(ctx context.Context, log *slog.Logger, dir, tokens string, now time.Time, state map[string][]byte, kept *tables) (RunReport, [][]string, error) {
	report := RunReport{Name: dir, Rows: map[string]int{}}
	exchanges, err := readExchanges(filepath.Join(t.dir, dir, exchangesDir))
	if err != nil {
		return report, nil, err
	}
	p := &replayer{exchanges: exchanges, now: now}
	src, err := extract.Open(ctx, t.file.Source, t.connector, t.file.Settings, extract.Options{
		Logger: log, HTTP: &http.Client{Transport: p}, BaseDir: t.dir, TokenDir: tokens,
		Now:   func() time.Time { return now },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	if err != nil {
		return report, nil, &UsageError{err}
	}
	done := sync.OnceValue(src.Close)
	defer done()
	streams, err := t.compile(src)
	if err != nil {
		return report, nil, err
	}
	kept.newRun()
	rejects := [][]string{rejectColumns}
	for _, st := range streams {
		if err := st.read(ctx, src, state, kept, &rejects, t.file.Pages); err != nil {
			if !slices.ContainsFunc(report.Failed, func(e error) bool { return e.Error() == err.Error() }) {
				report.Failed = append(report.Failed, err)
			}
		}
	}
	if err := done(); err != nil { // signing out is recorded too
		report.Failed = append(report.Failed, err)
	}
	for table := range kept.rows {
		report.Rows[table] = len(kept.rows[table])
	}
	report.Rejected = len(rejects) - 1
	if t.file.Pages == 0 || len(report.Failed) > 0 { // else what was fetched ahead of the last page depends on the moment
		report.Unmatched = p.unmatched
	}
	if t.file.Pages == 0 && len(report.Failed) == 0 {
		report.Unused = p.unused()
	}
	return report, rejects, ctx.Err()
}

// compile prepares the mappings of the streams to read.
func (t *Test) compile(src *extract.Source) ([]runStream, error) {
	var out []runStream
	var known []string
	for _, st := range src.Streams() {
		known = append(known, st.Name)
		if st.Dictionary || len(t.file.Only) > 0 && !slices.Contains(t.file.Only, st.Name) {
			continue
		}
		s, err := t.compileStream(st)
		if err != nil {
			return nil, &UsageError{err}
		}
		out = append(out, s)
	}
	for _, name := range t.file.Only {
		if !slices.Contains(known, name) {
			return nil, &UsageError{extract.UnknownName("stream", name, known)}
		}
	}
	return out, nil
}

func (t *Test) compileStream(st extract.Stream) (runStream, error) {
	o := mapping.Options{Source: t.file.Source, Location: st.Location, DefaultCompany: t.file.Company, DateFormats: st.DateFormats, Decimal: st.Decimal}
	out := runStream{Stream: st}
	var err error
	if out.rows, err = mapping.Compile(st.Name, st.Mapping, o); err != nil || st.KeysMapping == nil {
		return out, err
	}
	o.KeysOnly = true
	out.keys, err = mapping.Compile(st.Name, st.KeysMapping, o)
	return out, err
}

// read reads a stream as a sync would, and keeps its rows.
func (st runStream) read(ctx context.Context, src *extract.Source, state map[string][]byte, kept *tables, rejects *[][]string, pages int) error {
	n := 0
	for p, err := range src.Pages(ctx, st.Name, state[st.Name]) {
		if err != nil {
			return err
		}
		kept.begin(p)
		if p.Count > 0 || p.Replace != nil {
			if err := st.take(p, kept, rejects); err != nil {
				return err
			}
		}
		for _, b := range p.Broken {
			*rejects = append(*rejects, []string{st.Name, fmt.Sprint(b.Line), "", "", "", "", "", b.Reason})
		}
		if p.Sweep != nil {
			kept.sweep(p, st)
		}
		if p.State != nil {
			state[st.Name] = bytes.Clone(p.State)
		}
		if n++; n == pages {
			break
		}
	}
	return nil
}

func (st runStream) take(p extract.Page, kept *tables, rejects *[][]string) error {
	mapper := st.rows
	if p.Keys {
		if mapper = st.keys; mapper == nil {
			return fmt.Errorf("stream %s gives a page of keys, but no mapping reads them", st.Name)
		}
	}
	var out mapping.Output
	if p.Count > 0 {
		var err error
		if out, err = mapper.Map(mapping.Input{Body: p.Body, Records: p.Records, Columns: p.Columns, Lookups: p.Lookups, First: p.First,
			Version: 1, RunID: "test", LoadedAt: p.FetchedAt}); err != nil {
			return err
		}
	}
	defer out.Release()
	for _, r := range out.Rejected {
		*rejects = append(*rejects, []string{st.Name, fmt.Sprint(p.Line(int(r.Record - p.First))), r.Key, r.Table, r.Field, r.Found, r.Expected, r.Reason})
	}
	if p.Keys {
		kept.see(p, out)
	} else {
		kept.add(p, out)
	}
	return nil
}

var rejectColumns = strings.Split("stream,record,key,table,field,found,expected,reason", ",")
