package demo

import (
	"fmt"
	"time"
)

// simulation is the business while it is being lived, day by day.
type simulation struct {
	c       *Company
	r       *random
	today   Date
	clock   stamp      // last instant given out
	pace    int        // microseconds between two entries, at most
	tasks   [][]func() // by day since start
	runs    map[runKey]*payRun
	due     []*payRun // of today, in order of arrival
	numbers map[string]int
	nightly map[Date][]*instalment // by due date
	posted  map[document][]int     // a document's rows in the payment ledger
	perDay  float64                // invoices per unit of dayWeight
	pick    []float64              // running sum of the weights of those who buy
	weights []float64              // of all customers
	weight  float64                // sum of those who buy
	weighed time.Month             // when they were added up
	routine float64                // visits due to be made, carried over
	rounds  map[*customer]Date     // earliest next visit
}

func newSimulation(c *Company) *simulation {
	s := &simulation{c: c, r: newRandom(c.options.Seed, "life"), numbers: map[string]int{}, runs: map[runKey]*payRun{},
		nightly: map[Date][]*instalment{}, posted: map[document][]int{}, rounds: map[*customer]Date{}}
	s.tasks = make([][]func(), c.end-c.start+1)
	var whole float64
	for d := c.start; d <= c.options.Today; d++ {
		whole += s.dayWeight(d)
	}
	s.perDay = float64(c.options.Invoices) / whole
	s.pace = int(9*3600*1_000_000/(8*(2+float64(c.options.Invoices)/(historyDays*0.6)))) + 2
	return s
}

func (s *simulation) run() {
	for s.today = s.c.start; s.today <= s.c.end; s.today++ {
		s.clock = at(s.today, 5*60*second)
		s.fallOverdue()
		s.clock = at(s.today, 8*hour+30*60*second)
		// Tasks may plan further tasks for the same day.
		for i := 0; i < len(s.tasks[s.today-s.c.start]); i++ {
			s.tasks[s.today-s.c.start][i]()
		}
		s.tasks[s.today-s.c.start] = nil
		s.payDay()
		s.writeInvoices()
		s.makeRounds()
		if d := s.today - s.c.options.Today; d == -3 || d == 3 {
			s.rewrite()
		}
	}
}

// now is the next instant on the clock of the day: later than all before.
func (s *simulation) now() stamp {
	step := stamp(1 + s.r.below(s.pace))
	if s.clock > at(s.today, 22*hour) {
		step = 1 + step%1000
	}
	s.clock += step
	return s.clock
}

// at plans a task for day d, or the next working day after it. What lies
// beyond the last simulated day never happens.
func (s *simulation) at(d Date, task func()) {
	d = nextWorkday(max(d, s.today))
	if d <= s.c.end {
		s.tasks[d-s.c.start] = append(s.tasks[d-s.c.start], task)
	}
}

// number draws the next number of a series, as ERPNext names documents.
func (s *simulation) number(series string, d Date) string {
	key := fmt.Sprintf("%s-%d", series, d.Time().Year())
	s.numbers[key]++
	return fmt.Sprintf("%s-%05d", key, s.numbers[key])
}

func isWorkday(d Date) bool {
	if wd := d.weekday(); wd == time.Saturday || wd == time.Sunday {
		return false
	}
	t := d.Time()
	switch { // the long holidays of the head office
	case t.Month() == time.October && t.Day() <= 7, t.Month() == time.May && t.Day() <= 3, t.YearDay() == 1:
		return false
	}
	return true
}

func lastWorkday(d Date) Date {
	for !isWorkday(d) {
		d--
	}
	return d
}

func nextWorkday(d Date) Date {
	for !isWorkday(d) {
		d++
	}
	return d
}

const yearlyGrowth = 0.11

var season = [13]float64{0, 0.9, 0.62, 1.05, 1, 1, 1.1, 0.95, 0.95, 1.08, 0.95, 1.08, 1.3}

