{{/* How disputes, holds and plans end. */}}

{{/* The selection, and of the whole group also by reason and by department. */}}
{{define "today_dispute_ends"}}WITH
    {{template "today"}},
    {{template "scope"}}
SELECT
    multiIf(
        scope = 'reason', {{template "dispute_words" "scope_id"}},
        scope = 'owner_dept', concat({{q "Department: "}}, if(scope_id = '', {{q "none given"}}, {{template "department" "scope_id"}})),
        {{q "Total"}}) AS `{{t "Reason, department"}}`,
    toFloat64(sum(open_count)) AS `{{t "Open now"}}`,
    toFloat64(sum(open_disputed)){{scale}} AS `{{t "In dispute"}}`,
    toFloat64(sum(resolved_count)) AS `{{t "Closed"}}`,
    toFloat64(sum(days_to_resolve_numerator)) / nullIf(toFloat64(sum(resolved_count)), 0) AS `{{t "Days to settle"}}`,
    toFloat64(sum(valid_count)) / nullIf(toFloat64(sum(judged_count)), 0) AS `{{t "Customer was right"}}`
FROM disputes_summary
WHERE {{template "today_built"}} AND {{converted}}
    AND ({{template "in_scope"}}
        OR wanted_scope = 'group' AND scope IN ('reason', 'owner_dept'))
GROUP BY scope, if(scope IN ('reason', 'owner_dept'), scope_id, '') AS scope_id
ORDER BY indexOf(['reason', 'owner_dept'], scope), sum(resolved_count) DESC, scope_id{{end}}

{{define "today_dispute_flow"}}flow AS (
        SELECT
            month AS first_day,
            toNullable(100 * toFloat64(sum(disputed_rc)) / nullIf(toFloat64(sum(invoiced_rc)), 0)) AS rate,
            100 * toFloat64(sum(disputed_late_count)) / nullIf(toFloat64(sum(disputed_due_count)), 0) AS late_with,
            100 * toFloat64(sum(undisputed_late_count)) / nullIf(toFloat64(sum(undisputed_due_count)), 0) AS late_without
        FROM dispute_flow
        WHERE month <= today AND month > addMonths(today, -26)
            AND {{template "in_scope"}}
        GROUP BY first_day
    ){{end}}

{{define "today_dispute_rate"}}WITH
    {{template "today"}},
    {{template "scope"}},
    {{template "today_dispute_flow"}}
SELECT
    {{month "first_day"}} AS month,
    rate AS `{{t "Disputed"}}`,
    year_before AS `{{t "A year before"}}`
FROM (
    SELECT first_day, rate, any(rate) OVER (ORDER BY toRelativeMonthNum(first_day) RANGE BETWEEN 12 PRECEDING AND 12 PRECEDING) AS year_before
    FROM flow
)
WHERE first_day > addMonths(today, -13)
ORDER BY first_day{{end}}

{{define "today_dispute_late"}}WITH
    {{template "today"}},
    {{template "scope"}},
    {{template "today_dispute_flow"}}
SELECT
    toDateTime(toLastDayOfMonth(first_day), 'UTC') AS time,
    late_with AS `{{t "Disputed invoices"}}`,
    late_without AS `{{t "The others"}}`
FROM flow
WHERE toLastDayOfMonth(first_day) < today
ORDER BY time{{end}}

{{/* All of them on top, then one by one, the newest first. */}}
{{define "today_holds"}}WITH
    {{template "today"}},
    holds AS (
        SELECT s.customer_id AS held_id, s.held_on AS began, s.released_on AS ended, s.released_by AS by_whom, toFloat64(s.days_held) AS held_days, toFloat64(s.days_to_cash) AS cash_days, toFloat64(s.cash_rc) AS cash
        FROM order_hold_effect AS s
        WHERE s.held_on <= today AND s.held_on > addMonths(today, -12) AND {{converted}}
            AND {{template "today_customers"}}
    )
SELECT
    toDateTime(began, 'UTC') AS `{{t "Held on"}}`,
    if(place = 0, held_id, if(ifNull(n.name, '') = '', held_id, n.name)) AS `{{t "Customer"}}`,
    if(place = 0, '', held_id) AS customer_id,
    held_days AS `{{t "Days held"}}`,
    cash_days AS `{{t "Days to cash"}}`,
    if(cash = 0, NULL, cash){{scale}} AS `{{t "Cash after"}}`,
    multiIf(place = 0, '', ended IS NULL, {{q "still held"}}, ended > today, {{q "still held"}}, ifNull(by_whom, '') = '', {{q "not known"}}, assumeNotNull(by_whom)) AS `{{t "Released by"}}`
FROM (
    SELECT 0 AS place, CAST(NULL AS Nullable(Date32)) AS began, {{say "All holds: {}" "toString(count())"}} AS held_id, quantileExact(0.5)(held_days) AS held_days,
        quantileExactOrNull(0.5)(cash_days) AS cash_days, sum(cash) AS cash, CAST(NULL AS Nullable(Date32)) AS ended, CAST(NULL AS Nullable(String)) AS by_whom
    FROM holds
    HAVING count() > 0
    UNION ALL
    SELECT 1, began, held_id, held_days, cash_days, cash, ended, by_whom
    FROM holds
) AS h
LEFT JOIN customer_directory AS n ON n.customer_id = h.held_id
ORDER BY place, began DESC, held_id
LIMIT 200{{end}}

{{/* Of everybody the total and each rep; of chosen reps or customers those. */}}
{{define "today_plans"}}WITH
    {{template "today"}}
SELECT
    if(s.dimension = 'all', {{q "Total"}}, if(ifNull(s.name, '') = '', s.value, s.name)) AS `{{t "Agreed by"}}`,
    toFloat64(s.plans) AS `{{t "Plans"}}`,
    toFloat64(s.live) AS `{{t "Running"}}`,
    toFloat64(s.kept) AS `{{t "Held to"}}`,
    toFloat64(s.broken) AS `{{t "Broken"}}`,
    toFloat64(s.replaced) AS `{{t "Renewed"}}`,
    toFloat64(s.line_kept_rate) AS `{{t "Instalments kept"}}`,
    toFloat64(s.remaining_rc){{scale}} AS `{{t "Remaining"}}`
FROM plan_performance AS s
WHERE s.period = 'all' AND {{template "today_built"}} AND {{converted}}
    AND (s.dimension = 'all' AND {{only}}
        OR s.dimension = 'rep' AND {{only "rep"}} AND $__conditionalAll(if(s.value = '', 'unassigned', s.value) IN (${rep:sqlstring}), $rep)
        OR s.dimension = 'customer' AND {{only "customer"}} AND NOT ({{only}}) AND $__conditionalAll(s.value IN (${customer:sqlstring}), $customer))
ORDER BY s.dimension != 'all', s.remaining_rc DESC, s.value
LIMIT 100{{end}}
