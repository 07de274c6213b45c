package dashboards_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"huikuan/dashboards/report"
)

// now is the day after the last day built in these tests, 2026-11-20.
var now = time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)

// fill writes a book of two companies and three customers with fourteen
// month-ends, in which every check balances.
func fill(w *warehouse) {
	w.insert("customers", row{"customer_id": "'A'", "name": "'O''Neill <b>& Sons</b>'", "segment": "'RETAIL'", "valid_from": "'2020-01-01'"})
	for _, day := range []string{"'2026-10-31'", "'2026-11-20'"} {
		for customer, head := range map[string]string{"'A'": "'A'", "'B'": "'P'", "'C'": "'C'"} {
			w.insert("exposure_by_customer", row{"as_of": day, "level": "'customer'", "customer_id": customer, "group_id": head})
		}
	}
	w.insert("customers", row{"customer_id": "'B'", "name": "'苏州百川电子有限公司'", "parent_id": "'P'", "valid_from": "'2020-01-01'"})
	w.insert("companies", row{"company": "'CN01'", "name": "'百川（中国）'"})
	w.insert("companies", row{"company": "'O''N'", "name": "'O''Neill Ltd'"})
	w.insert("ops_runs", row{"run_id": "'r'", "kind": "'sync'", "status": "'ok'", "started_at": "'2026-11-21 05:00:00'", "finished_at": "'2026-11-21 05:09:00'"})
	w.insert("ops_test_results", row{"run_id": "'r'", "test": "'t'", "table_name": "'x'", "status": "'failed'", "severity": "'warn'", "tested_at": "'2026-11-21 05:00:00'"})

	days := []time.Time{time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	for i := range 14 {
		days = append(days, time.Date(2026, time.Month(11-i), 0, 0, 0, 0, 0, time.UTC)) // month-ends back from 31 October
	}
	var snapshots, movements, speeds []row
	for i, day := range days {
		date := "'" + day.Format(time.DateOnly) + "'"
		snapshot := func(company, customer, segment, currency string, open, d1, rate int) {
			r := row{"as_of": date, "company": company, "customer_id": customer, "owner_id": "'R1'", "segment": segment, "region": "'北方'", "currency": currency}
			for column, amount := range map[string]int{"open_amount": open, "not_due": open - d1, "d1_30": d1, "overdue": d1, "unapplied": -10, "net_ar": open - 10,
				"open_credits": 0, "disputed": 0, "d31_60": 0, "d61_90": 0, "d91_120": 0, "d121_180": 0, "d181_365": 0, "d366_plus": 0} {
				r[column], r[column+"_rc"] = fmt.Sprint(amount), fmt.Sprint(amount*rate)
			}
			snapshots = append(snapshots, r)
			if day.Day() == 20 {
				return
			}
			movement := row{"month": "'" + day.Format("2006-01") + "-01'", "company": company, "customer_id": customer, "owner_id": "'R1'", "segment": segment, "region": "'北方'", "currency": currency}
			for column, amount := range map[string]int{"opening": open - 60, "invoiced": 100, "cash": 30, "credited": 15, "discounts": 3, "written_off": 2, "closing": open - 10,
				"debit_notes": 0, "refunds": 0, "fx": 0, "transfers": 0, "check_amount": 0} {
				movement[column], movement[column+"_rc"] = fmt.Sprint(amount), fmt.Sprint(amount*rate)
			}
			movements = append(movements, movement)
		}
		snapshot("'CN01'", "'A'", "'RETAIL'", "'CNY'", 1000, 400-10*i, 1)
		snapshot("'CN01'", "'B'", "'RETAIL'", "'CNY'", 600, 0, 1)
		snapshot("'O''N'", "'C'", "NULL", "'EUR'", 100, 50, 8)
		for scope, id := range map[string]string{"group": "''", "company": "'CN01'", "segment": "'RETAIL'", "region": "'北方'"} {
			speeds = append(speeds, row{"as_of": date, "scope": "'" + scope + "'", "scope_id": id, "currency": "'CNY'", "ar": "2000", "sales_90": "3000", "current_ar": "1500",
				"dso_90": "60", "bpdso": "45", "add_days": "15", "dso_countback": "55", "cei_numerator": "80", "cei_denominator": "100", "cei": "0.8"})
		}
		speeds = append(speeds, row{"as_of": date, "scope": "'company'", "scope_id": "'O''N'", "currency": "'CNY'", "ar": "1000", "sales_90": "1000", "current_ar": "500", "dso_90": "90", "bpdso": "45"})
	}
	w.insert("ar_snapshots", snapshots...)
	w.insert("ar_rollforward", movements...)
	w.insert("dso", speeds...)
	w.portfolio()
}

func TestTheChineseHeadlineReadsAsASentence(t *testing.T) {
	w := filled(t)
	v := open(t, w, "zh/cfo.json", nil)
	got := fmt.Sprint(v.scope.Variables["headline"].Values)
	for _, want := range []string{"应收账款余额 <b>¥2400</b>，其中 <b>33%</b> 逾期，较 10月31日 <span", ">上升 0.4 个百分点</span>。应收周转天数 <b>60 天</b>，其中 15 天源于客户逾期付款。"} {
		if !strings.Contains(got, want) {
			t.Errorf("the headline says %s, want %s", got, want)
		}
	}
	if got, want := last(t, v.panel("逾期占比")), "33.3 | 环比 ▲ 0.4 点 · 同比 ▲ 5.0 点"; got != want {
		t.Errorf("overdue share %s, want %s", got, want)
	}
}

func column(t *testing.T, r result, name string) []any {
	t.Helper()
	at := slices.Index(r.columns, name)
	if at < 0 {
		t.Fatalf("no column %q in %v", name, r.columns)
	}
	var out []any
	for _, x := range r.rows {
		out = append(out, x[at])
	}
	return out
}

// last is the newest value of a stat and its label.
func last(t *testing.T, r result) string {
	t.Helper()
	if len(r.rows) == 0 {
		return "nothing"
	}
	x := r.rows[len(r.rows)-1]
	label := ""
	if at := slices.Index(r.columns, "label"); at >= 0 {
		label = x[at].(string)
	}
	return fmt.Sprintf("%.1f | %s", x[slices.Index(r.columns, "v")], label)
}

func TestTheCFOReadsTheRightFigures(t *testing.T) {
	w := filled(t)
	defer func() {
		w.exec("ALTER TABLE ar_snapshots DELETE WHERE customer_id = 'new' SETTINGS mutations_sync = 2")
		w.portfolio()
	}()
	w.insert("ar_snapshots", row{"as_of": "'2026-11-20'", "company": "'CN01'", "customer_id": "'new'", "owner_id": "'R1'", "region": "'北方'", "currency": "'CNY'",
		"open_amount": "5", "d1_30": "5", "overdue": "5", "net_ar": "5", "open_amount_rc": "5", "d1_30_rc": "5", "overdue_rc": "5", "net_ar_rc": "5"})
	w.portfolio()
	v := open(t, w, "en/cfo.json", nil)
	for title, want := range map[string]string{
		"Open receivables":    "2405.0 | ▲ 0.2 % month · ▲ 0.2 % year", // 1000 + 600 + 100 × 8 + 5
		"Overdue share":       "33.5 | ▲ 0.6 pt month · ▲ 5.1 pt year", // 805 of 2405; a month ago 790, a year ago 680 of 2400
		"DSO, 90 days":        "60.0 | ± 0.0 d month · ± 0.0 d year",
		"Effectiveness (CEI)": "80.0 | ± 0.0 pt month · ± 0.0 pt year",
	} {
		if got := last(t, v.panel(title)); got != want {
			t.Errorf("%s: %s, want %s", title, got, want)
		}
	}
	if got := fmt.Sprint(v.scope.Variables["headline"].Values); !strings.Contains(got, "Open receivables are <b>¥2.4 K</b>, <b>33 %</b> of it overdue") ||
		!strings.Contains(got, ">up 0.6 points</span> since 31 Oct. DSO is <b>60 days</b>, 15 of them late payment.") ||
		!strings.Contains(got, "Data as of <b>2026-11-20</b> · loaded 2026-11-21 05:09 UTC · roll-forward check 0.00 ✓ · 1 data warning") {
		t.Errorf("the headline says %s", got)
	}
	steps := v.panel("From opening to closing balance, last full month, ${symbol:raw}")
	if got, want := fmt.Sprint(column(t, steps, "step")), "[Opening   1.8 K Invoiced   +1.0 K Credit notes   −150 Cash   −300 Discounts, write-offs   −50 Refunds   0 FX, transfers   0 Closing   2.3 K]"; got != want {
		t.Errorf("steps %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(column(t, steps, "base")), "[<nil> 1800 2650 2350 2300 2300 2300 <nil>]"; got != want {
		t.Errorf("bases %s, want %s", got, want)
	}
	top := v.panel("Ten largest exposures – ${top10:raw} % of open receivables")
	if got, want := fmt.Sprint(column(t, top, "Customer"), column(t, top, "Open"), column(t, top, "Overdue %"), v.scope.Variables["top10"].Values), "[O'Neill <b>& Sons</b> C P new] [1000 800 600 5] [0.4 0.5 0 1] [100]"; got != want {
		t.Errorf("exposures %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(column(t, top, "12 months")[3]), "[0 0 0 0 0 0 0 0 0 0 0 0 5]"; got != want { // 12 month-ends and today
		t.Errorf("the sparkline of a new customer is %s, want %s", got, want)
	}
	if months := column(t, v.panel("Open receivables by age"), "month"); len(months) != 14 || months[13] != "Nov" || months[12] != "Oct" {
		t.Errorf("months of the aging chart: %v", months)
	}
	if got, want := fmt.Sprint(column(t, v.panel("Do the books balance?"), "Result")), "[balances balances balances balances]"; got != want {
		t.Errorf("tie-out %s, want %s", got, want)
	}
}

func TestFiltersReachEveryPanel(t *testing.T) {
	w := filled(t)
	for _, c := range []struct {
		chosen          map[string][]string
		open, dso, cash string
	}{
		{map[string][]string{"company": {"O'N"}}, "800.0", "90.0", "240.0"},
		{map[string][]string{"company": {"CN01", "O'N"}}, "2400.0", "67.5", "300.0"}, // 90 × 3000 / 4000
		{map[string][]string{"company": {"CN01"}, "currency": {"EUR"}}, "nothing", "60.0", "nothing"},
		{map[string][]string{"currency": {"EUR"}}, "100.0", "60.0", "30.0"},
		{map[string][]string{"segment": {"(none)"}}, "800.0", "nothing", "240.0"},
		{map[string][]string{"region": {"北方"}}, "2400.0", "60.0", "300.0"},
		{map[string][]string{"region": {"北方"}, "segment": {"RETAIL"}}, "1600.0", "nothing", "60.0"},
		{map[string][]string{"company": {"no such"}}, "nothing", "nothing", "nothing"},
		{map[string][]string{"company": {""}}, "2400.0", "60.0", "300.0"}, // nothing chosen is all
		{map[string][]string{"as_of": {"2026-08-31"}}, "2400.0", "60.0", "300.0"},
	} {
		v := open(t, w, "en/cfo.json", c.chosen)
		for title, want := range map[string]string{"Open receivables": c.open, "DSO, 90 days": c.dso, "Invoiced and collected by month": c.cash} {
			out := v.panel(title)
			if at := slices.Index(out.columns, "Cash received"); at >= 0 {
				out.columns[at] = "v"
			}
			if got, _, _ := strings.Cut(last(t, out), " |"); got != want {
				t.Errorf("%v: %s is %s, want %s", c.chosen, title, got, want)
			}
		}
	}
}

func TestFiguresThatDoNotTieOutAreShown(t *testing.T) {
	w := filled(t)
	w.insert("ar_rollforward", row{"month": "'2026-10-01'", "company": "'CN01'", "currency": "'CNY'", "closing": "0.01", "check_amount": "-0.01"})
	w.portfolio()
	defer func() {
		w.exec("ALTER TABLE ar_rollforward DELETE WHERE closing = 0.01 SETTINGS mutations_sync = 2")
		w.portfolio()
	}()
	v := open(t, w, "en/cfo.json", nil)
	out := v.panel("Do the books balance?")
	if got, want := fmt.Sprint(column(t, out, "Result"), column(t, out, "Difference")), "[does not balance balances balances does not balance] [0.01 0.00 0.00 0.01]"; got != want {
		t.Errorf("tie-out %s, want %s", got, want)
	}
	if got := v.scope.Variables["headline"].Values[0]; !strings.Contains(got, "<b>0.01 ✗</b>") {
		t.Errorf("the headline hides it: %s", got)
	}
}

// Every page says whether the ledger agrees with its control accounts: each
// company and currency on its last day, as far as the page is chosen.
func TestTheHeadlineTicksTheControlAccounts(t *testing.T) {
	w := filled(t)
	defer w.exec("TRUNCATE TABLE tie_out")
	balance := func(day, company, currency, status, difference, unexplained string) row {
		return row{"balance_date": "'" + day + "'", "company": company, "currency": "'" + currency + "'", "accounts": "1", "difference": difference, "unexplained": unexplained, "status": "'" + status + "'"}
	}
	w.insert("tie_out",
		balance("2026-10-31", "'CN01'", "CNY", "tied", "0.3", "0.3"), // within the tolerance
		balance("2026-10-31", "'CN01'", "USD", "open", "7.5", "-2.5"),
		balance("2026-10-31", "'O''N'", "CNY", "late_postings", "9", "0"),
		balance("2026-10-15", "'O''N'", "EUR", "open", "4", "4"),
		balance("2026-09-30", "'CN01'", "CNY", "open", "-30", "-30"),
		balance("2026-09-30", "'CN01'", "USD", "tied", "0", "0"),
		balance("2026-09-30", "'O''N'", "CNY", "open", "12.25", "12.25"),
		balance("2026-09-30", "'O''N'", "EUR", "tied", "0", "0"))
	const link = `<a href="/d/huikuan-pipeline">control accounts</a> `
	for _, c := range []struct {
		path   string
		chosen map[string][]string
		want   string
	}{
		{"en/cfo.json", nil, link + "2026-10-31 <b>4 EUR + 2.5 USD ✗</b> (2 / 4)"},
		{"en/cfo.json", map[string][]string{"company": {"O'N"}}, link + "2026-10-31 <b>4 EUR ✗</b> (1 / 2)"},
		{"en/cfo.json", map[string][]string{"as_of": {"2026-09-30"}}, link + "2026-09-30 <b>42.25 CNY ✗</b> (2 / 4)"},
		{"en/cfo.json", map[string][]string{"as_of": {"2026-09-30"}, "company": {"O'N"}}, link + "2026-09-30 <b>12.25 CNY ✗</b> (1 / 2)"},
		{"en/cfo.json", map[string][]string{"as_of": {"2026-08-31"}}, ""},
		{"en/pipeline.json", nil, " · control accounts 2026-10-31 <b>4 EUR + 2.5 USD ✗</b> (2 / 4)"},
		{"en/today.json", nil, link + "2026-10-31 <b>"}, {"en/sales.json", nil, link + "2026-10-31 <b>"}, {"en/rep.json", nil, link + "2026-10-31 <b>"},
		{"en/customer.json", nil, link + "2026-10-31 <b>"}, {"en/invoices.json", nil, link + "2026-10-31 <b>"},
		{"zh/today.json", map[string][]string{"company": {"CN01"}}, `<a href="/d/huikuan-pipeline-zh">总账科目核对</a> 2026-10-31 <b>2.5 USD ✗</b> (1 / 2)`},
	} {
		got := open(t, w, c.path, c.chosen).scope.Variables["headline"].Values[0]
		if c.want == "" && strings.Contains(got, "control accounts") || !strings.Contains(got, c.want) {
			t.Errorf("%s %v: the headline says %s, want %q", c.path, c.chosen, got, c.want)
		}
	}
	pack, err := report.Collect(context.Background(), w.ask, report.Options{Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	if p := pack.Proof; p.Accounts.Value.String() != "4" || p.Unexplained.Value.String() != "4" || p.Holds() {
		t.Errorf("the report compares %s accounts, of which one differs by %s: %t", p.Accounts.Value, p.Unexplained.Value, p.Holds())
	}
	w.exec("ALTER TABLE tie_out DELETE WHERE status = 'open' AND balance_date > '2026-09-30' SETTINGS mutations_sync = 2")
	if got := open(t, w, "en/cfo.json", nil).scope.Variables["headline"].Values[0]; !strings.Contains(got, link+"2026-10-31 0.00 ✓ ·") {
		t.Errorf("the headline of agreeing accounts says %s", got)
	}
}
