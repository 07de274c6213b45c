package canonical

import "huikuan/transform/schema"

// collectionStreams are what collecting receivables leaves behind beside calls
// and promises: plans, notices, statements, proofs, people, causes.
var collectionStreams = []schema.Table{
	{Name: "concessions", Key: []string{"concession_id"}, Comment: "what was given up to be paid", Columns: []schema.Column{
		req("concession_id", text, "identifier"), req("customer_id", text, "customer"), opt("invoice_id", text, "invoice; empty = the whole account"),
		req("granted_on", date, "day it was granted"), opt("kind", label, "discount, extension, price or instalments"),
		opt("amount", money, "amount given up, or deferred by an extension or instalments"), opt("currency", label, "currency of amount"),
		opt("days_extended", integer, "days by which payment was put off"), opt("approved_by", text, "who approved"), opt("reason", label, "reason"),
	}},
	{Name: "contacts", Key: []string{"contact_id"}, Comment: "people at customers", Columns: []schema.Column{
		req("contact_id", text, "identifier"), req("customer_id", text, "customer"), opt("name", text, "name"),
		opt("role", label, "payer, approver, buyer, owner, accountant …"), opt("phone", text, "telephone"), opt("email", text, "e-mail"),
		opt("is_original", boolean, "whether this is who made the first deal"), opt("last_spoken_on", date, "day last spoken to, as the source knows it"),
		opt("valid", boolean, "false = left, or the number is dead; empty = valid"),
	}},
	{Name: "delay_causes", Key: []string{"customer_id", "invoice_id", "cause_code"}, Comment: "why payment is late, as it was found out", Columns: []schema.Column{
		req("customer_id", text, "customer"), {Name: "invoice_id", Kind: text, Comment: "invoice; empty = the whole account"},
		req("cause_code", label, "cause, such as TRIANGULAR_DEBT, CASH_CHAIN, QUALITY"), opt("family", label, "macro, customer, own or market"),
		opt("owner_dept", label, "department that has to mend it"), opt("noted_on", date, "day it was found out"),
	}},
	{Name: "dunning_events", Key: []string{"dunning_id"}, Comment: "notices and escalations", Columns: []schema.Column{
		req("dunning_id", text, "identifier"), req("customer_id", text, "customer"), opt("invoice_id", text, "invoice; empty = the whole account"),
		opt("level", integer, "step of the ladder, 1 = first"),
		opt("method", label, "reminder, formal_letter, management_call, stop_supply, agency, legal or administrative"),
		opt("channel", label, "letter, e-mail, call, message …"), req("sent_on", date, "day it went out"),
		opt("amount", money, "amount asked for"), opt("currency", label, "currency of amount"), opt("responded_on", date, "day the customer answered"),
	}},
	{Name: "evidence", Key: []string{"invoice_id", "evidence_type"}, Comment: "documents that prove a debt", Columns: []schema.Column{
		req("invoice_id", text, "invoice"), req("evidence_type", label, "contract, order, delivery_receipt, invoice_copy, statement …"),
		opt("present", boolean, "whether it is on file; empty = unknown"), opt("obtained_on", date, "day it was obtained"),
	}},
	{Name: "instalment_plan_lines", Key: []string{"plan_id", "line_no"}, Comment: "what an instalment plan asks for, and when", Columns: []schema.Column{
		req("plan_id", text, "plan"), req("line_no", integer, "1, 2, …"), req("due_date", date, "day promised"), req("amount", money, "amount of the line"),
		req("currency", label, "currency"), opt("invoice_id", text, "invoice it pays; empty = the oldest first"),
	}},
	{Name: "instalment_plans", Key: []string{"plan_id"}, Comment: "agreements to pay in instalments", Columns: []schema.Column{
		req("plan_id", text, "identifier"), req("customer_id", text, "customer"), req("made_on", date, "day of the agreement"),
		opt("visit_id", text, "visit at which it was made"), opt("replaced_by", text, "plan that superseded it"), opt("note", text, "remark"),
	}},
	{Name: "statements", Key: []string{"statement_id"}, Comment: "statements of account and what customers made of them", Columns: []schema.Column{
		req("statement_id", text, "identifier"), company(), req("customer_id", text, "customer"), req("period_end", date, "day of the balance"),
		opt("sent_on", date, "day it was sent"), opt("confirmed_on", date, "day the customer answered with a balance; empty = no answer"),
		opt("our_balance", money, "balance by our books"), opt("their_balance", money, "balance by the customer's books"), opt("currency", label, "currency"),
	}},
}
