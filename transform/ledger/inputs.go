package ledger

import "huikuan/transform/schema"

// Names of the input tables, as a [Source] is asked for them.
const (
	InCustomers    = "in_customers"
	InOwners       = "in_owners"
	InDocuments    = "in_documents"
	InInstalments  = "in_instalments"
	InSplits       = "in_splits"
	InApplications = "in_applications"
	InDisputes     = "in_disputes"
	InVisits       = "in_visits"
	InPromises     = "in_promises"
	InPlans        = "in_plans"
	InPlanLines    = "in_plan_lines"

	InCompanies = "in_companies"
	InReps      = "in_reps"
	InTargets   = "in_targets"
	InFXRates   = "in_fx_rates"
	InCalendar  = "in_calendar"
	InOrphans   = "in_orphans"
	InHistory   = "in_history"
)

// Values of the side column: which document of an application the row is about.
const (
	SideInvoice    = "invoice"     // invoices and debit notes
	SidePayment    = "payment"     // receipts and refunds
	SideCreditNote = "credit_note" // credit notes
)

// Values of in_applications.kind.
const (
	KindAlloc       = "alloc"        // cash applied to an invoice
	KindCreditAlloc = "credit_alloc" // credit note applied to an invoice
	KindWriteOff    = "write_off"    // amount written off an invoice (invoice side only)
)

// Inputs describes the tables that a replay reads. Tables that begin with
// customer_id must arrive sorted by customer_id, bytewise; that is the only
// order the replay insists on. The further columns of OrderBy spare it a sort
// in memory and should be kept where the engine can give them for nothing.
// Only live rows (not deleted) of dates on or before the as-of day are needed;
// later ones are ignored.
func Inputs() []schema.Table {
	return []schema.Table{
		inCustomers(), inOwners(), inDocuments(), inInstalments(), inSplits(), inApplications(),
		inDisputes(), inVisits(), inPromises(), inPlans(), inPlanLines(),
		inCompanies(), inReps(), inTargets(), inFXRates(), inCalendar(), inOrphans(), inHistory(),
	}
}

// Input returns the description of one input table.
func Input(name string) (schema.Table, bool) {
	for _, t := range Inputs() {
		if t.Name == name {
			return t, true
		}
	}
	return schema.Table{}, false
}

func inCustomers() schema.Table {
	return table(InCustomers, "customers, one row a version", []string{"customer_id", "valid_from"},
		id("customer_id", "customer"), text("name", "display name"), text("parent_id", "group head"),
		label("segment", "segment of this version"), label("region", "region of this version"),
		text("owner_id", "account owner, used for days without a row in in_owners"), label("terms_code", "payment terms, NETn = n days"),
		day("valid_from", "first day of the version"), optDay("valid_to", "last day, inclusive; NULL = until the next version"))
}

func inOwners() schema.Table {
	return table(InOwners, "account owners over time", []string{"customer_id", "valid_from"},
		id("customer_id", "customer"), id("rep_id", "owner"),
		day("valid_from", "first day"), optDay("valid_to", "last day, inclusive; NULL = until the next row begins"))
}

func inDocuments() schema.Table {
	return table(InDocuments, "invoices, debit notes, credit notes and payments", []string{"customer_id", "source", "side", "item_id"},
		id("customer_id", "customer of the document (the payer of a payment)"), must("company", schema.Text, "legal entity; empty where there is only one"),
		must("source", schema.Label, "configured source"), must("side", schema.Label, "invoice (also debit notes), payment or credit_note"),
		id("item_id", "identifier of the document"), must("item_type", schema.Label, "invoice, debit_note, credit_note or payment"),
		day("doc_date", "invoice date, credit date or receipt date"), must("currency", schema.Label, "document currency"),
		must("amount", schema.Money, "gross amount, positive; a negative payment is a refund"),
		text("rep_id", "rep of the sale"), label("terms_code", "terms of the invoice, else of the customer; NETn = n days"),
		optDay("due_date", "due date of the document, used where it has no instalments"),
		optDay("reversed_on", "day a payment bounced"), label("reason", "reason of a credit note"),
		opt("recorded_at", schema.Instant, "when it became known: as the source has it, else when it was loaded"))
}

