package embedded

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// joiner turns the chunks of a streamed result into one result. The engine
// writes every chunk as a complete document of its format, so what a document
// has once must be taken from all chunks but the first (or last).
type joiner interface {
	// next writes what of chunk belongs into the whole.
	next(w io.Writer, chunk []byte) error
	// end writes what closes the whole.
	end(w io.Writer) error
}

// joinerFor returns how chunks of a format are joined, or nil where the whole
// result has to be built at once.
func joinerFor(format string) joiner {
	switch strings.ToLower(format) {
	case "native", "rowbinary", "csv", "tabseparated", "tsv", "tabseparatedraw", "tsvraw", "raw", "linesastring",
		"jsoneachrow", "jsonlines", "ndjson", "jsoncompacteachrow", "jsonstringseachrow", "jsoncompactstringseachrow",
		"tskv", "rawblob", "msgpack", "values":
		if strings.EqualFold(format, "values") {
			return nil
		}
		return plainJoiner{}
	case "csvwithnames", "tabseparatedwithnames", "tsvwithnames", "jsoncompacteachrowwithnames", "jsoncompactstringseachrowwithnames":
		return &headedJoiner{lines: 1}
	case "csvwithnamesandtypes", "tabseparatedwithnamesandtypes", "tsvwithnamesandtypes",
		"jsoncompacteachrowwithnamesandtypes", "jsoncompactstringseachrowwithnamesandtypes":
		return &headedJoiner{lines: 2}
	case "arrowstream":
		return &arrowJoiner{}
	}
	return nil
}

// plainJoiner is for formats whose documents can simply follow one another.
type plainJoiner struct{}

func (plainJoiner) next(w io.Writer, chunk []byte) error { _, err := w.Write(chunk); return err }
func (plainJoiner) end(io.Writer) error                  { return nil }

// headedJoiner keeps the header lines of the first chunk only.
type headedJoiner struct {
	lines  int
	header []byte
}

func (j *headedJoiner) next(w io.Writer, chunk []byte) error {
	if j.header == nil {
		j.header = bytes.Clone(chunk[:headerLength(chunk, j.lines)])
	} else {
		rest, ok := bytes.CutPrefix(chunk, j.header)
		if !ok {
			return newException(codeLogical, "The engine changed the header within a result")
		}
		chunk = rest
	}
	_, err := w.Write(chunk)
	return err
}

func (j *headedJoiner) end(io.Writer) error { return nil }

