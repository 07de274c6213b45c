package dashboards

// cfoQuality is the slow-moving part of the CFO's page: how the book ages, what
// it costs, what is lost, and how it is composed.
func (p *page) cfoQuality(y int) {
	p.cfoAging(y)
	third := func(x, y int, panel Panel) { p.add(8*x, y, 8, 9, panel) }
	third(0, y+22, p.bars(bars{query: "cfo_cost", series: []series{{name: "Cost of overdue", colour: colourSeries}},
		about: about{title: "What late payment costs", metric: docCost, empty: "No cost of overdue for this selection: nothing was late, or no funding rate is set.",
			description: "Simple interest at the company's own borrowing rate on what was overdue, day by day (F3), by month. In reporting currency."}}))
	third(1, y+22, p.lines(lines{query: "cfo_bad_debt", unit: percent, decimals: 2,
		about: about{title: "Bad debts, 12 months", metric: docRisk, empty: "No ratio yet: fewer than twelve months of history, or a combination of filters.",
			description: "Bad debts written off less recoveries to credit sales (E1), and written off to average receivables (E2), over twelve months each.", note: twoFilters},
		series: []series{{name: "Bad debts, net, to sales", colour: colourBad}, {name: "Written off to receivables", colour: colourHistory}}}))
	third(2, y+22, p.bars(bars{query: "cfo_grades", unit: percent, stacked: true,
		about: about{title: "Receivables by risk grade", metric: docRisk, empty: otherFilter,
			description: "Share of open receivables by the grade of the customer, A best to E worst (E8), at month-ends. In reporting currency; does not follow the company."},
		series: []series{{name: "A", colour: gradeColours()["A"]}, {name: "B", colour: gradeColours()["B"]}, {name: "C", colour: gradeColours()["C"]},
			{name: "D", colour: gradeColours()["D"]}, {name: "E", colour: gradeColours()["E"]}, {name: "Not rated", colour: colourHistory}}}))
	third(0, y+31, p.lines(lines{query: "cfo_concentration", unit: percent, decimals: 0,
		about: about{title: "Share of the largest customers", metric: docRisk, empty: otherFilter,
			description: "Share of the largest and of the ten largest customer groups in positive net receivables at closing rates (E11).", note: byScope},
		series: []series{{name: "Ten largest", colour: colourSeries}, {name: "Largest", colour: colourHistory}}}))
	third(1, y+31, p.bars(bars{query: "cfo_unapplied", stacked: true, negative: true,
		series: []series{{name: "Unapplied cash", colour: colourSeries}, {name: "Open credits", colour: colourHistory}},
		about: about{title: "Cash and credits not yet applied", metric: docBalance, empty: "Nothing is unapplied for this selection.",
			description: "Receipts without an invoice (A7) and credit notes not used, at month-ends. They belong to nobody's aging until somebody applies them."}}))
	third(2, y+31, p.bars(bars{query: "cfo_fx", stacked: true, negative: true,
		series: []series{{name: "Realised", colour: colourSeries}, {name: "Change of unrealised", colour: colourHistory}},
		about: about{title: "Exchange differences", metric: docItems, empty: otherFilter,
			description: "What payments gained or lost against the rate of their invoice, and how the valuation of what is open changed, by month. In reporting currency. Follows the company."}}))
	third(0, y+40, p.waterfall(about{title: "Loss allowance, last full month, ${symbol:raw}", metric: docRisk, empty: otherFilter,
		description: "Opening allowance + charge − release − written off + recovered ± exchange difference = closing. In reporting currency. Follows the company."}, "cfo_ecl_movement"))
	p.compute("bridge", "cfo_bridge_words")
	bridge := p.waterfall(about{title: "Why DSO changed in a year: ${bridge:raw}", metric: docBridge, empty: otherFilter,
		description: "DSO of the last month-end against the same month-end a year before, split into terms, speed of payment, mix of customers, disputes, write-offs and exchange rates, in days.", note: byScope}, "cfo_dso_bridge")
	bridge.Targets, bridge.Transformations = bridge.Targets[:1], nil // days, not money
	bridge.FieldConfig.Defaults["unit"], bridge.FieldConfig.Defaults["decimals"] = p.days(), 1
	bridge.FieldConfig.Overrides = append(bridge.FieldConfig.Overrides, override(p.t("Increase"), "color", fixed(colourBad)))
	third(1, y+40, bridge)
	third(2, y+40, p.bars(bars{query: "in_and_out", series: []series{{name: "Invoiced", colour: colourHistory}, {name: "Cash received", colour: colourSeries}},
		about: about{title: "Invoiced and collected by month", metric: docBalance, empty: "Nothing invoiced or collected for this selection.",
			description: "Invoices and debit notes against receipts, by the month of their date; the last month runs to the last day built (A6)."}}))
	p.add(0, y+49, 17, 11, p.table(table{query: "cfo_ecl_bands",
		about: about{title: "Loss allowance by year bands, and what leads to the expected credit loss", metric: docRisk, empty: otherFilter, note: twoFilters,
			description: "Allowance by full years since the invoice at fixed rates 账龄组合, then the effect of the loss rates, of customers assessed one by one, of disputes and of insurance: they add up to the expected credit loss (E6). In reporting currency."},
		columns: []column{textColumn("Days overdue").wide(104), moneyColumn("Gross").flex(100), moneyColumn("By year bands").wide(126), moneyColumn("Loss rates").wide(128), moneyColumn("One by one").flex(112),
			moneyColumn("Disputed").flex(100), moneyColumn("Insured").flex(112), moneyColumn("ECL").wide(142)}}))
	p.add(17, y+49, 7, 11, p.lines(lines{query: "cfo_forecast_scores", unit: percent, decimals: 0, min: 0,
		about: about{title: "How far off the cash forecasts were", metric: docCost, empty: "No forecast whose weeks are all over, or a combination of filters.",
			description: "Errors of all weeks of a forecast, without sign, to the cash that came (WAPE, F2), by the day it was made: as it would have been made then, as it was published, and if every invoice had been expected on its due date. Only forecasts all of whose weeks are over.",
			note:        byScope},
		series: []series{{name: "Forecast", colour: colourSeries}, {name: "If paid when due", colour: colourHistory, dashed: true}, {name: "As published", colour: colourWarn, points: true}}}))
}

