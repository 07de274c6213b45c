package canonical

import "strings"

// CutEntry takes apart the name of a column as connectors write it: for
// custom.NAME, an entry of the map column, it returns NAME and true; every other
// name comes back as it is.
func CutEntry(column string) (name string, entry bool) { return strings.CutPrefix(column, "custom.") }

// PartOf returns the column by which the rows of a table belong to a document,
// under the name that it has as the key of the document's own table: they go when
// the document is deleted. Empty: they stand for themselves.
func PartOf(table string) (column string) {
	switch table {
	case "instalments", "invoice_rep_splits", "evidence":
		return "invoice_id"
	case "allocations":
		return "payment_id"
	case "credit_allocations":
		return "credit_note_id"
	case "recoveries":
		return "write_off_id"
	case "promises":
		return "visit_id"
	case "instalment_plan_lines":
		return "plan_id"
	}
	return ""
}
