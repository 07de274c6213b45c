package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"huikuan/load/embedded/embeddedtest"
)

func TestMain(m *testing.M) {
	if mode := os.Getenv(childMode); mode != "" {
		os.Exit(child(mode, os.Getenv(childFolder)))
	}
	os.Exit(embeddedtest.Main(m))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var ctx = context.Background()

var compressions = map[string]*clickhouse.Compression{
	"none":    nil,
	"lz4":     {Method: clickhouse.CompressionLZ4},
	"zstd":    {Method: clickhouse.CompressionZSTD, Level: 1},
	"gzip":    {Method: clickhouse.CompressionGZIP, Level: 1},
	"deflate": {Method: clickhouse.CompressionDeflate, Level: 1},
	"br":      {Method: clickhouse.CompressionBrotli, Level: 1},
}

const everyType = `CREATE TABLE everything (
	s String, lc LowCardinality(String), ns Nullable(String), d4 Decimal(18,4), d10 Decimal(38,10),
	nd Nullable(Decimal(18,4)), day Date32, at DateTime64(6,'UTC'), u8 UInt8, u64 UInt64, i64 Int64, f Float64,
	b Bool, a Array(String), m Map(String, UInt64), id UUID, lcn LowCardinality(Nullable(String))
) ENGINE = MergeTree ORDER BY u64`

func everyRow(i uint64) []any {
	note := "注"
	null := (*string)(nil)
	ns := &note
	if i%2 == 1 {
		ns = null
	}
	return []any{
		"回款 – Zahlungseingang", "EUR", ns, decimal.RequireFromString("99999999999999.9999"),
		decimal.RequireFromString("-9999999999999999999999999999.9999999999"), (*decimal.Decimal)(nil),
		time.Date(1950, 2, 28, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 23, 59, 59, 123456000, time.UTC),
		uint8(255), i, int64(-1 << 63), 0.1, true, []string{"甲", "", "c"}, map[string]uint64{"k": 1<<64 - 1},
		uuid.MustParse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"), ns,
	}
}

func TestEveryColumnTypeGoesThereAndBackInEveryCompression(t *testing.T) {
	for name, c := range compressions {
		t.Run(name, func(t *testing.T) {
			o := embeddedtest.Options(t, embeddedtest.Database(t))
			o.Compression = c
			conn, err := clickhouse.Open(o)
			must(t, err)
			defer conn.Close()
			must(t, conn.Ping(ctx))
			must(t, conn.Exec(ctx, everyType))
			batch, err := conn.PrepareBatch(ctx, "INSERT INTO everything")
			must(t, err)
			for i := range uint64(1000) {
				must(t, batch.Append(everyRow(i)...))
			}
			must(t, batch.Send())

			rows, err := conn.Query(ctx, "SELECT * FROM everything ORDER BY u64")
			must(t, err)
			defer rows.Close()
			n := uint64(0)
			for rows.Next() {
				var s, lc string
				var ns, lcn *string
				var d4, d10 decimal.Decimal
				var nd *decimal.Decimal
				var day, at time.Time
				var u8 uint8
				var u64 uint64
				var i64 int64
				var f float64
				var b bool
				var a []string
				var m map[string]uint64
				var id uuid.UUID
				must(t, rows.Scan(&s, &lc, &ns, &d4, &d10, &nd, &day, &at, &u8, &u64, &i64, &f, &b, &a, &m, &id, &lcn))
				want := everyRow(n)
				if s != want[0] || lc != "EUR" || !d4.Equal(want[3].(decimal.Decimal)) || !d10.Equal(want[4].(decimal.Decimal)) ||
					nd != nil || !day.Equal(want[6].(time.Time)) || !at.Equal(want[7].(time.Time)) || u8 != 255 || u64 != n ||
					i64 != -1<<63 || f != 0.1 || !b || len(a) != 3 || a[0] != "甲" || m["k"] != 1<<64-1 || id != want[15] {
					t.Fatalf("row %d came back as %v %v %v %v %v %v %v %v %v %v %v %v %v %v", n, s, lc, d4, d10, nd, day, at, u8, u64, i64, f, a, m, id)
				}
				if (n%2 == 1) != (ns == nil) || (n%2 == 1) != (lcn == nil) || ns != nil && *ns != "注" {
					t.Fatalf("row %d: nullable string came back as %v, %v", n, ns, lcn)
				}
				n++
			}
			must(t, rows.Err())
			if n != 1000 {
				t.Fatalf("%d rows came back, want 1000", n)
			}
		})
	}
}

func TestServerSideParametersAreValuesNotSQL(t *testing.T) {
	conn := embeddedtest.Conn(t, "")
	evil := `'); DROP TABLE x; -- 你好 \ " `
	var got string
	var n uint64
	err := conn.QueryRow(clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"x": evil, "n": "42"})),
		"SELECT {x:String}, {n:UInt64}").Scan(&got, &n)
	must(t, err)
	if got != evil || n != 42 {
		t.Fatalf("got %q %d", got, n)
	}
}

