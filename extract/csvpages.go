package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// csvPages reads a CSV file into pages of arrays of texts. Rows that are no
// records come along as broken rows; they cost no other row.
func (r *fileReader) csvPages(ctx context.Context, st *streamSpec, src io.Reader) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		text, err := decodeText(src, st.file.encoding)
		if err != nil {
			yield(Page{}, err)
			return
		}
		comma, head, skipped, err := delimiterOf(st.file.delimiter, text)
		if err != nil {
			yield(Page{}, err)
			return
		}
		rows := newCSVReader(io.MultiReader(bytes.NewReader(head), text), comma)
		rows.line += skipped
		columns, err := readHeader(rows, st)
		if err == io.EOF { // nothing but a mark or empty lines
			err = errEmptyFile
		}
		if err != nil {
			yield(Page{}, err)
			return
		}
		b := pageBuilder{columns: columns, numbered: wantsLine(columns, st)}
		for {
			if err := ctx.Err(); err != nil {
				yield(Page{}, err)
				return
			}
			row, err := rows.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				yield(Page{}, err)
				return
			}
			b.add(row)
			if b.page.Count >= r.rows || len(b.page.Broken) >= r.rows || len(b.page.Body) > 8<<20 {
				if !yield(b.take(), nil) {
					return
				}
			}
		}
		if b.page.Count > 0 || len(b.page.Broken) > 0 {
			yield(b.take(), nil)
		}
	}
}

// pageBuilder gathers rows into a page.
type pageBuilder struct {
	columns []string
	page    Page
	direct  bool // every row so far stood on the line after the one before

	numbered bool // each record carries its line of the file too, as lineColumn
}

// lineColumn is the name under which a mapping asks for the line of the file on
// which a CSV row begins, for rows that have nothing else to tell them apart.
const lineColumn = "_line"

// wantsLine tells whether the mapping asks for the line of a row.
func wantsLine(columns []string, st *streamSpec) bool {
	if slices.Contains(columns, lineColumn) {
		return false // the file's own
	}
	for _, alternatives := range wantedColumns(st.mapping) {
		if slices.Contains(alternatives, lineColumn) {
			return true
		}
	}
	return false
}

func (b *pageBuilder) add(row csvRow) {
	if reason := b.broken(&row); reason != "" {
		b.page.Broken = append(b.page.Broken, BrokenRow{Line: row.line, Reason: reason, Raw: row.raw})
		return
	}
	blank := true
	for _, f := range row.fields {
		blank = blank && len(f) == 0
	}
	if blank && len(row.fields) > 1 {
		return // a line of delimiters, as spreadsheets leave them behind, holds no record
	}
	p := &b.page
	if p.Count == 0 {
		p.First, b.direct = row.line, true
		p.Body = append(p.Body, '[')
	} else {
		p.Body = append(p.Body, ',')
	}
	b.direct = b.direct && row.line == p.First+int64(p.Count)
	p.Lines = append(p.Lines, row.line)
	p.Body = append(p.Body, '[')
	for i, f := range row.fields[:len(b.columns)] {
		if i > 0 {
			p.Body = append(p.Body, ',')
		}
		p.Body = appendJSONText(p.Body, f)
	}
	if b.numbered {
		p.Body = append(p.Body, `,"`...)
		p.Body = strconv.AppendInt(p.Body, row.line, 10)
		p.Body = append(p.Body, '"')
	}
	p.Body = append(p.Body, ']')
	p.Count++
}

// broken says why a row is no record, empty if it is one.
func (b *pageBuilder) broken(row *csvRow) string {
	if row.reason != "" {
		return row.reason
	}
	reason := ""
	extra := row.fields[min(len(b.columns), len(row.fields)):]
	switch {
	case len(row.fields) < len(b.columns):
		reason = fmt.Sprintf("the row has %d fields, the header has %d", len(row.fields), len(b.columns))
	case len(bytes.Join(extra, nil)) > 0:
		reason = fmt.Sprintf("the row has %d fields, the header has %d", len(row.fields), len(b.columns))
	default:
		for _, f := range row.fields {
			if !utf8.Valid(f) {
				reason = "the row is not UTF-8 text; if the file is in another encoding, set encoding (gb18030, windows-1252, …)"
			}
		}
	}
	if reason != "" {
		row.raw = clip(bytes.Join(row.fields, []byte{','}))
	}
	return reason
}

func (b *pageBuilder) take() Page {
	p := b.page
	if p.Count == 0 {
		p.Body = append(p.Body, '[')
	}
	p.Body = append(p.Body, ']')
	p.Columns = b.columns
	if b.numbered {
		p.Columns = append(slices.Clip(b.columns), lineColumn)
	}
	if b.direct {
		p.Lines = nil
	}
	b.page = Page{Body: make([]byte, 0, len(p.Body)+len(p.Body)/8)}
	return p
}

// readHeader reads the column names and checks them against what the mapping asks for.
func readHeader(rows *csvReader, st *streamSpec) ([]string, error) {
	columns := st.file.columns
	if len(columns) == 0 {
		row, err := rows.next()
		if err != nil {
			return nil, err
		}
		if row.reason != "" {
			return nil, &Error{Field: "header", Err: errors.New(row.reason), Found: string(row.raw), Hint: "Mend the first line, or name the columns of the stream if the file has no header"}
		}
		for i, f := range row.fields {
			if !utf8.Valid(f) {
				return nil, &Error{Field: "header", Err: errors.New("it is not UTF-8 text"), Hint: "Set encoding to that of the file: gb18030, utf-16 or windows-1252"}
			}
			name := strings.TrimSpace(string(f))
			if name == "" {
				name = fmt.Sprintf("column %d", i+1)
			}
			columns = append(columns, name)
		}
	}
	seen := map[string]int{}
	for i, c := range columns {
		if at, ok := seen[c]; ok {
			return nil, &Error{Field: "header", Err: fmt.Errorf("the column %q stands twice, as number %d and %d", c, at+1, i+1),
				Found: strings.Join(columns, ", "), Hint: "Rename one of them in the file"}
		}
		seen[c] = i
	}
	return columns, missingColumns(columns, st, lineColumn)
}

// appendJSONText writes a text as a JSON string.
func appendJSONText(dst, text []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i, c := range text {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, text[from:]...)
	return append(dst, '"')
}
