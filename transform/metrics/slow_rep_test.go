package metrics

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// repSums are amounts by month, company, rep and column.
type repSums map[string]money.Amount

func (r repSums) add(month ledger.Day, company, rep, column string, a money.Amount) {
	if a != 0 {
		r[month.MonthStart().String()+" "+company+" "+rep+" "+column] += a
	}
}

var repColumns = []string{"opening_open", "opening_overdue", "fell_due", "reduced", "collected", "collected_due_basis", "due_basis_denominator", "sales", "billed", "written_off",
	"on_time_amount", "on_time_base", "closing_open", "closing_overdue", "closing_unapplied", "transfers_in", "transfers_out", "days_to_pay_denominator",
	"disputed_due", "closing_disputed", "disputed_sales"}

func TestRepCollectionEqualsARecountFromScratch(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		out, _ := buildRandom(t, b, genAsOf, RepCollection)
		s := newSlow(b, genAsOf)
		got, want := repSums{}, repSums{}
		for _, r := range out[RepCollection] {
			for _, c := range repColumns {
				got.add(day(r["month"]), r["company"], r["rep_id"], c, amount(r[c]))
			}
			if rate := amount(r["due_basis_denominator"]); (rate > 0) != (r["collection_rate"] != "NULL") || (r["collection_rate"] == "NULL") != (r["reason"] == "nothing_collectable") {
				t.Fatalf("rate %s of %s: reason %s", r["collection_rate"], rate, r["reason"])
			}
			if r["collection_rate_undisputed"] != "NULL" && number(r["collected_due_basis"]) >= 0 && number(r["collection_rate_undisputed"]) < number(r["collection_rate"]) {
				t.Fatalf("what is in dispute does not lower a rate: %v", r)
			}
			for twin, of := range map[string]string{"due_basis_undisputed_denominator": "due_basis_denominator-disputed_due", "cash_rate_collectable_undisputed_denominator": "cash_rate_collectable_denominator-closing_disputed",
				"cash_rate_revenue_undisputed_denominator": "sales-disputed_sales"} {
				if whole, part, _ := strings.Cut(of, "-"); amount(r[twin]) != amount(r[whole])-amount(r[part]) {
					t.Fatalf("%s is not %s: %v", twin, of, r)
				}
			}
		}
		months := asOfDays(b, genAsOf)
		if len(months) == 0 {
			return
		}
		s.balancesByOwner(want, months[0].MonthStart())
		for _, v := range b.Invoices {
			if v.Date <= genAsOf {
				s.invoiceByRep(want, v, months[0].MonthStart())
			} else {
				s.earlyCash(want, v)
			}
		}
		s.unappliedByOwner(want)
		for key, a := range want {
			if got[key] != a {
				t.Fatalf("%s = %s, want %s", key, got[key], a)
			}
		}
		for key, a := range got {
			if want[key] != a {
				t.Fatalf("%s = %s, want %s", key, a, want[key])
			}
		}
	})
}

func (s *slow) last(month ledger.Day) ledger.Day { return min(month.MonthEnd(), s.asOf) }

// balancesByOwner recounts what stands on month-ends and is handed over.
func (s *slow) balancesByOwner(out repSums, first ledger.Day) {
	for _, n := range bookNames() {
		for m := first; m <= s.asOf; m = m.AddMonths(1) {
			end := s.last(m)
			_, rc := s.at(n.customer, n.company, n.currency, end)
			owner := s.owner(n.customer, end)
			out.add(m, n.company, owner, "closing_open", rc.open())
			out.add(m, n.company, owner, "closing_overdue", rc.overdue())
			out.add(m, n.company, owner, "closing_unapplied", rc.unapplied)
			out.add(m, n.company, owner, "closing_disputed", rc.disputed)
			if next := m.AddMonths(1); next <= s.asOf {
				out.add(next, n.company, owner, "opening_open", rc.open())
				out.add(next, n.company, owner, "opening_overdue", rc.open()-rc.buckets[0])
			}
			for d := max(m, first+1); d <= end; d++ {
				if before, after := s.owner(n.customer, d-1), s.owner(n.customer, d); before != after {
					_, rc := s.at(n.customer, n.company, n.currency, d-1)
					out.add(m, n.company, before, "transfers_out", rc.open())
					out.add(m, n.company, after, "transfers_in", rc.open())
				}
			}
		}
	}
	for _, c := range s.CreditNotes {
		if c.Date <= s.asOf {
			early := s.uncredited(c, c.Date-1)
			out.add(c.Date, c.Company, s.owner(c.Customer, c.Date), "sales", -(s.rc(c.Amount+early, c.Currency, c.Date) - s.rc(early, c.Currency, c.Date)))
		}
	}
}

