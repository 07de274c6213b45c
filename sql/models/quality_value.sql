/* ---
description: "Quality against value on the last day built: good customers are those of the better grades, value classes A, B and C come from the billings of billing_months; whom to keep, whom to press, whom to let go (E8)."
grain: one customer with open receivables or billings of twelve months
materialisation: table
order_by: [customer_id]
owner: credit management
tags: [risk, grades]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: owner_id, description: account owner of the largest balance; NULL where there is none, unit: id}
  - {name: segment, description: segment; NULL where there is no balance}
  - {name: billed_12m_rc, description: invoices and debit notes dated in billing_months to as_of, unit: reporting currency, tests: [not_null]}
  - {name: share_before, description: "share of all billings that larger customers have; below the first bound the customer is of class A", unit: fraction}
  - {name: value_class, description: "A (the largest, up to 80 % of billings), B (to 95 %), C; none = nothing billed", tests: [not_null, {accepted_values: [A, B, C, none]}]}
  - {name: grade, description: grade of risk_grades; NR = not rated, tests: [not_null]}
  - {name: quality, description: "good, poor, or not_rated", tests: [not_null, {accepted_values: [good, poor, not_rated]}]}
  - {name: cell, description: "quality and value class, such as poor_A", tests: [not_null]}
  - {name: open_rc, description: open receivables at closing rates; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: overdue_rc, description: part of it past due, unit: reporting currency, tests: [not_null]}
chart: {type: stacked, title: Overdue by quality and value, x: value_class, y: [overdue_rc], series: quality, unit: reporting currency}
tests:
  - name: billings are those of the items
    sum_equals:
      this: sum(billed_12m_rc)
      of: |
        SELECT sum(amount_rc)
        FROM {{ source('huikuan', 'ar_items') }}
        WHERE invoice_date > addMonths((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}), -{{ var('billing_months') }})
  - name: receivables are those of the balance sheet
    sum_equals:
      this: sum(open_rc)
      of: SELECT sum(open_amount_rc) FROM {{ ref('month_end_balances') }} WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
unit_tests:
  - name: value by the billings of three months
    overrides: {vars: {billing_months: 3}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: X, customer_id: C1, invoice_id: I1, invoice_date: 2026-08-01, amount_rc: 70}
          - {company: X, customer_id: C1, invoice_id: I2, invoice_date: 2026-07-31, amount_rc: 900}
    expect:
      rows: [{customer_id: C1, billed_12m_rc: 70}]
  - name: the customer that crosses a bound belongs to the better class
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: X, customer_id: C1, invoice_id: I1, invoice_date: 2025-11-01, amount_rc: 70}
          - {company: X, customer_id: C2, invoice_id: I2, invoice_date: 2026-10-31, amount_rc: 15}
          - {company: X, customer_id: C3, invoice_id: I3, invoice_date: 2026-10-31, amount_rc: 11}
          - {company: X, customer_id: C4, invoice_id: I4, invoice_date: 2026-10-31, amount_rc: 4}
          - {company: X, customer_id: C4, invoice_id: I5, invoice_date: 2025-10-31, amount_rc: 999}
      - input: ref('risk_grades')
        rows:
          - {as_of: 2026-10-31, customer_id: C1, grade: D, open_rc: 7, overdue_rc: 3}
          - {as_of: 2026-10-31, customer_id: C2, grade: B}
          - {as_of: 2026-10-31, customer_id: C3, grade: NR}
          - {as_of: 2026-10-31, customer_id: OLD, grade: E, open_rc: 2, overdue_rc: 2}
    expect:
      rows:
        - {customer_id: C1, billed_12m_rc: 70, share_before: 0, value_class: A, grade: D, quality: poor, cell: poor_A, open_rc: 7, overdue_rc: 3}
        - {customer_id: C2, billed_12m_rc: 15, share_before: 0.7, value_class: A, grade: B, quality: good, cell: good_A, open_rc: 0, overdue_rc: 0}
        - {customer_id: C3, billed_12m_rc: 11, share_before: 0.85, value_class: B, grade: NR, quality: not_rated, cell: not_rated_B, open_rc: 0, overdue_rc: 0}
        - {customer_id: C4, billed_12m_rc: 4, share_before: 0.96, value_class: C, grade: NR, quality: not_rated, cell: not_rated_C, open_rc: 0, overdue_rc: 0}
        - {customer_id: OLD, billed_12m_rc: 0, share_before: null, value_class: none, grade: E, quality: poor, cell: poor_none, open_rc: 2, overdue_rc: 2}
  - name: a share exactly on a bound is of the lower class, negative billings are in no class and no total, earlier grades do not count
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: X, customer_id: C1, invoice_id: I1, invoice_date: 2026-05-05, amount_rc: 50}
          - {company: Y, customer_id: C1, invoice_id: I2, invoice_date: 2026-05-05, amount_rc: 30}
          - {company: X, customer_id: C1, invoice_id: I3, invoice_date: 2026-05-05, amount_rc: null}
          - {company: X, customer_id: C3, invoice_id: I4, invoice_date: 2026-05-05, amount_rc: 7.5}
          - {company: X, customer_id: C2, invoice_id: I5, invoice_date: 2026-05-05, amount_rc: 7.5}
          - {company: X, customer_id: C4, invoice_id: I6, invoice_date: 2026-05-05, amount_rc: 4.5}
          - {company: X, customer_id: C5, invoice_id: I7, invoice_date: 2026-05-05, amount_rc: 0.5}
          - {company: X, customer_id: C6, invoice_id: I8, invoice_date: 2026-05-05, amount_rc: -10}
      - input: ref('risk_grades')
        rows:
          - {as_of: 2026-10-31, customer_id: C1, grade: A, owner_id: R1, segment: RETAIL, open_rc: 9, overdue_rc: 4}
          - {as_of: 2026-09-30, customer_id: C1, grade: E, owner_id: R9, segment: PROJECT, open_rc: 70, overdue_rc: 70}
          - {as_of: 2026-10-31, customer_id: C5, grade: C, open_rc: 0, overdue_rc: 0}
          - {as_of: 2026-10-31, customer_id: C6, grade: B, open_rc: 0.25, overdue_rc: 0}
          - {as_of: 2026-10-31, customer_id: SETTLED, grade: A, open_rc: 0, overdue_rc: 0}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, name: 百川}, {customer_id: C9, name: Other}]
    expect:
      rows:
        - {as_of: 2026-10-31, customer_id: C1, customer_name: 百川, owner_id: R1, segment: RETAIL, billed_12m_rc: 80, share_before: 0, value_class: A, cell: good_A, open_rc: 9, overdue_rc: 4}
        - {as_of: 2026-10-31, customer_id: C2, customer_name: null, billed_12m_rc: 7.5, share_before: 0.8, value_class: B, cell: not_rated_B}
        - {as_of: 2026-10-31, customer_id: C3, billed_12m_rc: 7.5, share_before: 0.875, value_class: B, cell: not_rated_B}
        - {as_of: 2026-10-31, customer_id: C4, billed_12m_rc: 4.5, share_before: 0.95, value_class: C, cell: not_rated_C}
        - {as_of: 2026-10-31, customer_id: C5, billed_12m_rc: 0.5, share_before: 0.995, value_class: C, cell: poor_C}
        - {as_of: 2026-10-31, customer_id: C6, billed_12m_rc: -10, share_before: null, value_class: none, cell: good_none, open_rc: 0.25}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
lines AS (
    SELECT customer_id, sum(ifNull(amount_rc, 0)) AS billed, '' AS grade, CAST(NULL AS Nullable(String)) AS owner_id, CAST(NULL AS Nullable(String)) AS segment,
        toDecimal64(0, 4) AS open, toDecimal64(0, 4) AS overdue
    FROM {{ source('huikuan', 'ar_items') }}
    WHERE invoice_date > addMonths(today, -{{ var('billing_months') }})
    GROUP BY customer_id
    UNION ALL
    SELECT customer_id, 0, toString(grade), CAST(owner_id AS Nullable(String)), CAST(segment AS Nullable(String)), open_rc, overdue_rc
    FROM {{ ref('risk_grades') }}
    WHERE as_of = today
),
customers AS (
    SELECT
        l.customer_id AS customer_id,
        sum(l.billed) AS billed,
        if(max(l.grade) = '', 'NR', max(l.grade)) AS grade,
        any(l.owner_id) AS owner_id,
        any(l.segment) AS segment,
        sum(l.open) AS open,
        sum(l.overdue) AS overdue
    FROM lines AS l
    GROUP BY customer_id
    HAVING billed != 0 OR open != 0
),
ranked AS (
    SELECT
        *,
        if(billed <= 0, NULL, CAST(toDecimal128(sum(billed) OVER (ORDER BY billed DESC, customer_id ROWS UNBOUNDED PRECEDING) - billed, 10) / nullIf(sum(greatest(billed, 0)) OVER (), 0) AS Nullable(Decimal(38, 10)))) AS share_before
    FROM customers
)
SELECT
    assumeNotNull(today) AS as_of,
    r.customer_id AS customer_id,
    c.name AS customer_name,
    r.owner_id AS owner_id,
    r.segment AS segment,
    CAST(r.billed AS Decimal(18, 4)) AS billed_12m_rc,
    r.share_before AS share_before,
    if(isNull(r.share_before), 'none', ['A', 'B', 'C'][1 + arrayCount(b -> assumeNotNull(r.share_before) >= b, {{ var('value_class_bounds') }})]) AS value_class,
    r.grade AS grade,
    multiIf(r.grade = 'NR', 'not_rated', has({{ var('quality_good_grades') }}, r.grade), 'good', 'poor') AS quality,
    concat(quality, '_', value_class) AS cell,
    CAST(r.open AS Decimal(18, 4)) AS open_rc,
    CAST(r.overdue AS Decimal(18, 4)) AS overdue_rc
FROM ranked AS r
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = r.customer_id
