package embedded_test

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"huikuan/load/embedded/embeddedtest"
)

// send posts a body as a user and returns the status, the error code and the text.
func send(t testing.TB, method, user, password string, params url.Values, body string) (status int, code, text string) {
	t.Helper()
	s := embeddedtest.Server(t)
	req, err := http.NewRequest(method, "http://"+s.Addr()+"/?"+params.Encode(), strings.NewReader(body))
	must(t, err)
	req.SetBasicAuth(user, password)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, res.Header.Get("X-ClickHouse-Exception-Code"), string(b)
}

func asReader(t testing.TB, params url.Values, body string) (status int, code, text string) {
	t.Helper()
	user, password := embeddedtest.Server(t).ReadOnlyCredentials()
	return send(t, "POST", user, password, params, body)
}

func asWriter(t testing.TB, params url.Values, body string) (status int, code, text string) {
	t.Helper()
	user, password := embeddedtest.Server(t).Credentials()
	return send(t, "POST", user, password, params, body)
}

func TestReadersCanRead(t *testing.T) {
	db := embeddedtest.Database(t)
	in := url.Values{"database": {db}}
	asWriter(t, in, "CREATE TABLE t (a UInt8, file String) ENGINE = MergeTree ORDER BY a")
	asWriter(t, in, "INSERT INTO t VALUES (1, 'x')")
	asWriter(t, in, "CREATE VIEW v AS SELECT a + 1 AS b FROM t")
	for _, sql := range []string{
		"SELECT a FROM t", "select 1", "  -- remark\n/* more */ SELECT a FROM t;", "WITH 1 AS x SELECT x FROM t",
		"(SELECT a FROM t) UNION ALL (SELECT 2)", "SHOW TABLES", "SHOW CREATE TABLE t", "DESCRIBE TABLE t", "DESC t",
		"EXPLAIN SELECT a FROM t", "EXISTS TABLE t", "SELECT file FROM t WHERE file IN ('file(1)', 'url(') AND (file != '')",
		"SELECT b FROM v", "SELECT number FROM numbers(3)", "SELECT 'INSERT INTO t VALUES (2)'", "SELECT * FROM t FORMAT JSON",
		"SELECT `file` FROM t -- url('http://x')", "SELECT format('{}', a) FROM t", "SELECT COLUMNS('a') APPLY(sum) FROM t", "SHOW TABLES WHERE name != 'file'", "SELECT 'tab\t, \\n and \\\\'", "SELECT * FROM values('a Int8', 1)",
		"SELECT name FROM system.tables WHERE database = currentDatabase()", "SELECT a FROM {t:Identifier}",
	} {
		for range 2 { // the second time it is known
			if status, _, text := asReader(t, url.Values{"database": {db}, "param_t": {"t"}, "max_execution_time": {"30"}}, sql); status != 200 {
				t.Errorf("%s: %s", sql, text)
			}
		}
	}
	s := embeddedtest.Server(t)
	user, password := s.ReadOnlyCredentials()
	conn, err := clickhouse.Open(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{s.Addr()},
		Auth:        clickhouse.Auth{Database: db, Username: user, Password: password},
		Settings:    clickhouse.Settings{"max_execution_time": 60},
		Compression: &clickhouse.Compression{Method: clickhouse.CompressionLZ4}})
	must(t, err)
	defer conn.Close()
	must(t, conn.Ping(ctx))
	var a uint8
	must(t, conn.QueryRow(ctx, "SELECT a FROM t").Scan(&a))
}

