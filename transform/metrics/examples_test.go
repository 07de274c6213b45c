package metrics

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// example is a worked example of the trade, with the figures of its source.
type example struct {
	Name, Kind, Source, URL string
	Inputs                  map[string]any
	Expected                map[string]any
	Tolerance               float64
	Published               any
	looked                  map[string]bool // expectations that were looked at
}

// The examples go through the functions, or the whole build, that make the tables.
func TestWorkedExamples(t *testing.T) {
	data, err := os.ReadFile("testdata/examples.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []example
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	if err := d.Decode(&list); err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		t.Run(e.Name, func(t *testing.T) {
			work := workedExamples[e.Name]
			if work == nil {
				t.Fatal("nobody computes this example")
			}
			e.looked = map[string]bool{}
			work(t, &e)
			for name := range e.Expected {
				if !e.looked[name] && !slices.Contains(notOurs[e.Name], name) {
					t.Errorf("nothing is compared with %s", name)
				}
			}
			if e.Source == "" || len(e.Inputs) == 0 {
				t.Error("an example names its source and inputs")
			}
		})
	}
}

// notOurs are expectations that tell what others print, and what a model
// computes: aging_fifo_net has the example as its unit test.
var notOurs = map[string][]string{
	"aging_erpnext_day0_conflict": {"erpnext_0_30", "erpnext_sum_of_buckets"},
	"dso_cortex_conflict":         {"cortex"},
	"dso_quarter_vs_annualised":   {"dso_annualised_x4_365"},
	"crf_medians_do_not_subtract": {"cei", "pct_current", "pct_over_91"},
	"unapplied_cash":              {"aging_fifo_net"},
}

// expected returns an expectation and notes that it was looked at.
func (e *example) expected(name string) any {
	e.looked[name] = true
	return e.Expected[name]
}

func (e *example) in(name string) money.Amount { return jsonAmount(e.Inputs[name]) }

func jsonAmount(v any) money.Amount { return amount(fmt.Sprint(v)) }

func jsonAmounts(v any) (out []money.Amount) {
	for _, x := range v.([]any) {
		out = append(out, jsonAmount(x))
	}
	return out
}

// want compares a computed figure with an expected one.
func (e *example) want(t *testing.T, name string, got string) {
	t.Helper()
	if _, known := e.Expected[name]; !known {
		t.Fatalf("no expectation %s", name)
	}
	want := e.expected(name)
	if want == nil {
		if got != "NULL" {
			t.Errorf("%s = %s, want NULL", name, got)
		}
		return
	}
	if math.Abs(number(got)-number(fmt.Sprint(want))) > e.Tolerance+1e-9 {
		t.Errorf("%s = %s, want %v (%s)", name, got, want, e.Source)
	}
	if e.Kind == "published-with-error" && math.Abs(number(got)-number(fmt.Sprint(e.Published))) < 1 {
		t.Errorf("%s = %s repeats the published error", name, got)
	}
}

func text1(m Measure) string {
	if !m.known() {
		return "NULL"
	}
	return m.Value.String()
}

