/* ---
description: "Invoices that were credited in full and billed again within a few days: the debt starts a new life with a later due date. The days won, and the amount that left an older aging bucket."
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
pairs AS (
    SELECT
        c.source AS source, c.company AS company, c.customer_id AS customer_id, c.invoice_id AS invoice_id, c.invoice_date AS invoice_date, c.due_date AS due_date,
        c.credited_on AS credited_on, n.invoice_id AS rebilled_as, n.invoice_date AS rebilled_on, n.due_date AS new_due_date, c.currency AS currency,
        c.amount AS amount, c.amount_rc AS amount_rc, c.owner_id AS owner_id,
        row_number() OVER (PARTITION BY c.source, c.invoice_id ORDER BY abs(dateDiff('day', c.credited_on, n.invoice_date)), n.invoice_id) AS choice,
        row_number() OVER (PARTITION BY c.source, n.invoice_id ORDER BY abs(dateDiff('day', c.credited_on, n.invoice_date)), c.invoice_id) AS suitor
    FROM credited AS c
    INNER JOIN documents AS n ON n.source = c.source AND n.customer_id = c.customer_id AND n.currency = c.currency AND n.amount = c.amount
    WHERE n.invoice_id != c.invoice_id
        AND n.invoice_date > c.invoice_date
        AND abs(dateDiff('day', c.credited_on, n.invoice_date)) <= {{ var('rebill_window_days') }}
)
SELECT
    source,
    company,
    customer_id,
    invoice_id,
    invoice_date,
    due_date,
    credited_on,
    dateDiff('day', due_date, credited_on) AS days_past_due,
    rebilled_as,
    rebilled_on,
    new_due_date,
    dateDiff('day', due_date, new_due_date) AS days_won,
    currency,
    amount,
    amount_rc,
    owner_id
FROM pairs
WHERE choice = 1 AND suitor = 1
