package load

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"huikuan/transform/canonical"
	"huikuan/transform/schema"
)

// How it is known what documents said before, and since when they are known
//
// A document table keeps the last version of a row. Before rows are inserted or
// deleted, those that they replace are kept:
//
//	document_first_seen    of documents and applications that were loaded more than
//	                       once: when the first page with them was received
//	document_versions_log  of invoices and instalments: each content that was
//	                       replaced, when it was first and last seen, and under
//	                       which version; one that comes back after another has
//	                       a row of its own, told by when the other was seen last
//
// The engine aggregates both (the least and the greatest of each key), so rows
// kept again add nothing: a crash, a retry, a re-read and a replay leave the same
// tables. A first load keeps nothing and costs nothing. The view
// document_versions joins the log with what holds now.
//
// Seen is when the page was received, which the row's version holds; so a replay
// of a page tells nothing new about the past. Where a replay maps a page to
// another content than before, the view shows what the last replay made of it.

// VersionLadder is how many versions a page has; a row's version divided by it is
// the instant of the page's receipt, in microseconds.
const VersionLadder = 256

// plainVersions is above all versions that hold no instant times VersionLadder.
const plainVersions = "100000000000000000"

const (
	firstSeenTable = "document_first_seen"
	versionsLog    = canonical.DocumentVersions + "_log"
	keptSingly     = 20_000 // rows of a run that are looked up by their keys; then all of their source are kept
)

// seenSQL is when the page of a row was received. Rows that were loaded before
// versions held it have the instant of their loading.
const seenSQL = "least(_loaded_at, if(_version > " + plainVersions + ", fromUnixTimestamp64Micro(toInt64(intDiv(_version, 256)), 'UTC'), _loaded_at))"

// watched are the tables whose replaced rows are kept, with the column that
// names their documents.
var watched = map[string]string{
	"invoices": "invoice_id", "instalments": "invoice_id", "payments": "payment_id", "credit_notes": "credit_note_id",
	"allocations": "allocation_id", "credit_allocations": "credit_allocation_id", "write_offs": "write_off_id",
}

// keepReplaced keeps the rows that records are about to replace.
func (w *Warehouse) keepReplaced(ctx context.Context, table string, recs []arrow.Record) error {
	if watched[table] == "" {
		return nil
	}
	type load struct{ source, run string }
	ids := map[load][]string{}
	for _, rec := range recs {
		source, run, id := textColumnOf(rec, "source"), textColumnOf(rec, "_run_id"), textColumnOf(rec, watched[table])
		if source == nil || run == nil || id == nil {
			return nil // rows without these cannot be inserted
		}
		for i := range int(rec.NumRows()) {
			key := load{source.Value(i), run.Value(i)}
			ids[key] = append(ids[key], id.Value(i))
		}
	}
	for of, list := range ids {
		if err := w.keepKeys(ctx, table, of.source, of.run, list); err != nil {
			return w.explain("keep what "+table+" say before they change", err)
		}
	}
	return nil
}

func textColumnOf(rec arrow.Record, name string) *array.String {
	at := rec.Schema().FieldIndices(name)
	if len(at) != 1 {
		return nil
	}
	c, _ := rec.Column(at[0]).(*array.String)
	return c
}

// keeping is what was kept of a source's table in a run.
type keeping struct {
	run  string
	done bool // nothing was there when the run began, or all of it is kept
	rows int  // kept by their keys
}

func (w *Warehouse) keepKeys(ctx context.Context, table, source, run string, ids []string) error {
	name := table + "\x00" + source
	w.mu.Lock()
	k, known := w.kept[name]
	w.mu.Unlock()
	if !known || k.run != run {
		n, err := w.number(ctx, fmt.Sprintf("SELECT toInt64(count()) FROM (SELECT 1 FROM %s WHERE source = %s LIMIT 1)", w.qualified(table+docsSuffix), literal(source)))
		if err != nil {
			return err
		}
		k = keeping{run: run, done: n == 0}
	}
	if !k.done {
		where := "source = " + literal(source)
		among := where
		if k.rows += len(ids); k.rows > keptSingly {
			k.done = true
		} else {
			slices.Sort(ids)
			list := literals(slices.Compact(ids))
			where, among = where+" AND "+ident(watched[table])+" IN ("+list+")", among+" AND document_id IN ("+list+")"
		}
		if err := w.keepRows(ctx, table, where, among); err != nil {
			return err
		}
	}
	w.mu.Lock()
	w.kept[name] = k
	w.mu.Unlock()
	return nil
}

