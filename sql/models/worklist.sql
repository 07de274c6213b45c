/* ---
description: "Whom to call today, the most worth first (G1): priority 0 to 100 = (weight_overdue x sqrt(undisputed overdue / largest) + weight_age x min(1, days past due / worklist_age_days) + weight_risk x risk score / 100 + weight_broken for an unresolved broken promise) x (1 - disputed share); 0 while a promise or plan line is live."
grain: one customer with something overdue
materialisation: table
order_by: [rank]
owner: credit management
tags: [worklist, collection]
chart: {type: table, title: "Whom to call today", x: customer_name, y: [priority, overdue_rc, max_days_past_due], unit: reporting currency}
columns:
  - {name: rank, description: "1 = first; by priority, then overdue, then identifier", unit: count, tests: [not_null, unique]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: owner_id, description: account owner of the largest balance or unassigned, unit: id}
  - {name: owner_name, description: display name of the owner}
  - {name: priority, description: 0 to 100, unit: points, tests: [not_null]}
  - {name: overdue_rc, description: overdue; items without an exchange rate are left out, unit: reporting currency, tests: [not_null]}
  - {name: undisputed_overdue_rc, description: overdue less what is disputed, unit: reporting currency, tests: [not_null]}
  - {name: disputed_share, description: "disputed part of the overdue; NULL = no exchange rate", unit: fraction}
  - {name: overdue_items, description: instalments past due, unit: count}
  - {name: max_days_past_due, description: days past due of the oldest undisputed item, unit: days, tests: [not_null]}
  - {name: risk_score, description: "score of risk_grades, else worklist_risk_not_rated", unit: points, tests: [not_null]}
  - {name: grade, description: "credit grade, NR = not rated"}
  - {name: broken_promise, description: "the last promise was not kept, and something is overdue still", tests: [not_null]}
  - {name: promised_until, description: "day until which a live promise or plan line is waited for; NULL = none", unit: date}
  - {name: promised_amount_rc, description: amount of the live promises, unit: reporting currency}
  - {name: last_contact_on, description: "last visit, call or notice; NULL = never", unit: date}
  - {name: days_behind, description: "days by which the first expected payment (collection_plan) has passed, 0 = not passed", unit: days}
  - {name: points_overdue, description: points for the amount, unit: points}
  - {name: points_age, description: points for the age, unit: points}
  - {name: points_risk, description: points for the risk, unit: points}
  - {name: points_broken, description: points for the broken promise, unit: points}
  - {name: reasons, description: "codes of what weighs: promise_live, broken_promise, large, old, high_risk, no_contact, behind_habit, disputed, separated by comma; overdue where it is nothing but that", tests: [not_null]}
  - {name: reason, description: the same in words, tests: [not_null]}
  - {name: next_action, description: "wait (a promise is live), settle_dispute (all of it is disputed), escalate (a promise was broken), stop_supply (more than stop_after_days overdue), call (never contacted, or not lately), remind", tests: [not_null, {accepted_values: [wait, settle_dispute, escalate, stop_supply, call, remind]}]}
tests:
  - name: all that is overdue is on the list
    sum_equals:
      this: sum(overdue_rc)
      of: SELECT sum(open_amount_rc) FROM {{ source('huikuan', 'ar_open_items') }} WHERE days_past_due > 0 AND open_amount_rc IS NOT NULL
  - name: every row has a reason
    sql: SELECT customer_id FROM {{ this }} WHERE reasons = ''
  - name: priorities lie between 0 and 100
    sql: SELECT customer_id, priority FROM {{ this }} WHERE priority < 0 OR priority > 100
unit_tests:
  - name: ex:priority_score
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: A, owner_id: R1, days_past_due: 45, open_amount: 62500, open_amount_rc: 62500, disputed_amount_rc: 12500}
          - {customer_id: A, owner_id: R1, days_past_due: -5, open_amount: 999999, open_amount_rc: 999999, disputed_amount_rc: 0}
          - {customer_id: B, owner_id: R1, days_past_due: 1, open_amount: 100000, open_amount_rc: 100000, disputed_amount_rc: 0}
      - input: ref('risk_grades')
        rows: [{as_of: 2024-05-31, customer_id: A, score: 1, grade: A}, {as_of: 2024-06-30, customer_id: A, score: 69.5, grade: D}, {as_of: 2024-06-30, customer_id: B, score: 0, grade: A}]
      - input: source('huikuan', 'promise_outcomes')
        rows:
          - {promise_id: P1, customer_id: A, made_on: 2024-05-01, due_date: 2024-05-10, limit_date: 2024-05-12, status: kept}
          - {promise_id: P2, customer_id: A, made_on: 2024-05-20, due_date: 2024-06-01, limit_date: 2024-06-03, status: broken}
    expect:
      rows:
        - {customer_id: A, rank: 1, priority: 55.7474, overdue_rc: 62500, undisputed_overdue_rc: 50000, disputed_share: 0.2, max_days_past_due: 45, broken_promise: true, next_action: escalate}
        - {customer_id: B, rank: 2, priority: 40.2778, overdue_rc: 100000, undisputed_overdue_rc: 100000, disputed_share: 0, max_days_past_due: 1, broken_promise: false, next_action: call}
  - name: a live promise is waited for, a full dispute is settled first, ties go by amount and identifier
    overrides: {vars: {worklist_risk_not_rated: 0, stop_after_days: 60}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: L, owner_id: R1, days_past_due: 80, open_amount: 100, open_amount_rc: 100, disputed_amount_rc: 0}
          - {customer_id: D, owner_id: R1, days_past_due: 80, open_amount: 90, open_amount_rc: 90, disputed_amount_rc: 90}
          - {customer_id: T2, owner_id: R1, days_past_due: 90, open_amount: 25, open_amount_rc: 25, disputed_amount_rc: 0}
          - {customer_id: T1, owner_id: R1, days_past_due: 900, open_amount: 25, open_amount_rc: 25, disputed_amount_rc: 0}
          - {customer_id: Z, owner_id: R1, days_past_due: 9, open_amount: 16, open_amount_rc: 16, disputed_amount_rc: 0}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: T1, name: "O'Neill 钢铁"}]
      - input: source('huikuan', 'promise_outcomes')
        rows:
          - {promise_id: P1, customer_id: L, made_on: 2024-06-01, due_date: 2024-06-29, limit_date: 2024-07-01, status: open, amount_rc: 60}
          - {promise_id: P2, customer_id: L, made_on: 2024-05-01, due_date: 2024-05-29, limit_date: 2024-05-31, status: broken}
      - input: ref('customer_contacts')
        rows: [{customer_id: T2, kind: call, day: 2024-06-01}, {customer_id: T2, kind: call, day: 2024-06-29}, {customer_id: Z, kind: call, day: 2024-06-29}]
    expect:
      rows:
        - {rank: 1, customer_id: T1, customer_name: "O'Neill 钢铁", priority: 45, reasons: "old, no_contact", reason: "25 overdue, oldest 900 days; never contacted", next_action: stop_supply, last_contact_on: null}
        - {rank: 2, customer_id: T2, customer_name: null, priority: 45, reasons: old, reason: "25 overdue, oldest 90 days", next_action: stop_supply, last_contact_on: 2024-06-29}
        - {rank: 3, customer_id: Z, priority: 18.5, reasons: overdue, reason: "16 overdue, oldest 9 days", next_action: remind}
        - {rank: 4, customer_id: L, customer_name: null, priority: 0, reasons: "promise_live, large, old, no_contact", reason: "100 overdue, oldest 80 days; promised by 2024-07-01; never contacted", next_action: wait, last_contact_on: null}
        - {rank: 5, customer_id: D, customer_name: null, priority: 0, reasons: "no_contact, disputed", reason: "90 overdue; never contacted; 100 % disputed", next_action: settle_dispute, last_contact_on: null}
  - name: points to their caps, the days on which they change, promises that count and those that do not
    overrides: {vars: {worklist_weight_overdue: 40, worklist_weight_age: 25, worklist_age_days: 90, worklist_weight_risk: 20, worklist_weight_broken: 15, worklist_bonus_behind: 10, worklist_risk_not_rated: 50, worklist_reason_share: 0.5, stop_after_days: 60, contact_days: 14}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: A, owner_id: R1, days_past_due: 10, open_amount: 5, open_amount_rc: 64.4, disputed_amount_rc: 0}
          - {customer_id: A, owner_id: R2, days_past_due: 90, open_amount: 3, open_amount_rc: 35.6, disputed_amount_rc: null}
          - {customer_id: A, owner_id: R2, days_past_due: 5, open_amount: 1, open_amount_rc: null}
          - {customer_id: A, owner_id: R2, days_past_due: 0, open_amount: 500, open_amount_rc: 500, disputed_amount_rc: 0}
          - {customer_id: B, owner_id: R2, days_past_due: 45, open_amount: 25, open_amount_rc: 25, disputed_amount_rc: 0}
          - {customer_id: C, owner_id: R2, days_past_due: 45, open_amount: 25, open_amount_rc: 25, disputed_amount_rc: 0}
          - {customer_id: D, owner_id: R2, days_past_due: 61, open_amount: 16, open_amount_rc: 16, disputed_amount_rc: 5}
          - {customer_id: E, owner_id: unassigned, days_past_due: 60, open_amount: 4.4, open_amount_rc: 4.4, disputed_amount_rc: 0}
          - {customer_id: F, owner_id: unassigned, days_past_due: 5, open_amount: 7, open_amount_rc: null}
      - input: ref('risk_grades')
        rows:
          - {as_of: 2024-06-30, customer_id: A, score: 100, grade: D}
          - {as_of: 2024-06-30, customer_id: D, score: 90, grade: E}
          - {as_of: 2024-05-31, customer_id: E, score: 0, grade: A}
      - input: source('huikuan', 'promise_outcomes')
        rows:
          - {promise_id: P1, customer_id: A, made_on: 2024-06-01, due_date: 2024-06-05, limit_date: 2024-06-07, status: partial, amount_rc: 9}
          - {promise_id: P2, customer_id: A, made_on: 2024-06-10, due_date: 2024-07-05, limit_date: 2024-07-07, status: moved, amount_rc: 9}
          - {promise_id: P3, customer_id: A, made_on: 2024-06-12, due_date: 2024-07-05, limit_date: 2024-07-07, status: cancelled, amount_rc: 9}
          - {promise_id: P4, customer_id: B, made_on: 2024-06-01, due_date: 2024-06-28, limit_date: 2024-06-30, status: open, amount_rc: 10}
          - {promise_id: P5, customer_id: B, made_on: 2024-06-01, due_date: 2024-07-03, limit_date: 2024-07-05, status: open, amount_rc: 5}
          - {promise_id: P6, customer_id: B, made_on: 2024-06-01, due_date: 2024-06-27, limit_date: 2024-06-29, status: open, amount_rc: 99}
          - {promise_id: P7, customer_id: B, made_on: 2024-06-01, due_date: 2024-07-28, limit_date: 2024-07-30, status: kept, amount_rc: 50}
          - {promise_id: P8, customer_id: C, made_on: 2024-05-01, due_date: 2024-05-05, limit_date: 2024-05-07, status: broken, amount_rc: 1}
          - {promise_id: P9, customer_id: C, made_on: 2024-06-01, due_date: 2024-06-05, limit_date: 2024-06-07, status: kept, amount_rc: 1}
      - input: ref('customer_contacts')
        rows: [{customer_id: A, kind: call, day: 2024-06-16}, {customer_id: B, kind: call, day: 2024-06-15}, {customer_id: C, kind: call, day: 2024-06-15}, {customer_id: D, kind: call, day: 2024-06-29}, {customer_id: E, kind: call, day: 2024-06-16}]
      - input: ref('collection_plan')
        rows:
          - {customer_id: A, days_behind: 7, habit_on: 2024-06-23, disputed: false}
          - {customer_id: A, days_behind: 2, habit_on: 2024-06-28, disputed: false}
          - {customer_id: C, days_behind: 3, habit_on: null, disputed: false}
          - {customer_id: C, days_behind: 90, habit_on: 2024-04-01, disputed: true}
          - {customer_id: D, days_behind: 0, habit_on: 2024-06-30, disputed: false}
          - {customer_id: E, days_behind: 5, habit_on: 2024-06-25, disputed: false}
          - {customer_id: E, days_behind: 0, habit_on: 2024-06-30, disputed: false}
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R1, name: Ana}, {rep_id: R2, name: Bo}]
    expect:
      rows:
        - {rank: 1, customer_id: A, owner_id: R1, owner_name: Ana, priority: 100, overdue_rc: 100, overdue_items: 3, max_days_past_due: 90, risk_score: 100, grade: D, broken_promise: true, promised_until: null, days_behind: 7, points_overdue: 40, points_age: 25, points_risk: 20, points_broken: 15, reasons: "broken_promise, large, old, high_risk, behind_habit", reason: "100 overdue, oldest 90 days; the last promise was broken; grade D; 7 days later than usual", next_action: escalate}
        - {rank: 3, customer_id: C, owner_id: R2, owner_name: Bo, priority: 42.5, overdue_rc: 25, risk_score: 50, grade: NR, broken_promise: false, promised_until: null, days_behind: 3, points_overdue: 20, points_age: 12.5, points_risk: 10, points_broken: 0, reasons: "large, old", reason: "25 overdue, oldest 45 days", next_action: call}
        - {rank: 2, customer_id: E, owner_name: null, priority: 45.0571, days_behind: 5, overdue_rc: 4.4, risk_score: 50, grade: NR, points_overdue: 8.3905, points_age: 16.6667, points_risk: 10, reasons: "old, behind_habit", reason: "4 overdue, oldest 60 days; 5 days later than usual", next_action: remind}
        - {rank: 4, customer_id: D, priority: 33.145, overdue_rc: 16, undisputed_overdue_rc: 11, disputed_share: 0.3125, risk_score: 90, grade: E, points_overdue: 13.2665, points_age: 16.9444, points_risk: 18, reasons: "old, high_risk, disputed", reason: "16 overdue, oldest 61 days; grade E; 31 % disputed", next_action: stop_supply}
        - {rank: 5, customer_id: F, priority: 11.3889, overdue_rc: 0, disputed_share: null, overdue_items: 1, max_days_past_due: 5, points_overdue: 0, reasons: no_contact, reason: "0 overdue, oldest 5 days; never contacted", next_action: call}
        - {rank: 6, customer_id: B, priority: 0, promised_until: 2024-07-05, promised_amount_rc: 15, broken_promise: false, reasons: "promise_live, large, old", reason: "25 overdue, oldest 45 days; promised by 2024-07-05", next_action: wait}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
overdue AS (
    SELECT
        i.customer_id AS customer_id,
        argMax(i.owner_id, i.open_amount) AS owner_id,
        sum(ifNull(i.open_amount_rc, 0)) AS overdue_rc,
        sum(ifNull(i.open_amount_rc, 0) - ifNull(i.disputed_amount_rc, 0)) AS undisputed_overdue_rc,
        CAST(overdue_rc - undisputed_overdue_rc AS Decimal(38, 10)) / nullIf(overdue_rc, 0) AS disputed_share,
        count() AS overdue_items,
        maxIf(i.days_past_due, ifNull(i.disputed_amount_rc, 0) < ifNull(i.open_amount_rc, 1)) AS max_days_past_due
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    WHERE i.days_past_due > 0
    GROUP BY i.customer_id
),
grades AS (
    SELECT customer_id, toNullable(score) AS score, toString(grade) AS grade
    FROM {{ ref('risk_grades') }}
    WHERE as_of = today
),
promises AS (
    SELECT
        customer_id,
        argMaxIf(toString(status), tuple(made_on, due_date, promise_id), status NOT IN ('moved', 'cancelled')) IN ('broken', 'partial') AS last_broken,
        maxIf(toNullable(limit_date), status = 'open' AND limit_date >= today) AS live_until,
        sumIf(amount_rc, status = 'open' AND limit_date >= today) AS live_amount_rc
    FROM {{ source('huikuan', 'promise_outcomes') }}
    GROUP BY customer_id
),
contacts AS (
    SELECT customer_id, max(toNullable(day)) AS last_contact_on
    FROM {{ ref('customer_contacts') }}
    GROUP BY customer_id
),
plans AS (
    SELECT c.customer_id AS customer_id, max(c.days_behind) AS days_behind, maxIf(c.days_behind, c.habit_on IS NOT NULL) > 0 AS behind_habit
    FROM {{ ref('collection_plan') }} AS c
    WHERE NOT c.disputed
    GROUP BY c.customer_id
),
weighed AS (
    SELECT
        o.customer_id AS customer_id, o.owner_id AS owner_id, o.overdue_rc AS overdue_rc, o.undisputed_overdue_rc AS undisputed_overdue_rc,
        o.disputed_share AS disputed_share, o.overdue_items AS overdue_items, o.max_days_past_due AS max_days_past_due,
        (SELECT max(undisputed_overdue_rc) FROM overdue) AS largest,
        g.score AS rated,
        if(g.customer_id = '', 'NR', g.grade) AS grade_now,
        p.last_broken AS broken,
        p.live_until AS promised_until,
        p.live_amount_rc AS promised_amount_rc,
        c.last_contact_on AS last_contact_on,
        l.days_behind AS days_behind,
        l.behind_habit AS behind_habit,
        toFloat64(ifNull(rated, {{ var('worklist_risk_not_rated') }})) AS risk,
        {{ var('worklist_weight_overdue') }} * sqrt(greatest(0, ifNull(toFloat64(o.undisputed_overdue_rc) / nullIf(toFloat64(largest), 0), 0))) AS p_overdue,
        {{ var('worklist_weight_age') }} * least(1, o.max_days_past_due / {{ var('worklist_age_days') }}) AS p_age,
        {{ var('worklist_weight_risk') }} * risk / 100 AS p_risk,
        if(broken, {{ var('worklist_weight_broken') }}, 0) AS p_broken,
        if(behind_habit, {{ var('worklist_bonus_behind') }}, 0) AS p_behind
    FROM overdue AS o
    LEFT JOIN grades AS g ON g.customer_id = o.customer_id
    LEFT JOIN promises AS p ON p.customer_id = o.customer_id
    LEFT JOIN contacts AS c ON c.customer_id = o.customer_id
    LEFT JOIN plans AS l ON l.customer_id = o.customer_id
),
scored AS (
    SELECT
        *,
        toDecimal64(if(promised_until IS NOT NULL, 0,
            round(least(100, (p_overdue + p_age + p_risk + p_broken + p_behind) * (1 - toFloat64(ifNull(disputed_share, 0)))), 4)), 4) AS priority
    FROM weighed
)
SELECT
    row_number() OVER (ORDER BY s.priority DESC, s.overdue_rc DESC, s.customer_id ASC) AS rank,
    s.customer_id AS customer_id,
    k.name AS customer_name,
    s.owner_id AS owner_id,
    r.name AS owner_name,
    s.priority AS priority,
    s.overdue_rc AS overdue_rc,
    s.undisputed_overdue_rc AS undisputed_overdue_rc,
    s.disputed_share AS disputed_share,
    s.overdue_items AS overdue_items,
    s.max_days_past_due AS max_days_past_due,
    toDecimal64(s.risk, 4) AS risk_score,
    s.grade_now AS grade,
    toBool(s.broken) AS broken_promise,
    s.promised_until AS promised_until,
    s.promised_amount_rc AS promised_amount_rc,
    s.last_contact_on AS last_contact_on,
    s.days_behind AS days_behind,
    toDecimal64(round(s.p_overdue, 4), 4) AS points_overdue,
    toDecimal64(round(s.p_age, 4), 4) AS points_age,
    toDecimal64(round(s.p_risk, 4), 4) AS points_risk,
    toDecimal64(s.p_broken, 4) AS points_broken,
    ifNull(nullIf(arrayStringConcat(arrayFilter(x -> x != '', [
        if(s.promised_until IS NOT NULL, 'promise_live', ''),
        if(s.broken AND s.promised_until IS NULL, 'broken_promise', ''),
        if(s.p_overdue >= {{ var('worklist_reason_share') }} * {{ var('worklist_weight_overdue') }}, 'large', ''),
        if(s.p_age >= {{ var('worklist_reason_share') }} * {{ var('worklist_weight_age') }}, 'old', ''),
        if(has({{ var('worklist_high_risk_grades') }}, s.grade_now), 'high_risk', ''),
        if(s.last_contact_on IS NULL, 'no_contact', ''),
        if(s.behind_habit, 'behind_habit', ''),
        if(ifNull(s.disputed_share > 0, false), 'disputed', '')]), ', '), ''), 'overdue') AS reasons,
    arrayStringConcat(arrayFilter(x -> x != '', [
        concat(toString(round(s.overdue_rc, 0)), ' overdue', if(s.max_days_past_due > 0, concat(', oldest ', toString(s.max_days_past_due), ' days'), '')), -- all of it in dispute: no day
        if(s.promised_until IS NOT NULL, concat('promised by ', toString(assumeNotNull(s.promised_until))), ''),
        if(s.broken AND s.promised_until IS NULL, 'the last promise was broken', ''),
        if(has({{ var('worklist_high_risk_grades') }}, s.grade_now), concat('grade ', s.grade_now), ''),
        if(s.last_contact_on IS NULL, 'never contacted', ''),
        if(s.behind_habit, concat(toString(s.days_behind), ' days later than usual'), ''),
        if(ifNull(s.disputed_share > 0, false), concat(toString(round(assumeNotNull(s.disputed_share) * 100, 0)), ' % disputed'), '')]), '; ') AS reason,
    multiIf(
        s.promised_until IS NOT NULL, 'wait',
        s.undisputed_overdue_rc <= 0 AND s.overdue_rc > 0, 'settle_dispute',
        s.broken, 'escalate',
        s.max_days_past_due > {{ var('stop_after_days') }}, 'stop_supply',
        ifNull(dateDiff('day', s.last_contact_on, today) > {{ var('contact_days') }}, true), 'call',
        'remind') AS next_action
FROM scored AS s
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS k ON k.customer_id = s.customer_id
LEFT JOIN {{ source('huikuan', 'reps_current') }} AS r ON r.rep_id = s.owner_id
