package metrics

import "huikuan/transform/schema"

// Names of the tables about promises, plans, visits and owners.
const (
	PromiseOutcomes = "promise_outcomes"
	PromiseStates   = "promise_states"
	PlanOutcomes    = "plan_outcomes"
	VisitOutcomes   = "visit_outcomes"
	RepAttribution  = "rep_attribution"
)

// peopleTables describes them in the order of writing.
func peopleTables() []schema.Table {
	return []schema.Table{promiseOutcomesTable(), promiseStatesTable(), planOutcomesTable(), visitOutcomesTable(), repAttributionTable()}
}

// pledgeKey are the columns that [worker.pledgeKey] writes.
func pledgeKey() []schema.Column {
	return []schema.Column{text("promise_id", "promise; of a plan line plan_id/line_no"), label("source", "configured source"), text("customer_id", "customer"),
		optText("company", "legal entity of the promised invoice; NULL where no invoice is named or known"), optText("invoice_id", "invoice; NULL = any")}
}

func promiseOutcomesTable() schema.Table {
	t := metric(PromiseOutcomes, "one row a promise to pay, or a line of an instalment plan, made on or before the as-of day, judged on that day (D1). "+
		"Rate of kept promises = kept / (kept + partial + broken), by count or by amount; cash on promises = paid / amount",
		[]string{"customer_id", "due_date", "promise_id", "line_no"})
	t.add(pledgeKey()...)
	t.add(optText("visit_id", "visit at which it was made"), optText("plan_id", "instalment plan; NULL for a single promise"), integer("line_no", "line of the plan; 0 for a single promise"),
		text("rep_id", "rep of the visit, else account owner on made_on, or unassigned"), label("currency", "currency of the promise"))
	t.money("amount", "amount promised")
	t.money("reduced", "part of amount that credit notes, write-offs and upheld disputes took away; amount - reduced is what is judged")
	t.add(date("made_on", "day it was made"), date("due_date", "day promised"), date("limit_date", "due_date plus the days of grace; cash received until then counts"))
	t.money("paid", "cash received from made_on to limit_date that this promise claims, never above amount - reduced; no cash is claimed twice")
	t.add(label("status", "open, kept, partial, broken, moved (another promise took its place before it was due), cancelled (nothing left to pay)"),
		opt("status_on", schema.Date, "day since which the status holds: the receipt that kept it, the day after limit_date, the day it was moved or cancelled; NULL while open"),
		integer("times_moved", "promises that this one replaced, one after the other"),
		optLabel("reason", "why it is cancelled or moved: credited, written_off, dispute_upheld, no_amount, replaced, plan_replaced; circle where replaced_by leads back to itself"))
	return t.Table
}

func promiseStatesTable() schema.Table {
	t := metric(PromiseStates, "how a promise, or a line of an instalment plan, stood at the ends of months and on the as-of day, from what was dated up to each of them (D1): one row for as long as it stood so. "+
		"promise_outcomes has what is known today: cash that kept a promise may bounce, or be applied, later",
		[]string{"customer_id", "due_date", "promise_id", "line_no", "first_day"})
	t.add(pledgeKey()...)
	t.add(optText("plan_id", "instalment plan; NULL for a single promise"), integer("line_no", "line of the plan; 0 for a single promise"), label("currency", "currency of the promise"))
	t.plain("amount", "amount promised, in its currency")
	t.plain("paid", "cash received from made_on to limit_date that it had claimed by then, in its currency")
	t.plain("reduced", "part of amount that credit notes, write-offs and upheld disputes had taken away by then, in its currency")
	t.add(date("made_on", "day it was made"), date("due_date", "day promised"), date("limit_date", "due_date plus the days of grace"),
		date("first_day", "first month-end, or the as-of day, on which it stood so"), date("last_day", "last of them, the same or a later one"),
		label("status", "as in promise_outcomes"), opt("status_on", schema.Date, "day since which the status held; NULL while open"),
		integer("times_moved", "promises that this one had replaced by then"))
	return t.Table
}

