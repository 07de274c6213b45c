package forecast

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"huikuan/transform/derive"
	"huikuan/transform/money"
	"huikuan/transform/packed"
)

// State writes down what the customers have taught and what they owe, for a
// later build to [Builder.Continue]. It is taken before Finish.
func (b *Builder) State() []byte {
	w := &packed.Writer{Bytes: make([]byte, 0, b.size+b.size/16)}
	w.Text(b.rules())
	for _, p := range b.points {
		b.packPatterns(w, p.patterns)
		b.packTotals(w, p)
	}
	b.packLines(w)
	return w.Bytes
}

// rules are what two builds must have in common for their sums to be added up.
// The delay of disputed items is among them: amounts stand where it puts them.
func (b *Builder) rules() string {
	var days []string
	for _, p := range b.points {
		days = append(days, fmt.Sprint(p.day, " ", p.delay))
	}
	o := b.o
	return fmt.Sprint(o.Currency, o.HistoryDays, o.SettledDays, o.CustomerItems, o.SegmentItems, days)
}

// Continue begins with the sums of another build, and with the lines of the
// customers that have not changed since. before has been told of those that have,
// as that build had them; what they gave is taken out. All of it are integers:
// with the changed customers added as they are now, the sums are those of all.
//
// An error that wraps [derive.ErrRecompute] says why all customers have to be
// added anew, to another Builder.
func (b *Builder) Continue(state []byte, before *Builder, changed map[string]bool) error {
	b.size = len(state)
	r := &packed.Reader{Bytes: state}
	if was := r.Text(); was != b.rules() || was != before.rules() {
		return fmt.Errorf("cash forecast: %w: settings, or the days that disputes take, have changed", derive.ErrRecompute)
	}
	for i, p := range b.points {
		b.unpackPatterns(r, p.patterns)
		b.unpackTotals(r, p)
		b.takeOut(p, before, before.points[i])
	}
	b.unpackLines(r, changed)
	if !r.Done() {
		return fmt.Errorf("cash forecast: %w: the kept sums cannot be read", derive.ErrRecompute)
	}
	return nil
}

// takeOut takes what another builder's customers gave out of a point.
func (b *Builder) takeOut(p *point, from *Builder, o *point) {
	here := func(segment int32) int32 { return b.known.segments.Number(from.known.segments.Name(segment)) }
	p.patterns.global.merge(o.patterns.global, -1)
	for n, x := range o.patterns.segments {
		p.patterns.segment(here(n)).merge(x, -1)
	}
	for i, x := range o.patterns.recovery {
		p.patterns.recovery[i].merge(x, -1)
	}
	for s, from := range o.pools {
		s.segment = here(s.segment)
		pool := p.pool(s)
		for at, amount := range from {
			if pool[at] -= amount; pool[at] == 0 {
				delete(pool, at)
			}
		}
	}
	for s, t := range o.totals {
		s.segment = here(s.segment)
		total := p.total(s)
		if total.add(t, -1); total.customers == 0 {
			delete(p.totals, s)
		}
	}
}

// merge adds the cases of another pattern, or with sign -1 takes them out.
func (p *pattern) merge(o *pattern, sign int64) {
	p.n += sign * o.n
	p.came += sign * o.came
	for i, n := range o.byDay {
		p.byDay[i] += sign * n
	}
}

func (p *pattern) pack(w *packed.Writer) {
	w.Number(p.n)
	w.Number(p.came)
	packed.List(w, p.byDay)
}

func (p *pattern) unpack(r *packed.Reader) {
	p.n += r.Number()
	p.came += r.Number()
	packed.Add(r, p.byDay)
}

func (b *Builder) packPatterns(w *packed.Writer, p *patterns) {
	p.global.pack(w)
	for _, x := range p.recovery {
		x.pack(w)
	}
	byName := map[string]*pattern{}
	for n, x := range p.segments {
		if x.n != 0 {
			byName[b.known.segments.Name(n)] = x
		}
	}
	w.Number(int64(len(byName)))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		w.Text(name)
		byName[name].pack(w)
	}
}

func (b *Builder) unpackPatterns(r *packed.Reader, p *patterns) {
	p.global.unpack(r)
	for _, x := range p.recovery {
		x.unpack(r)
	}
	for range r.Count() {
		p.segment(b.known.segments.Number(r.Text())).unpack(r)
	}
}

// packTotals writes the scopes of a point with the pools that belong to them.
func (b *Builder) packTotals(w *packed.Writer, p *point) {
	name := func(s scope) [2]string { return [2]string{s.company, b.known.segments.Name(s.segment)} }
	order := slices.SortedFunc(maps.Keys(p.totals), func(x, y scope) int {
		a, c := name(x), name(y)
		return slices.Compare(a[:], c[:])
	})
	w.Number(int64(len(order)))
	for _, s := range order {
		w.Text(s.company)
		w.Text(name(s)[1])
		t := p.totals[s]
		w.Number(t.customers)
		for _, list := range [][Weeks]money.Amount{t.forecast, t.naive, t.actual} {
			packed.List(w, list[:])
		}
		p.pools[s].pack(w)
	}
}

