/* ---
description: "Disputes now and how they ended (D6): stock, age, days to resolve, share found valid, by company, segment, reason, department and owner. Resolved means closed in the rolling months and not opened again."
grain: one scope and its member
materialisation: table
order_by: [scope, scope_id]
owner: sales management
tags: [collection, disputes]
columns:
  - {name: scope, description: "group, company, segment, reason, owner_dept (department that has to answer) or owner (of the account)", tests: [not_null, {accepted_values: [group, company, segment, reason, owner_dept, owner]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where none is given, unit: id, tests: [not_null]}
  - {name: open_count, description: disputes open, unit: count, tests: [not_null]}
  - {name: open_disputed, description: "amount in dispute, capped at what is open, at the closing rate; numerator of dispute_rate", unit: reporting currency, tests: [not_null]}
  - {name: open_ar, description: "open invoices at the closing rate, of the member for group, company, segment and owner, of the group for reason and owner_dept; denominator", unit: reporting currency, tests: [not_null]}
  - {name: dispute_rate, description: "open_disputed / open_ar (D6, stock); NULL = nothing open", unit: fraction}
  - {name: age_numerator, description: sum of days since first opened x amount in dispute, unit: days x reporting currency}
  - {name: age_weighted, description: "age_numerator / open_disputed; NULL = nothing in dispute", unit: days}
  - {name: oldest_days, description: age of the oldest open one, unit: days}
  - {name: opened_count, description: "disputes first opened in the rolling months, chains once", unit: count}
  - {name: resolved_count, description: resolved in the rolling months, unit: count, tests: [not_null]}
  - {name: days_to_resolve_numerator, description: sum of days from first opened to closed, unit: days}
  - {name: days_to_resolve, description: "days_to_resolve_numerator / resolved_count; NULL = none resolved", unit: days}
  - {name: judged_count, description: "resolved as valid, partial or invalid", unit: count}
  - {name: valid_count, description: resolved as valid, unit: count}
  - {name: partial_count, description: resolved as partly valid, unit: count}
  - {name: valid_share, description: "valid_count / judged_count; NULL = none judged", unit: fraction}
  - {name: written_off_count, description: resolved by writing off, unit: count}
  - {name: resolved_rc, description: amount of the resolved ones, unit: reporting currency, tests: [not_null]}
  - {name: valid_rc, description: amount of those found valid, unit: reporting currency, tests: [not_null]}
  - {name: without_rate, description: open disputes left out of the amounts because no exchange rate is known, unit: count, tests: [not_null]}
  - {name: reason_code, description: "why a ratio is NULL, the first of: nothing_open, nothing_disputed, none_resolved"}
tests:
  - unique: [scope, scope_id]
  - name: every slicing adds up to the group
    sql: |
      SELECT scope, sum(open_disputed) AS disputed, sum(resolved_count) AS resolved
      FROM {{ this }}
      GROUP BY scope
      HAVING disputed != (SELECT sum(open_disputed) FROM {{ this }} WHERE scope = 'group')
          OR resolved != (SELECT sum(resolved_count) FROM {{ this }} WHERE scope = 'group')
unit_tests:
  - name: ex:dispute_ageing
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: USD}]
      - input: ref('dbt_open')
        rows: [{as_of: 2024-06-30, scope: group, scope_id: "", open_rc: 40000}, {as_of: 2024-06-30, scope: company, scope_id: A, open_rc: 40000}, {as_of: 2024-06-30, scope: segment, scope_id: "", open_rc: 40000}, {as_of: 2024-06-30, scope: owner, scope_id: R1, open_rc: 40000}]
      - input: ref('dispute_items')
        rows:
          - {dispute_id: D1, company: A, owner_id: R1, reason: PRICE, owner_dept: Sales, opened_on: 2024-06-10, first_opened_on: 2024-06-10, is_open: true, reopened: false, open_disputed_asof: 500, age_days: 20}
          - {dispute_id: D2, company: A, owner_id: R1, reason: PRICE, owner_dept: Sales, opened_on: 2024-03-31, first_opened_on: 2024-03-31, is_open: true, reopened: false, open_disputed_asof: 1500, age_days: 91}
          - {dispute_id: D3, company: A, owner_id: R1, reason: PRICE, owner_dept: Sales, opened_on: 2024-05-01, first_opened_on: 2024-05-01, closed_on: 2024-05-21, is_open: false, reopened: false, disputed_amount_rc: 300, days_to_resolve: 20, outcome: valid, open_disputed_asof: 0}
    expect:
      rows:
        - {scope: group, scope_id: "", open_count: 2, open_disputed: 2000, dispute_rate: 0.05, age_weighted: 73.25, oldest_days: 91, opened_count: 3, resolved_count: 1, days_to_resolve: 20, valid_share: 1, valid_rc: 300, reason_code: null}
        - {scope: company, scope_id: A, open_count: 2, open_disputed: 2000, dispute_rate: 0.05, age_weighted: 73.25, oldest_days: 91, opened_count: 3, resolved_count: 1, days_to_resolve: 20, valid_share: 1, valid_rc: 300, reason_code: null}
        - {scope: segment, scope_id: "", open_count: 2, open_disputed: 2000, dispute_rate: 0.05, age_weighted: 73.25, oldest_days: 91, opened_count: 3, resolved_count: 1, days_to_resolve: 20, valid_share: 1, valid_rc: 300, reason_code: null}
        - {scope: reason, scope_id: PRICE, open_count: 2, open_disputed: 2000, dispute_rate: 0.05, age_weighted: 73.25, oldest_days: 91, opened_count: 3, resolved_count: 1, days_to_resolve: 20, valid_share: 1, valid_rc: 300, reason_code: null}
        - {scope: owner_dept, scope_id: Sales, open_count: 2, open_disputed: 2000, dispute_rate: 0.05, age_weighted: 73.25, oldest_days: 91, opened_count: 3, resolved_count: 1, days_to_resolve: 20, valid_share: 1, valid_rc: 300, reason_code: null}
        - {scope: owner, scope_id: R1, open_count: 2, open_disputed: 2000, dispute_rate: 0.05, age_weighted: 73.25, oldest_days: 91, opened_count: 3, resolved_count: 1, days_to_resolve: 20, valid_share: 1, valid_rc: 300, reason_code: null}
  - name: stock of the members' own books, what ended in the rolling months, and no figure where there is nothing to divide by
    overrides: {vars: {rolling_months: 3}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: USD}, {as_of: 2024-05-31, reporting_currency: USD}]
      - input: ref('dbt_open')
        rows: [{scope: group, scope_id: "", open_rc: 50000}, {scope: company, scope_id: "A", open_rc: 16000}, {scope: company, scope_id: "B", open_rc: 34000}, {scope: company, scope_id: "C", open_rc: 0}, {scope: segment, scope_id: "S1", open_rc: 40000}, {scope: segment, scope_id: "S2", open_rc: 20000}, {scope: segment, scope_id: "S3", open_rc: 0.5}, {scope: owner, scope_id: "R1", open_rc: 25000}, {scope: owner, scope_id: "R2", open_rc: 5}, {scope: owner, scope_id: "R4", open_rc: 77}, {scope: owner, scope_id: R3}, {scope: customer, scope_id: A, open_rc: 9}, {scope: region, scope_id: "", open_rc: 9}]
      - input: ref('dispute_items')
        rows:
          - {dispute_id: D1, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-06-10, first_opened_on: 2024-06-10, is_open: true, reopened: false, open_disputed_asof: 500, age_days: 20, disputed_amount: 71, disputed_amount_rc: 500}
          - {dispute_id: D2, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-04-01, first_opened_on: 2024-03-31, is_open: true, reopened: false, open_disputed_asof: 1500, age_days: 91, disputed_amount: 72, disputed_amount_rc: 1500}
          - {dispute_id: D3, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-05-01, first_opened_on: 2024-05-01, is_open: true, reopened: false, age_days: 60, disputed_amount: 73}
          - {dispute_id: D4, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-04-01, first_opened_on: 2024-04-01, closed_on: 2024-05-21, is_open: false, reopened: false, open_disputed_asof: 0, days_to_resolve: 50, disputed_amount: 3, disputed_amount_rc: 300, outcome: valid}
          - {dispute_id: D5, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-03-01, first_opened_on: 2024-03-01, closed_on: 2024-04-01, is_open: false, reopened: false, open_disputed_asof: 0, days_to_resolve: 31, disputed_amount: 4, disputed_amount_rc: 40, outcome: valid}
          - {dispute_id: D6, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-03-01, first_opened_on: 2024-03-01, closed_on: 2024-03-31, is_open: false, reopened: false, open_disputed_asof: 0, days_to_resolve: 30, disputed_amount: 5, disputed_amount_rc: 7000, outcome: valid}
          - {dispute_id: D7, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-03-22, first_opened_on: 2024-03-22, closed_on: 2024-04-01, is_open: false, reopened: false, open_disputed_asof: 0, days_to_resolve: 10, disputed_amount: 6, disputed_amount_rc: 61, outcome: partial}
          - {dispute_id: D8, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-01-02, first_opened_on: 2024-01-02, closed_on: 2024-03-12, is_open: false, reopened: false, open_disputed_asof: 0, days_to_resolve: 70, disputed_amount: 7, disputed_amount_rc: 62, outcome: partial}
          - {dispute_id: D9, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-05-03, first_opened_on: 2024-05-03, closed_on: 2024-06-30, is_open: false, reopened: false, open_disputed_asof: 0, days_to_resolve: 58, disputed_amount: 8, disputed_amount_rc: 82, outcome: invalid}
          - {dispute_id: DA, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-02-03, first_opened_on: 2024-02-03, closed_on: 2024-04-01, is_open: false, reopened: false, open_disputed_asof: 0, days_to_resolve: 58, disputed_amount: 9, disputed_amount_rc: 93, outcome: written_off}
          - {dispute_id: DB, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-02-03, first_opened_on: 2024-02-03, closed_on: 2024-03-30, is_open: false, reopened: false, open_disputed_asof: 0, days_to_resolve: 56, disputed_amount: 9, disputed_amount_rc: 94, outcome: written_off}
          - {dispute_id: DC, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-05-04, first_opened_on: 2024-05-04, closed_on: 2024-05-14, is_open: false, reopened: false, open_disputed_asof: 0, disputed_amount: 10, disputed_amount_rc: 104, outcome: valid}
          - {dispute_id: DD, company: A, segment: S1, reason: PRICE, owner_dept: Sales, owner_id: R1, opened_on: 2024-05-05, first_opened_on: 2024-05-05, closed_on: 2024-05-15, is_open: false, reopened: false, open_disputed_asof: 0, days_to_resolve: 10, disputed_amount: 11, outcome: valid}
          - {dispute_id: DE, company: B, segment: S2, reason: LATE, owner_dept: Logistics, owner_id: R2, opened_on: 2024-01-05, first_opened_on: 2024-01-05, closed_on: 2024-02-15, is_open: false, reopened: false, open_disputed_asof: 0, days_to_resolve: 41, disputed_amount: 12, disputed_amount_rc: 15, outcome: valid}
          - {dispute_id: DF, company: C, segment: S3, reason: OTHER, owner_dept: Quality, owner_id: R3, opened_on: 2024-06-05, first_opened_on: 2024-06-05, is_open: true, reopened: false, open_disputed_asof: 0.2, age_days: 25, disputed_amount: 12, disputed_amount_rc: 15}
    expect:
      rows:
        - {scope: group, scope_id: "", open_count: 4, open_disputed: 2000.2, open_ar: 50000, dispute_rate: 0.040004, age_numerator: 146505.0, age_weighted: 73.2451754824, oldest_days: 91, opened_count: 7, resolved_count: 6, days_to_resolve_numerator: 217, days_to_resolve: 36.1666666666, judged_count: 5, valid_count: 3, partial_count: 1, valid_share: 0.6, written_off_count: 1, resolved_rc: 576, valid_rc: 340, without_rate: 1, reason_code: null}
        - {scope: company, scope_id: A, open_count: 3, open_disputed: 2000, open_ar: 16000, dispute_rate: 0.125, age_numerator: 146500, age_weighted: 73.25, oldest_days: 91, opened_count: 6, resolved_count: 6, days_to_resolve_numerator: 217, days_to_resolve: 36.1666666666, judged_count: 5, valid_count: 3, partial_count: 1, valid_share: 0.6, written_off_count: 1, resolved_rc: 576, valid_rc: 340, without_rate: 1, reason_code: null}
        - {scope: company, scope_id: B, open_count: 0, open_disputed: 0, open_ar: 34000, dispute_rate: 0, age_numerator: 0, age_weighted: null, oldest_days: null, opened_count: 0, resolved_count: 0, days_to_resolve_numerator: 0, days_to_resolve: null, judged_count: 0, valid_count: 0, partial_count: 0, valid_share: null, written_off_count: 0, resolved_rc: 0, valid_rc: 0, without_rate: 0, reason_code: nothing_disputed}
        - {scope: company, scope_id: C, open_count: 1, open_disputed: 0.2, open_ar: 0, dispute_rate: null, age_numerator: 5.0, age_weighted: 25, oldest_days: 25, opened_count: 1, resolved_count: 0, days_to_resolve_numerator: 0, days_to_resolve: null, judged_count: 0, valid_count: 0, partial_count: 0, valid_share: null, written_off_count: 0, resolved_rc: 0, valid_rc: 0, without_rate: 0, reason_code: nothing_open}
        - {scope: segment, scope_id: S1, open_count: 3, open_disputed: 2000, open_ar: 40000, dispute_rate: 0.05, age_numerator: 146500, age_weighted: 73.25, oldest_days: 91, opened_count: 6, resolved_count: 6, days_to_resolve_numerator: 217, days_to_resolve: 36.1666666666, judged_count: 5, valid_count: 3, partial_count: 1, valid_share: 0.6, written_off_count: 1, resolved_rc: 576, valid_rc: 340, without_rate: 1, reason_code: null}
        - {scope: segment, scope_id: S2, open_count: 0, open_disputed: 0, open_ar: 20000, dispute_rate: 0, age_numerator: 0, age_weighted: null, oldest_days: null, opened_count: 0, resolved_count: 0, days_to_resolve_numerator: 0, days_to_resolve: null, judged_count: 0, valid_count: 0, partial_count: 0, valid_share: null, written_off_count: 0, resolved_rc: 0, valid_rc: 0, without_rate: 0, reason_code: nothing_disputed}
        - {scope: segment, scope_id: S3, open_count: 1, open_disputed: 0.2, open_ar: 0.5, dispute_rate: 0.4, age_numerator: 5.0, age_weighted: 25, oldest_days: 25, opened_count: 1, resolved_count: 0, days_to_resolve_numerator: 0, days_to_resolve: null, judged_count: 0, valid_count: 0, partial_count: 0, valid_share: null, written_off_count: 0, resolved_rc: 0, valid_rc: 0, without_rate: 0, reason_code: none_resolved}
        - {scope: reason, scope_id: PRICE, open_count: 3, open_disputed: 2000, open_ar: 50000, dispute_rate: 0.04, age_numerator: 146500, age_weighted: 73.25, oldest_days: 91, opened_count: 6, resolved_count: 6, days_to_resolve_numerator: 217, days_to_resolve: 36.1666666666, judged_count: 5, valid_count: 3, partial_count: 1, valid_share: 0.6, written_off_count: 1, resolved_rc: 576, valid_rc: 340, without_rate: 1, reason_code: null}
        - {scope: reason, scope_id: LATE, open_count: 0, open_disputed: 0, open_ar: 50000, dispute_rate: 0, age_numerator: 0, age_weighted: null, oldest_days: null, opened_count: 0, resolved_count: 0, days_to_resolve_numerator: 0, days_to_resolve: null, judged_count: 0, valid_count: 0, partial_count: 0, valid_share: null, written_off_count: 0, resolved_rc: 0, valid_rc: 0, without_rate: 0, reason_code: nothing_disputed}
        - {scope: reason, scope_id: OTHER, open_count: 1, open_disputed: 0.2, open_ar: 50000, dispute_rate: 0.000004, age_numerator: 5.0, age_weighted: 25, oldest_days: 25, opened_count: 1, resolved_count: 0, days_to_resolve_numerator: 0, days_to_resolve: null, judged_count: 0, valid_count: 0, partial_count: 0, valid_share: null, written_off_count: 0, resolved_rc: 0, valid_rc: 0, without_rate: 0, reason_code: none_resolved}
        - {scope: owner_dept, scope_id: Sales, open_count: 3, open_disputed: 2000, open_ar: 50000, dispute_rate: 0.04, age_numerator: 146500, age_weighted: 73.25, oldest_days: 91, opened_count: 6, resolved_count: 6, days_to_resolve_numerator: 217, days_to_resolve: 36.1666666666, judged_count: 5, valid_count: 3, partial_count: 1, valid_share: 0.6, written_off_count: 1, resolved_rc: 576, valid_rc: 340, without_rate: 1, reason_code: null}
        - {scope: owner_dept, scope_id: Logistics, open_count: 0, open_disputed: 0, open_ar: 50000, dispute_rate: 0, age_numerator: 0, age_weighted: null, oldest_days: null, opened_count: 0, resolved_count: 0, days_to_resolve_numerator: 0, days_to_resolve: null, judged_count: 0, valid_count: 0, partial_count: 0, valid_share: null, written_off_count: 0, resolved_rc: 0, valid_rc: 0, without_rate: 0, reason_code: nothing_disputed}
        - {scope: owner_dept, scope_id: Quality, open_count: 1, open_disputed: 0.2, open_ar: 50000, dispute_rate: 0.000004, age_numerator: 5.0, age_weighted: 25, oldest_days: 25, opened_count: 1, resolved_count: 0, days_to_resolve_numerator: 0, days_to_resolve: null, judged_count: 0, valid_count: 0, partial_count: 0, valid_share: null, written_off_count: 0, resolved_rc: 0, valid_rc: 0, without_rate: 0, reason_code: none_resolved}
        - {scope: owner, scope_id: R1, open_count: 3, open_disputed: 2000, open_ar: 25000, dispute_rate: 0.08, age_numerator: 146500, age_weighted: 73.25, oldest_days: 91, opened_count: 6, resolved_count: 6, days_to_resolve_numerator: 217, days_to_resolve: 36.1666666666, judged_count: 5, valid_count: 3, partial_count: 1, valid_share: 0.6, written_off_count: 1, resolved_rc: 576, valid_rc: 340, without_rate: 1, reason_code: null}
        - {scope: owner, scope_id: R2, open_count: 0, open_disputed: 0, open_ar: 5, dispute_rate: 0, age_numerator: 0, age_weighted: null, oldest_days: null, opened_count: 0, resolved_count: 0, days_to_resolve_numerator: 0, days_to_resolve: null, judged_count: 0, valid_count: 0, partial_count: 0, valid_share: null, written_off_count: 0, resolved_rc: 0, valid_rc: 0, without_rate: 0, reason_code: nothing_disputed}
        - {scope: owner, scope_id: R3, open_count: 1, open_disputed: 0.2, open_ar: 0, dispute_rate: null, age_numerator: 5.0, age_weighted: 25, oldest_days: 25, opened_count: 1, resolved_count: 0, days_to_resolve_numerator: 0, days_to_resolve: null, judged_count: 0, valid_count: 0, partial_count: 0, valid_share: null, written_off_count: 0, resolved_rc: 0, valid_rc: 0, without_rate: 0, reason_code: nothing_open}
chart: {type: bar, title: Disputes by reason, x: scope_id, y: [open_disputed], unit: reporting currency, where: scope = 'reason'}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS first_day,
by_scope AS (
    SELECT
        member.1 AS scope,
        member.2 AS scope_id,
        countIf(d.is_open) AS open_count,
        sum(ifNull(d.open_disputed_asof, 0)) AS open_disputed,
        sum(if(d.is_open, ifNull(d.open_disputed_asof, 0) * ifNull(d.age_days, 0), 0)) AS age_numerator,
        maxIf(d.age_days, d.is_open) AS oldest_days,
        countIf(d.opened_on = d.first_opened_on AND d.first_opened_on >= first_day) AS opened_count,
        countIf(d.days_to_resolve IS NOT NULL AND d.closed_on >= first_day) AS resolved_count,
        ifNull(sumIf(d.days_to_resolve, d.days_to_resolve IS NOT NULL AND d.closed_on >= first_day), 0) AS resolve_days,
        countIf(d.days_to_resolve IS NOT NULL AND d.closed_on >= first_day AND d.outcome IN ('valid', 'partial', 'invalid')) AS judged_count,
        countIf(d.days_to_resolve IS NOT NULL AND d.closed_on >= first_day AND d.outcome = 'valid') AS valid_count,
        countIf(d.days_to_resolve IS NOT NULL AND d.closed_on >= first_day AND d.outcome = 'partial') AS partial_count,
        countIf(d.days_to_resolve IS NOT NULL AND d.closed_on >= first_day AND d.outcome = 'written_off') AS written_off_count,
        sum(if(d.days_to_resolve IS NOT NULL AND d.closed_on >= first_day, ifNull(d.disputed_amount_rc, 0), 0)) AS resolved_rc,
        sum(if(d.days_to_resolve IS NOT NULL AND d.closed_on >= first_day AND d.outcome = 'valid', ifNull(d.disputed_amount_rc, 0), 0)) AS valid_rc,
        countIf(d.is_open AND d.open_disputed_asof IS NULL) AS without_rate
    FROM {{ ref('dispute_items') }} AS d
    ARRAY JOIN [('group', ''), ('company', d.company), ('segment', d.segment), ('reason', d.reason), ('owner_dept', d.owner_dept), ('owner', d.owner_id)] AS member
    GROUP BY scope, scope_id
),
receivables AS (
    SELECT
        scope,
        scope_id,
        ifNull(open_rc, 0) AS open_ar
    FROM {{ ref('dbt_open') }}
    WHERE scope IN ('group', 'company', 'segment', 'owner')
)
SELECT
    b.scope AS scope,
    b.scope_id AS scope_id,
    b.open_count AS open_count,
    b.open_disputed AS open_disputed,
    if(b.scope IN ('reason', 'owner_dept'), ifNull((SELECT sum(open_ar) FROM receivables WHERE scope = 'group'), 0), r.open_ar) AS open_ar,
    CAST(b.open_disputed AS Decimal(38, 10)) / if(open_ar > 0, open_ar, NULL) AS dispute_rate,
    b.age_numerator AS age_numerator,
    CAST(b.age_numerator AS Decimal(38, 10)) / if(b.open_disputed > 0, b.open_disputed, NULL) AS age_weighted,
    b.oldest_days AS oldest_days,
    b.opened_count AS opened_count,
    b.resolved_count AS resolved_count,
    b.resolve_days AS days_to_resolve_numerator,
    CAST(b.resolve_days AS Decimal(38, 10)) / nullIf(b.resolved_count, 0) AS days_to_resolve,
    b.judged_count AS judged_count,
    b.valid_count AS valid_count,
    b.partial_count AS partial_count,
    CAST(b.valid_count AS Decimal(38, 10)) / nullIf(b.judged_count, 0) AS valid_share,
    b.written_off_count AS written_off_count,
    b.resolved_rc AS resolved_rc,
    b.valid_rc AS valid_rc,
    b.without_rate AS without_rate,
    multiIf(open_ar <= 0, 'nothing_open', b.open_disputed <= 0, 'nothing_disputed', b.resolved_count = 0, 'none_resolved', NULL) AS reason_code
FROM by_scope AS b
LEFT JOIN receivables AS r ON r.scope = b.scope AND r.scope_id = b.scope_id
