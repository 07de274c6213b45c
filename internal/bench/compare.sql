SELECT count() AS compared, countIf(n != 2 OR variants != 1) AS differing
FROM (
    SELECT
        as_of, customer_id, currency, count() AS n,
        uniqExact((open_amount, not_due, d1_30, d31_60, d61_90, d91_120, d121_180, d181_365, d366_plus, overdue, unapplied)) AS variants
    FROM (
        SELECT as_of, customer_id, currency, open_amount, not_due, d1_30, d31_60, d61_90, d91_120, d121_180, d181_365, d366_plus, overdue, unapplied
        FROM snapshots_sql
        UNION ALL
        SELECT as_of, customer_id, currency, open_amount, not_due, d1_30, d31_60, d61_90, d91_120, d121_180, d181_365, d366_plus, overdue, unapplied
        FROM ar_snapshots
    )
    GROUP BY as_of, customer_id, currency
)
