package forecast

import (
	"context"
	"strings"

	"huikuan/transform/derive"
	"huikuan/transform/ledger"
	"huikuan/transform/money"
	"huikuan/transform/schema"
)

// Names of the inputs, beside those of package history.
const (
	InUnapplied = "forecast_unapplied"
	InDisputes  = "forecast_disputes"
	InPromises  = "forecast_promises"
)

// Inputs describes what a forecast reads beside the history of instalments.
func Inputs() []schema.Table {
	return []schema.Table{
		derive.Input(InUnapplied).Text("company", "legal entity").Text("customer_id", "customer").Label("currency", "document currency").Date("as_of", "month-end, or the as-of day").
			Money("unapplied", "cash received and not applied, positive").OptMoney("unapplied_rc", "the same in reporting currency").Table,
		derive.Input(InDisputes).Label("source", "configured source").Text("invoice_id", "disputed invoice").Date("opened_on", "first day in dispute").
			OptDate("closed_on", "day from which it is settled").OptMoney("disputed_amount", "NULL = the whole invoice").Table,
		derive.Input(InPromises).Text("customer_id", "customer").OptText("company", "legal entity").Label("source", "configured source").OptText("invoice_id", "promised invoice").Label("currency", "currency").
			Money("amount", "promised").Money("settled", "paid on it, or taken away, by then").Date("due_date", "day promised").
			Date("first_day", "first month-end, or the as-of day, on which it stood so").Date("last_day", "last of them").Label("status", "open while it is waited for").Table,
	}
}

// Disputed is the table in which a build keeps the disputes that it has seen.
const Disputed = "build_disputes"

// Seen describes that table. The next build takes from it what was disputed
// before.
func Seen() schema.Table {
	return derive.NewTable(Disputed, "disputes as the build has seen them; not for readers", "source", "invoice_id", "opened_on").
		Label("source", "configured source").Text("invoice_id", "disputed invoice").Text("dispute_id", "dispute").Date("opened_on", "first day in dispute").
		OptDate("closed_on", "day from which it is settled").OptMoney("disputed_amount", "NULL = the whole invoice").Table
}

// cashOnAccount is unapplied cash of one day and currency.
type cashOnAccount struct {
	day      ledger.Day
	currency string
	amount   money.Amount
}

type dispute struct {
	opened, closed ledger.Day // closed: Forever while it goes on
	amount         money.Amount
	whole          bool
}

type promise struct {
	company, source, invoice, currency string
	amount, settled                    money.Amount
	due, first, last                   ledger.Day           // on the points from first to last it stands so
	taken                              map[int]money.Amount // by point, of a promise to no company in particular
}

// known is what the small inputs tell.
type known struct {
	segments  *derive.Segments
	unapplied map[[2]string][]cashOnAccount
	disputes  map[[2]string][]dispute
	promises  map[string][]*promise
}

func readKnown(ctx context.Context, src derive.Source) (*known, error) {
	segments, err := derive.ReadSegments(ctx, src)
	if err != nil {
		return nil, err
	}
	k := &known{segments: segments, unapplied: map[[2]string][]cashOnAccount{}, disputes: map[[2]string][]dispute{}, promises: map[string][]*promise{}}
	if err := k.readMoney(ctx, src); err != nil {
		return nil, err
	}
	return k, k.readPromises(ctx, src)
}

func (k *known) readMoney(ctx context.Context, src derive.Source) error {
	err := derive.Each(ctx, src, InUnapplied, func(b *derive.Binder) func(int) {
		company, customer, currency, day, amount := b.Text("company"), b.Text("customer_id"), b.Text("currency"), b.Day("as_of"), b.Decimal("unapplied")
		return func(i int) {
			at := [2]string{strings.Clone(company.At(i)), strings.Clone(customer.At(i))}
			k.unapplied[at] = append(k.unapplied[at], cashOnAccount{day.At(i), strings.Clone(currency.At(i)), amount.Amount(i)})
		}
	})
	if err != nil {
		return err
	}
	return derive.Each(ctx, src, InDisputes, func(b *derive.Binder) func(int) {
		source, invoice, opened, closed, amount := b.Text("source"), b.Text("invoice_id"), b.Day("opened_on"), b.Day("closed_on"), b.Decimal("disputed_amount")
		return func(i int) {
			d := dispute{opened.At(i), closed.At(i), amount.Amount(i), !amount.Known(i)}
			if d.closed == ledger.NoDay {
				d.closed = ledger.Forever
			}
			at := [2]string{strings.Clone(source.At(i)), strings.Clone(invoice.At(i))}
			k.disputes[at] = append(k.disputes[at], d)
		}
	})
}

func (k *known) readPromises(ctx context.Context, src derive.Source) error {
	return derive.Each(ctx, src, InPromises, func(b *derive.Binder) func(int) {
		customer, company, source, invoice, currency := b.Text("customer_id"), b.Text("company"), b.Text("source"), b.Text("invoice_id"), b.Text("currency")
		amount, settled := b.Decimal("amount"), b.Decimal("settled")
		due, first, last, status := b.Day("due_date"), b.Day("first_day"), b.Day("last_day"), b.Text("status")
		return func(i int) {
			if status.At(i) != "open" {
				return
			}
			p := &promise{company: strings.Clone(company.At(i)), source: strings.Clone(source.At(i)), invoice: strings.Clone(invoice.At(i)), currency: strings.Clone(currency.At(i)),
				amount: amount.Amount(i), settled: settled.Amount(i), due: due.At(i), first: first.At(i), last: last.At(i)}
			k.promises[strings.Clone(customer.At(i))] = append(k.promises[customer.At(i)], p)
		}
	})
}
