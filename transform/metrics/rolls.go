package metrics

import (
	"math/bits"
	"sort"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// Where what is no longer open went to, in the order of the columns behind the
// buckets.
const (
	rollPaid = iota
	rollCredited
	rollWrittenOff
	rollOutcomes
)

var rollNames = [rollOutcomes]string{"paid", "credited", "written_off"}

// rollOutcome is where each reduction leads.
var rollOutcome = [...]int{ledger.ByCashReceived: rollPaid, ledger.ByDiscount: rollPaid, ledger.ByCreditNote: rollCredited, ledger.ByWritingOff: rollWrittenOff}

// rolls sums, for the customer at hand, what items open at a month-end became
// until the next one.
type rolls struct {
	rows            *rows
	buckets, months int
	books           []rollBook // parallel to worker.books
}

// rollBook holds the sums of one book by month, bucket and outcome. Only the
// cells in use are written and emptied again.
type rollBook struct {
	cells []rollCell
	used  []uint64 // a bit a cell
}

type rollCell struct {
	doc, rc money.Amount
	unknown bool
}

func newRolls(r *rows, buckets, months int) *rolls {
	return &rolls{rows: r, buckets: buckets, months: months}
}

// add books an amount; to is a bucket, or an outcome behind the buckets.
func (x *rolls) add(n int32, month, from, to int, doc, rc money.Amount, priced bool) {
	for int(n) >= len(x.books) {
		size := x.months * x.buckets * (x.buckets + rollOutcomes)
		x.books = append(x.books, rollBook{make([]rollCell, size), make([]uint64, (size+63)/64)})
	}
	b := &x.books[n]
	i := (month*x.buckets+from)*(x.buckets+rollOutcomes) + to
	b.used[i/64] |= 1 << (i % 64)
	c := &b.cells[i]
	c.doc += doc
	c.rc += rc
	c.unknown = c.unknown || !priced
}

// rollItem follows the instalments of an invoice from month-end to month-end.
func (w *worker) rollItem(i, n int32) {
	f := &w.replay.Facts[i]
	ivs := w.replay.Intervals[f.Intervals.From:f.Intervals.To]
	last := len(w.cal.months) - 1
	for v := range ivs {
		iv := &ivs[v]
		if iv.Due < 0 {
			continue
		}
		due := w.replay.Instalments[iv.Due].Due
		for m := w.cal.month(iv.From); m < last; m++ {
			start, end := w.cal.monthLast(m), w.cal.monthLast(m+1)
			if start >= iv.To {
				break
			}
			from, to := w.bucketAt(int(start-due)), w.bucketAt(int(end-due))
			if end < iv.To {
				w.facts.rolls.add(n, m, from, to, iv.Open, iv.RC, f.Priced)
			} else {
				w.rollChanged(f, n, m, from, to, ivs[v:])
			}
		}
	}
}

// rollChanged splits what was open at the end of month m, the first of ivs, into
// what is still open a month later and what it was reduced with.
func (w *worker) rollChanged(f *ledger.ItemFacts, n int32, m, from, to int, ivs []ledger.Interval) {
	x, iv := w.facts.rolls, &ivs[0]
	start, end := w.cal.monthLast(m), w.cal.monthLast(m+1)
	var open, openRC money.Amount
	for i := 1; i < len(ivs) && ivs[i].From <= end; i++ {
		if next := &ivs[i]; next.Due == iv.Due && end < next.To {
			open, openRC = next.Open, next.RC
		}
	}
	if open >= iv.Open {
		x.add(n, m, from, to, iv.Open, iv.RC, f.Priced)
		return
	}
	if open > 0 {
		x.add(n, m, from, to, open, openRC, f.Priced)
	}
	parts := w.rollReductions(f, iv.Due, start, end)
	parts.share(iv.Open-open, iv.RC-openRC)
	for outcome := range parts {
		if p := &parts[outcome]; p.doc != 0 || p.rc != 0 {
			x.add(n, m, from, x.buckets+outcome, p.doc, p.rc, f.Priced)
		}
	}
}

// rollParts is what reduced an instalment, by outcome.
type rollParts [rollOutcomes]struct{ doc, rc money.Amount }

// rollReductions adds up what reduced an instalment after start until end.
func (w *worker) rollReductions(f *ledger.ItemFacts, due int32, start, end ledger.Day) (parts rollParts) {
	deltas := w.replay.Deltas[f.Deltas.From:f.Deltas.To]
	first := 0
	if len(deltas) > 8 {
		first = sort.Search(len(deltas), func(i int) bool { return w.replay.Events[deltas[i].Event].Day > start })
	}
	for i := first; i < len(deltas); i++ {
		d := &deltas[i]
		day := w.replay.Events[d.Event].Day
		if day > end {
			break
		}
		if day > start && d.Due == due {
			p := &parts[rollOutcome[d.Kind]]
			p.doc += d.Amount
			p.rc += d.RC
		}
	}
	return parts
}

// share makes the parts positive and add up to what is no longer open. Where
// something was taken back, the others are scaled down to it; what rounding
// leaves goes to the largest.
func (p *rollParts) share(doc, rc money.Amount) {
	var sum money.Amount
	largest, taken := 0, false
	for i := range p {
		if p[i].doc > p[largest].doc {
			largest = i
		}
		sum += max(0, p[i].doc)
		taken = taken || p[i].doc < 0
	}
	leftDoc, leftRC := doc, rc
	for i := range p {
		switch {
		case p[i].doc <= 0:
			p[i].doc, p[i].rc = 0, 0
		case taken:
			p[i].doc, p[i].rc = doc.Part(p[i].doc, sum), rc.Part(p[i].doc, sum)
		}
		leftDoc -= p[i].doc
		leftRC -= p[i].rc
	}
	p[largest].doc += leftDoc
	p[largest].rc += leftRC
}

// bucketAt returns the place of an aging bucket, as in bucketNames.
func (w *worker) bucketAt(past int) int {
	if past <= 0 {
		return 0
	}
	for i, e := range w.o.Edges {
		if past <= e {
			return i + 1
		}
	}
	return len(w.o.Edges) + 1
}

// rollRows writes the sums of the customer's books and empties them.
func (w *worker) rollRows() {
	x := w.facts.rolls
	if x == nil {
		return
	}
	width := x.buckets + rollOutcomes
	for _, n := range w.order {
		if int(n) >= len(x.books) {
			continue
		}
		b, rb := &w.books[n], &x.books[n]
		for word, set := range rb.used {
			for rb.used[word] = 0; set != 0; set &= set - 1 {
				i := word*64 + bits.TrailingZeros64(set)
				w.rollRow(b, i/width/x.buckets, i/width%x.buckets, i%width, &rb.cells[i])
				rb.cells[i] = rollCell{}
			}
		}
	}
}

func (w *worker) rollRow(b *book, month, from, to int, c *rollCell) {
	r, run := w.facts.rolls.rows, w.runAt(w.cal.monthLast(month))
	r.date(w.cal.months[month])
	r.date(w.cal.monthLast(month + 1))
	r.text(b.company)
	r.text(w.replay.ID)
	r.optText(run.Segment)
	r.optText(run.Region)
	r.text(b.currency)
	r.text(w.bucketNames[from])
	if to < len(w.bucketNames) {
		r.text(w.bucketNames[to])
	} else {
		r.text(rollNames[to-len(w.bucketNames)])
	}
	r.twins(c.doc, c.rc, !c.unknown)
	r.end()
}
