{{define "sales_stop"}}SELECT
    ifNull(s.customer_name, s.customer_id) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    multiIf(s.status = 'held', {{q "held"}}, {{q "stop"}}) AS `{{t "Status"}}`,
    multiIf(s.rule = 'both', {{q "both"}}, s.rule = 'overdue', {{q "past terms"}}, {{q "over limit"}}) AS `{{t "Why"}}`,
    if(s.items_without_rate > 0, NULL, toFloat64(s.overdue_rc){{scale}}) AS `{{t "Overdue"}}`,
    if(s.items_without_rate > 0, toFloat64(s.items_without_rate), NULL) AS `{{t "No rate"}}`,
    toFloat64(s.max_days_past_due) AS `{{t "Days"}}`,
    if(s.breach_rc > 0, toFloat64(s.breach_rc), NULL){{scale}} AS `{{t "Over limit"}}`,
    ifNull(r.name, s.owner_id) AS `{{t "Rep"}}`,
    s.owner_id AS rep_id
FROM (
    SELECT *, owner_id AS owned_by
    FROM (SELECT customer_id, customer_name, owner_id, status, rule, overdue_rc, items_without_rate, max_days_past_due, breach_rc FROM stop_supply WHERE status != 'release')
) AS s
LEFT JOIN reps_current AS r ON r.rep_id = s.owner_id
WHERE {{where "s" "owner" "customer" "customer_segment" "customer_region"}}
    AND {{only "rep" "customer" "segment" "region"}} AND {{converted}}
ORDER BY s.status = 'held', s.items_without_rate > 0 DESC, s.overdue_rc DESC, s.customer_id
LIMIT 60{{end}}

{{define "sales_violations"}}WITH
    {{template "today"}}
SELECT
    toDateTime(s.shipped_on, 'UTC') AS `{{t "Delivered"}}`,
    ifNull(c.name, s.customer_id) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    toFloat64(s.amount) AS `{{t "Amount"}}`,
    s.currency AS `{{t "Currency"}}`,
    toFloat64(s.days_past_due) AS `{{t "Days"}}`,
    multiIf(s.held, {{q "held"}}, {{q "rule broken"}}) AS `{{t "Why"}}`,
    ifNull(s.approved_by, '{{t "nobody"}}') AS `{{t "Released by"}}`
FROM stop_supply_violations AS s
LEFT JOIN customer_directory AS c ON c.customer_id = s.customer_id
WHERE s.shipped_on <= today AND s.shipped_on > addMonths(today, -3)
    AND {{where "s" "customer" "customer_segment" "customer_region" "customer_owner" "currency"}}
    AND {{only "rep" "customer" "segment" "region"}}
ORDER BY s.shipped_on DESC, s.delivery_id
LIMIT 60{{end}}

{{define "sales_orders"}}WITH
    {{template "today"}}
SELECT
    {{month "first_day"}} AS month,
    over_limit AS `{{t "Released over limit"}}`
FROM (
    SELECT toStartOfMonth(s.order_date) AS first_day, toFloat64(countIf(s.released_over_limit)) AS over_limit
    FROM orders AS s
    WHERE s.order_date <= today AND s.order_date >= addMonths(toStartOfMonth(today), -12)
        AND {{where "s" "company" "rep" "customer" "customer_segment" "customer_region" "currency"}}
    GROUP BY first_day
)
ORDER BY first_day{{end}}

{{define "sales_terms"}}WITH
    {{template "today"}},
    {{template "scope"}}
SELECT
    toDateTime(toLastDayOfMonth(first_day), 'UTC') AS time,
    granted_days / nullIf(granted_base, 0) AS `{{t "Terms granted"}}`,
    taken_days / nullIf(taken_base, 0) AS `{{t "Days taken"}}`
FROM (
    SELECT month AS first_day, toFloat64(sum(terms_granted_numerator)) AS granted_days, toFloat64(sum(billed_rc)) AS granted_base, toFloat64(sum(days_to_pay_numerator)) AS taken_days, toFloat64(sum(paid_rc)) AS taken_base
    FROM terms_taken
    WHERE period = 'month' AND month <= today AND month > addMonths(today, -25) AND {{converted}}
        AND {{template "in_scope"}}
    GROUP BY first_day
)
ORDER BY time{{end}}

{{define "sales_retention"}}WITH
    {{template "today"}},
    {{template "scope"}}
