{{/* One reason, what weighs most first. */}}
{{define "today_reason"}}multiIf(
        has(codes, 'broken_promise'), {{q "Broken promise"}},
        has(codes, 'disputed'), {{q "Disputed"}},
        has(codes, 'old'), {{q "Over 90 days"}},
        has(codes, 'no_contact'), {{q "Never contacted"}},
        has(codes, 'large'), {{q "Large amount"}},
        has(codes, 'high_risk'), {{q "High risk"}},
        has(codes, 'behind_habit'), {{q "Later than usual"}},
        {{q "Past due"}}){{end}}

{{define "today_worklist"}}WITH
    {{template "today"}},
    {{template "today_owed"}},
    said AS (
        SELECT customer_id AS said_id, due_date AS said_for, toFloat64({{m "amount"}}) AS said_amount
        FROM promise_outcomes AS s
        WHERE status IN ('broken', 'partial') AND due_date <= today AND made_on <= today AND {{where "s" "currency"}}
        ORDER BY customer_id DESC, due_date DESC, promise_id DESC
        LIMIT 1 BY customer_id
    )
SELECT
    toFloat64(row_number() OVER (ORDER BY s.rank)) AS `#`,
    if(ifNull(s.customer_name, '') = '', s.customer_id, s.customer_name) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    toFloat64(s.priority) AS `{{t "Priority"}}`,
    {{template "today_reason"}} AS `{{t "Why"}}`,
    transform(s.next_action, ['settle_dispute', 'escalate', 'stop_supply', 'call', 'remind'],
        [{{q "Settle the dispute"}}, {{q "Call and escalate"}}, {{q "Hold orders and call"}}, {{q "Call now"}}, {{q "Remind"}}], s.next_action) AS `{{t "Do this"}}`,
    overdue_now{{scale}} AS `{{t "Overdue"}}`,
    toFloat64(s.max_days_past_due) AS `{{t "Days"}}`,
    toDateTime(s.last_contact_on, 'UTC') AS `{{t "Last contact"}}`,
    if(s.broken_promise AND said_for IS NOT NULL, toDateTime(said_for, 'UTC'), NULL) AS `{{t "Promised for"}}`,
    if(s.broken_promise AND said_for IS NOT NULL, said_amount{{scale}}, NULL) AS `{{t "Promised"}}`,
    if(s.grade = 'NR', '', s.grade) AS `{{t "Grade"}}`,
    if(s.owner_id = 'unassigned', '{{t "Unassigned"}}', if(ifNull(s.owner_name, '') = '', s.owner_id, s.owner_name)) AS `{{t "Owner"}}`,
    s.owner_id AS owner_id
FROM (SELECT rank, customer_id, customer_name, owner_id, owner_name, priority, broken_promise, max_days_past_due, grade, last_contact_on, next_action, splitByString(', ', reasons) AS codes FROM worklist) AS s
INNER JOIN owed ON owing_id = s.customer_id
LEFT JOIN (SELECT said_id, toNullable(said_for) AS said_for, said_amount FROM said) AS said ON said_id = s.customer_id
WHERE overdue_now > 0 AND s.next_action != 'wait' AND {{template "today_built"}}
ORDER BY s.rank
LIMIT 200{{end}}

{{define "today_warnings"}}WITH
    {{template "today"}},
    {{template "today_owed"}}
SELECT
    transform(severity_code, ['high', 'medium', 'low'], [{{q "high"}}, {{q "medium"}}, {{q "low"}}], severity_code) AS `{{t "Severity"}}`,
    {{template "warning_rule" "rule_code"}} AS `{{t "Rule"}}`,
    customer_title AS `{{t "Customer"}}`,
    warned_id AS customer_id,
    words AS `{{t "Evidence"}}`,
    toDateTime(born, 'UTC') AS `{{t "Since"}}`,
    open_now{{scale}} AS `{{t "Open"}}`
FROM (
    SELECT
        toString(s.severity) AS severity_code,
        toString(s.rule) AS rule_code,
        if(ifNull(s.customer_name, '') = '', s.customer_id, s.customer_name) AS customer_title,
        s.customer_id AS warned_id,
        s.raised_on AS born,
        open_now,
        {{template "warning_evidence"}} AS words
    FROM (
        SELECT s.severity AS severity, s.rule AS rule, s.rule_no AS rule_no, s.customer_id AS customer_id, s.customer_name AS customer_name, s.raised_on AS raised_on,
            toFloat64(s.measure) AS measure, toFloat64(s.baseline) AS baseline, ifNull(open_now, 0) AS open_now
        FROM early_warnings AS s
        LEFT JOIN owed ON owing_id = s.customer_id
        WHERE s.raised_on <= today AND (s.still_raised OR s.cleared_on > today)
            AND {{template "today_customers"}}
        ORDER BY indexOf(['high', 'medium', 'low'], toString(severity)), raised_on > toLastDayOfMonth(addMonths(today, -1)) DESC, open_now DESC, customer_id, rule
        LIMIT 200
    ) AS s
)
ORDER BY indexOf(['high', 'medium', 'low'], severity_code), born > toLastDayOfMonth(addMonths(today, -1)) DESC, open_now DESC, warned_id, rule_code{{end}}

