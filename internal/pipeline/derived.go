package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

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
// Without documents there is nothing to derive. Where some customers were replayed
// these alone are gone through: the stage holds the rows of the others, and what
// the others gave to sums was kept by the last build. anew says which of these
// could not be continued, and why. What the next build has to know is kept.
func (a *App) deriveMetrics(ctx context.Context, stage *load.Stage, replayed replayResult) (anew string, err error) {
	defer replayed.release()
	sum := replayed.summary
	if sum.From == ledger.NoDay || sum.From > sum.To {
		return "", a.keepMeta(ctx, stage, replayed.meta)
	}
	if err := stage.KeepSeen(ctx); err != nil {
		return "", err
	}
	if !replayed.is.Complete() { // else the rows wait for those that are derived from them: one insert a table
		if err := stage.Flush(ctx); err != nil {
			return "", err
		}
	}
	group, both := errgroup.WithContext(ctx)
	d := &deriving{App: a, stage: stage, replayed: replayed, src: a.wh.Derived(stagedName(stage.Name))}
	if err := d.changed(); err != nil {
		return "", err
	}
	var cash, moved []byte
	group.Go(func() (err error) { cash, err = d.history(both); return err })
	group.Go(func() (err error) { moved, err = d.bridge(both); return err })
	if err := group.Wait(); err != nil {
		return "", fmt.Errorf("derive metrics from the replay: %w", err)
	}
	if err := errors.Join(stage.KeepSums(ctx, metrics.State, forecast.Forecast, cash), stage.KeepSums(ctx, metrics.State, bridge.Table, moved)); err != nil {
		return "", fmt.Errorf("keep the sums of derived metrics: %w", err)
	}
	if err := a.keepMeta(ctx, stage, replayed.meta); err != nil {
		return "", err
	}
	return strings.Join(d.anew, "; "), stage.Flush(ctx)
}

// deriving is the second step of one build.
type deriving struct {
	*App
	stage    *load.Stage
	replayed replayResult
	src      *load.Derived // the staged tables
	// before and after are the customers that have changed, as the last build had
	// them and as they are now.
	before, after derive.Source

	mu   sync.Mutex
	anew []string // what was computed from all customers, and why
}

// changed puts the inputs of the changed customers together: from the rows that
// the replay has written, and small ones from the tables.
func (d *deriving) changed() error {
	if d.replayed.why != "" {
		return nil
	}
	src := d.src.Of(d.replayed.changed)
	if !d.replayed.is.Complete() { // else the tables that are carried over are not read, and need not be waited for
		began, err := d.stage.Began()
		if err != nil {
			return err
		}
		src = src.Without(began)
	}
	small := []string{derive.InSegments, forecast.InDisputes, bridge.InDSO, bridge.InRates}
	serving := derive.Remember(d.wh.Derived(func(table string) string { return table }).Of(d.replayed.changed), small...)
	staged := derive.Remember(src, small...)
	for table, input := range map[string]string{derive.Segmented: derive.InSegments, forecast.Disputed: forecast.InDisputes} {
		if d.stage.Name(table) == table { // it goes on serving
			staged = derive.Instead(staged, serving, input)
		}
	}
	d.before, d.after = d.replayed.was.Over(serving), d.replayed.is.Over(staged)
	return nil
}

// recomputes lets the tables have their rows where all customers have to be gone
// through, and says why; any other error it returns.
func (d *deriving) recomputes(ctx context.Context, metric string, err error) error {
	if !errors.Is(err, derive.ErrRecompute) {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, why, _ := strings.Cut(err.Error(), derive.ErrRecompute.Error()+": ")
	d.log.Info("computing anew from all customers", "table", metric, "reason", why)
	d.anew = append(d.anew, metric+" was computed anew: "+why)
	slices.Sort(d.anew)
	return d.stage.Flush(ctx)
}

// bridge writes the bridge of DSO and returns its sums.
func (d *deriving) bridge(ctx context.Context) ([]byte, error) {
	o := bridge.Options{Currency: d.replayed.summary.Currency}
	if sums := d.replayed.sums[bridge.Table]; sums != nil {
		sums, err := bridge.Update(ctx, d.before, d.after, sums, d.stage, o)
		if err == nil {
			return sums, nil
		}
		if err := d.recomputes(ctx, bridge.Table, err); err != nil {
			return nil, err
		}
	}
	return bridge.Build(ctx, d.src, d.stage, o)
}

// history writes payment behaviour, of the customers that were replayed, and the
// cash forecast, and returns the sums of the latter.
func (d *deriving) history(ctx context.Context) ([]byte, error) {
	o, err := d.forecastOptions(d.replayed.summary)
	if err != nil {
		return nil, err
	}
	if sums := d.replayed.sums[forecast.Forecast]; sums != nil {
		cash, err := d.continued(ctx, sums, o)
		if err == nil {
			return d.goThrough(ctx, d.after, cash)
		}
		if err := d.recomputes(ctx, forecast.Forecast, err); err != nil {
			return nil, err
		}
	}
	cash, err := forecast.NewBuilder(ctx, d.src, d.stage, o)
	if err != nil {
		return nil, err
	}
	return d.goThrough(ctx, d.src, cash)
}

// continued begins a forecast with what the customers that have not changed
// gave to the last one.
func (d *deriving) continued(ctx context.Context, sums []byte, o forecast.Options) (*forecast.Builder, error) {
	was, err := forecast.NewBuilder(ctx, d.before, nil, o)
	if err != nil {
		return nil, err
	}
	for c, err := range history.Read(ctx, d.before) {
		if err == nil {
			err = was.Add(ctx, c)
		}
		if err != nil {
			return nil, err
		}
	}
	cash, err := forecast.NewBuilder(ctx, d.after, d.stage, o)
	if err != nil {
		return nil, err
	}
	return cash, cash.Continue(sums, was, d.replayed.changed)
}

// goThrough tells payment behaviour and the cash forecast of the customers of a
// source, and writes both.
func (d *deriving) goThrough(ctx context.Context, src derive.Source, cash *forecast.Builder) ([]byte, error) {
	habits := behaviour.NewBuilder(d.stage, behaviour.Options{AsOf: d.replayed.summary.To, Windows: d.behaviourWindows()})
	defer habits.Close()
	for c, err := range history.Read(ctx, src) {
		if err == nil && (d.replayed.why != "" || d.replayed.changed[c.ID]) {
			err = habits.Add(ctx, c)
		}
		if err == nil {
			err = cash.Add(ctx, c)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := habits.Finish(ctx); err != nil {
		return nil, err
	}
	return cash.State(), cash.Finish(ctx)
}

// forecastOptions are the configuration's choices for a forecast.
func (a *App) forecastOptions(sum metrics.Summary) (forecast.Options, error) {
	c := a.cfg.Metrics.Forecast
	o := forecast.Options{AsOf: sum.To, Currency: sum.Currency, HistoryDays: c.HistoryDays, SettledDays: c.SettledDays, CustomerItems: c.CustomerItems, SegmentItems: c.SegmentItems,
		BacktestMonths: c.BacktestMonths, BandMonths: &c.BandMonths}
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
