/* ---
description: "How each customer pays, over all companies together, at each month-end and on the last day built: what payment_behaviour tells company by company. No row looks past its day (B11, B12, E8, E9)."
grain: "one day and customer with a payment in the year before, or an instalment ever settled by cash or more than 30 days late"
materialisation: table
order_by: [as_of, customer_id]
owner: credit management
tags: [risk, payments]
columns:
  - {name: as_of, description: "end of this day: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: payments_year, description: instalments with cash in the last behaviour_year_days days, unit: count, tests: [not_null]}
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
tests:
  - unique: [as_of, customer_id]
  - name: the companies of a customer add up
    sum_equals:
      this: sum(settled_count)
      by: [as_of]
      of: |
        SELECT month_end, sum(settled_count_ever)
        FROM {{ source('huikuan', 'payment_behaviour') }}
        GROUP BY month_end
        HAVING sum(settled_count_ever) > 0 OR sum(n_w365) > 0 OR count(first_over_30_late_on) > 0
unit_tests:
  - name: two companies are one customer, and what no company knows is unknown
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-03-20, first_day: 2026-01-01}]
      - input: source('huikuan', 'payment_behaviour')
        rows:
          - {month: 2026-01-01, month_end: 2026-01-31, company: A, customer_id: C, settled_count_ever: 2, n_w90: 2, n_w365: 4, days_to_pay_w90_numerator: 100, days_to_pay_w90_denominator: 2, days_to_pay_prior_w365_numerator: 40, days_to_pay_prior_w365_denominator: 1, days_beyond_terms_floored_numerator: 30, days_to_pay_w365_denominator: 3, consecutive_late: 1, first_over_30_late_on: 2026-01-25, partial_payment_count_w90: 1, partial_payment_count_w365: 2, round_sum_count_w90: 3, round_sum_count_w365: 4}
          - {month: 2026-01-01, month_end: 2026-01-31, company: B, customer_id: C, settled_count_ever: 1, n_w90: 1, n_w365: 5, days_to_pay_w90_numerator: 56, days_to_pay_w90_denominator: 1, consecutive_late: 2, first_over_30_late_on: 2026-01-20, partial_payment_count_w90: 10, partial_payment_count_w365: 20, round_sum_count_w90: 30, round_sum_count_w365: 40}
          - {month: 2026-02-01, month_end: 2026-02-28, company: A, customer_id: C, settled_count_ever: 3, n_w365: 0, days_to_pay_w90_numerator: 8, days_to_pay_w90_denominator: 1, days_to_pay_prior_w365_numerator: 0, days_to_pay_prior_w365_denominator: 7}
          - {month: 2026-03-01, month_end: 2026-03-20, company: B, customer_id: C, settled_count_ever: 0, n_w365: 1}
          - {month: 2026-03-01, month_end: 2026-03-20, company: B, customer_id: NOTHING, settled_count_ever: 0, n_w365: 0, days_to_pay_prior_w365_numerator: 5, days_to_pay_prior_w365_denominator: 1}
    expect:
      rows:
        - {as_of: 2026-01-31, customer_id: C, settled_count: 3, payments_recent: 3, payments_year: 9, days_to_pay_recent: 52, days_to_pay_before: 40, cycle_ratio: 1.3, cycle_change: 12, days_beyond_terms: 10, consecutive_late: 2, first_over_30_late_on: 2026-01-20, partial_recent: 11, partial_year: 22, round_recent: 33, round_year: 44}
        - {as_of: 2026-02-28, customer_id: C, settled_count: 3, payments_recent: 0, payments_year: 0, days_to_pay_recent: 8, days_to_pay_before: 0, cycle_ratio: null, cycle_change: 8, days_beyond_terms: null, consecutive_late: 0, first_over_30_late_on: null, partial_recent: 0, partial_year: 0, round_recent: 0, round_year: 0}
        - {as_of: 2026-03-20, customer_id: C, settled_count: 0, payments_recent: 0, payments_year: 1, days_to_pay_recent: null, days_to_pay_before: null, cycle_ratio: null, cycle_change: null, days_beyond_terms: null, consecutive_late: 0, first_over_30_late_on: null, partial_recent: 0, partial_year: 0, round_recent: 0, round_year: 0}
  - name: sums over the companies before they are divided, to ten places, also over one that was paid in part long ago
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-02-10, first_day: 2026-02-01}, {as_of: 2026-01-05, first_day: 2026-01-01}]
      - input: source('huikuan', 'payment_behaviour')
        rows:
          - {month_end: 2026-02-10, company: A, customer_id: C, settled_count_ever: 1, n_w365: 1, days_to_pay_w90_numerator: 70, days_to_pay_w90_denominator: 3, days_to_pay_prior_w365_numerator: 10, days_to_pay_prior_w365_denominator: 1, days_beyond_terms_floored_numerator: 3, days_to_pay_w365_denominator: 1, first_over_30_late_on: 2026-01-05}
          - {month_end: 2026-02-10, company: B, customer_id: C, settled_count_ever: 1, n_w365: 1, days_to_pay_w90_numerator: 30, days_to_pay_w90_denominator: 4, days_to_pay_prior_w365_numerator: 40, days_to_pay_prior_w365_denominator: 5, days_beyond_terms_floored_numerator: 7, days_to_pay_w365_denominator: 6}
          - {month_end: 2026-02-10, company: OLD, customer_id: C, settled_count_ever: 0, n_w365: 0, days_to_pay_prior_w365_numerator: 10, days_to_pay_prior_w365_denominator: 4, first_over_30_late_on: 2025-06-01}
          - {month_end: 2026-02-10, company: A, customer_id: SETTLED LONG AGO, settled_count_ever: 1, n_w365: 0}
          - {month_end: 2026-01-31, company: A, customer_id: PAID IN PART, settled_count_ever: 0, n_w365: 1}
    expect:
      rows:
        - {as_of: 2026-02-10, customer_id: C, payments_year: 2, settled_count: 2, days_to_pay_recent: 14.2857142857, days_to_pay_before: 6, cycle_ratio: 2.3809523809, cycle_change: 8.2857142857, days_beyond_terms: 1.4285714285, first_over_30_late_on: 2025-06-01}
        - {as_of: 2026-02-10, customer_id: SETTLED LONG AGO, payments_year: 0, settled_count: 1, days_to_pay_recent: null, days_to_pay_before: null, cycle_ratio: null, cycle_change: null, days_beyond_terms: null}
        - {as_of: 2026-01-31, customer_id: PAID IN PART, payments_year: 1, settled_count: 0, days_to_pay_recent: null, days_to_pay_before: null, cycle_ratio: null, cycle_change: null, days_beyond_terms: null}
  - name: who has paid nothing is there from the first day more than 30 days late
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-03-20, first_day: 2026-01-01}]
      - input: source('huikuan', 'payment_behaviour')
        rows:
          - {month_end: 2026-02-28, company: A, customer_id: NEVER PAID, first_over_30_late_on: 2026-02-11, days_with_open_numerator: 10, days_with_open_denominator: 1, days_to_pay_w90_numerator: 0, days_to_pay_w90_denominator: 0, days_to_pay_w365_denominator: 0, days_beyond_terms_floored_numerator: 0}
          - {month_end: 2026-03-20, company: A, customer_id: NEVER PAID, first_over_30_late_on: 2026-02-11}
          - {month_end: 2026-03-20, company: B, customer_id: NEVER PAID, first_over_30_late_on: 2026-03-02}
          - {month_end: 2026-03-20, company: A, customer_id: PAYS B ALONE, first_over_30_late_on: 2026-03-05}
          - {month_end: 2026-03-20, company: B, customer_id: PAYS B ALONE, settled_count_ever: 2, n_w365: 1, days_to_pay_w90_numerator: 20, days_to_pay_w90_denominator: 1, days_beyond_terms_floored_numerator: 4, days_to_pay_w365_denominator: 1}
    expect:
      rows:
        - {as_of: 2026-02-28, customer_id: NEVER PAID, first_over_30_late_on: 2026-02-11, payments_year: 0, payments_recent: 0, settled_count: 0, consecutive_late: 0, partial_year: 0, round_year: 0, days_to_pay_recent: null, days_to_pay_before: null, cycle_ratio: null, cycle_change: null, days_beyond_terms: null}
        - {as_of: 2026-03-20, customer_id: NEVER PAID, first_over_30_late_on: 2026-02-11, payments_year: 0, settled_count: 0, days_to_pay_recent: null}
        - {as_of: 2026-03-20, customer_id: PAYS B ALONE, first_over_30_late_on: 2026-03-05, payments_year: 1, settled_count: 2, days_to_pay_recent: 20, days_beyond_terms: 4}
  - name: one day is its own month-end, and a book that began on it
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-01-31, first_day: 2026-01-01}]
      - input: source('huikuan', 'payment_behaviour')
        rows:
          - {month_end: 2026-01-31, company: A, customer_id: C, settled_count_ever: 1, n_w365: 1}
          - {month_end: 2026-02-28, company: A, customer_id: C, settled_count_ever: 9, n_w365: 9}
    expect:
      rows: [{as_of: 2026-01-31, customer_id: C, payments_year: 1, settled_count: 1}]
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
-- A customer's figures are arrays with one element for each of these days: k is the place of the day.
behaviour AS (
    SELECT
        customer_id,
        sumResample(0, days, 1)(settled_count_ever, k) AS settled,
        sumResample(0, days, 1)(n_w90, k) AS paid_recent,
        sumResample(0, days, 1)(n_w365, k) AS paid_year,
        sumResample(0, days, 1)(days_to_pay_w90_numerator, k) AS recent_numerators,
        sumResample(0, days, 1)(days_to_pay_w90_denominator, k) AS recent_denominators,
        sumResample(0, days, 1)(days_to_pay_prior_w365_numerator, k) AS before_numerators,
        sumResample(0, days, 1)(days_to_pay_prior_w365_denominator, k) AS before_denominators,
        sumResample(0, days, 1)(days_beyond_terms_floored_numerator, k) AS beyond_numerators,
        sumResample(0, days, 1)(days_to_pay_w365_denominator, k) AS beyond_denominators,
        maxResample(0, days, 1)(consecutive_late, k) AS lates,
        minResample(0, days, 1)(first_over_30_late_on, k) AS first_lates,
        sumResample(0, days, 1)(partial_payment_count_w90, k) AS partials_recent,
        sumResample(0, days, 1)(partial_payment_count_w365, k) AS partials_year,
        sumResample(0, days, 1)(round_sum_count_w90, k) AS rounds_recent,
        sumResample(0, days, 1)(round_sum_count_w365, k) AS rounds_year
    FROM (SELECT *, toUInt64(dateDiff('month', evaluated[1], month_end)) AS k FROM {{ source('huikuan', 'payment_behaviour') }})
    GROUP BY customer_id
)
SELECT
    as_of,
    customer_id,
    toInt64(paid_year) AS payments_year,
    toInt64(settled) AS settled_count,
    CAST(recent_numerator / nullIf(recent_denominator, 0) AS Nullable(Decimal(38, 10))) AS days_to_pay_recent,
    CAST(before_numerator / nullIf(before_denominator, 0) AS Nullable(Decimal(38, 10))) AS days_to_pay_before,
    toInt64(paid_recent) AS payments_recent,
    CAST(toDecimal256(recent_numerator / nullIf(recent_denominator, 0), 20) / nullIf(before_numerator / nullIf(before_denominator, 0), 0) AS Nullable(Decimal(38, 10))) AS cycle_ratio,
    CAST(recent_numerator / nullIf(recent_denominator, 0) - before_numerator / nullIf(before_denominator, 0) AS Nullable(Decimal(38, 10))) AS cycle_change,
    CAST(beyond_numerator / nullIf(beyond_denominator, 0) AS Nullable(Decimal(38, 10))) AS days_beyond_terms,
    toInt64(late) AS consecutive_late,
    nullIf(first_late, toDate32('1970-01-01')) AS first_over_30_late_on,
    toInt64(partials_recent) AS partial_recent,
    toInt64(partials_year) AS partial_year,
    toInt64(rounds_recent) AS round_recent,
    toInt64(rounds_year) AS round_year
FROM behaviour AS p
ARRAY JOIN
    evaluated AS as_of,
    p.settled AS settled,
    p.paid_recent AS paid_recent,
    p.paid_year AS paid_year,
    p.recent_numerators AS recent_numerator,
    p.recent_denominators AS recent_denominator,
    p.before_numerators AS before_numerator,
    p.before_denominators AS before_denominator,
    p.beyond_numerators AS beyond_numerator,
    p.beyond_denominators AS beyond_denominator,
    p.lates AS late,
    p.first_lates AS first_late,
    p.partials_recent AS partials_recent,
    p.partials_year AS partials_year,
    p.rounds_recent AS rounds_recent,
    p.rounds_year AS rounds_year
WHERE paid_year > 0 OR settled > 0 OR isNotNull(first_over_30_late_on)
