package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/load/embedded/embeddedtest"
)

func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }

// optionsFor are options for a fresh database of the test's embedded engine,
// with an allocator that fails the test when Arrow memory is not released.
func optionsFor(t *testing.T) Options {
	t.Helper()
	server := embeddedtest.Server(t)
	user, password := server.Credentials()
	alloc := memory.NewCheckedAllocator(memory.NewGoAllocator())
	t.Cleanup(func() { alloc.AssertSize(t, 0) })
	return Options{
		URL: "http://" + server.Addr(), User: user, Password: password, Database: embeddedtest.Database(t),
		Allocator: alloc, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}
}

func open(t *testing.T, o Options) *Warehouse {
	t.Helper()
	w, err := Open(context.Background(), o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// ask returns the rows of a query.
func ask(t *testing.T, w *Warehouse, sql string) [][]any {
	t.Helper()
	var rows [][]any
	if err := w.each(context.Background(), sql, func(row []any) error { rows = append(rows, row); return nil }); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// askOne returns the only value of a query.
func askOne(t *testing.T, w *Warehouse, sql string) any {
	t.Helper()
	rows := ask(t, w, sql)
	if len(rows) != 1 || len(rows[0]) != 1 {
		t.Fatalf("%s: %d rows, want one value", sql, len(rows))
	}
	return rows[0][0]
}

// wantError checks kind and words of an error that a user reads.
func wantError(t *testing.T, err, kind error, words ...string) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("error %v is not %q", err, kind)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
}

func TestOpenCreatesTheMissingDatabase(t *testing.T) {
	o := optionsFor(t)
	o.Database += "_new"
	w := open(t, o)
	t.Cleanup(func() { _ = w.Exec(context.Background(), "DROP DATABASE "+o.Database+" SYNC") })
	if got := askOne(t, w, "SELECT engine FROM system.databases WHERE name = "+literal(o.Database)); got != "Atomic" {
		t.Errorf("engine of the new database is %v, but only Atomic can exchange tables", got)
	}
	if err := w.Ping(context.Background()); err != nil {
		t.Error(err)
	}
}

func TestOpenTakesTheDatabaseFromTheURL(t *testing.T) {
	o := optionsFor(t)
	o.URL, o.Database = o.URL+"/"+o.Database, ""
	if w := open(t, o); askOne(t, w, "SELECT currentDatabase()") != w.Database() || !strings.HasPrefix(w.Database(), "testopen") {
		t.Errorf("database is %q", w.Database())
	}
}

func TestOpenSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		kind   error
		words  []string
	}{
		{"nobody listens", func(o *Options) { o.URL = "http://127.0.0.1:1" }, ErrUnreachable, []string{"http://127.0.0.1:1", "connection refused", "check the URL"}},
		{"no such host", func(o *Options) { o.URL = "http://warehouse.invalid:8123" }, ErrUnreachable, []string{"warehouse.invalid", "check the URL"}},
		{"wrong password", func(o *Options) { o.Password = "guess" }, ErrAuth, []string{"refused the login", "check the user"}},
		{"not a URL", func(o *Options) { o.URL = "localhost:8123" }, ErrOptions, []string{"http://host:8123"}},
		{"wrong compression", func(o *Options) { o.Compression = "rar" }, ErrOptions, []string{"rar", "none, lz4 or zstd"}},
		{"cluster without name", func(o *Options) { o.Profile = Cluster }, ErrOptions, []string{"cluster name"}},
		{"missing CA file", func(o *Options) { o.URL = "https://127.0.0.1:1"; o.TLS.CAFile = "nowhere.pem" }, ErrOptions, []string{"nowhere.pem"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := optionsFor(t)
			tt.change(&o)
			_, err := Open(context.Background(), o)
			wantError(t, err, tt.kind, tt.words...)
			if strings.Contains(err.Error(), o.Password) && o.Password != "" {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestAReaderIsToldThatHeMayNotWrite(t *testing.T) {
	o := optionsFor(t)
	owner := open(t, o)
	if err := owner.Exec(context.Background(), "CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a"); err != nil {
		t.Fatal(err)
	}
	o.User, o.Password = embeddedtest.Server(t).ReadOnlyCredentials()
	reader := open(t, o)
	wantError(t, reader.Exec(context.Background(), "INSERT INTO t VALUES (1)"), ErrReadOnly, o.User, "a user that may write")
	if got := askOne(t, reader, "SELECT count() FROM t"); got != uint64(0) {
		t.Errorf("the reader wrote %v rows", got)
	}
}

func TestAMissingDatabaseThatMayNotBeCreatedIsNamed(t *testing.T) {
	o := optionsFor(t)
	o.User, o.Password = embeddedtest.Server(t).ReadOnlyCredentials()
	o.Database = "not_there"
	_, err := Open(context.Background(), o)
	wantError(t, err, ErrDatabase, "not_there", "may not create it", "CREATE DATABASE IF NOT EXISTS not_there")
}

func TestAnOldServerIsRefused(t *testing.T) {
	w := open(t, optionsFor(t))
	if err := w.checkVersion(); err != nil {
		t.Errorf("the engine of this test is refused: %v", err)
	}
	for version, ok := range map[[2]uint64]bool{{23, 12}: false, {24, 7}: false, {24, 8}: true, {24, 12}: true, {25, 1}: true} {
		old := &Warehouse{conn: serverOfVersion{w.conn, version}, address: "http://db:8123"}
		err := old.checkVersion()
		if ok && err != nil {
			t.Errorf("%v is refused: %v", version, err)
		}
		if !ok {
			wantError(t, err, ErrOldServer, "http://db:8123", fmt.Sprintf("ClickHouse %d.%d", version[0], version[1]), "update it to 24.8")
		}
	}
}

func TestProfilesAreNamedAsInTheConfiguration(t *testing.T) {
	for _, name := range []string{"embedded", "server", "cluster"} {
		if p, err := ParseProfile(name); err != nil || p.String() != name {
			t.Errorf("%s: %v %v", name, p, err)
		}
	}
	if _, err := ParseProfile("clustered"); err == nil || !strings.Contains(err.Error(), "embedded, server, cluster") {
		t.Errorf("an unknown profile gives %v", err)
	}
}
