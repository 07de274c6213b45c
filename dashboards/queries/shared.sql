{{/* Pieces of more than one query. today is the chosen as-of day. */}}

{{define "today"}}toDate32(${as_of:sqlstring}) AS today{{end}}
{{/* The way amounts are shown, for portfolio. */}}
{{define "shown_in"}}${currency:sqlstring} AS shown_in{{end}}

{{/* Balances s with the amounts asked for before the FROM; portfolio where the query
     does not ask for customers. */}}
{{define "snapshots"}}{{snapshots}}{{end}}
{{define "portfolio"}}{{portfolio}}{{end}}

{{/* Columns of ar_rollforward s, without a chosen customer from portfolio_movements. */}}
{{define "movements"}}{{movements .}}{{end}}

{{/* The filters of ar_snapshots s and of ar_rollforward s. */}}
{{define "filters"}}{{where "s" "company" "segment" "region" "owner" "customer" "currency"}}{{end}}

{{/* Month-ends, as many as asked for, two years of them without a number, and today. */}}
{{define "days"}}as_of BETWEEN toLastDayOfMonth(addMonths(today, -{{or . 24}})) AND today AND (as_of = today OR as_of = toLastDayOfMonth(as_of)){{end}}

{{/* The same one by one: a table of all customers in the order of as_of is read at these
     days only. */}}
{{define "single_days"}}as_of IN (today{{range months (or . 24)}}, toLastDayOfMonth(addMonths(today, -{{.}})){{end}}){{end}}

{{/* Tables by scope (group, company, segment …) know one filter at a time; for a
     combination there is no row. in_scope chooses the rows. */}}
{{define "scope"}}arrayFilter((name, every) -> NOT every, ['company', 'segment', 'region', 'owner', 'customer'],
        [($__conditionalAll(1 = 0, $company)), ($__conditionalAll(1 = 0, $segment)), ($__conditionalAll(1 = 0, $region)), ($__conditionalAll(1 = 0, $rep)), ($__conditionalAll(1 = 0, $customer))]) AS chosen,
    if(empty(chosen), 'group', arrayStringConcat(chosen, ' and ')) AS wanted_scope{{end}}
{{define "in_scope"}}scope = wanted_scope
            AND $__conditionalAll(if(scope_id = '', '(none)', scope_id) IN (${company:sqlstring}), $company)
            AND $__conditionalAll(if(scope_id = '', '(none)', scope_id) IN (${segment:sqlstring}), $segment)
            AND $__conditionalAll(if(scope_id = '', '(none)', scope_id) IN (${region:sqlstring}), $region)
            AND $__conditionalAll(if(scope_id = '', 'unassigned', scope_id) IN (${rep:sqlstring}), $rep)
            AND $__conditionalAll(scope_id IN (${customer:sqlstring}), $customer){{end}}

{{/* The rows of dso that the filters name, of so many month-ends and today: the measures
     asked for, of dso_days, best_days, countback_days and effectiveness. Ratios of several
     rows are the ratio of their sums, as long as they are in one currency. */}}
{{define "speed"}}{{template "scope"}},
    speed AS (
        SELECT
            as_of AS day,
            uniqExact(currency) = 1 AS one_currency{{range slice . 1}},
            {{if eq . "dso_days"}}if(count() = 1, toFloat64(any(dso_90)), if(one_currency, 90 * toFloat64(sum(ar)) / nullIf(toFloat64(sum(sales_90)), 0), NULL))
            {{- else if eq . "best_days"}}if(count() = 1, toFloat64(any(bpdso)), if(one_currency, 90 * toFloat64(sum(current_ar)) / nullIf(toFloat64(sum(sales_90)), 0), NULL))
            {{- else if eq . "countback_days"}}if(count() = 1, toFloat64(any(dso_countback)), NULL)
            {{- else}}if(one_currency, 100 * toFloat64(sum(cei_numerator)) / nullIf(toFloat64(sum(cei_denominator)), 0), NULL){{end}} AS {{.}}{{end}}
        FROM dso
        WHERE {{template "days" (index . 0)}}
            AND {{template "in_scope"}}
        GROUP BY as_of
    ){{end}}

{{/* The cash expected in the weeks after the as-of day (1 to 13), of what is open
     then: of the last day built item by item, of earlier month-ends from the
     backtest, which knows company or segment. */}}
{{define "expected_cash"}}{{template "scope"}},
    expected_cash AS (
        SELECT week, week_no, toFloat64(sum({{m "expected"}})) AS expected_amount, toFloat64(sum({{m "low"}})) AS low_amount, toFloat64(sum({{m "high"}})) AS high_amount
        FROM {{forecasts}}
        WHERE s.as_of = today
            AND {{where "s" "company" "segment" "region" "owner" "customer" "currency"}}
        GROUP BY week, week_no
        UNION ALL
        SELECT week, week_no, toFloat64(sum(forecast)), toFloat64(sum(low)), toFloat64(sum(high))
        FROM cash_forecast_backtest
        WHERE origin = today AND origin < (SELECT max(as_of) FROM portfolio_forecast) AND {{converted}}
            AND {{template "in_scope"}}
        GROUP BY week, week_no
    ){{end}}

