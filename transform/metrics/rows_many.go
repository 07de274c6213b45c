package metrics

import (
	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// Many rows at once, column by column: n values of a column are written in one
// go. The caller writes n values of every column, then calls ends; n is at most
// room().

// room is how many rows fit into the batch at hand.
func (r *rows) room() int { return r.limit - r.count }

// ends finishes n rows.
func (r *rows) ends(n int) {
	r.count += n - 1
	r.end()
}

// texts appends a text n times.
func (r *rows) texts(s string, n int) {
	c := r.next()
	at := len(c.bytes.list)
	for i, offsets := 0, c.offsets.extend(n, r.mem); i < n; i++ {
		offsets[i] = int32(at + i*len(s))
	}
	all := c.bytes.extend(n*len(s), r.mem)
	for done := copy(all, s); done < len(all); {
		done += copy(all[done:], all[:done])
	}
}

// optTexts appends a text n times; empty is NULL.
func (r *rows) optTexts(s string, n int) {
	if s == "" {
		r.columns[r.at].null(r.count, n)
	}
	r.texts(s, n)
}

// dates appends a day of each point.
func (r *rows) dates(points []int32, of []ledger.Day) {
	days := r.next().days.extend(len(points), r.mem)
	for i, p := range points {
		days[i] = arrow.Date32(of[p])
	}
}

// sums appends a measure at each point in document and reporting currency: the
// sum of the balances from one column of the book up to, not including, another.
func (r *rows) sums(b *book, points []int32, from, to int) {
	doc, rc := &r.columns[r.at], &r.columns[r.at+1]
	r.at += 2
	r.sum(r.at-2, b, points, from, to)
	if b.home && rc.same == r.count {
		rc.same += len(points)
		return
	}
	rc.part(doc, r.count, r.mem)
	r.sum(r.at-1, b, points, b.rc+from, b.rc+to)
	for i, p := range points {
		if !b.priced(b.at(p)) {
			rc.null(r.count+i, 1)
			rc.decimals.list[r.count+i] = decimalOf(0)
		}
	}
}

func (r *rows) sum(column int, b *book, points []int32, from, to int) {
	out := r.columns[column].decimals.extend(len(points), r.mem)
	for i, p := range points {
		at := int(p)*b.width + from
		sum := b.balances[at]
		if to-from > 1 {
			for _, a := range b.balances[at+1 : at+to-from] {
				sum += a
			}
		}
		if max(sum, -sum) > money.MaxAmount {
			r.overflow(column)
		}
		out[i] = decimalOf(sum)
	}
}