func (all pools) pack(w *packed.Writer) {
	w.Number(int64(len(all)))
	for _, k := range slices.Sorted(maps.Keys(all)) {
		at := k.age()
		for _, n := range [...]int64{int64(at.days), int64(at.bucket), int64(at.delay), int64(all[k])} {
			w.Number(n)
		}
	}
}

func (b *Builder) unpackTotals(r *packed.Reader, p *point) {
	for range r.Count() {
		s := scope{b.word(r.Text()), b.known.segments.Number(r.Text())}
		t := p.total(s)
		t.customers += r.Number()
		for _, list := range []*[Weeks]money.Amount{&t.forecast, &t.naive, &t.actual} {
			packed.Add(r, list[:])
		}
		pool := p.pool(s)
		for range r.Count() {
			at := age{int(r.Number()), int(r.Number()), int(r.Number())}
			pool[at.key()] += money.Amount(r.Number())
		}
	}
}

// word keeps a text of few values once.
func (b *Builder) word(s string) string {
	if w, met := b.words[s]; met {
		return w
	}
	if b.words == nil {
		b.words = map[string]string{}
	}
	b.words[s] = s
	return s
}

// order are the lines by company, customer and currency: those of changed
// customers were added behind the others.
func (b *Builder) order() []int {
	if len(b.ordered) == len(b.lines) { // lines are only added
		return b.ordered
	}
	b.ordered = make([]int, len(b.lines))
	for i := range b.ordered {
		b.ordered[i] = i
	}
	slices.SortFunc(b.ordered, func(x, y int) int {
		p, q := &b.lines[x], &b.lines[y]
		return cmp.Or(cmp.Compare(p.company, q.company), cmp.Compare(p.customer, q.customer), cmp.Compare(p.currency, q.currency))
	})
	return b.ordered
}

// packLines writes the lines by customer, each with what waits for a pattern.
func (b *Builder) packLines(w *packed.Writer) {
	order, waits := b.order(), make([][]int, len(b.lines))
	for i := range b.waits {
		if n := b.waits[i].line; b.lines[n].packed == nil {
			waits[n] = append(waits[n], i)
		}
	}
	w.Number(int64(len(order)))
	for _, i := range order {
		l := &b.lines[i]
		if l.packed != nil {
			w.Bytes = append(w.Bytes, l.packed...)
			continue
		}
		for _, s := range []string{l.company, l.customer, l.currency, b.known.segments.Name(l.segment)} {
			w.Text(s)
		}
		w.Number(int64(len(waits[i])))
		for _, n := range waits[i] {
			x := &b.waits[n]
			for _, v := range [...]int64{int64(x.at.days), int64(x.at.bucket), int64(x.at.delay), int64(x.doc), int64(x.rc)} {
				w.Number(v)
			}
		}
		unknown := int64(0)
		if l.unknown {
			unknown = 1
		}
		w.Number(unknown)
		for _, f := range []*figures{&l.doc, &l.rc} {
			for _, list := range []*[Weeks]money.Amount{&f.expected, &f.naive, &f.promised} {
				packWeeks(w, list)
			}
		}
	}
}

// packWeeks writes the weeks that are not zero: most are.
func packWeeks(w *packed.Writer, list *[Weeks]money.Amount) {
	used := int64(0)
	for k, a := range list {
		if a != 0 {
			used |= 1 << k
		}
	}
	w.Number(used)
	for _, a := range list {
		if a != 0 {
			w.Number(int64(a))
		}
	}
}

func unpackWeeks(r *packed.Reader, list *[Weeks]money.Amount) {
	used := r.Number()
	for k := range list {
		if used>>k&1 == 1 {
			list[k] = money.Amount(r.Number())
		}
	}
}

func (b *Builder) unpackLines(r *packed.Reader, changed map[string]bool) {
	n := r.Count()
	b.lines = slices.Grow(b.lines, min(n, len(r.Bytes)/12)+len(changed)) // a line takes twelve bytes at least
	for range n {
		begin := r.Bytes
		l := line{company: b.word(r.Text()), customer: r.Text(), currency: b.word(r.Text()), segment: b.known.segments.Number(r.Text())}
		from := len(b.waits)
		for range r.Count() {
			at := age{int(r.Number()), int(r.Number()), int(r.Number())}
			b.waits = append(b.waits, waiting{len(b.lines), at, money.Amount(r.Number()), money.Amount(r.Number())})
		}
		l.unknown = r.Number() != 0
		for _, f := range []*figures{&l.doc, &l.rc} {
			for _, list := range []*[Weeks]money.Amount{&f.expected, &f.naive, &f.promised} {
				unpackWeeks(r, list)
			}
		}
		if changed[l.customer] {
			b.waits = b.waits[:from]
			continue
		}
		l.packed = begin[:len(begin)-len(r.Bytes)]
		b.lines = append(b.lines, l)
	}
}
