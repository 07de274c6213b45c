package metrics

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// Promises as they stand today, and stood at each month-end, are those that
// follow from the documents dated up to the day, whatever the terms.
func TestPromisesEqualARecountFromScratch(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		randomPromises(t, b)
		nameNoInvoiceAfter(b, genAsOf)
		if firstDay(b) > genAsOf {
			t.Skip("nothing has happened yet")
		}
		grace, percent := rapid.IntRange(0, 3).Draw(t, "grace"), rapid.SampledFrom([]int{95, 100, 50, 34}).Draw(t, "kept from")
		o := randomOptions(genAsOf)
		o.PromiseGraceDays, o.PromiseKeptPercent = &grace, percent
		out, _ := buildWith(t, b, o, PromiseOutcomes, PromiseStates)
		s := newSlow(b, genAsOf)
		line := func(r map[string]string) string {
			return fmt.Sprintln(r["customer_id"], r["promise_id"], r["status"], r["status_on"], r["times_moved"], "paid", amount(r["paid"]), "reduced", amount(r["reduced"]), "limit", r["limit_date"])
		}
		same := func(d ledger.Day, table string, rows []map[string]string) {
			var got, want []string
			for _, r := range rows {
				got = append(got, line(r))
			}
			for _, p := range s.promises(d, ledger.Day(grace), money.Amount(percent)) {
				want = append(want, p.line())
			}
			slices.Sort(got)
			if slices.Sort(want); !slices.Equal(got, want) {
				t.Fatalf("%s on %s, %d days of grace, kept from %d %%:\n%swant:\n%s", table, d, grace, percent, strings.Join(got, ""), strings.Join(want, ""))
			}
		}
		same(genAsOf, PromiseOutcomes, out[PromiseOutcomes])
		for _, d := range asOfDays(b, genAsOf) {
			if d == d.MonthEnd() || d == genAsOf {
				same(d, PromiseStates, filter(out[PromiseStates], func(r map[string]string) bool { return r["first_day"] <= d.String() && d.String() <= r["last_day"] }))
			}
		}
	})
}

// pledged is a promise, or a line of a plan, with what became of it.
type pledged struct {
	ledgertest.Promise
	plan          string
	no            int64
	limit         ledger.Day
	status        string
	since         ledger.Day
	times         int
	paid, reduced money.Amount
}

func (p pledged) line() string {
	since := "NULL"
	if p.since != none {
		since = p.since.String()
	}
	return fmt.Sprintln(p.Customer, p.ID, p.status, since, p.times, "paid", p.paid, "reduced", p.reduced, "limit", p.limit)
}

// promises judges what was promised up to a day by what is dated up to it.
func (s *slow) promises(d, grace ledger.Day, percent money.Amount) (all []pledged) {
	for _, customer := range []string{"K0", "K1", "K2"} {
		all = append(all, s.promisesOf(customer, d, grace, percent)...)
	}
	return all
}

func (s *slow) promisesOf(customer string, d, grace ledger.Day, percent money.Amount) (list []pledged) {
	promises, plans := chain{}, chain{}
	for _, p := range s.Promises {
		if p.Customer == customer && p.Made <= d {
			promises[p.ID] = &mover{by: p.ReplacedBy, made: p.Made}
			list = append(list, pledged{Promise: p})
		}
	}
	for _, p := range s.Plans {
		if p.Customer == customer && p.Made <= d {
			plans[p.ID] = &mover{by: p.ReplacedBy, made: p.Made}
		}
	}
	for _, p := range s.Promises {
		promises.forget(customer == p.Customer && p.Made > d, p.ID)
	}
	for _, p := range s.Plans {
		plans.forget(customer == p.Customer && p.Made > d, p.ID)
	}
	for id, p := range plans {
		p.moved = plans.replaced(id) != ledger.Forever
		for _, l := range s.Lines {
			if l.Plan == id {
				list = append(list, pledged{Promise: ledgertest.Promise{ID: fmt.Sprintf("%s/%d", id, l.No), Customer: customer, Invoice: l.Invoice, Currency: l.Currency, Made: p.made, Due: l.Due, Amount: l.Amount}, plan: id, no: l.No})
			}
		}
	}
	named := func(p pledged) int {
		if slices.ContainsFunc(s.Invoices, func(v ledgertest.Invoice) bool { return v.ID == p.Invoice && v.Customer == customer }) {
			return 0
		}
		return 1
	}
	slices.SortFunc(list, func(a, b pledged) int {
		return cmp.Or(named(a)-named(b), cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID))
	})
	cash := s.received(customer, d)
	for i := range list {
		p := &list[i]
		if named(*p) == 1 {
			p.Invoice = ""
		}
		p.limit = p.Due + grace
		of, id := promises, p.ID
		if p.plan != "" {
			of, id = plans, p.plan
		}
		replaced := of.replaced(id)
		s.keep(p, cash, d, replaced, percent)
		if p.plan == "" {
			promises[id].moved = p.status == "moved"
		}
	}
	for i := range list {
		if p := &list[i]; p.plan == "" {
			p.times = promises.times(p.ID)
		} else {
			p.times = plans.times(p.plan)
		}
	}
	return list
}

