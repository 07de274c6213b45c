{{/* Queries of the receivables pack, one answer each. {{day}} is the last day of the
     month reported on, {{month}} its first; {{company}} and {{scope}} hold the choice of
     a company. Amounts are in reporting currency. */}}

{{/* The month-ends there are, newest first, and the last day built. */}}
{{define "days"}}SELECT
    as_of,
    currency,
    as_of = (SELECT max(as_of) FROM ar_as_of) AS is_last
FROM dso
WHERE scope = 'group'
    AND (as_of = toLastDayOfMonth(as_of) OR is_last)
ORDER BY as_of DESC{{end}}

{{define "companies"}}SELECT DISTINCT company
FROM ar_snapshots
ORDER BY company{{end}}

{{/* Balances at the month-ends of two years and a month (A1, A2, A5). */}}
{{define "balances"}}SELECT
    as_of,
    sum(open_amount_rc) AS open_amount,
    sum(not_due_rc) AS not_due,
    sum(d1_30_rc) AS d1_30,
    sum(d31_60_rc) AS d31_60,
    sum(d61_90_rc) AS d61_90,
    sum(d91_120_rc) AS d91_120,
    sum(d121_180_rc) AS d121_180,
    sum(d181_365_rc) AS d181_365,
    sum(d366_plus_rc) AS d366_plus,
    sum(overdue_rc) AS overdue,
    sum(unapplied_rc) AS unapplied,
    sum(open_credits_rc) AS open_credits,
    sum(net_ar_rc) AS net_ar,
    sum(disputed_rc) AS disputed,
    countIf(isNull(open_amount_rc)) AS without_rate
FROM ar_snapshots
WHERE as_of <= {{day}}
    AND as_of >= addMonths({{month}}, -25)
    AND (as_of = toLastDayOfMonth(as_of) OR as_of = {{day}})
    AND {{company}}
GROUP BY as_of
ORDER BY as_of{{end}}

{{/* DSO and its kin at the same days (B3, B4, B7, B8, C1). */}}
{{define "speed"}}SELECT
    as_of,
    dso_90,
    bpdso,
    add_days,
    dso_countback,
    cei,
    coalesce(reason_90, reason) AS reason
FROM dso
WHERE as_of <= {{day}}
    AND as_of >= addMonths({{month}}, -25)
    AND (as_of = toLastDayOfMonth(as_of) OR as_of = {{day}})
    AND {{scope}}
ORDER BY as_of{{end}}

{{/* The movement of every month (A6), each step with the sign it moves the balance by. */}}
{{define "movement"}}SELECT
    month,
    sum(opening_rc) AS opening,
    sum(invoiced_rc) AS invoiced,
    sum(debit_notes_rc) AS debit_notes,
    -sum(credited_rc) AS credited,
    -sum(cash_rc) AS cash,
    -sum(discounts_rc) AS discounts,
    -sum(written_off_rc) AS written_off,
    sum(refunds_rc) AS refunds,
    sum(fx_rc) AS fx,
    sum(transfers_rc) AS transfers,
    sum(closing_rc) AS closing,
    sum(check_amount_rc) AS check_amount
FROM ar_rollforward
WHERE month <= {{month}}
    AND month >= addMonths({{month}}, -24)
    AND {{company}}
GROUP BY month
ORDER BY month{{end}}

{{/* Collection of the month and of those compared, all reps together (C2, C7, C9, C10). */}}
{{define "collection"}}SELECT
    month,
    sum(collected) AS collected,
    sum(target) AS target,
    toDecimal128(sum(collected_due_basis), 10) / nullIf(sum(due_basis_denominator), 0) AS due_rate,
    toDecimal128(sum(on_time_amount), 10) / nullIf(sum(on_time_base), 0) AS on_time
FROM rep_collection
WHERE month IN ({{month}}, addMonths({{month}}, -1), addMonths({{month}}, -12))
    AND {{company}}
GROUP BY month
ORDER BY month DESC{{end}}

{{/* Expected credit loss by bucket (E6). */}}
{{define "ecl"}}SELECT
    as_of,
    bucket_no,
    any(bucket) AS bucket,
    sum(gross_rc) AS gross,
    sum(ecl_rc) AS allowance
FROM ecl_provision
WHERE as_of IN ({{compared}})
    AND {{company}}
GROUP BY as_of, bucket_no
ORDER BY as_of, bucket_no{{end}}

{{/* Losses of twelve months against sales (E1). */}}
{{define "losses"}}SELECT
    month,
    sum(written_off_12m_rc) AS written_off,
    sum(recovered_12m_rc) AS recovered,
    sum(sales_12m_rc) AS sales,
    toDecimal128(sum(written_off_12m_rc) - sum(recovered_12m_rc), 10) / nullIf(sum(sales_12m_rc), 0) AS net_ratio
FROM bad_debt
WHERE month IN ({{month}}, addMonths({{month}}, -1), addMonths({{month}}, -12))
    AND {{company}}
GROUP BY month
ORDER BY month DESC{{end}}

