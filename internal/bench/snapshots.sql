-- The same snapshots in SQL: 33 month-ends, then each of the 92 days to the last one, 125 as-of days numbered from 0. Each
-- invoice meets only the as-of days at which it is open, so that the expansion is as small as it can be; allocations are
-- folded into arrays before, so that nothing is joined after the expansion.
DROP TABLE IF EXISTS snapshots_sql;

CREATE TABLE snapshots_sql ENGINE = MergeTree ORDER BY (as_of, company, customer_id, currency) AS
WITH
toDate32('2025-12-31') AS last_day,
toDate32('2025-10-01') AS daily_from,
toRelativeMonthNum(toDate('2023-01-01')) AS month_zero,
arrayConcat(
    arrayMap(m -> toDate32(toLastDayOfMonth(addMonths(toDate('2023-01-01'), m))), range(33)),
    arrayMap(d -> toDate32('2025-10-01') + toInt32(d), range(92))
) AS days_as_of,
applied AS (
    SELECT invoice_id, groupArray(application_date) AS days, groupArray(amount) AS amounts, max(application_date) AS last_applied, sum(amount) AS total
    FROM allocations
    WHERE application_date <= last_day
    GROUP BY invoice_id
),
item_days AS (
    SELECT
        i.company AS company,
        i.customer_id AS customer_id,
        i.currency AS currency,
        i.due_date AS due_date,
        i.gross_amount AS gross,
        a.days AS days,
        a.amounts AS amounts,
        days_as_of[1 + arrayJoin(range(
            toUInt32(if(i.invoice_date >= daily_from, 33 + dateDiff('day', daily_from, i.invoice_date), toRelativeMonthNum(i.invoice_date) - month_zero)),
            toUInt32(if(a.total != i.gross_amount, 125, if(a.last_applied >= daily_from, 33 + dateDiff('day', daily_from, a.last_applied), toRelativeMonthNum(a.last_applied) - month_zero)))
        ))] AS as_of
    FROM invoices AS i
    LEFT JOIN applied AS a ON a.invoice_id = i.invoice_id
    WHERE i.invoice_date <= last_day
),
items AS (
    SELECT
        as_of, company, customer_id, currency,
        gross - arraySum(arrayMap((d, v) -> if(d <= as_of, v, toDecimal64(0, 4)), days, amounts)) AS open,
        dateDiff('day', due_date, as_of) AS late
    FROM item_days
),
unapplied AS (
    SELECT
        days_as_of[1 + arrayJoin(range(
            toUInt32(if(p.receipt_date >= daily_from, 33 + dateDiff('day', daily_from, p.receipt_date), toRelativeMonthNum(p.receipt_date) - month_zero)),
            toUInt32(least(125, if(a.application_date >= daily_from, 33 + dateDiff('day', daily_from, a.application_date), toRelativeMonthNum(a.application_date) - month_zero)))
        ))] AS as_of,
        p.company AS company, p.customer_id AS customer_id, p.currency AS currency, p.amount AS amount
    FROM payments AS p
    INNER JOIN (SELECT payment_id, any(application_date) AS application_date FROM allocations GROUP BY payment_id) AS a ON a.payment_id = p.payment_id
    WHERE a.application_date > p.receipt_date AND p.receipt_date <= last_day
),
rows AS (
    SELECT as_of, company, customer_id, currency, open, late, toDecimal64(0, 4) AS cash FROM items
    UNION ALL
    SELECT as_of, company, customer_id, currency, toDecimal64(0, 4), 0, amount FROM unapplied
)
SELECT
    as_of, company, customer_id, currency,
    toDecimal64(sum(open), 4) AS open_amount,
    toDecimal64(sumIf(open, late <= 0), 4) AS not_due,
    toDecimal64(sumIf(open, late BETWEEN 1 AND 30), 4) AS d1_30,
    toDecimal64(sumIf(open, late BETWEEN 31 AND 60), 4) AS d31_60,
    toDecimal64(sumIf(open, late BETWEEN 61 AND 90), 4) AS d61_90,
    toDecimal64(sumIf(open, late BETWEEN 91 AND 120), 4) AS d91_120,
    toDecimal64(sumIf(open, late BETWEEN 121 AND 180), 4) AS d121_180,
    toDecimal64(sumIf(open, late BETWEEN 181 AND 365), 4) AS d181_365,
    toDecimal64(sumIf(open, late > 365), 4) AS d366_plus,
    toDecimal64(sumIf(open, late > 0), 4) AS overdue,
    toDecimal64(-sum(cash), 4) AS unapplied
FROM rows
GROUP BY as_of, company, customer_id, currency
HAVING open_amount != 0 OR unapplied != 0
