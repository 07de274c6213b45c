package metrics

import (
	"cmp"
	"slices"
	"sort"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// windowCount is how many windows after a visit are looked at: the configured
// one, and the three beside it.
const windowCount = 4

// byWindow are amounts in reporting currency by window.
type byWindow [windowCount]money.Amount

// visitDay is a day on which the customer was visited or called, with the cash
// around it, in reporting currency (D3).
type visitDay struct {
	day                    ledger.Day
	visits                 int
	items                  int64
	overdue                money.Amount
	cash, promised, before byWindow
	unknown                bool // an overdue item has no exchange rate
}

// visitItem is what one invoice has to do with a visit day.
type visitItem struct {
	items                  int64
	doc, rc                money.Amount // overdue at the beginning of the day
	cash, promised, before byWindow
}

// visits are those of the customer at hand.
type visits struct {
	windows [windowCount]ledger.Day
	list    []*ledger.Visit
	days    []visitDay
	items   []visitItem // of the invoice at hand, by visit day
	touched []int       // of items
	cash    []visitCash
}

// visitCash is cash on an instalment of the invoice at hand, less what was
// taken back of it.
type visitCash struct {
	day    ledger.Day // receipt
	due    ledger.Day
	amount money.Amount
}

// measureVisits finds what was overdue at each visit, and what came in of it.
func (w *worker) measureVisits() {
	s := &w.visits
	s.windows, s.list, s.days = [windowCount]ledger.Day{ledger.Day(w.o.VisitWindowDays)}, s.list[:0], s.days[:0]
	for n, days := range w.o.VisitWindows {
		s.windows[n+1] = ledger.Day(days)
	}
	for i := range w.replay.Visits {
		if v := &w.replay.Visits[i]; v.Day <= w.cal.asOf {
			s.list = append(s.list, v)
		}
	}
	slices.SortStableFunc(s.list, func(a, b *ledger.Visit) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Source, b.Source))
	})
	for _, v := range s.list {
		if len(s.days) == 0 || s.days[len(s.days)-1].day != v.Day {
			s.days = append(s.days, visitDay{day: v.Day})
		}
		s.days[len(s.days)-1].visits++
	}
	if len(s.days) == 0 {
		return
	}
	s.items = slices.Grow(s.items[:0], len(s.days))[:len(s.days)]
	clear(s.items)
	for i := range w.replay.Items {
		if w.replay.Items[i].Side == ledger.InvoiceSide && w.replay.Facts[i].Events.Len() > 0 {
			w.visitInvoice(int32(i))
		}
	}
}

// visitInvoice adds one invoice to the days on which it was overdue and not
// disputed, and its cash to the latest of them before the receipt.
func (w *worker) visitInvoice(i int32) {
	s, it, f := &w.visits, &w.replay.Items[i], &w.replay.Facts[i]
	s.touched = s.touched[:0]
	ivs := w.replay.Intervals[f.Intervals.From:f.Intervals.To]
	for _, iv := range ivs {
		if iv.Due < 0 {
			continue
		}
		first := max(iv.From, w.replay.Instalments[iv.Due].Due) + 1
		for k := s.from(first); k < len(s.days) && s.days[k].day <= iv.To; k++ {
			x := s.touch(k)
			x.items, x.doc, x.rc = x.items+1, x.doc+iv.Open, x.rc+iv.RC
		}
	}
	if it.Claims.Len() > 0 {
		for _, k := range s.touched {
			x := &s.items[k]
			x.doc, x.rc = w.undisputed(it, f, s.days[k].day, x.doc, x.rc)
		}
	}
	w.visitReceipts(f)
	for _, c := range s.cash {
		s.response(c)
		s.baseline(c)
	}
	for _, c := range w.pledges.claims {
		if c.item == i {
			s.fromPromise(f, c)
		}
	}
	s.finish(w, it, f)
}

// from is the first visit day on or after a day.
func (s *visits) from(d ledger.Day) int {
	return sort.Search(len(s.days), func(k int) bool { return s.days[k].day >= d })
}

// touch returns what the invoice at hand has to do with a visit day.
func (s *visits) touch(k int) *visitItem {
	x := &s.items[k]
	if *x == (visitItem{}) {
		s.touched = append(s.touched, k)
	}
	return x
}

// undisputed takes off what is overdue at the beginning of a day the disputed
// part: of what is overdue at most all is disputed.
func (w *worker) undisputed(it *ledger.Item, f *ledger.ItemFacts, day ledger.Day, doc, rc money.Amount) (money.Amount, money.Amount) {
	claims := w.replay.Disputes[it.Claims.From:it.Claims.To]
	claimed, _ := w.claimed(claims, w.replay.Intervals[f.Intervals.From:f.Intervals.To], day-1)
	if claimed = max(0, claimed); claimed >= doc {
		return 0, 0
	}
	return doc - claimed, max(0, rc-claimed.Convert(f.Rate))
}

