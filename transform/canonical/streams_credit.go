package canonical

import "huikuan/transform/schema"

// creditStreams are the credit decisions before, during and after a sale, and the
// series and balances that figures are held against.
var creditStreams = []schema.Table{
	{Name: "calendar_days", Key: []string{"calendar_date"}, Comment: "working days and fiscal periods", Columns: []schema.Column{
		req("calendar_date", date, "day"), opt("is_workday", boolean, "whether banks and offices work; empty = Monday to Friday"),
		opt("fiscal_period", label, "fiscal period, such as 2026-03"),
	}},
	{Name: "control_balances", Key: []string{"company", "account", "balance_date", "currency"}, Comment: "balances of the general ledger's control accounts", Columns: []schema.Column{
		company(), req("account", text, "account of the general ledger"), req("balance_date", date, "end of this day"),
		req("currency", label, "currency of balance"), req("balance", money, "balance, a debit is positive"),
		opt("base_balance", money, "the same in the currency of the books"),
	}},
	{Name: "credit_reviews", Key: []string{"review_id"}, Comment: "reviews of a customer's credit", Columns: []schema.Column{
		req("review_id", text, "identifier"), req("customer_id", text, "customer"), req("reviewed_on", date, "day of the review"),
		opt("next_due_on", date, "day the next one is due"), opt("financials_as_of", date, "date of the accounts that were looked at"),
		opt("external_score", rate, "score of a bureau, 0 to 100, higher is safer"), opt("ability_score", rate, "ability to pay, 0 to 100, higher is safer"),
		opt("external_grade", label, "grade of a bureau: A, B, C, D or E"), opt("reviewer", text, "who reviewed"),
	}},
	{Name: "deliveries", Key: []string{"delivery_id"}, Comment: "goods and services delivered", Columns: []schema.Column{
		req("delivery_id", text, "identifier"), opt("order_id", text, "order"), opt("invoice_id", text, "invoice; empty = not invoiced yet"),
		req("customer_id", text, "customer"), req("shipped_on", date, "day it left"), opt("amount", money, "value with tax"), opt("currency", label, "currency of amount"),
		opt("receipt_signed_on", date, "day the customer signed for it"),
	}},
	{Name: "legal_cases", Key: []string{"case_id"}, Comment: "claims handed to courts, authorities or agencies", Columns: []schema.Column{
		req("case_id", text, "identifier"), req("customer_id", text, "customer"), opt("kind", label, "legal, administrative or agency; empty = legal"),
		req("filed_on", date, "day it was filed"), opt("judged_on", date, "day of the judgment"), opt("closed_on", date, "day it ended"),
		opt("claimed", money, "amount claimed"), opt("recovered", money, "amount recovered so far"), opt("cost", money, "cost so far"),
		opt("currency", label, "currency of the amounts"), opt("outcome", label, "won, lost, settled, withdrawn …"),
	}},
	{Name: "macro_series", Key: []string{"series", "month"}, Comment: "economic figures by month", Columns: []schema.Column{
		req("series", label, "name, such as lpr_1y, pmi, cpi"), req("month", date, "first day of the month"), req("value", rate, "value; a percentage as a fraction"),
	}},
	{Name: "order_holds", Key: []string{"hold_id"}, Comment: "customers or orders that were not supplied", Columns: []schema.Column{
		req("hold_id", text, "identifier"), req("customer_id", text, "customer"), opt("order_id", text, "order; empty = the whole account"),
		req("held_on", date, "first day"), opt("released_on", date, "day of the release, supply is free again on it; empty = held"),
		opt("released_by", text, "who released"), opt("reason", label, "overdue, over_limit, manual …"),
	}},
	{Name: "orders", Key: []string{"order_id"}, Comment: "sales orders", Columns: []schema.Column{
		req("order_id", text, "identifier"), company(), req("customer_id", text, "customer"), req("order_date", date, "day of the order"),
		opt("amount", money, "value with tax"), opt("currency", label, "currency of amount"), opt("status", label, "open, delivered, invoiced, cancelled …"),
		opt("rep_id", text, "rep of the sale"), opt("approved_by", text, "who released it"),
		opt("released_over_limit", boolean, "whether it was released although the credit limit was used up"), opt("terms_code", label, "payment terms, NETn = n days"),
	}},
	{Name: "overrides", Key: []string{"override_id"}, Comment: "decisions against the credit policy", Columns: []schema.Column{
		req("override_id", text, "identifier"), req("customer_id", text, "customer"), opt("order_id", text, "order"), opt("kind", label, "terms, limit or order"),
		req("decided_on", date, "day of the decision"), opt("approved_by", text, "who approved"),
		opt("policy_value", text, "what the policy allows: NET30, or an amount"), opt("granted_value", text, "what was granted"),
	}},
	{Name: "policies", Key: []string{"grade", "valid_from"}, Comment: "what a credit grade is allowed, over time", Columns: []schema.Column{
		req("grade", label, "grade: A, B, C, D, E or NR"), opt("terms_code", label, "longest payment terms, NETn = n days"),
		opt("max_limit", money, "highest credit limit"), opt("currency", label, "currency of max_limit; empty = the reporting currency"),
		opt("hold_after_days", integer, "days past due after which supply stops"),
		req("valid_from", date, "first day"), opt("valid_to", date, "last day, inclusive; empty = open or until the next row begins"),
	}},
}
