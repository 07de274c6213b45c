/* ---
description: "Deliveries to customers that the rule said should not be supplied on that day, or that were held (E10). The rule of the day is judged from what was open then: an instalment more than the policy's days overdue, and an overdue above stop_overdue_amount."
grain: one delivery against the rule
materialisation: table
order_by: [customer_id, shipped_on]
owner: credit management
tags: [control, stop_supply]
columns:
  - {name: delivery_id, description: delivery, unit: id, tests: [not_null]}
  - {name: source, description: configured source}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: shipped_on, description: day it left, unit: date, tests: [not_null]}
  - {name: amount, description: value of the delivery, unit: currency}
  - {name: currency, description: currency of amount, unit: ISO 4217}
  - {name: days_past_due, description: days past due of the oldest item open on that day; NULL = nothing overdue, unit: days}
  - {name: overdue_rc, description: overdue on that day; items without an exchange rate are left out, unit: reporting currency, tests: [not_null]}
  - {name: held, description: the customer was held on that day, tests: [not_null]}
  - {name: rule_true, description: "the rule was true on that day; an overdue of which a part has no exchange rate counts as above stop_overdue_amount", tests: [not_null]}
  - {name: order_id, description: order; NULL = unknown, unit: id}
  - {name: approved_by, description: "who released the order; NULL = nobody is named"}
tests:
  - unique: [source, delivery_id]
unit_tests:
  - name: what was open on the day decides, not what is open today
    overrides: {vars: {stop_after_days: 30, stop_overdue_amount: 100, stop_violation_days: 365}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, amount: 500, amount_rc: 500, settled_on: 2024-05-10}
          - {source: erp, company: HQ, customer_id: A, invoice_id: BOUNCED, instalment_seq: 1, invoice_date: 2024-01-02, due_date: 2024-02-01, amount: 60, amount_rc: 60, settled_on: null}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp, customer_id: A, invoice_id: I1, instalment_seq: 1, event_date: 2024-04-20, amount: 420, amount_rc: 420}
          - {source: erp, customer_id: A, invoice_id: I1, instalment_seq: 1, event_date: 2024-05-10, amount: 80, amount_rc: 80}
          - {source: erp, customer_id: A, invoice_id: BOUNCED, instalment_seq: 1, event_date: 2024-02-20, amount: 60, amount_rc: 60}
          - {source: erp, customer_id: A, invoice_id: BOUNCED, instalment_seq: 1, event_date: 2024-06-15, amount: -60, amount_rc: -60}
      - input: source('huikuan', 'order_holds')
        rows: [{hold_id: H, customer_id: B, held_on: 2024-06-01, released_on: 2024-06-10}]
      - input: source('huikuan', 'orders')
        rows: [{source: erp, order_id: O1, approved_by: 王总}]
      - input: source('huikuan', 'deliveries')
        rows:
          - {source: erp, delivery_id: D1, customer_id: A, shipped_on: 2024-03-31, amount: 10}
          - {source: erp, delivery_id: D2, customer_id: A, shipped_on: 2024-04-01, amount: 20, order_id: O1}
          - {source: erp, delivery_id: D3, customer_id: A, shipped_on: 2024-04-25, amount: 30}
          - {source: erp, delivery_id: D4, customer_id: B, shipped_on: 2024-06-09, amount: 40}
          - {source: erp, delivery_id: D5, customer_id: B, shipped_on: 2024-06-10, amount: 50}
          - {source: erp, delivery_id: D6, customer_id: A, shipped_on: 2024-07-01, amount: 60}
    expect:
      rows:
        - {delivery_id: D2, days_past_due: 31, overdue_rc: 500, held: false, rule_true: true, approved_by: 王总}
        - {delivery_id: D4, days_past_due: null, overdue_rc: 0, held: true, rule_true: false, approved_by: null}
  - name: the policy of the day it was shipped, the hold on an order of its own source
    overrides: {vars: {stop_after_days: 30, stop_overdue_amount: 100, stop_violation_days: 365}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: A, grade: A}]
      - input: source('huikuan', 'policies')
        rows:
          - {grade: A, hold_after_days: 90, valid_from: 2023-01-01}
          - {grade: A, hold_after_days: 40, valid_from: 2024-04-20, valid_to: 2024-05-20}
          - {grade: B, hold_after_days: 1, valid_from: 2023-01-01}
      - input: source('huikuan', 'ar_items')
        rows: [{source: erp, customer_id: A, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, amount: 500, amount_rc: 500}, {source: erp, customer_id: C, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-05-19, amount: 500, amount_rc: 500}]
      - input: source('huikuan', 'order_holds')
        rows: [{source: erp, hold_id: H, customer_id: B, order_id: O1, held_on: 2024-06-01}]
      - input: source('huikuan', 'deliveries')
        rows:
          - {source: erp, delivery_id: D1, customer_id: A, shipped_on: 2024-04-19, amount: 10}
          - {source: erp, delivery_id: D2, customer_id: A, shipped_on: 2024-04-20, amount: 20}
          - {source: erp, delivery_id: D3, customer_id: A, shipped_on: 2024-05-20, amount: 30}
          - {source: erp, delivery_id: D4, customer_id: C, shipped_on: 2024-06-18, amount: 40}
          - {source: erp, delivery_id: D5, customer_id: C, shipped_on: 2024-06-19, amount: 50}
          - {source: erp, delivery_id: D6, customer_id: B, order_id: O1, shipped_on: 2024-06-02, amount: 60}
          - {source: web, delivery_id: D7, customer_id: B, order_id: O1, shipped_on: 2024-06-02, amount: 70}
    expect:
      rows:
        - {delivery_id: D2, days_past_due: 50, held: false, rule_true: true}
        - {delivery_id: D3, days_past_due: 80, held: false, rule_true: true}
        - {delivery_id: D5, days_past_due: 31, held: false, rule_true: true}
        - {delivery_id: D6, days_past_due: null, held: true, rule_true: false}
  - name: what was open and which policy held on the day, each delivery, hold and order of its own source
    overrides: {vars: {stop_after_days: 30, stop_overdue_amount: 100, stop_violation_days: 30}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}, {as_of: 2024-05-31}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: G, grade: Z}, {customer_id: H, grade: N}, {customer_id: K, grade: Q}]
      - input: source('huikuan', 'policies')
        rows: [{grade: Z, hold_after_days: 20, valid_from: 2024-06-01, valid_to: 2024-06-15}, {grade: N, valid_from: 2024-01-01}, {grade: Q, hold_after_days: 0, valid_from: 2024-01-01}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, customer_id: A, invoice_id: J1, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-05-01, amount: 400, amount_rc: 400}
          - {source: erp, customer_id: A, invoice_id: J1, instalment_seq: 2, invoice_date: 2024-04-01, due_date: 2024-05-15, amount: 300, amount_rc: 300}
          - {source: web, customer_id: A, invoice_id: J1, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-04-20, amount: 50, amount_rc: 50, settled_on: 2024-06-10}
          - {source: erp, customer_id: A, invoice_id: J2, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-06-05, amount: 1000, amount_rc: 1000}
          - {source: erp, customer_id: A, invoice_id: J3, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-05-02, amount: 60}
          - {source: erp, customer_id: G, invoice_id: J4, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-05-25, amount: 101, amount_rc: 101}
          - {source: erp, customer_id: H, invoice_id: J5, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-05-25, amount: 500, amount_rc: 500}
          - {source: erp, customer_id: K, invoice_id: J6, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-06-14, amount: 500, amount_rc: 500}
          - {source: erp, customer_id: L, invoice_id: J7, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-04-25, amount: 100, amount_rc: 100}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp, customer_id: A, invoice_id: J1, instalment_seq: 1, event_date: 2024-06-05, amount: 100, amount_rc: 100}
          - {source: erp, customer_id: A, invoice_id: J1, instalment_seq: 1, event_date: 2024-06-12, amount: 20, amount_rc: 20}
          - {source: erp, customer_id: A, invoice_id: J1, instalment_seq: 2, event_date: 2024-06-05, amount: 7, amount_rc: 7}
          - {source: web, customer_id: A, invoice_id: J1, instalment_seq: 1, event_date: 2024-06-10, amount: 50, amount_rc: 50}
      - input: source('huikuan', 'order_holds')
        rows: [{source: erp, hold_id: H, customer_id: C, held_on: 2024-06-02, released_on: 2024-06-20}]
      - input: source('huikuan', 'orders')
        rows: [{source: erp, order_id: O1, approved_by: ""}, {source: web, order_id: O1, approved_by: 王总}]
      - input: source('huikuan', 'deliveries')
        rows:
          - {source: erp, delivery_id: E1, customer_id: A, shipped_on: 2024-05-31, amount: 1}
          - {source: erp, delivery_id: E2, customer_id: A, shipped_on: 2024-06-01, amount: 2, currency: USD, order_id: O1}
          - {source: web, delivery_id: E2, customer_id: B, shipped_on: 2024-06-01, amount: 3}
          - {source: erp, delivery_id: E3, customer_id: A, shipped_on: 2024-06-05, amount: 4, order_id: ""}
          - {source: erp, delivery_id: E4, customer_id: A, shipped_on: 2024-06-10, amount: 5}
          - {source: erp, delivery_id: E5, customer_id: A, shipped_on: 2024-06-30, amount: 6}
          - {source: erp, delivery_id: E6, customer_id: C, shipped_on: 2024-06-02, amount: 7}
          - {source: web, delivery_id: E6, customer_id: D, shipped_on: 2024-06-02, amount: 8}
          - {source: erp, delivery_id: E7, customer_id: C, shipped_on: 2024-06-01, amount: 9}
          - {source: erp, delivery_id: E8, customer_id: A, shipped_on: 2024-07-01, amount: 10}
          - {source: erp, delivery_id: E9, customer_id: G, shipped_on: 2024-06-15, amount: 11}
          - {source: erp, delivery_id: E10, customer_id: G, shipped_on: 2024-06-16, amount: 12}
          - {source: erp, delivery_id: E11, customer_id: H, shipped_on: 2024-06-15, amount: 13}
          - {source: erp, delivery_id: E12, customer_id: K, shipped_on: 2024-06-15, amount: 14}
          - {source: erp, delivery_id: E13, customer_id: L, shipped_on: 2024-06-15, amount: 15}
    expect:
      rows:
        - {source: erp, delivery_id: E2, customer_id: A, shipped_on: 2024-06-01, amount: 2, currency: USD, days_past_due: 42, overdue_rc: 750, held: false, rule_true: true, order_id: O1, approved_by: null}
        - {source: erp, delivery_id: E3, customer_id: A, days_past_due: 46, overdue_rc: 643, rule_true: true, order_id: null, approved_by: null}
        - {source: erp, delivery_id: E4, customer_id: A, days_past_due: 40, overdue_rc: 1593, rule_true: true}
        - {source: erp, delivery_id: E5, customer_id: A, days_past_due: 60, overdue_rc: 1573, rule_true: true}
        - {source: erp, delivery_id: E6, customer_id: C, days_past_due: null, overdue_rc: 0, held: true, rule_true: false}
        - {source: erp, delivery_id: E9, customer_id: G, days_past_due: 21, overdue_rc: 101, rule_true: true}
        - {source: erp, delivery_id: E12, customer_id: K, days_past_due: 1, overdue_rc: 500, rule_true: true}
  - name: an overdue without an exchange rate is not known, so it does not pass for nothing
    overrides: {vars: {stop_after_days: 30, stop_overdue_amount: 100}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, customer_id: LATE, invoice_id: I1, instalment_seq: 1, due_date: 2024-05-01, amount: 900, amount_rc: null}
          - {source: erp, customer_id: LATE, invoice_id: I2, instalment_seq: 1, due_date: 2024-05-20, amount: 7, amount_rc: 7}
          - {source: erp, customer_id: PAID, invoice_id: I3, instalment_seq: 1, due_date: 2024-05-01, settled_on: 2024-06-10, amount: 900, amount_rc: null}
          - {source: erp, customer_id: PAID, invoice_id: I4, instalment_seq: 1, due_date: 2024-05-01, amount: 7, amount_rc: 7}
      - input: source('huikuan', 'deliveries')
        rows:
          - {source: erp, delivery_id: D1, customer_id: LATE, shipped_on: 2024-06-01}
          - {source: erp, delivery_id: D2, customer_id: PAID, shipped_on: 2024-06-10}
          - {source: erp, delivery_id: D3, customer_id: LATE, shipped_on: 2024-05-31}
    expect:
      rows: [{delivery_id: D1, days_past_due: 31, overdue_rc: 7, held: false, rule_true: true}]
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
shipped AS (
    SELECT
        toString(d.source) AS source,
        d.delivery_id AS delivery_id,
        d.customer_id AS customer_id,
        d.shipped_on AS shipped_on,
        d.amount AS amount,
        toString(d.currency) AS currency,
        nullIf(d.order_id, '') AS order_id,
        arrayFirst(x -> x.1 <= d.shipped_on, p.spans) AS policy,
        toInt64(if(policy.2 >= d.shipped_on AND policy.3 >= 0, policy.3, {{ var('stop_after_days') }})) AS stop_after_days
    FROM {{ source('huikuan', 'deliveries') }} AS d
    LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = d.customer_id
    LEFT JOIN (
        -- a policy holds until its last day, or until the next one of the grade begins
        SELECT toString(grade) AS grade, arrayReverseSort(groupArray(tuple(valid_from, ifNull(valid_to, toDate32('2299-12-31')), ifNull(hold_after_days, -1)))) AS spans
        FROM {{ source('huikuan', 'policies') }}
        GROUP BY grade
    ) AS p ON p.grade = toString(c.grade)
    WHERE d.shipped_on <= today AND d.shipped_on > today - {{ var('stop_violation_days') }}
),
items AS (
    SELECT i.customer_id AS customer_id, toString(i.source) AS source, i.invoice_id AS invoice_id, i.instalment_seq AS instalment_seq, i.due_date AS due_date,
        i.settled_on AS settled_on, i.amount AS amount, i.amount_rc IS NULL AS without_rate, ifNull(i.amount_rc, 0) AS amount_rc
    FROM {{ source('huikuan', 'ar_items') }} AS i
    WHERE i.customer_id IN (SELECT customer_id FROM shipped)
        AND (i.settled_on IS NULL OR i.settled_on > today - {{ var('stop_violation_days') }})
        AND i.due_date < today
),
open_then AS (
    SELECT s.source AS source, s.delivery_id AS delivery_id, i.source AS item_source, i.invoice_id AS invoice_id, i.instalment_seq AS instalment_seq,
        any(s.shipped_on) AS shipped_on, any(i.due_date) AS due_date, any(i.amount) AS amount, any(i.without_rate) AS without_rate, any(i.amount_rc) AS amount_rc
    FROM shipped AS s
    INNER JOIN items AS i ON i.customer_id = s.customer_id
    WHERE i.due_date < s.shipped_on AND (i.settled_on IS NULL OR i.settled_on > s.shipped_on)
    GROUP BY s.source, s.delivery_id, i.source, i.invoice_id, i.instalment_seq
),
paid AS (
    SELECT toString(source) AS source, invoice_id, instalment_seq, event_date, amount, ifNull(amount_rc, 0) AS amount_rc
    FROM {{ source('huikuan', 'ar_settlements') }}
    WHERE (toString(source), invoice_id, instalment_seq) IN (SELECT item_source, invoice_id, instalment_seq FROM open_then)
),
balances AS (
    SELECT o.source AS source, o.delivery_id AS delivery_id, o.shipped_on AS shipped_on, o.due_date AS due_date,
        any(o.without_rate) AS without_rate,
        any(o.amount) - sumIf(p.amount, p.event_date <= o.shipped_on) AS open,
        any(o.amount_rc) - sumIf(p.amount_rc, p.event_date <= o.shipped_on) AS open_rc
    FROM open_then AS o
    LEFT JOIN paid AS p ON p.source = o.item_source AND p.invoice_id = o.invoice_id AND p.instalment_seq = o.instalment_seq
    GROUP BY o.source, o.delivery_id, o.shipped_on, o.due_date, o.item_source, o.invoice_id, o.instalment_seq
),
overdue AS (
    SELECT source, delivery_id, sum(open_rc) AS overdue_rc, max(without_rate) AS unknown, max(toNullable(dateDiff('day', due_date, shipped_on))) AS days_past_due
    FROM balances
    WHERE open > 0 -- it may be open again today, and have been settled then
    GROUP BY source, delivery_id
),
holds AS (
    SELECT s.source AS source, s.delivery_id AS delivery_id, count() AS n
    FROM shipped AS s
    INNER JOIN {{ source('huikuan', 'order_holds') }} AS h ON h.customer_id = s.customer_id
    WHERE h.held_on <= s.shipped_on AND (h.released_on IS NULL OR h.released_on > s.shipped_on) AND (ifNull(h.order_id, '') = '' OR h.order_id = s.order_id AND toString(h.source) = s.source)
    GROUP BY s.source, s.delivery_id
)
SELECT
    s.delivery_id AS delivery_id,
    s.source AS source,
    s.customer_id AS customer_id,
    s.shipped_on AS shipped_on,
    s.amount AS amount,
    s.currency AS currency,
    o.days_past_due AS days_past_due,
    o.overdue_rc AS overdue_rc,
    toBool(h.n > 0) AS held,
    toBool(ifNull(o.days_past_due > s.stop_after_days, false) AND (o.overdue_rc > {{ var('stop_overdue_amount') }} OR o.unknown)) AS rule_true,
    s.order_id AS order_id,
    nullIf(r.approved_by, '') AS approved_by
FROM shipped AS s
LEFT JOIN overdue AS o ON o.source = s.source AND o.delivery_id = s.delivery_id
LEFT JOIN holds AS h ON h.source = s.source AND h.delivery_id = s.delivery_id
LEFT JOIN {{ source('huikuan', 'orders') }} AS r ON toString(r.source) = s.source AND r.order_id = s.order_id
WHERE held OR rule_true
