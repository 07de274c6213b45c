package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// csvReader splits CSV text into rows by RFC 4180 and never loses its place: a
// row that is not well-formed costs one line of the file, not the rest of it.
// The text of a field is exactly what stands in the file.
type csvReader struct {
	src   io.Reader
	comma byte
	buf   []byte // unread text
	pos   int    // of the next row in buf
	line  int64  // number of the line at pos, from 1
	eof   bool
	err   error
	field []byte   // text of the row's fields, quotes undone
	ends  []int    // where each field ends in field
	row   [][]byte // views into field
}

// csvRow is one row. Its fields are valid until the next one is read.
type csvRow struct {
	fields [][]byte
	line   int64 // of its beginning
	reason string
	raw    []byte // the text, where reason says that it is broken
}

// maxRow bounds what a quoted field may swallow when its end is missing.
const maxRow = 1 << 20

const maxRaw = 4096

func newCSVReader(src io.Reader, comma byte) *csvReader {
	return &csvReader{src: src, comma: comma, line: 1}
}

// next reads a row; io.EOF ends it. A malformed row has a reason and raw text;
// reading goes on with the line after it.
func (r *csvReader) next() (csvRow, error) {
	for {
		if err := r.more(1); err != nil {
			return csvRow{}, err
		}
		reason, end, lines, err := r.parse()
		if err != nil {
			return csvRow{}, err
		}
		start := r.pos // parse may have moved the buffer, but not what stands in it
		row := csvRow{line: r.line, reason: reason}
		if reason != "" {
			end, lines = r.lineEnd(), 1
			start = r.pos
			row.raw = clip(trimEOL(r.buf[start:end]))
		}
		blank := reason == "" && len(r.ends) == 1 && r.ends[0] == 0 && lines == 1 && len(trimEOL(r.buf[start:end])) == 0
		row.fields = r.views()
		r.pos = end
		r.line += lines
		if !blank {
			return row, nil
		}
	}
}

// views cuts the text of the fields into fields.
func (r *csvReader) views() [][]byte {
	r.row = r.row[:0]
	from := 0
	for _, e := range r.ends {
		r.row = append(r.row, r.field[from:e])
		from = e
	}
	return r.row
}

// parse reads one row at pos: why it is malformed (empty if it is not), where it ends, how many lines it takes.
func (r *csvReader) parse() (reason string, end int, lines int64, err error) {
	r.field, r.ends = r.field[:0], r.ends[:0]
	offset := 0 // behind r.pos, since more moves the buffer
	lines = 1
	for {
		ok, err := r.has(offset)
		if err != nil {
			return "", 0, 0, err
		}
		if !ok { // the text ends behind a comma
			r.ends = append(r.ends, len(r.field))
			return "", r.pos + offset, lines, nil
		}
		var quotedLines int64
		if r.buf[r.pos+offset] == '"' {
			offset, quotedLines, reason, err = r.quoted(offset + 1)
			lines += quotedLines
		} else {
			offset, reason, err = r.plain(offset)
		}
		if err != nil || reason != "" {
			return reason, 0, 0, err
		}
		r.ends = append(r.ends, len(r.field))
		ok, err = r.has(offset)
		if err != nil {
			return "", 0, 0, err
		}
		if !ok {
			return "", r.pos + offset, lines, nil
		}
		switch r.buf[r.pos+offset] {
		case r.comma:
			offset++
		case '\n':
			return "", r.pos + offset + 1, lines, nil
		case '\r':
			if ok, err := r.has(offset + 1); err != nil {
				return "", 0, 0, err
			} else if ok && r.buf[r.pos+offset+1] == '\n' {
				offset++
			}
			return "", r.pos + offset + 1, lines, nil
		}
	}
}

