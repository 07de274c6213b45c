{{/* Every measure with its day, as a number; kind says how it is
     written. */}}
{{define "cfo_measures"}}WITH
    {{template "today"}},
    {{template "shown_in"}},
    {{template "speed" (list "12" "dso_days" "best_days" "countback_days")}},
    balances AS (
        SELECT s.as_of AS day, sum({{v "net_ar"}}) AS net, sum({{v "overdue"}}) AS late, sum({{v "disputed"}}) AS contested, sum({{v "open_amount"}}) AS gross, -sum({{v "unapplied"}}) AS unapplied_cash
        FROM {{template "portfolio"}}
        WHERE {{template "days" 12}}
            AND {{template "filters"}}
        GROUP BY day
    ),
    long AS (
        SELECT line.1 AS place, line.2 AS title, line.3 AS kind, day, line.4 AS v
        FROM (
            SELECT day, arrayJoin([
                (1, '{{t "Net receivables"}}', 'money', toNullable(net)),
                (2, '{{t "Overdue"}}', 'money', late),
                (6, '{{t "Disputed share"}}', 'share', 100 * contested / nullIf(gross, 0)),
                (7, '{{t "Unapplied cash"}}', 'money', unapplied_cash)
            ]) AS line
            FROM balances
            UNION ALL
            SELECT day, arrayJoin([
                (3, '{{t "Days delinquent"}}', 'days', toNullable(dso_days - best_days)),
                (4, '{{t "Best possible DSO"}}', 'days', best_days),
                (5, '{{t "Countback"}}', 'days', countback_days)
            ])
            FROM speed
        )
        UNION ALL
        SELECT 8, '{{t "Concentration (HHI)"}}', 'points', as_of, if(count() = 1, toFloat64(any(hhi_10000)), NULL)
        FROM concentration
        WHERE {{template "days" 12}}
            AND {{converted}}
            AND {{template "in_scope"}}
        GROUP BY as_of
        UNION ALL
        SELECT 9, '{{t "Allowance ratio"}}', 'share', as_of, 100 * toFloat64(sum(ecl_rc)) / nullIf(toFloat64(sum(gross_rc)), 0)
        FROM ecl_provision AS s
        WHERE {{template "days" 12}}
            AND {{converted}}
            AND {{where "s" "company" "segment"}} AND {{only "company" "segment"}}
        GROUP BY as_of
    ),
    compared AS (
        SELECT
            place,
            title,
            kind,
            maxIf(v, day = today) AS now_v,
            maxIf(v, day = toLastDayOfMonth(addMonths(today, -1))) AS month_v,
            maxIf(v, day = toLastDayOfMonth(addMonths(today, -12))) AS year_v,
            arrayMap(p -> p.2, arraySort(p -> p.1, groupArray((day, assumeNotNull(v))))) AS history
        FROM long
        WHERE v IS NOT NULL
        GROUP BY place, title, kind
        HAVING now_v IS NOT NULL
    ),
    written AS (
        SELECT
            place,
            title,
            history,
            arrayMap((v, unknown) -> if(unknown, '–', {{template "cfo_written" "v"}}), [assumeNotNull(now_v), ifNull(month_v, 0), ifNull(year_v, 0)], [0, isNull(month_v), isNull(year_v)]) AS amounts,
            arrayMap((v, unknown) -> if(unknown, '–', {{template "cfo_difference" "v"}}), [ifNull(month_v, 0), ifNull(year_v, 0)], [isNull(month_v), isNull(year_v)]) AS differences
        FROM compared
    )
SELECT
    title AS `{{t "Measure"}}`,
    amounts[1] AS `{{t "Now"}}`,
    amounts[2] AS `{{t "Month ago"}}`,
    differences[1] AS `{{t "vs month"}}`,
    amounts[3] AS `{{t "Year ago"}}`,
    differences[2] AS `{{t "vs year"}}`,
    history AS `{{t "12 months"}}`
FROM written
ORDER BY place{{end}}

{{define "cfo_written"}}multiIf(kind = 'money', {{short .}}, kind = 'days', concat(printf('%.1f', {{.}}), ' {{t "d"}}'), kind = 'share', concat(printf('%.1f', {{.}}), '{{t " %"}}'), toString(round({{.}}))){{end}}

{{/* The difference in its unit, amounts in percent; the arrow says up or down. */}}
{{define "cfo_difference"}}concat(
                multiIf(now_v > {{.}}, '▲ ', now_v < {{.}}, '▼ ', '± '),
                multiIf(
                    kind = 'money', if({{.}} = 0, '–', concat(printf('%.1f', abs(100 * (assumeNotNull(now_v) - {{.}}) / {{.}})), '{{t " %"}}')),
                    kind = 'days', concat(printf('%.1f', abs(assumeNotNull(now_v) - {{.}})), ' {{t "d"}}'),
                    kind = 'share', concat(printf('%.1f', abs(assumeNotNull(now_v) - {{.}})), ' {{t "pt"}}'),
                    toString(round(abs(assumeNotNull(now_v) - {{.}}))))){{end}}
