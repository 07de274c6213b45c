package dashboards

// invoices is "Invoice list": every open item behind the totals.
func invoices() definition {
	return definition{
		name: "invoices", tab: "Invoices", title: "Invoice list", tag: "finance",
		description: "The open items behind every total, with what was paid, disputed and promised on them.",
		variables:   allFilters(),
		panels: func(p *page) {
			p.invoicesStats(2)
			p.invoicesBuckets(6)
			p.invoicesItems(17)
			p.row(36, "Settled lately")
			p.invoicesSettled(37)
		},
	}
}

// lastDayItems: what is open item by item is known for one day.
const lastDayItems = "Items are known for the last day built; another as-of day changes the figures above only."

func (p *page) invoicesStats(y int) {
	for i, s := range []stat{
		openStat(),
		overdueStat(),
		{about: about{title: "Open items", metric: docItems, description: "Instalments of invoices and debit notes with anything open, and how many of them are overdue.", note: lastDayItems},
			query: "invoices_count", unit: number, noLine: true},
		{about: about{title: "Oldest debt", metric: docItems, description: "Days that the oldest open item is past its due date, and whose it is.", note: lastDayItems},
			query: "invoices_oldest", unit: p.days(), noLine: true},
		{about: about{title: "Promised, open", metric: docPromises, description: "What customers have promised to pay and the day of grace has not passed, in reporting currency (D2).", note: lastDayItems},
			query: "invoices_promised", decimals: 1, noLine: true},
		{about: about{title: "In dispute", metric: docDisputes, description: "Open amount that customers dispute, and its share of what is open (D6).", note: lastDayItems},
			query: "invoices_disputed", decimals: 1, noLine: true},
	} {
		p.add(4*i, y, 4, 4, p.stat(s))
	}
}

func (p *page) invoicesBuckets(y int) {
	p.add(0, y, 12, 11, p.agingBars(bars{query: "aging_amount", about: about{title: "Open receivables by age", metric: docBalance, empty: noReceivables,
		description: "Open amount by days past due (A2), at month-ends and, last, the as-of day. Disputed amounts are included."}}))
	p.add(12, y, 12, 11, p.table(table{query: "invoices_buckets",
		about: about{title: "Items and amounts by age", metric: docItems, empty: noReceivables,
			description: "Open items by days past the due date (or since the invoice date, as chosen): how many, of how many customers, how much, and the last line for all.", note: lastDayItems},
		columns: []column{p.pillColumn("Days overdue", bucketColours()).flex(110), numberColumn("Items").wide(80), numberColumn("Customers").wide(90), moneyColumn("Open").flex(110),
			percentColumn("Share").wide(76).with("decimals", 1), moneyColumn("Disputed amount").flex(100)}}))
}

func (p *page) invoicesItems(y int) {
	p.add(0, y, 24, 19, p.table(table{query: "invoices_items",
		about: about{title: "Open items, the most overdue first", metric: docItems, empty: noReceivables,
			description: "Instalments of invoices and debit notes with their open amount in document currency and in the chosen one; what was paid on them, the live promise, when money is expected by the customer's habit. " +
				"The 500 most overdue; `huikuan query` or the workbook of `huikuan report` has all.", note: lastDayItems},
		columns: []column{
			textColumn("Customer").flex(190).link(p.t("Customer file"), p.address("customer", "customer", "customer_id")), hiddenColumn("customer_id"),
			textColumn("Invoice").flex(160), p.dateColumn("Due on").wide(102).with("unit", p.dayUnit(true)),
			p.pillColumn("Days overdue", bucketColours()).wide(108), numberColumn("Days").wide(54), documentAmount("Still open").wide(104), textColumn("Currency").wide(78),
			moneyColumn("Open").wide(88), gaugeColumn("Settled", 1, oneColour()...).wide(84), textColumn("Disputed").wide(78),
			p.dateColumn("Promised for").wide(102), p.dateColumn("Expected on").wide(100), textColumn("Owner").wide(108).link(p.t("Rep"), p.address("rep", "rep", "owner_id")), hiddenColumn("owner_id"),
		}}))
}

func (p *page) invoicesSettled(y int) {
	p.add(0, y, 24, 14, p.table(table{query: "invoices_settled",
		about: about{title: "Settled in the last 30 days", metric: docItems, empty: "Nothing was settled in the last 30 days for this selection.",
			description: "Items settled in the 30 days up to the last day built, the largest first: how, when, and how many days after the due date (negative: before).", note: lastDayItems},
		columns: []column{
			textColumn("Customer").flex(170).link(p.t("Customer file"), p.address("customer", "customer", "customer_id")), hiddenColumn("customer_id"),
			textColumn("Invoice").flex(140), p.dateColumn("Due on").wide(104).with("unit", p.dayUnit(true)), p.dateColumn("Settled on").wide(104).with("unit", p.dayUnit(true)), numberColumn("Days late").wide(90),
			documentAmount("Amount").wide(112), textColumn("Currency").wide(76), moneyColumn("Settled amount").wide(136), p.wordColumn("By", map[string]string{"cash": "text", "credit note": colourWarn, "write-off": colourBad}).wide(100), textColumn("Owner").wide(120),
		}}))
}
