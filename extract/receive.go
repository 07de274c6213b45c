package extract

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/go-faster/jx"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// errorBody is how much is read of an answer that is an error, in bytes.
const errorBody = 64 << 10

// receive reads an answer to its end and decides whether it can be taken. Its
// errors are retried, except those marked final; without an error, k says what was found.
func (c *client) receive(k *call, resp *http.Response) error {
	k.reset()
	k.status, k.header, k.cookies = resp.StatusCode, resp.Header, resp.Cookies()
	c.pace.observe(resp)
	ok := resp.StatusCode >= 200 && resp.StatusCode <= 299
	if k.empty != nil && resp.StatusCode < 400 && slices.Contains(k.empty.status, resp.StatusCode) {
		k.none = true
		return nil
	}
	limit := c.decl.maxResponse
	if !ok {
		limit = errorBody
	}
	k.buffer = c.buffer()
	unpacked, announced, err := unpack(resp)
	if err != nil {
		return err
	}
	body, err := c.readAll(k.buffer.body[:0], io.LimitReader(unpacked, limit+1), min(announced, limit))
	k.buffer.body = body
	if !ok {
		k.body = append([]byte{}, body[:min(len(body), errorBody)]...)
		return c.refused(k)
	}
	if int64(len(body)) > limit {
		return final(&Error{Found: fmt.Sprintf("an answer of more than %d bytes", limit), Hint: "Ask for smaller pages, or raise max_response in the connector"})
	}
	if err != nil {
		return fmt.Errorf("the answer broke off after %d bytes: %w", len(body), err)
	}
	if k.signIn && len(bytes.TrimSpace(body)) == 0 { // cookies and headers may be all there is
		return nil
	}
	if err := notJSON(resp.Header.Get("Content-Type"), body); err != nil {
		k.page = bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
		return final(err)
	}
	return c.accept(k, body)
}

// refused decides about an answer whose status is that of an error.
func (c *client) refused(k *call) error {
	f := judge(k.rules, reply{status: k.status, body: k.body})
	if f == nil && k.empty != nil && slices.Contains(k.empty.status, k.status) && (len(k.body) == 0 || jx.Valid(k.body)) {
		k.none = true
		return nil
	}
	switch {
	case f == nil:
		f = c.byStatus(k)
	case f.class == "":
		f.class = c.byStatus(k).class
	}
	return c.judged(k, f)
}

// judged acts on an error that was recognised.
func (c *client) judged(k *call, f *failure) error {
	if f.class == classEmpty && k.empty != nil {
		k.none = true
		return nil
	}
	k.failure = f
	if f.class == classRetry && !slices.Contains(c.decl.noRetry, k.status) {
		return fmt.Errorf("status %d: %w", k.status, errAgain)
	}
	return nil
}

// accept takes a body if it is JSON to its end, no error, and holds the records.
func (c *client) accept(k *call, body []byte) (err error) {
	k.scan, err = scanBody(body, k.records, k.buffer.records[:0])
	if err != nil && !errors.Is(err, errNoRecords) {
		return err
	}
	if len(k.rules) > 0 {
		r := newReply(k.status, body, k.records, k.scan)
		if f := judge(k.rules, r); f != nil {
			if k.body = r.body; f.class == "" {
				f.class = classFatal
			}
			return c.judged(k, f)
		}
	}
	if err != nil && k.empty != nil && k.empty.missing && lacks(body, k.records) {
		k.body = body // it may tell the cursor
		return nil
	}
	if err != nil {
		return final(&Error{Err: err, Found: excerpt(body), Hint: "Check the address and the version of the system"})
	}
	k.body = body
	return nil
}

// lacks says whether a body has nothing at the path of the records, though what holds them is there.
func lacks(body []byte, path string) bool {
	parts := splitPath(path)
	if len(parts) == 0 || hasField(body, parts) {
		return false
	}
	holder := parts[:len(parts)-1]
	return len(holder) == 0 || strings.HasPrefix(valueAt(body, holder), "{")
}

// unpack undoes the compression of an answer's body, if there is any. announced
// is its length if that is known, else -1.
func unpack(resp *http.Response) (body io.Reader, announced int64, err error) {
	encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding")))
	if resp.Uncompressed || encoding == "" || encoding == "identity" {
		return resp.Body, resp.ContentLength, nil
	}
	packed := bufio.NewReader(resp.Body)
	if _, err := packed.Peek(1); err == io.EOF { // nothing was packed at all, as in an answer without a body
		return packed, 0, nil
	}
	switch encoding {
	case "gzip", "x-gzip":
		body, err = gzip.NewReader(packed)
	case "br":
		body = brotli.NewReader(packed)
	case "deflate":
		if head, _ := packed.Peek(2); len(head) == 2 && head[0]&0x0f == 8 && (int(head[0])<<8+int(head[1]))%31 == 0 {
			body, err = zlib.NewReader(packed)
		} else { // some servers leave out the envelope
			body = flate.NewReader(packed)
		}
	default:
		return nil, 0, final(&Error{Found: "an answer packed as " + encoding, Expected: "gzip, deflate, br or none", Hint: "Check what stands between here and the source: a proxy may have packed it"})
	}
	if err != nil {
		return nil, 0, fmt.Errorf("the answer is packed as %s, but cannot be unpacked: %w", encoding, err)
	}
	return body, -1, nil
}

// readAll reads to the end into b, with room for as much as was announced, or else as the answer before had.
func (c *client) readAll(b []byte, r io.Reader, announced int64) ([]byte, error) {
	if announced < 0 {
		announced = c.size.Load()
	}
	if room := announced + announced/16 + 512; int64(cap(b)) < room {
		b = make([]byte, 0, room)
	}
	for {
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if err != nil {
			c.size.Store(int64(len(b)))
			if err == io.EOF {
				err = nil
			}
			return b, err
		}
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
	}
}

// notJSON recognises the web pages that stand where JSON was expected: sign-in forms, proxies, error pages.
func notJSON(contentType string, body []byte) error {
	kind, _, _ := mime.ParseMediaType(contentType)
	trimmed := bytes.TrimSpace(body)
	switch {
	case strings.Contains(kind, "html"), bytes.HasPrefix(trimmed, []byte("<")):
		return &Error{Found: "a web page" + pageTitle(body), Expected: "JSON",
			Hint: "This is often a sign-in page or a proxy: check the address and the key"}
	case len(trimmed) == 0:
		return &Error{Found: "an empty answer", Expected: "JSON", Hint: "Check the address"}
	case trimmed[0] != '{' && trimmed[0] != '[' && kind != "" && !strings.Contains(kind, "json"):
		return &Error{Found: "an answer of type " + kind, Expected: "JSON", Hint: "Check the address"}
	}
	return nil
}

func pageTitle(body []byte) string {
	_, rest, ok := strings.Cut(string(body[:min(len(body), 8192)]), "<title>")
	title, _, closed := strings.Cut(rest, "</title>")
	if !ok || !closed || strings.TrimSpace(title) == "" {
		return ""
	}
	return fmt.Sprintf(" titled %q", strings.TrimSpace(title))
}