// plain reads a field without quotes, up to a comma or the line's end.
func (r *csvReader) plain(offset int) (int, string, error) {
	for {
		ok, err := r.has(offset)
		if err != nil || !ok {
			return offset, "", err
		}
		rest := r.buf[r.pos+offset:]
		i := 0
		for i < len(rest) && rest[i] != r.comma && rest[i] != '\n' && rest[i] != '\r' && rest[i] != '"' {
			i++
		}
		r.field = append(r.field, rest[:i]...)
		if offset += i; i == len(rest) {
			if offset > maxRow {
				return offset, "the row is longer than 1 MiB", nil
			}
			continue
		}
		switch rest[i] {
		case '"':
			return offset, `a quote stands inside a field that does not begin with one`, nil
		case '\r':
			// A lone carriage return inside a line is text; before a line feed or at the end it ends the line.
			ok, err := r.has(offset + 1)
			if err != nil {
				return offset, "", err
			}
			if ok && r.buf[r.pos+offset+1] != '\n' {
				r.field = append(r.field, '\r')
				offset++
				continue
			}
		}
		return offset, "", nil
	}
}

// quoted reads a field behind its opening quote, up to behind its closing one.
func (r *csvReader) quoted(offset int) (end int, lines int64, reason string, err error) {
	for {
		ok, err := r.has(offset)
		if err != nil {
			return offset, lines, "", err
		}
		if !ok || offset > maxRow {
			return offset, lines, "a quote is opened and never closed", nil
		}
		rest := r.buf[r.pos+offset:]
		i := bytes.IndexByte(rest, '"')
		if i < 0 {
			i = len(rest)
		}
		r.field = append(r.field, rest[:i]...)
		lines += int64(bytes.Count(rest[:i], []byte("\n")))
		if offset += i; i == len(rest) {
			continue
		}
		offset++ // behind the quote
		ok, err = r.has(offset)
		if err != nil || !ok {
			return offset, lines, "", err
		}
		switch c := r.buf[r.pos+offset]; c {
		case '"':
			r.field = append(r.field, '"')
			offset++
		case r.comma, '\n':
			return offset, lines, "", nil
		case '\r':
			if more, err := r.has(offset + 1); err != nil || !more || r.buf[r.pos+offset+1] == '\n' {
				return offset, lines, "", err
			}
			return offset, lines, "there is text behind a closing quote", nil
		default:
			return offset, lines, fmt.Sprintf("there is %q behind a closing quote", clipRune(r.buf[r.pos+offset:])), nil
		}
	}
}

func clipRune(b []byte) string {
	c, _ := utf8.DecodeRune(b)
	return string(c)
}

// has says whether there is text at an offset behind pos, reading more if need be.
func (r *csvReader) has(offset int) (bool, error) {
	if r.pos+offset < len(r.buf) {
		return true, nil
	}
	err := r.more(offset + 1)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

// more makes n bytes available behind pos; io.EOF if the text ends before.
func (r *csvReader) more(n int) error {
	for len(r.buf)-r.pos < n {
		if r.err != nil {
			return r.err
		}
		if r.eof {
			return io.EOF
		}
		if r.pos > 0 {
			r.buf = r.buf[:copy(r.buf, r.buf[r.pos:])]
			r.pos = 0
		}
		if cap(r.buf)-len(r.buf) < 64<<10 {
			grown := make([]byte, len(r.buf), 2*cap(r.buf)+128<<10)
			copy(grown, r.buf)
			r.buf = grown
		}
		got, err := r.src.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+got]
		switch {
		case err == io.EOF:
			r.eof = true
		case err != nil:
			r.err = err
		}
	}
	return nil
}

// lineEnd is where the line at pos ends, behind its line feed.
func (r *csvReader) lineEnd() int {
	for from := 0; ; {
		if i := bytes.IndexByte(r.buf[r.pos+from:], '\n'); i >= 0 {
			return r.pos + from + i + 1
		}
		from = len(r.buf) - r.pos
		if from > 16*maxRow || r.more(from+1) != nil {
			return len(r.buf)
		}
	}
}

func trimEOL(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

func clip(b []byte) []byte {
	return append([]byte(nil), b[:min(len(b), maxRaw)]...)
}
