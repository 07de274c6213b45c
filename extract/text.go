package extract

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// records yields the pages of one file by its format.
func (r *fileReader) records(ctx context.Context, st *streamSpec, file string) iter.Seq2[Page, error] {
	fail := func(err error) iter.Seq2[Page, error] {
		return func(yield func(Page, error) bool) { yield(Page{}, err) }
	}
	format := st.file.format
	if format == "" || format == "auto" {
		if format = formatOf(file); format == "" {
			return fail(&Error{Field: "format", Found: "the extension " + filepath.Ext(file), Expected: "csv, json, jsonl or parquet", Hint: "Set format"})
		}
	}
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return fail(unreadable(file, err))
	case info.Size() == 0:
		return fail(errEmptyFile)
	}
	if format == "parquet" {
		return r.parquetPages(ctx, st, file)
	}
	return func(yield func(Page, error) bool) {
		f, err := os.Open(file)
		if err != nil {
			yield(Page{}, unreadable(file, err))
			return
		}
		defer f.Close()
		var src io.Reader = f
		if strings.HasSuffix(strings.ToLower(file), ".gz") {
			z, err := gzip.NewReader(f)
			if err != nil {
				yield(Page{}, &Error{Err: fmt.Errorf("not readable as gzip: %w", err), Hint: "Check that the file is complete"})
				return
			}
			defer z.Close()
			src = z
		}
		var pages iter.Seq2[Page, error]
		switch format {
		case "csv":
			pages = r.csvPages(ctx, st, src)
		case "jsonl":
			pages = r.jsonLines(ctx, st, src)
		default:
			pages = r.jsonPages(ctx, st, src)
		}
		for p, err := range pages {
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// decodeText gives a text as UTF-8 without its mark.
func decodeText(src io.Reader, name string) (io.Reader, error) {
	var e encoding.Encoding
	switch name {
	case "", "auto":
		head := make([]byte, 4)
		n, err := io.ReadFull(src, head)
		if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, err
		}
		head = head[:n]
		src = io.MultiReader(bytes.NewReader(head), src)
		if bytes.HasPrefix(head, []byte{0xFF, 0xFE}) || bytes.HasPrefix(head, []byte{0xFE, 0xFF}) {
			e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
			break
		}
		return withoutMark(src)
	case "utf-8":
		return withoutMark(src)
	case "utf-16":
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16le":
		e = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case "utf-16be":
		e = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case "gb18030":
		e = simplifiedchinese.GB18030
	case "windows-1252":
		e = charmap.Windows1252
	default:
		return nil, &Error{Field: "encoding", Found: name, Expected: strings.Join(fileEncodings, ", "), Err: errSetting}
	}
	return withoutMark(transform.NewReader(src, e.NewDecoder()))
}

func withoutMark(src io.Reader) (io.Reader, error) {
	mark := make([]byte, 3)
	n, err := io.ReadFull(src, mark)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if bytes.Equal(mark[:n], []byte("\xEF\xBB\xBF")) {
		return src, nil
	}
	return io.MultiReader(bytes.NewReader(mark[:n]), src), nil
}

// delimiterOf is the delimiter that the text names in a first line sep=; or that
// is set, or the one that is most often in the first line. head is what was read
// of the text to find it, without such a line sep=; and lines is 1 if there was one.
func delimiterOf(set string, text io.Reader) (comma byte, head []byte, lines int64, err error) {
	switch {
	case set == "tab" || set == `\t`:
		comma = '\t'
	case len(set) == 1 && set[0] != '"' && set[0] != '\n' && set[0] < 0x80:
		comma = set[0]
	case set != "" && set != "auto":
		return 0, nil, 0, &Error{Field: "delimiter", Found: fmt.Sprintf("%q", set), Expected: "one character, tab or auto", Err: errSetting}
	}
	head = make([]byte, 16<<10)
	n, err := io.ReadFull(text, head)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, nil, 0, err
	}
	head = head[:n]
	if named, rest, ok := separatorLine(head); ok {
		return named, rest, 1, nil
	}
	if comma == 0 {
		comma = guessDelimiter(head)
	}
	return comma, head, 0, nil
}

// separatorLine reads the line sep=; that spreadsheets write and expect before
// the header, also in quotes. rest is the text behind it.
func separatorLine(head []byte) (comma byte, rest []byte, ok bool) {
	line, rest, _ := bytes.Cut(head, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 7 && line[0] == '"' && line[6] == '"' {
		line = line[1:6]
	}
	if len(line) != 5 || !bytes.EqualFold(line[:4], []byte("sep=")) || line[4] == '"' || line[4] >= 0x80 {
		return 0, nil, false
	}
	return line[4], rest, true
}

func guessDelimiter(head []byte) byte {
	line, _, _ := bytes.Cut(bytes.TrimLeft(head, "\r\n"), []byte("\n"))
	comma, best := byte(','), 0
	quoted := false
	counts := map[byte]int{}
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[c]++
		}
	}
	for _, c := range []byte{',', ';', '\t', '|'} {
		if counts[c] > best {
			comma, best = c, counts[c]
		}
	}
	return comma
}
