package report

import (
	"sort"
	"strings"
	"time"

	"huikuan/dashboards"
)

// SegmentAge is the open amount of a segment by age.
type SegmentAge struct {
	Segment       string
	Open, Overdue Figure
	Buckets       []Figure
}

// add leaves out what is unknown; how much that is the page says by the
// number of balances without a rate.
func add(sum, f Figure) Figure {
	switch {
	case !f.Known:
		return sum
	case !sum.Known:
		return f
	}
	return sum.Plus(f)
}

func sortByShare(list []SegmentAge) {
	sort.SliceStable(list, func(i, j int) bool {
		return list[i].Overdue.Over(list[i].Open).Value.GreaterThan(list[j].Overdue.Over(list[j].Open).Value)
	})
}

// Total sums a column over all customers.
func (p *Pack) Total(of func(Customer) Figure) Figure {
	var sum Figure
	for _, c := range p.Customers {
		sum = add(sum, of(c))
	}
	return sum
}

// RepTotal is the line below the table of reps.
func (p *Pack) RepTotal() Rep {
	var t Rep
	for _, r := range p.Reps {
		t.Collected, t.Target, t.Open, t.Overdue = add(t.Collected, r.Collected), add(t.Target, r.Target), add(t.Open, r.Open), add(t.Overdue, r.Overdue)
		t.Visits, t.PromisesKept, t.PromisesDue = add(t.Visits, r.Visits), add(t.PromisesKept, r.PromisesKept), add(t.PromisesDue, r.PromisesDue)
	}
	t.Attainment = t.Collected.Over(t.Target)
	return t
}

// AllowanceTotal is the line below the table of expected losses.
func (p *Pack) AllowanceTotal() BucketLoss {
	var t BucketLoss
	for _, b := range p.Allowance {
		t.Gross, t.Allowance, t.Before = add(t.Gross, b.Gross), add(t.Allowance, b.Allowance), add(t.Before, b.Before)
	}
	return t
}

// Month0 is the movement of the month reported on, nil where there is none.
func (p *Pack) Month0() *Movement {
	m := p.moved(0)
	if !m.Opening.Known {
		return nil
	}
	return &m
}

// OpenTotal is what all customers owe together, before unapplied cash and credits.
func (p *Pack) OpenTotal() Figure { return p.Total(func(c Customer) Figure { return c.Open }) }

// OverdueTotal is the overdue part of [Pack.OpenTotal].
func (p *Pack) OverdueTotal() Figure { return p.Total(func(c Customer) Figure { return c.Overdue }) }

// WithoutRates says how many balances no figure includes, for want of an exchange rate.
func (p *Pack) WithoutRates() string {
	f := p.balance(0).WithoutRate
	if !f.Known || f.Value.IsZero() {
		return ""
	}
	return p.show(f, Count) + " " + p.t("balances have no exchange rate and are in no amount.")
}

// BucketTitle is how people call a bucket of the provision matrix.
func (p *Pack) BucketTitle(name string) string {
	for _, b := range dashboards.Buckets() {
		if strings.ReplaceAll(b.Title, "–", "-") == name || b.Column == name || (name == "366+" && b.Column == "d366_plus") {
			return p.t(b.Title)
		}
	}
	return name
}

// MonthBefore is the month-end that figures are compared with first.
func (p *Pack) MonthBefore() time.Time { return monthsBefore(p.AsOf, 1) }

// YearBefore is the month-end that figures are compared with second.
func (p *Pack) YearBefore() time.Time { return monthsBefore(p.AsOf, 12) }
