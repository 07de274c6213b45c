package sql_test

import (
	"context"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"huikuan/load/embedded/embeddedtest"
	"huikuan/sql"
	"huikuan/transform/canonical"
	"huikuan/transform/metrics"
	"huikuan/transform/schema"
)

func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }

// warehouse is an Engine over a database of its own on the real engine.
type warehouse struct {
	t    testing.TB
	conn driver.Conn
	name string
}

func newWarehouse(t testing.TB) *warehouse {
	name := embeddedtest.Database(t)
	return &warehouse{t: t, conn: embeddedtest.Conn(t, name), name: name}
}

func (w *warehouse) Exec(ctx context.Context, sql string) error { return w.conn.Exec(ctx, sql) }

func (w *warehouse) Query(ctx context.Context, sql string) ([][]any, []string, error) {
	rows, err := w.conn.Query(ctx, sql)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var out [][]any
	for rows.Next() {
		into := make([]any, len(rows.ColumnTypes()))
		for i, c := range rows.ColumnTypes() {
			into[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := rows.Scan(into...); err != nil {
			return nil, nil, err
		}
		for i := range into {
			into[i] = reflect.ValueOf(into[i]).Elem().Interface()
		}
		out = append(out, into)
	}
	return out, rows.Columns(), rows.Err()
}

func (w *warehouse) exec(statements ...string) {
	w.t.Helper()
	for _, s := range statements {
		if err := w.Exec(context.Background(), s); err != nil {
			w.t.Fatalf("%s\n%v", s, err)
		}
	}
}

// text runs a SELECT of one value as text.
func (w *warehouse) text(sql string) string {
	w.t.Helper()
	var out string
	if err := w.conn.QueryRow(context.Background(), sql).Scan(&out); err != nil {
		w.t.Fatalf("%s\n%v", sql, err)
	}
	return out
}

// createAll makes every table that a model may read, empty, and the views of
// the migrations.
func (w *warehouse) createAll() {
	w.t.Helper()
	for _, table := range slices.Concat(canonical.Streams(), canonical.Histories(), metrics.Tables(), metrics.Kept()) {
		w.exec(ddl(table, table.Name))
	}
	files, err := fs.Glob(sql.Migrations(), "*.sql")
	if err != nil || len(files) == 0 {
		w.t.Fatalf("migrations: %v, %v", files, err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(sql.Migrations(), file)
		if err != nil {
			w.t.Fatal(err)
		}
		w.exec(string(text), string(text)) // a migration may run again
	}
}

// ddl is the table as the warehouse shows it to readers.
func ddl(t schema.Table, name string) string {
	var columns []string
	for _, c := range t.Columns {
		columns = append(columns, c.Name+" "+c.Kind.ClickHouse(c.Nullable))
	}
	return "CREATE TABLE " + name + " (" + strings.Join(columns, ", ") + ") ENGINE = MergeTree ORDER BY ()"
}

// row is a row of a test, column = SQL expression; columns left out are empty.
type row map[string]string

func (w *warehouse) insert(table string, rows ...row) {
	w.t.Helper()
	for _, r := range rows {
		var columns, values []string
		for c := range r {
			columns = append(columns, c)
		}
		sort.Strings(columns)
		for _, c := range columns {
			values = append(values, r[c])
		}
		w.exec("INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", "))
	}
}

// table renders a SELECT as lines of texts, columns with a bar between.
func (w *warehouse) table(query string) string {
	w.t.Helper()
	rows, _, err := w.Query(context.Background(), "SELECT arrayStringConcat(arrayMap(x -> ifNull(x, '-'), [toString(tuple(*))])) FROM ("+query+")")
	if err != nil {
		w.t.Fatalf("%s\n%v", query, err)
	}
	var lines []string
	for _, r := range rows {
		lines = append(lines, r[0].(string))
	}
	return strings.Join(lines, "\n")
}
