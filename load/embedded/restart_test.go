package embedded_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"huikuan/load/embedded"
)

// say prints the outcome of a step of a child, for its parent to read.
func say(step string, err error) {
	if err != nil {
		fmt.Printf("%s: error: %v\n", step, err)
		return
	}
	fmt.Printf("%s: ok\n", step)
}

func connectTo(s *embedded.Server, change func(*clickhouse.Options)) clickhouse.Conn {
	user, password := s.Credentials()
	o := &clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{s.Addr()}, Auth: clickhouse.Auth{Username: user, Password: password}}
	if change != nil {
		change(o)
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		panic(err)
	}
	return conn
}

// restartChild starts, closes and starts again in one process, on the same
// folder and on another.
func restartChild(folder string) int {
	for i, path := range []string{folder, folder, folder + "2", folder} {
		s, err := embedded.Start(ctx, embedded.Options{Path: path, Database: "books"})
		say(fmt.Sprint("start ", i), err)
		if err != nil {
			return 1
		}
		conn := connectTo(s, nil)
		say(fmt.Sprint("write ", i), conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS t (a UInt8) ENGINE = MergeTree ORDER BY a"))
		say(fmt.Sprint("insert ", i), conn.Exec(ctx, "INSERT INTO t VALUES (1)"))
		var n uint64
		err = conn.QueryRow(ctx, "SELECT count() FROM books.t").Scan(&n)
		say(fmt.Sprint("count ", i, " = ", n), err)
		conn.Close()
		say(fmt.Sprint("close ", i), s.Close())
		say(fmt.Sprint("close again ", i), s.Close())
	}
	return 0
}

func TestAProcessCanCloseAndStartAgain(t *testing.T) {
	out, err := childCommand(t, "restart", filepath.Join(t.TempDir(), "data")).Output()
	must(t, err)
	if strings.Contains(string(out), "error") {
		t.Errorf("%s", out)
	}
	for _, want := range []string{"count 0 = 1", "count 1 = 2", "count 2 = 1", "count 3 = 3", "close again 3"} {
		if !strings.Contains(string(out), want+": ok") {
			t.Errorf("%q did not happen:\n%s", want, out)
		}
	}
}

// optionsChild tries the options that the shared server of the tests leaves at
// their defaults.
func optionsChild(folder string) int {
	s, err := embedded.Start(ctx, embedded.Options{Path: folder, Database: "it's `odd` \\ 名",
		User: "u", Password: "p", ReadOnlyUser: "r", ReadOnlyPassword: "q", MaxMemory: 200 << 20, Threads: 1, MaxQueries: 2})
	say("start", err)
	if err != nil {
		return 1
	}
	defer s.Close()
	for user, password := range map[string]string{"u": "p", "r": "q"} {
		conn := connectTo(s, func(o *clickhouse.Options) {
			o.Auth = clickhouse.Auth{Username: user, Password: password}
		})
		say("ping as "+user, conn.Ping(ctx))
		var database, threads string
		err := conn.QueryRow(ctx, "SELECT currentDatabase(), toString(getSetting('max_threads'))").Scan(&database, &threads)
		say("database "+database+" threads "+threads+" as "+user, err)
		say("memory as "+user, conn.QueryRow(ctx, "SELECT length(groupArray(number)) FROM numbers(100000000)").Err())
	}
	info, err := os.Stat(folder)
	say(fmt.Sprintf("mode %o", info.Mode().Perm()), err)
	return 0
}

func TestOptionsTakeEffect(t *testing.T) {
	cmd := childCommand(t, "options", filepath.Join(t.TempDir(), "data"))
	out, err := cmd.Output()
	must(t, err)
	for _, want := range []string{
		"ping as u: ok", "ping as r: ok", "database it's `odd` \\ 名 threads 1 as u: ok", "threads 1 as r: ok",
		"memory as u: error", "memory as r: error", "code: 241", "mode 700: ok",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q did not happen:\n%s", want, out)
		}
	}
}

// closeChild closes the server under a query that would never end.
func closeChild(folder string) int {
	s, err := embedded.Start(ctx, embedded.Options{Path: folder, DrainTime: 100 * time.Millisecond})
	say("start", err)
	conn := connectTo(s, nil)
	done := make(chan error, 1)
	go func() {
		done <- conn.QueryRow(context.Background(), "SELECT sum(sipHash64(number)) FROM numbers(1000000000000)").Err()
	}()
	for n := uint64(0); n == 0; {
		if err := conn.QueryRow(ctx, "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%processes%'").Scan(&n); err != nil {
			say("watch", err)
			return 1
		}
	}
	say("close", s.Close())
	if err := <-done; err != nil {
		say("the query ended", nil)
	}
	return 0
}

func TestCloseEndsWhatWouldNeverEnd(t *testing.T) {
	out, err := childCommand(t, "close", filepath.Join(t.TempDir(), "data")).Output()
	must(t, err)
	if !strings.Contains(string(out), "close: ok\nthe query ended: ok") {
		t.Errorf("%s", out)
	}
}
