/* ---
description: "The days from the first document to a year after the last day built, with workdays and the fiscal calendar: for dashboards that group by fiscal months and for workday arithmetic."
grain: one day
materialisation: table
order_by: [day]
owner: accounting
tags: [calendar]
columns:
  - {name: day, description: day, unit: date, tests: [not_null, unique]}
  - {name: month, description: first day of its month, unit: date}
  - {name: month_end, description: last day of its month, unit: date}
  - {name: weekday, description: "1 = Monday", unit: weekday}
  - {name: is_workday, description: "as the calendar stream says, else Monday to Friday", tests: [not_null]}
  - {name: workday_of_month, description: workdays of the month up to and with this day, unit: count}
  - {name: workdays_of_month, description: workdays of the whole month, unit: count}
  - {name: fiscal_year, description: year in which the fiscal year ends, unit: year}
  - {name: fiscal_quarter, description: 1 to 4, unit: count}
  - {name: fiscal_month, description: 1 to 12, unit: count}
  - {name: fiscal_period, description: "as the calendar stream names it, else year and month of the fiscal year"}
unit_tests:
  - name: a fiscal year from April, a holiday and a working Sunday, months to their end
    overrides: {vars: {fiscal_year_start: 4}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2023-04-10, first_day: 2024-04-01}]
      - input: source('huikuan', 'calendar_days')
        rows: [{calendar_date: 2024-04-04, is_workday: false}, {calendar_date: 2024-04-07, is_workday: true, fiscal_period: FY24-P01}]
    expect:
      rows:
        - {day: 2024-04-01, weekday: 1, is_workday: true, workday_of_month: 1, workdays_of_month: 22, month_end: 2024-04-30, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: 2025-01}
        - {day: 2024-04-02, weekday: 2, is_workday: true, workday_of_month: 2, workdays_of_month: 22, month_end: 2024-04-30, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: 2025-01}
        - {day: 2024-04-03, weekday: 3, is_workday: true, workday_of_month: 3, workdays_of_month: 22, month_end: 2024-04-30, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: 2025-01}
        - {day: 2024-04-04, weekday: 4, is_workday: false, workday_of_month: 3, workdays_of_month: 22, month_end: 2024-04-30, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: 2025-01}
        - {day: 2024-04-05, weekday: 5, is_workday: true, workday_of_month: 4, workdays_of_month: 22, month_end: 2024-04-30, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: 2025-01}
        - {day: 2024-04-06, weekday: 6, is_workday: false, workday_of_month: 4, workdays_of_month: 22, month_end: 2024-04-30, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: 2025-01}
        - {day: 2024-04-07, weekday: 7, is_workday: true, workday_of_month: 5, workdays_of_month: 22, month_end: 2024-04-30, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: FY24-P01}
        - {day: 2024-04-08, weekday: 1, is_workday: true, workday_of_month: 6, workdays_of_month: 22, month_end: 2024-04-30, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: 2025-01}
        - {day: 2024-04-09, weekday: 2, is_workday: true, workday_of_month: 7, workdays_of_month: 22, month_end: 2024-04-30, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: 2025-01}
        - {day: 2024-04-10, weekday: 3, is_workday: true, workday_of_month: 8, workdays_of_month: 22, month_end: 2024-04-30, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: 2025-01}
        - {day: 2024-04-11, month_end: 2024-04-30, weekday: 4, is_workday: true, workday_of_month: 9, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-12, month_end: 2024-04-30, weekday: 5, is_workday: true, workday_of_month: 10, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-13, month_end: 2024-04-30, weekday: 6, is_workday: false, workday_of_month: 10, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-14, month_end: 2024-04-30, weekday: 7, is_workday: false, workday_of_month: 10, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-15, month_end: 2024-04-30, weekday: 1, is_workday: true, workday_of_month: 11, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-16, month_end: 2024-04-30, weekday: 2, is_workday: true, workday_of_month: 12, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-17, month_end: 2024-04-30, weekday: 3, is_workday: true, workday_of_month: 13, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-18, month_end: 2024-04-30, weekday: 4, is_workday: true, workday_of_month: 14, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-19, month_end: 2024-04-30, weekday: 5, is_workday: true, workday_of_month: 15, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-20, month_end: 2024-04-30, weekday: 6, is_workday: false, workday_of_month: 15, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-21, month_end: 2024-04-30, weekday: 7, is_workday: false, workday_of_month: 15, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-22, month_end: 2024-04-30, weekday: 1, is_workday: true, workday_of_month: 16, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-23, month_end: 2024-04-30, weekday: 2, is_workday: true, workday_of_month: 17, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-24, month_end: 2024-04-30, weekday: 3, is_workday: true, workday_of_month: 18, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-25, month_end: 2024-04-30, weekday: 4, is_workday: true, workday_of_month: 19, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-26, month_end: 2024-04-30, weekday: 5, is_workday: true, workday_of_month: 20, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-27, month_end: 2024-04-30, weekday: 6, is_workday: false, workday_of_month: 20, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-28, month_end: 2024-04-30, weekday: 7, is_workday: false, workday_of_month: 20, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-29, month_end: 2024-04-30, weekday: 1, is_workday: true, workday_of_month: 21, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
        - {day: 2024-04-30, month_end: 2024-04-30, weekday: 2, is_workday: true, workday_of_month: 22, workdays_of_month: 22, fiscal_year: 2025, fiscal_quarter: 1, fiscal_month: 1, fiscal_period: "2025-01"}
--- */
WITH
span AS (
    SELECT min(first_day) AS first, max(as_of) AS last FROM {{ source('huikuan', 'ar_as_of') }} HAVING count() > 0
),
days AS (
    SELECT toDate32(first + n) AS day
    FROM span
    ARRAY JOIN range(toUInt32(greatest(0, dateDiff('day', first, toLastDayOfMonth(addYears(last, 1))) + 1))) AS n
),
known AS (
    SELECT calendar_date, any(is_workday) AS is_workday, any(toString(fiscal_period)) AS fiscal_period
    FROM {{ source('huikuan', 'calendar_days') }}
    GROUP BY calendar_date
),
marked AS (
    SELECT
        d.day AS day,
        toBool(ifNull(k.is_workday, toDayOfWeek(d.day) < 6)) AS is_workday,
        addMonths(d.day, if({{ var('fiscal_year_start') }} = 1, 0, 13 - {{ var('fiscal_year_start') }})) AS shifted,
        k.fiscal_period AS named
    FROM days AS d
    LEFT JOIN known AS k ON k.calendar_date = d.day
)
SELECT
    day,
    toDate32(toStartOfMonth(day)) AS month,
    toDate32(toLastDayOfMonth(day)) AS month_end,
    toDayOfWeek(day) AS weekday,
    is_workday,
    countIf(is_workday) OVER (PARTITION BY month ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS workday_of_month,
    countIf(is_workday) OVER (PARTITION BY month) AS workdays_of_month,
    toYear(shifted) AS fiscal_year,
    intDiv(fiscal_month - 1, 3) + 1 AS fiscal_quarter,
    toMonth(shifted) AS fiscal_month,
    coalesce(nullIf(named, ''), concat(toString(fiscal_year), '-', leftPad(toString(fiscal_month), 2, '0'))) AS fiscal_period
FROM marked
