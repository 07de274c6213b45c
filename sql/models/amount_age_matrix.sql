/* ---
description: "Open receivables by size of the customer's balance and by age: where many small debts are old, and where few large ones are."
grain: one company, amount band and aging bucket
materialisation: table
order_by: [company, band_no, bucket_no]
owner: credit management
tags: [aging]
chart: {type: heatmap, title: "Open receivables by amount and age", x: bucket, y: [open_amount_rc], series: amount_band, unit: reporting currency}
columns:
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: band_no, description: "number of the amount band, 1 = smallest", unit: count, tests: [not_null]}
  - {name: amount_band, description: "the customer's open receivables in the company: lower edge included, upper edge not; reporting currency", tests: [not_null]}
  - {name: bucket_no, description: "number of the aging bucket, 0 = not due", unit: count, tests: [not_null]}
  - {name: bucket, description: aging bucket by due date, tests: [not_null]}
  - {name: customers, description: customers with something open in this cell, unit: count}
  - {name: items, description: open instalments, unit: count}
  - {name: open_amount_rc, description: open amount of the cell, unit: reporting currency}
tests:
  - unique: [company, band_no, bucket_no]
  - name: the cells add up to the open receivables
    sum_equals:
      this: sum(open_amount_rc)
      by: [company]
      of: SELECT company, sum(open_amount_rc) FROM {{ source('huikuan', 'ar_open_items') }} WHERE open_amount_rc IS NOT NULL GROUP BY company
unit_tests:
  - name: a customer stands in one band with all its items
    overrides: {vars: {amount_bands: [100, 1000]}}
    given:
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {company: HQ, customer_id: A, bucket: not_due, days_past_due: -3, open_amount_rc: 60}
          - {company: HQ, customer_id: A, bucket: 1-30, days_past_due: 5, open_amount_rc: 40}
          - {company: HQ, customer_id: B, bucket: 1-30, days_past_due: 7, open_amount_rc: 99.99}
          - {company: HQ, customer_id: D, bucket: 366+, days_past_due: 900, open_amount_rc: 1000}
          - {company: HQ, customer_id: E, bucket: 366+, days_past_due: 900}
    expect:
      rows:
        - {band_no: 1, amount_band: "< 100", bucket: 1-30, bucket_no: 1, customers: 1, items: 1, open_amount_rc: 99.99}
        - {band_no: 2, amount_band: "100 - 1000", bucket: not_due, bucket_no: 0, customers: 1, items: 1, open_amount_rc: 60}
        - {band_no: 2, amount_band: "100 - 1000", bucket: 1-30, bucket_no: 1, customers: 1, items: 1, open_amount_rc: 40}
        - {band_no: 3, amount_band: ">= 1000", bucket: 366+, bucket_no: 7, customers: 1, items: 1, open_amount_rc: 1000}
--- */
WITH
{{ var('amount_bands') }} AS bands,
{{ var('aging_buckets') }} AS edges,
totals AS (
    SELECT company, customer_id, sum(open_amount_rc) AS total
    FROM {{ source('huikuan', 'ar_open_items') }}
    GROUP BY company, customer_id
)
SELECT
    i.company AS company,
    1 + arrayCount(b -> assumeNotNull(t.total) >= b, bands) AS band_no,
    multiIf(band_no = 1, concat('< ', toString(bands[1])), band_no > length(bands), concat('>= ', toString(bands[length(bands)])),
        concat(toString(bands[band_no - 1]), ' - ', toString(bands[band_no]))) AS amount_band,
    if(min(i.days_past_due) <= 0, 0, 1 + arrayCount(e -> min(i.days_past_due) > e, edges)) AS bucket_no,
    toString(i.bucket) AS bucket,
    uniqExact(i.customer_id) AS customers,
    count() AS items,
    sum(assumeNotNull(i.open_amount_rc)) AS open_amount_rc
FROM {{ source('huikuan', 'ar_open_items') }} AS i
INNER JOIN totals AS t ON t.company = i.company AND t.customer_id = i.customer_id
WHERE i.open_amount_rc IS NOT NULL
GROUP BY i.company, band_no, i.bucket
