package extract

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"huikuan/internal/dbtest"
)

// oneRow reads a table of one row and returns its values by column, null as nil.
func oneRow(t *testing.T, s *dbtest.Server, settings map[string]any) map[string]any {
	t.Helper()
	src := mustOpenSQL(t, settings, "[{name: one, table: one, emit: [{to: customers, fields: {customer_id: id}}]}]")
	out := map[string]any{}
	for p, err := range src.Pages(context.Background(), "one", nil) {
		if err != nil {
			t.Fatal(err)
		}
		var rows [][]any
		if err := json.Unmarshal(p.Body, &rows); err != nil || len(rows) != 1 {
			t.Fatalf("%v in %s", err, p.Body)
		}
		for i, c := range p.Columns {
			out[c] = rows[0][i]
		}
	}
	return out
}

func compareRow(t *testing.T, got, want map[string]any) {
	t.Helper()
	for c, v := range want {
		if got[c] != v {
			t.Errorf("%s is %#v, expected %#v", c, got[c], v)
		}
	}
}

func postgresTypes(t *testing.T, s *dbtest.Server) {
	s.Exec(t, `CREATE TYPE mood AS ENUM ('new', 'old')`, `CREATE DOMAIN money2 AS numeric(12,2)`,
		`CREATE TABLE one (id bigint, big numeric(38,10), tiny numeric, nan numeric, dom money2, cash money, minus money, padded char(6), text text,
		ts timestamp, tz timestamptz, day date, clock time, yes boolean, raw bytea, f4 real, f8 double precision, none text, mood mood,
		guid uuid, js jsonb, list int[], forever timestamptz, "客户 ""名""" varchar(20), n int)`,
		`INSERT INTO one VALUES (9007199254740993, 1234567890123456789012345678.0123456789, 0.00000000000000000001, 'NaN', 10.50, 1234.5, -0.05, 'ab', E'a\tb"\\\u00e9\n',
		'2026-01-31 10:00:00.123456', '2026-01-31 10:00:00.5+08', '2026-01-31', '23:59:59.5', true, '\x00ff', 0.1, 0.1, NULL, 'old',
		'0e984725-c51c-4bf4-9960-e1c80e27aba0', '{"a": 1.10}', '{1,2}', 'infinity', '华为', -2147483648)`)
	t.Cleanup(func() { s.Exec(t, "DROP TABLE one", "DROP TYPE mood", "DROP DOMAIN money2") })
	compareRow(t, oneRow(t, s, s.Settings()), map[string]any{
		"id": "9007199254740993", "big": "1234567890123456789012345678.0123456789", "tiny": "0.00000000000000000001", "nan": "NaN", "dom": "10.50",
		"cash": "1234.50", "minus": "-0.05", "padded": "ab", "text": "a\tb\"\\é\n", "ts": "2026-01-31T10:00:00.123456", "tz": "2026-01-31T02:00:00.5Z",
		"day": "2026-01-31", "clock": "23:59:59.5", "yes": true, "raw": "00ff", "f4": "0.1", "f8": "0.1", "none": nil, "mood": "old",
		"guid": "0e984725-c51c-4bf4-9960-e1c80e27aba0", "js": `{"a": 1.10}`, "list": "{1,2}", "forever": "infinity", `客户 "名"`: "华为", "n": "-2147483648",
	})
	// The user's own casts go by the configured zone, whatever the server's is.
	src := mustOpenSQL(t, with(s.Settings(), "timezone", "Asia/Shanghai"), `
- {name: day, query: "SELECT CAST(tz AS date) AS day, CAST('2026-01-31 17:00+00' AS timestamptz)::date AS next FROM one", emit: [{to: customers, fields: {customer_id: day}}]}`)
	if rows, _, err := sqlRows(src, "day", nil); err != nil || fmt.Sprint(rows) != "[2026-01-31|2026-02-01]" {
		t.Errorf("%v, %v", rows, err)
	}
}

