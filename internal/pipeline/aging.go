package pipeline

import (
	"context"
	"fmt"
	"time"

	"huikuan/load"
	"huikuan/transform/ledger"
	"huikuan/transform/metrics"
	"huikuan/transform/money"
)

// AgingOptions choose an aging report.
type AgingOptions struct {
	AsOf      time.Time // end of this day; zero = today in UTC
	KnownAt   time.Time // the other clock: what was known at this instant; zero = none
	By        string    // bucket, customer or currency
	Documents bool      // the difference between the clocks, document by document
}

// AgingReport is a small table, read like the rows of a query.
type AgingReport struct {
	columns []load.ResultColumn
	rows    [][]any
	at      int
}

// Columns lists the columns.
func (r *AgingReport) Columns() []load.ResultColumn { return r.columns }

// Next moves to the next row; false at the end.
func (r *AgingReport) Next() bool { r.at++; return r.at <= len(r.rows) }

// Row is the row that Next moved to: texts, and amounts as exact decimal text.
func (r *AgingReport) Row() []any { return r.rows[r.at-1] }

// Err is always nil: the rows are in memory.
func (r *AgingReport) Err() error { return nil }

func (r *AgingReport) text(names ...string) {
	for _, n := range names {
		r.columns = append(r.columns, load.ResultColumn{Name: n, Type: "String"})
	}
}

func (r *AgingReport) money(names ...string) {
	for _, n := range names {
		r.columns = append(r.columns, load.ResultColumn{Name: n, Type: "Decimal(18, 4)"})
	}
}

// Aging replays the ledger in memory up to a day, once with all that is known
// today and, where KnownAt is given, once with what was known then. Nothing in
// the warehouse changes.
func (a *App) Aging(ctx context.Context, o AgingOptions) (*AgingReport, error) {
	asOf := o.AsOf
	if asOf.IsZero() {
		asOf = a.now().UTC()
	}
	src, err := a.wh.Ledger(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	options := a.metricOptions(asOf)
	if o.Documents {
		return lateDocuments(ctx, src, options, o.KnownAt.UnixMicro())
	}
	today, err := metrics.ReadAging(ctx, src, options)
	if err != nil {
		return nil, fmt.Errorf("replay the ledger: %w", err)
	}
	if o.KnownAt.IsZero() {
		return oneClock(today, o.By), nil
	}
	options.KnownAt = o.KnownAt.UnixMicro()
	then, err := metrics.ReadAging(ctx, src, options)
	if err != nil {
		return nil, fmt.Errorf("replay the ledger as it was known: %w", err)
	}
	return twoClocks(today, then, o.By), nil
}

func lateDocuments(ctx context.Context, src ledger.Source, o metrics.Options, knownAt int64) (*AgingReport, error) {
	list, err := metrics.LateDocuments(ctx, src, o, knownAt)
	if err != nil {
		return nil, fmt.Errorf("replay the ledger: %w", err)
	}
	r := &AgingReport{}
	r.text("customer_id", "company", "source", "item_type", "item_id", "item_date", "known_at", "currency")
	r.money("difference")
	for _, d := range list {
		r.rows = append(r.rows, []any{d.Customer, d.Company, d.Source, d.Type, d.ID, d.Date.String(), time.UnixMicro(d.KnownAt).UTC().Format("2006-01-02 15:04:05"), d.Currency, d.Amount.String()})
	}
	return r, nil
}

// grouped adds the lines up by customer and currency, or by currency alone, in
// their order.
func grouped(a metrics.Aging, by string) []metrics.AgingLine {
	var out []metrics.AgingLine
	at := map[[2]string]int{}
	for _, l := range a.Lines {
		if by != "customer" {
			l.Customer = ""
		}
		key := [2]string{l.Customer, l.Currency}
		n, ok := at[key]
		if !ok {
			n = len(out)
			at[key] = n
			out = append(out, metrics.AgingLine{Customer: l.Customer, Currency: l.Currency, Open: make([]money.Amount, len(a.Buckets))})
		}
		sum := &out[n]
		for i := range l.Open {
			sum.Open[i] += l.Open[i]
		}
		sum.Unapplied += l.Unapplied
		sum.Credits += l.Credits
		sum.TotalOpen += l.TotalOpen
		sum.Past += l.Past
		sum.Net += l.Net
	}
	return out
}
