/* ---
description: "The allowance by the year-band method 账龄组合 on the last day built: gross receivables at closing rates by full years since the invoice, times fixed rates. It stands beside the provision matrix; ecl_reconciliation shows the difference (E6, A4)."
grain: one company, segment, year band and aging bucket
materialisation: table
order_by: [company, segment, band_no, bucket]
owner: finance
tags: [risk, ecl, cfo]
columns:
  - {name: as_of, description: reporting date, unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: segment, description: "segment of the customers on as_of; empty = none", tests: [not_null]}
  - {name: band_no, description: "1 = 0-1y … 6 = 5y+", unit: rank, tests: [not_null]}
  - {name: year_band, description: full anniversaries of the invoice before as_of, tests: [not_null]}
  - {name: bucket, description: aging bucket by due date, tests: [not_null]}
  - {name: bucket_no, description: "1 = not due … 8 = 366 days and more past due", unit: rank, tests: [not_null]}
  - {name: gross_rc, description: open invoices and debit notes at the closing rate, unit: reporting currency, tests: [not_null]}
  - {name: band_rate, description: fixed rate of the band, unit: fraction, tests: [not_null]}
  - {name: allowance_rc, description: gross_rc x band_rate, unit: reporting currency, tests: [not_null]}
chart: {type: bar, title: Allowance by year band, x: year_band, y: [gross_rc, allowance_rc], unit: reporting currency}
tests:
  - unique: [company, segment, year_band, bucket]
  - name: gross receivables are those of the provision matrix
    sum_equals:
      this: sum(gross_rc)
      by: [company]
      of: |
        -- the matrix rounds each bucket of a balance, these bands each sum of items
        SELECT p.company AS company, p.gross_rc AS gross_rc, 2 * b.buckets AS rounded
        FROM (
            SELECT company, sum(gross_rc) AS gross_rc
            FROM {{ ref('ecl_provision') }}
            WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
            GROUP BY company
        ) AS p
        LEFT JOIN (
            SELECT company, sum(arrayCount(x -> x != 0, [not_due_rc, d1_30_rc, d31_60_rc, d61_90_rc, d91_120_rc, d121_180_rc, d181_365_rc, d366_plus_rc])) AS buckets
            FROM {{ ref('month_end_balances') }}
            WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AND open_amount_rc IS NOT NULL
            GROUP BY company
        ) AS b ON b.company = p.company
      tolerance_per_row: 0.00005
unit_tests:
  - name: fixed rates by band, a currency without a rate left out
    given:
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2026-10-31, currency: CNY, rate_closing: 1}, {as_of: 2026-10-31, currency: EUR, rate_closing: 8}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: I1, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: -3, open_amount: 1000}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: I2, segment: RETAIL, currency: EUR, year_band: 0-1y, days_past_due: -3, open_amount: 100}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: I3, segment: RETAIL, currency: CNY, year_band: 5y+, days_past_due: 1900, open_amount: 70}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: I4, segment: RETAIL, currency: XXX, year_band: 5y+, days_past_due: 1900, open_amount: 70}
    expect:
      rows:
        - {band_no: 1, year_band: 0-1y, bucket: not_due, bucket_no: 1, gross_rc: 1800, band_rate: 0.05, allowance_rc: 90}
        - {band_no: 6, year_band: 5y+, bucket: 366+, bucket_no: 8, gross_rc: 70, band_rate: 1, allowance_rc: 70}
--- */
WITH
['not_due', '1-30', '31-60', '61-90', '91-120', '121-180', '181-365', '366+'] AS buckets,
['0-1y', '1-2y', '2-3y', '3-4y', '4-5y', '5y+'] AS bands,
amounts AS (
    SELECT
        i.as_of AS as_of,
        i.company AS company,
        ifNull(i.segment, '') AS segment,
        CAST(i.year_band AS String) AS year_band,
        buckets[1 + arrayCount(edge -> i.days_past_due > edge, [0, 30, 60, 90, 120, 180, 365])] AS bucket,
        i.currency AS currency,
        sum(i.open_amount) AS amount
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    GROUP BY as_of, company, segment, year_band, bucket, currency
),
valued AS (
    SELECT
        a.as_of AS as_of,
        a.company AS company,
        a.segment AS segment,
        a.year_band AS year_band,
        a.bucket AS bucket,
        CAST(sum(round(a.amount * r.rate_closing, 4)) AS Nullable(Decimal(18, 4))) AS gross_rc
    FROM amounts AS a
    LEFT JOIN {{ source('huikuan', 'fx_as_of') }} AS r ON r.as_of = a.as_of AND r.currency = a.currency
    GROUP BY as_of, company, segment, year_band, bucket
)
SELECT
    as_of,
    company,
    segment,
    toUInt8(indexOf(bands, year_band)) AS band_no,
    year_band,
    bucket,
    toUInt8(indexOf(buckets, bucket)) AS bucket_no,
    assumeNotNull(valued.gross_rc) AS gross_rc,
    toDecimal128(toString({{ var('ecl_year_band_rates') }}[band_no]), 10) AS band_rate,
    CAST(round(gross_rc * band_rate, 4) AS Decimal(18, 4)) AS allowance_rc
FROM valued
WHERE isNotNull(valued.gross_rc)
