package load

import (
	"context"
	"fmt"
	"strings"
	"time"

	"huikuan/transform/canonical"
)

// keyJoin stands between the parts of a key in ops_seen_keys and ops_lost_keys.
const keyJoin = "\x1f"

// JoinKey writes the parts of a key as one text.
func JoinKey(parts ...string) string { return strings.Join(parts, keyJoin) }

// The states of a key in ops_lost_keys.
const (
	keySuspected = "suspected"
	keyAbsent    = "absent"
)

// WriteSeenKeys keeps keys that a keys pass met on a page received at seenAt.
func (w *Warehouse) WriteSeenKeys(ctx context.Context, source, stream, table, token string, seenAt time.Time, keys []string) error {
	rows := make([][]any, len(keys))
	for i, key := range keys {
		rows[i] = []any{source, stream, table, key, seenAt, uint64(seenAt.UnixMicro()), uint8(0)}
	}
	return w.writeOps(ctx, seenKeysTable, token, rows)
}

// seen selects the hashes of the keys that a pass begun at that instant met.
// Hashes of 64 bits take a third of the memory of keys; two that are equal can
// only hide a deletion, never make one.
func (w *Warehouse) seen(columns, source, stream, table string, began time.Time) string {
	return fmt.Sprintf("SELECT %s FROM %s WHERE source = %s AND stream = %s AND table_name = %s AND seen_at >= %s", columns,
		w.qualified(seenKeysTable+docsSuffix), literal(source), literal(stream), literal(table), instantSQL(began))
}

// unseen names the rows older than the pass whose key it did not meet.
func (w *Warehouse) unseen(table string, o Owner, began time.Time, before uint64) (string, error) {
	t, ok := canonical.Lookup(table)
	if !ok {
		return "", &Error{Kind: ErrSchema, Doing: "compare keys", Cause: "there is no core table " + table, Remedy: "mend the keys pass of the connector"}
	}
	return fmt.Sprintf("_version < %d AND sipHash64(%s) GLOBAL NOT IN (%s)", before, keySQL(t, keyJoin), w.seen("sipHash64(row_key)", o.Source, o.Stream, table, began)), nil
}

// SeenKeys counts the keys of a table that a pass met.
func (w *Warehouse) SeenKeys(ctx context.Context, table string, o Owner, began time.Time) (int64, error) {
	n, err := w.number(ctx, w.seen("toInt64(uniqExact(row_key))", o.Source, o.Stream, table, began))
	return n, w.explain("count the keys seen", err)
}

// Unseen counts the rows of an owner that are older than a version and whose
// key the pass begun at that instant did not meet.
func (w *Warehouse) Unseen(ctx context.Context, table string, o Owner, began time.Time, before uint64) (Share, error) {
	where, err := w.unseen(table, o, began, before)
	if err != nil {
		return Share{}, err
	}
	return w.share(ctx, table, o, where)
}

// DeleteUnseen deletes the rows that Unseen counts.
func (w *Warehouse) DeleteUnseen(ctx context.Context, d Deletion, began time.Time, before, sweep uint64) (int64, error) {
	where, err := w.unseen(d.Table, d.Owner, began, before)
	if err != nil {
		return 0, err
	}
	return w.tombstones(ctx, d, where, fmt.Sprintf("toUInt64(%d)", sweep))
}

// here are the keys that a table knows: those of its rows, and of the documents
// that the source itself called deleted or cancelled.
func (w *Warehouse) here(table, source string) string {
	t, _ := canonical.Lookup(table)
	key := keySQL(t, keyJoin)
	return fmt.Sprintf("SELECT row_key FROM (SELECT %s AS row_key, argMax(_deleted = 1 AND mapContains(custom, 'deleted_by'), _version) AS swept FROM %s WHERE source = %s GROUP BY row_key) WHERE NOT swept",
		key, w.qualified(table+docsSuffix), literal(source))
}

