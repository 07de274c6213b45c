/* ---
description: "Invoices that were credited in full and billed again within a few days, by the same company to the same customer and for the same amount: the debt starts a new life with a later due date. The days won, and the amount that left an older aging bucket."
grain: one credited invoice and the invoice that took its place
materialisation: table
order_by: [customer_id, invoice_id]
owner: accounting
tags: [control, redating]
columns:
  - {name: source, description: configured source}
  - {name: company, description: legal entity, unit: id}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: invoice_id, description: invoice that was credited, unit: id, tests: [not_null]}
  - {name: invoice_date, description: its date, unit: date}
  - {name: due_date, description: its last due date, unit: date}
  - {name: credited_on, description: day of its last credit, unit: date}
  - {name: days_past_due, description: days it was past due when it was credited; 0 and less was not due, unit: days}
  - {name: rebilled_as, description: invoice of the same amount that took its place, unit: id, tests: [not_null]}
  - {name: rebilled_on, description: its date, unit: date}
  - {name: new_due_date, description: its last due date, unit: date}
  - {name: days_won, description: days by which the due date moved, unit: days, tests: [not_null]}
  - {name: currency, description: document currency, unit: ISO 4217}
  - {name: amount, description: amount credited and billed again, unit: currency, tests: [not_null]}
  - {name: amount_rc, description: the same at the rate of the first invoice; NULL = no exchange rate, unit: reporting currency}
  - {name: owner_id, description: account owner of the first due date, unit: id}
  - {name: edited_by, description: "who changed the credited invoice last, where the source tells; NULL = unknown"}
  - {name: rebilled_by, description: "who changed the invoice in its place last, where the source tells; NULL = unknown"}
tests:
  - unique: [source, invoice_id]
  - unique: [source, rebilled_as]
unit_tests:
  - name: same customer, currency and amount, within the window, each invoice in one pair
    overrides: {vars: {rebill_window_days: 10}}
    given:
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, company: HQ, customer_id: A, invoice_id: OLD, instalment_seq: 1, invoice_date: 2024-01-10, due_date: 2024-02-09, currency: CNY, amount: 100, credit: 100, amount_rc: 100}
          - {source: erp, company: HQ, customer_id: A, invoice_id: NEW, instalment_seq: 1, invoice_date: 2024-03-02, due_date: 2024-04-01, currency: CNY, amount: 60, open_amount: 60}
          - {source: erp, company: HQ, customer_id: A, invoice_id: NEW, instalment_seq: 2, invoice_date: 2024-03-02, due_date: 2024-04-15, currency: CNY, amount: 40, open_amount: 40}
          - {source: erp, company: HQ, customer_id: A, invoice_id: NEW2, instalment_seq: 1, invoice_date: 2024-03-04, due_date: 2024-05-01, currency: CNY, amount: 100, open_amount: 100}
          - {source: erp, company: HQ, customer_id: A, invoice_id: TOOLATE, instalment_seq: 1, invoice_date: 2024-03-20, due_date: 2024-05-01, currency: CNY, amount: 100, open_amount: 100}
          - {source: erp, company: HQ, customer_id: B, invoice_id: OTHER, instalment_seq: 1, invoice_date: 2024-03-02, due_date: 2024-05-01, currency: CNY, amount: 100, open_amount: 100}
          - {source: erp, company: HQ, customer_id: A, invoice_id: PART, instalment_seq: 1, invoice_date: 2024-01-10, due_date: 2024-02-09, currency: CNY, amount: 100, credit: 40, open_amount: 60}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp, customer_id: A, invoice_id: OLD, kind: credit, event_date: 2024-03-01, amount: 100}
          - {source: erp, customer_id: A, invoice_id: PART, kind: credit, event_date: 2024-03-01, amount: 40}
    expect:
      rows: [{invoice_id: OLD, rebilled_as: NEW, credited_on: 2024-03-01, days_past_due: 21, rebilled_on: 2024-03-02, new_due_date: 2024-04-15, days_won: 66, amount: 100, amount_rc: 100}]
  - name: several credited and billed again on the same days are as many pairs, whatever is nearest to all of them
    overrides: {vars: {rebill_window_days: 6}}
    given:
      - input: source('huikuan', 'ar_items')
        rows:
          # three of one amount: the nearest two first, then the nearest of what is left
          - {source: erp, company: HQ, customer_id: A, invoice_id: O1, invoice_date: 2024-01-10, due_date: 2024-02-09, currency: CNY, amount: 100, credit: 100, amount_rc: 100, owner_at_due: R1}
          - {source: erp, company: HQ, customer_id: A, invoice_id: O2, invoice_date: 2024-01-11, due_date: 2024-02-10, currency: CNY, amount: 100, credit: 100, amount_rc: 100, owner_at_due: R2}
          - {source: erp, company: HQ, customer_id: A, invoice_id: O3, invoice_date: 2024-01-12, due_date: 2024-02-11, currency: CNY, amount: 100, credit: 100, amount_rc: 100, owner_at_due: R3}
          - {source: erp, company: HQ, customer_id: A, invoice_id: N1, invoice_date: 2024-03-02, due_date: 2024-04-01, currency: CNY, amount: 100}
          - {source: erp, company: HQ, customer_id: A, invoice_id: N2, invoice_date: 2024-03-03, due_date: 2024-04-02, currency: CNY, amount: 100}
          # two instalments, credited in two parts, billed again before; no rate for one instalment
          - {source: erp, company: HQ, customer_id: B, invoice_id: P1, instalment_seq: 1, invoice_date: 2024-01-10, due_date: 2024-02-09, currency: USD, amount: 30, credit: 30, amount_rc: 210, owner_at_due: R1}
          - {source: erp, company: HQ, customer_id: B, invoice_id: P1, instalment_seq: 2, invoice_date: 2024-01-10, due_date: 2024-03-20, currency: USD, amount: 20, credit: 20, amount_rc: null, owner_at_due: R2}
          - {source: erp, company: HQ, customer_id: B, invoice_id: P2, invoice_date: 2024-03-05, due_date: 2024-03-10, currency: USD, amount: 50}
          # the number belongs to the source: neither its credit nor its invoice is the other's
          - {source: crm, company: HQ, customer_id: A, invoice_id: O1, invoice_date: 2024-01-10, due_date: 2024-02-09, currency: CNY, amount: 100, credit: 100, amount_rc: 100, owner_at_due: R1}
          # another company, customer, currency, amount; a day too far before; billed on the same day as what was credited
          - {source: erp, company: HQ, customer_id: D, invoice_id: Q, invoice_date: 2024-03-01, due_date: 2024-03-31, currency: CNY, amount: 70, credit: 70, amount_rc: 70}
          - {source: erp, company: EU, customer_id: D, invoice_id: Q1, invoice_date: 2024-03-04, due_date: 2024-05-01, currency: CNY, amount: 70}
          - {source: erp, company: HQ, customer_id: E, invoice_id: Q2, invoice_date: 2024-03-04, due_date: 2024-05-01, currency: CNY, amount: 70}
          - {source: erp, company: HQ, customer_id: D, invoice_id: Q3, invoice_date: 2024-03-04, due_date: 2024-05-01, currency: USD, amount: 70}
          - {source: erp, company: HQ, customer_id: D, invoice_id: Q4, invoice_date: 2024-03-04, due_date: 2024-05-01, currency: CNY, amount: 71}
          - {source: erp, company: HQ, customer_id: D, invoice_id: Q5, invoice_date: 2024-03-11, due_date: 2024-05-01, currency: CNY, amount: 70}
          - {source: erp, company: HQ, customer_id: D, invoice_id: Q6, invoice_date: 2024-03-01, due_date: 2024-05-01, currency: CNY, amount: 70}
          # a credit that was taken back, one that was applied to less than all
          - {source: erp, company: HQ, customer_id: F, invoice_id: S, invoice_date: 2024-01-10, due_date: 2024-02-09, currency: CNY, amount: 60, credit: 0, open_amount: 60}
          - {source: erp, company: HQ, customer_id: F, invoice_id: S1, invoice_date: 2024-03-04, due_date: 2024-05-01, currency: CNY, amount: 60}
          - {source: erp, company: HQ, customer_id: G, invoice_id: Z, invoice_date: 2024-01-10, due_date: 2024-02-09, currency: CNY, amount: -40, credit: -40}
          - {source: erp, company: HQ, customer_id: G, invoice_id: Z1, invoice_date: 2024-03-04, due_date: 2024-05-01, currency: CNY, amount: -40}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp, customer_id: A, invoice_id: O1, kind: credit, event_date: 2024-03-02, amount: 100}
          - {source: erp, customer_id: A, invoice_id: O2, kind: credit, event_date: 2024-03-02, amount: 100}
          - {source: erp, customer_id: A, invoice_id: O3, kind: credit, event_date: 2024-03-07, amount: 100}
          - {source: erp, customer_id: B, invoice_id: P1, kind: credit, event_date: 2024-01-20, amount: 30}
          - {source: erp, customer_id: B, invoice_id: P1, kind: credit, event_date: 2024-03-11, amount: 20}
          - {source: erp, customer_id: B, invoice_id: P1, kind: credit, event_date: 2024-03-13, amount: 0}
          - {source: erp, customer_id: B, invoice_id: P1, kind: cash, event_date: 2024-03-14, amount: 1}
          - {source: erp, customer_id: D, invoice_id: Q, kind: credit, event_date: 2024-03-04, amount: 70}
          - {source: erp, customer_id: F, invoice_id: S, kind: credit, event_date: 2024-03-04, amount: 60}
          - {source: erp, customer_id: F, invoice_id: S, kind: credit, event_date: 2024-03-05, amount: -60}
          - {source: erp, customer_id: G, invoice_id: Z, kind: credit, event_date: 2024-03-04, amount: 5}
          - {source: erp, customer_id: G, invoice_id: Z, kind: credit, event_date: 2024-03-04, amount: -45}
          - {source: crm, customer_id: A, invoice_id: O1, kind: credit, event_date: 2024-03-01, amount: 100}
      - input: source('huikuan', 'invoices')
        rows:
          - {source: erp, invoice_id: O1, edited_by: 小李}
          - {source: erp, invoice_id: N1, edited_by: 王芳}
          - {source: crm, invoice_id: O1, edited_by: another source}
          - {source: crm, invoice_id: N2, edited_by: another source}
          - {source: erp, invoice_id: O2, edited_by: ""}
          - {source: erp, invoice_id: P2, edited_by: 小李}
    expect:
      rows:
        - {source: erp, company: HQ, customer_id: A, invoice_id: O1, invoice_date: 2024-01-10, due_date: 2024-02-09, credited_on: 2024-03-02, days_past_due: 22, rebilled_as: N1, rebilled_on: 2024-03-02, new_due_date: 2024-04-01, days_won: 52, currency: CNY, amount: 100, amount_rc: 100, owner_id: R1, edited_by: 小李, rebilled_by: 王芳}
        - {source: erp, company: HQ, customer_id: A, invoice_id: O2, invoice_date: 2024-01-11, due_date: 2024-02-10, credited_on: 2024-03-02, days_past_due: 21, rebilled_as: N2, rebilled_on: 2024-03-03, new_due_date: 2024-04-02, days_won: 52, currency: CNY, amount: 100, amount_rc: 100, owner_id: R2, edited_by: null, rebilled_by: null}
        - {source: erp, company: HQ, customer_id: B, invoice_id: P1, invoice_date: 2024-01-10, due_date: 2024-03-20, credited_on: 2024-03-11, days_past_due: -9, rebilled_as: P2, rebilled_on: 2024-03-05, new_due_date: 2024-03-10, days_won: -10, currency: USD, amount: 50, amount_rc: null, owner_id: R2, edited_by: null, rebilled_by: 小李}
--- */
WITH
documents AS (
    SELECT
        toString(i.source) AS source,
        any(i.company) AS company,
        i.customer_id AS customer_id,
        i.invoice_id AS invoice_id,
        any(i.invoice_date) AS invoice_date,
        max(i.due_date) AS due_date,
        any(toString(i.currency)) AS currency,
        sum(i.amount) AS amount,
        sum(i.credit) AS credit,
        if(countIf(i.amount_rc IS NULL) = 0, sum(i.amount_rc), NULL) AS amount_rc,
        argMax(i.owner_at_due, i.due_date) AS owner_id
    FROM {{ source('huikuan', 'ar_items') }} AS i
    GROUP BY source, customer_id, invoice_id
),
credited AS (
    SELECT d.*, s.credited_on AS credited_on
    FROM documents AS d
    INNER JOIN (
        SELECT toString(source) AS source, invoice_id, max(event_date) AS credited_on
        FROM {{ source('huikuan', 'ar_settlements') }}
        WHERE kind = 'credit' AND amount > 0
        GROUP BY source, invoice_id
    ) AS s ON s.source = d.source AND s.invoice_id = d.invoice_id
    WHERE d.amount > 0 AND d.credit = d.amount
),
editors AS (
    SELECT toString(source) AS source, invoice_id, edited_by
    FROM {{ source('huikuan', 'invoices') }}
    WHERE edited_by != ''
),
candidates AS (
    SELECT
        c.source AS source,
        c.customer_id AS customer_id,
        arraySort(groupArray((abs(dateDiff('day', c.credited_on, n.invoice_date)), c.invoice_id, n.invoice_id))) AS nearest
    FROM credited AS c
    INNER JOIN documents AS n ON n.source = c.source AND n.company = c.company AND n.customer_id = c.customer_id AND n.currency = c.currency AND n.amount = c.amount
    WHERE n.invoice_date > c.invoice_date
        AND abs(dateDiff('day', c.credited_on, n.invoice_date)) <= {{ var('rebill_window_days') }}
    GROUP BY source, customer_id
),
-- The nearest two are a pair, then the nearest two of what is left.
pairs AS (
    SELECT
        k.source AS source,
        arrayFold(
            (taken, x) -> if(has(taken.1, x.2) OR has(taken.2, x.3), taken, (arrayPushBack(taken.1, x.2), arrayPushBack(taken.2, x.3))),
            k.nearest,
            (CAST([] AS Array(String)), CAST([] AS Array(String)))) AS taken,
        pair.1 AS invoice_id,
        pair.2 AS rebilled_as
    FROM candidates AS k
    ARRAY JOIN arrayZip(taken.1, taken.2) AS pair
),
-- both editors by one join: with two more beside the others the engine takes them in an order that costs many times as much
named AS (
    SELECT
        t.source AS source,
        t.invoice_id AS invoice_id,
        t.rebilled_as AS rebilled_as,
        anyIf(e.edited_by, t.document = t.invoice_id) AS edited_by,
        anyIf(e.edited_by, t.document = t.rebilled_as) AS rebilled_by
    FROM (SELECT source, invoice_id, rebilled_as, arrayJoin([invoice_id, rebilled_as]) AS document FROM pairs) AS t
    LEFT JOIN editors AS e ON e.source = t.source AND e.invoice_id = t.document
    GROUP BY source, invoice_id, rebilled_as
)
SELECT
    p.source AS source,
    c.company AS company,
    c.customer_id AS customer_id,
    p.invoice_id AS invoice_id,
    c.invoice_date AS invoice_date,
    c.due_date AS due_date,
    c.credited_on AS credited_on,
    dateDiff('day', c.due_date, c.credited_on) AS days_past_due,
    p.rebilled_as AS rebilled_as,
    n.invoice_date AS rebilled_on,
    n.due_date AS new_due_date,
    dateDiff('day', c.due_date, n.due_date) AS days_won,
    c.currency AS currency,
    c.amount AS amount,
    c.amount_rc AS amount_rc,
    c.owner_id AS owner_id,
    p.edited_by AS edited_by,
    p.rebilled_by AS rebilled_by
FROM named AS p
INNER JOIN credited AS c ON c.source = p.source AND c.invoice_id = p.invoice_id
INNER JOIN documents AS n ON n.source = p.source AND n.invoice_id = p.rebilled_as
