package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"huikuan/load/embedded"
	"huikuan/load/embedded/embeddedtest"
)

// The test binary runs itself as the second process.
const (
	childMode   = "EMBEDDED_TEST_CHILD"
	childFolder = "EMBEDDED_TEST_FOLDER"
)

const rowsPerBatch = 5000

// child opens the folder and, by mode, inserts batches until it is killed
// (reporting each acknowledged one), counts what is there, or just starts.
func child(mode, folder string) int {
	switch mode {
	case "restart":
		return restartChild(folder)
	case "options":
		return optionsChild(folder)
	case "close":
		return closeChild(folder)
	}
	s, err := embedded.Start(context.Background(), embedded.Options{Path: folder})
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	defer s.Close()
	user, password := s.Credentials()
	conn, err := clickhouse.Open(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{s.Addr()},
		Auth: clickhouse.Auth{Database: "huikuan", Username: user, Password: password}})
	if err == nil {
		err = conn.Exec(ctx, "CREATE TABLE IF NOT EXISTS t (batch UInt64, n UInt64, s String) ENGINE = MergeTree ORDER BY (batch, n)")
	}
	if err == nil && mode == "insert" {
		err = insertForever(conn)
	}
	if err == nil && mode == "count" {
		err = printBatches(conn)
	}
	if err != nil {
		fmt.Println("error:", err)
		return 1
	}
	return 0
}

func insertForever(conn clickhouse.Conn) error {
	var next uint64
	if err := conn.QueryRow(ctx, "SELECT max(batch) + 1 FROM t").Scan(&next); err != nil {
		return err
	}
	for ; ; next++ {
		batch, err := conn.PrepareBatch(ctx, "INSERT INTO t")
		if err != nil {
			return err
		}
		for i := range uint64(rowsPerBatch) {
			if err := batch.Append(next, i, "回款"); err != nil {
				return err
			}
		}
		if err := batch.Send(); err != nil {
			return err
		}
		fmt.Println(next)
	}
}

func printBatches(conn clickhouse.Conn) error {
	rows, err := conn.Query(ctx, "SELECT batch, count() FROM t GROUP BY batch")
	if err != nil {
		return err
	}
	for rows.Next() {
		var batch, n uint64
		if err := rows.Scan(&batch, &n); err != nil {
			return err
		}
		fmt.Println(batch, n)
	}
	return rows.Err()
}

func childCommand(t *testing.T, mode, folder string) *exec.Cmd {
	embeddedtest.Server(t) // fails or skips where there is no engine
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childMode+"="+mode, childFolder+"="+folder)
	return cmd
}

func TestKilledProcessesLoseNothingAcknowledgedAndKeepNothingHalf(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	acknowledged := map[string]bool{}
	for round := range 5 {
		cmd := childCommand(t, "insert", folder)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		enough, seen := 1+rand.IntN(8), 0
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "error:") {
				t.Errorf("round %d: %s", round, lines.Text())
				break
			}
			acknowledged[lines.Text()] = true
			if seen++; seen == enough {
				time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			}
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	out, err := childCommand(t, "count", folder).Output()
	must(t, err)
	found := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		batch, n, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n != strconv.Itoa(rowsPerBatch) {
			t.Errorf("batch %s has %s rows, want %d or none", batch, n, rowsPerBatch)
		}
		found[batch] = true
	}
	for batch := range acknowledged {
		if !found[batch] {
			t.Errorf("the acknowledged batch %s is gone", batch)
		}
	}
	if len(acknowledged) == 0 {
		t.Error("no batch was acknowledged; the test tested nothing")
	}
}

func TestASecondProcessOnTheFolderGetsASentence(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "data")
	first := childCommand(t, "insert", folder)
	out, err := first.StdoutPipe()
	must(t, err)
	must(t, first.Start())
	defer func() { _ = first.Process.Kill(); _ = first.Wait() }()
	if !bufio.NewScanner(out).Scan() {
		t.Fatal("the first process did not come up")
	}
	text, err := childCommand(t, "start", folder).Output()
	if err == nil {
		t.Fatal("a second process opened the folder")
	}
	for _, want := range []string{folder, fmt.Sprintf("process %d", first.Process.Pid), "in use by another process"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the message %q does not say %q", text, want)
		}
	}
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	s := embeddedtest.Server(t)
	if _, err := embedded.Start(ctx, embedded.Options{Path: t.TempDir()}); !errors.Is(err, embedded.ErrOtherFolder) {
		t.Errorf("a second folder in one process: %v", err)
	}
	if _, err := embedded.Start(ctx, embedded.Options{Path: t.TempDir(), Library: "/no/such/libchdb.so"}); !errors.Is(err, embedded.ErrLibraryMissing) || !strings.Contains(err.Error(), "npm ci") {
		t.Errorf("a missing library: %v", err)
	}
	if _, err := embedded.Start(ctx, embedded.Options{}); err == nil || !strings.Contains(err.Error(), "data folder") {
		t.Errorf("no folder: %v", err)
	}
	if _, err := embedded.Start(ctx, embedded.Options{Path: t.TempDir(), User: "a", ReadOnlyUser: "a"}); err == nil {
		t.Error("one user for both roles was accepted")
	}
	must(t, conn(t, s).Ping(ctx))
}

func conn(t *testing.T, _ *embedded.Server) clickhouse.Conn { return embeddedtest.Conn(t, "") }

func TestAFolderThatCannotBeWrittenGetsASentence(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	cmd := childCommand(t, "start", filepath.Join(file, "data"))
	out, _ := cmd.Output()
	if !strings.Contains(string(out), "cannot create the data folder") || !strings.Contains(string(out), "choose another folder") {
		t.Errorf("got %q", out)
	}
}
