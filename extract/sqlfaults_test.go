package extract

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"huikuan/internal/dbtest"
)

const itemsStream = `
- name: items
  table: items
  key: [id]
  incremental: {field: changed}
  emit: [{to: invoices, fields: {invoice_id: id}}]
`

// fill makes a table of n rows, with a hundred to an instant.
func fill(t *testing.T, s *dbtest.Server, table string, n int) {
	t.Helper()
	stamp := map[string]string{"postgres": "timestamp", "mysql": "datetime"}[s.Driver]
	s.Exec(t, fmt.Sprintf("CREATE TABLE %s (id int PRIMARY KEY, note varchar(100), changed %s NOT NULL)", table, stamp))
	t.Cleanup(func() { s.Exec(t, "DROP TABLE "+table) })
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf("(%d, '%s', '2026-01-31 10:%02d:00')", i, strings.Repeat("x", 80), i/100%60))
	}
	for part := range slices.Chunk(rows, 1000) {
		s.Exec(t, "INSERT INTO "+table+" VALUES "+strings.Join(part, ", "))
	}
}

// ids are the first columns of rows.
func ids(rows []string) map[string]int {
	out := map[string]int{}
	for _, r := range rows {
		id, _, _ := strings.Cut(r, "|")
		out[id]++
	}
	return out
}

func lostConnections(t *testing.T, s *dbtest.Server) {
	fill(t, s, "items", 6000)
	proxy := dbtest.NewProxy(t, s)
	proxy.Limit.Store(150_000) // some 1200 rows at a time
	settings := with(s.Settings(), "port", proxy.Port, "fetch_size", 1000, "page_rows", 300, "tls", "off")
	src := mustOpenSQL(t, settings, itemsStream)
	rows, state, err := sqlRows(src, "items", nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := ids(rows)
	if len(seen) != 6000 || len(rows) != 6000 {
		t.Errorf("read %d rows, %d different ones, expected 6000 of each", len(rows), len(seen))
	}
	if proxy.Cuts.Load() < 4 {
		t.Errorf("the connection was lost %d times only", proxy.Cuts.Load())
	}
	if string(state) != `{"cursors":{"":"2026-01-31T10:59:00"}}` {
		t.Errorf("the state is %s", state)
	}

	// Without a key there is nothing to continue from once rows were handed on.
	src = mustOpenSQL(t, settings, "[{name: items, table: items, emit: [{to: invoices, fields: {invoice_id: id}}]}]")
	_, _, err = sqlRows(src, "items", nil)
	var e *Error
	if !errors.As(err, &e) || !e.Temporary || !strings.Contains(err.Error(), "was lost") {
		t.Errorf("a read without key: %v", err)
	}
}

func oneInstant(t *testing.T, s *dbtest.Server) {
	fill(t, s, "items", 500)
	for _, snapshot := range []bool{true, false} {
		src := mustOpenSQL(t, with(s.Settings(), "fetch_size", 50, "page_rows", 50, "snapshot", snapshot), itemsStream)
		st, _, err := src.begin("items", nil)
		if err != nil {
			t.Fatal(err)
		}
		rows, changed := 0, 0
		run := &sqlRun{r: src.reader.(*sqlReader), st: st, state: cursorState{}.clone(), yield: func(p Page, _ error) bool {
			if rows == 0 { // an ERP's batch run comes in between
				s.Exec(t, "UPDATE items SET note = 'changed'")
			}
			rows += p.Count
			changed += strings.Count(string(p.Body), "changed")
			return true
		}}
		if err := run.all(context.Background()); err != nil {
			t.Fatal(err)
		}
		if rows != 500 || (changed == 0) != snapshot {
			t.Errorf("snapshot %v: %d rows, %d of them changed meanwhile", snapshot, rows, changed)
		}
		s.Exec(t, "UPDATE items SET note = 'x'")
	}
}

func keysThatAreNone(t *testing.T, s *dbtest.Server) {
	s.Exec(t, "CREATE TABLE doclines (doc varchar(10), line int NULL, amount double precision, at date)", "INSERT INTO doclines VALUES ('a', 1, 1, NULL), ('b', 1, 1, NULL), ('b', 2, 1, NULL)")
	t.Cleanup(func() { s.Exec(t, "DROP TABLE doclines") })
	for _, tc := range []struct{ stream, want string }{
		{"key: [doc]", "two rows have the same key (doc b). Name the columns that together make a row unique"},
		{"key: [doc, line]", ""},
		{"key: [Doc]", `key: the column Doc is not in the result; did you mean doc? Known are doc, line, amount, at`},
		{"key: [amount]", "the column amount is a floating-point number, so rows cannot be read in its order"},
		{"key: [doc, line], incremental: {field: changed_at}", "did you mean"},
	} {
		src := mustOpenSQL(t, with(s.Settings(), "fetch_size", 2), "[{name: lines, table: doclines, "+tc.stream+", emit: [{to: invoices, fields: {invoice_id: doc}}]}]")
		_, _, err := sqlRows(src, "lines", nil)
		if tc.stream == "key: [doc, line], incremental: {field: changed_at}" {
			if err == nil || !strings.Contains(err.Error(), "the column changed_at is not there: found the columns doc, line, amount, at") {
				t.Errorf("%s: %v", tc.stream, err)
			}
			continue
		}
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, expected %q", tc.stream, err, tc.want)
		}
	}
	s.Exec(t, "INSERT INTO doclines VALUES ('c', NULL, 1, NULL)")
	src := mustOpenSQL(t, s.Settings(), "[{name: lines, table: doclines, key: [doc, line], emit: [{to: invoices, fields: {invoice_id: doc}}]}]")
	if _, _, err := sqlRows(src, "lines", nil); err == nil || !strings.Contains(err.Error(), "there are rows where doc or line is NULL") {
		t.Errorf("a key that is NULL: %v", err)
	}
}

