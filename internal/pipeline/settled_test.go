package pipeline

import (
	"math/rand/v2"
	"testing"
	"time"
)

// On a day on which nothing is owed any more there are no balances to list, while
// those of earlier month-ends stay: no test of a model may take that for a fault.
func TestModelsOfABookThatIsWhollyPaidPassTheirTests(t *testing.T) {
	a := open(t, "data: data\nreporting_currency: CNY\n")
	e := &ledgerEditor{t: t, a: a, r: rand.New(rand.NewPCG(1, 1))}
	e.put("customers", "customer_id, segment, valid_from", "'C1', 'S1', '1970-01-01'")
	e.put("customers", "customer_id, segment, valid_from", "'C2', 'S1', '1970-01-01'")
	for _, c := range []string{"1", "2"} {
		e.put("invoices", "invoice_id, company, customer_id, invoice_date, due_date, currency, gross_amount", "'I"+c+"', 'A', 'C"+c+"', '2023-01-03', '2023-02-02', 'CNY', 10"+c)
		e.put("payments", "payment_id, company, customer_id, receipt_date, currency, amount", "'P"+c+"', 'A', 'C"+c+"', '2023-03-20', 'CNY', 10"+c)
		e.put("allocations", "allocation_id, payment_id, invoice_id, application_date, amount", "'L"+c+"', 'P"+c+"', 'I"+c+"', '2023-03-20', 10"+c)
	}
	r, err := a.Build(t.Context(), BuildOptions{AsOf: time.Date(2023, 8, 15, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.FailedChecks() {
		t.Error(f)
	}
	if got := lines(t, a, "SELECT count() > 0, max(as_of) < '2023-08-15' FROM concentration WHERE scope = 'group' AND hhi > 0"); len(got) != 1 || got[0] != "1 1" {
		t.Errorf("the concentration of earlier month-ends: %q", got)
	}
}
