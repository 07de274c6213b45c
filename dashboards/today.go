package dashboards

// today is "Today": whom to call first, and why; what was promised, which
// warnings are new, who is over the limit.
func today() definition {
	return definition{
		name: "today", tab: "Today", title: "Today", tag: "collection",
		description: "Whom to call first and why, what was promised for today, which warnings are new.",
		variables:   without(allFilters(), agedBy),
		panels: func(p *page) {
			p.compute("proof", "today_proof")
			p.compute("rated", "today_rated")
			p.todayStats(2)
			p.todayWorklist(6)
			p.todayWarnings(21)
			p.todayLimits(34)
			p.todayAccounts(45)
			p.todayDisputes(57)
			// what is looked at once a week or a month
			p.folded(67, "Who looks after what, and what reminders, holds and plans bring", p.todayWork)
			p.folded(68, "How disputes end", p.todayDisputeEnds)
			p.folded(69, "Proof, statements of account and credit reviews", p.todayProof)
			p.folded(70, "Good and poor payers, and whether warnings come true", p.todayJudged)
		},
	}
}

// What the models of the last day built know.
const (
	lastDay      = "Of the last day built: choose it under As of."
	convertedDay = "In reporting currency, of the last day built."
	inReporting  = "In reporting currency: choose one of its rates under Currency."
)

// customerColumn leads to the customer's file, with the filters.
func (p *page) customerColumn() column {
	return textColumn("Customer").link(p.t("Customer file"), p.address("customer", "customer", "customer_id"))
}

// ownerColumn leads to the page of the account owner.
func (p *page) ownerColumn() column {
	return textColumn("Owner").link(p.t("Rep"), p.address("rep", "rep", "owner_id"))
}

// breach colours a figure from a limit on; the figure itself is shown as text.
func (c column) breach(from float64, colour string) column {
	return c.with("custom.cellOptions", object{"type": "color-text"}, "thresholds", steps(step(nil, "text"), step(from, colour)))
}

func (p *page) todayStats(y int) {
	for i, s := range []stat{
		{about: about{title: "To call", metric: docControl, note: lastDay,
			description: "Customers with something overdue and no live promise (G1). Those who promised are waited for until the promise has passed."},
			query: "today_to_call", unit: number, noLine: true},
		{about: about{title: "To collect", metric: docBalance,
			description: "Open amount past due less what is disputed (A5): what a call can bring. The line shows month-ends of two years."},
			query: "today_overdue", decimals: 1},
		{about: about{title: "Promises unpaid", metric: docPromises,
			description: "What was promised for today or the 30 days before, less what came (D1). In grace: the day has passed, the days of grace have not."},
			query: "today_due", decimals: 1, noLine: true},
		{about: about{title: "Over the limit", metric: docRisk, note: inReporting,
			description: "Customers whose receivables and open orders, less unapplied cash, are above their limit (E7), and by how much. The line shows month-ends."},
			query: "today_over_limit", unit: number},
		{about: about{title: "Early warnings", metric: docRisk,
			description: "Warnings raised and not cleared on the day (E9), and how many of them are new since the last month-end. The line shows month-ends."},
			query: "today_warned", unit: number},
		{about: about{title: "Looked after", metric: docControl,
			description: "Share of the overdue that has an owner and had a contact in the last 14 days (G2), and the amount that nobody owns. Follows company and rep.", note: convertedDay},
			query: "today_covered", unit: percent, decimals: 0, noLine: true},
	} {
		p.add(4*i, y, 4, 4, p.stat(s))
	}
}

