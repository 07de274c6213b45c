package load

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"huikuan/transform/bridge"
	"huikuan/transform/derive"
	"huikuan/transform/forecast"
	"huikuan/transform/history"
	"huikuan/transform/schema"
)

// Derived reads what the derived metrics are made from. It is a [derive.Source].
type Derived struct {
	w         *Warehouse
	name      func(table string) string
	customers string // condition on customer_id
	without   map[string][]string
	reader    bool // may only read: it sets nothing
}

// Derived returns the inputs of the derived metrics. name tells under which
// name a table is read: [Stage.Name] for one that a build has just written,
// the table's own for one that serves.
func (w *Warehouse) Derived(name func(table string) string) *Derived {
	return &Derived{w: w, name: name, customers: "(1 = 1)"}
}

// ByReader returns the same inputs for a user that may only read, and so set
// nothing: it may take a moment longer.
func (d *Derived) ByReader() *Derived {
	out := *d
	out.reader = true
	return &out
}

// Of returns the inputs of some customers alone; what hangs on no customer is
// left whole, the disputes too.
func (d *Derived) Of(customers map[string]bool) *Derived {
	out := *d
	out.customers = amongSQL(shardColumn, customers)
	return &out
}

// Without leaves parts of tables out, by table, that are known to hold no rows
// of the customers; the engine does not look into them then.
func (d *Derived) Without(parts map[string][]string) *Derived {
	out := *d
	out.without = parts
	return &out
}

var _ derive.Source = (*Derived)(nil)

