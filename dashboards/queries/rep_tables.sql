{{/* The steps of the worklist in words. */}}
{{define "rep_step"}}transform(ifNull({{.}}, ''), ['settle_dispute', 'escalate', 'stop_supply', 'call', 'remind', 'wait'],
        [{{q "Settle the dispute"}}, {{q "Call and escalate"}}, {{q "Hold orders and call"}}, {{q "Call now"}}, {{q "Remind"}}, {{q "Wait for the promise"}}], ''){{end}}

{{define "rep_customers"}}WITH
    {{template "today"}},
    owing AS (
        SELECT
            debtor, -- '' is the total
            sumIf(open_part, day = today) AS open_sum,
            sumIf(late_part, day = today) AS late_sum,
            arrayMap(p -> p.2, arraySort(p -> p.1, groupArray((day, open_part)))) AS history
        FROM (
            SELECT
                s.customer_id AS debtor,
                s.as_of AS day,
                sum({{open}}) AS open_part,
                sum({{overdue}}) AS late_part
            FROM {{template "snapshots"}}
            WHERE {{template "single_days" 12}}
                AND s.as_of > addMonths(today, -12)
                AND {{template "filters"}}
            GROUP BY GROUPING SETS ((debtor, day), (day))
        )
        GROUP BY debtor
        HAVING open_sum != 0
    ),
    oldest AS (
        SELECT s.customer_id AS late_id, max(s.days_past_due) AS late_days
        FROM ar_open_items AS s
        WHERE s.as_of = today AND s.open_amount > 0
            AND {{where "s" "owner" "company" "customer" "currency"}}
        GROUP BY late_id
    )
SELECT
    if(l.debtor = '', '{{t "Total"}}', toString(row_number() OVER (ORDER BY l.debtor != '', l.late_sum DESC, l.open_sum DESC, l.debtor) - 1)) AS `{{t "Rank"}}`,
    if(l.debtor = '', '', ifNull(f.customer_name, l.debtor)) AS `{{t "Customer"}}`,
    l.debtor AS customer_id,
    l.open_sum{{scale}} AS `{{t "Open"}}`,
    l.late_sum{{scale}} AS `{{t "Overdue"}}`,
    l.late_sum / nullIf(l.open_sum, 0) AS `{{t "Overdue %"}}`,
    if(o.late_days > 0, toFloat64(o.late_days), NULL) AS `{{t "Oldest, days"}}`,
    l.history AS `{{t "12 months"}}`,
    toDateTime(f.last_cash_on, 'UTC') AS `{{t "Last cash"}}`,
    toDateTime(f.last_visit_on, 'UTC') AS `{{t "Last visit"}}`,
    toDateTime(f.promised_until, 'UTC') AS `{{t "Promised until"}}`,
    {{template "rep_step" "f.next_action"}} AS `{{t "Do this"}}`,
    toFloat64(f.utilisation) AS `{{t "Limit used"}}`,
    ifNull(nullIf(f.grade, 'NR'), '') AS `{{t "Grade"}}`
FROM owing AS l
LEFT JOIN (
    SELECT customer_id, customer_name, last_cash_on, last_visit_on, promised_until, next_action, utilisation, grade
    FROM customer_file
    WHERE customer_id IN (SELECT s.customer_id FROM ar_snapshots AS s WHERE s.as_of = today AND {{template "filters"}})
) AS f ON f.customer_id = l.debtor
LEFT JOIN oldest AS o ON o.late_id = l.debtor
ORDER BY l.debtor != '', l.late_sum DESC, l.open_sum DESC, l.debtor
LIMIT 300{{end}}

