/* ---
description: "Bad debts by month and over bad_debt_months months: write-offs gross and net of recoveries against credit sales, and against average receivables; recovery rate (E1, E2). A ratio over several rows is the sum of numerators over the sum of denominators."
grain: one month, company and segment
materialisation: table
order_by: [month, company, segment]
owner: finance
tags: [risk, bad_debt, cfo]
columns:
  - {name: month, description: "first day of the month; the last one runs to the last day built", unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: segment, description: "segment of the customers at the end of the month, of recoveries that of the write-off; empty = none", tests: [not_null]}
  - {name: written_off_rc, description: "bad debts written off in the month less those taken back, without small balances, at the invoice's rate", unit: reporting currency, tests: [not_null]}
  - {name: small_balances_rc, description: "small balances written off in the month, no bad debt", unit: reporting currency, tests: [not_null]}
  - {name: recovered_rc, description: cash of the month on bad debts written off before, unit: reporting currency, tests: [not_null]}
  - {name: sales_rc, description: billings less credit notes of the month, unit: reporting currency, tests: [not_null]}
  - {name: closing_ar_rc, description: net receivables at the end of the month, unit: reporting currency, tests: [not_null]}
  - {name: written_off_12m_rc, description: written_off_rc of bad_debt_months to the month; numerator, unit: reporting currency, tests: [not_null]}
  - {name: recovered_12m_rc, description: recovered_rc of bad_debt_months, unit: reporting currency, tests: [not_null]}
  - {name: sales_12m_rc, description: sales_rc of bad_debt_months; denominator, unit: reporting currency, tests: [not_null]}
  - {name: average_ar_rc, description: "average of closing_ar_rc at bad_debt_months + 1 month-ends; NULL = fewer", unit: reporting currency}
  - {name: gross_ratio, description: written_off_12m_rc / sales_12m_rc; NULL see reason, unit: fraction}
  - {name: net_ratio, description: (written_off_12m_rc - recovered_12m_rc) / sales_12m_rc; NULL see reason, unit: fraction}
  - {name: write_off_rate, description: written_off_12m_rc / average_ar_rc; NULL see reason_rate, unit: fraction}
  - {name: recovery_rate, description: recovered_12m_rc / written_off_12m_rc; NULL = nothing written off, unit: fraction}
  - {name: reason, description: "why the ratios to sales are NULL: insufficient_history (fewer than bad_debt_months), no_sales, sales_nonpositive"}
  - {name: reason_rate, description: "why write_off_rate is NULL: insufficient_history (fewer than bad_debt_months + 1 month-ends), no_receivables"}
chart: {type: line, title: Bad debts written off and recovered in the rolling months, x: month, y: [written_off_12m_rc, recovered_12m_rc], unit: reporting currency}
tests:
  - unique: [month, company, segment]
  - name: all write-offs are those of the roll-forward
    # where one of a customer's documents has no rate, the roll-forward knows none of its write-offs
    sql: |
      SELECT *
      FROM (SELECT month, company, sum(written_off_rc + small_balances_rc) AS listed FROM {{ this }} GROUP BY month, company) AS listed
      FULL JOIN (
          SELECT month, company, ifNull(sum(written_off_rc), 0) AS booked, countIf(isNull(written_off_rc)) AS unknown
          FROM {{ source('huikuan', 'ar_rollforward') }}
          GROUP BY month, company
      ) AS booked USING (month, company)
      WHERE listed.listed != booked.booked AND booked.unknown = 0
  - name: sales and balances are those of the roll-forward
    sum_equals:
      this: sum(sales_rc + closing_ar_rc)
      by: [month, company]
      of: SELECT month, company, ifNull(sum(invoiced_rc + debit_notes_rc - credited_rc + closing_rc), 0) FROM {{ source('huikuan', 'ar_rollforward') }} GROUP BY month, company
unit_tests:
  - name: two months in place of twelve
    overrides: {vars: {bad_debt_months: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2025-03-31, first_day: 2025-01-01, reporting_currency: CNY}]
      - input: source('huikuan', 'ar_rollforward')
        rows:
          - {month: 2025-01-01, company: A, customer_id: C, segment: S, invoiced_rc: 1000, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 100, closing_rc: 300}
          - {month: 2025-02-01, company: A, customer_id: C, segment: S, invoiced_rc: 2000, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 600}
          - {month: 2025-03-01, company: A, customer_id: C, segment: S, invoiced_rc: 3000, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 50, closing_rc: 900}
          - {month: 2025-01-01, company: A, customer_id: D, segment: T, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 0}
          - {month: 2025-02-01, company: A, customer_id: D, segment: T, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 0}
          - {month: 2025-03-01, company: A, customer_id: D, segment: T, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 0}
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: A, customer_id: C, item_id: I1, source: s, application_id: W1, kind: WRITE_OFF, event_date: 2025-01-31, amount_rc: -100}
          - {company: A, customer_id: C, item_id: I2, source: s, application_id: W2, kind: WRITE_OFF, event_date: 2025-03-31, amount_rc: -50}
    expect:
      rows:
        - {month: 2025-01-01, segment: T, written_off_12m_rc: 0, sales_12m_rc: 0, gross_ratio: null, reason: insufficient_history, average_ar_rc: null, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-02-01, segment: T, written_off_12m_rc: 0, sales_12m_rc: 0, gross_ratio: null, reason: no_sales, average_ar_rc: null, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-03-01, segment: T, written_off_12m_rc: 0, sales_12m_rc: 0, gross_ratio: null, reason: no_sales, average_ar_rc: 0, write_off_rate: null, reason_rate: no_receivables}
        - {month: 2025-01-01, segment: S, written_off_12m_rc: 100, sales_12m_rc: 1000, gross_ratio: null, reason: insufficient_history, average_ar_rc: null, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-02-01, segment: S, written_off_12m_rc: 100, sales_12m_rc: 3000, gross_ratio: ~0.0333, reason: null, average_ar_rc: null, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-03-01, segment: S, written_off_12m_rc: 50, sales_12m_rc: 5000, gross_ratio: 0.01, reason: null, average_ar_rc: 600, write_off_rate: ~0.0833, reason_rate: null}
  - name: ex:bad_debt_ratio
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-01-31, first_day: 2025-01-01, reporting_currency: CNY}]
      - input: source('huikuan', 'ar_rollforward')
        rows:
          - {month: 2025-01-01, company: A, customer_id: C, segment: S, invoiced_rc: 7777777, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 5555, closing_rc: 300000}
          - {month: 2025-02-01, company: A, customer_id: C, segment: S, invoiced_rc: 2600000, debit_notes_rc: 1000, credited_rc: 101000, written_off_rc: 10000, closing_rc: 250000}
          - {month: 2025-03-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 350000}
          - {month: 2025-04-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 300000}
          - {month: 2025-05-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 300000}
          - {month: 2025-06-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 300000}
          - {month: 2025-07-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 300000}
          - {month: 2025-08-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 300000}
          - {month: 2025-09-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 300000}
          - {month: 2025-10-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 300000}
          - {month: 2025-11-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 300000}
          - {month: 2025-12-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 0, closing_rc: 300000}
          - {month: 2026-01-01, company: A, customer_id: C, segment: S, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 8025, closing_rc: 300000}
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: A, customer_id: C, item_id: I0, source: s, application_id: W0, kind: WRITE_OFF, event_date: 2025-01-31, amount_rc: -5555}
          - {company: A, customer_id: C, item_id: I1, source: s, application_id: W1, kind: WRITE_OFF, event_date: 2025-02-01, amount_rc: -10000}
          - {company: A, customer_id: C, item_id: I2, source: s, application_id: W2, kind: WRITE_OFF, event_date: 2026-01-31, amount_rc: -9000}
          - {company: A, customer_id: C, item_id: I2, source: s, application_id: W3, kind: WRITE_OFF_REV, event_date: 2026-01-31, amount_rc: 1000}
          - {company: A, customer_id: C, item_id: I3, source: s, application_id: W4, kind: WRITE_OFF, event_date: 2026-01-31, amount_rc: -25}
      - input: source('huikuan', 'write_offs')
        rows:
          - {write_off_id: W1, invoice_id: I1, source: s, amount: 1000}
          - {write_off_id: W4, invoice_id: I3, source: s, amount: 25, write_off_type: small_balance}
          - {write_off_id: W2, source: s, write_off_type: settlement}
          - {write_off_id: W3, source: s, write_off_type: settlement}
      - input: source('huikuan', 'recoveries')
        rows: [{recovery_id: R1, write_off_id: W1, source: s, recovery_date: 2025-12-31, amount: 300}, {recovery_id: R2, write_off_id: W4, source: s, recovery_date: 2025-12-31, amount: 9}, {recovery_id: R3, write_off_id: W1, source: s, recovery_date: 2026-02-01, amount: 300}]
      - input: source('huikuan', 'ar_items')
        rows: [{company: A, customer_id: C, invoice_id: I1, source: s, segment: S, rate_rc: 10}, {company: A, customer_id: C, invoice_id: I3, source: s, segment: S, rate_rc: 1}]
    expect:
      rows:
        - {month: 2025-01-01, written_off_12m_rc: 5555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-02-01, written_off_12m_rc: 15555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-03-01, written_off_12m_rc: 15555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-04-01, written_off_12m_rc: 15555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-05-01, written_off_12m_rc: 15555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-06-01, written_off_12m_rc: 15555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-07-01, written_off_12m_rc: 15555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-08-01, written_off_12m_rc: 15555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-09-01, written_off_12m_rc: 15555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-10-01, written_off_12m_rc: 15555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-11-01, written_off_12m_rc: 15555, gross_ratio: null, reason: insufficient_history, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2025-12-01, written_off_12m_rc: 15555, gross_ratio: 0.0015134595, reason: null, write_off_rate: null, reason_rate: insufficient_history}
        - {month: 2026-01-01, written_off_12m_rc: 18000, gross_ratio: 0.0072, reason: null, write_off_rate: 0.06, reason_rate: null}
  - name: "ex:bad_debt_ratio, net: recoveries come off, a month without sales has no ratio"
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2025-12-31, first_day: 2025-01-01, reporting_currency: CNY}]
      - input: source('huikuan', 'ar_rollforward')
        rows:
          - {month: 2025-12-01, company: A, customer_id: C, segment: S, invoiced_rc: 2500000, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 18000, closing_rc: 300000}
          - {month: 2025-12-01, company: A, customer_id: D, segment: T, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 5, written_off_rc: 0, closing_rc: 0}
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: A, customer_id: C, item_id: I1, source: s, application_id: W1, kind: WRITE_OFF, event_date: 2025-12-02, amount_rc: -18000}
      - input: source('huikuan', 'write_offs')
        rows:
          - {write_off_id: W1, invoice_id: I1, source: s, amount: 18000}
      - input: source('huikuan', 'recoveries')
        rows: [{recovery_id: R1, write_off_id: W1, source: s, recovery_date: 2025-12-31, amount: 3000}]
      - input: source('huikuan', 'ar_items')
        rows: [{company: A, customer_id: C, invoice_id: I1, source: s, segment: S, rate_rc: 1}]
    expect:
      rows:
        - {segment: S, gross_ratio: 0.0072, net_ratio: 0.006, recovery_rate: 0.1666666666, reason: null}
        - {segment: T, gross_ratio: null, net_ratio: null, recovery_rate: null, reason: sales_nonpositive}
  - name: credit notes are no bad debt, write-offs and recoveries are at the rate of the invoice
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2025-12-31, first_day: 2025-01-01, reporting_currency: CNY}]
      - input: source('huikuan', 'ar_rollforward')
        rows: [{month: 2025-12-01, company: A, customer_id: C, segment: S, invoiced_rc: 100500, debit_notes_rc: 0, credited_rc: 500, written_off_rc: 800, closing_rc: 1000}]
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: A, customer_id: C, source: s, application_id: K1, kind: CREDIT_ALLOC, event_date: 2025-12-02, amount: 50, amount_rc: -400}
          - {company: A, customer_id: C, item_id: I1, source: s, application_id: W1, kind: WRITE_OFF, event_date: 2025-12-02, amount_rc: -800}
      - input: source('huikuan', 'write_offs')
        rows:
          - {write_off_id: W1, invoice_id: I1, source: s, amount: 100}
      - input: source('huikuan', 'recoveries')
        rows: [{recovery_id: R1, write_off_id: W1, source: s, recovery_date: 2025-12-31, amount: 25}]
      - input: source('huikuan', 'ar_items')
        rows: [{company: A, customer_id: C, invoice_id: I1, source: s, segment: S, currency: EUR, rate_rc: 8}]
    expect:
      rows: [{segment: S, written_off_rc: 800, recovered_rc: 200, gross_ratio: 0.008, net_ratio: 0.006}]
  - name: companies and segments stand apart, what has no type is a bad debt, recoveries find their invoice by source, thirteen month-ends make the average
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-01-15, first_day: 2024-12-01, reporting_currency: CNY}]
      - input: source('huikuan', 'ar_rollforward')
        rows:
          - {month: 2026-01-01, company: A, customer_id: C1, segment: S, invoiced_rc: 1000, debit_notes_rc: 50, credited_rc: 50, closing_rc: 130}
          - {month: 2026-01-01, company: A, customer_id: C2, segment: S, invoiced_rc: 200, debit_notes_rc: 0, credited_rc: 0, closing_rc: 260}
          - {month: 2026-01-01, company: A, customer_id: C3, segment: S, invoiced_rc: null, debit_notes_rc: null, credited_rc: null, closing_rc: null}
          - {month: 2026-01-01, company: A, customer_id: C4, segment: null, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, closing_rc: 0}
          - {month: 2026-01-01, company: B, customer_id: C5, segment: S, invoiced_rc: 0.5, debit_notes_rc: 0, credited_rc: 0, closing_rc: -13}
          - {month: 2026-01-01, company: B, customer_id: C6, segment: T, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 5, closing_rc: 6.5}
          - {month: 2024-12-01, company: C, customer_id: C7, segment: U, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, closing_rc: 1300}
          - {month: 2026-01-01, company: C, customer_id: C7, segment: U, invoiced_rc: 0, debit_notes_rc: 0, credited_rc: 0, closing_rc: 13}
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: A, customer_id: C1, source: s, application_id: X1, kind: WRITE_OFF, event_date: 2026-01-10, amount_rc: -30}
          - {company: A, customer_id: C2, source: s, application_id: X2, kind: WRITE_OFF, event_date: 2026-01-01, amount_rc: -20}
          - {company: A, customer_id: C3, source: s, application_id: X3, kind: WRITE_OFF, event_date: 2026-01-10, amount_rc: null}
          - {company: A, customer_id: C1, source: s, application_id: X4, kind: WRITE_OFF, event_date: 2026-01-10, amount_rc: -3}
          - {company: A, customer_id: C2, source: s, application_id: X5, kind: WRITE_OFF, event_date: 2026-01-11, amount_rc: -4}
          - {company: A, customer_id: C3, source: s, application_id: X6, kind: WRITE_OFF, event_date: 2026-01-11, amount_rc: null}
          - {company: A, customer_id: C4, source: s, application_id: X7, kind: WRITE_OFF, event_date: 2026-01-10, amount_rc: -7}
          - {company: B, customer_id: C5, source: s, application_id: X8, kind: WRITE_OFF, event_date: 2026-01-10, amount_rc: -0.1}
          - {company: B, customer_id: C6, source: s, application_id: X9, kind: WRITE_OFF, event_date: 2026-01-10, amount_rc: -1}
          - {company: B, customer_id: C6, kind: CREDIT_ALLOC, event_date: 2026-01-10, amount_rc: -99}
          - {company: A, customer_id: C1, item_id: "1001", source: s1, application_id: W1, kind: WRITE_OFF, event_date: 2026-01-02, amount_rc: 0}
          - {company: B, customer_id: C6, item_id: "1001", source: s2, application_id: W1, kind: WRITE_OFF, event_date: 2026-01-02, amount_rc: 0}
          - {company: A, customer_id: C1, item_id: "1001", source: s1, application_id: W2, kind: WRITE_OFF, event_date: 2026-01-02, amount_rc: 0}
          - {company: A, customer_id: C4, item_id: "1003", source: s1, application_id: W3, kind: WRITE_OFF, event_date: 2026-01-02, amount_rc: 0}
          - {company: A, customer_id: C3, item_id: "1004", source: s1, application_id: W4, kind: WRITE_OFF, event_date: 2026-01-02, amount_rc: null}
      - input: source('huikuan', 'write_offs')
        rows:
          - {source: s1, write_off_id: W1, invoice_id: "1001", amount: 10, write_off_type: bad_debt}
          - {source: s2, write_off_id: W1, invoice_id: "1001", amount: 10, write_off_type: bad_debt}
          - {source: s1, write_off_id: W2, invoice_id: "1001", amount: 10, write_off_type: small_balance}
          - {source: s1, write_off_id: W3, invoice_id: "1003", amount: 10}
          - {source: s1, write_off_id: W4, invoice_id: "1004", amount: 10}
          - {write_off_id: X2, source: s, write_off_type: settlement}
          - {write_off_id: X2, source: other, write_off_type: small_balance}
          - {write_off_id: X4, source: s, write_off_type: small_balance}
          - {write_off_id: X5, source: s, write_off_type: small_balance}
          - {write_off_id: X6, source: s, write_off_type: small_balance}
      - input: source('huikuan', 'recoveries')
        rows:
          - {source: s1, recovery_id: R1, write_off_id: W1, recovery_date: 2026-01-15, amount: 1.1111}
          - {source: s1, recovery_id: R2, write_off_id: W1, recovery_date: 2026-01-14, amount: 2}
          - {source: s1, recovery_id: R3, write_off_id: W1, recovery_date: 2026-01-16, amount: 500}
          - {source: s1, recovery_id: R4, write_off_id: W2, recovery_date: 2026-01-14, amount: 600}
          - {source: s1, recovery_id: R5, write_off_id: W3, recovery_date: 2026-01-14, amount: 3}
          - {source: s1, recovery_id: R6, write_off_id: W4, recovery_date: 2026-01-14, amount: 700}
          - {source: s2, recovery_id: R1, write_off_id: W1, recovery_date: 2026-01-14, amount: 5}
          - {source: s2, recovery_id: R7, write_off_id: GONE, recovery_date: 2026-01-14, amount: 800}
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: s1, company: A, customer_id: C1, segment: S, invoice_id: "1001", rate_rc: 1.55555}
          - {source: s2, company: B, customer_id: C6, segment: T, invoice_id: "1001", rate_rc: 10}
          - {source: s1, company: A, customer_id: C4, segment: null, invoice_id: "1003", rate_rc: 1}
          - {source: s1, company: A, customer_id: C3, segment: S, invoice_id: "1004", rate_rc: null}
    expect:
      rows:
        - {month: 2026-01-01, company: A, segment: S, written_off_rc: 50, small_balances_rc: 7, recovered_rc: 4.8395, sales_rc: 1200, closing_ar_rc: 390, written_off_12m_rc: 50, recovered_12m_rc: 4.8395, sales_12m_rc: 1200, average_ar_rc: 30, gross_ratio: ~0.041667, net_ratio: ~0.037634, write_off_rate: ~1.666667, recovery_rate: 0.09679, reason: null, reason_rate: null}
        - {month: 2026-01-01, company: A, segment: "", written_off_rc: 7, recovered_rc: 3, sales_rc: 0, closing_ar_rc: 0, average_ar_rc: 0, gross_ratio: null, net_ratio: null, write_off_rate: null, recovery_rate: ~0.428571, reason: no_sales, reason_rate: no_receivables}
        - {month: 2026-01-01, company: B, segment: S, written_off_rc: 0.1, recovered_rc: 0, sales_rc: 0.5, closing_ar_rc: -13, average_ar_rc: -1, gross_ratio: 0.2, net_ratio: 0.2, write_off_rate: null, recovery_rate: 0, reason: null, reason_rate: no_receivables}
        - {month: 2026-01-01, company: B, segment: T, written_off_rc: 1, recovered_rc: 50, sales_rc: -5, closing_ar_rc: 6.5, average_ar_rc: 0.5, gross_ratio: null, net_ratio: null, write_off_rate: 2, recovery_rate: 50, reason: sales_nonpositive, reason_rate: null}
        - {month: 2024-12-01, company: C, segment: U, closing_ar_rc: 1300, average_ar_rc: null}
        - {month: 2025-01-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-02-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-03-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-04-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-05-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-06-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-07-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-08-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-09-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-10-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-11-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: null}
        - {month: 2025-12-01, company: C, segment: U, closing_ar_rc: 0, average_ar_rc: 100}
        - {month: 2026-01-01, company: C, segment: U, closing_ar_rc: 13, average_ar_rc: 1}
  - name: what is written off before the first document counts with it
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2025-12-31, first_day: 2025-12-01, reporting_currency: CNY}]
      - input: source('huikuan', 'ar_rollforward')
        rows: [{month: 2025-12-01, company: A, customer_id: C, segment: S, invoiced_rc: 100, debit_notes_rc: 0, credited_rc: 0, written_off_rc: 20, closing_rc: 80}]
      - input: source('huikuan', 'ar_events')
        rows: [{company: A, customer_id: C, item_id: I, source: s, application_id: W, kind: WRITE_OFF, event_date: 2025-11-15, amount_rc: -20}]
    expect:
      rows: [{month: 2025-12-01, segment: S, written_off_rc: 20}]
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
(SELECT min(first_day) FROM {{ source('huikuan', 'ar_as_of') }}) AS first_month,
-- As they were booked: what was written off beyond the open amount stands in open credits, and is a loss in the books all the same.
booked AS (
    SELECT
        e.source AS source,
        assumeNotNull(e.application_id) AS write_off_id,
        e.item_id AS invoice_id,
        toDate32(toStartOfMonth(greatest(e.event_date, first_month))) AS month, -- before the first document: with it, as in the roll-forward
        e.company AS company,
        e.customer_id AS customer_id,
        has({{ var('small_write_off_types') }}, ifNull(toString(w.write_off_type), '')) AS small,
        -ifNull(e.amount_rc, 0) AS amount
    FROM {{ source('huikuan', 'ar_events') }} AS e
    LEFT ANY JOIN {{ source('huikuan', 'write_offs') }} AS w ON w.source = e.source AND w.write_off_id = e.application_id
    WHERE e.kind IN ('WRITE_OFF', 'WRITE_OFF_REV')
),
written AS (
    SELECT b.*, ifNull(toString(c.segment), '') AS segment
    FROM booked AS b
    LEFT ANY JOIN (
        SELECT month, company, customer_id, any(segment) AS segment
        FROM {{ source('huikuan', 'ar_rollforward') }}
        WHERE (company, customer_id) IN (SELECT company, customer_id FROM booked)
        GROUP BY month, company, customer_id
    ) AS c ON c.month = b.month AND c.company = b.company AND c.customer_id = b.customer_id
),
lines AS (
    SELECT
        month, company, ifNull(segment, '') AS segment, toDecimal64(0, 4) AS bad, toDecimal64(0, 4) AS small, toDecimal64(0, 4) AS recovered,
        sum(ifNull(invoiced_rc + debit_notes_rc - credited_rc, 0)) AS sales, sum(ifNull(closing_rc, 0)) AS closing
    FROM {{ source('huikuan', 'ar_rollforward') }}
    GROUP BY month, company, segment
    UNION ALL
    SELECT month, company, segment, sum(if(small, 0, amount)), sum(if(small, amount, 0)), 0, 0, 0
    FROM written
    GROUP BY month, company, segment
    UNION ALL
    SELECT
        toDate32(toStartOfMonth(c.recovery_date)), w.company, w.segment, 0, 0, sum(CAST(round(ifNull(c.amount * i.rate, 0), 4) AS Decimal(18, 4))), 0, 0
    FROM {{ source('huikuan', 'recoveries') }} AS c
    INNER JOIN written AS w ON w.source = c.source AND w.write_off_id = c.write_off_id
    INNER JOIN (
        SELECT source, invoice_id, any(rate_rc) AS rate
        FROM {{ source('huikuan', 'ar_items') }}
        WHERE invoice_id IN (SELECT invoice_id FROM {{ source('huikuan', 'write_offs') }})
        GROUP BY source, invoice_id
    ) AS i ON i.source = w.source AND i.invoice_id = w.invoice_id
    WHERE c.recovery_date <= today AND NOT w.small
    GROUP BY ALL
),
-- Every month from the first appearance of a company and segment on, so that windows of twelve rows are twelve months.
grid AS (
    SELECT
        company,
        segment,
        arrayJoin(arrayMap(m -> toDate32(addMonths(least(min(month), today), m)), range(toUInt32(greatest(dateDiff('month', min(month), today), 0)) + 1))) AS month
    FROM lines
    GROUP BY company, segment
),
months AS (
    SELECT
        g.month AS month,
        g.company AS company,
        g.segment AS segment,
        sum(l.bad) AS bad,
        sum(l.small) AS small,
        sum(l.recovered) AS recovered,
        sum(l.sales) AS sales,
        sum(l.closing) AS closing
    FROM grid AS g
    LEFT JOIN lines AS l ON l.month = g.month AND l.company = g.company AND l.segment = g.segment
    GROUP BY month, company, segment
),
windowed AS (
    SELECT
        *,
        sum(bad) OVER year AS bad_12m,
        sum(recovered) OVER year AS recovered_12m,
        sum(sales) OVER year AS sales_12m,
        sum(closing) OVER (PARTITION BY company, segment ORDER BY month ROWS BETWEEN {{ var('bad_debt_months') }} PRECEDING AND CURRENT ROW) AS closing_13,
        dateDiff('month', first_month, month) + 1 AS age
    FROM months
    WINDOW year AS (PARTITION BY company, segment ORDER BY month ROWS BETWEEN {{ var('bad_debt_months') }} - 1 PRECEDING AND CURRENT ROW)
),
usable AS (
    SELECT
        *,
        if(age < {{ var('bad_debt_months') }} OR sales_12m <= 0, NULL, sales_12m) AS sales_base,
        CAST(if(age < {{ var('bad_debt_months') }} + 1, NULL, closing_13 / ({{ var('bad_debt_months') }} + 1)) AS Nullable(Decimal(18, 4))) AS average_ar
    FROM windowed
)
SELECT
    month,
    company,
    segment,
    CAST(bad AS Decimal(18, 4)) AS written_off_rc,
    CAST(small AS Decimal(18, 4)) AS small_balances_rc,
    CAST(recovered AS Decimal(18, 4)) AS recovered_rc,
    CAST(sales AS Decimal(18, 4)) AS sales_rc,
    CAST(closing AS Decimal(18, 4)) AS closing_ar_rc,
    CAST(bad_12m AS Decimal(18, 4)) AS written_off_12m_rc,
    CAST(recovered_12m AS Decimal(18, 4)) AS recovered_12m_rc,
    CAST(sales_12m AS Decimal(18, 4)) AS sales_12m_rc,
    average_ar AS average_ar_rc,
    CAST(CAST(bad_12m AS Decimal(38, 10)) / sales_base AS Nullable(Decimal(38, 10))) AS gross_ratio,
    CAST(CAST(bad_12m - recovered_12m AS Decimal(38, 10)) / sales_base AS Nullable(Decimal(38, 10))) AS net_ratio,
    CAST(CAST(bad_12m AS Decimal(38, 10)) / nullIf(if(average_ar < 0, 0, average_ar), 0) AS Nullable(Decimal(38, 10))) AS write_off_rate,
    CAST(CAST(recovered_12m AS Decimal(38, 10)) / nullIf(bad_12m, 0) AS Nullable(Decimal(38, 10))) AS recovery_rate,
    multiIf(isNotNull(sales_base), NULL, age < {{ var('bad_debt_months') }}, 'insufficient_history', sales_12m = 0, 'no_sales', 'sales_nonpositive') AS reason,
    multiIf(isNotNull(write_off_rate), NULL, age < {{ var('bad_debt_months') }} + 1, 'insufficient_history', 'no_receivables') AS reason_rate
FROM usable
