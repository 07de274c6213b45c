package pipeline

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"huikuan/load"
	"huikuan/transform/behaviour"
	"huikuan/transform/bridge"
	"huikuan/transform/derive"
	"huikuan/transform/forecast"
	"huikuan/transform/history"
	"huikuan/transform/ledger"
	"huikuan/transform/metrics"
	"huikuan/transform/money"
)

// deriveMetrics makes the second step of a build: what is computed in Go from
// the tables that the replay has just staged, written into the same stage.
// Without documents there is nothing to derive. What hangs on one customer alone
// is made of the customers that were replayed; the stage holds that of the others.
func (a *App) deriveMetrics(ctx context.Context, stage *load.Stage, replayed replayResult) error {
	sum := replayed.summary
	if sum.From == ledger.NoDay || sum.From > sum.To {
		return nil
	}
	if err := stage.Flush(ctx); err != nil {
		return err
	}
	src := a.wh.Derived(stagedName(stage.Name))
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error { return a.deriveHistory(both, src, stage, replayed) })
	group.Go(func() error { return bridge.Build(both, src, stage, bridge.Options{Currency: sum.Currency}) })
	if err := group.Wait(); err != nil {
		return fmt.Errorf("derive metrics from the replay: %w", err)
	}
	return stage.Flush(ctx)
}

// deriveHistory goes through the customers' instalments once, for payment
// behaviour, which is told of those that were replayed, and the cash
// forecast, which takes every customer's part in the patterns.
func (a *App) deriveHistory(ctx context.Context, src derive.Source, stage *load.Stage, replayed replayResult) error {
	sum := replayed.summary
	habits := behaviour.NewBuilder(stage, behaviour.Options{AsOf: sum.To})
	defer habits.Close()
	o, err := a.forecastOptions(sum)
	if err != nil {
		return err
	}
	cash, err := forecast.NewBuilder(ctx, src, stage, o)
	if err != nil {
		return err
	}
	for c, err := range history.Read(ctx, src) {
		if err == nil && (replayed.why != "" || replayed.changed[c.ID]) {
			err = habits.Add(ctx, c)
		}
		if err == nil {
			err = cash.Add(ctx, c)
		}
		if err != nil {
			return err
		}
	}
	if err := habits.Finish(ctx); err != nil {
		return err
	}
	return cash.Finish(ctx)
}

// forecastOptions are the configuration's choices for a forecast.
func (a *App) forecastOptions(sum metrics.Summary) (forecast.Options, error) {
	c := a.cfg.Metrics.Forecast
	o := forecast.Options{AsOf: sum.To, Currency: sum.Currency, HistoryDays: c.HistoryDays, SettledDays: c.SettledDays, CustomerItems: c.CustomerItems, SegmentItems: c.SegmentItems}
	plan, err := c.Plan()
	if err != nil {
		return o, fmt.Errorf("metrics.forecast.sales_plan: %w", err)
	}
	for _, p := range plan {
		amount, err := money.Parse(p.Amount)
		if err != nil {
			return o, fmt.Errorf("metrics.forecast.sales_plan: %w", err)
		}
		o.Plan = append(o.Plan, forecast.Billing{Company: p.Company, Month: dayOf(p.Month), Amount: amount})
	}
	for _, percent := range c.SalesPattern {
		o.PlanPattern = append(o.PlanPattern, money.One/100*money.Rate(percent))
	}
	return o, nil
}
