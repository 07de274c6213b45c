{{define "customer_overdue"}}WITH
    {{template "today"}},
    points AS (
        SELECT as_of AS day, toNullable(toFloat64(sum({{overdue}})){{scale}}) AS v
        FROM {{template "snapshots"}}
        WHERE {{template "single_days"}}
            AND {{template "filters"}}
        GROUP BY as_of
    ),
    {{stat "percent"}}{{end}}

{{define "customer_limit"}}WITH
    {{template "today"}},
    points AS (
        SELECT as_of AS day, 100 * toFloat64(any(utilisation)) AS v
        FROM exposure_by_customer
        WHERE {{template "days"}}
            AND level = 'customer' AND customer_id IN (${customer:sqlstring})
        GROUP BY as_of
    ),
    {{stat "points"}}{{end}}

{{define "customer_pay"}}WITH
    {{template "today"}}
SELECT
    toDateTime(month_end, 'UTC') AS time,
    (
        SELECT concat(if(round(late) > 0, '+', ''), toString(toInt64(round(late))), ' ', '{{t "days beyond terms"}}')
        FROM (SELECT toFloat64(sum(days_beyond_terms_signed_numerator)) / nullIf(toFloat64(sum(days_to_pay_w365_denominator)), 0) AS late
            FROM payment_behaviour WHERE customer_id IN (${customer:sqlstring}) AND {{where "" "company"}} AND month_end = (SELECT max(month_end) FROM payment_behaviour WHERE month_end <= today))
        WHERE late IS NOT NULL
    ) AS label,
    toFloat64(sum(days_to_pay_w365_numerator)) / nullIf(toFloat64(sum(days_to_pay_w365_denominator)), 0) AS v
FROM payment_behaviour
WHERE customer_id IN (${customer:sqlstring})
    AND month_end <= today AND month_end >= addMonths(today, -24)
    AND {{where "" "company"}}
GROUP BY time
HAVING v IS NOT NULL
ORDER BY time{{end}}

{{define "customer_grade"}}WITH
    {{template "today"}}
SELECT
    concat('{{t "score"}} ', ifNull(toString(round(toFloat64(score))), '–'), ' · ', toString(as_of)) AS label,
    effective_grade AS v
FROM risk_grades
WHERE customer_id IN (${customer:sqlstring}) AND as_of <= today
ORDER BY as_of DESC
LIMIT 1{{end}}

{{define "customer_next"}}SELECT
    multiIf(ifNull(priority, 0) > 0, concat('{{t "priority"}} ', toString(round(toFloat64(assumeNotNull(priority))))), isNotNull(promised_until), concat('{{t "promised for"}} ', toString(assumeNotNull(promised_until))), ' ') AS label,
    transform(assumeNotNull(next_action), ['settle_dispute', 'escalate', 'stop_supply', 'call', 'remind', 'wait'],
        [{{q "Settle the dispute"}}, {{q "Call and escalate"}}, {{q "Hold orders and call"}}, {{q "Call now"}}, {{q "Remind"}}, {{q "Wait"}}], replaceAll(assumeNotNull(next_action), '_', ' ')) AS v
FROM customer_file
WHERE customer_id IN (${customer:sqlstring}) AND next_action IS NOT NULL{{end}}

{{define "customer_days"}}WITH
    {{template "today"}}
SELECT
    toDateTime(month_end, 'UTC') AS time,
    toFloat64(sum(days_to_pay_w365_numerator)) / nullIf(toFloat64(sum(days_to_pay_w365_denominator)), 0) AS `{{t "Days to pay"}}`,
    toFloat64(sum(terms_numerator)) / nullIf(toFloat64(sum(days_to_pay_w365_denominator)), 0) AS `{{t "Terms"}}`
FROM payment_behaviour
WHERE customer_id IN (${customer:sqlstring})
    AND month_end <= today AND month_end >= addMonths(today, -24)
    AND {{where "" "company"}}
GROUP BY time
HAVING `{{t "Days to pay"}}` IS NOT NULL
ORDER BY time{{end}}

{{define "customer_exposure"}}WITH
    {{template "today"}}
SELECT
    toDateTime(as_of, 'UTC') AS time,
    toFloat64(any(exposure_rc)){{scale}} AS `{{t "Exposure"}}`,
    toFloat64(any(limit_rc)){{scale}} AS `{{t "Limit"}}`
FROM exposure_by_customer
WHERE level = 'customer' AND customer_id IN (${customer:sqlstring})
    AND as_of <= today AND as_of >= addMonths(today, -24)
    AND {{converted}}
GROUP BY time
ORDER BY time{{end}}

{{define "customer_score"}}WITH
    {{template "today"}}
SELECT
    toDateTime(as_of, 'UTC') AS time,
    toFloat64(any(score)) AS `{{t "Score"}}`,
    toFloat64(any(points_overdue)) AS `{{t "Overdue points"}}`,
    toFloat64(any(points_late)) AS `{{t "Lateness points"}}`,
    toFloat64(any(points_broken)) AS `{{t "Promise points"}}`
FROM risk_grades
WHERE customer_id IN (${customer:sqlstring})
    AND as_of <= today AND as_of >= addMonths(today, -24)
GROUP BY time
ORDER BY time{{end}}

{{define "customer_cash"}}SELECT
    {{day "week"}} AS week,
    toFloat64(sum({{m "s.expected"}})){{scale}} AS `{{t "Expected"}}`,
    toFloat64(sum({{m "s.naive_due_date"}})){{scale}} AS `{{t "If paid when due"}}`
FROM cash_forecast AS s
WHERE s.customer_id IN (${customer:sqlstring})
    AND {{where "s" "company" "currency"}}
GROUP BY s.week
ORDER BY s.week{{end}}
