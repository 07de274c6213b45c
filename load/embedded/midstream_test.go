package embedded_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/ext"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"

	"huikuan/load/embedded/embeddedtest"
)

func TestAnErrorInTheMiddleOfAResultReachesTheClient(t *testing.T) {
	const sql = "SELECT number, throwIf(number = 600000, 'broken here') FROM numbers(1000000)"
	for name, c := range compressions {
		t.Run("rows/"+name, func(t *testing.T) {
			o := embeddedtest.Options(t, "")
			o.Compression = c
			conn, err := clickhouse.Open(o)
			must(t, err)
			defer conn.Close()
			rows, err := conn.Query(ctx, sql)
			n := 0
			if err == nil {
				for rows.Next() {
					n++
				}
				err = rows.Err()
			}
			if err == nil {
				t.Fatalf("a broken result ended after %d rows without an error", n)
			}
			var ex *clickhouse.Exception
			if !errors.As(err, &ex) {
				t.Logf("the error is not typed: %v", err) // a client whose buffer ends within the frame sees the break only
			}
			if n == 0 {
				t.Errorf("no row came before the error %v; the result was not streamed", err)
			}
		})
		t.Run("format/"+name, func(t *testing.T) {
			o := embeddedtest.Options(t, "")
			o.Compression = c
			conn, err := clickhouse.Open(o)
			must(t, err)
			defer conn.Close()
			for _, format := range []string{"ArrowStream", "CSV", "CSVWithNames", "JSONEachRow", "JSON"} {
				out, err := conn.QueryFormat(ctx, format, sql)
				if err == nil {
					_, err = io.Copy(io.Discard, out)
					out.Close()
				}
				var ex *clickhouse.Exception
				if !errors.As(err, &ex) || ex.Code != 395 {
					t.Errorf("%s: got %v, want exception 395", format, err)
				}
			}
		})
	}
}

func TestSparseBlocksDoNotEndAStream(t *testing.T) {
	conn := embeddedtest.Conn(t, "")
	for _, format := range []string{"CSV", "JSONEachRow", "CSVWithNames", "TabSeparatedWithNamesAndTypes"} {
		out, err := conn.QueryFormat(ctx, format, "SELECT number FROM numbers(20000000) WHERE number % 5000000 = 4999999 SETTINGS max_block_size = 5000, max_threads = 1")
		must(t, err)
		b, err := io.ReadAll(out)
		must(t, err)
		if got := strings.Count(string(b), "999999"); got != 4 {
			t.Errorf("%s: %d rows, want 4: %q", format, got, b)
		}
	}
	var n uint64
	rows, err := conn.Query(ctx, "SELECT number FROM numbers(20000000) WHERE number % 5000000 = 4999999 SETTINGS max_block_size = 5000")
	must(t, err)
	for rows.Next() {
		n++
	}
	must(t, rows.Err())
	if n != 4 {
		t.Errorf("Native: %d rows, want 4", n)
	}
}

func TestAnArrowResultOfManyChunksIsOneStream(t *testing.T) {
	conn := embeddedtest.Conn(t, "")
	out, err := conn.QueryFormat(ctx, "ArrowStream", "SELECT number, toLowCardinality(toString(number % 7)) AS k, toDecimal64(number, 4) AS d, if(number % 2 = 0, NULL, number) AS odd FROM numbers(1000000)")
	must(t, err)
	defer out.Close()
	r, err := ipc.NewReader(out)
	must(t, err)
	defer r.Release()
	var rows, batches, sum uint64
	for r.Next() {
		rec := r.Record()
		batches++
		rows += uint64(rec.NumRows())
		for _, v := range rec.Column(0).(*array.Uint64).Uint64Values() {
			sum += v
		}
	}
	if r.Err() != nil && !errors.Is(r.Err(), io.EOF) {
		t.Fatal(r.Err())
	}
	if rows != 1000000 || sum != 999999*500000 || batches < 2 {
		t.Fatalf("%d rows in %d batches with sum %d", rows, batches, sum)
	}
}

// residentMiB is the memory of this process, in MiB.
func residentMiB(t *testing.T) int {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc on this system")
	}
	pages, err := strconv.Atoi(strings.Fields(string(b))[1])
	must(t, err)
	return pages * os.Getpagesize() >> 20
}

func TestALargeResultStreamsInBoundedMemory(t *testing.T) {
	conn := embeddedtest.Conn(t, "")
	for _, format := range []string{"ArrowStream", "Native"} {
		out, err := conn.QueryFormat(ctx, format, "SELECT number, toString(sipHash128(number)) AS s, randomPrintableASCII(100) AS pad FROM numbers(5000000)")
		must(t, err)
		before, peak, total := residentMiB(t), 0, int64(0)
		buf := make([]byte, 1<<20)
		for i := 0; ; i++ {
			n, err := out.Read(buf)
			total += int64(n)
			if i%64 == 0 {
				peak = max(peak, residentMiB(t))
			}
			if err == io.EOF {
				break
			}
			must(t, err)
		}
		out.Close()
		if total < 500<<20 {
			t.Fatalf("%s: only %d bytes came", format, total)
		}
		if grown := peak - before; grown > 300 {
			t.Errorf("%s: %d MiB of result took %d MiB of memory", format, total>>20, grown)
		}
	}
}

