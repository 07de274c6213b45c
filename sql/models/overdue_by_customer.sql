/* ---
description: Who owes overdue money at the end of the last day built, how much and how old, with the owner to talk to.
grain: one company, customer and document currency with overdue receivables
materialisation: table
order_by: [company, customer_id, currency]
owner: credit management
tags: [collection, aging]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: parent_id, description: head of the customer's group; NULL where it stands alone, unit: id}
  - {name: segment, description: segment of the customer on as_of}
  - {name: region, description: region of the customer on as_of}
  - {name: owner_id, description: account owner on as_of or unassigned, unit: id, tests: [not_null]}
  - {name: owner_name, description: display name of the owner}
  - {name: currency, description: document currency, unit: ISO 4217, tests: [not_null]}
  - {name: open_amount, description: open invoices and debit notes, unit: document currency}
  - {name: not_due, description: "part of open_amount due on as_of or later", unit: document currency}
  - {name: d1_30, description: 1 to 30 days past due, unit: document currency}
  - {name: d31_60, description: 31 to 60 days past due, unit: document currency}
  - {name: d61_90, description: 61 to 90 days past due, unit: document currency}
  - {name: d91_120, description: 91 to 120 days past due, unit: document currency}
  - {name: d121_180, description: 121 to 180 days past due, unit: document currency}
  - {name: d181_365, description: 181 to 365 days past due, unit: document currency}
  - {name: d366_plus, description: 366 days or more past due, unit: document currency}
  - {name: overdue, description: 1 day or more past due, unit: document currency, tests: [not_null]}
  - {name: overdue_share, description: overdue / open_amount, unit: fraction}
  - {name: disputed_overdue, description: disputed part of overdue, unit: document currency}
  - {name: unapplied, description: "cash received and not applied, negative", unit: document currency}
  - {name: open_amount_rc, description: open_amount; NULL = no exchange rate, unit: reporting currency}
  - {name: overdue_rc, description: overdue; NULL = no exchange rate, unit: reporting currency}
  - {name: overdue_items, description: instalments past due, unit: count, tests: [not_null]}
  - {name: oldest_due_date, description: earliest due date among them, unit: date}
  - {name: max_days_past_due, description: days since oldest_due_date, unit: days}
tests:
  - unique: [company, customer_id, currency]
  - name: the overdue of all customers is that of the snapshot
    sum_equals:
      this: sum(overdue)
      by: [company, currency]
      of: |
        SELECT company, currency, sum(overdue)
        FROM {{ source('huikuan', 'ar_snapshots') }}
        WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'dso') }} WHERE scope = 'group')
        GROUP BY company, currency
  - name: the overdue of all customers is that of the open items
    sum_equals:
      this: sum(overdue)
      by: [company, currency]
      of: |
        SELECT company, currency, sum(open_amount)
        FROM {{ source('huikuan', 'ar_open_items') }}
        WHERE days_past_due > 0
        GROUP BY company, currency
  - name: the buckets add up to the open amount
    sql: |
      SELECT company, customer_id, currency, open_amount
      FROM {{ this }}
      WHERE not_due + d1_30 + d31_60 + d61_90 + d91_120 + d121_180 + d181_365 + d366_plus != open_amount
unit_tests:
  - name: only overdue balances of the last day are listed, with the oldest due date
    given:
      - input: source('huikuan', 'dso')
        rows: [{as_of: 2026-10-31, scope: group}, {as_of: 2026-11-20, scope: group}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2026-10-31, company: CN01, customer_id: C1, currency: CNY, open_amount: 999, d1_30: 999, overdue: 999}
          - {as_of: 2026-11-20, company: CN01, customer_id: C1, currency: CNY, owner_id: R1, open_amount: 400, not_due: 100, d1_30: 300, overdue: 300, open_amount_rc: 400, overdue_rc: 300}
          - {as_of: 2026-11-20, company: CN01, customer_id: C2, currency: CNY, owner_id: R1, open_amount: 50, not_due: 50}
          - {as_of: 2026-11-20, company: CN01, customer_id: C3, currency: XXX, owner_id: unassigned, open_amount: 7, d366_plus: 7, overdue: 7}
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {company: CN01, customer_id: C1, currency: CNY, due_date: 2026-11-10, days_past_due: 10, open_amount: 100}
          - {company: CN01, customer_id: C1, currency: CNY, due_date: 2026-11-01, days_past_due: 19, open_amount: 200}
          - {company: CN01, customer_id: C1, currency: CNY, due_date: 2026-12-01, days_past_due: -11, open_amount: 100}
          - {company: CN01, customer_id: C3, currency: XXX, due_date: 2025-01-01, days_past_due: 688, open_amount: 7}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, name: 百川, parent_id: ""}]
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R1, name: Ana}]
    expect:
      rows:
        - {customer_id: C1, customer_name: 百川, parent_id: null, owner_name: Ana, overdue: 300, overdue_share: 0.75, overdue_rc: 300, overdue_items: 2, oldest_due_date: 2026-11-01, max_days_past_due: 19}
        - {customer_id: C3, customer_name: null, owner_name: null, overdue: 7, overdue_share: 1, overdue_rc: null, overdue_items: 1, oldest_due_date: 2025-01-01, max_days_past_due: 688}
  - name: the owners of a customer are added up, companies and currencies are not; an unknown rate of one part leaves the reporting amount open
    given:
      - input: source('huikuan', 'dso')
        rows: [{as_of: 2026-11-20, scope: group}, {as_of: 2026-11-30, scope: company}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2026-11-20, company: CN01, customer_id: C1, currency: CNY, owner_id: R1, segment: RETAIL, region: North, not_due: 5, d1_30: 11, d31_60: 12, d61_90: 13, d91_120: 14, d121_180: 15, d181_365: 16, d366_plus: 17, overdue: 98, open_amount: 103, disputed_overdue: 9, unapplied: -10, open_amount_rc: 1000, overdue_rc: 900}
          - {as_of: 2026-11-20, company: CN01, customer_id: C1, currency: CNY, owner_id: R2, segment: RETAIL, region: North, not_due: 20, d1_30: 21, d31_60: 22, d61_90: 23, d91_120: 24, d121_180: 25, d181_365: 26, d366_plus: 27, overdue: 168, open_amount: 188, disputed_overdue: 19, unapplied: -20, open_amount_rc: 2000, overdue_rc: 1500}
          - {as_of: 2026-11-20, company: CN01, customer_id: C1, currency: USD, owner_id: R1, segment: RETAIL, region: North, not_due: 3, d1_30: 4, d31_60: 5, d61_90: 6, d91_120: 7, d121_180: 8, d181_365: 9, d366_plus: 10, overdue: 49, open_amount: 52, disputed_overdue: 2, unapplied: -3, open_amount_rc: 40, overdue_rc: 30}
          - {as_of: 2026-11-20, company: CN01, customer_id: C1, currency: USD, owner_id: R1, segment: RETAIL, region: North, not_due: 4, d1_30: 5, d31_60: 6, d61_90: 7, d91_120: 8, d121_180: 9, d181_365: 10, d366_plus: 11, overdue: 56, open_amount: 60, disputed_overdue: 3, unapplied: -4, open_amount_rc: null, overdue_rc: null}
          - {as_of: 2026-11-20, company: DE01, customer_id: C1, currency: CNY, owner_id: R1, segment: RETAIL, region: North, not_due: 1, d1_30: 2, d31_60: 3, d61_90: 4, d91_120: 5, d121_180: 6, d181_365: 7, d366_plus: 8, overdue: 35, open_amount: 36, disputed_overdue: 0, unapplied: -1, open_amount_rc: 36, overdue_rc: 35}
          - {as_of: 2026-11-30, company: CN01, customer_id: C1, currency: CNY, owner_id: R1, open_amount: 9, d1_30: 9, overdue: 9}
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {company: CN01, customer_id: C1, currency: CNY, due_date: 2026-11-20, days_past_due: 0}
          - {company: CN01, customer_id: C1, currency: CNY, due_date: 2026-11-19, days_past_due: 1}
          - {company: CN01, customer_id: C1, currency: CNY, due_date: 2026-11-10, days_past_due: 10}
          - {company: CN01, customer_id: C1, currency: USD, due_date: 2026-11-19, days_past_due: 1}
          - {company: DE01, customer_id: C1, currency: CNY, due_date: 2026-11-18, days_past_due: 2}
          - {company: DE01, customer_id: C2, currency: CNY, due_date: 2026-10-18, days_past_due: 33}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, name: 百川, parent_id: P1}, {customer_id: C2, name: Other}]
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R1, name: Ana}, {rep_id: R2, name: Bo}]
    expect:
      rows:
        - {as_of: 2026-11-20, company: CN01, customer_id: C1, customer_name: 百川, parent_id: P1, segment: RETAIL, region: North, owner_id: R2, owner_name: Bo, currency: CNY, not_due: 25, d1_30: 32, d31_60: 34, d61_90: 36, d91_120: 38, d121_180: 40, d181_365: 42, d366_plus: 44, overdue: 266, open_amount: 291, disputed_overdue: 28, unapplied: -30, open_amount_rc: 3000, overdue_rc: 2400, overdue_share: ~0.914089, overdue_items: 2, oldest_due_date: 2026-11-10, max_days_past_due: 10}
        - {as_of: 2026-11-20, company: CN01, customer_id: C1, customer_name: 百川, parent_id: P1, segment: RETAIL, region: North, owner_id: R1, owner_name: Ana, currency: USD, not_due: 7, d1_30: 9, d31_60: 11, d61_90: 13, d91_120: 15, d121_180: 17, d181_365: 19, d366_plus: 21, overdue: 105, open_amount: 112, disputed_overdue: 5, unapplied: -7, open_amount_rc: null, overdue_rc: null, overdue_share: ~0.937500, overdue_items: 1, oldest_due_date: 2026-11-19, max_days_past_due: 1}
        - {as_of: 2026-11-20, company: DE01, customer_id: C1, customer_name: 百川, parent_id: P1, segment: RETAIL, region: North, owner_id: R1, owner_name: Ana, currency: CNY, not_due: 1, d1_30: 2, d31_60: 3, d61_90: 4, d91_120: 5, d121_180: 6, d181_365: 7, d366_plus: 8, overdue: 35, open_amount: 36, disputed_overdue: 0, unapplied: -1, open_amount_rc: 36, overdue_rc: 35, overdue_share: ~0.972222, overdue_items: 1, oldest_due_date: 2026-11-18, max_days_past_due: 2}
--- */
WITH
balances AS (
    SELECT
        s.as_of AS as_of,
        s.company AS company,
        s.customer_id AS customer_id,
        s.currency AS currency,
        argMax(s.owner_id, s.open_amount) AS owner_id,
        any(s.segment) AS segment,
        any(s.region) AS region,
        sum(s.open_amount) AS open_amount,
        sum(s.not_due) AS not_due,
        sum(s.d1_30) AS d1_30,
        sum(s.d31_60) AS d31_60,
        sum(s.d61_90) AS d61_90,
        sum(s.d91_120) AS d91_120,
        sum(s.d121_180) AS d121_180,
        sum(s.d181_365) AS d181_365,
        sum(s.d366_plus) AS d366_plus,
        sum(s.overdue) AS overdue,
        sum(s.disputed_overdue) AS disputed_overdue,
        sum(s.unapplied) AS unapplied,
        if(countIf(isNull(s.open_amount_rc)) = 0, sum(s.open_amount_rc), NULL) AS open_amount_rc,
        if(countIf(isNull(s.overdue_rc)) = 0, sum(s.overdue_rc), NULL) AS overdue_rc
    FROM {{ source('huikuan', 'ar_snapshots') }} AS s
    WHERE s.as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'dso') }} WHERE scope = 'group')
    GROUP BY s.as_of, s.company, s.customer_id, s.currency
    HAVING overdue != 0
),
late_items AS (
    SELECT
        company,
        customer_id,
        currency,
        count() AS overdue_items,
        min(due_date) AS oldest_due_date,
        max(days_past_due) AS max_days_past_due
    FROM {{ source('huikuan', 'ar_open_items') }}
    WHERE days_past_due > 0
    GROUP BY company, customer_id, currency
)
SELECT
    b.as_of AS as_of,
    b.company AS company,
    b.customer_id AS customer_id,
    c.name AS customer_name,
    nullIf(c.parent_id, '') AS parent_id,
    b.segment AS segment,
    b.region AS region,
    b.owner_id AS owner_id,
    r.name AS owner_name,
    b.currency AS currency,
    b.open_amount AS open_amount,
    b.not_due AS not_due,
    b.d1_30 AS d1_30,
    b.d31_60 AS d31_60,
    b.d61_90 AS d61_90,
    b.d91_120 AS d91_120,
    b.d121_180 AS d121_180,
    b.d181_365 AS d181_365,
    b.d366_plus AS d366_plus,
    b.overdue AS overdue,
    CAST(b.overdue AS Decimal(38, 10)) / nullIf(b.open_amount, 0) AS overdue_share,
    b.disputed_overdue AS disputed_overdue,
    b.unapplied AS unapplied,
    b.open_amount_rc AS open_amount_rc,
    b.overdue_rc AS overdue_rc,
    i.overdue_items AS overdue_items,
    i.oldest_due_date AS oldest_due_date,
    i.max_days_past_due AS max_days_past_due
FROM balances AS b
LEFT JOIN late_items AS i ON i.company = b.company AND i.customer_id = b.customer_id AND i.currency = b.currency
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = b.customer_id
LEFT JOIN {{ source('huikuan', 'reps_current') }} AS r ON r.rep_id = b.owner_id
