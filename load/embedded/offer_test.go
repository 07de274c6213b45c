package embedded_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"huikuan/load/embedded"
	"huikuan/load/embedded/embeddedtest"
)

// offer opens a second address with one reader, grafana, whose password is secret.
func offer(t *testing.T, change func(*embedded.Offer)) *embedded.Offering {
	t.Helper()
	o := embedded.Offer{Addr: "127.0.0.1:0", Readers: []embedded.Reader{{Name: "grafana", Password: "secret"}}}
	if change != nil {
		change(&o)
	}
	f, err := embeddedtest.Server(t).Offer(o)
	must(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

// ask posts a statement to an offering as its reader.
func ask(t *testing.T, f *embedded.Offering, params url.Values, sql string) (status int, code, text string) {
	t.Helper()
	return askAs(t, f, "grafana", "secret", params, sql)
}

func askAs(t *testing.T, f *embedded.Offering, user, password string, params url.Values, sql string) (status int, code, text string) {
	t.Helper()
	req, err := http.NewRequest("POST", "http://"+f.Addr()+"/?"+params.Encode(), strings.NewReader(sql))
	must(t, err)
	req.Header.Set("X-ClickHouse-User", user)
	req.Header.Set("X-ClickHouse-Key", password)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, res.Header.Get("X-ClickHouse-Exception-Code"), string(b)
}

func TestAnotherProgramReadsAtTheOfferedAddress(t *testing.T) {
	db := embeddedtest.Database(t)
	asWriter(t, url.Values{"database": {db}}, "CREATE TABLE t (a UInt64, name String) ENGINE = MergeTree ORDER BY a")
	asWriter(t, url.Values{"database": {db}}, "INSERT INTO t SELECT number, '百川' FROM numbers(100000)")
	f := offer(t, nil)
	for name, compression := range compressions {
		conn, err := clickhouse.Open(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{f.Addr()}, Compression: compression,
			Auth: clickhouse.Auth{Database: db, Username: "grafana", Password: "secret"}, Settings: clickhouse.Settings{"max_execution_time": 30}})
		must(t, err)
		must(t, conn.Ping(ctx))
		rows, err := conn.Query(ctx, "SELECT a, name FROM t ORDER BY a")
		must(t, err)
		n := uint64(0)
		for ; rows.Next(); n++ {
			var a uint64
			var text string
			if must(t, rows.Scan(&a, &text)); a != n || text != "百川" {
				t.Fatalf("%s: row %d is %d %s", name, n, a, text)
			}
		}
		if must(t, rows.Err()); n != 100000 {
			t.Errorf("%s: %d rows", name, n)
		}
		err = conn.Exec(ctx, "INSERT INTO t VALUES (1, 'x')")
		var exception *clickhouse.Exception
		if !errors.As(err, &exception) || exception.Code != 164 {
			t.Errorf("%s: an insert gave %v, want exception 164", name, err)
		}
		must(t, conn.Close())
	}
	if status, _, text := ask(t, f, url.Values{"database": {db}}, "SELECT count() FROM t"); status != 200 || text != "100000\n" {
		t.Errorf("after refused inserts: %d %s", status, text)
	}
}

func TestTheOfferedAddressKnowsItsReadersOnly(t *testing.T) {
	f := offer(t, nil)
	writer, password := embeddedtest.Server(t).Credentials()
	reader, readerPassword := embeddedtest.Server(t).ReadOnlyCredentials()
	for user, pw := range map[string]string{writer: password, reader: readerPassword, "grafana": "wrong", "": "", "default": ""} {
		if status, code, text := askAs(t, f, user, pw, nil, "SELECT 1"); status != 403 || code != "516" || !strings.Contains(text, "AUTHENTICATION_FAILED") {
			t.Errorf("%q was answered with %d, code %s: %s", user, status, code, text)
		}
	}
	if status, _, _ := asWriter(t, nil, "SELECT 1"); status != 200 {
		t.Errorf("the process's own address answers %d", status)
	}
	if status, _, _ := send(t, "POST", "grafana", "secret", nil, "SELECT 1"); status != 403 {
		t.Errorf("the process's own address knows the reader of another: %d", status)
	}
	res, err := http.Get("http://" + f.Addr() + "/ping")
	must(t, err)
	defer res.Body.Close()
	if b, _ := io.ReadAll(res.Body); res.StatusCode != 200 || string(b) != "Ok.\n" {
		t.Errorf("/ping gave %d %q", res.StatusCode, b)
	}
	for _, sql := range []string{"DROP DATABASE huikuan", "SYSTEM FLUSH LOGS", "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a String')", "SELECT 1 SETTINGS readonly = 0"} {
		if status, code, _ := ask(t, f, nil, sql); status != 403 || code != "164" {
			t.Errorf("%s gave %d, code %s; want 403 and 164", sql, status, code)
		}
	}
}

func TestAReaderCannotExceedItsLimits(t *testing.T) {
	f := offer(t, func(o *embedded.Offer) {
		o.Readers[0].Limits = embedded.Limits{Memory: 100 << 20, Time: time.Second, ResultRows: 1000}
	})
	for name, c := range map[string]struct {
		sql  string
		code string
	}{
		"memory":      {"SELECT length(groupArray(number)) FROM numbers(100000000)", "241"},
		"time":        {"SELECT sum(sipHash64(number)) FROM numbers(1000000000000)", "159"},
		"result rows": {"SELECT number FROM numbers(100000)", "396"},
	} {
		for _, params := range []url.Values{
			{"wait_end_of_query": {"1"}},
			{"wait_end_of_query": {"1"}, "max_memory_usage": {"0"}, "max_execution_time": {"0"}, "max_result_rows": {"0"}, "timeout_overflow_mode": {"break"}, "result_overflow_mode": {"break"}},
			{"wait_end_of_query": {"1"}, "max_memory_usage": {"99999999999"}, "max_execution_time": {"1000"}, "max_result_rows": {"99999999"}},
		} {
			if status, code, text := ask(t, f, params, c.sql); status == 200 || code != c.code {
				t.Errorf("%s with %v: %d, code %s, want %s: %.200s", name, params, status, code, c.code, text)
			}
		}
	}
	for setting, want := range map[string]string{"max_result_rows": "10", "max_memory_usage": "52428800", "max_execution_time": "0.5"} {
		if _, _, text := ask(t, f, url.Values{setting: {want}}, "SELECT getSetting('"+setting+"')"); strings.TrimSpace(text) != want {
			t.Errorf("a client that asks for less, %s = %s, gets %s", setting, want, text)
		}
	}
}

func TestTheOfferedAddressSpeaksTLS(t *testing.T) {
	cert, key := certificate(t)
	f := offer(t, func(o *embedded.Offer) { o.TLSCert, o.TLSKey = cert, key })
	if !f.Secure() {
		t.Error("an offering with a certificate is not secure")
	}
	pem, err := os.ReadFile(cert)
	must(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	open := func(c *tls.Config) error {
		conn, err := clickhouse.Open(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{f.Addr()}, TLS: c,
			Auth: clickhouse.Auth{Username: "grafana", Password: "secret"}})
		must(t, err)
		defer conn.Close()
		return conn.Ping(ctx)
	}
	must(t, open(&tls.Config{RootCAs: pool}))
	if err := open(&tls.Config{RootCAs: x509.NewCertPool()}); err == nil {
		t.Error("a client that does not trust the certificate was served")
	}
	if err := open(nil); err == nil {
		t.Error("a client without TLS was served")
	}
	must(t, embeddedtest.Conn(t, "").Ping(ctx)) // the process itself goes on without
}

func TestAnOfferThatCannotBeSaysWhy(t *testing.T) {
	s := embeddedtest.Server(t)
	cert, key := certificate(t)
	_, otherKey := certificate(t)
	taken := offer(t, nil)
	one := []embedded.Reader{{Name: "a", Password: "b"}}
	for want, o := range map[string]embedded.Offer{
		"nobody could read":              {Addr: "127.0.0.1:0"},
		"a name and a password":          {Addr: "127.0.0.1:0", Readers: []embedded.Reader{{Name: "a"}}},
		"two readers are named":          {Addr: "127.0.0.1:0", Readers: append(one, one...)},
		"both a certificate and a key":   {Addr: "127.0.0.1:0", Readers: one, TLSCert: cert},
		"belong together":                {Addr: "127.0.0.1:0", Readers: one, TLSCert: cert, TLSKey: otherKey},
		"no such file":                   {Addr: "127.0.0.1:0", Readers: one, TLSCert: cert + "x", TLSKey: key},
		"stop the program that uses it":  {Addr: taken.Addr(), Readers: one},
		"cannot listen on 127.0.0.1:one": {Addr: "127.0.0.1:one", Readers: one},
	} {
		if f, err := s.Offer(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
			if f != nil {
				_ = f.Close()
			}
		}
	}
}

func TestAClosedOfferEndsItsStatementsAndLeavesTheRest(t *testing.T) {
	f := offer(t, nil)
	must(t, f.Close())
	must(t, f.Close())
	if res, err := http.Get("http://" + f.Addr() + "/ping"); err == nil {
		res.Body.Close()
		t.Error("a closed offering answers")
	}
	must(t, embeddedtest.Conn(t, "").Ping(context.Background()))
}
