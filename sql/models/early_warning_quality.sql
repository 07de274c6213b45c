/* ---
description: "How good the early warnings were: of alerts raised long enough ago, how many were followed by receivables more than warning_outcome_overdue_days days overdue or a bad debt within warning_outcome_days days (precision), and how many of these events had been warned of (recall), against the rate without any alert (E9)."
grain: one rule, and all rules together
materialisation: table
order_by: [rule_no]
owner: credit management
tags: [risk, warnings]
columns:
  - {name: rule_no, description: "number of the rule, 0 = any rule", unit: rank, tests: [not_null, unique]}
  - {name: rule, description: "rule as in warning_signals, or any", tests: [not_null]}
  - {name: alerts, description: alerts raised, unit: count, tests: [not_null]}
  - {name: too_young, description: alerts raised less than warning_outcome_days days ago, unit: count, tests: [not_null]}
  - {name: already_late, description: older alerts on customers that had receivables more than warning_outcome_overdue_days days overdue when it was raised; no warning any more, unit: count, tests: [not_null]}
  - {name: judged, description: the other alerts; denominator of precision_rate, unit: count, tests: [not_null]}
  - {name: hits, description: those followed by an event within warning_outcome_days days; numerator, unit: count, tests: [not_null]}
  - {name: precision_rate, description: hits / judged; NULL see reason, unit: fraction}
  - {name: events, description: "events with warning_outcome_days days of history before them: receivables that became more than warning_outcome_overdue_days days overdue where there were none, and bad debts; denominator of recall_rate", unit: count, tests: [not_null]}
  - {name: events_foreseen, description: events before which the rule was true within warning_outcome_days days; numerator, unit: count, tests: [not_null]}
  - {name: recall_rate, description: events_foreseen / events; NULL see reason_recall, unit: fraction}
  - {name: base_months, description: customer-months with open receivables and none so late; denominator of base_rate, unit: count, tests: [not_null]}
  - {name: base_hits, description: those followed by an event within warning_outcome_days days, unit: count, tests: [not_null]}
  - {name: base_rate, description: base_hits / base_months; NULL see reason, unit: fraction}
  - {name: lift, description: precision_rate / base_rate; above 1 the rule tells something; NULL see reason, unit: factor}
  - {name: reason, description: "why precision_rate or lift is NULL: no_alerts, insufficient_history"}
  - {name: reason_recall, description: "why recall_rate is NULL: no_events"}
tests:
  - name: alerts are those of early_warnings
    sum_equals:
      this: sumIf(alerts, rule_no > 0)
      of: SELECT count() FROM {{ ref('early_warnings') }}
  - name: no more hits than alerts
    sql: SELECT rule FROM {{ this }} WHERE hits > judged OR events_foreseen > events OR judged + already_late + too_young != alerts
unit_tests:
  - name: a hit, a false alarm, one that came too late and one too young
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-12-31}]
      - input: ref('risk_features')
        rows:
          - {as_of: 2025-12-31, customer_id: HIT, open_rc: 9, over_60_rc: 0}
          - {as_of: 2026-02-28, customer_id: HIT, open_rc: 9, over_60_rc: 0}
          - {as_of: 2026-08-27, customer_id: HIT, open_rc: 9, over_60_rc: 1}
          - {as_of: 2026-12-31, customer_id: HIT, open_rc: 9, over_60_rc: 1}
          - {as_of: 2026-02-28, customer_id: FALSE, open_rc: 9, over_60_rc: 0}
          - {as_of: 2025-12-31, customer_id: LATE, open_rc: 9, over_60_rc: 3}
          - {as_of: 2026-02-28, customer_id: LATE, open_rc: 9, over_60_rc: 3}
          - {as_of: 2026-12-31, customer_id: YOUNG, open_rc: 9, over_60_rc: 0}
      - input: ref('early_warnings')
        rows:
          - {customer_id: HIT, rule_no: 3, rule: broken_promises, raised_on: 2026-02-28, last_seen: 2026-02-28}
          - {customer_id: FALSE, rule_no: 3, rule: broken_promises, raised_on: 2026-02-28, last_seen: 2026-02-28}
          - {customer_id: LATE, rule_no: 3, rule: broken_promises, raised_on: 2026-02-28, last_seen: 2026-02-28}
          - {customer_id: YOUNG, rule_no: 9, rule: dispute_share, raised_on: 2026-12-31, last_seen: 2026-12-31}
      - input: ref('warning_signals')
        rows:
          - {as_of: 2026-02-28, customer_id: HIT, rule_no: 3}
          - {as_of: 2026-02-28, customer_id: FALSE, rule_no: 3}
          - {as_of: 2026-02-28, customer_id: LATE, rule_no: 3}
          - {as_of: 2026-12-31, customer_id: YOUNG, rule_no: 9}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: UNSEEN, kind: write_off, write_off_type: bad_debt, event_date: 2026-10-01, amount: 5}
          - {customer_id: FALSE, kind: write_off, write_off_type: small_balance, event_date: 2026-03-01, amount: 5}
    expect:
      rows:
        - {rule_no: 0, rule: any, alerts: 4, too_young: 1, already_late: 1, judged: 2, hits: 1, precision_rate: 0.5, events: 2, events_foreseen: 1, recall_rate: 0.5, base_months: 3, base_hits: 1, base_rate: 0.3333333333, lift: 1.5000000001}
        - {rule_no: 3, rule: broken_promises, alerts: 3, too_young: 0, already_late: 1, judged: 2, hits: 1, precision_rate: 0.5, events: 2, events_foreseen: 1, recall_rate: 0.5, base_months: 3, base_hits: 1, base_rate: 0.3333333333, lift: 1.5000000001}
        - {rule_no: 9, rule: dispute_share, alerts: 1, too_young: 1, already_late: 0, judged: 0, hits: 0, precision_rate: null, events: 2, events_foreseen: 0, recall_rate: 0, base_months: 3, base_hits: 1, base_rate: 0.3333333333, lift: null}
  - name: windows hold their last day, an event on the day of the alert or before the history was not foretold, small and future write-offs are no events
    overrides: {vars: {warning_outcome_days: 30}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-01-31}, {as_of: 2024-06-30}]
      - input: ref('risk_features')
        rows:
          # A: late from 31 March on, 31 days after its alert
          - {as_of: 2024-03-31, customer_id: A, open_rc: 9, over_60_rc: 5}
          - {as_of: 2024-04-30, customer_id: A, open_rc: 9, over_60_rc: 6}
          - {as_of: 2024-01-31, customer_id: A, open_rc: 9, over_60_rc: 0}
          - {as_of: 2024-02-29, customer_id: A, open_rc: 9, over_60_rc: 0}
          # B: a bad debt on the thirtieth day after its alert
          - {as_of: 2024-03-31, customer_id: B, open_rc: 0.5, over_60_rc: 0}
          # C: a bad debt on the day of its alert; nothing was open
          - {as_of: 2024-05-31, customer_id: C, open_rc: 0, over_60_rc: 0}
          # D: late when history begins, again late in May
          - {as_of: 2024-01-31, customer_id: D, open_rc: 9, over_60_rc: 0.5}
          - {as_of: 2024-04-30, customer_id: D, open_rc: 9, over_60_rc: 0}
          - {as_of: 2024-05-31, customer_id: D, open_rc: 9, over_60_rc: 1}
          - {as_of: 2024-06-30, customer_id: D, open_rc: 9, over_60_rc: 0}
      - input: ref('early_warnings')
        rows:
          - {customer_id: A, rule_no: 1, rule: payment_cycle, raised_on: 2024-02-29}
          - {customer_id: B, rule_no: 1, rule: payment_cycle, raised_on: 2024-03-31}
          - {customer_id: C, rule_no: 1, rule: payment_cycle, raised_on: 2024-05-31}
          - {customer_id: C, rule_no: 1, rule: payment_cycle, raised_on: 2024-06-01}
          - {customer_id: D, rule_no: 2, rule: order_decline, raised_on: 2024-01-31}
          - {customer_id: D, rule_no: 2, rule: order_decline, raised_on: 2024-05-31}
          - {customer_id: D, rule_no: 2, rule: order_decline, raised_on: 2024-04-30}
          - {customer_id: E, rule_no: 2, rule: order_decline, raised_on: 2024-05-31}
          - {customer_id: E, rule_no: 12, rule: stale_or_legal, raised_on: 2024-06-30}
          - {customer_id: F, rule_no: 12, rule: stale_or_legal, raised_on: 2024-06-30}
      - input: ref('warning_signals')
        rows:
          - {as_of: 2024-02-29, customer_id: A, rule_no: 1}
          - {as_of: 2024-03-01, customer_id: A, rule_no: 2}
          - {as_of: 2024-03-31, customer_id: A, rule_no: 12}
          - {as_of: 2024-03-31, customer_id: B, rule_no: 1}
          - {as_of: 2024-05-31, customer_id: C, rule_no: 1}
          - {as_of: 2024-05-01, customer_id: D, rule_no: 1}
          - {as_of: 2024-05-02, customer_id: D, rule_no: 2}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {customer_id: B, kind: write_off, write_off_type: bad_debt, event_date: 2024-04-30, amount: 0.01}
          - {customer_id: C, kind: write_off, write_off_type: bad_debt, event_date: 2024-05-31, amount: 5}
          - {customer_id: E, kind: write_off, write_off_type: bad_debt, event_date: 2024-07-01, amount: 5}
          - {customer_id: F, kind: write_off, write_off_type: bad_debt, event_date: 2024-02-29, amount: 5}
          - {customer_id: G, kind: write_off, write_off_type: null, event_date: 2024-03-01, amount: 5}
          - {customer_id: G, kind: write_off, write_off_type: bad_debt, event_date: 2024-06-30, amount: 5}
          - {customer_id: H, kind: write_off, write_off_type: bad_debt, event_date: 2024-04-15, amount: 0}
          - {customer_id: H, kind: write_off, write_off_type: bad_debt, event_date: 2024-04-16, amount: -5}
          - {customer_id: H, kind: cash, event_date: 2024-04-17, amount: 5}
    expect:
      rows:
        - {rule_no: 0, rule: any, alerts: 10, too_young: 3, already_late: 2, judged: 5, hits: 1, precision_rate: 0.2, events: 6, events_foreseen: 3, recall_rate: 0.5, base_months: 4, base_hits: 1, base_rate: 0.25, lift: 0.8, reason: null, reason_recall: null}
        - {rule_no: 1, rule: payment_cycle, alerts: 4, too_young: 1, already_late: 0, judged: 3, hits: 1, precision_rate: 0.3333333333, events: 6, events_foreseen: 2, recall_rate: 0.3333333333, base_months: 4, base_hits: 1, base_rate: 0.25, lift: 1.3333333332, reason: null, reason_recall: null}
        - {rule_no: 2, rule: order_decline, alerts: 4, too_young: 0, already_late: 2, judged: 2, hits: 0, precision_rate: 0, events: 6, events_foreseen: 2, recall_rate: 0.3333333333, base_months: 4, base_hits: 1, base_rate: 0.25, lift: 0, reason: null, reason_recall: null}
        - {rule_no: 12, rule: stale_or_legal, alerts: 2, too_young: 2, already_late: 0, judged: 0, hits: 0, precision_rate: null, events: 6, events_foreseen: 0, recall_rate: 0, base_months: 4, base_hits: 1, base_rate: 0.25, lift: null, reason: no_alerts, reason_recall: null}
  - name: alerts without a single event
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-12-31}]
      - input: ref('early_warnings')
        rows: [{customer_id: A, rule_no: 1, rule: payment_cycle, raised_on: 2024-02-29}]
      - input: ref('risk_features')
        rows: [{as_of: 2024-02-29, customer_id: A, open_rc: 9, over_60_rc: 0}]
    expect:
      rows:
        - {rule_no: 0, rule: any, judged: 1, hits: 0, precision_rate: 0, events: 0, events_foreseen: 0, recall_rate: null, base_months: 1, base_hits: 0, base_rate: 0, lift: null, reason: insufficient_history, reason_recall: no_events}
        - {rule_no: 1, rule: payment_cycle, judged: 1, hits: 0, precision_rate: 0, events: 0, events_foreseen: 0, recall_rate: null, base_months: 1, base_hits: 0, base_rate: 0, lift: null, reason: insufficient_history, reason_recall: no_events}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
(SELECT arraySort(groupUniqArray(as_of)) FROM {{ ref('risk_features') }}) AS days,
{{ var('warning_outcome_days') }} AS horizon,
states AS (
    SELECT customer_id, arraySort(groupArray((as_of, over_60_rc > 0, open_rc > 0))) AS history
    FROM {{ ref('risk_features') }}
    GROUP BY customer_id
),
bad_debts AS (
    SELECT customer_id, groupUniqArray(event_date) AS written_off_on
    FROM {{ source('huikuan', 'ar_settlements') }}
    WHERE kind = 'write_off' AND amount > 0 AND NOT has({{ var('small_write_off_types') }}, ifNull(write_off_type, ''))
    GROUP BY customer_id
),
signals AS (
    SELECT customer_id, groupArray((rule_no, as_of)) AS seen
    FROM {{ ref('warning_signals') }}
    GROUP BY customer_id
),
warnings AS (
    SELECT customer_id, groupArray((rule_no, CAST(rule AS String), raised_on)) AS raised
    FROM {{ ref('early_warnings') }}
    GROUP BY customer_id
),
customers AS (
    SELECT
        s.history AS history,
        g.seen AS seen,
        w.raised AS raised,
        arrayConcat(
            arrayMap(x -> x.1, arrayFilter((x, n) -> x.2 AND x.1 > days[1] AND (n = 1 OR NOT history[n - 1].2), s.history, arrayEnumerate(s.history))),
            b.written_off_on) AS events,
        arrayMap(x -> x.1, arrayFilter(x -> x.1 <= today - horizon AND x.3 AND NOT x.2, history)) AS calm,
        arrayMap(x -> x.1, arrayFilter(x -> x.2, history)) AS late
    FROM (SELECT customer_id FROM states UNION DISTINCT SELECT customer_id FROM bad_debts UNION DISTINCT SELECT customer_id FROM warnings) AS k
    LEFT ANY JOIN states AS s ON s.customer_id = k.customer_id
    LEFT ANY JOIN bad_debts AS b ON b.customer_id = k.customer_id
    LEFT ANY JOIN signals AS g ON g.customer_id = k.customer_id
    LEFT ANY JOIN warnings AS w ON w.customer_id = k.customer_id
),
-- What each customer adds to the counts of a rule: alerts, too young, already late, hits, events, foreseen; base.
counted AS (
    SELECT arrayJoin(arrayConcat(
        arrayFlatten(arrayMap(r -> [(r.1, r.2, 1, r.3 > today - horizon, r.3 <= today - horizon AND has(late, r.3),
            r.3 <= today - horizon AND NOT has(late, r.3) AND arrayExists(e -> e > r.3 AND e <= r.3 + horizon, events), 0, 0, 0, 0)],
            arrayConcat(raised, arrayMap(r -> (toUInt8(0), 'any', r.3), raised)))),
        arrayFlatten(arrayMap(e -> arrayMap(n -> (toUInt8(n), '', 0, 0, 0, 0, 1, arrayExists(s -> (n = 0 OR s.1 = n) AND s.2 < e AND s.2 >= e - horizon, seen), 0, 0), range(13)),
            arrayFilter(e -> e >= days[1] + horizon AND e <= today, events))),
        [(toUInt8(0), '', 0, 0, 0, 0, 0, 0, length(calm), arrayCount(d -> arrayExists(e -> e > d AND e <= d + horizon, events), calm))])) AS c
    FROM customers
),
totals AS (
    SELECT
        c.1 AS rule_no,
        max(c.2) AS rule,
        sum(c.3) AS alerts,
        sum(c.4) AS too_young,
        sum(c.5) AS already_late,
        toUInt64(alerts - too_young - already_late) AS judged,
        sum(c.6) AS hits,
        sum(c.7) AS events,
        sum(c.8) AS events_foreseen,
        sum(sum(c.9)) OVER () AS months,
        sum(sum(c.10)) OVER () AS base_hits
    FROM counted
    GROUP BY rule_no
)
SELECT
    a.rule_no AS rule_no,
    a.rule AS rule,
    a.alerts AS alerts,
    a.too_young AS too_young,
    a.already_late AS already_late,
    a.judged AS judged,
    a.hits AS hits,
    CAST(toDecimal128(a.hits, 10) / nullIf(a.judged, 0) AS Nullable(Decimal(38, 10))) AS precision_rate,
    a.events AS events,
    a.events_foreseen AS events_foreseen,
    CAST(toDecimal128(a.events_foreseen, 10) / nullIf(a.events, 0) AS Nullable(Decimal(38, 10))) AS recall_rate,
    a.months AS base_months,
    a.base_hits AS base_hits,
    CAST(toDecimal128(a.base_hits, 10) / nullIf(a.months, 0) AS Nullable(Decimal(38, 10))) AS base_rate,
    CAST(toDecimal256(precision_rate, 20) / nullIf(base_rate, 0) AS Nullable(Decimal(38, 10))) AS lift,
    multiIf(a.judged = 0, 'no_alerts', isNull(lift), 'insufficient_history', NULL) AS reason,
    if(a.events = 0, 'no_events', NULL) AS reason_recall
FROM totals AS a
WHERE a.alerts > 0
