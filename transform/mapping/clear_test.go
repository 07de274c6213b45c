package mapping

import (
	"strings"
	"testing"
)

// Lines of a reconciliation as Tryton answers: signed amounts as Decimal objects,
// keys that end in a dot.
const group = `[
	{"id": 72, "amount": {"__class__":"Decimal","decimal":"-36.00"}, "debit": 0, "credit": "36", "amount_currency.": {"code": "EUR"}, "journal.": {"type": "write-off"}},
	{"id": 69, "amount": {"__class__":"Decimal","decimal":"330.00"}, "debit": "300.00", "credit": 0, "amount_currency.": {"code": "USD"}, "journal.": {"type": "revenue"}},
	{"id": 70, "amount": {"__class__":"Decimal","decimal":"-264.00"}, "debit": 0, "credit": "264", "amount_currency.": {"code": "EUR"}, "journal.": {"type": "cash"}}]`

const settling = `
- to: allocations
  each:
    - {path: lines, where: {amount: {gt: 0}}}
    - {path: "group\\.", clear: {own: id, id: id, amount: amount, currency: amount_currency\..code, base: [debit, credit]}}
  when: {journal\..type: cash}
  fields: {allocation_id: {template: "{{^.id}}-{{id}}"}, payment_id: id, invoice_id: ^^.id, application_date: ^^.date, amount: "@amount", payment_amount: "@other"}
- to: write_offs
  each:
    - {path: lines, where: {amount: {gt: 0}}}
    - {path: "group\\.", clear: {own: id, id: id, amount: amount, currency: amount_currency\..code, base: [debit, credit]}}
  when: {any: [{"@rest": true}, {journal\..type: write-off}]}
  fields: {write_off_id: {template: "{{^.id}}-{{id}}"}, invoice_id: ^^.id, write_off_date: ^^.date, amount: "@amount", write_off_type: {const: settlement}}
`

func TestWhatAClearingGroupTakesOffAnInvoiceIsAListToMap(t *testing.T) {
	m := compile(t, "invoices", settling, Options{})
	record := `[{"id": 16, "date": "2026-10-23", "lines": [{"id": 69, "amount": 330, "group.": ` + group + `}, {"id": 99, "amount": 5, "group.": null}]}]`
	want := `read 1, mapped 1, filtered 0, rejected 0
allocations
  + allocation_id=69-70 payment_id=70 invoice_id=16 application_date=2026-10-23 amount=290.4 payment_amount=264
write_offs
  + write_off_id=69-72 invoice_id=16 write_off_date=2026-10-23 amount=39.6 write_off_type=settlement
`
	if got := mapText(t, m, Input{Body: []byte(record)}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestWhatTheGroupLeavesOfTheOwnLineComesLast(t *testing.T) {
	m := compile(t, "invoices", settling, Options{})
	record := `[{"id": 1, "date": "2026-10-23", "lines": [{"id": 5, "amount": 500, "group.": [
		{"id": 5, "amount": 500, "debit": 400, "credit": 0}, {"id": 6, "amount": -450, "debit": 0, "credit": 400, "journal.": {"type": "cash"}}]}]}]`
	got := mapText(t, m, Input{Body: []byte(record)})
	for _, row := range []string{"allocation_id=5-6 payment_id=6 invoice_id=1 application_date=2026-10-23 amount=450", "write_off_id=5- invoice_id=1 write_off_date=2026-10-23 amount=50"} {
		if !strings.Contains(got, row) {
			t.Errorf("there is no row %s in\n%s", row, got)
		}
	}
}

func TestAGroupThatCannotBeReadRejectsItsRecord(t *testing.T) {
	m := compile(t, "invoices", settling, Options{})
	record := `[{"id": 1, "date": "2026-10-23", "lines": [{"id": 5, "amount": 500, "group.": [{"id": 5, "amount": "5OO"}]}]}]`
	if got := mapText(t, m, Input{Body: []byte(record)}); !strings.Contains(got, "rejected 1") || !strings.Contains(got, "amount of a clearing group is not an amount") {
		t.Error(got)
	}
}

func TestLinesWithoutASignAreCreditsByTheirKind(t *testing.T) {
	m := compile(t, "payments", `
- to: credit_allocations
  each:
    - {path: Line, where: {Kind: Invoice}}
    - {path: ^.Line, clear: {own: Id, id: Id, amount: Amount, credit: {Kind: [CreditMemo, Deposit]}}}
  when: {Kind: CreditMemo}
  fields: {credit_allocation_id: {template: "{{^.Id}}|{{Id}}"}, credit_note_id: Id, invoice_id: ^.Id, application_date: ^^.Date, amount: "@amount"}
- to: allocations
  each:
    - {path: Line, where: {Kind: Invoice}}
    - {path: ^.Line, clear: {own: Id, id: Id, amount: Amount, credit: {Kind: [CreditMemo, Deposit]}}}
  when: {"@rest": true}
  fields: {allocation_id: {template: "P|{{^.Id}}"}, payment_id: {const: P}, invoice_id: ^.Id, application_date: ^^.Date, amount: "@amount"}
`, Options{})
	record := `[{"Date": "2026-01-31", "Line": [{"Id": "1", "Kind": "Invoice", "Amount": 100.10}, {"Id": "2", "Kind": "Invoice", "Amount": 50}, {"Id": "9", "Kind": "CreditMemo", "Amount": 120}]}]`
	want := `read 1, mapped 1, filtered 0, rejected 0
credit_allocations
  + credit_allocation_id=1|9 credit_note_id=9 invoice_id=1 application_date=2026-01-31 amount=100.1
  + credit_allocation_id=2|9 credit_note_id=9 invoice_id=2 application_date=2026-01-31 amount=19.9
allocations
  + allocation_id=P|2 payment_id=P invoice_id=2 application_date=2026-01-31 amount=30.1
`
	if got := mapText(t, m, Input{Body: []byte(record)}); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
