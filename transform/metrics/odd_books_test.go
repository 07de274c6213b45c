package metrics

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
)

// makeOdd spoils the documents of a ledger as sources do: amounts below a cent,
// zero, negative and very large ones, instalments and shares that do not add up,
// no company, currencies of extreme rates or without any.
func makeOdd(t *rapid.T, b *ledgertest.Books) {
	odd := func(label string, a money.Amount) money.Amount {
		switch rapid.IntRange(0, 7).Draw(t, label) {
		case 0:
			return a + money.Amount(rapid.IntRange(1, 99).Draw(t, "below a cent"))
		case 1:
			return -a
		case 2:
			return 0
		case 3:
			return 1
		case 4:
			return a * 100_000 // up to 500 million
		}
		return a
	}
	currency := func(c *string) {
		if n := rapid.IntRange(0, 5).Draw(t, "odd currency"); n < 3 {
			*c = []string{"VND", "KWD", "XXX"}[n]
		}
	}
	company := func(c *string) {
		if rapid.IntRange(0, 6).Draw(t, "no company") == 0 {
			*c = ""
		}
	}
	for d := genFirst - 10; d <= genLast; d += 5 {
		n := money.Rate(d % 11)
		b.Quotes = append(b.Quotes, ledger.Quote{Day: d, From: "VND", To: "USD", Rate: 394_123 + n*1_001}, ledger.Quote{Day: d, From: "KWD", To: "USD", Rate: 32_512_345_678 + n*1_234_567})
	}
	b.Splits = nil
	for i := range b.Invoices {
		v := &b.Invoices[i]
		v.Amount = odd("odd invoice", v.Amount)
		currency(&v.Currency)
		company(&v.Company)
		for n := range rapid.IntRange(0, 4).Draw(t, "reps") {
			b.Splits = append(b.Splits, ledgertest.Split{Invoice: v.ID, Rep: fmt.Sprintf("R%d", n%3), Share: money.Rate(rapid.SampledFrom([]int64{3_333_333_333, 1, 0, 10_000_000_000, -2_500_000_000, 142_857_142, 7_000_000_001}).Draw(t, "share"))})
		}
	}
	for i := range b.Instalments {
		b.Instalments[i].Amount = odd("odd instalment", b.Instalments[i].Amount)
	}
	for i := range b.Payments {
		b.Payments[i].Amount = odd("odd payment", b.Payments[i].Amount)
		currency(&b.Payments[i].Currency)
		company(&b.Payments[i].Company)
	}
	for i := range b.Allocations {
		b.Allocations[i].Amount = odd("odd allocation", b.Allocations[i].Amount)
	}
	for i := range b.CreditNotes {
		b.CreditNotes[i].Amount = odd("odd credit note", b.CreditNotes[i].Amount)
		currency(&b.CreditNotes[i].Currency)
	}
	for i := range b.WriteOffs {
		b.WriteOffs[i].Amount = odd("odd write-off", b.WriteOffs[i].Amount)
	}
}

func TestNoBookIsSoOddThatItsFiguresContradictThemselves(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		b := randomBooks(t)
		makeOdd(t, b)
		sum, err := Build(context.Background(), b.Source(), tables{}, Options{AsOf: genAsOf, ReportingCurrency: groupCurrency, Workers: 1, DailyDays: 3})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range sum.Failed() {
			t.Errorf("%s\n%s", c, strings.Join(c.Offenders, "\n"))
		}
	})
}
