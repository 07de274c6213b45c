/* ---
description: "Every contact with a customer up to the last day built: visits and calls that took place, and notices sent. What happened without one happened by itself."
grain: one visit, call or notice
materialisation: view
order_by: [customer_id, day]
owner: sales management
tags: [collection, visits]
columns:
  - {name: contact_id, description: visit or notice, unit: id, tests: [not_null]}
  - {name: source, description: configured source}
  - {name: kind, description: "visit (in person, by the channels of visit_channels), call (any other channel) or notice", tests: [not_null, {accepted_values: [visit, call, notice]}]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: invoice_id, description: invoice of a notice; empty = the whole account, unit: id}
  - {name: day, description: day of the contact, unit: date, tests: [not_null]}
  - {name: rep_id, description: visitor; empty for notices and where unknown, unit: id}
  - {name: channel, description: channel as the source says it}
unit_tests:
  - name: an appointment that was not kept is no contact, nor is what lies ahead
    overrides: {vars: {visit_channels: [meeting]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-31}]
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V1, customer_id: C1, rep_id: R1, happened_at: "2024-03-01 09:00:00", channel: meeting}
          - {visit_id: V2, customer_id: C1, rep_id: R1, happened_at: "2024-03-02 09:00:00", channel: call}
          - {visit_id: V3, customer_id: C1, rep_id: R1, planned_at: "2024-03-03 09:00:00", channel: meeting}
          - {visit_id: V4, customer_id: C1, rep_id: R1, happened_at: "2024-04-01 09:00:00", channel: meeting}
      - input: source('huikuan', 'dunning_events')
        rows:
          - {dunning_id: D1, customer_id: C2, invoice_id: I1, sent_on: 2024-03-05, channel: e-mail}
    expect:
      rows:
        - {contact_id: V1, kind: visit, customer_id: C1, invoice_id: "", day: 2024-03-01, rep_id: R1}
        - {contact_id: V2, kind: call, customer_id: C1, invoice_id: "", day: 2024-03-02, rep_id: R1}
        - {contact_id: D1, kind: notice, customer_id: C2, invoice_id: I1, day: 2024-03-05, rep_id: ""}
--- */
SELECT
    v.visit_id AS contact_id,
    toString(v.source) AS source,
    if(has({{ var('visit_channels') }}, ifNull(toString(v.channel), '')), 'visit', 'call') AS kind,
    v.customer_id AS customer_id,
    '' AS invoice_id,
    toDate32(assumeNotNull(v.happened_at)) AS day,
    ifNull(v.rep_id, '') AS rep_id,
    ifNull(toString(v.channel), '') AS channel
FROM {{ source('huikuan', 'visits') }} AS v
WHERE v.happened_at IS NOT NULL
    AND toDate32(assumeNotNull(v.happened_at)) <= (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
UNION ALL
SELECT
    d.dunning_id AS contact_id,
    toString(d.source) AS source,
    'notice' AS kind,
    d.customer_id AS customer_id,
    ifNull(d.invoice_id, '') AS invoice_id,
    d.sent_on AS day,
    '' AS rep_id,
    ifNull(toString(d.channel), '') AS channel
FROM {{ source('huikuan', 'dunning_events') }} AS d
WHERE d.sent_on <= (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
