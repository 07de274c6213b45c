{{define "today_to_call"}}WITH
    {{template "today"}},
    {{template "today_owed"}},
    {{template "today_listed"}}
SELECT
    toDateTime(today, 'UTC') AS time,
    concat(toString(countIf(action = 'wait')), ' {{t "wait for a promise"}}') AS label,
    toFloat64(countIf(action != 'wait')) AS v
FROM listed
HAVING count() > 0{{end}}

{{define "today_overdue"}}WITH
    {{template "today"}},
    {{template "shown_in"}},
    points AS (
        SELECT as_of AS day, toNullable(toFloat64(sum({{v "overdue"}} - {{v "disputed_overdue"}})){{scale}}) AS v
        FROM {{template "portfolio"}}
        WHERE {{template "days"}}
            AND {{template "filters"}}
        GROUP BY as_of
    ),
    {{stat "percent"}}{{end}}

{{define "today_due"}}WITH
    {{template "today"}},
    {{template "today_promises"}}
SELECT
    toDateTime(today, 'UTC') AS time,
    concat(toString(countIf(state = 'open' AND days_late BETWEEN 0 AND 30)), ' {{t "due"}} · ', toString(countIf(state = 'broken' AND days_late <= 30)), ' {{t "broken"}}') AS label,
    sumIf(amount_promised - amount_paid, state IN ('open', 'broken', 'partial') AND days_late BETWEEN 0 AND 30){{scale}} AS v
FROM promised
HAVING count() > 0{{end}}

{{define "today_over_limit"}}WITH
    {{template "today"}},
    counted AS (
        SELECT s.as_of AS day, toFloat64(countIf(s.breached)) AS customers_over, toFloat64(sum(ifNull(s.breach_rc, 0))) AS amount_over
        FROM exposure_by_customer AS s
        WHERE {{template "days"}} AND s.level = 'customer' AND {{converted}}
            AND {{template "today_customers"}}
        GROUP BY s.as_of
    )
SELECT
    toDateTime(day, 'UTC') AS time,
    {{say "{} above" (print "replaceAll(${symbol:sqlstring}, '<', '&lt;'), " (short "last_over"))}} AS label,
    customers_over AS v
FROM (SELECT day, customers_over, argMax(amount_over, day) OVER () AS last_over FROM counted)
ORDER BY time{{end}}

{{/* Warnings are judged at month-ends and on the last day built. */}}
{{define "today_warned"}}WITH
    {{template "today"}},
    lives AS (
        SELECT s.raised_on AS born, if(s.still_raised, addDays(today, 1), ifNull(s.cleared_on, addDays(s.last_seen, 1))) AS gone, count() AS warnings
        FROM early_warnings AS s
        WHERE s.raised_on <= today
            AND {{template "today_customers"}}
        GROUP BY born, gone
    ),
    arrayFilter(d -> d < today, arrayMap(i -> toLastDayOfMonth(addMonths(today, -i)), range(1, 25))) AS month_ends
SELECT
    toDateTime(day, 'UTC') AS time,
    {{say "{} new this month" "toString(sumIf(warnings, born > toLastDayOfMonth(addMonths(today, -1)) AND gone > today))"}} AS label,
    toFloat64(sumIf(warnings, born <= day AND gone > day)) AS v
FROM lives
CROSS JOIN (SELECT arrayJoin(arrayPushBack(month_ends, today)) AS day) AS judged
GROUP BY day
HAVING v > 0 OR day = today
ORDER BY time{{end}}

{{define "today_covered"}}WITH
    {{template "today"}}
SELECT
    toDateTime(today, 'UTC') AS time,
    concat('{{t "without owner"}} ', replaceAll(${symbol:sqlstring}, '<', '&lt;'), {{short "unowned"}}) AS label,
    share AS v
FROM (
    SELECT toFloat64(sum(unowned_rc)) AS unowned, 100 * toFloat64(sum(covered_rc)) / nullIf(toFloat64(sum(overdue_rc)), 0) AS share
    FROM coverage AS s
    WHERE {{where "s" "company" "owner"}}
        AND {{only "company" "rep"}} AND {{converted}} AND {{template "today_built"}}
)
WHERE share IS NOT NULL{{end}}
