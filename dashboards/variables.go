package dashboards

import (
	"fmt"
	"slices"
	"strings"
)

// variable is something that can be chosen on a dashboard. Values are
// identifiers; what a person reads are names.
type variable string

// The common variables, in the order in which they stand on a page. Those that
// end in 1 are the same variable (company, rep, customer) of which exactly one
// is chosen.
const (
	byCompany   variable = "company"
	bySegment   variable = "segment"
	byRegion    variable = "region"
	byRep       variable = "rep"
	byCustomer  variable = "customer"
	asOf        variable = "as_of"
	inCurrency  variable = "currency" // reporting, asof, constant, or a document currency
	agedBy      variable = "basis"    // due, invoice
	disputes    variable = "disputed" // yes, no
	oneRep      variable = "rep1"
	oneCustomer variable = "customer1"
)

// name is what queries and addresses call it.
func (v variable) name() string { return strings.TrimSuffix(string(v), "1") }

// single tells whether exactly one value is chosen.
func (v variable) single() bool {
	return !slices.Contains([]variable{byCompany, bySegment, byRegion, byRep, byCustomer}, v)
}

// allFilters are the variables of a page about receivables.
func allFilters() []variable {
	return []variable{byCompany, bySegment, byRegion, byRep, byCustomer, asOf, inCurrency, agedBy, disputes}
}

// instead replaces variables of the list: instead(byRep, oneRep).
func instead(list []variable, pairs ...variable) []variable {
	out := slices.Clone(list)
	for i := 0; i+1 < len(pairs); i += 2 {
		if at := slices.Index(out, pairs[i]); at >= 0 {
			out[at] = pairs[i+1]
		}
	}
	return out
}

// without leaves variables out of the list.
func without(list []variable, left ...variable) []variable {
	return slices.DeleteFunc(slices.Clone(list), func(v variable) bool { return slices.Contains(left, v) })
}

// templating are the page's variables as Grafana wants them: the data source,
// what can be chosen, the symbol of the currency, and what the page computes,
// the headline last.
func (p *page) templating() []object {
	out := []object{{
		"name": "datasource", "label": p.t("Data source"), "type": "datasource", "query": datasourceType, "regex": "", "refresh": 1, "hide": 2,
		"multi": false, "includeAll": false, "skipUrlSync": false, "options": []any{}, "current": object{"text": "Huikuan", "value": p.options.Datasource},
	}}
	for _, v := range p.variables {
		out = append(out, p.choice(v))
	}
	if p.has(inCurrency) {
		out = append(out, hiddenVariable("symbol", p.sql("var_symbol")), hiddenVariable("money_in", p.sql("var_money_in")))
	}
	for _, h := range p.computed {
		out = append(out, hiddenVariable(h[0], p.sql(h[1])))
	}
	return append(out, hiddenVariable("headline", p.sql(p.definition.name+"_headline")))
}

func (p *page) choice(v variable) object {
	label := map[variable]string{byCompany: "Company", bySegment: "Segment", byRegion: "Region", byRep: "Rep", oneRep: "Rep", byCustomer: "Customer",
		oneCustomer: "Customer", asOf: "As of", inCurrency: "Currency", agedBy: "Age by", disputes: "Disputed"}[v]
	switch {
	case v == agedBy:
		return customVariable(v.name(), p.t(label), [][2]string{{"due", p.t("due date")}, {"invoice", p.t("invoice date")}})
	case v == disputes:
		return customVariable(v.name(), p.t(label), [][2]string{{"yes", p.t("included")}, {"no", p.t("left out")}})
	case v.single():
		return queryVariable(v.name(), p.t(label), p.sql("var_"+v.name()))
	}
	return multiVariable(v.name(), p.t(label), p.t("All"), p.sql("var_"+v.name()))
}

// compute adds a hidden variable that a query fills, for titles.
func (p *page) compute(name, query string) { p.computed = append(p.computed, [2]string{name, query}) }

// carried are the parameters that take the filters along to another dashboard,
// but those that the link sets itself.
func (p *page) carried(to definition, set ...string) []string {
	out := []string{"${datasource:queryparam}"}
	for _, v := range to.variables {
		at := slices.IndexFunc(p.variables, func(mine variable) bool { return mine.name() == v.name() })
		if at < 0 || slices.Contains(set, v.name()) || v.single() && !p.variables[at].single() {
			continue
		}
		out = append(out, fmt.Sprintf("${%s:queryparam}", v.name()))
	}
	return out
}

// address is where a click leads: another dashboard of the set with this page's
// filters, and variables set from columns of the row, given as variable, column
// pairs: address("customer", "customer", "customer_id").
func (p *page) address(to string, pairs ...string) string {
	d, ok := find(to)
	if !ok {
		p.fail("there is no dashboard %q to link to", to)
		return ""
	}
	var query, set []string
	for i := 0; i+1 < len(pairs); i += 2 {
		set = append(set, pairs[i])
		query = append(query, fmt.Sprintf("var-%s=${__data.fields.%s:percentencode}", pairs[i], pairs[i+1]))
	}
	return "/d/" + d.uid(p.locale) + "?" + strings.Join(append(query, p.carried(d, set...)...), "&")
}

// leads is a text of the headline that leads to another dashboard of the set; on
// that one it is the text alone. What a variable holds carries no filters along:
// Grafana puts in what a link names once.
func (p *page) leads(to, english string) string {
	d, ok := find(to)
	switch {
	case !ok:
		p.fail("there is no dashboard %q to link to", to)
	case d.name != p.definition.name:
		return `<a href="/d/` + d.uid(p.locale) + `">` + p.t(english) + "</a>"
	}
	return p.t(english)
}

// tabs are the buttons on top that lead to the other dashboards.
func (p *page) tabs() []any {
	var out []any
	for _, d := range definitions() {
		if d.name == p.definition.name {
			continue
		}
		out = append(out, object{"type": "link", "title": p.t(d.tab), "tooltip": p.t(d.title), "url": "/d/" + d.uid(p.locale) + "?" + strings.Join(p.carried(d), "&"),
			"icon": "dashboard", "tags": []any{}, "asDropdown": false, "includeVars": false, "keepTime": false, "targetBlank": false})
	}
	return out
}
