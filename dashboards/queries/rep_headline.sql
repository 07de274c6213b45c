{{define "rep_headline"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}},
    mine AS (
        SELECT sum(cash) AS cash_all, sum(targeted_cash) / nullIf(sum(goal), 0) AS reached
        FROM by_rep
        WHERE first_day = rep_month
    ),
    owed AS (
        SELECT sum({{open}}) AS open_now, sum({{overdue}}) AS late_now, uniqExactIf(s.customer_id, s.open_amount != 0) AS debtors
        FROM {{template "snapshots"}}
        WHERE s.as_of = today
            AND {{template "filters"}}
    ),
    coming AS (
        SELECT count() AS promise_count
        FROM promise_outcomes AS s
        WHERE s.status = 'open' AND s.due_date <= today + 7 AND s.due_date >= today
            AND {{where "s" "rep" "customer" "customer_segment" "customer_region"}}
    ),
    (SELECT tuple(any(ifNull(name, rep_id)), any(ifNull(team, ''))) FROM reps_current WHERE rep_id IN (${rep:sqlstring})) AS known_rep,
    tupleElement(known_rep, 1) AS known_title,
    replaceAll(replaceAll(tupleElement(known_rep, 2), '&', '&amp;'), '<', '&lt;') AS team_title
SELECT {{header "sentence" "strip_words"}} AS headline
FROM (
    SELECT concat(
        '<b>', replaceAll(replaceAll(multiIf(known_title != '', known_title, arrayElement([${rep:sqlstring}], 1) IN ('', 'unassigned'), '{{t "Unassigned"}}', arrayElement([${rep:sqlstring}], 1)), '&', '&amp;'), '<', '&lt;'), '</b>{{t ": "}}',
        if(open_now = 0, '{{t "No open receivables for this selection."}}', concat(
            toString(debtors), if(debtors = 1, ' {{t "customer owes"}}', ' {{t "customers owe"}}'), ' <b>', replaceAll(${symbol:sqlstring}, '<', '&lt;'), {{short "open_now"}}, '</b>{{template "of_which"}}',
            '<b', if(late_now > 0.25 * open_now, ' style="color:{{colour "bad"}}"', ''), '>', toString(round(100 * late_now / open_now)), '{{t " %"}}</b> {{t "of it overdue"}}', '{{t ". "}}')),
        if(isNull(reached), '', concat({{template "sales_month_name" "rep_month"}}, '{{t ": "}}', {{template "sales_headline_cash"}}, '{{t ", "}}',
            if(reached < 0.9, concat({{template "sales_headline_reached" (printf "<b style=\"color:%s\">" (colour "bad"))}}), concat({{template "sales_headline_reached" "<b>"}})), '{{t ". "}}')),
        toString(promise_count), ' ', if(promise_count = 1, '{{t "promise due within a week."}}', '{{t "promises due within a week."}}')) AS sentence,
        if(team_title = '', '', concat(' · ', team_title)) AS strip_words
    FROM owed, mine, coming
){{end}}
