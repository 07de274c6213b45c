/* ---
description: "Collection against its target by rep, team and company, with the run rate and what is needed on each workday left (C10). A team's figures count its reps with a target; a rep's cash counts whichever company it came to."
grain: one month, company, level and member
materialisation: table
order_by: [company, level, member_id, month]
owner: sales management
tags: [collection, targets]
chart: {type: bar, title: "Collected and target of the last month, by rep", x: member_id, y: [collected, target], unit: reporting currency, where: "level = 'rep' AND month = (SELECT max(month) FROM target_attainment)"}
columns:
  - {name: month, description: first day of the month, unit: date, tests: [not_null]}
  - {name: company, description: legal entity under which the reps' targets stand, unit: id, tests: [not_null]}
  - {name: level, description: "rep, team or company; never add levels up", tests: [not_null, {accepted_values: [rep, team, company]}]}
  - {name: member_id, description: "rep or team, - for a company", tests: [not_null]}
  - {name: reps, description: reps with a target, unit: count}
  - {name: collected, description: "collected by reps with a target, in all companies; numerator", unit: reporting currency}
  - {name: target, description: sum of the targets; denominator, unit: reporting currency}
  - {name: attainment, description: collected / target; NULL = target 0, unit: fraction}
  - {name: workdays_elapsed, description: workdays of the month that have passed, unit: days}
  - {name: workdays_month, description: workdays of the whole month, unit: days}
  - {name: run_rate, description: "attainment / (workdays_elapsed / workdays_month): 1 = on course", unit: fraction}
  - {name: needed_per_workday, description: "what is missing / workdays left, 0 when reached; NULL = no workday left", unit: reporting currency}
  - {name: last_year_collected, description: "collected by the same member in the same month last year, whether it had a target then or not; of a team and a company by its reps with a target in either year; NULL = none", unit: reporting currency}
tests:
  - unique: [month, company, level, member_id]
  - name: reps and companies have the same targets
    sum_equals:
      this: sumIf(target, level = 'company')
      by: [company]
      of: SELECT company, sum(assumeNotNull(target)) FROM {{ source('huikuan', 'rep_collection') }} WHERE target IS NOT NULL GROUP BY company
unit_tests:
  - name: sums before ratios, reps without a target stay out
    given:
      - input: source('huikuan', 'rep_collection')
        rows:
          - {month: 2024-06-01, company: HQ, rep_id: R1, team: East, collected: 60, target: 100, workdays_elapsed: 10, workdays_month: 20}
          - {month: 2024-06-01, company: HQ, rep_id: R2, team: East, collected: 30, target: 20, workdays_elapsed: 10, workdays_month: 20}
          - {month: 2024-06-01, company: HQ, rep_id: R3, team: East, collected: 999, workdays_elapsed: 10, workdays_month: 20}
          - {month: 2023-06-01, company: HQ, rep_id: R1, team: East, collected: 50, target: 40, workdays_elapsed: 21, workdays_month: 21}
    expect:
      rows:
        - {month: 2024-06-01, level: rep, member_id: R1, attainment: 0.6, run_rate: 1.2, needed_per_workday: 4, last_year_collected: 50}
        - {month: 2024-06-01, level: rep, member_id: R2, attainment: 1.5, run_rate: 3, needed_per_workday: 0, last_year_collected: null}
        - {month: 2024-06-01, level: team, member_id: East, attainment: 0.75, run_rate: 1.5, needed_per_workday: 3, last_year_collected: 50}
        - {month: 2024-06-01, level: company, member_id: "-", attainment: 0.75, run_rate: 1.5, needed_per_workday: 3, last_year_collected: 50}
        - {month: 2023-06-01, level: rep, member_id: R1, attainment: 1.25, run_rate: 1.25, needed_per_workday: null, last_year_collected: null}
        - {month: 2023-06-01, level: team, member_id: East, attainment: 1.25, run_rate: 1.25, needed_per_workday: null, last_year_collected: null}
        - {month: 2023-06-01, level: company, member_id: "-", attainment: 1.25, run_rate: 1.25, needed_per_workday: null, last_year_collected: null}
  - name: cash of all companies counts, that of last year too where the target came later, who has none in either year stays out
    given:
      - input: source('huikuan', 'rep_collection')
        rows:
          - {month: 2024-06-01, company: HQ, rep_id: R1, team: East, collected: 60, target: 100, workdays_elapsed: 10, workdays_month: 20}
          - {month: 2024-06-01, company: HQ, rep_id: R2, team: East, collected: 30, target: 20, workdays_elapsed: 20, workdays_month: 20}
          - {month: 2024-06-01, company: HQ, rep_id: R3, team: East, collected: 999, workdays_elapsed: 10, workdays_month: 20}
          - {month: 2024-06-01, company: SUB, rep_id: R1, team: "", collected: 5, target: 0, workdays_elapsed: 0, workdays_month: 20}
          - {month: 2024-06-01, company: SUB, rep_id: R2, team: East, collected: 1}
          - {month: 2023-06-01, company: HQ, rep_id: R1, team: West, collected: 50}
          - {month: 2023-06-01, company: HQ, rep_id: R2, team: East, collected: 7, target: 9, workdays_elapsed: 21, workdays_month: 21}
          - {month: 2023-06-01, company: HQ, rep_id: R3, team: East, collected: 800}
          - {month: 2023-06-01, company: SUB, rep_id: R3, team: East, collected: 3}
          - {month: 2023-05-01, company: HQ, rep_id: R1, team: West, collected: 1000}
          - {month: 2022-06-01, company: HQ, rep_id: R2, team: East, collected: 2000, target: 1000, workdays_elapsed: 22, workdays_month: 22}
    expect:
      rows:
        - {month: 2024-06-01, company: HQ, level: rep, member_id: R1, reps: 1, collected: 65, target: 100, needed_per_workday: 3.5, last_year_collected: 50}
        - {month: 2024-06-01, company: HQ, level: rep, member_id: R2, reps: 1, collected: 31, target: 20, needed_per_workday: null, last_year_collected: 7}
        - {month: 2024-06-01, company: HQ, level: team, member_id: East, reps: 2, collected: 96, target: 120, needed_per_workday: null, last_year_collected: 7}
        - {month: 2024-06-01, company: HQ, level: company, member_id: "-", reps: 2, collected: 96, target: 120, needed_per_workday: null, last_year_collected: 57}
        - {month: 2024-06-01, company: SUB, level: rep, member_id: R1, reps: 1, collected: 65, attainment: null, run_rate: null, needed_per_workday: 0, last_year_collected: 50}
        - {month: 2024-06-01, company: SUB, level: company, member_id: "-", reps: 1, collected: 65, attainment: null, run_rate: null, needed_per_workday: 0, last_year_collected: 50}
        - {month: 2023-06-01, company: HQ, level: rep, member_id: R2, collected: 7, last_year_collected: 2000}
        - {month: 2023-06-01, company: HQ, level: team, member_id: East, reps: 1, collected: 7, last_year_collected: 2000}
        - {month: 2023-06-01, company: HQ, level: company, member_id: "-", reps: 1, collected: 7, last_year_collected: 2000}
        - {month: 2022-06-01, company: HQ, level: rep, member_id: R2, collected: 2000, last_year_collected: null}
        - {month: 2022-06-01, company: HQ, level: team, member_id: East, collected: 2000, last_year_collected: null}
        - {month: 2022-06-01, company: HQ, level: company, member_id: "-", collected: 2000, last_year_collected: null}
--- */
WITH
-- a target names no company: the cash of all of them counts, where the target stands
totals AS (
    SELECT c.month AS month, c.rep_id AS rep_id, any(ifNull(toString(c.team), '')) AS team, sum(c.collected) AS collected
    FROM {{ source('huikuan', 'rep_collection') }} AS c
    GROUP BY c.month, c.rep_id
),
targets AS (
    SELECT c.month AS month, c.company AS company, c.rep_id AS rep_id, ifNull(toString(c.team), '') AS team, assumeNotNull(c.target) AS target,
        c.workdays_elapsed AS workdays_elapsed, c.workdays_month AS workdays_month
    FROM {{ source('huikuan', 'rep_collection') }} AS c
    WHERE c.target IS NOT NULL
),
sums AS (
    SELECT r.month AS month, r.company AS company, member.1 AS level, member.2 AS member_id, count() AS reps, sum(t.collected) AS collected, sum(r.target) AS target,
        max(r.workdays_elapsed) AS workdays_elapsed, max(r.workdays_month) AS workdays_month
    FROM targets AS r
    INNER JOIN totals AS t ON t.month = r.month AND t.rep_id = r.rep_id
    ARRAY JOIN [tuple('rep', r.rep_id), tuple('team', r.team), tuple('company', '-')] AS member
    WHERE member_id != ''
    GROUP BY month, company, level, member_id
),
-- what reps with a target in this year or that collected a year before, under the month of this year
before AS (
    SELECT k.month AS month, k.company AS company, member.1 AS level, member.2 AS member_id, sum(t.collected) AS collected
    FROM (
        SELECT month, company, rep_id FROM targets
        UNION DISTINCT
        SELECT toDate32(addYears(month, 1)), company, rep_id FROM targets
    ) AS k
    INNER JOIN (SELECT toDate32(addYears(month, 1)) AS month, rep_id, team, collected FROM totals) AS t ON t.month = k.month AND t.rep_id = k.rep_id
    ARRAY JOIN [tuple('rep', t.rep_id), tuple('team', t.team), tuple('company', '-')] AS member
    GROUP BY month, company, level, member_id
)
SELECT
    s.month AS month,
    s.company AS company,
    s.level AS level,
    s.member_id AS member_id,
    s.reps AS reps,
    s.collected AS collected,
    s.target AS target,
    CAST(s.collected AS Decimal(38, 10)) / nullIf(s.target, 0) AS attainment,
    s.workdays_elapsed AS workdays_elapsed,
    s.workdays_month AS workdays_month,
    CAST(s.collected AS Decimal(38, 10)) * s.workdays_month / nullIf(s.target * s.workdays_elapsed, 0) AS run_rate,
    if(s.workdays_month > s.workdays_elapsed, toNullable(CAST(round(CAST(greatest(s.target - s.collected, toDecimal64(0, 4)) AS Decimal(38, 10)) / greatest(1, s.workdays_month - s.workdays_elapsed), 4) AS Decimal(18, 4))), NULL) AS needed_per_workday,
    if(p.member_id = '', NULL, toNullable(p.collected)) AS last_year_collected
FROM sums AS s
LEFT JOIN before AS p ON p.month = s.month AND p.company = s.company AND p.level = s.level AND p.member_id = s.member_id