{{define "today_promise_list"}}WITH
    {{template "today"}},
    {{template "today_promises"}}
SELECT
    toDateTime(due_on, 'UTC') AS `{{t "Due"}}`,
    multiIf(state = 'broken', {{q "broken"}}, state = 'partial', {{q "partial"}}, days_late = 0, {{q "today"}}, days_late > 0, {{q "in grace"}}, {{q "to come"}}) AS `{{t "Status"}}`,
    if(ifNull(n.name, '') = '', promising_id, n.name) AS `{{t "Customer"}}`,
    promising_id AS customer_id,
    if(is_plan, {{q "Plan line"}}, {{q "Promise"}}) AS `{{t "Kind"}}`,
    amount_promised{{scale}} AS `{{t "Promised"}}`,
    amount_paid{{scale}} AS `{{t "Paid"}}`,
    toFloat64(days_late) AS `{{t "Days"}}`,
    toFloat64(moves) AS `{{t "Moved"}}`
FROM promised
LEFT JOIN customer_directory AS n ON n.customer_id = promising_id
WHERE state IN ('open', 'broken', 'partial') AND days_late BETWEEN -14 AND 14
ORDER BY multiIf(days_late BETWEEN 0 AND 2 AND state = 'open', 0, days_late > 0, 1, 2), abs(days_late), amount_promised - amount_paid DESC, promising_id
LIMIT 200{{end}}

{{define "today_limits"}}WITH
    {{template "today"}}
SELECT
    if(ifNull(s.customer_name, '') = '', s.customer_id, s.customer_name) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    transform(s.flag, ['over_limit', 'near_limit', 'no_credit', 'limit_missing', 'missing_rate'],
        [{{q "over"}}, {{q "near"}}, {{q "no credit"}}, {{q "no limit set"}}, {{q "no rate"}}], s.flag) AS `{{t "Limit"}}`,
    toFloat64(s.limit_rc){{scale}} AS `{{t "Granted"}}`,
    toFloat64(s.exposure_rc){{scale}} AS `{{t "Exposure"}}`,
    toFloat64(s.breach_rc){{scale}} AS `{{t "Above"}}`,
    toFloat64(s.utilisation) AS `{{t "Used"}}`
FROM exposure_by_customer AS s
WHERE s.as_of = (SELECT max(as_of) FROM exposure_by_customer WHERE as_of <= today) AND s.level = 'customer' AND s.flag NOT IN ('ok', 'cash_only') AND {{converted}}
    AND {{template "today_customers"}}
ORDER BY indexOf(['over_limit', 'no_credit', 'limit_missing', 'missing_rate', 'near_limit'], s.flag), s.breach_rc DESC, s.exposure_rc DESC, s.customer_id
LIMIT 200{{end}}

{{define "today_stop_supply"}}WITH
    {{template "today"}}
SELECT
    if(ifNull(s.customer_name, '') = '', s.customer_id, s.customer_name) AS `{{t "Customer"}}`,
    s.customer_id AS customer_id,
    transform(s.status, ['candidate', 'held', 'release'], [{{q "stop"}}, {{q "held"}}, {{q "release"}}], s.status) AS `{{t "Supply"}}`,
    transform(toString(s.rule), ['overdue', 'over_limit', 'both', 'none'], [{{q "Overdue"}}, {{q "Over limit"}}, {{q "Both"}}, {{q "No longer true"}}], toString(s.rule)) AS `{{t "Why"}}`,
    toFloat64(s.max_days_past_due) AS `{{t "Days"}}`,
    if(s.items_without_rate > 0, NULL, toFloat64(s.overdue_rc){{scale}}) AS `{{t "Overdue"}}`,
    if(s.items_without_rate > 0, toFloat64(s.items_without_rate), NULL) AS `{{t "No rate"}}`,
    if(s.breach_rc > 0, toFloat64(s.breach_rc){{scale}}, NULL) AS `{{t "Above limit"}}`,
    toDateTime(s.held_since, 'UTC') AS `{{t "Held since"}}`
FROM stop_supply AS s
WHERE {{template "today_built"}} AND {{converted}}
    AND {{template "today_customers"}}
ORDER BY indexOf(['release', 'candidate', 'held'], s.status), indexOf(['both', 'overdue', 'over_limit'], toString(s.rule)), s.items_without_rate > 0 DESC, s.overdue_rc DESC, s.customer_id
LIMIT 200{{end}}

{{define "today_aging"}}WITH
    {{template "today"}}
SELECT
    if(ifNull(n.name, '') = '', aged_id, n.name) AS customer{{range overdueBuckets}},
    toFloat64({{.Column}}){{scale}} AS `{{t .Title}}`{{end}}
