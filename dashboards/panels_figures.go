package dashboards

// stat shows the newest value of a series (time, label, v), the change in words
// (its label), and the line behind it. bad, if set, is where the line turns
// red: above it, or below it with lessIsBad.
type stat struct {
	about
	query     string
	unit      string // money, percent, p.days() …
	decimals  int
	min, max  any
	bad       any
	lessIsBad bool
	noLine    bool // a single figure: no line behind it
}

func (p *page) stat(s stat) Panel {
	out := p.panel("stat", s.about, seriesTarget("A", p.sql(s.query)))
	defaults := out.FieldConfig.Defaults
	defaults["displayName"], defaults["color"] = "${__field.labels.label}", object{"mode": "thresholds"}
	defaults["thresholds"] = steps(step(nil, colourSeries))
	if s.bad != nil && s.lessIsBad {
		defaults["thresholds"] = steps(step(nil, colourBad), step(s.bad, colourSeries))
	} else if s.bad != nil {
		defaults["thresholds"] = steps(step(nil, colourSeries), step(s.bad, colourBad))
	}
	if s.min != nil {
		defaults["min"], defaults["max"] = s.min, s.max
	}
	graph := "area"
	if s.noLine {
		graph = "none"
	}
	out.Options = object{
		"textMode": "value_and_name", "wideLayout": false, "graphMode": graph, "colorMode": "none", "justifyMode": "auto", "orientation": "auto",
		"showPercentChange": false, "text": object{"titleSize": 12, "valueSize": 30},
		"reduceOptions": object{"calcs": []any{"lastNotNull"}, "fields": "", "values": false},
	}
	p.unit(&out, s.unit, s.decimals)
	return out
}

// statText shows one word or figure computed in SQL as text, such as a grade:
// columns label and v (text) of one row. The figure of a row
// takes its name from the row's other text.
func (p *page) statText(a about, query string) Panel {
	out := p.panel("stat", a, tableTarget("A", p.sql(query)))
	defaults := out.FieldConfig.Defaults
	defaults["color"], defaults["unit"] = fixed(colourSeries), "string"
	out.Options = object{
		"textMode": "value_and_name", "wideLayout": false, "graphMode": "none", "colorMode": "none", "justifyMode": "auto", "orientation": "auto",
		"showPercentChange": false, "text": object{"titleSize": 12, "valueSize": 30},
		"reduceOptions": object{"calcs": []any{"lastNotNull"}, "fields": "/^v$/", "values": true, "limit": 1},
	}
	return out
}

// openStat and overdueStat stand on several pages, each following its filters.
func openStat() stat {
	return stat{about: about{title: "Open receivables", metric: docBalance,
		description: "Open invoices and debit notes at the end of the as-of day, before unapplied cash and credits (A1). The line shows month-ends of two years."},
		query: "stat_open", decimals: 1}
}

func overdueStat() stat {
	return stat{about: about{title: "Overdue share", metric: docBalance,
		description: "Open amount 1 day or more past due, as a share of all open receivables (A5). Red above 25 %."},
		query: "stat_overdue", unit: percent, decimals: 1, min: 0, max: 50, bad: 25}
}
