{{/* Pieces of more than one query. today is the chosen as-of day. */}}

{{define "today"}}toDate32(${as_of:sqlstring}) AS today{{end}}

{{/* The filters of a table with company, segment, region and currency. */}}
{{define "filters"}}$__conditionalAll(if(company = '', '(none)', company) IN (${company:sqlstring}), $company)
        AND $__conditionalAll(ifNull(segment, '(none)') IN (${segment:sqlstring}), $segment)
        AND $__conditionalAll(ifNull(region, '(none)') IN (${region:sqlstring}), $region)
        AND (${currency:sqlstring} = 'reporting' OR currency = ${currency:sqlstring}){{end}}

{{/* Month-ends of two years, and today. */}}
{{define "days"}}as_of <= today AND as_of >= addMonths(today, -24) AND (as_of = toLastDayOfMonth(as_of) OR as_of = today){{end}}

{{/* The rows of dso that the filters name: one filter at a time has a scope, a
     combination has none. Ratios of several rows are the ratio of their sums. */}}
{{define "speed"}}($__conditionalAll(1 = 0, $company)) AS all_companies,
    ($__conditionalAll(1 = 0, $segment)) AS all_segments,
    ($__conditionalAll(1 = 0, $region)) AS all_regions,
    multiIf(
        all_companies AND all_segments AND all_regions, 'group',
        all_segments AND all_regions, 'company',
        all_companies AND all_regions, 'segment',
        all_companies AND all_segments, 'region',
        'none'
    ) AS wanted_scope,
    speed AS (
        SELECT
            as_of AS day,
            if(count() = 1, toFloat64(any(dso_90)), 90 * toFloat64(sum(ar)) / nullIf(toFloat64(sum(sales_90)), 0)) AS dso_days,
            if(count() = 1, toFloat64(any(bpdso)), 90 * toFloat64(sum(current_ar)) / nullIf(toFloat64(sum(sales_90)), 0)) AS best_days,
            if(count() = 1, toFloat64(any(dso_countback)), NULL) AS countback_days,
            100 * toFloat64(sum(cei_numerator)) / nullIf(toFloat64(sum(cei_denominator)), 0) AS effectiveness
        FROM dso
        WHERE {{template "days"}}
            AND scope = wanted_scope
            AND (scope != 'company' OR $__conditionalAll(if(scope_id = '', '(none)', scope_id) IN (${company:sqlstring}), $company))
            AND (scope != 'segment' OR $__conditionalAll(if(scope_id = '', '(none)', scope_id) IN (${segment:sqlstring}), $segment))
            AND (scope != 'region' OR $__conditionalAll(if(scope_id = '', '(none)', scope_id) IN (${region:sqlstring}), $region))
        GROUP BY as_of
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

{{/* The balance of the snapshots by customer group. */}}
{{define "grouped"}}if(ifNull(c.parent_id, '') = '', s.customer_id, assumeNotNull(c.parent_id)){{end}}
