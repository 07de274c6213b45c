/* ---
description: "What cash discounts cost as interest for a year (F4): (1 + d / (1 - d)) to the power of day_basis (365) / days saved, less 1, with d the discount on what was settled and the days saved from the receipt to the due date."
grain: one month of receipt, company and customer with discounts taken
materialisation: table
order_by: [company, customer_id, month]
owner: treasury
tags: [cost]
columns:
  - {name: month, description: first day of the month of receipt, unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: discount_rc, description: discounts taken; numerator of discount_rate, unit: reporting currency, tests: [not_null]}
  - {name: settled_rc, description: "what the discounts and the cash with them settled; denominator of discount_rate", unit: reporting currency, tests: [not_null]}
  - {name: discount_rate, description: discount_rc / settled_rc, unit: fraction}
  - {name: saved_amount_days, description: "settled amount x days from receipt to due date, early ones positive; numerator of days_saved", unit: reporting currency x days}
  - {name: days_saved, description: saved_amount_days / settled_rc, unit: days}
  - {name: annual_cost, description: "the discount as a rate of interest for a year; NULL see reason", unit: fraction}
  - {name: undeserved_rc, description: discounts of receipts after the due date, unit: reporting currency}
  - {name: reason, description: "why annual_cost is NULL: nothing_saved (paid on or after the due date), hardly_saved (fewer days than early_discount_least_days, or so few that the rate is beyond 1e9), all_discount"}
chart: {type: bar, title: "Cash discounts taken, and taken after the due date", x: month, y: [discount_rc, undeserved_rc], unit: reporting currency}
tests:
  - unique: [month, company, customer_id]
  - name: all discounts are here
    sum_equals:
      this: sum(discount_rc)
      by: [company]
      of: SELECT company, sum(ifNull(amount_rc, 0)) FROM {{ source('huikuan', 'ar_settlements') }} WHERE kind = 'discount' AND receipt_date <= (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) GROUP BY company HAVING sum(ifNull(amount_rc, 0)) != 0
unit_tests:
  - name: a year of 360 days
    overrides: {vars: {day_basis: 360}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: HQ, customer_id: A, application_id: X1, kind: discount, receipt_date: 2024-03-01, due_date: 2024-05-30, amount_rc: 2}
          - {company: HQ, customer_id: A, application_id: X1, kind: cash, receipt_date: 2024-03-01, due_date: 2024-05-30, amount_rc: 98}
    expect:
      rows: [{customer_id: A, discount_rate: 0.02, days_saved: 90, annual_cost: ~0.0842}]
  - name: ex:early_discount_acca
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp, company: HQ, customer_id: A, application_id: X1, kind: discount, receipt_date: 2024-03-01, due_date: 2024-04-05, amount_rc: 2}
          - {source: erp, company: HQ, customer_id: A, application_id: X1, kind: cash, receipt_date: 2024-03-01, due_date: 2024-04-05, amount_rc: 98}
          - {source: erp, company: HQ, customer_id: A, application_id: X2, kind: cash, receipt_date: 2024-03-01, due_date: 2024-04-05, amount_rc: 5000}
          - {source: erp, company: HQ, customer_id: B, application_id: X3, kind: discount, receipt_date: 2024-03-01, due_date: 2024-02-20, amount_rc: 3}
          - {source: erp, company: HQ, customer_id: B, application_id: X3, kind: cash, receipt_date: 2024-03-01, due_date: 2024-02-20, amount_rc: 97}
          # applied before the money is there, which comes on the day after the last one built
          - {source: erp, company: HQ, customer_id: A, application_id: X4, kind: discount, event_date: 2024-06-20, receipt_date: 2024-07-01, due_date: 2024-07-05, amount_rc: 2}
          - {source: erp, company: HQ, customer_id: A, application_id: X4, kind: cash, event_date: 2024-06-20, receipt_date: 2024-07-01, due_date: 2024-07-05, amount_rc: 98}
    expect:
      rows:
        - {customer_id: A, discount_rc: 2, settled_rc: 100, discount_rate: 0.02, days_saved: 35, annual_cost: ~0.2345, undeserved_rc: 0, reason: null}
        - {customer_id: B, discount_rc: 3, settled_rc: 100, discount_rate: 0.03, days_saved: -10, annual_cost: null, undeserved_rc: 3, reason: nothing_saved}
  - name: a deduction that takes its discount back from the cash of the payment is measured with that payment
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: HQ, customer_id: A, invoice_id: I1, payment_id: P1, application_id: P1|I1, kind: cash, receipt_date: 2024-06-10, due_date: 2024-06-30, amount_rc: 1000}
          - {company: HQ, customer_id: A, invoice_id: I1, payment_id: P1, application_id: P1|deduction, kind: cash, receipt_date: 2024-06-10, due_date: 2024-06-30, amount_rc: -20}
          - {company: HQ, customer_id: A, invoice_id: I1, payment_id: P1, application_id: P1|deduction, kind: discount, receipt_date: 2024-06-10, due_date: 2024-06-30, amount_rc: 20}
          - {company: HQ, customer_id: A, invoice_id: I2, payment_id: P1, application_id: P1|I2, kind: cash, receipt_date: 2024-06-10, due_date: 2024-06-30, amount_rc: 500}
    expect:
      rows: [{customer_id: A, discount_rc: 20, settled_rc: 1000, discount_rate: 0.02, days_saved: 20, reason: null}]
  - name: hardly a day saved is no rate of interest
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: HQ, customer_id: HALF, application_id: X1, kind: discount, receipt_date: 2024-03-04, due_date: 2024-03-05, amount_rc: 1}
          - {company: HQ, customer_id: HALF, application_id: X1, kind: cash, receipt_date: 2024-03-04, due_date: 2024-03-05, amount_rc: 49}
          - {company: HQ, customer_id: HALF, application_id: X2, kind: discount, receipt_date: 2024-03-05, due_date: 2024-03-05, amount_rc: 1}
          - {company: HQ, customer_id: HALF, application_id: X2, kind: cash, receipt_date: 2024-03-05, due_date: 2024-03-05, amount_rc: 49}
          - {company: HQ, customer_id: ONE, application_id: X3, kind: discount, receipt_date: 2024-03-04, due_date: 2024-03-05, amount_rc: 1}
          - {company: HQ, customer_id: ONE, application_id: X3, kind: cash, receipt_date: 2024-03-04, due_date: 2024-03-05, amount_rc: 99}
          - {company: HQ, customer_id: TENTH, application_id: X4, kind: discount, receipt_date: 2024-03-04, due_date: 2024-03-05, amount_rc: 10}
          - {company: HQ, customer_id: TENTH, application_id: X4, kind: cash, receipt_date: 2024-03-04, due_date: 2024-03-05, amount_rc: 90}
    expect:
      rows:
        - {customer_id: HALF, discount_rate: 0.02, days_saved: 0.5, annual_cost: null, reason: hardly_saved}
        - {customer_id: ONE, discount_rate: 0.01, days_saved: 1, annual_cost: ~38.1881, reason: null}
        - {customer_id: TENTH, discount_rate: 0.1, days_saved: 1, annual_cost: null, reason: hardly_saved}
--- */
WITH
discounted AS (
    SELECT DISTINCT toString(source) AS source, if(ifNull(payment_id, '') = '', application_id, concat(payment_id, '|', invoice_id)) AS settlement
    FROM {{ source('huikuan', 'ar_settlements') }}
    WHERE kind = 'discount'
),
sums AS (
    SELECT
        toDate32(toStartOfMonth(s.receipt_date)) AS month,
        s.company AS company,
        s.customer_id AS customer_id,
        sumIf(ifNull(s.amount_rc, 0), s.kind = 'discount') AS discount_rc,
        sum(ifNull(s.amount_rc, 0)) AS settled_rc,
        sum(CAST(ifNull(s.amount_rc, 0) AS Decimal(38, 4)) * dateDiff('day', s.receipt_date, s.due_date)) AS saved_amount_days,
        sumIf(ifNull(s.amount_rc, 0), s.kind = 'discount' AND s.receipt_date > s.due_date) AS undeserved_rc
    FROM {{ source('huikuan', 'ar_settlements') }} AS s
    WHERE (toString(s.source), if(ifNull(s.payment_id, '') = '', s.application_id, concat(s.payment_id, '|', s.invoice_id))) IN (SELECT source, settlement FROM discounted)
        AND s.receipt_date <= (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
    GROUP BY month, s.company, s.customer_id
    HAVING discount_rc != 0
),
measured AS (
    SELECT
        *,
        CAST(discount_rc AS Decimal(38, 10)) / nullIf(settled_rc, 0) AS discount_rate,
        CAST(saved_amount_days AS Decimal(38, 10)) / nullIf(settled_rc, 0) AS days_saved,
        pow(1 + toFloat64(discount_rate) / (1 - toFloat64(discount_rate)), {{ var('day_basis') }} / toFloat64(days_saved)) - 1 AS compounded,
        if(ifNull(compounded < 1e9, false), compounded, NULL) AS cost
    FROM sums
)
SELECT
    month,
    company,
    customer_id,
    discount_rc,
    settled_rc,
    discount_rate,
    saved_amount_days,
    days_saved,
    if(reason IS NULL, toDecimal128(cost, 10), NULL) AS annual_cost,
    undeserved_rc,
    multiIf(
        ifNull(days_saved <= 0, true), 'nothing_saved',
        ifNull(discount_rate >= 1, true), 'all_discount',
        days_saved < {{ var('early_discount_least_days') }} OR isNull(cost), 'hardly_saved',
        NULL) AS reason
FROM measured
