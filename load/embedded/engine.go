package embedded

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// param is one server-side query parameter: {name:Type} in the statement takes
// value, which the engine parses by that type.
type param struct{ name, value string }

// connection is one session of the engine. It runs one statement at a time.
// Settings, the current database and temporary tables live as long as it does:
// see [engine.leave] for when another request may use it.
type connection struct {
	lib    *library
	handle unsafe.Pointer // what chdb_connect returned: a pointer to the handle that other calls take
}

// openConnection starts a session. Arguments are "--name=value".
func openConnection(lib *library, args []string) (*connection, error) {
	argv := make([]*byte, 0, len(args)+2)
	for _, a := range append([]string{"clickhouse"}, args...) {
		argv = append(argv, unsafe.SliceData(append([]byte(a), 0)))
	}
	argv = append(argv, nil)
	var pin runtime.Pinner
	for _, p := range argv[:len(argv)-1] {
		pin.Pin(p)
	}
	defer pin.Unpin()
	h := lib.connect(int32(len(argv)-1), unsafe.Pointer(unsafe.SliceData(argv)))
	runtime.KeepAlive(argv)
	if h == nil {
		return nil, errConnect
	}
	return &connection{lib: lib, handle: h}, nil
}

func (c *connection) session() unsafe.Pointer { return *(*unsafe.Pointer)(c.handle) }

func (c *connection) close() {
	if c.handle != nil {
		c.lib.closeConn(c.handle)
		c.handle = nil
	}
}

// paramArrays lays out parameters as the C interface takes them.
type paramArrays struct {
	names, values   []unsafe.Pointer
	nameLens, vLens []uintptr
	pin             runtime.Pinner
}

func layOut(params []param) *paramArrays {
	a := &paramArrays{}
	for _, p := range params {
		n, nl := bytesOf(p.name)
		v, vl := bytesOf(p.value)
		for _, q := range []unsafe.Pointer{n, v} {
			if q != nil {
				a.pin.Pin(q)
			}
		}
		a.names, a.nameLens = append(a.names, n), append(a.nameLens, nl)
		a.values, a.vLens = append(a.values, v), append(a.vLens, vl)
	}
	return a
}

func (a *paramArrays) release() { a.pin.Unpin() }

func (a *paramArrays) args() (n, nl, v, vl unsafe.Pointer, count uintptr) {
	return unsafe.Pointer(unsafe.SliceData(a.names)), unsafe.Pointer(unsafe.SliceData(a.nameLens)),
		unsafe.Pointer(unsafe.SliceData(a.values)), unsafe.Pointer(unsafe.SliceData(a.vLens)), uintptr(len(a.names))
}

// result is what a statement, or one fetch of a streamed statement, returned.
// Its data lies in the engine's memory until release.
type result struct {
	lib    *library
	handle unsafe.Pointer
}

// data is valid until release.
func (r *result) data() []byte {
	n := r.lib.resultLength(r.handle)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(r.lib.resultBuffer(r.handle)), n)
}

func (r *result) err() error {
	if msg := cString(r.lib.resultError(r.handle)); msg != "" {
		return parseException(msg)
	}
	return nil
}

func (r *result) release() {
	if r.handle != nil {
		r.lib.resultDestroy(r.handle)
		r.handle = nil
	}
}

func (c *connection) wrap(h unsafe.Pointer) (*result, error) {
	if h == nil {
		return nil, newException(codeLogical, "the engine returned no result")
	}
	r := &result{lib: c.lib, handle: h}
	if err := r.err(); err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}

// query runs one statement and returns its whole result in format.
func (c *connection) query(sql, format string, params []param) (*result, error) {
	a := layOut(params)
	defer a.release()
	q, ql := bytesOf(sql)
	f, fl := bytesOf(format)
	n, nl, v, vl, count := a.args()
	h := c.lib.query(c.session(), q, ql, f, fl, n, nl, v, vl, count)
	runtime.KeepAlive(sql)
	runtime.KeepAlive(format)
	runtime.KeepAlive(params)
	return c.wrap(h)
}

// exec runs a statement for its effect.
func (c *connection) exec(sql string) error {
	r, err := c.query(sql, "Null", nil)
	if err != nil {
		return err
	}
	r.release()
	return nil
}

// queryText runs a statement and returns its result as TabSeparatedRaw text
// without the last line feed.
func (c *connection) queryText(sql string) (string, error) {
	r, err := c.query(sql, "TabSeparatedRaw", nil)
	if err != nil {
		return "", err
	}
	defer r.release()
	return strings.TrimSuffix(string(r.data()), "\n"), nil
}

// stream is a SELECT whose result is fetched chunk by chunk.
type stream struct {
	conn *connection
	root *result
	done bool
}

func (c *connection) stream(sql, format string, params []param) (*stream, error) {
	a := layOut(params)
	defer a.release()
	q, ql := bytesOf(sql)
	f, fl := bytesOf(format)
	n, nl, v, vl, count := a.args()
	h := c.lib.streamQuery(c.session(), q, ql, f, fl, n, nl, v, vl, count)
	runtime.KeepAlive(sql)
	runtime.KeepAlive(format)
	runtime.KeepAlive(params)
	r, err := c.wrap(h)
	if err != nil {
		return nil, err
	}
	return &stream{conn: c, root: r}, nil
}

