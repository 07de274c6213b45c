package forecast

import (
	"cmp"
	"slices"

	"huikuan/transform/history"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// work holds the open items of one customer at one point.
type work struct {
	order []int32 // items by due date: the oldest is paid first
	items []workItem
}

type both struct{ doc, rc money.Amount }

// workItem is an open item on its way through netting, disputes and promises.
type workItem struct {
	item         int32
	currency     string
	open, openRC money.Amount // at the day
	left         money.Amount // after netting and promises
	disputed     money.Amount // part of left
	priced       bool
	age, late    int
	naiveWeek    int // in which it is due, Weeks and more = later
	naive        both
	promised     []promised
}

// promised is a part of an item that a promise puts into a week.
type promised struct {
	week int
	both
}

// inRC is a part of the open amount in reporting currency.
func (w *workItem) inRC(doc money.Amount) money.Amount {
	if doc == w.open {
		return w.openRC
	}
	return part(w.openRC, int64(doc), int64(w.open))
}

// takeRC is what a part of left is worth, so that all parts add up.
func (w *workItem) takeRC(doc money.Amount) money.Amount {
	return w.inRC(w.left) - w.inRC(w.left-doc)
}

func (w *work) begin(c *history.Customer) {
	w.order = w.order[:0]
	for i := range c.Items {
		w.order = append(w.order, int32(i))
	}
	slices.SortStableFunc(w.order, func(x, y int32) int {
		p, q := &c.Items[x], &c.Items[y]
		return cmp.Or(cmp.Compare(p.Due, q.Due), cmp.Compare(p.Date, q.Date))
	})
}

// open gathers what is open of items at the end of a day; false if nothing is.
func (w *work) open(c *history.Customer, day ledger.Day, items []int32) bool {
	w.items = w.items[:0]
	for _, i := range items {
		it := &c.Items[i]
		open, rc := c.Open(i, day)
		if open <= 0 {
			continue
		}
		w.items = append(w.items, workItem{item: i, currency: it.Currency, open: open, openRC: rc, left: open, priced: it.Priced, age: int(day - it.Date), late: int(day - it.Due)})
	}
	return len(w.items) > 0
}

// net takes cash on account off the oldest items of its currency.
func (w *work) net(list []cashOnAccount, day ledger.Day) {
	for _, u := range list {
		if u.day != day {
			continue
		}
		for i := range w.items {
			if x := &w.items[i]; x.currency == u.currency {
				taken := min(u.amount, x.left)
				x.left, u.amount = x.left-taken, u.amount-taken
			}
		}
	}
}

// dispute finds the disputed part of what is left. An invoice's disputes take
// its instalments in the order of their due dates.
func (w *work) dispute(c *history.Customer, disputes map[[2]string][]dispute, day ledger.Day) {
	if len(disputes) == 0 {
		return
	}
	used := map[string]money.Amount{}
	for i := range w.items {
		x := &w.items[i]
		it := &c.Items[x.item]
		var amount money.Amount
		for _, d := range disputes[[2]string{it.Source, it.Invoice}] {
			if d.opened > day || d.closed <= day {
				continue
			}
			if d.whole {
				amount = money.MaxAmount
				break
			}
			amount += d.amount
		}
		if amount == 0 {
			continue
		}
		x.disputed = max(0, min(x.left, amount-used[it.Invoice]))
		used[it.Invoice] += x.disputed
	}
}

// due expects every item on its due date, overdue ones in week 1.
func (w *work) due(c *history.Customer, day ledger.Day) {
	for i := range w.items {
		x := &w.items[i]
		x.naiveWeek, x.naive = weekOf(c.Items[x.item].Due, day), both{x.left, x.inRC(x.left)}
	}
}

// weekOf is the week, from 0, in which a day lies; days gone by in the first.
func weekOf(d, day ledger.Day) int { return int(max(d, day+1)-day-1) / 7 }

// promise moves what is promised into the week of its day: of the promised
// invoice, else of the oldest items.
func (w *work) promise(c *history.Customer, list []*promise, n int, day ledger.Day) {
	for _, p := range list {
		if day < p.first || day > p.last || p.company != "" && p.company != c.Company {
			continue
		}
		left := p.amount - p.settled - p.taken[n]
		k := weekOf(p.due, day)
		for i := range w.items {
			x := &w.items[i]
			it := &c.Items[x.item]
			if left <= 0 || x.currency != p.currency || p.invoice != "" && (it.Invoice != p.invoice || it.Source != p.source) {
				continue
			}
			taken := min(left, x.left)
			rc := x.takeRC(taken)
			if k < Weeks {
				x.promised = append(x.promised, promised{k, both{taken, rc}})
			}
			x.left, left = x.left-taken, left-taken
			x.disputed = min(x.disputed, x.left)
			if p.company == "" {
				if p.taken == nil {
					p.taken = map[int]money.Amount{}
				}
				p.taken[n] += taken
			}
		}
	}
}
