{{/* Months as days: the month shown stands on the as-of day, months before on month-ends before it. */}}
{{define "sales_points"}}by_month AS (
        SELECT
            first_day,
            if(first_day = rep_month, today, toLastDayOfMonth(addMonths(today, dateDiff('month', rep_month, first_day)))) AS day,
            sum(cash) AS cash_all,
            sum(targeted_cash) AS targeted_all,
            sum(goal) AS goal_all,
            sum(due_cash) AS due_cash_all,
            if(sum(without_rate) > 0, NULL, sum(due_base)) AS due_base_all,
            sum(in_time) AS in_time_all,
            sum(in_time_base) AS in_time_base_all,
            sum(honoured) AS honoured_all,
            sum(promised) AS promised_all,
            max(days_gone) AS gone,
            max(days_all) AS whole
        FROM by_rep
        GROUP BY first_day
    ){{end}}

{{define "sales_collected"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}},
    {{template "sales_points"}},
    words AS (
        SELECT
            sumIf(cash_all, first_day = rep_month) AS now_v,
            sumIf(cash_all, first_day = addMonths(rep_month, -12)) AS year_v,
            now_v - year_v AS more,
            100 * more / nullIf(year_v, 0) AS year_change,
            100 * sumIf(targeted_all, first_day = rep_month) / nullIf(sumIf(goal_all, first_day = rep_month), 0) AS reached
        FROM by_month
    )
SELECT
    toDateTime(day, 'UTC') AS time,
    (SELECT arrayStringConcat(arrayFilter(w -> w != '', [
        if(isNull(reached), '', {{say "{} % of target" "toString(round(assumeNotNull(reached)))"}}),
        {{part "year_change" "percent" "year"}}]), ' · ') FROM words) AS label,
    cash_all{{scale}} AS v
FROM by_month
ORDER BY time{{end}}

{{define "sales_pace"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}},
    {{template "sales_points"}}
SELECT
    toDateTime(day, 'UTC') AS time,
    (SELECT concat(toString(max(gone)), '{{t " of "}}', toString(max(whole)), ' {{t "workdays gone"}}') FROM by_month WHERE first_day = rep_month) AS label,
    100 * targeted_all / nullIf(goal_all * gone / nullIf(whole, 0), 0) AS v
FROM by_month
WHERE goal_all > 0
ORDER BY time{{end}}

{{define "sales_rate"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}},
    {{template "sales_points"}},
    points AS (SELECT day, 100 * due_cash_all / nullIf(due_base_all, 0) AS v FROM by_month),
    {{stat "points"}}{{end}}

{{define "sales_on_time"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}},
    {{template "sales_points"}},
    points AS (SELECT day, 100 * in_time_all / nullIf(in_time_base_all, 0) AS v FROM by_month),
    {{stat "points"}}{{end}}

{{define "sales_kept"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}},
    {{template "sales_points"}},
    points AS (SELECT day, 100 * honoured_all / nullIf(promised_all, 0) AS v FROM by_month),
    {{stat "points"}}{{end}}
