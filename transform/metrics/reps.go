package metrics

import (
	"strings"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// repMonth is one row of rep_collection in the making, in reporting currency.
type repMonth struct {
	openingOpen, openingOverdue, fellDue, reduced, denominator       money.Amount
	collected, collectedDue, collectedEarly, collectedUnapplied      money.Amount
	sales, openingNet, closingNet                                    money.Amount
	billed, writtenOff, onTime, onTimeBase                           money.Amount
	closingOpen, closingOverdue, closingUnapplied                    money.Amount
	closingDisputed, disputedDue, disputedSales                      money.Amount // in dispute at the end of the month
	transfersIn, transfersOut, promisesDueAmount, promisesKeptAmount money.Amount
	target                                                           money.Amount
	daysToPay, settledDays                                           money.Wide // days × units of Amount; days × units of Rate
	daysToPayCash                                                    money.Amount
	onTimeCount, onTimeCountBase, settledCount                       money.Rate
	visits, promisesMade, promisesDue, promisesKept                  int64
	targets, unknown                                                 int64 // how many there are; what has no rate
	att                                                              attributions
}

// add adds the same month of another worker.
func (m *repMonth) add(o *repMonth) {
	for _, p := range [][2]*money.Amount{
		{&m.openingOpen, &o.openingOpen}, {&m.openingOverdue, &o.openingOverdue}, {&m.fellDue, &o.fellDue}, {&m.reduced, &o.reduced},
		{&m.denominator, &o.denominator}, {&m.collected, &o.collected}, {&m.collectedDue, &o.collectedDue}, {&m.collectedEarly, &o.collectedEarly},
		{&m.collectedUnapplied, &o.collectedUnapplied}, {&m.sales, &o.sales}, {&m.openingNet, &o.openingNet}, {&m.closingNet, &o.closingNet},
		{&m.billed, &o.billed}, {&m.writtenOff, &o.writtenOff}, {&m.onTime, &o.onTime}, {&m.onTimeBase, &o.onTimeBase},
		{&m.closingOpen, &o.closingOpen}, {&m.closingOverdue, &o.closingOverdue}, {&m.closingUnapplied, &o.closingUnapplied},
		{&m.closingDisputed, &o.closingDisputed}, {&m.disputedDue, &o.disputedDue}, {&m.disputedSales, &o.disputedSales},
		{&m.transfersIn, &o.transfersIn}, {&m.transfersOut, &o.transfersOut}, {&m.promisesDueAmount, &o.promisesDueAmount},
		{&m.promisesKeptAmount, &o.promisesKeptAmount}, {&m.target, &o.target}, {&m.daysToPayCash, &o.daysToPayCash},
	} {
		*p[0] += *p[1]
	}
	m.daysToPay, m.settledDays = m.daysToPay.Add(o.daysToPay), m.settledDays.Add(o.settledDays)
	m.onTimeCount, m.onTimeCountBase, m.settledCount = m.onTimeCount+o.onTimeCount, m.onTimeCountBase+o.onTimeCountBase, m.settledCount+o.settledCount
	m.visits, m.promisesMade, m.promisesDue, m.promisesKept = m.visits+o.visits, m.promisesMade+o.promisesMade, m.promisesDue+o.promisesDue, m.promisesKept+o.promisesKept
	m.att.add(&o.att)
	m.targets, m.unknown = m.targets+o.targets, m.unknown+o.unknown
}

type repKey struct{ company, rep string }

// count is 1 for yes: what is added up can be taken out again.
func count(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// reps sums collection by company, rep and month, and, as a check, the same by
// company alone.
type reps struct {
	cal    *calendar
	list   map[repKey][]repMonth
	totals map[string][]repMonth // collected, sales, closingOpen and billed only

	// of the customer at hand
	owners []ownerRow
	// of the item at hand
	of     [][]repMonth
	shares []money.Rate
	parts  []money.Amount
	moves  []dueMove
	paid   []dueMove
}

// ownerRow remembers the sums of an owner in a company.
type ownerRow struct {
	run     *ledger.Run
	company string
	months  []repMonth
}

func newReps(cal *calendar) reps {
	return reps{cal: cal, list: map[repKey][]repMonth{}, totals: map[string][]repMonth{}}
}

func (r *reps) begin() { r.owners = r.owners[:0] }

// rep returns the months of a rep in a company.
func (r *reps) rep(company, rep string) []repMonth {
	if m := r.list[repKey{company, rep}]; m != nil {
		return m
	}
	m := make([]repMonth, len(r.cal.months))
	r.list[repKey{strings.Clone(company), strings.Clone(rep)}] = m
	return m
}

func (r *reps) total(company string) []repMonth {
	if m := r.totals[company]; m != nil {
		return m
	}
	m := make([]repMonth, len(r.cal.months))
	r.totals[strings.Clone(company)] = m
	return m
}

// owner returns the month of the account owner of a day in a company; nil for
// days outside the history.
func (w *worker) owner(company string, day ledger.Day) *repMonth {
	month := w.cal.month(day)
	if month >= len(w.cal.months) {
		return nil
	}
	return w.ownerIn(company, day, month)
}

// ownerIn returns a month's row of the account owner of a day.
func (w *worker) ownerIn(company string, day ledger.Day, month int) *repMonth {
	run := w.runAt(day)
	for i := range w.reps.owners {
		if o := &w.reps.owners[i]; o.run == run && o.company == company {
			return &o.months[month]
		}
	}
	months := w.reps.rep(company, run.Owner)
	w.reps.owners = append(w.reps.owners, ownerRow{run, company, months})
	return &months[month]
}

// repBalances adds a book's balances and flows to the owners of the day.
func (w *worker) repBalances(b *book) {
	total := w.reps.total(b.company)
	for m := range w.cal.months {
		at := b.at(w.local.monthEnd[m])
		if allZero(at) {
			continue
		}
		rc := at[b.rc:]
		open, dueByNow, overdue := gross(rc)
		day := w.cal.monthLast(m)
		row := w.ownerIn(b.company, day, m)
		row.closingOpen += open
		row.closingOverdue += overdue
		row.closingUnapplied += rc[balUnapplied]
		row.closingDisputed += rc[balDisputed]
		row.closingNet += net(rc)
		row.unknown += count(!b.priced(at))
		total[m].closingOpen += open
		if m+1 < len(w.cal.months) {
			next := w.ownerIn(b.company, day, m+1)
			next.openingOpen += open
			next.openingOverdue += dueByNow
			next.openingNet += net(rc)
			next.unknown += count(!b.priced(at))
		}
	}
	for i, p := range w.local.periods {
		flows := b.flows[i*b.flowWidth+b.flowRC : (i+1)*b.flowWidth]
		if sales := flows[flowInvoiced] + flows[flowDebit] - flows[flowCredited]; sales != 0 {
			w.ownerIn(b.company, p.start, int(p.month)).sales += sales
			total[p.month].sales += sales
		}
		if i > 0 && w.runAt(p.start).Owner != w.runAt(p.start-1).Owner {
			w.repTransfer(b, i)
		}
	}
}

// repTransfer hands the balance of the evening before over to the next owner.
func (w *worker) repTransfer(b *book, period int) {
	p := w.local.periods[period]
	eve := w.eve(b, period)
	if allZero(eve) {
		return
	}
	rc := eve[b.rc:]
	open, _, _ := gross(rc)
	from, to := w.ownerIn(b.company, p.start-1, int(p.month)), w.ownerIn(b.company, p.start, int(p.month))
	from.transfersOut += open
	from.openingNet -= net(rc)
	to.transfersIn += open
	to.openingNet += net(rc)
	unknown := count(!b.priced(eve))
	from.unknown, to.unknown = from.unknown+unknown, to.unknown+unknown
}

// homeCompany is where visits, promises and targets of a rep are shown: the
// rep's own company, else the customer's first, else the only one there is.
func (w *worker) homeCompany(rep string) string {
	if c := w.ref.Reps[rep].Company; c != "" {
		return c
	}
	if len(w.order) > 0 {
		return w.books[w.order[0]].company
	}
	if len(w.ref.Companies) == 1 {
		return w.ref.Companies[0].ID
	}
	return ""
}

// repVisits counts visits by visitor, else by the account owner of the day.
func (w *worker) repVisits() {
	for _, v := range w.replay.Visits {
		if v.Day < w.cal.first || v.Day > w.cal.asOf {
			continue
		}
		rep := v.Rep
		if rep == "" {
			rep = w.runAt(v.Day).Owner
		}
		w.reps.rep(w.homeCompany(rep), rep)[w.cal.month(v.Day)].visits++
	}
}
