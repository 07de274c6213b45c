package metrics

import (
	"slices"

	"huikuan/transform/behaviour"
	"huikuan/transform/bridge"
	"huikuan/transform/forecast"
	"huikuan/transform/schema"
)

// Names of the tables that [Build] writes.
const (
	Events        = "ar_events"
	OpenItems     = "ar_open_items"
	Snapshots     = "ar_snapshots"
	RollForward   = "ar_rollforward"
	DSO           = "dso"
	RepCollection = "rep_collection"
)

// Tables describes the tables that a build writes anew: those of the replay and
// those derived from them.
func Tables() []schema.Table {
	return slices.Concat(Replayed(), behaviour.Tables(), forecast.Tables(), bridge.Tables())
}

// Kept describes the tables that builds add to and never replace.
func Kept() []schema.Table { return forecast.Kept() }

// Replayed describes the tables that [Build] writes, in the order of writing.
// Money columns are in document currency, their twins with the suffix _rc in
// reporting currency; ratios are fractions, never per cent, each with its
// numerator and denominator beside it so that slices can be added up.
func Replayed() []schema.Table {
	return slices.Concat([]schema.Table{eventsTable(), openItemsTable(), snapshotsTable(), rollForwardTable()}, factTables(),
		[]schema.Table{dsoTable(), repCollectionTable()}, peopleTables(), calendarTables())
}

func eventsTable() schema.Table {
	t := metric(Events, "one row a signed event; the open amount of an item on day D is the sum of its events up to D (metrics 1.2)",
		[]string{"company", "customer_id", "event_date", "item_id"})
	t.add(date("event_date", "day the event takes effect on balances"),
		opt("recorded_at", schema.Instant, "instant the warehouse learnt of it"),
		text("company", "legal entity of the item"), text("customer_id", "customer of the item"), text("item_id", "invoice, payment or credit note"),
		label("item_type", "invoice, debit_note, payment, credit_note"),
		label("kind", "INVOICE, DEBIT, ALLOC, ALLOC_REV, DISCOUNT, DISCOUNT_REV, CREDIT_ALLOC, CREDIT_ALLOC_REV, WRITE_OFF, WRITE_OFF_REV on invoices; "+
			"ON_ACCOUNT, APPLIED, APPLIED_REV, REFUND, BOUNCED on payments; CREDIT, CREDIT_APPLIED, CREDIT_APPLIED_REV on credit notes"),
		label("currency", "document currency of the item"))
	t.money("amount", "signed change of the item's open amount")
	t.add(optText("rep_id", "rep of the invoice"), text("owner_id", "account owner on event_date, or unassigned"),
		optText("application_id", "allocation, credit allocation or write-off behind the event"), optText("counter_item_id", "document of the other side"),
		opt("counter_date", schema.Date, "receipt date (cash) or date of the credit note; behaviour metrics count from it"),
		opt("instalment_seq", schema.Int, "instalment named by the source; NULL = first in, first out"),
		label("source", "configured source"), date("item_date", "date of the item's document"),
		opt("known_at", schema.Instant, "instant from which the event counts as known: the last of the instants at which it and its documents became known; NULL = always"))
	return t.Table
}

func openItemsTable() schema.Table {
	t := metric(OpenItems, "invoices and debit notes open on as_of, one row an instalment (A1, A2); overpaid invoices are open credits and not listed",
		[]string{"company", "customer_id", "invoice_id", "instalment_seq"})
	t.add(date("as_of", "end of this day"), text("company", "legal entity"), text("customer_id", "customer"), text("invoice_id", "invoice or debit note"),
		integer("instalment_seq", "instalment; 1 where the invoice has one due date"), label("item_type", "invoice or debit_note"),
		date("invoice_date", "date of the document"), date("due_date", "due date"), flag("due_date_missing", "no due date and no terms known: invoice_date taken"),
		integer("days_past_due", "as_of - due_date, days; 0 and less is not due"), label("bucket", "aging bucket by due date: not_due, 1-30, … 366+ (A2)"),
		integer("age_days", "as_of - invoice_date, days"), label("age_bucket", "aging bucket by invoice date: 0-30, 31-60, 61-90, 91+ (A3)"),
		label("year_band", "full anniversaries of invoice_date before as_of: 0-1y, 1-2y … 5y+ (A4)"), label("currency", "document currency"))
	t.money("amount", "amount of the instalment")
	t.money("open_amount", "open amount of the instalment, positive (A1)")
	t.money("disputed_amount", "disputed part of open_amount, never above it")
	t.add(optText("rep_id", "rep of the invoice (largest share)"), text("owner_id", "account owner on as_of, or unassigned"),
		optLabel("segment", "segment of the customer on as_of"), optLabel("region", "region of the customer on as_of"), label("source", "configured source"))
	return t.Table
}