func planOutcomesTable() schema.Table {
	t := metric(PlanOutcomes, "one row an instalment plan made on or before the as-of day (D2); its lines stand in promise_outcomes. A plan changes no due date: aging goes by the original one",
		[]string{"customer_id", "plan_id"})
	t.add(text("plan_id", "plan"), label("source", "configured source"), text("customer_id", "customer"), optText("visit_id", "visit at which it was made"),
		text("rep_id", "rep of the visit, else account owner on made_on, or unassigned"), date("made_on", "day it was made"), optText("replaced_by", "plan that superseded it"),
		integer("re_plans", "plans that this one replaced, one after the other"), integer("lines", "lines"), integer("lines_due", "lines that are kept, partial or broken today"),
		integer("kept", "lines kept"), integer("partial", "lines paid in part"), integer("broken", "lines broken"),
		integer("consecutive_misses", "longest run of lines, by due date, that are partial or broken"), label("currency", "currency of the first line; other lines are converted at made_on"))
	t.money("amount", "sum of the lines")
	t.money("paid", "cash that its lines claim")
	t.money("remaining", "amount less paid and less what credit notes, write-offs and upheld disputes took away")
	t.add(label("status", "live, kept (nothing left to pay, no line open), broken (so many lines missed in a row), replaced"),
		opt("status_on", schema.Date, "day since which the status holds; NULL while live"), opt("next_due", schema.Date, "due date of the next open line; NULL = none"))
	return t.Table
}

func visitOutcomesTable() schema.Table {
	t := metric(VisitOutcomes, "one row a visit or call that took place, and the cash before and after it, reporting currency at the invoice's rate (D3). "+
		"Recovery = sum(cash_after) / sum(overdue), baseline = sum(cash_before) / sum(overdue), uplift = recovery - baseline, over visits whose window is complete. Before and after, not cause and effect",
		[]string{"customer_id", "day", "visit_id"})
	t.add(text("visit_id", "visit"), label("source", "configured source"), text("customer_id", "customer"), text("rep_id", "visitor, else account owner of the day, or unassigned"),
		date("day", "day of the visit"), optLabel("channel", "visit, call, e-mail …"), opt("agreement_reached", schema.Bool, "whether terms were agreed; NULL = unknown"),
		schema.Column{Name: "share", Kind: schema.Rate, Comment: "part of the day's figures that this visit carries: 1 / visits to the customer on that day; money columns are already multiplied"},
		integer("overdue_items", "instalments overdue and not disputed at the visit"), label("currency", "reporting currency of every money column here"))
	t.optPlain("overdue_rc", "overdue and undisputed at the beginning of the day; NULL = no exchange rate")
	t.add(integer("window_days", "days of the configured window N (metrics.visit_window_days)"))
	for _, n := range []string{"", "_7", "_14", "_30"} { // the names are those of the defaults
		days := "window_days"
		if n != "" {
			days = n[1:] + " days (the default of metrics.visit_windows)"
		}
		t.optPlain("cash"+n+"_rc", "cash received from the day of the visit through "+days+" after it on items overdue and undisputed at the visit, never above overdue_rc; cash counts for the latest visit before it only")
		t.optPlain("cash_before"+n+"_rc", "cash received in the "+days+" before the visit on items overdue and undisputed when they began: the baseline")
		t.optPlain("promised_before"+n+"_rc", "part of cash"+n+"_rc that kept promises made before the visit; not the visit's doing, to be taken off an uplift")
		t.add(flag("window_complete"+n, days+" after the visit have passed on the as-of day"))
	}
	t.add(optLabel("reason", "why money columns are NULL: missing_rate"))
	return t.Table
}

func repAttributionTable() schema.Table {
	t := metric(RepAttribution, "collection by month, company and rep under four ways to say whose an invoice is; the totals of a month and company are the same under each (C9). The last month runs to the as-of day",
		[]string{"month", "company", "basis", "rep_id"})
	t.add(date("month", "first day of the month"), text("company", "legal entity"),
		label("basis", "invoice_rep: reps of the invoice by split shares; owner_at_due: account owner of the due date (of today where that lies ahead); "+
			"owner_at_cash: account owner of the receipt date, of the day for balances, as in rep_collection; owner_today: account owner on the as-of day"),
		text("rep_id", "rep, or unassigned"), optText("rep_name", "display name"), optLabel("team", "team"), label("currency", "reporting currency of every money column here"))
	t.plain("collected", "receipts of the month less bounced receipts and refunds; what no invoice has used goes by the owner of its date, or of today")
	t.plain("collected_unapplied", "part of collected not applied to any invoice up to the as-of day")
	t.plain("collected_due_basis", "part of collected on items overdue at opening or due in the month; numerator of the collection rate (C2)")
	t.plain("due_basis_denominator", "opening_overdue + fell_due less prepaid, credits and write-offs (C2)")
	t.ratio("collection_rate", "collected_due_basis / due_basis_denominator, fraction (C2)")
	t.plain("opening_overdue", "open invoices at the end of the previous month, due by then")
	t.plain("fell_due", "instalments due in the month, whole amount")
	t.plain("billed", "invoices and debit notes of the month")
	t.plain("closing_open", "open invoices at the end of the month")
	t.plain("closing_overdue", "part of closing_open 1 day or more past due")
	t.add(optLabel("reason", "why collection_rate is NULL: nothing_collectable, missing_rate"))
	return t.Table
}