{{/* The rep's team is the one of today; its rate is the ratio of its sums. */}}
{{define "rep_rate"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    (SELECT any(team) FROM reps_current WHERE rep_id IN (${rep:sqlstring})) AS my_team
SELECT
    toDateTime(toLastDayOfMonth(first_day), 'UTC') AS time,
    100 * my_cash / nullIf(my_base, 0) AS `{{t "This rep"}}`,
    100 * team_cash / nullIf(team_base, 0) AS `{{t "Team"}}`
FROM (
    SELECT
        s.month AS first_day,
        toFloat64(sumIf(s.collected_due_basis, {{where "s" "rep"}})) AS my_cash,
        toFloat64(sumIf(s.due_basis_denominator, {{where "s" "rep"}})) AS my_base,
        toFloat64(sum(s.collected_due_basis)) AS team_cash,
        if(countIf(s.reason = 'missing_rate') > 0, NULL, toFloat64(sum(s.due_basis_denominator))) AS team_base
    FROM rep_collection AS s
    WHERE s.month <= rep_month AND s.month >= addMonths(rep_month, -24)
        AND (s.team = my_team OR {{where "s" "rep"}})
        AND {{where "s" "company"}}
        AND {{only "company"}} AND {{converted}}
    GROUP BY first_day
)
WHERE my_base > 0
ORDER BY time{{end}}

{{define "rep_promises"}}WITH
    {{template "today"}}
SELECT
    toDateTime(s.due_date, 'UTC') AS `{{t "Due"}}`,
    ifNull(c.name, s.customer_id) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    toFloat64({{m "s.amount"}}){{scale}} AS `{{t "Promised"}}`,
    toFloat64({{m "s.paid"}}){{scale}} AS `{{t "Paid"}}`,
    toFloat64(s.times_moved) AS `{{t "Moved"}}`,
    multiIf(s.status = 'broken', {{q "missed"}}, s.status = 'partial', {{q "paid in part"}}, {{q "still open"}}) AS `{{t "Status"}}`
FROM promise_outcomes AS s
LEFT JOIN customer_directory AS c ON c.customer_id = s.customer_id
WHERE (s.status IN ('broken', 'partial') AND s.due_date <= today AND s.due_date > today - 30 OR s.status = 'open' AND s.due_date <= today + 30)
    AND s.made_on <= today
    AND {{where "s" "rep" "customer" "customer_segment" "customer_region" "currency"}}
ORDER BY s.due_date, s.customer_id, s.promise_id
LIMIT 100{{end}}

{{define "rep_visits"}}WITH
    {{template "today"}}
SELECT
    toDateTime(s.day, 'UTC') AS `{{t "When"}}`,
    ifNull(c.name, s.customer_id) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    if(s.channel = 'call', {{q "call"}}, {{q "visit"}}) AS `{{t "Kind"}}`,
    toFloat64(s.overdue_rc){{scale}} AS `{{t "Overdue"}}`,
    toFloat64(s.cash_before_rc){{scale}} AS `{{t "Before"}}`,
    if(s.window_complete, toFloat64(s.cash_rc), NULL){{scale}} AS `{{t "After"}}`,
    multiIf(ifNull(s.agreement_reached, false), {{q "agreed"}}, v.said = '', '', {{template "sales_code" "v.said"}}) AS `{{t "Outcome"}}`
FROM visit_outcomes AS s
LEFT JOIN (SELECT visit_id, ifNull(refusal_code, '') AS said FROM visits WHERE {{where "" "rep"}}) AS v ON v.visit_id = s.visit_id
LEFT JOIN customer_directory AS c ON c.customer_id = s.customer_id
WHERE s.day <= today
    AND {{where "s" "rep" "customer" "customer_segment" "customer_region"}} AND {{converted}}
ORDER BY s.day DESC, s.visit_id
LIMIT 60{{end}}

{{define "rep_worklist"}}SELECT
    toFloat64(row_number() OVER (ORDER BY s.rank)) AS `{{t "Rank"}}`,
    ifNull(s.customer_name, s.customer_id) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    toFloat64(s.priority) AS `{{t "Priority"}}`,
    {{template "rep_step" "s.next_action"}} AS `{{t "Do this"}}`,
    toFloat64(s.overdue_rc){{scale}} AS `{{t "Overdue"}}`,
    toFloat64(s.undisputed_overdue_rc){{scale}} AS `{{t "Undisputed"}}`,
    toFloat64(s.max_days_past_due) AS `{{t "Oldest, days"}}`,
    toFloat64(s.days_behind) AS `{{t "Behind habit, days"}}`,
    toDateTime(s.last_contact_on, 'UTC') AS `{{t "Last contact"}}`,
    if(s.broken_promise, {{q "broken"}}, '') AS `{{t "Last promise"}}`,
    if(s.grade = 'NR', '', s.grade) AS `{{t "Grade"}}`
FROM worklist AS s
WHERE s.next_action != 'wait' AND {{converted}}
    AND {{where "s" "owner" "customer" "customer_segment" "customer_region"}}
    AND {{only "customer" "segment" "region"}}
ORDER BY s.rank
LIMIT 100{{end}}
