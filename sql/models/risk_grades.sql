/* ---
description: "Behaviour grade of each customer, month by month, from a transparent score of 0 (safe) to 100: overdue ratio, days beyond terms, broken promises, credit limit, disputes, payment cycle (E8). A month uses nothing that lies after its end."
grain: one day (month-ends and the last day built) and customer
materialisation: table
order_by: [as_of, customer_id]
owner: credit management
tags: [risk, grades, cfo]
columns:
  - {name: as_of, description: "end of this day: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: segment, description: segment on as_of; NULL where there is no balance}
  - {name: owner_id, description: account owner of the largest balance; NULL where there is none, unit: id}
  - {name: open_rc, description: open receivables at closing rates; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: overdue_rc, description: part of open_rc 1 day or more past due, unit: reporting currency, tests: [not_null]}
  - {name: balances_without_rate, description: balances left out because no closing rate is known, unit: count, tests: [not_null]}
  - {name: overdue_ratio, description: overdue_rc / open_rc; NULL = nothing open, unit: fraction}
  - {name: days_beyond_terms, description: "days late of the last behaviour_year_days days, early ones as 0; NULL = no payment", unit: days}
  - {name: broken_promises, description: promises broken in the risk_year_months months to as_of, unit: count}
  - {name: utilisation, description: exposure / credit limit; NULL = no limit or limit 0, unit: fraction}
  - {name: disputed_ratio, description: disputed part of open_rc; NULL = nothing open, unit: fraction}
  - {name: cycle_ratio, description: days to pay of the last behaviour_recent_days days over those of the behaviour_year_days days before; NULL = unknown, unit: factor}
  - {name: settled_count, description: instalments settled by cash so far, unit: count}
  - {name: points_overdue, description: points for overdue_ratio, unit: points, tests: [not_null]}
  - {name: points_late, description: points for days_beyond_terms, unit: points, tests: [not_null]}
  - {name: points_broken, description: points for broken_promises, unit: points, tests: [not_null]}
  - {name: points_limit, description: "points for exposure above or near the limit; a limit of 0 with exposure counts as above", unit: points, tests: [not_null]}
  - {name: points_dispute, description: points for disputed_ratio, unit: points, tests: [not_null]}
  - {name: points_cycle, description: points for cycle_ratio, unit: points, tests: [not_null]}
  - {name: score, description: "sum of the points, 0 to 100, higher is riskier; NULL = not rated", unit: points}
  - {name: grade, description: "A (safest) to E, or NR: too few settled instalments to judge", tests: [not_null, {accepted_values: [A, B, C, D, E, NR]}]}
  - {name: policy_grade, description: grade given by policy on as_of; what counts for customers that are NR}
  - {name: effective_grade, description: "grade, or policy_grade where the customer is NR; NR where neither is known", tests: [not_null]}
  - {name: reason, description: "why score is NULL: insufficient_history"}
chart: {type: stacked, title: Receivables by grade, x: as_of, y: [open_rc], series: grade, unit: reporting currency}
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
  - name: scores lie between 0 and 100
    sql: SELECT as_of, customer_id, score FROM {{ this }} WHERE score < 0 OR score > 100
unit_tests:
  - name: ex:risk_grade
    given:
      - input: ref('risk_features')
        rows:
          - {as_of: 2026-10-31, customer_id: C1, open_rc: 1000, overdue_rc: 350, disputed_rc: 50, days_beyond_terms: 22, broken_promises_year: 2, utilisation: 1.04, limit_flag: over_limit, cycle_ratio: 1.3, settled_count: 3}
          - {as_of: 2026-10-31, customer_id: GOOD, open_rc: 1000, overdue_rc: 0, disputed_rc: 0, days_beyond_terms: -3, utilisation: 0.91, limit_flag: near_limit, cycle_ratio: 1.1999, settled_count: 30, policy_grade: E}
          - {as_of: 2026-10-31, customer_id: WORST, open_rc: 1000, overdue_rc: 1000, disputed_rc: 1000, days_beyond_terms: 500, broken_promises_year: 9, limit_flag: no_credit, cycle_ratio: 9, settled_count: 30}
          - {as_of: 2026-10-31, customer_id: NEW, open_rc: 1000, overdue_rc: 1000, settled_count: 2, policy_grade: C}
          - {as_of: 2026-10-31, customer_id: UNKNOWN, open_rc: 0, overdue_rc: 0, settled_count: 0}
          - {as_of: 2026-10-31, customer_id: EDGE, open_rc: 1000, overdue_rc: 250, balances_without_rate: 2, settled_count: 3}
    expect:
      rows:
        - {customer_id: C1, points_overdue: 21, points_late: 11, points_broken: 10, points_limit: 15, points_dispute: 2.5, points_cycle: 10, score: 69.5, grade: D, effective_grade: D, reason: null}
        - {customer_id: GOOD, points_overdue: 0, points_late: 0, points_broken: 0, points_limit: 8, points_dispute: 0, points_cycle: 0, score: 8, grade: A, effective_grade: A, reason: null}
        - {customer_id: WORST, points_overdue: 30, points_late: 25, points_broken: 15, points_limit: 15, points_dispute: 5, points_cycle: 10, score: 100, grade: E, effective_grade: E, reason: null}
        - {customer_id: NEW, points_overdue: 30, points_late: 0, points_broken: 0, points_limit: 0, points_dispute: 0, points_cycle: 0, score: null, grade: NR, effective_grade: C, reason: insufficient_history}
        - {customer_id: UNKNOWN, points_overdue: 0, points_late: 0, points_broken: 0, points_limit: 0, points_dispute: 0, points_cycle: 0, score: null, grade: NR, effective_grade: NR, reason: insufficient_history}
        - {customer_id: EDGE, balances_without_rate: 2, points_overdue: 15, points_late: 0, points_broken: 0, points_limit: 0, points_dispute: 0, points_cycle: 0, score: 15, grade: B, effective_grade: B, reason: null}
--- */
WITH
pointed AS (
    SELECT
        *,
        toDecimal128(f.overdue_rc, 10) / nullIf(f.open_rc, 0) AS overdue_ratio,
        toDecimal128(f.disputed_rc, 10) / nullIf(f.open_rc, 0) AS disputed_ratio,
        least(toDecimal128('{{ var('grade_overdue_cap') }}', 10), CAST(greatest(0, ifNull(overdue_ratio, 0)) * toDecimal128('{{ var('grade_overdue_points') }}', 4) AS Decimal(38, 10))) AS points_overdue,
        least(toDecimal128('{{ var('grade_late_cap') }}', 10), CAST(greatest(0, ifNull(f.days_beyond_terms, 0)) * toDecimal128('{{ var('grade_late_points') }}', 4) AS Decimal(38, 10))) AS points_late,
        least(toDecimal128('{{ var('grade_broken_cap') }}', 10), CAST(f.broken_promises_year * toDecimal128('{{ var('grade_broken_points') }}', 4) AS Decimal(38, 10))) AS points_broken,
        multiIf(
            f.limit_flag IN ('over_limit', 'no_credit'), toDecimal128('{{ var('grade_over_limit_points') }}', 10),
            f.utilisation > {{ var('limit_warning') }}, toDecimal128('{{ var('grade_near_limit_points') }}', 10),
            toDecimal128(0, 10)) AS points_limit,
        least(toDecimal128('{{ var('grade_dispute_cap') }}', 10), CAST(greatest(0, ifNull(disputed_ratio, 0)) * toDecimal128('{{ var('grade_dispute_points') }}', 4) AS Decimal(38, 10))) AS points_dispute,
        if(f.cycle_ratio >= {{ var('warning_cycle_ratio') }}, toDecimal128('{{ var('grade_cycle_points') }}', 10), toDecimal128(0, 10)) AS points_cycle,
        points_overdue + points_late + points_broken + points_limit + points_dispute + points_cycle AS points,
        f.settled_count >= {{ var('grade_min_settled') }} AS rated
    FROM {{ ref('risk_features') }} AS f
)
SELECT
    as_of,
    customer_id,
    segment,
    owner_id,
    open_rc,
    overdue_rc,
    balances_without_rate,
    CAST(overdue_ratio AS Nullable(Decimal(38, 10))) AS overdue_ratio,
    days_beyond_terms,
    broken_promises_year AS broken_promises,
    utilisation,
    CAST(disputed_ratio AS Nullable(Decimal(38, 10))) AS disputed_ratio,
    cycle_ratio,
    settled_count,
    points_overdue,
    points_late,
    points_broken,
    points_limit,
    points_dispute,
    points_cycle,
    CAST(if(rated, points, NULL) AS Nullable(Decimal(38, 10))) AS score,
    if(rated, ['A', 'B', 'C', 'D', 'E'][1 + arrayCount(b -> points >= b, {{ var('grade_bounds') }})], 'NR') AS grade,
    policy_grade,
    if(rated, grade, ifNull(toString(policy_grade), 'NR')) AS effective_grade,
    if(rated, NULL, 'insufficient_history') AS reason
FROM pointed
