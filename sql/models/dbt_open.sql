/* ---
description: "Days beyond terms of what is open now (B14): exact by item, and by the bureaus' bucket midpoints beside it. Unapplied cash is not deducted, credit balances are not counted."
grain: one scope (group, company, segment, region, owner, customer) and its member
materialisation: table
order_by: [scope, scope_id]
owner: credit management
tags: [collection, speed]
columns:
  - {name: as_of, description: end of this day, unit: date, tests: [not_null]}
  - {name: scope, description: "group, company, segment, region, owner or customer", tests: [not_null, {accepted_values: [group, company, segment, region, owner, customer]}]}
  - {name: scope_id, description: member of the scope; empty for the group and where no segment or region is known, unit: id, tests: [not_null]}
  - {name: open_rc, description: open invoices and debit notes at the closing rate of as_of; denominator of both, unit: reporting currency}
  - {name: undisputed_rc, description: part of open_rc that is not disputed, unit: reporting currency}
  - {name: current_rc, description: part of open_rc that is not past due, unit: reporting currency}
  - {name: d1_30_rc, description: 1 to 30 days past due, unit: reporting currency}
  - {name: d31_60_rc, description: 31 to 60 days past due, unit: reporting currency}
  - {name: d61_90_rc, description: 61 to 90 days past due, unit: reporting currency}
  - {name: d91_plus_rc, description: 91 days or more past due, unit: reporting currency}
  - {name: dbt_numerator, description: sum of days past due x open amount, unit: days x reporting currency}
  - {name: dbt, description: "dbt_numerator / open_rc, days past due weighted by amount, not due counts as 0 (B14); NULL = nothing open", unit: days}
  - {name: dbt_undisputed_numerator, description: sum of days past due x undisputed open amount, unit: days x reporting currency}
  - {name: dbt_undisputed, description: dbt_undisputed_numerator / undisputed_rc, unit: days}
  - {name: dbt_midpoint_numerator, description: sum of bucket midpoint x amount of the bucket, unit: days x reporting currency}
  - {name: dbt_midpoint, description: "dbt_midpoint_numerator / open_rc; only to be held against a bureau's figure", unit: days}
  - {name: items_without_rate, description: items left out because no closing rate is known, unit: count, tests: [not_null]}
  - {name: reason, description: "why the measures are NULL: nothing_open, missing_rate"}
chart: {type: bar, title: "Days beyond terms of what is open, by account owner", x: scope_id, y: [dbt, dbt_undisputed, dbt_midpoint], where: scope = 'owner', unit: days}
tests:
  - unique: [scope, scope_id]
  - name: every slicing adds up to the group
    sql: |
      SELECT scope, sum(open_rc) AS open_rc, sum(dbt_numerator) AS days
      FROM {{ this }}
      GROUP BY scope
      HAVING open_rc != (SELECT sum(open_rc) FROM {{ this }} WHERE scope = 'group')
          OR days != (SELECT sum(dbt_numerator) FROM {{ this }} WHERE scope = 'group')
  - name: the open amount is that of the snapshot at closing rates
    sum_equals:
      this: sumIf(open_rc, scope = 'group')
      of: |
        SELECT sum(s.open_amount * f.rate), (SELECT count() FROM {{ source('huikuan', 'ar_open_items') }})
        FROM {{ source('huikuan', 'ar_snapshots') }} AS s
        INNER JOIN (
            SELECT as_of, currency, CAST(rate_closing AS Decimal(38, 10)) AS rate
            FROM {{ source('huikuan', 'fx_as_of') }}
            WHERE rate_closing IS NOT NULL
        ) AS f ON f.as_of = s.as_of AND f.currency = s.currency
        WHERE s.as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
      tolerance_per_row: 0.00005
unit_tests:
  - name: ex:dbt_experian_midpoints
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: USD}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {as_of: 2024-06-30, company: A, customer_id: C1, invoice_id: I1, currency: USD, days_past_due: 0, open_amount: 12500}
          - {as_of: 2024-06-30, company: A, customer_id: C1, invoice_id: I2, currency: USD, days_past_due: 30, open_amount: 4000}
          - {as_of: 2024-06-30, company: A, customer_id: C1, invoice_id: I3, currency: USD, days_past_due: 31, open_amount: 2000}
          - {as_of: 2024-06-30, company: A, customer_id: C1, invoice_id: I4, currency: USD, days_past_due: 90, open_amount: 1000}
          - {as_of: 2024-06-30, company: A, customer_id: C1, invoice_id: I5, currency: USD, days_past_due: 400, open_amount: 500}
    expect:
      rows:
        - {scope: group, scope_id: "", open_rc: 20000, current_rc: 12500, dbt_midpoint: 13.875, dbt: 23.6}
        - {scope: company, scope_id: A, open_rc: 20000, current_rc: 12500, dbt_midpoint: 13.875, dbt: 23.6}
        - {scope: segment, scope_id: "", open_rc: 20000, current_rc: 12500, dbt_midpoint: 13.875, dbt: 23.6}
        - {scope: region, scope_id: "", open_rc: 20000, current_rc: 12500, dbt_midpoint: 13.875, dbt: 23.6}
        - {scope: owner, scope_id: "", open_rc: 20000, current_rc: 12500, dbt_midpoint: 13.875, dbt: 23.6}
        - {scope: customer, scope_id: C1, open_rc: 20000, current_rc: 12500, dbt_midpoint: 13.875, dbt: 23.6}
  - name: disputed amounts have a twin without them, and a currency without a rate is left out and counted
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: CNY}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2024-06-30, currency: EUR, rate_closing: 8}, {as_of: 2024-05-31, currency: EUR, rate_closing: 7}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {as_of: 2024-06-30, company: A, customer_id: C1, invoice_id: I1, currency: EUR, days_past_due: 10, open_amount: 100, disputed_amount: 50}
          - {as_of: 2024-06-30, company: A, customer_id: C1, invoice_id: I2, currency: CNY, days_past_due: -10, open_amount: 800}
          - {as_of: 2024-06-30, company: A, customer_id: C2, invoice_id: I3, currency: THB, days_past_due: 10, open_amount: 100}
    expect:
      rows:
        - {scope: group, scope_id: "", open_rc: 1600, dbt: 5, undisputed_rc: 1200, dbt_undisputed: 3.3333333333, items_without_rate: 1, reason: null}
        - {scope: company, scope_id: A, open_rc: 1600, dbt: 5, undisputed_rc: 1200, dbt_undisputed: 3.3333333333, items_without_rate: 1, reason: null}
        - {scope: segment, scope_id: "", open_rc: 1600, dbt: 5, undisputed_rc: 1200, dbt_undisputed: 3.3333333333, items_without_rate: 1, reason: null}
        - {scope: region, scope_id: "", open_rc: 1600, dbt: 5, undisputed_rc: 1200, dbt_undisputed: 3.3333333333, items_without_rate: 1, reason: null}
        - {scope: owner, scope_id: "", open_rc: 1600, dbt: 5, undisputed_rc: 1200, dbt_undisputed: 3.3333333333, items_without_rate: 1, reason: null}
        - {scope: customer, scope_id: C1, open_rc: 1600, dbt: 5, undisputed_rc: 1200, dbt_undisputed: 3.3333333333, items_without_rate: 0, reason: null}
        - {scope: customer, scope_id: C2, open_rc: null, dbt: null, undisputed_rc: null, dbt_undisputed: null, items_without_rate: 1, reason: missing_rate}
  - name: converted amounts are rounded, not cut off
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: CNY}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2024-06-30, currency: EUR, rate_closing: 7.7777777777}]
      - input: source('huikuan', 'ar_open_items')
        rows: [{as_of: 2024-06-30, company: A, customer_id: C1, invoice_id: I1, currency: EUR, days_past_due: 10, open_amount: 0.02, disputed_amount: 0.01}, {as_of: 2024-06-30, company: A, customer_id: C1, invoice_id: I2, currency: EUR, days_past_due: 10, open_amount: 0.02}]
    expect:
      rows:
        - {scope: group, open_rc: 0.3112, undisputed_rc: 0.2334}
        - {scope: company}
        - {scope: segment}
        - {scope: region}
        - {scope: owner}
        - {scope: customer}
  - name: bounds of the buckets, sums over companies and currencies, a rate of the day, nothing open
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30, reporting_currency: USD}, {as_of: 2024-01-31, reporting_currency: CNY}]
      - input: source('huikuan', 'fx_as_of')
        rows:
          - {as_of: 2024-06-30, currency: CNY, rate_closing: 0.125}
          - {as_of: 2024-06-29, currency: CNY, rate_closing: 5}
          - {as_of: 2024-06-30, currency: ZZZ, rate_closing: 0}
          - {as_of: 2024-06-29, currency: THB, rate_closing: 3}
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {as_of: 2024-06-30, company: A, customer_id: C1, owner_id: R1, segment: S, region: N, currency: USD, days_past_due: 0, open_amount: 1}
          - {as_of: 2024-06-30, company: A, customer_id: C1, owner_id: R1, segment: S, region: N, currency: USD, days_past_due: 1, open_amount: 2, disputed_amount: 1}
          - {as_of: 2024-06-30, company: A, customer_id: C1, owner_id: R1, segment: S, region: N, currency: USD, days_past_due: 30, open_amount: 4}
          - {as_of: 2024-06-30, company: A, customer_id: C1, owner_id: R1, segment: S, region: N, currency: USD, days_past_due: 31, open_amount: 8}
          - {as_of: 2024-06-30, company: B, customer_id: C1, owner_id: R1, segment: S, region: N, currency: USD, days_past_due: 60, open_amount: 16, disputed_amount: 6}
          - {as_of: 2024-06-30, company: B, customer_id: C1, owner_id: R1, segment: S, region: N, currency: USD, days_past_due: 61, open_amount: 32}
          - {as_of: 2024-06-30, company: B, customer_id: C1, owner_id: R1, segment: S, region: N, currency: USD, days_past_due: 90, open_amount: 64}
          - {as_of: 2024-06-30, company: B, customer_id: C1, owner_id: R1, segment: S, region: N, currency: USD, days_past_due: 91, open_amount: 128}
          - {as_of: 2024-06-30, company: B, customer_id: C1, owner_id: R1, segment: S, region: N, currency: CNY, days_past_due: 400, open_amount: 2048}
          - {as_of: 2024-06-30, company: B, customer_id: C1, owner_id: R1, segment: S, region: N, currency: USD, days_past_due: -7, open_amount: 512}
          - {as_of: 2024-06-30, company: B, customer_id: C2, owner_id: R2, segment: S, currency: ZZZ, days_past_due: 5, open_amount: 1}
          - {as_of: 2024-06-30, company: B, customer_id: C2, owner_id: R2, segment: S, currency: THB, days_past_due: 5, open_amount: 1}
          - {as_of: 2024-06-30, company: B, customer_id: C3, owner_id: R2, currency: USD, days_past_due: 5, open_amount: 0.5, disputed_amount: 0.5}
          - {as_of: 2024-06-30, company: B, customer_id: C3, owner_id: R2, currency: USD, days_past_due: 45, open_amount: 0}
          - {as_of: 2024-06-30, company: C, customer_id: C4, owner_id: R3, currency: USD, days_past_due: 45, open_amount: 0}
    expect:
      rows:
        - {as_of: 2024-06-30, scope: company, scope_id: C, open_rc: 0, undisputed_rc: 0, current_rc: 0, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_plus_rc: 0, dbt_numerator: 0, dbt: null, dbt_undisputed_numerator: 0, dbt_undisputed: null, dbt_midpoint_numerator: 0, dbt_midpoint: null, items_without_rate: 0, reason: nothing_open}
        - {as_of: 2024-06-30, scope: owner, scope_id: R3, open_rc: 0, undisputed_rc: 0, current_rc: 0, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_plus_rc: 0, dbt_numerator: 0, dbt: null, dbt_undisputed_numerator: 0, dbt_undisputed: null, dbt_midpoint_numerator: 0, dbt_midpoint: null, items_without_rate: 0, reason: nothing_open}
        - {as_of: 2024-06-30, scope: customer, scope_id: C3, open_rc: 0.5, undisputed_rc: 0, current_rc: 0, d1_30_rc: 0.5, d31_60_rc: 0, d61_90_rc: 0, d91_plus_rc: 0, dbt_numerator: 2.5, dbt: 5, dbt_undisputed_numerator: 0, dbt_undisputed: null, dbt_midpoint_numerator: 7.5, dbt_midpoint: 15, items_without_rate: 0, reason: null}
        - {as_of: 2024-06-30, scope: customer, scope_id: C2, open_rc: null, undisputed_rc: null, current_rc: null, d1_30_rc: null, d31_60_rc: null, d61_90_rc: null, d91_plus_rc: null, dbt_numerator: null, dbt: null, dbt_undisputed_numerator: null, dbt_undisputed: null, dbt_midpoint_numerator: null, dbt_midpoint: null, items_without_rate: 2, reason: missing_rate}
        - {as_of: 2024-06-30, scope: region, scope_id: "", open_rc: 0.5, undisputed_rc: 0, current_rc: 0, d1_30_rc: 0.5, d31_60_rc: 0, d61_90_rc: 0, d91_plus_rc: 0, dbt_numerator: 2.5, dbt: 5, dbt_undisputed_numerator: 0, dbt_undisputed: null, dbt_midpoint_numerator: 7.5, dbt_midpoint: 15, items_without_rate: 2, reason: null}
        - {as_of: 2024-06-30, scope: owner, scope_id: R2, open_rc: 0.5, undisputed_rc: 0, current_rc: 0, d1_30_rc: 0.5, d31_60_rc: 0, d61_90_rc: 0, d91_plus_rc: 0, dbt_numerator: 2.5, dbt: 5, dbt_undisputed_numerator: 0, dbt_undisputed: null, dbt_midpoint_numerator: 7.5, dbt_midpoint: 15, items_without_rate: 2, reason: null}
        - {as_of: 2024-06-30, scope: company, scope_id: B, open_rc: 1008.5, undisputed_rc: 1002, current_rc: 512, d1_30_rc: 0.5, d31_60_rc: 16, d61_90_rc: 96, d91_plus_rc: 384, dbt_numerator: 122722.5, dbt: 121.6881507188, dbt_undisputed_numerator: 122360, dbt_undisputed: 122.115768463, dbt_midpoint_numerator: 48247.5, dbt_midpoint: 47.8408527516, items_without_rate: 2, reason: null}
        - {as_of: 2024-06-30, scope: region, scope_id: N, open_rc: 1023, undisputed_rc: 1016, current_rc: 513, d1_30_rc: 6, d31_60_rc: 24, d61_90_rc: 96, d91_plus_rc: 384, dbt_numerator: 123090, dbt: 120.3225806451, dbt_undisputed_numerator: 122729, dbt_undisputed: 120.7962598425, dbt_midpoint_numerator: 48690, dbt_midpoint: 47.5953079178, items_without_rate: 0, reason: null}
        - {as_of: 2024-06-30, scope: customer, scope_id: C4, open_rc: 0, undisputed_rc: 0, current_rc: 0, d1_30_rc: 0, d31_60_rc: 0, d61_90_rc: 0, d91_plus_rc: 0, dbt_numerator: 0, dbt: null, dbt_undisputed_numerator: 0, dbt_undisputed: null, dbt_midpoint_numerator: 0, dbt_midpoint: null, items_without_rate: 0, reason: nothing_open}
        - {as_of: 2024-06-30, scope: segment, scope_id: "", open_rc: 0.5, undisputed_rc: 0, current_rc: 0, d1_30_rc: 0.5, d31_60_rc: 0, d61_90_rc: 0, d91_plus_rc: 0, dbt_numerator: 2.5, dbt: 5, dbt_undisputed_numerator: 0, dbt_undisputed: null, dbt_midpoint_numerator: 7.5, dbt_midpoint: 15, items_without_rate: 0, reason: null}
        - {as_of: 2024-06-30, scope: group, scope_id: "", open_rc: 1023.5, undisputed_rc: 1016, current_rc: 513, d1_30_rc: 6.5, d31_60_rc: 24, d61_90_rc: 96, d91_plus_rc: 384, dbt_numerator: 123092.5, dbt: 120.2662432828, dbt_undisputed_numerator: 122729, dbt_undisputed: 120.7962598425, dbt_midpoint_numerator: 48697.5, dbt_midpoint: 47.579384465, items_without_rate: 2, reason: null}
        - {as_of: 2024-06-30, scope: customer, scope_id: C1, open_rc: 1023, undisputed_rc: 1016, current_rc: 513, d1_30_rc: 6, d31_60_rc: 24, d61_90_rc: 96, d91_plus_rc: 384, dbt_numerator: 123090, dbt: 120.3225806451, dbt_undisputed_numerator: 122729, dbt_undisputed: 120.7962598425, dbt_midpoint_numerator: 48690, dbt_midpoint: 47.5953079178, items_without_rate: 0, reason: null}
        - {as_of: 2024-06-30, scope: segment, scope_id: S, open_rc: 1023, undisputed_rc: 1016, current_rc: 513, d1_30_rc: 6, d31_60_rc: 24, d61_90_rc: 96, d91_plus_rc: 384, dbt_numerator: 123090, dbt: 120.3225806451, dbt_undisputed_numerator: 122729, dbt_undisputed: 120.7962598425, dbt_midpoint_numerator: 48690, dbt_midpoint: 47.5953079178, items_without_rate: 2, reason: null}
        - {as_of: 2024-06-30, scope: owner, scope_id: R1, open_rc: 1023, undisputed_rc: 1016, current_rc: 513, d1_30_rc: 6, d31_60_rc: 24, d61_90_rc: 96, d91_plus_rc: 384, dbt_numerator: 123090, dbt: 120.3225806451, dbt_undisputed_numerator: 122729, dbt_undisputed: 120.7962598425, dbt_midpoint_numerator: 48690, dbt_midpoint: 47.5953079178, items_without_rate: 0, reason: null}
        - {as_of: 2024-06-30, scope: company, scope_id: A, open_rc: 15, undisputed_rc: 14, current_rc: 1, d1_30_rc: 6, d31_60_rc: 8, d61_90_rc: 0, d91_plus_rc: 0, dbt_numerator: 370, dbt: 24.6666666666, dbt_undisputed_numerator: 369, dbt_undisputed: 26.3571428571, dbt_midpoint_numerator: 450, dbt_midpoint: 30, items_without_rate: 0, reason: null}
--- */
WITH
(SELECT max(reporting_currency) FROM {{ source('huikuan', 'ar_as_of') }}) AS reporting,
{{ var('dbt_midpoints') }} AS midpoints,
valued AS (
    SELECT
        i.as_of AS as_of,
        i.company AS company,
        i.customer_id AS customer_id,
        i.owner_id AS owner_id,
        ifNull(toString(i.segment), '') AS segment,
        ifNull(toString(i.region), '') AS region,
        i.days_past_due AS days_past_due,
        if(i.currency = reporting, CAST(1 AS Nullable(Decimal(38, 10))), nullIf(f.rate, 0)) AS rate,
        CAST(round(i.open_amount * rate, 4) AS Nullable(Decimal(38, 4))) AS open_rc,
        CAST(round((i.open_amount - i.disputed_amount) * rate, 4) AS Nullable(Decimal(38, 4))) AS undisputed_rc
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    LEFT JOIN (
        SELECT currency, max(rate_closing) AS rate
        FROM {{ source('huikuan', 'fx_as_of') }}
        WHERE as_of = (SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})
        GROUP BY currency
    ) AS f ON f.currency = i.currency
),
by_customer AS (
    SELECT
        as_of,
        company,
        customer_id,
        owner_id,
        segment,
        region,
        sum(v.open_rc) AS open_rc,
        sum(v.undisputed_rc) AS undisputed_rc,
        sum(v.open_rc * (v.days_past_due <= 0)) AS current_rc,
        sum(v.open_rc * (v.days_past_due BETWEEN 1 AND 30)) AS d1_30_rc,
        sum(v.open_rc * (v.days_past_due BETWEEN 31 AND 60)) AS d31_60_rc,
        sum(v.open_rc * (v.days_past_due BETWEEN 61 AND 90)) AS d61_90_rc,
        sum(v.open_rc * (v.days_past_due >= 91)) AS d91_plus_rc,
        sum(v.open_rc * greatest(v.days_past_due, 0)) AS dbt_numerator,
        sum(v.undisputed_rc * greatest(v.days_past_due, 0)) AS dbt_undisputed_numerator,
        countIf(isNull(v.rate)) AS items_without_rate
    FROM valued AS v
    GROUP BY as_of, company, customer_id, owner_id, segment, region
),
scoped AS (
    SELECT
        as_of,
        member.1 AS scope,
        member.2 AS scope_id,
        sum(c.open_rc) AS open_rc,
        sum(c.undisputed_rc) AS undisputed_rc,
        sum(c.current_rc) AS current_rc,
        sum(c.d1_30_rc) AS d1_30_rc,
        sum(c.d31_60_rc) AS d31_60_rc,
        sum(c.d61_90_rc) AS d61_90_rc,
        sum(c.d91_plus_rc) AS d91_plus_rc,
        sum(c.dbt_numerator) AS dbt_numerator,
        sum(c.dbt_undisputed_numerator) AS dbt_undisputed_numerator,
        sum(c.items_without_rate) AS items_without_rate
    FROM by_customer AS c
    ARRAY JOIN [('group', ''), ('company', company), ('segment', segment), ('region', region), ('owner', owner_id), ('customer', customer_id)] AS member
    GROUP BY as_of, scope, scope_id
)
SELECT
    as_of,
    scope,
    scope_id,
    open_rc,
    undisputed_rc,
    current_rc,
    d1_30_rc,
    d31_60_rc,
    d61_90_rc,
    d91_plus_rc,
    dbt_numerator,
    CAST(dbt_numerator AS Nullable(Decimal(38, 10))) / nullIf(open_rc, 0) AS dbt,
    dbt_undisputed_numerator,
    CAST(dbt_undisputed_numerator AS Nullable(Decimal(38, 10))) / nullIf(undisputed_rc, 0) AS dbt_undisputed,
    d1_30_rc * midpoints[1] + d31_60_rc * midpoints[2] + d61_90_rc * midpoints[3] + d91_plus_rc * midpoints[4] AS dbt_midpoint_numerator,
    CAST(dbt_midpoint_numerator AS Nullable(Decimal(38, 10))) / nullIf(open_rc, 0) AS dbt_midpoint,
    items_without_rate,
    multiIf(ifNull(open_rc, 0) != 0, NULL, items_without_rate > 0, 'missing_rate', 'nothing_open') AS reason
FROM scoped