func TestReadersCannotDoAnythingElse(t *testing.T) {
	db := embeddedtest.Database(t)
	in := url.Values{"database": {db}}
	asWriter(t, in, "CREATE TABLE t (a UInt8, s String) ENGINE = MergeTree ORDER BY a")
	asWriter(t, in, "INSERT INTO t VALUES (1, 'kept')")
	secret := filepath.Join(t.TempDir(), "secret.csv")
	must(t, os.WriteFile(secret, []byte("top,secret\n"), 0o644))
	out := filepath.Join(t.TempDir(), "stolen")

	attacks := []string{
		"INSERT INTO t VALUES (2, 'x')", "INSERT INTO t SELECT 2, 'x'", "INSERT INTO t FORMAT CSV\n2,x",
		"WITH 2 AS q INSERT INTO t SELECT q, 'x'", "/* SELECT */ INSERT INTO t VALUES (2, 'x')", "-- SELECT\nINSERT INTO t VALUES (2, 'x')",
		"SELECT 1; DROP TABLE t", "SELECT 1;;DROP TABLE t", "SELECT 1 /*;*/ ; INSERT INTO t VALUES (2, 'x')",
		"SELECT 1 PARALLEL WITH DROP TABLE t", "DROP TABLE t", "TRUNCATE TABLE t", "ALTER TABLE t DELETE WHERE 1", "DELETE FROM t WHERE 1",
		"UPDATE t SET s = 'x' WHERE 1", "OPTIMIZE TABLE t FINAL", "RENAME TABLE t TO u", "CREATE TABLE u (a UInt8) ENGINE = Memory",
		"CREATE TEMPORARY TABLE u (a UInt8)", "CREATE VIEW w AS SELECT 1", "CREATE FUNCTION f AS (x) -> x", "CREATE DATABASE stolen",
		"DETACH TABLE t", "ATTACH TABLE t", "EXCHANGE TABLES t AND t", "SYSTEM FLUSH LOGS", "SYSTEM SHUTDOWN", "SYSTEM STOP MERGES",
		"KILL QUERY WHERE 1", "SET max_threads = 1", "SET readonly = 0", "USE system", "BACKUP TABLE t TO File('x')", "CHECK TABLE t",
		"SELECT 1 SETTINGS readonly = 0", "SELECT 1 SETTINGS max_threads = 1", "SELECT * FROM t INTO OUTFILE '" + out + "'",
		"SELECT * FROM t INTO OUTFILE '" + out + "' FORMAT CSV", "EXPLAIN SELECT 1 INTO OUTFILE '" + out + "'",
		"SELECT * FROM file('" + secret + "')", "SELECT file('" + secret + "')", "SELECT FILE('" + secret + "')",
		"SELECT `file`('" + secret + "')", "SELECT \"file\"('" + secret + "')", "SELECT file /* x */ ('" + secret + "')",
		"SELECT file -- x\n('" + secret + "')", "SELECT `fi\\x6ce`('" + secret + "')", "SELECT \"\\x66ile\"('" + secret + "')",
		"SELECT * FROM view(SELECT file('" + secret + "'))", "SELECT 1 WHERE (SELECT file('" + secret + "')) != ''",
		"DESCRIBE TABLE file('" + secret + "')", "DESCRIBE file('" + secret + "')", "DESC TABLE `file`('" + secret + "')",
		"SELECT * FROM default.`" + secret + "`", "SELECT * FROM '" + secret + "'", "DESCRIBE TABLE default.`" + secret + "`",
		"SELECT * FROM {d:Identifier}.{f:Identifier}", "SELECT * FROM {f:Identifier}", "SHOW CREATE TABLE default.`" + secret + "`",
		"EXPLAIN SELECT * FROM file('" + secret + "')", "EXPLAIN PLAN SELECT * FROM default.`" + secret + "`",
		"SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a String')", "DESCRIBE TABLE url('http://127.0.0.1:1/')",
		"SELECT * FROM s3('http://127.0.0.1:1/x', 'CSV')", "SELECT * FROM remote('127.0.0.1:1', system.one)",
		"SELECT * FROM remoteSecure('127.0.0.1:1', system.one)", "SELECT * FROM cluster('default', system.one)",
		"SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')", "SELECT * FROM sqlite('" + secret + "', 'x')",
		"SELECT * FROM executable('sh -c id', 'CSV', 'a String')", "SELECT * FROM filesystem('/')", "SELECT * FROM loop(file('" + secret + "'))",
		"SELECT * FROM mergeTreeIndex(file('" + secret + "'))", "SELECT catboostEvaluate('" + secret + "', 1)",
		"SELECT arrayMap(x -> file(x), ['" + secret + "'])", "SELECT * FROM t WHERE s IN (SELECT file('" + secret + "'))",
		"SELECT '‘', file('" + secret + "')", "SELECT 'a\\'', file('" + secret + "'), '\\''", "SELECT $$x$$, file('" + secret + "')",
		"SELECT $a$ ' $a$, file('" + secret + "')", "SELECT \"a\"\"\", file('" + secret + "') FROM (SELECT 1 AS \"a\"\"\")",
		"SELECT 1 # x\n, file('" + secret + "')", "SELECT 1 #! x\n, file('" + secret + "')", "SELECT 'é' AS ‘x’, file('" + secret + "')",
		"SELECT file\u00a0('" + secret + "')", "SELECT file\u3000('" + secret + "')", "SELECT file\u2003('" + secret + "')", "SELECT file\x00('" + secret + "')",
		"SELECT file\ufeff('" + secret + "')", "SELECT 1 /* /* */, file('" + secret + "')", "SELECT 1 /* /* */, file('" + secret + "') /* */",
		"SELECT 1 // x\n, file('" + secret + "')", "SELECT file('" + secret + "') FORMAT JSON", "SELECT \u201cfile\u201d('" + secret + "')",
		"SELECT COLUMNS('s') APPLY(file) FROM t", "SELECT * APPLY file FROM t", "SELECT s APPLY(file) FROM t", "SELECT COLUMNS('s') APPLY(`fi\\x6ce`) FROM t",
		"SELECT * REPLACE(file('" + secret + "') AS s) FROM t", "SHOW TABLES WHERE file('" + secret + "') != ''",
		"SHOW COLUMNS FROM t WHERE file('" + secret + "') != ''",
		"SELECT {q:String} FROM file('" + secret + "')", "SELECT * FROM {f:Identifier}('" + secret + "')",
		"SELEC 1", "", ";", "1", "TABLE t", "VALUES (1)", "GRANT SELECT ON *.* TO reader", "SHOW TABLES INTO OUTFILE '" + out + "'",
	}
	for _, sql := range attacks {
		status, _, text := asReader(t, url.Values{"database": {db}, "param_d": {"default"}, "param_f": {secret}}, sql)
		if strings.Contains(text, "top") && !strings.Contains(text, "Code:") || status == 200 {
			t.Errorf("%q went through with status %d: %.200s", sql, status, text)
		}
	}
	for _, params := range []url.Values{
		{"readonly": {"0"}, "query": {"DROP TABLE t"}}, {"format_schema": {secret}}, {"allow_ddl": {"1"}},
		{"format_template_resultset": {secret}}, {"user_files_path": {"/"}}, {"output_format_schema": {out}},
		{"max_threads=1,readonly": {"0"}}, {"max_threads": {"1', readonly='0"}}, {"allow_experimental_eval_table_function": {"1"}},
		{"x_structure": {"a Int8) ENGINE = File(CSV, '" + secret + "') --"}},
	} {
		params.Set("database", db)
		if !params.Has("query") {
			params.Set("query", "SELECT 1")
		}
		if status, _, text := asReader(t, params, ""); status == 200 {
			t.Errorf("%v went through: %.200s", params, text)
		}
	}
	if _, _, text := asReader(t, url.Values{"database": {db}, "readonly": {"0"}}, "SELECT getSetting('readonly')"); text != "1\n" {
		t.Errorf("a reader's session has readonly = %q", text)
	}
	if status, _, text := asWriter(t, in, "SELECT count(), max(s) FROM t"); status != 200 || text != "1\tkept\n" {
		t.Errorf("after all attacks the table holds %q", text)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a reader wrote a file on the server")
	}
}

