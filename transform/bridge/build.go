package bridge

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"huikuan/transform/derive"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
	"huikuan/transform/schema"
)

// Names of the inputs, beside [derive.InSegments].
const (
	InDSO       = "bridge_dso"
	InRates     = "bridge_rates"
	InCustomers = "bridge_customers"
)

// Scopes are those of which the bridge explains the DSO.
func Scopes() []string { return []string{"group", "company", "segment"} }

// Inputs describes what the bridge reads.
func Inputs() []schema.Table {
	return []schema.Table{
		derive.Input(InDSO).Label("scope", "group, company, segment").Text("scope_id", "identifier within the scope").Date("as_of", "month-end, or the as-of day").
			OptMoney("ar_rc", "net AR").OptMoney("sales_90_rc", "sales of 90 days").Ratio("dso_90", "days").OptLabel("reason_90", "why dso_90 is NULL").Table,
		derive.Input(InRates).Label("currency", "document currency").OptExact("rate_constant", "reporting currency for one unit, equal on all days").Table,
		derive.Input(InCustomers).Text("company", "legal entity").Text("customer_id", "customer").Label("currency", "document currency").Date("as_of", "month-end, or the as-of day").
			Money("net_ar", "net AR").Money("disputed", "disputed part of it").Money("sales", "billings less credit notes of the 90 days to as_of").
			Exact("terms_days", "billed x days from invoice to due date, same 90 days").Money("terms_amount", "billed, same 90 days").Money("written_off", "written off since the month-end before").Table,
	}
}

// Pair is two month-ends to compare.
type Pair struct {
	From, To ledger.Day
	Span     string // month, year, or empty
}

// Options of a bridge.
type Options struct {
	Currency  string // reporting currency
	Pairs     []Pair // empty = every month-end with the one before, and with the same month last year
	Allocator memory.Allocator
}

// Row is one line of the table.
type Row struct {
	Pair
	Scope, ID                      string
	Currency                       string
	ARFrom, SalesFrom, ARTo, Sales money.Amount
	Known                          [2]bool // amounts of either end
	Defined                        [2]bool // DSO of either end
	Result
}

// Compute explains the pairs, ordered by pair, scope and identifier.
func Compute(ctx context.Context, src derive.Source, o Options) ([]Row, error) {
	b, err := read(ctx, src, o)
	if err != nil {
		return nil, fmt.Errorf("bridge of DSO: %w", err)
	}
	return b.rows(o.Currency), nil
}

// read adds up all customers of a source.
func read(ctx context.Context, src derive.Source, o Options) (*book, error) {
	b, err := newBook(ctx, src, o)
	if err != nil {
		return nil, err
	}
	return b, b.readCustomers(ctx, src)
}

// newBook reads all but the customers.
func newBook(ctx context.Context, src derive.Source, o Options) (*book, error) {
	b := &book{dso: map[at]published{}, rates: map[string]money.Rate{}, index: map[ledger.Day]int{}}
	if err := b.readSmall(ctx, src); err != nil {
		return nil, err
	}
	if b.rates[o.Currency] == 0 {
		b.rates[o.Currency] = money.One
	}
	b.choose(o.Pairs)
	return b, nil
}

// Build writes the table, and returns what the next build needs to [Update] it.
func Build(ctx context.Context, src derive.Source, sink derive.Sink, o Options) (state []byte, err error) {
	b, err := read(ctx, src, o)
	if err != nil {
		return nil, fmt.Errorf("bridge of DSO: %w", err)
	}
	return b.state(o.Currency), b.write(ctx, sink, o)
}

func (b *book) write(ctx context.Context, sink derive.Sink, o Options) error {
	rows := b.rows(o.Currency)
	w := derive.NewWriter(Tables()[0], sink, o.Allocator)
	defer w.Close()
	for i := range rows {
		if err := rows[i].write(ctx, w); err != nil {
			return err
		}
	}
	return w.Flush(ctx)
}

func (r *Row) write(ctx context.Context, w *derive.Writer) error {
	w.Date(r.Pair.From)
	w.Date(r.Pair.To)
	for _, s := range []string{r.Span, r.Scope, r.ID, r.Currency} {
		w.Text(s)
	}
	w.OptMoney(r.ARFrom, r.Known[0])
	w.OptMoney(r.SalesFrom, r.Known[0])
	w.OptMoney(r.ARTo, r.Known[1])
	w.OptMoney(r.Sales, r.Known[1])
	w.Exact(r.Result.From, r.Defined[0])
	for _, e := range r.Effects {
		w.Exact(e, r.Reason == "")
	}
	w.Exact(r.Result.To, r.Defined[1])
	w.OptText(r.Reason)
	return w.End(ctx)
}

