/* ---
description: "Movement of the expected credit loss allowance from one month-end to the next: opening + charge - reversal - written off + recoveries + exchange differences = closing (E6)."
grain: one month (to its end or the last day built) and company
materialisation: table
order_by: [month, company]
owner: finance
tags: [risk, ecl, cfo]
columns:
  - {name: month, description: first day of the month, unit: date, tests: [not_null]}
  - {name: month_end, description: "end of the month, or the last day built", unit: date, tests: [not_null]}
  - {name: company, description: legal entity, unit: id, tests: [not_null]}
  - {name: opening_rc, description: expected credit loss at the end of the previous month, unit: reporting currency, tests: [not_null]}
  - {name: charge_rc, description: "what the month costs: the line that makes the allowance come out at closing_rc, where it is positive", unit: reporting currency, tests: [not_null]}
  - {name: reversal_rc, description: "the same where it is negative, as a positive amount", unit: reporting currency, tests: [not_null]}
  - {name: written_off_rc, description: "bad debts written off in the month, at the invoice's rate, positive amounts reduce the allowance", unit: reporting currency, tests: [not_null]}
  - {name: recoveries_rc, description: cash on written-off invoices, unit: reporting currency, tests: [not_null]}
  - {name: fx_rc, description: opening allowance of each currency times the change of its closing rate, unit: reporting currency, tests: [not_null]}
  - {name: closing_rc, description: expected credit loss at month_end, unit: reporting currency, tests: [not_null]}
  - {name: gross_rc, description: gross receivables at month_end; denominator of allowance_ratio, unit: reporting currency, tests: [not_null]}
  - {name: allowance_ratio, description: closing_rc / gross_rc; NULL = nothing open, unit: fraction}
  - {name: reason, description: "why allowance_ratio is NULL: no_exposure"}
chart: {type: line, title: Allowance, x: month, y: [closing_rc], series: company, unit: reporting currency}
tests:
  - unique: [month, company]
  - name: the lines add up to the closing allowance
    sql: |
      SELECT month, company
      FROM {{ this }}
      WHERE opening_rc + charge_rc - reversal_rc - written_off_rc + recoveries_rc + fx_rc != closing_rc
  - name: a month opens with what the one before closed with
    sql: |
      SELECT a.month, a.company, a.closing_rc, b.opening_rc
      FROM {{ this }} AS a
      INNER JOIN {{ this }} AS b ON b.company = a.company AND b.month = addMonths(a.month, 1)
      WHERE a.closing_rc != b.opening_rc
  - name: every closing is the expected credit loss of the day
    sql: |
      SELECT m.month_end, m.closing, p.ecl
      FROM (SELECT month_end, sum(closing_rc) AS closing FROM {{ this }} GROUP BY month_end) AS m
      LEFT JOIN (SELECT as_of, sum(ecl_rc) AS ecl FROM {{ ref('ecl_provision') }} GROUP BY as_of) AS p ON p.as_of = m.month_end
      WHERE m.closing != p.ecl
unit_tests:
  - name: charge, write-off, recovery and exchange difference
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-02-10, first_day: 2025-12-01, reporting_currency: CNY}]
      - input: source('huikuan', 'fx_as_of')
        rows: [{as_of: 2025-12-31, currency: EUR, rate_closing: 8}, {as_of: 2026-01-31, currency: EUR, rate_closing: 8.4}, {as_of: 2026-02-10, currency: EUR, rate_closing: 8.4}]
      - input: ref('ecl_provision')
        rows:
          - {as_of: 2025-12-31, company: A, currency: EUR, gross_rc: 1000, ecl_rc: 100}
          - {as_of: 2025-12-31, company: A, currency: CNY, gross_rc: 500, ecl_rc: 50}
          - {as_of: 2026-01-31, company: A, currency: EUR, gross_rc: 1000, ecl_rc: 60}
          - {as_of: 2026-01-31, company: A, currency: CNY, gross_rc: 800, ecl_rc: 70}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {company: A, invoice_id: I1, kind: write_off, write_off_type: bad_debt, event_date: 2026-01-20, amount_rc: 45, application_id: W1, source: s}
          - {company: A, invoice_id: I2, kind: write_off, write_off_type: small_balance, event_date: 2026-01-20, amount_rc: 999, application_id: W2, source: s}
          - {company: A, invoice_id: I2, kind: cash, event_date: 2026-01-20, amount_rc: 999, application_id: W3, source: s}
      - input: source('huikuan', 'write_offs')
        rows: [{write_off_id: W1, invoice_id: I1, source: s, write_off_date: 2026-01-20, amount: 45}]
      - input: source('huikuan', 'ar_items')
        rows: [{company: A, invoice_id: I1, source: s, currency: EUR, rate_rc: 7.5, instalment_seq: 1}, {company: A, invoice_id: I1, source: s, currency: EUR, rate_rc: 7.5, instalment_seq: 2}]
      - input: source('huikuan', 'recoveries')
        rows: [{recovery_id: R1, write_off_id: W1, source: s, recovery_date: 2026-01-31, amount: 2}]
    expect:
      rows:
        - {month: 2025-12-01, month_end: 2025-12-31, company: A, opening_rc: 0, charge_rc: 150, reversal_rc: 0, written_off_rc: 0, recoveries_rc: 0, fx_rc: 0, closing_rc: 150, allowance_ratio: 0.1}
        - {month: 2026-01-01, month_end: 2026-01-31, company: A, opening_rc: 150, charge_rc: 5, reversal_rc: 0, written_off_rc: 45, recoveries_rc: 15, fx_rc: 5, closing_rc: 130, allowance_ratio: 0.0722222222}
        - {month: 2026-02-01, month_end: 2026-02-10, company: A, opening_rc: 130, charge_rc: 0, reversal_rc: 130, written_off_rc: 0, recoveries_rc: 0, fx_rc: 0, closing_rc: 0, allowance_ratio: null, reason: no_exposure}
  - name: currencies and companies apart, write-offs and recoveries by source up to today, no exchange difference where a rate is missing
    given:
      - input: source('huikuan', 'ar_as_of')
        rows: [{as_of: 2026-03-10, first_day: 2025-12-01}, {as_of: 2026-01-10, first_day: 2026-01-01}]
      - input: source('huikuan', 'fx_as_of')
        rows:
          - {as_of: 2025-12-31, currency: EUR, rate_closing: 8}
          - {as_of: 2025-12-31, currency: USD, rate_closing: 6}
          - {as_of: 2026-01-31, currency: EUR, rate_closing: 8.8}
          - {as_of: 2026-01-31, currency: USD, rate_closing: 7}
          - {as_of: 2026-02-28, currency: EUR, rate_closing: null}
          - {as_of: 2026-02-28, currency: USD, rate_closing: 0}
          - {as_of: 2026-03-10, currency: EUR, rate_closing: 9}
          - {as_of: 2026-03-10, currency: USD, rate_closing: 8}
      - input: ref('ecl_provision')
        rows:
          - {as_of: 2025-12-31, company: A, segment: S, currency: EUR, gross_rc: 400, ecl_rc: 60}
          - {as_of: 2025-12-31, company: A, segment: T, currency: EUR, gross_rc: 600, ecl_rc: 40}
          - {as_of: 2025-12-31, company: A, currency: USD, gross_rc: 100, ecl_rc: 70}
          - {as_of: 2025-12-31, company: B, currency: CNY, gross_rc: 100, ecl_rc: 30}
          - {as_of: 2026-01-31, company: A, currency: EUR, gross_rc: 900, ecl_rc: 90}
          - {as_of: 2026-01-31, company: A, currency: USD, gross_rc: 7, ecl_rc: 0.0001}
          - {as_of: 2026-02-28, company: A, currency: EUR, gross_rc: 900, ecl_rc: 90}
          - {as_of: 2026-02-28, company: A, currency: USD, gross_rc: 90, ecl_rc: 9}
          - {as_of: 2026-03-10, company: A, currency: EUR, gross_rc: 900, ecl_rc: 33}
      - input: source('huikuan', 'ar_settlements')
        rows:
          - {source: s, company: A, invoice_id: I1, kind: write_off, write_off_type: bad_debt, event_date: 2026-01-20, amount_rc: 45, application_id: W1}
          - {source: s, company: A, invoice_id: I1, kind: write_off, write_off_type: null, event_date: 2026-01-21, amount_rc: 4, application_id: W2}
          - {source: s, company: A, invoice_id: I1, kind: write_off, write_off_type: bad_debt, event_date: 2026-03-02, amount_rc: -8, application_id: W1}
          - {source: s, company: B, invoice_id: I2, kind: write_off, write_off_type: bad_debt, event_date: 2026-01-21, amount_rc: null, application_id: W3}
      - input: source('huikuan', 'write_offs')
        rows:
          - {source: s, write_off_id: W1, invoice_id: I1, write_off_type: bad_debt, amount: 45}
          - {source: t, write_off_id: W1, invoice_id: I1, write_off_type: small_balance, amount: 45}
          - {source: s, write_off_id: W3, invoice_id: I2, write_off_type: "", amount: 45}
          - {source: t, write_off_id: W4, invoice_id: I1, write_off_type: "", amount: 45}
      - input: source('huikuan', 'ar_items')
        rows:
          - {source: s, company: A, invoice_id: I1, currency: EUR, rate_rc: 7.55555, instalment_seq: 1}
          - {source: s, company: A, invoice_id: I1, currency: EUR, rate_rc: 7.55555, instalment_seq: 2}
          - {source: t, company: B, invoice_id: I1, currency: CNY, rate_rc: 1}
          - {source: s, company: B, invoice_id: I2, currency: XXX, rate_rc: null}
      - input: source('huikuan', 'recoveries')
        rows:
          - {source: s, recovery_id: R1, write_off_id: W1, recovery_date: 2026-02-03, amount: 2.01}
          - {source: s, recovery_id: R2, write_off_id: W1, recovery_date: 2026-02-07, amount: 4}
          - {source: s, recovery_id: R3, write_off_id: W1, recovery_date: 2026-03-10, amount: 8}
          - {source: s, recovery_id: R4, write_off_id: W1, recovery_date: 2026-03-11, amount: 1000}
          - {source: t, recovery_id: R5, write_off_id: W1, recovery_date: 2026-02-03, amount: 2000}
          - {source: s, recovery_id: R6, write_off_id: W3, recovery_date: 2026-02-03, amount: 4000}
          - {source: s, recovery_id: R7, write_off_id: W4, recovery_date: 2026-02-03, amount: 8000}
          - {source: t, recovery_id: R8, write_off_id: W4, recovery_date: 2026-02-03, amount: 16}
    expect:
      rows:
        - {month: 2026-01-01, month_end: 2026-01-31, company: A, opening_rc: 170, charge_rc: 0, reversal_rc: 52.6666, written_off_rc: 49, recoveries_rc: 0, fx_rc: 21.6667, closing_rc: 90.0001, gross_rc: 907, allowance_ratio: 0.0992283351, reason: null}
        - {month: 2026-02-01, month_end: 2026-02-28, company: B, opening_rc: 0, charge_rc: 0, reversal_rc: 16, written_off_rc: 0, recoveries_rc: 16, fx_rc: 0, closing_rc: 0, gross_rc: 0, allowance_ratio: null, reason: no_exposure}
        - {month: 2025-12-01, month_end: 2025-12-31, company: A, opening_rc: 0, charge_rc: 170, reversal_rc: 0, written_off_rc: 0, recoveries_rc: 0, fx_rc: 0, closing_rc: 170, gross_rc: 1100, allowance_ratio: 0.1545454545, reason: null}
        - {month: 2026-02-01, month_end: 2026-02-28, company: A, opening_rc: 90.0001, charge_rc: 0, reversal_rc: 36.4089, written_off_rc: 0, recoveries_rc: 45.4089, fx_rc: -0.0001, closing_rc: 99, gross_rc: 990, allowance_ratio: 0.1, reason: null}
        - {month: 2026-01-01, month_end: 2026-01-31, company: B, opening_rc: 30, charge_rc: 0, reversal_rc: 30, written_off_rc: 0, recoveries_rc: 0, fx_rc: 0, closing_rc: 0, gross_rc: 0, allowance_ratio: null, reason: no_exposure}
        - {month: 2026-03-01, month_end: 2026-03-10, company: A, opening_rc: 99, charge_rc: 0, reversal_rc: 134.4444, written_off_rc: -8, recoveries_rc: 60.4444, fx_rc: 0, closing_rc: 33, gross_rc: 900, allowance_ratio: 0.0366666666, reason: null}
        - {month: 2025-12-01, month_end: 2025-12-31, company: B, opening_rc: 0, charge_rc: 30, reversal_rc: 0, written_off_rc: 0, recoveries_rc: 0, fx_rc: 0, closing_rc: 30, gross_rc: 100, allowance_ratio: 0.3, reason: null}
--- */
WITH
(SELECT max(as_of) FROM {{ source('huikuan', 'ar_as_of') }}) AS today,
(
    SELECT arrayDistinct(arrayPushBack(
        arrayFilter(d -> d < max(as_of), arrayMap(m -> toDate32(addMonths(min(first_day), m + 1)) - 1, range(toUInt32(dateDiff('month', min(first_day), max(as_of))) + 1))),
        max(as_of)))
    FROM {{ source('huikuan', 'ar_as_of') }}
) AS evaluated,
allowances AS (
    SELECT as_of, company, currency, sum(ecl_rc) AS ecl, sum(gross_rc) AS gross
    FROM {{ ref('ecl_provision') }}
    GROUP BY as_of, company, currency
),
rates AS (
    SELECT as_of, currency, rate_closing
    FROM {{ source('huikuan', 'fx_as_of') }}
    WHERE as_of = toLastDayOfMonth(as_of) OR as_of = today
),
-- An allowance closes its own month and opens the next one, where there its currency may have another rate.
lines AS (
    SELECT as_of AS month_end, company, toDecimal64(0, 4) AS opening, CAST(ecl AS Decimal(18, 4)) AS closing, CAST(gross AS Decimal(18, 4)) AS gross,
        toDecimal64(0, 4) AS fx, toDecimal64(0, 4) AS written_off, toDecimal64(0, 4) AS recovered
    FROM allowances
    UNION ALL
    SELECT
        evaluated[indexOf(evaluated, a.as_of) + 1], a.company, a.ecl, 0, 0,
        CAST(round(ifNull(a.ecl * (toDecimal128(n.rate_closing, 18) / nullIf(r.rate_closing, 0) - 1), 0), 4) AS Decimal(18, 4)), 0, 0
    FROM allowances AS a
    LEFT JOIN rates AS r ON r.as_of = a.as_of AND r.currency = a.currency
    LEFT JOIN rates AS n ON n.as_of = evaluated[indexOf(evaluated, a.as_of) + 1] AND n.currency = a.currency
    WHERE a.as_of != today
    UNION ALL
    SELECT least(toDate32(toLastDayOfMonth(event_date)), today), company, 0, 0, 0, 0, ifNull(amount_rc, 0), 0
    FROM {{ source('huikuan', 'ar_settlements') }}
    WHERE kind = 'write_off' AND NOT has({{ var('small_write_off_types') }}, ifNull(write_off_type, ''))
    UNION ALL
    SELECT least(toDate32(toLastDayOfMonth(c.recovery_date)), today), i.company, 0, 0, 0, 0, 0, CAST(round(ifNull(c.amount * i.rate, 0), 4) AS Decimal(18, 4))
    FROM {{ source('huikuan', 'recoveries') }} AS c
    INNER JOIN {{ source('huikuan', 'write_offs') }} AS w ON w.source = c.source AND w.write_off_id = c.write_off_id
    INNER JOIN (
        SELECT source, invoice_id, any(company) AS company, any(rate_rc) AS rate
        FROM {{ source('huikuan', 'ar_items') }}
        WHERE invoice_id IN (SELECT invoice_id FROM {{ source('huikuan', 'write_offs') }})
        GROUP BY source, invoice_id
    ) AS i ON i.source = w.source AND i.invoice_id = w.invoice_id
    WHERE c.recovery_date <= today AND NOT has({{ var('small_write_off_types') }}, w.write_off_type)
),
months AS (
    SELECT
        l.month_end AS month_end,
        l.company AS company,
        sum(l.opening) AS opening,
        sum(l.closing) AS closing,
        sum(l.gross) AS gross,
        sum(l.fx) AS fx,
        sum(l.written_off) AS written_off,
        sum(l.recovered) AS recovered,
        closing - opening + written_off - recovered - fx AS cost
    FROM lines AS l
    GROUP BY month_end, company
)
SELECT
    toDate32(toStartOfMonth(m.month_end)) AS month,
    assumeNotNull(m.month_end) AS month_end,
    m.company AS company,
    CAST(m.opening AS Decimal(18, 4)) AS opening_rc,
    CAST(greatest(m.cost, 0) AS Decimal(18, 4)) AS charge_rc,
    CAST(greatest(-m.cost, 0) AS Decimal(18, 4)) AS reversal_rc,
    CAST(m.written_off AS Decimal(18, 4)) AS written_off_rc,
    CAST(m.recovered AS Decimal(18, 4)) AS recoveries_rc,
    CAST(m.fx AS Decimal(18, 4)) AS fx_rc,
    CAST(m.closing AS Decimal(18, 4)) AS closing_rc,
    CAST(m.gross AS Decimal(18, 4)) AS gross_rc,
    CAST(CAST(m.closing AS Decimal(38, 10)) / nullIf(m.gross, 0) AS Nullable(Decimal(38, 10))) AS allowance_ratio,
    if(m.gross = 0, 'no_exposure', NULL) AS reason
FROM months AS m
