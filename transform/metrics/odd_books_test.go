package metrics

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"huikuan/transform/lawtest"
	"huikuan/transform/ledger"
	"huikuan/transform/ledger/ledgertest"
	"huikuan/transform/money"
	"huikuan/transform/schema"
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

// A currency without rates is what it is in its own money, has no figure in
// reporting currency, and changes nothing in the books of the others.
func TestACurrencyWithoutRatesChangesNoFigureInItsOwnMoney(t *testing.T) {
	lawtest.Check(t, func(t *rapid.T) {
		known := randomBooks(t)
		of := map[string]string{}
		for _, v := range known.Invoices {
			of[v.ID] = v.Currency
		}
		for _, p := range known.Payments {
			of[p.ID] = p.Currency
		}
		for _, c := range known.CreditNotes {
			of[c.ID] = c.Currency
		}
		known.Allocations = filter(known.Allocations, func(a ledgertest.Allocation) bool { return of[a.Payment] == of[a.Invoice] })
		known.Credits = filter(known.Credits, func(a ledgertest.Credit) bool { return of[a.CreditNote] == of[a.Invoice] })
		unknown := *known
		unknown.Invoices, unknown.Payments, unknown.CreditNotes = clone(known.Invoices), clone(known.Payments), clone(known.CreditNotes)
		rename := func(c *string) {
			if *c == "EUR" {
				*c = "CHF"
			}
		}
		for i := range unknown.Invoices {
			rename(&unknown.Invoices[i].Currency)
		}
		for i := range unknown.Payments {
			rename(&unknown.Payments[i].Currency)
		}
		for i := range unknown.CreditNotes {
			rename(&unknown.CreditNotes[i].Currency)
		}
		read := []string{Events, OpenItems, Snapshots, RollForward, Items, Settlements, Rolls}
		with, _ := buildRandom(t, known, genAsOf, read...)
		without, _ := buildRandom(t, &unknown, genAsOf, read...)
		for _, table := range read {
			if got, want := inOwnMoney(t, table, without[table]), inOwnMoney(t, table, with[table]); !slices.Equal(got, want) {
				t.Fatalf("%s without rates:\n%s\nwith:\n%s", table, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

// inOwnMoney writes rows down, in order, those in EUR and CHF as of one currency
// and without figures in reporting currency, which those in CHF must not have.
func inOwnMoney(t *rapid.T, table string, rows []map[string]string) (out []string) {
	columns := Replayed()[slices.IndexFunc(Replayed(), func(x schema.Table) bool { return x.Name == table })]
	for _, r := range rows {
		foreign := r["currency"] == "EUR" || r["currency"] == "CHF"
		text, empty := "", true
		for _, c := range slices.Sorted(maps.Keys(r)) {
			switch value := r[c]; {
			case c == "currency" && foreign:
			case strings.Contains(c, "_rc") && foreign:
				if (value == "NULL") != (r["currency"] == "CHF") && c != "unrealised_fx_rc" && c != "amount_rc_receipt" {
					t.Fatalf("%s: %s is %s: %v", table, c, value, r)
				}
			default:
				column, _ := columns.Column(c)
				empty = empty && (column.Kind != schema.Money || value == "0")
				text += c + "=" + value + " "
			}
		}
		if !foreign || !empty {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out
}

func TestAnAmountThatNoColumnHoldsNamesCustomerAndDocument(t *testing.T) {
	euros := func(id, total string) ledgertest.Invoice {
		v := invoice(id, "2024-01-10", "2024-02-09", total)
		v.Currency = "EUR"
		return v
	}
	for _, c := range []struct {
		name     string
		invoices []ledgertest.Invoice
		want     []string
	}{
		{"in reporting currency", []ledgertest.Invoice{euros("SMALL", "7"), euros("BIG", "50000000000000")}, []string{"amount_rc", "customer K", "invoice BIG of 50000000000000.00 EUR (source test)"}},
		{"around 64 bits", []ledgertest.Invoice{euros("BIG", "92000000000000"), euros("SMALL", "7")}, []string{"amount_rc", "customer K", "invoice BIG"}},
		{"of several", []ledgertest.Invoice{invoice("A", "2024-01-10", "2024-02-09", "60000000000000"), invoice("B", "2024-01-11", "2024-02-09", "70000000000000")}, []string{"customer K", "invoice B of 70000000000000.00 USD"}},
	} {
		b := &ledgertest.Books{Invoices: c.invoices, Quotes: []ledger.Quote{{Day: day("2024-01-10"), From: "EUR", To: "USD", Rate: 20 * money.One}}}
		_, err := Build(context.Background(), b.Source(), tables{}, Options{AsOf: day("2024-02-29"), ReportingCurrency: "USD"})
		var tooMuch *OverflowError
		if !errors.As(err, &tooMuch) {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, want := range append(c.want, "99999999999999.9999", "reporting_currency") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nsays nothing of %s", c.name, err, want)
			}
		}
	}
}

func TestASumOverCustomersThatNoColumnHoldsSaysSo(t *testing.T) {
	b := &ledgertest.Books{}
	for i := range 2 {
		v := invoice(fmt.Sprint(i), "2024-01-10", "2024-02-09", "60000000000000")
		v.Customer = fmt.Sprint("K", i)
		b.Invoices = append(b.Invoices, v)
	}
	_, err := Build(context.Background(), b.Source(), tables{}, Options{AsOf: day("2024-02-29"), ReportingCurrency: "USD"})
	if err == nil || !strings.Contains(err.Error(), "summed over customers") {
		t.Errorf("120,000 milliard of two customers: %v", err)
	}
}
