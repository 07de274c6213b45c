/* ---
description: "When customers pay: cash of the rolling months by weekday and by day of the month, so that the next contact comes before the next pay day."
grain: one scope (group, company, segment, customer), its member, pattern and day
materialisation: table
order_by: [scope, scope_id, pattern, day]
owner: sales management
tags: [collection, timing]
columns:
  - {name: scope, description: "group, company, segment or customer", tests: [not_null, {accepted_values: [group, company, segment, customer]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where no segment is known, unit: id, tests: [not_null]}
  - {name: pattern, description: "weekday or day_of_month", tests: [not_null, {accepted_values: [weekday, day_of_month]}]}
  - {name: day, description: "1 = Monday … 7 = Sunday, or 1 … 31", unit: day, tests: [not_null]}
  - {name: receipts, description: "payments received on such a day, without those taken back; one that pays invoices of several customers is one payment of the group, of each of their companies and segments, and of each of the customers, whose rows therefore may add up to more", unit: count, tests: [not_null]}
  - {name: cash_rc, description: cash received on such a day and applied to invoices; numerator, unit: reporting currency, tests: [not_null]}
  - {name: total_rc, description: cash of all days of the pattern; denominator, unit: reporting currency}
  - {name: cash_share, description: cash_rc / total_rc; NULL = nothing received, unit: fraction}
  - {name: total_receipts, description: "payments of all days of the pattern, each counted once", unit: count}
  - {name: receipt_share, description: receipts / total_receipts, unit: fraction}
  - {name: peak, description: "whether this is the day with the most cash (the earlier one of two)", tests: [not_null]}
  - {name: reason, description: "why cash_share is NULL: no_receipts"}
tests:
  - unique: [scope, scope_id, pattern, day]
  - name: the cash of the weekdays is that of the settlements
    sum_equals:
      this: sumIf(cash_rc, scope = 'customer' AND pattern = 'weekday')
      of: |
        SELECT sum(amount_rc)
        FROM {{ source('huikuan', 'ar_settlements') }}
        WHERE kind = 'cash'
            AND receipt_date <= (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
            AND receipt_date >= (SELECT toStartOfMonth(addMonths(max(as_of), 1 - {{ var('rolling_months') }})) FROM {{ source('huikuan', 'ar_as_of') }})
unit_tests:
  - name: a customer who pays on Fridays, on any day of the month
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-31}]
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, application_id: X1, kind: cash, receipt_date: 2024-03-01, payment_id: P1, amount_rc: 100}
          - {company: A, customer_id: C1, invoice_id: I2, application_id: X2, kind: cash, receipt_date: 2024-03-01, payment_id: P1, amount_rc: 100}
          - {company: A, customer_id: C1, invoice_id: I3, application_id: X3, kind: cash, receipt_date: 2024-03-08, payment_id: P2, amount_rc: 200}
          - {company: A, customer_id: C1, invoice_id: I4, application_id: X4, kind: credit, receipt_date: 2024-03-09, payment_id: K1, amount_rc: 50}
          - {company: A, customer_id: C1, invoice_id: I5, application_id: X5, kind: cash, receipt_date: 2022-03-09, payment_id: P0, amount_rc: 50}
    expect:
      rows:
        - {scope: group, scope_id: "", pattern: weekday, day: 5, receipts: 2, cash_rc: 400, cash_share: 1, peak: true}
        - {scope: group, scope_id: "", pattern: day_of_month, day: 1, receipts: 1, cash_rc: 200, cash_share: 0.5, peak: true}
        - {scope: group, scope_id: "", pattern: day_of_month, day: 8, receipts: 1, cash_rc: 200, cash_share: 0.5, peak: false}
        - {scope: company, scope_id: A, pattern: weekday, day: 5, receipts: 2, cash_rc: 400, cash_share: 1, peak: true}
        - {scope: company, scope_id: A, pattern: day_of_month, day: 1, receipts: 1, cash_rc: 200, cash_share: 0.5, peak: true}
        - {scope: company, scope_id: A, pattern: day_of_month, day: 8, receipts: 1, cash_rc: 200, cash_share: 0.5, peak: false}
        - {scope: segment, scope_id: "", pattern: weekday, day: 5, receipts: 2, cash_rc: 400, cash_share: 1, peak: true}
        - {scope: segment, scope_id: "", pattern: day_of_month, day: 1, receipts: 1, cash_rc: 200, cash_share: 0.5, peak: true}
        - {scope: segment, scope_id: "", pattern: day_of_month, day: 8, receipts: 1, cash_rc: 200, cash_share: 0.5, peak: false}
        - {scope: customer, scope_id: C1, pattern: weekday, day: 5, receipts: 2, cash_rc: 400, cash_share: 1, peak: true}
        - {scope: customer, scope_id: C1, pattern: day_of_month, day: 1, receipts: 1, cash_rc: 200, cash_share: 0.5, peak: true}
        - {scope: customer, scope_id: C1, pattern: day_of_month, day: 8, receipts: 1, cash_rc: 200, cash_share: 0.5, peak: false}
  - name: payments of two sources under one number are two, those of customers and companies are told apart, days before the window and after the last day are out
    overrides: {vars: {rolling_months: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-15}, {as_of: 2024-02-29}]
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp_a, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-15, payment_id: P1, amount_rc: 10}
          - {source: erp_b, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-15, payment_id: P1, amount_rc: 20}
          - {source: erp_a, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-15, payment_id: P1, amount_rc: 3}
          - {source: erp_a, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-02-01, payment_id: P2, amount_rc: 7}
          - {source: erp_a, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-01-31, payment_id: P3, amount_rc: 500}
          - {source: erp_a, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-16, payment_id: P4, amount_rc: 600}
          - {source: erp_a, company: A, customer_id: C1, segment: S, kind: credit, receipt_date: 2024-02-01, payment_id: K1, amount_rc: 700}
          - {source: erp_a, company: B, customer_id: C2, kind: cash, receipt_date: 2024-02-15, payment_id: P5}
    expect:
      rows:
        - {scope: group, scope_id: "", pattern: weekday, day: 5, receipts: 2, cash_rc: 33, total_rc: 40, cash_share: 0.825, total_receipts: 4, receipt_share: 0.5, peak: true, reason: null}
        - {scope: group, scope_id: "", pattern: weekday, day: 4, receipts: 2, cash_rc: 7, total_rc: 40, cash_share: 0.175, total_receipts: 4, receipt_share: 0.5, peak: false, reason: null}
        - {scope: group, scope_id: "", pattern: day_of_month, day: 15, receipts: 3, cash_rc: 33, total_rc: 40, cash_share: 0.825, total_receipts: 4, receipt_share: 0.75, peak: true, reason: null}
        - {scope: group, scope_id: "", pattern: day_of_month, day: 1, receipts: 1, cash_rc: 7, total_rc: 40, cash_share: 0.175, total_receipts: 4, receipt_share: 0.25, peak: false, reason: null}
        - {scope: company, scope_id: A, pattern: weekday, day: 5, receipts: 2, cash_rc: 33, total_rc: 40, cash_share: 0.825, total_receipts: 3, receipt_share: 0.6666666666, peak: true, reason: null}
        - {scope: company, scope_id: A, pattern: weekday, day: 4, receipts: 1, cash_rc: 7, total_rc: 40, cash_share: 0.175, total_receipts: 3, receipt_share: 0.3333333333, peak: false, reason: null}
        - {scope: company, scope_id: A, pattern: day_of_month, day: 15, receipts: 2, cash_rc: 33, total_rc: 40, cash_share: 0.825, total_receipts: 3, receipt_share: 0.6666666666, peak: true, reason: null}
        - {scope: company, scope_id: A, pattern: day_of_month, day: 1, receipts: 1, cash_rc: 7, total_rc: 40, cash_share: 0.175, total_receipts: 3, receipt_share: 0.3333333333, peak: false, reason: null}
        - {scope: segment, scope_id: S, pattern: weekday, day: 5, receipts: 2, cash_rc: 33, total_rc: 40, cash_share: 0.825, total_receipts: 3, receipt_share: 0.6666666666, peak: true, reason: null}
        - {scope: segment, scope_id: S, pattern: weekday, day: 4, receipts: 1, cash_rc: 7, total_rc: 40, cash_share: 0.175, total_receipts: 3, receipt_share: 0.3333333333, peak: false, reason: null}
        - {scope: segment, scope_id: S, pattern: day_of_month, day: 15, receipts: 2, cash_rc: 33, total_rc: 40, cash_share: 0.825, total_receipts: 3, receipt_share: 0.6666666666, peak: true, reason: null}
        - {scope: segment, scope_id: S, pattern: day_of_month, day: 1, receipts: 1, cash_rc: 7, total_rc: 40, cash_share: 0.175, total_receipts: 3, receipt_share: 0.3333333333, peak: false, reason: null}
        - {scope: customer, scope_id: C1, pattern: weekday, day: 5, receipts: 2, cash_rc: 33, total_rc: 40, cash_share: 0.825, total_receipts: 3, receipt_share: 0.6666666666, peak: true, reason: null}
        - {scope: customer, scope_id: C1, pattern: weekday, day: 4, receipts: 1, cash_rc: 7, total_rc: 40, cash_share: 0.175, total_receipts: 3, receipt_share: 0.3333333333, peak: false, reason: null}
        - {scope: customer, scope_id: C1, pattern: day_of_month, day: 15, receipts: 2, cash_rc: 33, total_rc: 40, cash_share: 0.825, total_receipts: 3, receipt_share: 0.6666666666, peak: true, reason: null}
        - {scope: customer, scope_id: C1, pattern: day_of_month, day: 1, receipts: 1, cash_rc: 7, total_rc: 40, cash_share: 0.175, total_receipts: 3, receipt_share: 0.3333333333, peak: false, reason: null}
        - {scope: company, scope_id: B, pattern: weekday, day: 4, receipts: 1, cash_rc: 0, total_rc: 0, cash_share: null, total_receipts: 1, receipt_share: 1, peak: true, reason: no_receipts}
        - {scope: company, scope_id: B, pattern: day_of_month, day: 15, receipts: 1, cash_rc: 0, total_rc: 0, cash_share: null, total_receipts: 1, receipt_share: 1, peak: true, reason: no_receipts}
        - {scope: segment, scope_id: "", pattern: weekday, day: 4, receipts: 1, cash_rc: 0, total_rc: 0, cash_share: null, total_receipts: 1, receipt_share: 1, peak: true, reason: no_receipts}
        - {scope: segment, scope_id: "", pattern: day_of_month, day: 15, receipts: 1, cash_rc: 0, total_rc: 0, cash_share: null, total_receipts: 1, receipt_share: 1, peak: true, reason: no_receipts}
        - {scope: customer, scope_id: C2, pattern: weekday, day: 4, receipts: 1, cash_rc: 0, total_rc: 0, cash_share: null, total_receipts: 1, receipt_share: 1, peak: true, reason: no_receipts}
        - {scope: customer, scope_id: C2, pattern: day_of_month, day: 15, receipts: 1, cash_rc: 0, total_rc: 0, cash_share: null, total_receipts: 1, receipt_share: 1, peak: true, reason: no_receipts}
  - name: a payment for several customers and companies is one payment, one that bounced is none
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-31}]
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-15, payment_id: P1, amount: 10, amount_rc: 10}
          - {source: erp, company: A, customer_id: C2, segment: S, kind: cash, receipt_date: 2024-03-15, payment_id: P1, amount: 20, amount_rc: 20}
          - {source: erp, company: B, customer_id: C2, segment: S, kind: cash, receipt_date: 2024-03-15, payment_id: P1, amount: 40, amount_rc: 40}
          - {source: crm, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-15, payment_id: P1, amount: 5, amount_rc: 5}
          - {source: erp, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-08, payment_id: P2, amount: 300, amount_rc: 300}
          - {source: erp, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-08, payment_id: P2, amount: -300, amount_rc: -300}
          - {source: erp, company: A, customer_id: C2, segment: S, kind: cash, receipt_date: 2024-03-08, payment_id: P3, amount: 7, amount_rc: 7}
          - {source: erp, company: A, customer_id: C2, segment: S, kind: cash, receipt_date: 2024-03-08, payment_id: P3, amount: -3, amount_rc: -3}
          - {source: erp, company: B, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-08, payment_id: P3, amount: 2, amount_rc: 2}
          - {source: erp, company: B, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-08, payment_id: P3, amount: -2, amount_rc: -2}
          - {source: erp, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-06, payment_id: P4, amount: 9, amount_rc: 9}
          - {source: erp, company: A, customer_id: C1, segment: S, kind: cash, receipt_date: 2024-03-06, payment_id: P4, amount: -9, amount_rc: -9}
    expect:
      rows:
        - {scope: group, scope_id: "", pattern: weekday, day: 5, receipts: 3, cash_rc: 79, total_receipts: 3, receipt_share: 1}
        - {scope: group, scope_id: "", pattern: day_of_month, day: 15, receipts: 2, cash_rc: 75, total_receipts: 3, receipt_share: 0.6666666666}
        - {scope: group, scope_id: "", pattern: day_of_month, day: 8, receipts: 1, cash_rc: 4, total_receipts: 3, receipt_share: 0.3333333333}
        - {scope: segment, scope_id: S, pattern: weekday, day: 5, receipts: 3, cash_rc: 79, total_receipts: 3, receipt_share: 1}
        - {scope: segment, scope_id: S, pattern: day_of_month, day: 15, receipts: 2, cash_rc: 75, total_receipts: 3, receipt_share: 0.6666666666}
        - {scope: segment, scope_id: S, pattern: day_of_month, day: 8, receipts: 1, cash_rc: 4, total_receipts: 3, receipt_share: 0.3333333333}
        - {scope: company, scope_id: A, pattern: weekday, day: 5, receipts: 3, cash_rc: 39, total_receipts: 3, receipt_share: 1}
        - {scope: company, scope_id: A, pattern: day_of_month, day: 15, receipts: 2, cash_rc: 35, total_receipts: 3, receipt_share: 0.6666666666}
        - {scope: company, scope_id: A, pattern: day_of_month, day: 8, receipts: 1, cash_rc: 4, total_receipts: 3, receipt_share: 0.3333333333}
        - {scope: company, scope_id: B, pattern: weekday, day: 5, receipts: 1, cash_rc: 40, total_receipts: 1, receipt_share: 1}
        - {scope: company, scope_id: B, pattern: day_of_month, day: 15, receipts: 1, cash_rc: 40, total_receipts: 1, receipt_share: 1}
        - {scope: customer, scope_id: C1, pattern: weekday, day: 5, receipts: 2, cash_rc: 15, total_receipts: 2, receipt_share: 1}
        - {scope: customer, scope_id: C1, pattern: day_of_month, day: 15, receipts: 2, cash_rc: 15, total_receipts: 2, receipt_share: 1}
        - {scope: customer, scope_id: C2, pattern: weekday, day: 5, receipts: 2, cash_rc: 64, total_receipts: 2, receipt_share: 1}
        - {scope: customer, scope_id: C2, pattern: day_of_month, day: 15, receipts: 1, cash_rc: 60, total_receipts: 2, receipt_share: 0.5}
        - {scope: customer, scope_id: C2, pattern: day_of_month, day: 8, receipts: 1, cash_rc: 4, total_receipts: 2, receipt_share: 0.5}
chart: {type: bar, title: Cash by weekday, x: day, y: [cash_share], unit: fraction, where: "scope = 'group' AND pattern = 'weekday'"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
applied AS (
    SELECT
        t.source AS source,
        t.payment_id AS payment_id,
        cityHash64(t.source, t.payment_id) AS payment,
        t.company AS company,
        t.customer_id AS customer_id,
        ifNull(toString(t.segment), '') AS segment,
        t.receipt_date AS receipt_date,
        t.amount AS amount,
        ifNull(t.amount_rc, 0) AS amount_rc
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    WHERE t.kind = 'cash'
        AND t.receipt_date <= today
        AND t.receipt_date >= toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))
),
-- Nearly all payments are of one customer: theirs are counted by customer and
-- company; those of several and those taken back are put right afterwards.
counted AS (
    SELECT
        a.company AS company,
        a.customer_id AS customer_id,
        any(a.segment) AS segment,
        a.receipt_date AS receipt_date,
        toInt64(uniqExact((a.source, a.payment_id))) AS receipts,
        sum(a.amount_rc) AS cash_rc
    FROM applied AS a
    GROUP BY company, customer_id, receipt_date
),
special AS (
    SELECT a.payment AS payment
    FROM applied AS a
    GROUP BY payment
    HAVING min(cityHash64(a.company, a.customer_id)) != max(cityHash64(a.company, a.customer_id)) OR min(a.amount) < 0
),
by_day AS (
    SELECT
        member.1 AS scope,
        member.2 AS scope_id,
        shape.1 AS pattern,
        shape.2 AS day,
        sum(p.receipts) AS receipts,
        sum(p.cash_rc) AS cash_rc
    FROM (
        SELECT
            c.receipt_date AS receipt_date,
            member,
            c.receipts AS receipts,
            c.cash_rc AS cash_rc
        FROM counted AS c
        ARRAY JOIN [('group', ''), ('company', c.company), ('segment', c.segment), ('customer', c.customer_id)] AS member
        UNION ALL
        SELECT
            a.receipt_date AS receipt_date,
            member,
            if(sum(a.amount) > 0, 1, 0) - toInt64(uniqExact((a.company, a.customer_id))) AS receipts,
            toDecimal128(0, 4) AS cash_rc
        FROM applied AS a
        ARRAY JOIN [('group', ''), ('company', a.company), ('segment', a.segment), ('customer', a.customer_id)] AS member
        WHERE a.payment IN (SELECT payment FROM special)
        GROUP BY a.source, a.payment_id, receipt_date, member
    ) AS p
    ARRAY JOIN [('weekday', toInt32(toDayOfWeek(p.receipt_date))), ('day_of_month', toInt32(toDayOfMonth(p.receipt_date)))] AS shape
    GROUP BY scope, scope_id, pattern, day
    HAVING receipts != 0 OR cash_rc != 0
),
totals AS (
    SELECT
        *,
        sum(d.cash_rc) OVER (PARTITION BY d.scope, d.scope_id, d.pattern) AS total_rc,
        sum(d.receipts) OVER (PARTITION BY d.scope, d.scope_id, d.pattern) AS total_receipts,
        row_number() OVER (PARTITION BY d.scope, d.scope_id, d.pattern ORDER BY d.cash_rc DESC, d.day) AS place
    FROM by_day AS d
)
SELECT
    t.scope AS scope,
    t.scope_id AS scope_id,
    t.pattern AS pattern,
    t.day AS day,
    toUInt64(t.receipts) AS receipts,
    t.cash_rc AS cash_rc,
    t.total_rc AS total_rc,
    CAST(t.cash_rc AS Decimal(38, 10)) / if(t.total_rc > 0, t.total_rc, NULL) AS cash_share,
    toUInt64(t.total_receipts) AS total_receipts,
    CAST(t.receipts AS Decimal(38, 10)) / nullIf(t.total_receipts, 0) AS receipt_share,
    CAST(t.place = 1 AS Bool) AS peak,
    if(t.total_rc > 0, NULL, 'no_receipts') AS reason
FROM totals AS t
