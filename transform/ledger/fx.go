package ledger

import (
	"sort"

	"huikuan/transform/money"
)

// MaxRateAge is how many days back the last available rate may lie.
const MaxRateAge = 7

// Quote is one exchange rate: one unit of From in To.
type Quote struct {
	Day      Day
	From, To string
	Type     string // spot (or empty), closing, budget …
	Rate     money.Rate
}

// Rates answers what one currency was worth in another on a day. It is read
// only after [NewRates] and safe for concurrent use.
type Rates struct {
	pairs      map[[2]string][]Quote // by day
	budget     map[[2]string][]Quote
	currencies []string
	bridges    []string // currencies that may serve as the middle of a cross rate
}

// NewRates orders the quotes. Where a pair has spot rates on a day, they win
// over closing rates, and these over other types; budget rates stand apart.
func NewRates(quotes []Quote, bridges ...string) *Rates {
	r := &Rates{pairs: map[[2]string][]Quote{}, budget: map[[2]string][]Quote{}}
	seen := map[string]bool{}
	for _, q := range quotes {
		if q.Rate <= 0 {
			continue
		}
		pairs := r.pairs
		if q.Type == "budget" {
			pairs = r.budget
		}
		pairs[[2]string{q.From, q.To}] = append(pairs[[2]string{q.From, q.To}], q)
		seen[q.From], seen[q.To] = true, true
	}
	for _, pairs := range []map[[2]string][]Quote{r.pairs, r.budget} {
		for pair, list := range pairs {
			pairs[pair] = orderQuotes(list)
		}
	}
	for c := range seen {
		r.currencies = append(r.currencies, c)
	}
	sort.Strings(r.currencies)
	used := map[string]bool{}
	for _, b := range append(append([]string{}, bridges...), r.currencies...) {
		if b != "" && !used[b] {
			used[b] = true
			r.bridges = append(r.bridges, b)
		}
	}
	return r
}

// orderQuotes sorts by day and keeps the best type of each day.
func orderQuotes(list []Quote) []Quote {
	sort.SliceStable(list, func(i, j int) bool {
		if list[i].Day != list[j].Day {
			return list[i].Day < list[j].Day
		}
		return typeRank(list[i].Type) < typeRank(list[j].Type)
	})
	kept := list[:0]
	for _, q := range list {
		if len(kept) == 0 || kept[len(kept)-1].Day != q.Day {
			kept = append(kept, q)
		}
	}
	return kept
}

func typeRank(t string) int {
	switch t {
	case "", "spot":
		return 0
	case "closing":
		return 1
	}
	return 2
}

// At returns the rate of a day: the pair itself, else its inverse, else a cross
// through a third currency, each no older than [MaxRateAge] days. ok is false
// where no rate is known; a rate is never assumed.
func (r *Rates) At(from, to string, day Day) (rate money.Rate, ok bool) {
	if from == to {
		return money.One, true
	}
	if rate, ok = r.direct(r.pairs, from, to, day); ok {
		return rate, true
	}
	for _, b := range r.bridges {
		if b == from || b == to {
			continue
		}
		first, ok1 := r.direct(r.pairs, from, b, day)
		second, ok2 := r.direct(r.pairs, b, to, day)
		if rate = first.Mul(second); ok1 && ok2 && rate != 0 {
			return rate, true
		}
	}
	return 0, false
}

// Budget returns the budget rate fixed for the year of the day (the last one
// given up to the end of that year), else the rate of the day.
func (r *Rates) Budget(from, to string, day Day) (money.Rate, bool) {
	if from == to {
		return money.One, true
	}
	year, _, _ := day.Civil()
	first, last := DayOf(year, 1, 1), DayOf(year, 12, 31)
	for _, pair := range [][2]string{{from, to}, {to, from}} {
		list := r.budget[pair]
		i := sort.Search(len(list), func(i int) bool { return list[i].Day > last }) - 1
		if i >= 0 && list[i].Day >= first {
			if pair[0] == from {
				return list[i].Rate, true
			}
			if rate := list[i].Rate.Invert(); rate != 0 {
				return rate, true
			}
		}
	}
	return r.At(from, to, day)
}

func (r *Rates) direct(pairs map[[2]string][]Quote, from, to string, day Day) (money.Rate, bool) {
	if q, ok := latest(pairs[[2]string{from, to}], day); ok {
		return q, true
	}
	if q, ok := latest(pairs[[2]string{to, from}], day); ok {
		rate := q.Invert()
		return rate, rate != 0
	}
	return 0, false
}

func latest(list []Quote, day Day) (money.Rate, bool) {
	i := sort.Search(len(list), func(i int) bool { return list[i].Day > day }) - 1
	if i < 0 || day-list[i].Day > MaxRateAge {
		return 0, false
	}
	return list[i].Rate, true
}

// Converter answers rates into one currency, day by day, from tables filled
// once. It is not safe for concurrent use; each worker has its own.
type Converter struct {
	rates    *Rates
	currency string
	first    Day
	days     int
	tables   map[string][]money.Rate // 0 = not asked yet, -1 = unknown
}

// NewConverter returns rates into currency for days from first to last.
func NewConverter(rates *Rates, currency string, first, last Day) *Converter {
	return &Converter{rates: rates, currency: currency, first: first, days: max(0, int(last-first)+1), tables: map[string][]money.Rate{}}
}

// At returns the rate of from on day.
func (c *Converter) At(from string, day Day) (money.Rate, bool) {
	if from == c.currency {
		return money.One, true
	}
	i := int(day - c.first)
	if i < 0 || i >= c.days {
		return c.rates.At(from, c.currency, day)
	}
	t := c.tables[from]
	if t == nil {
		t = make([]money.Rate, c.days)
		c.tables[from] = t
	}
	if t[i] == 0 {
		rate, ok := c.rates.At(from, c.currency, day)
		if !ok {
			rate = -1
		}
		t[i] = rate
	}
	return t[i], t[i] > 0
}
