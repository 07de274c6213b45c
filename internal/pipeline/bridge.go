package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"huikuan/transform/bridge"
)

// BridgeEffect is one cause of a change of DSO.
type BridgeEffect struct {
	Name string
	Days string // exact decimal, negative = fewer days
}

// BridgeLine explains one scope's change.
type BridgeLine struct {
	Scope, ID string
	From, To  string // DSO in days; empty = undefined
	Effects   []BridgeEffect
	Reason    string // why there are no effects
}

// LastMonthEnd is the last month-end that the tables that serve have reached.
func (a *App) LastMonthEnd(ctx context.Context) (time.Time, error) {
	r, err := a.wh.Query(ctx, "SELECT toString(as_of) FROM ar_as_of")
	if err != nil {
		return time.Time{}, err
	}
	defer r.Close()
	for r.Next() {
		text, _ := r.Row()[0].(string)
		asOf, err := time.Parse(time.DateOnly, text)
		return MonthEndBefore(asOf.AddDate(0, 0, 1)), errors.Join(err, r.Err()) // as-of itself where it is a month-end
	}
	return time.Time{}, errors.Join(r.Err(), errors.New("bridge: nothing is built yet; run `huikuan build`"))
}

// MonthEndBefore is the month-end before a day.
func MonthEndBefore(day time.Time) time.Time { return day.AddDate(0, 0, -day.Day()) }

// Bridge explains why DSO moved between two month-ends of the tables that
// serve. scope is group, company or segment, or one of them as company=ID;
// empty means group. The last day of the tables counts as a month-end.
func (a *App) Bridge(ctx context.Context, from, to time.Time, scope string) ([]BridgeLine, error) {
	kind, id, one := strings.Cut(scope, "=")
	if kind == "" {
		kind = "group"
	}
	if !slices.Contains([]string{"group", "company", "segment"}, kind) {
		return nil, fmt.Errorf("bridge: found scope %q, expected group, company or segment, or one of them as segment=RETAIL", scope)
	}
	currency, err := a.reportingCurrency(ctx)
	if err != nil {
		return nil, err
	}
	src := a.wh.Derived(func(table string) string { return table }).ByReader()
	rows, err := bridge.Compute(ctx, src, bridge.Options{Currency: currency, Pairs: []bridge.Pair{{From: dayOf(from), To: dayOf(to)}}})
	if err != nil {
		return nil, err
	}
	var out []BridgeLine
	for _, r := range rows {
		if r.Scope != kind || one && r.ID != id {
			continue
		}
		for i, day := range []time.Time{from, to} {
			if !r.Defined[i] && day.AddDate(0, 0, 1).Day() != 1 {
				return nil, fmt.Errorf("bridge: %s is not the end of a month; give month-ends, or the as-of day of the last build", day.Format(time.DateOnly))
			}
		}
		line := BridgeLine{Scope: r.Scope, ID: r.ID, Reason: r.Reason}
		if r.Defined[0] {
			line.From = r.Result.From.String()
		}
		if r.Defined[1] {
			line.To = r.Result.To.String()
		}
		if r.Reason == "" {
			for i, name := range []string{"terms", "speed", "mix", "disputes", "write-offs", "exchange rates"} {
				line.Effects = append(line.Effects, BridgeEffect{name, r.Effects[i].String()})
			}
		}
		out = append(out, line)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("bridge: there is no DSO of %s on %s or %s; these have to be ends of months with receivables, or the as-of day of the last build", orGroup(scope), from.Format(time.DateOnly), to.Format(time.DateOnly))
	}
	return out, nil
}

func orGroup(scope string) string {
	if scope == "" {
		return "the group"
	}
	return scope
}

// reportingCurrency is that of the tables that serve.
func (a *App) reportingCurrency(ctx context.Context) (string, error) {
	r, err := a.wh.Query(ctx, "SELECT reporting_currency FROM ar_as_of")
	if err != nil {
		return "", err
	}
	defer r.Close()
	currency := ""
	for r.Next() {
		currency, _ = r.Row()[0].(string)
	}
	return currency, r.Err()
}
