{{- /* Queries of alert rules. Text columns become the labels of an alert, so they
hold what an alert is about and never what changes with every build; the one
number is what is compared or shown. Money is {{scale}}d as the language shows it. */ -}}

{{define "today"}}(SELECT max(as_of) FROM ar_as_of){{end}}

{{/* A book without companies: an empty label would be none. The pages call it so too. */}}
{{define "company"}}ifNull(nullIf({{.}}, ''), '(none)'){{end}}

{{define "dso"}}SELECT {{template "company" "scope_id"}} AS company, toFloat64(dso_90) AS days
FROM dso
WHERE scope = 'company' AND as_of = {{template "today"}} AND isNotNull(dso_90){{end}}

{{define "dso_best"}}SELECT {{template "company" "scope_id"}} AS company, toFloat64(bpdso) AS days
FROM dso
WHERE scope = 'company' AND as_of = {{template "today"}} AND isNotNull(dso_90) AND isNotNull(bpdso){{end}}

{{define "overdue_share"}}SELECT {{template "company" "s.company"}} AS company, 100 * toFloat64(sum(overdue_rc)) / nullIf(toFloat64(sum(open_amount_rc)), 0) AS share
FROM ar_snapshots AS s
WHERE as_of = {{template "today"}}
GROUP BY company
HAVING isNotNull(share){{end}}

{{define "overdue_rise"}}WITH
    {{template "today"}} AS today,
    toLastDayOfMonth(addMonths(today, -1)) AS before
SELECT
    {{template "company" "s.company"}} AS company,
    100 * (toFloat64(sumIf(overdue_rc, as_of = today)) / nullIf(toFloat64(sumIf(open_amount_rc, as_of = today)), 0)
        - toFloat64(sumIf(overdue_rc, as_of = before)) / nullIf(toFloat64(sumIf(open_amount_rc, as_of = before)), 0)) AS points
FROM ar_snapshots AS s
WHERE as_of IN (today, before)
GROUP BY company
HAVING isNotNull(points){{end}}

{{/* The account owner's name, where the owner r is one. */}}
{{define "owner_name"}}multiIf(ifNull({{.ID}}, '') IN ('', 'unassigned'), '–', ifNull({{.Name}}, '') = '', ifNull({{.ID}}, ''), assumeNotNull({{.Name}})) AS owner_name{{end}}
{{define "owners"}}(SELECT rep_id, any(name) AS owner_title FROM reps_current GROUP BY rep_id) AS r{{end}}

{{define "over_limit"}}SELECT
    e.level AS level,
    e.customer_id AS customer_id,
    ifNull(e.customer_name, e.customer_id) AS customer_name,
    ifNull(e.owner_id, '') AS owner_id,
    {{template "owner_name" owner "e.owner_id" "r.owner_title"}},
    ifNull(e.currency, '') AS currency,
    toFloat64(e.{{.}}){{scale}} AS amount
FROM exposure_by_customer AS e
LEFT JOIN {{template "owners"}} ON r.rep_id = ifNull(e.owner_id, '')
WHERE e.as_of = {{template "today"}} AND e.breached = 1{{end}}

{{define "over_limit_by"}}{{template "over_limit" "breach_rc"}}{{end}}
{{define "over_limit_exposure"}}{{template "over_limit" "exposure_rc"}}{{end}}
{{define "over_limit_limit"}}{{template "over_limit" "limit_rc"}}{{end}}

{{define "broken"}}WITH
    {{template "today"}} AS today,
    owing AS (
        SELECT customer_id, sum(open_amount_rc) AS overdue_rc, any(owner_id) AS owner_id
        FROM ar_open_items
        WHERE days_past_due > 0 AND open_amount_rc > 0
        GROUP BY customer_id
    )
SELECT
    p.customer_id AS customer_id,
    if(any(ifNull(c.name, '')) = '', p.customer_id, any(ifNull(c.name, ''))) AS customer_name,
    any(o.owner_id) AS owner_id,
    {{template "owner_name" owner "any(o.owner_id)" "any(r.owner_title)"}},
    {{.}} AS amount
FROM promise_outcomes AS p
INNER JOIN owing AS o ON o.customer_id = p.customer_id
LEFT JOIN customers_current AS c ON c.customer_id = p.customer_id
LEFT JOIN {{template "owners"}} ON r.rep_id = o.owner_id
WHERE p.status = 'broken' AND p.status_on > today - {{v "warning_window_days"}}
GROUP BY p.customer_id
HAVING count() >= {{v "warning_broken_promises"}}{{end}}

{{define "broken_promises"}}{{template "broken" "toFloat64(count())"}}{{end}}
{{define "broken_overdue"}}{{template "broken" overdueOfBroken}}{{end}}

{{define "concentration"}}SELECT group_id AS customer_id, ifNull(group_name, group_id) AS customer_name, 100 * toFloat64(share) AS percent
FROM top_exposures
WHERE share > {{v "warning_concentration"}}{{end}}

{{define "concentration_overdue"}}SELECT group_id AS customer_id, ifNull(group_name, group_id) AS customer_name, toFloat64(overdue_rc){{scale}} AS amount
FROM top_exposures
WHERE share > {{v "warning_concentration"}}{{end}}

{{define "stale"}}WITH
    reads AS (
        SELECT source, stream, maxIf(finished_at, status = 'ok' OR status = 'partial') AS good, max(finished_at) AS any_end, min(started_at) AS first_begin
        FROM ops_slices
        GROUP BY source, stream
        HAVING any_end > now() - INTERVAL 30 DAY
    ),
    parts AS (
        SELECT source, stream, greatest(good, first_begin) AS at
        FROM reads
        UNION ALL
        SELECT '', 'build', greatest(maxIf(ifNull(finished_at, started_at), kind = 'build' AND (status = 'ok' OR status = 'partial')), min(started_at))
        FROM ops_runs
        HAVING count() > 0
    )
SELECT source, stream, dateDiff('minute', at, now('UTC')) / 60 AS hours
FROM parts{{end}}

{{define "failed_tests"}}WITH
    latest AS (SELECT table_name, argMax(run_id, tested_at) AS run_id FROM ops_test_results GROUP BY table_name
        HAVING max(tested_at) > (SELECT max(tested_at) FROM ops_test_results) - INTERVAL 30 DAY)
SELECT r.table_name AS table_name, r.test AS test, {{testWords "r.test"}} AS rule, if(r.severity = 'warn', 'no', 'yes') AS blocks, toFloat64(greatest(max(r.failed_rows), 1)) AS failed
FROM ops_test_results AS r
INNER JOIN latest AS l ON l.table_name = r.table_name AND l.run_id = r.run_id
WHERE r.status != 'passed'
GROUP BY table_name, test, rule, blocks{{end}}

{{define "roll_forward"}}SELECT {{template "company" "s.company"}} AS company, currency, toFloat64(sum(abs(check_amount))) AS amount
FROM ar_rollforward AS s
GROUP BY company, currency{{end}}

{{define "control_account"}}SELECT {{template "company" "s.company"}} AS company, currency, toFloat64(abs(argMax(if(status = 'open', unexplained, 0), balance_date))) AS amount
FROM tie_out AS s
GROUP BY company, currency{{end}}
