/* ---
description: "Vintage curves (C6): of what was billed in a month, or fell due in it, the share received within so many days. A point is given only where it is observed for every invoice of the cohort."
grain: one basis, scope, cohort month and number of days
materialisation: table
order_by: [basis, scope, scope_id, cohort, days]
owner: finance
tags: [collection, vintage]
columns:
  - {name: basis, description: "invoice: cohort by invoice date, days since it; due: cohort by due date, days since it", tests: [not_null, {accepted_values: [invoice, due]}]}
  - {name: scope, description: "group, company or segment", tests: [not_null, {accepted_values: [group, company, segment]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where no segment is known, unit: id, tests: [not_null]}
  - {name: cohort, description: first day of the month, unit: date, tests: [not_null]}
  - {name: days, description: days since the invoice or due date, unit: days, tests: [not_null]}
  - {name: invoices, description: instalments of the cohort, unit: count}
  - {name: last_date, description: latest invoice or due date of the cohort, unit: date}
  - {name: base_rc, description: "billed less credit notes applied up to the last day built; denominator", unit: reporting currency, tests: [not_null]}
  - {name: received_rc, description: "cash received up to this number of days, by receipt date; numerator", unit: reporting currency, tests: [not_null]}
  - {name: written_off_rc, description: written off up to this number of days; never counts as cash, unit: reporting currency, tests: [not_null]}
  - {name: complete, description: "whether the month is over and this number of days has passed for every invoice of the cohort", tests: [not_null]}
  - {name: received_rate, description: "received_rc / base_rc, at most 1; NULL = not complete or nothing billed", unit: fraction}
  - {name: received_rate_so_far, description: "the same without waiting for completeness: the hatched part of the curve, too low", unit: fraction}
  - {name: written_off_rate, description: "written_off_rc / base_rc; NULL = not complete or nothing billed", unit: fraction}
  - {name: excess, description: "whether received_rc exceeds base_rc, so that the rate is cut to 1", tests: [not_null]}
  - {name: items_without_rate, description: instalments left out because no exchange rate is known, unit: count, tests: [not_null]}
  - {name: reason, description: "why received_rate is NULL: not_observed, empty_cohort"}
tests:
  - unique: [basis, scope, scope_id, cohort, days]
  - name: the companies add up to the group
    sum_equals:
      this: sumIf(received_rc, scope = 'company')
      by: [basis, cohort, days]
      of: |
        SELECT basis, cohort, days, sum(received_rc)
        FROM {{ this }}
        WHERE scope = 'group'
        GROUP BY basis, cohort, days
  - name: what was billed is that of the items
    sum_equals:
      this: maxIf(base_rc, scope = 'group' AND basis = 'invoice')
      by: [cohort]
      of: |
        SELECT toDate32(toStartOfMonth(invoice_date)) AS cohort, sum(ifNull(amount_rc, 0) - ifNull(credit_rc, 0))
        FROM {{ source('huikuan', 'ar_items') }}
        WHERE cohort IN (SELECT cohort FROM {{ this }} WHERE basis = 'invoice')
        GROUP BY cohort
  - name: a curve never falls
    severity: warn
    # by less than a cent it may: instalments abroad share what is rounded
    sql: |
      SELECT basis, scope, scope_id, cohort, days, received_rc
      FROM (
          SELECT *, lagInFrame(received_rc, 1, received_rc) OVER (PARTITION BY basis, scope, scope_id, cohort ORDER BY days) AS before
          FROM {{ this }}
      )
      WHERE received_rc <= before - toDecimal64('0.01', 4)
unit_tests:
  - name: a point is given only where every invoice of the month has had its days, and credits lower the base
    overrides: {vars: {vintage_days: [15, 30, 60]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2012-04-30}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2012-03-01, due_date: 2012-03-31, amount_rc: 1000, credit_rc: 200}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, invoice_date: 2012-03-31, due_date: 2012-04-30, amount_rc: 200, credit_rc: 0}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2012-03-01, due_date: 2012-03-31, event_date: 2012-04-10, receipt_date: 2012-03-16, amount_rc: 500}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2012-03-01, due_date: 2012-03-31, event_date: 2012-04-10, receipt_date: 2012-04-01, amount_rc: 250}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: credit, invoice_date: 2012-03-01, due_date: 2012-03-31, event_date: 2012-04-10, receipt_date: 2012-04-10, amount_rc: 200}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: write_off, invoice_date: 2012-03-01, due_date: 2012-03-31, event_date: 2012-04-11, receipt_date: 2012-04-11, amount_rc: 50}
          # applied before the money is there, which comes on the day after the last one built
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, kind: cash, invoice_date: 2012-03-31, due_date: 2012-04-30, event_date: 2012-04-20, receipt_date: 2012-05-01, amount_rc: 33}
    expect:
      rows:
        - {basis: invoice, scope: group, scope_id: "", cohort: 2012-03-01, days: 15, base_rc: 1000, received_rc: 500, written_off_rc: 0, complete: true, received_rate: 0.5, received_rate_so_far: 0.5, reason: null}
        - {basis: invoice, scope: group, scope_id: "", cohort: 2012-03-01, days: 30, base_rc: 1000, received_rc: 500, written_off_rc: 0, complete: true, received_rate: 0.5, received_rate_so_far: 0.5, reason: null}
        - {basis: invoice, scope: group, scope_id: "", cohort: 2012-03-01, days: 60, base_rc: 1000, received_rc: 750, written_off_rc: 50, complete: false, received_rate: null, received_rate_so_far: 0.75, reason: not_observed}
        - {basis: invoice, scope: company, scope_id: A, cohort: 2012-03-01, days: 15, base_rc: 1000, received_rc: 500, written_off_rc: 0, complete: true, received_rate: 0.5, received_rate_so_far: 0.5, reason: null}
        - {basis: invoice, scope: company, scope_id: A, cohort: 2012-03-01, days: 30, base_rc: 1000, received_rc: 500, written_off_rc: 0, complete: true, received_rate: 0.5, received_rate_so_far: 0.5, reason: null}
        - {basis: invoice, scope: company, scope_id: A, cohort: 2012-03-01, days: 60, base_rc: 1000, received_rc: 750, written_off_rc: 50, complete: false, received_rate: null, received_rate_so_far: 0.75, reason: not_observed}
        - {basis: invoice, scope: segment, scope_id: "", cohort: 2012-03-01, days: 15, base_rc: 1000, received_rc: 500, written_off_rc: 0, complete: true, received_rate: 0.5, received_rate_so_far: 0.5, reason: null}
        - {basis: invoice, scope: segment, scope_id: "", cohort: 2012-03-01, days: 30, base_rc: 1000, received_rc: 500, written_off_rc: 0, complete: true, received_rate: 0.5, received_rate_so_far: 0.5, reason: null}
        - {basis: invoice, scope: segment, scope_id: "", cohort: 2012-03-01, days: 60, base_rc: 1000, received_rc: 750, written_off_rc: 50, complete: false, received_rate: null, received_rate_so_far: 0.75, reason: not_observed}
        - {basis: due, scope: group, scope_id: "", cohort: 2012-04-01, days: 15, base_rc: 200, received_rc: 0, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0, reason: not_observed}
        - {basis: due, scope: company, scope_id: A, cohort: 2012-04-01, days: 15, base_rc: 200, received_rc: 0, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0, reason: not_observed}
        - {basis: due, scope: segment, scope_id: "", cohort: 2012-04-01, days: 15, base_rc: 200, received_rc: 0, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0, reason: not_observed}
        - {basis: due, scope: group, scope_id: "", cohort: 2012-03-01, days: 15, base_rc: 800, received_rc: 750, written_off_rc: 50, complete: true, received_rate: 0.9375, received_rate_so_far: 0.9375, reason: null}
        - {basis: due, scope: group, scope_id: "", cohort: 2012-03-01, days: 30, base_rc: 800, received_rc: 750, written_off_rc: 50, complete: true, received_rate: 0.9375, received_rate_so_far: 0.9375, reason: null}
        - {basis: due, scope: group, scope_id: "", cohort: 2012-03-01, days: 60, base_rc: 800, received_rc: 750, written_off_rc: 50, complete: false, received_rate: null, received_rate_so_far: 0.9375, reason: not_observed}
        - {basis: due, scope: company, scope_id: A, cohort: 2012-03-01, days: 15, base_rc: 800, received_rc: 750, written_off_rc: 50, complete: true, received_rate: 0.9375, received_rate_so_far: 0.9375, reason: null}
        - {basis: due, scope: company, scope_id: A, cohort: 2012-03-01, days: 30, base_rc: 800, received_rc: 750, written_off_rc: 50, complete: true, received_rate: 0.9375, received_rate_so_far: 0.9375, reason: null}
        - {basis: due, scope: company, scope_id: A, cohort: 2012-03-01, days: 60, base_rc: 800, received_rc: 750, written_off_rc: 50, complete: false, received_rate: null, received_rate_so_far: 0.9375, reason: not_observed}
        - {basis: due, scope: segment, scope_id: "", cohort: 2012-03-01, days: 15, base_rc: 800, received_rc: 750, written_off_rc: 50, complete: true, received_rate: 0.9375, received_rate_so_far: 0.9375, reason: null}
        - {basis: due, scope: segment, scope_id: "", cohort: 2012-03-01, days: 30, base_rc: 800, received_rc: 750, written_off_rc: 50, complete: true, received_rate: 0.9375, received_rate_so_far: 0.9375, reason: null}
        - {basis: due, scope: segment, scope_id: "", cohort: 2012-03-01, days: 60, base_rc: 800, received_rc: 750, written_off_rc: 50, complete: false, received_rate: null, received_rate_so_far: 0.9375, reason: not_observed}
  - name: excess is cut to one, disputed invoices are in the curve, cash counts at the rate of the invoice, a cohort that was credited has none
    overrides: {vars: {vintage_days: [15]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2012-05-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2012-03-01, due_date: 2012-03-01, amount: 10, amount_rc: 100, credit_rc: 0, disputed: true}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, invoice_date: 2012-04-01, due_date: 2012-04-01, amount: 20, amount_rc: 200, credit_rc: 200}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2012-03-01, due_date: 2012-03-01, event_date: 2012-03-10, receipt_date: 2012-03-10, amount: 15, amount_rc: 150, amount_rc_receipt: 90}
    expect:
      rows:
        - {basis: invoice, scope: group, cohort: 2012-03-01, base_rc: 100, received_rc: 150, received_rate: 1, excess: true, reason: null}
        - {basis: invoice, scope: company, cohort: 2012-03-01, base_rc: 100, received_rc: 150, received_rate: 1, excess: true, reason: null}
        - {basis: invoice, scope: segment, cohort: 2012-03-01, base_rc: 100, received_rc: 150, received_rate: 1, excess: true, reason: null}
        - {basis: due, scope: group, cohort: 2012-03-01, base_rc: 100, received_rc: 150, received_rate: 1, excess: true, reason: null}
        - {basis: due, scope: company, cohort: 2012-03-01, base_rc: 100, received_rc: 150, received_rate: 1, excess: true, reason: null}
        - {basis: due, scope: segment, cohort: 2012-03-01, base_rc: 100, received_rc: 150, received_rate: 1, excess: true, reason: null}
        - {basis: invoice, scope: group, cohort: 2012-04-01, base_rc: 0, received_rc: 0, received_rate: null, excess: false, reason: empty_cohort}
        - {basis: invoice, scope: company, cohort: 2012-04-01, base_rc: 0, received_rc: 0, received_rate: null, excess: false, reason: empty_cohort}
        - {basis: invoice, scope: segment, cohort: 2012-04-01, base_rc: 0, received_rc: 0, received_rate: null, excess: false, reason: empty_cohort}
        - {basis: due, scope: group, cohort: 2012-04-01, base_rc: 0, received_rc: 0, received_rate: null, excess: false, reason: empty_cohort}
        - {basis: due, scope: company, cohort: 2012-04-01, base_rc: 0, received_rc: 0, received_rate: null, excess: false, reason: empty_cohort}
        - {basis: due, scope: segment, cohort: 2012-04-01, base_rc: 0, received_rc: 0, received_rate: null, excess: false, reason: empty_cohort}
  - name: days to points of the list in any order, cohorts by their first days, what lies ahead or has no rate is out
    overrides: {vars: {vintage_days: [10, 40]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2012-03-31}, {as_of: 2012-04-30}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, segment: S, invoice_date: 2012-03-01, due_date: 2012-03-21, amount: 1, amount_rc: 100, credit_rc: 10}
          - {company: A, customer_id: C2, segment: T, invoice_date: 2012-03-21, due_date: 2012-04-30, amount: 1, amount_rc: 200, credit_rc: null}
          - {company: B, customer_id: C2, segment: T, invoice_date: 2012-03-11, due_date: 2012-05-01, amount: 1, amount_rc: null, credit_rc: null}
          - {company: B, customer_id: C3, invoice_date: 2012-04-30, due_date: 2012-04-30, amount: 1, amount_rc: 0.5, credit_rc: 0}
          - {company: B, customer_id: C3, invoice_date: 2012-05-01, due_date: 2012-05-30, amount: 1, amount_rc: 5000, credit_rc: 0}
          - {company: B, customer_id: C3, invoice_date: 2012-04-01, due_date: 2012-04-20, amount: 1, amount_rc: 7, credit_rc: 7}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, kind: cash, invoice_date: 2012-03-01, due_date: 2012-03-21, event_date: 2012-04-12, receipt_date: 2012-02-20, amount: 1, amount_rc: 1}
          - {company: A, customer_id: C1, kind: cash, invoice_date: 2012-03-01, due_date: 2012-03-21, event_date: 2012-03-11, receipt_date: 2012-03-11, amount: 1, amount_rc: 2}
          - {company: A, customer_id: C1, kind: cash, invoice_date: 2012-03-01, due_date: 2012-03-21, event_date: 2012-03-12, receipt_date: 2012-03-12, amount: 1, amount_rc: 4}
          - {company: A, customer_id: C1, kind: cash, invoice_date: 2012-03-01, due_date: 2012-03-21, event_date: 2012-04-10, receipt_date: 2012-04-10, amount: 1, amount_rc: 8}
          - {company: A, customer_id: C1, kind: cash, invoice_date: 2012-03-01, due_date: 2012-03-21, event_date: 2012-04-11, receipt_date: 2012-04-11, amount: 1, amount_rc: 16}
          - {company: A, customer_id: C1, kind: write_off, invoice_date: 2012-03-01, due_date: 2012-03-21, event_date: 2012-03-20, receipt_date: 2012-03-20, amount: 1, amount_rc: 0.5}
          - {company: A, customer_id: C1, kind: write_off, invoice_date: 2012-03-01, due_date: 2012-03-21, event_date: 2012-03-09, receipt_date: 2012-03-09, amount: 1, amount_rc: 0.25}
          - {company: A, customer_id: C1, kind: discount, invoice_date: 2012-03-01, due_date: 2012-03-21, event_date: 2012-03-09, receipt_date: 2012-03-09, amount: 1, amount_rc: 9000}
          - {company: A, customer_id: C2, kind: cash, invoice_date: 2012-03-21, due_date: 2012-04-30, event_date: 2012-04-30, receipt_date: 2012-04-30, amount: 1, amount_rc: 32}
          - {company: A, customer_id: C2, kind: cash, invoice_date: 2012-03-21, due_date: 2012-04-30, event_date: 2012-04-30, receipt_date: 2012-05-01, amount: 1, amount_rc: 9000}
          - {company: B, customer_id: C2, kind: cash, invoice_date: 2012-03-11, due_date: 2012-05-01, event_date: 2012-03-12, receipt_date: 2012-03-12, amount: 1, amount_rc: null}
          - {company: B, customer_id: C2, kind: cash, invoice_date: 2012-03-11, due_date: 2012-05-01, event_date: 2012-03-12, receipt_date: 2012-03-12, amount: 1, amount_rc: 64}
    expect:
      rows:
        - {basis: due, scope: company, scope_id: A, cohort: 2012-04-01, days: 10, invoices: 1, last_date: 2012-04-30, base_rc: 200, received_rc: 32, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0.16, written_off_rate: null, excess: false, items_without_rate: 0, reason: not_observed}
        - {basis: due, scope: company, scope_id: B, cohort: 2012-04-01, days: 10, invoices: 2, last_date: 2012-04-30, base_rc: 0.5, received_rc: 0, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0, written_off_rate: null, excess: false, items_without_rate: 0, reason: not_observed}
        - {basis: due, scope: segment, scope_id: S, cohort: 2012-03-01, days: 10, invoices: 1, last_date: 2012-03-21, base_rc: 90, received_rc: 7, written_off_rc: 0.75, complete: true, received_rate: 0.0777777777, received_rate_so_far: 0.0777777777, written_off_rate: 0.0083333333, excess: false, items_without_rate: 0, reason: null}
        - {basis: invoice, scope: segment, scope_id: T, cohort: 2012-03-01, days: 40, invoices: 2, last_date: 2012-03-21, base_rc: 200, received_rc: 96, written_off_rc: 0, complete: true, received_rate: 0.48, received_rate_so_far: 0.48, written_off_rate: 0, excess: false, items_without_rate: 1, reason: null}
        - {basis: invoice, scope: group, scope_id: "", cohort: 2012-04-01, days: 10, invoices: 2, last_date: 2012-04-30, base_rc: 0.5, received_rc: 0, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0, written_off_rate: null, excess: false, items_without_rate: 0, reason: not_observed}
        - {basis: due, scope: segment, scope_id: "", cohort: 2012-04-01, days: 10, invoices: 2, last_date: 2012-04-30, base_rc: 0.5, received_rc: 0, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0, written_off_rate: null, excess: false, items_without_rate: 0, reason: not_observed}
        - {basis: due, scope: segment, scope_id: S, cohort: 2012-03-01, days: 40, invoices: 1, last_date: 2012-03-21, base_rc: 90, received_rc: 31, written_off_rc: 0.75, complete: true, received_rate: 0.3444444444, received_rate_so_far: 0.3444444444, written_off_rate: 0.0083333333, excess: false, items_without_rate: 0, reason: null}
        - {basis: invoice, scope: segment, scope_id: T, cohort: 2012-03-01, days: 10, invoices: 2, last_date: 2012-03-21, base_rc: 200, received_rc: 64, written_off_rc: 0, complete: true, received_rate: 0.32, received_rate_so_far: 0.32, written_off_rate: 0, excess: false, items_without_rate: 1, reason: null}
        - {basis: invoice, scope: company, scope_id: B, cohort: 2012-03-01, days: 40, invoices: 1, last_date: 2012-03-11, base_rc: 0, received_rc: 64, written_off_rc: 0, complete: true, received_rate: null, received_rate_so_far: null, written_off_rate: null, excess: true, items_without_rate: 1, reason: empty_cohort}
        - {basis: invoice, scope: company, scope_id: B, cohort: 2012-04-01, days: 10, invoices: 2, last_date: 2012-04-30, base_rc: 0.5, received_rc: 0, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0, written_off_rate: null, excess: false, items_without_rate: 0, reason: not_observed}
        - {basis: due, scope: group, scope_id: "", cohort: 2012-03-01, days: 10, invoices: 1, last_date: 2012-03-21, base_rc: 90, received_rc: 7, written_off_rc: 0.75, complete: true, received_rate: 0.0777777777, received_rate_so_far: 0.0777777777, written_off_rate: 0.0083333333, excess: false, items_without_rate: 0, reason: null}
        - {basis: invoice, scope: company, scope_id: B, cohort: 2012-03-01, days: 10, invoices: 1, last_date: 2012-03-11, base_rc: 0, received_rc: 64, written_off_rc: 0, complete: true, received_rate: null, received_rate_so_far: null, written_off_rate: null, excess: true, items_without_rate: 1, reason: empty_cohort}
        - {basis: invoice, scope: segment, scope_id: "", cohort: 2012-04-01, days: 10, invoices: 2, last_date: 2012-04-30, base_rc: 0.5, received_rc: 0, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0, written_off_rate: null, excess: false, items_without_rate: 0, reason: not_observed}
        - {basis: due, scope: segment, scope_id: T, cohort: 2012-04-01, days: 10, invoices: 1, last_date: 2012-04-30, base_rc: 200, received_rc: 32, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0.16, written_off_rate: null, excess: false, items_without_rate: 0, reason: not_observed}
        - {basis: due, scope: group, scope_id: "", cohort: 2012-04-01, days: 10, invoices: 3, last_date: 2012-04-30, base_rc: 200.5, received_rc: 32, written_off_rc: 0, complete: false, received_rate: null, received_rate_so_far: 0.1596009975, written_off_rate: null, excess: false, items_without_rate: 0, reason: not_observed}
        - {basis: due, scope: group, scope_id: "", cohort: 2012-03-01, days: 40, invoices: 1, last_date: 2012-03-21, base_rc: 90, received_rc: 31, written_off_rc: 0.75, complete: true, received_rate: 0.3444444444, received_rate_so_far: 0.3444444444, written_off_rate: 0.0083333333, excess: false, items_without_rate: 0, reason: null}
        - {basis: due, scope: company, scope_id: A, cohort: 2012-03-01, days: 10, invoices: 1, last_date: 2012-03-21, base_rc: 90, received_rc: 7, written_off_rc: 0.75, complete: true, received_rate: 0.0777777777, received_rate_so_far: 0.0777777777, written_off_rate: 0.0083333333, excess: false, items_without_rate: 0, reason: null}
        - {basis: invoice, scope: group, scope_id: "", cohort: 2012-03-01, days: 10, invoices: 3, last_date: 2012-03-21, base_rc: 290, received_rc: 67, written_off_rc: 0.25, complete: true, received_rate: 0.2310344827, received_rate_so_far: 0.2310344827, written_off_rate: 0.0008620689, excess: false, items_without_rate: 1, reason: null}
        - {basis: invoice, scope: company, scope_id: A, cohort: 2012-03-01, days: 40, invoices: 2, last_date: 2012-03-21, base_rc: 290, received_rc: 47, written_off_rc: 0.75, complete: true, received_rate: 0.1620689655, received_rate_so_far: 0.1620689655, written_off_rate: 0.0025862068, excess: false, items_without_rate: 0, reason: null}
        - {basis: invoice, scope: segment, scope_id: S, cohort: 2012-03-01, days: 40, invoices: 1, last_date: 2012-03-01, base_rc: 90, received_rc: 15, written_off_rc: 0.75, complete: true, received_rate: 0.1666666666, received_rate_so_far: 0.1666666666, written_off_rate: 0.0083333333, excess: false, items_without_rate: 0, reason: null}
        - {basis: invoice, scope: group, scope_id: "", cohort: 2012-03-01, days: 40, invoices: 3, last_date: 2012-03-21, base_rc: 290, received_rc: 111, written_off_rc: 0.75, complete: true, received_rate: 0.3827586206, received_rate_so_far: 0.3827586206, written_off_rate: 0.0025862068, excess: false, items_without_rate: 1, reason: null}
        - {basis: due, scope: company, scope_id: A, cohort: 2012-03-01, days: 40, invoices: 1, last_date: 2012-03-21, base_rc: 90, received_rc: 31, written_off_rc: 0.75, complete: true, received_rate: 0.3444444444, received_rate_so_far: 0.3444444444, written_off_rate: 0.0083333333, excess: false, items_without_rate: 0, reason: null}
        - {basis: invoice, scope: segment, scope_id: S, cohort: 2012-03-01, days: 10, invoices: 1, last_date: 2012-03-01, base_rc: 90, received_rc: 3, written_off_rc: 0.25, complete: true, received_rate: 0.0333333333, received_rate_so_far: 0.0333333333, written_off_rate: 0.0027777777, excess: false, items_without_rate: 0, reason: null}
        - {basis: invoice, scope: company, scope_id: A, cohort: 2012-03-01, days: 10, invoices: 2, last_date: 2012-03-21, base_rc: 290, received_rc: 3, written_off_rc: 0.25, complete: true, received_rate: 0.0103448275, received_rate_so_far: 0.0103448275, written_off_rate: 0.0008620689, excess: false, items_without_rate: 0, reason: null}
chart: {type: line, title: Vintage curves, x: days, y: [received_rate], series: cohort, unit: fraction, where: "basis = 'invoice' AND scope = 'group'"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
arraySort({{ var('vintage_days') }}) AS points,
segments AS (
    SELECT
        customer_id,
        any(ifNull(toString(segment), '')) AS segment
    FROM {{ source('huikuan', 'ar_items') }}
    GROUP BY customer_id
),
billed AS (
    SELECT
        start.1 AS basis,
        i.company AS company,
        s.segment AS segment,
        toDate32(toStartOfMonth(start.2)) AS cohort,
        count() AS invoices,
        max(start.2) AS last_date,
        sum(ifNull(i.amount_rc, 0) - ifNull(i.credit_rc, 0)) AS base_rc,
        countIf(isNull(i.amount_rc)) AS items_without_rate
    FROM {{ source('huikuan', 'ar_items') }} AS i
    INNER JOIN segments AS s ON s.customer_id = i.customer_id
    ARRAY JOIN [('invoice', i.invoice_date), ('due', i.due_date)] AS start
    WHERE start.2 <= today
    GROUP BY basis, company, segment, cohort
),
cohorts AS (
    SELECT
        b.basis AS basis,
        member.1 AS scope,
        member.2 AS scope_id,
        b.cohort AS cohort,
        sum(b.invoices) AS invoices,
        max(b.last_date) AS last_date,
        sum(b.base_rc) AS base_rc,
        sum(b.items_without_rate) AS items_without_rate
    FROM billed AS b
    ARRAY JOIN [('group', ''), ('company', b.company), ('segment', b.segment)] AS member
    GROUP BY basis, scope, scope_id, cohort
),
settled AS (
    SELECT
        start.1 AS basis,
        t.company AS company,
        s.segment AS segment,
        toDate32(toStartOfMonth(start.2)) AS cohort,
        t.kind AS kind,
        arrayFirst(x -> x >= dateDiff('day', start.2, t.receipt_date), points) AS seen_from,
        sum(t.amount_rc) AS amount_rc
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    INNER JOIN segments AS s ON s.customer_id = t.customer_id
    ARRAY JOIN [('invoice', t.invoice_date), ('due', t.due_date)] AS start
    WHERE t.kind IN ('cash', 'write_off')
        AND t.amount_rc IS NOT NULL
        AND dateDiff('day', start.2, t.receipt_date) <= arrayMax(points)
        AND start.2 <= today
        AND t.receipt_date <= today
    GROUP BY basis, company, segment, cohort, kind, seen_from
),
settled_by_scope AS (
    SELECT
        b.basis AS basis,
        member.1 AS scope,
        member.2 AS scope_id,
        b.cohort AS cohort,
        b.seen_from AS seen_from,
        sum(if(b.kind = 'cash', assumeNotNull(b.amount_rc), 0)) AS received_rc,
        sum(if(b.kind = 'write_off', assumeNotNull(b.amount_rc), 0)) AS written_off_rc
    FROM settled AS b
    ARRAY JOIN [('group', ''), ('company', b.company), ('segment', b.segment)] AS member
    GROUP BY basis, scope, scope_id, cohort, seen_from
),
grid AS (
    SELECT
        c.*,
        point
    FROM cohorts AS c
    ARRAY JOIN points AS point
    WHERE point <= dateDiff('day', c.cohort, today)
),
curves AS (
    SELECT
        g.basis AS basis,
        g.scope AS scope,
        g.scope_id AS scope_id,
        g.cohort AS cohort,
        g.point AS days,
        any(g.invoices) AS invoices,
        any(g.last_date) AS last_date,
        any(g.base_rc) AS base_rc,
        any(g.items_without_rate) AS items_without_rate,
        sum(if(s.seen_from <= g.point, s.received_rc, 0)) AS received_rc,
        sum(if(s.seen_from <= g.point, s.written_off_rc, 0)) AS written_off_rc
    FROM grid AS g
    LEFT JOIN settled_by_scope AS s ON s.basis = g.basis AND s.scope = g.scope AND s.scope_id = g.scope_id AND s.cohort = g.cohort
    GROUP BY basis, scope, scope_id, cohort, days
)
SELECT
    c.basis AS basis,
    c.scope AS scope,
    c.scope_id AS scope_id,
    c.cohort AS cohort,
    toInt32(c.days) AS days,
    c.invoices AS invoices,
    c.last_date AS last_date,
    c.base_rc AS base_rc,
    c.received_rc AS received_rc,
    c.written_off_rc AS written_off_rc,
    CAST(today >= toLastDayOfMonth(c.cohort) AND c.days <= dateDiff('day', c.last_date, today) AS Bool) AS complete,
    if(complete, received_rate_so_far, NULL) AS received_rate,
    if(c.base_rc > 0, least(CAST(c.received_rc AS Decimal(38, 10)) / if(c.base_rc > 0, c.base_rc, NULL), 1), NULL) AS received_rate_so_far,
    if(complete, CAST(c.written_off_rc AS Decimal(38, 10)) / if(c.base_rc > 0, c.base_rc, NULL), NULL) AS written_off_rate,
    CAST(c.received_rc > c.base_rc AS Bool) AS excess,
    c.items_without_rate AS items_without_rate,
    multiIf(c.base_rc <= 0, 'empty_cohort', NOT complete, 'not_observed', NULL) AS reason
FROM curves AS c
