package pipeline

import (
	"time"

	"huikuan/transform/behaviour"
	"huikuan/transform/ledger"
	"huikuan/transform/metrics"
)

// metricOptions are the choices of the configuration that a replay up to a day
// depends on.
func (a *App) metricOptions(asOf time.Time) metrics.Options {
	m := a.cfg.Metrics
	o := metrics.Options{
		AsOf: dayOf(asOf), ReportingCurrency: a.cfg.ReportingCurrency, Workers: a.cfg.Build.Workers, DailyDays: a.cfg.Build.DailyDays,
		Edges: m.AgingBuckets, SkipZeroMonths: m.SkipZeroMonths, FiscalYearStart: m.FiscalYearStart, ShiftDueDates: m.DueShift == "next_workday",
		PromiseGraceDays: &a.cfg.Metrics.PromiseGraceDays, PromiseKeptPercent: m.PromiseKeptPercent, PlanMisses: m.PlanMisses, VisitWindowDays: m.VisitWindowDays, VisitWindows: m.VisitWindows,
	}
	if day := m.Day(); !day.IsZero() {
		o.ConstantRateDay = dayOf(day)
	}
	return o
}

// behaviourWindows are the choices of the configuration for payment behaviour.
func (a *App) behaviourWindows() behaviour.Windows {
	b := a.cfg.Metrics.Behaviour
	return behaviour.Windows{Recent: b.RecentDays, Year: b.YearDays, Late: b.FirstLateDays}
}

func dayOf(t time.Time) ledger.Day { return ledger.DayOf(t.Year(), int(t.Month()), t.Day()) }
