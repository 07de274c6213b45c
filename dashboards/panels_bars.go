package dashboards

// bars is a bar chart of a wide table: the text column x, then a column for
// each series, in the order of series.
type bars struct {
	about
	query      string
	x          string // column of the names; default month
	unit       string
	decimals   any
	stacked    bool
	horizontal bool
	series     []series
	negative   bool // values may be below zero
}

// series is the look of one column of a chart.
type series struct {
	name   string // English; the query's column is {{t "name"}}
	colour string
	width  int    // of a line; 0 = the chart's, usually 2
	dashed bool   // what is expected, not actual
	points bool   // dots without a line
	bars   bool   // bars in a chart of lines
	band   string // English name of the series down to which the area is filled
	none   bool   // drawn by its band only: no line, not in the legend
}

func (p *page) bars(b bars) Panel {
	if b.x == "" {
		b.x = "month"
	}
	stacking, orientation := "none", "vertical"
	if b.stacked {
		stacking = "normal"
	}
	if b.horizontal {
		orientation = "horizontal"
	}
	out := p.panel("barchart", b.about, tableTarget("A", p.sql(b.query)))
	defaults := out.FieldConfig.Defaults
	if !b.negative {
		defaults["min"] = 0
	}
	defaults["color"] = object{"mode": "palette-classic"}
	defaults["custom"] = object{"fillOpacity": 100, "lineWidth": 0, "gradientMode": "none", "axisPlacement": "auto", "axisGridShow": true, "hideFrom": hideFrom(false, false, false)}
	for _, s := range b.series {
		out.FieldConfig.Overrides = append(out.FieldConfig.Overrides, override(p.t(s.name), "color", fixed(s.colour)))
	}
	out.FieldConfig.Overrides = append(out.FieldConfig.Overrides, override(b.x, "unit", "string")) // a name of digits is no figure
	out.Options = object{
		"orientation": orientation, "xField": b.x, "stacking": stacking, "barWidth": 0.78, "groupWidth": 0.78, "barRadius": 0, "showValue": "never",
		"fullHighlight": false, "xTickLabelRotation": 0, "xTickLabelSpacing": 0, "legend": legend(), "tooltip": tooltip(),
	}
	p.unit(&out, b.unit, b.decimals)
	return out
}

// bucketSeries are the aging buckets in their colours.
func bucketSeries(buckets []Bucket) []series {
	var out []series
	for _, b := range buckets {
		out = append(out, series{name: b.Title, colour: b.Colour})
	}
	return out
}

// agingBars stacks the aging buckets by month (or what x names): columns x and
// {{t .Title}} of the buckets; with percent, without what is not due.
func (p *page) agingBars(b bars) Panel {
	b.stacked = true
	b.series = bucketSeries(Buckets())
	if b.unit == percent {
		b.series = b.series[1:]
	}
	return p.bars(b)
}

// waterfall runs from an opening to a closing balance: columns step (name and
// signed amount), base, Balance, Increase, Decrease, NULL where one does not
// apply, base first. goodIsUp colours increases as good.
func (p *page) waterfall(a about, query string) Panel {
	out := p.bars(bars{about: a, query: query, x: "step", stacked: true, horizontal: true, negative: true,
		series: []series{{name: "Balance", colour: colourHistory}, {name: "Increase", colour: colourSeries}, {name: "Decrease", colour: colourGood}}})
	out.FieldConfig.Defaults["custom"].(object)["axisPlacement"] = "hidden"
	out.FieldConfig.Overrides = append(out.FieldConfig.Overrides,
		override("step", "custom.axisPlacement", "left"),
		override("base", "color", fixed("transparent"), "custom.fillOpacity", 0, "custom.hideFrom", hideFrom(true, true, false)))
	out.Options["legend"] = object{"showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": []any{}}
	return out
}

// funnel is a horizontal bar for each stage: columns stage (name, number and
// share of the stage before, as in "Visited   58  (53 %)") and {{t "Customers"}}
// or whatever value names.
func (p *page) funnel(a about, query, value string) Panel {
	out := p.bars(bars{about: a, query: query, x: "stage", unit: number, decimals: 0, horizontal: true, series: []series{{name: value, colour: colourSeries}}})
	out.FieldConfig.Defaults["custom"].(object)["axisPlacement"] = "hidden"
	out.FieldConfig.Overrides = append(out.FieldConfig.Overrides, override("stage", "custom.axisPlacement", "left"))
	out.Options["legend"] = object{"showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": []any{}}
	return out
}
