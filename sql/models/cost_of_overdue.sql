/* ---
description: "What late payment costs (F3): simple interest at the company's own borrowing rate, actual days over those of the year (day_basis, 365), from the day after the due date through the day of payment, the write-off or the last day built. Beside it the same for all receivables from the invoice on, and the interest that could be claimed. An imputed cost, no booking. Every amount may be added up over customers."
grain: one period (month, or the rolling months), company and customer
materialisation: table
order_by: [period, month, company, customer_id]
owner: finance
tags: [collection, cost]
columns:
  - {name: period, description: "month, or rolling: the last rolling_months months to the last day built", tests: [not_null, {accepted_values: [month, rolling]}]}
  - {name: month, description: first day of the period, unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: customer_id, description: customer, unit: id, tests: [not_null]}
  - {name: segment, description: segment of the customer on the last day built; empty = unknown, tests: [not_null]}
  - {name: days, description: days of the period up to the last day built, unit: days, tests: [not_null]}
  - {name: late_amount_days, description: sum of amount x late days in the period, unit: reporting currency x days, tests: [not_null]}
  - {name: average_overdue_rc, description: "late_amount_days / days: overdue on an average day", unit: reporting currency}
  - {name: late_cost_rc, description: "sum of amount x late days x rate of the day / day_basis (365); NULL = no_funding_rate", unit: reporting currency}
  - {name: claimable_interest_rc, description: "late_amount_days x contract_interest_rate / day_basis (365): what contracts or the law let one ask of customers; no part of late_cost_rc", unit: reporting currency, tests: [not_null]}
  - {name: carried_amount_days, description: "sum of amount x days open, from the day after the invoice, late or not", unit: reporting currency x days, tests: [not_null]}
  - {name: average_receivables_rc, description: "carried_amount_days / days: open on an average day", unit: reporting currency}
  - {name: carry_cost_rc, description: "cost of financing all of it, late_cost_rc included; NULL = no_funding_rate", unit: reporting currency}
  - {name: profit_share, description: "late_cost_rc / (operating_profit x days / day_basis (365)); NULL where operating_profit is not set", unit: fraction}
  - {name: sales_to_replace_rc, description: "late_cost_rc / net_margin: sales that earn as much; NULL where net_margin is not set", unit: reporting currency}
  - {name: rows_without_rate, description: instalments and settlements left out because no exchange rate is known, unit: count, tests: [not_null]}
  - {name: reason, description: "why the costs are NULL: no_funding_rate"}
tests:
  - unique: [period, month, company, customer_id]
  - name: what is late is part of what is carried
    # where more was taken back of a receipt than had come of it, less than nothing is carried before the due date
    sql: |
      SELECT company, customer_id, period, month
      FROM {{ this }}
      WHERE late_amount_days > carried_amount_days AND (company, customer_id) NOT IN (
          SELECT company, customer_id
          FROM {{ source('huikuan', 'ar_settlements') }}
          WHERE (company, customer_id) IN (SELECT company, customer_id FROM {{ this }} WHERE late_amount_days > carried_amount_days)
          GROUP BY company, customer_id, source, invoice_id, instalment_seq, receipt_date
          HAVING sum(ifNull(amount_rc, 0)) < 0)
unit_tests:
  - name: a year of 360 days; what is applied before it comes is waited for
    overrides: {vars: {funding_rate: 0.036, contract_interest_rate: 0.072, operating_profit: 3600, day_basis: 360}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-02-29}]
      - input: source('huikuan', 'ar_items')
        rows: [{company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-02-09, due_date: 2024-02-19, amount_rc: 1000, open_amount_rc: 1000}]
      - input: source('huikuan', 'ar_settlements')
        rows: [{company: A, customer_id: LATER, invoice_id: I2, instalment_seq: 1, kind: cash, invoice_date: 2024-02-09, due_date: 2024-02-19, event_date: 2024-02-20, receipt_date: 2024-03-10, amount_rc: 1000}]
    expect:
      rows:
        - {customer_id: C1, period: month, days: 29, late_amount_days: 10000, late_cost_rc: 1, claimable_interest_rc: 2, carried_amount_days: 20000, carry_cost_rc: 2, profit_share: ~0.0034}
        - {customer_id: LATER, period: month, days: 29, late_amount_days: 10000, late_cost_rc: 1, claimable_interest_rc: 2, carried_amount_days: 20000, carry_cost_rc: 2, profit_share: ~0.0034}
        - {customer_id: C1, period: rolling, days: 366, late_amount_days: 10000, late_cost_rc: 1, claimable_interest_rc: 2, carried_amount_days: 20000, carry_cost_rc: 2, profit_share: ~0.0003}
        - {customer_id: LATER, period: rolling, days: 366, late_amount_days: 10000, late_cost_rc: 1, claimable_interest_rc: 2, carried_amount_days: 20000, carry_cost_rc: 2, profit_share: ~0.0003}
  - name: "ex:late_interest_paidnice: 5,000 at 12.25 percent for 101 days are 169.49; 169.68 would round every day"
    overrides: {vars: {funding_rate: 0.1225, contract_interest_rate: 0.1225}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-05-31}]
      - input: source('huikuan', 'ar_items')
        rows: [{company: A, customer_id: C1, invoice_id: I, instalment_seq: 1, invoice_date: 2024-01-31, due_date: 2024-01-31, amount_rc: 5000, open_amount_rc: 0}]
      - input: source('huikuan', 'ar_settlements')
        rows: [{company: A, customer_id: C1, invoice_id: I, instalment_seq: 1, kind: cash, invoice_date: 2024-01-31, due_date: 2024-01-31, receipt_date: 2024-05-11, event_date: 2024-05-20, amount_rc: 5000}]
    expect:
      rows:
        - {period: month, month: 2024-02-01, days: 29, late_amount_days: 145000, late_cost_rc: ~48.66}
        - {period: month, month: 2024-03-01, days: 31, late_amount_days: 155000, late_cost_rc: ~52.02}
        - {period: month, month: 2024-04-01, days: 30, late_amount_days: 150000, late_cost_rc: ~50.34}
        - {period: month, month: 2024-05-01, days: 31, late_amount_days: 55000, late_cost_rc: ~18.46}
        - {period: rolling, month: 2023-06-01, days: 366, late_amount_days: 505000, late_cost_rc: ~169.49, claimable_interest_rc: ~169.49, carry_cost_rc: ~169.49, reason: null}
  - name: "ex:late_days_convention: due on 1 April and paid on 16 May is 45 days, 2 April to 16 May"
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-05-31}]
      - input: source('huikuan', 'ar_settlements')
        rows: [{company: A, customer_id: C1, invoice_id: I, instalment_seq: 1, kind: cash, invoice_date: 2024-03-02, due_date: 2024-04-01, receipt_date: 2024-05-16, event_date: 2024-05-16, amount_rc: 1}]
    expect:
      rows:
        - {period: month, month: 2024-03-01, late_amount_days: 0, carried_amount_days: 29}
        - {period: month, month: 2024-04-01, late_amount_days: 29, carried_amount_days: 30}
        - {period: month, month: 2024-05-01, late_amount_days: 16, carried_amount_days: 16}
        - {period: rolling, month: 2023-06-01, late_amount_days: 45, carried_amount_days: 75}
  - name: "ex:financing_cost_acca: sales of 50 million, paid after 57 days, at 6 percent"
    overrides: {vars: {funding_rate: 0.06, operating_profit: 46849315.07, net_margin: 0.1}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2023-12-31}]
      - input: source('huikuan', 'ar_settlements')
        rows: [{company: A, customer_id: C1, invoice_id: I, instalment_seq: 1, kind: cash, invoice_date: 2023-01-03, due_date: 2023-01-03, receipt_date: 2023-03-01, event_date: 2023-03-01, amount_rc: 50000000}]
    expect:
      rows:
        - {period: month, month: 2023-01-01, days: 31, carried_amount_days: 1400000000}
        - {period: month, month: 2023-02-01, days: 28, carried_amount_days: 1400000000}
        - {period: month, month: 2023-03-01, days: 31, carried_amount_days: 50000000}
        - {period: rolling, month: 2023-01-01, days: 365, average_receivables_rc: ~7808219, carry_cost_rc: ~468493, late_cost_rc: ~468493, profit_share: ~0.0100, sales_to_replace_rc: ~4684932}
  - name: the rate of each day counts, a payment that bounced never came, a write-off ends it, what is open runs to the last day built
    overrides: {vars: {funding_rate: 0.0365, funding_rate_changes: [2024-02-16=0.073]}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-02-20}]
      - input: source('huikuan', 'ar_items')
        rows:
          - {company: A, customer_id: BOUNCED, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-01-20, due_date: 2024-02-10, amount_rc: 1000, open_amount_rc: 1000, segment: RETAIL}
          - {company: A, customer_id: LOST, invoice_id: I2, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-02-05, amount_rc: 1000, open_amount_rc: 0}
          - {company: A, customer_id: UNKNOWN, invoice_id: I3, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-02-05, amount_rc: null, open_amount: 5, open_amount_rc: null}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, customer_id: BOUNCED, invoice_id: I1, instalment_seq: 1, application_id: A1, kind: cash, invoice_date: 2024-01-20, due_date: 2024-02-10, receipt_date: 2024-02-12, event_date: 2024-02-12, amount_rc: 400}
          - {company: A, customer_id: BOUNCED, invoice_id: I1, instalment_seq: 1, application_id: A2, kind: cash, invoice_date: 2024-01-20, due_date: 2024-02-10, receipt_date: 2024-02-12, event_date: 2024-02-15, amount_rc: -400}
          - {company: A, customer_id: LOST, invoice_id: I2, instalment_seq: 1, kind: write_off, invoice_date: 2024-02-01, due_date: 2024-02-05, receipt_date: 2024-02-15, event_date: 2024-02-15, amount_rc: 1000}
    expect:
      rows:
        - {period: month, month: 2024-01-01, customer_id: BOUNCED, segment: RETAIL, late_amount_days: 0, late_cost_rc: 0, carried_amount_days: 11000}
        - {period: month, month: 2024-02-01, customer_id: BOUNCED, days: 20, late_amount_days: 10000, late_cost_rc: 1.5, carried_amount_days: 20000}
        - {period: rolling, month: 2023-03-01, customer_id: BOUNCED, late_amount_days: 10000, late_cost_rc: 1.5, carried_amount_days: 31000}
        - {period: month, month: 2024-02-01, customer_id: LOST, late_amount_days: 10000, late_cost_rc: 1, carried_amount_days: 14000}
        - {period: rolling, month: 2023-03-01, customer_id: LOST, late_amount_days: 10000, late_cost_rc: 1, carried_amount_days: 14000}
        - {period: month, month: 2024-02-01, customer_id: UNKNOWN, late_amount_days: 0, late_cost_rc: 0, carried_amount_days: 0, rows_without_rate: 1}
        - {period: rolling, month: 2023-03-01, customer_id: UNKNOWN, late_amount_days: 0, late_cost_rc: 0, carried_amount_days: 0, rows_without_rate: 1}
  - name: the rates may be a series of the economy; a series that nobody loaded is no rate
    overrides: {vars: {funding_rate_series: lpr_1y}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-02-20}]
      - input: source('huikuan', 'ar_items')
        rows: [{company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-02-10, amount_rc: 1000, open_amount: 1000, open_amount_rc: 1000}]
      - input: source('huikuan', 'macro_series')
        rows: [{series: pmi, month: 2024-02-01, value: 50}]
    expect:
      rows:
        - {period: month, month: 2024-02-01, late_amount_days: 10000, late_cost_rc: null, carry_cost_rc: null, reason: no_funding_rate}
        - {period: rolling, month: 2023-03-01, late_amount_days: 10000, late_cost_rc: null, carry_cost_rc: null, reason: no_funding_rate}
  - name: what is disputed costs money too, at the rate of the invoice whatever the receipt was worth
    overrides: {vars: {funding_rate: 0.0365}}
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2024-02-29}]
      - input: source('huikuan', 'ar_items')
        rows: [{company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, invoice_date: 2024-02-01, due_date: 2024-02-19, currency: EUR, amount: 300, amount_rc: 3000, open_amount: 100, open_amount_rc: 1000, disputed: true, disputed_amount: 100, disputed_amount_rc: 1000}]
      - input: source('huikuan', 'ar_settlements')
        rows: [{company: A, customer_id: C1, invoice_id: I1, instalment_seq: 1, kind: cash, invoice_date: 2024-02-01, due_date: 2024-02-19, receipt_date: 2024-02-24, event_date: 2024-02-24, amount: 200, amount_rc: 2000, amount_rc_receipt: 7000}]
    expect:
      rows:
        - {period: month, late_amount_days: 20000, late_cost_rc: 2}
        - {period: rolling, late_amount_days: 20000, late_cost_rc: 2}
chart: {type: bar, title: Cost of overdue receivables, x: month, y: [late_cost_rc], unit: reporting currency, where: "period = 'month'"}
--- */
WITH
assumeNotNull((SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }})) AS today,
toDate32(toStartOfMonth(addMonths(today, 1 - {{ var('rolling_months') }}))) AS rolling_start,
(
    SELECT arraySort(groupArray((toDate32(m.month), toDecimal128(m.value, 10))))
    FROM {{ source('huikuan', 'macro_series') }} AS m
    WHERE m.series = '{{ var('funding_rate_series') }}'
) AS series_rates,
arraySort(arrayConcat([(toDate32('1900-01-01'), toDecimal128('{{ var('funding_rate') }}', 10))],
    arrayMap(x -> (toDate32(splitByChar('=', x)[1]), toDecimal128(splitByChar('=', x)[2], 10)), arrayFilter(x -> x != '', {{ var('funding_rate_changes') }})))) AS own_rates,
