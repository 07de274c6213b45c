/* ---
description: "Notices and escalations one by one: what was overdue when they went out, what came in within dunning_response_days, how fast, and which harder step followed. Each receipt counts for the latest step before it only."
grain: one customer, invoice (or the whole account), day and kind of step
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
  - unique: [kind, customer_id, invoice_id, day]
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
        account AS invoice_id,
        greatest(i.due_date + 1, i.invoice_date) AS day,
        sum(ifNull(i.amount_rc, 0)) AS change_rc
    FROM {{ source('huikuan', 'ar_items') }} AS i
    ARRAY JOIN if(i.invoice_id IN (SELECT invoice_id FROM steps), ['', i.invoice_id], ['']) AS account
    WHERE i.due_date < today AND i.customer_id IN (SELECT customer_id FROM steps)
    GROUP BY customer_id, invoice_id, day
    UNION ALL
    SELECT
        t.customer_id AS customer_id,
        account AS invoice_id,
        greatest(t.event_date + 1, t.due_date + 1, t.invoice_date) AS day,
        -sum(ifNull(t.amount_rc, 0)) AS change_rc
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    ARRAY JOIN if(t.invoice_id IN (SELECT invoice_id FROM steps), ['', t.invoice_id], ['']) AS account
    WHERE t.due_date < today AND t.customer_id IN (SELECT customer_id FROM steps)
    GROUP BY customer_id, invoice_id, day
),
balances AS (
    SELECT
        d.customer_id AS customer_id,
        d.invoice_id AS invoice_id,
        d.day AS day,
        sum(d.change_rc) OVER (PARTITION BY d.customer_id, d.invoice_id ORDER BY d.day ROWS UNBOUNDED PRECEDING) AS overdue_rc
    FROM (
        SELECT
            c.customer_id AS customer_id,
            c.invoice_id AS invoice_id,
            c.day AS day,
            sum(c.change_rc) AS change_rc
        FROM changes AS c
        GROUP BY customer_id, invoice_id, day
    ) AS d
),
receipts AS (
    SELECT
        t.customer_id AS customer_id,
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
        s.invoice_id AS invoice_id,
        s.day AS day,
        argMax(s.step_id, (s.step_no, s.kind)) AS step_id,
        argMax(s.kind, (s.step_no, s.kind)) AS kind
    FROM steps AS s
    GROUP BY customer_id, invoice_id, day
),
by_account AS (
    SELECT
        r.customer_id AS customer_id,
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
        if(for_invoice, i.invoice_id, '') AS invoice_id,
        if(for_invoice, i.step_id, b.account_step) AS step_id,
        if(for_invoice, i.kind, b.account_kind) AS kind,
        if(for_invoice, i.day, b.account_day) AS day
    FROM by_account AS b
    ASOF LEFT JOIN (SELECT customer_id, invoice_id, day, step_id, kind FROM step_days WHERE invoice_id != '') AS i
        ON i.customer_id = b.customer_id AND i.invoice_id = b.invoice_id AND i.day <= b.receipt_date
),
effects AS (
    SELECT
        c.kind AS kind,
        c.customer_id AS customer_id,
        c.invoice_id AS invoice_id,
        c.day AS day,
        sum(c.amount_rc) AS cash_rc,
        min(c.receipt_date) AS first_cash_on
    FROM credited AS c
    WHERE c.step_id != '' AND c.due_date < c.day AND dateDiff('day', c.day, c.receipt_date) <= window_days
    GROUP BY kind, customer_id, invoice_id, day
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
        s.invoice_id AS invoice_id,
        s.day AS day,
        s.step_no AS step_no,
        s.method AS method,
        s.level AS level,
        s.channel AS channel,
        s.responded_on AS responded_on,
        b.overdue_rc AS overdue_rc
    FROM steps AS s
    ASOF LEFT JOIN balances AS b ON b.customer_id = s.customer_id AND b.invoice_id = s.invoice_id AND b.day <= s.day
)
SELECT
    m.step_id AS step_id,
    m.kind AS kind,
    m.customer_id AS customer_id,
    k.name AS customer_name,
    ifNull(toString(k.segment), '') AS segment,
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
LEFT JOIN effects AS e ON e.kind = m.kind AND e.customer_id = m.customer_id AND e.invoice_id = m.invoice_id AND e.day = m.day
LEFT JOIN histories AS h ON h.customer_id = m.customer_id
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS k ON k.customer_id = m.customer_id
