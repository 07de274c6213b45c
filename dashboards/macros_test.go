package dashboards_test

import (
	"strings"
	"testing"
	"time"

	"huikuan/dashboards"
)

func TestMacrosExpandAsThePluginDoes(t *testing.T) {
	scope := dashboards.Scope{
		From: time.Date(2024, 11, 20, 10, 30, 0, 500e6, time.UTC), To: time.Date(2026, 12, 10, 0, 0, 0, 0, time.UTC), Interval: 90 * time.Second,
		Variables: map[string]dashboards.Variable{
			"company": {Values: []string{dashboards.All}, Options: []string{"CN01", "O'Neill"}},
			"rep":     {Values: []string{"R1", "O'Neill", "苏州(百川), 一部"}},
			"none":    {},
			"as_of":   {Values: []string{"2026-11-20"}, Text: "20 Nov"},
		},
	}
	for _, c := range []struct{ sql, want string }{
		{"WHERE $__dateFilter(as_of)", "WHERE as_of >= toDate('2024-11-20') AND as_of <= toDate('2026-12-10')"},
		{"$__timeFilter(at)", "at >= toDateTime(1732098600) AND at <= toDateTime(1796860800)"},
		{"$__timeFilter_ms( at )", "at >= fromUnixTimestamp64Milli(1732098600500) AND at <= fromUnixTimestamp64Milli(1796860800000)"},
		{"$__dateTimeFilter(d, t)", "(d >= toDate('2024-11-20') AND d <= toDate('2026-12-10')) AND (t >= toDateTime(1732098600) AND t <= toDateTime(1796860800))"},
		{"$__fromTime, $__toTime()", "toDateTime(1732098600), toDateTime(1796860800)"},
		{"$__timeInterval(toDateTime(as_of))", "toStartOfInterval(toDateTime(toDateTime(as_of)), INTERVAL 90 second)"},
		{"$__timeInterval_ms(at)", "toStartOfInterval(toDateTime64(at, 3), INTERVAL 90000 millisecond)"},
		{"$__timeGroup(at, '5m') $__interval_s", "toStartOfInterval(toDateTime(at), INTERVAL 300 second) 90"},
		{"company IN (${company:singlequote})", `company IN ('CN01','O\'Neill')`},
		{"IN (${rep:sqlstring})", "IN ('R1','O''Neill','苏州(百川), 一部')"},
		{"${rep:csv} ${as_of} $as_of [[as_of:raw]] ${as_of:text} ${rep:pipe}", "R1,O'Neill,苏州(百川), 一部 2026-11-20 2026-11-20 2026-11-20 20 Nov R1|O'Neill|苏州(百川), 一部"},
		{"$__conditionalAll(company IN (${company:sqlstring}), $company)", "1=1"},
		{"$__conditionalAll(x IN (${none:sqlstring}), $none) AND $__conditionalAll(f(rep, 1) IN (${rep:sqlstring}), ${rep})", "1=1 AND f(rep, 1) IN ('R1','O''Neill','苏州(百川), 一部')"},
	} {
		got, err := dashboards.Expand(c.sql, scope)
		if err != nil || got != c.want {
			t.Errorf("%s\n%s (%v), want\n%s", c.sql, got, err, c.want)
		}
	}
	for sql, want := range map[string]string{
		"$__timeFiltr(at)":              "the macro $__timeFiltr is not known",
		"$__dateFilter_ms(at)":          "the macro $__dateFilter_ms is not known",
		"$__timeFilter()":               "$__timeFilter has an empty argument",
		"$__timeFilter(a, b)":           "$__timeFilter takes 1 arguments, got 2",
		"$__timeGroup(at, soon)":        `"soon" is no interval`,
		"${repp:raw}":                   "there is no variable ${repp:raw}",
		"${rep:upper}":                  `the format "upper" is not known`,
		"IN (${rep})":                   "3 values without a format",
		"$__conditionalAll(a = 1)":      "$__conditionalAll takes a condition and a variable",
		"$__conditionalAll(a = 1, $no)": "there is no variable $no",
		"$__conditionalAll(a = 1, x)":   `"x" is no variable`,
	} {
		if got, err := dashboards.Expand(sql, scope); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gave %q, %v; want the error %s", sql, got, err, want)
		}
	}
}

func TestMacrosMakeSQLThatTheEngineRuns(t *testing.T) {
	w := newWarehouse(t)
	w.insert("ar_events", row{"event_date": "'2026-11-20'", "recorded_at": "'2026-11-20 08:00:00'"}, row{"event_date": "'2020-01-01'", "recorded_at": "'2020-01-01 08:00:00'"})
	scope := dashboards.Scope{From: now.AddDate(0, -1, 0), To: now, Interval: time.Minute, Variables: map[string]dashboards.Variable{"rep": {Values: []string{"O'Neill", "李"}}}}
	for _, condition := range []string{
		"$__timeFilter(recorded_at)", "$__timeFilter_ms(recorded_at)", "$__dateFilter(event_date)", "$__dateTimeFilter(event_date, recorded_at)",
		"recorded_at BETWEEN $__fromTime AND $__toTime", "recorded_at >= $__fromTime_ms", "$__timeInterval(recorded_at) = toDateTime('2026-11-20 08:00:00', 'UTC')",
		"$__timeInterval_ms(recorded_at) > $__fromTime_ms", "$__timeGroup(recorded_at, 1h) = toDateTime('2026-11-20 08:00:00', 'UTC')",
		"toUnixTimestamp(recorded_at) % $__interval_s = 0 AND event_date > '2025-01-01'",
		"$__conditionalAll(owner_id NOT IN (${rep:singlequote}), $rep) AND $__dateFilter(event_date) AND owner_id NOT IN (${rep:sqlstring})",
	} {
		text, err := dashboards.Expand("SELECT toString(count()) AS n FROM ar_events WHERE "+condition, scope)
		if err != nil {
			t.Fatal(err)
		}
		out, err := w.query(text)
		if err != nil || len(out.rows) != 1 || out.rows[0][0] != "1" {
			t.Errorf("%s: %v, %v", text, out.rows, err)
		}
	}
}
