/* ---
description: "Which of the twelve early-warning rules were true of which customer at each month-end and on the last day built, with the numbers that made them true (E9). early_warnings makes alerts with a life of these."
grain: one day, customer with open receivables or balances without an exchange rate, and rule that is true
materialisation: table
order_by: [as_of, customer_id, rule_no]
owner: credit management
tags: [risk, warnings]
columns:
  - {name: as_of, description: "end of this day: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: owner_id, description: account owner of the largest balance, unit: id}
  - {name: segment, description: segment on as_of}
  - {name: rule_no, description: number of the rule, unit: rank, tests: [not_null]}
  - {name: rule, description: "payment_cycle, order_decline, broken_promises, credit_limit, concentration, habitual_delay, lapsed, first_over_30, dispute_share, avoidance, partial_payments, stale_or_legal", tests: [not_null]}
  - {name: severity, description: "low, medium or high, as in warning_severities; a limit that is near and rising has warning_severity_near_limit, accounts that are only stale warning_severity_stale", tests: [not_null, {accepted_values: [low, medium, high]}]}
  - {name: measure, description: "what was measured: 1 days to pay, 2 billings, 3 promises, 4 utilisation, 5 share of the book, 6 settlements or moves in a row, 7 and 8 days, 9 fraction, 10 visits, 11 payments, 12 the age in months (NULL for a legal case)", unit: see the rule}
  - {name: baseline, description: what it is held against; NULL where the rule has no baseline, unit: see the rule}
  - {name: threshold, description: "value from which, or (4, 5, 9, 12) above which the rule is true", unit: see the rule}
  - {name: evidence, description: the same in words, tests: [not_null]}
  - {name: open_rc, description: open receivables at closing rates; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: overdue_rc, description: part of it past due, unit: reporting currency, tests: [not_null]}
tests:
  - unique: [as_of, customer_id, rule_no]
  - name: signals stand on balances of the day
    sum_equals:
      this: sumIf(open_rc, rule_no = 5)
      by: [as_of]
      of: |
        SELECT as_of, sum(open_rc)
        FROM {{ ref('risk_features') }}
        WHERE open_rc > book_rc * {{ var('warning_concentration') }} AND overdue_rc > 0
        GROUP BY as_of
unit_tests:
  - name: ex:ewi_payment_cycle
    given:
      - input: ref('risk_features')
        rows:
          - {as_of: 2026-10-31, customer_id: C1, open_rc: 10, book_rc: 1000, days_to_pay_recent: 52, days_to_pay_before: 40, cycle_ratio: 1.3, cycle_change: 12, payments_recent: 6, active_days_recent: 90, active_days_before: 360, active_days_lapse: 60, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: SHORT, open_rc: 10, book_rc: 1000, days_to_pay_recent: 12, days_to_pay_before: 6, cycle_ratio: 2, cycle_change: 6, payments_recent: 6, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: FEW, open_rc: 10, book_rc: 1000, days_to_pay_recent: 52, days_to_pay_before: 40, cycle_ratio: 1.3, cycle_change: 12, payments_recent: 2, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: PAID, open_rc: 0, book_rc: 1000, days_to_pay_recent: 52, days_to_pay_before: 40, cycle_ratio: 1.3, cycle_change: 12, payments_recent: 6, last_order_on: 2026-10-30}
    expect:
      rows: [{customer_id: C1, rule_no: 1, rule: payment_cycle, measure: 52, baseline: 40, threshold: 48, severity: medium, evidence: "days to pay 52 against 40 (6 payments)"}]
  - name: ex:ewi_order_decline
    given:
      - input: ref('risk_features')
        rows:
          - {as_of: 2026-10-31, customer_id: C1, open_rc: 10, book_rc: 1000, billed_recent_rc: 60000, billed_before_rc: 400000, active_days_recent: 90, active_days_before: 360, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: SEASONAL, open_rc: 10, book_rc: 1000, billed_recent_rc: 60000, billed_before_rc: 400000, active_days_recent: 60, active_days_before: 330, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: ASLEEP, open_rc: 10, book_rc: 1000, billed_recent_rc: 0, billed_before_rc: 400000, active_days_recent: 0, active_days_before: 330, last_order_on: 2026-06-30, active_days_lapse: 0}
    expect:
      rows: [{customer_id: C1, rule_no: 2, rule: order_decline, measure: 60000, baseline: 100000, threshold: 70000}]
  - name: every other rule once
    given:
      - input: ref('risk_features')
        rows:
          - {as_of: 2026-09-30, customer_id: NEAR, open_rc: 10, book_rc: 1000, utilisation: 0.91, limit_flag: near_limit, last_order_on: 2026-09-30}
          - {as_of: 2026-10-31, customer_id: NEAR, open_rc: 10, book_rc: 1000, utilisation: 0.92, limit_flag: near_limit, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: OVER, open_rc: 10, book_rc: 1000, utilisation: 1.5, limit_flag: over_limit, breach_rc: 5, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: BIG, open_rc: 101, overdue_rc: 1, book_rc: 1000, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: BROKEN, open_rc: 10, book_rc: 1000, broken_promises_recent: 2, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: NO RATE, open_rc: 0, balances_without_rate: 1, book_rc: 1000, broken_promises_recent: 3, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: HABIT, open_rc: 10, book_rc: 1000, consecutive_late: 3, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: MOVES, open_rc: 10, book_rc: 1000, promise_moves_recent: 2, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: GONE, open_rc: 10, book_rc: 1000, last_order_on: 2026-09-01, active_days_lapse: 60}
          - {as_of: 2026-10-31, customer_id: LATE, open_rc: 10, book_rc: 1000, first_over_30_late_on: 2026-08-03, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: OLDLATE, open_rc: 10, book_rc: 1000, first_over_30_late_on: 2026-08-02, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: DISPUTE, open_rc: 10, disputed_rc: 1.1, book_rc: 1000, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: AVOIDS, open_rc: 10, book_rc: 1000, avoidance_recent: 2, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: PART, open_rc: 10, book_rc: 1000, partial_recent: 2, partial_year: 2, settled_count: 9, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: USUAL, open_rc: 10, book_rc: 1000, partial_recent: 2, partial_year: 5, settled_count: 9, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: STALE, open_rc: 10, book_rc: 1000, financials_on: 2025-10-30, last_order_on: 2026-10-30}
          - {as_of: 2026-10-31, customer_id: LEGAL, open_rc: 10, book_rc: 1000, financials_on: 2026-10-01, in_legal_case: true, last_order_on: 2026-10-30}
    expect:
      rows:
        - {customer_id: BROKEN, rule_no: 3, measure: 2, threshold: 2, severity: high}
        - {customer_id: NO RATE, rule_no: 3, measure: 3, threshold: 2, severity: high}
        - {customer_id: NEAR, rule_no: 4, measure: 0.92, threshold: 0.9, severity: medium}
        - {customer_id: OVER, rule_no: 4, measure: 1.5, threshold: 1, severity: high}
        - {customer_id: BIG, rule_no: 5, measure: 0.101, threshold: 0.1, severity: medium}
        - {customer_id: HABIT, rule_no: 6, measure: 3, threshold: 3, severity: medium}
        - {customer_id: MOVES, rule_no: 6, measure: 2, threshold: 2, severity: medium}
        - {customer_id: GONE, rule_no: 7, measure: 60, threshold: 60, severity: high}
        - {customer_id: LATE, rule_no: 8, measure: 89, threshold: 90, severity: high}
        - {customer_id: DISPUTE, rule_no: 9, measure: 0.11, threshold: 0.1, severity: medium}
        - {customer_id: AVOIDS, rule_no: 10, measure: 2, threshold: 2, severity: medium}
        - {customer_id: PART, rule_no: 11, measure: 2, threshold: 2, severity: low}
        - {customer_id: STALE, rule_no: 12, measure: 12, threshold: 12, severity: low}
        - {customer_id: LEGAL, rule_no: 12, measure: null, threshold: null, severity: high}
  - name: a limit that was not used before, by a customer known or new, is rising; one that falls, stands still or was unknown is not
    given:
      - input: ref('risk_features')
        rows:
          - {as_of: 2026-09-30, customer_id: FIRST, open_rc: 10, book_rc: 1000, utilisation: 0.95, limit_flag: near_limit}
          - {as_of: 2026-09-30, customer_id: UNUSED, open_rc: 0, book_rc: 1000, utilisation: 0, limit_flag: ok}
          - {as_of: 2026-09-30, customer_id: STILL, open_rc: 10, book_rc: 1000, utilisation: 0.93, limit_flag: near_limit}
          - {as_of: 2026-09-30, customer_id: FALLS, open_rc: 10, book_rc: 1000, utilisation: 0.97, limit_flag: near_limit}
          - {as_of: 2026-09-30, customer_id: UNKNOWN, open_rc: 10, book_rc: 1000, limit_flag: limit_missing}
          - {as_of: 2026-08-31, customer_id: FALLS, open_rc: 0, book_rc: 1000, utilisation: 0.5, limit_flag: ok}
          - {as_of: 2026-10-31, customer_id: UNUSED, open_rc: 10, book_rc: 1000, utilisation: 0.92, limit_flag: near_limit}
          - {as_of: 2026-10-31, customer_id: STILL, open_rc: 10, book_rc: 1000, utilisation: 0.93, limit_flag: near_limit}
          - {as_of: 2026-10-31, customer_id: FALLS, open_rc: 10, book_rc: 1000, utilisation: 0.94, limit_flag: near_limit}
          - {as_of: 2026-10-31, customer_id: UNKNOWN, open_rc: 10, book_rc: 1000, utilisation: 0.95, limit_flag: near_limit}
          - {as_of: 2026-10-31, customer_id: NEW, open_rc: 10, book_rc: 1000, utilisation: 0.96, limit_flag: near_limit}
          - {as_of: 2026-10-31, customer_id: EXACT, open_rc: 10, book_rc: 1000, utilisation: 0.9, limit_flag: ok}
    expect:
      rows:
        - {as_of: 2026-09-30, customer_id: FIRST, rule_no: 4, measure: 0.95, baseline: 0, evidence: "limit used to 95 %, before 0 %"}
        - {as_of: 2026-09-30, customer_id: STILL, rule_no: 4, measure: 0.93, baseline: 0, evidence: "limit used to 93 %, before 0 %"}
        - {as_of: 2026-09-30, customer_id: FALLS, rule_no: 4, measure: 0.97, baseline: 0.5, evidence: "limit used to 97 %, before 50 %"}
        - {as_of: 2026-10-31, customer_id: UNUSED, rule_no: 4, measure: 0.92, baseline: 0, evidence: "limit used to 92 %, before 0 %"}
        - {as_of: 2026-10-31, customer_id: NEW, rule_no: 4, measure: 0.96, baseline: 0, evidence: "limit used to 96 %, before 0 %"}
  - name: accounts of exactly twelve months are not older than that, on the first day of the history nothing is rising
    given:
      - input: ref('risk_features')
        rows:
          - {as_of: 2026-10-31, customer_id: ON, open_rc: 10, book_rc: 1000, financials_on: 2025-10-31}
          - {as_of: 2026-10-31, customer_id: OVER, open_rc: 10, book_rc: 1000, financials_on: 2025-10-30}
          - {as_of: 2026-10-31, customer_id: OLD, open_rc: 10, book_rc: 1000, financials_on: 2024-08-15}
          - {as_of: 2026-10-31, customer_id: NEAR, open_rc: 10, book_rc: 1000, utilisation: 0.95, limit_flag: near_limit}
    expect:
      rows:
        - {customer_id: OVER, rule_no: 12, measure: 12, threshold: 12, evidence: accounts of 2025-10-30}
        - {customer_id: OLD, rule_no: 12, measure: 26, threshold: 12, evidence: accounts of 2024-08-15}
  - name: what each alert says and is measured by
    given:
      - input: ref('risk_features')
        rows:
          - {as_of: 2026-09-30, customer_id: OVER, open_rc: 0, book_rc: 1000, utilisation: 1.6, limit_flag: over_limit}
          - {as_of: 2026-09-30, customer_id: NEAR, open_rc: 21, book_rc: 1000, utilisation: 0.7183, limit_flag: ok}
          - {as_of: 2026-10-31, customer_id: SLOW, owner_id: R1, segment: RETAIL, open_rc: 22, overdue_rc: 7, book_rc: 1000, days_to_pay_recent: 24.25, days_to_pay_before: 14.34, cycle_ratio: 1.6911, cycle_change: 9.91, payments_recent: 3}
          - {as_of: 2026-10-31, customer_id: LEAST, open_rc: 22, book_rc: 1000, days_to_pay_recent: 42, days_to_pay_before: 35, cycle_ratio: 1.2, cycle_change: 7, payments_recent: 3}
          - {as_of: 2026-10-31, customer_id: LESS, open_rc: 23, book_rc: 1000, billed_recent_rc: 60123.45, billed_before_rc: 400000.7, active_days_recent: 90, active_days_before: 300}
          - {as_of: 2026-10-31, customer_id: JUST, open_rc: 23, book_rc: 1000, billed_recent_rc: 7, billed_before_rc: 30, active_days_recent: 1, active_days_before: 3}
          - {as_of: 2026-10-31, customer_id: FEW, open_rc: 23, book_rc: 1000, billed_recent_rc: 0.5, billed_before_rc: 3, active_days_recent: 1, active_days_before: 3}
          - {as_of: 2026-10-31, customer_id: NEVER, open_rc: 23, book_rc: 1000, billed_recent_rc: 0, billed_before_rc: 0, active_days_recent: 90, active_days_before: 360}
          - {as_of: 2026-10-31, customer_id: NEAR, open_rc: 24, book_rc: 1000, utilisation: 0.9236, limit_flag: near_limit}
          - {as_of: 2026-10-31, customer_id: OVER, open_rc: 25, book_rc: 1000, utilisation: 1.5, limit_flag: over_limit, breach_rc: 5123.6}
          - {as_of: 2026-10-31, customer_id: CASH, open_rc: 26, book_rc: 1000, limit_flag: no_credit, breach_rc: 26.4}
          - {as_of: 2026-10-31, customer_id: BIG, open_rc: 123.4, overdue_rc: 0.6, book_rc: 1000}
          - {as_of: 2026-10-31, customer_id: TENTH, open_rc: 100, overdue_rc: 1, book_rc: 1000}
          - {as_of: 2026-10-31, customer_id: GOOD, open_rc: 200, overdue_rc: 0, book_rc: 1000}
          - {as_of: 2026-10-31, customer_id: HABIT, open_rc: 27, book_rc: 1000, consecutive_late: 4, promise_moves_recent: 5}
          - {as_of: 2026-10-31, customer_id: THIRD, open_rc: 27, book_rc: 1000, consecutive_late: 3, promise_moves_recent: 1}
          - {as_of: 2026-10-31, customer_id: MOVES, open_rc: 28, book_rc: 1000, consecutive_late: 2, promise_moves_recent: 6}
          - {as_of: 2026-10-31, customer_id: GONE, open_rc: 29, book_rc: 1000, last_order_on: 2026-08-01, active_days_lapse: 1}
          - {as_of: 2026-10-31, customer_id: LATE, open_rc: 30, book_rc: 1000, first_over_30_late_on: 2026-10-31}
          - {as_of: 2026-10-31, customer_id: DISPUTE, open_rc: 48, disputed_rc: 11, book_rc: 1000}
          - {as_of: 2026-10-31, customer_id: PARTLY, open_rc: 50, disputed_rc: 5, book_rc: 1000}
          - {as_of: 2026-10-31, customer_id: AVOIDS, open_rc: 32, book_rc: 1000, avoidance_recent: 3}
          - {as_of: 2026-10-31, customer_id: BROKEN, open_rc: 33, book_rc: 1000, broken_promises_recent: 7}
          - {as_of: 2026-10-31, customer_id: PARTS, open_rc: 34, book_rc: 1000, partial_recent: 3, partial_year: 3, round_recent: 5, round_year: 6, settled_count: 3}
          - {as_of: 2026-10-31, customer_id: TWO, open_rc: 34, book_rc: 1000, partial_recent: 2, partial_year: 2, settled_count: 3}
          - {as_of: 2026-10-31, customer_id: ROUND, open_rc: 35, book_rc: 1000, partial_recent: 3, partial_year: 4, round_recent: 2, round_year: 2, settled_count: 9}
          - {as_of: 2026-10-31, customer_id: FRESH, open_rc: 36, book_rc: 1000, partial_recent: 2, partial_year: 2, settled_count: 2}
          - {as_of: 2026-10-31, customer_id: SMALL, open_rc: 0.5, book_rc: 1000, broken_promises_recent: 2}
          - {as_of: 2026-10-31, customer_id: LEGAL, open_rc: 37, book_rc: 1000, in_legal_case: true, financials_on: 2024-01-31}
    expect:
      rows:
        - {as_of: 2026-10-31, customer_id: SLOW, owner_id: R1, segment: RETAIL, rule: payment_cycle, open_rc: 22, overdue_rc: 7, measure: 24.25, baseline: 14.34, threshold: 21.34, evidence: "days to pay 24.3 against 14.3 (3 payments)"}
        - {customer_id: LEAST, owner_id: null, segment: null, rule: payment_cycle, measure: 42, baseline: 35, threshold: 42, evidence: "days to pay 42 against 35 (3 payments)"}
        - {customer_id: LESS, rule: order_decline, measure: 60123.45, baseline: 120000.21, threshold: 84000.147, evidence: "billed 60123 in 90 days against 120000 usually"}
        - {customer_id: JUST, rule: order_decline, measure: 7, baseline: 10, threshold: 7, evidence: "billed 7 in 90 days against 10 usually"}
        - {customer_id: FEW, rule: order_decline, measure: 0.5, baseline: 1, threshold: 0.7, evidence: "billed 1 in 90 days against 1 usually"}
        - {customer_id: NEAR, rule: credit_limit, measure: 0.9236, baseline: 0.7183, threshold: 0.9, severity: medium, evidence: "limit used to 92.4 %, before 71.8 %"}
        - {customer_id: OVER, rule: credit_limit, measure: 1.5, baseline: 1.6, threshold: 1, severity: high, evidence: "exposure 5124 above the limit"}
        - {customer_id: CASH, rule: credit_limit, measure: null, baseline: null, threshold: 1, severity: high, evidence: "exposure of 26 without credit"}
        - {customer_id: BIG, rule: concentration, measure: 0.1234, baseline: null, threshold: 0.1, evidence: "12.3 % of all receivables, 1 overdue"}
        - {customer_id: HABIT, rule: habitual_delay, measure: 4, threshold: 3, evidence: 4 late settlements in a row}
        - {customer_id: THIRD, rule: habitual_delay, measure: 3, threshold: 3, evidence: 3 late settlements in a row}
        - {customer_id: MOVES, rule: habitual_delay, measure: 6, threshold: 2, evidence: a promise moved 6 times}
        - {customer_id: GONE, rule: lapsed, measure: 91, threshold: 60, evidence: no order for 91 days}
        - {customer_id: LATE, rule: first_over_30, measure: 0, threshold: 90, evidence: "for the first time more than 30 days late, on 2026-10-31"}
        - {customer_id: DISPUTE, rule: dispute_share, measure: 0.2291666666, threshold: 0.1, evidence: "22.9 % of receivables disputed"}
        - {customer_id: AVOIDS, rule: avoidance, measure: 3, threshold: 2, evidence: 3 visits with avoidance or a false reason}
        - {customer_id: BROKEN, rule: broken_promises, measure: 7, threshold: 2, evidence: 7 broken promises}
        - {customer_id: PARTS, rule: partial_payments, measure: 3, baseline: 0, threshold: 2, evidence: "3 partial payments, none in the year before"}
        - {customer_id: TWO, rule: partial_payments, measure: 2, baseline: 0, threshold: 2, evidence: "2 partial payments, none in the year before"}
        - {customer_id: ROUND, rule: partial_payments, measure: 2, baseline: 0, threshold: 2, evidence: "2 round sums, none in the year before"}
        - {customer_id: SMALL, rule: broken_promises, measure: 2, threshold: 2, evidence: 2 broken promises}
        - {customer_id: LEGAL, rule: stale_or_legal, severity: high, measure: null, threshold: null, evidence: open legal case}
  - name: severities within a rule, and when a customer counts as late, are settings
    overrides: {vars: {warning_severity_near_limit: low, warning_severity_stale: medium, behaviour_first_late_days: 45}}
    given:
      - input: ref('risk_features')
        rows:
          - {as_of: 2026-10-31, customer_id: NEAR, open_rc: 10, book_rc: 1000, utilisation: 0.92, limit_flag: near_limit}
          - {as_of: 2026-09-30, customer_id: NEAR, open_rc: 0, book_rc: 1000, utilisation: 0.5}
          - {as_of: 2026-10-31, customer_id: OVER, open_rc: 10, book_rc: 1000, utilisation: 1.5, limit_flag: over_limit}
          - {as_of: 2026-10-31, customer_id: STALE, open_rc: 10, book_rc: 1000, financials_on: 2024-01-31}
          - {as_of: 2026-10-31, customer_id: LEGAL, open_rc: 10, book_rc: 1000, in_legal_case: true, financials_on: 2024-01-31}
          - {as_of: 2026-10-31, customer_id: LATE, open_rc: 10, book_rc: 1000, first_over_30_late_on: 2026-10-30}
    expect:
      rows:
        - {customer_id: NEAR, rule: credit_limit, severity: low}
        - {customer_id: OVER, rule: credit_limit, severity: high}
        - {customer_id: STALE, rule: stale_or_legal, severity: medium}
        - {customer_id: LEGAL, rule: stale_or_legal, severity: high}
        - {customer_id: LATE, rule: first_over_30, severity: high, evidence: "for the first time more than 45 days late, on 2026-10-30"}
--- */
WITH
['payment_cycle', 'order_decline', 'broken_promises', 'credit_limit', 'concentration', 'habitual_delay', 'lapsed', 'first_over_30', 'dispute_share', 'avoidance', 'partial_payments', 'stale_or_legal'] AS rules,
(SELECT arraySort(groupUniqArray(as_of)) FROM {{ ref('risk_features') }}) AS days,
features AS (
    SELECT
        f.*,
        -- who was not there on the day before used nothing of the limit then; before the history nothing is known
        multiIf(NOT ifNull(f.utilisation > {{ var('limit_warning') }}, false), NULL, p.customer_id != '', p.utilisation, f.as_of > days[1], toDecimal128(0, 10), NULL) AS utilisation_before,
        toDecimal128(f.open_rc, 10) / nullIf(f.book_rc, 0) AS share_of_book,
        toDecimal128(f.disputed_rc, 10) / nullIf(f.open_rc, 0) AS dispute_share,
        CAST(round(toDecimal128(f.billed_before_rc, 10) * f.active_days_recent / nullIf(f.active_days_before, 0), 4) AS Nullable(Decimal(18, 4))) AS billed_expected,
        dateDiff('day', f.last_order_on, f.as_of) AS days_without_order,
        dateDiff('day', f.first_over_30_late_on, f.as_of) AS days_since_late,
        age('month', toDateTime64(f.financials_on, 0, 'UTC'), toDateTime64(f.as_of, 0, 'UTC')) AS financials_months,
        f.as_of > addMonths(f.financials_on, {{ var('warning_financials_months') }}) AS financials_stale
    FROM {{ ref('risk_features') }} AS f
    LEFT JOIN (
        SELECT days[indexOf(days, as_of) + 1] AS next_day, customer_id, utilisation
        FROM {{ ref('risk_features') }}
        WHERE (next_day, customer_id) IN (SELECT as_of, customer_id FROM {{ ref('risk_features') }} WHERE utilisation > {{ var('limit_warning') }})
    ) AS p ON p.next_day = f.as_of AND p.customer_id = f.customer_id
    WHERE f.open_rc > 0 OR f.balances_without_rate > 0
),
judged AS (
    SELECT
        *,
        -- whether the rule of this number is met
        [
            ifNull(cycle_ratio >= {{ var('warning_cycle_ratio') }} AND cycle_change >= {{ var('warning_cycle_days') }} AND payments_recent >= {{ var('warning_cycle_payments') }}, false),
            ifNull(billed_expected > 0 AND active_days_recent > 0 AND billed_recent_rc <= billed_expected * (1 - toDecimal64('{{ var('warning_order_decline') }}', 4)), false),
            broken_promises_recent >= {{ var('warning_broken_promises') }},
            ifNull(limit_flag IN ('over_limit', 'no_credit') OR (utilisation > {{ var('limit_warning') }} AND utilisation > utilisation_before), false),
            ifNull(open_rc > book_rc * {{ var('warning_concentration') }} AND overdue_rc > 0, false),
            consecutive_late >= {{ var('warning_consecutive_late') }} OR promise_moves_recent >= {{ var('warning_promise_moves') }},
            ifNull(days_without_order >= {{ var('warning_lapsed_days') }} AND active_days_lapse > 0, false),
            ifNull(days_since_late < {{ var('warning_window_days') }}, false),
            ifNull(dispute_share > {{ var('warning_dispute_share') }}, false),
            avoidance_recent >= {{ var('warning_avoidance_count') }},
            settled_count >= {{ var('grade_min_settled') }} AND ((partial_recent >= {{ var('warning_partial_count') }} AND partial_year = partial_recent) OR (round_recent >= {{ var('warning_partial_count') }} AND round_year = round_recent)),
            in_legal_case OR ifNull(financials_stale, false)
        ] AS met
    FROM features
),
-- texts and measures are made of what is met alone
raised AS (
    SELECT *, toUInt8(arrayJoin(arrayFilter((n, x) -> x, arrayEnumerate(met), met))) AS rule_no
    FROM judged
    WHERE has(met, 1)
)
SELECT
    as_of,
    customer_id,
    owner_id,
    segment,
    rule_no,
    rules[rule_no] AS rule,
    multiIf(
        rule_no = 4 AND ifNull(limit_flag, '') = 'near_limit', '{{ var('warning_severity_near_limit') }}',
        rule_no = 12 AND NOT in_legal_case, '{{ var('warning_severity_stale') }}',
        {{ var('warning_severities') }}[rule_no]) AS severity,
    multiIf(
        rule_no = 1, days_to_pay_recent,
        rule_no = 2, CAST(billed_recent_rc AS Nullable(Decimal(38, 10))),
        rule_no = 3, CAST(broken_promises_recent AS Nullable(Decimal(38, 10))),
        rule_no = 4, utilisation,
        rule_no = 5, CAST(share_of_book AS Nullable(Decimal(38, 10))),
        rule_no = 6, CAST(if(consecutive_late >= {{ var('warning_consecutive_late') }}, consecutive_late, promise_moves_recent) AS Nullable(Decimal(38, 10))),
        rule_no = 7, CAST(days_without_order AS Nullable(Decimal(38, 10))),
        rule_no = 8, CAST(days_since_late AS Nullable(Decimal(38, 10))),
        rule_no = 9, CAST(dispute_share AS Nullable(Decimal(38, 10))),
        rule_no = 10, CAST(avoidance_recent AS Nullable(Decimal(38, 10))),
        rule_no = 11, CAST(if(partial_recent >= {{ var('warning_partial_count') }} AND partial_year = partial_recent, partial_recent, round_recent) AS Nullable(Decimal(38, 10))),
        rule_no = 12, CAST(if(in_legal_case, NULL, financials_months) AS Nullable(Decimal(38, 10))),
        NULL) AS measure,
    multiIf(
        rule_no = 1, days_to_pay_before,
        rule_no = 2, CAST(billed_expected AS Nullable(Decimal(38, 10))),
        rule_no = 4, utilisation_before,
        rule_no = 11, CAST(0 AS Nullable(Decimal(38, 10))),
        NULL) AS baseline,
    multiIf(
        rule_no = 1, CAST(greatest(days_to_pay_before * toDecimal128('{{ var('warning_cycle_ratio') }}', 4), days_to_pay_before + toDecimal128('{{ var('warning_cycle_days') }}', 4)) AS Nullable(Decimal(38, 10))),
        rule_no = 2, CAST(billed_expected * (1 - toDecimal64('{{ var('warning_order_decline') }}', 4)) AS Nullable(Decimal(38, 10))),
        rule_no = 3, CAST({{ var('warning_broken_promises') }} AS Nullable(Decimal(38, 10))),
        rule_no = 4, CAST(if(ifNull(limit_flag, '') = 'near_limit', toDecimal128('{{ var('limit_warning') }}', 10), toDecimal128(1, 10)) AS Nullable(Decimal(38, 10))),
        rule_no = 5, CAST(toDecimal128('{{ var('warning_concentration') }}', 10) AS Nullable(Decimal(38, 10))),
        rule_no = 6, CAST(if(consecutive_late >= {{ var('warning_consecutive_late') }}, {{ var('warning_consecutive_late') }}, {{ var('warning_promise_moves') }}) AS Nullable(Decimal(38, 10))),
        rule_no = 7, CAST({{ var('warning_lapsed_days') }} AS Nullable(Decimal(38, 10))),
        rule_no = 8, CAST({{ var('warning_window_days') }} AS Nullable(Decimal(38, 10))),
        rule_no = 9, CAST(toDecimal128('{{ var('warning_dispute_share') }}', 10) AS Nullable(Decimal(38, 10))),
        rule_no = 10, CAST({{ var('warning_avoidance_count') }} AS Nullable(Decimal(38, 10))),
        rule_no = 11, CAST({{ var('warning_partial_count') }} AS Nullable(Decimal(38, 10))),
        rule_no = 12, CAST(if(in_legal_case, NULL, {{ var('warning_financials_months') }}) AS Nullable(Decimal(38, 10))),
        NULL) AS threshold,
    multiIf(
        rule_no = 1, concat('days to pay ', toString(ifNull(round(days_to_pay_recent, 1), 0)), ' against ', toString(ifNull(round(days_to_pay_before, 1), 0)), ' (', toString(payments_recent), ' payments)'),
        rule_no = 2, concat('billed ', toString(round(billed_recent_rc, 0)), ' in {{ var('warning_order_days') }} days against ', toString(ifNull(round(billed_expected, 0), 0)), ' usually'),
        rule_no = 3, concat(toString(broken_promises_recent), ' broken promises'),
        rule_no = 4, multiIf(limit_flag = 'no_credit', concat('exposure of ', toString(ifNull(round(breach_rc, 0), 0)), ' without credit'), limit_flag = 'over_limit', concat('exposure ', toString(ifNull(round(breach_rc, 0), 0)), ' above the limit'), concat('limit used to ', toString(ifNull(round(utilisation * 100, 1), 0)), ' %, before ', toString(ifNull(round(utilisation_before * 100, 1), 0)), ' %')),
        rule_no = 5, concat(toString(ifNull(round(share_of_book * 100, 1), 0)), ' % of all receivables, ', toString(round(overdue_rc, 0)), ' overdue'),
        rule_no = 6, if(consecutive_late >= {{ var('warning_consecutive_late') }}, concat(toString(consecutive_late), ' late settlements in a row'), concat('a promise moved ', toString(promise_moves_recent), ' times')),
        rule_no = 7, concat('no order for ', toString(ifNull(days_without_order, 0)), ' days'),
        rule_no = 8, concat('for the first time more than {{ var('behaviour_first_late_days') }} days late, on ', toString(ifNull(first_over_30_late_on, as_of))),
        rule_no = 9, concat(toString(ifNull(round(dispute_share * 100, 1), 0)), ' % of receivables disputed'),
        rule_no = 10, concat(toString(avoidance_recent), ' visits with avoidance or a false reason'),
        rule_no = 11, concat(if(partial_recent >= {{ var('warning_partial_count') }} AND partial_year = partial_recent, concat(toString(partial_recent), ' partial payments'), concat(toString(round_recent), ' round sums')), ', none in the year before'),
        rule_no = 12, if(in_legal_case, 'open legal case', concat('accounts of ', toString(ifNull(financials_on, as_of)))),
        '') AS evidence,
    open_rc,
    overdue_rc
FROM raised
