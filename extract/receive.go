package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// receive reads an answer to its end and decides whether it can be taken. Its
// errors are retried, except those marked final.
func (c *client) receive(k *call, resp *http.Response) error {
	k.status, k.body = resp.StatusCode, nil
	ok := resp.StatusCode >= 200 && resp.StatusCode <= 299
	limit := c.decl.maxResponse
	if !ok {
		limit = 64 << 10
	}
	k.buffer = c.buffer()
	body, err := c.readAll(k.buffer.body[:0], io.LimitReader(resp.Body, limit+1), min(resp.ContentLength, limit))
	k.buffer.body = body
	if !ok {
		k.body = append([]byte{}, body...)
		return nil
	}
	if int64(len(body)) > limit {
		return final(&Error{Found: fmt.Sprintf("an answer of more than %d bytes", limit), Hint: "Ask for smaller pages, or raise max_response in the connector"})
	}
	if err != nil {
		return fmt.Errorf("the answer broke off after %d bytes: %w", len(body), err)
	}
	if err := notJSON(resp.Header.Get("Content-Type"), body); err != nil {
		return final(err)
	}
	if err := k.accept(body); err != nil {
		if errors.Is(err, errNoRecords) {
			return final(&Error{Err: err, Found: excerpt(body), Hint: "Check the address and the version of the system"})
		}
		return err
	}
	k.body = body
	return nil
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
