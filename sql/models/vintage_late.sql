/* ---
description: "Late amounts by months on book (C6): of what was billed in a month, the share that ever became more days past due than each of vintage_late_days, month after month."
grain: one scope, cohort month, number of days past due and months on book
materialisation: table
order_by: [scope, scope_id, late_days, cohort, months_on_book]
owner: finance
tags: [collection, vintage, risk]
columns:
  - {name: scope, description: "group, company or segment", tests: [not_null, {accepted_values: [group, company, segment]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where no segment is known, unit: id, tests: [not_null]}
  - {name: cohort, description: first day of the month of the invoices, unit: date, tests: [not_null]}
  - {name: late_days, description: late once more than this many days past due, unit: days, tests: [not_null]}
  - {name: months_on_book, description: month-ends since the cohort; 0 = the end of its own month, unit: months, tests: [not_null]}
  - {name: base_rc, description: billed less credit notes applied up to the last day built; denominator, unit: reporting currency, tests: [not_null]}
  - {name: late_rc, description: "amounts still open on the day on which they became that late, and what a payment taken back afterwards left open, up to this month-end; credit notes never count as late; numerator", unit: reporting currency, tests: [not_null]}
  - {name: late_rate, description: "late_rc / base_rc; NULL = nothing billed", unit: fraction}
  - {name: items_without_rate, description: instalments left out because no exchange rate is known, unit: count, tests: [not_null]}
  - {name: reason, description: "why late_rate is NULL: empty_cohort"}
tests:
  - unique: [scope, scope_id, cohort, late_days, months_on_book]
  - name: the segments add up to the group
    sum_equals:
      this: sumIf(late_rc, scope = 'segment')
      by: [cohort, late_days, months_on_book]
      of: |
        SELECT cohort, late_days, months_on_book, sum(late_rc)
        FROM {{ this }}
        WHERE scope = 'group'
        GROUP BY cohort, late_days, months_on_book
  - name: no more is late than was billed
    severity: warn
    sql: |
      SELECT scope, scope_id, cohort, late_days, months_on_book, late_rc, base_rc
      FROM {{ this }}
      WHERE late_rc > base_rc + toDecimal64(0.01, 2)
unit_tests:
  - name: what is paid before it is that late does not count, what is paid after does
    overrides: {vars: {vintage_late_days: [0, 30], vintage_months_on_book: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-01-31, amount_rc: 1000, credit_rc: 100}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-01-05, due_date: 2024-03-31, amount_rc: 100, credit_rc: 0}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-01-31, receipt_date: 2024-01-31, amount_rc: 300}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-02-15, receipt_date: 2024-02-15, amount_rc: 200}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: credit, event_date: 2024-02-20, receipt_date: 2024-02-20, amount_rc: 100}
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-03-15, receipt_date: 2024-03-15, amount_rc: 400}
    expect:
      rows:
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 0, base_rc: 1000, late_rc: 0, late_rate: 0}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 1, base_rc: 1000, late_rc: 600, late_rate: 0.6}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 2, base_rc: 1000, late_rc: 600, late_rate: 0.6}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 30, months_on_book: 0, base_rc: 1000, late_rc: 0, late_rate: 0}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 30, months_on_book: 1, base_rc: 1000, late_rc: 0, late_rate: 0}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 30, months_on_book: 2, base_rc: 1000, late_rc: 400, late_rate: 0.4}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 0, months_on_book: 0, base_rc: 1000, late_rc: 0, late_rate: 0}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 0, months_on_book: 1, base_rc: 1000, late_rc: 600, late_rate: 0.6}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 0, months_on_book: 2, base_rc: 1000, late_rc: 600, late_rate: 0.6}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 30, months_on_book: 0, base_rc: 1000, late_rc: 0, late_rate: 0}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 30, months_on_book: 1, base_rc: 1000, late_rc: 0, late_rate: 0}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 30, months_on_book: 2, base_rc: 1000, late_rc: 400, late_rate: 0.4}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 0, base_rc: 1000, late_rc: 0, late_rate: 0}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 1, base_rc: 1000, late_rc: 600, late_rate: 0.6}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 2, base_rc: 1000, late_rc: 600, late_rate: 0.6}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 30, months_on_book: 0, base_rc: 1000, late_rc: 0, late_rate: 0}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 30, months_on_book: 1, base_rc: 1000, late_rc: 0, late_rate: 0}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 30, months_on_book: 2, base_rc: 1000, late_rc: 400, late_rate: 0.4}
  - name: what another source was paid on the same invoice number does not count
    overrides: {vars: {vintage_late_days: [0], vintage_months_on_book: 0}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-01-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp_a, company: A, customer_id: C1, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-01-20, amount_rc: 100}
          - {source: erp_b, company: B, customer_id: C1, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-01-20, amount_rc: 70}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp_a, company: A, customer_id: C1, invoice_id: "1001", instalment_seq: 1, kind: cash, event_date: 2024-01-20, amount_rc: 60}
    expect:
      rows:
        - {scope: group, scope_id: "", base_rc: 170, late_rc: 110}
        - {scope: company, scope_id: A, base_rc: 100, late_rc: 40}
        - {scope: company, scope_id: B, base_rc: 70, late_rc: 70}
        - {scope: segment, scope_id: "", base_rc: 170, late_rc: 110}
  - name: late on the day after so many days, by instalment, in the month in which it became so
    overrides: {vars: {vintage_late_days: [0, 10], vintage_months_on_book: 1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-01-31}, {as_of: 2024-03-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: a, company: A, segment: S, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-02-19, amount: 9, amount_rc: 100, credit_rc: 10}
          - {source: a, company: A, segment: S, invoice_id: I1, instalment_seq: 2, invoice_date: 2024-02-01, due_date: 2024-02-18, amount: 9, amount_rc: 200, credit_rc: null}
          - {source: a, company: A, segment: T, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-02-29, due_date: 2024-02-28, amount: 9, amount_rc: 400, credit_rc: 0}
          - {source: a, company: B, segment: T, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-02-29, due_date: 2024-03-21, amount: 9, amount_rc: 0.5, credit_rc: 0}
          - {source: a, company: B, segment: T, invoice_id: I4, instalment_seq: 1, invoice_date: 2024-02-29, due_date: 2024-03-31, amount: 9, amount_rc: 0.25, credit_rc: 0}
          - {source: a, company: B, segment: T, invoice_id: I5, instalment_seq: 1, invoice_date: 2024-02-10, due_date: 2024-02-20, amount: 9, amount_rc: null, credit_rc: null}
          - {source: a, company: B, segment: T, invoice_id: I5, instalment_seq: 2, invoice_date: 2024-02-10, due_date: 2024-02-20, amount: 9, amount_rc: null, credit_rc: null}
          - {source: a, company: B, invoice_id: I6, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-03-01, amount: 9, amount_rc: 9000, credit_rc: 0}
          - {source: a, company: B, invoice_id: I7, instalment_seq: 1, invoice_date: 2024-03-10, due_date: 2024-03-20, amount: 9, amount_rc: 30, credit_rc: 30}
          - {source: a, company: B, invoice_id: I8, instalment_seq: 1, invoice_date: 2024-01-10, due_date: 2024-01-31, amount: 9, amount_rc: 7, credit_rc: 0}
      - input: source('huikuan', 'ar_settlements')
        rows:
          # on the last day in time, on the day after, before it came
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-02-19, receipt_date: 2024-03-30, amount: 9, amount_rc: 1}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-02-20, receipt_date: 2024-02-01, amount: 9, amount_rc: 2}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: write_off, event_date: 2024-02-29, receipt_date: 2024-02-29, amount: 9, amount_rc: 4}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: discount, event_date: 2024-03-01, receipt_date: 2024-03-01, amount: 9, amount_rc: 8}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: credit, event_date: 2024-02-10, receipt_date: 2024-02-10, amount: 9, amount_rc: 10}
          - {source: a, invoice_id: I1, instalment_seq: 2, kind: cash, event_date: 2024-02-18, receipt_date: 2024-02-18, amount: 9, amount_rc: 250}
          - {source: a, invoice_id: I2, instalment_seq: 1, kind: cash, event_date: 2024-02-29, receipt_date: 2024-02-29, amount: 9, amount_rc: 50}
          - {source: a, invoice_id: I5, instalment_seq: 1, kind: cash, event_date: 2024-02-29, receipt_date: 2024-02-29, amount: 9, amount_rc: null}
          - {source: b, invoice_id: I2, instalment_seq: 1, kind: cash, event_date: 2024-02-28, receipt_date: 2024-02-28, amount: 9, amount_rc: 400}
    expect:
      rows:
        - {scope: segment, scope_id: S, cohort: 2024-02-01, late_days: 10, months_on_book: 0, base_rc: 290, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-02-01, late_days: 10, months_on_book: 0, base_rc: 0.75, late_rc: 0, late_rate: 0, items_without_rate: 2, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-03-01, late_days: 0, months_on_book: 0, base_rc: 0, late_rc: 0, late_rate: null, items_without_rate: 0, reason: empty_cohort}
        - {scope: group, scope_id: "", cohort: 2024-02-01, late_days: 10, months_on_book: 1, base_rc: 690.75, late_rc: 433, late_rate: 0.6268548678, items_without_rate: 2, reason: null}
        - {scope: segment, scope_id: T, cohort: 2024-02-01, late_days: 10, months_on_book: 0, base_rc: 400.75, late_rc: 0, late_rate: 0, items_without_rate: 2, reason: null}
        - {scope: segment, scope_id: T, cohort: 2024-02-01, late_days: 10, months_on_book: 1, base_rc: 400.75, late_rc: 350, late_rate: 0.8733624454, items_without_rate: 2, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 0, base_rc: 7, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-03-01, late_days: 10, months_on_book: 0, base_rc: 0, late_rc: 0, late_rate: null, items_without_rate: 0, reason: empty_cohort}
        - {scope: company, scope_id: B, cohort: 2024-02-01, late_days: 10, months_on_book: 1, base_rc: 0.75, late_rc: 0, late_rate: 0, items_without_rate: 2, reason: null}
        - {scope: segment, scope_id: S, cohort: 2024-02-01, late_days: 10, months_on_book: 1, base_rc: 290, late_rc: 83, late_rate: 0.2862068965, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 10, months_on_book: 0, base_rc: 7, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-02-01, late_days: 0, months_on_book: 1, base_rc: 0.75, late_rc: 0.5, late_rate: 0.6666666666, items_without_rate: 2, reason: null}
        - {scope: segment, scope_id: S, cohort: 2024-02-01, late_days: 0, months_on_book: 1, base_rc: 290, late_rc: 89, late_rate: 0.3068965517, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 10, months_on_book: 1, base_rc: 7, late_rc: 7, late_rate: 1, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 1, base_rc: 7, late_rc: 7, late_rate: 1, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: T, cohort: 2024-02-01, late_days: 0, months_on_book: 1, base_rc: 400.75, late_rc: 400.5, late_rate: 0.9993761696, items_without_rate: 2, reason: null}
        - {scope: segment, scope_id: T, cohort: 2024-02-01, late_days: 0, months_on_book: 0, base_rc: 400.75, late_rc: 400, late_rate: 0.998128509, items_without_rate: 2, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-02-01, late_days: 10, months_on_book: 0, base_rc: 690.75, late_rc: 0, late_rate: 0, items_without_rate: 2, reason: null}
        - {scope: segment, scope_id: S, cohort: 2024-02-01, late_days: 0, months_on_book: 0, base_rc: 290, late_rc: 89, late_rate: 0.3068965517, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-02-01, late_days: 0, months_on_book: 0, base_rc: 0.75, late_rc: 0, late_rate: 0, items_without_rate: 2, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 1, base_rc: 7, late_rc: 7, late_rate: 1, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-03-01, late_days: 0, months_on_book: 0, base_rc: 0, late_rc: 0, late_rate: null, items_without_rate: 0, reason: empty_cohort}
        - {scope: company, scope_id: A, cohort: 2024-02-01, late_days: 0, months_on_book: 0, base_rc: 690, late_rc: 489, late_rate: 0.7086956521, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 10, months_on_book: 1, base_rc: 7, late_rc: 7, late_rate: 1, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-01-01, late_days: 10, months_on_book: 0, base_rc: 7, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-01-01, late_days: 10, months_on_book: 1, base_rc: 7, late_rc: 7, late_rate: 1, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-02-01, late_days: 0, months_on_book: 0, base_rc: 690.75, late_rc: 489, late_rate: 0.7079261672, items_without_rate: 2, reason: null}
        - {scope: company, scope_id: A, cohort: 2024-02-01, late_days: 0, months_on_book: 1, base_rc: 690, late_rc: 489, late_rate: 0.7086956521, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-03-01, late_days: 10, months_on_book: 0, base_rc: 0, late_rc: 0, late_rate: null, items_without_rate: 0, reason: empty_cohort}
        - {scope: company, scope_id: A, cohort: 2024-02-01, late_days: 10, months_on_book: 1, base_rc: 690, late_rc: 433, late_rate: 0.6275362318, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-02-01, late_days: 0, months_on_book: 1, base_rc: 690.75, late_rc: 489.5, late_rate: 0.708650018, items_without_rate: 2, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-01-01, late_days: 0, months_on_book: 1, base_rc: 7, late_rc: 7, late_rate: 1, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-01-01, late_days: 0, months_on_book: 0, base_rc: 7, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 10, months_on_book: 0, base_rc: 7, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 0, base_rc: 7, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: A, cohort: 2024-02-01, late_days: 10, months_on_book: 0, base_rc: 690, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-03-01, late_days: 10, months_on_book: 0, base_rc: 0, late_rc: 0, late_rate: null, items_without_rate: 0, reason: empty_cohort}
        - {scope: group, scope_id: "", cohort: 2024-03-01, late_days: 0, months_on_book: 0, base_rc: 0, late_rc: 0, late_rate: null, items_without_rate: 0, reason: empty_cohort}
  - name: a payment that bounced after the days makes late what was paid in time, once, in the month in which it bounced
    overrides: {vars: {vintage_late_days: [0, 10], vintage_months_on_book: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-31}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: a, company: A, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-01-10, due_date: 2024-01-31, amount_rc: 107, credit_rc: 7}
          - {source: a, company: A, invoice_id: I1, instalment_seq: 2, invoice_date: 2024-01-10, due_date: 2024-01-31, amount_rc: 1000, credit_rc: 0}
          - {source: a, company: A, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-01-10, due_date: 2024-01-31, amount_rc: 2000, credit_rc: 0}
          - {source: b, company: B, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-01-10, due_date: 2024-01-31, amount_rc: 4000, credit_rc: 0}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-01-20, receipt_date: 2024-01-20, amount_rc: 80}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: credit, event_date: 2024-02-03, receipt_date: 2024-02-03, amount_rc: 9}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: credit, event_date: 2024-03-20, receipt_date: 2024-03-20, amount_rc: -2}
          - {source: a, invoice_id: I1, instalment_seq: 2, kind: cash, event_date: 2024-01-20, receipt_date: 2024-01-20, amount_rc: 1000}
          - {source: a, invoice_id: I2, instalment_seq: 1, kind: cash, event_date: 2024-01-20, receipt_date: 2024-01-20, amount_rc: 2000}
          - {source: b, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-01-20, receipt_date: 2024-01-20, amount_rc: 4000}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-02-05, receipt_date: 2024-01-20, amount_rc: -30}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-02-20, receipt_date: 2024-02-20, amount_rc: 40}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-03-01, receipt_date: 2024-02-20, amount_rc: -40}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-03-05, receipt_date: 2024-01-20, amount_rc: -50}
          - {source: a, invoice_id: I1, instalment_seq: 1, kind: cash, event_date: 2024-03-06, receipt_date: 2024-03-06, amount_rc: 100}
    expect:
      rows:
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 10, months_on_book: 2, base_rc: 7100, late_rc: 100, late_rate: 0.014084507, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 0, months_on_book: 0, base_rc: 3100, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-01-01, late_days: 10, months_on_book: 2, base_rc: 4000, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 2, base_rc: 7100, late_rc: 100, late_rate: 0.014084507, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 0, base_rc: 7100, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 0, months_on_book: 1, base_rc: 3100, late_rc: 50, late_rate: 0.0161290322, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 10, months_on_book: 0, base_rc: 7100, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 10, months_on_book: 1, base_rc: 7100, late_rc: 50, late_rate: 0.0070422535, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 10, months_on_book: 1, base_rc: 3100, late_rc: 50, late_rate: 0.0161290322, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 1, base_rc: 7100, late_rc: 50, late_rate: 0.0070422535, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-01-01, late_days: 0, months_on_book: 2, base_rc: 4000, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 10, months_on_book: 0, base_rc: 3100, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 1, base_rc: 7100, late_rc: 50, late_rate: 0.0070422535, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 10, months_on_book: 1, base_rc: 7100, late_rc: 50, late_rate: 0.0070422535, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-01-01, late_days: 10, months_on_book: 0, base_rc: 4000, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 0, months_on_book: 2, base_rc: 3100, late_rc: 100, late_rate: 0.0322580645, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-01-01, late_days: 10, months_on_book: 1, base_rc: 4000, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 2, base_rc: 7100, late_rc: 100, late_rate: 0.014084507, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 10, months_on_book: 2, base_rc: 7100, late_rc: 100, late_rate: 0.014084507, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-01-01, late_days: 0, months_on_book: 1, base_rc: 4000, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: A, cohort: 2024-01-01, late_days: 10, months_on_book: 2, base_rc: 3100, late_rc: 100, late_rate: 0.0322580645, items_without_rate: 0, reason: null}
        - {scope: company, scope_id: B, cohort: 2024-01-01, late_days: 0, months_on_book: 0, base_rc: 4000, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: group, scope_id: "", cohort: 2024-01-01, late_days: 10, months_on_book: 0, base_rc: 7100, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
        - {scope: segment, scope_id: "", cohort: 2024-01-01, late_days: 0, months_on_book: 0, base_rc: 7100, late_rc: 0, late_rate: 0, items_without_rate: 0, reason: null}
  - name: a negative invoice makes the others no smaller
    overrides: {vars: {vintage_late_days: [0], vintage_months_on_book: 1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-02-29}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-01-31, amount: 100, amount_rc: 100, credit_rc: 0}
          - {company: A, customer_id: C1, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-01-31, amount: -60, amount_rc: -60, credit_rc: 0}
    expect:
      rows:
        - {scope: group, months_on_book: 0, base_rc: 100, late_rc: 0}
        - {scope: group, months_on_book: 1, base_rc: 100, late_rc: 100, late_rate: 1}
        - {scope: company, months_on_book: 0, base_rc: 100, late_rc: 0}
        - {scope: company, months_on_book: 1, base_rc: 100, late_rc: 100, late_rate: 1}
        - {scope: segment, months_on_book: 0, base_rc: 100, late_rc: 0}
        - {scope: segment, months_on_book: 1, base_rc: 100, late_rc: 100, late_rate: 1}
chart: {type: line, title: Late amounts by months on book, x: months_on_book, y: [late_rate], series: cohort, unit: fraction, where: "scope = 'group' AND late_days = (SELECT min(late_days) FROM vintage_late)"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
{{ var('vintage_late_days') }} AS late_steps,
items AS (
    SELECT
        i.company AS company,
        ifNull(toString(i.segment), '') AS segment,
        i.source AS source,
        i.invoice_id AS invoice_id,
        i.instalment_seq AS instalment_seq,
        toDate32(toStartOfMonth(i.invoice_date)) AS cohort,
        i.due_date AS due_date,
        ifNull(i.amount_rc, 0) - ifNull(i.credit_rc, 0) AS base_rc,
        isNull(i.amount_rc) AS without_rate
    FROM {{ source('huikuan', 'ar_items') }} AS i
    WHERE i.invoice_date <= today AND i.amount >= 0 -- a negative invoice is a credit that none of these had
),
cohorts AS (
    SELECT
        i.company AS company,
        i.segment AS segment,
        i.cohort AS cohort,
        sum(i.base_rc) AS base_rc,
        sum(i.without_rate) AS items_without_rate
    FROM items AS i
    GROUP BY company, segment, cohort
),
payments AS (
    SELECT
        t.source AS source,
        t.invoice_id AS invoice_id,
        t.instalment_seq AS instalment_seq,
        groupArray((t.event_date, assumeNotNull(t.amount_rc))) AS steps
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    WHERE t.kind != 'credit' AND t.amount_rc IS NOT NULL
    GROUP BY source, invoice_id, instalment_seq
),
late_states AS (
    SELECT
        i.company AS company,
        i.segment AS segment,
        i.cohort AS cohort,
        i.due_date AS due_date,
        arrayJoin(arrayMap(
            n -> (n, greatest(i.base_rc - arraySum(arrayMap(s -> if(s.1 <= i.due_date + n, s.2, 0), p.steps)), 0)),
            arrayFilter(n -> dateDiff('day', i.due_date, today) > n, late_steps))) AS late
    FROM items AS i
    LEFT ANY JOIN payments AS p ON p.source = i.source AND p.invoice_id = i.invoice_id AND p.instalment_seq = i.instalment_seq
),
-- A payment that is taken back after that leaves open, and late, what was not open before: day by day what is more than ever.
taken_back AS (
    SELECT DISTINCT source, invoice_id, instalment_seq
    FROM {{ source('huikuan', 'ar_settlements') }}
    WHERE kind != 'credit' AND amount_rc < 0
),
reopened AS (
    SELECT
        i.company AS company,
        i.segment AS segment,
        i.cohort AS cohort,
        n AS late_days,
        i.due_date + n AS last_day,
        arrayConcat([last_day], arraySort(arrayDistinct(arrayFilter(d -> d > last_day, arrayMap(s -> s.1, p.steps))))) AS days,
        arrayMap(d -> greatest(i.base_rc - arraySum(arrayMap(s -> if(s.1 <= d, s.2, 0), p.steps)), 0), days) AS opens,
        k,
        days[k] AS day,
        arrayMax(arraySlice(opens, 1, k)) - arrayMax(arraySlice(opens, 1, k - 1)) AS late_rc
    FROM (SELECT * FROM items WHERE (source, invoice_id, instalment_seq) IN (SELECT source, invoice_id, instalment_seq FROM taken_back)) AS i
    INNER JOIN (
        SELECT t.source AS source, t.invoice_id AS invoice_id, t.instalment_seq AS instalment_seq, groupArray((t.event_date, assumeNotNull(t.amount_rc))) AS steps
        FROM {{ source('huikuan', 'ar_settlements') }} AS t
        WHERE t.kind != 'credit' AND t.amount_rc IS NOT NULL AND (t.source, t.invoice_id, t.instalment_seq) IN (SELECT source, invoice_id, instalment_seq FROM taken_back)
        GROUP BY source, invoice_id, instalment_seq
    ) AS p ON p.source = i.source AND p.invoice_id = i.invoice_id AND p.instalment_seq = i.instalment_seq
    ARRAY JOIN late_steps AS n
    ARRAY JOIN range(2, length(days) + 1) AS k
),
late_amounts AS (
    SELECT
        company,
        segment,
        cohort,
        late_days,
        greatest(0, dateDiff('month', cohort, day)) AS months_on_book,
        sum(late_rc) AS late_rc
    FROM (
        SELECT company, segment, cohort, late.1 AS late_days, due_date + late.1 + 1 AS day, late.2 AS late_rc FROM late_states
        UNION ALL
        SELECT company, segment, cohort, late_days, day, late_rc FROM reopened WHERE late_rc > 0
    )
    GROUP BY company, segment, cohort, late_days, months_on_book
),
grid AS (
    SELECT
        member.1 AS scope,
        member.2 AS scope_id,
        c.cohort AS cohort,
        step.1 AS late_days,
        step.2 AS months_on_book,
        sum(c.base_rc) AS base_rc,
        sum(c.items_without_rate) AS items_without_rate
    FROM cohorts AS c
    ARRAY JOIN [('group', ''), ('company', c.company), ('segment', c.segment)] AS member
    ARRAY JOIN arrayFlatten(arrayMap(n -> arrayMap(m -> (n, m), range({{ var('vintage_months_on_book') }} + 1)), late_steps)) AS step
    WHERE toLastDayOfMonth(addMonths(c.cohort, step.2)) <= today
    GROUP BY scope, scope_id, cohort, late_days, months_on_book
),
late_by_scope AS (
    SELECT
        member.1 AS scope,
        member.2 AS scope_id,
        a.cohort AS cohort,
        a.late_days AS late_days,
        a.months_on_book AS became_late,
        sum(a.late_rc) AS late_rc
    FROM late_amounts AS a
    ARRAY JOIN [('group', ''), ('company', a.company), ('segment', a.segment)] AS member
    GROUP BY scope, scope_id, cohort, late_days, became_late
),
curves AS (
    SELECT
        g.scope AS scope,
        g.scope_id AS scope_id,
        g.cohort AS cohort,
        g.late_days AS late_days,
        g.months_on_book AS months_on_book,
        any(g.base_rc) AS base_rc,
        sum(if(a.became_late <= g.months_on_book, a.late_rc, 0)) AS late_rc,
        any(g.items_without_rate) AS items_without_rate
    FROM grid AS g
    LEFT JOIN late_by_scope AS a ON a.scope = g.scope AND a.scope_id = g.scope_id AND a.cohort = g.cohort AND a.late_days = g.late_days
    GROUP BY scope, scope_id, cohort, late_days, months_on_book
)
SELECT
    c.scope AS scope,
    c.scope_id AS scope_id,
    c.cohort AS cohort,
    toInt32(c.late_days) AS late_days,
    toInt32(c.months_on_book) AS months_on_book,
    c.base_rc AS base_rc,
    c.late_rc AS late_rc,
    CAST(c.late_rc AS Decimal(38, 10)) / if(c.base_rc > 0, c.base_rc, NULL) AS late_rate,
    c.items_without_rate AS items_without_rate,
    if(c.base_rc > 0, NULL, 'empty_cohort') AS reason
FROM curves AS c
