// Package bridge explains why DSO moved between two month-ends: terms, speed,
// mix, disputes, write-offs and exchange rates, each in days, adding up exactly
// to the change.
//
// In: balances, sales and terms by customer at both ends ([Inputs]). Out: the
// table dso_bridge. Never here: SQL, floats.
package bridge

import (
	"huikuan/transform/derive"
	"huikuan/transform/schema"
)

// Table is the name of the table that [Build] writes.
const Table = "dso_bridge"

// Tables describes the table that [Build] writes.
func Tables() []schema.Table {
	t := derive.NewTable(Table, "why DSO (90 days, B3) moved between two month-ends; dso_from + terms + speed + mix + disputes + write_offs + fx = dso_to, exactly. Negative = fewer days",
		"scope", "scope_id", "to_month_end", "span")
	t.Date("from_month_end", "opening month-end").Date("to_month_end", "closing month-end; the last one is the as-of day").
		Label("span", "month = the month-end before, year = the same month last year").
		Label("scope", "group, company, segment").Text("scope_id", "identifier within the scope; empty for the group").
		Label("currency", "reporting currency of the amounts").
		OptMoney("ar_from", "net AR at from_month_end").OptMoney("sales_from", "sales of the 90 days to from_month_end").
		OptMoney("ar_to", "net AR at to_month_end").OptMoney("sales_to", "sales of the 90 days to to_month_end").
		Ratio("dso_from", "ar_from / sales_from x 90, days").
		Ratio("terms", "customers were granted longer or shorter terms, days").
		Ratio("speed", "undisputed items were paid faster or more slowly against their terms, days").
		Ratio("mix", "sales moved between customers that pay fast and slowly, days").
		Ratio("disputes", "more or less was disputed, days").
		Ratio("write_offs", "write-offs between the two month-ends took items out of AR, days, never above 0 where nothing was taken back").
		Ratio("fx", "exchange rates moved between billing and balance, days").
		Ratio("dso_to", "ar_to / sales_to x 90, days").
		OptLabel("reason", "why the bridge is NULL: no_sales, sales_nonpositive, credit_balance, insufficient_history, missing_rate")
	return []schema.Table{t.Table}
}
