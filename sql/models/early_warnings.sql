/* ---
description: "Early warnings with their life: raised at the first month-end (or last day built) at which a rule is true, still raised or cleared at the first one at which it is not (E9)."
grain: one customer, rule and episode
materialisation: table
order_by: [customer_id, rule_no, raised_on]
owner: credit management
tags: [risk, warnings]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: owner_id, description: account owner at last_seen, unit: id}
  - {name: segment, description: segment at last_seen}
  - {name: rule_no, description: number of the rule, unit: rank, tests: [not_null]}
  - {name: rule, description: rule as in warning_signals, tests: [not_null]}
  - {name: severity, description: "low, medium or high, at last_seen", tests: [not_null]}
  - {name: raised_on, description: first evaluation at which the rule was true, unit: date, tests: [not_null]}
  - {name: last_seen, description: last evaluation of the episode, unit: date, tests: [not_null]}
  - {name: still_raised, description: true on the last day built, tests: [not_null]}
  - {name: cleared_on, description: first evaluation at which it was no longer true; NULL = still raised, unit: date}
  - {name: days_raised, description: days from raised_on to cleared_on or the last day built, unit: days, tests: [not_null]}
  - {name: measure, description: measure at last_seen, unit: see warning_signals}
  - {name: baseline, description: baseline at last_seen, unit: see warning_signals}
  - {name: threshold, description: threshold at last_seen, unit: see warning_signals}
  - {name: evidence, description: evidence at last_seen, tests: [not_null]}
  - {name: open_rc, description: open receivables at last_seen; what has no exchange rate is left out, unit: reporting currency, tests: [not_null]}
  - {name: overdue_rc, description: overdue at last_seen, unit: reporting currency, tests: [not_null]}
chart: {type: table, title: Early warnings, x: customer_name, y: [days_raised, overdue_rc], series: rule, where: cleared_on IS NULL}
tests:
  - unique: [customer_id, rule_no, raised_on]
  - name: what is raised is what is true on the last day
    sum_equals:
      this: sumIf(open_rc, still_raised)
      by: [rule]
      of: |
        SELECT rule, sum(open_rc)
        FROM {{ ref('warning_signals') }}
        WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
        GROUP BY rule
unit_tests:
  - name: raised, cleared, raised again
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-04-15}]
      - input: ref('risk_features')
        rows: [{as_of: 2026-01-31}, {as_of: 2026-02-28}, {as_of: 2026-03-31}, {as_of: 2026-04-15}]
      - input: ref('warning_signals')
        rows:
          - {as_of: 2026-01-31, customer_id: C1, rule_no: 3, rule: broken_promises, severity: high, measure: 2, evidence: x, open_rc: 5}
          - {as_of: 2026-02-28, customer_id: C1, rule_no: 3, rule: broken_promises, severity: high, measure: 3, evidence: y, open_rc: 6}
          - {as_of: 2026-04-15, customer_id: C1, rule_no: 3, rule: broken_promises, severity: high, measure: 2, evidence: z, open_rc: 7}
          - {as_of: 2026-02-28, customer_id: C1, rule_no: 9, rule: dispute_share, severity: medium, measure: 0.2, evidence: d, open_rc: 6}
    expect:
      rows:
        - {customer_id: C1, rule_no: 3, raised_on: 2026-01-31, last_seen: 2026-02-28, still_raised: false, cleared_on: 2026-03-31, days_raised: 59, measure: 3, evidence: y, open_rc: 6}
        - {customer_id: C1, rule_no: 3, raised_on: 2026-04-15, last_seen: 2026-04-15, still_raised: true, cleared_on: null, days_raised: 0, measure: 2, evidence: z, open_rc: 7}
        - {customer_id: C1, rule_no: 9, raised_on: 2026-02-28, last_seen: 2026-02-28, still_raised: false, cleared_on: 2026-03-31, days_raised: 31, measure: 0.2, evidence: d, open_rc: 6}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
(SELECT arraySort(groupUniqArray(as_of)) FROM {{ ref('risk_features') }}) AS days,
signals AS (
    SELECT
        s.customer_id AS customer_id,
        s.rule_no AS rule_no,
        any(s.rule) AS rule,
        arraySort(x -> x.1, groupArray((indexOf(days, s.as_of), s.as_of, s.owner_id, s.segment, s.severity, s.measure, s.baseline, s.threshold, s.evidence, s.open_rc, s.overdue_rc))) AS seen
    FROM {{ ref('warning_signals') }} AS s
    GROUP BY customer_id, rule_no
),
episodes AS (
    SELECT
        customer_id,
        rule_no,
        rule,
        arrayJoin(arraySplit((x, n) -> n > 1 AND x.1 != seen[n - 1].1 + 1, seen, arrayEnumerate(seen))) AS episode,
        episode[1] AS opening,
        episode[-1] AS closing
    FROM signals
)
SELECT
    e.customer_id AS customer_id,
    c.name AS customer_name,
    closing.3 AS owner_id,
    closing.4 AS segment,
    e.rule_no AS rule_no,
    e.rule AS rule,
    closing.5 AS severity,
    opening.2 AS raised_on,
    closing.2 AS last_seen,
    CAST(closing.2 = today AS Bool) AS still_raised,
    if(still_raised, NULL, days[closing.1 + 1]) AS cleared_on,
    toInt64(dateDiff('day', raised_on, ifNull(cleared_on, assumeNotNull(today)))) AS days_raised,
    closing.6 AS measure,
    closing.7 AS baseline,
    closing.8 AS threshold,
    closing.9 AS evidence,
    closing.10 AS open_rc,
    closing.11 AS overdue_rc
FROM episodes AS e
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = e.customer_id