// dayWeight is how much business a day brings: growth, season, month-ends.
func (s *simulation) dayWeight(d Date) float64 {
	if !isWorkday(d) {
		return 0
	}
	w := season[d.Time().Month()] * (1 + yearlyGrowth*float64(d-s.c.start)/365)
	if (d + 5).Time().Month() != d.Time().Month() {
		w *= 1.5
	}
	return w
}

// typicalAmount is the median net amount of an invoice in CNY.
var typicalAmount = map[string]float64{"PROJECT": 105_000, "DISTRIBUTOR": 32_000, "MANUFACTURER": 58_000, "RETAIL": 24_000, "GOVERNMENT": 70_000}

// writeInvoices writes what the customers have ordered by today. Each orders in a
// rhythm of its own, which follows season and growth.
func (s *simulation) writeInvoices() {
	share := s.dayWeight(s.today) * s.perDay
	if share == 0 {
		return
	}
	s.weigh()
	for i, k := range s.c.customers {
		if !s.buying(k) {
			continue
		}
		k.ordered += share * s.weights[i] / s.weight * k.buys(s.today)
		for ; k.ordered >= k.orders; k.ordered-- {
			k.orders = 0.93 + 0.14*s.r.unit()
			s.writeInvoice(k)
		}
	}
}

func (s *simulation) writeInvoice(k *customer) {
	f := k.firm
	if k.second != nil && s.r.chance(0.3) {
		f = k.second
	}
	v := s.newInvoice(k, f, s.amount(k))
	if s.r.chance(0.005) {
		v.isDebitNote = true
	}
	if s.r.chance(0.004) { // left as a draft for a day or two
		v.docstatus, v.status, v.open = draft, "Draft", 0
		s.at(s.today+s.r.days(1, 3), func() {
			if v.deleted = s.r.chance(0.15); v.deleted {
				v.touch(s.now())
				return
			}
			s.submit(v)
		})
		return
	}
	s.submit(v)
}

// buying tells whether a customer is one by today, and still pays.
func (s *simulation) buying(k *customer) bool {
	return k.created.date() <= s.today && (k.stops == 0 || s.today <= k.stops+20)
}

// weigh adds up the customers' shares of the orders, anew on the first working
// day of a month: new customers take none of the orders of the others before.
func (s *simulation) weigh() {
	month := s.today.Time().Month()
	if s.pick != nil && month == s.weighed {
		return
	}
	s.weighed, s.pick, s.weights, s.weight = month, s.pick[:0], s.weights[:0], 0
	for _, k := range s.c.customers {
		w := 0.0
		if s.buying(k) {
			w = k.weight
		}
		s.weight += w
		s.weights = append(s.weights, k.weight)
		s.pick = append(s.pick, s.weight)
	}
}

