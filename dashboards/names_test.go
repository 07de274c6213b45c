package dashboards_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// A customer, a rep, a company and a segment whose names hold quotes, brackets,
// commas and Chinese are chosen like any other; the figures are worked by hand:
// of 100 EUR at 8, 60 are 10 days late, and 62.5 were collected of 125.
func TestPagesFindWhatHasAnOddName(t *testing.T) {
	w := filled(t)
	const company, segment, rep, customer, name = "O'N", "百川（集团）, (一部)", `R'1 "x" (一组)`, `O'Neill（中国）, "x"`, `"O'Neill" & Söhne（中国）`
	quoted := func(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
	of := row{"company": quoted(company), "customer_id": quoted(customer), "owner_id": quoted(rep), "segment": quoted(segment), "currency": "'EUR'", "as_of": "'2026-11-20'"}
	with := func(r row) row {
		out := row{}
		for _, from := range []row{of, r} {
			for column, value := range from {
				out[column] = value
			}
		}
		return out
	}
	w.insert("ar_snapshots", with(row{"open_amount": "100", "open_amount_rc": "800", "not_due": "40", "not_due_rc": "320", "d1_30": "60", "d1_30_rc": "480", "overdue": "60", "overdue_rc": "480", "net_ar": "100", "net_ar_rc": "800", "disputed_overdue": "0", "disputed_overdue_rc": "0"}))
	item := func(id, due, days, bucket string, open int) row {
		return with(row{"invoice_id": quoted(id), "instalment_seq": "1", "invoice_date": "'2026-10-01'", "due_date": quoted(due), "days_past_due": days, "bucket": quoted(bucket), "age_bucket": quoted(bucket),
			"amount": fmt.Sprint(open), "amount_rc": fmt.Sprint(8 * open), "open_amount": fmt.Sprint(open), "open_amount_rc": fmt.Sprint(8 * open)})
	}
	w.insert("ar_open_items", item("I'1", "2026-11-10", "10", "1-30", 60), item("二", "2026-12-01", "-11", "not_due", 40))
	w.insert("rep_collection", row{"month": "'2026-11-01'", "company": quoted(company), "rep_id": quoted(rep), "rep_name": quoted(rep), "collected": "500", "target": "1000", "closing_open": "800", "workdays_elapsed": "10", "workdays_month": "20"})
	w.insert("customers", row{"customer_id": quoted(customer), "name": quoted(name), "segment": quoted(segment), "owner_id": quoted(rep), "valid_from": "'2020-01-01'"})
	w.portfolio()
	defer func() {
		for table, column := range map[string]string{"ar_snapshots": "customer_id", "ar_open_items": "customer_id", "customers": "customer_id", "rep_collection": "rep_id"} {
			w.exec("ALTER TABLE " + table + " DELETE WHERE " + column + " IN (" + quoted(customer) + ", " + quoted(rep) + ") SETTINGS mutations_sync = 2")
		}
		w.portfolio()
	}()
	known := selection{company: company, segment: segment, rep: rep, customer: customer}
	for page, figures := range map[string]map[string]float64{
		"invoices": {"Open receivables": 800, "Open items": 2, "Oldest debt": 10},
		"today":    {"To collect": 480},
		"customer": {"Open receivables": 800, "Overdue": 480},
		"rep":      {"Open receivables": 800},
		"sales":    {"Overdue share": 60},
	} {
		for _, r := range readers(t, w, page, known) {
			for title, want := range figures {
				unit := r.amount
				if want < 100 {
					unit = 1 // no money
				}
				v, _ := r.figure(title, unit)
				r.same(page+" "+title, v, want)
			}
		}
	}
	for s, r := range readers(t, w, "sales", selection{company: company, rep: rep}) {
		v, label := r.figure("Collected", r.amount)
		r.same(fmt.Sprint("collected by ", s.rep), v, 500)
		if !strings.Contains(label, "50") {
			t.Errorf("%s: attainment is %q, want 50 %%", r.about, label)
		}
	}
	for _, r := range readers(t, w, "rep", known) {
		rows := r.table("Customers of this rep: what they owe and what to do", "Open")
		if len(rows) != 2 || rows[1]["customer_id"] != customer {
			t.Errorf("%s: the rep's customers are %v", r.about, rows)
		}
		if total := rows[0]; total[r.words.T("Rank")] != r.words.T("Total") || total[r.words.T("Customer")] != "" {
			t.Errorf("%s: the total stands where a customer's name leads to the customer: %v", r.about, total)
		}
	}
	for _, r := range readers(t, w, "customer", known) {
		if said := fmt.Sprint(r.scope.Variables["headline"].Values); !strings.Contains(said, "O'Neill（中国）") {
			t.Errorf("%s: the headline does not name the customer: %s", r.about, said)
		}
	}
	for _, other := range []selection{{company: "CN01", rep: rep}, {segment: "RETAIL", rep: rep}, {rep: "R1", customer: customer}, {rep: rep, customer: "A"}} {
		for _, r := range readers(t, w, "invoices", other) {
			if v, _ := r.figure("Open receivables", 1); v != nil {
				t.Errorf("%s: of two that have nothing in common %v is open", r.about, v)
			}
		}
	}
}

// Models write codes and English remarks; Chinese pages make sentences of them.
func TestChinesePagesShowNoCodesOfModels(t *testing.T) {
	w := built(t)
	latin := regexp.MustCompile(`[A-Za-z_]{2,}`)
	out, err := w.query("SELECT customer_id FROM customer_timeline WHERE customer_id IN (SELECT customer_id FROM early_warnings) GROUP BY customer_id ORDER BY uniqExact(kind) DESC, count() DESC, customer_id LIMIT 2")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range out.rows {
		for _, r := range readers(t, w, "customer", selection{customer: row[0].(string)}) {
			if r.words.Lang != "zh" {
				continue
			}
			said := 0
			for _, x := range r.table("Early warnings") {
				for _, text := range []any{x[r.words.T("Signal")], x[r.words.T("Evidence")]} {
					said++
					if latin.MatchString(fmt.Sprint(text)) {
						t.Errorf("%s: a warning says %v", r.about, text)
					}
				}
			}
			for _, x := range r.table("What happened, newest first") {
				switch what := x[r.words.T("What")]; what {
				case r.words.T("Promise"), r.words.T("Notice"), r.words.T("Hold"):
					said++
					if latin.MatchString(fmt.Sprint(x[r.words.T("Detail")])) {
						t.Errorf("%s: %v says %v", r.about, what, x[r.words.T("Detail")])
					}
				}
			}
			if said == 0 {
				t.Errorf("%s: nothing is said", r.about)
			}
		}
	}
}
