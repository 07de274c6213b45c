package dashboards_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"huikuan/dashboards"
)

// Each rule leads to the panel that shows the matter, narrowed to the customer
// or company it is about, and an alert about a customer to its file, in the
// language of the rule. Grafana ties the rule to the same panel.
func TestEveryAlertLeadsToThePanelThatShowsIt(t *testing.T) {
	labels := map[string]string{"company": "O'N, (一部)", "customer_id": "A&B+ 苏州", "customer_name": "x", "currency": "CNY", "owner_id": "R1", "owner_name": "x", "source": "s", "stream": "t", "table_name": "x", "test": "y", "blocks": "yes"}
	values := map[string]float64{"B": 1, "D": 1, "E": 1}
	customer, company := "customer="+labels["customer_id"], "company="+labels["company"]
	type place struct{ page, panel, filter, about string }
	want := map[string]place{
		"dso":             {"cfo", "DSO against best possible: the gap is late payment", company, ""},
		"overdue-share":   {"cfo", "Overdue share of open receivables, by age", company, ""},
		"over-limit":      {"customer", "Exposure against the limit", customer, customer},
		"broken-promises": {"customer", "Promises", customer, customer},
		"concentration":   {"cfo", "Ten largest exposures – ${top10:raw} % of open receivables", "", customer},
		"stale-data":      {"pipeline", "Streams: freshness and receipts", "", ""},
		"failed-test":     {"pipeline", "Data tests: the last result of each", "", ""},
		"roll-forward":    {"cfo", "Do the books balance?", company, ""},
		"control-account": {"cfo", "Do the books balance?", company, ""},
	}
	for _, l := range dashboards.Locales() {
		all := rules(t, l, dashboards.AlertOptions{})
		if len(all) != len(want) {
			t.Errorf("%s: %d rules, %d expected", l.Lang, len(all), len(want))
		}
		pages := map[string]dashboards.Dashboard{}
		for path, text := range generated(t) {
			if strings.HasPrefix(path, l.Lang+"/") {
				var d dashboards.Dashboard
				if err := json.Unmarshal(text, &d); err != nil {
					t.Fatal(err)
				}
				pages[d.UID] = d
			}
		}
		// lead follows a link and returns the variables it sets, after it was seen that the page has them.
		lead := func(where, link string) (uid, set, panel string) {
			u, err := url.Parse(message(t, link, labels, values))
			if err != nil || u.Host != "grafana" {
				t.Fatalf("%s leads to %q: %v", where, link, err)
			}
			if !strings.HasSuffix(u.RawQuery, "orgId=1") {
				t.Errorf("%s: %s ends in a name, which may end in a full stop", where, link)
			}
			uid = strings.TrimPrefix(u.Path, "/d/")
			d, ok := pages[uid]
			if !ok {
				t.Errorf("%s leads to %s, which is no dashboard in this language", where, u)
			}
			for name, list := range u.Query() {
				if variable, ok := strings.CutPrefix(name, "var-"); ok {
					set = variable + "=" + list[0]
					if !slices.ContainsFunc(d.Templating.List, func(v map[string]any) bool { return v["name"] == variable }) {
						t.Errorf("%s sets %s, which %s does not have", where, variable, uid)
					}
				}
			}
			return uid, set, u.Query().Get("viewPanel")
		}
		for name, r := range all {
			where := l.Lang + " " + name
			suffix := map[string]string{"zh": "-zh"}[l.Lang]
			page := "huikuan-" + want[name].page + suffix
			i := slices.IndexFunc(pages[page].AllPanels(), func(p dashboards.Panel) bool { return p.ID == r.PanelID })
			if r.DashboardUID != page || i < 0 || pages[page].AllPanels()[i].Title != l.T(want[name].panel) {
				t.Errorf("%s belongs to %s, panel %d; expected %s, %q", where, r.DashboardUID, r.PanelID, page, want[name].panel)
			}
			if r.Annotations["__dashboardUid__"] != r.DashboardUID || r.Annotations["__panelId__"] != fmt.Sprint(r.PanelID) {
				t.Errorf("%s is shown on another panel: %v", where, r.Annotations)
			}
			if uid, set, panel := lead(where, r.Annotations["panel_url"]); uid != page || panel != fmt.Sprint(r.PanelID) || set != want[name].filter {
				t.Errorf("%s: its panel is linked as %s, panel %s, %s", where, uid, panel, set)
			}
			if link, ok := r.Annotations["dashboard_url"]; ok {
				if uid, set, panel := lead(where, link); uid != page || panel != "" || set != want[name].filter {
					t.Errorf("%s: its page is linked as %s, panel %s, %s", where, uid, panel, set)
				}
			}
			if link, ok := r.Annotations["customer_url"]; ok != (want[name].about != "") {
				t.Errorf("%s: link to a customer: %v", where, ok)
			} else if ok {
				if uid, set, _ := lead(where, link); uid != "huikuan-customer"+suffix || set != want[name].about {
					t.Errorf("%s: the customer is linked as %s, %s", where, uid, set)
				}
			}
		}
	}
}
