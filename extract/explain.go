package extract

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"

	"github.com/go-faster/jx"
)

// explain turns what went wrong with a request into one sentence of cause and one of remedy.
func (c *client) explain(k *call, err error) error {
	if k.later > 0 {
		when := c.opts.Now().Add(k.later).UTC().Format("2006-01-02 15:04 UTC")
		return &Error{Status: k.status, Temporary: true, Err: fmt.Errorf("the source answered %d %s and asks for no more requests before %s", k.status, http.StatusText(k.status), when),
			Hint: "Reading goes on from here in a later run"}
	}
	if k.failure != nil {
		return c.explainFailure(k)
	}
	var own *Error
	if errors.As(err, &own) {
		e := *own
		e.Found = c.scrub(own.Found)
		if e.Status == 0 {
			e.Status = k.status
		}
		return &e
	}
	return c.explainTransport(k, err)
}

func (c *client) explainTransport(k *call, err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // the address is named below, without secrets
	}
	host := k.url.Scheme + "://" + k.url.Host
	e := &Error{Status: k.status, Temporary: true}
	var dns *net.DNSError
	var netErr net.Error
	var unknown x509.UnknownAuthorityError
	var wrongHost x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &dns):
		e.Err, e.Hint = fmt.Errorf("there is no host named %s", k.url.Hostname()), "Check the address for a typing mistake"
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Err, e.Hint = fmt.Errorf("nothing answers at %s", host), "Check address and port, and that the system runs"
	case errors.As(err, &unknown), errors.As(err, &wrongHost), errors.As(err, &invalid), errors.As(err, &verify), errors.As(err, &record),
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		e.Temporary = false
		e.Err, e.Hint = fmt.Errorf("no secure connection to %s: %w", host, err), "Check that the address begins with the right http or https, and that the certificate is valid"
	case errors.As(err, &netErr) && netErr.Timeout():
		e.Err, e.Hint = fmt.Errorf("%s did not answer within %s", host, c.decl.timeout), "Try again later, or raise timeout in the connector"
	default:
		e.Err, e.Hint = fmt.Errorf("%s: %s", host, c.scrub(err.Error())), "Try again later"
	}
	return e
}

// said is what the source itself says in an error's body, as far as it is readable.
func said(body []byte) string {
	if len(body) == 0 || len(body) > errorBody || !jx.Valid(body) {
		return ""
	}
	var parts []string
	for _, path := range []string{"exc_type", "exception", "error.code", "error.message.value", "error.message", "error", "error_description", "errorCode", "code",
		"message", "msg", "errors.0.message", "detail", "0.errorCode", "0.message"} {
		if v := oneLine(valueAt(body, splitPath(path))); v != "" && !strings.HasPrefix(v, "{") && !strings.HasPrefix(v, "[") && !slices.Contains(parts, v) {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts[:min(2, len(parts))], ": ")
}

// retryable says whether an error on the way may pass: resets, timeouts, bodies
// that break off. A name that does not exist or a certificate that does not fit will not.
func retryable(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.IsTemporary || dns.IsTimeout
	}
	var unknown x509.UnknownAuthorityError
	var wrongHost x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown), errors.As(err, &wrongHost), errors.As(err, &invalid), errors.As(err, &verify), errors.As(err, &record):
		return false
	case errors.Is(err, syscall.ECONNREFUSED):
		return true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return true
	}
	return !strings.Contains(err.Error(), "unsupported protocol scheme") && !strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}
