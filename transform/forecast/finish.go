package forecast

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"huikuan/transform/derive"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// Finish writes the forecast and its backtest, once every customer was added.
func (b *Builder) Finish(ctx context.Context) error {
	least := int64(b.o.SegmentItems)
	for _, p := range b.points {
		p.patterns.close()
		for s, pool := range p.pools {
			for at, amount := range pool {
				p.patterns.spread(amount, s.segment, at.age(), least, &p.total(s).forecast)
			}
		}
	}
	now := b.points[len(b.points)-1]
	for _, w := range b.waits {
		l := &b.lines[w.line]
		now.patterns.spread(w.doc, l.segment, w.at, least, &l.doc.expected)
		now.patterns.spread(w.rc, l.segment, w.at, least, &l.rc.expected)
	}
	history := b.outcomes()
	if err := b.writeForecast(ctx, bandsOf(history, now.day)); err != nil {
		return err
	}
	return b.writeBacktest(ctx, history)
}

// outcome is what came of a whole week's forecast.
type outcome struct {
	origin           ledger.Day
	forecast, actual money.Amount
}

// outcomes lists, by week, what came of the forecasts of the origins whose week
// is over.
func (b *Builder) outcomes() [Weeks][]outcome {
	var out [Weeks][]outcome
	for _, p := range b.points[:len(b.points)-1] {
		var sum weekly
		for _, t := range p.totals {
			sum.add(t, 1)
		}
		for k := range Weeks {
			if sum.forecast[k] > 0 && b.over(p, k) {
				out[k] = append(out[k], outcome{p.day, sum.forecast[k], sum.actual[k]})
			}
		}
	}
	return out
}

// over tells whether a week lies before the end of the as-of day.
func (b *Builder) over(p *point, k int) bool { return p.day+ledger.Day(7*(k+1)) <= b.o.AsOf }

// add adds the weeks of another scope, or with sign -1 takes them out.
func (w *weekly) add(o *weekly, sign money.Amount) {
	for k := range Weeks {
		w.forecast[k] += sign * o.forecast[k]
		w.naive[k] += sign * o.naive[k]
		w.actual[k] += sign * o.actual[k]
	}
	w.customers += int64(sign) * o.customers
}

// band holds the quartiles of actual ÷ forecast of a week.
type band struct {
	low, high outcome
	known     bool
}

const bandOrigins = 4

// bandsOf takes the quartiles of the outcomes known at the end of a day.
func bandsOf(history [Weeks][]outcome, day ledger.Day) [Weeks]band {
	var out [Weeks]band
	for k, list := range history {
		var known []outcome
		for _, o := range list {
			if o.origin+ledger.Day(7*(k+1)) <= day {
				known = append(known, o)
			}
		}
		if len(known) < bandOrigins {
			continue
		}
		slices.SortFunc(known, func(x, y outcome) int { // by actual ÷ forecast
			return cmp.Or(money.Product(int64(x.actual), int64(y.forecast)).Cmp(money.Product(int64(y.actual), int64(x.forecast))), int(x.origin-y.origin))
		})
		quartile := func(p int) outcome { return known[max(0, (len(known)*p+99)/100-1)] }
		out[k] = band{quartile(25), quartile(75), true}
	}
	return out
}

func (b band) of(expected money.Amount) (low, high money.Amount) {
	if !b.known {
		return 0, 0
	}
	return min(expected, part(expected, int64(b.low.actual), int64(b.low.forecast))), max(expected, part(expected, int64(b.high.actual), int64(b.high.forecast)))
}

func (b *Builder) writeForecast(ctx context.Context, bands [Weeks]band) error {
	w := derive.NewWriter(Tables()[0], b.sink, b.o.Allocator)
	defer w.Close()
	w.Expect(len(b.lines) * Weeks)
	for _, i := range b.order() { // that of the table, which the engine then need not put them in
		l := &b.lines[i]
		for k := range Weeks {
			doc, rc := row{l.doc.expected[k] + l.doc.promised[k], l.doc.naive[k], l.doc.promised[k]}, row{l.rc.expected[k] + l.rc.promised[k], l.rc.naive[k], l.rc.promised[k]}
			if doc == (row{}) && rc == (row{}) {
				continue
			}
			if err := b.write(ctx, w, l, "open_items", k, doc, rc, bands[k]); err != nil {
				return err
			}
		}
	}
	if err := b.writePlan(ctx, w); err != nil {
		return err
	}
	return w.Flush(ctx)
}

// row is one week of a line in one currency.
type row struct{ expected, naive, promised money.Amount }

func (b *Builder) write(ctx context.Context, w *derive.Writer, l *line, basis string, k int, doc, rc row, band band) error {
	w.Date(b.o.AsOf)
	w.Text(l.company)
	w.Text(l.customer)
	w.OptText(b.known.segments.Name(l.segment))
	w.Text(basis)
	w.Text(l.currency)
	w.Date(b.o.AsOf + 1 + ledger.Day(7*k))
	w.Int(int64(k + 1))
	low, high := band.of(doc.expected)
	lowRC, highRC := band.of(rc.expected)
	twins := func(a, b money.Amount, known bool) {
		w.OptMoney(a, known)
		w.OptMoney(b, known && !l.unknown)
	}
	twins(doc.expected, rc.expected, true)
	twins(low, lowRC, band.known)
	twins(high, highRC, band.known)
	twins(doc.naive, rc.naive, true)
	twins(doc.promised, rc.promised, true)
	return w.End(ctx)
}

// named is a scope as the backtest's table names it.
type named struct{ scope, id string }

func (b *Builder) writeBacktest(ctx context.Context, history [Weeks][]outcome) error {
	w := derive.NewWriter(Tables()[1], b.sink, b.o.Allocator)
	defer w.Close()
	for _, p := range b.points[len(b.points)-1-b.o.BacktestMonths : len(b.points)-1] {
		scopes := map[named]*weekly{}
		for s, t := range p.totals {
			for _, n := range []named{{"group", ""}, {"company", s.company}, {"segment", b.known.segments.Scope(s.segment)}} {
				if scopes[n] == nil {
					scopes[n] = &weekly{}
				}
				scopes[n].add(t, 1)
			}
		}
		order := slices.SortedFunc(maps.Keys(scopes), func(x, y named) int { return cmp.Or(cmp.Compare(x.scope, y.scope), cmp.Compare(x.id, y.id)) })
		bands := bandsOf(history, p.day)
		for _, n := range order {
			if err := b.writeOrigin(ctx, w, p, n, scopes[n], bands); err != nil {
				return err
			}
		}
	}
	return w.Flush(ctx)
}

func (b *Builder) writeOrigin(ctx context.Context, w *derive.Writer, p *point, n named, t *weekly, bands [Weeks]band) error {
	for k := range Weeks {
		w.Date(p.day)
		w.Date(p.day + 1 + ledger.Day(7*k))
		w.Int(int64(k + 1))
		w.Text(n.scope)
		w.Text(n.id)
		w.Text(b.o.Currency)
		w.Money(t.forecast[k])
		low, high := bands[k].of(t.forecast[k])
		w.OptMoney(low, bands[k].known)
		w.OptMoney(high, bands[k].known)
		w.Money(t.naive[k])
		over := b.over(p, k)
		w.OptMoney(t.actual[k], over)
		w.Flag(over)
		if err := w.End(ctx); err != nil {
			return err
		}
	}
	return nil
}
