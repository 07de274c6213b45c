// Package forecast tells what cash to expect in which week, from what is open
// and how long customers like these have taken to pay (metrics F1), keeps what
// it told, and compares it with what came (F2).
//
// In: open and settled instalments, promises, unapplied cash as a replay wrote
// them ([Inputs]). Out: the tables cash_forecast, cash_forecast_backtest and
// cash_forecast_ledger. The same input gives the same bytes. Never here: SQL,
// floats for money.
package forecast

import (
	"huikuan/transform/derive"
	"huikuan/transform/schema"
)

// Names of the tables.
const (
	Forecast = "cash_forecast"
	Backtest = "cash_forecast_backtest"
	Ledger   = "cash_forecast_ledger"
)

// Weeks is how far a forecast reaches. Week 1 is the seven days after the
// as-of day.
const Weeks = 13

// Tables describes the tables that every build writes anew.
func Tables() []schema.Table {
	f := derive.NewTable(Forecast, "cash expected from the items open on as_of, in each of the 13 weeks after it (F1). Week 1 is the seven days after as_of, so its first day is a Monday "+
		"where as_of is a Sunday. Rows of one customer, currency and week exist where any figure is not 0", "company", "customer_id", "basis", "currency", "week_no")
	f.Date("as_of", "end of this day").Text("company", "legal entity").Text("customer_id", "customer; empty for the sales plan").OptLabel("segment", "segment of the customer on as_of")
	columns(f)
	b := derive.NewTable(Backtest, "the forecast as it would have been made at each of the last metrics.forecast.backtest_months month-ends, without looking ahead, beside the cash that came on the items then open (F2). "+
		"WAPE = sum of |forecast - actual| / sum of actual over complete weeks", "scope", "scope_id", "origin", "week_no")
	b.Date("origin", "month-end at which the forecast is made").Date("week", "first day of the week").Int("week_no", "1 = the seven days after origin, up to 13").
		Label("scope", "group, company, segment").Text("scope_id", "identifier within the scope; empty for the group").
		Label("currency", "reporting currency of every amount here, at the invoice's rate").
		Money("forecast", "expected cash of the week").
		OptMoney("low", "lower band, from the origins whose week was over by then and what is known today of their cash; NULL = fewer than 4 of them").
		OptMoney("high", "upper band, from the origins whose week was over by then and what is known today of their cash; NULL = fewer than 4 of them").
		Money("naive", "the same items expected on their due dates, those overdue in week 1").
		OptMoney("actual", "cash received in the week on the items open at origin; NULL = the week is not over").
		Flag("complete", "the week lies before the end of the as-of day")
	return []schema.Table{f.Table, b.Table}
}

// Kept describes the table that every build adds to and none replaces.
func Kept() []schema.Table {
	l := derive.NewTable(Ledger, "every forecast that was ever published, one set a build, to be scored when the weeks have passed; nothing is overwritten", "company", "customer_id", "as_of", "created_at", "basis", "currency", "week_no")
	l.Class = schema.Log
	l.Instant("created_at", "instant the forecast was made, UTC").Text("build_id", "build that made it").
		Date("as_of", "end of this day").Text("company", "legal entity").Text("customer_id", "customer; empty for the sales plan").OptLabel("segment", "segment of the customer on as_of")
	columns(l)
	return []schema.Table{l.Table}
}

const bands = "expected x what came of the whole forecast for this week in past month-ends, never on the other side of expected: "

// columns adds what the forecast and its ledger share.
func columns(t *derive.Table) {
	t.Label("basis", "open_items = open invoices by pattern, promise or plan line; sales_plan = sales not yet billed, by the configured plan").
		Label("currency", "document currency").
		Date("week", "first day of the week").Int("week_no", "1 = the seven days after as_of, up to 13").
		Twins("expected", "expected cash of the week").
		OptMoney("low", bands+"a quarter of the outcomes lay below; NULL = fewer than 4 origins").OptMoney("low_rc", "the same in reporting currency; NULL = fewer than 4 origins, or no exchange rate").
		OptMoney("high", bands+"a quarter of the outcomes lay above; NULL = fewer than 4 origins").OptMoney("high_rc", "the same in reporting currency; NULL = fewer than 4 origins, or no exchange rate").
		Twins("naive_due_date", "cash if every item were paid on its due date, those overdue in week 1").
		Twins("from_promises", "part of expected that rests on promises and plan lines")
}