func TestReadersCannotSmuggleFilesThroughExternalTables(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret.csv")
	must(t, os.WriteFile(secret, []byte("7\n"), 0o644))
	s := embeddedtest.Server(t)
	user, password := s.ReadOnlyCredentials()
	for _, structure := range []string{
		"a Int64) ENGINE = File(CSV, '" + secret + "') --", "a Int64) ENGINE = File(CSV, '" + secret + "') /*",
		"a String DEFAULT file('" + secret + "'), b Int8", "a Int8) AS SELECT file('" + secret + "') --", "a Int8); DROP TABLE x --",
	} {
		body := "--b\r\nContent-Disposition: form-data; name=\"x\"; filename=\"\"\r\n\r\n1\r\n--b\r\n" +
			"Content-Disposition: form-data; name=\"query\"\r\n\r\nSELECT * FROM x\r\n--b--\r\n"
		req, err := http.NewRequest("POST", "http://"+s.Addr()+"/?"+url.Values{"x_structure": {structure}, "x_format": {"CSV"}}.Encode(), strings.NewReader(body))
		must(t, err)
		req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		req.SetBasicAuth(user, password)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode == 200 {
			t.Errorf("structure %q went through: %s", structure, b)
		}
	}
}

func TestGETOnlyReads(t *testing.T) {
	db := embeddedtest.Database(t)
	user, password := embeddedtest.Server(t).Credentials()
	status, code, text := send(t, "GET", user, password, url.Values{"query": {"CREATE TABLE t (a Int8) ENGINE = Memory"}, "database": {db}}, "")
	if status == 200 || code != "164" {
		t.Errorf("a GET created a table: %d %s", status, text)
	}
	if status, _, text := send(t, "GET", user, password, url.Values{"query": {"SELECT 1 + 1"}}, ""); status != 200 || text != "2\n" {
		t.Errorf("a GET of a query gave %d %q", status, text)
	}
}