{{/* Concentration (E11). */}}
{{define "concentration"}}SELECT
    as_of,
    top_1_share,
    top_5_share,
    top_10_share,
    hhi,
    effective_number
FROM concentration
WHERE as_of IN ({{compared}})
    AND {{scope}}
ORDER BY as_of DESC{{end}}

{{/* Why DSO changed, in days that add up. */}}
{{define "bridge"}}SELECT
    span,
    from_month_end,
    to_month_end,
    dso_from,
    terms,
    speed,
    mix,
    disputes,
    write_offs,
    fx,
    dso_to,
    reason
FROM dso_bridge
WHERE to_month_end = {{day}}
    AND {{scope}}
ORDER BY span{{end}}

{{/* The next thirteen weeks as expected at the end of the month (F1). Where the month is
     the last one built this is the forecast of today, before that the one of the backtest. */}}
{{define "forecast"}}SELECT
    week,
    week_no,
    sum(expected_rc) AS expected,
    sum(low_rc) AS low,
    sum(high_rc) AS high,
    sum(naive_due_date_rc) AS naive
FROM cash_forecast
WHERE as_of = {{day}}
    AND {{company}}
GROUP BY week, week_no
ORDER BY week{{end}}

{{define "forecast_then"}}SELECT
    week,
    week_no,
    forecast AS expected,
    low,
    high,
    naive,
    actual
FROM cash_forecast_backtest
WHERE origin = {{day}}
    AND {{scope}}
ORDER BY week{{end}}

{{/* Weeks that are over: of each of the last three month-ends, the weeks up to the next one. */}}
{{define "forecast_past"}}SELECT
    week,
    forecast,
    actual
FROM cash_forecast_backtest
WHERE complete
    AND origin < {{day}}
    AND origin >= addMonths({{month}}, -3) - 1
    AND addDays(week, 6) <= toLastDayOfMonth(addDays(origin, 1))
    AND addDays(week, 6) <= {{day}}
    AND {{scope}}
ORDER BY week{{end}}

{{define "forecast_score"}}SELECT
    toDecimal128(sum(absolute_error_rc), 10) / nullIf(sum(actual_rc), 0) AS wape,
    toDecimal128(sum(naive_absolute_error_rc), 10) / nullIf(sum(actual_rc), 0) AS naive_wape,
    sum(weeks) AS weeks
FROM forecast_scores
WHERE kind = 'backtest'
    AND origin < {{day}}
    AND {{scope}}{{end}}

{{/* Reps in the month (C2, C7, C9, C10). */}}
{{define "reps"}}SELECT
    r.rep_id AS rep_id,
    any(coalesce(r.rep_name, r.rep_id)) AS rep,
    any(r.team) AS team,
    sum(r.collected) AS collected,
    sum(r.target) AS target,
    toDecimal128(sum(r.collected), 10) / nullIf(sum(r.target), 0) AS attainment,
    toDecimal128(sum(r.collected_due_basis), 10) / nullIf(sum(r.due_basis_denominator), 0) AS due_rate,
    toDecimal128(sum(r.on_time_amount), 10) / nullIf(sum(r.on_time_base), 0) AS on_time,
    sum(r.closing_open) AS open_amount,
    sum(r.closing_overdue) AS overdue,
    sum(r.visits) AS visits,
    sum(r.promises_kept) AS promises_kept,
    sum(r.promises_due) AS promises_due,
    any(b.due_rate) AS due_rate_before
FROM rep_collection AS r
LEFT JOIN (
    SELECT rep_id, toNullable(toDecimal128(sum(collected_due_basis), 10) / nullIf(sum(due_basis_denominator), 0)) AS due_rate
    FROM rep_collection
    WHERE month = addMonths({{month}}, -1) AND {{company}}
    GROUP BY rep_id
) AS b ON b.rep_id = r.rep_id
WHERE r.month = {{month}}
    AND {{company}}
GROUP BY r.rep_id
ORDER BY r.rep_id = 'unassigned', collected DESC, r.rep_id{{end}}

{{/* Every customer with anything open, most overdue money last known first. */}}
{{define "customers"}}SELECT
    s.customer_id AS customer_id,
    any(coalesce(c.name, s.customer_id)) AS customer,
    any(s.segment) AS segment,
    any(s.region) AS region,
    any(coalesce(o.name, if(s.owner_id = '', NULL, s.owner_id))) AS owner,
    sum(s.open_amount_rc) AS open_amount,
    sum(s.not_due_rc) AS not_due,
    sum(s.d1_30_rc) AS d1_30,
    sum(s.d31_60_rc) AS d31_60,
    sum(s.d61_90_rc) AS d61_90,
    sum(s.d91_120_rc) AS d91_120,
    sum(s.d121_180_rc) AS d121_180,
    sum(s.d181_365_rc) AS d181_365,
    sum(s.d366_plus_rc) AS d366_plus,
    sum(s.overdue_rc) AS overdue,
    sum(s.disputed_rc) AS disputed,
    sum(s.unapplied_rc) AS unapplied,
    sum(s.open_credits_rc) AS open_credits,
    sum(s.net_ar_rc) AS net_ar,
    any(l.limit_rc) AS limit_amount,
    any(l.utilisation) AS utilisation,
    any(g.effective_grade) AS grade
