/* ---
description: "Cure and self-cure (C8): of what was overdue at a month-end, what was paid within so many days, with and without a contact between the due date and the receipt."
grain: one month-end and scope (group, company, segment)
materialisation: table
order_by: [scope, scope_id, month_end]
owner: sales management
tags: [collection, visits]
columns:
  - {name: month_end, description: end of this day, unit: date, tests: [not_null]}
  - {name: scope, description: "group, company or segment (of the month-end for the overdue, of the receipt date for the cash)", tests: [not_null, {accepted_values: [group, company, segment]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where no segment is known, unit: id, tests: [not_null]}
  - {name: cure_days, description: length of the window, unit: days, tests: [not_null]}
  - {name: overdue_rc, description: "overdue at the month-end; denominator", unit: reporting currency, tests: [not_null]}
  - {name: contacted_overdue_rc, description: part of overdue_rc of customers that were contacted within the window, unit: reporting currency, tests: [not_null]}
  - {name: cured_rc, description: "cash received within the window after the month-end on items overdue at it", unit: reporting currency, tests: [not_null]}
  - {name: self_cured_rc, description: part of cured_rc without any contact from the day after the due date to the receipt, unit: reporting currency, tests: [not_null]}
  - {name: assisted_cured_rc, description: "cured_rc - self_cured_rc", unit: reporting currency, tests: [not_null]}
  - {name: complete, description: whether the window has passed, tests: [not_null]}
  - {name: cure_rate, description: "cured_rc / overdue_rc; NULL = not complete or nothing overdue", unit: fraction}
  - {name: self_cure_rate, description: "self_cured_rc / overdue_rc; NULL = not complete or nothing overdue", unit: fraction}
  - {name: assisted_cure_rate, description: "assisted_cured_rc / overdue_rc; NULL = not complete or nothing overdue", unit: fraction}
  - {name: reason, description: "why the rates are NULL: not_observed, nothing_overdue"}
tests:
  - unique: [month_end, scope, scope_id]
  - name: the overdue of the companies is that of the snapshots
    sum_equals:
      this: sumIf(overdue_rc, scope = 'company')
      by: [month_end]
      of: |
        SELECT as_of, sum(overdue_rc)
        FROM {{ source('huikuan', 'ar_snapshots') }}
        WHERE as_of = toLastDayOfMonth(as_of)
        GROUP BY as_of
  - name: the segments add up to the group
    sum_equals:
      this: sumIf(cured_rc, scope = 'segment')
      by: [month_end]
      of: |
        SELECT month_end, sum(cured_rc)
        FROM {{ this }}
        WHERE scope = 'group'
        GROUP BY month_end
unit_tests:
  - name: what comes in after a call is not cured by itself, and an early call does not count
    overrides: {vars: {cure_days: 30}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-05-15}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-03-31, company: A, customer_id: C1, overdue_rc: 1000}
          - {as_of: 2024-03-31, company: A, customer_id: C2, overdue_rc: 500}
          - {as_of: 2024-04-30, company: A, customer_id: C1, overdue_rc: 400}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-10, event_date: 2024-04-05, receipt_date: 2024-04-05, amount_rc: 300}
          - {company: A, customer_id: C1, invoice_id: I1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-10, event_date: 2024-04-30, receipt_date: 2024-04-30, amount_rc: 300}
          - {company: A, customer_id: C2, invoice_id: I2, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-10, event_date: 2024-04-10, receipt_date: 2024-04-10, amount_rc: 500}
          - {company: A, customer_id: C2, invoice_id: I3, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-31, event_date: 2024-04-10, receipt_date: 2024-04-10, amount_rc: 70}
          - {company: A, customer_id: C2, invoice_id: I2, kind: credit, invoice_date: 2024-02-01, due_date: 2024-03-10, event_date: 2024-04-10, receipt_date: 2024-04-10, amount_rc: 20}
          - {company: A, customer_id: C1, invoice_id: I1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-10, event_date: 2024-05-10, receipt_date: 2024-05-16, amount_rc: 77}
      - input: ref('customer_contacts')
        rows:
          - {contact_id: V1, kind: visit, customer_id: C1, day: 2024-04-10}
          - {contact_id: V2, kind: visit, customer_id: C2, day: 2024-03-10}
    expect:
      rows:
        - {month_end: 2024-03-31, scope: group, scope_id: "", overdue_rc: 1500, contacted_overdue_rc: 1000, cured_rc: 1100, self_cured_rc: 800, assisted_cured_rc: 300, complete: true, self_cure_rate: 0.5333333333, reason: null}
        - {month_end: 2024-03-31, scope: company, scope_id: A, overdue_rc: 1500, contacted_overdue_rc: 1000, cured_rc: 1100, self_cured_rc: 800, assisted_cured_rc: 300, complete: true, self_cure_rate: 0.5333333333, reason: null}
        - {month_end: 2024-03-31, scope: segment, scope_id: "", overdue_rc: 1500, contacted_overdue_rc: 1000, cured_rc: 1100, self_cured_rc: 800, assisted_cured_rc: 300, complete: true, self_cure_rate: 0.5333333333, reason: null}
        - {month_end: 2024-04-30, scope: group, scope_id: "", overdue_rc: 400, contacted_overdue_rc: 0, cured_rc: 0, self_cured_rc: 0, assisted_cured_rc: 0, complete: false, self_cure_rate: null, reason: not_observed}
        - {month_end: 2024-04-30, scope: company, scope_id: A, overdue_rc: 400, contacted_overdue_rc: 0, cured_rc: 0, self_cured_rc: 0, assisted_cured_rc: 0, complete: false, self_cure_rate: null, reason: not_observed}
        - {month_end: 2024-04-30, scope: segment, scope_id: "", overdue_rc: 400, contacted_overdue_rc: 0, cured_rc: 0, self_cured_rc: 0, assisted_cured_rc: 0, complete: false, self_cure_rate: null, reason: not_observed}
  - name: windows end on their day, contacts count from the day after the due date to the receipt, another day than a month-end is none
    overrides: {vars: {cure_days: 31}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-01-31}, {as_of: 2024-05-31}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-03-31, company: A, customer_id: C1, segment: S, currency: CNY, overdue_rc: 1000}
          - {as_of: 2024-03-31, company: A, customer_id: C1, segment: S, currency: USD, overdue_rc: 600}
          - {as_of: 2024-03-31, company: A, customer_id: C1, segment: S, currency: XXX, overdue_rc: null}
          - {as_of: 2024-03-31, company: A, customer_id: C2, segment: S, overdue_rc: 200}
          - {as_of: 2024-03-31, company: B, customer_id: C3, overdue_rc: 70}
          - {as_of: 2024-03-31, company: B, customer_id: C4, overdue_rc: 0}
          - {as_of: 2024-03-30, company: A, customer_id: C1, segment: S, overdue_rc: 9000}
          - {as_of: 2024-04-30, company: B, customer_id: C3, overdue_rc: 1}
          - {as_of: 2024-05-31, company: B, customer_id: C4, overdue_rc: 0}
          - {as_of: 2024-05-31, company: C, customer_id: C5, segment: T, overdue_rc: 10}
      - input: source('huikuan', 'ar_settlements')
        rows:
          # applied long before it came; the contact came in between
          - {company: A, customer_id: C1, segment: S, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-10, event_date: 2024-03-12, receipt_date: 2024-04-05, amount_rc: 1}
          - {company: A, customer_id: C1, segment: S, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-10, event_date: 2024-04-09, receipt_date: 2024-04-09, amount_rc: null}
          # the only contacts: on the due date, the day after it, the day of the receipt, the day after that
          - {company: A, customer_id: C2, segment: S, kind: cash, invoice_date: 2024-03-05, due_date: 2024-03-15, event_date: 2024-04-20, receipt_date: 2024-04-02, amount_rc: 4}
          - {company: A, customer_id: C2, segment: S, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-14, event_date: 2024-04-02, receipt_date: 2024-04-02, amount_rc: 8}
          - {company: B, customer_id: C3, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-20, event_date: 2024-04-04, receipt_date: 2024-04-04, amount_rc: 16}
          - {company: B, customer_id: C3, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-20, event_date: 2024-04-04, receipt_date: 2024-04-03, amount_rc: 32}
          # the last day of the window, and the day after it
          - {company: B, customer_id: C4, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-20, event_date: 2024-05-01, receipt_date: 2024-05-01, amount_rc: 64}
          - {company: B, customer_id: C4, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-20, event_date: 2024-05-02, receipt_date: 2024-05-02, amount_rc: 128}
          # billed after the month-end with an earlier due date; billed on it; not late; on its due date
          - {company: B, customer_id: C4, kind: cash, invoice_date: 2024-04-01, due_date: 2024-03-20, event_date: 2024-04-08, receipt_date: 2024-04-08, amount_rc: 256}
          - {company: B, customer_id: C4, kind: cash, invoice_date: 2024-03-31, due_date: 2024-03-20, event_date: 2024-04-08, receipt_date: 2024-04-08, amount_rc: 512}
          - {company: B, customer_id: C4, kind: cash, invoice_date: 2024-02-01, due_date: 2024-04-30, event_date: 2024-04-08, receipt_date: 2024-04-08, amount_rc: 1024}
          - {company: D, customer_id: C6, segment: T, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-20, event_date: 2024-04-08, receipt_date: 2024-04-08, amount_rc: 2048}
      - input: ref('customer_contacts')
        rows:
          - {contact_id: V1, kind: visit, customer_id: C1, day: 2024-03-20}
          - {contact_id: V1, kind: visit, customer_id: C1, day: 2024-05-01}
          - {contact_id: V2, kind: visit, customer_id: C2, day: 2024-03-15}
          - {contact_id: V2, kind: visit, customer_id: C2, day: 2024-03-31}
          - {contact_id: V2, kind: visit, customer_id: C2, day: 2024-04-15}
          - {contact_id: V3, kind: call, customer_id: C3, day: 2024-03-20}
          - {contact_id: V3, kind: call, customer_id: C3, day: 2024-03-31}
          - {contact_id: V5, kind: call, customer_id: C4, day: 2024-03-20}
          - {contact_id: V4, kind: call, customer_id: C3, day: 2024-05-02}
          - {contact_id: V5, kind: call, customer_id: C4, day: 2024-05-02}
          - {contact_id: V6, kind: call, customer_id: C4, day: 2024-05-02}
    expect:
      rows:
        - {month_end: 2024-05-31, scope: group, scope_id: "", cure_days: 31, overdue_rc: 10, contacted_overdue_rc: 0, cured_rc: 0, self_cured_rc: 0, assisted_cured_rc: 0, complete: false, cure_rate: null, self_cure_rate: null, assisted_cure_rate: null, reason: not_observed}
        - {month_end: 2024-03-31, scope: company, scope_id: B, cure_days: 31, overdue_rc: 70, contacted_overdue_rc: 0, cured_rc: 624, self_cured_rc: 576, assisted_cured_rc: 48, complete: true, cure_rate: 8.9142857142, self_cure_rate: 8.2285714285, assisted_cure_rate: 0.6857142857, reason: null}
        - {month_end: 2024-05-31, scope: segment, scope_id: T, cure_days: 31, overdue_rc: 10, contacted_overdue_rc: 0, cured_rc: 0, self_cured_rc: 0, assisted_cured_rc: 0, complete: false, cure_rate: null, self_cure_rate: null, assisted_cure_rate: null, reason: not_observed}
        - {month_end: 2024-03-31, scope: company, scope_id: D, cure_days: 31, overdue_rc: 0, contacted_overdue_rc: 0, cured_rc: 2048, self_cured_rc: 2048, assisted_cured_rc: 0, complete: true, cure_rate: null, self_cure_rate: null, assisted_cure_rate: null, reason: nothing_overdue}
        - {month_end: 2024-04-30, scope: segment, scope_id: "", cure_days: 31, overdue_rc: 1, contacted_overdue_rc: 1, cured_rc: 192, self_cured_rc: 64, assisted_cured_rc: 128, complete: true, cure_rate: 192, self_cure_rate: 64, assisted_cure_rate: 128, reason: null}
        - {month_end: 2024-04-30, scope: group, scope_id: "", cure_days: 31, overdue_rc: 1, contacted_overdue_rc: 1, cured_rc: 192, self_cured_rc: 64, assisted_cured_rc: 128, complete: true, cure_rate: 192, self_cure_rate: 64, assisted_cure_rate: 128, reason: null}
        - {month_end: 2024-03-31, scope: company, scope_id: A, cure_days: 31, overdue_rc: 1800, contacted_overdue_rc: 1800, cured_rc: 13, self_cured_rc: 0, assisted_cured_rc: 13, complete: true, cure_rate: 0.0072222222, self_cure_rate: 0, assisted_cure_rate: 0.0072222222, reason: null}
        - {month_end: 2024-03-31, scope: segment, scope_id: S, cure_days: 31, overdue_rc: 1800, contacted_overdue_rc: 1800, cured_rc: 13, self_cured_rc: 0, assisted_cured_rc: 13, complete: true, cure_rate: 0.0072222222, self_cure_rate: 0, assisted_cure_rate: 0.0072222222, reason: null}
        - {month_end: 2024-04-30, scope: company, scope_id: B, cure_days: 31, overdue_rc: 1, contacted_overdue_rc: 1, cured_rc: 192, self_cured_rc: 64, assisted_cured_rc: 128, complete: true, cure_rate: 192, self_cure_rate: 64, assisted_cure_rate: 128, reason: null}
        - {month_end: 2024-05-31, scope: company, scope_id: C, cure_days: 31, overdue_rc: 10, contacted_overdue_rc: 0, cured_rc: 0, self_cured_rc: 0, assisted_cured_rc: 0, complete: false, cure_rate: null, self_cure_rate: null, assisted_cure_rate: null, reason: not_observed}
        - {month_end: 2024-03-31, scope: group, scope_id: "", cure_days: 31, overdue_rc: 1870, contacted_overdue_rc: 1800, cured_rc: 2685, self_cured_rc: 2624, assisted_cured_rc: 61, complete: true, cure_rate: 1.435828877, self_cure_rate: 1.4032085561, assisted_cure_rate: 0.0326203208, reason: null}
        - {month_end: 2024-03-31, scope: segment, scope_id: "", cure_days: 31, overdue_rc: 70, contacted_overdue_rc: 0, cured_rc: 624, self_cured_rc: 576, assisted_cured_rc: 48, complete: true, cure_rate: 8.9142857142, self_cure_rate: 8.2285714285, assisted_cure_rate: 0.6857142857, reason: null}
        - {month_end: 2024-03-31, scope: segment, scope_id: T, cure_days: 31, overdue_rc: 0, contacted_overdue_rc: 0, cured_rc: 2048, self_cured_rc: 2048, assisted_cured_rc: 0, complete: true, cure_rate: null, self_cure_rate: null, assisted_cure_rate: null, reason: nothing_overdue}
chart: {type: stacked, title: Cured by itself and after a contact, x: month_end, y: [self_cure_rate, assisted_cure_rate], unit: fraction, where: scope = 'group'}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
{{ var('cure_days') }} AS window_days,
contact_days AS (
    SELECT DISTINCT
        c.customer_id AS customer_id,
        c.day AS day
    FROM {{ ref('customer_contacts') }} AS c
),
overdue AS (
    SELECT
        s.as_of AS month_end,
        s.company AS company,
        ifNull(toString(s.segment), '') AS segment,
        s.customer_id AS customer_id,
        sum(ifNull(s.overdue_rc, 0)) AS overdue_rc
    FROM {{ source('huikuan', 'ar_snapshots') }} AS s
    WHERE s.as_of = toLastDayOfMonth(s.as_of)
    GROUP BY month_end, company, segment, customer_id
    HAVING overdue_rc != 0
),
next_contacts AS (
    SELECT
        o.month_end AS month_end,
        o.company AS company,
        o.segment AS segment,
        o.overdue_rc AS overdue_rc,
        c.day > o.month_end AND c.day <= o.month_end + window_days AS contacted
    FROM overdue AS o
    ASOF LEFT JOIN contact_days AS c ON c.customer_id = o.customer_id AND c.day > o.month_end
),
paid_late AS (
    SELECT
        t.company AS company,
        ifNull(toString(t.segment), '') AS segment,
        t.due_date AS due_date,
        t.invoice_date AS invoice_date,
        t.receipt_date AS receipt_date,
        ifNull(t.amount_rc, 0) AS amount_rc,
        c.day > t.due_date AND c.day <= t.receipt_date AS contacted
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    ASOF LEFT JOIN contact_days AS c ON c.customer_id = t.customer_id AND c.day > t.due_date
    WHERE t.kind = 'cash' AND t.receipt_date > t.due_date AND t.receipt_date <= today
),
cured AS (
    SELECT
        toDate32(toStartOfMonth(addMonths(p.receipt_date, -months_back)) - 1) AS month_end,
        p.company AS company,
        p.segment AS segment,
        sum(p.amount_rc) AS cured_rc,
        sum(if(p.contacted, 0, p.amount_rc)) AS self_cured_rc
    FROM paid_late AS p
    ARRAY JOIN range(toUInt32(intDiv(window_days, 28) + 1)) AS months_back
    WHERE p.due_date < month_end AND p.invoice_date <= month_end AND dateDiff('day', month_end, p.receipt_date) <= window_days
    GROUP BY month_end, company, segment
),
parts AS (
    SELECT
        n.month_end AS month_end,
        n.company AS company,
        n.segment AS segment,
        n.overdue_rc AS overdue_rc,
        if(n.contacted, n.overdue_rc, 0) AS contacted_overdue_rc,
        toDecimal128(0, 4) AS cured_rc,
        toDecimal128(0, 4) AS self_cured_rc
    FROM next_contacts AS n
    UNION ALL
    SELECT month_end, company, segment, toDecimal128(0, 4), toDecimal128(0, 4), cured_rc, self_cured_rc
    FROM cured
),
totals AS (
    SELECT
        p.month_end AS month_end,
        member.1 AS scope,
        member.2 AS scope_id,
        sum(p.overdue_rc) AS overdue_rc,
        sum(p.contacted_overdue_rc) AS contacted_overdue_rc,
        sum(p.cured_rc) AS cured_rc,
        sum(p.self_cured_rc) AS self_cured_rc
    FROM parts AS p
    ARRAY JOIN [('group', ''), ('company', p.company), ('segment', p.segment)] AS member
    GROUP BY month_end, scope, scope_id
)
SELECT
    month_end,
    scope,
    scope_id,
    toInt32(window_days) AS cure_days,
    t.overdue_rc AS overdue_rc,
    t.contacted_overdue_rc AS contacted_overdue_rc,
    t.cured_rc AS cured_rc,
    t.self_cured_rc AS self_cured_rc,
    t.cured_rc - t.self_cured_rc AS assisted_cured_rc,
    CAST(t.month_end + window_days <= today AS Bool) AS complete,
    CAST(t.cured_rc AS Decimal(38, 10)) / if(complete AND t.overdue_rc > 0, t.overdue_rc, NULL) AS cure_rate,
    CAST(t.self_cured_rc AS Decimal(38, 10)) / if(complete AND t.overdue_rc > 0, t.overdue_rc, NULL) AS self_cure_rate,
    CAST(assisted_cured_rc AS Decimal(38, 10)) / if(complete AND t.overdue_rc > 0, t.overdue_rc, NULL) AS assisted_cure_rate,
    multiIf(t.overdue_rc <= 0, 'nothing_overdue', NOT complete, 'not_observed', NULL) AS reason
FROM totals AS t
