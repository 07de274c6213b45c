{{define "stat_open"}}WITH
    {{template "today"}},
    points AS (
        SELECT as_of AS day, toNullable(toFloat64(sum({{open}})){{scale}}) AS v
        FROM {{template "snapshots"}}
        WHERE {{template "days"}}
            AND {{template "filters"}}
        GROUP BY as_of
    ),
    {{stat "percent"}}{{end}}

{{define "stat_overdue"}}WITH
    {{template "today"}},
    points AS (
        SELECT as_of AS day, 100 * toFloat64(sum({{overdue}})) / nullIf(toFloat64(sum({{open}})), 0) AS v
        FROM {{template "snapshots"}}
        WHERE {{template "days"}}
            AND {{template "filters"}}
        GROUP BY as_of
    ),
    {{stat "points"}}{{end}}

{{define "stat_dso"}}WITH
    {{template "today"}},
    {{template "speed"}},
    points AS (SELECT day, dso_days AS v FROM speed),
    {{stat "days"}}{{end}}

{{define "stat_add"}}WITH
    {{template "today"}},
    {{template "speed"}},
    points AS (SELECT day, dso_days - best_days AS v FROM speed),
    {{stat "days"}}{{end}}

{{define "stat_cei"}}WITH
    {{template "today"}},
    {{template "speed"}},
    points AS (SELECT day, effectiveness AS v FROM speed),
    {{stat "points"}}{{end}}

{{/* Full months only: a month to date cannot be compared with a month. */}}
{{define "stat_cash"}}WITH
    toDate32(${as_of:sqlstring}) AS chosen,
    toDate32(if(chosen = toLastDayOfMonth(chosen), chosen, toStartOfMonth(chosen) - 1)) AS today,
    points AS (
        SELECT toDate32(toLastDayOfMonth(s.month)) AS day, toNullable(toFloat64(sum({{m "cash"}})){{scale}}) AS v
        FROM ar_rollforward AS s
        WHERE s.month <= today AND s.month >= addMonths(today, -24)
            AND {{template "filters"}}
        GROUP BY s.month
    ),
    {{stat "percent"}}{{end}}

{{define "money_unit"}}SELECT {{moneyUnit}} AS u{{end}}
