package demo

import (
	"math"
	"time"
)

// manner is the way a customer pays as long as it is well.
type manner uint8

const (
	prompt   manner = iota // hardly ever late, and then by days
	ordinary               // late now and then
	slow                   // late almost every second time, by weeks
	laggard                // hardly ever on time
)

// manners are what the ways of paying mean: the part of the instalments that are
// paid after their due date, the typical days by which they are, and the part of
// its promises that such a customer keeps.
var manners = [...]struct{ slip, days, keeps float64 }{
	prompt:   {0.09, 7, 0.94},
	ordinary: {0.23, 11, 0.9},
	slow:     {0.44, 26, 0.72},
	laggard:  {0.85, 40, 0.6},
}

// manneredAs is the share of a segment's customers of each manner.
var manneredAs = map[string][]float64{
	"DISTRIBUTOR": {0.5, 0.39, 0.09, 0.02}, "MANUFACTURER": {0.45, 0.42, 0.11, 0.02}, "RETAIL": {0.43, 0.43, 0.12, 0.02},
	"GOVERNMENT": {0.34, 0.45, 0.17, 0.04}, "PROJECT": {0.34, 0.45, 0.17, 0.04},
}

// declineDays is how long it takes from the first signs of trouble until a
// customer is as bad as it gets.
const declineDays = 200

// trouble tells how far a customer's decline has come on a day: 0 = it is well,
// 1 = as bad as it gets.
func (k *customer) trouble(d Date) float64 {
	if k.turns == 0 || d < k.turns {
		return 0
	}
	x := math.Min(1, float64(d-k.turns)/declineDays)
	if k.heals != 0 && d > k.heals {
		x = math.Max(0, x-float64(d-k.heals)/90)
	}
	return x
}

// buys is the part of its usual orders that a customer still places: trouble
// shows there first.
func (k *customer) buys(d Date) float64 { return 1 - 0.65*math.Min(1, 1.5*k.trouble(d)) }

// slips tells how likely the customer is to pay an instalment late, and by how
// many days typically: its manner, worse or better by its rep, its region, its
// trade and its troubles.
func (s *simulation) slips(p *instalment) (chance, days float64) {
	v, k := p.invoice, p.invoice.customer
	years := float64(s.today-s.c.start) / 365
	m := manners[k.manner]
	effect := k.ownerOn(v.posting).effect
	chance, days = m.slip*math.Pow(effect, 0.8), m.days*math.Pow(effect, 0.4)
	if k.region == "Southwest China" && years > 2 { // the region that went bad
		bad := min(1, 2*(years-2))
		chance += 0.28 * bad
		days *= 1 + bad
	}
	if k.segment == "PROJECT" { // pays later every year, and the retention last of all
		chance += 0.03 * years
		days *= 1 + 0.15*years
		if p.seq == len(v.parts) && p.seq > 1 {
			chance += 0.1
			days *= 1.2
		}
	}
	if x := k.trouble(s.today); x > 0 {
		chance, days = max(chance, 0.3+0.7*x), max(days, 8+80*x)
	}
	if k.early {
		chance, days = 0.3*chance, 0.6*days
	}
	return min(chance, 0.95), days
}

// habit says when a customer means to pay an instalment.
func (s *simulation) habit(p *instalment) Date {
	v, k := p.invoice, p.invoice.customer
	chance, days := s.slips(p)
	if !s.r.chance(chance) {
		if k.early && s.r.chance(0.97) {
			return v.posting + s.r.days(6, 9)
		}
		if k.runDay != 0 {
			if run := lastWorkday(lastRun(p.due, k.runDay)); run > v.posting+5 {
				return run
			}
		}
		return max(lastWorkday(p.due-s.r.days(0, 4)), v.posting+1)
	}
	late := max(days*s.r.spread(0.35), 1)
	well := k.trouble(s.today) == 0
	if well && k.manner < slow {
		late = min(late, 17)
	}
	if well && k.manner >= slow {
		if month := p.due.Time().Month(); k.segment == "GOVERNMENT" && month >= time.August && month <= time.November && s.r.chance(0.4) {
			return ymd(p.due.Time().Year(), time.December, 8+s.r.below(18)) // out of this year's budget, in December
		}
		if s.r.chance(map[manner]float64{slow: 0.02, laggard: 0.12}[k.manner]) { // forgotten, or not willing
			late += float64(s.r.between(30, 60+70*int(k.manner-slow)*2))
		}
	}
	d := p.due + Date(late)
	if k.runDay != 0 && well {
		d = nextRun(d, k.runDay)
	}
	return max(d, v.posting+1)
}

// nextRun is the next payment run on or after d; there is one a week.
func nextRun(d Date, runDay int) Date {
	for !isRun(d, runDay) {
		d++
	}
	return d
}

// lastRun is the last payment run on or before d.
func lastRun(d Date, runDay int) Date {
	for !isRun(d, runDay) {
		d--
	}
	return d
}

func isRun(d Date, runDay int) bool {
	n := d.Time().Day()
	return n <= 28 && n%7 == runDay%7
}
