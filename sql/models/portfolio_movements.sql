/* ---
description: "The roll-forward without the customer, for charts of the whole book and for the check that every line of it closes (A6)."
grain: one month of ar_rollforward, company, owner, segment, region and document currency
materialisation: table
order_by: [month, company, owner_id, currency]
owner: finance
tags: [aging]
columns:
  - {name: month, description: first day of the month, unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: owner_id, description: account owner or unassigned, unit: id, tests: [not_null]}
  - {name: segment, description: "segment of the customers at the end of the month; empty = none", tests: [not_null]}
  - {name: region, description: "region of the customers at the end of the month; empty = none", tests: [not_null]}
  - {name: currency, description: document currency, unit: ISO 4217, tests: [not_null]}
  - {name: movements, description: rows of ar_rollforward in it, unit: count}
  - {name: opening, description: net balance at the end of the previous month, unit: currency}
  - {name: opening_rc, description: net balance at the end of the previous month; what has no exchange rate is left out, unit: reporting currency}
  - {name: invoiced, description: invoices dated in the month, unit: currency}
  - {name: invoiced_rc, description: invoices dated in the month; what has no exchange rate is left out, unit: reporting currency}
  - {name: debit_notes, description: debit notes dated in the month, unit: currency}
  - {name: debit_notes_rc, description: debit notes dated in the month; what has no exchange rate is left out, unit: reporting currency}
  - {name: credited, description: credit notes dated in the month, unit: currency}
  - {name: credited_rc, description: credit notes dated in the month; what has no exchange rate is left out, unit: reporting currency}
  - {name: cash, description: receipts dated in the month less receipts that bounced in it, unit: currency}
  - {name: cash_rc, description: receipts dated in the month less receipts that bounced in it; what has no exchange rate is left out, unit: reporting currency}
  - {name: discounts, description: cash discounts taken, unit: currency}
  - {name: discounts_rc, description: cash discounts taken; what has no exchange rate is left out, unit: reporting currency}
  - {name: written_off, description: write-offs less those taken back, unit: currency}
  - {name: written_off_rc, description: write-offs less those taken back; what has no exchange rate is left out, unit: reporting currency}
  - {name: refunds, description: money paid back, unit: currency}
  - {name: refunds_rc, description: money paid back; what has no exchange rate is left out, unit: reporting currency}
  - {name: fx, description: realised exchange differences, unit: currency}
  - {name: fx_rc, description: realised exchange differences; what has no exchange rate is left out, unit: reporting currency}
  - {name: transfers, description: owner changes and cash applied to another account, unit: currency}
  - {name: transfers_rc, description: owner changes and cash applied to another account; what has no exchange rate is left out, unit: reporting currency}
  - {name: closing, description: net balance at the end of the month, unit: currency}
  - {name: closing_rc, description: net balance at the end of the month; what has no exchange rate is left out, unit: reporting currency}
  - {name: not_closed, description: "sum of the absolute differences of the rows, which must be 0", unit: currency}
  - {name: largest_difference, description: "largest absolute difference of a row, which must be 0", unit: currency}
tests:
  - name: every movement is here once
    sum_equals:
      this: sum(closing)
      by: [month, currency]
      of: SELECT month, currency, sum(closing) FROM {{ source('huikuan', 'ar_rollforward') }} GROUP BY month, currency
unit_tests:
  - name: movements are added up, differences of either sign do not cancel out
    given:
      - input: source('huikuan', 'ar_rollforward')
        rows:
          - {month: 2026-10-01, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, region: null, currency: USD, opening: 1, cash: 2, cash_rc: 14, closing: 3, check_amount: 1}
          - {month: 2026-10-01, company: A, customer_id: C2, owner_id: R1, segment: RETAIL, region: null, currency: USD, opening: 4, cash: 3, cash_rc: null, closing: 5, check_amount: -1}
          - {month: 2026-10-01, company: A, customer_id: C3, owner_id: R1, segment: null, region: North, currency: USD, cash: 5, cash_rc: 35, check_amount: 0}
          - {month: 2026-11-01, company: A, customer_id: C1, owner_id: R2, segment: RETAIL, region: null, currency: USD, cash: 7, cash_rc: 49, check_amount: 0}
    expect:
      rows:
        - {month: 2026-10-01, owner_id: R1, segment: RETAIL, region: "", movements: 2, opening: 5, cash: 5, cash_rc: 14, closing: 8, not_closed: 2, largest_difference: 1}
        - {month: 2026-10-01, owner_id: R1, segment: "", region: North, movements: 1, cash: 5, cash_rc: 35, not_closed: 0}
        - {month: 2026-11-01, owner_id: R2, segment: RETAIL, region: "", movements: 1, cash: 7, cash_rc: 49, not_closed: 0}
  - name: every line of the roll-forward stands under its own name, customers added up
    given:
      - input: source('huikuan', 'ar_rollforward')
        rows:
          - {month: 2026-10-01, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, region: North, currency: USD, opening: 10, opening_rc: 70, invoiced: 11, invoiced_rc: 77, debit_notes: 12, debit_notes_rc: 84, credited: 13, credited_rc: 91, cash: 14, cash_rc: 98, discounts: 15, discounts_rc: 105, written_off: 16, written_off_rc: 112, refunds: 17, refunds_rc: 119, fx: 18, fx_rc: 126, transfers: 19, transfers_rc: 133, closing: 20, closing_rc: 140, check_amount: -3}
          - {month: 2026-10-01, company: A, customer_id: C2, owner_id: R1, segment: RETAIL, region: North, currency: USD, opening: 30, opening_rc: 210, invoiced: 32, invoiced_rc: 224, debit_notes: 34, debit_notes_rc: 238, credited: 36, credited_rc: 252, cash: 38, cash_rc: 266, discounts: 40, discounts_rc: 280, written_off: 42, written_off_rc: 294, refunds: 44, refunds_rc: 308, fx: 46, fx_rc: 322, transfers: 48, transfers_rc: 336, closing: 50, closing_rc: 350, check_amount: 1}
    expect:
      rows: [{month: 2026-10-01, company: A, owner_id: R1, segment: RETAIL, region: North, currency: USD, opening: 40, opening_rc: 280, invoiced: 43, invoiced_rc: 301, debit_notes: 46, debit_notes_rc: 322, credited: 49, credited_rc: 343, cash: 52, cash_rc: 364, discounts: 55, discounts_rc: 385, written_off: 58, written_off_rc: 406, refunds: 61, refunds_rc: 427, fx: 64, fx_rc: 448, transfers: 67, transfers_rc: 469, closing: 70, closing_rc: 490, movements: 2, not_closed: 4, largest_difference: 3}]
--- */
SELECT
    r.month AS month,
    r.company AS company,
    r.owner_id AS owner_id,
    ifNull(r.segment, '') AS segment,
    ifNull(r.region, '') AS region,
    r.currency AS currency,
    count() AS movements,
    sum(r.opening) AS opening,
    sum(r.opening_rc) AS opening_rc,
    sum(r.invoiced) AS invoiced,
    sum(r.invoiced_rc) AS invoiced_rc,
    sum(r.debit_notes) AS debit_notes,
    sum(r.debit_notes_rc) AS debit_notes_rc,
    sum(r.credited) AS credited,
    sum(r.credited_rc) AS credited_rc,
    sum(r.cash) AS cash,
    sum(r.cash_rc) AS cash_rc,
    sum(r.discounts) AS discounts,
    sum(r.discounts_rc) AS discounts_rc,
    sum(r.written_off) AS written_off,
    sum(r.written_off_rc) AS written_off_rc,
    sum(r.refunds) AS refunds,
    sum(r.refunds_rc) AS refunds_rc,
    sum(r.fx) AS fx,
    sum(r.fx_rc) AS fx_rc,
    sum(r.transfers) AS transfers,
    sum(r.transfers_rc) AS transfers_rc,
    sum(r.closing) AS closing,
    sum(r.closing_rc) AS closing_rc,
    sum(abs(r.check_amount)) AS not_closed,
    max(abs(r.check_amount)) AS largest_difference
FROM {{ source('huikuan', 'ar_rollforward') }} AS r
GROUP BY month, company, owner_id, segment, region, currency
