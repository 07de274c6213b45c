package metrics

import (
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// balances adds up the customer's books and writes snapshots and roll-forward.
func (w *worker) balances() {
	w.orderBooks()
	for _, n := range w.order {
		b := &w.books[n]
		b.settle()
		w.checkBuckets(b)
		if r := w.tables[Snapshots]; r != nil {
			w.snapshotRows(r, b)
		}
		if r := w.tables[RollForward]; r != nil {
			w.rollForwardRows(r, b)
		}
		if w.wants.reps {
			w.repBalances(b)
		}
	}
}

// checkBuckets compares the balances, built from stretches of days, with the
// plain sum of the events at every point.
func (w *worker) checkBuckets(b *book) {
	for p := range int32(b.points) {
		at := b.at(p)
		bad := net(at) != at[balEvents]
		if !b.home {
			rc := at[b.rc:]
			bad = bad || net(rc) != rc[balEvents]
		}
		if bad {
			w.out.checks.fail(checkBalance, "customer %s company %s %s on %s: aging, unapplied and credits %s, events %s",
				w.replay.ID, b.company, b.currency, w.local.points[p], net(at), at[balEvents])
		}
	}
}

// snapshotRows writes the as-of days at which the book is not empty, many at a
// time: as long as owner, segment and region stay the same.
func (w *worker) snapshotRows(r *rows, b *book) {
	w.picked = w.picked[:0]
	for p := range int32(b.points) {
		if w.local.asOfIndex[p] >= 0 && !allZero(b.at(p)) {
			w.picked = append(w.picked, p)
		}
	}
	for rest := w.picked; len(rest) > 0; {
		run, n := w.runAt(w.local.points[rest[0]]), min(len(rest), r.room())
		if len(w.runs) > 1 {
			same := 1
			for same < n && w.runAt(w.local.points[rest[same]]) == run {
				same++
			}
			n = same
		}
		w.snapshotStretch(r, b, rest[:n], run)
		rest = rest[n:]
	}
}

// snapshotMeasures are the columns of ar_snapshots from open_amount on: each a
// sum of balances of a book, from one up to, not including, another.
var snapshotMeasures = [...]struct{ from, to int }{
	{balFuture, balOldest + 1}, {balFuture, balOverdue},
	{balOverdue, balOverdue + 1}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8}, {balOldest, balOldest + 1}, {balOverdue, balOldest + 1},
	{balUnapplied, balUnapplied + 1}, {balCredits, balCredits + 1}, {balFuture, balCredits + 1},
	{balDisputed, balDisputed + 1}, {balDisputedOverdue, balDisputedOverdue + 1},
}

func (w *worker) snapshotStretch(r *rows, b *book, points []int32, run *ledger.Run) {
	n := len(points)
	r.dates(points, w.local.points)
	r.texts(b.company, n)
	r.texts(w.replay.ID, n)
	r.texts(run.Owner, n)
	r.optTexts(run.Segment, n)
	r.optTexts(run.Region, n)
	r.texts(b.currency, n)
	for _, m := range snapshotMeasures {
		r.sums(b, points, m.from, m.to)
	}
	w.unrealised(r, b, points)
	r.ends(n)
}

// unrealised writes the net balances at the rates of their days less what they
// were booked at.
func (w *worker) unrealised(r *rows, b *book, points []int32) {
	c := r.next()
	out := c.decimals.extend(len(points), r.mem)
	if clear(out); b.home {
		return
	}
	for i, p := range points {
		at := b.at(p)
		rate, ok := w.closing.At(b.currency, w.local.points[p])
		if !ok || !b.priced(at) {
			c.null(r.count+i, 1)
			continue
		}
		gain := net(at).Convert(rate) - net(at[b.rc:])
		if max(gain, -gain) > money.MaxAmount {
			r.overflow(r.at - 1)
		}
		out[i] = decimalOf(gain)
	}
}

func allZero(list []money.Amount) bool {
	for _, a := range list {
		if a != 0 {
			return false
		}
	}
	return true
}

// movement is one row of the roll-forward in the making.
type movement struct {
	owner            string
	opening, closing money.Amount
	flows            [flowCount]money.Amount
	rcOpening        money.Amount
	rcClosing        money.Amount
	rcFlows          [flowCount]money.Amount
	unknown          bool
}

func (m *movement) empty() bool {
	return m.opening == 0 && m.closing == 0 && m.rcOpening == 0 && m.rcClosing == 0 && !m.unknown && allZero(m.flows[:]) && allZero(m.rcFlows[:])
}

