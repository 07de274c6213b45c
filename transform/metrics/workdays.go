package metrics

import (
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// pace writes how far the month has come and what is left to collect (C10).
func (r *reps) pace(out *rows, ref *ledger.Reference, month ledger.Day, m *repMonth, cash repCash, attainment Measure) {
	elapsed, whole := ref.Workdays(month, min(month.MonthEnd(), r.cal.asOf)), ref.Workdays(month, month.MonthEnd())
	runRate, left := attainment, whole-elapsed
	if attainment.known() {
		if runRate = undefined(NoWorkdays); elapsed > 0 {
			runRate = defined(money.Ratio(cash.collected, whole, m.target).Over(elapsed))
		}
	}
	out.integer(elapsed)
	out.integer(whole)
	out.measure(runRate)
	known := m.targets > 0 && cash.unknown == 0 && left > 0
	var needed money.Amount
	if known && m.target > cash.collected {
		needed = (m.target - cash.collected).Div(left)
	}
	out.optMoney(needed, known)
}