func snapshotsTable() schema.Table {
	t := metric(Snapshots, "balances and aging at the end of as_of: every month-end of the history and each of the last 92 days (A1, A2, A5, A7)",
		[]string{"as_of", "company", "customer_id", "owner_id", "currency"})
	t.add(date("as_of", "end of this day"), text("company", "legal entity"), text("customer_id", "customer"), text("owner_id", "account owner on as_of, or unassigned"),
		optLabel("segment", "segment of the customer on as_of"), optLabel("region", "region of the customer on as_of"), label("currency", "document currency"))
	t.money("open_amount", "open invoices and debit notes, the sum of the eight buckets (A1)")
	t.money("not_due", "open, due on as_of or later (A2)")
	t.money("d1_30", "open, 1 to 30 days past due (A2)")
	t.money("d31_60", "open, 31 to 60 days past due (A2)")
	t.money("d61_90", "open, 61 to 90 days past due (A2)")
	t.money("d91_120", "open, 91 to 120 days past due (A2)")
	t.money("d121_180", "open, 121 to 180 days past due (A2)")
	t.money("d181_365", "open, 181 to 365 days past due (A2)")
	t.money("d366_plus", "open, 366 days or more past due (A2)")
	t.money("overdue", "open, 1 day or more past due; overdue ratio = overdue / open_amount (A5)")
	t.money("unapplied", "cash received and not applied, negative (A7)")
	t.money("open_credits", "credit notes not applied and overpaid invoices, negative")
	t.money("net_ar", "open_amount + unapplied + open_credits")
	t.money("disputed", "disputed part of open_amount")
	t.money("disputed_overdue", "disputed part of overdue; overdue - disputed_overdue is the undisputed twin")
	t.add(opt("unrealised_fx_rc", schema.Money, "net_ar at the rate of as_of less net_ar_rc, reporting currency; NULL = no rate"))
	return t.Table
}

func rollForwardTable() schema.Table {
	t := metric(RollForward, "opening to closing net balance of a month; the last month runs to the as-of day (A6). "+
		"opening + invoiced + debit_notes - credited - cash - discounts - written_off + refunds + fx + transfers = closing",
		[]string{"month", "company", "customer_id", "owner_id", "currency"})
	t.add(date("month", "first day of the month"), text("company", "legal entity"), text("customer_id", "customer"), text("owner_id", "account owner, or unassigned"),
		optLabel("segment", "segment of the customer at the end of the month"), optLabel("region", "region of the customer at the end of the month"), label("currency", "document currency"))
	t.money("opening", "net balance at the end of the previous month")
	t.money("invoiced", "invoices dated in the month")
	t.money("debit_notes", "debit notes dated in the month")
	t.money("credited", "credit notes dated in the month, positive amounts reduce")
	t.money("cash", "receipts dated in the month less receipts that bounced in it, positive amounts reduce")
	t.money("discounts", "cash discounts taken, positive amounts reduce")
	t.money("written_off", "write-offs less those taken back, positive amounts reduce")
	t.money("refunds", "money paid back to the customer, positive amounts increase")
	t.money("fx", "realised exchange differences (only in reporting currency), signed")
	t.money("transfers", "owner changes and cash applied to another customer's or company's invoice, signed; sums to 0")
	t.money("closing", "net balance at the end of the month, summed from the items independently of the lines above")
	t.money("check_amount", "lines less closing; must be 0")
	return t.Table
}

