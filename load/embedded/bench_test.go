package embedded_test

import (
	"bytes"
	"testing"

	"huikuan/load/embedded/embeddedtest"
)

func BenchmarkSelectOne(b *testing.B) {
	conn := embeddedtest.Conn(b, "")
	for b.Loop() {
		var one uint8
		must(b, conn.QueryRow(ctx, "SELECT 1").Scan(&one))
	}
}

func BenchmarkInsertArrow(b *testing.B) {
	conn := embeddedtest.Conn(b, embeddedtest.Database(b))
	must(b, conn.Exec(ctx, "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a"))
	data := arrowRows(b, 100_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		must(b, conn.InsertFormat(ctx, "ArrowStream", "INSERT INTO t (a, s)", bytes.NewReader(data)))
	}
}
