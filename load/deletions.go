package load

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"huikuan/transform/canonical"
	"huikuan/transform/schema"
)

// How rows are found that a source no longer has
//
//	replaced  a page says that the rows of its parents are all on it: what else
//	          the table has of those parents is deleted ([Warehouse.DeleteReplaced])
//	keys      a pass met every key of the source: rows whose key it did not meet
//	          are deleted, keys that the table lacks were lost (seenkeys.go)
//	full      a pass read everything: rows that it did not write are deleted
//	          ([Warehouse.Stale])
//
// A deletion is a row: a copy of the last one with _deleted = 1, a higher
// version, and the reason in custom['deleted_by']. It changes nothing when it is
// repeated, and a later row of the key brings the document back.

// Owner says whose rows of a table are meant: those that a stream gave.
type Owner struct {
	Source, Stream string
	// Sole: no other stream of the source writes to the table, so that rows which
	// do not say their stream are this one's.
	Sole bool
}

func (o Owner) where() string {
	streams := []string{o.Stream}
	if o.Sole {
		streams = append(streams, "")
	}
	return "source = " + literal(o.Source) + " AND _stream IN (" + literals(streams) + ")"
}

// Deletion says who deletes rows and why.
type Deletion struct {
	Owner Owner
	Table string
	RunID string
	By    string // kept in custom['deleted_by']: "replaced", "keys", "full", "replay"
}

// listed is how many values a statement names at most.
const listed = 5000

