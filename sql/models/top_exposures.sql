/* ---
description: Net exposure of each customer group at the end of the last day built, at closing rates, largest first, with its part in the concentration of the book (E11).
grain: one customer group (the head of all parents, or the customer that has none)
materialisation: table
order_by: [exposure_rank, group_id]
owner: finance
tags: [concentration, cfo]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: exposure_rank, description: 1 = largest exposure; equal exposures in the order of group_id, unit: rank, tests: [not_null, unique]}
  - {name: group_id, description: "head of the group as in customer_groups, however many levels there are, or the customer itself", unit: id, tests: [not_null, unique]}
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
  - {name: hhi_contribution, description: "exposure squared / square of the sum of all positive exposures, to 20 places, so that those of many small groups are not lost; the sum over all groups is the HHI (0 to 1)", unit: fraction}
  - {name: balances_without_rate, description: balances left out because no exchange rate is known, unit: count}
tests:
  - name: the open amount of all groups is that of the balance sheet
    sum_equals:
      this: sum(open_amount_rc)
      of: |
        SELECT sum(open_amount_rc)
        FROM {{ ref('month_end_balances') }}
        WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
  - name: the exposure of all groups is the net balance of the balance sheet
    sum_equals:
      this: sum(exposure_rc)
      of: |
        SELECT sum(net_ar_rc)
        FROM {{ ref('month_end_balances') }}
        WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
  - name: the shares add up to one
    sql: |
      SELECT sum(share) AS total
      FROM {{ this }}
      HAVING total != 0 AND abs(total - 1) > 0.0000000001 * count()
  - name: every balance has an exchange rate
    severity: warn
    sql: |
      SELECT group_id, balances_without_rate
      FROM {{ this }}
      WHERE balances_without_rate > 0
unit_tests:
  - name: a group is ranked by its net balance; a credit balance is listed and not counted
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-11-20}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-11-20, customer_id: C1, open_amount_rc: 500, unapplied_rc: -100, open_credits_rc: 0, overdue_rc: 100, net_ar_rc: 400}
          - {as_of: 2026-11-20, customer_id: C2, open_amount_rc: 200, unapplied_rc: 0, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: 200}
          - {as_of: 2026-11-20, customer_id: C3, open_amount_rc: 200, unapplied_rc: 0, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: 200}
          - {as_of: 2026-11-20, customer_id: C4, open_amount_rc: 0, unapplied_rc: -50, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: -50}
      - input: ref('customer_groups')
        rows: [{customer_id: C1, group_id: P}, {customer_id: C2, group_id: P}, {customer_id: C4, group_id: C4}]
      - input: source('huikuan', 'customers_current')
        rows: [{customer_id: C1, name: one}, {customer_id: C2, name: two}, {customer_id: P, name: parent}]
    expect:
      rows:
        - {exposure_rank: 1, group_id: P, group_name: parent, customers: 2, exposure_rc: 600, share: 0.75, cumulative_share: 0.75, hhi_contribution: 0.5625}
        - {exposure_rank: 2, group_id: C3, customers: 1, exposure_rc: 200, share: 0.25, cumulative_share: 1, hhi_contribution: 0.0625}
        - {exposure_rank: 3, group_id: C4, customers: 1, exposure_rc: -50, share: 0, cumulative_share: 1, hhi_contribution: 0}
  - name: the balances of a group add up over companies and currencies, equal ones stand by identifier, without a rate the balance is counted and left out
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-11-20}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, customer_id: B, open_amount_rc: 999, unapplied_rc: 0, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: 999, disputed_rc: 0}
          - {as_of: 2026-11-20, company: X, customer_id: B, currency: EUR, open_amount_rc: 50, unapplied_rc: -5, open_credits_rc: -3, overdue_rc: 20, net_ar_rc: 42, disputed_rc: 7}
          - {as_of: 2026-11-20, company: Y, customer_id: B, currency: USD, open_amount_rc: 30, unapplied_rc: -1, open_credits_rc: -1, overdue_rc: 12, net_ar_rc: 28, disputed_rc: 1}
          - {as_of: 2026-11-20, company: Y, customer_id: B, currency: XXX}
          - {as_of: 2026-11-20, company: Y, customer_id: A, currency: USD, open_amount_rc: 70, unapplied_rc: 0, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: 70, disputed_rc: 0}
          - {as_of: 2026-11-20, company: Y, customer_id: N, currency: XXX}
    expect:
      rows:
        - {as_of: 2026-11-20, exposure_rank: 1, group_id: A, customers: 1, open_amount_rc: 70, exposure_rc: 70, overdue_share: 0, share: 0.5, cumulative_share: 0.5, balances_without_rate: 0}
        - {as_of: 2026-11-20, exposure_rank: 2, group_id: B, customers: 1, open_amount_rc: 80, unapplied_rc: -6, open_credits_rc: -4, exposure_rc: 70, overdue_rc: 32, overdue_share: 0.4, disputed_rc: 8, share: 0.5, cumulative_share: 1, balances_without_rate: 1}
        - {as_of: 2026-11-20, exposure_rank: 3, group_id: N, customers: 1, open_amount_rc: 0, unapplied_rc: 0, open_credits_rc: 0, exposure_rc: 0, overdue_rc: 0, overdue_share: null, disputed_rc: 0, share: 0, cumulative_share: 1, balances_without_rate: 1}
  - name: the parts in the index of many groups are not rounded to nothing
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-11-20}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-11-20, customer_id: A, open_amount_rc: 900000, unapplied_rc: 0, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: 900000}
          - {as_of: 2026-11-20, customer_id: B, open_amount_rc: 3, unapplied_rc: 0, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: 3}
    expect:
      rows:
        - {group_id: A, share: 0.9999966666, hhi_contribution: 0.99999333336666651851}
        - {group_id: B, share: 0.0000033333, hhi_contribution: 0.00000000001111103703}
  - name: where nobody owes anything no share is undefined
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-11-20}]
      - input: ref('month_end_balances')
        rows: [{as_of: 2026-11-20, customer_id: A, open_amount_rc: 0, unapplied_rc: -9, open_credits_rc: 0, overdue_rc: 0, net_ar_rc: -9, disputed_rc: 0}]
    expect:
      rows: [{exposure_rank: 1, group_id: A, exposure_rc: -9, overdue_share: null, share: 0, cumulative_share: 0, hhi_contribution: 0}]
--- */
WITH
exposures AS (
    SELECT
        s.as_of AS as_of,
        if(g.group_id = '', s.customer_id, g.group_id) AS group_id,
        uniqExact(s.customer_id) AS customers,
        ifNull(sum(s.open_amount_rc), 0) AS open_amount_rc,
        ifNull(sum(s.unapplied_rc), 0) AS unapplied_rc,
        ifNull(sum(s.open_credits_rc), 0) AS open_credits_rc,
        open_amount_rc + unapplied_rc + open_credits_rc AS exposure_rc,
        ifNull(sum(s.overdue_rc), 0) AS overdue_rc,
        ifNull(sum(s.disputed_rc), 0) AS disputed_rc,
        countIf(isNull(s.net_ar_rc)) AS balances_without_rate
    FROM {{ ref('month_end_balances') }} AS s
    LEFT ANY JOIN {{ ref('customer_groups') }} AS g ON g.customer_id = s.customer_id
    WHERE s.as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
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
    CAST(ifNull(toDecimal256(toDecimal256(e.counted, 4) * toDecimal256(e.counted, 4), 28) / (toDecimal256(nullIf(e.total, 0), 4) * toDecimal256(e.total, 4)), 0) AS Decimal(38, 20)) AS hhi_contribution,
    e.balances_without_rate AS balances_without_rate
FROM shared AS e
LEFT JOIN {{ source('huikuan', 'customers_current') }} AS c ON c.customer_id = e.group_id
