-- The group today, at the month-end before, and a year before, in reporting currency; newest first.
WITH
    (SELECT max(as_of) FROM dso WHERE scope = 'group') AS today,
    balances AS (
        SELECT
            as_of,
            sum(open_amount_rc) AS open_amount,
            sum(overdue_rc) AS overdue,
            sum(net_ar_rc) AS net_ar,
            sum(unapplied_rc) AS unapplied,
            sum(disputed_rc) AS disputed,
            sum(not_due_rc) AS not_due,
            sum(d1_30_rc) AS d1_30,
            sum(d31_60_rc) AS d31_60,
            sum(d61_90_rc) AS d61_90,
            sum(d91_120_rc) AS d91_120,
            sum(d121_180_rc) AS d121_180,
            sum(d181_365_rc) AS d181_365,
            sum(d366_plus_rc) AS d366_plus
        FROM ar_snapshots
        WHERE as_of IN (
            today,
            toDate32(toLastDayOfMonth(addMonths(today, -1))),
            toDate32(toLastDayOfMonth(addMonths(addDays(addYears(today, -1), 1), -1)))
        )
        GROUP BY as_of
    )
SELECT
    d.as_of AS as_of,
    d.currency AS currency,
    b.open_amount AS open_amount,
    b.net_ar AS net_ar,
    b.overdue AS overdue,
    round(100 * toDecimal128(b.overdue, 10) / nullIf(b.open_amount, 0), 1) AS overdue_percent,
    round(d.dso_90, 1) AS dso_90,
    round(d.bpdso, 1) AS bpdso,
    round(d.add_days, 1) AS add_days,
    round(d.dso_countback, 1) AS dso_countback,
    round(d.cei * 100, 1) AS cei_percent,
    b.unapplied AS unapplied,
    b.disputed AS disputed,
    b.not_due AS not_due,
    b.d1_30 AS d1_30,
    b.d31_60 AS d31_60,
    b.d61_90 AS d61_90,
    b.d91_120 AS d91_120,
    b.d121_180 AS d121_180,
    b.d181_365 AS d181_365,
    b.d366_plus AS d366_plus,
    d.reason AS reason
FROM (SELECT * FROM dso WHERE scope = 'group') AS d
LEFT JOIN balances AS b ON b.as_of = d.as_of
WHERE d.as_of IN (today, toDate32(toLastDayOfMonth(addMonths(today, -1))), toDate32(toLastDayOfMonth(addMonths(addDays(addYears(today, -1), 1), -1))))
ORDER BY as_of DESC
