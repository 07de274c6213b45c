package dashboards_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"huikuan/dashboards"
	"huikuan/internal/pipeline"
	"huikuan/sql"
)

// choices are what people do to the filters of any page. Each combines several
// things that must not break a query; pages take from it what they have.
func choices(w *warehouse) map[string]map[string][]string {
	first := func(query string) []string {
		w.t.Helper()
		out, err := w.query(query)
		if err != nil {
			w.t.Fatal(err)
		}
		var list []string
		for _, r := range out.rows {
			list = append(list, r[0].(string))
		}
		return list
	}
	companies := first("SELECT DISTINCT company FROM ar_snapshots ORDER BY company LIMIT 2")
	segments := first("SELECT DISTINCT assumeNotNull(segment) FROM ar_snapshots WHERE segment IS NOT NULL ORDER BY 1 LIMIT 2")
	regions := first("SELECT DISTINCT assumeNotNull(region) FROM ar_snapshots WHERE region IS NOT NULL ORDER BY 1 LIMIT 2")
	owners := first("SELECT DISTINCT owner_id FROM ar_snapshots ORDER BY owner_id LIMIT 2")
	customers := first("SELECT customer_id FROM ar_snapshots GROUP BY customer_id ORDER BY sum(open_amount_rc) DESC LIMIT 2")
	days := first("SELECT toString(as_of) FROM dso WHERE scope = 'group' AND as_of = toLastDayOfMonth(as_of) GROUP BY as_of ORDER BY as_of DESC LIMIT 4")
	return map[string]map[string][]string{
		"one": {"company": companies[:1], "segment": segments[:1], "region": regions[:1], "rep": owners[:1], "customer": customers[:1], "disputed": {"no"}, "currency": {"asof"}},
		"many": {"company": append(companies, "O'N"), "segment": append(segments, "(none)"), "region": regions, "rep": append(owners, "unassigned"), "customer": customers,
			"currency": {"constant"}, "as_of": days[len(days)-1:], "disputed": {"no"}, "basis": {"invoice"}},
	}
}

// oddities are choices that must not break a query, data or not: nothing chosen,
// names that a query must escape.
func oddities() map[string]map[string][]string {
	return map[string]map[string][]string{
		"all":  nil,
		"none": {"company": {""}, "segment": {""}, "region": {""}, "rep": {""}, "customer": {""}, "currency": {"EUR"}, "basis": {"invoice"}},
		"quotes and brackets": {"company": {`O'N, (一部)`}, "segment": {"百川（集团）, (一部)"}, "region": {`a "b" c`, "d`e"}, "rep": {`'); DROP TABLE x`}, "customer": {"O'Neill <b>& Sons</b>"},
			"currency": {"EUR"}},
	}
}

// pages are the dashboards, en first; only those of the test's name part, if
// it has one: go test ./dashboards -run TestPages/sales
func pages(t *testing.T) []string {
	t.Helper()
	return slices.Sorted(maps.Keys(generated(t)))
}

// Every query of every page runs on a warehouse with all that a business has,
// whatever is chosen, and shows nothing on one that is empty. That all of it
// runs with nothing chosen is seen by TestPagesShowSomething.
func TestPagesRunWhateverIsChosen(t *testing.T) {
	full := built(t)
	all := choices(full)
	for _, path := range pages(t) {
		t.Run(strings.ReplaceAll(strings.TrimSuffix(path, ".json"), "/", "-"), func(t *testing.T) {
			for name, chosen := range all {
				if strings.HasPrefix(path, "zh") && name != "many" {
					continue // the languages differ in words, not in filters
				}
				open(t, full.at(t), path, chosen).all()
			}
			if os.Getenv(servedWarehouse) != "" || strings.HasPrefix(path, "zh") {
				return
			}
			none := emptied(t)
			for name, chosen := range oddities() {
				v := open(t, none, path, chosen)
				if said := fmt.Sprint(v.scope.Variables["headline"].Values); len(said) < 100 || strings.Contains(said, "nil") {
					t.Errorf("%s: the headline of an empty warehouse says %q", name, said)
				}
				for where, out := range v.all() {
					if rows := len(out.rows); rows > 0 && !strings.HasSuffix(where, "/B") && !alwaysThere(out) {
						t.Errorf("%s: %s shows %d rows of an empty warehouse: %v", name, where, rows, out.rows)
					}
				}
			}
		})
	}
}

