{{define "aging_amount"}}WITH
    {{template "today"}}
SELECT
    {{month "day"}} AS month{{range buckets}},
    toFloat64({{.Column}}){{scale}} AS `{{t .Title}}`{{end}}
FROM (
    SELECT
        as_of AS day{{range buckets}},
        sum({{v .Column}}) AS {{.Column}}{{end}}
    FROM {{template "snapshots"}}
    WHERE {{template "days"}}
        AND as_of >= addMonths(today, -13)
        AND {{template "filters"}}
    GROUP BY as_of
)
ORDER BY day{{end}}

{{define "aging_share"}}WITH
    {{template "today"}}
SELECT
    {{month "day"}} AS month{{range overdueBuckets}},
    100 * toFloat64({{.Column}}) / nullIf(toFloat64(open_total), 0) AS `{{t .Title}}`{{end}}
FROM (
    SELECT
        as_of AS day,
        sum({{open}}) AS open_total{{range overdueBuckets}},
        sum({{v .Column}}) AS {{.Column}}{{end}}
    FROM {{template "snapshots"}}
    WHERE {{template "days"}}
        AND as_of >= addMonths(today, -13)
        AND {{template "filters"}}
    GROUP BY as_of
)
ORDER BY day{{end}}

{{define "dso_lines"}}WITH
    {{template "today"}},
    {{template "speed"}}
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
            count() AS movements,
            sum({{m "opening"}}) AS t_opening,
            sum({{m "invoiced"}}) + sum({{m "debit_notes"}}) AS t_invoiced,
            sum({{m "credited"}}) AS t_credited,
            sum({{m "cash"}}) AS t_cash,
            sum({{m "discounts"}}) + sum({{m "written_off"}}) AS t_lost,
            sum({{m "refunds"}}) AS t_refunds,
            sum({{m "fx"}}) + sum({{m "transfers"}}) AS t_other,
            sum({{m "closing"}}) AS t_closing
        FROM ar_rollforward AS s
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
        WHERE movements > 0
    ),
    running AS (
        SELECT
            *,
            sum(if(place = 8, 0, amount)) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) AS after_line,
            after_line - amount AS before_line
        FROM lines
    )
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
    FROM ar_rollforward AS s
    WHERE s.month <= today AND s.month > addMonths(toStartOfMonth(today), -13)
        AND {{template "filters"}}
    GROUP BY first_day
)
ORDER BY first_day{{end}}

{{define "top_exposures"}}WITH
    {{template "today"}},
    (
        SELECT arraySort(groupUniqArray(as_of))
        FROM ar_snapshots
        WHERE {{template "days"}}
            AND as_of > addMonths(today, -12)
    ) AS all_days,
    by_day AS (
        SELECT
            {{template "grouped"}} AS group_id,
            s.as_of AS day,
            ifNull(toFloat64(sum(s.open_part)), 0) AS open_total,
            ifNull(toFloat64(sum(s.overdue_part)), 0) AS overdue_total
        FROM (
            SELECT s.as_of AS as_of, s.customer_id AS customer_id, {{open}} AS open_part, {{overdue}} AS overdue_part
            FROM {{template "snapshots"}}
            WHERE {{template "days"}}
                AND as_of > addMonths(today, -12)
                AND {{template "filters"}}
        ) AS s
        LEFT JOIN customers_current AS c ON c.customer_id = s.customer_id
        GROUP BY group_id, day
    ),
    by_group AS (
        SELECT
            group_id,
            sumIf(open_total, day = today) AS open_now,
            sumIf(overdue_total, day = today) AS overdue_now,
            mapFromArrays(groupArray(day), groupArray(open_total)) AS by_date,
            arrayMap(d -> by_date[d], all_days) AS history -- a day without a row is a day without balance
        FROM by_day
        GROUP BY group_id
    )
SELECT
    if(ifNull(n.name, '') = '', g.group_id, n.name) AS `{{t "Customer"}}`,
    g.group_id AS customer_id,
    g.open_now{{scale}} AS `{{t "Open"}}`,
    g.overdue_now{{scale}} AS `{{t "Overdue"}}`,
    g.overdue_now / nullIf(g.open_now, 0) AS `{{t "Overdue %"}}`,
    g.open_now / nullIf((SELECT sum(open_now) FROM by_group), 0) AS `{{t "Share"}}`,
    g.history AS `{{t "12 months"}}`
FROM by_group AS g
LEFT JOIN customers_current AS n ON n.customer_id = g.group_id
WHERE g.open_now > 0
ORDER BY g.open_now DESC, g.group_id
LIMIT 10{{end}}

{{define "late_by_segment"}}WITH
    {{template "today"}}
SELECT
    if(id = '(none)', '{{t "No segment"}}', id) AS `{{t "Segment"}}`{{range buckets}},
    toFloat64({{.Column}}) / nullIf(toFloat64(open_total), 0) AS `{{t .Title}}`{{end}},
    toFloat64(open_total){{scale}} AS `{{t "Open"}}`
FROM (
    SELECT
        ifNull(segment, '(none)') AS id,
        sum({{open}}) AS open_total,
        sum({{overdue}}) AS overdue_total{{range buckets}},
        sum({{v .Column}}) AS {{.Column}}{{end}}
    FROM {{template "snapshots"}}
    WHERE as_of = today
        AND {{template "filters"}}
    GROUP BY id
)
WHERE open_total > 0
ORDER BY toFloat64(overdue_total) / toFloat64(open_total) DESC, open_total DESC{{end}}

{{define "tie_out"}}WITH
    {{template "today"}},
    checks AS (
        SELECT 1 AS place, '{{t "Every roll-forward closes"}}' AS title, count() AS compared, sum(abs(check_amount)) AS difference
        FROM ar_rollforward
        UNION ALL
        SELECT 2, '{{t "Aging buckets add up to open receivables"}}', count(),
            sum(abs(not_due + d1_30 + d31_60 + d61_90 + d91_120 + d121_180 + d181_365 + d366_plus - open_amount))
        FROM ar_snapshots
        WHERE as_of = today
        UNION ALL
        SELECT 3, '{{t "Open, unapplied and credits give the net balance"}}', count(), sum(abs(open_amount + unapplied + open_credits - net_ar))
        FROM ar_snapshots
        WHERE as_of = today
        UNION ALL
        SELECT 4, '{{t "Roll-forward closing is the snapshot of the last full month"}}', count(), sum(abs(closing_balance - snapshot_balance))
        FROM (
            SELECT company, currency, sumIf(amount, side = 1) AS closing_balance, sumIf(amount, side = 2) AS snapshot_balance
            FROM (
                SELECT company, currency, sum(closing) AS amount, 1 AS side
                FROM ar_rollforward
                WHERE month = toStartOfMonth(if(today = toLastDayOfMonth(today), today, addMonths(today, -1)))
                GROUP BY company, currency
                UNION ALL
                SELECT company, currency, sum(net_ar), 2
                FROM ar_snapshots
                WHERE as_of = toLastDayOfMonth(if(today = toLastDayOfMonth(today), today, addMonths(today, -1)))
                GROUP BY company, currency
            )
            GROUP BY company, currency
        )
    )
SELECT
    title AS `{{t "Check"}}`,
    compared AS `{{t "Compared"}}`,
    toString(round(difference, 2)) AS `{{t "Difference"}}`,
    multiIf(compared = 0, '{{t "nothing to compare"}}', difference = 0, '{{t "balances"}}', '{{t "does not balance"}}') AS `{{t "Result"}}`
FROM checks
ORDER BY place{{end}}
