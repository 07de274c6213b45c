/* ---
description: "Average days delinquent by bucket (B8): past-due DSO = amount of the bucket / sales of the rolling window x its days, with the window and sales of dso. The buckets and the credits that are taken off them add up to add_days of dso."
grain: one day of dso, scope, member and bucket
materialisation: table
order_by: [scope, scope_id, as_of]
owner: finance
tags: [aging, dso]
columns:
  - {name: as_of, description: "end of this day, as in dso", unit: date, tests: [not_null]}
  - {name: scope, description: "group, company, segment, region or owner", tests: [not_null, {accepted_values: [group, company, segment, region, owner]}]}
  - {name: scope_id, description: member of the scope; empty for the group, unit: id, tests: [not_null]}
  - {name: bucket, description: "days past due, or credits: unapplied cash and open credits as far as something is overdue, which dso takes off the overdue first", tests: [not_null, {accepted_values: ["1-30", "31-60", "61-90", "91-120", "121-180", "181-365", "366+", credits]}]}
  - {name: bucket_no, description: "place of the bucket, 1 = least late, 8 = credits", unit: number}
  - {name: amount_rc, description: "open in the bucket, credits negative; numerator of past_due_dso; NULL = a document of the scope has no exchange rate", unit: reporting currency}
  - {name: sales_90_rc, description: "billings less credit notes of the window of dso_90; denominator", unit: reporting currency}
  - {name: past_due_dso, description: amount_rc / sales_90_rc x days of the window, unit: days}
  - {name: reason, description: "why past_due_dso is NULL, as reason_90 of dso: insufficient_history, no_sales, sales_nonpositive, credit_balance, missing_rate"}
chart: {type: stacked, title: "Days delinquent by bucket", x: as_of, y: [past_due_dso], series: bucket, where: "scope = 'group'", unit: days}
tests:
  - unique: [as_of, scope, scope_id, bucket]
  - name: the buckets and credits are what DSO counts as delinquent
    sum_equals:
      this: sum(amount_rc)
      by: [as_of, scope]
      of: |
        SELECT as_of, scope, sum(ar_rc - current_ar_rc)
        FROM {{ source('huikuan', 'dso') }}
        WHERE scope IN ('group', 'company', 'segment', 'region', 'owner')
        GROUP BY as_of, scope
  - name: the days of the buckets add up to the average days delinquent
    sum_equals:
      this: sum(past_due_dso)
      by: [as_of, scope]
      tolerance_per_row: 0.00000001
      of: |
        SELECT as_of, scope, sum(add_days), count()
        FROM {{ source('huikuan', 'dso') }}
        WHERE scope IN ('group', 'company', 'segment', 'region', 'owner')
        GROUP BY as_of, scope
unit_tests:
  - name: buckets add up to the days delinquent, credits come off them
    given:
      - input: source('huikuan', 'dso')
        rows:
          - {as_of: 2024-03-31, scope: group, scope_id: "", currency: CNY, dso_90: 40, add_days: 15, ar_rc: 4000, overdue_rc: 1600, current_ar_rc: 2500, sales_90_rc: 9000}
          - {as_of: 2024-03-31, scope: company, scope_id: A, currency: CNY, dso_90: 40, add_days: 15, ar_rc: 4000, overdue_rc: 1600, current_ar_rc: 2500, sales_90_rc: 9000}
          - {as_of: 2024-03-31, scope: customer, scope_id: C1, currency: USD, dso_90: 40, add_days: 15, ar_rc: 4000, overdue_rc: 1600, current_ar_rc: 2500, sales_90_rc: 9000}
      - input: ref('portfolio_balances')
        rows:
          - {as_of: 2024-03-31, company: A, owner_id: R1, currency: CNY, d1_30_rc: 600, d31_60_rc: 300, d61_90_rc: 100, d91_120_rc: 90, d121_180_rc: 80, d181_365_rc: 70, d366_plus_rc: 60}
          - {as_of: 2024-03-31, company: A, owner_id: R2, currency: USD, d1_30_rc: 300}
          - {as_of: 2024-02-29, company: A, owner_id: R2, currency: USD, d1_30_rc: 999}
    expect:
      rows:
        - {as_of: 2024-03-31, scope: group, scope_id: "", bucket: "1-30", bucket_no: 1, amount_rc: 900, sales_90_rc: 9000, past_due_dso: 9, reason: null}
        - {as_of: 2024-03-31, scope: group, scope_id: "", bucket: "31-60", bucket_no: 2, amount_rc: 300, sales_90_rc: 9000, past_due_dso: 3, reason: null}
        - {as_of: 2024-03-31, scope: group, scope_id: "", bucket: "61-90", bucket_no: 3, amount_rc: 100, sales_90_rc: 9000, past_due_dso: 1, reason: null}
        - {as_of: 2024-03-31, scope: group, scope_id: "", bucket: "91-120", bucket_no: 4, amount_rc: 90, sales_90_rc: 9000, past_due_dso: 0.9, reason: null}
        - {as_of: 2024-03-31, scope: group, scope_id: "", bucket: "121-180", bucket_no: 5, amount_rc: 80, sales_90_rc: 9000, past_due_dso: 0.8, reason: null}
        - {as_of: 2024-03-31, scope: group, scope_id: "", bucket: "181-365", bucket_no: 6, amount_rc: 70, sales_90_rc: 9000, past_due_dso: 0.7, reason: null}
        - {as_of: 2024-03-31, scope: group, scope_id: "", bucket: "366+", bucket_no: 7, amount_rc: 60, sales_90_rc: 9000, past_due_dso: 0.6, reason: null}
        - {as_of: 2024-03-31, scope: group, scope_id: "", bucket: credits, bucket_no: 8, amount_rc: -100, sales_90_rc: 9000, past_due_dso: -1, reason: null}
        - {as_of: 2024-03-31, scope: company, scope_id: A, bucket: "1-30", bucket_no: 1, amount_rc: 900, sales_90_rc: 9000, past_due_dso: 9, reason: null}
        - {as_of: 2024-03-31, scope: company, scope_id: A, bucket: "31-60", bucket_no: 2, amount_rc: 300, sales_90_rc: 9000, past_due_dso: 3, reason: null}
        - {as_of: 2024-03-31, scope: company, scope_id: A, bucket: "61-90", bucket_no: 3, amount_rc: 100, sales_90_rc: 9000, past_due_dso: 1, reason: null}
        - {as_of: 2024-03-31, scope: company, scope_id: A, bucket: "91-120", bucket_no: 4, amount_rc: 90, sales_90_rc: 9000, past_due_dso: 0.9, reason: null}
        - {as_of: 2024-03-31, scope: company, scope_id: A, bucket: "121-180", bucket_no: 5, amount_rc: 80, sales_90_rc: 9000, past_due_dso: 0.8, reason: null}
        - {as_of: 2024-03-31, scope: company, scope_id: A, bucket: "181-365", bucket_no: 6, amount_rc: 70, sales_90_rc: 9000, past_due_dso: 0.7, reason: null}
        - {as_of: 2024-03-31, scope: company, scope_id: A, bucket: "366+", bucket_no: 7, amount_rc: 60, sales_90_rc: 9000, past_due_dso: 0.6, reason: null}
        - {as_of: 2024-03-31, scope: company, scope_id: A, bucket: credits, bucket_no: 8, amount_rc: -100, sales_90_rc: 9000, past_due_dso: -1, reason: null}
  - name: days are as unknown as those of dso, amounts where a rate is missing
    given:
      - input: source('huikuan', 'dso')
        rows:
          - {as_of: 2024-03-31, scope: segment, scope_id: RETAIL, dso_90: null, ar_rc: 70, overdue_rc: 70, current_ar_rc: 0, sales_90_rc: 0, reason_90: no_sales}
          - {as_of: 2024-03-31, scope: segment, scope_id: PROJECT, dso_90: null, ar_rc: null, overdue_rc: null, current_ar_rc: null, sales_90_rc: null, reason_90: missing_rate}
      - input: ref('portfolio_balances')
        rows:
          - {as_of: 2024-03-31, company: A, owner_id: R1, segment: RETAIL, region: N, currency: CNY, d31_60_rc: 70}
          - {as_of: 2024-03-31, company: A, owner_id: R1, segment: PROJECT, region: N, currency: CNY, d31_60_rc: 50}
    expect:
      rows:
        - {scope_id: RETAIL, bucket: "1-30", amount_rc: 0, past_due_dso: null, reason: no_sales}
        - {scope_id: RETAIL, bucket: "31-60", amount_rc: 70, past_due_dso: null, reason: no_sales}
        - {scope_id: RETAIL, bucket: "61-90", amount_rc: 0, past_due_dso: null, reason: no_sales}
        - {scope_id: RETAIL, bucket: "91-120", amount_rc: 0, past_due_dso: null, reason: no_sales}
        - {scope_id: RETAIL, bucket: "121-180", amount_rc: 0, past_due_dso: null, reason: no_sales}
        - {scope_id: RETAIL, bucket: "181-365", amount_rc: 0, past_due_dso: null, reason: no_sales}
        - {scope_id: RETAIL, bucket: "366+", amount_rc: 0, past_due_dso: null, reason: no_sales}
        - {scope_id: RETAIL, bucket: credits, amount_rc: 0, past_due_dso: null, reason: no_sales}
        - {scope_id: PROJECT, bucket: "1-30", amount_rc: null, past_due_dso: null, reason: missing_rate}
        - {scope_id: PROJECT, bucket: "31-60", amount_rc: null, past_due_dso: null, reason: missing_rate}
        - {scope_id: PROJECT, bucket: "61-90", amount_rc: null, past_due_dso: null, reason: missing_rate}
        - {scope_id: PROJECT, bucket: "91-120", amount_rc: null, past_due_dso: null, reason: missing_rate}
        - {scope_id: PROJECT, bucket: "121-180", amount_rc: null, past_due_dso: null, reason: missing_rate}
        - {scope_id: PROJECT, bucket: "181-365", amount_rc: null, past_due_dso: null, reason: missing_rate}
        - {scope_id: PROJECT, bucket: "366+", amount_rc: null, past_due_dso: null, reason: missing_rate}
        - {scope_id: PROJECT, bucket: credits, amount_rc: null, past_due_dso: null, reason: missing_rate}
  - name: who has no segment and no region stands as unassigned, as in dso
    given:
      - input: source('huikuan', 'dso')
        rows:
          - {as_of: 2024-03-31, scope: segment, scope_id: unassigned, dso_90: 9, ar_rc: 900, overdue_rc: 900, current_ar_rc: 0, sales_90_rc: 9000}
          - {as_of: 2024-03-31, scope: region, scope_id: unassigned, dso_90: 9, ar_rc: 900, overdue_rc: 900, current_ar_rc: 0, sales_90_rc: 9000}
      - input: ref('portfolio_balances')
        rows: [{as_of: 2024-03-31, company: A, owner_id: R1, segment: "", region: "", currency: CNY, d1_30_rc: 100, d31_60_rc: 100, d61_90_rc: 100, d91_120_rc: 100, d121_180_rc: 100, d181_365_rc: 100, d366_plus_rc: 300}]
    expect:
      rows:
        - {scope: segment, scope_id: unassigned, bucket: "1-30", amount_rc: 100, past_due_dso: 1}
        - {scope: segment, scope_id: unassigned, bucket: "31-60", amount_rc: 100, past_due_dso: 1}
        - {scope: segment, scope_id: unassigned, bucket: "61-90", amount_rc: 100, past_due_dso: 1}
        - {scope: segment, scope_id: unassigned, bucket: "91-120", amount_rc: 100, past_due_dso: 1}
        - {scope: segment, scope_id: unassigned, bucket: "121-180", amount_rc: 100, past_due_dso: 1}
        - {scope: segment, scope_id: unassigned, bucket: "181-365", amount_rc: 100, past_due_dso: 1}
        - {scope: segment, scope_id: unassigned, bucket: "366+", amount_rc: 300, past_due_dso: 3}
        - {scope: segment, scope_id: unassigned, bucket: "credits", amount_rc: 0, past_due_dso: 0}
        - {scope: region, scope_id: unassigned, bucket: "1-30", amount_rc: 100, past_due_dso: 1}
        - {scope: region, scope_id: unassigned, bucket: "31-60", amount_rc: 100, past_due_dso: 1}
        - {scope: region, scope_id: unassigned, bucket: "61-90", amount_rc: 100, past_due_dso: 1}
        - {scope: region, scope_id: unassigned, bucket: "91-120", amount_rc: 100, past_due_dso: 1}
        - {scope: region, scope_id: unassigned, bucket: "121-180", amount_rc: 100, past_due_dso: 1}
        - {scope: region, scope_id: unassigned, bucket: "181-365", amount_rc: 100, past_due_dso: 1}
        - {scope: region, scope_id: unassigned, bucket: "366+", amount_rc: 300, past_due_dso: 3}
        - {scope: region, scope_id: unassigned, bucket: "credits", amount_rc: 0, past_due_dso: 0}
--- */
WITH
late AS (
    SELECT
        b.as_of AS as_of,
        member.1 AS scope,
        member.2 AS scope_id,
        sum(ifNull(b.d1_30_rc, 0)) AS d1_30,
        sum(ifNull(b.d31_60_rc, 0)) AS d31_60,
        sum(ifNull(b.d61_90_rc, 0)) AS d61_90,
        sum(ifNull(b.d91_120_rc, 0)) AS d91_120,
        sum(ifNull(b.d121_180_rc, 0)) AS d121_180,
        sum(ifNull(b.d181_365_rc, 0)) AS d181_365,
        sum(ifNull(b.d366_plus_rc, 0)) AS d366_plus
    FROM {{ ref('portfolio_balances') }} AS b
    -- dso calls customers without a segment or region unassigned
    ARRAY JOIN [('group', ''), ('company', b.company), ('segment', if(b.segment = '', 'unassigned', b.segment)), ('region', if(b.region = '', 'unassigned', b.region)), ('owner', b.owner_id)] AS member
    GROUP BY as_of, scope, scope_id
),
-- a scope without balances on the day has buckets of 0
parts AS (
    SELECT
        d.as_of AS as_of,
        toString(d.scope) AS scope,
        d.scope_id AS scope_id,
        d.sales_90_rc AS sales_90_rc,
        d.overdue_rc AS overdue_rc,
        d.dso_90 AS dso_90,
        d.reason_90 AS reason_90,
        part.1 AS bucket_no,
        part.2 AS bucket,
        part.3 AS amount
    FROM {{ source('huikuan', 'dso') }} AS d
    LEFT JOIN late AS l ON l.as_of = d.as_of AND l.scope = toString(d.scope) AND l.scope_id = d.scope_id
    ARRAY JOIN [
        (1, '1-30', l.d1_30),
        (2, '31-60', l.d31_60),
        (3, '61-90', l.d61_90),
        (4, '91-120', l.d91_120),
        (5, '121-180', l.d121_180),
        (6, '181-365', l.d181_365),
        (7, '366+', l.d366_plus),
        (8, 'credits', d.ar_rc - d.current_ar_rc - d.overdue_rc)] AS part
    WHERE d.scope IN ('group', 'company', 'segment', 'region', 'owner')
)
SELECT
    p.as_of AS as_of,
    p.scope AS scope,
    p.scope_id AS scope_id,
    p.bucket AS bucket,
    p.bucket_no AS bucket_no,
    if(isNull(p.overdue_rc), NULL, p.amount) AS amount_rc,
    p.sales_90_rc AS sales_90_rc,
    if(isNull(p.dso_90), NULL, CAST(amount_rc AS Nullable(Decimal(38, 10))) * 90 / nullIf(p.sales_90_rc, 0)) AS past_due_dso,
    if(isNull(past_due_dso), toString(p.reason_90), NULL) AS reason
FROM parts AS p
