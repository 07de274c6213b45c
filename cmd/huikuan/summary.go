package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"huikuan/internal/pipeline"
)

// summary shows what a CFO and a sales director look at first.
func (c *cli) summary(ctx context.Context, a *pipeline.App) error {
	days, err := a.ShippedReport(ctx, "cfo_summary")
	if err != nil {
		return err
	}
	if len(days) == 0 {
		fmt.Fprintln(c.out, "There are no receivables yet.")
		return nil
	}
	if err := c.figures(ctx, a, days); err != nil {
		return err
	}
	c.aging(days[0])
	return c.ranking(ctx, a, days[0].Text("currency"))
}

// figures is the CFO's table: each number beside what it is compared with.
func (c *cli) figures(ctx context.Context, a *pipeline.App, days []pipeline.Named) error {
	proof, err := a.ShippedReport(ctx, "rollforward_check")
	if err != nil {
		return err
	}
	header := []any{"Receivables, " + days[0].Text("currency")}
	for _, d := range days {
		header = append(header, d.Text("as_of"))
	}
	t := newTable(c.out, header...)
	t.alignRight(2, len(header))
	line := func(name, column string, show func(string) string) {
		row := table.Row{name}
		for _, d := range days {
			if v := d.Text(column); v != "–" {
				row = append(row, show(v))
			} else {
				row = append(row, v)
			}
		}
		t.AppendRow(row)
	}
	percent := func(s string) string { return fixed(s, 1) + " %" }
	dayCount := func(s string) string { return fixed(s, 1) + " days" }
	line("Open receivables", "open_amount", cents)
	line("Net of unapplied cash and credits", "net_ar", cents)
	line("Overdue", "overdue", cents)
	line("Overdue share", "overdue_percent", percent)
	line("Days sales outstanding, 90 days", "dso_90", dayCount)
	line("\u00a0\u00a0best possible (not due only)", "bpdso", dayCount)
	line("\u00a0\u00a0average days delinquent", "add_days", dayCount)
	line("Days sales outstanding, countback", "dso_countback", dayCount)
	line("Collection effectiveness, month", "cei_percent", percent)
	line("Disputed", "disputed", cents)
	t.AppendSeparator()
	p := proof[0]
	t.AppendRow(table.Row{fmt.Sprintf("Check: %s months roll forward, off by at most", p.Text("months")), cents(p.Text("worst"))})
	t.Render()
	return nil
}

// buckets are the aging buckets with their names for people.
var buckets = [][2]string{{"not_due", "not due"}, {"d1_30", "1–30"}, {"d31_60", "31–60"}, {"d61_90", "61–90"}, {"d91_120", "91–120"},
	{"d121_180", "121–180"}, {"d181_365", "181–365"}, {"d366_plus", "over 365"}}

// aging draws the buckets as bars.
func (c *cli) aging(d pipeline.Named) {
	t := newTable(c.out, "Days overdue", d.Text("currency"), "share", "")
	t.alignRight(2, 3)
	total := number(d.Text("open_amount"))
	for _, b := range buckets {
		v := number(d.Text(b[0]))
		share := 0.0
		if total > 0 {
			share = v / total
		}
		t.AppendRow(table.Row{b[1], cents(d.Text(b[0])), fmt.Sprintf("%.1f %%", 100*share), strings.Repeat("█", int(share*40+0.5))})
	}
	t.Render()
}

func (c *cli) ranking(ctx context.Context, a *pipeline.App, currency string) error {
	reps, err := a.ShippedReport(ctx, "rep_ranking")
	if err != nil || len(reps) == 0 {
		return err
	}
	t := newTable(c.out, "", "Rep", "team", "collected, "+currency, "of target", "due collected", "on time", "overdue", "visits", "promises kept")
	t.alignRight(4, 10)
	for i, r := range reps {
		share := func(col string) string {
			if r.Text(col) == "–" {
				return "–"
			}
			return fixed(r.Text(col), 1) + " %"
		}
		t.AppendRow(table.Row{i + 1, r.Text("rep"), r.Text("team"), cents(r.Text("collected")), share("attainment_percent"), share("collection_rate_percent"),
			share("on_time_percent"), cents(r.Text("overdue")), r.Text("visits"), r.Text("promises_kept")})
	}
	t.Render()
	return nil
}

// number is for the length of bars only; figures are shown from exact text.
func number(s string) (f float64) {
	_, _ = fmt.Sscanf(s, "%g", &f)
	return f
}

// cents writes an exact decimal with two places and thousands separators.
func cents(s string) string { return grouped(fixed(s, 2)) }

// fixed pads or rounds an exact decimal text to n places, half away from zero.
func fixed(s string, n int) string {
	neg := strings.HasPrefix(s, "-")
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if len(frac) <= n {
		frac += strings.Repeat("0", n-len(frac))
	} else {
		up := frac[n] >= '5'
		digits := []byte(whole + frac[:n])
		for i := len(digits) - 1; up && i >= 0; i-- {
			if digits[i] == '9' {
				digits[i] = '0'
				continue
			}
			digits[i]++
			up = false
		}
		if up {
			digits = append([]byte{'1'}, digits...)
		}
		whole, frac = string(digits[:len(digits)-n]), string(digits[len(digits)-n:])
	}
	out := whole
	if n > 0 {
		out += "." + frac
	}
	if neg && strings.Trim(out, "0.") != "" {
		out = "-" + out
	}
	return out
}
