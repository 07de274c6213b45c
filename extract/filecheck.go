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
// Parquet, by line ends for text files that are not packed.
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
			return 0, false, err
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
		return 0, false, &Error{Field: "path", Err: missingPath(file, err)}
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
	var lines int64
	last := byte('\n')
	buf := make([]byte, 256<<10)
	for {
		if err := ctx.Err(); err != nil {
			return 0, false, err
		}
		n, err := f.Read(buf)
		lines += int64(bytes.Count(buf[:n], []byte("\n")))
		if n > 0 {
			last = buf[n-1]
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return 0, false, err
		}
	}
	if last != '\n' {
		lines++
	}
	if format == "csv" && len(st.file.columns) == 0 {
		lines--
	}
	return max(lines, 0), true, nil
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
			c.Err = &Error{Field: "path", Err: missingPath(file, err), Hint: "Give this user the right to read the file"}
			return c
		}
		f.Close()
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
	c.Detail = fmt.Sprintf("%d file(s), first %s%s", len(files), filepath.Base(files[0]), columns)
	return c
}
