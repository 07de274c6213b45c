/* ---
description: "Everything that happened with a customer, in order: documents, cash, visits, notices, promises, disputes, holds, reviews, statements, concessions, legal steps."
grain: one happening
materialisation: view
order_by: [customer_id, day]
owner: credit management
tags: [customer_file]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: day, description: day it happened, unit: date, tests: [not_null]}
  - {name: kind, description: "invoice, debit_note, credit_note, cash, bounced, refund, write_off, visit, call, notice, appointment_missed, promise, dispute, dispute_closed, hold, release, review, statement, confirmed, concession, legal, override", tests: [not_null]}
  - {name: ref_id, description: "document, visit, notice, promise …", unit: id}
  - {name: currency, description: currency of amount; empty where there is none, unit: ISO 4217}
  - {name: amount, description: "amount with the sign of its effect on the debt, without sign where it has none; NULL = no amount", unit: currency}
  - {name: detail, description: "a code or a few words: status of the promise, reason of the dispute, level of the notice, person met …"}
unit_tests:
  - name: what lies ahead is not there yet
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_events')
        rows:
          - {customer_id: A, item_id: I1, kind: INVOICE, event_date: 2024-05-01, currency: CNY, amount: 100}
          - {customer_id: A, item_id: I1, kind: ALLOC, event_date: 2024-06-01, currency: CNY, amount: -60}
          - {customer_id: A, item_id: P1, kind: ON_ACCOUNT, event_date: 2024-06-01, currency: CNY, amount: -60}
          - {customer_id: A, item_id: I1, kind: WRITE_OFF, event_date: 2024-06-20, currency: CNY, amount: -1}
      - input: ref('customer_happenings')
        rows:
          - {customer_id: A, day: 2024-05-20, kind: visit, ref_id: V1, currency: "", amount: null, detail: "王会计, CASH_SHORT"}
    expect:
      rows:
        - {customer_id: A, day: 2024-05-01, kind: invoice, ref_id: I1, amount: 100}
        - {customer_id: A, day: 2024-06-01, kind: cash, ref_id: P1, amount: -60}
        - {customer_id: A, day: 2024-06-20, kind: write_off, ref_id: I1, amount: -1}
        - {customer_id: A, day: 2024-05-20, kind: visit, ref_id: V1, amount: null, detail: "王会计, CASH_SHORT"}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
happenings AS (
    SELECT customer_id, event_date AS day,
        transform(toString(e.kind), ['INVOICE', 'DEBIT', 'CREDIT', 'ON_ACCOUNT', 'REFUND', 'BOUNCED', 'WRITE_OFF', 'WRITE_OFF_REV'],
            ['invoice', 'debit_note', 'credit_note', 'cash', 'refund', 'bounced', 'write_off', 'write_off'], '') AS kind,
        item_id AS ref_id, toString(currency) AS currency, toNullable(amount) AS amount, '' AS detail
    FROM {{ source('huikuan', 'ar_events') }} AS e
    WHERE e.kind IN ('INVOICE', 'DEBIT', 'CREDIT', 'ON_ACCOUNT', 'REFUND', 'BOUNCED', 'WRITE_OFF', 'WRITE_OFF_REV')
    UNION ALL
    SELECT customer_id, day, kind, ref_id, currency, amount, detail
    FROM {{ ref('customer_happenings') }}
)
SELECT customer_id, day, kind, ref_id, currency, amount, detail
FROM happenings
WHERE day <= today
