// Package dbtest starts real database servers for tests: PostgreSQL and
// MariaDB, each in a folder of its own that goes with the test. Where the
// binaries are missing the test is skipped, and says what to install.
package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver of MariaDB
	_ "github.com/jackc/pgx/v5/stdlib" // the driver of PostgreSQL
)

// Server is a running database with one database "erp" and its owner.
type Server struct {
	Driver         string // postgres or mysql, as the connector calls it
	Host           string
	Port           int
	User, Password string
	Database       string
	DB             *sql.DB // signed in as the owner
}

// Settings are those of a source that reads this server as its owner.
func (s *Server) Settings() map[string]any {
	return map[string]any{"driver": s.Driver, "host": s.Host, "port": s.Port, "user": s.User, "password": s.Password, "database": s.Database}
}

// Exec runs statements as the owner.
func (s *Server) Exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, q := range statements {
		if _, err := s.DB.Exec(q); err != nil {
			t.Fatalf("%s: %v\n%s", s.Driver, err, q)
		}
	}
}

// Postgres starts a PostgreSQL server.
func Postgres(t testing.TB) *Server {
	t.Helper()
	initdb, server := find("initdb", "/usr/lib/postgresql/*/bin"), find("postgres", "/usr/lib/postgresql/*/bin")
	if initdb == "" || server == "" {
		t.Skip("PostgreSQL is not installed (apt install postgresql)")
	}
	dir, as := folder(t, "postgres")
	s := &Server{Driver: "postgres", Host: "127.0.0.1", Port: freePort(t), User: "owner", Password: "o'wn\\er pass", Database: "erp"}
	secret := filepath.Join(dir, "password")
	write(t, secret, s.Password, as)
	data := filepath.Join(dir, "data")
	run(t, as, initdb, "-D", data, "-U", s.User, "--pwfile="+secret, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync")
	start(t, as, dir, server, "-D", data, "-p", strconv.Itoa(s.Port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="+dir,
		"-c", "fsync=off", "-c", "max_connections=30", "-c", "TimeZone=America/New_York", "-c", "log_destination=stderr")
	dsn := func(database string) string {
		return fmt.Sprintf("host=127.0.0.1 port=%d user=owner password='o\\'wn\\\\er pass' dbname=%s sslmode=disable", s.Port, database)
	}
	admin := open(t, "pgx", dsn("postgres"))
	if _, err := admin.Exec("CREATE DATABASE erp"); err != nil {
		t.Fatal(err)
	}
	s.DB = open(t, "pgx", dsn("erp"))
	return s
}

// MariaDB starts a MariaDB server, which answers as MySQL does.
func MariaDB(t testing.TB) *Server {
	t.Helper()
	server, install := find("mariadbd", "/usr/sbin", "/usr/libexec"), find("mariadb-install-db", "/usr/bin")
	if server == "" || install == "" {
		t.Skip("MariaDB is not installed (apt install mariadb-server-core)")
	}
	dir, as := folder(t, "mysql")
	data, socket := filepath.Join(dir, "data"), filepath.Join(dir, "s")
	s := &Server{Driver: "mysql", Host: "127.0.0.1", Port: freePort(t), User: "owner", Password: "o'wn\\er pass", Database: "erp"}
	run(t, as, install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
	bootstrap := filepath.Join(dir, "first.sql")
	write(t, bootstrap, "CREATE DATABASE erp CHARACTER SET utf8mb4;\nCREATE USER owner@'%' IDENTIFIED BY 'o''wn\\\\er pass';\nGRANT ALL ON *.* TO owner@'%' WITH GRANT OPTION;\n", as)
	start(t, as, dir, server, "--no-defaults", "--datadir="+data, "--socket="+socket, "--port="+strconv.Itoa(s.Port), "--bind-address=127.0.0.1",
		"--init-file="+bootstrap, "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M", "--default-time-zone=+03:00", "--skip-name-resolve", "--skip-log-bin")
	s.DB = open(t, "mysql", fmt.Sprintf("owner:o'wn\\er pass@tcp(127.0.0.1:%d)/erp?multiStatements=true", s.Port))
	return s
}

// find looks for a program in the path and in folders where distributions keep it; the newest wins.
func find(name string, folders ...string) string {
	if p, err := exec.LookPath(name); err == nil {
		return p
	}
	for _, f := range folders {
		found, _ := filepath.Glob(filepath.Join(f, name))
		if slices.Sort(found); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	return ""
}

// folder makes a folder for a server, and says as whom it runs: servers refuse to be root.
func folder(t testing.TB, name string) (string, *syscall.Credential) {
	t.Helper()
	dir, err := os.MkdirTemp("", "db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if os.Getuid() != 0 {
		return dir, nil
	}
	who, err := user.Lookup(name)
	if err != nil {
		if who, err = user.Lookup("nobody"); err != nil {
			t.Skip("this is root, and there is no other user to run a server as")
		}
	}
	uid, _ := strconv.Atoi(who.Uid)
	gid, _ := strconv.Atoi(who.Gid)
	as := &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	return dir, as
}

func write(t testing.TB, file, text string, as *syscall.Credential) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if as != nil {
		if err := os.Chown(file, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

func command(ctx context.Context, as *syscall.Credential, program string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, program, args...)
	c.Dir = "/"
	c.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	return c
}

func run(t testing.TB, as *syscall.Credential, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	if out, err := command(ctx, as, program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

// start runs a server until the test ends. Its log shows if the test failed to reach it.
func start(t testing.TB, as *syscall.Credential, dir, program string, args ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	c := command(context.Background(), as, program, args...)
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGQUIT) // PostgreSQL: at once
		_ = c.Process.Kill()
		_ = c.Wait()
		log.Close()
		if t.Failed() {
			text, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("log of %s, its end:\n%s", filepath.Base(program), text[max(0, len(text)-2000):])
		}
	})
}

// open connects and waits until the server answers.
func open(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	deadline := time.Now().Add(time.Minute)
	for {
		if err = db.Ping(); err == nil {
			return db
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server did not come up: %v", err)
		}
		time.Sleep(50 * time.Millisecond) // a server that starts has no way to call back
	}
}

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Proxy stands between a client and a server and can cut connections.
type Proxy struct {
	Port  int
	Limit atomic.Int64 // bytes from the server after which each connection is cut; 0 = never
	Cuts  atomic.Int64
}

// NewProxy starts a proxy before the server.
func NewProxy(t testing.TB, s *Server) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &Proxy{Port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client, net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
		}
	}()
	return p
}

func (p *Proxy) serve(client net.Conn, address string) {
	defer client.Close()
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() { _, _ = io.Copy(server, client); server.Close() }()
	limit := p.Limit.Load()
	if limit == 0 {
		_, _ = io.Copy(client, server)
		return
	}
	if n, _ := io.CopyN(client, server, limit); n == limit {
		p.Cuts.Add(1)
		if c, ok := client.(*net.TCPConn); ok {
			_ = c.SetLinger(0) // a reset, not an orderly end
		}
	}
}
