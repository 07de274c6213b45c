package embedded

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// request is what an HTTP request asks for, in the engine's terms.
type request struct {
	statement
	data     io.Reader // of an insert; never nil for one
	params   []param
	settings []setting
	database string
	queryID  string
	format   string // of the result
	revision int    // client_protocol_version, 0 if the client names none

	compress bool             // answer in ClickHouse's compressed blocks
	method   compress.Method  // of those blocks
	encoding string           // Content-Encoding of the answer, "" for none
	whole    bool             // the client wants the whole result before the status
	readOnly bool             // the user may only read, or the request is a GET
	external []*externalTable // tables that came with the request
	rows     *RowFilters      // what the user sees of the tables; nil = all
	class    uint32           // of the statement, by the engine's parser; set by examine
}

// Sizes of what a request may carry beside data, in bytes.
const (
	maxHead      = 1 << 20  // how far an insert's data may begin in a body
	maxStatement = 64 << 20 // a statement without data
)

// reserved are the URL parameters that are not engine settings.
var reserved = map[string]bool{
	"query": true, "query_id": true, "database": true, "default_format": true,
	"user": true, "password": true, "compress": true, "decompress": true,
	"quota_key": true, "stacktrace": true, "role": true, "client_protocol_version": true,
	"buffer_size": true, "wait_end_of_query": true, "session_id": true, "session_timeout": true,
	"session_check": true, "close_session": true, "send_progress_in_http_headers": true,
	"http_write_exception_in_output_format": true, "network_compression_method": true,
	"network_zstd_compression_level": true, "enable_http_compression": true,
	"http_zlib_compression_level": true, "http_headers_progress_interval_ms": true,
	"cancel_http_readonly_queries_on_client_close": true, "add_http_cors_header": true,
}

// parseRequest takes a request apart. The body is read as far as the statement
// goes; the data of an insert stays in it.
func (s *Server) parseRequest(r *http.Request, readOnly bool) (*request, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, newException(codeBadArguments, "The URL's parameters cannot be read: "+err.Error())
	}
	req := &request{
		database: first(q.Get("database"), r.Header.Get("X-ClickHouse-Database"), s.opts.Database),
		queryID:  first(q.Get("query_id"), randomID()),
		whole:    isTrue(q.Get("wait_end_of_query")),
		readOnly: readOnly || r.Method == http.MethodGet,
		compress: isTrue(q.Get("compress")),
	}
	req.revision, _ = strconv.Atoi(q.Get("client_protocol_version"))
	if req.method, err = blockMethod(q.Get("network_compression_method")); err != nil {
		return nil, err
	}
	if !req.compress && isTrue(first(q.Get("enable_http_compression"), "1")) {
		req.encoding = acceptedEncoding(r.Header.Get("Accept-Encoding"))
	}
	body, err := openBody(r, isTrue(q.Get("decompress")))
	if err != nil {
		return nil, err
	}
	if err := req.takeStatement(r, q, body); err != nil {
		return nil, err
	}
	req.takeSettings(q)
	if readOnly {
		if err := allowSettings(req.settings); err != nil {
			return nil, err
		}
	}
	req.format = first(req.statement.format, q.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated")
	return req, nil
}

// takeSettings sorts the URL's parameters into parameters of the statement and
// settings of the engine.
func (req *request) takeSettings(q url.Values) {
	for name, values := range q {
		value := values[len(values)-1]
		switch {
		case strings.HasPrefix(name, "param_"):
			req.params = append(req.params, param{name[len("param_"):], value})
		case reserved[name], req.ofExternal(name):
		default:
			req.settings = append(req.settings, setting{name, value})
		}
	}
}

