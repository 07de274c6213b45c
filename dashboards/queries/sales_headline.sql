{{/* The month that is shown: that of the as-of day where it is the last day built
     or a month-end, else the month before, which is whole. */}}
{{define "sales_month"}}toStartOfMonth(if(today = toLastDayOfMonth(today) OR today >= (SELECT max(as_of) FROM ar_as_of), today, addMonths(today, -1))) AS rep_month{{end}}

{{/* A month in words, and the label of a person or team. */}}
{{define "sales_month_name"}}{{if eq lang "zh"}}formatDateTime({{.}}, '%Y年%c月'){{else}}concat(transform(toMonth({{.}}), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'], ''), ' ', toString(toYear({{.}}))){{end}}{{end}}

{{/* The rows of rep_collection s that the filters name: it knows company and rep, in reporting currency. */}}
{{define "sales_filters"}}{{where "s" "company" "rep"}}
            AND {{only "company" "rep"}} AND {{converted}}{{end}}

{{/* What each rep did by month, over companies: 25 months up to rep_month. */}}
{{define "sales_by_rep"}}by_rep AS (
        SELECT
            s.rep_id AS rep,
            any(s.rep_name) AS title,
            any(s.team) AS team_name,
            s.month AS first_day,
            toFloat64(sum(s.collected)) AS cash,
            toFloat64(sumIf(s.collected, s.target IS NOT NULL)) AS targeted_cash,
            toFloat64(sum(s.target)) AS goal,
            toFloat64(sum(s.collected_due_basis)) AS due_cash,
            toFloat64(sum(s.due_basis_denominator)) AS due_base,
            toFloat64(sum(s.on_time_amount)) AS in_time,
            toFloat64(sum(s.on_time_base)) AS in_time_base,
            toFloat64(sum(s.closing_open)) AS open_end,
            toFloat64(sum(s.closing_overdue)) AS late_end,
            toFloat64(sum(s.sales)) AS sold,
            toFloat64(sum(s.visits)) AS visit_count,
            toFloat64(sum(s.promises_due)) AS promised,
            toFloat64(sum(s.promises_kept)) AS honoured,
            max(s.workdays_elapsed) AS days_gone,
            max(s.workdays_month) AS days_all,
            countIf(s.reason = 'missing_rate') AS without_rate
        FROM rep_collection AS s
        WHERE s.month <= rep_month AND s.month >= addMonths(rep_month, -24)
            AND {{template "sales_filters"}}
        GROUP BY rep, first_day
    ){{end}}

{{/* Collected, and the share of the target, in the order of the language. */}}
{{define "sales_headline_cash"}}concat({{if eq lang "zh"}}'{{t "collected"}} ', {{end}}'<b>', replaceAll(${symbol:sqlstring}, '<', '&lt;'), {{short "cash_all"}}, '</b>'{{if ne lang "zh"}}, ' {{t "collected"}}'{{end}}){{end}}
{{define "sales_headline_reached"}}{{if eq lang "zh"}}'{{t "of target"}} {{.}}', toString(round(100 * assumeNotNull(reached))), '{{t " %"}}</b>'{{else}}'{{.}}', toString(round(100 * assumeNotNull(reached))), '{{t " %"}}</b> {{t "of target"}}'{{end}}{{end}}

{{define "sales_headline"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}},
    totals AS (
        SELECT
            count() AS reps_known,
            sum(cash) AS cash_all,
            sum(targeted_cash) / nullIf(sum(goal), 0) AS reached,
            max(days_gone) / nullIf(max(days_all), 0) AS gone,
            countIf(goal > 0) AS with_goal,
            countIf(goal > 0 AND targeted_cash < 0.9 * goal * days_gone / nullIf(days_all, 0)) AS behind
        FROM by_rep
        WHERE first_day = rep_month AND (cash != 0 OR goal > 0 OR open_end != 0)
    )
SELECT {{header "sentence" "strip_words"}} AS headline
FROM (
    SELECT
        if(reps_known = 0, '{{t "Nothing is known of reps for this selection: targets and rates go by company and rep."}}', concat(
            {{template "sales_month_name" "rep_month"}}, '{{t ": "}}', {{template "sales_headline_cash"}},
            if(isNull(reached), '', concat('{{t ", "}}', {{template "sales_headline_reached" "<b>"}},
                if(isNull(gone) OR gone >= 1, '', concat('{{t ", "}}', toString(round(100 * assumeNotNull(gone))), '{{t " %"}} {{t "of the workdays gone"}}')))),
            '{{t ". "}}',
            if(with_goal = 0, '', concat(
                '<b style="color:', if(behind > 0, '{{colour "bad"}}', '{{colour "good"}}'), '">', {{if eq lang "zh"}}toString(with_goal), ' 位业务员中 ', toString(behind), ' {{t "reps are more than 10 % behind"}}</b>'{{else}}toString(behind), '{{t " of "}}', toString(with_goal), '</b> ', '{{t "reps are more than 10 % behind"}}'{{end}}, '{{t "."}}')))) AS sentence,
        ' · {{t "cash belongs to the account owner of its day, balances to the owner of the last day"}}' AS strip_words
    FROM totals
){{end}}
