/* ---
description: "Ability against willingness to pay on the last day built, four kinds of debtors: ability is the score of the latest credit review, willingness how the customer pays, keeps promises and avoids contact (E8)."
grain: one customer with open receivables or balances without an exchange rate
materialisation: table
order_by: [customer_id]
owner: credit management
tags: [risk, grades]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: owner_id, description: account owner, unit: id}
  - {name: segment, description: segment of the customer}
  - {name: open_rc, description: open receivables at closing rates; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: overdue_rc, description: part of it past due, unit: reporting currency, tests: [not_null]}
  - {name: balances_without_rate, description: balances left out because no closing rate is known, unit: count, tests: [not_null]}
  - {name: ability, description: "ability score of the latest review, else the bureau's score, 0 to 100, higher is safer; NULL see reason", unit: points}
  - {name: ability_from, description: "ability_score or external_score; NULL = neither is known"}
  - {name: willingness, description: "100 less points for lateness, promises not kept, excuses and avoidance; NULL see reason", unit: points}
  - {name: off_late, description: points off for days beyond terms, unit: points, tests: [not_null]}
  - {name: off_promises, description: points off for the share of promises not kept, unit: points, tests: [not_null]}
  - {name: off_avoidance, description: "points off for excuses, avoidance and false reasons", unit: points, tests: [not_null]}
  - {name: quadrant, description: "able_willing, able_unwilling, unable_willing, unable_unwilling, or unknown", tests: [not_null, {accepted_values: [able_willing, able_unwilling, unable_willing, unable_unwilling, unknown]}]}
  - {name: reason, description: "why the quadrant is unknown: no_review (no ability score), no_payments (no payment, promise or visit to judge by)"}
tests:
  - name: receivables of all customers are those of the balance sheet
    sum_equals:
      this: sum(open_rc)
      of: SELECT sum(ifNull(open_amount_rc, 0)) FROM {{ ref('month_end_balances') }} WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
unit_tests:
  - name: the four kinds, and those that cannot be told
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31}]
      - input: ref('risk_features')
        rows:
          - {as_of: 2026-10-31, customer_id: GOOD, open_rc: 1, ability_score: 80, external_score: 10, days_beyond_terms: 3}
          - {as_of: 2026-10-31, customer_id: WILFUL, open_rc: 1, external_score: 90, days_beyond_terms: 60, broken_promises_year: 2, judged_promises_year: 4, avoidance_year: 9}
          - {as_of: 2026-10-31, customer_id: POOR, open_rc: 1, ability_score: 49.9, days_beyond_terms: 10}
          - {as_of: 2026-10-31, customer_id: LOST, open_rc: 1, ability_score: 10, broken_promises_year: 4, judged_promises_year: 4, avoidance_year: 3}
          - {as_of: 2026-10-31, customer_id: UNSEEN, open_rc: 1, days_beyond_terms: 10}
          - {as_of: 2026-10-31, customer_id: NEW, open_rc: 1, ability_score: 70}
          - {as_of: 2026-10-31, customer_id: NO RATE, open_rc: 0, balances_without_rate: 2, ability_score: 50, days_beyond_terms: 3}
          - {as_of: 2026-10-31, customer_id: CLOSED, open_rc: 0, ability_score: 70, days_beyond_terms: 10}
          - {as_of: 2026-09-30, customer_id: NEW, open_rc: 1, ability_score: 70, days_beyond_terms: 10}
    expect:
      rows:
        - {customer_id: NO RATE, open_rc: 0, balances_without_rate: 2, ability: 50, ability_from: ability_score, willingness: 97, quadrant: able_willing}
        - {customer_id: GOOD, ability: 80, ability_from: ability_score, willingness: 97, quadrant: able_willing}
        - {customer_id: WILFUL, ability: 90, ability_from: external_score, willingness: 15, quadrant: able_unwilling}
        - {customer_id: POOR, ability: 49.9, ability_from: ability_score, willingness: 90, quadrant: unable_willing}
        - {customer_id: LOST, ability: 10, ability_from: ability_score, willingness: 40, quadrant: unable_unwilling}
        - {customer_id: UNSEEN, ability: null, ability_from: null, willingness: 90, quadrant: unknown}
        - {customer_id: NEW, ability: 70, ability_from: ability_score, willingness: null, quadrant: unknown}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
scored AS (
    SELECT
        f.*,
        coalesce(f.ability_score, f.external_score) AS ability,
        least(toDecimal128('{{ var('willingness_late_cap') }}', 10), CAST(ifNull(f.days_beyond_terms, 0) * toDecimal128('{{ var('willingness_late_points') }}', 4) AS Decimal(38, 10))) AS off_late,
        CAST(ifNull(toDecimal128(f.broken_promises_year, 10) * toDecimal128('{{ var('willingness_broken_points') }}', 4) / nullIf(f.judged_promises_year, 0), 0) AS Decimal(38, 10)) AS off_promises,
        least(toDecimal128('{{ var('willingness_avoidance_cap') }}', 10), CAST(f.avoidance_year * toDecimal128('{{ var('willingness_avoidance_points') }}', 4) AS Decimal(38, 10))) AS off_avoidance,
        isNotNull(f.days_beyond_terms) OR f.judged_promises_year > 0 OR f.avoidance_year > 0 AS judged
    FROM {{ ref('risk_features') }} AS f
    WHERE f.as_of = today AND (f.open_rc != 0 OR f.balances_without_rate > 0)
)
SELECT
    s.as_of AS as_of,
    s.customer_id AS customer_id,
    c.name AS customer_name,
    s.owner_id AS owner_id,
    s.segment AS segment,
    s.open_rc AS open_rc,
    s.overdue_rc AS overdue_rc,
    s.balances_without_rate AS balances_without_rate,
    s.ability AS ability,
    multiIf(isNotNull(s.ability_score), 'ability_score', isNotNull(s.external_score), 'external_score', NULL) AS ability_from,
    CAST(if(s.judged, toDecimal128(100, 10) - s.off_late - s.off_promises - s.off_avoidance, NULL) AS Nullable(Decimal(38, 10))) AS willingness,
    s.off_late AS off_late,
    s.off_promises AS off_promises,
    s.off_avoidance AS off_avoidance,
    multiIf(
        isNull(s.ability) OR isNull(willingness), 'unknown',
        s.ability >= {{ var('ability_threshold') }}, if(willingness >= {{ var('willingness_threshold') }}, 'able_willing', 'able_unwilling'),
        if(willingness >= {{ var('willingness_threshold') }}, 'unable_willing', 'unable_unwilling')) AS quadrant,
    multiIf(quadrant != 'unknown', NULL, isNull(s.ability), 'no_review', 'no_payments') AS reason
FROM scored AS s
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = s.customer_id
