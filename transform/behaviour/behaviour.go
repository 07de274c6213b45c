package behaviour

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/derive"
	"huikuan/transform/history"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// Options of the table. All but AsOf may be zero.
type Options struct {
	AsOf      ledger.Day   // end of this day, inclusive
	RoundSum  money.Amount // a sum divisible by it counts as round, document currency; 0 = 1,000
	Windows   Windows
	Allocator memory.Allocator
}

// Windows are the days that the figures look back from the end of a month, and
// those past due that they look for; the columns are named for the defaults.
// Recent is at most Year.
type Windows struct {
	Recent int `json:"recent"` // of the columns with w90; 0 = 90
	Year   int `json:"year"`   // of those with w365, and of the one before the recent days; 0 = 365
	Late   int `json:"late"`   // first_over_30_late_on is the first day beyond so many past due; 0 = 30
}

func (w *Windows) fill() {
	if w.Recent <= 0 {
		w.Recent = 90
	}
	if w.Year <= 0 {
		w.Year = 365
	}
	if w.Late <= 0 {
		w.Late = 30
	}
}

// habitMin is the number of receipts from which a usual day is told.
const habitMin = 3

// Builder writes the table customer by customer.
type Builder struct {
	o            Options
	recent, year ledger.Day // days of the windows
	w            *derive.Writer
	order        []int32   // settlements of kind cash by receipt date
	cash         []receipt // the same, with what is asked of them month after month
	spans        []cleared // items cleared by cash, by last receipt
	open         []openMonth
	firstLate    ledger.Day // of the customer
	days         []int64    // scratch of percentiles
	round        []roundPayment

	month           int64 // counts all months of all customers
	seen90, seen365 []int64
}

type openMonth struct {
	numerator money.Wide
	open      money.Amount
	unknown   bool
}

// receipt is a settlement of kind cash.
type receipt struct {
	day, event           ledger.Day
	item                 int32
	weekday, dayOfMonth  uint8 // from 0
	head                 bool  // first row of its payment
	partial, priced      bool
	other                bool // the instalment was cleared by credit or write-off at some time
	amount, rc           money.Amount
	terms, late, floored money.Wide // days × rc
}

// cleared is a stretch of days on which an instalment was settled by cash.
type cleared struct {
	last, from, until ledger.Day
	took, late        int64
}

// roundPayment is a payment that left an instalment open: rows of cash.
type roundPayment struct {
	receipt  ledger.Day
	from, to int // in cash
}

// NewBuilder begins the table. The caller closes the builder.
func NewBuilder(sink derive.Sink, o Options) *Builder {
	if o.RoundSum <= 0 {
		o.RoundSum = money.FromInt(1000)
	}
	o.Windows.fill()
	return &Builder{o: o, recent: ledger.Day(o.Windows.Recent), year: ledger.Day(o.Windows.Year), w: derive.NewWriter(Tables()[0], sink, o.Allocator)}
}

// Finish sends the last rows.
func (b *Builder) Finish(ctx context.Context) error { return b.w.Flush(ctx) }

// Close lets go of the builder's memory.
func (b *Builder) Close() { b.w.Close() }

// Add writes the months of one customer: from its first receipt, or its first day
// more than Windows.Late days late if that came before, to the as-of day, those with a
// receipt in the recent days or the year before them, or something open.
func (b *Builder) Add(ctx context.Context, c *history.Customer) error {
	first := b.prepare(c)
	if first == ledger.Forever || first > b.o.AsOf {
		return nil
	}
	start := first.MonthStart()
	b.openMonths(c, start)
	for m, n := start, 0; m <= b.o.AsOf; m, n = m.AddMonths(1), n+1 {
		row := month{c: c, b: b, start: m, end: min(m.MonthEnd(), b.o.AsOf), open: b.open[n]}
		row.measure()
		if row.prior.count+row.year.count == 0 && row.open.open == 0 && !row.open.unknown {
			continue
		}
		if err := row.write(ctx, b.w); err != nil {
			return err
		}
	}
	return nil
}

