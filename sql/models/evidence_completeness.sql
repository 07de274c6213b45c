/* ---
description: "Whether each open invoice can be proved: which of the documents asked for are on file. The provable share of the overdue is sum(overdue_rc) of the provable rows over all rows."
grain: one open invoice or debit note
materialisation: table
order_by: [company, customer_id, invoice_id]
owner: credit management
tags: [control, evidence]
columns:
  - {name: source, description: configured source}
  - {name: company, description: legal entity, unit: id}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: invoice_id, description: invoice or debit note, unit: id, tests: [not_null]}
  - {name: invoice_date, description: date of the document, unit: date}
  - {name: days_past_due, description: "days past the oldest open due date, 0 and less is not due", unit: days}
  - {name: open_amount_rc, description: open amount; NULL = no exchange rate, unit: reporting currency}
  - {name: overdue_rc, description: "overdue part of open_amount_rc, 0 where nothing is; NULL = no exchange rate", unit: reporting currency}
  - {name: owner_id, description: account owner, unit: id}
  - {name: required, description: "documents asked for (evidence_required)", unit: count, tests: [not_null]}
  - {name: present, description: of them on file, unit: count, tests: [not_null]}
  - {name: missing, description: "documents not on file, or not known to be, separated by comma; empty = none", tests: [not_null]}
  - {name: provable, description: nothing is missing, tests: [not_null]}
tests:
  - unique: [source, invoice_id]
  - name: every open amount is listed
    sum_equals:
      this: sum(open_amount_rc)
      by: [company]
      of: SELECT company, sum(open_amount_rc) FROM {{ source('huikuan', 'ar_open_items') }} GROUP BY company
unit_tests:
  - name: unknown is not on file, evidence of another source is not this one's
    overrides: {vars: {evidence_required: [contract, delivery_receipt]}}
    given:
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 1, days_past_due: 12, open_amount_rc: 10}
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 2, days_past_due: -12, open_amount_rc: 30}
          - {source: erp, company: HQ, customer_id: A, invoice_id: I2, instalment_seq: 1, days_past_due: 1, open_amount_rc: 5}
          - {source: crm, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 1, days_past_due: 1, open_amount_rc: 7}
      - input: source('huikuan', 'evidence')
        rows:
          - {source: erp, invoice_id: I1, evidence_type: contract, present: true}
          - {source: erp, invoice_id: I1, evidence_type: delivery_receipt, present: true}
          - {source: erp, invoice_id: I1, evidence_type: order, present: false}
          - {source: erp, invoice_id: I2, evidence_type: contract}
          - {source: erp, invoice_id: I2, evidence_type: delivery_receipt, present: true}
    expect:
      rows:
        - {source: erp, invoice_id: I1, days_past_due: 12, open_amount_rc: 40, overdue_rc: 10, required: 2, present: 2, missing: "", provable: true}
        - {source: erp, invoice_id: I2, days_past_due: 1, open_amount_rc: 5, overdue_rc: 5, required: 2, present: 1, missing: contract, provable: false}
        - {source: crm, invoice_id: I1, days_past_due: 1, open_amount_rc: 7, overdue_rc: 7, required: 2, present: 0, missing: "contract, delivery_receipt", provable: false}
  - name: nothing overdue is 0, no rate is unknown, what is said not to be there is missing
    overrides: {vars: {evidence_required: [contract, order, delivery_receipt]}}
    given:
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-01-02, days_past_due: 0, open_amount_rc: 10, owner_id: R1}
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 2, invoice_date: 2024-01-02, days_past_due: -30, open_amount_rc: 30, owner_id: R1}
          - {source: erp, company: EU, customer_id: B, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-01-03, days_past_due: 5, open_amount_rc: null, owner_id: R2}
          - {source: erp, company: EU, customer_id: B, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-01-04, days_past_due: 1, open_amount_rc: 7, owner_id: R2}
          - {source: erp, company: EU, customer_id: B, invoice_id: I3, instalment_seq: 2, invoice_date: 2024-01-04, days_past_due: 40, open_amount_rc: 5, owner_id: R2}
      - input: source('huikuan', 'evidence')
        rows:
          - {source: erp, invoice_id: I1, evidence_type: contract, present: false}
          - {source: erp, invoice_id: I1, evidence_type: order, present: true}
          - {source: erp, invoice_id: I3, evidence_type: delivery_receipt, present: true}
          - {source: crm, invoice_id: I3, evidence_type: order, present: true}
    expect:
      rows:
        - {source: erp, company: HQ, customer_id: A, invoice_id: I1, invoice_date: 2024-01-02, days_past_due: 0, open_amount_rc: 40, overdue_rc: 0, owner_id: R1, required: 3, present: 1, missing: "contract, delivery_receipt", provable: false}
        - {source: erp, company: EU, customer_id: B, invoice_id: I2, invoice_date: 2024-01-03, days_past_due: 5, open_amount_rc: null, overdue_rc: null, owner_id: R2, required: 3, present: 0, missing: "contract, order, delivery_receipt", provable: false}
        - {source: erp, company: EU, customer_id: B, invoice_id: I3, invoice_date: 2024-01-04, days_past_due: 40, open_amount_rc: 12, overdue_rc: 12, owner_id: R2, required: 3, present: 1, missing: "contract, order", provable: false}
--- */
WITH
{{ var('evidence_required') }} AS asked,
invoices AS (
    SELECT
        toString(i.source) AS source,
        any(i.company) AS company,
        any(i.customer_id) AS customer_id,
        i.invoice_id AS invoice_id,
        any(i.invoice_date) AS invoice_date,
        max(i.days_past_due) AS days_past_due,
        if(countIf(i.open_amount_rc IS NULL) = 0, sum(i.open_amount_rc), NULL) AS open_amount_rc,
        if(countIf(i.open_amount_rc IS NULL) = 0, sumIf(ifNull(i.open_amount_rc, 0), i.days_past_due > 0), NULL) AS overdue_rc,
        any(i.owner_id) AS owner_id
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    GROUP BY source, invoice_id
),
on_file AS (
    SELECT toString(source) AS source, invoice_id, groupUniqArray(toString(evidence_type)) AS types
    FROM {{ source('huikuan', 'evidence') }}
    WHERE ifNull(present, false)
    GROUP BY source, invoice_id
)
SELECT
    i.source AS source,
    i.company AS company,
    i.customer_id AS customer_id,
    i.invoice_id AS invoice_id,
    i.invoice_date AS invoice_date,
    i.days_past_due AS days_past_due,
    i.open_amount_rc AS open_amount_rc,
    i.overdue_rc AS overdue_rc,
    i.owner_id AS owner_id,
    length(asked) AS required,
    arrayCount(x -> has(f.types, x), asked) AS present,
    arrayStringConcat(arrayFilter(x -> NOT has(f.types, x), asked), ', ') AS missing,
    toBool(missing = '') AS provable
FROM invoices AS i
LEFT JOIN on_file AS f ON f.source = i.source AND f.invoice_id = i.invoice_id
