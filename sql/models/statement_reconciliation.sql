/* ---
description: "Whether customers have confirmed what they owe: the last statement sent to each and what came back. The confirmed share is sum(confirmed_rc) / sum(open_amount_rc)."
grain: one customer and document currency with something open, or with a statement
materialisation: table
order_by: [customer_id, currency]
owner: accounting
tags: [control, statements]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: currency, description: currency, unit: ISO 4217, tests: [not_null]}
  - {name: open_amount_rc, description: open invoices today; NULL = no exchange rate, unit: reporting currency}
  - {name: confirmed_rc, description: "open_amount_rc where the last statement was confirmed without a difference and is not too old (statement_valid_days), else 0", unit: reporting currency}
  - {name: statement_id, description: last statement; NULL = none, unit: id}
  - {name: period_end, description: day of its balance, unit: date}
  - {name: sent_on, description: day it was sent, unit: date}
  - {name: confirmed_on, description: day the customer answered, unit: date}
  - {name: days_to_confirm, description: days from sending to the answer, unit: days}
  - {name: age_days, description: days since period_end, unit: days}
  - {name: our_balance, description: balance by our books, unit: currency}
  - {name: their_balance, description: balance by the customer's books, unit: currency}
  - {name: difference, description: our_balance - their_balance; NULL = no answer, unit: currency}
  - {name: status, description: "never_sent, not_sent (drawn up only), unanswered, mismatch, confirmed, outdated (confirmed, but too long ago)", tests: [not_null, {accepted_values: [never_sent, not_sent, unanswered, mismatch, confirmed, outdated]}]}
tests:
  - unique: [customer_id, currency]
unit_tests:
  - name: the last statement counts, and only while it is fresh
    overrides: {vars: {statement_valid_days: 92}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: A, currency: CNY, open_amount_rc: 100}
          - {customer_id: B, currency: CNY, open_amount_rc: 50}
          - {customer_id: D, currency: USD, open_amount_rc: 7}
          - {customer_id: E, currency: CNY, open_amount_rc: 9}
          - {customer_id: F, currency: CNY, open_amount_rc: 3}
      - input: source('huikuan', 'statements')
        rows:
          - {statement_id: S1, customer_id: A, currency: CNY, period_end: 2024-03-31, sent_on: 2024-04-02, confirmed_on: 2024-04-12, our_balance: 80, their_balance: 70}
          - {statement_id: S2, customer_id: A, currency: CNY, period_end: 2024-05-31, sent_on: 2024-06-02, confirmed_on: 2024-06-12, our_balance: 100, their_balance: 100}
          - {statement_id: S3, customer_id: B, currency: CNY, period_end: 2024-05-31, sent_on: 2024-06-02, confirmed_on: 2024-06-03, our_balance: 50, their_balance: 45.5}
          - {statement_id: S4, customer_id: E, currency: CNY, period_end: 2024-01-31, sent_on: 2024-02-02, confirmed_on: 2024-02-03, our_balance: 9, their_balance: 9}
          - {statement_id: S5, customer_id: F, currency: CNY, period_end: 2024-05-31, sent_on: 2024-06-02, our_balance: 3}
          - {statement_id: S6, customer_id: F, currency: CNY, period_end: 2024-07-31, sent_on: 2024-08-01, confirmed_on: 2024-08-02, our_balance: 3, their_balance: 3}
    expect:
      rows:
        - {customer_id: A, statement_id: S2, status: confirmed, confirmed_rc: 100, difference: 0, days_to_confirm: 10, age_days: 30}
        - {customer_id: B, statement_id: S3, status: mismatch, confirmed_rc: 0, difference: 4.5, days_to_confirm: 1, age_days: 30}
        - {customer_id: D, statement_id: null, status: never_sent, confirmed_rc: 0, difference: null, days_to_confirm: null, age_days: null}
        - {customer_id: E, statement_id: S4, status: outdated, confirmed_rc: 0, difference: 0, days_to_confirm: 1, age_days: 151}
        - {customer_id: F, statement_id: S5, status: unanswered, confirmed_rc: 0, difference: null, days_to_confirm: null, age_days: 30}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
open AS (
    SELECT customer_id, toString(currency) AS currency, if(countIf(i.open_amount_rc IS NULL) = 0, sum(i.open_amount_rc), NULL) AS open_amount_rc
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    GROUP BY customer_id, currency
),
last_statements AS (
    SELECT customer_id, toString(s.currency) AS currency, statement_id, period_end, sent_on, confirmed_on, our_balance, their_balance
    FROM {{ source('huikuan', 'statements') }} AS s
    WHERE period_end <= today AND ifNull(sent_on, period_end) <= today
    ORDER BY customer_id, currency, period_end DESC, ifNull(sent_on, period_end) DESC, statement_id
    LIMIT 1 BY customer_id, currency
),
keys AS (
    SELECT customer_id, currency FROM open
    UNION DISTINCT
    SELECT customer_id, currency FROM last_statements
)
SELECT
    k.customer_id AS customer_id,
    k.currency AS currency,
    if(o.customer_id = '', toNullable(toDecimal64(0, 4)), o.open_amount_rc) AS open_amount_rc,
    if(status = 'confirmed', open_amount_rc, toDecimal64(0, 4)) AS confirmed_rc,
    nullIf(s.statement_id, '') AS statement_id,
    if(s.customer_id = '', NULL, s.period_end) AS period_end,
    s.sent_on AS sent_on,
    if(s.confirmed_on <= today, s.confirmed_on, NULL) AS confirmed_on,
    dateDiff('day', sent_on, confirmed_on) AS days_to_confirm,
    dateDiff('day', period_end, today) AS age_days,
    s.our_balance AS our_balance,
    if(confirmed_on IS NULL, NULL, s.their_balance) AS their_balance,
    our_balance - their_balance AS difference,
    multiIf(
        s.customer_id = '', 'never_sent',
        s.sent_on IS NULL, 'not_sent',
        confirmed_on IS NULL OR difference IS NULL, 'unanswered',
        difference != 0, 'mismatch',
        age_days > {{ var('statement_valid_days') }}, 'outdated',
        'confirmed') AS status
FROM keys AS k
LEFT JOIN open AS o ON o.customer_id = k.customer_id AND o.currency = k.currency
LEFT JOIN last_statements AS s ON s.customer_id = k.customer_id AND s.currency = k.currency
