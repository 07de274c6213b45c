/* ---
description: "How customers moved between behaviour grades from one month-end to the next: the migration matrix, by number and by receivables (E8)."
grain: one day, grade at the month-end before and grade on the day
materialisation: table
order_by: [as_of, from_grade, to_grade]
owner: credit management
tags: [risk, grades]
columns:
  - {name: as_of, description: "month-end, or the last day built", unit: date, tests: [not_null]}
  - {name: before, description: month-end before as_of, unit: date, tests: [not_null]}
  - {name: from_grade, description: "grade at before: A to E, NR, or new (no row then)", tests: [not_null, {accepted_values: [A, B, C, D, E, NR, new]}]}
  - {name: to_grade, description: "grade on as_of: A to E, NR, or gone (no row any more)", tests: [not_null, {accepted_values: [A, B, C, D, E, NR, gone]}]}
  - {name: direction, description: "better, worse, same, or other where one side is not rated", tests: [not_null]}
  - {name: notches, description: "grades that it got worse, negative = better; NULL where one side is not rated", unit: grades}
  - {name: customers, description: customers that moved so, unit: count, tests: [not_null]}
  - {name: from_customers, description: customers of from_grade at before; denominator of share, unit: count, tests: [not_null]}
  - {name: share, description: "customers / from_customers; the shares of a from_grade add up to 1", unit: fraction}
  - {name: open_rc, description: their open receivables on as_of; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
chart: {type: heatmap, title: Grade migration, x: from_grade, y: [share], series: to_grade, unit: fraction}
tests:
  - unique: [as_of, from_grade, to_grade]
  - name: every graded customer stands in one cell
    sum_equals:
      this: sumIf(customers, to_grade != 'gone')
      by: [as_of]
      of: |
        SELECT as_of, count()
        FROM {{ ref('risk_grades') }}
        WHERE as_of != (SELECT min(as_of) FROM {{ ref('risk_grades') }})
        GROUP BY as_of
unit_tests:
  - name: worse, new and gone
    given:
      - input: ref('risk_grades')
        rows:
          - {as_of: 2026-01-31, customer_id: C1, grade: A, open_rc: 1}
          - {as_of: 2026-01-31, customer_id: C2, grade: A, open_rc: 1}
          - {as_of: 2026-01-31, customer_id: C3, grade: NR, open_rc: 1}
          - {as_of: 2026-02-28, customer_id: C1, grade: C, open_rc: 20}
          - {as_of: 2026-02-28, customer_id: C3, grade: B, open_rc: 3}
          - {as_of: 2026-02-28, customer_id: C4, grade: NR, open_rc: 4}
    expect:
      rows:
        - {as_of: 2026-02-28, before: 2026-01-31, from_grade: A, to_grade: C, direction: worse, notches: 2, customers: 1, from_customers: 2, share: 0.5, open_rc: 20}
        - {as_of: 2026-02-28, before: 2026-01-31, from_grade: A, to_grade: gone, direction: other, notches: null, customers: 1, from_customers: 2, share: 0.5, open_rc: 0}
        - {as_of: 2026-02-28, before: 2026-01-31, from_grade: NR, to_grade: B, direction: other, notches: null, customers: 1, from_customers: 1, share: 1, open_rc: 3}
        - {as_of: 2026-02-28, before: 2026-01-31, from_grade: new, to_grade: NR, direction: other, notches: null, customers: 1, from_customers: 1, share: 1, open_rc: 4}
  - name: each month-end against the one before it, better, worse and the same
    given:
      - input: ref('risk_grades')
        rows:
          - {as_of: 2026-03-31, customer_id: C1, grade: E, open_rc: 1}
          - {as_of: 2026-03-31, customer_id: C2, grade: A, open_rc: 1}
          - {as_of: 2026-01-31, customer_id: C1, grade: A, open_rc: 100}
          - {as_of: 2026-01-31, customer_id: C2, grade: B, open_rc: 100}
          - {as_of: 2026-01-31, customer_id: C3, grade: C, open_rc: 100}
          - {as_of: 2026-01-31, customer_id: C4, grade: D, open_rc: 100}
          - {as_of: 2026-01-31, customer_id: C5, grade: E, open_rc: 100}
          - {as_of: 2026-01-31, customer_id: C6, grade: E, open_rc: 100}
          - {as_of: 2026-01-31, customer_id: C7, grade: E, open_rc: 100}
          - {as_of: 2026-02-28, customer_id: C1, grade: E, open_rc: 1}
          - {as_of: 2026-02-28, customer_id: C2, grade: D, open_rc: 2}
          - {as_of: 2026-02-28, customer_id: C3, grade: C, open_rc: 3}
          - {as_of: 2026-02-28, customer_id: C4, grade: B, open_rc: 4}
          - {as_of: 2026-02-28, customer_id: C5, grade: A, open_rc: 5}
          - {as_of: 2026-02-28, customer_id: C6, grade: A, open_rc: 6}
          - {as_of: 2026-02-28, customer_id: C7, grade: E, open_rc: 7}
    expect:
      rows:
        - {as_of: 2026-02-28, before: 2026-01-31, from_grade: A, to_grade: E, direction: worse, notches: 4, customers: 1, from_customers: 1, share: 1, open_rc: 1}
        - {as_of: 2026-02-28, before: 2026-01-31, from_grade: B, to_grade: D, direction: worse, notches: 2, customers: 1, from_customers: 1, share: 1, open_rc: 2}
        - {as_of: 2026-02-28, before: 2026-01-31, from_grade: C, to_grade: C, direction: same, notches: 0, customers: 1, from_customers: 1, share: 1, open_rc: 3}
        - {as_of: 2026-02-28, before: 2026-01-31, from_grade: D, to_grade: B, direction: better, notches: -2, customers: 1, from_customers: 1, share: 1, open_rc: 4}
        - {as_of: 2026-02-28, before: 2026-01-31, from_grade: E, to_grade: A, direction: better, notches: -4, customers: 2, from_customers: 3, share: ~0.6667, open_rc: 11}
        - {as_of: 2026-02-28, before: 2026-01-31, from_grade: E, to_grade: E, direction: same, notches: 0, customers: 1, from_customers: 3, share: ~0.3333, open_rc: 7}
        - {as_of: 2026-03-31, before: 2026-02-28, from_grade: E, to_grade: E, direction: same, notches: 0, customers: 1, from_customers: 2, share: 0.5, open_rc: 1}
        - {as_of: 2026-03-31, before: 2026-02-28, from_grade: D, to_grade: A, direction: better, notches: -3, customers: 1, from_customers: 1, share: 1, open_rc: 1}
        - {as_of: 2026-03-31, before: 2026-02-28, from_grade: E, to_grade: gone, direction: other, notches: null, customers: 1, from_customers: 2, share: 0.5, open_rc: 0}
        - {as_of: 2026-03-31, before: 2026-02-28, from_grade: C, to_grade: gone, customers: 1, from_customers: 1, share: 1, open_rc: 0, direction: other, notches: null}
        - {as_of: 2026-03-31, before: 2026-02-28, from_grade: B, to_grade: gone, customers: 1, from_customers: 1, share: 1, open_rc: 0, direction: other, notches: null}
        - {as_of: 2026-03-31, before: 2026-02-28, from_grade: A, to_grade: gone, customers: 2, from_customers: 2, share: 1, open_rc: 0, direction: other, notches: null}
--- */
WITH
(SELECT arraySort(groupUniqArray(as_of)) FROM {{ ref('risk_grades') }}) AS days,
sides AS (
    SELECT as_of, days[indexOf(days, as_of) - 1] AS before, customer_id, toString(grade) AS to_grade, '' AS from_grade, open_rc
    FROM {{ ref('risk_grades') }}
    WHERE indexOf(days, as_of) > 1
    UNION ALL
    SELECT days[indexOf(days, as_of) + 1], as_of, customer_id, '', toString(grade), 0
    FROM {{ ref('risk_grades') }}
    WHERE indexOf(days, as_of) < length(days)
),
moves AS (
    SELECT
        s.as_of AS as_of,
        s.before AS before,
        if(max(s.from_grade) = '', 'new', max(s.from_grade)) AS from_grade,
        if(max(s.to_grade) = '', 'gone', max(s.to_grade)) AS to_grade,
        sum(s.open_rc) AS open_rc
    FROM sides AS s
    GROUP BY as_of, before, s.customer_id
),
cells AS (
    SELECT
        m.as_of AS as_of,
        m.before AS before,
        m.from_grade AS from_grade,
        m.to_grade AS to_grade,
        count() AS customers,
        sum(m.open_rc) AS open_rc,
        indexOf(['A', 'B', 'C', 'D', 'E'], from_grade) AS from_no,
        indexOf(['A', 'B', 'C', 'D', 'E'], to_grade) AS to_no
    FROM moves AS m
    GROUP BY as_of, before, from_grade, to_grade
)
SELECT
    as_of,
    before,
    from_grade,
    to_grade,
    multiIf(from_no = 0 OR to_no = 0, 'other', from_no < to_no, 'worse', from_no > to_no, 'better', 'same') AS direction,
    if(from_no = 0 OR to_no = 0, NULL, toInt64(to_no) - toInt64(from_no)) AS notches,
    customers,
    sum(customers) OVER (PARTITION BY as_of, from_grade) AS from_customers,
    CAST(toDecimal128(customers, 10) / from_customers AS Nullable(Decimal(38, 10))) AS share,
    CAST(cells.open_rc AS Decimal(18, 4)) AS open_rc
FROM cells
