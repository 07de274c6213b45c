/* ---
description: "How long customers take, and how late they are: instalments settled by cash in the rolling months, by bin (B10, B12)."
grain: one measure, scope (group, company, segment), its member and bin
materialisation: table
order_by: [measure, scope, scope_id, bin_no]
owner: finance
tags: [collection, speed]
columns:
  - {name: measure, description: "days_to_pay (invoice to last receipt) or days_late (due date to last receipt, early is negative)", tests: [not_null, {accepted_values: [days_to_pay, days_late]}]}
  - {name: scope, description: "group, company or segment", tests: [not_null, {accepted_values: [group, company, segment]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where no segment is known, unit: id, tests: [not_null]}
  - {name: bin_no, description: "1 = lowest", unit: number, tests: [not_null]}
  - {name: bin, description: "label of the bin: from-to, or beyond its end"}
  - {name: bin_to, description: upper edge; NULL = none, unit: days}
  - {name: items, description: instalments; numerator of item_share, unit: count, tests: [not_null]}
  - {name: item_share, description: items / all items of the scope, unit: fraction}
  - {name: cash_rc, description: cash on them; numerator of cash_share, unit: reporting currency, tests: [not_null]}
  - {name: cash_share, description: cash_rc / cash of all items of the scope; NULL = none, unit: fraction}
  - {name: total_items, description: items of all bins, unit: count}
  - {name: total_rc, description: cash of all bins, unit: reporting currency}
tests:
  - unique: [measure, scope, scope_id, bin_no]
  - name: the items are those settled by cash
    sum_equals:
      this: sumIf(items, scope = 'segment' AND measure = 'days_late')
      of: |
        SELECT sum(settled_count)
        FROM {{ ref('days_to_pay_summary') }}
        WHERE scope = 'group' AND slice = 'all'
unit_tests:
  - name: the edge belongs to the lower bin, and bins between stand with zero
    overrides: {vars: {days_to_pay_bins: [0, 30, 60], days_late_bins: [-1, 0]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-07-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, invoice_date: 2024-06-01, due_date: 2024-07-01, cash_rc: 100, settled_on: 2024-07-01, cleared_by: cash, last_receipt_date: 2024-07-01}
          - {company: A, customer_id: C1, invoice_id: I2, invoice_date: 2024-05-01, due_date: 2024-05-31, cash_rc: 300, settled_on: 2024-07-15, cleared_by: cash, last_receipt_date: 2024-07-15}
          - {company: A, customer_id: C1, invoice_id: I3, invoice_date: 2024-05-01, due_date: 2024-05-31, cash_rc: 0, settled_on: 2024-07-15, cleared_by: write_off}
          - {company: A, customer_id: C1, invoice_id: I4, invoice_date: 2024-05-01, due_date: 2024-05-31, cash_rc: 7, settled_on: 2024-07-15, cleared_by: cash, last_receipt_date: 2024-08-01}
    expect:
      rows:
        - {measure: days_to_pay, scope: group, bin_no: 1, bin: "≤0", items: 0, cash_rc: 0, cash_share: 0}
        - {measure: days_to_pay, scope: group, bin_no: 2, bin: "1-30", items: 1, cash_rc: 100, cash_share: 0.25}
        - {measure: days_to_pay, scope: group, bin_no: 3, bin: "31-60", items: 0, cash_rc: 0, cash_share: 0}
        - {measure: days_to_pay, scope: group, bin_no: 4, bin: "61+", items: 1, cash_rc: 300, cash_share: 0.75}
        - {measure: days_late, scope: group, bin_no: 1, bin: "≤-1", items: 0, cash_rc: 0, cash_share: 0}
        - {measure: days_late, scope: group, bin_no: 2, bin: "0", items: 1, cash_rc: 100, cash_share: 0.25}
        - {measure: days_late, scope: group, bin_no: 3, bin: "1+", items: 1, cash_rc: 300, cash_share: 0.75}
        - {measure: days_to_pay, scope: company, bin_no: 1, bin: "≤0", items: 0, cash_rc: 0, cash_share: 0}
        - {measure: days_to_pay, scope: company, bin_no: 2, bin: "1-30", items: 1, cash_rc: 100, cash_share: 0.25}
        - {measure: days_to_pay, scope: company, bin_no: 3, bin: "31-60", items: 0, cash_rc: 0, cash_share: 0}
        - {measure: days_to_pay, scope: company, bin_no: 4, bin: "61+", items: 1, cash_rc: 300, cash_share: 0.75}
        - {measure: days_late, scope: company, bin_no: 1, bin: "≤-1", items: 0, cash_rc: 0, cash_share: 0}
        - {measure: days_late, scope: company, bin_no: 2, bin: "0", items: 1, cash_rc: 100, cash_share: 0.25}
        - {measure: days_late, scope: company, bin_no: 3, bin: "1+", items: 1, cash_rc: 300, cash_share: 0.75}
        - {measure: days_to_pay, scope: segment, bin_no: 1, bin: "≤0", items: 0, cash_rc: 0, cash_share: 0}
        - {measure: days_to_pay, scope: segment, bin_no: 2, bin: "1-30", items: 1, cash_rc: 100, cash_share: 0.25}
        - {measure: days_to_pay, scope: segment, bin_no: 3, bin: "31-60", items: 0, cash_rc: 0, cash_share: 0}
        - {measure: days_to_pay, scope: segment, bin_no: 4, bin: "61+", items: 1, cash_rc: 300, cash_share: 0.75}
        - {measure: days_late, scope: segment, bin_no: 1, bin: "≤-1", items: 0, cash_rc: 0, cash_share: 0}
        - {measure: days_late, scope: segment, bin_no: 2, bin: "0", items: 1, cash_rc: 100, cash_share: 0.25}
        - {measure: days_late, scope: segment, bin_no: 3, bin: "1+", items: 1, cash_rc: 300, cash_share: 0.75}
  - name: bins from the edges, of what was settled by cash that came in the rolling months
    overrides: {vars: {rolling_months: 2, days_to_pay_bins: [0, 10, 11], days_late_bins: [-20, -5, 0]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-01-31}, {as_of: 2024-03-15}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, segment: S, invoice_date: 2024-03-01, due_date: 2024-03-16, cleared_by: cash, settled_on: 2024-03-15, last_receipt_date: 2024-03-11, cash_rc: 1}
          - {company: A, segment: S, invoice_date: 2024-03-01, due_date: 2024-03-17, cleared_by: cash, settled_on: 2024-03-12, last_receipt_date: 2024-03-12, cash_rc: 2}
          - {company: A, segment: T, invoice_date: 2024-03-01, due_date: 2024-03-13, cleared_by: cash, settled_on: 2024-03-15, last_receipt_date: 2024-03-13, cash_rc: 4}
          - {company: B, segment: T, invoice_date: 2024-02-01, due_date: 2024-01-31, cleared_by: cash, settled_on: 2024-02-01, last_receipt_date: 2024-02-01, cash_rc: 8}
          - {company: B, invoice_date: 2024-03-15, due_date: 2024-03-14, cleared_by: cash, settled_on: 2024-03-15, last_receipt_date: 2024-03-15, cash_rc: 0.5}
          - {company: B, segment: T, invoice_date: 2024-02-01, due_date: 2024-03-01, cleared_by: cash, settled_on: 2024-02-09, last_receipt_date: 2024-02-09, cash_rc: 16}
          - {company: C, segment: S, invoice_date: 2024-02-01, due_date: 2024-03-01, cleared_by: cash, settled_on: 2024-02-09, last_receipt_date: 2024-02-09, cash_rc: null}
          # before the window, after today, not by cash, not there yet, billed ahead, open
          - {company: A, segment: S, invoice_date: 2024-01-01, due_date: 2024-01-20, cleared_by: cash, settled_on: 2024-01-31, last_receipt_date: 2024-02-02, cash_rc: 1000}
          - {company: A, segment: S, invoice_date: 2024-03-01, due_date: 2024-03-20, cleared_by: cash, settled_on: 2024-03-16, last_receipt_date: 2024-03-14, cash_rc: 1000}
          - {company: A, segment: S, invoice_date: 2024-03-01, due_date: 2024-03-20, cleared_by: credit, settled_on: 2024-03-14, last_receipt_date: 2024-03-14, cash_rc: 1000}
          - {company: A, segment: S, invoice_date: 2024-03-01, due_date: 2024-03-20, cleared_by: cash, settled_on: 2024-03-14, last_receipt_date: 2024-03-16, cash_rc: 1000}
          - {company: A, segment: S, invoice_date: 2024-03-16, due_date: 2024-03-14, cleared_by: cash, settled_on: 2024-03-15, last_receipt_date: 2024-03-15, cash_rc: 1000}
          - {company: A, segment: S, invoice_date: 2024-03-01, due_date: 2024-03-20, last_receipt_date: 2024-03-14, cash_rc: 1000}
    expect:
      rows:
        - {measure: days_to_pay, scope: company, scope_id: B, bin_no: 1, bin: "≤0", bin_to: 0, items: 2, item_share: 0.6666666666, cash_rc: 8.5, cash_share: 0.3469387755, total_items: 3, total_rc: 24.5}
        - {measure: days_to_pay, scope: company, scope_id: B, bin_no: 2, bin: "1-10", bin_to: 10, items: 1, item_share: 0.3333333333, cash_rc: 16, cash_share: 0.6530612244, total_items: 3, total_rc: 24.5}
        - {measure: days_to_pay, scope: company, scope_id: B, bin_no: 3, bin: 11, bin_to: 11, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 24.5}
        - {measure: days_to_pay, scope: company, scope_id: B, bin_no: 4, bin: "12+", bin_to: null, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 24.5}
        - {measure: days_to_pay, scope: segment, scope_id: "", bin_no: 1, bin: "≤0", bin_to: 0, items: 1, item_share: 1, cash_rc: 0.5, cash_share: 1, total_items: 1, total_rc: 0.5}
        - {measure: days_to_pay, scope: segment, scope_id: "", bin_no: 2, bin: "1-10", bin_to: 10, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 1, total_rc: 0.5}
        - {measure: days_to_pay, scope: segment, scope_id: "", bin_no: 3, bin: 11, bin_to: 11, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 1, total_rc: 0.5}
        - {measure: days_to_pay, scope: segment, scope_id: "", bin_no: 4, bin: "12+", bin_to: null, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 1, total_rc: 0.5}
        - {measure: days_late, scope: company, scope_id: A, bin_no: 1, bin: "≤-20", bin_to: -20, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 7}
        - {measure: days_late, scope: company, scope_id: A, bin_no: 2, bin: "-19…-5", bin_to: -5, items: 2, item_share: 0.6666666666, cash_rc: 3, cash_share: 0.4285714285, total_items: 3, total_rc: 7}
        - {measure: days_late, scope: company, scope_id: A, bin_no: 3, bin: "-4…0", bin_to: 0, items: 1, item_share: 0.3333333333, cash_rc: 4, cash_share: 0.5714285714, total_items: 3, total_rc: 7}
        - {measure: days_late, scope: company, scope_id: A, bin_no: 4, bin: "1+", bin_to: null, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 7}
        - {measure: days_to_pay, scope: segment, scope_id: S, bin_no: 1, bin: "≤0", bin_to: 0, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 3}
        - {measure: days_to_pay, scope: segment, scope_id: S, bin_no: 2, bin: "1-10", bin_to: 10, items: 2, item_share: 0.6666666666, cash_rc: 1, cash_share: 0.3333333333, total_items: 3, total_rc: 3}
        - {measure: days_to_pay, scope: segment, scope_id: S, bin_no: 3, bin: 11, bin_to: 11, items: 1, item_share: 0.3333333333, cash_rc: 2, cash_share: 0.6666666666, total_items: 3, total_rc: 3}
        - {measure: days_to_pay, scope: segment, scope_id: S, bin_no: 4, bin: "12+", bin_to: null, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 3}
        - {measure: days_late, scope: segment, scope_id: S, bin_no: 1, bin: "≤-20", bin_to: -20, items: 1, item_share: 0.3333333333, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 3}
        - {measure: days_late, scope: segment, scope_id: S, bin_no: 2, bin: "-19…-5", bin_to: -5, items: 2, item_share: 0.6666666666, cash_rc: 3, cash_share: 1, total_items: 3, total_rc: 3}
        - {measure: days_late, scope: segment, scope_id: S, bin_no: 3, bin: "-4…0", bin_to: 0, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 3}
        - {measure: days_late, scope: segment, scope_id: S, bin_no: 4, bin: "1+", bin_to: null, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 3}
        - {measure: days_to_pay, scope: company, scope_id: A, bin_no: 1, bin: "≤0", bin_to: 0, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 7}
        - {measure: days_to_pay, scope: company, scope_id: A, bin_no: 2, bin: "1-10", bin_to: 10, items: 1, item_share: 0.3333333333, cash_rc: 1, cash_share: 0.1428571428, total_items: 3, total_rc: 7}
        - {measure: days_to_pay, scope: company, scope_id: A, bin_no: 3, bin: 11, bin_to: 11, items: 1, item_share: 0.3333333333, cash_rc: 2, cash_share: 0.2857142857, total_items: 3, total_rc: 7}
        - {measure: days_to_pay, scope: company, scope_id: A, bin_no: 4, bin: "12+", bin_to: null, items: 1, item_share: 0.3333333333, cash_rc: 4, cash_share: 0.5714285714, total_items: 3, total_rc: 7}
        - {measure: days_late, scope: company, scope_id: B, bin_no: 1, bin: "≤-20", bin_to: -20, items: 1, item_share: 0.3333333333, cash_rc: 16, cash_share: 0.6530612244, total_items: 3, total_rc: 24.5}
        - {measure: days_late, scope: company, scope_id: B, bin_no: 2, bin: "-19…-5", bin_to: -5, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 24.5}
        - {measure: days_late, scope: company, scope_id: B, bin_no: 3, bin: "-4…0", bin_to: 0, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 24.5}
        - {measure: days_late, scope: company, scope_id: B, bin_no: 4, bin: "1+", bin_to: null, items: 2, item_share: 0.6666666666, cash_rc: 8.5, cash_share: 0.3469387755, total_items: 3, total_rc: 24.5}
        - {measure: days_to_pay, scope: company, scope_id: C, bin_no: 1, bin: "≤0", bin_to: 0, items: 0, item_share: 0, cash_rc: 0, cash_share: null, total_items: 1, total_rc: 0}
        - {measure: days_to_pay, scope: company, scope_id: C, bin_no: 2, bin: "1-10", bin_to: 10, items: 1, item_share: 1, cash_rc: 0, cash_share: null, total_items: 1, total_rc: 0}
        - {measure: days_to_pay, scope: company, scope_id: C, bin_no: 3, bin: 11, bin_to: 11, items: 0, item_share: 0, cash_rc: 0, cash_share: null, total_items: 1, total_rc: 0}
        - {measure: days_to_pay, scope: company, scope_id: C, bin_no: 4, bin: "12+", bin_to: null, items: 0, item_share: 0, cash_rc: 0, cash_share: null, total_items: 1, total_rc: 0}
        - {measure: days_to_pay, scope: segment, scope_id: T, bin_no: 1, bin: "≤0", bin_to: 0, items: 1, item_share: 0.3333333333, cash_rc: 8, cash_share: 0.2857142857, total_items: 3, total_rc: 28}
        - {measure: days_to_pay, scope: segment, scope_id: T, bin_no: 2, bin: "1-10", bin_to: 10, items: 1, item_share: 0.3333333333, cash_rc: 16, cash_share: 0.5714285714, total_items: 3, total_rc: 28}
        - {measure: days_to_pay, scope: segment, scope_id: T, bin_no: 3, bin: 11, bin_to: 11, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 28}
        - {measure: days_to_pay, scope: segment, scope_id: T, bin_no: 4, bin: "12+", bin_to: null, items: 1, item_share: 0.3333333333, cash_rc: 4, cash_share: 0.1428571428, total_items: 3, total_rc: 28}
        - {measure: days_to_pay, scope: group, scope_id: "", bin_no: 1, bin: "≤0", bin_to: 0, items: 2, item_share: 0.2857142857, cash_rc: 8.5, cash_share: 0.2698412698, total_items: 7, total_rc: 31.5}
        - {measure: days_to_pay, scope: group, scope_id: "", bin_no: 2, bin: "1-10", bin_to: 10, items: 3, item_share: 0.4285714285, cash_rc: 17, cash_share: 0.5396825396, total_items: 7, total_rc: 31.5}
        - {measure: days_to_pay, scope: group, scope_id: "", bin_no: 3, bin: 11, bin_to: 11, items: 1, item_share: 0.1428571428, cash_rc: 2, cash_share: 0.0634920634, total_items: 7, total_rc: 31.5}
        - {measure: days_to_pay, scope: group, scope_id: "", bin_no: 4, bin: "12+", bin_to: null, items: 1, item_share: 0.1428571428, cash_rc: 4, cash_share: 0.1269841269, total_items: 7, total_rc: 31.5}
        - {measure: days_late, scope: group, scope_id: "", bin_no: 1, bin: "≤-20", bin_to: -20, items: 2, item_share: 0.2857142857, cash_rc: 16, cash_share: 0.5079365079, total_items: 7, total_rc: 31.5}
        - {measure: days_late, scope: group, scope_id: "", bin_no: 2, bin: "-19…-5", bin_to: -5, items: 2, item_share: 0.2857142857, cash_rc: 3, cash_share: 0.0952380952, total_items: 7, total_rc: 31.5}
        - {measure: days_late, scope: group, scope_id: "", bin_no: 3, bin: "-4…0", bin_to: 0, items: 1, item_share: 0.1428571428, cash_rc: 4, cash_share: 0.1269841269, total_items: 7, total_rc: 31.5}
        - {measure: days_late, scope: group, scope_id: "", bin_no: 4, bin: "1+", bin_to: null, items: 2, item_share: 0.2857142857, cash_rc: 8.5, cash_share: 0.2698412698, total_items: 7, total_rc: 31.5}
        - {measure: days_late, scope: segment, scope_id: "", bin_no: 1, bin: "≤-20", bin_to: -20, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 1, total_rc: 0.5}
        - {measure: days_late, scope: segment, scope_id: "", bin_no: 2, bin: "-19…-5", bin_to: -5, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 1, total_rc: 0.5}
        - {measure: days_late, scope: segment, scope_id: "", bin_no: 3, bin: "-4…0", bin_to: 0, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 1, total_rc: 0.5}
        - {measure: days_late, scope: segment, scope_id: "", bin_no: 4, bin: "1+", bin_to: null, items: 1, item_share: 1, cash_rc: 0.5, cash_share: 1, total_items: 1, total_rc: 0.5}
        - {measure: days_late, scope: segment, scope_id: T, bin_no: 1, bin: "≤-20", bin_to: -20, items: 1, item_share: 0.3333333333, cash_rc: 16, cash_share: 0.5714285714, total_items: 3, total_rc: 28}
        - {measure: days_late, scope: segment, scope_id: T, bin_no: 2, bin: "-19…-5", bin_to: -5, items: 0, item_share: 0, cash_rc: 0, cash_share: 0, total_items: 3, total_rc: 28}
        - {measure: days_late, scope: segment, scope_id: T, bin_no: 3, bin: "-4…0", bin_to: 0, items: 1, item_share: 0.3333333333, cash_rc: 4, cash_share: 0.1428571428, total_items: 3, total_rc: 28}
        - {measure: days_late, scope: segment, scope_id: T, bin_no: 4, bin: "1+", bin_to: null, items: 1, item_share: 0.3333333333, cash_rc: 8, cash_share: 0.2857142857, total_items: 3, total_rc: 28}
        - {measure: days_late, scope: company, scope_id: C, bin_no: 1, bin: "≤-20", bin_to: -20, items: 1, item_share: 1, cash_rc: 0, cash_share: null, total_items: 1, total_rc: 0}
        - {measure: days_late, scope: company, scope_id: C, bin_no: 2, bin: "-19…-5", bin_to: -5, items: 0, item_share: 0, cash_rc: 0, cash_share: null, total_items: 1, total_rc: 0}
        - {measure: days_late, scope: company, scope_id: C, bin_no: 3, bin: "-4…0", bin_to: 0, items: 0, item_share: 0, cash_rc: 0, cash_share: null, total_items: 1, total_rc: 0}
        - {measure: days_late, scope: company, scope_id: C, bin_no: 4, bin: "1+", bin_to: null, items: 0, item_share: 0, cash_rc: 0, cash_share: null, total_items: 1, total_rc: 0}
chart: {type: bar, title: Days to pay, x: bin, y: [cash_share], series: measure, unit: fraction, where: scope = 'group'}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
arraySort({{ var('days_to_pay_bins') }}) AS pay_edges,
arraySort({{ var('days_late_bins') }}) AS late_edges,
settled AS (
    SELECT
        i.company AS company,
        ifNull(toString(i.segment), '') AS segment,
        ifNull(i.cash_rc, 0) AS cash_rc,
        dateDiff('day', i.invoice_date, assumeNotNull(i.last_receipt_date)) AS days_to_pay,
        dateDiff('day', i.due_date, assumeNotNull(i.last_receipt_date)) AS days_late
    FROM {{ source('huikuan', 'ar_items') }} AS i
    WHERE i.invoice_date <= today
        AND i.cleared_by = 'cash'
        AND i.last_receipt_date <= today
        AND i.settled_on <= today
        AND i.settled_on >= toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))
),
binned AS (
    SELECT
        s.company AS company,
        s.segment AS segment,
        shape.1 AS measure,
        shape.2 AS bin_no,
        count() AS items,
        sum(s.cash_rc) AS cash_rc
    FROM settled AS s
    ARRAY JOIN [
        ('days_to_pay', 1 + toInt32(arrayCount(e -> e < s.days_to_pay, pay_edges))),
        ('days_late', 1 + toInt32(arrayCount(e -> e < s.days_late, late_edges)))
    ] AS shape
    GROUP BY company, segment, measure, bin_no
),
by_scope AS (
    SELECT
        member.1 AS scope,
        member.2 AS scope_id,
        b.measure AS measure,
        b.bin_no AS bin_no,
        sum(b.items) AS items,
        sum(b.cash_rc) AS cash_rc
    FROM binned AS b
    ARRAY JOIN [('group', ''), ('company', b.company), ('segment', b.segment)] AS member
    GROUP BY scope, scope_id, measure, bin_no
),
grid AS (
    SELECT
        t.scope AS scope,
        t.scope_id AS scope_id,
        t.measure AS measure,
        t.total_items AS total_items,
        t.total_rc AS total_rc,
        if(t.measure = 'days_to_pay', pay_edges, late_edges) AS edges,
        arrayJoin(arrayMap(n -> toInt32(n + 1), range(length(edges) + 1))) AS bin_no
    FROM (
        SELECT
            s.scope AS scope,
            s.scope_id AS scope_id,
            s.measure AS measure,
            sum(s.items) AS total_items,
            sum(s.cash_rc) AS total_rc
        FROM by_scope AS s
        GROUP BY scope, scope_id, measure
    ) AS t
)
SELECT
    g.measure AS measure,
    g.scope AS scope,
    g.scope_id AS scope_id,
    g.bin_no AS bin_no,
    multiIf(
        g.bin_no = 1, concat('≤', toString(g.edges[1])),
        g.bin_no > length(g.edges), concat(toString(g.edges[g.bin_no - 1] + 1), '+'),
        g.edges[g.bin_no - 1] + 1 = g.edges[g.bin_no], toString(g.edges[g.bin_no]),
        concat(toString(g.edges[g.bin_no - 1] + 1), if(g.edges[g.bin_no - 1] < -1, '…', '-'), toString(g.edges[g.bin_no]))
    ) AS bin,
    if(g.bin_no > length(g.edges), NULL, toInt32(g.edges[g.bin_no])) AS bin_to,
    s.items AS items,
    CAST(s.items AS Decimal(38, 10)) / nullIf(g.total_items, 0) AS item_share,
    s.cash_rc AS cash_rc,
    CAST(s.cash_rc AS Decimal(38, 10)) / if(g.total_rc > 0, g.total_rc, NULL) AS cash_share,
    g.total_items AS total_items,
    g.total_rc AS total_rc
FROM grid AS g
LEFT JOIN by_scope AS s ON s.scope = g.scope AND s.scope_id = g.scope_id AND s.measure = g.measure AND s.bin_no = g.bin_no
