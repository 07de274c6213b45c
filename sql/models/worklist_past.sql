/* ---
description: "The worklist as it would have stood at month-ends of the last rolling_months, and on the last day built (G1): customers with something overdue then, ranked by the priority of worklist from what is dated up to that day. worklist_backtest judges it."
grain: one month-end or the last day built, and customer with something overdue on it
materialisation: table
order_by: [as_of, rank]
owner: credit management
tags: [worklist]
columns:
  - {name: as_of, description: "end of this day: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: rank, description: "1 = first; by priority, then overdue, then identifier", unit: count, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: priority, description: "0 to 100, as in worklist without worklist_bonus_behind, which is known of today alone", unit: points, tests: [not_null]}
  - {name: overdue_rc, description: overdue on as_of; items without an exchange rate are left out, unit: reporting currency, tests: [not_null]}
  - {name: undisputed_overdue_rc, description: overdue less what was disputed on as_of, unit: reporting currency, tests: [not_null]}
  - {name: max_days_past_due, description: "days past due of the oldest item open on as_of, disputed ones as well: worklist leaves out what is disputed in full", unit: days, tests: [not_null]}
  - {name: risk_score, description: "score of risk_grades on as_of, else worklist_risk_not_rated", unit: points, tests: [not_null]}
  - {name: broken_promise, description: "the last promise made by as_of was not kept, and that was known on as_of", tests: [not_null]}
  - {name: promised_until, description: day until which a promise that was live on as_of was waited for; NULL = none, unit: date}
tests:
  - unique: [as_of, customer_id]
  - unique: [as_of, rank]
  - name: all that was overdue on the day is ranked
    sum_equals:
      this: sum(overdue_rc)
      by: [as_of]
      of: |
        SELECT as_of, sum(ifNull(overdue_rc, 0))
        FROM {{ source('huikuan', 'ar_snapshots') }}
        WHERE as_of IN (SELECT as_of FROM {{ this }})
        GROUP BY as_of
  - name: on the last day the priorities are those of the worklist
    # where one of a customer's documents has no rate, its snapshot knows no overdue in reporting currency
    sql: |
      SELECT w.customer_id AS customer_id, w.priority AS worklist_priority, p.priority AS past_priority
      FROM {{ ref('worklist') }} AS w
      LEFT JOIN (
          SELECT customer_id, priority
          FROM {{ this }}
          WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
      ) AS p ON p.customer_id = w.customer_id
      WHERE w.disputed_share = 0 AND {{ var('worklist_bonus_behind') }} = 0 AND abs(w.priority - p.priority) > 0.0001
          AND NOT EXISTS (SELECT 1 FROM {{ source('huikuan', 'ar_snapshots') }} WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AND overdue > 0 AND isNull(overdue_rc))
unit_tests:
  - name: ex:priority_score, at a month-end and on the last day
    overrides: {vars: {rolling_months: 1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-07-10}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-05-31, customer_id: A, overdue: 1, overdue_rc: 1}
          - {as_of: 2024-06-29, customer_id: A, overdue: 1, overdue_rc: 1}
          - {as_of: 2024-06-30, company: X, customer_id: A, currency: CNY, overdue: 60000, overdue_rc: 60000, disputed_overdue_rc: 12500}
          - {as_of: 2024-06-30, company: Y, customer_id: A, currency: CNY, overdue: 2500, overdue_rc: 2500, disputed_overdue_rc: 0}
          - {as_of: 2024-06-30, company: X, customer_id: B, currency: CNY, overdue: 100000, overdue_rc: 100000, disputed_overdue_rc: 0}
          - {as_of: 2024-06-30, company: X, customer_id: C, currency: CNY, overdue: 0, overdue_rc: 0, open_amount: 5}
          - {as_of: 2024-07-10, company: X, customer_id: B, currency: CNY, overdue: 400, overdue_rc: 400, disputed_overdue_rc: 0}
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: A, invoice_id: I1, invoice_date: 2024-04-01, due_date: 2024-05-16, settled_on: 2024-07-01}
          - {customer_id: A, invoice_id: I2, invoice_date: 2024-01-01, due_date: 2024-02-01, settled_on: 2024-06-30}
          - {customer_id: A, invoice_id: I3, invoice_date: 2024-07-01, due_date: 2024-01-01, settled_on: 2024-07-05}
          - {customer_id: B, invoice_id: I4, invoice_date: 2024-05-01, due_date: 2024-06-29, settled_on: null}
      - input: ref('risk_grades')
        rows: [{as_of: 2024-05-31, customer_id: A, score: 1}, {as_of: 2024-06-30, customer_id: A, score: 69.5}, {as_of: 2024-06-30, customer_id: B, score: 0}, {as_of: 2024-07-10, customer_id: B, score: 100}]
      - input: source('huikuan', 'promise_states')
        rows:
          - {promise_id: P1, customer_id: A, made_on: 2024-05-01, due_date: 2024-05-10, limit_date: 2024-05-12, first_day: 2024-05-31, last_day: 2024-07-10, status: kept, status_on: 2024-05-12}
          - {promise_id: P2, customer_id: A, made_on: 2024-05-20, due_date: 2024-06-01, limit_date: 2024-06-03, first_day: 2024-05-31, last_day: 2024-05-31, status: open}
          - {promise_id: P2, customer_id: A, made_on: 2024-05-20, due_date: 2024-06-01, limit_date: 2024-06-03, first_day: 2024-06-30, last_day: 2024-07-10, status: broken, status_on: 2024-06-04}
          - {promise_id: P3, customer_id: A, made_on: 2024-07-01, due_date: 2024-07-08, limit_date: 2024-07-20, first_day: 2024-07-10, last_day: 2024-07-10, status: open}
    expect:
      rows:
        - {as_of: 2024-06-30, rank: 1, customer_id: A, priority: 55.7474, overdue_rc: 62500, undisputed_overdue_rc: 50000, max_days_past_due: 45, risk_score: 69.5, broken_promise: true, promised_until: null}
        - {as_of: 2024-06-30, rank: 2, customer_id: B, priority: 40.2778, overdue_rc: 100000, undisputed_overdue_rc: 100000, max_days_past_due: 1, risk_score: 0, broken_promise: false, promised_until: null}
        - {as_of: 2024-07-10, rank: 1, customer_id: B, priority: 63.0556, overdue_rc: 400, undisputed_overdue_rc: 400, max_days_past_due: 11, risk_score: 100, broken_promise: false, promised_until: null}
  - name: a promise is live until it was kept, broken or moved, and nobody knows on the day what becomes of it
    overrides: {vars: {rolling_months: 1, worklist_risk_not_rated: 50}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2024-05-31, customer_id: BROKEN_LATER, overdue: 100, overdue_rc: 100}
          - {as_of: 2024-05-31, customer_id: BROKEN_BEFORE, overdue: 100, overdue_rc: 100}
          - {as_of: 2024-05-31, customer_id: KEPT_BEFORE, overdue: 100, overdue_rc: 100}
          - {as_of: 2024-05-31, customer_id: KEPT_LATER, overdue: 100, overdue_rc: 100}
          - {as_of: 2024-05-31, customer_id: MADE_LATER, overdue: 100, overdue_rc: null}
          - {as_of: 2024-05-31, customer_id: MOVED_BEFORE, overdue: 100, overdue_rc: 25}
          - {as_of: 2024-05-31, customer_id: REOPENED_LATER, overdue: 4, overdue_rc: 4}
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: BROKEN_LATER, invoice_date: 2024-01-01, due_date: 2024-05-01}
          - {customer_id: BROKEN_BEFORE, invoice_date: 2024-01-01, due_date: 2024-01-02}
          - {customer_id: KEPT_BEFORE, invoice_date: 2024-01-01, due_date: 2024-05-01}
          - {customer_id: KEPT_LATER, invoice_date: 2024-01-01, due_date: 2024-05-01}
          - {customer_id: MADE_LATER, invoice_date: 2024-01-01, due_date: 2024-05-01}
          - {customer_id: MOVED_BEFORE, invoice_date: 2024-01-01, due_date: 2024-05-01}
          - {customer_id: REOPENED_LATER, source: s, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-01-02, amount: 50, settled_on: null}
          - {customer_id: REOPENED_LATER, source: t, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-05-22, amount: 50, settled_on: 2024-06-01}
          - {customer_id: REOPENED_LATER, source: s, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-01-01, due_date: 2024-05-21, amount: 50, settled_on: 2024-06-30}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: s, invoice_id: I1, instalment_seq: 1, event_date: 2024-02-01, amount: 50}
          - {source: s, invoice_id: I1, instalment_seq: 1, event_date: 2024-06-01, amount: -50}
          - {source: s, invoice_id: I2, instalment_seq: 1, event_date: 2024-05-22, amount: 50}
          - {source: s, invoice_id: I2, instalment_seq: 1, event_date: 2024-05-31, amount: -1}
          - {source: s, invoice_id: I2, instalment_seq: 1, event_date: 2024-06-30, amount: 1}
          - {source: t, invoice_id: I1, instalment_seq: 1, event_date: 2024-06-01, amount: 50}
      - input: source('huikuan', 'promise_states')
        rows:
          - {promise_id: P1, customer_id: BROKEN_LATER, made_on: 2024-05-31, due_date: 2024-06-01, limit_date: 2024-06-03, first_day: 2024-05-31, last_day: 2024-05-31, status: open}
          - {promise_id: P1, customer_id: BROKEN_LATER, made_on: 2024-05-31, due_date: 2024-06-01, limit_date: 2024-06-03, first_day: 2024-06-30, last_day: 2024-06-30, status: broken, status_on: 2024-06-04}
          - {promise_id: P2, customer_id: BROKEN_BEFORE, made_on: 2024-05-20, due_date: 2024-05-28, limit_date: 2024-05-30, first_day: 2024-05-31, last_day: 2024-06-30, status: partial, status_on: 2024-05-31}
          - {promise_id: P3, customer_id: KEPT_BEFORE, made_on: 2024-05-20, due_date: 2024-06-28, limit_date: 2024-06-30, first_day: 2024-05-31, last_day: 2024-06-30, status: kept, status_on: 2024-05-31}
          - {promise_id: P4, customer_id: KEPT_LATER, made_on: 2024-05-20, due_date: 2024-05-29, limit_date: 2024-05-31, first_day: 2024-05-31, last_day: 2024-05-31, status: open}
          - {promise_id: P4, customer_id: KEPT_LATER, made_on: 2024-05-20, due_date: 2024-05-29, limit_date: 2024-05-31, first_day: 2024-06-30, last_day: 2024-06-30, status: kept, status_on: 2024-06-01}
          - {promise_id: P5, customer_id: MADE_LATER, made_on: 2024-06-01, due_date: 2024-06-28, limit_date: 2024-06-30, first_day: 2024-06-30, last_day: 2024-06-30, status: open}
          - {promise_id: P6, customer_id: MOVED_BEFORE, made_on: 2024-05-01, due_date: 2024-05-10, limit_date: 2024-05-12, first_day: 2024-05-31, last_day: 2024-06-30, status: broken, status_on: 2024-05-13}
          - {promise_id: P7, customer_id: MOVED_BEFORE, made_on: 2024-05-14, due_date: 2024-06-28, limit_date: 2024-06-30, first_day: 2024-05-31, last_day: 2024-06-30, status: moved, status_on: 2024-05-31}
          - {promise_id: P8, customer_id: MOVED_BEFORE, made_on: 2024-05-20, due_date: 2024-06-28, limit_date: 2024-06-30, first_day: 2024-05-31, last_day: 2024-06-30, status: moved, status_on: null}
    expect:
      rows:
        - {as_of: 2024-05-31, rank: 1, customer_id: BROKEN_BEFORE, priority: 90, max_days_past_due: 150, broken_promise: true, promised_until: null}
        - {as_of: 2024-05-31, rank: 2, customer_id: KEPT_BEFORE, priority: 58.3333, broken_promise: false, promised_until: null}
        - {as_of: 2024-05-31, rank: 3, customer_id: MOVED_BEFORE, priority: 53.3333, broken_promise: true, promised_until: null}
        - {as_of: 2024-05-31, rank: 4, customer_id: REOPENED_LATER, priority: 20.7778, max_days_past_due: 10, overdue_rc: 4}
        - {as_of: 2024-05-31, rank: 5, customer_id: MADE_LATER, priority: 18.3333, overdue_rc: 0, broken_promise: false, promised_until: null}
        - {as_of: 2024-05-31, rank: 6, customer_id: BROKEN_LATER, priority: 0, broken_promise: false, promised_until: 2024-06-03}
        - {as_of: 2024-05-31, rank: 7, customer_id: KEPT_LATER, priority: 0, broken_promise: false, promised_until: 2024-05-31}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
overdue AS (
    SELECT
        s.as_of AS as_of,
        s.customer_id AS customer_id,
        sum(ifNull(s.overdue_rc, 0)) AS overdue_rc,
        sum(ifNull(s.overdue_rc, 0) - ifNull(s.disputed_overdue_rc, 0)) AS undisputed_overdue_rc,
        CAST(overdue_rc - undisputed_overdue_rc AS Decimal(38, 10)) / nullIf(overdue_rc, 0) AS disputed_share
    FROM {{ source('huikuan', 'ar_snapshots') }} AS s
    WHERE s.overdue > 0
        AND (s.as_of = today OR s.as_of = toLastDayOfMonth(s.as_of) AND s.as_of >= toLastDayOfMonth(addMonths(today, -{{ var('rolling_months') }})))
    GROUP BY as_of, customer_id
),
assumeNotNull((SELECT groupUniqArray(as_of) FROM overdue)) AS days,
-- what something was taken back of: it may have been settled on a day and open again later
reopened AS (
    SELECT toString(source) AS source, invoice_id, instalment_seq, groupArray((event_date, amount)) AS moves
    FROM {{ source('huikuan', 'ar_settlements') }}
    WHERE (source, invoice_id, instalment_seq) IN (SELECT source, invoice_id, instalment_seq FROM {{ source('huikuan', 'ar_settlements') }} WHERE amount < 0)
    GROUP BY source, invoice_id, instalment_seq
),
ages AS (
    SELECT
        day AS as_of,
        i.customer_id AS customer_id,
        max(dateDiff('day', i.due_date, day)) AS max_days_past_due
    FROM {{ source('huikuan', 'ar_items') }} AS i
    LEFT ANY JOIN reopened AS r ON r.source = toString(i.source) AND r.invoice_id = i.invoice_id AND r.instalment_seq = i.instalment_seq
    ARRAY JOIN arrayFilter(
        d -> i.due_date < d AND i.invoice_date <= d
            AND if(empty(r.moves), ifNull(i.settled_on > d, true), i.amount > arraySum(m -> if(m.1 <= d, m.2, toDecimal64(0, 4)), r.moves)), days) AS day
    GROUP BY as_of, customer_id
),
promises AS (
    SELECT
        day AS as_of,
        p.customer_id AS customer_id,
        argMaxIf(p.status, tuple(p.made_on, p.due_date, p.promise_id), p.status NOT IN ('moved', 'cancelled')) IN ('broken', 'partial') AS broken,
        maxIf(toNullable(p.limit_date), p.status = 'open' AND p.limit_date >= day) AS promised_until
    FROM {{ source('huikuan', 'promise_states') }} AS p
    ARRAY JOIN arrayFilter(d -> d >= p.first_day AND d <= p.last_day, days) AS day
    GROUP BY as_of, customer_id
),
weighed AS (
    SELECT
        o.as_of AS as_of,
        o.customer_id AS customer_id,
        o.overdue_rc AS overdue_rc,
        o.undisputed_overdue_rc AS undisputed_overdue_rc,
        o.disputed_share AS disputed_share,
        a.max_days_past_due AS max_days_past_due,
        max(o.undisputed_overdue_rc) OVER (PARTITION BY o.as_of) AS largest,
        toFloat64(if(g.customer_id = '', {{ var('worklist_risk_not_rated') }}, ifNull(toNullable(g.score), {{ var('worklist_risk_not_rated') }}))) AS risk,
        p.broken AS broken,
        p.promised_until AS promised_until
    FROM overdue AS o
    LEFT JOIN ages AS a ON a.as_of = o.as_of AND a.customer_id = o.customer_id
    LEFT JOIN {{ ref('risk_grades') }} AS g ON g.as_of = o.as_of AND g.customer_id = o.customer_id
    LEFT JOIN promises AS p ON p.as_of = o.as_of AND p.customer_id = o.customer_id
),
scored AS (
    SELECT
        *,
        {{ var('worklist_weight_overdue') }} * sqrt(greatest(0, ifNull(toFloat64(undisputed_overdue_rc) / nullIf(toFloat64(largest), 0), 0)))
            + {{ var('worklist_weight_age') }} * least(1, max_days_past_due / {{ var('worklist_age_days') }})
            + {{ var('worklist_weight_risk') }} * risk / 100
            + if(broken, {{ var('worklist_weight_broken') }}, 0) AS points,
        toDecimal64(if(promised_until IS NOT NULL, 0, round(least(100, points * (1 - toFloat64(ifNull(disputed_share, 0)))), 4)), 4) AS priority
    FROM weighed
)
SELECT
    s.as_of AS as_of,
    row_number() OVER (PARTITION BY s.as_of ORDER BY s.priority DESC, s.overdue_rc DESC, s.customer_id ASC) AS rank,
    s.customer_id AS customer_id,
    s.priority AS priority,
    s.overdue_rc AS overdue_rc,
    s.undisputed_overdue_rc AS undisputed_overdue_rc,
    s.max_days_past_due AS max_days_past_due,
    toDecimal64(s.risk, 4) AS risk_score,
    toBool(s.broken) AS broken_promise,
    s.promised_until AS promised_until
FROM scored AS s
