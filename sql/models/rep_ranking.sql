/* ---
description: Reps by what they collected, in the last full month and in the month to date, over all companies.
grain: one period and rep
materialisation: table
order_by: [period, rep_id]
owner: sales management
tags: [reps, collection]
columns:
  - {name: period, description: last_month or month_to_date, tests: [not_null, {accepted_values: [last_month, month_to_date]}]}
  - {name: month, description: first day of the month, unit: date, tests: [not_null]}
  - {name: rep_id, description: rep or unassigned, unit: id, tests: [not_null]}
  - {name: rep_name, description: display name; NULL where no source tells it}
  - {name: team, description: team of the rep}
  - {name: currency, description: reporting currency of all amounts, unit: ISO 4217}
  - {name: collected, description: receipts less bounced receipts and refunds by the account owner of the receipt date (C9), unit: reporting currency, tests: [not_null]}
  - {name: collected_due_basis, description: part of collected on items overdue at opening or due in the month, unit: reporting currency}
  - {name: due_basis_denominator, description: what was collectable on the due basis (C2), unit: reporting currency}
  - {name: collection_rate, description: collected_due_basis / due_basis_denominator; NULL = nothing collectable, unit: fraction}
  - {name: due_basis_undisputed_denominator, description: due_basis_denominator without what is in dispute at the end of the month, unit: reporting currency}
  - {name: collection_rate_undisputed, description: "collected_due_basis / due_basis_undisputed_denominator: what a rep is judged by; NULL = nothing collectable", unit: fraction}
  - {name: cash_rate_collectable, description: "(opening + sales - closing) / (opening + sales) (C3); NULL = nothing collectable", unit: fraction}
  - {name: cash_rate_revenue, description: "(opening + sales - closing) / sales (C4); NULL = no sales", unit: fraction}
  - {name: on_time_rate, description: share of the amount due in the month that was settled by its due date (C7), unit: fraction}
  - {name: days_to_pay, description: days from invoice to receipt weighted by amount (B11), unit: days}
  - {name: target, description: collection target; NULL = none, unit: reporting currency}
  - {name: attainment, description: collected / target (C10); NULL = no target, unit: fraction}
  - {name: closing_open, description: open invoices at the end of the period, unit: reporting currency}
  - {name: closing_overdue, description: part of closing_open 1 day or more past due, unit: reporting currency}
  - {name: overdue_share, description: closing_overdue / closing_open, unit: fraction}
  - {name: visits, description: visits to customers, unit: count}
  - {name: promises_due, description: promises due in the period that are settled one way or the other, unit: count}
  - {name: promises_kept, description: part of promises_due that were kept, unit: count}
  - {name: collected_rank, description: "1 = most collected; equal amounts share a rank; NULL for unassigned", unit: rank}
  - {name: attainment_rank, description: "1 = highest attainment; NULL without target and for unassigned", unit: rank}
tests:
  - unique: [period, rep_id]
  - name: the cash of all reps is that of rep_collection
    sum_equals:
      this: sum(collected)
      by: [month]
      of: |
        SELECT month, sum(collected)
        FROM {{ source('huikuan', 'rep_collection') }}
        WHERE month IN (
            SELECT arrayJoin([toStartOfMonth(max(as_of)), addMonths(toStartOfMonth(max(as_of)), -1)])
            FROM {{ source('huikuan', 'dso') }}
            WHERE scope = 'group'
        )
        GROUP BY month
  - name: the overdue of all reps in the month to date is that of the snapshot
    severity: warn
    sum_equals:
      this: sumIf(closing_overdue, period = 'month_to_date')
      of: |
        SELECT sum(overdue_rc)
        FROM {{ source('huikuan', 'ar_snapshots') }}
        WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'dso') }} WHERE scope = 'group')
      tolerance: 0.01
unit_tests:
  - name: rates are sums over sums, ranks leave out what nobody owns
    given:
      - input: source('huikuan', 'dso')
        rows: [{as_of: 2026-11-20, scope: group}]
      - input: source('huikuan', 'rep_collection')
        rows:
          - {month: 2026-10-01, company: CN01, rep_id: R1, collected: 100, collected_due_basis: 80, due_basis_denominator: 100, due_basis_undisputed_denominator: 90, target: 200}
          - {month: 2026-10-01, company: DE01, rep_id: R1, collected: 60, collected_due_basis: 0, due_basis_denominator: 60, due_basis_undisputed_denominator: 10, target: null}
          - {month: 2026-10-01, company: CN01, rep_id: R2, collected: 160, collected_due_basis: 160, due_basis_denominator: 160, target: 100}
          - {month: 2026-10-01, company: CN01, rep_id: unassigned, collected: 900, target: null}
          - {month: 2026-11-01, company: CN01, rep_id: R1, collected: 10, closing_open: 800, closing_overdue: 200, target: null}
    expect:
      rows:
        - {period: last_month, rep_id: R1, collected: 160, collection_rate: 0.5, collection_rate_undisputed: 0.8, attainment: 0.8, collected_rank: 1, attainment_rank: 2}
        - {period: last_month, rep_id: R2, collected: 160, collection_rate: 1, collection_rate_undisputed: null, attainment: 1.6, collected_rank: 1, attainment_rank: 1}
        - {period: last_month, rep_id: unassigned, collected: 900, collection_rate: null, collection_rate_undisputed: null, attainment: null, collected_rank: null, attainment_rank: null}
        - {period: month_to_date, rep_id: R1, collected: 10, collection_rate: null, collection_rate_undisputed: null, overdue_share: 0.25, collected_rank: 1}
  - name: every rate adds up the companies first, a negative base gives none, equal attainments share a rank
    given:
      - input: source('huikuan', 'dso')
        rows: [{as_of: 2026-10-31, scope: group}, {as_of: 2026-11-20, scope: group}, {as_of: 2026-12-31, scope: company}]
      - input: source('huikuan', 'rep_collection')
        rows:
          - {month: 2026-10-01, company: CN01, rep_id: R1, rep_name: Li Wei, team: East, currency: EUR, collected: 100, collected_due_basis: 80, due_basis_denominator: 100, due_basis_undisputed_denominator: 90, cash_rate_numerator: 90, cash_rate_collectable_denominator: 150, sales: 100, on_time_amount: 30, on_time_base: 40, days_to_pay_numerator: 1000, days_to_pay_denominator: 50, target: 100, closing_open: 400, closing_overdue: 100, visits: 3, promises_due: 4, promises_kept: 1}
          - {month: 2026-10-01, company: DE01, rep_id: R1, rep_name: Li Wei, team: East, currency: EUR, collected: 60, collected_due_basis: 20, due_basis_denominator: 60, due_basis_undisputed_denominator: 35, cash_rate_numerator: 30, cash_rate_collectable_denominator: 50, sales: 50, on_time_amount: 10, on_time_base: 60, days_to_pay_numerator: 200, days_to_pay_denominator: 10, target: 100, closing_open: 100, closing_overdue: 25, visits: 2, promises_due: 1, promises_kept: 1}
          - {month: 2026-10-01, company: CN01, rep_id: R2, collected: 80, collected_due_basis: 5, due_basis_denominator: -10, due_basis_undisputed_denominator: -5, cash_rate_numerator: 5, cash_rate_collectable_denominator: -10, sales: -20, on_time_amount: 5, on_time_base: -1, days_to_pay_numerator: 5, days_to_pay_denominator: -1, target: 100, closing_open: -5, closing_overdue: 1}
          - {month: 2026-10-01, company: CN01, rep_id: R3, collected: 10, target: -5}
          - {month: 2026-10-01, company: CN01, rep_id: R4, collected: 10, target: 100}
          - {month: 2026-10-01, company: CN01, rep_id: unassigned, collected: 900, target: 100}
          - {month: 2026-09-01, company: CN01, rep_id: R1, collected: 5, target: 1}
          - {month: 2026-11-01, company: CN01, rep_id: R1, collected: 7, target: 10}
          - {month: 2026-11-01, company: CN01, rep_id: R2, collected: 70, target: 20}
    expect:
      rows:
        - {period: last_month, month: 2026-10-01, rep_id: R1, rep_name: Li Wei, team: East, currency: EUR, collected: 160, collected_due_basis: 100, due_basis_denominator: 160, collection_rate: 0.625, due_basis_undisputed_denominator: 125, collection_rate_undisputed: 0.8, cash_rate_collectable: 0.6, cash_rate_revenue: 0.8, on_time_rate: 0.4, days_to_pay: 20, target: 200, attainment: 0.8, closing_open: 500, closing_overdue: 125, overdue_share: 0.25, visits: 5, promises_due: 5, promises_kept: 2, collected_rank: 1, attainment_rank: 1}
        - {period: last_month, month: 2026-10-01, rep_id: R2, collected: 80, collection_rate: null, collection_rate_undisputed: null, cash_rate_collectable: null, cash_rate_revenue: null, on_time_rate: null, days_to_pay: null, attainment: 0.8, overdue_share: null, collected_rank: 2, attainment_rank: 1}
        - {period: last_month, month: 2026-10-01, rep_id: R3, collected: 10, cash_rate_collectable: null, cash_rate_revenue: null, on_time_rate: null, days_to_pay: null, attainment: null, overdue_share: null, collected_rank: 3, attainment_rank: null}
        - {period: last_month, month: 2026-10-01, rep_id: R4, collected: 10, attainment: 0.1, collected_rank: 3, attainment_rank: 3}
        - {period: last_month, month: 2026-10-01, rep_id: unassigned, collected: 900, attainment: 9, collected_rank: null, attainment_rank: null}
        - {period: month_to_date, month: 2026-11-01, rep_id: R1, collected: 7, attainment: 0.7, collected_rank: 2, attainment_rank: 2}
        - {period: month_to_date, month: 2026-11-01, rep_id: R2, collected: 70, attainment: 3.5, collected_rank: 1, attainment_rank: 1}
--- */
WITH
(SELECT toStartOfMonth(max(as_of)) FROM {{ source('huikuan', 'dso') }} WHERE scope = 'group') AS this_month,
addMonths(this_month, -1) AS previous_month,
totals AS (
    SELECT
        if(c.month = this_month, 'month_to_date', 'last_month') AS period,
        c.month AS month,
        c.rep_id AS rep_id,
        any(c.rep_name) AS rep_name,
        any(c.team) AS team,
        any(c.currency) AS currency,
        sum(c.collected) AS collected,
        sum(c.collected_due_basis) AS collected_due_basis,
        sum(c.due_basis_denominator) AS due_basis_denominator,
        sum(c.due_basis_undisputed_denominator) AS due_basis_undisputed_denominator,
        sum(c.cash_rate_numerator) AS cash_rate_numerator,
        sum(c.cash_rate_collectable_denominator) AS cash_rate_collectable_denominator,
        sum(c.sales) AS sales,
        sum(c.on_time_amount) AS on_time_amount,
        sum(c.on_time_base) AS on_time_base,
        sum(c.days_to_pay_numerator) AS days_to_pay_numerator,
        sum(c.days_to_pay_denominator) AS days_to_pay_denominator,
        sum(c.target) AS target,
        sum(c.closing_open) AS closing_open,
        sum(c.closing_overdue) AS closing_overdue,
        sum(c.visits) AS visits,
        sum(c.promises_due) AS promises_due,
        sum(c.promises_kept) AS promises_kept
    FROM {{ source('huikuan', 'rep_collection') }} AS c
    WHERE c.month IN (this_month, previous_month)
    GROUP BY period, month, rep_id
),
rated AS (
    SELECT
        *,
        CAST(collected_due_basis AS Decimal(38, 10)) / nullIf(greatest(due_basis_denominator, 0), 0) AS collection_rate,
        CAST(collected_due_basis AS Decimal(38, 10)) / nullIf(greatest(due_basis_undisputed_denominator, 0), 0) AS collection_rate_undisputed,
        CAST(cash_rate_numerator AS Decimal(38, 10)) / nullIf(greatest(cash_rate_collectable_denominator, 0), 0) AS cash_rate_collectable,
        CAST(cash_rate_numerator AS Decimal(38, 10)) / nullIf(greatest(sales, 0), 0) AS cash_rate_revenue,
        CAST(on_time_amount AS Decimal(38, 10)) / nullIf(greatest(on_time_base, 0), 0) AS on_time_rate,
        days_to_pay_numerator / nullIf(greatest(days_to_pay_denominator, 0), 0) AS days_to_pay,
        CAST(collected AS Decimal(38, 10)) / nullIf(greatest(target, 0), 0) AS attainment,
        CAST(closing_overdue AS Decimal(38, 10)) / nullIf(greatest(closing_open, 0), 0) AS overdue_share,
        rep_id = 'unassigned' AS is_unassigned
    FROM totals
)
SELECT
    period,
    month,
    rep_id,
    rep_name,
    team,
    currency,
    collected,
    collected_due_basis,
    due_basis_denominator,
    due_basis_undisputed_denominator,
    collection_rate,
    collection_rate_undisputed,
    cash_rate_collectable,
    cash_rate_revenue,
    on_time_rate,
    days_to_pay,
    target,
    attainment,
    closing_open,
    closing_overdue,
    overdue_share,
    visits,
    promises_due,
    promises_kept,
    if(is_unassigned, NULL, rank() OVER (PARTITION BY period, is_unassigned ORDER BY collected DESC)) AS collected_rank,
    if(is_unassigned OR isNull(attainment), NULL,
        rank() OVER (PARTITION BY period, is_unassigned, isNull(attainment) ORDER BY attainment DESC)) AS attainment_rank
FROM rated
