/* ---
description: "How promises to pay were kept (D1), plan lines included: by rep, channel, kind, segment and customer, in the month they were due. Open, moved and cancelled promises are counted and stand in no rate."
grain: one period (month, or the rolling months), dimension and its value
materialisation: table
order_by: [dimension, value, period, month]
owner: sales management
tags: [collection, promises]
columns:
  - {name: period, description: "month of the due date, or rolling: the last rolling_months months to the last day built", tests: [not_null, {accepted_values: [month, rolling]}]}
  - {name: month, description: first day of the period, unit: date, tests: [not_null]}
  - {name: dimension, description: "all, rep, kind (promise or plan_line), channel (of the visit), segment; customer for the rolling period only", tests: [not_null, {accepted_values: [all, rep, kind, channel, segment, customer]}]}
  - {name: value, description: value of the dimension; empty for all and where unknown, unit: id, tests: [not_null]}
  - {name: name, description: display name of the rep or customer; NULL in other dimensions}
  - {name: promises, description: promises due in the period, unit: count, tests: [not_null]}
  - {name: kept, description: "at least promise_kept_percent paid by the due date plus promise_grace_days", unit: count, tests: [not_null]}
  - {name: partial, description: less than that but something, unit: count, tests: [not_null]}
  - {name: broken, description: nothing paid in time, unit: count, tests: [not_null]}
  - {name: open, description: not decided yet, unit: count, tests: [not_null]}
  - {name: moved, description: another promise took its place before it was due, unit: count, tests: [not_null]}
  - {name: cancelled, description: nothing was left to pay, unit: count, tests: [not_null]}
  - {name: resolved, description: "kept + partial + broken; denominator of kept_rate", unit: count, tests: [not_null]}
  - {name: kept_rate, description: "kept / resolved (D1, by count); NULL = none resolved", unit: fraction}
  - {name: kept_amount_rc, description: amount of the kept ones less credits, unit: reporting currency, tests: [not_null]}
  - {name: resolved_amount_rc, description: amount of the resolved ones less credits; denominator, unit: reporting currency, tests: [not_null]}
  - {name: kept_amount_rate, description: "kept_amount_rc / resolved_amount_rc (D1, by amount)", unit: fraction}
  - {name: cash_on_promises_rc, description: "cash that the resolved ones claim, never above their amount; no cash is claimed twice", unit: reporting currency, tests: [not_null]}
  - {name: cash_on_promises_rate, description: "cash_on_promises_rc / resolved_amount_rc", unit: fraction}
  - {name: moved_rate, description: "moved / (resolved + moved): how often a promise is put off", unit: fraction}
  - {name: without_rate, description: promises left out of the amounts because no exchange rate is known, unit: count, tests: [not_null]}
  - {name: reason, description: "why the rates are NULL: nothing_resolved"}
tests:
  - unique: [period, month, dimension, value]
  - name: all promises are there
    sum_equals:
      this: sumIf(promises, dimension = 'rep' AND period = 'month')
      of: |
        SELECT count()
        FROM {{ source('huikuan', 'promise_outcomes') }}
  - name: the statuses add up
    sql: |
      SELECT *
      FROM {{ this }}
      WHERE promises != resolved + open + moved + cancelled
unit_tests:
  - name: ex:promise_kept
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-05-31}]
      - input: source('huikuan', 'promise_outcomes')
        rows:
          - {promise_id: P1, customer_id: C1, rep_id: R1, due_date: 2024-05-10, amount_rc: 1000, reduced_rc: 0, paid_rc: 1000, status: kept}
          - {promise_id: P2, customer_id: C1, rep_id: R1, due_date: 2024-05-10, amount_rc: 500, reduced_rc: 0, paid_rc: 0, status: broken}
          - {promise_id: P3, customer_id: C1, rep_id: R1, due_date: 2024-05-15, amount_rc: 800, reduced_rc: 0, paid_rc: 770, status: kept}
          - {promise_id: P4, customer_id: C1, rep_id: R1, due_date: 2024-05-31, amount_rc: 300, reduced_rc: 0, paid_rc: 0, status: open}
          - {promise_id: P5, customer_id: C1, rep_id: R1, due_date: 2024-05-05, amount_rc: 900, reduced_rc: 0, paid_rc: 450, status: partial}
    expect:
      rows:
        - {period: month, dimension: all, value: "", promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
        - {period: month, dimension: rep, value: R1, promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
        - {period: month, dimension: kind, value: promise, promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
        - {period: month, dimension: channel, value: "", promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
        - {period: month, dimension: segment, value: "", promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
        - {period: rolling, dimension: all, value: "", promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
        - {period: rolling, dimension: rep, value: R1, promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
        - {period: rolling, dimension: kind, value: promise, promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
        - {period: rolling, dimension: channel, value: "", promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
        - {period: rolling, dimension: segment, value: "", promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
        - {period: rolling, dimension: customer, value: C1, promises: 5, resolved: 4, kept_rate: 0.5, kept_amount_rate: 0.5625, cash_on_promises_rate: 0.69375, moved_rate: 0}
  - name: what is resolved is the base, moved and cancelled promises are not, credit notes make a promise smaller, the visit is that of its own source
    overrides: {vars: {rolling_months: 1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-05-15}]
      - input: source('huikuan', 'promise_outcomes')
        rows:
          - {source: crm, promise_id: P1, customer_id: C1, rep_id: R1, visit_id: V1, plan_id: null, due_date: 2024-05-01, status: kept, amount: 5, amount_rc: 100, reduced: 6, reduced_rc: 10, paid_rc: 90}
          - {source: crm, promise_id: P2, customer_id: C1, rep_id: R1, visit_id: V1, plan_id: null, due_date: 2024-05-15, status: partial, amount: 5, amount_rc: 50, reduced: 6, reduced_rc: null, paid_rc: 20}
          - {source: crm, promise_id: P3, customer_id: C1, rep_id: R1, visit_id: null, plan_id: L1, due_date: 2024-05-10, status: broken, amount: 5, amount_rc: 30, reduced: 6, reduced_rc: 0, paid_rc: 5}
          - {source: crm, promise_id: P4, customer_id: C1, rep_id: R1, visit_id: null, plan_id: null, due_date: 2024-05-16, status: open, amount: 5, amount_rc: 70, reduced: 6, reduced_rc: 0, paid_rc: 7}
          - {source: crm, promise_id: P5, customer_id: C1, rep_id: R1, visit_id: null, plan_id: null, due_date: 2024-05-03, status: moved, amount: 5, amount_rc: 80, reduced: 6, reduced_rc: 0, paid_rc: 3}
          - {source: crm, promise_id: P6, customer_id: C1, rep_id: R1, visit_id: null, plan_id: null, due_date: 2024-05-04, status: cancelled, amount: 5, amount_rc: 40, reduced: 6, reduced_rc: 0, paid_rc: 2}
          - {source: crm, promise_id: P7, customer_id: C1, rep_id: R1, visit_id: null, plan_id: null, due_date: 2024-05-05, status: kept, amount: 5, amount_rc: null, reduced: 6, reduced_rc: null, paid_rc: null}
          - {source: crm, promise_id: P8, customer_id: C1, rep_id: R1, visit_id: null, plan_id: null, due_date: 2024-05-06, status: broken, amount: 5, amount_rc: null, reduced: 6, reduced_rc: null, paid_rc: null}
          - {source: crm, promise_id: P9, customer_id: C2, rep_id: R1, visit_id: null, plan_id: null, due_date: 2024-04-30, status: open, amount: 5, amount_rc: 1, reduced: 6, reduced_rc: 0, paid_rc: 1}
      - input: source('huikuan', 'visits')
        rows: [{source: crm, visit_id: V1, channel: phone}, {source: erp, visit_id: V1, channel: visit}, {source: crm, visit_id: V2, channel: mail}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, name: 百川, segment: S1}, {customer_id: C2, name: Zhou, segment: S2}]
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R1, name: Ana}, {rep_id: R2, name: Bo}]
    expect:
      rows:
        - {period: month, month: 2024-05-01, dimension: all, value: "", name: null, promises: 8, kept: 2, partial: 1, broken: 2, open: 1, moved: 1, cancelled: 1, resolved: 5, kept_rate: 0.4, kept_amount_rc: 90, resolved_amount_rc: 170, kept_amount_rate: ~0.529412, cash_on_promises_rc: 115, cash_on_promises_rate: ~0.676471, moved_rate: ~0.166667, without_rate: 2, reason: null}
        - {period: month, month: 2024-05-01, dimension: rep, value: R1, name: Ana, promises: 8, kept: 2, partial: 1, broken: 2, open: 1, moved: 1, cancelled: 1, resolved: 5, kept_rate: 0.4, kept_amount_rc: 90, resolved_amount_rc: 170, kept_amount_rate: ~0.529412, cash_on_promises_rc: 115, cash_on_promises_rate: ~0.676471, moved_rate: ~0.166667, without_rate: 2, reason: null}
        - {period: month, month: 2024-05-01, dimension: kind, value: promise, name: null, promises: 7, kept: 2, partial: 1, broken: 1, open: 1, moved: 1, cancelled: 1, resolved: 4, kept_rate: 0.5, kept_amount_rc: 90, resolved_amount_rc: 140, kept_amount_rate: ~0.642857, cash_on_promises_rc: 110, cash_on_promises_rate: ~0.785714, moved_rate: 0.2, without_rate: 2, reason: null}
        - {period: month, month: 2024-05-01, dimension: channel, value: phone, name: null, promises: 2, kept: 1, partial: 1, broken: 0, open: 0, moved: 0, cancelled: 0, resolved: 2, kept_rate: 0.5, kept_amount_rc: 90, resolved_amount_rc: 140, kept_amount_rate: ~0.642857, cash_on_promises_rc: 110, cash_on_promises_rate: ~0.785714, moved_rate: 0, without_rate: 0, reason: null}
        - {period: month, month: 2024-05-01, dimension: segment, value: S1, name: null, promises: 8, kept: 2, partial: 1, broken: 2, open: 1, moved: 1, cancelled: 1, resolved: 5, kept_rate: 0.4, kept_amount_rc: 90, resolved_amount_rc: 170, kept_amount_rate: ~0.529412, cash_on_promises_rc: 115, cash_on_promises_rate: ~0.676471, moved_rate: ~0.166667, without_rate: 2, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: all, value: "", name: null, promises: 7, kept: 2, partial: 1, broken: 2, open: 0, moved: 1, cancelled: 1, resolved: 5, kept_rate: 0.4, kept_amount_rc: 90, resolved_amount_rc: 170, kept_amount_rate: ~0.529412, cash_on_promises_rc: 115, cash_on_promises_rate: ~0.676471, moved_rate: ~0.166667, without_rate: 2, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: rep, value: R1, name: Ana, promises: 7, kept: 2, partial: 1, broken: 2, open: 0, moved: 1, cancelled: 1, resolved: 5, kept_rate: 0.4, kept_amount_rc: 90, resolved_amount_rc: 170, kept_amount_rate: ~0.529412, cash_on_promises_rc: 115, cash_on_promises_rate: ~0.676471, moved_rate: ~0.166667, without_rate: 2, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: kind, value: promise, name: null, promises: 6, kept: 2, partial: 1, broken: 1, open: 0, moved: 1, cancelled: 1, resolved: 4, kept_rate: 0.5, kept_amount_rc: 90, resolved_amount_rc: 140, kept_amount_rate: ~0.642857, cash_on_promises_rc: 110, cash_on_promises_rate: ~0.785714, moved_rate: 0.2, without_rate: 2, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: channel, value: phone, name: null, promises: 2, kept: 1, partial: 1, broken: 0, open: 0, moved: 0, cancelled: 0, resolved: 2, kept_rate: 0.5, kept_amount_rc: 90, resolved_amount_rc: 140, kept_amount_rate: ~0.642857, cash_on_promises_rc: 110, cash_on_promises_rate: ~0.785714, moved_rate: 0, without_rate: 0, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: segment, value: S1, name: null, promises: 7, kept: 2, partial: 1, broken: 2, open: 0, moved: 1, cancelled: 1, resolved: 5, kept_rate: 0.4, kept_amount_rc: 90, resolved_amount_rc: 170, kept_amount_rate: ~0.529412, cash_on_promises_rc: 115, cash_on_promises_rate: ~0.676471, moved_rate: ~0.166667, without_rate: 2, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: customer, value: C1, name: 百川, promises: 7, kept: 2, partial: 1, broken: 2, open: 0, moved: 1, cancelled: 1, resolved: 5, kept_rate: 0.4, kept_amount_rc: 90, resolved_amount_rc: 170, kept_amount_rate: ~0.529412, cash_on_promises_rc: 115, cash_on_promises_rate: ~0.676471, moved_rate: ~0.166667, without_rate: 2, reason: null}
        - {period: month, month: 2024-05-01, dimension: kind, value: plan_line, name: null, promises: 1, kept: 0, partial: 0, broken: 1, open: 0, moved: 0, cancelled: 0, resolved: 1, kept_rate: 0, kept_amount_rc: 0, resolved_amount_rc: 30, kept_amount_rate: 0, cash_on_promises_rc: 5, cash_on_promises_rate: ~0.166667, moved_rate: 0, without_rate: 0, reason: null}
        - {period: month, month: 2024-05-01, dimension: channel, value: "", name: null, promises: 6, kept: 1, partial: 0, broken: 2, open: 1, moved: 1, cancelled: 1, resolved: 3, kept_rate: ~0.333333, kept_amount_rc: 0, resolved_amount_rc: 30, kept_amount_rate: 0, cash_on_promises_rc: 5, cash_on_promises_rate: ~0.166667, moved_rate: 0.25, without_rate: 2, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: kind, value: plan_line, name: null, promises: 1, kept: 0, partial: 0, broken: 1, open: 0, moved: 0, cancelled: 0, resolved: 1, kept_rate: 0, kept_amount_rc: 0, resolved_amount_rc: 30, kept_amount_rate: 0, cash_on_promises_rc: 5, cash_on_promises_rate: ~0.166667, moved_rate: 0, without_rate: 0, reason: null}
        - {period: rolling, month: 2024-05-01, dimension: channel, value: "", name: null, promises: 5, kept: 1, partial: 0, broken: 2, open: 0, moved: 1, cancelled: 1, resolved: 3, kept_rate: ~0.333333, kept_amount_rc: 0, resolved_amount_rc: 30, kept_amount_rate: 0, cash_on_promises_rc: 5, cash_on_promises_rate: ~0.166667, moved_rate: 0.25, without_rate: 2, reason: null}
        - {period: month, month: 2024-04-01, dimension: all, value: "", name: null, promises: 1, kept: 0, partial: 0, broken: 0, open: 1, moved: 0, cancelled: 0, resolved: 0, kept_rate: null, kept_amount_rc: 0, resolved_amount_rc: 0, kept_amount_rate: null, cash_on_promises_rc: 0, cash_on_promises_rate: null, moved_rate: null, without_rate: 0, reason: nothing_resolved}
        - {period: month, month: 2024-04-01, dimension: rep, value: R1, name: Ana, promises: 1, kept: 0, partial: 0, broken: 0, open: 1, moved: 0, cancelled: 0, resolved: 0, kept_rate: null, kept_amount_rc: 0, resolved_amount_rc: 0, kept_amount_rate: null, cash_on_promises_rc: 0, cash_on_promises_rate: null, moved_rate: null, without_rate: 0, reason: nothing_resolved}
        - {period: month, month: 2024-04-01, dimension: kind, value: promise, name: null, promises: 1, kept: 0, partial: 0, broken: 0, open: 1, moved: 0, cancelled: 0, resolved: 0, kept_rate: null, kept_amount_rc: 0, resolved_amount_rc: 0, kept_amount_rate: null, cash_on_promises_rc: 0, cash_on_promises_rate: null, moved_rate: null, without_rate: 0, reason: nothing_resolved}
        - {period: month, month: 2024-04-01, dimension: channel, value: "", name: null, promises: 1, kept: 0, partial: 0, broken: 0, open: 1, moved: 0, cancelled: 0, resolved: 0, kept_rate: null, kept_amount_rc: 0, resolved_amount_rc: 0, kept_amount_rate: null, cash_on_promises_rc: 0, cash_on_promises_rate: null, moved_rate: null, without_rate: 0, reason: nothing_resolved}
        - {period: month, month: 2024-04-01, dimension: segment, value: S2, name: null, promises: 1, kept: 0, partial: 0, broken: 0, open: 1, moved: 0, cancelled: 0, resolved: 0, kept_rate: null, kept_amount_rc: 0, resolved_amount_rc: 0, kept_amount_rate: null, cash_on_promises_rc: 0, cash_on_promises_rate: null, moved_rate: null, without_rate: 0, reason: nothing_resolved}
chart: {type: line, title: Promises kept, x: month, y: [kept_rate, kept_amount_rate], unit: fraction, where: "period = 'month' AND dimension = 'all'"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS rolling_start,
judged AS (
    SELECT
        toDate32(toStartOfMonth(p.due_date)) AS due_month,
        p.customer_id AS customer_id,
        p.rep_id AS rep_id,
        if(p.plan_id IS NULL, 'promise', 'plan_line') AS kind,
        ifNull(toString(v.channel), '') AS channel,
        ifNull(toString(c.segment), '') AS segment,
        toString(p.status) AS status,
        p.due_date >= rolling_start AND p.due_date <= today AS recent,
        ifNull(p.amount_rc, 0) - ifNull(p.reduced_rc, 0) AS amount_rc,
        ifNull(p.paid_rc, 0) AS paid_rc,
        isNull(p.amount_rc) AS without_rate
    FROM {{ source('huikuan', 'promise_outcomes') }} AS p
    LEFT JOIN (SELECT source, visit_id, any(channel) AS channel FROM {{ source('huikuan', 'visits') }} GROUP BY source, visit_id) AS v
        ON v.source = p.source AND v.visit_id = ifNull(p.visit_id, '')
    LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = p.customer_id
),
counted AS (
    SELECT
        span.1 AS period,
        span.2 AS month,
        member.1 AS dimension,
        member.2 AS value,
        count() AS promises,
        countIf(j.status = 'kept') AS kept,
        countIf(j.status = 'partial') AS partial,
        countIf(j.status = 'broken') AS broken,
        countIf(j.status = 'open') AS open,
        countIf(j.status = 'moved') AS moved,
        countIf(j.status = 'cancelled') AS cancelled,
        sumIf(j.amount_rc, j.status = 'kept') AS kept_amount_rc,
        sumIf(j.amount_rc, j.status IN ('kept', 'partial', 'broken')) AS resolved_amount_rc,
        sumIf(j.paid_rc, j.status IN ('kept', 'partial', 'broken')) AS cash_on_promises_rc,
        sum(j.without_rate) AS without_rate
    FROM judged AS j
    ARRAY JOIN if(j.recent, [('month', j.due_month), ('rolling', rolling_start)], [('month', j.due_month)]) AS span
    ARRAY JOIN arrayConcat(
        [('all', ''), ('rep', j.rep_id), ('kind', j.kind), ('channel', j.channel), ('segment', j.segment)],
        if(span.1 = 'rolling', [('customer', j.customer_id)], [])) AS member
    GROUP BY period, month, dimension, value
)
SELECT
    c.period AS period,
    c.month AS month,
    c.dimension AS dimension,
    c.value AS value,
    multiIf(c.dimension = 'rep', r.name, c.dimension = 'customer', k.name, NULL) AS name,
    c.promises AS promises,
    c.kept AS kept,
    c.partial AS partial,
    c.broken AS broken,
    c.open AS open,
    c.moved AS moved,
    c.cancelled AS cancelled,
    c.kept + c.partial + c.broken AS resolved,
    CAST(c.kept AS Decimal(38, 10)) / nullIf(resolved, 0) AS kept_rate,
    c.kept_amount_rc AS kept_amount_rc,
    c.resolved_amount_rc AS resolved_amount_rc,
    CAST(c.kept_amount_rc AS Decimal(38, 10)) / if(c.resolved_amount_rc > 0, c.resolved_amount_rc, NULL) AS kept_amount_rate,
    c.cash_on_promises_rc AS cash_on_promises_rc,
    CAST(c.cash_on_promises_rc AS Decimal(38, 10)) / if(c.resolved_amount_rc > 0, c.resolved_amount_rc, NULL) AS cash_on_promises_rate,
    CAST(c.moved AS Decimal(38, 10)) / nullIf(resolved + c.moved, 0) AS moved_rate,
    c.without_rate AS without_rate,
    if(resolved > 0, NULL, 'nothing_resolved') AS reason
FROM counted AS c
LEFT JOIN {{ source('huikuan', 'reps_current') }} AS r ON r.rep_id = c.value
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS k ON k.customer_id = c.value
