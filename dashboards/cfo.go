package dashboards

// cfo is "Receivables and cash": what is owed, how late it is, how it moved,
// what will come in, who owes most, and whether the books balance.
func cfo() definition {
	return definition{
		name: "cfo", tab: "Receivables and cash", title: "Receivables and cash", tag: "finance",
		description: "What customers owe, how late it is, how fast it turns to cash, and whether the books balance.",
		variables:   without(allFilters(), agedBy),
		panels: func(p *page) {
			p.compute("top10", "cfo_top10")
			p.compute("wape", "cfo_wape")
			p.compute("millions", "cfo_millions")
			p.cfoStats(2)
			p.cfoCharts(6)
			p.cfoMovement(15)
			p.cfoTables(24)
			p.cfoMeasures(38)
			p.row(50, "Quality of the book")
			p.cfoQuality(51)
		},
	}
}

// What tables do not know; a combination of filters they cannot follow leaves
// their panels empty.
const (
	oneFilter     = "In reporting currency at all times. Follows one filter at a time: for a combination of company, segment, region, rep and customer there is no figure."
	twoFilters    = "In reporting currency. Follows company and segment; with another filter there is no figure."
	byScope       = "In reporting currency. Follows company or segment, one of them at a time; with another filter there is no figure."
	otherFilter   = "Nothing was built yet, or more filters are chosen than this panel follows: its description names them."
	noReceivables = "No open receivables for this selection."
)

func (p *page) cfoStats(y int) {
	for i, s := range []stat{
		openStat(),
		overdueStat(),
		{about: about{title: "DSO, 90 days", metric: docSpeed, description: "Net receivables / billings of the last 90 days x 90 (B3).", note: oneFilter},
			query: "stat_dso", unit: p.days()},
		{about: about{title: "Effectiveness (CEI)", metric: docSpeed,
			description: "Collection effectiveness of the month to date: what was collected of all that was collectable (C1). Red below 70 %.", note: oneFilter},
			query: "stat_cei", unit: percent, decimals: 1, min: 0, max: 100, bad: 70, lessIsBad: true},
		{about: about{title: "Cash next 30 days", metric: docForecast,
			description: "Cash expected from what is open on the as-of day (F1), with the range between the quartiles of what past forecasts brought. New sales are not in it."},
			query: "cfo_cash_next", decimals: 1, noLine: true},
		{about: about{title: "Credit loss (ECL)", metric: docRisk,
			description: "Loss allowance over the life of what is open, at closing rates (E6). The line shows month-ends.", note: twoFilters},
			query: "cfo_ecl", decimals: 1},
	} {
		p.add(4*i, y, 4, 4, p.stat(s))
	}
}

func (p *page) cfoCharts(y int) {
	p.add(0, y, 8, 9, p.agingBars(bars{query: "aging_amount", about: about{title: "Open receivables by age", metric: docBalance, empty: noReceivables,
		description: "Open amount by days past due (A2), at month-ends and, last, the as-of day. Disputed amounts are included."}}))
	p.add(8, y, 8, 9, p.agingBars(bars{query: "aging_share", unit: percent, about: about{title: "Overdue share of open receivables, by age", metric: docBalance, empty: noReceivables,
		description: "Overdue buckets as a share of all open receivables (A5). What is not due is left out, so that the tail can be seen."}}))
	p.add(16, y, 8, 9, p.lines(lines{query: "dso_lines", unit: p.daysShort(), decimals: 0,
		about: about{title: "DSO against best possible: the gap is late payment", metric: docSpeed,
			description: "DSO over 90 days (B3), what it would be if all paid when due (B7), and the countback that follows the shape of sales (B4).", note: oneFilter,
			empty: "No DSO for this selection: less than 90 days of history, no sales, or a combination of filters."},
		series: []series{
			{name: "DSO", colour: colourBad, band: "Best possible DSO"},
			{name: "Best possible DSO", colour: colourSeries},
			{name: "Countback", colour: colourHistory, width: 1, dashed: true},
		}}))
}

func (p *page) cfoMovement(y int) {
	p.add(0, y, 12, 9, p.waterfall(about{title: "From opening to closing balance, last full month, ${symbol:raw}", metric: docBalance, empty: "No movement in the last full month for this selection.",
		description: "Net receivables from the first to the last day of the month (A6): every line is a column of ar_rollforward, and they close to 0.00."}, "movement"))
	p.add(12, y, 12, 9, p.forecast(about{title: "Weekly cash from open invoices, 13 weeks ahead (${wape:raw})", metric: docForecast,
		empty: "No forecast for this selection: it is made for the last day built and for month-ends of the last year.",
		description: "Expected cash of each week from what is open on the as-of day (F1) and its likely range; before it, what came in of what was open at the month-end before, " +
			"and what the forecast had said then (F2). The range is what came of past forecasts of the same week after a month-end, a quarter of them below it and a quarter above; it always takes in what is expected. " +
			"Customers pay towards the end of a month: where the dashed line runs along the edge of the range, past forecasts of that week were mostly too high or too low, and the solid line, expected times the median of what came then, is the better guess. " +
			"Bars, points and solid line follow company or segment, one at a time."}, "cfo_forecast"))
}

