{{/* Everything here is measured from the last run back, so that a warehouse that nobody
     feeds any more shows what it last did; only the ages are measured to now. */}}

{{define "pipeline_last"}}(SELECT max(started_at) FROM ops_runs) AS last_run{{end}}

{{define "pipeline_headline"}}WITH
    {{template "pipeline_last"}},
    (SELECT count() FROM ops_runs) AS run_count,
    (SELECT countIf(status = 'failed') FROM ops_runs WHERE started_at > last_run - INTERVAL 7 DAY) AS failed_count,
    (SELECT count() FROM ops_runs WHERE started_at > last_run - INTERVAL 7 DAY) AS week_count,
    (SELECT count() FROM rejected_rows WHERE status != 'resolved') AS reject_count,
    (SELECT countIf(status != 'passed') FROM {{template "last_tests"}}) AS test_count,
    (SELECT sum(not_closed) FROM portfolio_movements) AS gap,
    (SELECT uniqExact(company) FROM portfolio_movements) AS company_count
SELECT {{header "sentence" "''"}} AS headline
FROM (
    SELECT if(run_count = 0, '{{t "Nothing has run yet: huikuan sync loads, huikuan build computes."}}', concat(
        if(gap = 0, '{{t "All ledgers tie out"}}', concat('<b style="color:{{colour "bad"}}">', '{{t "The roll-forward does not close"}}', '</b>')), '{{t ". "}}',
        if(failed_count = 0, concat('{{t "No run of the last week failed"}} (', toString(week_count), ')'),
            concat('<b style="color:{{colour "bad"}}">', toString(failed_count), ' / ', toString(week_count), '</b> ', '{{t "runs of the last week failed"}}')), '{{t ". "}}',
        if(test_count = 0, '{{t "All data tests pass"}}', concat('<b style="color:{{colour "bad"}}">', toString(test_count), '</b> ', if(test_count = 1, '{{t "data test fails"}}', '{{t "data tests fail"}}'))), '{{t ", "}}',
        toString(reject_count), ' ', if(reject_count = 1, '{{t "rejected record waits"}}', '{{t "rejected records wait"}}'), '{{t "."}}')) AS sentence
){{end}}
