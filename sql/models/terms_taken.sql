/* ---
description: "Terms granted and terms taken (B13): weighted average terms of what was paid, plus days beyond terms, is days to pay, on the same receipts and weights; beside it the terms of what was billed, which show terms creep."
grain: one period (month, or the rolling months), scope and its member
materialisation: table
order_by: [scope, scope_id, period, month]
owner: finance
tags: [collection, speed]
columns:
  - {name: period, description: "month, or rolling: the last rolling_months months to the last day built", tests: [not_null, {accepted_values: [month, rolling]}]}
  - {name: month, description: first day of the period, unit: date, tests: [not_null]}
  - {name: scope, description: "group, company, segment; customer for the rolling period only", tests: [not_null, {accepted_values: [group, company, segment, customer]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where no segment is known, unit: id, tests: [not_null]}
  - {name: billed_rc, description: instalments of invoices dated in the period, unit: reporting currency, tests: [not_null]}
  - {name: terms_granted_numerator, description: sum of days from invoice to due date x amount billed, unit: days x reporting currency}
  - {name: terms_granted, description: terms_granted_numerator / billed_rc; NULL = nothing billed, unit: days}
  - {name: paid_rc, description: cash received in the period and applied to invoices, unit: reporting currency, tests: [not_null]}
  - {name: terms_paid_numerator, description: sum of days from invoice to due date x cash, unit: days x reporting currency}
  - {name: terms_paid, description: "terms_paid_numerator / paid_rc: weighted average terms, WAT (B13); NULL = nothing paid", unit: days}
  - {name: beyond_terms_numerator, description: sum of days from due date to receipt x cash; early counts negative, unit: days x reporting currency}
  - {name: beyond_terms, description: "beyond_terms_numerator / paid_rc: weighted days beyond terms, signed, WADBT (B12); NULL = nothing paid", unit: days}
  - {name: days_to_pay_numerator, description: sum of days from invoice to receipt x cash, unit: days x reporting currency}
  - {name: days_to_pay, description: "days_to_pay_numerator / paid_rc = terms_paid + beyond_terms: weighted days to pay, WADTP (B11); NULL = nothing paid", unit: days}
  - {name: rows_without_rate, description: items and receipts left out because no exchange rate is known, unit: count, tests: [not_null]}
  - {name: reason_granted, description: "why terms_granted is NULL: no_sales"}
  - {name: reason, description: "why the others are NULL: no_receipts"}
tests:
  - unique: [period, month, scope, scope_id]
  - name: terms taken plus days beyond terms is days to pay
    sql: |
      SELECT scope, scope_id, period, month
      FROM {{ this }}
      WHERE terms_paid_numerator + beyond_terms_numerator != days_to_pay_numerator
  - name: the cash is that of the settlements
    sum_equals:
      this: sumIf(paid_rc, scope = 'segment' AND period = 'month')
      by: [month]
      of: |
        SELECT toDate32(toStartOfMonth(receipt_date)) AS month, sum(amount_rc)
        FROM {{ source('huikuan', 'ar_settlements') }}
        WHERE kind = 'cash' AND receipt_date <= (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
        GROUP BY month
unit_tests:
  - name: ex:oracle_weighted_terms
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-02-21, amount_rc: 100}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-02, amount_rc: 100}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-02-21, receipt_date: 2024-03-01, event_date: 2024-03-05, amount_rc: 100}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-02, receipt_date: 2024-03-03, event_date: 2024-03-05, amount_rc: 100}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, kind: credit, invoice_date: 2024-02-01, due_date: 2024-03-02, receipt_date: 2024-03-09, event_date: 2024-03-09, amount_rc: 7}
    expect:
      rows:
        - {period: month, month: 2024-02-01, scope: group, scope_id: "", billed_rc: 200, terms_granted: 25, terms_paid: null, beyond_terms: null, days_to_pay: null, reason: no_receipts}
        - {period: month, month: 2024-02-01, scope: company, scope_id: A, billed_rc: 200, terms_granted: 25, terms_paid: null, beyond_terms: null, days_to_pay: null, reason: no_receipts}
        - {period: month, month: 2024-02-01, scope: segment, scope_id: "", billed_rc: 200, terms_granted: 25, terms_paid: null, beyond_terms: null, days_to_pay: null, reason: no_receipts}
        - {period: month, month: 2024-03-01, scope: group, scope_id: "", billed_rc: 0, terms_granted: null, terms_paid: 25, beyond_terms: 5, days_to_pay: 30, reason: null}
        - {period: month, month: 2024-03-01, scope: company, scope_id: A, billed_rc: 0, terms_granted: null, terms_paid: 25, beyond_terms: 5, days_to_pay: 30, reason: null}
        - {period: month, month: 2024-03-01, scope: segment, scope_id: "", billed_rc: 0, terms_granted: null, terms_paid: 25, beyond_terms: 5, days_to_pay: 30, reason: null}
        - {period: rolling, month: 2023-04-01, scope: group, scope_id: "", billed_rc: 200, terms_granted: 25, terms_paid: 25, beyond_terms: 5, days_to_pay: 30, reason: null}
        - {period: rolling, month: 2023-04-01, scope: company, scope_id: A, billed_rc: 200, terms_granted: 25, terms_paid: 25, beyond_terms: 5, days_to_pay: 30, reason: null}
        - {period: rolling, month: 2023-04-01, scope: segment, scope_id: "", billed_rc: 200, terms_granted: 25, terms_paid: 25, beyond_terms: 5, days_to_pay: 30, reason: null}
        - {period: rolling, month: 2023-04-01, scope: customer, scope_id: C1, billed_rc: 200, terms_granted: 25, terms_paid: 25, beyond_terms: 5, days_to_pay: 30, reason: null}
  - name: days weigh by amount, months begin on their first day, what has no rate or lies ahead is left out
    overrides: {vars: {rolling_months: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-01-31}, {as_of: 2024-03-15}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, segment: S, invoice_date: 2024-02-01, due_date: 2024-02-11, amount: 1, amount_rc: 100}
          - {company: A, customer_id: C1, segment: S, invoice_date: 2024-02-29, due_date: 2024-02-09, amount: 1, amount_rc: 30}
          - {company: A, customer_id: C2, segment: S, invoice_date: 2024-02-10, due_date: 2024-03-01, amount: 1, amount_rc: 50}
          - {company: A, customer_id: C1, segment: S, invoice_date: 2024-02-20, due_date: 2024-05-01, amount: 9, amount_rc: null}
          - {company: B, customer_id: C3, invoice_date: 2024-03-15, due_date: 2024-03-18, amount: 1, amount_rc: 7}
          - {company: B, customer_id: C3, invoice_date: 2024-03-16, due_date: 2024-03-30, amount: 1, amount_rc: 1000}
          - {company: B, customer_id: C3, invoice_date: 2024-01-31, due_date: 2024-02-05, amount: 1, amount_rc: 2000}
          - {company: B, customer_id: C4, invoice_date: 2024-03-01, due_date: 2024-03-05, amount: 1, amount_rc: 0.5}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-02-11, event_date: 2024-02-10, receipt_date: 2024-03-01, amount: 1, amount_rc: 60}
          - {company: A, customer_id: C1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-02-11, event_date: 2024-03-20, receipt_date: 2024-03-15, amount: 1, amount_rc: 20}
          - {company: A, customer_id: C2, kind: cash, invoice_date: 2024-02-10, due_date: 2024-03-01, event_date: 2024-02-20, receipt_date: 2024-02-20, amount: 1, amount_rc: 40}
          - {company: A, customer_id: C2, kind: cash, invoice_date: 2024-02-10, due_date: 2024-03-01, event_date: 2024-02-21, receipt_date: 2024-02-21, amount: 1, amount_rc: null}
          - {company: B, customer_id: C3, kind: cash, invoice_date: 2024-01-31, due_date: 2024-02-05, event_date: 2024-03-01, receipt_date: 2024-03-16, amount: 1, amount_rc: 2000}
          - {company: B, customer_id: C3, kind: cash, invoice_date: 2024-01-31, due_date: 2024-02-05, event_date: 2024-01-31, receipt_date: 2024-01-31, amount: 1, amount_rc: 900}
          - {company: B, customer_id: C4, kind: cash, invoice_date: 2024-03-01, due_date: 2024-03-05, event_date: 2024-03-10, receipt_date: 2024-03-10, amount: 1, amount_rc: 0.5}
          - {company: B, customer_id: C4, kind: discount, invoice_date: 2024-03-01, due_date: 2024-03-05, event_date: 2024-03-10, receipt_date: 2024-03-10, amount: 1, amount_rc: 70}
    expect:
      rows:
        - {period: month, month: 2024-01-01, scope: group, scope_id: "", billed_rc: 2000, terms_granted_numerator: 10000, terms_granted: 5, paid_rc: 900, terms_paid_numerator: 4500, terms_paid: 5, beyond_terms_numerator: -4500, beyond_terms: -5, days_to_pay_numerator: 0, days_to_pay: 0, rows_without_rate: 0, reason_granted: null, reason: null}
        - {period: month, month: 2024-03-01, scope: group, scope_id: "", billed_rc: 7.5, terms_granted_numerator: 23, terms_granted: 3.0666666666, paid_rc: 80.5, terms_paid_numerator: 802, terms_paid: 9.9627329192, beyond_terms_numerator: 1802.5, beyond_terms: 22.3913043478, days_to_pay_numerator: 2604.5, days_to_pay: 32.354037267, rows_without_rate: 0, reason_granted: null, reason: null}
        - {period: rolling, month: 2024-02-01, scope: segment, scope_id: "", billed_rc: 7.5, terms_granted_numerator: 23, terms_granted: 3.0666666666, paid_rc: 0.5, terms_paid_numerator: 2, terms_paid: 4, beyond_terms_numerator: 2.5, beyond_terms: 5, days_to_pay_numerator: 4.5, days_to_pay: 9, rows_without_rate: 0, reason_granted: null, reason: null}
        - {period: rolling, month: 2024-02-01, scope: group, scope_id: "", billed_rc: 187.5, terms_granted_numerator: 1423, terms_granted: 7.5893333333, paid_rc: 120.5, terms_paid_numerator: 1602, terms_paid: 13.2946058091, beyond_terms_numerator: 1402.5, beyond_terms: 11.6390041493, days_to_pay_numerator: 3004.5, days_to_pay: 24.9336099585, rows_without_rate: 2, reason_granted: null, reason: null}
        - {period: month, month: 2024-03-01, scope: company, scope_id: A, billed_rc: 0, terms_granted_numerator: 0, terms_granted: null, paid_rc: 80, terms_paid_numerator: 800, terms_paid: 10, beyond_terms_numerator: 1800, beyond_terms: 22.5, days_to_pay_numerator: 2600, days_to_pay: 32.5, rows_without_rate: 0, reason_granted: no_sales, reason: null}
        - {period: rolling, month: 2024-02-01, scope: customer, scope_id: C1, billed_rc: 130, terms_granted_numerator: 400, terms_granted: 3.0769230769, paid_rc: 80, terms_paid_numerator: 800, terms_paid: 10, beyond_terms_numerator: 1800, beyond_terms: 22.5, days_to_pay_numerator: 2600, days_to_pay: 32.5, rows_without_rate: 1, reason_granted: null, reason: null}
        - {period: rolling, month: 2024-02-01, scope: segment, scope_id: S, billed_rc: 180, terms_granted_numerator: 1400, terms_granted: 7.7777777777, paid_rc: 120, terms_paid_numerator: 1600, terms_paid: 13.3333333333, beyond_terms_numerator: 1400, beyond_terms: 11.6666666666, days_to_pay_numerator: 3000, days_to_pay: 25, rows_without_rate: 2, reason_granted: null, reason: null}
        - {period: month, month: 2024-03-01, scope: segment, scope_id: S, billed_rc: 0, terms_granted_numerator: 0, terms_granted: null, paid_rc: 80, terms_paid_numerator: 800, terms_paid: 10, beyond_terms_numerator: 1800, beyond_terms: 22.5, days_to_pay_numerator: 2600, days_to_pay: 32.5, rows_without_rate: 0, reason_granted: no_sales, reason: null}
        - {period: rolling, month: 2024-02-01, scope: company, scope_id: A, billed_rc: 180, terms_granted_numerator: 1400, terms_granted: 7.7777777777, paid_rc: 120, terms_paid_numerator: 1600, terms_paid: 13.3333333333, beyond_terms_numerator: 1400, beyond_terms: 11.6666666666, days_to_pay_numerator: 3000, days_to_pay: 25, rows_without_rate: 2, reason_granted: null, reason: null}
        - {period: month, month: 2024-01-01, scope: segment, scope_id: "", billed_rc: 2000, terms_granted_numerator: 10000, terms_granted: 5, paid_rc: 900, terms_paid_numerator: 4500, terms_paid: 5, beyond_terms_numerator: -4500, beyond_terms: -5, days_to_pay_numerator: 0, days_to_pay: 0, rows_without_rate: 0, reason_granted: null, reason: null}
        - {period: month, month: 2024-02-01, scope: group, scope_id: "", billed_rc: 180, terms_granted_numerator: 1400, terms_granted: 7.7777777777, paid_rc: 40, terms_paid_numerator: 800, terms_paid: 20, beyond_terms_numerator: -400, beyond_terms: -10, days_to_pay_numerator: 400, days_to_pay: 10, rows_without_rate: 2, reason_granted: null, reason: null}
        - {period: month, month: 2024-03-01, scope: segment, scope_id: "", billed_rc: 7.5, terms_granted_numerator: 23, terms_granted: 3.0666666666, paid_rc: 0.5, terms_paid_numerator: 2, terms_paid: 4, beyond_terms_numerator: 2.5, beyond_terms: 5, days_to_pay_numerator: 4.5, days_to_pay: 9, rows_without_rate: 0, reason_granted: null, reason: null}
        - {period: rolling, month: 2024-02-01, scope: customer, scope_id: C3, billed_rc: 7, terms_granted_numerator: 21, terms_granted: 3, paid_rc: 0, terms_paid_numerator: 0, terms_paid: null, beyond_terms_numerator: 0, beyond_terms: null, days_to_pay_numerator: 0, days_to_pay: null, rows_without_rate: 0, reason_granted: null, reason: no_receipts}
        - {period: rolling, month: 2024-02-01, scope: customer, scope_id: C2, billed_rc: 50, terms_granted_numerator: 1000, terms_granted: 20, paid_rc: 40, terms_paid_numerator: 800, terms_paid: 20, beyond_terms_numerator: -400, beyond_terms: -10, days_to_pay_numerator: 400, days_to_pay: 10, rows_without_rate: 1, reason_granted: null, reason: null}
        - {period: month, month: 2024-03-01, scope: company, scope_id: B, billed_rc: 7.5, terms_granted_numerator: 23, terms_granted: 3.0666666666, paid_rc: 0.5, terms_paid_numerator: 2, terms_paid: 4, beyond_terms_numerator: 2.5, beyond_terms: 5, days_to_pay_numerator: 4.5, days_to_pay: 9, rows_without_rate: 0, reason_granted: null, reason: null}
        - {period: month, month: 2024-02-01, scope: company, scope_id: A, billed_rc: 180, terms_granted_numerator: 1400, terms_granted: 7.7777777777, paid_rc: 40, terms_paid_numerator: 800, terms_paid: 20, beyond_terms_numerator: -400, beyond_terms: -10, days_to_pay_numerator: 400, days_to_pay: 10, rows_without_rate: 2, reason_granted: null, reason: null}
        - {period: rolling, month: 2024-02-01, scope: company, scope_id: B, billed_rc: 7.5, terms_granted_numerator: 23, terms_granted: 3.0666666666, paid_rc: 0.5, terms_paid_numerator: 2, terms_paid: 4, beyond_terms_numerator: 2.5, beyond_terms: 5, days_to_pay_numerator: 4.5, days_to_pay: 9, rows_without_rate: 0, reason_granted: null, reason: null}
        - {period: month, month: 2024-01-01, scope: company, scope_id: B, billed_rc: 2000, terms_granted_numerator: 10000, terms_granted: 5, paid_rc: 900, terms_paid_numerator: 4500, terms_paid: 5, beyond_terms_numerator: -4500, beyond_terms: -5, days_to_pay_numerator: 0, days_to_pay: 0, rows_without_rate: 0, reason_granted: null, reason: null}
        - {period: rolling, month: 2024-02-01, scope: customer, scope_id: C4, billed_rc: 0.5, terms_granted_numerator: 2, terms_granted: 4, paid_rc: 0.5, terms_paid_numerator: 2, terms_paid: 4, beyond_terms_numerator: 2.5, beyond_terms: 5, days_to_pay_numerator: 4.5, days_to_pay: 9, rows_without_rate: 0, reason_granted: null, reason: null}
        - {period: month, month: 2024-02-01, scope: segment, scope_id: S, billed_rc: 180, terms_granted_numerator: 1400, terms_granted: 7.7777777777, paid_rc: 40, terms_paid_numerator: 800, terms_paid: 20, beyond_terms_numerator: -400, beyond_terms: -10, days_to_pay_numerator: 400, days_to_pay: 10, rows_without_rate: 2, reason_granted: null, reason: null}
chart: {type: line, title: Terms granted and taken, x: month, y: [terms_granted, terms_paid, days_to_pay], unit: days, where: "period = 'month' AND scope = 'group'"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS rolling_start,
customer_segments AS (
    SELECT
        i.customer_id AS customer_id,
        any(ifNull(toString(i.segment), '')) AS segment
    FROM {{ source('huikuan', 'ar_items') }} AS i
    GROUP BY customer_id
),
by_customer AS (
    SELECT
        i.company AS company,
        i.customer_id AS customer_id,
        toDate32(toStartOfMonth(i.invoice_date)) AS month,
        sum(CAST(ifNull(i.amount_rc, 0) AS Decimal(38, 4))) AS billed_rc,
        sum(CAST(ifNull(i.amount_rc, 0) AS Decimal(38, 4)) * dateDiff('day', i.invoice_date, i.due_date)) AS granted,
        toDecimal128(0, 4) AS paid_rc,
        toDecimal128(0, 4) AS terms,
        toDecimal128(0, 4) AS beyond,
        countIf(isNull(i.amount_rc)) AS rows_without_rate
    FROM {{ source('huikuan', 'ar_items') }} AS i
    WHERE i.invoice_date <= today
    GROUP BY company, customer_id, month
    UNION ALL
    SELECT
        t.company AS company,
        t.customer_id AS customer_id,
        toDate32(toStartOfMonth(t.receipt_date)) AS month,
        toDecimal128(0, 4) AS billed_rc,
        toDecimal128(0, 4) AS granted,
        sum(CAST(ifNull(t.amount_rc, 0) AS Decimal(38, 4))) AS paid_rc,
        sum(CAST(ifNull(t.amount_rc, 0) AS Decimal(38, 4)) * dateDiff('day', t.invoice_date, t.due_date)) AS terms,
        sum(CAST(ifNull(t.amount_rc, 0) AS Decimal(38, 4)) * dateDiff('day', t.due_date, t.receipt_date)) AS beyond,
        countIf(isNull(t.amount_rc)) AS rows_without_rate
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    WHERE t.kind = 'cash' AND t.receipt_date <= today
    GROUP BY company, customer_id, month
),
by_scope AS (
    SELECT
        span.1 AS period,
        span.2 AS month,
        member.1 AS scope,
        member.2 AS scope_id,
        sum(c.billed_rc) AS billed_rc,
        sum(c.granted) AS granted,
        sum(c.paid_rc) AS paid_rc,
        sum(c.terms) AS terms,
        sum(c.beyond) AS beyond,
        sum(c.rows_without_rate) AS rows_without_rate
    FROM by_customer AS c
    INNER JOIN customer_segments AS s ON s.customer_id = c.customer_id
    ARRAY JOIN if(c.month >= rolling_start, [('month', c.month), ('rolling', rolling_start)], [('month', c.month)]) AS span
    ARRAY JOIN if(span.1 = 'month', [('group', ''), ('company', c.company), ('segment', s.segment)],
        [('group', ''), ('company', c.company), ('segment', s.segment), ('customer', c.customer_id)]) AS member
    GROUP BY period, month, scope, scope_id
)
SELECT
    b.period AS period,
    b.month AS month,
    b.scope AS scope,
    b.scope_id AS scope_id,
    b.billed_rc AS billed_rc,
    b.granted AS terms_granted_numerator,
    CAST(b.granted AS Decimal(38, 10)) / if(b.billed_rc > 0, b.billed_rc, NULL) AS terms_granted,
    b.paid_rc AS paid_rc,
    b.terms AS terms_paid_numerator,
    CAST(b.terms AS Decimal(38, 10)) / if(b.paid_rc > 0, b.paid_rc, NULL) AS terms_paid,
    b.beyond AS beyond_terms_numerator,
    CAST(b.beyond AS Decimal(38, 10)) / if(b.paid_rc > 0, b.paid_rc, NULL) AS beyond_terms,
    b.terms + b.beyond AS days_to_pay_numerator,
    CAST(b.terms + b.beyond AS Decimal(38, 10)) / if(b.paid_rc > 0, b.paid_rc, NULL) AS days_to_pay,
    b.rows_without_rate AS rows_without_rate,
    if(b.billed_rc > 0, NULL, 'no_sales') AS reason_granted,
    if(b.paid_rc > 0, NULL, 'no_receipts') AS reason
FROM by_scope AS b
