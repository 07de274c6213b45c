/* ---
description: "Notices and escalations one by one: what was overdue when they went out, what came in within dunning_response_days, how fast, and which harder step followed. Each receipt counts for the latest step before it only."
grain: one customer, invoice of a source (or the whole account), day and kind of step
materialisation: table
order_by: [customer_id, day, step_id]
owner: credit management
tags: [collection, dunning]
columns:
  - {name: step_id, description: "notice, hold, case or visit; of several on one day the hardest", unit: id, tests: [not_null]}
  - {name: kind, description: "notice, hold (order_holds), case (legal_cases) or management (a visit or call in which management took part)", tests: [not_null, {accepted_values: [notice, hold, case, management]}]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: segment, description: segment of the customer; empty = unknown}
  - {name: source, description: "source of the invoice, whose numbers another source may use too; empty = the whole account", unit: id}
  - {name: invoice_id, description: invoice; empty = the whole account, unit: id}
  - {name: day, description: day it went out or began, unit: date, tests: [not_null]}
  - {name: method, description: "step of the ladder (escalation_steps)", tests: [not_null]}
  - {name: step_no, description: "place of the step on the ladder, 1 = mildest", unit: number, tests: [not_null]}
  - {name: level, description: level as the source says it; 0 = none, unit: number}
  - {name: channel, description: channel of a notice; empty = unknown}
  - {name: overdue_rc, description: overdue at the beginning of the day, unit: reporting currency, tests: [not_null]}
  - {name: cash_rc, description: cash received from the day through the window on what was overdue, unit: reporting currency, tests: [not_null]}
  - {name: first_cash_on, description: first day of such cash; NULL = none, unit: date}
  - {name: latency_days, description: first_cash_on - day; NULL = no cash, unit: days}
  - {name: responded_on, description: day the customer answered; NULL = no answer recorded, unit: date}
  - {name: complete, description: whether the window has passed, tests: [not_null]}
  - {name: next_step_no, description: "next harder step of the customer; NULL = none, so far", unit: number}
  - {name: next_step_on, description: its day, unit: date}
tests:
  - unique: [kind, customer_id, source, invoice_id, day]
  - name: no cash counts twice
    sql: |
      SELECT steps.cash_rc AS of_steps, cash.cash_rc AS in_all
      FROM (SELECT sum(cash_rc) AS cash_rc FROM {{ this }}) AS steps
      CROSS JOIN (SELECT sum(ifNull(amount_rc, 0)) AS cash_rc FROM {{ source('huikuan', 'ar_settlements') }} WHERE kind = 'cash' AND amount_rc > 0) AS cash
      WHERE of_steps > in_all
unit_tests:
  - name: cash goes to the latest notice before it, a notice on an invoice sees that invoice only
    overrides: {vars: {dunning_response_days: 10}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-15}]
      - input: ref('escalation_events')
        rows:
          - {step_id: D1, kind: notice, customer_id: C1, day: 2024-04-01, level: 1, method: reminder, step_no: 1}
          - {step_id: D2, kind: notice, customer_id: C1, invoice_id: I2, day: 2024-04-08, level: 2, method: formal_letter, step_no: 2, responded_on: 2024-04-09}
          - {step_id: H1, kind: hold, customer_id: C2, day: 2024-04-10, method: stop_supply, step_no: 4}
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, amount_rc: 100}
          - {customer_id: C1, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-31, amount_rc: 200}
          - {customer_id: C1, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-04-05, amount_rc: 900}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-01, event_date: 2024-04-03, receipt_date: 2024-04-03, amount_rc: 60}
          - {customer_id: C1, invoice_id: I2, instalment_seq: 1, kind: cash, invoice_date: 2024-03-01, due_date: 2024-03-31, event_date: 2024-04-10, receipt_date: 2024-04-10, amount_rc: 150}
          - {customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-01, event_date: 2024-04-10, receipt_date: 2024-04-10, amount_rc: 10}
          - {customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-03-01, event_date: 2024-04-12, receipt_date: 2024-04-12, amount_rc: 5}
    expect:
      rows:
        - {step_id: D1, kind: notice, day: 2024-04-01, method: reminder, step_no: 1, overdue_rc: 300, cash_rc: 70, latency_days: 2, complete: true, next_step_no: 2, next_step_on: 2024-04-08}
        - {step_id: D2, kind: notice, day: 2024-04-08, method: formal_letter, step_no: 2, overdue_rc: 200, cash_rc: 150, latency_days: 2, complete: false, next_step_no: null, next_step_on: null}
        - {step_id: H1, kind: hold, day: 2024-04-10, method: stop_supply, step_no: 4, overdue_rc: 0, cash_rc: 0, latency_days: null, complete: false, next_step_no: null, next_step_on: null}
  - name: each receipt goes to one step, of its own source's invoice or of the account, within the days, on what was overdue then
    overrides: {vars: {dunning_response_days: 10}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-30}, {as_of: 2024-03-31}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, name: 甲, segment: RETAIL}, {customer_id: C2, name: 乙}]
      - input: ref('escalation_events')
        rows:
          - {step_id: V1, kind: notice, customer_id: C5, source: erp_a, invoice_id: "5001", day: 2024-04-20, method: reminder, step_no: 1, level: 1, channel: ""}
          - {step_id: U1, kind: notice, customer_id: C3, day: 2024-04-20, method: reminder, step_no: 1, level: 1, channel: ""}
          - {step_id: T3, kind: notice, customer_id: C2, day: 2024-04-20, method: formal_letter, step_no: 2, level: 2, channel: ""}
          - {step_id: T2, kind: management, customer_id: C2, day: 2024-04-05, method: management_call, step_no: 3, level: 0, channel: "phone"}
          - {step_id: T1, kind: notice, customer_id: C2, day: 2024-04-05, method: management_call, step_no: 3, level: 3, channel: ""}
          - {step_id: S8, kind: notice, customer_id: C1, source: erp_a, invoice_id: "1002", day: 2024-04-10, method: reminder, step_no: 1, level: 1, channel: ""}
          - {step_id: S6, kind: notice, customer_id: C1, source: erp_a, invoice_id: "1002", day: 2024-04-06, method: reminder, step_no: 1, level: 1, channel: ""}
          - {step_id: S5, kind: case, customer_id: C1, day: 2024-04-25, method: legal, step_no: 6, level: 0, channel: ""}
          - {step_id: S4, kind: notice, customer_id: C1, day: 2024-04-10, method: formal_letter, step_no: 2, level: 3, channel: ""}
          - {step_id: S3, kind: hold, customer_id: C1, day: 2024-04-10, method: stop_supply, step_no: 4, level: 0, channel: ""}
          - {step_id: S2b, kind: notice, customer_id: C1, source: erp_b, invoice_id: "1001", day: 2024-04-06, method: reminder, step_no: 1, level: 1, channel: ""}
          - {step_id: S2, kind: notice, customer_id: C1, source: erp_a, invoice_id: "1001", day: 2024-04-06, method: formal_letter, step_no: 2, level: 2, channel: "letter", responded_on: 2024-04-09}
          - {step_id: S1, kind: notice, customer_id: C1, day: 2024-04-02, method: reminder, step_no: 1, level: 1, channel: "e-mail"}
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: C1, source: erp_a, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-31, amount_rc: 200}
          - {customer_id: C1, source: erp_a, invoice_id: "1001", instalment_seq: 2, invoice_date: 2024-03-01, due_date: 2024-04-05, amount_rc: 40}
          - {customer_id: C1, source: erp_b, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-20, amount_rc: 1000}
          - {customer_id: C1, source: erp_a, invoice_id: "1002", instalment_seq: 1, invoice_date: 2024-03-10, due_date: 2024-04-09, amount_rc: 7}
          - {customer_id: C1, source: erp_a, invoice_id: "1003", instalment_seq: 1, invoice_date: 2024-03-10, due_date: 2024-04-10, amount_rc: 3}
          - {customer_id: C1, source: erp_a, invoice_id: "1004", instalment_seq: 1, invoice_date: 2024-04-08, due_date: 2024-03-15, amount_rc: 50}
          - {customer_id: C1, source: erp_a, invoice_id: "1005", instalment_seq: 1, invoice_date: 2024-03-10, due_date: 2024-04-30, amount_rc: 9000}
          - {customer_id: C1, source: erp_a, invoice_id: "1006", instalment_seq: 1, invoice_date: 2024-02-10, due_date: 2024-03-01}
          - {customer_id: C2, source: erp_a, invoice_id: "2001", instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, amount_rc: 600}
          - {customer_id: C2, source: erp_a, invoice_id: "2002", instalment_seq: 1, invoice_date: 2024-02-02, due_date: 2024-03-01, amount_rc: 30}
          - {customer_id: C4, source: erp_a, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, amount_rc: 77777}
          - {customer_id: C5, source: erp_a, invoice_id: "5001", instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, amount_rc: 80}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: C1, source: erp_a, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-31, kind: credit, event_date: 2024-04-01, receipt_date: 2024-04-01, amount_rc: 5}
          - {customer_id: C1, source: erp_a, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-31, kind: cash, event_date: 2024-04-02, receipt_date: 2024-04-02, amount_rc: 10}
          - {customer_id: C1, source: erp_a, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-31, kind: cash, event_date: 2024-04-07, receipt_date: 2024-04-06, amount_rc: 20}
          - {customer_id: C1, source: erp_b, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-20, kind: cash, event_date: 2024-04-05, receipt_date: 2024-04-05, amount_rc: 100}
          - {customer_id: C1, source: erp_b, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-20, kind: cash, event_date: 2024-04-08, receipt_date: 2024-04-08, amount_rc: 150}
          - {customer_id: C1, source: erp_a, invoice_id: "1001", instalment_seq: 2, invoice_date: 2024-03-01, due_date: 2024-04-05, kind: cash, event_date: 2024-04-08, receipt_date: 2024-04-08, amount_rc: 8}
          - {customer_id: C1, source: erp_a, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-31, kind: cash, event_date: 2024-04-09, receipt_date: 2024-04-12, amount_rc: 4}
          - {customer_id: C1, source: erp_a, invoice_id: "1003", instalment_seq: 1, invoice_date: 2024-03-10, due_date: 2024-04-10, kind: cash, event_date: 2024-04-15, receipt_date: 2024-04-15, amount_rc: 3}
          - {customer_id: C1, source: erp_a, invoice_id: "1002", instalment_seq: 1, invoice_date: 2024-03-10, due_date: 2024-04-09, kind: cash, event_date: 2024-04-20, receipt_date: 2024-04-20, amount_rc: 2}
          - {customer_id: C1, source: erp_a, invoice_id: "1002", instalment_seq: 1, invoice_date: 2024-03-10, due_date: 2024-04-09, kind: cash, event_date: 2024-04-21, receipt_date: 2024-04-21, amount_rc: 1}
          - {customer_id: C1, source: erp_a, invoice_id: "1004", instalment_seq: 1, invoice_date: 2024-04-08, due_date: 2024-03-15, kind: cash, event_date: 2024-04-26, receipt_date: 2024-04-26, amount_rc: 6}
          - {customer_id: C1, source: erp_a, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-31, kind: credit, event_date: 2024-04-11, receipt_date: 2024-04-11, amount_rc: 30}
          - {customer_id: C1, source: erp_a, invoice_id: "1002", instalment_seq: 1, invoice_date: 2024-03-10, due_date: 2024-04-09, kind: cash, event_date: 2024-04-03, receipt_date: 2024-04-03, amount_rc: 0.5}
          - {customer_id: C1, source: erp_a, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-03-01, due_date: 2024-03-31, kind: cash, event_date: 2024-04-29, receipt_date: 2024-05-02, amount_rc: 11}
          - {customer_id: C1, source: erp_a, invoice_id: "1006", instalment_seq: 1, invoice_date: 2024-02-10, due_date: 2024-03-01, kind: cash, event_date: 2024-04-04, receipt_date: 2024-04-04}
          - {customer_id: C1, source: erp_a, invoice_id: "1005", instalment_seq: 1, invoice_date: 2024-03-10, due_date: 2024-04-30, kind: cash, event_date: 2024-04-28, receipt_date: 2024-04-28, amount_rc: 900}
          - {customer_id: C1, source: erp_a, invoice_id: "1004", instalment_seq: 1, invoice_date: 2024-04-08, due_date: 2024-03-15, kind: credit, event_date: 2024-04-01, receipt_date: 2024-04-01, amount_rc: 1}
          - {customer_id: C2, source: erp_a, invoice_id: "2001", instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, kind: cash, event_date: 2024-04-04, receipt_date: 2024-04-04, amount_rc: 60}
          - {customer_id: C2, source: erp_a, invoice_id: "2001", instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, kind: cash, event_date: 2024-04-10, receipt_date: 2024-04-10, amount_rc: 61}
          - {customer_id: C2, source: erp_a, invoice_id: "2001", instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, kind: cash, event_date: 2024-04-30, receipt_date: 2024-04-30, amount_rc: 62}
          - {customer_id: C4, source: erp_a, invoice_id: "1001", instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, kind: cash, event_date: 2024-04-07, receipt_date: 2024-04-07, amount_rc: 5}
          - {customer_id: C5, source: erp_a, invoice_id: "5001", instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-03-01, kind: cash, event_date: 2024-04-22, receipt_date: 2024-04-22, amount_rc: 9}
    expect:
      rows:
        - {step_id: S1, kind: notice, customer_id: C1, customer_name: 甲, segment: RETAIL, source: "", invoice_id: "", day: 2024-04-02, method: reminder, step_no: 1, level: 1, channel: "e-mail", overdue_rc: 1195, cash_rc: 110, first_cash_on: 2024-04-02, latency_days: 0, responded_on: null, complete: true, next_step_no: 2, next_step_on: 2024-04-06}
        - {step_id: S2, kind: notice, customer_id: C1, customer_name: 甲, segment: RETAIL, source: "erp_a", invoice_id: "1001", day: 2024-04-06, method: formal_letter, step_no: 2, level: 2, channel: "letter", overdue_rc: 225, cash_rc: 28, first_cash_on: 2024-04-06, latency_days: 0, responded_on: 2024-04-09, complete: true, next_step_no: 4, next_step_on: 2024-04-10}
        - {step_id: S2b, kind: notice, customer_id: C1, customer_name: 甲, segment: RETAIL, source: "erp_b", invoice_id: "1001", day: 2024-04-06, method: reminder, step_no: 1, level: 1, channel: "", overdue_rc: 900, cash_rc: 150, first_cash_on: 2024-04-08, latency_days: 2, responded_on: null, complete: true, next_step_no: 2, next_step_on: 2024-04-06}
        - {step_id: S6, kind: notice, customer_id: C1, customer_name: 甲, segment: RETAIL, source: "erp_a", invoice_id: "1002", day: 2024-04-06, method: reminder, step_no: 1, level: 1, channel: "", overdue_rc: 0, cash_rc: 0, first_cash_on: null, latency_days: null, responded_on: null, complete: true, next_step_no: 2, next_step_on: 2024-04-06}
        - {step_id: S8, kind: notice, customer_id: C1, customer_name: 甲, segment: RETAIL, source: "erp_a", invoice_id: "1002", day: 2024-04-10, method: reminder, step_no: 1, level: 1, channel: "", overdue_rc: 6.5, cash_rc: 2, first_cash_on: 2024-04-20, latency_days: 10, responded_on: null, complete: true, next_step_no: 2, next_step_on: 2024-04-10}
        - {step_id: V1, kind: notice, customer_id: C5, customer_name: null, segment: "", source: "erp_a", invoice_id: "5001", day: 2024-04-20, method: reminder, step_no: 1, level: 1, channel: "", overdue_rc: 80, cash_rc: 9, first_cash_on: 2024-04-22, latency_days: 2, responded_on: null, complete: true, next_step_no: null, next_step_on: null}
        - {step_id: S4, kind: notice, customer_id: C1, customer_name: 甲, segment: RETAIL, source: "", invoice_id: "", day: 2024-04-10, method: formal_letter, step_no: 2, level: 3, channel: "", overdue_rc: 998.5, cash_rc: 0, first_cash_on: null, latency_days: null, responded_on: null, complete: true, next_step_no: 4, next_step_on: 2024-04-10}
        - {step_id: S3, kind: hold, customer_id: C1, customer_name: 甲, segment: RETAIL, source: "", invoice_id: "", day: 2024-04-10, method: stop_supply, step_no: 4, level: 0, channel: "", overdue_rc: 998.5, cash_rc: 4, first_cash_on: 2024-04-12, latency_days: 2, responded_on: null, complete: true, next_step_no: 6, next_step_on: 2024-04-25}
        - {step_id: S5, kind: case, customer_id: C1, customer_name: 甲, segment: RETAIL, source: "", invoice_id: "", day: 2024-04-25, method: legal, step_no: 6, level: 0, channel: "", overdue_rc: 965.5, cash_rc: 6, first_cash_on: 2024-04-26, latency_days: 1, responded_on: null, complete: false, next_step_no: null, next_step_on: null}
        - {step_id: T1, kind: notice, customer_id: C2, customer_name: 乙, segment: "", source: "", invoice_id: "", day: 2024-04-05, method: management_call, step_no: 3, level: 3, channel: "", overdue_rc: 570, cash_rc: 61, first_cash_on: 2024-04-10, latency_days: 5, responded_on: null, complete: true, next_step_no: null, next_step_on: null}
        - {step_id: T2, kind: management, customer_id: C2, customer_name: 乙, segment: "", source: "", invoice_id: "", day: 2024-04-05, method: management_call, step_no: 3, level: 0, channel: "phone", overdue_rc: 570, cash_rc: 0, first_cash_on: null, latency_days: null, responded_on: null, complete: true, next_step_no: null, next_step_on: null}
        - {step_id: T3, kind: notice, customer_id: C2, customer_name: 乙, segment: "", source: "", invoice_id: "", day: 2024-04-20, method: formal_letter, step_no: 2, level: 2, channel: "", overdue_rc: 509, cash_rc: 62, first_cash_on: 2024-04-30, latency_days: 10, responded_on: null, complete: true, next_step_no: null, next_step_on: null}
        - {step_id: U1, kind: notice, customer_id: C3, customer_name: null, segment: "", source: "", invoice_id: "", day: 2024-04-20, method: reminder, step_no: 1, level: 1, channel: "", overdue_rc: 0, cash_rc: 0, first_cash_on: null, latency_days: null, responded_on: null, complete: true, next_step_no: null, next_step_on: null}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
{{ var('dunning_response_days') }} AS window_days,
steps AS (
    SELECT *
    FROM {{ ref('escalation_events') }}
),
-- the overdue of an account, and of an invoice that was asked for, changes on these days
changes AS (
    SELECT
        i.customer_id AS customer_id,
        account.1 AS source,
        account.2 AS invoice_id,
        greatest(i.due_date + 1, i.invoice_date) AS day,
        sum(ifNull(i.amount_rc, 0)) AS change_rc
    FROM {{ source('huikuan', 'ar_items') }} AS i
    ARRAY JOIN if((toString(i.source), i.invoice_id) IN (SELECT source, invoice_id FROM steps), [('', ''), (toString(i.source), i.invoice_id)], [('', '')]) AS account
    WHERE i.due_date < today AND i.customer_id IN (SELECT customer_id FROM steps)
    GROUP BY customer_id, source, invoice_id, day
    UNION ALL
    SELECT
        t.customer_id AS customer_id,
        account.1 AS source,
        account.2 AS invoice_id,
        greatest(t.event_date + 1, t.due_date + 1, t.invoice_date) AS day,
        -sum(ifNull(t.amount_rc, 0)) AS change_rc
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    ARRAY JOIN if((toString(t.source), t.invoice_id) IN (SELECT source, invoice_id FROM steps), [('', ''), (toString(t.source), t.invoice_id)], [('', '')]) AS account
    WHERE t.due_date < today AND t.customer_id IN (SELECT customer_id FROM steps)
    GROUP BY customer_id, source, invoice_id, day
),
balances AS (
    SELECT
        d.customer_id AS customer_id,
        d.source AS source,
        d.invoice_id AS invoice_id,
        d.day AS day,
        sum(d.change_rc) OVER (PARTITION BY d.customer_id, d.source, d.invoice_id ORDER BY d.day ROWS UNBOUNDED PRECEDING) AS overdue_rc
    FROM (
        SELECT
            c.customer_id AS customer_id,
            c.source AS source,
            c.invoice_id AS invoice_id,
            c.day AS day,
            sum(c.change_rc) AS change_rc
        FROM changes AS c
        GROUP BY customer_id, source, invoice_id, day
    ) AS d
),
receipts AS (
    SELECT
        t.customer_id AS customer_id,
        toString(t.source) AS source,
        t.invoice_id AS invoice_id,
        t.due_date AS due_date,
        t.receipt_date AS receipt_date,
        ifNull(t.amount_rc, 0) AS amount_rc
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    WHERE t.kind = 'cash' AND t.receipt_date > t.due_date AND t.receipt_date <= today AND t.customer_id IN (SELECT customer_id FROM steps)
),
step_days AS (
    SELECT
        s.customer_id AS customer_id,
        s.source AS source,
        s.invoice_id AS invoice_id,
        s.day AS day,
        argMax(s.step_id, (s.step_no, s.kind)) AS step_id,
        argMax(s.kind, (s.step_no, s.kind)) AS kind
    FROM steps AS s
    GROUP BY customer_id, source, invoice_id, day
),
by_account AS (
    SELECT
        r.customer_id AS customer_id,
        r.source AS source,
        r.invoice_id AS invoice_id,
        r.due_date AS due_date,
        r.receipt_date AS receipt_date,
        r.amount_rc AS amount_rc,
        a.day AS account_day,
        a.step_id AS account_step,
        a.kind AS account_kind
    FROM receipts AS r
    ASOF LEFT JOIN (SELECT customer_id, day, step_id, kind FROM step_days WHERE invoice_id = '') AS a
        ON a.customer_id = r.customer_id AND a.day <= r.receipt_date
),
credited AS (
    SELECT
        b.receipt_date AS receipt_date,
        b.due_date AS due_date,
        b.amount_rc AS amount_rc,
        b.customer_id AS customer_id,
        i.step_id != '' AND i.day >= b.account_day AS for_invoice,
        if(for_invoice, i.source, '') AS source,
        if(for_invoice, i.invoice_id, '') AS invoice_id,
        if(for_invoice, i.step_id, b.account_step) AS step_id,
        if(for_invoice, i.kind, b.account_kind) AS kind,
        if(for_invoice, i.day, b.account_day) AS day
    FROM by_account AS b
    ASOF LEFT JOIN (SELECT customer_id, source, invoice_id, day, step_id, kind FROM step_days WHERE invoice_id != '') AS i
        ON i.customer_id = b.customer_id AND i.source = b.source AND i.invoice_id = b.invoice_id AND i.day <= b.receipt_date
),
effects AS (
    SELECT
        c.kind AS kind,
        c.customer_id AS customer_id,
        c.source AS source,
        c.invoice_id AS invoice_id,
        c.day AS day,
        sum(c.amount_rc) AS cash_rc,
        min(c.receipt_date) AS first_cash_on
    FROM credited AS c
    WHERE c.step_id != '' AND c.due_date < c.day AND dateDiff('day', c.day, c.receipt_date) <= window_days
    GROUP BY kind, customer_id, source, invoice_id, day
),
histories AS (
    SELECT
        s.customer_id AS customer_id,
        arraySort(groupArray((s.day, s.step_no))) AS history
    FROM steps AS s
    GROUP BY customer_id
),
measured AS (
    SELECT
        s.kind AS kind,
        s.step_id AS step_id,
        s.customer_id AS customer_id,
        s.source AS source,
        s.invoice_id AS invoice_id,
        s.day AS day,
        s.step_no AS step_no,
        s.method AS method,
        s.level AS level,
        s.channel AS channel,
        s.responded_on AS responded_on,
        b.overdue_rc AS overdue_rc
    FROM steps AS s
    ASOF LEFT JOIN balances AS b ON b.customer_id = s.customer_id AND b.source = s.source AND b.invoice_id = s.invoice_id AND b.day <= s.day
)
SELECT
    m.step_id AS step_id,
    m.kind AS kind,
    m.customer_id AS customer_id,
    k.name AS customer_name,
    ifNull(toString(k.segment), '') AS segment,
    m.source AS source,
    m.invoice_id AS invoice_id,
    m.day AS day,
    m.method AS method,
    m.step_no AS step_no,
    toInt32(m.level) AS level,
    m.channel AS channel,
    m.overdue_rc AS overdue_rc,
    ifNull(e.cash_rc, 0) AS cash_rc,
    if(e.customer_id = '', NULL, e.first_cash_on) AS first_cash_on,
    if(e.customer_id = '', NULL, dateDiff('day', m.day, e.first_cash_on)) AS latency_days,
    m.responded_on AS responded_on,
    CAST(m.day + window_days <= today AS Bool) AS complete,
    nullIf(tupleElement(arrayFirst(x -> x.1 >= m.day AND x.2 > m.step_no, h.history), 2), 0) AS next_step_no,
    if(isNull(next_step_no), NULL, tupleElement(arrayFirst(x -> x.1 >= m.day AND x.2 > m.step_no, h.history), 1)) AS next_step_on
FROM measured AS m
LEFT JOIN effects AS e ON e.kind = m.kind AND e.customer_id = m.customer_id AND e.source = m.source AND e.invoice_id = m.invoice_id AND e.day = m.day
LEFT JOIN histories AS h ON h.customer_id = m.customer_id
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS k ON k.customer_id = m.customer_id
