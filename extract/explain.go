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
	"strings"
	"syscall"

	"github.com/go-faster/jx"
)

// explain turns what went wrong with a request into one sentence of cause and one of remedy.
func (c *client) explain(k *call, err error) error {
	var own *Error
	if errors.As(err, &own) {
		e := *own
		e.Status, e.Found = k.status, c.scrub(own.Found)
		return &e
	}
	if err != nil && (k.status == 0 || k.status >= 200 && k.status <= 299) {
		return c.explainTransport(k, err)
	}
	e := &Error{Status: k.status, Err: fmt.Errorf("the source answered %d %s%s", k.status, http.StatusText(k.status), c.said(k.body))}
	switch k.status {
	case http.StatusUnauthorized:
		e.Hint = "The key was not accepted: check that it is complete, not expired and meant for this address"
	case http.StatusForbidden:
		e.Hint = "The key was accepted but may not read this: give its user the rights named in the connector's page"
	case http.StatusNotFound:
		e.Hint = "Check the address; this system may be another version, or the module is not installed"
	case http.StatusTooManyRequests:
		e.Temporary, e.Hint = true, "The source asks for fewer requests: run later, or lower rate in the connector"
	default:
		if k.status >= 500 {
			e.Temporary, e.Hint = true, "The source has trouble of its own: try again later"
		}
	}
	return e
}

// explainText explains an error that came with status 200.
func (c *client) explainText(k *call, text string) error {
	return &Error{Status: k.status, Err: fmt.Errorf("the source reports an error though the status is %d: %s%s", k.status, c.scrub(text), c.said(k.body))}
}

func (c *client) explainTransport(k *call, err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err // the address is named below, without secrets
	}
	host := c.base.Scheme + "://" + c.base.Host
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
		e.Err, e.Hint = fmt.Errorf("there is no host named %s", c.base.Hostname()), "Check the address for a typing mistake"
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
func (c *client) said(body []byte) string {
	if len(body) == 0 || !jx.Valid(body) || jx.DecodeBytes(body).Next() != jx.Object {
		return ""
	}
	var parts []string
	for _, path := range []string{"exc_type", "exception", "error.message", "error", "error_description", "message", "errors.0.message", "detail"} {
		if v := valueAt(body, splitPath(path)); v != "" && len(v) <= 300 && !strings.HasPrefix(v, "{") && !contains(parts, v) {
			parts = append(parts, v)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + c.scrub(strings.Join(parts[:min(2, len(parts))], ": ")) + ")"
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