func dsoTable() schema.Table {
	t := metric(DSO, "speed of collection by scope at the days of ar_snapshots; a scope holds the customers that belong to it on as_of, with all their sales (B1-B9, C1)",
		[]string{"scope", "scope_id", "as_of"})
	t.add(date("as_of", "end of this day"), label("scope", "group, company, segment, region, owner, customer"),
		text("scope_id", "identifier within the scope; empty for the group"), label("currency", "currency of the money columns: reporting currency, or the one document currency of a customer"))
	t.optMoney("ar", "net AR: open invoices less unapplied cash and open credits")
	t.optMoney("not_due", "open and not due, gross")
	t.optMoney("overdue", "open and past due, gross")
	t.optMoney("credits", "unapplied cash and open credits, negative")
	t.optMoney("disputed", "disputed part of not_due and overdue")
	t.optMoney("disputed_overdue", "disputed part of overdue")
	t.optMoney("current_ar", "numerator of bpdso: not_due less credits in excess of overdue")
	t.optMoney("sales_90", "billings less credit notes of the 90 days to as_of; denominator of dso_90 and bpdso")
	t.optMoney("sales_month", "billings less credit notes of the calendar month to as_of; denominator of dso_month")
	t.optMoney("sales_12m", "billings less credit notes of the 12 months to as_of; numerator of turnover")
	t.add(integer("days_month", "days of the calendar month to as_of"))
	t.ratio("dso_90", "ar / sales_90 x 90, days (B3)")
	t.ratio("dso_month", "ar / sales_month x days_month, days (B1)")
	t.ratio("dso_countback", "months walked back until ar is used up, days (B4)")
	t.ratio("dso_countback_daily", "the same walk by days, days (B4)")
	t.ratio("dso_countback_lower_bound", "days walked before the walk had to stop, days (B4)")
	t.optMoney("uncovered_ar", "ar left when the walk had to stop (B4)")
	t.ratio("dso_sales_weighted", "sum over months of origin of open / sales x days, days (B5)")
	t.ratio("bpdso", "current_ar / sales_90 x 90, days (B7)")
	t.ratio("add_days", "dso_90 - bpdso, days (B8)")
	t.optMoney("undisputed_delinquent", "overdue less disputed_overdue, less credits, never below 0; numerator of add_days_undisputed")
	t.ratio("add_days_undisputed", "undisputed_delinquent / sales_90 x 90, days: add_days without what is in dispute (B8)")
	t.optMoney("cei_numerator", "ar at the end of the previous month + sales_month - ar (C1)")
	t.optMoney("cei_denominator", "ar at the end of the previous month + sales_month - not_due (C1)")
	t.ratio("cei", "cei_numerator / cei_denominator, fraction (C1)")
	t.optMoney("written_off_month", "write-offs of the calendar month to as_of less those taken back")
	t.optMoney("cei_clean_numerator", "cei_numerator - written_off_month: what came in as cash or was taken as discount (C1-b)")
	t.ratio("cei_clean", "cei_clean_numerator / cei_denominator, fraction (C1-b)")
	t.optMoney("cei_undisputed_denominator", "cei_denominator - disputed_overdue")
	t.ratio("cei_undisputed", "cei_numerator / cei_undisputed_denominator, fraction: cei without what is in dispute on as_of (C1)")
	t.optMoney("average_ar", "average of ar at 13 month-ends, the last being as_of (B9)")
	t.ratio("turnover", "sales_12m / average_ar, times a year (B9)")
	t.add(optLabel("reason", "why a measure is NULL, the first of the columns below: no_sales, sales_nonpositive, credit_balance, insufficient_history, nothing_collectable, missing_rate"),
		optLabel("reason_90", "why dso_90, bpdso, add_days and add_days_undisputed are NULL"), optLabel("reason_month", "why dso_month is NULL"),
		optLabel("reason_countback", "why dso_countback is NULL"), optLabel("reason_weighted", "why dso_sales_weighted is NULL"),
		optLabel("reason_cei", "why cei and cei_clean are NULL"), optLabel("reason_turnover", "why turnover is NULL"), optLabel("reason_cei_undisputed", "why cei_undisputed is NULL"))
	return t.Table
}

