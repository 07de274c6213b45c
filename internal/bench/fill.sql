-- 1M invoices of 20,000 customers over three years; every fifth is paid in two parts, one in fifty is never paid, and one
-- payment in twenty is applied 40 days after its receipt. One in a hundred is disputed, one in twenty visited, one in forty
-- promised.
CREATE TABLE made ENGINE = MergeTree ORDER BY i AS
SELECT
    number AS i,
    concat('INV-', leftPad(toString(number), 8, '0')) AS invoice_id,
    concat('C-', leftPad(toString(cityHash64(number) % 20000), 6, '0')) AS customer_id,
    toDate32('2023-01-01') + toInt32(number * 1080 / {invoices}) AS invoice_date,
    invoice_date + [15, 30, 45, 60, 90][1 + cityHash64(number, 1) % 5] AS due_date,
    toDecimal64(100 + cityHash64(number, 2) % 9000000 / 100, 2) AS gross,
    due_date + toInt32(cityHash64(number, 3) % 70) - 20 AS paid,
    number % 5 = 0 AS split,
    number % 50 = 49 AS unpaid,
    if(number % 20 = 7, 40, 0) AS wait
FROM numbers({invoices});

INSERT INTO customers_docs (customer_id, name, segment, region, owner_id, valid_from, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('C-', leftPad(toString(number), 6, '0')), concat('Customer ', toString(number)), ['RETAIL', 'PROJECT', 'DISTRIBUTOR', 'MANUFACTURER'][1 + number % 4], ['East', 'North', 'South', 'West'][1 + cityHash64(number) % 4], concat('R', toString(cityHash64(number, 1) % 40)), '1970-01-01', 'bench', 1, 0, 'bench', now64(6)
FROM numbers(20000);

INSERT INTO reps_docs (rep_id, name, team, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('R', toString(number)), concat('Rep ', toString(number)), concat('Team ', toString(number % 4)), 'bench', 1, 0, 'bench', now64(6)
FROM numbers(40);

INSERT INTO invoices_docs (invoice_id, company, customer_id, doc_type, invoice_date, currency, gross_amount, due_date, source, _version, _deleted, _run_id, _loaded_at)
SELECT invoice_id, 'main', customer_id, 'invoice', invoice_date, 'CNY', gross, due_date, 'bench', 1, 0, 'bench', now64(6)
FROM made;

INSERT INTO payments_docs (payment_id, company, customer_id, receipt_date, currency, amount, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('PAY-', invoice_id, '-1'), 'main', customer_id, greatest(paid, invoice_date), 'CNY', if(split, toDecimal64(gross * 0.4, 2), gross), 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE NOT unpaid
UNION ALL
SELECT concat('PAY-', invoice_id, '-2'), 'main', customer_id, greatest(paid, invoice_date) + 25, 'CNY', gross - toDecimal64(gross * 0.4, 2), 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE split AND NOT unpaid;

INSERT INTO allocations_docs (allocation_id, payment_id, invoice_id, application_date, amount, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('AL-', invoice_id, '-1'), concat('PAY-', invoice_id, '-1'), invoice_id, greatest(paid, invoice_date) + wait, if(split, toDecimal64(gross * 0.4, 2), gross), 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE NOT unpaid
UNION ALL
SELECT concat('AL-', invoice_id, '-2'), concat('PAY-', invoice_id, '-2'), invoice_id, greatest(paid, invoice_date) + 25 + wait, gross - toDecimal64(gross * 0.4, 2), 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE split AND NOT unpaid;

INSERT INTO disputes_docs (dispute_id, invoice_id, opened_on, closed_on, reason, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('D-', invoice_id), invoice_id, due_date + 5, if(number_odd, NULL, due_date + 25), 'price', 'bench', 1, 0, 'bench', now64(6)
FROM (SELECT *, i % 200 < 100 AS number_odd FROM made WHERE i % 100 = 3);

INSERT INTO visits_docs (visit_id, customer_id, rep_id, happened_at, channel, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('V-', invoice_id), customer_id, concat('R', toString(i % 40)), toDateTime64(due_date + 3, 6), 'visit', 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 20 = 3;

INSERT INTO promises_docs (promise_id, visit_id, customer_id, invoice_id, amount, currency, made_on, due_date, source, _version, _deleted, _run_id, _loaded_at)
SELECT concat('PR-', invoice_id), concat('V-', invoice_id), customer_id, invoice_id, gross, 'CNY', due_date + 3, due_date + 17, 'bench', 1, 0, 'bench', now64(6)
FROM made WHERE i % 40 = 3;

DROP TABLE made