func mariadbTypes(t *testing.T, s *dbtest.Server) {
	s.Exec(t, "SET GLOBAL sql_mode = 'NO_ENGINE_SUBSTITUTION'")
	s.DB.SetMaxIdleConns(0) // new connections have the new mode
	s.Exec(t, "CREATE TABLE one (id bigint unsigned, big decimal(38,10), padded char(6), txt text, dt datetime(6), ts timestamp(3) NULL, day date, nodate date, nodt datetime, "+
		"clock time, yes bit(1), bits bit(10), flag tinyint(1), raw varbinary(4), f4 float, f8 double, none text, mood enum('new','old'), js json, yr year, `客户 ``名``` varchar(20), n int)",
		"INSERT INTO one VALUES (18446744073709551615, 1234567890123456789012345678.0123456789, 'ab', 'a\tb\"\\\\é\n', '2026-01-31 10:00:00.123456', '2026-01-31 10:00:00.5', "+
			"'2026-01-31', '0000-00-00', '0000-00-00 00:00:00', '-30:15:00', b'1', b'1000000001', 1, x'00ff', 0.1, 0.1, NULL, 'old', '{\"a\": 1.10}', 2026, '华为', -2147483648)",
		"SET GLOBAL sql_mode = 'TRADITIONAL'")
	t.Cleanup(func() { s.Exec(t, "DROP TABLE one", "SET GLOBAL sql_mode = DEFAULT") })
	compareRow(t, oneRow(t, s, s.Settings()), map[string]any{
		"id": "18446744073709551615", "big": "1234567890123456789012345678.0123456789", "padded": "ab", "txt": "a\tb\"\\é\n", "dt": "2026-01-31T10:00:00.123456",
		"ts": "2026-01-31T07:00:00.500Z", "day": "2026-01-31", "nodate": nil, "nodt": nil, "clock": "-30:15:00", "yes": "1", "bits": "513", "flag": "1", "raw": "00ff",
		"f4": "0.1", "f8": "0.1", "none": nil, "mood": "old", "js": `{"a": 1.10}`, "yr": "2026", "客户 `名`": "华为", "n": "-2147483648",
	})
}

// TestValuesOfSQLServer goes by what the driver documents to return; there is no server of it here.
func TestValuesOfSQLServer(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	for _, tc := range []struct {
		name string
		in   driver.Value
		want string
	}{
		{"DATETIME", time.Date(2026, 1, 31, 10, 0, 0, 3_333_333, time.UTC), `"2026-01-31T10:00:00.003"`},
		{"DATETIME", time.Date(2026, 1, 31, 10, 0, 0, 6_666_666, time.UTC), `"2026-01-31T10:00:00.007"`},
		{"DATETIME2", time.Date(2026, 1, 31, 10, 0, 0, 123_456_700, time.UTC), `"2026-01-31T10:00:00.1234567"`},
		{"SMALLDATETIME", time.Date(2026, 1, 31, 10, 1, 0, 0, time.UTC), `"2026-01-31T10:01:00"`},
		{"DATETIMEOFFSET", time.Date(2026, 1, 31, 10, 0, 0, 0, berlin), `"2026-01-31T09:00:00Z"`},
		{"DATE", time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC), `"2026-01-31"`},
		{"TIME", time.Date(1, 1, 1, 23, 59, 59, 500_000_000, time.UTC), `"23:59:59.5"`},
		{"DECIMAL", []byte("-1234567890123456789.0100"), `"-1234567890123456789.0100"`},
		{"MONEY", []byte("10.5000"), `"10.5000"`},
		{"BIT", true, `true`},
		{"NCHAR", "ab    ", `"ab"`},
		{"NVARCHAR", "ab  ", `"ab  "`},
		{"VARBINARY", []byte{0, 255}, `"00ff"`},
		{"UNIQUEIDENTIFIER", []byte{0x25, 0x47, 0x98, 0x0e, 0x1c, 0xc5, 0xf4, 0x4b, 0x99, 0x60, 0xe1, 0xc8, 0x0e, 0x27, 0xab, 0xa0}, `"0E984725-C51C-4BF4-9960-E1C80E27ABA0"`},
		{"REAL", float64(float32(0.1)), `"0.1"`},
		{"INT", int64(-5), `"-5"`},
		{"INT", nil, `null`},
	} {
		c := sqlCell{typ: newSQLType(driverSQLServer, tc.name, 0)}
		if err := c.Scan(tc.in); err != nil || string(c.appendJSON(nil)) != tc.want {
			t.Errorf("%s: got %s, %v, want %s", tc.name, c.appendJSON(nil), err, tc.want)
		}
	}
}

