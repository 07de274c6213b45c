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
  - {name: never_contacted_items, description: instalments more than never_contacted_days overdue whose customer had no contact after the due date, unit: count}
  - {name: never_contacted_rc, description: their open amount, unit: reporting currency, tests: [not_null]}
  - {name: first_contact_lag_days, description: "days from the oldest open due date of company and owner to the first contact after that day, summed over contacted customers; numerator", unit: days}
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
  - name: contacts count from the day after the due date, of what the customer owes there
    overrides: {vars: {contact_days: 14, never_contacted_days: 30}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-05-31}, {as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          # called on the due date, and not since: 31 days late is too long, 30 is not
          - {company: HQ, customer_id: DUE DAY, owner_id: R1, due_date: 2024-05-30, days_past_due: 31, open_amount_rc: 10}
          - {company: HQ, customer_id: SHORT, owner_id: R1, due_date: 2024-05-31, days_past_due: 30, open_amount_rc: 20}
          - {company: HQ, customer_id: SILENT, owner_id: R1, due_date: 2024-05-29, days_past_due: 32, open_amount_rc: 40}
          # owes two companies: called after the first due date, before the second, and once more since
          - {company: HQ, customer_id: TWO, owner_id: R1, due_date: 2024-04-01, days_past_due: 90, open_amount_rc: 80}
          - {company: SUB, customer_id: TWO, owner_id: R1, due_date: 2024-05-20, days_past_due: 41, open_amount_rc: 100}
          - {company: SUB, customer_id: TWO, owner_id: R2, due_date: 2024-06-20, days_past_due: 10, open_amount_rc: 7}
          - {company: NONE, customer_id: SILENT, owner_id: unassigned, due_date: 2024-06-29, days_past_due: 1, open_amount_rc: 1}
          - {company: NONE, customer_id: TODAY, owner_id: unassigned, due_date: 2024-06-30, days_past_due: 0, open_amount_rc: 900}
          - {company: NONE, customer_id: OTHER, owner_id: unassigned, due_date: 2024-06-28, days_past_due: 2, open_amount_rc: 3}
          - {company: NONE, customer_id: NO RATE, owner_id: unassigned, due_date: 2024-06-01, days_past_due: 29, open_amount_rc: null}
      - input: ref('customer_contacts')
        rows:
          - {customer_id: DUE DAY, day: 2024-05-30}
          - {customer_id: SHORT, day: 2024-05-31}
          - {customer_id: TWO, day: 2024-03-20}
          - {customer_id: TWO, day: 2024-04-06}
          - {customer_id: TWO, day: 2024-05-21}
          - {customer_id: TWO, day: 2024-06-15}
          - {customer_id: PAID ALL, day: 2024-06-29}
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R2, name: 李雷}]
    expect:
      rows:
        - {company: HQ, owner_id: R1, owner_name: null, customers: 4, overdue_rc: 150, owned_rc: 150, contacted_rc: 0, covered_rc: 0, coverage: 0, unowned_rc: 0, never_contacted_items: 2, never_contacted_rc: 50, first_contact_lag_days: 5, first_contacts: 1}
        - {company: SUB, owner_id: R1, owner_name: null, customers: 1, overdue_rc: 100, owned_rc: 100, contacted_rc: 0, covered_rc: 0, coverage: 0, unowned_rc: 0, never_contacted_items: 0, never_contacted_rc: 0, first_contact_lag_days: 1, first_contacts: 1}
        - {company: SUB, owner_id: R2, owner_name: 李雷, customers: 1, overdue_rc: 7, owned_rc: 7, contacted_rc: 0, covered_rc: 0, coverage: 0, unowned_rc: 0, never_contacted_items: 0, never_contacted_rc: 0, first_contact_lag_days: 0, first_contacts: 0}
        - {company: NONE, owner_id: unassigned, owner_name: null, customers: 2, overdue_rc: 4, owned_rc: 0, contacted_rc: 0, covered_rc: 0, coverage: 0, unowned_rc: 4, never_contacted_items: 0, never_contacted_rc: 0, first_contact_lag_days: 0, first_contacts: 0}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
overdue AS (
    SELECT company, customer_id, owner_id, due_date, days_past_due, assumeNotNull(open_amount_rc) AS open_rc
    FROM {{ source('huikuan', 'ar_open_items') }}
    WHERE days_past_due > 0 AND open_amount_rc IS NOT NULL
),
lates AS (
    SELECT company, owner_id, customer_id, min(due_date) AS oldest_due
    FROM overdue
    GROUP BY company, owner_id, customer_id
),
contacts AS (
    SELECT
        l.company AS company,
        l.owner_id AS owner_id,
        l.customer_id AS customer_id,
        max(toNullable(c.day)) AS last_contact,
        dateDiff('day', any(l.oldest_due), minIf(toNullable(c.day), c.day > l.oldest_due)) AS lag
    FROM lates AS l
    INNER JOIN {{ ref('customer_contacts') }} AS c ON c.customer_id = l.customer_id
    GROUP BY company, owner_id, customer_id
),
items AS (
    SELECT
        i.company AS company,
        i.customer_id AS customer_id,
        i.owner_id AS owner_id,
        i.open_rc AS open_rc,
        i.owner_id != 'unassigned' AS owned,
        ifNull(dateDiff('day', c.last_contact, today) <= {{ var('contact_days') }}, false) AS contacted,
        i.days_past_due > {{ var('never_contacted_days') }} AND ifNull(c.last_contact <= i.due_date, true) AS never_contacted
    FROM overdue AS i
    LEFT JOIN contacts AS c ON c.company = i.company AND c.owner_id = i.owner_id AND c.customer_id = i.customer_id
),
lags AS (
    SELECT company, owner_id, sum(lag) AS days, count(lag) AS n
    FROM contacts
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
