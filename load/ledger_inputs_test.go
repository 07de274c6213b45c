package load

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"huikuan/transform/canonical"
	"huikuan/transform/ledger"
	"huikuan/transform/schema"
)

// doc is a document by column name: texts, amounts as text with a point, days
// as text; what is left out is NULL or empty.
type doc map[string]any

// loadDocs inserts documents of a canonical stream, from source erp unless they say so.
func loadDocs(t *testing.T, w *Warehouse, name string, docs ...doc) {
	t.Helper()
	loadPart(t, w, name, 0, docs)
}

// loadPart inserts documents as one of several parts of their table.
func loadPart(t *testing.T, w *Warehouse, name string, part int, docs []doc) {
	t.Helper()
	table := stream(t, name)
	rows := make([][]any, len(docs))
	for i, d := range docs {
		system := doc{"source": "erp", "_stream": "documents", "_version": uint64(1), "_deleted": uint8(0), "_run_id": "r", "_loaded_at": noon, "custom": map[string]string{}}
		for _, c := range table.Columns {
			v, ok := d[c.Name]
			if !ok {
				v, ok = system[c.Name]
			}
			if !ok && !c.Nullable {
				v = zeroOf(c.Kind)
			}
			rows[i] = append(rows[i], typed(t, c.Kind, v))
		}
	}
	if _, err := w.Insert(context.Background(), name, fmt.Sprint(t.Name(), name, part, len(docs)), record(t, w, table, rows)); err != nil {
		t.Fatal(err)
	}
}

func zeroOf(k schema.Kind) any {
	if k == schema.Text || k == schema.Label {
		return ""
	}
	return "0"
}

