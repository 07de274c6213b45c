package dashboards

// salesDiscipline is what sales grants and releases: supply to late customers,
// orders over limit, terms, and accounts that changed hands.
func (p *page) salesDiscipline(y int) {
	customer := func() column {
		return textColumn("Customer").flex(130).link(p.t("Customer file"), p.address("customer", "customer", "customer_id"))
	}
	p.add(0, y, 12, 13, p.table(table{query: "sales_stop",
		about: about{title: "Deliver no more: customers that break the rule", metric: docControl, empty: "No customer breaks the rule for stopping supply.",
			description: "Customers with an item later than the policy allows, or over their limit (E10), last day built: those still served come first. Where items have no exchange rate the overdue is not known and counts as above the rule's amount; No rate says how many they are. In reporting currency; does not follow the company."},
		columns: []column{customer(), hiddenColumn("customer_id"), p.pillColumn("Status", map[string]string{"held": colourHistory, "stop": colourBad}).wide(60), textColumn("Why").wide(78),
			p.rated("Overdue").wide(84), p.unrated(), numberColumn("Days").wide(50), moneyColumn("Over limit").wide(90), textColumn("Rep").wide(104).link(p.t("Rep"), p.address("rep", "rep", "rep_id")), hiddenColumn("rep_id")}}))
	p.add(12, y, 12, 13, p.table(table{query: "sales_violations",
		about: about{title: "Delivered all the same, three months", metric: docControl, empty: "Nothing was delivered against the rule in three months.",
			description: "Deliveries on days on which the customer was held or the rule for stopping supply was true, newest first, in document currency, and who released the order. Does not follow the company."},
		columns: []column{p.dateColumn("Delivered").wide(76), customer(), hiddenColumn("customer_id"), documentAmount("Amount").wide(90), textColumn("Currency").wide(72), numberColumn("Days").wide(50),
			p.pillColumn("Why", map[string]string{"held": colourBad, "rule broken": colourWarn}).wide(92), textColumn("Released by").wide(110)}}))
	third := func(x int, panel Panel) { p.add(8*x, y+13, 8, 9, panel) }
	third(0, p.bars(bars{query: "sales_orders", unit: number, decimals: 0, series: []series{{name: "Released over limit", colour: colourBad}},
		about: about{title: "Orders released over the credit limit", metric: docControl, empty: "No orders for this selection.",
			description: "Orders of thirteen months that somebody released although the customer was over its limit, by month of the order."}}))
	third(1, p.lines(lines{query: "sales_terms", unit: p.daysShort(), decimals: 0, min: 0,
		series: []series{{name: "Days taken", colour: colourBad}, {name: "Terms granted", colour: colourSeries}},
		about: about{title: "Terms granted and days taken", metric: docPayment, empty: otherFilter, note: byScope,
			description: "Days from invoice to due date, weighted by what was billed, and days from invoice to receipt, weighted by what was paid, by month (B11, B12)."}}))
	third(2, p.lines(lines{query: "sales_retention", unit: percent, decimals: 0,
		series: []series{{name: "Visited", colour: colourSeries}, {name: "Sent a notice", colour: colourWarn}, {name: "Left alone", colour: colourHistory, dashed: true}},
		about: about{title: "Do customers stay after being asked for money?", metric: docVisits, empty: otherFilter,
			description: "Customers that bought again within 90 days, of those visited, sent a notice, or left alone in the month; only months whose 90 days are over. Follows the segment; with another filter there is no figure."}}))
	p.add(0, y+22, 12, 13, p.table(table{query: "sales_whose",
		about: about{title: "Whose cash? Four answers, one total", metric: docWhose, empty: "Nothing was collected for this selection, or other filters than company and rep.", note: byCompanyRep,
			description: "Collected in the month by who invoiced it, who owned the account when it fell due, when it was paid, and today. Totals are equal whichever is chosen; a build fails if they are not."},
		columns: []column{textColumn("Rep").flex(100), moneyColumn("Invoiced by").wide(124), moneyColumn("Owner when due").wide(148), moneyColumn("Owner at receipt").wide(150), moneyColumn("Owner today").wide(124)}}))
	p.add(12, y+22, 12, 13, p.table(table{query: "sales_transfers",
		about: about{title: "Accounts that changed hands, six months", metric: docRep, empty: "No account changed its owner in six months for this selection.",
			description: "Customers with a new account owner, newest first, with what they owe at the as-of day."},
		columns: []column{p.dateColumn("When").wide(66), customer(), hiddenColumn("customer_id"), textColumn("Handed over by").wide(118), textColumn("Taken over by").wide(108), moneyColumn("Open").wide(76), moneyColumn("Overdue").wide(84)}}))
	p.salesRules(y + 35)
}

// salesRules is whether credit was managed by its rules, and what was given up,
// moved or billed again in place of being collected.
func (p *page) salesRules(y int) {
	customer := func() column {
		return textColumn("Customer").flex(120).link(p.t("Customer file"), p.address("customer", "customer", "customer_id"))
	}
	p.add(0, y, 9, 13, p.table(table{query: "sales_compliance",
		about: about{title: "Before, during and after the sale: are the rules kept?", metric: docControl, empty: otherFilter,
			description: "Open amount that keeps a rule ÷ open amount for which it holds, last day built: review, limit, contract and terms before the sale; delivery, statement, limit and reminder during it; notice, visit, promise and legal step once overdue. In reporting currency. Follows the company."},
		columns: []column{p.pillColumn("Phase", map[string]string{"before": colourSeries, "during": colourWarn, "after": colourHistory}).wide(84), textColumn("Rule").flex(150),
			gaugeColumn("Rule kept", 1, attainment()...).flex(90), moneyColumn("Not kept").wide(96)}}))
	p.add(9, y, 15, 13, p.table(table{query: "sales_redated",
		about: about{title: "Due dates moved, and invoices billed again, six months", metric: docControl, empty: "No due date was moved and nothing was billed again in six months for this selection.",
			description: "Later due dates that loads found after an invoice was first seen, and invoices credited in full and billed again with the same amount, newest first: by how many days, whether it took the item out of the overdue, what was open of it that day or billed again, and who changed the invoice last. In reporting currency; does not follow the company."},
		columns: []column{p.dateColumn("When").wide(66), customer(), hiddenColumn("customer_id"), textColumn("Invoice").wide(168), p.pillColumn("What", map[string]string{"due date moved": colourWarn, "billed again": colourBad}).wide(116),
			numberColumn("Days won").wide(76), textColumn("Was overdue").wide(92), moneyColumn("Amount").wide(84), textColumn("Changed by").wide(106)}}))
	p.add(0, y+13, 24, 10, p.table(table{query: "sales_concessions",
		about: about{title: "What was given to be paid: concessions of twelve months", metric: docCost, empty: "Nothing was conceded in twelve months for this selection.",
			description: "Discounts and prices cost their amount, what was put off its interest (F4), newest first; how many the customer had in the year before, and the days to its next payment. Does not follow the company."},
		columns: []column{p.dateColumn("When").wide(84), customer(), hiddenColumn("customer_id"), textColumn("Kind").wide(110), documentAmount("Conceded").wide(110), textColumn("Currency").wide(76), numberColumn("Days put off").wide(96),
			moneyColumn("Cost").wide(96), numberColumn("Earlier ones").wide(96), numberColumn("Paid after, days").wide(120), textColumn("Approved by").flex(110)}}))
}
