package dashboards

import (
	"fmt"
	"regexp"
	"slices"
)

// page puts panels on a dashboard and keeps the first error.
type page struct {
	definition definition
	locale     Locale
	options    Options
	variables  []variable
	computed   [][2]string // hidden variables of the page: name, query
	queries    queries
	asked      []string // amounts of ar_snapshots that the query being written asks for
	panels     []Panel
	placed     int // panels so far, those of collapsed rows included
	err        error
}

func newPage(d definition, l Locale, o Options) (*page, error) {
	p := &page{definition: d, locale: l, options: o, variables: d.variables}
	q, err := newQueries(p)
	p.queries = q
	return p, err
}

// t translates.
func (p *page) t(english string) string { return p.locale.T(english) }

func (p *page) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

// has tells whether a variable can be chosen on the page.
func (p *page) has(v variable) bool { return p.hasNamed(v.name()) }

func (p *page) hasNamed(name string) bool {
	return slices.ContainsFunc(p.variables, func(v variable) bool { return v.name() == name })
}

// sql renders a query of queries/*.sql.
func (p *page) sql(name string) string {
	text, err := p.queries.sql(name)
	if err != nil {
		p.fail("query %s: %w", name, err)
	}
	return text
}

// add places a panel; ids count from 1 in reading order.
func (p *page) add(x, y, w, h int, panel Panel) {
	p.placed++
	panel.ID = p.placed
	panel.PluginVersion = grafanaVersion
	panel.GridPos = gridPos{X: x, Y: y, W: w, H: h}
	if panel.Targets != nil {
		panel.Datasource = datasource()
	}
	if panel.FieldConfig.Overrides == nil {
		panel.FieldConfig.Overrides = []object{}
	}
	p.panels = append(p.panels, panel)
}

// row is a heading over the panels that follow, one line high.
func (p *page) row(y int, title string) {
	p.add(0, y, 24, 1, Panel{Type: "row", Title: p.t(title), FieldConfig: fieldConfig{Defaults: object{}}, Options: object{}})
}

// folded is a row that is closed until somebody opens it: what is looked at now
// and then. Its panels are placed as if it were open, and ask nothing while it
// is closed.
func (p *page) folded(y int, title string, panels func(y int)) {
	above := p.panels
	p.row(y, title)
	row := p.panels[len(p.panels)-1]
	p.panels = nil
	panels(y + 1)
	row.Collapsed, row.Panels = true, p.panels
	p.panels = append(above, row)
}

// header is the sentence and the strip that every page begins with: the query
// <page>_headline, two lines high.
func (p *page) header() {
	p.add(0, 0, 24, 2, Panel{
		Type: "text", Transparent: true, FieldConfig: fieldConfig{Defaults: object{}},
		Options: object{"mode": "html", "content": "${headline:raw}", "code": object{"language": "html", "showLineNumbers": false, "showMiniMap": false}},
	})
}

// about is what every panel says of itself, in English.
type about struct {
	title       string
	description string // what is shown, how to read it, what is left out
	note        string // a sentence more, often the same on several panels
	metric      metric // where docs/metrics.md explains it
	empty       string // what to say when there is nothing to show; "–" for single figures
}

// panel begins a panel.
func (p *page) panel(kind string, a about, targets ...Target) Panel {
	noValue := "–"
	if a.empty != "" {
		noValue = p.t(a.empty)
	}
	return Panel{
		Type: kind, Title: p.t(a.title), Description: p.describe(a), Targets: targets,
		FieldConfig: fieldConfig{Defaults: object{"noValue": noValue, "mappings": []any{}}},
	}
}

// describe is the description and where the metric is explained: a link, or
// without an address the section of the file.
func (p *page) describe(a about) string {
	if a.metric == "" {
		p.fail("the panel %q names no metric", a.title)
	}
	text := p.t(a.description)
	if a.note != "" {
		text += p.locale.space() + p.t(a.note)
	}
	if p.options.DocsBase == defaultDocsBase { // a link to it would lead nowhere in a Grafana
		return text + "\n\n" + p.t("Formula, table and tests") + p.t(": ") + "`" + defaultDocsBase + "#" + string(a.metric) + "`"
	}
	return text + "\n\n[" + p.t("Formula, table and tests") + "](" + p.options.DocsBase + "#" + string(a.metric) + ")"
}

// unit sets the unit of all fields; the empty unit is money in the chosen
// currency, which a second query names since units do not interpolate variables.
func (p *page) unit(panel *Panel, unit string, decimals any) {
	if decimals != nil {
		panel.FieldConfig.Defaults["decimals"] = decimals
	}
	if unit != money {
		panel.FieldConfig.Defaults["unit"] = unit
		return
	}
	panel.Targets = append(panel.Targets, tableTarget("B", p.sql("money_unit")))
	panel.Transformations = unitFromQuery()
}

// saysWhenEmpty makes a panel of lines or rows show its words for "nothing"
// where the query has no rows: Grafana would draw axes or headers. The rows are
// split by a column that is the same in all of them, so of none nothing is left.
func (p *page) saysWhenEmpty(panel *Panel) {
	sql := panel.Targets[0].RawSQL
	if !outerSelect.MatchString(sql) {
		p.fail("the query of %q has no SELECT at the beginning of a line", panel.Title)
	}
	panel.Targets[0].RawSQL = outerSelect.ReplaceAllString(sql, "$0 1 AS any_row,")
	panel.Transformations = append([]object{{"id": "partitionByValues", "filter": object{"id": "byRefId", "options": "A"},
		"options": object{"fields": []any{"any_row"}, "keepFields": false, "naming": object{"asLabels": false}}}}, panel.Transformations...)
}

// outerSelect is a SELECT that no bracket is around, as queries are written here.
var outerSelect = regexp.MustCompile(`(?m)^SELECT( DISTINCT)?\b`)

// Units. Days are words, so they are of the page.
const (
	money    = ""
	percent  = "percent"     // 0 to 100; on axes
	fraction = "percentunit" // 0 to 1; in tables
	number   = "locale"
)

// days is a unit for figures ("66 days"), daysShort one for axes ("66d").
func (p *page) days() string      { return "suffix: " + p.t("days") }
func (p *page) daysShort() string { return "suffix:" + p.t("d") }
