/* ---
description: "The cash forecast of the last day built without the customer, for charts of the whole book (F1)."
grain: one week of cash_forecast, company, segment, region and owner of the customers now, and document currency
materialisation: table
order_by: [week, company, currency]
owner: finance
tags: [forecast]
columns:
  - {name: as_of, description: end of the day the forecast was made on, unit: date, tests: [not_null]}
  - {name: week, description: first day of the week, unit: date, tests: [not_null]}
  - {name: week_no, description: 1 = the week after as_of, unit: number}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: segment, description: "segment as in cash_forecast; empty = none", tests: [not_null]}
  - {name: region, description: "region of the customers now; empty = none", tests: [not_null]}
  - {name: owner_id, description: "account owner of the customers now; empty = none", unit: id, tests: [not_null]}
  - {name: currency, description: document currency, unit: ISO 4217}
  - {name: expected, description: expected cash, unit: currency}
  - {name: expected_rc, description: expected cash; what has no exchange rate is left out, unit: reporting currency}
  - {name: low, description: lower end of the likely range, unit: currency}
  - {name: low_rc, description: lower end of the likely range; what has no exchange rate is left out, unit: reporting currency}
  - {name: high, description: upper end of the likely range, unit: currency}
  - {name: high_rc, description: upper end of the likely range; what has no exchange rate is left out, unit: reporting currency}
tests:
  - name: every forecast is here once
    sum_equals:
      this: sum(expected)
      by: [week_no, currency]
      of: SELECT week_no, currency, sum(expected) FROM {{ source('huikuan', 'cash_forecast') }} GROUP BY week_no, currency
unit_tests:
  - name: customers of one owner and region are added up, unknown ones have none
    given:
      - input: source('huikuan', 'cash_forecast')
        rows:
          - {as_of: 2026-11-20, company: A, customer_id: C1, segment: RETAIL, currency: USD, week: 2026-11-23, week_no: 1, expected: 2, expected_rc: 14, low: 1, high: 3}
          - {as_of: 2026-11-20, company: A, customer_id: C2, segment: RETAIL, currency: USD, week: 2026-11-23, week_no: 1, expected: 5, expected_rc: null, low: null, high: 6}
          - {as_of: 2026-11-20, company: A, customer_id: C3, segment: null, currency: USD, week: 2026-11-30, week_no: 2, expected: 7, expected_rc: 49, low: null, high: null}
      - input: ref('customer_directory')
        rows: [{customer_id: C1, owner_id: R1, region: North}, {customer_id: C2, owner_id: R1, region: North}]
    expect:
      rows:
        - {week: 2026-11-23, segment: RETAIL, region: North, owner_id: R1, expected: 7, expected_rc: 14, low: 1, high: 9}
        - {week: 2026-11-30, segment: "", region: "", owner_id: "", expected: 7, expected_rc: 49, low: null, high: null}
--- */
SELECT
    f.as_of AS as_of,
    f.week AS week,
    f.week_no AS week_no,
    f.company AS company,
    ifNull(f.segment, '') AS segment,
    ifNull(c.region, '') AS region,
    ifNull(c.owner_id, '') AS owner_id,
    f.currency AS currency,
    sum(f.expected) AS expected,
    sum(f.expected_rc) AS expected_rc,
    sum(f.low) AS low,
    sum(f.low_rc) AS low_rc,
    sum(f.high) AS high,
    sum(f.high_rc) AS high_rc
FROM {{ source('huikuan', 'cash_forecast') }} AS f
LEFT JOIN {{ ref('customer_directory') }} AS c ON c.customer_id = f.customer_id
GROUP BY as_of, week, week_no, company, segment, region, owner_id, currency
