/* ---
description: "What visits and calls bring (D3), by rep, channel, approach, script and scenario: cash in the window after the visit on what was overdue at it, against the same customers' cash in the window before. Before/after, not causal: visits are made to bad payers."
grain: one period (month of the visit, or the rolling months), dimension, its value and length of the window
materialisation: table
order_by: [dimension, value, window_days, period, month]
owner: sales management
tags: [collection, visits, reps]
columns:
  - {name: period, description: "month of the visit, or rolling: the last rolling_months months to the last day built", tests: [not_null, {accepted_values: [month, rolling]}]}
  - {name: month, description: first day of the period, unit: date, tests: [not_null]}
  - {name: dimension, description: "all, rep, channel, approach, script, scenario, escalated (whether management took part) or segment", tests: [not_null, {accepted_values: [all, rep, channel, approach, script, scenario, escalated, segment]}]}
  - {name: value, description: value of the dimension; empty for all and where none is recorded, unit: id, tests: [not_null]}
  - {name: name, description: display name of the rep; NULL in other dimensions}
  - {name: window_days, description: "length of the window before and after: one of visit_windows, or visit_window_days", unit: days, tests: [not_null]}
  - {name: is_default, description: whether this is the window of visit_window_days, tests: [not_null]}
  - {name: visits, description: visits and calls that took place, unit: count, tests: [not_null]}
  - {name: measured, description: "visits whose window has passed, to customers with something overdue and undisputed", unit: count, tests: [not_null]}
  - {name: responded, description: measured visits with cash in the window, unit: count, tests: [not_null]}
  - {name: response_rate, description: "responded / measured; NULL = none measured", unit: fraction}
  - {name: overdue_rc, description: "overdue and undisputed at the measured visits; denominator of the rates", unit: reporting currency, tests: [not_null]}
  - {name: cash_rc, description: "cash in the window on it, each receipt for the latest visit before it only", unit: reporting currency, tests: [not_null]}
  - {name: cash_before_rc, description: cash in the window before the visit on what was overdue then; the baseline, unit: reporting currency, tests: [not_null]}
  - {name: promised_before_rc, description: "part of cash_rc that had been promised before the visit; taken off the uplift", unit: reporting currency, tests: [not_null]}
  - {name: recovery_rate, description: cash_rc / overdue_rc, unit: fraction}
  - {name: baseline_rate, description: cash_before_rc / overdue_rc, unit: fraction}
  - {name: uplift_rc, description: "cash_rc - promised_before_rc - cash_before_rc", unit: reporting currency, tests: [not_null]}
  - {name: uplift, description: "uplift_rc / overdue_rc; before/after, not causal", unit: fraction}
  - {name: cash_per_visit_rc, description: cash_rc / measured, unit: reporting currency}
  - {name: visits_per_100k, description: "measured / cash_rc x 100,000; NULL = no cash", unit: visits}
  - {name: agreements, description: visits at which terms were agreed, unit: count, tests: [not_null]}
  - {name: agreement_known, description: visits of which it is recorded whether terms were agreed; denominator, unit: count, tests: [not_null]}
  - {name: agreement_rate, description: agreements / agreement_known, unit: fraction}
  - {name: promises_kept, description: promises made at these visits that were kept, unit: count, tests: [not_null]}
  - {name: promises_resolved, description: "promises made at these visits that are kept, partly kept or broken; denominator", unit: count, tests: [not_null]}
  - {name: agreement_kept_rate, description: promises_kept / promises_resolved, unit: fraction}
  - {name: without_rate, description: visits left out of the amounts because no exchange rate is known, unit: count, tests: [not_null]}
  - {name: reason, description: "why the rates are NULL: nothing_measured"}
tests:
  - unique: [period, month, dimension, value, window_days]
  - name: all visits are there
    sum_equals:
      this: sumIf(visits, dimension = 'rep' AND period = 'month' AND is_default)
      of: |
        SELECT count()
        FROM {{ source('huikuan', 'visit_outcomes') }}
  - name: every slicing of the cash adds up to all
    sum_equals:
      this: sumIf(cash_rc, dimension = 'channel')
      by: [period, month, window_days]
      of: |
        SELECT period, month, window_days, sum(cash_rc)
        FROM {{ this }}
        WHERE dimension = 'all'
        GROUP BY period, month, window_days
unit_tests:
  - name: ex:visit_effectiveness
    overrides: {vars: {rolling_months: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'visits')
        rows: [{visit_id: V1, approach: 温柔催收, script_code: S1}, {visit_id: V2, approach: 温柔催收, script_code: S1}, {visit_id: V3, approach: 温柔催收, script_code: S1}]
      - input: source('huikuan', 'visit_outcomes')
        rows:
          - {visit_id: V1, customer_id: C1, rep_id: R1, day: 2024-05-02, window_days: 14, overdue_rc: 10000, cash_14_rc: 6000, cash_before_14_rc: 1000, promised_before_14_rc: 0, window_complete_14: true}
          - {visit_id: V2, customer_id: C2, rep_id: R1, day: 2024-05-02, window_days: 14, overdue_rc: 5000, cash_14_rc: 0, cash_before_14_rc: 500, promised_before_14_rc: 0, window_complete_14: true}
          - {visit_id: V3, customer_id: C3, rep_id: R1, day: 2024-05-02, window_days: 14, overdue_rc: 8000, cash_14_rc: 4000, cash_before_14_rc: 2000, promised_before_14_rc: 0, window_complete_14: true}
    expect:
      rows:
        - {period: month, month: 2024-05-01, dimension: all, value: "", window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: all, value: "", window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: month, month: 2024-05-01, dimension: all, value: "", window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: rep, value: R1, window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: rep, value: R1, window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: month, month: 2024-05-01, dimension: rep, value: R1, window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: channel, value: "", window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: channel, value: "", window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: month, month: 2024-05-01, dimension: channel, value: "", window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: approach, value: 温柔催收, window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: approach, value: 温柔催收, window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: month, month: 2024-05-01, dimension: approach, value: 温柔催收, window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: script, value: S1, window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: script, value: S1, window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: month, month: 2024-05-01, dimension: script, value: S1, window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: scenario, value: "", window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: scenario, value: "", window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: month, month: 2024-05-01, dimension: scenario, value: "", window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: escalated, value: "", window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: escalated, value: "", window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: month, month: 2024-05-01, dimension: escalated, value: "", window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: segment, value: "", window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, dimension: segment, value: "", window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: month, month: 2024-05-01, dimension: segment, value: "", window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: all, value: "", window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: all, value: "", window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: all, value: "", window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: rep, value: R1, window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: rep, value: R1, window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: rep, value: R1, window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: channel, value: "", window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: channel, value: "", window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: channel, value: "", window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: approach, value: 温柔催收, window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: approach, value: 温柔催收, window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: approach, value: 温柔催收, window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: script, value: S1, window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: script, value: S1, window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: script, value: S1, window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: scenario, value: "", window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: scenario, value: "", window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: scenario, value: "", window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: escalated, value: "", window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: escalated, value: "", window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: escalated, value: "", window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: segment, value: "", window_days: 7, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, dimension: segment, value: "", window_days: 14, visits: 3, measured: 3, response_rate: 0.6666666666, recovery_rate: 0.4347826086, baseline_rate: 0.152173913, uplift_rc: 6500, uplift: 0.2826086956, cash_per_visit_rc: 3333.3333333333, visits_per_100k: 30, agreement_rate: null, agreement_kept_rate: null, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: segment, value: "", window_days: 30, visits: 3, measured: 0, response_rate: null, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreement_rate: null, agreement_kept_rate: null, reason: nothing_measured}
  - name: each window has its own figures, of visits that are measured; codes and promises are those of the visit's own source
    overrides: {vars: {rolling_months: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-31}, {as_of: 2024-02-29}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, segment: RETAIL}, {customer_id: C2, segment: PROJECT}]
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R1, name: 王芳}, {rep_id: RETAIL, name: nobody}]
      - input: source('huikuan', 'visits')
        rows:
          - {source: crm, visit_id: V1, approach: soft, script_code: S1, scenario: late, escalated: true}
          - {source: crm, visit_id: V2, approach: soft, script_code: S1, scenario: late, escalated: true}
          - {source: crm, visit_id: V3, approach: soft, script_code: S1, scenario: late, escalated: true}
          - {source: crm, visit_id: V4, scenario: late, escalated: false}
          - {source: erp, visit_id: V1, approach: hard, script_code: S9, scenario: early, escalated: false}
      - input: source('huikuan', 'promise_outcomes')
        rows: [{source: crm, promise_id: 1, visit_id: V1, status: kept}, {source: crm, promise_id: 2, visit_id: V1, status: partial}, {source: crm, promise_id: 3, visit_id: V1, status: broken}, {source: crm, promise_id: 4, visit_id: V1, status: moved}, {source: crm, promise_id: 5, visit_id: V4, status: kept}, {source: crm, promise_id: 6, visit_id: V4, status: kept}, {source: erp, promise_id: 7, visit_id: V1, status: kept}, {source: crm, promise_id: 8, status: kept}]
      - input: source('huikuan', 'visit_outcomes')
        rows:
          - {source: crm, visit_id: V1, customer_id: C1, rep_id: R1, channel: visit, day: 2024-02-03, window_days: 10, overdue_rc: 1000, cash_7_rc: 10, cash_before_7_rc: 5, promised_before_7_rc: 2, window_complete_7: true, cash_14_rc: 70, cash_before_14_rc: 21, promised_before_14_rc: 9, window_complete_14: true, cash_30_rc: 500, cash_before_30_rc: 300, promised_before_30_rc: 100, cash_rc: 33, cash_before_rc: 11, promised_before_rc: 4, window_complete: true, agreement_reached: true}
          - {source: crm, visit_id: V2, customer_id: C1, rep_id: R1, channel: visit, day: 2024-02-29, window_days: 10, cash_7_rc: 1, window_complete_7: true, cash_14_rc: 2, window_complete_14: true, cash_30_rc: 3, window_complete_30: true, cash_rc: 4, window_complete: true}
          - {source: crm, visit_id: V3, customer_id: C1, rep_id: R1, channel: visit, day: 2024-03-04, window_days: 10, overdue_rc: 0, cash_7_rc: 13, cash_before_7_rc: 1, promised_before_7_rc: 1, window_complete_7: true, cash_14_rc: 17, cash_before_14_rc: 1, promised_before_14_rc: 1, window_complete_14: true, cash_30_rc: 19, cash_before_30_rc: 1, promised_before_30_rc: 1, window_complete_30: true, cash_rc: 23, cash_before_rc: 1, promised_before_rc: 1, window_complete: true, agreement_reached: false}
          - {source: crm, visit_id: V4, customer_id: C1, rep_id: R1, channel: visit, day: 2024-03-05, window_days: 10, overdue_rc: 900, cash_7_rc: 0, cash_before_7_rc: 40, promised_before_7_rc: 0, window_complete_7: true, cash_14_rc: 80, cash_before_14_rc: 1, promised_before_14_rc: 1, cash_30_rc: 50, cash_before_30_rc: 8, promised_before_30_rc: 3, window_complete_30: true, cash_rc: 0.5, cash_before_rc: 6, promised_before_rc: 0.25, window_complete: true, agreement_reached: true}
          - {source: crm, visit_id: V0, customer_id: C1, rep_id: R1, channel: visit, day: 2024-03-31, window_days: 10}
          - {source: crm, visit_id: V9, customer_id: C1, rep_id: R1, day: 2024-04-01, window_days: 10, overdue_rc: 1, agreement_reached: true}
    expect:
      rows:
        - {period: month, month: 2024-02-01, dimension: all, value: "", name: null, window_days: 7, visits: 2, cash_rc: 10, is_default: false, measured: 1, responded: 1, response_rate: 1, overdue_rc: 1000, cash_before_rc: 5, promised_before_rc: 2, recovery_rate: 0.01, baseline_rate: 0.005, uplift_rc: 3, uplift: 0.003, cash_per_visit_rc: 10, visits_per_100k: 10000, agreements: 1, agreement_known: 1, agreement_rate: 1, promises_kept: 1, promises_resolved: 3, agreement_kept_rate: 0.3333333333, without_rate: 1, reason: null}
        - {period: month, month: 2024-02-01, dimension: all, value: "", name: null, window_days: 14, visits: 2, cash_rc: 70, is_default: false, measured: 1, responded: 1, response_rate: 1, overdue_rc: 1000, cash_before_rc: 21, promised_before_rc: 9, recovery_rate: 0.07, baseline_rate: 0.021, uplift_rc: 40, uplift: 0.04, cash_per_visit_rc: 70, visits_per_100k: 1428.5714285714, agreements: 1, agreement_known: 1, agreement_rate: 1, promises_kept: 1, promises_resolved: 3, agreement_kept_rate: 0.3333333333, without_rate: 1, reason: null}
        - {period: month, month: 2024-02-01, dimension: all, value: "", name: null, window_days: 30, visits: 2, cash_rc: 0, is_default: false, measured: 0, responded: 0, response_rate: null, overdue_rc: 0, cash_before_rc: 0, promised_before_rc: 0, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreements: 1, agreement_known: 1, agreement_rate: 1, promises_kept: 1, promises_resolved: 3, agreement_kept_rate: 0.3333333333, without_rate: 1, reason: nothing_measured}
        - {period: month, month: 2024-02-01, dimension: all, value: "", name: null, window_days: 10, visits: 2, cash_rc: 33, is_default: true, measured: 1, responded: 1, response_rate: 1, overdue_rc: 1000, cash_before_rc: 11, promised_before_rc: 4, recovery_rate: 0.033, baseline_rate: 0.011, uplift_rc: 18, uplift: 0.018, cash_per_visit_rc: 33, visits_per_100k: 3030.303030303, agreements: 1, agreement_known: 1, agreement_rate: 1, promises_kept: 1, promises_resolved: 3, agreement_kept_rate: 0.3333333333, without_rate: 1, reason: null}
        - {period: month, month: 2024-02-01, dimension: rep, value: R1, name: 王芳, window_days: 7, visits: 2, cash_rc: 10}
        - {period: month, month: 2024-02-01, dimension: rep, value: R1, name: 王芳, window_days: 14, visits: 2, cash_rc: 70}
        - {period: month, month: 2024-02-01, dimension: rep, value: R1, name: 王芳, window_days: 30, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-02-01, dimension: rep, value: R1, name: 王芳, window_days: 10, visits: 2, cash_rc: 33}
        - {period: month, month: 2024-02-01, dimension: channel, value: visit, name: null, window_days: 7, visits: 2, cash_rc: 10}
        - {period: month, month: 2024-02-01, dimension: channel, value: visit, name: null, window_days: 14, visits: 2, cash_rc: 70}
        - {period: month, month: 2024-02-01, dimension: channel, value: visit, name: null, window_days: 30, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-02-01, dimension: channel, value: visit, name: null, window_days: 10, visits: 2, cash_rc: 33}
        - {period: month, month: 2024-02-01, dimension: approach, value: soft, name: null, window_days: 7, visits: 2, cash_rc: 10}
        - {period: month, month: 2024-02-01, dimension: approach, value: soft, name: null, window_days: 14, visits: 2, cash_rc: 70}
        - {period: month, month: 2024-02-01, dimension: approach, value: soft, name: null, window_days: 30, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-02-01, dimension: approach, value: soft, name: null, window_days: 10, visits: 2, cash_rc: 33}
        - {period: month, month: 2024-02-01, dimension: script, value: S1, name: null, window_days: 7, visits: 2, cash_rc: 10}
        - {period: month, month: 2024-02-01, dimension: script, value: S1, name: null, window_days: 14, visits: 2, cash_rc: 70}
        - {period: month, month: 2024-02-01, dimension: script, value: S1, name: null, window_days: 30, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-02-01, dimension: script, value: S1, name: null, window_days: 10, visits: 2, cash_rc: 33}
        - {period: month, month: 2024-02-01, dimension: scenario, value: late, name: null, window_days: 7, visits: 2, cash_rc: 10}
        - {period: month, month: 2024-02-01, dimension: scenario, value: late, name: null, window_days: 14, visits: 2, cash_rc: 70}
        - {period: month, month: 2024-02-01, dimension: scenario, value: late, name: null, window_days: 30, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-02-01, dimension: scenario, value: late, name: null, window_days: 10, visits: 2, cash_rc: 33}
        - {period: month, month: 2024-02-01, dimension: segment, value: RETAIL, name: null, window_days: 7, visits: 2, cash_rc: 10}
        - {period: month, month: 2024-02-01, dimension: segment, value: RETAIL, name: null, window_days: 14, visits: 2, cash_rc: 70}
        - {period: month, month: 2024-02-01, dimension: segment, value: RETAIL, name: null, window_days: 30, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-02-01, dimension: segment, value: RETAIL, name: null, window_days: 10, visits: 2, cash_rc: 33}
        - {period: month, month: 2024-02-01, dimension: escalated, value: "yes", name: null, window_days: 7, visits: 2, cash_rc: 10}
        - {period: month, month: 2024-02-01, dimension: escalated, value: "yes", name: null, window_days: 14, visits: 2, cash_rc: 70}
        - {period: month, month: 2024-02-01, dimension: escalated, value: "yes", name: null, window_days: 30, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-02-01, dimension: escalated, value: "yes", name: null, window_days: 10, visits: 2, cash_rc: 33}
        - {period: month, month: 2024-03-01, dimension: all, value: "", name: null, window_days: 7, visits: 3, cash_rc: 0, is_default: false, measured: 1, responded: 0, response_rate: 0, overdue_rc: 900, cash_before_rc: 40, promised_before_rc: 0, recovery_rate: 0, baseline_rate: 0.0444444444, uplift_rc: -40, uplift: -0.0444444444, cash_per_visit_rc: 0, visits_per_100k: null, agreements: 1, agreement_known: 2, agreement_rate: 0.5, promises_kept: 2, promises_resolved: 2, agreement_kept_rate: 1, without_rate: 1, reason: null}
        - {period: month, month: 2024-03-01, dimension: all, value: "", name: null, window_days: 14, visits: 3, cash_rc: 0, is_default: false, measured: 0, responded: 0, response_rate: null, overdue_rc: 0, cash_before_rc: 0, promised_before_rc: 0, recovery_rate: null, baseline_rate: null, uplift_rc: 0, uplift: null, cash_per_visit_rc: null, visits_per_100k: null, agreements: 1, agreement_known: 2, agreement_rate: 0.5, promises_kept: 2, promises_resolved: 2, agreement_kept_rate: 1, without_rate: 1, reason: nothing_measured}
        - {period: month, month: 2024-03-01, dimension: all, value: "", name: null, window_days: 30, visits: 3, cash_rc: 50, is_default: false, measured: 1, responded: 1, response_rate: 1, overdue_rc: 900, cash_before_rc: 8, promised_before_rc: 3, recovery_rate: 0.0555555555, baseline_rate: 0.0088888888, uplift_rc: 39, uplift: 0.0433333333, cash_per_visit_rc: 50, visits_per_100k: 2000, agreements: 1, agreement_known: 2, agreement_rate: 0.5, promises_kept: 2, promises_resolved: 2, agreement_kept_rate: 1, without_rate: 1, reason: null}
        - {period: month, month: 2024-03-01, dimension: all, value: "", name: null, window_days: 10, visits: 3, cash_rc: 0.5, is_default: true, measured: 1, responded: 1, response_rate: 1, overdue_rc: 900, cash_before_rc: 6, promised_before_rc: 0.25, recovery_rate: 0.0005555555, baseline_rate: 0.0066666666, uplift_rc: -5.75, uplift: -0.0063888888, cash_per_visit_rc: 0.5, visits_per_100k: 200000, agreements: 1, agreement_known: 2, agreement_rate: 0.5, promises_kept: 2, promises_resolved: 2, agreement_kept_rate: 1, without_rate: 1, reason: null}
        - {period: month, month: 2024-03-01, dimension: rep, value: R1, name: 王芳, window_days: 7, visits: 3, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: rep, value: R1, name: 王芳, window_days: 14, visits: 3, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: rep, value: R1, name: 王芳, window_days: 30, visits: 3, cash_rc: 50}
        - {period: month, month: 2024-03-01, dimension: rep, value: R1, name: 王芳, window_days: 10, visits: 3, cash_rc: 0.5}
        - {period: month, month: 2024-03-01, dimension: channel, value: visit, name: null, window_days: 7, visits: 3, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: channel, value: visit, name: null, window_days: 14, visits: 3, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: channel, value: visit, name: null, window_days: 30, visits: 3, cash_rc: 50}
        - {period: month, month: 2024-03-01, dimension: channel, value: visit, name: null, window_days: 10, visits: 3, cash_rc: 0.5}
        - {period: month, month: 2024-03-01, dimension: approach, value: "", name: null, window_days: 7, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: approach, value: "", name: null, window_days: 14, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: approach, value: "", name: null, window_days: 30, visits: 2, cash_rc: 50}
        - {period: month, month: 2024-03-01, dimension: approach, value: "", name: null, window_days: 10, visits: 2, cash_rc: 0.5}
        - {period: month, month: 2024-03-01, dimension: approach, value: soft, name: null, window_days: 7, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: approach, value: soft, name: null, window_days: 14, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: approach, value: soft, name: null, window_days: 30, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: approach, value: soft, name: null, window_days: 10, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: script, value: "", name: null, window_days: 7, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: script, value: "", name: null, window_days: 14, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: script, value: "", name: null, window_days: 30, visits: 2, cash_rc: 50}
        - {period: month, month: 2024-03-01, dimension: script, value: "", name: null, window_days: 10, visits: 2, cash_rc: 0.5}
        - {period: month, month: 2024-03-01, dimension: script, value: S1, name: null, window_days: 7, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: script, value: S1, name: null, window_days: 14, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: script, value: S1, name: null, window_days: 30, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: script, value: S1, name: null, window_days: 10, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: scenario, value: "", name: null, window_days: 7, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: scenario, value: "", name: null, window_days: 14, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: scenario, value: "", name: null, window_days: 30, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: scenario, value: "", name: null, window_days: 10, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: scenario, value: late, name: null, window_days: 7, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: scenario, value: late, name: null, window_days: 14, visits: 2, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: scenario, value: late, name: null, window_days: 30, visits: 2, cash_rc: 50}
        - {period: month, month: 2024-03-01, dimension: scenario, value: late, name: null, window_days: 10, visits: 2, cash_rc: 0.5}
        - {period: month, month: 2024-03-01, dimension: segment, value: RETAIL, name: null, window_days: 7, visits: 3, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: segment, value: RETAIL, name: null, window_days: 14, visits: 3, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: segment, value: RETAIL, name: null, window_days: 30, visits: 3, cash_rc: 50}
        - {period: month, month: 2024-03-01, dimension: segment, value: RETAIL, name: null, window_days: 10, visits: 3, cash_rc: 0.5}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "", name: null, window_days: 7, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "", name: null, window_days: 14, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "", name: null, window_days: 30, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "", name: null, window_days: 10, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "no", name: null, window_days: 7, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "no", name: null, window_days: 14, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "no", name: null, window_days: 30, visits: 1, cash_rc: 50}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "no", name: null, window_days: 10, visits: 1, cash_rc: 0.5}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "yes", name: null, window_days: 7, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "yes", name: null, window_days: 14, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "yes", name: null, window_days: 30, visits: 1, cash_rc: 0}
        - {period: month, month: 2024-03-01, dimension: escalated, value: "yes", name: null, window_days: 10, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: all, value: "", name: null, window_days: 7, visits: 5, cash_rc: 10, is_default: false, measured: 2, responded: 1, response_rate: 0.5, overdue_rc: 1900, cash_before_rc: 45, promised_before_rc: 2, recovery_rate: 0.0052631578, baseline_rate: 0.0236842105, uplift_rc: -37, uplift: -0.0194736842, cash_per_visit_rc: 5, visits_per_100k: 20000, agreements: 2, agreement_known: 3, agreement_rate: 0.6666666666, promises_kept: 3, promises_resolved: 5, agreement_kept_rate: 0.6, without_rate: 2, reason: null}
        - {period: rolling, month: 2024-02-01, dimension: all, value: "", name: null, window_days: 14, visits: 5, cash_rc: 70, is_default: false, measured: 1, responded: 1, response_rate: 1, overdue_rc: 1000, cash_before_rc: 21, promised_before_rc: 9, recovery_rate: 0.07, baseline_rate: 0.021, uplift_rc: 40, uplift: 0.04, cash_per_visit_rc: 70, visits_per_100k: 1428.5714285714, agreements: 2, agreement_known: 3, agreement_rate: 0.6666666666, promises_kept: 3, promises_resolved: 5, agreement_kept_rate: 0.6, without_rate: 2, reason: null}
        - {period: rolling, month: 2024-02-01, dimension: all, value: "", name: null, window_days: 30, visits: 5, cash_rc: 50, is_default: false, measured: 1, responded: 1, response_rate: 1, overdue_rc: 900, cash_before_rc: 8, promised_before_rc: 3, recovery_rate: 0.0555555555, baseline_rate: 0.0088888888, uplift_rc: 39, uplift: 0.0433333333, cash_per_visit_rc: 50, visits_per_100k: 2000, agreements: 2, agreement_known: 3, agreement_rate: 0.6666666666, promises_kept: 3, promises_resolved: 5, agreement_kept_rate: 0.6, without_rate: 2, reason: null}
        - {period: rolling, month: 2024-02-01, dimension: all, value: "", name: null, window_days: 10, visits: 5, cash_rc: 33.5, is_default: true, measured: 2, responded: 2, response_rate: 1, overdue_rc: 1900, cash_before_rc: 17, promised_before_rc: 4.25, recovery_rate: 0.0176315789, baseline_rate: 0.0089473684, uplift_rc: 12.25, uplift: 0.0064473684, cash_per_visit_rc: 16.75, visits_per_100k: 5970.1492537313, agreements: 2, agreement_known: 3, agreement_rate: 0.6666666666, promises_kept: 3, promises_resolved: 5, agreement_kept_rate: 0.6, without_rate: 2, reason: null}
        - {period: rolling, month: 2024-02-01, dimension: rep, value: R1, name: 王芳, window_days: 7, visits: 5, cash_rc: 10}
        - {period: rolling, month: 2024-02-01, dimension: rep, value: R1, name: 王芳, window_days: 14, visits: 5, cash_rc: 70}
        - {period: rolling, month: 2024-02-01, dimension: rep, value: R1, name: 王芳, window_days: 30, visits: 5, cash_rc: 50}
        - {period: rolling, month: 2024-02-01, dimension: rep, value: R1, name: 王芳, window_days: 10, visits: 5, cash_rc: 33.5}
        - {period: rolling, month: 2024-02-01, dimension: channel, value: visit, name: null, window_days: 7, visits: 5, cash_rc: 10}
        - {period: rolling, month: 2024-02-01, dimension: channel, value: visit, name: null, window_days: 14, visits: 5, cash_rc: 70}
        - {period: rolling, month: 2024-02-01, dimension: channel, value: visit, name: null, window_days: 30, visits: 5, cash_rc: 50}
        - {period: rolling, month: 2024-02-01, dimension: channel, value: visit, name: null, window_days: 10, visits: 5, cash_rc: 33.5}
        - {period: rolling, month: 2024-02-01, dimension: approach, value: "", name: null, window_days: 7, visits: 2, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: approach, value: "", name: null, window_days: 14, visits: 2, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: approach, value: "", name: null, window_days: 30, visits: 2, cash_rc: 50}
        - {period: rolling, month: 2024-02-01, dimension: approach, value: "", name: null, window_days: 10, visits: 2, cash_rc: 0.5}
        - {period: rolling, month: 2024-02-01, dimension: approach, value: soft, name: null, window_days: 7, visits: 3, cash_rc: 10}
        - {period: rolling, month: 2024-02-01, dimension: approach, value: soft, name: null, window_days: 14, visits: 3, cash_rc: 70}
        - {period: rolling, month: 2024-02-01, dimension: approach, value: soft, name: null, window_days: 30, visits: 3, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: approach, value: soft, name: null, window_days: 10, visits: 3, cash_rc: 33}
        - {period: rolling, month: 2024-02-01, dimension: script, value: "", name: null, window_days: 7, visits: 2, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: script, value: "", name: null, window_days: 14, visits: 2, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: script, value: "", name: null, window_days: 30, visits: 2, cash_rc: 50}
        - {period: rolling, month: 2024-02-01, dimension: script, value: "", name: null, window_days: 10, visits: 2, cash_rc: 0.5}
        - {period: rolling, month: 2024-02-01, dimension: script, value: S1, name: null, window_days: 7, visits: 3, cash_rc: 10}
        - {period: rolling, month: 2024-02-01, dimension: script, value: S1, name: null, window_days: 14, visits: 3, cash_rc: 70}
        - {period: rolling, month: 2024-02-01, dimension: script, value: S1, name: null, window_days: 30, visits: 3, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: script, value: S1, name: null, window_days: 10, visits: 3, cash_rc: 33}
        - {period: rolling, month: 2024-02-01, dimension: scenario, value: "", name: null, window_days: 7, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: scenario, value: "", name: null, window_days: 14, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: scenario, value: "", name: null, window_days: 30, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: scenario, value: "", name: null, window_days: 10, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: scenario, value: late, name: null, window_days: 7, visits: 4, cash_rc: 10}
        - {period: rolling, month: 2024-02-01, dimension: scenario, value: late, name: null, window_days: 14, visits: 4, cash_rc: 70}
        - {period: rolling, month: 2024-02-01, dimension: scenario, value: late, name: null, window_days: 30, visits: 4, cash_rc: 50}
        - {period: rolling, month: 2024-02-01, dimension: scenario, value: late, name: null, window_days: 10, visits: 4, cash_rc: 33.5}
        - {period: rolling, month: 2024-02-01, dimension: segment, value: RETAIL, name: null, window_days: 7, visits: 5, cash_rc: 10}
        - {period: rolling, month: 2024-02-01, dimension: segment, value: RETAIL, name: null, window_days: 14, visits: 5, cash_rc: 70}
        - {period: rolling, month: 2024-02-01, dimension: segment, value: RETAIL, name: null, window_days: 30, visits: 5, cash_rc: 50}
        - {period: rolling, month: 2024-02-01, dimension: segment, value: RETAIL, name: null, window_days: 10, visits: 5, cash_rc: 33.5}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "", name: null, window_days: 7, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "", name: null, window_days: 14, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "", name: null, window_days: 30, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "", name: null, window_days: 10, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "no", name: null, window_days: 7, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "no", name: null, window_days: 14, visits: 1, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "no", name: null, window_days: 30, visits: 1, cash_rc: 50}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "no", name: null, window_days: 10, visits: 1, cash_rc: 0.5}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "yes", name: null, window_days: 7, visits: 3, cash_rc: 10}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "yes", name: null, window_days: 14, visits: 3, cash_rc: 70}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "yes", name: null, window_days: 30, visits: 3, cash_rc: 0}
        - {period: rolling, month: 2024-02-01, dimension: escalated, value: "yes", name: null, window_days: 10, visits: 3, cash_rc: 33}
  - name: the windows are settings; their columns keep the names of the defaults, and one that is the headline too stands there once
    overrides: {vars: {visit_windows: [5, 10, 20], rolling_months: 1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'visit_outcomes')
        rows: [{visit_id: V1, customer_id: C1, rep_id: R1, day: 2024-05-02, window_days: 10, overdue_rc: 100, cash_7_rc: 1, cash_14_rc: 2, cash_30_rc: 3, cash_rc: 2, window_complete_7: true, window_complete_14: true, window_complete_30: true, window_complete: true}]
    expect:
      rows:
        - {period: month, month: 2024-05-01, dimension: all, value: "", window_days: 5, is_default: false, cash_rc: 1}
        - {period: month, month: 2024-05-01, dimension: all, value: "", window_days: 10, is_default: true, cash_rc: 2}
        - {period: month, month: 2024-05-01, dimension: all, value: "", window_days: 20, is_default: false, cash_rc: 3}
        - {period: month, month: 2024-05-01, dimension: rep, value: R1, window_days: 5, is_default: false, cash_rc: 1}
        - {period: month, month: 2024-05-01, dimension: rep, value: R1, window_days: 10, is_default: true, cash_rc: 2}
        - {period: month, month: 2024-05-01, dimension: rep, value: R1, window_days: 20, is_default: false, cash_rc: 3}
        - {period: month, month: 2024-05-01, dimension: channel, value: "", window_days: 5, is_default: false, cash_rc: 1}
        - {period: month, month: 2024-05-01, dimension: channel, value: "", window_days: 10, is_default: true, cash_rc: 2}
        - {period: month, month: 2024-05-01, dimension: channel, value: "", window_days: 20, is_default: false, cash_rc: 3}
        - {period: month, month: 2024-05-01, dimension: approach, value: "", window_days: 5, is_default: false, cash_rc: 1}
        - {period: month, month: 2024-05-01, dimension: approach, value: "", window_days: 10, is_default: true, cash_rc: 2}
        - {period: month, month: 2024-05-01, dimension: approach, value: "", window_days: 20, is_default: false, cash_rc: 3}
        - {period: month, month: 2024-05-01, dimension: script, value: "", window_days: 5, is_default: false, cash_rc: 1}
        - {period: month, month: 2024-05-01, dimension: script, value: "", window_days: 10, is_default: true, cash_rc: 2}
        - {period: month, month: 2024-05-01, dimension: script, value: "", window_days: 20, is_default: false, cash_rc: 3}
        - {period: month, month: 2024-05-01, dimension: scenario, value: "", window_days: 5, is_default: false, cash_rc: 1}
        - {period: month, month: 2024-05-01, dimension: scenario, value: "", window_days: 10, is_default: true, cash_rc: 2}
        - {period: month, month: 2024-05-01, dimension: scenario, value: "", window_days: 20, is_default: false, cash_rc: 3}
        - {period: month, month: 2024-05-01, dimension: escalated, value: "", window_days: 5, is_default: false, cash_rc: 1}
        - {period: month, month: 2024-05-01, dimension: escalated, value: "", window_days: 10, is_default: true, cash_rc: 2}
        - {period: month, month: 2024-05-01, dimension: escalated, value: "", window_days: 20, is_default: false, cash_rc: 3}
        - {period: month, month: 2024-05-01, dimension: segment, value: "", window_days: 5, is_default: false, cash_rc: 1}
        - {period: month, month: 2024-05-01, dimension: segment, value: "", window_days: 10, is_default: true, cash_rc: 2}
        - {period: month, month: 2024-05-01, dimension: segment, value: "", window_days: 20, is_default: false, cash_rc: 3}
chart: {type: bar, title: Recovery after visits and the weeks before, x: value, y: [recovery_rate, baseline_rate], unit: fraction, where: "period = 'rolling' AND dimension = 'channel' AND toString(is_default) = 'true'"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS rolling_start,
visit_codes AS (
    SELECT
        v.source AS source,
        v.visit_id AS visit_id,
        any(ifNull(toString(v.approach), '')) AS approach,
        any(ifNull(toString(v.script_code), '')) AS script,
        any(ifNull(toString(v.scenario), '')) AS scenario,
        any(multiIf(isNull(v.escalated), '', v.escalated, 'yes', 'no')) AS escalated
    FROM {{ source('huikuan', 'visits') }} AS v
    GROUP BY source, visit_id
),
visit_promises AS (
    SELECT
        p.source AS source,
        p.visit_id AS visit_id,
        countIf(p.status = 'kept') AS kept,
        countIf(p.status IN ('kept', 'partial', 'broken')) AS resolved
    FROM {{ source('huikuan', 'promise_outcomes') }} AS p
    WHERE ifNull(p.visit_id, '') != ''
    GROUP BY source, visit_id
),
visits AS (
    SELECT
        toDate32(toStartOfMonth(o.day)) AS visit_month,
        o.rep_id AS rep_id,
        ifNull(toString(o.channel), '') AS channel,
        c.approach AS approach,
        c.script AS script,
        c.scenario AS scenario,
        c.escalated AS escalated,
        ifNull(toString(k.segment), '') AS segment,
        o.agreement_reached AS agreement_reached,
        p.kept AS kept,
        p.resolved AS resolved,
        isNull(o.overdue_rc) AS without_rate,
        toInt32(o.window_days) AS default_days,
        -- one element a window: those of visit_windows, by the names of its default, and the configured one
        arrayMap(complete -> toUInt8(complete AND ifNull(o.overdue_rc, 0) > 0),
            [o.window_complete_7, o.window_complete_14, o.window_complete_30, o.window_complete]) AS measured,
        arrayMap(m -> if(m = 1, ifNull(o.overdue_rc, 0), 0), measured) AS overdue,
        arrayMap((m, x) -> if(m = 1, x, 0), measured,
            [ifNull(o.cash_7_rc, 0), ifNull(o.cash_14_rc, 0), ifNull(o.cash_30_rc, 0), ifNull(o.cash_rc, 0)]) AS cash,
        arrayMap((m, x) -> if(m = 1, x, 0), measured,
            [ifNull(o.cash_before_7_rc, 0), ifNull(o.cash_before_14_rc, 0), ifNull(o.cash_before_30_rc, 0), ifNull(o.cash_before_rc, 0)]) AS cash_before,
        arrayMap((m, x) -> if(m = 1, x, 0), measured,
            [ifNull(o.promised_before_7_rc, 0), ifNull(o.promised_before_14_rc, 0), ifNull(o.promised_before_30_rc, 0), ifNull(o.promised_before_rc, 0)]) AS promised_before,
        arrayMap(x -> toUInt8(x > 0), cash) AS responded
    FROM {{ source('huikuan', 'visit_outcomes') }} AS o
    LEFT JOIN visit_codes AS c ON c.source = o.source AND c.visit_id = o.visit_id
    LEFT JOIN visit_promises AS p ON p.source = o.source AND assumeNotNull(p.visit_id) = o.visit_id
    LEFT JOIN {{ source('huikuan', 'customers_current') }} AS k ON k.customer_id = o.customer_id
    WHERE o.day <= today
),
by_month AS (
    SELECT
        v.visit_month AS month,
        member.1 AS dimension,
        member.2 AS value,
        max(v.default_days) AS default_days,
        count() AS visits,
        sumForEach(v.measured) AS measured,
        sumForEach(v.responded) AS responded,
        sumForEach(v.overdue) AS overdue,
        sumForEach(v.cash) AS cash,
        sumForEach(v.cash_before) AS cash_before,
        sumForEach(v.promised_before) AS promised_before,
        countIf(v.agreement_reached) AS agreements,
        countIf(v.agreement_reached IS NOT NULL) AS agreement_known,
        sum(v.kept) AS promises_kept,
        sum(v.resolved) AS promises_resolved,
        sum(v.without_rate) AS without_rate
    FROM visits AS v
    ARRAY JOIN [('all', ''), ('rep', v.rep_id), ('channel', v.channel), ('approach', v.approach), ('script', v.script), ('scenario', v.scenario),
        ('escalated', v.escalated), ('segment', v.segment)] AS member
    GROUP BY month, dimension, value
),
counted AS (
    SELECT
        span.1 AS period,
        span.2 AS month,
        m.dimension AS dimension,
        m.value AS value,
        arrayPushBack(CAST({{ var('visit_windows') }} AS Array(Int32)), m.default_days)[n] AS window_days,
        max(window_days = m.default_days) AS is_default,
        sum(m.visits) AS visits,
        sum(m.measured[n]) AS measured,
        sum(m.responded[n]) AS responded,
        sum(m.overdue[n]) AS overdue_rc,
        sum(m.cash[n]) AS cash_rc,
        sum(m.cash_before[n]) AS cash_before_rc,
        sum(m.promised_before[n]) AS promised_before_rc,
        sum(m.agreements) AS agreements,
        sum(m.agreement_known) AS agreement_known,
        sum(m.promises_kept) AS promises_kept,
        sum(m.promises_resolved) AS promises_resolved,
        sum(m.without_rate) AS without_rate
    FROM by_month AS m
    ARRAY JOIN if(m.month >= rolling_start, [('month', m.month), ('rolling', rolling_start)], [('month', m.month)]) AS span
    ARRAY JOIN if(has({{ var('visit_windows') }}, m.default_days), [1, 2, 3], [1, 2, 3, 4]) AS n
    GROUP BY period, month, dimension, value, window_days
)
SELECT
    c.period AS period,
    c.month AS month,
    c.dimension AS dimension,
    c.value AS value,
    if(c.dimension = 'rep', r.name, NULL) AS name,
    c.window_days AS window_days,
    CAST(c.is_default AS Bool) AS is_default,
    c.visits AS visits,
    c.measured AS measured,
    c.responded AS responded,
    CAST(c.responded AS Decimal(38, 10)) / nullIf(c.measured, 0) AS response_rate,
    c.overdue_rc AS overdue_rc,
    c.cash_rc AS cash_rc,
    c.cash_before_rc AS cash_before_rc,
    c.promised_before_rc AS promised_before_rc,
    CAST(c.cash_rc AS Decimal(38, 10)) / if(c.overdue_rc > 0, c.overdue_rc, NULL) AS recovery_rate,
    CAST(c.cash_before_rc AS Decimal(38, 10)) / if(c.overdue_rc > 0, c.overdue_rc, NULL) AS baseline_rate,
    c.cash_rc - c.promised_before_rc - c.cash_before_rc AS uplift_rc,
    CAST(c.cash_rc - c.promised_before_rc - c.cash_before_rc AS Decimal(38, 10)) / if(c.overdue_rc > 0, c.overdue_rc, NULL) AS uplift,
    CAST(c.cash_rc AS Decimal(38, 10)) / nullIf(c.measured, 0) AS cash_per_visit_rc,
    CAST(c.measured * 100000 AS Decimal(38, 10)) / if(c.cash_rc > 0, c.cash_rc, NULL) AS visits_per_100k,
    c.agreements AS agreements,
    c.agreement_known AS agreement_known,
    CAST(c.agreements AS Decimal(38, 10)) / nullIf(c.agreement_known, 0) AS agreement_rate,
    c.promises_kept AS promises_kept,
    c.promises_resolved AS promises_resolved,
    CAST(c.promises_kept AS Decimal(38, 10)) / nullIf(c.promises_resolved, 0) AS agreement_kept_rate,
    c.without_rate AS without_rate,
    if(c.measured > 0, NULL, 'nothing_measured') AS reason
FROM counted AS c
LEFT JOIN {{ source('huikuan', 'reps_current') }} AS r ON r.rep_id = c.value
