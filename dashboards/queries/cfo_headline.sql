{{define "cfo_top10"}}WITH
    {{template "today"}},
    {{template "cfo_groups"}}
SELECT ifNull(toString(round(100 * arraySum(arraySlice(arrayReverseSort(groupArray(amount)), 1, 10)) / nullIf(sum(amount), 0))), '0') AS top10
FROM (
    SELECT {{template "cfo_head"}} AS head, ifNull(sum({{open}}), 0) AS amount
    FROM {{template "snapshots"}}
    WHERE s.as_of = today
        AND {{template "filters"}}
    GROUP BY head
    HAVING amount > 0
){{end}}

{{define "cfo_headline"}}WITH
    {{template "today"}},
    {{template "shown_in"}},
    toLastDayOfMonth(addMonths(today, -1)) AS month_end,
    {{template "speed" (list "1" "dso_days" "best_days")}},
    balances AS (
        SELECT
            ifNull(toFloat64(sumIf({{open}}, as_of = today)), 0) AS open_now,
            100 * toFloat64(sumIf({{overdue}}, as_of = today)) / nullIf(open_now, 0) AS share_now,
            100 * toFloat64(sumIf({{overdue}}, as_of = month_end)) / nullIf(toFloat64(sumIf({{open}}, as_of = month_end)), 0) AS share_then
        FROM {{template "portfolio"}}
        WHERE as_of IN (today, month_end)
            AND {{template "filters"}}
    ),
    (SELECT tuple(any(dso_days), any(best_days)) FROM speed WHERE day = today) AS days_now,
    share_now - share_then AS change
SELECT {{header "sentence" "''"}} AS headline
FROM (
    SELECT if(open_now = 0, '{{t "No open receivables for this selection."}}', concat(
        '{{t "Open receivables are"}} <b>', replaceAll(${symbol:sqlstring}, '<', '&lt;'), {{short "open_now"}}, '</b>{{template "of_which"}}<b>', toString(round(ifNull(share_now, 0))), '{{t " %"}}</b> {{t "of it overdue"}}',
        if(isNull(change), '', concat(
            {{if eq lang "zh"}}'{{t ", "}}{{t " since "}}', {{day "month_end"}}, ' {{else}}' – {{end}}<span style="color:', multiIf(round(assumeNotNull(change), 1) > 0, '{{colour "bad"}}', round(assumeNotNull(change), 1) < 0, '{{colour "good"}}', '{{colour "history"}}'), '">',
            multiIf(round(assumeNotNull(change), 1) > 0, '{{t "up"}} ', round(assumeNotNull(change), 1) < 0, '{{t "down"}} ', '{{t "changed by"}} '),
            printf('%.1f', abs(assumeNotNull(change))), ' {{t "points"}}</span>'{{if ne lang "zh"}}, '{{t " since "}}', {{day "month_end"}}{{end}})),
        '{{t ". "}}',
        if(isNull(days_now.1), '', concat('{{t "DSO is"}} <b>', toString(round(assumeNotNull(days_now.1))), ' {{t "days"}}</b>',
            if(isNull(days_now.2), '', concat('{{template "of_which"}}', toString(round(assumeNotNull(days_now.1) - assumeNotNull(days_now.2))), ' {{t "of them late payment"}}')), '{{t "."}}')))) AS sentence
    FROM balances
){{end}}
