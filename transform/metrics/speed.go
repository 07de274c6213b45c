package metrics

import (
	"slices"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// speedRow is one row of the dso table before it is written.
type speedRow struct {
	ar, notDue, overdue, credits, current money.Amount
	sales90, salesMonth, sales12          money.Amount
	begin, year                           money.Amount // net AR at the end of the previous month; sum of 13 month-ends
	disputed, disputedOverdue, delinquent money.Amount // delinquent: undisputed
	writtenOff                            money.Amount // of the month
	daysMonth                             int64
	dso90, dsoMonth, bpdso, add           Measure
	addUndisputed                         Measure
	countback, countbackDaily             CountbackResult
	weighted, cei, turnover               Measure
	ceiClean, ceiUndisputed               Measure
}

// series holds balances by as-of day and sales by day, of a scope or customer.
type series struct {
	cal                                   *calendar
	notDue, overdue, credits, begin, year []money.Amount // by as-of day
	disputed, disputedOverdue, writtenOff []money.Amount // by as-of day; written off in its month, up to it
	unknown                               []int32        // documents without a rate, by as-of day
	first                                 []ledger.Day   // first document of the members, by as-of day
	sales                                 []money.Amount // sums of all days before, by day
	origins                               origins
}

// row computes the measures of one as-of day.
func (s *series) row(i int, skipZero bool) speedRow {
	day := s.cal.points[i]
	r := speedRow{notDue: s.notDue[i], overdue: s.overdue[i], credits: s.credits[i], begin: s.begin[i], year: s.year[i]}
	r.disputed, r.disputedOverdue, r.writtenOff = s.disputed[i], s.disputedOverdue[i], s.writtenOff[i]
	r.ar = r.notDue + r.overdue + r.credits
	r.delinquent = UndisputedDelinquent(r.overdue, r.disputedOverdue, r.credits)
	r.current = CurrentAR(r.notDue, r.overdue, r.credits)
	monthStart := day.MonthStart()
	r.daysMonth = int64(day-monthStart) + 1
	r.sales90, r.salesMonth = s.sold(day-89, day), s.sold(monthStart, day)
	r.sales12 = s.sold(day.AddMonths(-12)+1, day)
	if day == day.MonthEnd() {
		r.sales12 = s.sold(day.AddMonths(-12).MonthEnd()+1, day)
	}
	s.window90(i, day, &r)
	r.dsoMonth = DaysSalesOutstanding(r.ar, r.salesMonth, r.daysMonth)
	s.walks(i, day, skipZero, &r)
	r.cei = Effectiveness(r.begin, r.salesMonth, r.ar, r.notDue)
	r.ceiClean = CleanEffectiveness(r.begin, r.salesMonth, r.ar, r.notDue, r.writtenOff)
	r.ceiUndisputed = UndisputedEffectiveness(r.begin, r.salesMonth, r.ar, r.notDue, r.disputedOverdue)
	if r.turnover = Turnover(r.sales12, r.year, 13); s.cal.month(day)-s.cal.month(s.first[i]) < 12 {
		r.turnover = undefined(InsufficientHistory)
	}
	return r
}

// window90 computes dso_90, bpdso, add_days and its twin, which share window and sales.
func (s *series) window90(i int, day ledger.Day, r *speedRow) {
	r.dso90 = DaysSalesOutstanding(r.ar, r.sales90, 90)
	if day-90 < s.first[i] { // the 90th day is one of the first 90
		r.dso90 = undefined(InsufficientHistory)
	}
	r.bpdso, r.add, r.addUndisputed = r.dso90, r.dso90, r.dso90
	if r.dso90.known() {
		r.bpdso = DaysSalesOutstanding(r.current, r.sales90, 90)
		r.add = defined(r.dso90.Value.Sub(r.bpdso.Value))
		r.addUndisputed = DaysSalesOutstanding(r.delinquent, r.sales90, 90)
	}
}

// walks computes the measures that go back through the months of sales.
func (s *series) walks(i int, day ledger.Day, skipZero bool, r *speedRow) {
	if r.ar == 0 && r.sales90 <= 0 {
		why := DaysSalesOutstanding(0, r.sales90, 90)
		r.countback, r.countbackDaily, r.weighted = CountbackResult{Measure: why}, CountbackResult{Measure: why}, why
		return
	}
	last, oldest := s.cal.month(day), s.cal.month(s.first[i])
	r.countback = Countback(r.ar, func(n int) (Period, bool) {
		if last-n < oldest {
			return Period{}, false
		}
		return s.monthOf(last-n, day), true
	}, skipZero)
	first := max(s.first[i], s.cal.first)
	r.countbackDaily = CountbackDaily(r.ar, func(n int) (money.Amount, bool) {
		d := day - ledger.Day(n)
		if d < first {
			return 0, false
		}
		return s.sold(d, d), true
	})
	if r.ar < 0 {
		r.weighted = undefined(CreditBalance)
		return
	}
	r.weighted = SalesWeighted(r.credits, func(n int) (OriginMonth, bool) {
		if n >= len(s.origins.used) || int(s.origins.used[n]) > last {
			return OriginMonth{}, false
		}
		m := s.origins.used[n]
		open := s.origins.at(m, i)
		if open == 0 {
			return OriginMonth{}, true
		}
		return OriginMonth{open, s.monthOf(int(m), day)}, true
	})
}

// monthOf returns sales and days of a month, up to day.
func (s *series) monthOf(m int, day ledger.Day) Period {
	last := min(s.cal.monthLast(m), day)
	start := s.cal.months[m]
	return Period{Sales: s.sold(start, last), Days: int64(last-start) + 1}
}

// sold returns the billings less credit notes from one day through another.
func (s *series) sold(from, to ledger.Day) money.Amount {
	lo, hi := max(0, int(from)-int(s.cal.first)), max(0, int(to)-int(s.cal.first)+1)
	return s.sales[hi] - s.sales[lo]
}

// balances are the lists by as-of day that add up over customers.
func (s *series) balances() [8]*[]money.Amount {
	return [...]*[]money.Amount{&s.notDue, &s.overdue, &s.credits, &s.begin, &s.year, &s.disputed, &s.disputedOverdue, &s.writtenOff}
}

// fill makes room for a new scope or customer.
func (s *series) fill(cal *calendar) {
	s.cal = cal
	n := len(cal.points)
	for _, list := range s.balances() {
		*list = slices.Grow((*list)[:0], n)[:n]
		clear(*list)
	}
	s.unknown = slices.Grow(s.unknown[:0], n)[:n]
	clear(s.unknown)
	s.first = slices.Grow(s.first[:0], n)[:n]
	for i := range s.first {
		s.first[i] = ledger.Forever
	}
	days := len(cal.pointAt) + 1
	s.sales = slices.Grow(s.sales[:0], days)[:days]
	clear(s.sales)
	s.origins.reset(cal)
}

// carry fills begin and year from the balances.
func (s *series) carry() {
	ends := s.cal.monthEnd
	ar := func(i int32) money.Amount { return s.notDue[i] + s.overdue[i] + s.credits[i] }
	var year money.Amount // of the 12 month-ends before month
	month := 0
	for i := range s.notDue {
		for m := s.cal.month(s.cal.points[i]); month < m; month++ {
			year += ar(ends[month])
			if month >= 12 {
				year -= ar(ends[month-12])
			}
		}
		s.begin[i] = 0
		if month > 0 {
			s.begin[i] = ar(ends[month-1])
		}
		s.year[i] = year + ar(int32(i))
	}
}

// origins holds what is open of each month's invoices, by as-of day: as
// differences until settle adds them up. Rows begin at the month's first point.
type origins struct {
	cal    *calendar
	rows   [][]money.Amount // by month; empty = unused
	from   []int32          // by month: the point its row begins at
	used   []int32          // months with a row; ascending after settle
	active []bool
}

func (o *origins) reset(cal *calendar) {
	for _, m := range o.used {
		o.active[m] = false
	}
	o.used = o.used[:0]
	if o.cal != cal {
		*o = origins{cal: cal, rows: make([][]money.Amount, len(cal.months)), from: make([]int32, len(cal.months)), active: make([]bool, len(cal.months))}
		for m, start := range cal.months {
			o.from[m] = cal.point(start)
		}
	}
}

func (o *origins) add(month, lo, hi int32, open money.Amount) {
	if !o.active[month] {
		n := len(o.cal.points) - int(o.from[month]) + 1
		if o.rows[month] == nil {
			o.rows[month] = make([]money.Amount, n)
		} else {
			clear(o.rows[month])
		}
		o.active[month] = true
		o.used = append(o.used, month)
	}
	row, from := o.rows[month], o.from[month]
	row[max(0, lo-from)] += open
	row[max(0, hi-from)] -= open
}

func (o *origins) settle() {
	slices.Sort(o.used)
	for _, m := range o.used {
		row := o.rows[m]
		for i := 1; i < len(row); i++ {
			row[i] += row[i-1]
		}
	}
}

func (o *origins) at(month int32, point int) money.Amount {
	if i := point - int(o.from[month]); i >= 0 {
		return o.rows[month][i]
	}
	return 0
}
