package dashboards_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// documents are what the canonical tables of the built business hold, read
// table by table. What pages show is added up from them here, document by
// document, with neither a metric nor a model between.
type documents struct {
	names, segments map[string]string // by customer
	owners          []held            // of accounts, as they began
	rates           map[string][]rate // to the reporting currency, by date
	items           []instalment      // by invoice and due date
	less            []reduction
	receipts        []receipt // payments and, with credit set, credit notes
	used            []reduction
	disputes        []dispute
	invoiced        map[string]string // day of an invoice
}

type (
	held       struct{ customer, rep, from string }
	rate       struct{ day, to float64 }
	instalment struct {
		invoice, company, customer, currency, invoiced, due string
		amount, open                                        int64 // in ten thousandths
	}
	reduction struct {
		of, day string // of an invoice, or of a receipt and then to which invoice
		invoice string
		amount  int64
	}
	receipt struct {
		id, company, customer, currency, day string
		amount                               int64
		credit                               bool
	}
	dispute struct {
		invoice, opened, closed string
		amount                  int64
	}
)

// readDocuments reads them once for all tests.
func readDocuments(t testing.TB, w *warehouse) *documents {
	t.Helper()
	if business.documents != nil {
		return business.documents
	}
	d := &documents{names: map[string]string{}, segments: map[string]string{}, rates: map[string][]rate{}}
	read := func(query string, each func(s func(int) string, n func(int) int64)) {
		t.Helper()
		out, err := w.query(query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for _, row := range out.rows {
			each(func(i int) string { return fmt.Sprint(row[i]) }, func(i int) int64 { return row[i].(int64) })
		}
	}
	read("SELECT customer_id, ifNull(name, ''), ifNull(segment, '') FROM customers", func(s func(int) string, _ func(int) int64) {
		d.names[s(0)], d.segments[s(0)] = s(1), s(2)
	})
	read("SELECT customer_id, rep_id, toString(valid_from) FROM account_owners ORDER BY valid_from", func(s func(int) string, _ func(int) int64) {
		d.owners = append(d.owners, held{s(0), s(1), s(2)})
	})
	read("SELECT from_currency, toInt64(toUnixTimestamp(toDateTime(rate_date, 'UTC'))), toInt64(rate * 10000000000) FROM fx_rates WHERE to_currency = 'CNY' ORDER BY rate_date", func(s func(int) string, n func(int) int64) {
		d.rates[s(0)] = append(d.rates[s(0)], rate{float64(n(1)), float64(n(2)) / 1e10})
	})
	heads := map[string]instalment{}
	d.invoiced = map[string]string{}
	read("SELECT invoice_id, company, customer_id, currency, toString(invoice_date) FROM invoices", func(s func(int) string, _ func(int) int64) {
		d.invoiced[s(0)] = s(4)
		heads[s(0)] = instalment{invoice: s(0), company: s(1), customer: s(2), currency: s(3), invoiced: s(4)}
	})
	read("SELECT invoice_id, toString(due_date), toInt64(amount * 10000) FROM instalments ORDER BY invoice_id, due_date, seq", func(s func(int) string, n func(int) int64) {
		i := heads[s(0)]
		i.due, i.amount = s(1), n(2)
		d.items = append(d.items, i)
	})
	read(`SELECT invoice_id, toString(application_date), toInt64((amount + ifNull(discount_amount, 0)) * 10000) FROM allocations
		UNION ALL SELECT invoice_id, toString(application_date), toInt64(amount * 10000) FROM credit_allocations
		UNION ALL SELECT invoice_id, toString(write_off_date), toInt64(amount * 10000) FROM write_offs`, func(s func(int) string, n func(int) int64) {
		d.less = append(d.less, reduction{of: s(0), day: s(1), amount: n(2)})
	})
	read(`SELECT payment_id, company, customer_id, currency, toString(receipt_date), toInt64(amount * 10000), toInt64(0) FROM payments
		UNION ALL SELECT credit_note_id, company, customer_id, currency, toString(credit_date), toInt64(amount * 10000), toInt64(1) FROM credit_notes`, func(s func(int) string, n func(int) int64) {
		d.receipts = append(d.receipts, receipt{s(0), s(1), s(2), s(3), s(4), n(5), n(6) == 1})
	})
	read(`SELECT payment_id, toString(application_date), invoice_id, toInt64(amount * 10000) FROM allocations
		UNION ALL SELECT credit_note_id, toString(application_date), invoice_id, toInt64(amount * 10000) FROM credit_allocations`, func(s func(int) string, n func(int) int64) {
		d.used = append(d.used, reduction{s(0), s(1), s(2), n(3)})
	})
	read("SELECT invoice_id, toString(opened_on), ifNull(toString(closed_on), '9999-12-31'), toInt64(ifNull(disputed_amount, 1000000000) * 10000) FROM disputes", func(s func(int) string, n func(int) int64) {
		d.disputes = append(d.disputes, dispute{s(0), s(1), s(2), n(3)})
	})
	business.documents = d
	return d
}

// selection is what is chosen on a page; the zero value is everything.
type selection struct{ company, segment, rep, customer, currency string }

// chosen is the selection as the page's variables take it.
func (s selection) chosen() map[string][]string {
	out := map[string][]string{}
	for name, value := range map[string]string{"company": s.company, "segment": s.segment, "rep": s.rep, "customer": s.customer, "currency": s.currency} {
		if value != "" {
			out[name] = []string{value}
		}
	}
	return out
}

// has tells whether a document of the customer belongs to it on a day.
func (d *documents) has(s selection, company, customer, currency, day string) bool {
	return (s.company == "" || s.company == company) && (s.segment == "" || s.segment == d.segments[customer]) && (s.customer == "" || s.customer == customer) &&
		(s.currency == "" || s.currency == currency) && (s.rep == "" || s.rep == d.owner(customer, day))
}

// owner is who has the account on a day.
func (d *documents) owner(customer, day string) string {
	rep := "unassigned"
	for _, h := range d.owners {
		if h.customer == customer && h.from <= day {
			rep = h.rep
		}
	}
	return rep
}

// in is an amount as the selection shows it: in its own currency where one is
// chosen, else in the reporting currency at the rate of the day.
func (d *documents) in(s selection, amount int64, currency, day string) float64 {
	out := float64(amount) / 1e4
	if s.currency != "" || currency == "CNY" {
		return out
	}
	at, _ := time.Parse(time.DateOnly, day)
	quote := math.NaN()
	for _, r := range d.rates[currency] {
		if r.day <= float64(at.Unix()) {
			quote = r.to
		}
	}
	return out * quote
}

// open are the instalments of the selection that are open at the end of a day:
// what reduced an invoice went to the instalment that was due first.
func (d *documents) open(s selection, day string) []instalment {
	paid := map[string]int64{}
	for _, r := range d.less {
		if r.day <= day {
			paid[r.of] += r.amount
		}
	}
	var out []instalment
	for _, i := range d.items {
		if i.invoiced > day {
			continue
		}
		part := min(paid[i.invoice], i.amount)
		paid[i.invoice] -= part
		if i.open = i.amount - part; i.open != 0 && d.has(s, i.company, i.customer, i.currency, day) {
			out = append(out, i)
		}
	}
	return out
}

// unapplied is what is left of receipts or credit notes at the end of a day.
func (d *documents) unapplied(s selection, day string, credit bool, each func(r receipt)) {
	used := map[string]int64{}
	for _, u := range d.used {
		if u.day <= day && d.invoiced[u.invoice] <= day { // cash is no invoice's before there is the invoice
			used[u.of] += u.amount
		}
	}
	for _, r := range d.receipts {
		if r.credit == credit && r.day <= day && d.has(s, r.company, r.customer, r.currency, day) {
			if r.amount -= used[r.id]; r.amount != 0 {
				each(r)
			}
		}
	}
}

// late is how many days an instalment is past due on a day.
func (i instalment) late(day string) int {
	at, _ := time.Parse(time.DateOnly, day)
	due, _ := time.Parse(time.DateOnly, i.due)
	return int(at.Sub(due).Hours() / 24)
}

// total adds up what is open.
func (d *documents) total(s selection, items []instalment, which func(instalment) bool) (sum float64) {
	for _, i := range items {
		if which == nil || which(i) {
			sum += d.in(s, i.open, i.currency, i.invoiced)
		}
	}
	return sum
}

// near tells whether a figure of a page is the one that was added up: pages
// show floating point, and converted amounts are rounded one by one.
func near(got any, want float64) bool {
	f, ok := got.(float64)
	return ok && math.Abs(f-want) <= 0.02+1e-6*math.Abs(want)
}

// most returns the key with the largest sum, the smaller key of two.
func most(sums map[string]float64) string {
	best := ""
	for _, key := range slices.Sorted(func(yield func(string) bool) {
		for k := range sums {
			if !yield(k) {
				return
			}
		}
	}) {
		if best == "" || cmp.Compare(sums[key], sums[best]) > 0 {
			best = key
		}
	}
	return best
}
