{{/* Whom a customer belongs to, and the limit, as known at the last month-end or
     day that exposures were drawn up for. Most customers are groups by themselves. */}}
{{define "cfo_groups"}}(SELECT as_of FROM exposure_by_customer WHERE as_of <= today ORDER BY as_of DESC LIMIT 1) AS exposure_day,
    (
        SELECT (groupArray(customer_id), groupArray(assumeNotNull(group_id)))
        FROM exposure_by_customer
        WHERE as_of = exposure_day AND level = 'customer' AND group_id NOT IN ('', customer_id)
    ) AS members{{end}}
{{define "cfo_head"}}transform(s.customer_id, members.1, members.2, s.customer_id){{end}}

{{define "cfo_top_exposures"}}WITH
    {{template "today"}},
    {{template "cfo_groups"}},
    (
        SELECT (groupArray(head), groupArray(open_part), groupArray(overdue_part))
        FROM (
            SELECT {{template "cfo_head"}} AS head, sum(ifNull({{open}}, 0)) AS open_part, ifNull(sum({{overdue}}), 0) AS overdue_part
            FROM {{template "snapshots"}}
            WHERE s.as_of = today
                AND {{template "filters"}}
            GROUP BY head
            HAVING open_part > 0
            ORDER BY open_part DESC, head
            LIMIT 10
        )
    ) AS largest,
    (SELECT arraySort(groupUniqArray(as_of)) FROM portfolio_balances WHERE {{template "days" 12}} AND as_of > addMonths(today, -12)) AS all_days, -- today is the last
    history AS (
        SELECT {{template "cfo_head"}} AS head, s.as_of AS day, sum(ifNull({{open}}, 0)) AS open_then
        FROM {{template "snapshots"}}
        WHERE {{template "single_days" 12}}
            AND s.as_of > addMonths(today, -12)
            AND s.customer_id IN (SELECT arrayJoin(arrayConcat(largest.1, arrayFilter((c, g) -> has(largest.1, g), members.1, members.2))))
            AND {{template "filters"}}
        GROUP BY head, day
    )
SELECT
    ifNull(nullIf(any(name), ''), largest.1[place]) AS `{{t "Customer"}}`,
    largest.1[place] AS customer_id,
    largest.2[place]{{scale}} AS `{{t "Open"}}`,
    largest.3[place]{{scale}} AS `{{t "Overdue"}}`,
    largest.3[place] / largest.2[place] AS `{{t "Overdue %"}}`,
    any(used) AS `{{t "Limit used"}}`,
    any(grade) AS `{{t "Grade"}}`,
    arrayMap(d -> groupArray(open_then)[indexOf(groupArray(day), d)], all_days) AS `{{t "12 months"}}` -- a day without a row is a day without balance
FROM (
    SELECT head, day, open_then, NULL AS used, NULL AS grade, NULL AS name
    FROM history
    UNION ALL
    SELECT customer_id, NULL, 0, toFloat64(argMax(utilisation, level = 'group')), NULL, NULL -- of the group where there is one
    FROM exposure_by_customer
    WHERE as_of = exposure_day AND customer_id IN (SELECT arrayJoin(largest.1))
    GROUP BY customer_id
    UNION ALL
    SELECT customer_id, NULL, 0, NULL, nullIf(effective_grade, 'NR'), NULL
    FROM risk_grades
    WHERE as_of = (SELECT as_of FROM risk_grades WHERE as_of <= today ORDER BY as_of DESC LIMIT 1) AND customer_id IN (SELECT arrayJoin(largest.1))
    UNION ALL
    SELECT customer_id, NULL, 0, NULL, NULL, name
    FROM customer_directory
    WHERE customer_id IN (SELECT arrayJoin(largest.1))
)
GROUP BY indexOf(largest.1, head) AS place
ORDER BY place{{end}}

{{define "cfo_late_by_segment"}}WITH
    {{template "today"}},
    {{template "shown_in"}}
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
        SELECT check.1, check.2, balances, check.3
        FROM (
            SELECT count() AS balances, sum(abs(not_due + d1_30 + d31_60 + d61_90 + d91_120 + d121_180 + d181_365 + d366_plus - open_amount)) AS not_in_buckets,
                sum(abs(open_amount + unapplied + open_credits - net_ar)) AS not_net
            FROM ar_snapshots
            WHERE as_of = today
        )
        ARRAY JOIN [(2, '{{t "Buckets add up to open receivables"}}', not_in_buckets), (3, '{{t "Open, unapplied, credits: net balance"}}', not_net)] AS check
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
                SELECT ifNull(company, '') AS company_id, argMax(accounts, balance_date) AS last_accounts, argMax(if(status = 'open', unexplained, 0), balance_date) AS last_difference
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