func TestStatementsOfEachDatabase(t *testing.T) {
	st := sqlStream{query: "SELECT * FROM t -- all", key: []string{"a]b", "id"}, inc: &sqlIncremental{fields: []string{"upd", "new"}}}
	at := &sqlPosition{values: [][]byte{[]byte("2026-01-31T10:00:00.003"), []byte("x"), []byte("7")}}
	for name, want := range map[string]struct {
		cursor, key string
		text        string
		args        string
	}{
		driverPostgres: {"TIMESTAMP", "VARCHAR", `SELECT q.*, COALESCE(q."upd", q."new") AS huikuan_cursor FROM (
SELECT * FROM t -- all
) q
WHERE (COALESCE(q."upd", q."new"), q."a]b", q."id") > ($1, $2, $3)
ORDER BY COALESCE(q."upd", q."new"), q."a]b", q."id"
LIMIT 11`, "[2026-01-31T10:00:00.003 x 7]"},
		driverMySQL: {"DATETIME", "VARCHAR", "SELECT q.*, COALESCE(q.`upd`, q.`new`) AS huikuan_cursor FROM (\nSELECT * FROM t -- all\n) q\n" +
			"WHERE COALESCE(q.`upd`, q.`new`) >= CAST(? AS DATETIME(6))\n" +
			"  AND (COALESCE(q.`upd`, q.`new`) > CAST(? AS DATETIME(6)) OR COALESCE(q.`upd`, q.`new`) = CAST(? AS DATETIME(6)) AND (q.`a]b` > ? OR q.`a]b` = ? AND (q.`id` > ?)))\n" +
			"ORDER BY COALESCE(q.`upd`, q.`new`), q.`a]b`, q.`id`\nLIMIT 11",
			"[2026-01-31T10:00:00.003 2026-01-31T10:00:00.003 2026-01-31T10:00:00.003 x x 7]"},
		driverSQLServer: {"DATETIME", "VARCHAR", `SELECT TOP (11) q.*, COALESCE(q.[upd], q.[new]) AS huikuan_cursor FROM (
SELECT * FROM t -- all
) q
WHERE COALESCE(q.[upd], q.[new]) >= CAST(@p1 AS datetime)
  AND (COALESCE(q.[upd], q.[new]) > CAST(@p2 AS datetime) OR COALESCE(q.[upd], q.[new]) = CAST(@p3 AS datetime) AND (q.[a]]b] > CAST(@p4 AS varchar(8000)) OR q.[a]]b] = CAST(@p5 AS varchar(8000)) AND (q.[id] > @p6)))
ORDER BY COALESCE(q.[upd], q.[new]), q.[a]]b], q.[id]`, "[2026-01-31T10:00:00.003 2026-01-31T10:00:00.003 2026-01-31T10:00:00.003 x x 7]"},
	} {
		b := newSQLBuilder(sqlDialects[name], &st, "")
		whole := map[string]string{driverPostgres: "INT4", driverMySQL: "INT", driverSQLServer: "INT"}[name]
		b.curType, b.types = newSQLType(name, want.cursor, 0), []sqlType{newSQLType(name, want.key, 0), newSQLType(name, whole, 0)}
		text, args, err := b.rows(sqlPart{after: at}, 11)
		if err != nil || text != want.text || fmt.Sprint(args) != want.args {
			t.Errorf("%s: %v\n%s\n%v\nwant\n%s\n%v", name, err, text, args, want.text, want.args)
		}
		text, args, err = b.rows(sqlPart{nulls: true, after: at}, 0)
		if err != nil || !strings.Contains(text, "IS NULL\n  AND ") || strings.Contains(text, "LIMIT") || strings.Contains(text, "TOP") || strings.Contains(fmt.Sprint(args), "2026") {
			t.Errorf("%s, rows without cursor value: %v\n%s\n%v", name, err, text, args)
		}
	}
	b := newSQLBuilder(sqlDialects[driverSQLServer], &sqlStream{table: []string{"Sales Orders"}, columns: []string{"Id", "备注"}}, "dbo")
	if text, _, _ := b.rows(sqlPart{}, 0); text != "SELECT q.* FROM (\nSELECT [Id], [备注] FROM [dbo].[Sales Orders]\n) q" {
		t.Errorf("a table: %s", text)
	}
	for typ, want := range map[string]string{"MONEY": "CAST(@p1 AS money)", "UNIQUEIDENTIFIER": "CAST(@p1 AS uniqueidentifier)", "DATETIMEOFFSET": "CAST(@p1 AS datetimeoffset(7))",
		"DECIMAL": "CAST(@p1 AS decimal(38,4))", "BIGINT": "@p1", "NVARCHAR": "@p1", "BINARY": "CAST(@p1 AS varbinary(8000))"} {
		if got := typedSQLServer("@p1", newSQLType(driverSQLServer, typ, 4)); got != want {
			t.Errorf("%s: %s, want %s", typ, got, want)
		}
	}
}

