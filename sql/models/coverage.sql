/* ---
description: "How much of the overdue somebody looks after: it has an owner, and somebody spoke to the customer lately (G2). Add up rows, then divide: sum(covered_rc) / sum(overdue_rc)."
grain: one company and account owner
materialisation: table
order_by: [company, owner_id]
owner: sales management
tags: [control, collection]
chart: {type: bar, title: "Overdue without owner or contact", x: owner_id, y: [overdue_rc, covered_rc], unit: reporting currency}
columns:
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: owner_id, description: account owner today or unassigned, unit: id, tests: [not_null]}
  - {name: owner_name, description: display name; NULL for unassigned}
  - {name: customers, description: customers with something overdue, unit: count}
  - {name: overdue_rc, description: overdue invoices; items without an exchange rate are left out, unit: reporting currency, tests: [not_null]}
  - {name: owned_rc, description: part of overdue_rc with an owner, unit: reporting currency, tests: [not_null]}
  - {name: contacted_rc, description: part of overdue_rc whose customer had a contact in the last contact_days days, unit: reporting currency, tests: [not_null]}
  - {name: covered_rc, description: part of overdue_rc with owner and contact, unit: reporting currency, tests: [not_null]}
  - {name: coverage, description: covered_rc / overdue_rc; NULL = nothing overdue, unit: fraction}
  - {name: unowned_rc, description: part of overdue_rc without owner, unit: reporting currency, tests: [not_null]}
  - {name: never_contacted_items, description: instalments more than never_contacted_days overdue whose customer had no contact since they fell due, unit: count}
  - {name: never_contacted_rc, description: their open amount, unit: reporting currency, tests: [not_null]}
  - {name: first_contact_lag_days, description: "days from the oldest open due date to the first contact after it, summed over contacted customers; numerator", unit: days}
  - {name: first_contacts, description: customers in first_contact_lag_days; denominator, unit: count}
tests:
  - unique: [company, owner_id]
  - name: all that is overdue is here
    sum_equals:
      this: sum(overdue_rc)
      by: [company]
      of: SELECT company, sum(open_amount_rc) FROM {{ source('huikuan', 'ar_open_items') }} WHERE days_past_due > 0 AND open_amount_rc IS NOT NULL GROUP BY company
unit_tests:
  - name: an owner and a contact of the last fortnight
    overrides: {vars: {contact_days: 14, never_contacted_days: 30}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {company: HQ, customer_id: A, owner_id: R1, due_date: 2024-06-10, days_past_due: 20, open_amount_rc: 400}
          - {company: HQ, customer_id: A, owner_id: R1, due_date: 2024-06-14, days_past_due: 16, open_amount_rc: 200}
          - {company: HQ, customer_id: A, owner_id: R1, due_date: 2024-07-10, days_past_due: -10, open_amount_rc: 999}
          - {company: HQ, customer_id: B, owner_id: R1, due_date: 2024-05-01, days_past_due: 60, open_amount_rc: 300}
          - {company: HQ, customer_id: D, owner_id: unassigned, due_date: 2024-06-20, days_past_due: 10, open_amount_rc: 100}
          - {company: HQ, customer_id: E, owner_id: R1, due_date: 2024-04-01, days_past_due: 90, open_amount_rc: 50}
      - input: ref('customer_contacts')
        rows:
          - {customer_id: A, kind: call, day: 2024-06-16}
          - {customer_id: B, kind: visit, day: 2024-05-11}
          - {customer_id: D, kind: notice, day: 2024-06-30}
          - {customer_id: E, kind: notice, day: 2024-03-30}
    expect:
      rows:
        - {company: HQ, owner_id: R1, customers: 3, overdue_rc: 950, owned_rc: 950, contacted_rc: 600, covered_rc: 600, coverage: 0.6315789473, unowned_rc: 0, never_contacted_items: 1, never_contacted_rc: 50, first_contact_lag_days: 16, first_contacts: 2}
        - {company: HQ, owner_id: unassigned, customers: 1, overdue_rc: 100, owned_rc: 0, contacted_rc: 100, covered_rc: 0, coverage: 0, unowned_rc: 100, never_contacted_items: 0, never_contacted_rc: 0, first_contact_lag_days: 10, first_contacts: 1}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
overdue AS (
    SELECT company, customer_id, owner_id, due_date, days_past_due, assumeNotNull(open_amount_rc) AS open_rc
    FROM {{ source('huikuan', 'ar_open_items') }}
    WHERE days_past_due > 0 AND open_amount_rc IS NOT NULL
),
oldest AS (
    SELECT customer_id, min(due_date) AS oldest_due
    FROM overdue
    GROUP BY customer_id
),
contacts AS (
    SELECT
        c.customer_id AS customer_id,
        max(toNullable(c.day)) AS last_contact,
        minIf(toNullable(c.day), c.day >= o.oldest_due) AS first_contact
    FROM {{ ref('customer_contacts') }} AS c
    INNER JOIN oldest AS o ON o.customer_id = c.customer_id
    GROUP BY c.customer_id
),
items AS (
    SELECT
        i.company AS company,
        i.customer_id AS customer_id,
        i.owner_id AS owner_id,
        i.open_rc AS open_rc,
        i.owner_id != 'unassigned' AS owned,
        ifNull(dateDiff('day', c.last_contact, today) <= {{ var('contact_days') }}, false) AS contacted,
        i.days_past_due > {{ var('never_contacted_days') }} AND ifNull(c.last_contact < i.due_date, true) AS never_contacted,
        dateDiff('day', o.oldest_due, c.first_contact) AS lag
    FROM overdue AS i
    INNER JOIN oldest AS o ON o.customer_id = i.customer_id
    LEFT JOIN contacts AS c ON c.customer_id = i.customer_id
),
lags AS (
    SELECT company, owner_id, sum(lag) AS days, count(lag) AS n
    FROM (SELECT company, owner_id, customer_id, any(lag) AS lag FROM items GROUP BY company, owner_id, customer_id)
    GROUP BY company, owner_id
),
sums AS (
    SELECT
        company,
        owner_id,
        uniqExact(customer_id) AS customers,
        sum(open_rc) AS overdue_rc,
        sumIf(open_rc, owned) AS owned_rc,
        sumIf(open_rc, contacted) AS contacted_rc,
        sumIf(open_rc, owned AND contacted) AS covered_rc,
        sumIf(open_rc, NOT owned) AS unowned_rc,
        countIf(never_contacted) AS never_contacted_items,
        sumIf(open_rc, never_contacted) AS never_contacted_rc
    FROM items
    GROUP BY company, owner_id
)
SELECT
    s.company AS company,
    s.owner_id AS owner_id,
    r.name AS owner_name,
    s.customers AS customers,
    s.overdue_rc AS overdue_rc,
    s.owned_rc AS owned_rc,
    s.contacted_rc AS contacted_rc,
    s.covered_rc AS covered_rc,
    CAST(s.covered_rc AS Decimal(38, 10)) / nullIf(s.overdue_rc, 0) AS coverage,
    s.unowned_rc AS unowned_rc,
    s.never_contacted_items AS never_contacted_items,
    s.never_contacted_rc AS never_contacted_rc,
    toInt64(ifNull(l.days, 0)) AS first_contact_lag_days,
    toInt64(l.n) AS first_contacts
FROM sums AS s
LEFT JOIN lags AS l ON l.company = s.company AND l.owner_id = s.owner_id
LEFT JOIN {{ source('huikuan', 'reps_current') }} AS r ON r.rep_id = s.owner_id
