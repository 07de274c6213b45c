package behaviour

import (
	"context"
	"slices"

	"huikuan/transform/derive"
	"huikuan/transform/history"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// window adds up the cash received in a stretch of days.
type window struct {
	days, terms, late, floored money.Wide // Σ days × cash
	cash                       money.Amount
	count                      int64 // rows of cash
	unknown                    bool  // a row without exchange rate
}

// month is one row of the table.
type month struct {
	c          *history.Customer
	b          *Builder
	start, end ledger.Day
	open       openMonth

	recent, year, prior                    window
	items90, items365                      int64
	settled, settledEver, settledLate      int64
	daysSettled, lateSettled               int64
	consecutive                            int64
	partial90, partial365, round90, round1 int64
	weekday, dayOfMonth                    int64
	receipts                               int64
}

func (m *month) measure() {
	m.receive()
	m.settle()
	m.rounds()
}

// receive goes through the cash of the recent days and the year before them that was applied by the
// month's end, but for what was cleared by credit or write-off.
func (m *month) receive() {
	c, b, cash := m.c, m.b, m.b.cash
	from, _ := slices.BinarySearchFunc(cash, m.end-b.recent-b.year+1, func(r receipt, day ledger.Day) int { return int(r.day - day) })
	var weekdays [7]int64
	var monthdays [31]int64
	b.month++
	b.seen90, b.seen365 = seen(b.seen90, c), seen(b.seen365, c)
	var old, middle window // before the year; of the year, before the recent days
	for n := from; n < len(cash); n++ {
		r := &cash[n]
		if r.day > m.end {
			break
		}
		if r.event > m.end {
			continue
		}
		if r.other {
			if span, ok := c.Settled(r.item, m.end); ok && span.By != history.Cash {
				continue
			}
		}
		if r.day <= m.end-b.year {
			old.take(r)
			continue
		}
		m.items365 += b.once(b.seen365, r.item)
		if r.partial {
			m.partial365++
		}
		if r.day <= m.end-b.recent {
			middle.take(r)
		} else {
			m.recent.take(r)
			m.items90 += b.once(b.seen90, r.item)
			if r.partial {
				m.partial90++
			}
		}
		if r.head && r.amount > 0 {
			weekdays[r.weekday]++
			monthdays[r.dayOfMonth]++
			m.receipts++
		}
	}
	m.year, m.prior = middle, middle
	m.year.add(&m.recent)
	m.prior.add(&old)
	for _, w := range []*window{&m.recent, &m.year, &m.prior} {
		w.days = w.terms.Add(w.late)
	}
	m.weekday, m.dayOfMonth = usual(weekdays[:]), usual(monthdays[:])
}

// firstReceipt is the day of the customer's first receipt that the month knows of.
func (m *month) firstReceipt() (ledger.Day, bool) {
	for i := range m.b.cash {
		if r := &m.b.cash[i]; r.event <= m.end {
			return r.day, r.day <= m.end
		}
	}
	return ledger.NoDay, false
}

// usual is the position, from 1, of the highest count; the first of equals.
func usual(counts []int64) int64 {
	best := 0
	for i, n := range counts {
		if n > counts[best] {
			best = i
		}
	}
	return int64(best + 1)
}

func (w *window) take(r *receipt) {
	w.count++
	if !r.priced {
		w.unknown = true
		return
	}
	w.cash += r.rc
	w.terms = w.terms.Add(r.terms)
	w.late = w.late.Add(r.late)
	w.floored = w.floored.Add(r.floored)
}

func (w *window) add(x *window) {
	w.count += x.count
	w.unknown = w.unknown || x.unknown
	w.cash += x.cash
	w.terms, w.late, w.floored = w.terms.Add(x.terms), w.late.Add(x.late), w.floored.Add(x.floored)
}

// seen makes room for the items of a customer; a slot holds the number of the
// last month in which the item was met.
func seen(slots []int64, c *history.Customer) []int64 {
	if len(slots) >= len(c.Items) {
		return slots
	}
	return append(slots, make([]int64, len(c.Items)-len(slots))...)
}

// once is 1 when an item is met for the first time in this month.
func (b *Builder) once(slots []int64, item int32) int64 {
	if slots[item] == b.month {
		return 0
	}
	slots[item] = b.month
	return 1
}

// settle goes through the instalments settled by cash by the month's end.
func (m *month) settle() {
	days, streak := m.b.days[:0], true
	for n := len(m.b.spans) - 1; n >= 0; n-- {
		s := &m.b.spans[n]
		if s.last > m.end || s.from > m.end || s.until <= m.end {
			continue
		}
		m.settledEver++
		if streak = streak && s.late > 0; streak {
			m.consecutive++
		}
		if s.last <= m.end-m.b.year {
			continue
		}
		days = append(days, s.took)
		m.settled++
		m.daysSettled += s.took
		m.lateSettled += s.late
		if s.late > 0 {
			m.settledLate++
		}
	}
	slices.Sort(days)
	m.b.days = days
}

// percentile is the smallest value that p per cent of the values do not exceed.
func percentile(sorted []int64, p int) int64 {
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// rounds counts the payments of a round sum that left an instalment open.
func (m *month) rounds() {
	for _, p := range m.b.round {
		if p.receipt > m.end || p.receipt <= m.end-m.b.year {
			continue
		}
		sum, partial := money.Amount(0), false
		for i := range m.b.cash[p.from:p.to] {
			if r := &m.b.cash[p.from+i]; r.event <= m.end {
				sum += r.amount
				partial = partial || r.partial
			}
		}
		if !partial || sum <= 0 || sum%m.b.o.RoundSum != 0 {
			continue
		}
		m.round1++
		if p.receipt > m.end-m.b.recent {
			m.round90++
		}
	}
}

// Reasons why a measure is undefined.
const (
	noReceipts          = "no_receipts"
	missingRate         = "missing_rate"
	insufficientHistory = "insufficient_history"
	noneLate            = "none_late"
	zeroDays            = "zero_days"
)

// ratio is n ÷ d in units of 1e-10, or the reason why it is undefined.
type ratio struct {
	value  money.Wide
	reason string
}

func (r ratio) known() bool { return r.reason == "" }

// over divides days × money (units of 1e-4) by money.
func over(n money.Wide, d money.Amount, unknown bool) ratio {
	switch {
	case unknown:
		return ratio{reason: missingRate}
	case d <= 0:
		return ratio{reason: noReceipts}
	}
	return ratio{value: n.Times(money.RateUnits).Over(int64(d))}
}

func (w *window) ratio(n money.Wide) ratio { return over(n, w.cash, w.unknown) }

// exact is days × money as a number of ten decimals.
func exact(n money.Wide) money.Wide { return n.Times(money.RateUnits / money.AmountUnits) }

func count(n, d int64, why string) ratio {
	if d == 0 {
		return ratio{reason: why}
	}
	return ratio{value: money.Whole(n).Over(d)}
}

func (m *month) write(ctx context.Context, w *derive.Writer) error {
	w.Date(m.start)
	w.Date(m.end)
	w.Text(m.c.Company)
	w.Text(m.c.ID)
	for _, n := range []int64{m.items90, m.items365, m.settled, m.settledEver, m.settledLate, m.consecutive} {
		w.Int(n)
	}
	recent, year, prior := m.recent.ratio(m.recent.days), m.year.ratio(m.year.days), m.prior.ratio(m.prior.days)
	if prior.reason == noReceipts {
		if first, paid := m.firstReceipt(); paid && first > m.end-m.b.recent {
			prior.reason = insufficientHistory
		}
	}
	weightedRow(w, &m.recent, recent)
	weightedRow(w, &m.year, year)
	weightedRow(w, &m.prior, prior)
	unknown := m.year.unknown || m.open.unknown
	n, d := m.year.days.Add(m.open.numerator), m.year.cash+m.open.open
	w.Exact(exact(n), !unknown)
	w.OptMoney(d, !unknown)
	open := over(n, d, unknown)
	w.Exact(open.value, open.known())
	m.writeTerms(w, year)
	settled, whenLate := m.writeSettled(w)
	if m.b.firstLate <= m.end {
		w.Date(m.b.firstLate)
	} else {
		w.Null()
	}
	for _, n := range []int64{m.partial90, m.partial365, m.round90, m.round1} {
		w.Int(n)
	}
	habit := ""
	if m.receipts < habitMin {
		habit = insufficientHistory
	}
	w.OptInt(m.weekday, habit == "")
	w.OptInt(m.dayOfMonth, habit == "")
	cycle, why := m.cycle(recent, prior)
	w.Exact(cycle, why == "")
	w.Exact(recent.value.Sub(prior.value), recent.known() && prior.known())
	w.Exact(prior.value, prior.known())
	for _, s := range []string{recent.reason, year.reason, prior.reason, open.reason, settled.reason, whenLate.reason, habit, why} {
		w.OptText(s)
	}
	return w.End(ctx)
}

func weightedRow(w *derive.Writer, x *window, r ratio) {
	w.Exact(exact(x.days), !x.unknown)
	w.OptMoney(x.cash, !x.unknown)
	w.Exact(r.value, r.known())
}

// writeTerms writes terms and days beyond them over the cash of the year. The
// signed days are the difference of the two others, so that the identity holds
// to the last decimal.
func (m *month) writeTerms(w *derive.Writer, paid ratio) {
	terms, floored := m.year.ratio(m.year.terms), m.year.ratio(m.year.floored)
	w.Exact(exact(m.year.terms), !m.year.unknown)
	w.Exact(terms.value, terms.known())
	w.Exact(exact(m.year.late), !m.year.unknown)
	w.Exact(paid.value.Sub(terms.value), terms.known())
	w.Exact(exact(m.year.floored), !m.year.unknown)
	w.Exact(floored.value, floored.known())
}

func (m *month) writeSettled(w *derive.Writer) (settled, whenLate ratio) {
	settled = count(m.daysSettled, m.settled, noReceipts)
	late := count(m.lateSettled, m.settled, noReceipts)
	whenLate = count(m.lateSettled, m.settledLate, noneLate)
	if m.settled == 0 {
		whenLate.reason = noReceipts
	}
	w.Int(m.daysSettled)
	w.Exact(settled.value, settled.known())
	w.Int(m.lateSettled)
	w.Exact(late.value, late.known())
	w.Exact(whenLate.value, whenLate.known())
	for _, p := range []int{25, 50, 80} {
		if m.settled == 0 {
			w.Null()
			continue
		}
		w.Int(percentile(m.b.days, p))
	}
	return settled, whenLate
}

// cycle is days to pay of the last 90 days over those of the year before.
func (m *month) cycle(recent, prior ratio) (money.Wide, string) {
	switch {
	case !prior.known():
		return money.Wide{}, prior.reason
	case !recent.known():
		return money.Wide{}, recent.reason
	case prior.value.Sign() <= 0:
		return money.Wide{}, zeroDays
	}
	return recent.value.OverWide(prior.value), ""
}