func TestAddressesOfEachDatabaseAreTakenApart(t *testing.T) {
	streams := "[{name: a, table: a, emit: [{to: invoices, fields: {invoice_id: id}}]}]"
	for _, tc := range []struct {
		settings map[string]any
		want     string
	}{
		{map[string]any{"driver": "postgres", "host": "db", "database": "erp", "user": "u", "password": "p"}, "postgres://db:5432/erp"},
		{map[string]any{"driver": "postgres", "dsn": "postgres://u:p@db:5433/erp"}, "postgres://db:5433/erp"},
		{map[string]any{"driver": "mysql", "host": "db", "port": 3307, "database": "erp"}, "mysql://db:3307/erp"},
		{map[string]any{"driver": "mysql", "dsn": "u:p@tcp(db)/erp"}, "mysql://db:3306/erp"},
		{map[string]any{"driver": "sqlserver", "host": `db\ERP`, "database": "erp", "user": `corp\u`, "password": "p@:/"}, "sqlserver://db/erp"},
		{map[string]any{"driver": "sqlserver", "dsn": "sqlserver://u:p@db:1444?database=erp", "password": "q"}, "sqlserver://db/erp"},
		{map[string]any{"driver": "mysql", "dsn": "secret nonsense"}, "dsn: it cannot be read as an address of a mysql database"},
		{map[string]any{"driver": "postgres", "dsn": "postgres://u:secret@db:port/erp"}, "dsn: it cannot be read as an address of a postgres database"},
		{map[string]any{"driver": "postgres"}, "host: no server is named"},
		{map[string]any{"driver": "oracle", "host": "db"}, `is "oracle", allowed are postgres, mysql, sqlserver`},
		{map[string]any{"driver": "postgres", "host": "db", "tls": "verify", "tls_ca": "none.pem"}, "tls_ca: there is no file or folder none.pem"},
	} {
		s, err := openSQL(t, tc.settings, streams)
		switch {
		case err != nil && (!strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%v: %v", tc.settings, err)
		case err == nil && s.reader.(*sqlReader).place != tc.want:
			t.Errorf("%v: %s, want %s", tc.settings, s.reader.(*sqlReader).place, tc.want)
		}
	}
}

func TestWhatIsNoSelectIsRefusedBeforeItReachesTheDatabase(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1;":                              "",
		"select ';' AS a, \"x;y\" -- one; two\n": "",
		"WITH a AS (SELECT 1) SELECT * FROM a":   "",
		"/* ; */ (SELECT 1) UNION (SELECT 2);;":  "",
		"SELECT 1; DELETE FROM t":                "several statements",
		"DELETE FROM t":                          "begins with DELETE",
		"-- nothing":                             "is empty",
	} {
		_, err := oneSelect(text, driverPostgres)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, expected %q", text, err, want)
		}
	}
	if _, err := oneSelect("WITH a AS (SELECT 1) SELECT * FROM a", driverSQLServer); err == nil || !strings.Contains(err.Error(), "make a view") {
		t.Errorf("WITH on SQL Server: %v", err)
	}
}

