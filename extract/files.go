package extract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
	"go.yaml.in/yaml/v3"
)

var (
	fileFormats   = []string{"auto", "csv", "json", "jsonl", "parquet"}
	fileEncodings = []string{"auto", "utf-8", "gb18030", "utf-16", "utf-16le", "utf-16be", "windows-1252"}
)

// fileState is what is remembered of a file that was read whole. A file whose
// content is the same is not read again; a changed one is, from its beginning.
type fileState struct {
	Size     int64  `json:"size"`
	Modified int64  `json:"modified"` // Unix nanoseconds
	Hash     string `json:"hash"`     // of the content
	Reading  string `json:"reading"`  // of how it was read: mapping and formats
}

// fileReader reads streams from files.
type fileReader struct {
	src  *Source
	rows int // records a page
}

func newFileReader(s *Source) *fileReader {
	rows, _ := s.settings["page_rows"].(int64)
	if rows <= 0 {
		rows = 5000
	}
	return &fileReader{src: s, rows: int(rows)}
}

func (r *fileReader) close() error { return nil }

// openFileStreams lists the streams of a source of files: those configured, or
// one for each file of a folder of canonical files.
func openFileStreams(s *Source) ([]*streamSpec, error) {
	var out []*streamSpec
	for i := range s.connector.streams {
		decl := &s.connector.streams[i]
		mapping := decl.emit
		if mapping != nil {
			var err error
			if mapping, err = s.connector.expand(mapping, s.settings.data()); err != nil {
				return nil, &Error{Source: s.name, Stream: decl.name, Err: err}
			}
		} else {
			mapping = canonicalMapping()
		}
		out = append(out, &streamSpec{name: decl.name, title: decl.title, mapping: mapping, file: fileDefaults(decl.file, s.settings)})
	}
	if len(out) > 0 {
		return out, nil
	}
	return canonicalStreams(s)
}

func canonicalMapping() *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "canonical"}
}

// canonicalStreams finds one stream for each file of a folder, named as the file.
func canonicalStreams(s *Source) ([]*streamSpec, error) {
	dir := s.path("")
	info, err := os.Stat(dir)
	if err != nil {
		return nil, &Error{Source: s.name, Field: "path", Err: missingPath(dir, err), Hint: "Set path to a folder of canonical files, or to a file with streams that map it; it is relative to the folder of the configuration file"}
	}
	if !info.IsDir() {
		return nil, &Error{Source: s.name, Field: "path", Found: "the file " + dir, Expected: "a folder of canonical files",
			Hint: "A single file needs streams with an emit section in the configuration, which say what its columns mean"}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &Error{Source: s.name, Field: "path", Err: err}
	}
	byName := map[string]*streamSpec{}
	var names []string
	for _, e := range entries {
		name, _, _ := strings.Cut(e.Name(), ".")
		if e.IsDir() || name == "" || formatOf(e.Name()) == "" || filepath.Ext(e.Name()) == ".txt" {
			continue
		}
		if byName[name] != nil {
			return nil, &Error{Source: s.name, Stream: name, Err: fmt.Errorf("two files of this name are in %s", dir), Hint: "Keep one of them"}
		}
		f := fileDefaults(fileDecl{file: e.Name()}, s.settings)
		byName[name] = &streamSpec{name: name, mapping: canonicalMapping(), file: f}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, &Error{Source: s.name, Field: "path", Err: fmt.Errorf("%s holds no CSV, JSON or Parquet file", dir), Hint: "Name each file as its canonical stream, such as invoices.csv"}
	}
	slices.Sort(names)
	var out []*streamSpec
	for _, n := range names {
		out = append(out, byName[n])
	}
	return out, nil
}

// fileDefaults fills in from the source's settings what a stream leaves open.
func fileDefaults(f fileDecl, v settingValues) fileDecl {
	for _, d := range []struct {
		dst  *string
		name string
	}{{&f.format, "format"}, {&f.delimiter, "delimiter"}, {&f.encoding, "encoding"}, {&f.decimal, "decimal"}} {
		if *d.dst == "" {
			*d.dst = v.text(d.name)
		}
	}
	if f.dateFormats == nil {
		list, _ := v["date_formats"].([]any)
		f.dateFormats = texts(list)
	}
	return f
}

// path is a file of the source: relative to its path setting, which is relative to the configuration.
func (s *Source) path(file string) string {
	p := s.settings.text("path")
	if !filepath.IsAbs(p) {
		p = filepath.Join(s.opts.BaseDir, p)
	}
	if file == "" {
		return p
	}
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(p, file)
}

const hintPath = "Check path; it is relative to the folder of the configuration file"

// find lists the files of a stream, sorted by name.
func (r *fileReader) find(st *streamSpec) ([]string, error) {
	pattern := r.src.path(st.file.file)
	info, err := os.Stat(pattern)
	switch {
	case err == nil && !info.IsDir():
		return []string{pattern}, nil
	case err == nil:
		var out []string
		entries, err := os.ReadDir(pattern)
		for _, e := range entries {
			if !e.IsDir() && formatOf(e.Name()) != "" {
				out = append(out, filepath.Join(pattern, e.Name()))
			}
		}
		if err == nil && len(out) == 0 {
			err = &Error{Field: "path", Err: fmt.Errorf("the folder %s holds no CSV, JSON or Parquet file", pattern), Hint: "Check path, or name the files with the stream's key file"}
		}
		return out, err
	case strings.ContainsAny(pattern, "*?["):
		out, err := filepath.Glob(pattern)
		if dir := filepath.Dir(pattern); err == nil && len(out) == 0 && !strings.ContainsAny(dir, "*?[") {
			if _, missing := os.Stat(dir); missing != nil {
				return nil, &Error{Field: "path", Err: missingPath(dir, missing), Hint: hintPath}
			}
		}
		if err == nil && len(out) == 0 {
			err = &Error{Field: "path", Err: fmt.Errorf("no file fits the pattern %s", pattern), Hint: "Check the pattern and the folder"}
		}
		slices.Sort(out)
		return out, err
	}
	return nil, &Error{Field: "path", Err: missingPath(pattern, err), Hint: hintPath}
}

