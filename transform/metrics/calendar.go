package metrics

import (
	"slices"

	"huikuan/transform/ledger"
)

// calendar knows the days at which balances are taken ("points") and the
// stretches over which flows are added up ("periods").
type calendar struct {
	first, asOf ledger.Day // first day of the first month; last day
	months      []ledger.Day
	monthEnd    []int32 // per month: the point at its end (the last month: at asOf)

	points    []ledger.Day
	pointAt   []int32 // per day since first: the first point on or after it
	asOfIndex []int32 // per point: its place among the as-of days, −1 for a day that only divides periods

	periods  []period
	periodAt []int32 // per day since first
}

// period is a month, or the part of a month under one owner.
type period struct {
	month int32
	end   int32 // point at its end
	start ledger.Day
}

// newCalendar lists every month-end from first's month on, and each of the last
// daily days up to asOf.
func newCalendar(first, asOf ledger.Day, daily int) *calendar {
	c := &calendar{first: first.MonthStart(), asOf: asOf}
	for m := c.first; m <= asOf; m = m.AddMonths(1) {
		c.months = append(c.months, m)
		if end := m.MonthEnd(); end < asOf {
			c.points = append(c.points, end)
		}
	}
	for d := max(first, asOf-ledger.Day(daily)+1); d <= asOf; d++ {
		c.points = append(c.points, d)
	}
	if len(c.points) == 0 || c.points[len(c.points)-1] != asOf {
		c.points = append(c.points, asOf)
	}
	slices.Sort(c.points)
	c.points = slices.Compact(c.points)
	c.asOfIndex = make([]int32, len(c.points))
	for i := range c.asOfIndex {
		c.asOfIndex[i] = int32(i)
	}
	c.index(nil)
	return c
}

// divided returns a calendar whose months are divided at the given days (first
// days under another owner), reusing into.
func (c *calendar) divided(into *calendar, breaks []ledger.Day) *calendar {
	into.first, into.asOf, into.months = c.first, c.asOf, c.months
	into.points, into.asOfIndex = into.points[:0], into.asOfIndex[:0]
	next := 0
	for i, p := range c.points {
		for ; next < len(breaks) && breaks[next]-1 <= p; next++ {
			if eve := breaks[next] - 1; eve < p && eve >= c.first {
				into.points, into.asOfIndex = append(into.points, eve), append(into.asOfIndex, -1)
			}
		}
		into.points, into.asOfIndex = append(into.points, p), append(into.asOfIndex, c.asOfIndex[i])
	}
	into.index(breaks)
	return into
}

// index fills the tables by day.
func (c *calendar) index(breaks []ledger.Day) {
	days := int(c.asOf-c.first) + 1
	c.pointAt = slices.Grow(c.pointAt[:0], days)[:days]
	c.periodAt = slices.Grow(c.periodAt[:0], days)[:days]
	c.periods, c.monthEnd = c.periods[:0], c.monthEnd[:0]
	point, month, brk := 0, -1, 0
	for i := range days {
		d := c.first + ledger.Day(i)
		if c.points[point] < d {
			point++
		}
		c.pointAt[i] = int32(point)
		for brk < len(breaks) && breaks[brk] < d {
			brk++
		}
		newMonth := month+1 < len(c.months) && c.months[month+1] == d
		if newMonth {
			month++
		}
		if newMonth || brk < len(breaks) && breaks[brk] == d {
			c.periods = append(c.periods, period{month: int32(month), start: d})
		}
		c.periodAt[i] = int32(len(c.periods) - 1)
	}
	for i := range c.periods {
		last := c.asOf
		if i+1 < len(c.periods) {
			last = c.periods[i+1].start - 1
		}
		c.periods[i].end = c.point(last)
	}
	for m := range c.months {
		c.monthEnd = append(c.monthEnd, c.point(c.monthLast(m)))
	}
}

// point returns the first point on or after the day; the number of points when
// there is none.
func (c *calendar) point(d ledger.Day) int32 {
	switch i := int(d) - int(c.first); {
	case d <= c.first:
		return c.pointAt[0]
	case i >= len(c.pointAt):
		return int32(len(c.points))
	default:
		return c.pointAt[i]
	}
}

// period returns the period of a day; days before the history count to its first.
func (c *calendar) period(d ledger.Day) int32 {
	if d <= c.first {
		return 0
	}
	return c.periodAt[min(int(d-c.first), len(c.periodAt)-1)]
}

// month returns the month of a day; days before the history count to its first,
// days after it are not a month (len(months)).
func (c *calendar) month(d ledger.Day) int {
	switch {
	case d <= c.first:
		return 0
	case d > c.asOf:
		return len(c.months)
	}
	return int(c.periods[c.periodAt[d-c.first]].month)
}

// monthLast returns the last day of a month, to date in the last one.
func (c *calendar) monthLast(m int) ledger.Day {
	if m+1 < len(c.months) {
		return c.months[m+1] - 1
	}
	return c.asOf
}
