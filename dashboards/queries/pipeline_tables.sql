{{/* A line for each source and for each stream in trouble. Slots without a sync are
     there too, empty: the panel takes the width of its cells from the distance of slots. */}}
{{define "pipeline_history"}}WITH
    slices AS (
        SELECT toStartOfInterval(toDateTime(started_at, 'UTC'), INTERVAL 6 HOUR) AS slot, source, stream, multiIf(status = 'failed', 2, records_rejected > 0, 1, 0) AS code
        FROM ops_slices
        WHERE started_at >= now() - INTERVAL 14 DAY
    ),
    troubled AS (
        SELECT source, stream
        FROM slices
        WHERE code > 0
        GROUP BY source, stream
        ORDER BY max(code) DESC, count() DESC, source, stream
        LIMIT 15
    ),
    cells AS (
        SELECT slot, source AS label, toNullable(toFloat64(code)) AS code FROM slices
        UNION ALL
        SELECT slot, concat(source, ' · ', stream), toNullable(toFloat64(code)) FROM slices WHERE (source, stream) IN (SELECT source, stream FROM troubled)
    )
SELECT
    slot AS time,
    label,
    max(code) AS state
FROM (
    SELECT slot, label, code FROM cells
    UNION ALL
    SELECT toStartOfInterval(toDateTime(now(), 'UTC') - toIntervalHour(6 * n.number), INTERVAL 6 HOUR), l.label, CAST(NULL, 'Nullable(Float64)')
    FROM (SELECT DISTINCT label FROM cells) AS l
    CROSS JOIN numbers(56) AS n
)
GROUP BY time, label
ORDER BY time, label{{end}}

{{define "pipeline_test_results"}}WITH
    results AS (
        SELECT table_name, test, status, severity, failed_rows
        FROM {{template "last_tests"}}
    )
SELECT
    shown_table AS `{{t "Table"}}`,
    shown_test AS `{{t "Test"}}`,
    shown_result AS `{{t "Result"}}`,
    row_count AS `{{t "Rows"}}`
FROM (
    SELECT if(severity = 'warn', 1, 0) AS place, table_name AS shown_table, test AS shown_test, if(severity = 'warn', {{q "warning"}}, {{q "failed"}}) AS shown_result, toFloat64(failed_rows) AS row_count
    FROM results
    WHERE status != 'passed'
    UNION ALL
    SELECT 2, table_name, concat(toString(count()), ' ', if(count() = 1, '{{t "test"}}', '{{t "tests"}}')), {{q "passed"}}, 0
    FROM results
    WHERE status = 'passed'
    GROUP BY table_name
)
ORDER BY place, row_count DESC, shown_table, shown_test
LIMIT 400{{end}}

{{define "pipeline_rows_by_day"}}WITH
    {{template "pipeline_last"}}
SELECT
    {{day "day_of"}} AS day,
    toFloat64(sum(rows_loaded)) AS `{{t "Rows loaded"}}`
FROM (SELECT toDate32(started_at) AS day_of, rows_loaded FROM ops_runs WHERE kind = 'sync' AND started_at > last_run - INTERVAL 14 DAY)
GROUP BY day_of
ORDER BY day_of{{end}}

{{define "pipeline_seconds"}}SELECT
    concat({{day "started"}}, formatDateTime(started, ' %H:%i', 'UTC')) AS run,
    if(run_kind = 'sync', toFloat64(duration), NULL) AS `{{t "Sync"}}`,
    if(run_kind = 'build', toFloat64(duration), NULL) AS `{{t "Build"}}`
FROM (
    SELECT started_at AS started, kind AS run_kind, dateDiff('millisecond', started_at, assumeNotNull(finished_at)) / 1000 AS duration
    FROM ops_runs
    WHERE kind IN ('sync', 'build') AND finished_at IS NOT NULL
    ORDER BY started_at DESC
    LIMIT 12
)
ORDER BY started{{end}}

{{define "pipeline_failures"}}WITH
    {{template "pipeline_last"}}
