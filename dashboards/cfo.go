package dashboards

// cfo is "Receivables and cash": what is owed, how late it is, how it moved, who
// owes most, and whether the books balance.
func cfo(l Locale) (Dashboard, error) {
	p, err := newPage(l)
	if err != nil {
		return Dashboard{}, err
	}
	p.add(0, 0, 24, 2, p.headline("headline"))
	p.cfoStats(2)
	p.cfoCharts(6)
	p.cfoMovement(15)
	p.cfoTables(24)
	uid := "huikuan-cfo"
	if l.Lang != "en" {
		uid += "-" + l.Lang
	}
	return Dashboard{
		UID: uid, Title: p.t("Receivables and cash"),
		Description: p.t("What customers owe, how late it is, how fast it turns to cash, and whether the books balance."),
		Tags:        []string{"huikuan", "finance"}, SchemaVersion: schemaVersion, Version: 1, Editable: false,
		Timezone: "utc", GraphTooltip: 1, Time: object{"from": "now-24M", "to": "now+20d"}, Timepicker: object{"hidden": true},
		Links: []any{}, Annotations: object{"list": []any{}}, Templating: templating{List: p.cfoVariables()}, Panels: p.panels,
	}, p.err
}

func (p *page) cfoVariables() []object {
	all := p.t("All")
	datasourceVariable := object{
		"name": "datasource", "label": p.t("Data source"), "type": "datasource", "query": datasourceType, "regex": "", "refresh": 1, "hide": 2,
		"multi": false, "includeAll": false, "skipUrlSync": false, "options": []any{}, "current": object{"text": "Huikuan", "value": "huikuan"},
	}
	return []object{
		datasourceVariable,
		multiVariable("company", p.t("Company"), all, p.sql("var_company")),
		multiVariable("segment", p.t("Segment"), all, p.sql("var_segment")),
		multiVariable("region", p.t("Region"), all, p.sql("var_region")),
		queryVariable("as_of", p.t("As of"), p.sql("var_as_of")),
		queryVariable("currency", p.t("Currency"), p.sql("var_currency")),
		hiddenVariable("symbol", p.sql("var_symbol")),
		hiddenVariable("top10", p.sql("var_top10")),
		hiddenVariable("headline", p.sql("var_headline")),
	}
}

// oneFilter ends the description of what is known by scope only.
const oneFilter = "In reporting currency at all times. Follows one filter at a time: for a combination of company, segment and region there is no figure."

func (p *page) cfoStats(y int) {
	days := "suffix: " + p.t("days")
	for i, s := range []statPanel{
		{title: p.t("Open receivables"), query: "stat_open", decimals: 1,
			description: p.t("Open invoices and debit notes at the end of the as-of day, before unapplied cash and credits (A1). The line shows month-ends of two years.")},
		{title: p.t("Overdue share"), query: "stat_overdue", unit: "percent", decimals: 1, min: 0, max: 50,
			thresholds:  steps(step(nil, colourSeries), step(25, colourBad)),
			description: p.t("Open amount 1 day or more past due, as a share of all open receivables (A5). Red above 25 %.")},
		{title: p.t("DSO, 90 days"), query: "stat_dso", unit: days, decimals: 0,
			description: p.t("Net receivables / billings of the last 90 days x 90 (B3).") + " " + p.t(oneFilter)},
		{title: p.t("Days delinquent"), query: "stat_add", unit: days, decimals: 0,
			description: p.t("Average days delinquent: DSO less best possible DSO, the part of DSO that is late payment (B8).") + " " + p.t(oneFilter)},
		{title: p.t("Effectiveness (CEI)"), query: "stat_cei", unit: "percent", decimals: 1, min: 0, max: 100,
			thresholds:  steps(step(nil, colourBad), step(70, colourSeries)),
			description: p.t("Collection effectiveness of the month to date: what was collected of all that was collectable (C1). Red below 70 %.") + " " + p.t(oneFilter)},
		{title: p.t("Cash, full month"), query: "stat_cash", decimals: 1,
			description: p.t("Receipts of the last full month less those that bounced (A6), against the month before and the same month a year before.")},
	} {
		p.add(4*i, y, 4, 4, p.stat(s))
	}
}

func (p *page) cfoCharts(y int) {
	nothing := p.t("No open receivables for this selection.")
	p.add(0, y, 8, 9, p.barChart(bars{
		title: p.t("Open receivables by age"), query: "aging_amount", stacked: true, noValue: nothing, overrides: p.bucketColours(Buckets()),
		description: p.t("Open amount by days past due (A2), at month-ends and, last, the as-of day."),
	}))
	p.add(8, y, 8, 9, p.barChart(bars{
		title: p.t("Overdue share of open receivables, by age"), query: "aging_share", unit: "percent", stacked: true, noValue: nothing,
		overrides:   p.bucketColours(Buckets()[1:]),
		description: p.t("Overdue buckets as a share of all open receivables (A5). What is not due is left out, so that the tail can be seen."),
	}))
	dso, best, countback := p.t("DSO"), p.t("Best possible DSO"), p.t("Countback")
	p.add(16, y, 8, 9, Panel{
		Type: "timeseries", Title: p.t("DSO against best possible: the gap is late payment"),
		Description: p.t("DSO over 90 days (B3), what it would be if all paid when due (B7), and the countback that follows the shape of sales (B4).") + " " + p.t(oneFilter),
		Targets:     []Target{tableTarget("A", p.sql("dso_lines"))},
		FieldConfig: fieldConfig{
			Defaults: object{
				"noValue": p.t("No DSO for this selection: less than 90 days of history, no sales, or a combination of filters."),
				"unit":    "suffix:" + p.t("d"), "decimals": 0, "color": object{"mode": "palette-classic"}, "mappings": []any{},
				"custom": object{"drawStyle": "line", "lineInterpolation": "linear", "lineWidth": 2, "fillOpacity": 0, "showPoints": "never", "spanNulls": true,
					"axisPlacement": "auto", "hideFrom": hideFrom(false, false, false)},
			},
			Overrides: []object{
				override(dso, "color", fixed(colourBad), "custom.fillBelowTo", best, "custom.fillOpacity", 18),
				override(best, "color", fixed(colourSeries)),
				override(countback, "color", fixed(colourHistory), "custom.lineWidth", 1, "custom.lineStyle", object{"fill": "dash", "dash": []any{4, 4}}),
			},
		},
		Options: object{"legend": legend(), "tooltip": tooltip()},
	})
}

