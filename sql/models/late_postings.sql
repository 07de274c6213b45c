/* ---
description: "Documents and applications that were recorded after the month they belong to had been closed: why a month reads otherwise today than it did then. What the warehouse found in its first load counts as known in time, unless the source says when it was recorded."
grain: one signed event that was recorded late
materialisation: table
order_by: [company, customer_id, event_date]
owner: accounting
tags: [control, two_clocks]
columns:
  - {name: month, description: first day of the month the event belongs to, unit: date, tests: [not_null]}
  - {name: event_date, description: day it takes effect on balances, unit: date, tests: [not_null]}
  - {name: recorded_on, description: "day from which it is known: it and the documents on both its sides were recorded by then (`ar_events.known_at`)", unit: date, tests: [not_null]}
  - {name: days_late, description: days from the end of its month to recorded_on, unit: days, tests: [not_null]}
  - {name: company, description: legal entity, unit: id}
  - {name: customer_id, description: customer, unit: id}
  - {name: item_id, description: "invoice, payment or credit note", unit: id}
  - {name: item_type, description: "invoice, debit_note, payment or credit_note"}
  - {name: kind, description: kind of the event}
  - {name: currency, description: document currency, unit: ISO 4217}
  - {name: amount, description: signed change of net receivables, unit: currency}
  - {name: amount_rc, description: the same; NULL = no exchange rate, unit: reporting currency}
  - {name: application_id, description: "allocation, credit allocation or write-off behind the event; NULL for documents", unit: id}
  - {name: source, description: configured source}
chart: {type: stacked, title: Late postings by month and kind, x: month, y: [amount_rc], series: kind, unit: reporting currency}
unit_tests:
  - name: late is after the month's end and the days of closing; the first load is not; an application is known once its documents are
    overrides: {vars: {closing_days: 2}}
    given:
      - input: source('huikuan', 'ar_events')
        rows:
          - {source: erp, company: HQ, customer_id: C, item_id: OLD, kind: INVOICE, event_date: 2023-05-01, recorded_at: "2024-01-05 08:00:00", known_at: "2024-01-05 08:00:00", amount: 1}
          - {source: erp, company: HQ, customer_id: C, item_id: TIMELY, kind: INVOICE, event_date: 2024-01-10, recorded_at: "2024-01-10 08:00:00", known_at: "2024-01-10 08:00:00", amount: 2}
          - {source: erp, company: HQ, customer_id: C, item_id: CLOSING, kind: INVOICE, event_date: 2024-01-31, recorded_at: "2024-02-02 23:00:00", known_at: "2024-02-02 23:00:00", amount: 4}
          - {source: erp, company: HQ, customer_id: C, item_id: LATE, kind: INVOICE, event_date: 2024-01-31, recorded_at: "2024-02-03 01:00:00", known_at: "2024-02-03 01:00:00", amount: 8}
          - {source: erp, company: HQ, customer_id: C, item_id: UNKNOWN, kind: INVOICE, event_date: 2024-01-31, amount: 16}
          - {source: erp, company: HQ, customer_id: C, item_id: LATE, kind: WRITE_OFF, event_date: 2024-01-31, recorded_at: "2024-01-31 08:00:00", known_at: "2024-02-03 01:00:00", amount: -3}
    expect:
      rows:
        - {item_id: LATE, kind: INVOICE, month: 2024-01-01, recorded_on: 2024-02-03, days_late: 3, amount: 8}
        - {item_id: LATE, kind: WRITE_OFF, month: 2024-01-01, recorded_on: 2024-02-03, days_late: 3, amount: -3}
--- */
WITH
first_loads AS (
    SELECT toString(source) AS source, min(toDate32(recorded_at)) AS first_day
    FROM {{ source('huikuan', 'ar_events') }}
    GROUP BY source
)
SELECT
    toDate32(toStartOfMonth(e.event_date)) AS month,
    e.event_date AS event_date,
    toDate32(assumeNotNull(e.known_at)) AS recorded_on,
    toInt64(dateDiff('day', toLastDayOfMonth(e.event_date), recorded_on)) AS days_late,
    e.company AS company,
    e.customer_id AS customer_id,
    e.item_id AS item_id,
    toString(e.item_type) AS item_type,
    toString(e.kind) AS kind,
    toString(e.currency) AS currency,
    e.amount AS amount,
    e.amount_rc AS amount_rc,
    e.application_id AS application_id,
    toString(e.source) AS source
FROM {{ source('huikuan', 'ar_events') }} AS e
INNER JOIN first_loads AS f ON f.source = toString(e.source)
WHERE e.known_at IS NOT NULL
    AND toDate32(e.known_at) > toDate32(toLastDayOfMonth(e.event_date)) + {{ var('closing_days') }}
    AND toDate32(e.known_at) > f.first_day
