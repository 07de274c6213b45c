/* ---
description: "Share of an amount in each aging bucket that is lost in the end, from the roll rates of up to three years before the day, write-offs counted as rolled and credits left out (E4, E5). Only month-ends up to the day are used."
grain: one day (month-ends and the last day built), segment and aging bucket
materialisation: table
order_by: [as_of, segment, bucket_no]
owner: credit management
tags: [risk, ecl]
columns:
  - {name: as_of, description: day for which the rate was known, unit: date, tests: [not_null]}
  - {name: segment, description: "segment of the customers; empty = customers without one", tests: [not_null]}
  - {name: bucket_no, description: "1 = not due … 8 = 366 days and more past due", unit: rank, tests: [not_null]}
  - {name: bucket, description: aging bucket, tests: [not_null]}
  - {name: history_months, description: complete month-end pairs in the window in which the segment had receivables, unit: months}
  - {name: base_rc, description: "amounts that entered a month in the bucket, credits deducted, in the window", unit: reporting currency}
  - {name: left_rc, description: "part of base_rc that was paid, rolled into a worse bucket or was written off; denominator of roll_rate", unit: reporting currency}
  - {name: rolled_rc, description: part of left_rc that was not paid; numerator of roll_rate, unit: reporting currency}
  - {name: written_off_rc, description: part of rolled_rc that was written off, unit: reporting currency}
  - {name: roll_rate, description: "rolled_rc / left_rc: of what leaves the bucket for better or worse, the part that gets worse; NULL = nothing left it", unit: fraction}
  - {name: write_off_rate, description: "share that is written off in the end: the product of the roll rates from this bucket on; an amount that skips a bucket goes on from where it landed", unit: fraction, tests: [not_null]}
  - {name: lgd, description: share of a written-off amount that is lost in the end, unit: fraction}
  - {name: loss_rate, description: "write_off_rate x lgd, or the floor rate as it is, at least the minimum rate and at most 1, before the outlook", unit: fraction, tests: [not_null]}
  - {name: basis, description: "segment (its own history), portfolio (history of the whole book) or floor (rates of the variable ecl_floor_rates)", tests: [not_null, {accepted_values: [segment, portfolio, floor]}]}
  - {name: reason, description: "why it is not the segment's own: insufficient_history, no_outflow (nothing left the bucket), no_loss_seen (all that left it was paid: a short history is no proof that nothing is ever lost)"}
tests:
  - unique: [as_of, segment, bucket_no]
  - name: rates lie between zero and one
    sql: |
      SELECT as_of, segment, bucket, loss_rate
      FROM {{ this }}
      WHERE loss_rate <= 0 OR loss_rate > 1
unit_tests:
  - name: ex:ecl_from_roll_rates
    overrides: {vars: {ecl_history_months_min: 1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-01-31, first_day: 2025-12-01}]
      - input: source('huikuan', 'ar_snapshots')
        rows: [{as_of: 2026-01-31, segment: RETAIL}]
      - input: ref('roll_rates')
        rows:
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: not_due, from_days: 0, to_bucket: 1-30, to_days: 1, outcome: rolled, amount_rc: 200}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: not_due, from_days: 0, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 800}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: not_due, from_days: 0, to_bucket: credited, to_days: 0, outcome: credited, amount_rc: 77}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: not_due, from_days: 0, to_bucket: not_due, to_days: 0, outcome: stayed, amount_rc: 5000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: 1-30, from_days: 1, to_bucket: 31-60, to_days: 31, outcome: rolled, amount_rc: 30}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: 1-30, from_days: 1, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 70}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: 31-60, from_days: 31, to_bucket: 61-90, to_days: 61, outcome: rolled, amount_rc: 45}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: 31-60, from_days: 31, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 55}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: 61-90, from_days: 61, to_bucket: 91-120, to_days: 91, outcome: rolled, amount_rc: 60}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: 61-90, from_days: 61, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 40}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: 91-120, from_days: 91, to_bucket: written_off, to_days: 0, outcome: written_off, amount_rc: 80}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: RETAIL, from_bucket: 91-120, from_days: 91, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 20}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: RETAIL, from_bucket: 91-120, from_days: 91, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 99999}
    expect:
      rows:
        - {as_of: 2026-01-31, bucket: not_due, roll_rate: 0.2, loss_rate: 0.01296, basis: segment, reason: null, history_months: 1, base_rc: 6000}
        - {as_of: 2026-01-31, bucket: 1-30, roll_rate: 0.3, loss_rate: 0.0648, basis: segment, reason: null, history_months: 1, base_rc: 100}
        - {as_of: 2026-01-31, bucket: 31-60, roll_rate: 0.45, loss_rate: 0.216, basis: segment, reason: null, history_months: 1, base_rc: 100}
        - {as_of: 2026-01-31, bucket: 61-90, roll_rate: 0.6, loss_rate: 0.48, basis: segment, reason: null, history_months: 1, base_rc: 100}
        - {as_of: 2026-01-31, bucket: 91-120, roll_rate: 0.8, loss_rate: 0.8, basis: segment, reason: null, history_months: 1, base_rc: 100}
        - {as_of: 2026-01-31, bucket: 121-180, roll_rate: null, loss_rate: 0.2, basis: floor, reason: no_outflow, history_months: 1, base_rc: 0}
        - {as_of: 2026-01-31, bucket: 181-365, roll_rate: null, loss_rate: 0.5, basis: floor, reason: no_outflow, history_months: 1, base_rc: 0}
        - {as_of: 2026-01-31, bucket: 366+, roll_rate: null, loss_rate: 1, basis: floor, reason: no_outflow, history_months: 1, base_rc: 0}
  - name: "ex:ecl_ifrscommunity_flow: of one cohort, what is lost over what entered each bucket"
    overrides: {vars: {ecl_history_months_min: 1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-01-31, first_day: 2025-12-01}]
      - input: source('huikuan', 'ar_snapshots')
        rows: [{as_of: 2026-01-31, segment: B2C}]
      - input: ref('roll_rates')
        rows:
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: B2C, from_bucket: not_due, from_days: 0, to_bucket: 1-30, to_days: 1, outcome: rolled, amount_rc: 50000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: B2C, from_bucket: not_due, from_days: 0, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 50000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: B2C, from_bucket: 1-30, from_days: 1, to_bucket: 31-60, to_days: 31, outcome: rolled, amount_rc: 23000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: B2C, from_bucket: 1-30, from_days: 1, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 27000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: B2C, from_bucket: 31-60, from_days: 31, to_bucket: 61-90, to_days: 61, outcome: rolled, amount_rc: 8000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: B2C, from_bucket: 31-60, from_days: 31, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 15000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: B2C, from_bucket: 61-90, from_days: 61, to_bucket: 91-120, to_days: 91, outcome: rolled, amount_rc: 2000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: B2C, from_bucket: 61-90, from_days: 61, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 6000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: B2C, from_bucket: 91-120, from_days: 91, to_bucket: written_off, to_days: 0, outcome: written_off, amount_rc: 2000}
    expect:
      rows:
        - {bucket_no: 1, loss_rate: 0.02}
        - {bucket_no: 2, loss_rate: 0.04}
        - {bucket_no: 3, loss_rate: 0.0869565217}
        - {bucket_no: 4, loss_rate: 0.25}
        - {bucket_no: 5, loss_rate: 1}
        - {bucket_no: 6, loss_rate: 0.2}
        - {bucket_no: 7, loss_rate: 0.5}
        - {bucket_no: 8, loss_rate: 1}
  - name: a segment without history takes the rates of the whole book, and the book the floor rates until it has enough months
    overrides: {vars: {ecl_history_months_min: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-02-28, first_day: 2025-12-01}]
      - input: source('huikuan', 'ar_snapshots')
        rows: [{as_of: 2026-01-31, segment: OLD}, {as_of: 2026-02-28, segment: OLD}, {as_of: 2026-02-28, segment: NEW}]
      - input: ref('roll_rates')
        rows:
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: OLD, from_bucket: 366+, from_days: 366, to_bucket: written_off, to_days: 0, outcome: written_off, amount_rc: 30}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: OLD, from_bucket: 366+, from_days: 366, to_bucket: paid, to_days: 0, outcome: paid, amount_rc: 70}
    expect:
      rows:
        - {as_of: 2026-01-31, segment: OLD, bucket_no: 1, loss_rate: 0.001, basis: floor, reason: insufficient_history}
        - {as_of: 2026-01-31, segment: OLD, bucket_no: 2, loss_rate: 0.005, basis: floor, reason: insufficient_history}
        - {as_of: 2026-01-31, segment: OLD, bucket_no: 3, loss_rate: 0.02, basis: floor, reason: insufficient_history}
        - {as_of: 2026-01-31, segment: OLD, bucket_no: 4, loss_rate: 0.05, basis: floor, reason: insufficient_history}
        - {as_of: 2026-01-31, segment: OLD, bucket_no: 5, loss_rate: 0.1, basis: floor, reason: insufficient_history}
        - {as_of: 2026-01-31, segment: OLD, bucket_no: 6, loss_rate: 0.2, basis: floor, reason: insufficient_history}
        - {as_of: 2026-01-31, segment: OLD, bucket_no: 7, loss_rate: 0.5, basis: floor, reason: insufficient_history}
        - {as_of: 2026-01-31, segment: OLD, bucket_no: 8, loss_rate: 1, basis: floor, reason: insufficient_history}
        - {as_of: 2026-02-28, segment: OLD, bucket_no: 1, loss_rate: 0.001, basis: floor, reason: no_outflow}
        - {as_of: 2026-02-28, segment: OLD, bucket_no: 2, loss_rate: 0.005, basis: floor, reason: no_outflow}
        - {as_of: 2026-02-28, segment: OLD, bucket_no: 3, loss_rate: 0.02, basis: floor, reason: no_outflow}
        - {as_of: 2026-02-28, segment: OLD, bucket_no: 4, loss_rate: 0.05, basis: floor, reason: no_outflow}
        - {as_of: 2026-02-28, segment: OLD, bucket_no: 5, loss_rate: 0.1, basis: floor, reason: no_outflow}
        - {as_of: 2026-02-28, segment: OLD, bucket_no: 6, loss_rate: 0.2, basis: floor, reason: no_outflow}
        - {as_of: 2026-02-28, segment: OLD, bucket_no: 7, loss_rate: 0.5, basis: floor, reason: no_outflow}
        - {as_of: 2026-02-28, segment: OLD, bucket_no: 8, loss_rate: 0.3, basis: segment, reason: null}
        - {as_of: 2026-02-28, segment: NEW, bucket_no: 1, loss_rate: 0.001, basis: floor, reason: insufficient_history}
        - {as_of: 2026-02-28, segment: NEW, bucket_no: 2, loss_rate: 0.005, basis: floor, reason: insufficient_history}
        - {as_of: 2026-02-28, segment: NEW, bucket_no: 3, loss_rate: 0.02, basis: floor, reason: insufficient_history}
        - {as_of: 2026-02-28, segment: NEW, bucket_no: 4, loss_rate: 0.05, basis: floor, reason: insufficient_history}
        - {as_of: 2026-02-28, segment: NEW, bucket_no: 5, loss_rate: 0.1, basis: floor, reason: insufficient_history}
        - {as_of: 2026-02-28, segment: NEW, bucket_no: 6, loss_rate: 0.2, basis: floor, reason: insufficient_history}
        - {as_of: 2026-02-28, segment: NEW, bucket_no: 7, loss_rate: 0.5, basis: floor, reason: insufficient_history}
        - {as_of: 2026-02-28, segment: NEW, bucket_no: 8, loss_rate: 0.3, basis: portfolio, reason: insufficient_history}
  - name: complete pairs of the window alone, buckets by the day they begin, lgd and least rate, customers without a segment
    overrides: {vars: {ecl_history_months: 2, ecl_history_months_min: 1, ecl_lgd: 0.5, ecl_minimum_rate: 0.03}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-03-15}, {as_of: 2026-02-15}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2026-02-15, customer_id: A, segment: S}
          - {as_of: 2026-02-28, customer_id: A, segment: null}
          - {as_of: 2026-03-15, customer_id: A, segment: S}
          - {as_of: 2026-03-15, customer_id: B, segment: S}
          - {as_of: 2026-03-15, customer_id: C, segment: null}
      - input: ref('roll_rates')
        rows:
          # before the window of both days, in that of the first alone, in both, and a pair that is not over
          - {month: 2025-11-01, to_month_end: 2025-12-31, complete: true, segment: S, from_bucket: 366+, from_days: 366, outcome: written_off, amount_rc: 90000}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: S, from_bucket: 366+, from_days: 366, outcome: written_off, amount_rc: 40}
          - {month: 2025-12-01, to_month_end: 2026-01-31, complete: true, segment: S, from_bucket: 366+, from_days: 366, outcome: paid, amount_rc: 60}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: S, from_bucket: 366+, from_days: 366, outcome: written_off, amount_rc: 60}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: S, from_bucket: 366+, from_days: 366, outcome: paid, amount_rc: 20}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, company: B, segment: S, from_bucket: 366+, from_days: 366, outcome: paid, amount_rc: 20}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: S, from_bucket: 366+, from_days: 366, outcome: credited, amount_rc: 7000}
          - {month: 2026-02-01, to_month_end: 2026-03-15, complete: false, segment: S, from_bucket: 366+, from_days: 366, outcome: written_off, amount_rc: 80000}
          # to the last but one and from the middle ones: the edges of 121 and 181 days
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: S, from_bucket: 181-365, from_days: 181, to_bucket: 366+, to_days: 366, outcome: rolled, amount_rc: 50}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: S, from_bucket: 181-365, from_days: 181, outcome: paid, amount_rc: 50}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: S, from_bucket: 121-180, from_days: 121, to_bucket: 181-365, to_days: 181, outcome: rolled, amount_rc: 30}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: S, from_bucket: 121-180, from_days: 121, outcome: written_off, amount_rc: 10}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: S, from_bucket: 121-180, from_days: 121, outcome: paid, amount_rc: 60}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: S, from_bucket: 121-180, from_days: 121, to_bucket: 121-180, to_days: 121, outcome: stayed, amount_rc: 900}
          # all paid; a little lost, below the least rate
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: S, from_bucket: 91-120, from_days: 91, outcome: paid, amount_rc: 5}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: "", from_bucket: 91-120, from_days: 91, outcome: paid, amount_rc: 95}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: "", from_bucket: 91-120, from_days: 91, outcome: written_off, amount_rc: 0.5}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: "", from_bucket: not_due, from_days: 0, to_bucket: 1-30, to_days: 1, outcome: rolled, amount_rc: 10}
          - {month: 2026-01-01, to_month_end: 2026-02-28, complete: true, segment: "", from_bucket: not_due, from_days: 0, outcome: paid, amount_rc: 90}
    expect:
      rows:
        - {as_of: 2026-02-28, segment: "", bucket_no: 1, bucket: not_due, history_months: 1, base_rc: 100, left_rc: 100, rolled_rc: 10, written_off_rc: 0, roll_rate: 0.1, write_off_rate: 0.0005, lgd: 0.5, loss_rate: 0.03, basis: segment, reason: null}
        - {as_of: 2026-02-28, segment: "", bucket_no: 2, bucket: "1-30", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.005, lgd: 0.5, loss_rate: 0.03, basis: floor, reason: no_outflow}
        - {as_of: 2026-02-28, segment: "", bucket_no: 3, bucket: "31-60", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.02, lgd: 0.5, loss_rate: 0.03, basis: floor, reason: no_outflow}
        - {as_of: 2026-02-28, segment: "", bucket_no: 4, bucket: "61-90", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.05, lgd: 0.5, loss_rate: 0.05, basis: floor, reason: no_outflow}
        - {as_of: 2026-02-28, segment: "", bucket_no: 5, bucket: "91-120", history_months: 1, base_rc: 95.5, left_rc: 95.5, rolled_rc: 0.5, written_off_rc: 0.5, roll_rate: 0.005235602, write_off_rate: 0.0052356021, lgd: 0.5, loss_rate: 0.03, basis: segment, reason: null}
        - {as_of: 2026-02-28, segment: "", bucket_no: 6, bucket: "121-180", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.175, lgd: 0.5, loss_rate: 0.0875, basis: portfolio, reason: no_outflow}
        - {as_of: 2026-02-28, segment: "", bucket_no: 7, bucket: "181-365", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.25, lgd: 0.5, loss_rate: 0.125, basis: portfolio, reason: no_outflow}
        - {as_of: 2026-02-28, segment: "", bucket_no: 8, bucket: "366+", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.5, lgd: 0.5, loss_rate: 0.25, basis: portfolio, reason: no_outflow}
        - {as_of: 2026-03-15, segment: S, bucket_no: 1, bucket: not_due, history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.0005, lgd: 0.5, loss_rate: 0.03, basis: portfolio, reason: no_outflow}
        - {as_of: 2026-03-15, segment: S, bucket_no: 2, bucket: "1-30", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.005, lgd: 0.5, loss_rate: 0.03, basis: floor, reason: no_outflow}
        - {as_of: 2026-03-15, segment: S, bucket_no: 3, bucket: "31-60", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.02, lgd: 0.5, loss_rate: 0.03, basis: floor, reason: no_outflow}
        - {as_of: 2026-03-15, segment: S, bucket_no: 4, bucket: "61-90", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.05, lgd: 0.5, loss_rate: 0.05, basis: floor, reason: no_outflow}
        - {as_of: 2026-03-15, segment: S, bucket_no: 5, bucket: "91-120", history_months: 1, base_rc: 5, left_rc: 5, rolled_rc: 0, written_off_rc: 0, roll_rate: 0, write_off_rate: 0.0049751244, lgd: 0.5, loss_rate: 0.03, basis: portfolio, reason: no_loss_seen}
        - {as_of: 2026-03-15, segment: S, bucket_no: 6, bucket: "121-180", history_months: 1, base_rc: 1000, left_rc: 100, rolled_rc: 40, written_off_rc: 10, roll_rate: 0.4, write_off_rate: 0.19, lgd: 0.5, loss_rate: 0.095, basis: segment, reason: null}
        - {as_of: 2026-03-15, segment: S, bucket_no: 7, bucket: "181-365", history_months: 1, base_rc: 100, left_rc: 100, rolled_rc: 50, written_off_rc: 0, roll_rate: 0.5, write_off_rate: 0.3, lgd: 0.5, loss_rate: 0.15, basis: segment, reason: null}
        - {as_of: 2026-03-15, segment: S, bucket_no: 8, bucket: "366+", history_months: 1, base_rc: 100, left_rc: 100, rolled_rc: 60, written_off_rc: 60, roll_rate: 0.6, write_off_rate: 0.6, lgd: 0.5, loss_rate: 0.3, basis: segment, reason: null}
        - {as_of: 2026-03-15, segment: "", bucket_no: 1, bucket: not_due, history_months: 1, base_rc: 100, left_rc: 100, rolled_rc: 10, written_off_rc: 0, roll_rate: 0.1, write_off_rate: 0.0005, lgd: 0.5, loss_rate: 0.03, basis: segment, reason: null}
        - {as_of: 2026-03-15, segment: "", bucket_no: 2, bucket: "1-30", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.005, lgd: 0.5, loss_rate: 0.03, basis: floor, reason: no_outflow}
        - {as_of: 2026-03-15, segment: "", bucket_no: 3, bucket: "31-60", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.02, lgd: 0.5, loss_rate: 0.03, basis: floor, reason: no_outflow}
        - {as_of: 2026-03-15, segment: "", bucket_no: 4, bucket: "61-90", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.05, lgd: 0.5, loss_rate: 0.05, basis: floor, reason: no_outflow}
        - {as_of: 2026-03-15, segment: "", bucket_no: 5, bucket: "91-120", history_months: 1, base_rc: 95.5, left_rc: 95.5, rolled_rc: 0.5, written_off_rc: 0.5, roll_rate: 0.005235602, write_off_rate: 0.0052356021, lgd: 0.5, loss_rate: 0.03, basis: segment, reason: null}
        - {as_of: 2026-03-15, segment: "", bucket_no: 6, bucket: "121-180", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.19, lgd: 0.5, loss_rate: 0.095, basis: portfolio, reason: no_outflow}
        - {as_of: 2026-03-15, segment: "", bucket_no: 7, bucket: "181-365", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.3, lgd: 0.5, loss_rate: 0.15, basis: portfolio, reason: no_outflow}
        - {as_of: 2026-03-15, segment: "", bucket_no: 8, bucket: "366+", history_months: 1, base_rc: 0, left_rc: 0, rolled_rc: 0, written_off_rc: 0, roll_rate: null, write_off_rate: 0.6, lgd: 0.5, loss_rate: 0.3, basis: portfolio, reason: no_outflow}
--- */
WITH
['not_due', '1-30', '31-60', '61-90', '91-120', '121-180', '181-365', '366+'] AS buckets,
[0, 30, 60, 90, 120, 180, 365] AS edges,
arrayMap(r -> toDecimal128(toString(r), 10), {{ var('ecl_floor_rates') }}) AS floors,
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
days AS (
    SELECT DISTINCT as_of, ifNull(segment, '') AS segment
    FROM {{ source('huikuan', 'ar_snapshots') }}
    WHERE as_of = toLastDayOfMonth(as_of) OR as_of = today
),
-- Aging buckets of ar_snapshots; where the configuration sets others for items, by the day at which they begin.
flows AS (
    SELECT
        month,
        max(to_month_end) AS to_month_end,
        segment,
        1 + arrayCount(edge -> from_days > edge, edges) AS from_no,
        1 + arrayCount(edge -> to_days > edge, edges) AS rolled_to,
        multiIf(outcome = 'paid', 9, outcome = 'written_off', 10, rolled_to > from_no, rolled_to, 11) AS to_no,
        sum(amount_rc) AS amount
    FROM {{ ref('roll_rates') }}
    WHERE complete AND outcome != 'credited'
    GROUP BY month, segment, from_no, rolled_to, to_no
),
-- For each day the pairs of its window: by segment, and together ('*').
windows AS (
    SELECT
        d.as_of AS as_of,
        s AS segment,
        uniqExact(f.month) AS months,
        sumMap([toUInt16(f.from_no * 100 + f.to_no)], [f.amount]) AS totals
    FROM (SELECT DISTINCT as_of FROM days) AS d
    CROSS JOIN flows AS f
    ARRAY JOIN ['*', f.segment] AS s
    WHERE f.to_month_end <= d.as_of AND f.month >= toStartOfMonth(addMonths(d.as_of, -{{ var('ecl_history_months') }}))
    GROUP BY as_of, s
),
matrices AS (
    SELECT
        as_of,
        segment,
        months,
        -- row = bucket 1 … 8; places 1 to 8 the worse buckets, 9 paid, 10 written off, 11 stayed
        arrayMap(i -> arrayMap(j -> toDecimal128(if(indexOf(totals.1, i * 100 + j) = 0, 0, totals.2[indexOf(totals.1, i * 100 + j)]), 10), range(1, 12)), range(1, 9)) AS matrix,
        arrayMap(row -> arraySum(arraySlice(row, 1, 10)), matrix) AS left_amounts
    FROM windows
),
joined AS (
    SELECT
        d.as_of AS as_of,
        d.segment AS segment,
        ifNull(own.months, 0) AS months,
        ifNull(whole.months, 0) AS book_months,
        if(empty(own.matrix), arrayWithConstant(8, arrayWithConstant(11, toDecimal128(0, 10))), own.matrix) AS matrix,
        if(empty(own.matrix), arrayWithConstant(8, toDecimal128(0, 10)), own.left_amounts) AS left_amounts,
        if(empty(whole.matrix), arrayWithConstant(8, arrayWithConstant(11, toDecimal128(0, 10))), whole.matrix) AS book_matrix,
        if(empty(whole.matrix), arrayWithConstant(8, toDecimal128(0, 10)), whole.left_amounts) AS book_left
    FROM days AS d
    LEFT JOIN matrices AS own ON own.as_of = d.as_of AND own.segment = d.segment
    LEFT JOIN (SELECT * FROM matrices WHERE segment = '*') AS whole ON whole.as_of = d.as_of
),
-- From the worst bucket to the best: rate = (sum over worse buckets of amount x its rate + written off) / all that left.
book_rates AS (
    SELECT
        *,
        arrayMap(i -> book_months >= {{ var('ecl_history_months_min') }} AND book_left[i] > book_matrix[i][9], range(1, 9)) AS book_known,
        arrayFold(
            (acc, i) -> arrayPushFront(acc, if(
                book_known[i],
                CAST((arraySum((a, r) -> a * r, arraySlice(book_matrix[i], i + 1, 8 - i), acc) + CAST(book_matrix[i][10] AS Decimal(76, 34))) / if(book_left[i] = 0, toDecimal128(1, 10), book_left[i]) AS Decimal(76, 24)),
                CAST(floors[i] AS Decimal(76, 24)))),
            reverse(range(1, 9)),
            CAST([] AS Array(Decimal(76, 24)))) AS book_rate
    FROM joined
),
rates AS (
    SELECT
        *,
        arrayMap(i -> months >= {{ var('ecl_history_months_min') }} AND left_amounts[i] > matrix[i][9], range(1, 9)) AS known,
        arrayFold(
            (acc, i) -> arrayPushFront(acc, if(
                known[i],
                CAST((arraySum((a, r) -> a * r, arraySlice(matrix[i], i + 1, 8 - i), acc) + CAST(matrix[i][10] AS Decimal(76, 34))) / if(left_amounts[i] = 0, toDecimal128(1, 10), left_amounts[i]) AS Decimal(76, 24)),
                book_rate[i])),
            reverse(range(1, 9)),
            CAST([] AS Array(Decimal(76, 24)))) AS rate
    FROM book_rates
)
SELECT
    as_of,
    segment,
    toUInt8(i) AS bucket_no,
    buckets[i] AS bucket,
    toUInt64(months) AS history_months,
    CAST(arraySum(matrix[i]) AS Decimal(18, 4)) AS base_rc,
    CAST(left_amounts[i] AS Decimal(18, 4)) AS left_rc,
    CAST(left_amounts[i] - matrix[i][9] AS Decimal(18, 4)) AS rolled_rc,
    CAST(matrix[i][10] AS Decimal(18, 4)) AS written_off_rc,
    CAST(CAST(rolled_rc AS Decimal(38, 10)) / nullIf(left_rc, 0) AS Nullable(Decimal(38, 10))) AS roll_rate,
    CAST(round(rate[i], 10) AS Decimal(38, 10)) AS write_off_rate,
    toDecimal128('{{ var('ecl_lgd') }}', 10) AS lgd,
    least(greatest(CAST(round(rate[i] * if(known[i] OR book_known[i], lgd, toDecimal128(1, 10)), 10) AS Decimal(38, 10)), toDecimal128('{{ var('ecl_minimum_rate') }}', 10)), toDecimal128(1, 10)) AS loss_rate,
    multiIf(known[i], 'segment', book_known[i], 'portfolio', 'floor') AS basis,
    multiIf(known[i], NULL, months < {{ var('ecl_history_months_min') }}, 'insufficient_history', left_amounts[i] = 0, 'no_outflow', 'no_loss_seen') AS reason
FROM rates
ARRAY JOIN range(1, 9) AS i
