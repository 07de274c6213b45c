package metrics

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// worker replays customers and builds the rows of its chunk. Sums over
// customers (scopes, reps) are kept per worker and added up at the end: sums of
// integers do not depend on the order.
type worker struct {
	o                 *Options
	cal               *calendar // of the build
	ref               *ledger.Reference
	currency          string // reporting currency
	terms             PromiseTerms
	parser            ledger.Parser
	replayer          *ledger.Replayer
	rates             *ledger.Rates
	closing           *ledger.Converter
	bucketNames       []string
	tables            map[string]*rows // those asked for
	wants             struct{ dso, reps, promises bool }
	events, openItems *rows // nil when not asked for
	facts             facts
	scopes            scopes
	reps              reps

	// of the customer at hand
	replay  *ledger.Replay
	runs    []ledger.Run
	local   *calendar // cal, or a divided one
	divided calendar
	breaks  []ledger.Day
	books   []book
	order   []int32 // books by company and currency
	picked  []int32 // points of a book with a snapshot
	cuts    []ledger.Day
	moves   []movement
	speed   customerSpeed
	pledges pledges
	visits  visits

	out chunkResult
	buf []byte
}

// chunkResult is what a worker hands over for one chunk.
type chunkResult struct {
	batches   []tableBatch
	checks    checkList
	missing   []ledger.MissingRate
	faults    []CustomerFaults
	customers int64
	items     int64
	events    int64
	err       error
}

type tableBatch struct {
	table string
	rec   arrow.Record
}

func (r *chunkResult) release() {
	for _, b := range r.batches {
		b.rec.Release()
	}
	r.batches = nil
}

// chunk works through the customers of a chunk.
func (w *worker) chunk(c *ledger.Chunk) *chunkResult {
	w.out = chunkResult{}
	for i := range c.Len() {
		customer, err := w.parser.Customer(c, i)
		if err != nil {
			w.out.err = err
			break
		}
		if r := w.tables[State]; r != nil {
			w.customerKept(r, c, i, customer)
			continue
		}
		w.customer(customer)
	}
	for _, name := range tableOrder {
		r := w.tables[name]
		if r == nil {
			continue
		}
		if r.err != nil && w.out.err == nil {
			w.out.err = r.err
		}
		for _, rec := range r.take() {
			w.out.batches = append(w.out.batches, tableBatch{name, rec})
		}
	}
	out := w.out
	return &out
}

// customerKept replays a customer and writes down what the next build needs,
// with its faults apart from those of the others.
func (w *worker) customerKept(r *rows, c *ledger.Chunk, i int, customer *ledger.Customer) {
	checks, missing := w.out.checks, w.out.missing
	w.out.checks, w.out.missing = checkList{}, nil
	w.customer(customer)
	text, err := faultsText(&w.out.checks, w.out.missing)
	if err != nil && w.out.err == nil {
		w.out.err = err
	}
	if text != "" {
		w.out.faults = append(w.out.faults, CustomerFaults{c.Customer(i), text})
	}
	w.keep(r, c, i, text)
	checks.merge(&w.out.checks)
	w.out.checks, w.out.missing = checks, mergeMissing(missing, w.out.missing)
}

// customer replays one customer into rows and sums.
func (w *worker) customer(c *ledger.Customer) {
	w.runs = c.Runs(w.runs[:0], w.cal.asOf)
	w.divide()
	w.replay = w.replayer.Replay(c)
	w.out.customers++
	w.out.events += int64(len(w.replay.Events))
	w.out.missing = mergeMissing(w.out.missing, w.replay.Missing)
	for _, s := range c.Skipped {
		if s.Orphan && w.ref.OrphanCount > 0 {
			continue // counted from in_orphans
		}
		w.out.checks.fail(checkOrphans, "%s %s: %s", s.Source, s.ID, s.Reason)
	}
	w.books = w.books[:0]
	w.reps.begin()
	for i := range c.Items {
		w.item(int32(i))
	}
	w.balances()
	w.rollRows()
	if w.wants.dso {
		w.customerSpeed()
	}
	w.people()
	w.nameOverflow()
}

