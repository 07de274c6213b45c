package metrics

import (
	"fmt"

	"pgregory.net/rapid"

	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// The world of the random ledgers: three customers, two companies, three
// currencies, owners that change, ten months.
var (
	genFirst = day("2023-11-01")
	genLast  = day("2024-06-20")
	genAsOf  = day("2024-05-20")
)

// genTurns are days around which rules change: on them documents, owners and
// due dates meet.
var genTurns = []ledger.Day{day("2024-02-29"), day("2024-03-31"), day("2024-03-01"), day("2024-01-31"), genAsOf, day("2023-12-31"), genAsOf + 1, day("2024-04-30"),
	day("2024-02-28"), day("2024-05-01"), genAsOf - 1, day("2024-04-01"), day("2023-11-30"), day("2024-04-29")}

// randomBooks draws a ledger with every kind of document. Most documents belong
// together, half of them to the first invoice, so that what settles it gets in
// each other's way: instalments paid, credited, written off and taken back.
func randomBooks(t *rapid.T) *ledgertest.Books {
	b := &ledgertest.Books{}
	for d := genFirst - 10; d <= genLast; d += 5 {
		n := money.Rate(d % 7)
		b.Quotes = append(b.Quotes, ledger.Quote{Day: d, From: "EUR", To: "USD", Rate: 10_800_000_000 + n*12_345_678},
			ledger.Quote{Day: d, From: "EUR", To: "CNY", Rate: 78_000_000_000 + n*98_765_432})
	}
	for i := range 3 {
		id := fmt.Sprintf("K%d", i)
		from := ledger.Day(0)
		for v := range rapid.IntRange(1, 2).Draw(t, "versions") {
			b.Customers = append(b.Customers, ledgertest.Customer{ID: id, Segment: pick(t, "segment", "RETAIL", "PROJECT", ""), Region: "N",
				Owner: pick(t, "owner", "R1", "R2", ""), Terms: "NET30", From: from})
			from = drawDay(t, "version")
			_ = v
		}
		for range rapid.IntRange(0, 2).Draw(t, "owners") {
			to := none
			from := drawDay(t, "owner from")
			if rapid.Bool().Draw(t, "ends") {
				to = from + ledger.Day(rapid.IntRange(0, 60).Draw(t, "owner days"))
			}
			b.Owners = append(b.Owners, ledgertest.Owner{Customer: id, Rep: pick(t, "rep", "R1", "R2", "R3"), From: from, To: to})
		}
	}
	randomInvoices(t, b)
	randomReceipts(t, b)
	return b
}

func randomInvoices(t *rapid.T, b *ledgertest.Books) {
	for i := range rapid.IntRange(1, 8).Draw(t, "invoices") {
		v := ledgertest.Invoice{ID: fmt.Sprintf("I%d", i), Company: pick(t, "company", "A", "B"), Customer: pick(t, "customer", "K0", "K1", "K2"),
			Currency: pick(t, "currency", "USD", "EUR", "CNY"), Date: drawDay(t, "date"), Due: none, Debit: i%4 == 3,
			Rep: pick(t, "rep", "R1", "R2", ""), Terms: pick(t, "terms", "NET14", "", "odd"), Amount: drawAmount(t, "amount")}
		if rapid.Bool().Draw(t, "due") {
			v.Due = v.Date + ledger.Day(rapid.IntRange(-5, 70).Draw(t, "due days"))
		}
		b.Invoices = append(b.Invoices, v)
		if parts := money.Amount(rapid.IntRange(0, 3).Draw(t, "instalments")); parts > 1 || parts == 1 && i == 0 {
			left := v.Amount
			for s := range parts + 1 {
				part := v.Amount / (parts + 1)
				if s == parts {
					part = left
				}
				left -= part
				b.Instalments = append(b.Instalments, ledgertest.Instalment{Invoice: v.ID, Seq: int64(s + 1), Amount: part,
					Due: v.Date + ledger.Day(30*int(s)+rapid.IntRange(0, 20).Draw(t, "instalment days"))})
			}
		}
		if rapid.IntRange(0, 2).Draw(t, "split") == 0 {
			b.Splits = append(b.Splits, ledgertest.Split{Invoice: v.ID, Rep: "R1", Share: 3_333_333_333}, ledgertest.Split{Invoice: v.ID, Rep: "R3", Share: 6_666_666_667})
		}
		if rapid.IntRange(0, 2).Draw(t, "dispute") == 0 {
			d := ledgertest.Dispute{ID: "D" + v.ID, Invoice: v.ID, Opened: drawDay(t, "opened"), Closed: none, Amount: v.Amount / 2, Whole: i%2 == 0}
			if rapid.Bool().Draw(t, "closed") {
				d.Closed = max(d.Opened, drawDay(t, "closed on"))
			}
			b.Disputes = append(b.Disputes, d)
		}
		if n := rapid.IntRange(0, 4).Draw(t, "write off"); n == 0 || n == 1 && i == 0 {
			w := ledgertest.WriteOff{ID: "W" + v.ID, Invoice: v.ID, Date: v.Date + drawDays(t, "wo days", 120), Amount: v.Amount / 4}
			b.WriteOffs = append(b.WriteOffs, w)
			if rapid.Bool().Draw(t, "taken back") {
				w.ID, w.Date, w.Amount = w.ID+"R", w.Date+later(t), -w.Amount
				b.WriteOffs = append(b.WriteOffs, w)
			}
		}
	}
}

// randomReceipts draws payments and credit notes and applies parts of them: most
// to an invoice of the same books, some to one of another customer, company or
// currency.
func randomReceipts(t *rapid.T, b *ledgertest.Books) {
	for i := range rapid.IntRange(0, 6).Draw(t, "payments") {
		v := drawInvoice(t, b, "paid")
		p := ledgertest.Payment{ID: fmt.Sprintf("P%d", i), Company: v.Company, Customer: v.Customer, Currency: v.Currency, Date: min(genLast, v.Date+drawDays(t, "paid after", 75)),
			Reversed: none, Amount: drawPart(t, v.Amount)}
		if rapid.IntRange(0, 3).Draw(t, "stranger") == 1 {
			p.Company, p.Customer, p.Currency = pick(t, "company", "A", "B"), pick(t, "payer", "K0", "K1", "K2"), pick(t, "currency", "USD", "EUR", "CNY")
			p.Date, p.Amount = drawDay(t, "receipt"), drawAmount(t, "received")
		}
		if i%2 == 1 && rapid.Bool().Draw(t, "refund") {
			p.Amount = -p.Amount / 3
			if of := b.Payments[i-1]; rapid.Bool().Draw(t, "pays back the last") { // at times on the day that its cheque bounces
				p.Company, p.Customer, p.Currency, p.Date, p.Amount = of.Company, of.Customer, of.Currency, of.Date+drawDays(t, "paid back after", 30), -drawPart(t, max(of.Amount, -of.Amount))
				if of.Reversed != none && rapid.Bool().Draw(t, "when it bounces") {
					p.Date = of.Reversed
				}
			}
		}
		bounces := rapid.IntRange(0, 2).Draw(t, "bounces") == 1
		if bounces {
			p.Reversed = p.Date + drawDays(t, "bounce days", 60)
		}
		b.Payments = append(b.Payments, p)
		parts := rapid.IntRange(0, 3).Draw(t, "allocations")
		for n := range parts {
			if rapid.IntRange(0, 2).Draw(t, "elsewhere") == 1 {
				v = drawInvoice(t, b, "allocated to")
			}
			a := ledgertest.Allocation{ID: fmt.Sprintf("A%d-%d", i, n), Payment: p.ID, Invoice: v.ID, Seq: int64(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "seq")),
				Date: p.Date + ledger.Day(rapid.IntRange(-3, 40).Draw(t, "application days")), Amount: p.Amount / money.Amount(parts)}
			if rapid.IntRange(0, 3).Draw(t, "discount") == 0 && p.Amount > 0 {
				a.Discount = v.Amount / 50
			}
			if p.Currency != v.Currency && rapid.Bool().Draw(t, "source converts") {
				a.InPayment = a.Amount * money.Amount(rapid.IntRange(1, 90).Draw(t, "tenths")) / 10
			}
			b.Allocations = append(b.Allocations, a)
			if bounces || rapid.IntRange(0, 4).Draw(t, "reversed") == 0 {
				back := a
				back.ID, back.ReversalOf, back.Amount, back.Discount, back.InPayment = a.ID+"R", a.ID, -a.Amount, -a.Discount, -a.InPayment
				if back.Date += later(t); bounces {
					back.Date = max(p.Reversed, a.Date)
				}
				b.Allocations = append(b.Allocations, back)
			}
		}
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "credit notes") {
		v := drawInvoice(t, b, "credited")
		c := ledgertest.CreditNote{ID: fmt.Sprintf("C%d", i), Company: v.Company, Customer: v.Customer, Currency: v.Currency, Date: drawDay(t, "credit date"), Amount: drawPart(t, v.Amount)}
		if rapid.IntRange(0, 3).Draw(t, "credited abroad") == 1 {
			c.Currency = pick(t, "currency", "USD", "EUR", "CNY")
		}
		b.CreditNotes = append(b.CreditNotes, c)
		if rapid.IntRange(0, 3).Draw(t, "credit applied") > 0 {
			a := ledgertest.Credit{ID: "CA" + c.ID, CreditNote: c.ID, Invoice: v.ID, Seq: int64(rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "credited seq")),
				Date: c.Date + ledger.Day(rapid.IntRange(0, 20).Draw(t, "credit days")), Amount: c.Amount / money.Amount(rapid.IntRange(1, 2).Draw(t, "credit part"))}
			b.Credits = append(b.Credits, a)
			if rapid.IntRange(0, 2).Draw(t, "credit taken back") == 1 {
				back := a
				back.ID, back.ReversalOf, back.Date, back.Amount = a.ID+"R", a.ID, a.Date+later(t), -a.Amount
				b.Credits = append(b.Credits, back)
			}
		}
	}
}

