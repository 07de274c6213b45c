/* ---
description: "The escalation ladder of the rolling months, from the reminder to the court: how many customers stood on each step, what came in after it, and how many went on to a harder one."
grain: one step of the ladder
materialisation: table
order_by: [step_no]
owner: credit management
tags: [collection, dunning]
columns:
  - {name: step_no, description: "1 = mildest", unit: number, tests: [not_null, unique]}
  - {name: method, description: "step of escalation_steps", tests: [not_null]}
  - {name: first_day, description: first day of the window, unit: date, tests: [not_null]}
  - {name: steps, description: "notices, holds, cases and management visits at this step", unit: count, tests: [not_null]}
  - {name: customers, description: customers that stood on it, unit: count, tests: [not_null]}
  - {name: customers_this_far, description: customers that stood on this step or a harder one; the funnel, unit: count, tests: [not_null]}
  - {name: overdue_rc, description: overdue at the steps whose window has passed; denominator, unit: reporting currency, tests: [not_null]}
  - {name: cash_rc, description: cash in their windows, unit: reporting currency, tests: [not_null]}
  - {name: recovery_rate, description: "cash_rc / overdue_rc; NULL = nothing overdue", unit: fraction}
  - {name: measured, description: steps whose window has passed; denominator, unit: count, tests: [not_null]}
  - {name: paid, description: of which brought cash in the window, unit: count, tests: [not_null]}
  - {name: paid_rate, description: "paid / measured; NULL = none measured", unit: fraction}
  - {name: went_on, description: customers that a harder step followed, unit: count, tests: [not_null]}
  - {name: went_on_rate, description: went_on / customers, unit: fraction}
  - {name: days_to_next_median, description: median days to the harder step; NULL = none followed, unit: days}
  - {name: reason, description: "why paid_rate is NULL: nothing_measured"}
tests:
  - name: a funnel never widens
    sql: |
      SELECT *
      FROM (SELECT *, lagInFrame(customers_this_far, 1, customers_this_far) OVER (ORDER BY step_no) AS before FROM {{ this }})
      WHERE customers_this_far > before
  - name: every step of the window is there
    sum_equals:
      this: sum(steps)
      of: |
        SELECT count()
        FROM {{ ref('collection_steps') }}
        WHERE day >= (SELECT toStartOfMonth(addMonths(max(as_of), 1 - {{ var('rolling_months') }})) FROM {{ source('huikuan', 'ar_as_of') }})
unit_tests:
  - name: a customer counts on every step up to its hardest
    overrides: {vars: {escalation_steps: [reminder, formal_letter, legal]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-30}]
      - input: ref('collection_steps')
        rows:
          - {step_id: D1, kind: notice, customer_id: C1, day: 2024-03-01, method: reminder, step_no: 1, overdue_rc: 100, cash_rc: 40, complete: true, next_step_no: 3, next_step_on: 2024-04-20}
          - {step_id: D2, kind: notice, customer_id: C2, day: 2024-03-02, method: reminder, step_no: 1, overdue_rc: 100, cash_rc: 0, complete: true}
          - {step_id: L1, kind: case, customer_id: C1, day: 2024-04-20, method: legal, step_no: 3, overdue_rc: 60, cash_rc: 0, complete: false}
    expect:
      rows:
        - {step_no: 1, method: reminder, steps: 2, customers: 2, customers_this_far: 2, recovery_rate: 0.2, paid_rate: 0.5, went_on: 1, went_on_rate: 0.5, days_to_next_median: 50, reason: null}
        - {step_no: 2, method: formal_letter, steps: 0, customers: 0, customers_this_far: 1, recovery_rate: null, paid_rate: null, went_on: 0, went_on_rate: null, days_to_next_median: null, reason: nothing_measured}
        - {step_no: 3, method: legal, steps: 1, customers: 1, customers_this_far: 1, recovery_rate: null, paid_rate: null, went_on: 0, went_on_rate: 0, days_to_next_median: null, reason: nothing_measured}
  - name: the months of the window, what has been measured alone, the middle of the days that passed
    overrides: {vars: {escalation_steps: [reminder, formal_letter, legal], rolling_months: 3}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2023-12-31}, {as_of: 2024-04-15}]
      - input: ref('collection_steps')
        rows:
          - {step_id: D0, customer_id: C0, day: 2024-01-31, step_no: 3, overdue_rc: 9, cash_rc: 9, complete: true, next_step_no: 3, next_step_on: 2024-02-02}
          - {step_id: D1, customer_id: C1, day: 2024-02-01, step_no: 1, overdue_rc: 0.4, cash_rc: 0.1, complete: true, next_step_no: 2, next_step_on: 2024-02-02}
          - {step_id: D2, customer_id: C1, day: 2024-02-01, step_no: 1, overdue_rc: 0.3, cash_rc: 0.2, complete: true, next_step_no: 2, next_step_on: 2024-02-02}
          - {step_id: D3, customer_id: C2, day: 2024-02-01, step_no: 1, overdue_rc: 0, cash_rc: 0, complete: true, next_step_no: 2, next_step_on: 2024-02-11}
          - {step_id: D4, customer_id: C3, day: 2024-02-01, step_no: 1, overdue_rc: 0.3, cash_rc: 0, complete: true, next_step_no: 2, next_step_on: 2024-02-21}
          - {step_id: D5, customer_id: C4, day: 2024-02-01, step_no: 1, overdue_rc: 0, cash_rc: 0, complete: true, next_step_no: 2, next_step_on: 2024-04-01}
          - {step_id: D6, customer_id: C5, day: 2024-04-10, step_no: 1, overdue_rc: 50, cash_rc: 50, complete: false}
          - {step_id: L1, customer_id: C1, day: 2024-02-02, step_no: 2, overdue_rc: 0.5, cash_rc: 0, complete: true}
    expect:
      rows:
        - {step_no: 1, first_day: 2024-02-01, steps: 6, customers: 5, customers_this_far: 5, overdue_rc: 1, cash_rc: 0.3, recovery_rate: 0.3, measured: 5, paid: 2, paid_rate: 0.4, went_on: 4, went_on_rate: 0.8, days_to_next_median: 10, reason: null}
        - {step_no: 2, first_day: 2024-02-01, steps: 1, customers: 1, customers_this_far: 1, overdue_rc: 0.5, cash_rc: 0, recovery_rate: 0, measured: 1, paid: 0, paid_rate: 0, went_on: 0, went_on_rate: 0, days_to_next_median: null, reason: null}
        - {step_no: 3, first_day: 2024-02-01, steps: 0, customers: 0, customers_this_far: 0, overdue_rc: 0, cash_rc: 0, recovery_rate: null, measured: 0, paid: 0, paid_rate: null, went_on: 0, went_on_rate: null, days_to_next_median: null, reason: nothing_measured}
  - name: no step, no ladder
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-30}]
      - input: ref('collection_steps')
        rows: [{step_id: OLD, customer_id: C1, day: 2023-04-30, step_no: 1, complete: true}]
    expect: {rows: []}
  - name: one step makes the ladder
    overrides: {vars: {escalation_steps: [reminder]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-30}]
      - input: ref('collection_steps')
        rows: [{step_id: D1, customer_id: C1, day: 2024-03-01, step_no: 1, overdue_rc: 0.5, complete: true}]
    expect: {rows: [{step_no: 1, steps: 1, recovery_rate: 0, paid_rate: 0}]}
chart: {type: bar, title: Escalation ladder, x: method, y: [customers_this_far], unit: customers}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS first_day_of_window,
{{ var('escalation_steps') }} AS ladder,
recent AS (
    SELECT *
    FROM {{ ref('collection_steps') }}
    WHERE day >= first_day_of_window
),
hardest AS (
    SELECT
        r.customer_id AS customer_id,
        max(r.step_no) AS step_no
    FROM recent AS r
    GROUP BY customer_id
),
this_far AS (
    SELECT
        n AS step_no,
        count() AS customers_this_far
    FROM hardest AS h
    ARRAY JOIN arrayMap(x -> toInt32(x), range(1, toUInt32(h.step_no) + 1)) AS n
    GROUP BY step_no
),
counted AS (
    SELECT
        r.step_no AS step_no,
        count() AS steps,
        uniqExact(r.customer_id) AS customers,
        sum(if(r.complete, r.overdue_rc, 0)) AS overdue_rc,
        sum(if(r.complete, r.cash_rc, 0)) AS cash_rc,
        countIf(r.complete) AS measured,
        countIf(r.complete AND r.cash_rc > 0) AS paid,
        uniqExactIf(r.customer_id, r.next_step_no IS NOT NULL) AS went_on,
        quantileExactIf(0.5)(ifNull(dateDiff('day', r.day, r.next_step_on), 0), r.next_step_no IS NOT NULL) AS days_to_next
    FROM recent AS r
    GROUP BY step_no
),
grid AS (
    SELECT arrayJoin(arrayMap(x -> toInt32(x), arrayEnumerate(ladder))) AS step_no
    WHERE (SELECT count() FROM recent) > 0
)
SELECT
    g.step_no AS step_no,
    ladder[g.step_no] AS method,
    first_day_of_window AS first_day,
    c.steps AS steps,
    c.customers AS customers,
    f.customers_this_far AS customers_this_far,
    c.overdue_rc AS overdue_rc,
    c.cash_rc AS cash_rc,
    CAST(c.cash_rc AS Decimal(38, 10)) / if(c.overdue_rc > 0, c.overdue_rc, NULL) AS recovery_rate,
    c.measured AS measured,
    c.paid AS paid,
    CAST(c.paid AS Decimal(38, 10)) / nullIf(c.measured, 0) AS paid_rate,
    c.went_on AS went_on,
    CAST(c.went_on AS Decimal(38, 10)) / nullIf(c.customers, 0) AS went_on_rate,
    if(c.went_on > 0, c.days_to_next, NULL) AS days_to_next_median,
    if(c.measured > 0, NULL, 'nothing_measured') AS reason
FROM grid AS g
LEFT JOIN counted AS c ON c.step_no = g.step_no
LEFT JOIN this_far AS f ON f.step_no = g.step_no
