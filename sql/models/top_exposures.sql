/* ---
description: Net exposure of each customer group at the end of the last day built, largest first, with its part in the concentration of the book (E11).
grain: one customer group (the parent customer, or the customer that has none)
materialisation: table
order_by: [exposure_rank, group_id]
owner: finance
tags: [concentration, cfo]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: exposure_rank, description: 1 = largest exposure; equal exposures in the order of group_id, unit: rank, tests: [not_null, unique]}
  - {name: group_id, description: parent customer or the customer itself, unit: id, tests: [not_null, unique]}
  - {name: group_name, description: display name; NULL where no source tells it}
  - {name: customers, description: customers of the group with a balance, unit: count}
  - {name: open_amount_rc, description: open invoices and debit notes, unit: reporting currency, tests: [not_null]}
  - {name: unapplied_rc, description: "cash received and not applied, negative", unit: reporting currency}
  - {name: open_credits_rc, description: "credit notes not applied and overpaid invoices, negative", unit: reporting currency}
  - {name: exposure_rc, description: open_amount_rc + unapplied_rc + open_credits_rc, unit: reporting currency}
  - {name: overdue_rc, description: 1 day or more past due, unit: reporting currency}
  - {name: overdue_share, description: overdue_rc / open_amount_rc, unit: fraction}
  - {name: disputed_rc, description: disputed part of open_amount_rc, unit: reporting currency}
  - {name: share, description: "exposure / sum of all positive exposures; 0 for a credit balance, which is listed and not counted", unit: fraction}
  - {name: cumulative_share, description: share of this group and all larger ones, unit: fraction}
  - {name: hhi_contribution, description: "share squared; the sum over all groups is the HHI (0 to 1)", unit: fraction}
  - {name: balances_without_rate, description: balances left out because no exchange rate is known, unit: count}
tests:
  - name: the open amount of all groups is that of the snapshot
    sum_equals:
      this: sum(open_amount_rc)
      of: |
        SELECT sum(open_amount_rc)
        FROM {{ source('huikuan', 'ar_snapshots') }}
        WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'dso') }} WHERE scope = 'group')
  - name: the exposure of all groups is the net balance of the snapshot
    sum_equals:
      this: sum(exposure_rc)
      of: |
        SELECT sum(net_ar_rc)
        FROM {{ source('huikuan', 'ar_snapshots') }}
        WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'dso') }} WHERE scope = 'group')
  - name: the shares add up to one
    sql: |
      SELECT sum(share) AS total
      FROM {{ this }}
      HAVING total != 0 AND abs(total - 1) > 0.00001
  - name: every balance has an exchange rate
    severity: warn
    sql: |
      SELECT group_id, balances_without_rate
      FROM {{ this }}
      WHERE balances_without_rate > 0
unit_tests:
  - name: a group is ranked by its net balance; a credit balance is listed and not counted
    given:
      - input: source('huikuan', 'dso')
        rows: [{as_of: 2026-11-20, scope: group}]
      - input: source('huikuan', 'ar_snapshots')
        rows:
          - {as_of: 2026-11-20, customer_id: C1, open_amount_rc: 500, unapplied_rc: -100, open_credits_rc: 0, overdue_rc: 100, net_ar_rc: 400}
          - {as_of: 2026-11-20, customer_id: C2, open_amount_rc: 200, unapplied_rc: 0, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: 200}
          - {as_of: 2026-11-20, customer_id: C3, open_amount_rc: 200, unapplied_rc: 0, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: 200}
          - {as_of: 2026-11-20, customer_id: C4, open_amount_rc: 0, unapplied_rc: -50, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: -50}
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, parent_id: P, name: one}, {customer_id: C2, parent_id: P, name: two}, {customer_id: P, name: parent}]
    expect:
      rows:
        - {exposure_rank: 1, group_id: P, group_name: parent, customers: 2, exposure_rc: 600, share: 0.75, cumulative_share: 0.75, hhi_contribution: 0.5625}
        - {exposure_rank: 2, group_id: C3, customers: 1, exposure_rc: 200, share: 0.25, cumulative_share: 1, hhi_contribution: 0.0625}
        - {exposure_rank: 3, group_id: C4, customers: 1, exposure_rc: -50, share: 0, cumulative_share: 1, hhi_contribution: 0}
--- */
WITH
exposures AS (
    SELECT
        s.as_of AS as_of,
        if(ifNull(c.parent_id, '') = '', s.customer_id, assumeNotNull(c.parent_id)) AS group_id,
        uniqExact(s.customer_id) AS customers,
        ifNull(sum(s.open_amount_rc), 0) AS open_amount_rc,
        ifNull(sum(s.unapplied_rc), 0) AS unapplied_rc,
        ifNull(sum(s.open_credits_rc), 0) AS open_credits_rc,
        open_amount_rc + unapplied_rc + open_credits_rc AS exposure_rc,
        ifNull(sum(s.overdue_rc), 0) AS overdue_rc,
        ifNull(sum(s.disputed_rc), 0) AS disputed_rc,
        countIf(isNull(s.net_ar_rc)) AS balances_without_rate
    FROM {{ source('huikuan', 'ar_snapshots') }} AS s
    LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = s.customer_id
    WHERE s.as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'dso') }} WHERE scope = 'group')
    GROUP BY as_of, group_id
),
ranked AS (
    SELECT
        *,
        row_number() OVER (ORDER BY exposure_rc DESC, group_id) AS exposure_rank,
        greatest(exposure_rc, 0) AS counted,
        sum(greatest(exposure_rc, 0)) OVER () AS total,
        sum(greatest(exposure_rc, 0)) OVER (ORDER BY exposure_rc DESC, group_id ROWS UNBOUNDED PRECEDING) AS counted_so_far
    FROM exposures
),
shared AS (
    SELECT
        *,
        ifNull(CAST(counted AS Decimal(38, 10)) / nullIf(total, 0), 0) AS part,
        ifNull(CAST(counted_so_far AS Decimal(38, 10)) / nullIf(total, 0), 0) AS part_so_far
    FROM ranked
)
SELECT
    e.as_of AS as_of,
    e.exposure_rank AS exposure_rank,
    e.group_id AS group_id,
    c.name AS group_name,
    e.customers AS customers,
    e.open_amount_rc AS open_amount_rc,
    e.unapplied_rc AS unapplied_rc,
    e.open_credits_rc AS open_credits_rc,
    e.exposure_rc AS exposure_rc,
    e.overdue_rc AS overdue_rc,
    CAST(e.overdue_rc AS Decimal(38, 10)) / nullIf(e.open_amount_rc, 0) AS overdue_share,
    e.disputed_rc AS disputed_rc,
    e.part AS share,
    e.part_so_far AS cumulative_share,
    CAST(e.part * e.part AS Decimal(38, 10)) AS hhi_contribution,
    e.balances_without_rate AS balances_without_rate
FROM shared AS e
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = e.group_id
