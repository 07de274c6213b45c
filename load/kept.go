package load

import (
	"context"
	"fmt"
	"strings"
	"time"

	"huikuan/transform/schema"
)

// How what a build published is kept
//
//  1. The staged table has the order and the columns of its ledger; what it lacks,
//     the build and the instant, it has as columns that are the same in all rows and
//     that SELECT * leaves out.
//  2. The intent of a publication says which staged table (by UUID) is to be
//     added to which ledger, under which build and instant.
//  3. After the exchange the ledger takes the table's parts: the files are shared,
//     no row is written twice.
//
// A crash before the exchange leaves a table that never served: nothing is kept
// of it. After a crash since, whoever finishes the publication copies the rows
// that the ledger does not have of this build yet, so each is there once. So it is
// where parts cannot be shared: on a cluster, or where the ledger has other columns.

// KeptTable is a table whose rows a publication adds to a ledger, which has the
// table's columns and created_at (At) and build_id. The ledger is a table of class
// Log and exists already; the table's sorting key tells its rows apart.
type KeptTable struct {
	Table  string
	Ledger schema.Table
	At     time.Time
}

// keepIntent is a table to be added to a ledger once it serves.
type keepIntent struct {
	Build   string   `json:"build"`
	At      int64    `json:"at"` // microseconds since 1970
	Table   string   `json:"table"`
	UUID    string   `json:"uuid"`
	Ledger  string   `json:"ledger"`
	Columns []string `json:"columns"`
	Order   []string `json:"order"`
	Share   bool     `json:"share,omitempty"` // its parts are such that the ledger can take them
}

// keepTable makes a publication add a staged table to its ledger and renders the
// staged table.
func (s *Stage) keepTable(k KeptTable, t schema.Table) []string {
	s.kept = &keepIntent{Build: s.buildID, At: k.At.UnixMicro(), Table: t.Name, Ledger: k.Ledger.Name, Columns: t.Names(), Order: sortingKey(t)}
	next := t.Name + nextSuffix
	if s.w.opts.Profile == Cluster {
		return s.w.render().table(t, next)
	}
	s.kept.Share = true
	t.OrderBy = sortingKey(k.Ledger)
	return s.w.render().table(t, next,
		fmt.Sprintf("created_at DateTime64(6, 'UTC') MATERIALIZED fromUnixTimestamp64Micro(toInt64(%d), 'UTC') COMMENT 'instant of the build' CODEC(LZ4)", s.kept.At),
		"build_id String MATERIALIZED "+literal(s.buildID)+" COMMENT 'build that made it' CODEC(LZ4)")
}

// keep adds the rows, within the engine; again says that some may be there.
func (w *Warehouse) keep(ctx context.Context, k keepIntent, again bool) error {
	if k.Share && !again {
		err := w.conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s ATTACH PARTITION tuple() FROM %s", w.qualified(k.Ledger), w.qualified(k.Table)))
		if err == nil || ctx.Err() != nil {
			return err
		}
		w.log.Warn("the ledger takes rows instead of parts", "ledger", k.Ledger, "cause", rootText(err))
		again = true
	}
	columns := strings.Join(idents(k.Columns), ", ")
	key := strings.Join(idents(k.Order), ", ")
	where := ""
	if again {
		where = fmt.Sprintf(" WHERE (%s) GLOBAL NOT IN (SELECT %s FROM %s WHERE build_id = %s)", key, key, w.qualified(k.Ledger), literal(k.Build))
	}
	sql := fmt.Sprintf("INSERT INTO %s (created_at, build_id, %s) SELECT fromUnixTimestamp64Micro(toInt64(%d), 'UTC'), %s, %s FROM %s%s ORDER BY %s SETTINGS max_threads = 1, max_insert_threads = 1, insert_deduplicate = 0",
		w.qualified(k.Ledger), columns, k.At, literal(k.Build), columns, w.qualified(k.Table), where, key)
	if w.opts.Profile == Cluster {
		sql += ", distributed_foreground_insert = 1"
	}
	return w.conn.Exec(ctx, sql)
}

func idents(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = ident(n)
	}
	return out
}