func (p *page) cfoMovement(y int) {
	waterfall := p.barChart(bars{
		title: p.t("From opening to closing balance, last full month"), query: "movement", stacked: true,
		noValue:     p.t("No movement in the last full month for this selection."),
		description: p.t("Net receivables from the first to the last day of the month (A6): every line is a column of ar_rollforward, and they close to 0.00."),
		overrides: []object{
			override("step", "custom.axisPlacement", "left"),
			override("base", "color", fixed("transparent"), "custom.fillOpacity", 0, "custom.hideFrom", hideFrom(true, true, false)),
			override(p.t("Balance"), "color", fixed(colourHistory)),
			override(p.t("Increase"), "color", fixed(colourSeries)),
			override(p.t("Decrease"), "color", fixed(colourGood)),
		},
	})
	waterfall.FieldConfig.Defaults["custom"].(object)["axisPlacement"] = "hidden"
	delete(waterfall.FieldConfig.Defaults, "min") // a balance may be a credit
	waterfall.Options["orientation"], waterfall.Options["xField"] = "horizontal", "step"
	waterfall.Options["legend"] = object{"showLegend": false, "displayMode": "list", "placement": "bottom", "calcs": []any{}}
	p.add(0, y, 12, 9, waterfall)
	p.add(12, y, 12, 9, p.barChart(bars{
		title: p.t("Invoiced and collected by month"), query: "in_and_out", noValue: p.t("Nothing invoiced or collected for this selection."),
		description: p.t("Invoices and debit notes against receipts, by the month of their date; the last month runs to the last day built (A6)."),
		overrides: []object{
			override(p.t("Invoiced"), "color", fixed(colourHistory)),
			override(p.t("Cash received"), "color", fixed(colourSeries)),
		},
	}))
}

func (p *page) cfoTables(y int) {
	nothing := p.t("No open receivables for this selection.")
	money := func(english string) string { return p.locale.moneyHeader(p.t(english)) }
	percent := []any{"unit", "percentunit", "decimals", 0}
	p.add(0, y, 12, 15, p.table(p.t("Ten largest exposures")+" – ${top10:raw}"+p.t(" % of open receivables"),
		p.t("Customers by open amount, subsidiaries counted with their parent (E11). The line shows the open amount of the last twelve month-ends on its own scale."),
		"top_exposures", nothing,
		override(p.t("Customer"), "custom.minWidth", 150),
		override(p.t("Open"), "displayName", money("Open"), "custom.width", 110),
		override(p.t("Overdue"), "displayName", money("Overdue"), "custom.width", 110),
		override(p.t("Overdue %"), append(percent, "custom.width", 120, "min", 0, "max", 1,
			"custom.cellOptions", object{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"},
			"thresholds", steps(step(nil, "#F7DC85"), step(0.25, "#F4B04E"), step(0.5, "#CF4630")))...),
		override(p.t("Share"), append(percent, "custom.width", 70)...),
		override(p.t("12 months"), "custom.minWidth", 100, "color", fixed(colourSeries), "custom.cellOptions", object{"type": "sparkline", "hideValue": true,
			"lineWidth": 1.5, "fillOpacity": 10, "drawStyle": "line", "lineInterpolation": "linear", "gradientMode": "none"}),
	))
	overrides := []object{
		override(p.t("Segment"), "custom.minWidth", 110),
		override(p.t("Open"), "displayName", money("Open"), "custom.minWidth", 100),
		override(p.t("Not due"), append(percent, "custom.width", 72)...),
	}
	for _, b := range Buckets()[1:] {
		overrides = append(overrides, override(p.t(b.Title), append(percent, "custom.width", 68,
			"custom.cellOptions", object{"type": "color-background", "mode": "basic"}, "thresholds", steps(heat()...))...))
	}
	p.add(12, y, 12, 8, p.table(p.t("Where it is late: share of open receivables by segment and days overdue"),
		p.t("Each row adds up to 100 % of the segment's open amount (A2); the segment with the largest overdue share comes first."),
		"late_by_segment", nothing, overrides...))
	result := object{"type": "value", "options": object{
		p.t("balances"):           object{"color": colourGood, "index": 0},
		p.t("does not balance"):   object{"color": colourBad, "index": 1},
		p.t("nothing to compare"): object{"color": colourWarn, "index": 2},
	}}
	p.add(12, y+8, 12, 7, p.table(p.t("Do the books balance?"),
		p.t("Sums of absolute differences in document currency, over all companies; the figure must be 0. Filters do not apply here."),
		"tie_out", p.t("Nothing was built yet."),
		override(p.t("Check"), "custom.minWidth", 260),
		override(p.t("Compared"), "custom.width", 100),
		override(p.t("Difference"), "unit", "string", "custom.width", 100, "custom.align", "right"),
		override(p.t("Result"), "custom.width", 130, "mappings", []any{result}, "custom.cellOptions", object{"type": "color-text"}),
	))
}