// nameOverflow says which customer's amounts did not fit, if any did not.
func (w *worker) nameOverflow() {
	for _, r := range w.tables {
		if tooMuch, ok := r.err.(*OverflowError); ok && tooMuch.Customer == "" {
			tooMuch.Customer, tooMuch.Largest = w.replay.ID, w.largest()
		}
	}
}

// largest names the customer's document of the greatest amount in reporting
// currency.
func (w *worker) largest() string {
	var text string
	most := money.Amount(-1)
	for i := range w.replay.Items {
		it, f := &w.replay.Items[i], &w.replay.Facts[i]
		amount := it.Amount.Abs()
		if f.Priced {
			amount = amount.Convert(f.Rate).Abs()
		}
		if amount > most {
			most, text = amount, fmt.Sprintf("%s %s of %s %s (source %s)", it.Type(), it.ID, it.Amount, it.Currency, it.Source)
		}
	}
	return text
}

// divide chooses the calendar: months are divided on days on which the owner
// changes, so that balances and flows can be told apart.
func (w *worker) divide() {
	w.local, w.breaks = w.cal, w.breaks[:0]
	for i := 1; i < len(w.runs); i++ {
		if r := &w.runs[i]; r.Owner != w.runs[i-1].Owner && r.From > w.cal.first && r.From <= w.cal.asOf {
			w.breaks = append(w.breaks, r.From)
		}
	}
	if len(w.breaks) > 0 {
		w.local = w.cal.divided(&w.divided, w.breaks)
	}
}

// runAt returns owner, segment and region of a day.
func (w *worker) runAt(d ledger.Day) *ledger.Run {
	i := len(w.runs) - 1
	for i > 0 && w.runs[i].From > d {
		i--
	}
	return &w.runs[i]
}

// book finds or opens the book of a document.
func (w *worker) book(it *ledger.Item) int32 {
	for i := range w.books {
		if b := &w.books[i]; b.currency == it.Currency && b.company == it.Company {
			return int32(i)
		}
	}
	n := len(w.books)
	if n < cap(w.books) {
		w.books = w.books[:n+1]
	} else {
		w.books = append(w.books, book{})
	}
	w.books[n].open(it.Company, it.Currency, w.currency, len(w.local.points), len(w.local.periods))
	return int32(n)
}

// item books one document.
func (w *worker) item(i int32) {
	it, f := &w.replay.Items[i], &w.replay.Facts[i]
	if f.Events.Len() == 0 {
		return
	}
	w.out.items++
	n := w.book(it)
	b := &w.books[n]
	b.firstDay = min(b.firstDay, it.Date)
	b.firstUse = min(b.firstUse, it.Date)
	for e := f.Events.From; e < f.Events.To; e++ {
		b.firstUse = min(b.firstUse, w.replay.Events[e].Day)
		b.event(w.local, &w.replay.Events[e], it)
	}
	for v := f.Intervals.From; v < f.Intervals.To; v++ {
		w.interval(b, it, f, &w.replay.Intervals[v])
	}
	if it.Claims.Len() > 0 {
		w.disputed(b, i)
	}
	w.flags(it, f)
	if w.wants.dso {
		w.speedItem(i, n)
	}
	if w.wants.reps {
		w.repItem(i, n)
	}
	if r := w.events; r != nil {
		w.eventRows(r, i)
	}
	w.itemFacts(i, n)
	if r := w.openItems; r != nil && it.Side == ledger.InvoiceSide && f.Open > 0 {
		w.openItemRows(r, i)
	}
}

