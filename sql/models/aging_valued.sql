/* ---
description: "Balances and aging of ar_snapshots in reporting currency under three valuations: historic (rate of the invoice date, the subledger), asof (closing rate of the day, the balance sheet) and constant (one fixed rate, for trends) (A1-A5)."
grain: one day of ar_snapshots, company, customer, owner, document currency and valuation
materialisation: view
owner: finance
tags: [aging, fx, cfo]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: owner_id, description: account owner on as_of or unassigned, unit: id}
  - {name: segment, description: segment of the customer on as_of}
  - {name: region, description: region of the customer on as_of}
  - {name: currency, description: document currency, unit: ISO 4217, tests: [not_null]}
  - {name: valuation, description: "historic, asof or constant: filter by one of them, never add them up", tests: [not_null, {accepted_values: [historic, asof, constant]}]}
  - {name: rate, description: reporting currency for one unit of currency; NULL for historic (each item has its own) and where it is unknown, unit: rate}
  - {name: open_amount_rc, description: open invoices and debit notes; NULL = no rate, unit: reporting currency}
  - {name: not_due_rc, description: due on as_of or later, unit: reporting currency}
  - {name: d1_30_rc, description: 1 to 30 days past due, unit: reporting currency}
  - {name: d31_60_rc, description: 31 to 60 days past due, unit: reporting currency}
  - {name: d61_90_rc, description: 61 to 90 days past due, unit: reporting currency}
  - {name: d91_120_rc, description: 91 to 120 days past due, unit: reporting currency}
  - {name: d121_180_rc, description: 121 to 180 days past due, unit: reporting currency}
  - {name: d181_365_rc, description: 181 to 365 days past due, unit: reporting currency}
  - {name: d366_plus_rc, description: 366 days or more past due, unit: reporting currency}
  - {name: overdue_rc, description: 1 day or more past due, unit: reporting currency}
  - {name: unapplied_rc, description: "cash received and not applied, negative", unit: reporting currency}
  - {name: open_credits_rc, description: "credit notes not applied and overpaid invoices, negative", unit: reporting currency}
  - {name: net_ar_rc, description: open_amount_rc + unapplied_rc + open_credits_rc, unit: reporting currency}
  - {name: disputed_rc, description: disputed part of open_amount_rc, unit: reporting currency}
  - {name: disputed_overdue_rc, description: disputed part of overdue_rc, unit: reporting currency}
  - {name: reason, description: "why the amounts are NULL: missing_rate"}
tests:
  - name: the historic valuation is the subledger
    sql: |
      WITH (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today
      SELECT
          (SELECT sum(net_ar_rc) FROM {{ this }} WHERE as_of = today AND valuation = 'historic') AS valued,
          (SELECT sum(net_ar_rc) FROM {{ source('huikuan', 'ar_snapshots') }} WHERE as_of = today) AS booked
      WHERE valued != booked
  - name: the buckets add up to the open amount
    sql: |
      SELECT as_of, customer_id, currency, valuation, open_amount_rc, overdue_rc
      FROM {{ this }}
      WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
        AND (not_due_rc + d1_30_rc + d31_60_rc + d61_90_rc + d91_120_rc + d121_180_rc + d181_365_rc + d366_plus_rc != open_amount_rc
            OR not_due_rc + overdue_rc != open_amount_rc)
  - name: every balance has a closing rate
    severity: warn
    sql: |
      SELECT DISTINCT currency, valuation, reason
      FROM {{ this }}
      WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AND valuation != 'constant' AND isNotNull(reason)
unit_tests:
  - name: ex:fx_revaluation_erpnext
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, currency: USD, open_amount: 100, not_due: 60, d1_30: 40, overdue: 40, net_ar: 100,
             open_amount_rc: 8000, not_due_rc: 4800, d1_30_rc: 3200, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0,
             overdue_rc: 3200, unapplied_rc: 0, open_credits_rc: 0, net_ar_rc: 8000, disputed_rc: 0, disputed_overdue_rc: 0}
      - input: source('huikuan', 'fx_as_of')
        rows:
          - {as_of: 2026-10-31, currency: USD, rate_closing: 85, rate_constant: 82.5}
          - {as_of: 2026-09-30, currency: USD, rate_closing: 1, rate_constant: 82.5}
    expect:
      rows:
        - {valuation: historic, rate: null, open_amount_rc: 8000, overdue_rc: 3200, net_ar_rc: 8000, reason: null}
        - {valuation: asof, rate: 85, open_amount_rc: 8500, overdue_rc: 3400, net_ar_rc: 8500, reason: null}
        - {valuation: constant, rate: 82.5, open_amount_rc: 8250, overdue_rc: 3300, net_ar_rc: 8250, reason: null}
  - name: each bucket is valued, credits and unapplied cash come off
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, currency: USD, not_due: 1000, d1_30: 1, d31_60: 2, d61_90: 4, d91_120: 8, d121_180: 16, d181_365: 32, d366_plus: 64,
             unapplied: -100, open_credits: -200, disputed: 50, disputed_overdue: 30}
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2026-10-31, currency: USD, rate_closing: 2, rate_constant: 0.5}]
    expect:
      rows:
        - {valuation: historic}
        - {valuation: asof, open_amount_rc: 2254, not_due_rc: 2000, overdue_rc: 254, unapplied_rc: -200, open_credits_rc: -400, net_ar_rc: 1654, disputed_rc: 100, disputed_overdue_rc: 60}
        - {valuation: constant, open_amount_rc: 563.5, not_due_rc: 500, d1_30_rc: 0.5, d31_60_rc: 1, d61_90_rc: 2, d91_120_rc: 4, d121_180_rc: 8, d181_365_rc: 16, d366_plus_rc: 32, overdue_rc: 63.5, net_ar_rc: 413.5}
  - name: without a rate the amount is unknown, not zero
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows: [{as_of: 2026-10-31, company: A, customer_id: C1, currency: XXX, open_amount: 100, not_due: 100, net_ar: 100}]
    expect:
      rows:
        - {valuation: historic, open_amount_rc: null, net_ar_rc: null, reason: missing_rate}
        - {valuation: asof, open_amount_rc: null, net_ar_rc: null, reason: missing_rate}
        - {valuation: constant, open_amount_rc: null, net_ar_rc: null, reason: missing_rate}
  - name: each bucket is rounded once, half away from zero, at the rate of its own currency; totals are sums of what is rounded
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows: [{as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, region: North, currency: USD, not_due: 1.0001, d1_30: 2.0001, d31_60: 3.0001, d61_90: 4.0001, d91_120: 5.0001, d121_180: 6.0001, d181_365: 7.0001, d366_plus: 8.0001, unapplied: -9.0001, open_credits: -10.0001, disputed: 11.0001, disputed_overdue: 12.0001}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2026-10-31, currency: USD, rate_closing: 1.23456, rate_constant: 0.98765}, {as_of: 2026-10-31, currency: EUR, rate_closing: 7, rate_constant: 8}]
    expect:
      rows:
        - {as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, region: North, currency: USD, valuation: historic}
        - {as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, region: North, currency: USD, valuation: asof, not_due_rc: 1.2347, d1_30_rc: 2.4692, d31_60_rc: 3.7038, d61_90_rc: 4.9384, d91_120_rc: 6.1729, d121_180_rc: 7.4075, d181_365_rc: 8.6420, d366_plus_rc: 9.8766, unapplied_rc: -11.1112, open_credits_rc: -12.3457, disputed_rc: 13.5803, disputed_overdue_rc: 14.8148, overdue_rc: 43.2104, open_amount_rc: 44.4451, net_ar_rc: 20.9882}
        - {as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, region: North, currency: USD, valuation: constant, not_due_rc: 0.9877, d1_30_rc: 1.9754, d31_60_rc: 2.9630, d61_90_rc: 3.9507, d91_120_rc: 4.9383, d121_180_rc: 5.9260, d181_365_rc: 6.9136, d366_plus_rc: 7.9013, unapplied_rc: -8.8889, open_credits_rc: -9.8766, disputed_rc: 10.8642, disputed_overdue_rc: 11.8519, overdue_rc: 34.5683, open_amount_rc: 35.5560, net_ar_rc: 16.7905}
--- */
WITH
-- Each bucket is rounded once, half away from zero; totals are sums of rounded buckets, so they add up exactly.
revalued AS (
    SELECT
        s.as_of AS as_of,
        s.company AS company,
        s.customer_id AS customer_id,
        s.owner_id AS owner_id,
        s.segment AS segment,
        s.region AS region,
        s.currency AS currency,
        v.1 AS valuation,
        v.2 AS rate,
        CAST(round(s.not_due * rate, 4) AS Nullable(Decimal(18, 4))) AS not_due_rc,
        CAST(round(s.d1_30 * rate, 4) AS Nullable(Decimal(18, 4))) AS d1_30_rc,
        CAST(round(s.d31_60 * rate, 4) AS Nullable(Decimal(18, 4))) AS d31_60_rc,
        CAST(round(s.d61_90 * rate, 4) AS Nullable(Decimal(18, 4))) AS d61_90_rc,
        CAST(round(s.d91_120 * rate, 4) AS Nullable(Decimal(18, 4))) AS d91_120_rc,
        CAST(round(s.d121_180 * rate, 4) AS Nullable(Decimal(18, 4))) AS d121_180_rc,
        CAST(round(s.d181_365 * rate, 4) AS Nullable(Decimal(18, 4))) AS d181_365_rc,
        CAST(round(s.d366_plus * rate, 4) AS Nullable(Decimal(18, 4))) AS d366_plus_rc,
        CAST(round(s.unapplied * rate, 4) AS Nullable(Decimal(18, 4))) AS unapplied_rc,
        CAST(round(s.open_credits * rate, 4) AS Nullable(Decimal(18, 4))) AS open_credits_rc,
        CAST(round(s.disputed * rate, 4) AS Nullable(Decimal(18, 4))) AS disputed_rc,
        CAST(round(s.disputed_overdue * rate, 4) AS Nullable(Decimal(18, 4))) AS disputed_overdue_rc
    FROM {{ source('huikuan', 'ar_snapshots') }} AS s
    LEFT JOIN {{ source('huikuan', 'fx_as_of') }} AS f ON f.as_of = s.as_of AND f.currency = s.currency
    ARRAY JOIN [('asof', f.rate_closing), ('constant', f.rate_constant)] AS v
)
SELECT
    as_of,
    company,
    customer_id,
    owner_id,
    segment,
    region,
    currency,
    'historic' AS valuation,
    CAST(NULL AS Nullable(Decimal(38, 10))) AS rate,
    open_amount_rc,
    not_due_rc,
    d1_30_rc,
    d31_60_rc,
    d61_90_rc,
    d91_120_rc,
    d121_180_rc,
    d181_365_rc,
    d366_plus_rc,
    overdue_rc,
    unapplied_rc,
    open_credits_rc,
    net_ar_rc,
    disputed_rc,
    disputed_overdue_rc,
    if(isNull(net_ar_rc), 'missing_rate', NULL) AS reason
FROM {{ source('huikuan', 'ar_snapshots') }}
UNION ALL
SELECT
    as_of,
    company,
    customer_id,
    owner_id,
    segment,
    region,
    currency,
    valuation,
    rate,
    not_due_rc + d1_30_rc + d31_60_rc + d61_90_rc + d91_120_rc + d121_180_rc + d181_365_rc + d366_plus_rc AS open_amount_rc,
    not_due_rc,
    d1_30_rc,
    d31_60_rc,
    d61_90_rc,
    d91_120_rc,
    d121_180_rc,
    d181_365_rc,
    d366_plus_rc,
    d1_30_rc + d31_60_rc + d61_90_rc + d91_120_rc + d121_180_rc + d181_365_rc + d366_plus_rc AS overdue_rc,
    unapplied_rc,
    open_credits_rc,
    not_due_rc + d1_30_rc + d31_60_rc + d61_90_rc + d91_120_rc + d121_180_rc + d181_365_rc + d366_plus_rc + unapplied_rc + open_credits_rc AS net_ar_rc,
    disputed_rc,
    disputed_overdue_rc,
    if(isNull(rate), 'missing_rate', NULL) AS reason
FROM revalued
