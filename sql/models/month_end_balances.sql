/* ---
description: "Balances and aging at closing rates at month-ends and on the last day built: the rows of aging_valued under the valuation asof, computed once for the models that look at month-ends (A1-A5)."
grain: one month-end or the last day built, company, customer, owner and document currency
materialisation: table
order_by: [as_of, customer_id, company]
owner: finance
tags: [aging, fx]
columns:
  - {name: as_of, description: "end of this day: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: owner_id, description: account owner on as_of or unassigned, unit: id}
  - {name: segment, description: segment of the customer on as_of}
  - {name: currency, description: document currency, unit: ISO 4217, tests: [not_null]}
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
tests:
  - name: every balance of a month-end is here once
    sum_equals:
      this: toInt64(count())
      by: [as_of]
      of: |
        SELECT as_of, toInt64(count())
        FROM {{ source('huikuan', 'ar_snapshots') }}
        WHERE as_of = toLastDayOfMonth(as_of) OR as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
        GROUP BY as_of
unit_tests:
  - name: month-ends and the last day, at closing rates
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-11-20}]
      - input: ref('aging_valued')
        rows:
          - {as_of: 2026-10-30, company: A, customer_id: C1, currency: USD, valuation: asof, open_amount_rc: 1, net_ar_rc: 1}
          - {as_of: 2026-10-31, company: A, customer_id: C1, currency: USD, valuation: asof, open_amount_rc: 2, net_ar_rc: 2}
          - {as_of: 2026-10-31, company: A, customer_id: C1, currency: USD, valuation: historic, open_amount_rc: 3, net_ar_rc: 3}
          - {as_of: 2026-11-19, company: A, customer_id: C1, currency: USD, valuation: asof, open_amount_rc: 4, net_ar_rc: 4}
          - {as_of: 2026-11-20, company: A, customer_id: C1, currency: USD, valuation: asof, open_amount_rc: null, net_ar_rc: null}
    expect:
      rows:
        - {as_of: 2026-10-31, company: A, customer_id: C1, currency: USD, open_amount_rc: 2, net_ar_rc: 2}
        - {as_of: 2026-11-20, company: A, customer_id: C1, currency: USD, open_amount_rc: null, net_ar_rc: null}
  - name: every amount stands under its own name
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-11-20}]
      - input: ref('aging_valued')
        rows: [{valuation: asof, as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, currency: USD, open_amount_rc: 1, not_due_rc: 2, d1_30_rc: 3, d31_60_rc: 4, d61_90_rc: 5, d91_120_rc: 6, d121_180_rc: 7, d181_365_rc: 8, d366_plus_rc: 9, overdue_rc: 10, unapplied_rc: 11, open_credits_rc: 12, net_ar_rc: 13, disputed_rc: 14, disputed_overdue_rc: 15}]
    expect:
      rows: [{as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, currency: USD, open_amount_rc: 1, not_due_rc: 2, d1_30_rc: 3, d31_60_rc: 4, d61_90_rc: 5, d91_120_rc: 6, d121_180_rc: 7, d181_365_rc: 8, d366_plus_rc: 9, overdue_rc: 10, unapplied_rc: 11, open_credits_rc: 12, net_ar_rc: 13, disputed_rc: 14, disputed_overdue_rc: 15}]
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today
SELECT
    v.as_of AS as_of,
    v.company AS company,
    v.customer_id AS customer_id,
    v.owner_id AS owner_id,
    v.segment AS segment,
    v.currency AS currency,
    v.open_amount_rc AS open_amount_rc,
    v.not_due_rc AS not_due_rc,
    v.d1_30_rc AS d1_30_rc,
    v.d31_60_rc AS d31_60_rc,
    v.d61_90_rc AS d61_90_rc,
    v.d91_120_rc AS d91_120_rc,
    v.d121_180_rc AS d121_180_rc,
    v.d181_365_rc AS d181_365_rc,
    v.d366_plus_rc AS d366_plus_rc,
    v.overdue_rc AS overdue_rc,
    v.unapplied_rc AS unapplied_rc,
    v.open_credits_rc AS open_credits_rc,
    v.net_ar_rc AS net_ar_rc,
    v.disputed_rc AS disputed_rc,
    v.disputed_overdue_rc AS disputed_overdue_rc
FROM {{ ref('aging_valued') }} AS v
WHERE v.valuation = 'asof' AND (v.as_of = toLastDayOfMonth(v.as_of) OR v.as_of = today)