var workedExamples = map[string]func(*testing.T, *example){
	"aging_due_boundaries_leap": func(t *testing.T, e *example) {
		out := agingBuild(t, e)
		buckets, total := map[string]money.Amount{}, amount("0")
		for _, row := range out[OpenItems] {
			buckets[row["bucket"]] += amount(row["open_amount"])
			total += amount(row["open_amount"])
			if want := e.expected("days_past_due").(map[string]any)[row["invoice_id"]]; row["days_past_due"] != fmt.Sprint(want) {
				t.Errorf("%s: %s days past due, want %v", row["invoice_id"], row["days_past_due"], want)
			}
		}
		for name, want := range e.expected("buckets").(map[string]any) {
			if buckets[name] != jsonAmount(want) {
				t.Errorf("%s = %s, want %v", name, buckets[name], want)
			}
		}
		e.want(t, "total", total.String())
	},
	"aging_erpnext_day0_conflict": func(t *testing.T, e *example) {
		row := agingBuild(t, e).find(t, Snapshots, "as_of", "2024-03-31")
		e.want(t, "ours_not_due", row["not_due"])
		e.want(t, "ours_1_30", row["d1_30"])
		e.want(t, "erpnext_outstanding", row["open_amount"])
	},
	"asof_reconstruction_partial_payments": func(t *testing.T, e *example) {
		v := e.Inputs["invoice"].(map[string]any)
		b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", v["invoice_date"].(string), v["due"].(string), fmt.Sprint(v["amount"]))}}
		for i, a := range e.Inputs["allocations"].([]any) {
			a := a.(map[string]any)
			id := fmt.Sprint(i)
			b.Payments = append(b.Payments, payment("P"+id, a["date"].(string), fmt.Sprint(a["amount"])))
			b.Allocations = append(b.Allocations, alloc("A"+id, "P"+id, "I", a["date"].(string), fmt.Sprint(a["amount"])))
		}
		columns := map[string]string{"not_due": "not_due", "1-30": "d1_30", "31-60": "d31_60"}
		out, _ := buildTables(t, b, "2024-04-30", func(o *Options) { o.DailyDays = 150 })
		for d := range e.Expected {
			want := e.expected(d).(map[string]any)
			row := rowOf(out[Snapshots], "as_of", d)
			if want["bucket"] == nil {
				if row != nil {
					t.Errorf("%s: a row where nothing is open", d)
				}
				continue
			}
			expect(t, row, "open_amount", strings.TrimSuffix(fmt.Sprint(want["open"]), ".0"))
			if row[columns[want["bucket"].(string)]] != row["open_amount"] {
				t.Errorf("%s: not in %v: %v", d, want["bucket"], row)
			}
		}
	},
	"terms_split_fifo": func(t *testing.T, e *example) {
		b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-01", "2024-01-01", "100")},
			Payments: []ledgertest.Payment{payment("P", "2024-01-02", fmt.Sprint(e.Inputs["payment"]))}, Allocations: []ledgertest.Allocation{alloc("A", "P", "I", "2024-01-02", fmt.Sprint(e.Inputs["payment"]))}}
		for i, a := range jsonAmounts(e.Inputs["terms"]) {
			b.Instalments = append(b.Instalments, ledgertest.Instalment{Invoice: "I", Seq: int64(i + 1), Due: day("2024-01-31") + ledger.Day(30*i), Amount: a})
		}
		out, _ := buildTables(t, b, "2024-01-31")
		for i, want := range jsonAmounts(e.expected("outstanding")) {
			row := rowOf(out[OpenItems], "instalment_seq", fmt.Sprint(i+1))
			if want == 0 && row != nil || want != 0 && amount(row["open_amount"]) != want {
				t.Errorf("instalment %d: %v, want %s", i+1, row, want)
			}
		}
		for i, want := range jsonAmounts(e.expected("paid")) {
			if paid := out.find(t, Items, "instalment_seq", fmt.Sprint(i+1))["cash"]; amount(paid) != want {
				t.Errorf("instalment %d: %s paid, want %s", i+1, paid, want)
			}
		}
	},
	"fx_revaluation_erpnext": func(t *testing.T, e *example) {
		b := fxBooks("100", "0", 80*money.One, 80*money.One, 85*money.One)
		out, _ := buildTables(t, b, "2024-01-31", func(o *Options) { o.ReportingCurrency = "INR" })
		row := out.find(t, Snapshots, "as_of", "2024-01-31")
		e.want(t, "base_at_invoice_rate", row["open_amount_rc"])
		e.want(t, "unrealised_fx", row["unrealised_fx_rc"])
		e.want(t, "base_at_asof_rate", (amount(row["open_amount_rc"]) + amount(row["unrealised_fx_rc"])).String())
	},
	"aging_by_invoice_date_year_bands": func(t *testing.T, e *example) {
		got := map[string]money.Amount{}
		for _, x := range e.Inputs["items"].([]any) {
			x := x.(map[string]any)
			band := YearBand(day(x["invoice_date"].(string)), day(e.Inputs["as_of"].(string)))
			if band == "3-4y" || band == "4-5y" || band == "5y+" {
				band = "3y+"
			}
			got[band] += jsonAmount(x["open"])
		}
		for band := range e.Expected {
			e.want(t, band, got[band].String())
		}
	},
	"rollforward_basic": func(t *testing.T, e *example) {
		f := [flowCount]money.Amount{flowInvoiced: e.in("invoices"), flowDebit: e.in("debit_notes"), flowCredited: -e.in("credit_notes"), flowCash: -e.in("cash_receipts"),
			flowDiscounts: -e.in("cash_discounts"), flowWrittenOff: -e.in("write_offs"), flowRefunds: e.in("refunds"), flowFX: e.in("fx")}
		e.want(t, "check", check(e.in("opening"), &f, jsonAmount(e.expected("closing"))).String())
		e.want(t, "closing", check(e.in("opening"), &f, 0).String())
	},
	"rollforward_fx": func(t *testing.T, e *example) {
		b := fxBooks("1000", "400", 11_000_000_000, 10_800_000_000, 11_200_000_000)
		out, _ := buildTables(t, b, "2024-01-31", func(o *Options) { o.ReportingCurrency = "INR" })
		row, end := out.find(t, RollForward, "month", "2024-01-01"), out.find(t, Snapshots, "as_of", "2024-01-31")
		expect(t, row, "opening_rc", "0", "check_amount_rc", "0", "fx", "0")
		e.want(t, "billings_base", row["invoiced_rc"])
		e.want(t, "cash_base", row["cash_rc"])
		e.want(t, "realised_fx", row["fx_rc"])
		e.want(t, "closing_at_invoice_rate", row["closing_rc"])
		e.want(t, "unrealised_fx", end["unrealised_fx_rc"])
		e.want(t, "closing_at_asof_rate", (amount(row["closing_rc"]) + amount(end["unrealised_fx_rc"])).String())
	},
	"dso_jde_balance_over_sales": func(t *testing.T, e *example) {
		sales := amount("0")
		for _, s := range jsonAmounts(e.Inputs["sales"]) {
			sales += s
		}
		e.want(t, "dso", text1(DaysSalesOutstanding(e.in("ar"), sales, 90)))
	},
	"dso_creditguru":   periodDSO,
	"dso_annual_mesha": periodDSO,
	"bpdso_creditguru": func(t *testing.T, e *example) {
		e.want(t, "bpdso", text1(DaysSalesOutstanding(CurrentAR(e.in("current_ar"), 0, 0), e.in("sales"), 30)))
	},
	"add_creditguru": func(t *testing.T, e *example) {
		dso, bpdso := DaysSalesOutstanding(amount("15000"), amount("10000"), 30), DaysSalesOutstanding(amount("4000"), amount("10000"), 30)
		e.want(t, "add", dso.Value.Sub(bpdso.Value).String())
	},
	"crf_medians_do_not_subtract": func(t *testing.T, e *example) {
		e.want(t, "dso_minus_bpdso", (e.in("dso") - e.in("bpdso")).String())
		if e.in("dso")-e.in("bpdso") == jsonAmount(e.expected("crf_median_add")) {
			t.Error("medians do not subtract")
		}
	},
	"dso_countback_benjipays":            countback,
	"dso_countback_calendar_days":        countback,
	"dso_countback_insufficient_history": countback,
	"dso_zero_sales":                     undefinedDSO,
	"dso_negative_ar":                    undefinedDSO,
	"dso_cortex_conflict": func(t *testing.T, e *example) {
		e.want(t, "ours", text1(DaysSalesOutstanding(e.in("ar_total"), e.in("sales_window"), 61)))
	},
	"dso_quarter_vs_annualised": func(t *testing.T, e *example) {
		e.want(t, "dso_period", text1(DaysSalesOutstanding(e.in("ar"), e.in("sales_quarter"), 91)))
	},
	"dso_sales_weighted": func(t *testing.T, e *example) {
		part := func(group, m string) money.Amount { return jsonAmount(e.Inputs[group].(map[string]any)[m]) }
		months := []string{"M2", "M1", "M0"}
		e.want(t, "dso_sw", text1(SalesWeighted(0, func(n int) (OriginMonth, bool) {
			if n == len(months) {
				return OriginMonth{}, false
			}
			m := months[n]
			return OriginMonth{part("open_by_origin", m), Period{part("sales", m), int64(part("days", m) / money.AmountUnits)}}, true
		})))
	},
	// The amount-weighted age index (B6) is the sales-weighted sum with ages in place of the days of a month. No column
	// carries it: it is not on the scale of DSO.
	"dso_true_oracle_acm": func(t *testing.T, e *example) {
		items := e.Inputs["items"].([]any)
		e.want(t, "true_dso", text1(SalesWeighted(0, func(n int) (OriginMonth, bool) {
			if n == len(items) {
				return OriginMonth{}, false
			}
			of := func(name string) money.Amount { return jsonAmount(items[n].(map[string]any)[name]) }
			return OriginMonth{of("open"), Period{of("month_sales"), int64(of("age_days") / money.AmountUnits)}}, true
		})))
	},
	"cei_creditguru_sales_div_n": func(t *testing.T, e *example) {
		e.want(t, "cei", percent(Effectiveness(e.in("begin_ar"), e.in("credit_sales")/3, e.in("end_ar"), e.in("end_current"))))
	},
	"cei_full_sales_same_data": cei,
	"cei_nothing_due":          cei,
	"cei_calculatorshub_wrong": cei,
	"turnover_avg_of_ends": func(t *testing.T, e *example) {
		turnover := Turnover(e.in("net_credit_sales"), e.in("begin_ar")+e.in("end_ar"), 2)
		e.want(t, "avg_ar", ((e.in("begin_ar") + e.in("end_ar")) / 2).String())
		e.want(t, "turnover", text1(turnover))
		e.want(t, "days", money.Whole(365).OverWide(turnover.Value).String())
	},
	"adtp_sage50": func(t *testing.T, e *example) {
		var sum money.Wide
		days := jsonAmounts(e.Inputs["days"])
		for _, d := range days {
			sum = sum.Add(money.WideOf(int64(d / money.AmountUnits)))
		}
		e.want(t, "adtp", text1(WeightedDays(sum, money.WideOf(int64(len(days))))))
	},
	"wadtp_d365": func(t *testing.T, e *example) {
		b := &ledgertest.Books{}
		for i, x := range e.Inputs["invoices"].([]any) {
			x := x.(map[string]any)
			id := fmt.Sprint(i)
			paid := day("2024-01-01") + ledger.Day(jsonAmount(x["days"])/money.AmountUnits)
			b.Invoices = append(b.Invoices, invoice(id, "2024-01-01", "2024-01-31", fmt.Sprint(x["amount"])))
			b.Payments = append(b.Payments, payment(id, paid.String(), fmt.Sprint(x["amount"])))
			b.Allocations = append(b.Allocations, alloc(id, id, id, paid.String(), fmt.Sprint(x["amount"])))
		}
		out, _ := buildTables(t, b, "2024-01-31")
		row := out.find(t, RepCollection, "month", "2024-01-01")
		e.want(t, "wadtp", row["days_to_pay"])
		e.want(t, "adtp", row["days_to_pay_settled"])
	},
	"collection_rate_cn_conflict": func(t *testing.T, e *example) {
		collected := e.in("begin_ar") + e.in("revenue") - e.in("end_ar")
		e.want(t, "rate_of_collectable", text1(CollectionRate(collected, e.in("begin_ar")+e.in("revenue"))))
		e.want(t, "rate_of_revenue", text1(RevenueRate(collected, e.in("revenue"))))
	},
	"collection_rate_due_basis":        dueBasis,
	"rep_attribution_split_and_change": attribution,
	"promise_kept":                     promises,
	"visit_effectiveness":              visitExample,
	"unapplied_cash": func(t *testing.T, e *example) {
		b := &ledgertest.Books{Invoices: []ledgertest.Invoice{invoice("I", "2024-01-01", "2024-01-22", "1000")}, Payments: []ledgertest.Payment{payment("P", "2024-03-01", "300")}}
		out, _ := buildTables(t, b, "2024-03-02")
		row := out.find(t, Snapshots, "as_of", "2024-03-02")
		e.want(t, "unapplied", (-amount(row["unapplied"])).String())
		for name, want := range e.expected("aging_default").(map[string]any) {
			if column := map[string]string{"31-60": "d31_60", "unapplied": "unapplied"}[name]; amount(row[column]) != jsonAmount(want) {
				t.Errorf("%s = %s, want %v", name, row[column], want)
			}
		}
		e.want(t, "gross_invoices", row["open_amount"])
		e.want(t, "net_balance", row["net_ar"])
	},
}
