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
      - input: ref('exposure_by_customer')
        rows:
          - {as_of: 2026-01-31, level: customer, customer_id: C, utilisation: 0.5, breach_rc: 0, flag: ok}
          - {as_of: 2026-01-31, level: group, customer_id: C, utilisation: 2, breach_rc: 9, flag: over_limit}
          - {as_of: 2026-02-28, level: customer, customer_id: C, flag: limit_missing}
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
          - {review_id: K1, customer_id: C, reviewed_on: 2026-01-10, external_grade: A, external_score: 60, ability_score: 7, financials_as_of: 2024-12-31}
          - {review_id: K2, customer_id: C, reviewed_on: 2026-02-10, external_grade: C, ability_score: 9, financials_as_of: 2023-12-31}
      - input: source('huikuan', 'legal_cases')
        rows: [{case_id: L1, customer_id: C, filed_on: 2026-02-15}]
      - input: source('huikuan', 'customers')
        rows: [{customer_id: C, valid_from: 2020-01-01, grade: B}, {customer_id: C, valid_from: 2026-02-01, grade: D}]
    expect:
      rows:
        - {as_of: 2026-01-31, customer_id: C, open_rc: 100, overdue_rc: 35, over_60_rc: 5, disputed_rc: 10, settled_count: 3, payments_recent: 3, days_to_pay_recent: 52, days_to_pay_before: 40, cycle_ratio: 1.3, cycle_change: 12, days_beyond_terms: 10, consecutive_late: 2, first_over_30_late_on: 2026-01-20, broken_promises_year: 1, judged_promises_year: 1, promise_moves_recent: 3, avoidance_recent: 1, billed_recent_rc: 70, last_order_on: 2026-01-31, utilisation: 0.5, limit_flag: ok, breach_rc: 0, external_grade: A, external_score: 60, ability_score: 7, last_review_on: 2026-01-10, financials_on: 2024-12-31, in_legal_case: false, policy_grade: B}
        - {as_of: 2026-02-28, customer_id: C, open_rc: 50, overdue_rc: 0, over_60_rc: 0, disputed_rc: 0, settled_count: 0, payments_recent: 0, days_to_pay_recent: null, days_to_pay_before: null, cycle_ratio: null, cycle_change: null, days_beyond_terms: null, consecutive_late: 0, first_over_30_late_on: null, broken_promises_year: 2, judged_promises_year: 3, promise_moves_recent: 3, avoidance_recent: 2, billed_recent_rc: 100, last_order_on: 2026-02-01, utilisation: null, limit_flag: limit_missing, breach_rc: null, external_grade: C, external_score: 60, ability_score: 9, last_review_on: 2026-02-10, financials_on: 2024-12-31, in_legal_case: true, policy_grade: D}
