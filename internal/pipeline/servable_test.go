package pipeline

import (
	"strings"
	"testing"

	"huikuan/config"
)

// Nothing but this machine reaches the warehouse unless somebody asked for it
// and set a password; a name or a wildcard may stand for any address.
func TestOnlyLoopbackIsServedWithoutAPassword(t *testing.T) {
	for _, c := range []struct{ listen, password, wrong string }{
		{"127.0.0.1:8123", "", ""},
		{"localhost:8123", "", ""},
		{"[::1]:8123", "", ""},
		{"0.0.0.0:8123", "", "set serve.password"},
		{"[::]:8123", "", "set serve.password"},
		{":8123", "", "set serve.password"},
		{"192.0.2.7:8123", "", "set serve.password"},
		{"warehouse.example.com:8123", "", "set serve.password"},
		{"0.0.0.0:8123", "secret", ""},
		{"8123", "secret", "host:port"},
	} {
		cfg := &config.Config{}
		cfg.Serve.Listen, cfg.Serve.Password = c.listen, c.password
		err := Servable(cfg)
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s with the password %q: %v, want %q", c.listen, c.password, err, c.wrong)
		}
	}
	cfg := &config.Config{}
	cfg.Warehouse.URL, cfg.Serve.Listen = "https://clickhouse.example.com:8443/huikuan", "127.0.0.1:8123"
	if err := Servable(cfg); err == nil || strings.Contains(err.Error(), "serve.listen") {
		t.Errorf("a server of its own is offered: %v", err)
	}
}
