package metrics

import "huikuan/transform/schema"

// Names of the tables of facts: what models slice, item by item, without
// replaying anything.
const (
	AsOf        = "ar_as_of"
	Items       = "ar_items"
	Settlements = "ar_settlements"
	Rolls       = "ar_rolls"
	FXAsOf      = "fx_as_of"
)

// factTables describes the tables of facts by customer.
func factTables() []schema.Table {
	return []schema.Table{itemsTable(), settlementsTable(), rollsTable()}
}

// calendarTables describes the tables that hang on no customer.
func calendarTables() []schema.Table { return []schema.Table{fxAsOfTable(), asOfTable()} }

func asOfTable() schema.Table {
	t := metric(AsOf, "one row: the day up to which the tables were built; models take their today from here, never from the clock", []string{"as_of"})
	t.add(date("as_of", "end of this day"), date("first_day", "first day of the month of the earliest document; as_of where there are none"),
		label("reporting_currency", "currency of the columns with the suffix _rc"), integer("daily_days", "days to as_of with a row each in ar_snapshots"))
	return t.Table
}

func itemsTable() schema.Table {
	t := metric(Items, "invoices and debit notes, open or settled, one row an instalment; amount = open_amount + cash + discount + credit + written_off, all up to the as-of day; of a negative amount nothing is open: it is among the open credits",
		[]string{"company", "customer_id", "invoice_id", "instalment_seq"})
	t.add(label("source", "configured source"), text("company", "legal entity"), text("customer_id", "customer"), text("invoice_id", "invoice or debit note"),
		integer("instalment_seq", "instalment; 1 where the invoice has one due date"), label("item_type", "invoice or debit_note"),
		date("invoice_date", "date of the document"), date("due_date", "due date"), label("currency", "document currency"))
	t.money("amount", "amount of the instalment")
	t.money("open_amount", "open amount of the instalment, positive; 0 once settled")
	t.money("cash", "settled with cash, receipts taken back deducted")
	t.money("discount", "settled with cash discounts")
	t.money("credit", "settled with credit notes")
	t.money("written_off", "settled by writing off")
	t.add(opt("settled_on", schema.Date, "day since which nothing is open, by application date; NULL = open"),
		optLabel("cleared_by", "cash (with discounts), credit or write_off, the largest amount, ties to cash; NULL = open"),
		opt("last_receipt_date", schema.Date, "receipt date of the last cash that was not taken back; NULL = none"),
		flag("disputed", "in dispute on any day up to the as-of day"))
	t.money("disputed_amount", "disputed part of open_amount on the as-of day")
	t.add(optText("rep_id", "rep of the invoice (largest share)"), text("owner_id", "account owner on the as-of day, or unassigned"),
		text("owner_at_due", "account owner on due_date (the last one known where it lies ahead), or unassigned"),
		optLabel("segment", "segment of the customer on the as-of day"), optLabel("region", "region of the customer on the as-of day"),
		opt("rate_rc", schema.Rate, "rate of invoice_date into reporting currency; NULL = unknown"))
	return t.Table
}

func settlementsTable() schema.Table {
	t := metric(Settlements, "what reduced invoices, one row an application and instalment; what takes a reduction back is a negative row of the same kind. "+
		"The rows of an instalment add up to its amount less its open amount; what was paid beyond an invoice is no row here and stands in ar_snapshots.open_credits",
		[]string{"company", "customer_id", "invoice_id", "instalment_seq", "event_date", "application_id", "kind"})
	t.add(label("source", "configured source"), text("company", "legal entity of the invoice"), text("customer_id", "customer of the invoice"), text("invoice_id", "invoice or debit note"),
		integer("instalment_seq", "instalment"), text("application_id", "allocation, credit allocation or write-off"), label("kind", "cash, discount, credit or write_off"),
		date("event_date", "day it takes effect on balances"),
		date("receipt_date", "day of behaviour: receipt date of cash and its discount, date of the credit note; event_date for a write-off. What is taken back has the day of what it takes back"),
		date("invoice_date", "date of the invoice"), date("due_date", "due date of the instalment"), label("currency", "document currency of the invoice"))
	t.money("amount", "reduction of the open amount, positive; in reporting currency at the invoice's rate")
	t.add(opt("amount_rc_receipt", schema.Money, "cash only: the amount at the rate of receipt_date, reporting currency; less amount_rc = realised exchange difference; NULL = no cash, or no rate"),
		optText("payment_id", "payment, or credit note, of the other side; NULL for a write-off"), optLabel("write_off_type", "small_balance, bad_debt or settlement; NULL for other kinds"),
		optText("rep_id", "rep of the invoice (largest share)"), text("owner_at_receipt", "account owner on receipt_date, or unassigned"),
		optLabel("segment", "segment of the customer on receipt_date"), optLabel("region", "region of the customer on receipt_date"),
		opt("recorded_at", schema.Instant, "instant the application became known; NULL = unknown"))
	return t.Table
}

func rollsTable() schema.Table {
	t := metric(Rolls, "what became of the items open at a month-end until the next one, item by item (E3). The rows of one month, customer, currency and from_bucket add up to what was open. "+
		"The last pair runs to the as-of day and is whole only where to_month_end is the end of its month",
		[]string{"company", "customer_id", "currency", "month", "from_bucket", "to_bucket"})
	t.add(date("month", "first day of the month at whose end the items were open"), date("to_month_end", "end of the next month, or the as-of day within it"),
		text("company", "legal entity"), text("customer_id", "customer"), optLabel("segment", "segment of the customer at the opening month-end"),
		optLabel("region", "region of the customer at the opening month-end"), label("currency", "document currency"),
		label("from_bucket", "aging bucket at the opening month-end: not_due, 1-30, … 366+ (the buckets of ar_open_items)"),
		label("to_bucket", "aging bucket at to_month_end, or paid (cash and discounts), credited, written_off"))
	t.money("amount", "amount open at the opening month-end; of an item whose open amount grew, no more than that")
	return t.Table
}

func fxAsOfTable() schema.Table {
	t := metric(FXAsOf, "exchange rates into reporting currency at the days of ar_snapshots, for every currency with documents; document amounts times these are the as-of and the constant valuation",
		[]string{"as_of", "currency"})
	t.add(date("as_of", "day, as in ar_snapshots"), label("currency", "document currency"),
		opt("rate_closing", schema.Rate, "reporting currency for one unit on as_of, or the last rate within 7 days before; NULL = unknown"),
		opt("rate_constant", schema.Rate, "the same on constant_day, equal on all days; NULL = unknown"),
		date("constant_day", "day of the constant rate: as configured, else the last day before the fiscal year of the build's as-of day"),
		optLabel("reason", "why rate_closing is NULL: missing_rate"), optLabel("reason_constant", "why rate_constant is NULL: missing_rate"))
	return t.Table
}
