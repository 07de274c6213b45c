package bridge

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"huikuan/transform/derive"
	"huikuan/transform/money"
	"huikuan/transform/packed"
)

// Update writes the table of a build that replayed some customers, and returns
// its state. before and after give these customers as the last build had them and
// as they are now, and all that hangs on no customer; state is that of the last
// build. The sums lose what the customers gave and gain what they give: all are
// integers, so the rows are those of [Build].
//
// An error that wraps [derive.ErrRecompute] says why only Build will do; nothing
// was written then.
func Update(ctx context.Context, before, after derive.Source, state []byte, sink derive.Sink, o Options) ([]byte, error) {
	now, err := newBook(ctx, after, o)
	if err != nil {
		return nil, fmt.Errorf("bridge of DSO: %w", err)
	}
	if err := now.continues(state, o.Currency); err != nil {
		return nil, fmt.Errorf("bridge of DSO: %w", err)
	}
	old, err := now.earlier(ctx, before)
	if err != nil {
		return nil, fmt.Errorf("bridge of DSO as it was: %w", err)
	}
	if err := old.readCustomers(ctx, before); err != nil {
		return nil, fmt.Errorf("bridge of DSO as it was: %w", err)
	}
	if err := now.readCustomers(ctx, after); err != nil {
		return nil, fmt.Errorf("bridge of DSO: %w", err)
	}
	for n, c := range old.changes {
		now.change(n).merge(c, -1)
	}
	maps.DeleteFunc(now.changes, func(_ named, c *Change) bool { return c.count == 0 })
	return now.state(o.Currency), now.write(ctx, sink, o)
}

// earlier begins a book of the same days and rates, as the last build had them,
// with the segments of before.
func (b *book) earlier(ctx context.Context, before derive.Source) (*book, error) {
	old := &book{days: b.days, index: b.index, rates: b.rates}
	old.choose(b.pairs)
	var err error
	old.segments, err = derive.ReadSegments(ctx, before)
	return old, err
}

// rules are what two books must have in common for their sums to be added up.
func (b *book) rules(currency string) string {
	return fmt.Sprint(currency, b.pairs, b.rates) // maps are printed in the order of their keys
}

// state writes the sums down.
func (b *book) state(currency string) []byte {
	w := &packed.Writer{}
	w.Text(b.rules(currency))
	order := slices.SortedFunc(maps.Keys(b.changes), func(x, y named) int {
		return cmp.Or(x.pair-y.pair, cmp.Compare(x.scope, y.scope), cmp.Compare(x.id, y.id))
	})
	w.Number(int64(len(order)))
	for _, n := range order {
		w.Number(int64(n.pair))
		w.Text(n.scope)
		w.Text(n.id)
		c := b.changes[n]
		w.Number(c.count)
		for _, e := range c.ends {
			for _, s := range e.sums {
				w.Number(s.Hi)
				w.Number(int64(s.Lo))
			}
			w.Number(int64(e.ar))
			w.Number(int64(e.sales))
			w.Number(e.unknown)
		}
	}
	return w.Bytes
}

// continues begins with the sums of another book.
func (b *book) continues(state []byte, currency string) error {
	r := &packed.Reader{Bytes: state}
	if r.Text() != b.rules(currency) {
		return fmt.Errorf("%w: days or exchange rates have changed", derive.ErrRecompute)
	}
	for range r.Count() {
		n := named{int(r.Number()), r.Text(), r.Text()}
		c := &Change{count: r.Number()}
		for i := range c.ends {
			e := &c.ends[i]
			for s := range e.sums {
				e.sums[s] = money.Wide{Hi: r.Number(), Lo: uint64(r.Number())}
			}
			e.ar, e.sales, e.unknown = money.Amount(r.Number()), money.Amount(r.Number()), r.Number()
		}
		b.changes[n] = c
	}
	if !r.Done() {
		return fmt.Errorf("%w: the kept sums cannot be read", derive.ErrRecompute)
	}
	return nil
}

// merge adds another change, or with sign -1 takes it out.
func (c *Change) merge(o *Change, sign int64) {
	c.count += sign * o.count
	for i := range c.ends {
		e, x := &c.ends[i], &o.ends[i]
		for s := range e.sums {
			e.add(Effect(s), x.sums[s].Times(sign))
		}
		e.ar += money.Amount(sign) * x.ar
		e.sales += money.Amount(sign) * x.sales
		e.unknown += sign * x.unknown
	}
}
