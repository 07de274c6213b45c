// Package embeddedtest gives tests a real warehouse: one embedded engine a test
// binary, started when the first test asks for it, and a fresh database for
// each test that wants one.
//
// A test that cannot get the engine fails; with HUIKUAN_TEST_SKIP_ENGINE=1 it
// is skipped instead, with the reason.
package embeddedtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"huikuan/load/embedded"
)

// SkipVariable is the environment variable that turns a missing engine into a
// skipped test.
const SkipVariable = "HUIKUAN_TEST_SKIP_ENGINE"

// The engine is process-wide, so its server is too.
var shared struct {
	once   sync.Once
	server *embedded.Server
	folder string
	err    error
}

// Server returns the one server of this test binary.
func Server(t testing.TB) *embedded.Server {
	t.Helper()
	shared.once.Do(start)
	if shared.err != nil {
		if os.Getenv(SkipVariable) == "1" {
			t.Skipf("no embedded engine: %v", shared.err)
		}
		t.Fatalf("no embedded engine: %v (set %s=1 to skip the tests that need it)", shared.err, SkipVariable)
	}
	return shared.server
}

const folderPrefix = "huikuan-test-"

func start() {
	removeLeftovers()
	shared.folder, shared.err = os.MkdirTemp("", folderPrefix)
	if shared.err != nil {
		return
	}
	shared.server, shared.err = embedded.Start(context.Background(), embedded.Options{Path: shared.folder})
}

// Main runs a test binary's tests, then stops the server and removes its
// folder. A package may use it in TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }
//
// Without it the folder of a run is removed when the next run starts.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.server != nil {
		_ = shared.server.Close()
	}
	if shared.folder != "" {
		_ = os.RemoveAll(shared.folder)
	}
	return code
}

// leftoverAge keeps a folder from being taken for a leftover in the moment
// between its creation and its lock.
const leftoverAge = time.Minute

// removeLeftovers removes the folders of test runs that have ended: those whose
// lock nobody holds.
func removeLeftovers() {
	locks, _ := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*", "huikuan.lock"))
	for _, lock := range locks {
		if info, err := os.Stat(lock); err != nil || time.Since(info.ModTime()) < leftoverAge {
			continue
		}
		f, err := os.OpenFile(lock, os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(filepath.Dir(lock))
		}
		f.Close()
	}
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// Database creates an empty database for this test and drops it at its end.
func Database(t testing.TB) (name string) {
	t.Helper()
	base := strings.Trim(notInName.ReplaceAllString(strings.ToLower(t.Name()), "_"), "_")
	if len(base) > 40 {
		base = base[:40]
	}
	unique := make([]byte, 4)
	_, _ = rand.Read(unique)
	name = base + "_" + hex.EncodeToString(unique)
	conn := Conn(t, "")
	if err := conn.Exec(context.Background(), "CREATE DATABASE `"+name+"` ENGINE = Atomic"); err != nil {
		t.Fatalf("create the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := conn.Exec(context.Background(), "DROP DATABASE IF EXISTS `"+name+"` SYNC"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return name
}

// Options are clickhouse-go's options for the shared server and a database,
// with the read-write credentials; the client stays within the process.
func Options(t testing.TB, database string) *clickhouse.Options {
	t.Helper()
	s := Server(t)
	user, password := s.Credentials()
	return &clickhouse.Options{
		Protocol: clickhouse.HTTP,
		Addr:     []string{s.Addr()}, DialContext: s.Dial,
		Auth: clickhouse.Auth{Database: database, Username: user, Password: password},
	}
}

// Conn opens a connection to the shared server, closed at the end of the test.
func Conn(t testing.TB, database string) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(Options(t, database))
	if err != nil {
		t.Fatalf("open a connection: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