// Rows streams one input, with exactly the columns, types and order of its
// declaration. A record is valid until the next is asked for.
func (d *Derived) Rows(ctx context.Context, input string) iter.Seq2[arrow.Record, error] {
	return func(yield func(arrow.Record, error) bool) {
		declared := slices.Concat(history.Inputs(), []schema.Table{derive.SegmentsInput()}, forecast.Inputs(), bridge.Inputs())
		at := slices.IndexFunc(declared, func(t schema.Table) bool { return t.Name == input })
		sql, written := derivedInputs[input]
		if input == bridge.InCustomers && !d.reader { // one thread: there are too many groups to make them twice and join them
			sql += "\nSETTINGS max_threads = 1"
		}
		if at < 0 || !written {
			yield(nil, fmt.Errorf("read derived input: there is no input %q", input))
			return
		}
		t := declared[at]
		want := t.Arrow()
		for rec, err := range d.w.QueryArrow(ctx, d.named(sql)) {
			if err != nil {
				yield(nil, fmt.Errorf("read derived input %s: %w", input, err))
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

var tableInBraces = regexp.MustCompile(`\{(some )?(\w+)\}`)

// named puts the tables' names for {table}, and the condition on the customers of
// a table for {some table}.
func (d *Derived) named(sql string) string {
	return tableInBraces.ReplaceAllStringFunc(sql, func(s string) string { // identifiers may have braces too, so they are not looked at again
		table, condition := strings.CutPrefix(s[1:len(s)-1], "some ")
		switch {
		case !condition:
			return ident(d.name(table))
		case len(d.without[table]) > 0:
			return "(" + d.customers + " AND _part NOT IN (" + literals(d.without[table]) + "))"
		}
		return d.customers
	})
}

// monthEnds are the as-of days that are the last of a month, and the last day of
// all: a set that the engine looks up in the primary key.
const monthEnds = "(SELECT arrayJoin(arrayConcat([as_of], arrayMap(n -> addMonths(first_day - toDayOfMonth(first_day) + 1, n + 1) - 1, range(0, toUInt32(dateDiff('month', first_day, as_of)) + 1)))) FROM {ar_as_of})"

// derivedInputs is the SQL of every input; it filters and adds up, no more.
var derivedInputs = map[string]string{
	history.Items: `
SELECT company, customer_id, invoice_id, instalment_seq, source, invoice_date, due_date, currency, amount, amount_rc
FROM {ar_items}
WHERE {some ar_items}
ORDER BY company, customer_id, invoice_id, instalment_seq, source`,

	history.Settlements: `
SELECT company, customer_id, invoice_id, instalment_seq, source, kind, event_date, receipt_date, amount, amount_rc, payment_id
FROM {ar_settlements}
WHERE {some ar_settlements}
ORDER BY company, customer_id, invoice_id, instalment_seq, source, event_date, application_id, kind`,

	derive.InSegments: `
SELECT customer_id, valid_from, segment
FROM {build_segments}
WHERE {some build_segments}
ORDER BY customer_id, valid_from`,

	forecast.InUnapplied: `
SELECT company, customer_id, currency, as_of, toDecimal64(-sum(s.unapplied), 4) AS unapplied,
    if(countIf(s.unapplied_rc IS NULL) > 0, NULL, toDecimal64(-sum(s.unapplied_rc), 4)) AS unapplied_rc
FROM {ar_snapshots} AS s
WHERE s.unapplied < 0 AND {some ar_snapshots} AND as_of IN ` + monthEnds + `
GROUP BY company, customer_id, currency, as_of
ORDER BY company, customer_id, currency, as_of`,

	forecast.InDisputes: `
SELECT source, invoice_id, opened_on, closed_on, disputed_amount
FROM {build_disputes}
ORDER BY source, invoice_id, opened_on, dispute_id`,

	forecast.InPromises: `
SELECT customer_id, company, source, invoice_id, currency, amount, toDecimal64(paid + reduced, 4) AS settled, due_date, first_day, last_day, status
FROM {promise_states}
WHERE {some promise_states}
ORDER BY customer_id, due_date, promise_id, line_no, first_day, source`,

	bridge.InRates: `
SELECT currency, any(f.rate_constant) AS rate_constant
FROM {fx_as_of} AS f
GROUP BY currency
ORDER BY currency`,

	bridge.InDSO: `
SELECT scope, scope_id, as_of, ar_rc, sales_90_rc, dso_90, reason_90
FROM {dso}
WHERE scope IN (` + literals(bridge.Scopes()) + `) AND (toDayOfMonth(as_of + 1) = 1 OR as_of = (SELECT max(as_of) FROM {ar_as_of}))
ORDER BY scope, scope_id, as_of`,

	// An invoice is among the sales of the month-ends within 89 days after it.
	bridge.InCustomers: `
WITH
    (SELECT max(as_of) FROM {ar_as_of}) AS last_day,
    day -> arrayFilter(x -> x >= day AND x <= day + 89 AND x <= last_day, arrayConcat(
        arrayMap(n -> toDate32(addMonths(toStartOfMonth(day), n) - 1), [1, 2, 3, 4]), if(toDayOfMonth(last_day + 1) = 1, [], [last_day]))) AS month_ends
SELECT company, customer_id, currency, as_of, toDecimal64(sum(net), 4) AS net_ar, toDecimal64(sum(in_dispute), 4) AS disputed, toDecimal64(sum(sold), 4) AS sales,
    sum(days) AS terms_days, toDecimal64(sum(billed), 4) AS terms_amount, toDecimal64(sum(lost), 4) AS written_off
FROM (
    SELECT company, customer_id, currency, as_of, net_ar AS net, disputed AS in_dispute, toDecimal64(0, 4) AS sold,
        toDecimal128(0, 10) AS days, toDecimal64(0, 4) AS billed, toDecimal64(0, 4) AS lost
    FROM {ar_snapshots}
    WHERE {some ar_snapshots} AND as_of IN ` + monthEnds + `
    UNION ALL
    SELECT company, customer_id, currency, arrayJoin(month_ends(invoice_date)), toDecimal64(0, 4), toDecimal64(0, 4), amount,
        toDecimal128(amount, 10) * dateDiff('day', invoice_date, due_date), amount, toDecimal64(0, 4)
    FROM {ar_items}
    WHERE {some ar_items}
    UNION ALL
    SELECT company, customer_id, currency, arrayJoin(month_ends(event_date)), toDecimal64(0, 4), toDecimal64(0, 4), amount, toDecimal128(0, 10), toDecimal64(0, 4), toDecimal64(0, 4)
    FROM {ar_events}
    WHERE kind = 'CREDIT' AND {some ar_events}
    UNION ALL
    SELECT company, customer_id, currency, least(toDate32(addMonths(toStartOfMonth(event_date), 1) - 1), last_day), toDecimal64(0, 4), toDecimal64(0, 4),
        toDecimal64(0, 4), toDecimal128(0, 10), toDecimal64(0, 4), amount
    FROM {ar_settlements}
    WHERE kind = 'write_off' AND {some ar_settlements}
)
GROUP BY company, customer_id, currency, as_of
ORDER BY company, customer_id, as_of, currency`,
}

// seenDocuments select the documents that derived metrics look at beside the
// replayed tables. A build copies them: the next one needs to know what a
// customer was before.
var seenDocuments = map[string]string{
	derive.Segmented: `
SELECT customer_id, valid_from, segment
FROM customers
ORDER BY customer_id, valid_from, (name IS NULL) + (segment IS NULL) + (owner_id IS NULL) + (terms_code IS NULL), source
LIMIT 1 BY customer_id, valid_from`,

	forecast.Disputed: `
SELECT source, invoice_id, dispute_id, opened_on, closed_on, disputed_amount
FROM disputes
WHERE opened_on IS NOT NULL`,
}

// seenFrom are the document tables that they are selected from.
var seenFrom = map[string]string{derive.Segmented: "customers", forecast.Disputed: "disputes"}

// SeenUnchanged names the copies whose documents are those of the last build,
// which had read up to one mark where the next one reads up to the other.
func SeenUnchanged(before, now Mark) (same []string) {
	for _, name := range slices.Sorted(maps.Keys(seenFrom)) {
		if from := seenFrom[name]; before[from].UUID != "" && before[from].UUID == now[from].UUID && before[from].Last == now[from].Last {
			same = append(same, name)
		}
	}
	return same
}

// KeepSeen copies the documents that derived metrics look at into the stage.
func (s *Stage) KeepSeen(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(seenDocuments)) {
		if s.tables[name] == nil {
			continue // it goes on serving
		}
		t, err := s.open(name)
		if err != nil {
			return err
		}
		columns := strings.Join(idents(t.table.Names()), ", ")
		sql := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM (%s)", s.w.qualified(name+nextSuffix), columns, columns, seenDocuments[name])
		if err := s.w.conn.Exec(ctx, sql); err != nil {
			return s.w.explain("keep "+name, err)
		}
	}
	return nil
}
