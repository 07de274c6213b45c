/* ---
description: "How the work of collecting is done (D4), by rep: visits written down in time, appointments kept, checklists and evidence, and how long an amount is overdue before anybody calls."
grain: one period (month, or the rolling months), dimension (all, rep) and its value
materialisation: table
order_by: [dimension, value, period, month]
owner: sales management
tags: [collection, visits, reps]
columns:
  - {name: period, description: "month, or rolling: the last rolling_months months to the last day built", tests: [not_null, {accepted_values: [month, rolling]}]}
  - {name: month, description: first day of the period, unit: date, tests: [not_null]}
  - {name: dimension, description: "all, or rep: the visitor; of first contacts the account owner of the due date", tests: [not_null, {accepted_values: [all, rep]}]}
  - {name: value, description: rep; empty for all and where unknown, unit: id, tests: [not_null]}
  - {name: name, description: display name of the rep}
  - {name: visits, description: visits and calls that took place, unit: count, tests: [not_null]}
  - {name: logged_known, description: of which it is recorded when they were written down; denominator, unit: count, tests: [not_null]}
  - {name: logged_in_time, description: written down within log_within_hours, unit: count, tests: [not_null]}
  - {name: logged_rate, description: "logged_in_time / logged_known; NULL = none known", unit: fraction}
  - {name: appointments, description: appointments for a day up to the last day built, unit: count, tests: [not_null]}
  - {name: appointments_kept, description: of which a visit took place, unit: count, tests: [not_null]}
  - {name: appointments_on_day, description: of which it took place on the planned day, unit: count, tests: [not_null]}
  - {name: appointment_rate, description: "appointments_kept / appointments; NULL = none", unit: fraction}
  - {name: with_checklist, description: visits with a checklist, unit: count, tests: [not_null]}
  - {name: checklist_complete, description: "visits whose checklist has all three phases: before, during, after", unit: count, tests: [not_null]}
  - {name: checklist_rate, description: checklist_complete / visits, unit: fraction}
  - {name: with_evidence, description: visits with evidence, unit: count, tests: [not_null]}
  - {name: evidence_rate, description: with_evidence / visits, unit: fraction}
  - {name: with_next_action, description: visits without an agreement that have a next action with a day, unit: count, tests: [not_null]}
  - {name: without_agreement, description: visits at which no terms were agreed; denominator, unit: count, tests: [not_null]}
  - {name: next_action_rate, description: with_next_action / without_agreement, unit: fraction}
  - {name: became_overdue, description: instalments that became overdue in the period, unit: count, tests: [not_null]}
  - {name: paid_before_contact, description: of which were settled before any contact, unit: count, tests: [not_null]}
  - {name: contacted, description: of which the customer was contacted while they were open, unit: count, tests: [not_null]}
  - {name: never_contacted, description: of which are open without any contact since the due date, unit: count, tests: [not_null]}
  - {name: first_contact_days_sum, description: days from the due date to the first contact, unit: days}
  - {name: first_contact_days, description: "first_contact_days_sum / contacted, the mean lag; NULL = none contacted", unit: days}
  - {name: first_contact_days_median, description: median lag, unit: days}
  - {name: reason, description: "why logged_rate is NULL: no_visits"}
tests:
  - unique: [period, month, dimension, value]
  - name: the reps add up to all
    sum_equals:
      this: sumIf(visits + appointments + became_overdue, dimension = 'rep')
      by: [period, month]
      of: |
        SELECT period, month, sum(visits + appointments + became_overdue)
        FROM {{ this }}
        WHERE dimension = 'all'
        GROUP BY period, month
  - name: what became overdue was paid, contacted or forgotten
    sql: |
      SELECT *
      FROM {{ this }}
      WHERE became_overdue != paid_before_contact + contacted + never_contacted
unit_tests:
  - name: 24 hours are in time, an appointment nobody kept counts against, the lag runs from the due date to the first contact
    overrides: {vars: {log_within_hours: 24}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-31}]
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: V1, customer_id: C1, rep_id: R1, planned_at: "2024-03-05 09:00:00", happened_at: "2024-03-05 10:00:00", logged_at: "2024-03-06 10:00:00", phase_checklist: "before, during, after", agreement_reached: true}
          - {visit_id: V2, customer_id: C1, rep_id: R1, planned_at: "2024-03-07 09:00:00", happened_at: "2024-03-08 10:00:00", logged_at: "2024-03-09 10:00:01", agreement_reached: false, next_action: 寄对账单, next_action_due: 2024-03-20}
          - {visit_id: V3, customer_id: C1, rep_id: R1, planned_at: "2024-03-09 09:00:00"}
          - {visit_id: V4, customer_id: C1, rep_id: R1, planned_at: "2024-04-09 09:00:00"}
      - input: ref('customer_contacts')
        rows: [{contact_id: V1, customer_id: C1, day: 2024-03-05}, {contact_id: V2, customer_id: C1, day: 2024-03-08}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: C1, invoice_id: I1, owner_at_due: R1, due_date: 2024-03-01, settled_on: 2024-03-20}
          - {customer_id: C1, invoice_id: I2, owner_at_due: R1, due_date: 2024-03-02, settled_on: 2024-03-04}
          - {customer_id: C1, invoice_id: I3, owner_at_due: R1, due_date: 2024-03-15}
          - {customer_id: C1, invoice_id: I4, owner_at_due: R1, due_date: 2024-03-06, settled_on: 2024-03-06}
          - {customer_id: C1, invoice_id: I5, owner_at_due: R1, due_date: 2024-03-31}
    expect:
      rows:
        - {period: month, month: 2024-03-01, dimension: all, value: "", visits: 2, logged_rate: 0.5, appointments: 3, appointments_kept: 2, appointments_on_day: 1, appointment_rate: 0.6666666666, checklist_complete: 1, without_agreement: 1, next_action_rate: 1, became_overdue: 3, paid_before_contact: 1, contacted: 1, never_contacted: 1, first_contact_days: 4, first_contact_days_median: 4}
        - {period: month, month: 2024-03-01, dimension: rep, value: R1, visits: 2, logged_rate: 0.5, appointments: 3, appointments_kept: 2, appointments_on_day: 1, appointment_rate: 0.6666666666, checklist_complete: 1, without_agreement: 1, next_action_rate: 1, became_overdue: 3, paid_before_contact: 1, contacted: 1, never_contacted: 1, first_contact_days: 4, first_contact_days_median: 4}
        - {period: rolling, month: 2023-04-01, dimension: all, value: "", visits: 2, logged_rate: 0.5, appointments: 3, appointments_kept: 2, appointments_on_day: 1, appointment_rate: 0.6666666666, checklist_complete: 1, without_agreement: 1, next_action_rate: 1, became_overdue: 3, paid_before_contact: 1, contacted: 1, never_contacted: 1, first_contact_days: 4, first_contact_days_median: 4}
        - {period: rolling, month: 2023-04-01, dimension: rep, value: R1, visits: 2, logged_rate: 0.5, appointments: 3, appointments_kept: 2, appointments_on_day: 1, appointment_rate: 0.6666666666, checklist_complete: 1, without_agreement: 1, next_action_rate: 1, became_overdue: 3, paid_before_contact: 1, contacted: 1, never_contacted: 1, first_contact_days: 4, first_contact_days_median: 4}
chart: {type: line, title: Visits logged in time and appointments kept, x: month, y: [logged_rate, appointment_rate], unit: fraction}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS rolling_start,
visit_facts AS (
    SELECT
        ifNull(v.rep_id, '') AS rep_id,
        toDate32(ifNull(v.happened_at, v.planned_at)) AS day,
        v.happened_at IS NOT NULL AND toDate32(v.happened_at) <= today AS happened,
        happened AND v.logged_at IS NOT NULL AS logged_known,
        logged_known AND dateDiff('second', v.happened_at, v.logged_at) <= {{ var('log_within_hours') }} * 3600 AS logged_in_time,
        v.planned_at IS NOT NULL AND toDate32(v.planned_at) <= today AS planned,
        planned AND happened AS kept,
        kept AND toDate32(v.happened_at) = toDate32(v.planned_at) AS on_day,
        lower(ifNull(v.phase_checklist, '')) AS checklist,
        happened AND checklist != '' AS with_checklist,
        with_checklist AND (checklist LIKE '%before%' OR checklist LIKE '%前%') AND (checklist LIKE '%during%' OR checklist LIKE '%中%')
            AND (checklist LIKE '%after%' OR checklist LIKE '%后%') AS checklist_complete,
        happened AND ifNull(v.evidence, '') != '' AS with_evidence,
        happened AND ifNull(v.agreement_reached, true) = false AS without_agreement,
        without_agreement AND ifNull(v.next_action, '') != '' AND v.next_action_due IS NOT NULL AS with_next_action
    FROM {{ source('huikuan', 'visits') }} AS v
    WHERE v.happened_at IS NOT NULL OR v.planned_at IS NOT NULL
),
visit_counts AS (
    SELECT
        span.1 AS period,
        span.2 AS month,
        member.1 AS dimension,
        member.2 AS value,
        countIf(ifNull(f.happened, 0)) AS visits,
        countIf(ifNull(f.logged_known, 0)) AS logged_known,
        countIf(ifNull(f.logged_in_time, 0)) AS logged_in_time,
        countIf(ifNull(f.planned, 0)) AS appointments,
        countIf(ifNull(f.kept, 0)) AS appointments_kept,
        countIf(ifNull(f.on_day, 0)) AS appointments_on_day,
        countIf(ifNull(f.with_checklist, 0)) AS with_checklist,
        countIf(ifNull(f.checklist_complete, 0)) AS checklist_complete,
        countIf(ifNull(f.with_evidence, 0)) AS with_evidence,
        countIf(ifNull(f.without_agreement, 0)) AS without_agreement,
        countIf(ifNull(f.with_next_action, 0)) AS with_next_action
    FROM visit_facts AS f
    ARRAY JOIN if(f.day >= rolling_start, [('month', toDate32(toStartOfMonth(assumeNotNull(f.day)))), ('rolling', rolling_start)],
        [('month', toDate32(toStartOfMonth(assumeNotNull(f.day))))]) AS span
    ARRAY JOIN [('all', ''), ('rep', f.rep_id)] AS member
    WHERE f.day <= today
    GROUP BY period, month, dimension, value
),
contact_days AS (
    SELECT DISTINCT
        c.customer_id AS customer_id,
        c.day AS day
    FROM {{ ref('customer_contacts') }} AS c
),
overdue_items AS (
    SELECT
        i.owner_at_due AS rep_id,
        i.due_date + 1 AS overdue_from,
        i.due_date AS due_date,
        c.day > i.due_date AND c.day <= ifNull(i.settled_on, today) AS contacted,
        i.settled_on IS NOT NULL AS settled,
        if(contacted, dateDiff('day', i.due_date, c.day), 0) AS lag
    FROM {{ source('huikuan', 'ar_items') }} AS i
    ASOF LEFT JOIN contact_days AS c ON c.customer_id = i.customer_id AND c.day > i.due_date
    WHERE i.due_date < today AND (i.settled_on IS NULL OR i.settled_on > i.due_date)
),
lag_counts AS (
    SELECT
        span.1 AS period,
        span.2 AS month,
        member.1 AS dimension,
        member.2 AS value,
        count() AS became_overdue,
        countIf(NOT o.contacted AND o.settled) AS paid_before_contact,
        countIf(o.contacted) AS contacted,
        countIf(NOT o.contacted AND NOT o.settled) AS never_contacted,
        sum(o.lag) AS lag_days,
        if(contacted > 0, quantileExactIf(0.5)(o.lag, o.contacted), NULL) AS lag_median
    FROM overdue_items AS o
    ARRAY JOIN if(o.overdue_from >= rolling_start, [('month', toDate32(toStartOfMonth(o.overdue_from))), ('rolling', rolling_start)],
        [('month', toDate32(toStartOfMonth(o.overdue_from)))]) AS span
    ARRAY JOIN [('all', ''), ('rep', o.rep_id)] AS member
    GROUP BY period, month, dimension, value
),
members AS (
    SELECT period, month, dimension, value FROM visit_counts
    UNION DISTINCT
    SELECT period, month, dimension, value FROM lag_counts
)
SELECT
    m.period AS period,
    m.month AS month,
    m.dimension AS dimension,
    m.value AS value,
    if(m.dimension = 'rep', r.name, NULL) AS name,
    v.visits AS visits,
    v.logged_known AS logged_known,
    v.logged_in_time AS logged_in_time,
    CAST(v.logged_in_time AS Decimal(38, 10)) / nullIf(v.logged_known, 0) AS logged_rate,
    v.appointments AS appointments,
    v.appointments_kept AS appointments_kept,
    v.appointments_on_day AS appointments_on_day,
    CAST(v.appointments_kept AS Decimal(38, 10)) / nullIf(v.appointments, 0) AS appointment_rate,
    v.with_checklist AS with_checklist,
    v.checklist_complete AS checklist_complete,
    CAST(v.checklist_complete AS Decimal(38, 10)) / nullIf(v.visits, 0) AS checklist_rate,
    v.with_evidence AS with_evidence,
    CAST(v.with_evidence AS Decimal(38, 10)) / nullIf(v.visits, 0) AS evidence_rate,
    v.with_next_action AS with_next_action,
    v.without_agreement AS without_agreement,
    CAST(v.with_next_action AS Decimal(38, 10)) / nullIf(v.without_agreement, 0) AS next_action_rate,
    l.became_overdue AS became_overdue,
    l.paid_before_contact AS paid_before_contact,
    l.contacted AS contacted,
    l.never_contacted AS never_contacted,
    l.lag_days AS first_contact_days_sum,
    CAST(l.lag_days AS Decimal(38, 10)) / nullIf(l.contacted, 0) AS first_contact_days,
    l.lag_median AS first_contact_days_median,
    if(v.logged_known > 0, NULL, 'no_visits') AS reason
FROM members AS m
LEFT JOIN visit_counts AS v ON v.period = m.period AND v.month = m.month AND v.dimension = m.dimension AND v.value = m.value
LEFT JOIN lag_counts AS l ON l.period = m.period AND l.month = m.month AND l.dimension = m.dimension AND l.value = m.value
LEFT JOIN {{ source('huikuan', 'reps_current') }} AS r ON r.rep_id = m.value
