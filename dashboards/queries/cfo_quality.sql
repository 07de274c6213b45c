{{/* Weeks of the past: what the forecast of the month-end before said of the four
     weeks after it, and what came of the items that were open then. */}}
{{define "cfo_forecast_past"}}past AS (
        SELECT week, toFloat64(sum(forecast)) AS forecast_then, toFloat64(sum(actual)) AS actual_then
        FROM cash_forecast_backtest
        WHERE origin >= addMonths(today, -3) AND origin < today AND week_no <= 4 AND week + 6 <= today AND complete AND {{converted}}
            AND {{template "in_scope"}}
        GROUP BY week
    ){{end}}

{{/* What came of earlier forecasts of the same week, as a factor: customers pay
     towards the end of a month, so the first week after one brings less than the
     pattern says, the fourth more. */}}
{{define "cfo_forecast"}}WITH
    {{template "today"}},
    {{template "expected_cash"}},
    {{template "cfo_forecast_past"}},
    usual AS (
        SELECT outcome_no, if(count() >= 4, quantileExact(0.5)(came / forecast_then), NULL) AS factor
        FROM (
            SELECT week_no AS outcome_no, origin AS made_on, toFloat64(sum(forecast)) AS forecast_then, toFloat64(sum(actual)) AS came
            FROM cash_forecast_backtest
            WHERE origin < today AND week + 6 <= today AND complete AND {{converted}}
                AND {{template "in_scope"}}
            GROUP BY outcome_no, made_on
            HAVING forecast_then > 0
        )
        GROUP BY outcome_no
    )
SELECT
    toFloat64(toUnixTimestamp(toDateTime(w, 'UTC'))) * 1000 AS week,
    a{{scale}} AS `{{t "Actual"}}`,
    f{{scale}} AS `{{t "Forecast made then"}}`,
    e{{scale}} AS `{{t "Expected"}}`,
    e * u.factor{{scale}} AS `{{t "As past forecasts came in"}}`,
    h{{scale}} AS `{{t "Likely range"}}`,
    l{{scale}} AS `{{t "Low"}}`
FROM (
    SELECT week AS w, 0 AS no, toNullable(actual_then) AS a, toNullable(forecast_then) AS f, NULL AS e, NULL AS h, NULL AS l
    FROM past
    UNION ALL
    SELECT week, week_no, NULL, NULL, expected_amount, high_amount, low_amount
    FROM expected_cash
) AS s
LEFT JOIN usual AS u ON u.outcome_no = s.no
ORDER BY w{{end}}

{{define "cfo_wape"}}WITH
    {{template "today"}},
    {{template "expected_cash"}},
    {{template "cfo_forecast_past"}}
SELECT multiIf(count() = 0 AND (SELECT count() FROM expected_cash) = 0, {{q "none for this selection"}}, count() = 0 OR sum(actual_then) = 0, {{q "no past forecast to compare"}}, concat({{q "past weeks missed by"}}, ' ', toString(round(100 * sum(abs(forecast_then - actual_then)) / sum(actual_then))), {{q " %"}})) AS wape
FROM past{{end}}

{{/* The three youngest months of which at least 30 days are known carry a mark, by
     which the panel colours them. */}}
{{define "cfo_vintage"}}WITH
    {{template "today"}},
    {{template "scope"}},
    curves AS (
        SELECT cohort, groupArray((days, share)) AS curve, row_number() OVER (ORDER BY cohort DESC) AS age
        FROM (
            SELECT cohort, days, 100 * toFloat64(sum(received_rc)) / nullIf(toFloat64(sum(base_rc)), 0) AS share
            FROM vintage
            WHERE basis = 'invoice' AND complete AND addDays(last_date, days) <= today
                AND cohort > addMonths(today, -18) AND days <= 180 AND {{converted}}
                AND {{template "in_scope"}}
            GROUP BY cohort, days
        )
        GROUP BY cohort
        HAVING max(days) >= 30
    )
SELECT
    point.1 AS day,
    {{template "cfo_cohort"}} AS coh,
    point.2 AS v
