/* ---
description: "How customers answer notices (D4): share that pays within dunning_response_days, how fast, and how much of what was asked for, by level, method, channel and segment. What would have come without a notice is in it: see cure_rates."
grain: one period (month, or the rolling months), dimension and its value
materialisation: table
order_by: [dimension, value, period, month]
owner: credit management
tags: [collection, dunning]
columns:
  - {name: period, description: "month of the notice, or rolling: the last rolling_months months to the last day built", tests: [not_null, {accepted_values: [month, rolling]}]}
  - {name: month, description: first day of the period, unit: date, tests: [not_null]}
  - {name: dimension, description: "all, level, method, channel or segment", tests: [not_null, {accepted_values: [all, level, method, channel, segment]}]}
  - {name: value, description: value of the dimension; empty for all and where unknown, tests: [not_null]}
  - {name: notices, description: "notices, those of one customer, invoice and day once", unit: count, tests: [not_null]}
  - {name: customers, description: customers that had one, unit: count, tests: [not_null]}
  - {name: measured, description: notices whose window has passed; denominator, unit: count, tests: [not_null]}
  - {name: paid, description: measured notices with cash in the window, unit: count, tests: [not_null]}
  - {name: response_rate, description: "paid / measured; NULL = none measured", unit: fraction}
  - {name: latency_days_sum, description: days to the first cash of the paid ones, unit: days}
  - {name: latency_days, description: "latency_days_sum / paid, mean; NULL = none paid", unit: days}
  - {name: latency_median, description: median days to the first cash, unit: days}
  - {name: answered, description: measured notices that the customer answered in any way within the window, unit: count, tests: [not_null]}
  - {name: answer_rate, description: answered / measured, unit: fraction}
  - {name: overdue_rc, description: overdue at the measured notices; denominator, unit: reporting currency, tests: [not_null]}
  - {name: cash_rc, description: cash in their windows, unit: reporting currency, tests: [not_null]}
  - {name: recovery_rate, description: "cash_rc / overdue_rc; NULL = nothing overdue", unit: fraction}
  - {name: reason, description: "why response_rate is NULL: nothing_measured"}
tests:
  - unique: [period, month, dimension, value]
  - name: every notice is there
    sum_equals:
      this: sumIf(notices, dimension = 'method' AND period = 'month')
      of: |
        SELECT count()
        FROM {{ ref('collection_steps') }}
        WHERE kind = 'notice'
unit_tests:
  - name: cash and days of all notices are added up
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-05-31}]
      - input: ref('collection_steps')
        rows:
          - {step_id: D1, kind: notice, customer_id: C1, day: 2024-05-01, method: reminder, level: 1, channel: e-mail, overdue_rc: 300, cash_rc: 60, latency_days: 2, complete: true}
          - {step_id: D2, kind: notice, customer_id: C2, day: 2024-05-02, method: reminder, level: 1, channel: e-mail, overdue_rc: 200, cash_rc: 40, latency_days: 4, complete: true}
    expect:
      rows:
        - {period: month, dimension: all, value: "", measured: 2, paid: 2, latency_days: 3, recovery_rate: 0.2}
        - {period: month, dimension: level, value: "1", measured: 2, paid: 2, latency_days: 3, recovery_rate: 0.2}
        - {period: month, dimension: method, value: "reminder", measured: 2, paid: 2, latency_days: 3, recovery_rate: 0.2}
        - {period: month, dimension: channel, value: "e-mail", measured: 2, paid: 2, latency_days: 3, recovery_rate: 0.2}
        - {period: month, dimension: segment, value: "", measured: 2, paid: 2, latency_days: 3, recovery_rate: 0.2}
        - {period: rolling, dimension: all, value: "", measured: 2, paid: 2, latency_days: 3, recovery_rate: 0.2}
        - {period: rolling, dimension: level, value: "1", measured: 2, paid: 2, latency_days: 3, recovery_rate: 0.2}
        - {period: rolling, dimension: method, value: "reminder", measured: 2, paid: 2, latency_days: 3, recovery_rate: 0.2}
        - {period: rolling, dimension: channel, value: "e-mail", measured: 2, paid: 2, latency_days: 3, recovery_rate: 0.2}
        - {period: rolling, dimension: segment, value: "", measured: 2, paid: 2, latency_days: 3, recovery_rate: 0.2}
  - name: a notice whose window has not passed is counted and not measured
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-30}]
      - input: ref('collection_steps')
        rows:
          - {step_id: D1, kind: notice, customer_id: C1, day: 2024-04-01, method: reminder, level: 1, channel: e-mail, overdue_rc: 300, cash_rc: 60, latency_days: 2, complete: true}
          - {step_id: D2, kind: notice, customer_id: C2, day: 2024-04-02, method: reminder, level: 1, channel: e-mail, overdue_rc: 100, cash_rc: 0, complete: true, responded_on: 2024-04-03}
          - {step_id: D3, kind: notice, customer_id: C2, day: 2024-04-29, method: reminder, level: 1, channel: e-mail, overdue_rc: 100, cash_rc: 100, latency_days: 1, complete: false}
          - {step_id: H1, kind: hold, customer_id: C2, day: 2024-04-03, method: stop_supply, overdue_rc: 100, cash_rc: 100, latency_days: 1, complete: true}
    expect:
      rows:
        - {period: month, dimension: all, value: "", notices: 3, customers: 2, measured: 2, paid: 1, response_rate: 0.5, latency_days: 2, latency_median: 2, answer_rate: 0.5, recovery_rate: 0.15}
        - {period: month, dimension: level, value: "1", notices: 3, customers: 2, measured: 2, paid: 1, response_rate: 0.5, latency_days: 2, latency_median: 2, answer_rate: 0.5, recovery_rate: 0.15}
        - {period: month, dimension: method, value: reminder, notices: 3, customers: 2, measured: 2, paid: 1, response_rate: 0.5, latency_days: 2, latency_median: 2, answer_rate: 0.5, recovery_rate: 0.15}
        - {period: month, dimension: channel, value: e-mail, notices: 3, customers: 2, measured: 2, paid: 1, response_rate: 0.5, latency_days: 2, latency_median: 2, answer_rate: 0.5, recovery_rate: 0.15}
        - {period: month, dimension: segment, value: "", notices: 3, customers: 2, measured: 2, paid: 1, response_rate: 0.5, latency_days: 2, latency_median: 2, answer_rate: 0.5, recovery_rate: 0.15}
        - {period: rolling, dimension: all, value: "", notices: 3, customers: 2, measured: 2, paid: 1, response_rate: 0.5, latency_days: 2, latency_median: 2, answer_rate: 0.5, recovery_rate: 0.15}
        - {period: rolling, dimension: level, value: "1", notices: 3, customers: 2, measured: 2, paid: 1, response_rate: 0.5, latency_days: 2, latency_median: 2, answer_rate: 0.5, recovery_rate: 0.15}
        - {period: rolling, dimension: method, value: reminder, notices: 3, customers: 2, measured: 2, paid: 1, response_rate: 0.5, latency_days: 2, latency_median: 2, answer_rate: 0.5, recovery_rate: 0.15}
        - {period: rolling, dimension: channel, value: e-mail, notices: 3, customers: 2, measured: 2, paid: 1, response_rate: 0.5, latency_days: 2, latency_median: 2, answer_rate: 0.5, recovery_rate: 0.15}
        - {period: rolling, dimension: segment, value: "", notices: 3, customers: 2, measured: 2, paid: 1, response_rate: 0.5, latency_days: 2, latency_median: 2, answer_rate: 0.5, recovery_rate: 0.15}
  - name: windows that have passed, days to the first cash, answers in time, by every side of a notice
    overrides: {vars: {rolling_months: 2, dunning_response_days: 10}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-01-31}, {as_of: 2024-04-30}]
      - input: ref('collection_steps')
        rows:
          - {step_id: D1, kind: notice, customer_id: C1, day: 2024-03-01, level: 1, method: reminder, channel: mail, segment: S, overdue_rc: 100, cash_rc: 40, latency_days: 3, complete: true, responded_on: 2024-03-11}
          - {step_id: D2, kind: notice, customer_id: C1, day: 2024-03-20, level: 1, method: reminder, channel: mail, segment: S, overdue_rc: 200, cash_rc: 0.5, latency_days: 8, complete: true, responded_on: 2024-03-31}
          - {step_id: D3, kind: notice, customer_id: C2, day: 2024-04-05, level: 1, method: reminder, channel: mail, segment: S, overdue_rc: 400, cash_rc: 0, latency_days: 9, complete: true}
          - {step_id: D4, kind: notice, customer_id: C2, day: 2024-04-25, level: 1, method: reminder, channel: mail, segment: S, overdue_rc: 800, cash_rc: 70, latency_days: 1, complete: false, responded_on: 2024-04-26}
          - {step_id: D5, kind: notice, customer_id: C3, day: 2024-02-29, level: 0, method: letter, channel: "", segment: "", overdue_rc: 0, cash_rc: 0, latency_days: null, complete: true}
          - {step_id: D6, kind: hold, customer_id: C3, day: 2024-03-05, level: 3, method: stop, channel: "", segment: "", overdue_rc: 5000, cash_rc: 5000, latency_days: 2, complete: true}
          - {step_id: D7, kind: notice, customer_id: C1, day: 2024-03-25, level: 1, method: reminder, channel: mail, segment: S, overdue_rc: 10, cash_rc: 2, latency_days: 4, complete: true, responded_on: 2024-03-26}
    expect:
      rows:
        - {period: month, month: 2024-03-01, dimension: all, value: "", notices: 3, customers: 1, measured: 3, paid: 3, response_rate: 1, latency_days_sum: 15, latency_days: 5, latency_median: 4, answered: 2, answer_rate: 0.6666666666, overdue_rc: 310, cash_rc: 42.5, recovery_rate: 0.1370967741, reason: null}
        - {period: month, month: 2024-04-01, dimension: channel, value: mail, notices: 2, customers: 1, measured: 1, paid: 0, response_rate: 0, latency_days_sum: 0, latency_days: null, latency_median: null, answered: 0, answer_rate: 0, overdue_rc: 400, cash_rc: 0, recovery_rate: 0, reason: null}
        - {period: rolling, month: 2024-03-01, dimension: segment, value: S, notices: 5, customers: 2, measured: 4, paid: 3, response_rate: 0.75, latency_days_sum: 15, latency_days: 5, latency_median: 4, answered: 2, answer_rate: 0.5, overdue_rc: 710, cash_rc: 42.5, recovery_rate: 0.0598591549, reason: null}
        - {period: month, month: 2024-02-01, dimension: segment, value: "", notices: 1, customers: 1, measured: 1, paid: 0, response_rate: 0, latency_days_sum: 0, latency_days: null, latency_median: null, answered: 0, answer_rate: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, reason: null}
        - {period: month, month: 2024-03-01, dimension: level, value: 1, notices: 3, customers: 1, measured: 3, paid: 3, response_rate: 1, latency_days_sum: 15, latency_days: 5, latency_median: 4, answered: 2, answer_rate: 0.6666666666, overdue_rc: 310, cash_rc: 42.5, recovery_rate: 0.1370967741, reason: null}
        - {period: month, month: 2024-02-01, dimension: all, value: "", notices: 1, customers: 1, measured: 1, paid: 0, response_rate: 0, latency_days_sum: 0, latency_days: null, latency_median: null, answered: 0, answer_rate: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, reason: null}
        - {period: month, month: 2024-03-01, dimension: method, value: reminder, notices: 3, customers: 1, measured: 3, paid: 3, response_rate: 1, latency_days_sum: 15, latency_days: 5, latency_median: 4, answered: 2, answer_rate: 0.6666666666, overdue_rc: 310, cash_rc: 42.5, recovery_rate: 0.1370967741, reason: null}
        - {period: month, month: 2024-04-01, dimension: method, value: reminder, notices: 2, customers: 1, measured: 1, paid: 0, response_rate: 0, latency_days_sum: 0, latency_days: null, latency_median: null, answered: 0, answer_rate: 0, overdue_rc: 400, cash_rc: 0, recovery_rate: 0, reason: null}
        - {period: rolling, month: 2024-03-01, dimension: channel, value: mail, notices: 5, customers: 2, measured: 4, paid: 3, response_rate: 0.75, latency_days_sum: 15, latency_days: 5, latency_median: 4, answered: 2, answer_rate: 0.5, overdue_rc: 710, cash_rc: 42.5, recovery_rate: 0.0598591549, reason: null}
        - {period: month, month: 2024-02-01, dimension: channel, value: "", notices: 1, customers: 1, measured: 1, paid: 0, response_rate: 0, latency_days_sum: 0, latency_days: null, latency_median: null, answered: 0, answer_rate: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, reason: null}
        - {period: month, month: 2024-03-01, dimension: segment, value: S, notices: 3, customers: 1, measured: 3, paid: 3, response_rate: 1, latency_days_sum: 15, latency_days: 5, latency_median: 4, answered: 2, answer_rate: 0.6666666666, overdue_rc: 310, cash_rc: 42.5, recovery_rate: 0.1370967741, reason: null}
        - {period: rolling, month: 2024-03-01, dimension: all, value: "", notices: 5, customers: 2, measured: 4, paid: 3, response_rate: 0.75, latency_days_sum: 15, latency_days: 5, latency_median: 4, answered: 2, answer_rate: 0.5, overdue_rc: 710, cash_rc: 42.5, recovery_rate: 0.0598591549, reason: null}
        - {period: rolling, month: 2024-03-01, dimension: level, value: 1, notices: 5, customers: 2, measured: 4, paid: 3, response_rate: 0.75, latency_days_sum: 15, latency_days: 5, latency_median: 4, answered: 2, answer_rate: 0.5, overdue_rc: 710, cash_rc: 42.5, recovery_rate: 0.0598591549, reason: null}
        - {period: month, month: 2024-04-01, dimension: level, value: 1, notices: 2, customers: 1, measured: 1, paid: 0, response_rate: 0, latency_days_sum: 0, latency_days: null, latency_median: null, answered: 0, answer_rate: 0, overdue_rc: 400, cash_rc: 0, recovery_rate: 0, reason: null}
        - {period: month, month: 2024-03-01, dimension: channel, value: mail, notices: 3, customers: 1, measured: 3, paid: 3, response_rate: 1, latency_days_sum: 15, latency_days: 5, latency_median: 4, answered: 2, answer_rate: 0.6666666666, overdue_rc: 310, cash_rc: 42.5, recovery_rate: 0.1370967741, reason: null}
        - {period: month, month: 2024-02-01, dimension: level, value: "", notices: 1, customers: 1, measured: 1, paid: 0, response_rate: 0, latency_days_sum: 0, latency_days: null, latency_median: null, answered: 0, answer_rate: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, reason: null}
        - {period: rolling, month: 2024-03-01, dimension: method, value: reminder, notices: 5, customers: 2, measured: 4, paid: 3, response_rate: 0.75, latency_days_sum: 15, latency_days: 5, latency_median: 4, answered: 2, answer_rate: 0.5, overdue_rc: 710, cash_rc: 42.5, recovery_rate: 0.0598591549, reason: null}
        - {period: month, month: 2024-02-01, dimension: method, value: letter, notices: 1, customers: 1, measured: 1, paid: 0, response_rate: 0, latency_days_sum: 0, latency_days: null, latency_median: null, answered: 0, answer_rate: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, reason: null}
        - {period: month, month: 2024-04-01, dimension: segment, value: S, notices: 2, customers: 1, measured: 1, paid: 0, response_rate: 0, latency_days_sum: 0, latency_days: null, latency_median: null, answered: 0, answer_rate: 0, overdue_rc: 400, cash_rc: 0, recovery_rate: 0, reason: null}
        - {period: month, month: 2024-04-01, dimension: all, value: "", notices: 2, customers: 1, measured: 1, paid: 0, response_rate: 0, latency_days_sum: 0, latency_days: null, latency_median: null, answered: 0, answer_rate: 0, overdue_rc: 400, cash_rc: 0, recovery_rate: 0, reason: null}
chart: {type: bar, title: Response to notices by level, x: value, y: [response_rate, recovery_rate], unit: fraction, where: "period = 'rolling' AND dimension = 'level'"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS rolling_start,
counted AS (
    SELECT
        span.1 AS period,
        span.2 AS month,
        member.1 AS dimension,
        member.2 AS value,
        count() AS notices,
        uniqExact(s.customer_id) AS customers,
        countIf(s.complete) AS measured,
        countIf(s.complete AND s.cash_rc > 0) AS paid,
        sum(if(s.complete AND s.cash_rc > 0, ifNull(s.latency_days, 0), 0)) AS latency_days_sum,
        quantileExactIf(0.5)(ifNull(s.latency_days, 0), s.complete AND s.cash_rc > 0) AS latency_middle,
        countIf(s.complete AND s.responded_on IS NOT NULL AND dateDiff('day', s.day, s.responded_on) <= {{ var('dunning_response_days') }}) AS answered,
        sum(if(s.complete, s.overdue_rc, 0)) AS overdue_rc,
        sum(if(s.complete, s.cash_rc, 0)) AS cash_rc
    FROM {{ ref('collection_steps') }} AS s
    ARRAY JOIN if(s.day >= rolling_start, [('month', toDate32(toStartOfMonth(s.day))), ('rolling', rolling_start)], [('month', toDate32(toStartOfMonth(s.day)))]) AS span
    ARRAY JOIN [('all', ''), ('level', if(s.level = 0, '', toString(s.level))), ('method', s.method), ('channel', s.channel), ('segment', s.segment)] AS member
    WHERE s.kind = 'notice'
    GROUP BY period, month, dimension, value
)
SELECT
    c.period AS period,
    c.month AS month,
    c.dimension AS dimension,
    c.value AS value,
    c.notices AS notices,
    c.customers AS customers,
    c.measured AS measured,
    c.paid AS paid,
    CAST(c.paid AS Decimal(38, 10)) / nullIf(c.measured, 0) AS response_rate,
    c.latency_days_sum AS latency_days_sum,
    CAST(c.latency_days_sum AS Decimal(38, 10)) / nullIf(c.paid, 0) AS latency_days,
    if(c.paid > 0, c.latency_middle, NULL) AS latency_median,
    c.answered AS answered,
    CAST(c.answered AS Decimal(38, 10)) / nullIf(c.measured, 0) AS answer_rate,
    c.overdue_rc AS overdue_rc,
    c.cash_rc AS cash_rc,
    CAST(c.cash_rc AS Decimal(38, 10)) / if(c.overdue_rc > 0, c.overdue_rc, NULL) AS recovery_rate,
    if(c.measured > 0, NULL, 'nothing_measured') AS reason
FROM counted AS c
