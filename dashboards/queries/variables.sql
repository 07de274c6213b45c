{{define "var_as_of"}}SELECT toString(arrayJoin(if(empty(days), [toDate32(today())], days))) AS day
FROM (SELECT groupUniqArray(as_of) AS days FROM dso WHERE scope = 'group')
ORDER BY day DESC{{end}}

{{define "var_company"}}SELECT if(s.company = '', '(none)', s.company) AS id, if(ifNull(c.name, '') = '', id, c.name) AS title
FROM (SELECT DISTINCT company FROM ar_snapshots) AS s
LEFT JOIN (SELECT company, any(name) AS name FROM companies GROUP BY company) AS c ON c.company = s.company
ORDER BY title{{end}}

{{define "var_segment"}}SELECT DISTINCT ifNull(segment, '(none)') AS id, if(id = '(none)', '{{t "No segment"}}', id) AS title
FROM ar_snapshots
ORDER BY title{{end}}

{{define "var_region"}}SELECT DISTINCT ifNull(region, '(none)') AS id, if(id = '(none)', '{{t "No region"}}', id) AS title
FROM ar_snapshots
ORDER BY title{{end}}

{{define "var_currency"}}SELECT id, title
FROM (
    SELECT 'reporting' AS id, concat('{{t "Reporting currency"}}', if(any(currency) = '', '', concat(' (', any(currency), ')'))) AS title, 0 AS place
    FROM dso
    WHERE scope = 'group'
    UNION ALL
    SELECT DISTINCT currency, concat(currency, '{{t " documents"}}'), 1
    FROM ar_snapshots
)
ORDER BY place, title{{end}}

{{define "var_symbol"}}SELECT transform(code, ['CNY', 'EUR', 'USD', 'GBP', 'JPY', 'HKD', 'INR', 'KRW'], ['¥', '€', '$', '£', '¥', 'HK$', '₹', '₩'], concat(code, ' ')) AS symbol
FROM (SELECT if(${currency:sqlstring} = 'reporting', (SELECT any(currency) FROM dso WHERE scope = 'group'), ${currency:sqlstring}) AS code){{end}}

{{define "var_top10"}}WITH
    {{template "today"}},
    exposures AS (
        SELECT {{template "grouped"}} AS group_id, toFloat64(sum(s.open_part)) AS amount
        FROM (
            SELECT customer_id, {{m "open_amount"}} AS open_part
            FROM ar_snapshots
            WHERE as_of = today
                AND {{template "filters"}}
        ) AS s
        LEFT JOIN customers_current AS c ON c.customer_id = s.customer_id
        GROUP BY group_id
    )
SELECT ifNull(toString(round(100 * (SELECT sum(amount) FROM (SELECT amount FROM exposures ORDER BY amount DESC LIMIT 10)) / nullIf(sum(amount), 0))), '–') AS top10
FROM exposures{{end}}

{{define "var_headline"}}WITH
    {{template "today"}},
    toLastDayOfMonth(addMonths(today, -1)) AS month_end,
    {{template "speed"}},
    balances AS (
        SELECT
            toFloat64(sumIf({{m "open_amount"}}, as_of = today)) AS open_now,
            100 * toFloat64(sumIf({{m "overdue"}}, as_of = today)) / nullIf(open_now, 0) AS share_now,
            100 * toFloat64(sumIf({{m "overdue"}}, as_of = month_end)) / nullIf(toFloat64(sumIf({{m "open_amount"}}, as_of = month_end)), 0) AS share_then
        FROM ar_snapshots
        WHERE as_of IN (today, month_end)
            AND {{template "filters"}}
    ),
    (SELECT tuple(any(dso_days), any(best_days)) FROM speed WHERE day = today) AS days_now,
    (SELECT sum(abs(check_amount)) FROM ar_rollforward) AS unbalanced,
    (SELECT formatDateTime(max(finished_at), '%H:%i', 'UTC') FROM ops_runs WHERE kind = 'sync' AND status IN ('ok', 'partial')) AS loaded,
    (SELECT count() FROM ops_runs WHERE kind = 'sync' AND status IN ('ok', 'partial')) AS loads,
    (SELECT uniqExact(test, table_name) FROM ops_test_results WHERE status != 'passed' AND run_id = (SELECT argMax(run_id, tested_at) FROM ops_test_results)) AS warnings,
    share_now - share_then AS change
SELECT concat(
    '<div style="font-size:18px;line-height:20px">',
    if(open_now = 0, '{{t "No open receivables for this selection."}}', concat(
        '{{t "Open receivables are"}} <b>', replaceAll(${symbol:sqlstring}, '<', '&lt;'), {{short "open_now"}}, '</b>{{t ", "}}<b>', toString(round(ifNull(share_now, 0))), '{{t " %"}}</b> {{t "of it overdue"}}',
        if(isNull(change), '', concat(
            ' – <span style="color:', multiIf(round(assumeNotNull(change), 1) > 0, '{{colour "bad"}}', round(assumeNotNull(change), 1) < 0, '{{colour "good"}}', '{{colour "history"}}'), '">',
            multiIf(round(assumeNotNull(change), 1) > 0, '{{t "up"}} ', round(assumeNotNull(change), 1) < 0, '{{t "down"}} ', '{{t "changed by"}} '),
            toString(abs(round(assumeNotNull(change), 1))), ' {{t "points"}}</span>{{t " since "}}', {{day "month_end"}})),
        '{{t ". "}}',
        if(isNull(days_now.1), '', concat('{{t "DSO is"}} <b>', toString(round(assumeNotNull(days_now.1))), ' {{t "days"}}</b>',
            if(isNull(days_now.2), '', concat('{{t ", "}}', toString(round(assumeNotNull(days_now.1) - assumeNotNull(days_now.2))), ' {{t "of them late payment"}}')), '{{t "."}}')))),
    '</div><div style="font-size:12px;line-height:14px;opacity:.75">{{t "Data as of"}} <b>', toString(today), '</b>',
    if(loads = 0, '', concat(' · {{t "loaded"}} ', assumeNotNull(loaded), ' UTC')),
    ' · {{t "roll-forward check"}} ', if(unbalanced = 0, '0.00 ✓', concat('<b>', toString(round(unbalanced, 2)), ' ✗</b>')),
    if(warnings = 0, '', concat(' · ', toString(warnings), ' {{t "data warnings"}}')),
    '</div>') AS headline
FROM balances{{end}}
