package pipeline

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"time"

	"huikuan/config"
	"huikuan/load/embedded"
)

// Served is how another program reaches the embedded warehouse.
type Served struct {
	Host, Port     string
	Secure         bool // HTTPS
	Loopback       bool // only this machine reaches it
	User, Password string
	Generated      bool // the password was made up for this process
	Database       string
	Others         []string // the users of access.users
}

// Servable says what stands against offering the warehouse of a configuration
// to other programs; nil where nothing does.
func Servable(cfg *config.Config) error {
	if !cfg.Warehouse.Embedded() {
		return fmt.Errorf("only the embedded warehouse can be served; this configuration uses the server %s: point Grafana at it", cfg.Warehouse.URL)
	}
	host, port, err := net.SplitHostPort(cfg.Serve.Listen)
	if err != nil || port == "" {
		return fmt.Errorf("serve.listen: found %q, expected host:port such as 127.0.0.1:8123", cfg.Serve.Listen)
	}
	if !loopback(host) && cfg.Serve.Password == "" {
		return fmt.Errorf("serve.listen %s can be reached from other machines; set serve.password first", cfg.Serve.Listen)
	}
	return nil
}

// loopback reports whether only this machine reaches a host. A name other than
// localhost may stand for any address.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Serve offers the embedded warehouse, read-only, at `serve.listen` until Close.
func (a *App) Serve() (Served, error) {
	if err := Servable(a.cfg); err != nil {
		return Served{}, err
	}
	if a.engine == nil {
		return Served{}, errors.New("there is no embedded warehouse to serve")
	}
	s := a.cfg.Serve
	out := Served{User: s.User, Password: s.Password, Database: a.cfg.Warehouse.Database}
	if out.Password == "" {
		out.Password, out.Generated = rand.Text(), true
	}
	limits := embedded.Limits{Memory: int64(s.MaxMemory), Time: time.Duration(s.MaxSeconds) * time.Second, ResultRows: int64(s.MaxResultRows)}
	others, err := a.readers(limits)
	if err != nil {
		return Served{}, err
	}
	for _, r := range others {
		out.Others = append(out.Others, r.Name)
	}
	f, err := a.engine.Offer(embedded.Offer{
		Addr: s.Listen, TLSCert: s.TLSCert, TLSKey: s.TLSKey, MaxQueries: s.MaxQueries,
		Readers: append([]embedded.Reader{{Name: out.User, Password: out.Password, Limits: limits}}, others...),
	})
	if err != nil {
		return Served{}, fmt.Errorf("serve: %w", err)
	}
	out.Host, out.Port, err = net.SplitHostPort(f.Addr())
	out.Secure, out.Loopback = f.Secure(), loopback(out.Host)
	return out, err
}
