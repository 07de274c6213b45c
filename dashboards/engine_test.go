package dashboards_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"huikuan/dashboards"
	"huikuan/load"
	"huikuan/load/embedded/embeddedtest"
	"huikuan/sql"
	"huikuan/transform/canonical"
	"huikuan/transform/metrics"
	"huikuan/transform/schema"
)

func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }

// warehouse is a database on the real engine with every table and view that a
// dashboard may read.
type warehouse struct {
	t    testing.TB
	conn driver.Conn
}

func newWarehouse(t testing.TB) *warehouse {
	t.Helper()
	w := &warehouse{t, embeddedtest.Conn(t, embeddedtest.Database(t))}
	tables := slices.Concat(canonical.Streams(), canonical.Histories(), metrics.Tables(), metrics.Kept(), load.OpsTables())
	for _, table := range tables {
		w.exec(ddl(table))
	}
	files, err := fs.Glob(sql.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(sql.Migrations(), file)
		if err != nil {
			t.Fatal(err)
		}
		w.exec(string(text))
	}
	return w
}

// ddl is the table as the warehouse shows it to readers.
func ddl(t schema.Table) string {
	var columns []string
	for _, c := range t.Columns {
		columns = append(columns, c.Name+" "+c.Kind.ClickHouse(c.Nullable))
	}
	return "CREATE TABLE " + t.Name + " (" + strings.Join(columns, ", ") + ") ENGINE = MergeTree ORDER BY ()"
}

func (w *warehouse) exec(statement string) {
	w.t.Helper()
	if err := w.conn.Exec(context.Background(), statement); err != nil {
		w.t.Fatalf("%s\n%v", statement, err)
	}
}

// row is a row of a test, column = SQL expression; columns left out are empty.
type row map[string]string

// insert writes rows, one statement for those that name the same columns.
func (w *warehouse) insert(table string, rows ...row) {
	w.t.Helper()
	selects := map[string][]string{}
	for _, r := range rows {
		columns := slices.Sorted(maps.Keys(r))
		values := make([]string, len(columns))
		for i, c := range columns {
			values[i] = r[c]
		}
		names := strings.Join(columns, ", ")
		selects[names] = append(selects[names], "("+strings.Join(values, ", ")+")")
	}
	for names, values := range selects {
		w.exec("INSERT INTO " + table + " (" + names + ") VALUES " + strings.Join(values, ", "))
	}
}

// result is what a query returned: columns by name, values as Go has them.
type result struct {
	columns []string
	types   []string
	rows    [][]any
}

func (w *warehouse) query(statement string) (result, error) {
	rows, err := w.conn.Query(context.Background(), statement)
	if err != nil {
		return result{}, err
	}
	defer rows.Close()
	out := result{columns: rows.Columns()}
	for _, c := range rows.ColumnTypes() {
		out.types = append(out.types, c.DatabaseTypeName())
	}
	for rows.Next() {
		into := make([]any, len(out.columns))
		for i, c := range rows.ColumnTypes() {
			into[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := rows.Scan(into...); err != nil {
			return result{}, err
		}
		for i := range into {
			v := reflect.ValueOf(into[i]).Elem()
			for v.Kind() == reflect.Pointer && !v.IsNil() {
				v = v.Elem()
			}
			into[i] = v.Interface()
			if v.Kind() == reflect.Pointer {
				into[i] = nil
			}
		}
		out.rows = append(out.rows, into)
	}
	return out, rows.Err()
}

// viewer stands before a dashboard: its variables at their defaults or chosen.
type viewer struct {
	w         *warehouse
	dashboard dashboards.Dashboard
	scope     dashboards.Scope
}

func open(t testing.TB, w *warehouse, path string, chosen map[string][]string) *viewer {
	t.Helper()
	text, err := fs.ReadFile(dashboards.Files(), path)
	if err != nil {
		t.Fatal(err)
	}
	v := &viewer{w: w, scope: dashboards.Scope{From: now.AddDate(-2, 0, 0), To: now.AddDate(0, 0, 20), Interval: time.Hour, Variables: map[string]dashboards.Variable{}}}
	if err := json.Unmarshal(text, &v.dashboard); err != nil {
		t.Fatal(err)
	}
	for _, item := range v.dashboard.Templating.List {
		name := item["name"].(string)
		if item["type"] == "datasource" {
			v.scope.Variables[name] = dashboards.Variable{Values: []string{"huikuan"}}
			continue
		}
		out := v.run("variable "+name, item["query"].(string))
		var variable dashboards.Variable
		for _, r := range out.rows {
			variable.Options = append(variable.Options, fmt.Sprint(r[0]))
		}
		switch values, ok := chosen[name]; {
		case ok:
			variable.Values = values
		case item["multi"] == true:
			variable.Values = []string{dashboards.All}
		case len(variable.Options) > 0:
			variable.Values = variable.Options[:1]
		default:
			t.Fatalf("the variable %s has no value", name)
		}
		v.scope.Variables[name] = variable
	}
	return v
}

// run expands and runs a query; any error fails the test.
func (v *viewer) run(where, query string) result {
	v.w.t.Helper()
	text, err := dashboards.Expand(query, v.scope)
	if err != nil {
		v.w.t.Fatalf("%s: %v", where, err)
	}
	out, err := v.w.query(text)
	if err != nil {
		v.w.t.Fatalf("%s: %v\n%s", where, err, text)
	}
	return out
}

// panel runs the first query of the panel of that title.
func (v *viewer) panel(title string) result {
	v.w.t.Helper()
	for _, p := range v.dashboard.Panels {
		if p.Title == title {
			return v.run(p.Title, p.Targets[0].RawSQL)
		}
	}
	v.w.t.Fatalf("there is no panel %q", title)
	return result{}
}

// all runs every query and returns the results by panel and reference.
func (v *viewer) all() map[string]result {
	v.w.t.Helper()
	out := map[string]result{}
	for _, p := range v.dashboard.Panels {
		for _, t := range p.Targets {
			out[p.Title+"/"+t.RefID] = v.run(p.Title, t.RawSQL)
		}
	}
	return out
}