// drawInvoice draws one of the invoices, half the time the first.
func drawInvoice(t *rapid.T, b *ledgertest.Books, label string) ledgertest.Invoice {
	n := rapid.IntRange(0, 2*len(b.Invoices)-1).Draw(t, label)
	return b.Invoices[max(0, n-len(b.Invoices))]
}

// drawPart draws an amount that has to do with an invoice's.
func drawPart(t *rapid.T, of money.Amount) money.Amount {
	return of * money.Amount(rapid.IntRange(1, 4).Draw(t, "thirds")) / 3
}

// later draws how long it takes until something is taken back.
func later(t *rapid.T) ledger.Day {
	return rapid.SampledFrom([]ledger.Day{12, 0, 1, 31}).Draw(t, "taken back after")
}

func pick(t *rapid.T, label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(t, label)
}

// drawDay draws any day of the ledger, or one of its turns: rapid prefers small
// numbers, so they are strewn over all days.
func drawDay(t *rapid.T, label string) ledger.Day {
	n := rapid.IntRange(0, 1<<12).Draw(t, label)
	if n%4 == 3 {
		return genTurns[n/4%len(genTurns)]
	}
	return genFirst + strewn(n, genLast-genFirst)
}

// drawDays draws a number of days, each as likely as the others.
func drawDays(t *rapid.T, label string, most ledger.Day) ledger.Day {
	return strewn(rapid.IntRange(0, 1<<12).Draw(t, label), most)
}

func strewn(n int, most ledger.Day) ledger.Day { return ledger.Day(n*101) % (most + 1) }

func drawAmount(t *rapid.T, label string) money.Amount {
	return money.FromCents(int64(rapid.IntRange(1, 500_000).Draw(t, label)))
}
