/* ---
description: "What is known of each customer at each month-end and on the last day built, over all companies: balances, how it pays, promises, avoidance, reviews. Grades and early warnings are made of these columns; none looks past its day (E8, E9)."
grain: one day and customer with open receivables, balances without an exchange rate or payments within the year before
materialisation: table
order_by: [as_of, customer_id]
owner: credit management
tags: [risk, grades]
columns:
  - {name: as_of, description: "end of this day: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: segment, description: segment on as_of; NULL where there is no balance}
  - {name: owner_id, description: account owner of the largest balance; NULL where there is none, unit: id}
  - {name: open_rc, description: open invoices and debit notes at closing rates; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: overdue_rc, description: 1 day or more past due; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: over_60_rc, description: more than warning_outcome_overdue_days days past due (named for the default); what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: disputed_rc, description: disputed part of open_rc, unit: reporting currency, tests: [not_null]}
  - {name: balances_without_rate, description: balances left out because no closing rate is known, unit: count, tests: [not_null]}
  - {name: book_rc, description: open receivables of all customers; what has no exchange rate is left out, unit: reporting currency}
  - {name: utilisation, description: exposure / credit limit; NULL = no limit or limit 0, unit: fraction}
  - {name: limit_flag, description: flag of exposure_by_customer; NULL where it has no row}
  - {name: breach_rc, description: exposure above the limit, unit: reporting currency}
  - {name: settled_count, description: instalments settled by cash up to as_of, unit: count, tests: [not_null]}
  - {name: days_to_pay_recent, description: days to pay of the last behaviour_recent_days days; NULL = no payment, unit: days}
  - {name: days_to_pay_before, description: days to pay of the behaviour_year_days days before these; NULL = no payment, unit: days}
  - {name: payments_recent, description: instalments with cash in the last behaviour_recent_days days, unit: count, tests: [not_null]}
  - {name: cycle_ratio, description: days_to_pay_recent / days_to_pay_before; NULL = one of them is unknown or zero, unit: factor}
  - {name: cycle_change, description: days_to_pay_recent - days_to_pay_before, unit: days}
  - {name: days_beyond_terms, description: "days late, early ones as 0, weighted by cash of the last behaviour_year_days days; NULL = no payment", unit: days}
  - {name: consecutive_late, description: "latest settlements in a row that were late, in the company where there are most", unit: count, tests: [not_null]}
  - {name: first_over_30_late_on, description: "first day on which an instalment was more than behaviour_first_late_days days late, up to as_of; NULL = never", unit: date}
  - {name: partial_recent, description: partial payments in the last behaviour_recent_days days, unit: count, tests: [not_null]}
  - {name: partial_year, description: partial payments in the last behaviour_year_days days, unit: count, tests: [not_null]}
  - {name: round_recent, description: round sums that left an instalment open in the last behaviour_recent_days days, unit: count, tests: [not_null]}
  - {name: round_year, description: the same in the last behaviour_year_days days, unit: count, tests: [not_null]}
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
  - name: open receivables are those of the balance sheet
    sum_equals:
      this: sum(open_rc)
      by: [as_of]
      of: |
        SELECT as_of, sum(ifNull(open_amount_rc, 0))
        FROM {{ ref('month_end_balances') }}
        GROUP BY as_of
unit_tests:
  - name: what a customer owes and does, how it pays and its limit stand side by side
    given:
      - input: ref('customer_months')
        rows:
          - {as_of: 2026-01-31, customer_id: C, open_rc: 100, overdue_rc: 35, over_60_rc: 5, disputed_rc: 10, balances_without_rate: 13, broken_promises_year: 1, broken_promises_recent: 2, judged_promises_year: 3, promise_moves_recent: 4, avoidance_recent: 5, avoidance_year: 6, billed_recent_rc: 7, billed_before_rc: 8, active_days_recent: 9, active_days_before: 11, active_days_lapse: 12, last_order_on: 2026-01-13, external_grade: A, external_score: 60, ability_score: 14, last_review_on: 2026-01-15, financials_on: 2024-12-31, in_legal_case: true, policy_grade: B}
          - {as_of: 2026-01-31, customer_id: D, open_rc: 900}
          - {as_of: 2026-02-28, customer_id: C, open_rc: 0}
          - {as_of: 2026-02-28, customer_id: D, open_rc: 50}
          - {as_of: 2026-02-28, customer_id: NO RATE, open_rc: 0, balances_without_rate: 2}
          - {as_of: 2026-02-28, customer_id: NEVER PAID, open_rc: 20, overdue_rc: 20}
      - input: ref('payment_habits')
        rows:
          - {as_of: 2026-01-31, customer_id: C, settled_count: 21, payments_recent: 22, days_to_pay_recent: 52, days_to_pay_before: 40, cycle_ratio: 1.3, cycle_change: 12, days_beyond_terms: 10, consecutive_late: 23, first_over_30_late_on: 2026-01-20, partial_recent: 24, partial_year: 25, round_recent: 26, round_year: 27}
          - {as_of: 2026-02-28, customer_id: D, settled_count: 3}
          - {as_of: 2026-02-28, customer_id: E, settled_count: 4}
          - {as_of: 2026-02-28, customer_id: NEVER PAID, first_over_30_late_on: 2026-02-11}
      - input: ref('exposure_by_customer')
        rows:
          - {as_of: 2026-01-31, level: customer, customer_id: C, segment: S, owner_id: R, utilisation: 0.5, breach_rc: 0, flag: ok}
          - {as_of: 2026-01-31, level: group, customer_id: C, segment: X, owner_id: X, utilisation: 2, breach_rc: 9, flag: over_limit}
          - {as_of: 2026-01-31, level: group, customer_id: D, segment: X, owner_id: X, utilisation: 2, breach_rc: 9, flag: over_limit}
          - {as_of: 2026-02-28, level: customer, customer_id: C, segment: S, owner_id: R, flag: limit_missing}
          - {as_of: 2026-02-28, level: customer, customer_id: D, segment: null, owner_id: null, flag: no_credit, breach_rc: 50}
          - {as_of: 2026-02-28, level: customer, customer_id: NO RATE, segment: S, owner_id: R, flag: missing_rate}
    expect:
      rows:
        - {as_of: 2026-01-31, customer_id: C, open_rc: 100, overdue_rc: 35, over_60_rc: 5, disputed_rc: 10, balances_without_rate: 13, broken_promises_year: 1, broken_promises_recent: 2, judged_promises_year: 3, promise_moves_recent: 4, avoidance_recent: 5, avoidance_year: 6, billed_recent_rc: 7, billed_before_rc: 8, active_days_recent: 9, active_days_before: 11, active_days_lapse: 12, last_order_on: 2026-01-13, external_grade: A, external_score: 60, ability_score: 14, last_review_on: 2026-01-15, financials_on: 2024-12-31, in_legal_case: true, policy_grade: B, settled_count: 21, payments_recent: 22, days_to_pay_recent: 52, days_to_pay_before: 40, cycle_ratio: 1.3, cycle_change: 12, days_beyond_terms: 10, consecutive_late: 23, first_over_30_late_on: 2026-01-20, partial_recent: 24, partial_year: 25, round_recent: 26, round_year: 27, book_rc: 1000, segment: S, owner_id: R, utilisation: 0.5, limit_flag: ok, breach_rc: 0}
        - {as_of: 2026-01-31, customer_id: D, open_rc: 900, book_rc: 1000, settled_count: 0, payments_recent: 0, days_to_pay_recent: null, cycle_ratio: null, first_over_30_late_on: null, segment: null, owner_id: null, utilisation: null, limit_flag: null, breach_rc: null}
        - {as_of: 2026-02-28, customer_id: C, open_rc: 0, book_rc: 70, settled_count: 0, segment: null, owner_id: null, utilisation: null, limit_flag: limit_missing, breach_rc: null}
        - {as_of: 2026-02-28, customer_id: D, open_rc: 50, book_rc: 70, settled_count: 3, segment: null, owner_id: null, utilisation: null, limit_flag: no_credit, breach_rc: 50}
        - {as_of: 2026-02-28, customer_id: NO RATE, open_rc: 0, balances_without_rate: 2, book_rc: 70, settled_count: 0, segment: S, owner_id: R, utilisation: null, limit_flag: missing_rate, breach_rc: null}
        - {as_of: 2026-02-28, customer_id: NEVER PAID, open_rc: 20, book_rc: 70, settled_count: 0, payments_recent: 0, days_to_pay_recent: null, days_to_pay_before: null, cycle_ratio: null, days_beyond_terms: null, consecutive_late: 0, first_over_30_late_on: 2026-02-11}
--- */
WITH
(SELECT (groupArray(as_of), groupArray(book)) FROM (SELECT as_of, sum(open_rc) AS book FROM {{ ref('customer_months') }} GROUP BY as_of)) AS books
SELECT
    m.as_of AS as_of,
    m.customer_id AS customer_id,
    if(m.open_rc != 0 OR m.balances_without_rate > 0, nullIf(toString(e.segment), ''), NULL) AS segment,
    if(m.open_rc != 0 OR m.balances_without_rate > 0, nullIf(e.owner_id, ''), NULL) AS owner_id,
    m.open_rc AS open_rc,
    m.overdue_rc AS overdue_rc,
    m.over_60_rc AS over_60_rc,
    m.disputed_rc AS disputed_rc,
    m.balances_without_rate AS balances_without_rate,
    CAST(books.2[indexOf(books.1, m.as_of)] AS Decimal(18, 4)) AS book_rc,
    e.utilisation AS utilisation,
    nullIf(e.flag, '') AS limit_flag,
    e.breach_rc AS breach_rc,
    p.settled_count AS settled_count,
    p.days_to_pay_recent AS days_to_pay_recent,
    p.days_to_pay_before AS days_to_pay_before,
    p.payments_recent AS payments_recent,
    p.cycle_ratio AS cycle_ratio,
    p.cycle_change AS cycle_change,
    p.days_beyond_terms AS days_beyond_terms,
    p.consecutive_late AS consecutive_late,
    p.first_over_30_late_on AS first_over_30_late_on,
    p.partial_recent AS partial_recent,
    p.partial_year AS partial_year,
    p.round_recent AS round_recent,
    p.round_year AS round_year,
    m.broken_promises_year AS broken_promises_year,
    m.broken_promises_recent AS broken_promises_recent,
    m.judged_promises_year AS judged_promises_year,
    m.promise_moves_recent AS promise_moves_recent,
    m.avoidance_recent AS avoidance_recent,
    m.avoidance_year AS avoidance_year,
    m.billed_recent_rc AS billed_recent_rc,
    m.billed_before_rc AS billed_before_rc,
    m.active_days_recent AS active_days_recent,
    m.active_days_before AS active_days_before,
    m.active_days_lapse AS active_days_lapse,
    m.last_order_on AS last_order_on,
    m.external_grade AS external_grade,
    m.external_score AS external_score,
    m.ability_score AS ability_score,
    m.last_review_on AS last_review_on,
    m.financials_on AS financials_on,
    m.in_legal_case AS in_legal_case,
    m.policy_grade AS policy_grade
FROM {{ ref('customer_months') }} AS m
LEFT ANY JOIN {{ ref('payment_habits') }} AS p ON p.as_of = m.as_of AND p.customer_id = m.customer_id
LEFT ANY JOIN (SELECT as_of, customer_id, segment, owner_id, utilisation, flag, breach_rc FROM {{ ref('exposure_by_customer') }} WHERE level = 'customer') AS e
    ON e.as_of = m.as_of AND e.customer_id = m.customer_id
-- all three are kept in the order of as_of and customer_id: they are merged as they are read
SETTINGS join_algorithm = 'full_sorting_merge,hash'
