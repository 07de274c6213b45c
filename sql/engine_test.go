package sql_test

import (
	"context"
	"os"
	"reflect"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"huikuan/load/embedded/embeddedtest"
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