FROM (
    SELECT
        s.customer_id AS aged_id,
        sum({{overdue}}) AS overdue_total{{range overdueBuckets}},
        sum({{v .Column}}) AS {{.Column}}{{end}}
    FROM {{template "snapshots"}}
    WHERE s.as_of = today
        AND {{template "filters"}}
    GROUP BY aged_id
    HAVING overdue_total > 0
    ORDER BY overdue_total DESC, aged_id
    LIMIT 12
) AS a
LEFT JOIN customer_directory AS n ON n.customer_id = aged_id
ORDER BY overdue_total DESC, aged_id{{end}}

{{/* Cash and credits of one account, and an open item of exactly that amount. */}}
{{define "today_unapplied"}}WITH
    {{template "today"}},
    arrayMap(x -> x.2, arrayFilter(x -> x.1 = cash_exact OR x.1 = credit_exact, items)) AS same
SELECT
    if(ifNull(n.name, '') = '', matched_id, n.name) AS `{{t "Customer"}}`,
    matched_id AS customer_id,
    document_currency AS `{{t "Currency"}}`,
    cash_part AS `{{t "Unapplied cash"}}`,
    credit_part AS `{{t "Open credits"}}`,
    overdue_part AS `{{t "Overdue, open"}}`,
    nullIf(if(empty(same) AND cash_exact > 0 AND cash_exact = overdue_exact, {{q "all that is overdue"}}, arrayStringConcat(arraySlice(same, 1, 2), ', ')), '') AS `{{t "Matches"}}`
FROM (
    SELECT
        s.customer_id AS matched_id,
        s.company AS company_id,
        toString(s.currency) AS document_currency,
        -sum(s.unapplied) AS cash_exact,
        -sum(s.open_credits) AS credit_exact,
        toFloat64(cash_exact) AS cash_part,
        toFloat64(credit_exact) AS credit_part,
        sum(s.overdue) AS overdue_exact,
        toFloat64(overdue_exact) AS overdue_part,
        sum(-s.unapplied_rc - s.open_credits_rc) AS weight
    FROM ar_snapshots AS s
    WHERE s.as_of = today
        AND {{template "filters"}}
    GROUP BY matched_id, company_id, document_currency
    HAVING cash_exact != 0 OR credit_exact != 0
) AS u
LEFT JOIN (
    SELECT customer_id AS item_customer, company AS item_company, toString(currency) AS item_currency, groupArray((open_amount, invoice_id)) AS items
    FROM ar_open_items
    WHERE open_amount IN (SELECT arrayJoin([-sum(unapplied), -sum(open_credits)]) FROM ar_snapshots WHERE as_of = today GROUP BY company, customer_id, currency)
    GROUP BY item_customer, item_company, item_currency
) AS i ON i.item_customer = u.matched_id AND i.item_company = u.company_id AND i.item_currency = u.document_currency
LEFT JOIN customer_directory AS n ON n.customer_id = u.matched_id
ORDER BY `{{t "Matches"}}` IS NULL, weight DESC, matched_id, company_id, document_currency
LIMIT 200{{end}}


{{/* Disputes open at the end of the day. */}}
{{define "today_disputed"}}disputed AS (
        SELECT
            s.customer_id AS disputing_id,
            if(ifNull(s.customer_name, '') = '', s.customer_id, s.customer_name) AS customer_title,
            s.invoice_id AS invoice,
            toString(s.reason) AS code,
            toString(s.owner_dept) AS department,
            s.opened_on AS opened,
            toInt64(dateDiff('day', s.opened_on, today)) AS days_open,
            toFloat64(ifNull(if(s.is_open, {{m "s.open_disputed"}}, {{m "s.disputed_amount"}}), 0)) AS amount
        FROM dispute_items AS s
        WHERE s.opened_on <= today AND (s.closed_on IS NULL OR s.closed_on > today)
            AND {{where "s" "company" "segment" "owner" "customer" "customer_region" "currency"}}
    ){{end}}

{{define "today_dispute_ages"}}WITH
    {{template "today"}},
    {{template "today_disputed"}}
SELECT
    {{template "dispute_words" "code"}} AS reason,
    sumIf(amount, days_open <= 30){{scale}} AS `{{t "up to 30 days"}}`,
    sumIf(amount, days_open BETWEEN 31 AND 60){{scale}} AS `{{t "31 to 60 days"}}`,
    sumIf(amount, days_open > 60){{scale}} AS `{{t "over 60 days"}}`
FROM disputed
GROUP BY reason
ORDER BY sum(amount) DESC, reason{{end}}

{{define "today_disputes"}}WITH
    {{template "today"}},
    {{template "today_disputed"}}
SELECT
    customer_title AS `{{t "Customer"}}`,
    disputing_id AS customer_id,
    {{template "dispute_words" "code"}} AS `{{t "Reason"}}`,
    invoice AS `{{t "Invoice"}}`,
    {{template "department" "department"}} AS `{{t "Department"}}`,
    toDateTime(opened, 'UTC') AS `{{t "Opened"}}`,
    toFloat64(days_open) AS `{{t "Age, days"}}`,
    amount{{scale}} AS `{{t "Disputed"}}`
FROM disputed
ORDER BY days_open DESC, amount DESC, invoice
LIMIT 200{{end}}
