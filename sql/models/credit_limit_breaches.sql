/* ---
description: "Episodes in which a customer or group stood above its credit limit, over consecutive month-ends and the last day built: since when, how far, whether it still does (E7)."
grain: one level, customer or head of the group, and episode
materialisation: table
order_by: [level, customer_id, first_seen]
owner: credit management
tags: [risk, limits]
columns:
  - {name: level, description: customer or group, tests: [not_null, {accepted_values: [customer, group]}]}
  - {name: customer_id, description: customer or head of the group, unit: id, tests: [not_null]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: first_seen, description: first month-end (or last day built) above the limit, unit: date, tests: [not_null]}
  - {name: last_seen, description: last one, unit: date, tests: [not_null]}
  - {name: still_open, description: above the limit on the last day built, tests: [not_null]}
  - {name: cleared_on, description: month-end (or last day built) at which it was within the limit again; NULL = still open, unit: date}
  - {name: evaluations, description: month-ends (and last day built) above the limit, unit: count}
  - {name: limit_rc, description: limit at last_seen, unit: reporting currency}
  - {name: exposure_rc, description: exposure at last_seen, unit: reporting currency}
  - {name: breach_rc, description: exposure above the limit at last_seen, unit: reporting currency}
  - {name: peak_breach_rc, description: largest breach_rc of the episode, unit: reporting currency}
  - {name: utilisation, description: exposure_rc / limit_rc at last_seen; NULL = limit 0, unit: fraction}
  - {name: flag, description: "over_limit, or no_credit where the limit is 0"}
chart: {type: bar, title: Customers above their credit limit, x: customer_name, y: [breach_rc, peak_breach_rc], where: "level = 'customer' AND cleared_on IS NULL", unit: reporting currency}
tests:
  - unique: [level, customer_id, first_seen]
  - name: the open episodes are the breaches of the last day
    sum_equals:
      this: sumIf(breach_rc, still_open)
      by: [level]
      of: |
        SELECT level, sum(breach_rc)
        FROM {{ ref('exposure_by_customer') }}
        WHERE breached AND as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
        GROUP BY level
unit_tests:
  - name: two episodes, the second still open
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-05-12}]
      - input: ref('exposure_by_customer')
        rows:
          - {as_of: 2026-01-31, level: customer, customer_id: C, exposure_rc: 150, limit_rc: 100, breach_rc: 50, breached: true, utilisation: 1.5, flag: over_limit}
          - {as_of: 2026-02-28, level: customer, customer_id: C, exposure_rc: 120, limit_rc: 100, breach_rc: 20, breached: true, utilisation: 1.2, flag: over_limit}
          - {as_of: 2026-03-31, level: customer, customer_id: C, exposure_rc: 90, limit_rc: 100, breach_rc: 0, breached: false, utilisation: 0.9, flag: near_limit}
          - {as_of: 2026-04-30, level: customer, customer_id: C, exposure_rc: 10, limit_rc: 0, breach_rc: 10, breached: true, flag: no_credit}
          - {as_of: 2026-05-12, level: customer, customer_id: C, exposure_rc: 11, limit_rc: 0, breach_rc: 11, breached: true, flag: no_credit}
          - {as_of: 2026-05-12, level: customer, customer_id: D, exposure_rc: 11, breached: null, flag: limit_missing}
    expect:
      rows:
        - {customer_id: C, first_seen: 2026-01-31, last_seen: 2026-02-28, still_open: false, cleared_on: 2026-03-31, evaluations: 2, breach_rc: 20, peak_breach_rc: 50, utilisation: 1.2, flag: over_limit}
        - {customer_id: C, first_seen: 2026-04-30, last_seen: 2026-05-12, still_open: true, cleared_on: null, evaluations: 2, breach_rc: 11, peak_breach_rc: 11, utilisation: null, flag: no_credit}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
evaluations AS (
    SELECT arraySort(groupUniqArray(as_of)) AS days
    FROM {{ ref('exposure_by_customer') }}
),
breaches AS (
    SELECT
        e.level AS level,
        e.customer_id AS customer_id,
        any(e.customer_name) AS customer_name,
        arraySort(x -> x.1, groupArray((indexOf((SELECT days FROM evaluations), e.as_of), e.as_of, e.limit_rc, e.exposure_rc, e.breach_rc, e.utilisation, e.flag))) AS seen
    FROM {{ ref('exposure_by_customer') }} AS e
    WHERE e.breached
    GROUP BY level, customer_id
),
episodes AS (
    SELECT
        level,
        customer_id,
        customer_name,
        arrayJoin(arraySplit((x, n) -> n > 1 AND x.1 != seen[n - 1].1 + 1, seen, arrayEnumerate(seen))) AS episode,
        episode[1] AS opening,
        episode[-1] AS closing
    FROM breaches
)
SELECT
    level,
    customer_id,
    customer_name,
    opening.2 AS first_seen,
    closing.2 AS last_seen,
    CAST(closing.2 = today AS Bool) AS still_open,
    if(still_open, NULL, (SELECT days FROM evaluations)[closing.1 + 1]) AS cleared_on,
    toUInt64(length(episode)) AS evaluations,
    closing.3 AS limit_rc,
    closing.4 AS exposure_rc,
    closing.5 AS breach_rc,
    arrayMax(x -> assumeNotNull(x.5), episode) AS peak_breach_rc,
    closing.6 AS utilisation,
    closing.7 AS flag
FROM episodes
