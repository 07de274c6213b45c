package dashboards

// customer is "Customer file": one customer on one page.
func customer() definition {
	return definition{
		name: "customer", tab: "Customer", title: "Customer file", tag: "collection",
		description: "One customer: who they are, what they owe, how they pay, what was said.",
		variables:   []variable{oneCustomer, byCompany, asOf, inCurrency, agedBy, disputes},
		panels: func(p *page) {
			p.customerStats(2)
			p.customerCharts(6)
			p.customerItems(15)
			p.customerTalk(29)
			p.row(40, "Limit, grade and warnings")
			p.customerRisk(41)
			p.customerPapers(50)
			p.customerTiming(63)
		},
	}
}

// lastDayFile: what the file knows for one day only.
const lastDayFile = "As of the last day built."

func (p *page) customerStats(y int) {
	for i, s := range []stat{
		openStat(),
		{about: about{title: "Overdue", metric: docBalance, description: "Open amount 1 day or more past due (A5). The line shows month-ends of two years."},
			query: "customer_overdue", decimals: 1, bad: 0.01},
		{about: about{title: "Limit used", metric: docRisk, description: "Exposure (open invoices, open orders, less unapplied cash) / credit limit (E7), all companies together. Red from 100 %. The line shows month-ends."},
			query: "customer_limit", unit: percent, decimals: 0, min: 0, bad: 100},
		{about: about{title: "Days to pay", metric: docBehaviour, description: "Days from invoice to cash, weighted by amount, over twelve months; beside it the days beyond the terms (B11, B12). The line shows month-ends."},
			query: "customer_pay", unit: p.days()},
	} {
		p.add(4*i, y, 4, 4, p.stat(s))
	}
	p.add(16, y, 4, 4, p.statText(about{title: "Grade", metric: docRisk, description: "Risk grade of the last month-end at the as-of day, A best to E worst, with its score (E8)."}, "customer_grade"))
	p.add(20, y, 4, 4, p.statText(about{title: "Next", metric: docControl, description: "Next action of the worklist and its priority (G1).", note: lastDayFile, empty: "nothing"}, "customer_next"))
}

func (p *page) customerCharts(y int) {
	p.add(0, y, 12, 9, p.agingBars(bars{query: "aging_amount", about: about{title: "Open receivables by age", metric: docBalance, empty: noReceivables,
		description: "Open amount by days past due (A2), at month-ends and, last, the as-of day. Disputed amounts are included."}}))
	p.add(12, y, 12, 9, p.lines(lines{query: "customer_days", unit: p.daysShort(), decimals: 0,
		about: about{title: "How they pay: days from invoice to cash against the terms", metric: docBehaviour, empty: "This customer has not paid anything in a year.",
			description: "Days to pay over the last twelve months, weighted by amount, against the terms of the same invoices (B11, B13), at month-ends. The gap is late payment."},
		series: []series{{name: "Days to pay", colour: colourBad, band: "Terms"}, {name: "Terms", colour: colourSeries}}}))
}

func (p *page) customerItems(y int) {
	p.add(0, y, 15, 14, p.table(table{query: "customer_items",
		about: about{title: "What is open", metric: docItems, empty: "Nothing is open.",
			description: "Open instalments, the most overdue first, in document currency and in the chosen one; the last line is their sum.", note: lastDayItems},
		columns: []column{textColumn("Invoice").flex(144).link(p.t("Invoice list"), p.address("invoices", "customer", "customer_id")), hiddenColumn("customer_id"),
			p.dateColumn("Invoiced on").wide(96).with("unit", p.dayUnit(true)), p.dateColumn("Due on").wide(96).with("unit", p.dayUnit(true)), numberColumn("Days").wide(50),
			p.pillColumn("Days overdue", bucketColours()).wide(104), documentAmount("Still open").wide(100), textColumn("Currency").wide(76), moneyColumn("Open").wide(82), textColumn("Disputed").wide(74)}}))
	p.add(15, y, 9, 14, p.table(table{query: "customer_happened",
		about: about{title: "What happened, newest first", metric: docControl, empty: "Nothing is known of this customer yet.",
			description: "Invoices, cash, visits, calls, promises, notices, disputes, holds and reviews up to the as-of day, the last 200."},
		columns: []column{p.dateColumn("Date").wide(74), p.pillColumn("What", map[string]string{
			"Invoiced": colourHistory, "Cash": colourGood, "Visit": colourSeries, "Call": colourSeries, "Promise": colourWarn, "Notice": colourBad, "Dispute": colourDispute,
			"Credit note": colourHistory, "Hold": colourBad, "Release": colourGood, "Other": colourHistory}).wide(84), textColumn("Detail").flex(140),
			documentAmount("Amount").wide(98), textColumn("Currency").wide(76)}}))
}

