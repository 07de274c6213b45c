{{/* Whom a customer belongs to, and the limit, as known at the last month-end or
     day that exposures were drawn up for. */}}
{{define "cfo_top_exposures"}}WITH
    {{template "today"}},
    (SELECT max(as_of) FROM exposure_by_customer WHERE as_of <= today) AS exposure_day,
    (
        SELECT arraySort(groupUniqArray(as_of))
        FROM portfolio_balances
        WHERE {{template "days" 12}}
            AND as_of > addMonths(today, -12)
    ) AS all_days, -- today is the last
    (
        SELECT (groupArray(head_id), groupArray(open_part), groupArray(overdue_part))
        FROM (
            SELECT if(ifNull(h.group_id, '') = '', o.debtor, assumeNotNull(h.group_id)) AS head_id, sum(o.open_amount) AS open_part, ifNull(sum(o.overdue_amount), 0) AS overdue_part
            FROM (
                SELECT s.customer_id AS debtor, sum(ifNull({{open}}, 0)) AS open_amount, sum({{overdue}}) AS overdue_amount
                FROM {{template "snapshots"}}
                WHERE s.as_of = today
                    AND {{template "filters"}}
                GROUP BY debtor
            ) AS o
            LEFT JOIN (SELECT customer_id, group_id FROM exposure_by_customer WHERE as_of = exposure_day AND level = 'customer') AS h ON h.customer_id = o.debtor
            GROUP BY head_id
            HAVING open_part > 0
            ORDER BY open_part DESC, head_id
            LIMIT 10
        )
    ) AS top,
    (SELECT (groupArray(customer_id), groupArray(assumeNotNull(group_id))) FROM exposure_by_customer WHERE as_of = exposure_day AND level = 'customer' AND group_id IN (SELECT arrayJoin(top.1))) AS members,
    largest AS (SELECT arrayJoin(arrayZip(top.1, top.2, top.3)) AS line, line.1 AS head_id, line.2 AS open_now, line.3 AS overdue_now),
    months AS (
        SELECT transform(s.customer_id, members.1, members.2, s.customer_id) AS group_head, sumForEach(arrayMap(d -> if(s.as_of = d, ifNull({{open}}, 0), 0), all_days)) AS history
        FROM {{template "snapshots"}}
        WHERE {{template "days" 12}}
            AND s.as_of > addMonths(today, -12)
            AND s.customer_id IN (SELECT arrayJoin(arrayConcat(top.1, members.1)))
            AND {{template "filters"}}
        GROUP BY group_head
    )
SELECT
    if(ifNull(n.name, '') = '', g.head_id, n.name) AS `{{t "Customer"}}`,
    g.head_id AS customer_id,
    g.open_now{{scale}} AS `{{t "Open"}}`,
    g.overdue_now{{scale}} AS `{{t "Overdue"}}`,
    g.overdue_now / nullIf(g.open_now, 0) AS `{{t "Overdue %"}}`,
    toFloat64(e.utilisation) AS `{{t "Limit used"}}`,
    ifNull(nullIf(r.effective_grade, 'NR'), '') AS `{{t "Grade"}}`,
    m.history AS `{{t "12 months"}}` -- a day without a row is a day without balance
FROM largest AS g
LEFT JOIN months AS m ON m.group_head = g.head_id
LEFT JOIN (
    SELECT customer_id, argMax(utilisation, level = 'group') AS utilisation -- of the group where there is one
    FROM exposure_by_customer
    WHERE as_of = exposure_day AND customer_id IN (SELECT arrayJoin(top.1))
    GROUP BY customer_id
) AS e ON e.customer_id = g.head_id
LEFT JOIN (
    SELECT customer_id, effective_grade
    FROM risk_grades
    WHERE as_of = (SELECT max(as_of) FROM risk_grades WHERE as_of <= today) AND customer_id IN (SELECT arrayJoin(top.1))
) AS r ON r.customer_id = g.head_id
LEFT JOIN (SELECT customer_id, name FROM customer_directory WHERE customer_id IN (SELECT arrayJoin(top.1))) AS n ON n.customer_id = g.head_id
ORDER BY g.open_now DESC, g.head_id{{end}}

{{define "cfo_late_by_segment"}}WITH
    {{template "today"}}
SELECT
    {{segment "id"}} AS `{{t "Segment"}}`{{range buckets}},
    toFloat64({{.Column}}) / nullIf(toFloat64(open_total), 0) AS `{{t .Title}}`{{end}},
    toFloat64(open_total){{scale}} AS `{{t "Open"}}`
FROM (
    SELECT
        ifNull(nullIf(segment, ''), '(none)') AS id,
        sum({{open}}) AS open_total,
        sum({{overdue}}) AS overdue_total{{range buckets}},
        sum({{v .Column}}) AS {{.Column}}{{end}}
    FROM {{template "portfolio"}}
    WHERE as_of = today
        AND {{template "filters"}}
    GROUP BY id
)
WHERE open_total > 0
ORDER BY toFloat64(overdue_total) / toFloat64(open_total) DESC, open_total DESC{{end}}