func inInstalments() schema.Table {
	return table(InInstalments, "due dates of invoices", []string{"customer_id", "source", "item_id", "seq"},
		id("customer_id", "customer of the invoice"), must("source", schema.Label, "configured source"), id("item_id", "invoice"),
		must("seq", schema.Int, "1, 2, …"), day("due_date", "due date"), must("amount", schema.Money, "amount due, document currency"))
}

func inSplits() schema.Table {
	return table(InSplits, "shares of reps in invoices", []string{"customer_id", "source", "item_id", "rep_id"},
		id("customer_id", "customer of the invoice"), must("source", schema.Label, "configured source"), id("item_id", "invoice"),
		id("rep_id", "rep"), must("share", schema.Rate, "fraction; the shares of an invoice add up to 1"))
}

func inApplications() schema.Table {
	return table(InApplications,
		"allocations, credit allocations and write-offs: one row for each side, under the customer of that side's document",
		[]string{"customer_id", "source", "side", "item_id", "application_date", "application_id"},
		id("customer_id", "customer of the document of this side"), must("source", schema.Label, "configured source"),
		must("side", schema.Label, "invoice, payment or credit_note"), id("item_id", "document of this side"),
		must("kind", schema.Label, "alloc, credit_alloc or write_off"), id("application_id", "allocation, credit allocation or write-off"),
		day("application_date", "day it takes effect on balances"),
		must("amount", schema.Money, "amount in the invoice's currency; negative when it takes one back"),
		opt("discount_amount", schema.Money, "cash discount on top of amount"),
		opt("counter_amount", schema.Money, "amount in the currency of the payment or credit note, as the source has it; NULL = converted"),
		opt("instalment_seq", schema.Int, "instalment; NULL = first in, first out by due date"),
		text("counter_item_id", "document of the other side; NULL for a write-off"),
		text("counter_customer_id", "customer of the other side; NULL for a write-off, and where the other side is unknown (see in_orphans)"),
		text("counter_company", "company of the other side"), optDay("counter_date", "receipt date, credit date or invoice date of the other side"),
		label("counter_currency", "currency of the other side's document"), optDay("counter_reversed_on", "day the payment of the other side bounced (invoice side only)"),
		text("reversal_of", "application that this one takes back"), label("write_off_type", "small_balance, bad_debt or settlement"),
		opt("recorded_at", schema.Instant, "when it became known: as the source has it, else when it was loaded"),
		opt("counter_recorded_at", schema.Instant, "the same of the document of the other side"))
}

func inDisputes() schema.Table {
	return table(InDisputes, "disputed invoices", []string{"customer_id", "source", "item_id", "dispute_id"},
		id("customer_id", "customer of the invoice"), must("source", schema.Label, "configured source"), id("item_id", "invoice"), id("dispute_id", "dispute"),
		day("opened_on", "day opened"), optDay("closed_on", "day closed; not disputed at the end of that day"),
		opt("disputed_amount", schema.Money, "amount; NULL = the whole open amount"), label("reason", "reason"),
		label("outcome", "valid (upheld), invalid, partial; NULL = not decided"))
}

func inVisits() schema.Table {
	return table(InVisits, "visits and calls that took place", []string{"customer_id", "visit_id"},
		id("customer_id", "customer"), id("visit_id", "visit"), text("rep_id", "visitor; NULL = the account owner of the day"),
		day("happened_on", "day of happened_at; an appointment without it was not kept and is no visit"), opt("agreement_reached", schema.Bool, "whether terms were agreed"),
		must("source", schema.Label, "configured source"), label("channel", "visit, call, e-mail …"))
}

func inPromises() schema.Table {
	return table(InPromises, "promises to pay", []string{"customer_id", "due_date", "promise_id"},
		id("customer_id", "customer"), must("source", schema.Label, "configured source"), id("promise_id", "promise"),
		text("visit_id", "visit at which it was made"), text("visit_rep_id", "rep of that visit"), text("invoice_id", "invoice; NULL = any"),
		must("amount", schema.Money, "amount promised"), must("currency", schema.Label, "currency of amount"),
		day("made_on", "day it was made"), day("due_date", "day promised"), text("replaced_by", "promise that superseded it"))
}

