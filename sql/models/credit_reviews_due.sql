/* ---
description: "Which customers' credit has to be reviewed: never reviewed, overdue, due soon, or judged on stale accounts, with what is at stake (E9-12)."
grain: one customer with exposure or a credit limit
materialisation: table
order_by: [customer_id]
owner: credit management
tags: [risk, limits]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: owner_id, description: account owner of the largest balance; NULL where there is none, unit: id}
  - {name: exposure_rc, description: exposure of exposure_by_customer; NULL = no rate, unit: reporting currency}
  - {name: limit_rc, description: credit limit; NULL = missing, unit: reporting currency}
  - {name: limit_flag, description: flag of exposure_by_customer}
  - {name: grade, description: grade of risk_grades; NULL where there is none}
  - {name: last_review_on, description: latest review; NULL = never, unit: date}
  - {name: due_on, description: "day the next review is due: as the last one says, else so many months after it; NULL = never reviewed", unit: date}
  - {name: days_overdue, description: "days since due_on, negative = still ahead; NULL = never reviewed", unit: days}
  - {name: financials_on, description: date of the latest accounts looked at; NULL = none, unit: date}
  - {name: financials_months, description: full months since financials_on, unit: months}
  - {name: stale_financials, description: "accounts older than warning_financials_months, as in warning_signals; NULL = none looked at"}
  - {name: status, description: "never_reviewed, overdue, due_soon or current", tests: [not_null, {accepted_values: [never_reviewed, overdue, due_soon, current]}]}
tests:
  - name: exposure is that of exposure_by_customer
    sum_equals:
      this: sum(exposure_rc)
      of: |
        SELECT sum(exposure_rc)
        FROM {{ ref('exposure_by_customer') }}
        WHERE level = 'customer' AND as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AND (exposure_rc > 0 OR limit_rc > 0)
unit_tests:
  - name: the four states
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31}]
      - input: ref('exposure_by_customer')
        rows:
          - {as_of: 2026-10-31, level: customer, customer_id: NEVER, exposure_rc: 5, flag: limit_missing}
          - {as_of: 2026-10-31, level: customer, customer_id: OVER, exposure_rc: 5, limit_rc: 4, flag: over_limit}
          - {as_of: 2026-10-31, level: customer, customer_id: SOON, exposure_rc: 0, limit_rc: 4, flag: ok}
          - {as_of: 2026-10-31, level: customer, customer_id: STALE, exposure_rc: 0, limit_rc: 4, flag: ok}
          - {as_of: 2026-10-31, level: customer, customer_id: FRESH, exposure_rc: 1, limit_rc: 4, flag: ok}
          - {as_of: 2026-10-31, level: customer, customer_id: NOTHING, exposure_rc: 0, flag: limit_missing}
          - {as_of: 2026-10-31, level: group, customer_id: GROUP, exposure_rc: 11, limit_rc: 4}
      - input: source('huikuan', 'credit_reviews')
        rows:
          - {review_id: K1, customer_id: OVER, reviewed_on: 2025-10-30}
          - {review_id: K2, customer_id: SOON, reviewed_on: 2026-01-01, next_due_on: 2026-11-30, financials_as_of: 2025-10-31}
          - {review_id: K6, customer_id: STALE, reviewed_on: 2026-01-01, next_due_on: 2026-11-30, financials_as_of: 2025-10-30}
          - {review_id: K3, customer_id: FRESH, reviewed_on: 2025-01-01, next_due_on: 2025-02-01, financials_as_of: 2025-12-31}
          - {review_id: K4, customer_id: FRESH, reviewed_on: 2026-10-31}
          - {review_id: K5, customer_id: NEVER, reviewed_on: 2026-11-01}
    expect:
      rows:
        - {customer_id: NEVER, status: never_reviewed, last_review_on: null, due_on: null, days_overdue: null, stale_financials: null}
        - {customer_id: OVER, status: overdue, last_review_on: 2025-10-30, due_on: 2026-10-30, days_overdue: 1, stale_financials: null}
        - {customer_id: SOON, status: due_soon, last_review_on: 2026-01-01, due_on: 2026-11-30, days_overdue: -30, financials_months: 12, stale_financials: false}
        - {customer_id: STALE, status: due_soon, financials_months: 12, stale_financials: true}
        - {customer_id: FRESH, status: current, last_review_on: 2026-10-31, due_on: 2027-10-31, days_overdue: -365, financials_months: 10, stale_financials: false}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
reviews AS (
    SELECT
        r.customer_id AS customer_id,
        count() AS reviews,
        max(r.reviewed_on) AS last_review_on,
        argMax((r.reviewed_on, r.next_due_on), (r.reviewed_on, r.review_id)).2 AS next_due_on,
        max(r.financials_as_of) AS financials_on
    FROM {{ source('huikuan', 'credit_reviews') }} AS r
    WHERE r.reviewed_on <= today
    GROUP BY customer_id
)
SELECT
    e.as_of AS as_of,
    e.customer_id AS customer_id,
    e.customer_name AS customer_name,
    e.owner_id AS owner_id,
    e.exposure_rc AS exposure_rc,
    e.limit_rc AS limit_rc,
    e.flag AS limit_flag,
    nullIf(g.grade, '') AS grade,
    if(r.reviews = 0, NULL, r.last_review_on) AS last_review_on,
    if(r.reviews = 0, NULL, ifNull(r.next_due_on, toDate32(addMonths(r.last_review_on, {{ var('credit_review_months') }})))) AS due_on,
    toInt64(dateDiff('day', due_on, e.as_of)) AS days_overdue,
    r.financials_on AS financials_on,
    toInt64(age('month', toDateTime64(r.financials_on, 0, 'UTC'), toDateTime64(e.as_of, 0, 'UTC'))) AS financials_months,
    CAST(e.as_of > addMonths(r.financials_on, {{ var('warning_financials_months') }}) AS Nullable(Bool)) AS stale_financials,
    multiIf(r.reviews = 0, 'never_reviewed', days_overdue > 0, 'overdue', days_overdue >= -{{ var('credit_review_soon_days') }}, 'due_soon', 'current') AS status
FROM {{ ref('exposure_by_customer') }} AS e
LEFT JOIN reviews AS r ON r.customer_id = e.customer_id
LEFT JOIN (SELECT customer_id, toString(grade) AS grade FROM {{ ref('risk_grades') }} WHERE as_of = today) AS g ON g.customer_id = e.customer_id
WHERE e.level = 'customer' AND e.as_of = today AND (e.exposure_rc > 0 OR e.limit_rc > 0)