// next returns the next chunk, or nil at the end. The chunk must be released
// before next is called again.
func (s *stream) next() (*result, error) {
	if s.done {
		return nil, nil
	}
	r, err := s.conn.wrap(s.conn.lib.streamFetch(s.conn.session(), s.root.handle))
	if err != nil {
		s.done = true
		return nil, err
	}
	if len(r.data()) == 0 {
		s.done = true
		r.release()
		return nil, nil
	}
	return r, nil
}

func (s *stream) close() {
	if !s.done {
		s.conn.lib.streamCancel(s.conn.session(), s.root.handle)
	}
	s.root.release()
}

// insert is an open insert: data in one format is appended, then committed by
// done or dropped by close.
type insert struct {
	lib    *library
	handle unsafe.Pointer
}

// insert opens an insert; sql has neither a FORMAT clause nor data.
func (c *connection) insert(sql, format string, params []param) (*insert, error) {
	a := layOut(params)
	defer a.release()
	q, ql := bytesOf(sql)
	f, fl := bytesOf(format)
	n, nl, v, vl, count := a.args()
	h := c.lib.insertStart(c.session(), q, ql, f, fl, n, nl, v, vl, count)
	runtime.KeepAlive(sql)
	runtime.KeepAlive(format)
	runtime.KeepAlive(params)
	in := &insert{lib: c.lib, handle: h}
	if err := in.err(); err != nil {
		in.close()
		return nil, err
	}
	return in, nil
}

func (in *insert) err() error {
	if msg := cString(in.lib.insertError(in.handle)); msg != "" {
		return parseException(msg)
	}
	return nil
}

// write appends data, which the engine copies. It blocks while the engine is
// busy with what it has.
func (in *insert) write(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	state := in.lib.insertAppend(in.handle, unsafe.Pointer(unsafe.SliceData(data)), uintptr(len(data)))
	runtime.KeepAlive(data)
	if state == 0 {
		return nil
	}
	if err := in.err(); err != nil {
		return err
	}
	return newException(codeLogical, "the engine refused data without giving a reason")
}

// done commits what was appended.
func (in *insert) done() (rows, bytes uint64, err error) {
	h := in.lib.insertDone(in.handle)
	if h == nil {
		return 0, 0, newException(codeLogical, "the engine gave no result for an insert")
	}
	r := &result{lib: in.lib, handle: h}
	defer r.release()
	if err := r.err(); err != nil {
		return 0, 0, err
	}
	return in.lib.resultRowsWritten(h), in.lib.resultBytesWritten(h), nil
}

// close frees the insert; without a done before it nothing more is written.
func (in *insert) close() {
	if in.handle != nil {
		in.lib.insertDestroy(in.handle)
		in.handle = nil
	}
}

// Statement classes of chdb_classify_query_n, by how restricted they are.
const (
	classReadOnly = iota // SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS, CHECK
	classMutating        // INSERT, CREATE, ALTER, DROP, …
	classGlobal          // CREATE FUNCTION, CREATE USER, named collections, …
	classControl         // USE, SET, SYSTEM, KILL, ATTACH, BACKUP, INTO OUTFILE, …
	classUnknown         // did not parse
)

// analysis is what the engine's own parser says of a text. The layout is that
// of chdb_query_analysis_v1.
type analysis struct {
	size       uint32
	statements uint32
	flags      uint32
	class      uint32
}

// classify parses sql without running it.
func (c *connection) classify(sql string) (analysis, error) {
	a := analysis{size: uint32(unsafe.Sizeof(analysis{}))}
	q, ql := bytesOf(sql)
	state := c.lib.classify(c.session(), q, ql, nil, 0, unsafe.Pointer(&a))
	runtime.KeepAlive(sql)
	if state != 0 {
		return analysis{class: classUnknown}, newException(codeLogical, "the engine could not analyse the statement")
	}
	return a, nil
}

// setting is one engine setting of a request.
type setting struct{ name, value string }

// apply sets the settings of a request in one statement, so that a wrong name
// or value is reported with the engine's own code.
func (c *connection) apply(settings []setting) error {
	if len(settings) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString("SET ")
	for i, s := range settings {
		if !isSettingName(s.name) {
			return newException(codeUnknownSetting, fmt.Sprintf("Setting %s is neither a builtin setting nor started with the prefix 'SQL_'", strconv.Quote(s.name)))
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s.name)
		b.WriteString(" = ")
		b.WriteString(quoteString(s.value))
	}
	return c.exec(b.String())
}

func isSettingName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	return !slices.ContainsFunc([]byte(s), func(c byte) bool {
		return !(c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')
	})
}

// quoteString renders s as a SQL string literal.
func quoteString(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// quoteName renders s as a quoted SQL identifier.
func quoteName(s string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(s) + "`"
}