// bucketWidth is the width of a narrow column of an aging bucket, in pixels: what
// its title takes.
func bucketWidth(i int) int { return []int{64, 54, 58, 58, 60, 66, 66, 52}[i] }

func (p *page) cfoTables(y int) {
	p.add(0, y, 12, 14, p.table(table{query: "cfo_top_exposures",
		about: about{title: "Ten largest exposures – ${top10:raw} % of open receivables", metric: docRisk, empty: noReceivables,
			description: "Customers by open amount, subsidiaries counted with their parent (E11); share of the credit limit used (E7) and grade (E8) as of the last month-end. " +
				"The line shows the open amount of the last twelve month-ends on its own scale."},
		columns: []column{
			textColumn("Customer").flex(200).link(p.t("Customer file"), p.address("customer", "customer", "customer_id")), hiddenColumn("customer_id"),
			moneyColumn("Open").wide(80), moneyColumn("Overdue").wide(84), gaugeColumn("Overdue %", 1, lateness()...).wide(84),
			percentColumn("Limit used").wide(80).with("custom.cellOptions", object{"type": "color-text"}, "thresholds", steps(step(nil, "text"), step(0.9, colourWarn), step(1, colourBad))),
			p.pillColumn("Grade", gradeColours()).wide(52), sparkColumn("12 months").wide(76),
		}}))
	columns := []column{textColumn("Segment").flex(98), moneyColumn("Open").wide(88), percentColumn("Not due").wide(64)}
	for i, b := range Buckets()[1:] {
		columns = append(columns, lateColumn(b.Title).wide(bucketWidth(i+1)))
	}
	p.add(12, y, 12, 8, p.table(table{query: "cfo_late_by_segment", columns: columns,
		about: about{title: "Where it is late: share of open receivables by segment and days overdue", metric: docBalance, empty: noReceivables,
			description: "Each row adds up to 100 % of the segment's open amount (A2); the segment with the largest overdue share comes first."}}))
	columns = []column{textColumn("ECL").flex(80).with("displayName", " ")}
	for i, b := range Buckets() {
		columns = append(columns, textColumn(b.Title).wide(bucketWidth(i)).with("custom.align", "right"))
	}
	columns = append(columns, textColumn("Total").flex(70).with("custom.align", "right"))
	p.add(12, y+8, 12, 6, p.table(table{query: "cfo_ecl_buckets", columns: columns,
		about: about{title: "Expected credit loss by days overdue${millions:raw}", metric: docRisk, empty: otherFilter,
			description: "Gross receivables at closing rates, the loss rate over all assessments (matrix, specific, disputed, insured), and the allowance (E6).", note: twoFilters}}))
}

func (p *page) cfoMeasures(y int) {
	p.add(0, y, 12, 12, p.table(table{query: "cfo_measures",
		about: about{title: "Against last month and last year, ${symbol:raw}", metric: docSpeed, empty: noReceivables,
			description: "Further measures at the as-of day, at the month-end before and a year before; amounts change in percent, shares in points. DSO measures follow one filter at a time, " +
				"concentration company or segment, the allowance company and segment."},
		columns: []column{
			textColumn("Measure").flex(146), textColumn("Now").wide(86).with("custom.align", "right"), textColumn("Month ago").wide(88).with("custom.align", "right"),
			textColumn("vs month").wide(88).with("custom.align", "right"), textColumn("Year ago").wide(86).with("custom.align", "right"),
			textColumn("vs year").wide(90).with("custom.align", "right"), sparkColumn("12 months").wide(88),
		}}))
	p.add(12, y, 12, 12, p.table(table{query: "cfo_tie_out",
		about: about{title: "Do the books balance?", metric: docBuildCheck, empty: "Nothing was built yet.",
			description: "Sums of absolute differences in document currency, over all companies; the figure must be 0. Below, net receivables against the control accounts of the general ledger, " +
				"less what was posted later. Filters do not apply here."},
		columns: []column{
			textColumn("Check").flex(250), numberColumn("Compared").wide(84), textColumn("Difference").wide(84).with("custom.align", "right"),
			p.wordColumn("Result", map[string]string{"balances": colourGood, "does not balance": colourBad, "nothing to compare": colourWarn}).wide(144),
		}}))
}
