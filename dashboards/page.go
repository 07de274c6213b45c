package dashboards

import "fmt"

// page puts panels on a dashboard and keeps the first error.
type page struct {
	locale  Locale
	queries queries
	panels  []Panel
	err     error
}

func newPage(l Locale) (*page, error) {
	q, err := newQueries(l)
	return &page{locale: l, queries: q}, err
}

// t translates.
func (p *page) t(english string) string { return p.locale.T(english) }

// sql renders a query of queries/*.sql.
func (p *page) sql(name string) string {
	text, err := p.queries.sql(name)
	if err != nil && p.err == nil {
		p.err = fmt.Errorf("query %s: %w", name, err)
	}
	return text
}

// add places a panel; ids count from 1 in reading order.
func (p *page) add(x, y, w, h int, panel Panel) {
	panel.ID = len(p.panels) + 1
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

// headline is a sentence computed by a hidden variable.
func (p *page) headline(variable string) Panel {
	return Panel{
		Type: "text", Transparent: true, FieldConfig: fieldConfig{Defaults: object{}},
		Options: object{"mode": "html", "content": "${" + variable + ":raw}", "code": object{"language": "html", "showLineNumbers": false, "showMiniMap": false}},
	}
}

// statPanel shows the newest value, the change in words and the line behind it.
// limit, if set, is where the line turns red: above it, or below it for a
// measure of which more is better.
type statPanel struct {
	title, description, query string
	unit                      string // empty: money
	decimals                  int
	min, max                  any
	thresholds                object
}

func (p *page) stat(s statPanel) Panel {
	defaults := object{
		"displayName": "${__field.labels.label}", "noValue": "–", "decimals": s.decimals,
		"color": object{"mode": "thresholds"}, "thresholds": s.thresholds, "mappings": []any{},
	}
	if s.thresholds == nil {
		defaults["thresholds"] = steps(step(nil, colourSeries))
	}
	if s.min != nil {
		defaults["min"], defaults["max"] = s.min, s.max
	}
	out := Panel{
		Type: "stat", Title: s.title, Description: s.description,
		Targets: []Target{seriesTarget("A", p.sql(s.query))},
		Options: object{
			"textMode": "value_and_name", "wideLayout": false, "graphMode": "area", "colorMode": "none", "justifyMode": "auto", "orientation": "auto",
			"showPercentChange": false, "text": object{"titleSize": 12, "valueSize": 30},
			"reduceOptions": object{"calcs": []any{"lastNotNull"}, "fields": "", "values": false},
		},
	}
	if s.unit != "" {
		defaults["unit"] = s.unit
	} else {
		out.Targets = append(out.Targets, tableTarget("B", p.sql("money_unit")))
		out.Transformations = unitFromQuery()
	}
	out.FieldConfig.Defaults = defaults
	return out
}

// bars is a bar chart by month.
type bars struct {
	title, description, query, noValue string
	unit                               string // empty: money
	decimals                           any
	stacked                            bool
	overrides                          []object
}

func (p *page) barChart(b bars) Panel {
	stacking := "none"
	if b.stacked {
		stacking = "normal"
	}
	out := Panel{
		Type: "barchart", Title: b.title, Description: b.description,
		Targets: []Target{tableTarget("A", p.sql(b.query))},
		FieldConfig: fieldConfig{
			Defaults: object{
				"noValue": b.noValue, "min": 0, "color": object{"mode": "palette-classic"}, "mappings": []any{},
				"custom": object{"fillOpacity": 100, "lineWidth": 0, "gradientMode": "none", "axisPlacement": "auto", "axisGridShow": true,
					"hideFrom": hideFrom(false, false, false)},
			},
			Overrides: b.overrides,
		},
		Options: object{
			"orientation": "auto", "xField": "month", "stacking": stacking, "barWidth": 0.78, "groupWidth": 0.78, "barRadius": 0, "showValue": "never",
			"fullHighlight": false, "xTickLabelRotation": 0, "xTickLabelSpacing": 0, "legend": legend(), "tooltip": tooltip(),
		},
	}
	if b.decimals != nil {
		out.FieldConfig.Defaults["decimals"] = b.decimals
	}
	if b.unit != "" {
		out.FieldConfig.Defaults["unit"] = b.unit
	} else {
		out.Targets = append(out.Targets, tableTarget("B", p.sql("money_unit")))
		out.Transformations = unitFromQuery()
	}
	return out
}

// bucketColours gives every aging bucket its one colour.
func (p *page) bucketColours(buckets []Bucket) []object {
	var out []object
	for _, b := range buckets {
		out = append(out, override(p.t(b.Title), "color", fixed(b.Colour)))
	}
	return out
}

func (p *page) table(title, description, query, noValue string, overrides ...object) Panel {
	return Panel{
		Type: "table", Title: title, Description: description,
		Targets: []Target{tableTarget("A", p.sql(query))},
		FieldConfig: fieldConfig{
			Defaults: object{
				"noValue": noValue, "unit": "locale", "decimals": 0, "color": object{"mode": "thresholds"}, "mappings": []any{},
				"thresholds": steps(step(nil, "transparent")),
				"custom":     object{"align": "auto", "cellOptions": object{"type": "auto"}, "filterable": false, "inspect": false},
			},
			Overrides: overrides,
		},
		Options: object{"showHeader": true, "cellHeight": "sm", "frozenColumns": object{"left": 1}, "enablePagination": false, "sortBy": []any{}},
	}
}