func (p *page) customerTalk(y int) {
	p.add(0, y, 9, 11, p.table(table{query: "customer_promises",
		about: about{title: "Promises", metric: docPromises, empty: "This customer has promised nothing.",
			description: "Promises to pay, the newest first: what was promised and paid by the day of grace (D2)."},
		columns: []column{p.dateColumn("Made on").wide(68), p.dateColumn("Promised for").wide(100).with("unit", p.dayUnit(true)), documentAmount("Amount").flex(100), textColumn("Currency").wide(70), gaugeColumn("Paid share", 1, attainment()...).wide(80),
			p.pillColumn("Result", map[string]string{"open": colourSeries, "kept": colourGood, "in part": colourWarn, "broken": colourBad, "moved": colourHistory}).wide(76)}}))
	p.add(9, y, 8, 11, p.table(table{query: "customer_visits",
		about: about{title: "Visits and what they brought", metric: docVisits, empty: "Nobody has visited or called this customer.",
			description: "Visits and calls, newest first: by whom, whether an agreement was reached, and the cash on what was overdue within the window after it (D3), in reporting currency."},
		columns: []column{p.dateColumn("Date").wide(66), textColumn("Visitor").flex(90), textColumn("Channel").wide(64), textColumn("Agreed").wide(68), moneyColumn("Overdue").wide(80), moneyColumn("Cash").wide(80)}}))
	p.add(17, y, 7, 11, p.table(table{query: "customer_people",
		about:   about{title: "Whom to call", metric: docControl, empty: "No person is known: add contacts in the CRM.", description: "People of the customer: role, number, when last spoken to. Data as delivered by the CRM."},
		columns: []column{textColumn("Name").wide(94), textColumn("Role").wide(70), textColumn("Telephone").flex(128), p.dateColumn("Last spoken").wide(92)}}))
}

func (p *page) customerRisk(y int) {
	p.add(0, y, 7, 9, p.lines(lines{query: "customer_exposure", unit: money, min: 0,
		about: about{title: "Exposure against the limit", metric: docRisk, empty: "No exposure is known.", description: "Exposure of the customer at month-ends, all companies together, and its credit limit (E7). In reporting currency.",
			note: "Amounts in document currency have no limit."},
		series: []series{{name: "Exposure", colour: colourSeries}, {name: "Limit", colour: colourHistory, dashed: true, width: 1}}}))
	p.add(7, y, 7, 9, p.lines(lines{query: "customer_score", unit: number, min: 0,
		about:  about{title: "Risk score and its parts", metric: docRisk, empty: "This customer is not rated yet.", description: "Points of the risk score at month-ends, 0 best (E8): overdue ratio, lateness, broken promises, limit, disputes, cycle."},
		series: []series{{name: "Score", colour: colourBad, width: 3}, {name: "Overdue points", colour: colourWarn, width: 1}, {name: "Lateness points", colour: colourSeries, width: 1}, {name: "Promise points", colour: colourHistory, width: 1}}}))
	p.add(14, y, 10, 9, p.table(table{query: "customer_warnings",
		about:   about{title: "Early warnings", metric: docRisk, empty: "No warning was ever raised.", description: "Signals raised for this customer (E9): still raised first, then the newest; with what was measured."},
		columns: []column{p.dateColumn("Since").wide(74), textColumn("Signal").wide(126), p.pillColumn("State", map[string]string{"raised": colourBad, "cleared": colourGood}).wide(74), textColumn("Evidence").flex(200).with("custom.cellOptions", object{"type": "auto", "wrapText": true})}}))
}

func (p *page) customerPapers(y int) {
	weeks := p.bars(bars{query: "customer_cash", x: "week", series: []series{{name: "Expected", colour: colourSeries}, {name: "If paid when due", colour: colourHistory}},
		about: about{title: "Cash expected by week", metric: docForecast, empty: "No cash is expected: nothing is open.", description: "Thirteen weeks from the last day built: expected by the customer's own habit, and if all were paid when due (F1)."}})
	weeks.Options["xTickLabelSpacing"] = 60                                                             // every second week is named
	weeks.FieldConfig.Overrides = append(weeks.FieldConfig.Overrides, override("week", "noValue", " ")) // what the others show
	p.add(0, y, 9, 13, weeks)
	p.add(9, y, 8, 13, p.table(table{query: "customer_group",
		about:   about{title: "The group", metric: docRisk, empty: "This customer belongs to no group.", description: "Parent and subsidiaries with what each owes, the largest first (E7, E11). In reporting currency.", note: lastDayFile},
		columns: []column{textColumn("Customer").flex(170).link(p.t("Customer file"), p.address("customer", "customer", "customer_id")), hiddenColumn("customer_id"), moneyColumn("Open").wide(86), moneyColumn("Overdue").wide(86), p.pillColumn("Grade", gradeColours()).wide(62)}}))
	p.add(17, y, 7, 13, p.table(table{query: "customer_facts",
		about:   about{title: "Who they are", metric: docControl, empty: "This customer is not known.", description: "Master data, habits and gaps of the customer file (4-12).", note: lastDayFile},
		columns: []column{textColumn("Measure").wide(160), textColumn("Value").flex(150).with("displayName", p.t("Value"))}}))
}

// customerTiming is when the customer pays, so that the next contact comes before.
func (p *page) customerTiming(y int) {
	when := func(title, query, description string) Panel {
		return p.bars(bars{query: query, x: "day", unit: percent, decimals: 0, series: []series{{name: "This customer", colour: colourSeries}, {name: "All customers", colour: colourHistory}},
			about: about{title: title, metric: docPayment, empty: "This customer has not paid anything in a year.", description: description, note: lastDayFile}})
	}
	p.add(0, y, 9, 9, when("Which weekday they pay", "customer_weekdays", "Cash of twelve months by weekday of the receipt, beside all customers: call before the next pay day."))
	p.add(9, y, 15, 9, when("Which day of the month they pay", "customer_monthdays", "Cash of twelve months by day of the month of the receipt, beside all customers."))
}
