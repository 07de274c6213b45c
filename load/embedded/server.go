package embedded

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
)

// credentials keep digests, so that comparing takes the same time whatever was
// sent, even for another length.
type credentials struct{ user, password [sha256.Size]byte }

func newCredentials(user, password string) credentials {
	return credentials{sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))}
}

func (c credentials) equal(o credentials) bool {
	return subtle.ConstantTimeCompare(c.user[:], o.user[:])&subtle.ConstantTimeCompare(c.password[:], o.password[:]) == 1
}

// user is who may send statements at a door.
type user struct {
	credentials
	readOnly bool
	limits   Limits
	rows     *RowFilters
}

// door is one address of the warehouse with those who may come in there.
type door struct {
	server *Server
	users  []user
	gate   *gate
}

// authenticate compares what the request brings, by header, Basic
// authentication or URL, with the users of this door.
func (d *door) authenticate(r *http.Request) (*user, error) {
	name, password := r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key")
	if name == "" {
		if u, p, ok := r.BasicAuth(); ok {
			name, password = u, p
		} else {
			q := r.URL.Query()
			name, password = q.Get("user"), q.Get("password")
		}
	}
	got := newCredentials(name, password)
	var found *user
	for i := range d.users {
		if got.equal(d.users[i].credentials) {
			found = &d.users[i]
		}
	}
	if found == nil {
		return nil, newException(codeAuthentication, first(name, "default")+": Authentication failed: password is incorrect, or there is no user with such name")
	}
	return found, nil
}

// ServeHTTP answers /ping and the queries at /.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/ping" || r.URL.Path == "/replicas_status":
		writeText(w, http.StatusOK, "Ok.\n")
		return
	case r.Method == http.MethodGet && r.URL.Path == "/" && !r.URL.Query().Has("query"):
		writeText(w, http.StatusOK, "Ok.\n")
		return
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		writeText(w, http.StatusNotImplemented, "Send queries with GET or POST.\n")
		return
	}
	a := &answer{w: w}
	defer d.server.rescue(a)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(d.server.closing, cancel)()

	u, err := d.authenticate(r)
	if err == nil {
		err = d.handle(ctx, a, r, u)
	}
	if err != nil {
		a.fail(asException(err))
	}
}

// rescue keeps a panic of one request from ending the process, and its client
// from taking what was sent for a whole answer.
func (s *Server) rescue(a *answer) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	s.log.Error("a request of the embedded warehouse panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	a.fail(newException(codeLogical, fmt.Sprintf("Internal error: %v", v)))
}

func (d *door) handle(ctx context.Context, a *answer, r *http.Request, u *user) error {
	engine := d.server.engine
	u.limits.sending(a.w)
	req, err := d.server.parseRequest(r, u.readOnly)
	if err != nil {
		return err
	}
	a.req = req
	req.settings = u.limits.settings(req.settings)
	if req.rows = u.rows; req.rows != nil {
		if err := req.rows.allow(req); err != nil {
			return err
		}
	}
	if req.revision > 0 && isHello(req.head) {
		return a.whole("Native", helloBlock(req.revision, engine.version, engine.timezone))
	}
	leave, err := d.gate.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	u.limits.answering(a.w)
	sess, err := engine.session(req)
	if err != nil {
		return err
	}
	well := false
	stop := sess.killOn(ctx)
	defer func() { engine.leave(sess, req, !stop() && well) }()
	err = sess.run(ctx, a, req)
	well = err == nil
	return err
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// answer writes the response of one request: headers first, when the first
// byte of the result is there, so that an early error still gets its status.
type answer struct {
	w       http.ResponseWriter
	req     *request // nil until the request has been understood
	out     io.Writer
	tag     string
	started bool
	encoder encoder
	summary summary
}

// summary is what X-ClickHouse-Summary reports.
type summary struct{ readRows, readBytes, writtenRows, writtenBytes uint64 }

func (v summary) String() string {
	return fmt.Sprintf(`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"%d","total_rows_to_read":"0","result_rows":"0","result_bytes":"0"}`,
		v.readRows, v.readBytes, v.writtenRows, v.writtenBytes)
}

func (a *answer) commonHeaders() http.Header {
	h := a.w.Header()
	h.Set("X-ClickHouse-Server-Display-Name", "huikuan")
	if a.req != nil {
		h.Set("X-ClickHouse-Query-Id", a.req.queryID)
	}
	return h
}

// start sends the headers of a result in format.
func (a *answer) start(format string) error {
	if a.started {
		return nil
	}
	a.started = true
	a.tag = randomHex(8)
	h := a.commonHeaders()
	h.Set("Content-Type", contentType(format))
	h.Set("X-ClickHouse-Format", format)
	h.Set("X-ClickHouse-Summary", a.summary.String())
	h.Set("X-ClickHouse-Exception-Tag", a.tag)
	a.out = a.w
	if a.req.encoding != "" {
		h.Set("Content-Encoding", a.req.encoding)
		enc, err := newEncoder(a.w, a.req.encoding)
		if err != nil {
			return err
		}
		a.encoder, a.out = enc, enc
	}
	if a.req.compress {
		a.out = newBlockWriter(a.out, a.req.method)
	}
	a.w.WriteHeader(http.StatusOK)
	return nil
}

// Write sends a part of the result; start must have been called.
func (a *answer) Write(p []byte) (int, error) { return a.out.Write(p) }

// finish ends a result that was started.
func (a *answer) finish() error {
	if a.encoder != nil {
		return a.encoder.Close()
	}
	return nil
}

// whole sends a complete result.
func (a *answer) whole(format string, data []byte) error {
	if len(data) == 0 {
		a.nothing()
		return nil
	}
	if err := a.start(format); err != nil {
		return err
	}
	if _, err := a.Write(data); err != nil {
		return errGone
	}
	if err := a.finish(); err != nil {
		return errGone
	}
	return nil
}

// nothing answers a statement that has no result.
func (a *answer) nothing() {
	a.started = true
	h := a.commonHeaders()
	h.Set("X-ClickHouse-Summary", a.summary.String())
	h.Set("Content-Length", "0")
	a.w.WriteHeader(http.StatusOK)
}

// errGone: the client does not take the answer any more.
var errGone = errors.New("the client went away")

// fail reports an error: with a status of its own while nothing has been sent,
// else in the frame that clients look for at the end of a broken result.
func (a *answer) fail(e *exception) {
	if !a.started {
		a.started = true
		h := a.commonHeaders()
		h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.code))
		h.Set("Connection", "close") // the rest of an upload is not worth reading
		if e.code == codeAuthentication {
			h.Set("WWW-Authenticate", `Basic realm="ClickHouse server HTTP API"`)
		}
		writeText(a.w, e.status(), e.text+"\n")
		return
	}
	if a.tag == "" { // an answer without a body cannot carry a frame
		panic(http.ErrAbortHandler)
	}
	// The frame goes around the block compression, into the HTTP encoding, as
	// a server does it; clients look at the bytes before they decompress blocks.
	var frame bytes.Buffer
	msg := e.text
	if len(msg) > 15<<10 {
		msg = msg[:15<<10]
	}
	fmt.Fprintf(&frame, "\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", a.tag, msg, len(msg)+1, a.tag)
	if a.encoder != nil {
		_, _ = a.encoder.Write(frame.Bytes())
		_ = a.encoder.Close()
	} else {
		_, _ = a.w.Write(frame.Bytes())
	}
}
