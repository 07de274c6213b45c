package ledger

import (
	"slices"
	"strings"
)

// join orders items and what hangs on them by source, side and identifier, and
// links them by position. The source normally delivers them in that order, so
// that the sorts only look.
func (c *Customer) join() {
	order(c.Items, func(a, b *Item) int { return compareKeys(a.Source, a.Side, a.ID, b.Source, b.Side, b.ID) })
	order(c.Instalments, func(a, b *Instalment) int {
		if n := compareKeys(a.source, InvoiceSide, a.item, b.source, InvoiceSide, b.item); n != 0 {
			return n
		}
		if a.Due != b.Due {
			return int(a.Due) - int(b.Due)
		}
		return int(a.Seq - b.Seq)
	})
	order(c.Splits, func(a, b *Split) int {
		if n := compareKeys(a.source, InvoiceSide, a.item, b.source, InvoiceSide, b.item); n != 0 {
			return n
		}
		return strings.Compare(a.Rep, b.Rep)
	})
	order(c.Disputes, func(a, b *Dispute) int {
		if n := compareKeys(a.source, InvoiceSide, a.item, b.source, InvoiceSide, b.item); n != 0 {
			return n
		}
		return int(a.Opened) - int(b.Opened)
	})
	if !c.link() {
		slices.SortStableFunc(c.Applications, compareApplications)
		c.link()
	}
	c.dueDates()
}

func compareApplications(a, b Application) int {
	if n := compareKeys(a.source, a.side, a.item, b.source, b.side, b.item); n != 0 {
		return n
	}
	if a.Date != b.Date {
		return int(a.Date) - int(b.Date)
	}
	return strings.Compare(a.ID, b.ID)
}

// link walks items and their rows together. It is false when an application is
// left over or out of order, for want of sorting or of its document; a second walk
// after sorting tells which.
func (c *Customer) link() bool {
	var app, due, rep, claim int32
	tidy := true
	c.Skipped = c.Skipped[:0]
	for i := range c.Items {
		it := &c.Items[i]
		it.Apps = Range{app, app}
		for int(app) < len(c.Applications) {
			a := &c.Applications[app]
			n := compareTo(it, a.source, a.side, a.item)
			if n < 0 {
				break
			}
			app++
			if n > 0 {
				c.skip(app-1, "document unknown")
				it.Apps.From, tidy = app, false
			} else if prev := app - 2; prev >= it.Apps.From {
				p := &c.Applications[prev]
				tidy = tidy && (p.Date < a.Date || p.Date == a.Date && p.ID <= a.ID)
			}
		}
		it.Apps.To = app
		if it.Side != InvoiceSide {
			continue
		}
		it.Dues = run(c.Instalments, &due, it, func(x *Instalment) (string, string) { return x.source, x.item })
		it.Reps = run(c.Splits, &rep, it, func(x *Split) (string, string) { return x.source, x.item })
		it.Claims = run(c.Disputes, &claim, it, func(x *Dispute) (string, string) { return x.source, x.item })
	}
	for ; int(app) < len(c.Applications); app++ {
		c.skip(app, "document unknown")
		tidy = false
	}
	return tidy
}

func (c *Customer) skip(app int32, reason string) {
	a := &c.Applications[app]
	c.Skipped = append(c.Skipped, Skipped{a.source, a.ID, reason, a.orphan})
}

// run returns the rows of one invoice and moves at behind them.
func run[T any](rows []T, at *int32, it *Item, key func(*T) (source, item string)) Range {
	for int(*at) < len(rows) {
		source, item := key(&rows[*at])
		if compareTo(it, source, InvoiceSide, item) <= 0 {
			break
		}
		*at++
	}
	from := *at
	for int(*at) < len(rows) {
		source, item := key(&rows[*at])
		if compareTo(it, source, InvoiceSide, item) != 0 {
			break
		}
		*at++
	}
	return Range{from, *at}
}

// dueDates gives every invoice at least one instalment: its instalments, else
// its due date, else invoice date + terms, else the invoice date (flagged).
func (c *Customer) dueDates() {
	for i := range c.Items {
		it := &c.Items[i]
		if it.Side != InvoiceSide {
			continue
		}
		if it.Dues.Len() > 0 {
			c.evenOut(it)
			continue
		}
		due := it.due
		if due == NoDay {
			terms := it.terms
			if terms == "" {
				terms = c.VersionAt(it.Date).Terms
			}
			days, ok := TermsDays(terms)
			due, it.DueMissing = it.Date+Day(days), !ok
		}
		n := int32(len(c.Instalments))
		c.Instalments = append(c.Instalments, Instalment{Seq: 1, Due: due, Amount: it.Amount})
		it.Dues = Range{n, n + 1}
	}
}

// evenOut makes the instalments add up to the document: in order of due date
// each takes its amount as far as the document goes, the last takes the rest. A
// negative document keeps one instalment.
func (c *Customer) evenOut(it *Item) {
	dues := c.Instalments[it.Dues.From:it.Dues.To]
	left, even := it.Amount, it.Amount >= 0
	for i := range dues {
		left -= dues[i].Amount
		even = even && dues[i].Amount >= 0
	}
	if left == 0 && even {
		return
	}
	it.Uneven = true
	if it.Amount < 0 {
		it.Dues.To = it.Dues.From + 1
		dues[0].Amount = it.Amount
		return
	}
	left = it.Amount
	for i := range dues {
		take := min(left, max(0, dues[i].Amount))
		if i == len(dues)-1 {
			take = left
		}
		dues[i].Amount = take
		left -= take
	}
}

// order sorts rows unless they are in order already.
func order[T any](rows []T, compare func(a, b *T) int) {
	for i := 1; i < len(rows); i++ {
		if compare(&rows[i-1], &rows[i]) > 0 {
			slices.SortStableFunc(rows, func(a, b T) int { return compare(&a, &b) })
			return
		}
	}
}

func compareTo(it *Item, source string, side Side, id string) int {
	return compareKeys(it.Source, it.Side, it.ID, source, side, id)
}

func compareKeys(source1 string, side1 Side, id1, source2 string, side2 Side, id2 string) int {
	if source1 != source2 {
		return strings.Compare(source1, source2)
	}
	if side1 != side2 {
		return int(side1) - int(side2)
	}
	return strings.Compare(id1, id2)
}
