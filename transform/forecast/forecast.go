package forecast

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/derive"
	"huikuan/transform/history"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// Options of the forecast. All but AsOf may be zero.
type Options struct {
	AsOf           ledger.Day // end of this day, inclusive
	Currency       string     // reporting currency
	HistoryDays    int        // invoices dated up to so many days before a day teach its forecast; 0 = 365
	SettledDays    int        // and at least so many days before it; 0 = 90
	CustomerItems  int        // settled items with which a customer is its own pattern; 0 = 20
	SegmentItems   int        // settled items with which a segment is its own pattern; 0 = 20
	BacktestMonths int        // month-ends whose forecasts the backtest tells; 0 = 12
	BandMonths     *int       // those before them, which serve the bands alone; nil = 12
	Plan           []Billing  // sales not billed yet, reporting currency, by month
	PlanPattern    []money.Rate
	Allocator      memory.Allocator
}

// Builder makes the forecast customer by customer.
type Builder struct {
	o      Options
	sink   derive.Sink
	known  *known
	points []*point // origins, ascending, and the as-of day
	work   work
	lines  []line    // rows of the forecast
	waits  []waiting // items of the forecast that no customer's own pattern tells
	words  map[string]string

	ordered []int // of lines, see order
	size    int   // of the state that this one continues, in bytes
}

// point is a day at which a forecast is made.
type point struct {
	day      ledger.Day
	patterns *patterns
	delay    int // median days to resolve a dispute
	pools    map[scope]pools
	totals   map[scope]*weekly

	// of the customer at hand
	segment int32
	of      *pattern // of the segment
	own     *pattern
	open    []int32 // items by due date
}

// pools gather the amounts of a scope that one pattern treats alike.
type pools map[ageKey]money.Amount

func (p *point) pool(s scope) pools {
	found := p.pools[s]
	if found == nil {
		found = pools{}
		p.pools[s] = found
	}
	return found
}

// scope of a backtest: the rest adds up from it.
type scope struct {
	company string
	segment int32
}

// weekly holds one scope's weeks.
type weekly struct {
	forecast, naive, actual [Weeks]money.Amount
	customers               int64 // with open items
}

// line is one row per week of the forecast.
type line struct {
	company, customer, currency string
	segment                     int32
	unknown                     bool // an item without exchange rate
	doc, rc                     figures
	packed                      []byte // as the last build kept it, of a customer that has not changed
}

type figures struct{ expected, naive, promised [Weeks]money.Amount }

type waiting struct {
	line    int
	at      age
	doc, rc money.Amount
}

// NewBuilder reads the small inputs and begins a forecast.
func NewBuilder(ctx context.Context, src derive.Source, sink derive.Sink, o Options) (*Builder, error) {
	for _, d := range []struct {
		at *int
		is int
	}{{&o.HistoryDays, 365}, {&o.SettledDays, 90}, {&o.CustomerItems, 20}, {&o.SegmentItems, 20}, {&o.BacktestMonths, 12}} {
		if *d.at <= 0 {
			*d.at = d.is
		}
	}
	origins := o.BacktestMonths + 12
	if o.BandMonths != nil {
		origins = o.BacktestMonths + *o.BandMonths
	}
	k, err := readKnown(ctx, src)
	if err != nil {
		return nil, err
	}
	b := &Builder{o: o, sink: sink, known: k}
	for n := origins; n >= 1; n-- {
		b.points = append(b.points, b.point(o.AsOf.MonthStart().AddMonths(1-n)-1))
	}
	b.points = append(b.points, b.point(o.AsOf))
	return b, nil
}

func (b *Builder) point(day ledger.Day) *point {
	p := &point{day: day, patterns: newPatterns(b.o.HistoryDays), own: newPattern(b.o.HistoryDays), pools: map[scope]pools{}, totals: map[scope]*weekly{}}
	var took []int
	for _, list := range b.known.disputes {
		for _, d := range list {
			if d.closed <= day && d.opened > day-recoveryDays {
				took = append(took, int(d.closed-d.opened))
			}
		}
	}
	if slices.Sort(took); len(took) > 0 {
		p.delay = max(0, took[(len(took)-1)/2])
	}
	return p
}

func (p *point) total(s scope) *weekly {
	t := p.totals[s]
	if t == nil {
		t = &weekly{}
		p.totals[s] = t
	}
	return t
}

// Add learns from a customer and takes its open items, at every point.
func (b *Builder) Add(_ context.Context, c *history.Customer) error {
	segments := b.known.segments.Of(c.ID)
	for _, p := range b.points {
		p.segment, p.of, p.open = segments.At(p.day), nil, p.open[:0]
		p.own.reset()
	}
	b.work.begin(c)
	for _, i := range b.work.order {
		b.place(c, i)
	}
	for n, p := range b.points {
		if b.work.open(c, p.day, p.open) {
			b.expect(c, n, p, scope{c.Company, p.segment})
		}
	}
	return nil
}

// place goes through the points since an item's date: those at which it is
// open, and those whose patterns it teaches.
func (b *Builder) place(c *history.Customer, i int32) {
	it, spans := &c.Items[i], c.SpansOf(i)
	for _, p := range b.points[b.since(it.Date):] {
		for len(spans) > 0 && spans[0].Until <= p.day {
			spans = spans[1:]
		}
		settled := len(spans) > 0 && spans[0].From <= p.day
		if !settled {
			p.open = append(p.open, i)
		}
		if it.Amount <= 0 || it.Date > p.day-ledger.Day(b.o.SettledDays) {
			continue
		}
		var span history.Span
		if settled {
			span = spans[0]
		}
		if b.learn(it, p, span, settled); settled && span.Until == ledger.Forever && it.Date <= p.day-b.memory() {
			return
		}
	}
}