// takeStatement finds the statement: the parameter "query", followed by the
// body; or the body alone.
func (req *request) takeStatement(r *http.Request, q url.Values, body io.Reader) error {
	inURL := q.Get("query")
	if r.Method == http.MethodGet {
		body = http.NoBody
	}
	if isForm(r) {
		return req.takeForm(r, q, body)
	}
	if inURL != "" {
		st := parseStatement(inURL)
		if st.insert {
			req.statement = st
			req.data = io.MultiReader(strings.NewReader(st.data), body)
			return nil
		}
	}
	head, more, err := readHead(body)
	if err != nil {
		return err
	}
	text := string(head)
	if inURL != "" {
		text = strings.TrimRight(inURL+"\n"+text, "\n")
	}
	req.statement = parseStatement(text)
	if req.insert && more && req.data == nil && req.statement.format == "" {
		return newException(codeSyntax, "The statement has no FORMAT or VALUES within its first MiB")
	}
	if req.insert {
		req.data = io.MultiReader(strings.NewReader(req.statement.data), body)
		return nil
	}
	if more {
		rest, err := io.ReadAll(io.LimitReader(body, maxStatement+1))
		if err != nil {
			return bodyError(err)
		}
		if len(rest) > maxStatement {
			return newException(codeSyntax, "The statement is longer than 64 MiB; send data as an INSERT with a FORMAT")
		}
		req.statement = parseStatement(text + string(rest))
		req.insert = false
	}
	if strings.TrimSpace(req.head) == "" {
		return newException(codeSyntax, "Empty query")
	}
	return nil
}

// readHead reads the body up to maxHead and tells whether there is more.
func readHead(body io.Reader) (head []byte, more bool, err error) {
	var b bytes.Buffer
	n, err := io.CopyN(&b, body, maxHead)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, bodyError(err)
	}
	return b.Bytes(), n == maxHead, nil
}

// openBody undoes the encodings of a request body.
func openBody(r *http.Request, blocks bool) (io.Reader, error) {
	var body io.Reader = r.Body
	var err error
	switch enc := r.Header.Get("Content-Encoding"); enc {
	case "", "identity":
	case "gzip":
		body, err = gzip.NewReader(body)
	case "deflate":
		body, err = zlib.NewReader(body)
	case "br":
		body = brotli.NewReader(body)
	case "zstd":
		var z *zstd.Decoder
		if z, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1)); err == nil {
			body = z.IOReadCloser()
		}
	default:
		return nil, newException(codeUnknownCompression, "Unknown Content-Encoding "+strconv.Quote(enc)+"; use gzip, deflate, br or zstd")
	}
	if err != nil {
		return nil, bodyError(err)
	}
	if blocks {
		body = blockReader{compress.NewReader(body)}
	}
	return body, nil
}

// blockReader gives the plain io.EOF that ch-go wraps at the end of a stream
// of compressed blocks. An end within a block stays an error.
type blockReader struct{ r io.Reader }

func (b blockReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && errors.Is(err, io.EOF) {
		if !strings.HasSuffix(err.Error(), "header: EOF") {
			return n, io.ErrUnexpectedEOF
		}
		err = io.EOF
	}
	return n, err
}

// bodyError says that the body of a request could not be read.
func bodyError(err error) error {
	return newException(codeBadData, "The request's body cannot be read: "+err.Error())
}

func blockMethod(name string) (compress.Method, error) {
	switch strings.ToUpper(name) {
	case "", "LZ4":
		return compress.LZ4, nil
	case "LZ4HC":
		return compress.LZ4HC, nil
	case "ZSTD":
		return compress.ZSTD, nil
	case "NONE":
		return compress.None, nil
	}
	return compress.None, newException(codeUnknownCompression, "Unknown network_compression_method "+strconv.Quote(name)+"; use LZ4, LZ4HC, ZSTD or NONE")
}

// acceptedEncoding picks the encoding of an answer from what the client takes.
func acceptedEncoding(accept string) string {
	for _, enc := range []string{"zstd", "br", "gzip", "deflate"} {
		for offered := range strings.SplitSeq(accept, ",") {
			name, quality, _ := strings.Cut(offered, ";")
			if strings.TrimSpace(name) == enc && strings.ReplaceAll(quality, " ", "") != "q=0" {
				return enc
			}
		}
	}
	return ""
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func isTrue(s string) bool { return s == "1" || strings.EqualFold(s, "true") }
