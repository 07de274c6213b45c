package metrics

import (
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

func TestRollsEqualARecountFromScratch(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		takeBackAmongOthers(t, b)
		if rapid.Bool().Draw(t, "large") {
			b = change(b, func(a money.Amount) money.Amount { return a * 99_991 }, 0, "EUR")
		}
		out, _ := buildRandom(t, b, genAsOf, Rolls)
		got, want := sums{}, newSlow(b, genAsOf).rolls()
		for _, r := range out[Rolls] {
			key := r["month"] + " " + r["company"] + " " + r["customer_id"] + " " + r["currency"] + " " + r["from_bucket"] + " to " + r["to_bucket"]
			got.add(key, r["amount"])
			got.add(key+" rc", r["amount_rc"])
		}
		for key, a := range want {
			if a == 0 {
				delete(want, key)
			}
		}
		got.equal(t, "roll", want)
	})
}

// takeBackAmongOthers lets the cash on the first invoice bounce in the month in
// which a part of it is credited and another written off.
func takeBackAmongOthers(t *rapid.T, b *ledgertest.Books) {
	v := b.Invoices[0]
	month := v.Date.MonthEnd() + 1
	part := func(label string, tenths int) money.Amount {
		return v.Amount * money.Amount(rapid.IntRange(0, tenths).Draw(t, label)) / 10
	}
	p := ledgertest.Payment{ID: "PX", Company: v.Company, Customer: v.Customer, Currency: v.Currency, Date: v.Date, Reversed: none, Amount: v.Amount}
	a := ledgertest.Allocation{ID: "AX", Payment: "PX", Invoice: v.ID, Date: v.Date, Amount: part("bounced", 3)}
	back := a
	back.ID, back.ReversalOf, back.Date, back.Amount = "AXR", "AX", month+drawDays(t, "bounces", 30), -a.Amount
	b.Payments, b.Allocations = append(b.Payments, p), append(b.Allocations, a, back)
	c := ledgertest.CreditNote{ID: "CX", Company: v.Company, Customer: v.Customer, Currency: v.Currency, Date: month, Amount: v.Amount}
	b.CreditNotes = append(b.CreditNotes, c)
	b.Credits = append(b.Credits, ledgertest.Credit{ID: "CAX", CreditNote: "CX", Invoice: v.ID, Date: month + drawDays(t, "credited", 30), Amount: part("credited", 6)})
	b.WriteOffs = append(b.WriteOffs, ledgertest.WriteOff{ID: "WX", Invoice: v.ID, Date: month + drawDays(t, "written off", 30), Amount: part("written off", 5)})
}

var slowBuckets = []string{"not_due", "not_due", "1-30", "31-60", "61-90", "91-120", "121-180", "181-365", "366+"}

// rolls recounts what became of each instalment that was open at a month-end
// until the next one.
func (s *slow) rolls() sums {
	out := sums{}
	for _, v := range s.Invoices {
		steps := s.steps(v)
		for m := v.Date.MonthStart(); m.MonthEnd() < s.asOf; m = m.AddMonths(1) {
			start, end := m.MonthEnd(), s.last(m.AddMonths(1))
			before, beforeRC := s.openParts(v, start)
			after, afterRC := s.openParts(v, end)
			for n, u := range s.dues(v) {
				bucket := func(d ledger.Day) string { return slowBuckets[bucketNumber(int(d-u.day))] }
				add := func(to string, doc, rc money.Amount) {
					key := m.String() + " " + v.Company + " " + v.Customer + " " + v.Currency + " " + bucket(start) + " to " + to
					out[key] += doc
					out[key+" rc"] += rc
				}
				if after[n] >= before[n] {
					add(bucket(end), before[n], beforeRC[n])
					continue
				}
				add(bucket(end), after[n], afterRC[n])
				s.gone(steps, n, start, end, before[n]-after[n], beforeRC[n]-afterRC[n], add)
			}
		}
	}
	return out
}

// openParts is what is open of each instalment on a day.
func (s *slow) openParts(v ledgertest.Invoice, d ledger.Day) (doc, rc []money.Amount) {
	if open := s.openOf(v, d); open <= 0 {
		doc = make([]money.Amount, len(s.dues(v)))
		return doc, doc
	}
	doc = s.opens(v, s.cuts(v, d))
	return doc, s.partsRC(v, doc)
}

// gone shares what is no longer open of an instalment among what reduced it after
// start until end: as it is where nothing was taken back, else by the exact
// shares. What rounding leaves goes to the largest.
func (s *slow) gone(steps []step, n int, start, end ledger.Day, doc, rc money.Amount, add func(to string, doc, rc money.Amount)) {
	names := []string{"paid", "credited", "written_off"}
	of := map[string]int{"cash": 0, "discount": 0, "credit": 1, "write_off": 2}
	var taken, takenRC [3]money.Amount
	for _, st := range steps {
		if start < st.on && st.on <= end {
			taken[of[st.kind]] += st.taken[n]
			takenRC[of[st.kind]] += st.parts[n]
		}
	}
	largest, back := 0, false
	var all money.Amount
	for i, a := range taken {
		if a > taken[largest] {
			largest = i
		}
		all += max(0, a)
		back = back || a < 0
	}
	restDoc, restRC := doc, rc
	for i, a := range taken {
		if a <= 0 || i == largest {
			continue
		}
		partRC := takenRC[i]
		if back {
			share := func(of money.Amount) money.Amount {
				return money.Amount(money.Product(int64(of), int64(a)).Over(int64(all)).Lo)
			}
			a, partRC = share(doc), share(rc)
		}
		add(names[i], a, partRC)
		restDoc, restRC = restDoc-a, restRC-partRC
	}
	add(names[largest], restDoc, restRC)
}