FROM curves
ARRAY JOIN arrayPushFront(curve, (0, 0)) AS point
ORDER BY day, cohort{{end}}
{{define "cfo_cohort"}}concat(transform(toInt64(age), [1, 2, 3], ['● ', '◆ ', '▲ '], ''), formatDateTime(cohort, '%Y-%m')){{end}}

{{define "cfo_roll_rates"}}WITH
    {{template "today"}},
    moves AS (
        SELECT from_days, to_bucket, to_days, sum(toFloat64(amount_rc)) AS amount
        FROM roll_rates AS s
        WHERE complete AND to_month_end <= today AND to_month_end > addMonths(today, -12)
            AND {{where "s" "company" "segment"}}
            AND {{only "company" "segment"}} AND {{converted}}
        GROUP BY from_days, to_bucket, to_days
    ),
    [(0, 0, '{{t "Not due"}}'), (1, 30, '1–30'), (31, 60, '31–60'), (61, 90, '61–90'), (91, 120, '91–120'), (121, 180, '121–180'), (181, 365, '181–365'), (366, 1000000, '> 365')] AS edges
SELECT
    arrayFirst(e -> from_days BETWEEN e.1 AND e.2, edges).3 AS `{{t "From"}}`,
    sumIf(amount, to_bucket = 'paid') / sum(amount) AS `{{t "Paid"}}`,
    sumIf(amount, to_bucket = 'credited') / sum(amount) AS `{{t "Credited"}}`,
    sumIf(amount, to_bucket = 'written_off') / sum(amount) AS `{{t "Lost"}}`{{range $i, $b := buckets}},
    sumIf(amount, to_bucket NOT IN ('paid', 'credited', 'written_off') AND to_days BETWEEN edges[{{add $i 1}}].1 AND edges[{{add $i 1}}].2) / sum(amount) AS `{{t $b.Title}}`{{end}}
FROM moves
GROUP BY `{{t "From"}}`
HAVING sum(amount) > 0
ORDER BY min(from_days){{end}}

{{define "cfo_cost"}}WITH
    {{template "today"}}
SELECT
    {{month "first_day"}} AS month,
    cost{{scale}} AS `{{t "Cost of overdue"}}`
FROM (
    SELECT s.month AS first_day, toFloat64(sum(late_cost_rc)) AS cost
    FROM cost_of_overdue AS s
    WHERE period = 'month' AND s.month <= today AND s.month > addMonths(toStartOfMonth(today), -13)
        AND {{where "s" "company" "segment" "customer" "customer_region" "customer_owner"}}
        AND {{converted}}
    GROUP BY first_day
    HAVING count(late_cost_rc) > 0
)
ORDER BY first_day{{end}}

{{define "cfo_bad_debt"}}WITH
    {{template "today"}}
SELECT
    toDateTime(toLastDayOfMonth(first_day), 'UTC') AS time,
    100 * (lost - recovered) / nullIf(sales, 0) AS `{{t "Bad debts, net, to sales"}}`,
    if(known = parts, 100 * lost / nullIf(average_ar, 0), NULL) AS `{{t "Written off to receivables"}}`
FROM (
    SELECT assumeNotNull(s.month) AS first_day, count() AS parts, count(average_ar_rc) AS known, toFloat64(sum(written_off_12m_rc)) AS lost, toFloat64(sum(recovered_12m_rc)) AS recovered,
        toFloat64(sum(sales_12m_rc)) AS sales, toFloat64(sum(average_ar_rc)) AS average_ar, countIf(ifNull(reason, '') = 'insufficient_history') AS too_young
    FROM bad_debt AS s
    WHERE s.month <= today AND s.month > addMonths(today, -25)
        AND {{where "s" "company" "segment"}}
        AND {{only "company" "segment"}} AND {{converted}}
    GROUP BY first_day
)
WHERE too_young = 0
ORDER BY time{{end}}

{{define "cfo_grades"}}WITH
    {{template "today"}}
SELECT
    {{month "day"}} AS month{{range list "A" "B" "C" "D" "E"}},
    100 * sumIf(amount, grade_now = '{{.}}') / sum(amount) AS `{{t .}}`{{end}},
    100 * sumIf(amount, grade_now NOT IN ('A', 'B', 'C', 'D', 'E')) / sum(amount) AS `{{t "Not rated"}}`
