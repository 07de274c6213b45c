-- A book that is unusual in every way that figures could mind: 1M invoices of 150,000 customers of thirty companies in seven
-- currencies, whose rates have ten decimals and change every day. Most customers have a few invoices, one in two hundred
-- invoices is that of a single one. Amounts go from a cent to millions, some with four decimals; invoices are paid in thirds, with
-- discounts, in other currencies, credited, written off in part, disputed, shared by three reps. One currency has no rate in
-- the first months, one never.
CREATE TABLE made ENGINE = MergeTree ORDER BY i AS
SELECT
    number AS i,
    concat('INV-', leftPad(toString(number), 8, '0')) AS invoice_id,
    multiIf(number % 200 = 0, 0, number % 5 = 1, cityHash64(number) % 1000, cityHash64(number) % {customers}) AS customer,
    concat('C-', leftPad(toString(customer), 6, '0')) AS customer_id,
    concat('co', leftPad(toString((customer + if(number % 10 = 9, 1, 0)) % 30), 2, '0')) AS company,
    if(number % 151 = 9, 'XAF', ['CNY', 'USD', 'EUR', 'JPY', 'KRW', 'VND'][1 + (customer + if(number % 4 = 3, cityHash64(number, 9) % 6, 0)) % 6]) AS currency,
    toDate32('2023-01-01') + toInt32(number * 1080 / {invoices}) AS invoice_date,
    invoice_date + [15, 30, 45, 60, 90][1 + cityHash64(number, 1) % 5] AS due_date,
    exp(cityHash64(number, 2) % 1500000 / 100000) AS exact,
    toDecimal64(0.01 + if(number % 7 = 0, exact, round(exact, 2)), 4) AS gross,
    due_date + toInt32(cityHash64(number, 3) % 110) - 30 AS paid,
    number % 5 = 0 AS split,
    number % 20 = 19 AS unpaid,
    if(number % 20 = 7, 40, 0) AS wait
FROM numbers({invoices});

