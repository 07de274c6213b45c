package dashboards_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"huikuan/config"
	"huikuan/dashboards"
	"huikuan/internal/pipeline"
	"huikuan/load/embedded"
	"huikuan/load/embedded/embeddedtest"
)

// as is the built warehouse as a user of the configuration sees it when it is served.
func as(t *testing.T, u config.User) *warehouse {
	t.Helper()
	built(t)
	u.Name, u.Password = "user", "secret"
	rows, err := pipeline.RowFilters(&config.Config{Warehouse: config.Warehouse{Database: business.database}}, u)
	if err != nil {
		t.Fatal(err)
	}
	offering, err := embeddedtest.Server(t).Offer(embedded.Offer{Addr: "127.0.0.1:0", Readers: []embedded.Reader{{Name: u.Name, Password: u.Password, Rows: rows}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = offering.Close() })
	conn, err := clickhouse.Open(&clickhouse.Options{Protocol: clickhouse.HTTP, Addr: []string{offering.Addr()},
		Auth: clickhouse.Auth{Database: business.database, Username: u.Name, Password: u.Password}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &warehouse{t: t, conn: conn}
}

func (w *warehouse) one(statement string) string {
	w.t.Helper()
	out, err := w.query(statement)
	if err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
	return fmt.Sprint(out.rows)
}

// A rep sees own customers, a team lead the team's, an accountant the company's,
// and of all others nothing; together the reps see everything.
func TestReadersSeeTheirCustomers(t *testing.T) {
	all := built(t)
	out, err := all.query("SELECT owner_id, any(team), toString(sum(open_amount_rc)), toString(uniqExact(customer_id)) FROM ar_open_items AS i INNER JOIN customer_owners AS o USING (customer_id) GROUP BY owner_id ORDER BY owner_id")
	if err != nil {
		t.Fatal(err)
	}
	if len(out.rows) < 2 {
		t.Fatalf("the book has one owner only: %v", out.rows)
	}
	for _, row := range out.rows[:2] {
		w := as(t, config.User{Reps: []string{fmt.Sprint(row[0])}})
		if got, want := w.one("SELECT toString(sum(open_amount_rc)), toString(uniqExact(customer_id)) FROM ar_open_items"), fmt.Sprint([][]any{{row[2], row[3]}}); got != want {
			t.Errorf("%v sees %s, want %s", row[0], got, want)
		}
		for _, table := range []string{"invoices", "visits", "promise_outcomes", "customer_file", "worklist", "ar_snapshots", "customers_current"} {
			if got := w.one("SELECT count() FROM " + table + " WHERE customer_id NOT IN (SELECT customer_id FROM customer_owners)"); got != "[[0]]" {
				t.Errorf("%v sees %s rows of others in %s", row[0], got, table)
			}
		}
		if got := w.one("SELECT uniqExact(owner_id) FROM customer_owners"); got != "[[1]]" {
			t.Errorf("%v sees %s owners", row[0], got)
		}
		for _, table := range []string{"raw_pages", "top_exposures", "instalments", "concentration", "tie_out"} {
			if got := w.one("SELECT count() FROM " + table); got != "[[0]]" {
				t.Errorf("%v sees %s rows of %s", row[0], got, table)
			}
		}
	}
	team := fmt.Sprint(out.rows[0][1])
	want := all.one("SELECT sum(open_amount_rc) FROM ar_open_items WHERE customer_id IN (SELECT customer_id FROM customer_owners WHERE team = '" + team + "')")
	if got := as(t, config.User{Teams: []string{team}}).one("SELECT sum(open_amount_rc) FROM ar_open_items"); got != want {
		t.Errorf("the lead of %s sees %s, want %s", team, got, want)
	}
	company := strings.Trim(all.one("SELECT min(company) FROM ar_open_items"), "[]")
	accountant := as(t, config.User{Companies: []string{company}})
	if got := accountant.one("SELECT arrayStringConcat(groupUniqArray(company)) FROM ar_items"); got != "[["+company+"]]" {
		t.Errorf("the accountant of %s sees %s", company, got)
	}
}

// Dashboards need no change for who sees a part.
func TestEveryDashboardOpensForARep(t *testing.T) {
	rep := strings.Trim(built(t).one("SELECT min(owner_id) FROM customer_owners WHERE owner_id != 'unassigned'"), "[]")
	w := as(t, config.User{Reps: []string{rep}})
	for path := range generated(t) {
		if strings.HasPrefix(path, "en/") && !slices.Contains([]string{"en/pipeline.json"}, path) {
			open(t, w, path, nil).all()
		}
	}
	for name, r := range rules(t, dashboards.Locales()[0], dashboards.AlertOptions{}) {
		if fires, _ := w.evaluate(r); name == "over-limit" {
			for _, a := range fires {
				if got := w.one("SELECT count() FROM customer_owners WHERE customer_id = '" + a.labels["customer_id"] + "'"); got != "[[1]]" {
					t.Errorf("a rep is told of the customer %s of another", a.labels["customer_id"])
				}
			}
		}
	}
}