// memory is the age in days beyond which a settled item teaches nothing.
func (b *Builder) memory() ledger.Day { return ledger.Day(max(b.o.HistoryDays, recoveryDays)) + 1 }

// since is the first point on or after a day.
func (b *Builder) since(day ledger.Day) int {
	n, _ := slices.BinarySearchFunc(b.points, day, func(p *point, d ledger.Day) int { return int(p.day - d) })
	return n
}

// learn counts an item into the patterns of a point if it is dated in the
// history, and if it was overdue early enough to have been seen to its end.
func (b *Builder) learn(it *history.Item, p *point, span history.Span, settled bool) {
	if settled && span.By == history.Credit {
		return
	}
	paid := settled && span.By == history.Cash && span.LastReceipt != ledger.NoDay
	if it.Date >= p.day-ledger.Day(b.o.HistoryDays) {
		if p.of == nil {
			p.of = p.patterns.segment(p.segment)
		}
		for _, to := range [...]*pattern{p.own, p.of, p.patterns.global} {
			if paid {
				to.add(int(span.LastReceipt - it.Date))
			} else {
				to.miss()
			}
		}
	}
	if it.Date > p.day-recoveryDays {
		p.recover(it, span, settled, paid)
	}
}

// recover counts an item into the curves of the overdue buckets it entered.
func (p *point) recover(it *history.Item, span history.Span, settled, paid bool) {
	for n, from := range lateBuckets {
		entered := it.Due + ledger.Day(from)
		if entered > p.day-recoveryHorizon {
			return
		}
		if settled && (span.From <= entered || paid && span.LastReceipt <= entered) {
			return
		}
		if lag := int(span.LastReceipt - entered); paid && lag <= recoveryHorizon {
			p.patterns.recovery[n].add(lag)
		} else {
			p.patterns.recovery[n].miss()
		}
	}
}

// expect takes what a customer has open at a point: cash on account first,
// then promises, the rest by pattern.
func (b *Builder) expect(c *history.Customer, n int, p *point, s scope) {
	last := n == len(b.points)-1
	if p.own.came >= int64(b.o.CustomerItems) {
		p.own.close()
	}
	b.work.net(b.known.unapplied[[2]string{c.Company, c.ID}], p.day)
	b.work.dispute(c, b.known.disputes, p.day)
	b.work.due(c, p.day)
	if list := b.known.promises[c.ID]; len(list) > 0 {
		b.work.promise(c, list, n, p.day)
	}
	if last {
		b.forecast(c, p, s)
		return
	}
	total := p.total(s)
	total.customers++
	for i := range b.work.items {
		w := &b.work.items[i]
		if !w.priced {
			continue
		}
		if w.naiveWeek < Weeks {
			total.naive[w.naiveWeek] += w.naive.rc
		}
		for _, x := range w.promised {
			total.forecast[x.week] += x.rc
		}
		b.actual(c, w, p, total)
		b.parts(w, p, func(at age, _, rc money.Amount) {
			if b.ownTells(p, at) {
				p.own.weekly(rc, at.days, at.delay, &total.forecast)
			} else if rc > 0 {
				p.pool(s)[at.key()] += rc
			}
		})
	}
}

func (b *Builder) ownTells(p *point, at age) bool {
	return p.own.came >= int64(b.o.CustomerItems) && p.own.survivors(at.days) > 0
}

// parts gives what is left of an item: undisputed, and disputed with its delay.
func (b *Builder) parts(w *workItem, p *point, yield func(at age, doc, rc money.Amount)) {
	at := age{days: w.age, bucket: lateBucket(w.late)}
	if free := w.left - w.disputed; free > 0 {
		yield(at, free, w.inRC(free))
	}
	if w.disputed > 0 {
		at.delay = p.delay
		yield(at, w.disputed, w.inRC(w.left)-w.inRC(w.left-w.disputed))
	}
}

// actual adds the cash that came after the origin on an item open at it.
func (b *Builder) actual(c *history.Customer, w *workItem, p *point, total *weekly) {
	it := &c.Items[w.item]
	for i := it.From; i < it.To; i++ {
		s := &c.Settlements[i]
		if s.Kind != history.Cash || s.Receipt <= p.day || s.Receipt > b.o.AsOf {
			continue
		}
		if k := int(s.Receipt-p.day-1) / 7; k < Weeks {
			total.actual[k] += s.RC
		}
	}
}

// forecast keeps the customer's lines; items without a pattern of the customer's
// own wait until all customers have taught.
func (b *Builder) forecast(c *history.Customer, p *point, s scope) {
	from := len(b.lines)
	for i := range b.work.items {
		w := &b.work.items[i]
		at := from
		for at < len(b.lines) && b.lines[at].currency != w.currency {
			at++
		}
		if at == len(b.lines) {
			b.lines = append(b.lines, line{company: c.Company, customer: c.ID, currency: w.currency, segment: s.segment})
		}
		l := &b.lines[at]
		l.unknown = l.unknown || !w.priced
		if k := w.naiveWeek; k < Weeks {
			l.doc.naive[k] += w.naive.doc
			l.rc.naive[k] += w.naive.rc
		}
		for _, x := range w.promised {
			l.doc.promised[x.week] += x.doc
			l.rc.promised[x.week] += x.rc
		}
		b.parts(w, p, func(a age, doc, rc money.Amount) {
			if b.ownTells(p, a) {
				p.own.weekly(doc, a.days, a.delay, &l.doc.expected)
				p.own.weekly(rc, a.days, a.delay, &l.rc.expected)
				return
			}
			b.waits = append(b.waits, waiting{at, a, doc, rc})
		})
	}
}