// headerLength is the length of the first lines of b; line feeds in double
// quotes do not count.
func headerLength(b []byte, lines int) int {
	quoted := false
	for i, c := range b {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n' && !quoted:
			if lines--; lines == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

// run runs a request's statement, if it may run.
func (s *session) run(ctx context.Context, a *answer, req *request) error {
	if err := s.examine(req); err != nil {
		return err
	}
	if req.insert {
		return s.runInsert(a, req)
	}
	if req.class != classReadOnly { // it may change what columns a table has
		s.engine.columns.forget()
		defer s.engine.columns.forget()
	}
	return s.runQuery(ctx, a, req)
}

// runQuery runs any statement but an insert of data.
func (s *session) runQuery(ctx context.Context, a *answer, req *request) error {
	sql := strings.TrimRight(strings.TrimSpace(req.head), "; \t\r\n")
	joiner := joinerFor(req.format)
	var err error
	if joiner == nil || !canStream(req) {
		err = s.runWhole(a, req, sql)
	} else if req.whole {
		err = s.runSpooled(a, req, sql, joiner)
	} else {
		err = s.runStream(a, req, sql, joiner)
	}
	if err != nil && ctx.Err() != nil {
		return newException(codeCancelled, "Query was cancelled")
	}
	return err
}

// canStream: the engine streams SELECT and WITH only, and cannot stream totals
// and extremes.
func canStream(req *request) bool {
	extremes := slices.ContainsFunc(req.settings, func(s setting) bool { return s.name == "extremes" })
	return !req.totals && !extremes && (req.keyword == "SELECT" || req.keyword == "WITH") && req.class == classReadOnly
}

// runWhole builds the whole result in the engine's memory before it is sent.
func (s *session) runWhole(a *answer, req *request, sql string) error {
	r, err := s.query(sql, req.format, req.params)
	if err != nil {
		return err
	}
	defer r.release()
	a.summary = summary{
		readRows: s.lib.resultRowsRead(r.handle), readBytes: s.lib.resultBytesRead(r.handle),
		writtenRows: s.lib.resultRowsWritten(r.handle), writtenBytes: s.lib.resultBytesWritten(r.handle),
	}
	return a.whole(req.format, r.data())
}

// runStream sends the result chunk by chunk, in bounded memory.
func (s *session) runStream(a *answer, req *request, sql string, j joiner) error {
	st, err := s.stream(sql, req.format, req.params)
	if err != nil {
		return err
	}
	defer st.close()
	empty := true
	for {
		chunk, err := st.next()
		if err != nil {
			return err
		}
		if chunk == nil {
			break
		}
		empty = false
		err = a.start(req.format)
		if err == nil {
			err = j.next(a, chunk.data())
		}
		chunk.release()
		if err != nil {
			return err
		}
	}
	if empty && strings.EqualFold(req.format, "Native") {
		return s.sendColumns(a, req, sql)
	}
	if err := a.start(req.format); err != nil {
		return err
	}
	if err := j.end(a); err != nil {
		return err
	}
	return a.finish()
}

// sendColumns answers an empty result in Native with a block that has the
// result's columns and no rows. The engine itself writes nothing then, and a
// client would not learn the columns. Where they cannot be told, the answer
// stays empty.
func (s *session) sendColumns(a *answer, req *request, sql string) error {
	key := emptyKey(req, sql)
	columns, changes := s.engine.columns.get(key)
	if columns == nil {
		if columns = s.describe(req, sql); columns == nil {
			return a.whole(req.format, nil)
		}
		s.engine.columns.put(key, columns, changes)
	}
	return a.whole(req.format, emptyBlock(columns))
}

// describe asks for the columns of a statement's result, in a session of its own;
// nil where they cannot be told.
func (s *session) describe(req *request, sql string) (columns [][2]string) {
	c, err := s.engine.openSession(&request{database: req.database, settings: req.settings, readOnly: req.readOnly})
	if err != nil {
		return nil
	}
	defer c.close()
	r, err := c.query("DESCRIBE TABLE ("+withoutFormat(sql)+"\n)", "TabSeparated", req.params)
	if err != nil {
		return nil
	}
	defer r.release()
	for line := range strings.Lines(string(r.data())) {
		fields := strings.Split(line, "\t")
		if len(fields) < 2 {
			return nil
		}
		columns = append(columns, [2]string{unescapeTSV(fields[0]), unescapeTSV(fields[1])})
	}
	return columns
}

var tsvEscapes = strings.NewReplacer(`\t`, "\t", `\n`, "\n", `\r`, "\r", `\b`, "\b", `\f`, "\f", `\0`, "\x00", `\'`, "'", `\\`, `\`)

// escapeTSV writes s as a parameter's value, which the engine reads as a field
// of TabSeparated.
func escapeTSV(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`).Replace(s)
}

func unescapeTSV(s string) string { return tsvEscapes.Replace(strings.TrimSuffix(s, "\n")) }

// spoolMemory is how much of a result that must be complete before it is sent
// is kept in memory; the rest goes to a file.
const spoolMemory = 16 << 20

// runSpooled streams the result to the side and sends it when it is complete,
// for clients that ask to learn of every error by the status.
func (s *session) runSpooled(a *answer, req *request, sql string, j joiner) error {
	st, err := s.stream(sql, req.format, req.params)
	if err != nil {
		return err
	}
	defer st.close()
	var spool spool
	defer spool.close()
	for {
		chunk, err := st.next()
		if err != nil {
			return err
		}
		if chunk == nil {
			break
		}
		err = j.next(&spool, chunk.data())
		chunk.release()
		if err != nil {
			return err
		}
	}
	if err := j.end(&spool); err != nil {
		return err
	}
	if spool.size == 0 {
		if strings.EqualFold(req.format, "Native") {
			return s.sendColumns(a, req, sql)
		}
		return a.whole(req.format, nil)
	}
	if err := a.start(req.format); err != nil {
		return err
	}
	if err := spool.copyTo(a); err != nil {
		return err
	}
	return a.finish()
}

// spool keeps bytes in memory and, when they are many, in a file that has no
// name any more.
type spool struct {
	mem  bytes.Buffer
	file *os.File
	size int64
}

func (p *spool) Write(b []byte) (int, error) {
	p.size += int64(len(b))
	if p.file == nil && p.mem.Len()+len(b) <= spoolMemory {
		return p.mem.Write(b)
	}
	if p.file == nil {
		f, err := os.CreateTemp("", "huikuan-result-*")
		if err != nil {
			return 0, fmt.Errorf("keep a large result aside: %w", err)
		}
		_ = os.Remove(f.Name())
		p.file = f
	}
	return p.file.Write(b)
}

func (p *spool) copyTo(w io.Writer) error {
	if _, err := w.Write(p.mem.Bytes()); err != nil {
		return err
	}
	if p.file == nil {
		return nil
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, p.file)
	return err
}

func (p *spool) close() {
	if p.file != nil {
		p.file.Close()
	}
}

func contentType(format string) string {
	switch f := strings.ToLower(format); {
	case strings.HasPrefix(f, "csv"):
		return "text/csv; charset=UTF-8; header=" + map[bool]string{true: "present", false: "absent"}[strings.Contains(f, "names")]
	case strings.HasPrefix(f, "tabseparated"), strings.HasPrefix(f, "tsv"):
		return "text/tab-separated-values; charset=UTF-8"
	case strings.Contains(f, "eachrow"), f == "jsonlines", f == "ndjson":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(f, "json"):
		return "application/json; charset=UTF-8"
	case f == "native", strings.HasPrefix(f, "rowbinary"):
		return "application/octet-stream"
	case f == "arrowstream":
		return "application/vnd.apache.arrow.stream"
	case strings.HasPrefix(f, "pretty"), f == "vertical":
		return "text/plain; charset=UTF-8"
	}
	return "application/octet-stream"
}
