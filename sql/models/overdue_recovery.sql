/* ---
description: "Recovery of overdue (C5): cash of a month on what was overdue when it began. The last month runs to the last day built."
grain: one month, scope (group, company, segment, region, rep) and its member
materialisation: table
order_by: [scope, scope_id, month]
owner: sales management
tags: [collection, reps]
columns:
  - {name: month, description: first day of the month, unit: date, tests: [not_null]}
  - {name: scope, description: "group, company, segment, region or rep (account owner when the month began for the overdue, on the receipt date for the cash)", tests: [not_null, {accepted_values: [group, company, segment, region, rep]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where no segment or region is known, unit: id, tests: [not_null]}
  - {name: rep_name, description: display name of the rep; NULL in other scopes}
  - {name: opening_overdue_rc, description: "open when the month began and due before it; denominator", unit: reporting currency, tests: [not_null]}
  - {name: recovered_rc, description: "cash of the month, by receipt date, on items due before it; numerator. Cash that was received before and applied later is not in it", unit: reporting currency, tests: [not_null]}
  - {name: recovery_rate, description: "recovered_rc / opening_overdue_rc (C5); NULL = nothing overdue", unit: fraction}
  - {name: complete, description: whether the month is over, tests: [not_null]}
  - {name: reason, description: "why recovery_rate is NULL: nothing_overdue"}
tests:
  - unique: [month, scope, scope_id]
  - name: the overdue of each company is that of rep_collection
    sum_equals:
      this: sumIf(opening_overdue_rc, scope = 'company')
      by: [month, scope_id]
      of: |
        SELECT month, company, sum(opening_overdue)
        FROM {{ source('huikuan', 'rep_collection') }}
        WHERE company IN (SELECT company FROM {{ source('huikuan', 'ar_items') }})
        GROUP BY month, company
      tolerance: 0.01
  - name: every slicing of the cash adds up to the group
    sum_equals:
      this: sumIf(recovered_rc, scope = 'rep')
      by: [month]
      of: |
        SELECT month, sum(recovered_rc)
        FROM {{ this }}
        WHERE scope = 'group'
        GROUP BY month
unit_tests:
  - name: only cash on what was overdue when the month began counts
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2012-06-30, first_day: 2012-05-01}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2012-05-01, due_date: 2012-05-31, amount_rc: 1000}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, invoice_date: 2012-05-01, due_date: 2012-06-01, amount_rc: 500}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2012-05-01, due_date: 2012-05-31, event_date: 2012-05-20, receipt_date: 2012-05-20, amount_rc: 200, owner_at_receipt: R1}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2012-05-01, due_date: 2012-05-31, event_date: 2012-06-20, receipt_date: 2012-06-19, amount_rc: 600, owner_at_receipt: R1}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, kind: cash, invoice_date: 2012-05-01, due_date: 2012-06-01, event_date: 2012-06-20, receipt_date: 2012-06-19, amount_rc: 500, owner_at_receipt: R1}
      - input: source('huikuan', 'rep_collection')
        rows:
          - {month: 2012-06-01, company: A, rep_id: R1, rep_name: 王芳, opening_overdue: 800}
    expect:
      rows:
        - {month: 2012-06-01, scope: group, scope_id: "", rep_name: null, opening_overdue_rc: 800, recovered_rc: 600, recovery_rate: 0.75, complete: true, reason: null}
        - {month: 2012-06-01, scope: company, scope_id: A, rep_name: null, opening_overdue_rc: 800, recovered_rc: 600, recovery_rate: 0.75, complete: true, reason: null}
        - {month: 2012-06-01, scope: segment, scope_id: "", rep_name: null, opening_overdue_rc: 800, recovered_rc: 600, recovery_rate: 0.75, complete: true, reason: null}
        - {month: 2012-06-01, scope: region, scope_id: "", rep_name: null, opening_overdue_rc: 800, recovered_rc: 600, recovery_rate: 0.75, complete: true, reason: null}
        - {month: 2012-06-01, scope: rep, scope_id: R1, rep_name: 王芳, opening_overdue_rc: 800, recovered_rc: 600, recovery_rate: 0.75, complete: true, reason: null}
  - name: cash that is applied before it is there counts only when it has come
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2012-06-15, first_day: 2012-05-01}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2012-05-01, due_date: 2012-05-31, amount_rc: 1000}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2012-05-01, due_date: 2012-05-31, event_date: 2012-06-10, receipt_date: 2012-06-15, amount_rc: 200, owner_at_receipt: R1}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2012-05-01, due_date: 2012-05-31, event_date: 2012-06-10, receipt_date: 2012-06-16, amount_rc: 600, owner_at_receipt: R1}
      - input: source('huikuan', 'rep_collection')
        rows:
          - {month: 2012-06-01, company: A, rep_id: R1, rep_name: 王芳, opening_overdue: 1000}
    expect:
      rows:
        - {month: 2012-06-01, scope: group, scope_id: "", opening_overdue_rc: 1000, recovered_rc: 200, recovery_rate: 0.2, complete: false}
        - {month: 2012-06-01, scope: company, scope_id: A, opening_overdue_rc: 1000, recovered_rc: 200, recovery_rate: 0.2, complete: false}
        - {month: 2012-06-01, scope: segment, scope_id: "", opening_overdue_rc: 1000, recovered_rc: 200, recovery_rate: 0.2, complete: false}
        - {month: 2012-06-01, scope: region, scope_id: "", opening_overdue_rc: 1000, recovered_rc: 200, recovery_rate: 0.2, complete: false}
        - {month: 2012-06-01, scope: rep, scope_id: R1, opening_overdue_rc: 1000, recovered_rc: 200, recovery_rate: 0.2, complete: false}
  - name: overdue when the month began, in each slice; cash by its receipt, balances by what was applied
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-15, first_day: 2024-01-01}, {as_of: 2024-05-31, first_day: 2024-01-01}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, segment: S, region: EAST, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-01-10, due_date: 2024-01-31, amount_rc: 100}
          - {company: A, customer_id: C1, segment: S, region: EAST, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-03-05, due_date: 2024-02-10, amount_rc: 40}
          - {company: B, customer_id: C1, segment: S, region: EAST, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-31, amount_rc: 1000}
          - {company: A, customer_id: C2, segment: T, region: WEST, invoice_id: I4, instalment_seq: 1, invoice_date: 2024-03-30, due_date: 2024-04-30, amount_rc: 500}
          - {company: A, customer_id: C2, segment: T, region: WEST, invoice_id: I5, instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-01-31}
          - {company: A, customer_id: C2, segment: T, region: WEST, invoice_id: I6, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-06-10, amount_rc: 70}
          - {company: A, customer_id: C1, segment: S, region: EAST, invoice_id: I7, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-05-31, amount_rc: 7}
          - {company: A, customer_id: C2, segment: T, region: WEST, invoice_id: I8, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-05-01, amount_rc: 9}
          - {company: A, customer_id: C2, segment: T, region: WEST, invoice_id: I9, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-04-20, amount_rc: 11}
          - {company: A, customer_id: C2, segment: T, region: WEST, invoice_id: I10, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-02-15, amount_rc: 13}
          - {company: A, customer_id: C2, segment: T, region: WEST, invoice_id: I11, instalment_seq: 1, invoice_date: 2024-02-05, due_date: 2024-01-20, amount_rc: 17}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2024-01-10, due_date: 2024-01-31, event_date: 2024-02-20, receipt_date: 2024-02-19, amount_rc: 30, owner_at_receipt: R1}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2024-01-10, due_date: 2024-01-31, event_date: 2024-03-02, receipt_date: 2024-02-28, amount_rc: 20, owner_at_receipt: R1}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: credit, invoice_date: 2024-01-10, due_date: 2024-01-31, event_date: 2024-03-15, receipt_date: 2024-03-15, amount_rc: 50, owner_at_receipt: R1}
          - {company: B, customer_id: C1, invoice_id: I3, instalment_seq: 1, kind: cash, invoice_date: 2024-03-01, due_date: 2024-03-31, event_date: 2024-03-20, receipt_date: 2024-03-20, amount_rc: 200, owner_at_receipt: R1}
          - {company: B, customer_id: C1, invoice_id: I3, instalment_seq: 1, kind: cash, invoice_date: 2024-03-01, due_date: 2024-03-31, event_date: 2024-04-10, receipt_date: 2024-04-09, amount_rc: 300, owner_at_receipt: R1}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, kind: cash, invoice_date: 2024-03-05, due_date: 2024-02-10, event_date: 2024-03-20, receipt_date: 2024-03-20, amount_rc: 4, owner_at_receipt: R1}
          - {company: A, customer_id: C2, invoice_id: I4, instalment_seq: 1, kind: cash, invoice_date: 2024-03-30, due_date: 2024-04-30, event_date: 2024-05-05, receipt_date: 2024-05-05, amount_rc: 60, owner_at_receipt: R2}
          - {company: A, customer_id: C2, invoice_id: I4, instalment_seq: 1, kind: cash, invoice_date: 2024-03-30, due_date: 2024-04-30, event_date: 2024-05-05, receipt_date: 2024-05-05, amount_rc: 61, owner_at_receipt: R2}
          - {company: A, customer_id: C2, invoice_id: I4, instalment_seq: 1, kind: cash, invoice_date: 2024-03-30, due_date: 2024-04-30, event_date: 2024-06-15, receipt_date: 2024-06-15, amount_rc: 5, owner_at_receipt: R2}
          - {company: A, customer_id: C2, invoice_id: I4, instalment_seq: 1, kind: cash, invoice_date: 2024-03-30, due_date: 2024-04-30, event_date: 2024-06-14, receipt_date: 2024-06-16, amount_rc: 6, owner_at_receipt: R2}
          - {company: A, customer_id: C2, invoice_id: I4, instalment_seq: 1, kind: cash, invoice_date: 2024-03-30, due_date: 2024-04-30, event_date: 2024-06-05, receipt_date: 2024-06-05, owner_at_receipt: R2}
          - {company: B, customer_id: C1, invoice_id: I3, instalment_seq: 1, kind: cash, invoice_date: 2024-03-01, due_date: 2024-03-31, event_date: 2024-05-31, receipt_date: 2024-05-31, amount_rc: 500, owner_at_receipt: R3}
          - {company: A, customer_id: C1, invoice_id: I7, instalment_seq: 1, kind: cash, invoice_date: 2024-05-01, due_date: 2024-05-31, event_date: 2024-06-01, receipt_date: 2024-06-01, amount_rc: 2, owner_at_receipt: R1}
          - {company: A, customer_id: C2, invoice_id: I8, instalment_seq: 1, kind: cash, invoice_date: 2024-04-01, due_date: 2024-05-01, event_date: 2024-05-20, receipt_date: 2024-05-20, amount_rc: 1, owner_at_receipt: R2}
          - {company: A, customer_id: C2, invoice_id: I9, instalment_seq: 1, kind: cash, invoice_date: 2024-05-01, due_date: 2024-04-20, event_date: 2024-05-21, receipt_date: 2024-05-21, amount_rc: 2, owner_at_receipt: R2}
          - {company: A, customer_id: C2, invoice_id: I4, instalment_seq: 1, kind: cash, invoice_date: 2024-03-30, due_date: 2024-04-30, event_date: 2024-03-10, receipt_date: 2024-03-10, amount_rc: 8, owner_at_receipt: R2}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, kind: credit, invoice_date: 2024-03-05, due_date: 2024-02-10, event_date: 2024-02-15, receipt_date: 2024-02-15, amount_rc: 3, owner_at_receipt: R1}
          - {company: A, customer_id: C2, invoice_id: I10, instalment_seq: 1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-02-15, event_date: 2024-03-02, receipt_date: 2024-02-28, amount_rc: 1.5, owner_at_receipt: R2}
          - {company: A, customer_id: C2, invoice_id: I11, instalment_seq: 1, kind: cash, invoice_date: 2024-02-05, due_date: 2024-01-20, event_date: 2024-03-03, receipt_date: 2024-02-27, amount_rc: 2.5, owner_at_receipt: R2}
      - input: source('huikuan', 'rep_collection')
        rows: [{month: 2024-02-01, company: A, rep_id: R1, rep_name: 王芳, opening_overdue: 100}, {month: 2024-03-01, company: A, rep_id: R1, rep_name: 王芳, opening_overdue: 70}, {month: 2024-04-01, company: A, rep_id: R1, rep_name: 王芳, opening_overdue: 36}, {month: 2024-04-01, company: B, rep_id: R1, rep_name: 王芳, opening_overdue: 800}, {month: 2024-05-01, company: A, rep_id: R2, rep_name: 李四, opening_overdue: 500}, {month: 2024-06-01, company: A, rep_id: R2, rep_name: 李四, opening_overdue: 395}, {month: 2024-05-01, company: A, rep_id: R4, rep_name: 赵六, opening_overdue: 0.5}, {month: 2024-05-01, company: A, rep_id: R5, rep_name: 钱七, opening_overdue: 0}, {month: 2024-05-01, company: A, rep_id: A, rep_name: 孙八, opening_overdue: 0}, {month: 2024-07-01, company: A, rep_id: R2, rep_name: 李四, opening_overdue: 99}]
    expect:
      rows:
        - {month: 2024-02-01, scope: group, scope_id: "", rep_name: null, opening_overdue_rc: 100, recovered_rc: 50, recovery_rate: 0.5, complete: true, reason: null}
        - {month: 2024-03-01, scope: group, scope_id: "", rep_name: null, opening_overdue_rc: 100, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
        - {month: 2024-04-01, scope: group, scope_id: "", rep_name: null, opening_overdue_rc: 859.0, recovered_rc: 300, recovery_rate: 0.3492433061, complete: true, reason: null}
        - {month: 2024-05-01, scope: group, scope_id: "", rep_name: null, opening_overdue_rc: 1051.0, recovered_rc: 621, recovery_rate: 0.590865842, complete: true, reason: null}
        - {month: 2024-06-01, scope: group, scope_id: "", rep_name: null, opening_overdue_rc: 454.0, recovered_rc: 7, recovery_rate: 0.0154185022, complete: false, reason: null}
        - {month: 2024-02-01, scope: company, scope_id: A, rep_name: null, opening_overdue_rc: 100, recovered_rc: 50, recovery_rate: 0.5, complete: true, reason: null}
        - {month: 2024-03-01, scope: company, scope_id: A, rep_name: null, opening_overdue_rc: 100, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
        - {month: 2024-04-01, scope: company, scope_id: A, rep_name: null, opening_overdue_rc: 59.0, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
        - {month: 2024-05-01, scope: company, scope_id: A, rep_name: null, opening_overdue_rc: 551.0, recovered_rc: 121, recovery_rate: 0.2196007259, complete: true, reason: null}
        - {month: 2024-06-01, scope: company, scope_id: A, rep_name: null, opening_overdue_rc: 454.0, recovered_rc: 7, recovery_rate: 0.0154185022, complete: false, reason: null}
        - {month: 2024-04-01, scope: company, scope_id: B, rep_name: null, opening_overdue_rc: 800, recovered_rc: 300, recovery_rate: 0.375, complete: true, reason: null}
        - {month: 2024-05-01, scope: company, scope_id: B, rep_name: null, opening_overdue_rc: 500, recovered_rc: 500, recovery_rate: 1, complete: true, reason: null}
        - {month: 2024-02-01, scope: segment, scope_id: S, rep_name: null, opening_overdue_rc: 100, recovered_rc: 50, recovery_rate: 0.5, complete: true, reason: null}
        - {month: 2024-03-01, scope: segment, scope_id: S, rep_name: null, opening_overdue_rc: 70, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
        - {month: 2024-04-01, scope: segment, scope_id: S, rep_name: null, opening_overdue_rc: 833, recovered_rc: 300, recovery_rate: 0.3601440576, complete: true, reason: null}
        - {month: 2024-05-01, scope: segment, scope_id: S, rep_name: null, opening_overdue_rc: 533, recovered_rc: 500, recovery_rate: 0.9380863039, complete: true, reason: null}
        - {month: 2024-06-01, scope: segment, scope_id: S, rep_name: null, opening_overdue_rc: 40, recovered_rc: 2, recovery_rate: 0.05, complete: false, reason: null}
        - {month: 2024-03-01, scope: segment, scope_id: T, rep_name: null, opening_overdue_rc: 30, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
        - {month: 2024-04-01, scope: segment, scope_id: T, rep_name: null, opening_overdue_rc: 26.0, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
        - {month: 2024-05-01, scope: segment, scope_id: T, rep_name: null, opening_overdue_rc: 518.0, recovered_rc: 121, recovery_rate: 0.2335907335, complete: true, reason: null}
        - {month: 2024-06-01, scope: segment, scope_id: T, rep_name: null, opening_overdue_rc: 414.0, recovered_rc: 5, recovery_rate: 0.0120772946, complete: false, reason: null}
        - {month: 2024-02-01, scope: region, scope_id: EAST, rep_name: null, opening_overdue_rc: 100, recovered_rc: 50, recovery_rate: 0.5, complete: true, reason: null}
        - {month: 2024-03-01, scope: region, scope_id: EAST, rep_name: null, opening_overdue_rc: 70, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
        - {month: 2024-04-01, scope: region, scope_id: EAST, rep_name: null, opening_overdue_rc: 833, recovered_rc: 300, recovery_rate: 0.3601440576, complete: true, reason: null}
        - {month: 2024-05-01, scope: region, scope_id: EAST, rep_name: null, opening_overdue_rc: 533, recovered_rc: 500, recovery_rate: 0.9380863039, complete: true, reason: null}
        - {month: 2024-06-01, scope: region, scope_id: EAST, rep_name: null, opening_overdue_rc: 40, recovered_rc: 2, recovery_rate: 0.05, complete: false, reason: null}
        - {month: 2024-03-01, scope: region, scope_id: WEST, rep_name: null, opening_overdue_rc: 30, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
        - {month: 2024-04-01, scope: region, scope_id: WEST, rep_name: null, opening_overdue_rc: 26.0, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
        - {month: 2024-05-01, scope: region, scope_id: WEST, rep_name: null, opening_overdue_rc: 518.0, recovered_rc: 121, recovery_rate: 0.2335907335, complete: true, reason: null}
        - {month: 2024-06-01, scope: region, scope_id: WEST, rep_name: null, opening_overdue_rc: 414.0, recovered_rc: 5, recovery_rate: 0.0120772946, complete: false, reason: null}
        - {month: 2024-02-01, scope: rep, scope_id: R1, rep_name: 王芳, opening_overdue_rc: 100, recovered_rc: 50, recovery_rate: 0.5, complete: true, reason: null}
        - {month: 2024-03-01, scope: rep, scope_id: R1, rep_name: 王芳, opening_overdue_rc: 70, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
        - {month: 2024-04-01, scope: rep, scope_id: R1, rep_name: 王芳, opening_overdue_rc: 836, recovered_rc: 300, recovery_rate: 0.3588516746, complete: true, reason: null}
        - {month: 2024-06-01, scope: rep, scope_id: R1, rep_name: 王芳, opening_overdue_rc: 0, recovered_rc: 2, recovery_rate: null, complete: false, reason: nothing_overdue}
        - {month: 2024-05-01, scope: rep, scope_id: R2, rep_name: 李四, opening_overdue_rc: 500, recovered_rc: 121, recovery_rate: 0.242, complete: true, reason: null}
        - {month: 2024-06-01, scope: rep, scope_id: R2, rep_name: 李四, opening_overdue_rc: 395, recovered_rc: 5, recovery_rate: 0.0126582278, complete: false, reason: null}
        - {month: 2024-05-01, scope: rep, scope_id: R3, rep_name: null, opening_overdue_rc: 0, recovered_rc: 500, recovery_rate: null, complete: true, reason: nothing_overdue}
        - {month: 2024-05-01, scope: rep, scope_id: R4, rep_name: 赵六, opening_overdue_rc: 0.5, recovered_rc: 0, recovery_rate: 0, complete: true, reason: null}
  - name: a negative invoice is a credit, not overdue, nor is what is due in another age; what fell due before the months reported is overdue from the second of them on
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, first_day: 2024-05-01}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-05-31, amount_rc: 100}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-05-20, amount_rc: -40}
          - {company: A, customer_id: C1, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2299-12-31, amount_rc: 7}
          - {company: A, customer_id: C1, invoice_id: I4, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-02, amount_rc: 20}
    expect:
      rows:
        - {month: 2024-06-01, scope: group, opening_overdue_rc: 120}
        - {month: 2024-06-01, scope: company, opening_overdue_rc: 120}
        - {month: 2024-06-01, scope: segment, opening_overdue_rc: 120}
        - {month: 2024-06-01, scope: region, opening_overdue_rc: 120}
chart: {type: line, title: Recovery of overdue, x: month, y: [recovery_rate], unit: fraction, where: scope = 'group'}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
(SELECT toStartOfMonth(min(first_day)) FROM {{ source('huikuan', 'ar_as_of') }}) AS first_reported,
customer_slices AS (
    SELECT
        i.customer_id AS customer_id,
        any(ifNull(toString(i.segment), '')) AS segment,
        any(ifNull(toString(i.region), '')) AS region
    FROM {{ source('huikuan', 'ar_items') }} AS i
    GROUP BY customer_id
),
-- what makes the overdue of a month's beginning larger or smaller, from that month on
changes AS (
    SELECT
        i.company AS company,
        i.customer_id AS customer_id,
        toDate32(addMonths(toStartOfMonth(greatest(i.due_date, i.invoice_date)), 1)) AS month,
        sum(ifNull(i.amount_rc, 0)) AS overdue_rc,
        toDecimal128(0, 4) AS recovered_rc
    FROM {{ source('huikuan', 'ar_items') }} AS i
    WHERE i.amount_rc > 0 -- a negative invoice is a credit
    GROUP BY company, customer_id, month
    UNION ALL
    SELECT
        t.company AS company,
        t.customer_id AS customer_id,
        toDate32(addMonths(toStartOfMonth(greatest(t.due_date, t.invoice_date, t.event_date)), 1)) AS month,
        -sum(ifNull(t.amount_rc, 0)) AS overdue_rc,
        toDecimal128(0, 4) AS recovered_rc
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    GROUP BY company, customer_id, month
    UNION ALL
    SELECT
        t.company AS company,
        t.customer_id AS customer_id,
        toDate32(toStartOfMonth(t.receipt_date)) AS month,
        toDecimal128(0, 4) AS overdue_rc,
        sum(ifNull(t.amount_rc, 0)) AS recovered_rc
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    WHERE t.kind = 'cash' AND t.receipt_date <= today AND t.due_date < toStartOfMonth(t.receipt_date) AND t.invoice_date < toStartOfMonth(t.receipt_date)
    GROUP BY company, customer_id, month
),
by_scope AS (
    SELECT
        member.1 AS scope,
        member.2 AS scope_id,
        c.month AS month,
        sum(c.overdue_rc) AS change_rc,
        sum(c.recovered_rc) AS recovered_rc
    FROM changes AS c
    INNER JOIN customer_slices AS s ON s.customer_id = c.customer_id
    ARRAY JOIN [('group', ''), ('company', c.company), ('segment', s.segment), ('region', s.region)] AS member
    WHERE c.month <= today
    GROUP BY scope, scope_id, month
),
histories AS (
    SELECT
        b.scope AS scope,
        b.scope_id AS scope_id,
        min(b.month) AS first_month,
        groupArray((b.month, b.change_rc, b.recovered_rc)) AS steps
    FROM by_scope AS b
    GROUP BY scope, scope_id
),
-- every month from the first one on, so that a quiet month keeps its balance
balances AS (
    SELECT
        h.scope AS scope,
        h.scope_id AS scope_id,
        toDate32(addMonths(h.first_month, n)) AS month,
        arraySum(arrayMap(x -> if(x.1 <= month, x.2, 0), h.steps)) AS opening_overdue_rc,
        arraySum(arrayMap(x -> if(x.1 = month, x.3, 0), h.steps)) AS recovered_rc
    FROM histories AS h
    ARRAY JOIN range(toUInt32(greatest(0, dateDiff('month', h.first_month, today) + 1))) AS n
),
rep_cash AS (
    SELECT
        t.owner_at_receipt AS rep_id,
        toDate32(toStartOfMonth(t.receipt_date)) AS month,
        toDecimal128(0, 4) AS opening_overdue_rc,
        sum(ifNull(t.amount_rc, 0)) AS recovered_rc
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    WHERE t.kind = 'cash' AND t.receipt_date <= today AND t.due_date < toStartOfMonth(t.receipt_date) AND t.invoice_date < toStartOfMonth(t.receipt_date)
    GROUP BY rep_id, month
    UNION ALL
    SELECT
        r.rep_id AS rep_id,
        r.month AS month,
        sum(r.opening_overdue) AS opening_overdue_rc,
        toDecimal128(0, 4) AS recovered_rc
    FROM {{ source('huikuan', 'rep_collection') }} AS r
    GROUP BY rep_id, month
),
rep_names AS (
    SELECT
        rep_id,
        any(rep_name) AS name
    FROM {{ source('huikuan', 'rep_collection') }}
    GROUP BY rep_id
),
members AS (
    SELECT scope, scope_id, month, opening_overdue_rc, recovered_rc
    FROM balances
    UNION ALL
    SELECT
        'rep' AS scope,
        c.rep_id AS scope_id,
        c.month AS month,
        sum(c.opening_overdue_rc) AS opening_overdue_rc,
        sum(c.recovered_rc) AS recovered_rc
    FROM rep_cash AS c
    WHERE c.month <= today
    GROUP BY scope_id, month
)
SELECT
    m.month AS month,
    m.scope AS scope,
    m.scope_id AS scope_id,
    if(m.scope = 'rep', n.name, NULL) AS rep_name,
    m.opening_overdue_rc AS opening_overdue_rc,
    m.recovered_rc AS recovered_rc,
    CAST(m.recovered_rc AS Decimal(38, 10)) / if(m.opening_overdue_rc > 0, m.opening_overdue_rc, NULL) AS recovery_rate,
    CAST(toLastDayOfMonth(m.month) <= today AS Bool) AS complete,
    if(m.opening_overdue_rc > 0, NULL, 'nothing_overdue') AS reason
FROM members AS m
LEFT JOIN rep_names AS n ON n.rep_id = m.scope_id
WHERE m.month > first_reported AND (m.opening_overdue_rc != 0 OR m.recovered_rc != 0) -- older documents count as of the first month
