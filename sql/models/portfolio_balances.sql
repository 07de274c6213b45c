/* ---
description: "Balances and aging of ar_snapshots without the customer, for charts of the whole book: on 1M invoices a thousandth of the rows (A1-A5, A7)."
grain: one day of ar_snapshots, company, owner, segment, region and document currency
materialisation: table
order_by: [as_of, company, owner_id, currency]
owner: finance
tags: [aging]
columns:
  - {name: as_of, description: "end of this day, as in ar_snapshots", unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: owner_id, description: account owner on as_of or unassigned, unit: id, tests: [not_null]}
  - {name: segment, description: "segment of the customers on as_of; empty = none", tests: [not_null]}
  - {name: region, description: "region of the customers on as_of; empty = none", tests: [not_null]}
  - {name: currency, description: document currency, unit: ISO 4217, tests: [not_null]}
  - {name: rate_closing, description: reporting currency for one unit of currency at the closing rate of as_of; NULL = unknown, unit: rate}
  - {name: rate_constant, description: the same at the one constant rate, unit: rate}
  - {name: balances, description: rows of ar_snapshots in it, unit: count}
  - {name: open_amount, description: open invoices and debit notes, unit: currency}
  - {name: open_amount_rc, description: open invoices and debit notes; what has no exchange rate is left out, unit: reporting currency}
  - {name: not_due, description: due on as_of or later, unit: currency}
  - {name: not_due_rc, description: due on as_of or later; what has no exchange rate is left out, unit: reporting currency}
  - {name: d1_30, description: 1 to 30 days past due, unit: currency}
  - {name: d1_30_rc, description: 1 to 30 days past due; what has no exchange rate is left out, unit: reporting currency}
  - {name: d31_60, description: 31 to 60 days past due, unit: currency}
  - {name: d31_60_rc, description: 31 to 60 days past due; what has no exchange rate is left out, unit: reporting currency}
  - {name: d61_90, description: 61 to 90 days past due, unit: currency}
  - {name: d61_90_rc, description: 61 to 90 days past due; what has no exchange rate is left out, unit: reporting currency}
  - {name: d91_120, description: 91 to 120 days past due, unit: currency}
  - {name: d91_120_rc, description: 91 to 120 days past due; what has no exchange rate is left out, unit: reporting currency}
  - {name: d121_180, description: 121 to 180 days past due, unit: currency}
  - {name: d121_180_rc, description: 121 to 180 days past due; what has no exchange rate is left out, unit: reporting currency}
  - {name: d181_365, description: 181 to 365 days past due, unit: currency}
  - {name: d181_365_rc, description: 181 to 365 days past due; what has no exchange rate is left out, unit: reporting currency}
  - {name: d366_plus, description: 366 days or more past due, unit: currency}
  - {name: d366_plus_rc, description: 366 days or more past due; what has no exchange rate is left out, unit: reporting currency}
  - {name: overdue, description: 1 day or more past due, unit: currency}
  - {name: overdue_rc, description: 1 day or more past due; what has no exchange rate is left out, unit: reporting currency}
  - {name: unapplied, description: "cash received and not applied, negative", unit: currency}
  - {name: unapplied_rc, description: "cash received and not applied, negative; what has no exchange rate is left out", unit: reporting currency}
  - {name: open_credits, description: "credit notes not applied and overpaid invoices, negative", unit: currency}
  - {name: open_credits_rc, description: "credit notes not applied and overpaid invoices, negative; what has no exchange rate is left out", unit: reporting currency}
  - {name: net_ar, description: open_amount + unapplied + open_credits, unit: currency}
  - {name: net_ar_rc, description: open_amount + unapplied + open_credits; what has no exchange rate is left out, unit: reporting currency}
  - {name: disputed, description: disputed part of open_amount, unit: currency}
  - {name: disputed_rc, description: disputed part of open_amount; what has no exchange rate is left out, unit: reporting currency}
  - {name: disputed_overdue, description: disputed part of overdue, unit: currency}
  - {name: disputed_overdue_rc, description: disputed part of overdue; what has no exchange rate is left out, unit: reporting currency}
tests:
  - name: every balance is here once
    sum_equals:
      this: sum(net_ar)
      by: [as_of, currency]
      of: SELECT as_of, currency, sum(net_ar) FROM {{ source('huikuan', 'ar_snapshots') }} GROUP BY as_of, currency
unit_tests:
  - name: every measure is the sum of its customers
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, segment: S, region: N, currency: USD, open_amount: 1, open_amount_rc: 7, not_due: 2, not_due_rc: 14, d1_30: 3, d1_30_rc: 21, d31_60: 4, d31_60_rc: 28, d61_90: 5, d61_90_rc: 35, d91_120: 6, d91_120_rc: 42, d121_180: 7, d121_180_rc: 49, d181_365: 8, d181_365_rc: 56, d366_plus: 9, d366_plus_rc: 63, overdue: 10, overdue_rc: 70, unapplied: 11, unapplied_rc: 77, open_credits: 12, open_credits_rc: 84, net_ar: 13, net_ar_rc: 91, disputed: 14, disputed_rc: 98, disputed_overdue: 15, disputed_overdue_rc: 105}
          - {as_of: 2026-10-31, company: A, customer_id: C2, owner_id: R1, segment: S, region: N, currency: USD, open_amount: 10, open_amount_rc: 70, not_due: 20, not_due_rc: 140, d1_30: 30, d1_30_rc: 210, d31_60: 40, d31_60_rc: 280, d61_90: 50, d61_90_rc: 350, d91_120: 60, d91_120_rc: 420, d121_180: 70, d121_180_rc: 490, d181_365: 80, d181_365_rc: 560, d366_plus: 90, d366_plus_rc: 630, overdue: 100, overdue_rc: 700, unapplied: 110, unapplied_rc: 770, open_credits: 120, open_credits_rc: 840, net_ar: 130, net_ar_rc: 910, disputed: 140, disputed_rc: 980, disputed_overdue: 150, disputed_overdue_rc: 1050}
    expect:
      rows:
        - {balances: 2, open_amount: 11, open_amount_rc: 77, not_due: 22, not_due_rc: 154, d1_30: 33, d1_30_rc: 231, d31_60: 44, d31_60_rc: 308, d61_90: 55, d61_90_rc: 385, d91_120: 66, d91_120_rc: 462, d121_180: 77, d121_180_rc: 539, d181_365: 88, d181_365_rc: 616, d366_plus: 99, d366_plus_rc: 693, overdue: 110, overdue_rc: 770, unapplied: 121, unapplied_rc: 847, open_credits: 132, open_credits_rc: 924, net_ar: 143, net_ar_rc: 1001, disputed: 154, disputed_rc: 1078, disputed_overdue: 165, disputed_overdue_rc: 1155}
  - name: customers of one owner, segment, region and currency are added up
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, region: null, currency: USD, open_amount: 2, open_amount_rc: 14, net_ar: 2, net_ar_rc: 14}
          - {as_of: 2026-10-31, company: A, customer_id: C2, owner_id: R1, segment: RETAIL, region: null, currency: USD, open_amount: 3, open_amount_rc: null, net_ar: 3, net_ar_rc: null}
          - {as_of: 2026-10-31, company: A, customer_id: C3, owner_id: R1, segment: null, region: North, currency: USD, open_amount: 5, open_amount_rc: 35, net_ar: 5, net_ar_rc: 35}
          - {as_of: 2026-11-20, company: A, customer_id: C1, owner_id: R2, segment: RETAIL, region: null, currency: USD, open_amount: 7, open_amount_rc: 49, net_ar: 7, net_ar_rc: 49}
    expect:
      rows:
        - {as_of: 2026-10-31, owner_id: R1, segment: RETAIL, region: "", balances: 2, open_amount: 5, open_amount_rc: 14}
        - {as_of: 2026-10-31, owner_id: R1, segment: "", region: North, balances: 1, open_amount: 5, open_amount_rc: 35}
        - {as_of: 2026-11-20, owner_id: R2, segment: RETAIL, region: "", balances: 1, open_amount: 7, open_amount_rc: 49}
  - name: each day and currency has its rates beside it, one without has none
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, currency: USD, open_amount: 2, net_ar: 2}
          - {as_of: 2026-10-31, company: A, customer_id: C2, owner_id: R1, currency: USD, open_amount: 3, net_ar: 3}
          - {as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, currency: XXX, open_amount: 5, net_ar: 5}
          - {as_of: 2026-11-20, company: A, customer_id: C1, owner_id: R1, currency: USD, open_amount: 7, net_ar: 7}
      - input: source('huikuan', 'fx_as_of')
        rows:
          - {as_of: 2026-10-31, currency: USD, rate_closing: 7.5, rate_constant: 6}
          - {as_of: 2026-11-20, currency: USD, rate_closing: 8, rate_constant: 6}
          - {as_of: 2026-11-20, currency: EUR, rate_closing: 9, rate_constant: 10}
    expect:
      rows:
        - {as_of: 2026-10-31, currency: USD, balances: 2, open_amount: 5, rate_closing: 7.5, rate_constant: 6}
        - {as_of: 2026-10-31, currency: XXX, balances: 1, open_amount: 5, rate_closing: null, rate_constant: null}
        - {as_of: 2026-11-20, currency: USD, balances: 1, open_amount: 7, rate_closing: 8, rate_constant: 6}
--- */
WITH
summed AS (
    SELECT
        s.as_of AS as_of,
        s.company AS company,
        s.owner_id AS owner_id,
        ifNull(s.segment, '') AS segment,
        ifNull(s.region, '') AS region,
        s.currency AS currency,
        count() AS balances,
        sum(s.open_amount) AS open_amount,
        sum(s.open_amount_rc) AS open_amount_rc,
        sum(s.not_due) AS not_due,
        sum(s.not_due_rc) AS not_due_rc,
        sum(s.d1_30) AS d1_30,
        sum(s.d1_30_rc) AS d1_30_rc,
        sum(s.d31_60) AS d31_60,
        sum(s.d31_60_rc) AS d31_60_rc,
        sum(s.d61_90) AS d61_90,
        sum(s.d61_90_rc) AS d61_90_rc,
        sum(s.d91_120) AS d91_120,
        sum(s.d91_120_rc) AS d91_120_rc,
        sum(s.d121_180) AS d121_180,
        sum(s.d121_180_rc) AS d121_180_rc,
        sum(s.d181_365) AS d181_365,
        sum(s.d181_365_rc) AS d181_365_rc,
        sum(s.d366_plus) AS d366_plus,
        sum(s.d366_plus_rc) AS d366_plus_rc,
        sum(s.overdue) AS overdue,
        sum(s.overdue_rc) AS overdue_rc,
        sum(s.unapplied) AS unapplied,
        sum(s.unapplied_rc) AS unapplied_rc,
        sum(s.open_credits) AS open_credits,
        sum(s.open_credits_rc) AS open_credits_rc,
        sum(s.net_ar) AS net_ar,
        sum(s.net_ar_rc) AS net_ar_rc,
        sum(s.disputed) AS disputed,
        sum(s.disputed_rc) AS disputed_rc,
        sum(s.disputed_overdue) AS disputed_overdue,
        sum(s.disputed_overdue_rc) AS disputed_overdue_rc
    FROM {{ source('huikuan', 'ar_snapshots') }} AS s
    GROUP BY as_of, company, owner_id, segment, region, currency
)
SELECT
    b.as_of AS as_of,
    b.company AS company,
    b.owner_id AS owner_id,
    b.segment AS segment,
    b.region AS region,
    b.currency AS currency,
    f.rate_closing AS rate_closing,
    f.rate_constant AS rate_constant,
    b.balances AS balances,
    b.open_amount AS open_amount,
    b.open_amount_rc AS open_amount_rc,
    b.not_due AS not_due,
    b.not_due_rc AS not_due_rc,
    b.d1_30 AS d1_30,
    b.d1_30_rc AS d1_30_rc,
    b.d31_60 AS d31_60,
    b.d31_60_rc AS d31_60_rc,
    b.d61_90 AS d61_90,
    b.d61_90_rc AS d61_90_rc,
    b.d91_120 AS d91_120,
    b.d91_120_rc AS d91_120_rc,
    b.d121_180 AS d121_180,
    b.d121_180_rc AS d121_180_rc,
    b.d181_365 AS d181_365,
    b.d181_365_rc AS d181_365_rc,
    b.d366_plus AS d366_plus,
    b.d366_plus_rc AS d366_plus_rc,
    b.overdue AS overdue,
    b.overdue_rc AS overdue_rc,
    b.unapplied AS unapplied,
    b.unapplied_rc AS unapplied_rc,
    b.open_credits AS open_credits,
    b.open_credits_rc AS open_credits_rc,
    b.net_ar AS net_ar,
    b.net_ar_rc AS net_ar_rc,
    b.disputed AS disputed,
    b.disputed_rc AS disputed_rc,
    b.disputed_overdue AS disputed_overdue,
    b.disputed_overdue_rc AS disputed_overdue_rc
FROM summed AS b
LEFT JOIN {{ source('huikuan', 'fx_as_of') }} AS f ON f.as_of = b.as_of AND f.currency = b.currency
