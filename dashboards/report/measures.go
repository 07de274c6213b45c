package report

import (
	"context"
	"time"

	"huikuan/dashboards"
)

// Measure is a line of the summary: a figure beside what it is compared with.
type Measure struct {
	Key     string // stable, for tests and for whoever reads the file by program
	Title   string
	Unit    Unit
	Now     Figure
	Month   Figure // at the month-end before, or in the month before
	Year    Figure // a year before
	Target  Figure
	Rise    Judgement // what a rise means
	Trend   []Figure  // thirteen months, the last is Now; nil where the warehouse keeps no history
	Meaning string    // formula in words, with its number in the list of metrics
}

// Judgement says whether a rise is good or bad, or neither.
type Judgement int

// What a rise of a measure means.
const (
	Neutral Judgement = iota
	Good
	Bad
)

// at returns what a list holds for the month n months before.
func at[T any](p *Pack, list []T, day func(T) time.Time, n int) (T, bool) {
	want := monthsBefore(p.AsOf, n)
	if n == 0 {
		want = p.AsOf
	}
	for _, x := range list {
		if day(x).Equal(want) {
			return x, true
		}
	}
	var none T
	return none, false
}

func (p *Pack) balance(n int) Balance {
	b, _ := at(p, p.Balances, func(b Balance) time.Time { return b.Day }, n)
	return b
}

func (p *Pack) pace(n int) Speed {
	s, _ := at(p, p.Speed, func(s Speed) time.Time { return s.Day }, n)
	return s
}

func (p *Pack) moved(n int) Movement {
	m, _ := at(p, p.Movement, func(m Movement) time.Time { return lastOf(m.Month) }, n)
	if n == 0 && !m.Opening.Known { // a month that is not over
		for _, m := range p.Movement {
			if m.Month.Equal(firstOf(p.AsOf)) {
				return m
			}
		}
	}
	return m
}

// over90 is what is more than 90 days overdue.
func (b Balance) over90() Figure {
	out := Figure{}
	for i, bucket := range dashboards.Buckets() {
		switch bucket.Column {
		case "d91_120", "d121_180", "d181_365", "d366_plus":
			if i < len(b.Buckets) {
				if !out.Known {
					out = b.Buckets[i]
				} else {
					out = out.Plus(b.Buckets[i])
				}
			}
		}
	}
	return out
}

// measure compares a figure over the months.
func (p *Pack) measure(key, title string, u Unit, rise Judgement, meaning string, f func(n int) Figure) Measure {
	m := Measure{Key: key, Title: p.t(title), Unit: u, Rise: rise, Meaning: p.t(meaning), Now: f(0), Month: f(1), Year: f(12)}
	for n := 12; n >= 0; n-- {
		m.Trend = append(m.Trend, f(n))
	}
	return m
}

// compared is a measure known for the three days that are compared only.
func (p *Pack) compared(key, title string, u Unit, rise Judgement, meaning string, three [3]Figure) Measure {
	return Measure{Key: key, Title: p.t(title), Unit: u, Rise: rise, Meaning: p.t(meaning), Now: three[0], Month: three[1], Year: three[2]}
}

// threeOf reads a column of rows by month or day into now, month before, year before.
func (p *Pack) threeOf(rows []Row, dayColumn, column string) [3]Figure {
	var out [3]Figure
	for _, r := range rows {
		at, err := dayOf(r[dayColumn])
		if err != nil {
			continue
		}
		for i, n := range []int{0, 1, 12} {
			if lastOf(at).Equal(monthsBefore(p.AsOf, n)) {
				out[i] = figure(r[column])
			}
		}
	}
	return out
}

