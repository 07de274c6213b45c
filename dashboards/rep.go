package dashboards

// rep is "Rep": one rep's customers, cash and promises.
func rep() definition {
	return definition{
		name: "rep", tab: "Rep", title: "Rep", tag: "sales",
		description: "One rep: customers, cash against target, promises and visits.",
		variables:   without(instead(allFilters(), byRep, oneRep), agedBy),
		panels: func(p *page) {
			p.repStats(2)
			p.repCustomers(6)
			p.repCharts(21)
			p.repPromises(31)
			p.repWorklist(44)
		},
	}
}

// ofRep is what the figures of a rep follow.
const ofRep = "In reporting currency. Follows the company; with another filter there is no figure."

func (p *page) repStats(y int) {
	for i, s := range []stat{
		{about: about{title: "Collected", metric: docRep, note: ofRep,
			description: "Receipts less bounced ones and refunds on accounts that the rep owned on the receipt date (C9), with target and last year; the month of the as-of day, or the month before while it is neither over nor the last built."},
			query: "sales_collected", decimals: 1},
		{about: about{title: "Pace to target", metric: docControl, note: ofRep, empty: "no target",
			description: "Collected ÷ target ÷ share of the workdays gone (C10): 100 % reaches the target. Red below 90 %."},
			query: "sales_pace", unit: percent, min: 0, max: 150, bad: 90, lessIsBad: true},
		{about: about{title: "Rate, due basis", metric: docRep, note: ofRep,
			description: "Cash on what was overdue at the beginning of the month and what fell due in it (C2)."},
			query: "sales_rate", unit: percent, decimals: 1, min: 0, max: 100},
		{about: about{title: "Open receivables", metric: docBalance,
			description: "Open invoices and debit notes of the rep's accounts at the end of the as-of day (A1)."},
			query: "stat_open", decimals: 1},
		overdueStat(),
		{about: about{title: "Promises kept", metric: docRep, note: ofRep,
			description: "Promises due in the month that were kept: 95 % of the amount within two days of the promised day (D1), by count."},
			query: "sales_kept", unit: percent, decimals: 1, min: 0, max: 100},
	} {
		p.add(4*i, y, 4, 4, p.stat(s))
	}
}

// customerFile is a customer's name that leads to the customer's file.
func (p *page) customerFile() column {
	return textColumn("Customer").flex(190).link(p.t("Customer file"), p.address("customer", "customer", "customer_id"))
}

// doThis is the next step with a customer; what can wait is grey.
func (p *page) doThis() column {
	return p.pillColumn("Do this", map[string]string{"Call and escalate": colourBad, "Hold orders and call": "#8F2A6B", "Call now": colourSeries, "Settle the dispute": colourDispute, "Remind": "#7BA7CE", "Wait for the promise": colourHistory}).wide(152)
}

func (p *page) repCustomers(y int) {
	p.add(0, y, 24, 15, p.table(table{query: "rep_customers",
		about: about{title: "Customers of this rep: what they owe and what to do", metric: docBalance, empty: "This rep has no customer with an open balance.",
			description: "Customers whose account the rep owned on the as-of day, by overdue amount, with the total on top. Oldest = days of the oldest item; contact, promise, step, limit and grade are of the last day built. The line shows the open amount of the last twelve month-ends on its own scale."},
		columns: []column{
			textColumn("Rank").wide(52), p.customerFile().with("noValue", " "), hiddenColumn("customer_id"), moneyColumn("Open").wide(88), moneyColumn("Overdue").wide(88), gaugeColumn("Overdue %", 1, lateness()...).wide(92), numberColumn("Oldest, days").wide(98),
			sparkColumn("12 months").wide(86), p.dateColumn("Last cash").wide(78), p.dateColumn("Last visit").wide(76), p.dateColumn("Promised until").wide(112), p.doThis(),
			percentColumn("Limit used").wide(84).with("custom.cellOptions", object{"type": "color-text"}, "thresholds", steps(step(nil, "text"), step(0.9, colourWarn), step(1, colourBad))),
			p.pillColumn("Grade", gradeColours()).wide(64),
		}}))
}

