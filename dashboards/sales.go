package dashboards

// sales is "Collections by rep": what each rep collected of what was due, and who falls behind.
func sales() definition {
	return definition{
		name: "sales", tab: "Collections by rep", title: "Collections by rep", tag: "sales",
		description: "What each rep and team collected of what was due and targeted, and who falls behind.",
		variables:   without(allFilters(), agedBy),
		panels: func(p *page) {
			p.compute("sellers", "sales_scatter_unit")
			p.salesStats(2)
			p.salesLeague(6)
			p.salesReps(26)
			p.salesWork(40)
			p.salesReasons(50)
			p.salesProcess(63)
			p.row(76, "Discipline before and after the sale")
			p.salesDiscipline(77)
		},
	}
}

// What the models of reps know.
const (
	byCompanyRep = "In reporting currency. Follows company and rep; with another filter there is no figure."
	byRepOnly    = "Follows the rep; with another filter there is no figure."
	noFilter     = "Over the whole business, last day built; with a filter there is no figure."
)

func (p *page) salesStats(y int) {
	for i, s := range []stat{
		{about: about{title: "Collected", metric: docRep, note: byCompanyRep,
			description: "Receipts less bounced ones and refunds, by the owner of the receipt date (C9), of the month of the as-of day; of the month before while that month is neither over nor the last built. The label compares with the target and the same month last year."},
			query: "sales_collected", decimals: 1},
		{about: about{title: "Pace to target", metric: docControl, note: byCompanyRep,
			description: "Collected ÷ target ÷ share of the workdays gone (C10): 100 % reaches the target. Red below 90 %."},
			query: "sales_pace", unit: percent, min: 0, max: 150, bad: 90, lessIsBad: true},
		{about: about{title: "Rate, due basis", metric: docRep, note: byCompanyRep,
			description: "Cash on what was overdue at the beginning of the month and what fell due in it (C2)."},
			query: "sales_rate", unit: percent, decimals: 1, min: 0, max: 100},
		overdueStat(),
		{about: about{title: "Paid on time", metric: docRep, note: byCompanyRep,
			description: "Instalments due in the month that were settled by their due date, by amount (C7)."},
			query: "sales_on_time", unit: percent, decimals: 1, min: 0, max: 100},
		{about: about{title: "Promises kept", metric: docRep, note: byCompanyRep,
			description: "Promises due in the month that were kept: 95 % of the amount within two days of the promised day (D1), by count."},
			query: "sales_kept", unit: percent, decimals: 1, min: 0, max: 100},
	} {
		p.add(4*i, y, 4, 4, p.stat(s))
	}
}

func (p *page) salesLeague(y int) {
	p.add(0, y, 24, 20, p.table(table{query: "sales_league",
		about: about{title: "League table: total, teams, then reps by their pace", metric: docRep, empty: "Nothing is known of reps for this selection: take off all filters but company and rep.", note: byCompanyRep,
			description: "Collected and target of the month; the bar is attainment ÷ share of workdays gone, coloured red below 75 %, amber below 90 %. Rate = cash ÷ what was overdue or fell due (C2), " +
				"with its change on the same month last year in points and its twelve months. Kept = promises kept of those due. Per visit = cash within the window after a visit, over all companies. A click on a rep opens the rep's page."},
		columns: []column{
			textColumn("Team").flex(140), textColumn("Rep").wide(112).with("noValue", "").link(p.t("Rep"), p.address("rep", "rep", "rep_id")), hiddenColumn("rep_id"),
			moneyColumn("Collected").wide(102), moneyColumn("Target").wide(94), percentColumn("Attainment").wide(88), gaugeColumn("Against pace", 1.5, attainment()...).wide(98),
			percentColumn("Rate, due").wide(80), {title: "On year, pt", pairs: []any{"unit", number, "decimals", 0, "custom.cellOptions", object{"type": "color-text"}, "thresholds", steps(step(nil, colourBad), step(-0.5, "text"), step(0.5, colourGood)), "custom.width", 86}},
			sparkColumn("Rate, 12 months").wide(120), moneyColumn("Open").wide(98), percentColumn("Overdue %").wide(86).with("custom.cellOptions", object{"type": "color-background", "mode": "basic"},
				"thresholds", steps(step(nil, "transparent"), step(0.25, "#F7DC85"), step(0.35, "#F4B04E"), step(0.45, "#CF4630"))),
			percentColumn("On time").wide(70), percentColumn("Kept").wide(56), numberColumn("Visits").wide(58), moneyColumn("Per visit").wide(86),
		}}))
}

func (p *page) salesReps(y int) {
	p.add(0, y, 8, 14, p.agingOverdue(bars{query: "sales_overdue", x: "rep", horizontal: true,
		about: about{title: "Overdue by rep and days overdue", metric: docBalance, empty: "Nothing is overdue for this selection.",
			description: "Overdue amount at the as-of day by account owner and bucket (A2); the 25 largest."}}))
	p.add(8, y, 8, 14, p.bars(bars{query: "sales_gap", x: "rep", horizontal: true, stacked: true, negative: true,
		series: []series{{name: "Ahead", colour: colourGood}, {name: "Behind", colour: colourBad}},
		about: about{title: "Ahead of target and behind it, by rep", metric: docControl, empty: "No rep has a target for this selection.", note: byCompanyRep,
			description: "Collected less the part of the month's target that should be in by the workdays gone (C10); the 25 largest differences."}}))
	p.add(16, y, 8, 14, p.bars(bars{query: "sales_rates", x: "rep", horizontal: true, unit: percent,
		series: []series{{name: "This month", colour: colourSeries}, {name: "Same month last year", colour: colourHistory}},
		about: about{title: "Collection rate by rep, against last year", metric: docRep, empty: "No rate for this selection: nothing was due, or other filters than company and rep.", note: byCompanyRep,
			description: "Cash on what was overdue or fell due (C2), the month shown and the same month last year; the 25 reps with most to collect."}}))
}