// keepRows keeps the rows of a watched table that a condition names; among names
// at least what the log has of the same documents.
func (w *Warehouse) keepRows(ctx context.Context, table, where, among string) error {
	if watched[table] == "" {
		return nil
	}
	r := w.render()
	from := "\nFROM " + r.name(table+docsSuffix) + "\nWHERE _deleted = 0 AND " + where
	if table != "instalments" {
		if err := w.conn.Exec(ctx, "INSERT INTO "+r.name(firstSeenTable)+" "+firstSeenSelect(table)+from); err != nil {
			return err
		}
	}
	if table != "invoices" && table != "instalments" {
		return nil
	}
	changed, err := w.number(ctx, r.keptParts(table, where, among)+"\nSELECT toInt64(count()) FROM (SELECT 1 FROM changed LIMIT 1)")
	if err != nil {
		return err
	}
	rows := versionsSelect(table) + ",\n    toDateTime64(0, 6, 'UTC') AS follows" + from
	if changed > 0 { // few documents ever say something else
		rows = r.versionsKept(table, where, among)
	}
	return w.conn.Exec(ctx, "INSERT INTO "+r.name(versionsLog)+" ("+versionsColumns()+") "+rows)
}

// firstSeen is when documents of a table were first seen, by a hash of source
// and identifier, for those that were loaded again since.
type firstSeen struct {
	seed maphash.Seed
	at   map[uint64]int64
}

// earlier is when a document was recorded: when it was first seen at the latest,
// even where the source's own clock says otherwise.
func (f firstSeen) earlier(source, id string, recorded int64) int64 {
	if len(f.at) == 0 {
		return recorded
	}
	if at, ok := f.at[f.hash(source, id)]; ok {
		return min(at, recorded)
	}
	return recorded
}

func (f firstSeen) hash(source, id string) uint64 {
	var h maphash.Hash
	h.SetSeed(f.seed)
	_, _ = h.WriteString(source) // it never fails
	_ = h.WriteByte(0)
	_, _ = h.WriteString(id)
	return h.Sum64()
}

func (m *memoryLedger) readFirstSeen(ctx context.Context, _ *rowCounts) error {
	sql := "SELECT toString(stream) AS stream, toString(source) AS source, document_id, min(first_seen) AS first_seen FROM " + firstSeenTable + " GROUP BY stream, source, document_id"
	return m.w.readAll(ctx, []string{sql}, func(_ int, rec arrow.Record) error {
		c := &columns{rec: rec}
		table, source, id, at := c.text("stream"), c.text("source"), c.text("document_id"), c.instant("first_seen")
		if c.err != nil {
			return c.err
		}
		for i := range c.rows() {
			f, ok := m.seen[table.at(i)]
			if !ok {
				f = firstSeen{maphash.MakeSeed(), map[uint64]int64{}}
				m.seen[strings.Clone(table.at(i))] = f
			}
			f.at[f.hash(source.at(i), id.at(i))] = at.at(i)
		}
		return nil
	})
}

// known stands for a document table with recorded_at in a query of the ledger;
// [Warehouse.withRecorded] puts it in.
func known(table string) string { return "{known " + table + "}" }

// withRecorded completes a query. The joins, which double the time of reading,
// are left out where no document was loaded twice.
func (w *Warehouse) withRecorded(ctx context.Context, sql string) (string, error) {
	if !strings.Contains(sql, "{known ") {
		return sql, nil
	}
	again, err := w.number(ctx, "SELECT toInt64(count()) FROM "+w.qualified(firstSeenTable))
	if err != nil {
		return "", err
	}
	for table, id := range watched {
		from := fmt.Sprintf("(SELECT *, ifNull(created_at, _loaded_at) AS recorded_at FROM %s)", table)
		if again > 0 {
			from = fmt.Sprintf(`(SELECT d.*, least(ifNull(d.created_at, d._loaded_at), if(seen.found = 1, seen.first_seen, ifNull(d.created_at, d._loaded_at))) AS recorded_at
    FROM %[1]s AS d
    LEFT JOIN (SELECT source, document_id, min(first_seen) AS first_seen, toUInt8(1) AS found FROM %[2]s WHERE stream = '%[1]s' GROUP BY source, document_id) AS seen
        ON seen.document_id = d.%[3]s AND seen.source = d.source)`, table, firstSeenTable, id)
		}
		sql = strings.ReplaceAll(sql, known(table), from)
	}
	return sql, nil
}

func firstSeenSelect(table string) string {
	return fmt.Sprintf("SELECT '%s' AS stream, source, %s AS document_id, %s AS first_seen", table, watched[table], seenSQL)
}

// migrateHistory creates the tables of the history and its view.
func (w *Warehouse) migrateHistory(ctx context.Context, tables []schema.Table, found map[string]*target) error {
	have := func(name string) bool {
		return slices.ContainsFunc(tables, func(t schema.Table) bool { return t.Name == name })
	}
	if !have("invoices") || !have("instalments") {
		return nil
	}
	view, log := found[canonical.DocumentVersions], found[versionsLog]
	older := log != nil && !slices.ContainsFunc(log.columns, func(c column) bool { return c.name == "follows" })
	if view != nil && !older && sameLayout(canonical.Histories()[0].Columns, view.columns) && w.opts.Profile != Cluster {
		return nil
	}
	if older {
		if err := w.execAll(ctx, w.render().versionsLogUpdate()); err != nil {
			return err
		}
	}
	return w.execAll(ctx, HistoryDDL(w.opts.Profile, w.database, w.opts.Cluster))
}
