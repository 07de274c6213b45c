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
	Allocator memory.Allocator
}

// Windows in days.
const (
	recentDays = 90
	yearDays   = 365
	habitMin   = 3 // receipts from which a usual day is told
)

// Builder writes the table customer by customer.
type Builder struct {
	o     Options
	w     *derive.Writer
	cash  []int32 // settlements of kind cash by receipt date
	heads []bool  // of cash: first row of its payment
	spans []int32 // of items cleared by cash, by last receipt
	open  []openMonth
	days  []int64 // scratch of percentiles
	round []roundPayment

	month           int64 // counts all months of all customers
	seen90, seen365 []int64
}

type openMonth struct {
	numerator money.Wide
	open      money.Amount
	unknown   bool
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
	return &Builder{o: o, w: derive.NewWriter(Tables()[0], sink, o.Allocator)}
}

// Finish sends the last rows.
func (b *Builder) Finish(ctx context.Context) error { return b.w.Flush(ctx) }

// Close lets go of the builder's memory.
func (b *Builder) Close() { b.w.Close() }

// Add writes the months of one customer: from its first receipt to the as-of
// day, those with a receipt in the last 455 days or something open.
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

// prepare sorts receipts and settled instalments; it returns the first receipt
// day, Forever without receipts.
func (b *Builder) prepare(c *history.Customer) ledger.Day {
	b.cash, b.spans, b.round = b.cash[:0], b.spans[:0], b.round[:0]
	for i := range c.Settlements {
		if c.Settlements[i].Kind == history.Cash {
			b.cash = append(b.cash, int32(i))
		}
	}
	slices.SortStableFunc(b.cash, func(x, y int32) int {
		p, q := &c.Settlements[x], &c.Settlements[y]
		return cmp.Or(cmp.Compare(p.Receipt, q.Receipt), strings.Compare(p.Payment, q.Payment), cmp.Compare(p.Event, q.Event))
	})
	b.heads = slices.Grow(b.heads[:0], len(b.cash))[:len(b.cash)]
	for i := 0; i < len(b.cash); {
		s, j, partial := &c.Settlements[b.cash[i]], i, false
		for ; j < len(b.cash); j++ {
			t := &c.Settlements[b.cash[j]]
			if t.Receipt != s.Receipt || t.Payment != s.Payment || j > i && s.Payment == "" {
				break
			}
			b.heads[j], partial = j == i, partial || t.Partial
		}
		if partial {
			b.round = append(b.round, roundPayment{s.Receipt, i, j})
		}
		i = j
	}
	for i := range c.Spans {
		if s := &c.Spans[i]; s.By == history.Cash && s.LastReceipt != ledger.NoDay {
			b.spans = append(b.spans, int32(i))
		}
	}
	slices.SortStableFunc(b.spans, func(x, y int32) int {
		p, q := &c.Spans[x], &c.Spans[y]
		return cmp.Or(cmp.Compare(p.LastReceipt, q.LastReceipt), cmp.Compare(c.Items[p.Item].Due, c.Items[q.Item].Due))
	})
	if len(b.cash) == 0 {
		return ledger.Forever
	}
	return c.Settlements[b.cash[0]].Receipt
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