func TestTheCursorGoesBackByTheOverlapAndNeverPassesThePresent(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	tenMinutes := sqlOverlap{time: 10 * time.Minute}
	naive, day, whole := newSQLType(driverPostgres, "TIMESTAMP", 0), newSQLType(driverPostgres, "DATE", 0), newSQLType(driverPostgres, "INT8", 0)
	text := newSQLType(driverPostgres, "VARCHAR", 0)
	for _, tc := range []struct {
		name, saved, start, format, want string
		typ                              sqlType
	}{
		{"nothing saved", "", "", "", "", naive},
		{"a start as people write it", "", "2026-01-31", "", "2026-01-31T00:00:00", naive},
		{"a start with a zone", "", "2026-01-31T00:00:00Z", "", "2026-01-31T01:00:00", naive},
		{"saved", "2026-01-31T10:00:00.5", "", "", "2026-01-31T09:50:00.5", naive},
		{"in the hour that clocks show twice", "2026-10-25T02:30:00", "", "", "2026-10-25T01:20:00", naive},
		{"behind the hour that clocks leave out", "2026-03-29T03:05:00", "", "", "2026-03-29T01:55:00", naive},
		{"behind that hour", "2026-10-25T03:30:00", "", "", "2026-10-25T03:20:00", naive},
		{"a date is read again whole", "2026-01-31", "", "", "2026-01-30", day},
		{"numbers have no minutes", "500", "", "", "500", whole},
		{"numbers that are seconds have", "1769853600", "", "epoch_s", "1769853000", whole},
		{"texts that are instants have", "20260131100000", "", "YYYYMMDDHHmmss", "20260131095000", text},
		{"texts that are not", "A17", "", "", "A17", text},
	} {
		inc := &sqlIncremental{fields: []string{"f"}, zone: berlin, overlap: tenMinutes, start: tc.start, format: tc.format}
		if got, err := inc.since(tc.saved, tc.typ); err != nil || got != tc.want {
			t.Errorf("%s: %q, %v, want %q", tc.name, got, err, tc.want)
		}
	}
	inc := &sqlIncremental{fields: []string{"f"}, zone: berlin, overlap: sqlOverlap{}}
	inc.overlap, _ = parseOverlap("100")
	if got, err := inc.since("500", whole); err != nil || got != "400" {
		t.Errorf("an overlap of numbers: %q, %v", got, err)
	}
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		saved, last, want string
		typ               sqlType
	}{
		{"2026-01-31T10:00:00", "2026-01-31T11:00:00", "2026-01-31T11:00:00", naive},
		{"2026-01-31T10:00:00", "2026-01-31T09:00:00", "2026-01-31T10:00:00", naive},
		{"2026-01-31T10:00:00", "2027-01-01T00:00:00", "2026-01-31T13:00:00", naive}, // the server's noon in Berlin
		{"2026-01-31T10:00:00", "infinity", "2026-01-31T13:00:00", naive},
		{"2026-01-31T10:00:00", "", "2026-01-31T10:00:00", naive},
		{"9", "10", "10", whole},
		{"10", "9", "10", whole},
	} {
		if got := inc.watermark(tc.saved, tc.last, tc.typ, now); got != tc.want {
			t.Errorf("%s then %s: %s, want %s", tc.saved, tc.last, got, tc.want)
		}
	}
}