// visitReceipts lists the cash of an invoice by instalment and day of receipt.
func (w *worker) visitReceipts(f *ledger.ItemFacts) {
	s := &w.visits
	s.cash = s.cash[:0]
	for i := f.Deltas.From; i < f.Deltas.To; i++ {
		d := &w.replay.Deltas[i]
		if d.Kind != ledger.ByCashReceived {
			continue
		}
		if day := receiptDay(&w.replay.Applications[d.App]); day <= w.cal.asOf {
			s.cash = append(s.cash, visitCash{day, w.replay.Instalments[d.Due].Due, d.RC})
		}
	}
}

// latest is the last visit before a receipt at which the invoice at hand was
// overdue, as far as the longest window goes; −1 = none.
func (s *visits) latest(receipt, due ledger.Day) int {
	longest := slices.Max(s.windows[:])
	for k := s.from(receipt+1) - 1; k >= 0 && receipt-s.days[k].day <= longest; k-- {
		if s.items[k].doc > 0 && due < s.days[k].day {
			return k
		}
	}
	return -1
}

func (s *visits) response(c visitCash) {
	if k := s.latest(c.day, c.due); k >= 0 {
		s.items[k].cash.add(s, c.day-s.days[k].day, c.amount)
	}
}

// add adds to the windows that reach that many days after the visit.
func (b *byWindow) add(s *visits, after ledger.Day, a money.Amount) {
	for n, days := range s.windows {
		if after <= days {
			b[n] += a
		}
	}
}

// fromPromise adds cash that kept promises made before the visit.
func (s *visits) fromPromise(f *ledger.ItemFacts, c claim) {
	if k := s.latest(c.day, ledger.NoDay); k >= 0 && c.made < s.days[k].day {
		s.items[k].promised.add(s, c.day-s.days[k].day, c.amount.Convert(f.Rate))
	}
}

// baseline adds cash to the visits that came after it: what a visit at the
// beginning of the window before would have seen as response.
func (s *visits) baseline(c visitCash) {
	for n, days := range s.windows {
		for k := s.from(c.day + 1); k < len(s.days) && s.days[k].day <= c.day+days; k++ {
			if c.due < s.days[k].day-days {
				s.touch(k).before[n] += c.amount
			}
		}
	}
}

// overdueAt is what of an invoice was overdue and not disputed at the beginning
// of a day.
func (w *worker) overdueAt(it *ledger.Item, f *ledger.ItemFacts, day ledger.Day) money.Amount {
	var doc, rc money.Amount
	for _, iv := range w.replay.Intervals[f.Intervals.From:f.Intervals.To] {
		if iv.Due >= 0 && iv.From < day && day <= iv.To && w.replay.Instalments[iv.Due].Due < day {
			doc, rc = doc+iv.Open, rc+iv.RC
		}
	}
	if it.Claims.Len() > 0 {
		_, rc = w.undisputed(it, f, day, doc, rc)
	}
	return rc
}

// finish adds the invoice at hand to its visit days: never more cash than was
// overdue, never more promised than came in.
func (s *visits) finish(w *worker, it *ledger.Item, f *ledger.ItemFacts) {
	for _, k := range s.touched {
		x, d := &s.items[k], &s.days[k]
		if x.doc > 0 {
			d.items += x.items
			d.overdue += x.rc
		}
		for n, days := range s.windows {
			cash := min(max(0, x.cash[n]), x.rc)
			d.cash[n] += cash
			d.promised[n] += min(max(0, x.promised[n]), cash)
			if x.before[n] > 0 {
				d.before[n] += min(x.before[n], w.overdueAt(it, f, d.day-days))
			}
		}
		d.unknown = d.unknown || !f.Priced
		*x = visitItem{}
	}
}

// visitRows writes the visits of a customer; several on a day share its figures.
func (w *worker) visitRows(out *rows) {
	s := &w.visits
	next := 0
	for i := range s.days {
		d := &s.days[i]
		for n := range d.visits {
			w.visitRow(out, s.list[next], d, int64(n))
			next++
		}
	}
}

func (w *worker) visitRow(out *rows, v *ledger.Visit, d *visitDay, n int64) {
	mine := func(a money.Amount) money.Amount { return money.Amount(part(int64(a), n, int64(d.visits))) }
	rep := v.Rep
	if rep == "" {
		rep = w.runAt(v.Day).Owner
	}
	out.text(v.ID)
	out.text(v.Source)
	out.text(w.replay.ID)
	out.text(rep)
	out.date(v.Day)
	out.optText(v.Channel)
	if !v.AgreedKnown {
		out.null()
	}
	out.flag(v.Agreed)
	out.wide(money.WideOf(part(int64(money.One), n, int64(d.visits))))
	out.integer(d.items)
	out.text(w.currency)
	out.optMoney(mine(d.overdue), !d.unknown)
	out.integer(int64(w.visits.windows[0]))
	for i, days := range w.visits.windows {
		for _, a := range []money.Amount{d.cash[i], d.before[i], d.promised[i]} {
			out.optMoney(mine(a), !d.unknown)
		}
		out.flag(d.day+days <= w.cal.asOf)
	}
	if d.unknown {
		out.optText(string(MissingRate))
	} else {
		out.optText("")
	}
	out.end()
}

// part is the n-th of equal parts of an amount that is not negative; the first
// ones take what is left over.
func part(a, n, parts int64) int64 {
	if n < a%parts {
		return a/parts + 1
	}
	return a / parts
}
