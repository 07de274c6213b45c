{{define "customer_items"}}WITH
    {{template "invoices_open"}},
    [{{range $i, $b := buckets}}{{if $i}}, {{end}}'{{t $b.Title}}'{{end}}] AS titles,
    ['not_due', '1-30', '31-60', '61-90', '91-120', '121-180', '181-365', '366+'] AS names
SELECT
    shown AS `{{t "Invoice"}}`,
    customer_id,
    invoiced AS `{{t "Invoiced on"}}`,
    due AS `{{t "Due on"}}`,
    days AS `{{t "Days"}}`,
    bucket_title AS `{{t "Days overdue"}}`,
    still_open AS `{{t "Still open"}}`,
    code AS `{{t "Currency"}}`,
    open_value AS `{{t "Open"}}`,
    in_dispute AS `{{t "Disputed"}}`
FROM (
    SELECT 0 AS place, past_due AS late, invoice_id AS shown, customer_id, toNullable(toDateTime(invoice_date, 'UTC')) AS invoiced, toNullable(toDateTime(due_date, 'UTC')) AS due, toNullable(toFloat64(days_old)) AS days,
        if(indexOf(names, bucket_name) = 0, bucket_name, titles[indexOf(names, bucket_name)]) AS bucket_title, toString(item_currency) AS code, toNullable(toFloat64(item_open)) AS still_open,
        toNullable(open_part{{scale}}) AS open_value, if(item_disputed > 0, {{q "yes"}}, '') AS in_dispute
    FROM items
    UNION ALL
    SELECT 1, 0, {{q "Total"}}, any(customer_id), NULL, NULL, NULL, '', if(uniqExact(item_currency) = 1, toString(any(item_currency)), ''),
        if(uniqExact(item_currency) = 1, toFloat64(sum(item_open)), NULL), sum(open_part){{scale}}, ''
    FROM items
    HAVING count() > 0
)
ORDER BY place, late DESC, shown
LIMIT 300{{end}}

{{/* What the timeline says in codes; names and remarks stay as they are. */}}
{{define "customer_detail"}}multiIf(
            kind = 'legal', '',
            kind = 'promise', concat('{{t "promised for"}} ', substring(detail, 5, 10), '{{t ", "}}', transform(splitByString(', ', detail)[2],
                ['open', 'kept', 'partial', 'broken', 'moved', 'cancelled'], [{{q "open"}}, {{q "kept"}}, {{q "in part"}}, {{q "broken"}}, {{q "moved"}}, {{q "called off"}}], splitByString(', ', detail)[2])),
            kind = 'notice', concat({{template "method_words" "splitByChar(' ', detail)[1]"}}, ' ', splitByChar(' ', detail)[2]),
            kind = 'dispute', {{template "dispute_words" "detail"}},
            kind = 'dispute_closed', transform(detail, ['valid', 'partial', 'invalid'], [{{q "valid"}}, {{q "in part"}}, {{q "not valid"}}], detail),
            kind = 'concession', transform(detail, ['discount', 'extension', 'price', 'instalments'], [{{q "discount"}}, {{q "more time"}}, {{q "price"}}, {{q "in instalments"}}], detail),
            kind = 'override', concat(transform(splitByChar(' ', detail)[1], ['terms', 'limit', 'order'], [{{q "terms"}}, {{q "limit"}}, {{q "order"}}], splitByChar(' ', detail)[1]), ' ', splitByChar(' ', detail)[2]),
            kind = 'hold', transform(detail, ['overdue', 'over_limit', 'manual'], [{{q "overdue"}}, {{q "over limit"}}, {{q "by hand"}}], replaceAll(detail, '_', ' ')),
            kind = 'confirmed', if(detail = 'difference', {{q "their balance is another"}}, detail),
            arrayStringConcat(arrayMap(x -> transform(x, {{template "code_words"}}, x), splitByString(', ', detail)), '{{t ", "}}')){{end}}

{{define "customer_happened"}}WITH
    {{template "today"}}
