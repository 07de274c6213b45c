/* ---
description: "Whether credit was managed before, during and after the sale: for each rule the open (or overdue) amount for which it was kept, and the amount for which it should have been. Add up rows of one rule, then divide: sum(passed_rc) / sum(total_rc)."
grain: one company and rule
materialisation: table
order_by: [company, rule_no]
owner: credit management
tags: [control, compliance]
chart: {type: bar, title: "Credit rules kept, by amount", x: rule, y: [rate], series: company, unit: fraction}
columns:
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: phase, description: "before, during or after the sale", tests: [not_null, {accepted_values: [before, during, after]}]}
  - {name: rule_no, description: order of the rules, unit: count, tests: [not_null]}
  - {name: rule, description: "credit_reviewed (a review in the review_months before the invoice), limit_set (a credit limit was valid on the invoice date), contract_on_file, terms_in_policy (terms not longer than the policy of the grade allowed on the invoice date; customers with a grade and a policy only); delivery_signed, statement_confirmed, within_limit (today), reminded_before_due (a notice before the due date); dunned (a notice within dunning_days of falling due; items for which these days are over), visited (a visit or call while overdue), promised (a promise or plan for it or for the account since it fell due), legal_or_written_off (of items more than legal_after_days overdue)", tests: [not_null]}
  - {name: passed_rc, description: open amount of the items that keep the rule, unit: reporting currency, tests: [not_null]}
  - {name: total_rc, description: open amount of the items for which the rule holds, unit: reporting currency, tests: [not_null]}
  - {name: passed_items, description: items that keep the rule, unit: count, tests: [not_null]}
  - {name: total_items, description: items for which the rule holds, unit: count, tests: [not_null]}
  - {name: rate, description: passed_rc / total_rc; NULL = the rule holds for nothing, unit: fraction}
tests:
  - unique: [company, rule]
  - name: nothing passes that need not
    sql: SELECT company, rule, passed_rc, total_rc FROM {{ this }} WHERE passed_items > total_items OR passed_rc > total_rc
unit_tests:
  - name: each rule on two items
    overrides: {vars: {review_months: 12, dunning_days: 15, legal_after_days: 180, statement_valid_days: 92}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {source: erp, company: HQ, customer_id: A, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-04-01, due_date: 2024-05-01, days_past_due: 60, open_amount_rc: 100}
          - {source: erp, company: HQ, customer_id: B, invoice_id: I2, instalment_seq: 1, invoice_date: 2023-10-01, due_date: 2023-11-30, days_past_due: 213, open_amount_rc: 300}
          - {source: erp, company: HQ, customer_id: B, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-06-20, due_date: 2024-07-20, days_past_due: -20, open_amount_rc: 50}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: A, grade: B}, {customer_id: B, grade: B}]
      - input: source('huikuan', 'policies')
        rows: [{grade: B, terms_code: NET30, valid_from: 2020-01-01}]
      - input: source('huikuan', 'credit_reviews')
        rows: [{review_id: R1, customer_id: A, reviewed_on: 2023-06-01}]
      - input: source('huikuan', 'credit_limits')
        rows: [{customer_id: B, currency: CNY, valid_from: 2024-01-01, credit_limit: 1000}]
      - input: source('huikuan', 'evidence')
        rows:
          - {source: erp, invoice_id: I1, evidence_type: contract, present: true}
          - {source: erp, invoice_id: I1, evidence_type: delivery_receipt, present: true}
      - input: source('huikuan', 'deliveries')
        rows: [{source: erp, delivery_id: D1, customer_id: B, invoice_id: I2, shipped_on: 2023-10-01, receipt_signed_on: 2023-10-03}]
      - input: ref('statement_reconciliation')
        rows: [{customer_id: A, currency: CNY, status: confirmed}]
      - input: ref('exposure_by_customer')
        rows: [{as_of: 2024-06-30, level: customer, customer_id: A, flag: ok}, {as_of: 2024-06-30, level: customer, customer_id: B, flag: over_limit}]
      - input: source('huikuan', 'dunning_events')
        rows:
          - {dunning_id: N1, customer_id: A, sent_on: 2024-05-10}
          - {source: erp, dunning_id: N2, customer_id: B, invoice_id: I2, sent_on: 2023-11-25}
      - input: ref('customer_contacts')
        rows: [{customer_id: A, kind: notice, day: 2024-05-10}, {customer_id: B, kind: call, day: 2024-02-01}]
      - input: source('huikuan', 'promise_outcomes')
        rows: [{promise_id: P1, customer_id: B, made_on: 2023-11-01}]
      - input: source('huikuan', 'legal_cases')
        rows: [{case_id: L1, customer_id: B, filed_on: 2024-03-01}]
    expect:
      rows:
        - {phase: before, rule: credit_reviewed, passed_rc: 100, total_rc: 450, passed_items: 1, total_items: 3, rate: 0.2222222222}
        - {phase: before, rule: limit_set, passed_rc: 50, total_rc: 450, passed_items: 1, total_items: 3, rate: 0.1111111111}
        - {phase: before, rule: contract_on_file, passed_rc: 100, total_rc: 450, passed_items: 1, total_items: 3, rate: 0.2222222222}
        - {phase: before, rule: terms_in_policy, passed_rc: 150, total_rc: 450, passed_items: 2, total_items: 3, rate: 0.3333333333}
        - {phase: during, rule: delivery_signed, passed_rc: 400, total_rc: 450, passed_items: 2, total_items: 3, rate: 0.8888888888}
        - {phase: during, rule: statement_confirmed, passed_rc: 100, total_rc: 450, passed_items: 1, total_items: 3, rate: 0.2222222222}
        - {phase: during, rule: within_limit, passed_rc: 100, total_rc: 450, passed_items: 1, total_items: 3, rate: 0.2222222222}
        - {phase: during, rule: reminded_before_due, passed_rc: 300, total_rc: 400, passed_items: 1, total_items: 2, rate: 0.75}
        - {phase: after, rule: dunned, passed_rc: 100, total_rc: 400, passed_items: 1, total_items: 2, rate: 0.25}
        - {phase: after, rule: visited, passed_rc: 300, total_rc: 400, passed_items: 1, total_items: 2, rate: 0.75}
        - {phase: after, rule: promised, passed_rc: 0, total_rc: 400, passed_items: 0, total_items: 2, rate: 0}
        - {phase: after, rule: legal_or_written_off, passed_rc: 300, total_rc: 300, passed_items: 1, total_items: 1, rate: 1}
  - name: each rule at its edges; notices, promises and papers on an invoice are those of its own source
    overrides: {vars: {review_months: 12, dunning_days: 15, legal_after_days: 180, statement_valid_days: 92}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}, {as_of: 2024-05-31}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {source: erp, company: HQ, customer_id: A, invoice_id: "1", instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-06-15, days_past_due: 15, open_amount: 9, open_amount_rc: 1}
          - {source: erp, company: HQ, customer_id: B, invoice_id: "2", instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-06-16, days_past_due: 14, open_amount: 9, open_amount_rc: 2}
          - {source: erp, company: HQ, customer_id: C, invoice_id: "3", instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-06-14, days_past_due: 16, open_amount: 9, open_amount_rc: 4}
          - {source: erp, company: EXP, customer_id: D, invoice_id: "4", instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-06-30, days_past_due: 0, open_amount: 9, open_amount_rc: 8}
          - {source: erp, company: HQ, customer_id: E, invoice_id: "5", instalment_seq: 1, invoice_date: 2023-12-01, due_date: 2024-01-02, days_past_due: 180, open_amount: 9, open_amount_rc: 16}
          - {source: erp, company: HQ, customer_id: F, invoice_id: "6", instalment_seq: 1, invoice_date: 2023-12-01, due_date: 2024-01-01, days_past_due: 181, open_amount: 9, open_amount_rc: 32}
          - {source: erp, company: HQ, customer_id: G, invoice_id: "7", instalment_seq: 1, invoice_date: 2023-12-01, due_date: 2024-01-01, days_past_due: 181, open_amount: 9, open_amount_rc: 64}
          - {source: erp, company: HQ, customer_id: H, invoice_id: "8", instalment_seq: 1, invoice_date: 2023-12-01, due_date: 2024-01-01, days_past_due: 181, open_amount: 9, open_amount_rc: 128}
          - {source: erp, company: HQ, customer_id: I, invoice_id: "9", instalment_seq: 1, invoice_date: 2023-12-01, due_date: 2024-01-01, days_past_due: 181, open_amount: 9}
          - {source: erp, company: SUB, customer_id: J, invoice_id: "10", instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-05-31, days_past_due: 30, open_amount: 9, open_amount_rc: 512}
          - {source: erp, company: SUB, customer_id: K, invoice_id: "11", instalment_seq: 1, invoice_date: 2024-04-30, due_date: 2024-06-15, days_past_due: 15, open_amount: 9, open_amount_rc: 1024}
          - {source: erp, company: SUB, customer_id: L, invoice_id: "12", instalment_seq: 1, invoice_date: 2024-05-01, due_date: 2024-05-31, days_past_due: 30, open_amount: 9, open_amount_rc: 2048}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: A, grade: B}, {customer_id: B, grade: B}, {customer_id: D, grade: C}, {customer_id: J, grade: E}, {customer_id: K, grade: B}, {customer_id: G, grade: A}, {customer_id: H, grade: D}, {customer_id: L, grade: R}]
      - input: source('huikuan', 'policies')
        rows:
          - {grade: B, terms_code: NET60, valid_from: 2020-01-01}
          - {grade: B, terms_code: NET45, valid_from: 2024-05-01}
          - {grade: B, terms_code: NET10, valid_from: 2024-06-01}
          - {grade: C, terms_code: NET90, valid_from: 2024-05-02}
          - {grade: E, terms_code: NET90, valid_from: 2024-01-01, valid_to: 2024-04-30}
          - {grade: R, terms_code: NET30, valid_from: 2024-01-01, valid_to: 2024-05-01}
          - {grade: A, terms_code: open, valid_from: 2020-01-01}
          - {grade: D, valid_from: 2020-01-01}
      - input: source('huikuan', 'credit_reviews')
        rows: [{review_id: 1, customer_id: A, reviewed_on: 2023-05-01}, {review_id: 2, customer_id: B, reviewed_on: 2024-05-01}, {review_id: 3, customer_id: C, reviewed_on: 2023-04-30}, {review_id: 4, customer_id: D, reviewed_on: 2024-05-02}]
      - input: source('huikuan', 'credit_limits')
        rows:
          - {source: erp, customer_id: A, currency: CNY, valid_from: 2024-05-01, valid_to: 2024-05-01, credit_limit: 0}
          - {source: erp, customer_id: B, currency: CNY, valid_from: 2024-05-02, credit_limit: 10}
          - {source: erp, customer_id: C, currency: CNY, valid_from: 2024-01-01, credit_limit: 10}
          - {source: erp, customer_id: C, currency: CNY, valid_from: 2024-05-01}
          - {source: erp, customer_id: D, currency: CNY, valid_from: 2024-01-01, valid_to: 2024-04-30, credit_limit: 10}
          - {source: erp, customer_id: J, currency: CNY, valid_from: 2024-01-01, credit_limit: 10}
          - {source: erp, customer_id: J, currency: USD, valid_from: 2024-02-01}
          - {source: crm, customer_id: J, currency: CNY, valid_from: 2024-03-01}
      - input: source('huikuan', 'evidence')
        rows: [{source: erp, invoice_id: "1", evidence_type: contract, present: true}, {source: erp, invoice_id: "1", evidence_type: delivery_receipt, present: true}, {source: erp, invoice_id: "2", evidence_type: contract, present: false}, {source: crm, invoice_id: "3", evidence_type: contract, present: true}, {source: erp, invoice_id: "10", evidence_type: contract}, {source: erp, invoice_id: "11", evidence_type: contract, present: true}]
      - input: source('huikuan', 'deliveries')
        rows: [{source: crm, delivery_id: 1, invoice_id: "2", receipt_signed_on: 2024-05-01}, {source: erp, delivery_id: 2, invoice_id: "4"}, {source: erp, delivery_id: 3, invoice_id: "11", receipt_signed_on: 2024-05-01}, {source: erp, delivery_id: 4, receipt_signed_on: 2024-05-01}]
      - input: ref('statement_reconciliation')
        rows: [{customer_id: A, currency: CNY, status: confirmed}, {customer_id: B, currency: CNY, status: mismatch}]
      - input: ref('exposure_by_customer')
        rows: [{as_of: 2024-06-30, level: customer, customer_id: A, flag: near_limit}, {as_of: 2024-06-30, level: customer, customer_id: B, flag: cash_only}, {as_of: 2024-06-30, level: customer, customer_id: C, flag: over_limit}, {as_of: 2024-06-30, level: group, customer_id: E, flag: ok}, {as_of: 2024-05-31, level: customer, customer_id: F, flag: ok}, {as_of: 2024-06-30, level: customer, customer_id: G, flag: ok}]
      - input: source('huikuan', 'dunning_events')
        rows:
          - {source: erp, dunning_id: 1, customer_id: A, sent_on: 2024-06-15}
          - {source: erp, dunning_id: 2, customer_id: A, sent_on: 2024-06-30}
          - {source: erp, dunning_id: 3, customer_id: B, sent_on: 2024-05-01}
          - {source: erp, dunning_id: 4, customer_id: C, sent_on: 2024-04-30}
          - {source: erp, dunning_id: 5, customer_id: C, sent_on: 2024-06-30}
          - {source: erp, dunning_id: 6, customer_id: F, invoice_id: "7", sent_on: 2023-12-20}
          - {source: erp, dunning_id: 7, customer_id: F, invoice_id: "7", sent_on: 2024-01-10}
          - {source: erp, dunning_id: 8, customer_id: G, invoice_id: "7", sent_on: 2023-12-20}
          - {source: erp, dunning_id: 9, customer_id: G, invoice_id: "7", sent_on: 2024-01-10}
          - {source: crm, dunning_id: 10, customer_id: H, invoice_id: "8", sent_on: 2023-12-20}
          - {source: crm, dunning_id: 11, customer_id: H, invoice_id: "8", sent_on: 2024-01-10}
          - {source: erp, dunning_id: 12, customer_id: K, sent_on: 2024-06-15}
          - {source: erp, dunning_id: 13, customer_id: L, sent_on: 2024-05-20}
          - {source: crm, dunning_id: 14, customer_id: L, sent_on: 2024-06-01}
      - input: ref('customer_contacts')
        rows: [{customer_id: A, kind: visit, day: 2024-06-16}, {customer_id: B, kind: call, day: 2024-06-16}, {customer_id: C, kind: call, day: 2024-06-20}, {customer_id: C, kind: visit, day: 2024-06-01}, {customer_id: E, kind: notice, day: 2024-03-01}]
      - input: source('huikuan', 'promise_outcomes')
        rows: [{source: erp, promise_id: 1, customer_id: A, made_on: 2024-06-16}, {source: erp, promise_id: 2, customer_id: A, made_on: 2024-06-01}, {source: erp, promise_id: 3, customer_id: B, made_on: 2024-06-16}, {source: erp, promise_id: 4, customer_id: C, invoice_id: "99", made_on: 2024-06-20}, {source: erp, promise_id: 5, customer_id: G, invoice_id: "7", made_on: 2024-02-01}, {source: crm, promise_id: 6, customer_id: H, invoice_id: "8", made_on: 2024-02-01}]
      - input: source('huikuan', 'legal_cases')
        rows: [{case_id: 1, customer_id: F, filed_on: 2024-01-01}, {case_id: 2, customer_id: G, filed_on: 2024-01-02}, {case_id: 3, customer_id: G, filed_on: 2023-01-02}, {case_id: 4, customer_id: H, filed_on: 2024-07-01}]
    expect:
      rows:
        - {company: HQ, phase: before, rule_no: 1, rule: credit_reviewed, passed_rc: 3, total_rc: 247, passed_items: 2, total_items: 7, rate: 0.0121457489}
        - {company: HQ, phase: before, rule_no: 2, rule: limit_set, passed_rc: 1, total_rc: 247, passed_items: 1, total_items: 7, rate: 0.0040485829}
        - {company: HQ, phase: before, rule_no: 3, rule: contract_on_file, passed_rc: 1, total_rc: 247, passed_items: 1, total_items: 7, rate: 0.0040485829}
        - {company: HQ, phase: before, rule_no: 4, rule: terms_in_policy, passed_rc: 1, total_rc: 3, passed_items: 1, total_items: 2, rate: 0.3333333333}
        - {company: HQ, phase: during, rule_no: 5, rule: delivery_signed, passed_rc: 1, total_rc: 247, passed_items: 1, total_items: 7, rate: 0.0040485829}
        - {company: HQ, phase: during, rule_no: 6, rule: statement_confirmed, passed_rc: 1, total_rc: 247, passed_items: 1, total_items: 7, rate: 0.0040485829}
        - {company: HQ, phase: during, rule_no: 7, rule: within_limit, passed_rc: 67, total_rc: 247, passed_items: 3, total_items: 7, rate: 0.2712550607}
        - {company: HQ, phase: during, rule_no: 8, rule: reminded_before_due, passed_rc: 67, total_rc: 247, passed_items: 3, total_items: 7, rate: 0.2712550607}
        - {company: HQ, phase: after, rule_no: 9, rule: dunned, passed_rc: 65, total_rc: 245, passed_items: 2, total_items: 6, rate: 0.2653061224}
        - {company: HQ, phase: after, rule_no: 10, rule: visited, passed_rc: 5, total_rc: 247, passed_items: 2, total_items: 7, rate: 0.0202429149}
        - {company: HQ, phase: after, rule_no: 11, rule: promised, passed_rc: 65, total_rc: 247, passed_items: 2, total_items: 7, rate: 0.2631578947}
        - {company: HQ, phase: after, rule_no: 12, rule: legal_or_written_off, passed_rc: 64, total_rc: 224, passed_items: 1, total_items: 3, rate: 0.2857142857}
        - {company: SUB, phase: before, rule_no: 1, rule: credit_reviewed, passed_rc: 0, total_rc: 3584, passed_items: 0, total_items: 3, rate: 0}
        - {company: SUB, phase: before, rule_no: 2, rule: limit_set, passed_rc: 512, total_rc: 3584, passed_items: 1, total_items: 3, rate: 0.1428571428}
        - {company: SUB, phase: before, rule_no: 3, rule: contract_on_file, passed_rc: 1024, total_rc: 3584, passed_items: 1, total_items: 3, rate: 0.2857142857}
        - {company: SUB, phase: before, rule_no: 4, rule: terms_in_policy, passed_rc: 3072, total_rc: 3072, passed_items: 2, total_items: 2, rate: 1}
        - {company: SUB, phase: during, rule_no: 5, rule: delivery_signed, passed_rc: 1024, total_rc: 3584, passed_items: 1, total_items: 3, rate: 0.2857142857}
        - {company: SUB, phase: during, rule_no: 6, rule: statement_confirmed, passed_rc: 0, total_rc: 3584, passed_items: 0, total_items: 3, rate: 0}
        - {company: SUB, phase: during, rule_no: 7, rule: within_limit, passed_rc: 0, total_rc: 3584, passed_items: 0, total_items: 3, rate: 0}
        - {company: SUB, phase: during, rule_no: 8, rule: reminded_before_due, passed_rc: 3072, total_rc: 3584, passed_items: 2, total_items: 3, rate: 0.8571428571}
        - {company: SUB, phase: after, rule_no: 9, rule: dunned, passed_rc: 2048, total_rc: 3584, passed_items: 1, total_items: 3, rate: 0.5714285714}
        - {company: SUB, phase: after, rule_no: 10, rule: visited, passed_rc: 0, total_rc: 3584, passed_items: 0, total_items: 3, rate: 0}
        - {company: SUB, phase: after, rule_no: 11, rule: promised, passed_rc: 0, total_rc: 3584, passed_items: 0, total_items: 3, rate: 0}
        - {company: SUB, phase: after, rule_no: 12, rule: legal_or_written_off, passed_rc: 0, total_rc: 0, passed_items: 0, total_items: 0, rate: null}
        - {company: EXP, phase: before, rule_no: 1, rule: credit_reviewed, passed_rc: 0, total_rc: 8, passed_items: 0, total_items: 1, rate: 0}
        - {company: EXP, phase: before, rule_no: 2, rule: limit_set, passed_rc: 0, total_rc: 8, passed_items: 0, total_items: 1, rate: 0}
        - {company: EXP, phase: before, rule_no: 3, rule: contract_on_file, passed_rc: 0, total_rc: 8, passed_items: 0, total_items: 1, rate: 0}
        - {company: EXP, phase: before, rule_no: 4, rule: terms_in_policy, passed_rc: 0, total_rc: 0, passed_items: 0, total_items: 0, rate: null}
        - {company: EXP, phase: during, rule_no: 5, rule: delivery_signed, passed_rc: 0, total_rc: 8, passed_items: 0, total_items: 1, rate: 0}
        - {company: EXP, phase: during, rule_no: 6, rule: statement_confirmed, passed_rc: 0, total_rc: 8, passed_items: 0, total_items: 1, rate: 0}
        - {company: EXP, phase: during, rule_no: 7, rule: within_limit, passed_rc: 0, total_rc: 8, passed_items: 0, total_items: 1, rate: 0}
        - {company: EXP, phase: during, rule_no: 8, rule: reminded_before_due, passed_rc: 0, total_rc: 0, passed_items: 0, total_items: 0, rate: null}
        - {company: EXP, phase: after, rule_no: 9, rule: dunned, passed_rc: 0, total_rc: 0, passed_items: 0, total_items: 0, rate: null}
        - {company: EXP, phase: after, rule_no: 10, rule: visited, passed_rc: 0, total_rc: 0, passed_items: 0, total_items: 0, rate: null}
        - {company: EXP, phase: after, rule_no: 11, rule: promised, passed_rc: 0, total_rc: 0, passed_items: 0, total_items: 0, rate: null}
        - {company: EXP, phase: after, rule_no: 12, rule: legal_or_written_off, passed_rc: 0, total_rc: 0, passed_items: 0, total_items: 0, rate: null}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
reviews AS (
    SELECT customer_id, groupArray(reviewed_on) AS days FROM {{ source('huikuan', 'credit_reviews') }} GROUP BY customer_id
),
-- a limit holds until its last day, or until the next one of the same source and currency begins
limit_periods AS (
    SELECT
        customer_id,
        credit_limit,
        valid_from,
        least(
            ifNull(valid_to, toDate32('2299-12-31')),
            leadInFrame(valid_from, 1, toDate32('2299-12-31')) OVER (PARTITION BY source, customer_id, currency ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) - 1) AS valid_until
    FROM {{ source('huikuan', 'credit_limits') }}
),
limits AS (
    SELECT customer_id, groupArray(tuple(valid_from, valid_until)) AS spans
    FROM limit_periods
    WHERE credit_limit IS NOT NULL
    GROUP BY customer_id
),
on_file AS (
    SELECT toString(source) AS source, invoice_id, groupUniqArray(toString(evidence_type)) AS types
    FROM {{ source('huikuan', 'evidence') }}
    WHERE ifNull(present, false)
    GROUP BY source, invoice_id
),
signed AS (
    SELECT toString(source) AS source, assumeNotNull(invoice_id) AS invoice_id, count() AS n
    FROM {{ source('huikuan', 'deliveries') }}
    WHERE invoice_id IS NOT NULL AND receipt_signed_on IS NOT NULL
    GROUP BY source, invoice_id
),
confirmed AS (
    SELECT customer_id, count() AS n FROM {{ ref('statement_reconciliation') }} WHERE status = 'confirmed' GROUP BY customer_id
),
exposures AS (
    SELECT customer_id, toString(flag) AS flag FROM {{ ref('exposure_by_customer') }} WHERE level = 'customer' AND as_of = today
),
notices AS (
    SELECT customer_id, groupArray(tuple(sent_on, toString(source), ifNull(invoice_id, ''))) AS sent FROM {{ source('huikuan', 'dunning_events') }} WHERE sent_on <= today GROUP BY customer_id
),
talks AS (
    SELECT customer_id, max(toNullable(day)) AS last_day FROM {{ ref('customer_contacts') }} WHERE kind != 'notice' GROUP BY customer_id
),
promises AS (
    SELECT customer_id, groupArray(tuple(made_on, toString(source), ifNull(invoice_id, ''))) AS made FROM {{ source('huikuan', 'promise_outcomes') }} GROUP BY customer_id
),
legal AS (
    SELECT customer_id, max(toNullable(filed_on)) AS last_day FROM {{ source('huikuan', 'legal_cases') }} WHERE filed_on <= today GROUP BY customer_id
),
-- the policies of a grade, the latest first, with the days of their terms
policy AS (
    SELECT
        toString(grade) AS grade,
        arrayReverseSort(groupArray(tuple(valid_from, ifNull(valid_to, toDate32('2299-12-31')), ifNull(toInt32OrNull(extract(ifNull(toString(terms_code), ''), '([0-9]+)')), -1)))) AS spans
    FROM {{ source('huikuan', 'policies') }}
    GROUP BY grade
),
items AS (
    SELECT
        i.company AS company,
        assumeNotNull(i.open_amount_rc) AS open_rc,
        arrayFirst(s -> s.1 <= i.invoice_date, p.spans) AS allowed,
        if(allowed.2 >= i.invoice_date AND allowed.3 >= 0, allowed.3, NULL) AS allowed_days,
        arrayJoin([
            tuple('before', 1, 'credit_reviewed', true, arrayExists(d -> d <= i.invoice_date AND d >= addMonths(i.invoice_date, -{{ var('review_months') }}), r.days)),
            tuple('before', 2, 'limit_set', true, arrayExists(s -> s.1 <= i.invoice_date AND s.2 >= i.invoice_date, l.spans)),
            tuple('before', 3, 'contract_on_file', true, has(f.types, 'contract')),
            tuple('before', 4, 'terms_in_policy', allowed_days IS NOT NULL, ifNull(dateDiff('day', i.invoice_date, i.due_date) <= allowed_days, false)),
            tuple('during', 5, 'delivery_signed', true, g.n > 0 OR has(f.types, 'delivery_receipt')),
            tuple('during', 6, 'statement_confirmed', true, c.n > 0),
            tuple('during', 7, 'within_limit', true, x.flag IN ('ok', 'near_limit', 'cash_only')),
            tuple('during', 8, 'reminded_before_due', i.days_past_due > 0, arrayExists(s -> s.1 <= i.due_date AND s.1 >= i.invoice_date AND (s.3 = '' OR s.3 = i.invoice_id AND s.2 = toString(i.source)), n.sent)),
            tuple('after', 9, 'dunned', i.days_past_due >= {{ var('dunning_days') }}, arrayExists(s -> s.1 > i.due_date AND s.1 <= i.due_date + {{ var('dunning_days') }} AND (s.3 = '' OR s.3 = i.invoice_id AND s.2 = toString(i.source)), n.sent)),
            tuple('after', 10, 'visited', i.days_past_due > 0, ifNull(t.last_day > i.due_date, false)),
            tuple('after', 11, 'promised', i.days_past_due > 0, arrayExists(s -> s.1 > i.due_date AND (s.3 = '' OR s.3 = i.invoice_id AND s.2 = toString(i.source)), m.made)),
            tuple('after', 12, 'legal_or_written_off', i.days_past_due > {{ var('legal_after_days') }}, ifNull(e.last_day > i.due_date, false))
        ]) AS judged
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    LEFT JOIN reviews AS r ON r.customer_id = i.customer_id
    LEFT JOIN limits AS l ON l.customer_id = i.customer_id
    LEFT JOIN on_file AS f ON f.source = toString(i.source) AND f.invoice_id = i.invoice_id
    LEFT JOIN signed AS g ON g.source = toString(i.source) AND g.invoice_id = i.invoice_id
    LEFT JOIN confirmed AS c ON c.customer_id = i.customer_id
    LEFT JOIN exposures AS x ON x.customer_id = i.customer_id
    LEFT JOIN notices AS n ON n.customer_id = i.customer_id
    LEFT JOIN talks AS t ON t.customer_id = i.customer_id
    LEFT JOIN promises AS m ON m.customer_id = i.customer_id
    LEFT JOIN legal AS e ON e.customer_id = i.customer_id
    LEFT JOIN {{ source('huikuan', 'customers_current') }} AS k ON k.customer_id = i.customer_id
    LEFT JOIN policy AS p ON p.grade = toString(k.grade)
    WHERE i.open_amount_rc IS NOT NULL
)
SELECT
    company,
    judged.1 AS phase,
    judged.2 AS rule_no,
    judged.3 AS rule,
    sumIf(open_rc, judged.4 AND judged.5) AS passed_rc,
    sumIf(open_rc, judged.4) AS total_rc,
    countIf(judged.4 AND judged.5) AS passed_items,
    countIf(judged.4) AS total_items,
    CAST(passed_rc AS Decimal(38, 10)) / nullIf(total_rc, 0) AS rate
FROM items
GROUP BY company, phase, rule_no, rule
