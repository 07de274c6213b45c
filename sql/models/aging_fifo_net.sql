/* ---
description: "Aging in which cash on account and open credits have paid what fell due first: an alternative view of ar_snapshots for customers who pay on account, never the default (A7). Each row is netted by itself, each currency column too, so that the buckets and credit_balance add up to net AR."
grain: one row of ar_snapshots
materialisation: view
owner: finance
tags: [aging]
columns:
  - {name: as_of, description: "end of this day, as in ar_snapshots", unit: date}
  - {name: company, description: legal entity, unit: id}
  - {name: customer_id, description: customer, unit: id}
  - {name: owner_id, description: account owner on as_of or unassigned, unit: id}
  - {name: segment, description: segment of the customer on as_of}
  - {name: region, description: region of the customer on as_of}
  - {name: currency, description: document currency, unit: ISO 4217}
  - {name: not_due, description: "due on as_of or later, less the credit that paid all that was overdue", unit: currency}
  - {name: d1_30, description: 1 to 30 days past due, unit: currency}
  - {name: d31_60, description: 31 to 60 days past due, unit: currency}
  - {name: d61_90, description: 61 to 90 days past due, unit: currency}
  - {name: d91_120, description: 91 to 120 days past due, unit: currency}
  - {name: d121_180, description: 121 to 180 days past due, unit: currency}
  - {name: d181_365, description: 181 to 365 days past due, unit: currency}
  - {name: d366_plus, description: "366 days or more past due; paid first", unit: currency}
  - {name: overdue, description: 1 day or more past due, unit: currency}
  - {name: credit_balance, description: "credit beyond all that is open, negative", unit: currency}
  - {name: net_ar, description: "net AR, the sum of the eight buckets and credit_balance", unit: currency}
  - {name: not_due_rc, description: "the same in reporting currency; NULL = a document has no exchange rate", unit: reporting currency}
  - {name: d1_30_rc, description: 1 to 30 days past due, unit: reporting currency}
  - {name: d31_60_rc, description: 31 to 60 days past due, unit: reporting currency}
  - {name: d61_90_rc, description: 61 to 90 days past due, unit: reporting currency}
  - {name: d91_120_rc, description: 91 to 120 days past due, unit: reporting currency}
  - {name: d121_180_rc, description: 121 to 180 days past due, unit: reporting currency}
  - {name: d181_365_rc, description: 181 to 365 days past due, unit: reporting currency}
  - {name: d366_plus_rc, description: 366 days or more past due, unit: reporting currency}
  - {name: overdue_rc, description: 1 day or more past due, unit: reporting currency}
  - {name: credit_balance_rc, description: "credit beyond all that is open, negative", unit: reporting currency}
  - {name: net_ar_rc, description: net AR, unit: reporting currency}
  - {name: reason, description: "why the reporting-currency columns are NULL: missing_rate", tests: [{accepted_values: [missing_rate]}]}
chart: {type: stacked, title: "Aging net of cash on account, oldest first", x: company, y: [not_due_rc, d1_30_rc, d31_60_rc, d61_90_rc, d91_120_rc, d121_180_rc, d181_365_rc, d366_plus_rc, credit_balance_rc], unit: reporting currency}
tests:
  - name: buckets and credit add up to the net receivables of the last day
    sql: |
      WITH (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today
      SELECT currency, net, expected
      FROM (
          SELECT currency, sum(not_due + d1_30 + d31_60 + d61_90 + d91_120 + d121_180 + d181_365 + d366_plus + credit_balance) AS net
          FROM {{ this }}
          WHERE as_of = today
          GROUP BY currency
      ) AS n
      FULL JOIN (
          SELECT currency, sum(open_amount + unapplied + open_credits) AS expected
          FROM {{ source('huikuan', 'ar_snapshots') }}
          WHERE as_of = today
          GROUP BY currency
      ) AS s USING (currency)
      WHERE net != expected
  - name: no bucket is negative and no credit is left beside something open
    sql: |
      SELECT company, customer_id, currency, overdue, not_due, credit_balance
      FROM {{ this }}
      WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
          AND (least(not_due, d1_30, d31_60, d61_90, d91_120, d121_180, d181_365, d366_plus) < 0 OR credit_balance < 0 AND overdue + not_due > 0)
unit_tests:
  - name: ex:unapplied_cash
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows: [{as_of: 2024-06-30, company: A, customer_id: C, currency: CNY, open_amount: 1000, d31_60: 1000, overdue: 1000, unapplied: -300, net_ar: 700, open_amount_rc: 1000, not_due_rc: 0, d1_30_rc: 0, d31_60_rc: 1000, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 1000, unapplied_rc: -300, open_credits_rc: 0, net_ar_rc: 700}]
    expect:
      rows: [{customer_id: C, not_due: 0, d1_30: 0, d31_60: 700, d61_90: 0, d91_120: 0, d121_180: 0, d181_365: 0, d366_plus: 0, overdue: 700, credit_balance: 0, net_ar: 700, d31_60_rc: 700, overdue_rc: 700, credit_balance_rc: 0, net_ar_rc: 700, reason: null}]
  - name: the oldest is paid first, cash and credits alike, what is left over is a credit
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-06-30, customer_id: OLD, not_due: 1, d1_30: 2, d31_60: 4, d61_90: 8, d91_120: 16, d121_180: 32, d181_365: 64, d366_plus: 128, unapplied: -130, open_credits: -70.5, net_ar: 54.5}
          - {as_of: 2024-06-30, customer_id: MOST, not_due: 1, d1_30: 2, d31_60: 4, d61_90: 8, d91_120: 16, d121_180: 32, d181_365: 64, d366_plus: 128, unapplied: -254.4, net_ar: 0.6}
          - {as_of: 2024-06-30, customer_id: OVER, not_due: 10, d1_30: 5, unapplied: -40, open_credits: -0.01, net_ar: -25.01}
          - {as_of: 2024-06-30, customer_id: NONE, not_due: 10, d366_plus: 5, net_ar: 15}
          - {as_of: 2024-06-30, customer_id: OVERAPPLIED, not_due: 10, d366_plus: 5, unapplied: 3, net_ar: 18}
    expect:
      rows:
        - {customer_id: OLD, not_due: 1, d1_30: 2, d31_60: 4, d61_90: 8, d91_120: 16, d121_180: 23.5, d181_365: 0, d366_plus: 0, overdue: 53.5, credit_balance: 0, net_ar: 54.5}
        - {customer_id: MOST, not_due: 0.6, d1_30: 0, d31_60: 0, d61_90: 0, d91_120: 0, d121_180: 0, d181_365: 0, d366_plus: 0, overdue: 0, credit_balance: 0, net_ar: 0.6}
        - {customer_id: OVER, not_due: 0, d1_30: 0, d31_60: 0, d61_90: 0, d91_120: 0, d121_180: 0, d181_365: 0, d366_plus: 0, overdue: 0, credit_balance: -25.01, net_ar: -25.01}
        - {customer_id: NONE, not_due: 10, d1_30: 0, d31_60: 0, d61_90: 0, d91_120: 0, d121_180: 0, d181_365: 0, d366_plus: 5, overdue: 5, credit_balance: 0, net_ar: 15}
        - {customer_id: OVERAPPLIED, not_due: 10, d1_30: 0, d31_60: 0, d61_90: 0, d91_120: 0, d121_180: 0, d181_365: 0, d366_plus: 5, overdue: 5, credit_balance: 3, net_ar: 18}
  - name: reporting currency is netted at its own rates, and unknown where one is
    given:
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-06-30, customer_id: GAIN, not_due: 100, unapplied: -100, net_ar: 0, not_due_rc: 700, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, unapplied_rc: -710, open_credits_rc: 0, net_ar_rc: -10}
          - {as_of: 2024-06-30, customer_id: EACH, not_due: 1, d1_30: 2, d31_60: 4, d61_90: 8, d91_120: 16, d121_180: 32, d181_365: 64, d366_plus: 128, net_ar: 255, not_due_rc: 10, d1_30_rc: 20, d31_60_rc: 40, d61_90_rc: 80, d91_120_rc: 160, d121_180_rc: 320, d181_365_rc: 640, d366_plus_rc: 1280, unapplied_rc: 0, open_credits_rc: 0, net_ar_rc: 2550}
          - {as_of: 2024-06-30, customer_id: CASH, not_due: 100, unapplied: -10, net_ar: 90, not_due_rc: 700, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, unapplied_rc: null, open_credits_rc: 0, net_ar_rc: null}
    expect:
      rows:
        - {customer_id: GAIN, not_due: 0, credit_balance: 0, not_due_rc: 0, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_120_rc: 0, d121_180_rc: 0, d181_365_rc: 0, d366_plus_rc: 0, overdue_rc: 0, credit_balance_rc: -10, net_ar_rc: -10, reason: null}
        - {customer_id: EACH, not_due: 1, credit_balance: 0, not_due_rc: 10, d1_30_rc: 20, d31_60_rc: 40, d61_90_rc: 80, d91_120_rc: 160, d121_180_rc: 320, d181_365_rc: 640, d366_plus_rc: 1280, overdue_rc: 2540, credit_balance_rc: 0, net_ar_rc: 2550, reason: null}
        - {customer_id: CASH, not_due: 90, credit_balance: 0, not_due_rc: null, d1_30_rc: null, d31_60_rc: null, d61_90_rc: null, d91_120_rc: null, d121_180_rc: null, d181_365_rc: null, d366_plus_rc: null, overdue_rc: null, credit_balance_rc: null, net_ar_rc: null, reason: missing_rate}
--- */
WITH
-- what is owed past so many days, less all credit: below 0 while the credit lasts
less_credit AS (
    SELECT
        s.as_of AS as_of,
        s.company AS company,
        s.customer_id AS customer_id,
        s.owner_id AS owner_id,
        s.segment AS segment,
        s.region AS region,
        s.currency AS currency,
        s.net_ar AS net,
        s.net_ar_rc AS net_rc,
        s.unapplied + s.open_credits AS signed,
        s.unapplied_rc + s.open_credits_rc AS signed_rc,
        s.d366_plus + signed * (signed < 0) AS past_365,
        past_365 + s.d181_365 AS past_180,
        past_180 + s.d121_180 AS past_120,
        past_120 + s.d91_120 AS past_90,
        past_90 + s.d61_90 AS past_60,
        past_60 + s.d31_60 AS past_30,
        past_30 + s.d1_30 AS past_due,
        past_due + s.not_due AS owed,
        s.d366_plus_rc + signed_rc * (signed_rc < 0) AS past_365_rc,
        past_365_rc + s.d181_365_rc AS past_180_rc,
        past_180_rc + s.d121_180_rc AS past_120_rc,
        past_120_rc + s.d91_120_rc AS past_90_rc,
        past_90_rc + s.d61_90_rc AS past_60_rc,
        past_60_rc + s.d31_60_rc AS past_30_rc,
        past_30_rc + s.d1_30_rc AS past_due_rc,
        past_due_rc + s.not_due_rc AS owed_rc
    FROM {{ source('huikuan', 'ar_snapshots') }} AS s
)
-- x * (x > 0) is x or 0, and unknown where x is
SELECT
    as_of,
    company,
    customer_id,
    owner_id,
    segment,
    region,
    currency,
    owed * (owed > 0) - past_due * (past_due > 0) AS not_due,
    past_due * (past_due > 0) - past_30 * (past_30 > 0) AS d1_30,
    past_30 * (past_30 > 0) - past_60 * (past_60 > 0) AS d31_60,
    past_60 * (past_60 > 0) - past_90 * (past_90 > 0) AS d61_90,
    past_90 * (past_90 > 0) - past_120 * (past_120 > 0) AS d91_120,
    past_120 * (past_120 > 0) - past_180 * (past_180 > 0) AS d121_180,
    past_180 * (past_180 > 0) - past_365 * (past_365 > 0) AS d181_365,
    past_365 * (past_365 > 0) AS d366_plus,
    past_due * (past_due > 0) AS overdue,
    net - owed * (owed > 0) AS credit_balance,
    net AS net_ar,
    owed_rc * (owed_rc > 0) - past_due_rc * (past_due_rc > 0) AS not_due_rc,
    past_due_rc * (past_due_rc > 0) - past_30_rc * (past_30_rc > 0) AS d1_30_rc,
    past_30_rc * (past_30_rc > 0) - past_60_rc * (past_60_rc > 0) AS d31_60_rc,
    past_60_rc * (past_60_rc > 0) - past_90_rc * (past_90_rc > 0) AS d61_90_rc,
    past_90_rc * (past_90_rc > 0) - past_120_rc * (past_120_rc > 0) AS d91_120_rc,
    past_120_rc * (past_120_rc > 0) - past_180_rc * (past_180_rc > 0) AS d121_180_rc,
    past_180_rc * (past_180_rc > 0) - past_365_rc * (past_365_rc > 0) AS d181_365_rc,
    past_365_rc * (past_365_rc > 0) AS d366_plus_rc,
    past_due_rc * (past_due_rc > 0) AS overdue_rc,
    net_rc - owed_rc * (owed_rc > 0) AS credit_balance_rc,
    net_rc AS net_ar_rc,
    if(isNull(credit_balance_rc), 'missing_rate', NULL) AS reason
FROM less_credit
