package extract

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// count counts the records of the files that are to be read: exactly for
// Parquet, by line ends for text files that are not packed: a record of two
// lines counts twice there.
func (r *fileReader) count(ctx context.Context, st *streamSpec, state cursorState) (int64, bool, error) {
	files, err := r.find(st)
	if err != nil {
		return 0, false, err
	}
	var total int64
	reading := readingOf(st)
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return 0, false, unreadable(file, err)
		}
		if old, ok := state.Files[r.key(file)]; ok && old.Reading == reading && old.Size == info.Size() && old.Modified == info.ModTime().UnixNano() {
			continue
		}
		n, ok, err := countFile(ctx, st, file, info.Size())
		if err != nil || !ok {
			return 0, false, err
		}
		total += n
	}
	return total, true, nil
}

func countFile(ctx context.Context, st *streamSpec, file string, size int64) (int64, bool, error) {
	format := st.file.format
	if format == "" || format == "auto" {
		format = formatOf(file)
	}
	f, err := os.Open(file)
	if err != nil {
		return 0, false, unreadable(file, err)
	}
	defer f.Close()
	switch {
	case format == "parquet":
		pf, err := parquet.OpenFile(f, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
		if err != nil {
			return 0, false, nil // reading it says what is wrong
		}
		return pf.NumRows(), true, nil
	case format == "json", strings.HasSuffix(strings.ToLower(file), ".gz"):
		return 0, false, nil
	}
	n, err := countRows(ctx, st, f, format == "csv")
	return n, err == nil, err
}

// countRows counts the lines of a text that hold records if each holds one.
func countRows(ctx context.Context, st *streamSpec, src io.Reader, csv bool) (int64, error) {
	encoding := st.file.encoding
	if encoding == "gb18030" || encoding == "windows-1252" {
		encoding = "utf-8" // a line feed is the same byte there, and nothing else is
	}
	text, err := decodeText(src, encoding)
	if err != nil {
		return 0, err
	}
	var lines int64
	if csv {
		_, head, _, err := delimiterOf("", text)
		if err != nil {
			return 0, err
		}
		text = io.MultiReader(bytes.NewReader(head), text)
	}
	last := byte('\n')
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := text.Read(buf)
		lines += int64(bytes.Count(buf[:n], []byte("\n")))
		if n > 0 {
			last = buf[n-1]
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, err
		}
	}
	if last != '\n' {
		lines++
	}
	if csv && len(st.file.columns) == 0 {
		lines--
	}
	return max(lines, 0), nil
}

func (r *fileReader) probe(context.Context) *StreamCheck { return nil }

// check opens the files of a stream and reads a page of the first.
func (r *fileReader) check(ctx context.Context, st *streamSpec) StreamCheck {
	c := StreamCheck{Rows: -1}
	files, err := r.find(st)
	if err != nil {
		c.Err = err
		return c
	}
	c.Reachable = true
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			c.Err = unreadable(file, err)
			return c
		}
		info, err := f.Stat()
		f.Close()
		if err == nil && info.Size() == 0 {
			c.Authorised, c.Err = true, inFile(errEmptyFile, file)
			return c
		}
	}
	c.Authorised = true
	columns := ""
	for p, err := range r.records(ctx, st, files[0]) {
		if err != nil {
			c.Err = inFile(err, files[0])
			return c
		}
		if len(p.Columns) > 0 {
			columns = ", columns " + strings.Join(p.Columns, ", ")
		}
		break
	}
	if n, ok, err := r.count(ctx, st, cursorState{}); err == nil && ok {
		c.Rows = n
	}
	c.Detail = "File " + filepath.Base(files[0]) + columns
	if len(files) > 1 {
		c.Detail = fmt.Sprintf("%d files, first %s%s", len(files), filepath.Base(files[0]), columns)
	}
	return c
}
