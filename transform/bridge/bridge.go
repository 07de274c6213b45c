package bridge

import (
	"huikuan/transform/money"
)

// State is what one customer has at a month-end, in one currency.
type State struct {
	Undisputed  money.Amount // net AR less what is disputed
	Disputed    money.Amount
	Sales       money.Amount // billings less credit notes of 90 days
	TermsDays   money.Wide   // Σ billed × days from invoice to due date, in any unit
	TermsAmount money.Wide   // Σ billed, in the same unit
	WrittenOff  money.Amount // since the other month-end; 0 at the opening one
}

func (s *State) empty() bool { return *s == State{} }

// windowDays is the window of DSO.
const windowDays = 90

// maxDays bounds a customer's own days; beyond, its sales are too small to tell
// a speed by, and it counts as one without sales.
const maxDays = 36_500

// rates are a customer's days: granted, taken beyond that, and disputed, in
// units of 1e-10. They exist where there are sales.
type rates struct {
	terms, speed, disputed int64
	granted                bool // terms are known
	ok                     bool
}

func (s *State) rates() rates {
	open := s.Undisputed + s.WrittenOff
	limit := money.Product(int64(s.Sales), maxDays)
	if s.Sales <= 0 || money.Product(int64(open.Abs()), windowDays).Cmp(limit) > 0 || money.Product(int64(s.Disputed.Abs()), windowDays).Cmp(limit) > 0 {
		return rates{}
	}
	days := func(a money.Amount) int64 { return int64(money.Ratio(a, windowDays, s.Sales).Lo) }
	r := rates{disputed: days(s.Disputed), speed: days(open), ok: true}
	if s.TermsAmount.Sign() > 0 {
		if t, fits := s.TermsDays.OverWide(s.TermsAmount).Rate(); fits {
			r.terms, r.granted = int64(t), true
		}
	}
	return r
}

// Effect is a cause of change.
type Effect int

// The effects, in the order of the table.
const (
	Terms Effect = iota
	Speed
	Mix
	Disputes
	WriteOffs
	effects
	FX = effects
)

// end holds what one month-end adds to each effect: sums of sales × days (units
// of 1e-14), twice what they weigh, to be divided by twice the end's sales.
type end struct {
	sums      [effects]money.Wide
	ar, sales money.Amount
	unknown   int64 // customers with an amount without rate
}

func (e *end) add(of Effect, w money.Wide) { e.sums[of] = e.sums[of].Add(w) }

// Change adds up the customers of a scope between two month-ends.
//
// Let s be a customer's share of the scope's sales, and its days d = terms t +
// speed v + disputed p, so that DSO is Σ s × d. Each change of t, v, p weighs
// with the mean share of both ends, each change of s with the mean days of both
// ends: no order of the causes is preferred, and exchanging the ends turns every
// sign. A customer without sales has no days of its own: what it owes counts
// towards speed and disputes as it stands, and its share as mix.
type Change struct {
	ends  [2]end
	count int64 // customers that were added
}

// direct is twice 90 × an amount in units of 1e-14.
func direct(a money.Amount) money.Wide {
	return money.Product(int64(a), 2*windowDays).Times(money.RateUnits)
}

// Add adds a customer as it was at both ends.
func (c *Change) Add(from, to *State) {
	x, y := from.rates(), to.rates()
	switch { // terms of an end that has none are those of the other end
	case x.ok && !x.granted:
		x.terms = y.terms
	case y.ok && !y.granted:
		y.terms = x.terms
	}
	x.speed -= x.terms
	y.speed -= y.terms
	for n, s := range []*State{from, to} {
		e := &c.ends[n]
		e.ar += s.Undisputed + s.Disputed
		e.sales += s.Sales
		own, sign := x, int64(-1)
		if n == 1 {
			own, sign = y, 1
		}
		e.add(WriteOffs, direct(s.WrittenOff).Times(-sign))
		switch {
		case x.ok && y.ok:
			e.add(Terms, money.Product(int64(s.Sales), y.terms-x.terms))
			e.add(Speed, money.Product(int64(s.Sales), y.speed-x.speed))
			e.add(Disputes, money.Product(int64(s.Sales), y.disputed-x.disputed))
			e.add(Mix, money.Product(int64(s.Sales), sign*(x.days()+y.days())))
		case own.ok:
			e.add(Mix, money.Product(int64(s.Sales), sign*2*own.days()))
		default:
			e.add(Speed, direct(s.Undisputed+s.WrittenOff).Times(sign))
			e.add(Disputes, direct(s.Disputed).Times(sign))
		}
	}
}

func (r rates) days() int64 { return r.terms + r.speed + r.disputed }

// Result is the explanation of one change, in days (units of 1e-10).
type Result struct {
	From, To money.Wide
	Effects  [effects + 1]money.Wide
	Reason   string // why there is none
}

// Result explains the change from one published DSO to another. The effects are
// measured at constant exchange rates; what is left of the published change is
// the effect of the rates. What rounding leaves goes to the largest effect.
func (c *Change) Result(from, to money.Wide) Result {
	r := Result{From: from, To: to}
	var constant [2]money.Wide
	for n := range c.ends {
		e := &c.ends[n]
		switch {
		case e.unknown > 0:
			r.Reason = "missing_rate"
		case e.sales <= 0:
			r.Reason = "sales_nonpositive"
		}
		if r.Reason != "" {
			return r
		}
		constant[n] = money.Ratio(e.ar, windowDays, e.sales)
	}
	change := constant[1].Sub(constant[0])
	r.Effects[FX] = to.Sub(from).Sub(change)
	largest, rest := Terms, change
	for i := range effects {
		// twice 90 days and the doubled sums are halved by dividing by twice the sales
		r.Effects[i] = c.ends[0].sums[i].Over(2 * int64(c.ends[0].sales)).Add(c.ends[1].sums[i].Over(2 * int64(c.ends[1].sales)))
		rest = rest.Sub(r.Effects[i])
		if magnitude(r.Effects[i]).Cmp(magnitude(r.Effects[largest])) > 0 {
			largest = i
		}
	}
	r.Effects[largest] = r.Effects[largest].Add(rest)
	return r
}

func magnitude(w money.Wide) money.Wide {
	if w.Sign() < 0 {
		return w.Neg()
	}
	return w
}