func plainErrors(t *testing.T, s *dbtest.Server) {
	s.Exec(t, "CREATE TABLE invoices (id int PRIMARY KEY, customer varchar(10))", "CREATE TABLE secrets (id int PRIMARY KEY)", "INSERT INTO invoices VALUES (1, 'a')")
	slow, reader := "SELECT pg_sleep(60) AS id", []string{"CREATE ROLE reader LOGIN PASSWORD 'r'", "GRANT SELECT ON invoices TO reader"}
	drop := "DROP OWNED BY reader"
	if s.Driver == "mysql" {
		slow, drop = "SELECT sleep(60) + id AS id FROM invoices", "SELECT 1"
		reader = []string{"CREATE USER reader@'%' IDENTIFIED BY 'r'", "GRANT SELECT ON erp.invoices TO reader@'%'"}
	}
	s.Exec(t, reader...)
	t.Cleanup(func() { s.Exec(t, drop, "DROP USER reader", "DROP TABLE invoices", "DROP TABLE secrets") })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().(*net.TCPAddr).Port
	closed.Close()
	limited := with(s.Settings(), "user", "reader", "password", "r")
	for _, tc := range []struct {
		name     string
		settings map[string]any
		stream   string
		want     []string
	}{
		{"password", with(s.Settings(), "password", "wrong-secret"), "table: invoices", []string{"did not let the user in", "Check user and password"}},
		{"host", with(s.Settings(), "host", "no-such-host.invalid"), "table: invoices", []string{"there is no host named no-such-host.invalid", "typing mistake"}},
		{"port", with(s.Settings(), "port", nobody), "table: invoices", []string{"nothing answers at", "Check host and port"}},
		{"TLS", with(s.Settings(), "tls", "verify"), "table: invoices", []string{"no secure connection", "tls_ca"}},
		{"table", s.Settings(), "table: invoicse", []string{"a table is not there", "The user sees", "invoices"}},
		{"table in a query", s.Settings(), `query: "SELECT * FROM invoicse"`, []string{"a table is not there", "The user sees", ".invoices, "}},
		{"column", s.Settings(), "table: invoices, columns: [id, custmer]", []string{"the column custmer is not there", "found the columns id, customer", "Did you mean customer?"}},
		{"column in a query", s.Settings(), `query: "SELECT id, custmer FROM invoices"`, []string{"a column is not there", "custmer"}},
		{"column in emit", s.Settings(), `query: "SELECT id FROM invoices"`, []string{"the mapping needs the column customer, which the query does not give"}},
		{"syntax", s.Settings(), `query: "SELECT FROM WHERE"`, []string{"does not understand the query"}},
		{"rights", limited, "table: secrets", []string{"may not read this", "grant SELECT"}},
		{"database", with(s.Settings(), "database", "nothing"), "table: invoices", []string{"the database cannot be opened"}},
		{"timeout", with(s.Settings(), "statement_timeout", "200ms"), "query: " + slow + ", key: [id]", []string{"ended after statement_timeout (200ms)", "Put an index"}},
	} {
		emit := ", emit: [{to: invoices, fields: {invoice_id: id, customer_id: customer}}]"
		if tc.name == "timeout" {
			emit = ", emit: [{to: invoices, fields: {invoice_id: id}}]"
		}
		src := mustOpenSQL(t, tc.settings, "[{name: inv, "+tc.stream+emit+"}]")
		_, _, err := sqlRows(src, "inv", nil)
		if err == nil {
			t.Errorf("%s: no error", tc.name)
			continue
		}
		for _, w := range tc.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v\nexpected %q in it", tc.name, err, w)
			}
		}
		if strings.Contains(err.Error(), "wrong-secret") || strings.Contains(err.Error(), s.Password) {
			t.Errorf("%s: the password is in %v", tc.name, err)
		}
	}
	src := mustOpenSQL(t, limited, "[{name: inv, table: invoices, key: [id], emit: [{to: invoices, fields: {invoice_id: id}}]}]")
	if rows, _, err := sqlRows(src, "inv", nil); err != nil || fmt.Sprint(rows) != "[1|a]" {
		t.Errorf("a user who may only read: %v, %v", rows, err)
	}
}

