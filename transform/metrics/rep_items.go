package metrics

import (
	"slices"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// dueMove is what took an amount off an instalment: cash by its receipt date,
// all else by its application date.
type dueMove struct {
	day    ledger.Day
	amount money.Amount
	cash   bool
}

// repItem adds a document to the sums by rep.
func (w *worker) repItem(i, n int32) {
	it, f := &w.replay.Items[i], &w.replay.Facts[i]
	switch {
	case it.Side == ledger.CreditNoteSide:
	case !f.Priced:
		w.repUnknown(it, f)
	case it.Side == ledger.PaymentSide:
		w.repPayment(it, f)
	default:
		w.repInvoice(it, f)
	}
}

// repUnknown leaves a document out for want of a rate: its amounts are counted
// nowhere, the check says so, and every row that lacks some of them is marked,
// so that its ratios are NULL with the reason missing_rate. Rows that lack it as
// an opening or closing balance are marked with the balances.
func (w *worker) repUnknown(it *ledger.Item, f *ledger.ItemFacts) {
	w.out.checks.fail(checkRepRates, "%s %s %s of %s %s", it.Source, it.Type(), it.ID, it.Amount, it.Currency)
	mark := func(day ledger.Day) {
		if row := w.owner(it.Company, day); row != nil {
			row.unknown++
			w.attributeUnknown(it, w.cal.month(day))
		}
	}
	if w.reps.of = w.reps.of[:0]; it.Side == ledger.InvoiceSide {
		w.findReps(it)
		w.attributeInvoice(it, f)
	}
	mark(it.Date)
	for e := f.Events.From; e < f.Events.To; e++ {
		ev := &w.replay.Events[e]
		if mark(ev.Day); ev.App >= 0 {
			counted, _ := cashDays(ev, &w.replay.Applications[ev.App])
			mark(counted)
		}
	}
	if it.Side != ledger.InvoiceSide {
		return
	}
	unknown := func(m *repMonth, _ money.Amount, _ money.Rate) { m.unknown++ }
	w.byRep(it.Date, 0, unknown)
	for e := f.Events.From; e < f.Events.To; e++ {
		ev := &w.replay.Events[e]
		if w.byRep(ev.Day, 0, unknown); ev.App >= 0 {
			w.byRep(receiptDay(&w.replay.Applications[ev.App]), 0, unknown)
		}
	}
	for n := it.Dues.From; n < it.Dues.To; n++ {
		due := w.dueDay(it, n)
		mark(due)
		w.byRep(due, 0, unknown)
	}
}

// repPayment counts the part of a receipt that no invoice has used, at the
// receipt's own rate; the applied part is counted with the invoices.
func (w *worker) repPayment(it *ledger.Item, f *ledger.ItemFacts) {
	var received, bounced money.Amount
	for e := f.Events.From; e < f.Events.To; e++ {
		ev := &w.replay.Events[e]
		if ev.Kind == ledger.Bounced || ev.Kind == ledger.AppliedRev && it.Reversed != ledger.NoDay && ev.Day >= it.Reversed {
			bounced -= ev.Amount
		} else {
			received -= ev.Amount
		}
	}
	w.repUnapplied(it, it.Date, received.Convert(f.Rate))
	if it.Reversed != ledger.NoDay {
		w.repUnapplied(it, it.Reversed, bounced.Convert(f.Rate))
	}
}

func (w *worker) repUnapplied(it *ledger.Item, day ledger.Day, amount money.Amount) {
	if row := w.owner(it.Company, day); row != nil && amount != 0 {
		row.collected += amount
		row.collectedUnapplied += amount
		w.attributeUnapplied(it, day, amount)
		w.reps.total(it.Company)[w.cal.month(day)].collected += amount
	}
}

// repInvoice adds an invoice: cash to the owners of the receipt dates, what
// falls due to the owner of that day, the sale and its payment to its reps.
func (w *worker) repInvoice(it *ledger.Item, f *ledger.ItemFacts) {
	w.findReps(it)
	w.reps.moves, w.reps.paid = w.reps.moves[:0], w.reps.paid[:0]
	deltas := w.replay.Deltas[f.Deltas.From:f.Deltas.To]
	for e := f.Events.From; e < f.Events.To; e++ {
		ev := &w.replay.Events[e]
		n := 0
		for n < len(deltas) && deltas[n].Event == e {
			n++
		}
		switch ev.Kind {
		case ledger.Invoice, ledger.Debit:
			w.byRep(it.Date, ev.RC, func(m *repMonth, part money.Amount, _ money.Rate) { m.billed += part })
			w.reps.total(it.Company)[w.cal.month(it.Date)].billed += ev.RC
		case ledger.WriteOffEvent, ledger.WriteOffRev:
			w.byRep(ev.Day, -ev.RC, func(m *repMonth, part money.Amount, _ money.Rate) { m.writtenOff += part })
		case ledger.Alloc, ledger.AllocRev:
			w.repCash(it, ev, deltas[:n])
		}
		w.repExcess(it, ev, deltas[:n])
		deltas = deltas[n:]
	}
	for n := it.Dues.From; n < it.Dues.To; n++ {
		w.repDue(it, f, n)
	}
	if it.Claims.Len() > 0 {
		w.repDisputed(it, f)
	}
	w.repSettled(it, f)
	w.attributeInvoice(it, f)
}

// receiptDay is the day of behaviour of an application: the date of the payment
// or credit note, else its own.
func receiptDay(a *ledger.Application) ledger.Day {
	if a.CounterDate == ledger.NoDay {
		return a.Date
	}
	return a.CounterDate
}

// cashDays returns the day on which cash counts as received (or, with its
// bounce, as taken back), and the receipt date.
func cashDays(ev *ledger.Event, a *ledger.Application) (counted, receipt ledger.Day) {
	receipt = receiptDay(a)
	if ev.Kind == ledger.AllocRev && a.CounterReversed != ledger.NoDay && a.Date >= a.CounterReversed {
		return a.CounterReversed, receipt
	}
	return receipt, receipt
}

// repCash counts cash applied to an invoice.
func (w *worker) repCash(it *ledger.Item, ev *ledger.Event, deltas []ledger.Delta) {
	counted, receipt := cashDays(ev, &w.replay.Applications[ev.App])
	cash := -ev.RC
	if row := w.owner(it.Company, counted); row != nil {
		month := w.cal.month(counted)
		rest := cash
		row.collected += cash
		w.reps.total(it.Company)[month].collected += cash
		for _, d := range deltas {
			if d.App != ev.App {
				continue
			}
			rest -= d.RC
			due := w.dueDay(it, d.Due)
			if due <= w.cal.monthLast(month) {
				row.collectedDue += d.RC
				w.attribute(it, month, due, d.RC, attCollected, attCollectedDue)
			} else {
				row.collectedEarly += d.RC
				w.attribute(it, month, due, d.RC, attCollected)
			}
		}
		row.collectedUnapplied += rest
		w.attribute(it, month, counted, rest, attCollected, attUnapplied)
	}
	if it.Date <= w.cal.asOf {
		days := int64(receipt - it.Date)
		w.byRep(receipt, cash, func(m *repMonth, part money.Amount, _ money.Rate) {
			m.daysToPayCash += part
			m.daysToPay = m.daysToPay.Add(money.Product(int64(part), days))
		})
		w.reps.paid = append(w.reps.paid, dueMove{day: receipt, amount: -ev.Amount, cash: true})
	}
}

// repExcess counts cash that was beyond what was open until the event took
// something back: it is applied now.
func (w *worker) repExcess(it *ledger.Item, ev *ledger.Event, deltas []ledger.Delta) {
	for _, d := range deltas {
		if d.App == ev.App || d.Kind != ledger.ByCashReceived {
			continue
		}
		receipt := receiptDay(&w.replay.Applications[d.App])
		row := w.owner(it.Company, receipt)
		if row == nil {
			continue
		}
		row.collectedUnapplied -= d.RC
		month, due := w.cal.month(receipt), w.dueDay(it, d.Due)
		w.attribute(it, month, receipt, -d.RC, attCollected, attUnapplied)
		w.attribute(it, month, due, d.RC, attCollected)
		if due <= w.cal.monthLast(month) {
			row.collectedDue += d.RC
			w.attribute(it, month, due, d.RC, attCollectedDue)
		} else {
			row.collectedEarly += d.RC
		}
	}
}

// repDue adds an instalment to what was collectable: the month it fell due, and
// every later month at whose beginning some of it was left (C2).
func (w *worker) repDue(it *ledger.Item, f *ledger.ItemFacts, n int32) {
	d := &w.replay.Dues[n]
	due := w.dueDay(it, n)
	if due > w.cal.asOf || d.Amount <= 0 || it.Date > w.cal.asOf {
		return
	}
	moves := w.dueMoves(f, n)
	month := w.cal.month(due)
	start, end := w.cal.months[month], w.cal.monthLast(month)
	var before, reduced money.Amount
	for _, m := range moves {
		switch {
		case m.cash && m.day < start:
			before += m.amount
		case !m.cash && m.day <= end:
			reduced += m.amount
		}
	}
	row := w.ownerIn(it.Company, due, month)
	row.fellDue += d.AmountRC
	row.reduced += reduced
	row.denominator += d.AmountRC - before - reduced
	w.attribute(it, month, due, d.AmountRC, attFellDue)
	w.attribute(it, month, due, d.AmountRC-before-reduced, attDenominator)
	w.repOverdue(it, n, moves, month)
	w.repOnTime(d, due)
}

// repOverdue adds the months after the due month.
func (w *worker) repOverdue(it *ledger.Item, n int32, moves []dueMove, month int) {
	left, next := w.replay.Dues[n].AmountRC, 0
	for m := month + 1; m < len(w.cal.months); m++ {
		start, end := w.cal.months[m], w.cal.monthLast(m)
		for ; next < len(moves) && moves[next].day < start; next++ {
			left -= moves[next].amount
		}
		if left == 0 && next == len(moves) {
			return
		}
		var reduced money.Amount
		for i := next; i < len(moves) && moves[i].day <= end; i++ {
			if !moves[i].cash {
				reduced += moves[i].amount
			}
		}
		if left != 0 || reduced != 0 {
			row := w.ownerIn(it.Company, start-1, m)
			row.reduced += reduced
			row.denominator += left - reduced
			w.attribute(it, m, w.dueDay(it, n), left-reduced, attDenominator)
		}
	}
}

// dueMoves lists what took amounts off one instalment, by day.
func (w *worker) dueMoves(f *ledger.ItemFacts, n int32) []dueMove {
	moves := w.reps.moves[:0]
	for i := f.Deltas.From; i < f.Deltas.To; i++ {
		d := &w.replay.Deltas[i]
		if d.Due != n {
			continue
		}
		ev := &w.replay.Events[d.Event]
		m := dueMove{day: ev.Day, amount: d.RC}
		if d.Kind == ledger.ByCashReceived {
			m.cash = true
			if m.day, _ = cashDays(ev, &w.replay.Applications[d.App]); d.App != ev.App { // it came in now: nothing of it is taken back
				m.day = receiptDay(&w.replay.Applications[d.App])
			}
		}
		moves = append(moves, m)
	}
	if !slices.IsSortedFunc(moves, byDay) {
		slices.SortStableFunc(moves, byDay)
	}
	w.reps.moves = moves
	return moves
}

func byDay(a, b dueMove) int { return int(a.day) - int(b.day) }

// repOnTime counts an instalment in the month it fell due (C7), less what was
// credited. Fully credited by then: left out. What the credits left mostly
// written off, settled later or not at all: late.
func (w *worker) repOnTime(d *ledger.DueFacts, due ledger.Day) {
	onTime := d.Settled != ledger.NoDay && d.Settled <= due
	if onTime && d.CreditDoc >= d.Amount {
		return
	}
	onTime = onTime && d.CashDoc >= d.WODoc
	w.byRep(due, d.AmountRC-d.Credit, func(m *repMonth, part money.Amount, share money.Rate) {
		m.onTimeBase += part
		m.onTimeCountBase += share
		if onTime {
			m.onTime += part
			m.onTimeCount += share
		}
	})
}

// repSettled counts an invoice settled by cash in the month of its last receipt
// (B10); one whose cash is applied but comes after the as-of day, not yet.
func (w *worker) repSettled(it *ledger.Item, f *ledger.ItemFacts) {
	if f.Open > 0 || it.Amount <= 0 || it.Date > w.cal.asOf {
		return
	}
	var all ledger.DueFacts
	for n := it.Dues.From; n < it.Dues.To; n++ {
		d := &w.replay.Dues[n]
		all.CashDoc, all.CreditDoc, all.WODoc = all.CashDoc+d.CashDoc, all.CreditDoc+d.CreditDoc, all.WODoc+d.WODoc
	}
	if all.ClearedBy() != ledger.ByCash {
		return
	}
	last := ledger.NoDay
	for i, p := range w.reps.paid {
		sum := money.Amount(0)
		for _, q := range w.reps.paid {
			if q.day == p.day {
				sum += q.amount
			}
		}
		if sum > 0 && w.reps.paid[i].day > last {
			last = p.day
		}
	}
	if last == ledger.NoDay {
		return
	}
	days := int64(last - it.Date)
	w.byRep(last, 0, func(m *repMonth, _ money.Amount, share money.Rate) {
		m.settledCount += share
		m.settledDays = m.settledDays.Add(money.Product(int64(share), days))
	})
}

// findReps finds the reps of an invoice and their shares: its splits, else its
// rep, else the account owner of its date.
func (w *worker) findReps(it *ledger.Item) {
	r := &w.reps
	r.of, r.shares = r.of[:0], r.shares[:0]
	splits := w.replay.Splits[it.Reps.From:it.Reps.To]
	var sum money.Rate
	for _, s := range splits {
		sum += s.Share
	}
	if sum <= 0 {
		if len(splits) > 0 {
			w.out.checks.fail(checkShares, "%s invoice %s: shares add up to %s", it.Source, it.ID, sum)
		}
		rep := it.Rep
		if rep == "" {
			rep = w.runAt(it.Date).Owner
		}
		r.of, r.shares = append(r.of, r.rep(it.Company, rep)), append(r.shares, money.One)
		return
	}
	if sum != money.One {
		w.out.checks.fail(checkShares, "%s invoice %s: shares add up to %s", it.Source, it.ID, sum)
	}
	left := money.One
	for i, s := range splits {
		share := s.Share
		if sum != money.One {
			n, _ := money.Ratio(money.Amount(s.Share), 1, money.Amount(sum)).Rate()
			share = n
		}
		if i == len(splits)-1 {
			share = left
		}
		left -= share
		r.of, r.shares = append(r.of, r.rep(it.Company, s.Rep)), append(r.shares, share)
	}
}

// byRep splits an amount among the reps of the invoice at hand and adds the
// parts to the month of a day.
func (w *worker) byRep(day ledger.Day, amount money.Amount, add func(m *repMonth, part money.Amount, share money.Rate)) {
	month := w.cal.month(day)
	if month >= len(w.cal.months) {
		return
	}
	r := &w.reps
	if len(r.of) == 1 {
		add(&r.of[0][month], amount, money.One)
		return
	}
	r.parts = slices.Grow(r.parts[:0], len(r.of))[:len(r.of)]
	money.Split(amount, r.shares, r.parts)
	for i, months := range r.of {
		add(&months[month], r.parts[i], r.shares[i])
	}
}
