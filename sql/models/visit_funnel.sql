/* ---
description: "From overdue to kept: customers overdue when a month began, and how many of them were contacted, visited, agreed to terms and kept them in that month; every stage holds only customers of the one before it."
grain: one month, rep (account owner when the month began, or all) and stage
materialisation: table
order_by: [rep_id, month, stage_no]
owner: sales management
tags: [collection, visits, reps]
columns:
  - {name: month, description: first day of the month, unit: date, tests: [not_null]}
  - {name: rep_id, description: "account owner on the last day of the month before; all = all of them, each customer once", unit: id, tests: [not_null]}
  - {name: rep_name, description: display name; NULL for all}
  - {name: stage_no, description: "1 … 5", unit: number, tests: [not_null]}
  - {name: stage, description: "overdue, contacted (visit, call or notice), visited (in person), agreed (at a visit or call), kept (a promise of such a visit or call was kept)", tests: [not_null, {accepted_values: [overdue, contacted, visited, agreed, kept]}]}
  - {name: customers, description: "customers that reached this stage and all before it; numerator", unit: count, tests: [not_null]}
  - {name: overdue_rc, description: "their overdue when the month began: open then and due before it", unit: reporting currency, tests: [not_null]}
  - {name: customers_any_way, description: customers that reached this stage whether or not they passed the ones before, unit: count, tests: [not_null]}
  - {name: share_of_overdue, description: "overdue_rc / overdue_rc of the first stage; NULL = nothing overdue", unit: fraction}
  - {name: step_rate, description: "customers / customers of the stage before; NULL = none there, and for the first stage", unit: fraction}
  - {name: complete, description: whether the month is over, tests: [not_null]}
  - {name: reason, description: "why step_rate is NULL: first_stage, none_before"}
tests:
  - unique: [month, rep_id, stage_no]
  - name: the first stage is what was overdue for the reps when the month began
    sql: |
      SELECT f.month AS month, f.overdue_rc AS overdue_rc, r.opening_overdue AS opening_overdue
      FROM {{ this }} AS f
      INNER JOIN (
          SELECT month, sum(opening_overdue) AS opening_overdue
          FROM {{ source('huikuan', 'rep_collection') }}
          GROUP BY month
          HAVING countIf(reason = 'missing_rate') = 0
      ) AS r ON r.month = f.month
      WHERE f.stage = 'overdue' AND f.rep_id = 'all' AND f.overdue_rc != r.opening_overdue
  - name: a funnel never widens
    sql: |
      SELECT *
      FROM (
          SELECT *, lagInFrame(customers, 1, customers) OVER (PARTITION BY month, rep_id ORDER BY stage_no) AS before
          FROM {{ this }}
      )
      WHERE customers > before
unit_tests:
  - name: an agreement by telephone is no visit, and counts beside the funnel; due on the month's last day is overdue when the next begins
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-20}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-02-29, customer_id: C1, owner_id: R1, overdue_rc: 100}
          - {as_of: 2024-02-29, customer_id: C2, owner_id: R1, overdue_rc: 300}
          - {as_of: 2024-02-29, customer_id: C3, owner_id: R1, overdue_rc: 600}
          - {as_of: 2024-02-29, customer_id: C4, owner_id: R1, overdue_rc: 0}
          - {as_of: 2024-02-29, customer_id: C5, owner_id: R1, currency: CNY, overdue_rc: 0}
          - {as_of: 2024-02-29, customer_id: C5, owner_id: R1, currency: USD, overdue_rc: 0}
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: C5, invoice_date: 2024-01-30, due_date: 2024-02-29, amount_rc: 90}
          - {customer_id: C4, invoice_date: 2024-01-30, due_date: 2024-02-29, amount_rc: 50}
          - {customer_id: C4, invoice_date: 2024-01-30, due_date: 2024-03-01, amount_rc: 51}
          - {customer_id: C4, invoice_date: 2024-03-05, due_date: 2024-02-29, amount_rc: 52}
          - {customer_id: C4, invoice_date: 2024-01-30, due_date: 2024-02-29, amount_rc: -53}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: C5, invoice_date: 2024-01-30, due_date: 2024-02-29, event_date: 2024-02-29, amount_rc: 50}
          - {customer_id: C5, invoice_date: 2024-01-30, due_date: 2024-02-29, event_date: 2024-03-01, amount_rc: 40}
          - {customer_id: C4, invoice_date: 2024-01-30, due_date: 2024-02-29, event_date: 2024-02-10, amount_rc: 50}
      - input: ref('customer_contacts')
        rows:
          - {contact_id: V1, source: crm, kind: visit, customer_id: C1, day: 2024-03-02}
          - {contact_id: V2, source: crm, kind: call, customer_id: C2, day: 2024-03-02}
          - {contact_id: V3, source: crm, kind: visit, customer_id: C4, day: 2024-03-02}
      - input: source('huikuan', 'visits')
        rows: [{visit_id: V1, source: crm, customer_id: C1, agreement_reached: true}, {visit_id: V2, source: crm, customer_id: C2, agreement_reached: true}, {visit_id: V3, source: crm, customer_id: C4, agreement_reached: true}]
      - input: source('huikuan', 'promise_outcomes')
        rows: [{promise_id: P1, source: crm, visit_id: V1, customer_id: C1, status: kept}, {promise_id: P2, source: crm, visit_id: V2, customer_id: C2, status: broken}]
    expect:
      rows:
        - {month: 2024-03-01, rep_id: all, stage: overdue, customers: 4, overdue_rc: 1040, customers_any_way: 4, share_of_overdue: 1, step_rate: null, complete: false, reason: first_stage}
        - {month: 2024-03-01, rep_id: all, stage: contacted, customers: 2, overdue_rc: 400, customers_any_way: 2, share_of_overdue: 0.3846153846, step_rate: 0.5, complete: false, reason: null}
        - {month: 2024-03-01, rep_id: all, stage: visited, customers: 1, overdue_rc: 100, customers_any_way: 1, share_of_overdue: 0.0961538461, step_rate: 0.5, complete: false, reason: null}
        - {month: 2024-03-01, rep_id: all, stage: agreed, customers: 1, overdue_rc: 100, customers_any_way: 2, share_of_overdue: 0.0961538461, step_rate: 1, complete: false, reason: null}
        - {month: 2024-03-01, rep_id: all, stage: kept, customers: 1, overdue_rc: 100, customers_any_way: 1, share_of_overdue: 0.0961538461, step_rate: 1, complete: false, reason: null}
        - {month: 2024-03-01, rep_id: R1, stage: overdue, customers: 4, overdue_rc: 1040, customers_any_way: 4, share_of_overdue: 1, step_rate: null, complete: false, reason: first_stage}
        - {month: 2024-03-01, rep_id: R1, stage: contacted, customers: 2, overdue_rc: 400, customers_any_way: 2, share_of_overdue: 0.3846153846, step_rate: 0.5, complete: false, reason: null}
        - {month: 2024-03-01, rep_id: R1, stage: visited, customers: 1, overdue_rc: 100, customers_any_way: 1, share_of_overdue: 0.0961538461, step_rate: 0.5, complete: false, reason: null}
        - {month: 2024-03-01, rep_id: R1, stage: agreed, customers: 1, overdue_rc: 100, customers_any_way: 2, share_of_overdue: 0.0961538461, step_rate: 1, complete: false, reason: null}
        - {month: 2024-03-01, rep_id: R1, stage: kept, customers: 1, overdue_rc: 100, customers_any_way: 1, share_of_overdue: 0.0961538461, step_rate: 1, complete: false, reason: null}
  - name: contacts of the month and of the source, at month-ends before today, reps under their names
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-01-31}, {as_of: 2024-04-30}]
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R1, name: 王芳}, {rep_id: R2, name: 李强}, {rep_id: all, name: nobody}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-02-29, customer_id: C1, owner_id: R1, currency: CNY, overdue_rc: 100}
          - {as_of: 2024-02-29, customer_id: C1, owner_id: R1, currency: USD, overdue_rc: 20}
          - {as_of: 2024-02-29, customer_id: C1, owner_id: R1, currency: XXX, overdue_rc: null}
          - {as_of: 2024-02-29, customer_id: C2, owner_id: R2, overdue_rc: 7}
          - {as_of: 2024-02-29, customer_id: C3, owner_id: R2, overdue_rc: 0.5}
          - {as_of: 2024-03-30, customer_id: C1, owner_id: R1, overdue_rc: 9000}
          - {as_of: 2024-03-31, customer_id: C1, owner_id: R1, overdue_rc: 40}
          - {as_of: 2024-03-31, customer_id: C4, owner_id: R1, overdue_rc: 60}
          - {as_of: 2024-04-30, customer_id: C1, owner_id: R1, overdue_rc: 9000}
      - input: ref('customer_contacts')
        rows:
          - {contact_id: V1, source: crm, kind: visit, customer_id: C1, day: 2024-03-01}
          - {contact_id: N1, source: crm, kind: notice, customer_id: C1, day: 2024-03-02}
          - {contact_id: V1, source: erp, kind: call, customer_id: C2, day: 2024-03-31}
          - {contact_id: V2, source: crm, kind: notice, customer_id: C3, day: 2024-03-05}
          - {contact_id: V9, source: crm, kind: visit, customer_id: C3, day: 2024-05-01}
          - {contact_id: V3, source: crm, kind: visit, customer_id: C1, day: 2024-04-02}
          - {contact_id: V4, source: crm, kind: visit, customer_id: C4, day: 2024-04-02}
          - {contact_id: V5, source: crm, kind: visit, customer_id: C4, day: 2024-04-05}
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V1, source: crm, customer_id: C1, agreement_reached: true}
          - {visit_id: V1, source: erp, customer_id: C2, agreement_reached: null}
          - {visit_id: V2, source: crm, customer_id: C3, agreement_reached: true}
          - {visit_id: V3, source: crm, customer_id: C1, agreement_reached: false}
          - {visit_id: V4, source: crm, customer_id: C4, agreement_reached: true}
          - {visit_id: V5, source: crm, customer_id: C4, agreement_reached: true}
      - input: source('huikuan', 'promise_outcomes')
        rows:
          - {promise_id: P1, source: crm, visit_id: V1, status: broken}
          - {promise_id: P2, source: erp, visit_id: V1, status: kept}
          - {promise_id: P3, source: crm, visit_id: V2, status: kept}
          - {promise_id: P4, source: crm, visit_id: V3, status: kept}
          - {promise_id: P5, source: crm, visit_id: V4, status: kept}
          - {promise_id: P6, source: crm, visit_id: V4, status: broken}
          - {promise_id: P7, source: crm, visit_id: null, status: kept}
    expect:
      rows:
        - {month: 2024-03-01, rep_id: R2, rep_name: "李强", stage_no: 1, stage: overdue, customers: 2, overdue_rc: 7.5, customers_any_way: 2, share_of_overdue: 1, step_rate: null, complete: true, reason: first_stage}
        - {month: 2024-03-01, rep_id: R2, rep_name: "李强", stage_no: 2, stage: contacted, customers: 2, overdue_rc: 7.5, customers_any_way: 2, share_of_overdue: 1, step_rate: 1, complete: true, reason: null}
        - {month: 2024-03-01, rep_id: R2, rep_name: "李强", stage_no: 3, stage: visited, customers: 0, overdue_rc: 0, customers_any_way: 0, share_of_overdue: 0, step_rate: 0, complete: true, reason: null}
        - {month: 2024-03-01, rep_id: R2, rep_name: "李强", stage_no: 4, stage: agreed, customers: 0, overdue_rc: 0, customers_any_way: 0, share_of_overdue: 0, step_rate: null, complete: true, reason: none_before}
        - {month: 2024-03-01, rep_id: R2, rep_name: "李强", stage_no: 5, stage: kept, customers: 0, overdue_rc: 0, customers_any_way: 0, share_of_overdue: 0, step_rate: null, complete: true, reason: none_before}
        - {month: 2024-03-01, rep_id: all, rep_name: null, stage_no: 1, stage: overdue, customers: 3, overdue_rc: 127.5, customers_any_way: 3, share_of_overdue: 1, step_rate: null, complete: true, reason: first_stage}
        - {month: 2024-03-01, rep_id: all, rep_name: null, stage_no: 2, stage: contacted, customers: 3, overdue_rc: 127.5, customers_any_way: 3, share_of_overdue: 1, step_rate: 1, complete: true, reason: null}
        - {month: 2024-03-01, rep_id: all, rep_name: null, stage_no: 3, stage: visited, customers: 1, overdue_rc: 120, customers_any_way: 1, share_of_overdue: 0.9411764705, step_rate: 0.3333333333, complete: true, reason: null}
        - {month: 2024-03-01, rep_id: all, rep_name: null, stage_no: 4, stage: agreed, customers: 1, overdue_rc: 120, customers_any_way: 1, share_of_overdue: 0.9411764705, step_rate: 1, complete: true, reason: null}
        - {month: 2024-03-01, rep_id: all, rep_name: null, stage_no: 5, stage: kept, customers: 0, overdue_rc: 0, customers_any_way: 0, share_of_overdue: 0, step_rate: 0, complete: true, reason: null}
        - {month: 2024-04-01, rep_id: R1, rep_name: "王芳", stage_no: 1, stage: overdue, customers: 2, overdue_rc: 100, customers_any_way: 2, share_of_overdue: 1, step_rate: null, complete: true, reason: first_stage}
        - {month: 2024-04-01, rep_id: R1, rep_name: "王芳", stage_no: 2, stage: contacted, customers: 2, overdue_rc: 100, customers_any_way: 2, share_of_overdue: 1, step_rate: 1, complete: true, reason: null}
        - {month: 2024-04-01, rep_id: R1, rep_name: "王芳", stage_no: 3, stage: visited, customers: 2, overdue_rc: 100, customers_any_way: 2, share_of_overdue: 1, step_rate: 1, complete: true, reason: null}
        - {month: 2024-04-01, rep_id: R1, rep_name: "王芳", stage_no: 4, stage: agreed, customers: 1, overdue_rc: 60, customers_any_way: 1, share_of_overdue: 0.6, step_rate: 0.5, complete: true, reason: null}
        - {month: 2024-04-01, rep_id: R1, rep_name: "王芳", stage_no: 5, stage: kept, customers: 1, overdue_rc: 60, customers_any_way: 1, share_of_overdue: 0.6, step_rate: 1, complete: true, reason: null}
        - {month: 2024-03-01, rep_id: R1, rep_name: "王芳", stage_no: 1, stage: overdue, customers: 1, overdue_rc: 120, customers_any_way: 1, share_of_overdue: 1, step_rate: null, complete: true, reason: first_stage}
        - {month: 2024-03-01, rep_id: R1, rep_name: "王芳", stage_no: 2, stage: contacted, customers: 1, overdue_rc: 120, customers_any_way: 1, share_of_overdue: 1, step_rate: 1, complete: true, reason: null}
        - {month: 2024-03-01, rep_id: R1, rep_name: "王芳", stage_no: 3, stage: visited, customers: 1, overdue_rc: 120, customers_any_way: 1, share_of_overdue: 1, step_rate: 1, complete: true, reason: null}
        - {month: 2024-03-01, rep_id: R1, rep_name: "王芳", stage_no: 4, stage: agreed, customers: 1, overdue_rc: 120, customers_any_way: 1, share_of_overdue: 1, step_rate: 1, complete: true, reason: null}
        - {month: 2024-03-01, rep_id: R1, rep_name: "王芳", stage_no: 5, stage: kept, customers: 0, overdue_rc: 0, customers_any_way: 0, share_of_overdue: 0, step_rate: 0, complete: true, reason: null}
        - {month: 2024-04-01, rep_id: all, rep_name: null, stage_no: 1, stage: overdue, customers: 2, overdue_rc: 100, customers_any_way: 2, share_of_overdue: 1, step_rate: null, complete: true, reason: first_stage}
        - {month: 2024-04-01, rep_id: all, rep_name: null, stage_no: 2, stage: contacted, customers: 2, overdue_rc: 100, customers_any_way: 2, share_of_overdue: 1, step_rate: 1, complete: true, reason: null}
        - {month: 2024-04-01, rep_id: all, rep_name: null, stage_no: 3, stage: visited, customers: 2, overdue_rc: 100, customers_any_way: 2, share_of_overdue: 1, step_rate: 1, complete: true, reason: null}
        - {month: 2024-04-01, rep_id: all, rep_name: null, stage_no: 4, stage: agreed, customers: 1, overdue_rc: 60, customers_any_way: 1, share_of_overdue: 0.6, step_rate: 0.5, complete: true, reason: null}
        - {month: 2024-04-01, rep_id: all, rep_name: null, stage_no: 5, stage: kept, customers: 1, overdue_rc: 60, customers_any_way: 1, share_of_overdue: 0.6, step_rate: 1, complete: true, reason: null}
chart: {type: bar, title: From overdue to kept in the last whole month, x: stage, y: [customers], unit: customers, where: "rep_id = 'all' AND month = (SELECT max(month) FROM visit_funnel WHERE toString(complete) = 'true')"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
['overdue', 'contacted', 'visited', 'agreed', 'kept'] AS stages,
-- what is due on the last day of a month is not overdue that day, but when the next month begins
due_that_day AS (
    SELECT
        i.due_date AS month_end,
        i.customer_id AS customer_id,
        toDecimal128(ifNull(i.amount_rc, 0), 4) AS due_rc
    FROM {{ source('huikuan', 'ar_items') }} AS i
    WHERE i.due_date = toLastDayOfMonth(i.due_date) AND i.due_date < today AND i.invoice_date <= i.due_date
        AND i.amount_rc > 0 -- a negative invoice is a credit
    UNION ALL
    SELECT
        t.due_date AS month_end,
        t.customer_id AS customer_id,
        -toDecimal128(ifNull(t.amount_rc, 0), 4) AS due_rc
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    WHERE t.due_date = toLastDayOfMonth(t.due_date) AND t.due_date < today AND t.invoice_date <= t.due_date AND t.event_date <= t.due_date
),
overdue AS (
    SELECT
        toDate32(s.month_end + 1) AS month,
        s.customer_id AS customer_id,
        member AS rep_id,
        s.overdue_rc + ifNull(d.due_rc, 0) AS overdue_rc
    FROM (
        SELECT as_of AS month_end, customer_id, any(owner_id) AS owner_id, sum(ifNull(s.overdue_rc, 0)) AS overdue_rc -- a customer has one owner a day
        FROM {{ source('huikuan', 'ar_snapshots') }} AS s
        WHERE s.as_of = toLastDayOfMonth(s.as_of) AND s.as_of < today
        GROUP BY month_end, customer_id
    ) AS s
    LEFT JOIN (SELECT month_end, customer_id, sum(due_rc) AS due_rc FROM due_that_day GROUP BY month_end, customer_id) AS d
        ON d.month_end = s.month_end AND d.customer_id = s.customer_id
    ARRAY JOIN ['all', s.owner_id] AS member
    WHERE s.overdue_rc + ifNull(d.due_rc, 0) > 0
),
visit_results AS (
    SELECT
        v.source AS source,
        v.visit_id AS visit_id,
        max(ifNull(v.agreement_reached, false)) AS agreed,
        max(ifNull(p.kept, 0)) AS kept
    FROM {{ source('huikuan', 'visits') }} AS v
    LEFT JOIN (
        SELECT source, assumeNotNull(visit_id) AS visit_id, max(status = 'kept') AS kept
        FROM {{ source('huikuan', 'promise_outcomes') }}
        WHERE visit_id IS NOT NULL
        GROUP BY source, visit_id
    ) AS p ON p.source = v.source AND p.visit_id = v.visit_id
    GROUP BY source, visit_id
),
contacted AS (
    SELECT
        c.customer_id AS customer_id,
        toDate32(toStartOfMonth(c.day)) AS month,
        max(c.kind = 'visit') AS visited,
        max(c.kind != 'notice' AND r.agreed) AS agreed,
        max(c.kind != 'notice' AND r.agreed AND r.kept = 1) AS kept
    FROM {{ ref('customer_contacts') }} AS c
    LEFT JOIN visit_results AS r ON r.source = c.source AND r.visit_id = c.contact_id
    GROUP BY customer_id, month
),
reached AS (
    SELECT
        o.month AS month,
        o.rep_id AS rep_id,
        o.overdue_rc AS overdue_rc,
        [toUInt8(1), c.customer_id != '', c.visited, c.agreed, c.kept] AS any_way,
        arrayMap(n -> toUInt8(arrayAll(x -> x = 1, arraySlice(any_way, 1, n))), [1, 2, 3, 4, 5]) AS in_order
    FROM overdue AS o
    LEFT JOIN contacted AS c ON c.customer_id = o.customer_id AND c.month = o.month
),
counted AS (
    SELECT
        r.month AS month,
        r.rep_id AS rep_id,
        n AS stage_no,
        sum(r.in_order[n]) AS customers,
        sum(if(r.in_order[n] = 1, r.overdue_rc, 0)) AS overdue_rc,
        sum(r.any_way[n]) AS customers_any_way
    FROM reached AS r
    ARRAY JOIN [1, 2, 3, 4, 5] AS n
    GROUP BY month, rep_id, stage_no
),
staged AS (
    SELECT
        *,
        lagInFrame(c.customers, 1, 0) OVER (PARTITION BY c.month, c.rep_id ORDER BY c.stage_no) AS customers_before,
        max(c.overdue_rc) OVER (PARTITION BY c.month, c.rep_id) AS first_overdue_rc
    FROM counted AS c
)
SELECT
    s.month AS month,
    s.rep_id AS rep_id,
    if(s.rep_id = 'all', NULL, r.name) AS rep_name,
    toInt32(s.stage_no) AS stage_no,
    stages[s.stage_no] AS stage,
    s.customers AS customers,
    s.overdue_rc AS overdue_rc,
    s.customers_any_way AS customers_any_way,
    CAST(s.overdue_rc AS Decimal(38, 10)) / if(s.first_overdue_rc > 0, s.first_overdue_rc, NULL) AS share_of_overdue,
    CAST(s.customers AS Decimal(38, 10)) / if(s.stage_no = 1, NULL, nullIf(s.customers_before, 0)) AS step_rate,
    CAST(toLastDayOfMonth(s.month) <= today AS Bool) AS complete,
    multiIf(s.stage_no = 1, 'first_stage', s.customers_before = 0, 'none_before', NULL) AS reason
FROM staged AS s
LEFT JOIN {{ source('huikuan', 'reps_current') }} AS r ON r.rep_id = s.rep_id