SELECT
    toDateTime(day, 'UTC') AS `{{t "Date"}}`,
    multiIf(kind IN ('invoice', 'debit_note'), {{q "Invoiced"}}, kind = 'cash', {{q "Cash"}}, kind = 'visit', {{q "Visit"}}, kind = 'call', {{q "Call"}}, kind = 'promise', {{q "Promise"}}, kind = 'notice', {{q "Notice"}},
        kind IN ('dispute', 'dispute_closed'), {{q "Dispute"}}, kind = 'credit_note', {{q "Credit note"}}, kind = 'hold', {{q "Hold"}}, kind = 'release', {{q "Release"}}, {{q "Other"}}) AS `{{t "What"}}`,
    arrayStringConcat(arrayFilter(x -> x != '', [
        transform(toString(kind), ['refund', 'legal', 'override', 'review', 'statement', 'concession', 'write_off', 'confirmed', 'dispute_closed', 'debit_note'],
            [{{q "refund"}}, {{q "legal step"}}, {{q "override"}}, {{q "credit review"}}, {{q "statement sent"}}, {{q "concession"}}, {{q "write-off"}}, {{q "balance confirmed"}}, {{q "closed"}}, {{q "debit note"}}], ''),
        {{template "customer_detail"}},
        if(kind IN ('invoice', 'debit_note', 'credit_note', 'cash', 'refund', 'write_off', 'dispute'), ifNull(ref_id, ''), '')]), ' · ') AS `{{t "Detail"}}`,
    toFloat64(abs(amount)) AS `{{t "Amount"}}`,
    currency AS `{{t "Currency"}}`
FROM (
    SELECT day, kind, ifNull(detail, '') AS detail, ref_id, amount, currency
    FROM customer_timeline
    WHERE customer_id IN (${customer:sqlstring}) AND day <= today
    ORDER BY day DESC, kind, ref_id
    LIMIT 200
)
ORDER BY day DESC, kind, ref_id{{end}}

{{define "customer_promises"}}WITH
    {{template "today"}}
SELECT
    toDateTime(made_on, 'UTC') AS `{{t "Made on"}}`,
    toDateTime(due_date, 'UTC') AS `{{t "Promised for"}}`,
    toFloat64(amount) AS `{{t "Amount"}}`,
    currency AS `{{t "Currency"}}`,
    toFloat64(paid) / nullIf(toFloat64(amount) - toFloat64(reduced), 0) AS `{{t "Paid share"}}`,
    multiIf(status = 'open', {{q "open"}}, status = 'kept', {{q "kept"}}, status = 'partial', {{q "in part"}}, status = 'broken', {{q "broken"}}, {{q "moved"}}) AS `{{t "Result"}}`
FROM promise_outcomes
WHERE customer_id IN (${customer:sqlstring}) AND made_on <= today
ORDER BY made_on DESC, due_date DESC, promise_id
LIMIT 100{{end}}

{{define "customer_visits"}}WITH
    {{template "today"}}
SELECT
    toDateTime(v.day, 'UTC') AS `{{t "Date"}}`,
    coalesce(r.name, v.rep_id) AS `{{t "Visitor"}}`,
    transform(ifNull(v.channel, ''), ['meeting', 'call', 'video', 'site'], [{{q "meeting"}}, {{q "call"}}, {{q "video call"}}, {{q "site visit"}}], ifNull(v.channel, '')) AS `{{t "Channel"}}`,
    if(ifNull(v.agreement_reached, false), {{q "yes"}}, '') AS `{{t "Agreed"}}`,
    if({{converted}}, toFloat64(v.overdue_rc), NULL){{scale}} AS `{{t "Overdue"}}`,
    if({{converted}}, toFloat64(v.cash_rc), NULL){{scale}} AS `{{t "Cash"}}`
FROM (
    SELECT day, rep_id, channel, agreement_reached, overdue_rc, cash_rc, visit_id
    FROM visit_outcomes
    WHERE customer_id IN (${customer:sqlstring}) AND day <= today
    ORDER BY day DESC, visit_id
    LIMIT 100
) AS v
LEFT JOIN reps_current AS r ON r.rep_id = v.rep_id
ORDER BY v.day DESC, v.visit_id{{end}}

