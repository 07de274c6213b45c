{{/* Reps by name; those without account owner are unassigned. */}}
{{define "sales_named"}}names AS (SELECT rep_id AS named_id, any(name) AS rep_title FROM reps_current GROUP BY named_id){{end}}
{{define "sales_title"}}multiIf({{.}} IN ('', 'unassigned'), '{{t "Unassigned"}}', ifNull(rep_title, '') = '', {{.}}, assumeNotNull(rep_title)){{end}}

{{define "sales_overdue"}}WITH
    {{template "today"}},
    {{template "shown_in"}},
    {{template "sales_named"}}
SELECT
    {{template "sales_title" "owner"}} AS rep{{range overdueBuckets}},
    {{.Column}}{{scale}} AS `{{t .Title}}`{{end}}
FROM (
    SELECT
        s.owner_id AS owner{{range overdueBuckets}},
        toFloat64(sum({{v .Column}})) AS {{.Column}}{{end}},
        sum({{v "overdue"}}) AS late
    FROM {{template "portfolio"}}
    WHERE s.as_of = today
        AND {{template "filters"}}
    GROUP BY owner
    HAVING late > 0
    ORDER BY late DESC
    LIMIT 25
) AS o
LEFT JOIN names ON names.named_id = o.owner
ORDER BY late DESC{{end}}

{{define "sales_gap"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}}
SELECT
    label AS rep,
    if(gap >= 0, gap, NULL){{scale}} AS `{{t "Ahead"}}`,
    if(gap < 0, gap, NULL){{scale}} AS `{{t "Behind"}}`
FROM (
    SELECT ifNull(title, rep) AS label, targeted_cash - goal * days_gone / nullIf(days_all, 0) AS gap
    FROM by_rep
    WHERE first_day = rep_month AND goal > 0
    ORDER BY abs(gap) DESC
    LIMIT 25
)
WHERE gap IS NOT NULL
ORDER BY gap DESC{{end}}

{{define "sales_rates"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}}
SELECT
    label AS rep,
    now_rate AS `{{t "This month"}}`,
    year_rate AS `{{t "Same month last year"}}`
FROM (
    SELECT
        any(ifNull(title, b.rep)) AS label,
        maxIf(100 * due_cash / nullIf(due_base, 0), first_day = rep_month AND without_rate = 0) AS now_rate,
        maxIf(100 * due_cash / nullIf(due_base, 0), first_day = addMonths(rep_month, -12) AND without_rate = 0) AS year_rate,
        maxIf(due_base, first_day = rep_month) AS weight
    FROM by_rep AS b
    GROUP BY b.rep
    HAVING now_rate IS NOT NULL
    ORDER BY weight DESC
    LIMIT 25
)
ORDER BY now_rate DESC{{end}}

{{/* A month that is not over shows what is left to collect at its pace. */}}
{{define "sales_target"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}}
SELECT
    {{month "first_day"}} AS month,
    cash_all{{scale}} AS `{{t "Collected"}}`,
    if(goal_all = 0, NULL, goal_all){{scale}} AS `{{t "Target"}}`,
    if(gone < whole, cash_all * whole / nullIf(gone, 0), NULL){{scale}} AS `{{t "At this pace"}}`
FROM (
    SELECT first_day, sum(targeted_cash) AS cash_all, sum(goal) AS goal_all, max(days_gone) AS gone, max(days_all) AS whole
    FROM by_rep
    WHERE first_day >= addMonths(rep_month, -12)
    GROUP BY first_day
)
ORDER BY first_day{{end}}

{{define "sales_scatter"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}}
SELECT
    label AS `{{t "Rep"}}`,
    sold_all {{if eq lang "zh"}}/ 1e4{{else}}/ 1e6{{end}} AS `{{t "Sales of three months"}}`,
    100 * late_all / nullIf(open_all, 0) AS `{{t "Overdue share"}}`,
    open_all{{scale}} AS `{{t "Open"}}`