{{/* What is specific, disputed or insured is assessed apart and counts in its bucket. */}}
{{define "cfo_ecl_buckets"}}WITH
    {{template "today"}},
    sums AS (
        SELECT
            count() AS parts,
            toUInt32OrZero(extract(bucket, '^[0-9]+')) AS from_day,
            sum(toFloat64(gross_rc)) AS gross_part,
            sum(toFloat64(ecl_rc)) AS loss_part
        FROM ecl_provision AS s
        WHERE s.as_of = today
            AND {{where "s" "company" "segment"}}
            AND {{only "company" "segment"}} AND {{converted}}
        GROUP BY from_day
    ),
    [(0, 0), (1, 30), (31, 60), (61, 90), (91, 120), (121, 180), (181, 365), (366, 1000000)] AS edges,
    totals AS (
        SELECT
            sum(parts) AS all_parts,
            arrayPushBack(arrayMap(e -> arraySum(arrayMap((d, g) -> if(d BETWEEN e.1 AND e.2, g, 0), groupArray(from_day), groupArray(gross_part))), edges), sum(gross_part)) AS gross_by,
            arrayPushBack(arrayMap(e -> arraySum(arrayMap((d, g) -> if(d BETWEEN e.1 AND e.2, g, 0), groupArray(from_day), groupArray(loss_part))), edges), sum(loss_part)) AS loss_by
        FROM sums
    )
SELECT
    line.1 AS `{{t "ECL"}}`{{range $i, $b := buckets}},
    line.2[{{add $i 1}}] AS `{{t $b.Title}}`{{end}},
    line.2[9] AS `{{t "Total"}}`
FROM (
    SELECT arrayJoin([
        ('{{t "Gross"}}', arrayMap(x -> {{millions "x"}}, gross_by), 1),
        ('{{t "Loss rate"}}', arrayMap((l, g) -> if(g = 0, '·', concat(if(l = g, '100', printf('%.1f', 100 * l / g)), '{{t " %"}}')), loss_by, gross_by), 2),
        ('{{t "Allowance"}}', arrayMap(x -> {{millions "x"}}, loss_by), 3)
    ]) AS line
    FROM totals
    WHERE all_parts > 0
)
ORDER BY line.3{{end}}

{{define "cfo_tie_out"}}WITH
    {{template "today"}},
    checks AS (
        SELECT 1 AS place, '{{t "Every roll-forward closes"}}' AS title, sum(movements) AS compared, sum(not_closed) AS difference
        FROM portfolio_movements
        UNION ALL
        SELECT 2, '{{t "Buckets add up to open receivables"}}', count(),
            sum(abs(not_due + d1_30 + d31_60 + d61_90 + d91_120 + d121_180 + d181_365 + d366_plus - open_amount))
        FROM ar_snapshots
        WHERE as_of = today
        UNION ALL
        SELECT 3, '{{t "Open, unapplied, credits: net balance"}}', count(), sum(abs(open_amount + unapplied + open_credits - net_ar))
        FROM ar_snapshots
        WHERE as_of = today
        UNION ALL
        SELECT 4, '{{t "Roll-forward and snapshot agree"}}', count(), sum(abs(closing_balance - snapshot_balance))
        FROM (
            SELECT company, currency, sumIf(amount, side = 1) AS closing_balance, sumIf(amount, side = 2) AS snapshot_balance
            FROM (
                SELECT company, currency, sum(closing) AS amount, 1 AS side
                FROM portfolio_movements
                WHERE month = toStartOfMonth(if(today = toLastDayOfMonth(today), today, addMonths(today, -1)))
                GROUP BY company, currency
                UNION ALL
                SELECT company, currency, sum(net_ar), 2
                FROM portfolio_balances
                WHERE as_of = toLastDayOfMonth(if(today = toLastDayOfMonth(today), today, addMonths(today, -1)))
                GROUP BY company, currency
            )
            GROUP BY company, currency
        )
        UNION ALL
        SELECT 5, concat('{{t "Ledger: "}}', company_name), ledger_accounts, ledger_difference
        FROM (
            SELECT company_id, sum(last_accounts) AS ledger_accounts, sum(abs(last_difference)) AS ledger_difference
            FROM (
                SELECT ifNull(company, '') AS company_id, argMax(accounts, balance_date) AS last_accounts, argMax(unexplained, balance_date) AS last_difference
                FROM tie_out
                WHERE balance_date <= today
                GROUP BY company_id, currency
            )
            GROUP BY company_id
        ) AS o
        LEFT JOIN (SELECT company, any(name) AS company_name FROM companies GROUP BY company) AS c ON c.company = o.company_id
    )
SELECT
    title AS `{{t "Check"}}`,
    compared AS `{{t "Compared"}}`,
    printf('%.2f', toFloat64(difference)) AS `{{t "Difference"}}`,
    multiIf(compared = 0, '{{t "nothing to compare"}}', difference = 0, '{{t "balances"}}', '{{t "does not balance"}}') AS `{{t "Result"}}`
FROM checks
ORDER BY place, title{{end}}

{{/* Says the unit of amounts that are written as text. */}}
{{define "cfo_millions"}}SELECT {{if eq lang "zh"}}{{moneyIn}}{{else}}concat(', ', ${symbol:sqlstring}, ' M'){{end}} AS words{{end}}
