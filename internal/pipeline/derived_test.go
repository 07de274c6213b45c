package pipeline

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// derivedHold asks what is derived from the replay to agree with the replay's
// own tables, and the forecasts of every build to be kept.
func derivedHold(t *testing.T, a *App, builds int) {
	t.Helper()
	for what, sql := range map[string]string{
		"the bridge adds up to the change":             "SELECT * FROM dso_bridge WHERE reason IS NULL AND dso_from + terms + speed + mix + disputes + write_offs + fx != dso_to",
		"the bridge begins and ends at dso":            "SELECT * FROM dso_bridge AS b JOIN dso AS d ON d.scope = b.scope AND d.scope_id = b.scope_id AND d.as_of = b.to_month_end WHERE b.dso_to IS DISTINCT FROM d.dso_90",
		"every build's forecast is kept once":          fmt.Sprintf("SELECT uniqExact(build_id) AS n FROM cash_forecast_ledger HAVING n != %d", builds),
		"the last build's forecast is the one kept":    "SELECT count() AS n, sum(expected) AS e FROM cash_forecast_ledger WHERE created_at = (SELECT max(created_at) FROM cash_forecast_ledger) HAVING (n, e) != (SELECT (count(), sum(expected)) FROM cash_forecast)",
		"no more is expected than is open":             "SELECT (SELECT sum(expected) FROM cash_forecast) AS e WHERE e <= 0 OR e > (SELECT sum(open_amount) FROM ar_open_items)",
		"due dates hold no more than is open":          "SELECT company, customer_id, currency FROM cash_forecast AS f JOIN (SELECT company, customer_id, currency, sum(open_amount) AS open FROM ar_open_items GROUP BY ALL) AS o USING (company, customer_id, currency) GROUP BY ALL HAVING sum(f.naive_due_date) > any(o.open)",
		"the group of the backtest is its companies":   "SELECT origin, week_no FROM cash_forecast_backtest GROUP BY ALL HAVING sumIf(forecast, scope = 'group') != sumIf(forecast, scope = 'company') OR sumIf(actual, scope = 'group') != sumIf(actual, scope = 'segment')",
		"twelve month-ends are tested":                 "SELECT uniqExact(origin) AS n FROM cash_forecast_backtest HAVING n != 12",
		"days to pay are terms and days beyond them":   "SELECT * FROM payment_behaviour WHERE terms_weighted + days_beyond_terms_signed != days_to_pay_w365 OR terms_numerator + days_beyond_terms_signed_numerator != days_to_pay_w365_numerator",
		"cash of behaviour is cash of the settlements": "SELECT b.company, b.customer_id FROM payment_behaviour AS b JOIN (SELECT company, customer_id, sum(amount_rc) AS cash FROM ar_settlements WHERE kind = 'cash' AND receipt_date > (SELECT as_of - 90 FROM ar_as_of) GROUP BY ALL) AS s USING (company, customer_id) WHERE b.month_end = (SELECT as_of FROM ar_as_of) AND b.days_to_pay_w90_denominator > s.cash",
		"a customer's first late day was late":         "SELECT customer_id FROM payment_behaviour WHERE first_over_30_late_on > month_end",
		"late customers have their first late day":     "SELECT company, customer_id FROM ar_open_items WHERE days_past_due > 30 AND (company, customer_id) NOT IN (SELECT company, customer_id FROM payment_behaviour WHERE month_end = (SELECT as_of FROM ar_as_of) AND first_over_30_late_on IS NOT NULL)",
	} {
		rows, err := a.All(t.Context(), sql)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if len(rows) > 0 {
			t.Errorf("%s: %d rows, such as %v", what, len(rows), rows[0])
		}
	}
	if rows, err := a.All(t.Context(), "SELECT count() FROM dso_bridge WHERE reason IS NULL"); err != nil || fmt.Sprint(rows) == "[[0]]" {
		t.Errorf("no bridge is told: %v, %v", rows, err)
	}
}

// bridgeHolds asks for the bridge between two month-ends that do not follow
// each other.
func bridgeHolds(t *testing.T, a *App, asOf time.Time) {
	t.Helper()
	to, err := a.LastMonthEnd(t.Context())
	if want := asOf.AddDate(0, 0, -asOf.Day()); err != nil || asOf.AddDate(0, 0, 1).Day() != 1 && !to.Equal(want) || MonthEndBefore(to).AddDate(0, 0, 1).Day() != 1 || !MonthEndBefore(to).Before(to) {
		t.Errorf("last month-ends %s and %s, want %s, %v", MonthEndBefore(to), to, want, err)
	}
	lines, err := a.Bridge(t.Context(), to.AddDate(0, 0, 1).AddDate(0, -4, -1), to, "segment")
	whole := func(l BridgeLine) bool { return len(l.Effects) == 6 }
	if err != nil || len(lines) < 2 || !slices.ContainsFunc(lines, whole) {
		t.Errorf("bridge of the segments: %+v, %v", lines, err)
	}
	if lines, err := a.Bridge(t.Context(), MonthEndBefore(to), to, ""); err != nil || len(lines) != 1 {
		t.Errorf("bridge of the last month: %+v, %v", lines, err)
	}
	for _, scope := range []string{"galaxy", "segment=nobody"} {
		if _, err := a.Bridge(t.Context(), to, to, scope); err == nil {
			t.Errorf("a bridge of %s is no error", scope)
		}
	}
}