-- a constant, so that what several rates need is left out of the plan where there is one
(SELECT if('{{ var('funding_rate_series') }}' = '', own_rates, series_rates)) AS rates,
arrayMap(x -> x.2, rates) AS rate_values,
length(rates) = 1 AS one_rate,
-- the first rate holds before its day too
arrayMap(n -> if(n = 1, toDate32('1900-01-01'), (rates[n]).1), arrayEnumerate(rates)) AS rate_first,
arrayMap(n -> if(n < length(rates), (rates[n + 1]).1 - 1, toDate32('2299-12-31')), arrayEnumerate(rates)) AS rate_last,
toDecimal128('{{ var('contract_interest_rate') }}', 10) AS contract_rate,
toDecimal128('{{ var('operating_profit') }}', 4) AS operating_profit,
toDecimal128('{{ var('net_margin') }}', 10) AS net_margin,
-- what each part of an instalment was open for: to its settlement, or to today
pieces AS (
    SELECT
        t.company AS company,
        t.customer_id AS customer_id,
        t.invoice_date AS invoice_date,
        greatest(t.due_date, t.invoice_date) AS due_date,
        least(t.receipt_date, today) AS last_day,
        CAST(ifNull(t.amount_rc, 0) AS Decimal(38, 4)) AS amount_rc,
        isNull(t.amount_rc) AS no_rate
    FROM {{ source('huikuan', 'ar_settlements') }} AS t
    UNION ALL
    SELECT
        i.company AS company,
        i.customer_id AS customer_id,
        i.invoice_date AS invoice_date,
        greatest(i.due_date, i.invoice_date) AS due_date,
        today AS last_day,
        CAST(ifNull(i.open_amount_rc, 0) AS Decimal(38, 4)) AS amount_rc,
        isNull(i.open_amount_rc) AS no_rate
    FROM {{ source('huikuan', 'ar_items') }} AS i
    WHERE isNull(i.open_amount_rc) OR i.open_amount_rc != 0
),
-- amounts begin to be carried, become late and end on days; what a day moves counts from the day after it
moves AS (
    SELECT
        d.company AS company,
        d.customer_id AS customer_id,
        toStartOfMonth(day) AS month,
        day,
        dateDiff('day', day, toLastDayOfMonth(day)) AS days_left,
        open_step,
        late_step,
        without_rate
    FROM pieces AS d
    ARRAY JOIN
        [d.invoice_date, least(d.due_date, d.last_day), d.last_day] AS day,
        [d.amount_rc, toDecimal128(0, 4), -d.amount_rc] AS open_step,
        [toDecimal128(0, 4), d.amount_rc, -d.amount_rc] AS late_step,
        [0, 0, d.no_rate] AS without_rate
    WHERE d.last_day > d.invoice_date AND (d.amount_rc != 0 OR d.no_rate)
),
by_month AS (
    SELECT
        m.company AS company,
        m.customer_id AS customer_id,
        m.month AS month,
        sum(m.open_step) AS open_step,
        sum(m.late_step) AS late_step,
        sum(m.open_step * m.days_left) AS open_days,
        sum(m.late_step * m.days_left) AS late_days,
        -- days of each rate are counted only where there are several
        if(one_rate, toDecimal128(0, 14), sum(m.open_step * arraySum((r, f, l) -> r * greatest(0, dateDiff('day', greatest(m.day, f - 1), least(toDate32(toLastDayOfMonth(m.day)), l))), rate_values, rate_first, rate_last))) AS open_interest,
        if(one_rate, toDecimal128(0, 14), sum(m.late_step * arraySum((r, f, l) -> r * greatest(0, dateDiff('day', greatest(m.day, f - 1), least(toDate32(toLastDayOfMonth(m.day)), l))), rate_values, rate_first, rate_last))) AS late_interest,
        sum(m.without_rate) AS rows_without_rate
    FROM moves AS m
    GROUP BY company, customer_id, month
),
-- a customer's months in order, with what was carried and late before each, and the month of the next one
by_customer AS (
    SELECT
        b.company AS company,
        b.customer_id AS customer_id,
        arraySort(x -> x.1, groupArray((toDate32(b.month), b.open_step, b.late_step, b.open_days, b.late_days, b.open_interest, b.late_interest, b.rows_without_rate))) AS steps,
        arrayMap((x, open) -> open - x.2, steps, arrayCumSum(x -> x.2, steps)) AS open_before,
        arrayMap((x, late) -> late - x.3, steps, arrayCumSum(x -> x.3, steps)) AS late_before,
        arrayPushBack(arrayPopFront(arrayMap(x -> x.1, steps)), toDate32(addMonths(steps[-1].1, 1))) AS next_month
    FROM by_month AS b
    GROUP BY company, customer_id
),
-- months without a move in between carry what the one before left
by_customer_month AS (
    SELECT
        c.company AS company,
        c.customer_id AS customer_id,
        arrayFlatten(arrayMap((x, open, late, next) -> arrayConcat(
            [(x.1, open, late, x.4, x.5, x.6, x.7, x.8)],
            arrayMap(n -> (toDate32(addMonths(x.1, n + 1)), open + x.2, late + x.3, toDecimal128(0, 4), toDecimal128(0, 4), toDecimal128(0, 14), toDecimal128(0, 14), toUInt64(0)),
                range(toUInt32(dateDiff('month', x.1, next) - 1)))), c.steps, c.open_before, c.late_before, c.next_month)) AS parts,
        -- what is carried through a month counts on each of its days
        arrayFilter(x -> x.2 != 0 OR x.3 != 0 OR x.6 > 0, arrayMap(x -> (
            x.1,
            x.5 + x.3 * toDayOfMonth(toLastDayOfMonth(x.1)),
            x.4 + x.2 * toDayOfMonth(toLastDayOfMonth(x.1)),
            if(one_rate, x.7, x.7 + x.3 * arraySum((r, f, l) -> r * greatest(0, dateDiff('day', greatest(x.1 - 1, f - 1), least(toDate32(toLastDayOfMonth(x.1)), l))), rate_values, rate_first, rate_last)),
            if(one_rate, x.6, x.6 + x.2 * arraySum((r, f, l) -> r * greatest(0, dateDiff('day', greatest(x.1 - 1, f - 1), least(toDate32(toLastDayOfMonth(x.1)), l))), rate_values, rate_first, rate_last)),
            x.8), parts)) AS months,
        arrayFilter(x -> x.1 >= rolling_start, months) AS rolling
    FROM by_customer AS c
),
customer_segments AS (
    SELECT
        i.customer_id AS customer_id,
        toString(any(ifNull(i.segment, ''))) AS segment
    FROM {{ source('huikuan', 'ar_items') }} AS i
    GROUP BY customer_id
),
by_period AS (
    SELECT
        span.1 AS period,
        span.2.1 AS month,
        b.company AS company,
        b.customer_id AS customer_id,
        if(period = 'month', dateDiff('day', month, least(today, toDate32(toLastDayOfMonth(month)))), dateDiff('day', month, today)) + 1 AS days,
        span.2.2 AS late_days,
        span.2.3 AS open_days,
        CAST(if(one_rate, late_days * rate_values[1], span.2.4) / {{ var('day_basis') }} AS Decimal(38, 10)) AS late_cost,
        CAST(if(one_rate, open_days * rate_values[1], span.2.5) / {{ var('day_basis') }} AS Decimal(38, 10)) AS open_cost,
        span.2.6 AS rows_without_rate
    FROM by_customer_month AS b
    ARRAY JOIN arrayConcat(
        arrayMap(x -> ('month', x), b.months),
        if(empty(b.rolling), [], [('rolling', (rolling_start, arraySum(x -> x.2, b.rolling), arraySum(x -> x.3, b.rolling), arraySum(x -> x.4, b.rolling), arraySum(x -> x.5, b.rolling), arraySum(x -> x.6, b.rolling)))])) AS span
)
SELECT
    p.period AS period,
    p.month AS month,
    p.company AS company,
    p.customer_id AS customer_id,
    ifNull(s.segment, '') AS segment,
    p.days AS days,
    p.late_days AS late_amount_days,
    CAST(p.late_days AS Decimal(38, 10)) / p.days AS average_overdue_rc,
    if(empty(rates), NULL, p.late_cost) AS late_cost_rc,
    if(contract_rate = 0, toDecimal128(0, 10), CAST(p.late_days * contract_rate / {{ var('day_basis') }} AS Decimal(38, 10))) AS claimable_interest_rc,
    p.open_days AS carried_amount_days,
    CAST(p.open_days AS Decimal(38, 10)) / p.days AS average_receivables_rc,
    if(empty(rates), NULL, p.open_cost) AS carry_cost_rc,
    if(empty(rates) OR operating_profit <= 0, NULL, p.late_cost * {{ var('day_basis') }} / p.days / if(operating_profit > 0, operating_profit, NULL)) AS profit_share,
    if(empty(rates) OR net_margin <= 0, NULL, p.late_cost / if(net_margin > 0, net_margin, NULL)) AS sales_to_replace_rc,
    p.rows_without_rate AS rows_without_rate,
    if(empty(rates), 'no_funding_rate', NULL) AS reason
FROM by_period AS p
LEFT JOIN customer_segments AS s ON s.customer_id = p.customer_id
