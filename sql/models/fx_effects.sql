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