// at names a scope on a day.
type at struct {
	scope, id string
	day       ledger.Day
}

// published is a row of the dso table.
type published struct {
	ar, sales  money.Amount
	dso        money.Wide
	known, has bool
	reason     string
}

// named is a pair of a scope.
type named struct {
	pair      int
	scope, id string
}

// near are the scopes that the customer before was added to; customers of one
// company lie together, so they are mostly the same.
type near struct {
	group, company *Change
	of             string
	segments       []*Change
}

// book gathers the changes of all pairs and scopes.
type book struct {
	days     []ledger.Day
	index    map[ledger.Day]int
	dso      map[at]published
	rates    map[string]money.Rate
	segments *derive.Segments
	pairs    []Pair
	ends     [][2]int // of pairs: positions in days
	changes  map[named]*Change
	near     []near  // by pair, of the customer before
	states   []State // of the customer at hand, by day
	unknown  []bool  // an amount without rate
}

func (b *book) readSmall(ctx context.Context, src derive.Source) error {
	err := derive.Each(ctx, src, InDSO, func(c *derive.Binder) func(int) {
		scope, id, day, ar, sales, dso, reason := c.Text("scope"), c.Text("scope_id"), c.Day("as_of"), c.Decimal("ar_rc"), c.Decimal("sales_90_rc"), c.Decimal("dso_90"), c.Text("reason_90")
		return func(i int) {
			p := published{ar.Amount(i), sales.Amount(i), dso.Wide(i), ar.Known(i) && sales.Known(i), dso.Known(i), strings.Clone(reason.At(i))}
			b.dso[at{strings.Clone(scope.At(i)), strings.Clone(id.At(i)), day.At(i)}] = p
			if _, met := b.index[day.At(i)]; !met {
				b.index[day.At(i)] = -1
				b.days = append(b.days, day.At(i))
			}
		}
	})
	if err != nil {
		return err
	}
	slices.Sort(b.days)
	for i, d := range b.days {
		b.index[d] = i
	}
	if b.segments, err = derive.ReadSegments(ctx, src); err != nil {
		return err
	}
	return derive.Each(ctx, src, InRates, func(c *derive.Binder) func(int) {
		currency, rate := c.Text("currency"), c.Decimal("rate_constant")
		return func(i int) {
			if r, ok := rate.Wide(i).Rate(); ok && rate.Known(i) {
				b.rates[strings.Clone(currency.At(i))] = r
			}
		}
	})
}

// choose fixes the pairs: those asked for, else every day with the month-end
// before it and with the month-end of the same month last year.
func (b *book) choose(pairs []Pair) {
	b.pairs = pairs
	for i, to := range b.days {
		if len(pairs) > 0 {
			break
		}
		if i > 0 {
			b.pairs = append(b.pairs, Pair{b.days[i-1], to, "month"})
		}
		if last := to.AddMonths(-12).MonthEnd(); b.has(last) {
			b.pairs = append(b.pairs, Pair{last, to, "year"})
		}
	}
	b.changes, b.ends = map[named]*Change{}, nil
	for _, p := range b.pairs {
		from, to := -1, -1
		if b.has(p.From) {
			from = b.index[p.From]
		}
		if b.has(p.To) {
			to = b.index[p.To]
		}
		b.ends = append(b.ends, [2]int{from, to})
	}
	b.near = make([]near, len(b.pairs))
	b.states, b.unknown = make([]State, len(b.days)), make([]bool, len(b.days))
}

func (b *book) has(d ledger.Day) bool { _, ok := b.index[d]; return ok }

// readCustomers adds customer after customer to the changes.
func (b *book) readCustomers(ctx context.Context, src derive.Source) error {
	var company, customer string
	any := false
	err := derive.Each(ctx, src, InCustomers, func(c *derive.Binder) func(int) {
		of, who, currency, day := c.Text("company"), c.Text("customer_id"), c.Text("currency"), c.Day("as_of")
		ar, disputed, sales, days, billed, lost := c.Decimal("net_ar"), c.Decimal("disputed"), c.Decimal("sales"), c.Decimal("terms_days"), c.Decimal("terms_amount"), c.Decimal("written_off")
		return func(i int) {
			if any && (who.At(i) != customer || of.At(i) != company) {
				b.customer(company, customer)
				any = false
			}
			if !any {
				company, customer, any = strings.Clone(of.At(i)), strings.Clone(who.At(i)), true
			}
			n, ok := b.index[day.At(i)]
			if !ok {
				return
			}
			rate := b.rates[currency.At(i)]
			b.unknown[n] = b.unknown[n] || rate == 0
			s := &b.states[n]
			in := func(d derive.Decimal) money.Amount { return d.Amount(i).Convert(rate) }
			p := in(disputed)
			s.Undisputed += in(ar) - p
			s.Disputed += p
			s.Sales += in(sales)
			s.TermsAmount = s.TermsAmount.Add(money.Product(int64(billed.Amount(i)), int64(rate)))
			s.TermsDays = s.TermsDays.Add(days.Wide(i).Over(money.RateUnits / money.AmountUnits).Times(int64(rate)))
			s.WrittenOff += in(lost)
		}
	})
	if any && err == nil {
		b.customer(company, customer)
	}
	return err
}