--- */
WITH
(
    SELECT arrayDistinct(arrayPushBack(
        arrayFilter(d -> d < max(as_of), arrayMap(m -> toDate32(addMonths(min(first_day), m + 1)) - 1, range(toUInt32(dateDiff('month', min(first_day), max(as_of))) + 1))),
        max(as_of)))
    FROM {{ source('huikuan', 'ar_as_of') }}
) AS evaluated,
arraySort(arrayDistinct(arrayFlatten(arrayMap(d -> [d, d - 90, d - 450], evaluated)))) AS bounds,
arrayMap(n -> arrayFirstIndex(b -> b >= bounds[1] + n, bounds), range(toUInt32(dateDiff('day', bounds[1], bounds[-1])) + 1)) AS steps,
-- Each source gives a customer's figures as arrays with one element for each of the days evaluated: k is the place of the day.
(SELECT sumResample(0, greatest(1, length(evaluated)), 1)(ifNull(open_amount_rc, 0), toUInt64(indexOf(evaluated, as_of)) - 1) FROM {{ ref('month_end_balances') }}) AS books,
balances AS (
    SELECT
        customer_id,
        argMaxResample(0, greatest(1, length(evaluated)), 1)(toString(segment), open, k) AS segments,
        argMaxResample(0, greatest(1, length(evaluated)), 1)(owner_id, open, k) AS owners,
        sumResample(0, greatest(1, length(evaluated)), 1)(open, k) AS opens,
        sumResample(0, greatest(1, length(evaluated)), 1)(ifNull(overdue_rc, 0), k) AS overdues,
        sumResample(0, greatest(1, length(evaluated)), 1)(ifNull(d61_90_rc + d91_120_rc + d121_180_rc + d181_365_rc + d366_plus_rc, 0), k) AS over_60s,
        sumResample(0, greatest(1, length(evaluated)), 1)(ifNull(disputed_rc, 0), k) AS disputeds
    FROM (SELECT *, ifNull(open_amount_rc, 0) AS open, toUInt64(indexOf(evaluated, as_of)) - 1 AS k FROM {{ ref('month_end_balances') }})
    GROUP BY customer_id
),
['over_limit', 'near_limit', 'ok', 'no_credit', 'cash_only', 'limit_missing', 'missing_rate'] AS flag_names,
exposures AS (
    SELECT
        customer_id,
        anyResample(0, greatest(1, length(evaluated)), 1)(ifNull(utilisation, 0), k) AS utilisations,
        anyResample(0, greatest(1, length(evaluated)), 1)(ifNull(breach_rc, 0), k) AS breaches,
        -- places in flag_names, 0 = no row: numbers take a fraction of the time of texts, and tell what is known
        maxResample(0, greatest(1, length(evaluated)), 1)(toUInt8(indexOf(flag_names, flag)), k) AS flags
    FROM (SELECT *, toUInt64(indexOf(evaluated, as_of)) - 1 AS k FROM {{ ref('exposure_by_customer') }} WHERE level = 'customer')
    GROUP BY customer_id
),
behaviour AS (
    SELECT
        customer_id,
        sumResample(0, greatest(1, length(evaluated)), 1)(settled_count_ever, k) AS settled,
        sumResample(0, greatest(1, length(evaluated)), 1)(n_w90, k) AS paid_recent,
        sumResample(0, greatest(1, length(evaluated)), 1)(n_w365, k) AS paid_year,
        sumResample(0, greatest(1, length(evaluated)), 1)(days_to_pay_w90_numerator, k) AS recent_numerators,
        sumResample(0, greatest(1, length(evaluated)), 1)(days_to_pay_w90_denominator, k) AS recent_denominators,
        sumResample(0, greatest(1, length(evaluated)), 1)(days_to_pay_prior_w365_numerator, k) AS before_numerators,
        sumResample(0, greatest(1, length(evaluated)), 1)(days_to_pay_prior_w365_denominator, k) AS before_denominators,
        sumResample(0, greatest(1, length(evaluated)), 1)(days_beyond_terms_floored_numerator, k) AS beyond_numerators,
        sumResample(0, greatest(1, length(evaluated)), 1)(days_to_pay_w365_denominator, k) AS beyond_denominators,
        maxResample(0, greatest(1, length(evaluated)), 1)(consecutive_late, k) AS lates,
        minResample(0, greatest(1, length(evaluated)), 1)(first_over_30_late_on, k) AS first_lates,
        sumResample(0, greatest(1, length(evaluated)), 1)(partial_payment_count_w90, k) AS partials_recent,
        sumResample(0, greatest(1, length(evaluated)), 1)(partial_payment_count_w365, k) AS partials_year,
        sumResample(0, greatest(1, length(evaluated)), 1)(round_sum_count_w90, k) AS rounds_recent,
        sumResample(0, greatest(1, length(evaluated)), 1)(round_sum_count_w365, k) AS rounds_year
    FROM (SELECT *, toUInt64(indexOf(evaluated, month_end)) - 1 AS k FROM {{ source('huikuan', 'payment_behaviour') }} WHERE n_w365 > 0 OR settled_count_ever > 0)
    GROUP BY customer_id
),
promises AS (
    SELECT
        customer_id,
        sumResample(0, greatest(1, length(evaluated)), 1)(ifNull(status = 'broken' AND status_on <= as_of AND status_on > addMonths(as_of, -12), false), k) AS broken_year,
        sumResample(0, greatest(1, length(evaluated)), 1)(ifNull(status = 'broken' AND status_on <= as_of AND status_on > as_of - {{ var('warning_window_days') }}, false), k) AS broken_recent,
        sumResample(0, greatest(1, length(evaluated)), 1)(ifNull(status IN ('kept', 'partial', 'broken') AND status_on <= as_of AND status_on > addMonths(as_of, -12), false), k) AS judged_year,
        maxResample(0, greatest(1, length(evaluated)), 1)(if(made_on <= as_of AND made_on > as_of - {{ var('warning_window_days') }}, times_moved, 0), k) AS moves_recent
    FROM (
        SELECT customer_id, status, status_on, made_on, times_moved, as_of, toUInt64(indexOf(evaluated, as_of)) - 1 AS k
        FROM {{ source('huikuan', 'promise_outcomes') }} AS p
        ARRAY JOIN arrayFilter(d -> d >= p.made_on AND d < addMonths(ifNull(p.status_on, p.made_on), 13), evaluated) AS as_of
    )
    GROUP BY customer_id
),
avoidance AS (
    SELECT
        customer_id,
        sumResample(0, greatest(1, length(evaluated)), 1)(day > as_of - {{ var('warning_window_days') }} AND avoids, k) AS avoided_recent,
        sumResample(0, greatest(1, length(evaluated)), 1)(day > addMonths(as_of, -12), k) AS avoided_year
    FROM (
        SELECT customer_id, day, avoids, as_of, toUInt64(indexOf(evaluated, as_of)) - 1 AS k
        FROM (
            SELECT customer_id, toDate32(happened_at) AS day, isNotNull(avoidance_code) OR ifNull(reason_verified, true) = false AS avoids
            FROM {{ source('huikuan', 'visits') }}
            WHERE isNotNull(happened_at) AND (avoids OR isNotNull(excuse_code))
        ) AS v
        ARRAY JOIN arrayFilter(d -> d >= v.day AND d < addMonths(v.day, 12) + 1, evaluated) AS as_of
    )
    GROUP BY customer_id
),
-- Sums up to each as_of, to 90 and to 450 days before it, are running totals at these bounds.
order_history AS (
    SELECT
        customer_id,
        arrayCumSum(arrayResize(sumResample(0, 3 * greatest(1, length(evaluated)), 1)(amount, step), length(bounds))) AS totals,
        arrayFill(x -> x != 0, arrayResize(maxResample(0, 3 * greatest(1, length(evaluated)), 1)(toUInt32(toInt32(day) + 50000), step), length(bounds))) AS latest,
        arrayFilter((x, at) -> at, totals, arrayMap(d -> has(evaluated, d), bounds)) AS now_rc,
        arrayFilter((x, at) -> at, totals, arrayMap(d -> has(evaluated, d + 90), bounds)) AS before_90_rc,
        arrayFilter((x, at) -> at, totals, arrayMap(d -> has(evaluated, d + 450), bounds)) AS before_450_rc,
        arrayMap((x, y) -> x - y, now_rc, before_90_rc) AS recent_rc,
        arrayMap((x, y) -> x - y, before_90_rc, before_450_rc) AS earlier_rc,
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
        arrayMap(d -> arrayCount(n -> empty(months) OR has(months, toMonth(d - n)), range(90)), evaluated) AS active_recent,
        arrayMap(d -> arrayCount(n -> empty(months) OR has(months, toMonth(d - 90 - n)), range(360)), evaluated) AS active_before,
        arrayMap(d -> arrayCount(n -> empty(months) OR has(months, toMonth(d - n)), range({{ var('warning_lapsed_days') }})), evaluated) AS active_lapse
    FROM (SELECT DISTINCT ifNull(active_months, '') AS active_months FROM {{ source('huikuan', 'customers_current') }} UNION DISTINCT SELECT '')
),
by_day AS (
    SELECT
        k.customer_id AS customer_id,
        as_of,
        segment,
        owner_id,
        open,
        overdue,
        over_60,
        disputed,
        book,
        utilisation_now,
        flag_names[flag_at] AS flag,
        breach,
        settled,
        paid_recent,
        paid_year,
        recent_numerator,
        recent_denominator,
        before_numerator,
        before_denominator,
        beyond_numerator,
        beyond_denominator,
        late,
        first_late,
        partials_recent,
        partials_year,
        rounds_recent,
        rounds_year,
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
    LEFT ANY JOIN exposures AS e ON e.customer_id = k.customer_id
    LEFT ANY JOIN behaviour AS p ON p.customer_id = k.customer_id
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
        arrayResize(b.segments, length(evaluated)) AS segment,
        arrayResize(b.owners, length(evaluated)) AS owner_id,
        arrayResize(b.opens, length(evaluated)) AS open,
        arrayResize(b.overdues, length(evaluated)) AS overdue,
        arrayResize(b.over_60s, length(evaluated)) AS over_60,
        arrayResize(b.disputeds, length(evaluated)) AS disputed,
        books AS book,
        arrayResize(e.utilisations, length(evaluated)) AS utilisation_now,
        arrayResize(e.flags, length(evaluated)) AS flag_at,
        arrayResize(e.breaches, length(evaluated)) AS breach,
        arrayResize(p.settled, length(evaluated)) AS settled,
        arrayResize(p.paid_recent, length(evaluated)) AS paid_recent,
        arrayResize(p.paid_year, length(evaluated)) AS paid_year,
        arrayResize(p.recent_numerators, length(evaluated)) AS recent_numerator,
        arrayResize(p.recent_denominators, length(evaluated)) AS recent_denominator,
        arrayResize(p.before_numerators, length(evaluated)) AS before_numerator,
        arrayResize(p.before_denominators, length(evaluated)) AS before_denominator,
        arrayResize(p.beyond_numerators, length(evaluated)) AS beyond_numerator,
        arrayResize(p.beyond_denominators, length(evaluated)) AS beyond_denominator,
        arrayResize(p.lates, length(evaluated)) AS late,
        arrayResize(p.first_lates, length(evaluated)) AS first_late,
        arrayResize(p.partials_recent, length(evaluated)) AS partials_recent,
        arrayResize(p.partials_year, length(evaluated)) AS partials_year,
        arrayResize(p.rounds_recent, length(evaluated)) AS rounds_recent,
        arrayResize(p.rounds_year, length(evaluated)) AS rounds_year,
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
    WHERE open != 0 OR paid_year > 0
)
SELECT
    as_of,
    customer_id,
    if(open != 0, nullIf(segment, ''), NULL) AS segment,
    if(open != 0, nullIf(owner_id, ''), NULL) AS owner_id,
    CAST(open AS Decimal(18, 4)) AS open_rc,
    CAST(if(open != 0, overdue, 0) AS Decimal(18, 4)) AS overdue_rc,
    CAST(if(open != 0, over_60, 0) AS Decimal(18, 4)) AS over_60_rc,
    CAST(if(open != 0, disputed, 0) AS Decimal(18, 4)) AS disputed_rc,
    CAST(book AS Decimal(18, 4)) AS book_rc,
    if(flag IN ('over_limit', 'near_limit', 'ok'), utilisation_now, NULL) AS utilisation,
    nullIf(flag, '') AS limit_flag,
    if(flag IN ('', 'limit_missing', 'missing_rate'), NULL, breach) AS breach_rc,
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
    toInt64(rounds_year) AS round_year,
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
