/* ---
description: "The subledger against the general ledger: net receivables from the documents beside the control accounts, on every day for which the source gives a balance. What was recorded after the day stands beside the difference, since that is most often the reason."
grain: one day with a control balance, company and currency
materialisation: table
order_by: [company, currency, balance_date]
owner: accounting
tags: [control, proof]
columns:
  - {name: balance_date, description: end of this day, unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: currency, description: currency of the balances, unit: ISO 4217, tests: [not_null]}
  - {name: accounts, description: "control accounts that make up control_balance", unit: count}
  - {name: control_balance, description: "balance of the control accounts, a debit is positive", unit: currency}
  - {name: net_ar, description: "open invoices less unapplied cash and open credits, from the documents as known today", unit: currency}
  - {name: difference, description: "net_ar - control_balance, must be 0", unit: currency}
  - {name: recorded_later, description: "part of net_ar that became known after balance_date (`ar_events.known_at`): late postings; NULL = nothing was recorded by then (the history was loaded in one go), so that nobody can tell", unit: currency}
  - {name: unexplained, description: "difference - recorded_later; the whole difference where that is unknown, and where the balances are tied: the ledger holds what was recorded later too", unit: currency}
  - {name: status, description: "tied (difference within tie_out_tolerance), late_postings (explained by them), open", tests: [not_null, {accepted_values: [tied, late_postings, open]}]}
tests:
  - unique: [balance_date, company, currency]
  - name: subledger and general ledger agree
    severity: warn
    sql: SELECT balance_date, company, currency, difference FROM {{ this }} WHERE status = 'open'
unit_tests:
  - name: two accounts, a late posting, a difference, a company without documents in a currency
    given:
      - input: source('huikuan', 'control_balances')
        rows:
          - {company: HQ, account: "1122", balance_date: 2024-01-31, currency: CNY, balance: 900}
          - {company: HQ, account: "2203", balance_date: 2024-01-31, currency: CNY, balance: -100}
          - {company: HQ, account: "1122", balance_date: 2024-02-29, currency: CNY, balance: 1000}
          - {company: HQ, account: "1122", balance_date: 2024-03-31, currency: CNY, balance: 1000.01}
          - {company: HQ, account: "1122", balance_date: 2024-03-31, currency: USD, balance: 5}
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: HQ, customer_id: C, item_id: I1, event_date: 2024-01-10, recorded_at: "2024-01-10 08:00:00", known_at: "2024-01-10 08:00:00", currency: CNY, amount: 900}
          - {company: HQ, customer_id: C, item_id: P1, event_date: 2024-01-20, recorded_at: "2024-01-20 08:00:00", known_at: "2024-01-20 08:00:00", currency: CNY, amount: -100}
          - {company: HQ, customer_id: C, item_id: I2, event_date: 2024-02-28, recorded_at: "2024-03-02 08:00:00", known_at: "2024-03-02 08:00:00", currency: CNY, amount: 50}
          - {company: HQ, customer_id: C, item_id: I3, event_date: 2024-02-28, recorded_at: "2024-02-28 08:00:00", known_at: "2024-02-28 08:00:00", currency: CNY, amount: 200}
    expect:
      rows:
        - {balance_date: 2024-01-31, currency: CNY, accounts: 2, control_balance: 800, net_ar: 800, difference: 0, recorded_later: 0, status: tied}
        - {balance_date: 2024-02-29, currency: CNY, accounts: 1, control_balance: 1000, net_ar: 1050, difference: 50, recorded_later: 50, status: late_postings}
        - {balance_date: 2024-03-31, currency: CNY, accounts: 1, control_balance: 1000.01, net_ar: 1050, difference: 49.99, recorded_later: 0, status: open}
        - {balance_date: 2024-03-31, currency: USD, accounts: 1, control_balance: 5, net_ar: 0, difference: -5, recorded_later: 0, status: open}
  - name: a history that was loaded in one go after the day explains no difference
    given:
      - input: source('huikuan', 'control_balances')
        rows: [{company: HQ, account: "1122", balance_date: 2024-01-31, currency: CNY, balance: 900}, {company: HQ, account: "1122", balance_date: 2024-02-29, currency: CNY, balance: 950}]
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: HQ, customer_id: C, item_id: I1, event_date: 2024-01-10, recorded_at: "2024-02-20 08:00:00", known_at: "2024-02-20 08:00:00", currency: CNY, amount: 890}
          - {company: HQ, customer_id: C, item_id: I2, event_date: 2024-02-28, recorded_at: "2024-03-02 08:00:00", known_at: "2024-03-02 08:00:00", currency: CNY, amount: 60}
    expect:
      rows:
        - {balance_date: 2024-01-31, net_ar: 890, difference: -10, recorded_later: null, unexplained: -10, status: open}
        - {balance_date: 2024-02-29, net_ar: 950, difference: 0, recorded_later: 60, unexplained: 0, status: tied}
  - name: balances that name no company belong to the only one
    given:
      - input: source('huikuan', 'control_balances')
        rows: [{account: "1122", balance_date: 2024-01-31, currency: CNY, balance: 900}]
      - input: source('huikuan', 'ar_events')
        rows: [{company: HQ, customer_id: C, item_id: I1, event_date: 2024-01-31, currency: CNY, amount: 900}]
    expect:
      rows: [{company: HQ, net_ar: 900, status: tied}]
  - name: balances by company and currency, what was recorded on the day itself was known, a tolerance to the cent
    overrides: {vars: {tie_out_tolerance: 0.5}}
    given:
      - input: source('huikuan', 'control_balances')
        rows:
          - {company: HQ, account: "1122", balance_date: 2024-01-31, currency: CNY, balance: 100}
          - {company: HQ, account: "1122", balance_date: 2024-01-31, currency: CNY, balance: 20, source: gl2}
          - {company: HQ, account: "1123", balance_date: 2024-01-31, currency: CNY, balance: -30}
          - {company: HQ, account: "1122", balance_date: 2024-01-31, currency: USD, balance: 7}
          - {company: EU, account: "1122", balance_date: 2024-01-31, currency: CNY, balance: 5}
          - {company: EU, account: "1122", balance_date: 2024-01-05, currency: CNY, balance: 2}
          - {company: EU, account: "1122", balance_date: 2024-01-04, currency: CNY, balance: 2}
          - {company: "", account: "1122", balance_date: 2024-01-31, currency: CNY, balance: 9}
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: HQ, customer_id: C, item_id: I1, event_date: 2024-01-31, recorded_at: "2024-01-31 23:00:00", known_at: "2024-01-31 23:00:00", currency: CNY, amount: 60}
          - {company: HQ, customer_id: C, item_id: I2, event_date: 2024-01-31, recorded_at: "2024-01-31 23:00:00", known_at: "2024-01-31 23:00:00", currency: CNY, amount: 30.5}
          - {company: HQ, customer_id: C, item_id: I3, event_date: 2024-02-01, recorded_at: "2024-02-01 01:00:00", known_at: "2024-02-01 01:00:00", currency: CNY, amount: 1000}
          - {company: HQ, customer_id: C, item_id: I4, event_date: 2024-01-30, recorded_at: "2024-02-01 00:00:00", known_at: "2024-02-01 00:00:00", currency: USD, amount: 7.4}
          - {company: HQ, customer_id: C, item_id: I5, event_date: 2024-01-31, recorded_at: "2024-02-03 00:00:00", known_at: "2024-02-03 00:00:00", currency: USD, amount: 2}
          - {company: HQ, customer_id: C, item_id: I6, event_date: 2024-01-31, recorded_at: "2024-01-31 00:00:00", known_at: "2024-01-31 00:00:00", currency: USD, amount: 4}
          - {company: EU, customer_id: C, item_id: I7, event_date: 2024-01-03, recorded_at: "2024-01-05 00:00:00", known_at: "2024-01-05 00:00:00", currency: CNY, amount: 4}
          - {company: EU, customer_id: C, item_id: I8, event_date: 2024-01-20, recorded_at: "2024-02-20 00:00:00", known_at: "2024-02-20 00:00:00", currency: CNY, amount: 3}
          - {company: EU, customer_id: C, item_id: I9, event_date: 2024-01-20, recorded_at: "2024-01-20 00:00:00", known_at: "2024-01-20 00:00:00", currency: CNY, amount: 0.49}
          - {company: EU, customer_id: C, item_id: I8, event_date: 2024-01-20, recorded_at: "2024-01-20 00:00:00", known_at: "2024-02-20 00:00:00", currency: CNY, amount: -1}
    expect:
      rows:
        - {balance_date: 2024-01-31, company: "", currency: CNY, accounts: 1, control_balance: 9, net_ar: 0, difference: -9, recorded_later: 0, unexplained: -9, status: open}
        - {balance_date: 2024-01-31, company: HQ, currency: USD, accounts: 1, control_balance: 7, net_ar: 13.4, difference: 6.4, recorded_later: 9.4, unexplained: -3, status: open}
        - {balance_date: 2024-01-04, company: EU, currency: CNY, accounts: 1, control_balance: 2, net_ar: 4, difference: 2, recorded_later: null, unexplained: 2, status: open}
        - {balance_date: 2024-01-31, company: HQ, currency: CNY, accounts: 2, control_balance: 90, net_ar: 90.5, difference: 0.5, recorded_later: 0, unexplained: 0.5, status: tied}
        - {balance_date: 2024-01-05, company: EU, currency: CNY, accounts: 1, control_balance: 2, net_ar: 4, difference: 2, recorded_later: 0, unexplained: 2, status: open}
        - {balance_date: 2024-01-31, company: EU, currency: CNY, accounts: 1, control_balance: 5, net_ar: 6.49, difference: 1.49, recorded_later: 2, unexplained: -0.51, status: open}
--- */
WITH
(SELECT if(uniqExact(company) = 1, any(company), '') FROM {{ source('huikuan', 'ar_events') }}) AS only_company,
(SELECT min(toDate32(recorded_at)) FROM {{ source('huikuan', 'ar_events') }}) AS first_recorded,
control AS (
    SELECT
        balance_date,
        if(ifNull(company, '') = '', only_company, company) AS company,
        toString(currency) AS currency,
        uniqExact(account) AS accounts,
        sum(balance) AS control_balance
    FROM {{ source('huikuan', 'control_balances') }}
    GROUP BY balance_date, company, currency
),
movements AS (
    SELECT
        company,
        toString(currency) AS currency,
        event_date,
        toDate32(known_at) AS recorded_on,
        sum(amount) AS amount
    FROM {{ source('huikuan', 'ar_events') }}
    WHERE (company, toString(currency)) IN (SELECT company, currency FROM control)
    GROUP BY company, currency, event_date, recorded_on
),
balances AS (
    SELECT
        c.balance_date AS balance_date,
        c.company AS company,
        c.currency AS currency,
        sumIf(m.amount, m.event_date <= c.balance_date) AS net_ar,
        if(c.balance_date < first_recorded, NULL, sumIf(m.amount, m.event_date <= c.balance_date AND m.recorded_on > c.balance_date)) AS recorded_later
    FROM control AS c
    LEFT JOIN movements AS m ON m.company = c.company AND m.currency = c.currency
    GROUP BY c.balance_date, c.company, c.currency
)
SELECT
    c.balance_date AS balance_date,
    c.company AS company,
    c.currency AS currency,
    c.accounts AS accounts,
    c.control_balance AS control_balance,
    b.net_ar AS net_ar,
    b.net_ar - c.control_balance AS difference,
    b.recorded_later AS recorded_later,
    if(abs(difference) <= {{ var('tie_out_tolerance') }}, difference, difference - ifNull(recorded_later, 0)) AS unexplained,
    multiIf(abs(difference) <= {{ var('tie_out_tolerance') }}, 'tied', abs(unexplained) <= {{ var('tie_out_tolerance') }}, 'late_postings', 'open') AS status
FROM control AS c
INNER JOIN balances AS b ON b.balance_date = c.balance_date AND b.company = c.company AND b.currency = c.currency
