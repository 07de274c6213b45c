package demo

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// found sets the business up: all that exists before the first invoice.
func found(c *Company) {
	c.firms = []*firm{
		{name: "Haiyue Machinery (Shanghai) Co., Ltd.", abbr: "HYS", country: "China", base: "CNY", taxPercent: 13, share: 0.64,
			currencies: []string{"CNY", "USD"}, currencyShare: []float64{0.93, 0.07}},
		{name: "Haiyue Europe GmbH", abbr: "HYE", country: "Germany", base: "EUR", taxPercent: 19, share: 0.2,
			currencies: []string{"EUR", "USD"}, currencyShare: []float64{0.88, 0.12}},
		{name: "Haiyue Trading (Hong Kong) Ltd", abbr: "HYH", country: "Hong Kong", base: "HKD", taxPercent: 0, share: 0.16,
			currencies: []string{"HKD", "USD"}, currencyShare: []float64{0.5, 0.5}},
	}
	opened := at(c.start-400, 9*hour)
	for i, f := range c.firms {
		f.touch(opened + stamp(i)*hour)
	}
	c.terms = paymentTerms()
	for i, t := range c.terms {
		t.touch(opened + 5*hour + stamp(i)*second)
	}
	c.rates = walkRates(newRandom(c.options.Seed, "rates"), c.start-10, c.end)
	hire(c)
	win(c)
	c.targets = setTargets(c)
}

// reportingCurrency is what the group reports in.
const reportingCurrency = "CNY"

func paymentTerms() []*terms {
	var all []*terms
	for _, n := range []Date{15, 30, 45, 60, 90} {
		all = append(all, &terms{name: fmt.Sprintf("Net %d", n), parts: []termPart{{100, n, fmt.Sprintf("%d days", n)}}})
	}
	return append(all, &terms{name: "Project 30-60-10", parts: []termPart{
		{30, 15, "Delivery 30%"}, {60, 60, "Acceptance 60%"}, {10, 180, "Retention 10%"}}})
}

func (c *Company) termsNamed(name string) *terms {
	for _, t := range c.terms {
		if t.name == name {
			return t
		}
	}
	panic("demo: no payment terms " + name)
}

// territory is a region with the firm and the team that sell there.
type territory struct {
	region, team string
	firm         int
	share        float64 // within the firm
}

var territories = []territory{
	{"East China", "East China", 0, 0.4}, {"North China", "North China", 0, 0.25},
	{"South China", "South China", 0, 0.2}, {"Southwest China", "South China", 0, 0.15},
	{"DACH", "Europe", 1, 0.55}, {"Western Europe", "Europe", 1, 0.3}, {"Northern Europe", "Europe", 1, 0.15},
	{"Hong Kong & Macau", "Asia Pacific", 2, 0.45}, {"Southeast Asia", "Asia Pacific", 2, 0.55},
}

var teams = []struct {
	name string
	firm int
	size int
}{{"East China", 0, 7}, {"North China", 0, 5}, {"South China", 0, 5}, {"Europe", 1, 4}, {"Asia Pacific", 2, 3}}

// Three reps stand out; leavingRep goes after two years.
const (
	excellentRep = 3
	poorRep      = 9
	leavingRep   = 14
)

// hire takes on the reps.
func hire(c *Company) {
	r := newRandom(c.options.Seed, "reps")
	taken := map[string]bool{}
	for _, team := range teams {
		for range team.size {
			p := &rep{id: len(c.reps) + 1, team: team.name, firm: c.firms[team.firm], effect: 0.8 + 0.4*r.unit()}
			for p.name == "" || taken[p.name] {
				switch team.firm {
				case 0:
					p.family, p.given = pick(r, chineseFamilies), pick(r, chineseGivens)
					p.name = p.family + p.given
				case 1:
					p.family, p.given = pick(r, europeanFamilies), pick(r, europeanGivens)
					p.name = p.given + " " + p.family
				default:
					p.family, p.given = pick(r, asianFamilies), pick(r, asianGivens)
					p.name = p.given + " " + p.family
				}
			}
			taken[p.name] = true
			p.email = fmt.Sprintf("e%d@haiyue.example", 1000+p.id)
			p.touch(at(c.start-300, 9*hour) + stamp(p.id)*60*second)
			switch p.id {
			case excellentRep:
				p.effect = 0.3
			case poorRep:
				p.effect = 2.7
			case leavingRep:
				p.left = c.start + 745
				p.touch(at(p.left, 18*hour))
			}
			c.reps = append(c.reps, p)
		}
	}
}

var segments = []string{"PROJECT", "DISTRIBUTOR", "MANUFACTURER", "RETAIL", "GOVERNMENT"}
var segmentShare = []float64{0.13, 0.3, 0.27, 0.18, 0.12}
var ownerships = []string{"Private", "Listed", "State-owned", "Foreign-owned"}

