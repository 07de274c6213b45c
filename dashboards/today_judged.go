package dashboards

// todayJudged is what the judgements of this page are worth: whom the overdue
// comes from, and how many warnings came true.
func (p *page) todayJudged(y int) {
	p.add(0, y, 12, 10, p.table(table{query: "today_quality",
		about: about{title: "Whose overdue: good and poor payers by what they buy", metric: docRisk, empty: "Nobody owes or buys in this selection.", note: convertedDay,
			description: "Customers by grade (A and B are good payers) and by class of their billings of twelve months: A makes the first 80 %, B up to 95 %. Poor payers of class A are worth the most effort."},
		columns: []column{p.pillColumn("Payers", map[string]string{"Good payers": colourGood, "Poor payers": colourBad, "Not rated": colourHistory}).wide(116), textColumn("Class").wide(90), numberColumn("Customers").wide(90),
			moneyColumn("Billed, 12 months").flex(120), moneyColumn("Open").wide(96), moneyColumn("Overdue").wide(96)}}))
	p.add(12, y, 12, 10, p.table(table{query: "today_warnings_judged",
		about: about{title: "Do the warnings come true?", metric: docRisk, empty: otherFilter, note: lastDay,
			description: "Alerts old enough to judge, the share of them after which the customer was 60 days late or lost within 180 days, the share of such events that were foreseen, and how many times more likely that is than without a warning (E9). Of all customers; follows no filter."},
		columns: []column{textColumn("Warning").flex(150), numberColumn("Alerts").wide(70), numberColumn("Judged").wide(72), gaugeColumn("Came true", 1, oneColour()...).wide(110), percentColumn("Foreseen").wide(88),
			numberColumn("Lift").with("unit", "none", "decimals", 1).wide(64)}}))
}
