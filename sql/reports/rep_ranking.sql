-- Reps by what they collected in the month of the as-of day, in reporting currency.
WITH (SELECT max(month) FROM rep_collection) AS this_month
SELECT
    r.rep_id AS rep_id,
    any(coalesce(r.rep_name, r.rep_id)) AS rep,
    any(r.team) AS team,
    sum(r.collected) AS collected,
    sum(r.target) AS target,
    round(100 * sum(toDecimal128(r.collected, 10)) / nullIf(sum(toDecimal128(r.target, 10)), 0), 1) AS attainment_percent,
    round(100 * sum(toDecimal128(r.collected_due_basis, 10)) / nullIf(sum(toDecimal128(r.due_basis_denominator, 10)), 0), 1) AS collection_rate_percent,
    round(100 * sum(toDecimal128(r.on_time_amount, 10)) / nullIf(sum(toDecimal128(r.on_time_base, 10)), 0), 1) AS on_time_percent,
    sum(r.closing_overdue) AS overdue,
    sum(r.visits) AS visits,
    concat(toString(sum(r.promises_kept)), ' of ', toString(sum(r.promises_due))) AS promises_kept
FROM rep_collection AS r
WHERE r.month = this_month AND r.rep_id != 'unassigned'
GROUP BY r.rep_id
ORDER BY collected DESC, rep_id
LIMIT 12