// customer adds the customer at hand to every pair and its scopes.
func (b *book) customer(company, customer string) {
	for n, ends := range b.ends {
		if ends[0] < 0 || ends[1] < 0 {
			continue
		}
		from, to := b.states[ends[0]], b.states[ends[1]]
		from.WrittenOff, to.WrittenOff = b.lost(ends[1], ends[0]), b.lost(ends[0], ends[1])
		unknown := [2]bool{b.unknown[ends[0]], b.unknown[ends[1]]}
		if from.empty() && to.empty() && unknown == [2]bool{} {
			continue
		}
		at := &b.near[n]
		if at.group == nil {
			at.group = b.change(named{n, "group", ""})
		}
		if at.company == nil || at.of != company {
			at.of, at.company = company, b.change(named{n, "company", company})
		}
		at.group.add(&from, &to, unknown)
		at.company.add(&from, &to, unknown)
		was, is := b.segments.At(customer, b.pairs[n].From), b.segments.At(customer, b.pairs[n].To)
		if was == is {
			b.segment(n, is).add(&from, &to, unknown)
			continue
		}
		b.segment(n, was).add(&from, &State{}, [2]bool{unknown[0], false})
		b.segment(n, is).add(&State{}, &to, [2]bool{false, unknown[1]})
	}
	clear(b.states)
	clear(b.unknown)
}

// lost is what was written off after one day through a later one; 0 where the
// other is earlier.
func (b *book) lost(after, through int) money.Amount {
	var sum money.Amount
	for i := after + 1; i <= through; i++ {
		sum += b.states[i].WrittenOff
	}
	return sum
}

func (b *book) change(n named) *Change {
	c := b.changes[n]
	if c == nil {
		c = &Change{}
		b.changes[n] = c
	}
	return c
}

// segment is the change of a segment in a pair.
func (b *book) segment(pair int, segment int32) *Change {
	at := &b.near[pair]
	for int(segment) >= len(at.segments) {
		at.segments = append(at.segments, nil)
	}
	if at.segments[segment] == nil {
		at.segments[segment] = b.change(named{pair, "segment", b.segments.Scope(segment)})
	}
	return at.segments[segment]
}

// add adds a customer; unknown tells at which ends it has amounts without rate.
func (c *Change) add(from, to *State, unknown [2]bool) {
	for i, u := range unknown {
		if u {
			c.ends[i].unknown++
		}
	}
	c.count++
	c.Add(from, to)
}

// rows lists every scope that has a published DSO row at either end of a pair.
func (b *book) rows(currency string) []Row {
	var out []Row
	for n, p := range b.pairs {
		scopes := map[named]bool{}
		for a := range b.dso {
			if a.day == p.From || a.day == p.To {
				scopes[named{n, a.scope, a.id}] = true
			}
		}
		for s := range scopes {
			out = append(out, b.row(s, p, currency))
		}
	}
	slices.SortFunc(out, func(x, y Row) int {
		return cmp.Or(cmp.Compare(x.Pair.To, y.Pair.To), cmp.Compare(y.Pair.From, x.Pair.From), cmp.Compare(x.Scope, y.Scope), cmp.Compare(x.ID, y.ID))
	})
	return out
}

func (b *book) row(s named, p Pair, currency string) Row {
	from, to := b.dso[at{s.scope, s.id, p.From}], b.dso[at{s.scope, s.id, p.To}]
	r := Row{Pair: p, Scope: s.scope, ID: s.id, Currency: currency, ARFrom: from.ar, SalesFrom: from.sales, ARTo: to.ar, Sales: to.sales,
		Known: [2]bool{from.known, to.known}, Defined: [2]bool{from.has, to.has}}
	why := ""
	for _, end := range []published{to, from} {
		if !end.has {
			why = end.reason
			if why == "" {
				why = "no_sales" // the scope has no row at all at this end
			}
		}
	}
	if c := b.changes[s]; why == "" && c != nil {
		r.Result = c.Result(from.dso, to.dso)
	} else if why == "" {
		why = "no_sales"
	}
	r.Result.From, r.Result.To = from.dso, to.dso
	if why != "" {
		r.Result.Reason = why
	}
	return r
}
