package pipeline

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Whoever has paid nothing is warned of on the day on which it is more than 30
// days late for the first time, though no document has changed since the day before.
func TestWhoHasPaidNothingIsWarnedOf(t *testing.T) {
	a := open(t, "data: data\nreporting_currency: CNY\n")
	e := &ledgerEditor{t: t, a: a, r: rand.New(rand.NewPCG(1, 1))}
	for _, c := range []string{"NEVER", "LATER"} {
		e.put("customers", "customer_id, segment, valid_from", "'"+c+"', 'S1', '1970-01-01'")
	}
	e.put("invoices", "invoice_id, company, customer_id, invoice_date, due_date, currency, gross_amount", "'I1', 'A', 'NEVER', '2023-05-03', '2023-06-02', 'CNY', 100")
	e.put("invoices", "invoice_id, company, customer_id, invoice_date, due_date, currency, gross_amount", "'I2', 'A', 'LATER', '2023-05-03', '2023-06-09', 'CNY', 100")
	for _, c := range []struct {
		day  int // of July 2023
		want []string
	}{{2, nil}, {3, []string{"NEVER 0 NR 0"}}} {
		r, err := a.Build(t.Context(), BuildOptions{AsOf: time.Date(2023, 7, c.day, 0, 0, 0, 0, time.UTC), Select: ModelSelection{Models: []string{"+early_warnings", "+risk_grades"}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.FailedChecks() {
			t.Error(f)
		}
		got := lines(t, a, "SELECT w.customer_id, w.measure, g.grade, g.settled_count FROM early_warnings AS w JOIN risk_grades AS g ON g.customer_id = w.customer_id AND g.as_of = w.raised_on WHERE w.rule = 'first_over_30'")
		if !slices.Equal(got, c.want) {
			t.Errorf("warned of on %d July: %q, want %q", c.day, got, c.want)
		}
	}
}