// rollForwardRows writes one row a month and owner. An owner change moves the
// balance of the evening before through the transfers of both.
func (w *worker) rollForwardRows(r *rows, b *book) {
	periods := w.local.periods
	owner, closing := "", money.Amount(0)
	for first := 0; first < len(periods); {
		month, end := periods[first].month, first+1
		for end < len(periods) && periods[end].month == month {
			end++
		}
		moves := w.movements(b, periods[first:end], int32(first))
		w.checkContinuity(b, moves, int(month), owner, closing)
		owner, closing = w.runAt(w.cal.monthLast(int(month))).Owner, 0
		for i := range moves {
			m := &moves[i]
			if closing += m.closing; !m.empty() {
				w.rollForwardRow(r, b, int(month), m)
			}
		}
		first = end
	}
}

// checkContinuity compares a month's opening balances with the closing ones of
// the month before.
func (w *worker) checkContinuity(b *book, moves []movement, month int, owner string, closing money.Amount) {
	for i := range moves {
		expected := money.Amount(0)
		if moves[i].owner == owner {
			expected = closing
		}
		if moves[i].opening != expected {
			w.out.checks.fail(checkContinuity, "customer %s company %s %s owner %s %s: opening %s after closing %s",
				w.replay.ID, b.company, b.currency, moves[i].owner, w.cal.months[month], moves[i].opening, expected)
		}
	}
}

// movements fills the rows of one month, owners in order of appearance.
func (w *worker) movements(b *book, periods []period, first int32) []movement {
	w.moves = w.moves[:0]
	of := func(owner string) *movement {
		for i := range w.moves {
			if w.moves[i].owner == owner {
				return &w.moves[i]
			}
		}
		w.moves = append(w.moves, movement{owner: owner})
		return &w.moves[len(w.moves)-1]
	}
	previous := ""
	for i, p := range periods {
		owner := w.runAt(p.start).Owner
		if i == 0 {
			previous = owner
			if first > 0 {
				previous = w.runAt(p.start - 1).Owner
			}
		}
		if eve := w.eve(b, int(first)+i); eve != nil {
			balance, balanceRC, known := net(eve), net(eve[b.rc:]), b.priced(eve)
			if i == 0 {
				m := of(previous)
				m.opening, m.rcOpening, m.unknown = balance, balanceRC, m.unknown || !known
			}
			if owner != previous {
				from := of(previous)
				from.transfer(-balance, -balanceRC, known)
				of(owner).transfer(balance, balanceRC, known)
			}
		}
		m := of(owner)
		m.add(b, int(first)+i)
		previous = owner
	}
	last := b.at(periods[len(periods)-1].end)
	m := of(previous)
	m.closing, m.rcClosing, m.unknown = net(last), net(last[b.rc:]), m.unknown || !b.priced(last)
	return w.moves
}

// eve returns the balances at the end of the day before a period; nil for the first.
func (w *worker) eve(b *book, period int) []money.Amount {
	if period == 0 {
		return nil
	}
	return b.at(w.local.periods[period-1].end)
}

func (m *movement) transfer(amount, rc money.Amount, known bool) {
	m.flows[flowTransfers] += amount
	m.rcFlows[flowTransfers] += rc
	m.unknown = m.unknown || !known
}

func (m *movement) add(b *book, period int) {
	flows := b.flows[period*b.flowWidth : (period+1)*b.flowWidth]
	for i := range m.flows {
		m.flows[i] += flows[i]
		m.rcFlows[i] += flows[b.flowRC+i]
	}
	m.unknown = m.unknown || !b.home && flows[2*flowCount] != 0
}

// check adds up the lines and takes the closing balance away.
func check(opening money.Amount, f *[flowCount]money.Amount, closing money.Amount) money.Amount {
	return opening + f[flowInvoiced] + f[flowDebit] - f[flowCredited] - f[flowCash] - f[flowDiscounts] - f[flowWrittenOff] +
		f[flowRefunds] + f[flowFX] + f[flowTransfers] - closing
}

func (w *worker) rollForwardRow(r *rows, b *book, month int, m *movement) {
	start, run := w.cal.months[month], w.runAt(w.cal.monthLast(month))
	r.date(start)
	r.text(b.company)
	r.text(w.replay.ID)
	r.text(m.owner)
	r.optText(run.Segment)
	r.optText(run.Region)
	r.text(b.currency)
	r.twins(m.opening, m.rcOpening, !m.unknown)
	for i := range m.flows {
		r.twins(m.flows[i], m.rcFlows[i], !m.unknown)
	}
	r.twins(m.closing, m.rcClosing, !m.unknown)
	difference, differenceRC := check(m.opening, &m.flows, m.closing), check(m.rcOpening, &m.rcFlows, m.rcClosing)
	r.twins(difference, differenceRC, !m.unknown)
	r.end()
	if difference != 0 || !m.unknown && differenceRC != 0 {
		w.out.checks.fail(checkRollForward, "customer %s company %s %s owner %s %s: off by %s (%s in %s)",
			w.replay.ID, b.company, b.currency, m.owner, start, difference, differenceRC, w.currency)
	}
}