FROM (
    SELECT any(ifNull(title, b.rep)) AS label, sumIf(sold, first_day > addMonths(rep_month, -3)) AS sold_all, sumIf(late_end, first_day = rep_month) AS late_all, sumIf(open_end, first_day = rep_month) AS open_all
    FROM by_rep AS b
    GROUP BY b.rep
    HAVING open_all > 0
)
ORDER BY open_all DESC{{end}}

{{/* What a chart without rows cannot say, or the unit of its sales. */}}
{{define "sales_scatter_unit"}}SELECT if(count() = 0, {{q " – nobody for this selection"}}, concat({{q ", sales in "}}, {{if eq lang "zh"}}'万', if(${symbol:sqlstring} = '¥', '元', ${symbol:sqlstring}){{else}}${symbol:sqlstring}, ' M'{{end}})) AS words
FROM ({{template "sales_scatter"}}){{end}}

{{/* One rep or several: their customers; all of them: the row of all, which counts a customer once. */}}
{{define "sales_funnel"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    ($__conditionalAll(1 = 0, $rep)) AS every_rep,
    ['{{t "Overdue"}}', '{{t "Contacted"}}', '{{t "Visited"}}', '{{t "Agreed"}}', '{{t "Promise kept"}}'] AS words
SELECT
    concat(words[number], '   ', toString(people), if(number = 1 OR before_it = 0, '', concat('  (', toString(round(100 * people / before_it)), '{{t " %"}})'))) AS stage,
    toFloat64(people) AS `{{t "Customers"}}`
FROM (
    SELECT number, people, lagInFrame(people, 1, 0) OVER (ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before_it
    FROM (
        SELECT stage_no AS number, sum(s.customers) AS people
        FROM visit_funnel AS s
        WHERE s.month = rep_month
            AND (every_rep AND s.rep_id = 'all' OR NOT every_rep AND s.rep_id != 'all' AND {{where "s" "rep"}})
            AND {{only "rep"}}
        GROUP BY number
    )
)
ORDER BY number{{end}}

{{/* What visits brought: the cash of the window after them and of the window before, of the same overdue. */}}
{{define "sales_visits"}}WITH
    {{template "today"}},
    ($__conditionalAll(1 = 0, $rep)) AS every_rep
SELECT
    toDateTime(toLastDayOfMonth(first_day), 'UTC') AS time,
    100 * after_visit / nullIf(owed, 0) AS `{{t "After the visit"}}`,
    100 * before_visit / nullIf(owed, 0) AS `{{t "Before the visit"}}`
FROM (
    SELECT s.month AS first_day, toFloat64(sum(s.cash_rc)) AS after_visit, toFloat64(sum(s.cash_before_rc)) AS before_visit, toFloat64(sum(s.overdue_rc)) AS owed
    FROM visit_effectiveness AS s
    WHERE s.period = 'month' AND s.is_default AND s.measured > 0 AND s.month <= today AND s.month > addMonths(today, -25)
        AND (every_rep AND s.dimension = 'all' OR NOT every_rep AND s.dimension = 'rep'
        AND $__conditionalAll(s.value IN (${rep:sqlstring}), $rep))
        AND {{only "rep"}} AND {{converted}}
    GROUP BY first_day
)
WHERE owed > 0
ORDER BY time{{end}}

{{define "sales_causes"}}SELECT
    if(cause_code = '', '{{t "No cause noted"}}', {{template "sales_code" "cause_code"}}) AS `{{t "Cause"}}`,
    toFloat64(overdue_rc){{scale}} AS `{{t "Overdue"}}`,
    toFloat64(known_share) AS `{{t "Share"}}`,
    toFloat64(cumulative_known_share) AS `{{t "Cumulative"}}`,
    {{template "department" "owner_dept"}} AS `{{t "Solved by"}}`
FROM delay_cause_pareto
WHERE overdue_rc > 0
    AND {{only}} AND {{converted}}
ORDER BY place{{end}}

{{define "sales_refusals"}}SELECT
    {{template "sales_code" "code"}} AS `{{t "Reason given"}}`,
    times AS `{{t "Times"}}`,
    sum(times) OVER (ORDER BY times DESC, code ROWS UNBOUNDED PRECEDING) / sum(times) OVER () AS `{{t "Cumulative"}}`,
    recovered AS `{{t "Paid after"}}`
FROM (
    SELECT code, toFloat64(visits) AS times, toFloat64(recovery_rate) AS recovered
    FROM refusal_reasons
    WHERE period = 'rolling' AND code_kind = 'refusal' AND code != ''
        AND {{only}}
)
ORDER BY times DESC, code{{end}}


{{/* One rep or several: theirs; all of them: the row of all on top. */}}
{{define "sales_process"}}WITH
    {{template "today"}}
SELECT
    if(s.dimension = 'all', {{q "Total"}}, if(ifNull(s.name, '') = '', if(s.value = '', '{{t "Unassigned"}}', s.value), s.name)) AS `{{t "Rep"}}`,
    if(s.dimension = 'all', '', s.value) AS rep_id,
    toFloat64(s.visits) AS `{{t "Visits, calls"}}`,
    toFloat64(s.logged_rate) AS `{{t "Logged in time"}}`,
    toFloat64(s.appointment_rate) AS `{{t "Appointments"}}`,
    if(s.with_checklist = 0, NULL, toFloat64(s.checklist_rate)) AS `{{t "Checklist"}}`,
    if(s.with_evidence = 0, NULL, toFloat64(s.evidence_rate)) AS `{{t "Proof"}}`,
    if(s.with_next_action = 0, NULL, toFloat64(s.next_action_rate)) AS `{{t "Next step"}}`,
    toFloat64(s.first_contact_days) AS `{{t "First contact, days"}}`,
    toFloat64(s.never_contacted) AS `{{t "No contact"}}`
FROM visit_process AS s
WHERE s.period = 'rolling' AND today = (SELECT max(as_of) FROM ar_as_of)
    AND (s.dimension = 'all' AND {{only}} OR s.dimension = 'rep' AND {{only "rep"}} AND $__conditionalAll(if(s.value = '', 'unassigned', s.value) IN (${rep:sqlstring}), $rep))
    AND (s.visits > 0 OR s.became_overdue > 0)
ORDER BY s.dimension != 'all', s.never_contacted DESC, s.visits DESC, s.value
LIMIT 100{{end}}

{{define "sales_process_lines"}}WITH
    {{template "today"}},
    ($__conditionalAll(1 = 0, $rep)) AS every_rep
SELECT
    toDateTime(toLastDayOfMonth(first_day), 'UTC') AS time,
    100 * in_time / nullIf(known, 0) AS `{{t "Logged in time"}}`,
    100 * appeared / nullIf(agreed, 0) AS `{{t "Appointments"}}`,
    if(toLastDayOfMonth(first_day) < today, 100 * called / nullIf(late, 0), NULL) AS `{{t "Overdue contacted"}}`
FROM (
    SELECT s.month AS first_day, sum(s.logged_in_time) AS in_time, sum(s.logged_known) AS known, sum(s.appointments_kept) AS appeared, sum(s.appointments) AS agreed,
        sum(s.contacted) AS called, sum(s.became_overdue) - sum(s.paid_before_contact) AS late
    FROM visit_process AS s
    WHERE s.period = 'month' AND toLastDayOfMonth(s.month) <= today AND s.month > addMonths(today, -25)
        AND (every_rep AND s.dimension = 'all' OR NOT every_rep AND s.dimension = 'rep'
        AND $__conditionalAll(if(s.value = '', 'unassigned', s.value) IN (${rep:sqlstring}), $rep))
        AND {{only "rep"}}
    GROUP BY first_day
)
ORDER BY time{{end}}
