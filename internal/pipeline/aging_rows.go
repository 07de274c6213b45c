package pipeline

import (
	"cmp"
	"slices"
	"strings"

	"huikuan/transform/metrics"
	"huikuan/transform/money"
)

// bucketNames are the lines of a report by bucket: the buckets, what is not
// applied, and the net balance.
func bucketNames(a metrics.Aging) []string {
	return append(slices.Clone(a.Buckets), "unapplied", "open_credits", "net")
}

// amounts are the figures of a line in the order of bucketNames.
func amounts(l metrics.AgingLine) []money.Amount {
	return append(slices.Clone(l.Open), l.Unapplied, l.Credits, l.Net)
}

// key are the texts that a line begins with.
func key(l metrics.AgingLine, by string) []any {
	if by == "customer" {
		return []any{l.Customer, l.Currency}
	}
	return []any{l.Currency}
}

func keyNames(r *AgingReport, by string) {
	if by == "customer" {
		r.text("customer_id")
	}
	r.text("currency")
}

// oneClock is the report with all that is known today.
func oneClock(a metrics.Aging, by string) *AgingReport {
	r := &AgingReport{}
	keyNames(r, by)
	names := bucketNames(a)
	if by == "bucket" {
		r.text("bucket")
		r.money("amount")
	} else {
		r.money(names...)
	}
	for _, l := range byKey(grouped(a, by)) {
		row := key(l, by)
		for i, amount := range amounts(l) {
			if by == "bucket" {
				r.rows = append(r.rows, append(key(l, by), names[i], amount.String()))
			} else {
				row = append(row, amount.String())
			}
		}
		if by != "bucket" {
			r.rows = append(r.rows, row)
		}
	}
	return r
}

// twoClocks sets what is known today beside what was known, and the difference.
func twoClocks(today, then metrics.Aging, by string) *AgingReport {
	r := &AgingReport{}
	keyNames(r, by)
	if by == "bucket" {
		r.text("bucket")
		r.money("amount", "amount_as_known", "difference")
	} else {
		r.money("open", "open_as_known", "overdue", "overdue_as_known", "net", "net_as_known", "difference")
	}
	names := bucketNames(today)
	for _, p := range pairs(grouped(today, by), grouped(then, by), len(today.Buckets)) {
		now, known := p[0], p[1]
		if by != "bucket" {
			row := key(now, by)
			for _, a := range []money.Amount{now.TotalOpen, known.TotalOpen, now.Past, known.Past, now.Net, known.Net, now.Net - known.Net} {
				row = append(row, a.String())
			}
			r.rows = append(r.rows, row)
			continue
		}
		a, b := amounts(now), amounts(known)
		for i := range a {
			r.rows = append(r.rows, append(key(now, by), names[i], a[i].String(), b[i].String(), (a[i]-b[i]).String()))
		}
	}
	return r
}

// pairs joins the lines of two clocks; a line that one lacks is empty there.
func pairs(today, then []metrics.AgingLine, buckets int) [][2]metrics.AgingLine {
	index := func(list []metrics.AgingLine) map[[2]string]metrics.AgingLine {
		m := make(map[[2]string]metrics.AgingLine, len(list))
		for _, l := range list {
			m[[2]string{l.Customer, l.Currency}] = l
		}
		return m
	}
	find := func(in map[[2]string]metrics.AgingLine, l metrics.AgingLine) metrics.AgingLine {
		if found, ok := in[[2]string{l.Customer, l.Currency}]; ok {
			return found
		}
		return metrics.AgingLine{Customer: l.Customer, Currency: l.Currency, Open: make([]money.Amount, buckets)}
	}
	nows, thens := index(today), index(then)
	var all []metrics.AgingLine
	all = append(append(all, today...), then...)
	all = slices.CompactFunc(byKey(all), func(a, b metrics.AgingLine) bool { return a.Customer == b.Customer && a.Currency == b.Currency })
	var out [][2]metrics.AgingLine
	for _, l := range all {
		out = append(out, [2]metrics.AgingLine{find(nows, l), find(thens, l)})
	}
	return out
}

func byKey(list []metrics.AgingLine) []metrics.AgingLine {
	slices.SortStableFunc(list, func(a, b metrics.AgingLine) int {
		return cmp.Or(strings.Compare(a.Customer, b.Customer), strings.Compare(a.Currency, b.Currency))
	})
	return list
}