func TestErrorsAreTypedExceptions(t *testing.T) {
	conn := embeddedtest.Conn(t, embeddedtest.Database(t))
	for sql, code := range map[string]int32{
		"SELECT * FROM nowhere":             60,
		"SELEC 1":                           62,
		"SELECT 1; SELECT 2":                62,
		"SELECT throwIf(1)":                 395,
		"DROP TABLE nowhere":                60,
		"SELECT 1 SETTINGS no_such_thing=1": 115,
	} {
		rows, err := conn.Query(ctx, sql)
		if err == nil {
			for rows.Next() {
			}
			err = rows.Err()
		}
		var ex *clickhouse.Exception
		if !errors.As(err, &ex) || ex.Code != code {
			t.Errorf("%s: got %v, want an exception with code %d", sql, err, code)
		}
	}
}

func TestEmptyResultKeepsItsColumns(t *testing.T) {
	conn := embeddedtest.Conn(t, "")
	rows, err := conn.Query(ctx, "SELECT number AS n, toString(number) AS s FROM numbers(0)")
	must(t, err)
	defer rows.Close()
	if got := rows.Columns(); len(got) != 2 || got[0] != "n" || got[1] != "s" {
		t.Fatalf("columns %q, want n and s", got)
	}
	if rows.Next() {
		t.Fatal("an empty result has a row")
	}
	must(t, rows.Err())
}

func TestFormatsGoInAndOut(t *testing.T) {
	conn := embeddedtest.Conn(t, embeddedtest.Database(t))
	must(t, conn.Exec(ctx, "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a"))
	out, err := conn.QueryFormat(ctx, "ArrowStream", "SELECT number AS a, toString(number) AS s FROM numbers(500000)")
	must(t, err)
	data, err := io.ReadAll(out)
	must(t, err)
	must(t, out.Close())
	must(t, conn.InsertFormat(ctx, "ArrowStream", "INSERT INTO t (a, s)", bytes.NewReader(data)))
	var n, sum uint64
	must(t, conn.QueryRow(ctx, "SELECT count(), sum(a) FROM t WHERE toString(a) = s").Scan(&n, &sum))
	if n != 500000 || sum != 499999*250000 {
		t.Fatalf("%d rows with sum %d, want 500000 with %d", n, sum, 499999*250000)
	}
}

// What an empty result's columns are is remembered, but not past a change of the
// tables.
func TestColumnsOfAnEmptyResultFollowTheTable(t *testing.T) {
	db := embeddedtest.Database(t)
	conn := embeddedtest.Conn(t, db)
	columns := func(sql string, args ...any) string {
		t.Helper()
		rows, err := conn.Query(ctx, sql, args...)
		must(t, err)
		defer rows.Close()
		var out []string
		for _, c := range rows.ColumnTypes() {
			out = append(out, c.Name()+" "+c.DatabaseTypeName())
		}
		if rows.Next() {
			t.Errorf("%s has rows", sql)
		}
		return strings.Join(out, ", ")
	}
	const all = "SELECT * FROM t WHERE a > 5"
	must(t, conn.Exec(ctx, "CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a"))
	must(t, conn.Exec(ctx, "CREATE TABLE other (a String, b Date) ENGINE = MergeTree ORDER BY a"))
	for _, step := range []struct{ change, sql, want string }{
		{"", all, "a UInt8"},
		{"", all, "a UInt8"},
		{"ALTER TABLE t ADD COLUMN c Nullable(Decimal(18, 4))", all, "a UInt8, c Nullable(Decimal(18, 4))"},
		{"CREATE VIEW v AS SELECT a AS x FROM t", "SELECT x FROM v WHERE x = 1", "x UInt8"},
		{"CREATE OR REPLACE VIEW v AS SELECT toString(a) AS x FROM t", "SELECT x FROM v WHERE x = '1'", "x String"},
		{"CREATE OR REPLACE VIEW v AS SELECT a + 1 AS x FROM t", "SELECT x FROM v WHERE toString(x) = '1'", "x UInt16"},
		{"EXCHANGE TABLES t AND other", "SELECT * FROM t", "a String, b Date"},
		{"EXCHANGE TABLES t AND other", "SELECT * FROM t", "a UInt8, c Nullable(Decimal(18, 4))"},
	} {
		if step.change != "" {
			must(t, conn.Exec(ctx, step.change))
		}
		if got := columns(step.sql); got != step.want {
			t.Errorf("after %q %s has the columns %s, want %s", step.change, step.sql, got, step.want)
		}
	}
	for _, p := range []string{"UInt8", "String"} { // parameters and settings are part of the question
		if got := columns("SELECT CAST(a, {type:String}) AS x FROM t WHERE a > 5", clickhouse.Named("type", p)); got != "x "+p {
			t.Errorf("cast to %s the column is %s", p, got)
		}
	}
}
