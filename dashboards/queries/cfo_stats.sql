{{define "stat_open"}}WITH
    {{template "today"}},
    {{template "shown_in"}},
    points AS (
        SELECT as_of AS day, toNullable(toFloat64(sum({{open}})){{scale}}) AS v
        FROM {{template "portfolio"}}
        WHERE {{template "days"}}
            AND {{template "filters"}}
        GROUP BY as_of
    ),
    {{stat "percent"}}{{end}}

{{define "stat_overdue"}}WITH
    {{template "today"}},
    {{template "shown_in"}},
    points AS (
        SELECT as_of AS day, 100 * toFloat64(sum({{overdue}})) / nullIf(toFloat64(sum({{open}})), 0) AS v
        FROM {{template "portfolio"}}
        WHERE {{template "days"}}
            AND {{template "filters"}}
        GROUP BY as_of
    ),
    {{stat "points"}}{{end}}

{{define "stat_dso"}}WITH
    {{template "today"}},
    {{template "speed" (list "24" "dso_days")}},
    points AS (SELECT day, dso_days AS v FROM speed),
    {{stat "days"}}{{end}}

{{define "stat_add"}}WITH
    {{template "today"}},
    {{template "speed" (list "24" "dso_days" "best_days")}},
    points AS (SELECT day, dso_days - best_days AS v FROM speed),
    {{stat "days"}}{{end}}

{{define "stat_cei"}}WITH
    {{template "today"}},
    {{template "speed" (list "24" "effectiveness")}},
    points AS (SELECT day, effectiveness AS v FROM speed),
    {{stat "points"}}{{end}}

{{/* The weeks of the forecast are those after the day; 30 days end in the fifth. */}}
{{define "cfo_cash_next"}}WITH
    {{template "today"}},
    {{template "expected_cash"}},
    next_days AS (
        SELECT
            count() AS weeks,
            multiIf(week_no <= 4, 1, week_no = 5, 2 / 7, 0) AS part,
            sum(part * expected_amount) AS expected_30,
            sum(part * low_amount) AS low_30,
            sum(part * high_amount) AS high_30
        FROM expected_cash
        WHERE week_no <= 5
        GROUP BY part
    )
SELECT
    toDateTime(today, 'UTC') AS time,
    concat({{q "likely range"}}, ' ', {{short "sum(low_30)"}}, ' – ', {{short "sum(high_30)"}}) AS label,
    sum(expected_30){{scale}} AS v
FROM next_days
HAVING sum(weeks) > 0{{end}}

{{define "cfo_ecl"}}WITH
    {{template "today"}},
    points AS (
        SELECT as_of AS day, toNullable(toFloat64(sum(ecl_rc)){{scale}}) AS v
        FROM ecl_provision AS s
        WHERE {{template "days"}}
            AND {{where "s" "company" "segment"}}
            AND {{only "company" "segment"}} AND {{converted}}
        GROUP BY as_of
    ),
    {{stat "percent"}}{{end}}

{{define "money_unit"}}SELECT {{moneyUnit}} AS u{{end}}

