package metrics

import (
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// eventRows writes the events of one document.
func (w *worker) eventRows(r *rows, i int32) {
	it, f := &w.replay.Items[i], &w.replay.Facts[i]
	rep := w.mainRep(it)
	for e := f.Events.From; e < f.Events.To; e++ {
		ev := &w.replay.Events[e]
		r.date(ev.Day)
		var app *ledger.Application
		recorded, known := it.Recorded, it.Recorded
		if ev.App >= 0 {
			app = &w.replay.Applications[ev.App]
			recorded, known = app.Recorded, max(known, app.Recorded, app.CounterRecorded)
		}
		r.instant(recorded)
		r.text(it.Company)
		r.text(w.replay.ID)
		r.text(it.ID)
		r.text(it.Type())
		r.text(ev.Kind.String())
		r.text(it.Currency)
		r.twins(ev.Amount, ev.RC, f.Priced)
		r.optText(rep)
		r.text(w.runAt(ev.Day).Owner)
		if app == nil {
			r.optText("")
			r.optText("")
			r.optDate(ledger.NoDay)
			r.optInteger(0)
		} else {
			r.optText(app.ID)
			r.optText(app.Counter)
			r.optDate(app.CounterDate)
			r.optInteger(app.Seq)
		}
		r.text(it.Source)
		r.date(it.Date)
		r.instant(known)
		r.end()
	}
}

// mainRep is the rep of a document: the one with the largest share.
func (w *worker) mainRep(it *ledger.Item) string {
	rep, share := it.Rep, money.Rate(0)
	for n := it.Reps.From; n < it.Reps.To; n++ {
		if s := &w.replay.Splits[n]; s.Share > share {
			rep, share = s.Rep, s.Share
		}
	}
	return rep
}

// openItemRows writes the open instalments of an invoice on the as-of day. A
// disputed amount falls on the earliest instalments first.
func (w *worker) openItemRows(r *rows, i int32) {
	it, f := &w.replay.Items[i], &w.replay.Facts[i]
	asOf := w.cal.asOf
	if it.Date > asOf {
		return
	}
	claimed, _ := w.claimed(w.replay.Disputes[it.Claims.From:it.Claims.To], w.replay.Intervals[f.Intervals.From:f.Intervals.To], asOf)
	run, rep := w.runAt(asOf), w.mainRep(it)
	for n := it.Dues.From; n < it.Dues.To; n++ {
		d, due := &w.replay.Dues[n], &w.replay.Instalments[n]
		if d.Open == 0 {
			continue
		}
		disputed := min(claimed, d.Open)
		claimed -= disputed
		past, age := int(asOf-due.Due), int(asOf-it.Date)
		r.date(asOf)
		r.text(it.Company)
		r.text(w.replay.ID)
		r.text(it.ID)
		r.integer(due.Seq)
		r.text(it.Type())
		r.date(it.Date)
		r.date(due.Due)
		r.flag(it.DueMissing)
		r.integer(int64(past))
		r.text(w.bucket(past))
		r.integer(int64(age))
		r.text(AgeBucket(age))
		r.text(YearBand(it.Date, asOf))
		r.text(it.Currency)
		r.twins(d.Amount, d.AmountRC, f.Priced)
		r.twins(d.Open, d.OpenRC, f.Priced)
		r.twins(disputed, min(d.OpenRC, disputed.Convert(f.Rate)), f.Priced)
		r.optText(rep)
		r.text(run.Owner)
		r.optText(run.Segment)
		r.optText(run.Region)
		r.text(it.Source)
		r.end()
	}
}

// bucket names the aging bucket, from names made once.
func (w *worker) bucket(past int) string { return w.bucketNames[w.bucketAt(past)] }
