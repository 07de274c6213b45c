package canonical

import "huikuan/transform/schema"

// DocumentVersions is the view of what documents said over time.
const DocumentVersions = "document_versions"

// Histories returns what the warehouse keeps of documents beside their last
// version. It is written by the warehouse itself, whenever documents are loaded;
// nothing maps into it.
func Histories() []schema.Table {
	return []schema.Table{{
		Name: DocumentVersions, Comment: "what invoices and their instalments said, as loads saw them: one row for each time a document that was loaded more than once began to say something else, kept when it is deleted",
		Key: []string{"document_id", "instalment_seq", "seen_at"}, Columns: []schema.Column{
			req("source", label, "name of the configured source"), req("stream", label, "invoices or instalments"),
			req("document_id", text, "invoice"), req("instalment_seq", integer, "instalment; 0 = the invoice itself"),
			opt("customer_id", text, "customer; empty on instalments"), opt("document_date", date, "date of the document; empty on instalments"),
			opt("due_date", date, "due date; of an invoice the one it bears itself"), opt("terms_code", label, "payment terms; empty on instalments"),
			opt("currency", label, "currency; empty on instalments"), req("amount", money, "amount with tax, or of the instalment"),
			opt("edited_by", text, "who changed it last, where the source tells"),
			req("seen_at", instant, "when a load saw this content first"), req("last_seen_at", instant, "when a load saw it last, before it changed; the newest is what holds"),
			req("run_id", text, "run that loaded it first"),
		},
	}}
}