FROM (
    SELECT s.as_of AS day, s.effective_grade AS grade_now, sum(toFloat64(s.open_rc)) AS amount
    FROM risk_grades AS s
    WHERE {{template "days" 13}}
        AND open_rc > 0
        AND {{where "s" "segment" "owner" "customer" "customer_region"}}
        AND {{only "segment" "rep" "customer" "region"}} AND {{converted}}
    GROUP BY day, grade_now
)
GROUP BY day
HAVING sum(amount) > 0
ORDER BY day{{end}}

{{define "cfo_concentration"}}WITH
    {{template "today"}},
    {{template "scope"}}
SELECT
    toDateTime(day, 'UTC') AS time,
    100 * top_10 AS `{{t "Ten largest"}}`,
    100 * top_1 AS `{{t "Largest"}}`
FROM (
    SELECT as_of AS day, count() AS parts, toFloat64(any(top_1_share)) AS top_1, toFloat64(any(top_10_share)) AS top_10
    FROM concentration
    WHERE {{template "days"}}
        AND {{converted}}
        AND {{template "in_scope"}}
    GROUP BY as_of
)
WHERE parts = 1
ORDER BY time{{end}}

{{define "cfo_unapplied"}}WITH
    {{template "today"}},
    {{template "shown_in"}}
SELECT
    {{month "day"}} AS month,
    -cash{{scale}} AS `{{t "Unapplied cash"}}`,
    -credits{{scale}} AS `{{t "Open credits"}}`
FROM (
    SELECT s.as_of AS day, sum({{v "unapplied"}}) AS cash, sum({{v "open_credits"}}) AS credits
    FROM {{template "portfolio"}}
    WHERE {{template "days" 13}}
        AND {{template "filters"}}
    GROUP BY day
)
ORDER BY day{{end}}

{{define "cfo_fx"}}WITH
    {{template "today"}}
SELECT
    {{month "first_day"}} AS month,
    realised{{scale}} AS `{{t "Realised"}}`,
    unrealised{{scale}} AS `{{t "Change of unrealised"}}`
FROM (
    SELECT s.month AS first_day, toFloat64(sum(realised_rc)) AS realised, toFloat64(sum(unrealised_change_rc)) AS unrealised
    FROM fx_effects AS s
    WHERE s.month <= today AND s.month > addMonths(toStartOfMonth(today), -13)
        AND {{where "s" "company"}}
        AND {{only "company"}} AND {{converted}}
    GROUP BY first_day
)
ORDER BY first_day{{end}}

{{define "cfo_ecl_movement"}}WITH
    {{template "today"}},
    toStartOfMonth(if(today = toLastDayOfMonth(today), today, addMonths(today, -1))) AS full_month,
    totals AS (
        SELECT count() AS movements, sum(opening_rc) AS t_opening, sum(charge_rc) AS t_charge, sum(reversal_rc) AS t_reversal, sum(written_off_rc) AS t_lost,
            sum(recoveries_rc) AS t_recovered, sum(fx_rc) AS t_fx, sum(closing_rc) AS t_closing
        FROM ecl_movement AS s
        WHERE s.month = full_month
            AND {{where "s" "company"}}
            AND {{only "company"}} AND {{converted}}
    ),
    lines AS (
        SELECT
            arrayJoin([
                (1, '{{t "Opening"}}', toFloat64(t_opening)),
                (2, '{{t "Charged"}}', toFloat64(t_charge)),
                (3, '{{t "Released"}}', -toFloat64(t_reversal)),
                (4, '{{t "Written off"}}', -toFloat64(t_lost)),
                (5, '{{t "Recovered"}}', toFloat64(t_recovered)),
                (6, '{{t "FX effect"}}', toFloat64(t_fx)),
                (7, '{{t "Closing"}}', toFloat64(t_closing))
            ]) AS line,
            line.1 AS place,
            line.2 AS title,
            line.3 AS amount,
            place IN (1, 7) AS is_balance
        FROM totals
        WHERE movements > 0
    ),
    {{template "waterfall"}}{{end}}

