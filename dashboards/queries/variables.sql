{{define "var_as_of"}}SELECT toString(arrayJoin(if(empty(days), [toDate32(today())], days))) AS day
FROM (SELECT groupUniqArray(as_of) AS days FROM dso WHERE scope = 'group')
ORDER BY day DESC{{end}}

{{define "var_company"}}SELECT ifNull(nullIf(s.company, ''), '(none)') AS id, if(ifNull(c.name, '') = '', id, c.name) AS title
FROM (SELECT DISTINCT company FROM portfolio_balances) AS s
LEFT JOIN (SELECT company, any(name) AS name FROM companies GROUP BY company) AS c ON c.company = s.company
ORDER BY title{{end}}

{{define "var_segment"}}SELECT DISTINCT ifNull(nullIf(segment, ''), '(none)') AS id, {{segment "id"}} AS title
FROM portfolio_balances
ORDER BY title{{end}}

{{define "var_region"}}SELECT DISTINCT ifNull(nullIf(region, ''), '(none)') AS id, if(id = '(none)', '{{t "No region"}}', id) AS title
FROM portfolio_balances
ORDER BY title{{end}}

{{define "var_currency"}}SELECT id, title
FROM (
    SELECT 'reporting' AS id, concat('{{t "Reporting currency"}}', if(any(currency) = '', '', concat(' (', any(currency), ')'))) AS title, 0 AS place
    FROM dso
    WHERE scope = 'group'
    UNION ALL
    SELECT 'asof', {{q "At closing rates"}}, 1
    UNION ALL
    SELECT 'constant', {{q "At constant rates"}}, 2
    UNION ALL
    SELECT DISTINCT currency, concat(currency, '{{t " documents"}}'), 3
    FROM portfolio_balances
)
ORDER BY place, title{{end}}

{{define "var_symbol"}}SELECT transform(code, ['CNY', 'EUR', 'USD', 'GBP', 'JPY', 'HKD', 'INR', 'KRW', ''], ['¥', '€', '$', '£', '¥', 'HK$', '₹', '₩', '¤'], concat(code, ' ')) AS symbol
FROM (SELECT if({{converted}}, (SELECT any(currency) FROM dso WHERE scope = 'group'), ${currency:sqlstring}) AS code){{end}}

{{/* Whoever owns an account or sold something, by name. */}}
{{define "var_rep"}}SELECT s.id AS id, multiIf(s.id = 'unassigned', '{{t "Unassigned"}}', ifNull(r.name, '') = '', s.id, r.name) AS title
FROM (
    SELECT DISTINCT ifNull(nullIf(owner_id, ''), 'unassigned') AS id FROM portfolio_balances
    UNION DISTINCT
    SELECT rep_id FROM reps_current
) AS s
LEFT JOIN reps_current AS r ON r.rep_id = s.id
ORDER BY title{{end}}

{{/* Those who owe most come first; the list is short enough for a browser. Links reach the others. */}}
{{define "var_customer"}}SELECT s.customer_id AS id, if(ifNull(c.name, '') = '', s.customer_id, c.name) AS title
FROM (
    SELECT customer_id, sum(open_amount_rc) AS owed
    FROM ar_snapshots
    WHERE as_of = (SELECT max(as_of) FROM portfolio_balances)
    GROUP BY customer_id
    ORDER BY owed DESC, customer_id
    LIMIT 5000
) AS s
LEFT JOIN customer_directory AS c ON c.customer_id = s.customer_id
ORDER BY s.owed DESC, s.customer_id{{end}}

{{define "var_money_in"}}SELECT {{moneyIn}} AS words{{end}}
