-- Months that were proved, and the largest amount by which any row of any of them does not close.
SELECT
    uniqExact(month) AS months,
    count() AS proofs,
    max(abs(check_amount)) AS worst,
    max(abs(check_amount_rc)) AS worst_rc
FROM ar_rollforward
