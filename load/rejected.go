package load

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"huikuan/transform/canonical"
)

// Rejected is one record that could not be mapped.
type Rejected struct {
	RunID, Source, Stream, Table string
	Record                       int64  // ordinal in the read; for files the line number
	Key                          string // identifier of the record where it is known, parts joined by "/"
	Field, Found, Expected       string
	Reason, Hint                 string
	Raw                          []byte // the record as received
	Page                         string // RawPage.Hash of its page; empty if pages are not kept
	PageVersion                  uint64 // of the rows of its page
	Pass                         string
}

const (
	rejectOpen     = "open"
	rejectResolved = "resolved"
	idDigits       = 12 // of a record's hash that name it for people
)

// WriteRejected stores rejected records. The same record of a stream, met again
// by a later run, replaces its row: reruns do not double. One that was resolved
// is open again.
func (w *Warehouse) WriteRejected(ctx context.Context, rejects ...Rejected) error {
	rows := make([][]any, len(rejects))
	for i, r := range rejects {
		hash := hashOf(r.Raw)
		rows[i] = []any{r.Source, r.Stream, hash, r.Table, r.Record, r.Key, r.Field, r.Found, r.Expected, r.Reason, r.Hint,
			bytesOf(r.Raw), r.RunID, w.opts.Now(), hash[:idDigits], rejectOpen, nil, r.Page, r.PageVersion, r.Pass, w.version(), uint8(0)}
	}
	return w.writeOps(ctx, rejectedTable, "rejected", rows)
}

// StoredReject is a rejected record as it is kept.
type StoredReject struct {
	Rejected
	ID         string // short, for people: unique but for the same record in two streams
	Hash       string // of the record
	RejectedAt time.Time
	ResolvedAt time.Time // zero while it is open
}

// RejectFilter chooses rejected records. The zero value means all that are open.
type RejectFilter struct {
	Source, Stream string
	Since          time.Time
	IDs            []string // beginnings of identifiers
	Resolved       bool     // resolved ones too
	Limit          int      // 0 = no limit; the newest come first
}

func (f RejectFilter) where() string {
	terms := []string{"1"}
	if !f.Resolved {
		terms = append(terms, "status != "+literal(rejectResolved))
	}
	if f.Source != "" {
		terms = append(terms, "source = "+literal(f.Source))
	}
	if f.Stream != "" {
		terms = append(terms, "stream = "+literal(f.Stream))
	}
	if !f.Since.IsZero() {
		terms = append(terms, "rejected_at >= "+instantSQL(f.Since))
	}
	var ids []string
	for _, id := range f.IDs {
		ids = append(ids, "startsWith(record_hash, "+literal(id)+")")
	}
	if len(ids) > 0 {
		terms = append(terms, "("+strings.Join(ids, " OR ")+")")
	}
	return strings.Join(terms, " AND ")
}

// CountRejected counts the records that a filter chooses, whatever its limit.
func (w *Warehouse) CountRejected(ctx context.Context, f RejectFilter) (n int64, err error) {
	n, err = w.number(ctx, fmt.Sprintf("SELECT toInt64(count()) FROM %s WHERE %s", w.qualified(rejectedTable), f.where()))
	return n, w.explain("count the rejected records", err)
}

// OpenRejectCounts counts the open rejected records by source and stream.
func (w *Warehouse) OpenRejectCounts(ctx context.Context) (map[[2]string]int64, error) {
	out := map[[2]string]int64{}
	sql := fmt.Sprintf("SELECT source, stream, toInt64(count()) FROM %s WHERE status != %s GROUP BY source, stream", w.qualified(rejectedTable), literal(rejectResolved))
	err := w.each(ctx, sql, func(row []any) error {
		out[[2]string{row[0].(string), row[1].(string)}] = row[2].(int64)
		return nil
	})
	return out, w.explain("count the rejected records", err)
}

