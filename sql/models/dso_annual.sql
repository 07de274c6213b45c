/* ---
description: "DSO of the last twelve months and what turnover is in days: the two yearly forms of dso, whose quotients stand there as ar, sales_12m and turnover (B2, B9). A quarter times four is not a year and is not offered."
grain: one day of ar_snapshots and scope of dso
materialisation: view
owner: finance
tags: [speed, cfo]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: scope, description: "group, company, segment, region, owner or customer"}
  - {name: scope_id, description: identifier within the scope; empty for the group}
  - {name: currency, description: currency of the amounts}
  - {name: ar, description: net receivables; numerator of dso_12m, unit: money}
  - {name: sales_12m, description: billings less credit notes of the 12 months to as_of; denominator of dso_12m, unit: money}
  - {name: days_12m, description: "days of these 12 months, 365 or 366", unit: days, tests: [not_null]}
  - {name: dso_12m, description: "ar / sales_12m x days_12m; NULL see reason", unit: days}
  - {name: turnover, description: "sales_12m / average of 13 month-ends, as in dso; NULL see dso.reason_turnover", unit: times a year}
  - {name: turnover_days, description: "days_12m / turnover: how long the average receivable stood; NULL = no turnover", unit: days}
  - {name: reason, description: "why dso_12m is NULL: missing_rate, credit_balance, insufficient_history, no_sales, sales_nonpositive"}
chart: {type: line, title: DSO of the last twelve months, x: as_of, y: [dso_12m, turnover_days], unit: days, where: scope = 'group'}
tests:
  - unique: [as_of, scope, scope_id]
  - name: the receivables are those of dso
    sum_equals:
      this: sum(ar)
      by: [as_of, scope]
      of: SELECT as_of, scope, sum(ar) FROM {{ source('huikuan', 'dso') }} GROUP BY as_of, scope
unit_tests:
  - name: "ex:dso_annual_mesha: 150,000 on sales of 1,800,000 in a common year"
    given:
      - input: source('huikuan', 'dso')
        rows: [{as_of: 2025-12-31, scope: group, scope_id: "", currency: USD, ar: 150000, sales_12m: 1800000, turnover: 12}]
    expect:
      rows: [{as_of: 2025-12-31, days_12m: 365, dso_12m: ~30.4167, turnover_days: ~30.4167, reason: null}]
  - name: "ex:turnover_avg_of_ends: turned over 8 times a year are 45.625 days, in a leap year 45.75"
    given:
      - input: source('huikuan', 'dso')
        rows:
          - {as_of: 2025-12-31, scope: group, scope_id: "", ar: 0, sales_12m: 800000, turnover: 8}
          - {as_of: 2024-12-31, scope: group, scope_id: "", ar: 0, sales_12m: 800000, turnover: 8}
    expect:
      rows:
        - {as_of: 2025-12-31, days_12m: 365, dso_12m: 0, turnover_days: 45.625, reason: null}
        - {as_of: 2024-12-31, days_12m: 366, dso_12m: 0, turnover_days: 45.75, reason: null}
  - name: the window ends with its month or a year before the day, with 29 February where that lies in it
    given:
      - input: source('huikuan', 'dso')
        rows:
          - {as_of: 2024-02-29, scope: group, scope_id: "", ar: 1, sales_12m: 366}
          - {as_of: 2025-02-28, scope: group, scope_id: "", ar: 1, sales_12m: 365}
          - {as_of: 2024-02-28, scope: group, scope_id: "", ar: 1, sales_12m: 365}
          - {as_of: 2024-03-15, scope: group, scope_id: "", ar: 1, sales_12m: 366}
    expect:
      rows:
        - {as_of: 2024-02-29, days_12m: 366, dso_12m: 1}
        - {as_of: 2025-02-28, days_12m: 365, dso_12m: 1}
        - {as_of: 2024-02-28, days_12m: 365, dso_12m: 1}
        - {as_of: 2024-03-15, days_12m: 366, dso_12m: 1}
  - name: what is undefined is NULL, with its reason
    given:
      - input: source('huikuan', 'dso')
        rows:
          - {as_of: 2025-12-31, scope: customer, scope_id: CREDIT, ar: -1, sales_12m: 100, turnover: null}
          - {as_of: 2025-12-31, scope: customer, scope_id: DEAD, ar: 5, sales_12m: 0, turnover: 0}
          - {as_of: 2025-12-31, scope: customer, scope_id: GAVE BACK, ar: 5, sales_12m: -1}
          - {as_of: 2025-12-31, scope: customer, scope_id: NEW, ar: 5, sales_12m: 100, reason_turnover: insufficient_history}
          - {as_of: 2025-12-31, scope: customer, scope_id: UNPRICED, ar: null, sales_12m: null, reason_turnover: missing_rate}
    expect:
      rows:
        - {scope_id: CREDIT, dso_12m: null, turnover_days: null, reason: credit_balance}
        - {scope_id: DEAD, dso_12m: null, turnover_days: null, reason: no_sales}
        - {scope_id: GAVE BACK, dso_12m: null, reason: sales_nonpositive}
        - {scope_id: NEW, dso_12m: null, reason: insufficient_history}
        - {scope_id: UNPRICED, dso_12m: null, reason: missing_rate}
--- */
SELECT
    d.as_of AS as_of,
    d.scope AS scope,
    d.scope_id AS scope_id,
    d.currency AS currency,
    d.ar AS ar,
    d.sales_12m AS sales_12m,
    toInt64(dateDiff('day', if(d.as_of = toLastDayOfMonth(d.as_of), toLastDayOfMonth(addMonths(d.as_of, -12)), addMonths(d.as_of, -12)), d.as_of)) AS days_12m,
    if(isNull(reason), CAST(d.ar AS Decimal(38, 10)) * days_12m / nullIf(d.sales_12m, 0), NULL) AS dso_12m,
    d.turnover AS turnover,
    toDecimal128(days_12m, 10) / nullIf(d.turnover, 0) AS turnover_days,
    multiIf(
        isNull(d.ar) OR isNull(d.sales_12m), 'missing_rate',
        d.ar < 0, 'credit_balance',
        d.reason_turnover = 'insufficient_history', 'insufficient_history',
        d.sales_12m = 0, 'no_sales',
        d.sales_12m < 0, 'sales_nonpositive', NULL) AS reason
FROM {{ source('huikuan', 'dso') }} AS d
