/* ---
description: "What happened with a customer besides documents and cash: visits, notices, promises, disputes, holds, reviews, statements, concessions, legal steps. customer_timeline shows both."
grain: one happening
materialisation: table
order_by: [customer_id, day]
owner: credit management
tags: [customer_file]
columns:
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: day, description: day it happened, unit: date, tests: [not_null]}
  - {name: kind, description: "visit, call, notice, appointment_missed, promise, dispute, dispute_closed, hold, release, review, statement, confirmed, concession, legal, override", tests: [not_null]}
  - {name: ref_id, description: "visit, notice, promise …", unit: id}
  - {name: currency, description: currency of amount; empty where there is none, unit: ISO 4217}
  - {name: amount, description: "amount with the sign of its effect on the debt, without sign where it has none; NULL = no amount", unit: currency}
  - {name: detail, description: "a code or a few words: status of the promise, reason of the dispute, level of the notice, person met …"}
unit_tests:
  - name: each happening stands on its day, what lies ahead is not there yet
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'promise_outcomes')
        rows: [{promise_id: R1, customer_id: A, made_on: 2024-05-20, due_date: 2024-06-01, currency: CNY, amount: 60, status: kept}]
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V1, customer_id: A, happened_at: "2024-05-20 09:00:00", channel: visit, contact_person: 王会计, refusal_code: CASH_SHORT}
          - {visit_id: V2, customer_id: A, planned_at: "2024-05-25 09:00:00"}
          - {visit_id: V3, customer_id: A, planned_at: "2024-07-25 09:00:00"}
      - input: source('huikuan', 'order_holds')
        rows: [{hold_id: H1, customer_id: A, held_on: 2024-06-10, released_on: 2024-07-02, reason: overdue}]
      - input: ref('dispute_items')
        rows:
          - {dispute_id: D1, customer_id: A, currency: CNY, opened_on: 2024-06-05, closed_on: 2024-06-25, disputed_amount: 40, reason: PRICE, outcome: unknown}
          - {dispute_id: D2, customer_id: "", opened_on: 2024-06-05, disputed_amount: 7}
    expect:
      rows:
        - {customer_id: A, day: 2024-05-20, kind: promise, ref_id: R1, amount: 60}
        - {customer_id: A, day: 2024-05-20, kind: visit, ref_id: V1, amount: null}
        - {customer_id: A, day: 2024-05-25, kind: appointment_missed, ref_id: V2, amount: null}
        - {customer_id: A, day: 2024-06-10, kind: hold, ref_id: H1, amount: null}
        - {customer_id: A, day: 2024-06-05, kind: dispute, ref_id: D1, amount: 40}
        - {customer_id: A, day: 2024-06-25, kind: dispute_closed, ref_id: D1, amount: 40}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
happenings AS (
    SELECT customer_id, made_on AS day, 'promise' AS kind, promise_id AS ref_id, toString(currency) AS currency, toNullable(amount) AS amount, concat('due ', toString(due_date), ', ', toString(status)) AS detail
    FROM {{ source('huikuan', 'promise_outcomes') }}
    UNION ALL
    SELECT customer_id, toDate32(assumeNotNull(coalesce(happened_at, planned_at))),
        multiIf(happened_at IS NULL, 'appointment_missed', has({{ var('visit_channels') }}, ifNull(toString(channel), '')), 'visit', 'call'), visit_id, '', NULL,
        if(happened_at IS NULL, ifNull(contact_person, ''),
            arrayStringConcat(arrayFilter(x -> x != '', [ifNull(contact_person, ''), ifNull(toString(refusal_code), ''), ifNull(toString(excuse_code), ''), ifNull(outcome_note, '')]), ', '))
    FROM {{ source('huikuan', 'visits') }}
    WHERE happened_at IS NOT NULL OR planned_at IS NOT NULL
    UNION ALL
    SELECT customer_id, sent_on, 'notice', dunning_id, ifNull(toString(currency), ''), amount, concat(ifNull(toString(method), ''), if(level IS NULL, '', concat(' ', toString(level))))
    FROM {{ source('huikuan', 'dunning_events') }}
    UNION ALL
    SELECT customer_id, opened_on, 'dispute', dispute_id, ifNull(toString(currency), ''), CAST(disputed_amount AS Nullable(Decimal(18, 4))), ifNull(toString(reason), '')
    FROM {{ ref('dispute_items') }}
    WHERE customer_id != ''
    UNION ALL
    SELECT customer_id, assumeNotNull(closed_on), 'dispute_closed', dispute_id, ifNull(toString(currency), ''), CAST(disputed_amount AS Nullable(Decimal(18, 4))), if(ifNull(toString(outcome), 'unknown') = 'unknown', '', assumeNotNull(toString(outcome)))
    FROM {{ ref('dispute_items') }}
    WHERE customer_id != '' AND closed_on IS NOT NULL
    UNION ALL
    SELECT customer_id, held_on, 'hold', hold_id, '', NULL, ifNull(toString(reason), '')
    FROM {{ source('huikuan', 'order_holds') }}
    UNION ALL
    SELECT customer_id, assumeNotNull(released_on), 'release', hold_id, '', NULL, ifNull(released_by, '')
    FROM {{ source('huikuan', 'order_holds') }}
    WHERE released_on IS NOT NULL
    UNION ALL
    SELECT customer_id, reviewed_on, 'review', review_id, '', NULL, ifNull(toString(external_grade), '')
    FROM {{ source('huikuan', 'credit_reviews') }}
    UNION ALL
    SELECT customer_id, assumeNotNull(sent_on), 'statement', statement_id, ifNull(toString(currency), ''), our_balance, ''
    FROM {{ source('huikuan', 'statements') }}
    WHERE sent_on IS NOT NULL
    UNION ALL
    SELECT customer_id, assumeNotNull(confirmed_on), 'confirmed', statement_id, ifNull(toString(currency), ''), their_balance, if(our_balance = their_balance, '', 'difference')
    FROM {{ source('huikuan', 'statements') }}
    WHERE confirmed_on IS NOT NULL
    UNION ALL
    SELECT customer_id, granted_on, 'concession', concession_id, ifNull(toString(currency), ''), amount, ifNull(toString(kind), '')
    FROM {{ source('huikuan', 'concessions') }}
    UNION ALL
    SELECT customer_id, filed_on, 'legal', case_id, ifNull(toString(currency), ''), claimed, ifNull(toString(kind), 'legal')
    FROM {{ source('huikuan', 'legal_cases') }}
    UNION ALL
    SELECT customer_id, decided_on, 'override', override_id, '', NULL, concat(ifNull(toString(kind), ''), ' ', ifNull(granted_value, ''))
    FROM {{ source('huikuan', 'overrides') }}
)
SELECT customer_id, day, kind, ref_id, currency, amount, detail
FROM happenings
WHERE day <= today
