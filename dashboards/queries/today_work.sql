{{define "today_coverage"}}WITH
    {{template "today"}}
SELECT
    if(s.owner_id = 'unassigned', '{{t "Unassigned"}}', if(ifNull(any(s.owner_name), '') = '', s.owner_id, any(s.owner_name))) AS `{{t "Owner"}}`,
    s.owner_id AS owner_id,
    toFloat64(sum(s.overdue_rc)){{scale}} AS `{{t "Overdue"}}`,
    toFloat64(sum(s.covered_rc)) / nullIf(toFloat64(sum(s.overdue_rc)), 0) AS `{{t "Contacted"}}`,
    toFloat64(sum(s.never_contacted_rc)){{scale}} AS `{{t "Never"}}`,
    toFloat64(sum(s.first_contact_lag_days)) / nullIf(toFloat64(sum(s.first_contacts)), 0) AS `{{t "First after"}}`
FROM coverage AS s
WHERE {{where "s" "company" "owner"}}
    AND {{only "company" "rep"}} AND {{converted}} AND {{template "today_built"}}
GROUP BY s.owner_id
HAVING sum(s.overdue_rc) > 0
ORDER BY s.owner_id = 'unassigned' DESC, sum(s.overdue_rc - s.covered_rc) DESC, s.owner_id
LIMIT 100{{end}}


{{define "today_ladder"}}WITH
    {{template "today"}}
SELECT
    {{template "method_words" "method"}} AS `{{t "Step"}}`,
    toFloat64(steps) AS `{{t "Taken"}}`,
    toFloat64(customers_this_far) AS `{{t "Customers"}}`,
    toFloat64(paid_rate) AS `{{t "Paid after"}}`,
    toFloat64(recovery_rate) AS `{{t "Of the amount"}}`,
    toFloat64(went_on_rate) AS `{{t "Went on"}}`,
    toFloat64(days_to_next_median) AS `{{t "Days to next"}}`
FROM escalation_ladder
WHERE steps > 0 AND {{template "today_built"}}
ORDER BY step_no{{end}}

{{define "today_dunning"}}WITH
    {{template "today"}}
SELECT
    toDateTime(month, 'UTC') AS time,
    100 * toFloat64(response_rate) AS `{{t "Paid something"}}`,
    100 * toFloat64(recovery_rate) AS `{{t "Of the amount"}}`,
    100 * toFloat64(answer_rate) AS `{{t "Answered"}}`
FROM dunning_response
WHERE period = 'month' AND dimension = 'all' AND month <= today
    AND {{only}}
ORDER BY time{{end}}

{{define "today_cures"}}WITH
    {{template "today"}},
    {{template "scope"}}
SELECT
    {{month "day"}} AS month,
    100 * assisted / whole AS `{{t "After a contact"}}`,
    100 * alone / whole AS `{{t "By itself"}}`
FROM (
    SELECT month_end AS day, toFloat64(sum(overdue_rc)) AS whole, toFloat64(sum(self_cured_rc)) AS alone, toFloat64(sum(assisted_cured_rc)) AS assisted
    FROM cure_rates
    WHERE complete AND month_end <= today AND month_end > addMonths(today, -13) AND {{converted}}
        AND {{template "in_scope"}}
    GROUP BY month_end
    HAVING whole > 0
)
ORDER BY day{{end}}

{{define "today_able"}}WITH
    {{template "today"}}
SELECT
    if(ifNull(s.customer_name, '') = '', s.customer_id, s.customer_name) AS `{{t "Customer"}}`,
    toFloat64(s.ability) AS `{{t "Ability to pay"}}`,
    toFloat64(s.willingness) AS `{{t "Willingness to pay"}}`,
    toFloat64(s.overdue_rc){{scale}} AS `{{t "Overdue"}}`
FROM ability_willingness AS s
WHERE s.as_of = today AND s.ability IS NOT NULL AND s.willingness IS NOT NULL AND s.overdue_rc > 0 AND {{converted}}
    AND {{template "today_customers"}}
ORDER BY s.overdue_rc DESC, s.customer_id{{end}}

{{/* What the chart cannot say without rows. */}}
{{define "today_rated"}}SELECT if(count() = 0, {{q " – nobody for this selection"}}, '') AS words
FROM ({{template "today_able"}}){{end}}

{{/* Worse first: able and not willing. */}}
{{define "today_quadrants"}}WITH
    {{template "today"}}
SELECT
    transform(s.quadrant, ['able_unwilling', 'unable_unwilling', 'unable_willing', 'able_willing', 'unknown'],
        [{{q "can, will not"}}, {{q "cannot, will not"}}, {{q "would, cannot"}}, {{q "can and will"}}, {{q "not known"}}], s.quadrant) AS `{{t "Customers who"}}`,
    toFloat64(count()) AS `{{t "Customers"}}`,
    toFloat64(sum(s.overdue_rc)){{scale}} AS `{{t "Overdue"}}`,
    transform(s.quadrant, ['able_unwilling', 'unable_unwilling', 'unable_willing', 'able_willing', 'unknown'],
        [{{q "Press: escalate, hold orders"}}, {{q "Secure, legal action"}}, {{q "Agree a plan"}}, {{q "Remind"}}, {{q "Review"}}], s.quadrant) AS `{{t "What helps"}}`
FROM ability_willingness AS s
WHERE s.as_of = today AND {{converted}}
    AND {{template "today_customers"}}
