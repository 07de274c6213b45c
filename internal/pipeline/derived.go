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
)

// deriveMetrics makes the second step of a build: what is computed in Go from
// the tables that the replay has just staged, written into the same stage.
// Without documents there is nothing to derive.
func (a *App) deriveMetrics(ctx context.Context, stage *load.Stage, sum metrics.Summary) error {
	if sum.From == ledger.NoDay || sum.From > sum.To {
		return nil
	}
	if err := stage.Flush(ctx); err != nil {
		return err
	}
	src := a.wh.Derived(stagedName(stage.Name))
	group, both := errgroup.WithContext(ctx)
	group.Go(func() error { return a.deriveHistory(both, src, stage, sum) })
	group.Go(func() error { return bridge.Build(both, src, stage, bridge.Options{Currency: sum.Currency}) })
	if err := group.Wait(); err != nil {
		return fmt.Errorf("derive metrics from the replay: %w", err)
	}
	return stage.Flush(ctx)
}

// deriveHistory goes through the customers' instalments once, for payment
// behaviour and the cash forecast.
func (a *App) deriveHistory(ctx context.Context, src derive.Source, stage *load.Stage, sum metrics.Summary) error {
	habits := behaviour.NewBuilder(stage, behaviour.Options{AsOf: sum.To})
	defer habits.Close()
	o := a.cfg.Metrics.Forecast
	cash, err := forecast.NewBuilder(ctx, src, stage, forecast.Options{AsOf: sum.To, Currency: sum.Currency,
		HistoryDays: o.HistoryDays, SettledDays: o.SettledDays, CustomerItems: o.CustomerItems, SegmentItems: o.SegmentItems})
	if err != nil {
		return err
	}
	for c, err := range history.Read(ctx, src) {
		if err == nil {
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