SELECT
    toDateTime(failed_at, 'UTC') AS `{{t "When"}}`,
    what AS `{{t "Stream"}}`,
    message AS `{{t "Error"}}`
FROM (
    SELECT finished_at AS failed_at, concat(source, ' · ', stream) AS what, error AS message
    FROM ops_slices
    WHERE status = 'failed' AND started_at > last_run - INTERVAL 30 DAY
    UNION ALL
    SELECT ifNull(finished_at, started_at), toString(kind), error
    FROM ops_runs
    WHERE status = 'failed' AND kind != 'sync' AND started_at > last_run - INTERVAL 30 DAY
)
ORDER BY failed_at DESC
LIMIT 20{{end}}

{{define "pipeline_control"}}SELECT
    toDateTime(balance_date, 'UTC') AS `{{t "Period end"}}`,
    ifNull(company, '') AS `{{t "Company"}}`,
    currency AS `{{t "Currency"}}`,
    toFloat64(control_balance) AS `{{t "Control account"}}`,
    toFloat64(net_ar) AS `{{t "Receivables"}}`,
    toFloat64(unexplained) AS `{{t "Unexplained"}}`,
    multiIf(status = 'open', {{q "does not balance"}}, status = 'late_postings', {{q "late postings"}}, {{q "balances"}}) AS `{{t "Result"}}`
FROM tie_out
WHERE balance_date IN (SELECT DISTINCT balance_date FROM tie_out ORDER BY balance_date DESC LIMIT 3)
ORDER BY balance_date DESC, company, currency{{end}}

{{define "pipeline_rejects"}}SELECT
    toDateTime(rejected_at, 'UTC') AS `{{t "When"}}`,
    concat(source, ' · ', stream) AS `{{t "Stream"}}`,
    if(record_key = '', concat('#', toString(record)), record_key) AS `{{t "Record"}}`,
    field AS `{{t "Field"}}`,
    found AS `{{t "Found"}}`,
    expected AS `{{t "Expected value"}}`
FROM rejected_rows
WHERE status != 'resolved'
ORDER BY rejected_at DESC, source, stream, record
LIMIT 100{{end}}

{{define "pipeline_streams"}}SELECT
    source AS `{{t "Source"}}`,
    stream AS `{{t "Stream"}}`,
    toDateTime(max(finished_at), 'UTC') AS `{{t "Last read"}}`,
    dateDiff('second', max(finished_at), now64(6, 'UTC')) / 3600 AS `{{t "Hours ago"}}`,
    toFloat64(argMax(records_read, finished_at)) AS `{{t "Read"}}`,
    toFloat64(argMax(rows_loaded, finished_at)) AS `{{t "Loaded"}}`,
    toFloat64(argMax(records_rejected, finished_at)) AS `{{t "Rejected"}}`,
    toFloat64(argMax(records_filtered, finished_at)) AS `{{t "Left out"}}`,
    arrayMap(x -> toFloat64(x.2), arraySort(arraySlice(groupArray((finished_at, rows_loaded)), 1, 60))) AS `{{t "Readings"}}`
FROM ops_slices
WHERE started_at >= (SELECT max(started_at) FROM ops_slices) - INTERVAL 60 DAY
GROUP BY source, stream
ORDER BY source, stream{{end}}

{{define "pipeline_models"}}SELECT
    model AS `{{t "Model"}}`,
    multiIf(status = 'ok', {{q "ok"}}, status = 'skipped', {{q "skipped"}}, {{q "failed"}}) AS `{{t "Result"}}`,
    seconds AS `{{t "Seconds"}}`,
    toFloat64(rows) AS `{{t "Rows"}}`,
    error AS `{{t "Error"}}`
FROM ops_model_runs
WHERE (model, started_at) IN (
    SELECT model, max(started_at)
    FROM ops_model_runs
    GROUP BY model
    HAVING max(started_at) > (SELECT max(started_at) FROM ops_model_runs) - INTERVAL 30 DAY
)
ORDER BY status = 'ok', status = 'skipped', seconds DESC, model
LIMIT 200{{end}}
