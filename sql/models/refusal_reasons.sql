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
  - {name: overdue_30_rc, description: overdue at the visits of which 30 days have passed; denominator, unit: reporting currency, tests: [not_null]}
  - {name: cash_30_rc, description: cash in the 30 days on it, unit: reporting currency, tests: [not_null]}
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
      HAVING abs(total - 1) > 0.00001
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
chart: {type: bar, title: Reasons for not paying, x: code, y: [visits], series: code_kind, unit: visits}
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
