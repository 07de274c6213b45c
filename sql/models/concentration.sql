/* ---
description: "How much of the book the largest customer groups owe: shares of the top groups, Herfindahl index and effective number of groups, at closing rates, at month-ends and the last day built (E11). Groups as they stand today."
grain: one day and scope (the whole book, a company, a segment)
materialisation: table
order_by: [scope, scope_id, as_of]
owner: finance
tags: [risk, concentration, cfo]
columns:
  - {name: as_of, description: "end of this day: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: scope, description: "group (the whole book), company or segment", tests: [not_null, {accepted_values: [group, company, segment]}]}
  - {name: scope_id, description: "company or segment; empty for the whole book, and for customers without a segment", tests: [not_null]}
  - {name: groups, description: customer groups with a positive net balance, unit: count}
  - {name: exposure_rc, description: sum of their net balances; denominator of every share, unit: reporting currency}
  - {name: largest_group_id, description: group with the largest balance; of equal ones the first identifier, unit: id}
  - {name: largest_rc, description: its balance; numerator of top_1_share, unit: reporting currency}
  - {name: top_sizes, description: "for how many groups top_shares is shown, as in the variable concentration_top", unit: count}
  - {name: top_amounts_rc, description: balances of so many largest groups; numerators of top_shares, unit: reporting currency}
  - {name: top_shares, description: top_amounts_rc / exposure_rc, unit: fraction}
  - {name: top_1_share, description: share of the largest group; NULL see reason, unit: fraction}
  - {name: top_5_share, description: "share of the 5 largest groups: as its name says, whatever concentration_top is", unit: fraction}
  - {name: top_10_share, description: share of the 10 largest groups likewise, unit: fraction}
  - {name: hhi, description: "sum of squared shares, 0 to 1; NULL see reason", unit: fraction}
  - {name: hhi_10000, description: "the same as it is printed, 0 to 10,000", unit: points}
  - {name: effective_number, description: "1 / hhi: as many groups of equal size would be as concentrated", unit: groups}
  - {name: credit_balances, description: "groups with a negative net balance, left out of the shares; top_exposures lists them", unit: count}
  - {name: credit_balance_rc, description: "sum of these balances, negative", unit: reporting currency}
  - {name: without_rate, description: balances left out because no closing rate is known, unit: count}
  - {name: reason, description: "why shares and index are NULL: no_exposure"}
chart: {type: line, title: Concentration, x: as_of, y: [top_1_share, top_10_share], unit: fraction, where: scope = 'group'}
tests:
  - unique: [as_of, scope, scope_id]
  - name: positive and negative balances add up to net receivables at closing rates
    sum_equals:
      this: sum(exposure_rc + credit_balance_rc)
      by: [as_of, scope]
      of: |
        SELECT as_of, arrayJoin(['group', 'company', 'segment']) AS scope, sum(net_ar_rc)
        FROM {{ ref('month_end_balances') }}
        GROUP BY as_of, scope
  - name: the index lies between one over the number of groups and one
    sql: |
      SELECT as_of, scope, scope_id, groups, hhi
      FROM {{ this }}
      WHERE hhi > 1 OR hhi * groups < 1 - groups * 0.0000000001
  - name: the index of the last day is that of the list of exposures
    sql: |
      SELECT i.hhi AS hhi, l.hhi AS listed
      FROM (
          SELECT ifNull(sum(hhi), 0) AS hhi
          FROM {{ this }}
          WHERE scope = 'group' AND as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
      ) AS i
      CROSS JOIN (SELECT sum(hhi_contribution) AS hhi FROM {{ ref('top_exposures') }}) AS l
      WHERE abs(i.hhi - l.hhi) > 0.000000001
unit_tests:
  - name: ex:hhi_3g
    given:
      - input: ref('customer_groups')
        rows: [{customer_id: A1, group_id: A}, {customer_id: A2, group_id: A}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: X, customer_id: A1, net_ar_rc: 40}
          - {as_of: 2026-10-31, company: Y, customer_id: A2, net_ar_rc: -10}
          - {as_of: 2026-10-31, company: X, customer_id: B, net_ar_rc: 30}
          - {as_of: 2026-10-31, company: X, customer_id: C, net_ar_rc: 20}
          - {as_of: 2026-10-31, company: X, customer_id: D, net_ar_rc: 20}
          - {as_of: 2026-10-31, company: X, customer_id: CREDIT, net_ar_rc: -7}
          - {as_of: 2026-10-31, company: X, customer_id: NORATE, net_ar_rc: null}
    expect:
      rows:
        - {scope: group, scope_id: "", groups: 4, exposure_rc: 100, largest_group_id: A, top_1_share: 0.3, hhi: 0.26, hhi_10000: 2600, top_5_share: 1, credit_balances: 1, credit_balance_rc: -7, without_rate: 1, reason: null}
        - {scope: segment, scope_id: "", groups: 4, exposure_rc: 100, largest_group_id: A, top_1_share: 0.3, hhi: 0.26, hhi_10000: 2600, top_5_share: 1, credit_balances: 1, credit_balance_rc: -7, without_rate: 1, reason: null}
        - {scope: company, scope_id: X, groups: 4, exposure_rc: 110, largest_group_id: A, top_1_share: 0.3636363636, hhi: 0.2727272727, hhi_10000: 2727.2727272727, top_5_share: 1, credit_balances: 1, credit_balance_rc: -7, without_rate: 1, reason: null}
        - {scope: company, scope_id: Y, groups: 0, exposure_rc: 0, largest_group_id: null, top_1_share: null, hhi: null, hhi_10000: null, top_5_share: null, credit_balances: 1, credit_balance_rc: -10, without_rate: 0, reason: no_exposure}
  - name: "ex:hhi_six: shares of 30, 20, 15, 15, 10 and 10 percent make 1,950"
    given:
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, customer_id: A, net_ar_rc: 300}
          - {as_of: 2026-10-31, customer_id: B, net_ar_rc: 200}
          - {as_of: 2026-10-31, customer_id: C, net_ar_rc: 150}
          - {as_of: 2026-10-31, customer_id: D, net_ar_rc: 150}
          - {as_of: 2026-10-31, customer_id: E, net_ar_rc: 100}
          - {as_of: 2026-10-31, customer_id: F, net_ar_rc: 100}
    expect:
      rows:
        - {scope: group, hhi: 0.195, hhi_10000: 1950, effective_number: 5.1282051282, top_1_share: 0.3, top_5_share: 0.9}
        - {scope: company, hhi: 0.195, hhi_10000: 1950, effective_number: 5.1282051282, top_1_share: 0.3, top_5_share: 0.9}
        - {scope: segment, hhi: 0.195, hhi_10000: 1950, effective_number: 5.1282051282, top_1_share: 0.3, top_5_share: 0.9}
  - name: what is disputed counts in full, what was written off is gone
    given:
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, customer_id: A, net_ar_rc: 60, open_amount_rc: 60, disputed_rc: 60}
          - {as_of: 2026-10-31, customer_id: LOST, net_ar_rc: 40, open_amount_rc: 40}
          - {as_of: 2026-11-30, customer_id: A, net_ar_rc: 60, open_amount_rc: 60, disputed_rc: 60}
    expect:
      rows:
        - {as_of: 2026-10-31, scope: group, groups: 2, hhi: 0.52, largest_rc: 60}
        - {as_of: 2026-10-31, scope: company, groups: 2, hhi: 0.52, largest_rc: 60}
        - {as_of: 2026-10-31, scope: segment, groups: 2, hhi: 0.52, largest_rc: 60}
        - {as_of: 2026-11-30, scope: group, groups: 1, hhi: 1, largest_rc: 60}
        - {as_of: 2026-11-30, scope: company, groups: 1, hhi: 1, largest_rc: 60}
        - {as_of: 2026-11-30, scope: segment, groups: 1, hhi: 1, largest_rc: 60}
  - name: twelve groups, of which the largest two, ten and eleven are shown; a balance of nothing is in no count
    overrides: {vars: {concentration_top: [2, 11]}}
    given:
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: X, customer_id: G01, currency: CNY, net_ar_rc: 7}
          - {as_of: 2026-10-31, company: X, customer_id: G01, currency: USD, net_ar_rc: 5}
          - {as_of: 2026-10-31, company: X, customer_id: G02, net_ar_rc: 11}
          - {as_of: 2026-10-31, company: X, customer_id: G03, net_ar_rc: 10}
          - {as_of: 2026-10-31, company: X, customer_id: G04, net_ar_rc: 9}
          - {as_of: 2026-10-31, company: X, customer_id: G05, net_ar_rc: 8}
          - {as_of: 2026-10-31, company: X, customer_id: G06, net_ar_rc: 7}
          - {as_of: 2026-10-31, company: X, customer_id: G07, net_ar_rc: 5}
          - {as_of: 2026-10-31, company: X, customer_id: G08, net_ar_rc: 3}
          - {as_of: 2026-10-31, company: X, customer_id: G09, net_ar_rc: 2}
          - {as_of: 2026-10-31, company: X, customer_id: G10, net_ar_rc: 2}
          - {as_of: 2026-10-31, company: X, customer_id: G11, net_ar_rc: 1}
          - {as_of: 2026-10-31, company: X, customer_id: G12, net_ar_rc: 0.4}
          - {as_of: 2026-10-31, company: X, customer_id: Z, net_ar_rc: 5}
          - {as_of: 2026-10-31, company: X, customer_id: Z, net_ar_rc: -5}
          - {as_of: 2026-10-31, company: X, customer_id: K1, net_ar_rc: -3}
          - {as_of: 2026-10-31, company: X, customer_id: K2, net_ar_rc: -0.5}
          - {as_of: 2026-10-31, company: X, customer_id: N1, net_ar_rc: null}
          - {as_of: 2026-10-31, company: X, customer_id: N2, net_ar_rc: null}
          - {as_of: 2026-09-30, company: X, customer_id: Z, net_ar_rc: 0}
    expect:
      rows:
        - {as_of: 2026-10-31, scope: group, scope_id: "", groups: 12, exposure_rc: 70.4, largest_group_id: G01, largest_rc: 12, top_sizes: [2, 11], top_amounts_rc: [23, 70], top_shares: [0.3267045454, 0.9943181818], top_1_share: ~0.170455, top_5_share: ~0.710227, top_10_share: ~0.980114, hhi: ~0.121497, hhi_10000: ~1214.972882, effective_number: ~8.230636, credit_balances: 2, credit_balance_rc: -3.5, without_rate: 2, reason: null}
        - {as_of: 2026-09-30, scope: group, scope_id: "", groups: 0, exposure_rc: 0, largest_group_id: null, largest_rc: null, top_amounts_rc: [0, 0], top_shares: [], top_1_share: null, top_10_share: null, hhi: null, effective_number: null, credit_balances: 0, credit_balance_rc: 0, without_rate: 0, reason: no_exposure}
        - {as_of: 2026-10-31, scope: company, scope_id: X, groups: 12, exposure_rc: 70.4, largest_group_id: G01, largest_rc: 12, top_sizes: [2, 11], top_amounts_rc: [23, 70], top_shares: [0.3267045454, 0.9943181818], top_1_share: ~0.170455, top_5_share: ~0.710227, top_10_share: ~0.980114, hhi: ~0.121497, hhi_10000: ~1214.972882, effective_number: ~8.230636, credit_balances: 2, credit_balance_rc: -3.5, without_rate: 2, reason: null}
        - {as_of: 2026-09-30, scope: company, scope_id: X, groups: 0, exposure_rc: 0, largest_group_id: null, largest_rc: null, top_amounts_rc: [0, 0], top_shares: [], top_1_share: null, top_10_share: null, hhi: null, effective_number: null, credit_balances: 0, credit_balance_rc: 0, without_rate: 0, reason: no_exposure}
        - {as_of: 2026-10-31, scope: segment, scope_id: "", groups: 12, exposure_rc: 70.4, largest_group_id: G01, largest_rc: 12, top_sizes: [2, 11], top_amounts_rc: [23, 70], top_shares: [0.3267045454, 0.9943181818], top_1_share: ~0.170455, top_5_share: ~0.710227, top_10_share: ~0.980114, hhi: ~0.121497, hhi_10000: ~1214.972882, effective_number: ~8.230636, credit_balances: 2, credit_balance_rc: -3.5, without_rate: 2, reason: null}
        - {as_of: 2026-09-30, scope: segment, scope_id: "", groups: 0, exposure_rc: 0, largest_group_id: null, largest_rc: null, top_amounts_rc: [0, 0], top_shares: [], top_1_share: null, top_10_share: null, hhi: null, effective_number: null, credit_balances: 0, credit_balance_rc: 0, without_rate: 0, reason: no_exposure}
--- */
WITH
-- One row a day and group; nearly all have one part.
by_group AS (
    SELECT
        v.as_of AS as_of,
        if(g.group_id = '', v.customer_id, g.group_id) AS group_id,
        groupArray((v.company, ifNull(v.segment, ''), toDecimal128(ifNull(v.net_ar_rc, 0), 4), isNull(v.net_ar_rc))) AS parts
    FROM {{ ref('month_end_balances') }} AS v
    LEFT ANY JOIN {{ ref('customer_groups') }} AS g ON g.customer_id = v.customer_id
    GROUP BY as_of, group_id
),
in_scopes AS (
    SELECT
        as_of,
        group_id,
        arrayJoin(arrayConcat(
            [('group', '', parts)],
            arrayMap(c -> ('company', c, arrayFilter(p -> p.1 = c, parts)), arrayDistinct(arrayMap(p -> p.1, parts))),
            arrayMap(c -> ('segment', c, arrayFilter(p -> p.2 = c, parts)), arrayDistinct(arrayMap(p -> p.2, parts))))) AS member,
        arraySum(p -> p.3, member.3) AS net_rc,
        arrayCount(p -> p.4, member.3) AS unknown
    FROM by_group
),
measured AS (
    SELECT
        n.as_of AS as_of,
        n.member.1 AS scope,
        n.member.2 AS scope_id,
        countIf(n.net_rc > 0) AS positive,
        sumIf(n.net_rc, n.net_rc > 0) AS total,
        nullIf(total, 0) AS divisor,
        arrayMap(x -> (-x.1, x.2), groupArraySortedIf(greatest(10, arrayMax({{ var('concentration_top') }})))((-n.net_rc, n.group_id), n.net_rc > 0)) AS largest,
        arrayMap(x -> x.1, largest) AS amounts,
        arrayMap(k -> arraySum(arraySlice(amounts, 1, k)), {{ var('concentration_top') }}) AS top_amounts,
        sumIf(toDecimal256(n.net_rc, 4) * toDecimal256(n.net_rc, 4), n.net_rc > 0) AS squares,
        countIf(n.net_rc < 0) AS credit_balances,
        sumIf(n.net_rc, n.net_rc < 0) AS credit_balance_rc,
        sum(n.unknown) AS without_rate
    FROM in_scopes AS n
    GROUP BY as_of, scope, scope_id
)
SELECT
    as_of,
    scope,
    scope_id,
    toUInt64(positive) AS groups,
    CAST(total AS Decimal(18, 4)) AS exposure_rc,
    if(empty(largest), NULL, largest[1].2) AS largest_group_id,
    CAST(if(empty(largest), NULL, largest[1].1) AS Nullable(Decimal(18, 4))) AS largest_rc,
    CAST({{ var('concentration_top') }} AS Array(UInt32)) AS top_sizes,
    CAST(top_amounts AS Array(Decimal(18, 4))) AS top_amounts_rc,
    if(total = 0, [], arrayMap(x -> CAST(toDecimal128(x, 10) / total AS Decimal(38, 10)), top_amounts)) AS top_shares,
    CAST(toDecimal128(amounts[1], 10) / divisor AS Nullable(Decimal(38, 10))) AS top_1_share,
    CAST(toDecimal128(arraySum(arraySlice(amounts, 1, 5)), 10) / divisor AS Nullable(Decimal(38, 10))) AS top_5_share,
    CAST(toDecimal128(arraySum(arraySlice(amounts, 1, 10)), 10) / divisor AS Nullable(Decimal(38, 10))) AS top_10_share,
    CAST(round(toDecimal256(squares, 22) / (toDecimal256(divisor, 4) * toDecimal256(divisor, 4)), 10) AS Nullable(Decimal(38, 10))) AS hhi,
    CAST(round(10000 * toDecimal256(squares, 22) / (toDecimal256(divisor, 4) * toDecimal256(divisor, 4)), 10) AS Nullable(Decimal(38, 10))) AS hhi_10000,
    CAST(round(toDecimal256(divisor, 16) * divisor / nullIf(toDecimal256(squares, 8), 0), 10) AS Nullable(Decimal(38, 10))) AS effective_number,
    toUInt64(credit_balances) AS credit_balances,
    CAST(credit_balance_rc AS Decimal(18, 4)) AS credit_balance_rc,
    toUInt64(without_rate) AS without_rate,
    if(total = 0, 'no_exposure', NULL) AS reason
FROM measured
