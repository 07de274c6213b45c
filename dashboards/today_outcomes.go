package dashboards

// todayAgreed is what holding supply and agreeing plans brought.
func (p *page) todayAgreed(y int) {
	p.add(0, y, 12, 13, p.table(table{query: "today_holds",
		about: about{title: "What holding supply brings, twelve months", metric: docControl, empty: "Nobody was held in twelve months for this selection.",
			description: "Customers whose orders were held (E10), the newest first: for how long, how soon the first cash came, and the cash of the 30 days from the hold on (hold_effect_days). The first line has the medians and the sum. In reporting currency."},
		columns: []column{p.dateColumn("Held on").with("unit", p.dayUnit(true), "noValue", " ").wide(98), p.customerColumn().flex(150), hiddenColumn("customer_id"), numberColumn("Days held").wide(80),
			numberColumn("Days to cash").wide(104), moneyColumn("Cash after").wide(108), textColumn("Released by").with("noValue", " ").wide(116)}}))
	p.add(12, y, 12, 13, p.table(table{query: "today_plans",
		about: about{title: "Instalment plans: what became of them", metric: docPromises, empty: "No instalment plan for this selection, or more filters than rep or customer.", note: convertedDay,
			description: "Plans by who agreed them (D2): held to, broken, agreed anew in their place, the share of instalments due that were kept, and what remains; the largest remainder first. Giving way again and again breeds a habit of delay. Follows rep or customer, one of them at a time."},
		columns: []column{textColumn("Agreed by").flex(100), numberColumn("Plans").wide(54), numberColumn("Running").wide(70), numberColumn("Held to").wide(68), numberColumn("Broken").wide(62), numberColumn("Renewed").wide(78),
			gaugeColumn("Instalments kept", 1, oneColour()...).wide(126), moneyColumn("Remaining").wide(104)}}))
}

// todayDisputeEnds is how disputes end, how many there are of what is billed,
// and whether they make invoices late.
func (p *page) todayDisputeEnds(y int) {
	p.add(0, y, 12, 12, p.table(table{query: "today_dispute_ends",
		about: about{title: "Disputes by reason and department, twelve months", metric: docDisputes, empty: otherFilter, note: convertedDay,
			description: "Open now and closed in twelve months (D6): days from first opened to closed, and the share of those judged in which the customer was right. Reasons and departments are of the whole group; with one filter only the total."},
		columns: []column{textColumn("Reason, department").flex(140), numberColumn("Open now").wide(80), moneyColumn("In dispute").wide(116), numberColumn("Closed").wide(64), numberColumn("Days to settle").wide(106),
			percentColumn("Customer was right").wide(142)}}))
	rate := p.bars(bars{query: "today_dispute_rate", unit: percent, decimals: 1, series: []series{{name: "Disputed", colour: colourDispute}, {name: "A year before", colour: colourHistory}},
		about: about{title: "Billings disputed, by month", metric: docDisputes, empty: otherFilter, note: byScope,
			description: "Invoices of a month that were ever disputed, whole invoices, as a share of what was invoiced (D6), beside the same month a year before. The last months have had less time to be disputed."}})
	rate.Options["xTickLabelSpacing"] = 30                                                             // as many months as fit are named
	rate.FieldConfig.Overrides = append(rate.FieldConfig.Overrides, override("month", "noValue", " ")) // what the others show
	p.add(12, y, 6, 12, rate)
	p.add(18, y, 6, 12, p.lines(lines{query: "today_dispute_late", unit: percent, decimals: 0, min: 0, max: 100,
		about: about{title: "Are disputed invoices paid later?", metric: docDisputes, empty: otherFilter, note: byScope,
			description: "Share of instalments that were settled after their due date or are open past it, by month of invoice: of disputed invoices and of the others (D6). The last months are not known yet."},
		series: []series{{name: "Disputed invoices", colour: colourDispute}, {name: "The others", colour: colourHistory, dashed: true}}}))
}
