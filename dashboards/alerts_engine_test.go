package dashboards_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"huikuan/dashboards"
)

// alert is one alert that fires, with its texts as a person reads them.
type alert struct {
	labels map[string]string
	values map[string]float64
	texts  map[string]string
}

// evaluate does what Grafana does with a rule: every row of the query is a
// number, its text columns are its labels; the further queries are found by them.
func (w *warehouse) evaluate(r rule) (fires []alert, rows int) {
	w.t.Helper()
	byRef := map[string]map[string]alert{}
	condition := r.Data[len(r.Data)-1].Model.Conditions[0].Evaluator.Params[0]
	for _, d := range r.Data {
		if d.Model.Type == "" {
			byRef[d.RefID] = w.numbers(r.UID+" "+d.RefID, d.Model.RawSQL)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(byRef["A"])) {
		a := byRef["A"][key]
		a.values = map[string]float64{"A": a.values[""], "B": a.values[""]}
		for ref, others := range byRef {
			if other, ok := others[key]; ok && ref != "A" {
				a.values[ref] = other.values[""]
			}
		}
		if a.values["B"] <= condition {
			continue
		}
		a.texts = map[string]string{}
		for name, text := range r.Annotations {
			a.texts[name] = message(w.t, text, a.labels, a.values)
		}
		fires = append(fires, a)
	}
	return fires, len(byRef["A"])
}

// numbers are the rows of a query by their labels.
func (w *warehouse) numbers(where, sql string) map[string]alert {
	w.t.Helper()
	out, err := w.query(sql)
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", where, err, sql)
	}
	numeric := 0
	for i, typ := range out.types {
		switch {
		case strings.Contains(typ, "String"):
		case strings.Contains(typ, "Float"), strings.Contains(typ, "Int"):
			numeric++
		default:
			w.t.Errorf("%s: the column %s of type %s is neither text nor number: Grafana would not take the rows", where, out.columns[i], typ)
		}
	}
	if numeric != 1 {
		w.t.Errorf("%s has %d columns of numbers, Grafana wants one", where, numeric)
	}
	found := map[string]alert{}
	for _, row := range out.rows {
		a := alert{labels: map[string]string{}, values: map[string]float64{}}
		for i, x := range row {
			if text, ok := x.(string); ok {
				a.labels[out.columns[i]] = text
				continue
			}
			f, err := strconv.ParseFloat(fmt.Sprint(x), 64)
			if err != nil {
				w.t.Errorf("%s: %v is no number", where, x)
			}
			a.values[""] = f
		}
		key := fmt.Sprint(a.labels)
		if _, twice := found[key]; twice {
			w.t.Errorf("%s has two rows of the labels %s, which Grafana refuses", where, key)
		}
		found[key] = a
	}
	return found
}