{{define "cfo_bridge"}}bridge AS (
        SELECT toFloat64(any(dso_from)) AS d_from, toFloat64(any(terms)) AS d_terms, toFloat64(any(speed)) AS d_speed, toFloat64(any(mix)) AS d_mix, toFloat64(any(disputes)) AS d_disputes,
            toFloat64(any(write_offs)) AS d_lost, toFloat64(any(fx)) AS d_fx, toFloat64(any(dso_to)) AS d_to, count() AS parts
        FROM dso_bridge
        WHERE span = 'year' AND to_month_end = (SELECT max(to_month_end) FROM dso_bridge WHERE to_month_end <= today)
            AND {{template "in_scope"}}
    ){{end}}

{{define "cfo_bridge_words"}}WITH
    {{template "today"}},
    {{template "scope"}},
    {{template "cfo_bridge"}}
SELECT if(parts = 1 AND d_from IS NOT NULL AND d_to IS NOT NULL, concat(printf('%.1f', assumeNotNull(d_from)), ' → ', printf('%.1f', assumeNotNull(d_to)), ' ', {{q "days"}}), '–') AS words
FROM bridge{{end}}

{{/* Only the changes: beside the whole of DSO they could not be seen. */}}
{{define "cfo_dso_bridge"}}WITH
    {{template "today"}},
    {{template "scope"}},
    {{template "cfo_bridge"}},
    lines AS (
        SELECT
            arrayJoin([
                (1, '{{t "Terms granted"}}', d_terms),
                (2, '{{t "Speed of payment"}}', d_speed),
                (3, '{{t "Mix of customers"}}', d_mix),
                (4, '{{t "Disputes"}}', d_disputes),
                (5, '{{t "Write-offs"}}', d_lost),
                (6, '{{t "FX effect"}}', d_fx)
            ]) AS line,
            line.1 AS place,
            line.2 AS title,
            assumeNotNull(line.3) AS amount
        FROM bridge
        WHERE parts = 1 AND d_to IS NOT NULL AND d_from IS NOT NULL
    )
SELECT
    concat(title, '   ', multiIf(round(amount, 1) > 0, '+', round(amount, 1) < 0, '−', ''), printf('%.1f', abs(amount))) AS step,
    CAST(NULL AS Nullable(Float64)) AS base,
    CAST(NULL AS Nullable(Float64)) AS `{{t "Balance"}}`,
    if(amount <= 0, NULL, amount) AS `{{t "Increase"}}`,
    if(amount >= 0, NULL, amount) AS `{{t "Decrease"}}`
FROM lines
ORDER BY place{{end}}

{{define "cfo_ecl_bands"}}WITH
    {{template "today"}},
    parts AS (
        SELECT
            arrayJoin([toInt32(s.bucket_no), 9]) AS place,
            sum(toFloat64(s.gross_rc)) AS gross_part,
            sum(toFloat64(s.year_band_allowance_rc)) AS band_part,
            sum(toFloat64(s.rate_effect_rc)) AS rate_part,
            sum(toFloat64(s.specific_effect_rc)) AS specific_part,
            sum(toFloat64(s.disputed_effect_rc)) AS disputed_part,
            sum(toFloat64(s.insured_effect_rc)) AS insured_part,
            sum(toFloat64(s.ecl_rc)) AS loss_part
        FROM ecl_reconciliation AS s
        WHERE s.as_of = today
            AND {{where "s" "company" "segment"}}
            AND {{only "company" "segment"}} AND {{converted}}
        GROUP BY place
    )
SELECT
    [{{range buckets}}'{{t .Title}}', {{end}}'{{t "Total"}}'][place] AS `{{t "Days overdue"}}`,
    gross_part{{scale}} AS `{{t "Gross"}}`,
    band_part{{scale}} AS `{{t "By year bands"}}`,
    rate_part{{scale}} AS `{{t "Loss rates"}}`,
    specific_part{{scale}} AS `{{t "One by one"}}`,
    disputed_part{{scale}} AS `{{t "Disputed"}}`,
    insured_part{{scale}} AS `{{t "Insured"}}`,
    loss_part{{scale}} AS `{{t "ECL"}}`
FROM parts
ORDER BY place{{end}}
