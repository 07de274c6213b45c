{{/* Pieces of the page's queries. The chosen day is today; models of the last day
     built answer for that day only. */}}

{{define "today_built"}}today = (SELECT max(as_of) FROM ar_as_of){{end}}

{{/* What each customer owes in the selection, in the chosen valuation. */}}
{{define "today_owed"}}owed AS (
        SELECT
            s.customer_id AS owing_id,
            ifNull(toFloat64(sum({{open}})), 0) AS open_now,
            ifNull(toFloat64(sum({{overdue}})), 0) AS overdue_now
        FROM {{template "snapshots"}}
        WHERE s.as_of = today
            AND {{template "filters"}}
        GROUP BY owing_id
    ){{end}}

{{/* The filters of a table that knows its customers only: a company's customers are
     those with a balance there. */}}
{{define "today_customers"}}{{where "s" "customer" "customer_segment" "customer_region" "customer_owner"}}
        AND $__conditionalAll(s.customer_id IN (SELECT customer_id FROM ar_snapshots WHERE as_of = today AND if(company = '', '(none)', company) IN (${company:sqlstring})), $company){{end}}

{{/* Promises p and plan lines as they stood at the end of the day: kept later is open
     still. days_late counts from the day promised. */}}
{{define "today_promises"}}promised AS (
        SELECT
            s.customer_id AS promising_id,
            s.due_date AS due_on,
            s.made_on AS said_on,
            s.times_moved AS moves,
            s.plan_id IS NOT NULL AS is_plan,
            toInt64(dateDiff('day', s.due_date, today)) AS days_late,
            if(s.status != 'open' AND s.status_on > today, 'open', toString(s.status)) AS state,
            toFloat64(ifNull({{m "s.amount"}}, 0)) AS amount_promised,
            if(state = 'open' AND s.status != 'open', 0, toFloat64(ifNull({{m "s.paid"}}, 0))) AS amount_paid
        FROM promise_outcomes AS s
        WHERE s.made_on <= today AND s.due_date BETWEEN addDays(today, -60) AND addDays(today, 30)
            AND {{where "s" "currency"}}
            AND {{template "today_customers"}}
    ){{end}}

{{/* The worklist of the selection: what is owed there decides who is on it. */}}
{{define "today_listed"}}listed AS (
        SELECT s.customer_id AS listed_id, s.rank AS place, s.next_action AS action, toFloat64(s.priority) AS points, overdue_now
        FROM worklist AS s
        INNER JOIN owed ON owing_id = s.customer_id
        WHERE overdue_now > 0 AND {{template "today_built"}}
    ){{end}}

{{define "today_headline"}}WITH
    {{template "today"}},
    {{template "today_owed"}},
    {{template "today_listed"}},
    {{template "today_promises"}},
    calls AS (
        SELECT
            count() AS n_calls,
            sum(overdue_now) AS amount,
            100 * arraySum(arraySlice(arrayMap(x -> x.2, arraySort(groupArray((place, overdue_now)))), 1, 10)) / nullIf(sum(overdue_now), 0) AS first_ten
        FROM listed
        WHERE action != 'wait'
    ),
    promises_now AS (
        SELECT
            countIf(state = 'broken' AND days_late <= 7) AS n_broken,
            countIf(state = 'open' AND days_late BETWEEN -7 AND 0) AS n_due,
            sumIf(amount_promised - amount_paid, state = 'open' AND days_late BETWEEN -7 AND 0) AS due_amount
        FROM promised
    )
SELECT {{header "sentence" (q " · customers with a live promise are left out until it falls due")}} AS headline
FROM (
    SELECT concat(
        multiIf(
            n_calls > 0, concat('<b>', {{count "n_calls"}}, '</b> ', if(n_calls = 1, '{{t "customer to call owes"}}', '{{t "customers to call owe"}}'), ' <b>', replaceAll(${symbol:sqlstring}, '<', '&lt;'), {{short "amount"}}, '</b>{{if ne lang "zh"}} {{t "past due"}}{{end}}',
                if(n_calls > 10, concat('{{t "; the first ten are"}} <b>', toString(round(assumeNotNull(first_ten))), '{{t " %"}}</b>{{if ne lang "zh"}} {{t "of it"}}{{end}}'), '')),
            NOT ({{template "today_built"}}), '{{t "The worklist is of the last day built: choose that day"}}',
            '{{t "Nobody to call for this selection"}}'),
        '{{t ". "}}',
        if(n_due = 0, '', concat('<b>', {{count "n_due"}}, '</b> ', if(n_due = 1, '{{t "promise over"}}', '{{t "promises over"}}'), ' <b>', replaceAll(${symbol:sqlstring}, '<', '&lt;'), {{short "due_amount"}}, '</b> ', if(n_due = 1, '{{t "falls due within a week"}}', '{{t "fall due within a week"}}'))),
        if(n_due = 0 OR n_broken = 0, '', '{{t "; "}}'),
        if(n_broken = 0, '', concat('<b style="color:{{colour "bad"}}">', toString(n_broken), multiIf(n_due = 0 AND n_broken = 1, ' {{t "promise was broken in the last week"}}', n_due = 0, ' {{t "promises were broken in the last week"}}', n_broken = 1, ' {{t "was broken in the last week"}}', ' {{t "were broken in the last week"}}'), '</b>')),
        if(n_due = 0 AND n_broken = 0, '', '{{t "."}}')) AS sentence
    FROM calls, promises_now
){{end}}
