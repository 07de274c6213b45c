package dashboards_test

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"
)

// settlement is what reduced an instalment: cash with the day it came, or not.
type settlement struct {
	at       instalment
	day      string // of the receipt
	rc       float64
	cash     bool
	finished bool // nothing is left after it
}

// settlements go through what reduced invoices by the day, in order: it goes to
// the instalment that was due first.
func (c *credit) settlements(t *testing.T, w *warehouse) (list []settlement) {
	t.Helper()
	type part struct {
		day, received string
		amount        int64
	}
	parts, receipts := map[string][]part{}, map[string]receipt{}
	for _, x := range c.receipts {
		receipts[x.id] = x
	}
	for _, u := range c.used {
		if x := receipts[u.of]; u.day <= c.day && x.day <= c.day {
			received := x.day
			if x.credit {
				received = ""
			}
			parts[u.invoice] = append(parts[u.invoice], part{u.day, received, u.amount})
		}
	}
	out, err := w.query(`SELECT invoice_id, toString(application_date), toInt64(ifNull(discount_amount, 0) * 10000) FROM allocations WHERE ifNull(discount_amount, 0) != 0
		UNION ALL SELECT invoice_id, toString(write_off_date), toInt64(amount * 10000) FROM write_offs`)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range out.rows {
		if day := row[1].(string); day <= c.day {
			parts[row[0].(string)] = append(parts[row[0].(string)], part{day, "", row[2].(int64)})
		}
	}
	for invoice := range parts {
		slices.SortStableFunc(parts[invoice], func(a, b part) int { return strings.Compare(a.day, b.day) })
	}
	for _, i := range c.items {
		left := i.amount
		for k := range parts[i.invoice] {
			p := &parts[i.invoice][k]
			if take := min(left, p.amount); take > 0 {
				left, p.amount = left-take, p.amount-take
				list = append(list, settlement{i, p.received, c.in(selection{}, take, i.currency, i.invoiced), p.received != "", left == 0})
			}
		}
	}
	return list
}

// inDispute is what disputes hold of an item on the day, at most what is open.
func (c *credit) inDispute(i instalment) int64 {
	amount := int64(0)
	for _, x := range c.disputes {
		if x.invoice == i.invoice && x.opened <= c.day && x.closed > c.day {
			amount += x.amount
		}
	}
	return min(i.open, amount)
}

// score of a customer by E8; known is false with fewer than three items settled by cash.
type score struct {
	points float64
	known  bool
}

func (s score) grade() string {
	if !s.known {
		return ""
	}
	return []string{"A", "B", "C", "D", "E"}[slices.IndexFunc([]float64{15, 30, 50, 70, math.Inf(1)}, func(bound float64) bool { return s.points < bound })]
}

func (c *credit) scores(t *testing.T, w *warehouse) map[string]score {
	type facts struct{ open, overdue, disputed, cash, beyond, recent, recentDays, before, beforeDays, settled, broken float64 }
	of := map[string]*facts{}
	at := func(customer string) *facts {
		if of[customer] == nil {
			of[customer] = &facts{}
		}
		return of[customer]
	}
	for _, i := range c.open(selection{}, c.day) {
		f, amount := at(i.customer), c.in(selection{}, i.open, i.currency, c.day)
		f.open += amount
		f.disputed += c.in(selection{}, c.inDispute(i), i.currency, c.day)
		if i.late(c.day) > 0 {
			f.overdue += amount
		}
	}
	days := func(from, to string) float64 { return float64(instalment{due: from}.late(to)) }
	for _, s := range c.settlements(t, w) {
		f := at(s.at.customer)
		if !s.cash {
			continue
		}
		if s.finished {
			f.settled++
		}
		if s.day > after(c.day, -365) {
			f.cash += s.rc
			f.beyond += s.rc * max(0, days(s.at.due, s.day))
		}
		switch {
		case s.day > after(c.day, -90):
			f.recent, f.recentDays = f.recent+s.rc, f.recentDays+s.rc*days(s.at.invoiced, s.day)
		case s.day > after(c.day, -455):
			f.before, f.beforeDays = f.before+s.rc, f.beforeDays+s.rc*days(s.at.invoiced, s.day)
		}
	}
	for _, p := range c.pledges {
		if p.status == "broken" && p.decided > yearBefore(c.day) {
			at(p.customer).broken++
		}
	}
	exposure, _ := c.exposure()
	out := map[string]score{}
	share := func(part, whole float64) float64 {
		if whole == 0 {
			return 0
		}
		return part / whole
	}
	for customer, f := range of {
		points := min(30, 60*share(f.overdue, f.open)) + min(25, 0.5*share(f.beyond, f.cash)) + min(15, 5*f.broken) + min(5, 50*share(f.disputed, f.open))
		points += map[string]float64{"over": 15, "no credit": 15, "near": 8}[c.limitFlag(customer, exposure[customer])]
		if f.before > 0 && share(f.recentDays, f.recent)/(f.beforeDays/f.before) >= 1.2 {
			points += 10
		}
		out[customer] = score{points, f.settled >= 3}
	}
	return out
}

// yearBefore is the day a year before, by the calendar.
func yearBefore(day string) string {
	year := day[:4]
	return strings.Replace(day, year, string([]byte{year[0], year[1], year[2], year[3] - 1}), 1)
}

// toCall is a line of the worklist (G1).
type toCall struct {
	customer          string
	priority, overdue float64
	oldest            int
}

// worklist orders the customers with something overdue; those with a live
// promise are waited for.
func (c *credit) worklist(scores map[string]score) []toCall {
	of, undisputed, largest := map[string]*toCall{}, map[string]float64{}, 0.0
	for _, i := range c.open(selection{}, c.day) {
		if i.late(c.day) <= 0 {
			continue
		}
		if of[i.customer] == nil {
			of[i.customer] = &toCall{customer: i.customer}
		}
		o, disputed := of[i.customer], c.inDispute(i)
		o.overdue += c.in(selection{}, i.open, i.currency, i.invoiced)
		undisputed[i.customer] += c.in(selection{}, i.open-disputed, i.currency, i.invoiced)
		if disputed < i.open {
			o.oldest = max(o.oldest, i.late(c.day))
		}
		largest = max(largest, undisputed[i.customer])
	}
	var list []toCall
	for customer, o := range of {
		broken, live, last := false, false, pledge{}
		for _, p := range c.pledges {
			if p.customer != customer || p.status == "moved" || p.status == "cancelled" {
				continue
			}
			live = live || p.status == "open"
			if cmp.Or(strings.Compare(p.made, last.made), strings.Compare(p.due, last.due), strings.Compare(p.id, last.id)) > 0 {
				last, broken = p, p.status == "broken" || p.status == "partial"
			}
		}
		if live {
			continue
		}
		risk := 50.0
		if s := scores[customer]; s.known {
			risk = s.points
		}
		o.priority = (40*math.Sqrt(max(0, undisputed[customer]/largest)) + 25*min(1, float64(o.oldest)/90) + 20*risk/100 + 15*float64(btoi(broken))) * undisputed[customer] / o.overdue
		list = append(list, *o)
	}
	slices.SortFunc(list, func(a, b toCall) int {
		return cmp.Or(-cmp.Compare(math.Round(a.priority*1e4), math.Round(b.priority*1e4)), -cmp.Compare(a.overdue, b.overdue), strings.Compare(a.customer, b.customer))
	})
	return list
}
