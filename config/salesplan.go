package config

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// PlannedSale is one entry of metrics.forecast.sales_plan: what a company means
// to bill in a month and has not billed yet.
type PlannedSale struct {
	Month   time.Time // its first day
	Amount  string    // exact decimal, reporting currency
	Company string    // empty = none in particular
}

var plannedSale = regexp.MustCompile(`^(\d{4}-\d{2})\s+(\d{1,13}(?:\.\d{1,4})?)(?:\s+(\S.*))?$`)

// Plan is SalesPlan, entry by entry.
func (f Forecast) Plan() ([]PlannedSale, error) {
	var out []PlannedSale
	for _, text := range f.SalesPlan {
		m := plannedSale.FindStringSubmatch(strings.TrimSpace(text))
		if m == nil {
			return nil, fmt.Errorf(`found %q, expected a month, an amount and, where there are several, a company, such as "2026-07 600000"`, text)
		}
		month, err := time.Parse("2006-01", m[1])
		if err != nil {
			return nil, fmt.Errorf(`found month %q, expected one such as 2026-07`, m[1])
		}
		out = append(out, PlannedSale{month, m[2], m[3]})
	}
	return out, nil
}

// salesPlan checks the plan and its pattern.
func (p *parser) salesPlan(f Forecast, section *yaml.Node) {
	if _, err := f.Plan(); err != nil {
		p.fail(child(section, "sales_plan"), "metrics.forecast.sales_plan", "%v", err)
	}
	sum := 0
	for _, percent := range f.SalesPattern {
		if percent < 0 {
			p.fail(child(section, "sales_pattern"), "metrics.forecast.sales_pattern", "found %d, expected percentages of 0 or more", percent)
		}
		sum += percent
	}
	switch {
	case sum > 100:
		p.fail(child(section, "sales_pattern"), "metrics.forecast.sales_pattern", "the percentages add up to %d, expected at most 100", sum)
	case len(f.SalesPlan) > 0 && sum == 0:
		p.fail(child(section, "sales_plan"), "metrics.forecast.sales_plan", "there is no sales_pattern that says when planned sales are paid, such as [20, 70, 10]")
	}
}
