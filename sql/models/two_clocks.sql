/* ---
description: "Net receivables of every month-end as known today beside as known when the month was closed; the difference is in late_postings, document by document. `huikuan aging --known-at` gives the aging by either clock for any day."
grain: one month-end, company, customer and document currency
materialisation: table
order_by: [company, customer_id, currency, month_end]
owner: accounting
tags: [control, two_clocks]
columns:
  - {name: month_end, description: end of this day, unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: currency, description: document currency, unit: ISO 4217, tests: [not_null]}
  - {name: net_ar, description: "net receivables with all that is known today", unit: currency, tests: [not_null]}
  - {name: net_ar_as_known, description: "net receivables with what was known by month_end and the days of closing (`ar_events.known_at`)", unit: currency, tests: [not_null]}
  - {name: late, description: "net_ar - net_ar_as_known", unit: currency, tests: [not_null]}
  - {name: net_ar_rc, description: net_ar; NULL = no exchange rate, unit: reporting currency}
  - {name: late_rc, description: late; NULL = no exchange rate, unit: reporting currency}
chart: {type: line, title: Receivables of a month-end that were recorded after its closing, x: month_end, y: [late_rc], series: company, unit: reporting currency}
tests:
  - unique: [month_end, company, customer_id, currency]
  - name: what is known today is the snapshot
    sum_equals:
      this: sum(net_ar)
      by: [month_end, company, currency]
      of: |
        SELECT as_of, company, toString(currency), sum(net_ar)
        FROM {{ source('huikuan', 'ar_snapshots') }}
        WHERE as_of = toDate32(toLastDayOfMonth(as_of))
        GROUP BY as_of, company, currency
unit_tests:
  - name: a late invoice is missing in the months it was not known, and there afterwards
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-01-31, company: HQ, customer_id: C, owner_id: R1, currency: CNY, net_ar: 60, net_ar_rc: 60}
          - {as_of: 2024-01-31, company: HQ, customer_id: C, owner_id: R2, currency: CNY, net_ar: 50, net_ar_rc: 50}
          - {as_of: 2024-02-15, company: HQ, customer_id: C, owner_id: R1, currency: CNY, net_ar: 999}
          - {as_of: 2024-02-29, company: HQ, customer_id: C, owner_id: R1, currency: CNY, net_ar: 70, net_ar_rc: 70}
          - {as_of: 2024-03-31, company: HQ, customer_id: C, owner_id: R1, currency: CNY, net_ar: 70, net_ar_rc: 70}
      - input: ref('late_postings')
        rows:
          - {month: 2024-01-01, recorded_on: 2024-03-05, company: HQ, customer_id: C, currency: CNY, amount: 6, amount_rc: 6}
          - {month: 2024-01-01, recorded_on: 2024-03-05, company: HQ, customer_id: C, currency: CNY, amount: 4, amount_rc: 4}
          - {month: 2024-01-01, recorded_on: 2024-02-10, company: HQ, customer_id: Z, currency: CNY, amount: -5, amount_rc: -5}
    expect:
      rows:
        - {month_end: 2024-01-31, customer_id: C, net_ar: 110, net_ar_rc: 110, net_ar_as_known: 100, late: 10, late_rc: 10}
        - {month_end: 2024-02-29, customer_id: C, net_ar: 70, net_ar_as_known: 60, late: 10, late_rc: 10}
        - {month_end: 2024-03-31, customer_id: C, net_ar: 70, net_ar_as_known: 70, late: 0, late_rc: 0}
        - {month_end: 2024-01-31, customer_id: Z, net_ar: 0, net_ar_as_known: 5, late: -5, late_rc: -5}
  - name: days of closing count, balances and late postings of a currency without a rate are unknown
    overrides: {vars: {closing_days: 3}}
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-01-31, company: HQ, customer_id: C, currency: USD, net_ar: 60, net_ar_rc: 420}
          - {as_of: 2024-01-31, company: HQ, customer_id: C, owner_id: R2, currency: USD, net_ar: 5, net_ar_rc: 30}
          - {as_of: 2024-01-31, company: HQ, customer_id: C, owner_id: R3, currency: EUR, net_ar: 8, net_ar_rc: null}
          - {as_of: 2024-01-31, company: HQ, customer_id: C, owner_id: R2, currency: EUR, net_ar: 8, net_ar_rc: 9}
          - {as_of: 2024-01-31, company: EU, customer_id: C, owner_id: R2, currency: EUR, net_ar: 1, net_ar_rc: 9}
      - input: ref('late_postings')
        rows:
          - {month: 2024-01-01, recorded_on: 2024-03-04, company: HQ, customer_id: C, currency: USD, amount: 6, amount_rc: 42}
          - {month: 2024-01-01, recorded_on: 2024-03-03, company: HQ, customer_id: C, currency: USD, amount: 4, amount_rc: 25}
          - {month: 2024-01-01, recorded_on: 2024-02-04, company: HQ, customer_id: C, currency: EUR, amount: 2, amount_rc: null}
          - {month: 2024-01-01, recorded_on: 2024-02-04, company: HQ, customer_id: C, currency: EUR, amount: 2, amount_rc: 5}
          - {month: 2024-01-01, recorded_on: 2024-02-03, company: EU, customer_id: C, currency: EUR, amount: 500, amount_rc: 5}
    expect:
      rows:
        - {month_end: 2024-01-31, company: HQ, customer_id: C, currency: EUR, net_ar: 16, net_ar_as_known: 12, late: 4, net_ar_rc: null, late_rc: null}
        - {month_end: 2024-02-29, company: HQ, customer_id: C, currency: USD, net_ar: 0, net_ar_as_known: -6, late: 6, net_ar_rc: 0, late_rc: 42}
        - {month_end: 2024-01-31, company: EU, customer_id: C, currency: EUR, net_ar: 1, net_ar_as_known: 1, late: 0, net_ar_rc: 9, late_rc: 0}
        - {month_end: 2024-01-31, company: HQ, customer_id: C, currency: USD, net_ar: 65, net_ar_as_known: 55, late: 10, net_ar_rc: 450, late_rc: 67}
--- */
WITH
late AS (
    SELECT
        toDate32(toLastDayOfMonth(addMonths(l.month, n))) AS month_end,
        l.company AS company,
        l.customer_id AS customer_id,
        l.currency AS currency,
        sum(l.amount) AS late,
        if(countIf(l.amount_rc IS NULL) = 0, sum(l.amount_rc), NULL) AS late_rc
    FROM {{ ref('late_postings') }} AS l
    ARRAY JOIN range(toUInt32(dateDiff('month', l.month, l.recorded_on) + 1)) AS n
    WHERE month_end + {{ var('closing_days') }} < l.recorded_on
    GROUP BY month_end, company, customer_id, currency
),
effective AS (
    SELECT
        as_of AS month_end,
        company,
        customer_id,
        toString(currency) AS currency,
        sum(s.net_ar) AS net_ar,
        if(countIf(s.net_ar_rc IS NULL) = 0, sum(s.net_ar_rc), NULL) AS net_ar_rc
    FROM {{ source('huikuan', 'ar_snapshots') }} AS s
    WHERE as_of = toDate32(toLastDayOfMonth(as_of))
    GROUP BY month_end, company, customer_id, currency
),
both AS (
    SELECT month_end, company, customer_id, currency, net_ar, net_ar_rc, toDecimal64(0, 4) AS late, toNullable(toDecimal64(0, 4)) AS late_rc FROM effective
    UNION ALL
    SELECT month_end, company, customer_id, currency, toDecimal64(0, 4), toNullable(toDecimal64(0, 4)), late, late_rc FROM late
)
SELECT
    b.month_end AS month_end,
    b.company AS company,
    b.customer_id AS customer_id,
    b.currency AS currency,
    sum(b.net_ar) AS net_ar,
    net_ar - late AS net_ar_as_known,
    sum(b.late) AS late,
    if(countIf(b.net_ar_rc IS NULL) = 0, sum(b.net_ar_rc), NULL) AS net_ar_rc,
    if(countIf(b.late_rc IS NULL) = 0, sum(b.late_rc), NULL) AS late_rc
FROM both AS b
GROUP BY b.month_end, b.company, b.customer_id, b.currency
