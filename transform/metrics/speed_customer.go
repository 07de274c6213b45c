package metrics

import (
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// sale is a billing or, negative, a credit note on its date.
type sale struct {
	day, book  int32 // days since the calendar's first; index of the book
	amount, rc money.Amount
}

// openSpan is an open amount between two as-of days, by the month of its invoice.
type openSpan struct {
	month, lo, hi, book int32
	open, rc            money.Amount
}

// customerSpeed collects what the dso table needs of the customer at hand.
type customerSpeed struct {
	sales     []sale
	losses    []sale // write-offs, positive
	spans     []openSpan
	unpriced  []openSpan
	total     series // reporting currency
	company   series // reporting currency, one company of several
	doc       series // document currency of the customer's first book
	companies []string
}

// speedItem collects a document's sales and open spans.
func (w *worker) speedItem(i, book int32) {
	it, f, s := &w.replay.Items[i], &w.replay.Facts[i], &w.speed
	for e := f.Events.From; e < f.Events.To; e++ {
		ev := &w.replay.Events[e]
		switch ev.Kind {
		case ledger.Invoice, ledger.Debit, ledger.Credit:
			s.sales = append(s.sales, sale{int32(max(0, int(ev.Day)-int(w.cal.first))), book, ev.Amount, ev.RC})
		case ledger.WriteOffEvent, ledger.WriteOffRev:
			s.losses = append(s.losses, sale{int32(max(0, int(ev.Day)-int(w.cal.first))), book, -ev.Amount, -ev.RC})
		}
	}
	month := int32(w.cal.month(it.Date))
	for n := f.Intervals.From; n < f.Intervals.To; n++ {
		iv := &w.replay.Intervals[n]
		lo, hi := w.cal.point(iv.From), w.cal.point(iv.To)
		if lo >= hi {
			continue
		}
		if iv.Due >= 0 {
			s.spans = append(s.spans, openSpan{month, lo, hi, book, iv.Open, iv.RC})
		}
		if !f.Priced {
			s.unpriced = append(s.unpriced, openSpan{month, lo, hi, book, 0, 0})
		}
	}
	if !f.Priced && it.Side != ledger.PaymentSide { // a sale nobody can convert stays in the windows for a year
		s.unpriced = append(s.unpriced, openSpan{month, w.cal.point(it.Date), w.cal.point(it.Date + 366), book, 0, 0})
	}
}

// customerSpeed writes the customer's rows and adds it to its scopes.
func (w *worker) customerSpeed() {
	s := &w.speed
	if len(w.books) > 0 {
		s.companies = s.companies[:0]
		for _, n := range w.order {
			if c := w.books[n].company; len(s.companies) == 0 || s.companies[len(s.companies)-1] != c {
				s.companies = append(s.companies, c)
			}
		}
		w.gather(&s.total, func(*book) bool { return true }, false)
		if len(s.companies) == 1 {
			w.scopes.add(w, &s.total, s.companies[0])
		} else {
			for _, c := range s.companies {
				w.gather(&s.company, func(b *book) bool { return b.company == c }, false)
				w.scopes.add(w, &s.company, c)
			}
		}
		if r := w.tables[DSO]; r != nil {
			w.customerSpeedRows(r)
		}
	}
	s.sales, s.losses, s.spans, s.unpriced = s.sales[:0], s.losses[:0], s.spans[:0], s.unpriced[:0]
}

// gather fills a series from the books chosen, in reporting or document currency.
func (w *worker) gather(s *series, chosen func(*book) bool, doc bool) {
	s.fill(w.cal)
	first := ledger.Forever
	for n := range w.books {
		b := &w.books[n]
		if !chosen(b) {
			continue
		}
		first = min(first, b.firstDay)
		base := b.rc
		if doc {
			base = 0
		}
		for p := range int32(b.points) {
			i := w.local.asOfIndex[p]
			if i < 0 {
				continue
			}
			at := b.at(p)[base:]
			_, _, overdue := gross(at)
			s.notDue[i] += at[balFuture] + at[balDueNow]
			s.overdue[i] += overdue
			s.credits[i] += at[balUnapplied] + at[balCredits]
			s.disputed[i] += at[balDisputed]
			s.disputedOverdue[i] += at[balDisputedOverdue]
		}
	}
	w.gatherFlows(s, chosen, doc)
	for i := range s.first {
		s.first[i] = first
	}
	s.carry()
}

func (w *worker) gatherFlows(s *series, chosen func(*book) bool, doc bool) {
	for _, x := range w.speed.sales {
		if !chosen(&w.books[x.book]) {
			continue
		}
		if doc {
			x.rc = x.amount
		}
		s.sales[x.day+1] += x.rc
	}
	for i := 1; i < len(s.sales); i++ {
		s.sales[i] += s.sales[i-1]
	}
	for _, x := range w.speed.losses {
		if !chosen(&w.books[x.book]) {
			continue
		}
		if doc {
			x.rc = x.amount
		}
		for i := w.cal.pointAt[x.day]; i <= w.cal.monthEnd[w.cal.month(w.cal.first+ledger.Day(x.day))]; i++ {
			s.writtenOff[i] += x.rc
		}
	}
	for _, x := range w.speed.spans {
		if !chosen(&w.books[x.book]) {
			continue
		}
		if doc {
			x.rc = x.open
		}
		s.origins.add(x.month, x.lo, x.hi, x.rc)
	}
	s.origins.settle()
	if doc {
		return
	}
	for _, x := range w.speed.unpriced {
		for i := x.lo; i < x.hi && chosen(&w.books[x.book]); i++ {
			s.unknown[i]++
		}
	}
}

// customerSpeedRows writes the customer's own rows: in the document currency as
// long as it has only one, afterwards in reporting currency.
func (w *worker) customerSpeedRows(r *rows) {
	s := &w.speed
	currency, until := w.firstCurrency()
	if currency != w.currency {
		w.gather(&s.doc, func(b *book) bool { return b.currency == currency }, true)
	}
	for i, day := range w.cal.points {
		total := s.total.row(i, w.o.SkipZeroMonths)
		own, name := total, w.currency
		known := s.total.unknown[i] == 0
		if day < until && currency != w.currency {
			own, name = s.doc.row(i, w.o.SkipZeroMonths), currency
		} else if !known {
			own = speedRow{}
		}
		if own.quiet() && total.quiet() && known {
			continue
		}
		writeSpeedRow(r, day, "customer", w.replay.ID, name, &own, &total, name != w.currency || known, known)
	}
}

// firstCurrency returns the currency of the customer's first documents and the
// day from which there is another one too.
func (w *worker) firstCurrency() (currency string, until ledger.Day) {
	firstDay := ledger.Forever
	for _, n := range w.order {
		if b := &w.books[n]; b.firstUse < firstDay {
			currency, firstDay = b.currency, b.firstUse
		}
	}
	until = ledger.Forever
	for _, n := range w.order {
		if b := &w.books[n]; b.currency != currency {
			until = min(until, b.firstUse)
		}
	}
	return currency, until
}

// quiet tells whether there is nothing to say about a day.
func (r *speedRow) quiet() bool {
	return r.ar == 0 && r.notDue == 0 && r.overdue == 0 && r.begin == 0 && r.sales90 == 0 && r.sales12 == 0
}