{{/* Departments and terms as sources write them: the usual ones in words, others as
     they stand. */}}
{{define "department"}}{{if eq lang "zh"}}transform(toString({{.}}), ['Credit', 'Quality', 'Service', 'Sales', 'Finance', 'Logistics', 'Legal'],
        [{{q "department Credit"}}, {{q "department Quality"}}, {{q "department Service"}}, {{q "department Sales"}}, {{q "department Finance"}}, {{q "department Logistics"}}, {{q "department Legal"}}], toString({{.}})){{else}}{{.}}{{end}}{{end}}
{{define "terms"}}if(match({{.}}, '^NET ?[0-9]+$'), concat(extract({{.}}, '[0-9]+'), {{q " days net"}}), {{.}}){{end}}

{{/* What leads from a figure to a part of it. */}}
{{define "of_which"}}{{t ", "}}{{if eq lang "zh"}}其中 {{end}}{{end}}

{{/* A change with its sign. */}}
{{define "arrow"}}multiIf(round({{.}}, 1) > 0, '▲ ', round({{.}}, 1) < 0, '▼ ', '± '), printf('%.1f', abs({{.}})){{end}}
{{define "part"}}if(isNull({{.Change}}), '', concat('{{.Before}}', {{template "arrow" (print "assumeNotNull(" .Change ")")}}, '{{.Unit}}{{.After}}')){{end}}

{{/* A stat: the series of v by day; its label says the change since the month-end
     before and the month-end a year before. */}}
{{define "stat"}}compared AS (
        SELECT
            groupArrayIf((day, assumeNotNull(v)), v IS NOT NULL) AS line,
            maxIf(v, day = today) AS now_v,
            maxIf(v, day = toLastDayOfMonth(addMonths(today, -1))) AS month_v,
            maxIf(v, day = toLastDayOfMonth(addMonths(today, -12))) AS year_v,
            arrayFilter(c -> c.1 IS NOT NULL, [{{range $i, $c := .Changes}}{{if $i}}, {{end}}({{$c.Change}}, '{{$c.Before}}', '{{$c.Unit}}{{$c.After}}'){{end}}]) AS changes
        FROM points
    )
SELECT
    toDateTime(arrayJoin(line).1, 'UTC') AS time,
    if(empty(changes), '{{t "nothing to compare"}}', arrayStringConcat(arrayMap(c -> concat(c.2, {{template "arrow" "assumeNotNull(c.1)"}}, c.3), changes), ' · ')) AS label,
    arrayJoin(line).2 AS v
FROM compared
ORDER BY time{{end}}

{{/* The last results of each table's tests: a build of some models has none of the
     others'. What was not tested for a month is no longer there. */}}
{{define "last_tests"}}ops_test_results
        WHERE (table_name, run_id) IN (
            SELECT table_name, argMax(run_id, tested_at)
            FROM ops_test_results
            GROUP BY table_name
            HAVING max(tested_at) > (SELECT max(tested_at) FROM ops_test_results) - INTERVAL 30 DAY
        ){{end}}

{{/* What every page says on top: a sentence, and when and how sure the figures are. The
     ledger agrees with its control accounts where each company and currency does on its
     last day; a gap is what late postings do not explain. */}}
{{define "header"}}concat(
    '<div style="font-size:18px;line-height:20px">', if(loaded_words = '{{t "nothing loaded yet"}}' AND closes_words = '–', '{{t "Nothing is loaded yet: run huikuan sync, then huikuan build."}}', ifNull({{.Sentence}}, '{{t "Nothing to show for this selection."}}')), '</div><div style="font-size:12px;line-height:14px;opacity:.75">',
    {{if .Days}}'{{t "Data as of"}} <b>', toString(toDate32(${as_of:sqlstring})), '</b> · ', {{end}}(
        SELECT if(count() = 0, '{{t "nothing loaded yet"}}', concat('{{t "loaded"}} ', formatDateTime(max(finished_at), '%Y-%m-%d %H:%i', 'UTC'), ' UTC'))
        FROM ops_runs
        WHERE kind = 'sync' AND status IN ('ok', 'partial')
    ) AS loaded_words, ' · {{t "roll-forward check"}} ', (
        SELECT multiIf(count() = 0, '–', sum(not_closed) = 0, '0.00 ✓', concat('<b>', toString(round(sum(not_closed), 2)), ' ✗</b>'))
        FROM portfolio_movements
    ) AS closes_words, (
        SELECT if(count() = 0, '', concat(' · {{.Proof}} ', toString(max(last_day)), ' ', if(countIf(unproved != 0) = 0, '0.00 ✓',
            concat('<b>', arrayStringConcat(arrayMap((code, amount) -> concat(toString(amount), ' ', code), (sumMapIf([currency], [unproved], unproved != 0) AS unproved_in).1, unproved_in.2), ' + '),
                ' ✗</b> (', toString(countIf(unproved != 0)), ' / ', toString(count()), ')'))))
        FROM (
            SELECT currency, max(balance_date) AS last_day, abs(argMax(if(status = 'open', unexplained, 0), balance_date)) AS unproved
            FROM tie_out AS s
            WHERE {{if .Days}}balance_date <= toDate32(${as_of:sqlstring})
                AND {{end}}{{where "s" "company"}}
            GROUP BY ifNull(company, ''), currency
        )
    ), (
        SELECT if(uniqExact(test, table_name) = 0, '', concat(' · ', toString(uniqExact(test, table_name)), if(uniqExact(test, table_name) = 1, ' {{t "data warning"}}', ' {{t "data warnings"}}')))
        FROM {{template "last_tests"}}
            AND status != 'passed'
    ), {{.Strip}}, '</div>'){{end}}
