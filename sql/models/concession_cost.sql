/* ---
description: "What was given up to be paid, and what it cost: discounts and prices their amount, extensions and instalments the interest on the amount put off. Beside it, how often the same customer was given way before: giving way breeds the habit."
grain: one concession
materialisation: table
order_by: [customer_id, granted_on]
owner: credit management
tags: [cost, collection]
columns:
  - {name: concession_id, description: concession, unit: id, tests: [not_null]}
  - {name: source, description: configured source}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: invoice_id, description: invoice; NULL = the whole account, unit: id}
  - {name: granted_on, description: day it was granted, unit: date, tests: [not_null]}
  - {name: kind, description: "discount, extension, price or instalments"}
  - {name: currency, description: currency of amount, unit: ISO 4217}
  - {name: amount, description: "amount given up, or put off", unit: currency}
  - {name: days_extended, description: days by which payment was put off, unit: days}
  - {name: cost, description: "amount of a discount or price; amount x days x funding_rate / day_basis of an extension or instalments; NULL = amount or days unknown", unit: currency}
  - {name: cost_rc, description: cost at the closing rate of the last day built; NULL = no rate, unit: reporting currency}
  - {name: earlier, description: concessions to the same customer in the concession_window_days before, unit: count, tests: [not_null]}
  - {name: approved_by, description: who approved; NULL = nobody is named}
  - {name: paid_after_days, description: "days to the first cash of the customer afterwards, what was taken back is none; NULL = none yet", unit: days}
unit_tests:
  - name: interest by a year of 360 days
    overrides: {vars: {funding_rate: 0.06, day_basis: 360}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: CNY}]
      - input: source('huikuan', 'concessions')
        rows: [{source: crm, concession_id: K1, customer_id: A, granted_on: 2024-01-10, kind: extension, amount: 36000, currency: CNY, days_extended: 30}]
    expect:
      rows: [{concession_id: K1, cost: 180, cost_rc: 180}]
  - name: interest on what was put off, amounts of what was given
    overrides: {vars: {funding_rate: 0.06, concession_window_days: 365}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: CNY}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2024-06-30, currency: CNY, rate_closing: 1}, {as_of: 2024-06-30, currency: USD, rate_closing: 7}]
      - input: source('huikuan', 'concessions')
        rows:
          - {source: crm, concession_id: K1, customer_id: A, granted_on: 2024-01-10, kind: extension, amount: 36500, currency: CNY, days_extended: 30}
          - {source: crm, concession_id: K2, customer_id: A, granted_on: 2024-03-10, kind: discount, amount: 50, currency: USD, approved_by: 王总}
          - {source: crm, concession_id: K3, customer_id: B, granted_on: 2024-03-10, kind: extension, amount: 50, currency: EUR}
      - input: source('huikuan', 'ar_settlements')
        rows: [{customer_id: A, kind: cash, receipt_date: 2024-01-20, amount: 1}, {customer_id: A, kind: cash, receipt_date: 2024-03-10, amount: 1}, {customer_id: B, kind: cash, event_date: 2024-06-20, receipt_date: 2024-07-01, amount: 1}]
    expect:
      rows:
        - {concession_id: K1, cost: 180, cost_rc: 180, earlier: 0, paid_after_days: 10, approved_by: null}
        - {concession_id: K2, cost: 50, cost_rc: 350, earlier: 1, paid_after_days: 0, approved_by: 王总}
        - {concession_id: K3, cost: null, cost_rc: null, earlier: 0, paid_after_days: null, approved_by: null}
  - name: cash that was taken back ends nothing, what was given before counts within its window, without a rate no cost in reporting currency
    overrides: {vars: {funding_rate: 0.073, concession_window_days: 10}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: CNY}, {as_of: 2024-01-31, reporting_currency: CNY}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2024-06-30, currency: USD, rate_closing: 7.1}, {as_of: 2024-06-29, currency: EUR, rate_closing: 8}]
      - input: source('huikuan', 'concessions')
        rows:
          - {source: crm, concession_id: K1, customer_id: A, granted_on: 2024-03-01, kind: discount, amount: 5, currency: CNY, invoice_id: I1}
          - {source: crm, concession_id: K2, customer_id: A, granted_on: 2024-03-11, kind: instalments, amount: 100, currency: USD, days_extended: 50, invoice_id: "", approved_by: ""}
          - {source: crm, concession_id: K3, customer_id: A, granted_on: 2024-03-12, kind: price, amount: 3, currency: EUR}
          - {source: crm, concession_id: K4, customer_id: A, granted_on: 2024-03-12, kind: price, amount: null, currency: CNY}
          - {source: erp, concession_id: K3, customer_id: B, granted_on: 2024-06-30, kind: extension, amount: 1, currency: CNY, days_extended: null}
          - {source: erp, concession_id: K5, customer_id: B, granted_on: 2024-07-01, kind: price, amount: 1, currency: CNY}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: A, kind: cash, receipt_date: 2024-02-28, amount: 8}
          - {customer_id: A, kind: cash, receipt_date: 2024-03-05, amount: 8}
          - {customer_id: A, kind: cash, receipt_date: 2024-03-05, amount: -8}
          - {customer_id: A, kind: credit, receipt_date: 2024-03-06, amount: 8}
          - {customer_id: B, kind: cash, receipt_date: 2024-03-07, amount: 8}
          - {customer_id: A, kind: cash, receipt_date: 2024-03-20, amount: 8}
          - {customer_id: A, kind: cash, receipt_date: 2024-04-20, amount: 8}
          - {customer_id: B, kind: cash, receipt_date: 2024-06-30, amount: 0.01}
    expect:
      rows:
        - {concession_id: K1, source: crm, customer_id: A, invoice_id: I1, granted_on: 2024-03-01, kind: discount, currency: CNY, amount: 5, days_extended: null, cost: 5, cost_rc: 5, earlier: 0, approved_by: null, paid_after_days: 19}
        - {concession_id: K2, source: crm, customer_id: A, invoice_id: null, granted_on: 2024-03-11, kind: instalments, currency: USD, amount: 100, days_extended: 50, cost: 1, cost_rc: 7.1, earlier: 1, approved_by: null, paid_after_days: 9}
        - {concession_id: K3, source: crm, customer_id: A, invoice_id: null, granted_on: 2024-03-12, kind: price, currency: EUR, amount: 3, days_extended: null, cost: 3, cost_rc: null, earlier: 1, approved_by: null, paid_after_days: 8}
        - {concession_id: K4, source: crm, customer_id: A, invoice_id: null, granted_on: 2024-03-12, kind: price, currency: CNY, amount: null, days_extended: null, cost: null, cost_rc: null, earlier: 2, approved_by: null, paid_after_days: 8}
        - {concession_id: K3, source: erp, customer_id: B, invoice_id: null, granted_on: 2024-06-30, kind: extension, currency: CNY, amount: 1, days_extended: null, cost: null, cost_rc: null, earlier: 0, approved_by: null, paid_after_days: 0}
  - name: without a kind it costs its amount, without an amount, a currency or possible days nothing is known
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: CNY}]
      - input: source('huikuan', 'concessions')
        rows:
          - {source: crm, concession_id: K1, customer_id: A, granted_on: 2024-03-01, kind: null, amount: 5, currency: CNY}
          - {source: crm, concession_id: K2, customer_id: A, granted_on: 2024-03-01, kind: extension, amount: null, currency: CNY, days_extended: 3}
          - {source: crm, concession_id: K3, customer_id: A, granted_on: 2024-03-01, kind: price, amount: 7, currency: null}
          - {source: crm, concession_id: K4, customer_id: A, granted_on: 2024-03-01, kind: extension, amount: 123456789, currency: CNY, days_extended: 9223372036854775807}
    expect:
      rows:
        - {concession_id: K1, kind: null, cost: 5, cost_rc: 5}
        - {concession_id: K2, kind: extension, cost: null, cost_rc: null}
        - {concession_id: K3, kind: price, cost: 7, cost_rc: null}
        - {concession_id: K4, kind: extension, cost: null, cost_rc: null}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
granted AS (
    SELECT toString(source) AS source, concession_id, customer_id, invoice_id, granted_on, toString(kind) AS kind, toString(currency) AS currency, amount, days_extended, approved_by
    FROM {{ source('huikuan', 'concessions') }}
    WHERE granted_on <= today
),
before AS (
    SELECT a.source AS source, a.concession_id AS concession_id, count() AS n
    FROM granted AS a
    INNER JOIN granted AS b ON b.customer_id = a.customer_id
    WHERE b.granted_on >= a.granted_on - {{ var('concession_window_days') }} AND (b.granted_on, b.concession_id) < (a.granted_on, a.concession_id)
    GROUP BY a.source, a.concession_id
),
receipts AS (
    SELECT customer_id, receipt_date
    FROM {{ source('huikuan', 'ar_settlements') }}
    WHERE kind = 'cash' AND receipt_date <= today AND customer_id IN (SELECT customer_id FROM granted)
    GROUP BY customer_id, receipt_date
    HAVING sum(amount) > 0
),
first_cash AS (
    SELECT a.source AS source, a.concession_id AS concession_id, min(toNullable(r.receipt_date)) AS day
    FROM granted AS a
    INNER JOIN receipts AS r ON r.customer_id = a.customer_id
    WHERE r.receipt_date >= a.granted_on
    GROUP BY a.source, a.concession_id
),
rates AS (
    SELECT toString(currency) AS currency, toNullable(rate_closing) AS rate
    FROM {{ source('huikuan', 'fx_as_of') }}
    WHERE as_of = today
)
SELECT
    g.concession_id AS concession_id,
    g.source AS source,
    g.customer_id AS customer_id,
    nullIf(g.invoice_id, '') AS invoice_id,
    g.granted_on AS granted_on,
    g.kind AS kind,
    g.currency AS currency,
    g.amount AS amount,
    g.days_extended AS days_extended,
    if(g.kind IN ('extension', 'instalments'),
        accurateCastOrNull(round(CAST(g.amount AS Nullable(Decimal(38, 10))) * accurateCastOrNull(g.days_extended, 'Int16') * toDecimal64({{ var('funding_rate') }}, 6) / {{ var('day_basis') }}, 4), 'Decimal(18, 4)'),
        g.amount) AS cost,
    CAST(round(CAST(cost AS Nullable(Decimal(38, 10))) * if(g.currency = (SELECT any(toString(reporting_currency)) FROM {{ source('huikuan', 'ar_as_of') }}), toDecimal128(1, 10), r.rate), 4) AS Nullable(Decimal(18, 4))) AS cost_rc,
    b.n AS earlier,
    nullIf(g.approved_by, '') AS approved_by,
    dateDiff('day', g.granted_on, c.day) AS paid_after_days
FROM granted AS g
LEFT JOIN before AS b ON b.source = g.source AND b.concession_id = g.concession_id
LEFT JOIN first_cash AS c ON c.source = g.source AND c.concession_id = g.concession_id
LEFT JOIN rates AS r ON r.currency = g.currency
