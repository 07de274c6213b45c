/* ---
description: "The cash forecast at closing rates, and what it would be if foreign currencies were weaker or stronger (F1). cash_forecast itself has it at the rates of the invoices."
grain: one row of cash_forecast
materialisation: view
owner: finance
tags: [cash, fx, cfo]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: customer_id, description: customer; empty for the sales plan, unit: id, tests: [not_null]}
  - {name: segment, description: segment of the customer on as_of}
  - {name: basis, description: "open_items or sales_plan, as in cash_forecast", tests: [not_null, {accepted_values: [open_items, sales_plan]}]}
  - {name: currency, description: document currency, unit: ISO 4217, tests: [not_null]}
  - {name: week, description: first day of the week, unit: date, tests: [not_null]}
  - {name: week_no, description: 1 = the seven days after as_of, unit: count, tests: [not_null]}
  - {name: expected, description: expected cash of the week, unit: document currency, tests: [not_null]}
  - {name: rate, description: reporting currency for one unit of currency at the close of as_of; NULL = unknown, unit: rate}
  - {name: expected_asof_rc, description: expected x rate; NULL = no rate, unit: reporting currency}
  - {name: expected_weak_rc, description: "expected_asof_rc if every foreign currency lost the variable forecast_fx_scenario; NULL = no rate", unit: reporting currency}
  - {name: expected_strong_rc, description: the same if every foreign currency gained as much; NULL = no rate, unit: reporting currency}
  - {name: reason, description: "why the amounts in reporting currency are NULL: missing_rate"}
tests:
  - unique: [company, customer_id, basis, currency, week_no]
unit_tests:
  - name: foreign cash is at the closing rate, a tenth weaker and stronger, cash at home does not move
    overrides: {vars: {forecast_fx_scenario: 0.1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, reporting_currency: CNY}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2026-10-31, currency: EUR, rate_closing: 8}, {as_of: 2026-09-30, currency: EUR, rate_closing: 7}]
      - input: source('huikuan', 'cash_forecast')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, basis: open_items, currency: EUR, week: 2026-11-01, week_no: 1, expected: 100, expected_rc: 650}
          - {as_of: 2026-10-31, company: A, customer_id: C1, basis: open_items, currency: CNY, week: 2026-11-01, week_no: 1, expected: 50, expected_rc: 50}
          - {as_of: 2026-10-31, company: A, customer_id: C1, basis: open_items, currency: THB, week: 2026-11-08, week_no: 2, expected: 9}
    expect:
      rows:
        - {currency: EUR, week_no: 1, rate: 8, expected_asof_rc: 800, expected_weak_rc: 720, expected_strong_rc: 880, reason: null}
        - {currency: CNY, week_no: 1, rate: 1, expected_asof_rc: 50, expected_weak_rc: 50, expected_strong_rc: 50, reason: null}
        - {currency: THB, week_no: 2, rate: null, expected_asof_rc: null, expected_weak_rc: null, expected_strong_rc: null, reason: missing_rate}
--- */
WITH
(SELECT max(reporting_currency) FROM {{ source('huikuan', 'ar_as_of') }}) AS reporting,
toDecimal128('{{ var('forecast_fx_scenario') }}', 10) AS scenario,
valued AS (
    SELECT
        c.as_of AS as_of,
        c.company AS company,
        c.customer_id AS customer_id,
        c.segment AS segment,
        c.basis AS basis,
        c.currency AS currency,
        c.week AS week,
        c.week_no AS week_no,
        c.expected AS expected,
        if(c.currency = reporting, CAST(1 AS Nullable(Decimal(38, 10))), nullIf(f.rate_closing, 0)) AS rate,
        if(c.currency = reporting, toDecimal128(0, 10), scenario) AS swing
    FROM {{ source('huikuan', 'cash_forecast') }} AS c
    LEFT JOIN {{ source('huikuan', 'fx_as_of') }} AS f ON f.as_of = c.as_of AND f.currency = c.currency
)
SELECT
    as_of,
    company,
    customer_id,
    segment,
    basis,
    currency,
    week,
    week_no,
    expected,
    rate,
    CAST(round(expected * rate, 4) AS Nullable(Decimal(18, 4))) AS expected_asof_rc,
    CAST(round(expected_asof_rc * (1 - swing), 4) AS Nullable(Decimal(18, 4))) AS expected_weak_rc,
    CAST(round(expected_asof_rc * (1 + swing), 4) AS Nullable(Decimal(18, 4))) AS expected_strong_rc,
    if(isNull(rate), 'missing_rate', NULL) AS reason
FROM valued
