/* ---
description: "Credit exposure against the credit limit that was valid on the day, at closing rates, for each customer and for each group of several customers, at month-ends and the last day built (E7)."
grain: one day, level (customer or group) and customer or head of the group
materialisation: table
order_by: [as_of, level, customer_id]
owner: credit management
tags: [risk, limits]
columns:
  - {name: as_of, description: "end of this day: month-ends and the last day built", unit: date, tests: [not_null]}
  - {name: level, description: "customer, or group: the sum over its customers, for groups of more than one; never add both up", tests: [not_null, {accepted_values: [customer, group]}]}
  - {name: customer_id, description: customer or head of the group, unit: id, tests: [not_null]}
  - {name: customer_name, description: display name; NULL where no source tells it}
  - {name: group_id, description: head of the group or the customer itself, unit: id, tests: [not_null]}
  - {name: customers, description: "customers in the row, 1 at level customer", unit: count}
  - {name: segment, description: segment of the customer on as_of; NULL for a group}
  - {name: owner_id, description: account owner of the largest balance on as_of; NULL for a group and where there is no balance, unit: id}
  - {name: currency, description: reporting currency of all amounts with the suffix _rc, unit: ISO 4217}
  - {name: open_amount_rc, description: open invoices and debit notes; NULL = no rate, unit: reporting currency}
  - {name: open_orders_rc, description: orders not invoiced yet, unit: reporting currency}
  - {name: unapplied_rc, description: "cash received and not applied, negative; reduces the exposure", unit: reporting currency}
  - {name: exposure_rc, description: "open_amount_rc + open_orders_rc + unapplied_rc, at least 0", unit: reporting currency}
  - {name: limit_currency, description: currency of the limit; NULL where there are several or none, unit: ISO 4217}
  - {name: limit_amount, description: limit in limit_currency; NULL = missing, unit: limit_currency}
  - {name: limit_rc, description: "limit valid on as_of, limits in several currencies added up; NULL = missing, 0 = cash only", unit: reporting currency}
  - {name: utilisation, description: exposure_rc / limit_rc; NULL see reason, unit: fraction}
  - {name: ar_utilisation, description: open_amount_rc / limit_rc; NULL see reason, unit: fraction}
  - {name: headroom_rc, description: "limit_rc - exposure_rc, negative in a breach", unit: reporting currency}
  - {name: breached, description: exposure above the limit; NULL where no limit is known}
  - {name: breach_rc, description: "exposure above the limit, 0 without a breach", unit: reporting currency}
  - {name: flag, description: "over_limit, near_limit, ok, no_credit (limit 0 with exposure), cash_only (limit 0 without), limit_missing, missing_rate", tests: [not_null, {accepted_values: [over_limit, near_limit, ok, no_credit, cash_only, limit_missing, missing_rate]}]}
  - {name: members_without_limit, description: customers in the row that have no limit, unit: count}
  - {name: reason, description: "why utilisation is NULL: limit_missing, no_credit (limit 0), missing_rate"}
chart: {type: bar, title: Exposure and limit, x: customer_name, y: [exposure_rc, limit_rc], unit: reporting currency, where: "level = 'customer' AND as_of = (SELECT max(as_of) FROM exposure_by_customer)"}
tests:
  - unique: [as_of, level, customer_id]
  - name: the receivables of all customers are those of the balance sheet
    sum_equals:
      this: sumIf(open_amount_rc, level = 'customer')
      by: [as_of]
      of: |
        -- where a balance or an order has no rate, all of its customer is unknown that day
        SELECT as_of, sum(open_amount_rc)
        FROM {{ ref('month_end_balances') }}
        WHERE (as_of, customer_id) NOT IN (SELECT as_of, customer_id FROM {{ this }} WHERE level = 'customer' AND flag = 'missing_rate' AND isNull(open_amount_rc))
        GROUP BY as_of
  - name: groups are the sum of their customers, each counted once
    sql: |
      SELECT g.as_of, g.customer_id, g.exposure_rc, c.total
      FROM {{ this }} AS g
      INNER JOIN (SELECT as_of, group_id, sum(exposure_rc) AS total, countIf(isNull(exposure_rc)) AS unknown FROM {{ this }} WHERE level = 'customer' AND group_id IN (SELECT customer_id FROM {{ this }} WHERE level = 'group') GROUP BY as_of, group_id) AS c
          ON c.as_of = g.as_of AND c.group_id = g.customer_id
      WHERE g.level = 'group' AND c.unknown = 0 AND g.exposure_rc > c.total
unit_tests:
  - name: ex:credit_utilisation
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows: [{as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, currency: CNY, open_amount_rc: 92000, unapplied_rc: -3000}]
      - input: source('huikuan', 'orders')
        rows:
          - {order_id: O1, customer_id: C1, order_date: 2026-10-05, amount: 25000, currency: CNY, status: open}
          - {order_id: O2, customer_id: C1, order_date: 2026-10-05, amount: 999, currency: CNY, status: cancelled}
          - {order_id: O3, customer_id: C1, order_date: 2026-11-01, amount: 999, currency: CNY, status: open}
          - {order_id: O4, customer_id: C1, order_date: 2026-09-01, amount: 999, currency: CNY, status: closed}
      - input: source('huikuan', 'invoices')
        rows:
          - {invoice_id: I1, customer_id: C1, order_id: O1, invoice_date: 2026-10-20, gross_amount: 10000, currency: CNY}
          - {invoice_id: I2, customer_id: C1, order_id: O1, invoice_date: 2026-11-20, gross_amount: 15000, currency: CNY}
          - {invoice_id: I3, customer_id: C1, order_id: O4, invoice_date: 2026-09-20, gross_amount: 900, currency: CNY}
      - input: source('huikuan', 'credit_limits')
        rows:
          - {customer_id: C1, currency: CNY, valid_from: 2020-01-01, credit_limit: 1}
          - {customer_id: C1, currency: CNY, valid_from: 2026-10-31, credit_limit: 100000}
          - {customer_id: C1, currency: CNY, valid_from: 2026-11-01, credit_limit: 7}
    expect:
      rows:
        - {level: customer, customer_id: C1, open_orders_rc: 15000, exposure_rc: 104000, limit_rc: 100000, utilisation: 1.04, ar_utilisation: 0.92, breach_rc: 4000, headroom_rc: -4000, breached: true, flag: over_limit, owner_id: R1, segment: RETAIL}
  - name: receivables alone, where orders are not to count
    overrides: {vars: {exposure_includes_orders: 0}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows: [{as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, segment: RETAIL, currency: CNY, open_amount_rc: 92000, unapplied_rc: -3000}]
      - input: source('huikuan', 'orders')
        rows:
          - {order_id: O1, customer_id: C1, order_date: 2026-10-05, amount: 25000, currency: CNY, status: open}
          - {order_id: O2, customer_id: C1, order_date: 2026-10-05, amount: 999, currency: CNY, status: cancelled}
          - {order_id: O3, customer_id: C1, order_date: 2026-11-01, amount: 999, currency: CNY, status: open}
          - {order_id: O4, customer_id: C1, order_date: 2026-09-01, amount: 999, currency: CNY, status: closed}
      - input: source('huikuan', 'invoices')
        rows:
          - {invoice_id: I1, customer_id: C1, order_id: O1, invoice_date: 2026-10-20, gross_amount: 10000, currency: CNY}
          - {invoice_id: I2, customer_id: C1, order_id: O1, invoice_date: 2026-11-20, gross_amount: 15000, currency: CNY}
          - {invoice_id: I3, customer_id: C1, order_id: O4, invoice_date: 2026-09-20, gross_amount: 900, currency: CNY}
      - input: source('huikuan', 'credit_limits')
        rows:
          - {customer_id: C1, currency: CNY, valid_from: 2020-01-01, credit_limit: 1}
          - {customer_id: C1, currency: CNY, valid_from: 2026-10-31, credit_limit: 100000}
          - {customer_id: C1, currency: CNY, valid_from: 2026-11-01, credit_limit: 7}
    expect:
      rows: [{customer_id: C1, open_orders_rc: 0, exposure_rc: 89000, utilisation: 0.89, breach_rc: 0, breached: false, flag: ok}]
  - name: what is disputed counts in full, a write-off gives headroom back
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-11-30, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: C1, currency: CNY, open_amount_rc: 900, unapplied_rc: 0, disputed_rc: 900, disputed_overdue_rc: 900}
          - {as_of: 2026-11-30, company: A, customer_id: C1, currency: CNY, open_amount_rc: 400, unapplied_rc: 0, disputed_rc: 400, disputed_overdue_rc: 400}
      - input: source('huikuan', 'credit_limits')
        rows: [{customer_id: C1, currency: CNY, valid_from: 2020-01-01, credit_limit: 800}]
    expect:
      rows:
        - {as_of: 2026-10-31, exposure_rc: 900, utilisation: 1.125, headroom_rc: -100, flag: over_limit}
        - {as_of: 2026-11-30, exposure_rc: 400, utilisation: 0.5, headroom_rc: 400, flag: ok}
  - name: ex:credit_limit_zero
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, customer_id: ZERO, currency: CNY, open_amount_rc: 500, unapplied_rc: 0}
          - {as_of: 2026-10-31, customer_id: NONE, currency: CNY, open_amount_rc: 500, unapplied_rc: 0}
          - {as_of: 2026-10-31, customer_id: UNKNOWN, currency: CNY, open_amount_rc: 500, unapplied_rc: 0}
          - {as_of: 2026-10-31, customer_id: UNKNOWN, currency: USD, open_amount_rc: null, unapplied_rc: null}
          - {as_of: 2026-10-31, customer_id: PREPAID, currency: CNY, open_amount_rc: 0, unapplied_rc: -80}
      - input: source('huikuan', 'credit_limits')
        rows:
          - {customer_id: ZERO, currency: CNY, valid_from: 2020-01-01, credit_limit: 0}
          - {customer_id: NONE, currency: CNY, valid_from: 2020-01-01, credit_limit: null}
          - {customer_id: UNKNOWN, currency: CNY, valid_from: 2020-01-01, credit_limit: 10}
          - {customer_id: PREPAID, currency: CNY, valid_from: 2020-01-01, valid_to: 2026-10-30, credit_limit: 10}
    expect:
      rows:
        - {customer_id: ZERO, exposure_rc: 500, utilisation: null, breached: true, breach_rc: 500, flag: no_credit, reason: no_credit}
        - {customer_id: NONE, exposure_rc: 500, utilisation: null, breached: null, breach_rc: null, flag: limit_missing, reason: limit_missing}
        - {customer_id: UNKNOWN, exposure_rc: null, utilisation: null, breached: null, breach_rc: null, flag: missing_rate, reason: missing_rate}
        - {customer_id: PREPAID, exposure_rc: 0, utilisation: null, breached: null, breach_rc: null, flag: limit_missing, reason: limit_missing}
  - name: a group's limits and exposures roll up to the parent once, limits at the closing rate
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2026-10-31, currency: EUR, rate_closing: 8}]
      - input: ref('customer_groups')
        rows: [{customer_id: K3, group_id: Q, group_name: Quartet}, {customer_id: Q, group_id: Q, group_name: Quartet}, {customer_id: K1, group_id: P, group_name: Parent}, {customer_id: K2, group_id: P, group_name: Parent}]
      - input: ref('month_end_balances')
        rows:
          - {as_of: 2026-10-31, company: A, customer_id: K1, currency: CNY, open_amount_rc: 600, unapplied_rc: 0}
          - {as_of: 2026-10-31, company: B, customer_id: K1, currency: CNY, open_amount_rc: 300, unapplied_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: K2, currency: CNY, open_amount_rc: 50, unapplied_rc: -60}
          - {as_of: 2026-10-31, company: A, customer_id: K3, currency: CNY, open_amount_rc: 10, unapplied_rc: 0}
          - {as_of: 2026-10-31, company: A, customer_id: Q, currency: CNY, open_amount_rc: 5, unapplied_rc: 0}
      - input: source('huikuan', 'credit_limits')
        rows: [{customer_id: P, currency: EUR, valid_from: 2020-01-01, credit_limit: 25}, {customer_id: K1, currency: CNY, valid_from: 2020-01-01, credit_limit: 800}]
    expect:
      rows:
        - {level: customer, customer_id: K1, exposure_rc: 900, limit_rc: 800, utilisation: 1.125, flag: over_limit, customers: 1}
        - {level: customer, customer_id: K2, exposure_rc: 0, limit_rc: null, utilisation: null, flag: limit_missing, customers: 1}
        - {level: customer, customer_id: P, exposure_rc: 0, limit_rc: 200, utilisation: 0, flag: ok, customers: 1}
        - {level: group, customer_id: P, exposure_rc: 890, limit_rc: 1000, utilisation: 0.89, flag: ok, customers: 3}
        - {level: customer, customer_id: K3, exposure_rc: 10, limit_rc: null, utilisation: null, flag: limit_missing, customers: 1}
        - {level: customer, customer_id: Q, exposure_rc: 5, limit_rc: null, utilisation: null, flag: limit_missing, customers: 1}
        - {level: group, customer_id: Q, exposure_rc: 15, limit_rc: null, utilisation: null, flag: limit_missing, customers: 2}
  - name: an order is used up by the invoices of its own source, not by those of another source under the same number
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-10-31, first_day: 2026-10-01, reporting_currency: CNY}]
      - input: ref('month_end_balances')
        rows: [{as_of: 2026-10-31, company: A, customer_id: C1, owner_id: R1, currency: CNY, open_amount_rc: 500, unapplied_rc: 0}]
      - input: source('huikuan', 'orders')
        rows: [{source: erp_a, order_id: O1, customer_id: C1, order_date: 2026-10-05, amount: 250, currency: CNY, status: open}]
      - input: source('huikuan', 'invoices')
        rows:
          - {source: erp_a, invoice_id: I1, customer_id: C1, order_id: O1, invoice_date: 2026-10-20, gross_amount: 40, currency: CNY}
          - {source: erp_b, invoice_id: I1, customer_id: C2, order_id: O1, invoice_date: 2026-10-20, gross_amount: 200, currency: CNY}
    expect:
      rows: [{level: customer, customer_id: C1, open_amount_rc: 500, open_orders_rc: 210, exposure_rc: 710}]
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
(SELECT any(reporting_currency) FROM {{ source('huikuan', 'ar_as_of') }}) AS reporting,
-- Month-ends of the history and the last day built.
(
    SELECT arrayDistinct(arrayPushBack(
        arrayFilter(d -> d < max(as_of), arrayMap(m -> toDate32(addMonths(min(first_day), m + 1)) - 1, range(toUInt32(dateDiff('month', min(first_day), max(as_of))) + 1))),
        max(as_of)))
    FROM {{ source('huikuan', 'ar_as_of') }}
) AS evaluated,
rates AS (
    SELECT as_of, currency, rate_closing AS rate
    FROM {{ source('huikuan', 'fx_as_of') }}
    WHERE as_of = toLastDayOfMonth(as_of) OR as_of = today
),
invoiced AS (
    SELECT source, order_id, groupArray((invoice_date, gross_amount)) AS parts, sum(gross_amount) AS total, max(invoice_date) AS last_on
    FROM {{ source('huikuan', 'invoices') }}
    WHERE order_id IN (SELECT order_id FROM {{ source('huikuan', 'orders') }})
    GROUP BY source, order_id
),
-- An order counts from its day until the invoice that completes it; what is invoiced by then is receivables.
unfinished AS (
    SELECT
        o.customer_id AS customer_id,
        ifNull(o.currency, reporting) AS currency,
        ifNull(o.amount, 0) AS amount,
        o.order_date AS order_date,
        i.parts AS parts,
        multiIf(
            has({{ var('order_closed_statuses') }}, ifNull(o.status, '')) AND empty(i.parts), toDate32('1970-01-01'),
            has({{ var('order_closed_statuses') }}, ifNull(o.status, '')) OR i.total >= ifNull(o.amount, 0), i.last_on - 1,
            assumeNotNull(today)) AS until
    FROM {{ source('huikuan', 'orders') }} AS o
    LEFT JOIN invoiced AS i ON i.source = o.source AND i.order_id = o.order_id
    WHERE {{ var('exposure_includes_orders') }} = 1 AND NOT has({{ var('order_cancelled_statuses') }}, ifNull(o.status, ''))
),
backlog AS (
    SELECT
        as_of,
        customer_id,
        currency,
        sum(greatest(u.amount - arraySum(p -> if(p.1 <= as_of, p.2, toDecimal64(0, 4)), u.parts), toDecimal64(0, 4))) AS amount
    FROM unfinished AS u
    ARRAY JOIN arrayFilter(d -> d >= order_date AND d <= until, evaluated) AS as_of
    GROUP BY as_of, customer_id, currency
),
orders_valued AS (
    SELECT
        b.as_of AS as_of,
        b.customer_id AS customer_id,
        sum(round(b.amount * if(b.currency = reporting, toDecimal128(1, 10), r.rate), 4)) AS known_rc,
        countIf(b.amount != 0 AND b.currency != reporting AND isNull(r.rate)) AS unknown
    FROM backlog AS b
    LEFT JOIN rates AS r ON r.as_of = b.as_of AND r.currency = b.currency
    GROUP BY as_of, customer_id
),
-- A limit holds until its last day, or until the next one of the same source and currency begins.
limit_periods AS (
    SELECT
        customer_id,
        currency,
        credit_limit,
        valid_from,
        least(
            ifNull(valid_to, toDate32('2299-12-31')),
            leadInFrame(valid_from, 1, toDate32('2299-12-31')) OVER (PARTITION BY source, customer_id, currency ORDER BY valid_from ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) - 1) AS valid_until
    FROM {{ source('huikuan', 'credit_limits') }}
),
limits AS (
    SELECT
        as_of,
        l.customer_id AS customer_id,
        sum(CAST(round(l.credit_limit * if(l.currency = reporting, toDecimal128(1, 10), r.rate), 4) AS Nullable(Decimal(18, 4)))) AS limit_rc,
        countIf(isNotNull(l.credit_limit) AND l.currency != reporting AND isNull(r.rate)) AS unknown,
        if(min(l.currency) = max(l.currency), CAST(any(l.currency) AS Nullable(String)), NULL) AS limit_currency,
        if(min(l.currency) = max(l.currency), sum(l.credit_limit), NULL) AS limit_amount
    FROM (
        SELECT as_of, customer_id, currency, credit_limit
        FROM limit_periods
        ARRAY JOIN arrayFilter(d -> d >= valid_from AND d <= valid_until, evaluated) AS as_of
    ) AS l
    LEFT JOIN rates AS r ON r.as_of = l.as_of AND r.currency = l.currency
    GROUP BY as_of, customer_id
),
combined AS (
    SELECT v.as_of AS as_of, v.customer_id AS customer_id, v.segment AS segment, CAST(v.owner_id AS Nullable(String)) AS owner_id, ifNull(v.open_amount_rc, 0) AS open_known_rc, ifNull(v.unapplied_rc, 0) AS unapplied_known_rc,
        toDecimal64(0, 4) AS open_orders_rc, CAST(NULL AS Nullable(Decimal(18, 4))) AS limit_rc, toUInt64(0) AS unknown_limits, CAST(NULL AS Nullable(String)) AS limit_currency,
        CAST(NULL AS Nullable(Decimal(18, 4))) AS limit_amount, toUInt64(isNull(v.open_amount_rc) OR isNull(v.unapplied_rc)) AS unknown_exposure
    FROM {{ ref('month_end_balances') }} AS v
    UNION ALL
    SELECT as_of, customer_id, NULL, NULL, 0, 0, known_rc, NULL, 0, NULL, NULL, unknown FROM orders_valued
    UNION ALL
    SELECT as_of, customer_id, NULL, NULL, 0, 0, 0, limit_rc, unknown, limit_currency, limit_amount, 0 FROM limits
),
by_customer AS (
    SELECT
        c.as_of AS as_of,
        c.customer_id AS customer_id,
        argMax(c.segment, c.open_known_rc) AS segment,
        argMax(c.owner_id, c.open_known_rc) AS owner_id,
        sum(c.open_known_rc) AS open_known_rc,
        sum(c.unapplied_known_rc) AS unapplied_known_rc,
        sum(c.open_orders_rc) AS open_orders_known_rc,
        sum(c.limit_rc) AS limit_rc,
        any(c.limit_currency) AS limit_currency,
        any(c.limit_amount) AS limit_amount,
        sum(c.unknown_limits) AS unknown_limits,
        sum(c.unknown_exposure) AS unknown_exposure
    FROM combined AS c
    GROUP BY as_of, customer_id
),
grouped AS (
    SELECT
        e.*,
        if(g.group_id = '', e.customer_id, g.group_id) AS group_id,
        if(g.customer_id = '', NULL, g.customer_name) AS customer_name,
        if(g.customer_id = '', NULL, g.group_name) AS group_name
    FROM by_customer AS e
    LEFT ANY JOIN {{ ref('customer_groups') }} AS g ON g.customer_id = e.customer_id
),
levels AS (
    SELECT
        as_of,
        'customer' AS level,
        customer_id,
        customer_name,
        group_id,
        toUInt64(1) AS customers,
        segment,
        owner_id,
        open_known_rc,
        open_orders_known_rc,
        unapplied_known_rc,
        limit_rc,
        limit_currency,
        limit_amount,
        unknown_limits,
        unknown_exposure,
        toUInt64(isNull(limit_rc) AND unknown_limits = 0) AS members_without_limit
    FROM grouped
    UNION ALL
    SELECT
        g.as_of AS as_of,
        'group' AS level,
        g.group_id AS customer_id,
        any(g.group_name) AS customer_name,
        g.group_id AS group_id,
        count() AS customers,
        NULL AS segment,
        NULL AS owner_id,
        sum(g.open_known_rc) AS open_known_rc,
        sum(g.open_orders_known_rc) AS open_orders_known_rc,
        sum(g.unapplied_known_rc) AS unapplied_known_rc,
        if('{{ var('group_limit_basis') }}' = 'parent' AND countIf(g.customer_id = g.group_id AND isNotNull(g.limit_rc)) > 0, sumIf(g.limit_rc, g.customer_id = g.group_id), sum(g.limit_rc)) AS limit_rc,
        NULL AS limit_currency,
        NULL AS limit_amount,
        sum(g.unknown_limits) AS unknown_limits,
        sum(g.unknown_exposure) AS unknown_exposure,
        countIf(isNull(g.limit_rc) AND g.unknown_limits = 0) AS members_without_limit
    FROM grouped AS g
    -- a group of several has a member that is not its head
    WHERE g.customer_id IN (
        SELECT arrayJoin(arrayPushBack(groupArray(customer_id), group_id))
        FROM {{ ref('customer_groups') }}
        GROUP BY group_id
        HAVING countIf(customer_id != group_id) > 0)
    GROUP BY as_of, group_id
    HAVING customers > 1
),
measured AS (
    SELECT
        *,
        if(unknown_exposure = 0, CAST(open_known_rc AS Nullable(Decimal(18, 4))), NULL) AS open_amount_rc,
        if(unknown_exposure = 0, CAST(open_orders_known_rc AS Nullable(Decimal(18, 4))), NULL) AS open_orders_rc,
        if(unknown_exposure = 0, CAST(unapplied_known_rc AS Nullable(Decimal(18, 4))), NULL) AS unapplied_rc,
        open_amount_rc + open_orders_rc + unapplied_rc AS net_rc,
        if(net_rc < 0, toDecimal64(0, 4), net_rc) AS exposure_rc,
        if(unknown_limits = 0, CAST(limit_rc AS Nullable(Decimal(18, 4))), NULL) AS known_limit_rc
    FROM levels
)
SELECT
    as_of,
    level,
    customer_id,
    customer_name,
    group_id,
    customers,
    segment,
    owner_id,
    reporting AS currency,
    open_amount_rc,
    open_orders_rc,
    unapplied_rc,
    CAST(exposure_rc AS Nullable(Decimal(18, 4))) AS exposure_rc,
    limit_currency,
    CAST(limit_amount AS Nullable(Decimal(18, 4))) AS limit_amount,
    known_limit_rc AS limit_rc,
    CAST(exposure_rc AS Nullable(Decimal(38, 10))) / nullIf(known_limit_rc, 0) AS utilisation,
    CAST(open_amount_rc AS Nullable(Decimal(38, 10))) / nullIf(known_limit_rc, 0) AS ar_utilisation,
    CAST(known_limit_rc - exposure_rc AS Nullable(Decimal(18, 4))) AS headroom_rc,
    CAST(exposure_rc > known_limit_rc AS Nullable(Bool)) AS breached,
    CAST(if(headroom_rc < 0, -headroom_rc, headroom_rc * 0) AS Nullable(Decimal(18, 4))) AS breach_rc,
    multiIf(
        unknown_exposure > 0 OR unknown_limits > 0, 'missing_rate',
        isNull(known_limit_rc), 'limit_missing',
        known_limit_rc = 0, if(exposure_rc > 0, 'no_credit', 'cash_only'),
        exposure_rc > known_limit_rc, 'over_limit',
        utilisation > {{ var('limit_warning') }}, 'near_limit',
        'ok') AS flag,
    members_without_limit,
    multiIf(flag = 'missing_rate', 'missing_rate', flag = 'limit_missing', 'limit_missing', known_limit_rc = 0, 'no_credit', NULL) AS reason
FROM measured
