package dashboards

// todayWork is what is done and what it brings: who is called, what reminders
// and harder steps bring, where balances go, who can and will pay.
func (p *page) todayWork(y int) {
	p.add(0, y, 12, 12, p.table(table{query: "today_coverage",
		about: about{title: "Who looks after the overdue", metric: docControl, empty: otherFilter, note: convertedDay,
			description: "By account owner: share of the overdue whose customer had a contact in the last 14 days, what was never contacted though long overdue, and days from the due date to the first contact (G2). " +
				"The largest amount without contact comes first. Follows company and rep."},
		columns: []column{
			p.ownerColumn().flex(110), hiddenColumn("owner_id"), moneyColumn("Overdue").wide(100), gaugeColumn("Contacted", 1, attainment()...).flex(110),
			moneyColumn("Never").with("mappings", []any{zero("–")}).wide(104), column{title: "First after", pairs: []any{"unit", p.days(), "decimals", 0}}.wide(96),
		}}))
	p.add(12, y, 12, 12, p.table(table{query: "today_ladder",
		about: about{title: "The dunning ladder, twelve months", metric: docNotices, empty: "No reminder and no harder step in the last twelve months.",
			description: "Each step: how often it was taken, customers who got this far, notices after which something was paid within 30 days, the part of the overdue that came, and customers who went on to the next step. " +
				"Of the whole group; filters do not apply here.", note: lastDay},
		columns: []column{
			textColumn("Step").wide(150), numberColumn("Taken").wide(62), numberColumn("Customers").wide(88), gaugeColumn("Paid after", 1, oneColour()...).flex(84),
			percentColumn("Of the amount").wide(106), percentColumn("Went on").wide(74), numberColumn("Days to next").wide(96),
		}}))
	p.add(0, y+12, 8, 11, p.lines(lines{query: "today_dunning", unit: percent, decimals: 0, min: 0, max: 100,
		about: about{title: "What notices bring", metric: docNotices, empty: otherFilter,
			description: "Notices of a month after which something was paid, the part of the overdue that came, and notices that were answered (D4). Months whose window has not passed are left out. Of the whole group: no figure with a filter."},
		series: []series{{name: "Paid something", colour: colourSeries}, {name: "Of the amount", colour: colourGood}, {name: "Answered", colour: colourHistory, width: 1, dashed: true}}}))
	columns := []column{textColumn("From").wide(84)}
	for _, title := range []string{"Paid", "Credited", "Lost"} {
		columns = append(columns, neutralColumn(title).flex(56))
	}
	for _, b := range Buckets() {
		columns = append(columns, neutralColumn(b.Title).flex(60))
	}
	p.add(8, y+12, 16, 11, p.table(table{query: "cfo_roll_rates", columns: columns,
		about: about{title: "Where balances go in a month, over twelve months", metric: docRisk, empty: otherFilter,
			description: "What was open at a month-end, by days overdue, and where it stood at the next: paid, credited, lost, or older (E3). Each row is 100 %.", note: twoFilters}}))
	p.add(0, y+23, 7, 12, p.bars(bars{query: "today_cures", unit: percent, stacked: true,
		series: []series{{name: "After a contact", colour: colourSeries}, {name: "By itself", colour: colourHistory}},
		about: about{title: "Overdue that was paid within 30 days", metric: docRecovery, empty: otherFilter,
			description: "Of what was overdue at a month-end, the share paid within the days of the window: by itself, or after a contact (C8). Follows company or segment, one of them at a time."}}))
	able := p.scatter(about{title: "Who can pay, and who will${rated:raw}", metric: docRisk, empty: "Nobody overdue is rated for this selection.", note: convertedDay,
		description: "Customers with something overdue: score of the last credit review (right = able) against 100 less points for lateness, promises not kept and avoidance (up = willing); the bubble is the overdue amount."},
		"today_able", "Ability to pay", number, "Willingness to pay", number, "Overdue")
	able.FieldConfig.Overrides = append(able.FieldConfig.Overrides, override(p.t("Overdue"), "decimals", 0))
	p.add(7, y+23, 8, 12, able)
	p.add(15, y+23, 9, 12, p.table(table{query: "today_quadrants",
		about: about{title: "What helps with whom", metric: docRisk, empty: "Nobody is rated for this selection.", note: convertedDay,
			description: "Customers with receivables by ability and willingness to pay, with what usually helps."},
		columns: []column{textColumn("Customers who").wide(128), numberColumn("Customers").with("displayName", "#").wide(48), moneyColumn("Overdue").wide(92), textColumn("What helps").flex(190)}}))
	p.todayAgreed(y + 35)
}

// todayProof is what would be asked for in court or by an auditor, and the
// credit reviews that are due.
func (p *page) todayProof(y int) {
	p.add(0, y, 12, 13, p.table(table{query: "today_missing",
		about: about{title: "Overdue invoices without proof${proof:raw}", metric: docControl, empty: "Every overdue invoice of this selection can be proved.", note: convertedDay,
			description: "Overdue invoices that lack one of the documents asked for: contract, order, delivery receipt, copy of the invoice. The largest comes first."},
		columns: []column{p.customerColumn().flex(180), hiddenColumn("customer_id"), textColumn("Invoice").wide(172), textColumn("Missing").flex(160), numberColumn("Days").wide(52), moneyColumn("Overdue").wide(88)}}))
	p.add(12, y, 12, 13, p.table(table{query: "today_reviews",
		about: about{title: "Credit reviews due and accounts out of date", metric: docRisk, empty: "No credit review is due for this selection.", note: inReporting,
			description: "Customers with exposure whose review is late or due soon, or whose accounts are older than twelve months; on the day or the last month-end before it. Late ones first, then the larger exposure."},
		columns: []column{
			p.customerColumn().flex(120), hiddenColumn("customer_id"), p.pillColumn("Review", map[string]string{"never": colourBad, "expired": colourBad, "due soon": colourWarn, "old accounts": colourHistory}).wide(98),
			p.pillColumn("Grade", gradeColours()).wide(64), p.dateColumn("Last review").with("unit", p.dayUnit(true)).wide(102), numberColumn("Late, days").with("noValue", " ").wide(84), moneyColumn("Exposure").wide(104),
		}}))
	p.add(0, y+13, 12, 9, p.table(table{query: "today_statements",
		about: about{title: "Statements of account: what came back", metric: docControl, empty: "Nobody owes anything in this selection.", note: convertedDay,
			description: "Customers by the last statement they were sent, with what they owe. What differs or was never sent comes first."},
		columns: []column{p.pillColumn("Statement", map[string]string{"differs": colourBad, "never sent": "#8F2A6B", "not sent": "#8F2A6B", "no answer": colourWarn, "too old": colourHistory, "confirmed": colourGood}).wide(110),
			numberColumn("Customers").wide(90), moneyColumn("Open").flex(100), gaugeColumn("Share", 1, oneColour()...).flex(120), numberColumn("Oldest, days").wide(110)}}))
	p.add(12, y+13, 12, 9, p.table(table{query: "today_statements_differ",
		about: about{title: "Statements that do not agree", metric: docControl, empty: "No statement differs for this selection.", note: lastDay,
			description: "Statements on which the customer's balance is not ours, in the currency of the statement; the largest difference first."},
		columns: []column{p.customerColumn().flex(130), hiddenColumn("customer_id"), p.dateColumn("Statement of").wide(96), textColumn("Currency").wide(76), documentAmount("Our balance").wide(100),
			documentAmount("Theirs").wide(100), documentAmount("Difference").wide(92)}}))
}