var errEmptyFile = errors.New("is empty: the export failed or is still being written")

func missingPath(path string, err error) error {
	switch {
	case path == "" || path == ".":
		return errors.New("no file is named")
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no file or folder %s", path)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s may not be read by this user", path)
	}
	return err
}

// unreadable explains that a file which was found cannot be opened.
func unreadable(file string, err error) error {
	e := &Error{Field: "path", Err: missingPath(file, err)}
	switch {
	case errors.Is(err, fs.ErrPermission):
		e.Hint = "Give this user the right to read the file"
	case errors.Is(err, fs.ErrNotExist):
		e.Hint = "Run again if the file was moved a moment ago; if it is a link, mend it"
	}
	return e
}

func formatOf(name string) string {
	name = strings.ToLower(strings.TrimSuffix(strings.ToLower(name), ".gz"))
	switch filepath.Ext(name) {
	case ".csv", ".tsv", ".txt":
		return "csv"
	case ".json":
		return "json"
	case ".jsonl", ".ndjson":
		return "jsonl"
	case ".parquet":
		return "parquet"
	}
	return ""
}

// pages reads file after file. The cursor to save names a file only from its last page on.
func (r *fileReader) pages(ctx context.Context, st *streamSpec, state cursorState) iter.Seq2[Page, error] {
	return ahead(ctx, 32<<20, func(ctx context.Context) iter.Seq2[Page, error] {
		return func(yield func(Page, error) bool) {
			files, err := r.find(st)
			if err != nil {
				yield(Page{}, err)
				return
			}
			saved := cursorState{Files: map[string]fileState{}}
			maps.Copy(saved.Files, state.Files)
			ordinal := 0
			for _, file := range files {
				for p, err := range r.file(ctx, st, file, saved) {
					if err == nil {
						ordinal++
						p.Ordinal = ordinal
					}
					if !yield(p, err) || err != nil {
						return
					}
				}
			}
		}
	})
}

// file yields the pages of one file unless it was read before as it is now.
func (r *fileReader) file(ctx context.Context, st *streamSpec, file string, saved cursorState) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		key, reading := r.key(file), readingOf(st)
		old, known := saved.Files[key]
		known = known && old.Reading == reading
		info, err := os.Stat(file)
		if err != nil {
			yield(Page{}, unreadable(file, err))
			return
		}
		now := fileState{Size: info.Size(), Modified: info.ModTime().UnixNano(), Reading: reading}
		if known && old.Size == now.Size && old.Modified == now.Modified {
			return
		}
		if known && old.Size == now.Size { // touched: compare the content
			if hash, err := hashFile(ctx, file); err == nil && hash == old.Hash {
				return
			}
		}
		if now.Hash, err = hashFile(ctx, file); err != nil {
			yield(Page{}, err)
			return
		}
		before, _ := json.Marshal(saved)
		held, have := Page{}, false
		for p, err := range r.records(ctx, st, file) {
			if err != nil {
				yield(Page{}, inFile(err, file))
				return
			}
			if have && !yield(held, nil) {
				return
			}
			p.Source, p.Stream, p.File, p.URL = r.src.name, st.name, file, "file:"+key
			p.FetchedAt, p.State = r.src.opts.Now().UTC(), before
			held, have = p, true
		}
		if after, err := os.Stat(file); err != nil || after.Size() != now.Size || after.ModTime().UnixNano() != now.Modified {
			yield(Page{}, &Error{Err: fmt.Errorf("the file %s was changed while it was read", file), Temporary: true, Hint: "Run again when it is complete"})
			return
		}
		saved.Files[key] = now
		if !have {
			r.src.opts.Logger.Warn("the file holds no records; if it should, export it again", "source", r.src.name, "stream", st.name, "file", file)
		} else {
			held.State, _ = json.Marshal(saved)
			yield(held, nil)
		}
	}
}

func inFile(err error, file string) error {
	var e *Error
	if errors.Is(err, errEmptyFile) {
		return &Error{Err: fmt.Errorf("the file %s %w", file, errEmptyFile), Temporary: true, Hint: "Remove it or export again"}
	}
	if errors.As(err, &e) {
		c := *e
		c.Err = fmt.Errorf("file %s", filepath.Base(file))
		if e.Err != nil {
			c.Err = fmt.Errorf("file %s: %w", filepath.Base(file), e.Err)
		}
		return &c
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &Error{Err: fmt.Errorf("file %s: %w", filepath.Base(file), err)}
}

// key is how the cursor names a file: relative to the source where that is possible.
func (r *fileReader) key(file string) string {
	base := r.src.opts.BaseDir
	if base == "" {
		return file
	}
	rel, err := filepath.Rel(base, file)
	if err != nil {
		return file
	}
	return filepath.ToSlash(rel)
}

// readingOf tells apart how a file is read: with another mapping it is read again.
func readingOf(st *streamSpec) string {
	h := xxhash.New()
	if st.mapping != nil {
		text, _ := yaml.Marshal(st.mapping)
		h.Write(text)
	}
	fmt.Fprintf(h, "%+v", st.file)
	return strconv.FormatUint(h.Sum64(), 16)
}

func hashFile(ctx context.Context, file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", missingPath(file, err)
	}
	defer f.Close()
	h := xxhash.New()
	buf := make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			return strconv.FormatUint(h.Sum64(), 16), nil
		}
		if err != nil {
			return "", err
		}
	}
}
