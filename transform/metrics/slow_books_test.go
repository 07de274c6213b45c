package metrics

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// noRates is a currency without any exchange rate.
const noRates = "CHF"

// loseRates leaves half of the ledgers one currency without rates.
func loseRates(t *rapid.T, b *ledgertest.Books) {
	lost := pick(t, "without rates", "", "", "EUR", "CNY")
	lose := func(c *string) {
		if *c == lost {
			*c = noRates
		}
	}
	for i := range b.Invoices {
		lose(&b.Invoices[i].Currency)
	}
	for i := range b.Payments {
		lose(&b.Payments[i].Currency)
	}
	for i := range b.CreditNotes {
		lose(&b.CreditNotes[i].Currency)
	}
}

var flowNames = []string{"invoiced", "debit_notes", "credited", "cash", "discounts", "written_off", "refunds", "fx", "transfers"}

func TestRollForwardEqualsTheDocumentsOfEachMonth(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		loseRates(t, b)
		out, _ := buildRandom(t, b, genAsOf, RollForward)
		s := newSlow(b, genAsOf)
		want, unknown := s.movements()
		got, closing := sums{}, map[string]string{}
		for _, r := range out[RollForward] {
			book := r["customer_id"] + r["company"] + r["currency"] + r["owner_id"]
			rc := r["currency"] != noRates && !unknown[book+r["month"]]
			if (r["closing_rc"] != "NULL") != rc {
				t.Fatalf("in reporting currency known: %v, want %v: %v", !rc, rc, r)
			}
			if r["check_amount"] != "0" || rc && r["check_amount_rc"] != "0" {
				t.Fatalf("does not close: %v", r)
			}
			for _, line := range flowNames {
				got.add(book+r["month"]+line, r[line])
				if got.add(book+r["month"]+line+"_rc", r[line+"_rc"]); !rc {
					delete(want, book+r["month"]+line+"_rc")
				}
			}
			if before := closing[book+day(r["month"]).AddMonths(-1).String()]; before != "" && before != r["opening"] {
				t.Fatalf("opens with %s after closing with %s: %v", r["opening"], before, r)
			}
			closing[book+r["month"]] = r["closing"]
		}
		for _, x := range []sums{got, want} {
			for key, a := range x {
				if a == 0 {
					delete(x, key)
				}
			}
		}
		got.equal(t, "line", want)
	})
}

// movements adds up what documents and applications moved by book, owner of the
// day, month and line of the roll-forward; unknown are the months and owners with
// something that no rate tells in reporting currency.
func (s *slow) movements() (out sums, unknown map[string]bool) {
	m := movements{s, none, sums{}, map[string]bool{}}
	if days := asOfDays(s.Books, s.asOf); len(days) > 0 {
		m.first = days[0].MonthStart()
		for _, v := range s.Invoices {
			m.invoice(v)
		}
		for _, x := range s.credits() {
			m.credit(x)
		}
		for _, n := range bookNames() {
			m.handOver(n)
		}
	}
	return m.sums, m.unknown
}

type movements struct {
	*slow
	first ledger.Day // what is dated before counts there
	sums
	unknown map[string]bool
}

func (m *movements) row(n bookName, d ledger.Day) string {
	d = max(d, m.first)
	return n.customer + n.company + n.currency + m.owner(n.customer, d) + d.MonthStart().String()
}

func (m *movements) move(n bookName, d ledger.Day, line string, doc, rc money.Amount) {
	if d <= m.asOf {
		m.sums[m.row(n, d)+line] += doc
		m.sums[m.row(n, d)+line+"_rc"] += rc
	}
}

// apply books the use of one document for another: within a book both sides take
// each other away but for the rates; between books it is a transfer of what the
// payment or credit note is worth on its day.
func (m *movements) apply(n, other bookName, d ledger.Day, doc, rc, worth money.Amount, known bool) {
	switch {
	case n == other:
		m.move(n, d, "fx", 0, rc)
	case n.currency != groupCurrency:
		m.move(n, d, "transfers", doc, worth)
		m.move(n, d, "fx", 0, rc-worth)
		m.unknown[m.row(n, d)] = m.unknown[m.row(n, d)] || !known && d <= m.asOf
	case known:
		m.move(n, d, "transfers", worth, worth)
		m.move(n, d, "fx", doc-worth, doc-worth)
	default:
		m.move(n, d, "transfers", doc, doc)
	}
}

