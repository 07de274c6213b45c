package demo

// rates are the daily exchange rates of the group.
type rates struct {
	first Date
	pairs []pair
}

// pair is one quotation: units of to per unit of from, in millionths, one a
// calendar day (weekends repeat Friday's).
type pair struct {
	from, to string
	daily    []int64
}

// walkRates lets the dollar, the euro and the Hong Kong dollar wander.
func walkRates(r *random, first, last Date) *rates {
	usd, eur, peg := 7.18, 7.78, 7.81
	t := &rates{first: first, pairs: []pair{
		{from: "USD", to: "CNY"}, {from: "EUR", to: "CNY"}, {from: "HKD", to: "CNY"}, {from: "USD", to: "EUR"}, {from: "USD", to: "HKD"},
	}}
	for d := first; d <= last; d++ {
		if wd := d.weekday(); wd != 0 && wd != 6 {
			usd *= 1 + r.normal((7.15-usd)*0.0004, 0.0019)
			eur *= 1 + r.normal((7.85-eur)*0.0004, 0.0034)
			peg += r.normal((7.80-peg)*0.02, 0.0015)
			peg = min(max(peg, 7.75), 7.85)
		}
		for i, x := range []float64{usd, eur, usd / peg, usd / eur, peg} {
			t.pairs[i].daily = append(t.pairs[i].daily, int64(x*10_000+0.5)*100)
		}
	}
	return t
}

// on returns the rate of day d in millionths.
func (t *rates) on(from, to string, d Date) int64 {
	if from == to {
		return 1_000_000
	}
	for _, p := range t.pairs {
		if p.from == from && p.to == to {
			return p.daily[min(max(int(d-t.first), 0), len(p.daily)-1)]
		}
	}
	panic("demo: no rate from " + from + " to " + to)
}

// cny is the value of one unit in the reporting currency.
func (t *rates) cny(currency string, d Date) float64 {
	return float64(t.on(currency, reportingCurrency, d)) / 1e6
}

// convert multiplies exactly and rounds half away from zero.
func convert(amount Cents, millionths int64) Cents {
	if amount < 0 {
		return -convert(-amount, millionths)
	}
	whole, part := int64(amount)/1_000_000, int64(amount)%1_000_000
	return Cents(whole*millionths + (part*millionths+500_000)/1_000_000)
}

// percentOf returns n percent of an amount, rounded half away from zero.
func percentOf(amount Cents, n int64) Cents {
	if amount < 0 {
		return -percentOf(-amount, n)
	}
	return Cents((int64(amount)*n + 50) / 100)
}
