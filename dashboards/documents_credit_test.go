package dashboards_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// credit is what the documents say of promises, limits and risk, worked out here
// by the rules of docs/metrics.md: D1 for promises, E7 for limits, E8 for grades,
// G1 for the worklist, with the values that ship.
type credit struct {
	*documents
	day     string
	pledges []pledge
	limits  map[string]float64 // by customer, at closing rates
}

// pledge is a promise or a line of a plan, and what became of it.
type pledge struct {
	id, source, customer, invoice, rep, currency, made, due, replaced string
	line                                                              int64
	amount, reduced, paid                                             float64
	status, decided                                                   string
}

func readCredit(t *testing.T, w *warehouse, d *documents, day string) *credit {
	t.Helper()
	c := &credit{documents: d, day: day, limits: map[string]float64{}}
	read := func(query string, each func(s func(int) string)) {
		t.Helper()
		out, err := w.query(query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		for _, row := range out.rows {
			each(func(i int) string { return fmt.Sprint(row[i]) })
		}
	}
	number := func(text string) (v float64) {
		if _, err := fmt.Sscan(text, &v); err != nil {
			t.Fatal(err)
		}
		return v
	}
	read(`SELECT p.promise_id, p.source, p.customer_id, ifNull(p.invoice_id, ''), ifNull(v.rep_id, ''), p.currency, toString(p.made_on), toString(p.due_date), toFloat64(p.amount), toInt64(0), ''
		FROM promises AS p LEFT JOIN visits AS v ON v.visit_id = p.visit_id
		UNION ALL SELECT concat(l.plan_id, '/', toString(l.line_no)), l.source, p.customer_id, ifNull(l.invoice_id, ''), '', ifNull(l.currency, 'CNY'), toString(p.made_on), toString(l.due_date), toFloat64(l.amount), toInt64(l.line_no),
			if(ifNull(p.replaced_by, '') = '', '', toString(greatest(p.made_on, n.made_on)))
		FROM instalment_plan_lines AS l INNER JOIN instalment_plans AS p ON p.plan_id = l.plan_id LEFT JOIN instalment_plans AS n ON n.plan_id = p.replaced_by`,
		func(s func(int) string) {
			p := pledge{id: s(0), source: s(1), customer: s(2), invoice: s(3), rep: s(4), currency: s(5), made: s(6), due: s(7), amount: number(s(8)), line: int64(number(s(9))), replaced: s(10)}
			if p.rep == "" && p.line == 0 {
				p.rep = d.owner(p.customer, p.made)
			}
			if p.made <= day {
				c.pledges = append(c.pledges, p)
			}
		})
	read("SELECT customer_id, currency, toFloat64(argMax(ifNull(credit_limit, 0), valid_from)) FROM credit_limits WHERE valid_from <= '"+day+"' AND ifNull(valid_to, toDate32('2299-12-31')) >= '"+day+"' GROUP BY customer_id, currency",
		func(s func(int) string) { c.limits[s(0)] += number(s(2)) * c.rate(s(1), day) })
	if got := w.one("SELECT count() FROM promises WHERE ifNull(replaced_by, '') != ''"); got != "[[0]]" {
		t.Fatalf("%s promises were replaced: these tests know that of plans only", got)
	}
	if got := w.one("SELECT countIf(status NOT IN ('invoiced', 'completed', 'closed', 'cancelled')) FROM orders"); got != "[[0]]" {
		t.Fatalf("%s orders are open: these tests know receivables as exposure only", got)
	}
	c.judge()
	return c
}

// rate is that of a currency to the reporting currency on a day.
func (c *credit) rate(currency, day string) float64 {
	return c.in(selection{}, 10000, currency, day)
}

// after is the day so many days later.
func after(day string, days int) string {
	at, _ := time.Parse(time.DateOnly, day)
	return at.AddDate(0, 0, days).Format(time.DateOnly)
}

// money received by a customer: on an invoice, or on none.
type received struct {
	day, invoice, currency string
	left                   float64
}

// cash lists what a customer paid, as known on the day, by the day it came.
func (c *credit) cash(customer string) (list []received) {
	add := func(r received) {
		if i := slices.IndexFunc(list, func(x received) bool { return x.day == r.day && x.invoice == r.invoice && r.invoice != "" }); i >= 0 {
			list[i].left += r.left
			return
		}
		list = append(list, r)
	}
	for _, x := range c.receipts {
		if x.credit || x.customer != customer || x.day > c.day {
			continue
		}
		for _, u := range c.used {
			if u.of == x.id && u.day <= c.day {
				add(received{x.day, u.invoice, x.currency, float64(u.amount) / 1e4})
				x.amount -= u.amount
			}
		}
		add(received{day: x.day, currency: x.currency, left: float64(x.amount) / 1e4})
	}
	slices.SortStableFunc(list, func(a, b received) int { return strings.Compare(a.day, b.day) })
	return list
}

// judge goes through the promises in the order in which they take cash: those for
// an invoice first, then by the day promised.
func (c *credit) judge() {
	slices.SortStableFunc(c.pledges, func(a, b pledge) int {
		return cmp.Or(cmp.Compare(btoi(a.invoice == ""), btoi(b.invoice == "")), strings.Compare(a.due, b.due), strings.Compare(a.id, b.id), cmp.Compare(a.line, b.line))
	})
	cash := map[string][]received{}
	for i := range c.pledges {
		p := &c.pledges[i]
		if cash[p.customer] == nil {
			cash[p.customer] = c.cash(p.customer)
		}
		limit := after(p.due, 2)
		end, moved := min(limit, c.day), p.replaced != "" && p.replaced <= p.due && p.replaced <= c.day
		if moved {
			end = min(end, after(max(p.replaced, p.made), -1))
		}
		p.reduced = c.credited(p, end)
		owed := p.amount - p.reduced
		kept := ""
		for j := range cash[p.customer] {
			r := &cash[p.customer][j]
			if r.day < p.made || r.day > end || r.left <= 0 || p.invoice != "" && r.invoice != p.invoice || p.paid >= owed {
				continue
			}
			cross := c.rate(r.currency, r.day) / c.rate(p.currency, r.day)
			take := min(r.left*cross, owed-p.paid)
			r.left -= take / cross
			if p.paid += take; kept == "" && 100*p.paid >= 95*owed-1e-6 {
				kept = r.day
			}
		}
		p.decided = after(limit, 1)
		switch {
		case owed <= 0:
			p.status = "cancelled"
		case 100*p.paid >= 95*owed-1e-6:
			p.status, p.decided = "kept", kept
		case moved:
			p.status = "moved"
		case c.day <= limit:
			p.status, p.decided = "open", ""
		case p.paid > 0:
			p.status = "partial"
		default:
			p.status = "broken"
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// credited is what credit notes took off the promised invoice while the promise ran.
func (c *credit) credited(p *pledge, end string) (sum float64) {
	for _, x := range c.receipts {
		if !x.credit || p.invoice == "" {
			continue
		}
		for _, u := range c.used {
			if u.of == x.id && u.invoice == p.invoice && u.day >= p.made && u.day <= end {
				sum += float64(u.amount) / 1e4 * c.rate(x.currency, u.day) / c.rate(p.currency, u.day)
			}
		}
	}
	return max(0, sum)
}

// exposure is what a customer owes at closing rates less cash not applied, never
// below zero; utilisation the part of its limit.
func (c *credit) exposure() (exposure, open map[string]float64) {
	exposure, open = map[string]float64{}, map[string]float64{}
	for _, i := range c.open(selection{}, c.day) {
		open[i.customer] += c.in(selection{}, i.open, i.currency, c.day)
		exposure[i.customer] += c.in(selection{}, i.open, i.currency, c.day)
	}
	c.unapplied(selection{}, c.day, false, func(x receipt) { exposure[x.customer] -= c.in(selection{}, x.amount, x.currency, c.day) })
	for customer, v := range exposure {
		exposure[customer] = max(0, v)
	}
	return exposure, open
}

// limitFlag is the word of E7 for a customer, "ok" where the limit holds.
func (c *credit) limitFlag(customer string, exposure float64) string {
	limit, known := c.limits[customer]
	switch {
	case !known:
		return "no limit set"
	case limit == 0 && exposure > 0:
		return "no credit"
	case exposure > limit:
		return "over"
	case exposure > 0.9*limit:
		return "near"
	}
	return "ok"
}
