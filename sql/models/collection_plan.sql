/* ---
description: "When each open instalment should come in by the way its customer pays, and who has to see to it: the collector's calendar. A promise or plan line for the invoice goes before the habit; what should have come already is to be asked for now."
grain: one open instalment
materialisation: table
order_by: [expected_on, customer_id]
owner: sales management
tags: [collection, worklist]
columns:
  - {name: source, description: configured source}
  - {name: company, description: legal entity, unit: id}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: invoice_id, description: invoice or debit note, unit: id, tests: [not_null]}
  - {name: instalment_seq, description: instalment, unit: count}
  - {name: owner_id, description: account owner, unit: id}
  - {name: due_date, description: due date, unit: date}
  - {name: days_past_due, description: "days past due, 0 and less is not due", unit: days}
  - {name: expected_on, description: "day the money should come; the day after the build where that has passed", unit: date, tests: [not_null]}
  - {name: basis, description: "promise, habit (median days to pay of the customer), due_date (too little history), passed (the expected day is over)", tests: [not_null, {accepted_values: [promise, habit, due_date, passed]}]}
  - {name: habit_on, description: "invoice_date + median days to pay of the last 12 months; NULL = too little history", unit: date}
  - {name: days_behind, description: "days by which the expected day has passed, 0 = not passed", unit: days}
  - {name: currency, description: document currency, unit: ISO 4217}
  - {name: open_amount, description: open amount, unit: currency}
  - {name: open_amount_rc, description: open amount; NULL = no exchange rate, unit: reporting currency}
  - {name: disputed, description: the instalment is disputed in whole or in part}
tests:
  - unique: [source, invoice_id, instalment_seq]
  - name: every open amount has its day
    sum_equals:
      this: sum(open_amount)
      by: [company, currency]
      of: SELECT company, toString(currency), sum(open_amount) FROM {{ source('huikuan', 'ar_open_items') }} GROUP BY company, currency
unit_tests:
  - name: promise before habit before due date
    overrides: {vars: {plan_history_items: 3}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-06-01, due_date: 2024-07-01, days_past_due: -1, currency: CNY, open_amount: 10}
          - {source: erp, company: HQ, customer_id: A, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-05-31, days_past_due: 30, currency: CNY, open_amount: 20}
          - {source: erp, company: HQ, customer_id: A, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-05-31, days_past_due: 30, currency: CNY, open_amount: 40, disputed_amount: 40}
          - {source: erp, company: HQ, customer_id: B, invoice_id: I4, instalment_seq: 1, invoice_date: 2024-06-10, due_date: 2024-07-10, days_past_due: -10, currency: CNY, open_amount: 80}
          - {source: erp, company: HQ, customer_id: B, invoice_id: I5, instalment_seq: 1, invoice_date: 2024-04-10, due_date: 2024-05-10, days_past_due: 51, currency: CNY, open_amount: 160}
      - input: source('huikuan', 'payment_behaviour')
        rows:
          - {month: 2024-05-01, company: HQ, customer_id: A, settled_count: 9, p50_days_to_pay: 10}
          - {month: 2024-06-01, company: HQ, customer_id: A, settled_count: 9, p50_days_to_pay: 45}
          - {month: 2024-06-01, company: HQ, customer_id: B, settled_count: 2, p50_days_to_pay: 5}
      - input: source('huikuan', 'promise_outcomes')
        rows:
          - {promise_id: R1, source: erp, customer_id: A, invoice_id: I3, due_date: 2024-07-05, limit_date: 2024-07-07, status: open}
          - {promise_id: R0, source: erp, customer_id: A, invoice_id: I2, due_date: 2024-06-05, limit_date: 2024-06-07, status: broken}
    expect:
      rows:
        - {invoice_id: I1, expected_on: 2024-07-16, basis: habit, habit_on: 2024-07-16, days_behind: 0}
        - {invoice_id: I2, expected_on: 2024-07-01, basis: passed, habit_on: 2024-06-15, days_behind: 15}
        - {invoice_id: I3, expected_on: 2024-07-05, basis: promise, habit_on: 2024-06-15, days_behind: 0}
        - {invoice_id: I4, expected_on: 2024-07-10, basis: due_date, habit_on: null, days_behind: 0}
        - {invoice_id: I5, expected_on: 2024-07-01, basis: passed, habit_on: null, days_behind: 51}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
habits AS (
    SELECT company, customer_id, argMax(tuple(p50_days_to_pay, settled_count), month) AS last
    FROM {{ source('huikuan', 'payment_behaviour') }}
    GROUP BY company, customer_id
),
promises AS (
    SELECT toString(source) AS source, assumeNotNull(invoice_id) AS invoice_id, min(toNullable(due_date)) AS promised_on
    FROM {{ source('huikuan', 'promise_outcomes') }}
    WHERE status = 'open' AND invoice_id IS NOT NULL
    GROUP BY source, invoice_id
),
items AS (
    SELECT
        i.source AS source, i.company AS company, i.customer_id AS customer_id, i.invoice_id AS invoice_id, i.instalment_seq AS instalment_seq, i.owner_id AS owner_id,
        i.due_date AS due_date, i.days_past_due AS days_past_due, toString(i.currency) AS currency, i.open_amount AS open_amount, i.open_amount_rc AS open_amount_rc,
        i.disputed_amount > 0 AS disputed, p.promised_on AS promised_on,
        if(tupleElement(h.last, 2) >= {{ var('plan_history_items') }}, toDate32(i.invoice_date + toInt32(tupleElement(h.last, 1))), NULL) AS habit_on
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    LEFT JOIN habits AS h ON h.company = i.company AND h.customer_id = i.customer_id
    LEFT JOIN promises AS p ON p.source = toString(i.source) AND p.invoice_id = i.invoice_id
)
SELECT
    toString(source) AS source,
    company,
    customer_id,
    invoice_id,
    instalment_seq,
    owner_id,
    due_date,
    days_past_due,
    if(passed, today + 1, assumeNotNull(wished_on)) AS expected_on,
    multiIf(passed, 'passed', promised_on IS NOT NULL, 'promise', habit_on IS NOT NULL, 'habit', 'due_date') AS basis,
    habit_on,
    if(passed, dateDiff('day', assumeNotNull(wished_on), today), 0) AS days_behind,
    currency,
    open_amount,
    open_amount_rc,
    toBool(disputed) AS disputed
FROM (
    SELECT *, coalesce(promised_on, habit_on, due_date) AS wished_on, wished_on <= today AS passed
    FROM items
)
