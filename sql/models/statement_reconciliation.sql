/* ---
description: "Whether customers have confirmed what they owe: the last statement that each company sent them and what came back. A statement without a company is of all companies, one without a currency of the customer's only one, else of the reporting currency. The confirmed share is sum(confirmed_rc) / sum(open_amount_rc)."
grain: one company, customer and document currency with something open, or with a statement
materialisation: table
order_by: [customer_id, company, currency]
owner: accounting
tags: [control, statements]
columns:
  - {name: company, description: "legal entity; empty where neither invoices nor the statement name one", unit: id, tests: [not_null]}
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
  - unique: [company, customer_id, currency]
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
  - name: each company confirms its own, a statement without company or currency is of all or of the only one
    overrides: {vars: {statement_valid_days: 30}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: CNY}, {as_of: 2024-01-31, reporting_currency: CNY}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {company: HQ, customer_id: A, currency: CNY, open_amount_rc: 100}
          - {company: HQ, customer_id: A, currency: CNY, open_amount_rc: 20}
          - {company: EU, customer_id: A, currency: CNY, open_amount_rc: 3}
          - {company: EU, customer_id: A, currency: USD, open_amount_rc: 7}
          - {company: HQ, customer_id: B, currency: USD, open_amount_rc: 40}
          - {company: EU, customer_id: B, currency: USD, open_amount_rc: 50}
          - {company: HQ, customer_id: C, currency: XXX, open_amount_rc: null}
          - {company: HQ, customer_id: C, currency: XXX, open_amount_rc: 1}
          - {company: "", customer_id: D, currency: CNY, open_amount_rc: 9}
      - input: source('huikuan', 'statements')
        rows:
          - {statement_id: S1, company: HQ, customer_id: A, currency: CNY, period_end: 2024-05-31, sent_on: 2024-06-02, confirmed_on: 2024-06-30, our_balance: 110, their_balance: 110}
          - {statement_id: S2, company: EU, customer_id: A, currency: CNY, period_end: 2024-06-15, sent_on: 2024-06-16, confirmed_on: 2024-06-17, our_balance: 5, their_balance: 9}
          - {statement_id: S3, company: HQ, customer_id: A, currency: null, period_end: 2024-06-30, our_balance: 8}
          - {statement_id: S4, customer_id: B, currency: null, period_end: 2024-05-30, sent_on: 2024-06-02, confirmed_on: 2024-06-03, our_balance: 90, their_balance: 90}
          - {statement_id: S5, company: EU, customer_id: B, currency: USD, period_end: 2024-06-30, sent_on: 2024-06-30, confirmed_on: 2024-07-01, our_balance: 60, their_balance: 61}
          - {statement_id: S6, company: EU, customer_id: B, currency: USD, period_end: 2024-06-30, sent_on: 2024-07-01}
          - {statement_id: S7, company: HQ, customer_id: C, currency: XXX, period_end: 2024-06-01, sent_on: 2024-06-01, confirmed_on: 2024-06-01, our_balance: 2, their_balance: 2}
          - {statement_id: S8, company: HQ, customer_id: C, currency: XXX, period_end: 2024-06-01, sent_on: 2024-05-31}
          - {statement_id: S9, company: HQ, customer_id: D, currency: CNY, period_end: 2024-06-01, sent_on: 2024-06-02, confirmed_on: 2024-06-03, our_balance: 9, their_balance: null}
          - {statement_id: T1, company: HQ, customer_id: E, currency: null, period_end: 2024-06-30, sent_on: 2024-06-30, confirmed_on: 2024-06-30, our_balance: 0, their_balance: 0}
          - {statement_id: T2, customer_id: E, currency: EUR, period_end: 2024-06-30, sent_on: 2024-06-30}
    expect:
      rows:
        - {company: "", customer_id: D, currency: CNY, open_amount_rc: 9, confirmed_rc: 0, statement_id: S9, period_end: 2024-06-01, sent_on: 2024-06-02, confirmed_on: 2024-06-03, days_to_confirm: 1, age_days: 29, our_balance: 9, their_balance: null, difference: null, status: unanswered}
        - {company: EU, customer_id: A, currency: USD, open_amount_rc: 7, confirmed_rc: 0, statement_id: null, period_end: null, sent_on: null, confirmed_on: null, days_to_confirm: null, age_days: null, our_balance: null, their_balance: null, difference: null, status: never_sent}
        - {company: EU, customer_id: A, currency: CNY, open_amount_rc: 3, confirmed_rc: 0, statement_id: S2, period_end: 2024-06-15, sent_on: 2024-06-16, confirmed_on: 2024-06-17, days_to_confirm: 1, age_days: 15, our_balance: 5, their_balance: 9, difference: -4, status: mismatch}
        - {company: HQ, customer_id: C, currency: XXX, open_amount_rc: null, confirmed_rc: null, statement_id: S7, period_end: 2024-06-01, sent_on: 2024-06-01, confirmed_on: 2024-06-01, days_to_confirm: 0, age_days: 29, our_balance: 2, their_balance: 2, difference: 0, status: confirmed}
        - {company: EU, customer_id: B, currency: USD, open_amount_rc: 50, confirmed_rc: 0, statement_id: S5, period_end: 2024-06-30, sent_on: 2024-06-30, confirmed_on: null, days_to_confirm: null, age_days: 0, our_balance: 60, their_balance: null, difference: null, status: unanswered}
        - {company: HQ, customer_id: A, currency: CNY, open_amount_rc: 120, confirmed_rc: 0, statement_id: S3, period_end: 2024-06-30, sent_on: null, confirmed_on: null, days_to_confirm: null, age_days: 0, our_balance: 8, their_balance: null, difference: null, status: not_sent}
        - {company: HQ, customer_id: B, currency: USD, open_amount_rc: 40, confirmed_rc: 0, statement_id: S4, period_end: 2024-05-30, sent_on: 2024-06-02, confirmed_on: 2024-06-03, days_to_confirm: 1, age_days: 31, our_balance: 90, their_balance: 90, difference: 0, status: outdated}
        - {company: HQ, customer_id: E, currency: CNY, open_amount_rc: 0, confirmed_rc: 0, statement_id: T1, period_end: 2024-06-30, sent_on: 2024-06-30, confirmed_on: 2024-06-30, days_to_confirm: 0, age_days: 0, our_balance: 0, their_balance: 0, difference: 0, status: confirmed}
        - {company: "", customer_id: E, currency: EUR, open_amount_rc: 0, confirmed_rc: 0, statement_id: T2, period_end: 2024-06-30, sent_on: 2024-06-30, confirmed_on: null, days_to_confirm: null, age_days: 0, our_balance: null, their_balance: null, difference: null, status: unanswered}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
(SELECT any(toString(reporting_currency)) FROM {{ source('huikuan', 'ar_as_of') }}) AS home,
open AS (
    SELECT company, customer_id, toString(currency) AS currency, if(countIf(i.open_amount_rc IS NULL) = 0, sum(i.open_amount_rc), NULL) AS open_amount_rc
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    GROUP BY company, customer_id, currency
),
currencies AS (
    SELECT customer_id, if(uniqExact(currency) = 1, any(currency), '') AS currency
    FROM open
    GROUP BY customer_id
),
stated AS (
    SELECT s.company AS company, s.customer_id AS customer_id, multiIf(ifNull(toString(s.currency), '') != '', assumeNotNull(toString(s.currency)), c.currency != '', c.currency, home) AS currency,
        s.statement_id AS statement_id, s.period_end AS period_end, s.sent_on AS sent_on, s.confirmed_on AS confirmed_on, s.our_balance AS our_balance, s.their_balance AS their_balance
    FROM {{ source('huikuan', 'statements') }} AS s
    LEFT JOIN currencies AS c ON c.customer_id = s.customer_id
    WHERE s.period_end <= today AND ifNull(s.sent_on, s.period_end) <= today
),
keys AS (
    SELECT company, customer_id, currency FROM open
    UNION DISTINCT
    SELECT company, customer_id, currency
    FROM stated
    WHERE (customer_id, currency) NOT IN (SELECT customer_id, currency FROM open WHERE company = '')
        AND (company != '' OR (customer_id, currency) NOT IN (SELECT customer_id, currency FROM open))
),
last_statements AS (
    SELECT k.company AS company, s.customer_id AS customer_id, s.currency AS currency, s.statement_id AS statement_id, s.period_end AS period_end, s.sent_on AS sent_on,
        s.confirmed_on AS confirmed_on, s.our_balance AS our_balance, s.their_balance AS their_balance
    FROM keys AS k
    INNER JOIN stated AS s ON s.customer_id = k.customer_id AND s.currency = k.currency
    WHERE s.company = k.company OR s.company = '' OR k.company = ''
    ORDER BY customer_id, company, currency, period_end DESC, ifNull(sent_on, period_end) DESC, statement_id
    LIMIT 1 BY customer_id, company, currency
)
SELECT
    k.company AS company,
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
LEFT JOIN open AS o ON o.company = k.company AND o.customer_id = k.customer_id AND o.currency = k.currency
LEFT JOIN last_statements AS s ON s.company = k.company AND s.customer_id = k.customer_id AND s.currency = k.currency
