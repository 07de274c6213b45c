package load

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"huikuan/transform/ledger"
	"huikuan/transform/schema"
)

// Rows streams one input table of the ledger's replay, with exactly the columns
// and types of [ledger.Inputs] and in its order. It is a [ledger.Source]: a
// record is valid until the next is asked for.
//
// Documents are joined to their customers within one source: an allocation, an
// instalment or a dispute names documents of its own source.
func (w *Warehouse) Rows(ctx context.Context, inputTable string) iter.Seq2[arrow.Record, error] {
	return w.rows(ctx, inputTable, "")
}

// rows is Rows of what a condition selects; empty = all.
func (w *Warehouse) rows(ctx context.Context, inputTable, where string) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		t, known := ledger.Input(inputTable)
		sql, written := ledgerInputs[inputTable]
		if !known || !written {
			yield(nil, fmt.Errorf("read ledger input: there is no input table %q", inputTable))
			return
		}
		sql, err := w.withRecorded(ctx, sql)
		if err != nil {
			yield(nil, fmt.Errorf("read ledger input %s: %w", inputTable, err))
			return
		}
		if where != "" {
			sql = "SELECT * FROM (" + sql + ") WHERE " + where + orderSQL(t)
		}
		want := t.Arrow()
		for rec, err := range w.QueryArrow(ctx, sql) {
			if err != nil {
				yield(nil, fmt.Errorf("read ledger input %s: %w", inputTable, err))
				return
			}
			same, err := as(t, want, rec)
			if err != nil {
				yield(nil, err)
				return
			}
			more := yield(same, nil)
			same.Release()
			if !more {
				return
			}
		}
	}
}

var _ ledger.Source = (*Warehouse)(nil)

// as gives a record the described schema; its columns have to be the described
// ones already, only the flags of nullability are the engine's own, and bytes come
// as texts. The caller releases it.
func as(t schema.Table, want *arrow.Schema, rec arrow.Record) (arrow.Record, error) {
	columns := slices.Clone(rec.Columns())
	for i, f := range want.Fields() {
		if i < len(columns) && f.Type.ID() == arrow.BINARY && columns[i].DataType().ID() == arrow.STRING { // of the same layout
			d := columns[i].Data()
			asBytes := array.NewData(f.Type, d.Len(), d.Buffers(), nil, d.NullN(), d.Offset())
			columns[i] = array.NewBinaryData(asBytes)
			asBytes.Release()
			defer columns[i].Release()
		}
		if i >= len(columns) || rec.ColumnName(i) != f.Name || !arrow.TypeEqual(columns[i].DataType(), f.Type) {
			return nil, fmt.Errorf("read %s: column %d is not %s %s (schema %v)", t.Name, i, f.Name, f.Type, rec.Schema())
		}
		if columns[i].NullN() > 0 && !f.Nullable {
			return nil, fmt.Errorf("read %s: column %s is NULL in row %d", t.Name, f.Name, firstNull(rec.Column(i)))
		}
	}
	return array.NewRecord(want, columns, rec.NumRows()), nil
}

// onlyCompany is the company of documents that name none, where there is
// exactly one company; elsewhere the empty text.
const onlyCompany = `
WITH (
    SELECT if(uniqExact(company) = 1, any(company), '')
    FROM (
        SELECT company FROM companies
        UNION ALL SELECT DISTINCT company FROM invoices
        UNION ALL SELECT DISTINCT company FROM payments
        UNION ALL SELECT DISTINCT company FROM credit_notes
    )
    WHERE company != ''
) AS only_company`

