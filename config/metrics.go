package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Metrics are the choices that the figures depend on. Models read them as
// variables of the same names; see [Metrics.Vars].
type Metrics struct {
	// AgingBuckets are the last days of the buckets of ar_open_items, ascending.
	AgingBuckets []int `mapstructure:"aging_buckets"`
	// PromiseGraceDays are the days after its due date within which a promise is still kept.
	PromiseGraceDays int `mapstructure:"promise_grace_days"`
	// PromiseKeptPercent is the share of the amount that keeps a promise, 0 to 100.
	PromiseKeptPercent int `mapstructure:"promise_kept_percent"`
	// PlanMisses is how many lines missed one after the other break an instalment plan.
	PlanMisses int `mapstructure:"plan_misses"`
	// VisitWindowDays is the window of the headline of visit effectiveness;
	// VisitWindows are the three that stand beside it, ascending.
	VisitWindowDays int   `mapstructure:"visit_window_days"`
	VisitWindows    []int `mapstructure:"visit_windows"`
	// ConstantRateDate is the day of the constant exchange rates, YYYY-MM-DD; empty =
	// the last day before the fiscal year of the build.
	ConstantRateDate string `mapstructure:"constant_rate_date"`
	// FiscalYearStart is the first month of the fiscal year, 1 to 12.
	FiscalYearStart int `mapstructure:"fiscal_year_start"`
	// DueShift is none or next_workday.
	DueShift string `mapstructure:"due_shift"`
	// SkipZeroMonths lets the countback DSO pass over months without sales.
	SkipZeroMonths bool      `mapstructure:"skip_zero_months"`
	Behaviour      Behaviour `mapstructure:"behaviour"`
	Forecast       Forecast  `mapstructure:"forecast"`
}

// Behaviour says how far back payment behaviour looks.
type Behaviour struct {
	// RecentDays is the window of what is compared with the time before it: days to
	// pay, partial payments and round sums. YearDays is that of the longer one, and
	// of the one before the recent days.
	RecentDays int `mapstructure:"recent_days"`
	YearDays   int `mapstructure:"year_days"`
	// FirstLateDays are the days past due beyond which an instalment is late
	// enough for a customer's first time to be kept.
	FirstLateDays int `mapstructure:"first_late_days"`
}

// Forecast says what the cash forecast learns from.
type Forecast struct {
	// HistoryDays and SettledDays bound the invoices it learns from: dated from
	// HistoryDays to SettledDays before the as-of day.
	HistoryDays int `mapstructure:"history_days"`
	SettledDays int `mapstructure:"settled_days"`
	// CustomerItems and SegmentItems are the least numbers of settled items with
	// which a customer, then a segment, is its own pattern.
	CustomerItems int `mapstructure:"customer_items"`
	SegmentItems  int `mapstructure:"segment_items"`
	// BacktestMonths are the past month-ends whose forecasts are told beside what
	// came; BandMonths are those before them, which only serve the bands.
	BacktestMonths int `mapstructure:"backtest_months"`
	BandMonths     int `mapstructure:"band_months"`
	// SalesPlan is what is still to be billed, "2026-07 600000" an entry; see
	// [Forecast.Plan]. SalesPattern is in how many months it is paid: percentages
	// of the month of the billing, the month after, and so on.
	SalesPlan    []string `mapstructure:"sales_plan"`
	SalesPattern []int    `mapstructure:"sales_pattern"`
}

// Day is ConstantRateDate; the zero time where there is none.
func (m Metrics) Day() time.Time {
	day, _ := time.Parse(time.DateOnly, m.ConstantRateDate) // validated
	return day
}

// Vars are the settings as variables of models, by name without `metrics.`; a
// setting of a group below it joins the names: forecast_history_days. The sales plan is none: models read the
// forecast made from it.
func (m Metrics) Vars() map[string]any {
	return map[string]any{
		"aging_buckets": slices.Clone(m.AgingBuckets), "promise_grace_days": m.PromiseGraceDays, "promise_kept_percent": m.PromiseKeptPercent,
		"plan_misses": m.PlanMisses, "visit_window_days": m.VisitWindowDays, "visit_windows": slices.Clone(m.VisitWindows), "constant_rate_date": m.ConstantRateDate,
		"fiscal_year_start": m.FiscalYearStart, "due_shift": m.DueShift, "skip_zero_months": m.SkipZeroMonths,
		"behaviour_recent_days": m.Behaviour.RecentDays, "behaviour_year_days": m.Behaviour.YearDays, "behaviour_first_late_days": m.Behaviour.FirstLateDays,
		"forecast_history_days": m.Forecast.HistoryDays, "forecast_settled_days": m.Forecast.SettledDays,
		"forecast_customer_items": m.Forecast.CustomerItems, "forecast_segment_items": m.Forecast.SegmentItems,
		"forecast_backtest_months": m.Forecast.BacktestMonths, "forecast_band_months": m.Forecast.BandMonths,
	}
}

// maxDays bounds windows: a hundred years are more than any book has, and far
// from where days run over.
const maxDays = 36_500

