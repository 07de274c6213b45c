package sql_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"huikuan/sql"
)

// book fills the warehouse with a small, known set of balances on 2026-11-20.
func book(w *warehouse) {
	w.createAll()
	w.insert("customers",
		row{"customer_id": "'007'", "name": "'O''Neill & Sons'", "segment": "'RETAIL'", "valid_from": "'2020-01-01'"},
		row{"customer_id": "'007'", "name": "'O''Neill Group'", "segment": "'RETAIL'", "valid_from": "'2025-01-01'"},
		row{"customer_id": "'C1'", "name": "'苏州百川电子有限公司'", "parent_id": "'P'", "valid_from": "'2020-01-01'"},
		row{"customer_id": "'C2'", "name": "'杭州百川自动化'", "parent_id": "'P'", "valid_from": "'2020-01-01'"},
		row{"customer_id": "'P'", "name": "'百川集团'", "valid_from": "'2020-01-01'"})
	w.insert("reps", row{"rep_id": "'R1'", "name": "'Ana'"}, row{"rep_id": "'R2'", "name": "'李雷'"})
	balance := func(day, customer, owner, currency, open, notDue, d1, d366, overdue, unapplied, rate string) row {
		times := func(x string) string { return "toDecimal64('" + x + "', 4) * " + rate }
		return row{"as_of": "'" + day + "'", "company": "'CN01'", "customer_id": "'" + customer + "'", "owner_id": "'" + owner + "'", "currency": "'" + currency + "'",
			"open_amount": open, "not_due": notDue, "d1_30": d1, "d366_plus": d366, "overdue": overdue, "unapplied": unapplied,
			"net_ar": open + " + " + unapplied, "open_amount_rc": times(open), "overdue_rc": times(overdue), "unapplied_rc": times(unapplied),
			"open_credits_rc": "0", "disputed_rc": "0", "net_ar_rc": times(open) + " + " + times(unapplied)}
	}
	w.insert("ar_snapshots",
		balance("2026-10-31", "007", "R1", "EUR", "999", "0", "999", "0", "999", "0", "8"),
		balance("2026-11-20", "007", "R1", "EUR", "100.25", "40", "60.25", "0", "60.25", "0", "8"),
		balance("2026-11-20", "C1", "R2", "CNY", "500", "500", "0", "0", "0", "-100", "1"),
		balance("2026-11-20", "C2", "R2", "CNY", "300", "0", "0", "300", "300", "0", "1"),
		balance("2026-11-20", "C3", "unassigned", "CNY", "0", "0", "0", "0", "0", "-50", "1"))
	for _, day := range []string{"'2026-10-31'", "'2026-11-20'"} {
		w.insert("dso", row{"as_of": day, "scope": "'group'"}, row{"as_of": day, "scope": "'company'", "scope_id": "'CN01'"})
	}
	item := func(customer, currency, due, days, open string) row {
		return row{"as_of": "'2026-11-20'", "company": "'CN01'", "customer_id": "'" + customer + "'", "currency": "'" + currency + "'",
			"invoice_id": "'" + customer + due + "'", "instalment_seq": "1", "due_date": "'" + due + "'", "days_past_due": days, "open_amount": open}
	}
	w.insert("ar_open_items",
		item("007", "EUR", "2026-12-01", "-11", "40"), item("007", "EUR", "2026-11-10", "10", "20.25"), item("007", "EUR", "2026-11-01", "19", "40"),
		item("C1", "CNY", "2026-12-01", "-11", "500"), item("C2", "CNY", "2025-01-01", "688", "300"))
	month := func(m, company, rep, collected, due, base, target, closing, late string) row {
		return row{"month": "'" + m + "'", "company": "'" + company + "'", "rep_id": "'" + rep + "'", "currency": "'CNY'", "collected": collected,
			"collected_due_basis": due, "due_basis_denominator": base, "target": target, "closing_open": closing, "closing_overdue": late}
	}
	w.insert("rep_collection",
		month("2026-09-01", "CN01", "R1", "7", "7", "7", "7", "7", "7"),
		month("2026-10-01", "CN01", "R1", "100", "80", "100", "200", "10", "5"),
		month("2026-10-01", "DE01", "R1", "60", "0", "60", "NULL", "0", "0"),
		month("2026-10-01", "CN01", "R2", "160", "160", "160", "100", "0", "0"),
		month("2026-10-01", "CN01", "unassigned", "900", "0", "0", "NULL", "0", "0"),
		month("2026-11-01", "CN01", "R1", "10", "0", "0", "NULL", "802", "482"),
		month("2026-11-01", "CN01", "R2", "20", "20", "40", "80", "800", "300"))
}

