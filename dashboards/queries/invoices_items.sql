{{define "invoices_count"}}WITH
    {{template "invoices_open"}}
SELECT
    toDateTime(any(day), 'UTC') AS time,
    concat({{count "countIf(past_due > 0)"}}, ' ', '{{t "overdue"}}') AS label,
    toFloat64(count()) AS v
FROM items
CROSS JOIN (SELECT max(as_of) AS day FROM ar_as_of) AS a
HAVING count() > 0{{end}}

{{define "invoices_oldest"}}WITH
    {{template "invoices_open"}}
SELECT
    toDateTime(day, 'UTC') AS time,
    coalesce(c.name, o.customer_id) AS label,
    toFloat64(past_due) AS v
FROM (SELECT customer_id, past_due FROM items WHERE past_due > 0 ORDER BY past_due DESC, open_part DESC, invoice_id LIMIT 1) AS o
CROSS JOIN (SELECT max(as_of) AS day FROM ar_as_of) AS a
LEFT JOIN customer_directory AS c ON c.customer_id = o.customer_id{{end}}

{{define "invoices_promised"}}SELECT
    toDateTime(any(day), 'UTC') AS time,
    concat(toString(count()), ' ', '{{t "promises"}}') AS label,
    toFloat64(sum({{m "s.amount"}} - {{m "s.paid"}} - {{m "s.reduced"}})){{scale}} AS v
FROM promise_outcomes AS s
CROSS JOIN (SELECT max(as_of) AS day FROM ar_as_of) AS a
WHERE s.status = 'open'
    AND {{where "s" "customer" "customer_segment" "customer_region" "customer_owner" "currency"}}
HAVING count() > 0{{end}}

{{define "invoices_disputed"}}WITH
    {{template "invoices_open"}}
SELECT
    toDateTime(any(day), 'UTC') AS time,
    concat(toString(round(100 * sum(disputed_part) / nullIf(sum(open_part), 0), 1)), '{{t " %"}}', ' · ', toString(countIf(disputed_part > 0)), ' ', '{{t "items"}}') AS label,
    sum(disputed_part){{scale}} AS v
FROM items
CROSS JOIN (SELECT max(as_of) AS day FROM ar_as_of) AS a
HAVING count() > 0{{end}}

{{define "invoices_buckets"}}WITH
    {{template "invoices_open"}},
    [{{range $i, $b := buckets}}{{if $i}}, {{end}}'{{t $b.Title}}'{{end}}] AS titles,
    ['not_due', '1-30', '31-60', '61-90', '91-120', '121-180', '181-365', '366+'] AS names
SELECT
    label AS `{{t "Days overdue"}}`,
    toFloat64(item_count) AS `{{t "Items"}}`,
    toFloat64(customer_count) AS `{{t "Customers"}}`,
    open_total{{scale}} AS `{{t "Open"}}`,
    open_total / nullIf(max(open_total) OVER (), 0) AS `{{t "Share"}}`,
    disputed_total{{scale}} AS `{{t "Disputed amount"}}`
FROM (
    SELECT indexOf(names, bucket_name) AS place, if(place = 0, bucket_name, titles[place]) AS label, count() AS item_count, uniqExact(customer_id) AS customer_count,
        sum(open_part) AS open_total, sum(disputed_part) AS disputed_total
    FROM items
    GROUP BY bucket_name
    UNION ALL
    SELECT 99, {{q "Total"}}, count(), uniqExact(customer_id), sum(open_part), sum(disputed_part)
    FROM items
    HAVING count() > 0
)
ORDER BY place{{end}}

{{define "invoices_items"}}WITH
    {{template "invoices_open"}},
    [{{range $i, $b := buckets}}{{if $i}}, {{end}}'{{t $b.Title}}'{{end}}] AS titles,
    ['not_due', '1-30', '31-60', '61-90', '91-120', '121-180', '181-365', '366+'] AS names,
    shown AS (
        SELECT *
        FROM items
        ORDER BY past_due DESC, open_part DESC, invoice_id, instalment_seq
        LIMIT 500
    )
