package metrics

import (
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// writeSpeedRow writes one row of the dso table. known tells whether the
// figures of own are known, knownRC the same of those in reporting currency.
func writeSpeedRow(r *rows, day ledger.Day, scope, id, currency string, own, rc *speedRow, known, knownRC bool) {
	if !known {
		own = &speedRow{}
		for _, m := range []*Measure{&own.dso90, &own.dsoMonth, &own.bpdso, &own.add, &own.addUndisputed, &own.ceiClean, &own.ceiUndisputed, &own.countback.Measure, &own.countbackDaily.Measure, &own.weighted, &own.cei, &own.turnover} {
			*m = undefined(MissingRate)
		}
	}
	twins := func(a, b money.Amount) {
		r.optMoney(a, known)
		r.optMoney(b, knownRC)
	}
	r.date(day)
	r.text(scope)
	r.text(id)
	r.text(currency)
	twins(own.ar, rc.ar)
	twins(own.notDue, rc.notDue)
	twins(own.overdue, rc.overdue)
	twins(own.credits, rc.credits)
	twins(own.disputed, rc.disputed)
	twins(own.disputedOverdue, rc.disputedOverdue)
	twins(own.current, rc.current)
	twins(own.sales90, rc.sales90)
	twins(own.salesMonth, rc.salesMonth)
	twins(own.sales12, rc.sales12)
	r.integer(int64(day-day.MonthStart()) + 1)
	writeDays(r, own, rc, known, knownRC)
	twins(own.delinquent, rc.delinquent)
	r.measure(own.addUndisputed)
	writeRatios(r, own, rc, twins)
	reasons := []Reason{own.dso90.Reason, own.dsoMonth.Reason, own.countback.Reason, own.weighted.Reason, own.cei.Reason, own.turnover.Reason, own.ceiUndisputed.Reason}
	first := own.countbackDaily.Reason
	for i := len(reasons) - 1; i >= 0; i-- {
		if reasons[i] != Defined {
			first = reasons[i]
		}
	}
	r.optText(string(first))
	for _, why := range reasons {
		r.optText(string(why))
	}
	r.end()
}

func writeDays(r *rows, own, rc *speedRow, known, knownRC bool) {
	r.measure(own.dso90)
	r.measure(own.dsoMonth)
	r.measure(own.countback.Measure)
	r.measure(own.countbackDaily.Measure)
	bounded := func(row *speedRow, known bool) bool {
		return known && row.countback.Reason != CreditBalance && row.ar >= 0
	}
	r.optWide(own.countback.LowerBound, bounded(own, known))
	r.optMoney(own.countback.Uncovered, bounded(own, known))
	r.optMoney(rc.countback.Uncovered, bounded(rc, knownRC))
	r.measure(own.weighted)
	r.measure(own.bpdso)
	r.measure(own.add)
}

func writeRatios(r *rows, own, rc *speedRow, twins func(a, b money.Amount)) {
	numerator := func(x *speedRow) money.Amount { return x.begin + x.salesMonth - x.ar }
	denominator := func(x *speedRow) money.Amount { return x.begin + x.salesMonth - x.notDue }
	twins(numerator(own), numerator(rc))
	twins(denominator(own), denominator(rc))
	r.measure(own.cei)
	twins(own.writtenOff, rc.writtenOff)
	twins(numerator(own)-own.writtenOff, numerator(rc)-rc.writtenOff)
	r.measure(own.ceiClean)
	twins(denominator(own)-own.disputedOverdue, denominator(rc)-rc.disputedOverdue)
	r.measure(own.ceiUndisputed)
	average := func(x *speedRow) (money.Amount, bool) {
		return x.year.Div(13), x.turnover.Reason != InsufficientHistory
	}
	a, ok := average(own)
	r.optMoney(a, ok && own.turnover.Reason != MissingRate)
	a, ok = average(rc)
	r.optMoney(a, ok && rc.turnover.Reason != MissingRate)
	r.measure(own.turnover)
}
