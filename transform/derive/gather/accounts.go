package gather

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/bridge"
	"huikuan/transform/derive"
	"huikuan/transform/forecast"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
	"huikuan/transform/schema"
)

// account is a customer's with one company in one currency.
type account struct{ company, customer, currency string }

// balance is what an account had on a month-end or the as-of day, with what it
// bought and lost before: a row of the input of the bridge.
type balance struct {
	net, disputed, sales, billed, lost money.Amount
	termsDays                          money.Wide // billed x days in units of 1e-10

	unapplied   money.Amount // cash received and not applied, positive; of the forecast
	unappliedRC money.Amount
	onAccount   bool // there is such cash
	unpriced    bool // unappliedRC is not known
}

// accounts are balances by account and day.
type accounts map[account]days

// days are the balances of an account.
type days map[ledger.Day]*balance

// of returns those of an account, whose texts are valid as long as their batch.
func (all accounts) of(a account) days {
	found := all[a]
	if found == nil {
		found = days{}
		all[account{strings.Clone(a.company), strings.Clone(a.customer), strings.Clone(a.currency)}] = found
	}
	return found
}

func (all days) at(day ledger.Day) *balance {
	b := all[day]
	if b == nil {
		b = &balance{}
		all[day] = b
	}
	return b
}

// monthEnds calls do for the month-ends from a day on, and for the as-of day,
// that lie within 89 days after it: an invoice is among the sales of these.
func monthEnds(day, asOf ledger.Day, do func(ledger.Day)) {
	last := min(asOf, day+89)
	end := day.MonthEnd()
	for ; end <= last; end = (end + 1).MonthEnd() {
		do(end)
	}
	if day <= asOf && asOf <= day+89 && asOf != asOf.MonthEnd() {
		do(asOf)
	}
}

func each(rec arrow.Record, bind func(*derive.Binder) func(row int)) error {
	b := derive.Bind(rec)
	do := bind(b)
	if b.Err() != nil {
		return b.Err()
	}
	for i := range int(rec.NumRows()) {
		do(i)
	}
	return nil
}

// accountOf reads the account of a row.
func accountOf(b *derive.Binder) func(i int) account {
	company, customer, currency := b.Text("company"), b.Text("customer_id"), b.Text("currency")
	return func(i int) account { return account{company.At(i), customer.At(i), currency.At(i)} }
}

func (all accounts) addBalances(rec arrow.Record, asOf ledger.Day) error {
	return each(rec, func(b *derive.Binder) func(int) {
		of, day, net, disputed := accountOf(b), b.Day("as_of"), b.Decimal("net_ar"), b.Decimal("disputed")
		unapplied, rc := b.Decimal("unapplied"), b.Decimal("unapplied_rc")
		return func(i int) {
			d := day.At(i)
			if d != asOf && d != d.MonthEnd() {
				return
			}
			x := all.of(of(i)).at(d)
			x.net += net.Amount(i)
			x.disputed += disputed.Amount(i)
			if cash := unapplied.Amount(i); cash < 0 {
				x.onAccount = true
				x.unapplied -= cash
				x.unappliedRC -= rc.Amount(i)
				x.unpriced = x.unpriced || !rc.Known(i)
			}
		}
	})
}

func (all accounts) addItems(rec arrow.Record, asOf ledger.Day) error {
	return each(rec, func(b *derive.Binder) func(int) {
		of, date, due, amount := accountOf(b), b.Day("invoice_date"), b.Day("due_date"), b.Decimal("amount")
		return func(i int) {
			a, billed := all.of(of(i)), amount.Amount(i)
			termsDays := money.Product(int64(billed), int64(due.At(i)-date.At(i))).Times(money.RateUnits / money.AmountUnits)
			monthEnds(date.At(i), asOf, func(end ledger.Day) {
				x := a.at(end)
				x.sales += billed
				x.billed += billed
				x.termsDays = x.termsDays.Add(termsDays)
			})
		}
	})
}

