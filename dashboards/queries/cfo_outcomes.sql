{{/* What became of what was billed, overdue or forecast: curves of late amounts,
     recovery of the overdue, errors of the forecast, how late cash came. */}}

{{/* The three youngest months of which three month-ends are known carry a mark, as in
     cfo_vintage. */}}
{{define "cfo_vintage_late"}}WITH
    {{template "today"}},
    {{template "scope"}},
    curves AS (
        SELECT cohort, groupArray((months_on_book, share)) AS curve, row_number() OVER (ORDER BY cohort DESC) AS age
        FROM (
            SELECT cohort, months_on_book, 100 * toFloat64(sum(late_rc)) / nullIf(toFloat64(sum(base_rc)), 0) AS share
            FROM vintage_late
            WHERE late_days = 30 AND toLastDayOfMonth(addMonths(cohort, months_on_book)) <= today AND cohort > addMonths(today, -18) AND {{converted}}
                AND {{template "in_scope"}}
            GROUP BY cohort, months_on_book
        )
        GROUP BY cohort
        HAVING max(months_on_book) >= 3
    )
SELECT
    point.1 AS day,
    {{template "cfo_cohort"}} AS coh,
    point.2 AS v
FROM curves
ARRAY JOIN curve AS point
ORDER BY day, cohort{{end}}

{{/* Each month beside the same month a year before. */}}
{{define "cfo_recovery"}}WITH
    {{template "today"}},
    {{template "scope"}}
SELECT
    {{month "first_day"}} AS month,
    rate AS `{{t "Recovered"}}`,
    year_before AS `{{t "A year before"}}`
FROM (
    SELECT first_day, rate, any(rate) OVER (ORDER BY toRelativeMonthNum(first_day) RANGE BETWEEN 12 PRECEDING AND 12 PRECEDING) AS year_before
    FROM (
        SELECT month AS first_day, toNullable(100 * toFloat64(sum(recovered_rc)) / nullIf(toFloat64(sum(opening_overdue_rc)), 0)) AS rate
        FROM (SELECT month, if(r.scope = 'rep', 'owner', r.scope) AS scope, scope_id, recovered_rc, opening_overdue_rc FROM overdue_recovery AS r WHERE complete)
        WHERE toLastDayOfMonth(month) <= today AND month > addMonths(today, -26) AND {{converted}}
            AND {{template "in_scope"}}
        GROUP BY first_day
    )
)
WHERE first_day > addMonths(today, -13)
ORDER BY first_day{{end}}

{{/* Only forecasts all of whose weeks are over: of fewer weeks the error is larger. */}}
{{define "cfo_forecast_scores"}}WITH
    {{template "today"}},
    {{template "scope"}}
SELECT
    toDateTime(made_on, 'UTC') AS time,
    100 * toFloat64(missed) / nullIf(toFloat64(came), 0) AS `{{t "Forecast"}}`,
    100 * toFloat64(missed_naive) / nullIf(toFloat64(came), 0) AS `{{t "If paid when due"}}`,
    100 * toFloat64(missed_published) / nullIf(toFloat64(came_published), 0) AS `{{t "As published"}}`
FROM (
    SELECT origin AS made_on, sumIf(absolute_error_rc, kind = 'backtest') AS missed, sumIf(naive_absolute_error_rc, kind = 'backtest') AS missed_naive, sumIf(actual_rc, kind = 'backtest') AS came,
        sumIf(absolute_error_rc, kind = 'published') AS missed_published, sumIf(actual_rc, kind = 'published') AS came_published
    FROM forecast_scores
    WHERE origin <= today AND weeks = (SELECT max(weeks) FROM forecast_scores) AND {{converted}}
        AND {{template "in_scope"}}
    GROUP BY made_on
)
ORDER BY time{{end}}

{{define "cfo_days_late"}}WITH
    {{template "today"}},
    {{template "scope"}}
SELECT
    multiIf(place = -1, {{q "early"}}, place = 0, {{q "on the day"}}, replaceAll(label, '-', '–')) AS days,
    100 * cash / nullIf(sum(cash) OVER (), 0) AS `{{t "Of the cash"}}`,
    100 * parts / nullIf(sum(parts) OVER (), 0) AS `{{t "Of the items"}}`
FROM (
    SELECT multiIf(bin_to < 0, -1, bin_to = 0, 0, bin_no) AS place, any(bin) AS label, toFloat64(sum(cash_rc)) AS cash, toFloat64(sum(items)) AS parts
    FROM days_to_pay_histogram
    WHERE measure = 'days_late' AND today = (SELECT max(as_of) FROM ar_as_of) AND {{converted}}
        AND {{template "in_scope"}}
    GROUP BY place
)
ORDER BY place{{end}}
