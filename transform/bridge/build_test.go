package bridge

import (
	"context"
	"slices"
	"strings"
	"testing"

	"huikuan/transform/derive"
	"huikuan/transform/derive/derivetest"
	"huikuan/transform/ledger"
)

// euros are what one customer has at two month-ends in EUR: the same twice.
func euros() derivetest.Source {
	src := derivetest.Source{Declared: append(slices.Clone(Inputs()), derive.SegmentsInput()), Inputs: map[string][]derivetest.Row{
		InRates: {{"currency": "EUR", "rate_constant": "1.1"}, {"currency": "GBP"}},
		InDSO: {
			{"scope": "group", "as_of": "2026-01-31", "ar_rc": "3300", "sales_90_rc": "9900", "dso_90": "30"},
			{"scope": "group", "as_of": "2026-02-28", "ar_rc": "3600", "sales_90_rc": "10000", "dso_90": "32.4"},
			{"scope": "segment", "scope_id": "RETAIL", "as_of": "2026-01-31", "ar_rc": "3300", "sales_90_rc": "9900", "dso_90": "30"},
			{"scope": "segment", "scope_id": "RETAIL", "as_of": "2026-02-28", "ar_rc": "0", "sales_90_rc": "0", "reason_90": "no_sales"},
		},
	}}
	for _, day := range []string{"2026-01-31", "2026-02-28"} {
		src.Inputs[InCustomers] = append(src.Inputs[InCustomers], derivetest.Row{"company": "main", "customer_id": "C1", "currency": "EUR", "as_of": day,
			"net_ar": "3000", "disputed": "100", "sales": "9000", "terms_days": "270000", "terms_amount": "9000"})
	}
	return src
}

func compute(t *testing.T, src derivetest.Source) map[string]Row {
	t.Helper()
	rows, err := Compute(context.Background(), src, Options{Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]Row{}
	for _, r := range rows {
		out[r.Scope+" "+r.ID+" "+r.Span] = r
	}
	return out
}

func TestWhereOnlyExchangeRatesMovedOnlyTheyExplain(t *testing.T) {
	rows := compute(t, euros())
	r := rows["group  month"]
	if r.Reason != "" || r.Effects[FX].String() != "2.4000000000" {
		t.Errorf("rates %s, reason %q", r.Effects[FX], r.Reason)
	}
	for i, e := range r.Effects[:FX] {
		if e.Sign() != 0 {
			t.Errorf("effect %d is %s", i, e)
		}
	}
	if r := rows["segment RETAIL month"]; r.Reason != "no_sales" {
		t.Errorf("a scope without DSO at one end has reason %q", r.Reason)
	}
}

func TestACurrencyWithoutRateLeavesTheBridgeUndefined(t *testing.T) {
	src := euros()
	src.Inputs[InCustomers] = append(src.Inputs[InCustomers], derivetest.Row{"company": "main", "customer_id": "C2", "currency": "GBP", "as_of": "2026-02-28", "net_ar": "1"})
	if r := compute(t, src)["group  month"]; r.Reason != "missing_rate" {
		t.Errorf("reason %q", r.Reason)
	}
}

func TestWriteOffsOfAllMonthsBetweenTheEndsCount(t *testing.T) {
	src := euros()
	src.Inputs[InDSO] = append(src.Inputs[InDSO], derivetest.Row{"scope": "group", "as_of": "2026-03-31", "ar_rc": "3300", "sales_90_rc": "9900", "dso_90": "30"})
	src.Inputs[InCustomers][1]["written_off"] = "50"
	src.Inputs[InCustomers] = append(src.Inputs[InCustomers], derivetest.Row{"company": "main", "customer_id": "C1", "currency": "EUR", "as_of": "2026-03-31",
		"net_ar": "3000", "disputed": "100", "sales": "9000", "terms_days": "270000", "terms_amount": "9000", "written_off": "150"})
	pair := Pair{From: ledger.DayOf(2026, 1, 31), To: ledger.DayOf(2026, 3, 31)}
	rows, err := Compute(context.Background(), src, Options{Currency: "USD", Pairs: []Pair{pair}})
	if err != nil || len(rows) == 0 {
		t.Fatal(rows, err)
	}
	if e := rows[0].Effects; !strings.HasPrefix(e[WriteOffs].String(), "-2.0000000000") || !strings.HasPrefix(e[Speed].String(), "2.0000000000") { // 200 of 9,000 in 90 days
		t.Errorf("effects %v", e)
	}
}
