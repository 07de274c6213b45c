{{/* Pieces of more than one query. today is the chosen as-of day. */}}

{{define "today"}}toDate32(${as_of:sqlstring}) AS today{{end}}

{{/* ar_snapshots s, with the rates f of the chosen valuation. */}}
{{define "snapshots"}}ar_snapshots AS s
    LEFT JOIN (
        SELECT as_of AS rate_day, currency AS rate_currency, rate_closing, rate_constant
        FROM fx_as_of
        WHERE ${currency:sqlstring} IN ('asof', 'constant')
    ) AS f ON f.rate_day = s.as_of AND f.rate_currency = s.currency{{end}}

{{/* The same for queries that do not ask for customers: without a chosen customer
     from portfolio_balances, which is small. */}}
{{define "portfolio"}}(
        SELECT as_of, company, owner_id, segment, region, currency, '' AS customer_id,
            open_amount, open_amount_rc, not_due, not_due_rc, d1_30, d1_30_rc, d31_60, d31_60_rc, d61_90, d61_90_rc, d91_120, d91_120_rc, d121_180, d121_180_rc, d181_365, d181_365_rc, d366_plus, d366_plus_rc,
            overdue, overdue_rc, unapplied, unapplied_rc, open_credits, open_credits_rc, net_ar, net_ar_rc, disputed, disputed_rc, disputed_overdue, disputed_overdue_rc
        FROM portfolio_balances
        WHERE ($__conditionalAll(1 = 0, $customer))
        UNION ALL
        SELECT as_of, company, owner_id, ifNull(segment, ''), ifNull(region, ''), currency, customer_id,
            open_amount, open_amount_rc, not_due, not_due_rc, d1_30, d1_30_rc, d31_60, d31_60_rc, d61_90, d61_90_rc, d91_120, d91_120_rc, d121_180, d121_180_rc, d181_365, d181_365_rc, d366_plus, d366_plus_rc,
            overdue, overdue_rc, unapplied, unapplied_rc, open_credits, open_credits_rc, net_ar, net_ar_rc, disputed, disputed_rc, disputed_overdue, disputed_overdue_rc
        FROM ar_snapshots
        WHERE NOT ($__conditionalAll(1 = 0, $customer))
    ) AS s
    LEFT JOIN (
        SELECT as_of AS rate_day, currency AS rate_currency, rate_closing, rate_constant
        FROM fx_as_of
        WHERE ${currency:sqlstring} IN ('asof', 'constant')
    ) AS f ON f.rate_day = s.as_of AND f.rate_currency = s.currency{{end}}

{{/* The filters of ar_snapshots s and of ar_rollforward s. */}}
{{define "filters"}}{{where "s" "company" "segment" "region" "owner" "customer" "currency"}}{{end}}

{{/* Month-ends of two years, and today. */}}
{{define "days"}}as_of <= today AND as_of >= addMonths(today, -24) AND (as_of = toLastDayOfMonth(as_of) OR as_of = today){{end}}

{{/* Tables by scope (group, company, segment …) know one filter at a time; for a
     combination there is no row. in_scope chooses the rows. */}}
{{define "scope"}}[($__conditionalAll(1 = 0, $company)), ($__conditionalAll(1 = 0, $segment)), ($__conditionalAll(1 = 0, $region)), ($__conditionalAll(1 = 0, $rep)), ($__conditionalAll(1 = 0, $customer))] AS all_of,
    multiIf(arraySum(all_of) = 5, 'group', arraySum(all_of) < 4, 'none', arrayElement(['company', 'segment', 'region', 'owner', 'customer'], indexOf(all_of, 0))) AS wanted_scope{{end}}
{{define "in_scope"}}scope = wanted_scope
            AND (scope != 'company' OR $__conditionalAll(if(scope_id = '', '(none)', scope_id) IN (${company:sqlstring}), $company))
            AND (scope != 'segment' OR $__conditionalAll(if(scope_id = '', '(none)', scope_id) IN (${segment:sqlstring}), $segment))
            AND (scope != 'region' OR $__conditionalAll(if(scope_id = '', '(none)', scope_id) IN (${region:sqlstring}), $region))
            AND (scope != 'owner' OR $__conditionalAll(if(scope_id = '', 'unassigned', scope_id) IN (${rep:sqlstring}), $rep))
            AND (scope != 'customer' OR $__conditionalAll(scope_id IN (${customer:sqlstring}), $customer)){{end}}

