/* ---
description: "Cash that no invoice has used yet, as a share of what came in lately (A7): unapplied_rate = unapplied cash at the end of the day / receipts of the unapplied_receipt_days up to it."
grain: one day of ar_snapshots, scope and member
materialisation: table
order_by: [scope, scope_id, as_of]
owner: finance
tags: [cash]
columns:
  - {name: as_of, description: "end of this day, as in ar_snapshots", unit: date, tests: [not_null]}
  - {name: scope, description: group or company, tests: [not_null, {accepted_values: [group, company]}]}
  - {name: scope_id, description: member of the scope; empty for the group, unit: id, tests: [not_null]}
  - {name: unapplied_rc, description: "cash received and not applied, negative; what has no exchange rate is left out", unit: reporting currency, tests: [not_null]}
  - {name: received_rc, description: "receipts dated in the window less receipts that bounced in it; what has no exchange rate is left out", unit: reporting currency, tests: [not_null]}
  - {name: without_rate, description: balances and receipts left out for want of an exchange rate, unit: count, tests: [not_null]}
  - {name: unapplied_rate, description: "- unapplied_rc / received_rc; above 1 = more lies unapplied than came in the window", unit: fraction}
  - {name: reason, description: "why unapplied_rate is NULL: no_receipts, missing_rate"}
chart: {type: line, title: "Unapplied cash against receipts", x: as_of, y: [unapplied_rate], where: "scope = 'group'", unit: fraction}
tests:
  - unique: [as_of, scope, scope_id]
  - name: the unapplied cash of all companies is that of the snapshots
    sum_equals:
      this: sumIf(unapplied_rc, scope = 'company')
      by: [as_of]
      of: SELECT as_of, sum(ifNull(unapplied_rc, 0)) FROM {{ source('huikuan', 'ar_snapshots') }} GROUP BY as_of
  - name: the group is the sum of its companies
    sql: |
      SELECT as_of, sumIf(unapplied_rc, scope = 'group') AS unapplied, sumIf(received_rc, scope = 'group') AS received
      FROM {{ this }}
      GROUP BY as_of
      HAVING unapplied != sumIf(unapplied_rc, scope = 'company') OR received != sumIf(received_rc, scope = 'company')
unit_tests:
  - name: what lies unapplied against the receipts of the window
    overrides: {vars: {unapplied_receipt_days: 30}}
    given:
      - input: source('huikuan', 'dso')
        rows:
          - {as_of: 2024-06-30, scope: group, scope_id: ""}
          - {as_of: 2024-06-30, scope: company, scope_id: A}
          - {as_of: 2024-06-30, scope: company, scope_id: B}
          - {as_of: 2024-06-30, scope: customer, scope_id: C1}
          - {as_of: 2024-07-01, scope: group, scope_id: ""}
          - {as_of: 2024-07-01, scope: company, scope_id: A}
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-06-30, company: A, customer_id: C1, unapplied: -300, unapplied_rc: -300}
          - {as_of: 2024-06-30, company: A, customer_id: C2, unapplied: 0, unapplied_rc: 0}
          - {as_of: 2024-06-30, company: B, customer_id: C1, unapplied: -50, unapplied_rc: -50}
          - {as_of: 2024-07-01, company: A, customer_id: C1, unapplied: -300, unapplied_rc: -300}
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: A, customer_id: C1, item_id: P1, kind: ON_ACCOUNT, event_date: 2024-05-31, amount: -900, amount_rc: -900}
          - {company: A, customer_id: C1, item_id: P2, kind: ON_ACCOUNT, event_date: 2024-06-01, amount: -1000, amount_rc: -1000}
          - {company: A, customer_id: C2, item_id: P3, kind: ON_ACCOUNT, event_date: 2024-06-30, amount: -700, amount_rc: -700}
          - {company: A, customer_id: C2, item_id: P3, kind: APPLIED, event_date: 2024-06-30, amount: 700, amount_rc: 700}
          - {company: A, customer_id: C2, item_id: P0, kind: BOUNCED, event_date: 2024-06-20, amount: 200, amount_rc: 200}
          - {company: A, customer_id: C2, item_id: BACK, kind: REFUND, event_date: 2024-06-20, amount: 8, amount_rc: 8}
          - {company: A, customer_id: C2, item_id: BACK, kind: BOUNCED, event_date: 2024-06-21, amount: -8, amount_rc: -8}
          - {company: A, customer_id: C2, item_id: I1, kind: INVOICE, event_date: 2024-06-20, amount: 5000, amount_rc: 5000}
          - {company: A, customer_id: C1, item_id: P4, kind: ON_ACCOUNT, event_date: 2024-07-01, amount: -500, amount_rc: -500}
    expect:
      rows:
        - {as_of: 2024-06-30, scope: group, scope_id: "", unapplied_rc: -350, received_rc: 1500, without_rate: 0, unapplied_rate: ~0.2333, reason: null}
        - {as_of: 2024-06-30, scope: company, scope_id: A, unapplied_rc: -300, received_rc: 1500, unapplied_rate: 0.2, reason: null}
        - {as_of: 2024-06-30, scope: company, scope_id: B, unapplied_rc: -50, received_rc: 0, unapplied_rate: null, reason: no_receipts}
        - {as_of: 2024-07-01, scope: group, scope_id: "", unapplied_rc: -300, received_rc: 1000, unapplied_rate: 0.3, reason: null}
        - {as_of: 2024-07-01, scope: company, scope_id: A, unapplied_rc: -300, received_rc: 1000, unapplied_rate: 0.3, reason: null}
  - name: without a rate on either side there is no share, more bounced than came in is no receipt
    given:
      - input: source('huikuan', 'dso')
        rows:
          - {as_of: 2024-06-30, scope: company, scope_id: A}
          - {as_of: 2024-06-30, scope: company, scope_id: B}
          - {as_of: 2024-06-30, scope: company, scope_id: C}
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-06-30, company: A, customer_id: C1, unapplied: -300, unapplied_rc: null}
          - {as_of: 2024-06-30, company: A, customer_id: C2, unapplied: -10, unapplied_rc: -70}
          - {as_of: 2024-06-30, company: A, customer_id: C3, unapplied: 0, unapplied_rc: null}
          - {as_of: 2024-06-30, company: C, customer_id: C3, unapplied: 0, unapplied_rc: -1.7}
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: A, customer_id: C1, item_id: P1, kind: ON_ACCOUNT, event_date: 2024-06-30, amount: -100, amount_rc: -100}
          - {company: B, customer_id: C1, item_id: P2, kind: ON_ACCOUNT, event_date: 2024-06-30, amount: -100, amount_rc: null}
          - {company: B, customer_id: C1, item_id: P3, kind: ON_ACCOUNT, event_date: 2024-06-30, amount: -100, amount_rc: -100}
          - {company: C, customer_id: C1, item_id: P4, kind: BOUNCED, event_date: 2024-06-30, amount: 100, amount_rc: 100}
    expect:
      rows:
        - {scope_id: "", unapplied_rc: -71.7, received_rc: 100, without_rate: 2, unapplied_rate: null, reason: missing_rate}
        - {scope_id: A, unapplied_rc: -70, received_rc: 100, without_rate: 1, unapplied_rate: null, reason: missing_rate}
        - {scope_id: B, unapplied_rc: 0, received_rc: 100, without_rate: 1, unapplied_rate: null, reason: missing_rate}
        - {scope_id: C, unapplied_rc: -1.7, received_rc: -100, without_rate: 0, unapplied_rate: null, reason: no_receipts}
  - name: cash on account is told of a company of which dso says nothing
    given:
      - input: source('huikuan', 'dso')
        rows: [{as_of: 2024-06-30, scope: group, scope_id: ""}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-06-30, company: A, customer_id: C1, currency: CNY, unapplied: -50, unapplied_rc: -50}
          - {as_of: 2024-06-30, company: A, customer_id: C2, currency: CNY, unapplied: 0, unapplied_rc: 0}
      - input: source('huikuan', 'ar_events')
        rows: [{company: B, kind: ON_ACCOUNT, event_date: 2024-06-20, amount_rc: -7}]
    expect:
      rows:
        - {scope: group, scope_id: "", unapplied_rc: -50, received_rc: 7}
        - {scope: company, scope_id: A, unapplied_rc: -50, received_rc: 0}
        - {scope: company, scope_id: B, unapplied_rc: 0, received_rc: 7}
--- */
WITH
balances AS (
    SELECT
        s.as_of AS as_of,
        member.1 AS scope,
        member.2 AS scope_id,
        sum(ifNull(s.unapplied_rc, 0)) AS unapplied_rc,
        countIf(isNull(s.unapplied_rc)) AS without_rate
    FROM {{ source('huikuan', 'ar_snapshots') }} AS s
    ARRAY JOIN [('group', ''), ('company', s.company)] AS member
    WHERE s.unapplied != 0 OR s.unapplied_rc != 0 -- what came and what went out at different rates may leave nothing of the one
    GROUP BY as_of, scope, scope_id
),
days AS (
    SELECT
        e.event_date AS day,
        e.company AS company,
        -sum(ifNull(e.amount_rc, 0)) AS received_rc,
        countIf(isNull(e.amount_rc)) AS without_rate
    FROM {{ source('huikuan', 'ar_events') }} AS e
    WHERE e.kind = 'ON_ACCOUNT' OR e.kind = 'BOUNCED' AND e.amount > 0 -- less than 0: a refund that did not arrive
    GROUP BY day, company
),
-- a day's receipts count in the window of that day and of those that follow
receipts AS (
    SELECT
        toDate32(d.day + later) AS as_of,
        member.1 AS scope,
        member.2 AS scope_id,
        sum(d.received_rc) AS received_rc,
        sum(d.without_rate) AS without_rate
    FROM days AS d
    ARRAY JOIN range({{ var('unapplied_receipt_days') }}) AS later
    ARRAY JOIN [('group', ''), ('company', d.company)] AS member
    GROUP BY as_of, scope, scope_id
),
-- of a company whose cash on account is what is open elsewhere, and that sells nothing, dso says nothing
members AS (
    SELECT as_of, toString(scope) AS scope, scope_id FROM {{ source('huikuan', 'dso') }} WHERE scope IN ('group', 'company')
    UNION DISTINCT
    SELECT as_of, scope, scope_id FROM balances
    UNION DISTINCT
    SELECT as_of, scope, scope_id FROM receipts WHERE as_of IN (SELECT as_of FROM {{ source('huikuan', 'ar_snapshots') }})
)
SELECT
    d.as_of AS as_of,
    d.scope AS scope,
    d.scope_id AS scope_id,
    b.unapplied_rc AS unapplied_rc,
    r.received_rc AS received_rc,
    b.without_rate + r.without_rate AS without_rate,
    -CAST(b.unapplied_rc AS Decimal(38, 10)) / if(without_rate = 0 AND r.received_rc > 0, r.received_rc, NULL) AS unapplied_rate,
    multiIf(without_rate > 0, 'missing_rate', r.received_rc <= 0, 'no_receipts', NULL) AS reason
FROM members AS d
LEFT JOIN balances AS b ON b.as_of = d.as_of AND b.scope = d.scope AND b.scope_id = d.scope_id
LEFT JOIN receipts AS r ON r.as_of = d.as_of AND r.scope = d.scope AND r.scope_id = d.scope_id
