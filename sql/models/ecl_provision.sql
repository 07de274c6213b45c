/* ---
description: "Lifetime expected credit loss by the provision matrix of IFRS 9 (simplified approach) and CAS 22: gross receivables at closing rates by segment and aging bucket times loss rates; customers assessed individually, disputed amounts and what credit insurance covers stand apart (E6)."
grain: one day (month-ends and the last day built), company, segment, document currency, assessment and aging bucket
materialisation: table
order_by: [as_of, company, segment, currency, assessment, bucket_no]
owner: finance
tags: [risk, ecl, cfo]
columns:
  - {name: as_of, description: "reporting date: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: segment, description: "segment of the customers on as_of, the group of the matrix; empty = none", tests: [not_null]}
  - {name: currency, description: document currency, unit: ISO 4217, tests: [not_null]}
  - {name: assessment, description: "matrix; specific (customers in an open legal case or named in ecl_specific_customers); disputed; insured. Each amount stands under one of them", tests: [not_null, {accepted_values: [matrix, specific, disputed, insured]}]}
  - {name: bucket_no, description: "1 = not due … 8 = 366 days and more past due", unit: rank, tests: [not_null]}
  - {name: bucket, description: aging bucket by due date, tests: [not_null]}
  - {name: gross_rc, description: "open invoices and debit notes at the closing rate; credit balances and unapplied cash are not netted", unit: reporting currency, tests: [not_null]}
  - {name: loss_rate, description: historic loss rate of the bucket (model loss_rates), unit: fraction, tests: [not_null]}
  - {name: forward_scalar, description: what the historic rate is multiplied by for the outlook, unit: factor, tests: [not_null]}
  - {name: ecl_rate, description: "rate applied: loss_rate x forward_scalar, at most 1; of specific and disputed amounts at least their own rate; of insured ones the rate of the insurer", unit: fraction, tests: [not_null]}
  - {name: ecl_rc, description: "expected credit loss, gross_rc x ecl_rate", unit: reporting currency, tests: [not_null]}
  - {name: basis, description: "where loss_rate comes from: segment, portfolio or floor"}
chart: {type: stacked, title: Expected credit loss, x: as_of, y: [ecl_rc], series: bucket, unit: reporting currency}
tests:
  - unique: [as_of, company, segment, currency, assessment, bucket_no]
  - name: gross receivables are those of the balance sheet
    sum_equals:
      this: sum(gross_rc)
      by: [as_of, company]
      of: |
        SELECT as_of, company, sum(open_amount_rc)
        FROM {{ ref('month_end_balances') }}
        GROUP BY as_of, company
  - name: no provision above the receivable, none silently zero
    sql: |
      SELECT as_of, company, segment, bucket, gross_rc, ecl_rate
      FROM {{ this }}
      WHERE ecl_rate <= 0 OR ecl_rate > 1 OR gross_rc < 0
unit_tests:
  - name: ex:ecl_ifrs9_ie12
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: ref('loss_rates')
        rows:
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 1, bucket: not_due, loss_rate: 0.003, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 2, bucket: 1-30, loss_rate: 0.016, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 3, bucket: 31-60, loss_rate: 0.036, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 4, bucket: 61-90, loss_rate: 0.066, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 5, bucket: 91-120, loss_rate: 0.106, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 6, bucket: 121-180, loss_rate: 0.106, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 7, bucket: 181-365, loss_rate: 0.106, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 8, bucket: 366+, loss_rate: 0.106, basis: segment}
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, segment: RETAIL, currency: CNY, not_due_rc: 15000000, d1_30_rc: 7500000, d31_60_rc: 4000000, d61_90_rc: 2500000, d91_120_rc: 1000000, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, open_amount_rc: 30000000, overdue_rc: 15000000, unapplied_rc: -500, open_credits_rc: -70, disputed_rc: 0, disputed_overdue_rc: 0}
    expect:
      rows:
        - {assessment: matrix, bucket: not_due, gross_rc: 15000000, ecl_rate: 0.003, ecl_rc: 45000}
        - {assessment: matrix, bucket: 1-30, gross_rc: 7500000, ecl_rate: 0.016, ecl_rc: 120000}
        - {assessment: matrix, bucket: 31-60, gross_rc: 4000000, ecl_rate: 0.036, ecl_rc: 144000}
        - {assessment: matrix, bucket: 61-90, gross_rc: 2500000, ecl_rate: 0.066, ecl_rc: 165000}
        - {assessment: matrix, bucket: 91-120, gross_rc: 1000000, ecl_rate: 0.106, ecl_rc: 106000}
  - name: "ex:ecl_from_roll_rates: with a forward scalar of 1.1"
    overrides: {vars: {ecl_forward_scalar: 1.1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: ref('loss_rates')
        rows:
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 1, bucket: not_due, loss_rate: 0.01296, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 2, bucket: 1-30, loss_rate: 0.0648, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 3, bucket: 31-60, loss_rate: 0.216, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 4, bucket: 61-90, loss_rate: 0.48, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 5, bucket: 91-120, loss_rate: 0.8, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 6, bucket: 121-180, loss_rate: 0.8, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 7, bucket: 181-365, loss_rate: 0.8, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 8, bucket: 366+, loss_rate: 0.8, basis: segment}
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, segment: RETAIL, currency: CNY, not_due_rc: 500000, d1_30_rc: 120000, d31_60_rc: 60000, d61_90_rc: 30000, d91_120_rc: 20000, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, open_amount_rc: 730000, overdue_rc: 230000, disputed_rc: 0, disputed_overdue_rc: 0}
    expect:
      rows:
        - {bucket: not_due, ecl_rate: 0.014256, ecl_rc: 7128}
        - {bucket: 1-30, ecl_rate: 0.07128, ecl_rc: 8553.6}
        - {bucket: 31-60, ecl_rate: 0.2376, ecl_rc: 14256}
        - {bucket: 61-90, ecl_rate: 0.528, ecl_rc: 15840}
        - {bucket: 91-120, ecl_rate: 0.88, ecl_rc: 17600}
  - name: "ex:ecl_ifrscommunity_flow: 27,567.39 on 528,000"
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: ref('loss_rates')
        rows:
          - {as_of: 2026-10-31, segment: B2C, bucket_no: 1, bucket: not_due, loss_rate: 0.02, basis: segment}
          - {as_of: 2026-10-31, segment: B2C, bucket_no: 2, bucket: 1-30, loss_rate: 0.04, basis: segment}
          - {as_of: 2026-10-31, segment: B2C, bucket_no: 3, bucket: 31-60, loss_rate: 0.0869565217, basis: segment}
          - {as_of: 2026-10-31, segment: B2C, bucket_no: 4, bucket: 61-90, loss_rate: 0.25, basis: segment}
          - {as_of: 2026-10-31, segment: B2C, bucket_no: 5, bucket: 91-120, loss_rate: 1, basis: segment}
          - {as_of: 2026-10-31, segment: B2C, bucket_no: 6, bucket: 121-180, loss_rate: 1, basis: segment}
          - {as_of: 2026-10-31, segment: B2C, bucket_no: 7, bucket: 181-365, loss_rate: 1, basis: segment}
          - {as_of: 2026-10-31, segment: B2C, bucket_no: 8, bucket: 366+, loss_rate: 1, basis: segment}
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, segment: B2C, currency: CNY, not_due_rc: 300000, d1_30_rc: 140000, d31_60_rc: 60000, d61_90_rc: 23000, d91_120_rc: 5000, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, open_amount_rc: 528000, overdue_rc: 228000, disputed_rc: 0, disputed_overdue_rc: 0}
    expect:
      rows:
        - {bucket: not_due, ecl_rc: 6000}
        - {bucket: 1-30, ecl_rc: 5600}
        - {bucket: 31-60, ecl_rc: 5217.3913}
        - {bucket: 61-90, ecl_rc: 5750}
        - {bucket: 91-120, ecl_rc: 5000}
  - name: legal cases, disputes and insurance stand apart, each amount once
    overrides: {vars: {ecl_specific_rate: 0.6, ecl_disputed_rate: 0.1, ecl_insured_share: 0.9, ecl_insured_rate: 0.001, ecl_specific_customers: [X]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: ref('loss_rates')
        rows:
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 1, bucket: not_due, loss_rate: 0.003, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 2, bucket: 1-30, loss_rate: 0.016, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 3, bucket: 31-60, loss_rate: 0.036, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 4, bucket: 61-90, loss_rate: 0.066, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 5, bucket: 91-120, loss_rate: 0.106, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 6, bucket: 121-180, loss_rate: 0.106, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 7, bucket: 181-365, loss_rate: 0.106, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 8, bucket: 366+, loss_rate: 0.106, basis: segment}
      - input: source('huikuan', 'legal_cases')
        rows:
          - {case_id: K1, customer_id: LEGAL, filed_on: 2026-10-31}
          - {case_id: K2, customer_id: INSURED, filed_on: 2026-11-01}
          - {case_id: K3, customer_id: INSURED, filed_on: 2025-01-01, closed_on: 2026-10-31}
      - input: source('huikuan', 'customers')
        rows: [{customer_id: INSURED, valid_from: 2020-01-01, credit_insured: true}, {customer_id: DISPUTED, valid_from: 2020-01-01, credit_insured: false}]
      - input: source('huikuan', 'credit_limits')
        rows: [{customer_id: PART, currency: EUR, valid_from: 2020-01-01, credit_limit: 1000, insured_amount: 10}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2026-10-31, currency: EUR, rate_closing: 8}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: LEGAL, segment: RETAIL, currency: CNY, not_due_rc: 0, d1_30_rc: 100, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, open_amount_rc: 100, overdue_rc: 100, disputed_rc: 50, disputed_overdue_rc: 50}
          - {as_of: 2026-10-31, company: A, customer_id: DISPUTED, segment: RETAIL, currency: CNY, not_due_rc: 200, d1_30_rc: 300, d31_60_rc: 100, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, open_amount_rc: 600, overdue_rc: 400, disputed_rc: 250, disputed_overdue_rc: 200}
          - {as_of: 2026-10-31, company: A, customer_id: INSURED, segment: RETAIL, currency: CNY, not_due_rc: 1000, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, open_amount_rc: 1000, overdue_rc: 0, disputed_rc: 100, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: PART, segment: RETAIL, currency: CNY, not_due_rc: 60, d1_30_rc: 0, d31_60_rc: 100, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, open_amount_rc: 160, overdue_rc: 100, disputed_rc: 0, disputed_overdue_rc: 0}
    expect:
      rows:
        - {assessment: specific, bucket: 1-30, gross_rc: 100, ecl_rate: 0.6, ecl_rc: 60}
        - {assessment: disputed, bucket: not_due, gross_rc: 150, ecl_rate: 0.1, ecl_rc: 15}
        - {assessment: disputed, bucket: 1-30, gross_rc: 150, ecl_rate: 0.1, ecl_rc: 15}
        - {assessment: disputed, bucket: 31-60, gross_rc: 50, ecl_rate: 0.1, ecl_rc: 5}
        - {assessment: insured, bucket: not_due, gross_rc: 840, ecl_rate: 0.001, ecl_rc: 0.84}
        - {assessment: insured, bucket: 31-60, gross_rc: 50, ecl_rate: 0.001, ecl_rc: 0.05}
        - {assessment: matrix, bucket: not_due, gross_rc: 270, ecl_rate: 0.003, ecl_rc: 0.81}
        - {assessment: matrix, bucket: 1-30, gross_rc: 150, ecl_rate: 0.016, ecl_rc: 2.4}
        - {assessment: matrix, bucket: 31-60, gross_rc: 100, ecl_rate: 0.036, ecl_rc: 3.6}
  - name: what conversion rounds does not make a dispute larger than its bucket
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: ref('loss_rates')
        rows:
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 1, bucket: not_due, loss_rate: 0.003, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 2, bucket: 1-30, loss_rate: 0.016, basis: segment}
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, segment: RETAIL, currency: USD, not_due_rc: 10, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, open_amount_rc: 10, overdue_rc: 0, disputed_rc: 10.0001, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: B, customer_id: C2, segment: RETAIL, currency: USD, not_due_rc: 8, d1_30_rc: 5, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, open_amount_rc: 13, overdue_rc: 5, disputed_rc: 5, disputed_overdue_rc: 5.0001}
    expect:
      rows:
        - {company: A, assessment: disputed, bucket: not_due, gross_rc: 10}
        - {company: B, assessment: matrix, bucket: not_due, gross_rc: 8}
        - {company: B, assessment: disputed, bucket: 1-30, gross_rc: 5}
  - name: floors and caps, the insured sum that is valid on the day at its own rate, shares rounded once, each month-end with its own rates
    overrides: {vars: {ecl_forward_scalar: 1.1, ecl_specific_rate: 0.6, ecl_disputed_rate: 0.1, ecl_insured_share: 0.9, ecl_insured_rate: 0.001, ecl_specific_customers: [X], ecl_floor_rates: [0.001, 0.002, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-09-01, reporting_currency: CNY}]
      - input: ref('loss_rates')
        rows:
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 1, loss_rate: 0.01, basis: portfolio}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 2, loss_rate: 0, basis: segment}
          - {as_of: 2026-10-31, segment: RETAIL, bucket_no: 8, loss_rate: 0.95, basis: segment}
          - {as_of: 2026-10-31, segment: TRADE, bucket_no: 1, loss_rate: 0.2, basis: segment}
          - {as_of: 2026-09-30, segment: RETAIL, bucket_no: 1, loss_rate: 0.5, basis: segment}
      - input: source('huikuan', 'customers')
        rows:
          - {customer_id: P2, valid_from: 2020-01-01, valid_to: 2026-10-31, credit_insured: true}
          - {customer_id: P3, valid_from: 2026-10-31, credit_insured: true}
          - {customer_id: P6, valid_from: 2026-11-01, credit_insured: true}
      - input: source('huikuan', 'credit_limits')
        rows:
          - {customer_id: P1, currency: EUR, valid_from: 2020-01-01, credit_limit: 1000, insured_amount: 99}
          - {customer_id: P1, currency: EUR, valid_from: 2026-10-31, credit_limit: 1000, insured_amount: 10}
          - {customer_id: P1, currency: CNY, valid_from: 2020-01-01, valid_to: 2026-10-31, credit_limit: 1000, insured_amount: 20}
          - {customer_id: P2, currency: CNY, valid_from: 2020-01-01, valid_to: 2026-10-30, credit_limit: 1000, insured_amount: 5}
          - {customer_id: P4, currency: CNY, valid_from: 2020-01-01, credit_limit: 1000, insured_amount: 500}
          - {customer_id: P5, currency: CNY, valid_from: 2020-01-01, credit_limit: 1000, insured_amount: 1}
          - {customer_id: P6, currency: CNY, valid_from: 2020-01-01, credit_limit: 1000}
      - input: source('huikuan', 'fx_as_of')
        rows:
          - {as_of: 2026-10-31, currency: EUR, rate_closing: 8}
          - {as_of: 2026-10-31, currency: USD, rate_closing: 5}
          - {as_of: 2026-09-30, currency: EUR, rate_closing: 7}
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, segment: RETAIL, currency: CNY, open_amount_rc: 108, not_due_rc: 10, d1_30_rc: 11, d31_60_rc: 12, d61_90_rc: 13, d91_120_rc: 14, d121_180_rc: 15, d181_365_rc: 16, d366_plus_rc: 17, overdue_rc: 98, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: C2, segment: RETAIL, currency: CNY, open_amount_rc: 188, not_due_rc: 20, d1_30_rc: 21, d31_60_rc: 22, d61_90_rc: 23, d91_120_rc: 24, d121_180_rc: 25, d181_365_rc: 26, d366_plus_rc: 27, overdue_rc: 168, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: C3, segment: null, currency: CNY, open_amount_rc: 10, not_due_rc: 10, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: B, customer_id: C5, segment: TRADE, currency: CNY, open_amount_rc: 100, not_due_rc: 100, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-09-30, company: A, customer_id: C1, segment: RETAIL, currency: CNY, open_amount_rc: 7, not_due_rc: 7, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: X, segment: RETAIL, currency: CNY, open_amount_rc: 60, not_due_rc: 0, d1_30_rc: 10, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 50, overdue_rc: 60, disputed_rc: 5, disputed_overdue_rc: 5}
          - {as_of: 2026-10-31, company: A, customer_id: D1, segment: RETAIL, currency: CNY, open_amount_rc: 15, not_due_rc: 0, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 15, overdue_rc: 15, disputed_rc: 15, disputed_overdue_rc: 15}
          - {as_of: 2026-10-31, company: A, customer_id: D1, segment: RETAIL, currency: CNY, open_amount_rc: 25, not_due_rc: 0, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 25, overdue_rc: 25, disputed_rc: 5, disputed_overdue_rc: 5}
          - {as_of: 2026-10-31, company: A, customer_id: D3, segment: RETAIL, currency: CNY, open_amount_rc: 3, not_due_rc: 0, d1_30_rc: 1, d31_60_rc: 2, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 3, disputed_rc: 1, disputed_overdue_rc: 1}
          - {as_of: 2026-10-31, company: A, customer_id: D5, segment: RETAIL, currency: CNY, open_amount_rc: 0.5, not_due_rc: 0.5, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0.25, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: P1, segment: RETAIL, currency: CNY, open_amount_rc: 200, not_due_rc: 200, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-09-30, company: A, customer_id: P1, segment: RETAIL, currency: CNY, open_amount_rc: 200, not_due_rc: 200, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: P2, segment: RETAIL, currency: CNY, open_amount_rc: 100, not_due_rc: 100, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: P3, segment: RETAIL, currency: CNY, open_amount_rc: 100, not_due_rc: 100, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: P4, segment: RETAIL, currency: CNY, open_amount_rc: 50, not_due_rc: 50, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: P5, segment: RETAIL, currency: CNY, open_amount_rc: 3, not_due_rc: 1, d1_30_rc: 2, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 2, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: P6, segment: RETAIL, currency: CNY, open_amount_rc: 30, not_due_rc: 30, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0, disputed_overdue_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: NORATE, segment: RETAIL, currency: CNY}
    expect:
      rows:
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: disputed, bucket_no: 1, bucket: not_due, gross_rc: 0.2500, loss_rate: 0.01, forward_scalar: 1.1, ecl_rate: 0.1, ecl_rc: 0.0250, basis: portfolio}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: insured, bucket_no: 1, bucket: not_due, gross_rc: 330.3333, loss_rate: 0.01, forward_scalar: 1.1, ecl_rate: 0.001, ecl_rc: 0.3303, basis: portfolio}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: matrix, bucket_no: 1, bucket: not_due, gross_rc: 180.9167, loss_rate: 0.01, forward_scalar: 1.1, ecl_rate: 0.011, ecl_rc: 1.9901, basis: portfolio}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: disputed, bucket_no: 2, bucket: 1-30, gross_rc: 0.3333, loss_rate: 0.002, forward_scalar: 1.1, ecl_rate: 0.1, ecl_rc: 0.0333, basis: segment}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: insured, bucket_no: 2, bucket: 1-30, gross_rc: 0.6667, loss_rate: 0.002, forward_scalar: 1.1, ecl_rate: 0.001, ecl_rc: 0.0007, basis: segment}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: matrix, bucket_no: 2, bucket: 1-30, gross_rc: 34.0000, loss_rate: 0.002, forward_scalar: 1.1, ecl_rate: 0.0022, ecl_rc: 0.0748, basis: segment}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: disputed, bucket_no: 3, bucket: 31-60, gross_rc: 0.6667, loss_rate: 0.01, forward_scalar: 1.1, ecl_rate: 0.1, ecl_rc: 0.0667, basis: floor}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: matrix, bucket_no: 3, bucket: 31-60, gross_rc: 35.3333, loss_rate: 0.01, forward_scalar: 1.1, ecl_rate: 0.011, ecl_rc: 0.3887, basis: floor}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: matrix, bucket_no: 4, bucket: 61-90, gross_rc: 36.0000, loss_rate: 0.02, forward_scalar: 1.1, ecl_rate: 0.022, ecl_rc: 0.7920, basis: floor}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: matrix, bucket_no: 5, bucket: 91-120, gross_rc: 38.0000, loss_rate: 0.04, forward_scalar: 1.1, ecl_rate: 0.044, ecl_rc: 1.6720, basis: floor}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: matrix, bucket_no: 6, bucket: 121-180, gross_rc: 40.0000, loss_rate: 0.08, forward_scalar: 1.1, ecl_rate: 0.088, ecl_rc: 3.5200, basis: floor}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: matrix, bucket_no: 7, bucket: 181-365, gross_rc: 42.0000, loss_rate: 0.15, forward_scalar: 1.1, ecl_rate: 0.165, ecl_rc: 6.9300, basis: floor}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: disputed, bucket_no: 8, bucket: 366+, gross_rc: 20.0000, loss_rate: 0.95, forward_scalar: 1.1, ecl_rate: 1, ecl_rc: 20.0000, basis: segment}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: matrix, bucket_no: 8, bucket: 366+, gross_rc: 64.0000, loss_rate: 0.95, forward_scalar: 1.1, ecl_rate: 1, ecl_rc: 64.0000, basis: segment}
        - {as_of: 2026-10-31, company: A, segment: "", currency: CNY, assessment: matrix, bucket_no: 1, bucket: not_due, gross_rc: 10.0000, loss_rate: 0.001, forward_scalar: 1.1, ecl_rate: 0.0011, ecl_rc: 0.0110, basis: floor}
        - {as_of: 2026-10-31, company: B, segment: TRADE, currency: CNY, assessment: matrix, bucket_no: 1, bucket: not_due, gross_rc: 100.0000, loss_rate: 0.2, forward_scalar: 1.1, ecl_rate: 0.22, ecl_rc: 22.0000, basis: segment}
        - {as_of: 2026-09-30, company: A, segment: RETAIL, currency: CNY, assessment: insured, bucket_no: 1, bucket: not_due, gross_rc: 200.0000, loss_rate: 0.5, forward_scalar: 1.1, ecl_rate: 0.001, ecl_rc: 0.2000, basis: segment}
        - {as_of: 2026-09-30, company: A, segment: RETAIL, currency: CNY, assessment: matrix, bucket_no: 1, bucket: not_due, gross_rc: 7.0000, loss_rate: 0.5, forward_scalar: 1.1, ecl_rate: 0.55, ecl_rc: 3.8500, basis: segment}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: specific, bucket_no: 2, bucket: 1-30, gross_rc: 10, loss_rate: 0.002, forward_scalar: 1.1, ecl_rate: 0.6, ecl_rc: 6.0000, basis: segment}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, currency: CNY, assessment: specific, bucket_no: 8, bucket: 366+, gross_rc: 50, loss_rate: 0.95, forward_scalar: 1.1, ecl_rate: 1, ecl_rc: 50.0000, basis: segment}
  - name: a negative insured amount insures nothing
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: source('huikuan', 'credit_limits')
        rows: [{source: s, customer_id: C, currency: CNY, valid_from: 2026-01-01, insured_amount: -50}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C, segment: S, currency: CNY, open_amount_rc: 100, not_due_rc: 100, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, disputed_rc: 0, disputed_overdue_rc: 0}
    expect:
      rows: [{assessment: matrix, bucket: not_due, gross_rc: 100}]
--- */
WITH
['not_due', '1-30', '31-60', '61-90', '91-120', '121-180', '181-365', '366+'] AS buckets,
(SELECT any(reporting_currency) FROM {{ source('huikuan', 'ar_as_of') }}) AS reporting,
-- Month-ends of the history and the last day built.
(
    SELECT arrayDistinct(arrayPushBack(
        arrayFilter(d -> d < max(as_of), arrayMap(m -> toDate32(addMonths(min(first_day), m + 1)) - 1, range(toUInt32(dateDiff('month', min(first_day), max(as_of))) + 1))),
        max(as_of)))
    FROM {{ source('huikuan', 'ar_as_of') }}
) AS evaluated,
legal AS (
    SELECT customer_id, groupArray((filed_on, ifNull(closed_on, toDate32('2299-12-31')))) AS periods
    FROM {{ source('huikuan', 'legal_cases') }}
    GROUP BY customer_id
),
insured_customers AS (
    SELECT customer_id, groupArray((valid_from, ifNull(valid_to, toDate32('2299-12-31')))) AS periods
    FROM {{ source('huikuan', 'customers') }}
    WHERE credit_insured
    GROUP BY customer_id
),
insured_sums AS (
    SELECT
        as_of,
        l.source AS source,
        l.customer_id AS customer_id,
        l.currency AS currency,
        argMax((l.valid_from, l.insured_amount), l.valid_from).2 AS insured_amount
    FROM {{ source('huikuan', 'credit_limits') }} AS l
    ARRAY JOIN arrayFilter(d -> d >= l.valid_from AND (isNull(l.valid_to) OR d <= assumeNotNull(l.valid_to)), evaluated) AS as_of
    WHERE l.customer_id IN (SELECT customer_id FROM {{ source('huikuan', 'credit_limits') }} WHERE isNotNull(insured_amount))
    GROUP BY as_of, source, customer_id, currency
),
insured_amounts AS (
    SELECT
        i.as_of AS as_of,
        i.customer_id AS customer_id,
        sum(i.insured_amount * if(i.currency = reporting, toDecimal128(1, 10), r.rate_closing)) AS insured_rc
    FROM insured_sums AS i
    LEFT JOIN {{ source('huikuan', 'fx_as_of') }} AS r ON r.as_of = i.as_of AND r.currency = i.currency
    GROUP BY as_of, customer_id
),
-- Only customers of whom something is known on the day are assessed one by one; all else goes to the matrix.
noted AS (
    SELECT as_of, customer_id
    FROM {{ ref('month_end_balances') }}
    WHERE disputed_rc != 0 OR disputed_overdue_rc != 0 OR has({{ var('ecl_specific_customers') }}, customer_id)
        OR customer_id IN (SELECT customer_id FROM legal UNION ALL SELECT customer_id FROM insured_customers UNION ALL SELECT customer_id FROM insured_sums)
),
balances AS (
    SELECT
        v.as_of AS as_of,
        v.company AS company,
        v.customer_id AS customer_id,
        v.currency AS currency,
        ifNull(any(v.segment), '') AS segment,
        sumForEach(arrayMap(x -> toDecimal128(ifNull(x, 0), 4),
            [v.not_due_rc, v.d1_30_rc, v.d31_60_rc, v.d61_90_rc, v.d91_120_rc, v.d121_180_rc, v.d181_365_rc, v.d366_plus_rc])) AS gross,
        toDecimal128(ifNull(sum(v.disputed_rc - v.disputed_overdue_rc), 0), 20) AS disputed_not_due,
        toDecimal128(ifNull(sum(v.disputed_overdue_rc), 0), 20) AS disputed_overdue
    FROM {{ ref('month_end_balances') }} AS v
    WHERE v.open_amount_rc != 0 AND (v.as_of, v.customer_id) IN (SELECT as_of, customer_id FROM noted)
    GROUP BY as_of, company, customer_id, currency
),
customers_open AS (
    SELECT as_of, customer_id, sum(arraySum(gross)) AS open_rc
    FROM balances
    GROUP BY as_of, customer_id
),
assessed AS (
    SELECT
        b.as_of AS as_of,
        b.company AS company,
        b.segment AS segment,
        b.currency AS currency,
        b.gross AS gross,
        has({{ var('ecl_specific_customers') }}, b.customer_id) OR arrayExists(p -> p.1 <= b.as_of AND b.as_of < p.2, l.periods) AS is_specific,
        least(toDecimal128(1, 10), multiIf(
            isNotNull(a.insured_rc), toDecimal128(greatest(assumeNotNull(a.insured_rc), 0), 14) / if(o.open_rc = 0, toDecimal128(1, 4), o.open_rc),
            arrayExists(p -> p.1 <= b.as_of AND b.as_of <= p.2, i.periods), toDecimal128('{{ var('ecl_insured_share') }}', 14),
            toDecimal128(0, 14))) AS insured_share,
        -- the disputed amount is converted on its own: its rounding must not make it more than the bucket, nor less than nothing
        least(greatest(b.disputed_not_due / if(gross[1] = 0, toDecimal128(1, 4), gross[1]), toDecimal128(0, 20)), toDecimal128(1, 20)) AS disputed_share_not_due,
        arraySum(arraySlice(gross, 2)) AS overdue,
        least(greatest(b.disputed_overdue / if(overdue = 0, toDecimal128(1, 4), overdue), toDecimal128(0, 20)), toDecimal128(1, 20)) AS disputed_share_overdue,
        arrayMap((x, n) -> if(is_specific, toDecimal128(0, 4), CAST(round(x * toDecimal128(if(n = 1, disputed_share_not_due, disputed_share_overdue), 14), 4) AS Decimal(38, 4))), gross, arrayEnumerate(gross)) AS disputed,
        arrayMap((x, d) -> if(is_specific, toDecimal128(0, 4), CAST(round((x - d) * insured_share, 4) AS Decimal(38, 4))), gross, disputed) AS insured,
        arrayMap(x -> if(is_specific, x, toDecimal128(0, 4)), gross) AS specific,
        arrayMap((x, s, d, i) -> x - s - d - i, gross, specific, disputed, insured) AS matrix
    FROM balances AS b
    LEFT JOIN customers_open AS o ON o.as_of = b.as_of AND o.customer_id = b.customer_id
    LEFT JOIN legal AS l ON l.customer_id = b.customer_id
    LEFT JOIN insured_customers AS i ON i.customer_id = b.customer_id
    LEFT JOIN insured_amounts AS a ON a.as_of = b.as_of AND a.customer_id = b.customer_id
),
parts AS (
    SELECT as_of, company, segment, currency,
        sumForEach(a.matrix) AS matrix, sumForEach(a.specific) AS specific, sumForEach(a.disputed) AS disputed, sumForEach(a.insured) AS insured
    FROM assessed AS a
    GROUP BY as_of, company, segment, currency
    UNION ALL
    SELECT v.as_of AS as_of, v.company AS company, ifNull(v.segment, '') AS segment, v.currency AS currency,
        arrayMap(x -> toDecimal128(ifNull(x, 0), 4), [sum(v.not_due_rc), sum(v.d1_30_rc), sum(v.d31_60_rc), sum(v.d61_90_rc), sum(v.d91_120_rc), sum(v.d121_180_rc), sum(v.d181_365_rc), sum(v.d366_plus_rc)]) AS matrix,
        arrayResize(CAST([] AS Array(Decimal(38, 4))), 8) AS specific, specific AS disputed, specific AS insured
    FROM {{ ref('month_end_balances') }} AS v
    WHERE v.open_amount_rc != 0 AND (v.as_of, v.customer_id) NOT IN (SELECT as_of, customer_id FROM noted)
    GROUP BY as_of, company, segment, currency
),
totals AS (
    SELECT
        as_of, company, segment, currency,
        sumForEach(p.matrix) AS matrix, sumForEach(p.specific) AS specific, sumForEach(p.disputed) AS disputed, sumForEach(p.insured) AS insured
    FROM parts AS p
    GROUP BY as_of, company, segment, currency
),
cells AS (
    SELECT
        as_of, company, segment, currency,
        part.1 AS assessment,
        part.2 AS bucket_no,
        CAST(part.3 AS Decimal(18, 4)) AS gross_rc
    FROM totals
    ARRAY JOIN arrayFlatten([
        arrayMap((x, n) -> ('matrix', n, x), matrix, arrayEnumerate(matrix)),
        arrayMap((x, n) -> ('specific', n, x), specific, arrayEnumerate(specific)),
        arrayMap((x, n) -> ('disputed', n, x), disputed, arrayEnumerate(disputed)),
        arrayMap((x, n) -> ('insured', n, x), insured, arrayEnumerate(insured))]) AS part
    WHERE gross_rc != 0
)
SELECT
    c.as_of AS as_of,
    c.company AS company,
    c.segment AS segment,
    c.currency AS currency,
    c.assessment AS assessment,
    toUInt8(c.bucket_no) AS bucket_no,
    buckets[c.bucket_no] AS bucket,
    c.gross_rc AS gross_rc,
    if(r.loss_rate > 0, r.loss_rate, toDecimal128({{ var('ecl_floor_rates') }}[c.bucket_no], 10)) AS loss_rate,
    toDecimal128('{{ var('ecl_forward_scalar') }}', 10) AS forward_scalar,
    CAST(least(toDecimal128(1, 10), CAST(round(multiIf(
        c.assessment = 'specific', greatest(loss_rate * forward_scalar, toDecimal128('{{ var('ecl_specific_rate') }}', 20)),
        c.assessment = 'disputed', greatest(loss_rate * forward_scalar, toDecimal128('{{ var('ecl_disputed_rate') }}', 20)),
        c.assessment = 'insured', toDecimal128('{{ var('ecl_insured_rate') }}', 20),
        loss_rate * forward_scalar), 10) AS Decimal(38, 10))) AS Decimal(38, 10)) AS ecl_rate,
    CAST(round(c.gross_rc * ecl_rate, 4) AS Decimal(18, 4)) AS ecl_rc,
    if(r.basis = '', 'floor', r.basis) AS basis
FROM cells AS c
LEFT JOIN {{ ref('loss_rates') }} AS r ON r.as_of = c.as_of AND r.segment = c.segment AND r.bucket_no = c.bucket_no
