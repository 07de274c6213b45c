/* ---
description: "Did the head of the worklist hold the money (G1): share of the cash of the worklist_backtest_days after a month-end that came from the first worklist_backtest_share of the customers of worklist_past. It tells where the cash came from, not that a call brought it."
grain: one month-end of worklist_past
materialisation: table
order_by: [as_of]
owner: credit management
tags: [worklist]
columns:
  - {name: as_of, description: "month-end of the list; cash counts from the day after it", unit: date, tests: [not_null, unique]}
  - {name: complete, description: the window has passed, tests: [not_null]}
  - {name: listed_customers, description: customers with something overdue, unit: count, tests: [not_null]}
  - {name: top_customers, description: "the first of them: listed_customers x worklist_backtest_share, rounded up", unit: count, tests: [not_null]}
  - {name: overdue_rc, description: overdue of the listed customers, unit: reporting currency, tests: [not_null]}
  - {name: top_overdue_rc, description: overdue of the top customers, unit: reporting currency, tests: [not_null]}
  - {name: cash_rc, description: "receipts dated in the window that have not bounced since, of all customers; what has no exchange rate is left out", unit: reporting currency, tests: [not_null]}
  - {name: listed_cash_rc, description: part of cash_rc from listed customers, unit: reporting currency, tests: [not_null]}
  - {name: top_cash_rc, description: part of cash_rc from the top customers, unit: reporting currency, tests: [not_null]}
  - {name: top_share, description: "top_cash_rc / cash_rc; NULL until the window has passed", unit: fraction}
  - {name: top_share_listed, description: "top_cash_rc / listed_cash_rc: without customers who were not late", unit: fraction}
  - {name: top_share_overdue, description: "top_overdue_rc / overdue_rc: the part of the overdue that the top customers owed, to compare top_share_listed with", unit: fraction}
  - {name: reason, description: "why top_share is NULL: not_observed, no_receipts"}
chart: {type: line, title: "Cash from the head of the worklist", x: as_of, y: [top_share, top_share_listed, top_share_overdue], unit: fraction}
tests:
  - name: the parts of the cash do not exceed it
    sql: SELECT as_of, cash_rc, listed_cash_rc, top_cash_rc FROM {{ this }} WHERE top_cash_rc > listed_cash_rc OR listed_cash_rc > cash_rc OR top_cash_rc < 0
  - name: all that was overdue on the day is judged
    sum_equals:
      this: sum(overdue_rc)
      by: [as_of]
      of: |
        SELECT as_of, sum(ifNull(overdue_rc, 0))
        FROM {{ source('huikuan', 'ar_snapshots') }}
        WHERE as_of IN (SELECT as_of FROM {{ this }})
        GROUP BY as_of
unit_tests:
  - name: cash of the window by place on the list
    overrides: {vars: {worklist_backtest_days: 14, worklist_backtest_share: 0.1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-07-10}]
      - input: ref('worklist_past')
        rows:
          - {as_of: 2024-05-31, rank: 1, customer_id: A, overdue_rc: 500}
          - {as_of: 2024-05-31, rank: 2, customer_id: B, overdue_rc: 300}
          - {as_of: 2024-05-31, rank: 3, customer_id: C, overdue_rc: 200}
          - {as_of: 2024-06-30, rank: 1, customer_id: B, overdue_rc: 300}
          - {as_of: 2024-07-10, rank: 1, customer_id: B, overdue_rc: 300}
      - input: source('huikuan', 'ar_events')
        rows:
          - {customer_id: A, item_id: P0, kind: ON_ACCOUNT, item_date: 2024-05-31, event_date: 2024-05-31, amount_rc: -999}
          - {customer_id: A, item_id: P1, kind: ON_ACCOUNT, item_date: 2024-06-01, event_date: 2024-06-01, amount_rc: -300}
          - {customer_id: A, item_id: P2, kind: ON_ACCOUNT, item_date: 2024-06-14, event_date: 2024-06-14, amount_rc: -100}
          - {customer_id: A, item_id: P3, kind: ON_ACCOUNT, item_date: 2024-06-15, event_date: 2024-06-15, amount_rc: -999}
          - {customer_id: A, item_id: P4, kind: ON_ACCOUNT, item_date: 2024-06-05, event_date: 2024-06-05, amount_rc: -70}
          - {customer_id: A, item_id: P4, kind: BOUNCED, item_date: 2024-06-05, event_date: 2024-07-01, amount: 70, amount_rc: 70}
          - {customer_id: A, item_id: P1, kind: APPLIED, item_date: 2024-06-01, event_date: 2024-06-02, amount_rc: 300}
          - {customer_id: A, item_id: P9, kind: ON_ACCOUNT, item_date: 2024-06-05, event_date: 2024-06-05, amount_rc: null}
          - {customer_id: B, item_id: P5, kind: ON_ACCOUNT, item_date: 2024-06-10, event_date: 2024-06-10, amount_rc: -100}
          - {customer_id: C, item_id: BACK, kind: REFUND, item_date: 2024-06-10, event_date: 2024-06-10, amount: 8, amount_rc: 8}
          - {customer_id: C, item_id: BACK, kind: BOUNCED, item_date: 2024-06-10, event_date: 2024-06-11, amount: -8, amount_rc: -8}
          - {customer_id: D, item_id: P6, kind: ON_ACCOUNT, item_date: 2024-06-10, event_date: 2024-06-10, amount_rc: -500}
          - {customer_id: B, item_id: P7, kind: ON_ACCOUNT, item_date: 2024-07-05, event_date: 2024-07-05, amount_rc: -50}
    expect:
      rows:
        - {as_of: 2024-05-31, complete: true, listed_customers: 3, top_customers: 1, overdue_rc: 1000, top_overdue_rc: 500, cash_rc: 1000, listed_cash_rc: 500, top_cash_rc: 400, top_share: 0.4, top_share_listed: 0.8, top_share_overdue: 0.5, reason: null}
        - {as_of: 2024-06-30, complete: false, listed_customers: 1, top_customers: 1, overdue_rc: 300, cash_rc: 50, top_cash_rc: 50, top_share: null, top_share_listed: null, top_share_overdue: 1, reason: not_observed}
  - name: the head of a list is rounded up and not by a float, a window without cash has no share
    overrides: {vars: {worklist_backtest_days: 10, worklist_backtest_share: 0.28}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-07-10}]
      - input: ref('worklist_past')
        rows:
          - {as_of: 2024-05-31, rank: 1, customer_id: C1, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 2, customer_id: C2, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 3, customer_id: C3, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 4, customer_id: C4, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 5, customer_id: C5, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 6, customer_id: C6, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 7, customer_id: C7, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 8, customer_id: C8, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 9, customer_id: C9, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 10, customer_id: C10, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 11, customer_id: C11, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 12, customer_id: C12, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 13, customer_id: C13, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 14, customer_id: C14, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 15, customer_id: C15, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 16, customer_id: C16, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 17, customer_id: C17, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 18, customer_id: C18, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 19, customer_id: C19, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 20, customer_id: C20, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 21, customer_id: C21, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 22, customer_id: C22, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 23, customer_id: C23, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 24, customer_id: C24, overdue_rc: 1}
          - {as_of: 2024-05-31, rank: 25, customer_id: C25, overdue_rc: 1}
          - {as_of: 2024-06-30, rank: 1, customer_id: C1, overdue_rc: 1}
      - input: source('huikuan', 'ar_events')
        rows: [{customer_id: D, item_id: P1, kind: ON_ACCOUNT, item_date: 2024-07-10, event_date: 2024-07-10, amount_rc: -10}]
    expect:
      rows:
        - {as_of: 2024-05-31, complete: true, listed_customers: 25, top_customers: 7, top_overdue_rc: 7, top_share_overdue: 0.28, cash_rc: 0, top_share: null, top_share_listed: null, reason: no_receipts}
        - {as_of: 2024-06-30, complete: true, listed_customers: 1, top_customers: 1, top_overdue_rc: 1, top_share_overdue: 1, cash_rc: 10, listed_cash_rc: 0, top_share: 0, top_share_listed: null, reason: null}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
{{ var('worklist_backtest_days') }} AS window_days,
lists AS (
    SELECT
        w.as_of AS as_of,
        w.rank AS rank,
        w.customer_id AS customer_id,
        w.overdue_rc AS overdue_rc,
        count() OVER (PARTITION BY w.as_of) AS listed,
        w.rank <= ceil(listed * toDecimal64('{{ var('worklist_backtest_share') }}', 4)) AS top
    FROM {{ ref('worklist_past') }} AS w
    WHERE w.as_of = toLastDayOfMonth(w.as_of)
),
assumeNotNull((SELECT groupUniqArray(as_of) FROM lists)) AS days,
-- a payment that bounced never came: both events carry its date
receipts AS (
    SELECT
        day AS as_of,
        e.customer_id AS customer_id,
        -sum(ifNull(e.amount_rc, 0)) AS cash_rc
    FROM {{ source('huikuan', 'ar_events') }} AS e
    ARRAY JOIN arrayFilter(d -> e.item_date > d AND e.item_date <= d + window_days, days) AS day
    WHERE e.kind = 'ON_ACCOUNT' OR e.kind = 'BOUNCED' AND e.amount > 0 -- less than 0: a refund that did not arrive
    GROUP BY as_of, customer_id
),
totals AS (
    SELECT as_of, sum(cash_rc) AS cash_rc
    FROM receipts
    GROUP BY as_of
),
judged AS (
    SELECT
        l.as_of AS as_of,
        count() AS listed_customers,
        countIf(l.top) AS top_customers,
        sum(l.overdue_rc) AS overdue_rc,
        sumIf(l.overdue_rc, l.top) AS top_overdue_rc,
        sum(r.cash_rc) AS listed_cash_rc,
        sumIf(r.cash_rc, l.top) AS top_cash_rc
    FROM lists AS l
    LEFT JOIN receipts AS r ON r.as_of = l.as_of AND r.customer_id = l.customer_id
    GROUP BY as_of
)
SELECT
    j.as_of AS as_of,
    CAST(j.as_of + window_days <= today AS Bool) AS complete,
    j.listed_customers AS listed_customers,
    j.top_customers AS top_customers,
    j.overdue_rc AS overdue_rc,
    j.top_overdue_rc AS top_overdue_rc,
    t.cash_rc AS cash_rc,
    j.listed_cash_rc AS listed_cash_rc,
    j.top_cash_rc AS top_cash_rc,
    CAST(j.top_cash_rc AS Decimal(38, 10)) / if(complete, nullIf(t.cash_rc, 0), NULL) AS top_share,
    CAST(j.top_cash_rc AS Decimal(38, 10)) / if(complete, nullIf(j.listed_cash_rc, 0), NULL) AS top_share_listed,
    CAST(j.top_overdue_rc AS Decimal(38, 10)) / nullIf(j.overdue_rc, 0) AS top_share_overdue,
    multiIf(NOT complete, 'not_observed', t.cash_rc = 0, 'no_receipts', NULL) AS reason
FROM judged AS j
LEFT JOIN totals AS t ON t.as_of = j.as_of
