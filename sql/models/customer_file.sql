/* ---
description: "One page a customer: who they are, what they owe, how they pay, what was promised and said, what to do. The happenings stand in customer_timeline."
grain: one customer with a document, a visit or a limit
materialisation: table
order_by: [customer_id]
owner: credit management
tags: [customer_file]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null, unique]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: group_id, description: head of the group or the customer itself, unit: id}
  - {name: group_name, description: display name of the head}
  - {name: segment, description: segment}
  - {name: region, description: region}
  - {name: industry, description: industry}
  - {name: ownership_type, description: "state-owned, private, listed …"}
  - {name: terms_code, description: payment terms}
  - {name: owner_id, description: "account owner of the largest balance, without one the owner of customer_owners; NULL = nobody", unit: id}
  - {name: owner_name, description: display name of the owner}
  - {name: grade, description: "credit grade, NR = not rated"}
  - {name: score, description: risk score; NULL = not rated, unit: points}
  - {name: open_rc, description: open invoices, unit: reporting currency, tests: [not_null]}
  - {name: not_due_rc, description: part of open_rc not due, unit: reporting currency, tests: [not_null]}
  - {name: overdue_rc, description: part of open_rc past due, unit: reporting currency, tests: [not_null]}
  - {name: overdue_90_rc, description: part of open_rc more than 90 days past due, unit: reporting currency, tests: [not_null]}
  - {name: unapplied_rc, description: "cash received and not applied, negative", unit: reporting currency, tests: [not_null]}
  - {name: open_credits_rc, description: "open credit notes, negative", unit: reporting currency, tests: [not_null]}
  - {name: net_ar_rc, description: net receivables, unit: reporting currency, tests: [not_null]}
  - {name: disputed_rc, description: disputed part of open_rc, unit: reporting currency, tests: [not_null]}
  - {name: open_items, description: open instalments, unit: count}
  - {name: max_days_past_due, description: "days past due of the oldest item, 0 and less is not due; NULL = nothing open", unit: days}
  - {name: limit_rc, description: credit limit; NULL = missing, unit: reporting currency}
  - {name: utilisation, description: exposure / limit, unit: fraction}
  - {name: limit_flag, description: "over_limit, near_limit, ok, no_credit, cash_only, limit_missing or missing_rate"}
  - {name: billed_12m_rc, description: invoices and debit notes of billing_months to the last day built, unit: reporting currency, tests: [not_null]}
  - {name: last_invoice_on, description: date of the last invoice, unit: date}
  - {name: last_cash_on, description: last receipt, unit: date}
  - {name: last_cash_rc, description: cash applied of that day, unit: reporting currency}
  - {name: days_to_pay, description: weighted days to pay of the last behaviour_year_days days, unit: days}
  - {name: days_beyond_terms, description: "days beyond terms of the last behaviour_year_days days, early ones negative", unit: days}
  - {name: cycle_ratio, description: days to pay of the last behaviour_recent_days days over those of the behaviour_year_days days before, unit: factor}
  - {name: usual_weekday, description: "weekday on which most payments come, 1 = Monday", unit: weekday}
  - {name: promises_kept, description: promises kept, unit: count}
  - {name: promises_missed, description: promises broken or kept in part, unit: count}
  - {name: promises_moved, description: promises replaced by later ones, unit: count}
  - {name: promised_until, description: limit of the live promise; NULL = none, unit: date}
  - {name: last_visit_on, description: last visit or call, unit: date}
  - {name: last_notice_on, description: last notice, unit: date}
  - {name: next_action, description: next action of the worklist; NULL = nothing overdue}
  - {name: priority, description: priority of the worklist; NULL = nothing overdue, unit: points}
  - {name: held_since, description: supply is held since; NULL = not held, unit: date}
  - {name: contact_gaps, description: "what is missing in the contact map; NULL = nothing open"}
  - {name: statement_status, description: "worst status over currencies of statement_reconciliation; NULL = none"}
tests:
  - name: what customers owe is what the book owes
    sum_equals:
      this: sum(net_ar_rc)
      of: |
        SELECT sum(net_ar_rc) FROM {{ source('huikuan', 'ar_snapshots') }}
        WHERE net_ar_rc IS NOT NULL AND as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
unit_tests:
  - name: billings of three months
    overrides: {vars: {billing_months: 3}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: A, invoice_date: 2024-03-31, amount_rc: 200}
          - {customer_id: A, invoice_date: 2024-03-30, amount_rc: 1000}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: A, name: 甲}]
    expect:
      rows: [{customer_id: A, billed_12m_rc: 200, last_invoice_on: 2024-03-31}]
  - name: how one pays in a currency without a rate is unknown
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_items')
        rows: [{customer_id: A, invoice_date: 2024-06-01, amount_rc: null}, {customer_id: B, invoice_date: 2024-06-01, amount_rc: 5}]
      - input: source('huikuan', 'payment_behaviour')
        rows:
          - {month: 2024-06-01, company: HQ, customer_id: A, n_w365: 1, days_to_pay_w365_numerator: null, days_to_pay_w365_denominator: null, days_beyond_terms_signed_numerator: null}
          - {month: 2024-06-01, company: HQ, customer_id: B, n_w365: 1, days_to_pay_w365_numerator: 60, days_to_pay_w365_denominator: 2, days_beyond_terms_signed_numerator: -4}
    expect:
      rows:
        - {customer_id: A, days_to_pay: null, days_beyond_terms: null}
        - {customer_id: B, days_to_pay: 30, days_beyond_terms: -2}
  - name: two companies and currencies make one page
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-06-30, company: HQ, customer_id: A, owner_id: R1, currency: CNY, open_amount_rc: 100, not_due_rc: 60, overdue_rc: 40, d91_120_rc: 6, d121_180_rc: 3, d181_365_rc: 2, d366_plus_rc: 4, unapplied_rc: -7, open_credits_rc: 0, net_ar_rc: 93, disputed_rc: 4}
          - {as_of: 2024-06-30, company: SUB, customer_id: A, owner_id: R2, currency: USD, open_amount_rc: 10, not_due_rc: 10, overdue_rc: 0, d91_120_rc: 0, d366_plus_rc: 0, unapplied_rc: 0, open_credits_rc: -3, net_ar_rc: 7, disputed_rc: 0}
          - {as_of: 2024-05-31, company: HQ, customer_id: B, owner_id: R1, currency: CNY, open_amount_rc: 999, net_ar_rc: 999}
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: A, invoice_date: 2024-06-01, amount_rc: 200}
          - {customer_id: B, invoice_date: 2023-06-30, amount_rc: 999}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: B, kind: cash, receipt_date: 2024-06-10, amount_rc: 900}
          - {customer_id: B, kind: cash, receipt_date: 2024-06-10, amount_rc: 99}
          - {customer_id: A, kind: cash, event_date: 2024-06-20, receipt_date: 2024-07-01, amount_rc: 5}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: A, name: 甲, parent_id: P, industry: steel, terms_code: NET30}, {customer_id: P, name: 集团}]
      - input: ref('customer_owners')
        rows: [{customer_id: A, owner_id: R9}, {customer_id: B, owner_id: R4}]
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R4, name: 李四}]
      - input: ref('customer_groups')
        rows: [{customer_id: A, group_id: P, group_name: 集团}]
      - input: source('huikuan', 'promise_outcomes')
        rows: [{customer_id: A, promise_id: 1, status: kept, due_date: 2024-01-01}, {customer_id: A, promise_id: 2, status: partial, due_date: 2024-02-01}, {customer_id: A, promise_id: 3, status: open, limit_date: 2024-07-02, due_date: 2024-06-30}]
      - input: ref('worklist')
        rows: [{customer_id: A, priority: 33.5, next_action: wait}]
      - input: ref('statement_reconciliation')
        rows: [{customer_id: A, currency: CNY, status: confirmed}, {customer_id: A, currency: USD, status: mismatch}]
    expect:
      rows:
        - {customer_id: A, customer_name: 甲, group_id: P, group_name: 集团, owner_id: R1, open_rc: 110, not_due_rc: 70, overdue_rc: 40, overdue_90_rc: 15, unapplied_rc: -7, open_credits_rc: -3, net_ar_rc: 100, disputed_rc: 4, billed_12m_rc: 200, last_invoice_on: 2024-06-01, last_cash_on: null, promises_kept: 1, promises_missed: 1, promised_until: 2024-07-02, next_action: wait, priority: 33.5, statement_status: mismatch}
        - {customer_id: B, customer_name: null, group_id: null, group_name: null, owner_id: R4, owner_name: 李四, open_rc: 0, not_due_rc: 0, overdue_rc: 0, overdue_90_rc: 0, unapplied_rc: 0, open_credits_rc: 0, net_ar_rc: 0, disputed_rc: 0, billed_12m_rc: 0, last_invoice_on: 2023-06-30, last_cash_on: 2024-06-10, promises_kept: 0, promises_missed: 0, promised_until: null, next_action: null, priority: null, statement_status: null}
  - name: a balance that nobody owns has the owner of the master record, and one whom nobody has is NULL
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}, {as_of: 2024-05-31}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-06-30, company: HQ, customer_id: A, owner_id: unassigned, open_amount_rc: 100}
          - {as_of: 2024-06-30, company: HQ, customer_id: B, owner_id: unassigned, open_amount_rc: 200}
      - input: ref('customer_owners')
        rows: [{customer_id: A, owner_id: R1}, {customer_id: B, owner_id: unassigned}, {customer_id: C, owner_id: unassigned}, {customer_id: D, owner_id: R2}]
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R1, name: 张三}, {rep_id: R2, name: 李四}, {rep_id: unassigned, name: nobody}]
      - input: ref('customer_contacts')
        rows: [{customer_id: C, kind: visit, day: 2024-06-01}, {customer_id: D, kind: visit, day: 2024-06-01}]
    expect:
      rows:
        - {customer_id: A, owner_id: R1, owner_name: 张三, open_rc: 100}
        - {customer_id: B, owner_id: null, owner_name: null, open_rc: 200}
        - {customer_id: C, owner_id: null, owner_name: null, open_rc: 0}
        - {customer_id: D, owner_id: R2, owner_name: 李四, open_rc: 0}
  - name: a full page, and one of which only a limit is known
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-06-30, company: HQ, customer_id: A, owner_id: R1, segment: RETAIL, region: EAST, currency: CNY, open_amount: 310, open_amount_rc: 310, not_due_rc: 110, overdue_rc: 200, d91_120_rc: 11, disputed_rc: 31}
          - {as_of: 2024-06-30, company: SUB, customer_id: A, owner_id: R2, segment: PROJECT, region: WEST, currency: USD, open_amount: 900, open_amount_rc: 100, not_due_rc: 40, overdue_rc: 60, d91_120_rc: 3, d366_plus_rc: 9, disputed_rc: 7}
          - {as_of: 2024-06-30, company: SUB, customer_id: A, owner_id: R3, segment: EXPORT, region: NORTH, currency: XXX, open_amount: 5000}
      - input: source('huikuan', 'ar_open_items')
        rows: [{customer_id: A, days_past_due: 5}, {customer_id: A, days_past_due: 95}, {customer_id: A, days_past_due: -3}, {customer_id: C, days_past_due: -10}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: A, invoice_date: 2024-02-10, amount_rc: 70}
          - {customer_id: A, invoice_date: 2023-07-01, amount_rc: 20}
          - {customer_id: A, invoice_date: 2023-06-30, amount_rc: 4000}
          - {customer_id: A, invoice_date: 2024-01-10}
          - {customer_id: C, invoice_date: 2024-01-01, amount_rc: 8}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: A, kind: cash, receipt_date: 2024-05-10, amount_rc: 500}
          - {customer_id: A, kind: cash, receipt_date: 2024-06-30, amount_rc: 30}
          - {customer_id: A, kind: cash, receipt_date: 2024-06-30, amount_rc: 12}
          - {customer_id: A, kind: cash, receipt_date: 2024-06-30}
          - {customer_id: A, kind: credit, receipt_date: 2024-06-30, amount_rc: 9}
          - {customer_id: C, kind: cash, receipt_date: 2024-03-01, amount_rc: 0.5}
          - {customer_id: C, kind: cash, receipt_date: 2024-04-01, amount_rc: 6}
          - {customer_id: C, kind: cash, receipt_date: 2024-04-01, amount_rc: -6}
          - {customer_id: C, kind: credit, receipt_date: 2024-05-01, amount_rc: 8}
      - input: source('huikuan', 'payment_behaviour')
        rows:
          - {month: 2024-06-01, company: HQ, customer_id: A, days_to_pay_w365_numerator: 4200, days_to_pay_w365_denominator: 100, days_beyond_terms_signed_numerator: 1300, n_w365: 9, cycle_ratio: 1.25, usual_weekday: 3}
          - {month: 2024-06-01, company: SUB, customer_id: A, days_to_pay_w365_numerator: 1500, days_to_pay_w365_denominator: 50, days_beyond_terms_signed_numerator: -100, n_w365: 2, cycle_ratio: 0.75, usual_weekday: 5}
          - {month: 2024-05-01, company: HQ, customer_id: A, days_to_pay_w365_numerator: 99, days_to_pay_w365_denominator: 1, days_beyond_terms_signed_numerator: 99, n_w365: 99, cycle_ratio: 9, usual_weekday: 1}
          - {month: 2024-06-01, company: HQ, customer_id: C, days_to_pay_w365_numerator: 0, days_to_pay_w365_denominator: 0, days_beyond_terms_signed_numerator: 0, n_w365: 0}
      - input: source('huikuan', 'customers_current')
        rows:
          - {customer_id: A, name: 甲, segment: OTHER, region: OTHER, industry: steel, ownership_type: state, terms_code: NET45}
          - {customer_id: C, name: 丙, segment: GOVERNMENT, region: SOUTH, industry: rail, ownership_type: public, terms_code: NET90}
      - input: source('huikuan', 'promise_outcomes')
        rows:
          - {customer_id: A, promise_id: 1, status: broken, limit_date: 2024-08-01}
          - {customer_id: A, promise_id: 2, status: partial, limit_date: 2024-02-01}
          - {customer_id: A, promise_id: 3, status: moved, limit_date: 2024-02-02}
          - {customer_id: A, promise_id: 4, status: open, limit_date: 2024-06-30}
          - {customer_id: A, promise_id: 5, status: open, limit_date: 2024-07-09}
          - {customer_id: A, promise_id: 6, status: kept, limit_date: 2024-08-02}
          - {customer_id: A, promise_id: 7, status: kept, limit_date: 2024-01-01}
          - {customer_id: A, promise_id: 8, status: kept, limit_date: 2024-01-01}
          - {customer_id: C, promise_id: 9, status: open, limit_date: 2024-06-30}
      - input: ref('customer_contacts')
        rows:
          - {customer_id: A, kind: visit, day: 2024-05-01}
          - {customer_id: A, kind: call, day: 2024-05-11}
          - {customer_id: A, kind: notice, day: 2024-06-11}
          - {customer_id: A, kind: notice, day: 2024-03-11}
          - {customer_id: C, kind: notice, day: 2024-02-11}
      - input: ref('exposure_by_customer')
        rows:
          - {as_of: 2024-06-30, level: customer, customer_id: A, limit_rc: 500, utilisation: 0.82, flag: ok}
          - {as_of: 2024-06-30, level: group, customer_id: A, limit_rc: 800, utilisation: 0.7, flag: near_limit}
          - {as_of: 2024-05-31, level: customer, customer_id: A, limit_rc: 300, utilisation: 1.7, flag: over_limit}
          - {as_of: 2024-06-30, level: customer, customer_id: D, limit_rc: 60, utilisation: 0, flag: ok}
      - input: ref('risk_grades')
        rows: [{as_of: 2024-06-30, customer_id: A, grade: C, score: 41.5}, {as_of: 2024-05-31, customer_id: A, grade: E, score: 88}]
      - input: ref('stop_supply')
        rows: [{customer_id: A, held_since: 2024-06-03}]
      - input: ref('contact_map')
        rows: [{customer_id: A, gaps: no payer}]
      - input: ref('statement_reconciliation')
        rows: [{customer_id: C, currency: CNY, status: confirmed}, {customer_id: C, currency: USD, status: never_sent}, {customer_id: A, currency: CNY, status: outdated}, {customer_id: A, currency: USD, status: unanswered}, {customer_id: A, currency: EUR, status: not_sent}]
    expect:
      rows:
        - {customer_id: A, segment: RETAIL, region: EAST, industry: steel, ownership_type: state, terms_code: NET45, owner_id: R1, owner_name: null, grade: C, score: 41.5, open_rc: 410, not_due_rc: 150, overdue_rc: 260, overdue_90_rc: 23, unapplied_rc: 0, open_credits_rc: 0, net_ar_rc: 0, disputed_rc: 38, open_items: 3, max_days_past_due: 95, limit_rc: 500, utilisation: 0.82, limit_flag: ok, billed_12m_rc: 90, last_invoice_on: 2024-02-10, last_cash_on: 2024-06-30, last_cash_rc: 42, days_to_pay: 38, days_beyond_terms: 8, cycle_ratio: 1.25, usual_weekday: 3, promises_kept: 3, promises_missed: 2, promises_moved: 1, promised_until: 2024-07-09, last_visit_on: 2024-05-11, last_notice_on: 2024-06-11, priority: null, held_since: 2024-06-03, contact_gaps: no payer, statement_status: unanswered}
        - {customer_id: C, segment: GOVERNMENT, region: SOUTH, industry: rail, ownership_type: public, terms_code: NET90, owner_id: null, grade: NR, score: null, open_rc: 0, open_items: 1, max_days_past_due: -10, limit_rc: null, utilisation: null, limit_flag: null, billed_12m_rc: 8, last_invoice_on: 2024-01-01, last_cash_on: 2024-03-01, last_cash_rc: 0.5, days_to_pay: null, days_beyond_terms: null, cycle_ratio: null, usual_weekday: null, promises_kept: 0, promises_missed: 0, promises_moved: 0, promised_until: 2024-06-30, last_visit_on: null, last_notice_on: 2024-02-11, priority: null, held_since: null, contact_gaps: null, statement_status: never_sent}
        - {customer_id: D, segment: null, region: null, owner_id: null, grade: NR, score: null, open_rc: 0, open_items: 0, max_days_past_due: null, limit_rc: 60, utilisation: 0, limit_flag: ok, billed_12m_rc: 0, last_invoice_on: null, last_cash_on: null, last_cash_rc: null, days_to_pay: null, promises_kept: 0, last_visit_on: null, last_notice_on: null, held_since: null, contact_gaps: null, statement_status: null}
  - name: of the statements the worst counts
    given:
      - input: ref('customer_contacts')
        rows: [{customer_id: A, kind: call, day: 2024-05-01}, {customer_id: B, kind: call, day: 2024-05-01}, {customer_id: C, kind: call, day: 2024-05-01}, {customer_id: D, kind: call, day: 2024-05-01}]
      - input: ref('statement_reconciliation')
        rows:
          - {customer_id: A, currency: CNY, status: unanswered}
          - {customer_id: A, currency: USD, status: mismatch}
          - {customer_id: B, currency: CNY, status: not_sent}
          - {customer_id: B, currency: USD, status: outdated}
          - {customer_id: C, currency: CNY, status: never_sent}
          - {customer_id: C, currency: USD, status: not_sent}
    expect:
      rows: [{customer_id: A, statement_status: mismatch}, {customer_id: B, statement_status: outdated}, {customer_id: C, statement_status: not_sent}, {customer_id: D, statement_status: null}]
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
balances AS (
    SELECT
        s.customer_id AS customer_id,
        nullIf(argMax(s.owner_id, ifNull(s.open_amount_rc, 0)), 'unassigned') AS owner_id,
        argMax(s.segment, ifNull(s.open_amount_rc, 0)) AS segment,
        argMax(s.region, ifNull(s.open_amount_rc, 0)) AS region,
        sum(ifNull(s.open_amount_rc, 0)) AS open_rc,
        sum(ifNull(s.not_due_rc, 0)) AS not_due_rc,
        sum(ifNull(s.overdue_rc, 0)) AS overdue_rc,
        sum(ifNull(s.d91_120_rc, 0) + ifNull(s.d121_180_rc, 0) + ifNull(s.d181_365_rc, 0) + ifNull(s.d366_plus_rc, 0)) AS overdue_90_rc,
        sum(ifNull(s.unapplied_rc, 0)) AS unapplied_rc,
        sum(ifNull(s.open_credits_rc, 0)) AS open_credits_rc,
        sum(ifNull(s.net_ar_rc, 0)) AS net_ar_rc,
        sum(ifNull(s.disputed_rc, 0)) AS disputed_rc
    FROM {{ source('huikuan', 'ar_snapshots') }} AS s
    WHERE s.as_of = today
    GROUP BY s.customer_id
),
owners AS (
    SELECT customer_id, owner_id AS rep_id
    FROM {{ ref('customer_owners') }}
    WHERE owner_id != 'unassigned'
),
open_now AS (
    SELECT customer_id, count() AS open_items, max(toNullable(days_past_due)) AS max_days_past_due
    FROM {{ source('huikuan', 'ar_open_items') }}
    GROUP BY customer_id
),
billed AS (
    SELECT customer_id, sumIf(ifNull(amount_rc, 0), invoice_date > addMonths(today, -{{ var('billing_months') }})) AS billed_12m_rc, max(toNullable(invoice_date)) AS last_invoice_on
    FROM {{ source('huikuan', 'ar_items') }}
    GROUP BY customer_id
),
receipts AS (
    SELECT customer_id, max(toNullable(day)) AS last_cash_on, argMax(cash, day) AS last_cash_rc
    FROM (
        SELECT customer_id, receipt_date AS day, sum(ifNull(amount_rc, 0)) AS cash
        FROM {{ source('huikuan', 'ar_settlements') }}
        WHERE kind = 'cash' AND day <= today
        GROUP BY customer_id, day
        HAVING cash > 0
    )
    GROUP BY customer_id
),
habits AS (
    SELECT
        customer_id,
        CAST(sum(days_to_pay_w365_numerator) AS Nullable(Decimal(38, 10))) / nullIf(sum(days_to_pay_w365_denominator), 0) AS days_to_pay,
        CAST(sum(days_beyond_terms_signed_numerator) AS Nullable(Decimal(38, 10))) / nullIf(sum(days_to_pay_w365_denominator), 0) AS days_beyond_terms,
        argMax(cycle_ratio, n_w365) AS cycle_ratio,
        argMax(usual_weekday, n_w365) AS usual_weekday
    FROM {{ source('huikuan', 'payment_behaviour') }}
    WHERE month = toDate32(toStartOfMonth(today))
    GROUP BY customer_id
),
promises AS (
    SELECT
        customer_id,
        countIf(status = 'kept') AS kept,
        countIf(status IN ('broken', 'partial')) AS missed,
        countIf(status = 'moved') AS moved,
        maxIf(toNullable(limit_date), status = 'open' AND limit_date >= today) AS promised_until
    FROM {{ source('huikuan', 'promise_outcomes') }}
    GROUP BY customer_id
),
contacts AS (
    SELECT customer_id, maxIf(toNullable(day), kind != 'notice') AS last_visit_on, maxIf(toNullable(day), kind = 'notice') AS last_notice_on
    FROM {{ ref('customer_contacts') }}
    GROUP BY customer_id
),
limits AS (
    SELECT customer_id, toNullable(limit_rc) AS limit_rc, toNullable(utilisation) AS utilisation, toString(flag) AS flag
    FROM {{ ref('exposure_by_customer') }}
    WHERE level = 'customer' AND as_of = today
),
grades AS (
    SELECT customer_id, toString(grade) AS grade, toNullable(score) AS score
    FROM {{ ref('risk_grades') }}
    WHERE as_of = today
),
statements AS (
    SELECT customer_id, argMin(toString(status), indexOf(['mismatch', 'unanswered', 'outdated', 'not_sent', 'never_sent', 'confirmed'], toString(status))) AS status
    FROM {{ ref('statement_reconciliation') }}
    GROUP BY customer_id
),
everyone AS (
    SELECT customer_id FROM balances
    UNION DISTINCT
    SELECT customer_id FROM billed
    UNION DISTINCT
    SELECT customer_id FROM contacts
    UNION DISTINCT
    SELECT customer_id FROM limits
)
SELECT
    e.customer_id AS customer_id,
    k.name AS customer_name,
    nullIf(g.group_id, '') AS group_id,
    g.group_name AS group_name,
    coalesce(b.segment, k.segment) AS segment,
    coalesce(b.region, k.region) AS region,
    k.industry AS industry,
    k.ownership_type AS ownership_type,
    k.terms_code AS terms_code,
    coalesce(nullIf(b.owner_id, ''), nullIf(a.rep_id, '')) AS owner_id,
    r.name AS owner_name,
    if(d.customer_id = '', 'NR', d.grade) AS grade,
    d.score AS score,
    b.open_rc AS open_rc,
    b.not_due_rc AS not_due_rc,
    b.overdue_rc AS overdue_rc,
    b.overdue_90_rc AS overdue_90_rc,
    b.unapplied_rc AS unapplied_rc,
    b.open_credits_rc AS open_credits_rc,
    b.net_ar_rc AS net_ar_rc,
    b.disputed_rc AS disputed_rc,
    o.open_items AS open_items,
    o.max_days_past_due AS max_days_past_due,
    l.limit_rc AS limit_rc,
    l.utilisation AS utilisation,
    nullIf(l.flag, '') AS limit_flag,
    i.billed_12m_rc AS billed_12m_rc,
    i.last_invoice_on AS last_invoice_on,
    c.last_cash_on AS last_cash_on,
    if(c.last_cash_on IS NULL, NULL, c.last_cash_rc) AS last_cash_rc,
    h.days_to_pay AS days_to_pay,
    h.days_beyond_terms AS days_beyond_terms,
    h.cycle_ratio AS cycle_ratio,
    h.usual_weekday AS usual_weekday,
    p.kept AS promises_kept,
    p.missed AS promises_missed,
    p.moved AS promises_moved,
    p.promised_until AS promised_until,
    t.last_visit_on AS last_visit_on,
    t.last_notice_on AS last_notice_on,
    nullIf(w.next_action, '') AS next_action,
    if(w.customer_id = '', NULL, w.priority) AS priority,
    q.held_since AS held_since,
    if(m.customer_id = '', NULL, m.gaps) AS contact_gaps,
    nullIf(s.status, '') AS statement_status
FROM everyone AS e
LEFT JOIN balances AS b ON b.customer_id = e.customer_id
LEFT JOIN open_now AS o ON o.customer_id = e.customer_id
LEFT JOIN billed AS i ON i.customer_id = e.customer_id
LEFT JOIN receipts AS c ON c.customer_id = e.customer_id
LEFT JOIN habits AS h ON h.customer_id = e.customer_id
LEFT JOIN promises AS p ON p.customer_id = e.customer_id
LEFT JOIN contacts AS t ON t.customer_id = e.customer_id
LEFT JOIN limits AS l ON l.customer_id = e.customer_id
LEFT JOIN grades AS d ON d.customer_id = e.customer_id
LEFT JOIN statements AS s ON s.customer_id = e.customer_id
LEFT JOIN {{ ref('worklist') }} AS w ON w.customer_id = e.customer_id
LEFT JOIN {{ ref('stop_supply') }} AS q ON q.customer_id = e.customer_id
LEFT JOIN {{ ref('contact_map') }} AS m ON m.customer_id = e.customer_id
LEFT JOIN {{ ref('customer_groups') }} AS g ON g.customer_id = e.customer_id
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS k ON k.customer_id = e.customer_id
LEFT JOIN owners AS a ON a.customer_id = e.customer_id
LEFT JOIN {{ source('huikuan', 'reps_current') }} AS r ON r.rep_id = coalesce(nullIf(b.owner_id, ''), a.rep_id)
