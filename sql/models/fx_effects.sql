/* ---
description: "What exchange rates did to receivables, month by month: realised on what was settled, unrealised on what is open, and the part of the change of receivables that is rates alone (A6; conventions on currencies)."
grain: one month, company and document currency
materialisation: table
order_by: [month, company, currency]
owner: finance
tags: [fx, cfo]
columns:
  - {name: month, description: "first day of the month; the last one runs to the last day built", unit: date, tests: [not_null]}
  - {name: month_end, description: "end of the month, or the last day built", unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: currency, description: document currency, unit: ISO 4217, tests: [not_null]}
  - {name: rate_closing, description: reporting currency for one unit at month_end; NULL = unknown, unit: rate}
  - {name: rate_constant, description: the fixed rate of the constant valuation, unit: rate}
  - {name: realised_rc, description: "settled amount x (rate of the receipt - rate of the invoice), a loss is negative; the fx line of the roll-forward", unit: reporting currency, tests: [not_null]}
  - {name: net_ar, description: net receivables at month_end, unit: document currency, tests: [not_null]}
  - {name: historic_rc, description: net receivables at the rates of their invoices; NULL where one of them is unknown, unit: reporting currency}
  - {name: asof_rc, description: net receivables at the closing rate, unit: reporting currency}
  - {name: constant_rc, description: net receivables at the fixed rate, unit: reporting currency}
  - {name: unrealised_rc, description: "asof_rc - historic_rc, a loss is negative", unit: reporting currency}
  - {name: unrealised_change_rc, description: unrealised_rc less that of the previous month-end; with realised_rc what the month brings to profit, unit: reporting currency}
  - {name: translation_rc, description: "net_ar of the previous month-end x (closing rate - closing rate of then): change of asof_rc without any business", unit: reporting currency}
  - {name: reason, description: "why amounts at closing rates are NULL: missing_rate"}
chart: {type: stacked, title: Exchange differences on receivables, x: month, y: [realised_rc, unrealised_change_rc], unit: reporting currency}
tests:
  - unique: [month, company, currency]
  - name: realised differences are those of the roll-forward
    sum_equals:
      this: sum(realised_rc)
      by: [month, company, currency]
      of: SELECT month, company, currency, ifNull(sum(fx_rc), 0) FROM {{ source('huikuan', 'ar_rollforward') }} GROUP BY month, company, currency
  - name: balances at historic rates are those of the roll-forward
    sum_equals:
      this: sum(historic_rc)
      by: [month, company, currency]
      of: SELECT month, company, currency, sum(closing_rc) FROM {{ source('huikuan', 'ar_rollforward') }} GROUP BY month, company, currency HAVING countIf(isNull(closing_rc)) = 0
unit_tests:
  - name: ex:rollforward_fx
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-02-28}]
      - input: source('huikuan', 'ar_rollforward')
        rows:
          - {month: 2026-01-01, company: A, customer_id: C, currency: USD, closing: 1000, closing_rc: 1100, fx_rc: 0}
          - {month: 2026-02-01, company: A, customer_id: C, currency: USD, closing: 600, closing_rc: 660, fx_rc: -8}
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2026-01-31, currency: USD, rate_closing: 1.09, rate_constant: 1}, {as_of: 2026-02-28, currency: USD, rate_closing: 1.12, rate_constant: 1}]
    expect:
      rows:
        - {month: 2026-01-01, realised_rc: 0, historic_rc: 1100, asof_rc: 1090, unrealised_rc: -10, unrealised_change_rc: -10, translation_rc: 0, constant_rc: 1000}
        - {month: 2026-02-01, realised_rc: -8, historic_rc: 660, asof_rc: 672, unrealised_rc: 12, unrealised_change_rc: 22, translation_rc: 30, constant_rc: 600}
  - name: currencies and companies apart, a month whose month before is missing opens with nothing, without a rate nothing is known
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-03-10}, {as_of: 2026-01-10}]
      - input: source('huikuan', 'ar_rollforward')
        rows:
          - {month: 2026-01-01, company: A, customer_id: C, owner_id: R1, currency: USD, closing: 100, closing_rc: 700, fx_rc: 1}
          - {month: 2026-01-01, company: A, customer_id: C, owner_id: R2, currency: USD, closing: 10, closing_rc: 72, fx_rc: 2}
          - {month: 2026-01-01, company: A, customer_id: C, currency: EUR, closing: 3, closing_rc: 24, fx_rc: 0.5}
          - {month: 2026-01-01, company: B, customer_id: C, currency: USD, closing: 5, closing_rc: 35, fx_rc: 0}
          - {month: 2026-02-01, company: A, customer_id: C, currency: USD, closing: 90, closing_rc: 650, fx_rc: -4}
          - {month: 2026-02-01, company: A, customer_id: C, currency: EUR, closing: 3, closing_rc: 24, fx_rc: null}
          - {month: 2026-02-01, company: A, customer_id: D, currency: EUR, closing: 1, closing_rc: null, fx_rc: null}
          - {month: 2026-03-01, company: A, customer_id: C, currency: USD, closing: 90, closing_rc: 650, fx_rc: 0}
          - {month: 2026-03-01, company: A, customer_id: C, currency: EUR, closing: 4, closing_rc: 33, fx_rc: 0}
          - {month: 2026-03-01, company: B, customer_id: C, currency: USD, closing: 5, closing_rc: 35, fx_rc: 0}
          - {month: 2026-03-01, company: B, customer_id: C, currency: XXX, closing: 5, closing_rc: 6, fx_rc: 0}
      - input: source('huikuan', 'fx_as_of')
        rows:
          - {as_of: 2026-01-31, currency: USD, rate_closing: 7.1, rate_constant: 6}
          - {as_of: 2026-01-31, currency: EUR, rate_closing: 8.12345, rate_constant: 9.00004}
          - {as_of: 2026-02-28, currency: USD, rate_closing: 7.3, rate_constant: 6}
          - {as_of: 2026-02-28, currency: EUR, rate_closing: null, rate_constant: 9}
          - {as_of: 2026-03-10, currency: USD, rate_closing: 7.2, rate_constant: 6}
          - {as_of: 2026-03-10, currency: EUR, rate_closing: 8.3, rate_constant: null}
          - {as_of: 2026-03-31, currency: USD, rate_closing: 99, rate_constant: 99}
    expect:
      rows:
        - {month: 2026-03-01, month_end: 2026-03-10, company: A, currency: USD, rate_closing: 7.2, rate_constant: 6, realised_rc: 0, net_ar: 90, historic_rc: 650, asof_rc: 648, constant_rc: 540, unrealised_rc: -2, unrealised_change_rc: -9, translation_rc: -9, reason: null}
        - {month: 2026-01-01, month_end: 2026-01-31, company: B, currency: USD, rate_closing: 7.1, rate_constant: 6, realised_rc: 0, net_ar: 5, historic_rc: 35, asof_rc: 35.5, constant_rc: 30, unrealised_rc: 0.5, unrealised_change_rc: 0.5, translation_rc: 0, reason: null}
        - {month: 2026-01-01, month_end: 2026-01-31, company: A, currency: EUR, rate_closing: 8.12345, rate_constant: 9.00004, realised_rc: 0.5, net_ar: 3, historic_rc: 24, asof_rc: 24.3704, constant_rc: 27.0001, unrealised_rc: 0.3704, unrealised_change_rc: 0.3704, translation_rc: 0, reason: null}
        - {month: 2026-02-01, month_end: 2026-02-28, company: A, currency: EUR, rate_closing: null, rate_constant: 9, realised_rc: 0, net_ar: 4, historic_rc: null, asof_rc: null, constant_rc: 36, unrealised_rc: null, unrealised_change_rc: null, translation_rc: null, reason: missing_rate}
        - {month: 2026-02-01, month_end: 2026-02-28, company: A, currency: USD, rate_closing: 7.3, rate_constant: 6, realised_rc: -4, net_ar: 90, historic_rc: 650, asof_rc: 657, constant_rc: 540, unrealised_rc: 7, unrealised_change_rc: -2, translation_rc: 22, reason: null}
        - {month: 2026-03-01, month_end: 2026-03-10, company: B, currency: XXX, rate_closing: null, rate_constant: null, realised_rc: 0, net_ar: 5, historic_rc: 6, asof_rc: null, constant_rc: null, unrealised_rc: null, unrealised_change_rc: null, translation_rc: 0, reason: missing_rate}
        - {month: 2026-03-01, month_end: 2026-03-10, company: A, currency: EUR, rate_closing: 8.3, rate_constant: null, realised_rc: 0, net_ar: 4, historic_rc: 33, asof_rc: 33.2, constant_rc: null, unrealised_rc: 0.2, unrealised_change_rc: null, translation_rc: null, reason: null}
        - {month: 2026-03-01, month_end: 2026-03-10, company: B, currency: USD, rate_closing: 7.2, rate_constant: 6, realised_rc: 0, net_ar: 5, historic_rc: 35, asof_rc: 36, constant_rc: 30, unrealised_rc: 1, unrealised_change_rc: 1, translation_rc: 0, reason: null}
        - {month: 2026-01-01, month_end: 2026-01-31, company: A, currency: USD, rate_closing: 7.1, rate_constant: 6, realised_rc: 3, net_ar: 110, historic_rc: 772, asof_rc: 781, constant_rc: 660, unrealised_rc: 9, unrealised_change_rc: 9, translation_rc: 0, reason: null}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
balances AS (
    SELECT
        f.month AS month,
        least(toDate32(toLastDayOfMonth(f.month)), today) AS month_end,
        f.company AS company,
        f.currency AS currency,
        ifNull(sum(f.fx_rc), 0) AS realised,
        sum(f.closing) AS net_ar,
        if(countIf(isNull(f.closing_rc)) = 0, sum(f.closing_rc), NULL) AS historic
    FROM {{ source('huikuan', 'ar_rollforward') }} AS f
    GROUP BY month, company, currency
),
valued AS (
    SELECT
        b.*,
        r.rate_closing AS rate_closing,
        r.rate_constant AS rate_constant,
        CAST(round(b.net_ar * r.rate_closing, 4) AS Nullable(Decimal(18, 4))) AS asof,
        CAST(round(b.net_ar * r.rate_constant, 4) AS Nullable(Decimal(18, 4))) AS constant
    FROM balances AS b
    LEFT JOIN {{ source('huikuan', 'fx_as_of') }} AS r ON r.as_of = b.month_end AND r.currency = b.currency
),
compared AS (
    SELECT
        v.*,
        p.month != toDate32('1970-01-01') AS has_previous,
        if(has_previous, p.asof - p.historic, toDecimal64(0, 4)) AS unrealised_before,
        if(has_previous, CAST(round(p.net_ar * (v.rate_closing - p.rate_closing), 4) AS Nullable(Decimal(18, 4))), toDecimal64(0, 4)) AS translation
    FROM valued AS v
    LEFT JOIN valued AS p ON p.month = addMonths(v.month, -1) AND p.company = v.company AND p.currency = v.currency
)
SELECT
    month,
    assumeNotNull(compared.month_end) AS month_end,
    company,
    currency,
    rate_closing,
    rate_constant,
    CAST(realised AS Decimal(18, 4)) AS realised_rc,
    CAST(net_ar AS Decimal(18, 4)) AS net_ar,
    CAST(historic AS Nullable(Decimal(18, 4))) AS historic_rc,
    asof AS asof_rc,
    constant AS constant_rc,
    CAST(asof - historic AS Nullable(Decimal(18, 4))) AS unrealised_rc,
    CAST(asof - historic - unrealised_before AS Nullable(Decimal(18, 4))) AS unrealised_change_rc,
    CAST(translation AS Nullable(Decimal(18, 4))) AS translation_rc,
    if(isNull(rate_closing), 'missing_rate', NULL) AS reason
FROM compared
