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
  - name: the edges of the buckets, the rate of each band, amounts rounded to the fourth place once, each currency at the rate of the day
    overrides: {vars: {ecl_year_band_rates: [0.01, 0.02, 0.03, 0.04, 0.5, 0.6]}}
    given:
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2026-10-31, currency: CNY, rate_closing: 1}, {as_of: 2026-09-30, currency: CNY, rate_closing: 9}, {as_of: 2026-10-31, currency: EUR, rate_closing: 8.00005}, {as_of: 2026-10-31, currency: USD, rate_closing: 7.00005}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D0, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 0, open_amount: 1}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D1, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 1, open_amount: 2}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D30, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 30, open_amount: 4}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D31, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 31, open_amount: 8}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D60, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 60, open_amount: 16}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D61, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 61, open_amount: 32}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D90, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 90, open_amount: 64}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D91, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 91, open_amount: 128}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D120, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 120, open_amount: 256}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D121, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 121, open_amount: 512}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D180, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 180, open_amount: 1024}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D181, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 181, open_amount: 2048}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D365, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 365, open_amount: 4096}
          - {as_of: 2026-10-31, company: A, customer_id: C, invoice_id: D366, segment: RETAIL, currency: CNY, year_band: 0-1y, days_past_due: 366, open_amount: 8192}
          - {as_of: 2026-10-31, company: B, customer_id: D, invoice_id: N1, segment: null, currency: CNY, year_band: 1-2y, days_past_due: 400, open_amount: 100}
          - {as_of: 2026-10-31, company: B, customer_id: D, invoice_id: N2, segment: null, currency: EUR, year_band: 2-3y, days_past_due: 800, open_amount: 1}
          - {as_of: 2026-10-31, company: B, customer_id: D, invoice_id: N3, segment: null, currency: USD, year_band: 2-3y, days_past_due: 800, open_amount: 1}
          - {as_of: 2026-10-31, company: B, customer_id: D, invoice_id: N4, segment: S, currency: CNY, year_band: 3-4y, days_past_due: 1200, open_amount: 100}
          - {as_of: 2026-10-31, company: B, customer_id: D, invoice_id: N5, segment: S, currency: CNY, year_band: 4-5y, days_past_due: 1600, open_amount: 0.0001}
          - {as_of: 2026-10-31, company: B, customer_id: D, invoice_id: N6, segment: S, currency: XXX, year_band: 5y+, days_past_due: 1900, open_amount: 70}
    expect:
      rows:
        - {as_of: 2026-10-31, company: A, segment: RETAIL, band_no: 1, year_band: 0-1y, bucket: not_due, bucket_no: 1, gross_rc: 1, band_rate: 0.01, allowance_rc: 0.01}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, band_no: 1, year_band: 0-1y, bucket: 1-30, bucket_no: 2, gross_rc: 6, band_rate: 0.01, allowance_rc: 0.06}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, band_no: 1, year_band: 0-1y, bucket: 31-60, bucket_no: 3, gross_rc: 24, band_rate: 0.01, allowance_rc: 0.24}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, band_no: 1, year_band: 0-1y, bucket: 61-90, bucket_no: 4, gross_rc: 96, band_rate: 0.01, allowance_rc: 0.96}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, band_no: 1, year_band: 0-1y, bucket: 91-120, bucket_no: 5, gross_rc: 384, band_rate: 0.01, allowance_rc: 3.84}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, band_no: 1, year_band: 0-1y, bucket: 121-180, bucket_no: 6, gross_rc: 1536, band_rate: 0.01, allowance_rc: 15.36}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, band_no: 1, year_band: 0-1y, bucket: 181-365, bucket_no: 7, gross_rc: 6144, band_rate: 0.01, allowance_rc: 61.44}
        - {as_of: 2026-10-31, company: A, segment: RETAIL, band_no: 1, year_band: 0-1y, bucket: 366+, bucket_no: 8, gross_rc: 8192, band_rate: 0.01, allowance_rc: 81.92}
        - {as_of: 2026-10-31, company: B, segment: "", band_no: 2, year_band: 1-2y, bucket: 366+, bucket_no: 8, gross_rc: 100, band_rate: 0.02, allowance_rc: 2}
        - {as_of: 2026-10-31, company: B, segment: "", band_no: 3, year_band: 2-3y, bucket: 366+, bucket_no: 8, gross_rc: 15.0002, band_rate: 0.03, allowance_rc: 0.45}
        - {as_of: 2026-10-31, company: B, segment: S, band_no: 4, year_band: 3-4y, bucket: 366+, bucket_no: 8, gross_rc: 100, band_rate: 0.04, allowance_rc: 4}
        - {as_of: 2026-10-31, company: B, segment: S, band_no: 5, year_band: 4-5y, bucket: 366+, bucket_no: 8, gross_rc: 0.0001, band_rate: 0.5, allowance_rc: 0.0001}
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