// EachRejected hands the records that a filter chooses to f, the newest first.
func (w *Warehouse) EachRejected(ctx context.Context, filter RejectFilter, f func(StoredReject) error) error {
	limit := ""
	if filter.Limit > 0 {
		limit = fmt.Sprintf(" LIMIT %d", filter.Limit)
	}
	sql := fmt.Sprintf(`SELECT run_id, source, stream, table_name, record, record_key, field, found, expected, reason, hint, raw, page, page_version, pass,
    record_hash, toUnixTimestamp64Micro(rejected_at), toUnixTimestamp64Micro(ifNull(resolved_at, fromUnixTimestamp64Micro(0, 'UTC')))
FROM %s WHERE %s ORDER BY rejected_at DESC, source, stream, record, record_hash%s`, w.qualified(rejectedTable), filter.where(), limit)
	err := w.each(ctx, sql, func(row []any) error {
		text := func(i int) string { return row[i].(string) }
		return f(StoredReject{
			Rejected: Rejected{RunID: text(0), Source: text(1), Stream: text(2), Table: text(3), Record: row[4].(int64), Key: text(5), Field: text(6),
				Found: text(7), Expected: text(8), Reason: text(9), Hint: text(10), Raw: []byte(text(11)), Page: text(12), PageVersion: row[13].(uint64), Pass: text(14)},
			ID: text(15)[:idDigits], Hash: text(15), RejectedAt: instant(row[16]), ResolvedAt: instant(row[17]),
		})
	})
	return w.explain("read the rejected records", err)
}

// ResolveRejected marks open records of a stream as resolved: they were loaded
// after all. It returns how many were open.
func (w *Warehouse) ResolveRejected(ctx context.Context, source, stream, runID string, hashes []string) (resolved int64, err error) {
	for some := range slices.Chunk(hashes, listed) {
		n, err := w.resolveWhere(ctx, source, stream, runID, "record_hash IN ("+literals(some)+")")
		resolved += n
		if err != nil {
			return resolved, err
		}
	}
	return resolved, nil
}

// SettleRejected marks those open records of a stream as resolved whose
// document has come since in a newer version that could be mapped: a row of
// their table with their key was loaded after their page.
func (w *Warehouse) SettleRejected(ctx context.Context, source, stream, runID string) (settled int64, err error) {
	var tables []string
	sql := fmt.Sprintf("SELECT DISTINCT table_name FROM %s WHERE source = %s AND stream = %s AND status != %s AND record_key != '' AND table_name != ''",
		w.qualified(rejectedTable), literal(source), literal(stream), literal(rejectResolved))
	if err := w.each(ctx, sql, func(row []any) error { tables = append(tables, row[0].(string)); return nil }); err != nil {
		return 0, w.explain("read the rejected records", err)
	}
	for _, table := range tables {
		t, ok := canonical.Lookup(table)
		if !ok {
			continue
		}
		key := keySQL(t, "/")
		n, err := w.resolveWhere(ctx, source, stream, runID, fmt.Sprintf(`table_name = %[1]s AND record_key != '' AND record_hash IN (
        SELECT r.record_hash FROM %[2]s AS r INNER JOIN (
            SELECT %[3]s AS row_key, max(_version) AS newest FROM %[4]s WHERE source = %[5]s AND _stream = %[6]s
                AND row_key GLOBAL IN (SELECT record_key FROM %[2]s WHERE source = %[5]s AND stream = %[6]s AND table_name = %[1]s) GROUP BY row_key
        ) AS d ON d.row_key = r.record_key
        WHERE r.source = %[5]s AND r.stream = %[6]s AND r.table_name = %[1]s AND r.page_version > 0 AND d.newest > r.page_version)`,
			literal(table), w.qualified(rejectedTable), key, w.qualified(table+docsSuffix), literal(source), literal(stream)))
		settled += n
		if err != nil {
			return settled, err
		}
	}
	return settled, nil
}

// resolveWhere rewrites open records as resolved ones.
func (w *Warehouse) resolveWhere(ctx context.Context, source, stream, runID, where string) (n int64, err error) {
	doing := fmt.Sprintf("mark rejected records of %s/%s as resolved", source, stream)
	from := fmt.Sprintf("FROM (SELECT * FROM %s FINAL WHERE _deleted = 0 AND source = %s AND stream = %s AND status != %s AND %s)",
		w.qualified(rejectedTable+docsSuffix), literal(source), literal(stream), literal(rejectResolved), where)
	if n, err = w.number(ctx, "SELECT toInt64(count()) "+from); err != nil || n == 0 {
		return 0, w.explain(doing, err)
	}
	sql := fmt.Sprintf("INSERT INTO %s SELECT * REPLACE(%s AS status, %s AS resolved_at, %s AS run_id, greatest(_version + 1, toUInt64(%d)) AS _version) %s",
		w.qualified(rejectedTable+docsSuffix), literal(rejectResolved), instantSQL(w.opts.Now()), literal(runID), w.version(), from)
	return n, w.explain(doing, w.conn.Exec(ctx, sql))
}