INSERT INTO companies_docs (company, name, base_currency, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('co', leftPad(toString(number), 2, '0')), concat('Company ', toString(number)), ['CNY', 'USD', 'EUR', 'JPY', 'KRW', 'VND'][1 + number % 6], 'bench', 1, 0, 'bench', now64(6)
FROM numbers(30);

INSERT INTO customers_docs (customer_id, name, parent_id, segment, region, owner_id, terms_code, industry, valid_from, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('C-', leftPad(toString(number), 6, '0')), concat('Customer ', toString(number)), if(number % 9 = 4, concat('C-', leftPad(toString(intDiv(number, 9)), 6, '0')), NULL), ['RETAIL', 'PROJECT', 'DISTRIBUTOR', 'MANUFACTURER', 'GOVERNMENT'][1 + number % 5], ['East', 'North', 'South', 'West'][1 + cityHash64(number) % 4], concat('R', toString(cityHash64(number, 1) % 300)), ['NET30', 'NET60', 'NET45'][1 + number % 3], concat('industry ', toString(number % 11)), '1970-01-01', 'bench', 1, 0, 'bench', now64(6)
FROM numbers({customers});

INSERT INTO account_owners_docs (customer_id, rep_id, valid_from, valid_to, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('C-', leftPad(toString(number), 6, '0')), concat('R', toString((cityHash64(number, 1) + half) % 300)), ['2022-01-01', '2024-07-11'][1 + half], if(half = 0, '2024-07-10', NULL), 'bench', 1, 0, 'bench', now64(6)
FROM numbers({customers}) ARRAY JOIN [0, 1] AS half;

INSERT INTO reps_docs (rep_id, name, team, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('R', toString(number)), concat('Rep ', toString(number)), concat('Team ', toString(number % 14)), 'bench', 1, 0, 'bench', now64(6)
FROM numbers(300);

INSERT INTO targets_docs (rep_id, month, basis, amount, currency, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('R', toString(number)), addMonths(toDate32('2023-01-01'), m), 'collected', 100000 + number, 'CNY', 'bench', 1, 0, 'bench', now64(6)
FROM numbers(300) ARRAY JOIN range(36) AS m;

INSERT INTO fx_rates_docs (rate_date, from_currency, to_currency, rate_type, rate, source, _version, _deleted, _run_id, _loaded_at)
SELECT toDate32('2022-12-01') + toInt32(number), c.1, 'CNY', if(number % 30 = 29, 'closing', 'spot'), CAST(c.2 * (1 + (cityHash64(number, c.1) % 2000003) / 20000003) AS Decimal(38, 10)), 'bench', 1, 0, 'bench', now64(6)
FROM numbers(1140) ARRAY JOIN [('USD', 7.1333333333), ('EUR', 7.7777777777), ('JPY', 0.0483716253), ('KRW', 0.0051239871), ('VND', 0.0002834117)] AS c
WHERE c.1 != 'VND' OR number > 120;

INSERT INTO invoices_docs (invoice_id, company, customer_id, doc_type, invoice_date, currency, gross_amount, due_date, rep_id, order_id, terms_code, source, _version, _deleted, _run_id, _loaded_at)
SELECT invoice_id, company, customer_id, if(i % 97 = 5, 'debit_note', 'invoice'), invoice_date, currency, gross, due_date, if(i % 13 = 0, NULL, concat('R', toString(cityHash64(customer, 1) % 300))), if(i % 3 = 0, concat('O-', toString(i)), NULL), 'NET30', 'bench', 1, 0, 'bench', now64(6)
FROM made;

INSERT INTO instalments_docs (invoice_id, seq, due_date, amount, source, _version, _deleted, _run_id, _loaded_at)
SELECT invoice_id, seq, due_date + 30 * (seq - 1), if(seq < 3, CAST(gross / 3 AS Decimal(18, 4)), gross - 2 * CAST(gross / 3 AS Decimal(18, 4))), 'bench', 1, 0, 'bench', now64(6)
FROM made ARRAY JOIN [1, 2, 3] AS seq WHERE i % 11 = 6;

INSERT INTO invoice_rep_splits_docs (invoice_id, rep_id, share, source, _version, _deleted, _run_id, _loaded_at)
SELECT invoice_id, concat('R', toString((cityHash64(customer, 1) + k) % 300)), [0.3333333333, 0.3333333333, 0.3333333334][k], 'bench', 1, 0, 'bench', now64(6)
FROM made ARRAY JOIN [1, 2, 3] AS k WHERE i % 17 = 2;

CREATE TABLE received ENGINE = MergeTree ORDER BY (i, part) AS
SELECT made.*, part, greatest(paid, invoice_date) + 25 * (part - 1) AS received_on,
    multiIf(NOT split, gross, part < 3, CAST(gross / 3 AS Decimal(18, 4)), gross - 2 * CAST(gross / 3 AS Decimal(18, 4))) AS whole,
    if(i % 23 = 1, CAST(whole / 50 AS Decimal(18, 4)), CAST(0 AS Decimal(18, 4))) AS discount,
    whole - discount AS cash,
    i % 31 = 4 AND currency NOT IN ('USD', 'XAF') AS other,
    if(other, CAST(cash / 7.3 AS Decimal(18, 4)), cash) AS cash_of_payment
FROM made ARRAY JOIN if(split, [1, 2, 3], [1]) AS part
WHERE NOT unpaid;

INSERT INTO payments_docs (payment_id, company, customer_id, receipt_date, currency, amount, reversed_on, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('PAY-', invoice_id, '-', toString(part)), company, customer_id, received_on, if(other, 'USD', currency), cash_of_payment + if(i % 41 = 3, 1, 0), if(i % 501 = 7, received_on + 9, NULL), 'bench', 1, 0, 'bench', now64(6)
FROM received WHERE received_on <= '2025-12-31';

INSERT INTO allocations_docs (allocation_id, payment_id, invoice_id, application_date, amount, discount_amount, payment_amount, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('AL-', invoice_id, '-', toString(part)), concat('PAY-', invoice_id, '-', toString(part)), invoice_id, received_on + wait, cash, if(discount > 0, discount, NULL), if(other, cash_of_payment, NULL), 'bench', 1, 0, 'bench', now64(6)
FROM received WHERE received_on <= '2025-12-31';

INSERT INTO credit_notes_docs (credit_note_id, company, customer_id, credit_date, currency, amount, reason, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('CN-', invoice_id), company, customer_id, invoice_date + 20, currency, CAST(gross / 7 AS Decimal(18, 4)), ['return', 'price', 'quality'][1 + i % 3], 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE unpaid AND i % 3 = 0;

INSERT INTO credit_allocations_docs (credit_allocation_id, credit_note_id, invoice_id, application_date, amount, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('CA-', invoice_id), concat('CN-', invoice_id), invoice_id, invoice_date + 28, CAST(gross / 8 AS Decimal(18, 4)), 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE unpaid AND i % 3 = 0;

INSERT INTO write_offs_docs (write_off_id, invoice_id, write_off_date, amount, write_off_type, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('W-', invoice_id), invoice_id, due_date + 200, CAST(gross / 3 AS Decimal(18, 4)), ['bad_debt', 'small_balance', 'settlement'][1 + intDiv(i, 20) % 3], 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE unpaid AND i % 7 = 0;

INSERT INTO recoveries_docs (recovery_id, write_off_id, recovery_date, amount, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('RE-', invoice_id), concat('W-', invoice_id), due_date + 260, CAST(gross / 9 AS Decimal(18, 4)), 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE unpaid AND i % 21 = 0;

INSERT INTO disputes_docs (dispute_id, invoice_id, opened_on, closed_on, disputed_amount, reason, owner_dept, outcome, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('D-', invoice_id), invoice_id, due_date + 5, if(i % 200 < 100, NULL, due_date + 25), if(i % 400 < 200, CAST(gross / 3 AS Decimal(18, 4)), NULL), ['price', 'quality', 'delivery', 'docs', 'tax', 'other', 'short'][1 + i % 7], 'sales', ['valid', 'invalid', 'partial'][1 + i % 3], 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 50 IN (3, 19);

INSERT INTO visits_docs (visit_id, customer_id, rep_id, happened_at, channel, approach, script_code, refusal_code, excuse_code, avoidance_code, agreement_reached, logged_at, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('V-', invoice_id), customer_id, concat('R', toString(i % 300)), toDateTime64(due_date + 3, 6), ['visit', 'call', 'meeting'][1 + i % 3], concat('A', toString(i % 7)), concat('S', toString(i % 13)), if(i % 3 = 0, concat('F', toString(i % 19)), NULL), if(i % 4 = 0, concat('E', toString(i % 13)), NULL), if(i % 9 = 0, 'unreachable', NULL), i % 2 = 0, toDateTime64(due_date + 4, 6), 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 20 IN (3, 19);

INSERT INTO promises_docs (promise_id, visit_id, customer_id, invoice_id, amount, currency, made_on, due_date, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('PR-', invoice_id), concat('V-', invoice_id), customer_id, if(i % 80 = 3, NULL, invoice_id), CAST(gross / 2 AS Decimal(18, 4)), currency, due_date + 3, due_date + 17, 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 40 IN (3, 19);

INSERT INTO instalment_plans_docs (plan_id, customer_id, made_on, visit_id, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('PL-', invoice_id), customer_id, due_date + 30, concat('V-', invoice_id), 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 400 = 19;

INSERT INTO instalment_plan_lines_docs (plan_id, line_no, due_date, amount, currency, invoice_id, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('PL-', invoice_id), k, due_date + 30 + 30 * k, CAST(gross / 3 AS Decimal(18, 4)), currency, invoice_id, 'bench', 1, 0, 'bench', now64(6)
FROM made ARRAY JOIN [1, 2, 3] AS k WHERE i % 400 = 19;

INSERT INTO credit_limits_docs (customer_id, currency, valid_from, credit_limit, insured_amount, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('C-', leftPad(toString(number), 6, '0')), ['CNY', 'USD', 'EUR', 'JPY', 'KRW', 'VND'][1 + number % 6], '2022-01-01', exp(cityHash64(number) % 150000 / 10000), if(number % 4 = 1, 1000, NULL), 'bench', 1, 0, 'bench', now64(6)
FROM numbers({customers}) WHERE number % 10 != 0;

INSERT INTO credit_reviews_docs (review_id, customer_id, reviewed_on, next_due_on, financials_as_of, external_score, ability_score, external_grade, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('CR-', toString(number)), concat('C-', leftPad(toString(number), 6, '0')), toDate32('2024-01-01') + number % 600, NULL, toDate32('2023-12-31') + number % 500, number % 101, number % 97, ['A', 'B', 'C', 'D', 'E'][1 + number % 5], 'bench', 1, 0, 'bench', now64(6)
FROM numbers({customers}) WHERE number % 3 = 0;

INSERT INTO orders_docs (order_id, company, customer_id, order_date, amount, currency, status, rep_id, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('O-', toString(i)), company, customer_id, invoice_date - 20, gross * 2, currency, if(i % 30 = 0, 'open', 'invoiced'), concat('R', toString(cityHash64(customer, 1) % 300)), 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 3 = 0;

INSERT INTO deliveries_docs (delivery_id, order_id, invoice_id, customer_id, shipped_on, amount, currency, receipt_signed_on, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('DL-', toString(i)), concat('O-', toString(i)), invoice_id, customer_id, invoice_date - 2, gross, currency, invoice_date, 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 3 = 0;

INSERT INTO contacts_docs (contact_id, customer_id, name, role, phone, last_spoken_on, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('K-', toString(number)), concat('C-', leftPad(toString(number), 6, '0')), 'somebody', ['payer', 'buyer'][1 + number % 2], '1', toDate32('2025-06-01'), 'bench', 1, 0, 'bench', now64(6)
FROM numbers({customers});

INSERT INTO dunning_events_docs (dunning_id, customer_id, invoice_id, level, method, channel, sent_on, amount, currency, responded_on, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('DU-', invoice_id, '-', toString(k)), customer_id, invoice_id, k, ['reminder', 'formal_letter', 'management_call'][k], 'letter', due_date + 15 * k, gross, currency, if(i % 3 = 1, due_date + 15 * k + 4, NULL), 'bench', 1, 0, 'bench', now64(6)
FROM made ARRAY JOIN [1, 2, 3] AS k WHERE i % 10 = 9;

INSERT INTO evidence_docs (invoice_id, evidence_type, present, obtained_on, source, _version, _deleted, _run_id, _loaded_at)
SELECT invoice_id, t, i % 7 != 0, invoice_date, 'bench', 1, 0, 'bench', now64(6)
FROM made ARRAY JOIN ['contract', 'delivery_receipt', 'statement'] AS t WHERE i % 2 = 1;

INSERT INTO legal_cases_docs (case_id, customer_id, kind, filed_on, claimed, recovered, cost, currency, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('L-', toString(number)), concat('C-', leftPad(toString(number * 50), 6, '0')), 'legal', '2025-03-01', 1000, 10, 5, 'EUR', 'bench', 1, 0, 'bench', now64(6)
FROM numbers(intDiv({customers}, 50));

INSERT INTO concessions_docs (concession_id, customer_id, invoice_id, granted_on, kind, amount, currency, days_extended, reason, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('CO-', invoice_id), customer_id, invoice_id, due_date, ['discount', 'extension', 'instalments'][1 + i % 3], CAST(gross / 7 AS Decimal(18, 4)), currency, 30, 'asked', 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 100 = 19;

INSERT INTO order_holds_docs (hold_id, customer_id, held_on, released_on, reason, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('H-', invoice_id), customer_id, due_date + 61, due_date + 90, 'overdue', 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 300 = 19;

INSERT INTO delay_causes_docs (customer_id, invoice_id, cause_code, family, owner_dept, noted_on, source, _version, _deleted, _run_id, _loaded_at)
SELECT customer_id, invoice_id, concat('CAUSE', toString(i % 13)), 'customer', 'sales', due_date, 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 20 IN (3, 19);

INSERT INTO statements_docs (statement_id, company, customer_id, period_end, sent_on, confirmed_on, our_balance, their_balance, currency, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('ST-', invoice_id), company, customer_id, toLastDayOfMonth(invoice_date), toLastDayOfMonth(invoice_date) + 3, toLastDayOfMonth(invoice_date) + 10, gross, gross, currency, 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 20 = 19;

DROP TABLE made;
DROP TABLE received