GROUP BY s.quadrant
ORDER BY indexOf(['able_unwilling', 'unable_unwilling', 'unable_willing', 'able_willing', 'unknown'], s.quadrant){{end}}

{{define "today_reviews"}}WITH
    {{template "today"}}
SELECT
    if(ifNull(s.customer_name, '') = '', s.customer_id, s.customer_name) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    multiIf(s.status = 'never_reviewed', {{q "never"}}, s.status = 'overdue', {{q "expired"}}, s.status = 'due_soon', {{q "due soon"}}, {{q "old accounts"}}) AS `{{t "Review"}}`,
    if(ifNull(s.grade, 'NR') = 'NR', '', s.grade) AS `{{t "Grade"}}`,
    toDateTime(s.last_review_on, 'UTC') AS `{{t "Last review"}}`,
    if(s.days_overdue > 0, toFloat64(s.days_overdue), NULL) AS `{{t "Late, days"}}`,
    toFloat64(s.exposure_rc){{scale}} AS `{{t "Exposure"}}`
FROM credit_reviews_due AS s
WHERE s.as_of = (SELECT max(as_of) FROM credit_reviews_due WHERE as_of <= today) AND (s.status != 'current' OR s.stale_financials) AND s.exposure_rc > 0 AND {{converted}}
    AND {{template "today_customers"}}
ORDER BY indexOf(['never_reviewed', 'overdue', 'due_soon'], s.status) = 0, s.status = 'due_soon', s.exposure_rc DESC, s.customer_id
LIMIT 200{{end}}

{{define "today_proof_filters"}}{{where "s" "company" "customer" "customer_segment" "customer_region" "customer_owner"}}
        AND {{converted}} AND {{template "today_built"}}{{end}}

{{define "today_proof"}}WITH
    {{template "today"}}
SELECT ifNull(concat(' – ', toString(round(100 * toFloat64(sumIf(s.overdue_rc, s.provable)) / nullIf(toFloat64(sum(s.overdue_rc)), 0))), '{{t " %"}} {{t "of the overdue can be proved"}}'), '') AS words
FROM evidence_completeness AS s
WHERE {{template "today_proof_filters"}}{{end}}

{{define "today_missing"}}WITH
    {{template "today"}}
SELECT
    if(ifNull(n.name, '') = '', s.customer_id, n.name) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    s.invoice_id AS `{{t "Invoice"}}`,
    arrayStringConcat(arrayMap(x -> transform(x, ['contract', 'order', 'delivery_receipt', 'invoice_copy', 'statement', 'acceptance'],
        [{{q "contract"}}, {{q "order"}}, {{q "delivery receipt"}}, {{q "invoice copy"}}, {{q "statement"}}, {{q "acceptance"}}], x), splitByString(', ', s.missing)), {{q ", "}}) AS `{{t "Missing"}}`,
    toFloat64(s.days_past_due) AS `{{t "Days"}}`,
    toFloat64(s.overdue_rc){{scale}} AS `{{t "Overdue"}}`
FROM evidence_completeness AS s
LEFT JOIN customer_directory AS n ON n.customer_id = s.customer_id
WHERE NOT s.provable AND s.overdue_rc > 0
    AND {{template "today_proof_filters"}}
ORDER BY s.overdue_rc DESC, s.invoice_id
LIMIT 200{{end}}

{{define "today_statements"}}WITH
    {{template "today"}}
SELECT
    transform(state, ['mismatch', 'never_sent', 'not_sent', 'unanswered', 'outdated', 'confirmed'],
        [{{q "differs"}}, {{q "never sent"}}, {{q "not sent"}}, {{q "no answer"}}, {{q "too old"}}, {{q "confirmed"}}], state) AS `{{t "Statement"}}`,
    customers_in AS `{{t "Customers"}}`,
    open_in{{scale}} AS `{{t "Open"}}`,
    open_in / nullIf(sum(open_in) OVER (), 0) AS `{{t "Share"}}`,
    oldest AS `{{t "Oldest, days"}}`
FROM (
    SELECT s.status AS state, toFloat64(uniqExact(s.customer_id)) AS customers_in, toFloat64(sum(ifNull(s.open_amount_rc, 0))) AS open_in, toFloat64(max(s.age_days)) AS oldest
    FROM statement_reconciliation AS s
    WHERE {{template "today_built"}} AND {{converted}}
        AND {{template "today_customers"}}
    GROUP BY state
)
ORDER BY indexOf(['mismatch', 'never_sent', 'not_sent', 'unanswered', 'outdated', 'confirmed'], state){{end}}

{{define "today_statements_differ"}}WITH
    {{template "today"}}
SELECT
    if(ifNull(n.name, '') = '', s.customer_id, n.name) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    toDateTime(s.period_end, 'UTC') AS `{{t "Statement of"}}`,
    toString(s.currency) AS `{{t "Currency"}}`,
    toFloat64(s.our_balance) AS `{{t "Our balance"}}`,
    toFloat64(s.their_balance) AS `{{t "Theirs"}}`,
    toFloat64(s.difference) AS `{{t "Difference"}}`
FROM statement_reconciliation AS s
LEFT JOIN customer_directory AS n ON n.customer_id = s.customer_id
WHERE s.status = 'mismatch' AND {{template "today_built"}}
    AND {{where "s" "currency"}}
    AND {{template "today_customers"}}
ORDER BY abs(s.difference) DESC, s.customer_id
LIMIT 100{{end}}
