/* ---
description: "Customers whose bureau grade and behaviour grade differ, on the last day built: relying on ratings alone misses those that pay worse than they are rated (E8, the third misconception)."
grain: one customer with a bureau grade and a behaviour grade
materialisation: table
order_by: [customer_id]
owner: credit management
tags: [risk, grades]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: owner_id, description: account owner, unit: id}
  - {name: external_grade, description: bureau grade of the latest review, tests: [not_null]}
  - {name: last_review_on, description: day of that review, unit: date}
  - {name: behaviour_grade, description: grade of risk_grades, tests: [not_null]}
  - {name: score, description: score of risk_grades, unit: points}
  - {name: notches, description: "behaviour worse than rated by so many grades, negative = better", unit: grades, tests: [not_null]}
  - {name: direction, description: "behaves_worse, behaves_better or same", tests: [not_null]}
  - {name: diverges, description: differs by divergence_notches or more, tests: [not_null]}
  - {name: open_rc, description: open receivables at closing rates; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: overdue_rc, description: part of it past due, unit: reporting currency, tests: [not_null]}
chart: {type: heatmap, title: Open receivables by bureau grade and behaviour grade, x: external_grade, y: [open_rc], series: behaviour_grade, unit: reporting currency}
tests:
  - name: receivables of these customers are those of risk_grades
    sum_equals:
      this: sum(open_rc)
      of: |
        SELECT sum(g.open_rc)
        FROM {{ ref('risk_grades') }} AS g
        INNER JOIN {{ ref('risk_features') }} AS f ON f.as_of = g.as_of AND f.customer_id = g.customer_id
        WHERE g.as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AND g.grade != 'NR' AND f.external_grade IN ('A', 'B', 'C', 'D', 'E')
unit_tests:
  - name: two notches diverge, one does not, an unrated customer is left out
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31}]
      - input: ref('risk_grades')
        rows:
          - {as_of: 2026-10-31, customer_id: C1, grade: D, open_rc: 5}
          - {as_of: 2026-10-31, customer_id: C2, grade: B}
          - {as_of: 2026-10-31, customer_id: C3, grade: NR}
          - {as_of: 2026-10-31, customer_id: C4, grade: A}
          - {as_of: 2026-09-30, customer_id: C4, grade: E}
      - input: ref('risk_features')
        rows:
          - {as_of: 2026-10-31, customer_id: C1, external_grade: B, last_review_on: 2026-01-01}
          - {as_of: 2026-10-31, customer_id: C2, external_grade: C}
          - {as_of: 2026-10-31, customer_id: C3, external_grade: A}
          - {as_of: 2026-10-31, customer_id: C4}
    expect:
      rows:
        - {customer_id: C1, external_grade: B, behaviour_grade: D, notches: 2, direction: behaves_worse, diverges: true, open_rc: 5}
        - {customer_id: C2, external_grade: C, behaviour_grade: B, notches: -1, direction: behaves_better, diverges: false, open_rc: 0}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
['A', 'B', 'C', 'D', 'E'] AS letters
SELECT
    g.as_of AS as_of,
    g.customer_id AS customer_id,
    c.name AS customer_name,
    g.owner_id AS owner_id,
    assumeNotNull(f.external_grade) AS external_grade,
    f.last_review_on AS last_review_on,
    g.grade AS behaviour_grade,
    g.score AS score,
    toInt64(indexOf(letters, g.grade)) - toInt64(indexOf(letters, f.external_grade)) AS notches,
    multiIf(notches > 0, 'behaves_worse', notches < 0, 'behaves_better', 'same') AS direction,
    CAST(abs(notches) >= {{ var('divergence_notches') }} AS Bool) AS diverges,
    g.open_rc AS open_rc,
    g.overdue_rc AS overdue_rc
FROM {{ ref('risk_grades') }} AS g
INNER JOIN {{ ref('risk_features') }} AS f ON f.as_of = g.as_of AND f.customer_id = g.customer_id
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = g.customer_id
WHERE g.as_of = today AND f.as_of = today AND g.grade != 'NR' AND has(letters, f.external_grade)