func (m *movements) invoice(v ledgertest.Invoice) {
	n, open, posted := bookName{v.Customer, v.Company, v.Currency}, money.Amount(0), false
	change := func(a money.Amount) (rc money.Amount) {
		open += a
		return m.rc(open, v.Currency, v.Date) - m.rc(open-a, v.Currency, v.Date)
	}
	post := func() {
		line := "invoiced"
		if v.Debit {
			line = "debit_notes"
		}
		posted = true
		m.move(n, v.Date, line, v.Amount, change(v.Amount))
	}
	for _, c := range m.cuts(v, m.asOf) {
		if !posted && v.Date <= c.day {
			post()
		}
		switch rc := change(-c.amount); c.kind {
		case "discount":
			m.move(n, c.day, "discounts", c.amount, -rc)
		case "write_off":
			m.move(n, c.day, "written_off", c.amount, -rc)
		default:
			m.apply(n, c.by, c.day, -c.amount, rc, -m.rc(c.used, c.by.currency, c.byDay), m.known(c.by.currency, groupCurrency, c.byDay))
		}
	}
	if !posted {
		post()
	}
}

func (m *movements) credit(x paper) {
	n, left := x.book, money.Amount(0) // negative
	for _, e := range x.events {
		left += e.amount
		rc, worth := x.rc(left)-x.rc(left-e.amount), m.rc(e.amount, n.currency, x.date)
		switch {
		case e.invoice != "":
			v := m.slow.invoice(e.invoice)
			m.apply(n, bookName{v.Customer, v.Company, v.Currency}, e.day, e.amount, rc, worth, true)
		case x.line != "refunds":
			m.move(n, e.day, x.line, -e.amount, -rc)
		default: // it leaves at the rate of its day
			m.move(n, e.day, x.line, e.amount, worth)
			if n.currency != groupCurrency {
				m.move(n, e.day, "fx", 0, rc-worth)
			}
		}
	}
}

// handOver transfers the balance of the evening before where the owner changes.
func (m *movements) handOver(n bookName) {
	for d := m.first + 1; d <= m.asOf; d++ {
		if before, after := m.owner(n.customer, d-1), m.owner(n.customer, d); before != after {
			doc, rc := m.at(n.customer, n.company, n.currency, d-1)
			key, month := n.customer+n.company+n.currency, d.MonthStart().String()
			m.sums[key+before+month+"transfers"] -= doc.net()
			m.sums[key+before+month+"transfers_rc"] -= rc.net()
			m.sums[key+after+month+"transfers"] += doc.net()
			m.sums[key+after+month+"transfers_rc"] += rc.net()
		}
	}
}

// paper is a payment or credit note with its events in order.
type paper struct {
	book   bookName
	line   string // of the roll-forward
	date   ledger.Day
	rc     func(money.Amount) money.Amount
	events []paperEvent
}

// paperEvent is the paper itself, its bounce, or its use for an invoice.
type paperEvent struct {
	day     ledger.Day
	order   int // within the day
	id      string
	invoice string
	amount  money.Amount // what is used up is positive
}

func (s *slow) credits() (list []paper) {
	for _, p := range s.Payments {
		x := paper{bookName{p.Customer, p.Company, p.Currency}, "cash", p.Date, func(a money.Amount) money.Amount { return s.paymentRC(p, a) }, []paperEvent{{p.Date, 0, "", "", -p.Amount}}}
		if p.Amount < 0 {
			x.line = "refunds"
		}
		if p.Reversed != none {
			x.events = append(x.events, paperEvent{p.Reversed, 1, "", "", p.Amount})
		}
		for _, a := range s.Allocations {
			if a.Payment == p.ID {
				x.events = append(x.events, paperEvent{a.Date, 2, a.ID, a.Invoice, s.used(a, p)})
			}
		}
		list = append(list, x)
	}
	for _, c := range s.CreditNotes {
		x := paper{bookName{c.Customer, c.Company, c.Currency}, "credited", c.Date, func(a money.Amount) money.Amount { return s.rc(a, c.Currency, c.Date) }, []paperEvent{{c.Date, 0, "", "", -c.Amount}}}
		for _, a := range s.Credits {
			if a.CreditNote == c.ID {
				x.events = append(x.events, paperEvent{a.Date, 2, a.ID, a.Invoice, s.convert(a.Amount, s.invoice(a.Invoice).Currency, c.Currency, c.Date)})
			}
		}
		list = append(list, x)
	}
	for _, x := range list {
		slices.SortFunc(x.events, func(a, b paperEvent) int {
			return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.order, b.order), cmp.Compare(a.id, b.id))
		})
	}
	return list
}