func (all accounts) addCredits(rec arrow.Record, asOf ledger.Day) error {
	return each(rec, func(b *derive.Binder) func(int) {
		of, date, kind, amount := accountOf(b), b.Day("event_date"), b.Text("kind"), b.Decimal("amount")
		return func(i int) {
			if kind.At(i) == "CREDIT" {
				a := all.of(of(i))
				monthEnds(date.At(i), asOf, func(end ledger.Day) { a.at(end).sales += amount.Amount(i) })
			}
		}
	})
}

func (all accounts) addWriteOffs(rec arrow.Record, asOf ledger.Day) error {
	return each(rec, func(b *derive.Binder) func(int) {
		of, date, kind, amount := accountOf(b), b.Day("event_date"), b.Text("kind"), b.Decimal("amount")
		return func(i int) {
			if kind.At(i) == "write_off" {
				all.of(of(i)).at(min(date.At(i).MonthEnd(), asOf)).lost += amount.Amount(i)
			}
		}
	})
}

// inOrder calls do for every balance, by company, customer, then as less says.
func (all accounts) inOrder(byDay bool, do func(a account, day ledger.Day, b *balance) error) error {
	type entry struct {
		account
		day ledger.Day
		*balance
	}
	var list []entry
	for a, days := range all {
		for day, b := range days {
			list = append(list, entry{a, day, b})
		}
	}
	slices.SortFunc(list, func(x, y entry) int {
		day, currency := cmp.Compare(x.day, y.day), cmp.Compare(x.currency, y.currency)
		if !byDay {
			day, currency = currency, day
		}
		return cmp.Or(cmp.Compare(x.company, y.company), cmp.Compare(x.customer, y.customer), day, currency)
	})
	for _, e := range list {
		if err := do(e.account, e.day, e.balance); err != nil {
			return err
		}
	}
	return nil
}

// handOver is a sink that hands batches on.
type handOver struct {
	yield func(arrow.Record, error) bool
	ended bool
}

func (h *handOver) Write(_ context.Context, _ string, rec arrow.Record) error {
	if !h.ended {
		h.ended = !h.yield(rec, nil)
	}
	return nil
}

// write hands over an input, by a writer.
func write(input string, yield func(arrow.Record, error) bool, rows func(*derive.Writer) error) {
	declared := slices.Concat(forecast.Inputs(), bridge.Inputs())
	to := &handOver{yield: yield}
	w := derive.NewWriter(declared[slices.IndexFunc(declared, func(t schema.Table) bool { return t.Name == input })], to, nil)
	defer w.Close()
	err := rows(w)
	if err == nil {
		err = w.Flush(context.Background())
	}
	if err != nil && !to.ended {
		yield(nil, err)
	}
}

// unapplied is the input of the forecast.
func (all accounts) unapplied(yield func(arrow.Record, error) bool) {
	write(forecast.InUnapplied, yield, func(w *derive.Writer) error {
		return all.inOrder(false, func(a account, day ledger.Day, b *balance) error {
			if !b.onAccount {
				return nil
			}
			w.Text(a.company)
			w.Text(a.customer)
			w.Text(a.currency)
			w.Date(day)
			w.Money(b.unapplied)
			w.OptMoney(b.unappliedRC, !b.unpriced)
			return w.End(context.Background())
		})
	})
}

// balances is the input of the bridge.
func (all accounts) balances(yield func(arrow.Record, error) bool) {
	write(bridge.InCustomers, yield, func(w *derive.Writer) error {
		return all.inOrder(true, func(a account, day ledger.Day, b *balance) error {
			w.Text(a.company)
			w.Text(a.customer)
			w.Text(a.currency)
			w.Date(day)
			for _, amount := range []money.Amount{b.net, b.disputed, b.sales} {
				w.Money(amount)
			}
			w.Exact(b.termsDays, true)
			w.Money(b.billed)
			w.Money(b.lost)
			return w.End(context.Background())
		})
	})
}
