package canonical

import "huikuan/transform/schema"

const (
	text    = schema.Text
	label   = schema.Label
	money   = schema.Money
	rate    = schema.Rate
	date    = schema.Date
	instant = schema.Instant
	integer = schema.Int
	boolean = schema.Bool
)

// company may be left out where there is only one: it is then the empty text.
func company() schema.Column {
	return schema.Column{Name: "company", Kind: text, Comment: "legal entity that owns the receivable; empty where there is only one"}
}

// createdAt is when the source itself recorded a document: from then on it was
// known, whatever date it bears.
func createdAt() schema.Column {
	return opt("created_at", instant, "when the source recorded it; empty = when it was first loaded")
}

// documentStreams are the ledger, its master data and the calls on customers.
var documentStreams = []schema.Table{
	{Name: "account_owners", Key: []string{"customer_id", "valid_from"}, Comment: "who owns a customer account, over time", Columns: []schema.Column{
		req("customer_id", text, "customer"), req("rep_id", text, "owner"),
		req("valid_from", date, "first day of ownership"), opt("valid_to", date, "last day, inclusive; empty = open or until the next row begins"),
	}},
	{Name: "allocations", Key: []string{"allocation_id"}, Comment: "cash applied to invoices", Columns: []schema.Column{
		req("allocation_id", text, "identifier"), req("payment_id", text, "payment"), req("invoice_id", text, "invoice"),
		opt("instalment_seq", integer, "instalment; empty = first in, first out by due date"),
		req("application_date", date, "day the cash was applied"), req("amount", money, "cash applied, document currency"),
		opt("discount_amount", money, "cash discount taken, on top of amount"), opt("reversal_of", text, "allocation taken back; amount is then negative"),
		opt("payment_amount", money, "amount in the payment's currency where that is another; empty = converted at the rate of the receipt's day"), createdAt(),
	}},
	{Name: "companies", Key: []string{"company"}, Comment: "legal entities", Columns: []schema.Column{
		req("company", text, "identifier"), opt("name", text, "display name"),
		opt("base_currency", label, "currency of the books"), opt("reporting_currency", label, "currency of group figures"),
	}},
	{Name: "credit_allocations", Key: []string{"credit_allocation_id"}, Comment: "credit notes applied to invoices", Columns: []schema.Column{
		req("credit_allocation_id", text, "identifier"), req("credit_note_id", text, "credit note"), req("invoice_id", text, "invoice"),
		opt("instalment_seq", integer, "instalment; empty = first in, first out by due date"),
		req("application_date", date, "day the credit was applied"), req("amount", money, "credit applied, document currency"),
		opt("reversal_of", text, "credit allocation taken back; amount is then negative"),
		opt("credit_amount", money, "amount in the credit note's currency where that is another; empty = converted at the rate of the credit note's day"), createdAt(),
	}},
	{Name: "credit_limits", Key: []string{"customer_id", "currency", "valid_from"}, Comment: "credit limits over time", Columns: []schema.Column{
		req("customer_id", text, "customer"), req("currency", label, "currency of the limit"), req("valid_from", date, "first day"),
		opt("valid_to", date, "last day, inclusive"), opt("credit_limit", money, "limit; empty = missing, 0 = cash only"),
		opt("insured_amount", money, "part of the exposure that credit insurance covers; empty = not insured or unknown"),
	}},
	{Name: "credit_notes", Key: []string{"credit_note_id"}, Comment: "credit notes", Columns: []schema.Column{
		req("credit_note_id", text, "identifier"), company(), req("customer_id", text, "customer"),
		req("credit_date", date, "date of the document"), opt("posting_date", date, "posting date"),
		req("currency", label, "document currency"), req("amount", money, "amount of the credit, positive"), opt("reason", label, "return, price, quality, rebate …"), createdAt(),
	}},
	{Name: "customers", Key: []string{"customer_id", "valid_from"}, Comment: "customers, one row a version", Columns: []schema.Column{
		req("customer_id", text, "identifier"), opt("name", text, "display name"), opt("parent_id", text, "group head"),
		opt("segment", label, "PROJECT, DISTRIBUTOR, MANUFACTURER, RETAIL, GOVERNMENT"), opt("ownership_type", label, "state-owned, private, listed …"),
		opt("industry", label, "industry"), opt("region", label, "sales region"), opt("grade", label, "credit grade given by policy"),
		opt("owner_id", text, "account owner now"), opt("terms_code", label, "payment terms, NETn = n days"),
		opt("active_months", text, "months in which a seasonal customer buys"),
		opt("kind", label, "company or person"), opt("credit_insured", boolean, "whether credit insurance covers the customer"),
		opt("debtor_type", label, "how the customer behaves as a debtor, in the words of the collectors"),
		{Name: "valid_from", Kind: date, Comment: "first day of this version; 1970-01-01 where the source keeps no versions"},
		opt("valid_to", date, "last day of this version, inclusive"),
	}},
	{Name: "disputes", Key: []string{"dispute_id"}, Comment: "disputed invoices", Columns: []schema.Column{
		req("dispute_id", text, "identifier"), req("invoice_id", text, "invoice"), req("opened_on", date, "day opened"),
		opt("closed_on", date, "day closed; not disputed at the end of that day"), opt("disputed_amount", money, "amount; empty = the whole open amount"),
		opt("reason", label, "reason"), opt("owner_dept", label, "department responsible"), opt("outcome", label, "valid, invalid, partial"),
		opt("credit_note_id", text, "credit note that settled it"),
	}},
	{Name: "fx_rates", Key: []string{"rate_date", "from_currency", "to_currency", "rate_type"}, Comment: "exchange rates", Columns: []schema.Column{
		req("rate_date", date, "day"), req("from_currency", label, "one unit of this"), req("to_currency", label, "in this"),
		{Name: "rate_type", Kind: label, Comment: "spot, closing, budget …; empty = spot"}, req("rate", rate, "to_currency per unit of from_currency"),
	}},
	{Name: "instalments", Key: []string{"invoice_id", "seq"}, Comment: "due dates of an invoice", Columns: []schema.Column{
		req("invoice_id", text, "invoice"), req("seq", integer, "1, 2, …"), req("due_date", date, "due date"), req("amount", money, "amount due, document currency"),
	}},
	{Name: "invoice_rep_splits", Key: []string{"invoice_id", "rep_id"}, Comment: "shares of reps in an invoice", Columns: []schema.Column{
		req("invoice_id", text, "invoice"), req("rep_id", text, "rep"), req("share", rate, "fraction, all of an invoice add up to 1"),
	}},
	{Name: "invoices", Key: []string{"invoice_id"}, Comment: "invoices and debit notes", Columns: []schema.Column{
		req("invoice_id", text, "identifier"), company(), req("customer_id", text, "customer"),
		{Name: "doc_type", Kind: label, Comment: "invoice or debit_note; empty = invoice"},
		req("invoice_date", date, "date of the document"), opt("posting_date", date, "posting date"), req("currency", label, "document currency"),
		req("gross_amount", money, "amount with tax, document currency"), opt("net_amount", money, "amount without tax"), opt("tax_amount", money, "tax"),
		opt("rep_id", text, "rep of the sale"), opt("terms_code", label, "payment terms, NETn = n days"),
		opt("due_date", date, "due date of the document, used where it has no instalments"),
		opt("order_id", text, "order"), opt("status", label, "the source's own status, a data-quality check only"),
		opt("origin", label, "why it is owed: terms sale, milestone, retention …"), opt("edited_by", text, "who changed it last in the source"), createdAt(),
	}},
	{Name: "payments", Key: []string{"payment_id"}, Comment: "receipts; a refund is negative", Columns: []schema.Column{
		req("payment_id", text, "identifier"), company(), req("customer_id", text, "payer"),
		req("receipt_date", date, "value date"), opt("posting_date", date, "posting date"), req("currency", label, "document currency"),
		req("amount", money, "amount received; negative = refund"), opt("method", label, "bank transfer, cheque, bill …"),
		opt("reversed_on", date, "day the payment bounced"), createdAt(),
	}},
	{Name: "promises", Key: []string{"promise_id"}, Comment: "promises to pay", Columns: []schema.Column{
		req("promise_id", text, "identifier"), opt("visit_id", text, "visit at which it was made"), req("customer_id", text, "customer"),
		opt("invoice_id", text, "invoice; empty = any"), req("amount", money, "amount promised"), req("currency", label, "currency"),
		req("made_on", date, "day it was made"), req("due_date", date, "day promised"), opt("replaced_by", text, "promise that superseded it"),
	}},
	{Name: "recoveries", Key: []string{"recovery_id"}, Comment: "cash on written-off items", Columns: []schema.Column{
		req("recovery_id", text, "identifier"), req("write_off_id", text, "write-off"), req("recovery_date", date, "day"), req("amount", money, "amount"),
	}},
	{Name: "reps", Key: []string{"rep_id"}, Comment: "sales representatives", Columns: []schema.Column{
		req("rep_id", text, "identifier"), opt("name", text, "display name"), opt("team", label, "team"), opt("company", text, "legal entity"),
	}},
	{Name: "targets", Key: []string{"rep_id", "month", "basis"}, Comment: "collection targets", Columns: []schema.Column{
		req("rep_id", text, "rep"), req("month", date, "first day of the month"), {Name: "basis", Kind: label, Comment: "collected …; empty = collected"},
		req("amount", money, "target"), req("currency", label, "currency"),
	}},
	{Name: "visits", Key: []string{"visit_id"}, Comment: "visits and calls to customers", Columns: []schema.Column{
		req("visit_id", text, "identifier"), req("customer_id", text, "customer"), opt("rep_id", text, "visitor"),
		opt("planned_at", instant, "appointment"), opt("happened_at", instant, "begin of the visit"), opt("channel", label, "visit, call, e-mail …"),
		opt("contact_person", text, "who was met"), opt("phase_checklist", text, "before, during, after"), opt("script_code", label, "approach"),
		opt("refusal_code", label, "reason given for not paying"), opt("agreement_reached", boolean, "whether terms were agreed"),
		opt("logged_at", instant, "when it was written down"), opt("evidence", text, "reference to evidence"),
		opt("approach", label, "how it was done: direct, cause first, gentle, pressing …"), opt("scenario", label, "situation that was met"),
		opt("excuse_code", label, "excuse heard"), opt("avoidance_code", label, "how the customer avoided the contact: unreachable, contact left, keeps postponing …"),
		opt("cause_code", label, "why the customer pays late"), opt("reason_verified", boolean, "whether the reason given proved true; empty = not verified"),
		opt("escalated", boolean, "whether management took part"), opt("next_action", text, "what happens next"), opt("next_action_due", date, "by which day"),
		opt("outcome_note", text, "result in words"),
	}},
	{Name: "write_offs", Key: []string{"write_off_id"}, Comment: "amounts written off; a negative amount takes one back", Columns: []schema.Column{
		req("write_off_id", text, "identifier"), req("invoice_id", text, "invoice"), req("write_off_date", date, "day"),
		req("amount", money, "amount"), {Name: "write_off_type", Kind: label, Comment: "small_balance, bad_debt or settlement; empty = bad_debt"}, opt("approved_by", text, "who approved"), createdAt(),
	}},
}