func (p *Pack) measures(ctx context.Context, a *asker) error {
	answers := map[string][]Row{}
	for _, name := range []string{"collection", "losses", "concentration"} {
		rows, err := a.rows(ctx, name)
		if err != nil {
			return err
		}
		answers[name] = rows
	}
	collected := p.threeOf(answers["collection"], "month", "collected")
	cash := p.measure("cash", "Cash received in the month", Money, Good, "Receipts less those that bounced (A6).", func(n int) Figure { return p.moved(n).Cash.Neg() }) // a receipt lowers the balance
	reps := p.compared("collected", "Collected on invoices, all reps", Money, Good, "Cash of the month on the accounts of all reps (C9), against their targets (C10).", collected)
	reps.Target = p.threeOf(answers["collection"], "month", "target")[0]
	p.Measures = []Measure{
		p.measure("net_ar", "Net receivables", Money, Neutral, "Open invoices and debit notes less unapplied cash and open credits (A1, A7).", func(n int) Figure { return p.balance(n).Net }),
		p.measure("open_amount", "Open receivables", Money, Neutral, "Open invoices and debit notes, before unapplied cash and credits (A1).", func(n int) Figure { return p.balance(n).Open }),
		p.measure("overdue", "Overdue", Money, Bad, "Open amount one day or more past its due date (A5).", func(n int) Figure { return p.balance(n).Overdue }),
		p.measure("overdue_share", "Overdue share", Percent, Bad, "Overdue / open receivables (A5).", func(n int) Figure { return p.balance(n).Overdue.Over(p.balance(n).Open) }),
		p.measure("over_90", "More than 90 days overdue", Money, Bad, "Open amount more than 90 days past its due date (A2).", func(n int) Figure { return p.balance(n).over90() }),
		p.measure("disputed", "In dispute", Money, Bad, "Open amount that customers dispute (D6).", func(n int) Figure { return p.balance(n).Disputed }),
		p.measure("unapplied", "Unapplied cash", Money, Bad, "Money received that no invoice is settled with yet (A7).", func(n int) Figure { return p.balance(n).Unapplied.Neg() }),
		p.measure("dso_90", "DSO, 90 days", Days, Bad, "Net receivables / billings of the last 90 days × 90 (B3).", func(n int) Figure { return p.pace(n).DSO }),
		p.measure("bpdso", "Best possible DSO", Days, Neutral, "The same with what is not yet due only (B7).", func(n int) Figure { return p.pace(n).Best }),
		p.measure("add_days", "Average days delinquent", Days, Bad, "DSO less best possible DSO: the part that is late payment (B8).", func(n int) Figure { return p.pace(n).Late }),
		p.measure("cei", "Collection effectiveness (CEI)", Percent, Good, "What was collected of all that could be collected in the month (C1).", func(n int) Figure { return p.pace(n).CEI }),
		p.measure("billed", "Invoiced in the month", Money, Neutral, "Invoices and debit notes of the month (A6).", func(n int) Figure { m := p.moved(n); return m.Invoiced.Plus(m.DebitNotes) }),
		cash, reps,
		p.compared("due_rate", "Collection rate, due basis", Percent, Good, "Of what was overdue at the start or fell due in the month, the part collected (C2).", p.threeOf(answers["collection"], "month", "due_rate")),
		p.compared("on_time", "Paid on time", Percent, Good, "Of what fell due in the month, the part paid by its due date (C7).", p.threeOf(answers["collection"], "month", "on_time")),
		p.compared("allowance", "Expected credit loss", Money, Bad, "Loss allowance: open amount by age × loss rate from roll rates, and specific items (E6).", p.allowed),
		p.compared("net_loss", "Net write-offs, 12 months, of sales", Percent, Bad, "Written off less recovered / sales, of twelve months (E1).", p.threeOf(answers["losses"], "month", "net_ratio")),
		p.compared("top_10", "Ten largest of all exposure", Percent, Bad, "Exposure of the ten largest customer groups / all exposure (E11).", p.threeOf(answers["concentration"], "as_of", "top_10_share")),
	}
	p.Concentration = map[string]Figure{}
	for _, column := range []string{"top_1_share", "top_5_share", "top_10_share", "hhi", "effective_number"} {
		p.Concentration[column] = p.threeOf(answers["concentration"], "as_of", column)[0]
	}
	return nil
}

// allowances sums the expected credit loss of the days compared.
func (p *Pack) allowances(rows []Row) [3]Figure {
	var out [3]Figure
	for _, r := range rows {
		at, err := dayOf(r["as_of"])
		if err != nil {
			continue
		}
		for i, n := range []int{0, 1, 12} {
			if (n == 0 && at.Equal(p.AsOf)) || (n > 0 && at.Equal(monthsBefore(p.AsOf, n))) {
				if f := figure(r["allowance"]); out[i].Known {
					out[i] = out[i].Plus(f)
				} else {
					out[i] = f
				}
			}
		}
	}
	return out
}
