package metrics

import (
	"context"
	"fmt"
	"slices"

	"huikuan/transform/ledger"
	"huikuan/transform/money"
)

// ConstantRateDay is the day whose rates the constant valuation uses: the one
// configured, else the last day before the fiscal year that asOf stands in.
func ConstantRateDay(configured ledger.Day, fiscalYearStart int, asOf ledger.Day) ledger.Day {
	if configured != 0 {
		return configured
	}
	if fiscalYearStart < 1 || fiscalYearStart > 12 {
		fiscalYearStart = 1
	}
	year, month, _ := asOf.Civil()
	if month < fiscalYearStart {
		year--
	}
	return ledger.DayOf(year, fiscalYearStart, 1) - 1
}

// calendarRows writes the tables that hang on no customer: the rates by day and
// the day of the build. They depend on the small tables alone.
func (b *build) calendarRows(ctx context.Context, w *worker) error {
	if r := w.tables[FXAsOf]; r != nil {
		b.rateRows(r)
		if err := b.flush(ctx, r); err != nil {
			return err
		}
	}
	if r := w.tables[AsOf]; r != nil {
		return b.asOfRow(ctx, r, b.cal.first)
	}
	return nil
}

// withoutDocuments writes the day of a build that has nothing to replay.
func (b *build) withoutDocuments(ctx context.Context, src ledger.Source) error {
	if !b.o.wants(AsOf) {
		return nil
	}
	notices := b.sum.Notices
	if err := b.reportingCurrency(ctx, src); err != nil {
		return fmt.Errorf("build metrics: %w", err)
	}
	b.sum.Notices = notices // nothing is reported in any currency
	r := newRows(asOfTable(), b.o.Allocator, 1)
	if err := b.asOfRow(ctx, r, b.o.AsOf); err != nil {
		return fmt.Errorf("build metrics: %w", err)
	}
	return nil
}

func (b *build) asOfRow(ctx context.Context, r *rows, first ledger.Day) error {
	r.date(b.o.AsOf)
	r.date(first)
	r.text(b.sum.Currency)
	r.integer(int64(b.o.DailyDays))
	r.end()
	return b.flush(ctx, r)
}

// rateRows writes the rates of every currency that the rates or the companies
// name.
func (b *build) rateRows(r *rows) {
	currencies := []string{b.sum.Currency}
	for _, q := range b.ref.Quotes {
		currencies = append(currencies, q.From, q.To)
	}
	for _, c := range b.ref.Companies {
		currencies = append(currencies, c.Base, c.Reporting)
	}
	slices.Sort(currencies)
	currencies = slices.Compact(currencies)
	constant := ConstantRateDay(b.o.ConstantRateDay, b.o.FiscalYearStart, b.o.AsOf)
	reason := func(known bool) string {
		if known {
			return ""
		}
		return string(MissingRate)
	}
	for _, day := range b.cal.points {
		for _, currency := range currencies {
			if currency == "" {
				continue
			}
			closing, known := b.rates.At(currency, b.sum.Currency, day)
			fixed, fixedKnown := b.rates.At(currency, b.sum.Currency, constant)
			r.date(day)
			r.text(currency)
			r.optWide(money.WideOf(int64(closing)), known)
			r.optWide(money.WideOf(int64(fixed)), fixedKnown)
			r.date(constant)
			r.optText(reason(known))
			r.optText(reason(fixedKnown))
			r.end()
		}
	}
}
