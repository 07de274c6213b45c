{{/* Reps, their teams and the total in one table: level 0 is the total, 1 a team,
     2 a rep. Ratios of a level are the ratio of its sums. */}}
{{define "sales_league"}}WITH
    {{template "today"}},
    {{template "sales_month"}},
    {{template "sales_by_rep"}},
    visited AS (
        SELECT value AS visitor, toFloat64(cash_rc) AS visit_cash, toFloat64(measured) AS visits_measured
        FROM visit_effectiveness
        WHERE period = 'month' AND dimension = 'rep' AND is_default AND month = rep_month
    ),
    leveled AS (
        SELECT
            arrayJoin([0, 1, 2]) AS level,
            if(level = 2, rep, '') AS rep_key,
            if(level = 0, '', ifNull(team_name, '')) AS team_key,
            if(level = 2, ifNull(title, rep), '') AS rep_title,
            b.*,
            if(first_day = rep_month, v.visit_cash, 0) AS visits_brought,
            if(first_day = rep_month, v.visits_measured, 0) AS measured_visits
        FROM by_rep AS b
        LEFT JOIN visited AS v ON v.visitor = b.rep
    ),
    months AS (
        SELECT
            level,
            rep_key,
            team_key,
            first_day,
            any(rep_title) AS name,
            uniqExactIf(rep, open_end != 0 OR cash != 0 OR goal > 0) AS members,
            sum(cash) AS t_cash,
            sum(targeted_cash) AS t_targeted,
            sum(goal) AS t_goal,
            sum(due_cash) / nullIf(if(sum(without_rate) > 0, NULL, sum(due_base)), 0) AS rate,
            sum(open_end) AS t_open,
            sum(late_end) AS t_late,
            sum(in_time) / nullIf(sum(in_time_base), 0) AS timely,
            sum(honoured) / nullIf(sum(promised), 0) AS kept,
            sum(visit_count) AS t_visits,
            sum(visits_brought) / nullIf(sum(measured_visits), 0) AS per_visit,
            max(days_gone) / nullIf(max(days_all), 0) AS gone
        FROM leveled
        GROUP BY level, rep_key, team_key, first_day
    ),
    league AS (
        SELECT
            level,
            rep_key,
            team_key,
            argMax(name, first_day) AS name,
            sumIf(members, first_day = rep_month) AS members,
            sumIf(t_cash, first_day = rep_month) AS now_cash,
            sumIf(t_goal, first_day = rep_month) AS now_goal,
            sumIf(t_targeted, first_day = rep_month) / nullIf(now_goal, 0) AS reached,
            reached / nullIf(maxIf(gone, first_day = rep_month), 0) AS pace,
            maxIf(rate, first_day = rep_month) AS now_rate,
            maxIf(rate, first_day = addMonths(rep_month, -12)) AS year_rate,
            arrayMap(p -> p.2, arraySort(p -> p.1, groupArrayIf((first_day, 100 * assumeNotNull(rate)), first_day > addMonths(rep_month, -12) AND rate IS NOT NULL))) AS history,
            sumIf(t_open, first_day = rep_month) AS now_open,
            sumIf(t_late, first_day = rep_month) AS now_late,
            maxIf(timely, first_day = rep_month) AS now_timely,
            maxIf(kept, first_day = rep_month) AS now_kept,
            sumIf(t_visits, first_day = rep_month) AS now_visits,
            maxIf(per_visit, first_day = rep_month) AS now_per_visit
        FROM months
        GROUP BY level, rep_key, team_key
    )
SELECT
    if(level = 0, '{{t "Total"}}', concat(if(team_key = '', '{{t "No team"}}', team_key), if(level = 1, concat('{{t " – "}}', toString(members), ' ', if(members = 1, '{{t "rep"}}', '{{t "reps"}}')), ''))) AS `{{t "Team"}}`,
    if(level = 2 AND rep_key = '', '{{t "Unassigned"}}', name) AS `{{t "Rep"}}`,
    if(rep_key = '', 'unassigned', rep_key) AS rep_id,
    now_cash{{scale}} AS `{{t "Collected"}}`,
    if(now_goal = 0, NULL, now_goal){{scale}} AS `{{t "Target"}}`,
    reached AS `{{t "Attainment"}}`,
    pace AS `{{t "Against pace"}}`,
    now_rate AS `{{t "Rate, due"}}`,
    100 * (now_rate - year_rate) AS `{{t "On year, pt"}}`,
    history AS `{{t "Rate, 12 months"}}`,
    now_open{{scale}} AS `{{t "Open"}}`,
    now_late / nullIf(now_open, 0) AS `{{t "Overdue %"}}`,
    now_timely AS `{{t "On time"}}`,
    now_kept AS `{{t "Kept"}}`,
    now_visits AS `{{t "Visits"}}`,
    now_per_visit{{scale}} AS `{{t "Per visit"}}`
FROM league
WHERE members > 0
ORDER BY level, isNull(pace), pace DESC, now_cash DESC, rep_key{{end}}
