/* ---
description: "Days to pay and days late of the rolling months, side by side (B10-B12), with the open-inclusive version that waits for no slow item, and disputed items apart. Settled means fully settled, by cash above all: items cleared by credit notes or written off are not in it."
grain: one scope (group, company, segment, region, customer), its member and slice by dispute
materialisation: table
order_by: [scope, scope_id, slice]
owner: finance
tags: [collection, speed]
columns:
  - {name: scope, description: "group, company, segment, region or customer", tests: [not_null, {accepted_values: [group, company, segment, region, customer]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where no segment or region is known, unit: id, tests: [not_null]}
  - {name: slice, description: "all, disputed (ever) or undisputed", tests: [not_null, {accepted_values: [all, disputed, undisputed]}]}
  - {name: first_day, description: first day of the window, unit: date, tests: [not_null]}
  - {name: settled_count, description: instalments settled in the window and cleared by cash, unit: count, tests: [not_null]}
  - {name: settled_rc, description: cash on them, unit: reporting currency, tests: [not_null]}
  - {name: days_to_pay_count_numerator, description: sum of days from invoice to last receipt, unit: days}
  - {name: days_to_pay, description: "days_to_pay_count_numerator / settled_count, every item alike (B10); NULL = nothing settled", unit: days}
  - {name: days_to_pay_weighted_numerator, description: sum of days from invoice to receipt x cash over the receipts of the window, unit: days x reporting currency}
  - {name: received_rc, description: cash received in the window and applied, unit: reporting currency, tests: [not_null]}
  - {name: days_to_pay_weighted, description: "days_to_pay_weighted_numerator / received_rc, partial payments included (B11); NULL = nothing received", unit: days}
  - {name: open_rc, description: open now, unit: reporting currency, tests: [not_null]}
  - {name: open_age_numerator, description: sum of days since the invoice x open amount, unit: days x reporting currency}
  - {name: days_to_pay_open_inclusive, description: "(days_to_pay_weighted_numerator + open_age_numerator) / (received_rc + open_rc): the weighted days with what is still open at its age so far; NULL = neither", unit: days}
  - {name: days_beyond_signed_numerator, description: "sum of days from due date to last receipt x cash of the settled items, early counts negative", unit: days x reporting currency}
  - {name: days_beyond_signed, description: "days_beyond_signed_numerator / settled_rc (B12, signed)", unit: days}
  - {name: days_late_numerator, description: "the same with early as 0", unit: days x reporting currency}
  - {name: days_late, description: "days_late_numerator / settled_rc, over all items (B12, floored)", unit: days}
  - {name: late_rc, description: cash of the items settled late, unit: reporting currency}
  - {name: days_late_when_late, description: "days_late_numerator / late_rc, over late items only; NULL = none late", unit: days}
  - {name: late_count, description: items settled late, unit: count}
  - {name: days_late_count_numerator, description: "sum of days late, early as 0", unit: days}
  - {name: days_late_mean, description: "days_late_count_numerator / settled_count, every item alike", unit: days}
  - {name: days_late_mean_when_late, description: "days_late_count_numerator / late_count", unit: days}
  - {name: late_count_share, description: "late_count / settled_count", unit: fraction}
  - {name: items_without_rate, description: items left out of the weighted measures because no exchange rate is known, unit: count, tests: [not_null]}
  - {name: reason, description: "why the measures of settled items are NULL: insufficient_history"}
chart: {type: bar, title: "Days to pay and days late, with and without disputes", x: slice, y: [days_to_pay_weighted, days_to_pay_open_inclusive, days_late], where: scope = 'group', unit: days}
tests:
  - unique: [scope, scope_id, slice]
  - name: disputed and undisputed add up to all
    sql: |
      SELECT scope, scope_id
      FROM {{ this }}
      GROUP BY scope, scope_id
      HAVING sumIf(days_late_numerator, slice = 'all') != sumIf(days_late_numerator, slice != 'all')
          OR sumIf(received_rc, slice = 'all') != sumIf(received_rc, slice != 'all')
  - name: the open amount is that of the items
    sum_equals:
      this: sumIf(open_rc, scope = 'customer' AND slice = 'all')
      of: |
        SELECT sum(open_amount_rc)
        FROM {{ source('huikuan', 'ar_items') }}
unit_tests:
  - name: ex:shekal_dbt_error
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-07-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-04-20, due_date: 2024-05-20, amount_rc: 10000, cash_rc: 10000, settled_on: 2024-06-25, cleared_by: cash, last_receipt_date: 2024-06-25, open_amount_rc: 0}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-05-06, due_date: 2024-06-05, amount_rc: 10000, cash_rc: 10000, settled_on: 2024-07-12, cleared_by: cash, last_receipt_date: 2024-07-12, open_amount_rc: 0}
    expect:
      rows:
        - {scope: group, slice: all, settled_count: 2, days_beyond_signed: 36.5, days_late: 36.5, days_late_mean: 36.5, late_count_share: 1, reason: null}
        - {scope: group, slice: undisputed, settled_count: 2, days_beyond_signed: 36.5, days_late: 36.5, days_late_mean: 36.5, late_count_share: 1, reason: null}
        - {scope: company, slice: all, settled_count: 2, days_beyond_signed: 36.5, days_late: 36.5, days_late_mean: 36.5, late_count_share: 1, reason: null}
        - {scope: company, slice: undisputed, settled_count: 2, days_beyond_signed: 36.5, days_late: 36.5, days_late_mean: 36.5, late_count_share: 1, reason: null}
        - {scope: segment, slice: all, settled_count: 2, days_beyond_signed: 36.5, days_late: 36.5, days_late_mean: 36.5, late_count_share: 1, reason: null}
        - {scope: segment, slice: undisputed, settled_count: 2, days_beyond_signed: 36.5, days_late: 36.5, days_late_mean: 36.5, late_count_share: 1, reason: null}
        - {scope: region, slice: all, settled_count: 2, days_beyond_signed: 36.5, days_late: 36.5, days_late_mean: 36.5, late_count_share: 1, reason: null}
        - {scope: region, slice: undisputed, settled_count: 2, days_beyond_signed: 36.5, days_late: 36.5, days_late_mean: 36.5, late_count_share: 1, reason: null}
        - {scope: customer, slice: all, settled_count: 2, days_beyond_signed: 36.5, days_late: 36.5, days_late_mean: 36.5, late_count_share: 1, reason: null}
        - {scope: customer, slice: undisputed, settled_count: 2, days_beyond_signed: 36.5, days_late: 36.5, days_late_mean: 36.5, late_count_share: 1, reason: null}
  - name: credit-cleared items are left out, an open item makes the open-inclusive figure slower, early payment counts negative only in the signed one
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-07-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-06-01, due_date: 2024-07-01, amount_rc: 100, cash_rc: 100, settled_on: 2024-06-29, cleared_by: cash, last_receipt_date: 2024-06-21, open_amount_rc: 0}
          - {customer_id: C1, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-06-01, due_date: 2024-07-01, amount_rc: 100, cash_rc: 0, settled_on: 2024-07-20, cleared_by: credit, open_amount_rc: 0}
          - {customer_id: C1, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-05-02, due_date: 2024-06-01, amount_rc: 100, cash_rc: 0, open_amount_rc: 100, disputed: true}
          - {customer_id: C1, invoice_id: I4, instalment_seq: 1, invoice_date: 2024-05-02, due_date: 2024-06-01, amount_rc: 7, cash_rc: 7, settled_on: 2024-07-20, cleared_by: cash, last_receipt_date: 2024-08-01, open_amount_rc: 0}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2024-06-01, due_date: 2024-07-01, receipt_date: 2024-06-21, event_date: 2024-06-29, amount_rc: 100}
          - {customer_id: C1, invoice_id: I4, instalment_seq: 1, kind: cash, invoice_date: 2024-05-02, due_date: 2024-06-01, receipt_date: 2024-08-01, event_date: 2024-07-20, amount_rc: 7}
    expect:
      rows:
        - {scope: group, slice: all, settled_count: 1, days_to_pay: 20, days_to_pay_weighted: 20, open_rc: 100, days_to_pay_open_inclusive: 55, days_beyond_signed: -10, days_late: 0, days_late_when_late: null, reason: null}
        - {scope: group, slice: disputed, settled_count: 0, days_to_pay: null, days_to_pay_weighted: null, open_rc: 100, days_to_pay_open_inclusive: 90, days_beyond_signed: null, days_late: null, days_late_when_late: null, reason: insufficient_history}
        - {scope: group, slice: undisputed, settled_count: 1, days_to_pay: 20, days_to_pay_weighted: 20, open_rc: 0, days_to_pay_open_inclusive: 20, days_beyond_signed: -10, days_late: 0, days_late_when_late: null, reason: null}
        - {scope: company, slice: all, settled_count: 1, days_to_pay: 20, days_to_pay_weighted: 20, open_rc: 100, days_to_pay_open_inclusive: 55, days_beyond_signed: -10, days_late: 0, days_late_when_late: null, reason: null}
        - {scope: company, slice: disputed, settled_count: 0, days_to_pay: null, days_to_pay_weighted: null, open_rc: 100, days_to_pay_open_inclusive: 90, days_beyond_signed: null, days_late: null, days_late_when_late: null, reason: insufficient_history}
        - {scope: company, slice: undisputed, settled_count: 1, days_to_pay: 20, days_to_pay_weighted: 20, open_rc: 0, days_to_pay_open_inclusive: 20, days_beyond_signed: -10, days_late: 0, days_late_when_late: null, reason: null}
        - {scope: segment, slice: all, settled_count: 1, days_to_pay: 20, days_to_pay_weighted: 20, open_rc: 100, days_to_pay_open_inclusive: 55, days_beyond_signed: -10, days_late: 0, days_late_when_late: null, reason: null}
        - {scope: segment, slice: disputed, settled_count: 0, days_to_pay: null, days_to_pay_weighted: null, open_rc: 100, days_to_pay_open_inclusive: 90, days_beyond_signed: null, days_late: null, days_late_when_late: null, reason: insufficient_history}
        - {scope: segment, slice: undisputed, settled_count: 1, days_to_pay: 20, days_to_pay_weighted: 20, open_rc: 0, days_to_pay_open_inclusive: 20, days_beyond_signed: -10, days_late: 0, days_late_when_late: null, reason: null}
        - {scope: region, slice: all, settled_count: 1, days_to_pay: 20, days_to_pay_weighted: 20, open_rc: 100, days_to_pay_open_inclusive: 55, days_beyond_signed: -10, days_late: 0, days_late_when_late: null, reason: null}
        - {scope: region, slice: disputed, settled_count: 0, days_to_pay: null, days_to_pay_weighted: null, open_rc: 100, days_to_pay_open_inclusive: 90, days_beyond_signed: null, days_late: null, days_late_when_late: null, reason: insufficient_history}
        - {scope: region, slice: undisputed, settled_count: 1, days_to_pay: 20, days_to_pay_weighted: 20, open_rc: 0, days_to_pay_open_inclusive: 20, days_beyond_signed: -10, days_late: 0, days_late_when_late: null, reason: null}
        - {scope: customer, slice: all, settled_count: 1, days_to_pay: 20, days_to_pay_weighted: 20, open_rc: 100, days_to_pay_open_inclusive: 55, days_beyond_signed: -10, days_late: 0, days_late_when_late: null, reason: null}
        - {scope: customer, slice: disputed, settled_count: 0, days_to_pay: null, days_to_pay_weighted: null, open_rc: 100, days_to_pay_open_inclusive: 90, days_beyond_signed: null, days_late: null, days_late_when_late: null, reason: insufficient_history}
        - {scope: customer, slice: undisputed, settled_count: 1, days_to_pay: 20, days_to_pay_weighted: 20, open_rc: 0, days_to_pay_open_inclusive: 20, days_beyond_signed: -10, days_late: 0, days_late_when_late: null, reason: null}
  - name: the window holds its first and its last day, each scope adds up before it divides, what has no rate or no receipt is in no average
    overrides: {vars: {rolling_months: 12}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-07-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I1, instalment_seq: 1, invoice_date: 2023-06-01, due_date: 2023-07-01, settled_on: 2023-08-01, cleared_by: cash, last_receipt_date: 2023-07-31, cash_rc: 100, open_amount_rc: 0, amount: 100, amount_rc: 100}
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-07-10, due_date: 2024-07-30, settled_on: 2024-07-31, cleared_by: cash, last_receipt_date: 2024-07-30, cash_rc: 300, open_amount_rc: 0, amount: 100, amount_rc: 300}
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I3, instalment_seq: 1, invoice_date: 2023-06-01, due_date: 2023-07-01, settled_on: 2023-07-31, cleared_by: cash, last_receipt_date: 2023-07-31, cash_rc: null, open_amount_rc: null, amount: 100, amount_rc: null}
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I4, instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-01-31, settled_on: 2024-05-01, cleared_by: write_off, last_receipt_date: 2024-03-01, cash_rc: 50, open_amount_rc: 0, amount: 100, amount_rc: 90}
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I5, instalment_seq: 1, invoice_date: 2024-07-31, due_date: 2024-08-30, settled_on: null, cleared_by: null, last_receipt_date: 2024-07-31, cash_rc: 40, open_amount_rc: 200, amount: 100, amount_rc: 240}
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I6, instalment_seq: 1, invoice_date: 2024-06-01, due_date: 2024-07-01, settled_on: null, cleared_by: null, last_receipt_date: null, cash_rc: null, open_amount_rc: null, amount: 100, amount_rc: null}
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I7, instalment_seq: 1, invoice_date: 2024-06-01, due_date: 2024-07-01, settled_on: 2024-07-01, cleared_by: cash, last_receipt_date: null, cash_rc: 0, open_amount_rc: 0, amount: 100, amount_rc: 0}
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I8, instalment_seq: 1, invoice_date: 2024-01-31, due_date: 2024-03-01, settled_on: 2024-03-05, cleared_by: cash, last_receipt_date: 2024-03-05, cash_rc: 100, open_amount_rc: 0, amount: 100, amount_rc: 100}
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I9, instalment_seq: 1, invoice_date: 2024-06-01, due_date: 2024-07-01, settled_on: null, cleared_by: null, last_receipt_date: null, cash_rc: 0, open_amount_rc: 50, amount: 100, amount_rc: 50}
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I10, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-02, settled_on: 2024-02-26, cleared_by: cash, last_receipt_date: 2024-02-26, cash_rc: 200, open_amount_rc: 0, amount: 100, amount_rc: 200}
          - {company: A, customer_id: C1, segment: S1, region: N, invoice_id: I11, instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-01-31, settled_on: 2024-02-01, cleared_by: cash, last_receipt_date: 2024-02-01, cash_rc: 10, open_amount_rc: 0, amount: 100, amount_rc: 10}
          - {company: B, customer_id: C2, segment: S2, region: S, invoice_id: J1, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-05-31, settled_on: 2024-06-10, cleared_by: cash, last_receipt_date: 2024-06-10, cash_rc: 400, open_amount_rc: 0, amount: 100, amount_rc: 400}
          - {company: B, customer_id: C2, segment: S2, region: S, invoice_id: J2, instalment_seq: 1, invoice_date: 2024-07-01, due_date: 2024-07-31, settled_on: null, cleared_by: null, last_receipt_date: null, cash_rc: 0, open_amount_rc: 30, amount: 100, amount_rc: 30}
          - {company: B, customer_id: C3, segment: null, region: null, invoice_id: K1, instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-01-31, settled_on: 2024-02-10, cleared_by: cash, last_receipt_date: 2024-02-10, cash_rc: 0.5, open_amount_rc: 0, amount: 100, amount_rc: 0.5}
          - {company: B, customer_id: C4, segment: null, region: null, invoice_id: L1, instalment_seq: 1, invoice_date: 2024-06-01, due_date: 2024-07-01, settled_on: null, cleared_by: null, last_receipt_date: null, cash_rc: null, open_amount_rc: null, amount: 100, amount_rc: null}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2023-06-02, receipt_date: 2023-08-01, event_date: 2023-08-01, amount_rc: 100}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, kind: cash, invoice_date: 2024-07-21, receipt_date: 2024-07-31, event_date: 2024-07-31, amount_rc: 10}
          - {company: A, customer_id: C1, invoice_id: I3, instalment_seq: 1, kind: cash, invoice_date: 2023-06-01, receipt_date: 2023-07-31, event_date: 2023-08-02, amount_rc: 999}
          - {company: A, customer_id: C1, invoice_id: I4, instalment_seq: 1, kind: credit, invoice_date: 2024-01-01, receipt_date: 2024-03-01, event_date: 2024-03-01, amount_rc: 777}
          - {company: A, customer_id: C1, invoice_id: I5, instalment_seq: 1, kind: cash, invoice_date: 2024-01-01, receipt_date: 2024-08-05, event_date: 2024-07-31, amount_rc: 555}
          - {company: A, customer_id: C1, invoice_id: I6, instalment_seq: 1, kind: cash, invoice_date: 2024-06-01, receipt_date: 2024-07-05, event_date: 2024-07-05, amount_rc: null}
          - {company: B, customer_id: C2, invoice_id: J1, instalment_seq: 1, kind: cash, invoice_date: 2024-05-01, receipt_date: 2024-06-10, event_date: 2024-06-10, amount_rc: 500}
          - {company: B, customer_id: C2, invoice_id: J1, instalment_seq: 1, kind: cash, invoice_date: 2024-05-01, receipt_date: 2024-06-10, event_date: 2024-06-20, amount_rc: -100}
          - {company: B, customer_id: C3, invoice_id: K1, instalment_seq: 1, kind: cash, invoice_date: 2024-01-01, receipt_date: 2024-02-10, event_date: 2024-02-10, amount_rc: 0.5}
    expect:
      rows:
        - {scope: group, scope_id: "", slice: all, first_day: 2023-08-01, settled_count: 7, settled_rc: 1110.5, days_to_pay_count_numerator: 250, days_to_pay_weighted_numerator: 22120, received_rc: 510.5, open_rc: 280, open_age_numerator: 3900, days_beyond_signed_numerator: 6415, days_late_numerator: 7415, late_rc: 610.5, late_count: 5, days_late_count_numerator: 55, items_without_rate: 2, days_to_pay: ~35.714286, days_to_pay_weighted: ~43.330069, days_to_pay_open_inclusive: ~32.915876, days_beyond_signed: ~5.776677, days_late: ~6.677172, days_late_when_late: ~12.145782, days_late_mean: ~7.857143, days_late_mean_when_late: 11, late_count_share: ~0.714286, reason: null}
        - {scope: group, scope_id: "", slice: undisputed, first_day: 2023-08-01, settled_count: 7, settled_rc: 1110.5, days_to_pay_count_numerator: 250, days_to_pay_weighted_numerator: 22120, received_rc: 510.5, open_rc: 280, open_age_numerator: 3900, days_beyond_signed_numerator: 6415, days_late_numerator: 7415, late_rc: 610.5, late_count: 5, days_late_count_numerator: 55, items_without_rate: 2, days_to_pay: ~35.714286, days_to_pay_weighted: ~43.330069, days_to_pay_open_inclusive: ~32.915876, days_beyond_signed: ~5.776677, days_late: ~6.677172, days_late_when_late: ~12.145782, days_late_mean: ~7.857143, days_late_mean_when_late: 11, late_count_share: ~0.714286, reason: null}
        - {scope: company, scope_id: A, slice: all, first_day: 2023-08-01, settled_count: 5, settled_rc: 710, days_to_pay_count_numerator: 170, days_to_pay_weighted_numerator: 6100, received_rc: 110, open_rc: 250, open_age_numerator: 3000, days_beyond_signed_numerator: 2410, days_late_numerator: 3410, late_rc: 210, late_count: 3, days_late_count_numerator: 35, items_without_rate: 1, days_to_pay: 34, days_to_pay_weighted: ~55.454545, days_to_pay_open_inclusive: ~25.277778, days_beyond_signed: ~3.394366, days_late: ~4.802817, days_late_when_late: ~16.238095, days_late_mean: 7, days_late_mean_when_late: ~11.666667, late_count_share: 0.6, reason: null}
        - {scope: company, scope_id: A, slice: undisputed, first_day: 2023-08-01, settled_count: 5, settled_rc: 710, days_to_pay_count_numerator: 170, days_to_pay_weighted_numerator: 6100, received_rc: 110, open_rc: 250, open_age_numerator: 3000, days_beyond_signed_numerator: 2410, days_late_numerator: 3410, late_rc: 210, late_count: 3, days_late_count_numerator: 35, items_without_rate: 1, days_to_pay: 34, days_to_pay_weighted: ~55.454545, days_to_pay_open_inclusive: ~25.277778, days_beyond_signed: ~3.394366, days_late: ~4.802817, days_late_when_late: ~16.238095, days_late_mean: 7, days_late_mean_when_late: ~11.666667, late_count_share: 0.6, reason: null}
        - {scope: segment, scope_id: S1, slice: all, first_day: 2023-08-01, settled_count: 5, settled_rc: 710, days_to_pay_count_numerator: 170, days_to_pay_weighted_numerator: 6100, received_rc: 110, open_rc: 250, open_age_numerator: 3000, days_beyond_signed_numerator: 2410, days_late_numerator: 3410, late_rc: 210, late_count: 3, days_late_count_numerator: 35, items_without_rate: 1, days_to_pay: 34, days_to_pay_weighted: ~55.454545, days_to_pay_open_inclusive: ~25.277778, days_beyond_signed: ~3.394366, days_late: ~4.802817, days_late_when_late: ~16.238095, days_late_mean: 7, days_late_mean_when_late: ~11.666667, late_count_share: 0.6, reason: null}
        - {scope: segment, scope_id: S1, slice: undisputed, first_day: 2023-08-01, settled_count: 5, settled_rc: 710, days_to_pay_count_numerator: 170, days_to_pay_weighted_numerator: 6100, received_rc: 110, open_rc: 250, open_age_numerator: 3000, days_beyond_signed_numerator: 2410, days_late_numerator: 3410, late_rc: 210, late_count: 3, days_late_count_numerator: 35, items_without_rate: 1, days_to_pay: 34, days_to_pay_weighted: ~55.454545, days_to_pay_open_inclusive: ~25.277778, days_beyond_signed: ~3.394366, days_late: ~4.802817, days_late_when_late: ~16.238095, days_late_mean: 7, days_late_mean_when_late: ~11.666667, late_count_share: 0.6, reason: null}
        - {scope: region, scope_id: N, slice: all, first_day: 2023-08-01, settled_count: 5, settled_rc: 710, days_to_pay_count_numerator: 170, days_to_pay_weighted_numerator: 6100, received_rc: 110, open_rc: 250, open_age_numerator: 3000, days_beyond_signed_numerator: 2410, days_late_numerator: 3410, late_rc: 210, late_count: 3, days_late_count_numerator: 35, items_without_rate: 1, days_to_pay: 34, days_to_pay_weighted: ~55.454545, days_to_pay_open_inclusive: ~25.277778, days_beyond_signed: ~3.394366, days_late: ~4.802817, days_late_when_late: ~16.238095, days_late_mean: 7, days_late_mean_when_late: ~11.666667, late_count_share: 0.6, reason: null}
        - {scope: region, scope_id: N, slice: undisputed, first_day: 2023-08-01, settled_count: 5, settled_rc: 710, days_to_pay_count_numerator: 170, days_to_pay_weighted_numerator: 6100, received_rc: 110, open_rc: 250, open_age_numerator: 3000, days_beyond_signed_numerator: 2410, days_late_numerator: 3410, late_rc: 210, late_count: 3, days_late_count_numerator: 35, items_without_rate: 1, days_to_pay: 34, days_to_pay_weighted: ~55.454545, days_to_pay_open_inclusive: ~25.277778, days_beyond_signed: ~3.394366, days_late: ~4.802817, days_late_when_late: ~16.238095, days_late_mean: 7, days_late_mean_when_late: ~11.666667, late_count_share: 0.6, reason: null}
        - {scope: customer, scope_id: C1, slice: all, first_day: 2023-08-01, settled_count: 5, settled_rc: 710, days_to_pay_count_numerator: 170, days_to_pay_weighted_numerator: 6100, received_rc: 110, open_rc: 250, open_age_numerator: 3000, days_beyond_signed_numerator: 2410, days_late_numerator: 3410, late_rc: 210, late_count: 3, days_late_count_numerator: 35, items_without_rate: 1, days_to_pay: 34, days_to_pay_weighted: ~55.454545, days_to_pay_open_inclusive: ~25.277778, days_beyond_signed: ~3.394366, days_late: ~4.802817, days_late_when_late: ~16.238095, days_late_mean: 7, days_late_mean_when_late: ~11.666667, late_count_share: 0.6, reason: null}
        - {scope: customer, scope_id: C1, slice: undisputed, first_day: 2023-08-01, settled_count: 5, settled_rc: 710, days_to_pay_count_numerator: 170, days_to_pay_weighted_numerator: 6100, received_rc: 110, open_rc: 250, open_age_numerator: 3000, days_beyond_signed_numerator: 2410, days_late_numerator: 3410, late_rc: 210, late_count: 3, days_late_count_numerator: 35, items_without_rate: 1, days_to_pay: 34, days_to_pay_weighted: ~55.454545, days_to_pay_open_inclusive: ~25.277778, days_beyond_signed: ~3.394366, days_late: ~4.802817, days_late_when_late: ~16.238095, days_late_mean: 7, days_late_mean_when_late: ~11.666667, late_count_share: 0.6, reason: null}
        - {scope: company, scope_id: B, slice: all, first_day: 2023-08-01, settled_count: 2, settled_rc: 400.5, days_to_pay_count_numerator: 80, days_to_pay_weighted_numerator: 16020, received_rc: 400.5, open_rc: 30, open_age_numerator: 900, days_beyond_signed_numerator: 4005, days_late_numerator: 4005, late_rc: 400.5, late_count: 2, days_late_count_numerator: 20, items_without_rate: 1, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: ~39.303136, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: company, scope_id: B, slice: undisputed, first_day: 2023-08-01, settled_count: 2, settled_rc: 400.5, days_to_pay_count_numerator: 80, days_to_pay_weighted_numerator: 16020, received_rc: 400.5, open_rc: 30, open_age_numerator: 900, days_beyond_signed_numerator: 4005, days_late_numerator: 4005, late_rc: 400.5, late_count: 2, days_late_count_numerator: 20, items_without_rate: 1, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: ~39.303136, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: segment, scope_id: S2, slice: all, first_day: 2023-08-01, settled_count: 1, settled_rc: 400, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 16000, received_rc: 400, open_rc: 30, open_age_numerator: 900, days_beyond_signed_numerator: 4000, days_late_numerator: 4000, late_rc: 400, late_count: 1, days_late_count_numerator: 10, items_without_rate: 0, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: ~39.302326, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: segment, scope_id: S2, slice: undisputed, first_day: 2023-08-01, settled_count: 1, settled_rc: 400, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 16000, received_rc: 400, open_rc: 30, open_age_numerator: 900, days_beyond_signed_numerator: 4000, days_late_numerator: 4000, late_rc: 400, late_count: 1, days_late_count_numerator: 10, items_without_rate: 0, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: ~39.302326, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: region, scope_id: S, slice: all, first_day: 2023-08-01, settled_count: 1, settled_rc: 400, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 16000, received_rc: 400, open_rc: 30, open_age_numerator: 900, days_beyond_signed_numerator: 4000, days_late_numerator: 4000, late_rc: 400, late_count: 1, days_late_count_numerator: 10, items_without_rate: 0, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: ~39.302326, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: region, scope_id: S, slice: undisputed, first_day: 2023-08-01, settled_count: 1, settled_rc: 400, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 16000, received_rc: 400, open_rc: 30, open_age_numerator: 900, days_beyond_signed_numerator: 4000, days_late_numerator: 4000, late_rc: 400, late_count: 1, days_late_count_numerator: 10, items_without_rate: 0, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: ~39.302326, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: customer, scope_id: C2, slice: all, first_day: 2023-08-01, settled_count: 1, settled_rc: 400, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 16000, received_rc: 400, open_rc: 30, open_age_numerator: 900, days_beyond_signed_numerator: 4000, days_late_numerator: 4000, late_rc: 400, late_count: 1, days_late_count_numerator: 10, items_without_rate: 0, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: ~39.302326, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: customer, scope_id: C2, slice: undisputed, first_day: 2023-08-01, settled_count: 1, settled_rc: 400, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 16000, received_rc: 400, open_rc: 30, open_age_numerator: 900, days_beyond_signed_numerator: 4000, days_late_numerator: 4000, late_rc: 400, late_count: 1, days_late_count_numerator: 10, items_without_rate: 0, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: ~39.302326, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: segment, scope_id: "", slice: all, first_day: 2023-08-01, settled_count: 1, settled_rc: 0.5, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 20, received_rc: 0.5, open_rc: 0, open_age_numerator: 0, days_beyond_signed_numerator: 5, days_late_numerator: 5, late_rc: 0.5, late_count: 1, days_late_count_numerator: 10, items_without_rate: 1, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: 40, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: segment, scope_id: "", slice: undisputed, first_day: 2023-08-01, settled_count: 1, settled_rc: 0.5, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 20, received_rc: 0.5, open_rc: 0, open_age_numerator: 0, days_beyond_signed_numerator: 5, days_late_numerator: 5, late_rc: 0.5, late_count: 1, days_late_count_numerator: 10, items_without_rate: 1, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: 40, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: region, scope_id: "", slice: all, first_day: 2023-08-01, settled_count: 1, settled_rc: 0.5, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 20, received_rc: 0.5, open_rc: 0, open_age_numerator: 0, days_beyond_signed_numerator: 5, days_late_numerator: 5, late_rc: 0.5, late_count: 1, days_late_count_numerator: 10, items_without_rate: 1, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: 40, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: region, scope_id: "", slice: undisputed, first_day: 2023-08-01, settled_count: 1, settled_rc: 0.5, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 20, received_rc: 0.5, open_rc: 0, open_age_numerator: 0, days_beyond_signed_numerator: 5, days_late_numerator: 5, late_rc: 0.5, late_count: 1, days_late_count_numerator: 10, items_without_rate: 1, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: 40, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: customer, scope_id: C3, slice: all, first_day: 2023-08-01, settled_count: 1, settled_rc: 0.5, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 20, received_rc: 0.5, open_rc: 0, open_age_numerator: 0, days_beyond_signed_numerator: 5, days_late_numerator: 5, late_rc: 0.5, late_count: 1, days_late_count_numerator: 10, items_without_rate: 0, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: 40, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: customer, scope_id: C3, slice: undisputed, first_day: 2023-08-01, settled_count: 1, settled_rc: 0.5, days_to_pay_count_numerator: 40, days_to_pay_weighted_numerator: 20, received_rc: 0.5, open_rc: 0, open_age_numerator: 0, days_beyond_signed_numerator: 5, days_late_numerator: 5, late_rc: 0.5, late_count: 1, days_late_count_numerator: 10, items_without_rate: 0, days_to_pay: 40, days_to_pay_weighted: 40, days_to_pay_open_inclusive: 40, days_beyond_signed: 10, days_late: 10, days_late_when_late: 10, days_late_mean: 10, days_late_mean_when_late: 10, late_count_share: 1, reason: null}
        - {scope: customer, scope_id: C4, slice: all, first_day: 2023-08-01, settled_count: 0, settled_rc: 0, days_to_pay_count_numerator: 0, days_to_pay_weighted_numerator: 0, received_rc: 0, open_rc: 0, open_age_numerator: 0, days_beyond_signed_numerator: 0, days_late_numerator: 0, late_rc: 0, late_count: 0, days_late_count_numerator: 0, items_without_rate: 1, days_to_pay: null, days_to_pay_weighted: null, days_to_pay_open_inclusive: null, days_beyond_signed: null, days_late: null, days_late_when_late: null, days_late_mean: null, days_late_mean_when_late: null, late_count_share: null, reason: insufficient_history}
        - {scope: customer, scope_id: C4, slice: undisputed, first_day: 2023-08-01, settled_count: 0, settled_rc: 0, days_to_pay_count_numerator: 0, days_to_pay_weighted_numerator: 0, received_rc: 0, open_rc: 0, open_age_numerator: 0, days_beyond_signed_numerator: 0, days_late_numerator: 0, late_rc: 0, late_count: 0, days_late_count_numerator: 0, items_without_rate: 1, days_to_pay: null, days_to_pay_weighted: null, days_to_pay_open_inclusive: null, days_beyond_signed: null, days_late: null, days_late_when_late: null, days_late_mean: null, days_late_mean_when_late: null, late_count_share: null, reason: insufficient_history}
  - name: an invoice of another source under the same number is not disputed
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-07-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp_a, customer_id: C1, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-06-01, due_date: 2024-07-01, amount_rc: 70, cash_rc: 70, settled_on: 2024-07-01, cleared_by: cash, last_receipt_date: 2024-07-01, open_amount_rc: 0, disputed: true}
          - {source: erp_b, customer_id: C1, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-06-01, due_date: 2024-07-01, amount_rc: 30, cash_rc: 30, settled_on: 2024-07-11, cleared_by: cash, last_receipt_date: 2024-07-11, open_amount_rc: 0}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp_a, customer_id: C1, invoice_id: "1001", instalment_seq: 1, kind: cash, invoice_date: 2024-06-01, receipt_date: 2024-07-01, event_date: 2024-07-01, amount_rc: 70}
          - {source: erp_b, customer_id: C1, invoice_id: "1001", instalment_seq: 1, kind: cash, invoice_date: 2024-06-01, receipt_date: 2024-07-11, event_date: 2024-07-11, amount_rc: 30}
    expect:
      rows:
        - {scope: group, slice: all, settled_rc: 100, received_rc: 100, days_to_pay_weighted: 33}
        - {scope: group, slice: disputed, settled_rc: 70, received_rc: 70, days_to_pay_weighted: 30}
        - {scope: group, slice: undisputed, settled_rc: 30, received_rc: 30, days_to_pay_weighted: 40}
        - {scope: company, slice: all, settled_rc: 100, received_rc: 100, days_to_pay_weighted: 33}
        - {scope: company, slice: disputed, settled_rc: 70, received_rc: 70, days_to_pay_weighted: 30}
        - {scope: company, slice: undisputed, settled_rc: 30, received_rc: 30, days_to_pay_weighted: 40}
        - {scope: segment, slice: all, settled_rc: 100, received_rc: 100, days_to_pay_weighted: 33}
        - {scope: segment, slice: disputed, settled_rc: 70, received_rc: 70, days_to_pay_weighted: 30}
        - {scope: segment, slice: undisputed, settled_rc: 30, received_rc: 30, days_to_pay_weighted: 40}
        - {scope: region, slice: all, settled_rc: 100, received_rc: 100, days_to_pay_weighted: 33}
        - {scope: region, slice: disputed, settled_rc: 70, received_rc: 70, days_to_pay_weighted: 30}
        - {scope: region, slice: undisputed, settled_rc: 30, received_rc: 30, days_to_pay_weighted: 40}
        - {scope: customer, slice: all, settled_rc: 100, received_rc: 100, days_to_pay_weighted: 33}
        - {scope: customer, slice: disputed, settled_rc: 70, received_rc: 70, days_to_pay_weighted: 30}
        - {scope: customer, slice: undisputed, settled_rc: 30, received_rc: 30, days_to_pay_weighted: 40}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS first_day_of_window,
customer_slices AS (
    SELECT
        i.customer_id AS customer_id,
        any(ifNull(toString(i.segment), '')) AS segment,
        any(ifNull(toString(i.region), '')) AS region
    FROM {{ source('huikuan', 'ar_items') }} AS i
    GROUP BY customer_id
),
disputed_items AS (
    SELECT toString(source), invoice_id
    FROM {{ source('huikuan', 'ar_items') }}
    WHERE disputed
),
items AS (
    SELECT
        i.company AS company,
        i.customer_id AS customer_id,
        i.disputed AS disputed,
        i.settled_on >= first_day_of_window AND i.settled_on <= today AND i.cleared_by = 'cash' AND i.last_receipt_date <= today AS settled,
        CAST(ifNull(i.cash_rc, 0) AS Decimal(38, 4)) AS cash_rc,
        CAST(ifNull(i.open_amount_rc, 0) AS Decimal(38, 4)) AS open_rc,
        dateDiff('day', i.invoice_date, assumeNotNull(i.last_receipt_date)) AS days_to_pay,
        dateDiff('day', i.due_date, assumeNotNull(i.last_receipt_date)) AS days_beyond,
        greatest(days_beyond, 0) AS days_late,
        dateDiff('day', i.invoice_date, today) AS age,
        isNull(i.amount_rc) AS without_rate
    FROM {{ source('huikuan', 'ar_items') }} AS i
    WHERE i.invoice_date <= today AND (i.settled_on IS NULL OR i.settled_on >= first_day_of_window)
),
by_customer AS (
    SELECT
        i.company AS company,
        i.customer_id AS customer_id,
        i.disputed AS disputed,
        countIf(ifNull(i.settled, 0)) AS settled_count,
        sumIf(i.cash_rc, ifNull(i.settled, 0)) AS settled_rc,
        sumIf(i.days_to_pay, ifNull(i.settled, 0)) AS days_to_pay_count,
        sumIf(i.cash_rc * i.days_beyond, ifNull(i.settled, 0)) AS beyond,
        sumIf(i.cash_rc * i.days_late, ifNull(i.settled, 0)) AS late,
        sumIf(i.cash_rc, ifNull(i.settled, 0) AND i.days_late > 0) AS late_rc,
        countIf(ifNull(i.settled, 0) AND i.days_late > 0) AS late_count,
        sumIf(i.days_late, ifNull(i.settled, 0)) AS late_days,
        sum(i.open_rc) AS open_rc,
        sum(i.open_rc * i.age) AS open_age,
        sum(i.without_rate) AS items_without_rate,
        toDecimal128(0, 4) AS received_rc,
        toDecimal128(0, 4) AS weighted
    FROM items AS i
    GROUP BY company, customer_id, disputed
    UNION ALL
    SELECT
        t.company AS company,
        t.customer_id AS customer_id,
        CAST((toString(t.source), t.invoice_id) IN disputed_items AS Bool) AS disputed,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        sum(CAST(ifNull(t.amount_rc, 0) AS Decimal(38, 4))) AS received_rc,
        sum(CAST(ifNull(t.amount_rc, 0) AS Decimal(38, 4)) * dateDiff('day', t.invoice_date, t.receipt_date)) AS weighted
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    WHERE t.kind = 'cash' AND t.receipt_date >= first_day_of_window AND t.receipt_date <= today
    GROUP BY company, customer_id, disputed
),
by_scope AS (
    SELECT
        member.1 AS scope,
        member.2 AS scope_id,
        part AS slice,
        sum(c.settled_count) AS settled_count,
        sum(c.settled_rc) AS settled_rc,
        sum(c.days_to_pay_count) AS days_to_pay_count,
        sum(c.beyond) AS beyond,
        sum(c.late) AS late,
        sum(c.late_rc) AS late_rc,
        sum(c.late_count) AS late_count,
        sum(c.late_days) AS late_days,
        sum(c.open_rc) AS open_rc,
        sum(c.open_age) AS open_age,
        sum(c.items_without_rate) AS items_without_rate,
        sum(c.received_rc) AS received_rc,
        sum(c.weighted) AS weighted
    FROM by_customer AS c
    INNER JOIN customer_slices AS s ON s.customer_id = c.customer_id
    ARRAY JOIN [('group', ''), ('company', c.company), ('segment', s.segment), ('region', s.region), ('customer', c.customer_id)] AS member
    ARRAY JOIN ['all', if(c.disputed, 'disputed', 'undisputed')] AS part
    GROUP BY scope, scope_id, slice
)
SELECT
    b.scope AS scope,
    b.scope_id AS scope_id,
    b.slice AS slice,
    first_day_of_window AS first_day,
    b.settled_count AS settled_count,
    b.settled_rc AS settled_rc,
    b.days_to_pay_count AS days_to_pay_count_numerator,
    CAST(b.days_to_pay_count AS Decimal(38, 10)) / nullIf(b.settled_count, 0) AS days_to_pay,
    b.weighted AS days_to_pay_weighted_numerator,
    b.received_rc AS received_rc,
    CAST(b.weighted AS Decimal(38, 10)) / if(b.received_rc > 0, b.received_rc, NULL) AS days_to_pay_weighted,
    b.open_rc AS open_rc,
    b.open_age AS open_age_numerator,
    CAST(b.weighted + b.open_age AS Decimal(38, 10)) / if(b.received_rc + b.open_rc > 0, b.received_rc + b.open_rc, NULL) AS days_to_pay_open_inclusive,
    b.beyond AS days_beyond_signed_numerator,
    CAST(b.beyond AS Decimal(38, 10)) / if(b.settled_rc > 0, b.settled_rc, NULL) AS days_beyond_signed,
    b.late AS days_late_numerator,
    CAST(b.late AS Decimal(38, 10)) / if(b.settled_rc > 0, b.settled_rc, NULL) AS days_late,
    b.late_rc AS late_rc,
    CAST(b.late AS Decimal(38, 10)) / if(b.late_rc > 0, b.late_rc, NULL) AS days_late_when_late,
    b.late_count AS late_count,
    b.late_days AS days_late_count_numerator,
    CAST(b.late_days AS Decimal(38, 10)) / nullIf(b.settled_count, 0) AS days_late_mean,
    CAST(b.late_days AS Decimal(38, 10)) / nullIf(b.late_count, 0) AS days_late_mean_when_late,
    CAST(b.late_count AS Decimal(38, 10)) / nullIf(b.settled_count, 0) AS late_count_share,
    b.items_without_rate AS items_without_rate,
    if(b.settled_count > 0, NULL, 'insufficient_history') AS reason
FROM by_scope AS b
