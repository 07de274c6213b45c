package money

import "sort"

// Split divides an amount by shares with the largest-remainder method, so that
// the parts add up to the amount. It splits in cents where the amount is whole
// cents, else in units of 0.0001. Shares are taken relative to their sum; parts
// with equal remainders get the spare unit in the order given. All shares 0:
// the first part takes all. The parts are written to out, which must be as long
// as shares.
func Split(a Amount, shares []Rate, out []Amount) {
	if len(shares) == 0 {
		return
	}
	var sum int64
	for _, s := range shares {
		sum += int64(s)
	}
	if len(shares) == 1 || sum == 0 {
		clear(out)
		out[0] = a
		return
	}
	unit := int64(1)
	if a%CentUnits == 0 {
		unit = CentUnits
	}
	total := int64(a) / unit
	rests := make([]Wide, len(shares))
	left := total
	for i, s := range shares {
		part, rest := floorDiv(total, int64(s), sum)
		out[i], rests[i] = Amount(part*unit), rest
		left -= part
	}
	order := make([]int, len(shares))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return rests[order[i]].Cmp(rests[order[j]]) > 0 })
	for i := 0; left > 0; i, left = i+1, left-1 {
		out[order[i%len(order)]] += Amount(unit)
	}
}

// floorDiv returns the floor of a × b ÷ d and the remainder, for d > 0 and b ≥ 0.
func floorDiv(a, b, d int64) (int64, Wide) {
	p := Product(a, b)
	q := mulDivRound(a, b, d)
	rest := p.Sub(Product(q, d))
	for rest.Sign() < 0 {
		q--
		rest = rest.Add(WideOf(d))
	}
	return q, rest
}
