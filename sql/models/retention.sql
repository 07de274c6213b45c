/* ---
description: "Do customers stay after they were chased (D5): share of active customers visited, called or sent a notice in a month that were invoiced again within so many days, against active customers that nobody contacted. Before/after, not causal: chased customers differ from the others."
grain: one month of the contact, group of customers, horizon, scope (group, segment) and its member
materialisation: table
order_by: [scope, scope_id, horizon_days, customer_group, month]
owner: sales management
tags: [collection, visits, dunning]
columns:
  - {name: month, description: first day of the month of the contact, unit: date, tests: [not_null]}
  - {name: customer_group, description: "visited (visit or call), dunned (notice), contacted (either), not_contacted (neither: the baseline)", tests: [not_null, {accepted_values: [visited, dunned, contacted, not_contacted]}]}
  - {name: horizon_days, description: "days after the first contact of the month, for the baseline after the middle of the month", unit: days, tests: [not_null]}
  - {name: scope, description: group or segment, tests: [not_null, {accepted_values: [group, segment]}]}
  - {name: scope_id, description: segment; empty for the group and where none is known, unit: id, tests: [not_null]}
  - {name: customers, description: "customers invoiced in the retention_active_days before the month; denominator", unit: count, tests: [not_null]}
  - {name: retained, description: of which were invoiced again within the horizon, unit: count, tests: [not_null]}
  - {name: complete, description: whether the horizon has passed for the whole month, tests: [not_null]}
  - {name: retention_rate, description: "retained / customers; NULL = not complete or no customers", unit: fraction}
  - {name: baseline_rate, description: the same of the customers that nobody contacted in the month, unit: fraction}
  - {name: difference, description: "retention_rate - baseline_rate; NULL for the baseline itself", unit: fraction}
  - {name: reason, description: "why retention_rate is NULL: not_observed, no_customers"}
tests:
  - unique: [month, customer_group, horizon_days, scope, scope_id]
  - name: contacted and not contacted are all active customers, once
    sum_equals:
      this: sumIf(customers, scope = 'segment' AND customer_group IN ('contacted', 'not_contacted'))
      by: [month, horizon_days]
      of: |
        SELECT month, horizon_days, sum(customers)
        FROM {{ this }}
        WHERE scope = 'group' AND customer_group IN ('contacted', 'not_contacted')
        GROUP BY month, horizon_days
unit_tests:
  - name: a new invoice after the visit means that the customer stayed, one before the visit does not
    overrides: {vars: {retention_days: [30], retention_active_days: 60}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-05-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: C1, invoice_id: I1, item_type: invoice, invoice_date: 2024-03-05, amount: 1}
          - {customer_id: C1, invoice_id: I2, item_type: invoice, invoice_date: 2024-04-20, amount: 1}
          - {customer_id: C2, invoice_id: I3, item_type: invoice, invoice_date: 2024-03-05, amount: 1}
          - {customer_id: C2, invoice_id: I4, item_type: invoice, invoice_date: 2024-04-05, amount: 1}
          - {customer_id: C3, invoice_id: I5, item_type: invoice, invoice_date: 2024-03-05, amount: 1}
          - {customer_id: C3, invoice_id: I6, item_type: invoice, invoice_date: 2024-04-16, amount: 1}
          - {customer_id: C4, invoice_id: I7, item_type: invoice, invoice_date: 2023-03-05, amount: 1}
      - input: ref('customer_contacts')
        rows: [{contact_id: V1, kind: visit, customer_id: C1, day: 2024-04-10}, {contact_id: V2, kind: call, customer_id: C2, day: 2024-04-10}]
    expect:
      rows:
        - {month: 2024-04-01, customer_group: visited, scope: group, customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 1, difference: -0.5}
        - {month: 2024-04-01, customer_group: contacted, scope: group, customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 1, difference: -0.5}
        - {month: 2024-04-01, customer_group: not_contacted, scope: group, customers: 1, retained: 1, complete: true, retention_rate: 1, baseline_rate: 1, difference: null}
        - {month: 2024-04-01, customer_group: visited, scope: segment, customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 1, difference: -0.5}
        - {month: 2024-04-01, customer_group: contacted, scope: segment, customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 1, difference: -0.5}
        - {month: 2024-04-01, customer_group: not_contacted, scope: segment, customers: 1, retained: 1, complete: true, retention_rate: 1, baseline_rate: 1, difference: null}
        - {month: 2024-05-01, customer_group: not_contacted, scope: group, customers: 3, retained: 0, complete: false, retention_rate: null, baseline_rate: null, difference: null}
        - {month: 2024-05-01, customer_group: not_contacted, scope: segment, customers: 3, retained: 0, complete: false, retention_rate: null, baseline_rate: null, difference: null}
        - {month: 2023-04-01, customer_group: not_contacted, scope: group, customers: 1, retained: 0, complete: true, retention_rate: 0, baseline_rate: 0, difference: null}
        - {month: 2023-04-01, customer_group: not_contacted, scope: segment, customers: 1, retained: 0, complete: true, retention_rate: 0, baseline_rate: 0, difference: null}
        - {month: 2023-05-01, customer_group: not_contacted, scope: group, customers: 1, retained: 0, complete: true, retention_rate: 0, baseline_rate: 0, difference: null}
        - {month: 2023-05-01, customer_group: not_contacted, scope: segment, customers: 1, retained: 0, complete: true, retention_rate: 0, baseline_rate: 0, difference: null}
  - name: the first contact of each kind begins the horizon, its last day and the last active day count, each segment has its own baseline
    overrides: {vars: {retention_days: [30, 31, 32], retention_active_days: 29}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-05-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: C1, segment: S1, invoice_id: I1, item_type: invoice, invoice_date: 2024-03-31, due_date: 2024-06-30}
          - {customer_id: C1, segment: S1, invoice_id: I2, item_type: invoice, invoice_date: 2024-05-11, due_date: 2024-06-30}
          - {customer_id: C2, segment: S1, invoice_id: I3, item_type: invoice, invoice_date: 2024-03-31}
          - {customer_id: C2, segment: S1, invoice_id: I4, item_type: invoice, invoice_date: 2024-05-12}
          - {customer_id: C3, segment: S2, invoice_id: I5, item_type: invoice, invoice_date: 2024-03-31}
          - {customer_id: C3, segment: S2, invoice_id: I6, item_type: invoice, invoice_date: 2024-05-20}
          - {customer_id: C5, segment: S1, invoice_id: I7, item_type: invoice, invoice_date: 2024-03-03}
          - {customer_id: C5, segment: S1, invoice_id: I8, item_type: invoice, invoice_date: 2024-05-15}
          - {customer_id: C6, segment: S1, invoice_id: I9, item_type: invoice, invoice_date: 2024-03-31}
          - {customer_id: C6, segment: S1, invoice_id: I10, item_type: invoice, invoice_date: 2024-05-16}
          - {customer_id: LAPSED, segment: S1, invoice_id: I11, item_type: invoice, invoice_date: 2024-03-02}
          - {customer_id: BACK, segment: S1, invoice_id: I12, item_type: invoice, invoice_date: 2024-01-01}
          - {customer_id: BACK, segment: S1, invoice_id: I13, item_type: invoice, invoice_date: 2024-04-01}
          - {customer_id: DEBIT, segment: S1, invoice_id: I14, item_type: debit_note, invoice_date: 2024-03-31}
      - input: ref('customer_contacts')
        rows:
          - {contact_id: V1, kind: visit, customer_id: C1, day: 2024-04-10}
          - {contact_id: V2, kind: visit, customer_id: C1, day: 2024-04-20}
          - {contact_id: N1, kind: notice, customer_id: C1, day: 2024-04-25}
          - {contact_id: N2, kind: notice, customer_id: C2, day: 2024-04-05}
          - {contact_id: V3, kind: call, customer_id: C2, day: 2024-04-12}
          - {contact_id: N3, kind: notice, customer_id: C2, day: 2024-04-28}
          - {contact_id: N4, kind: notice, customer_id: C3, day: 2024-04-10}
    expect:
      rows:
        - {month: 2024-04-01, customer_group: visited, horizon_days: 30, scope: group, scope_id: "", customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 0.5, difference: 0, reason: null}
        - {month: 2024-04-01, customer_group: visited, horizon_days: 31, scope: group, scope_id: "", customers: 2, retained: 2, complete: true, retention_rate: 1, baseline_rate: 1, difference: 0, reason: null}
        - {month: 2024-04-01, customer_group: visited, horizon_days: 32, scope: group, scope_id: "", customers: 2, retained: 2, complete: false, retention_rate: null, baseline_rate: null, difference: null, reason: not_observed}
        - {month: 2024-04-01, customer_group: visited, horizon_days: 30, scope: segment, scope_id: S1, customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 0.5, difference: 0, reason: null}
        - {month: 2024-04-01, customer_group: visited, horizon_days: 31, scope: segment, scope_id: S1, customers: 2, retained: 2, complete: true, retention_rate: 1, baseline_rate: 1, difference: 0, reason: null}
        - {month: 2024-04-01, customer_group: visited, horizon_days: 32, scope: segment, scope_id: S1, customers: 2, retained: 2, complete: false, retention_rate: null, baseline_rate: null, difference: null, reason: not_observed}
        - {month: 2024-04-01, customer_group: dunned, horizon_days: 30, scope: group, scope_id: "", customers: 3, retained: 1, complete: true, retention_rate: ~0.333333, baseline_rate: 0.5, difference: ~-0.166667, reason: null}
        - {month: 2024-04-01, customer_group: dunned, horizon_days: 31, scope: group, scope_id: "", customers: 3, retained: 1, complete: true, retention_rate: ~0.333333, baseline_rate: 1, difference: ~-0.666667, reason: null}
        - {month: 2024-04-01, customer_group: dunned, horizon_days: 32, scope: group, scope_id: "", customers: 3, retained: 1, complete: false, retention_rate: null, baseline_rate: null, difference: null, reason: not_observed}
        - {month: 2024-04-01, customer_group: dunned, horizon_days: 30, scope: segment, scope_id: S1, customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 0.5, difference: 0, reason: null}
        - {month: 2024-04-01, customer_group: dunned, horizon_days: 31, scope: segment, scope_id: S1, customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 1, difference: -0.5, reason: null}
        - {month: 2024-04-01, customer_group: dunned, horizon_days: 32, scope: segment, scope_id: S1, customers: 2, retained: 1, complete: false, retention_rate: null, baseline_rate: null, difference: null, reason: not_observed}
        - {month: 2024-04-01, customer_group: dunned, horizon_days: 30, scope: segment, scope_id: S2, customers: 1, retained: 0, complete: true, retention_rate: 0, baseline_rate: null, difference: null, reason: null}
        - {month: 2024-04-01, customer_group: dunned, horizon_days: 31, scope: segment, scope_id: S2, customers: 1, retained: 0, complete: true, retention_rate: 0, baseline_rate: null, difference: null, reason: null}
        - {month: 2024-04-01, customer_group: dunned, horizon_days: 32, scope: segment, scope_id: S2, customers: 1, retained: 0, complete: false, retention_rate: null, baseline_rate: null, difference: null, reason: not_observed}
        - {month: 2024-04-01, customer_group: contacted, horizon_days: 30, scope: group, scope_id: "", customers: 3, retained: 0, complete: true, retention_rate: 0, baseline_rate: 0.5, difference: -0.5, reason: null}
        - {month: 2024-04-01, customer_group: contacted, horizon_days: 31, scope: group, scope_id: "", customers: 3, retained: 1, complete: true, retention_rate: ~0.333333, baseline_rate: 1, difference: ~-0.666667, reason: null}
        - {month: 2024-04-01, customer_group: contacted, horizon_days: 32, scope: group, scope_id: "", customers: 3, retained: 1, complete: false, retention_rate: null, baseline_rate: null, difference: null, reason: not_observed}
        - {month: 2024-04-01, customer_group: contacted, horizon_days: 30, scope: segment, scope_id: S1, customers: 2, retained: 0, complete: true, retention_rate: 0, baseline_rate: 0.5, difference: -0.5, reason: null}
        - {month: 2024-04-01, customer_group: contacted, horizon_days: 31, scope: segment, scope_id: S1, customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 1, difference: -0.5, reason: null}
        - {month: 2024-04-01, customer_group: contacted, horizon_days: 32, scope: segment, scope_id: S1, customers: 2, retained: 1, complete: false, retention_rate: null, baseline_rate: null, difference: null, reason: not_observed}
        - {month: 2024-04-01, customer_group: contacted, horizon_days: 30, scope: segment, scope_id: S2, customers: 1, retained: 0, complete: true, retention_rate: 0, baseline_rate: null, difference: null, reason: null}
        - {month: 2024-04-01, customer_group: contacted, horizon_days: 31, scope: segment, scope_id: S2, customers: 1, retained: 0, complete: true, retention_rate: 0, baseline_rate: null, difference: null, reason: null}
        - {month: 2024-04-01, customer_group: contacted, horizon_days: 32, scope: segment, scope_id: S2, customers: 1, retained: 0, complete: false, retention_rate: null, baseline_rate: null, difference: null, reason: not_observed}
        - {month: 2024-04-01, customer_group: not_contacted, horizon_days: 30, scope: group, scope_id: "", customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 0.5, difference: null, reason: null}
        - {month: 2024-04-01, customer_group: not_contacted, horizon_days: 31, scope: group, scope_id: "", customers: 2, retained: 2, complete: true, retention_rate: 1, baseline_rate: 1, difference: null, reason: null}
        - {month: 2024-04-01, customer_group: not_contacted, horizon_days: 32, scope: group, scope_id: "", customers: 2, retained: 2, complete: false, retention_rate: null, baseline_rate: null, difference: null, reason: not_observed}
        - {month: 2024-04-01, customer_group: not_contacted, horizon_days: 30, scope: segment, scope_id: S1, customers: 2, retained: 1, complete: true, retention_rate: 0.5, baseline_rate: 0.5, difference: null, reason: null}
        - {month: 2024-04-01, customer_group: not_contacted, horizon_days: 31, scope: segment, scope_id: S1, customers: 2, retained: 2, complete: true, retention_rate: 1, baseline_rate: 1, difference: null, reason: null}
        - {month: 2024-04-01, customer_group: not_contacted, horizon_days: 32, scope: segment, scope_id: S1, customers: 2, retained: 2, complete: false, retention_rate: null, baseline_rate: null, difference: null, reason: not_observed}
chart: {type: line, title: Customers that stay after a contact, x: month, y: [retention_rate], series: customer_group, unit: fraction, where: "scope = 'group' AND horizon_days = (SELECT min(horizon_days) FROM retention)"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
{{ var('retention_days') }} AS horizons,
{{ var('retention_active_days') }} AS active_days,
customers AS (
    SELECT
        i.customer_id AS customer_id,
        any(ifNull(toString(i.segment), '')) AS segment,
        arraySort(groupUniqArrayIf(i.invoice_date, i.item_type = 'invoice' AND i.invoice_date <= today)) AS invoice_days
    FROM {{ source('huikuan', 'ar_items') }} AS i
    GROUP BY customer_id
    HAVING notEmpty(invoice_days)
),
-- a customer is active in the months whose beginning lies soon enough after its last invoice
active AS (
    SELECT
        c.customer_id AS customer_id,
        c.segment AS segment,
        toDate32(addMonths(toStartOfMonth(c.invoice_days[1]), n)) AS month,
        arrayLast(d -> d < month, c.invoice_days) AS last_day,
        arrayFilter(d -> d > month AND d <= month + 31 + arrayMax(horizons), c.invoice_days) AS later_days
    FROM customers AS c
    ARRAY JOIN range(1, toUInt32(dateDiff('month', c.invoice_days[1], today) + 1)) AS n
    WHERE dateDiff('day', last_day, month) <= active_days
),
contacted AS (
    SELECT
        c.customer_id AS customer_id,
        toDate32(toStartOfMonth(c.day)) AS month,
        minIf(c.day, c.kind != 'notice') AS visited_on,
        countIf(c.kind != 'notice') AS visits,
        minIf(c.day, c.kind = 'notice') AS dunned_on,
        countIf(c.kind = 'notice') AS notices,
        min(c.day) AS contacted_on
    FROM {{ ref('customer_contacts') }} AS c
    GROUP BY customer_id, month
),
starts AS (
    SELECT
        a.customer_id AS customer_id,
        a.segment AS segment,
        a.month AS month,
        start.1 AS customer_group,
        start.2 AS day,
        arrayFirst(d -> d > day, a.later_days) AS next_day
    FROM active AS a
    LEFT JOIN contacted AS c ON c.customer_id = a.customer_id AND c.month = a.month
    ARRAY JOIN if(c.customer_id = '', [('not_contacted', a.month + 14)], arrayConcat(
        [('contacted', c.contacted_on)],
        if(c.visits > 0, [('visited', c.visited_on)], []),
        if(c.notices > 0, [('dunned', c.dunned_on)], []))) AS start
),
followed AS (
    SELECT
        s.month AS month,
        s.customer_group AS customer_group,
        s.segment AS segment,
        if(s.next_day > s.day, dateDiff('day', s.day, s.next_day), 1000000) AS days_to_next
    FROM starts AS s
),
by_segment AS (
    SELECT
        f.month AS month,
        f.customer_group AS customer_group,
        f.segment AS segment,
        count() AS customers,
        sumForEach(arrayMap(h -> toUInt64(f.days_to_next <= h), horizons)) AS retained
    FROM followed AS f
    GROUP BY month, customer_group, segment
),
counted AS (
    SELECT
        b.month AS month,
        b.customer_group AS customer_group,
        toInt32(horizons[n]) AS horizon_days,
        member.1 AS scope,
        member.2 AS scope_id,
        sum(b.customers) AS customers,
        sum(b.retained[n]) AS retained
    FROM by_segment AS b
    ARRAY JOIN arrayEnumerate(horizons) AS n
    ARRAY JOIN [('group', ''), ('segment', b.segment)] AS member
    GROUP BY month, customer_group, horizon_days, scope, scope_id
),
rated AS (
    SELECT
        *,
        CAST(toLastDayOfMonth(c.month) + c.horizon_days <= today AS Bool) AS complete,
        if(complete, CAST(c.retained AS Nullable(Decimal(38, 10))) / nullIf(c.customers, 0), NULL) AS retention_rate
    FROM counted AS c
)
SELECT
    r.month AS month,
    r.customer_group AS customer_group,
    r.horizon_days AS horizon_days,
    r.scope AS scope,
    r.scope_id AS scope_id,
    r.customers AS customers,
    r.retained AS retained,
    r.complete AS complete,
    r.retention_rate AS retention_rate,
    b.retention_rate AS baseline_rate,
    if(r.customer_group = 'not_contacted', NULL, r.retention_rate - b.retention_rate) AS difference,
    multiIf(r.customers = 0, 'no_customers', NOT r.complete, 'not_observed', NULL) AS reason
FROM rated AS r
LEFT JOIN (SELECT month, horizon_days, scope, scope_id, retention_rate FROM rated WHERE customer_group = 'not_contacted') AS b
    ON b.month = r.month AND b.horizon_days = r.horizon_days AND b.scope = r.scope AND b.scope_id = r.scope_id