// buyer draws a customer by its weight in sales.
func (s *simulation) buyer() *customer {
	s.weigh()
	x := s.r.unit() * s.pick[len(s.pick)-1]
	lo, hi := 0, len(s.pick)-1
	for lo < hi {
		if mid := (lo + hi) / 2; s.pick[mid] > x {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return s.c.customers[lo]
}

// amount is a net amount in the customer's currency, with cents as prices make them.
func (s *simulation) amount(k *customer) Cents {
	x := typicalAmount[k.segment] * k.scale * s.r.spread(0.17) / s.c.rates.cny(k.currency, s.c.start)
	net := Cents(x * 100)
	if s.r.chance(0.3) {
		net -= net % 10_000
	}
	return max(net, 150_00)
}

// newInvoice writes an invoice with its schedule and shares, not yet submitted.
func (s *simulation) newInvoice(k *customer, f *firm, net Cents) *invoice {
	posting := s.today
	if s.r.chance(0.12) { // entered late
		posting = max(s.today-s.r.days(1, 4), s.c.start)
	}
	v := &invoice{name: s.number("ACC-SINV", posting), firm: f, customer: k, posting: posting, entered: s.today, currency: k.currency, net: net,
		gross: net, rate: s.c.rates.on(k.currency, f.base, posting), terms: k.terms, hash: s.r.id()}
	if k.currency == f.base {
		v.gross += percentOf(net, f.taxPercent)
	}
	if s.r.chance(0.7) {
		v.order = s.number("PO", posting)
	}
	s.schedule(v)
	owner := k.ownerOn(posting)
	v.splits = []split{{rep: owner, percent: 100, hash: s.r.id()}}
	if mate := pick(s.r, s.c.reps); s.r.chance(0.06) && mate.team == owner.team && mate != owner && mate.left == 0 {
		share := int64(pick(s.r, []int{20, 30, 40, 50}))
		v.splits = []split{{owner, 100 - share, v.splits[0].hash}, {mate, share, s.r.id()}}
	}
	v.touch(s.now())
	s.c.invoices = append(s.c.invoices, v)
	return v
}

// schedule splits the gross amount over the terms; the last part takes the odd cents.
func (s *simulation) schedule(v *invoice) {
	left := v.gross
	for i, part := range v.terms.parts {
		amount := percentOf(v.gross, part.percent)
		if i == len(v.terms.parts)-1 {
			amount = left
		}
		left -= amount
		v.parts = append(v.parts, &instalment{invoice: v, seq: i + 1, due: v.posting + part.days, amount: amount,
			percent: part.percent, label: part.label, hash: s.r.id()})
		v.due = v.posting + part.days
	}
}

// submit makes an invoice count, and plans what will become of it.
func (s *simulation) submit(v *invoice) {
	k := v.customer
	v.docstatus, v.open = submitted, v.gross
	for _, p := range v.parts {
		p.open = p.amount
		s.nightly[p.due] = append(s.nightly[p.due], p)
	}
	v.touch(s.now())
	s.post(v, entry{posting: v.posting, due: v.due, firm: v.firm, customer: k, currency: v.currency, target: v, amount: v.gross, base: convert(v.gross, v.rate)})
	v.refresh(s.today)
	k.owes(v)
	if s.r.chance(0.008) {
		s.at(s.today+s.r.days(1, 5), func() { s.cancelInvoice(v) })
		return // nothing else happens to it
	}
	s.planTrouble(v)
	for _, p := range v.parts {
		s.plan(p, s.habit(p))
		s.at(p.due+s.r.days(7, 14), func() { s.chase(p) })
	}
}

// cancelInvoice takes an invoice back and writes an amended one. What is paid
// already can no longer be cancelled.
func (s *simulation) cancelInvoice(v *invoice) {
	if v.open != v.gross {
		return
	}
	s.delink(v)
	v.docstatus, v.open = cancelled, 0
	for _, p := range v.parts {
		p.open = 0
	}
	v.touch(s.now())
	v.refresh(s.today)
	if s.r.chance(0.3) {
		return
	}
	w := s.newInvoice(v.customer, v.firm, v.net-percentOf(v.net, int64(s.r.between(0, 9))))
	w.name, w.amendedFrom = v.name+"-1", v
	s.numbers[fmt.Sprintf("ACC-SINV-%d", w.posting.Time().Year())]--
	s.submit(w)
}

// fallOverdue is the nightly job that marks what fell due yesterday.
func (s *simulation) fallOverdue() {
	for _, p := range s.nightly[s.today-1] {
		if v := p.invoice; p.open > 0 && v.docstatus == submitted && v.status != "Overdue" {
			v.refresh(s.today)
			v.touch(s.now())
		}
	}
	delete(s.nightly, s.today-1)
}

// refresh sets the status as ERPNext words it.
func (v *invoice) refresh(today Date) {
	overdue := false
	for _, p := range v.parts {
		overdue = overdue || p.open > 0 && p.due < today
	}
	switch {
	case v.docstatus == cancelled:
		v.status = "Cancelled"
	case v.docstatus == draft:
		v.status = "Draft"
	case v.isReturn:
		v.status = "Return"
	case v.open <= 0 && v.reason == "credited":
		v.status = "Credit Note Issued"
	case v.open <= 0:
		v.status = "Paid"
	case overdue:
		v.status = "Overdue"
	case v.open < v.gross:
		v.status = "Partly Paid"
	default:
		v.status = "Unpaid"
	}
}
