package dashboards

// cfo is "Receivables and cash": what is owed, how late it is, how it moved, who
// owes most, and whether the books balance.
func cfo() definition {
	return definition{
		name: "cfo", tab: "Receivables and cash", title: "Receivables and cash", tag: "finance",
		description: "What customers owe, how late it is, how fast it turns to cash, and whether the books balance.",
		variables:   allFilters(),
		panels: func(p *page) {
			p.compute("top10", "cfo_top10")
			p.cfoStats(2)
			p.cfoCharts(6)
			p.cfoMovement(15)
			p.cfoTables(24)
		},
	}
}

// oneFilter ends the description of what is known by scope only.
const oneFilter = "In reporting currency at all times. Follows one filter at a time: for a combination of company, segment, region, rep and customer there is no figure."

func (p *page) cfoStats(y int) {
	for i, s := range []stat{
		{about: about{title: "Open receivables", metric: docBalance,
			description: "Open invoices and debit notes at the end of the as-of day, before unapplied cash and credits (A1). The line shows month-ends of two years."},
			query: "stat_open", decimals: 1},
		{about: about{title: "Overdue share", metric: docBalance,
			description: "Open amount 1 day or more past due, as a share of all open receivables (A5). Red above 25 %."},
			query: "stat_overdue", unit: percent, decimals: 1, min: 0, max: 50, bad: 25},
		{about: about{title: "DSO, 90 days", metric: docSpeed, description: "Net receivables / billings of the last 90 days x 90 (B3).", note: oneFilter},
			query: "stat_dso", unit: p.days()},
		{about: about{title: "Days delinquent", metric: docSpeed,
			description: "Average days delinquent: DSO less best possible DSO, the part of DSO that is late payment (B8).", note: oneFilter},
			query: "stat_add", unit: p.days()},
		{about: about{title: "Effectiveness (CEI)", metric: docSpeed,
			description: "Collection effectiveness of the month to date: what was collected of all that was collectable (C1). Red below 70 %.", note: oneFilter},
			query: "stat_cei", unit: percent, decimals: 1, min: 0, max: 100, bad: 70, lessIsBad: true},
		{about: about{title: "Cash, full month", metric: docBalance,
			description: "Receipts of the last full month less those that bounced (A6), against the month before and the same month a year before."},
			query: "stat_cash", decimals: 1},
	} {
		p.add(4*i, y, 4, 4, p.stat(s))
	}
}

const noReceivables = "No open receivables for this selection."

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
	p.add(0, y, 12, 9, p.waterfall(about{title: "From opening to closing balance, last full month", metric: docBalance, empty: "No movement in the last full month for this selection.",
		description: "Net receivables from the first to the last day of the month (A6): every line is a column of ar_rollforward, and they close to 0.00."}, "movement"))
	p.add(12, y, 12, 9, p.bars(bars{query: "in_and_out", series: []series{{name: "Invoiced", colour: colourHistory}, {name: "Cash received", colour: colourSeries}},
		about: about{title: "Invoiced and collected by month", metric: docBalance, empty: "Nothing invoiced or collected for this selection.",
			description: "Invoices and debit notes against receipts, by the month of their date; the last month runs to the last day built (A6)."}}))
}

func (p *page) cfoTables(y int) {
	p.add(0, y, 12, 15, p.table(table{query: "top_exposures",
		about: about{title: "Ten largest exposures – ${top10:raw} % of open receivables", metric: docRisk, empty: noReceivables,
			description: "Customers by open amount, subsidiaries counted with their parent (E11). The line shows the open amount of the last twelve month-ends on its own scale."},
		columns: []column{
			textColumn("Customer").flex(150).link(p.t("Customer file"), p.address("customer", "customer", "customer_id")), hiddenColumn("customer_id"),
			moneyColumn("Open").wide(110), moneyColumn("Overdue").wide(110), gaugeColumn("Overdue %", 1, lateness()...).wide(120),
			percentColumn("Share").wide(70), sparkColumn("12 months").flex(100),
		}}))
	columns := []column{textColumn("Segment").flex(110), moneyColumn("Open").flex(100), percentColumn("Not due").wide(72)}
	for _, b := range Buckets()[1:] {
		columns = append(columns, lateColumn(b.Title).wide(68))
	}
	p.add(12, y, 12, 8, p.table(table{query: "late_by_segment", columns: columns,
		about: about{title: "Where it is late: share of open receivables by segment and days overdue", metric: docBalance, empty: noReceivables,
			description: "Each row adds up to 100 % of the segment's open amount (A2); the segment with the largest overdue share comes first."}}))
	p.add(12, y+8, 12, 7, p.table(table{query: "tie_out",
		about: about{title: "Do the books balance?", metric: docBuildCheck, empty: "Nothing was built yet.",
			description: "Sums of absolute differences in document currency, over all companies; the figure must be 0. Filters do not apply here."},
		columns: []column{
			textColumn("Check").flex(260), numberColumn("Compared").wide(100), textColumn("Difference").wide(100).with("custom.align", "right"),
			p.wordColumn("Result", map[string]string{"balances": colourGood, "does not balance": colourBad, "nothing to compare": colourWarn}).wide(130),
		}}))
}