// step is one reduction with its effect in reporting currency: on the invoice
// and on each instalment; taken is the latter in document currency.
type step struct {
	cut
	on           ledger.Day // day of the effect
	whole        money.Amount
	parts, taken []money.Amount
}

func (s *slow) steps(v ledgertest.Invoice) []step {
	cuts := s.cuts(v, s.asOf)
	var out []step
	var sum money.Amount
	for i, c := range cuts {
		open := -sum
		if v.Date <= c.day {
			open += v.Amount
		}
		st := step{cut: c, on: c.day, whole: s.rc(open, v.Currency, v.Date) - s.rc(open-c.amount, v.Currency, v.Date)}
		before, after := s.partsRC(v, s.opens(v, cuts[:i])), s.partsRC(v, s.opens(v, cuts[:i+1]))
		left, doc := c.amount, s.opens(v, cuts[:i])
		for n, open := range s.opens(v, cuts[:i+1]) {
			st.parts, st.taken = append(st.parts, before[n]-after[n]), append(st.taken, doc[n]-open)
			left -= doc[n] - open
		}
		sum += c.amount
		out = append(out, st)
		out = s.swap(out, v, left)
		out = s.home(out, c, v)
	}
	return out
}

// home lets nothing have less than nothing on an instalment: what else settled
// it changes places with what was taken back elsewhere.
func (s *slow) home(steps []step, back cut, v ledgertest.Invoice) []step {
	dues := len(s.dues(v))
	if back.amount >= 0 || dues == 1 {
		return steps
	}
	applied := func(id string) bool { return slices.ContainsFunc(steps, func(x step) bool { return x.id == id }) }
	origin := func(c cut) string { // and its kind
		if c.reversal != "" && applied(c.reversal) {
			return c.reversal + c.kind
		}
		return c.id + c.kind
	}
	own := func(c cut) bool { return c.kind == back.kind }
	if from := origin(back); from != back.id+back.kind {
		own = func(c cut) bool { return origin(c) == from }
	}
	of := func(n int, like func(cut) bool) (sum money.Amount) {
		for _, x := range steps {
			if like(x.cut) {
				sum += x.taken[n]
			}
		}
		return sum
	}
	move := func(c cut, from, to int, a money.Amount) {
		st, rc := step{cut: c, on: back.day, parts: make([]money.Amount, dues), taken: make([]money.Amount, dues)}, s.rc(a, v.Currency, v.Date)
		st.taken[from], st.taken[to], st.parts[from], st.parts[to] = -a, a, -rc, rc
		steps = append(steps, st)
	}
	all := s.cuts(v, s.asOf)
	for n := dues - 1; n >= 0; n-- {
		for lack := -of(n, own); lack > 0; {
			to := dues - 1
			for to >= 0 && of(to, own) <= 0 {
				to--
			}
			var other cut
			there := money.Amount(0)
			for _, c := range all { // in order: the last one that has something there
				if origin(c) == c.id+c.kind && !own(c) {
					if a := of(n, func(x cut) bool { return origin(x) == c.id+c.kind }); a > 0 {
						other, there = c, a
					}
				}
			}
			if to < 0 || there <= 0 {
				break
			}
			a := min(lack, there, of(to, own))
			if lack -= a; other.kind == "cash" {
				other.counted = other.receipt
			} else {
				other.counted = back.day
			}
			move(back, to, n, a)
			move(other, n, to, a)
		}
	}
	return steps
}