// keep judges one promise after those that go before it.
func (s *slow) keep(p *pledged, cash []income, d, replaced ledger.Day, percent money.Amount) {
	until := min(p.limit, d)
	moved := replaced <= p.Due
	if moved {
		until = min(until, max(replaced, p.Made)-1)
	}
	credited, creditDay, lost, lostDay := s.takenBack(p, until, d)
	owed, kept := p.Amount-credited, none
	enough := func(a money.Amount) bool { return 100*a >= percent*owed }
	for i := range cash {
		c := &cash[i]
		if c.left <= 0 || c.day < p.Made || c.day > until || p.Invoice != "" && c.invoice != p.Invoice || p.paid >= owed {
			continue
		}
		if there := s.convert(c.left, c.currency, p.Currency, c.day); there <= owed-p.paid {
			p.paid, c.left = p.paid+there, 0
		} else {
			c.left -= min(c.left, s.convert(owed-p.paid, p.Currency, c.currency, c.day))
			p.paid = owed
		}
		if kept == none && enough(p.paid) {
			kept = c.day
		}
	}
	switch {
	case p.Amount <= 0:
		p.status, p.since = "cancelled", p.Made
	case owed <= 0:
		p.status, p.since = "cancelled", creditDay
	case enough(p.paid):
		p.status, p.since = "kept", kept
	case moved:
		p.status, p.since = "moved", replaced
	case lost > 0 && enough(p.paid+lost):
		p.status, p.since = "cancelled", lostDay
	case d <= p.limit:
		p.status, p.since = "open", none
	case p.paid > 0:
		p.status, p.since = "partial", p.limit+1
	default:
		p.status, p.since = "broken", p.limit+1
	}
	p.reduced = min(max(0, p.Amount), credited) + min(max(0, owed-p.paid), max(0, lost))
}

// takenBack is what credit notes or upheld disputes, and write-offs, took off the
// promised invoice while the promise ran.
func (s *slow) takenBack(p *pledged, until, d ledger.Day) (credited money.Amount, creditDay ledger.Day, lost money.Amount, lostDay ledger.Day) {
	creditDay, lostDay = p.Made, p.Made
	if p.Invoice == "" {
		return
	}
	v := s.invoice(p.Invoice)
	for _, c := range s.cuts(v, until) {
		a := s.convert(c.amount, v.Currency, p.Currency, c.day)
		switch {
		case c.day < p.Made:
		case c.kind == "credit":
			credited, creditDay = credited+a, c.day
		case c.kind == "write_off":
			lost, lostDay = lost+a, c.day
		}
	}
	credited = max(0, credited)
	var disputed money.Amount
	whole, day := false, p.Made
	for _, x := range s.Disputes {
		switch closed := x.Closed; {
		case x.Invoice != v.ID || x.Outcome != "valid" || x.Opened > until:
		case closed != none && (closed <= p.Made || closed > d):
		default:
			day, disputed, whole = max(day, x.Opened, closed), disputed+x.Amount, whole || x.Whole
		}
	}
	undisputed := s.convert(s.openOf(v, max(p.Made, v.Date)), v.Currency, p.Currency, p.Made) - s.convert(disputed, v.Currency, p.Currency, p.Made)
	void := min(s.convert(disputed, v.Currency, p.Currency, p.Made), max(0, p.Amount-max(0, undisputed)))
	if whole {
		void = max(0, p.Amount)
	}
	if void > credited {
		return void, day, lost, lostDay
	}
	return credited, creditDay, lost, lostDay
}

// income is what came in on a day on one invoice, or is left of one payment.
type income struct {
	day               ledger.Day
	invoice, currency string
	left              money.Amount
}

// received lists the customer's cash by day: on each invoice, then on account.
func (s *slow) received(customer string, d ledger.Day) (list []income) {
	for _, v := range s.Invoices {
		if v.Customer != customer {
			continue
		}
		on := map[ledger.Day]money.Amount{}
		for _, c := range s.cuts(v, d) {
			if c.kind == "cash" {
				on[c.receipt] += c.amount
			}
		}
		for day, a := range on {
			list = append(list, income{day, v.ID, v.Currency, a})
		}
	}
	slices.SortStableFunc(list, func(a, b income) int { return cmp.Compare(a.invoice, b.invoice) })
	for _, p := range s.Payments {
		if p.Customer == customer && p.Amount > 0 {
			list = append(list, income{p.Date, "", p.Currency, s.unapplied(p, d)})
		}
	}
	slices.SortStableFunc(list, func(a, b income) int { return cmp.Compare(a.day, b.day) })
	return list
}

// chain tells by what promises, or plans, were replaced.
type chain map[string]*mover

type mover struct {
	by    string
	made  ledger.Day
	moved bool
}

// forget lets nothing be replaced by what is not made yet.
func (c chain) forget(future bool, id string) {
	for _, m := range c {
		if future && m.by == id {
			m.by = ""
		}
	}
}

// replaced is the day on which another took the place of one: Forever where none
// did or a circle leads back, none where nobody knows the other.
func (c chain) replaced(id string) ledger.Day {
	by := c[id].by
	switch {
	case by == "" || c.inCircle(id):
		return ledger.Forever
	case c[by] == nil:
		return none
	}
	return max(c[id].made, c[by].made)
}

func (c chain) inCircle(id string) bool {
	at := c[id].by
	for range c {
		if at == id {
			return true
		}
		if c[at] == nil {
			return false
		}
		at = c[at].by
	}
	return false
}

// times counts the moves that led to one, along the longest way.
func (c chain) times(id string) (most int) {
	for other, m := range c {
		if m.by == id && !c.inCircle(other) {
			n := c.times(other)
			if m.moved {
				n++
			}
			most = max(most, n)
		}
	}
	return most
}
