{{define "pipeline_history"}}SELECT
    toDateTime(toStartOfInterval(started_at, INTERVAL 6 HOUR), 'UTC') AS time,
    concat(source, ' · ', stream) AS label,
    toFloat64(max(multiIf(status = 'failed', 2, records_rejected > 0, 1, 0))) AS state
FROM ops_slices
WHERE started_at >= now() - INTERVAL 14 DAY
GROUP BY time, label
ORDER BY label, time{{end}}

{{define "pipeline_test_results"}}SELECT
    table_name AS `{{t "Table"}}`,
    test AS `{{t "Test"}}`,
    multiIf(status = 'passed', {{q "passed"}}, severity = 'warn', {{q "warning"}}, {{q "failed"}}) AS `{{t "Result"}}`,
    toFloat64(failed_rows) AS `{{t "Rows"}}`
FROM ops_test_results
WHERE run_id = (SELECT argMax(run_id, tested_at) FROM ops_test_results)
ORDER BY status = 'passed', severity = 'warn', failed_rows DESC, table_name, test
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
    formatDateTime(started, '%d.%m. %H:%i', 'UTC') AS run,
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
    multiIf(unexplained != 0, {{q "does not balance"}}, difference != 0, {{q "late postings"}}, {{q "balances"}}) AS `{{t "Result"}}`
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
WHERE run_id = (SELECT argMax(run_id, started_at) FROM ops_model_runs)
ORDER BY status = 'ok', status = 'skipped', seconds DESC, model
LIMIT 200{{end}}