FROM ar_snapshots AS s
LEFT JOIN (SELECT customer_id, name FROM customers_current) AS c ON c.customer_id = s.customer_id
LEFT JOIN (SELECT rep_id, name FROM reps_current) AS o ON o.rep_id = s.owner_id
LEFT JOIN (
    SELECT customer_id, any(limit_rc) AS limit_rc, any(utilisation) AS utilisation
    FROM exposure_by_customer
    WHERE as_of = {{day}} AND level = 'customer'
    GROUP BY customer_id
) AS l ON l.customer_id = s.customer_id
LEFT JOIN (
    SELECT customer_id, any(effective_grade) AS effective_grade
    FROM risk_grades
    WHERE as_of = {{day}}
    GROUP BY customer_id
) AS g ON g.customer_id = s.customer_id
WHERE s.as_of = {{day}}
    AND {{company}}
GROUP BY s.customer_id
HAVING open_amount != 0 OR unapplied != 0 OR open_credits != 0 OR isNull(open_amount)
ORDER BY open_amount DESC NULLS LAST, customer_id{{end}}

{{/* Open amount of the largest customers at the last thirteen month-ends. */}}
{{define "customer_history"}}SELECT
    customer_id,
    as_of,
    sum(open_amount_rc) AS open_amount
FROM ar_snapshots
WHERE as_of <= {{day}}
    AND as_of >= addMonths({{month}}, -12)
    AND (as_of = toLastDayOfMonth(as_of) OR as_of = {{day}})
    AND {{company}}
    AND customer_id IN (
        SELECT customer_id
        FROM ar_snapshots
        WHERE as_of = {{day}} AND {{company}}
        GROUP BY customer_id
        ORDER BY sum(open_amount_rc) DESC NULLS LAST, customer_id
        LIMIT {{top}}
    )
GROUP BY customer_id, as_of
ORDER BY customer_id, as_of{{end}}

{{/* Customers above their limit, all companies together: a limit is the customer's (E7). */}}
{{define "over_limit"}}SELECT
    customer_id,
    coalesce(customer_name, customer_id) AS customer,
    exposure_rc AS exposure,
    limit_rc AS limit_amount,
    utilisation,
    breach_rc AS breach
FROM exposure_by_customer
WHERE as_of = {{day}}
    AND level = 'customer'
    AND breached = true
ORDER BY breach_rc DESC NULLS LAST, customer_id{{end}}

{{/* Open instalments, known for the last day built only. */}}
{{define "open_items"}}SELECT
    i.company AS company,
    i.customer_id AS customer_id,
    coalesce(c.name, i.customer_id) AS customer,
    i.invoice_id AS invoice_id,
    i.instalment_seq AS instalment,
    i.item_type AS item_type,
    i.invoice_date AS invoice_date,
    i.due_date AS due_date,
    i.days_past_due AS days_past_due,
    i.bucket AS bucket,
    i.currency AS currency,
    i.amount AS amount,
    i.open_amount AS open_amount,
    i.open_amount_rc AS open_amount_rc,
    i.disputed_amount AS disputed_amount,
    coalesce(o.name, if(i.owner_id = '', NULL, i.owner_id)) AS owner
FROM ar_open_items AS i
LEFT JOIN (SELECT customer_id, name FROM customers_current) AS c ON c.customer_id = i.customer_id
LEFT JOIN (SELECT rep_id, name FROM reps_current) AS o ON o.rep_id = i.owner_id
WHERE i.as_of = {{day}}
    AND {{company}}
ORDER BY i.days_past_due DESC, i.open_amount_rc DESC NULLS LAST, i.invoice_id, i.instalment_seq{{end}}

{{/* What proves the figures: roll-forward, control accounts, tests of data, rejected records. */}}
{{define "proof"}}WITH tied AS (
    SELECT max(balance_date) AS last_day, abs(argMax(if(status = 'open', unexplained, 0), balance_date)) AS unproved
    FROM tie_out
    WHERE balance_date <= {{day}}
    GROUP BY ifNull(company, ''), currency
)
SELECT
    (SELECT max(abs(check_amount)) FROM ar_rollforward WHERE month <= {{month}}) AS rollforward,
    (SELECT uniqExact(month) FROM ar_rollforward WHERE month <= {{month}}) AS months,
    (SELECT count() FROM tied) AS accounts,
    (SELECT max(unproved) FROM tied) AS unexplained,
    if(accounts = 0, NULL, (SELECT max(last_day) FROM tied)) AS accounts_on,
    (SELECT count() FROM rejected_rows) AS rejected,
    (SELECT countIf(status != 'passed') FROM ops_test_results WHERE run_id = (SELECT argMax(run_id, tested_at) FROM ops_test_results)) AS failed_tests,
    (SELECT count() FROM ops_test_results WHERE run_id = (SELECT argMax(run_id, tested_at) FROM ops_test_results)) AS tests,
    (SELECT max(finished_at) FROM ops_runs WHERE kind = 'build' AND status = 'ok') AS built_at{{end}}