func typed(t *testing.T, k schema.Kind, v any) any {
	t.Helper()
	text, isText := v.(string)
	var err error
	switch {
	case k == schema.Date && isText:
		var at time.Time
		at, err = time.Parse(time.DateOnly, text)
		v = arrow.Date32FromTime(at)
	case k == schema.Money && isText:
		v, err = decimal128.FromString(text, 18, schema.MoneyScale)
	case k == schema.Rate && isText:
		v, err = decimal128.FromString(text, 38, schema.RateScale)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// input reads a whole input table as lines of its chosen columns.
func input(t *testing.T, w ledger.Source, table string, columns ...string) string {
	t.Helper()
	var lines []string
	for rec, err := range w.Rows(context.Background(), table) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range int(rec.NumRows()) {
			var cells []string
			for _, name := range columns {
				at := rec.Schema().FieldIndices(name)
				if len(at) == 0 {
					t.Fatalf("%s has no column %s", table, name)
				}
				cells = append(cells, strings.TrimSuffix(rec.Column(at[0]).ValueStr(i), ".0000"))
			}
			lines = append(lines, strings.Join(cells, " "))
		}
	}
	return strings.Join(lines, "\n")
}

func wantLines(t *testing.T, what, got string, want ...string) {
	t.Helper()
	if w := strings.Join(want, "\n"); got != w {
		t.Errorf("%s:\n%s\nwant\n%s", what, got, w)
	}
}

func ledgerWarehouse(t *testing.T) *Warehouse {
	t.Helper()
	return migrated(t, optionsFor(t), canonical.Streams()...)
}

func TestEveryLedgerInputHasTheDescribedColumnsAndTypes(t *testing.T) {
	w := ledgerWarehouse(t)
	oneOfEach(t, w)
	for _, table := range ledger.Inputs() {
		rows := int64(0)
		for rec, err := range w.Rows(context.Background(), table.Name) {
			if err != nil {
				t.Fatal(err)
			}
			if !rec.Schema().Equal(table.Arrow()) {
				t.Errorf("%s: schema %v", table.Name, rec.Schema())
			}
			rows += rec.NumRows()
		}
		if rows == 0 {
			t.Errorf("%s gave no row", table.Name)
		}
	}
	for _, err := range w.Rows(context.Background(), "in_nothing") {
		if err == nil || !strings.Contains(err.Error(), "in_nothing") {
			t.Errorf("an unknown input gives %v", err)
		}
	}
}

// oneOfEach loads at least one document of every stream that feeds the ledger.
func oneOfEach(t *testing.T, w *Warehouse) {
	t.Helper()
	loadDocs(t, w, "companies", doc{"company": "ACME", "base_currency": "EUR"})
	loadDocs(t, w, "customers", doc{"customer_id": "c1", "name": "One", "terms_code": "NET30", "valid_from": "1970-01-01"})
	loadDocs(t, w, "account_owners", doc{"customer_id": "c1", "rep_id": "ann", "valid_from": "2024-01-01"})
	loadDocs(t, w, "reps", doc{"rep_id": "ann"})
	loadDocs(t, w, "targets", doc{"rep_id": "ann", "month": "2024-01-01", "amount": "10", "currency": "EUR"})
	loadDocs(t, w, "fx_rates", doc{"rate_date": "2024-01-01", "from_currency": "USD", "to_currency": "EUR", "rate": "0.9123456789"})
	loadDocs(t, w, "invoices", doc{"invoice_id": "i1", "customer_id": "c1", "invoice_date": "2024-01-05", "currency": "EUR", "gross_amount": "119.00"})
	loadDocs(t, w, "instalments", doc{"invoice_id": "i1", "seq": int64(1), "due_date": "2024-02-05", "amount": "119.00"})
	loadDocs(t, w, "invoice_rep_splits", doc{"invoice_id": "i1", "rep_id": "ann", "share": "1"})
	loadDocs(t, w, "payments", doc{"payment_id": "p1", "customer_id": "c2", "receipt_date": "2024-02-01", "currency": "USD", "amount": "100", "reversed_on": "2024-02-09"})
	loadDocs(t, w, "credit_notes", doc{"credit_note_id": "n1", "customer_id": "c1", "credit_date": "2024-01-09", "currency": "EUR", "amount": "9", "reason": "return"})
	loadDocs(t, w, "allocations", doc{"allocation_id": "a1", "payment_id": "p1", "invoice_id": "i1", "application_date": "2024-02-02", "amount": "100", "discount_amount": "2"})
	loadDocs(t, w, "credit_allocations", doc{"credit_allocation_id": "x1", "credit_note_id": "n1", "invoice_id": "i1", "application_date": "2024-02-03", "amount": "9"})
	loadDocs(t, w, "write_offs", doc{"write_off_id": "w1", "invoice_id": "i1", "write_off_date": "2024-03-01", "amount": "8"})
	loadDocs(t, w, "disputes", doc{"dispute_id": "d1", "invoice_id": "i1", "opened_on": "2024-02-10"}, doc{"dispute_id": "d2", "invoice_id": "gone", "opened_on": "2024-02-10", "disputed_amount": "4"})
	loadDocs(t, w, "visits", doc{"visit_id": "v1", "customer_id": "c1", "rep_id": "ann", "happened_at": noon, "agreement_reached": true})
	loadDocs(t, w, "promises", doc{"promise_id": "q1", "visit_id": "v1", "customer_id": "c1", "amount": "50", "currency": "EUR", "made_on": "2024-02-11", "due_date": "2024-02-20"})
	loadDocs(t, w, "instalment_plans", doc{"plan_id": "l1", "visit_id": "v1", "customer_id": "c1", "made_on": "2024-02-11"})
	loadDocs(t, w, "instalment_plan_lines", doc{"plan_id": "l1", "line_no": int64(1), "due_date": "2024-03-01", "amount": "10", "currency": "EUR"})
	loadDocs(t, w, "calendar_days", doc{"calendar_date": "2024-02-11", "is_workday": true}, doc{"calendar_date": "2024-02-12"})
}

func TestApplicationsStandOnBothSides(t *testing.T) {
	w := ledgerWarehouse(t)
	oneOfEach(t, w)
	wantLines(t, "applications", input(t, w, ledger.InApplications, "customer_id", "side", "item_id", "kind", "amount", "discount_amount", "counter_item_id",
		"counter_customer_id", "counter_company", "counter_date", "counter_currency", "counter_reversed_on", "write_off_type"),
		"c1 credit_note n1 credit_alloc 9 (null) i1 c1 ACME 2024-01-05 EUR (null) (null)",
		"c1 invoice i1 alloc 100 2 p1 c2 ACME 2024-02-01 USD 2024-02-09 (null)",
		"c1 invoice i1 credit_alloc 9 (null) n1 c1 ACME 2024-01-09 EUR (null) (null)",
		"c1 invoice i1 write_off 8 (null) (null) (null) (null) (null) (null) (null) bad_debt",
		"c2 payment p1 alloc 100 2 i1 c1 ACME 2024-01-05 EUR (null) (null)")
}

func TestRowsArriveByCustomerInByteOrder(t *testing.T) {
	w := ledgerWarehouse(t)
	var docs []doc
	for i, customer := range []string{"b", "B", "ä", "a", "10", "9", "北京", "a "} {
		docs = append(docs, doc{"invoice_id": fmt.Sprint(i), "customer_id": customer, "invoice_date": "2024-01-01", "currency": "EUR", "gross_amount": "1"})
	}
	loadDocs(t, w, "invoices", docs...)
	wantLines(t, "customers", input(t, w, ledger.InDocuments, "customer_id"), "10", "9", "B", "a", "a ", "b", "ä", "北京")
}

func TestDocumentsOfAllTypesInOneTable(t *testing.T) {
	w := ledgerWarehouse(t)
	oneOfEach(t, w)
	loadDocs(t, w, "invoices",
		doc{"invoice_id": "i2", "customer_id": "c1", "doc_type": "debit_note", "invoice_date": "2024-01-06", "currency": "EUR", "gross_amount": "5", "terms_code": "NET10", "due_date": "2024-01-16"},
		doc{"invoice_id": "i3", "customer_id": "c1", "invoice_date": "2024-01-06", "currency": "EUR", "gross_amount": "5", "_deleted": uint8(1)})
	wantLines(t, "documents", input(t, w, ledger.InDocuments, "customer_id", "company", "side", "item_id", "item_type", "doc_date", "currency", "amount", "terms_code", "due_date", "reversed_on", "reason"),
		"c1 ACME credit_note n1 credit_note 2024-01-09 EUR 9 (null) (null) (null) return",
		"c1 ACME invoice i1 invoice 2024-01-05 EUR 119 NET30 (null) (null) (null)",
		"c1 ACME invoice i2 debit_note 2024-01-06 EUR 5 NET10 2024-01-16 (null) (null)",
		"c2 ACME payment p1 payment 2024-02-01 USD 100 (null) (null) 2024-02-09 (null)")
	wantLines(t, "history", input(t, w, ledger.InHistory, "first_date", "last_date"), "2024-01-05 2024-02-01")
}

func TestAnEmptyCompanyIsFilledOnlyWhereThereIsOne(t *testing.T) {
	invoice := doc{"invoice_id": "i1", "customer_id": "c", "invoice_date": "2024-01-01", "currency": "EUR", "gross_amount": "1"}
	for _, tt := range []struct {
		name      string
		companies []doc
		invoices  []doc
		want      string
	}{
		{"one", []doc{{"company": "ACME"}}, nil, "ACME"},
		{"none", nil, nil, ""},
		{"two", []doc{{"company": "ACME"}, {"company": "BETA"}}, nil, ""},
		{"one, named by another invoice", nil, []doc{{"invoice_id": "i0", "company": "SOLO", "customer_id": "b", "invoice_date": "2024-01-01", "currency": "EUR", "gross_amount": "1"}}, "SOLO\nSOLO"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := ledgerWarehouse(t)
			if len(tt.companies) > 0 {
				loadDocs(t, w, "companies", tt.companies...)
			}
			loadDocs(t, w, "invoices", append(tt.invoices, invoice)...)
			wantLines(t, "company", input(t, w, ledger.InDocuments, "company"), tt.want)
		})
	}
}

