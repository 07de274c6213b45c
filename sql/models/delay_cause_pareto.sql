/* ---
description: "Why the overdue is overdue (Pareto): what is past due now by the cause that was found out, its family and the department that has to mend it. A cause noted on an invoice comes before one noted on the account; several causes share an amount equally."
grain: one cause
materialisation: table
order_by: [place]
owner: sales management
tags: [collection, causes]
columns:
  - {name: place, description: "1 = largest overdue; the overdue without a cause comes last", unit: rank, tests: [not_null, unique]}
  - {name: cause_code, description: cause; empty = none found out, tests: [not_null, unique]}
  - {name: family, description: "macro, customer, own or market; empty = unknown"}
  - {name: owner_dept, description: department that has to mend it; empty = unknown}
  - {name: customers, description: customers with overdue of this cause, unit: count, tests: [not_null]}
  - {name: items, description: instalments past due, unit: count, tests: [not_null]}
  - {name: overdue_rc, description: overdue of this cause; numerator, unit: reporting currency, tests: [not_null]}
  - {name: share, description: "overdue_rc / overdue of all causes and of none; NULL = nothing overdue", unit: fraction}
  - {name: known_share, description: "overdue_rc / overdue whose cause is known; NULL for the row without a cause", unit: fraction}
  - {name: cumulative_known_share, description: known_share of this cause and all larger ones, unit: fraction}
  - {name: days_past_due_numerator, description: sum of days past due x overdue, unit: days x reporting currency}
  - {name: days_past_due, description: days_past_due_numerator / overdue_rc, unit: days}
  - {name: reason, description: "why share is NULL: nothing_overdue"}
tests:
  - name: the overdue of all causes is that of the open items
    sum_equals:
      this: sum(overdue_rc)
      of: |
        SELECT sum(open_amount_rc)
        FROM {{ source('huikuan', 'ar_open_items') }}
        WHERE days_past_due > 0
unit_tests:
  - name: a cause of the invoice comes before one of the account, two causes share to the last 0.0001
    given:
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {customer_id: C1, invoice_id: I1, instalment_seq: 1, days_past_due: 10, open_amount_rc: 100}
          - {customer_id: C1, invoice_id: I1, instalment_seq: 2, days_past_due: 30, open_amount_rc: 100}
          - {customer_id: C1, invoice_id: I2, instalment_seq: 1, days_past_due: 40, open_amount_rc: 0.0001}
          - {customer_id: C1, invoice_id: I3, instalment_seq: 1, days_past_due: 0, open_amount_rc: 700}
          - {customer_id: C2, invoice_id: I4, instalment_seq: 1, days_past_due: 20, open_amount_rc: 60}
      - input: source('huikuan', 'delay_causes')
        rows:
          - {customer_id: C1, invoice_id: I1, cause_code: QUALITY, family: own, owner_dept: 质量部}
          - {customer_id: C1, cause_code: CASH_CHAIN, family: customer}
          - {customer_id: C1, cause_code: TRIANGULAR_DEBT, family: macro}
    expect:
      rows:
        - {place: 1, cause_code: QUALITY, family: own, owner_dept: 质量部, customers: 1, items: 2, overdue_rc: 200, days_past_due: 20}
        - {place: 2, cause_code: CASH_CHAIN, family: customer, owner_dept: "", customers: 1, items: 1, overdue_rc: 0.0001, days_past_due: 40}
        - {place: 3, cause_code: TRIANGULAR_DEBT, family: macro, owner_dept: "", customers: 1, items: 1, overdue_rc: 0, days_past_due: null}
        - {place: 4, cause_code: "", family: "", owner_dept: "", customers: 1, items: 1, overdue_rc: 60, days_past_due: 20}
  - name: the cause of an invoice of another source, or found out after the last day, explains nothing
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {source: erp_a, customer_id: C1, invoice_id: "1001", instalment_seq: 1, days_past_due: 10, open_amount_rc: 100}
          - {source: erp_b, customer_id: C1, invoice_id: "1001", instalment_seq: 1, days_past_due: 20, open_amount_rc: 30}
          - {source: erp_b, customer_id: C2, invoice_id: "1002", instalment_seq: 1, days_past_due: 20, open_amount_rc: 7}
          - {source: erp_b, customer_id: C3, invoice_id: "1003", instalment_seq: 1, days_past_due: 20, open_amount_rc: 2}
      - input: source('huikuan', 'delay_causes')
        rows:
          - {source: erp_a, customer_id: C1, invoice_id: "1001", cause_code: QUALITY, noted_on: 2024-06-30}
          - {source: erp_a, customer_id: C2, cause_code: CASH_CHAIN}
          - {source: erp_b, customer_id: C3, invoice_id: "1003", cause_code: PRICE, noted_on: 2024-07-01}
    expect:
      rows:
        - {place: 1, cause_code: QUALITY, items: 1, overdue_rc: 100}
        - {place: 2, cause_code: CASH_CHAIN, items: 1, overdue_rc: 7}
        - {place: 3, cause_code: "", items: 2, overdue_rc: 32}
  - name: causes share what is overdue to the last unit, known ones first, each of its source and its day
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}, {as_of: 2024-01-31}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {source: erp, customer_id: A, invoice_id: I1, days_past_due: 10, open_amount_rc: 100}
          - {source: erp, customer_id: A, invoice_id: I2, days_past_due: 1, open_amount_rc: 20}
          - {source: crm, customer_id: A, invoice_id: I1, days_past_due: 3, open_amount_rc: 7}
          - {source: erp, customer_id: A, invoice_id: I3, days_past_due: 0, open_amount_rc: 9000}
          - {source: erp, customer_id: B, invoice_id: I4, days_past_due: 5, open_amount_rc: 500}
          - {source: erp, customer_id: C, invoice_id: I5, days_past_due: 5, open_amount_rc: null}
          - {source: erp, customer_id: D, invoice_id: I6, days_past_due: 2, open_amount_rc: 27}
          - {source: erp, customer_id: E, invoice_id: I1, days_past_due: 2, open_amount_rc: 0.25}
      - input: source('huikuan', 'delay_causes')
        rows:
          - {source: erp, customer_id: A, invoice_id: I1, cause_code: Z, family: own, owner_dept: SALES}
          - {source: erp, customer_id: A, invoice_id: I1, cause_code: M, family: "", noted_on: 2024-06-30}
          - {source: erp, customer_id: A, invoice_id: I1, cause_code: C, noted_on: 2024-06-01}
          - {source: erp, customer_id: A, invoice_id: I1, cause_code: Q, noted_on: 2024-07-01}
          - {source: erp, customer_id: A, invoice_id: I1, cause_code: "", noted_on: 2024-06-01}
          - {source: crm, customer_id: A, invoice_id: "", cause_code: N, family: macro}
          - {source: erp, customer_id: C, invoice_id: "", cause_code: Z, family: market, owner_dept: ""}
          - {source: erp, customer_id: D, invoice_id: I6, cause_code: Y}
          - {source: crm, customer_id: B, invoice_id: I4, cause_code: Y}
    expect:
      rows:
        - {place: 1, cause_code: C, family: "", owner_dept: "", customers: 1, items: 1, overdue_rc: 33.3334, share: 0.0509490256, known_share: 0.2164506493, cumulative_known_share: 0.2164506493, days_past_due_numerator: 333.334, days_past_due: 10, reason: null}
        - {place: 2, cause_code: M, family: "", owner_dept: "", customers: 1, items: 1, overdue_rc: 33.3333, share: 0.0509488727, known_share: 0.21645, cumulative_known_share: 0.4329006493, days_past_due_numerator: 333.333, days_past_due: 10, reason: null}
        - {place: 3, cause_code: Z, family: own, owner_dept: SALES, customers: 2, items: 2, overdue_rc: 33.3333, share: 0.0509488727, known_share: 0.21645, cumulative_known_share: 0.6493506493, days_past_due_numerator: 333.333, days_past_due: 10, reason: null}
        - {place: 4, cause_code: N, family: macro, owner_dept: "", customers: 1, items: 2, overdue_rc: 27, share: 0.0412686282, known_share: 0.1753246753, cumulative_known_share: 0.8246753246, days_past_due_numerator: 41, days_past_due: 1.5185185185, reason: null}
        - {place: 5, cause_code: Y, family: "", owner_dept: "", customers: 1, items: 1, overdue_rc: 27, share: 0.0412686282, known_share: 0.1753246753, cumulative_known_share: 1, days_past_due_numerator: 54, days_past_due: 2, reason: null}
        - {place: 6, cause_code: "", family: "", owner_dept: "", customers: 2, items: 2, overdue_rc: 500.25, share: 0.7646159724, known_share: null, cumulative_known_share: null, days_past_due_numerator: 2500.5, days_past_due: 4.9985007496, reason: null}
  - name: without a rate nothing is shared out
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-06-30}]
      - input: source('huikuan', 'ar_open_items')
        rows:
          - {source: erp, customer_id: A, invoice_id: I1, days_past_due: 10, open_amount_rc: null}
          - {source: erp, customer_id: B, invoice_id: I2, days_past_due: 10, open_amount_rc: null}
      - input: source('huikuan', 'delay_causes')
        rows: [{source: erp, customer_id: A, invoice_id: I1, cause_code: Z}]
    expect:
      rows:
        - {place: 1, cause_code: Z, customers: 1, items: 1, overdue_rc: 0, share: null, known_share: null, cumulative_known_share: null, days_past_due_numerator: 0, days_past_due: null, reason: nothing_overdue}
        - {place: 2, cause_code: "", customers: 1, items: 1, overdue_rc: 0, share: null, known_share: null, cumulative_known_share: null, days_past_due_numerator: 0, days_past_due: null, reason: nothing_overdue}
chart: {type: bar, title: Why the overdue is overdue, x: cause_code, y: [overdue_rc], unit: reporting currency}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
-- a cause of an invoice is one of its own source, one of the account of any
causes AS (
    SELECT
        d.customer_id AS customer_id,
        if(d.invoice_id = '', '', toString(d.source)) AS invoice_source,
        d.invoice_id AS invoice_id,
        arraySort(groupUniqArray(toString(d.cause_code))) AS codes
    FROM {{ source('huikuan', 'delay_causes') }} AS d
    WHERE d.cause_code != '' AND (d.noted_on IS NULL OR d.noted_on <= today)
    GROUP BY customer_id, invoice_source, invoice_id
),
cause_facts AS (
    SELECT
        toString(d.cause_code) AS cause_code,
        ifNull(max(nullIf(toString(d.family), '')), '') AS family,
        ifNull(max(nullIf(toString(d.owner_dept), '')), '') AS owner_dept
    FROM {{ source('huikuan', 'delay_causes') }} AS d
    GROUP BY cause_code
),
overdue AS (
    SELECT
        i.customer_id AS customer_id,
        i.days_past_due AS days_past_due,
        CAST(ifNull(i.open_amount_rc, 0) AS Decimal(38, 4)) AS overdue_rc,
        multiIf(notEmpty(c.codes), c.codes, notEmpty(a.codes), a.codes, ['']) AS codes
    FROM {{ source('huikuan', 'ar_open_items') }} AS i
    LEFT JOIN causes AS c ON c.customer_id = i.customer_id AND c.invoice_source = toString(i.source) AND c.invoice_id = i.invoice_id
    LEFT JOIN (SELECT customer_id, codes FROM causes WHERE invoice_id = '') AS a ON a.customer_id = i.customer_id
    WHERE i.days_past_due > 0
),
shared AS (
    SELECT
        o.customer_id AS customer_id,
        o.days_past_due AS days_past_due,
        code,
        CAST(o.overdue_rc / length(o.codes) AS Decimal(38, 4)) AS part,
        if(code = o.codes[1], o.overdue_rc - part * (length(o.codes) - 1), part) AS overdue_rc
    FROM overdue AS o
    ARRAY JOIN o.codes AS code
),
totals AS (
    SELECT
        s.code AS cause_code,
        uniqExact(s.customer_id) AS customers,
        count() AS items,
        sum(s.overdue_rc) AS overdue_rc,
        sum(s.overdue_rc * s.days_past_due) AS weighted_days
    FROM shared AS s
    GROUP BY cause_code
),
ranked AS (
    SELECT
        *,
        row_number() OVER (ORDER BY t.cause_code = '', t.overdue_rc DESC, t.cause_code) AS place,
        sum(t.overdue_rc) OVER () AS all_rc,
        sum(if(t.cause_code = '', 0, t.overdue_rc)) OVER () AS known_rc,
        sum(t.overdue_rc) OVER (ORDER BY t.cause_code = '', t.overdue_rc DESC, t.cause_code ROWS UNBOUNDED PRECEDING) AS so_far_rc
    FROM totals AS t
)
SELECT
    toInt32(r.place) AS place,
    r.cause_code AS cause_code,
    f.family AS family,
    f.owner_dept AS owner_dept,
    r.customers AS customers,
    r.items AS items,
    r.overdue_rc AS overdue_rc,
    CAST(r.overdue_rc AS Decimal(38, 10)) / if(r.all_rc > 0, r.all_rc, NULL) AS share,
    CAST(r.overdue_rc AS Decimal(38, 10)) / if(r.known_rc > 0 AND r.cause_code != '', r.known_rc, NULL) AS known_share,
    CAST(r.so_far_rc AS Decimal(38, 10)) / if(r.known_rc > 0 AND r.cause_code != '', r.known_rc, NULL) AS cumulative_known_share,
    r.weighted_days AS days_past_due_numerator,
    CAST(r.weighted_days AS Decimal(38, 10)) / if(r.overdue_rc > 0, r.overdue_rc, NULL) AS days_past_due,
    if(r.all_rc > 0, NULL, 'nothing_overdue') AS reason
FROM ranked AS r
LEFT JOIN cause_facts AS f ON f.cause_code = r.cause_code