// agingOverdue stacks the buckets of what is overdue, in money.
func (p *page) agingOverdue(b bars) Panel {
	b.stacked, b.series = true, bucketSeries(Buckets()[1:])
	return p.bars(b)
}

func (p *page) salesWork(y int) {
	target := p.bars(bars{query: "sales_target", series: []series{{name: "Collected", colour: colourSeries}, {name: "Target", colour: colourHistory}, {name: "At this pace", colour: colourSeries}},
		about: about{title: "Collected against target, and where this pace leads", metric: docControl, empty: "No rep has a target for this selection.", note: byCompanyRep,
			description: "Cash of reps who have a target, and their target (outlined), over thirteen months (C10). While the month runs, the outline in blue is collected ÷ share of workdays gone."}})
	p.outlined(&target, "Target", "At this pace")
	p.add(0, y, 8, 10, target)
	p.add(8, y, 8, 10, p.scatter(about{title: "Who sells and who is paid${sellers:raw}", metric: docRep, empty: "No open receivables of reps for this selection.", note: byCompanyRep,
		description: "Each bubble is a rep: sales of three months against the overdue share of open receivables; its size is what is open. Up and right: sells much, and late."},
		"sales_scatter", "Sales of three months", number, "Overdue share", percent, "Open"))
	p.add(16, y, 8, 10, p.funnel(about{title: "From overdue to paid: customers of the month", metric: docVisits, empty: "No customer is overdue for this selection, or other filters than the rep.", note: byRepOnly,
		description: "Customers that were overdue in the month, of them contacted, visited, agreed and with a promise kept (D4); in brackets the share of the stage before."}, "sales_funnel", "Customers"))
}

func (p *page) salesReasons(y int) {
	p.add(0, y, 9, 13, p.table(table{query: "sales_causes",
		about: about{title: "Why customers pay late", metric: docReasons, empty: "No causes of delay are noted, or a filter is set.", note: noFilter,
			description: "Overdue by the cause that was noted, largest first, with the running share of what is known (Pareto), and who can solve it. In reporting currency."},
		columns: []column{textColumn("Cause").flex(170), moneyColumn("Overdue").wide(86), gaugeColumn("Share", 0.4, oneColour()...).wide(70), percentColumn("Cumulative").wide(86), textColumn("Solved by").wide(74)}}))
	p.add(9, y, 8, 13, p.table(table{query: "sales_refusals",
		about: about{title: "What customers say when they do not pay", metric: docReasons, empty: "No reasons were recorded at visits, or a filter is set.", note: noFilter,
			description: "Reasons given at visits of twelve months, most frequent first, with the running share, and what was paid within the window after such a visit."},
		columns: []column{textColumn("Reason given").flex(180), gaugeColumn("Times", 1000, oneColour()...).wide(72).with("unit", number), percentColumn("Cumulative").wide(86), percentColumn("Paid after").wide(80)}}))
	p.add(17, y, 7, 13, p.lines(lines{query: "sales_visits", unit: percent, decimals: 0, min: 0,
		series: []series{{name: "After the visit", colour: colourSeries}, {name: "Before the visit", colour: colourHistory, dashed: true}},
		about: about{title: "What visits bring: share of the overdue paid", metric: docVisits, empty: "No visit with a full window for this selection, or other filters than the rep.", note: byRepOnly,
			description: "Cash within the window after visits (14 days unless configured) and within the same window before, of what was overdue (D3). Before and after, not cause: visits are made to bad payers."}}))
}

// salesProcess is how the work of collecting is done.
func (p *page) salesProcess(y int) {
	p.add(0, y, 16, 13, p.table(table{query: "sales_process",
		about: about{title: "How visits are done, twelve months", metric: docVisits, empty: "No visit and nothing overdue for this selection, or other filters than the rep.", note: byRepOnly,
			description: "By rep (D4), most items without contact first: visits and calls, the share logged within the hours allowed, appointments that took place, visits with a complete checklist, with evidence and with a next step where nothing was agreed, " +
				"days from the due date to the first contact, and items overdue without any contact. – where nothing of the kind is recorded."},
		columns: []column{textColumn("Rep").flex(126).link(p.t("Rep"), p.address("rep", "rep", "rep_id")), hiddenColumn("rep_id"), numberColumn("Visits, calls").wide(94), gaugeColumn("Logged in time", 1, attainment()...).wide(122),
			percentColumn("Appointments").wide(108), percentColumn("Checklist").wide(80), percentColumn("Proof").wide(64), percentColumn("Next step").wide(82),
			numberColumn("First contact, days").with("unit", "none", "decimals", 1).wide(140), numberColumn("No contact").wide(90)}}))
	p.add(16, y, 8, 13, p.lines(lines{query: "sales_process_lines", unit: percent, decimals: 0, min: 0, max: 100,
		about: about{title: "Is the work done in time?", metric: docVisits, empty: "No visit for this selection, or other filters than the rep.", note: byRepOnly,
			description: "By month (D4): visits logged in time, appointments that took place, and items that became overdue, not paid before any contact, whose customer was contacted; of the last month this is not known yet."},
		series: []series{{name: "Logged in time", colour: colourSeries}, {name: "Appointments", colour: colourGood}, {name: "Overdue contacted", colour: colourHistory, dashed: true}}}))
}
