package forecast

import (
	"math/bits"

	"huikuan/transform/money"
)

// pattern is an empirical distribution: how many of n cases had come after how
// many days. Cases that never came, or not yet, count in n alone.
type pattern struct {
	n      int64
	came   int64
	byDay  []int64 // cases of the day; sums up to the day once closed
	closed bool
}

func newPattern(days int) *pattern { return &pattern{byDay: make([]int64, days+1)} }

// add counts a case that came after so many days.
func (p *pattern) add(days int) {
	p.n++
	p.came++
	p.byDay[min(max(0, days), len(p.byDay)-1)]++
}

// miss counts a case that has not come.
func (p *pattern) miss() { p.n++ }

func (p *pattern) close() {
	if p.closed {
		return
	}
	p.closed = true
	for i := 1; i < len(p.byDay); i++ {
		p.byDay[i] += p.byDay[i-1]
	}
}

// reset empties the pattern for another use.
func (p *pattern) reset() {
	if p.n == 0 {
		p.closed = false
		return
	}
	clear(p.byDay)
	p.n, p.came, p.closed = 0, 0, false
}

// until is the number of cases that came up to a day.
func (p *pattern) until(day int) int64 {
	if day < 0 {
		return 0
	}
	return p.byDay[min(day, len(p.byDay)-1)]
}

// survivors is the number of cases that had not come by a day.
func (p *pattern) survivors(day int) int64 { return p.n - p.until(day) }

// weekly spreads an amount over the weeks: of the cases that were open at age,
// the share that came in each of the next weeks, all of it delayed by some
// days. Shares are rounded on their running sum, so that parts and rest add up.
func (p *pattern) weekly(amount money.Amount, age, delay int, weeks *[Weeks]money.Amount) {
	survivors, before := p.survivors(age), p.until(age)
	if survivors <= 0 || amount <= 0 {
		return
	}
	var sum money.Amount
	for k := range weeks {
		came := int64(0)
		if day := 7*(k+1) - delay; day > 0 {
			came = p.until(age+day) - before
		}
		next := part(amount, came, survivors)
		weeks[k] += next - sum
		sum = next
	}
}

// part is amount × n ÷ of, rounded half away from zero.
func part(amount money.Amount, n, of int64) money.Amount {
	if amount >= 0 && n >= 0 && of > 0 {
		if hi, lo := bits.Mul64(uint64(amount), uint64(n)); hi == 0 && lo < 1<<62 && of < 1<<62 { // the same in 64 bits
			return money.Amount((lo + uint64(of)/2) / uint64(of))
		}
	}
	return money.Amount(money.Product(int64(amount), n).Over(of).Lo)
}

// lateBuckets are the days past due from which the recovery curves of overdue
// items are told, each up to the next.
var lateBuckets = [...]int{1, 31, 61, 91, 121, 181, 366}

const (
	recoveryDays    = 1095 // how far back an overdue item teaches
	recoveryHorizon = Weeks * 7
	recoveryItems   = 20 // with fewer precedents an item is not counted on
)

// lateBucket is the number of the bucket of so many days past due; −1 where
// nothing is overdue.
func lateBucket(days int) int {
	n := -1
	for i, from := range lateBuckets {
		if days >= from {
			n = i
		}
	}
	return n
}

// patterns are what was known at one day.
type patterns struct {
	global   *pattern
	segments map[int32]*pattern
	recovery [len(lateBuckets)]*pattern
	days     int
}

func newPatterns(days int) *patterns {
	p := &patterns{global: newPattern(days), segments: map[int32]*pattern{}, days: days}
	for i := range p.recovery {
		p.recovery[i] = newPattern(recoveryHorizon)
	}
	return p
}

func (p *patterns) segment(n int32) *pattern {
	s := p.segments[n]
	if s == nil {
		s = newPattern(p.days)
		p.segments[n] = s
	}
	return s
}

func (p *patterns) close() {
	p.global.close()
	for _, s := range p.segments {
		s.close()
	}
	for _, r := range p.recovery {
		r.close()
	}
}

// spread expects an item of a segment by the first pattern that has enough
// settled cases and cases as old as it; an item older than any case by what
// items as overdue as it have brought; without precedents not at all.
func (p *patterns) spread(amount money.Amount, segment int32, at age, least int64, weeks *[Weeks]money.Amount) {
	if s := p.segments[segment]; s != nil && s.came >= least && s.survivors(at.days) > 0 {
		s.weekly(amount, at.days, at.delay, weeks)
		return
	}
	if p.global.survivors(at.days) > 0 {
		p.global.weekly(amount, at.days, at.delay, weeks)
		return
	}
	if b := at.bucket; b >= 0 && p.recovery[b].n >= recoveryItems {
		p.recovery[b].weekly(amount, -1, at.delay, weeks)
	}
}

// age of an item on a day.
type age struct {
	days   int // since the invoice
	bucket int // of days past due
	delay  int // days until its dispute is expected to be over
}

// ageKey is an age as one number, in the order of ages: a key of maps.
type ageKey uint64

const (
	ageBits = 21
	ageZero = 1 << (ageBits - 1) // stands for 0: any part may be negative
)

func (a age) key() ageKey {
	return ageKey(a.days+ageZero)<<(2*ageBits) | ageKey(a.bucket+ageZero)<<ageBits | ageKey(a.delay+ageZero)
}

func (k ageKey) age() age {
	part := func(k ageKey) int { return int(k&(1<<ageBits-1)) - ageZero }
	return age{part(k >> (2 * ageBits)), part(k >> ageBits), part(k)}
}
