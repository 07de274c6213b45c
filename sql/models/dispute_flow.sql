/* ---
description: "Of what was invoiced in a month, how much was ever disputed, and how much later disputed invoices are paid than the others (D6, flow). Recent months have had less time to be disputed or late."
grain: one invoice month, scope (group, company, segment) and its member
materialisation: table
order_by: [scope, scope_id, month]
owner: sales management
tags: [collection, disputes]
columns:
  - {name: month, description: first day of the month of the invoices, unit: date, tests: [not_null]}
  - {name: scope, description: "group, company or segment", tests: [not_null, {accepted_values: [group, company, segment]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where no segment is known, unit: id, tests: [not_null]}
  - {name: invoiced_count, description: instalments invoiced, unit: count, tests: [not_null]}
  - {name: disputed_count, description: instalments of invoices that were ever disputed, unit: count, tests: [not_null]}
  - {name: dispute_count_rate, description: disputed_count / invoiced_count, unit: fraction}
  - {name: invoiced_rc, description: amount invoiced, unit: reporting currency, tests: [not_null]}
  - {name: disputed_rc, description: "amount of instalments of invoices that were ever disputed, whole instalments", unit: reporting currency, tests: [not_null]}
  - {name: dispute_rate, description: "disputed_rc / invoiced_rc; NULL = nothing invoiced", unit: fraction}
  - {name: disputed_late_count, description: "disputed instalments settled after the due date, or open past it", unit: count, tests: [not_null]}
  - {name: disputed_due_count, description: disputed instalments settled or past due; denominator, unit: count, tests: [not_null]}
  - {name: disputed_late_share, description: "disputed_late_count / disputed_due_count; NULL = none", unit: fraction}
  - {name: undisputed_late_count, description: the same of the others, unit: count, tests: [not_null]}
  - {name: undisputed_due_count, description: the same of the others, unit: count, tests: [not_null]}
  - {name: undisputed_late_share, description: "undisputed_late_count / undisputed_due_count; NULL = none", unit: fraction}
  - {name: reason, description: "why dispute_rate is NULL: nothing_invoiced"}
tests:
  - unique: [month, scope, scope_id]
  - name: what was invoiced is that of the items
    sum_equals:
      this: sumIf(invoiced_rc, scope = 'segment')
      by: [month]
      of: |
        SELECT toDate32(toStartOfMonth(invoice_date)) AS month, sum(amount_rc)
        FROM {{ source('huikuan', 'ar_items') }}
        WHERE invoice_date <= (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
        GROUP BY month
unit_tests:
  - name: settled on the due date is on time, open past it is late, not yet due is neither
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-30}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, invoice_date: 2024-03-01, due_date: 2024-03-31, amount_rc: 100, settled_on: 2024-03-31, disputed: false}
          - {company: A, customer_id: C1, invoice_id: I2, invoice_date: 2024-03-05, due_date: 2024-04-04, amount_rc: 100, settled_on: 2024-04-05, disputed: true}
          - {company: A, customer_id: C1, invoice_id: I3, invoice_date: 2024-03-05, due_date: 2024-04-04, amount_rc: 200, disputed: true}
          - {company: A, customer_id: C1, invoice_id: I4, invoice_date: 2024-03-31, due_date: 2024-04-30, amount_rc: 400, disputed: false}
    expect:
      rows:
        - {month: 2024-03-01, scope: group, invoiced_count: 4, disputed_count: 2, dispute_count_rate: 0.5, dispute_rate: 0.375, disputed_late_share: 1, undisputed_late_share: 0, undisputed_due_count: 1}
        - {month: 2024-03-01, scope: company, invoiced_count: 4, disputed_count: 2, dispute_count_rate: 0.5, dispute_rate: 0.375, disputed_late_share: 1, undisputed_late_share: 0, undisputed_due_count: 1}
        - {month: 2024-03-01, scope: segment, invoiced_count: 4, disputed_count: 2, dispute_count_rate: 0.5, dispute_rate: 0.375, disputed_late_share: 1, undisputed_late_share: 0, undisputed_due_count: 1}
  - name: two customers of a segment are added up
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-30}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, segment: S, invoice_id: I1, invoice_date: 2024-03-01, due_date: 2024-03-31, amount_rc: 100, settled_on: 2024-04-02, disputed: true}
          - {company: B, customer_id: C2, segment: S, invoice_id: I2, invoice_date: 2024-03-05, due_date: 2024-04-04, amount_rc: 300, settled_on: 2024-04-05, disputed: true}
          - {company: B, customer_id: C2, segment: S, invoice_id: I3, invoice_date: 2024-03-05, due_date: 2024-04-04, amount_rc: 400, settled_on: 2024-04-01, disputed: false}
    expect:
      rows:
        - {month: 2024-03-01, scope: group, invoiced_count: 3, disputed_count: 2, invoiced_rc: 800, dispute_rate: 0.5, disputed_late_count: 2}
        - {month: 2024-03-01, scope: company, scope_id: A, invoiced_count: 1, disputed_count: 1, invoiced_rc: 100, dispute_rate: 1, disputed_late_count: 1}
        - {month: 2024-03-01, scope: company, scope_id: B, invoiced_count: 2, disputed_count: 1, invoiced_rc: 700, dispute_rate: 0.4285714285, disputed_late_count: 1}
        - {month: 2024-03-01, scope: segment, scope_id: S, invoiced_count: 3, disputed_count: 2, invoiced_rc: 800, dispute_rate: 0.5, disputed_late_count: 2}
  - name: a month in which nothing was invoiced has no rate
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-30}]
      - input: source('huikuan', 'ar_items')
        rows: [{company: A, customer_id: C1, invoice_id: I1, invoice_date: 2024-03-01, due_date: 2024-03-31, amount_rc: 0, settled_on: 2024-03-01, disputed: true}]
    expect:
      rows:
        - {month: 2024-03-01, scope: group, invoiced_rc: 0, dispute_rate: null, reason: nothing_invoiced}
        - {month: 2024-03-01, scope: company, invoiced_rc: 0, dispute_rate: null, reason: nothing_invoiced}
        - {month: 2024-03-01, scope: segment, invoiced_rc: 0, dispute_rate: null, reason: nothing_invoiced}
chart: {type: line, title: Invoiced amount that was disputed, x: month, y: [dispute_rate], unit: fraction, where: scope = 'group'}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
items AS (
    SELECT
        toDate32(toStartOfMonth(i.invoice_date)) AS month,
        i.company AS company,
        ifNull(toString(i.segment), '') AS segment,
        i.disputed AS disputed,
        ifNull(i.amount_rc, 0) AS amount_rc,
        ifNull(i.settled_on, toDate32('2299-12-31')) AS settled,
        settled <= today OR i.due_date < today AS due,
        due AND settled > i.due_date AS late
    FROM {{ source('huikuan', 'ar_items') }} AS i
    WHERE i.invoice_date <= today
),
by_segment AS (
    SELECT
        i.month AS month,
        i.company AS company,
        i.segment AS segment,
        count() AS invoiced_count,
        countIf(i.disputed) AS disputed_count,
        sum(i.amount_rc) AS invoiced_rc,
        sumIf(i.amount_rc, i.disputed) AS disputed_rc,
        countIf(i.disputed AND i.late) AS disputed_late_count,
        countIf(i.disputed AND i.due) AS disputed_due_count,
        countIf(NOT i.disputed AND i.late) AS undisputed_late_count,
        countIf(NOT i.disputed AND i.due) AS undisputed_due_count
    FROM items AS i
    GROUP BY month, company, segment
),
by_scope AS (
    SELECT
        s.month AS month,
        member.1 AS scope,
        member.2 AS scope_id,
        sum(s.invoiced_count) AS invoiced_count,
        sum(s.disputed_count) AS disputed_count,
        sum(s.invoiced_rc) AS invoiced_rc,
        sum(s.disputed_rc) AS disputed_rc,
        sum(s.disputed_late_count) AS disputed_late_count,
        sum(s.disputed_due_count) AS disputed_due_count,
        sum(s.undisputed_late_count) AS undisputed_late_count,
        sum(s.undisputed_due_count) AS undisputed_due_count
    FROM by_segment AS s
    ARRAY JOIN [('group', ''), ('company', s.company), ('segment', s.segment)] AS member
    GROUP BY month, scope, scope_id
)
SELECT
    b.month AS month,
    b.scope AS scope,
    b.scope_id AS scope_id,
    b.invoiced_count AS invoiced_count,
    b.disputed_count AS disputed_count,
    CAST(b.disputed_count AS Decimal(38, 10)) / nullIf(b.invoiced_count, 0) AS dispute_count_rate,
    b.invoiced_rc AS invoiced_rc,
    b.disputed_rc AS disputed_rc,
    CAST(b.disputed_rc AS Decimal(38, 10)) / if(b.invoiced_rc > 0, b.invoiced_rc, NULL) AS dispute_rate,
    b.disputed_late_count AS disputed_late_count,
    b.disputed_due_count AS disputed_due_count,
    CAST(b.disputed_late_count AS Decimal(38, 10)) / nullIf(b.disputed_due_count, 0) AS disputed_late_share,
    b.undisputed_late_count AS undisputed_late_count,
    b.undisputed_due_count AS undisputed_due_count,
    CAST(b.undisputed_late_count AS Decimal(38, 10)) / nullIf(b.undisputed_due_count, 0) AS undisputed_late_share,
    if(b.invoiced_rc > 0, NULL, 'nothing_invoiced') AS reason
FROM by_scope AS b