// futureCustomers are won after Today, one a week, so that later runs find new ones.
const futureCustomers = 52

// win gains the customers, with groups, habits and owners over time.
func win(c *Company) {
	r := newRandom(c.options.Seed, "customers")
	n := int(280 * math.Sqrt(float64(c.options.Invoices)/20_000))
	n = max(n, 40)
	taken := map[string]bool{}
	for i := range n + futureCustomers {
		k := &customer{id: i + 1, name: fmt.Sprintf("CUST-%05d", i+1)}
		k.place(c, r)
		k.behave(c, r)
		k.nameIt(r, taken)
		k.domain = domainOf(k.name)
		since := c.start - r.days(20, 290)
		if r.chance(0.12) {
			since = c.start + r.days(0, historyDays-120)
		}
		if i >= n {
			since = c.options.Today + 1 + Date(i-n)*7
		}
		k.touch(at(since, 9*hour+stamp(r.below(int(8*hour)))))
		k.crm.touch(k.created + 2*hour)
		k.owners = k.tenures(c, r, since)
		for _, t := range k.owners[1:] {
			if t.from <= c.end {
				k.touch(t.at)
				k.crm.touch(t.at)
			}
		}
		if since <= c.end {
			c.customers = append(c.customers, k)
			c.people = append(c.people, k.person(r))
		} else {
			k.person(r)
		}
	}
	grantLimits(c, min(len(c.customers), n))
	group(c.customers[:min(len(c.customers), n)], newRandom(c.options.Seed, "groups"))
}

func (k *customer) place(c *Company, r *random) {
	shares := make([]float64, len(territories))
	for i, t := range territories {
		shares[i] = t.share * c.firms[t.firm].share
	}
	t := territories[r.weighted(shares)]
	k.firm, k.region = c.firms[t.firm], t.region
	k.currency = k.firm.currencies[r.weighted(k.firm.currencyShare)]
	k.segment = segments[r.weighted(segmentShare)]
	k.industry = pick(r, industries[k.segment])
	k.ownership = pick(r, ownerships)
	if k.segment == "GOVERNMENT" {
		k.ownership = "State-owned"
		k.currency = k.firm.base
	}
	if k.currency == "USD" && r.chance(0.25) { // dollar customers may also buy in Hong Kong
		k.second = c.firms[2]
		if k.firm == k.second {
			k.second = c.firms[1]
		}
	}
}

// behave gives a customer its terms, its share of sales and its habits.
func (k *customer) behave(c *Company, r *random) {
	k.weight = r.spread(0.25) * map[string]float64{"PROJECT": 1, "DISTRIBUTOR": 1.15, "MANUFACTURER": 1.05, "RETAIL": 1.1, "GOVERNMENT": 0.9}[k.segment]
	k.manner = manner(r.weighted(manneredAs[k.segment]))
	k.scale = r.spread(0.95)
	if k.manner >= slow { // who buys much can afford to
		k.scale *= 2.6
	}
	k.lateness = []float64{0.75, 0.95, 1.35, 2}[k.manner] * r.spread(0.12)
	k.orders = r.unit()
	codes := map[string][]string{"PROJECT": {"Project 30-60-10", "Project 30-60-10", "Project 30-60-10", "Net 60"}, "DISTRIBUTOR": {"Net 15", "Net 30", "Net 30", "Net 30", "Net 45"},
		"MANUFACTURER": {"Net 30", "Net 60", "Net 45", "Net 45", "Net 30"}, "RETAIL": {"Net 45", "Net 30", "Net 60"}, "GOVERNMENT": {"Net 30", "Net 60", "Net 90"}}
	k.terms = c.termsNamed(pick(r, codes[k.segment]))
	k.early = k.segment == "DISTRIBUTOR" && k.currency == k.firm.base && len(k.terms.parts) == 1 && k.terms.parts[0].days >= 30 && r.chance(0.3)
	switch {
	case k.segment == "RETAIL":
		k.runDay = 25
	case r.chance(0.3):
		k.runDay = pick(r, []int{5, 10, 15, 20, 28})
	}
	k.tight = r.chance(0.04)
	if k.id%troubledEvery == 5 { // one in so many goes downhill some day: a third comes back, the others go under
		k.turns = c.start + r.days(0, historyDays+100)
		k.scale, k.lateness = min(k.scale, 2.5), k.lateness*1.2
		if r.chance(0.35) {
			k.heals = k.turns + r.days(150, 230)
		} else {
			k.stops = k.turns + r.days(200, 290)
		}
	}
}

// troubledEvery is of how many customers one goes downhill in the years that are
// simulated.
const troubledEvery = 12