// alwaysThere are tables that list what was checked, also when there is nothing,
// and rows that hold no figure.
func alwaysThere(r result) bool {
	for _, word := range []string{"Check", "核对项", "Measure", "指标"} {
		if slices.Contains(r.columns, word) {
			return true
		}
	}
	for _, row := range r.rows {
		for _, v := range row {
			if v != nil {
				return false
			}
		}
	}
	return true
}

// A page whose panels are all empty on the simulated business would prove little.
func TestPagesShowSomething(t *testing.T) {
	full := built(t)
	for _, path := range pages(t) {
		if strings.HasPrefix(path, "zh") {
			continue
		}
		t.Run(strings.TrimSuffix(strings.TrimPrefix(path, "en/"), ".json"), func(t *testing.T) {
			v := open(t, full.at(t), path, nil)
			v.scope.From, v.scope.To = business.asOf.AddDate(-2, 0, 0), business.asOf.AddDate(0, 0, 20)
			all := v.all()
			for where, out := range all {
				if len(out.rows) > 0 {
					t.Logf("%s: %d rows in %s\n%v\n%v", where, len(out.rows), out.took.Round(time.Millisecond), out.columns, out.rows[:min(3, len(out.rows))])
				}
				if len(out.rows) == 0 && !mayBeEmpty[where] {
					t.Errorf("%s shows nothing of the simulated business", where)
				}
				for i, typ := range out.types {
					if strings.Contains(typ, "Decimal") {
						t.Errorf("%s: the column %s is a decimal, which Grafana reads as text or rounds: toFloat64", where, out.columns[i])
					}
				}
			}
			for _, p := range v.dashboard.AllPanels() {
				for _, target := range p.Targets {
					if out := all[p.Title+"/"+target.RefID]; target.QueryType == "timeseries" && (out.columns[0] != "time" || !strings.HasPrefix(out.types[0], "DateTime")) {
						t.Errorf("%s: the first column is %s %s, not a time", p.Title, out.columns[0], out.types[0])
					}
				}
			}
		})
	}
}

// mayBeEmpty lists queries (panel title/reference) for which a small healthy
// business has no rows.
var mayBeEmpty = map[string]bool{
	// the first rep of the list owns nothing that is open
	"Customers of this rep: what they owe and what to do/A": true, "Promises: missed in 30 days, due in the next 30/A": true, "Worklist of this rep: call from the top/A": true,
	"Next/A":                   true, // nor has the first customer of the list anything to come
	"Rejected records, open/A": true, "Failures to mend/A": true, "Due dates moved, and invoices billed again, six months/A": true, "Statements that do not agree/A": true, "The group/A": true,
}

// What the headers of shipped models ask for is drawn from their tables as they
// are built, and draws nothing twice: rows of several scopes or periods, or of
// several members, would lie on top of one another.
func TestChartsOfModelsShowSomething(t *testing.T) {
	w := built(t)
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := pipeline.ModelDashboard(models)
	if err != nil {
		t.Fatal(err)
	}
	var d dashboards.Dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	for _, p := range d.AllPanels() {
		for _, target := range p.Targets {
			query, err := dashboards.Expand(target.RawSQL, dashboards.Scope{})
			if err != nil {
				t.Fatalf("%s: %v", p.Title, err)
			}
			out, err := w.query(query)
			if err != nil {
				t.Errorf("%s: %v\n%s", p.Title, err, query)
			} else if len(out.rows) == 0 {
				t.Errorf("%s shows nothing of the simulated business:\n%s", p.Title, query)
			} else if p.Type != "table" || len(p.Transformations) > 0 { // a list may say the same twice
				keys := 1
				if len(out.types) > 2 && strings.Contains(out.types[1], "String") { // the series
					keys = 2
				}
				drawn := map[string]bool{}
				for _, row := range out.rows {
					key := fmt.Sprint(row[:keys])
					if drawn[key] {
						t.Errorf("%s draws %s more than once", p.Title, key)
						break
					}
					drawn[key] = true
				}
			}
		}
	}
}
