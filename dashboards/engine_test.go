package dashboards_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.yaml.in/yaml/v3"

	"huikuan/config"
	"huikuan/dashboards"
	"huikuan/internal/demo"
	"huikuan/internal/pipeline"
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
	// known are answers of a warehouse that does not change: pages share many
	// queries, and those of a unit stand on every panel.
	known map[string]result
}

func newWarehouse(t testing.TB) *warehouse {
	t.Helper()
	return newWarehouseIn(t, embeddedtest.Database(t))
}

func newWarehouseIn(t testing.TB, database string) *warehouse {
	t.Helper()
	w := &warehouse{t: t, conn: embeddedtest.Conn(t, database)}
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

// business is a small simulated group, synced and built once for all tests of
// the package: every table and model that a page may read, filled. Read only.
var business struct {
	once      sync.Once
	database  string
	asOf      time.Time
	err       error
	known     map[string]result
	documents *documents
	settings  map[string]any // of its configuration, but for the data folder
}

// servedWarehouse names, while pages are being written, a warehouse that
// `huikuan serve` offers (http://user:password@host:port/database): pages are
// tried on it at once, without building one.
const servedWarehouse = "HUIKUAN_TEST_DASHBOARDS_ON"

func built(t testing.TB) *warehouse {
	t.Helper()
	if address := os.Getenv(servedWarehouse); address != "" {
		return served(t, address)
	}
	business.once.Do(func() { business.err, business.known = build(t), map[string]result{} })
	if business.err != nil {
		t.Fatal(business.err)
	}
	return &warehouse{t, embeddedtest.Conn(t, business.database), business.known}
}

func served(t testing.TB, address string) *warehouse {
	o, err := clickhouse.ParseDSN(address)
	if err != nil {
		t.Fatalf("%s: %v", servedWarehouse, err)
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		t.Fatalf("%s: %v", servedWarehouse, err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	w := &warehouse{t: t, conn: conn}
	out, err := w.query("SELECT toString(max(as_of)) FROM ar_snapshots")
	if err != nil {
		t.Fatal(err)
	}
	business.asOf, _ = time.Parse(time.DateOnly, out.rows[0][0].(string))
	return w
}

func build(t testing.TB) error {
	ctx := context.Background()
	business.database = "business"
	if err := embeddedtest.Conn(t, "").Exec(ctx, "CREATE DATABASE business ENGINE = Atomic"); err != nil {
		return err
	}
	company := demo.NewCompany(demo.Options{Seed: 7, Invoices: 2500})
	business.asOf = company.End().Time()
	servers, err := demo.Serve(ctx, company, demo.ServeOptions{})
	if err != nil {
		return err
	}
	defer servers.Close()
	engine := embeddedtest.Server(t)
	user, password := engine.Credentials()
	business.settings = map[string]any{
		"reporting_currency": "CNY",
		"warehouse":          map[string]any{"url": "http://" + engine.Addr(), "user": user, "password": password, "database": business.database},
		"sources": []map[string]any{
			{"name": "erp", "connector": "erpnext", "settings": servers.ERPSettings(), "streams": demo.OfficeStreams()},
			{"name": "crm", "connector": "hubspot", "settings": servers.CRMSettings()},
		},
	}
	app, err := opened(ctx, t, nil)
	if err != nil {
		return err
	}
	synced, err := app.Sync(ctx, pipeline.SyncOptions{})
	if err == nil {
		err = synced.Err()
	}
	if err == nil {
		_, err = app.Build(ctx, pipeline.BuildOptions{AsOf: business.asOf})
	}
	return errors.Join(err, app.Close())
}

// opened is the program on the business's warehouse, with further settings.
func opened(ctx context.Context, t testing.TB, more map[string]any) (*pipeline.App, error) {
	settings := map[string]any{"data": t.TempDir()}
	maps.Copy(settings, business.settings)
	maps.Copy(settings, more)
	text, err := yaml.Marshal(settings)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(t.TempDir(), "huikuan.yaml")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	cfg, err := config.Load(config.Options{Path: path, Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		return nil, err
	}
	return pipeline.Open(ctx, cfg, pipeline.Options{})
}

// shared are databases that several tests look at.
var shared struct {
	empty, filled sync.Once
	known         map[string]result // of the empty one
}

// emptied is a warehouse with every table and model of the built one, and no rows.
func emptied(t testing.TB) *warehouse {
	t.Helper()
	shared.empty.Do(func() { structure(t, "empty"); shared.known = map[string]result{} })
	return &warehouse{t, embeddedtest.Conn(t, "empty"), shared.known}
}

// filled is one with the small book of fill; a test takes away what it adds.
func filled(t testing.TB) *warehouse {
	t.Helper()
	shared.filled.Do(func() { fill(structure(t, "filled")) })
	return &warehouse{t: t, conn: embeddedtest.Conn(t, "filled")}
}

// structure makes a database with the tables and models of the built one.
func structure(t testing.TB, database string) *warehouse {
	t.Helper()
	from := built(t)
	if err := embeddedtest.Conn(t, "").Exec(context.Background(), "CREATE DATABASE "+database+" ENGINE = Atomic"); err != nil {
		t.Fatal(err)
	}
	w := newWarehouseIn(t, database)
	have := map[string]bool{}
	const tables = "SELECT name, engine, as_select FROM system.tables WHERE database = currentDatabase() ORDER BY engine LIKE '%View'"
	out, err := w.query(tables)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range out.rows {
		have[r[0].(string)] = true
	}
	if out, err = from.query(tables); err != nil {
		t.Fatal(err)
	}
	for _, r := range out.rows {
		name, engine, query := r[0].(string), r[1].(string), r[2].(string)
		switch {
		case have[name] || strings.HasPrefix(name, "_"):
		case strings.HasSuffix(engine, "View"):
			w.exec("CREATE VIEW " + name + " AS " + strings.ReplaceAll(query, business.database+".", ""))
		default:
			w.exec("CREATE TABLE " + name + " AS " + business.database + "." + name)
		}
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

// at is the warehouse for another test.
func (w *warehouse) at(t testing.TB) *warehouse {
	here := *w
	here.t = t
	return &here
}

func (w *warehouse) exec(statement string) {
	w.t.Helper()
	if err := w.conn.Exec(context.Background(), statement); err != nil {
		w.t.Fatalf("%s\n%v", statement, err)
	}
}

// row is a row of a test, column = SQL expression; columns left out are empty.
type row map[string]string

// portfolio draws up, as their models do, the small tables that pages read in
// place of ar_snapshots, ar_rollforward, customers and cash_forecast.
func (w *warehouse) portfolio() {
	w.t.Helper()
	for _, model := range []string{"portfolio_balances", "portfolio_movements", "customer_directory", "portfolio_forecast"} {
		text, err := os.ReadFile("../sql/models/" + model + ".sql")
		if err != nil {
			w.t.Fatal(err)
		}
		_, body, _ := strings.Cut(string(text), "--- */")
		w.exec("TRUNCATE TABLE " + model)
		w.exec("INSERT INTO " + model + " " + source.ReplaceAllString(body, "$1"))
	}
}

// source is how a model names a table of the warehouse or another model.
var source = regexp.MustCompile(`\{\{ (?:source\('huikuan', |ref\()'(\w+)'\) \}\}`)

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
	took    time.Duration
}

func (w *warehouse) query(statement string) (out result, err error) {
	begin := time.Now()
	defer func() { out.took = time.Since(begin) }()
	rows, err := w.conn.Query(context.Background(), statement)
	if err != nil {
		return result{}, err
	}
	defer rows.Close()
	out.columns = rows.Columns()
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

// generated are the dashboards as their definitions say, rendered once.
var generated = func() func(testing.TB) map[string][]byte {
	render := sync.OnceValues(dashboards.Generate)
	return func(t testing.TB) map[string][]byte {
		t.Helper()
		out, err := render()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}()

// viewer stands before a dashboard: its variables at their defaults or chosen.
type viewer struct {
	w         *warehouse
	dashboard dashboards.Dashboard
	scope     dashboards.Scope
}

func open(t testing.TB, w *warehouse, path string, chosen map[string][]string) *viewer {
	t.Helper()
	text := generated(t)[path]
	v := &viewer{w: w, scope: dashboards.Scope{From: now.AddDate(-2, 0, 0), To: now.AddDate(0, 0, 20), Interval: time.Hour, Variables: map[string]dashboards.Variable{}}}
	if err := json.Unmarshal(text, &v.dashboard); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	for _, item := range v.dashboard.Templating.List {
		name := item["name"].(string)
		if item["type"] != "query" {
			value := item["current"].(map[string]any)["value"].(string)
			if values, ok := chosen[name]; ok && item["type"] == "custom" {
				value = values[0]
			}
			v.scope.Variables[name] = dashboards.Variable{Values: []string{value}}
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
		case item["hide"] == float64(2):
			t.Fatalf("%s: the variable %s has no value", path, name)
		default:
			variable.Values = []string{""} // nothing to choose from yet
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
	if out, ok := v.w.known[text]; ok {
		return out
	}
	out, err := v.w.query(text)
	if err != nil {
		v.w.t.Fatalf("%s: %v\n%s", where, err, text)
	}
	if v.w.known != nil {
		v.w.known[text] = out
	}
	return out
}

// panel runs the first query of the panel of that title.
func (v *viewer) panel(title string) result {
	v.w.t.Helper()
	for _, p := range v.dashboard.AllPanels() {
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
	for _, p := range v.dashboard.AllPanels() {
		for _, t := range p.Targets {
			if _, ok := out[p.Title+"/"+t.RefID]; !ok {
				out[p.Title+"/"+t.RefID] = v.run(p.Title, t.RawSQL)
			}
		}
	}
	return out
}
