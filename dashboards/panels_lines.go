package dashboards

// lines is a chart of lines. Over time: columns time and one for each series.
// With x: a trend over any number, columns x and one for each series; x is the
// epoch in milliseconds as Float64 with xUnit "time:D MMM", or days.
type lines struct {
	about
	query    string
	x, xUnit string
	unit     string
	decimals any
	min, max any
	series   []series
}

func (p *page) lines(l lines) Panel {
	kind := "timeseries"
	if l.x != "" {
		kind = "trend"
	}
	out := p.panel(kind, l.about, tableTarget("A", p.sql(l.query)))
	defaults := out.FieldConfig.Defaults
	defaults["color"] = object{"mode": "palette-classic"}
	defaults["custom"] = object{"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 2, "fillOpacity": 0, "showPoints": "never", "spanNulls": kind == "timeseries",
		"axisPlacement": "auto", "hideFrom": hideFrom(false, false, false)}
	for _, s := range l.series {
		out.FieldConfig.Overrides = append(out.FieldConfig.Overrides, p.look(s, l))
	}
	out.Options = object{"legend": legend(), "tooltip": tooltip()}
	if l.x != "" {
		out.Options["xField"] = l.x
		out.FieldConfig.Overrides = append(out.FieldConfig.Overrides, override(l.x, "unit", l.xUnit, "decimals", 0))
	} else if l.min != nil {
		defaults["min"], defaults["max"] = l.min, l.max
	}
	p.unit(&out, l.unit, l.decimals)
	if l.x == "" { // a trend says that it misses its x then: its title has to tell
		p.saysWhenEmpty(&out)
	}
	return out
}

// look is the override of one series.
func (p *page) look(s series, l lines) object {
	pairs := []any{"color", fixed(s.colour)}
	if s.width > 0 {
		pairs = append(pairs, "custom.lineWidth", s.width)
	}
	if s.dashed {
		pairs = append(pairs, "custom.lineStyle", object{"fill": "dash", "dash": []any{4, 4}})
	}
	if s.points {
		pairs = append(pairs, "custom.drawStyle", "points", "custom.pointSize", 7, "custom.showPoints", "always")
	}
	if s.bars {
		pairs = append(pairs, "custom.drawStyle", "bars", "custom.fillOpacity", 80, "custom.lineWidth", 0)
	}
	if s.none {
		pairs = append(pairs, "custom.lineWidth", 0, "custom.hideFrom", hideFrom(s.band == "", false, false))
	}
	if s.band != "" {
		pairs = append(pairs, "custom.fillBelowTo", p.t(s.band), "custom.fillOpacity", 18)
	}
	if l.x != "" && l.min != nil { // in the defaults it would hit the axis of x as well
		pairs = append(pairs, "min", l.min)
	}
	return override(p.t(s.name), pairs...)
}

// forecast shows the past against what was forecast and what is expected with
// its likely range: columns week (epoch ms), {{t "Actual"}}, {{t "Forecast made
// then"}}, {{t "Expected"}}, {{t "As past forecasts came in"}}, {{t "Likely
// range"}} (high) and {{t "Low"}}.
func (p *page) forecast(a about, query string) Panel {
	return p.lines(lines{about: a, query: query, x: "week", xUnit: p.dayUnit(false), min: 0, series: []series{
		{name: "Actual", colour: colourHistory, bars: true},
		{name: "Forecast made then", colour: colourWarn, points: true},
		{name: "Expected", colour: colourSeries, dashed: true},
		{name: "As past forecasts came in", colour: colourSeries},
		{name: "Likely range", colour: colourSeries, band: "Low", width: 0, none: true},
		{name: "Low", colour: colourSeries, none: true},
	}})
}

// vintage draws one line for each cohort over days: the query is long, day
// (number), coh (text), v (0 to 100). Cohorts named in recent, newest first,
// are coloured; older ones are thin and grey.
func (p *page) vintage(a about, query, xUnit string) Panel {
	out := p.panel("trend", a, tableTarget("A", p.sql(query)))
	defaults := out.FieldConfig.Defaults
	defaults["color"] = fixed(colourHistory)
	defaults["custom"] = object{"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 1, "fillOpacity": 0, "showPoints": "never", "spanNulls": true,
		"axisPlacement": "auto", "hideFrom": hideFrom(true, false, false)}
	out.Options = object{"xField": `day\coh`, "legend": legend(), "tooltip": tooltip()}
	out.Transformations = []object{
		{"id": "groupingToMatrix", "options": object{"rowField": "day", "columnField": "coh", "valueField": "v", "emptyValue": "null"}},
		{"id": "convertFieldType", "options": object{"conversions": []any{object{"targetField": `day\coh`, "destinationType": "number"}}, "fields": object{}}},
	}
	out.FieldConfig.Overrides = append(out.FieldConfig.Overrides, override(`day\coh`, "unit", xUnit, "decimals", 0))
	p.unit(&out, percent, 0)
	return out
}

// scatter shows one bubble a row: numeric columns x, y, size (may be empty) by
// the English names, and the text column of the names, which stand in the tooltip.
// Without rows it is blank whatever empty says: the title has to tell.
func (p *page) scatter(a about, query, x, xUnit, y, yUnit, size string) Panel {
	out := p.panel("xychart", a, tableTarget("A", p.sql(query)))
	out.FieldConfig.Defaults["custom"] = object{"show": "points", "pointSize": object{"fixed": 8, "min": 6, "max": 30}, "pointShape": "circle", "pointStrokeWidth": 1, "fillOpacity": 50,
		"axisPlacement": "auto", "hideFrom": hideFrom(false, false, false)}
	out.FieldConfig.Defaults["color"], out.FieldConfig.Defaults["unit"] = fixed(colourSeries), yUnit
	by := func(name string) object { return object{"matcher": object{"id": "byName", "options": p.t(name)}} }
	one := object{"frame": object{"matcher": object{"id": "byIndex", "options": 0}}, "x": by(x), "y": by(y)}
	if size != "" {
		one["size"] = by(size)
	}
	out.Options = object{"mapping": "manual", "series": []any{one}, "legend": object{"showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": []any{}},
		"tooltip": object{"mode": "single", "sort": "none"}}
	out.FieldConfig.Overrides = []object{
		override(p.t(x), "unit", xUnit, "custom.axisLabel", p.t(x)), override(p.t(y), "unit", yUnit, "custom.axisLabel", p.t(y)),
	}
	return out
}

// statuses is a row of cells for each subject over time: a wide or long series
// of codes 0 (good), 1 (warn), 2 (bad), with times snapped to the slot; words
// are the three states in English.
func (p *page) statuses(a about, query string, words [3]string) Panel {
	out := p.panel("status-history", a, seriesTarget("A", p.sql(query)))
	value := func(i int, colour string) object { return object{"text": p.t(words[i]), "color": colour, "index": i} }
	out.FieldConfig.Defaults["unit"] = "none"
	out.FieldConfig.Defaults["color"] = object{"mode": "palette-classic"}
	out.FieldConfig.Defaults["mappings"] = []any{object{"type": "value", "options": object{"0": value(0, colourGood), "1": value(1, colourWarn), "2": value(2, colourBad)}}}
	out.FieldConfig.Defaults["custom"] = object{"fillOpacity": 90, "lineWidth": 0, "hideFrom": hideFrom(false, false, false)}
	out.Transformations = []object{withoutField("any_row")}
	out.Options = object{"showValue": "never", "rowHeight": 0.8, "colWidth": 0.9, "legend": legend(), "tooltip": object{"mode": "single", "sort": "none"}}
	return out
}