func repCollectionTable() schema.Table {
	t := metric(RepCollection, "collection by rep and month in reporting currency at the invoice's rate; the last month runs to the as-of day (C2-C4, C7, C9, C10, B10, B11). "+
		"Cash, balances, sales: account owner of the day. Billed, written off, on time, days to pay: rep of the invoice by split shares",
		[]string{"month", "company", "rep_id"})
	t.add(date("month", "first day of the month"), text("company", "legal entity"), text("rep_id", "rep, or unassigned"),
		optText("rep_name", "display name"), optLabel("team", "team"), label("currency", "reporting currency of every money column here"))
	t.plain("opening_open", "open invoices at the end of the previous month, by the owner of that day")
	t.plain("opening_overdue", "part of opening_open due on or before the last day of the previous month")
	t.plain("fell_due", "instalments due in the month, whole amount, by the owner of the due date")
	t.plain("prepaid", "cash received before the month on fell_due, and on opening_overdue where it was applied later")
	t.plain("reduced", "credits, cash discounts and write-offs on opening_overdue and fell_due")
	t.plain("collected", "receipts of the month less bounced receipts and refunds, by the owner of the receipt date (C9)")
	t.plain("collected_due_basis", "part of collected on items overdue at opening or due in the month; numerator of collection_rate (C2)")
	t.plain("collected_early", "part of collected on items due after the month")
	t.plain("collected_unapplied", "part of collected not applied to any invoice up to the as-of day")
	t.plain("due_basis_denominator", "opening_overdue + fell_due - prepaid - reduced (C2)")
	t.ratio("collection_rate", "collected_due_basis / due_basis_denominator, fraction (C2)")
	t.plain("disputed_due", "part of due_basis_denominator that is in dispute at the end of the month")
	t.plain("due_basis_undisputed_denominator", "due_basis_denominator - disputed_due")
	t.ratio("collection_rate_undisputed", "collected_due_basis / due_basis_undisputed_denominator, fraction: collection_rate without what is in dispute (C2)")
	t.plain("sales", "billings less credit notes of the month, by the owner of the document's date; denominator of cash_rate_revenue")
	t.plain("opening_net", "net AR at the end of the previous month plus net AR taken over less handed over in the month")
	t.plain("closing_net", "net AR at the end of the month")
	t.plain("cash_rate_numerator", "opening_net + sales - closing_net (C3, C4)")
	t.plain("cash_rate_collectable_denominator", "opening_net + sales (C3)")
	t.ratio("cash_rate_collectable", "cash_rate_numerator / cash_rate_collectable_denominator, fraction (C3)")
	t.ratio("cash_rate_revenue", "cash_rate_numerator / sales, fraction (C4)")
	t.plain("closing_disputed", "disputed part of closing_open")
	t.plain("cash_rate_collectable_undisputed_denominator", "cash_rate_collectable_denominator - closing_disputed")
	t.ratio("cash_rate_collectable_undisputed", "cash_rate_numerator / cash_rate_collectable_undisputed_denominator, fraction: without what is in dispute (C3)")
	t.plain("disputed_sales", "part of sales that is in dispute at the end of the month")
	t.plain("cash_rate_revenue_undisputed_denominator", "sales - disputed_sales")
	t.ratio("cash_rate_revenue_undisputed", "cash_rate_numerator / cash_rate_revenue_undisputed_denominator, fraction: without what is in dispute (C4)")
	t.plain("billed", "invoices and debit notes of the month, by rep of the invoice")
	t.plain("written_off", "write-offs of the month, by rep of the invoice")
	t.plain("on_time_amount", "instalments due in the month and settled by their due date; numerator of on_time_rate (C7)")
	t.plain("on_time_base", "instalments due in the month less credits; denominator of on_time_rate (C7)")
	t.ratio("on_time_rate", "on_time_amount / on_time_base, fraction (C7)")
	t.exact("on_time_count", "instalments due in the month and settled by their due date, split shares as fractions (C7)")
	t.exact("on_time_count_base", "instalments due in the month, split shares as fractions (C7)")
	t.ratio("on_time_count_rate", "on_time_count / on_time_count_base, fraction (C7)")
	t.exact("days_to_pay_numerator", "days from invoice to receipt x cash, over the month's receipts (B11)")
	t.plain("days_to_pay_denominator", "cash of the month's receipts applied to invoices (B11)")
	t.ratio("days_to_pay", "days_to_pay_numerator / days_to_pay_denominator, days (B11)")
	t.exact("days_to_pay_settled_numerator", "days from invoice to last receipt, summed over invoices settled by cash in the month (B10)")
	t.exact("days_to_pay_settled_count", "invoices settled by cash in the month, split shares as fractions (B10)")
	t.ratio("days_to_pay_settled", "days_to_pay_settled_numerator / days_to_pay_settled_count, days (B10)")
	t.plain("closing_open", "open invoices at the end of the month")
	t.plain("closing_overdue", "part of closing_open 1 day or more past due")
	t.plain("closing_unapplied", "unapplied cash at the end of the month, negative (C9)")
	t.add(integer("visits", "visits of the month, by visitor"), integer("promises_made", "promises made in the month"),
		integer("promises_due", "promises due in the month that are kept, partly kept or broken today (D1)"), integer("promises_kept", "part of promises_due that are kept (D1)"))
	t.plain("promises_due_amount", "amount of promises_due")
	t.plain("promises_kept_amount", "amount of promises_kept")
	t.optPlain("target", "collection target of the month; NULL = none")
	t.ratio("attainment", "what the rep has collected in all companies / target, fraction (C10)")
	t.add(integer("workdays_elapsed", "workdays of the month that have passed, the as-of day included (C10)"), integer("workdays_month", "workdays of the whole month (C10)"))
	t.ratio("run_rate", "attainment / (workdays_elapsed / workdays_month): 1 = on course for the target, fraction (C10)")
	t.optPlain("needed_per_workday", "(target - collected in all companies) / workdays left in the month, 0 when the target is reached; NULL = no target, or no workday left (C10)")
	t.plain("transfers_in", "open invoices taken over from other owners in the month, positive")
	t.plain("transfers_out", "open invoices handed over to other owners in the month, positive")
	t.add(opt("rank", schema.Int, "1 = most collected in the month and company; equal amounts share a rank; NULL for unassigned"),
		optLabel("reason", "why collection_rate is NULL: nothing_collectable, missing_rate"), optLabel("reason_collectable", "why cash_rate_collectable is NULL"),
		optLabel("reason_revenue", "why cash_rate_revenue is NULL"), optLabel("reason_on_time", "why on_time_rate is NULL"),
		optLabel("reason_days_to_pay", "why days_to_pay is NULL"), optLabel("reason_attainment", "why attainment is NULL: no_target"),
		optLabel("reason_undisputed", "why collection_rate_undisputed is NULL"), optLabel("reason_collectable_undisputed", "why cash_rate_collectable_undisputed is NULL"),
		optLabel("reason_revenue_undisputed", "why cash_rate_revenue_undisputed is NULL"))
	return t.Table
}

