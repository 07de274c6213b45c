package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ledger syncs one file of HUIKUAN_TEST_LEDGERS through the files connector with
// a mapping, builds, and holds SELECTs against figures that are known. The files
// are not part of the project.
func ledger(t *testing.T, file, asOf, emit string, figures map[string]string) {
	t.Helper()
	path := filepath.Join(os.Getenv("HUIKUAN_TEST_LEDGERS"), file)
	if _, err := os.Stat(path); err != nil {
		t.Skip("HUIKUAN_TEST_LEDGERS does not name a folder with " + file)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "huikuan.yaml")
	text := "data: data\nreporting_currency: USD\nsources:\n  - name: ledger\n    connector: files\n    company: main\n    settings: {path: " + path + ", date_formats: [YYYY-MM-DD, D-MMM-YY]}\n    streams:\n      - name: ledger\n        emit:\n" + emit
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) string { return runWith(t, config, nil, args...) }
	run("sync")
	run("build", "--as-of", asOf)
	for stmt, want := range figures {
		got, _ := json.Marshal(rows(t, run("query", "--format", "json", stmt)))
		if string(got) != want {
			t.Errorf("%s:\n  %s\nwant\n  %s", stmt, got, want)
		}
	}
}

// 9,700 open items in two currencies; customers are told apart by their number,
// not by the 1,772 ways in which their names are written.
func TestTheOpenItemsOfAnERPGiveTheirKnownFigures(t *testing.T) {
	emit := `
          - {to: customers, fields: {customer_id: cust_number, name: name_customer}}
          - to: fx_rates
            fields: {rate_date: posting_date, from_currency: {const: CAD}, to_currency: {const: USD}, rate_type: {const: closing}, rate: {const: "0.714"}}
          - to: invoices
            fields: {invoice_id: doc_id, customer_id: cust_number, doc_type: {const: invoice}, invoice_date: posting_date, due_date: due_in_date, currency: invoice_currency, gross_amount: total_open_amount, terms_code: cust_payment_terms}
`
	ledger(t, "sap_open_items.csv", "2020-05-22", emit, map[string]string{
		"SELECT currency, sum(open_amount) AS open, sum(open_amount) = sum(not_due + overdue) AS whole FROM ar_snapshots WHERE as_of = '2020-05-22' GROUP BY currency ORDER BY currency": `[{"currency":"CAD","open":"44471009.08","whole":1},{"currency":"USD","open":"275113716.83","whole":1}]`,
		"SELECT count() AS items, uniqExact(customer_id) AS customers, uniqExact(invoice_id) AS invoices FROM ar_open_items":                                                             `[{"customers":664,"invoices":9700,"items":9700}]`,
		// nobody has paid anything: who is more than 30 days late is so for the first time
		"SELECT count() AS warned_of, (SELECT uniqExact(customer_id) FROM ar_open_items WHERE days_past_due > 30) AS late FROM early_warnings WHERE rule = 'first_over_30' AND still_raised": `[{"late":515,"warned_of":515}]`,
		`SELECT toString(round(sum(share * share), 4)) AS hhi, toString(round(max(share), 4)) AS top_1, toString(round(arraySum(arraySlice(arrayReverseSort(groupArray(share)), 1, 10)), 4)) AS top_10 FROM (
			SELECT toDecimal128(sum(open_amount), 12) / (SELECT sum(open_amount) FROM ar_open_items WHERE currency = 'USD') AS share FROM ar_open_items WHERE currency = 'USD' GROUP BY customer_id)`: `[{"hhi":"0.049","top_1":"0.1928","top_10":"0.4552"}]`,
	})
}

// A ledger of 8,753 bills with partial settlement, 634 of them still open in part.
// Nothing in a row tells it from its twin but its line.
func TestALedgerWithPartialSettlementsGivesItsKnownFigures(t *testing.T) {
	emit := `
          - {to: customers, fields: {customer_id: Vendor_Name, name: Vendor_Name}}
          - to: invoices
            fields: {invoice_id: {template: "{{_line}}"}, customer_id: Vendor_Name, doc_type: {const: invoice}, invoice_date: Invoice_Date, due_date: Due_Date, currency: {const: USD}, gross_amount: Amount}
          - to: payments
            fields: {payment_id: {template: "{{_line}}"}, customer_id: Vendor_Name, receipt_date: {expr: "add_days(Invoice_Date, Number_of_Days_until_Payment)"}, currency: {const: USD}, amount: Settled}
          - to: allocations
            fields: {allocation_id: {template: "{{_line}}"}, payment_id: {template: "{{_line}}"}, invoice_id: {template: "{{_line}}"}, application_date: {expr: "add_days(Invoice_Date, Number_of_Days_until_Payment)"}, amount: Settled}
`
	ledger(t, "udyam22_ledger.csv", "2017-11-30", strings.ReplaceAll(emit, "\t", "  "), map[string]string{
		"SELECT count() AS bills, sum(gross_amount) AS total, (SELECT sum(amount) FROM allocations) AS settled FROM invoices": `[{"bills":8753,"settled":"19574901.73","total":"20314878.65"}]`,
		"SELECT sum(open_amount) AS open, sum(unapplied) AS unapplied FROM ar_snapshots WHERE as_of = '2017-11-30'":           `[{"open":"739976.92","unapplied":"0"}]`,
		"SELECT count() AS open FROM ar_open_items":                                                                            `[{"open":634}]`,
		"SELECT countIf(check_amount != 0) AS broken, uniqExact(month) > 70 AS long FROM ar_rollforward":                       `[{"broken":0,"long":1}]`,
		"SELECT toString(round(sum(days_to_pay_numerator) / sum(days_to_pay_denominator), 4)) AS weighted FROM rep_collection": `[{"weighted":"34.3366"}]`,
		`SELECT toString(round(sum(toDecimal128(days, 8)) / count(), 4)) AS mean, toString(round(sum(days * amount) / sum(amount), 4)) AS weighted FROM (
			SELECT toInt64(dateDiff('day', s.invoice_date, s.receipt_date)) AS days, toDecimal128(i.amount, 8) AS amount FROM ar_settlements AS s JOIN ar_items AS i USING (source, invoice_id, instalment_seq))`: `[{"mean":"43.9536","weighted":"34.721"}]`,
	})
}