// interval books a stretch of days with one balance.
func (w *worker) interval(b *book, it *ledger.Item, f *ledger.ItemFacts, iv *ledger.Interval) {
	if iv.Due >= 0 {
		b.age(w.local, w.replay.Instalments[iv.Due].Due, iv.From, iv.To, iv.Open, iv.RC)
	} else if lo, hi := w.local.point(iv.From), w.local.point(iv.To); lo < hi {
		column := balCredits
		if it.Side == ledger.PaymentSide {
			column = balUnapplied
		}
		b.add(column, lo, hi, iv.Open, iv.RC)
	}
	if !f.Priced {
		b.unpriced(w.local.point(iv.From), w.local.point(iv.To))
	}
}

// flags reports what is odd about a document.
func (w *worker) flags(it *ledger.Item, f *ledger.ItemFacts) {
	checks := &w.out.checks
	if it.DueMissing {
		checks.fail(checkDueDate, "%s invoice %s", it.Source, it.ID)
	}
	if it.Uneven {
		checks.fail(checkInstalments, "%s invoice %s of %s", it.Source, it.ID, it.Amount)
	}
	switch {
	case it.Side == ledger.InvoiceSide && f.Open < 0 && it.Amount >= 0:
		checks.fail(checkOverpaid, "%s invoice %s overpaid by %s %s", it.Source, it.ID, -f.Open, it.Currency)
	case it.Side != ledger.InvoiceSide && f.Open > 0 && it.Amount > 0:
		checks.fail(checkOverApplied, "%s %s %s applied %s %s beyond its amount", it.Source, it.Type(), it.ID, f.Open, it.Currency)
	}
}

// disputed books the disputed part of an invoice, day by day never above what
// is open; of what is overdue at most all is disputed.
func (w *worker) disputed(b *book, i int32) {
	it, f := &w.replay.Items[i], &w.replay.Facts[i]
	claims := w.replay.Disputes[it.Claims.From:it.Claims.To]
	ivs := w.replay.Intervals[f.Intervals.From:f.Intervals.To]
	cuts := w.cuts[:0]
	for _, c := range claims {
		cuts = append(cuts, c.Opened, c.Closed)
	}
	for _, iv := range ivs {
		cuts = append(cuts, iv.From, iv.To)
		if iv.Due >= 0 {
			cuts = append(cuts, w.replay.Instalments[iv.Due].Due+1)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	w.cuts = cuts
	for n := 0; n+1 < len(cuts); n++ {
		day := cuts[n]
		claimed, overdue := w.claimed(claims, ivs, day)
		if claimed > 0 {
			lo, hi := w.local.point(day), w.local.point(cuts[n+1])
			late := min(claimed, overdue)
			b.add(balDisputed, lo, hi, claimed, claimed.Convert(f.Rate))
			b.add(balDisputedOverdue, lo, hi, late, late.Convert(f.Rate))
		}
	}
}

// claimed returns the disputed part of an invoice's open amount on a day, and
// its overdue part.
func (w *worker) claimed(claims []ledger.Dispute, ivs []ledger.Interval, day ledger.Day) (claimed, overdue money.Amount) {
	var open money.Amount
	for _, iv := range ivs {
		if iv.Due >= 0 && iv.From <= day && day < iv.To {
			open += iv.Open
			if w.replay.Instalments[iv.Due].Due < day {
				overdue += iv.Open
			}
		}
	}
	for _, c := range claims {
		switch {
		case day < c.Opened || day >= c.Closed:
		case c.Whole:
			claimed = open
		default:
			claimed = min(open, claimed+max(0, c.Amount))
		}
	}
	return min(claimed, open), overdue
}

// orderBooks lists the books by company and currency.
func (w *worker) orderBooks() {
	w.order = w.order[:0]
	for i := range w.books {
		w.order = append(w.order, int32(i))
	}
	slices.SortFunc(w.order, func(i, j int32) int {
		a, b := &w.books[i], &w.books[j]
		if n := strings.Compare(a.company, b.company); n != 0 {
			return n
		}
		return strings.Compare(a.currency, b.currency)
	})
}