// grantLimits gives every customer the credit that its orders need at its terms;
// a few have grown out of theirs.
func grantLimits(c *Company, n int) {
	var all float64
	for _, k := range c.customers[:n] {
		all += k.weight
	}
	for _, k := range c.customers {
		var days float64
		for _, part := range k.terms.parts {
			days += float64(part.percent) / 100 * float64(part.days)
		}
		perDay := float64(c.options.Invoices) / historyDays * k.weight / all * typicalAmount[k.segment] * k.scale * 1.2
		need := perDay * (days + 60) * 1.9
		if k.tight {
			need *= 0.15
		}
		k.credit = need
		k.limit = k.limitAt(k.firm, c.rates)
	}
}

// limitAt is a customer's credit with a firm, in the currency of its books.
func (k *customer) limitAt(f *firm, t *rates) Cents {
	return roundLimit(k.credit / t.cny(f.base, t.first))
}

// roundLimit is the next sum that a credit committee would write down.
func roundLimit(need float64) Cents {
	for step := 10_000.0; ; step *= 10 {
		for _, x := range []float64{1, 1.5, 2, 3, 5, 8} {
			if x*step >= need {
				return Cents(x * step * 100)
			}
		}
	}
}

// tenures gives the owners of a customer, for years ahead: who looks after it
// changes now and then, and always when its rep leaves.
func (k *customer) tenures(c *Company, r *random, since Date) []tenure {
	var team []*rep
	for _, t := range territories {
		if t.region == k.region {
			for _, p := range c.reps {
				if p.team == t.team {
					team = append(team, p)
				}
			}
		}
	}
	owner := pick(r, team)
	list := []tenure{{from: since, rep: owner, at: k.created}}
	for d := max(since, c.start) + r.days(30, 1400); d < c.options.Today+3650; d += r.days(500, 2600) {
		next := pick(r, team)
		if next == owner || next.left != 0 && d >= next.left-60 {
			continue
		}
		if owner.left != 0 && d > owner.left-60 {
			list = append(list, handOver(r, owner.left, next))
		} else {
			list = append(list, handOver(r, d, next))
		}
		owner = next
	}
	if owner.left != 0 {
		list = append(list, handOver(r, owner.left, team[(owner.id)%len(team)]))
	}
	return list
}

func handOver(r *random, d Date, to *rep) tenure {
	return tenure{from: d, rep: to, at: at(d, 9*hour+stamp(r.below(int(hour))))}
}

func (k *customer) person(r *random) *person {
	p := &person{id: k.id, customer: k, title: pick(r, []string{"Accounts Payable", "Finance Director", "Purchasing Manager", "Treasurer"})}
	if family, given, ok := strings.Cut(k.contact, " "); ok {
		p.given, p.family = family, given
	} else {
		runes := []rune(k.contact)
		p.family, p.given = string(runes[:1]), string(runes[1:])
	}
	p.touch(k.created + hour)
	return p
}

// group ties some customers to a head of their firm and currency; of a part of
// them the head pays the invoices.
func group(customers []*customer, r *random) {
	for i := 0; i+4 < len(customers); i += 27 {
		head := customers[i]
		children := r.between(2, 4)
		for _, k := range customers[i+1:] {
			if children == 0 {
				break
			}
			if k.parent == nil && k.firm == head.firm && k.currency == head.currency && k.segment != "GOVERNMENT" {
				k.parent = head
				k.paidByGroup = r.chance(0.5)
				children--
			}
		}
	}
}

// setTargets gives every rep a target a month: what its customers should bring
// in by their share of sales, in the currency of its firm. A month's targets
// are set before it begins.
func setTargets(c *Company) []target {
	var list []target
	perYear := float64(c.options.Invoices) / 3
	first := c.start.Time()
	for m := time.Date(first.Year(), first.Month(), 1, 0, 0, 0, 0, time.UTC); DateOf(m) <= c.end; m = m.AddDate(0, 1, 0) {
		d := max(DateOf(m), c.start)
		weights := map[*rep]float64{}
		var all float64
		for _, k := range c.customers {
			if k.created.date() > d {
				continue
			}
			weights[k.ownerOn(d)] += k.weight * k.scale * typicalAmount[k.segment]
			all += k.weight
		}
		growth := 1 + yearlyGrowth*(float64(d-c.start)/365-1.5)
		for _, p := range c.reps {
			if p.left != 0 && DateOf(m) >= p.left || weights[p] == 0 {
				continue
			}
			amount := weights[p] / all * perYear / 12 * growth * 1.1 / c.rates.cny(p.firm.base, d)
			list = append(list, target{rep: p, month: DateOf(m), amount: max(Cents(amount/5000)*5000_00, 5000_00)})
		}
	}
	return list
}
