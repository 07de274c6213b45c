package embedded_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/load/embedded/embeddedtest"
)

// eventually waits for a state of the engine that comes without further doing.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not happen", what)
		}
	}
}

func count(t *testing.T, conn clickhouse.Conn, sql string, args ...any) (n uint64) {
	t.Helper()
	must(t, conn.QueryRow(ctx, sql, args...).Scan(&n))
	return n
}

const inserting = "SELECT count() FROM system.processes WHERE query_kind = 'Insert' AND current_database = currentDatabase()"

// upload begins an insert over a bare connection: the headers, and rows of CSV
// in chunks; the body is left open.
func upload(t *testing.T, db string, rows int) net.Conn {
	t.Helper()
	s := embeddedtest.Server(t)
	user, password := s.Credentials()
	c, err := net.Dial("tcp", s.Addr())
	must(t, err)
	q := url.Values{"database": {db}, "query": {"INSERT INTO t FORMAT CSV"}}
	fmt.Fprintf(c, "POST /?%s HTTP/1.1\r\nHost: x\r\nAuthorization: Basic %s\r\nTransfer-Encoding: chunked\r\n\r\n",
		q.Encode(), base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	var chunk bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&chunk, "%d,text %d\n", i, i)
		if chunk.Len() > 1<<20 || i == rows-1 {
			fmt.Fprintf(c, "%x\r\n%s\r\n", chunk.Len(), chunk.Bytes())
			chunk.Reset()
		}
	}
	return c
}

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	db := embeddedtest.Database(t)
	conn := embeddedtest.Conn(t, db)
	must(t, conn.Exec(ctx, "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a"))
	for name, end := range map[string]func(c net.Conn){
		"closed":                 func(c net.Conn) { c.Close() },
		"reset":                  func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0); c.Close() },
		"half a chunk":           func(c net.Conn) { fmt.Fprint(c, "ffff\r\n1,x\n2"); c.Close() },
		"no chunk of length nil": func(c net.Conn) { _ = c.(*net.TCPConn).CloseWrite(); _, _ = io.ReadAll(c); c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			c := upload(t, db, 2_500_000) // more than two of the engine's usual blocks
			eventually(t, "the insert's start", func() bool { return count(t, conn, inserting) == 1 })
			end(c)
			eventually(t, "the insert's end", func() bool { return count(t, conn, inserting) == 0 })
			if n := count(t, conn, "SELECT count() FROM t"); n != 0 {
				t.Errorf("%d rows of a broken upload were committed", n)
			}
		})
	}
}

func TestACancelledInsertLeavesNothing(t *testing.T) {
	conn := embeddedtest.Conn(t, embeddedtest.Database(t))
	must(t, conn.Exec(ctx, "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a"))
	cctx, cancel := context.WithCancel(ctx)
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- conn.InsertFormat(cctx, "CSV", "INSERT INTO t (a, s)", r) }()
	for i := range 200_000 {
		fmt.Fprintf(w, "%d,x\n", i)
	}
	eventually(t, "the insert's start", func() bool { return count(t, conn, inserting) == 1 })
	cancel()
	w.CloseWithError(context.Canceled) // net/http waits for the reader of a body
	if err := <-done; err == nil {
		t.Error("the cancelled insert gave no error")
	}
	eventually(t, "the insert's end", func() bool { return count(t, conn, inserting) == 0 })
	if n := count(t, conn, "SELECT count() FROM t"); n != 0 {
		t.Errorf("%d rows of a cancelled insert were committed", n)
	}
}

func TestABadRowInAnUploadRejectsAllOfIt(t *testing.T) {
	db := embeddedtest.Database(t)
	conn := embeddedtest.Conn(t, db)
	must(t, conn.Exec(ctx, "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a"))
	data := strings.Repeat("1,x\n", 100000) + "not a number,x\n"
	err := conn.InsertFormat(ctx, "CSV", "INSERT INTO t (a, s)", strings.NewReader(data))
	var ex *clickhouse.Exception
	if !errors.As(err, &ex) {
		t.Errorf("got %v, want an exception", err)
	}
	err = conn.InsertFormat(ctx, "JSONEachRow", "INSERT INTO t (a, s)", strings.NewReader(`{"a":1,"s":null}`))
	if !errors.As(err, &ex) {
		t.Errorf("NULL into a column that is not nullable: got %v, want an exception", err)
	}
	if n := count(t, conn, "SELECT count() FROM t"); n != 0 {
		t.Errorf("%d rows were committed", n)
	}
}

// arrowRows renders rows as an Arrow IPC stream in batches of 64 k.
func arrowRows(t testing.TB, rows int) []byte {
	t.Helper()
	pool := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer pool.AssertSize(t, 0)
	schema := arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.PrimitiveTypes.Uint64}, {Name: "s", Type: arrow.BinaryTypes.String}}, nil)
	var out bytes.Buffer
	w := ipc.NewWriter(&out, ipc.WithSchema(schema), ipc.WithAllocator(pool))
	b := array.NewRecordBuilder(pool, schema)
	defer b.Release()
	for i := range rows {
		b.Field(0).(*array.Uint64Builder).Append(uint64(i))
		b.Field(1).(*array.StringBuilder).Append("客户")
		if i%65536 == 65535 || i == rows-1 {
			rec := b.NewRecord()
			must(t, w.Write(rec))
			rec.Release()
		}
	}
	must(t, w.Close())
	return out.Bytes()
}

func TestALargeArrowInsertIsOneBlock(t *testing.T) {
	for _, c := range []string{"none", "gzip", "lz4"} {
		t.Run(c, func(t *testing.T) {
			o := embeddedtest.Options(t, embeddedtest.Database(t))
			o.Compression = compressions[c]
			conn, err := clickhouse.Open(o)
			must(t, err)
			defer conn.Close()
			must(t, conn.Exec(ctx, "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a"))
			const rows = 1_200_000 // more than one of the engine's usual blocks
			must(t, conn.InsertFormat(ctx, "ArrowStream", "INSERT INTO t (a, s)", bytes.NewReader(arrowRows(t, rows))))
			if n := count(t, conn, "SELECT count() FROM t WHERE s = '客户'"); n != rows {
				t.Errorf("%d rows, want %d", n, rows)
			}
			if n := count(t, conn, "SELECT count() FROM system.parts WHERE database = currentDatabase() AND table = 't' AND level = 0"); n != 1 {
				t.Errorf("the insert became %d parts, want 1", n)
			}
		})
	}
}

func TestARefusedUploadGetsItsReasonHoweverLargeItIs(t *testing.T) {
	conn := embeddedtest.Conn(t, embeddedtest.Database(t))
	data := bytes.Repeat([]byte("1,some text that makes the upload long\n"), 1<<20)
	err := conn.InsertFormat(ctx, "CSV", "INSERT INTO nowhere (a, s)", bytes.NewReader(data))
	var ex *clickhouse.Exception
	if !errors.As(err, &ex) || ex.Code != 60 {
		t.Errorf("got %v, want exception 60", err)
	}
}

func TestARetriedTokenIsDroppedOnce(t *testing.T) {
	conn := embeddedtest.Conn(t, embeddedtest.Database(t))
	must(t, conn.Exec(ctx, "CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 1000"))
	for range 3 {
		with := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": "run-1/slice-1", "insert_deduplicate": 1}))
		must(t, conn.InsertFormat(with, "ArrowStream", "INSERT INTO t (a, s)", bytes.NewReader(arrowRows(t, 1000))))
	}
	if n := count(t, conn, "SELECT count() FROM t"); n != 1000 {
		t.Errorf("%d rows after three sends of one batch, want 1000", n)
	}
}
