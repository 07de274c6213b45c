/* ---
description: "Items settled in the settled_items_days days up to the last day built, for lists of what came in last: a small part of ar_items, which holds the history (B)."
grain: one instalment of an invoice or debit note
materialisation: table
order_by: [settled_on, company, customer_id]
owner: finance
tags: [aging]
columns:
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: invoice_id, description: invoice or debit note, unit: id, tests: [not_null]}
  - {name: instalment_seq, description: instalment, unit: number}
  - {name: source, description: configured source, unit: id}
  - {name: due_date, description: due date, unit: date}
  - {name: settled_on, description: "day since which nothing is open, by application date", unit: date, tests: [not_null]}
  - {name: cleared_by, description: "cash (with discounts), credit or write_off, the largest amount"}
  - {name: amount, description: amount of the instalment, unit: currency}
  - {name: amount_rc, description: the same; NULL = no exchange rate, unit: reporting currency}
  - {name: currency, description: document currency, unit: ISO 4217}
  - {name: owner_id, description: account owner on the last day built or unassigned, unit: id}
  - {name: segment, description: segment of the customer on the last day built}
  - {name: region, description: region of the customer on the last day built}
tests:
  - name: what was settled in these days is here once
    sum_equals:
      this: count()
      of: |
        SELECT count()
        FROM {{ source('huikuan', 'ar_items') }}
        WHERE settled_on > (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) - {{ var('settled_items_days') }}
unit_tests:
  - name: a list of two days
    overrides: {vars: {settled_items_days: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-11-20}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, settled_on: 2026-11-19, cleared_by: cash, amount: 5}
          - {company: A, customer_id: C1, invoice_id: I2, settled_on: 2026-11-18, cleared_by: cash, amount: 7}
    expect:
      rows: [{invoice_id: I1, amount: 5}]
  - name: the day thirty days before is left out, what is open or was settled long ago too
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-11-20}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, settled_on: 2026-11-20, cleared_by: cash, amount: 5}
          - {company: A, customer_id: C1, invoice_id: I2, settled_on: 2026-10-22, cleared_by: credit, amount: 7}
          - {company: A, customer_id: C1, invoice_id: I3, settled_on: 2026-10-21, cleared_by: cash, amount: 11}
          - {company: A, customer_id: C1, invoice_id: I4, settled_on: null, amount: 13}
    expect:
      rows:
        - {invoice_id: I2, settled_on: 2026-10-22, cleared_by: credit, amount: 7}
        - {invoice_id: I1, settled_on: 2026-11-20, cleared_by: cash, amount: 5}
--- */
SELECT
    i.company AS company,
    i.customer_id AS customer_id,
    i.invoice_id AS invoice_id,
    i.instalment_seq AS instalment_seq,
    i.source AS source,
    i.due_date AS due_date,
    assumeNotNull(i.settled_on) AS settled_on,
    i.cleared_by AS cleared_by,
    i.amount AS amount,
    i.amount_rc AS amount_rc,
    i.currency AS currency,
    i.owner_id AS owner_id,
    i.segment AS segment,
    i.region AS region
FROM {{ source('huikuan', 'ar_items') }} AS i
WHERE i.settled_on > (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) - {{ var('settled_items_days') }}
