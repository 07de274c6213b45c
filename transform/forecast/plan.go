package forecast

import (
	"context"

	"huikuan/transform/derive"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// Billing is what a company plans to bill in a month and has not billed yet.
type Billing struct {
	Company string
	Month   ledger.Day // its first day
	Amount  money.Amount
}

// Collect spreads planned billings over the months in which they are paid: the
// first share of a pattern in the month of the billing, the next in the month
// after, and so on. The shares of a billing are rounded on their running sum.
// Months are those of the billings and of what comes of them, by first day.
func Collect(plan []Billing, pattern []money.Rate) map[ledger.Day]money.Amount {
	out := map[ledger.Day]money.Amount{}
	for _, b := range plan {
		var share money.Rate
		var sum money.Amount
		for n, r := range pattern {
			share += r
			next := b.Amount.Share(share)
			out[b.Month.MonthStart().AddMonths(n)] += next - sum
			sum = next
		}
	}
	return out
}

// writePlan writes what the planned sales bring in the weeks ahead. A month's
// cash comes evenly over its days.
func (b *Builder) writePlan(ctx context.Context, w *derive.Writer) error {
	var companies []string
	plans := map[string][]Billing{}
	for _, p := range b.o.Plan {
		if plans[p.Company] == nil {
			companies = append(companies, p.Company)
		}
		plans[p.Company] = append(plans[p.Company], p)
	}
	for _, company := range companies {
		l := &line{company: company, currency: b.o.Currency}
		for month, amount := range Collect(plans[company], b.o.PlanPattern) {
			spreadMonth(month, amount, b.o.AsOf, &l.doc.expected)
		}
		for k, amount := range l.doc.expected {
			if amount == 0 {
				continue
			}
			r := row{expected: amount}
			if err := b.write(ctx, w, l, "sales_plan", k, r, r, band{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// spreadMonth adds the days' shares of a month's cash to the weeks they lie in.
func spreadMonth(month ledger.Day, amount money.Amount, asOf ledger.Day, weeks *[Weeks]money.Amount) {
	days := int64(month.MonthEnd()-month) + 1
	var sum money.Amount
	for n := int64(1); n <= days; n++ {
		next := part(amount, n, days)
		if d := month + ledger.Day(n) - 1; d > asOf {
			if k := weekOf(d, asOf); k < Weeks {
				weeks[k] += next - sum
			}
		}
		sum = next
	}
}
