package extract

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
)

// httpSettings are what every source that is read over HTTP may set.
var httpSettings = []Setting{
	{Name: "ca_file", Type: "text", Help: "File with the certificate (PEM) of the authority that signed the system's own, where this machine does not know it"},
}

// transport is what carries requests: the proxy of the environment, a
// connection for each request in flight, and the authorities of ca_file.
func (c *client) transport(own http.RoundTripper) (http.RoundTripper, error) {
	if c.opts.HTTP != nil && c.opts.HTTP.Transport != nil {
		own = c.opts.HTTP.Transport
	}
	t, ok := own.(*http.Transport)
	if !ok {
		return own, nil
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, cap(c.pace.slots))
	file := c.settings.text("ca_file")
	if file == "" {
		return t, nil
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(c.opts.BaseDir, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &Error{Field: "ca_file", Err: fmt.Errorf("the file cannot be read: %w", err)}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, &Error{Field: "ca_file", Found: file, Expected: "a certificate as PEM text, which begins with -----BEGIN CERTIFICATE-----", Err: errSetting}
	}
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	t.TLSClientConfig.RootCAs = pool
	return t, nil
}

// inTheClear says that the key travels over the network readable for everyone on the way; empty = it does not.
func (c *client) inTheClear() string {
	s := c.keeper.last()
	if s == nil || s.base.Scheme != "http" || loopback(s.base) || c.decl.auth.kind == "none" || c.decl.auth.kind == authOAuth1 {
		return ""
	}
	where := "the network"
	if ip := net.ParseIP(s.base.Hostname()); ip != nil && ip.IsPrivate() {
		where = "the local network"
	}
	return fmt.Sprintf("The key and the data go over %s unencrypted, since url begins with http: use https where the system offers it", where)
}