// tableBuilder adds columns to a table description.
type tableBuilder struct{ schema.Table }

func metric(name, comment string, order []string) *tableBuilder {
	return &tableBuilder{schema.Table{Name: name, Comment: comment, Class: schema.Metric, OrderBy: order}}
}

func (t *tableBuilder) add(columns ...schema.Column) { t.Columns = append(t.Columns, columns...) }

// money adds a measure in document currency and its twin in reporting currency,
// which is NULL where no exchange rate is known.
func (t *tableBuilder) money(name, comment string) {
	t.add(schema.Column{Name: name, Kind: schema.Money, Comment: comment},
		opt(name+"_rc", schema.Money, "the same in reporting currency; NULL = no exchange rate"))
}

func (t *tableBuilder) optMoney(name, comment string) {
	t.add(opt(name, schema.Money, comment), opt(name+"_rc", schema.Money, "the same in reporting currency; NULL = undefined or no exchange rate"))
}

// plain adds a measure in reporting currency without a twin.
func (t *tableBuilder) plain(name, comment string) {
	t.add(schema.Column{Name: name, Kind: schema.Money, Comment: comment})
}
func (t *tableBuilder) optPlain(name, comment string) { t.add(opt(name, schema.Money, comment)) }
func (t *tableBuilder) ratio(name, comment string) {
	t.add(opt(name, schema.Rate, comment+"; NULL = undefined, see the reason"))
}
func (t *tableBuilder) exact(name, comment string) {
	t.add(schema.Column{Name: name, Kind: schema.Rate, Comment: comment})
}

func opt(name string, k schema.Kind, comment string) schema.Column {
	return schema.Column{Name: name, Kind: k, Nullable: true, Comment: comment}
}
func text(name, comment string) schema.Column {
	return schema.Column{Name: name, Kind: schema.Text, Comment: comment}
}
func label(name, comment string) schema.Column {
	return schema.Column{Name: name, Kind: schema.Label, Comment: comment}
}
func date(name, comment string) schema.Column {
	return schema.Column{Name: name, Kind: schema.Date, Comment: comment}
}
func integer(name, comment string) schema.Column {
	return schema.Column{Name: name, Kind: schema.Int, Comment: comment}
}
func flag(name, comment string) schema.Column {
	return schema.Column{Name: name, Kind: schema.Bool, Comment: comment}
}
func optText(name, comment string) schema.Column  { return opt(name, schema.Text, comment) }
func optLabel(name, comment string) schema.Column { return opt(name, schema.Label, comment) }
