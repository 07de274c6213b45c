package demo

import "math"

// random is a small generator of pseudo-random numbers (splitmix64). It is
// written out here so that a seed means the same business with every toolchain.
type random struct{ state uint64 }

// newRandom returns a generator for one purpose: the same seed with another
// purpose gives an unrelated sequence.
func newRandom(seed int64, purpose string) *random {
	r := &random{state: uint64(seed) * 0x9e3779b97f4a7c15}
	for _, b := range []byte(purpose) {
		r.state = (r.state ^ uint64(b)) * 0x100000001b3
	}
	r.next()
	return r
}

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

// unit returns a number in [0, 1).
func (r *random) unit() float64 { return float64(r.next()>>11) / (1 << 53) }

// below returns a number in [0, n).
func (r *random) below(n int) int { return int(r.next() % uint64(n)) }

// between returns a number in [lo, hi].
func (r *random) between(lo, hi int) int { return lo + r.below(hi-lo+1) }

// days returns a number of days in [lo, hi].
func (r *random) days(lo, hi int) Date { return Date(r.between(lo, hi)) }

// chance is true with probability p.
func (r *random) chance(p float64) bool { return r.unit() < p }

// normal returns a number from the bell curve.
func (r *random) normal(mean, deviation float64) float64 {
	u := r.unit()
	for u == 0 {
		u = r.unit()
	}
	return mean + deviation*math.Sqrt(-2*math.Log(u))*math.Cos(2*math.Pi*r.unit())
}

// spread returns a positive factor around 1, log-normal with the given width.
func (r *random) spread(width float64) float64 { return math.Exp(r.normal(0, width)) }

// weighted returns an index with probability in proportion to its weight.
func (r *random) weighted(weights []float64) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	x := r.unit() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func pick[T any](r *random, from []T) T { return from[r.below(len(from))] }

// id returns ten lower-case letters and digits, as Frappe names its child rows.
func (r *random) id() string {
	const alphabet = "0123456789abcdefghijklmnopqrstuv"
	var b [10]byte
	x := r.next()
	for i := range b {
		b[i] = alphabet[x&31]
		x >>= 5
	}
	return string(b[:])
}