func buildShipped(t *testing.T, w *warehouse) sql.Report {
	t.Helper()
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	r, err := sql.NewRunner(w, models, sql.RunnerOptions{Database: w.name})
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.Build(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if err := r.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	return r.Report()
}

func TestShippedModelsAnswerOnASmallBook(t *testing.T) {
	w := newWarehouse(t)
	book(w)
	report := buildShipped(t, w)
	for _, c := range []struct{ name, query, want string }{
		{"overdue", "SELECT customer_id, customer_name, owner_name, currency, open_amount, overdue, round(overdue_share, 4), overdue_rc, overdue_items, oldest_due_date, max_days_past_due FROM overdue_by_customer ORDER BY customer_id",
			`('007','O\'Neill Group','Ana','EUR',100.25,60.25,0.601,482,2,'2026-11-01',19)
('C2','杭州百川自动化','李雷','CNY',300,300,1,300,1,'2025-01-01',688)`},
		{"last month", "SELECT rep_id, collected, round(collection_rate, 4), target, round(attainment, 4), collected_rank, attainment_rank FROM rep_ranking WHERE period = 'last_month' ORDER BY rep_id",
			`('R1',160,0.5,200,0.8,1,2)
('R2',160,1,100,1.6,1,1)
('unassigned',900,NULL,NULL,NULL,NULL,NULL)`},
		{"month to date", "SELECT rep_id, collected, collection_rate, attainment, collected_rank, attainment_rank, round(overdue_share, 4) FROM rep_ranking WHERE period = 'month_to_date' ORDER BY rep_id",
			`('R1',10,NULL,NULL,2,NULL,0.601)
('R2',20,0.5,0.25,1,1,0.375)`},
	} {
		if got := w.table(c.query); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
	for _, m := range report.Models {
		if m.Status != sql.Published || len(m.Notices) > 0 {
			t.Errorf("%s is %s with notices %v", m.Name, m.Status, m.Notices)
		}
	}
}

func TestShippedModelsBuildOnAnEmptyWarehouse(t *testing.T) {
	if testing.Short() {
		t.Skip("a build of every model; the test on a small book builds them as well: left out by -short")
	}
	w := newWarehouse(t)
	w.createAll()
	for _, m := range buildShipped(t, w).Models {
		if m.Rows != 0 {
			t.Errorf("%s has %d rows on an empty warehouse", m.Name, m.Rows)
		}
	}
}

// What has no exchange rate is unknown; that must not look like a difference,
// which would keep the old tables serving for the whole book.
func TestACurrencyWithoutARateBlocksNoModel(t *testing.T) {
	w := newWarehouse(t)
	w.createAll()
	w.insert("ar_as_of", row{"as_of": "'2026-11-20'", "first_day": "'2026-11-01'", "reporting_currency": "'CNY'"})
	w.insert("fx_as_of", row{"as_of": "'2026-11-20'", "currency": "'CNY'", "rate_closing": "1", "rate_constant": "1"})
	for _, b := range []struct{ customer, owner, currency, amount, rate string }{
		{"C1", "R1", "CNY", "100", "1"}, {"C1", "R1", "XAF", "5000", "NULL"}, {"C1", "R2", "XAF", "7", "0.01"}, {"C2", "R1", "CNY", "50", "1"},
	} {
		base := "toDecimal64('" + b.amount + "', 4) * " + b.rate
		key := row{"company": "'CN01'", "customer_id": "'" + b.customer + "'", "owner_id": "'" + b.owner + "'", "currency": "'" + b.currency + "'"}
		snapshot := row{"as_of": "'2026-11-20'", "open_amount": b.amount, "not_due": b.amount, "net_ar": b.amount, "open_amount_rc": base, "not_due_rc": base, "net_ar_rc": base}
		movement := row{"month": "'2026-11-01'", "closing": b.amount}
		for _, name := range []string{"invoiced_rc", "closing_rc"} {
			movement[name] = base
		}
		for _, name := range []string{"debit_notes_rc", "credited_rc", "written_off_rc", "fx_rc"} {
			movement[name] = "0 * " + b.rate
		}
		maps.Copy(snapshot, key)
		maps.Copy(movement, key)
		w.insert("ar_snapshots", snapshot)
		w.insert("ar_rollforward", movement)
	}
	w.insert("ar_events",
		row{"company": "'CN01'", "customer_id": "'C1'", "currency": "'XAF'", "kind": "'WRITE_OFF'", "event_date": "'2026-11-05'", "amount": "-300", "amount_rc": "-3"},
		row{"company": "'CN01'", "customer_id": "'C1'", "currency": "'XAF'", "kind": "'WRITE_OFF'", "event_date": "'2026-11-06'", "amount": "-300", "amount_rc": "NULL"})
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	r, err := sql.NewRunner(w, models, sql.RunnerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.Build(context.Background(), "+exposure_by_customer", "fx_effects", "bad_debt")
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	publish(t, r)
	for query, want := range map[string]string{
		"SELECT customer_id, open_amount_rc, flag FROM exposure_by_customer WHERE level = 'customer' ORDER BY customer_id": "('C1',NULL,'missing_rate')\n('C2',50,'limit_missing')",
		"SELECT currency, historic_rc FROM fx_effects ORDER BY currency":                                                   "('CNY',150)\n('XAF',NULL)",
		"SELECT written_off_rc FROM bad_debt":                                                                              "(3)",
	} {
		if got := w.table(query); got != want {
			t.Errorf("%s\ngave %s\nwant %s", query, got, want)
		}
	}
}

func TestShippedModelsNoticeWhenTheSlicesDoNotAddUp(t *testing.T) {
	w := newWarehouse(t)
	book(w)
	w.insert("ar_open_items", row{"as_of": "'2026-11-20'", "company": "'CN01'", "customer_id": "'C1'", "currency": "'CNY'",
		"due_date": "'2026-11-19'", "days_past_due": "1", "open_amount": "0.01"})
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	r, err := sql.NewRunner(w, models, sql.RunnerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	report, err := r.Build(context.Background(), "overdue_by_customer")
	if err != nil {
		t.Fatal(err)
	}
	m := report.Models[0]
	if m.Status != sql.TestFailed || !strings.Contains(m.Reason, "the overdue of all customers is that of the open items found 1 failing rows") {
		t.Errorf("one cent too much gave %s: %s", m.Status, m.Reason)
	}
}

func TestTheIndexOfManyEqualGroupsIsNoFault(t *testing.T) {
	w := newWarehouse(t)
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(models, func(m sql.Model) bool { return m.Name == "concentration" })
	for _, c := range []struct {
		groups, hhi string
		want        sql.Status
	}{
		{"1", "1.0000000000", sql.Staged},
		{"7000", "0.0001428571", sql.Staged}, // 1 ÷ 7,000, rounded down
		{"7000", "0.0001428570", sql.TestFailed},
		{"90000", "0.0000111111", sql.Staged},
		{"3", "0.3333333332", sql.TestFailed},
		{"3", "1.0000000001", sql.TestFailed},
	} {
		m := model(t, "concentration", "columns: [{name: as_of, description: d}, {name: scope, description: d}, {name: scope_id, description: d}, {name: groups, description: d}, {name: hhi, description: d}]",
			"SELECT today() AS as_of, 'group' AS scope, '' AS scope_id, toUInt64("+c.groups+") AS groups, toDecimal128('"+c.hhi+"', 10) AS hhi")
		for _, test := range models[at].Tests {
			if test.Name == "the index lies between one over the number of groups and one" {
				m.Tests = append(m.Tests, test)
			}
		}
		got := build(t, runner(t, w, sql.RunnerOptions{}, m)).Models[0]
		if len(m.Tests) != 1 || got.Status != c.want {
			t.Errorf("%s groups, index %s: %d tests, %s (%s)", c.groups, c.hhi, len(m.Tests), got.Status, got.Reason)
		}
	}
}

func TestEveryColumnOfAShippedModelIsDescribed(t *testing.T) {
	models, err := sql.Models()
	if err != nil {
		t.Fatal(err)
	}
	if len(models) < 3 {
		t.Fatalf("only %d shipped models", len(models))
	}
	for _, m := range models {
		if m.Grain == "" || m.Owner == "" || len(m.Tests) == 0 {
			t.Errorf("%s lacks grain, owner or tests", m.Name)
		}
		for _, c := range m.Columns {
			if c.Description == "" {
				t.Errorf("%s.%s has no description", m.Name, c.Name)
			}
		}
	}
}
