package main

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"huikuan/internal/pipeline"
)

func (c *cli) bridgeCmd() *cobra.Command {
	var from, to, scope string
	cmd := &cobra.Command{
		Use:   "bridge [--from DAY] [--to DAY]",
		Short: "Why days sales outstanding moved between two month-ends",
		Long: "Explains the change of DSO (90 days) between two month-ends: terms granted, speed of payment\n" +
			"against them, mix of customers, disputes, write-offs, exchange rates. The effects add up exactly.\n" +
			"Without --to it ends with the last month-end of the tables, without --from it begins with the month-end before.\n" +
			"The table dso_bridge holds the same for every month against the one before and the year before.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			var first, last time.Time
			for _, d := range []struct {
				name, text string
				day        *time.Time
			}{{"from", from, &first}, {"to", to, &last}} {
				if d.text == "" {
					continue
				}
				if *d.day, err = flagDay(d.name, d.text); err != nil {
					return err
				}
			}
			c.quiet = true
			a, _, err := c.open(cmd.Context(), reading)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			if to == "" {
				if last, err = a.LastMonthEnd(cmd.Context()); err != nil {
					return err
				}
			}
			if from == "" {
				first = pipeline.MonthEndBefore(last)
			}
			lines, err := a.Bridge(cmd.Context(), first, last, scope)
			if err != nil {
				return err
			}
			for _, l := range lines {
				c.bridge(l, first.Format(time.DateOnly), last.Format(time.DateOnly))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "opening month-end, YYYY-MM-DD; empty = the one before --to")
	cmd.Flags().StringVar(&to, "to", "", "closing month-end, YYYY-MM-DD; empty = the last of the tables")
	cmd.Flags().StringVar(&scope, "scope", "group", "group, company or segment; one of them as segment=RETAIL")
	return cmd
}

func flagDay(name, text string) (time.Time, error) {
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return d, usageError{fmt.Errorf("--%s: found %q, expected a day such as 2026-06-30", name, text)}
	}
	return d, nil
}

// bridge draws one scope: each effect beside a bar, the longest of which has
// the full width.
func (c *cli) bridge(l pipeline.BridgeLine, from, to string) {
	title := "DSO of the group"
	if l.Scope != "group" {
		title = "DSO of " + l.Scope + " " + l.ID
	}
	t := newTable(c.out, title, "days", "")
	t.alignRight(2, 2)
	t.AppendRow(table.Row{from, daysText(l.From), ""})
	longest := new(big.Rat)
	for _, e := range l.Effects {
		if d := size(e.Days); d.Cmp(longest) > 0 {
			longest = d
		}
	}
	shown := addingUp(l.From, l.Effects)
	for i, e := range l.Effects {
		t.AppendRow(table.Row{"  " + e.Name, shown[i], bar(e.Days, longest)})
	}
	if l.Reason != "" {
		t.AppendRow(table.Row{"  cannot be told: " + l.Reason, "", ""})
	}
	t.AppendRow(table.Row{to, daysText(l.To), ""})
	t.Render()
}

// addingUp rounds effects such that the rounded days of the opening month-end and
// they add up to those of the closing one: each is what it moves the rounded sum by.
func addingUp(from string, effects []pipeline.BridgeEffect) (shown []string) {
	sum, _ := new(big.Rat).SetString(from) // known where there are effects
	for _, e := range effects {
		days, _ := new(big.Rat).SetString(e.Days)
		before := rounded(sum)
		moved := before.Sub(rounded(sum.Add(sum, days)), before)
		sign := "+"
		if moved.Sign() < 0 {
			sign = ""
		}
		shown = append(shown, sign+moved.FloatString(2))
	}
	return shown
}

// rounded is a number to two digits, as fixed writes it.
func rounded(r *big.Rat) *big.Rat {
	out, _ := new(big.Rat).SetString(fixed(r.FloatString(18), 2))
	return out
}

func daysText(s string) string {
	if s == "" {
		return "–"
	}
	return fixed(s, 2)
}

// barWidth is the length of the longest bar.
const barWidth = 24

func size(days string) *big.Rat {
	r, ok := new(big.Rat).SetString(days)
	if !ok {
		return new(big.Rat)
	}
	return r.Abs(r)
}

// bar is as long as the effect is large: filled where it adds days, hatched
// where it takes them away.
func bar(days string, longest *big.Rat) string {
	if longest.Sign() == 0 {
		return ""
	}
	share := new(big.Rat).Quo(size(days), longest)
	n, _ := new(big.Rat).Mul(share, big.NewRat(barWidth, 1)).Float64()
	mark := "█"
	if strings.HasPrefix(days, "-") {
		mark = "░"
	}
	return strings.Repeat(mark, int(n+0.5))
}