{{define "customer_people"}}SELECT
    ifNull(name, '') AS `{{t "Name"}}`,
    transform(ifNull(role, ''), ['payer', 'buyer', 'approver', 'reconciler', 'other'], [{{q "payer"}}, {{q "buyer"}}, {{q "approver"}}, {{q "reconciler"}}, {{q "other"}}], ifNull(role, '')) AS `{{t "Role"}}`,
    ifNull(phone, '') AS `{{t "Telephone"}}`,
    toDateTime(last_spoken_on, 'UTC') AS `{{t "Last spoken"}}`
FROM contacts
WHERE customer_id IN (${customer:sqlstring}) AND ifNull(valid, true)
ORDER BY last_spoken_on DESC NULLS LAST, contact_id
LIMIT 50{{end}}

{{define "customer_warnings"}}SELECT
    toDateTime(raised_on, 'UTC') AS `{{t "Since"}}`,
    {{template "warning_rule" "toString(s.rule)"}} AS `{{t "Signal"}}`,
    if(still_raised, {{q "raised"}}, {{q "cleared"}}) AS `{{t "State"}}`,
    {{template "warning_evidence"}} AS `{{t "Evidence"}}`
FROM (
    SELECT raised_on, rule, rule_no, still_raised, toFloat64(measure) AS measure, toFloat64(baseline) AS baseline
    FROM early_warnings
    WHERE customer_id IN (${customer:sqlstring})
) AS s
ORDER BY still_raised DESC, raised_on DESC, rule_no
LIMIT 50{{end}}

{{define "customer_group"}}SELECT
    coalesce(f.customer_name, f.customer_id) AS `{{t "Customer"}}`,
    f.customer_id AS customer_id,
    if({{converted}}, toFloat64(f.open_rc), NULL){{scale}} AS `{{t "Open"}}`,
    if({{converted}}, toFloat64(f.overdue_rc), NULL){{scale}} AS `{{t "Overdue"}}`,
    if(f.grade = 'NR', '', f.grade) AS `{{t "Grade"}}`
FROM customer_file AS f
WHERE f.customer_id IN (${customer:sqlstring})
    OR f.group_id IN (SELECT group_id FROM customer_file WHERE customer_id IN (${customer:sqlstring}) AND ifNull(group_id, '') != '')
ORDER BY f.open_rc DESC, f.customer_id
LIMIT 50{{end}}

{{define "customer_facts"}}SELECT
    line.1 AS `{{t "Measure"}}`,
    line.2 AS `{{t "Value"}}`
FROM (
    SELECT arrayJoin([
        ({{q "Group"}}, ifNull(group_name, '')),
        ({{q "Industry"}}, ifNull(industry, '')),
        ({{q "Ownership"}}, ifNull(ownership_type, '')),
        ({{q "Terms"}}, ifNull({{template "terms" "terms_code"}}, '')),
        ({{q "Usual pay day"}}, if(isNull(usual_weekday), '', [{{q "Monday"}}, {{q "Tuesday"}}, {{q "Wednesday"}}, {{q "Thursday"}}, {{q "Friday"}}, {{q "Saturday"}}, {{q "Sunday"}}][toUInt8(assumeNotNull(usual_weekday))])),
        ({{q "Last invoice"}}, ifNull(toString(last_invoice_on), '')),
        ({{q "Last cash"}}, ifNull(concat(toString(last_cash_on)), '')),
        ({{q "Kept, missed, moved"}}, concat(toString(promises_kept), ' / ', toString(promises_missed), ' / ', toString(promises_moved))),
        ({{q "Last visit"}}, ifNull(toString(last_visit_on), '')),
        ({{q "Last notice"}}, ifNull(toString(last_notice_on), '')),
        ({{q "Gaps in contacts"}}, replaceAll(replaceAll(replaceAll(ifNull(contact_gaps, ''), 'no_approver', {{q "no approver"}}), 'silent', {{q "nobody answers"}}), 'original_left', {{q "contact has left"}})),
        ({{q "Balance confirmed"}}, transform(ifNull(statement_status, ''), ['unanswered', 'confirmed', 'mismatch', 'outdated', 'never_sent'], [{{q "unanswered"}}, {{q "confirmed"}}, {{q "does not agree"}}, {{q "out of date"}}, {{q "none sent"}}], replaceAll(ifNull(statement_status, ''), '_', ' ')))
    ]) AS line
    FROM customer_file
    WHERE customer_id IN (${customer:sqlstring})
)
WHERE line.2 != ''{{end}}
