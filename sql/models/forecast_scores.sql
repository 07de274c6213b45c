/* ---
description: "How good the cash forecasts were, against simply expecting money on its due date (F2): the backtest at past month-ends, and every forecast that was ever published, scored on those of its first forecast_score_weeks weeks that are over. WAPE = sum of absolute errors / sum of what came."
grain: one kind, origin (and build), scope and member
materialisation: table
order_by: [kind, scope, scope_id, origin]
owner: treasury
tags: [forecast]
chart: {type: line, title: "Error of the cash forecast against the due-date forecast", x: origin, y: [wape, naive_wape], where: "kind = 'backtest' AND scope = 'group'", unit: fraction}
columns:
  - {name: kind, description: "backtest (as it would have been made) or published (as it was made)", tests: [not_null, {accepted_values: [backtest, published]}]}
  - {name: origin, description: end of the day at which the forecast was made, unit: date, tests: [not_null]}
  - {name: build_id, description: "build that published it; empty for the backtest", unit: id, tests: [not_null]}
  - {name: scope, description: "group, company or segment (segments of the backtest only)", tests: [not_null]}
  - {name: scope_id, description: member of the scope; empty for the group, unit: id}
  - {name: weeks, description: weeks that are over, unit: count, tests: [not_null]}
  - {name: forecast_rc, description: cash expected in these weeks, unit: reporting currency}
  - {name: naive_rc, description: cash expected on due dates, unit: reporting currency}
  - {name: actual_rc, description: cash that came on the items open at the origin, unit: reporting currency}
  - {name: absolute_error_rc, description: sum over weeks of forecast less actual without sign; numerator of wape, unit: reporting currency}
  - {name: naive_absolute_error_rc, description: the same of the due-date forecast, unit: reporting currency}
  - {name: wape, description: absolute_error_rc / actual_rc; NULL = nothing came, unit: fraction}
  - {name: naive_wape, description: naive_absolute_error_rc / actual_rc, unit: fraction}
  - {name: bias, description: "(forecast_rc - actual_rc) / actual_rc; above 0 = too hopeful", unit: fraction}
  - {name: mape, description: "average over weeks of the error in per cent of the week; NULL where nothing came in a week, secondary", unit: fraction}
  - {name: skill, description: "1 - wape / naive_wape; above 0 = better than due dates", unit: fraction}
  - {name: reason, description: "why wape is NULL: nothing_received"}
tests:
  - unique: [kind, origin, build_id, scope, scope_id]
  - name: the companies of the backtest add up to the group
    sum_equals:
      this: sumIf(actual_rc, kind = 'backtest' AND scope = 'company')
      of: SELECT sum(actual) FROM {{ source('huikuan', 'cash_forecast_backtest') }} WHERE scope = 'group' AND complete AND week_no <= {{ var('forecast_score_weeks') }}
unit_tests:
  - name: ex:forecast_error
    given:
      - input: source('huikuan', 'cash_forecast_backtest')
        rows:
          - {origin: 2024-01-31, week_no: 1, scope: group, forecast: 100, naive: 90, actual: 90, complete: true}
          - {origin: 2024-01-31, week_no: 2, scope: group, forecast: 120, naive: 90, actual: 150, complete: true}
          - {origin: 2024-01-31, week_no: 3, scope: group, forecast: 80, naive: 90, actual: 70, complete: true}
          - {origin: 2024-01-31, week_no: 4, scope: group, forecast: 60, naive: 90, actual: 80, complete: true}
          - {origin: 2024-01-31, week_no: 5, scope: group, forecast: 999, naive: 90, actual: 1, complete: false}
    expect:
      rows: [{kind: backtest, weeks: 4, forecast_rc: 360, actual_rc: 390, absolute_error_rc: 70, wape: ~0.179487, mape: ~0.175992, bias: ~-0.076923, naive_wape: ~0.230769, skill: ~0.222222}]
  - name: a published forecast is held against the cash on what was billed by then, every build for itself
    overrides: {vars: {forecast_score_days: 400}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-02-15}]
      - input: source('huikuan', 'cash_forecast_ledger')
        rows:
          - {build_id: B1, as_of: 2024-01-31, company: HQ, customer_id: A, basis: open_items, week: 2024-02-01, week_no: 1, expected_rc: 100, naive_due_date_rc: 50}
          - {build_id: B1, as_of: 2024-01-31, company: HQ, customer_id: B, basis: open_items, week: 2024-02-01, week_no: 1, expected_rc: 20, naive_due_date_rc: 0}
          - {build_id: B1, as_of: 2024-01-31, company: HQ, customer_id: B, basis: open_items, week: 2024-02-15, week_no: 3, expected_rc: 999, naive_due_date_rc: 0}
          - {build_id: B2, as_of: 2024-01-31, company: HQ, customer_id: A, basis: open_items, week: 2024-02-01, week_no: 1, expected_rc: 90, naive_due_date_rc: 50}
          - {build_id: B2, as_of: 2024-01-31, company: HQ, customer_id: A, basis: sales_plan, week: 2024-02-01, week_no: 1, expected_rc: 90, naive_due_date_rc: 50}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: HQ, customer_id: A, kind: cash, invoice_date: 2024-01-10, receipt_date: 2024-02-07, amount_rc: 80}
          - {company: HQ, customer_id: A, kind: cash, invoice_date: 2024-02-01, receipt_date: 2024-02-03, amount_rc: 7}
          - {company: HQ, customer_id: A, kind: credit, invoice_date: 2024-01-10, receipt_date: 2024-02-03, amount_rc: 7}
          - {company: HQ, customer_id: A, kind: cash, invoice_date: 2024-01-10, receipt_date: 2024-02-08, amount_rc: 10}
    expect:
      rows:
        - {kind: published, build_id: B1, scope: group, weeks: 2, forecast_rc: 120, naive_rc: 50, actual_rc: 90, absolute_error_rc: 50, bias: ~0.333333}
        - {kind: published, build_id: B1, scope: company, weeks: 2, forecast_rc: 120, naive_rc: 50, actual_rc: 90, absolute_error_rc: 50, bias: ~0.333333}
        - {kind: published, build_id: B2, scope: group, weeks: 2, forecast_rc: 90, naive_rc: 50, actual_rc: 90, absolute_error_rc: 20, bias: 0}
        - {kind: published, build_id: B2, scope: company, weeks: 2, forecast_rc: 90, naive_rc: 50, actual_rc: 90, absolute_error_rc: 20, bias: 0}
  - name: a week is over at the end of its last day, a receipt belongs to the week that ends with it, companies add up before the error is taken
    overrides: {vars: {forecast_score_days: 22}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-31}]
      - input: source('huikuan', 'cash_forecast_backtest')
        rows:
          - {origin: 2024-02-29, week_no: 1, scope: group, forecast: 10, naive: 4, actual: null, complete: true}
          - {origin: 2024-02-29, week_no: 2, scope: group, forecast: 5, naive: 5, actual: 10, complete: true}
          - {origin: 2024-02-29, week_no: 1, scope: company, scope_id: HQ, forecast: 10, naive: 0, actual: 0, complete: true}
      - input: source('huikuan', 'cash_forecast_ledger')
        rows:
          - {build_id: B0, as_of: 2024-03-09, company: HQ, customer_id: A, basis: open_items, week_no: 1, expected_rc: 777, naive_due_date_rc: 777}
          - {build_id: B1, as_of: 2024-03-10, company: HQ, customer_id: A, basis: open_items, week_no: 1, expected_rc: 80, naive_due_date_rc: 30}
          - {build_id: B1, as_of: 2024-03-10, company: HQ, customer_id: B, basis: open_items, week_no: 1, expected_rc: 20, naive_due_date_rc: 20}
          - {build_id: B1, as_of: 2024-03-10, company: HQ, customer_id: C, basis: open_items, week_no: 1, expected_rc: null, naive_due_date_rc: null}
          - {build_id: B1, as_of: 2024-03-10, company: HQ, customer_id: A, basis: open_items, week_no: 2, expected_rc: 40, naive_due_date_rc: 60}
          - {build_id: B1, as_of: 2024-03-10, company: HQ, customer_id: A, basis: open_items, week_no: 3, expected_rc: 10, naive_due_date_rc: 10}
          - {build_id: B1, as_of: 2024-03-10, company: HQ, customer_id: A, basis: open_items, week_no: 4, expected_rc: 999, naive_due_date_rc: 999}
          - {build_id: B1, as_of: 2024-03-10, company: DE, customer_id: D, basis: open_items, week_no: 1, expected_rc: 30, naive_due_date_rc: 20}
          - {build_id: B2, as_of: 2024-03-24, company: HQ, customer_id: A, basis: open_items, week_no: 1, expected_rc: 5, naive_due_date_rc: 5}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: HQ, kind: cash, invoice_date: 2024-03-01, receipt_date: 2024-03-10, amount_rc: 1000}
          - {company: HQ, kind: cash, invoice_date: 2024-03-01, receipt_date: 2024-03-11, amount_rc: 60}
          - {company: HQ, kind: cash, invoice_date: 2024-03-01, receipt_date: 2024-03-11, amount_rc: 20}
          - {company: HQ, kind: cash, invoice_date: 2024-03-01, receipt_date: 2024-03-11, amount_rc: null}
          - {company: HQ, kind: cash, invoice_date: 2024-03-01, receipt_date: 2024-03-17, amount_rc: 10}
          - {company: HQ, kind: cash, invoice_date: 2024-03-10, receipt_date: 2024-03-18, amount_rc: 20}
          - {company: HQ, kind: cash, invoice_date: 2024-03-01, receipt_date: 2024-03-24, amount_rc: 5}
          - {company: HQ, kind: cash, invoice_date: 2024-03-11, receipt_date: 2024-03-20, amount_rc: 7}
          - {company: HQ, kind: cash, invoice_date: 2024-03-01, receipt_date: 2024-03-31, amount_rc: 15}
          - {company: HQ, kind: cash, invoice_date: 2024-03-01, receipt_date: 2024-04-01, amount_rc: 500}
          - {company: DE, kind: cash, invoice_date: 2024-03-01, receipt_date: 2024-03-12, amount_rc: 5}
    expect:
      rows:
        - {kind: backtest, origin: 2024-02-29, build_id: "", scope: group, scope_id: "", weeks: 2, forecast_rc: 15, naive_rc: 9, actual_rc: 10, absolute_error_rc: 15, naive_absolute_error_rc: 9, wape: 1.5, naive_wape: 0.9, bias: 0.5, mape: null, skill: ~-0.666667, reason: null}
        - {kind: backtest, origin: 2024-02-29, build_id: "", scope: company, scope_id: HQ, weeks: 1, forecast_rc: 10, naive_rc: 0, actual_rc: 0, absolute_error_rc: 10, naive_absolute_error_rc: 0, wape: null, naive_wape: null, bias: null, mape: null, skill: null, reason: nothing_received}
        - {kind: published, origin: 2024-03-10, build_id: B1, scope: company, scope_id: HQ, weeks: 3, forecast_rc: 150, naive_rc: 120, actual_rc: 130, absolute_error_rc: 30, naive_absolute_error_rc: 80, wape: ~0.230769, naive_wape: ~0.615385, bias: ~0.153846, mape: ~0.348148, skill: 0.625, reason: null}
        - {kind: published, origin: 2024-03-10, build_id: B1, scope: company, scope_id: DE, weeks: 3, forecast_rc: 30, naive_rc: 20, actual_rc: 5, absolute_error_rc: 25, naive_absolute_error_rc: 15, wape: 5, naive_wape: 3, bias: 5, mape: null, skill: ~-0.666667, reason: null}
        - {kind: published, origin: 2024-03-10, build_id: B1, scope: group, scope_id: "", weeks: 3, forecast_rc: 180, naive_rc: 140, actual_rc: 135, absolute_error_rc: 55, naive_absolute_error_rc: 65, wape: ~0.407407, naive_wape: ~0.481481, bias: ~0.333333, mape: ~0.433918, skill: ~0.153846, reason: null}
        - {kind: published, origin: 2024-03-24, build_id: B2, scope: company, scope_id: HQ, weeks: 1, forecast_rc: 5, naive_rc: 5, actual_rc: 15, absolute_error_rc: 10, naive_absolute_error_rc: 10, wape: ~0.666667, naive_wape: ~0.666667, bias: ~-0.666667, mape: ~0.666667, skill: 0, reason: null}
        - {kind: published, origin: 2024-03-24, build_id: B2, scope: group, scope_id: "", weeks: 1, forecast_rc: 5, naive_rc: 5, actual_rc: 15, absolute_error_rc: 10, naive_absolute_error_rc: 10, wape: ~0.666667, naive_wape: ~0.666667, bias: ~-0.666667, mape: ~0.666667, skill: 0, reason: null}
  - name: a published forecast is held against thirteen weeks and no more
    overrides: {vars: {forecast_score_days: 400}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-08}]
      - input: source('huikuan', 'cash_forecast_ledger')
        rows: [{build_id: B1, as_of: 2024-01-01, company: HQ, customer_id: A, basis: open_items, week_no: 1, expected_rc: 10}]
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: HQ, kind: cash, invoice_date: 2023-12-01, receipt_date: 2024-04-01, amount_rc: 4}
          - {company: HQ, kind: cash, invoice_date: 2023-12-01, receipt_date: 2024-04-02, amount_rc: 100}
    expect:
      rows:
        - {kind: published, build_id: B1, scope: company, weeks: 13, forecast_rc: 10, actual_rc: 4, absolute_error_rc: 14}
        - {kind: published, build_id: B1, scope: group, weeks: 13, forecast_rc: 10, actual_rc: 4, absolute_error_rc: 14}
  - name: later weeks than are asked for count nowhere
    overrides: {vars: {forecast_score_days: 400, forecast_score_weeks: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-08}]
      - input: source('huikuan', 'cash_forecast_backtest')
        rows:
          - {origin: 2024-01-31, week_no: 2, scope: group, forecast: 100, naive: 90, actual: 90, complete: true}
          - {origin: 2024-01-31, week_no: 3, scope: group, forecast: 120, naive: 90, actual: 150, complete: true}
      - input: source('huikuan', 'cash_forecast_ledger')
        rows:
          - {build_id: B1, as_of: 2024-01-01, company: HQ, customer_id: A, basis: open_items, week_no: 2, expected_rc: 10}
          - {build_id: B1, as_of: 2024-01-01, company: HQ, customer_id: A, basis: open_items, week_no: 3, expected_rc: 50}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: HQ, kind: cash, invoice_date: 2023-12-01, receipt_date: 2024-01-15, amount_rc: 4}
          - {company: HQ, kind: cash, invoice_date: 2023-12-01, receipt_date: 2024-01-16, amount_rc: 100}
    expect:
      rows:
        - {kind: backtest, build_id: "", scope: group, weeks: 1, forecast_rc: 100, actual_rc: 90, absolute_error_rc: 10}
        - {kind: published, build_id: B1, scope: company, weeks: 2, forecast_rc: 10, actual_rc: 4, absolute_error_rc: 6}
        - {kind: published, build_id: B1, scope: group, weeks: 2, forecast_rc: 10, actual_rc: 4, absolute_error_rc: 6}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
forecasts AS (
    SELECT f.build_id AS build_id, f.as_of AS origin, f.company AS company, f.week_no AS week_no, sum(ifNull(f.expected_rc, 0)) AS forecast, sum(ifNull(f.naive_due_date_rc, 0)) AS naive
    FROM {{ source('huikuan', 'cash_forecast_ledger') }} AS f
    WHERE f.basis = 'open_items' AND f.as_of + 7 * f.week_no <= today AND f.as_of > today - {{ var('forecast_score_days') }} AND f.week_no <= {{ var('forecast_score_weeks') }}
    GROUP BY build_id, origin, company, week_no
),
origins AS (
    SELECT DISTINCT build_id, origin, company FROM forecasts
),
receipts AS (
    SELECT company, receipt_date, invoice_date, sum(ifNull(amount_rc, 0)) AS cash
    FROM {{ source('huikuan', 'ar_settlements') }}
    WHERE kind = 'cash' AND receipt_date > (SELECT min(origin) FROM origins)
    GROUP BY company, receipt_date, invoice_date
),
received AS (
    SELECT o.build_id AS build_id, o.origin AS origin, o.company AS company, intDiv(dateDiff('day', o.origin, r.receipt_date) - 1, 7) + 1 AS week_no, sum(r.cash) AS actual
    FROM origins AS o
    INNER JOIN receipts AS r ON r.company = o.company
    WHERE r.receipt_date > o.origin AND r.receipt_date <= o.origin + 7 * {{ var('forecast_score_weeks') }} AND r.receipt_date <= today AND r.invoice_date <= o.origin
    GROUP BY build_id, origin, company, week_no
),
weeks_over AS (
    SELECT o.build_id AS build_id, o.origin AS origin, o.company AS company, toInt64(n) AS week_no
    FROM origins AS o
    ARRAY JOIN range(1, {{ var('forecast_score_weeks') }} + 1) AS n
    WHERE o.origin + 7 * n <= today
),
published AS (
    SELECT
        w.build_id AS build_id, w.origin AS origin, w.company AS company, w.week_no AS week_no,
        f.forecast AS forecast, f.naive AS naive, r.actual AS actual
    FROM weeks_over AS w
    LEFT JOIN forecasts AS f ON f.build_id = w.build_id AND f.origin = w.origin AND f.company = w.company AND f.week_no = w.week_no
    LEFT JOIN received AS r ON r.build_id = w.build_id AND r.origin = w.origin AND r.company = w.company AND r.week_no = w.week_no
),
weekly AS (
    SELECT 'backtest' AS kind, b.origin AS origin, '' AS build_id, toString(b.scope) AS scope, b.scope_id AS scope_id, b.week_no AS week_no, b.forecast AS forecast, b.naive AS naive, ifNull(b.actual, 0) AS actual
    FROM {{ source('huikuan', 'cash_forecast_backtest') }} AS b
    WHERE b.complete AND b.week_no <= {{ var('forecast_score_weeks') }}
    UNION ALL
    SELECT 'published', origin, build_id, 'company', company, week_no, forecast, naive, actual
    FROM published
    UNION ALL
    SELECT 'published', origin, build_id, 'group', '', week_no, sum(forecast), sum(naive), sum(actual)
    FROM published
    GROUP BY origin, build_id, week_no
)
SELECT
    w.kind AS kind,
    w.origin AS origin,
    w.build_id AS build_id,
    w.scope AS scope,
    w.scope_id AS scope_id,
    count() AS weeks,
    sum(w.forecast) AS forecast_rc,
    sum(w.naive) AS naive_rc,
    sum(w.actual) AS actual_rc,
    sum(abs(w.forecast - w.actual)) AS absolute_error_rc,
    sum(abs(w.naive - w.actual)) AS naive_absolute_error_rc,
    CAST(absolute_error_rc AS Decimal(38, 10)) / nullIf(actual_rc, 0) AS wape,
    CAST(naive_absolute_error_rc AS Decimal(38, 10)) / nullIf(actual_rc, 0) AS naive_wape,
    CAST(forecast_rc - actual_rc AS Decimal(38, 10)) / nullIf(actual_rc, 0) AS bias,
    if(countIf(w.actual = 0) > 0, NULL, sum(CAST(abs(w.forecast - w.actual) AS Decimal(38, 10)) / nullIf(w.actual, 0)) / count()) AS mape,
    toDecimal128(1, 10) - CAST(absolute_error_rc AS Decimal(38, 10)) / nullIf(naive_absolute_error_rc, 0) AS skill,
    if(actual_rc = 0, 'nothing_received', NULL) AS reason
FROM weekly AS w
GROUP BY w.kind, w.origin, w.build_id, w.scope, w.scope_id