func (p *page) repCharts(y int) {
	p.add(0, y, 8, 10, p.agingBars(bars{query: "aging_amount", about: about{title: "Open receivables by age", metric: docBalance, empty: "No open receivables for this selection.",
		description: "Open amount by days past due (A2), at month-ends and, last, the as-of day. Disputed amounts are included."}}))
	target := p.bars(bars{query: "sales_target", series: []series{{name: "Collected", colour: colourSeries}, {name: "Target", colour: colourHistory}, {name: "At this pace", colour: colourSeries}},
		about: about{title: "Collected against target", metric: docControl, empty: "Nothing is known of this rep's cash and target.", note: ofRep,
			description: "Collected and target (outlined) of thirteen months (C10). While the month runs, the outline in blue is collected ÷ share of workdays gone."}})
	p.outlined(&target, "Target", "At this pace")
	p.add(8, y, 8, 10, target)
	p.add(16, y, 8, 10, p.lines(lines{query: "rep_rate", unit: percent, decimals: 0, min: 0, max: 100,
		series: []series{{name: "This rep", colour: colourSeries}, {name: "Team", colour: colourHistory, dashed: true}},
		about: about{title: "Collection rate against the team", metric: docRep, empty: "No rate: nothing was due, or a filter is set.", note: ofRep,
			description: "Cash on what was overdue or fell due in the month (C2), of the rep and of the whole team, 25 months."}}))
}

// outlined draws bars as outlines: what is planned or expected, not actual.
func (p *page) outlined(panel *Panel, names ...string) {
	for _, name := range names {
		panel.FieldConfig.Overrides = append(panel.FieldConfig.Overrides, override(p.t(name), "custom.fillOpacity", 0, "custom.lineWidth", 2))
	}
}

func (p *page) repPromises(y int) {
	p.add(0, y, 11, 13, p.table(table{query: "rep_promises",
		about: about{title: "Promises: missed in 30 days, due in the next 30", metric: docPromises, empty: "No promise is due within 30 days, and none was missed.",
			description: "Promises and plan lines taken by the rep, by due day: those missed in the 30 days before the as-of day, and those still open. Paid is what came in by the day of grace (D1)."},
		columns: []column{p.dateColumn("Due").wide(74), p.customerFile(), hiddenColumn("customer_id"), moneyColumn("Promised").wide(98), moneyColumn("Paid").wide(84), numberColumn("Moved").with("mappings", []any{zero("–")}).wide(64),
			p.pillColumn("Status", map[string]string{"missed": colourBad, "paid in part": colourWarn, "still open": colourSeries}).wide(104)}}))
	p.add(11, y, 13, 13, p.table(table{query: "rep_visits",
		about: about{title: "Visits and what they brought", metric: docVisits, empty: "No visit or call is on record up to the as-of day.",
			description: "The last visits and calls: what was overdue, what came in within the window before and after them (14 days unless configured; – while it runs), whether something was agreed, or what the customer said (D3). The window before is for comparison: visits are made to bad payers."},
		columns: []column{p.dateColumn("When").wide(66), p.customerFile(), hiddenColumn("customer_id"), p.pillColumn("Kind", map[string]string{"visit": colourSeries, "call": colourHistory}).wide(52), moneyColumn("Overdue").wide(84),
			moneyColumn("Before").wide(78), moneyColumn("After").wide(80), p.wordColumn("Outcome", map[string]string{"agreed": colourGood}).wide(166)}}))
}

func (p *page) repWorklist(y int) {
	p.add(0, y, 24, 9, p.table(table{query: "rep_worklist",
		about: about{title: "Worklist of this rep: call from the top", metric: docControl, empty: "Nobody to call: nothing is overdue without a live promise.",
			description: "Customers by priority (G1): amount, age, risk and broken promises weigh, what is disputed does not; last day built, in reporting currency. Customers with a live promise are left out."},
		columns: []column{
			numberColumn("Rank").wide(52), p.customerFile(), hiddenColumn("customer_id"), gaugeColumn("Priority", 100, step(nil, "#F7DC85"), step(20, "#F4B04E"), step(40, "#CF4630")).with("unit", number).flex(90), p.doThis(),
			moneyColumn("Overdue").wide(92), moneyColumn("Undisputed").wide(106), numberColumn("Oldest, days").wide(98), numberColumn("Behind habit, days").wide(138),
			p.dateColumn("Last contact").with("noValue", p.t("never")).wide(102), p.wordColumn("Last promise", map[string]string{"broken": colourBad}).wide(100), p.pillColumn("Grade", gradeColours()).wide(64),
		}}))
}
