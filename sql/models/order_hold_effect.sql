/* ---
description: "What came of holding customers (E10): how soon cash followed, how much, and who released the hold with what still overdue."
grain: one hold of a whole account
materialisation: table
order_by: [customer_id, held_on]
owner: credit management
tags: [control, stop_supply]
columns:
  - {name: hold_id, description: hold, unit: id, tests: [not_null]}
  - {name: source, description: configured source}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: held_on, description: first day, unit: date, tests: [not_null]}
  - {name: released_on, description: day of the release; NULL = still held, unit: date}
  - {name: released_by, description: who released; NULL = unknown or held}
  - {name: days_held, description: days to the release or to the day of the build, unit: days}
  - {name: reason, description: reason of the hold}
  - {name: first_cash_on, description: first receipt on or after held_on and before the next hold; NULL = none, unit: date}
  - {name: days_to_cash, description: days from held_on to first_cash_on, unit: days}
  - {name: cash_rc, description: "cash applied to invoices, received from held_on for hold_effect_days days", unit: reporting currency}
unit_tests:
  - name: the first cash after the hold
    overrides: {vars: {hold_effect_days: 30}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'order_holds')
        rows:
          - {source: erp, hold_id: H1, customer_id: A, held_on: 2024-05-01, released_on: 2024-05-11, released_by: 王总}
          - {source: erp, hold_id: H2, customer_id: B, held_on: 2024-06-10}
          - {source: erp, hold_id: H3, customer_id: A, held_on: 2024-06-20}
          - {source: erp, hold_id: H4, customer_id: A, order_id: O9, held_on: 2024-06-20}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: A, kind: cash, receipt_date: 2024-04-30, amount_rc: 1}
          - {customer_id: A, kind: cash, receipt_date: 2024-05-05, amount_rc: 100}
          - {customer_id: A, kind: credit, receipt_date: 2024-05-02, amount_rc: 7}
          - {customer_id: A, kind: cash, receipt_date: 2024-05-31, amount_rc: 50}
          - {customer_id: B, kind: cash, event_date: 2024-06-20, receipt_date: 2024-07-01, amount_rc: 9}
    expect:
      rows:
        - {hold_id: H1, days_held: 10, released_by: 王总, first_cash_on: 2024-05-05, days_to_cash: 4, cash_rc: 150}
        - {hold_id: H2, days_held: 20, released_by: null, first_cash_on: null, days_to_cash: null, cash_rc: 0}
        - {hold_id: H3, days_held: 10, released_by: null, first_cash_on: null, days_to_cash: null, cash_rc: 0}
  - name: cash of the window on its last day, the first that is more than taken back, holds of the whole account up to today
    overrides: {vars: {hold_effect_days: 10}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}, {as_of: 2024-01-31}]
      - input: source('huikuan', 'order_holds')
        rows:
          - {source: erp, hold_id: H1, customer_id: A, held_on: 2024-05-01, released_on: 2024-06-30, released_by: X, reason: overdue}
          - {source: crm, hold_id: H1, customer_id: B, held_on: 2024-05-02, released_on: 2024-07-01, released_by: Y}
          - {source: erp, hold_id: H2, customer_id: A, held_on: 2024-05-09}
          - {source: erp, hold_id: H3, customer_id: A, held_on: 2024-05-09, released_on: 2024-05-20, released_by: ""}
          - {source: erp, hold_id: H4, customer_id: A, held_on: 2024-05-05, order_id: O1}
          - {source: erp, hold_id: H5, customer_id: A, held_on: 2024-05-06, order_id: ""}
          - {source: erp, hold_id: H6, customer_id: C, held_on: 2024-06-30}
          - {source: erp, hold_id: H7, customer_id: C, held_on: 2024-07-01}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: A, kind: cash, receipt_date: 2024-04-30, amount_rc: 1}
          - {customer_id: A, kind: cash, receipt_date: 2024-05-01, amount_rc: 2}
          - {customer_id: A, kind: cash, receipt_date: 2024-05-01, amount_rc: -2}
          - {customer_id: A, kind: cash, receipt_date: 2024-05-03, amount_rc: 8}
          - {customer_id: A, kind: cash, receipt_date: 2024-05-09, amount_rc: 16}
          - {customer_id: A, kind: cash, receipt_date: 2024-05-11, amount_rc: 32}
          - {customer_id: A, kind: cash, receipt_date: 2024-05-12, amount_rc: 64}
          - {customer_id: A, kind: credit, receipt_date: 2024-05-04, amount_rc: 9000}
          - {customer_id: A, kind: cash, receipt_date: 2024-05-10, amount_rc: null}
          - {customer_id: B, kind: cash, receipt_date: 2024-05-02, amount_rc: 0.5}
          - {customer_id: C, kind: cash, receipt_date: 2024-06-30, amount_rc: 0.25}
          - {customer_id: C, kind: cash, receipt_date: 2024-07-01, amount_rc: 7}
    expect:
      rows:
        - {hold_id: H1, source: erp, customer_id: A, held_on: 2024-05-01, released_on: 2024-06-30, released_by: X, days_held: 60, reason: overdue, first_cash_on: 2024-05-03, days_to_cash: 2, cash_rc: 56}
        - {hold_id: H1, source: crm, customer_id: B, held_on: 2024-05-02, released_on: null, released_by: null, days_held: 59, reason: null, first_cash_on: 2024-05-02, days_to_cash: 0, cash_rc: 0.5}
        - {hold_id: H2, source: erp, customer_id: A, held_on: 2024-05-09, released_on: null, released_by: null, days_held: 52, reason: null, first_cash_on: null, days_to_cash: null, cash_rc: 112}
        - {hold_id: H3, source: erp, customer_id: A, held_on: 2024-05-09, released_on: 2024-05-20, released_by: null, days_held: 11, reason: null, first_cash_on: 2024-05-09, days_to_cash: 0, cash_rc: 112}
        - {hold_id: H5, source: erp, customer_id: A, held_on: 2024-05-06, released_on: null, released_by: null, days_held: 55, reason: null, first_cash_on: null, days_to_cash: null, cash_rc: 112}
        - {hold_id: H6, source: erp, customer_id: C, held_on: 2024-06-30, released_on: null, released_by: null, days_held: 0, reason: null, first_cash_on: 2024-06-30, days_to_cash: 0, cash_rc: 0.25}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
holds AS (
    SELECT
        toString(source) AS source, hold_id, customer_id, held_on, released_on, released_by, toString(reason) AS reason,
        leadInFrame(toNullable(held_on)) OVER (PARTITION BY customer_id ORDER BY held_on, hold_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_hold
    FROM {{ source('huikuan', 'order_holds') }}
    WHERE held_on <= today AND ifNull(order_id, '') = ''
),
receipts AS (
    SELECT customer_id, receipt_date, sum(ifNull(amount_rc, 0)) AS amount_rc
    FROM {{ source('huikuan', 'ar_settlements') }}
    WHERE kind = 'cash' AND receipt_date <= today AND customer_id IN (SELECT customer_id FROM holds)
    GROUP BY customer_id, receipt_date
),
effects AS (
    SELECT
        h.source AS source, h.hold_id AS hold_id,
        minIf(toNullable(r.receipt_date), r.amount_rc > 0 AND r.receipt_date >= h.held_on AND (h.next_hold IS NULL OR r.receipt_date < h.next_hold)) AS first_cash_on,
        sumIf(r.amount_rc, r.receipt_date >= h.held_on AND r.receipt_date <= h.held_on + {{ var('hold_effect_days') }}) AS cash_rc
    FROM holds AS h
    LEFT JOIN receipts AS r ON r.customer_id = h.customer_id
    GROUP BY h.source, h.hold_id
)
SELECT
    h.hold_id AS hold_id,
    h.source AS source,
    h.customer_id AS customer_id,
    h.held_on AS held_on,
    if(h.released_on <= today, h.released_on, NULL) AS released_on,
    if(released_on IS NULL, NULL, nullIf(h.released_by, '')) AS released_by,
    dateDiff('day', h.held_on, ifNull(released_on, today)) AS days_held,
    h.reason AS reason,
    e.first_cash_on AS first_cash_on,
    dateDiff('day', h.held_on, e.first_cash_on) AS days_to_cash,
    e.cash_rc AS cash_rc
FROM holds AS h
INNER JOIN effects AS e ON e.source = h.source AND e.hold_id = h.hold_id
