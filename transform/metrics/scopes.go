package metrics

import (
	"sort"
	"strings"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// The scopes of the dso table, in the order in which their rows are written.
const (
	scopeGroup = iota
	scopeCompany
	scopeSegment
	scopeRegion
	scopeOwner
)

var scopeNames = [...]string{"group", "company", "segment", "region", "owner"}

type scopeKey struct {
	kind int
	id   string
}

// scope sums customers. At each as-of day it holds the customers that belong to
// it on that day, with their sales of all days: sales lists of members that
// come or go are kept as moves.
type scope struct {
	series
	daily  []money.Amount // sales by day of the members from the first as-of day on
	moves  map[int32][]daySale
	firsts map[firstSpan]int64 // how many members have their first document on a day
}

// firstSpan is the first document of a member from as-of day lo up to hi.
type firstSpan struct {
	first  ledger.Day
	lo, hi int32
}

type daySale struct {
	day    int32
	amount money.Amount
}

// scopes are all scopes of a worker. The group is the sum of the companies.
type scopes struct {
	cal  *calendar
	list map[scopeKey]*scope
}

func newScopes(cal *calendar) scopes { return scopes{cal: cal, list: map[scopeKey]*scope{}} }

func (s *scopes) of(kind int, id string) *scope {
	if x := s.list[scopeKey{kind, id}]; x != nil {
		return x
	}
	x := &scope{daily: make([]money.Amount, len(s.cal.pointAt)), moves: map[int32][]daySale{}, firsts: map[firstSpan]int64{}}
	x.fill(s.cal)
	s.list[scopeKey{kind, strings.Clone(id)}] = x
	return x
}

// add counts one customer's business with one company to its scopes.
func (s *scopes) add(w *worker, c *series, company string) {
	n := int32(len(s.cal.points))
	s.of(scopeCompany, company).take(w, c, company, 0, n)
	s.byRun(w, c, company, scopeSegment, func(r *ledger.Run) string { return orUnassigned(r.Segment) })
	s.byRun(w, c, company, scopeRegion, func(r *ledger.Run) string { return orUnassigned(r.Region) })
	s.byRun(w, c, company, scopeOwner, func(r *ledger.Run) string { return r.Owner })
}

// byRun counts the customer to the scope it belongs to, stretch by stretch.
func (s *scopes) byRun(w *worker, c *series, company string, kind int, label func(*ledger.Run) string) {
	n := int32(len(s.cal.points))
	for i := 0; i < len(w.runs); {
		id, j := label(&w.runs[i]), i+1
		for j < len(w.runs) && label(&w.runs[j]) == id {
			j++
		}
		lo, hi := int32(0), n
		if i > 0 {
			lo = s.cal.point(w.runs[i].From)
		}
		if j < len(w.runs) {
			hi = s.cal.point(w.runs[j].From)
		}
		if lo < hi {
			s.of(kind, id).take(w, c, company, lo, hi)
		}
		i = j
	}
}

func orUnassigned(label string) string {
	if label == "" {
		return ledger.Unassigned
	}
	return label
}

// take counts a customer from as-of day lo up to, not including, hi.
func (x *scope) take(w *worker, c *series, company string, lo, hi int32) {
	n := int32(len(c.notDue))
	from := c.balances()
	for l, into := range x.balances() {
		list := (*from[l])[lo:hi]
		for i, a := range list {
			(*into)[int(lo)+i] += a
		}
	}
	for i := lo; i < hi; i++ {
		x.unknown[i] += c.unknown[i]
	}
	if lo < hi {
		x.firsts[firstSpan{c.first[lo], lo, hi}]++
	}
	for _, e := range w.speed.sales {
		if w.books[e.book].company != company {
			continue
		}
		if lo == 0 {
			x.daily[e.day] += e.rc
		} else {
			x.moves[lo] = append(x.moves[lo], daySale{e.day, e.rc})
		}
		if hi < n {
			x.moves[hi] = append(x.moves[hi], daySale{e.day, -e.rc})
		}
	}
	for _, e := range w.speed.spans {
		if from, to := max(lo, e.lo), min(hi, e.hi); from < to && w.books[e.book].company == company {
			x.origins.add(e.month, from, to, e.rc)
		}
	}
}

// merge adds another scope to this one, or with sign -1 takes it out again.
func (x *scope) merge(y *scope, sign money.Amount) {
	from := y.balances()
	for l, into := range x.balances() {
		for i, a := range *from[l] {
			(*into)[i] += sign * a
		}
	}
	for i := range x.unknown {
		x.unknown[i] += int32(sign) * y.unknown[i]
	}
	for i := range x.daily {
		x.daily[i] += sign * y.daily[i]
	}
	for i, list := range y.moves {
		for _, e := range list {
			x.moves[i] = append(x.moves[i], daySale{e.day, sign * e.amount})
		}
	}
	for span, n := range y.firsts {
		x.firsts[span] += int64(sign) * n
	}
	for _, m := range y.origins.used {
		row := y.origins.rows[m]
		x.origins.add(m, 0, 0, 0)
		for i, a := range row {
			x.origins.rows[m][i] += sign * a
		}
	}
}

// merge adds the scopes of another worker, or with sign -1 takes them out again.
func (s *scopes) merge(other *scopes, sign money.Amount) {
	for key, x := range other.list {
		s.of(key.kind, key.id).merge(x, sign)
	}
}

// settleFirsts finds the first document of the members at each as-of day.
func (x *scope) settleFirsts() {
	for span, n := range x.firsts {
		for i := span.lo; n > 0 && i < span.hi; i++ {
			x.first[i] = min(x.first[i], span.first)
		}
	}
}

// rows writes all scopes: the group, then the others by name. The as-of days
// before a scope's first document are left out.
func (s *scopes) rows(r *rows, currency string, skipZero bool) {
	group := s.of(scopeGroup, "")
	for key, x := range s.list {
		if key.kind == scopeCompany {
			group.merge(x, 1)
		}
	}
	keys := make([]scopeKey, 0, len(s.list))
	for key := range s.list {
		keys = append(keys, key)
	}
	sort.Slice(keys, func(i, j int) bool {
		if keys[i].kind != keys[j].kind {
			return keys[i].kind < keys[j].kind
		}
		return keys[i].id < keys[j].id
	})
	for _, key := range keys {
		x := s.list[key]
		x.origins.settle()
		x.settleFirsts()
		x.addUp()
		for i, day := range s.cal.points {
			if list := x.moves[int32(i)]; len(list) > 0 {
				for _, e := range list {
					x.daily[e.day] += e.amount
				}
				x.addUp()
			}
			row, known := x.row(i, skipZero), x.unknown[i] == 0
			if x.first[i] > day && known && row.quiet() {
				continue
			}
			writeSpeedRow(r, day, scopeNames[key.kind], key.id, currency, &row, &row, known, known)
		}
	}
}

// addUp turns the daily sales into running sums.
func (x *scope) addUp() {
	for i, a := range x.daily {
		x.sales[i+1] = x.sales[i] + a
	}
}
