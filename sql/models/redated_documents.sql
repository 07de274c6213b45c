/* ---
description: "Invoices and instalments whose due date (also one that appeared, went, moved with the terms, or was split into instalments), date, amount or customer changed after they had been loaded: who changed what when, and what it did to the aging on that day. A re-dated invoice looks younger than it is."
grain: one change of one field group of an invoice or instalment
materialisation: table
order_by: [customer_id, invoice_id, instalment_seq, changed_at]
owner: accounting
tags: [control, redating]
columns:
  - {name: source, description: configured source}
  - {name: customer_id, description: customer; NULL where the invoice is no longer known, unit: id}
  - {name: invoice_id, description: invoice, unit: id, tests: [not_null]}
  - {name: instalment_seq, description: "instalment, 0 = the invoice itself", unit: count, tests: [not_null]}
  - {name: change, description: "due_date_later, due_date_earlier, amount_raised, amount_lowered, date_moved, customer_changed; the first that applies in this order", tests: [not_null, {accepted_values: [due_date_later, due_date_earlier, amount_raised, amount_lowered, date_moved, customer_changed]}]}
  - {name: changed_at, description: when a load saw the new content first, unit: UTC, tests: [not_null]}
  - {name: days_after_date, description: days from the document's date to the change, unit: days}
  - {name: edited_by, description: "who changed it, where the source tells; NULL = unknown"}
  - {name: old_due_date, description: "due date before; of an invoice that bore none and has no instalments, the one that its terms gave, else its date; of instalments that came later than their invoice (redated_sync_hours), the one of the whole invoice", unit: date}
  - {name: new_due_date, description: "due date after, in the same way", unit: date}
  - {name: days_moved, description: new_due_date - old_due_date, unit: days}
  - {name: old_amount, description: amount before, unit: document currency}
  - {name: new_amount, description: amount after, unit: document currency}
  - {name: amount_change, description: new_amount - old_amount, unit: document currency}
  - {name: days_past_due_before, description: "days past due on the day of the change by the old due date; 0 and less was not due", unit: days}
  - {name: days_past_due_after, description: the same by the new due date, unit: days}
  - {name: out_of_overdue, description: "the change took the item out of the overdue; false where instalments date it, and not the invoice", tests: [not_null]}
  - {name: currency, description: document currency; NULL where the invoice is no longer known, unit: ISO 4217}
  - {name: open_then, description: "open of the invoice (or instalment) at the end of the day of the change, by what its documents say today; NULL where the invoice is no longer known", unit: document currency}
  - {name: open_then_rc, description: open_then; NULL = no exchange rate, unit: reporting currency}
  - {name: overdue_change, description: "by how much the moved due date changed the overdue of that day: open_then where it came in, less where it went out, 0 where it stayed or instalments date the invoice; NULL = a due date or open_then is unknown", unit: document currency}
  - {name: overdue_change_rc, description: overdue_change; NULL = no exchange rate, unit: reporting currency}
  - {name: open_amount_rc, description: open today of the invoice (or instalment); 0 = settled, unit: reporting currency}
unit_tests:
  - name: consecutive contents of a document are compared, the invoice itself and each instalment
    given:
      - input: source('huikuan', 'document_versions')
        rows:
          - {source: erp, stream: invoices, document_id: I1, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-01-31, amount: 100, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-02-01 08:00:00"}
          - {source: erp, stream: invoices, document_id: I1, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-03-31, amount: 100, edited_by: 小李, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-03-01 08:00:00"}
          - {source: erp, stream: invoices, document_id: I1, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-03-31, amount: 90, seen_at: "2024-03-05 08:00:00", last_seen_at: "2024-03-05 08:00:00"}
          - {source: erp, stream: instalments, document_id: I2, instalment_seq: 2, due_date: 2024-05-01, amount: 50, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: erp, stream: instalments, document_id: I2, instalment_seq: 2, due_date: 2024-04-21, amount: 50, seen_at: "2024-01-03 08:00:00", last_seen_at: "2024-01-03 08:00:00"}
          - {source: erp, stream: invoices, document_id: BACK, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-01-31, amount: 5, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: erp, stream: invoices, document_id: BACK, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-03-31, amount: 5, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
          - {source: erp, stream: invoices, document_id: BACK, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-01-31, amount: 5, seen_at: "2024-02-20 08:00:00", last_seen_at: "2024-02-20 08:00:00"}
          - {source: crm, stream: invoices, document_id: I1, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-12-31, amount: 7, seen_at: "2024-02-20 08:00:00", last_seen_at: "2024-02-20 08:00:00"}
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, customer_id: A, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-01-01, open_amount_rc: 90}
          - {source: erp, customer_id: B, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-01-01, open_amount_rc: 20}
          - {source: erp, customer_id: B, invoice_id: I2, instalment_seq: 2, invoice_date: 2024-01-01, open_amount_rc: 50}
    expect:
      rows:
        - {source: erp, customer_id: A, invoice_id: I1, instalment_seq: 0, change: due_date_later, days_after_date: 40, edited_by: 小李, old_due_date: 2024-01-31, new_due_date: 2024-03-31, days_moved: 60, amount_change: 0, days_past_due_before: 10, days_past_due_after: -50, out_of_overdue: true, open_amount_rc: 90}
        - {source: erp, customer_id: A, invoice_id: I1, instalment_seq: 0, change: amount_lowered, days_after_date: 64, edited_by: null, old_due_date: 2024-03-31, new_due_date: 2024-03-31, days_moved: 0, amount_change: -10, days_past_due_before: -26, days_past_due_after: -26, out_of_overdue: false, open_amount_rc: 90}
        - {source: erp, customer_id: A, invoice_id: BACK, instalment_seq: 0, change: due_date_later, days_after_date: 40, edited_by: null, old_due_date: 2024-01-31, new_due_date: 2024-03-31, days_moved: 60, amount_change: 0, days_past_due_before: 10, days_past_due_after: -50, out_of_overdue: true, open_amount_rc: null}
        - {source: erp, customer_id: A, invoice_id: BACK, instalment_seq: 0, change: due_date_earlier, days_after_date: 50, edited_by: null, old_due_date: 2024-03-31, new_due_date: 2024-01-31, days_moved: -60, amount_change: 0, days_past_due_before: -40, days_past_due_after: 20, out_of_overdue: false, open_amount_rc: null}
        - {source: erp, customer_id: B, invoice_id: I2, instalment_seq: 2, change: due_date_earlier, days_after_date: 2, edited_by: null, old_due_date: 2024-05-01, new_due_date: 2024-04-21, days_moved: -10, amount_change: 0, days_past_due_before: -119, days_past_due_after: -109, out_of_overdue: false, open_amount_rc: 50}
  - name: each kind of change, of the document that it is, with what is open of it
    given:
      - input: source('huikuan', 'document_versions')
        rows:
          # of one instant: the content that was seen to its end first comes first
          - {source: erp, stream: invoices, document_id: SAME, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-01-31, amount: 9, seen_at: "2024-02-01 08:00:00", last_seen_at: "2024-02-02 08:00:00"}
          - {source: erp, stream: invoices, document_id: SAME, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-01-31, amount: 4, seen_at: "2024-02-01 08:00:00", last_seen_at: "2024-02-03 08:00:00", edited_by: ""}
          # the due date beats the amount, the amount the date, the date the customer
          - {source: erp, stream: invoices, document_id: ALL, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-02-10, amount: 10, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: erp, stream: invoices, document_id: ALL, instalment_seq: 0, customer_id: B, document_date: 2024-01-02, due_date: 2024-02-09, amount: 12, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00", edited_by: X}
          - {source: erp, stream: invoices, document_id: ALL, instalment_seq: 0, customer_id: A, document_date: 2024-01-03, due_date: 2024-02-09, amount: 15, seen_at: "2024-02-11 08:00:00", last_seen_at: "2024-02-11 08:00:00"}
          - {source: erp, stream: invoices, document_id: ALL, instalment_seq: 0, customer_id: C, document_date: 2024-01-04, due_date: 2024-02-09, amount: 15, seen_at: "2024-02-12 08:00:00", last_seen_at: "2024-02-12 08:00:00"}
          - {source: erp, stream: invoices, document_id: ALL, instalment_seq: 0, customer_id: D, document_date: 2024-01-04, due_date: 2024-02-09, amount: 15, seen_at: "2024-02-13 08:00:00", last_seen_at: "2024-02-13 08:00:00"}
          - {source: erp, stream: invoices, document_id: ALL, instalment_seq: 0, customer_id: D, document_date: 2024-01-04, due_date: 2024-02-09, amount: 15, edited_by: Y, seen_at: "2024-02-14 08:00:00", last_seen_at: "2024-02-14 08:00:00"}
          # another document under the same number; an instalment is not the invoice; the last day that is overdue, and the first that is not
          - {source: erp, stream: instalments, document_id: ALL, instalment_seq: 1, due_date: 2024-02-11, amount: 5, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-02-01 08:00:00"}
          - {source: erp, stream: instalments, document_id: ALL, instalment_seq: 1, due_date: 2024-02-12, amount: 5, seen_at: "2024-02-12 08:00:00", last_seen_at: "2024-02-12 08:00:00"}
          - {source: erp, stream: instalments, document_id: ALL, instalment_seq: 2, due_date: 2024-02-12, amount: 6, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-02-01 08:00:00"}
          - {source: erp, stream: instalments, document_id: ALL, instalment_seq: 2, due_date: 2024-02-20, amount: 6, seen_at: "2024-02-12 08:00:00", last_seen_at: "2024-02-12 08:00:00"}
          # nothing is known of the due date before, nor of the day that would give it; the invoice is gone
          - {source: crm, stream: invoices, document_id: ALL, instalment_seq: 0, customer_id: Z, document_date: null, due_date: null, amount: 1, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
          - {source: crm, stream: invoices, document_id: ALL, instalment_seq: 0, customer_id: Z, document_date: 2024-01-01, due_date: 2024-03-01, amount: 2, seen_at: "2024-02-11 08:00:00", last_seen_at: "2024-02-11 08:00:00"}
          - {source: crm, stream: invoices, document_id: GONE, instalment_seq: 0, document_date: null, due_date: 2024-01-01, amount: 3, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
          - {source: crm, stream: invoices, document_id: GONE, instalment_seq: 0, customer_id: "", document_date: null, due_date: 2024-01-01, amount: 2, seen_at: "2024-02-11 08:00:00", last_seen_at: "2024-02-11 08:00:00"}
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, customer_id: D, invoice_id: ALL, instalment_seq: 1, invoice_date: 2024-01-04, open_amount: 70, open_amount_rc: 7}
          - {source: erp, customer_id: D, invoice_id: ALL, instalment_seq: 2, invoice_date: 2024-01-04, open_amount: 50, open_amount_rc: 5}
          - {source: erp, customer_id: A, invoice_id: SAME, instalment_seq: 1, invoice_date: 2024-01-01, open_amount_rc: 3}
          - {source: erp, customer_id: A, invoice_id: SAME, instalment_seq: 2, invoice_date: 2024-01-01, open_amount_rc: null}
          - {source: erp, customer_id: A, invoice_id: GONE, instalment_seq: 1, invoice_date: 2024-01-01, open_amount_rc: 900}
    expect:
      rows:
        - {source: crm, customer_id: Z, invoice_id: ALL, instalment_seq: 0, change: amount_raised, changed_at: "2024-02-11 08:00:00.000000", days_after_date: 41, edited_by: null, old_due_date: null, new_due_date: 2024-03-01, days_moved: null, old_amount: 1, new_amount: 2, amount_change: 1, days_past_due_before: null, days_past_due_after: -19, out_of_overdue: false, open_amount_rc: null}
        - {source: crm, customer_id: null, invoice_id: GONE, instalment_seq: 0, change: amount_lowered, changed_at: "2024-02-11 08:00:00.000000", days_after_date: null, edited_by: null, old_due_date: 2024-01-01, new_due_date: 2024-01-01, days_moved: 0, old_amount: 3, new_amount: 2, amount_change: -1, days_past_due_before: 41, days_past_due_after: 41, out_of_overdue: false, open_amount_rc: null}
        - {source: erp, customer_id: D, invoice_id: ALL, instalment_seq: 1, change: due_date_later, changed_at: "2024-02-12 08:00:00.000000", days_after_date: 39, edited_by: null, old_due_date: 2024-02-11, new_due_date: 2024-02-12, days_moved: 1, old_amount: 5, new_amount: 5, amount_change: 0, days_past_due_before: 1, days_past_due_after: 0, out_of_overdue: true, open_amount_rc: 7}
        - {source: erp, customer_id: D, invoice_id: ALL, instalment_seq: 2, change: due_date_later, changed_at: "2024-02-12 08:00:00.000000", days_after_date: 39, edited_by: null, old_due_date: 2024-02-12, new_due_date: 2024-02-20, days_moved: 8, old_amount: 6, new_amount: 6, amount_change: 0, days_past_due_before: 0, days_past_due_after: -8, out_of_overdue: false, open_amount_rc: 5}
        - {source: erp, customer_id: D, invoice_id: ALL, instalment_seq: 0, change: due_date_earlier, changed_at: "2024-02-10 08:00:00.000000", days_after_date: 39, edited_by: X, old_due_date: 2024-02-10, new_due_date: 2024-02-09, days_moved: -1, old_amount: 10, new_amount: 12, amount_change: 2, days_past_due_before: 0, days_past_due_after: 1, out_of_overdue: false, open_amount_rc: 12}
        - {source: erp, customer_id: D, invoice_id: ALL, instalment_seq: 0, change: amount_raised, changed_at: "2024-02-11 08:00:00.000000", days_after_date: 39, edited_by: null, old_due_date: 2024-02-09, new_due_date: 2024-02-09, days_moved: 0, old_amount: 12, new_amount: 15, amount_change: 3, days_past_due_before: 2, days_past_due_after: 2, out_of_overdue: false, open_amount_rc: 12}
        - {source: erp, customer_id: D, invoice_id: ALL, instalment_seq: 0, change: date_moved, changed_at: "2024-02-12 08:00:00.000000", days_after_date: 39, edited_by: null, old_due_date: 2024-02-09, new_due_date: 2024-02-09, days_moved: 0, old_amount: 15, new_amount: 15, amount_change: 0, days_past_due_before: 3, days_past_due_after: 3, out_of_overdue: false, open_amount_rc: 12}
        - {source: erp, customer_id: D, invoice_id: ALL, instalment_seq: 0, change: customer_changed, changed_at: "2024-02-13 08:00:00.000000", days_after_date: 40, edited_by: null, old_due_date: 2024-02-09, new_due_date: 2024-02-09, days_moved: 0, old_amount: 15, new_amount: 15, amount_change: 0, days_past_due_before: 4, days_past_due_after: 4, out_of_overdue: false, open_amount_rc: 12}
        - {source: erp, customer_id: A, invoice_id: SAME, instalment_seq: 0, change: amount_lowered, changed_at: "2024-02-01 08:00:00.000000", days_after_date: 31, edited_by: null, old_due_date: 2024-01-31, new_due_date: 2024-01-31, days_moved: 0, old_amount: 9, new_amount: 4, amount_change: -5, days_past_due_before: 1, days_past_due_after: 1, out_of_overdue: false, open_amount_rc: null}
  - name: a due date that appears or goes moves the item from or to the day that the terms give
    given:
      - input: source('huikuan', 'document_versions')
        rows:
          # due at once until a due date is set, then by its terms, then at once again
          - {source: erp, stream: invoices, document_id: SET, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, amount: 5, seen_at: "2024-01-11 08:00:00", last_seen_at: "2024-01-11 08:00:00"}
          - {source: erp, stream: invoices, document_id: SET, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, due_date: 2024-03-10, amount: 5, seen_at: "2024-02-01 08:00:00", last_seen_at: "2024-02-01 08:00:00"}
          - {source: erp, stream: invoices, document_id: SET, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, terms_code: " net-30 ", amount: 5, seen_at: "2024-02-02 08:00:00", last_seen_at: "2024-02-02 08:00:00"}
          - {source: erp, stream: invoices, document_id: SET, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, terms_code: NET30 2%, amount: 5, seen_at: "2024-02-03 08:00:00", last_seen_at: "2024-02-03 08:00:00"}
          # the customer's terms of the day hold until the invoice has its own: the same first, longer ones then
          - {source: erp, stream: invoices, document_id: TERMS, instalment_seq: 0, customer_id: K, document_date: 2024-01-10, terms_code: "", amount: 5, seen_at: "2024-01-11 08:00:00", last_seen_at: "2024-01-11 08:00:00"}
          - {source: erp, stream: invoices, document_id: TERMS, instalment_seq: 0, customer_id: K, document_date: 2024-01-10, due_date: 2024-01-24, amount: 5, seen_at: "2024-01-12 08:00:00", last_seen_at: "2024-01-12 08:00:00"}
          - {source: erp, stream: invoices, document_id: TERMS, instalment_seq: 0, customer_id: K, document_date: 2024-01-10, terms_code: NET60, amount: 5, seen_at: "2024-01-13 08:00:00", last_seen_at: "2024-01-13 08:00:00"}
          # the customer's terms ended on the 10th
          - {source: erp, stream: invoices, document_id: ENDED, instalment_seq: 0, customer_id: K, document_date: 2024-01-10, amount: 5, seen_at: "2024-01-11 08:00:00", last_seen_at: "2024-01-11 08:00:00"}
          - {source: erp, stream: invoices, document_id: ENDED, instalment_seq: 0, customer_id: K, document_date: 2024-01-11, amount: 5, seen_at: "2024-01-12 08:00:00", last_seen_at: "2024-01-12 08:00:00"}
          # the terms of its day have no end
          - {source: erp, stream: invoices, document_id: OPEN END, instalment_seq: 0, customer_id: K, document_date: 2024-02-10, amount: 5, seen_at: "2024-02-11 08:00:00", last_seen_at: "2024-02-11 08:00:00"}
          - {source: erp, stream: invoices, document_id: OPEN END, instalment_seq: 0, customer_id: K, document_date: 2024-02-10, due_date: 2024-02-20, amount: 5, seen_at: "2024-02-18 08:00:00", last_seen_at: "2024-02-18 08:00:00"}
          # its instalments say when it is due
          - {source: erp, stream: invoices, document_id: PARTS, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, amount: 5, seen_at: "2024-01-11 08:00:00", last_seen_at: "2024-01-11 08:00:00"}
          - {source: erp, stream: invoices, document_id: PARTS, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, terms_code: NET60, amount: 5, seen_at: "2024-01-12 08:00:00", last_seen_at: "2024-01-12 08:00:00"}
          - {source: crm, stream: invoices, document_id: PARTS, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, amount: 5, seen_at: "2024-01-11 08:00:00", last_seen_at: "2024-01-11 08:00:00"}
          - {source: crm, stream: invoices, document_id: PARTS, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, terms_code: NET1, amount: 5, seen_at: "2024-01-12 08:00:00", last_seen_at: "2024-01-12 08:00:00"}
      - input: source('huikuan', 'customers')
        rows:
          - {source: erp, customer_id: K, valid_from: 2023-01-01, valid_to: 2024-01-09, terms_code: NET7}
          - {source: crm, customer_id: K, valid_from: 2024-01-10, valid_to: 2024-01-10, terms_code: null}
          - {source: erp, customer_id: K, valid_from: 2024-01-10, valid_to: 2024-01-10, terms_code: NET14}
          - {source: zzz, customer_id: K, valid_from: 2024-01-10, valid_to: 2024-01-10, terms_code: NET90}
          - {source: erp, customer_id: K, valid_from: 2024-02-01, terms_code: NET5}
      - input: source('huikuan', 'instalments')
        rows: [{source: erp, invoice_id: PARTS, seq: 1, due_date: 2024-02-10, amount: 5}]
    expect:
      rows:
        - {source: erp, invoice_id: SET, change: due_date_later, changed_at: "2024-02-01 08:00:00.000000", old_due_date: 2024-01-10, new_due_date: 2024-03-10, days_moved: 60, days_past_due_before: 22, out_of_overdue: true}
        - {source: erp, invoice_id: SET, change: due_date_earlier, changed_at: "2024-02-02 08:00:00.000000", old_due_date: 2024-03-10, new_due_date: 2024-02-09, days_moved: -30, days_past_due_before: -37, out_of_overdue: false}
        - {source: erp, invoice_id: SET, change: due_date_earlier, changed_at: "2024-02-03 08:00:00.000000", old_due_date: 2024-02-09, new_due_date: 2024-01-10, days_moved: -30, days_past_due_before: -6, out_of_overdue: false}
        - {source: erp, invoice_id: TERMS, change: due_date_later, changed_at: "2024-01-13 08:00:00.000000", old_due_date: 2024-01-24, new_due_date: 2024-03-10, days_moved: 46, days_past_due_before: -11, out_of_overdue: false}
        - {source: erp, invoice_id: ENDED, change: due_date_earlier, changed_at: "2024-01-12 08:00:00.000000", old_due_date: 2024-01-24, new_due_date: 2024-01-11, days_moved: -13, days_past_due_before: -12, out_of_overdue: false}
        - {source: erp, invoice_id: OPEN END, change: due_date_later, changed_at: "2024-02-18 08:00:00.000000", old_due_date: 2024-02-15, new_due_date: 2024-02-20, days_moved: 5, days_past_due_before: 3, out_of_overdue: true}
        - {source: crm, invoice_id: PARTS, change: due_date_later, changed_at: "2024-01-12 08:00:00.000000", old_due_date: 2024-01-10, new_due_date: 2024-01-11, days_moved: 1, days_past_due_before: 2, out_of_overdue: false}
  - name: instalments that come after their invoice move their parts of it from its due date
    overrides: {vars: {redated_sync_hours: 6}}
    given:
      - input: source('huikuan', 'document_versions')
        rows:
          # due as a whole on the 31st: one part stays, one is earlier, one leaves the overdue and is moved again
          - {source: erp, stream: invoices, document_id: SPLIT, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-01-31, amount: 100, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
          - {source: erp, stream: instalments, document_id: SPLIT, instalment_seq: 1, due_date: 2024-01-31, amount: 20, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
          - {source: erp, stream: instalments, document_id: SPLIT, instalment_seq: 2, due_date: 2024-01-21, amount: 30, seen_at: "2024-02-10 08:00:02", last_seen_at: "2024-02-10 08:00:02"}
          - {source: erp, stream: instalments, document_id: SPLIT, instalment_seq: 3, due_date: 2024-02-10, amount: 50, seen_at: "2024-02-10 13:59:59", last_seen_at: "2024-02-11 08:00:00"}
          - {source: erp, stream: instalments, document_id: SPLIT, instalment_seq: 3, due_date: 2024-03-10, amount: 49, seen_at: "2024-02-12 08:00:00", last_seen_at: "2024-02-12 08:00:00"}
          # by then it had instalments
          - {source: erp, stream: instalments, document_id: SPLIT, instalment_seq: 4, due_date: 2024-06-10, amount: 1, seen_at: "2024-02-10 14:00:00", last_seen_at: "2024-02-12 08:00:00"}
          # an invoice of another source, which came with its instalments
          - {source: crm, stream: invoices, document_id: SPLIT, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-12-31, amount: 100, seen_at: "2024-01-03 08:00:00", last_seen_at: "2024-01-03 08:00:00"}
          - {source: crm, stream: instalments, document_id: SPLIT, instalment_seq: 1, due_date: 2024-12-01, amount: 100, seen_at: "2024-01-03 08:00:00", last_seen_at: "2024-01-03 08:00:00"}
          # due by its terms, which changed before; what it says from the sync of the instalments on does not date it
          - {source: erp, stream: invoices, document_id: TERMS, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, terms_code: NET10, amount: 10, seen_at: "2024-01-11 08:00:00", last_seen_at: "2024-01-11 08:00:00"}
          - {source: erp, stream: invoices, document_id: TERMS, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, terms_code: NET30, amount: 10, seen_at: "2024-01-12 08:00:00", last_seen_at: "2024-01-12 08:00:00"}
          - {source: erp, stream: invoices, document_id: TERMS, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, terms_code: NET60, amount: 10, seen_at: "2024-01-13 08:00:00", last_seen_at: "2024-01-13 08:00:00"}
          - {source: erp, stream: instalments, document_id: TERMS, instalment_seq: 1, due_date: 2024-02-19, amount: 10, seen_at: "2024-01-13 08:00:05", last_seen_at: "2024-01-13 08:00:05"}
          - {source: erp, stream: invoices, document_id: TERMS, instalment_seq: 0, customer_id: A, document_date: 2024-01-10, terms_code: NET90, amount: 10, seen_at: "2024-01-14 08:00:00", last_seen_at: "2024-01-14 08:00:00"}
          - {source: erp, stream: instalments, document_id: TERMS, instalment_seq: 2, due_date: 2024-03-19, amount: 10, seen_at: "2024-01-15 08:00:00", last_seen_at: "2024-01-15 08:00:00"}
          # what was moved last before they came, and they in the same sync
          - {source: erp, stream: invoices, document_id: MOVED, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-01-31, amount: 10, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: erp, stream: invoices, document_id: MOVED, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-02-09, amount: 10, seen_at: "2024-01-03 02:59:59", last_seen_at: "2024-01-03 02:59:59"}
          - {source: erp, stream: instalments, document_id: MOVED, instalment_seq: 1, due_date: 2024-02-10, amount: 10, seen_at: "2024-01-03 09:00:00", last_seen_at: "2024-01-03 09:00:00"}
          - {source: erp, stream: instalments, document_id: MOVED, instalment_seq: 1, due_date: 2024-02-12, amount: 10, seen_at: "2024-01-03 09:00:01", last_seen_at: "2024-01-03 09:00:01"}
          # in one sync; before the invoice; the invoice is not known
          - {source: erp, stream: invoices, document_id: TOGETHER, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-01-31, amount: 10, seen_at: "2024-01-02 20:00:00", last_seen_at: "2024-01-05 08:00:00"}
          - {source: erp, stream: instalments, document_id: TOGETHER, instalment_seq: 1, due_date: 2024-03-31, amount: 10, seen_at: "2024-01-03 02:00:00", last_seen_at: "2024-01-05 08:00:00"}
          - {source: erp, stream: instalments, document_id: BEFORE, instalment_seq: 1, due_date: 2024-03-31, amount: 10, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-05 08:00:00"}
          - {source: erp, stream: invoices, document_id: BEFORE, instalment_seq: 0, customer_id: A, document_date: 2024-01-01, due_date: 2024-01-31, amount: 10, seen_at: "2024-01-03 08:00:00", last_seen_at: "2024-01-05 08:00:00"}
          - {source: erp, stream: instalments, document_id: ALONE, instalment_seq: 1, due_date: 2024-03-31, amount: 10, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-05 08:00:00"}
      - input: source('huikuan', 'instalments')
        rows:
          - {source: erp, invoice_id: SPLIT, seq: 1, due_date: 2024-01-31, amount: 20}
          - {source: erp, invoice_id: TERMS, seq: 1, due_date: 2024-02-19, amount: 10}
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, customer_id: A, invoice_id: SPLIT, instalment_seq: 2, invoice_date: 2024-01-01, open_amount_rc: 30}
          - {source: erp, customer_id: A, invoice_id: SPLIT, instalment_seq: 3, invoice_date: 2024-01-01, open_amount_rc: 49}
    expect:
      rows:
        - {source: erp, customer_id: A, invoice_id: SPLIT, instalment_seq: 2, change: due_date_earlier, changed_at: "2024-02-10 08:00:02.000000", days_after_date: 40, edited_by: null, old_due_date: 2024-01-31, new_due_date: 2024-01-21, days_moved: -10, old_amount: 30, new_amount: 30, amount_change: 0, days_past_due_before: 10, days_past_due_after: 20, out_of_overdue: false, open_amount_rc: 30}
        - {source: erp, customer_id: A, invoice_id: SPLIT, instalment_seq: 3, change: due_date_later, changed_at: "2024-02-10 13:59:59.000000", days_after_date: 40, edited_by: null, old_due_date: 2024-01-31, new_due_date: 2024-02-10, days_moved: 10, old_amount: 50, new_amount: 50, amount_change: 0, days_past_due_before: 10, days_past_due_after: 0, out_of_overdue: true, open_amount_rc: 49}
        - {source: erp, customer_id: A, invoice_id: SPLIT, instalment_seq: 3, change: due_date_later, changed_at: "2024-02-12 08:00:00.000000", days_after_date: 42, edited_by: null, old_due_date: 2024-02-10, new_due_date: 2024-03-10, days_moved: 29, old_amount: 50, new_amount: 49, amount_change: -1, days_past_due_before: 2, days_past_due_after: -27, out_of_overdue: true, open_amount_rc: 49}
        - {source: erp, customer_id: A, invoice_id: TERMS, instalment_seq: 0, change: due_date_later, changed_at: "2024-01-12 08:00:00.000000", days_after_date: 2, edited_by: null, old_due_date: 2024-01-20, new_due_date: 2024-02-09, days_moved: 20, old_amount: 10, new_amount: 10, amount_change: 0, days_past_due_before: -8, days_past_due_after: -28, out_of_overdue: false, open_amount_rc: null}
        - {source: erp, customer_id: null, invoice_id: TERMS, instalment_seq: 1, change: due_date_later, changed_at: "2024-01-13 08:00:05.000000", days_after_date: null, edited_by: null, old_due_date: 2024-02-09, new_due_date: 2024-02-19, days_moved: 10, old_amount: 10, new_amount: 10, amount_change: 0, days_past_due_before: -27, days_past_due_after: -37, out_of_overdue: false, open_amount_rc: null}
        - {source: erp, customer_id: A, invoice_id: MOVED, instalment_seq: 0, change: due_date_later, changed_at: "2024-01-03 02:59:59.000000", days_after_date: 2, edited_by: null, old_due_date: 2024-01-31, new_due_date: 2024-02-09, days_moved: 9, old_amount: 10, new_amount: 10, amount_change: 0, days_past_due_before: -28, days_past_due_after: -37, out_of_overdue: false, open_amount_rc: null}
        - {source: erp, customer_id: null, invoice_id: MOVED, instalment_seq: 1, change: due_date_later, changed_at: "2024-01-03 09:00:00.000000", days_after_date: null, edited_by: null, old_due_date: 2024-02-09, new_due_date: 2024-02-10, days_moved: 1, old_amount: 10, new_amount: 10, amount_change: 0, days_past_due_before: -37, days_past_due_after: -38, out_of_overdue: false, open_amount_rc: null}
        - {source: erp, customer_id: null, invoice_id: MOVED, instalment_seq: 1, change: due_date_later, changed_at: "2024-01-03 09:00:01.000000", days_after_date: null, edited_by: null, old_due_date: 2024-02-10, new_due_date: 2024-02-12, days_moved: 2, old_amount: 10, new_amount: 10, amount_change: 0, days_past_due_before: -38, days_past_due_after: -40, out_of_overdue: false, open_amount_rc: null}
  - name: what was open on the day of the change is what it did to the overdue of that day
    given:
      - input: source('huikuan', 'document_versions')
        rows:
          # out of the overdue, in again; what is paid on the day is no longer open, what is paid later still is
          - {source: erp, stream: invoices, document_id: M, document_date: 2024-01-01, due_date: 2024-01-31, amount: 100, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: erp, stream: invoices, document_id: M, document_date: 2024-01-01, due_date: 2024-03-31, amount: 100, seen_at: "2024-02-10 23:00:00", last_seen_at: "2024-02-10 23:00:00"}
          - {source: erp, stream: invoices, document_id: M, document_date: 2024-01-01, due_date: 2024-01-31, amount: 100, seen_at: "2024-02-20 08:00:00", last_seen_at: "2024-02-20 08:00:00"}
          - {source: erp, stream: invoices, document_id: M, document_date: 2024-01-01, due_date: 2024-02-09, amount: 100, seen_at: "2024-02-21 08:00:00", last_seen_at: "2024-02-21 08:00:00"}
          - {source: erp, stream: invoices, document_id: M, document_date: 2024-01-01, due_date: null, terms_code: NET90, amount: 100, seen_at: "2024-02-22 08:00:00", last_seen_at: "2024-02-22 08:00:00"}
          # its instalments date the invoice: counted once; the rate of one is not known
          - {source: erp, stream: invoices, document_id: PARTS, document_date: 2024-01-01, due_date: 2024-01-31, amount: 100, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: erp, stream: invoices, document_id: PARTS, document_date: 2024-01-01, due_date: 2024-03-31, amount: 100, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
          - {source: erp, stream: instalments, document_id: PARTS, instalment_seq: 1, due_date: 2024-01-31, amount: 60, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: erp, stream: instalments, document_id: PARTS, instalment_seq: 1, due_date: 2024-03-31, amount: 60, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
          - {source: erp, stream: instalments, document_id: PARTS, instalment_seq: 2, due_date: 2024-01-31, amount: 40, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: erp, stream: instalments, document_id: PARTS, instalment_seq: 2, due_date: 2024-03-31, amount: 40, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
          # it was the invoice that dated it then: its instalments came later
          - {source: erp, stream: invoices, document_id: WHOLE, document_date: 2024-01-01, due_date: 2024-01-31, amount: 30, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: erp, stream: invoices, document_id: WHOLE, document_date: 2024-01-01, due_date: 2024-03-31, amount: 30, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
          - {source: erp, stream: instalments, document_id: WHOLE, instalment_seq: 1, due_date: 2024-03-31, amount: 10, seen_at: "2024-03-01 08:00:00", last_seen_at: "2024-03-01 08:00:00"}
          - {source: erp, stream: instalments, document_id: WHOLE, instalment_seq: 2, due_date: 2024-03-31, amount: 20, seen_at: "2024-03-01 08:00:00", last_seen_at: "2024-03-01 08:00:00"}
          # dated ahead; the same number in another source, which no longer knows it
          - {source: erp, stream: invoices, document_id: AHEAD, document_date: 2024-02-11, due_date: 2024-02-01, amount: 9, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: erp, stream: invoices, document_id: AHEAD, document_date: 2024-02-11, due_date: 2024-03-11, amount: 9, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
          - {source: crm, stream: invoices, document_id: M, document_date: 2024-01-01, due_date: 2024-01-31, amount: 100, seen_at: "2024-01-02 08:00:00", last_seen_at: "2024-01-02 08:00:00"}
          - {source: crm, stream: invoices, document_id: M, document_date: 2024-01-01, due_date: 2024-03-31, amount: 100, seen_at: "2024-02-10 08:00:00", last_seen_at: "2024-02-10 08:00:00"}
      - input: source('huikuan', 'instalments')
        rows:
          - {source: erp, invoice_id: PARTS, seq: 1, due_date: 2024-03-31, amount: 60}
          - {source: erp, invoice_id: PARTS, seq: 2, due_date: 2024-03-31, amount: 40}
          - {source: erp, invoice_id: WHOLE, seq: 1, due_date: 2024-03-31, amount: 10}
          - {source: erp, invoice_id: WHOLE, seq: 2, due_date: 2024-03-31, amount: 20}
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: erp, customer_id: A, invoice_id: M, instalment_seq: 1, invoice_date: 2024-01-01, currency: USD, amount: 100, rate_rc: 7.1}
          - {source: erp, customer_id: A, invoice_id: PARTS, instalment_seq: 1, invoice_date: 2024-01-01, currency: USD, amount: 60, rate_rc: 7}
          - {source: erp, customer_id: A, invoice_id: PARTS, instalment_seq: 2, invoice_date: 2024-01-01, currency: USD, amount: 40, rate_rc: null}
          - {source: erp, customer_id: A, invoice_id: WHOLE, instalment_seq: 1, invoice_date: 2024-01-01, currency: CNY, amount: 10, rate_rc: 1}
          - {source: erp, customer_id: A, invoice_id: WHOLE, instalment_seq: 2, invoice_date: 2024-01-01, currency: CNY, amount: 20, rate_rc: 1}
          - {source: erp, customer_id: A, invoice_id: AHEAD, instalment_seq: 1, invoice_date: 2024-02-11, currency: CNY, amount: 9, rate_rc: 1}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: erp, invoice_id: M, instalment_seq: 1, kind: cash, event_date: 2024-01-20, amount: 30}
          - {source: erp, invoice_id: M, instalment_seq: 1, kind: credit, event_date: 2024-02-10, amount: 20}
          - {source: erp, invoice_id: M, instalment_seq: 1, kind: cash, event_date: 2024-02-11, amount: 10.005}
          - {source: erp, invoice_id: M, instalment_seq: 1, kind: cash, event_date: 2024-02-20, amount: -30}
          - {source: crm, invoice_id: M, instalment_seq: 1, kind: cash, event_date: 2024-01-20, amount: 99}
          - {source: erp, invoice_id: PARTS, instalment_seq: 1, kind: cash, event_date: 2024-02-09, amount: 5}
          - {source: erp, invoice_id: WHOLE, instalment_seq: 1, kind: cash, event_date: 2024-01-09, amount: 10}
    expect:
      rows:
        - {source: erp, invoice_id: M, instalment_seq: 0, changed_at: "2024-02-10 23:00:00.000000", out_of_overdue: true, currency: USD, open_then: 50, open_then_rc: 355, overdue_change: -50, overdue_change_rc: -355}
        - {source: erp, invoice_id: M, instalment_seq: 0, changed_at: "2024-02-20 08:00:00.000000", out_of_overdue: false, currency: USD, open_then: 69.995, open_then_rc: 496.9645, overdue_change: 69.995, overdue_change_rc: 496.9645}
        - {source: erp, invoice_id: M, instalment_seq: 0, changed_at: "2024-02-21 08:00:00.000000", out_of_overdue: false, currency: USD, open_then: 69.995, open_then_rc: 496.9645, overdue_change: 0, overdue_change_rc: 0}
        - {source: erp, invoice_id: M, instalment_seq: 0, changed_at: "2024-02-22 08:00:00.000000", out_of_overdue: true, currency: USD, open_then: 69.995, open_then_rc: 496.9645, overdue_change: -69.995, overdue_change_rc: -496.9645}
        - {source: erp, invoice_id: PARTS, instalment_seq: 0, changed_at: "2024-02-10 08:00:00.000000", out_of_overdue: false, currency: USD, open_then: 95, open_then_rc: null, overdue_change: 0, overdue_change_rc: null}
        - {source: erp, invoice_id: PARTS, instalment_seq: 1, changed_at: "2024-02-10 08:00:00.000000", out_of_overdue: true, currency: USD, open_then: 55, open_then_rc: 385, overdue_change: -55, overdue_change_rc: -385}
        - {source: erp, invoice_id: PARTS, instalment_seq: 2, changed_at: "2024-02-10 08:00:00.000000", out_of_overdue: true, currency: USD, open_then: 40, open_then_rc: null, overdue_change: -40, overdue_change_rc: null}
        - {source: erp, invoice_id: WHOLE, instalment_seq: 0, changed_at: "2024-02-10 08:00:00.000000", out_of_overdue: true, currency: CNY, open_then: 20, open_then_rc: 20, overdue_change: -20, overdue_change_rc: -20}
        - {source: erp, invoice_id: AHEAD, instalment_seq: 0, changed_at: "2024-02-10 08:00:00.000000", out_of_overdue: true, currency: CNY, open_then: 0, open_then_rc: 0, overdue_change: 0, overdue_change_rc: 0}
        - {source: crm, invoice_id: M, instalment_seq: 0, changed_at: "2024-02-10 08:00:00.000000", out_of_overdue: true, currency: null, open_then: null, open_then_rc: null, overdue_change: null, overdue_change_rc: null}
--- */
WITH
-- changed invoices that instalments date
scheduled AS (
    SELECT DISTINCT toString(i.source) AS source, i.invoice_id AS invoice_id
    FROM {{ source('huikuan', 'instalments') }} AS i
    WHERE (toString(i.source), i.invoice_id) IN (SELECT toString(source), document_id FROM {{ source('huikuan', 'document_versions') }})
),
customer_terms AS (
    SELECT
        c.customer_id AS customer_id,
        c.valid_from AS valid_from,
        argMin((ifNull(toString(c.terms_code), ''), ifNull(c.valid_to, toDate32('2299-12-31'))), (c.terms_code IS NULL, c.source)) AS latest
    FROM {{ source('huikuan', 'customers') }} AS c
    GROUP BY customer_id, valid_from
),
-- when the first instalments of an invoice came; 1970 = never
seen AS (
    SELECT
        *,
        minIf(seen_at, stream = 'instalments') OVER d AS split_at
    FROM {{ source('huikuan', 'document_versions') }}
    WINDOW d AS (PARTITION BY source, document_id)
),
-- an invoice without due date and, as yet, instalments is due by its terms, else by its customer's of that day, else at once
contents AS (
    SELECT
        v.source AS source,
        v.stream AS stream,
        v.document_id AS document_id,
        v.instalment_seq AS instalment_seq,
        v.customer_id AS customer_id,
        v.document_date AS document_date,
        if(t.latest.2 >= v.document_date, t.latest.1, '') AS terms_of_customer,
        if(ifNull(toString(v.terms_code), '') = '', terms_of_customer, toString(v.terms_code)) AS terms,
        ifNull(toInt32OrNull(extract(upper(terms), '^ *NET[ _-]*([0-9]{1,4}) *$')), 0) AS days,
        v.seen_at < v.split_at - toIntervalHour({{ var('redated_sync_hours') }}) AS unsplit,
        v.stream = 'instalments' OR unsplit OR (toString(v.source), v.document_id) NOT IN (SELECT source, invoice_id FROM scheduled) AS dates,
        if(dates, ifNull(v.due_date, v.document_date + days), v.due_date) AS due_date,
        v.amount AS amount,
        v.edited_by AS edited_by,
        v.seen_at AS seen_at,
        v.last_seen_at AS last_seen_at,
        v.split_at AS split_at
    FROM seen AS v
    ASOF LEFT JOIN customer_terms AS t ON t.customer_id = ifNull(v.customer_id, '') AND t.valid_from <= ifNull(v.document_date, toDate32('1900-01-01'))
),
-- An invoice's first instalments are compared with the whole of it, as it was before the sync that brought them. Syncs are told apart by time:
-- a replay changes the runs of what was loaded.
pairs AS (
    SELECT
        toString(source) AS source,
        document_id AS invoice_id,
        instalment_seq,
        seen_at AS changed_at,
        edited_by,
        dates,
        customer_id AS new_customer, lagInFrame(customer_id) OVER w AS old_customer,
        document_date AS new_date, lagInFrame(document_date) OVER w AS old_date,
        due_date AS new_due_date, if(splits, whole.1, lagInFrame(due_date) OVER w) AS old_due_date,
        amount AS new_amount, if(splits, amount, lagInFrame(amount) OVER w) AS old_amount,
        row_number() OVER w AS n,
        argMaxIf(tuple(due_date), (seen_at, last_seen_at), unsplit) OVER d AS whole,
        n = 1 AND stream = 'instalments' AND seen_at < split_at + toIntervalHour({{ var('redated_sync_hours') }}) AS splits
    FROM contents
    WINDOW
        w AS (PARTITION BY source, stream, document_id, instalment_seq ORDER BY seen_at, last_seen_at, amount ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
        d AS (PARTITION BY source, document_id)
),
changes AS (
    SELECT
        p.*,
        multiIf(
            ifNull(new_due_date > old_due_date, false), 'due_date_later',
            ifNull(new_due_date < old_due_date, false), 'due_date_earlier',
            new_amount > old_amount, 'amount_raised',
            new_amount < old_amount, 'amount_lowered',
            ifNull(new_date != old_date, false), 'date_moved',
            ifNull(new_customer != old_customer, false), 'customer_changed',
            '') AS change
    FROM pairs AS p
    WHERE n > 1 OR splits
),
reductions AS (
    SELECT toString(source) AS source, invoice_id, instalment_seq, groupArray((event_date, amount)) AS steps
    FROM {{ source('huikuan', 'ar_settlements') }}
    WHERE (toString(source), invoice_id) IN (SELECT source, invoice_id FROM changes)
    GROUP BY source, invoice_id, instalment_seq
),
items AS (
    SELECT
        toString(i.source) AS source,
        i.invoice_id AS invoice_id,
        arrayJoin([0, i.instalment_seq]) AS seq,
        any(i.customer_id) AS customer_id,
        any(toNullable(i.invoice_date)) AS invoice_date,
        any(toNullable(toString(i.currency))) AS currency,
        groupArray((i.invoice_date, i.amount, i.rate_rc, r.steps)) AS parts,
        countIf(i.rate_rc IS NULL) AS without_rate,
        if(countIf(i.open_amount_rc IS NULL) = 0, sum(i.open_amount_rc), NULL) AS open_amount_rc
    FROM {{ source('huikuan', 'ar_items') }} AS i
    LEFT JOIN reductions AS r ON r.source = toString(i.source) AND r.invoice_id = i.invoice_id AND r.instalment_seq = i.instalment_seq
    WHERE (toString(i.source), i.invoice_id) IN (SELECT source, invoice_id FROM changes)
    GROUP BY source, invoice_id, seq
),
arrayMap(x -> if(x.1 <= toDate32(c.changed_at), x.2 - arraySum(arrayMap(s -> s.2, arrayFilter(s -> s.1 <= toDate32(c.changed_at), x.4))), 0), i.parts) AS open_parts,
-- 1 = the change brings the item into the overdue, -1 = takes it out
if(c.dates, toInt8(days_past_due_after > 0) - toInt8(days_past_due_before > 0), 0) AS enters
SELECT
    c.source AS source,
    coalesce(nullIf(i.customer_id, ''), nullIf(c.new_customer, '')) AS customer_id,
    c.invoice_id AS invoice_id,
    c.instalment_seq AS instalment_seq,
    c.change AS change,
    c.changed_at AS changed_at,
    dateDiff('day', ifNull(c.new_date, i.invoice_date), toDate32(c.changed_at)) AS days_after_date,
    nullIf(c.edited_by, '') AS edited_by,
    c.old_due_date AS old_due_date,
    c.new_due_date AS new_due_date,
    dateDiff('day', c.old_due_date, c.new_due_date) AS days_moved,
    c.old_amount AS old_amount,
    c.new_amount AS new_amount,
    c.new_amount - c.old_amount AS amount_change,
    dateDiff('day', c.old_due_date, toDate32(c.changed_at)) AS days_past_due_before,
    dateDiff('day', c.new_due_date, toDate32(c.changed_at)) AS days_past_due_after,
    toBool(c.dates AND ifNull(days_past_due_before > 0 AND days_past_due_after <= 0, false)) AS out_of_overdue,
    i.currency AS currency,
    if(empty(i.parts), NULL, CAST(arraySum(open_parts) AS Decimal(18, 4))) AS open_then,
    if(empty(i.parts) OR i.without_rate > 0, NULL, CAST(arraySum(arrayMap((o, x) -> round(o * assumeNotNull(x.3), 4), open_parts, i.parts)) AS Decimal(18, 4))) AS open_then_rc,
    open_then * enters AS overdue_change,
    open_then_rc * enters AS overdue_change_rc,
    i.open_amount_rc AS open_amount_rc
FROM changes AS c
LEFT JOIN items AS i ON i.source = c.source AND i.invoice_id = c.invoice_id AND i.seq = c.instalment_seq
WHERE c.change != ''
