/* ---
description: "What became, by the next month-end, of the amounts open at a month-end, item by item: how much rolled into each worse bucket, was paid, credited or written off (E3)."
grain: one opening month, company, segment, bucket at the opening and state at the next month-end
materialisation: table
order_by: [month, company, segment, from_bucket, to_bucket]
owner: credit management
tags: [risk, ecl]
columns:
  - {name: month, description: first day of the month at whose end the amounts were open, unit: date, tests: [not_null]}
  - {name: to_month_end, description: "end of the next month, or the last day built within it", unit: date, tests: [not_null]}
  - {name: complete, description: whether to_month_end is the end of its month; only such pairs give loss rates, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: segment, description: "segment of the customer at the opening; empty = none", tests: [not_null]}
  - {name: from_bucket, description: aging bucket at the opening, tests: [not_null]}
  - {name: from_days, description: "days past due at which from_bucket begins, 0 = not due", unit: days, tests: [not_null]}
  - {name: to_bucket, description: "aging bucket at to_month_end, or paid, credited, written_off", tests: [not_null]}
  - {name: to_days, description: "days past due at which to_bucket begins; 0 = not due, and for what left", unit: days, tests: [not_null]}
  - {name: outcome, description: "rolled (a worse bucket), written_off, stayed (the same or a better bucket), paid, credited", tests: [not_null, {accepted_values: [rolled, written_off, stayed, paid, credited]}]}
  - {name: amount_rc, description: amount that went this way, unit: reporting currency, tests: [not_null]}
  - {name: opening_rc, description: amount of from_bucket at the opening, unit: reporting currency, tests: [not_null]}
  - {name: opening_share, description: "amount_rc / opening_rc; the shares of a from_bucket add up to 1; NULL = nothing open", unit: fraction}
  - {name: base_rc, description: opening_rc less what was credited (no credit loss); denominator of the rates, unit: reporting currency}
  - {name: base_share, description: "amount_rc / base_rc; NULL for what was credited and where nothing is left", unit: fraction}
  - {name: rolled_rc, description: "rolled and written_off of from_bucket together: a write-off is no collection; numerator of roll_rate", unit: reporting currency}
  - {name: roll_rate, description: rolled_rc / base_rc of from_bucket, unit: fraction}
  - {name: roll_rate_without_write_offs, description: "the same as spreadsheets have it, without write-offs: too good, for comparison", unit: fraction}
  - {name: rows_without_rate, description: amounts left out because no exchange rate is known, unit: count}
chart: {type: heatmap, title: Where the balances of the last whole month went, x: from_bucket, y: [amount_rc], series: to_bucket, unit: reporting currency, where: "month = (SELECT max(month) FROM roll_rates WHERE to_month_end = toLastDayOfMonth(to_month_end))"}
tests:
  - unique: [month, company, segment, from_bucket, to_bucket]
  - name: every amount open at a month-end went one way
    sum_equals:
      this: sum(amount_rc)
      by: [month, company]
      of: SELECT month, company, sum(amount_rc) FROM {{ source('huikuan', 'ar_rolls') }} GROUP BY month, company HAVING isNotNull(sum(amount_rc))
  - name: the shares of a bucket add up to one
    sql: |
      SELECT month, company, segment, from_bucket, sum(opening_share) AS total
      FROM {{ this }}
      WHERE isNotNull(opening_share)
      GROUP BY month, company, segment, from_bucket
      HAVING abs(total - 1) > 0.000001
unit_tests:
  - name: ex:roll_rate_cn_writeoff
    given:
      - input: source('huikuan', 'ar_rolls')
        rows:
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: A, customer_id: C1, segment: RETAIL, from_bucket: 181-365, to_bucket: 366+, amount_rc: 500000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: A, customer_id: C2, segment: RETAIL, from_bucket: 181-365, to_bucket: written_off, amount_rc: 200000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: A, customer_id: C2, segment: RETAIL, from_bucket: 181-365, to_bucket: paid, amount_rc: 300000}
    expect:
      rows:
        - {from_bucket: 181-365, from_days: 181, to_bucket: 366+, outcome: rolled, amount_rc: 500000, opening_share: 0.5, rolled_rc: 700000, roll_rate: 0.7, roll_rate_without_write_offs: 0.5, complete: true}
        - {from_bucket: 181-365, from_days: 181, to_bucket: written_off, outcome: written_off, amount_rc: 200000, opening_share: 0.2, rolled_rc: 700000, roll_rate: 0.7, roll_rate_without_write_offs: 0.5, complete: true}
        - {from_bucket: 181-365, from_days: 181, to_bucket: paid, outcome: paid, amount_rc: 300000, opening_share: 0.3, rolled_rc: 700000, roll_rate: 0.7, roll_rate_without_write_offs: 0.5, complete: true}
  - name: ex:roll_rate_cn_simple
    given:
      - input: source('huikuan', 'ar_rolls')
        rows:
          - {month: 2025-12-01, to_month_end: 2026-01-15, company: A, customer_id: C1, from_bucket: not_due, to_bucket: 1-30, amount_rc: 600000}
          - {month: 2025-12-01, to_month_end: 2026-01-15, company: A, customer_id: C1, from_bucket: not_due, to_bucket: paid, amount_rc: 400000}
          - {month: 2025-12-01, to_month_end: 2026-01-15, company: A, customer_id: C1, from_bucket: not_due, to_bucket: credited, amount_rc: 250000}
          - {month: 2025-12-01, to_month_end: 2026-01-15, company: A, customer_id: C1, from_bucket: 1-30, to_bucket: credited, amount_rc: 50}
    expect:
      rows:
        - {from_bucket: not_due, from_days: 0, to_bucket: 1-30, opening_rc: 1250000, base_rc: 1000000, base_share: 0.6, opening_share: 0.48, roll_rate: 0.6, complete: false}
        - {from_bucket: not_due, from_days: 0, to_bucket: paid, opening_rc: 1250000, base_rc: 1000000, base_share: 0.4, opening_share: 0.32, roll_rate: 0.6, complete: false}
        - {from_bucket: not_due, from_days: 0, to_bucket: credited, opening_rc: 1250000, base_rc: 1000000, base_share: null, opening_share: 0.2, roll_rate: 0.6, complete: false}
        - {from_bucket: 1-30, from_days: 1, to_bucket: credited, opening_rc: 50, base_rc: 0, base_share: null, opening_share: 1, roll_rate: null, complete: false}
  - name: companies, segments and months have rates of their own, what has no rate is counted, staying is neither
    given:
      - input: source('huikuan', 'ar_rolls')
        rows:
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: A, customer_id: C1, segment: S, from_bucket: 1-30, to_bucket: 31-60, amount: 9, amount_rc: 60}
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: A, customer_id: C2, segment: S, from_bucket: 1-30, to_bucket: 31-60, amount: 9, amount_rc: 20}
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: A, customer_id: C2, segment: S, from_bucket: 1-30, to_bucket: 31-60, amount: 9, amount_rc: null}
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: A, customer_id: C1, segment: S, from_bucket: 1-30, to_bucket: 61-90, amount: 9, amount_rc: 40}
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: A, customer_id: C1, segment: S, from_bucket: 1-30, to_bucket: 1-30, amount: 9, amount_rc: 30}
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: A, customer_id: C1, segment: S, from_bucket: 1-30, to_bucket: not_due, amount: 9, amount_rc: 50}
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: A, customer_id: C1, segment: null, from_bucket: 1-30, to_bucket: paid, amount: 9, amount_rc: 7}
          - {month: 2025-12-01, to_month_end: 2026-01-31, company: B, customer_id: C1, segment: S, from_bucket: 1-30, to_bucket: written_off, amount: 9, amount_rc: 5}
          - {month: 2026-01-01, to_month_end: 2026-02-28, company: A, customer_id: C1, segment: S, from_bucket: 1-30, to_bucket: paid, amount: 9, amount_rc: 3}
          - {month: 2026-01-01, to_month_end: 2026-02-28, company: A, customer_id: C1, segment: S, from_bucket: not_due, to_bucket: paid, amount: 9, amount_rc: null}
    expect:
      rows:
        - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, company: A, segment: S, from_bucket: "1-30", from_days: 1, to_bucket: "1-30", to_days: 1, outcome: stayed, amount_rc: 30, opening_rc: 200, opening_share: 0.15, base_rc: 200, base_share: 0.15, rolled_rc: 120, roll_rate: 0.6, roll_rate_without_write_offs: 0.6, rows_without_rate: 0}
        - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, company: B, segment: S, from_bucket: "1-30", from_days: 1, to_bucket: written_off, to_days: 0, outcome: written_off, amount_rc: 5, opening_rc: 5, opening_share: 1, base_rc: 5, base_share: 1, rolled_rc: 5, roll_rate: 1, roll_rate_without_write_offs: 0, rows_without_rate: 0}
        - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, company: A, segment: S, from_bucket: not_due, from_days: 0, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 0, opening_rc: 0, opening_share: null, base_rc: 0, base_share: null, rolled_rc: 0, roll_rate: null, roll_rate_without_write_offs: null, rows_without_rate: 1}
        - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, company: A, segment: S, from_bucket: "1-30", from_days: 1, to_bucket: not_due, to_days: 0, outcome: stayed, amount_rc: 50, opening_rc: 200, opening_share: 0.25, base_rc: 200, base_share: 0.25, rolled_rc: 120, roll_rate: 0.6, roll_rate_without_write_offs: 0.6, rows_without_rate: 0}
        - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, company: A, segment: S, from_bucket: "1-30", from_days: 1, to_bucket: "31-60", to_days: 31, outcome: rolled, amount_rc: 80, opening_rc: 200, opening_share: 0.4, base_rc: 200, base_share: 0.4, rolled_rc: 120, roll_rate: 0.6, roll_rate_without_write_offs: 0.6, rows_without_rate: 1}
        - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, company: A, segment: S, from_bucket: "1-30", from_days: 1, to_bucket: "61-90", to_days: 61, outcome: rolled, amount_rc: 40, opening_rc: 200, opening_share: 0.2, base_rc: 200, base_share: 0.2, rolled_rc: 120, roll_rate: 0.6, roll_rate_without_write_offs: 0.6, rows_without_rate: 0}
        - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, company: A, segment: "", from_bucket: "1-30", from_days: 1, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 7, opening_rc: 7, opening_share: 1, base_rc: 7, base_share: 1, rolled_rc: 0, roll_rate: 0, roll_rate_without_write_offs: 0, rows_without_rate: 0}
        - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, company: A, segment: S, from_bucket: "1-30", from_days: 1, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 3, opening_rc: 3, opening_share: 1, base_rc: 3, base_share: 1, rolled_rc: 0, roll_rate: 0, roll_rate_without_write_offs: 0, rows_without_rate: 0}
--- */
WITH
flows AS (
    SELECT
        r.month AS month,
        max(r.to_month_end) AS to_month_end,
        r.company AS company,
        ifNull(r.segment, '') AS segment,
        r.from_bucket AS from_bucket,
        toInt64(ifNull(toInt32OrNull(extract(CAST(r.from_bucket AS String), '^[0-9]+')), 0)) AS from_days,
        r.to_bucket AS to_bucket,
        toInt64(ifNull(toInt32OrNull(extract(CAST(r.to_bucket AS String), '^[0-9]+')), 0)) AS to_days,
        multiIf(
            to_bucket IN ('paid', 'credited', 'written_off'), CAST(r.to_bucket AS String),
            to_days > from_days, 'rolled',
            'stayed') AS outcome,
        ifNull(sum(r.amount_rc), 0) AS amount_rc,
        countIf(isNull(r.amount_rc)) AS rows_without_rate
    FROM {{ source('huikuan', 'ar_rolls') }} AS r
    GROUP BY month, company, segment, from_bucket, to_bucket
),
openings AS (
    SELECT
        f.month AS month,
        f.company AS company,
        f.segment AS segment,
        f.from_bucket AS from_bucket,
        sum(f.amount_rc) AS opening_rc,
        sumIf(f.amount_rc, f.outcome != 'credited') AS base_rc,
        sumIf(f.amount_rc, f.outcome IN ('rolled', 'written_off')) AS rolled_rc,
        sumIf(f.amount_rc, f.outcome = 'rolled') AS moved_rc
    FROM flows AS f
    GROUP BY month, company, segment, from_bucket
)
SELECT
    f.month AS month,
    f.to_month_end AS to_month_end,
    CAST(f.to_month_end = toLastDayOfMonth(f.to_month_end) AS Bool) AS complete,
    f.company AS company,
    f.segment AS segment,
    f.from_bucket AS from_bucket,
    f.from_days AS from_days,
    f.to_bucket AS to_bucket,
    f.to_days AS to_days,
    f.outcome AS outcome,
    CAST(f.amount_rc AS Decimal(18, 4)) AS amount_rc,
    CAST(o.opening_rc AS Decimal(18, 4)) AS opening_rc,
    CAST(CAST(f.amount_rc AS Decimal(38, 10)) / nullIf(o.opening_rc, 0) AS Nullable(Decimal(38, 10))) AS opening_share,
    CAST(o.base_rc AS Decimal(18, 4)) AS base_rc,
    CAST(if(f.outcome = 'credited', NULL, CAST(f.amount_rc AS Decimal(38, 10)) / nullIf(o.base_rc, 0)) AS Nullable(Decimal(38, 10))) AS base_share,
    CAST(o.rolled_rc AS Decimal(18, 4)) AS rolled_rc,
    CAST(CAST(o.rolled_rc AS Decimal(38, 10)) / nullIf(o.base_rc, 0) AS Nullable(Decimal(38, 10))) AS roll_rate,
    CAST(CAST(o.moved_rc AS Decimal(38, 10)) / nullIf(o.base_rc, 0) AS Nullable(Decimal(38, 10))) AS roll_rate_without_write_offs,
    f.rows_without_rate AS rows_without_rate
FROM flows AS f
INNER JOIN openings AS o ON o.month = f.month AND o.company = f.company AND o.segment = f.segment AND o.from_bucket = f.from_bucket
