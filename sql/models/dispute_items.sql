/* ---
description: "Disputes one by one (D6): how old, how much of the invoice is still open, who has to answer, how they ended. One opened again soon after it was closed keeps its first date."
grain: one dispute
materialisation: table
order_by: [customer_id, dispute_id]
owner: sales management
tags: [collection, disputes]
columns:
  - {name: dispute_id, description: dispute, unit: id, tests: [not_null]}
  - {name: source, description: configured source}
  - {name: company, description: legal entity of the invoice; empty where the invoice is unknown, unit: id}
  - {name: customer_id, description: customer of the invoice; empty where the invoice is unknown, unit: id}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: segment, description: segment of the customer}
  - {name: owner_id, description: account owner now, unit: id}
  - {name: invoice_id, description: invoice, unit: id, tests: [not_null]}
  - {name: invoice_date, description: date of the invoice, unit: date}
  - {name: reason, description: reason as the source says it; empty = none given}
  - {name: owner_dept, description: department that has to answer; empty = unknown}
  - {name: opened_on, description: day this dispute was opened, unit: date, tests: [not_null]}
  - {name: first_opened_on, description: "opened_on of the first dispute of the chain, where it was opened again", unit: date, tests: [not_null]}
  - {name: closed_on, description: day closed; NULL = open; not disputed at the end of that day, unit: date}
  - {name: is_open, description: open at the end of the last day built, tests: [not_null]}
  - {name: reopened, description: whether a later dispute of the chain took its place; such a one counts as not resolved, tests: [not_null]}
  - {name: currency, description: document currency, unit: ISO 4217}
  - {name: disputed_amount, description: "amount in dispute when it was opened, at most the invoice; the whole invoice where the source gives none", unit: document currency}
  - {name: disputed_amount_rc, description: disputed_amount at the rate of the invoice; NULL = no exchange rate, unit: reporting currency}
  - {name: open_disputed, description: "part of disputed_amount that is still open, no more than is open on the invoice, over all its disputes the older first; 0 once closed", unit: document currency, tests: [not_null]}
  - {name: open_disputed_rc, description: open_disputed at the rate of the invoice; NULL = no exchange rate, unit: reporting currency}
  - {name: open_disputed_asof, description: open_disputed at the closing rate of the last day built; NULL = no exchange rate, unit: reporting currency}
  - {name: age_days, description: days since first_opened_on; NULL once closed, unit: days}
  - {name: days_to_resolve, description: "closed_on - first_opened_on; NULL = open, or opened again", unit: days}
  - {name: outcome, description: "valid, invalid, partial, written_off, unknown; NULL = open. A credit note that settles it makes it valid, a write-off written_off, where the source gives no outcome"}
tests:
  - unique: [source, dispute_id]
  - name: no more is in dispute than is open
    sql: |
      SELECT d.source AS source, d.invoice_id AS invoice_id, d.disputed AS disputed, i.open_amount AS open_amount
      FROM (SELECT source, invoice_id, sum(open_disputed) AS disputed FROM {{ this }} GROUP BY source, invoice_id) AS d
      INNER JOIN (SELECT toString(source) AS source, invoice_id, sum(open_amount) AS open_amount FROM {{ source('huikuan', 'ar_items') }} GROUP BY source, invoice_id) AS i
          ON i.source = d.source AND i.invoice_id = d.invoice_id
      WHERE disputed > open_amount
  - name: what is in dispute is that of the open items
    severity: warn
    sum_equals:
      this: sum(open_disputed_rc)
      of: |
        SELECT sum(disputed_amount_rc), countIf(disputed_amount_rc != 0)
        FROM {{ source('huikuan', 'ar_items') }}
      tolerance_per_row: 0.0001
unit_tests:
  - name: ex:dispute_ageing
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: USD}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, currency: USD, amount: 4000, amount_rc: 4000, open_amount: 4000, open_amount_rc: 4000}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, currency: USD, amount: 2000, amount_rc: 2000, open_amount: 1500, open_amount_rc: 1500}
          - {company: A, customer_id: C1, invoice_id: I3, instalment_seq: 1, currency: USD, amount: 300, amount_rc: 300, open_amount: 0, open_amount_rc: 0}
      - input: source('huikuan', 'disputes')
        rows:
          - {dispute_id: D1, invoice_id: I1, opened_on: 2024-06-10, disputed_amount: 500, reason: PRICE}
          - {dispute_id: D2, invoice_id: I2, opened_on: 2024-03-31, disputed_amount: 1500, reason: QUALITY}
          - {dispute_id: D3, invoice_id: I3, opened_on: 2024-05-01, closed_on: 2024-05-21, disputed_amount: 300, credit_note_id: K1}
    expect:
      rows:
        - {dispute_id: D1, is_open: true, open_disputed: 500, open_disputed_asof: 500, age_days: 20, days_to_resolve: null, outcome: null}
        - {dispute_id: D2, is_open: true, open_disputed: 1500, open_disputed_asof: 1500, age_days: 91, days_to_resolve: null, outcome: null}
        - {dispute_id: D3, is_open: false, open_disputed: 0, open_disputed_asof: 0, age_days: null, days_to_resolve: 20, outcome: valid}
  - name: one opened again keeps its first date, two on an invoice share what is open, without an amount it is all of it
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: CNY}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2024-06-30, currency: EUR, rate_closing: 8}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, currency: EUR, amount: 500, amount_rc: 3500, open_amount: 500, open_amount_rc: 3500}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 2, currency: EUR, amount: 500, amount_rc: 3500, open_amount: 200, open_amount_rc: 1400}
      - input: source('huikuan', 'disputes')
        rows:
          - {dispute_id: D1, invoice_id: I1, opened_on: 2024-04-01, closed_on: 2024-04-11, disputed_amount: 600, reason: PRICE, outcome: invalid}
          - {dispute_id: D2, invoice_id: I1, opened_on: 2024-05-01, disputed_amount: 600, reason: PRICE}
          - {dispute_id: D3, invoice_id: I1, opened_on: 2024-06-20, reason: QUALITY}
          - {dispute_id: D4, invoice_id: I1, opened_on: 2024-06-01, closed_on: 2024-06-30, disputed_amount: 50, reason: SERVICE}
    expect:
      rows:
        - {dispute_id: D1, first_opened_on: 2024-04-01, is_open: false, reopened: true, disputed_amount: 600, disputed_amount_rc: 4200, open_disputed: 0, open_disputed_rc: 0, open_disputed_asof: 0, age_days: null, days_to_resolve: null, outcome: invalid}
        - {dispute_id: D2, first_opened_on: 2024-04-01, is_open: true, reopened: false, disputed_amount: 600, disputed_amount_rc: 4200, open_disputed: 600, open_disputed_rc: 4200, open_disputed_asof: 4800, age_days: 90, days_to_resolve: null, outcome: null}
        - {dispute_id: D3, first_opened_on: 2024-06-20, is_open: true, reopened: false, disputed_amount: 1000, disputed_amount_rc: 7000, open_disputed: 100, open_disputed_rc: 700, open_disputed_asof: 800, age_days: 10, days_to_resolve: null, outcome: null}
        - {dispute_id: D4, first_opened_on: 2024-06-01, is_open: false, reopened: false, disputed_amount: 50, disputed_amount_rc: 350, open_disputed: 0, open_disputed_rc: 0, open_disputed_asof: 0, age_days: null, days_to_resolve: 29, outcome: unknown}
  - name: a write-off that ends it is its outcome where the source gives none, a credit note makes it valid before that
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: USD}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, currency: USD, amount: 300, amount_rc: 300, written_off: 300}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, currency: USD, amount: 300, amount_rc: 300, credit: 290, written_off: 10}
          - {company: A, customer_id: C1, invoice_id: I3, instalment_seq: 1, currency: USD, amount: 300, amount_rc: 300, written_off: 300}
      - input: source('huikuan', 'disputes')
        rows:
          - {dispute_id: D1, invoice_id: I1, opened_on: 2024-05-01, closed_on: 2024-05-21, disputed_amount: 300}
          - {dispute_id: D2, invoice_id: I2, opened_on: 2024-05-01, closed_on: 2024-05-21, disputed_amount: 300, credit_note_id: K1}
          - {dispute_id: D3, invoice_id: I3, opened_on: 2024-05-01, closed_on: 2024-05-21, disputed_amount: 300, outcome: Invalid}
    expect:
      rows:
        - {dispute_id: D1, outcome: written_off}
        - {dispute_id: D2, outcome: valid}
        - {dispute_id: D3, outcome: invalid}
  - name: a dispute belongs to the invoice of its own source, not to one of another source under the same number
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: USD}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp_a, company: A, customer_id: C1, invoice_id: "1001", instalment_seq: 1, currency: USD, amount: 300, amount_rc: 300, open_amount: 200, open_amount_rc: 200}
          - {source: erp_b, company: B, customer_id: C2, invoice_id: "1001", instalment_seq: 1, currency: USD, amount: 5000, amount_rc: 5000, open_amount: 5000, open_amount_rc: 5000}
      - input: source('huikuan', 'disputes')
        rows: [{source: erp_a, dispute_id: D1, invoice_id: "1001", opened_on: 2024-06-01}]
    expect:
      rows: [{source: erp_a, dispute_id: D1, company: A, customer_id: C1, disputed_amount: 300, open_disputed: 200, open_disputed_rc: 200}]
  - name: chains are of one source, invoice and reason, claims are met in the order in which they were first made
    overrides: {vars: {dispute_reopen_days: 10}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: CNY}, {as_of: 2024-05-31, reporting_currency: AAA}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2024-06-30, currency: EUR, rate_closing: 8}, {as_of: 2024-05-31, currency: EUR, rate_closing: 9}, {as_of: 2024-06-30, currency: GBP, rate_closing: 0}, {as_of: 2024-06-30, currency: CNY, rate_closing: 3}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, name: 甲}, {customer_id: C2, name: 乙}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp_a, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, invoice_id: I1, instalment_seq: 1, invoice_date: 2023-12-01, due_date: 2023-12-31, currency: CNY, amount: 400, amount_rc: 400, open_amount: 20, open_amount_rc: 20}
          - {source: erp_b, company: B, customer_id: C2, owner_id: R2, invoice_id: I1, instalment_seq: 1, invoice_date: 2023-12-02, currency: CNY, amount: 40, amount_rc: 40, open_amount: 4, open_amount_rc: 4}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, currency: CNY, amount: 30, amount_rc: 30, open_amount: 30}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I3, instalment_seq: 1, currency: CNY, amount: 30, amount_rc: 30, open_amount: 30}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I4, instalment_seq: 1, currency: CNY, amount: 30, amount_rc: 30}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I5, instalment_seq: 1, currency: CNY, amount: 30, amount_rc: 30, open_amount: 30}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I6, instalment_seq: 1, currency: EUR, amount: 500, amount_rc: 3400, open_amount: 600}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I6, instalment_seq: 2, currency: EUR, amount: 500, amount_rc: 3600, open_amount: 100}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I7, instalment_seq: 1, currency: CNY, amount: 200, amount_rc: 200, open_amount: 100}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I8, instalment_seq: 1, currency: GBP, amount: 10, open_amount: 10}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I9, instalment_seq: 1, currency: CNY, written_off: 0.5}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I10, instalment_seq: 1, currency: CNY, amount: 30, written_off: 0.3}
          - {source: erp_a, company: A, customer_id: C1, invoice_id: I10, instalment_seq: 2, currency: CNY, amount: 30, written_off: -0.3}
      - input: source('huikuan', 'disputes')
        rows:
          - {source: erp_a, dispute_id: Z, invoice_id: I1, reason: PRICE, opened_on: 2024-01-01, closed_on: 2024-01-11, disputed_amount: 11}
          - {source: erp_a, dispute_id: Y, invoice_id: I1, reason: PRICE, opened_on: 2024-01-21, closed_on: 2024-02-01, disputed_amount: 12}
          - {source: erp_a, dispute_id: X, invoice_id: I1, reason: PRICE, opened_on: 2024-02-12, disputed_amount: 13, owner_dept: Sales}
          - {source: erp_a, dispute_id: D4, invoice_id: I1, reason: QUALITY, opened_on: 2024-02-05, closed_on: 2024-02-06, disputed_amount: 14, outcome: Partial}
          - {source: erp_b, dispute_id: D5, invoice_id: I1, reason: PRICE, opened_on: 2024-02-03, closed_on: 2024-02-11, disputed_amount: 15}
          - {source: erp_b, dispute_id: D7, invoice_id: I1, reason: PRICE, opened_on: 2024-01-15, disputed_amount: 399}
          - {source: erp_a, dispute_id: D6, invoice_id: I2, reason: PRICE, opened_on: 2024-02-02, closed_on: 2024-02-10, disputed_amount: 9999}
          - {source: erp_a, dispute_id: D8, invoice_id: I3, opened_on: 2024-03-01, closed_on: 2024-03-05, disputed_amount: 17}
          - {source: erp_a, dispute_id: D9, invoice_id: I3, opened_on: 2024-03-01, disputed_amount: 18}
          - {source: erp_a, dispute_id: E1, invoice_id: I4, opened_on: 2024-01-01, closed_on: 2024-03-01, disputed_amount: 19}
          - {source: erp_a, dispute_id: E2, invoice_id: I4, opened_on: 2024-01-05, closed_on: 2024-01-06, disputed_amount: 20}
          - {source: erp_a, dispute_id: E3, invoice_id: I4, opened_on: 2024-03-10, closed_on: 2024-03-20, disputed_amount: 21}
          - {source: erp_a, dispute_id: F1, invoice_id: I5, opened_on: 2024-01-01, disputed_amount: 22}
          - {source: erp_a, dispute_id: F2, invoice_id: I5, opened_on: 2024-03-01, closed_on: 2024-03-05, disputed_amount: 23}
          - {source: erp_a, dispute_id: G0, invoice_id: I6, reason: C, opened_on: 2024-03-20, closed_on: 2024-04-01, disputed_amount: 500}
          - {source: erp_a, dispute_id: G1, invoice_id: I6, reason: A, opened_on: 2024-04-03, disputed_amount: 300}
          - {source: erp_a, dispute_id: G2, invoice_id: I6, reason: B, opened_on: 2024-04-01, disputed_amount: 350}
          - {source: erp_a, dispute_id: G3, invoice_id: I6, reason: C, opened_on: 2024-04-05, disputed_amount: 200}
          - {source: erp_a, dispute_id: G4, invoice_id: I6, reason: D, opened_on: 2024-04-02, closed_on: 2024-04-20, disputed_amount: 500}
          - {source: erp_a, dispute_id: G5, invoice_id: I6, reason: E, opened_on: 2024-04-06, disputed_amount: 5}
          - {source: erp_a, dispute_id: H1, invoice_id: I7, reason: A, opened_on: 2024-06-29, disputed_amount: 60}
          - {source: erp_a, dispute_id: H2, invoice_id: I7, reason: B, opened_on: 2024-06-29, disputed_amount: 70}
          - {source: erp_a, dispute_id: J1, invoice_id: I8, opened_on: 2024-06-30, closed_on: 2024-07-05, disputed_amount: 4}
          - {source: erp_a, dispute_id: J2, invoice_id: I8, opened_on: 2024-07-01, disputed_amount: 4}
          - {source: erp_a, dispute_id: K1, invoice_id: I99, opened_on: 2024-06-01, disputed_amount: 77}
          - {source: erp_a, dispute_id: K2, invoice_id: I98, opened_on: 2024-06-01}
          - {source: erp_a, dispute_id: M1, invoice_id: I9, opened_on: 2024-06-01, closed_on: 2024-06-02, disputed_amount: 10}
          - {source: erp_a, dispute_id: M2, invoice_id: I10, opened_on: 2024-06-01, closed_on: 2024-06-02, disputed_amount: 10}
    expect:
      rows:
        - {dispute_id: Z, source: erp_a, company: A, customer_id: C1, customer_name: 甲, segment: RETAIL, owner_id: R1, invoice_id: I1, invoice_date: 2023-12-01, reason: PRICE, owner_dept: "", opened_on: 2024-01-01, first_opened_on: 2024-01-01, closed_on: 2024-01-11, is_open: false, reopened: true, currency: CNY, disputed_amount: 11, open_disputed: 0, age_days: null, days_to_resolve: null, outcome: unknown}
        - {dispute_id: Y, first_opened_on: 2024-01-01, reopened: false, open_disputed: 0, days_to_resolve: 31, outcome: unknown}
        - {dispute_id: X, owner_dept: Sales, opened_on: 2024-02-12, first_opened_on: 2024-02-12, closed_on: null, is_open: true, reopened: false, open_disputed: 13, open_disputed_rc: 13, open_disputed_asof: 13, age_days: 139, days_to_resolve: null, outcome: null}
        - {dispute_id: D4, reason: QUALITY, first_opened_on: 2024-02-05, reopened: false, days_to_resolve: 1, outcome: partial}
        - {dispute_id: D5, source: erp_b, company: B, customer_id: C2, customer_name: 乙, segment: "", owner_id: R2, invoice_date: 2023-12-02, first_opened_on: 2024-01-15, reopened: false, disputed_amount: 15, days_to_resolve: 27}
        - {dispute_id: D7, source: erp_b, first_opened_on: 2024-01-15, is_open: true, reopened: false, disputed_amount: 40, open_disputed: 4, age_days: 167}
        - {dispute_id: D6, first_opened_on: 2024-02-02, reopened: false, disputed_amount: 30, disputed_amount_rc: 30, days_to_resolve: 8}
        - {dispute_id: D8, reason: "", first_opened_on: 2024-03-01, reopened: true, days_to_resolve: null}
        - {dispute_id: D9, first_opened_on: 2024-03-01, is_open: true, reopened: false, open_disputed: 18, age_days: 121}
        - {dispute_id: E1, first_opened_on: 2024-01-01, reopened: true, days_to_resolve: null}
        - {dispute_id: E2, first_opened_on: 2024-01-01, reopened: true, days_to_resolve: null}
        - {dispute_id: E3, first_opened_on: 2024-01-01, reopened: false, days_to_resolve: 79}
        - {dispute_id: F1, first_opened_on: 2024-01-01, is_open: true, reopened: false, age_days: 181, open_disputed: 22}
        - {dispute_id: F2, first_opened_on: 2024-01-01, is_open: false, reopened: false, days_to_resolve: 64, open_disputed: 0}
        - {dispute_id: G0, first_opened_on: 2024-03-20, is_open: false, reopened: true, disputed_amount: 500, disputed_amount_rc: 3500, open_disputed: 0, open_disputed_asof: 0}
        - {dispute_id: G1, is_open: true, disputed_amount: 300, disputed_amount_rc: 2100, open_disputed: 150, open_disputed_rc: 1050, open_disputed_asof: 1200, age_days: 88}
        - {dispute_id: G2, is_open: true, open_disputed: 350, open_disputed_rc: 2450, open_disputed_asof: 2800, age_days: 90}
        - {dispute_id: G3, first_opened_on: 2024-03-20, is_open: true, open_disputed: 200, open_disputed_rc: 1400, open_disputed_asof: 1600, age_days: 102}
        - {dispute_id: G4, is_open: false, reopened: false, open_disputed: 0, days_to_resolve: 18}
        - {dispute_id: G5, is_open: true, disputed_amount: 5, open_disputed: 0, open_disputed_asof: 0, age_days: 85}
        - {dispute_id: H1, is_open: true, open_disputed: 60, age_days: 1}
        - {dispute_id: H2, is_open: true, open_disputed: 40, age_days: 1}
        - {dispute_id: J1, closed_on: null, is_open: true, currency: GBP, disputed_amount: 4, disputed_amount_rc: null, open_disputed: 4, open_disputed_rc: null, open_disputed_asof: null, age_days: 0, outcome: null}
        - {dispute_id: K1, company: "", customer_id: "", customer_name: null, invoice_date: null, is_open: true, disputed_amount: 77, disputed_amount_rc: null, open_disputed: 0, age_days: 29}
        - {dispute_id: K2, invoice_date: null, disputed_amount: 0, open_disputed: 0}
        - {dispute_id: M1, disputed_amount: 0, disputed_amount_rc: null, days_to_resolve: 1, outcome: written_off}
        - {dispute_id: M2, disputed_amount: 10, outcome: unknown}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
(SELECT max(reporting_currency) FROM {{ source('huikuan', 'ar_as_of') }}) AS reporting,
disputed_invoices AS (
    SELECT
        i.source AS source,
        i.invoice_id AS invoice_id,
        any(i.company) AS company,
        any(i.customer_id) AS customer_id,
        any(ifNull(toString(i.segment), '')) AS segment,
        any(i.owner_id) AS owner_id,
        any(i.invoice_date) AS invoice_date,
        any(i.currency) AS currency,
        sum(i.amount) AS amount,
        sum(i.amount_rc) AS amount_rc,
        sum(i.open_amount) AS open_amount,
        sum(i.written_off) AS written_off
    FROM {{ source('huikuan', 'ar_items') }} AS i
    WHERE i.invoice_id IN (SELECT invoice_id FROM {{ source('huikuan', 'disputes') }})
    GROUP BY source, invoice_id
),
rates AS (
    SELECT
        currency,
        max(rate_closing) AS rate
    FROM {{ source('huikuan', 'fx_as_of') }}
    WHERE as_of = today
    GROUP BY currency
),
disputes AS (
    SELECT
        d.dispute_id AS dispute_id,
        d.source AS source,
        d.invoice_id AS invoice_id,
        ifNull(toString(d.reason), '') AS reason,
        ifNull(toString(d.owner_dept), '') AS owner_dept,
        d.opened_on AS opened_on,
        if(d.closed_on <= today, d.closed_on, NULL) AS closed_on,
        d.disputed_amount AS stated_amount,
        nullIf(lower(ifNull(toString(d.outcome), '')), '') AS stated_outcome,
        ifNull(d.credit_note_id, '') != '' AS credited
    FROM {{ source('huikuan', 'disputes') }} AS d
    WHERE d.opened_on <= today
),
-- a chain begins where no dispute of the same invoice and reason was open or closed shortly before
chain_starts AS (
    SELECT
        *,
        max(if(isNull(closed_on), toDate32('2299-12-31'), assumeNotNull(closed_on))) OVER (
            PARTITION BY source, invoice_id, reason ORDER BY opened_on, dispute_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS closed_before,
        -- before the first one nothing was closed: the frame is empty, and its day is 1970
        if(dateDiff('day', closed_before, opened_on) > {{ var('dispute_reopen_days') }}, opened_on, NULL) AS starts_on
    FROM disputes
),
chains AS (
    SELECT
        *,
        max(starts_on) OVER (PARTITION BY source, invoice_id, reason ORDER BY opened_on, dispute_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS first_opened_on,
        leadInFrame(isNull(starts_on), 1, 0) OVER (PARTITION BY source, invoice_id, reason ORDER BY opened_on, dispute_id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS continued
    FROM chain_starts
),
measured AS (
    SELECT
        c.dispute_id AS dispute_id,
        c.source AS source,
        c.invoice_id AS invoice_id,
        c.reason AS reason,
        c.owner_dept AS owner_dept,
        c.opened_on AS opened_on,
        assumeNotNull(c.first_opened_on) AS first_opened_on,
        c.closed_on AS closed_on,
        isNull(c.closed_on) AS is_open,
        c.continued = 1 AND NOT is_open AS reopened,
        c.stated_outcome AS stated_outcome,
        c.credited AS credited,
        i.company AS company,
        i.customer_id AS customer_id,
        i.segment AS segment,
        i.owner_id AS owner_id,
        if(i.invoice_id = '', NULL, i.invoice_date) AS invoice_date,
        toString(i.currency) AS currency,
        CAST(i.amount AS Decimal(38, 4)) AS invoice_amount,
        i.amount_rc AS invoice_amount_rc,
        CAST(i.open_amount AS Decimal(38, 4)) AS invoice_open,
        i.written_off > 0 AS written_off,
        if(i.invoice_id = '', ifNull(CAST(c.stated_amount AS Nullable(Decimal(38, 4))), 0),
            least(ifNull(CAST(c.stated_amount AS Nullable(Decimal(38, 4))), invoice_amount), invoice_amount)) AS disputed_amount,
        sum(if(is_open, disputed_amount, 0)) OVER (
            PARTITION BY c.source, c.invoice_id ORDER BY c.first_opened_on, c.opened_on, c.dispute_id ROWS UNBOUNDED PRECEDING) AS claimed_so_far
    FROM chains AS c
    LEFT JOIN disputed_invoices AS i ON i.source = c.source AND i.invoice_id = c.invoice_id
)
SELECT
    m.dispute_id AS dispute_id,
    toString(m.source) AS source,
    m.company AS company,
    m.customer_id AS customer_id,
    k.name AS customer_name,
    m.segment AS segment,
    m.owner_id AS owner_id,
    m.invoice_id AS invoice_id,
    m.invoice_date AS invoice_date,
    m.reason AS reason,
    m.owner_dept AS owner_dept,
    m.opened_on AS opened_on,
    m.first_opened_on AS first_opened_on,
    m.closed_on AS closed_on,
    CAST(m.is_open AS Bool) AS is_open,
    CAST(m.reopened AS Bool) AS reopened,
    m.currency AS currency,
    m.disputed_amount AS disputed_amount,
    CAST(round(m.disputed_amount * toDecimal256(m.invoice_amount_rc, 4) / nullIf(m.invoice_amount, 0), 4) AS Nullable(Decimal(38, 4))) AS disputed_amount_rc,
    if(m.is_open, greatest(least(m.disputed_amount, m.invoice_open - (m.claimed_so_far - m.disputed_amount)), 0), 0) AS open_disputed,
    CAST(round(open_disputed * toDecimal256(m.invoice_amount_rc, 4) / nullIf(m.invoice_amount, 0), 4) AS Nullable(Decimal(38, 4))) AS open_disputed_rc,
    CAST(round(open_disputed * if(m.currency = reporting, CAST(1 AS Nullable(Decimal(38, 10))), nullIf(r.rate, 0)), 4) AS Nullable(Decimal(38, 4))) AS open_disputed_asof,
    if(m.is_open, dateDiff('day', m.first_opened_on, today), NULL) AS age_days,
    if(m.is_open OR m.reopened, NULL, dateDiff('day', m.first_opened_on, m.closed_on)) AS days_to_resolve,
    multiIf(m.is_open, NULL, m.stated_outcome IS NOT NULL, m.stated_outcome, m.credited, 'valid', m.written_off, 'written_off', 'unknown') AS outcome
FROM measured AS m
LEFT JOIN rates AS r ON r.currency = m.currency
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS k ON k.customer_id = m.customer_id
