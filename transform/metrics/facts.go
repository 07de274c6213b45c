package metrics

import (
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// facts is what a worker keeps for the tables of facts; a table that is not
// asked for is nil.
type facts struct {
	items, settlements *rows
	rolls              *rolls
}

func newFacts(w *worker) facts {
	f := facts{items: w.tables[Items], settlements: w.tables[Settlements]}
	if r := w.tables[Rolls]; r != nil {
		f.rolls = newRolls(r, len(w.bucketNames), len(w.cal.months))
	}
	return f
}

// itemFacts writes the facts of one document of the n-th book.
func (w *worker) itemFacts(i, n int32) {
	it := &w.replay.Items[i]
	if it.Side != ledger.InvoiceSide || it.Date > w.cal.asOf {
		return
	}
	if r := w.facts.items; r != nil {
		w.itemRows(r, i)
	}
	if r := w.facts.settlements; r != nil {
		w.settlementRows(r, i)
	}
	if w.facts.rolls != nil {
		w.rollItem(i, n)
	}
}

// itemRows writes the instalments of an invoice, open or settled. A disputed
// amount falls on the earliest open instalments first.
func (w *worker) itemRows(r *rows, i int32) {
	it, f := &w.replay.Items[i], &w.replay.Facts[i]
	asOf := w.cal.asOf
	disputed, claimed := w.disputedEver(it), money.Amount(0)
	if disputed && f.Open > 0 {
		claimed, _ = w.claimed(w.replay.Disputes[it.Claims.From:it.Claims.To], w.replay.Intervals[f.Intervals.From:f.Intervals.To], asOf)
	}
	run, rep := w.runAt(asOf), w.mainRep(it)
	for n := it.Dues.From; n < it.Dues.To; n++ {
		d, due := &w.replay.Dues[n], &w.replay.Instalments[n]
		amountRC := d.AmountRC
		if d.Amount < 0 { // a negative document is never open as an instalment
			amountRC = d.Amount.Convert(f.Rate)
		}
		now := min(claimed, d.Open)
		claimed -= now
		r.text(it.Source)
		r.text(it.Company)
		r.text(w.replay.ID)
		r.text(it.ID)
		r.integer(due.Seq)
		r.text(it.Type())
		r.date(it.Date)
		r.date(due.Due)
		r.text(it.Currency)
		r.twins(d.Amount, amountRC, f.Priced)
		r.twins(d.Open, d.OpenRC, f.Priced)
		r.twins(d.CashDoc-d.DiscountDoc, d.Cash-d.Discount, f.Priced)
		r.twins(d.DiscountDoc, d.Discount, f.Priced)
		r.twins(d.CreditDoc, d.Credit, f.Priced)
		r.twins(d.WODoc, d.WrittenOff, f.Priced)
		r.optDate(d.Settled)
		r.optText(clearedBy(d))
		r.optDate(w.lastReceipt(f, n))
		r.flag(disputed)
		r.twins(now, min(d.OpenRC, now.Convert(f.Rate)), f.Priced)
		r.optText(rep)
		r.text(run.Owner)
		r.text(w.runAt(due.Due).Owner)
		r.optText(run.Segment)
		r.optText(run.Region)
		r.optWide(money.WideOf(int64(f.Rate)), f.Priced)
		r.end()
	}
}

var clearings = [...]string{ledger.ByCash: "cash", ledger.ByCredit: "credit", ledger.ByWriteOff: "write_off"}

// clearedBy names what settled an instalment; empty while it is open, and where
// there was nothing to settle.
func clearedBy(d *ledger.DueFacts) string {
	if d.Settled == ledger.NoDay || d.CashDoc == 0 && d.CreditDoc == 0 && d.WODoc == 0 {
		return ""
	}
	return clearings[d.ClearedBy()]
}

// disputedEver tells whether the invoice was in dispute on any day so far.
func (w *worker) disputedEver(it *ledger.Item) bool {
	for c := it.Claims.From; c < it.Claims.To; c++ {
		if d := &w.replay.Disputes[c]; d.Opened <= w.cal.asOf && d.Opened < d.Closed {
			return true
		}
	}
	return false
}

// lastReceipt returns the receipt date of the last cash on an instalment that
// was not taken back.
func (w *worker) lastReceipt(f *ledger.ItemFacts, n int32) ledger.Day {
	last, back := ledger.NoDay, false
	deltas := w.replay.Deltas[f.Deltas.From:f.Deltas.To]
	for i := range deltas {
		if d := &deltas[i]; d.Due == n && d.Kind == ledger.ByCashReceived && d.Amount != 0 { // 0: what another's rounds in reporting currency
			last = max(last, receiptDay(&w.replay.Applications[d.App]))
			back = back || d.Amount < 0
		}
	}
	for back && last != ledger.NoDay {
		sum, before := money.Amount(0), ledger.NoDay
		for i := range deltas {
			if d := &deltas[i]; d.Due == n && d.Kind == ledger.ByCashReceived {
				switch day := receiptDay(&w.replay.Applications[d.App]); {
				case day == last:
					sum += d.Amount
				case day < last:
					before = max(before, day)
				}
			}
		}
		if sum > 0 {
			break
		}
		last = before
	}
	return last
}

// settlementRows writes what reduced the instalments of an invoice.
func (w *worker) settlementRows(r *rows, i int32) {
	it, f := &w.replay.Items[i], &w.replay.Facts[i]
	if f.Deltas.Len() == 0 {
		return
	}
	rep := w.mainRep(it)
	for n := f.Deltas.From; n < f.Deltas.To; n++ {
		d := &w.replay.Deltas[n]
		a, due := &w.replay.Applications[d.App], &w.replay.Instalments[d.Due]
		receipt := receiptDay(a)
		run := w.runAt(receipt)
		r.text(it.Source)
		r.text(it.Company)
		r.text(w.replay.ID)
		r.text(it.ID)
		r.integer(due.Seq)
		r.text(a.ID)
		r.text(d.Kind.String())
		r.date(w.replay.Events[d.Event].Day)
		r.date(receipt)
		r.date(it.Date)
		r.date(due.Due)
		r.text(it.Currency)
		r.twins(d.Amount, d.RC, f.Priced)
		rate, known := money.Rate(0), d.Kind == ledger.ByCashReceived
		if known {
			rate, known = w.closing.At(it.Currency, receipt)
		}
		r.optMoney(d.Amount.Convert(rate), known)
		r.optText(a.Counter)
		r.optText(a.WriteOffType)
		r.optText(rep)
		r.text(run.Owner)
		r.optText(run.Segment)
		r.optText(run.Region)
		r.instant(a.Recorded)
		r.end()
	}
}