func inPlans() schema.Table {
	return table(InPlans, "agreements to pay in instalments", []string{"customer_id", "source", "plan_id"},
		id("customer_id", "customer"), must("source", schema.Label, "configured source"), id("plan_id", "plan"),
		text("visit_id", "visit at which it was made"), text("visit_rep_id", "rep of that visit"),
		day("made_on", "day of the agreement"), text("replaced_by", "plan that superseded it"))
}

func inPlanLines() schema.Table {
	return table(InPlanLines, "what a plan asks for, and when", []string{"customer_id", "source", "plan_id", "line_no"},
		id("customer_id", "customer of the plan"), must("source", schema.Label, "configured source"), id("plan_id", "plan"), must("line_no", schema.Int, "1, 2, …"),
		day("due_date", "day promised"), must("amount", schema.Money, "amount of the line"), must("currency", schema.Label, "currency of amount"),
		text("invoice_id", "invoice; NULL = any"))
}

func inCompanies() schema.Table {
	return table(InCompanies, "legal entities", []string{"company"},
		id("company", "identifier"), text("name", "display name"), label("base_currency", "currency of the books"), label("reporting_currency", "currency of group figures"))
}

func inReps() schema.Table {
	return table(InReps, "sales representatives", []string{"rep_id"},
		id("rep_id", "identifier"), text("name", "display name"), label("team", "team"), text("company", "home company"))
}

func inTargets() schema.Table {
	return table(InTargets, "collection targets", []string{"rep_id", "month"},
		id("rep_id", "rep"), day("month", "first day of the month"), must("basis", schema.Label, "collected, or empty; others are ignored here"),
		must("amount", schema.Money, "target"), must("currency", schema.Label, "currency of amount"))
}

func inFXRates() schema.Table {
	return table(InFXRates, "exchange rates", []string{"from_currency", "to_currency", "rate_date"},
		day("rate_date", "day"), must("from_currency", schema.Label, "one unit of this"), must("to_currency", schema.Label, "in this"),
		must("rate_type", schema.Label, "spot (or empty) before closing before others; budget serves targets only"), must("rate", schema.Rate, "to_currency per unit of from_currency"))
}

func inCalendar() schema.Table {
	return table(InCalendar, "days of which it is known whether people work; other days are workdays from Monday to Friday", []string{"day"},
		day("day", "day"), must("is_workday", schema.Bool, "whether it is a workday"))
}

func inOrphans() schema.Table {
	return table(InOrphans, "applications, instalments, splits and disputes whose document is unknown; reported, never applied", []string{"source", "kind", "application_id"},
		must("source", schema.Label, "configured source"), must("kind", schema.Label, "alloc, credit_alloc, write_off, instalment, split or dispute"),
		id("application_id", "identifier of the orphan"), must("missing", schema.Label, "invoice, payment or credit_note"), text("missing_id", "identifier it refers to"),
		opt("amount", schema.Money, "amount that is not applied"))
}

func inHistory() schema.Table {
	return table(InHistory, "one row: the span of the documents; without it the replay reads in_documents twice", nil,
		optDay("first_date", "earliest doc_date of in_documents"), optDay("last_date", "latest doc_date of in_documents"))
}

func table(name, comment string, order []string, columns ...schema.Column) schema.Table {
	return schema.Table{Name: name, Comment: comment, OrderBy: order, Columns: columns}
}

func must(name string, k schema.Kind, comment string) schema.Column {
	return schema.Column{Name: name, Kind: k, Required: true, Comment: comment}
}

func opt(name string, k schema.Kind, comment string) schema.Column {
	return schema.Column{Name: name, Kind: k, Nullable: true, Comment: comment}
}

func id(name, comment string) schema.Column     { return must(name, schema.Text, comment) }
func day(name, comment string) schema.Column    { return must(name, schema.Date, comment) }
func text(name, comment string) schema.Column   { return opt(name, schema.Text, comment) }
func label(name, comment string) schema.Column  { return opt(name, schema.Label, comment) }
func optDay(name, comment string) schema.Column { return opt(name, schema.Date, comment) }