func TestTermsComeFromTheCustomerAsOfTheInvoice(t *testing.T) {
	w := ledgerWarehouse(t)
	loadDocs(t, w, "customers", doc{"customer_id": "c", "terms_code": "NET10", "valid_from": "2020-01-01", "valid_to": "2023-12-31"}, doc{"customer_id": "c", "terms_code": "NET60", "valid_from": "2024-01-01", "valid_to": "2024-06-30"},
		doc{"customer_id": "c", "terms_code": nil, "valid_from": "2024-09-01"})
	for i, day := range []string{"2019-05-05", "2023-12-31", "2024-01-01", "2024-07-01", "2024-09-02"} {
		loadDocs(t, w, "invoices", doc{"invoice_id": fmt.Sprint(i), "customer_id": "c", "invoice_date": day, "currency": "EUR", "gross_amount": "1"})
	}
	wantLines(t, "terms", input(t, w, ledger.InDocuments, "item_id", "terms_code"), "0 (null)", "1 NET10", "2 NET60", "3 (null)", "4 (null)")
}

func TestOrphansAreReportedAndStandOnTheKnownSideOnly(t *testing.T) {
	w := ledgerWarehouse(t)
	oneOfEach(t, w)
	loadDocs(t, w, "allocations", doc{"allocation_id": "a2", "payment_id": "p9", "invoice_id": "i1", "application_date": "2024-02-02", "amount": "3"},
		doc{"allocation_id": "a3", "payment_id": "p1", "invoice_id": "i9", "application_date": "2024-02-02", "amount": "4"},
		doc{"allocation_id": "a4", "payment_id": "p1", "invoice_id": "i1", "application_date": "2024-02-02", "amount": "5", "source": "other"})
	loadDocs(t, w, "instalments", doc{"invoice_id": "i9", "seq": int64(2), "due_date": "2024-02-05", "amount": "6"})
	wantLines(t, "orphans", input(t, w, ledger.InOrphans, "source", "kind", "application_id", "missing", "missing_id", "amount"),
		"erp alloc a2 payment p9 3", "erp alloc a3 invoice i9 4", "erp dispute d2 invoice gone 4", "erp instalment i9/2 invoice i9 6",
		"other alloc a4 invoice i1 5", "other alloc a4 payment p1 5")
	got := input(t, w, ledger.InApplications, "application_id", "side", "counter_item_id", "counter_customer_id")
	for _, want := range []string{"a2 invoice p9 (null)", "a3 payment i9 (null)"} {
		if !strings.Contains(got, want) {
			t.Errorf("applications lack %q:\n%s", want, got)
		}
	}
	for _, never := range []string{"a2 payment", "a3 invoice", "a4"} {
		if strings.Contains(got, never) {
			t.Errorf("applications show %q:\n%s", never, got)
		}
	}
}