{{/* The rows of dso that the filters name. Ratios of several rows are the ratio of
     their sums, as long as they are in one currency. */}}
{{define "speed"}}{{template "scope"}},
    speed AS (
        SELECT
            as_of AS day,
            if(count() = 1, toFloat64(any(dso_90)), if(uniqExact(currency) = 1, 90 * toFloat64(sum(ar)) / nullIf(toFloat64(sum(sales_90)), 0), NULL)) AS dso_days,
            if(count() = 1, toFloat64(any(bpdso)), if(uniqExact(currency) = 1, 90 * toFloat64(sum(current_ar)) / nullIf(toFloat64(sum(sales_90)), 0), NULL)) AS best_days,
            if(count() = 1, toFloat64(any(dso_countback)), NULL) AS countback_days,
            if(uniqExact(currency) = 1, 100 * toFloat64(sum(cei_numerator)) / nullIf(toFloat64(sum(cei_denominator)), 0), NULL) AS effectiveness
        FROM dso
        WHERE {{template "days"}}
            AND {{template "in_scope"}}
        GROUP BY as_of
    ){{end}}

{{/* The cash expected in the weeks after the as-of day (1 to 13), of what is open
     then: of the last day built item by item, of earlier month-ends from the
     backtest, which knows company or segment. */}}
{{define "expected_cash"}}{{template "scope"}},
    expected_cash AS (
        SELECT week, week_no, toFloat64(sum({{m "expected"}})) AS expected_amount, toFloat64(sum({{m "low"}})) AS low_amount, toFloat64(sum({{m "high"}})) AS high_amount
        FROM cash_forecast AS s
        WHERE s.as_of = today
            AND {{where "s" "company" "segment" "customer" "customer_region" "customer_owner" "currency"}}
        GROUP BY week, week_no
        UNION ALL
        SELECT week, week_no, toFloat64(sum(forecast)), toFloat64(sum(low)), toFloat64(sum(high))
        FROM cash_forecast_backtest
        WHERE origin = today AND origin < (SELECT max(as_of) FROM cash_forecast) AND {{converted}}
            AND {{template "in_scope"}}
        GROUP BY week, week_no
    ){{end}}

{{/* One half of a stat's label: the change since another day, with its sign. */}}
{{define "part"}}if(isNull({{.Change}}), '', concat('{{.Before}}', multiIf(round({{.Change}}, 1) > 0, '▲ ', round({{.Change}}, 1) < 0, '▼ ', '± '), toString(abs(round(assumeNotNull({{.Change}}), 1))), '{{.Unit}}{{.After}}')){{end}}

{{/* A stat: the series of v by day; its label says the change since the month-end
     before and the month-end a year before. */}}
{{define "stat"}}compared AS (
        SELECT
            day,
            v,
            maxIf(v, day = today) OVER () AS now_v,
            maxIf(v, day = toLastDayOfMonth(addMonths(today, -1))) OVER () AS month_v,
            maxIf(v, day = toLastDayOfMonth(addMonths(today, -12))) OVER () AS year_v
        FROM points
    ),
    labelled AS (
        SELECT
            day,
            v,
            {{if eq .Kind "percent"}}100 * (now_v - month_v) / nullIf(abs(month_v), 0){{else}}now_v - month_v{{end}} AS month_change,
            {{if eq .Kind "percent"}}100 * (now_v - year_v) / nullIf(abs(year_v), 0){{else}}now_v - year_v{{end}} AS year_change,
            arrayStringConcat(arrayFilter(p -> p != '', [
                {{part "month_change" .Kind "month"}},
                {{part "year_change" .Kind "year"}}
            ]), ' · ') AS both_changes
        FROM compared
    )
SELECT
    toDateTime(day, 'UTC') AS time,
    if(both_changes = '', '{{t "nothing to compare"}}', both_changes) AS label,
    v
FROM labelled
WHERE v IS NOT NULL
ORDER BY time{{end}}

{{/* What every page says on top: a sentence, and when and how sure the figures are. */}}
{{define "header"}}concat(
    '<div style="font-size:18px;line-height:20px">', ifNull({{.Sentence}}, '{{t "Nothing to show for this selection."}}'), '</div><div style="font-size:12px;line-height:14px;opacity:.75">',
    {{if .Days}}'{{t "Data as of"}} <b>', toString(toDate32(${as_of:sqlstring})), '</b> · ', {{end}}(
        SELECT if(count() = 0, '{{t "nothing loaded yet"}}', concat('{{t "loaded"}} ', formatDateTime(max(finished_at), '%Y-%m-%d %H:%i', 'UTC'), ' UTC'))
        FROM ops_runs
        WHERE kind = 'sync' AND status IN ('ok', 'partial')
    ), ' · {{t "roll-forward check"}} ', (
        SELECT if(sum(abs(check_amount)) = 0, '0.00 ✓', concat('<b>', toString(round(sum(abs(check_amount)), 2)), ' ✗</b>'))
        FROM ar_rollforward
    ), (
        SELECT if(uniqExact(test, table_name) = 0, '', concat(' · ', toString(uniqExact(test, table_name)), ' {{t "data warnings"}}'))
        FROM ops_test_results
        WHERE status != 'passed' AND run_id = (SELECT argMax(run_id, tested_at) FROM ops_test_results)
    ), {{.Strip}}, '</div>'){{end}}
