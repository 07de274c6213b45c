/* ---
description: "Instalment plans (D2): lines kept, plans broken, what remains, and how often plans were renegotiated, by the month they were made and by rep. Giving way again and again breeds a habit of delay: kept lines and re-plans stand side by side."
grain: one period (month of the agreement, or all), dimension (all, rep, customer) and its value
materialisation: table
order_by: [dimension, value, period, month]
owner: sales management
tags: [collection, promises]
columns:
  - {name: period, description: "month of the agreement, or all plans", tests: [not_null, {accepted_values: [month, all]}]}
  - {name: month, description: "first day of the month; of all plans the first month", unit: date, tests: [not_null]}
  - {name: dimension, description: "all or rep; customer for all plans only", tests: [not_null, {accepted_values: [all, rep, customer]}]}
  - {name: value, description: value of the dimension; empty for all, unit: id, tests: [not_null]}
  - {name: name, description: display name of the rep or customer; NULL for all}
  - {name: plans, description: plans made, unit: count, tests: [not_null]}
  - {name: live, description: lines open and not broken, unit: count, tests: [not_null]}
  - {name: kept, description: nothing left to pay, unit: count, tests: [not_null]}
  - {name: broken, description: plan_misses lines missed in a row, unit: count, tests: [not_null]}
  - {name: replaced, description: another plan took its place, unit: count, tests: [not_null]}
  - {name: plan_kept_rate, description: "kept / (kept + broken + replaced); NULL = none ended", unit: fraction}
  - {name: lines_due, description: "lines kept, partly paid or broken; denominator", unit: count, tests: [not_null]}
  - {name: lines_kept, description: lines kept, unit: count, tests: [not_null]}
  - {name: line_kept_rate, description: "lines_kept / lines_due; NULL = none due yet", unit: fraction}
  - {name: re_plans, description: "plans that took the place of another: renegotiations", unit: count, tests: [not_null]}
  - {name: most_re_plans, description: longest chain of renegotiations, unit: count}
  - {name: amount_rc, description: amount of the plans that were not replaced, unit: reporting currency, tests: [not_null]}
  - {name: paid_rc, description: paid on them, unit: reporting currency, tests: [not_null]}
  - {name: remaining_rc, description: remaining on them, unit: reporting currency, tests: [not_null]}
  - {name: paid_rate, description: "paid_rc / amount_rc; NULL = no amount", unit: fraction}
  - {name: without_rate, description: plans left out of the amounts because no exchange rate is known, unit: count, tests: [not_null]}
  - {name: reason, description: "why line_kept_rate is NULL: nothing_due"}
tests:
  - unique: [period, month, dimension, value]
  - name: all plans are there
    sum_equals:
      this: sumIf(plans, dimension = 'rep' AND period = 'month')
      of: |
        SELECT count()
        FROM {{ source('huikuan', 'plan_outcomes') }}
unit_tests:
  - name: a replaced plan is not paid twice, and counts as a renegotiation of its successor
    given:
      - input: source('huikuan', 'plan_outcomes')
        rows:
          - {plan_id: L1, customer_id: C1, rep_id: R1, made_on: 2024-03-05, replaced_by: L2, re_plans: 0, lines: 3, lines_due: 2, kept: 1, broken: 1, amount_rc: 300, paid_rc: 100, remaining_rc: 200, status: replaced}
          - {plan_id: L2, customer_id: C1, rep_id: R1, made_on: 2024-03-20, re_plans: 1, lines: 2, lines_due: 2, kept: 2, amount_rc: 200, paid_rc: 200, remaining_rc: 0, status: kept}
    expect:
      rows:
        - {period: month, month: 2024-03-01, dimension: all, value: "", plans: 2, kept: 1, replaced: 1, plan_kept_rate: 0.5, lines_due: 4, line_kept_rate: 0.75, re_plans: 1, most_re_plans: 1, amount_rc: 200, paid_rc: 200, remaining_rc: 0, paid_rate: 1}
        - {period: month, month: 2024-03-01, dimension: rep, value: R1, plans: 2, kept: 1, replaced: 1, plan_kept_rate: 0.5, lines_due: 4, line_kept_rate: 0.75, re_plans: 1, most_re_plans: 1, amount_rc: 200, paid_rc: 200, remaining_rc: 0, paid_rate: 1}
        - {period: all, month: 2024-03-01, dimension: all, value: "", plans: 2, kept: 1, replaced: 1, plan_kept_rate: 0.5, lines_due: 4, line_kept_rate: 0.75, re_plans: 1, most_re_plans: 1, amount_rc: 200, paid_rc: 200, remaining_rc: 0, paid_rate: 1}
        - {period: all, month: 2024-03-01, dimension: rep, value: R1, plans: 2, kept: 1, replaced: 1, plan_kept_rate: 0.5, lines_due: 4, line_kept_rate: 0.75, re_plans: 1, most_re_plans: 1, amount_rc: 200, paid_rc: 200, remaining_rc: 0, paid_rate: 1}
        - {period: all, month: 2024-03-01, dimension: customer, value: C1, plans: 2, kept: 1, replaced: 1, plan_kept_rate: 0.5, lines_due: 4, line_kept_rate: 0.75, re_plans: 1, most_re_plans: 1, amount_rc: 200, paid_rc: 200, remaining_rc: 0, paid_rate: 1}
  - name: every kind of plan under its rep and customer by name, what has no rate is counted and left out
    given:
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R1, name: 王芳}, {rep_id: R2, name: 李强}, {rep_id: C1, name: nobody}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, name: 甲}, {customer_id: C2, name: 乙}, {customer_id: R1, name: nobody}]
      - input: source('huikuan', 'plan_outcomes')
        rows:
          - {plan_id: L1, customer_id: C1, rep_id: R1, made_on: 2024-04-30, re_plans: 0, lines: 3, lines_due: 3, kept: 1, partial: 1, broken: 1, amount_rc: 300, paid_rc: 100, remaining_rc: 200, status: broken}
          - {plan_id: L2, customer_id: C1, rep_id: R1, made_on: 2024-04-02, re_plans: 2, lines: 2, lines_due: 0, kept: 0, amount_rc: 50, paid_rc: 7, remaining_rc: 43, status: live}
          - {plan_id: L3, customer_id: C2, rep_id: R2, made_on: 2024-03-31, re_plans: 0, lines: 2, lines_due: 2, kept: 2, amount_rc: null, paid_rc: null, remaining_rc: null, status: kept}
          - {plan_id: L4, customer_id: C2, rep_id: R2, made_on: 2024-04-15, re_plans: 1, lines: 2, lines_due: 0, kept: 0, amount_rc: 0.5, paid_rc: 0.25, remaining_rc: 0.25, status: live}
          - {plan_id: L5, customer_id: C1, rep_id: R1, made_on: 2024-04-15, re_plans: 1, lines: 2, lines_due: 1, kept: 0, amount_rc: 4000, paid_rc: 2000, remaining_rc: 2000, status: replaced}
          - {plan_id: L6, customer_id: C1, rep_id: R1, made_on: 2024-04-15, re_plans: 0, lines: 2, lines_due: 1, kept: 1, amount_rc: 10, paid_rc: 10, remaining_rc: 0, status: kept}
          - {plan_id: L7, customer_id: C1, rep_id: R1, made_on: 2024-04-15, re_plans: 0, lines: 2, lines_due: 1, kept: 0, amount_rc: 20, paid_rc: 0, remaining_rc: 20, status: broken}
    expect:
      rows:
        - {period: month, month: 2024-03-01, dimension: rep, value: R2, name: "李强", plans: 1, live: 0, kept: 1, broken: 0, replaced: 0, plan_kept_rate: 1, lines_due: 2, lines_kept: 2, line_kept_rate: 1, re_plans: 0, most_re_plans: 0, amount_rc: 0, paid_rc: 0, remaining_rc: 0, paid_rate: null, without_rate: 1, reason: null}
        - {period: month, month: 2024-03-01, dimension: all, value: "", name: null, plans: 1, live: 0, kept: 1, broken: 0, replaced: 0, plan_kept_rate: 1, lines_due: 2, lines_kept: 2, line_kept_rate: 1, re_plans: 0, most_re_plans: 0, amount_rc: 0, paid_rc: 0, remaining_rc: 0, paid_rate: null, without_rate: 1, reason: null}
        - {period: month, month: 2024-04-01, dimension: rep, value: R1, name: "王芳", plans: 5, live: 1, kept: 1, broken: 2, replaced: 1, plan_kept_rate: 0.25, lines_due: 6, lines_kept: 2, line_kept_rate: 0.3333333333, re_plans: 2, most_re_plans: 2, amount_rc: 380, paid_rc: 117, remaining_rc: 263, paid_rate: 0.3078947368, without_rate: 0, reason: null}
        - {period: all, month: 2024-03-01, dimension: rep, value: R1, name: "王芳", plans: 5, live: 1, kept: 1, broken: 2, replaced: 1, plan_kept_rate: 0.25, lines_due: 6, lines_kept: 2, line_kept_rate: 0.3333333333, re_plans: 2, most_re_plans: 2, amount_rc: 380, paid_rc: 117, remaining_rc: 263, paid_rate: 0.3078947368, without_rate: 0, reason: null}
        - {period: all, month: 2024-03-01, dimension: customer, value: C1, name: "甲", plans: 5, live: 1, kept: 1, broken: 2, replaced: 1, plan_kept_rate: 0.25, lines_due: 6, lines_kept: 2, line_kept_rate: 0.3333333333, re_plans: 2, most_re_plans: 2, amount_rc: 380, paid_rc: 117, remaining_rc: 263, paid_rate: 0.3078947368, without_rate: 0, reason: null}
        - {period: month, month: 2024-04-01, dimension: rep, value: R2, name: "李强", plans: 1, live: 1, kept: 0, broken: 0, replaced: 0, plan_kept_rate: null, lines_due: 0, lines_kept: 0, line_kept_rate: null, re_plans: 1, most_re_plans: 1, amount_rc: 0.5, paid_rc: 0.25, remaining_rc: 0.25, paid_rate: 0.5, without_rate: 0, reason: nothing_due}
        - {period: all, month: 2024-03-01, dimension: rep, value: R2, name: "李强", plans: 2, live: 1, kept: 1, broken: 0, replaced: 0, plan_kept_rate: 1, lines_due: 2, lines_kept: 2, line_kept_rate: 1, re_plans: 1, most_re_plans: 1, amount_rc: 0.5, paid_rc: 0.25, remaining_rc: 0.25, paid_rate: 0.5, without_rate: 1, reason: null}
        - {period: all, month: 2024-03-01, dimension: all, value: "", name: null, plans: 7, live: 2, kept: 2, broken: 2, replaced: 1, plan_kept_rate: 0.4, lines_due: 8, lines_kept: 4, line_kept_rate: 0.5, re_plans: 3, most_re_plans: 2, amount_rc: 380.5, paid_rc: 117.25, remaining_rc: 263.25, paid_rate: 0.3081471747, without_rate: 1, reason: null}
        - {period: month, month: 2024-04-01, dimension: all, value: "", name: null, plans: 6, live: 2, kept: 1, broken: 2, replaced: 1, plan_kept_rate: 0.25, lines_due: 6, lines_kept: 2, line_kept_rate: 0.3333333333, re_plans: 3, most_re_plans: 2, amount_rc: 380.5, paid_rc: 117.25, remaining_rc: 263.25, paid_rate: 0.3081471747, without_rate: 0, reason: null}
        - {period: all, month: 2024-03-01, dimension: customer, value: C2, name: "乙", plans: 2, live: 1, kept: 1, broken: 0, replaced: 0, plan_kept_rate: 1, lines_due: 2, lines_kept: 2, line_kept_rate: 1, re_plans: 1, most_re_plans: 1, amount_rc: 0.5, paid_rc: 0.25, remaining_rc: 0.25, paid_rate: 0.5, without_rate: 1, reason: null}
chart: {type: bar, title: Instalment plans kept, x: month, y: [line_kept_rate, plan_kept_rate], unit: fraction, where: "period = 'month' AND dimension = 'all'"}
--- */
WITH
counted AS (
    SELECT
        span AS period,
        toDate32(toStartOfMonth(if(span = 'month', p.made_on, first_plan.made_on))) AS month,
        member.1 AS dimension,
        member.2 AS value,
        count() AS plans,
        countIf(p.status = 'live') AS live,
        countIf(p.status = 'kept') AS kept,
        countIf(p.status = 'broken') AS broken,
        countIf(p.status = 'replaced') AS replaced,
        sum(p.lines_due) AS lines_due,
        sum(p.kept) AS lines_kept,
        countIf(p.re_plans > 0) AS re_plans,
        max(p.re_plans) AS most_re_plans,
        sum(if(p.status = 'replaced', 0, ifNull(p.amount_rc, 0))) AS amount_rc,
        sum(if(p.status = 'replaced', 0, ifNull(p.paid_rc, 0))) AS paid_rc,
        sum(if(p.status = 'replaced', 0, ifNull(p.remaining_rc, 0))) AS remaining_rc,
        countIf(isNull(p.amount_rc)) AS without_rate
    FROM {{ source('huikuan', 'plan_outcomes') }} AS p
    CROSS JOIN (SELECT min(made_on) AS made_on FROM {{ source('huikuan', 'plan_outcomes') }}) AS first_plan
    ARRAY JOIN ['month', 'all'] AS span
    ARRAY JOIN if(span = 'month', [('all', ''), ('rep', p.rep_id)], [('all', ''), ('rep', p.rep_id), ('customer', p.customer_id)]) AS member
    GROUP BY period, month, dimension, value
)
SELECT
    c.period AS period,
    c.month AS month,
    c.dimension AS dimension,
    c.value AS value,
    multiIf(c.dimension = 'rep', r.name, c.dimension = 'customer', k.name, NULL) AS name,
    c.plans AS plans,
    c.live AS live,
    c.kept AS kept,
    c.broken AS broken,
    c.replaced AS replaced,
    CAST(c.kept AS Decimal(38, 10)) / nullIf(c.kept + c.broken + c.replaced, 0) AS plan_kept_rate,
    c.lines_due AS lines_due,
    c.lines_kept AS lines_kept,
    CAST(c.lines_kept AS Decimal(38, 10)) / nullIf(c.lines_due, 0) AS line_kept_rate,
    c.re_plans AS re_plans,
    c.most_re_plans AS most_re_plans,
    c.amount_rc AS amount_rc,
    c.paid_rc AS paid_rc,
    c.remaining_rc AS remaining_rc,
    CAST(c.paid_rc AS Decimal(38, 10)) / if(c.amount_rc > 0, c.amount_rc, NULL) AS paid_rate,
    c.without_rate AS without_rate,
    if(c.lines_due > 0, NULL, 'nothing_due') AS reason
FROM counted AS c
LEFT JOIN {{ source('huikuan', 'reps_current') }} AS r ON r.rep_id = c.value
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS k ON k.customer_id = c.value