// prepare sorts receipts and settled instalments; it returns the first day that
// knew of a receipt or of an instalment that late, Forever without
// either. Cash received before it was applied is not known until then: else the
// months in between would have a row only by what came later.
func (b *Builder) prepare(c *history.Customer) ledger.Day {
	b.order, b.spans, b.round = b.order[:0], b.spans[:0], b.round[:0]
	for i := range c.Settlements {
		if c.Settlements[i].Kind == history.Cash {
			b.order = append(b.order, int32(i))
		}
	}
	slices.SortStableFunc(b.order, func(x, y int32) int {
		p, q := &c.Settlements[x], &c.Settlements[y]
		return cmp.Or(cmp.Compare(p.Receipt, q.Receipt), strings.Compare(p.Payment, q.Payment), cmp.Compare(p.Event, q.Event))
	})
	b.receipts(c)
	for i := range c.Spans {
		if s := &c.Spans[i]; s.By == history.Cash && s.LastReceipt != ledger.NoDay {
			it := &c.Items[s.Item]
			b.spans = append(b.spans, cleared{s.LastReceipt, s.From, s.Until, int64(s.LastReceipt - it.Date), int64(max(0, s.LastReceipt-it.Due))})
		}
	}
	slices.SortStableFunc(b.spans, func(x, y cleared) int {
		return cmp.Or(cmp.Compare(x.last, y.last), cmp.Compare(y.late, x.late))
	})
	b.firstLate = c.FirstLate(b.o.Windows.Late)
	first := b.firstLate
	for i := range b.cash {
		first = min(first, max(b.cash[i].day, b.cash[i].event))
	}
	return first
}

// receipts weighs the cash and finds its payments.
func (b *Builder) receipts(c *history.Customer) {
	b.cash = b.cash[:0]
	for i := 0; i < len(b.order); {
		first, j, partial := &c.Settlements[b.order[i]], i, false
		for ; j < len(b.order); j++ {
			s := &c.Settlements[b.order[j]]
			if s.Receipt != first.Receipt || s.Payment != first.Payment || j > i && first.Payment == "" {
				break
			}
			partial = partial || s.Partial
			r := receipt{day: s.Receipt, event: s.Event, item: s.Item, head: j == i, partial: s.Partial, priced: s.Priced, amount: s.Amount, rc: s.RC}
			it := &c.Items[s.Item]
			late := int64(s.Receipt - it.Due)
			r.terms, r.late = money.Product(int64(s.RC), int64(it.Due-it.Date)), money.Product(int64(s.RC), late)
			if late > 0 {
				r.floored = r.late
			}
			_, _, day := s.Receipt.Civil()
			r.weekday, r.dayOfMonth = uint8((int64(s.Receipt)%7+10)%7), uint8(day-1) // 1 January 1970 was a Thursday
			for _, span := range c.SpansOf(s.Item) {
				r.other = r.other || span.By != history.Cash
			}
			b.cash = append(b.cash, r)
		}
		if partial {
			b.round = append(b.round, roundPayment{first.Receipt, i, j})
		}
		i = j
	}
}

// openMonths adds up what is open at each month's end, from the month that
// begins on start, and the days since it was billed.
func (b *Builder) openMonths(c *history.Customer, start ledger.Day) {
	b.open = b.open[:0]
	var ends []ledger.Day
	for m := start; m <= b.o.AsOf; m = m.AddMonths(1) {
		ends = append(ends, min(m.MonthEnd(), b.o.AsOf))
		b.open = append(b.open, openMonth{})
	}
	for i := range c.Items {
		it := &c.Items[i]
		last := ledger.Forever // settled for good from here on
		if s, ok := c.Settled(int32(i), b.o.AsOf); ok {
			last = s.From
		}
		n, _ := slices.BinarySearch(ends, it.Date)
		for ; n < len(ends) && ends[n] < last; n++ {
			open, rc := c.Open(int32(i), ends[n])
			if open <= 0 {
				continue
			}
			o := &b.open[n]
			o.unknown = o.unknown || !it.Priced
			o.open += rc
			o.numerator = o.numerator.Add(money.Product(int64(rc), int64(ends[n]-it.Date)))
		}
	}
}
