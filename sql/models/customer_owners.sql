/* ---
description: "Who looks after a customer on the last day built, in which team, and which companies it has an account with. Row policies of readers stand on it: a rep sees the customers that this table gives them."
grain: one customer
materialisation: table
order_by: [customer_id]
owner: sales management
tags: [master, access]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: owner_id, description: "account owner on the last day built: of account_owners, else of the customer, else unassigned", unit: id, tests: [not_null]}
  - {name: team, description: team of the owner today; empty where unknown, tests: [not_null]}
  - {name: companies, description: "legal entities that have receivables events with the customer, in order"}
unit_tests:
  - name: the last period that has begun counts, one that is over leaves the customer to its master record
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-11-20}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, owner_id: R9}, {customer_id: C2, owner_id: R9}, {customer_id: C3}, {customer_id: C4, owner_id: R9}]
      - input: source('huikuan', 'account_owners')
        rows:
          - {customer_id: C1, rep_id: R1, valid_from: 2024-01-01}
          - {customer_id: C1, rep_id: R2, valid_from: 2026-06-01}
          - {customer_id: C1, rep_id: R3, valid_from: 2026-12-01}
          - {customer_id: C2, rep_id: R1, valid_from: 2024-01-01, valid_to: 2026-11-19}
          - {customer_id: C4, rep_id: R2, valid_from: 2024-01-01, valid_to: 2026-11-20}
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R2, team: North}, {rep_id: R9, team: South}]
      - input: source('huikuan', 'ar_events')
        rows: [{customer_id: C1, company: DE01}, {customer_id: C1, company: CN01}, {customer_id: X, company: CN01}]
    expect:
      rows:
        - {customer_id: C1, owner_id: R2, team: North, companies: [CN01, DE01]}
        - {customer_id: C2, owner_id: R9, team: South, companies: []}
        - {customer_id: C3, owner_id: unassigned, team: "", companies: []}
        - {customer_id: C4, owner_id: R2, team: North, companies: []}
        - {customer_id: X, owner_id: unassigned, team: "", companies: [CN01]}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
known AS (
    SELECT customer_id, '' AS company FROM {{ source('huikuan', 'customers_current') }}
    UNION ALL
    SELECT customer_id, company FROM {{ source('huikuan', 'ar_events') }} GROUP BY customer_id, company
),
accounts AS (
    SELECT customer_id, arraySort(groupUniqArrayIf(company, company != '')) AS companies
    FROM known
    GROUP BY customer_id
),
periods AS (
    SELECT
        customer_id,
        argMax(rep_id, (valid_from, source)) AS rep_id,
        argMax(ifNull(valid_to, toDate32('2299-12-31')), (valid_from, source)) AS until
    FROM {{ source('huikuan', 'account_owners') }}
    WHERE valid_from <= today
    GROUP BY customer_id
),
owned AS (
    SELECT
        a.customer_id AS customer_id,
        multiIf(p.rep_id != '' AND p.until >= today, p.rep_id, ifNull(c.owner_id, '') != '', assumeNotNull(c.owner_id), 'unassigned') AS owner_id,
        a.companies AS companies
    FROM accounts AS a
    LEFT JOIN periods AS p ON p.customer_id = a.customer_id
    LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = a.customer_id
)
SELECT
    o.customer_id AS customer_id,
    o.owner_id AS owner_id,
    ifNull(r.team, '') AS team,
    o.companies AS companies
FROM owned AS o
LEFT JOIN {{ source('huikuan', 'reps_current') }} AS r ON r.rep_id = o.owner_id