SELECT
    toDateTime(toLastDayOfMonth(first_day), 'UTC') AS time,
    100 * sumIf(stayed, called = 'visited') / nullIf(sumIf(people, called = 'visited'), 0) AS `{{t "Visited"}}`,
    100 * sumIf(stayed, called = 'dunned') / nullIf(sumIf(people, called = 'dunned'), 0) AS `{{t "Sent a notice"}}`,
    100 * sumIf(stayed, called = 'not_contacted') / nullIf(sumIf(people, called = 'not_contacted'), 0) AS `{{t "Left alone"}}`
FROM (
    SELECT month AS first_day, customer_group AS called, toFloat64(customers) AS people, toFloat64(retained) AS stayed
    FROM retention
    WHERE horizon_days = 90 AND complete AND month <= today AND month > addMonths(today, -25)
        AND {{template "in_scope"}}
)
GROUP BY first_day
ORDER BY time{{end}}

{{/* The same cash by four answers to the question whose it is; totals are equal. */}}
{{define "sales_whose"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_named"}},
    split AS (
        SELECT
            arrayJoin([0, 1]) AS level,
            if(level = 0, '', s.rep_id) AS person{{range list "invoice_rep" "owner_at_due" "owner_at_cash" "owner_today"}},
            toFloat64(sumIf(s.collected, s.basis = '{{.}}')) AS {{.}}{{end}}
        FROM rep_attribution AS s
        WHERE s.month = rep_month
            AND {{template "sales_filters"}}
        GROUP BY level, person
    )
SELECT
    if(level = 0, '{{t "Total"}}', {{template "sales_title" "person"}}) AS `{{t "Rep"}}`,
    invoice_rep{{scale}} AS `{{t "Invoiced by"}}`,
    owner_at_due{{scale}} AS `{{t "Owner when due"}}`,
    owner_at_cash{{scale}} AS `{{t "Owner at receipt"}}`,
    owner_today{{scale}} AS `{{t "Owner today"}}`
FROM split
LEFT JOIN names ON names.named_id = split.person
ORDER BY level, owner_at_cash DESC, person{{end}}

{{define "sales_transfers"}}WITH
    {{template "today"}},
    {{template "sales_named"}},
    changes AS (
        SELECT customer_id, rep_id AS to_rep, valid_from AS moved_on,
            lagInFrame(rep_id, 1, '') OVER (PARTITION BY customer_id ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS from_rep
        FROM account_owners
        WHERE valid_from <= today
    ),
    owed AS (
        SELECT s.customer_id AS debtor, toFloat64(sum({{v "open_amount"}})) AS open_now, toFloat64(sum({{v "overdue"}})) AS late_now
        FROM {{template "snapshots"}}
        WHERE s.as_of = today AND s.customer_id IN (SELECT customer_id FROM account_owners WHERE valid_from <= today AND valid_from > addMonths(today, -6))
            AND {{where "s" "company" "currency"}}
        GROUP BY debtor
    )
SELECT
    toDateTime(s.moved_on, 'UTC') AS `{{t "When"}}`,
    ifNull(c.name, s.customer_id) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    ifNull(a.rep_title, s.from_rep) AS `{{t "Handed over by"}}`,
    ifNull(b.rep_title, s.to_rep) AS `{{t "Taken over by"}}`,
    o.open_now{{scale}} AS `{{t "Open"}}`,
    o.late_now{{scale}} AS `{{t "Overdue"}}`
FROM changes AS s
LEFT JOIN (SELECT customer_id, name FROM customer_directory WHERE customer_id IN (SELECT customer_id FROM account_owners WHERE valid_from <= today AND valid_from > addMonths(today, -6))) AS c ON c.customer_id = s.customer_id
LEFT JOIN names AS a ON a.named_id = s.from_rep
LEFT JOIN names AS b ON b.named_id = s.to_rep
LEFT JOIN owed AS o ON o.debtor = s.customer_id
WHERE s.from_rep NOT IN ('', s.to_rep) AND s.moved_on > addMonths(today, -6)
    AND ($__conditionalAll(s.from_rep IN (${rep:sqlstring}), $rep) OR $__conditionalAll(s.to_rep IN (${rep:sqlstring}), $rep))
    AND {{where "s" "customer" "customer_segment" "customer_region"}}
ORDER BY s.moved_on DESC, o.open_now DESC, s.customer_id
LIMIT 40{{end}}

{{define "sales_compliance"}}SELECT
    transform(s.phase, ['before', 'during', 'after'], [{{q "before"}}, {{q "during"}}, {{q "after"}}], '') AS `{{t "Phase"}}`,
    transform(s.rule, ['credit_reviewed', 'limit_set', 'contract_on_file', 'terms_in_policy', 'delivery_signed', 'statement_confirmed', 'within_limit', 'reminded_before_due', 'dunned', 'visited', 'promised', 'legal_or_written_off'],
        [{{q "Credit reviewed"}}, {{q "Limit set"}}, {{q "Contract on file"}}, {{q "Terms within policy"}}, {{q "Delivery signed"}}, {{q "Statement confirmed"}}, {{q "Within the limit"}}, {{q "Reminded before due"}}, {{q "Notice sent in time"}},
        {{q "Visited or called"}}, {{q "Promise obtained"}}, {{q "Legal step or written off"}}], s.rule) AS `{{t "Rule"}}`,
    toFloat64(sum(s.passed_rc)) / nullIf(toFloat64(sum(s.total_rc)), 0) AS `{{t "Rule kept"}}`,
    toFloat64(sum(s.total_rc) - sum(s.passed_rc)){{scale}} AS `{{t "Not kept"}}`
FROM compliance_scorecard AS s
WHERE {{where "s" "company"}} AND {{only "company"}} AND {{converted}}
GROUP BY s.phase, s.rule, s.rule_no
ORDER BY s.rule_no{{end}}

{{define "sales_redated"}}WITH
    {{template "today"}},
    moves AS (
        SELECT toDate32(changed_at) AS moved_on, ifNull(customer_id, '') AS customer_id, invoice_id AS document, 'moved' AS what, toFloat64(days_moved) AS days, out_of_overdue AS rescued, toFloat64(open_then_rc) AS amount,
            ifNull(edited_by, '') AS person
        FROM redated_documents
        WHERE change = 'due_date_later'
        UNION ALL
        SELECT rebilled_on, customer_id, concat(invoice_id, ' → ', rebilled_as), 'rebilled', toFloat64(days_won), ifNull(days_past_due > 0, false), toFloat64(amount_rc),
            arrayStringConcat(arrayDistinct(arrayFilter(x -> x != '', [ifNull(edited_by, ''), ifNull(rebilled_by, '')])), ' → ')
        FROM credit_and_rebill
    )
SELECT
    toDateTime(s.moved_on, 'UTC') AS `{{t "When"}}`,
    if(ifNull(n.name, '') = '', s.customer_id, n.name) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    s.document AS `{{t "Invoice"}}`,
    if(s.what = 'moved', {{q "due date moved"}}, {{q "billed again"}}) AS `{{t "What"}}`,
    s.days AS `{{t "Days won"}}`,
    if(s.rescued, {{q "yes"}}, '') AS `{{t "Was overdue"}}`,
    s.amount{{scale}} AS `{{t "Amount"}}`,
    s.person AS `{{t "Changed by"}}`
FROM moves AS s
LEFT JOIN customer_directory AS n ON n.customer_id = s.customer_id
WHERE s.moved_on <= today AND s.moved_on > addMonths(today, -6)
    AND {{where "s" "customer" "customer_segment" "customer_region" "customer_owner"}}
    AND {{only "rep" "customer" "segment" "region"}} AND {{converted}}
ORDER BY s.moved_on DESC, s.document
LIMIT 100{{end}}

{{define "sales_concessions"}}WITH
    {{template "today"}}
SELECT
    toDateTime(s.granted_on, 'UTC') AS `{{t "When"}}`,
    if(ifNull(n.name, '') = '', s.customer_id, n.name) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    transform(s.kind, ['discount', 'extension', 'price', 'instalments'], [{{q "Discount"}}, {{q "Extension"}}, {{q "Price"}}, {{q "Instalments"}}], s.kind) AS `{{t "Kind"}}`,
    toFloat64(s.amount) AS `{{t "Conceded"}}`,
    s.currency AS `{{t "Currency"}}`,
    toFloat64(s.days_extended) AS `{{t "Days put off"}}`,
    toFloat64(s.cost_rc){{scale}} AS `{{t "Cost"}}`,
    toFloat64(s.earlier) AS `{{t "Earlier ones"}}`,
    toFloat64(s.paid_after_days) AS `{{t "Paid after, days"}}`,
    ifNull(s.approved_by, '{{t "nobody"}}') AS `{{t "Approved by"}}`
FROM concession_cost AS s
LEFT JOIN customer_directory AS n ON n.customer_id = s.customer_id
WHERE s.granted_on <= today AND s.granted_on > addMonths(today, -12)
    AND {{where "s" "customer" "customer_segment" "customer_region" "customer_owner"}}
    AND {{only "rep" "customer" "segment" "region"}} AND {{converted}}
ORDER BY s.granted_on DESC, s.concession_id
LIMIT 100{{end}}