func (p *page) todayWorklist(y int) {
	p.add(0, y, 24, 15, p.table(table{query: "today_worklist",
		about: about{title: "Worklist: call from the top", metric: docControl, empty: "Nobody to call for this selection. The list is of the last day built.",
			description: "Customers by priority (G1): amount, age, risk and broken promises weigh, what is disputed does not. A click on the customer opens the file, on the owner the page of the rep. " +
				"Customers with a live promise are left out. The overdue amount is that of the selection."},
		columns: []column{
			column{title: "#", plain: true, pairs: []any{"unit", number, "decimals", 0}}.wide(44), p.customerColumn().flex(200), hiddenColumn("customer_id"),
			column{title: "Priority", pairs: []any{"unit", number, "decimals", 0, "min", 0, "max", 100,
				"custom.cellOptions", object{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}, "thresholds", steps(step(nil, "#F7DC85"), step(20, "#F4B04E"), step(40, "#CF4630"))}}.wide(110),
			p.pillColumn("Why", map[string]string{"Broken promise": colourBad, "Disputed": colourDispute, "Over 90 days": "#E6762E", "Never contacted": "#8F2A6B", "Large amount": colourSeries,
				"High risk": "#F4B04E", "Later than usual": "#7BA7CE", "Past due": colourHistory}).wide(122),
			textColumn("Do this").wide(146), moneyColumn("Overdue").wide(100), numberColumn("Days").breach(61, colourBad).wide(60),
			p.dateColumn("Last contact").with("noValue", p.t("never")).wide(96), p.dateColumn("Promised for").with("noValue", " ").wide(102), moneyColumn("Promised").with("noValue", " ").wide(98),
			p.pillColumn("Grade", gradeColours()).wide(60), p.ownerColumn().wide(134), hiddenColumn("owner_id"),
		}}))
}

func (p *page) todayWarnings(y int) {
	p.add(0, y, 12, 13, p.table(table{query: "today_warnings", unfixed: true,
		about: about{title: "Early warnings: high first, then what is new", metric: docRisk, empty: "No early warning for this selection.",
			description: "Warnings of the twelve rules (E9) that are raised on the day, with what was measured. New since the last month-end comes first in each severity, then the larger balance."},
		columns: []column{
			p.pillColumn("Severity", map[string]string{"high": colourBad, "medium": colourWarn, "low": colourHistory}).wide(76),
			textColumn("Rule").wide(128), p.customerColumn().flex(190), hiddenColumn("customer_id"), textColumn("Evidence").wide(122),
			p.dateColumn("Since").wide(70), moneyColumn("Open").wide(84),
		}}))
	p.add(12, y, 12, 13, p.table(table{query: "today_promise_list", unfixed: true,
		about: about{title: "Promises and plan lines, two weeks around today", metric: docOneByOne, empty: "No promise is due or was broken in the two weeks around this day.",
			description: "What falls due now comes first, then what was broken or paid in part, then what is to come (D1). Days count from the day promised, below zero until then; moved says how often the day was put off."},
		columns: []column{
			p.dateColumn("Due").wide(70), p.pillColumn("Status", map[string]string{"broken": colourBad, "partial": "#E6762E", "today": colourSeries, "in grace": colourWarn, "to come": "#7BA7CE"}).wide(78),
			p.customerColumn().flex(150), hiddenColumn("customer_id"), textColumn("Kind").wide(74), moneyColumn("Promised").wide(98), moneyColumn("Paid").with("mappings", []any{zero("–")}).wide(78),
			numberColumn("Days").breach(1, colourBad).wide(50), numberColumn("Moved").with("mappings", []any{zero("–")}).wide(60),
		}}))
}

// rated is an amount that is not known where something has no exchange rate,
// unrated how many items have none.
func (p *page) rated(title string) column { return moneyColumn(title).with("noValue", p.t("no rate")) }
func (p *page) unrated() column           { return numberColumn("No rate").with("noValue", " ").wide(64) }

// zero shows another text in the place of 0.
func zero(text string) object {
	return object{"type": "value", "options": object{"0": object{"text": text, "index": 0}}}
}

