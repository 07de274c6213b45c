/* ---
description: "What each class of payment terms brings and costs in billing_months: sales, how long they are waited for, the interest on it, and the bad debts. cost_rate is the margin that sales on these terms have to bear before they earn anything."
grain: one company and terms in days
materialisation: table
order_by: [company, terms_days]
owner: treasury
tags: [cost, terms]
chart: {type: bar, title: "Cost of credit by payment terms", x: terms_days, y: [cost_rate], series: company, unit: fraction}
columns:
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: terms_days, description: "days from invoice to due date, in classes of terms_class_days (the upper end)", unit: days, tests: [not_null]}
  - {name: customers, description: customers, unit: count}
  - {name: billed_rc, description: invoices and debit notes of billing_months; denominator, unit: reporting currency, tests: [not_null]}
  - {name: amount_days, description: "cash x days from invoice to receipt + open amount x days so far", unit: reporting currency x days, tests: [not_null]}
  - {name: days_waited, description: amount_days / (cash + open amount), unit: days}
  - {name: overdue_rc, description: overdue of these invoices today, unit: reporting currency, tests: [not_null]}
  - {name: carrying_cost_rc, description: amount_days x funding_rate / day_basis, unit: reporting currency, tests: [not_null]}
  - {name: bad_debt_rc, description: "written off as bad debt: all types but small_write_off_types, as in bad_debt", unit: reporting currency, tests: [not_null]}
  - {name: cost_rc, description: carrying_cost_rc + bad_debt_rc, unit: reporting currency, tests: [not_null]}
  - {name: cost_rate, description: cost_rc / billed_rc, unit: fraction}
tests:
  - unique: [company, terms_days]
unit_tests:
  - name: sales of one month, interest by a year of 360 days
    overrides: {vars: {funding_rate: 0.036, billing_months: 1, day_basis: 360}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-05-31, due_date: 2024-06-30, amount_rc: 1000, open_amount_rc: 1000}
          - {source: erp, company: HQ, customer_id: A, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-05-30, due_date: 2024-06-29, amount_rc: 1000, open_amount_rc: 1000}
    expect:
      rows: [{terms_days: 30, billed_rc: 1000, amount_days: 30000, carrying_cost_rc: 3, overdue_rc: 0}]
  - name: waiting costs interest, write-offs cost all
    overrides: {vars: {funding_rate: 0.0365, terms_class_days: 30}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-05-31, amount_rc: 1000, open_amount_rc: 400}
          - {source: erp, company: HQ, customer_id: B, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-06-30, amount_rc: 200, open_amount_rc: 150}
          - {source: erp, company: HQ, customer_id: B, invoice_id: I0, instalment_seq: 1, invoice_date: 2023-06-30, due_date: 2023-07-30, amount_rc: 999, open_amount_rc: 999}
          - {source: erp, company: HQ, customer_id: C, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-05-31, due_date: 2024-08-29, amount_rc: 100, open_amount_rc: 0}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp, invoice_id: I1, instalment_seq: 1, kind: cash, receipt_date: 2024-05-21, amount_rc: 600}
          - {source: erp, invoice_id: I2, instalment_seq: 1, kind: write_off, write_off_type: bad_debt, receipt_date: 2024-05-21, amount_rc: 50}
          - {source: erp, invoice_id: I3, instalment_seq: 1, kind: cash, event_date: 2024-06-20, receipt_date: 2024-07-10, amount_rc: 100}
    expect:
      rows:
        - {terms_days: 30, billed_rc: 1000, amount_days: 36000, days_waited: 36, overdue_rc: 400, carrying_cost_rc: 3.6, bad_debt_rc: 0, cost_rate: 0.0036}
        - {terms_days: 60, billed_rc: 200, amount_days: 9000, days_waited: 60, overdue_rc: 0, carrying_cost_rc: 0.9, bad_debt_rc: 50, cost_rate: 0.2545}
        # applied before the money is there: it is waited for to the last day built
        - {terms_days: 90, billed_rc: 100, amount_days: 3000, days_waited: 30, overdue_rc: 0, carrying_cost_rc: 0.3, bad_debt_rc: 0}
  - name: every type of write-off but the small ones is a bad debt, of the instalment of its source
    overrides: {vars: {funding_rate: 0.365, terms_class_days: 10, billing_months: 2, small_write_off_types: [small_balance, rounding]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}, {as_of: 2024-01-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-06-10, due_date: 2024-06-20, amount_rc: 1000, open_amount_rc: 100}
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 2, invoice_date: 2024-06-10, due_date: 2024-06-21, amount_rc: 2000, open_amount_rc: 0}
          - {source: erp, company: HQ, customer_id: B, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-06-20, due_date: 2024-06-30, amount_rc: 10, open_amount_rc: 10}
          - {source: erp, company: EU, customer_id: B, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-06-20, due_date: 2024-06-19, amount_rc: 20, open_amount_rc: 20}
          - {source: erp, company: EU, customer_id: C, invoice_id: I4, instalment_seq: 1, invoice_date: 2024-06-20, due_date: 2024-06-20, amount_rc: null, open_amount_rc: null}
          - {source: erp, company: EU, customer_id: C, invoice_id: I5, instalment_seq: 1, invoice_date: 2024-04-30, due_date: 2024-04-30, amount_rc: 9000, open_amount_rc: 0}
          - {source: erp, company: EU, customer_id: D, invoice_id: I6, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-05-01, amount_rc: 40, open_amount_rc: 0}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp, invoice_id: I1, instalment_seq: 1, kind: cash, receipt_date: 2024-06-12, amount_rc: 300}
          - {source: erp, invoice_id: I1, instalment_seq: 1, kind: cash, receipt_date: 2024-06-15, amount_rc: 200}
          - {source: erp, invoice_id: I1, instalment_seq: 1, kind: cash, receipt_date: 2024-06-15, amount_rc: -200}
          - {source: erp, invoice_id: I1, instalment_seq: 1, kind: cash, receipt_date: 2024-06-16, amount_rc: null}
          - {source: erp, invoice_id: I1, instalment_seq: 1, kind: write_off, write_off_type: null, receipt_date: 2024-06-16, amount_rc: 1}
          - {source: erp, invoice_id: I1, instalment_seq: 1, kind: write_off, write_off_type: settlement, receipt_date: 2024-06-16, amount_rc: 2}
          - {source: erp, invoice_id: I1, instalment_seq: 1, kind: write_off, write_off_type: bad_debt, receipt_date: 2024-06-16, amount_rc: 4}
          - {source: erp, invoice_id: I1, instalment_seq: 1, kind: write_off, write_off_type: rounding, receipt_date: 2024-06-16, amount_rc: 8}
          - {source: erp, invoice_id: I1, instalment_seq: 1, kind: credit, receipt_date: 2024-06-16, amount_rc: 500}
          - {source: erp, invoice_id: I1, instalment_seq: 2, kind: write_off, write_off_type: bad_debt, receipt_date: 2024-06-16, amount_rc: null}
          - {source: crm, invoice_id: I1, instalment_seq: 1, kind: write_off, write_off_type: bad_debt, receipt_date: 2024-06-16, amount_rc: 700}
          - {source: erp, invoice_id: I6, instalment_seq: 1, kind: cash, receipt_date: 2024-04-21, amount_rc: 40}
    expect:
      rows:
        - {company: HQ, terms_days: 10, customers: 2, billed_rc: 1010, amount_days: 2700, days_waited: 6.5853658536, overdue_rc: 100, carrying_cost_rc: 2.7, bad_debt_rc: 7, cost_rc: 9.7, cost_rate: 0.0096039603}
        - {company: EU, terms_days: 0, customers: 2, billed_rc: 60, amount_days: -200, days_waited: -3.3333333333, overdue_rc: 20, carrying_cost_rc: -0.2, bad_debt_rc: 0, cost_rc: -0.2, cost_rate: -0.0033333333}
        - {company: HQ, terms_days: 20, customers: 1, billed_rc: 2000, amount_days: 0, days_waited: null, overdue_rc: 0, carrying_cost_rc: 0, bad_debt_rc: 0, cost_rc: 0, cost_rate: 0}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
settled AS (
    SELECT toString(s.source) AS source, s.invoice_id AS invoice_id, s.instalment_seq AS instalment_seq,
        sumIf(ifNull(s.amount_rc, 0), s.kind = 'cash') AS cash,
        sumIf(CAST(ifNull(s.amount_rc, 0) AS Decimal(38, 4)) * dateDiff('day', toDate32('1970-01-01'), least(s.receipt_date, today)), s.kind = 'cash') AS cash_epoch,
        sumIf(ifNull(s.amount_rc, 0), s.kind = 'write_off' AND NOT has({{ var('small_write_off_types') }}, ifNull(s.write_off_type, ''))) AS bad_debt
    FROM {{ source('huikuan', 'ar_settlements') }} AS s
    WHERE s.kind IN ('cash', 'write_off')
    GROUP BY source, invoice_id, instalment_seq
),
items AS (
    SELECT
        i.company AS company,
        i.customer_id AS customer_id,
        toInt64(ceil(greatest(0, dateDiff('day', i.invoice_date, i.due_date)) / {{ var('terms_class_days') }}) * {{ var('terms_class_days') }}) AS terms_days,
        ifNull(i.amount_rc, 0) AS amount_rc,
        ifNull(i.open_amount_rc, 0) AS open_rc,
        s.cash AS cash,
        s.bad_debt AS bad_debt,
        s.cash_epoch - CAST(s.cash AS Decimal(38, 4)) * dateDiff('day', toDate32('1970-01-01'), i.invoice_date)
            + CAST(ifNull(i.open_amount_rc, 0) AS Decimal(38, 4)) * dateDiff('day', i.invoice_date, today) AS amount_days,
        if(i.due_date < today, ifNull(i.open_amount_rc, 0), toDecimal64(0, 4)) AS overdue_rc
    FROM {{ source('huikuan', 'ar_items') }} AS i
    LEFT JOIN settled AS s ON s.source = toString(i.source) AND s.invoice_id = i.invoice_id AND s.instalment_seq = i.instalment_seq
    WHERE i.invoice_date > addMonths(today, -{{ var('billing_months') }}) AND i.amount_rc IS NOT NULL
)
SELECT
    x.company AS company,
    x.terms_days AS terms_days,
    uniqExact(x.customer_id) AS customers,
    sum(x.amount_rc) AS billed_rc,
    sum(x.amount_days) AS amount_days,
    CAST(amount_days AS Decimal(38, 10)) / nullIf(sum(x.cash) + sum(x.open_rc), 0) AS days_waited,
    sum(x.overdue_rc) AS overdue_rc,
    CAST(round(CAST(amount_days AS Decimal(38, 10)) * toDecimal64({{ var('funding_rate') }}, 6) / {{ var('day_basis') }}, 4) AS Decimal(18, 4)) AS carrying_cost_rc,
    sum(x.bad_debt) AS bad_debt_rc,
    carrying_cost_rc + bad_debt_rc AS cost_rc,
    CAST(cost_rc AS Decimal(38, 10)) / nullIf(billed_rc, 0) AS cost_rate
FROM items AS x
GROUP BY x.company, x.terms_days