func TestCancellingTheContextStopsTheQueryInTheEngine(t *testing.T) {
	conn := embeddedtest.Conn(t, "")
	running := func(mark string) (n uint64) {
		must(t, conn.QueryRow(ctx, "SELECT count() FROM system.processes WHERE query LIKE {m:String} AND query NOT LIKE '%system.processes%'",
			clickhouse.Named("m", "%"+mark+"%")).Scan(&n))
		return n
	}
	until := func(what string, ok func() bool) {
		t.Helper()
		for deadline := time.Now().Add(20 * time.Second); !ok(); {
			if time.Now().After(deadline) {
				t.Fatalf("%s did not happen", what)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	for mark, sql := range map[string]string{
		"mark_streamed":  "SELECT number, sleepEachRow(0.001) FROM numbers(10000000) SETTINGS max_block_size = 100 /*mark_streamed*/",
		"mark_aggregate": "SELECT sum(sipHash64(number)), 'mark_aggregate' FROM numbers(1000000000000)",
		"mark_whole":     "SELECT sum(sipHash64(number)), 'mark_whole' FROM numbers(1000000000000) FORMAT JSON",
	} {
		t.Run(mark, func(t *testing.T) {
			cctx, cancel := context.WithCancel(ctx)
			done := make(chan error, 1)
			go func() {
				rows, err := conn.Query(cctx, sql)
				if err == nil {
					for rows.Next() {
					}
					err = rows.Err()
				}
				done <- err
			}()
			until("the start of the query", func() bool { return running(mark) > 0 })
			cancel()
			if err := <-done; err == nil {
				t.Error("the cancelled query gave no error")
			}
			until("the end of the query in the engine", func() bool { return running(mark) == 0 })
		})
	}
}

func TestAHundredClientsAtOnce(t *testing.T) {
	db := embeddedtest.Database(t)
	must(t, embeddedtest.Conn(t, db).Exec(ctx, "CREATE TABLE t (client UInt32, n UInt64) ENGINE = MergeTree ORDER BY (client, n)"))
	var wg sync.WaitGroup
	for client := range uint32(100) {
		conn := embeddedtest.Conn(t, db)
		wg.Go(func() {
			for i := range uint64(3) {
				batch, err := conn.PrepareBatch(ctx, "INSERT INTO t")
				if err == nil {
					err = errors.Join(batch.Append(client, i), batch.Send())
				}
				var n uint64
				if err == nil {
					err = conn.QueryRow(ctx, "SELECT count() FROM t WHERE client = {c:UInt32}", clickhouse.Named("c", client)).Scan(&n)
				}
				if err != nil || n != i+1 {
					t.Errorf("client %d sees %d rows after %d inserts: %v", client, n, i+1, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestDatabaseSQLWorks(t *testing.T) {
	db := clickhouse.OpenDB(embeddedtest.Options(t, embeddedtest.Database(t)))
	defer db.Close()
	must(t, db.Ping())
	_, err := db.Exec("CREATE TABLE t (a Int64, b Nullable(String)) ENGINE = MergeTree ORDER BY a")
	must(t, err)
	_, err = db.Exec("INSERT INTO t VALUES (1, 'eins'), (2, NULL), (3, concat('a', 'b'))")
	must(t, err)
	tx, err := db.Begin()
	must(t, err)
	stmt, err := tx.Prepare("INSERT INTO t")
	must(t, err)
	_, err = stmt.Exec(int64(4), "四")
	must(t, err)
	must(t, tx.Commit())
	rows, err := db.Query("SELECT a, b FROM t WHERE a > ? ORDER BY a", 1)
	must(t, err)
	defer rows.Close()
	var got []string
	for rows.Next() {
		var a int64
		var b sql.NullString
		must(t, rows.Scan(&a, &b))
		got = append(got, fmt.Sprintf("%d/%t/%s", a, b.Valid, b.String))
	}
	must(t, rows.Err())
	if want := "[2/false/ 3/true/ab 4/true/四]"; fmt.Sprint(got) != want {
		t.Fatalf("got %v, want %s", got, want)
	}
}

func TestExternalTablesComeAlong(t *testing.T) {
	table, err := ext.NewTable("ids", ext.Column("id", "UInt64"), ext.Column("name", "String"))
	must(t, err)
	for i := range uint64(10) {
		must(t, table.Append(i, fmt.Sprint("n", i)))
	}
	conn := embeddedtest.Conn(t, "")
	var n uint64
	must(t, conn.QueryRow(clickhouse.Context(ctx, clickhouse.WithExternalTable(table)),
		"SELECT count() FROM numbers(100) WHERE (number, concat('n', toString(number))) IN (SELECT id, name FROM ids)").Scan(&n))
	if n != 10 {
		t.Fatalf("%d rows match the external table, want 10", n)
	}
}