// ledgerInputs is the SQL of every input table. Views apply FINAL and drop
// deleted rows. Where two sources give the same customer, owner, company, rep
// or rate, the row that knows more wins, then the first source by name.
var ledgerInputs = map[string]string{
	ledger.InCustomers: `
SELECT customer_id, name, parent_id, segment, region, owner_id, terms_code, valid_from, valid_to
FROM customers
ORDER BY customer_id, valid_from, (name IS NULL) + (segment IS NULL) + (owner_id IS NULL) + (terms_code IS NULL), source
LIMIT 1 BY customer_id, valid_from`,

	ledger.InOwners: `
SELECT customer_id, rep_id, valid_from, valid_to
FROM account_owners
ORDER BY customer_id, valid_from, source
LIMIT 1 BY customer_id, valid_from`,

	ledger.InDocuments: onlyCompany + `,
terms AS (
    SELECT customer_id, valid_from, ` + customerTerms + `
    FROM customers
    GROUP BY customer_id, valid_from
)
SELECT customer_id, if(company = '', only_company, company) AS company, source, side, item_id, item_type, doc_date, currency, amount,
    rep_id, terms_code, due_date, reversed_on, reason, recorded_at
FROM (
    SELECT i.customer_id AS customer_id, i.company AS company, i.source AS source, 'invoice' AS side, i.invoice_id AS item_id,
        if(i.doc_type = 'debit_note', 'debit_note', 'invoice') AS item_type, i.invoice_date AS doc_date, i.currency AS currency, i.gross_amount AS amount,
        i.rep_id AS rep_id, coalesce(nullIf(i.terms_code, ''), if(t.terms_until >= i.invoice_date, nullIf(t.customer_terms, ''), NULL)) AS terms_code, i.due_date AS due_date,
        CAST(NULL, 'Nullable(Date32)') AS reversed_on, CAST(NULL, 'Nullable(String)') AS reason, i.recorded_at AS recorded_at
    FROM ` + known("invoices") + ` AS i
    ASOF LEFT JOIN terms AS t ON t.customer_id = i.customer_id AND t.valid_from <= i.invoice_date
    UNION ALL
    SELECT customer_id, company, source, 'credit_note', credit_note_id, 'credit_note', credit_date, currency, amount,
        NULL, NULL, NULL, NULL, reason, recorded_at
    FROM ` + known("credit_notes") + `
    UNION ALL
    SELECT customer_id, company, source, 'payment', payment_id, 'payment', receipt_date, currency, amount,
        NULL, NULL, NULL, reversed_on, NULL, recorded_at
    FROM ` + known("payments") + `
)
ORDER BY customer_id, source, side, item_id`,

	ledger.InInstalments: `
SELECT i.customer_id AS customer_id, n.source AS source, n.invoice_id AS item_id, n.seq AS seq, n.due_date AS due_date, n.amount AS amount
FROM instalments AS n
INNER JOIN (SELECT source, invoice_id, customer_id FROM invoices) AS i ON i.source = n.source AND i.invoice_id = n.invoice_id
ORDER BY customer_id, source, item_id, seq`,

	ledger.InSplits: `
SELECT i.customer_id AS customer_id, s.source AS source, s.invoice_id AS item_id, s.rep_id AS rep_id, s.share AS share
FROM invoice_rep_splits AS s
INNER JOIN (SELECT source, invoice_id, customer_id FROM invoices) AS i ON i.source = s.source AND i.invoice_id = s.invoice_id
ORDER BY customer_id, source, item_id, rep_id`,

	ledger.InApplications: onlyCompany + `,
invoice_side AS (SELECT source, invoice_id, customer_id, if(company = '', only_company, company) AS company, currency, invoice_date, recorded_at, toUInt8(1) AS known FROM ` + known("invoices") + `),
payment_side AS (SELECT source, payment_id, customer_id, if(company = '', only_company, company) AS company, currency, receipt_date, reversed_on, recorded_at, toUInt8(1) AS known FROM ` + known("payments") + `),
credit_side AS (SELECT source, credit_note_id, customer_id, if(company = '', only_company, company) AS company, currency, credit_date, recorded_at, toUInt8(1) AS known FROM ` + known("credit_notes") + `)
SELECT customer_id, source, side, item_id, kind, application_id, application_date, amount, discount_amount, counter_amount, instalment_seq, counter_item_id, counter_customer_id,
    counter_company, counter_date, counter_currency, counter_reversed_on, reversal_of, write_off_type, recorded_at, counter_recorded_at
FROM (
    SELECT i.customer_id AS customer_id, a.source AS source, 'invoice' AS side, a.invoice_id AS item_id, 'alloc' AS kind, a.allocation_id AS application_id,
        a.application_date AS application_date, a.amount AS amount, a.discount_amount AS discount_amount, a.payment_amount AS counter_amount, a.instalment_seq AS instalment_seq,
        toNullable(a.payment_id) AS counter_item_id, if(c.known = 1, c.customer_id, NULL) AS counter_customer_id, if(c.known = 1, c.company, NULL) AS counter_company,
        if(c.known = 1, c.receipt_date, NULL) AS counter_date, if(c.known = 1, c.currency, NULL) AS counter_currency, c.reversed_on AS counter_reversed_on,
        a.reversal_of AS reversal_of, CAST(NULL, 'Nullable(String)') AS write_off_type, a.recorded_at AS recorded_at, if(c.known = 1, c.recorded_at, NULL) AS counter_recorded_at
    FROM ` + known("allocations") + ` AS a
    INNER JOIN (SELECT source, invoice_id, customer_id FROM invoices) AS i ON i.source = a.source AND i.invoice_id = a.invoice_id
    LEFT JOIN payment_side AS c ON c.source = a.source AND c.payment_id = a.payment_id
    UNION ALL
    SELECT p.customer_id, a.source, 'payment', a.payment_id, 'alloc', a.allocation_id, a.application_date, a.amount, a.discount_amount, a.payment_amount, a.instalment_seq,
        a.invoice_id, if(c.known = 1, c.customer_id, NULL), if(c.known = 1, c.company, NULL), if(c.known = 1, c.invoice_date, NULL), if(c.known = 1, c.currency, NULL), NULL,
        a.reversal_of, NULL, a.recorded_at, if(c.known = 1, c.recorded_at, NULL)
    FROM ` + known("allocations") + ` AS a
    INNER JOIN (SELECT source, payment_id, customer_id FROM payments) AS p ON p.source = a.source AND p.payment_id = a.payment_id
    LEFT JOIN invoice_side AS c ON c.source = a.source AND c.invoice_id = a.invoice_id
    UNION ALL
    SELECT i.customer_id, a.source, 'invoice', a.invoice_id, 'credit_alloc', a.credit_allocation_id, a.application_date, a.amount, NULL, a.credit_amount, a.instalment_seq,
        a.credit_note_id, if(c.known = 1, c.customer_id, NULL), if(c.known = 1, c.company, NULL), if(c.known = 1, c.credit_date, NULL), if(c.known = 1, c.currency, NULL), NULL,
        a.reversal_of, NULL, a.recorded_at, if(c.known = 1, c.recorded_at, NULL)
    FROM ` + known("credit_allocations") + ` AS a
    INNER JOIN (SELECT source, invoice_id, customer_id FROM invoices) AS i ON i.source = a.source AND i.invoice_id = a.invoice_id
    LEFT JOIN credit_side AS c ON c.source = a.source AND c.credit_note_id = a.credit_note_id
    UNION ALL
    SELECT n.customer_id, a.source, 'credit_note', a.credit_note_id, 'credit_alloc', a.credit_allocation_id, a.application_date, a.amount, NULL, a.credit_amount, a.instalment_seq,
        a.invoice_id, if(c.known = 1, c.customer_id, NULL), if(c.known = 1, c.company, NULL), if(c.known = 1, c.invoice_date, NULL), if(c.known = 1, c.currency, NULL), NULL,
        a.reversal_of, NULL, a.recorded_at, if(c.known = 1, c.recorded_at, NULL)
    FROM ` + known("credit_allocations") + ` AS a
    INNER JOIN (SELECT source, credit_note_id, customer_id FROM credit_notes) AS n ON n.source = a.source AND n.credit_note_id = a.credit_note_id
    LEFT JOIN invoice_side AS c ON c.source = a.source AND c.invoice_id = a.invoice_id
    UNION ALL
    SELECT i.customer_id, w.source, 'invoice', w.invoice_id, 'write_off', w.write_off_id, w.write_off_date, w.amount, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, if(w.write_off_type = '', 'bad_debt', w.write_off_type), w.recorded_at, NULL
    FROM ` + known("write_offs") + ` AS w
    INNER JOIN (SELECT source, invoice_id, customer_id FROM invoices) AS i ON i.source = w.source AND i.invoice_id = w.invoice_id
)
ORDER BY customer_id, source, side, item_id, application_date, application_id`,

	ledger.InDisputes: `
SELECT i.customer_id AS customer_id, d.source AS source, d.invoice_id AS item_id, d.dispute_id AS dispute_id,
    d.opened_on AS opened_on, d.closed_on AS closed_on, d.disputed_amount AS disputed_amount, d.reason AS reason, d.outcome AS outcome
FROM disputes AS d
INNER JOIN (SELECT source, invoice_id, customer_id FROM invoices) AS i ON i.source = d.source AND i.invoice_id = d.invoice_id
ORDER BY customer_id, source, item_id, dispute_id`,

	ledger.InVisits: `
SELECT customer_id, visit_id, rep_id, assumeNotNull(toDate32(happened_at)) AS happened_on, agreement_reached, source, channel
FROM visits
WHERE happened_at IS NOT NULL
ORDER BY customer_id, visit_id, source`,

	ledger.InPromises: `
SELECT p.customer_id AS customer_id, p.source AS source, p.promise_id AS promise_id, p.visit_id AS visit_id,
    if(v.known = 1, v.rep_id, NULL) AS visit_rep_id, p.invoice_id AS invoice_id, p.amount AS amount, p.currency AS currency,
    p.made_on AS made_on, p.due_date AS due_date, p.replaced_by AS replaced_by
FROM promises AS p
LEFT JOIN (SELECT source, visit_id, rep_id, toUInt8(1) AS known FROM visits) AS v ON v.source = p.source AND v.visit_id = coalesce(p.visit_id, '')
ORDER BY customer_id, due_date, promise_id, source`,

	ledger.InPlans: `
SELECT p.customer_id AS customer_id, p.source AS source, p.plan_id AS plan_id, p.visit_id AS visit_id, if(v.known = 1, v.rep_id, NULL) AS visit_rep_id,
    p.made_on AS made_on, p.replaced_by AS replaced_by
FROM instalment_plans AS p
LEFT JOIN (SELECT source, visit_id, rep_id, toUInt8(1) AS known FROM visits) AS v ON v.source = p.source AND v.visit_id = coalesce(p.visit_id, '')
ORDER BY customer_id, source, plan_id`,

	ledger.InPlanLines: `
SELECT p.customer_id AS customer_id, l.source AS source, l.plan_id AS plan_id, l.line_no AS line_no, l.due_date AS due_date, l.amount AS amount, l.currency AS currency, l.invoice_id AS invoice_id
FROM instalment_plan_lines AS l
INNER JOIN (SELECT source, plan_id, customer_id FROM instalment_plans) AS p ON p.source = l.source AND p.plan_id = l.plan_id
ORDER BY customer_id, source, plan_id, line_no`,

	ledger.InCompanies: `
SELECT company, name, base_currency, reporting_currency
FROM companies
ORDER BY company, (name IS NULL) + (base_currency IS NULL) + (reporting_currency IS NULL), source
LIMIT 1 BY company`,

	ledger.InReps: `
SELECT rep_id, name, team, company
FROM reps
ORDER BY rep_id, (name IS NULL) + (team IS NULL) + (company IS NULL), source
LIMIT 1 BY rep_id`,

	ledger.InTargets: `
SELECT rep_id, month, basis, amount, currency
FROM targets
ORDER BY rep_id, month, basis, source
LIMIT 1 BY rep_id, month, basis`,

	ledger.InFXRates: `
SELECT rate_date, from_currency, to_currency, rate_type, rate
FROM fx_rates
ORDER BY from_currency, to_currency, rate_date, rate_type, source
LIMIT 1 BY from_currency, to_currency, rate_date, rate_type`,

	ledger.InCalendar: `
SELECT calendar_date AS day, assumeNotNull(is_workday) AS is_workday
FROM calendar_days
WHERE is_workday IS NOT NULL
ORDER BY day, source
LIMIT 1 BY day`,

	ledger.InOrphans: `
WITH
referred AS (
    SELECT source, 'alloc' AS kind, allocation_id AS application_id, 'invoice' AS missing, invoice_id AS missing_id, toNullable(amount) AS amount FROM allocations
    UNION ALL
    SELECT source, 'alloc', allocation_id, 'payment', payment_id, amount FROM allocations
    UNION ALL
    SELECT source, 'credit_alloc', credit_allocation_id, 'invoice', invoice_id, amount FROM credit_allocations
    UNION ALL
    SELECT source, 'credit_alloc', credit_allocation_id, 'credit_note', credit_note_id, amount FROM credit_allocations
    UNION ALL
    SELECT source, 'write_off', write_off_id, 'invoice', invoice_id, amount FROM write_offs
    UNION ALL
    SELECT source, 'instalment', concat(invoice_id, '/', toString(seq)), 'invoice', invoice_id, amount FROM instalments
    UNION ALL
    SELECT source, 'split', concat(invoice_id, '/', rep_id), 'invoice', invoice_id, NULL FROM invoice_rep_splits
    UNION ALL
    SELECT source, 'dispute', dispute_id, 'invoice', invoice_id, disputed_amount FROM disputes
),
documents AS (
    SELECT source, 'invoice' AS side, invoice_id AS item_id FROM invoices
    UNION ALL
    SELECT source, 'payment', payment_id FROM payments
    UNION ALL
    SELECT source, 'credit_note', credit_note_id FROM credit_notes
)
SELECT r.source AS source, r.kind AS kind, r.application_id AS application_id, r.missing AS missing, toNullable(r.missing_id) AS missing_id, r.amount AS amount
FROM referred AS r
LEFT ANTI JOIN documents AS d ON d.source = r.source AND d.side = r.missing AND d.item_id = r.missing_id
WHERE NOT (r.kind = 'split' AND (r.source, r.missing_id) IN (SELECT source, credit_note_id FROM credit_notes)) -- a credit note may name its reps too
ORDER BY source, kind, application_id, missing`,

	ledger.InHistory: `
SELECT minOrNull(doc_date) AS first_date, maxOrNull(doc_date) AS last_date
FROM (
    SELECT invoice_date AS doc_date FROM invoices
    UNION ALL SELECT credit_date FROM credit_notes
    UNION ALL SELECT receipt_date FROM payments
)`,
}
