/* ---
description: "From the year-band allowance to the expected credit loss of the provision matrix on the last day built, aging bucket by bucket: what auditors ask for where both methods are in use (E6)."
grain: one company, segment and aging bucket
materialisation: table
order_by: [company, segment, bucket_no]
owner: finance
tags: [risk, ecl, cfo]
columns:
  - {name: as_of, description: reporting date, unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: segment, description: "segment of the customers; empty = none", tests: [not_null]}
  - {name: bucket_no, description: "1 = not due … 8 = 366 days and more past due", unit: rank, tests: [not_null]}
  - {name: bucket, description: aging bucket by due date, tests: [not_null]}
  - {name: gross_rc, description: "open invoices and debit notes at the closing rate, as the matrix has them", unit: reporting currency, tests: [not_null]}
  - {name: gross_difference_rc, description: "gross of the year bands less gross_rc: rounding of single items only", unit: reporting currency, tests: [not_null]}
  - {name: year_band_allowance_rc, description: allowance by year bands of these amounts, unit: reporting currency, tests: [not_null]}
  - {name: rate_effect_rc, description: "loss rates of the matrix in place of the fixed rates, on all amounts", unit: reporting currency, tests: [not_null]}
  - {name: specific_effect_rc, description: customers assessed individually, unit: reporting currency, tests: [not_null]}
  - {name: disputed_effect_rc, description: disputed amounts, unit: reporting currency, tests: [not_null]}
  - {name: insured_effect_rc, description: "what credit insurance covers, negative", unit: reporting currency, tests: [not_null]}
  - {name: ecl_rc, description: "expected credit loss: year_band_allowance_rc and the four effects, exactly", unit: reporting currency, tests: [not_null]}
  - {name: difference_rc, description: ecl_rc less year_band_allowance_rc, unit: reporting currency, tests: [not_null]}
tests:
  - unique: [company, segment, bucket]
  - name: the expected credit loss is that of the matrix
    sum_equals:
      this: sum(ecl_rc)
      by: [company]
      of: |
        SELECT company, sum(ecl_rc)
        FROM {{ ref('ecl_provision') }}
        WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
        GROUP BY company
  - name: the allowance is that of the year bands
    sum_equals:
      this: sum(year_band_allowance_rc)
      by: [company]
      of: SELECT company, sum(allowance_rc) FROM {{ ref('ecl_year_bands') }} GROUP BY company
  - name: the effects explain the difference
    sql: |
      SELECT company, segment, bucket
      FROM {{ this }}
      WHERE year_band_allowance_rc + rate_effect_rc + specific_effect_rc + disputed_effect_rc + insured_effect_rc != ecl_rc
  - name: both see the same receivables, but for the rounding of each balance
    sql: |
      SELECT r.company AS company, r.segment AS segment, r.bucket AS bucket, r.gross_difference_rc AS gross_difference_rc, b.balances AS balances
      FROM {{ this }} AS r
      LEFT JOIN (
          SELECT company, ifNull(toString(segment), '') AS segment, count() AS balances
          FROM {{ ref('month_end_balances') }}
          WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AND open_amount_rc IS NOT NULL
          GROUP BY company, segment
      ) AS b ON b.company = r.company AND b.segment = r.segment
      WHERE abs(gross_difference_rc) > 0.0001 * balances
unit_tests:
  - name: every effect in its column
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31}]
      - input: ref('ecl_year_bands')
        rows: [{as_of: 2026-10-31, company: A, segment: S, bucket_no: 1, bucket: not_due, gross_rc: 1000, allowance_rc: 50}]
      - input: ref('ecl_provision')
        rows:
          - {as_of: 2026-09-30, company: A, segment: S, bucket_no: 1, bucket: not_due, assessment: matrix, gross_rc: 5, loss_rate: 0.01, forward_scalar: 1.1, ecl_rc: 5}
          - {as_of: 2026-10-31, company: A, segment: S, bucket_no: 1, bucket: not_due, assessment: matrix, gross_rc: 700, loss_rate: 0.01, forward_scalar: 1.1, ecl_rc: 7.7}
          - {as_of: 2026-10-31, company: A, segment: S, bucket_no: 1, bucket: not_due, assessment: specific, gross_rc: 100, loss_rate: 0.01, forward_scalar: 1.1, ecl_rc: 50}
          - {as_of: 2026-10-31, company: A, segment: S, bucket_no: 1, bucket: not_due, assessment: disputed, gross_rc: 100, loss_rate: 0.01, forward_scalar: 1.1, ecl_rc: 10}
          - {as_of: 2026-10-31, company: A, segment: S, bucket_no: 1, bucket: not_due, assessment: insured, gross_rc: 100, loss_rate: 0.01, forward_scalar: 1.1, ecl_rc: 0.1}
    expect:
      rows: [{bucket: not_due, gross_rc: 1000, gross_difference_rc: 0, year_band_allowance_rc: 50, rate_effect_rc: -39, specific_effect_rc: 48.9, disputed_effect_rc: 8.9, insured_effect_rc: -1, ecl_rc: 67.8, difference_rc: 17.8}]
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
lines AS (
    SELECT
        as_of, company, segment, bucket_no, bucket, toString(assessment) AS kind, gross_rc AS gross, ecl_rc AS ecl,
        CAST(round(gross_rc * least(loss_rate * forward_scalar, toDecimal128(1, 20)), 4) AS Decimal(18, 4)) AS plain,
        toDecimal64(0, 4) AS band_gross, toDecimal64(0, 4) AS allowance
    FROM {{ ref('ecl_provision') }}
    WHERE as_of = today
    UNION ALL
    SELECT as_of, company, segment, bucket_no, bucket, 'band', 0, 0, 0, gross_rc, allowance_rc
    FROM {{ ref('ecl_year_bands') }}
)
SELECT
    as_of,
    company,
    segment,
    bucket_no,
    bucket,
    CAST(sum(gross) AS Decimal(18, 4)) AS gross_rc,
    CAST(sum(band_gross) - sum(gross) AS Decimal(18, 4)) AS gross_difference_rc,
    CAST(sum(allowance) AS Decimal(18, 4)) AS year_band_allowance_rc,
    CAST(sum(plain) - sum(allowance) + sumIf(ecl - plain, kind = 'matrix') AS Decimal(18, 4)) AS rate_effect_rc,
    CAST(sumIf(ecl - plain, kind = 'specific') AS Decimal(18, 4)) AS specific_effect_rc,
    CAST(sumIf(ecl - plain, kind = 'disputed') AS Decimal(18, 4)) AS disputed_effect_rc,
    CAST(sumIf(ecl - plain, kind = 'insured') AS Decimal(18, 4)) AS insured_effect_rc,
    CAST(sum(ecl) AS Decimal(18, 4)) AS ecl_rc,
    CAST(sum(ecl) - sum(allowance) AS Decimal(18, 4)) AS difference_rc
FROM lines
GROUP BY as_of, company, segment, bucket_no, bucket
