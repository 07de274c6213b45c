package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huikuan/config"
	"huikuan/internal/demo"
)

// open starts an app on a configuration in a folder of its own.
func open(t *testing.T, text string) *App {
	t.Helper()
	return openAt(t, nil, text)
}

// openAt starts an app whose clock says *now; nil = the machine's.
func openAt(t *testing.T, now *time.Time, text string) *App {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "huikuan.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{Path: path, Env: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	var o Options
	if now != nil {
		o.Now = func() time.Time { return *now }
	}
	a, err := Open(t.Context(), cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// business is a small simulated group behind faulty servers.
func business(t *testing.T, day int, faults demo.Faults) (*demo.Company, *demo.Servers, string) {
	t.Helper()
	c := demo.NewCompany(demo.Options{Seed: 3, Invoices: 600, Day: day})
	s, err := demo.Serve(context.Background(), c, demo.ServeOptions{Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	yaml := "data: data\nreporting_currency: CNY\nsources:\n"
	for name, settings := range map[string]map[string]any{"erpnext": s.ERPSettings(), "hubspot": s.CRMSettings()} {
		yaml += fmt.Sprintf("  - name: %s\n    connector: %s\n    settings:\n", name, name)
		for k, v := range settings {
			if list, ok := v.([]any); ok {
				text := make([]string, len(list))
				for i, x := range list {
					text[i] = fmt.Sprintf("%q", x)
				}
				yaml += fmt.Sprintf("      %s: [%s]\n", k, strings.Join(text, ", "))
				continue
			}
			yaml += fmt.Sprintf("      %s: %q\n", k, fmt.Sprint(v))
		}
	}
	return c, s, yaml
}

func syncAndBuild(t *testing.T, a *App, asOf time.Time, models ...string) (SyncReport, BuildReport) {
	t.Helper()
	synced, err := a.Sync(t.Context(), SyncOptions{})
	if err != nil || synced.Err() != nil {
		t.Fatal(err, synced.Err())
	}
	if n := synced.Rejected(); n > 0 {
		t.Errorf("%d records rejected", n)
	}
	built, err := a.Build(t.Context(), BuildOptions{AsOf: asOf, Select: ModelSelection{Models: models}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range built.FailedChecks() {
		t.Error(f)
	}
	return synced, built
}

// agrees compares every customer's balance with the source's own bookkeeping.
func agrees(t *testing.T, a *App, c *demo.Company) {
	t.Helper()
	rows, err := a.All(t.Context(), fmt.Sprintf(`
		SELECT customer_id, currency, toInt64(100 * sum(open_amount)), toInt64(100 * sum(unapplied)), toInt64(100 * sum(open_credits))
		FROM ar_snapshots WHERE as_of = '%s' GROUP BY customer_id, currency`, c.End()))
	if err != nil {
		t.Fatal(err)
	}
	got := map[demo.Account]demo.Position{}
	for _, r := range rows {
		got[demo.Account{Customer: r[0].(string), Currency: r[1].(string)}] = demo.Position{Open: demo.Cents(r[2].(int64)), Unapplied: demo.Cents(r[3].(int64)), Credits: demo.Cents(r[4].(int64))}
	}
	compared := 0
	for account, want := range c.Truth(c.End()) {
		if got[account] != want {
			t.Errorf("%v: the warehouse says %+v, the source's books %+v", account, got[account], want)
		}
		if want != (demo.Position{}) {
			compared++
		}
		delete(got, account)
	}
	for account, p := range got {
		if p != (demo.Position{}) {
			t.Errorf("%v: the warehouse says %+v, the source's books know nothing", account, p)
		}
	}
	if compared < 20 {
		t.Errorf("only %d balances were compared", compared)
	}
}

func TestBalancesEqualTheSourcesOwnBooksToTheCentAlsoAfterChanges(t *testing.T) {
	faults := demo.Faults{Unavailable: 11, TooMany: 17, Truncate: 23, Reset: 29, RetryAfter: time.Second}
	company, servers, yaml := business(t, 0, faults)
	a := open(t, yaml)
	first, _ := syncAndBuild(t, a, company.End().Time(), "overdue_by_customer") // all models are built and tested after the changes
	agrees(t, a, company)
	if servers.FaultsGiven() == 0 {
		t.Error("the servers gave no faults, so nothing was proved about retries")
	}

	later := demo.NewCompany(demo.Options{Seed: 3, Invoices: 600, Day: 21})
	servers.Show(later)
	second, _ := syncAndBuild(t, a, later.End().Time())
	agrees(t, a, later)
	derivedHold(t, a, 2)
	bridgeHolds(t, a, later.End().Time())
	documents := func(r SyncReport) (n int64) {
		for _, s := range r.Streams {
			if s.Source == "erpnext" {
				n += s.Read
			}
		}
		return n
	}
	if one, two := documents(first), documents(second); two == 0 || two > one/4 {
		t.Errorf("the second sync read %d records of the ERP after %d in the first; it should read only what changed", two, one)
	}
}

func TestAFailedModelTestKeepsTheOldTableServing(t *testing.T) {
	dir := t.TempDir()
	model := func(rows string) {
		text := "/* ---\ndescription: a model of one's own\ngrain: one number\nmaterialisation: table\norder_by: [n]\ncolumns:\n  - {name: n, description: a number, tests: [not_null, unique]}\n--- */\n" + rows
		if err := os.WriteFile(filepath.Join(dir, "numbers_of_mine.sql"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a := open(t, fmt.Sprintf("data: data\nmodels: {paths: [%q]}\n", dir))
	model("SELECT toInt64(arrayJoin([1, 2])) AS n")
	mine := BuildOptions{Select: ModelSelection{Models: []string{"numbers_of_mine"}}}
	if r, err := a.Build(t.Context(), mine); err != nil || len(r.FailedChecks()) > 0 {
		t.Fatal(err, r.FailedChecks())
	}
	model("SELECT toInt64(arrayJoin([3, 3])) AS n")
	r, err := a.Build(t.Context(), mine)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(r.FailedChecks(), "\n"); !strings.Contains(got, "numbers_of_mine") {
		t.Errorf("the failed test is not reported: %s", got)
	}
	rows, err := a.All(t.Context(), "SELECT groupArray(n) FROM (SELECT n FROM numbers_of_mine ORDER BY n)")
	if err != nil || fmt.Sprint(rows) != "[[[1 2]]]" {
		t.Errorf("numbers_of_mine holds %v (%v), want the last good rows 1 and 2", rows, err)
	}
}

func TestAStreamThatFailsStopsNoOtherAndMovesNoCursor(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("customers.csv", "customer_id,name\nC1,苏州精密\n")
	write("invoices.csv", "invoice_id,customer_id\n1,C1\n")
	write("payments.csv", "payment_id,customer_id,receipt_date,currency,amount\nP1,C1,2026-01-02,CNY,5.00\n")
	a := open(t, fmt.Sprintf("data: data\nsources: [{name: files, connector: files, company: main, settings: {path: %q}}]\n", dir))
	r, err := a.Sync(t.Context(), SyncOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Err(); err == nil || !strings.Contains(err.Error(), "invoice_date") {
		t.Errorf("the broken stream is not reported: %v", err)
	}
	if r.Rows() != 2 {
		t.Errorf("%d rows loaded from the other streams, want 2", r.Rows())
	}
	write("invoices.csv", "invoice_id,customer_id,invoice_date,currency,gross_amount\n1,C1,2026-01-01,CNY,7.00\n")
	if r, err = a.Sync(t.Context(), SyncOptions{}); err != nil || r.Err() != nil || r.Rows() != 1 {
		t.Errorf("after mending %d rows were loaded, want 1: %v %v", r.Rows(), err, r.Err())
	}
	status, err := a.Status(t.Context())
	if err != nil || len(status) < 3 {
		t.Errorf("status: %v %v", status, err)
	}
}
