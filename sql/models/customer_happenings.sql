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
  - name: each kind says what it is about, a confirmation without a balance is no difference
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}, {as_of: 2024-05-31}]
      - input: source('huikuan', 'promise_outcomes')
        rows: [{promise_id: R1, customer_id: A, made_on: 2024-05-20, due_date: 2024-06-01, currency: USD, amount: 60, status: kept}]
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V1, customer_id: A, happened_at: "2024-06-30 23:00:00", planned_at: "2024-06-25 09:00:00", channel: phone, contact_person: 王会计, refusal_code: CASH_SHORT, excuse_code: SICK, outcome_note: will call}
          - {visit_id: V2, customer_id: A, planned_at: "2024-06-30 09:00:00", contact_person: 李总, refusal_code: CASH_SHORT}
          - {visit_id: V3, customer_id: A, happened_at: "2024-06-02 09:00:00", excuse_code: SICK}
          - {visit_id: V4, customer_id: A, happened_at: "2024-06-03 09:00:00", channel: visit, outcome_note: nobody there}
          - {visit_id: V5, customer_id: A, planned_at: "2024-06-04 09:00:00"}
          - {visit_id: V6, customer_id: A}
      - input: source('huikuan', 'dunning_events')
        rows:
          - {dunning_id: N1, customer_id: A, sent_on: 2024-06-05, currency: CNY, amount: 71, method: reminder, level: 2}
          - {dunning_id: N2, customer_id: A, sent_on: 2024-06-06}
          - {dunning_id: N3, customer_id: A, sent_on: 2024-06-06, level: 3}
          - {dunning_id: N4, customer_id: A, sent_on: 2024-07-01}
      - input: source('huikuan', 'order_holds')
        rows: [{hold_id: H1, customer_id: A, held_on: 2024-06-07, released_on: 2024-06-27, released_by: 赵总, reason: overdue}, {hold_id: H2, customer_id: A, held_on: 2024-06-08}, {hold_id: H3, customer_id: A, held_on: 2024-06-08, released_on: 2024-06-28}]
      - input: ref('dispute_items')
        rows:
          - {dispute_id: D1, customer_id: A, currency: CNY, opened_on: 2024-06-09, closed_on: 2024-06-25, disputed_amount: 40, reason: PRICE, outcome: valid}
          - {dispute_id: D2, customer_id: A, opened_on: 2024-06-10, disputed_amount: 7}
          - {dispute_id: D3, customer_id: "", opened_on: 2024-06-10, closed_on: 2024-06-26, disputed_amount: 8}
          - {dispute_id: D4, customer_id: A, currency: USD, opened_on: 2024-04-10, closed_on: 2024-06-26, disputed_amount: 9, outcome: unknown}
          - {dispute_id: D5, customer_id: A, opened_on: 2024-04-11, closed_on: 2024-06-27, disputed_amount: 10}
      - input: source('huikuan', 'credit_reviews')
        rows: [{review_id: C1, customer_id: A, reviewed_on: 2024-06-11, external_grade: BB}, {review_id: C2, customer_id: A, reviewed_on: 2024-06-12}]
      - input: source('huikuan', 'statements')
        rows:
          - {statement_id: S1, customer_id: A, sent_on: 2024-06-13, confirmed_on: 2024-06-14, currency: CNY, our_balance: 500, their_balance: 500}
          - {statement_id: S2, customer_id: A, sent_on: 2024-06-15, confirmed_on: 2024-06-16, currency: USD, our_balance: 600, their_balance: 599}
          - {statement_id: S3, customer_id: A, confirmed_on: 2024-06-17, our_balance: 700}
          - {statement_id: S4, customer_id: A, sent_on: 2024-06-18, our_balance: 800}
      - input: source('huikuan', 'concessions')
        rows: [{concession_id: K1, customer_id: A, granted_on: 2024-06-19, currency: CNY, amount: 12, kind: discount}, {concession_id: K2, customer_id: A, granted_on: 2024-06-20, amount: 13}]
      - input: source('huikuan', 'legal_cases')
        rows: [{case_id: L1, customer_id: A, filed_on: 2024-06-21, currency: CNY, claimed: 900, kind: arbitration}, {case_id: L2, customer_id: A, filed_on: 2024-06-22}]
      - input: source('huikuan', 'overrides')
        rows: [{override_id: O1, customer_id: A, decided_on: 2024-06-23, kind: limit, granted_value: "5000"}, {override_id: O2, customer_id: A, decided_on: 2024-06-24}]
    expect:
      rows:
        - {day: 2024-05-20, kind: promise, ref_id: R1, currency: USD, amount: 60, detail: "due 2024-06-01, kept"}
        - {day: 2024-06-30, kind: call, ref_id: V1, currency: "", amount: null, detail: "王会计, CASH_SHORT, SICK, will call"}
        - {day: 2024-06-30, kind: appointment_missed, ref_id: V2, currency: "", amount: null, detail: 李总}
        - {day: 2024-06-02, kind: call, ref_id: V3, currency: "", amount: null, detail: SICK}
        - {day: 2024-06-03, kind: visit, ref_id: V4, currency: "", amount: null, detail: nobody there}
        - {day: 2024-06-04, kind: appointment_missed, ref_id: V5, currency: "", amount: null, detail: ""}
        - {day: 2024-06-05, kind: notice, ref_id: N1, currency: CNY, amount: 71, detail: reminder 2}
        - {day: 2024-06-06, kind: notice, ref_id: N2, currency: "", amount: null, detail: ""}
        - {day: 2024-06-06, kind: notice, ref_id: N3, currency: "", amount: null, detail: "3"}
        - {day: 2024-06-07, kind: hold, ref_id: H1, currency: "", amount: null, detail: overdue}
        - {day: 2024-06-08, kind: hold, ref_id: H2, currency: "", amount: null, detail: ""}
        - {day: 2024-06-08, kind: hold, ref_id: H3, currency: "", amount: null, detail: ""}
        - {day: 2024-06-27, kind: release, ref_id: H1, currency: "", amount: null, detail: 赵总}
        - {day: 2024-06-28, kind: release, ref_id: H3, currency: "", amount: null, detail: ""}
        - {day: 2024-06-09, kind: dispute, ref_id: D1, currency: CNY, amount: 40, detail: PRICE}
        - {day: 2024-06-10, kind: dispute, ref_id: D2, currency: "", amount: 7, detail: ""}
        - {day: 2024-04-10, kind: dispute, ref_id: D4, currency: USD, amount: 9, detail: ""}
        - {day: 2024-04-11, kind: dispute, ref_id: D5, currency: "", amount: 10, detail: ""}
        - {day: 2024-06-25, kind: dispute_closed, ref_id: D1, currency: CNY, amount: 40, detail: valid}
        - {day: 2024-06-26, kind: dispute_closed, ref_id: D4, currency: USD, amount: 9, detail: ""}
        - {day: 2024-06-27, kind: dispute_closed, ref_id: D5, currency: "", amount: 10, detail: ""}
        - {day: 2024-06-11, kind: review, ref_id: C1, currency: "", amount: null, detail: BB}
        - {day: 2024-06-12, kind: review, ref_id: C2, currency: "", amount: null, detail: ""}
        - {day: 2024-06-13, kind: statement, ref_id: S1, currency: CNY, amount: 500, detail: ""}
        - {day: 2024-06-15, kind: statement, ref_id: S2, currency: USD, amount: 600, detail: ""}
        - {day: 2024-06-18, kind: statement, ref_id: S4, currency: "", amount: 800, detail: ""}
        - {day: 2024-06-14, kind: confirmed, ref_id: S1, currency: CNY, amount: 500, detail: ""}
        - {day: 2024-06-16, kind: confirmed, ref_id: S2, currency: USD, amount: 599, detail: difference}
        - {day: 2024-06-17, kind: confirmed, ref_id: S3, currency: "", amount: null, detail: ""}
        - {day: 2024-06-19, kind: concession, ref_id: K1, currency: CNY, amount: 12, detail: discount}
        - {day: 2024-06-20, kind: concession, ref_id: K2, currency: "", amount: 13, detail: ""}
        - {day: 2024-06-21, kind: legal, ref_id: L1, currency: CNY, amount: 900, detail: arbitration}
        - {day: 2024-06-22, kind: legal, ref_id: L2, currency: "", amount: null, detail: legal}
        - {day: 2024-06-23, kind: override, ref_id: O1, currency: "", amount: null, detail: limit 5000}
        - {day: 2024-06-24, kind: override, ref_id: O2, currency: "", amount: null, detail: ""}
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
    SELECT customer_id, sent_on, 'notice', dunning_id, ifNull(toString(currency), ''), amount, trimLeft(concat(ifNull(toString(method), ''), if(level IS NULL, '', concat(' ', toString(level)))))
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
    SELECT customer_id, assumeNotNull(confirmed_on), 'confirmed', statement_id, ifNull(toString(currency), ''), their_balance, if(ifNull(our_balance != their_balance, false), 'difference', '')
    FROM {{ source('huikuan', 'statements') }}
    WHERE confirmed_on IS NOT NULL
    UNION ALL
    SELECT customer_id, granted_on, 'concession', concession_id, ifNull(toString(currency), ''), amount, ifNull(toString(kind), '')
    FROM {{ source('huikuan', 'concessions') }}
    UNION ALL
    SELECT customer_id, filed_on, 'legal', case_id, ifNull(toString(currency), ''), claimed, ifNull(toString(kind), 'legal')
    FROM {{ source('huikuan', 'legal_cases') }}
    UNION ALL
    SELECT customer_id, decided_on, 'override', override_id, '', NULL, trimBoth(concat(ifNull(toString(kind), ''), ' ', ifNull(granted_value, '')))
    FROM {{ source('huikuan', 'overrides') }}
)
SELECT customer_id, day, kind, ref_id, currency, amount, detail
FROM happenings
WHERE day <= today