// youngMonths colours the curves of the three youngest months, which the query marks.
func youngMonths(vintage Panel) Panel {
	for i, mark := range []string{"▲", "◆", "●"} {
		vintage.FieldConfig.Overrides = append(vintage.FieldConfig.Overrides, object{"matcher": object{"id": "byRegexp", "options": "/^" + mark + "/"}, "properties": []any{
			object{"id": "color", "value": fixed([]string{colourWarn, "#E6762E", colourBad}[i])}, object{"id": "custom.lineWidth", "value": 2 + i/2},
			object{"id": "custom.hideFrom", "value": hideFrom(false, false, false)},
		}})
	}
	return vintage
}

func (p *page) cfoAging(y int) {
	p.add(0, y, 8, 11, youngMonths(p.vintage(about{title: "Cash by days after the invoice, by month", metric: docPayment, empty: otherFilter,
		description: "Cash received within so many days ÷ billed less credit notes, by month of invoice (C6); only days that have passed for every invoice of the month. ● is the youngest month known for 30 days, ◆ and ▲ the two before.",
		note:        byScope}, "cfo_vintage", "none")))
	p.add(8, y, 8, 11, youngMonths(p.vintage(about{title: "Over 30 days late, by months after the invoice", metric: docPayment, empty: otherFilter,
		description: "Share of what was billed in a month that was ever more than 30 days past due, by the month-ends since (C6). A curve above the others is a month that was sold worse. ● is the youngest month known for three month-ends, ◆ and ▲ the two before.",
		note:        byScope}, "cfo_vintage_late", "none")))
	p.add(16, y, 8, 11, p.bars(bars{query: "cfo_recovery", unit: percent, decimals: 0, series: []series{{name: "Recovered", colour: colourSeries}, {name: "A year before", colour: colourHistory}},
		about: about{title: "Recovered of what was overdue", metric: docRecovery, empty: "No full month with anything overdue at its beginning, or a combination of filters.",
			description: "Cash of a month on what was overdue when it began ÷ that overdue (C5), thirteen full months, beside the same month a year before.", note: oneFilter}}))
	columns := []column{textColumn("From").wide(84)}
	for _, title := range []string{"Paid", "Credited", "Lost"} {
		columns = append(columns, neutralColumn(title).flex(56))
	}
	for _, b := range Buckets() {
		columns = append(columns, neutralColumn(b.Title).flex(60))
	}
	p.add(0, y+11, 14, 11, p.table(table{query: "cfo_roll_rates", columns: columns,
		about: about{title: "Where balances go in a month, over twelve months", metric: docRisk, empty: otherFilter,
			description: "What was open at a month-end, by days overdue, and where it stood at the next: paid, credited, lost, or older (E3). Each row is 100 %.", note: twoFilters}}))
	p.add(14, y+11, 10, 11, p.bars(bars{query: "cfo_days_late", x: "days", unit: percent, decimals: 0, series: []series{{name: "Of the cash", colour: colourSeries}, {name: "Of the items", colour: colourHistory}},
		about: about{title: "How many days late customers pay", metric: docPayment, empty: otherFilter,
			description: "What was settled by cash in the last twelve months, by days from the due date to the last receipt (B12): share of the cash and of the items. Last day built.", note: byScope}}))
}