// message writes an annotation as Grafana does.
func message(t testing.TB, text string, labels map[string]string, values map[string]float64) string {
	t.Helper()
	type value struct{ Value float64 }
	in := map[string]value{}
	for ref, v := range values {
		in[ref] = value{v}
	}
	parsed, err := template.New("").Funcs(template.FuncMap{"externalURL": func() string { return "http://grafana/" }}).
		Parse("{{ $labels := .Labels }}{{ $values := .Values }}" + text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var b strings.Builder
	if err := parsed.Execute(&b, map[string]any{"Labels": labels, "Values": in}); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b.String()
}

// modelColumns are the columns of the models that alerts read, as tests fill them.
var modelColumns = map[string]string{
	"exposure_by_customer": "as_of Date32, level String, customer_id String, customer_name Nullable(String), owner_id Nullable(String), currency LowCardinality(Nullable(String)), exposure_rc Decimal(18,4), limit_rc Nullable(Decimal(18,4)), breached Nullable(UInt8), breach_rc Decimal(18,4)",
	"top_exposures":        "group_id String, group_name Nullable(String), share Decimal(38,10), overdue_rc Decimal(18,4)",
	"tie_out":              "company String, currency LowCardinality(String), balance_date Date32, status LowCardinality(String), unexplained Decimal(18,4)",
}

func alertWarehouse(t *testing.T) *warehouse {
	w := newWarehouse(t)
	for name, columns := range modelColumns {
		w.exec("CREATE TABLE " + name + " (" + columns + ") ENGINE = MergeTree ORDER BY ()")
	}
	return w
}

// trouble is a book in which every rule has something to report, and something
// beside it that must not be reported.
func trouble(w *warehouse) {
	w.insert("ar_as_of", row{"as_of": "'2026-11-20'"})
	w.insert("dso", row{"scope": "'company'", "scope_id": "'CN01'", "as_of": "'2026-11-20'", "dso_90": "75.4", "bpdso": "50"},
		row{"scope": "'company'", "scope_id": "'CN01'", "as_of": "'2026-10-31'", "dso_90": "99", "bpdso": "50"},
		row{"scope": "'group'", "scope_id": "''", "as_of": "'2026-11-20'", "dso_90": "98", "bpdso": "50"})
	w.insert("dso", row{"scope": "'company'", "scope_id": "'EMPTY'", "as_of": "'2026-11-20'"})
	w.insert("dso", row{"scope": "'company'", "scope_id": "'DE01'", "as_of": "'2026-11-20'", "dso_90": "60", "bpdso": "40"})
	snapshot := func(day, company string, open, overdue int) row {
		return row{"as_of": "'" + day + "'", "company": "'" + company + "'", "open_amount_rc": fmt.Sprint(open), "overdue_rc": fmt.Sprint(overdue)}
	}
	w.insert("ar_snapshots", snapshot("2026-10-31", "CN01", 1000, 200), snapshot("2026-11-20", "CN01", 1000, 240),
		snapshot("2026-10-31", "DE01", 1000, 200), snapshot("2026-11-20", "DE01", 1000, 230), snapshot("2026-11-20", "NEW", 1000, 900))
	limit := func(day, id, name, breached string, breach int) row {
		return row{"as_of": "'" + day + "'", "level": "'customer'", "customer_id": "'" + id + "'", "customer_name": name, "owner_id": "'R1'", "currency": "'CNY'",
			"exposure_rc": fmt.Sprint(100000 + breach), "limit_rc": "100000", "breached": breached, "breach_rc": fmt.Sprint(breach)}
	}
	w.insert("exposure_by_customer", limit("2026-11-20", "A&B", "'O''Neill & Söhne'", "1", 25000), limit("2026-11-20", "C2", "'苏州百川'", "1", 7000),
		limit("2026-11-20", "C3", "NULL", "0", 0), limit("2026-10-31", "C4", "NULL", "1", 9000), limit("2026-11-20", "C5", "NULL", "NULL", 0))
	w.insert("ar_open_items", row{"customer_id": "'C2'", "owner_id": "'R1'", "days_past_due": "40", "open_amount_rc": "120000"}, row{"customer_id": "'C2'", "owner_id": "'R1'", "days_past_due": "-5", "open_amount_rc": "55"},
		row{"customer_id": "'C3'", "owner_id": "'R1'", "days_past_due": "40", "open_amount_rc": "10"})
	w.insert("reps", row{"rep_id": "'R1'", "name": "'王芳'"})
	w.insert("customers", row{"customer_id": "'C2'", "name": "'苏州百川'", "valid_from": "'2020-01-01'"})
	promise := func(id, status, on string) row {
		return row{"customer_id": "'" + id + "'", "status": "'" + status + "'", "status_on": "'" + on + "'"}
	}
	w.insert("promise_outcomes", promise("C2", "broken", "2026-11-01"), promise("C2", "broken", "2026-09-01"), promise("C2", "broken", "2026-01-01"), promise("C2", "kept", "2026-11-02"),
		promise("C3", "broken", "2026-11-01"), promise("C3", "broken", "2026-01-01"), promise("PAID", "broken", "2026-11-01"), promise("PAID", "broken", "2026-11-02"))
	w.insert("top_exposures", row{"group_id": "'C2'", "group_name": "'苏州百川'", "share": "0.31", "overdue_rc": "50000"}, row{"group_id": "'C3'", "group_name": "NULL", "share": "0.1", "overdue_rc": "1"})
	slice := func(source, stream, status, ago string) row {
		at := "now64(6) - INTERVAL " + ago
		return row{"run_id": "generateUUIDv4()", "source": "'" + source + "'", "stream": "'" + stream + "'", "status": "'" + status + "'", "started_at": at, "finished_at": at}
	}
	w.insert("ops_slices", slice("erp", "invoices", "ok", "40 HOUR"), slice("erp", "invoices", "failed", "1 HOUR"), slice("erp", "payments", "partial", "1 HOUR"), slice("gone", "invoices", "ok", "60 DAY"))
	w.insert("ops_runs", row{"run_id": "'b1'", "kind": "'build'", "status": "'ok'", "started_at": "now64(6) - INTERVAL 1 HOUR", "finished_at": "now64(6) - INTERVAL 1 HOUR"})
	result := func(run, table, test, status, severity, at string) row {
		return row{"run_id": "'" + run + "'", "table_name": "'" + table + "'", "test": "'" + test + "'", "status": "'" + status + "'", "severity": "'" + severity + "'", "failed_rows": "3", "tested_at": "'" + at + "'"}
	}
	w.insert("ops_test_results", result("b2", "dso", "not_null_ar", "failed", "error", "2026-11-20 05:00:00"), result("b2", "dso", "unique", "passed", "error", "2026-11-20 05:00:00"),
		result("b1", "dso", "mended", "failed", "error", "2026-11-19 05:00:00"), result("b2", "vintage", "adds up", "error", "warn", "2026-11-20 05:00:00"))
	w.insert("ar_rollforward", row{"company": "'CN01'", "currency": "'CNY'", "check_amount": "0.01"}, row{"company": "'CN01'", "currency": "'CNY'", "check_amount": "-0.01"}, row{"company": "'CN01'", "currency": "'EUR'", "check_amount": "0"})
	balance := func(day, company, status string, open int) row {
		return row{"balance_date": "'" + day + "'", "company": "'" + company + "'", "currency": "'CNY'", "status": "'" + status + "'", "unexplained": fmt.Sprint(open)}
	}
	w.insert("tie_out", balance("2026-10-31", "CN01", "open", -1200), balance("2026-09-30", "CN01", "tied", 0), balance("2026-09-30", "DE01", "open", 5), balance("2026-10-31", "DE01", "late_postings", 7))
}

// Each rule reports what it is for and nothing beside it, one alert for each
// customer, company or test.
func TestAlertsFireForWhatIsWrongAndForNothingElse(t *testing.T) {
	w := alertWarehouse(t)
	trouble(w)
	want := map[string][]string{
		"dso":             {"DSO of CN01 is 75 days, above the target of 60"},
		"overdue-share":   {"Overdue share of CN01 has risen by 4.0 points since month-end, to 24.0 %"},
		"over-limit":      {"O'Neill & Söhne is over its credit limit by 25000 CNY", "苏州百川 is over its credit limit by 7000 CNY"},
		"broken-promises": {"苏州百川 has broken 2 promises to pay and still has overdue invoices"},
		"concentration":   {"苏州百川 owes 31.0 % of all receivables"},
		"stale-data":      {"No good run of erp invoices for 40 hours"},
		"failed-test":     {"Data test failed: ar is never empty (dso), 3 rows", "Data test failed: adds up (vintage), 3 rows"},
		"roll-forward":    {"Roll-forward of CN01 in CNY is off by 0.02"},
		"control-account": {"Receivables of CN01 differ from the control account by 1200.00 CNY"},
	}
	all := rules(t, dashboards.Locales()[0], dashboards.AlertOptions{})
	for name, r := range all {
		fires, rows := w.evaluate(r)
		if perCustomer := []string{"over-limit", "broken-promises", "concentration", "failed-test"}; slices.Contains(perCustomer, name) && rows != len(fires) {
			t.Errorf("%s sends Grafana %d rows of which %d fire: it would keep a state for each", name, rows, len(fires))
		}
		var got []string
		for _, a := range fires {
			got = append(got, a.texts["summary"])
			for _, text := range a.texts {
				if strings.Contains(text, "<no value>") || strings.Contains(text, "%!") || strings.Contains(text, "$") {
					t.Errorf("%s says %q", name, text)
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want[name])
		if !slices.Equal(got, want[name]) {
			t.Errorf("%s: got %q, want %q", name, got, want[name])
		}
	}
	for name := range want {
		if _, ok := all[name]; !ok {
			t.Errorf("there is no rule %s", name)
		}
	}
	fires, _ := w.evaluate(all["over-limit"])
	if i := slices.IndexFunc(fires, func(a alert) bool { return a.labels["customer_id"] == "A&B" }); i < 0 || fires[i].texts["customer_url"] != "http://grafana/d/huikuan-customer?var-customer=A%26B&orgId=1" ||
		!strings.Contains(fires[i].texts["description"], "Exposure is 125000, the limit 100000 CNY") || !strings.Contains(fires[i].texts["description"], "Owner: 王芳.") {
		t.Errorf("over the limit: %v", fires)
	}
}

func TestChineseAlertsReadAsSentences(t *testing.T) {
	w := alertWarehouse(t)
	trouble(w)
	all := rules(t, dashboards.Locales()[1], dashboards.AlertOptions{})
	for name, want := range map[string]string{
		"over-limit": "苏州百川 超过信用额度 0.7 万 CNY", "overdue-share": "CN01 逾期占比自上月末上升 4.0 个百分点，至 24.0%", "stale-data": "erp invoices 已有 40 小时未成功更新", "failed-test": "数据校验未通过：不为空：ar（dso），3 行",
	} {
		fires, _ := w.evaluate(all[name])
		if !slices.ContainsFunc(fires, func(a alert) bool { return a.texts["summary"] == want }) {
			t.Errorf("%s: %v, want %s", name, fires, want)
		}
		for _, a := range fires {
			if a.texts["customer_url"] != "" && !strings.HasPrefix(a.texts["customer_url"], "http://grafana/d/huikuan-customer-zh?") {
				t.Errorf("%s leads to %s", name, a.texts["customer_url"])
			}
		}
	}
}

// Without any data nothing is above a threshold, and the one rule that reports
// missing data has no rows, which is its state Alerting.
func TestAnEmptyWarehouseIsReportedOnce(t *testing.T) {
	w := alertWarehouse(t)
	for name, r := range rules(t, dashboards.Locales()[0], dashboards.AlertOptions{}) {
		fires, rows := w.evaluate(r)
		if len(fires) > 0 || name == "stale-data" && rows > 0 {
			t.Errorf("%s: %d rows, fires %v", name, rows, fires)
		}
		if name == "stale-data" {
			if text := message(t, r.Annotations["summary"], nil, nil); text != "There is no data, or it cannot be read" {
				t.Errorf("it says %q", text)
			}
		}
	}
}

func TestADataSetThatIsFreshAndInOrderRaisesNoAlarmAboutItself(t *testing.T) {
	w := built(t)
	for name, r := range rules(t, dashboards.Locales()[0], dashboards.AlertOptions{}) {
		fires, _ := w.evaluate(r)
		if name == "stale-data" || name == "roll-forward" {
			if len(fires) > 0 {
				t.Errorf("%s fires on a warehouse that was just built: %v", name, fires)
			}
		}
	}
}

// Where a query fails, Grafana sends the texts of the rule without labels and values.
func TestARuleWhoseQueryFailedSaysSo(t *testing.T) {
	for _, l := range dashboards.Locales() {
		for name, r := range rules(t, l, dashboards.AlertOptions{}) {
			for which, text := range r.Annotations {
				said := message(t, text, nil, nil)
				if strings.Contains(said, "no value") || strings.Contains(said, "%!") {
					t.Errorf("%s %s: %s says %q", l.Lang, name, which, said)
				}
				if want := l.T("Not checked: ") + r.Title; which == "summary" && name != "stale-data" && said != want {
					t.Errorf("%s %s says %q, want %q", l.Lang, name, said, want)
				}
			}
		}
	}
}