// DeleteReplaced deletes the rows of parents that did not come again: column
// names the parent, versions holds for each parent the version of the page that
// has all of its rows; custom.NAME is an entry of the map column. Rows of that version or a higher one stay, and those
// whose key (parts joined by "/") is spared. It returns how many rows went.
func (w *Warehouse) DeleteReplaced(ctx context.Context, d Deletion, column string, versions map[string]uint64, spared []string) (deleted int64, err error) {
	t, err := replacedTable(d.Table, column)
	if err != nil {
		return 0, err
	}
	for parents := range slices.Chunk(slices.Sorted(maps.Keys(versions)), listed) {
		numbers := make([]string, len(parents))
		for i, p := range parents {
			numbers[i] = fmt.Sprint(versions[p])
		}
		limit := fmt.Sprintf("transform(%s, [%s], [%s]::Array(UInt64), toUInt64(0))", replacedSQL(column), literals(parents), strings.Join(numbers, ", "))
		where := fmt.Sprintf("%s IN (%s) AND _version < %s", replacedSQL(column), literals(parents), limit)
		if len(spared) > 0 {
			where += " AND " + keySQL(t, "/") + " NOT IN (" + literals(spared) + ")"
		}
		n, err := w.tombstones(ctx, d, where, limit)
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
	return deleted, nil
}

// Share is how many rows a sweep would delete, of how many.
type Share struct {
	Rows, Gone int64
}

// Stale counts the rows of an owner that are older than a version.
func (w *Warehouse) Stale(ctx context.Context, table string, o Owner, version uint64) (Share, error) {
	return w.share(ctx, table, o, fmt.Sprintf("_version < %d", version))
}

// DeleteStale deletes the rows of an owner that are older than a version; the
// deletions have that of the sweep.
func (w *Warehouse) DeleteStale(ctx context.Context, d Deletion, version, sweep uint64) (int64, error) {
	return w.tombstones(ctx, d, fmt.Sprintf("_version < %d", version), fmt.Sprintf("toUInt64(%d)", sweep))
}

// DeleteOrphans deletes the rows that replayed pages gave before and no longer
// give. A replay writes the rows of a page of version v under v + 1 to
// v + ladder - 1; the rows left over are those of the range that its run did
// not write. The pages are those received from since on and before until.
func (w *Warehouse) DeleteOrphans(ctx context.Context, d Deletion, ladder, step uint64, since, until time.Time) (int64, error) {
	page := fmt.Sprintf("_version - _version %% %d", ladder)
	where := fmt.Sprintf("_run_id != %s AND %s GLOBAL IN (SELECT page_version FROM %s WHERE source = %s AND stream = %s AND page_version > 0%s)",
		literal(d.RunID), page, w.qualified(rawPagesTable), literal(d.Owner.Source), literal(d.Owner.Stream), receivedWithin(since, until))
	return w.tombstones(ctx, d, where, fmt.Sprintf("greatest(_version, %s + %d)", page, step))
}

// DeleteParts deletes the rows that belong to documents which a sweep deleted:
// column, or custom.NAME, names the document, whose table has it as its only key. Rows whose
// document is there, or was never there, stay.
func (w *Warehouse) DeleteParts(ctx context.Context, d Deletion, column, documents string, sweep uint64) (int64, error) {
	key, _ := canonical.CutEntry(column)
	gone := fmt.Sprintf("SELECT %[1]s FROM (SELECT %[1]s, argMax(_deleted = 1 AND mapContains(custom, 'deleted_by'), _version) AS swept FROM %[2]s WHERE source = %[3]s GROUP BY %[1]s) WHERE swept",
		ident(key), w.qualified(documents+docsSuffix), literal(d.Owner.Source))
	return w.tombstones(ctx, d, fmt.Sprintf("%s GLOBAL IN (%s)", replacedSQL(column), gone), fmt.Sprintf("greatest(_version + 1, toUInt64(%d))", sweep))
}

// share counts the rows of an owner, and those of them that a condition names.
func (w *Warehouse) share(ctx context.Context, table string, o Owner, gone string) (s Share, err error) {
	sql := fmt.Sprintf("SELECT toInt64(count()), toInt64(countIf(%s)) FROM %s FINAL WHERE _deleted = 0 AND %s", gone, w.qualified(table+docsSuffix), o.where())
	err = w.each(ctx, sql, func(row []any) error {
		s = Share{Rows: row[0].(int64), Gone: row[1].(int64)}
		return nil
	})
	return s, w.explain("look for rows of "+table+" that the source no longer has", err)
}

// tombstones deletes the rows of an owner that a condition names; version is an
// expression over the row.
func (w *Warehouse) tombstones(ctx context.Context, d Deletion, where, version string) (n int64, err error) {
	doing := fmt.Sprintf("delete rows of %s that %s/%s no longer has", d.Table, d.Owner.Source, d.Owner.Stream)
	from := fmt.Sprintf("FROM (SELECT * FROM %s FINAL WHERE _deleted = 0 AND %s AND %s)", w.qualified(d.Table+docsSuffix), d.Owner.where(), where)
	if n, err = w.number(ctx, "SELECT toInt64(count()) "+from); err != nil || n == 0 {
		return 0, w.explain(doing, err)
	}
	gone := d.Owner.where() + " AND " + where
	among := fmt.Sprintf("document_id GLOBAL IN (SELECT invoice_id FROM %s WHERE _deleted = 0 AND %s)", w.qualified(d.Table+docsSuffix), gone)
	if err := w.keepRows(ctx, d.Table, gone, among); err != nil {
		return 0, w.explain(doing, err)
	}
	sql := fmt.Sprintf("INSERT INTO %s SELECT * REPLACE(%s AS _version, toUInt8(1) AS _deleted, %s AS _run_id, %s AS _loaded_at, mapUpdate(custom, map('deleted_by', %s)) AS custom) %s",
		w.qualified(d.Table+docsSuffix), version, literal(d.RunID), instantSQL(w.opts.Now()), literal(d.By), from)
	return n, w.explain(doing, w.conn.Exec(ctx, sql))
}

// number asks for one whole number.
func (w *Warehouse) number(ctx context.Context, sql string) (n int64, err error) {
	err = w.each(ctx, sql, func(row []any) error { n = row[0].(int64); return nil })
	return n, err
}

// replacedTable returns a core document table that has a column.
func replacedTable(table, column string) (schema.Table, error) {
	t, ok := canonical.Lookup(table)
	cause := "there is no core table " + table
	if ok {
		_, entry := canonical.CutEntry(column)
		if _, has := t.Column(column); has || entry {
			return t, nil
		}
		cause = fmt.Sprintf("table %s has no column %s", table, column)
	}
	return t, &Error{Kind: ErrSchema, Doing: "delete rows of " + table, Cause: cause, Remedy: "mend `replace` of the stream in the connector"}
}

// replacedSQL is a column, or an entry of the map column.
func replacedSQL(name string) string {
	if entry, ok := canonical.CutEntry(name); ok {
		return "custom[" + literal(entry) + "]"
	}
	return ident(name)
}

// keySQL is the key of a row as one text.
func keySQL(t schema.Table, separator string) string {
	parts := make([]string, len(t.Key))
	for i, name := range t.Key {
		parts[i] = "toString(" + ident(name) + ")"
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "concat(" + strings.Join(parts, ", "+literal(separator)+", ") + ")"
}

func instantSQL(t time.Time) string {
	return fmt.Sprintf("fromUnixTimestamp64Micro(%d, 'UTC')", t.UnixMicro())
}
