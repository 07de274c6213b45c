package extract

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-faster/jx"
)

const maxJSONLine = 16 << 20

// jsonLines reads a file with one JSON object a line. A line that is not JSON is a broken row.
func (r *fileReader) jsonLines(ctx context.Context, st *streamSpec, src io.Reader) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		text, err := decodeText(src, st.file.encoding)
		if err != nil {
			yield(Page{}, err)
			return
		}
		lines := bufio.NewScanner(text)
		lines.Buffer(make([]byte, 64<<10), maxJSONLine)
		var b jsonBuilder
		var line int64
		for lines.Scan() {
			line++
			if err := ctx.Err(); err != nil {
				yield(Page{}, err)
				return
			}
			record := bytes.TrimSpace(lines.Bytes())
			switch {
			case len(record) == 0:
				continue
			case record[0] != '{' || !jx.Valid(record):
				b.page.Broken = append(b.page.Broken, BrokenRow{Line: line, Reason: "the line is not a JSON object", Raw: clip(record)})
			default:
				b.add(record, line)
			}
			if b.full(r.rows) && !yield(b.take(), nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			if errors.Is(err, bufio.ErrTooLong) {
				err = &Error{Err: fmt.Errorf("line %d is longer than 16 MiB", line+1), Hint: "Write one record a line"}
			}
			yield(Page{}, err)
			return
		}
		if b.page.Count+len(b.page.Broken) > 0 {
			yield(b.take(), nil)
		}
	}
}

// jsonPages reads a file that is one list of objects, or holds one at the path
// records. It is read as a stream; after broken JSON nothing can be found again.
func (r *fileReader) jsonPages(ctx context.Context, st *streamSpec, src io.Reader) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		text, err := decodeText(src, st.file.encoding)
		if err != nil {
			yield(Page{}, err)
			return
		}
		d := json.NewDecoder(bufio.NewReaderSize(text, 256<<10))
		if err := seekList(d, splitPath(st.file.records)); err != nil {
			yield(Page{}, err)
			return
		}
		var b jsonBuilder
		var n int64
		for d.More() {
			if err := ctx.Err(); err != nil {
				yield(Page{}, err)
				return
			}
			var record json.RawMessage
			n++
			if err := d.Decode(&record); err != nil {
				yield(Page{}, &Error{Err: fmt.Errorf("record %d is not valid JSON: %w", n, err), Hint: "Check that the file is complete"})
				return
			}
			b.add(record, n)
			if b.full(r.rows) && !yield(b.take(), nil) {
				return
			}
		}
		if _, err := d.Token(); err != nil {
			yield(Page{}, &Error{Err: fmt.Errorf("the list of records does not end: %w", err), Hint: "Check that the file is complete"})
			return
		}
		if b.page.Count > 0 {
			yield(b.take(), nil)
		}
	}
}

// seekList moves a decoder behind the opening bracket of the list at a path.
func seekList(d *json.Decoder, path []string) error {
	missing := func(found string) error {
		return &Error{Field: "records", Found: found, Expected: "a list of records", Hint: "Say with records where in the file the list stands"}
	}
	t, err := d.Token()
	if err != nil {
		return &Error{Err: fmt.Errorf("not valid JSON: %w", err), Hint: "Check that the file is complete"}
	}
	if len(path) == 0 {
		if t != json.Delim('[') {
			return missing(fmt.Sprintf("%v", t))
		}
		return nil
	}
	if t != json.Delim('{') {
		return missing(fmt.Sprintf("%v", t))
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if key == path[0] {
			return seekList(d, path[1:])
		}
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return &Error{Err: fmt.Errorf("not valid JSON: %w", err), Hint: "Check that the file is complete"}
		}
	}
	return missing("no field " + path[0])
}

// jsonBuilder gathers JSON records into a page.
type jsonBuilder struct {
	page   Page
	direct bool
}

func (b *jsonBuilder) add(record []byte, line int64) {
	p := &b.page
	if p.Count == 0 {
		p.First, b.direct = line, true
		p.Body = append(p.Body, '[')
	} else {
		p.Body = append(p.Body, ',')
	}
	b.direct = b.direct && line == p.First+int64(p.Count)
	p.Lines = append(p.Lines, line)
	p.Body = append(p.Body, record...)
	p.Count++
}

func (b *jsonBuilder) full(rows int) bool {
	return b.page.Count >= rows || len(b.page.Broken) >= rows || len(b.page.Body) > 8<<20
}

func (b *jsonBuilder) take() Page {
	p := b.page
	if p.Count == 0 {
		p.Body = append(p.Body, '[')
	}
	p.Body = append(p.Body, ']')
	if b.direct {
		p.Lines = nil
	}
	b.page = Page{}
	return p
}
