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
  - name: by month and rep, what is planned for later is no appointment yet, one made up for after the last day is missed so far
    overrides: {vars: {log_within_hours: 24, rolling_months: 2}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-03-31}]
      - input: source('huikuan', 'reps_current')
        rows: [{rep_id: R1, name: 王芳}]
      - input: source('huikuan', 'visits')
        rows:
          - {visit_id: I, rep_id: R1, happened_at: "2024-01-31 09:00:00", phase_checklist: "before, after", logged_at: "2024-02-10 09:00:00"}
          - {visit_id: A, rep_id: R1, planned_at: "2024-02-01 09:00:00", happened_at: "2024-02-01 11:00:00", logged_at: "2024-02-02 10:59:00", phase_checklist: "前,中,后", evidence: photo, agreement_reached: true}
          - {visit_id: B, rep_id: R1, happened_at: "2024-02-05 09:00:00", phase_checklist: "Before, during", agreement_reached: false, next_action: call}
          - {visit_id: C, rep_id: R1, planned_at: "2024-03-10 18:00:00", happened_at: "2024-03-10 10:00:00", logged_at: "2024-03-12 10:00:00", phase_checklist: "during, after", agreement_reached: false, next_action_due: 2024-03-20}
          - {visit_id: D, rep_id: R1, happened_at: "2024-03-31 23:00:00", evidence: "", agreement_reached: false, next_action: letter, next_action_due: 2024-04-02}
          - {visit_id: E, rep_id: R1, planned_at: "2024-03-31 09:00:00"}
          - {visit_id: F, rep_id: R1, planned_at: "2024-04-01 09:00:00"}
          - {visit_id: G, rep_id: R1, planned_at: "2024-03-20 09:00:00", happened_at: "2024-04-02 09:00:00", logged_at: "2024-04-02 10:00:00", phase_checklist: "before, during, after", evidence: photo, agreement_reached: false, next_action: letter, next_action_due: 2024-04-12}
          - {visit_id: H, rep_id: R1, planned_at: "2024-04-05 09:00:00", happened_at: "2024-03-25 09:00:00", logged_at: "2024-03-25 12:00:00", phase_checklist: "BEFORE/DURING/AFTER", evidence: record}
          - {visit_id: J, rep_id: R1, happened_at: "2024-04-03 09:00:00"}
          - {visit_id: K, rep_id: R1}
          - {visit_id: L, rep_id: R2, planned_at: "2024-03-01 09:00:00", happened_at: "2024-03-02 09:00:00", logged_at: "2024-03-03 08:00:00", phase_checklist: "Vor"}
          - {visit_id: M, happened_at: "2024-02-20 09:00:00", agreement_reached: false, next_action: letter, next_action_due: 2024-03-01}
      - input: ref('customer_contacts')
        rows: [{customer_id: C1, day: 2024-01-31}, {customer_id: C1, day: 2024-02-20}, {customer_id: C1, day: 2024-03-05}, {customer_id: C2, day: 2024-02-16}, {customer_id: C2, day: 2024-04-10}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {customer_id: C1, invoice_id: I1, owner_at_due: R1, due_date: 2024-01-30, settled_on: 2024-02-20}
          - {customer_id: C1, invoice_id: I2, owner_at_due: R1, due_date: 2024-01-31, settled_on: 2024-02-20}
          - {customer_id: C2, invoice_id: I3, owner_at_due: R1, due_date: 2024-02-10, settled_on: 2024-02-15}
          - {customer_id: C2, invoice_id: I4, owner_at_due: R1, due_date: 2024-02-29}
          - {customer_id: C1, invoice_id: I5, owner_at_due: R2, due_date: 2024-02-25}
          - {customer_id: C1, invoice_id: I6, owner_at_due: R2, due_date: 2024-03-04}
          - {customer_id: C1, invoice_id: I7, owner_at_due: R2, due_date: 2024-02-28, settled_on: 2024-03-20}
          - {customer_id: C1, invoice_id: I8, owner_at_due: R2, due_date: 2024-03-31}
          - {customer_id: C2, invoice_id: I9, owner_at_due: R3, due_date: 2024-03-29}
    expect:
      rows:
        - {period: month, month: 2024-01-01, dimension: all, value: "", name: null, visits: 1, logged_known: 1, logged_in_time: 0, logged_rate: 0, appointments: 0, appointments_kept: 0, appointments_on_day: 0, appointment_rate: null, with_checklist: 1, checklist_complete: 0, checklist_rate: 0, with_evidence: 0, evidence_rate: 0, without_agreement: 0, with_next_action: 0, next_action_rate: null, became_overdue: 1, paid_before_contact: 0, contacted: 1, never_contacted: 0, first_contact_days_sum: 1, first_contact_days: 1, first_contact_days_median: 1, reason: null}
        - {period: month, month: 2024-01-01, dimension: rep, value: R1, name: 王芳, visits: 1, logged_known: 1, logged_in_time: 0, logged_rate: 0, appointments: 0, appointments_kept: 0, appointments_on_day: 0, appointment_rate: null, with_checklist: 1, checklist_complete: 0, checklist_rate: 0, with_evidence: 0, evidence_rate: 0, without_agreement: 0, with_next_action: 0, next_action_rate: null, became_overdue: 1, paid_before_contact: 0, contacted: 1, never_contacted: 0, first_contact_days_sum: 1, first_contact_days: 1, first_contact_days_median: 1, reason: null}
        - {period: month, month: 2024-02-01, dimension: all, value: "", name: null, visits: 3, logged_known: 1, logged_in_time: 1, logged_rate: 1, appointments: 1, appointments_kept: 1, appointments_on_day: 1, appointment_rate: 1, with_checklist: 2, checklist_complete: 1, checklist_rate: 0.3333333333, with_evidence: 1, evidence_rate: 0.3333333333, without_agreement: 2, with_next_action: 1, next_action_rate: 0.5, became_overdue: 4, paid_before_contact: 1, contacted: 3, never_contacted: 0, first_contact_days_sum: 35, first_contact_days: 11.6666666666, first_contact_days_median: 9, reason: null}
        - {period: month, month: 2024-02-01, dimension: rep, value: "", name: null, visits: 1, logged_known: 0, logged_in_time: 0, logged_rate: null, appointments: 0, appointments_kept: 0, appointments_on_day: 0, appointment_rate: null, with_checklist: 0, checklist_complete: 0, checklist_rate: 0, with_evidence: 0, evidence_rate: 0, without_agreement: 1, with_next_action: 1, next_action_rate: 1, became_overdue: 0, paid_before_contact: 0, contacted: 0, never_contacted: 0, first_contact_days_sum: 0, first_contact_days: null, first_contact_days_median: null, reason: no_visits}
        - {period: month, month: 2024-02-01, dimension: rep, value: R1, name: 王芳, visits: 2, logged_known: 1, logged_in_time: 1, logged_rate: 1, appointments: 1, appointments_kept: 1, appointments_on_day: 1, appointment_rate: 1, with_checklist: 2, checklist_complete: 1, checklist_rate: 0.5, with_evidence: 1, evidence_rate: 0.5, without_agreement: 1, with_next_action: 0, next_action_rate: 0, became_overdue: 2, paid_before_contact: 1, contacted: 1, never_contacted: 0, first_contact_days_sum: 20, first_contact_days: 20, first_contact_days_median: 20, reason: null}
        - {period: month, month: 2024-02-01, dimension: rep, value: R2, name: null, visits: 0, logged_known: 0, logged_in_time: 0, logged_rate: null, appointments: 0, appointments_kept: 0, appointments_on_day: 0, appointment_rate: null, with_checklist: 0, checklist_complete: 0, checklist_rate: null, with_evidence: 0, evidence_rate: null, without_agreement: 0, with_next_action: 0, next_action_rate: null, became_overdue: 2, paid_before_contact: 0, contacted: 2, never_contacted: 0, first_contact_days_sum: 15, first_contact_days: 7.5, first_contact_days_median: 9, reason: no_visits}
        - {period: month, month: 2024-03-01, dimension: all, value: "", name: null, visits: 4, logged_known: 3, logged_in_time: 2, logged_rate: 0.6666666666, appointments: 4, appointments_kept: 2, appointments_on_day: 1, appointment_rate: 0.5, with_checklist: 3, checklist_complete: 1, checklist_rate: 0.25, with_evidence: 1, evidence_rate: 0.25, without_agreement: 2, with_next_action: 1, next_action_rate: 0.5, became_overdue: 3, paid_before_contact: 0, contacted: 1, never_contacted: 2, first_contact_days_sum: 1, first_contact_days: 1, first_contact_days_median: 1, reason: null}
        - {period: month, month: 2024-03-01, dimension: rep, value: R1, name: 王芳, visits: 3, logged_known: 2, logged_in_time: 1, logged_rate: 0.5, appointments: 3, appointments_kept: 1, appointments_on_day: 1, appointment_rate: 0.3333333333, with_checklist: 2, checklist_complete: 1, checklist_rate: 0.3333333333, with_evidence: 1, evidence_rate: 0.3333333333, without_agreement: 2, with_next_action: 1, next_action_rate: 0.5, became_overdue: 1, paid_before_contact: 0, contacted: 0, never_contacted: 1, first_contact_days_sum: 0, first_contact_days: null, first_contact_days_median: null, reason: null}
        - {period: month, month: 2024-03-01, dimension: rep, value: R2, name: null, visits: 1, logged_known: 1, logged_in_time: 1, logged_rate: 1, appointments: 1, appointments_kept: 1, appointments_on_day: 0, appointment_rate: 1, with_checklist: 1, checklist_complete: 0, checklist_rate: 0, with_evidence: 0, evidence_rate: 0, without_agreement: 0, with_next_action: 0, next_action_rate: null, became_overdue: 1, paid_before_contact: 0, contacted: 1, never_contacted: 0, first_contact_days_sum: 1, first_contact_days: 1, first_contact_days_median: 1, reason: null}
        - {period: month, month: 2024-03-01, dimension: rep, value: R3, name: null, visits: 0, logged_known: 0, logged_in_time: 0, logged_rate: null, appointments: 0, appointments_kept: 0, appointments_on_day: 0, appointment_rate: null, with_checklist: 0, checklist_complete: 0, checklist_rate: null, with_evidence: 0, evidence_rate: null, without_agreement: 0, with_next_action: 0, next_action_rate: null, became_overdue: 1, paid_before_contact: 0, contacted: 0, never_contacted: 1, first_contact_days_sum: 0, first_contact_days: null, first_contact_days_median: null, reason: no_visits}
        - {period: rolling, month: 2024-02-01, dimension: all, value: "", name: null, visits: 7, logged_known: 4, logged_in_time: 3, logged_rate: 0.75, appointments: 5, appointments_kept: 3, appointments_on_day: 2, appointment_rate: 0.6, with_checklist: 5, checklist_complete: 2, checklist_rate: 0.2857142857, with_evidence: 2, evidence_rate: 0.2857142857, without_agreement: 4, with_next_action: 2, next_action_rate: 0.5, became_overdue: 7, paid_before_contact: 1, contacted: 4, never_contacted: 2, first_contact_days_sum: 36, first_contact_days: 9, first_contact_days_median: 9, reason: null}
        - {period: rolling, month: 2024-02-01, dimension: rep, value: "", name: null, visits: 1, logged_known: 0, logged_in_time: 0, logged_rate: null, appointments: 0, appointments_kept: 0, appointments_on_day: 0, appointment_rate: null, with_checklist: 0, checklist_complete: 0, checklist_rate: 0, with_evidence: 0, evidence_rate: 0, without_agreement: 1, with_next_action: 1, next_action_rate: 1, became_overdue: 0, paid_before_contact: 0, contacted: 0, never_contacted: 0, first_contact_days_sum: 0, first_contact_days: null, first_contact_days_median: null, reason: no_visits}
        - {period: rolling, month: 2024-02-01, dimension: rep, value: R1, name: 王芳, visits: 5, logged_known: 3, logged_in_time: 2, logged_rate: 0.6666666666, appointments: 4, appointments_kept: 2, appointments_on_day: 2, appointment_rate: 0.5, with_checklist: 4, checklist_complete: 2, checklist_rate: 0.4, with_evidence: 2, evidence_rate: 0.4, without_agreement: 3, with_next_action: 1, next_action_rate: 0.3333333333, became_overdue: 3, paid_before_contact: 1, contacted: 1, never_contacted: 1, first_contact_days_sum: 20, first_contact_days: 20, first_contact_days_median: 20, reason: null}
        - {period: rolling, month: 2024-02-01, dimension: rep, value: R2, name: null, visits: 1, logged_known: 1, logged_in_time: 1, logged_rate: 1, appointments: 1, appointments_kept: 1, appointments_on_day: 0, appointment_rate: 1, with_checklist: 1, checklist_complete: 0, checklist_rate: 0, with_evidence: 0, evidence_rate: 0, without_agreement: 0, with_next_action: 0, next_action_rate: null, became_overdue: 3, paid_before_contact: 0, contacted: 3, never_contacted: 0, first_contact_days_sum: 16, first_contact_days: 5.3333333333, first_contact_days_median: 6, reason: null}
        - {period: rolling, month: 2024-02-01, dimension: rep, value: R3, name: null, visits: 0, logged_known: 0, logged_in_time: 0, logged_rate: null, appointments: 0, appointments_kept: 0, appointments_on_day: 0, appointment_rate: null, with_checklist: 0, checklist_complete: 0, checklist_rate: null, with_evidence: 0, evidence_rate: null, without_agreement: 0, with_next_action: 0, next_action_rate: null, became_overdue: 1, paid_before_contact: 0, contacted: 0, never_contacted: 1, first_contact_days_sum: 0, first_contact_days: null, first_contact_days_median: null, reason: no_visits}
chart: {type: line, title: Visits logged in time and appointments kept, x: month, y: [logged_rate, appointment_rate], unit: fraction, where: "period = 'month' AND dimension = 'all'"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS rolling_start,
visit_facts AS (
    SELECT
        ifNull(v.rep_id, '') AS rep_id,
        ifNull(toDate32(v.happened_at) <= today, false) AS happened,
        toDate32(if(happened, v.happened_at, v.planned_at)) AS day,
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
        countIf(f.happened) AS visits,
        countIf(f.logged_known) AS logged_known,
        countIf(f.logged_in_time) AS logged_in_time,
        countIf(f.planned) AS appointments,
        countIf(f.kept) AS appointments_kept,
        countIf(f.on_day) AS appointments_on_day,
        countIf(f.with_checklist) AS with_checklist,
        countIf(f.checklist_complete) AS checklist_complete,
        countIf(f.with_evidence) AS with_evidence,
        countIf(f.without_agreement) AS without_agreement,
        countIf(f.with_next_action) AS with_next_action
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
