// Package behaviour tells how each customer pays, month by month: days to pay,
// days beyond terms, late and partial payments, habits (metrics B10-B13).
//
// In: instalments and their settlements as a replay wrote them ([Inputs]). Out:
// the table payment_behaviour. A month uses only what had been received and
// applied by its end, so that grades and warnings made from it do not look
// ahead. Never here: SQL, floats.
package behaviour

import (
	"huikuan/transform/derive"
	"huikuan/transform/schema"
)

// Table is the name of the table that [Build] writes.
const Table = "payment_behaviour"

// Tables describes the table that [Build] writes.
func Tables() []schema.Table {
	t := derive.NewTable(Table, "how a customer pays, month by month; a month knows only what was received and applied by its end (B10-B13). Months begin with the first receipt or the first day more than metrics.behaviour.first_late_days days late; those without receipts in their windows and without anything open have no row. Windows count back from month_end by receipt date; "+
		"weights are amounts in reporting currency at the invoice's rate; instalments cleared by credit or write-off are left out", "company", "customer_id", "month")
	t.Date("month", "first day of the month").Date("month_end", "last day of the month, or the as-of day; end of every window").
		Text("company", "legal entity").Text("customer_id", "customer")
	t.Int("n_w90", "instalments with cash received in the last metrics.behaviour.recent_days days").
		Int("n_w365", "instalments with cash received in the last metrics.behaviour.year_days days").
		Int("settled_count", "instalments settled by cash whose last receipt is in the last metrics.behaviour.year_days days; denominator of days_to_pay_settled and days_late_settled").
		Int("settled_count_ever", "instalments settled by cash up to month_end").
		Int("settled_late_count", "part of settled_count whose last receipt is after the due date; denominator of days_late_when_late").
		Int("consecutive_late", "latest instalments settled by cash, all late, without one on time between them")
	weighted(t, "w90", "the last metrics.behaviour.recent_days days")
	weighted(t, "w365", "the last metrics.behaviour.year_days days")
	weighted(t, "prior_w365", "the metrics.behaviour.year_days days before the recent ones")
	t.OptExact("days_with_open_numerator", "days_to_pay_w365_numerator + days from invoice to month_end x what is open; NULL = no exchange rate").
		OptMoney("days_with_open_denominator", "days_to_pay_w365_denominator + what is open, reporting currency; NULL = no exchange rate").
		Ratio("days_with_open", "the same with what is still open, so that slow items are not left out until they are paid, days (B11)")
	t.OptExact("terms_numerator", "days from invoice to due date x cash, last metrics.behaviour.year_days days; NULL = no exchange rate").
		Ratio("terms_weighted", "terms_numerator / days_to_pay_w365_denominator, days (B13); terms_weighted + days_beyond_terms_signed = days_to_pay_w365, exactly").
		OptExact("days_beyond_terms_signed_numerator", "days from due date to receipt, early ones negative, x cash, last metrics.behaviour.year_days days; NULL = no exchange rate").
		Ratio("days_beyond_terms_signed", "days_beyond_terms_signed_numerator / days_to_pay_w365_denominator, days, early payment counts negative (B12)").
		OptExact("days_beyond_terms_floored_numerator", "days late, 0 when early, x cash, last metrics.behaviour.year_days days; NULL = no exchange rate").
		Ratio("days_beyond_terms_floored", "days_beyond_terms_floored_numerator / days_to_pay_w365_denominator, days, early payment counts 0 (B12)")
	t.Int("days_to_pay_settled_numerator", "days from invoice to last receipt, summed over settled_count").
		Ratio("days_to_pay_settled", "days_to_pay_settled_numerator / settled_count, days (B10)").
		Int("days_late_settled_numerator", "days from due date to last receipt, 0 when early, summed over settled_count").
		Ratio("days_late_settled", "days_late_settled_numerator / settled_count, days late over all settled (B12)").
		Ratio("days_late_when_late", "days_late_settled_numerator / settled_late_count, days late over the late ones only (B12)").
		OptInt("p25_days_to_pay", "days from invoice to last receipt that a quarter of settled_count do not exceed").
		OptInt("p50_days_to_pay", "median days from invoice to last receipt of settled_count").
		OptInt("p80_days_to_pay", "days from invoice to last receipt that four fifths of settled_count do not exceed")
	t.OptDate("first_over_30_late_on", "first day on which an instalment of the customer was more than metrics.behaviour.first_late_days days late, up to month_end, whether or not the customer ever paid; NULL = never").
		Int("partial_payment_count_w90", "receipts of the last metrics.behaviour.recent_days days that left their instalment open").
		Int("partial_payment_count_w365", "receipts of the last metrics.behaviour.year_days days that left their instalment open").
		Int("round_sum_count_w90", "payments of the last metrics.behaviour.recent_days days applied with a round sum that left an instalment open (the sum a multiple of round_sum, document currency)").
		Int("round_sum_count_w365", "the same in the last metrics.behaviour.year_days days").
		OptInt("usual_weekday", "weekday of most receipts in the last metrics.behaviour.year_days days, 1 = Monday; NULL = fewer than 3 receipts").
		OptInt("usual_day_of_month", "day of the month of most receipts in the last metrics.behaviour.year_days days; NULL = fewer than 3 receipts")
	t.Ratio("cycle_ratio", "days_to_pay_w90 / days_to_pay_prior_w365, fraction; above 1 = pays more slowly").
		Ratio("cycle_change", "days_to_pay_w90 - days_to_pay_prior_w365, days").
		Ratio("cycle_prior_w365", "days_to_pay_prior_w365 again, days")
	t.OptLabel("reason_w90", "why days_to_pay_w90 is NULL: no_receipts, missing_rate").
		OptLabel("reason_w365", "why days_to_pay_w365, days_beyond_terms and terms_weighted are NULL: no_receipts, missing_rate").
		OptLabel("reason_prior", "why days_to_pay_prior_w365 is NULL: insufficient_history, no_receipts, missing_rate").
		OptLabel("reason_open", "why days_with_open is NULL: no_receipts, missing_rate").
		OptLabel("reason_settled", "why days_to_pay_settled, days_late_settled and the percentiles are NULL: no_receipts").
		OptLabel("reason_late", "why days_late_when_late is NULL: no_receipts, none_late").
		OptLabel("reason_habit", "why usual_weekday and usual_day_of_month are NULL: insufficient_history").
		OptLabel("reason_cycle", "why cycle_ratio is NULL: insufficient_history, no_receipts, missing_rate, zero_days")
	return []schema.Table{t.Table}
}

// weighted adds the amount-weighted days to pay of one window.
func weighted(t *derive.Table, window, text string) {
	name := "days_to_pay_" + window
	t.OptExact(name+"_numerator", "days from invoice to receipt x cash received in "+text+"; NULL = no exchange rate").
		OptMoney(name+"_denominator", "cash received in "+text+", reporting currency at the invoice's rate; NULL = no exchange rate").
		Ratio(name, name+"_numerator / "+name+"_denominator, days, partial payments included (B11)")
}