func nothingIsWritten(t *testing.T, s *dbtest.Server) {
	s.Exec(t, "CREATE TABLE written (id int)")
	write := "CREATE FUNCTION wr() RETURNS int LANGUAGE sql AS 'INSERT INTO written VALUES (1) RETURNING id'"
	if s.Driver == "mysql" {
		write = "CREATE FUNCTION wr() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO written VALUES (1); RETURN 1; END"
	}
	s.Exec(t, write)
	t.Cleanup(func() { s.Exec(t, "DROP FUNCTION wr", "DROP TABLE written") })
	src := mustOpenSQL(t, s.Settings(), `[{name: w, query: "SELECT wr() AS id", emit: [{to: invoices, fields: {invoice_id: id}}]}]`)
	_, _, err := sqlRows(src, "w", nil)
	var n int
	if scan := s.DB.QueryRow("SELECT COUNT(*) FROM written").Scan(&n); scan != nil || n != 0 || err == nil {
		t.Errorf("a query that writes: %v, and %d rows were written (%v)", err, n, scan)
	}
}

func checkTells(t *testing.T, s *dbtest.Server) {
	fill(t, s, "items", 250)
	src := mustOpenSQL(t, s.Settings(), strings.Replace(itemsStream, "invoice_id: id", "invoice_id: id, customer_id: note", 1)+`
- {name: broken, table: items, key: [id], emit: [{to: invoices, fields: {invoice_id: id, customer_id: customer}}]}
`)
	got := src.Check(context.Background())
	c := got[0]
	if !c.Reachable || !c.Authorised || c.Err != nil || c.Rows != 250 || c.Earliest != "2026-01-31T10:00:00" || c.Latest != "2026-01-31T10:02:00" {
		t.Errorf("%+v", c)
	}
	if c.Skew < -10*time.Second || c.Skew > 10*time.Second || c.Timezone != "UTC" {
		t.Errorf("clock %v, zone %s", c.Skew, c.Timezone)
	}
	zone := map[string]string{"postgres": "America/New_York", "mysql": "+03:00"}[s.Driver]
	if !strings.Contains(c.Note, zone) || !strings.Contains(c.Note, "timezone") {
		t.Errorf("the note on the server's zone: %q", c.Note)
	}
	if c = got[1]; !slices.Equal(c.Missing, []string{"customer"}) || c.Err == nil {
		t.Errorf("a missing column: %+v", c)
	}
	if n, ok, err := src.Count(context.Background(), "items", []byte(`{"cursors":{"":"2026-01-31T10:11:00"}}`)); n != 150 || !ok || err != nil {
		t.Errorf("count behind a cursor: %d, %v, %v", n, ok, err)
	}
	down := mustOpenSQL(t, with(s.Settings(), "password", "x"), itemsStream).Check(context.Background())[0]
	if !down.Reachable || down.Authorised || down.Err == nil || down.Rows != -1 {
		t.Errorf("a wrong password: %+v", down)
	}
}