func metricsKeys() []Key {
	return []Key{
		{Name: "metrics.aging_buckets", Type: TypeIntegers, Default: []int{30, 60, 90, 120, 180, 365}, Help: "last days past due of the buckets of ar_open_items; what is not due and what is older have buckets of their own"},
		{Name: "metrics.promise_grace_days", Type: TypeInteger, Default: 2, Max: maxDays, Help: "days after its due date within which a promise or a plan line is still kept"},
		{Name: "metrics.promise_kept_percent", Type: TypeInteger, Default: 95, Min: 1, Max: 100, Help: "percentage of the amount that keeps a promise"},
		{Name: "metrics.plan_misses", Type: TypeInteger, Default: 2, Min: 1, Max: 1000, Help: "lines missed one after the other that break an instalment plan"},
		{Name: "metrics.visit_window_days", Type: TypeInteger, Default: 14, Min: 1, Max: maxDays, Help: "days after a visit whose cash the headline of visit effectiveness counts"},
		{Name: "metrics.visit_windows", Type: TypeIntegers, Default: []int{7, 14, 30}, Help: "the three windows beside it, days; the columns of visit_outcomes are named for the defaults"},
		{Name: "metrics.constant_rate_date", Type: TypeDate, Default: "", Help: "day of the constant exchange rates of trend charts; empty = the last day before the fiscal year"},
		{Name: "metrics.fiscal_year_start", Type: TypeInteger, Default: 1, Min: 1, Max: 12, Help: "first month of the fiscal year"},
		{Name: "metrics.due_shift", Type: TypeText, Default: "none", Allowed: []string{"none", "next_workday"}, Help: "what becomes of due dates on days off (calendar_days, else Saturday and Sunday)"},
		{Name: "metrics.skip_zero_months", Type: TypeBool, Default: false, Help: "whether the countback DSO passes over months without sales, in place of being undefined"},
		{Name: "metrics.behaviour.recent_days", Type: TypeInteger, Default: 90, Min: 1, Max: maxDays, Help: "days to a month's end whose payments are compared with those of the year before them"},
		{Name: "metrics.behaviour.year_days", Type: TypeInteger, Default: 365, Min: 1, Max: maxDays, Help: "days of the longer window of payment behaviour, and of the one before the recent days"},
		{Name: "metrics.behaviour.first_late_days", Type: TypeInteger, Default: 30, Min: 1, Max: maxDays, Help: "days past due beyond which a customer is late for the first time; the column first_over_30_late_on is named for the default"},
		{Name: "metrics.forecast.history_days", Type: TypeInteger, Default: 365, Min: 1, Max: maxDays, Help: "days before the as-of day from which on invoices teach the cash forecast"},
		{Name: "metrics.forecast.settled_days", Type: TypeInteger, Default: 90, Max: maxDays, Help: "days before the as-of day up to which they do: later ones have not been seen to their end"},
		{Name: "metrics.forecast.customer_items", Type: TypeInteger, Default: 20, Min: 1, Max: 1_000_000, Help: "settled items with which a customer is its own pattern; with fewer its segment is"},
		{Name: "metrics.forecast.segment_items", Type: TypeInteger, Default: 20, Min: 1, Max: 1_000_000, Help: "settled items with which a segment is its own pattern; with fewer all customers are"},
		{Name: "metrics.forecast.backtest_months", Type: TypeInteger, Default: 12, Min: 1, Max: 60, Help: "past month-ends at which the cash forecast is made again and held against what came"},
		{Name: "metrics.forecast.band_months", Type: TypeInteger, Default: 12, Max: 60, Help: "month-ends before these whose forecasts serve the bands alone"},
		{Name: "metrics.forecast.sales_plan", Type: TypeList, Default: []string{}, Help: "what is still to be billed by month, in reporting currency, such as \"2026-07 600000\"; a company may follow"},
		{Name: "metrics.forecast.sales_pattern", Type: TypeIntegers, Default: []int{}, Help: "percentages of planned sales that are paid in the month of the billing, the month after, and so on"},
	}
}

// spanMetrics checks what spans several settings of the section.
func (p *parser) spanMetrics(m Metrics, section *yaml.Node) {
	if !ascending(m.AgingBuckets) {
		p.fail(child(section, "aging_buckets"), "metrics.aging_buckets", "found %v, expected one or more ascending numbers of days, from 1 to %d, such as [30, 60, 90]", m.AgingBuckets, maxDays)
	}
	if len(m.VisitWindows) != 3 || !ascending(m.VisitWindows) {
		p.fail(child(section, "visit_windows"), "metrics.visit_windows", "found %v, expected three ascending numbers of days, from 1 to %d, such as [7, 14, 30]", m.VisitWindows, maxDays)
	}
	if m.Behaviour.RecentDays > m.Behaviour.YearDays {
		p.fail(child(section, "behaviour"), "metrics.behaviour.recent_days", "found %d, expected at most year_days (%d)", m.Behaviour.RecentDays, m.Behaviour.YearDays)
	}
	if m.Forecast.SettledDays >= m.Forecast.HistoryDays {
		p.fail(child(section, "forecast"), "metrics.forecast.settled_days", "found %d, expected less than history_days (%d)", m.Forecast.SettledDays, m.Forecast.HistoryDays)
	}
	p.salesPlan(m.Forecast, child(section, "forecast"))
}

func ascending(edges []int) bool {
	last := 0
	for _, e := range edges {
		if e <= last {
			return false
		}
		last = e
	}
	return last > 0 && last <= maxDays
}

// checkIntegers returns what is wrong with a list of numbers, empty where
// nothing is.
func checkIntegers(n *yaml.Node) string {
	if n == nil || n.Tag == "!!null" {
		return ""
	}
	if n.Kind != yaml.SequenceNode {
		return fmt.Sprintf("found %q, expected a list such as [30, 60, 90]", n.Value)
	}
	for _, item := range n.Content {
		if _, err := strconv.Atoi(strings.TrimSpace(item.Value)); err != nil {
			return fmt.Sprintf("found %q in the list, expected whole numbers", item.Value)
		}
	}
	return ""
}