SELECT
    coalesce(c.name, s.customer_id) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    if(s.instalment_seq > 1, concat(s.invoice_id, ' / ', toString(s.instalment_seq)), s.invoice_id) AS `{{t "Invoice"}}`,
    toDateTime(s.due_date, 'UTC') AS `{{t "Due on"}}`,
    if(indexOf(names, s.bucket_name) = 0, s.bucket_name, titles[indexOf(names, s.bucket_name)]) AS `{{t "Days overdue"}}`,
    toFloat64(s.days_old) AS `{{t "Days"}}`,
    toFloat64(s.item_open) AS `{{t "Still open"}}`,
    s.item_currency AS `{{t "Currency"}}`,
    s.open_part{{scale}} AS `{{t "Open"}}`,
    1 - toFloat64(s.item_open) / nullIf(toFloat64(s.item_amount), 0) AS `{{t "Settled"}}`,
    if(s.item_disputed > 0, {{q "yes"}}, '') AS `{{t "Disputed"}}`,
    toDateTime(p.promised_for, 'UTC') AS `{{t "Promised for"}}`,
    toDateTime(n.expected_on, 'UTC') AS `{{t "Expected on"}}`,
    coalesce(o.name, if(s.owner_id IN ('', 'unassigned'), NULL, s.owner_id), {{q "Unassigned"}}) AS `{{t "Owner"}}`,
    s.owner_id AS owner_id
FROM shown AS s
LEFT JOIN customer_directory AS c ON c.customer_id = s.customer_id
LEFT JOIN reps_current AS o ON o.rep_id = s.owner_id
LEFT JOIN (SELECT customer_id, toNullable(min(due_date)) AS promised_for FROM promise_outcomes WHERE status = 'open' GROUP BY customer_id) AS p ON p.customer_id = s.customer_id
LEFT JOIN (
    SELECT source, invoice_id, instalment_seq, any(expected_on) AS expected_on
    FROM collection_plan
    WHERE invoice_id IN (SELECT invoice_id FROM shown)
    GROUP BY source, invoice_id, instalment_seq
) AS n ON n.source = s.source AND n.invoice_id = s.invoice_id AND n.instalment_seq = s.instalment_seq
ORDER BY s.past_due DESC, s.open_part DESC, s.invoice_id, s.instalment_seq{{end}}

{{define "invoices_settled"}}SELECT
    coalesce(c.name, s.customer_id) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    s.invoice_id AS `{{t "Invoice"}}`,
    toDateTime(s.due_date, 'UTC') AS `{{t "Due on"}}`,
    toDateTime(s.settled_on, 'UTC') AS `{{t "Settled on"}}`,
    toFloat64(dateDiff('day', s.due_date, s.settled_on)) AS `{{t "Days late"}}`,
    toFloat64(s.amount) AS `{{t "Amount"}}`,
    s.currency AS `{{t "Currency"}}`,
    toFloat64({{m "s.amount"}}){{scale}} AS `{{t "Settled amount"}}`,
    multiIf(s.cleared_by = 'cash', {{q "cash"}}, s.cleared_by = 'credit', {{q "credit note"}}, {{q "write-off"}}) AS `{{t "By"}}`,
    coalesce(o.name, {{q "Unassigned"}}) AS `{{t "Owner"}}`
FROM (
    SELECT i.customer_id AS customer_id, i.invoice_id AS invoice_id, i.due_date AS due_date, i.settled_on AS settled_on, i.amount AS amount, i.amount_rc AS amount_rc,
        i.currency AS currency, i.cleared_by AS cleared_by, i.owner_id AS owner_id
    FROM settled_items AS i
    WHERE {{where "i" "company" "segment" "region" "owner" "customer" "currency"}}
    ORDER BY i.amount_rc DESC NULLS LAST, i.invoice_id
    LIMIT 100
) AS s
LEFT JOIN customer_directory AS c ON c.customer_id = s.customer_id
LEFT JOIN reps_current AS o ON o.rep_id = s.owner_id
ORDER BY s.amount_rc DESC NULLS LAST, s.invoice_id{{end}}
