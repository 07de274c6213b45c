package demo

import "testing"

// receivable is what is open and overdue of some instalments, in CNY, and what
// was sold in the 90 days before.
type receivable struct{ open, overdue, sales float64 }

func (r receivable) dso() float64          { return 90 * r.open / r.sales }
func (r receivable) overdueShare() float64 { return r.overdue / r.open }

// receivablesAt measures the invoices as the payment ledger has them.
func receivablesAt(c *Company, d Date, of func(v *invoice) bool) receivable {
	paid := map[document]Cents{}
	for _, e := range c.entries {
		if e != nil && !e.delinked && e.posting <= d && e.amount < 0 {
			paid[e.target] -= e.amount
		}
	}
	var r receivable
	for _, v := range c.invoices {
		if v.isReturn || v.docstatus != submitted || v.posting > d || !of(v) {
			continue
		}
		x := c.rates.cny(v.currency, d) / 100
		left := paid[v]
		for _, p := range v.parts {
			taken := min(p.amount, left)
			left -= taken
			r.open += float64(p.amount-taken) * x
			if p.due < d {
				r.overdue += float64(p.amount-taken) * x
			}
		}
		if v.posting > d-90 {
			r.sales += float64(v.gross) * x
		}
	}
	return r
}

func TestTheFiguresLookLikeABusiness(t *testing.T) {
	c := NewCompany(Options{})
	everything := func(*invoice) bool { return true }
	now := receivablesAt(c, c.end, everything)
	if now.dso() < 40 || now.dso() > 60 {
		t.Errorf("DSO of the last 90 days is %.1f", now.dso())
	}
	if now.overdueShare() < 0.11 || now.overdueShare() > 0.25 {
		t.Errorf("%.1f %% is overdue", 100*now.overdueShare())
	}

	project := func(v *invoice) bool { return v.customer.segment == "PROJECT" }
	if first, last := receivablesAt(c, c.start+400, project), receivablesAt(c, c.end, project); last.overdueShare() < first.overdueShare()*1.15 {
		t.Errorf("projects should pay later every year: overdue went from %.2f to %.2f", first.overdueShare(), last.overdueShare())
	}
	southwest := func(v *invoice) bool { return v.customer.region == "Southwest China" }
	if before, after := receivablesAt(c, c.start+700, southwest), receivablesAt(c, c.end, southwest); after.overdueShare() < before.overdueShare()+0.05 {
		t.Errorf("the Southwest should go bad: overdue went from %.2f to %.2f", before.overdueShare(), after.overdueShare())
	}
	soldBy := func(id int) receivable {
		var sum receivable // over the last year, a single day is noisy
		for d := c.end - 360; d <= c.end; d += 90 {
			r := receivablesAt(c, d, func(v *invoice) bool { return v.customer.ownerOn(d).id == id })
			sum.open, sum.overdue, sum.sales = sum.open+r.open, sum.overdue+r.overdue, sum.sales+r.sales
		}
		return sum
	}
	best, worst := soldBy(excellentRep), soldBy(poorRep)
	if best.overdueShare()*1.4 > worst.overdueShare() {
		t.Errorf("overdue share %.2f of the excellent rep, %.2f of the poor one", best.overdueShare(), worst.overdueShare())
	}
}

// Promises are what the reps are judged by, so what the customers promised and
// what they paid must fit together.
func TestPromisesAreKeptOrBrokenByThePayments(t *testing.T) {
	c := NewCompany(Options{Invoices: 6000})
	paid := map[*customer][]*entry{}
	for _, e := range c.entries {
		if e != nil && !e.delinked && e.amount < 0 {
			paid[e.customer] = append(paid[e.customer], e)
		}
	}
	kept, all := map[string]int{}, map[string]int{}
	for _, m := range c.promises {
		if m.due+2 > c.end {
			continue
		}
		if m.amount <= 0 || m.due <= m.made || m.visit.outcome != "COMPLETED" || !m.visit.agreed {
			t.Fatalf("promise of %v due %v made %v at a visit %s", m.amount, m.due, m.made, m.visit.outcome)
		}
		var got Cents
		for _, e := range paid[m.customer] {
			if e.posting >= m.made && e.posting <= m.due+2 {
				got -= e.amount
			}
		}
		all[m.fate]++
		if float64(got) >= 0.95*float64(m.amount) {
			kept[m.fate]++
		}
	}
	if all["kept"] == 0 || float64(kept["kept"]) < 0.8*float64(all["kept"]) {
		t.Errorf("%d of %d promises meant to be kept were paid", kept["kept"], all["kept"])
	}
	if all["broken"] == 0 || float64(kept["broken"]) > 0.45*float64(all["broken"]) {
		t.Errorf("%d of %d promises meant to be broken were paid", kept["broken"], all["broken"])
	}
}
