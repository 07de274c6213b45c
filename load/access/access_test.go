package access_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"huikuan/load/access"
	"huikuan/load/embedded/embeddedtest"
)

func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }

var (
	rep     = access.User{Name: "wang", Password: "Geheim-1", Reps: []string{"R1", `it's \ odd`}}
	lead    = access.User{Name: "lead", Password: "Geheim-2", Teams: []string{"North"}}
	company = access.User{Name: "cn", Password: "Geheim-3", Companies: []string{"CN01"}}
	both    = access.User{Name: "both", Password: "Geheim-4", Reps: []string{"R1"}, Companies: []string{"CN01"}}
	cfo     = access.User{Name: "cfo", Password: "Geheim-5"}
)

func TestWhatAUserSeesFollowsFromTheColumns(t *testing.T) {
	items := access.Relation{Name: "ar_items", Columns: []string{"company", "customer_id"}}
	for _, c := range []struct {
		user     access.User
		relation access.Relation
		want     string
	}{
		{cfo, items, "1"},
		{rep, items, "customer_id IN (SELECT customer_id FROM `db`.customer_owners WHERE owner_id IN ('R1', 'it\\'s \\\\ odd'))"},
		{lead, items, "customer_id IN (SELECT customer_id FROM `db`.customer_owners WHERE team IN ('North'))"},
		{company, items, "company IN ('CN01')"},
		{both, items, "customer_id IN (SELECT customer_id FROM `db`.customer_owners WHERE owner_id IN ('R1') AND hasAny(companies, ['CN01'])) AND company IN ('CN01')"},
		{company, access.Relation{Name: "visits", Columns: []string{"customer_id"}}, "customer_id IN (SELECT customer_id FROM `db`.customer_owners WHERE hasAny(companies, ['CN01']))"},
		{both, access.Relation{Name: access.Owners, Columns: []string{"customer_id", "owner_id"}}, "owner_id IN ('R1') AND hasAny(companies, ['CN01'])"},
		{lead, access.Relation{Name: "reps", Columns: []string{"rep_id", "team"}}, "team IN ('North')"},
		{lead, access.Relation{Name: "targets", Columns: []string{"rep_id"}}, "rep_id IN (SELECT owner_id FROM `db`.customer_owners WHERE team IN ('North'))"},
		{company, access.Relation{Name: "targets", Columns: []string{"rep_id"}}, "0"},
		{company, access.Relation{Name: "dso", Columns: []string{"scope", "scope_id"}}, "scope = 'company' AND scope_id IN ('CN01')"},
		{company, access.Relation{Name: "tie_out", Columns: []string{"company"}}, "company IN ('CN01')"},
		{rep, access.Relation{Name: "tie_out", Columns: []string{"company"}}, "0"},
		{rep, access.Relation{Name: "fx_rates", Columns: []string{"rate"}}, "1"},
		{rep, access.Relation{Name: "raw_pages", Columns: []string{"customer_id"}}, "0"},
		{rep, access.Relation{Name: "new_model", Columns: []string{"amount"}}, "0"},
	} {
		if got := c.user.Filter("db", c.relation); got != c.want {
			t.Errorf("%s sees of %s: %s, want %s", c.user.Name, c.relation.Name, got, c.want)
		}
	}
}

// Every statement is one that the engine's parser knows; the embedded engine
// cannot run them, as it has no users.
func TestStatementsAreSQLAndShowNoPassword(t *testing.T) {
	d := access.Definition{
		Database: "huikuan", Users: []access.User{rep, lead, company, both, cfo},
		Limits: access.Limits{Memory: 1 << 30, Time: time.Minute, ResultRows: 1000000}, Quota: access.Quota{Queries: 100, Seconds: 60},
		Relations: []access.Relation{
			{Name: "ar_items", Columns: []string{"company", "customer_id"}}, {Name: "visits", Base: "visits_docs", Columns: []string{"customer_id"}},
			{Name: "raw_pages", Base: "raw_pages_docs"}, {Name: "customers_current", View: true, Columns: []string{"customer_id"}}, {Name: "dso", Columns: []string{"scope", "scope_id"}},
			{Name: "fx_rates", Base: "fx_rates_docs"}, {Name: "unheard_of", Columns: []string{"amount"}},
		},
	}
	statements, err := access.Statements(d)
	if err != nil {
		t.Fatal(err)
	}
	conn := embeddedtest.Conn(t, "")
	var all, shown []string
	for _, s := range append(statements, access.Statement{SQL: access.Leftovers(d)}) {
		var formatted string
		if err := conn.QueryRow(context.Background(), "SELECT formatQuery($1)", s.SQL).Scan(&formatted); err != nil {
			t.Errorf("%s: %v", s.SQL, err)
		}
		all, shown = append(all, s.SQL), append(shown, s.Text)
	}
	text := strings.Join(all, "\n")
	if strings.Contains(text, "Geheim") || strings.Contains(strings.Join(shown, "\n"), "SALT 'A") || !strings.Contains(strings.Join(shown, "\n"), "BY '…' SALT '…'") {
		t.Error("a password or its hash is shown")
	}
	for _, want := range []string{
		"readonly = 1, max_memory_usage = 1073741824 MAX 1073741824, max_execution_time = 60 MIN 1 MAX 60 CHANGEABLE_IN_READONLY",
		"GRANT SELECT ON `huikuan`.`visits_docs` TO huikuan_limited", "REVOKE SELECT ON `huikuan`.`raw_pages_docs` FROM huikuan_reader",
		"CREATE ROW POLICY OR REPLACE `huikuan_wang` ON `huikuan`.`visits_docs` FOR SELECT USING customer_id IN",
		"CREATE ROW POLICY OR REPLACE huikuan_all ON `huikuan`.`ar_items` FOR SELECT USING 1 TO ALL EXCEPT `wang`, `lead`, `cn`, `both`",
		"GRANT huikuan_limited TO `wang`", "GRANT huikuan_reader TO `cfo`", "execution_time = 60, queries = 100 TO huikuan_reader, huikuan_limited",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no statement has %s", want)
		}
	}
	for _, unwanted := range []string{"unheard_of", "ON `huikuan`.`customers_current` FOR SELECT USING", "`raw_pages` TO huikuan_limited", "`huikuan_cfo`"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("a statement has %s", unwanted)
		}
	}
}
