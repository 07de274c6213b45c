package embedded_test

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huikuan/load/embedded/embeddedtest"
)

func get(t *testing.T, path string) (int, string) {
	t.Helper()
	res, err := http.Get("http://" + embeddedtest.Server(t).Addr() + path)
	must(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, string(b)
}

func TestPingNeedsNoPassword(t *testing.T) {
	if status, text := get(t, "/ping"); status != 200 || text != "Ok.\n" {
		t.Errorf("got %d %q", status, text)
	}
	if status, text := get(t, "/"); status != 200 || text != "Ok.\n" {
		t.Errorf("got %d %q", status, text)
	}
}

func TestCredentialsComeByHeaderBasicOrURL(t *testing.T) {
	s := embeddedtest.Server(t)
	user, password := s.Credentials()
	query := "/?" + url.Values{"query": {"SELECT 7"}, "user": {user}, "password": {password}}.Encode()
	if status, text := get(t, query); status != 200 || text != "7\n" {
		t.Errorf("by URL: %d %q", status, text)
	}
	req, err := http.NewRequest("POST", "http://"+s.Addr(), strings.NewReader("SELECT 7"))
	must(t, err)
	req.Header.Set("X-ClickHouse-User", user)
	req.Header.Set("X-ClickHouse-Key", password)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	b, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != 200 || string(b) != "7\n" {
		t.Errorf("by header: %d %q", res.StatusCode, b)
	}
	reader, readerPassword := s.ReadOnlyCredentials()
	for _, c := range [][2]string{{user, "wrong"}, {"nobody", password}, {"", ""}, {user, ""}, {user, readerPassword}, {reader, password}, {user, password + "x"}} {
		status, code, text := send(t, "POST", c[0], c[1], nil, "SELECT 7")
		if status != 403 || code != "516" || !strings.HasPrefix(text, "Code: 516. DB::Exception: ") {
			t.Errorf("%q: %d %s %q", c, status, code, text)
		}
	}
}

func TestFormatsAreChosenByClauseThenParameterThenHeader(t *testing.T) {
	const sql = "SELECT 1 AS a, '回' AS b"
	for _, c := range []struct {
		sql, param, want string
	}{
		{sql, "", "1\t回\n"},
		{sql, "CSV", "1,\"回\"\n"},
		{sql + " FORMAT CSVWithNames", "JSON", "\"a\",\"b\"\n1,\"回\"\n"},
		{sql + "\nformat JSONEachRow;", "", "{\"a\":1,\"b\":\"回\"}\n"},
		{sql + " FORMAT JSONCompactEachRow SETTINGS max_threads = 1", "", "[1, \"回\"]\n"},
		{"SELECT 'x FORMAT JSON'", "", "x FORMAT JSON\n"},
		{"SELECT 1 AS format", "TabSeparatedWithNames", "format\n1\n"},
		{"WITH 1 AS x SELECT x FORMAT Values", "", "(1)"},
		{"SHOW DATABASES LIKE 'system' FORMAT CSV", "", "\"system\"\n"},
	} {
		status, _, text := asWriter(t, url.Values{"default_format": {c.param}}, c.sql)
		if status != 200 || text != c.want {
			t.Errorf("%s (default %q): %d %q, want %q", c.sql, c.param, status, text, c.want)
		}
	}
	status, _, text := asWriter(t, nil, sql+" FORMAT JSON")
	if status != 200 || !strings.Contains(text, `"meta":`) || !strings.Contains(text, `"rows": 1`) {
		t.Errorf("JSON: %d %s", status, text)
	}
	if _, code, _ := asWriter(t, nil, sql+" FORMAT Nonsense"); code != "73" {
		t.Errorf("an unknown format gave code %s, want 73", code)
	}
}

func TestResponsesCarryTheHeadersOfAServer(t *testing.T) {
	s := embeddedtest.Server(t)
	user, password := s.Credentials()
	req, err := http.NewRequest("POST", "http://"+s.Addr()+"/?query_id=my-id", strings.NewReader("SELECT 1 FORMAT JSONEachRow"))
	must(t, err)
	req.SetBasicAuth(user, password)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	res.Body.Close()
	for name, want := range map[string]string{"X-Clickhouse-Query-Id": "my-id", "X-Clickhouse-Format": "JSONEachRow", "Content-Type": "application/x-ndjson; charset=UTF-8"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(res.Header.Get("X-Clickhouse-Summary"), `"read_rows"`) {
		t.Errorf("summary %q", res.Header.Get("X-Clickhouse-Summary"))
	}
}

func TestInsertsTakeTheirDataFromTheBodyOrTheStatement(t *testing.T) {
	db := embeddedtest.Database(t)
	in := func(kv ...string) url.Values {
		v := url.Values{"database": {db}}
		for i := 0; i < len(kv); i += 2 {
			v.Set(kv[i], kv[i+1])
		}
		return v
	}
	asWriter(t, in(), "CREATE TABLE t (`values` UInt64, format String) ENGINE = MergeTree ORDER BY `values`")
	asWriter(t, in(), "CREATE TABLE `values` (a UInt64) ENGINE = MergeTree ORDER BY a")
	for i, c := range []struct {
		params url.Values
		body   string
	}{
		{in("query", "INSERT INTO t FORMAT CSV"), "1,a\n2,b\n"},
		{in(), "INSERT INTO t FORMAT CSV\n1,\"a\n\nb\"\n2,b\n"},
		{in(), "INSERT INTO t (format, `values`) VALUES ('a', 1), (concat('b', 'c'), 1 + 1)"},
		{in("query", "INSERT INTO t VALUES"), "(1, 'a'), (2, 'b')"},
		{in("query", "INSERT INTO t (`values`, format) FORMAT JSONEachRow {\"values\":1,\"format\":\"a\"}"), `{"values":2,"format":"b;\n--"}`},
		{in("param_x", "b"), "INSERT INTO t VALUES (1, 'a'), (2, {x:String})"},
		{in(), "/* into */ insert into table " + db + ".t settings async_insert=0 format TSV\n1\ta\n2\tb\n"},
		{in(), "INSERT INTO t SELECT number + 1, 'FORMAT CSV' FROM numbers(2)"},
	} {
		if status, _, text := asWriter(t, c.params, c.body); status != 200 {
			t.Errorf("insert %d: %s", i, text)
		}
		if _, _, text := asWriter(t, in(), "SELECT count(), sum(`values`) FROM t"); text != "2\t3\n" {
			t.Errorf("insert %d left %q, want 2 rows with sum 3", i, text)
		}
		asWriter(t, in(), "TRUNCATE TABLE t")
	}
	if _, code, _ := asWriter(t, in("query", "INSERT INTO t SELECT a, 'x' FROM input('a UInt64') FORMAT CSV"), "1\n2\n"); code != "48" {
		t.Errorf("an insert through input() gave code %q, want 48, not implemented", code)
	}
	if status, _, text := asWriter(t, in(), "INSERT INTO `values` VALUES (1)"); status != 200 {
		t.Errorf("a table called values: %s", text)
	}
	if status, _, text := asWriter(t, in(), "INSERT INTO values VALUES (1)"); status != 200 {
		t.Errorf("a table called values, unquoted: %s", text)
	}
}

func TestAGzippedBodyIsUnpackedAndATruncatedOneRefused(t *testing.T) {
	db := embeddedtest.Database(t)
	in := url.Values{"database": {db}, "query": {"INSERT INTO t FORMAT CSV"}}
	asWriter(t, url.Values{"database": {db}}, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	for i := range 100000 {
		fmt.Fprintln(w, i)
	}
	must(t, w.Close())
	s := embeddedtest.Server(t)
	user, password := s.Credentials()
	for _, c := range []struct {
		body []byte
		ok   bool
		rows string
	}{{packed.Bytes()[:packed.Len()/2], false, "0\n"}, {packed.Bytes(), true, "100000\n"}} {
		req, err := http.NewRequest("POST", "http://"+s.Addr()+"/?"+in.Encode(), bytes.NewReader(c.body))
		must(t, err)
		req.SetBasicAuth(user, password)
		req.Header.Set("Content-Encoding", "gzip")
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if (res.StatusCode == 200) != c.ok {
			t.Errorf("%d bytes: %d %s", len(c.body), res.StatusCode, b)
		}
		if _, _, text := asWriter(t, url.Values{"database": {db}}, "SELECT count() FROM t"); text != c.rows {
			t.Errorf("%d bytes left %s rows, want %s", len(c.body), text, c.rows)
		}
	}
}

func TestSettingsLastForTheirRequestOnly(t *testing.T) {
	if _, _, text := asWriter(t, url.Values{"max_block_size": {"123"}}, "SELECT getSetting('max_block_size')"); text != "123\n" {
		t.Errorf("a setting in the URL gave %q", text)
	}
	asWriter(t, nil, "SET max_block_size = 77")
	if _, _, text := asWriter(t, nil, "SELECT getSetting('max_block_size')"); text == "77\n" || text == "123\n" {
		t.Errorf("a setting outlived its request: %q", text)
	}
	if _, code, text := asWriter(t, url.Values{"max_block_size": {"many"}}, "SELECT 1"); code == "" {
		t.Errorf("a wrong value went through: %s", text)
	}
	if _, code, _ := asWriter(t, url.Values{"no_such_setting": {"1"}}, "SELECT 1"); code != "115" {
		t.Errorf("an unknown setting gave code %q, want 115", code)
	}
	if _, code, _ := asWriter(t, nil, "SELECT 1 INTO OUTFILE '/tmp/huikuan-outfile'"); code != "358" {
		t.Errorf("INTO OUTFILE gave code %q, want 358", code)
	}
	if _, code, _ := asWriter(t, url.Values{"database": {"no_such_database"}}, "SELECT 1"); code != "81" {
		t.Errorf("an unknown database gave code %q, want 81", code)
	}
	if _, code, _ := asWriter(t, url.Values{"max_memory_usage": {"10000000"}}, "SELECT groupArray(number) FROM numbers(100000000)"); code != "241" {
		t.Errorf("a query over its memory gave code %q, want 241", code)
	}
	if _, _, text := asWriter(t, url.Values{"wait_end_of_query": {"1"}, "default_format": {"CSV"}}, "SELECT count() FROM numbers(10)"); text != "10\n" {
		t.Errorf("wait_end_of_query gave %q", text)
	}
	status, code, _ := asWriter(t, url.Values{"wait_end_of_query": {"1"}}, "SELECT number, throwIf(number = 3000000) FROM numbers(10000000)")
	if status == 200 || code != "395" {
		t.Errorf("with wait_end_of_query a late error came with status %d, code %q", status, code)
	}
}

// Requests of the same kind use one session of the engine, one after the other;
// nothing of a request stays in it.
func TestASessionServesAgainAsIfItWereNew(t *testing.T) {
	db := embeddedtest.Database(t)
	here := url.Values{"database": {db}}
	ask := func() string {
		_, _, text := asWriter(t, here, "SELECT getSetting('log_comment'), getSetting('max_block_size'), currentDatabase(), getSetting('insert_deduplication_token')")
		return text
	}
	before := ask()
	if after := ask(); after != before {
		t.Fatalf("two requests of one kind had sessions %q and %q", before, after)
	}
	rest := func(s string) string { _, rest, _ := strings.Cut(s, "\t"); return rest }
	asWriter(t, here, "CREATE TABLE t (a Int64) ORDER BY a SETTINGS non_replicated_deduplication_window = 100")
	with := func(name, value string) url.Values { return url.Values{"database": {db}, name: {value}} }
	for _, spoil := range []struct {
		args url.Values
		sql  string
	}{
		{here, "SET max_block_size = 77"},
		{here, "/* a */ USE system"},
		{here, "CREATE TEMPORARY TABLE t2 (a Int64)"},
		{here, "create -- b\n temporary table t3 (a Int64)"},
		{here, "SELECT 1 SETTINGS max_block_size = 78"},
		{here, "INSERT INTO t SETTINGS max_block_size = 79 VALUES (1)"},
		{here, "INSERT INTO t SELECT 2 SETTINGS max_block_size = 80"},
		{with("max_block_size", "81"), "SELECT 1"},
		{with("max_block_size", "81"), "INSERT INTO t VALUES (2)"},
		{with("insert_deduplication_token", "x"), "INSERT INTO t VALUES (3)"},
		{with("insert_deduplication_token", "y"), "INSERT INTO t VALUES (4)"},
		{with("insert_deduplication_token", "x"), "INSERT INTO t VALUES (5)"}, // a repetition: dropped
		{with("param_max_block_size", "83"), "SELECT {max_block_size:UInt64}"},
		{here, "SELECT throwIf(1)"},
		{here, "SELECT 1 +"},
		{here, "SET TRANSACTION SNAPSHOT 1"},
		{url.Values{}, "SELECT 1"},
	} {
		asWriter(t, spoil.args, spoil.sql)
		for _, table := range []string{"t2", "t3"} {
			if _, code, text := asWriter(t, here, "SELECT * FROM "+table); code != "60" {
				t.Errorf("after %s the table is there: %s %s", spoil.sql, code, text)
			}
		}
		for range 3 {
			if after := ask(); rest(after) != rest(before) {
				t.Errorf("after %s with %v: settings and database are %q, were %q", spoil.sql, spoil.args, rest(after), rest(before))
			}
		}
	}
	if _, _, text := asWriter(t, here, "SELECT groupArray(a) FROM (SELECT a FROM t ORDER BY a)"); text != "[1,2,2,3,4]\n" {
		t.Errorf("the table holds %s", text)
	}
}

func TestTotalsAndExtremesStayInTheResult(t *testing.T) {
	const sql = "SELECT number % 2 AS k, count() AS c FROM numbers(10) GROUP BY k WITH TOTALS ORDER BY k"
	for format, want := range map[string]string{
		"CSV":                   "0,5\n1,5\n\n0,10\n",
		"TabSeparatedWithNames": "k\tc\n0\t5\n1\t5\n\n0\t10\n",
	} {
		if _, _, text := asWriter(t, url.Values{"default_format": {format}}, sql); text != want {
			t.Errorf("%s: %q, want %q", format, text, want)
		}
	}
	conn := embeddedtest.Conn(t, "")
	rows, err := conn.Query(ctx, sql)
	must(t, err)
	n := 0
	for rows.Next() {
		n++
	}
	must(t, rows.Err())
	if n != 2 {
		t.Errorf("Native has %d rows, want the 2 without totals", n)
	}
	out, err := conn.QueryFormat(ctx, "ArrowStream", sql)
	must(t, err)
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Errorf("ArrowStream with totals: %v", err)
	}
}

func TestWhatTheWarehouseNeedsOfTheEngineWorks(t *testing.T) {
	db := embeddedtest.Database(t)
	in := url.Values{"database": {db}}
	for _, sql := range []string{
		"CREATE TABLE a (k UInt64, v Decimal(18,4), _version UInt64, _deleted UInt8) ENGINE = ReplacingMergeTree(_version, _deleted) ORDER BY k",
		"CREATE VIEW live AS SELECT k, v FROM a FINAL WHERE _deleted = 0",
		"CREATE TABLE a__next AS a", "INSERT INTO a__next VALUES (1, 12.10, 1, 0), (1, 12.11, 2, 0), (2, 1, 1, 1)",
		"EXCHANGE TABLES a AND a__next", "DROP TABLE a__next SYNC",
		"CREATE MATERIALIZED VIEW r REFRESH EVERY 1 HOUR (n UInt64) ENGINE = MergeTree ORDER BY n AS SELECT count() AS n FROM a",
		"CREATE DICTIONARY d (k UInt64, v Decimal(18,4)) PRIMARY KEY k SOURCE(CLICKHOUSE(TABLE 'live')) LAYOUT(FLAT()) LIFETIME(0)",
		"BACKUP DATABASE " + db + " TO File('" + db + "')",
	} {
		if status, _, text := asWriter(t, in, sql); status != 200 {
			t.Errorf("%s: %s", sql, text)
		}
	}
	if _, _, text := asWriter(t, in, "SELECT k, v FROM live"); text != "1\t12.11\n" {
		t.Errorf("the view shows %q", text)
	}
}

// certificate writes a self-signed certificate for 127.0.0.1.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	keyDER, err := x509.MarshalECPrivateKey(private)
	must(t, err)
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	must(t, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}), 0o600))
	return cert, key
}
