/* ---
description: "Customers that the rule says should not be supplied, and those that are held (E10): the rule is true where an item is more than the policy's days overdue and the overdue exceeds stop_overdue_amount, or where the credit limit is breached. An overdue of which a part has no exchange rate counts as above it: it is not known, and must not pass for nothing."
grain: one customer for whom the rule is true, or who is held
materialisation: table
order_by: [customer_id]
owner: credit management
tags: [control, stop_supply]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: owner_id, description: "account owner of the largest overdue balance, without one the owner of customer_owners; NULL = nobody", unit: id}
  - {name: grade, description: credit grade given by policy; NULL = none}
  - {name: stop_after_days, description: "days overdue after which supply stops: of the policy for the grade valid today, else stop_after_days", unit: days, tests: [not_null]}
  - {name: max_days_past_due, description: days past due of the oldest item; NULL = nothing is overdue, unit: days}
  - {name: overdue_rc, description: overdue; items without an exchange rate are left out, unit: reporting currency}
  - {name: items_without_rate, description: overdue items left out of overdue_rc because no exchange rate is known, unit: count, tests: [not_null]}
  - {name: breach_rc, description: exposure above the credit limit; NULL = limit unknown, unit: reporting currency}
  - {name: rule, description: "overdue, over_limit, both, or none (held without reason)", tests: [not_null, {accepted_values: [overdue, over_limit, both, none]}]}
  - {name: held_since, description: first day of the oldest hold that is not released; NULL = not held, unit: date}
  - {name: hold_reason, description: reason of that hold; NULL = none is told}
  - {name: status, description: "candidate (should be held and is not), held, release (held although the rule is no longer true)", tests: [not_null, {accepted_values: [candidate, held, release]}]}
  - {name: open_orders_rc, description: "orders not invoiced yet; NULL = unknown", unit: reporting currency}
unit_tests:
  - name: the policy of the grade decides how long is too long
    overrides: {vars: {stop_after_days: 60, stop_overdue_amount: 100}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: A, owner_id: R1, days_past_due: 45, open_amount: 500, open_amount_rc: 500}
          - {customer_id: B, owner_id: R1, days_past_due: 45, open_amount: 500, open_amount_rc: 500}
          - {customer_id: D, owner_id: R1, days_past_due: 400, open_amount: 99, open_amount_rc: 99}
          - {customer_id: E, owner_id: R1, days_past_due: 70, open_amount: 101, open_amount_rc: 101}
      - input: ref('customer_owners')
        rows: [{customer_id: A, owner_id: R9}, {customer_id: G, owner_id: R2}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: A, name: 甲, grade: D}, {customer_id: B, grade: A}]
      - input: source('huikuan', 'policies')
        rows:
          - {grade: D, hold_after_days: 30, valid_from: 2024-01-01}
          - {grade: D, hold_after_days: 90, valid_from: 2023-01-01, valid_to: 2023-12-31}
      - input: source('huikuan', 'order_holds')
        rows:
          - {hold_id: H1, customer_id: E, held_on: 2024-06-01, reason: overdue}
          - {hold_id: H2, customer_id: F, held_on: 2024-05-01, reason: manual}
          - {hold_id: H3, customer_id: A, held_on: 2024-01-01, released_on: 2024-02-01}
      - input: ref('exposure_by_customer')
        rows:
          - {as_of: 2024-06-30, level: customer, customer_id: G, breach_rc: 30, open_orders_rc: 10}
          - {as_of: 2024-06-30, level: group, customer_id: B, breach_rc: 30}
          - {as_of: 2024-05-31, level: customer, customer_id: B, breach_rc: 30}
    expect:
      rows:
        - {customer_id: A, customer_name: 甲, owner_id: R1, grade: D, stop_after_days: 30, max_days_past_due: 45, overdue_rc: 500, rule: overdue, held_since: null, status: candidate}
        - {customer_id: E, customer_name: null, owner_id: R1, grade: null, stop_after_days: 60, max_days_past_due: 70, overdue_rc: 101, rule: overdue, held_since: 2024-06-01, status: held}
        - {customer_id: F, customer_name: null, owner_id: null, grade: null, stop_after_days: 60, max_days_past_due: null, overdue_rc: 0, rule: none, held_since: 2024-05-01, status: release}
        - {customer_id: G, customer_name: null, owner_id: R2, grade: null, stop_after_days: 60, max_days_past_due: null, overdue_rc: 0, rule: over_limit, held_since: null, status: candidate}
  - name: the policy that began last counts, and no policy once it is over; the owner of the largest balance in one currency
    overrides: {vars: {stop_after_days: 60, stop_overdue_amount: 100}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: A, owner_id: R1, days_past_due: 45, open_amount: 500, open_amount_rc: 500}
          - {customer_id: A, owner_id: R2, days_past_due: 40, open_amount: 9000, open_amount_rc: 70}
          - {customer_id: B, owner_id: unassigned, days_past_due: 61, open_amount: 500, open_amount_rc: 500}
          - {customer_id: C, owner_id: unassigned, days_past_due: 61, open_amount: 500, open_amount_rc: 500}
          - {customer_id: D, owner_id: R1, days_past_due: 61, open_amount: 500, open_amount_rc: 500}
          - {customer_id: E, owner_id: R1, days_past_due: 61, open_amount: 500, open_amount_rc: 500}
      - input: ref('customer_owners')
        rows: [{customer_id: B, owner_id: R3}, {customer_id: C, owner_id: unassigned}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: A, grade: A}, {customer_id: B, grade: B}, {customer_id: C, grade: C}, {customer_id: D, grade: D}, {customer_id: E, grade: E}]
      - input: source('huikuan', 'policies')
        rows:
          - {grade: A, hold_after_days: 90, valid_from: 2023-01-01}
          - {grade: A, hold_after_days: 30, valid_from: 2024-06-30}
          - {grade: A, hold_after_days: 10, valid_from: 2024-07-01}
          - {grade: B, hold_after_days: 90, valid_from: 2023-01-01, valid_to: 2024-06-29}
          - {grade: C, hold_after_days: 50, valid_from: 2023-01-01, valid_to: 2024-06-30}
          - {grade: D, hold_after_days: 90, valid_from: 2023-01-01}
          - {grade: D, valid_from: 2024-01-01}
          - {grade: E, hold_after_days: 61, valid_from: 2024-01-01}
    expect:
      rows:
        - {customer_id: A, owner_id: R1, stop_after_days: 30, overdue_rc: 570, rule: overdue}
        - {customer_id: B, owner_id: R3, stop_after_days: 60, rule: overdue}
        - {customer_id: C, owner_id: null, stop_after_days: 50, rule: overdue}
        - {customer_id: D, owner_id: R1, stop_after_days: 60, rule: overdue}
  - name: holds of the whole account that stand today, with the reason of the oldest, which may have none
    overrides: {vars: {stop_after_days: 60, stop_overdue_amount: 0}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}, {as_of: 2024-05-31}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: A, owner_id: R1, days_past_due: 61, open_amount_rc: 1}
          - {customer_id: A, owner_id: R2, days_past_due: 10, open_amount_rc: 2}
          - {customer_id: A, owner_id: R3, days_past_due: 62, open_amount_rc: null}
          - {customer_id: A, owner_id: R4, days_past_due: 0, open_amount_rc: 400}
          - {customer_id: A, owner_id: R4, days_past_due: -5, open_amount_rc: 800}
          - {customer_id: B, owner_id: "", days_past_due: 60, open_amount_rc: 5}
      - input: ref('customer_owners')
        rows: [{customer_id: B, owner_id: R7}, {customer_id: K, owner_id: ""}]
      - input: source('huikuan', 'order_holds')
        rows:
          - {hold_id: H1, customer_id: A, held_on: 2024-06-30, reason: manual}
          - {hold_id: H2, customer_id: A, held_on: 2024-06-29, reason: null}
          - {hold_id: H3, customer_id: A, held_on: 2024-01-01, released_on: 2024-06-30, reason: over}
          - {hold_id: H4, customer_id: B, held_on: 2024-06-01, released_on: 2024-07-01, reason: first}
          - {hold_id: H5, customer_id: B, held_on: 2024-06-02, reason: second}
          - {hold_id: H6, customer_id: C, held_on: 2024-07-01, reason: ahead}
          - {hold_id: H7, customer_id: D, held_on: 2024-06-01, order_id: O1, reason: one order}
          - {hold_id: H8, customer_id: F, held_on: 2024-06-01, order_id: "", reason: ""}
          - {hold_id: H9, customer_id: K, held_on: 2024-06-01, order_id: null, reason: x}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: A, grade: ""}, {customer_id: K, grade: B}]
      - input: ref('exposure_by_customer')
        rows:
          - {as_of: 2024-06-30, level: customer, customer_id: A, breach_rc: 0.5, open_orders_rc: 3}
          - {as_of: 2024-06-30, level: customer, customer_id: B, breach_rc: 0, open_orders_rc: 0}
          - {as_of: 2024-06-30, level: customer, customer_id: L, breach_rc: 0.1, open_orders_rc: null}
          - {as_of: 2024-06-30, level: customer, customer_id: M, breach_rc: 0, open_orders_rc: 9}
          - {as_of: 2024-06-30, level: customer, customer_id: N, breach_rc: null, open_orders_rc: 9}
    expect:
      rows:
        - {customer_id: B, customer_name: null, owner_id: R7, grade: null, stop_after_days: 60, max_days_past_due: 60, overdue_rc: 5, breach_rc: 0, rule: none, held_since: 2024-06-01, hold_reason: first, status: release, open_orders_rc: 0}
        - {customer_id: A, customer_name: null, owner_id: R2, grade: null, stop_after_days: 60, max_days_past_due: 62, overdue_rc: 3, breach_rc: 0.5, rule: both, held_since: 2024-06-29, hold_reason: null, status: held, open_orders_rc: 3}
        - {customer_id: F, customer_name: null, owner_id: null, grade: null, stop_after_days: 60, max_days_past_due: null, overdue_rc: 0, breach_rc: null, rule: none, held_since: 2024-06-01, hold_reason: null, status: release, open_orders_rc: null}
        - {customer_id: K, customer_name: null, owner_id: null, grade: B, stop_after_days: 60, max_days_past_due: null, overdue_rc: 0, breach_rc: null, rule: none, held_since: 2024-06-01, hold_reason: x, status: release, open_orders_rc: null}
        - {customer_id: L, customer_name: null, owner_id: null, grade: null, stop_after_days: 60, max_days_past_due: null, overdue_rc: 0, breach_rc: 0.1, rule: over_limit, held_since: null, hold_reason: null, status: candidate, open_orders_rc: null}
  - name: an overdue without an exchange rate is not known, so it does not pass for nothing
    overrides: {vars: {stop_after_days: 60, stop_overdue_amount: 100}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: LATE, owner_id: R1, days_past_due: 61, open_amount: 900, open_amount_rc: null}
          - {customer_id: LATE, owner_id: R1, days_past_due: 5, open_amount: 7, open_amount_rc: 7}
          - {customer_id: LATER, owner_id: R2, days_past_due: 70, open_amount: 900, open_amount_rc: null}
          - {customer_id: LATER, owner_id: R2, days_past_due: 1, open_amount: 900, open_amount_rc: null}
          - {customer_id: NOT LONG, owner_id: R1, days_past_due: 60, open_amount: 900, open_amount_rc: null}
          - {customer_id: NOT DUE, owner_id: R1, days_past_due: 61, open_amount: 100, open_amount_rc: 100}
          - {customer_id: NOT DUE, owner_id: R1, days_past_due: 0, open_amount: 900, open_amount_rc: null}
    expect:
      rows:
        - {customer_id: LATE, owner_id: R1, max_days_past_due: 61, overdue_rc: 7, items_without_rate: 1, rule: overdue, status: candidate}
        - {customer_id: LATER, owner_id: R2, max_days_past_due: 70, overdue_rc: 0, items_without_rate: 2, rule: overdue, status: candidate}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
late AS (
    SELECT
        i.customer_id AS customer_id,
        nullIf(argMax(i.owner_id, (ifNull(i.open_amount_rc, 0), i.owner_id != 'unassigned', i.owner_id)), 'unassigned') AS owner_id,
        max(toNullable(i.days_past_due)) AS max_days_past_due,
        sum(ifNull(i.open_amount_rc, 0)) AS overdue_rc,
        countIf(i.open_amount_rc IS NULL) AS items_without_rate
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    WHERE i.days_past_due > 0
    GROUP BY i.customer_id
),
owners AS (
    SELECT customer_id, owner_id AS rep_id
    FROM {{ ref('customer_owners') }}
    WHERE owner_id != 'unassigned'
),
holds AS (
    SELECT customer_id, min(toNullable(held_on)) AS held_since, argMin(ifNull(toString(reason), ''), held_on) AS reason
    FROM {{ source('huikuan', 'order_holds') }}
    WHERE held_on <= today AND (released_on IS NULL OR released_on > today) AND ifNull(order_id, '') = ''
    GROUP BY customer_id
),
exposures AS (
    SELECT customer_id, breach_rc, toNullable(open_orders_rc) AS open_orders_rc
    FROM {{ ref('exposure_by_customer') }}
    WHERE level = 'customer' AND as_of = today
),
-- a policy holds until its last day, or until the next one of the grade begins
rules AS (
    SELECT grade, if(latest.2 >= today, latest.1, NULL) AS hold_after_days
    FROM (
        SELECT toString(p.grade) AS grade, argMax(tuple(p.hold_after_days, ifNull(p.valid_to, toDate32('2299-12-31'))), p.valid_from) AS latest
        FROM {{ source('huikuan', 'policies') }} AS p
        WHERE p.valid_from <= today
        GROUP BY grade
    )
),
everyone AS (
    SELECT customer_id FROM late
    UNION DISTINCT
    SELECT customer_id FROM holds
    UNION DISTINCT
    SELECT customer_id FROM exposures WHERE breach_rc > 0
),
judged AS (
    SELECT
        e.customer_id AS customer_id,
        c.name AS customer_name,
        coalesce(nullIf(l.owner_id, ''), nullIf(a.rep_id, '')) AS owner_id,
        nullIf(toString(c.grade), '') AS grade,
        toInt64(ifNull(p.hold_after_days, {{ var('stop_after_days') }})) AS stop_after_days,
        l.max_days_past_due AS max_days_past_due,
        l.overdue_rc AS overdue_rc,
        l.items_without_rate AS items_without_rate,
        x.breach_rc AS breach_rc,
        ifNull(l.max_days_past_due > stop_after_days, false) AND (l.overdue_rc > {{ var('stop_overdue_amount') }} OR l.items_without_rate > 0) AS late_rule,
        ifNull(x.breach_rc > 0, false) AS limit_rule,
        multiIf(late_rule AND limit_rule, 'both', late_rule, 'overdue', limit_rule, 'over_limit', 'none') AS rule,
        h.held_since AS held_since,
        nullIf(h.reason, '') AS hold_reason,
        x.open_orders_rc AS open_orders_rc
    FROM everyone AS e
    LEFT JOIN late AS l ON l.customer_id = e.customer_id
    LEFT JOIN owners AS a ON a.customer_id = e.customer_id
    LEFT JOIN holds AS h ON h.customer_id = e.customer_id
    LEFT JOIN exposures AS x ON x.customer_id = e.customer_id
    LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = e.customer_id
    LEFT JOIN rules AS p ON p.grade = toString(c.grade)
)
SELECT
    customer_id,
    customer_name,
    owner_id,
    grade,
    stop_after_days,
    max_days_past_due,
    overdue_rc,
    items_without_rate,
    breach_rc,
    rule,
    held_since,
    hold_reason,
    multiIf(held_since IS NULL, 'candidate', rule = 'none', 'release', 'held') AS status,
    open_orders_rc
FROM judged
WHERE rule != 'none' OR held_since IS NOT NULL
