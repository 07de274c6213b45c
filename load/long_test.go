package load

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"huikuan/transform/canonical"
)

// The engine parses 256 KiB of a statement if it is not told to take more
// before it has seen the statement.
func TestStatementsMayNameAnyNumberOfValues(t *testing.T) {
	w := migrated(t, optionsFor(t), canonical.Streams()...)
	if err := w.Exec(t.Context(), "INSERT INTO invoices_docs (source, _stream, invoice_id, customer_id, _version) SELECT 's', 'invoices', concat('I', toString(number)), 'C', 1 FROM numbers(3)"); err != nil {
		t.Fatal(err)
	}
	many := map[string]bool{"I1": true}
	for i := range 20_000 {
		many[fmt.Sprintf("no-invoice-%07d", i)] = true
	}
	list := literals(sortedKeys(many))
	if n, err := w.number(t.Context(), "SELECT toInt64(count()) FROM invoices WHERE "+amongSQL("invoice_id", many)); err != nil || n != 1 {
		t.Errorf("rows among 20,000: %d, %v", n, err)
	}
	if n, err := w.number(t.Context(), "SELECT toInt64(count()) FROM invoices WHERE invoice_id IN (SELECT arrayJoin(["+list+"]))"); err != nil || n != 1 {
		t.Errorf("rows among 20,000 of a list: %d, %v", n, err)
	}
	rows := 0
	for rec, err := range w.QueryArrow(t.Context(), "SELECT invoice_id FROM invoices WHERE "+amongSQL("invoice_id", many)) {
		if err != nil {
			t.Fatal(err)
		}
		rows += int(rec.NumRows())
	}
	if rows != 1 {
		t.Errorf("rows among 20,000 as Arrow: %d", rows)
	}
	d := Deletion{Owner: Owner{Source: "s", Stream: "invoices"}, Table: "invoices", RunID: "r", By: "replaced"}
	spared := slices.DeleteFunc(sortedKeys(many), func(id string) bool { return strings.HasPrefix(id, "I") })
	if n, err := w.DeleteReplaced(t.Context(), d, "customer_id", map[string]uint64{"C": 9}, append(spared, "I0", "I2")); err != nil || n != 1 {
		t.Errorf("deleted but for 20,000 spared: %d, %v", n, err)
	}
	if left := askOne(t, w, "SELECT arrayStringConcat(groupArray(invoice_id), ' ') FROM invoices"); left != "I0 I2" {
		t.Errorf("left are %v", left)
	}
}
