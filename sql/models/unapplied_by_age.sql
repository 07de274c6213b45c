/* ---
description: "Cash that no invoice has used yet, by the days since it was received (A7). What was paid back takes the oldest cash of its company, customer and currency."
grain: one company, document currency and band of days since the receipt
materialisation: table
order_by: [company, currency, age_no]
owner: finance
tags: [cash]
columns:
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: currency, description: document currency, unit: ISO 4217, tests: [not_null]}
  - {name: age_no, description: "number of the band, 1 = youngest", unit: count, tests: [not_null]}
  - {name: age, description: "days since the receipt, such as 31-60; the youngest band holds also what was paid back beyond what had come in", tests: [not_null]}
  - {name: customers, description: customers with such cash, unit: count}
  - {name: unapplied, description: "cash received and not applied, negative", unit: currency}
  - {name: unapplied_rc, description: "cash received and not applied, negative; what has no exchange rate is left out", unit: reporting currency}
  - {name: without_rate, description: customers of whose cash a part is left out for want of an exchange rate, unit: count, tests: [not_null]}
chart: {type: stacked, title: "Unapplied cash by age, as it lowers receivables", x: age, y: [unapplied_rc], unit: reporting currency}
tests:
  - unique: [company, currency, age_no]
  - name: the bands add up to the unapplied cash of the last day
    sum_equals:
      this: sum(unapplied)
      by: [company, currency]
      of: SELECT company, currency, sum(unapplied) FROM {{ source('huikuan', 'ar_snapshots') }} WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) GROUP BY company, currency HAVING countIf(unapplied != 0) > 0
unit_tests:
  - name: cash by the days since it came, less what was applied
    overrides: {vars: {unapplied_age_days: [30, 90]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-06-30, company: A, customer_id: C1, currency: USD, unapplied: -900}
          - {as_of: 2024-06-30, company: A, customer_id: C2, currency: USD, unapplied: -5}
          - {as_of: 2024-06-30, company: A, customer_id: DONE, currency: USD, unapplied: 0}
          - {as_of: 2024-05-31, company: A, customer_id: OLD, currency: USD, unapplied: -1}
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: A, customer_id: C1, item_id: P1, item_type: payment, currency: USD, item_date: 2024-05-31, event_date: 2024-05-31, amount: -500, amount_rc: -3500}
          - {company: A, customer_id: C1, item_id: P1, item_type: payment, currency: USD, item_date: 2024-05-31, event_date: 2024-06-10, amount: 200, amount_rc: 1400}
          - {company: A, customer_id: C1, item_id: P2, item_type: payment, currency: USD, item_date: 2024-05-30, event_date: 2024-05-30, amount: -600, amount_rc: -4200}
          - {company: A, customer_id: C1, item_id: P3, item_type: payment, currency: USD, item_date: 2024-07-01, event_date: 2024-07-01, amount: -7, amount_rc: -49}
          - {company: A, customer_id: C1, item_id: P4, item_type: payment, currency: USD, item_date: 2024-06-01, event_date: 2024-06-01, amount: -50, amount_rc: -350}
          - {company: A, customer_id: C1, item_id: P4, item_type: payment, currency: USD, item_date: 2024-06-01, event_date: 2024-06-02, amount: 50, amount_rc: 350}
          - {company: A, customer_id: C1, item_id: I1, item_type: invoice, currency: USD, item_date: 2024-06-01, event_date: 2024-06-01, amount: 999, amount_rc: 999}
          - {company: A, customer_id: C2, item_id: P5, item_type: payment, currency: USD, item_date: 2024-03-31, event_date: 2024-03-31, amount: -5, amount_rc: null}
          - {company: A, customer_id: OLD, item_id: P6, item_type: payment, currency: USD, item_date: 2024-05-01, event_date: 2024-05-01, amount: -1, amount_rc: -7}
          - {company: A, customer_id: OLD, item_id: P6, item_type: payment, currency: USD, item_date: 2024-05-01, event_date: 2024-06-01, amount: 1, amount_rc: 7}
    expect:
      rows:
        - {company: A, currency: USD, age_no: 1, age: 0-30, customers: 1, unapplied: -300, unapplied_rc: -2100, without_rate: 0}
        - {company: A, currency: USD, age_no: 2, age: 31-90, customers: 1, unapplied: -600, unapplied_rc: -4200, without_rate: 0}
        - {company: A, currency: USD, age_no: 3, age: 91+, customers: 1, unapplied: -5, unapplied_rc: 0, without_rate: 1}
  - name: what was paid back takes the oldest cash of the customer in its company and currency
    overrides: {vars: {unapplied_age_days: [30, 90]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-06-30, company: A, customer_id: C1, currency: USD, unapplied: -120}
          - {as_of: 2024-06-30, company: A, customer_id: C1, currency: EUR, unapplied: -10}
          - {as_of: 2024-06-30, company: B, customer_id: C1, currency: USD, unapplied: 30}
          - {as_of: 2024-06-30, company: B, customer_id: C2, currency: USD, unapplied: -100}
      - input: source('huikuan', 'ar_events')
        rows:
          - {company: A, customer_id: C1, item_id: P1, item_type: payment, currency: USD, item_date: 2024-01-01, event_date: 2024-01-01, amount: -100, amount_rc: -100}
          - {company: A, customer_id: C1, item_id: P2, item_type: payment, currency: USD, item_date: 2024-05-01, event_date: 2024-05-01, amount: -80, amount_rc: -160}
          - {company: A, customer_id: C1, item_id: P3, item_type: payment, currency: USD, item_date: 2024-06-20, event_date: 2024-06-20, amount: -70, amount_rc: -210}
          - {company: A, customer_id: C1, item_id: R1, item_type: payment, currency: USD, item_date: 2024-06-25, event_date: 2024-06-25, amount: 130, amount_rc: 160}
          - {company: A, customer_id: C1, item_id: P4, item_type: payment, currency: EUR, item_date: 2024-01-01, event_date: 2024-01-01, amount: -10, amount_rc: -80}
          - {company: B, customer_id: C1, item_id: P5, item_type: payment, currency: USD, item_date: 2024-01-01, event_date: 2024-01-01, amount: -20, amount_rc: -20}
          - {company: B, customer_id: C1, item_id: R2, item_type: payment, currency: USD, item_date: 2024-01-02, event_date: 2024-01-02, amount: 50, amount_rc: 50}
          - {company: B, customer_id: C2, item_id: P6, item_type: payment, currency: USD, item_date: 2024-05-31, event_date: 2024-05-31, amount: -100, amount_rc: -100}
    expect:
      rows:
        - {company: A, currency: EUR, age_no: 3, age: 91+, customers: 1, unapplied: -10, unapplied_rc: -80}
        - {company: A, currency: USD, age_no: 1, age: 0-30, customers: 1, unapplied: -70, unapplied_rc: -210}
        - {company: A, currency: USD, age_no: 2, age: 31-90, customers: 1, unapplied: -50, unapplied_rc: -100}
        - {company: B, currency: USD, age_no: 1, age: 0-30, customers: 2, unapplied: -70, unapplied_rc: -70}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
arraySort({{ var('unapplied_age_days') }}) AS edges,
arrayConcat([-2000000], arrayMap(e -> toInt32(e + 1), edges)) AS youngest,
payments AS (
    SELECT
        e.company AS company,
        e.customer_id AS customer_id,
        e.currency AS currency,
        sum(e.amount) AS open,
        sum(ifNull(e.amount_rc, 0)) AS open_rc,
        countIf(isNull(e.amount_rc)) > 0 AS unrated,
        dateDiff('day', any(e.item_date), today) AS days
    FROM {{ source('huikuan', 'ar_events') }} AS e
    WHERE e.item_type = 'payment'
        AND e.event_date <= today
        AND e.customer_id IN (SELECT s.customer_id FROM {{ source('huikuan', 'ar_snapshots') }} AS s WHERE s.as_of = today AND s.unapplied != 0)
    GROUP BY company, customer_id, currency, e.source, e.item_id
    HAVING open != 0
),
-- of each band and the older ones together: what came in and, with the oldest paid back first, what is left
left AS (
    SELECT
        p.company AS company,
        p.currency AS currency,
        p.customer_id AS customer_id,
        max(p.unrated) AS unrated,
        sumForEach(arrayMap(y -> p.open * (p.open > 0 OR p.days >= y), youngest)) AS older,
        sumForEach(arrayMap(y -> p.open_rc * (p.open > 0 OR p.days >= y), youngest)) AS older_rc,
        arrayMap((x, n) -> x * (n = 1 OR x < 0), older, arrayEnumerate(older)) AS rest,
        arrayMap((x, n) -> x * (n = 1 OR x < 0), older_rc, arrayEnumerate(older_rc)) AS rest_rc
    FROM payments AS p
    GROUP BY company, currency, customer_id
),
bands AS (
    SELECT
        l.company AS company,
        l.currency AS currency,
        l.unrated AS unrated,
        band,
        l.rest[band] - if(band < length(youngest), l.rest[band + 1], 0) AS amount,
        l.rest_rc[band] - if(band < length(youngest), l.rest_rc[band + 1], 0) AS amount_rc
    FROM left AS l
    ARRAY JOIN arrayEnumerate(youngest) AS band
)
SELECT
    b.company AS company,
    toString(b.currency) AS currency,
    toInt64(b.band) AS age_no,
    if(b.band > length(edges), concat(toString(toInt64(edges[-1]) + 1), '+'),
        concat(toString(if(b.band = 1, 0, toInt64(edges[b.band - 1]) + 1)), '-', toString(toInt64(edges[b.band])))) AS age,
    countIf(b.amount != 0) AS customers,
    sum(b.amount) AS unapplied,
    sum(b.amount_rc) AS unapplied_rc,
    countIf(b.unrated) AS without_rate
FROM bands AS b
WHERE b.amount != 0 OR b.amount_rc != 0
GROUP BY b.company, b.currency, b.band
