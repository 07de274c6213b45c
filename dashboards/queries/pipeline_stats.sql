{{/* Figures of single runs: time, label, v. */}}

{{define "pipeline_sync_age"}}SELECT
    toDateTime(assumeNotNull(finished), 'UTC') AS time,
    formatDateTime(finished, '%Y-%m-%d %H:%i UTC', 'UTC') AS label,
    dateDiff('second', finished, now64(6, 'UTC')) / 3600 AS v
FROM (SELECT max(finished_at) AS finished, count() AS run_count FROM ops_runs WHERE kind = 'sync' AND status IN ('ok', 'partial'))
WHERE run_count > 0{{end}}

{{define "pipeline_build_age"}}SELECT
    toDateTime(assumeNotNull(finished), 'UTC') AS time,
    formatDateTime(finished, '%Y-%m-%d %H:%i UTC', 'UTC') AS label,
    dateDiff('second', finished, now64(6, 'UTC')) / 3600 AS v
FROM (SELECT max(finished_at) AS finished, count() AS run_count FROM ops_runs WHERE kind = 'build' AND status IN ('ok', 'partial'))
WHERE run_count > 0{{end}}

{{define "pipeline_rows"}}WITH
    {{template "pipeline_last"}}
SELECT
    toDateTime(toStartOfDay(started_at), 'UTC') AS time,
    (SELECT concat(toString(count()), ' ', if(count() = 1, '{{t "sync run"}}', '{{t "syncs"}}')) FROM ops_runs WHERE kind = 'sync' AND started_at > last_run - INTERVAL 7 DAY) AS label,
    toFloat64(sum(rows_loaded)) AS v
FROM ops_runs
WHERE kind = 'sync' AND started_at > last_run - INTERVAL 7 DAY
GROUP BY time
ORDER BY time{{end}}

{{define "pipeline_rejected"}}SELECT
    toDateTime(now(), 'UTC') AS time,
    if(reject_count = 0, '{{t "nothing is missing"}}', concat('{{t "in"}} ', toString(stream_count), ' ', '{{t "streams"}}')) AS label,
    toFloat64(reject_count) AS v
FROM (SELECT count() AS reject_count, uniqExact(source, stream) AS stream_count FROM rejected_rows WHERE status != 'resolved')
WHERE (SELECT count() FROM ops_runs) > 0{{end}}

{{define "pipeline_tests"}}SELECT
    toDateTime(tested, 'UTC') AS time,
    concat('{{t "of"}} ', toString(test_count)) AS label,
    toFloat64(failed_count) AS v
FROM (
    SELECT max(tested_at) AS tested, count() AS test_count, countIf(status != 'passed') AS failed_count
    FROM {{template "last_tests"}}
)
WHERE test_count > 0{{end}}

{{define "pipeline_rollforward"}}SELECT
    toDateTime(now(), 'UTC') AS time,
    concat(toString(month_count), ' ', '{{t "months proved"}}') AS label,
    toFloat64(gap) AS v
FROM (SELECT max(largest_difference) AS gap, uniqExact(month) AS month_count FROM portfolio_movements)
WHERE month_count > 0{{end}}
