package metrics

import (
	"cmp"
	"maps"
	"slices"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// merge adds the sums of another worker, or with sign -1 takes them out again.
func (r *reps) merge(other *reps, sign int64) {
	for key, months := range other.list {
		mine := r.rep(key.company, key.rep)
		for m := range months {
			mine[m].merge(&months[m], sign)
		}
	}
	for company, months := range other.totals {
		mine := r.total(company)
		for m := range months {
			mine[m].merge(&months[m], sign)
		}
	}
}

// setTargets adds the targets, converted at the year's budget rate where there
// is one, else at the rate of the month's first day.
func (r *reps) setTargets(ref *ledger.Reference, rates *ledger.Rates, currency string, checks *checkList) {
	for _, t := range ref.Targets {
		if t.Month < r.cal.first || t.Month > r.cal.asOf {
			continue
		}
		rate, ok := rates.Budget(t.Currency, currency, t.Month)
		if !ok {
			checks.fail(checkMissingFX, "target of %s for %s: no rate from %s to %s", t.Rep, t.Month, t.Currency, currency)
			continue
		}
		row := &r.rep(r.targetCompany(ref, t.Rep), t.Rep)[r.cal.month(t.Month)]
		row.target += t.Amount.Convert(rate)
		row.targets++
	}
}

// targetCompany is the rep's company, else the one in which the rep has
// collected most, the first by name of those that are equal.
func (r *reps) targetCompany(ref *ledger.Reference, rep string) string {
	if c := ref.Reps[rep].Company; c != "" {
		return c
	}
	found, most, any := "", money.Amount(0), false
	for key := range r.list {
		if key.rep != rep || !r.collects(key) {
			continue
		}
		var collected money.Amount
		for m := range r.list[key] {
			collected += r.list[key][m].collected
		}
		// A row without a company is the last to be taken.
		better := cmp.Or(cmp.Compare(most, collected), boolOrder(found == "", key.company == ""), cmp.Compare(key.company, found)) < 0
		if !any || better {
			found, most, any = key.company, collected, true
		}
	}
	if !any && len(ref.Companies) == 1 {
		return ref.Companies[0].ID
	}
	return found
}

// boolOrder is negative when only a is true.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// check compares the sums over reps with those of the companies.
func (r *reps) check(checks *checkList) {
	sums := map[string][]repMonth{}
	for key, months := range r.list {
		if sums[key.company] == nil {
			sums[key.company] = make([]repMonth, len(months))
		}
		for m := range months {
			sums[key.company][m].add(&months[m])
		}
	}
	// What reps have in a company that has nothing is at fault too, and the other way round.
	companies := slices.AppendSeq(slices.Collect(maps.Keys(r.totals)), maps.Keys(sums))
	slices.Sort(companies)
	for _, c := range slices.Compact(companies) {
		if sums[c] == nil {
			sums[c] = make([]repMonth, len(r.cal.months))
		}
		r.checkBases(c, sums[c], checks)
		for m := range r.cal.months {
			var total repMonth
			if r.totals[c] != nil {
				total = r.totals[c][m]
			}
			r.checkMonth(c, m, &sums[c][m], &total, checks)
		}
	}
}

// checkMonth compares a month of a company's reps with that of the company.
func (r *reps) checkMonth(company string, m int, sum, total *repMonth, checks *checkList) {
	if sum.collected != total.collected || sum.sales != total.sales || sum.closingOpen != total.closingOpen {
		checks.fail(checkRepTotals, "company %s %s: collected %s of %s, sales %s of %s, open %s of %s", company, r.cal.months[m],
			sum.collected, total.collected, sum.sales, total.sales, sum.closingOpen, total.closingOpen)
	}
	if sum.billed != total.billed {
		checks.fail(checkRepSplits, "company %s %s: billed %s of %s", company, r.cal.months[m], sum.billed, total.billed)
	}
	if sum.att.rep[attCollected] != total.collected || sum.att.rep[attBilled] != total.billed || sum.att.rep[attClosingOpen] != total.closingOpen {
		checks.fail(checkAnyBasis, "company %s %s: by invoice rep collected %s of %s, billed %s of %s, open %s of %s", company, r.cal.months[m],
			sum.att.rep[attCollected], total.collected, sum.att.rep[attBilled], total.billed, sum.att.rep[attClosingOpen], total.closingOpen)
	}
}

// rows writes the table by month, company and rep; months without anything to
// say are left out.
func (r *reps) rows(out *rows, ref *ledger.Reference, currency string) {
	keys := r.keys()
	for m, month := range r.cal.months {
		everywhere := r.everywhere(m)
		for _, key := range keys {
			if row := r.list[key][m]; !row.empty() {
				r.row(out, ref, currency, key, month, &row, everywhere[key.rep], r.rank(keys, key, m))
			}
		}
	}
}

// repCash is what a rep has collected in all companies: a target names none.
type repCash struct {
	collected money.Amount
	unknown   int64 // what has no rate
}

func (r *reps) everywhere(month int) map[string]repCash {
	out := map[string]repCash{}
	for key, months := range r.list {
		c := out[key.rep]
		out[key.rep] = repCash{c.collected + months[month].collected, c.unknown + months[month].unknown}
	}
	return out
}

// collects tells whether a rep has a row of rep_collection in any month.
func (r *reps) collects(key repKey) bool {
	return slices.ContainsFunc(r.list[key], func(m repMonth) bool { return !m.empty() })
}

// busy tells whether a rep has sums in any month.
func (r *reps) busy(key repKey) bool { return busy(r.list[key]) }

func busy(months []repMonth) bool {
	for _, m := range months {
		if m != (repMonth{}) {
			return true
		}
	}
	return false
}

// rank is 1 + the number of reps with a row in the month and company who
// collected more.
func (r *reps) rank(keys []repKey, key repKey, month int) int64 {
	if key.rep == ledger.Unassigned {
		return 0
	}
	rank := int64(1)
	for _, other := range keys {
		m := &r.list[other][month]
		if other.company == key.company && other.rep != ledger.Unassigned && m.collected > r.list[key][month].collected && !m.empty() {
			rank++
		}
	}
	return rank
}

func (r *reps) row(out *rows, ref *ledger.Reference, currency string, key repKey, month ledger.Day, m *repMonth, cash repCash, rank int64) {
	collection := CollectionRate(m.collectedDue, m.denominator)
	numerator, collectable := m.openingNet+m.sales-m.closingNet, m.openingNet+m.sales
	rateCollectable, rateRevenue := CollectionRate(numerator, collectable), RevenueRate(numerator, m.sales)
	dueUndisputed, collectableUndisputed, revenueUndisputed := m.denominator-m.disputedDue, collectable-m.closingDisputed, m.sales-m.disputedSales
	undisputed := [...]Measure{CollectionRate(m.collectedDue, dueUndisputed), CollectionRate(numerator, collectableUndisputed), RevenueRate(numerator, revenueUndisputed)}
	onTime, onTimeCount := share(m.onTime, m.onTimeBase), share(money.Amount(m.onTimeCount), money.Amount(m.onTimeCountBase))
	daysToPay := WeightedDays(m.daysToPay, money.WideOf(int64(m.daysToPayCash)))
	settled := WeightedDays(m.settledDays, money.WideOf(int64(m.settledCount)))
	attainment := undefined(NoTarget)
	if m.targets > 0 && m.target != 0 {
		attainment = fraction(cash.collected, m.target)
	}
	if m.unknown > 0 || m.targets > 0 && cash.unknown > 0 {
		attainment = undefined(MissingRate)
	}
	if m.unknown > 0 {
		for _, x := range []*Measure{&collection, &rateCollectable, &rateRevenue, &onTime, &daysToPay, &undisputed[0], &undisputed[1], &undisputed[2]} {
			*x = undefined(MissingRate)
		}
	}
	out.date(month)
	out.text(key.company)
	out.text(key.rep)
	out.optText(ref.Reps[key.rep].Name)
	out.optText(ref.Reps[key.rep].Team)
	out.text(currency)
	for _, a := range []money.Amount{m.openingOpen, m.openingOverdue, m.fellDue, m.openingOverdue + m.fellDue - m.reduced - m.denominator, m.reduced,
		m.collected, m.collectedDue, m.collectedEarly, m.collectedUnapplied, m.denominator} {
		out.money(a)
	}
	out.measure(collection)
	out.money(m.disputedDue)
	out.money(dueUndisputed)
	out.measure(undisputed[0])
	for _, a := range []money.Amount{m.sales, m.openingNet, m.closingNet, numerator, collectable} {
		out.money(a)
	}
	out.measure(rateCollectable)
	out.measure(rateRevenue)
	out.money(m.closingDisputed)
	out.money(collectableUndisputed)
	out.measure(undisputed[1])
	out.money(m.disputedSales)
	out.money(revenueUndisputed)
	out.measure(undisputed[2])
	for _, a := range []money.Amount{m.billed, m.writtenOff, m.onTime, m.onTimeBase} {
		out.money(a)
	}
	out.measure(onTime)
	out.wide(money.WideOf(int64(m.onTimeCount)))
	out.wide(money.WideOf(int64(m.onTimeCountBase)))
	out.measure(onTimeCount)
	out.wide(m.daysToPay.Times(money.RateUnits / money.AmountUnits))
	out.money(m.daysToPayCash)
	out.measure(daysToPay)
	out.wide(m.settledDays)
	out.wide(money.WideOf(int64(m.settledCount)))
	out.measure(settled)
	for _, a := range []money.Amount{m.closingOpen, m.closingOverdue, m.closingUnapplied} {
		out.money(a)
	}
	for _, n := range []int64{m.visits, m.promisesMade, m.promisesDue, m.promisesKept} {
		out.integer(n)
	}
	out.money(m.promisesDueAmount)
	out.money(m.promisesKeptAmount)
	out.optMoney(m.target, m.targets > 0)
	out.measure(attainment)
	r.pace(out, ref, month, m, cash, attainment)
	out.money(m.transfersIn)
	out.money(m.transfersOut)
	out.optInteger(rank)
	for _, x := range []Measure{collection, rateCollectable, rateRevenue, onTime, daysToPay, attainment, undisputed[0], undisputed[1], undisputed[2]} {
		out.optText(string(x.Reason))
	}
	out.end()
}

// share is a part of what fell due; undefined where nothing did.
func share(part, whole money.Amount) Measure {
	if whole <= 0 {
		return undefined(NothingDue)
	}
	return fraction(part, whole)
}