func passesFindDeletions(t *testing.T, s *dbtest.Server) {
	fill(t, s, "items", 30)
	c, err := Shipped("sql")
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.WithStreams(yamlNode(t, `
- name: items
  table: items
  key: [id]
  incremental: {field: changed}
  passes:
    - {name: keys, every: 24h, query: SELECT id FROM items, emit: [{to: invoices, fields: {invoice_id: id}}]}
    - {name: open, query: SELECT * FROM items WHERE id < 5}
  emit: [{to: invoices, fields: {invoice_id: id}}]
- {name: whole, table: items, key: [id], sweep: true, emit: [{to: invoices, fields: {invoice_id: id}}]}
`)); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	src, err := Open(context.Background(), "erp", c, s.Settings(), Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	read := func(stream string, state []byte) (pages []string, last []byte) {
		t.Helper()
		last = state
		ordinal := 0
		for p, err := range src.Pages(context.Background(), stream, state) {
			if err != nil {
				t.Fatal(err)
			}
			if ordinal++; p.Ordinal != ordinal {
				t.Errorf("page %d has the ordinal %d", ordinal, p.Ordinal)
			}
			text := fmt.Sprintf("%s:%d", p.Pass, p.Count)
			if p.Keys {
				text += " keys"
			}
			if p.Sweep != nil {
				text += fmt.Sprintf(" sweep(%s %v %s)", p.Sweep.Pass, p.Sweep.Keys, p.Sweep.Began.Format(time.DateOnly))
			}
			pages = append(pages, text)
			if p.State != nil {
				last = p.State
			}
		}
		return pages, last
	}
	expect := func(got []string, want string) {
		t.Helper()
		if fmt.Sprint(got) != want {
			t.Errorf("pages %v, expected %s", got, want)
		}
	}
	pages, state := read("items", nil)
	expect(pages, "[changed:30 changed:0]") // the first read is whole
	pages, state = read("items", state)
	expect(pages, "[changed:30 open:5 changed:0]")
	now = now.Add(25 * time.Hour)
	pages, state = read("items", state)
	expect(pages, "[changed:30 keys:30 keys keys:0 keys sweep(keys true 2026-02-02) open:5 changed:0]")
	pages, _ = read("items", state)
	expect(pages, "[changed:30 open:5 changed:0]")
	pages, _ = read("whole", nil)
	expect(pages, "[changed:30 changed:0 sweep(changed false 2026-02-02)]")
}

func widePages(t *testing.T, s *dbtest.Server) {
	s.Exec(t, "CREATE TABLE wide (id int PRIMARY KEY, "+map[string]string{"postgres": "body text", "mysql": "body longtext"}[s.Driver]+")")
	t.Cleanup(func() { s.Exec(t, "DROP TABLE wide") })
	for i := range 60 {
		s.Exec(t, fmt.Sprintf("INSERT INTO wide VALUES (%d, repeat('%d', 200000))", i, i%10))
	}
	src := mustOpenSQL(t, s.Settings(), "[{name: wide, table: wide, key: [id], emit: [{to: invoices, fields: {invoice_id: id}}]}]")
	rows, largest := 0, 0
	for p, err := range src.Pages(context.Background(), "wide", nil) {
		if err != nil {
			t.Fatal(err)
		}
		rows += p.Count
		largest = max(largest, len(p.Body))
	}
	if rows != 60 || largest > sqlPageSize+1<<20 {
		t.Errorf("%d rows in pages of up to %d bytes", rows, largest)
	}
}