// swap lets what was paid too much take the place of what the last step takes
// back: left is what that step has beyond its effect on the instalments.
func (s *slow) swap(steps []step, v ledgertest.Invoice, left money.Amount) []step {
	last := len(steps) - 1
	steps[last].spare = left
	if left >= 0 {
		return steps
	}
	steps[last].spare = 0
	own := func(x step) bool {
		return x.kind == steps[last].kind && (steps[last].reversal == "" || x.id == steps[last].reversal)
	}
	for i := last - 1; i >= 0 && left < 0; i-- {
		if use := min(-left, steps[i].spare); own(steps[i]) && use > 0 {
			steps[i].spare, left = steps[i].spare-use, left+use
		}
	}
	for i := 0; i < last && left < 0; i++ {
		for n := len(steps[last].taken) - 1; n >= 0; n-- {
			var there money.Amount
			for _, x := range steps {
				if x.kind == steps[last].kind {
					there += x.taken[n]
				}
			}
			use := min(-left, steps[i].spare, there)
			if use <= 0 {
				continue
			}
			rc := s.rc(use, v.Currency, v.Date)
			steps[i].spare, left = steps[i].spare-use, left+use
			steps[last].taken[n], steps[last].parts[n] = steps[last].taken[n]-use, steps[last].parts[n]-rc
			in := step{cut: steps[i].cut, on: steps[last].on, parts: make([]money.Amount, len(steps[last].parts)), taken: make([]money.Amount, len(steps[last].parts))}
			in.spare, in.parts[n], in.taken[n] = 0, rc, use
			if in.kind == "cash" {
				in.counted = in.receipt
			} else {
				in.counted = steps[last].day
			}
			steps = append(steps, in)
		}
	}
	return steps
}

func (s *slow) invoiceByRep(out repSums, v ledgertest.Invoice, first ledger.Day) {
	owner := func(d ledger.Day) string { return s.owner(v.Customer, d) }
	var early money.Amount
	for _, c := range s.cuts(v, v.Date-1) {
		early += c.amount
	}
	billed := s.rc(v.Amount-early, v.Currency, v.Date) - s.rc(-early, v.Currency, v.Date)
	out.add(v.Date, v.Company, owner(v.Date), "sales", billed)
	s.byRep(out, v, v.Date, "billed", billed)
	steps := s.steps(v)
	s.cash(out, v, steps)
	for _, st := range steps {
		if st.kind == "write_off" {
			s.byRep(out, v, max(st.day, first), "written_off", st.whole)
		}
	}
	s.disputedByOwner(out, v)
	amounts := s.partsRC(v, s.opens(v, nil))
	for n, u := range s.dues(v) {
		s.dueByOwner(out, v, steps, n, max(u.day, v.Date), amounts[n])
	}
}

// disputedByOwner recounts what is in dispute at month-ends and was due, or was
// billed in the month.
func (s *slow) disputedByOwner(out repSums, v ledgertest.Invoice) {
	for m := v.Date.MonthStart(); m <= s.asOf; m = m.AddMonths(1) {
		end := s.last(m)
		claimed := s.claimed(v, max(0, s.openOf(v, end)), end)
		if m == v.Date.MonthStart() {
			out.add(m, v.Company, s.owner(v.Customer, v.Date), "disputed_sales", s.rc(claimed, v.Currency, v.Date))
		}
		var before money.Amount
		parts := s.opens(v, s.cuts(v, end))
		for n, u := range s.dues(v) {
			upTo := min(claimed, before+parts[n])
			if due := max(u.day, v.Date); due <= end {
				out.add(m, v.Company, s.owner(v.Customer, max(due, m-1)), "disputed_due", s.rc(upTo, v.Currency, v.Date)-s.rc(before, v.Currency, v.Date))
			}
			before = upTo
		}
	}
}

// earlyCash counts what was applied to an invoice that is dated after the as-of day.
func (s *slow) earlyCash(out repSums, v ledgertest.Invoice) {
	steps := s.steps(v)
	s.cash(out, v, steps)
	for _, st := range steps {
		if st.kind == "write_off" {
			s.byRep(out, v, st.day, "written_off", st.whole)
		}
	}
}

func (s *slow) cash(out repSums, v ledgertest.Invoice, steps []step) {
	for _, st := range steps {
		if st.kind != "cash" {
			continue
		}
		if st.counted <= s.asOf {
			rep := s.owner(v.Customer, st.counted)
			out.add(st.counted, v.Company, rep, "collected", st.whole)
			for n, u := range s.dues(v) {
				if max(u.day, v.Date) <= s.last(st.counted.MonthStart()) {
					out.add(st.counted, v.Company, rep, "collected_due_basis", st.parts[n])
				}
			}
		}
		if st.receipt <= s.asOf && v.Date <= s.asOf {
			s.byRep(out, v, st.receipt, "days_to_pay_denominator", st.whole)
		}
	}
}

