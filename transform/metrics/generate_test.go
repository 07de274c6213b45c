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

// randomBooks draws a ledger with every kind of document.
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
		if rapid.IntRange(0, 2).Draw(t, "instalments") == 0 {
			left := v.Amount
			for s := int64(1); s <= 3; s++ {
				part := v.Amount / 3
				if s == 3 {
					part = left
				}
				left -= part
				b.Instalments = append(b.Instalments, ledgertest.Instalment{Invoice: v.ID, Seq: s, Amount: part,
					Due: v.Date + ledger.Day(30*(s-1)+int64(rapid.IntRange(0, 20).Draw(t, "instalment days")))})
			}
		}
		if rapid.IntRange(0, 2).Draw(t, "split") == 0 {
			b.Splits = append(b.Splits, ledgertest.Split{Invoice: v.ID, Rep: "R1", Share: 3_333_333_333}, ledgertest.Split{Invoice: v.ID, Rep: "R3", Share: 6_666_666_667})
		}
		if rapid.IntRange(0, 2).Draw(t, "dispute") == 0 {
			d := ledgertest.Dispute{ID: "D" + v.ID, Invoice: v.ID, Opened: drawDay(t, "opened"), Closed: none, Amount: v.Amount / 2, Whole: i%2 == 0}
			if rapid.Bool().Draw(t, "closed") {
				d.Closed = d.Opened + ledger.Day(rapid.IntRange(0, 60).Draw(t, "dispute days"))
			}
			b.Disputes = append(b.Disputes, d)
		}
		if rapid.IntRange(0, 4).Draw(t, "write off") == 0 {
			w := ledgertest.WriteOff{ID: "W" + v.ID, Invoice: v.ID, Date: v.Date + ledger.Day(rapid.IntRange(0, 120).Draw(t, "wo days")), Amount: v.Amount / 4}
			b.WriteOffs = append(b.WriteOffs, w)
			if rapid.Bool().Draw(t, "taken back") {
				w.ID, w.Date, w.Amount = w.ID+"R", w.Date+9, -w.Amount
				b.WriteOffs = append(b.WriteOffs, w)
			}
		}
	}
}

// randomReceipts draws payments and credit notes and applies parts of them to
// any invoice, now and then to one of another customer, company or currency.
func randomReceipts(t *rapid.T, b *ledgertest.Books) {
	for i := range rapid.IntRange(0, 6).Draw(t, "payments") {
		p := ledgertest.Payment{ID: fmt.Sprintf("P%d", i), Company: pick(t, "company", "A", "B"), Customer: pick(t, "payer", "K0", "K1", "K2"),
			Currency: pick(t, "currency", "USD", "EUR", "CNY"), Date: drawDay(t, "receipt"), Reversed: none, Amount: drawAmount(t, "received")}
		if i%3 == 2 {
			p.Amount = -p.Amount / 3
		}
		bounces := rapid.IntRange(0, 3).Draw(t, "bounces") == 0
		if bounces {
			p.Reversed = p.Date + ledger.Day(rapid.IntRange(0, 40).Draw(t, "bounce days"))
		}
		b.Payments = append(b.Payments, p)
		for n := range rapid.IntRange(0, 3).Draw(t, "allocations") {
			v := b.Invoices[rapid.IntRange(0, len(b.Invoices)-1).Draw(t, "allocated to")]
			a := ledgertest.Allocation{ID: fmt.Sprintf("A%d-%d", i, n), Payment: p.ID, Invoice: v.ID, Seq: int64(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "seq")),
				Date: p.Date + ledger.Day(rapid.IntRange(-3, 40).Draw(t, "application days")), Amount: p.Amount / 3}
			if rapid.IntRange(0, 3).Draw(t, "discount") == 0 && p.Amount > 0 {
				a.Discount = v.Amount / 50
			}
			b.Allocations = append(b.Allocations, a)
			if bounces || rapid.IntRange(0, 4).Draw(t, "reversed") == 0 {
				back := a
				back.ID, back.ReversalOf, back.Amount, back.Discount = a.ID+"R", a.ID, -a.Amount, -a.Discount
				if back.Date += 12; bounces {
					back.Date = max(p.Reversed, a.Date)
				}
				b.Allocations = append(b.Allocations, back)
			}
		}
	}
	for i := range rapid.IntRange(0, 3).Draw(t, "credit notes") {
		v := b.Invoices[rapid.IntRange(0, len(b.Invoices)-1).Draw(t, "credited")]
		c := ledgertest.CreditNote{ID: fmt.Sprintf("C%d", i), Company: v.Company, Customer: v.Customer, Currency: v.Currency, Date: drawDay(t, "credit date"), Amount: v.Amount / 3}
		if rapid.IntRange(0, 2).Draw(t, "credited abroad") == 0 {
			c.Currency = pick(t, "currency", "USD", "EUR", "CNY")
		}
		b.CreditNotes = append(b.CreditNotes, c)
		if rapid.Bool().Draw(t, "credit applied") {
			a := ledgertest.Credit{ID: "CA" + c.ID, CreditNote: c.ID, Invoice: v.ID, Seq: int64(rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "credited seq")),
				Date: c.Date + ledger.Day(rapid.IntRange(0, 20).Draw(t, "credit days")), Amount: c.Amount / 2}
			b.Credits = append(b.Credits, a)
			if rapid.IntRange(0, 3).Draw(t, "credit taken back") == 0 {
				back := a
				back.ID, back.ReversalOf, back.Date, back.Amount = a.ID+"R", a.ID, a.Date+12, -a.Amount
				b.Credits = append(b.Credits, back)
			}
		}
	}
}

func pick(t *rapid.T, label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(t, label)
}

func drawDay(t *rapid.T, label string) ledger.Day {
	return ledger.Day(rapid.IntRange(int(genFirst), int(genLast)).Draw(t, label))
}

func drawAmount(t *rapid.T, label string) money.Amount {
	return money.FromCents(int64(rapid.IntRange(1, 500_000).Draw(t, label)))
}
