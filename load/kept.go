package load

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// How what a build published is kept
//
//  1. Before the tables are exchanged, the intent is saved: which staged table
//     (by UUID) is to be added to which ledger, under which build and instant.
//  2. After the exchange the rows are copied, under a token of the build.
//  3. The intent is withdrawn.
//
// A crash before the exchange leaves an intent whose table never served: the
// next stage drops it. A crash afterwards leaves one whose table serves: the
// next stage, or [Warehouse.FinishPublish], copies it again under the same
// token, so no row is there twice.

const keepSource = "_keep" // under which the intent is stored among the cursors

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
// class Log and exists already.
func (s *Stage) Keep(table, ledger string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tables[table]; t != nil {
		s.kept = &keepIntent{Build: s.buildID, At: at.UnixMicro(), Table: table, Ledger: ledger, Columns: t.table.Names(), Order: sortingKey(t.table)}
	}
}

// intendToKeep saves the intent before anything is exchanged.
func (s *Stage) intendToKeep(ctx context.Context) error {
	if s.kept == nil {
		return nil
	}
	saved, err := s.w.LoadState(ctx, keepSource, "", "")
	if err != nil {
		return err
	}
	var before keepIntent
	if len(saved) > 0 && json.Unmarshal(saved, &before) == nil && before.Build == s.buildID {
		return nil // by an earlier attempt; what stands beside may be the old table by now
	}
	ids, err := s.w.uuids(ctx)
	if err != nil {
		return err
	}
	s.kept.UUID = ids[s.w.storage(s.kept.Table+nextSuffix)]
	text, err := json.Marshal(s.kept)
	if err != nil {
		return err
	}
	return s.w.SaveState(ctx, keepSource, "", "", text, s.buildID)
}

// finishKeep copies what an intent names, if it serves, and withdraws it.
func (w *Warehouse) finishKeep(ctx context.Context) error {
	saved, err := w.LoadState(ctx, keepSource, "", "")
	if err != nil || len(saved) == 0 {
		return err
	}
	var k keepIntent
	if err := json.Unmarshal(saved, &k); err != nil {
		return fmt.Errorf("read the intent to keep a table: %w", err)
	}
	ids, err := w.uuids(ctx)
	if err != nil {
		return err
	}
	if k.UUID != "" && ids[w.storage(k.Table)] == k.UUID {
		if err := w.keep(ctx, k); err != nil {
			return fmt.Errorf("keep %s of build %s: %w", k.Table, k.Build, err)
		}
	}
	return w.ForgetState(ctx, keepSource, "", k.Build)
}

func (w *Warehouse) keep(ctx context.Context, k keepIntent) error {
	sql := fmt.Sprintf("SELECT fromUnixTimestamp64Micro(toInt64(%d), 'UTC') AS created_at, %s AS build_id, %s FROM %s ORDER BY %s",
		k.At, literal(k.Build), strings.Join(idents(k.Columns), ", "), w.qualified(k.Table), strings.Join(idents(k.Order), ", "))
	var recs []arrow.Record
	defer func() {
		for _, rec := range recs {
			rec.Release()
		}
	}()
	for rec, err := range w.QueryArrow(ctx, sql) {
		if err != nil {
			return err
		}
		rec.Retain()
		recs = append(recs, rec)
	}
	if len(recs) == 0 {
		return nil
	}
	_, err := w.Insert(ctx, k.Ledger, "keep/"+k.Build, recs...)
	return err
}

func idents(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = ident(n)
	}
	return out
}