// dueByOwner recounts one instalment: the month it fell due and all months it
// was overdue at the beginning of.
func (s *slow) dueByOwner(out repSums, v ledgertest.Invoice, steps []step, n int, due ledger.Day, total money.Amount) {
	if due > s.asOf {
		return
	}
	sum := func(cash bool, from, to ledger.Day) (a money.Amount) {
		for _, st := range steps {
			if (st.kind == "cash") == cash && from <= st.counted && st.counted <= to {
				a += st.parts[n]
			}
		}
		return a
	}
	const ever = -1 << 20
	m := due.MonthStart()
	rep := s.owner(v.Customer, due)
	reduced := sum(false, ever, s.last(m))
	out.add(m, v.Company, rep, "fell_due", total)
	out.add(m, v.Company, rep, "reduced", reduced)
	out.add(m, v.Company, rep, "due_basis_denominator", total-sum(true, ever, m-1)-reduced)
	for m = m.AddMonths(1); m <= s.asOf; m = m.AddMonths(1) {
		rep, reduced := s.owner(v.Customer, m-1), sum(false, m, s.last(m))
		left := total - sum(true, ever, m-1) - sum(false, ever, m-1)
		out.add(m, v.Company, rep, "reduced", reduced)
		out.add(m, v.Company, rep, "due_basis_denominator", left-reduced)
	}
	s.onTime(out, v, steps, n, due, total)
}

// onTime decides whether an instalment was settled by its due date for good.
func (s *slow) onTime(out repSums, v ledgertest.Invoice, steps []step, n int, due ledger.Day, total money.Amount) {
	settled := true
	for d := due; d <= s.asOf; d++ {
		settled = settled && s.opens(v, s.cuts(v, d))[n] == 0
	}
	by := map[string]money.Amount{}
	var credit money.Amount
	for _, st := range steps {
		kind := map[string]string{"cash": "cash", "discount": "cash", "credit": "credit", "write_off": "write_off"}[st.kind]
		by[kind] += st.taken[n]
		if kind == "credit" {
			credit += st.parts[n]
		}
	}
	if settled && by["credit"] >= s.opens(v, nil)[n] {
		return
	}
	s.byRep(out, v, due, "on_time_base", total-credit)
	if settled && by["cash"] >= by["write_off"] {
		s.byRep(out, v, due, "on_time_amount", total-credit)
	}
}

// byRep splits an amount among the reps of an invoice, two thirds to one at most.
func (s *slow) byRep(out repSums, v ledgertest.Invoice, d ledger.Day, column string, a money.Amount) {
	for _, x := range s.Splits {
		if x.Invoice == v.ID {
			parts := make([]money.Amount, 2)
			money.Split(a, []money.Rate{3_333_333_333, 6_666_666_667}, parts)
			out.add(d, v.Company, "R1", column, parts[0])
			out.add(d, v.Company, "R3", column, parts[1])
			return
		}
	}
	rep := v.Rep
	if rep == "" {
		rep = s.owner(v.Customer, v.Date)
	}
	out.add(d, v.Company, rep, column, a)
}

// unappliedByOwner counts the receipts that no invoice used.
func (s *slow) unappliedByOwner(out repSums) {
	for _, p := range s.Payments {
		s.unappliedOf(out, p)
	}
}

func (s *slow) unappliedOf(out repSums, p ledgertest.Payment) {
	var received, bounced money.Amount
	if p.Date <= s.asOf {
		received = p.Amount
	}
	if p.Reversed != none && p.Reversed <= s.asOf {
		bounced = -p.Amount
	}
	for _, a := range s.Allocations {
		if a.Payment != p.ID || a.Date > s.asOf {
			continue
		}
		used := s.used(a, p)
		if used < 0 && p.Reversed != none && a.Date >= p.Reversed {
			bounced -= used
		} else {
			received -= used
		}
	}
	if p.Date <= s.asOf {
		out.add(p.Date, p.Company, s.owner(p.Customer, p.Date), "collected", s.paymentRC(p, received))
	}
	if p.Reversed != none && p.Reversed <= s.asOf {
		out.add(p.Reversed, p.Company, s.owner(p.Customer, p.Reversed), "collected", s.paymentRC(p, bounced))
	}
}
