/* ---
description: "What each customer owes, promises, avoids, buys and is judged to be at each month-end and on the last day built, over all companies. No row looks past its day (E8, E9)."
grain: one day and customer with open receivables, balances without an exchange rate or payments within the year before
materialisation: table
order_by: [as_of, customer_id]
owner: credit management
tags: [risk]
columns:
  - {name: as_of, description: "end of this day: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: open_rc, description: open invoices and debit notes at closing rates; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: overdue_rc, description: 1 day or more past due; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: over_60_rc, description: more than warning_outcome_overdue_days days past due (named for the default); what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: disputed_rc, description: disputed part of open_rc, unit: reporting currency, tests: [not_null]}
  - {name: balances_without_rate, description: balances left out because no closing rate is known, unit: count, tests: [not_null]}
  - {name: broken_promises_year, description: promises broken in the risk_year_months months to as_of, unit: count, tests: [not_null]}
  - {name: broken_promises_recent, description: promises broken in the window of the early warnings, unit: count, tests: [not_null]}
  - {name: judged_promises_year, description: "promises kept, kept in part or broken in the risk_year_months months to as_of", unit: count, tests: [not_null]}
  - {name: promise_moves_recent, description: how often the most moved promise of the window was moved, unit: times, tests: [not_null]}
  - {name: avoidance_recent, description: visits with an avoidance code or a false reason in the window, unit: count, tests: [not_null]}
  - {name: avoidance_year, description: "visits with an excuse, an avoidance code or a false reason in the risk_year_months months to as_of", unit: count, tests: [not_null]}
  - {name: billed_recent_rc, description: invoices and debit notes of the last warning_order_days days, unit: reporting currency, tests: [not_null]}
  - {name: billed_before_rc, description: those of the warning_order_before_days days before these, unit: reporting currency, tests: [not_null]}
  - {name: active_days_recent, description: days of the last warning_order_days that lie in months in which the customer buys, unit: days}
  - {name: active_days_before, description: days of the warning_order_before_days before that do, unit: days}
  - {name: active_days_lapse, description: days of the lapse window (warning_lapsed_days) that do, unit: days}
  - {name: last_order_on, description: last order or invoice up to as_of, unit: date}
  - {name: external_grade, description: bureau grade of the latest review up to as_of}
  - {name: external_score, description: bureau score of the latest review that has one, unit: points}
  - {name: ability_score, description: ability score of the latest review that has one, unit: points}
  - {name: last_review_on, description: latest credit review up to as_of, unit: date}
  - {name: financials_on, description: date of the latest accounts looked at up to as_of, unit: date}
  - {name: in_legal_case, description: an open legal case on as_of, tests: [not_null]}
  - {name: policy_grade, description: grade given by policy on as_of}
tests:
  - unique: [as_of, customer_id]
unit_tests:
  - name: nothing after the day counts for the day
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-02-28, first_day: 2026-01-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-01-31, company: A, customer_id: C, open_amount_rc: 100, overdue_rc: 35, d61_90_rc: 5, d91_120_rc: 6, d121_180_rc: 7, d181_365_rc: 8, d366_plus_rc: 9, disputed_rc: 10}
          - {as_of: 2026-01-31, company: B, customer_id: C, open_amount_rc: 1000, overdue_rc: 1, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 2}
          - {as_of: 2026-01-31, company: B, customer_id: C, currency: XYZ, open_amount_rc: null, overdue_rc: null, d61_90_rc: null, disputed_rc: null}
          - {as_of: 2026-02-28, company: A, customer_id: C, open_amount_rc: 50, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
      - input: source('huikuan', 'promise_states')
        rows:
          - {promise_id: P1, customer_id: C, made_on: 2026-01-02, first_day: 2026-01-31, last_day: 2026-02-28, status: broken, status_on: 2026-01-31}
          - {promise_id: P2, customer_id: C, made_on: 2026-01-02, times_moved: 3, first_day: 2026-01-31, last_day: 2026-01-31, status: open}
          - {promise_id: P2, customer_id: C, made_on: 2026-01-02, times_moved: 3, first_day: 2026-02-28, last_day: 2026-02-28, status: broken, status_on: 2026-02-01}
          - {promise_id: P3, customer_id: C, made_on: 2026-02-02, first_day: 2026-02-28, last_day: 2026-02-28, status: kept, status_on: 2026-02-03}
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V1, customer_id: C, happened_at: "2026-01-31 23:30:00", avoidance_code: UNREACHABLE}
          - {visit_id: V2, customer_id: C, happened_at: "2026-02-01 08:00:00", reason_verified: false}
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C, invoice_id: I1, invoice_date: 2026-01-31, amount_rc: 70}
          - {company: A, customer_id: C, invoice_id: I2, invoice_date: 2026-02-01, amount_rc: 30}
      - input: source('huikuan', 'credit_reviews')
        rows:
          - {review_id: K9, customer_id: C, reviewed_on: 2026-01-10, external_grade: A, external_score: 60, ability_score: 7, financials_as_of: 2024-12-31}
          - {review_id: K2, customer_id: C, reviewed_on: 2026-02-10, external_grade: C, ability_score: 9, financials_as_of: 2023-12-31}
      - input: source('huikuan', 'legal_cases')
        rows:
          - {case_id: L1, customer_id: C, filed_on: 2026-02-15}
      - input: source('huikuan', 'customers')
        rows:
          - {customer_id: C, valid_from: 2020-01-01, grade: B}
          - {customer_id: C, valid_from: 2026-02-01, grade: D}
    expect:
      rows:
        - {as_of: 2026-01-31, customer_id: C, open_rc: 1100, overdue_rc: 36, over_60_rc: 35, disputed_rc: 12, balances_without_rate: 1, broken_promises_year: 1, broken_promises_recent: 1, judged_promises_year: 1, promise_moves_recent: 3, avoidance_recent: 1, avoidance_year: 1, billed_recent_rc: 70, billed_before_rc: 0, last_order_on: 2026-01-31, external_grade: A, external_score: 60, ability_score: 7, last_review_on: 2026-01-10, financials_on: 2024-12-31, in_legal_case: false, policy_grade: B}
        - {as_of: 2026-02-28, customer_id: C, open_rc: 50, overdue_rc: 0, over_60_rc: 0, disputed_rc: 0, balances_without_rate: 0, broken_promises_year: 2, broken_promises_recent: 2, judged_promises_year: 3, promise_moves_recent: 3, avoidance_recent: 2, avoidance_year: 2, billed_recent_rc: 100, billed_before_rc: 0, last_order_on: 2026-02-01, external_grade: C, external_score: 60, ability_score: 9, last_review_on: 2026-02-10, financials_on: 2024-12-31, in_legal_case: true, policy_grade: D}
  - name: the first and the last day of each window
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-06-30, first_day: 2026-06-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-06-30, company: A, customer_id: PROMISES, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-06-30, company: A, customer_id: VISITS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-06-30, company: A, customer_id: BUYS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-06-30, company: A, customer_id: ORDERS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-06-30, company: A, customer_id: SUED, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-06-30, company: A, customer_id: SETTLED, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-06-30, company: A, customer_id: LATER, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-06-30, company: A, customer_id: QUIET, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
      - input: source('huikuan', 'payment_behaviour')
        rows:
          - {month: 2026-06-01, month_end: 2026-06-30, company: A, customer_id: PAID, n_w365: 1}
          - {month: 2026-06-01, month_end: 2026-06-30, company: A, customer_id: LONG AGO, n_w365: 0, settled_count_ever: 5}
      - input: source('huikuan', 'promise_states')
        rows:
          - {promise_id: P0, customer_id: PROMISES, made_on: 2025-01-01, first_day: 2026-06-30, last_day: 2026-06-30, status: broken, status_on: 2025-06-30}
          - {promise_id: P1, customer_id: PROMISES, made_on: 2025-01-01, first_day: 2026-06-30, last_day: 2026-06-30, status: broken, status_on: 2025-07-01}
          - {promise_id: P2, customer_id: PROMISES, made_on: 2026-03-01, first_day: 2026-06-30, last_day: 2026-06-30, status: broken, status_on: 2026-04-01}
          - {promise_id: P3, customer_id: PROMISES, made_on: 2026-03-01, first_day: 2026-06-30, last_day: 2026-06-30, status: broken, status_on: 2026-04-02}
          - {promise_id: P4, customer_id: PROMISES, made_on: 2026-03-01, first_day: 2026-06-30, last_day: 2026-06-30, status: partial, status_on: 2026-06-30}
          - {promise_id: P5, customer_id: PROMISES, made_on: 2026-03-01, first_day: 2026-06-30, last_day: 2026-06-30, status: kept, status_on: 2026-05-01}
          - {promise_id: P6, customer_id: PROMISES, made_on: 2026-03-01, first_day: 2026-06-30, last_day: 2026-06-30, status: moved, status_on: 2026-05-01}
          - {promise_id: P7, customer_id: PROMISES, made_on: 2026-03-01, first_day: 2026-06-30, last_day: 2026-06-30, status: open}
          - {promise_id: P8, customer_id: PROMISES, made_on: 2026-04-01, times_moved: 9, first_day: 2026-06-30, last_day: 2026-06-30, status: open}
          - {promise_id: P9, customer_id: PROMISES, made_on: 2026-04-02, times_moved: 2, first_day: 2026-06-30, last_day: 2026-06-30, status: open}
          - {promise_id: P10, customer_id: PROMISES, made_on: 2026-06-30, times_moved: 3, first_day: 2026-06-30, last_day: 2026-06-30, status: open}
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V0, customer_id: VISITS, happened_at: "2025-06-30 23:59:59", excuse_code: CASH}
          - {visit_id: V1, customer_id: VISITS, happened_at: "2025-07-01 00:00:00", excuse_code: CASH}
          - {visit_id: V2, customer_id: VISITS, happened_at: "2026-04-01 10:00:00", avoidance_code: AWAY}
          - {visit_id: V3, customer_id: VISITS, happened_at: "2026-04-02 10:00:00", reason_verified: false}
          - {visit_id: V4, customer_id: VISITS, happened_at: "2026-06-30 23:59:59", excuse_code: CASH}
          - {visit_id: V5, customer_id: VISITS, happened_at: "2026-07-01 00:00:00", avoidance_code: AWAY}
          - {visit_id: V6, customer_id: VISITS, planned_at: "2026-06-01 10:00:00", avoidance_code: AWAY}
          - {visit_id: V7, customer_id: VISITS, happened_at: "2026-06-01 10:00:00", reason_verified: true}
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: BUYS, invoice_id: BUYS0, invoice_date: 2026-06-30, amount_rc: 1}
          - {company: A, customer_id: BUYS, invoice_id: BUYS1, invoice_date: 2026-04-02, amount_rc: 10}
          - {company: A, customer_id: BUYS, invoice_id: BUYS2, invoice_date: 2026-04-01, amount_rc: 100}
          - {company: A, customer_id: BUYS, invoice_id: BUYS3, invoice_date: 2025-04-07, amount_rc: 1000}
          - {company: A, customer_id: BUYS, invoice_id: BUYS4, invoice_date: 2025-04-06, amount_rc: 10000}
          - {company: A, customer_id: BUYS, invoice_id: BUYS5, invoice_date: 2026-07-01, amount_rc: 5}
      - input: source('huikuan', 'orders')
        rows:
          - {order_id: O1, customer_id: ORDERS, order_date: 2026-06-10, status: open, amount: 9}
          - {order_id: O2, customer_id: ORDERS, order_date: 2026-06-20, status: cancelled, amount: 9}
          - {order_id: O3, customer_id: ORDERS, order_date: 2026-07-01, status: open, amount: 9}
      - input: source('huikuan', 'legal_cases')
        rows:
          - {case_id: L1, customer_id: SUED, filed_on: 2026-06-30}
          - {case_id: L2, customer_id: SETTLED, filed_on: 2026-06-01, closed_on: 2026-06-30}
          - {case_id: L3, customer_id: LATER, filed_on: 2026-07-01}
      - input: source('huikuan', 'customers')
        rows:
          - {customer_id: SUED, valid_from: 2026-06-30, grade: E}
          - {customer_id: LATER, valid_from: 2026-07-01, grade: E}
      - input: source('huikuan', 'credit_reviews')
        rows:
          - {review_id: K1, customer_id: SUED, reviewed_on: 2026-06-30, external_grade: D}
          - {review_id: K2, customer_id: LATER, reviewed_on: 2026-07-01, external_grade: D}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: BUYS, active_months: "6"}]
    expect:
      rows:
        - {customer_id: PROMISES, open_rc: 1, broken_promises_year: 3, broken_promises_recent: 1, judged_promises_year: 5, promise_moves_recent: 3, avoidance_recent: 0, avoidance_year: 0, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: null, external_grade: null, last_review_on: null, in_legal_case: false, policy_grade: null, active_days_recent: 90, active_days_before: 360, active_days_lapse: 60}
        - {customer_id: VISITS, open_rc: 1, broken_promises_year: 0, broken_promises_recent: 0, judged_promises_year: 0, promise_moves_recent: 0, avoidance_recent: 1, avoidance_year: 4, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: null, external_grade: null, last_review_on: null, in_legal_case: false, policy_grade: null, active_days_recent: 90, active_days_before: 360, active_days_lapse: 60}
        - {customer_id: BUYS, open_rc: 1, broken_promises_year: 0, broken_promises_recent: 0, judged_promises_year: 0, promise_moves_recent: 0, avoidance_recent: 0, avoidance_year: 0, billed_recent_rc: 11, billed_before_rc: 1100, last_order_on: 2026-06-30, external_grade: null, last_review_on: null, in_legal_case: false, policy_grade: null, active_days_recent: 30, active_days_before: 30, active_days_lapse: 30}
        - {customer_id: ORDERS, open_rc: 1, broken_promises_year: 0, broken_promises_recent: 0, judged_promises_year: 0, promise_moves_recent: 0, avoidance_recent: 0, avoidance_year: 0, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: 2026-06-10, external_grade: null, last_review_on: null, in_legal_case: false, policy_grade: null, active_days_recent: 90, active_days_before: 360, active_days_lapse: 60}
        - {customer_id: SUED, open_rc: 1, broken_promises_year: 0, broken_promises_recent: 0, judged_promises_year: 0, promise_moves_recent: 0, avoidance_recent: 0, avoidance_year: 0, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: null, external_grade: D, last_review_on: 2026-06-30, in_legal_case: true, policy_grade: E, active_days_recent: 90, active_days_before: 360, active_days_lapse: 60}
        - {customer_id: SETTLED, open_rc: 1, broken_promises_year: 0, broken_promises_recent: 0, judged_promises_year: 0, promise_moves_recent: 0, avoidance_recent: 0, avoidance_year: 0, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: null, external_grade: null, last_review_on: null, in_legal_case: false, policy_grade: null, active_days_recent: 90, active_days_before: 360, active_days_lapse: 60}
        - {customer_id: LATER, open_rc: 1, broken_promises_year: 0, broken_promises_recent: 0, judged_promises_year: 0, promise_moves_recent: 0, avoidance_recent: 0, avoidance_year: 0, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: null, external_grade: null, last_review_on: null, in_legal_case: false, policy_grade: null, active_days_recent: 90, active_days_before: 360, active_days_lapse: 60}
        - {customer_id: QUIET, open_rc: 1, broken_promises_year: 0, broken_promises_recent: 0, judged_promises_year: 0, promise_moves_recent: 0, avoidance_recent: 0, avoidance_year: 0, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: null, external_grade: null, last_review_on: null, in_legal_case: false, policy_grade: null, active_days_recent: 90, active_days_before: 360, active_days_lapse: 60}
        - {customer_id: PAID, open_rc: 0, broken_promises_year: 0, broken_promises_recent: 0, judged_promises_year: 0, promise_moves_recent: 0, avoidance_recent: 0, avoidance_year: 0, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: null, external_grade: null, last_review_on: null, in_legal_case: false, policy_grade: null, active_days_recent: 90, active_days_before: 360, active_days_lapse: 60}
  - name: windows of another length
    overrides: {vars: {risk_year_months: 1, warning_order_days: 30, warning_order_before_days: 60, warning_window_days: 90, warning_lapsed_days: 40}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-06-30, first_day: 2026-06-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-06-30, company: A, customer_id: PROMISES, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-06-30, company: A, customer_id: VISITS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-06-30, company: A, customer_id: BUYS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
      - input: source('huikuan', 'promise_states')
        rows:
          - {promise_id: P1, customer_id: PROMISES, made_on: 2026-01-01, first_day: 2026-06-30, last_day: 2026-06-30, status: broken, status_on: 2026-04-02}
          - {promise_id: P2, customer_id: PROMISES, made_on: 2026-04-02, times_moved: 4, first_day: 2026-06-30, last_day: 2026-06-30, status: open}
          - {promise_id: P3, customer_id: PROMISES, made_on: 2026-04-01, times_moved: 9, first_day: 2026-06-30, last_day: 2026-06-30, status: open}
          - {promise_id: P4, customer_id: PROMISES, made_on: 2026-01-01, first_day: 2026-06-30, last_day: 2026-06-30, status: broken, status_on: 2026-05-30}
          - {promise_id: P5, customer_id: PROMISES, made_on: 2026-01-01, first_day: 2026-06-30, last_day: 2026-06-30, status: broken, status_on: 2026-05-31}
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V1, customer_id: VISITS, happened_at: "2026-04-02 10:00:00", avoidance_code: AWAY}
          - {visit_id: V2, customer_id: VISITS, happened_at: "2026-05-30 10:00:00", excuse_code: CASH}
          - {visit_id: V3, customer_id: VISITS, happened_at: "2026-05-31 10:00:00", excuse_code: CASH}
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: BUYS, invoice_id: BUYS0, invoice_date: 2026-06-01, amount_rc: 1}
          - {company: A, customer_id: BUYS, invoice_id: BUYS1, invoice_date: 2026-05-31, amount_rc: 10}
          - {company: A, customer_id: BUYS, invoice_id: BUYS2, invoice_date: 2026-04-02, amount_rc: 100}
          - {company: A, customer_id: BUYS, invoice_id: BUYS3, invoice_date: 2026-04-01, amount_rc: 1000}
      - input: source('huikuan', 'customers_current')
        rows:
          - {customer_id: BUYS, active_months: "5,6"}
    expect:
      rows:
        - {customer_id: PROMISES, broken_promises_year: 1, broken_promises_recent: 3, judged_promises_year: 1, promise_moves_recent: 4, active_days_recent: 30, active_days_before: 60, active_days_lapse: 40}
        - {customer_id: VISITS, avoidance_recent: 1, avoidance_year: 1, broken_promises_recent: 0, billed_recent_rc: 0}
        - {customer_id: BUYS, billed_recent_rc: 1, billed_before_rc: 110, active_days_recent: 30, active_days_before: 31, active_days_lapse: 40}
  - name: a month that ends with its shorter neighbour is not lost
    overrides: {vars: {risk_year_months: 1, warning_window_days: 1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-06-30, first_day: 2026-06-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows: [{as_of: 2026-06-30, company: A, customer_id: C, open_amount_rc: 1}]
      - input: source('huikuan', 'promise_states')
        rows:
          - {promise_id: P1, customer_id: C, made_on: 2026-05-01, first_day: 2026-06-30, last_day: 2026-06-30, status: broken, status_on: 2026-05-31}
          - {promise_id: P2, customer_id: C, made_on: 2026-05-01, first_day: 2026-06-30, last_day: 2026-06-30, status: broken, status_on: 2026-05-30}
      - input: source('huikuan', 'visits')
        rows: [{visit_id: V1, customer_id: C, happened_at: "2026-05-31 10:00:00", avoidance_code: AWAY}]
    expect:
      rows: [{customer_id: C, broken_promises_year: 1, broken_promises_recent: 0, judged_promises_year: 1, avoidance_recent: 0, avoidance_year: 1}]
  - name: each day of the history has its own figures, whatever the order of what is read
    overrides: {vars: {risk_year_months: 2, warning_window_days: 30, warning_order_days: 30, warning_order_before_days: 60, warning_lapsed_days: 40}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-03-31, first_day: 2026-02-01, reporting_currency: CNY}, {as_of: 2026-02-10, first_day: 2026-01-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-01-31, company: A, customer_id: MONEY, open_amount_rc: 100, overdue_rc: 50, d61_90_rc: 1, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 5}
          - {as_of: 2026-01-31, company: B, customer_id: MONEY, open_amount_rc: 10, overdue_rc: 5, d61_90_rc: 2, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 1}
          - {as_of: 2026-03-31, company: A, customer_id: MONEY, open_amount_rc: 30, overdue_rc: 20, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 7, disputed_rc: 3}
          - {as_of: 2026-03-31, company: B, customer_id: MONEY, currency: XYZ, open_amount_rc: null, overdue_rc: null, d61_90_rc: null, disputed_rc: null}
          - {as_of: 2026-03-31, company: A, customer_id: REVIEWED, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-01-31, company: A, customer_id: GRADED, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-02-28, company: A, customer_id: GRADED, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-03-31, company: A, customer_id: GRADED, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-01-31, company: A, customer_id: BUYS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-02-28, company: A, customer_id: BUYS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-03-31, company: A, customer_id: BUYS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-01-31, company: A, customer_id: ORDERS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-02-28, company: A, customer_id: ORDERS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-03-31, company: A, customer_id: ORDERS, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-01-31, company: A, customer_id: LONG AGO, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-03-31, company: A, customer_id: SEASON, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
          - {as_of: 2026-03-31, company: A, customer_id: MOVED, open_amount_rc: 1, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
      - input: source('huikuan', 'payment_behaviour')
        rows:
          - {month_end: 2026-01-31, company: A, customer_id: PAYS, n_w365: 0}
          - {month_end: 2026-01-31, company: B, customer_id: PAYS, n_w365: 1}
          - {month_end: 2026-02-28, company: A, customer_id: PAYS, n_w365: 0}
          - {month_end: 2026-03-31, company: A, customer_id: PAYS, n_w365: 2}
      - input: source('huikuan', 'promise_states')
        rows:
          - {promise_id: P1, customer_id: MOVED, made_on: 2026-01-10, times_moved: 5, first_day: 2026-01-31, last_day: 2026-02-28, status: open}
          - {promise_id: P1, customer_id: MOVED, made_on: 2026-01-10, times_moved: 5, first_day: 2026-03-31, last_day: 2026-03-31, status: broken, status_on: 2026-03-10}
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: BUYS, invoice_id: I1, invoice_date: 2026-03-31, amount_rc: 10}
          - {customer_id: BUYS, invoice_id: I2, invoice_date: 2026-03-31, amount_rc: 10}
          - {customer_id: BUYS, invoice_id: I3, invoice_date: 2026-03-15, amount_rc: null}
          - {customer_id: BUYS, invoice_id: I4, invoice_date: 2026-03-01, amount_rc: 1}
          - {customer_id: BUYS, invoice_id: I5, invoice_date: 2025-11-03, amount_rc: 10000}
          - {customer_id: BUYS, invoice_id: I6, invoice_date: 2025-11-02, amount_rc: 100}
          - {customer_id: BUYS, invoice_id: I7, invoice_date: 2024-01-01, amount_rc: 1000}
          - {customer_id: LONG AGO, invoice_id: I8, invoice_date: 2024-01-02, amount_rc: 1000}
      - input: source('huikuan', 'orders')
        rows:
          - {order_id: O1, customer_id: ORDERS, order_date: 2026-01-31, status: null}
          - {order_id: O2, customer_id: ORDERS, order_date: 2026-02-01, status: open}
          - {order_id: O3, customer_id: ORDERS, order_date: 2026-03-31, status: open}
          - {order_id: O4, customer_id: LONG AGO, order_date: 2024-01-01, status: open}
          - {order_id: O5, customer_id: GRADED, order_date: 2024-01-03, status: open}
      - input: source('huikuan', 'credit_reviews')
        rows:
          - {review_id: K5, customer_id: REVIEWED, reviewed_on: 2026-03-05, external_grade: "", financials_as_of: 2023-12-31}
          - {review_id: K4, customer_id: REVIEWED, reviewed_on: 2026-03-01, external_grade: B, external_score: 70, ability_score: 8}
          - {review_id: K3, customer_id: REVIEWED, reviewed_on: 2026-03-01, external_grade: C, external_score: 65, ability_score: 9}
          - {review_id: K1, customer_id: REVIEWED, reviewed_on: 2026-01-05, external_grade: A, external_score: 60, ability_score: 7, financials_as_of: 2024-12-31}
      - input: source('huikuan', 'customers')
        rows:
          - {customer_id: GRADED, valid_from: 2026-02-01, grade: D}
          - {customer_id: GRADED, valid_from: 2026-03-01, grade: null}
          - {customer_id: GRADED, valid_from: 2020-01-01, grade: B}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: SEASON, active_months: "2"}, {customer_id: MONEY, active_months: null}]
    expect:
      rows:
        - {as_of: 2026-01-31, customer_id: MONEY, open_rc: 110, overdue_rc: 55, over_60_rc: 3, disputed_rc: 6, billed_recent_rc: 0, billed_before_rc: 0, active_days_recent: 30, active_days_before: 60, active_days_lapse: 40}
        - {as_of: 2026-03-31, customer_id: MONEY, open_rc: 30, overdue_rc: 20, over_60_rc: 7, disputed_rc: 3, billed_recent_rc: 0, billed_before_rc: 0}
        - {as_of: 2026-01-31, customer_id: PAYS, open_rc: 0, overdue_rc: 0, over_60_rc: 0, disputed_rc: 0}
        - {as_of: 2026-03-31, customer_id: PAYS, open_rc: 0, overdue_rc: 0, over_60_rc: 0, disputed_rc: 0}
        - {as_of: 2026-03-31, customer_id: REVIEWED, external_grade: null, external_score: 70, ability_score: 8, last_review_on: 2026-03-05, financials_on: 2024-12-31}
        - {as_of: 2026-01-31, customer_id: GRADED, policy_grade: B, last_order_on: 2024-01-03}
        - {as_of: 2026-02-28, customer_id: GRADED, policy_grade: D, last_order_on: 2024-01-03}
        - {as_of: 2026-03-31, customer_id: GRADED, policy_grade: null, last_order_on: 2024-01-03}
        - {as_of: 2026-01-31, customer_id: BUYS, billed_recent_rc: 0, billed_before_rc: 10000, last_order_on: 2025-11-03}
        - {as_of: 2026-02-28, customer_id: BUYS, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: 2025-11-03}
        - {as_of: 2026-03-31, customer_id: BUYS, billed_recent_rc: 20, billed_before_rc: 1, last_order_on: 2026-03-31}
        - {as_of: 2026-01-31, customer_id: ORDERS, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: 2026-01-31}
        - {as_of: 2026-02-28, customer_id: ORDERS, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: 2026-02-01}
        - {as_of: 2026-03-31, customer_id: ORDERS, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: 2026-03-31}
        - {as_of: 2026-01-31, customer_id: LONG AGO, billed_recent_rc: 0, billed_before_rc: 0, last_order_on: 2024-01-02}
        - {as_of: 2026-03-31, customer_id: SEASON, active_days_recent: 0, active_days_before: 28, active_days_lapse: 9}
        - {as_of: 2026-03-31, customer_id: MOVED, broken_promises_year: 1, broken_promises_recent: 1, judged_promises_year: 1, promise_moves_recent: 0, last_order_on: null}
  - name: a month that has not ended is told to its last day built; what has no rate is left out and counted, also of who has nothing else
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-02-10, first_day: 2026-01-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-02-10, company: A, customer_id: C, currency: XYZ, open_amount_rc: null, overdue_rc: null, d61_90_rc: null, disputed_rc: null}
          - {as_of: 2026-02-10, company: A, customer_id: NOTHING ELSE, currency: XYZ, open_amount_rc: null, overdue_rc: null, d61_90_rc: null, disputed_rc: null}
          - {as_of: 2026-02-10, company: B, customer_id: NOTHING ELSE, currency: XYZ, open_amount_rc: null, overdue_rc: null, d61_90_rc: null, disputed_rc: null}
          - {as_of: 2026-02-10, company: A, customer_id: NOTHING OPEN, currency: CNY, open_amount_rc: 0, overdue_rc: 0, d61_90_rc: 0, disputed_rc: 0}
      - input: source('huikuan', 'payment_behaviour')
        rows: [{month_end: 2026-01-31, company: A, customer_id: C, n_w365: 1}, {month_end: 2026-02-10, company: A, customer_id: C, n_w365: 1}]
      - input: source('huikuan', 'ar_items')
        rows: [{customer_id: C, invoice_id: I1, invoice_date: 2026-02-10, amount_rc: null}, {customer_id: C, invoice_id: I2, invoice_date: 2026-02-11, amount_rc: 7}]
      - input: source('huikuan', 'legal_cases')
        rows: [{case_id: L1, customer_id: C, filed_on: 2026-02-11}]
    expect:
      rows:
        - {as_of: 2026-01-31, customer_id: C, open_rc: 0, overdue_rc: 0, over_60_rc: 0, disputed_rc: 0, balances_without_rate: 0, promise_moves_recent: 0, billed_recent_rc: 0, last_order_on: null, in_legal_case: false}
        - {as_of: 2026-02-10, customer_id: C, open_rc: 0, overdue_rc: 0, over_60_rc: 0, disputed_rc: 0, balances_without_rate: 1, promise_moves_recent: 0, billed_recent_rc: 0, last_order_on: 2026-02-10, in_legal_case: false}
        - {as_of: 2026-02-10, customer_id: NOTHING ELSE, open_rc: 0, overdue_rc: 0, over_60_rc: 0, disputed_rc: 0, balances_without_rate: 2, promise_moves_recent: 0, billed_recent_rc: 0, last_order_on: null, in_legal_case: false}
  - name: "the outcome of the warnings is a setting: one day late is enough"
    overrides: {vars: {warning_outcome_overdue_days: 0}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-01-31, first_day: 2026-01-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows: [{as_of: 2026-01-31, company: A, customer_id: C, open_amount_rc: 999, overdue_rc: 127, d1_30_rc: 1, d31_60_rc: 2, d61_90_rc: 4, d91_120_rc: 8, d121_180_rc: 16, d181_365_rc: 32, d366_plus_rc: 64, disputed_rc: 0}]
    expect:
      rows: [{as_of: 2026-01-31, customer_id: C, open_rc: 999, over_60_rc: 127}]
  - name: "the outcome of the warnings is a setting: only the last bucket lies beyond a year"
    overrides: {vars: {warning_outcome_overdue_days: 365}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-01-31, first_day: 2026-01-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows: [{as_of: 2026-01-31, company: A, customer_id: C, open_amount_rc: 999, overdue_rc: 127, d1_30_rc: 1, d31_60_rc: 2, d61_90_rc: 4, d91_120_rc: 8, d121_180_rc: 16, d181_365_rc: 32, d366_plus_rc: 64, disputed_rc: 0}]
    expect:
      rows: [{as_of: 2026-01-31, customer_id: C, open_rc: 999, over_60_rc: 64}]
  - name: "the outcome of the warnings is a setting: thirty-one days are late enough"
    overrides: {vars: {warning_outcome_overdue_days: 30}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-01-31, first_day: 2026-01-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows: [{as_of: 2026-01-31, company: A, customer_id: C, open_amount_rc: 999, overdue_rc: 127, d1_30_rc: 1, d31_60_rc: 2, d61_90_rc: 4, d91_120_rc: 8, d121_180_rc: 16, d181_365_rc: 32, d366_plus_rc: 64, disputed_rc: 0}]
    expect:
      rows: [{as_of: 2026-01-31, customer_id: C, open_rc: 999, over_60_rc: 126}]
--- */
WITH
-- Month-ends of the history and the last day built: one a month, so that months count them.
(
    SELECT arrayDistinct(arrayPushBack(
        arrayFilter(d -> d < max(as_of), arrayMap(m -> toDate32(addMonths(min(first_day), m + 1)) - 1, range(toUInt32(dateDiff('month', min(first_day), max(as_of))) + 1))),
        max(as_of)))
    FROM {{ source('huikuan', 'ar_as_of') }}
) AS evaluated,
greatest(1, length(evaluated)) AS days,
arraySort(arrayDistinct(arrayFlatten(arrayMap(d -> [d, d - {{ var('warning_order_days') }}, d - {{ var('warning_order_days') }} - {{ var('warning_order_before_days') }}], evaluated)))) AS bounds,
arrayMap(n -> arrayFirstIndex(b -> b >= bounds[1] + n, bounds), range(toUInt32(dateDiff('day', bounds[1], bounds[-1])) + 1)) AS steps,
-- A customer's figures are arrays with one element for each of these days: k is the place of the day.
balances AS (
    SELECT
        customer_id,
        sumResample(0, days, 1)(open, k) AS opens,
        sumResample(0, days, 1)(ifNull(overdue_rc, 0), k) AS overdues,
        sumResample(0, days, 1)(ifNull(later, 0), k) AS over_60s,
        sumResample(0, days, 1)(ifNull(disputed_rc, 0), k) AS disputeds,
        sumResample(0, days, 1)(isNull(open_amount_rc), k) AS unrateds
    FROM (
        SELECT
            *,
            ifNull(open_amount_rc, 0) AS open,
            -- of the buckets, those beyond the outcome's days
            if({{ var('warning_outcome_overdue_days') }} <= 0, d1_30_rc, 0)
                + if({{ var('warning_outcome_overdue_days') }} <= 30, d31_60_rc, 0)
                + if({{ var('warning_outcome_overdue_days') }} <= 60, d61_90_rc, 0)
                + if({{ var('warning_outcome_overdue_days') }} <= 90, d91_120_rc, 0)
                + if({{ var('warning_outcome_overdue_days') }} <= 120, d121_180_rc, 0)
                + if({{ var('warning_outcome_overdue_days') }} <= 180, d181_365_rc, 0)
                + d366_plus_rc AS later,
            toUInt64(dateDiff('month', evaluated[1], as_of)) AS k
        FROM {{ ref('month_end_balances') }}
    )
    GROUP BY customer_id
),
payers AS (
    SELECT customer_id, maxResample(0, days, 1)(n_w365 > 0, toUInt64(dateDiff('month', evaluated[1], month_end))) AS in_year
    FROM {{ source('huikuan', 'payment_behaviour') }}
    GROUP BY customer_id
),
promises AS (
    SELECT
        customer_id,
        sumResample(0, days, 1)(ifNull(status = 'broken' AND status_on > addMonths(as_of, -{{ var('risk_year_months') }}), false), k) AS broken_year,
        sumResample(0, days, 1)(ifNull(status = 'broken' AND status_on > as_of - {{ var('warning_window_days') }}, false), k) AS broken_recent,
        sumResample(0, days, 1)(ifNull(status IN ('kept', 'partial', 'broken') AND status_on > addMonths(as_of, -{{ var('risk_year_months') }}), false), k) AS judged_year,
        maxResample(0, days, 1)(if(made_on > as_of - {{ var('warning_window_days') }}, times_moved, 0), k) AS moves_recent
    FROM (
        SELECT customer_id, status, status_on, made_on, times_moved, as_of, toUInt64(dateDiff('month', evaluated[1], as_of)) AS k
        FROM (SELECT *, greatest(made_on, ifNull(status_on, made_on)) AS begun FROM {{ source('huikuan', 'promise_states') }}) AS p
        ARRAY JOIN arrayFilter(d -> d >= p.first_day AND d <= p.last_day AND d < greatest(addMonths(p.begun, {{ var('risk_year_months') }} + 1), p.begun + {{ var('warning_window_days') }} + 1), evaluated) AS as_of
    )
    GROUP BY customer_id
),
avoidance AS (
    SELECT
        customer_id,
        sumResample(0, days, 1)(day > as_of - {{ var('warning_window_days') }} AND avoids, k) AS avoided_recent,
        sumResample(0, days, 1)(day > addMonths(as_of, -{{ var('risk_year_months') }}), k) AS avoided_year
    FROM (
        SELECT customer_id, day, avoids, as_of, toUInt64(dateDiff('month', evaluated[1], as_of)) AS k
        FROM (
            SELECT customer_id, toDate32(happened_at) AS day, isNotNull(avoidance_code) OR ifNull(reason_verified, true) = false AS avoids
            FROM {{ source('huikuan', 'visits') }}
            WHERE isNotNull(happened_at) AND (avoids OR isNotNull(excuse_code))
        ) AS v
        ARRAY JOIN arrayFilter(d -> d >= v.day AND d < greatest(addMonths(v.day, {{ var('risk_year_months') }}), v.day + {{ var('warning_window_days') }}) + 1, evaluated) AS as_of
    )
    GROUP BY customer_id
),
-- Sums up to each as_of and to the beginnings of both windows of billings before it are running totals at these bounds.
order_history AS (
    SELECT
        customer_id,
        arrayCumSum(arrayResize(sumResample(0, 3 * days, 1)(amount, step), length(bounds))) AS totals,
        arrayFill(x -> x != 0, arrayResize(maxResample(0, 3 * days, 1)(toUInt32(toInt32(day) + 50000), step), length(bounds))) AS latest,
        arrayFilter((x, at) -> at, totals, arrayMap(d -> has(evaluated, d), bounds)) AS now_rc,
        arrayFilter((x, at) -> at, totals, arrayMap(d -> has(evaluated, d + {{ var('warning_order_days') }}), bounds)) AS before_recent_rc,
        arrayFilter((x, at) -> at, totals, arrayMap(d -> has(evaluated, d + {{ var('warning_order_days') }} + {{ var('warning_order_before_days') }}), bounds)) AS before_both_rc,
        arrayMap((x, y) -> x - y, now_rc, before_recent_rc) AS recent_rc,
        arrayMap((x, y) -> x - y, before_recent_rc, before_both_rc) AS earlier_rc,
        arrayFilter((x, at) -> at, latest, arrayMap(d -> has(evaluated, d), bounds)) AS last_orders
    FROM (
        SELECT customer_id, invoice_date AS day, toUInt64(steps[greatest(1, toInt32(day) - toInt32(bounds[1]) + 1)]) - 1 AS step, ifNull(amount_rc, 0) AS amount
        FROM {{ source('huikuan', 'ar_items') }}
        WHERE day <= bounds[-1]
        UNION ALL
        SELECT customer_id, order_date AS day, toUInt64(steps[greatest(1, toInt32(day) - toInt32(bounds[1]) + 1)]) - 1 AS step, 0
        FROM {{ source('huikuan', 'orders') }}
        WHERE day <= bounds[-1] AND NOT has({{ var('order_cancelled_statuses') }}, ifNull(status, ''))
    )
    GROUP BY customer_id
),
-- a customer's reviews in order, each with what is known once it is there
reviews AS (
    SELECT
        customer_id,
        arraySort(x -> (x.1, x.2), groupArray((reviewed_on, review_id, external_grade, external_score, ability_score, financials_as_of))) AS sorted,
        arrayMap(n -> (
            sorted[n].1,
            sorted[n].3,
            arrayLast(x -> isNotNull(x.4), arraySlice(sorted, 1, n)).4,
            arrayLast(x -> isNotNull(x.5), arraySlice(sorted, 1, n)).5,
            arrayReduce('max', arrayMap(x -> x.6, arraySlice(sorted, 1, n)))), arrayEnumerate(sorted)) AS reviewed
    FROM {{ source('huikuan', 'credit_reviews') }}
    GROUP BY customer_id
),
legal AS (
    SELECT customer_id, groupArray((filed_on, ifNull(closed_on, toDate32('2299-12-31')))) AS periods
    FROM {{ source('huikuan', 'legal_cases') }}
    GROUP BY customer_id
),
versions AS (
    SELECT customer_id, arraySort(groupArray((valid_from, ifNull(grade, '')))) AS grades
    FROM {{ source('huikuan', 'customers') }}
    GROUP BY customer_id
),
seasons AS (
    SELECT
        active_months,
        arrayMap(m -> toUInt8(m), extractAll(active_months, '[0-9]+')) AS months,
        arrayMap(d -> arrayCount(n -> empty(months) OR has(months, toMonth(d - n)), range({{ var('warning_order_days') }})), evaluated) AS active_recent,
        arrayMap(d -> arrayCount(n -> empty(months) OR has(months, toMonth(d - {{ var('warning_order_days') }} - n)), range({{ var('warning_order_before_days') }})), evaluated) AS active_before,
        arrayMap(d -> arrayCount(n -> empty(months) OR has(months, toMonth(d - n)), range({{ var('warning_lapsed_days') }})), evaluated) AS active_lapse
    FROM (SELECT DISTINCT ifNull(active_months, '') AS active_months FROM {{ source('huikuan', 'customers_current') }} UNION DISTINCT SELECT '')
),
by_day AS (
    SELECT
        k.customer_id AS customer_id,
        as_of,
        open,
        overdue,
        over_60,
        disputed,
        unrated,
        broken_year,
        broken_recent,
        judged_year,
        moves_recent,
        avoided_recent,
        avoided_year,
        billed_recent,
        billed_before,
        last_order,
        active_recent,
        active_before,
        active_lapse,
        arrayLast(x -> x.1 <= as_of, r.reviewed) AS review,
        arrayExists(x -> x.1 <= as_of AND as_of < x.2, l.periods) AS in_case,
        arrayLast(x -> x.1 <= as_of, w.grades).2 AS grade
    FROM (SELECT customer_id FROM {{ ref('month_end_balances') }} UNION DISTINCT SELECT customer_id FROM {{ source('huikuan', 'payment_behaviour') }}) AS k
    LEFT ANY JOIN balances AS b ON b.customer_id = k.customer_id
    LEFT ANY JOIN payers AS p ON p.customer_id = k.customer_id
    LEFT ANY JOIN promises AS m ON m.customer_id = k.customer_id
    LEFT ANY JOIN avoidance AS a ON a.customer_id = k.customer_id
    LEFT ANY JOIN order_history AS o ON o.customer_id = k.customer_id
    LEFT ANY JOIN reviews AS r ON r.customer_id = k.customer_id
    LEFT ANY JOIN legal AS l ON l.customer_id = k.customer_id
    LEFT ANY JOIN versions AS w ON w.customer_id = k.customer_id
    LEFT ANY JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = k.customer_id
    LEFT ANY JOIN seasons AS s ON s.active_months = ifNull(c.active_months, '')
    ARRAY JOIN
        evaluated AS as_of,
        arrayResize(b.opens, length(evaluated)) AS open,
        arrayResize(b.overdues, length(evaluated)) AS overdue,
        arrayResize(b.over_60s, length(evaluated)) AS over_60,
        arrayResize(b.disputeds, length(evaluated)) AS disputed,
        arrayResize(b.unrateds, length(evaluated)) AS unrated,
        arrayResize(p.in_year, length(evaluated)) AS paid,
        arrayResize(m.broken_year, length(evaluated)) AS broken_year,
        arrayResize(m.broken_recent, length(evaluated)) AS broken_recent,
        arrayResize(m.judged_year, length(evaluated)) AS judged_year,
        arrayResize(m.moves_recent, length(evaluated)) AS moves_recent,
        arrayResize(a.avoided_recent, length(evaluated)) AS avoided_recent,
        arrayResize(a.avoided_year, length(evaluated)) AS avoided_year,
        arrayResize(o.recent_rc, length(evaluated)) AS billed_recent,
        arrayResize(o.earlier_rc, length(evaluated)) AS billed_before,
        arrayResize(o.last_orders, length(evaluated)) AS last_order,
        s.active_recent AS active_recent,
        s.active_before AS active_before,
        s.active_lapse AS active_lapse
    WHERE open != 0 OR unrated > 0 OR paid
)
SELECT
    as_of,
    customer_id,
    CAST(open AS Decimal(18, 4)) AS open_rc,
    CAST(overdue AS Decimal(18, 4)) AS overdue_rc,
    CAST(over_60 AS Decimal(18, 4)) AS over_60_rc,
    CAST(disputed AS Decimal(18, 4)) AS disputed_rc,
    toInt64(unrated) AS balances_without_rate,
    toInt64(broken_year) AS broken_promises_year,
    toInt64(broken_recent) AS broken_promises_recent,
    toInt64(judged_year) AS judged_promises_year,
    toInt64(moves_recent) AS promise_moves_recent,
    toInt64(avoided_recent) AS avoidance_recent,
    toInt64(avoided_year) AS avoidance_year,
    CAST(billed_recent AS Decimal(18, 4)) AS billed_recent_rc,
    CAST(billed_before AS Decimal(18, 4)) AS billed_before_rc,
    toInt64(active_recent) AS active_days_recent,
    toInt64(active_before) AS active_days_before,
    toInt64(active_lapse) AS active_days_lapse,
    if(last_order = 0, NULL, toDate32(toInt32(last_order) - 50000)) AS last_order_on,
    nullIf(review.2, '') AS external_grade,
    review.3 AS external_score,
    review.4 AS ability_score,
    nullIf(review.1, toDate32('1970-01-01')) AS last_review_on,
    review.5 AS financials_on,
    CAST(in_case AS Bool) AS in_legal_case,
    nullIf(grade, '') AS policy_grade
FROM by_day