func TestTwoSourcesOfOneCustomerGiveOneRow(t *testing.T) {
	w := ledgerWarehouse(t)
	loadDocs(t, w, "customers", doc{"customer_id": "c", "name": "from the CRM", "source": "crm", "valid_from": "1970-01-01"},
		doc{"customer_id": "c", "name": "from the ERP", "segment": "RETAIL", "source": "erp", "valid_from": "1970-01-01"})
	wantLines(t, "customers", input(t, w, ledger.InCustomers, "customer_id", "name", "segment"), "c from the ERP RETAIL")
}

func TestVisitsTookPlaceAndPromisesKnowTheirVisitor(t *testing.T) {
	w := ledgerWarehouse(t)
	loadDocs(t, w, "visits", doc{"visit_id": "v1", "customer_id": "c", "rep_id": "ann", "happened_at": noon},
		doc{"visit_id": "v2", "customer_id": "c", "planned_at": noon.AddDate(0, 0, 1)}, doc{"visit_id": "v3", "customer_id": "c"})
	loadDocs(t, w, "promises", doc{"promise_id": "q1", "visit_id": "v1", "customer_id": "c", "amount": "1", "currency": "EUR", "made_on": "2024-01-01", "due_date": "2024-01-02"},
		doc{"promise_id": "q2", "customer_id": "c", "amount": "1", "currency": "EUR", "made_on": "2024-01-01", "due_date": "2024-01-01"})
	wantLines(t, "visits", input(t, w, ledger.InVisits, "visit_id", "rep_id", "happened_on"), "v1 ann 2025-03-01")
	wantLines(t, "promises", input(t, w, ledger.InPromises, "promise_id", "visit_rep_id"), "q2 (null)", "q1 ann")
	loadDocs(t, w, "instalment_plans", doc{"plan_id": "l1", "visit_id": "v1", "customer_id": "c", "made_on": "2024-02-11", "replaced_by": "l2"}, doc{"plan_id": "l2", "customer_id": "c", "made_on": "2024-02-12"})
	loadDocs(t, w, "instalment_plan_lines", doc{"plan_id": "l1", "line_no": int64(2), "due_date": "2024-03-01", "amount": "10", "currency": "EUR", "invoice_id": "i1"},
		doc{"plan_id": "l1", "line_no": int64(1), "due_date": "2024-02-20", "amount": "9", "currency": "EUR"}, doc{"plan_id": "lost", "line_no": int64(1), "due_date": "2024-02-20", "amount": "9", "currency": "EUR"})
	wantLines(t, "plans", input(t, w, ledger.InPlans, "customer_id", "plan_id", "visit_rep_id", "replaced_by"), "c l1 ann l2", "c l2 (null) (null)")
	wantLines(t, "plan lines", input(t, w, ledger.InPlanLines, "customer_id", "plan_id", "line_no", "amount", "invoice_id"), "c l1 1 9 (null)", "c l1 2 10 i1")
}

func TestLedgerInputsKeepToTheirMemory(t *testing.T) {
	o := optionsFor(t)
	w := migrated(t, o, canonical.Streams()...)
	oneOfEach(t, w)
	want := input(t, w, ledger.InApplications, "customer_id", "side", "item_id", "amount")
	o.MaxMemory = 400 << 20
	bounded := open(t, o)
	for _, table := range ledger.Inputs() {
		for _, err := range bounded.Rows(context.Background(), table.Name) {
			if err != nil {
				t.Error(err)
			}
		}
	}
	wantLines(t, "applications", input(t, bounded, ledger.InApplications, "customer_id", "side", "item_id", "amount"), want)

	o.MaxMemory = 1 << 20
	var err error
	for _, err = range open(t, o).QueryArrow(context.Background(), "SELECT uniqExact(number) FROM numbers(10000000)") {
	}
	wantError(t, err, ErrMemory, "more memory than it may use", "raise the warehouse's memory limit")
}
