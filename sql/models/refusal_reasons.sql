/* ---
description: "What customers say when they do not pay, and what becomes of it: refusals, excuses, avoidance and causes noted at visits and calls, with agreement, truth, promises kept and cash afterwards. Before/after, not causal. Visits without a code are the row with an empty code, to be held against."
grain: one period (month of the visit, or the rolling months), kind of code and code
materialisation: table
order_by: [code_kind, code, period, month]
owner: sales management
tags: [collection, visits]
columns:
  - {name: period, description: "month of the visit, or rolling: the last rolling_months months to the last day built", tests: [not_null, {accepted_values: [month, rolling]}]}
  - {name: month, description: first day of the period, unit: date, tests: [not_null]}
  - {name: code_kind, description: "refusal, excuse, avoidance or cause", tests: [not_null, {accepted_values: [refusal, excuse, avoidance, cause]}]}
  - {name: code, description: code as the source says it; empty = none noted, tests: [not_null]}
  - {name: visits, description: visits and calls, unit: count, tests: [not_null]}
  - {name: share, description: visits / all visits of the period and kind, unit: fraction}
  - {name: customers, description: customers, unit: count, tests: [not_null]}
  - {name: agreements, description: visits at which terms were agreed all the same, unit: count, tests: [not_null]}
  - {name: agreement_known, description: visits of which it is recorded; denominator, unit: count, tests: [not_null]}
  - {name: agreement_rate, description: agreements / agreement_known, unit: fraction}
  - {name: proved_true, description: visits whose stated reason proved true, unit: count, tests: [not_null]}
  - {name: proved_false, description: visits whose stated reason proved false, unit: count, tests: [not_null]}
  - {name: false_share, description: "proved_false / (proved_true + proved_false); NULL = none verified", unit: fraction}
  - {name: promises_kept, description: promises of these visits that were kept, unit: count, tests: [not_null]}
  - {name: promises_resolved, description: "promises of these visits kept, partly kept or broken; denominator", unit: count, tests: [not_null]}
  - {name: promise_kept_rate, description: promises_kept / promises_resolved, unit: fraction}
  - {name: measured, description: "visits whose window of visit_window_days has passed, with something overdue and undisputed", unit: count, tests: [not_null]}
  - {name: overdue_rc, description: overdue at them; denominator, unit: reporting currency, tests: [not_null]}
  - {name: cash_rc, description: cash in the window on it, unit: reporting currency, tests: [not_null]}
  - {name: recovery_rate, description: "cash_rc / overdue_rc; NULL = none measured", unit: fraction}
  - {name: overdue_30_rc, description: overdue at the visits of which the last of visit_windows has passed (named for the default); denominator, unit: reporting currency, tests: [not_null]}
  - {name: cash_30_rc, description: cash in that window on it, unit: reporting currency, tests: [not_null]}
  - {name: recovery_30_rate, description: cash_30_rc / overdue_30_rc, unit: fraction}
  - {name: reason, description: "why recovery_rate is NULL: nothing_measured"}
tests:
  - unique: [period, month, code_kind, code]
  - name: every visit has one code of a kind, or none
    sum_equals:
      this: sumIf(visits, code_kind = 'excuse' AND period = 'month')
      of: |
        SELECT count()
        FROM {{ source('huikuan', 'visit_outcomes') }}
  - name: the shares add up to one
    sql: |
      SELECT period, month, code_kind, sum(share) AS total
      FROM {{ this }}
      GROUP BY period, month, code_kind
      HAVING abs(total - 1) > count() * 0.0000000001
unit_tests:
  - name: recovery after a code is summed, not averaged, and a false reason is counted
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V1, refusal_code: 资金周转困难, reason_verified: false}
          - {visit_id: V2, refusal_code: 资金周转困难, reason_verified: true}
          - {visit_id: V3, refusal_code: 对账不一致}
      - input: source('huikuan', 'visit_outcomes')
        rows:
          - {visit_id: V1, customer_id: C1, rep_id: R1, day: 2024-05-02, agreement_reached: true, overdue_rc: 1000, cash_rc: 900, window_complete: true, cash_30_rc: 900, window_complete_30: true}
          - {visit_id: V2, customer_id: C2, rep_id: R1, day: 2024-05-02, agreement_reached: false, overdue_rc: 3000, cash_rc: 0, window_complete: true, cash_30_rc: 300, window_complete_30: true}
          - {visit_id: V3, customer_id: C3, rep_id: R1, day: 2024-05-02, overdue_rc: 500, cash_rc: 500, window_complete: false}
      - input: source('huikuan', 'promise_outcomes')
        rows: [{promise_id: P1, visit_id: V1, status: kept}, {promise_id: P2, visit_id: V1, status: broken}, {promise_id: P3, visit_id: V1, status: open}]
    expect:
      rows:
        - {period: month, code_kind: refusal, code: 资金周转困难, visits: 2, share: 0.6666666666, customers: 2, agreement_rate: 0.5, false_share: 0.5, promise_kept_rate: 0.5, measured: 2, recovery_rate: 0.225, recovery_30_rate: 0.3, reason: null}
        - {period: month, code_kind: refusal, code: 对账不一致, visits: 1, share: 0.3333333333, customers: 1, agreement_rate: null, false_share: null, promise_kept_rate: null, measured: 0, recovery_rate: null, recovery_30_rate: null, reason: nothing_measured}
        - {period: month, code_kind: excuse, code: "", visits: 3, share: 1, customers: 3, agreement_rate: 0.5, false_share: 0.5, promise_kept_rate: 0.5, measured: 2, recovery_rate: 0.225, recovery_30_rate: 0.3, reason: null}
        - {period: month, code_kind: avoidance, code: "", visits: 3, share: 1, customers: 3, agreement_rate: 0.5, false_share: 0.5, promise_kept_rate: 0.5, measured: 2, recovery_rate: 0.225, recovery_30_rate: 0.3, reason: null}
        - {period: month, code_kind: cause, code: "", visits: 3, share: 1, customers: 3, agreement_rate: 0.5, false_share: 0.5, promise_kept_rate: 0.5, measured: 2, recovery_rate: 0.225, recovery_30_rate: 0.3, reason: null}
        - {period: rolling, code_kind: refusal, code: 资金周转困难, visits: 2, share: 0.6666666666, customers: 2, agreement_rate: 0.5, false_share: 0.5, promise_kept_rate: 0.5, measured: 2, recovery_rate: 0.225, recovery_30_rate: 0.3, reason: null}
        - {period: rolling, code_kind: refusal, code: 对账不一致, visits: 1, share: 0.3333333333, customers: 1, agreement_rate: null, false_share: null, promise_kept_rate: null, measured: 0, recovery_rate: null, recovery_30_rate: null, reason: nothing_measured}
        - {period: rolling, code_kind: excuse, code: "", visits: 3, share: 1, customers: 3, agreement_rate: 0.5, false_share: 0.5, promise_kept_rate: 0.5, measured: 2, recovery_rate: 0.225, recovery_30_rate: 0.3, reason: null}
        - {period: rolling, code_kind: avoidance, code: "", visits: 3, share: 1, customers: 3, agreement_rate: 0.5, false_share: 0.5, promise_kept_rate: 0.5, measured: 2, recovery_rate: 0.225, recovery_30_rate: 0.3, reason: null}
        - {period: rolling, code_kind: cause, code: "", visits: 3, share: 1, customers: 3, agreement_rate: 0.5, false_share: 0.5, promise_kept_rate: 0.5, measured: 2, recovery_rate: 0.225, recovery_30_rate: 0.3, reason: null}
  - name: visits and promises by source, days of the windows, what is not known or not over is no recovery
    overrides: {vars: {rolling_months: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-01-31}, {as_of: 2024-06-15}]
      - input: source('huikuan', 'visits')
        rows:
          - {source: a, visit_id: V1, excuse_code: X, reason_verified: true}
          - {source: a, visit_id: V2, excuse_code: X, reason_verified: true}
          - {source: a, visit_id: V3, excuse_code: X, reason_verified: false}
          - {source: a, visit_id: V4, excuse_code: X, reason_verified: false}
          - {source: a, visit_id: V5, excuse_code: X, reason_verified: false}
          - {source: a, visit_id: V6, excuse_code: X}
          - {source: b, visit_id: V1, excuse_code: Y, refusal_code: Z}
      - input: source('huikuan', 'visit_outcomes')
        rows:
          - {source: a, visit_id: V1, customer_id: C1, day: 2024-05-01, agreement_reached: true, overdue_rc: 100, cash_rc: 10, window_complete: true, cash_30_rc: 20, window_complete_30: true}
          - {source: a, visit_id: V2, customer_id: C1, day: 2024-05-31, agreement_reached: true, overdue_rc: 200, cash_rc: 30, window_complete: true, cash_30_rc: 50, window_complete_30: false}
          - {source: a, visit_id: V3, customer_id: C2, day: 2024-06-15, agreement_reached: false, overdue_rc: 400, cash_rc: 70, window_complete: false, cash_30_rc: 90, window_complete_30: false}
          - {source: a, visit_id: V4, customer_id: C3, day: 2024-04-30, overdue_rc: 0, cash_rc: 3, window_complete: true, cash_30_rc: 5, window_complete_30: true}
          - {source: a, visit_id: V5, customer_id: C3, day: 2024-05-02, overdue_rc: 0.5, cash_rc: 0.1, window_complete: true, cash_30_rc: 0.2, window_complete_30: true}
          - {source: a, visit_id: V6, customer_id: C3, day: 2024-05-02, overdue_rc: 800, cash_rc: null, window_complete: true, cash_30_rc: null, window_complete_30: true}
          - {source: b, visit_id: V1, customer_id: C4, day: 2024-05-03, overdue_rc: null, cash_rc: 7, window_complete: true, cash_30_rc: 7, window_complete_30: true}
          - {source: b, visit_id: LOST, customer_id: C4, day: 2024-05-03, overdue_rc: 0.25, cash_rc: 0.25, window_complete: true, cash_30_rc: 0.125, window_complete_30: true}
          - {source: a, visit_id: V1, customer_id: C9, day: 2024-06-16, overdue_rc: 9000}
      - input: source('huikuan', 'promise_outcomes')
        rows:
          - {source: a, promise_id: P1, visit_id: V1, status: kept}
          - {source: a, promise_id: P2, visit_id: V1, status: kept}
          - {source: a, promise_id: P3, visit_id: V1, status: partial}
          - {source: a, promise_id: P4, visit_id: V2, status: kept}
          - {source: a, promise_id: P5, visit_id: V2, status: broken}
          - {source: a, promise_id: P6, visit_id: null, status: kept}
          - {source: b, promise_id: P7, visit_id: V1, status: broken}
          - {source: b, promise_id: P8, visit_id: V1, status: moved}
    expect:
      rows:
        - {period: month, month: 2024-04-01, code_kind: avoidance, code: "", visits: 1, share: 1, customers: 1, agreements: 0, agreement_known: 0, agreement_rate: null, proved_true: 0, proved_false: 1, false_share: 1, promises_kept: 0, promises_resolved: 0, promise_kept_rate: null, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-04-01, code_kind: cause, code: "", visits: 1, share: 1, customers: 1, agreements: 0, agreement_known: 0, agreement_rate: null, proved_true: 0, proved_false: 1, false_share: 1, promises_kept: 0, promises_resolved: 0, promise_kept_rate: null, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-04-01, code_kind: refusal, code: "", visits: 1, share: 1, customers: 1, agreements: 0, agreement_known: 0, agreement_rate: null, proved_true: 0, proved_false: 1, false_share: 1, promises_kept: 0, promises_resolved: 0, promise_kept_rate: null, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, code_kind: avoidance, code: "", visits: 6, share: 1, customers: 3, agreements: 2, agreement_known: 2, agreement_rate: 1, proved_true: 2, proved_false: 1, false_share: 0.3333333333, promises_kept: 3, promises_resolved: 6, promise_kept_rate: 0.5, measured: 5, overdue_rc: 1100.75, cash_rc: 40.35, recovery_rate: 0.0366568248, overdue_30_rc: 900.75, cash_30_rc: 20.325, recovery_30_rate: 0.0225645295, reason: null}
        - {period: month, month: 2024-05-01, code_kind: cause, code: "", visits: 6, share: 1, customers: 3, agreements: 2, agreement_known: 2, agreement_rate: 1, proved_true: 2, proved_false: 1, false_share: 0.3333333333, promises_kept: 3, promises_resolved: 6, promise_kept_rate: 0.5, measured: 5, overdue_rc: 1100.75, cash_rc: 40.35, recovery_rate: 0.0366568248, overdue_30_rc: 900.75, cash_30_rc: 20.325, recovery_30_rate: 0.0225645295, reason: null}
        - {period: month, month: 2024-05-01, code_kind: refusal, code: Z, visits: 1, share: 0.1666666666, customers: 1, agreements: 0, agreement_known: 0, agreement_rate: null, proved_true: 0, proved_false: 0, false_share: null, promises_kept: 0, promises_resolved: 1, promise_kept_rate: 0, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, code_kind: refusal, code: "", visits: 5, share: 0.8333333333, customers: 3, agreements: 2, agreement_known: 2, agreement_rate: 1, proved_true: 2, proved_false: 1, false_share: 0.3333333333, promises_kept: 3, promises_resolved: 5, promise_kept_rate: 0.6, measured: 5, overdue_rc: 1100.75, cash_rc: 40.35, recovery_rate: 0.0366568248, overdue_30_rc: 900.75, cash_30_rc: 20.325, recovery_30_rate: 0.0225645295, reason: null}
        - {period: month, month: 2024-06-01, code_kind: avoidance, code: "", visits: 1, share: 1, customers: 1, agreements: 0, agreement_known: 1, agreement_rate: 0, proved_true: 0, proved_false: 1, false_share: 1, promises_kept: 0, promises_resolved: 0, promise_kept_rate: null, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-06-01, code_kind: cause, code: "", visits: 1, share: 1, customers: 1, agreements: 0, agreement_known: 1, agreement_rate: 0, proved_true: 0, proved_false: 1, false_share: 1, promises_kept: 0, promises_resolved: 0, promise_kept_rate: null, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-06-01, code_kind: refusal, code: "", visits: 1, share: 1, customers: 1, agreements: 0, agreement_known: 1, agreement_rate: 0, proved_true: 0, proved_false: 1, false_share: 1, promises_kept: 0, promises_resolved: 0, promise_kept_rate: null, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, code_kind: excuse, code: "", visits: 1, share: 0.1428571428, customers: 1, agreements: 0, agreement_known: 0, agreement_rate: null, proved_true: 0, proved_false: 0, false_share: null, promises_kept: 0, promises_resolved: 0, promise_kept_rate: null, measured: 1, overdue_rc: 0.25, cash_rc: 0.25, recovery_rate: 1, overdue_30_rc: 0.25, cash_30_rc: 0.125, recovery_30_rate: 0.5, reason: null}
        - {period: rolling, month: 2024-05-01, code_kind: excuse, code: Y, visits: 1, share: 0.1428571428, customers: 1, agreements: 0, agreement_known: 0, agreement_rate: null, proved_true: 0, proved_false: 0, false_share: null, promises_kept: 0, promises_resolved: 1, promise_kept_rate: 0, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, code_kind: excuse, code: X, visits: 5, share: 0.7142857142, customers: 3, agreements: 2, agreement_known: 3, agreement_rate: 0.6666666666, proved_true: 2, proved_false: 2, false_share: 0.5, promises_kept: 3, promises_resolved: 5, promise_kept_rate: 0.6, measured: 4, overdue_rc: 1100.5, cash_rc: 40.1, recovery_rate: 0.0364379827, overdue_30_rc: 900.5, cash_30_rc: 20.2, recovery_30_rate: 0.0224319822, reason: null}
        - {period: month, month: 2024-04-01, code_kind: excuse, code: X, visits: 1, share: 1, customers: 1, agreements: 0, agreement_known: 0, agreement_rate: null, proved_true: 0, proved_false: 1, false_share: 1, promises_kept: 0, promises_resolved: 0, promise_kept_rate: null, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-05-01, code_kind: excuse, code: X, visits: 4, share: 0.6666666666, customers: 2, agreements: 2, agreement_known: 2, agreement_rate: 1, proved_true: 2, proved_false: 1, false_share: 0.3333333333, promises_kept: 3, promises_resolved: 5, promise_kept_rate: 0.6, measured: 4, overdue_rc: 1100.5, cash_rc: 40.1, recovery_rate: 0.0364379827, overdue_30_rc: 900.5, cash_30_rc: 20.2, recovery_30_rate: 0.0224319822, reason: null}
        - {period: month, month: 2024-05-01, code_kind: excuse, code: "", visits: 1, share: 0.1666666666, customers: 1, agreements: 0, agreement_known: 0, agreement_rate: null, proved_true: 0, proved_false: 0, false_share: null, promises_kept: 0, promises_resolved: 0, promise_kept_rate: null, measured: 1, overdue_rc: 0.25, cash_rc: 0.25, recovery_rate: 1, overdue_30_rc: 0.25, cash_30_rc: 0.125, recovery_30_rate: 0.5, reason: null}
        - {period: month, month: 2024-05-01, code_kind: excuse, code: Y, visits: 1, share: 0.1666666666, customers: 1, agreements: 0, agreement_known: 0, agreement_rate: null, proved_true: 0, proved_false: 0, false_share: null, promises_kept: 0, promises_resolved: 1, promise_kept_rate: 0, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: month, month: 2024-06-01, code_kind: excuse, code: X, visits: 1, share: 1, customers: 1, agreements: 0, agreement_known: 1, agreement_rate: 0, proved_true: 0, proved_false: 1, false_share: 1, promises_kept: 0, promises_resolved: 0, promise_kept_rate: null, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, code_kind: avoidance, code: "", visits: 7, share: 1, customers: 4, agreements: 2, agreement_known: 3, agreement_rate: 0.6666666666, proved_true: 2, proved_false: 2, false_share: 0.5, promises_kept: 3, promises_resolved: 6, promise_kept_rate: 0.5, measured: 5, overdue_rc: 1100.75, cash_rc: 40.35, recovery_rate: 0.0366568248, overdue_30_rc: 900.75, cash_30_rc: 20.325, recovery_30_rate: 0.0225645295, reason: null}
        - {period: rolling, month: 2024-05-01, code_kind: cause, code: "", visits: 7, share: 1, customers: 4, agreements: 2, agreement_known: 3, agreement_rate: 0.6666666666, proved_true: 2, proved_false: 2, false_share: 0.5, promises_kept: 3, promises_resolved: 6, promise_kept_rate: 0.5, measured: 5, overdue_rc: 1100.75, cash_rc: 40.35, recovery_rate: 0.0366568248, overdue_30_rc: 900.75, cash_30_rc: 20.325, recovery_30_rate: 0.0225645295, reason: null}
        - {period: rolling, month: 2024-05-01, code_kind: refusal, code: Z, visits: 1, share: 0.1428571428, customers: 1, agreements: 0, agreement_known: 0, agreement_rate: null, proved_true: 0, proved_false: 0, false_share: null, promises_kept: 0, promises_resolved: 1, promise_kept_rate: 0, measured: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, overdue_30_rc: 0, cash_30_rc: 0, recovery_30_rate: null, reason: nothing_measured}
        - {period: rolling, month: 2024-05-01, code_kind: refusal, code: "", visits: 6, share: 0.8571428571, customers: 4, agreements: 2, agreement_known: 3, agreement_rate: 0.6666666666, proved_true: 2, proved_false: 2, false_share: 0.5, promises_kept: 3, promises_resolved: 5, promise_kept_rate: 0.6, measured: 5, overdue_rc: 1100.75, cash_rc: 40.35, recovery_rate: 0.0366568248, overdue_30_rc: 900.75, cash_30_rc: 20.325, recovery_30_rate: 0.0225645295, reason: null}
chart: {type: bar, title: Reasons for not paying, x: code, y: [visits], series: code_kind, unit: visits, where: "period = 'rolling' AND code != ''"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS rolling_start,
visit_codes AS (
    SELECT
        v.source AS source,
        v.visit_id AS visit_id,
        any(ifNull(toString(v.refusal_code), '')) AS refusal,
        any(ifNull(toString(v.excuse_code), '')) AS excuse,
        any(ifNull(toString(v.avoidance_code), '')) AS avoidance,
        any(ifNull(toString(v.cause_code), '')) AS cause,
        max(ifNull(v.reason_verified, false)) AS proved_true,
        max(NOT ifNull(v.reason_verified, true)) AS proved_false
    FROM {{ source('huikuan', 'visits') }} AS v
    GROUP BY source, visit_id
),
visit_promises AS (
    SELECT
        p.source AS source,
        assumeNotNull(p.visit_id) AS visit_id,
        countIf(p.status = 'kept') AS kept,
        countIf(p.status IN ('kept', 'partial', 'broken')) AS resolved
    FROM {{ source('huikuan', 'promise_outcomes') }} AS p
    WHERE p.visit_id IS NOT NULL
    GROUP BY source, visit_id
),
counted AS (
    SELECT
        span.1 AS period,
        span.2 AS month,
        noted.1 AS code_kind,
        noted.2 AS code,
        count() AS visits,
        uniqExact(o.customer_id) AS customers,
        countIf(o.agreement_reached) AS agreements,
        countIf(o.agreement_reached IS NOT NULL) AS agreement_known,
        sum(c.proved_true) AS proved_true,
        sum(c.proved_false) AS proved_false,
        sum(p.kept) AS promises_kept,
        sum(p.resolved) AS promises_resolved,
        countIf(o.window_complete AND o.overdue_rc > 0) AS measured,
        sum(if(o.window_complete AND o.overdue_rc > 0, assumeNotNull(o.overdue_rc), 0)) AS overdue_rc,
        sum(if(o.window_complete AND o.overdue_rc > 0, ifNull(o.cash_rc, 0), 0)) AS cash_rc,
        sum(if(o.window_complete_30 AND o.overdue_rc > 0, assumeNotNull(o.overdue_rc), 0)) AS overdue_30_rc,
        sum(if(o.window_complete_30 AND o.overdue_rc > 0, ifNull(o.cash_30_rc, 0), 0)) AS cash_30_rc
    FROM {{ source('huikuan', 'visit_outcomes') }} AS o
    LEFT JOIN visit_codes AS c ON c.source = o.source AND c.visit_id = o.visit_id
    LEFT JOIN visit_promises AS p ON p.source = o.source AND p.visit_id = o.visit_id
    ARRAY JOIN if(o.day >= rolling_start, [('month', toDate32(toStartOfMonth(o.day))), ('rolling', rolling_start)], [('month', toDate32(toStartOfMonth(o.day)))]) AS span
    ARRAY JOIN [('refusal', c.refusal), ('excuse', c.excuse), ('avoidance', c.avoidance), ('cause', c.cause)] AS noted
    WHERE o.day <= today
    GROUP BY period, month, code_kind, code
)
SELECT
    c.period AS period,
    c.month AS month,
    c.code_kind AS code_kind,
    c.code AS code,
    c.visits AS visits,
    CAST(c.visits AS Decimal(38, 10)) / sum(c.visits) OVER (PARTITION BY c.period, c.month, c.code_kind) AS share,
    c.customers AS customers,
    c.agreements AS agreements,
    c.agreement_known AS agreement_known,
    CAST(c.agreements AS Decimal(38, 10)) / nullIf(c.agreement_known, 0) AS agreement_rate,
    c.proved_true AS proved_true,
    c.proved_false AS proved_false,
    CAST(c.proved_false AS Decimal(38, 10)) / nullIf(c.proved_true + c.proved_false, 0) AS false_share,
    c.promises_kept AS promises_kept,
    c.promises_resolved AS promises_resolved,
    CAST(c.promises_kept AS Decimal(38, 10)) / nullIf(c.promises_resolved, 0) AS promise_kept_rate,
    c.measured AS measured,
    c.overdue_rc AS overdue_rc,
    c.cash_rc AS cash_rc,
    CAST(c.cash_rc AS Decimal(38, 10)) / if(c.overdue_rc > 0, c.overdue_rc, NULL) AS recovery_rate,
    c.overdue_30_rc AS overdue_30_rc,
    c.cash_30_rc AS cash_30_rc,
    CAST(c.cash_30_rc AS Decimal(38, 10)) / if(c.overdue_30_rc > 0, c.overdue_30_rc, NULL) AS recovery_30_rate,
    if(c.measured > 0, NULL, 'nothing_measured') AS reason
FROM counted AS c
