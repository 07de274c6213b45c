package dashboards

// cfoQuality is the slow-moving part of the CFO's page: how the book ages, what
// it costs, what is lost, and how it is composed.
func (p *page) cfoQuality(y int) {
	p.cfoAging(y)
	third := func(x, y int, panel Panel) { p.add(8*x, y, 8, 9, panel) }
	third(0, y+11, p.bars(bars{query: "cfo_cost", series: []series{{name: "Cost of overdue", colour: colourSeries}},
		about: about{title: "What late payment costs", metric: docCost, empty: "No cost of overdue for this selection: nothing was late, or no funding rate is set.",
			description: "Simple interest at the company's own borrowing rate on what was overdue, day by day (F3), by month. In reporting currency."}}))
	third(1, y+11, p.lines(lines{query: "cfo_bad_debt", unit: percent, decimals: 2,
		about: about{title: "Bad debts, 12 months", metric: docRisk, empty: "No ratio yet: fewer than twelve months of history, or a combination of filters.",
			description: "Bad debts written off less recoveries to credit sales (E1), and written off to average receivables (E2), over twelve months each.", note: twoFilters},
		series: []series{{name: "Bad debts, net, to sales", colour: colourBad}, {name: "Written off to receivables", colour: colourHistory}}}))
	third(2, y+11, p.bars(bars{query: "cfo_grades", unit: percent, stacked: true,
		about: about{title: "Receivables by risk grade", metric: docRisk, empty: otherFilter,
			description: "Share of open receivables by the grade of the customer, A best to E worst (E8), at month-ends. In reporting currency; does not follow the company."},
		series: []series{{name: "A", colour: gradeColours()["A"]}, {name: "B", colour: gradeColours()["B"]}, {name: "C", colour: gradeColours()["C"]},
			{name: "D", colour: gradeColours()["D"]}, {name: "E", colour: gradeColours()["E"]}, {name: "Not rated", colour: colourHistory}}}))
	third(0, y+20, p.lines(lines{query: "cfo_concentration", unit: percent, decimals: 0,
		about: about{title: "Share of the largest customers", metric: docRisk, empty: otherFilter,
			description: "Share of the largest and of the ten largest customer groups in positive net receivables at closing rates (E11).", note: byScope},
		series: []series{{name: "Ten largest", colour: colourSeries}, {name: "Largest", colour: colourHistory}}}))
	third(1, y+20, p.bars(bars{query: "cfo_unapplied", stacked: true, negative: true,
		series: []series{{name: "Unapplied cash", colour: colourSeries}, {name: "Open credits", colour: colourHistory}},
		about: about{title: "Cash and credits not yet applied", metric: docBalance, empty: "Nothing is unapplied for this selection.",
			description: "Receipts without an invoice (A7) and credit notes not used, at month-ends. They belong to nobody's aging until somebody applies them."}}))
	third(2, y+20, p.bars(bars{query: "cfo_fx", stacked: true, negative: true,
		series: []series{{name: "Realised", colour: colourSeries}, {name: "Change of unrealised", colour: colourHistory}},
		about: about{title: "Exchange differences", metric: docItems, empty: otherFilter,
			description: "What payments gained or lost against the rate of their invoice, and how the valuation of what is open changed, by month. In reporting currency. Follows the company."}}))
	third(0, y+29, p.waterfall(about{title: "Loss allowance, last full month, ${symbol:raw}", metric: docRisk, empty: otherFilter,
		description: "Opening allowance + charge − release − written off + recovered ± exchange difference = closing. In reporting currency. Follows the company."}, "cfo_ecl_movement"))
	p.compute("bridge", "cfo_bridge_words")
	bridge := p.waterfall(about{title: "Why DSO changed in a year: ${bridge:raw}", metric: docBridge, empty: otherFilter,
		description: "DSO of the last month-end against the same month-end a year before, split into terms, speed of payment, mix of customers, disputes, write-offs and exchange rates, in days.", note: byScope}, "cfo_dso_bridge")
	bridge.Targets, bridge.Transformations = bridge.Targets[:1], nil // days, not money
	bridge.FieldConfig.Defaults["unit"], bridge.FieldConfig.Defaults["decimals"] = p.days(), 1
	bridge.FieldConfig.Overrides = append(bridge.FieldConfig.Overrides, override(p.t("Increase"), "color", fixed(colourBad)))
	third(1, y+29, bridge)
	third(2, y+29, p.bars(bars{query: "in_and_out", series: []series{{name: "Invoiced", colour: colourHistory}, {name: "Cash received", colour: colourSeries}},
		about: about{title: "Invoiced and collected by month", metric: docBalance, empty: "Nothing invoiced or collected for this selection.",
			description: "Invoices and debit notes against receipts, by the month of their date; the last month runs to the last day built (A6)."}}))
	p.add(0, y+38, 24, 11, p.table(table{query: "cfo_ecl_bands",
		about: about{title: "Loss allowance by year bands, and what leads to the expected credit loss", metric: docRisk, empty: otherFilter, note: twoFilters,
			description: "Allowance by full years since the invoice at fixed rates 账龄组合, then the effect of the loss rates, of customers assessed one by one, of disputes and of insurance: they add up to the expected credit loss (E6). In reporting currency."},
		columns: []column{textColumn("Days overdue").wide(110), moneyColumn("Gross").flex(100), moneyColumn("By year bands").flex(110), moneyColumn("Loss rates").flex(100), moneyColumn("One by one").flex(100),
			moneyColumn("Disputed").flex(100), moneyColumn("Insured").flex(100), moneyColumn("ECL").flex(100)}}))
}

func (p *page) cfoAging(y int) {
	vintage := p.vintage(about{title: "Cash by days after the invoice, by month", metric: docPayment, empty: otherFilter,
		description: "Cash received within so many days ÷ billed less credit notes, by month of invoice (C6); only days that have passed for every invoice of the month. ● is the youngest month known for 30 days, ◆ and ▲ the two before.",
		note:        byScope}, "cfo_vintage", "none")
	for i, mark := range []string{"▲", "◆", "●"} {
		vintage.FieldConfig.Overrides = append(vintage.FieldConfig.Overrides, object{"matcher": object{"id": "byRegexp", "options": "/^" + mark + "/"}, "properties": []any{
			object{"id": "color", "value": fixed([]string{colourWarn, "#E6762E", colourBad}[i])}, object{"id": "custom.lineWidth", "value": 2 + i/2},
			object{"id": "custom.hideFrom", "value": hideFrom(false, false, false)},
		}})
	}
	p.add(0, y, 10, 11, vintage)
	columns := []column{textColumn("From").wide(84)}
	for _, title := range []string{"Paid", "Credited", "Lost"} {
		columns = append(columns, neutralColumn(title).flex(56))
	}
	for _, b := range Buckets() {
		columns = append(columns, neutralColumn(b.Title).flex(60))
	}
	p.add(10, y, 14, 11, p.table(table{query: "cfo_roll_rates", columns: columns,
		about: about{title: "Where balances go in a month, over twelve months", metric: docRisk, empty: otherFilter,
			description: "What was open at a month-end, by days overdue, and where it stood at the next: paid, credited, lost, or older (E3). Each row is 100 %.", note: twoFilters}}))
}