func (p *page) todayLimits(y int) {
	p.add(0, y, 11, 11, p.table(table{query: "today_limits",
		about: about{title: "Credit limits: above, above 90 % or missing", metric: docRisk, empty: "Every limit holds for this selection.", note: inReporting,
			description: "Exposure is open receivables and open orders less unapplied cash (E7), on the day or the last month-end before it. The largest breach comes first."},
		columns: []column{
			p.customerColumn().flex(150), hiddenColumn("customer_id"),
			p.pillColumn("Limit", map[string]string{"over": colourBad, "near": colourWarn, "no credit": "#8F2A6B", "no limit set": colourHistory, "no rate": colourHistory}).wide(84),
			moneyColumn("Granted").wide(86), moneyColumn("Exposure").wide(92), moneyColumn("Above").with("noValue", " ").wide(78),
			column{title: "Used", pairs: []any{"unit", fraction, "decimals", 0, "min", 0, "max", 2,
				"custom.cellOptions", object{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}, "thresholds", steps(step(nil, "#F4B04E"), step(1, "#CF4630"))}}.wide(110),
		}}))
	p.add(11, y, 13, 11, p.table(table{query: "today_stop_supply",
		about: about{title: "Stop of supply: who should be held, who is, who may be released", metric: docControl, empty: "Nobody is to be held for this selection.", note: convertedDay,
			description: "An item overdue for longer than the policy allows, or a breached limit (E10). To be released comes first, then who should be stopped and is not. Where items have no exchange rate the overdue is not known and counts as above the rule's amount; No rate says how many they are."},
		columns: []column{
			p.customerColumn().flex(130), hiddenColumn("customer_id"), p.pillColumn("Supply", map[string]string{"stop": colourBad, "held": colourHistory, "release": colourGood}).wide(72),
			textColumn("Why").wide(84), numberColumn("Days").wide(50), p.rated("Overdue").wide(86), p.unrated(), moneyColumn("Above limit").with("noValue", " ").wide(104),
			p.dateColumn("Held since").with("noValue", " ").wide(88),
		}}))
}

func (p *page) todayAccounts(y int) {
	p.add(0, y, 11, 12, p.agingOverdue(bars{query: "today_aging", x: "customer", horizontal: true,
		about: about{title: "Twelve largest overdue customers, by age", metric: docBalance, empty: noReceivables,
			description: "Overdue amount of the customers with the largest, by days past due (A2). Disputed amounts are in the bars."}}))
	p.add(11, y, 13, 12, p.table(table{query: "today_unapplied",
		about: about{title: "Cash and credits to match", metric: docBalance, empty: "Nothing is unapplied for this selection.",
			description: "Receipts without an invoice and credit notes not used (A7), by account and in its own currency. Those that match an open item, or all that is overdue, exactly come first, then the largest. Matches are of the last day built."},
		columns: []column{
			p.customerColumn().flex(140), hiddenColumn("customer_id"), textColumn("Currency").wide(70),
			documentAmount("Unapplied cash").with("mappings", []any{zero("")}).wide(114), documentAmount("Open credits").with("mappings", []any{zero("")}).wide(96),
			documentAmount("Overdue, open").with("mappings", []any{zero("")}).wide(112), textColumn("Matches").with("noValue", " ").wide(170),
		}}))
}

func (p *page) todayDisputes(y int) {
	p.add(0, y, 9, 10, p.bars(bars{query: "today_dispute_ages", x: "reason", stacked: true, horizontal: true,
		series: []series{{name: "up to 30 days", colour: "#9DC3E6"}, {name: "31 to 60 days", colour: colourDispute}, {name: "over 60 days", colour: colourBad}},
		about: about{title: "Disputes by reason and age", metric: docDisputes, empty: "No disputes open for this selection.",
			description: "Amount in dispute at the end of the day, by reason and days since the dispute was opened (D6)."}}))
	p.add(9, y, 15, 10, p.table(table{query: "today_disputes",
		about: about{title: "Open disputes, the oldest first", metric: docDisputes, empty: "No disputes open for this selection.",
			description: "Who disputes what, which department has to settle it and for how long it has been open (D6)."},
		columns: []column{
			p.customerColumn().flex(140), hiddenColumn("customer_id"), textColumn("Reason").wide(120), textColumn("Invoice").flex(130), textColumn("Department").wide(100),
			p.dateColumn("Opened").wide(80), numberColumn("Age, days").breach(31, colourBad).wide(80), moneyColumn("Disputed").wide(96),
		}}))
}
