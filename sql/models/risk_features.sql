/* ---
description: "What is known of each customer at each month-end and on the last day built, over all companies: balances, how it pays, promises, avoidance, reviews. Grades and early warnings are made of these columns; none looks past its day (E8, E9)."
grain: one day and customer with open receivables or payments within the year before
materialisation: table
order_by: [as_of, customer_id]
owner: credit management
tags: [risk, grades]
columns:
  - {name: as_of, description: "end of this day: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: segment, description: segment on as_of; NULL where there is no balance}
  - {name: owner_id, description: account owner of the largest balance; NULL where there is none, unit: id}
  - {name: open_rc, description: open invoices and debit notes at closing rates, unit: reporting currency, tests: [not_null]}
  - {name: overdue_rc, description: 1 day or more past due, unit: reporting currency, tests: [not_null]}
  - {name: over_60_rc, description: 61 days or more past due, unit: reporting currency, tests: [not_null]}
  - {name: disputed_rc, description: disputed part of open_rc, unit: reporting currency, tests: [not_null]}
  - {name: book_rc, description: open receivables of all customers, unit: reporting currency}
  - {name: utilisation, description: exposure / credit limit; NULL = no limit or limit 0, unit: fraction}
  - {name: limit_flag, description: flag of exposure_by_customer; NULL where it has no row}
  - {name: breach_rc, description: exposure above the limit, unit: reporting currency}
  - {name: settled_count, description: instalments settled by cash up to as_of, unit: count, tests: [not_null]}
  - {name: days_to_pay_recent, description: days to pay of the last 90 days; NULL = no payment, unit: days}
  - {name: days_to_pay_before, description: days to pay of the 365 days before these; NULL = no payment, unit: days}
  - {name: payments_recent, description: instalments with cash in the last 90 days, unit: count, tests: [not_null]}
  - {name: cycle_ratio, description: days_to_pay_recent / days_to_pay_before; NULL = one of them is unknown or zero, unit: factor}
  - {name: cycle_change, description: days_to_pay_recent - days_to_pay_before, unit: days}
  - {name: days_beyond_terms, description: "days late, early ones as 0, weighted by cash of twelve months; NULL = no payment", unit: days}
  - {name: consecutive_late, description: "latest settlements in a row that were late, in the company where there are most", unit: count, tests: [not_null]}
  - {name: first_over_30_late_on, description: "first day on which an instalment was more than 30 days late, up to as_of; NULL = never", unit: date}
  - {name: partial_recent, description: partial payments in the last 90 days, unit: count, tests: [not_null]}
  - {name: partial_year, description: partial payments in the last 365 days, unit: count, tests: [not_null]}
  - {name: round_recent, description: round sums that left an instalment open in the last 90 days, unit: count, tests: [not_null]}
  - {name: round_year, description: the same in the last 365 days, unit: count, tests: [not_null]}
  - {name: broken_promises_year, description: promises broken in the twelve months to as_of, unit: count, tests: [not_null]}
  - {name: broken_promises_recent, description: promises broken in the window of the early warnings, unit: count, tests: [not_null]}
  - {name: judged_promises_year, description: "promises kept, kept in part or broken in the twelve months to as_of", unit: count, tests: [not_null]}
  - {name: promise_moves_recent, description: how often the most moved promise of the window was moved, unit: times, tests: [not_null]}
  - {name: avoidance_recent, description: visits with an avoidance code or a false reason in the window, unit: count, tests: [not_null]}
  - {name: avoidance_year, description: "visits with an excuse, an avoidance code or a false reason in twelve months", unit: count, tests: [not_null]}
  - {name: billed_recent_rc, description: invoices and debit notes of the last 90 days, unit: reporting currency, tests: [not_null]}
  - {name: billed_before_rc, description: those of the 360 days before these, unit: reporting currency, tests: [not_null]}
  - {name: active_days_recent, description: days of the last 90 that lie in months in which the customer buys, unit: days}
  - {name: active_days_before, description: days of the 360 before that do, unit: days}
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
  - name: nothing after the day counts for the day
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-02-28, first_day: 2026-01-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-01-31, company: A, customer_id: C, owner_id: R, segment: S, open_amount_rc: 100, overdue_rc: 35, d61_90_rc: 5, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 10}
          - {as_of: 2026-02-28, company: A, customer_id: C, owner_id: R, segment: S, open_amount_rc: 50, overdue_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, disputed_rc: 0}
      - input: source('huikuan', 'payment_behaviour')
        rows:
          - {month: 2026-01-01, month_end: 2026-01-31, company: A, customer_id: C, settled_count_ever: 2, n_w90: 2, days_to_pay_w90_numerator: 100, days_to_pay_w90_denominator: 2, days_to_pay_prior_w365_numerator: 40, days_to_pay_prior_w365_denominator: 1, days_beyond_terms_floored_numerator: 30, days_to_pay_w365_denominator: 3, consecutive_late: 1}
          - {month: 2026-01-01, month_end: 2026-01-31, company: B, customer_id: C, settled_count_ever: 1, n_w90: 1, days_to_pay_w90_numerator: 56, days_to_pay_w90_denominator: 1, consecutive_late: 2, first_over_30_late_on: 2026-01-20}
      - input: source('huikuan', 'promise_outcomes')
        rows:
          - {promise_id: P1, customer_id: C, made_on: 2026-01-02, status: broken, status_on: 2026-01-31}
          - {promise_id: P2, customer_id: C, made_on: 2026-01-02, status: broken, status_on: 2026-02-01, times_moved: 3}
          - {promise_id: P3, customer_id: C, made_on: 2026-02-02, status: kept, status_on: 2026-02-03}
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
          - {review_id: K1, customer_id: C, reviewed_on: 2026-01-10, external_grade: A, financials_as_of: 2024-12-31}
          - {review_id: K2, customer_id: C, reviewed_on: 2026-02-10, external_grade: C, financials_as_of: 2025-12-31}
      - input: source('huikuan', 'legal_cases')
        rows: [{case_id: L1, customer_id: C, filed_on: 2026-02-15}]
      - input: source('huikuan', 'customers')
        rows: [{customer_id: C, valid_from: 2020-01-01, grade: B}, {customer_id: C, valid_from: 2026-02-01, grade: D}]
    expect:
      rows:
        - {as_of: 2026-01-31, customer_id: C, open_rc: 100, overdue_rc: 35, over_60_rc: 5, disputed_rc: 10, settled_count: 3, payments_recent: 3, days_to_pay_recent: 52, days_to_pay_before: 40, cycle_ratio: 1.3, cycle_change: 12, days_beyond_terms: 10, consecutive_late: 2, first_over_30_late_on: 2026-01-20, broken_promises_year: 1, judged_promises_year: 1, promise_moves_recent: 3, avoidance_recent: 1, billed_recent_rc: 70, last_order_on: 2026-01-31, external_grade: A, financials_on: 2024-12-31, in_legal_case: false, policy_grade: B}
        - {as_of: 2026-02-28, customer_id: C, open_rc: 50, overdue_rc: 0, over_60_rc: 0, disputed_rc: 0, settled_count: 0, payments_recent: 0, days_to_pay_recent: null, days_to_pay_before: null, cycle_ratio: null, cycle_change: null, days_beyond_terms: null, consecutive_late: 0, first_over_30_late_on: null, broken_promises_year: 2, judged_promises_year: 3, promise_moves_recent: 3, avoidance_recent: 2, billed_recent_rc: 100, last_order_on: 2026-02-01, external_grade: C, financials_on: 2025-12-31, in_legal_case: true, policy_grade: D}
--- */
WITH
(
    SELECT arrayDistinct(arrayPushBack(
        arrayFilter(d -> d < max(as_of), arrayMap(m -> toDate32(addMonths(min(first_day), m + 1)) - 1, range(toUInt32(dateDiff('month', min(first_day), max(as_of))) + 1))),
        max(as_of)))
    FROM {{ source('huikuan', 'ar_as_of') }}
) AS evaluated,
balances AS (
    SELECT
        v.as_of AS as_of,
        v.customer_id AS customer_id,
        argMax(v.segment, ifNull(v.open_amount_rc, 0)) AS segment,
        argMax(v.owner_id, ifNull(v.open_amount_rc, 0)) AS owner_id,
        sum(ifNull(v.open_amount_rc, 0)) AS open_rc,
        sum(ifNull(v.overdue_rc, 0)) AS overdue_rc,
        sum(ifNull(v.d61_90_rc + v.d91_120_rc + v.d121_180_rc + v.d181_365_rc + v.d366_plus_rc, 0)) AS over_60_rc,
        sum(ifNull(v.disputed_rc, 0)) AS disputed_rc
    FROM {{ ref('month_end_balances') }} AS v
    GROUP BY as_of, customer_id
    HAVING open_rc != 0
),
behaviour AS (
    SELECT
        b.month_end AS as_of,
        b.customer_id AS customer_id,
        sum(b.settled_count_ever) AS settled_count,
        sum(b.n_w90) AS payments_recent,
        sum(b.days_to_pay_w90_numerator) / nullIf(sum(b.days_to_pay_w90_denominator), 0) AS days_to_pay_recent,
        sum(b.days_to_pay_prior_w365_numerator) / nullIf(sum(b.days_to_pay_prior_w365_denominator), 0) AS days_to_pay_before,
        sum(b.days_beyond_terms_floored_numerator) / nullIf(sum(b.days_to_pay_w365_denominator), 0) AS days_beyond_terms,
        max(b.consecutive_late) AS consecutive_late,
        min(b.first_over_30_late_on) AS first_over_30_late_on,
        sum(b.partial_payment_count_w90) AS partial_recent,
        sum(b.partial_payment_count_w365) AS partial_year,
        sum(b.round_sum_count_w90) AS round_recent,
        sum(b.round_sum_count_w365) AS round_year,
        sum(b.n_w365) AS payments_year
    FROM {{ source('huikuan', 'payment_behaviour') }} AS b
    WHERE b.n_w365 > 0 OR b.settled_count_ever > 0
    GROUP BY as_of, customer_id
),
keys AS (
    SELECT as_of, customer_id FROM balances
    UNION DISTINCT
    SELECT as_of, customer_id FROM behaviour WHERE payments_year > 0
),
promises AS (
    SELECT
        as_of,
        p.customer_id AS customer_id,
        countIf(p.status = 'broken' AND p.status_on <= as_of AND p.status_on > addMonths(as_of, -12)) AS broken_year,
        countIf(p.status = 'broken' AND p.status_on <= as_of AND p.status_on > as_of - {{ var('warning_window_days') }}) AS broken_recent,
        countIf(p.status IN ('kept', 'partial', 'broken') AND p.status_on <= as_of AND p.status_on > addMonths(as_of, -12)) AS judged_year,
        maxIf(p.times_moved, p.made_on <= as_of AND p.made_on > as_of - {{ var('warning_window_days') }}) AS moves_recent
    FROM {{ source('huikuan', 'promise_outcomes') }} AS p
    ARRAY JOIN arrayFilter(d -> d >= p.made_on AND d < addMonths(ifNull(p.status_on, p.made_on), 13), evaluated) AS as_of
    GROUP BY as_of, customer_id
),
avoidance AS (
    SELECT
        as_of,
        v.customer_id AS customer_id,
        countIf(v.day > as_of - {{ var('warning_window_days') }} AND v.avoids) AS recent,
        countIf(v.day > addMonths(as_of, -12)) AS year
    FROM (
        SELECT customer_id, toDate32(happened_at) AS day, isNotNull(avoidance_code) OR ifNull(reason_verified, true) = false AS avoids
        FROM {{ source('huikuan', 'visits') }}
        WHERE isNotNull(happened_at) AND (avoids OR isNotNull(excuse_code))
    ) AS v
    ARRAY JOIN arrayFilter(d -> d >= v.day AND d < addMonths(v.day, 12) + 1, evaluated) AS as_of
    GROUP BY as_of, customer_id
),
orders_by_day AS (
    SELECT customer_id, invoice_date AS day, sum(ifNull(amount_rc, 0)) AS amount
    FROM {{ source('huikuan', 'ar_items') }}
    GROUP BY customer_id, day
    UNION ALL
    SELECT customer_id, order_date, 0
    FROM {{ source('huikuan', 'orders') }}
    WHERE NOT has({{ var('order_cancelled_statuses') }}, ifNull(status, ''))
),
order_history AS (
    SELECT customer_id, groupArray((day, amount)) AS days
    FROM orders_by_day
    GROUP BY customer_id
),
reviews AS (
    SELECT
        as_of,
        r.customer_id AS customer_id,
        argMax((r.reviewed_on, r.external_grade), (r.reviewed_on, r.review_id)).2 AS external_grade,
        argMaxIf(r.external_score, r.reviewed_on, isNotNull(r.external_score)) AS external_score,
        argMaxIf(r.ability_score, r.reviewed_on, isNotNull(r.ability_score)) AS ability_score,
        max(r.reviewed_on) AS last_review_on,
        max(r.financials_as_of) AS financials_on
    FROM {{ source('huikuan', 'credit_reviews') }} AS r
    ARRAY JOIN arrayFilter(d -> d >= r.reviewed_on, evaluated) AS as_of
    GROUP BY as_of, customer_id
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
        as_of,
        active_months,
        arrayMap(m -> toUInt8(m), extractAll(active_months, '[0-9]+')) AS months,
        arrayCount(n -> empty(months) OR has(months, toMonth(as_of - n)), range(90)) AS active_days_recent,
        arrayCount(n -> empty(months) OR has(months, toMonth(as_of - 90 - n)), range(360)) AS active_days_before,
        arrayCount(n -> empty(months) OR has(months, toMonth(as_of - n)), range({{ var('warning_lapsed_days') }})) AS active_days_lapse
    FROM (SELECT DISTINCT ifNull(active_months, '') AS active_months FROM {{ source('huikuan', 'customers_current') }} UNION DISTINCT SELECT '')
    ARRAY JOIN evaluated AS as_of
),
books AS (
    SELECT as_of, sum(open_rc) AS book_rc
    FROM balances
    GROUP BY as_of
)
SELECT
    k.as_of AS as_of,
    k.customer_id AS customer_id,
    b.segment AS segment,
    nullIf(b.owner_id, '') AS owner_id,
    CAST(b.open_rc AS Decimal(18, 4)) AS open_rc,
    CAST(b.overdue_rc AS Decimal(18, 4)) AS overdue_rc,
    CAST(b.over_60_rc AS Decimal(18, 4)) AS over_60_rc,
    CAST(b.disputed_rc AS Decimal(18, 4)) AS disputed_rc,
    CAST(t.book_rc AS Decimal(18, 4)) AS book_rc,
    e.utilisation AS utilisation,
    nullIf(e.flag, '') AS limit_flag,
    e.breach_rc AS breach_rc,
    toInt64(p.settled_count) AS settled_count,
    CAST(p.days_to_pay_recent AS Nullable(Decimal(38, 10))) AS days_to_pay_recent,
    CAST(p.days_to_pay_before AS Nullable(Decimal(38, 10))) AS days_to_pay_before,
    toInt64(p.payments_recent) AS payments_recent,
    CAST(toDecimal256(p.days_to_pay_recent, 20) / nullIf(p.days_to_pay_before, 0) AS Nullable(Decimal(38, 10))) AS cycle_ratio,
    CAST(p.days_to_pay_recent - p.days_to_pay_before AS Nullable(Decimal(38, 10))) AS cycle_change,
    CAST(p.days_beyond_terms AS Nullable(Decimal(38, 10))) AS days_beyond_terms,
    toInt64(p.consecutive_late) AS consecutive_late,
    p.first_over_30_late_on AS first_over_30_late_on,
    toInt64(p.partial_recent) AS partial_recent,
    toInt64(p.partial_year) AS partial_year,
    toInt64(p.round_recent) AS round_recent,
    toInt64(p.round_year) AS round_year,
    toInt64(m.broken_year) AS broken_promises_year,
    toInt64(m.broken_recent) AS broken_promises_recent,
    toInt64(m.judged_year) AS judged_promises_year,
    toInt64(m.moves_recent) AS promise_moves_recent,
    toInt64(a.recent) AS avoidance_recent,
    toInt64(a.year) AS avoidance_year,
    CAST(arraySum(x -> if(x.1 <= k.as_of AND x.1 > k.as_of - 90, x.2, toDecimal128(0, 4)), o.days) AS Decimal(18, 4)) AS billed_recent_rc,
    CAST(arraySum(x -> if(x.1 <= k.as_of - 90 AND x.1 > k.as_of - 450, x.2, toDecimal128(0, 4)), o.days) AS Decimal(18, 4)) AS billed_before_rc,
    toInt64(s.active_days_recent) AS active_days_recent,
    toInt64(s.active_days_before) AS active_days_before,
    toInt64(s.active_days_lapse) AS active_days_lapse,
    nullIf(arrayMax(arrayPushBack(arrayMap(x -> if(x.1 <= k.as_of, x.1, toDate32('1900-01-01')), o.days), toDate32('1900-01-01'))), toDate32('1900-01-01')) AS last_order_on,
    nullIf(r.external_grade, '') AS external_grade,
    r.external_score AS external_score,
    r.ability_score AS ability_score,
    nullIf(r.last_review_on, toDate32('1970-01-01')) AS last_review_on,
    r.financials_on AS financials_on,
    CAST(arrayExists(x -> x.1 <= k.as_of AND k.as_of < x.2, l.periods) AS Bool) AS in_legal_case,
    nullIf(arrayLast(x -> x.1 <= k.as_of, w.grades).2, '') AS policy_grade
FROM keys AS k
LEFT JOIN balances AS b ON b.as_of = k.as_of AND b.customer_id = k.customer_id
LEFT JOIN books AS t ON t.as_of = k.as_of
LEFT JOIN (SELECT as_of, customer_id, utilisation, flag, breach_rc FROM {{ ref('exposure_by_customer') }} WHERE level = 'customer') AS e ON e.as_of = k.as_of AND e.customer_id = k.customer_id
LEFT JOIN behaviour AS p ON p.as_of = k.as_of AND p.customer_id = k.customer_id
LEFT JOIN promises AS m ON m.as_of = k.as_of AND m.customer_id = k.customer_id
LEFT JOIN avoidance AS a ON a.as_of = k.as_of AND a.customer_id = k.customer_id
LEFT JOIN order_history AS o ON o.customer_id = k.customer_id
LEFT JOIN reviews AS r ON r.as_of = k.as_of AND r.customer_id = k.customer_id
LEFT JOIN legal AS l ON l.customer_id = k.customer_id
LEFT JOIN versions AS w ON w.customer_id = k.customer_id
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = k.customer_id
LEFT JOIN seasons AS s ON s.as_of = k.as_of AND s.active_months = ifNull(c.active_months, '')
