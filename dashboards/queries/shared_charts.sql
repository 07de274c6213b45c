{{/* Charts that more than one page shows. */}}

{{define "aging_amount"}}WITH
    {{template "today"}},
    {{template "shown_in"}}
SELECT
    {{month "day"}} AS month{{range buckets}},
    toFloat64({{.Column}}){{scale}} AS `{{t .Title}}`{{end}}
FROM (
    SELECT
        as_of AS day{{range buckets}},
        sum({{v .Column}}) AS {{.Column}}{{end}}
    FROM {{template "portfolio"}}
    WHERE {{template "days" 13}}
        AND {{template "filters"}}
    GROUP BY as_of
)
ORDER BY day{{end}}

{{define "aging_share"}}WITH
    {{template "today"}},
    {{template "shown_in"}}
SELECT
    {{month "day"}} AS month{{range overdueBuckets}},
    100 * toFloat64({{.Column}}) / nullIf(toFloat64(open_total), 0) AS `{{t .Title}}`{{end}}
FROM (
    SELECT
        as_of AS day,
        sum({{open}}) AS open_total{{range overdueBuckets}},
        sum({{v .Column}}) AS {{.Column}}{{end}}
    FROM {{template "portfolio"}}
    WHERE {{template "days" 13}}
        AND {{template "filters"}}
    GROUP BY as_of
)
ORDER BY day{{end}}

{{define "dso_lines"}}WITH
    {{template "today"}},
    {{template "speed" (list "24" "dso_days" "best_days" "countback_days")}}
SELECT
    toDateTime(day, 'UTC') AS time,
    dso_days AS `{{t "DSO"}}`,
    best_days AS `{{t "Best possible DSO"}}`,
    countback_days AS `{{t "Countback"}}`
FROM speed
ORDER BY time{{end}}

{{define "movement"}}WITH
    {{template "today"}},
    toStartOfMonth(if(today = toLastDayOfMonth(today), today, addMonths(today, -1))) AS full_month,
    totals AS (
        SELECT
            sum(s.movements) AS movement_count,
            sum({{m "opening"}}) AS t_opening,
            sum({{m "invoiced"}}) + sum({{m "debit_notes"}}) AS t_invoiced,
            sum({{m "credited"}}) AS t_credited,
            sum({{m "cash"}}) AS t_cash,
            sum({{m "discounts"}}) + sum({{m "written_off"}}) AS t_lost,
            sum({{m "refunds"}}) AS t_refunds,
            sum({{m "fx"}}) + sum({{m "transfers"}}) AS t_other,
            sum({{m "closing"}}) AS t_closing
        FROM {{template "movements" (list "opening" "invoiced" "debit_notes" "credited" "cash" "discounts" "written_off" "refunds" "fx" "transfers" "closing")}}
        WHERE month = full_month
            AND {{template "filters"}}
    ),
    lines AS (
        SELECT
            arrayJoin([
                (1, '{{t "Opening"}}', toFloat64(t_opening)),
                (2, '{{t "Invoiced"}}', toFloat64(t_invoiced)),
                (3, '{{t "Credit notes"}}', -toFloat64(t_credited)),
                (4, '{{t "Cash"}}', -toFloat64(t_cash)),
                (5, '{{t "Discounts, write-offs"}}', -toFloat64(t_lost)),
                (6, '{{t "Refunds"}}', toFloat64(t_refunds)),
                (7, '{{t "FX, transfers"}}', toFloat64(t_other)),
                (8, '{{t "Closing"}}', toFloat64(t_closing))
            ]) AS line,
            line.1 AS place,
            line.2 AS title,
            line.3 AS amount,
            place IN (1, 8) AS is_balance
        FROM totals
        WHERE movement_count > 0
    ),
{{template "waterfall"}}{{end}}

{{/* The bars of a waterfall over the lines (place, title, amount, is_balance); the
     last one is a balance. */}}
{{define "running"}}running AS (
        SELECT
            *,
            sum(if(is_balance AND place > 1, 0, amount)) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS after_line,
            after_line - amount AS before_line
        FROM lines
    ){{end}}
{{define "waterfall"}}{{template "running"}}
SELECT
    concat(title, '   ', multiIf(is_balance, '', amount > 0, '+', amount < 0, '−', ''), {{short "abs(amount)"}}) AS step,
    if(is_balance, NULL, least(before_line, after_line)){{scale}} AS base,
    if(is_balance, amount, NULL){{scale}} AS `{{t "Balance"}}`,
    if(is_balance OR amount <= 0, NULL, amount){{scale}} AS `{{t "Increase"}}`,
    if(is_balance OR amount >= 0, NULL, -amount){{scale}} AS `{{t "Decrease"}}`
FROM running
ORDER BY place{{end}}

{{define "in_and_out"}}WITH
    {{template "today"}}
SELECT
    {{month "first_day"}} AS month,
    toFloat64(t_invoiced){{scale}} AS `{{t "Invoiced"}}`,
    toFloat64(t_cash){{scale}} AS `{{t "Cash received"}}`
FROM (
    SELECT
        s.month AS first_day,
        sum({{m "invoiced"}}) + sum({{m "debit_notes"}}) AS t_invoiced,
        sum({{m "cash"}}) AS t_cash
    FROM {{template "movements" (list "invoiced" "debit_notes" "cash")}}
    WHERE s.month <= today AND s.month > addMonths(toStartOfMonth(today), -13)
        AND {{template "filters"}}
    GROUP BY first_day
)
ORDER BY first_day{{end}}