// SuspectLost notes the keys that a pass met and the table lacks, but for those
// of open rejected records, those known to be absent, and those that another
// table of the pass has: a record may go to one table or the other. They may be
// documents made while the pass ran. It returns how many are suspected now.
func (w *Warehouse) SuspectLost(ctx context.Context, table string, tables []string, o Owner, began time.Time, runID string) (int64, error) {
	doing := fmt.Sprintf("look for rows that %s lacks", table)
	known := fmt.Sprintf("SELECT row_key FROM %s WHERE source = %s AND stream = %s AND table_name = %s", w.qualified(lostKeysTable), literal(o.Source), literal(o.Stream), literal(table))
	rejected := fmt.Sprintf("SELECT record_key FROM %s WHERE source = %s AND stream = %s AND status != %s", w.qualified(rejectedTable), literal(o.Source), literal(o.Stream), literal(rejectResolved))
	from := fmt.Sprintf("FROM (%s) WHERE row_key GLOBAL NOT IN (%s) AND replaceAll(row_key, %s, '/') GLOBAL NOT IN (%s)",
		w.seen("DISTINCT row_key", o.Source, o.Stream, table, began), known, literal(keyJoin), rejected)
	for _, t := range tables {
		from += " AND row_key GLOBAL NOT IN (" + w.here(t, o.Source) + ")"
	}
	sql := fmt.Sprintf("INSERT INTO %s (source, stream, table_name, row_key, state, noted_at, run_id, _version, _deleted) SELECT %s, %s, %s, row_key, %s, %s, %s, toUInt64(%d), 0 %s",
		w.qualified(lostKeysTable+docsSuffix), literal(o.Source), literal(o.Stream), literal(table), literal(keySuspected), instantSQL(w.opts.Now()), literal(runID), w.version(), from)
	if err := w.conn.Exec(ctx, sql); err != nil {
		return 0, w.explain(doing, err)
	}
	return w.suspects(ctx, table, o)
}

func (w *Warehouse) suspects(ctx context.Context, table string, o Owner) (int64, error) {
	n, err := w.number(ctx, fmt.Sprintf("SELECT toInt64(count()) FROM %s WHERE source = %s AND stream = %s AND table_name = %s AND state = %s",
		w.qualified(lostKeysTable), literal(o.Source), literal(o.Stream), literal(table), literal(keySuspected)))
	return n, w.explain("count the keys suspected to be lost", err)
}

// ClearFound takes back the suspicion of keys that the table has by now; it
// returns how many those are, and how many are still suspected.
func (w *Warehouse) ClearFound(ctx context.Context, table string, o Owner) (found, left int64, err error) {
	before, err := w.suspects(ctx, table, o)
	if err != nil || before == 0 {
		return 0, 0, err
	}
	if err := w.rewriteLost(ctx, table, o, "row_key GLOBAL IN ("+w.here(table, o.Source)+")", keySuspected, 1); err != nil {
		return 0, before, err
	}
	left, err = w.suspects(ctx, table, o)
	return before - left, left, err
}

// KeepAbsent notes that the suspected keys are none of the table: a read of
// everything did not bring them, so no further one is worth while.
func (w *Warehouse) KeepAbsent(ctx context.Context, table string, o Owner) error {
	return w.rewriteLost(ctx, table, o, "1", keyAbsent, 0)
}

func (w *Warehouse) rewriteLost(ctx context.Context, table string, o Owner, where, state string, deleted int) error {
	sql := fmt.Sprintf("INSERT INTO %[1]s SELECT * REPLACE(%[2]s AS state, greatest(_version + 1, toUInt64(%[3]d)) AS _version, toUInt8(%[4]d) AS _deleted) FROM (SELECT * FROM %[1]s FINAL WHERE source = %[5]s AND stream = %[6]s AND table_name = %[7]s AND state = %[8]s AND %[9]s)",
		w.qualified(lostKeysTable+docsSuffix), literal(state), w.version(), deleted, literal(o.Source), literal(o.Stream), literal(table), literal(keySuspected), where)
	return w.explain("note which keys were lost", w.conn.Exec(ctx, sql))
}

// ForgetKeys drops what is noted of a stream's keys: those seen by a pass that
// is over and, where everything is read anew, those that were lost or absent.
func (w *Warehouse) ForgetKeys(ctx context.Context, source, stream string, lost bool) error {
	tables := []string{seenKeysTable}
	if lost {
		tables = append(tables, lostKeysTable)
	}
	for _, table := range tables {
		r := w.render()
		sql := fmt.Sprintf("ALTER TABLE %s%s DELETE WHERE source = %s AND stream = %s", r.name(w.storageName(opsTable(table))), r.onCluster(), literal(source), literal(stream))
		if err := w.conn.Exec(ctx, sql); err != nil {
			return w.explain("drop the keys of a pass", err)
		}
	}
	return nil
}
