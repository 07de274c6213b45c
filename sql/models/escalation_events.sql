/* ---
description: "Notices, holds, cases and calls by management, placed on the escalation ladder; of several of one kind on a day the hardest. A hold or a call by management that is no step of the ladder is left out."
grain: one kind, customer, invoice of a source (or the whole account) and day
materialisation: table
order_by: [customer_id, invoice_id, day]
owner: credit management
tags: [collection, dunning]
columns:
  - {name: kind, description: "notice, hold (order_holds), case (legal_cases) or management (a visit or call in which management took part)", tests: [not_null, {accepted_values: [notice, hold, case, management]}]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: source, description: "source of the invoice, whose numbers another source may use too; empty = the whole account", unit: id}
  - {name: invoice_id, description: invoice; empty = the whole account, unit: id}
  - {name: day, description: day it went out or began, unit: date, tests: [not_null]}
  - {name: step_id, description: "notice, hold, case or visit", unit: id, tests: [not_null]}
  - {name: step_no, description: "place on the ladder, 1 = mildest; a notice with another method than escalation_steps, or none, by its level; a case of another kind as legal, or as the hardest where legal is no step", unit: number, tests: [not_null]}
  - {name: method, description: step of escalation_steps, tests: [not_null]}
  - {name: level, description: level as the source says it; 0 = none, unit: number}
  - {name: channel, description: channel; empty = unknown}
  - {name: responded_on, description: day the customer answered; NULL = no answer recorded, unit: date}
tests:
  - unique: [kind, customer_id, source, invoice_id, day]
unit_tests:
  - name: a method names the step, else the level does, and two notices of one day are the harder one
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-30}]
      - input: source('huikuan', 'dunning_events')
        rows:
          - {dunning_id: D1, customer_id: C1, level: 1, method: Reminder, sent_on: 2024-04-01}
          - {dunning_id: D2, customer_id: C1, level: 2, sent_on: 2024-04-01, responded_on: 2024-04-03}
          - {dunning_id: D3, customer_id: C1, level: 1, method: reminder, sent_on: 2024-05-01}
      - input: source('huikuan', 'order_holds')
        rows: [{hold_id: H1, customer_id: C1, held_on: 2024-04-10}]
      - input: source('huikuan', 'legal_cases')
        rows: [{case_id: L1, customer_id: C1, filed_on: 2024-04-20}]
      - input: source('huikuan', 'visits')
        rows: [{visit_id: V1, customer_id: C1, happened_at: "2024-04-05 10:00:00", escalated: true}, {visit_id: V2, customer_id: C1, happened_at: "2024-04-06 10:00:00", escalated: false}]
    expect:
      rows:
        - {kind: notice, day: 2024-04-01, step_id: D2, step_no: 2, method: formal_letter, level: 2, responded_on: 2024-04-03}
        - {kind: management, day: 2024-04-05, step_id: V1, step_no: 3, method: management_call, level: 0, responded_on: null}
        - {kind: hold, day: 2024-04-10, step_id: H1, step_no: 4, method: stop_supply, level: 0, responded_on: null}
        - {kind: case, day: 2024-04-20, step_id: L1, step_no: 6, method: legal, level: 0, responded_on: null}
  - name: notices on invoices of two sources under one number are two steps, those on the account are one
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-04-30}]
      - input: source('huikuan', 'dunning_events')
        rows:
          - {source: erp_a, dunning_id: D1, customer_id: C1, invoice_id: "1001", level: 1, sent_on: 2024-04-01}
          - {source: erp_b, dunning_id: D2, customer_id: C1, invoice_id: "1001", level: 2, sent_on: 2024-04-01}
          - {source: erp_a, dunning_id: D3, customer_id: C1, level: 1, sent_on: 2024-04-02}
          - {source: erp_b, dunning_id: D4, customer_id: C1, level: 2, sent_on: 2024-04-02}
    expect:
      rows:
        - {source: erp_a, invoice_id: "1001", step_id: D1, step_no: 1}
        - {source: erp_b, invoice_id: "1001", step_id: D2, step_no: 2}
        - {source: "", invoice_id: "", step_id: D4, step_no: 2}
  - name: the hardest step of a day tells its channel, the first answer counts, unknown methods go by their level
    overrides: {vars: {escalation_steps: [reminder, formal_letter, management_call, stop_supply, legal]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}, {as_of: 2024-01-31}]
      - input: source('huikuan', 'dunning_events')
        rows:
          - {source: erp, dunning_id: D1, customer_id: A, invoice_id: I1, sent_on: 2024-06-30, method: Reminder, level: 2, channel: mail, responded_on: 2024-07-02}
          - {source: erp, dunning_id: D2, customer_id: A, invoice_id: I1, sent_on: 2024-06-30, method: formal_letter, level: 1, channel: letter, responded_on: 2024-07-01}
          - {source: crm, dunning_id: D3, customer_id: A, invoice_id: I1, sent_on: 2024-06-30, method: fax, level: 9, channel: null}
          - {source: erp, dunning_id: D4, customer_id: A, invoice_id: "", sent_on: 2024-06-30, method: null, level: null, channel: sms}
          - {source: crm, dunning_id: D5, customer_id: A, invoice_id: null, sent_on: 2024-06-30, method: fax, level: -1}
          - {source: erp, dunning_id: D6, customer_id: A, invoice_id: I1, sent_on: 2024-07-01, method: legal}
      - input: source('huikuan', 'order_holds')
        rows: [{source: erp, hold_id: H1, customer_id: A, held_on: 2024-06-01}, {source: crm, hold_id: H2, customer_id: A, held_on: 2024-06-01}]
      - input: source('huikuan', 'legal_cases')
        rows: [{source: erp, case_id: L1, customer_id: A, filed_on: 2024-06-02, kind: null}, {source: erp, case_id: L2, customer_id: B, filed_on: 2024-06-02, kind: Arbitration}]
      - input: source('huikuan', 'visits')
        rows:
          - {source: erp, visit_id: V1, customer_id: A, happened_at: "2024-06-03 08:00:00", escalated: true, channel: call}
          - {source: erp, visit_id: V2, customer_id: A, happened_at: "2024-06-04 08:00:00", escalated: false}
          - {source: erp, visit_id: V3, customer_id: A, happened_at: null, escalated: true}
          - {source: erp, visit_id: V4, customer_id: B, happened_at: "2024-06-03 08:00:00", escalated: true, channel: null}
    expect:
      rows:
        - {kind: case, customer_id: B, source: "", invoice_id: "", day: 2024-06-02, step_id: L2, step_no: 5, method: legal, level: 0, channel: "", responded_on: null}
        - {kind: hold, customer_id: A, source: "", invoice_id: "", day: 2024-06-01, step_id: H2, step_no: 4, method: stop_supply, level: 0, channel: "", responded_on: null}
        - {kind: management, customer_id: A, source: "", invoice_id: "", day: 2024-06-03, step_id: V1, step_no: 3, method: management_call, level: 0, channel: call, responded_on: null}
        - {kind: notice, customer_id: A, source: erp, invoice_id: I1, day: 2024-06-30, step_id: D2, step_no: 2, method: formal_letter, level: 2, channel: letter, responded_on: 2024-07-01}
        - {kind: notice, customer_id: A, source: "", invoice_id: "", day: 2024-06-30, step_id: D5, step_no: 1, method: reminder, level: 0, channel: "", responded_on: null}
        - {kind: notice, customer_id: A, source: crm, invoice_id: I1, day: 2024-06-30, step_id: D3, step_no: 5, method: legal, level: 9, channel: "", responded_on: null}
        - {kind: case, customer_id: A, source: "", invoice_id: "", day: 2024-06-02, step_id: L1, step_no: 5, method: legal, level: 0, channel: "", responded_on: null}
        - {kind: management, customer_id: B, source: "", invoice_id: "", day: 2024-06-03, step_id: V4, step_no: 3, method: management_call, level: 0, channel: "", responded_on: null}
  - name: a ladder without holds has none, and its last step for cases that it does not name
    overrides: {vars: {escalation_steps: [reminder, formal_letter, court]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'order_holds')
        rows: [{source: erp, hold_id: H1, customer_id: A, held_on: 2024-06-01}]
      - input: source('huikuan', 'legal_cases')
        rows: [{source: erp, case_id: L1, customer_id: A, filed_on: 2024-06-02, kind: arbitration}]
      - input: source('huikuan', 'visits')
        rows: [{source: erp, visit_id: V1, customer_id: A, happened_at: "2024-06-03 08:00:00", escalated: true}]
    expect:
      rows: [{kind: case, customer_id: A, day: 2024-06-02, step_id: L1, step_no: 3, method: court}]
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
{{ var('escalation_steps') }} AS ladder,
events AS (
    SELECT 'notice' AS kind, d.dunning_id AS step_id, d.customer_id AS customer_id, if(invoice_id = '', '', toString(d.source)) AS source, ifNull(d.invoice_id, '') AS invoice_id, d.sent_on AS day,
        lower(ifNull(toString(d.method), '')) AS stated, ifNull(d.level, 0) AS level, ifNull(toString(d.channel), '') AS channel, d.responded_on AS responded_on
    FROM {{ source('huikuan', 'dunning_events') }} AS d
    UNION ALL
    SELECT 'hold', h.hold_id, h.customer_id, '', '', h.held_on, 'stop_supply', 0, '', CAST(NULL AS Nullable(Date32))
    FROM {{ source('huikuan', 'order_holds') }} AS h
    UNION ALL
    SELECT 'case', l.case_id, l.customer_id, '', '', l.filed_on, lower(ifNull(toString(l.kind), 'legal')), 0, '', CAST(NULL AS Nullable(Date32))
    FROM {{ source('huikuan', 'legal_cases') }} AS l
    UNION ALL
    SELECT 'management', v.visit_id, v.customer_id, '', '', toDate32(assumeNotNull(v.happened_at)), 'management_call', 0, ifNull(toString(v.channel), ''), CAST(NULL AS Nullable(Date32))
    FROM {{ source('huikuan', 'visits') }} AS v
    WHERE v.escalated AND v.happened_at IS NOT NULL
),
placed AS (
    SELECT
        *,
        toInt32(multiIf(
            has(ladder, stated), indexOf(ladder, stated),
            kind = 'notice', least(greatest(level, 1), length(ladder)),
            kind = 'case' AND has(ladder, 'legal'), indexOf(ladder, 'legal'),
            kind = 'case', length(ladder),
            0)) AS step_no
    FROM events
    WHERE day <= today AND step_no > 0
)
SELECT
    p.kind AS kind,
    p.customer_id AS customer_id,
    p.source AS source,
    p.invoice_id AS invoice_id,
    p.day AS day,
    argMax(p.step_id, (p.step_no, p.step_id)) AS step_id,
    max(p.step_no) AS step_no,
    ladder[max(p.step_no)] AS method,
    max(p.level) AS level,
    argMax(p.channel, (p.step_no, p.step_id)) AS channel,
    min(p.responded_on) AS responded_on
FROM placed AS p
GROUP BY kind, customer_id, source, invoice_id, day
