package load

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// How what a build published is kept
//
//  1. The intent of a publication says which staged table (by UUID) is to be
//     added to which ledger, under which build and instant.
//  2. After the exchange the rows are copied.
//
// A crash before the exchange leaves a table that never served: nothing is kept
// of it. After a crash since, whoever finishes the publication copies the rows
// that the ledger does not have of this build yet, so each is there once.

// keepIntent is a table to be added to a ledger once it serves.
type keepIntent struct {
	Build   string   `json:"build"`
	At      int64    `json:"at"` // microseconds since 1970
	Table   string   `json:"table"`
	UUID    string   `json:"uuid"`
	Ledger  string   `json:"ledger"`
	Columns []string `json:"columns"`
	Order   []string `json:"order"`
}

// Keep makes Publish add the rows of a staged table to a ledger, which has the
// table's columns after created_at (at) and build_id. The ledger is a table of
// class Log and exists already; the table's sorting key tells its rows apart.
func (s *Stage) Keep(table, ledger string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tables[table]; t != nil {
		s.kept = &keepIntent{Build: s.buildID, At: at.UnixMicro(), Table: table, Ledger: ledger, Columns: t.table.Names(), Order: sortingKey(t.table)}
	}
}

// keep copies the rows, within the engine; again says that some may be there.
func (w *Warehouse) keep(ctx context.Context, k keepIntent, again bool) error {
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
